/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IKE_SA_INIT, the side that answers (RFC 7296 sections 1.2, 2.6, 2.7). Until
 * the limits and the cookie are passed, nothing is kept and little computed.
 */
#include <string.h>
#include "core/exchange.h"
#include "core/init.h"
#include "core/internal.h"

/* It is kept until AUTH: longer than any list of proposals with any group. */
#define INIT_LEN_MAX 8192

/* What came, on its way to become an SA. */
struct knock {
	struct ike *ike;
	const struct ike_end *local, *remote;
	const struct ike_hdr *hdr;
	const uint8_t *msg;
	const struct ike_payloads *pl;
};

static void answer_plain(const struct knock *k, enum ike_notify type,
			 const void *data, size_t len)
{
	plain_notify(k->ike, k->local, k->remote, k->hdr, 0, type, data, len);
}

/* RFC 7296 section 2.1: recognised on the whole message, not on its SPI. */
static bool seen_before(const struct knock *k, uint64_t key)
{
	struct ike *ike = k->ike;
	struct hnode *n = htable_find(&ike->by_init, key, NULL);
	struct ike_sa *sa;

	if (!n)
		return false;
	sa = container_of(n, struct ike_sa, h_init);
	/* Once IKE_AUTH has been answered the peer cannot miss it any more. */
	if (sa->state != SA_HALF_OPEN || sa->in_id != 1 || !sa->reply)
		return true;
	ike->cnt.retransmits_in++;
	ike_log(ike, IKE_LOG_DETAIL, sa, "IKE_SA_INIT request came again");
	count_out(ike, IKE_SA_INIT);
	packets_send(sa, k->local, k->remote, sa->reply);
	return true;
}

/* May it become an SA? What is refused here costs no memory. */
static bool admit(const struct knock *k)
{
	const struct ike_notify_pl *cookie;
	struct ike *ike = k->ike;
	uint8_t buf[64];
	size_t len;
	char from[80];

	if (cookie_wanted(ike)) {
		cookie = ike_find_notify(k->pl, N_COOKIE);
		if (!cookie || !cookie_good(ike, k->remote, k->hdr->spi_i,
					    &k->pl->nonce, &cookie->data)) {
			len = cookie_make(ike, k->remote, k->hdr->spi_i,
					  &k->pl->nonce, buf);
			if (len) {
				ike->cnt.cookies_sent++;
				answer_plain(k, N_COOKIE, buf, len);
			}
			return false;
		}
	}
	if (!half_open_check(ike, k->remote))
		return true;
	ike->cnt.half_open_refused++;
	if (ike_may_speak(ike))
		ike_log(ike, IKE_LOG_AUDIT, NULL,
			"IKE_SA_INIT from %s dropped: %s",
			ike_end_text(k->remote, from, sizeof(from)), ike->why);
	return false;
}

/* No word to the sender: INVALID_SYNTAX is only said under a checksum that was
 * good (3.10.1, IKE-8). */
static void broken(const struct knock *k, const char *why)
{
	char from[80];

	k->ike->cnt.bad_syntax++;
	if (ike_may_speak(k->ike))
		ike_log(k->ike, IKE_LOG_CONTROL, NULL,
			"IKE_SA_INIT from %s dropped: %s",
			ike_end_text(k->remote, from, sizeof(from)), why);
}

static struct conn *choose(const struct knock *k, struct proposal *chosen,
			   struct ike_suite *suite)
{
	struct proposal theirs[PROPOSALS_MAX];
	unsigned int n = PROPOSALS_MAX;
	const struct ike_payloads *pl = k->pl;
	struct ike *ike = k->ike;
	struct conn *conn;
	const char *why;
	char from[80];
	uint8_t group[2];

	if (proposals_parse(pl->sa.p, pl->sa.len, theirs, &n, &why)) {
		broken(k, why);
		return NULL;
	}
	conn = select_init(ike, k->local, k->remote, theirs, n, pl->ke.method,
			   chosen);
	if (!conn || ike_suite_from(suite, chosen)) {
		answer_plain(k, N_NO_PROPOSAL_CHOSEN, NULL, 0);
		return NULL;
	}
	if (suite->ke == pl->ke.method)
		return conn;
	group[0] = suite->ke >> 8;
	group[1] = suite->ke;
	if (ike_may_speak(ike))
		ike_log(ike, IKE_LOG_CONTROL, NULL,
			"%s: IKE_SA_INIT from %s has a key of group %u: asking "
			"for %u",
			conn->name, ike_end_text(k->remote, from, sizeof(from)),
			pl->ke.method, suite->ke);
	answer_plain(k, N_INVALID_KE_PAYLOAD, group, sizeof(group));
	return NULL;
}

static int keys(struct ike_sa *sa, const struct knock *k,
		const struct ike_suite *suite)
{
	const struct ike_payloads *pl = k->pl;
	uint8_t pub[IKE_PUB_MAX], nonce[IKE_NONCE_LEN];
	struct ike *ike = k->ike;
	size_t len = sizeof(pub);
	struct handshake *hs;
	int err;

	hs = sa->hs = mem_get(ike, sizeof(*hs));
	if (!hs)
		return ike_fail(ike, -ENOMEM, "out of memory");
	ike->ops->random(ike->ctx, nonce, sizeof(nonce));
	err = ike_ke_new(suite->ke, &hs->ke, pub, &len);
	if (err)
		return ike_fail(ike, err, "no key pair for group %u",
				suite->ke);
	hs->group = suite->ke;
	if (chunk_set(ike, &hs->pub, pub, len) ||
	    chunk_set(ike, &hs->ni, pl->nonce.p, pl->nonce.len) ||
	    chunk_set(ike, &hs->nr, nonce, sizeof(nonce)) ||
	    chunk_set(ike, &hs->msg_i, k->msg, k->hdr->len))
		return -ENOMEM;
	return derive(sa, suite, &pl->ke.data);
}

