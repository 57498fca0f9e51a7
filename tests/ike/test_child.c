/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A child is made: which selectors and algorithms both sides agree on, in which
 * order it comes into the database, which limits it has, and that its failure
 * is not that of the IKE SA.
 */
#include <stdlib.h>
#include <string.h>
#include "duo.h"

static struct child_sa_info look(struct duo *d, enum duo_who who)
{
	const struct child_sa *c = duo_child(d, who);
	struct child_sa_info info;

	MUST(c);
	child_sa_look(c, &info);
	return info;
}

/* Loaded as changed, initiated by A, and up if @well. */
static struct duo *
made(uint64_t seed, void (*change)(struct conn *c, enum duo_who who), bool well)
{
	struct duo *d = duo_new(seed);
	struct duo_done done;

	duo_conns(d, change);
	duo_initiate(d, A, "net", &done);
	duo_run(d, 5 * IKE_USEC);
	EXPECT_EQ(done.calls, 1);
	if (well) {
		EXPECT_EQ(done.err, 0);
		EXPECT(duo_up(d));
		EXPECT(duo_reaches(d, A) && duo_reaches(d, B));
	} else {
		EXPECT(done.err < 0);
		EXPECT_EQ(duo_child_sas(d, A, NULL), 0);
		EXPECT_EQ(duo_child_sas(d, B, NULL), 0);
		/* IKE-33: and the IKE SA is as it should be */
		EXPECT_EQ(duo_ike_sas(d, A, "ESTABLISHED"), 1);
		EXPECT_EQ(duo_ike_sas(d, B, "ESTABLISHED"), 1);
		EXPECT_EQ(fakedb_sas(d->side[A].db, -1), 0);
		EXPECT_EQ(fakedb_sas(d->side[B].db, -1), 0);
		EXPECT_EQ(fakedb_policies(d->side[A].db), 0);
		EXPECT_EQ(fakedb_policies(d->side[B].db), 0);
		EXPECT_EQ(fakedb_reserved(d->side[A].db), 0);
		EXPECT_EQ(fakedb_reserved(d->side[B].db), 0);
	}
	return d;
}

static bool has_ts(const struct ts *ts, unsigned int n, const char *text)
{
	struct ts want;
	char why[200];
	unsigned int i;

	MUST(!ts_from_text(text, &want, why, sizeof(why)));
	for (i = 0; i < n; i++)
		if (ts_equal(&ts[i], &want))
			return true;
	return false;
}

/* ---------------------------------------------------------------- selectors */

static const struct narrow {
	const char *a_local, *a_remote, *b_local, *b_remote;
	const char *local, *remote; /* of A, as agreed; NULL: refused */
} narrows[] = {
	/* the responder has less */
	{ "10.1.0.0/16", "10.2.0.0/16", "10.2.3.0/24", "10.1.4.0/24",
	  "10.1.4.0/24", "10.2.3.0/24" },
	/* the initiator has less */
	{ "10.1.4.0/24", "10.2.3.0/24", "10.2.0.0/16", "10.1.0.0/16",
	  "10.1.4.0/24", "10.2.3.0/24" },
	/* either has less of one */
	{ "0.0.0.0/0", "10.2.3.0/24", "10.2.0.0/16", "10.1.0.0/16",
	  "10.1.0.0/16", "10.2.3.0/24" },
	/* protocol and port */
	{ "10.1.0.0/16", "10.2.0.0/16", "10.2.0.0/16[tcp/80]", "10.1.0.0/16",
	  "10.1.0.0/16", "10.2.0.0/16[tcp/80]" },
	{ "fd01::/64", "fd02::/64", "fd02::/48", "::/0", "fd01::/64",
	  "fd02::/64" },
	/* nothing in common */
	{ "10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16", "10.1.0.0/16", NULL,
	  NULL },
	{ "10.1.0.0/16", "10.2.0.0/16", "10.2.0.0/16", "fd01::/64", NULL,
	  NULL },
	{ "10.1.0.0/16[udp]", "10.2.0.0/16", "10.2.0.0/16", "10.1.0.0/16[tcp]",
	  NULL, NULL },
};
static const struct narrow *narrow;

static void narrowed(struct conn *c, enum duo_who who)
{
	if (who == A)
		duo_child_ts(c->children, narrow->a_local, narrow->a_remote);
	else
		duo_child_ts(c->children, narrow->b_local, narrow->b_remote);
}

