/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IKE_AUTH, the side that asks (RFC 7296 sections 1.2 and 2.15), with the first
 * child. The side that answers is auth_answer.c. EAP would continue here, in
 * further tasks behind this one, when the peer answers without an AUTH payload.
 */
#include <string.h>
#include "core/auth.h"
#include "core/exchange.h"
#include "core/internal.h"

/* --------------------------------------------------------- for both sides */

void id_from_addr(const struct espalier_addr *a, struct ike_id *id)
{
	id->type = a->family == AF_INET6 ? ID_IPV6_ADDR : ID_IPV4_ADDR;
	id->len = addr_len(a);
	memcpy(id->data, a->bytes, id->len);
}

/* Type, three reserved bytes, data: as the payload has it behind its header. */
struct chunk id_body(const struct ike_id *id, uint8_t buf[ID_BODY_MAX])
{
	buf[0] = id->type;
	memset(buf + 1, 0, 3);
	memcpy(buf + 4, id->data, id->len);
	return (struct chunk){ buf, 4 + id->len };
}

void auth_covers(const struct ike_sa *sa, bool by_initiator,
		 const struct chunk *body, struct ike_auth_in *in)
{
	const struct handshake *hs = sa->hs;

	in->prf = sa->keys.suite.prf;
	in->msg = by_initiator ? hs->msg_i : hs->msg_r;
	in->nonce = by_initiator ? hs->nr : hs->ni;
	in->id_body = *body;
	in->sk_p = by_initiator ? sa->keys.pi : sa->keys.pr;
}

int our_identity(struct ike_sa *sa, struct ike_id *id)
{
	const struct ike_auth_conf *a = &sa->conn->auth_local;
	struct ike *ike = sa->ike;
	char why[160] = "";
	int err;

	if (a->psk && a->id.type == ID_ANY) {
		id_from_addr(&sa->local.ip, id);
		return 0;
	}
	err = ike_auth_identity(ike->creds, a, id, why, sizeof(why));
	return err ? ike_fail(ike, err, "no identity of our own: %s", why) : 0;
}

int put_proof(struct ike_sa *sa, enum ike_payload type, const struct ike_id *id,
	      const struct ike_id *peer, struct ike_writer *w)
{
	struct ike *ike = sa->ike;
	struct ike_auth_out *out = &sa->ike->proof;
	uint8_t buf[ID_BODY_MAX];
	struct chunk body = id_body(id, buf);
	struct ike_auth_in in;
	char why[160] = "";
	unsigned int i;
	int err;

	auth_covers(sa, sa->initiator, &body, &in);
	memset(out, 0, sizeof(*out));
	err = ike_auth_make(ike->creds, &sa->conn->auth_local, id, peer, &in,
			    sa->hs->peer_hashes, out, why, sizeof(why));
	if (err)
		return ike_fail(ike, err, "we cannot prove who we are: %s",
				why);
	ike_put_id(w, type, id->type, id->data, id->len);
	if (sa->conn->send_cert == CERT_ALWAYS ||
	    (sa->conn->send_cert == CERT_IFASKED && sa->hs->certs_wanted))
		for (i = 0; i < out->ncerts; i++)
			ike_put_cert(w, PL_CERT, CERT_X509_SIGNATURE,
				     out->cert[i].p, out->cert[i].len);
	ike_put_auth(w, out->method, out->data, out->len);
	return 0;
}

int id_from_payload(struct ike *ike, const struct ike_id_pl *pl,
		    struct ike_id *id)
{
	if (pl->data.len > sizeof(id->data))
		return ike_fail(
			ike, -EBADMSG,
			"an identity of %zu bytes, at most %zu are taken",
			pl->data.len, sizeof(id->data));
	id->type = pl->type;
	id->len = pl->data.len;
	memcpy(id->data, pl->data.p, pl->data.len);
	return 0;
}

/* -------------------------------------------------------------- the request */

/* "*.example.org" says whom we would believe, not whom we want. */
static bool is_pattern(const struct ike_id *id)
{
	return id->type == ID_ANY ||
	       ((id->type == ID_FQDN || id->type == ID_RFC822_ADDR ||
		 id->type == ID_DER_ASN1_DN) &&
		memchr(id->data, '*', id->len));
}

static void put_certreq(struct ike_sa *sa, struct ike_writer *w)
{
	struct ike *ike = sa->ike;
	size_t len;

	if (sa->conn->auth_remote.psk || !sa->conn->send_certreq)
		return;
	len = ike_auth_certreq(ike->creds, ike->wire, sizeof(ike->wire));
	if (len)
		ike_put_cert(w, PL_CERTREQ, CERT_X509_SIGNATURE, ike->wire,
			     len);
}

/* The first child that waits goes along. Without one the IKE SA may be made
 * alone if the peer knows how (RFC 6023); else a child it has to be. */
static int take_child_along(struct ike_sa *sa)
{
	const struct child_conf *conf;
	struct handshake *hs = sa->hs;
	struct ike *ike = sa->ike;
	struct task *t;

	for (t = sa->queue; t && !child_task_conf(t); t = t->next)
		;
	if (t) {
		conf = child_task_conf(t);
	} else {
		if (sa->childless_ok)
			return 0;
		conf = sa->conn->children;
		if (!conf)
			return ike_fail(ike, -EINVAL,
					"%s has no child, and the peer takes "
					"no IKE SA alone",
					sa->conn->name);
	}
	hs->child = child_new(sa, conf, true);
	if (!hs->child)
		return -EIO;
	if (t) {
		task_unqueue(sa, t);
		hs->task = t;
	}
	return 0;
}

