/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IKE_AUTH, the side that answers: which connection, whether the peer is who
 * it says, and its first child. A peer that is not let in learns nothing but
 * AUTHENTICATION_FAILED (RFC 7296 section 2.21.2).
 */
#include "core/auth.h"
#include "core/child.h"
#include "core/exchange.h"
#include "core/internal.h"

static int choose_conn(struct ike_sa *sa, const struct ike_payloads *pl,
		       const struct ike_id *idi, const struct ike_id *idr)
{
	struct conn *conn;

	conn = select_auth(sa, idi, idr, pl->auth.method == AUTH_PSK);
	if (!conn)
		return ike_fail(sa->ike, -ENOENT,
				"no connection for this peer");
	if (conn == sa->conn)
		return 0;
	conn_get(conn);
	conn_put(sa->conn);
	sa->conn = conn;
	return 0;
}

static int check_peer(struct ike_sa *sa, const struct ike_payloads *pl,
		      struct ike_id *me)
{
	struct ike_id idi = { 0 }, idr = { 0 };
	struct ike *ike = sa->ike;
	bool asked = ike_has(pl, PL_IDR);
	struct ike_auth_in in;
	char why[200] = "", got[160];
	int err;

	/* Without AUTH the peer asks for EAP: its place, once there is one. */
	if (!ike_has(pl, PL_IDI) || !ike_has(pl, PL_AUTH))
		return ike_fail(ike, -EOPNOTSUPP,
				"no identity or no AUTH payload (EAP is not "
				"supported)");
	sa->hs->certs_wanted = pl->ncertreqs;
	err = id_from_payload(ike, &pl->idi, &idi);
	if (!err && asked)
		err = id_from_payload(ike, &pl->idr, &idr);
	if (!err)
		err = choose_conn(sa, pl, &idi, asked ? &idr : NULL);
	if (!err)
		err = our_identity(sa, me);
	if (err)
		return err;
	auth_covers(sa, true, &pl->idi.body, &in);
	err = ike_auth_check(ike->creds, &sa->conn->auth_remote, &idi, me, &in,
			     pl, ike->ops->wall(ike->ctx), why, sizeof(why));
	if (err)
		return ike_fail(ike, err, "peer '%s' is not believed: %s",
				ike_id_text(&idi, got, sizeof(got)), why);
	err = sa_set_ids(sa, me, &idi);
	return err ? err : unique_admit(sa);
}

static void make_child(struct ike_sa *sa, const struct ike_payloads *pl,
		       struct ike_writer *reply)
{
	struct handshake *hs = sa->hs;
	struct child_kex kex = { hs->ni, hs->nr, NULL };
	struct ike *ike = sa->ike;
	struct child_sa *child;
	int err;

	if (!ike_has(pl, PL_SA))
		return; /* the IKE SA alone (RFC 6023) */
	err = child_take_offer(sa, pl, true, NULL, reply, &child);
	if (err) {
		ike_log(ike, IKE_LOG_AUDIT, sa, "first child refused: %s",
			ike->why);
		return;
	}
	err = child_install(child, &kex, false);
	if (err) {
		child_log(child, IKE_LOG_AUDIT, "not made: %s", ike->why);
		child_destroy(child, DOWN_ERROR, ike->why);
		ike_put_notify(reply, child_refusal(err), NULL, 0);
		return;
	}
	child_put_answer(child, reply);
	child_up(child);
}

int auth_request(struct ike_sa *sa, const struct ike_payloads *pl,
		 struct ike_writer *reply)
{
	struct ike *ike = sa->ike;
	struct ike_id me = { 0 };
	int err;

	err = check_peer(sa, pl, &me);
	if (!err)
		err = put_proof(sa, PL_IDR, &me, sa->id_remote, reply);
	if (err) {
		ike->cnt.auth_failures++;
		ike_put_notify(reply, N_AUTHENTICATION_FAILED, NULL, 0);
		sa_destroy_after_reply(sa, DOWN_ERROR);
		return err;
	}
	sa_establish(sa, NULL);
	unique_responder(sa, ike_find_notify(pl, N_INITIAL_CONTACT));
	make_child(sa, pl, reply);
	handshake_free(sa);
	return 0;
}
