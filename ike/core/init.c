/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IKE_SA_INIT, the side that asks (RFC 7296 sections 1.2 and 2.6). The side
 * that answers is init_answer.c.
 */
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include "core/exchange.h"
#include "core/internal.h"
#include "core/init.h"

/* IKE-21: honest peers need one round of each, or two when a secret is changed
 * on the way; more is a peer that plays. */
#define COOKIE_ROUNDS 4
#define GROUP_ROUNDS 3

int chunk_set(struct ike *ike, struct chunk *c, const void *data, size_t len)
{
	void *p = mem_dup(ike, data, len);

	if (!p)
		return ike_fail(ike, -ENOMEM, "out of memory");
	chunk_clear(ike, c);
	c->p = p;
	c->len = len;
	return 0;
}

void chunk_clear(struct ike *ike, struct chunk *c)
{
	mem_put(ike, (void *)c->p);
	c->p = NULL;
	c->len = 0;
}

void handshake_free(struct ike_sa *sa)
{
	struct handshake *hs = sa->hs;
	struct ike *ike = sa->ike;

	if (!hs)
		return;
	sa->hs = NULL;
	ike_ke_free(hs->ke);
	chunk_clear(ike, &hs->pub);
	chunk_clear(ike, &hs->ni);
	chunk_clear(ike, &hs->nr);
	chunk_clear(ike, &hs->msg_i);
	chunk_clear(ike, &hs->msg_r);
	chunk_clear(ike, &hs->cookie);
	mem_put(ike, hs);
}

/* Also of IKE-28: at least half the key of the PRF, which is its output. */
int nonce_check(struct ike *ike, const struct chunk *nonce,
		unsigned int prf_len)
{
	if (nonce->len >= 16 && nonce->len <= IKE_NONCE_MAX &&
	    nonce->len * 2 >= prf_len)
		return 0;
	return ike_fail(ike, -EBADMSG,
			"a nonce of %zu bytes, where %u to 256 are allowed",
			nonce->len, prf_len / 2 > 16 ? prf_len / 2 : 16);
}

void take_announcements(struct ike_sa *sa, const struct ike_payloads *pl)
{
	const struct ike_notify_pl *n;
	size_t i;

	sa->frag_ok = sa->conn->frag != FRAG_NO &&
		      ike_find_notify(pl, N_IKEV2_FRAGMENTATION_SUPPORTED);
	sa->childless_ok = ike_find_notify(pl, N_CHILDLESS_IKEV2_SUPPORTED);
	sa->hs->certs_wanted = pl->ncertreqs;
	n = ike_find_notify(pl, N_SIGNATURE_HASH_ALGORITHMS);
	for (i = 0; n && i + 1 < n->data.len; i += 2) {
		unsigned int alg = n->data.p[i] << 8 | n->data.p[i + 1];

		if (alg < 32)
			sa->hs->peer_hashes |= 1u << alg;
	}
}

void put_announcements(struct ike_sa *sa, struct ike_writer *w)
{
	uint8_t hashes[32];

	natt_put(sa, w);
	if (sa->conn->frag != FRAG_NO)
		ike_put_notify(w, N_IKEV2_FRAGMENTATION_SUPPORTED, NULL, 0);
	ike_put_notify(w, N_SIGNATURE_HASH_ALGORITHMS, hashes,
		       ike_auth_hashes(hashes, sizeof(hashes)));
}

int derive(struct ike_sa *sa, const struct ike_suite *suite,
	   const struct chunk *peer_pub)
{
	uint8_t secret[IKE_SECRET_MAX];
	struct handshake *hs = sa->hs;
	struct ike *ike = sa->ike;
	size_t len = sizeof(secret);
	struct chunk c;
	int err;

	err = ike_ke_derive(hs->ke, peer_pub, secret, &len);
	if (err)
		return ike_fail(ike, err,
				"the peer's public value is not acceptable");
	c = (struct chunk){ secret, len };
	err = ike_keys_derive(&sa->keys, suite, sa->initiator, &c, &hs->ni,
			      &hs->nr, sa->spi_i, sa->spi_r, NULL);
	OPENSSL_cleanse(secret, sizeof(secret));
	if (err)
		return ike_fail(ike, err, "the keys cannot be derived");
	sa->has_keys = true;
	ike_ke_free(hs->ke);
	hs->ke = NULL;
	if (ike->ops->ike_keys)
		ike->ops->ike_keys(ike->ctx, sa->spi_i, sa->spi_r, &sa->keys);
	return 0;
}

