/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which connection a peer is meant by: by addresses and algorithms when it
 * knocks, by identities when it has said who it is. Where none fits, the log
 * says what was received, what is configured, and the first difference.
 */
#include <stdio.h>
#include <string.h>
#include "core/exchange.h"
#include "core/internal.h"
#include "wire/text.h"

/* 0: no; 1: any; 2: in a range; 3: that very address */
static int addr_score(const struct addr_match *m, unsigned int n,
		      const struct espalier_addr *a)
{
	int best = n ? 0 : 1, score;
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (m[i].any)
			score = 1;
		else if (m[i].lo.family != a->family ||
			 addr_cmp(&m[i].lo, a) > 0 || addr_cmp(&m[i].hi, a) < 0)
			score = 0;
		else
			score = addr_equal(&m[i].lo, &m[i].hi) ? 3 : 2;
		if (score > best)
			best = score;
	}
	return best;
}

bool addr_matches(const struct addr_match *m, unsigned int n,
		  const struct espalier_addr *a)
{
	return addr_score(m, n, a) > 0;
}

#define SCORE_MAX 33
static int ends_score(const struct conn *c, const struct ike_end *local,
		      const struct ike_end *remote)
{
	int l = addr_score(c->local, c->nlocal, &local->ip);
	int r = addr_score(c->remote, c->nremote, &remote->ip);

	return l && r ? r * 10 + l : 0;
}

/* --------------------------------------------------------------- by address */

static const char *match_text(const struct addr_match *m, unsigned int n,
			      char *buf, size_t size)
{
	char addrs[ADDR_RANGE_TEXT];

	if (!n || m->any)
		snprintf(buf, size, "any");
	else
		snprintf(buf, size, "%s%s",
			 conf_addr_match_text(m, addrs, sizeof(addrs)),
			 n > 1 ? ",..." : "");
	return buf;
}

#define LOGGED_MAX 8

static void log_no_conn(struct ike *ike, const struct ike_end *local,
			const struct ike_end *remote)
{
	char l[160], r[160];
	const struct conn *c;
	int n = 0;

	for (c = ike->conns; c && n < LOGGED_MAX; c = c->next, n++)
		ike_log(ike, IKE_LOG_CONTROL, NULL,
			"connection %s: local %s, remote %s: the %s address "
			"differs",
			c->name, match_text(c->local, c->nlocal, l, sizeof(l)),
			match_text(c->remote, c->nremote, r, sizeof(r)),
			addr_matches(c->local, c->nlocal, &local->ip)
				? "remote"
				: "local");
	if (c)
		ike_log(ike, IKE_LOG_CONTROL, NULL,
			"(there are more connections)");
	ike_log(ike, IKE_LOG_AUDIT, NULL, "no connection between %s and %s",
		ike_end_text(local, l, sizeof(l)),
		ike_end_text(remote, r, sizeof(r)));
}

struct pick_arg {
	uint16_t group; /* 0: any */
};

static bool can(void *arg, uint8_t protocol, const struct transform *t)
{
	const struct pick_arg *a = arg;

	if (t->type == TT_KE && a->group && t->id != a->group)
		return false;
	return ike_suite_can(NULL, protocol, t);
}

/* With the group that the peer has computed for already, if that is allowed:
 * a round trip less than INVALID_KE_PAYLOAD. */
static int choose(const struct conn *c, const struct proposal *theirs,
		  unsigned int n, uint16_t group, struct proposal *chosen,
		  char *diff, size_t size)
{
	struct pick_arg arg = { .group = group };
	struct proposal_pick pick = { .can = can, .arg = &arg };

	if (!proposal_choose(c->props, c->nprops, theirs, n, &pick, chosen,
			     diff, size))
		return 0;
	arg.group = 0;
	return proposal_choose(c->props, c->nprops, theirs, n, &pick, chosen,
			       diff, size);
}

