/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long an IKE SA lives: the limit for those that nobody has authenticated,
 * rekey and end of those that are (RFC 7296 section 2.8), and whether the peer
 * is still there (2.4).
 */
#include "core/exchange.h"
#include "core/internal.h"

/* After a rekey that the peer refused, twice as long each time */
#define REKEY_AGAIN (30 * IKE_USEC)
#define REKEY_AGAIN_MAX (600 * IKE_USEC)

void life_start(struct ike_sa *sa)
{
	const struct conn *c = sa->conn;
	struct ike *ike = sa->ike;

	sa->rekey_at = 0;
	sa->expire_at = 0;
	if (c->rekey_time) {
		sa->rekey_at = ike->now +
			       timer_jitter(ike, c->rekey_time, c->rand_time);
		sa->expire_at = ike->now + c->rekey_time + c->over_time;
	}
	timer_set(ike, &sa->t_life,
		  sa->rekey_at ? sa->rekey_at : IKE_USEC_NEVER);
	if (c->dpd_delay)
		timer_set(ike, &sa->t_alive, ike->now + c->dpd_delay);
}

static void established_long(struct ike_sa *sa)
{
	struct ike *ike = sa->ike;

	if (ike->now >= sa->expire_at) {
		ike_log(ike, IKE_LOG_AUDIT, sa,
			"was not rekeyed within its lifetime");
		sa_delete(sa, DOWN_EXPIRED, NULL);
		return;
	}
	ike->why[0] = 0;
	if (rekey_ike_start(sa, NULL))
		ike_log(ike, IKE_LOG_CONTROL, sa, "no rekey: %s", ike->why);
	timer_set(ike, &sa->t_life, sa->expire_at);
}

void life_again(struct ike_sa *sa)
{
	uint64_t at = sa->ike->now + timer_backoff(sa->ike, REKEY_AGAIN,
						   REKEY_AGAIN_MAX,
						   sa->rekey_tries++);

	if (sa->expire_at)
		timer_set(sa->ike, &sa->t_life,
			  at < sa->expire_at ? at : sa->expire_at);
}

void life_timer(struct ike *ike, struct timer *t)
{
	struct ike_sa *sa = container_of(t, struct ike_sa, t_life);

	switch (sa->state) {
	case SA_INIT_SENT:
	case SA_HALF_OPEN:
		if (sa->initiator)
			break; /* retransmission bounds it */
		sa_destroy(sa, DOWN_TIMEOUT,
			   "the peer has not authenticated itself in time");
		break;
	case SA_ESTABLISHED:
		established_long(sa);
		break;
	case SA_REKEYED:
		/* Whoever had to delete it has not: a peer whose own rekey was
		 * cut short by our delete of the old one has forgotten it
		 * (2.25.2). One word, and no wait for an answer. */
		sa_delete(sa, DOWN_REKEYED, NULL);
		request_next(sa);
		sa_destroy(sa, DOWN_REKEYED, "the peer has not deleted it");
		break;
	case SA_DEAD:
		sa_forget(sa);
		break;
	case SA_DELETING:
		break;
	}
	(void)ike;
}

/* ESP that passed its ICV is evidence as good as an IKE message (IKE-42). */
static bool traffic(struct ike_sa *sa)
{
	struct sadb *db = sa->ike->db;
	struct espalier_sa_info info;
	struct child_sa *c;
	bool seen = false;

	for (c = sa->children; c; c = c->next) {
		if (!c->db_in || db->ops->sa_query(db, c->db_in, &info))
			continue;
		seen |= info.packets != c->packets_seen;
		c->packets_seen = info.packets;
	}
	return seen;
}

void alive_timer(struct ike *ike, struct timer *t)
{
	struct ike_sa *sa = container_of(t, struct ike_sa, t_alive);
	uint64_t delay = sa->conn->dpd_delay;

	if (sa->state != SA_ESTABLISHED)
		return;
	if (sa->heard + delay <= ike->now && traffic(sa))
		sa->heard = ike->now;
	if (sa->heard + delay > ike->now) {
		timer_set(ike, t, sa->heard + delay);
		return;
	}
	/* Any request under way asks the same question. */
	if (!sa->busy)
		info_alive(sa);
	timer_set(ike, t, ike->now + delay);
}
