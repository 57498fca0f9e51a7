// SPDX-License-Identifier: Apache-2.0
/*
 * Rekeys that are refused, that meet a delete or a database which is full, and
 * what a peer may say in them.
 */
#include "core/internal.h"
#include "core/kex.h"
#include "watch.h"

static uint32_t spi_of(struct duo *d, enum duo_who who)
{
	struct child_sa_info info;

	child_sa_look(duo_child(d, who), &info);
	return info.spi_in;
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
	struct duo *d = watched_up(1, NULL);

	d->watch = NULL;
	d->rule = late_rekey;
	EXPECT_EQ(duo_rekey(d, A, true), 1);
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
	struct duo *d = watched_up(1, NULL);
	struct ike *b = d->side[B].ike;
	uint32_t id = duo_child_id(d, A);

	d->watch = NULL;
	ike_enter(b, d->now);
	child_destroy((struct child_sa *)duo_child(d, B), DOWN_LOCAL, "lost");
	ike_leave(b);
	EXPECT_EQ(duo_rekey(d, A, true), 1);
	EXPECT(duo_run_until(d, duo_up, 5 * IKE_USEC));
	EXPECT(duo_logged(d, A, "the peer does not know it"));
	EXPECT(duo_child_id(d, A) != id);
	EXPECT_EQ(d->side[A].events[IKE_EV_CHILD_REKEYED], 0);
	watched_end(d);
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
	struct duo *d = watched_up(1, NULL);

	d->watch = NULL;
	d->rule = late_informs_of_b;
	ike_terminate(d->side[B].ike, d->now,
		      &(struct ike_select){ .child = "net" }, NULL, NULL);
	EXPECT_EQ(duo_rekey(d, A, true), 1);
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
	struct duo *d = watched_up(1, NULL);
	uint32_t id = duo_child_id(d, A);

	d->rule = late_answer_of_b;
	EXPECT_EQ(duo_rekey(d, A, false), 1);
	EXPECT_EQ(duo_rekey(d, B, true), 1);
	duo_run(d, 100000);
	EXPECT(duo_logged(d, A, "not now: the IKE SA is being rekeyed"));
	d->rule = NULL;
	duo_run(d, 30 * IKE_USEC);
	EXPECT(duo_child_id(d, A) != id);
	EXPECT_EQ(d->side[A].events[IKE_EV_IKE_REKEYED], 1);
	EXPECT_EQ(d->side[A].events[IKE_EV_CHILD_REKEYED], 1);
	watched_end(d);
}

/* 2.25.2, the other way round: a child is under way when the IKE SA is to be
 * rekeyed. */
static void ike_40_ike_rekey_while_a_child_is_under_way(void)
{
	struct duo *d = watched_up(1, NULL);
	uint32_t id = duo_child_id(d, A);

	d->rule = late_answer_of_b;
	EXPECT_EQ(duo_rekey(d, A, true), 1);
	EXPECT_EQ(duo_rekey(d, B, false), 1);
	duo_run(d, 100000);
	EXPECT(duo_logged(d, A, "not now: something else is under way"));
	d->rule = NULL;
	duo_run(d, 30 * IKE_USEC);
	EXPECT(duo_child_id(d, A) != id);
	EXPECT_EQ(d->side[A].events[IKE_EV_IKE_REKEYED], 1);
	watched_end(d);
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
	struct duo *d = watched_up(1, NULL);
	int i;

	d->watch = NULL;
	d->rule = note_lengths;
	d->rule_arg = &one;
	ike_terminate(d->side[A].ike, d->now, &sel, NULL, NULL);
	duo_run(d, IKE_USEC);
	EXPECT_EQ(duo_child_sas(d, A, NULL), 0);
	EXPECT_EQ(duo_child_sas(d, B, NULL), 0);
	duo_end(d);

	d = watched_up(1, NULL);
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
	struct duo *d = watched_up(1, many);
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
			struct duo *d = watched_up(w * 3 + i + 1, NULL);
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
				d->watch = watch_packets;
			EXPECT_EQ(duo_rekey(d, A, true), 1);
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
			watched_end(d);
		}
}

/* A terminate of the IKE SA while our rekey of it is under way is no less a
 * terminate. */
static void terminate_during_the_rekey(void)
{
	unsigned int w;

	for (w = 0; w < 2; w++) {
		struct duo *d = watched_up(w + 1, NULL);
		struct ike_select sel = { .ike = "duo" };
		struct duo_done done = { 0 };

		d->watch = NULL;
		duo_rekey(d, A, false);
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
	struct duo *d = watched_up(1, NULL);
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
	watched_end(d);
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
	struct duo *d = watched_up(1, NULL);
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
	struct duo *d = watched_up(1, NULL);
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
	{ "ike_40_rekey_of_what_is_closed", ike_40_rekey_of_what_is_closed },
	{ "ike_40_child_while_the_ike_sa_is_rekeyed",
	  ike_40_child_while_the_ike_sa_is_rekeyed },
	{ "ike_40_ike_rekey_while_a_child_is_under_way",
	  ike_40_ike_rekey_while_a_child_is_under_way },
	{ "ike_41_answered_by_the_paired_spi",
	  ike_41_answered_by_the_paired_spi },
	{ "ike_41_many_in_one_message", ike_41_many_in_one_message },
	{ "refused_by_the_database", refused_by_the_database },
	{ "terminate_during_the_rekey", terminate_during_the_rekey },
	{ 0 },
};

int main(int argc, char **argv)
{
	return suite_run("test_rekey_refused", cases, argc, argv);
}
