/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which connection a peer is, how many SAs it may have, what the user orders.
 */
#include <stdlib.h>
#include <string.h>
#include "duo.h"

/* ------------------------------------------------------- which connection */

static struct conn *named(struct duo *d, enum duo_who who, const char *name,
			  const char *remote_id)
{
	struct conn *c = duo_conn(d, who);

	free(c->name);
	c->name = strdup(name);
	MUST(!ike_id_from_text(remote_id, &c->auth_remote.id));
	return c;
}

static void best_match_by_identity(void)
{
	struct duo *d = duo_new(33);
	struct ike_sa_info b;

	duo_load(d, A, duo_conn(d, A));
	duo_load(d, B, named(d, B, "any", "%any"));
	duo_load(d, B, named(d, B, "other", "z.example.org"));
	duo_load(d, B, named(d, B, "wild", "*.example.org"));
	duo_load(d, B, named(d, B, "exact", "a.example.org"));
	duo_initiate(d, A, "net", NULL);
	EXPECT(duo_run_until(d, duo_up, IKE_USEC));
	MUST(duo_sa(d, B));
	ike_sa_look(duo_sa(d, B), &b);
	EXPECT(!strcmp(b.conn->name, "exact"));
	duo_end(d);
}

/* The algorithms were agreed for one connection, the identity is of another
 * that is stricter: not let in. */
static void strict_connection_is_not_entered_by_the_back_door(void)
{
	struct duo *d = duo_new(34);
	struct conn *strict;
	struct duo_done done;

	duo_load(d, A, duo_conn(d, A));
	duo_load(d, B, named(d, B, "lax", "z.example.org"));
	strict = named(d, B, "strict", "a.example.org");
	duo_conn_proposal(strict, "aes256gcm16-prfsha384-ecp384");
	duo_load(d, B, strict);
	duo_initiate(d, A, "net", &done);
	duo_run(d, IKE_USEC);
	EXPECT(strstr(done.why, "AUTHENTICATION_FAILED"));
	EXPECT(duo_logged(d, B, "not among its proposals"));
	duo_end(d);
}

static void reload_leaves_what_is_up(void)
{
	struct duo *d = duo_new(35);

	duo_conns(d, NULL);
	duo_initiate(d, A, "net", NULL);
	EXPECT(duo_run_until(d, duo_up, IKE_USEC));
	duo_conns(d, NULL);
	EXPECT_EQ(ike_conn_del(d->side[B].ike, d->now, "duo"), 0);
	EXPECT(ike_conn_del(d->side[B].ike, d->now, "duo") == -ENOENT);
	duo_run(d, IKE_USEC);
	EXPECT(duo_up(d));
	EXPECT(duo_packet(d, A));
	duo_end(d);
}

static void unknown_names(void)
{
	struct duo *d = duo_new(36);
	struct ike *ike;

	duo_conns(d, NULL);
	ike = d->side[A].ike;
	EXPECT(ike_initiate(ike, d->now, "nobody", NULL, NULL, NULL) ==
	       -ENOENT);
	EXPECT(ike_initiate(ike, d->now, "duo", "nothing", NULL, NULL) ==
	       -ENOENT);
	EXPECT(ike_initiate(ike, d->now, NULL, "nothing", NULL, NULL) ==
	       -ENOENT);
	EXPECT_EQ(ike_initiate(ike, d->now, NULL, "net", NULL, NULL), 0);
	EXPECT(duo_run_until(d, duo_up, IKE_USEC));
	duo_end(d);
}

/* --------------------------------------------------------------- uniqueness */

static enum conn_unique unique_now;

static void with_unique(struct conn *c, enum duo_who who)
{
	c->unique = who == B ? unique_now : UNIQUE_NO;
}

/* A loses its memory and comes again. */
static void come_again(struct duo *d)
{
	struct duo_side *s = &d->side[A];

	s->off = true;
	ike_free(s->ike);
	s->ike = NULL;
	s->off = false;
	duo_load(d, A, duo_conn(d, A));
	duo_initiate(d, A, "net", NULL);
	duo_run(d, 2 * IKE_USEC);
}

