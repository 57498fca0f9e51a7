/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever both sides begin at once - rekeys of the child and of the IKE SA,
 * deletes, new children - and whatever the network does to it: afterwards both
 * have the same SAs, every outbound SA has its ear, and no packet ever met a
 * policy without an SA.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "duo.h"

static bool quiet(struct duo *d)
{
	int i;

	for (i = 0; i < 2; i++) {
		if (duo_ike_sas(d, i, NULL) != duo_ike_sas(d, i, "ESTABLISHED"))
			return false;
		if (duo_child_sas(d, i, NULL) !=
		    duo_child_sas(d, i, "INSTALLED"))
			return false;
	}
	return duo_paired(d);
}

static unsigned int rekey_child(struct duo *d, enum duo_who who)
{
	struct ike_select sel = { .child = "net" };

	return ike_rekey(d->side[who].ike, d->now, &sel);
}

static unsigned int rekey_ike(struct duo *d, enum duo_who who)
{
	struct ike_select sel = { .ike = "duo" };

	return ike_rekey(d->side[who].ike, d->now, &sel);
}

/* A policy that names an SA names one that is there, at any moment. */
static void covered(struct duo *d, void *arg)
{
	unsigned int *gaps = arg, i;
	int w;

	for (w = 0; w < 2; w++) {
		struct fakedb *f = d->side[w].db;

		for (i = 0; i < f->policy_top; i++)
			if (f->policy[i].used && f->policy[i].p.sa &&
			    !fakedb_sa_id(f, f->policy[i].p.sa))
				++*gaps;
	}
}

/* Six losses in a row end an SA on one side: the other has to notice. */
static void watchful(struct conn *c, enum duo_who who)
{
	(void)who;
	c->dpd_delay = 30 * IKE_USEC;
}

static struct duo *up(uint64_t seed, unsigned int *gaps)
{
	struct duo *d = duo_new(seed);

	duo_conns(d, watchful);
	duo_initiate(d, A, "net", NULL);
	MUST(duo_run_until(d, duo_up, 10 * IKE_USEC));
	*gaps = 0;
	d->watch = covered;
	d->watch_arg = gaps;
	return d;
}

static void expect_one(struct duo *d, unsigned int gaps)
{
	EXPECT(duo_run_until(d, duo_up, 600 * IKE_USEC));
	EXPECT(duo_packet(d, A));
	EXPECT(duo_packet(d, B));
	EXPECT_EQ(gaps, 0);
	duo_end(d);
}

static void child_rekey_one_side(void)
{
	unsigned int gaps, w;

	for (w = 0; w < 2; w++) {
		struct duo *d = up(w + 1, &gaps);
		const struct child_sa *c = duo_child(d, A);

		EXPECT_EQ(rekey_child(d, w), 1);
		duo_run(d, 20 * IKE_USEC);
		EXPECT(duo_child(d, A) != c);
		EXPECT_EQ(d->side[A].events[IKE_EV_CHILD_REKEYED], 1);
		EXPECT_EQ(d->side[B].events[IKE_EV_CHILD_REKEYED], 1);
		expect_one(d, gaps);
	}
}

static void ike_rekey_one_side(void)
{
	unsigned int gaps, w;

	for (w = 0; w < 2; w++) {
		struct duo *d = up(w + 1, &gaps);

		EXPECT_EQ(rekey_ike(d, w), 1);
		duo_run(d, 20 * IKE_USEC);
		EXPECT_EQ(d->side[A].events[IKE_EV_IKE_REKEYED], 1);
		EXPECT_EQ(d->side[B].events[IKE_EV_IKE_REKEYED], 1);
		EXPECT_EQ(d->side[A].events[IKE_EV_CHILD_DOWN], 0);
		expect_one(d, gaps);
	}
}

/* IKE-38: whichever side has the lowest nonce */
static void ike_38_child_rekey_both(void)
{
	unsigned int gaps, seed;

	for (seed = 1; seed <= 20; seed++) {
		struct duo *d = up(seed, &gaps);

		rekey_child(d, A);
		rekey_child(d, B);
		duo_run(d, 20 * IKE_USEC);
		EXPECT_EQ(duo_child_sas(d, A, "INSTALLED"), 1);
		EXPECT_EQ(duo_child_sas(d, B, "INSTALLED"), 1);
		expect_one(d, gaps);
	}
}