static void ike_34_narrowed_to_what_both_want(void)
{
	struct child_sa_info a, b;
	struct duo *d;
	unsigned int i;

	for (i = 0; i < sizeof(narrows) / sizeof(narrows[0]); i++) {
		narrow = &narrows[i];
		d = made(i + 1, narrowed, narrow->local);
		if (narrow->local) {
			a = look(d, A);
			b = look(d, B);
			EXPECT(a.nlocal == 1 && a.nremote == 1);
			EXPECT(has_ts(a.local, a.nlocal, narrow->local));
			EXPECT(has_ts(a.remote, a.nremote, narrow->remote));
			EXPECT(has_ts(b.remote, b.nremote, narrow->local));
			EXPECT(has_ts(b.local, b.nlocal, narrow->remote));
		} else {
			EXPECT(duo_logged(d, A, "TS_UNACCEPTABLE"));
			EXPECT(duo_logged(d, B, "selectors received"));
		}
		duo_end(d);
	}
}

static void two_each(struct conn *c, enum duo_who who)
{
	struct child_conf *k = c->children;
	struct child_conf *two = duo_child_add(
		c, "spare", who == A ? "10.11.0.0/16" : "10.12.0.0/16",
		who == A ? "10.12.0.0/16" : "10.11.0.0/16");

	k->local[1] = two->local[0];
	k->remote[1] = two->remote[0];
	k->nlocal = k->nremote = 2;
	two->start = ACTION_NONE;
}

/* One pair of SAs, a policy each way for each pair of selectors. */
static void ike_34_several_selectors(void)
{
	struct duo *d = made(1, two_each, true);
	struct child_sa_info a = look(d, A);
	struct fakedb *f = d->side[A].db;
	unsigned int i;

	EXPECT_EQ(a.nlocal, 2);
	EXPECT_EQ(a.nremote, 2);
	EXPECT(has_ts(a.local, 2, "10.11.0.0/16"));
	EXPECT(has_ts(a.remote, 2, "10.12.0.0/16"));
	EXPECT_EQ(fakedb_sas(f, -1), 2);
	EXPECT_EQ(fakedb_policies(f), 8);
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(fakedb_policy_of(f, ESPALIER_DIR_OUT, i)->p.sa,
			  fakedb_sa_of(f, ESPALIER_DIR_OUT)->id);
		EXPECT_EQ(fakedb_policy_of(f, ESPALIER_DIR_IN, i)->p.reqid,
			  fakedb_sa_of(f, ESPALIER_DIR_IN)->sa.reqid);
	}
	duo_end(d);
}

static void nested(struct conn *c, enum duo_who who)
{
	struct child_conf *k;

	(void)who;
	c->children->priority = 0;
	k = duo_child_add(c, "host", who == A ? "10.1.0.1/32" : "10.2.0.1/32",
			  who == A ? "10.2.0.1/32" : "10.1.0.1/32");
	k->priority = 0;
}

/* The child that fits exactly is meant, and the narrower policy is met first.
 */
static void ike_34_the_child_that_fits_exactly(void)
{
	struct duo *d = made(1, nested, true);
	struct fakedb *f = d->side[B].db;

	duo_initiate(d, A, "host", NULL);
	duo_run(d, IKE_USEC);
	EXPECT_EQ(duo_child_sas(d, B, "INSTALLED"), 2);
	EXPECT(!strcmp(look(d, B).conf->name, "host"));
	EXPECT(fakedb_policy_of(f, ESPALIER_DIR_OUT, 1)->p.priority <
	       fakedb_policy_of(f, ESPALIER_DIR_OUT, 0)->p.priority);
	EXPECT(fakedb_policy_of(f, ESPALIER_DIR_OUT, 1)->p.priority >= 100);
	EXPECT(fakedb_policy_of(f, ESPALIER_DIR_OUT, 0)->p.reqid !=
	       fakedb_policy_of(f, ESPALIER_DIR_OUT, 1)->p.reqid);
	duo_end(d);
}

static void icmp(struct conn *c, enum duo_who who)
{
	duo_child_ts(c->children,
		     who == A ? "10.1.0.0/16[icmp/8]" : "10.2.0.0/16[icmp/8]",
		     who == A ? "10.2.0.0/16[icmp/8]" : "10.1.0.0/16[icmp/8]");
	/* type 8, all codes */
	c->children->local[0].ts.port_lo = c->children->remote[0].ts.port_lo =
		0x0800;
	c->children->local[0].ts.port_hi = c->children->remote[0].ts.port_hi =
		0x08ff;
}

static void ike_34_icmp_type_and_code(void)
{
	struct duo *d = made(1, icmp, true);
	struct espalier_policy *p =
		&fakedb_policy_of(d->side[A].db, ESPALIER_DIR_OUT, 0)->p;

	EXPECT_EQ(p->proto, 1);
	EXPECT_EQ(p->sport_lo, 8);
	EXPECT_EQ(p->sport_hi, 8);
	EXPECT_EQ(p->dport_lo, 0);
	EXPECT_EQ(p->dport_hi, 65535);
	duo_end(d);
}

