/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rekeys of a child and of the IKE SA, one at a time: by either side, for every
 * reason, with every message lost in turn. At each moment of each test a packet
 * that meets a policy on either side would arrive (watched after every message
 * and every timer).
 */
#include <stdlib.h>
#include <string.h>
#include "core/internal.h"
#include "core/kex.h"
#include "duo.h"

static unsigned int gaps; /* moments at which a packet would be lost */

static void reaches(struct duo *d, void *arg)
{
	(void)arg;
	if (!duo_reaches(d, A) || !duo_reaches(d, B))
		gaps++;
}

/* Of two children with the same selectors, the older one is met first. */
static void older_reaches(struct duo *d, void *arg)
{
	(void)arg;
	if (!duo_packet(d, A) || !duo_packet(d, B))
		gaps++;
}

static struct duo *up(uint64_t seed,
		      void (*change)(struct conn *c, enum duo_who who))
{
	struct duo *d = duo_new(seed);

	duo_conns(d, change);
	duo_initiate(d, A, "net", NULL);
	MUST(duo_run_until(d, duo_up, 10 * IKE_USEC));
	gaps = 0;
	d->watch = reaches;
	return d;
}

static void finish(struct duo *d)
{
	EXPECT(duo_run_until(d, duo_up, 300 * IKE_USEC));
	EXPECT(duo_packet(d, A) && duo_packet(d, B));
	EXPECT_EQ(gaps, 0);
	duo_end(d);
}

static uint32_t id_of(struct duo *d, enum duo_who who)
{
	struct child_sa_info info;

	child_sa_look(duo_child(d, who), &info);
	return info.id;
}

static uint32_t spi_of(struct duo *d, enum duo_who who)
{
	struct child_sa_info info;

	child_sa_look(duo_child(d, who), &info);
	return info.spi_in;
}

static int rekey(struct duo *d, enum duo_who who, bool child)
{
	struct ike_select sel = { .ike = "duo", .child = child ? "net" : NULL };

	return ike_rekey(d->side[who].ike, d->now, &sel);
}

static struct fakedb_sa *the_sa(struct fakedb *f, enum espalier_dir dir)
{
	unsigned int i;

	for (i = 0; i < f->sa_top; i++)
		if (f->sa[i].used && f->sa[i].sa.dir == dir)
			return &f->sa[i];
	MUST(false);
	return NULL;
}

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
			d = up(i + 1, with_esp);
			child_sa_look(duo_child(d, A), &a);
			id = a.id;
			reqid = a.reqid;
			EXPECT_EQ(rekey(d, w, true), 1);
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
			finish(d);
		}
}

