/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Set-ups by seed: what a seed decides is cookies, groups, NAT, fragments,
 * loss, duplicates, delay, who begins, who restarts. Once the network is good
 * again both sides agree on what there is, and nothing was done that may not
 * be.
 *
 *   SEED=n SEEDS=n test_core_seed
 */
#include <stdlib.h>
#include <string.h>
#include "duo.h"

static struct rng dice;
static unsigned int alive; /* seeds that end with something up */

static bool chance(unsigned int percent)
{
	return rng_percent(&dice, percent);
}

static void roll(struct conn *c, enum duo_who who)
{
	if (who == A && chance(30))
		duo_conn_proposal(c, "aes128gcm16-prfsha256-ecp256-x25519");
	if (chance(20))
		c->frag = chance(50) ? FRAG_NO : FRAG_ACCEPT;
	if (who == B)
		c->remote[0].any = true;
	c->keyingtries = rng_range(&dice, 0, 3);
	c->dpd_delay = rng_range(&dice, 20, 60) * IKE_USEC;
	c->unique = rng_range(&dice, UNIQUE_NO, UNIQUE_REPLACE);
	if (c->unique == UNIQUE_KEEP)
		c->unique = UNIQUE_NO;
	if (chance(30))
		c->encap = true;
	if (chance(30)) {
		c->children->dpd = ACTION_START;
		c->children->close = ACTION_START;
	}
}

static void settings(struct duo *d)
{
	int i;

	for (i = 0; i < 2; i++) {
		if (chance(40))
			d->side[i].set.cookie_from = rng_range(&dice, 0, 1);
		if (chance(50))
			d->side[i].set.fragment_size =
				rng_range(&dice, 200, 500);
	}
	if (chance(30)) {
		d->side[A].nat.on = true;
		duo_addr("203.0.113.77", &d->side[A].nat.ip);
		d->side[A].nat.shift = rng_range(&dice, 1000, 40000);
	}
}

static void restart(struct duo *d, enum duo_who who)
{
	struct duo_side *s = &d->side[who];

	s->off = true;
	ike_free(s->ike);
	s->ike = NULL;
	s->off = false;
	{
		struct conn *c = duo_conn(d, who);

		roll(c, who);
		duo_load(d, who, c);
	}
}

static void act(struct duo *d)
{
	struct ike_select sel = { .force = chance(20) };
	enum duo_who who = rng_below(&dice, 2);

	/* Behind a NAT nobody can be called. */
	if (d->side[A].nat.on)
		who = A;
	switch (rng_below(&dice, 8)) {
	case 0:
		ike_terminate(d->side[who].ike, d->now, &sel, NULL, NULL);
		break;
	case 1:
		restart(d, who);
		break;
	case 2:
		if (d->side[A].nat.on)
			d->side[A].nat.shift = rng_range(&dice, 1000, 40000);
		break;
	case 3:
		duo_initiate(d, who, NULL, NULL);
		break;
	default:
		duo_initiate(d, who, "net", NULL);
		break;
	}
	duo_run(d, rng_below(&dice, chance(30) ? 30 * IKE_USEC : 100000));
}

/* Every SA has its equal, and none is on its way up or down. */
static bool agreed(struct duo *d)
{
	int i;

	for (i = 0; i < 2; i++)
		if (duo_ike_sas(d, i, NULL) !=
			    duo_ike_sas(d, i, "ESTABLISHED") ||
		    duo_child_sas(d, i, NULL) !=
			    duo_child_sas(d, i, "INSTALLED"))
			return false;
	return duo_ike_sas(d, A, NULL) == duo_ike_sas(d, B, NULL) &&
	       duo_paired(d);
}

static void one(uint64_t seed)
{
	struct duo *d = duo_new(seed);
	unsigned int steps, i;
	bool ok;

	dice.state = seed * 1000003;
	settings(d);
	d->lose = chance(60) ? rng_below(&dice, 35) : 0;
	d->twice = rng_below(&dice, 30);
	d->late = rng_below(&dice, 40);
	duo_conns(d, roll);
	steps = 1 + rng_below(&dice, 6);
	for (i = 0; i < steps; i++)
		act(d);
	duo_run(d, 200 * IKE_USEC);
	d->lose = d->twice = d->late = 0;
	/* Liveness finds what one side has lost; retransmission takes its time
	 */
	ok = duo_run_until(d, agreed, 1000 * IKE_USEC);
	EXPECT(ok);
	EXPECT_EQ(duo_counters(d, A).half_open, 0);
	EXPECT_EQ(duo_counters(d, B).half_open, 0);
	for (i = 0; i < 2; i++)
		EXPECT_EQ(d->side[i].db->broken, 0);
	alive += duo_child_sas(d, A, NULL) != 0;
	if (!ok || d->side[A].db->broken || d->side[B].db->broken)
		printf("    SEED=%llu\n", (unsigned long long)seed);
	duo_end(d);
}

static void by_seed(void)
{
	const char *seed = getenv("SEED"), *seeds = getenv("SEEDS");
	uint64_t from = seed ? strtoull(seed, NULL, 0) : 1;
	uint64_t n = seeds ? strtoull(seeds, NULL, 0) : seed ? 1 : 500;
	uint64_t s;

	for (s = from; s < from + n; s++)
		one(s);
	/* It would be easy to agree on nothing. */
	if (n >= 100)
		EXPECT(alive > n / 4);
	printf("    %u of %llu end with a child\n", alive,
	       (unsigned long long)n);
}

static const struct test_case cases[] = {
	{ "by_seed", by_seed },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	return suite_run("test_core_seed", cases, argc, argv);
}