static int auth_build(struct ike_sa *sa, struct task *t, struct ike_writer *w)
{
	const struct ike_id *want = &sa->conn->auth_remote.id;
	struct ike *ike = sa->ike;
	struct ike_id id = { 0 }, peer = { 0 };
	int err;

	(void)t;
	err = our_identity(sa, &id);
	if (err)
		return err;
	if (is_pattern(want))
		id_from_addr(&sa->remote.ip, &peer);
	else
		peer = *want;
	err = sa_set_ids(sa, &id, NULL);
	if (!err)
		err = put_proof(sa, PL_IDI, &id, &peer, w);
	if (!err)
		err = take_child_along(sa);
	if (err)
		return err;
	if (sa->conn->unique != UNIQUE_NEVER && !is_pattern(want) &&
	    !htable_find(&ike->by_peer, peer_hash(ike, want), NULL))
		ike_put_notify(w, N_INITIAL_CONTACT, NULL, 0);
	put_certreq(sa, w);
	if (!is_pattern(want))
		ike_put_id(w, PL_IDR, want->type, want->data, want->len);
	if (sa->hs->child && child_put_offer(sa->hs->child, w, true))
		return -EOPNOTSUPP;
	ike_pl_end(w);
	return 0;
}

/* --------------------------------------------------------------- the answer */

static int check_peer(struct ike_sa *sa, const struct ike_payloads *pl)
{
	const struct ike_auth_conf *conf = &sa->conn->auth_remote;
	struct ike *ike = sa->ike;
	struct ike_id id = { 0 };
	struct ike_auth_in in;
	char why[200] = "", got[160], want[160];
	int err;

	err = id_from_payload(ike, &pl->idr, &id);
	if (err)
		return err;
	if (!ike_id_match(&id, &conf->id))
		return ike_fail(ike, -EACCES,
				"peer is '%s', configured is '%s'",
				ike_id_text(&id, got, sizeof(got)),
				ike_id_text(&conf->id, want, sizeof(want)));
	auth_covers(sa, false, &pl->idr.body, &in);
	err = ike_auth_check(ike->creds, conf, &id, sa->id_local, &in, pl,
			     ike->ops->wall(ike->ctx), why, sizeof(why));
	if (err)
		return ike_fail(ike, err, "peer '%s' is not believed: %s",
				ike_id_text(&id, got, sizeof(got)), why);
	return sa_set_ids(sa, NULL, &id);
}

/* The IKE SA is up, whatever became of the child (1.2, IKE-33). */
static void take_child(struct ike_sa *sa, const struct ike_payloads *pl)
{
	struct handshake *hs = sa->hs;
	struct child_kex kex = { hs->ni, hs->nr, NULL };
	struct child_sa *child = hs->child;
	const struct ike_notify_pl *e;
	struct task *t = hs->task;
	struct ike *ike = sa->ike;
	char name[64];
	int err = 0;

	hs->child = NULL;
	hs->task = NULL;
	if (!child)
		return;
	e = ike_find_error(pl);
	if (e)
		err = ike_fail(ike, -ECONNREFUSED, "the peer answers %s",
			       notify_text(e->type, name, sizeof(name)));
	else
		err = child_take_answer(child, pl, true, &kex);
	if (err) {
		child_log(child, IKE_LOG_AUDIT, "not made: %s", ike->why);
		/* If the peer has made it, it must hear that we have not. */
		if (!e && child->spi_out)
			child_delete(child, DOWN_ERROR, NULL);
		else
			child_destroy(child, DOWN_ERROR, ike->why);
	}
	if (t)
		task_end(t, err, ike->why);
}

static int auth_answer(struct ike_sa *sa, struct task *t,
		       const struct ike_payloads *pl)
{
	const struct ike_notify_pl *e;
	struct ike *ike = sa->ike;
	char name[64];
	int err;

	(void)t;
	if (!ike_has(pl, PL_AUTH) || !ike_has(pl, PL_IDR)) {
		ike->cnt.auth_failures++;
		e = ike_find_error(pl);
		if (e)
			return ike_fail(
				ike, -EACCES, "the peer answers %s",
				notify_text(e->type, name, sizeof(name)));
		err = ike_fail(ike, -EPROTO,
			       "the peer's answer has no identity or proof");
	} else {
		err = check_peer(sa, pl);
	}
	if (err) {
		/* The peer believes that all is well (2.21.2, IKE-31). */
		ike->cnt.auth_failures++;
		ike_log(ike, IKE_LOG_AUDIT, sa, "authentication failed: %s",
			ike->why);
		info_error(sa, N_AUTHENTICATION_FAILED);
		return err;
	}
	sa_establish(sa, NULL);
	take_child(sa, pl);
	unique_initiator(sa);
	return 0;
}

static void auth_end(struct ike_sa *sa, struct task *t, int err)
{
	struct handshake *hs = sa->hs;
	struct ike *ike = sa->ike;
	struct task *waits = hs ? hs->task : NULL;
	char why[sizeof(ike->why)];

	(void)t;
	memcpy(why, ike->why, sizeof(why));
	if (waits) {
		hs->task = NULL;
		task_end(waits, err, why);
	}
	if (hs && hs->child && sa->state != SA_DEAD) {
		child_destroy(hs->child, DOWN_ERROR, why);
		hs->child = NULL;
	}
	/* SA_DELETING: it stays to tell the peer. */
	if (err && sa->state == SA_HALF_OPEN)
		sa_destroy(sa, DOWN_ERROR, "%s", why);
	handshake_free(sa);
}

const struct task_ops auth_task = {
	.what = "authenticate ourselves",
	.states = SA_IN(SA_HALF_OPEN),
	.exchange = IKE_AUTH,
	.size = sizeof(struct task),
	.build = auth_build,
	.answer = auth_answer,
	.end = auth_end,
};