static void ike_39_ike_sa_by_either_side(void)
{
	unsigned int w;

	for (w = 0; w < 2; w++) {
		struct duo *d = up(w + 1, NULL);
		struct ike_sa_info old, now;
		uint32_t child = id_of(d, A);

		ike_sa_look(duo_sa(d, A), &old);
		EXPECT_EQ(rekey(d, w, false), 1);
		duo_run(d, 20 * IKE_USEC);
		ike_sa_look(duo_sa(d, A), &now);
		EXPECT(now.spi_i != old.spi_i && now.spi_r != old.spi_r);
		/* whoever began the rekey is the initiator (2.18) */
		EXPECT_EQ(now.initiator, w == A);
		EXPECT_EQ(id_of(d, A), child);
		EXPECT_EQ(d->side[A].events[IKE_EV_IKE_REKEYED], 1);
		EXPECT_EQ(d->side[B].events[IKE_EV_IKE_REKEYED], 1);
		EXPECT_EQ(d->side[A].events[IKE_EV_IKE_DOWN], 0);
		/* the child is rekeyed under the new one, by keys from it */
		EXPECT_EQ(rekey(d, !w, true), 1);
		duo_run(d, 20 * IKE_USEC);
		EXPECT(id_of(d, A) != child);
		finish(d);
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
	d = up(1, two_groups);
	EXPECT_EQ(rekey(d, A, true), 1);
	duo_run(d, 5 * IKE_USEC);
	child_sa_look(duo_child(d, A), &a);
	EXPECT_EQ(proposal_find(&a.proposal, TT_KE)->id, KE_ECP_384);
	EXPECT_EQ(duo_said(d, A, IKE_CREATE_CHILD_SA, false, -1), 2);
	EXPECT(duo_logged(d, B, "key exchange: group"));
	/* likewise for the IKE SA */
	n = duo_said(d, A, IKE_CREATE_CHILD_SA, false, -1);
	EXPECT_EQ(rekey(d, A, false), 1);
	duo_run(d, 5 * IKE_USEC);
	EXPECT_EQ(duo_said(d, A, IKE_CREATE_CHILD_SA, false, -1), n + 2);
	EXPECT_EQ(d->side[A].events[IKE_EV_IKE_REKEYED], 1);
	other_group_first = false;
	finish(d);
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
	struct duo *d = up(1, timed);

	duo_run(d, 3600 * IKE_USEC);
	EXPECT(duo_counters(d, A).rekeys_child >= 34);
	EXPECT(duo_counters(d, A).rekeys_child <= 42);
	EXPECT(duo_counters(d, A).rekeys_ike >= 7);
	EXPECT(duo_counters(d, A).rekeys_ike <= 8);
	EXPECT_EQ(d->side[A].events[IKE_EV_CHILD_DOWN], 0);
	EXPECT_EQ(d->side[B].events[IKE_EV_CHILD_DOWN], 0);
	finish(d);
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
	struct duo *d = up(1, by_packets);
	struct fakedb *a = d->side[A].db, *b = d->side[B].db;
	uint32_t id = id_of(d, A);

	fakedb_traffic(a, the_sa(a, ESPALIER_DIR_OUT), 1000, 1);
	duo_run(d, 20 * IKE_USEC);
	EXPECT(id_of(d, A) != id);
	id = id_of(d, A);
	fakedb_traffic(a, the_sa(a, ESPALIER_DIR_IN), 1000, 1);
	duo_run(d, 20 * IKE_USEC);
	EXPECT(id_of(d, A) != id);
	id = id_of(d, A);
	fakedb_traffic(b, the_sa(b, ESPALIER_DIR_OUT), 0xf0000001, 1);
	duo_run(d, 20 * IKE_USEC);
	EXPECT(id_of(d, A) != id);
	EXPECT_EQ(duo_counters(d, B).rekeys_child, 3);
	finish(d);
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
	struct duo *d = up(1, by_start);
	struct fakedb *a = d->side[A].db;
	uint32_t id = id_of(d, A);

	d->watch = NULL;
	fakedb_traffic(a, the_sa(a, ESPALIER_DIR_OUT), 2000, 1);
	duo_run(d, 20 * IKE_USEC);
	EXPECT(duo_logged(d, A, "hard limit"));
	EXPECT(id_of(d, A) != id);
	finish(d);
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
	struct duo *d = up(1, by_start);
	struct fakedb *a = d->side[A].db;

	d->watch = NULL;
	d->rule = lose_first;
	rekey(d, A, true);
	duo_run(d, IKE_USEC);
	fakedb_traffic(a, the_sa(a, ESPALIER_DIR_OUT), 2000, 1);
	duo_run(d, 60 * IKE_USEC);
	EXPECT_EQ(duo_counters(d, A).setups, 1);
	/* the heir, and none that was made anew */
	EXPECT_EQ(duo_said(d, A, IKE_CREATE_CHILD_SA, false, -1), 3);
	finish(d);
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
				d = up(at + 1, with_esp);
				d->rule = lose_one;
				d->rule_arg = &l;
				EXPECT_EQ(rekey(d, w, child), 1);
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
				finish(d);
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
	struct duo *d = up(1, NULL);
	uint32_t before = the_sa(d->side[B].db, ESPALIER_DIR_OUT)->id;
	struct order o = { 0 };

	d->rule = note_order;
	d->rule_arg = &o;
	rekey(d, A, true);
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
	finish(d);
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
	d->watch = reaches;
	d->rule = no_deletes;
	rekey(d, A, true);
	duo_run(d, 150 * IKE_USEC);
	EXPECT_EQ(duo_child_sas(d, B, NULL), 2);
	EXPECT_EQ(duo_child_sas(d, B, "REKEYED"), 1);
	duo_run(d, 60 * IKE_USEC);
	EXPECT_EQ(duo_child_sas(d, B, NULL), 1);
	EXPECT_EQ(duo_said(d, B, IKE_INFORMATIONAL, false, -1), 1);
	d->rule = NULL;
	finish(d);
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
	struct duo *d = up(1, NULL);
	uint32_t before = sends_on(d, B);

	d->rule = no_deletes;
	rekey(d, A, true);
	duo_run(d, 10 * IKE_USEC);
	EXPECT_EQ(duo_child_sas(d, B, "REKEYED"), 1);
	/* silence says nothing */
	EXPECT_EQ(sends_on(d, B), before);
	/* nor does what comes in on the old one */
	fakedb_traffic(d->side[B].db, the_sa(d->side[B].db, ESPALIER_DIR_IN), 9,
		       900);
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
	finish(d);
}

/* It may be rekeyed at once then, by either side. */
static void ike_37_rekeyed_again_before_the_delete(void)
{
	unsigned int w;

	for (w = 0; w < 2; w++) {
		struct duo *d = up(w + 1, NULL);
		uint32_t id;

		d->rule = no_deletes;
		rekey(d, A, true);
		duo_run(d, IKE_USEC);
		EXPECT(duo_packet(d, A));
		duo_run(d, 2 * IKE_USEC);
		id = sends_on(d, B);
		d->rule = NULL;
		EXPECT_EQ(rekey(d, w, true), 1);
		duo_run(d, 30 * IKE_USEC);
		EXPECT(sends_on(d, B) != id);
		EXPECT_EQ(d->side[B].events[IKE_EV_CHILD_REKEYED], 2);
		finish(d);
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
		struct duo *d = up(seed, NULL);
		uint32_t before = sends_on(d, B);

		d->rule = slow_a;
		rekey(d, A, true);
		rekey(d, B, true);
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
		finish(d);
	}
	EXPECT(lost > 0);
}

/* ------------------------------------------------------- refused, and again */

static void late_rekey(struct duo *d, struct duo_msg *m, struct duo_fate *fate,
		       void *arg)
{
	(void)d;
	(void)arg;
	if (m->from == A && m->exchange == IKE_CREATE_CHILD_SA)
		fate->delay = 300000;
}

/* Deleted by the peer while our rekey of it was on its way: nothing is left to
 * rekey, and nothing comes back. */
static void ike_36_rekey_meets_the_delete(void)
{
	struct duo *d = up(1, NULL);

	d->watch = NULL;
	d->rule = late_rekey;
	EXPECT_EQ(rekey(d, A, true), 1);
	ike_terminate(d->side[B].ike, d->now,
		      &(struct ike_select){ .child = "net" }, NULL, NULL);
	duo_run(d, 20 * IKE_USEC);
	EXPECT(duo_logged(d, B, "no child with outbound SPI"));
	EXPECT_EQ(duo_child_sas(d, A, NULL), 0);
	EXPECT_EQ(duo_child_sas(d, B, NULL), 0);
	EXPECT_EQ(duo_ike_sas(d, A, "ESTABLISHED"), 1);
	duo_end(d);
}

/* The peer has lost it without a word: CHILD_SA_NOT_FOUND, and a new one is
 * made (2.25.1). */
static void ike_36_rekey_of_what_the_peer_lost(void)
{
	struct duo *d = up(1, NULL);
	struct ike *b = d->side[B].ike;
	uint32_t id = id_of(d, A);

	d->watch = NULL;
	ike_enter(b, d->now);
	child_destroy((struct child_sa *)duo_child(d, B), DOWN_LOCAL, "lost");
	ike_leave(b);
	EXPECT_EQ(rekey(d, A, true), 1);
	EXPECT(duo_run_until(d, duo_up, 5 * IKE_USEC));
	EXPECT(duo_logged(d, A, "the peer does not know it"));
	EXPECT(id_of(d, A) != id);
	EXPECT_EQ(d->side[A].events[IKE_EV_CHILD_REKEYED], 0);
	finish(d);
}

static void late_informs_of_b(struct duo *d, struct duo_msg *m,
			      struct duo_fate *fate, void *arg)
{
	(void)d;
	(void)arg;
	if (m->from == B && m->exchange == IKE_INFORMATIONAL && !m->response)
		fate->delay = 500000;
}

/* 2.25.1: being closed: TEMPORARY_FAILURE */
static void ike_40_rekey_of_what_is_closed(void)
{
	struct duo *d = up(1, NULL);

	d->watch = NULL;
	d->rule = late_informs_of_b;
	ike_terminate(d->side[B].ike, d->now,
		      &(struct ike_select){ .child = "net" }, NULL, NULL);
	EXPECT_EQ(rekey(d, A, true), 1);
	duo_run(d, 100000);
	EXPECT(duo_logged(d, B, "child is DELETING"));
	/* asked again later, and then it is gone */
	EXPECT_EQ(duo_child_sas(d, A, "REKEYING"), 1);
	duo_run(d, 20 * IKE_USEC);
	EXPECT_EQ(duo_said(d, A, IKE_CREATE_CHILD_SA, false, -1), 1);
	EXPECT_EQ(duo_child_sas(d, A, NULL), 0);
	EXPECT_EQ(duo_child_sas(d, B, NULL), 0);
	duo_end(d);
}

/* 2.25.2: the IKE SA is being rekeyed, and the request for a child is older
 * than the answer: TEMPORARY_FAILURE, later it comes through, under the new
 * one. */
static void late_answer_of_b(struct duo *d, struct duo_msg *m,
			     struct duo_fate *fate, void *arg)
{
	(void)d;
	(void)arg;
	if (m->from == A && m->exchange == IKE_CREATE_CHILD_SA)
		fate->delay = 300000;
}

static void ike_40_child_while_the_ike_sa_is_rekeyed(void)
{
	struct duo *d = up(1, NULL);
	uint32_t id = id_of(d, A);

	d->rule = late_answer_of_b;
	EXPECT_EQ(rekey(d, A, false), 1);
	EXPECT_EQ(rekey(d, B, true), 1);
	duo_run(d, 100000);
	EXPECT(duo_logged(d, A, "not now: the IKE SA is being rekeyed"));
	d->rule = NULL;
	duo_run(d, 30 * IKE_USEC);
	EXPECT(id_of(d, A) != id);
	EXPECT_EQ(d->side[A].events[IKE_EV_IKE_REKEYED], 1);
	EXPECT_EQ(d->side[A].events[IKE_EV_CHILD_REKEYED], 1);
	finish(d);
}

/* 2.25.2, the other way round: a child is under way when the IKE SA is to be
 * rekeyed. */
static void ike_40_ike_rekey_while_a_child_is_under_way(void)
{
	struct duo *d = up(1, NULL);
	uint32_t id = id_of(d, A);

	d->rule = late_answer_of_b;
	EXPECT_EQ(rekey(d, A, true), 1);
	EXPECT_EQ(rekey(d, B, false), 1);
	duo_run(d, 100000);
	EXPECT(duo_logged(d, A, "not now: something else is under way"));
	d->rule = NULL;
	duo_run(d, 30 * IKE_USEC);
	EXPECT(id_of(d, A) != id);
	EXPECT_EQ(d->side[A].events[IKE_EV_IKE_REKEYED], 1);
	finish(d);
}

/* ------------------------------------------------------------------ deletes */

/* The answer names the paired SPI; deletes that cross are answered without, and
 * inbound is heard until the answer to our own came (1.4.1). */
struct lengths {
	size_t answer[2];
};

static void note_lengths(struct duo *d, struct duo_msg *m,
			 struct duo_fate *fate, void *arg)
{
	struct lengths *l = arg;

	(void)d;
	(void)fate;
	if (m->response && m->exchange == IKE_INFORMATIONAL)
		l->answer[m->from] = m->len;
}

static void ike_41_answered_by_the_paired_spi(void)
{
	struct ike_select sel = { .child = "net" };
	struct lengths one = { 0 }, both = { 0 };
	struct duo *d = up(1, NULL);
	int i;

	d->watch = NULL;
	d->rule = note_lengths;
	d->rule_arg = &one;
	ike_terminate(d->side[A].ike, d->now, &sel, NULL, NULL);
	duo_run(d, IKE_USEC);
	EXPECT_EQ(duo_child_sas(d, A, NULL), 0);
	EXPECT_EQ(duo_child_sas(d, B, NULL), 0);
	duo_end(d);

	d = up(1, NULL);
	d->watch = NULL;
	d->rule = note_lengths;
	d->rule_arg = &both;
	for (i = 0; i < 2; i++)
		ike_terminate(d->side[i].ike, d->now, &sel, NULL, NULL);
	/* the requests have arrived, the answers have not */
	duo_run(d, 15000);
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(fakedb_sas(d->side[i].db, ESPALIER_DIR_OUT), 0);
		EXPECT_EQ(fakedb_sas(d->side[i].db, ESPALIER_DIR_IN), 1);
		EXPECT_EQ(fakedb_policies(d->side[i].db), 0);
	}
	duo_run(d, IKE_USEC);
	for (i = 0; i < 2; i++)
		EXPECT_EQ(fakedb_sas(d->side[i].db, -1), 0);
	/* a Delete payload of one SPI is 12 bytes */
	EXPECT_EQ(one.answer[B], both.answer[A] + 12);
	EXPECT_EQ(both.answer[A], both.answer[B]);
	duo_end(d);
}

