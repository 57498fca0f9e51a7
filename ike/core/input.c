/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A message comes in. The order of the checks is the order of their price, and
 * nothing is changed by a message before its ICV was found good: header, SPI,
 * message ID, ICV, fragments, payloads, then the row of the table.
 */
#include <string.h>
#include "core/exchange.h"
#include "core/internal.h"

/* One message on its way through. */
struct arrival {
	struct ike_end local, remote;
	struct ike_hdr hdr;
	const uint8_t *msg;
	size_t len;
	struct ike_sealed sealed;
	uint8_t first;
	size_t plain_len;
};

void plain_notify(struct ike *ike, const struct ike_end *local,
		  const struct ike_end *remote, const struct ike_hdr *hdr,
		  uint64_t spi_r, enum ike_notify type, const void *data,
		  size_t len)
{
	uint8_t buf[IKE_HDR_LEN + 128];
	struct ike_writer w;
	struct ike_hdr h = {
		.spi_i = hdr->spi_i,
		.spi_r = spi_r,
		.version = 0x20,
		.exchange = hdr->exchange,
		/* Mirrored: we are whoever the asker is not. */
		.flags = IKE_FLAG_RESPONSE | (~hdr->flags & IKE_FLAG_INITIATOR),
		.id = hdr->id,
	};

	ike_writer_init(&w, buf + IKE_HDR_LEN, sizeof(buf) - IKE_HDR_LEN);
	ike_put_notify(&w, type, data, len);
	ike_pl_end(&w);
	if (w.overflow)
		return;
	h.next = w.first;
	h.len = IKE_HDR_LEN + w.len;
	ike_hdr_put(buf, &h);
	count_out(ike, h.exchange);
	ike->ops->send(ike->ctx, local, remote, buf, h.len);
}

/* A line about a message that nobody has authenticated. */
#define noise(ike, sa, ...)                                                    \
	do {                                                                   \
		if (ike_may_speak(ike))                                        \
			ike_log(ike, IKE_LOG_DETAIL, sa, __VA_ARGS__);         \
	} while (0)

/* ----------------------------------------------------------------- requests */

/* To the source of the request, wherever else the peer may be (2.11). */
static void reply_send(struct ike_sa *sa, const struct arrival *a,
		       const struct ike_writer *w)
{
	struct packet *reply;

	/* What is there answers another request, not this one. */
	packets_free(sa->ike, &sa->reply);
	if (packet_sealed(sa, a->hdr.exchange, true, a->hdr.id, w, &reply)) {
		ike_log(sa->ike, IKE_LOG_CONTROL, sa,
			"no reply to %s request %u: %s",
			ike_exchange_name(a->hdr.exchange), a->hdr.id,
			sa->ike->why);
		return;
	}
	sa->reply = reply;
	packets_send(sa, &a->local, &a->remote, reply);
}

/* A request that passed the ICV but not the grammar (2.21.2, IKE-8). */
static void refuse_syntax(struct ike_sa *sa, const struct arrival *a,
			  const struct ike_err *e, struct ike_writer *w)
{
	struct ike *ike = sa->ike;
	uint8_t type = e->payload;

	ike->cnt.bad_syntax++;
	ike_log(ike, IKE_LOG_AUDIT, sa, "%s request %u refused: %s",
		ike_exchange_name(a->hdr.exchange), a->hdr.id, e->text);
	if (e->notify == N_UNSUPPORTED_CRITICAL_PAYLOAD)
		ike_put_notify(w, e->notify, &type, 1);
	else
		ike_put_notify(w, N_INVALID_SYNTAX, NULL, 0);
	/* INVALID_SYNTAX is the end of the SA on both sides (2.21.3). */
	if (e->notify != N_UNSUPPORTED_CRITICAL_PAYLOAD)
		sa_destroy_after_reply(sa, DOWN_ERROR);
}

static int handle(struct ike_sa *sa, const struct arrival *a,
		  struct ike_writer *w)
{
	struct ike *ike = sa->ike;
	const struct exchange_row *row =
		exchange_find(sa, a->hdr.exchange, &ike->pl);
	int err;

	if (!row) {
		/* An initiator that has not seen the peer's AUTH yet is asked
		 * again by the peer, later. */
		if (sa->state == SA_HALF_OPEN)
			return -ENOMSG;
		ike_log(ike, IKE_LOG_CONTROL, sa,
			"%s request %u makes no sense in state %s",
			ike_exchange_name(a->hdr.exchange), a->hdr.id,
			sa_state_name(sa));
		ike_put_notify(w, N_TEMPORARY_FAILURE, NULL, 0);
		return 0;
	}
	ike_log(ike, IKE_LOG_DETAIL, sa, "%s request %u: %s",
		ike_exchange_name(a->hdr.exchange), a->hdr.id, row->what);
	ike->why[0] = 0;
	err = row->handle(sa, &ike->pl, w);
	if (err && err != -ENOMSG)
		ike_log(ike, IKE_LOG_CONTROL, sa, "%s: refused: %s", row->what,
			ike->why);
	return err;
}