/* ---------------------------------------------------------------- beginning */

static int new_group(struct ike_sa *sa, uint16_t group)
{
	struct handshake *hs = sa->hs;
	struct ike *ike = sa->ike;
	uint8_t pub[IKE_PUB_MAX];
	size_t len = sizeof(pub);
	int err;

	ike_ke_free(hs->ke);
	hs->ke = NULL;
	err = ike_ke_new(group, &hs->ke, pub, &len);
	if (err)
		return ike_fail(ike, err, "no key pair for group %u", group);
	hs->group = group;
	return chunk_set(ike, &hs->pub, pub, len);
}

static int new_handshake(struct ike_sa *sa)
{
	struct proposal ours[PROPOSALS_MAX];
	struct ike *ike = sa->ike;
	uint8_t nonce[IKE_NONCE_LEN];
	struct task *t;
	int err;

	if (!ike_offer(sa->conn, ours))
		return ike_fail(
			ike, -EINVAL,
			"connection \"%s\": none of its proposals can be "
			"carried",
			sa->conn->name);
	sa->hs = mem_get(ike, sizeof(*sa->hs));
	if (!sa->hs)
		return ike_fail(ike, -ENOMEM, "out of memory");
	ike->ops->random(ike->ctx, nonce, sizeof(nonce));
	err = chunk_set(ike, &sa->hs->ni, nonce, sizeof(nonce));
	if (!err)
		err = new_group(sa, proposal_find(&ours[0], TT_KE)->id);
	if (err)
		return err;
	t = task_new(sa, &init_task, NULL);
	if (!t)
		return ike_fail(ike, -ENOMEM, "out of memory");
	task_queue_first(sa, t);
	return 0;
}

int init_ends(struct ike *ike, const struct conn *c, struct ike_end *local,
	      struct ike_end *remote)
{
	unsigned int i;
	int err;

	local->port = c->local_port ? c->local_port : IKE_PORT;
	remote->port = c->remote_port ? c->remote_port : IKE_PORT;
	for (i = 0; i < c->nremote; i++)
		if (addr_match_single(&c->remote[i]))
			break;
	if (i == c->nremote)
		return ike_fail(ike, -EHOSTUNREACH,
				"%s has no remote address to go to", c->name);
	remote->ip = c->remote[i].lo;
	for (i = 0; i < c->nlocal; i++)
		if (addr_match_single(&c->local[i]) &&
		    c->local[i].lo.family == remote->ip.family) {
			local->ip = c->local[i].lo;
			return 0;
		}
	err = ike->ops->route
		      ? ike->ops->route(ike->ctx, &remote->ip, &local->ip)
		      : -EHOSTUNREACH;
	if (err)
		return ike_fail(ike, err, "no local address towards the peer");
	return 0;
}

struct ike_sa *init_start(struct ike *ike, struct conn *conn)
{
	struct ike_end local = { 0 }, remote = { 0 };
	char l[80], r[80];
	struct ike_sa *sa;

	if (init_ends(ike, conn, &local, &remote))
		return NULL;
	sa = sa_new(ike, conn, true, &local, &remote);
	if (!sa) {
		ike_fail(ike, -ENOMEM, "out of memory");
		return NULL;
	}
	if (new_handshake(sa)) {
		sa_destroy(sa, DOWN_ERROR, "%s", ike->why);
		return NULL;
	}
	ike_log(ike, IKE_LOG_CONTROL, sa, "initiates from %s to %s",
		ike_end_text(&local, l, sizeof(l)),
		ike_end_text(&remote, r, sizeof(r)));
	return sa;
}