/* A request that deletes all children at once, as no task of the core does. */
static unsigned int *nspied;

static int all_build(struct ike_sa *sa, struct task *t, struct ike_writer *w)
{
	uint32_t spis[128];
	struct child_sa *c;
	unsigned int n = 0;

	(void)t;
	for (c = sa->children; c; c = c->next)
		spis[n++] = c->spi_in;
	ike_put_delete(w, PROTO_ESP, spis, n);
	return 0;
}

static int all_answer(struct ike_sa *sa, struct task *t,
		      const struct ike_payloads *pl)
{
	unsigned int i;

	(void)t;
	for (i = 0; i < pl->ndeletes; i++)
		*nspied += pl->del[i].n;
	while (sa->children)
		child_destroy(sa->children, DOWN_LOCAL, "test");
	return 0;
}

static const struct task_ops delete_all_ops = {
	.what = "delete of all children at once",
	.states = SA_IN(SA_ESTABLISHED),
	.exchange = IKE_INFORMATIONAL,
	.size = sizeof(struct task),
	.build = all_build,
	.answer = all_answer,
};

static void many(struct conn *c, enum duo_who who)
{
	char name[16], a[32], b[32];
	int i;

	for (i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		snprintf(a, sizeof(a), "10.%d.1.0/24", i + 20);
		snprintf(b, sizeof(b), "10.%d.2.0/24", i + 20);
		duo_child_add(c, name, who == A ? a : b, who == A ? b : a);
	}
}