static void ike_39_ike_rekey_both(void)
{
	unsigned int gaps, seed;

	for (seed = 1; seed <= 20; seed++) {
		struct duo *d = up(seed, &gaps);

		rekey_ike(d, A);
		rekey_ike(d, B);
		duo_run(d, 20 * IKE_USEC);
		expect_one(d, gaps);
	}
}

/* The winner's answer to the other rekey is lost, and then the SA under which
 * it was asked for is deleted: the peer forgets its own rekey (2.25.2), and
 * what the winner made for it is not waited for. */
static void lose_answer(struct duo *d, struct duo_msg *m, struct duo_fate *fate,
			void *arg)
{
	(void)d;
	(void)arg;
	if (m->from == A && m->exchange == IKE_CREATE_CHILD_SA && m->response &&
	    !m->n)
		fate->copies = 0;
}

static void ike_39_loser_may_forget(void)
{
	unsigned int gaps, seed, forgotten = 0;

	for (seed = 1; seed <= 20; seed++) {
		struct duo *d = up(seed, &gaps);

		d->rule = lose_answer;
		rekey_ike(d, A);
		rekey_ike(d, B);
		EXPECT(duo_run_until(d, duo_up, 30 * IKE_USEC));
		forgotten += duo_logged(d, A, "the peer has not deleted it");
		expect_one(d, gaps);
	}
	EXPECT(forgotten > 0);
}

static void ike_40_child_and_ike_rekey(void)
{
	unsigned int gaps, seed;

	for (seed = 1; seed <= 20; seed++) {
		struct duo *d = up(seed, &gaps);

		rekey_child(d, seed & 1);
		rekey_ike(d, !(seed & 1));
		duo_run(d, 60 * IKE_USEC);
		expect_one(d, gaps);
	}
}

/* ------------------------------------------------------------------ by seed */

/* What a seed decides about the two sides before anything is sent. */
struct world {
	struct rng *rng;
	unsigned int children; /* 1 to 3 */
	bool pfs, esn, nat, limits, fragments;
	enum conn_action start[2], close[2], dpd[2];
};
static struct world world;
static const char *const names[] = { "net", "two", "three" };

static void shape_child(struct child_conf *c, enum duo_who who)
{
	duo_child_proposal(c, world.pfs	  ? world.esn ? "aes128gcm16-x25519-esn"
						      : "aes128gcm16-x25519"
			      : world.esn ? "aes128gcm16-esn"
					  : "aes256gcm16");
	c->close = world.close[who];
	c->dpd = world.dpd[who];
	if (world.start[who] == ACTION_TRAP)
		c->start = ACTION_TRAP;
	if (!world.limits)
		return;
	c->rekey_packets = 40;
	c->rand_packets = 10;
	c->life_packets = 60;
	c->rekey_time = 300 * IKE_USEC;
	c->rand_time = 60 * IKE_USEC;
	c->life_time = 400 * IKE_USEC;
}

static void shape(struct conn *c, enum duo_who who)
{
	struct child_conf *k;

	watchful(c, who);
	if (world.children > 1)
		duo_child_add(c, "two",
			      who == A ? "10.3.0.0/16" : "10.4.0.0/16",
			      who == A ? "10.4.0.0/16" : "10.3.0.0/16");
	if (world.children > 2) {
		k = duo_child_add(c, "three", "10.5.0.0/16", "10.5.0.0/16");
		duo_child_ts(k, who == A ? "10.5.0.0/16[tcp]" : "10.6.0.0/16",
			     who == A ? "10.6.0.0/16" : "10.5.0.0/16[tcp]");
	}
	for (k = c->children; k; k = k->next)
		shape_child(k, who);
	if (world.limits) {
		c->rekey_time = 500 * IKE_USEC;
		c->rand_time = 100 * IKE_USEC;
		c->over_time = 100 * IKE_USEC;
	}
	if (world.nat && who == B)
		c->remote[0].any = true;
}

static enum conn_action some_action(struct rng *rng)
{
	return rng_below(rng, 2) ? ACTION_NONE : 1 + rng_below(rng, 2);
}

static bool all_up(struct duo *d)
{
	return duo_child_sas(d, A, "INSTALLED") == world.children &&
	       duo_child_sas(d, B, "INSTALLED") == world.children && quiet(d);
}

static struct duo *shaped(uint64_t seed, struct rng *rng)
{
	struct duo *d = duo_new(seed);
	unsigned int i;