int init_restart(struct ike_sa *sa)
{
	struct handshake *hs = sa->hs;
	struct ike *ike = sa->ike;
	struct task *child = hs ? hs->task : NULL;
	int err;

	request_forget(sa);
	if (hs && hs->child) {
		child_destroy(hs->child, DOWN_LOCAL, "the attempt failed");
		hs->child = NULL;
	}
	handshake_free(sa);
	if (sa->has_keys)
		ike_keys_clear(&sa->keys);
	sa->has_keys = false;
	frags_free(ike, &sa->frags_re);
	sa->nat_local = sa->nat_remote = sa->encap = false;
	sa->out_id = 0;
	sa_new_spi(sa);
	if (child)
		task_queue_first(sa, child);
	sa_state(sa, SA_INIT_SENT, "next attempt");
	err = init_ends(ike, sa->conn, &sa->local, &sa->remote);
	return err ? err : new_handshake(sa);
}

void init_timeout(struct ike_sa *sa, const char *why)
{
	const struct conn *c = sa->conn;
	struct ike *ike = sa->ike;

	sa->tries++;
	if (ike->shutdown || (c->keyingtries && sa->tries >= c->keyingtries)) {
		sa_destroy(sa, DOWN_TIMEOUT, "%s", why);
		return;
	}
	ike_log(ike, IKE_LOG_AUDIT, sa, "attempt %u failed: %s", sa->tries,
		why);
	if (init_restart(sa))
		sa_destroy(sa, DOWN_ERROR, "%s", ike->why);
}

/* ------------------------------------------------------------- the request */

static int init_build(struct ike_sa *sa, struct task *t, struct ike_writer *w)
{
	struct handshake *hs = sa->hs;
	struct proposal ours[PROPOSALS_MAX];
	const unsigned int n = ike_offer(sa->conn, ours);

	(void)t;
	/* First, and the rest as it was: the cookie covers the nonce (2.6). */
	if (hs->cookie.p)
		ike_put_notify(w, N_COOKIE, hs->cookie.p, hs->cookie.len);
	ike_put_sa(w, ours, n);
	ike_put_ke(w, hs->group, hs->pub.p, hs->pub.len);
	ike_put_nonce(w, hs->ni.p, hs->ni.len);
	put_announcements(sa, w);
	ike_pl_end(w);
	return 0;
}

/* -------------------------------------------------------------- the answer */

static bool group_offered(const struct conn *c, uint16_t group)
{
	struct proposal ours[PROPOSALS_MAX];
	const unsigned int n = ike_offer(c, ours);
	unsigned int i, k;

	for (i = 0; i < n; i++)
		for (k = 0; k < ours[i].n; k++)
			if (ours[i].t[k].type == TT_KE &&
			    ours[i].t[k].id == group)
				return true;
	return false;
}

static bool is_answer(const struct ike_payloads *pl)
{
	return ike_has(pl, PL_SA) && ike_has(pl, PL_KE) &&
	       ike_has(pl, PL_NONCE);
}

/* Nobody has signed a refusal: it is taken for what it says only when the next
 * transmissions bring nothing better (2.21.1, IKE-9). */
static void refused(struct ike_sa *sa, uint16_t type)
{
	struct handshake *hs = sa->hs;
	char name[64];

	if (hs->errors)
		return;
	ike_log(sa->ike, IKE_LOG_CONTROL, sa,
		"IKE_SA_INIT refused: %s (not authenticated: asking again)",
		notify_text(type, name, sizeof(name)));
	hs->error = type;
	hs->errors = 1;
	init_refused_pace(sa);
}

void init_refused_pace(struct ike_sa *sa)
{
	struct ike *ike = sa->ike;

	if (sa->state == SA_INIT_SENT && sa->hs && sa->hs->errors)
		timer_set(ike, &sa->t_retry,
			  ike->now + ike->set.retransmit_timeout / 4);
}

bool init_refused(struct ike_sa *sa)
{
	char name[64];

	if (sa->state != SA_INIT_SENT || !sa->hs || !sa->hs->errors)
		return false;
	if (sa->hs->errors++ < 2)
		return false;
	/* Asked again and again refused: another attempt gets the same. */
	sa_destroy(sa, DOWN_ERROR, "the peer refuses IKE_SA_INIT: %s",
		   notify_text(sa->hs->error, name, sizeof(name)));
	return true;
}

