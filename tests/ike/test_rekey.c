// SPDX-License-Identifier: Apache-2.0
/*
 * Rekeys of a child and of the IKE SA, one at a time: by either side, for every
 * reason, with every message lost in turn, with a delete that comes late.
 */
#include <string.h>
#include "core/internal.h"
#include "watch.h"

/* -------------------------------------------------- why, by whom, with what */

static const char *esp;

static void with_esp(struct conn *c, enum duo_who who)
{
	(void)who;
	if (esp)
		duo_child_proposal(c->children, esp);
}

static void ike_37_child_by_either_side(void)
{
	static const char *const t[] = { NULL, "aes128gcm16-x25519-esn",
					 "aes256gcm16-ecp256",
					 "aes128gcm16-x25519-modpnone-esn" };
	unsigned int i, w;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		for (w = 0; w < 2; w++) {
			struct duo *d;
			struct child_sa_info a, b;
			uint32_t id, reqid;

			esp = t[i];
			d = watched_up(i + 1, with_esp);
			child_sa_look(duo_child(d, A), &a);
			id = a.id;
			reqid = a.reqid;
			EXPECT_EQ(duo_rekey(d, w, true), 1);
			duo_run(d, 20 * IKE_USEC);
			child_sa_look(duo_child(d, A), &a);
			child_sa_look(duo_child(d, B), &b);
			EXPECT(a.id != id);
			EXPECT_EQ(a.reqid, reqid);
			EXPECT_EQ(a.spi_in, b.spi_out);
			EXPECT_EQ(a.spi_out, b.spi_in);
			/* PFS where it is configured: 1.3.1 */
			EXPECT(!proposal_find(&a.proposal, TT_KE) ==
			       !(t[i] && strstr(t[i], "x25519") ? 1
				 : t[i] && strstr(t[i], "ecp")	? 1
								: 0));
			EXPECT_EQ(d->side[A].events[IKE_EV_CHILD_REKEYED], 1);
			EXPECT_EQ(d->side[B].events[IKE_EV_CHILD_REKEYED], 1);
			EXPECT_EQ(d->side[A].events[IKE_EV_CHILD_DOWN], 0);
			EXPECT_EQ(d->side[B].events[IKE_EV_CHILD_DOWN], 0);
			EXPECT_EQ(fakedb_policies(d->side[A].db), 2);
			watched_end(d);
		}
}

static void ike_39_ike_sa_by_either_side(void)
{
	unsigned int w;

	for (w = 0; w < 2; w++) {
		struct duo *d = watched_up(w + 1, NULL);
		struct ike_sa_info old, now;
		uint32_t child = duo_child_id(d, A);

		ike_sa_look(duo_sa(d, A), &old);
		EXPECT_EQ(duo_rekey(d, w, false), 1);
		duo_run(d, 20 * IKE_USEC);
		ike_sa_look(duo_sa(d, A), &now);
		EXPECT(now.spi_i != old.spi_i && now.spi_r != old.spi_r);
		/* whoever began the rekey is the initiator (2.18) */
		EXPECT_EQ(now.initiator, w == A);
		EXPECT_EQ(duo_child_id(d, A), child);
		EXPECT_EQ(d->side[A].events[IKE_EV_IKE_REKEYED], 1);
		EXPECT_EQ(d->side[B].events[IKE_EV_IKE_REKEYED], 1);
		EXPECT_EQ(d->side[A].events[IKE_EV_IKE_DOWN], 0);
		/* the child is rekeyed under the new one, by keys from it */
		EXPECT_EQ(duo_rekey(d, !w, true), 1);
		duo_run(d, 20 * IKE_USEC);
		EXPECT(duo_child_id(d, A) != child);
		watched_end(d);
	}
}

static bool other_group_first;

static void two_groups(struct conn *c, enum duo_who who)
{
	bool turned = other_group_first && who == B;

	duo_child_proposal(c->children, turned ? "aes128gcm16-ecp384-x25519"
					       : "aes128gcm16-x25519-ecp384");
	duo_conn_proposal(c, turned ? "aes128gcm16-prfsha256-ecp384-x25519"
				    : "aes128gcm16-prfsha256-x25519-ecp384");
}