	world = (struct world){
		.children = 1 + rng_below(rng, 3),
		.pfs = rng_percent(rng, 20),
		.esn = rng_percent(rng, 70),
		.nat = rng_percent(rng, 20),
		.limits = rng_percent(rng, 40),
		.fragments = rng_percent(rng, 20),
	};
	for (i = 0; i < 2; i++) {
		world.start[i] = some_action(rng);
		world.close[i] = some_action(rng);
		world.dpd[i] = some_action(rng);
		/* 256 bytes: every CREATE_CHILD_SA in pieces */
		if (world.fragments)
			d->side[i].set.fragment_size = 256;
	}
	/* both bring it back at once, whatever goes: that never ends */
	if (world.close[A] == ACTION_START)
		world.close[B] = ACTION_NONE;
	if (world.nat) {
		d->side[A].nat.on = true;
		d->side[A].nat.shift = 10000;
		duo_addr("203.0.113.9", &d->side[A].nat.ip);
		/* behind a NAT only it can begin */
		world.start[B] = world.close[B] = world.dpd[B] = ACTION_NONE;
	}
	duo_conns(d, shape);
	for (i = 0; i < world.children; i++)
		duo_initiate(d, A, names[i], NULL);
	MUST(duo_run_until(d, all_up, 60 * IKE_USEC));
	return d;
}

/* Packets of one outbound SA go by, and arrive. */
static void traffic(struct duo *d, struct rng *rng)
{
	enum duo_who from = rng_below(rng, 2);
	struct fakedb *f = d->side[from].db;
	uint64_t n = 1 + rng_below(rng, 25);
	struct fakedb_sa *in;
	unsigned int i, at = f->sa_top ? rng_below(rng, f->sa_top) : 0;

	for (i = at; i < f->sa_top; i++) {
		if (!f->sa[i].used || f->sa[i].sa.dir != ESPALIER_DIR_OUT)
			continue;
		in = duo_ear(d, !from, &f->sa[i]);
		fakedb_traffic(f, &f->sa[i], n, n * 100);
		if (in)
			fakedb_traffic(d->side[!from].db, in, n, n * 100);
		return;
	}
}

/* A packet meets a policy without an SA. */
static void acquire(struct duo *d, struct rng *rng)
{
	struct fakedb *f = d->side[rng_below(rng, 2)].db;
	unsigned int i;

	for (i = 0; i < f->policy_top; i++)
		if (f->policy[i].used && !f->policy[i].p.sa &&
		    f->policy[i].p.dir == ESPALIER_DIR_OUT)
			fakedb_acquire(f, f->policy[i].id);
}

static void step(struct duo *d, struct rng *rng)
{
	enum duo_who who = rng_below(rng, 2);
	struct ike_select sel = {
		.child = names[rng_below(rng, world.children)]
	};
	struct ike *ike = d->side[who].ike;

	switch (rng_below(rng, 16)) {
	case 0:
	case 1:
	case 2:
	case 3:
		ike_rekey(ike, d->now, &sel);
		break;
	case 4:
	case 5:
	case 6:
		rekey_ike(d, who);
		break;
	case 7:
	case 8:
		ike_terminate(ike, d->now, &sel, NULL, NULL);
		break;
	case 9:
		if (rng_percent(rng, 20)) {
			sel = (struct ike_select){ .ike = "duo" };
			ike_terminate(ike, d->now, &sel, NULL, NULL);
		}
		break;
	case 10:
	case 11:
	case 12:
		traffic(d, rng);
		break;
	case 13:
		acquire(d, rng);
		break;
	default:
		if (!world.nat || who == A)
			duo_initiate(d, who, sel.child, NULL);
		break;
	}
}

static void one_seed(uint64_t seed)
{
	struct rng rng = { .state = seed * 77 + 1 };
	struct duo *d = shaped(seed, &rng);
	unsigned int gaps = 0, i, steps = 2 + rng_below(&rng, 12);
	bool calm, broken;

	d->watch = covered;
	d->watch_arg = &gaps;
	d->lose = rng_below(&rng, 25);
	d->twice = rng_below(&rng, 20);
	d->late = rng_below(&rng, 30);
	for (i = 0; i < steps; i++) {
		step(d, &rng);
		duo_run(d, rng_below(&rng, 60) * 1000);
		if (!rng_below(&rng, 4))
			duo_run(d, rng_below(&rng, 20) * IKE_USEC);
	}
	/* what is lost is sent again for minutes; then the network is good */
	duo_run(d, 200 * IKE_USEC);
	d->lose = d->twice = d->late = 0;
	calm = duo_run_until(d, quiet, 1000 * IKE_USEC);
	broken = d->side[A].db->broken || d->side[B].db->broken;
	EXPECT(calm);
	EXPECT(!broken);
	EXPECT_EQ(gaps, 0);
	if (!calm || broken || gaps)
		printf("    SEED=%llu: %s, gaps %u, A: %s B: %s\n",
		       (unsigned long long)seed, calm ? "calm" : "not calm",
		       gaps, d->side[A].db->broken_text,
		       d->side[B].db->broken_text);
	duo_end(d);
}