static void ike_43_initial_contact(void)
{
	struct duo *d = duo_new(40);

	unique_now = UNIQUE_NO;
	duo_conns(d, with_unique);
	duo_initiate(d, A, "net", NULL);
	EXPECT(duo_run_until(d, duo_up, IKE_USEC));
	come_again(d);
	EXPECT(duo_up(d));
	EXPECT(duo_logged(d, B, "INITIAL_CONTACT"));
	EXPECT_EQ(fakedb_sas(d->side[B].db, -1), 2);
	duo_end(d);
}

static void unique_never_ignores_it(void)
{
	struct duo *d = duo_new(41);

	unique_now = UNIQUE_NEVER;
	duo_conns(d, with_unique);
	duo_initiate(d, A, "net", NULL);
	EXPECT(duo_run_until(d, duo_up, IKE_USEC));
	come_again(d);
	EXPECT_EQ(duo_ike_sas(d, B, "ESTABLISHED"), 2);
	duo_end(d);
}

static void unique_keep_refuses_the_second(void)
{
	struct duo *d = duo_new(42);

	unique_now = UNIQUE_KEEP;
	duo_conns(d, with_unique);
	duo_initiate(d, A, "net", NULL);
	EXPECT(duo_run_until(d, duo_up, IKE_USEC));
	come_again(d);
	EXPECT_EQ(duo_ike_sas(d, A, NULL), 0);
	EXPECT_EQ(duo_ike_sas(d, B, "ESTABLISHED"), 1);
	EXPECT(duo_logged(d, B, "unique = keep"));
	duo_end(d);
}

/* Another identity from the same address is nobody's business. */
static void ike_43_only_the_same_identity(void)
{
	struct duo *d = duo_new(43);
	struct conn *c;

	duo_conns(d, NULL);
	duo_load(d, B, named(d, B, "second", "z.example.org"));
	duo_initiate(d, A, "net", NULL);
	EXPECT(duo_run_until(d, duo_up, IKE_USEC));
	c = duo_conn(d, A);
	free(c->name);
	c->name = strdup("other");
	MUST(!ike_id_from_text("z.example.org", &c->auth_local.id));
	duo_load(d, A, c);
	EXPECT_EQ(ike_initiate(d->side[A].ike, d->now, "other", "net", NULL,
			       NULL),
		  0);
	duo_run(d, 2 * IKE_USEC);
	EXPECT_EQ(duo_ike_sas(d, B, "ESTABLISHED"), 2);
	duo_end(d);
}

/* Both at once: two SAs are fine, none is worse. */
static void both_initiate_at_once(void)
{
	struct duo *d = duo_new(44);
	struct duo_done a, b;

	duo_conns(d, NULL);
	duo_initiate(d, A, "net", &a);
	duo_initiate(d, B, "net", &b);
	duo_run(d, 10 * IKE_USEC);
	EXPECT_EQ(a.err, 0);
	EXPECT_EQ(b.err, 0);
	EXPECT_EQ(duo_ike_sas(d, A, "ESTABLISHED"),
		  duo_ike_sas(d, B, "ESTABLISHED"));
	EXPECT(duo_ike_sas(d, A, "ESTABLISHED") >= 1);
	EXPECT(duo_paired(d));
	EXPECT(duo_packet(d, A) && duo_packet(d, B));
	duo_end(d);
}

/* ------------------------------------------------------------------- orders */

static void start_both(struct conn *c, enum duo_who who)
{
	(void)who;
	c->children->start = ACTION_START;
}

static void start_action(void)
{
	struct duo *d = duo_new(45);

	duo_load(d, B, duo_conn(d, B));
	{
		struct conn *c = duo_conn(d, A);

		start_both(c, A);
		duo_load(d, A, c);
	}
	EXPECT(duo_run_until(d, duo_up, IKE_USEC));
	duo_end(d);
}