/* A peer may delete more in one message than fits one payload of the answer. */
static void ike_41_many_in_one_message(void)
{
	struct duo *d = up(1, many);
	struct ike *a = d->side[A].ike;
	char name[16];
	unsigned int n = 0;
	int i;

	d->watch = NULL;
	for (i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		duo_initiate(d, A, name, NULL);
	}
	duo_run(d, 60 * IKE_USEC);
	EXPECT_EQ(duo_child_sas(d, B, "INSTALLED"), 101);
	nspied = &n;
	ike_enter(a, d->now);
	task_queue(a->sas, task_new(a->sas, &delete_all_ops, NULL));
	ike_leave(a);
	duo_run(d, IKE_USEC);
	EXPECT_EQ(n, 101);
	EXPECT_EQ(duo_child_sas(d, B, NULL), 0);
	duo_end(d);
}

/* ------------------------------------------------------------- the database */

/* Each operation of a rekey may be the one that is refused; what was there goes
 * on, and the next rekey comes through. */
static void refused_by_the_database(void)
{
	unsigned int w, i;

	for (w = 0; w < 2; w++)
		for (i = 0; i < 3; i++) {
			struct duo *d = up(w * 3 + i + 1, NULL);
			uint32_t spi = spi_of(d, A);

			if (i < 2)
				d->side[w].db->fail_sa_add = (int)i;
			else
				d->side[w].db->fail_set_sa = 0;
			/* an heir that cannot send goes: so does the child */
			if (w == B && i)
				d->watch = NULL;
			/* refused at once, it comes by another IKE SA */
			if (w == B && !i)
				d->watch = older_reaches;
			EXPECT_EQ(rekey(d, A, true), 1);
			duo_run(d, 60 * IKE_USEC);
			d->side[w].db->fail_sa_add = -1;
			d->side[w].db->fail_set_sa = -1;
			if (w == B && i) {
				EXPECT(duo_logged(d, B, "refused") ||
				       duo_logged(d, B, "not moved"));
				EXPECT(duo_run_until(d, duo_paired,
						     60 * IKE_USEC));
				EXPECT_EQ(d->side[B].db->broken, 0);
				duo_end(d);
				continue;
			}
			EXPECT(spi_of(d, A) != spi);
			finish(d);
		}
}

