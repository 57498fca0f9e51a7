/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many IKE SAs a peer may have: INITIAL_CONTACT (RFC 7296 section 2.4) and
 * the connection's "unique". Only SAs between the same two authenticated
 * identities are looked at.
 */
#include "core/auth.h"
#include "core/exchange.h"
#include "core/internal.h"

static struct ike_sa *next_of_peer(const struct ike_sa *sa, struct ike_sa *prev)
{
	struct hnode *n = prev ? &prev->h_peer : NULL;
	struct ike *ike = sa->ike;
	struct ike_sa *o;

	while ((n = htable_find(&ike->by_peer, peer_hash(ike, sa->id_remote),
				n))) {
		o = container_of(n, struct ike_sa, h_peer);
		if (o != sa && o->state == SA_ESTABLISHED &&
		    ike_id_equal(o->id_remote, sa->id_remote) &&
		    ike_id_equal(o->id_local, sa->id_local))
			return o;
	}
	return NULL;
}

int unique_admit(struct ike_sa *sa)
{
	if (sa->conn->unique == UNIQUE_KEEP && next_of_peer(sa, NULL))
		return ike_fail(sa->ike, -EEXIST,
				"this peer has an IKE SA, and keeps it (unique "
				"= keep)");
	return 0;
}

void unique_responder(struct ike_sa *sa, bool initial_contact)
{
	struct ike_sa *o, *next;
	bool replace = sa->conn->unique == UNIQUE_REPLACE;

	if (sa->conn->unique == UNIQUE_NEVER)
		return;
	for (o = next_of_peer(sa, NULL); o; o = next) {
		next = next_of_peer(sa, o);
		/* The peer has said that it has no other. What was set up while
		 * this one was under way it did not know of yet: initiations
		 * that cross must not take each other down. */
		if (initial_contact && o->established < sa->created)
			sa_destroy(
				o, DOWN_REAUTH,
				"the peer has started anew (INITIAL_CONTACT)");
		else if (replace && o->established < sa->created)
			sa_delete(o, DOWN_REAUTH, NULL);
	}
}

void unique_initiator(struct ike_sa *sa)
{
	struct ike_sa *o, *next;

	if (sa->conn->unique != UNIQUE_REPLACE)
		return;
	for (o = next_of_peer(sa, NULL); o; o = next) {
		next = next_of_peer(sa, o);
		if (o->established < sa->created)
			sa_delete(o, DOWN_REAUTH, NULL);
	}
}
