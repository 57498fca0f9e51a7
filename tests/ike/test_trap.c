/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies without an SA, which ask for one when a packet comes: start_action
 * and close_action.
 */
#include <string.h>
#include "duo.h"

static struct duo *up(void (*change)(struct conn *c, enum duo_who who))
{
	struct duo *d = duo_new(1);

	duo_conns(d, change);
	duo_initiate(d, A, "net", NULL);
	EXPECT(duo_run_until(d, duo_up, 5 * IKE_USEC));
	return d;
}

static void trapped(struct conn *c, enum duo_who who)
{
	if (who == A)
		c->children->start = ACTION_TRAP;
}

static void trap_makes_one_child(void)
{
	struct duo *d = duo_new(1);
	struct fakedb *f = d->side[A].db;
	uint32_t id;
	int i;

	duo_conns(d, trapped);
	EXPECT_EQ(fakedb_policies(f), 1);
	id = fakedb_policy_of(f, ESPALIER_DIR_OUT, 0)->id;
	EXPECT_EQ(fakedb_policy_of(f, ESPALIER_DIR_OUT, 0)->p.sa, 0);
	EXPECT_EQ(duo_ike_sas(d, A, NULL), 0);
	/* many packets ask before there is an answer */
	for (i = 0; i < 20; i++) {
		fakedb_acquire(f, id);
		duo_run(d, 1000);
	}
	EXPECT(duo_run_until(d, duo_up, 5 * IKE_USEC));
	EXPECT_EQ(duo_counters(d, A).setups, 1);
	/* the child's own policy is met before the trap's */
	EXPECT_EQ(fakedb_policies(f), 3);
	EXPECT(fakedb_policy_of(f, ESPALIER_DIR_OUT, 1)->p.priority <
	       fakedb_policy_of(f, ESPALIER_DIR_OUT, 0)->p.priority);
	/* it goes, the trap stays and asks again */
	ike_terminate(d->side[B].ike, d->now, &(struct ike_select){ 0 }, NULL,
		      NULL);
	EXPECT(duo_run_until(d, duo_down, 5 * IKE_USEC));
	EXPECT_EQ(fakedb_policies(f), 1);
	fakedb_acquire(f, id);
	EXPECT(duo_run_until(d, duo_up, 5 * IKE_USEC));
	duo_end(d);
}

/* The first single addresses count, as they do for the IKE SA. */
static void many_addresses(struct conn *c, enum duo_who who)
{
	struct addr_match net = c->remote[0], v6 = { .any = false };

	if (who != A)
		return;
	net.lo.bytes[3] = 0;
	net.hi.bytes[3] = 255;
	v6.lo.family = v6.hi.family = AF_INET6;
	c->remote[1] = c->remote[0];
	c->remote[0] = net;
	c->local[1] = c->local[0];
	c->local[0] = v6;
	c->nremote = c->nlocal = 2;
	c->children->local[0].dynamic = true;
	c->children->start = ACTION_TRAP;
}

static void trap_goes_where_the_ike_sa_goes(void)
{
	struct duo *d = duo_new(1);
	struct fakedb *f = d->side[A].db;

	duo_conns(d, many_addresses);
	EXPECT_EQ(fakedb_policies(f), 1);
	EXPECT(addr_equal(&fakedb_policy_of(f, ESPALIER_DIR_OUT, 0)->p.src_lo,
			  &d->side[A].ip));
	duo_end(d);
}

static enum conn_action close_action;

static void closing(struct conn *c, enum duo_who who)
{
	if (who == A)
		c->children->close = close_action;
}

static void close_action_brings_it_back(void)
{
	for (close_action = ACTION_TRAP; close_action <= ACTION_START;
	     close_action++) {
		struct duo *d = up(closing);
		struct fakedb *f = d->side[A].db;

		ike_terminate(d->side[B].ike, d->now,
			      &(struct ike_select){ .child = "net" }, NULL,
			      NULL);
		duo_run(d, IKE_USEC);
		if (close_action == ACTION_TRAP) {
			EXPECT_EQ(duo_child_sas(d, A, NULL), 0);
			EXPECT_EQ(fakedb_policies(f), 1);
			fakedb_acquire(
				f,
				fakedb_policy_of(f, ESPALIER_DIR_OUT, 0)->id);
		}
		EXPECT(duo_run_until(d, duo_up, 5 * IKE_USEC));
		duo_end(d);
	}
}

/* A connection that is not loaded any more leaves no trap behind. */
static void close_action_of_what_is_unloaded(void)
{
	struct duo *d;

	close_action = ACTION_TRAP;
	d = up(closing);
	EXPECT_EQ(ike_conn_del(d->side[A].ike, d->now, "duo"), 0);
	ike_terminate(d->side[B].ike, d->now,
		      &(struct ike_select){ .child = "net" }, NULL, NULL);
	duo_run(d, IKE_USEC);
	EXPECT_EQ(fakedb_policies(d->side[A].db), 0);
	duo_end(d);
}

static const struct test_case cases[] = {
	{ "trap_makes_one_child", trap_makes_one_child },
	{ "trap_goes_where_the_ike_sa_goes", trap_goes_where_the_ike_sa_goes },
	{ "close_action_brings_it_back", close_action_brings_it_back },
	{ "close_action_of_what_is_unloaded",
	  close_action_of_what_is_unloaded },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	return suite_run("test_trap", cases, argc, argv);
}