/* A terminate of the IKE SA while our rekey of it is under way is no less a
 * terminate. */
static void terminate_during_the_rekey(void)
{
	unsigned int w;

	for (w = 0; w < 2; w++) {
		struct duo *d = up(w + 1, NULL);
		struct ike_select sel = { .ike = "duo" };
		struct duo_done done = { 0 };

		d->watch = NULL;
		rekey(d, A, false);
		ike_terminate(d->side[w].ike, d->now, &sel, duo_done, &done);
		EXPECT(duo_run_until(d, duo_down, 60 * IKE_USEC));
		EXPECT_EQ(done.calls, 1);
		duo_end(d);
	}
}

/* ------------------------------------------------------- what a peer may say
 */

/* A group that was not sent, or a value where none was: no key of ours fits. */
static void chosen_group_is_the_one_that_was_sent(void)
{
	struct duo *d = up(1, NULL);
	struct ike *a = d->side[A].ike;
	static uint8_t value[32] = { 9 }, nonce[32] = { 1 };
	static struct ike_payloads pl;
	struct kex kex = { 0 };

	pl.present |= 1u << (PL_KE - PL_SA);
	pl.ke.method = KE_CURVE25519;
	pl.ke.data = (struct chunk){ value, sizeof(value) };
	pl.nonce = (struct chunk){ nonce, sizeof(nonce) };
	MUST(ike_has(&pl, PL_KE));
	MUST(!kex_begin(a, &kex, KE_NONE));
	EXPECT_EQ(kex_chosen(a->sas, &kex, KE_CURVE25519, &pl), -EBADMSG);
	MUST(!kex_begin(a, &kex, KE_ECP_256));
	EXPECT_EQ(kex_chosen(a->sas, &kex, KE_CURVE25519, &pl), -EBADMSG);
	MUST(!kex_begin(a, &kex, KE_CURVE25519));
	EXPECT_EQ(kex_chosen(a->sas, &kex, KE_CURVE25519, &pl), 0);
	EXPECT_EQ(kex.secret_len, 32);
	/* without one where NONE was offered beside it */
	MUST(!kex_begin(a, &kex, KE_CURVE25519));
	EXPECT_EQ(kex_chosen(a->sas, &kex, KE_NONE, &pl), 0);
	EXPECT_EQ(kex.secret_len, 0);
	kex_end(&kex);
	finish(d);
}

