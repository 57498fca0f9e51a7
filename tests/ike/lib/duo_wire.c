/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include "duo_wire.h"

/* In order of arrival, and of sending where that is equal. */
struct duo_wire {
	struct duo_wire *next;
	uint64_t at;
	struct ike_end src, dst;
	size_t len;
	uint8_t data[];
};

static uint64_t be(const uint8_t *p, unsigned int n)
{
	uint64_t v = 0;

	while (n--)
		v = v << 8 | *p++;
	return v;
}

static uint64_t fnv(const uint8_t *p, size_t len)
{
	uint64_t h = 0xcbf29ce484222325ull;

	while (len--)
		h = (h ^ *p++) * 0x100000001b3ull;
	return h;
}

static void read_header(struct duo_msg *m)
{
	m->keepalive = m->len == 1;
	if (m->len < IKE_HDR_LEN)
		return;
	m->spi_i = be(m->data, 8);
	m->spi_r = be(m->data + 8, 8);
	m->first = m->data[16];
	m->exchange = m->data[18];
	m->response = m->data[19] & IKE_FLAG_RESPONSE;
	m->id = be(m->data + 20, 4);
	if (m->first == PL_SKF && m->len >= IKE_HDR_LEN + 8)
		m->frag = be(m->data + IKE_HDR_LEN + 4, 2);
}

static void put(struct duo *d, const struct duo_msg *m, uint64_t at)
{
	struct duo_wire **p, *w = malloc(sizeof(*w) + m->len);

	MUST(w);
	w->at = at;
	w->src = m->src;
	w->dst = m->dst;
	w->len = m->len;
	memcpy(w->data, m->data, m->len);
	for (p = &d->wire; *p && (*p)->at <= at; p = &(*p)->next)
		;
	w->next = *p;
	*p = w;
}

static void note(struct duo *d, struct duo_msg *m)
{
	struct duo_spoken *s;
	unsigned int i;

	if (d->forget)
		return;
	for (i = 0; i < d->nspoken; i++) {
		s = &d->spoken[i];
		m->n += s->from == m->from && s->exchange == m->exchange &&
			s->response == m->response && s->id == m->id &&
			s->frag == m->frag && s->keepalive == m->keepalive;
	}
	if (d->nspoken == DUO_SPOKEN)
		return;
	d->spoken[d->nspoken++] = (struct duo_spoken){
		.from = m->from,
		.at = d->now,
		.hash = fnv(m->data, m->len),
		.exchange = m->exchange,
		.first = m->first,
		.response = m->response,
		.keepalive = m->keepalive,
		.id = m->id,
		.frag = m->frag,
		.len = m->len,
		.src = m->src,
		.dst = m->dst,
	};
}

static const char *end_text(const struct ike_end *e, char buf[64])
{
	char addr[INET6_ADDRSTRLEN];

	inet_ntop(e->ip.family, e->ip.bytes, addr, sizeof(addr));
	snprintf(buf, 64, "%s[%u]", addr, e->port);
	return buf;
}

static void print(struct duo *d, const struct duo_msg *m,
		  const struct duo_fate *f)
{
	char src[64], dst[64];

	printf("%10.3f %c -> %s to %s: %s %s %u frag %u len %zu n %u copies "
	       "%u\n",
	       d->now / 1e6, "AB"[m->from], end_text(&m->src, src),
	       end_text(&m->dst, dst),
	       m -> keepalive ? "keepalive"
			      : (ike_exchange_name(m->exchange) ?: "?"),
	       m->response ? "response" : "request", m->id, m->frag, m->len,
	       m->n, f->copies);
}

static void decide(struct duo *d, struct duo_msg *m)
{
	struct duo_fate f = { .copies = 1, .spread = 1000 };
	unsigned int i;

	if (rng_percent(&d->rng, d->twice))
		f.copies = 2;
	if (rng_percent(&d->rng, d->late))
		f.delay = rng_below(&d->rng, 3 * IKE_USEC);
	if (rng_percent(&d->rng, d->lose))
		f.copies = 0;
	if (d->rule)
		d->rule(d, m, &f, d->rule_arg);
	if (d->print)
		print(d, m, &f);
	for (i = 0; i < f.copies; i++)
		put(d, m, d->now + d->way + f.delay + i * f.spread);
}

void wire_send(struct duo *d, enum duo_who from, const struct ike_end *local,
	       const struct ike_end *remote, const uint8_t *msg, size_t len)
{
	struct duo_side *s = &d->side[from];
	struct duo_msg m = {
		.from = from, .src = *local, .dst = *remote, .len = len
	};

	MUST(len <= sizeof(m.data));
	memcpy(m.data, msg, len);
	if (s->nat.on) {
		m.src.ip = s->nat.ip;
		m.src.port += s->nat.shift;
	}
	read_header(&m);
	note(d, &m);
	decide(d, &m);
}

void duo_inject(struct duo *d, enum duo_who from, const struct ike_end *src,
		const struct ike_end *dst, const uint8_t *data, size_t len)
{
	struct duo_msg m = {
		.from = from, .src = *src, .dst = *dst, .len = len
	};

	MUST(len <= sizeof(m.data));
	memcpy(m.data, data, len);
	put(d, &m, d->now + d->way);
}

uint64_t wire_next(const struct duo *d)
{
	return d->wire ? d->wire->at : UINT64_MAX;
}

static bool same(const struct espalier_addr *a, const struct espalier_addr *b)
{
	return a->family == b->family &&
	       !memcmp(a->bytes, b->bytes, a->family == AF_INET6 ? 16 : 4);
}

/* Whose is it, and where inside of the NAT? A NAT whose mapping has changed
 * drops what comes for the old one. */
static struct duo_side *whose(struct duo *d, struct ike_end *dst)
{
	int i;

	for (i = 0; i < 2; i++) {
		struct duo_side *s = &d->side[i];

		if (!s->nat.on) {
			if (same(&s->ip, &dst->ip) ||
			    (s->everywhere && !same(&d->side[!i].ip, &dst->ip)))
				return s;
			continue;
		}
		if (!same(&s->nat.ip, &dst->ip))
			continue;
		dst->port -= s->nat.shift;
		dst->ip = s->ip;
		return dst->port == 500 || dst->port == 4500 ? s : NULL;
	}
	return NULL;
}

void wire_deliver(struct duo *d)
{
	struct duo_wire *w = d->wire;
	struct duo_side *s = whose(d, &w->dst);

	d->wire = w->next;
	if (s && !s->off)
		duo_input(d, s->who, &w->dst, &w->src, w->data, w->len);
	free(w);
}

void wire_free(struct duo *d)
{
	struct duo_wire *w;

	while ((w = d->wire)) {
		d->wire = w->next;
		free(w);
	}
}