/* At any moment: through every policy of either side a packet would arrive. */
static void reaches(struct duo *d, void *arg)
{
	unsigned int *gaps = arg;

	bool a = duo_reaches(d, A), b = duo_reaches(d, B);

	if (d->print && (!a || !b))
		printf("%10.3f no way from%s%s\n", (double)d->now / 1e6,
		       a ? "" : " A", b ? "" : " B");
	*gaps += !a || !b;
}

/* Rekeys alone, of children and of the IKE SA, by both sides at any time. */
static void one_of_rekeys(uint64_t seed)
{
	struct rng rng = { .state = seed * 99 + 1 };
	unsigned int gaps, i, steps = 2 + rng_below(&rng, 10);
	struct duo *d = up(seed, &gaps);
	unsigned int downs;
	bool calm;

	d->watch = reaches;
	d->lose = rng_below(&rng, 15);
	d->twice = rng_below(&rng, 20);
	d->late = rng_below(&rng, 30);
	for (i = 0; i < steps; i++) {
		if (rng_below(&rng, 3))
			rekey_child(d, rng_below(&rng, 2));
		else
			rekey_ike(d, rng_below(&rng, 2));
		duo_run(d, rng_below(&rng, 60) * 1000);
		/* what comes in on a new SA makes the other side use it */
		if (rng_below(&rng, 2))
			traffic(d, &rng);
		if (!rng_below(&rng, 4))
			duo_run(d, rng_below(&rng, 20) * IKE_USEC);
	}
	duo_run(d, 100 * IKE_USEC);
	d->lose = d->twice = d->late = 0;
	calm = duo_run_until(d, duo_up, 1000 * IKE_USEC);
	/* six losses in a row end an IKE SA, and with it what it carries */
	if (d->side[A].events[IKE_EV_IKE_DOWN] ||
	    d->side[B].events[IKE_EV_IKE_DOWN]) {
		d->watch = NULL;
		duo_free(d);
		return;
	}
	downs = d->side[A].events[IKE_EV_CHILD_DOWN] +
		d->side[B].events[IKE_EV_CHILD_DOWN];
	EXPECT(calm);
	EXPECT_EQ(gaps, 0);
	EXPECT_EQ(downs, 0);
	if (!calm || gaps || downs)
		printf("    SEED=%llu: %s, %u moments without a way, %u "
		       "children down\n",
		       (unsigned long long)seed, calm ? "calm" : "not calm",
		       gaps, downs);
	duo_end(d);
}

/* SEED=n: that one alone; SEEDS=n: so many, from SEED on */
static void seeds(void (*one)(uint64_t seed))
{
	const char *first = getenv("SEED"), *count = getenv("SEEDS");
	uint64_t from = first ? strtoull(first, NULL, 0) : 1;
	uint64_t n = count ? strtoull(count, NULL, 0) : first ? 1 : 1000;
	uint64_t s;

	for (s = from; s < from + n; s++)
		one(s);
}

static void by_seed(void)
{
	seeds(one_seed);
}

static void ike_37_rekeys_lose_no_packet_by_seed(void)
{
	seeds(one_of_rekeys);
}

static const struct test_case cases[] = {
	{ "child_rekey_one_side", child_rekey_one_side },
	{ "ike_rekey_one_side", ike_rekey_one_side },
	{ "ike_38_child_rekey_both", ike_38_child_rekey_both },
	{ "ike_39_ike_rekey_both", ike_39_ike_rekey_both },
	{ "ike_39_loser_may_forget", ike_39_loser_may_forget },
	{ "ike_40_child_and_ike_rekey", ike_40_child_and_ike_rekey },
	{ "ike_37_rekeys_lose_no_packet_by_seed",
	  ike_37_rekeys_lose_no_packet_by_seed },
	{ "by_seed", by_seed },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	return suite_run("test_collide", cases, argc, argv);
}
