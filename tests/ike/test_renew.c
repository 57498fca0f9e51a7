/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Peers that make nothing more on an IKE SA: NO_ADDITIONAL_SAS. One that never
 * does more than IKE_AUTH, and one whose room is full. Whoever rekeys makes the
 * IKE SA anew (RFC 7296 section 4), and does not try for ever in haste.
 */
#include <string.h>
#include "core/exchange.h"
#include "core/internal.h"
#include "watch.h"

static struct duo *up(void (*change)(struct conn *c, enum duo_who who))
{
	struct duo *d = watched_up(1, change);

	d->watch = watch_packets;
	return d;
}

/* B is small: it takes no child but the one in IKE_AUTH. */
static void small(struct duo *d, struct duo_msg *m, struct duo_fate *fate,
		  void *arg)
{
	(void)fate;
	(void)arg;
	if (m->from == A)
		d->side[B].db->full = m->exchange == IKE_CREATE_CHILD_SA;
}

static uint32_t sa_id(struct duo *d)
{
	struct ike_sa_info info;

	ike_sa_look(duo_sa(d, A), &info);
	return info.id;
}

static void small_peer_gets_another_ike_sa(void)
{
	struct duo *d = up(NULL);
	uint32_t id = sa_id(d);

	d->rule = small;
	EXPECT_EQ(duo_rekey(d, A, true), 1);
	duo_run(d, 5 * IKE_USEC);
	EXPECT(duo_logged(d, A, "NO_ADDITIONAL_SAS): it is made anew"));
	EXPECT(duo_up(d));
	EXPECT(sa_id(d) != id);
	EXPECT_EQ(duo_said(d, A, IKE_CREATE_CHILD_SA, false, -1), 1);
	EXPECT_EQ(duo_counters(d, A).setups, 2);
	/* the old one was replaced, not lost */
	EXPECT_EQ(d->side[A].events[IKE_EV_IKE_DOWN], 1);
	watched_end(d);
}

static void timed(struct conn *c, enum duo_who who)
{
	if (who == B)
		return;
	c->children->rekey_time = 100 * IKE_USEC;
	c->children->life_time = 110 * IKE_USEC;
	c->children->rand_time = 0;
}

/* Time after time, without a hole. */
static void small_peer_for_an_hour(void)
{
	struct duo *d = up(timed);

	d->rule = small;
	duo_run(d, 3590 * IKE_USEC);
	EXPECT(duo_counters(d, A).setups >= 30);
	EXPECT(duo_counters(d, A).setups <= 40);
	EXPECT(!duo_logged(d, A, "hard limit"));
	watched_end(d);
}

static void two_children(struct conn *c, enum duo_who who)
{
	duo_child_add(c, "two", who == A ? "10.3.0.0/16" : "10.4.0.0/16",
		      who == A ? "10.4.0.0/16" : "10.3.0.0/16");
}

static bool both_children(struct duo *d)
{
	return duo_ike_sas(d, A, NULL) == 1 && duo_ike_sas(d, B, NULL) == 1 &&
	       duo_child_sas(d, A, "INSTALLED") == 2 &&
	       duo_child_sas(d, B, "INSTALLED") == 2 && duo_paired(d);
}

/* All children go along, the other one in an exchange of its own. */
static void refuse_first(struct duo *d, struct duo_msg *m,
			 struct duo_fate *fate, void *arg)
{
	unsigned int *left = arg;

	(void)fate;
	if (m->from != A)
		return;
	d->side[B].db->full = m->exchange == IKE_CREATE_CHILD_SA && *left;
	*left -= d->side[B].db->full;
}

static void all_children_go_along(void)
{
	struct duo *d = up(two_children);
	unsigned int refusals = 1;
	uint32_t id = sa_id(d);

	duo_initiate(d, A, "two", NULL);
	MUST(duo_run_until(d, both_children, 5 * IKE_USEC));
	d->rule = refuse_first;
	d->rule_arg = &refusals;
	EXPECT_EQ(duo_rekey(d, A, true), 1);
	duo_run(d, 5 * IKE_USEC);
	EXPECT_EQ(refusals, 0);
	EXPECT(sa_id(d) != id);
	EXPECT(both_children(d));
	EXPECT_EQ(gaps, 0);
	d->watch = NULL;
	duo_end(d);
}