static void opaque(struct conn *c, enum duo_who who)
{
	struct ts *ts = who == A ? &c->children->local[0].ts
				 : &c->children->remote[0].ts;

	ts->proto = 6;
	ts->port_lo = 65535;
	ts->port_hi = 0;
}

/* What no policy of the device can say is refused, and the log says what. */
static void ike_34_opaque_ports_are_refused(void)
{
	struct duo *d = made(1, opaque, false);

	EXPECT(duo_logged(d, A, "TS_UNACCEPTABLE"));
	EXPECT(duo_logged(d, B, "OPAQUE"));
	duo_end(d);
}

/* --------------------------------------------------------------------- mode */

static bool transport[2];

static void modes(struct conn *c, enum duo_who who)
{
	struct child_conf *k = c->children;

	k->mode =
		transport[who] ? ESPALIER_MODE_TRANSPORT : ESPALIER_MODE_TUNNEL;
	k->local[0].dynamic = k->remote[0].dynamic = true;
}

static void ike_35_transport_only_if_both_want(void)
{
	unsigned int i;

	for (i = 0; i < 4; i++) {
		enum espalier_mode want =
			i == 3 ? ESPALIER_MODE_TRANSPORT : ESPALIER_MODE_TUNNEL;
		struct child_sa_info a, b;
		struct duo *d;

		transport[A] = i & 1;
		transport[B] = i & 2;
		d = made(i + 1, modes, true);
		a = look(d, A);
		b = look(d, B);
		EXPECT_EQ(a.mode, want);
		EXPECT_EQ(b.mode, want);
		EXPECT_EQ(
			fakedb_sa_of(d->side[A].db, ESPALIER_DIR_OUT)->sa.mode,
			want);
		/* "dynamic": the addresses of the ends */
		EXPECT(has_ts(a.local, a.nlocal, "192.0.2.1/32"));
		EXPECT(has_ts(a.remote, a.nremote, "192.0.2.2/32"));
		/* and again in an exchange of its own */
		EXPECT_EQ(ike_rekey(d->side[A].ike, d->now,
				    &(struct ike_select){ .child = "net" }),
			  1);
		duo_run(d, 20 * IKE_USEC);
		EXPECT_EQ(look(d, A).mode, want);
		EXPECT_EQ(look(d, B).mode, want);
		duo_end(d);
	}
}

/* --------------------------------------------------------------- algorithms */

static const char *esp[2];

static void esp_of(struct conn *c, enum duo_who who)
{
	duo_child_proposal(c->children, esp[who]);
}

static void ike_32_keys_and_salt_in_order(void)
{
	static const struct {
		const char *text;
		unsigned int key, icv;
	} t[] = { { "aes128gcm16", 20, 16 },
		  { "aes256gcm16", 36, 16 },
		  { "aes128gcm12", 20, 12 },
		  { "aes256gcm8", 36, 8 } };
	unsigned int i, w;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct duo *d;

		esp[A] = esp[B] = t[i].text;
		/* made() finds the same bytes on both ends, crossed over */
		d = made(i + 1, esp_of, true);
		for (w = 0; w < 2; w++) {
			struct fakedb *f = d->side[w].db;
			struct espalier_sa *in =
				&fakedb_sa_of(f, ESPALIER_DIR_IN)->sa;
			struct espalier_sa *out =
				&fakedb_sa_of(f, ESPALIER_DIR_OUT)->sa;

			EXPECT_EQ(in->key_len, t[i].key);
			EXPECT_EQ(out->icv_len, t[i].icv);
			EXPECT(memcmp(in->key, out->key, in->key_len));
			EXPECT(!in->esn);
			EXPECT_EQ(d->side[w].keymats, 2);
		}
		duo_end(d);
	}
}

static void no_esn(struct duo *d, enum duo_who who)
{
	d->side[who].db->caps.esn = false;
}