static int bad_build(struct ike_sa *sa, struct task *t, struct ike_writer *w)
{
	static const uint8_t junk[12] = { 0, 0, 0, 200 }, nonce[32];
	struct ts *ts = sa->children->ts;

	(void)t;
	ike_pl_begin(w, PL_SA);
	ike_put(w, junk, sizeof(junk));
	ike_pl_end(w);
	ike_put_nonce(w, nonce, sizeof(nonce));
	ike_put_ts(w, PL_TSI, ts, 1);
	ike_put_ts(w, PL_TSR, ts + 1, 1);
	return 0;
}

static const struct task_ops bad_ops = {
	.what = "a broken child",
	.states = SA_IN(SA_ESTABLISHED),
	.exchange = IKE_CREATE_CHILD_SA,
	.size = sizeof(struct task),
	.build = bad_build,
};

/* 2.21.3: INVALID_SYNTAX ends the IKE SA on both sides, without a word more. */
static void ike_8_invalid_syntax_ends_both(void)
{
	struct duo *d = up(1, NULL);
	struct ike *a = d->side[A].ike;

	d->watch = NULL;
	ike_enter(a, d->now);
	task_queue(a->sas, task_new(a->sas, &bad_ops, NULL));
	ike_leave(a);
	duo_run(d, IKE_USEC);
	EXPECT(duo_logged(d, B, "INVALID_SYNTAX"));
	EXPECT_EQ(duo_ike_sas(d, A, NULL), 0);
	EXPECT_EQ(duo_ike_sas(d, B, NULL), 0);
	EXPECT_EQ(duo_said(d, A, IKE_INFORMATIONAL, false, -1), 0);
	EXPECT_EQ(duo_said(d, B, IKE_INFORMATIONAL, false, -1), 0);
	duo_end(d);
}