/* Room for one child, whichever IKE SA it is of: nothing gets better by another
 * one. What is there goes on, and the tries become rarer. */
static void full_peer_is_left_in_peace(void)
{
	struct duo *d = up(NULL);
	uint32_t id = sa_id(d);
	unsigned int create, auth;

	d->side[B].db->room = 2;
	EXPECT_EQ(duo_rekey(d, A, true), 1);
	duo_run(d, 600 * IKE_USEC);
	EXPECT_EQ(sa_id(d), id);
	EXPECT(duo_up(d));
	EXPECT(duo_logged(d, A, "no room for another child"));
	create = duo_said(d, A, IKE_CREATE_CHILD_SA, false, -1);
	auth = duo_said(d, A, IKE_AUTH, false, -1);
	/* 10, 20, 40, ... 320 s between rekeys; 30 s to 600 between renewals */
	EXPECT(create >= 6 && create <= 8);
	EXPECT(auth >= 4 && auth <= 6);
	duo_run(d, 3600 * IKE_USEC);
	EXPECT(duo_said(d, A, IKE_CREATE_CHILD_SA, false, -1) - create <= 14);
	EXPECT(duo_said(d, A, IKE_AUTH, false, -1) - auth <= 8);
	/* as soon as there is room, the next try comes through */
	d->side[B].db->room = 0;
	duo_run(d, 400 * IKE_USEC);
	EXPECT_EQ(d->side[A].events[IKE_EV_CHILD_REKEYED], 1);
	watched_end(d);
}

/* An IKE SA without children that takes none is of no use: the command that
 * wants one hears of the one that was made under another. */
static void no_child_and_no_more_to_come(void)
{
	struct duo *d = up(NULL);
	struct duo_done done;
	uint32_t id = sa_id(d);

	d->watch = NULL;
	d->rule = small;
	ike_terminate(d->side[A].ike, d->now,
		      &(struct ike_select){ .child = "net" }, NULL, NULL);
	duo_run(d, IKE_USEC);
	EXPECT_EQ(duo_child_sas(d, A, NULL), 0);
	duo_initiate(d, A, "net", &done);
	duo_run(d, 5 * IKE_USEC);
	EXPECT_EQ(done.calls, 1);
	EXPECT_EQ(done.err, 0);
	EXPECT(sa_id(d) != id);
	watched_end(d);
}

/* A second child is another matter: that the first one stays is worth more. */
static void second_child_is_refused(void)
{
	struct duo *d = up(two_children);
	struct duo_done done;
	uint32_t id = sa_id(d);

	d->rule = small;
	duo_initiate(d, A, "two", &done);
	duo_run(d, 30 * IKE_USEC);
	EXPECT_EQ(done.calls, 1);
	EXPECT(strstr(done.why, "NO_ADDITIONAL_SAS"));
	EXPECT_EQ(sa_id(d), id);
	watched_end(d);
}

/* A's request is not heard, and this is what it is answered. */
static void unheard(struct duo *d, struct duo_msg *m, struct duo_fate *fate,
		    void *arg)
{
	(void)d;
	(void)arg;
	if (m->from == A && m->exchange == IKE_CREATE_CHILD_SA)
		fate->copies = 0;
}

static void answer_with(struct duo *d, uint16_t type)
{
	static struct ike_payloads pl;
	struct ike_sa *a = (struct ike_sa *)duo_sa(d, A);
	struct ike_sa *b = (struct ike_sa *)duo_sa(d, B);

	memset(&pl, 0, sizeof(pl));
	pl.notify[pl.nnotifies++].type = type;
	MUST(a->busy);
	ike_enter(a->ike, d->now);
	request_answered(a, &pl);
	ike_leave(a->ike);
	b->in_id++;
}

static void rekey_of_the_ike_sa_is_refused(void)
{
	struct duo *d = up(NULL);
	uint32_t id = sa_id(d);

	d->rule = unheard;
	EXPECT_EQ(duo_rekey(d, A, false), 1);
	duo_run(d, 1000);
	answer_with(d, N_NO_ADDITIONAL_SAS);
	duo_run(d, 5 * IKE_USEC);
	EXPECT(sa_id(d) != id);
	watched_end(d);
}

