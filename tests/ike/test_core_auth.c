/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IKE_AUTH from end to end: who is let in, with what, and what becomes of the
 * first child.
 */
#include <stdlib.h>
#include <string.h>
#include "duo.h"

static void setup_psk(void)
{
	struct duo *d = duo_new(1);
	struct duo_done done;
	struct ike_sa_info a, b;

	duo_conns(d, NULL);
	duo_initiate(d, A, "net", &done);
	EXPECT(duo_run_until(d, duo_up, 10 * IKE_USEC));
	EXPECT_EQ(done.calls, 1);
	EXPECT_EQ(done.err, 0);
	MUST(duo_sa(d, A) && duo_sa(d, B));
	ike_sa_look(duo_sa(d, A), &a);
	ike_sa_look(duo_sa(d, B), &b);
	EXPECT(a.spi_i == b.spi_i && a.spi_r == b.spi_r);
	EXPECT(a.spi_i && a.spi_r);
	EXPECT(a.initiator && !b.initiator);
	EXPECT(ike_id_equal(a.id_local, b.id_remote));
	EXPECT(ike_id_equal(a.id_remote, b.id_local));
	EXPECT(duo_packet(d, A));
	EXPECT(duo_packet(d, B));
	/* Four messages, none twice. */
	EXPECT_EQ(d->nspoken, 4);
	EXPECT_EQ(d->side[A].events[IKE_EV_IKE_UP], 1);
	EXPECT_EQ(d->side[B].events[IKE_EV_CHILD_UP], 1);
	EXPECT_EQ(d->side[A].keymats, 2);
	duo_end(d);
}

/* Every algorithm that both have; a suite each. */
static const char *suite_now;

static void with_suite(struct conn *c, enum duo_who who)
{
	(void)who;
	duo_conn_proposal(c, suite_now);
}

static void every_suite(void)
{
	static const char *const suites[] = {
		"aes128gcm8-prfsha256-x25519",
		"aes192gcm12-prfsha256-ecp256",
		"aes256gcm16-prfsha384-ecp384",
		"chacha20poly1305-prfsha512-x448",
		"aes128-sha256-modp2048",
		"aes192-sha384-ecp521",
		"aes256-sha512-modp3072",
		"aes256-sha256-prfsha512-modp4096",
	};
	unsigned int i;

	for (i = 0; i < sizeof(suites) / sizeof(suites[0]); i++) {
		struct duo *d = duo_new(100 + i);

		suite_now = suites[i];
		duo_conns(d, with_suite);
		duo_initiate(d, A, "net", NULL);
		EXPECT(duo_run_until(d, duo_up, 10 * IKE_USEC));
		duo_end(d);
	}
}

static void over_ipv6(void)
{
	struct duo *d = duo_new(60);

	duo_addr("2001:db8::1", &d->side[A].ip);
	duo_addr("2001:db8::2", &d->side[B].ip);
	d->side[A].set.fragment_size = d->side[B].set.fragment_size = 280;
	duo_conns(d, NULL);
	duo_initiate(d, A, "net", NULL);
	EXPECT(duo_run_until(d, duo_up, IKE_USEC));
	EXPECT(duo_packet(d, A) && duo_packet(d, B));
	duo_end(d);
}

/* What a peer calls itself stands in one line of the log, whatever it is. */
static void liar_in_the_log(struct conn *c, enum duo_who who)
{
	struct ike_id *id = &c->auth_local.id;

	if (who == B)
		return;
	id->type = ID_FQDN;
	id->len = 24;
	memcpy(id->data, "x\n0 duo[9]: established\x1b", 24);
}

static void identities_cannot_forge_log_lines(void)
{
	struct duo *d = duo_new(61);
	unsigned int i;

	duo_conns(d, liar_in_the_log);
	duo_initiate(d, A, "net", NULL);
	duo_run(d, IKE_USEC);
	EXPECT(duo_logged(d, B, "no connection for local"));
	for (i = 0; i < d->side[B].nlog; i++)
		EXPECT(!strpbrk(d->side[B].log[i], "\n\r\x1b"));
	duo_end(d);
}