/* The responder wants another group: INVALID_KE_PAYLOAD, then that one. */
static void invalid_ke_asks_for_the_other_group(void)
{
	struct child_sa_info a;
	struct duo *d;
	unsigned int n;

	other_group_first = true;
	d = watched_up(1, two_groups);
	EXPECT_EQ(duo_rekey(d, A, true), 1);
	duo_run(d, 5 * IKE_USEC);
	child_sa_look(duo_child(d, A), &a);
	EXPECT_EQ(proposal_find(&a.proposal, TT_KE)->id, KE_ECP_384);
	EXPECT_EQ(duo_said(d, A, IKE_CREATE_CHILD_SA, false, -1), 2);
	EXPECT(duo_logged(d, B, "key exchange: group"));
	/* likewise for the IKE SA */
	n = duo_said(d, A, IKE_CREATE_CHILD_SA, false, -1);
	EXPECT_EQ(duo_rekey(d, A, false), 1);
	duo_run(d, 5 * IKE_USEC);
	EXPECT_EQ(duo_said(d, A, IKE_CREATE_CHILD_SA, false, -1), n + 2);
	EXPECT_EQ(d->side[A].events[IKE_EV_IKE_REKEYED], 1);
	other_group_first = false;
	watched_end(d);
}

static void timed(struct conn *c, enum duo_who who)
{
	if (who == B)
		return;
	c->children->rekey_time = 100 * IKE_USEC;
	c->children->rand_time = 10 * IKE_USEC;
	c->children->life_time = 200 * IKE_USEC;
	c->rekey_time = 450 * IKE_USEC;
	c->over_time = 50 * IKE_USEC;
}

static void by_the_clock_for_an_hour(void)
{
	struct duo *d = watched_up(1, timed);

	duo_run(d, 3600 * IKE_USEC);
	EXPECT(duo_counters(d, A).rekeys_child >= 34);
	EXPECT(duo_counters(d, A).rekeys_child <= 42);
	EXPECT(duo_counters(d, A).rekeys_ike >= 7);
	EXPECT(duo_counters(d, A).rekeys_ike <= 8);
	EXPECT_EQ(d->side[A].events[IKE_EV_CHILD_DOWN], 0);
	EXPECT_EQ(d->side[B].events[IKE_EV_CHILD_DOWN], 0);
	watched_end(d);
}

static void by_packets(struct conn *c, enum duo_who who)
{
	duo_child_proposal(c->children, "aes128gcm16");
	if (who == A)
		c->children->rekey_packets = 1000;
}

/* Soft limits of the database, in either direction, and the one that is always
 * there: 32-bit numbers. */
static void by_what_the_database_counts(void)
{
	struct duo *d = watched_up(1, by_packets);
	struct fakedb *a = d->side[A].db, *b = d->side[B].db;
	uint32_t id = duo_child_id(d, A);

	fakedb_traffic(a, fakedb_sa_of(a, ESPALIER_DIR_OUT), 1000, 1);
	duo_run(d, 20 * IKE_USEC);
	EXPECT(duo_child_id(d, A) != id);
	id = duo_child_id(d, A);
	fakedb_traffic(a, fakedb_sa_of(a, ESPALIER_DIR_IN), 1000, 1);
	duo_run(d, 20 * IKE_USEC);
	EXPECT(duo_child_id(d, A) != id);
	id = duo_child_id(d, A);
	fakedb_traffic(b, fakedb_sa_of(b, ESPALIER_DIR_OUT), 0xf0000001, 1);
	duo_run(d, 20 * IKE_USEC);
	EXPECT(duo_child_id(d, A) != id);
	EXPECT_EQ(duo_counters(d, B).rekeys_child, 3);
	watched_end(d);
}

static void by_start(struct conn *c, enum duo_who who)
{
	by_packets(c, who);
	c->children->life_packets = 2000;
	if (who == A)
		c->children->start = ACTION_START;
}

/* A hard limit: nothing goes through any more, the peer hears of it, and what
 * is always to be up comes back. */
static void hard_limit_ends_it_and_start_brings_it_back(void)
{
	struct duo *d = watched_up(1, by_start);
	struct fakedb *a = d->side[A].db;
	uint32_t id = duo_child_id(d, A);

	d->watch = NULL;
	fakedb_traffic(a, fakedb_sa_of(a, ESPALIER_DIR_OUT), 2000, 1);
	duo_run(d, 20 * IKE_USEC);
	EXPECT(duo_logged(d, A, "hard limit"));
	EXPECT(duo_child_id(d, A) != id);
	watched_end(d);
}