static void terminate_by_name_and_by_force(void)
{
	struct ike_select sel = { .ike = "duo" };
	struct duo *d = duo_new(46);
	struct duo_done done = { 0 };

	duo_conns(d, NULL);
	duo_initiate(d, A, "net", NULL);
	EXPECT(duo_run_until(d, duo_up, IKE_USEC));
	sel.ike = "other";
	EXPECT_EQ(ike_terminate(d->side[A].ike, d->now, &sel, duo_done, &done),
		  0);
	EXPECT_EQ(done.calls, 1);
	EXPECT(done.err == -ENOENT);
	sel.ike = "duo";
	memset(&done, 0, sizeof(done));
	EXPECT_EQ(ike_terminate(d->side[A].ike, d->now, &sel, duo_done, &done),
		  1);
	EXPECT_EQ(done.calls, 0);
	EXPECT(duo_run_until(d, duo_down, IKE_USEC));
	EXPECT_EQ(done.calls, 1);
	EXPECT_EQ(done.err, 0);

	duo_initiate(d, A, "net", NULL);
	EXPECT(duo_run_until(d, duo_up, IKE_USEC));
	sel.force = true;
	memset(&done, 0, sizeof(done));
	EXPECT_EQ(ike_terminate(d->side[A].ike, d->now, &sel, duo_done, &done),
		  1);
	EXPECT_EQ(done.calls, 1);
	EXPECT(ike_idle(d->side[A].ike));
	EXPECT(duo_run_until(d, duo_down, IKE_USEC));
	duo_end(d);
}

/* Nobody answers the delete: the SA is gone all the same, which was asked for.
 */
static void terminate_with_a_dead_peer(void)
{
	struct ike_select sel = { .child = "net" };
	struct duo *d = duo_new(48);
	struct duo_done child = { 0 }, done = { 0 };

	duo_conns(d, NULL);
	duo_initiate(d, A, "net", NULL);
	EXPECT(duo_run_until(d, duo_up, IKE_USEC));
	d->side[B].off = true;
	EXPECT_EQ(ike_terminate(d->side[A].ike, d->now, &sel, duo_done, &child),
		  1);
	sel.child = NULL;
	EXPECT_EQ(ike_terminate(d->side[A].ike, d->now, &sel, duo_done, &done),
		  1);
	duo_run(d, 400 * IKE_USEC);
	EXPECT(child.calls == 1 && done.calls == 1);
	EXPECT_EQ(child.err, 0);
	EXPECT_EQ(done.err, 0);
	EXPECT(ike_idle(d->side[A].ike));
	EXPECT_EQ(fakedb_sas(d->side[A].db, -1), 0);
	duo_free(d);
}

static void terminate_while_connecting(void)
{
	struct ike_select sel = { 0 };
	struct duo *d = duo_new(47);
	struct duo_done init, term = { 0 };

	duo_conns(d, NULL);
	duo_initiate(d, A, "net", &init);
	EXPECT_EQ(ike_terminate(d->side[A].ike, d->now, &sel, duo_done, &term),
		  1);
	duo_run(d, IKE_USEC);
	EXPECT_EQ(init.calls, 1);
	EXPECT(init.err != 0);
	EXPECT_EQ(term.calls, 1);
	EXPECT(ike_idle(d->side[A].ike));
	duo_end(d);
}

static const struct test_case cases[] = {
	{ "best_match_by_identity", best_match_by_identity },
	{ "strict_connection_is_not_entered_by_the_back_door",
	  strict_connection_is_not_entered_by_the_back_door },
	{ "reload_leaves_what_is_up", reload_leaves_what_is_up },
	{ "unknown_names", unknown_names },
	{ "ike_43_initial_contact", ike_43_initial_contact },
	{ "unique_never_ignores_it", unique_never_ignores_it },
	{ "unique_keep_refuses_the_second", unique_keep_refuses_the_second },
	{ "ike_43_only_the_same_identity", ike_43_only_the_same_identity },
	{ "both_initiate_at_once", both_initiate_at_once },
	{ "start_action", start_action },
	{ "terminate_by_name_and_by_force", terminate_by_name_and_by_force },
	{ "terminate_with_a_dead_peer", terminate_with_a_dead_peer },
	{ "terminate_while_connecting", terminate_while_connecting },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	return suite_run("test_core_conn", cases, argc, argv);
}