struct conn *select_init(struct ike *ike, const struct ike_end *local,
			 const struct ike_end *remote,
			 const struct proposal *theirs, unsigned int n,
			 uint16_t group, struct proposal *chosen)
{
	char diff[256], first_diff[256] = "";
	struct conn *c, *first = NULL;
	int below = SCORE_MAX + 1, level, score;

	/* From the best match of addresses down. */
	for (;;) {
		level = 0;
		for (c = ike->conns; c; c = c->next) {
			score = ends_score(c, local, remote);
			if (score < below && score > level)
				level = score;
		}
		if (!level)
			break;
		for (c = ike->conns; c; c = c->next) {
			if (ends_score(c, local, remote) != level)
				continue;
			if (!choose(c, theirs, n, group, chosen, diff,
				    sizeof(diff)))
				return c;
			if (!first) {
				first = c;
				memcpy(first_diff, diff, sizeof(diff));
			}
		}
		below = level;
	}
	ike->cnt.unknown_peer += !first;
	if (!ike_may_speak(ike))
		return NULL;
	if (first)
		log_no_proposal(ike, NULL, first->name, theirs, n, first->props,
				first->nprops, first_diff);
	else
		log_no_conn(ike, local, remote);
	return NULL;
}

/* -------------------------------------------------------------- by identity */

/* What keeps @c from being it, NULL: nothing. */
static const char *difference(const struct ike_sa *sa, const struct conn *c,
			      const struct ike_id *idi,
			      const struct ike_id *idr, bool psk)
{
	struct proposal chosen = { .num = 1, .protocol = PROTO_IKE };
	const struct ike_suite *s = &sa->keys.suite;
	const char *why;

	if (!ends_score(c, &sa->local, &sa->remote))
		return "the addresses differ";
	if (!ike_id_match(idi, &c->auth_remote.id))
		return "the remote identity differs";
	if (idr && c->auth_local.id.type != ID_ANY &&
	    !ike_id_match(idr, &c->auth_local.id))
		return "the local identity differs";
	if (c->auth_remote.psk != psk)
		return psk ? "the peer proves itself by secret, not by "
			     "certificate"
			   : "the peer proves itself by certificate, not by "
			     "secret";
	chosen.t[chosen.n++] =
		(struct transform){ TT_ENCR, s->encr, s->encr_bits };
	if (!s->aead)
		chosen.t[chosen.n++] =
			(struct transform){ TT_INTEG, s->integ, 0 };
	chosen.t[chosen.n++] = (struct transform){ TT_PRF, s->prf, 0 };
	chosen.t[chosen.n++] = (struct transform){ TT_KE, s->ke, 0 };
	if (proposal_verify(c->props, c->nprops, &chosen, false, &why))
		return "the algorithms of the IKE SA are not among its "
		       "proposals";
	return NULL;
}

static int id_score(const struct ike_id *id, const struct ike_id *pattern)
{
	if (pattern->type == ID_ANY)
		return 1;
	return ike_id_equal(id, pattern) ? 3 : 2;
}

struct conn *select_auth(struct ike_sa *sa, const struct ike_id *idi,
			 const struct ike_id *idr, bool psk)
{
	struct ike *ike = sa->ike;
	struct conn *c, *best = NULL;
	char got[2][256], want[2][256];
	const char *diff;
	int score, best_score = 0, n = 0;

	for (c = ike->conns; c; c = c->next) {
		if (difference(sa, c, idi, idr, psk))
			continue;
		score = id_score(idi, &c->auth_remote.id) * 100 +
			ends_score(c, &sa->local, &sa->remote);
		if (idr)
			score += id_score(idr, &c->auth_local.id) * 1000;
		if (score > best_score) {
			best = c;
			best_score = score;
		}
	}
	if (best)
		return best;
	ike->cnt.unknown_peer++;
	for (c = ike->conns; c && n < LOGGED_MAX; c = c->next, n++) {
		diff = difference(sa, c, idi, idr, psk);
		ike_log(ike, IKE_LOG_CONTROL, sa,
			"connection %s: local '%s', remote '%s': %s", c->name,
			ike_id_text(&c->auth_local.id, want[0],
				    sizeof(want[0])),
			ike_id_text(&c->auth_remote.id, want[1],
				    sizeof(want[1])),
			diff);
	}
	ike_log(ike, IKE_LOG_AUDIT, sa,
		"no connection for local '%s', remote '%s' with a %s",
		idr ? ike_id_text(idr, got[0], sizeof(got[0])) : "(any)",
		ike_id_text(idi, got[1], sizeof(got[1])),
		psk ? "secret" : "certificate");
	return NULL;
}
