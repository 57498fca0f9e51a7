/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Datagrams as they go out. They are built once and kept for as long as they
 * may have to be sent again, so that a retransmission is the same bytes (RFC
 * 7296 section 2.1). A message that is longer than what the path is trusted
 * with is cut before it is encrypted (RFC 7383 section 2.5).
 */
#include <string.h>
#include "core/exchange.h"
#include "core/internal.h"

#define IKE_VERSION 0x20
/* RFC 7383 section 2.5.1: more than that many would not be a sane message */
#define FRAGS_OUT_MAX 64

static void count(struct ike *ike, uint8_t exchange, bool out)
{
	struct ike_counters *c = &ike->cnt;
	uint64_t *n;

	switch (exchange) {
	case IKE_SA_INIT:
		n = out ? &c->out_init : &c->in_init;
		break;
	case IKE_AUTH:
		n = out ? &c->out_auth : &c->in_auth;
		break;
	case IKE_CREATE_CHILD_SA:
		n = out ? &c->out_create : &c->in_create;
		break;
	case IKE_INFORMATIONAL:
		n = out ? &c->out_info : &c->in_info;
		break;
	default:
		return;
	}
	++*n;
}

void count_out(struct ike *ike, uint8_t exchange)
{
	count(ike, exchange, true);
}

void count_in(struct ike *ike, uint8_t exchange)
{
	count(ike, exchange, false);
}

void packets_free(struct ike *ike, struct packet **list)
{
	struct packet *p;

	while ((p = *list)) {
		*list = p->next;
		mem_put(ike, p);
	}
}

int packet_plain(struct ike *ike, struct ike_hdr *hdr,
		 const struct ike_writer *w, struct packet **out)
{
	struct packet *p;

	*out = NULL;
	if (w->overflow)
		return ike_fail(ike, -EMSGSIZE, "the message does not fit");
	p = mem_get(ike, sizeof(*p) + IKE_HDR_LEN + w->len);
	if (!p)
		return ike_fail(ike, -ENOMEM, "out of memory");
	hdr->version = IKE_VERSION;
	hdr->next = w->first;
	hdr->len = IKE_HDR_LEN + w->len;
	p->len = hdr->len;
	ike_hdr_put(p->data, hdr);
	memcpy(p->data + IKE_HDR_LEN, w->buf, w->len);
	*out = p;
	count_out(ike, hdr->exchange);
	return 0;
}

static int seal(struct ike_sa *sa, const struct ike_hdr *hdr, uint8_t first,
		const uint8_t *plain, size_t len, uint16_t frag, uint16_t frags,
		struct packet ***tail)
{
	struct ike *ike = sa->ike;
	size_t cap = len + ike_seal_overhead(&sa->keys.suite, frags != 0);
	struct packet *p = mem_get(ike, sizeof(*p) + cap);
	int n;

	if (!p)
		return ike_fail(ike, -ENOMEM, "out of memory");
	n = ike_seal(&sa->keys, hdr, first, plain, len, frag, frags, p->data,
		     cap);
	if (n < 0) {
		mem_put(ike, p);
		return ike_fail(ike, n, "the message cannot be sealed");
	}
	p->len = n;
	**tail = p;
	*tail = &p->next;
	return 0;
}

/* What an IKE message may measure so that its IP datagram keeps the limit. */
static size_t room(const struct ike_sa *sa)
{
	size_t ip = sa->remote.ip.family == AF_INET6 ? 40 : 20;
	size_t udp = 8, marker = sa->local.port == IKE_PORT ? 0 : 4;
	size_t size = sa->ike->set.fragment_size;

	return size > ip + udp + marker ? size - ip - udp - marker : 0;
}

int packet_sealed(struct ike_sa *sa, uint8_t exchange, bool response,
		  uint32_t id, const struct ike_writer *w, struct packet **out)
{
	struct ike *ike = sa->ike;
	struct packet **tail = out;
	struct ike_hdr hdr = {
		.spi_i = sa->spi_i,
		.spi_r = sa->spi_r,
		.version = IKE_VERSION,
		.exchange = exchange,
		.flags = (sa->initiator ? IKE_FLAG_INITIATOR : 0) |
			 (response ? IKE_FLAG_RESPONSE : 0),
		.id = id,
	};
	size_t max = room(sa), over, piece, at;
	unsigned int n, i;
	int err;

	*out = NULL;
	if (w->overflow)
		return ike_fail(ike, -EMSGSIZE, "the message does not fit");
	count_out(ike, exchange);
	over = ike_seal_overhead(&sa->keys.suite, true);
	if (!sa->frag_ok || sa->conn->frag < FRAG_YES || max <= over + 64 ||
	    w->len + ike_seal_overhead(&sa->keys.suite, false) <= max)
		return seal(sa, &hdr, w->first, w->buf, w->len, 0, 0, &tail);

	piece = max - over;
	n = (w->len + piece - 1) / piece;
	if (n > FRAGS_OUT_MAX)
		return ike_fail(ike, -EMSGSIZE,
				"the message needs %u fragments"
				", at most %u are sent",
				n, FRAGS_OUT_MAX);
	for (i = 0, at = 0; i < n; i++, at += piece) {
		size_t len = w->len - at < piece ? w->len - at : piece;

		/* The first payload's type stands in the first one only. */
		err = seal(sa, &hdr, i ? PL_NONE : w->first, w->buf + at, len,
			   i + 1, n, &tail);
		if (err) {
			packets_free(ike, out);
			return err;
		}
	}
	return 0;
}

void packets_send(struct ike_sa *sa, const struct ike_end *local,
		  const struct ike_end *remote, const struct packet *p)
{
	struct ike *ike = sa->ike;

	for (; p; p = p->next)
		ike->ops->send(ike->ctx, local, remote, p->data, p->len);
	sa->said = ike->now;
}