static void a_rekeyed_sa_is_not_down(void)
{
	struct ike_select sel = { 0 };
	struct duo *d = duo_new(62);

	duo_conns(d, NULL);
	duo_initiate(d, A, "net", NULL);
	EXPECT(duo_run_until(d, duo_up, IKE_USEC));
	EXPECT_EQ(ike_rekey(d->side[A].ike, d->now, &sel), 1);
	duo_run(d, 30 * IKE_USEC);
	EXPECT(duo_up(d));
	EXPECT_EQ(d->side[A].events[IKE_EV_IKE_REKEYED], 1);
	EXPECT_EQ(d->side[B].events[IKE_EV_IKE_REKEYED], 1);
	EXPECT_EQ(d->side[A].events[IKE_EV_IKE_DOWN], 0);
	EXPECT_EQ(d->side[B].events[IKE_EV_IKE_DOWN], 0);
	EXPECT_EQ(d->side[A].events[IKE_EV_CHILD_DOWN], 0);
	duo_end(d);
}

/* ----------------------------------------------------------------- refusals */

static void set_psk(struct duo *d, enum duo_who who, const char *secret)
{
	ike_creds_clear(d->side[who].creds);
	MUST(!ike_creds_add_psk(d->side[who].creds, "psk", secret,
				strlen(secret), NULL, 0));
}

static void wrong_psk(void)
{
	struct duo *d = duo_new(2);
	struct duo_done done;

	set_psk(d, A, "quite another");
	duo_conns(d, NULL);
	duo_initiate(d, A, "net", &done);
	duo_run(d, 10 * IKE_USEC);
	EXPECT_EQ(done.calls, 1);
	EXPECT(done.err != 0);
	EXPECT(strstr(done.why, "AUTHENTICATION_FAILED"));
	EXPECT(duo_down(d));
	EXPECT_EQ(d->side[A].db->adds, 0);
	EXPECT_EQ(d->side[B].db->adds, 0);
	EXPECT_EQ(duo_counters(d, B).auth_failures, 1);
	EXPECT_EQ(d->side[B].events[IKE_EV_IKE_UP], 0);
	duo_end(d);
}

static void no_psk_at_the_responder(void)
{
	struct duo *d = duo_new(3);
	struct duo_done done;

	ike_creds_clear(d->side[B].creds);
	duo_conns(d, NULL);
	duo_initiate(d, A, "net", &done);
	duo_run(d, 10 * IKE_USEC);
	EXPECT(strstr(done.why, "AUTHENTICATION_FAILED"));
	EXPECT(duo_down(d));
	duo_end(d);
}

static void stranger_at_b(struct conn *c, enum duo_who who)
{
	if (who == B)
		MUST(!ike_id_from_text("c.example.org", &c->auth_remote.id));
}

static void unknown_identity_is_explained(void)
{
	struct duo *d = duo_new(4);
	struct duo_done done;

	duo_conns(d, stranger_at_b);
	duo_initiate(d, A, "net", &done);
	duo_run(d, 10 * IKE_USEC);
	EXPECT(strstr(done.why, "AUTHENTICATION_FAILED"));
	EXPECT(duo_logged(d, B, "the remote identity differs"));
	EXPECT(duo_logged(d, B,
			  "no connection for local 'b.example.org', "
			  "remote 'a.example.org'"));
	EXPECT_EQ(duo_counters(d, B).unknown_peer, 1);
	duo_end(d);
}

/* A wants nobody in particular, by address; B's proof is then found wrong. */
static void liar_at_b(struct conn *c, enum duo_who who)
{
	if (who == A)
		MUST(!ike_id_from_text("*.example.com", &c->auth_remote.id));
}

static void ike_31_failure_found_by_the_initiator(void)
{
	struct duo *d = duo_new(5);
	struct duo_done done;

	duo_conns(d, liar_at_b);
	duo_initiate(d, A, "net", &done);
	duo_run(d, 10 * IKE_USEC);
	EXPECT_EQ(done.calls, 1);
	EXPECT(done.err != 0);
	/* B had everything installed, and is told in an exchange of its own. */
	EXPECT_EQ(d->side[B].db->adds, 2);
	EXPECT_EQ(d->side[A].db->adds, 0);
	EXPECT_EQ(duo_said(d, A, IKE_INFORMATIONAL, false, 2), 1);
	EXPECT(duo_logged(d, B, "peer reports AUTHENTICATION_FAILED"));
	EXPECT(duo_down(d));
	duo_end(d);
}