/* Only what the device can carry is offered, and chosen. */
static void capabilities_bound_what_is_agreed(void)
{
	struct child_sa_info a;
	struct duo *d;
	unsigned int i;

	esp[A] = esp[B] = "aes256gcm16-aes128gcm16-esn-noesn";
	for (i = 0; i < 3; i++) {
		struct duo_done done;

		d = duo_new(i + 1);
		if (i < 2) {
			d->side[i].db->caps.key256 = false;
			no_esn(d, i);
		}
		duo_conns(d, esp_of);
		duo_initiate(d, A, "net", &done);
		EXPECT(duo_run_until(d, duo_up, 5 * IKE_USEC));
		a = look(d, A);
		EXPECT_EQ(proposal_find(&a.proposal, TT_ENCR)->bits,
			  i < 2 ? 128 : 256);
		EXPECT_EQ(fakedb_sa_of(d->side[B].db, ESPALIER_DIR_IN)->sa.esn,
			  i == 2);
		duo_end(d);
	}
}

static void no_window(struct conn *c, enum duo_who who)
{
	duo_child_proposal(c->children, "aes128gcm16-esn-noesn");
	if (who == B)
		c->children->window = 0;
}

/* RFC 4303 section 3.4.3: the high half is inferred from the window. */
static void no_esn_without_a_window(void)
{
	struct duo *d = made(1, no_window, true);

	EXPECT(!fakedb_sa_of(d->side[A].db, ESPALIER_DIR_IN)->sa.esn);
	EXPECT_EQ(fakedb_sa_of(d->side[A].db, ESPALIER_DIR_IN)->sa.window, 64);
	EXPECT_EQ(fakedb_sa_of(d->side[B].db, ESPALIER_DIR_IN)->sa.window, 0);
	duo_end(d);
}

static void big_window(struct conn *c, enum duo_who who)
{
	c->children->window = who == A ? 1 : 100000;
}

static void window_within_the_device(void)
{
	struct duo *d = made(1, big_window, true);

	EXPECT_EQ(fakedb_sa_of(d->side[A].db, ESPALIER_DIR_IN)->sa.window, 32);
	EXPECT_EQ(fakedb_sa_of(d->side[B].db, ESPALIER_DIR_IN)->sa.window,
		  1024);
	duo_end(d);
}

/* -------------------------------------------------------------------- order */

struct order {
	bool answered; /* B has sent its IKE_AUTH answer */
	unsigned int in, out, policies; /* of B when it did */
};

static void note_order(struct duo *d, struct duo_msg *m, struct duo_fate *fate,
		       void *arg)
{
	struct order *o = arg;

	(void)fate;
	if (m->from != B || m->exchange != IKE_AUTH || !m->response)
		return;
	o->answered = true;
	o->in = fakedb_sas(d->side[B].db, ESPALIER_DIR_IN);
	o->out = fakedb_sas(d->side[B].db, ESPALIER_DIR_OUT);
	o->policies = fakedb_policies(d->side[B].db);
}

/* IKE-37: whoever answers hears before it speaks. That no outbound SA stands
 * before its inbound one is watched by fakedb in every test. */
static void ike_37_answered_when_installed(void)
{
	struct duo *d = duo_new(1);
	struct order o = { 0 };

	duo_conns(d, NULL);
	d->rule = note_order;
	d->rule_arg = &o;
	duo_initiate(d, A, "net", NULL);
	EXPECT(duo_run_until(d, duo_up, 5 * IKE_USEC));
	EXPECT(o.answered);
	EXPECT_EQ(o.in, 1);
	EXPECT_EQ(o.out, 1);
	EXPECT_EQ(o.policies, 2);
	duo_end(d);
}

/* ------------------------------------------------------------------- limits */

static void limited(struct conn *c, enum duo_who who)
{
	struct child_conf *k = c->children;

	duo_child_proposal(k, "aes128gcm16");
	if (who == B)
		return;
	k->rekey_bytes = 1000000;
	k->rand_bytes = 100000;
	k->life_bytes = 2000000;
	k->rekey_packets = 5000;
	k->rand_packets = 500;
	k->life_packets = 6000;
	k->rekey_time = 100 * IKE_USEC;
	k->rand_time = 10 * IKE_USEC;
	k->life_time = 200 * IKE_USEC;
}

static void limits_are_set_with_jitter(void)
{
	struct duo *d = made(1, limited, true);
	struct child_sa_info a = look(d, A);
	struct espalier_limits *l, *n;

	l = &fakedb_sa_of(d->side[A].db, ESPALIER_DIR_OUT)->sa.limits;
	EXPECT(l->soft_bytes >= 900000 && l->soft_bytes <= 1000000);
	EXPECT_EQ(l->hard_bytes, 2000000);
	EXPECT(l->soft_packets >= 4500 && l->soft_packets <= 5000);
	EXPECT_EQ(l->hard_packets, 6000);
	EXPECT(a.rekey_at - a.installed >= 90 * IKE_USEC);
	EXPECT(a.rekey_at - a.installed <= 100 * IKE_USEC);
	EXPECT_EQ(a.expire_at - a.installed, 200 * IKE_USEC);
	/* nothing is configured: 32-bit numbers end all the same */
	n = &fakedb_sa_of(d->side[B].db, ESPALIER_DIR_OUT)->sa.limits;
	EXPECT(n->soft_packets > 0xe0000000 && n->soft_packets < UINT32_MAX);
	EXPECT_EQ(n->soft_bytes, 0);
	EXPECT_EQ(n->hard_packets, 0);
	duo_end(d);
}