/* The hard limit is met while the rekey is under way: its heir stays. */
static void lose_first(struct duo *d, struct duo_msg *m, struct duo_fate *fate,
		       void *arg)
{
	(void)d;
	(void)arg;
	if (m->exchange == IKE_CREATE_CHILD_SA && m->response && m->n < 2)
		fate->copies = 0;
}

static void hard_limit_during_the_rekey(void)
{
	struct duo *d = watched_up(1, by_start);
	struct fakedb *a = d->side[A].db;

	d->watch = NULL;
	d->rule = lose_first;
	duo_rekey(d, A, true);
	duo_run(d, IKE_USEC);
	fakedb_traffic(a, fakedb_sa_of(a, ESPALIER_DIR_OUT), 2000, 1);
	duo_run(d, 60 * IKE_USEC);
	EXPECT_EQ(duo_counters(d, A).setups, 1);
	/* the heir, and none that was made anew */
	EXPECT_EQ(duo_said(d, A, IKE_CREATE_CHILD_SA, false, -1), 3);
	watched_end(d);
}

/* ----------------------------------------------- every message lost in turn */

struct loss {
	unsigned int at, times, seen;
	uint8_t exchange;
	bool response;
	uint32_t id;
	enum duo_who from;
};

/* The @at-th message after the begin, and its copies @times over. */
static void lose_one(struct duo *d, struct duo_msg *m, struct duo_fate *fate,
		     void *arg)
{
	struct loss *l = arg;

	(void)d;
	if (!m->n && l->seen++ == l->at) {
		l->exchange = m->exchange;
		l->response = m->response;
		l->id = m->id;
		l->from = m->from;
	} else if (l->seen <= l->at || m->exchange != l->exchange ||
		   m->response != l->response || m->id != l->id ||
		   m->from != l->from) {
		return;
	}
	if (l->times) {
		l->times--;
		fate->copies = 0;
	}
}

static void lost_at_every_step(bool child, const char *proposal)
{
	unsigned int at, w, times;

	for (w = 0; w < 2; w++)
		for (times = 1; times <= 3; times += 2)
			for (at = 0; at < 6; at++) {
				struct loss l = { .at = at, .times = times };
				struct duo *d;

				esp = proposal;
				d = watched_up(at + 1, with_esp);
				d->rule = lose_one;
				d->rule_arg = &l;
				EXPECT_EQ(duo_rekey(d, w, child), 1);
				duo_run(d, 100 * IKE_USEC);
				EXPECT(l.seen >= 4);
				EXPECT_EQ(l.times, l.seen > at ? 0 : times);
				EXPECT_EQ(d->side[A].events
						  [child ? IKE_EV_CHILD_REKEYED
							 : IKE_EV_IKE_REKEYED],
					  1);
				EXPECT_EQ(d->side[B].events
						  [child ? IKE_EV_CHILD_REKEYED
							 : IKE_EV_IKE_REKEYED],
					  1);
				watched_end(d);
			}
}

static void ike_37_child_rekey_with_losses(void)
{
	lost_at_every_step(true, NULL);
	lost_at_every_step(true, "aes128gcm16-x25519-esn");
}

static void ike_39_ike_rekey_with_losses(void)
{
	lost_at_every_step(false, NULL);
}

/* ----------------------------------------------------------- order (IKE-37) */

struct order {
	unsigned int in, out; /* SAs of B when it answers the rekey */
	uint32_t used; /* SA of B's outbound policy then */
	bool seen;
};

static void note_order(struct duo *d, struct duo_msg *m, struct duo_fate *fate,
		       void *arg)
{
	struct order *o = arg;
	struct fakedb *f = d->side[B].db;
	unsigned int i;

	(void)fate;
	if (m->from != B || !m->response || m->exchange != IKE_CREATE_CHILD_SA)
		return;
	o->seen = true;
	o->in = fakedb_sas(f, ESPALIER_DIR_IN);
	o->out = fakedb_sas(f, ESPALIER_DIR_OUT);
	for (i = 0; i < f->policy_top; i++)
		if (f->policy[i].used && f->policy[i].p.sa)
			o->used = f->policy[i].p.sa;
}