bool init_accept(struct ike_sa *sa, const struct ike_hdr *hdr,
		 const uint8_t *msg, const struct ike_payloads *pl)
{
	const struct ike_notify_pl *n;
	struct handshake *hs = sa->hs;
	struct ike *ike = sa->ike;
	uint16_t group;

	if (sa->state != SA_INIT_SENT || !sa->busy || !hs || hdr->id)
		return false;
	if (is_answer(pl)) {
		if (!hdr->spi_r)
			return false;
		if (chunk_set(ike, &hs->msg_r, msg, hdr->len))
			return false;
		sa->spi_r = hdr->spi_r;
		return true;
	}
	n = ike_find_notify(pl, N_COOKIE);
	if (n && n->data.len >= 1 && n->data.len <= 64) {
		if (hs->cookies++ < COOKIE_ROUNDS &&
		    !chunk_set(ike, &hs->cookie, n->data.p, n->data.len))
			return true;
		refused(sa, N_COOKIE);
		return false;
	}
	n = ike_find_notify(pl, N_INVALID_KE_PAYLOAD);
	if (n && n->data.len == 2) {
		group = n->data.p[0] << 8 | n->data.p[1];
		if (group != hs->group && group_offered(sa->conn, group) &&
		    hs->groups++ < GROUP_ROUNDS && !new_group(sa, group))
			return true;
		refused(sa, N_INVALID_KE_PAYLOAD);
		return false;
	}
	n = ike_find_error(pl);
	if (n)
		refused(sa, n->type);
	return false;
}

static int take(struct ike_sa *sa, const struct ike_payloads *pl)
{
	struct handshake *hs = sa->hs;
	struct ike *ike = sa->ike;
	struct proposal ours[PROPOSALS_MAX], answer;
	const unsigned int n = ike_offer(sa->conn, ours);
	struct ike_suite suite;
	int err = choice_read(ike, pl, ours, n, false, &answer);

	if (err)
		return err;
	err = ike_suite_from(&suite, &answer);
	if (err)
		return ike_fail(ike, err,
				"the peer's choice cannot be carried");
	if (pl->ke.method != suite.ke || pl->ke.method != hs->group)
		return ike_fail(ike, -EPROTO,
				"group %u in the choice, %u in the KE payload, "
				"%u asked for",
				suite.ke, pl->ke.method, hs->group);
	err = nonce_check(ike, &pl->nonce, suite.prf_len);
	if (!err)
		err = chunk_set(ike, &hs->nr, pl->nonce.p, pl->nonce.len);
	if (!err)
		err = derive(sa, &suite, &pl->ke.data);
	return err;
}

static int init_answer(struct ike_sa *sa, struct task *t,
		       const struct ike_payloads *pl)
{
	struct task *auth;
	int err;

	if (!is_answer(pl)) {
		/* Cookie or group are noted: the same exchange again, with the
		 * same message ID and SPI (2.6.1, IKE-10). */
		ike_log(sa->ike, IKE_LOG_CONTROL, sa,
			ike_find_notify(pl, N_COOKIE)
				? "the peer wants a cookie"
				: "the peer wants another group");
		sa->out_id = 0;
		sa->hs->errors = 0;
		t->not_before = 0;
		return -EAGAIN;
	}
	err = take(sa, pl);
	if (err)
		return err;
	take_announcements(sa, pl);
	natt_detect(sa, pl, sa->spi_i, sa->spi_r);
	natt_float(sa);
	auth = task_new(sa, &auth_task, NULL);
	if (!auth)
		return ike_fail(sa->ike, -ENOMEM, "out of memory");
	sa->state = SA_HALF_OPEN;
	task_queue_first(sa, auth);
	return 0;
}

static void init_end(struct ike_sa *sa, struct task *t, int err)
{
	(void)t;
	if (err)
		sa_destroy(sa, DOWN_ERROR, "%s", sa->ike->why);
}

const struct task_ops init_task = {
	.what = "open an IKE SA",
	.states = SA_IN(SA_INIT_SENT),
	.exchange = IKE_SA_INIT,
	.size = sizeof(struct task),
	.build = init_build,
	.answer = init_answer,
	.end = init_end,
};