static void request(struct ike_sa *sa, const struct arrival *a)
{
	struct ike *ike = sa->ike;
	struct ike_writer w;
	struct ike_err e = { 0 };
	int err = 0;

	ike_writer_init(&w, ike->out, sizeof(ike->out) - IKE_HDR_LEN);
	if (ike_parse_inner(&a->hdr, a->first, ike->in, a->plain_len, &ike->pl,
			    &e))
		refuse_syntax(sa, a, &e, &w);
	else
		err = handle(sa, a, &w);
	if (err == -ENOMSG || sa->state == SA_DEAD)
		return;
	sa->in_id = a->hdr.id + 1;
	ike_pl_end(&w);
	reply_send(sa, a, &w);
	if (sa->last_words) {
		sa->asked = ike_hash(ike, a->msg, a->len);
		sa_linger(sa, sa->last_reason,
			  ike->why[0] ? ike->why
			  : sa->last_reason == DOWN_PEER
				  ? "deleted by the peer"
				  : "ended by its last reply");
	}
	sa_pump(sa);
}

/* The reply was lost, or the request was doubled on the way: the same bytes
 * (2.1), to where it came from. */
static void request_again(struct ike_sa *sa, const struct arrival *a)
{
	struct ike *ike = sa->ike;

	/* Of a request in pieces only the first one asks (RFC 7383, 2.6.1). */
	if (a->sealed.type == PL_SKF && a->sealed.frag != 1)
		return;
	ike->cnt.retransmits_in++;
	ike_log(ike, IKE_LOG_DETAIL, sa, "%s request %u came again",
		ike_exchange_name(a->hdr.exchange), a->hdr.id);
	if (sa->reply) {
		count_out(ike, a->hdr.exchange);
		packets_send(sa, &a->local, &a->remote, sa->reply);
	}
}

/* ---------------------------------------------------------------- responses */

static void response(struct ike_sa *sa, const struct arrival *a)
{
	struct ike *ike = sa->ike;
	struct ike_err e = { 0 };

	if (!ike_parse_inner(&a->hdr, a->first, ike->in, a->plain_len, &ike->pl,
			     &e)) {
		request_answered(sa, &ike->pl);
		return;
	}
	ike->cnt.bad_syntax++;
	sa_destroy(sa, DOWN_ERROR, "%s response %u is broken: %s",
		   ike_exchange_name(a->hdr.exchange), a->hdr.id, e.text);
}

/* --------------------------------------------------------------- protection */

/* Is it one that would be taken if its ICV is good? */
static bool expected(struct ike_sa *sa, const struct arrival *a, bool *again)
{
	const struct ike_hdr *hdr = &a->hdr;

	*again = false;
	if (hdr->flags & IKE_FLAG_RESPONSE)
		return sa->busy && hdr->id == sa->out_id &&
		       hdr->exchange == sa->busy->ops->exchange;
	if (hdr->id == sa->in_id)
		return sa->state != SA_DEAD;
	*again = sa->reply && hdr->id + 1 == sa->in_id;
	return *again;
}

/* Return: 1: the message is complete in ike->in */
static int open_sealed(struct ike_sa *sa, struct arrival *a, bool again)
{
	struct ike *ike = sa->ike;
	bool response = a->hdr.flags & IKE_FLAG_RESPONSE;
	int n;

	n = ike_open(&sa->keys, a->msg, &a->sealed, ike->in);
	if (n < 0) {
		ike->cnt.bad_integrity++;
		noise(ike, sa, "%s %s %u: the integrity check fails",
		      ike_exchange_name(a->hdr.exchange),
		      response ? "response" : "request", a->hdr.id);
		return -EBADMSG;
	}
	/* From here on it is the peer who speaks, unless somebody replays. */
	if (!again) {
		sa->heard = ike->now;
		natt_heard(sa, &a->local, &a->remote);
	}
	a->first = a->sealed.next;
	a->plain_len = n;
	if (again || a->sealed.type == PL_SK)
		return 1;
	memcpy(ike->wire, ike->in, n);
	n = frags_take(sa, response ? &sa->frags_re : &sa->frags_in, a->hdr.id,
		       &a->sealed, ike->wire, n, ike->in, &a->plain_len,
		       &a->first);
	if (n < 0)
		ike_log(ike, IKE_LOG_CONTROL, sa, "%s %u: fragment refused: %s",
			ike_exchange_name(a->hdr.exchange), a->hdr.id,
			ike->why);
	return n;
}

/* Its keys are zeroed, its last reply is not: whoever sends the very bytes
 * that it answers gets it again. */
static void lingering(struct ike_sa *sa, const struct arrival *a)
{
	bool again;

	expected(sa, a, &again);
	if (again && ike_hash(sa->ike, a->msg, a->len) == sa->asked)
		request_again(sa, a);
}

