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

/* A policy that protects has an SA that is there, at any moment. */
static void covered(struct duo *d, void *arg)
{
	unsigned int *gaps = arg, i;
	int w;

	for (w = 0; w < 2; w++) {
		struct fakedb *f = d->side[w].db;

		for (i = 0; i < 64; i++)
			if (f->policy[i].used &&
			    f->policy[i].p.dir == ESPALIER_DIR_OUT &&
			    (!f->policy[i].p.sa ||
			     !fakedb_sa_id(f, f->policy[i].p.sa)))
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

/* ------------------------------------------------------------------- by seed
 */

static void one_seed(uint64_t seed)
{
	unsigned int gaps, i, steps;
	struct duo *d = up(seed, &gaps);
	struct rng rng;

	rng.state = seed * 77 + 1;
	d->lose = rng_below(&rng, 25);
	d->twice = rng_below(&rng, 20);
	d->late = rng_below(&rng, 30);
	steps = 2 + rng_below(&rng, 8);
	for (i = 0; i < steps; i++) {
		enum duo_who who = rng_below(&rng, 2);
		struct ike_select sel = { .child = "net" };

		switch (rng_below(&rng, 8)) {
		case 0:
		case 1:
		case 2:
			rekey_child(d, who);
			break;
		case 3:
		case 4:
			rekey_ike(d, who);
			break;
		case 5:
			ike_terminate(d->side[who].ike, d->now, &sel, NULL,
				      NULL);
			break;
		default:
			duo_initiate(d, who, "net", NULL);
			break;
		}
		duo_run(d, rng_below(&rng, 60) * 1000);
		if (!rng_below(&rng, 4))
			duo_run(d, rng_below(&rng, 20) * IKE_USEC);
	}
	/* what is lost is sent again for minutes; then the network is good */
	duo_run(d, 200 * IKE_USEC);
	d->lose = d->twice = d->late = 0;
	EXPECT(duo_run_until(d, quiet, 1000 * IKE_USEC));
	EXPECT_EQ(gaps, 0);
	for (i = 0; i < 2; i++)
		EXPECT_EQ(d->side[i].db->broken, 0);
	if (d->side[0].db->broken || d->side[1].db->broken || gaps || !quiet(d))
		printf("    seed %llu: gaps %u, A: %s B: %s\n",
		       (unsigned long long)seed, gaps,
		       d->side[0].db->broken_text, d->side[1].db->broken_text);
	duo_end(d);
}

static void by_seed(void)
{
	const char *env = getenv("SEED");
	uint64_t from = env ? strtoull(env, NULL, 0) : 1;
	uint64_t n = env ? 1 : 1000, s;
	const char *count = getenv("SEEDS");

	if (count)
		n = strtoull(count, NULL, 0);

	for (s = from; s < from + n; s++)
		one_seed(s);
}

static const struct test_case cases[] = {
	{ "child_rekey_one_side", child_rekey_one_side },
	{ "ike_rekey_one_side", ike_rekey_one_side },
	{ "ike_38_child_rekey_both", ike_38_child_rekey_both },
	{ "ike_39_ike_rekey_both", ike_39_ike_rekey_both },
	{ "ike_40_child_and_ike_rekey", ike_40_child_and_ike_rekey },
	{ "by_seed", by_seed },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	return suite_run("test_collide", cases, argc, argv);
}