static int reply(struct ike_sa *sa, const struct knock *k,
		 const struct proposal *chosen)
{
	const struct conn *c = sa->conn;
	struct handshake *hs = sa->hs;
	struct ike *ike = k->ike;
	struct ike_hdr hdr = {
		.spi_i = sa->spi_i,
		.spi_r = sa->spi_r,
		.exchange = IKE_SA_INIT,
		.flags = IKE_FLAG_RESPONSE,
	};
	uint8_t *anchors = ike->wire;
	struct ike_writer w;
	size_t len;
	int err;

	ike_writer_init(&w, ike->out, sizeof(ike->out) - IKE_HDR_LEN);
	ike_put_sa(&w, chosen, 1);
	ike_put_ke(&w, hs->group, hs->pub.p, hs->pub.len);
	ike_put_nonce(&w, hs->nr.p, hs->nr.len);
	put_announcements(sa, &w);
	ike_put_notify(&w, N_CHILDLESS_IKEV2_SUPPORTED, NULL, 0);
	if (!c->auth_remote.psk && c->send_certreq) {
		len = ike_auth_certreq(ike->creds, anchors, sizeof(ike->wire));
		if (len)
			ike_put_cert(&w, PL_CERTREQ, CERT_X509_SIGNATURE,
				     anchors, len);
	}
	ike_pl_end(&w);
	err = packet_plain(ike, &hdr, &w, &sa->reply);
	if (!err)
		err = chunk_set(ike, &hs->msg_r, sa->reply->data,
				sa->reply->len);
	return err;
}

static void open_sa(const struct knock *k, uint64_t key, struct conn *conn,
		    struct proposal *chosen, const struct ike_suite *suite)
{
	struct ike *ike = k->ike;
	struct ike_sa *sa;
	char from[80];

	sa = sa_new(ike, conn, false, k->local, k->remote);
	if (!sa)
		return;
	sa->spi_i = k->hdr->spi_i;
	chosen->spi_size = 0;
	if (half_open_begin(sa) || keys(sa, k, suite)) {
		sa_destroy(sa, DOWN_ERROR, "%s", ike->why);
		return;
	}
	take_announcements(sa, k->pl);
	natt_detect(sa, k->pl, k->hdr->spi_i, 0);
	if (reply(sa, k, chosen)) {
		sa_destroy(sa, DOWN_ERROR, "%s", ike->why);
		return;
	}
	sa->in_id = 1;
	htable_add(&ike->by_init, &sa->h_init, key);
	timer_set(ike, &sa->t_life, ike->now + ike->set.half_open_timeout);
	ike_log(ike, IKE_LOG_CONTROL, sa, "IKE_SA_INIT from %s: half-open",
		ike_end_text(k->remote, from, sizeof(from)));
	packets_send(sa, k->local, k->remote, sa->reply);
}

void init_request(struct ike *ike, const struct ike_end *local,
		  const struct ike_end *remote, const struct ike_hdr *hdr,
		  const uint8_t *msg, size_t len)
{
	struct knock k = { ike, local, remote, hdr, msg, &ike->pl };
	struct ike_sealed sealed;
	struct ike_err e = { 0 };
	struct ike_suite suite;
	struct proposal chosen;
	struct conn *conn;
	uint64_t key;
	uint8_t type;

	/* IKE-18; and what answers itself would be a loop. */
	if (!hdr->spi_i || hdr->spi_r || hdr->id || ike->shutdown ||
	    !(hdr->flags & IKE_FLAG_INITIATOR))
		return;
	if (len > INIT_LEN_MAX) {
		broken(&k, "longer than 8192 bytes");
		return;
	}
	/* Our own request, sent back by somebody. */
	if (sa_by_spi(ike, hdr->spi_i))
		return;
	key = ike_hash(ike, msg, len);
	if (seen_before(&k, key))
		return;
	if (ike_parse_clear(hdr, msg, &ike->pl, &sealed, &e)) {
		type = e.payload;
		if (e.notify == N_UNSUPPORTED_CRITICAL_PAYLOAD &&
		    ike_may_speak(ike))
			answer_plain(&k, e.notify, &type, 1);
		else
			broken(&k, e.text);
		return;
	}
	if (!ike_has(k.pl, PL_SA) || !ike_has(k.pl, PL_KE) ||
	    !ike_has(k.pl, PL_NONCE)) {
		broken(&k, "SA, KE or nonce is missing");
		return;
	}
	if (nonce_check(ike, &k.pl->nonce, 0)) {
		broken(&k, ike->why);
		return;
	}
	if (!admit(&k))
		return;
	conn = choose(&k, &chosen, &suite);
	if (!conn)
		return;
	if (nonce_check(ike, &k.pl->nonce, suite.prf_len)) {
		broken(&k, ike->why);
		return;
	}
	open_sa(&k, key, conn, &chosen, &suite);
}