static void ike_37_responder_hears_before_it_answers(void)
{
	struct duo *d = watched_up(1, NULL);
	uint32_t before = fakedb_sa_of(d->side[B].db, ESPALIER_DIR_OUT)->id;
	struct order o = { 0 };

	d->rule = note_order;
	d->rule_arg = &o;
	duo_rekey(d, A, true);
	duo_run(d, 2 * IKE_USEC);
	EXPECT(o.seen);
	EXPECT_EQ(o.in, 2);
	/* and speaks on the new one no sooner than the old one is deleted */
	EXPECT_EQ(o.out, 1);
	EXPECT_EQ(o.used, before);
	/* what is under way on the old one is heard for a while */
	EXPECT_EQ(fakedb_sas(d->side[A].db, ESPALIER_DIR_IN), 2);
	EXPECT_EQ(fakedb_sas(d->side[A].db, ESPALIER_DIR_OUT), 1);
	duo_run(d, 10 * IKE_USEC);
	EXPECT_EQ(fakedb_sas(d->side[A].db, ESPALIER_DIR_IN), 1);
	watched_end(d);
}

/* A peer that never deletes what it replaced: we do, after three minutes. */
static void no_deletes(struct duo *d, struct duo_msg *m, struct duo_fate *fate,
		       void *arg)
{
	(void)d;
	(void)arg;
	if (m->from == A && m->exchange == IKE_INFORMATIONAL && !m->response)
		fate->copies = 0;
}

static void forgotten_delete_is_made_up_for(void)
{
	struct duo *d = duo_new(1);

	/* it has patience */
	d->side[A].set.retransmit_tries = 8;
	duo_conns(d, NULL);
	duo_initiate(d, A, "net", NULL);
	MUST(duo_run_until(d, duo_up, 10 * IKE_USEC));
	gaps = 0;
	d->watch = watch_policies;
	d->rule = no_deletes;
	duo_rekey(d, A, true);
	duo_run(d, 150 * IKE_USEC);
	EXPECT_EQ(duo_child_sas(d, B, NULL), 2);
	EXPECT_EQ(duo_child_sas(d, B, "REKEYED"), 1);
	duo_run(d, 60 * IKE_USEC);
	EXPECT_EQ(duo_child_sas(d, B, NULL), 1);
	EXPECT_EQ(duo_said(d, B, IKE_INFORMATIONAL, false, -1), 1);
	d->rule = NULL;
	watched_end(d);
}

/* -------------------------------------- the delete is late, packets are not */

/* The id of the SA that @who's outbound policy names. */
static uint32_t sends_on(struct duo *d, enum duo_who who)
{
	struct fakedb *f = d->side[who].db;
	unsigned int i;

	for (i = 0; i < f->policy_top; i++)
		if (f->policy[i].used && f->policy[i].p.sa)
			return f->policy[i].p.sa;
	return 0;
}

static void ike_37_responder_follows_packets(void)
{
	struct duo *d = watched_up(1, NULL);
	uint32_t before = sends_on(d, B);

	d->rule = no_deletes;
	duo_rekey(d, A, true);
	duo_run(d, 10 * IKE_USEC);
	EXPECT_EQ(duo_child_sas(d, B, "REKEYED"), 1);
	/* silence says nothing */
	EXPECT_EQ(sends_on(d, B), before);
	/* nor does what comes in on the old one */
	fakedb_traffic(d->side[B].db,
		       fakedb_sa_of(d->side[B].db, ESPALIER_DIR_IN), 9, 900);
	duo_run(d, 5 * IKE_USEC);
	EXPECT_EQ(sends_on(d, B), before);
	EXPECT(!duo_logged(d, B, "the peer sends on it"));
	/* A sends on the new one, and is answered on it */
	EXPECT(duo_packet(d, A));
	duo_run(d, 2 * IKE_USEC);
	EXPECT(sends_on(d, B) != before);
	EXPECT(duo_logged(d, B, "the peer sends on it"));
	EXPECT(duo_packet(d, B));
	/* the old one is there as long as before, and no longer */
	EXPECT_EQ(duo_child_sas(d, B, "REKEYED"), 1);
	d->rule = NULL;
	watched_end(d);
}