static void flip_auth(struct duo *d, struct duo_msg *m, struct duo_fate *f,
		      void *arg)
{
	(void)d;
	(void)f;
	(void)arg;
	if (m->exchange == IKE_AUTH && m->n == 0)
		m->data[m->len - 20] ^= 1;
}

static void ike_17_bad_icv_changes_nothing(void)
{
	struct duo *d = duo_new(6);

	duo_conns(d, NULL);
	d->rule = flip_auth;
	duo_initiate(d, A, "net", NULL);
	duo_run(d, 3 * IKE_USEC);
	EXPECT_EQ(duo_counters(d, B).bad_integrity, 1);
	EXPECT_EQ(duo_said(d, B, IKE_AUTH, true, -1), 0);
	/* The retransmission is good, the first answer to it is not. */
	EXPECT(duo_run_until(d, duo_up, 60 * IKE_USEC));
	EXPECT_EQ(duo_counters(d, A).bad_integrity, 1);
	duo_end(d);
}

static void half_open_is_given_up(void)
{
	struct duo *d = duo_new(7);

	duo_conns(d, NULL);
	duo_initiate(d, A, "net", NULL);
	while (!duo_counters(d, B).half_open && duo_step(d, UINT64_MAX))
		;
	d->side[A].off = true;
	duo_run(d, 29 * IKE_USEC);
	EXPECT_EQ(duo_counters(d, B).ike_sas, 1);
	duo_run(d, 2 * IKE_USEC);
	EXPECT_EQ(duo_counters(d, B).ike_sas, 0);
	EXPECT(duo_logged(d, B, "not authenticated itself in time"));
	duo_free(d);
}

/* --------------------------------------------------------------- the child */

static void other_nets(struct conn *c, enum duo_who who)
{
	if (who == B)
		duo_child_ts(c->children, "10.9.0.0/16", "10.8.0.0/16");
}

static void other_esp(struct conn *c, enum duo_who who)
{
	if (who == B)
		duo_child_proposal(c->children, "aes256gcm16-noesn");
}

static void ike_33_child_fails_ike_sa_stays(void)
{
	void (*const change[])(struct conn *, enum duo_who) = { other_nets,
								other_esp };
	static const char *const why[] = { "TS_UNACCEPTABLE",
					   "NO_PROPOSAL_CHOSEN" };
	unsigned int i;

	for (i = 0; i < 2; i++) {
		struct duo *d = duo_new(8 + i);
		struct duo_done done;

		duo_conns(d, change[i]);
		duo_initiate(d, A, "net", &done);
		duo_run(d, 2 * IKE_USEC);
		EXPECT_EQ(done.calls, 1);
		EXPECT(done.err != 0);
		EXPECT(strstr(done.why, why[i]));
		EXPECT_EQ(duo_ike_sas(d, A, "ESTABLISHED"), 1);
		EXPECT_EQ(duo_ike_sas(d, B, "ESTABLISHED"), 1);
		EXPECT_EQ(duo_child_sas(d, A, NULL), 0);
		EXPECT_EQ(duo_child_sas(d, B, NULL), 0);
		EXPECT_EQ(fakedb_reserved(d->side[A].db), 0);
		EXPECT_EQ(fakedb_reserved(d->side[B].db), 0);
		duo_end(d);
	}
}

/* The device of one side refuses: in all four places. */
static void the_device_refuses(void)
{
	int who, n;

	for (who = A; who <= B; who++)
		for (n = 0; n < 2; n++) {
			struct duo *d = duo_new(20 + who * 2 + n);
			struct duo_done done;

			d->side[who].db->fail_sa_add = n;
			duo_conns(d, NULL);
			duo_initiate(d, A, "net", &done);
			duo_run(d, 10 * IKE_USEC);
			EXPECT_EQ(done.calls, 1);
			EXPECT(done.err != 0);
			EXPECT_EQ(duo_ike_sas(d, A, "ESTABLISHED"), 1);
			EXPECT_EQ(duo_ike_sas(d, B, "ESTABLISHED"), 1);
			EXPECT_EQ(fakedb_sas(d->side[A].db, -1), 0);
			EXPECT_EQ(fakedb_sas(d->side[B].db, -1), 0);
			duo_end(d);
		}
}