static void lose_word(struct duo *d, struct duo_msg *m, struct duo_fate *fate,
		      void *arg)
{
	(void)d;
	(void)arg;
	if (m->from == B && m->exchange == IKE_INFORMATIONAL && m->response &&
	    m->n < 2)
		fate->copies = 0;
}

/* The last reply of an IKE SA may be lost like any other. */
static void ike_13_last_reply_is_given_again(void)
{
	struct ike_select sel = { .ike = "duo" };
	struct duo *d = up(1, NULL);
	struct duo_done done = { 0 };

	d->watch = NULL;
	d->rule = lose_word;
	ike_terminate(d->side[A].ike, d->now, &sel, duo_done, &done);
	duo_run(d, IKE_USEC);
	EXPECT_EQ(duo_ike_sas(d, B, NULL), 0);
	EXPECT_EQ(duo_ike_sas(d, A, "DELETING"), 1);
	duo_run(d, 20 * IKE_USEC);
	EXPECT_EQ(duo_ike_sas(d, A, NULL), 0);
	EXPECT_EQ(duo_said(d, A, IKE_INFORMATIONAL, false, -1), 3);
	EXPECT_EQ(duo_said(d, B, IKE_INFORMATIONAL, true, -1), 3);
	EXPECT_EQ(done.err, 0);
	/* and not for ever */
	duo_run(d, 60 * IKE_USEC);
	EXPECT_EQ(duo_counters(d, B).bytes, 0);
	duo_end(d);
}

static const struct test_case cases[] = {
	{ "ike_8_invalid_syntax_ends_both", ike_8_invalid_syntax_ends_both },
	{ "chosen_group_is_the_one_that_was_sent",
	  chosen_group_is_the_one_that_was_sent },
	{ "ike_13_last_reply_is_given_again",
	  ike_13_last_reply_is_given_again },
	{ "ike_36_rekey_meets_the_delete", ike_36_rekey_meets_the_delete },
	{ "ike_36_rekey_of_what_the_peer_lost",
	  ike_36_rekey_of_what_the_peer_lost },
	{ "ike_37_child_by_either_side", ike_37_child_by_either_side },
	{ "ike_37_child_rekey_with_losses", ike_37_child_rekey_with_losses },
	{ "ike_37_responder_hears_before_it_answers",
	  ike_37_responder_hears_before_it_answers },
	{ "ike_39_ike_sa_by_either_side", ike_39_ike_sa_by_either_side },
	{ "ike_39_ike_rekey_with_losses", ike_39_ike_rekey_with_losses },
	{ "ike_40_rekey_of_what_is_closed", ike_40_rekey_of_what_is_closed },
	{ "ike_40_child_while_the_ike_sa_is_rekeyed",
	  ike_40_child_while_the_ike_sa_is_rekeyed },
	{ "ike_40_ike_rekey_while_a_child_is_under_way",
	  ike_40_ike_rekey_while_a_child_is_under_way },
	{ "ike_41_answered_by_the_paired_spi",
	  ike_41_answered_by_the_paired_spi },
	{ "ike_41_many_in_one_message", ike_41_many_in_one_message },
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
	{ "refused_by_the_database", refused_by_the_database },
	{ "terminate_during_the_rekey", terminate_during_the_rekey },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	return suite_run("test_rekey", cases, argc, argv);
}