/* ----------------------------------------------------------------- failures */

static void other_proposal(struct conn *c, enum duo_who who)
{
	if (who == B)
		duo_child_proposal(c->children, "aes256gcm16-esn");
}

static void ike_33_no_proposal_leaves_the_ike_sa(void)
{
	struct duo *d = made(1, other_proposal, false);

	EXPECT(duo_logged(d, A, "NO_PROPOSAL_CHOSEN"));
	duo_end(d);
}

/* Each operation of the database on each side may be the one that fails. */
static void ike_33_full_database_leaves_the_ike_sa(void)
{
	unsigned int i;

	for (i = 0; i < 4; i++) {
		enum duo_who who = i / 2;
		struct duo *d = duo_new(i + 1);
		struct duo_done done;

		duo_conns(d, NULL);
		d->side[who].db->fail_sa_add = i % 2;
		duo_initiate(d, A, "net", &done);
		duo_run(d, 10 * IKE_USEC);
		EXPECT_EQ(done.calls, 1);
		EXPECT(done.err < 0);
		EXPECT_EQ(duo_ike_sas(d, A, "ESTABLISHED"), 1);
		EXPECT_EQ(duo_ike_sas(d, B, "ESTABLISHED"), 1);
		EXPECT_EQ(duo_child_sas(d, A, NULL), 0);
		EXPECT_EQ(duo_child_sas(d, B, NULL), 0);
		EXPECT_EQ(fakedb_sas(d->side[A].db, -1), 0);
		EXPECT_EQ(fakedb_sas(d->side[B].db, -1), 0);
		/* and the next attempt, in an exchange of its own */
		duo_initiate(d, A, "net", &done);
		EXPECT(duo_run_until(d, duo_up, 5 * IKE_USEC));
		EXPECT_EQ(done.err, 0);
		d->side[who].db->fail_sa_add = -1;
		duo_end(d);
	}
}

static void ike_33_create_fails_and_the_ike_sa_stays(void)
{
	unsigned int i;

	for (i = 0; i < 4; i++) {
		enum duo_who who = i / 2;
		struct duo *d = made(i + 1, nested, true);
		struct duo_done done;

		d->side[who].db->fail_sa_add = i % 2;
		duo_initiate(d, A, "host", &done);
		duo_run(d, 10 * IKE_USEC);
		EXPECT(done.calls == 1 && done.err < 0);
		/* what was there is not touched */
		EXPECT(duo_up(d));
		EXPECT(duo_reaches(d, A) && duo_reaches(d, B));
		d->side[who].db->fail_sa_add = -1;
		duo_end(d);
	}
}

static const struct test_case cases[] = {
	{ "ike_32_keys_and_salt_in_order", ike_32_keys_and_salt_in_order },
	{ "ike_33_no_proposal_leaves_the_ike_sa",
	  ike_33_no_proposal_leaves_the_ike_sa },
	{ "ike_33_full_database_leaves_the_ike_sa",
	  ike_33_full_database_leaves_the_ike_sa },
	{ "ike_33_create_fails_and_the_ike_sa_stays",
	  ike_33_create_fails_and_the_ike_sa_stays },
	{ "ike_34_narrowed_to_what_both_want",
	  ike_34_narrowed_to_what_both_want },
	{ "ike_34_several_selectors", ike_34_several_selectors },
	{ "ike_34_the_child_that_fits_exactly",
	  ike_34_the_child_that_fits_exactly },
	{ "ike_34_icmp_type_and_code", ike_34_icmp_type_and_code },
	{ "ike_34_opaque_ports_are_refused", ike_34_opaque_ports_are_refused },
	{ "ike_35_transport_only_if_both_want",
	  ike_35_transport_only_if_both_want },
	{ "ike_37_answered_when_installed", ike_37_answered_when_installed },
	{ "capabilities_bound_what_is_agreed",
	  capabilities_bound_what_is_agreed },
	{ "no_esn_without_a_window", no_esn_without_a_window },
	{ "window_within_the_device", window_within_the_device },
	{ "limits_are_set_with_jitter", limits_are_set_with_jitter },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	return suite_run("test_child", cases, argc, argv);
}