static void ike_sa_alone(void)
{
	struct duo *d = duo_new(30);
	struct duo_done done;

	duo_conns(d, NULL);
	duo_initiate(d, A, NULL, &done);
	duo_run(d, IKE_USEC);
	EXPECT_EQ(done.calls, 1);
	EXPECT_EQ(done.err, 0);
	EXPECT_EQ(duo_ike_sas(d, B, "ESTABLISHED"), 1);
	EXPECT_EQ(duo_child_sas(d, A, NULL), 0);
	/* The child comes later, on the same SA. */
	duo_initiate(d, A, "net", &done);
	EXPECT(duo_run_until(d, duo_up, IKE_USEC));
	EXPECT_EQ(done.err, 0);
	EXPECT_EQ(duo_counters(d, A).setups, 1);
	/* It is there: asking again is fine and makes nothing. */
	duo_initiate(d, A, "net", &done);
	EXPECT_EQ(done.calls, 1);
	EXPECT_EQ(done.err, 0);
	duo_run(d, IKE_USEC);
	EXPECT(duo_up(d));
	duo_end(d);
}

static void three_children(struct conn *c, enum duo_who who)
{
	if (who == A) {
		duo_child_add(c, "two", "10.3.0.0/16", "10.4.0.0/16");
		duo_child_add(c, "three", "10.5.0.0/16", "10.6.0.0/16");
	} else {
		duo_child_add(c, "two", "10.4.0.0/16", "10.3.0.0/16");
		duo_child_add(c, "three", "10.6.0.0/16", "10.5.0.0/16");
	}
}

static bool all_three(struct duo *d)
{
	return duo_child_sas(d, A, "INSTALLED") == 3 &&
	       duo_child_sas(d, B, "INSTALLED") == 3;
}

static void children_queue_behind_the_first(void)
{
	struct duo *d = duo_new(31);
	struct duo_done done[3];

	duo_conns(d, three_children);
	duo_initiate(d, A, "net", &done[0]);
	duo_initiate(d, A, "two", &done[1]);
	duo_initiate(d, A, "three", &done[2]);
	EXPECT(duo_run_until(d, all_three, 2 * IKE_USEC));
	EXPECT(done[0].calls == 1 && done[1].calls == 1 && done[2].calls == 1);
	EXPECT(!done[0].err && !done[1].err && !done[2].err);
	EXPECT(duo_paired(d));
	EXPECT_EQ(duo_counters(d, B).setups, 1);
	duo_end(d);
}

static void everybody_who_waits_hears_of_the_end(void)
{
	struct duo *d = duo_new(32);
	struct duo_done done[3];

	set_psk(d, A, "quite another");
	duo_conns(d, three_children);
	duo_initiate(d, A, "net", &done[0]);
	duo_initiate(d, A, "two", &done[1]);
	duo_initiate(d, A, NULL, &done[2]);
	duo_run(d, 2 * IKE_USEC);
	EXPECT(done[0].calls == 1 && done[1].calls == 1 && done[2].calls == 1);
	EXPECT(done[0].err && done[1].err && done[2].err);
	EXPECT(*done[1].why);
	duo_end(d);
}

static const struct test_case cases[] = {
	{ "setup_psk", setup_psk },
	{ "every_suite", every_suite },
	{ "over_ipv6", over_ipv6 },
	{ "identities_cannot_forge_log_lines",
	  identities_cannot_forge_log_lines },
	{ "a_rekeyed_sa_is_not_down", a_rekeyed_sa_is_not_down },
	{ "wrong_psk", wrong_psk },
	{ "no_psk_at_the_responder", no_psk_at_the_responder },
	{ "unknown_identity_is_explained", unknown_identity_is_explained },
	{ "ike_31_failure_found_by_the_initiator",
	  ike_31_failure_found_by_the_initiator },
	{ "ike_17_bad_icv_changes_nothing", ike_17_bad_icv_changes_nothing },
	{ "half_open_is_given_up", half_open_is_given_up },
	{ "ike_33_child_fails_ike_sa_stays", ike_33_child_fails_ike_sa_stays },
	{ "the_device_refuses", the_device_refuses },
	{ "ike_sa_alone", ike_sa_alone },
	{ "children_queue_behind_the_first", children_queue_behind_the_first },
	{ "everybody_who_waits_hears_of_the_end",
	  everybody_who_waits_hears_of_the_end },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	return suite_run("test_core_auth", cases, argc, argv);
}