static void protected_message(struct ike_sa *sa, struct arrival *a)
{
	struct ike *ike = sa->ike;
	bool again;

	if (sa->state == SA_DEAD)
		lingering(sa, a);
	if (!sa->has_keys || sa->state == SA_DEAD)
		return;
	if (!expected(sa, a, &again)) {
		ike->cnt.out_of_window++;
		noise(ike, sa, "%s %s %u is outside the window: dropped",
		      ike_exchange_name(a->hdr.exchange),
		      a->hdr.flags & IKE_FLAG_RESPONSE ? "response" : "request",
		      a->hdr.id);
		return;
	}
	/* What is refused in clear has no author (2.21.4, IKE-9). */
	if (a->sealed.type == PL_NONE) {
		noise(ike, sa, "%s %u came without protection: ignored",
		      ike_exchange_name(a->hdr.exchange), a->hdr.id);
		return;
	}
	if (open_sealed(sa, a, again) != 1)
		return;
	/* A whole message voids the pieces of it that came before. */
	if (a->hdr.flags & IKE_FLAG_RESPONSE) {
		frags_free(ike, &sa->frags_re);
		response(sa, a);
	} else if (again) {
		request_again(sa, a);
	} else {
		frags_free(ike, &sa->frags_in);
		request(sa, a);
	}
}

/* ---------------------------------------------------------------- the door */

static bool header(struct ike *ike, struct arrival *a)
{
	struct ike_err e = { 0 };
	int err = ike_hdr_parse(&a->hdr, a->msg, a->len, &e);

	if (!err)
		return true;
	if (err != -EPROTONOSUPPORT) {
		ike->cnt.short_message++;
		noise(ike, NULL, "dropped: %s", e.text);
		return false;
	}
	ike->cnt.bad_version++;
	if (!ike_may_speak(ike))
		return false;
	ike_log(ike, IKE_LOG_DETAIL, NULL, "dropped: %s", e.text);
	if (!(a->hdr.flags & IKE_FLAG_RESPONSE))
		plain_notify(ike, &a->local, &a->remote, &a->hdr, a->hdr.spi_r,
			     N_INVALID_MAJOR_VERSION, NULL, 0);
	return false;
}

/* 2.21.4: a request gets a notification without protection, but not many. */
static void unknown_spi(struct ike *ike, const struct arrival *a)
{
	char from[80];

	ike->cnt.unknown_spi++;
	if (!ike_may_speak(ike))
		return;
	ike_log(ike, IKE_LOG_DETAIL, NULL,
		"%s from %s for an IKE SA that is not there: %016llx_i "
		"%016llx_r",
		ike_exchange_name(a->hdr.exchange),
		ike_end_text(&a->remote, from, sizeof(from)),
		(unsigned long long)a->hdr.spi_i,
		(unsigned long long)a->hdr.spi_r);
	if (!(a->hdr.flags & IKE_FLAG_RESPONSE))
		plain_notify(ike, &a->local, &a->remote, &a->hdr, a->hdr.spi_r,
			     N_INVALID_IKE_SPI, NULL, 0);
}

/* The Initiator flag is of who began the SA, so it says which SPI is ours. */
static struct ike_sa *find(struct ike *ike, const struct ike_hdr *hdr)
{
	bool ours_i = !(hdr->flags & IKE_FLAG_INITIATOR);
	struct ike_sa *sa = sa_by_spi(ike, ours_i ? hdr->spi_i : hdr->spi_r);

	if (!sa || sa->initiator != ours_i)
		return NULL;
	if (ours_i)
		return sa->state == SA_INIT_SENT || sa->spi_r == hdr->spi_r
			       ? sa
			       : NULL;
	return sa->spi_i == hdr->spi_i ? sa : NULL;
}

static void message(struct ike *ike, struct arrival *a)
{
	struct ike_err e = { 0 };
	struct ike_sa *sa;

	if (!header(ike, a))
		return;
	count_in(ike, a->hdr.exchange);
	if (a->hdr.exchange == IKE_SA_INIT &&
	    !(a->hdr.flags & IKE_FLAG_RESPONSE)) {
		init_request(ike, &a->local, &a->remote, &a->hdr, a->msg,
			     a->len);
		return;
	}
	sa = find(ike, &a->hdr);
	if (!sa) {
		unknown_spi(ike, a);
		return;
	}
	if (ike_parse_clear(&a->hdr, a->msg, &ike->pl, &a->sealed, &e)) {
		ike->cnt.bad_syntax++;
		noise(ike, sa, "%s %u dropped: %s",
		      ike_exchange_name(a->hdr.exchange), a->hdr.id, e.text);
		return;
	}
	if (a->hdr.exchange == IKE_SA_INIT) {
		if (init_accept(sa, &a->hdr, a->msg, &ike->pl))
			request_answered(sa, &ike->pl);
		return;
	}
	protected_message(sa, a);
}

void ike_input(struct ike *ike, uint64_t now, const struct ike_end *local,
	       const struct ike_end *remote, const uint8_t *msg, size_t len)
{
	struct arrival a = {
		.local = *local, .remote = *remote, .msg = msg, .len = len
	};

	/* A peer's NAT keepalive (RFC 3948 section 2.3). */
	if (len == 1 && msg[0] == 0xff)
		return;
	ike_enter(ike, now);
	message(ike, &a);
	ike_leave(ike);
}