/* It may be rekeyed at once then, by either side. */
static void ike_37_rekeyed_again_before_the_delete(void)
{
	unsigned int w;

	for (w = 0; w < 2; w++) {
		struct duo *d = watched_up(w + 1, NULL);
		uint32_t id;

		d->rule = no_deletes;
		duo_rekey(d, A, true);
		duo_run(d, IKE_USEC);
		EXPECT(duo_packet(d, A));
		duo_run(d, 2 * IKE_USEC);
		id = sends_on(d, B);
		d->rule = NULL;
		EXPECT_EQ(duo_rekey(d, w, true), 1);
		duo_run(d, 30 * IKE_USEC);
		EXPECT(sends_on(d, B) != id);
		EXPECT_EQ(d->side[B].events[IKE_EV_CHILD_REKEYED], 2);
		watched_end(d);
	}
}

/* Both rekey, and A, which sends early on what it made, is slow to answer and
 * to delete: B leaves its policies alone until it is settled whose stays, for
 * the peer takes away what has lost. */
static void slow_a(struct duo *d, struct duo_msg *m, struct duo_fate *fate,
		   void *arg)
{
	(void)d;
	(void)arg;
	if (m->from == A && m->exchange == IKE_CREATE_CHILD_SA && m->response)
		fate->delay = 10 * IKE_USEC;
	else if (m->from == A && m->exchange == IKE_INFORMATIONAL)
		fate->delay = 3 * IKE_USEC;
}

static struct fakedb_sa *newest_in(struct fakedb *f)
{
	struct fakedb_sa *s = NULL;
	unsigned int i;

	for (i = 0; i < f->sa_top; i++)
		if (f->sa[i].used && f->sa[i].sa.dir == ESPALIER_DIR_IN &&
		    (!s || f->sa[i].id > s->id))
			s = &f->sa[i];
	MUST(s);
	return s;
}

static void ike_37_collisions_are_settled_first(void)
{
	unsigned int seed, w, lost = 0;

	for (seed = 1; seed <= 20; seed++) {
		struct duo *d = watched_up(seed, NULL);
		uint32_t before = sends_on(d, B);

		d->rule = slow_a;
		duo_rekey(d, A, true);
		duo_rekey(d, B, true);
		duo_run(d, 500000);
		EXPECT_EQ(fakedb_sas(d->side[B].db, ESPALIER_DIR_IN), 2);
		fakedb_traffic(d->side[B].db, newest_in(d->side[B].db), 1, 100);
		duo_run(d, 2 * IKE_USEC);
		EXPECT_EQ(sends_on(d, B), before);
		duo_run(d, 3 * IKE_USEC);
		lost += sends_on(d, B) == before;
		d->rule = NULL;
		duo_run(d, 60 * IKE_USEC);
		for (w = 0; w < 2; w++)
			EXPECT_EQ(d->side[w].events[IKE_EV_CHILD_DOWN], 0);
		watched_end(d);
	}
	EXPECT(lost > 0);
}

static const struct test_case cases[] = {
	{ "ike_37_child_by_either_side", ike_37_child_by_either_side },
	{ "ike_37_child_rekey_with_losses", ike_37_child_rekey_with_losses },
	{ "ike_37_responder_hears_before_it_answers",
	  ike_37_responder_hears_before_it_answers },
	{ "ike_39_ike_sa_by_either_side", ike_39_ike_sa_by_either_side },
	{ "ike_39_ike_rekey_with_losses", ike_39_ike_rekey_with_losses },
	{ "invalid_ke_asks_for_the_other_group",
	  invalid_ke_asks_for_the_other_group },
	{ "by_the_clock_for_an_hour", by_the_clock_for_an_hour },
	{ "by_what_the_database_counts", by_what_the_database_counts },
	{ "hard_limit_ends_it_and_start_brings_it_back",
	  hard_limit_ends_it_and_start_brings_it_back },
	{ "hard_limit_during_the_rekey", hard_limit_during_the_rekey },
	{ "ike_37_responder_follows_packets",
	  ike_37_responder_follows_packets },
	{ "ike_37_rekeyed_again_before_the_delete",
	  ike_37_rekeyed_again_before_the_delete },
	{ "ike_37_collisions_are_settled_first",
	  ike_37_collisions_are_settled_first },
	{ "forgotten_delete_is_made_up_for", forgotten_delete_is_made_up_for },
	{ 0 },
};

int main(int argc, char **argv)
{
	return suite_run("test_rekey", cases, argc, argv);
}