static void other_refusals_renew_nothing(void)
{
	struct duo *d = up(NULL);
	uint32_t id = sa_id(d);

	d->rule = unheard;
	EXPECT_EQ(duo_rekey(d, A, true), 1);
	duo_run(d, 1000);
	answer_with(d, N_NO_PROPOSAL_CHOSEN);
	d->rule = NULL;
	duo_run(d, 5 * IKE_USEC);
	EXPECT_EQ(sa_id(d), id);
	EXPECT_EQ(duo_counters(d, A).setups, 1);
	/* and once more after ten seconds */
	duo_run(d, 10 * IKE_USEC);
	EXPECT_EQ(d->side[A].events[IKE_EV_CHILD_REKEYED], 1);
	watched_end(d);
}

/* The peer is away just then: the old one is left alone, and ends by itself. */
static void silent(struct duo *d, struct duo_msg *m, struct duo_fate *fate,
		   void *arg)
{
	small(d, m, fate, arg);
	if (m->exchange == IKE_SA_INIT)
		fate->copies = 0;
}

static void nobody_answers_the_new_one(void)
{
	struct duo *d = up(NULL);
	uint32_t id = sa_id(d);

	d->rule = silent;
	EXPECT_EQ(duo_rekey(d, A, true), 1);
	duo_run(d, 300 * IKE_USEC);
	EXPECT_EQ(sa_id(d), id);
	EXPECT_EQ(d->side[A].events[IKE_EV_CHILD_DOWN], 0);
	/* one at a time */
	EXPECT(duo_ike_sas(d, A, NULL) <= 2);
	d->rule = small;
	duo_run(d, 700 * IKE_USEC);
	EXPECT(sa_id(d) != id);
	watched_end(d);
}

/* The peer rekeys the old IKE SA meanwhile: what took its place goes. */
static void slow_auth(struct duo *d, struct duo_msg *m, struct duo_fate *fate,
		      void *arg)
{
	small(d, m, fate, arg);
	if (m->from == A && m->exchange == IKE_AUTH)
		fate->delay = 2 * IKE_USEC;
}

static void rekeyed_by_the_peer_meanwhile(void)
{
	struct duo *d = up(NULL);
	struct ike_select sel = { .ike = "duo" };

	d->rule = slow_auth;
	EXPECT_EQ(duo_rekey(d, A, true), 1);
	duo_run(d, IKE_USEC);
	EXPECT_EQ(ike_rekey(d->side[B].ike, d->now, &sel), 1);
	duo_run(d, 10 * IKE_USEC);
	EXPECT_EQ(d->side[A].events[IKE_EV_IKE_REKEYED], 1);
	EXPECT_EQ(duo_counters(d, A).setups, 2);
	watched_end(d);
}

static void terminated_meanwhile(void)
{
	struct duo *d = up(NULL);
	struct ike_select sel = { .ike = "duo" };
	struct duo_done done = { 0 };

	d->watch = NULL;
	d->rule = slow_auth;
	EXPECT_EQ(duo_rekey(d, A, true), 1);
	duo_run(d, IKE_USEC);
	EXPECT_EQ(ike_terminate(d->side[A].ike, d->now, &sel, duo_done, &done),
		  2);
	duo_run(d, 60 * IKE_USEC);
	EXPECT(ike_idle(d->side[A].ike));
	EXPECT_EQ(done.calls, 1);
	duo_end(d);
}

static const struct test_case cases[] = {
	{ "small_peer_gets_another_ike_sa", small_peer_gets_another_ike_sa },
	{ "small_peer_for_an_hour", small_peer_for_an_hour },
	{ "all_children_go_along", all_children_go_along },
	{ "full_peer_is_left_in_peace", full_peer_is_left_in_peace },
	{ "no_child_and_no_more_to_come", no_child_and_no_more_to_come },
	{ "second_child_is_refused", second_child_is_refused },
	{ "rekey_of_the_ike_sa_is_refused", rekey_of_the_ike_sa_is_refused },
	{ "other_refusals_renew_nothing", other_refusals_renew_nothing },
	{ "nobody_answers_the_new_one", nobody_answers_the_new_one },
	{ "rekeyed_by_the_peer_meanwhile", rekeyed_by_the_peer_meanwhile },
	{ "terminated_meanwhile", terminated_meanwhile },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	return suite_run("test_renew", cases, argc, argv);
}
