/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IKE_SA_INIT: what is lost, doubled, broken, refused.
 */
#include <string.h>
#include "craft_init.h"
#include "watch.h"
#include "duo.h"

/* ------------------------------------------------------------------- losses */

struct drop {
	enum duo_who from;
	unsigned int exchange;
	bool response;
	unsigned int upto; /* transmissions that are lost */
	unsigned int lost;
};

static void drop(struct duo *d, struct duo_msg *m, struct duo_fate *f,
		 void *arg)
{
	struct drop *r = arg;

	(void)d;
	if (m->from == r->from && m->exchange == r->exchange &&
	    m->response == r->response && m->n < r->upto) {
		f->copies = 0;
		r->lost++;
	}
}

static void every_lost_message(void)
{
	static const struct drop drops[] = {
		{ A, IKE_SA_INIT, false, 1, 0 }, { B, IKE_SA_INIT, true, 1, 0 },
		{ A, IKE_AUTH, false, 1, 0 },	 { B, IKE_AUTH, true, 1, 0 },
		{ A, IKE_SA_INIT, false, 5, 0 }, { B, IKE_SA_INIT, true, 5, 0 },
		{ A, IKE_AUTH, false, 5, 0 },	 { B, IKE_AUTH, true, 5, 0 },
	};
	unsigned int i;

	for (i = 0; i < sizeof(drops) / sizeof(drops[0]); i++) {
		struct duo *d = duo_new(i);
		struct drop r = drops[i];
		struct duo_done done;

		/* The slowest of them takes longer than a half-open SA has. */
		d->side[B].set.half_open_timeout = 300 * IKE_USEC;
		duo_conns(d, NULL);
		d->rule = drop;
		d->rule_arg = &r;
		duo_initiate(d, A, "net", &done);
		EXPECT(duo_run_until(d, duo_up, 300 * IKE_USEC));
		EXPECT_EQ(r.lost, r.upto);
		EXPECT_EQ(done.err, 0);
		EXPECT_EQ(duo_counters(d, B).setups, 1);
		duo_end(d);
	}
}

static void twice(struct duo *d, struct duo_msg *m, struct duo_fate *f,
		  void *arg)
{
	(void)d;
	(void)m;
	(void)arg;
	f->copies = 3;
}

/* The cached bytes, and nothing done twice. */
static void ike_13_duplicates_get_the_cached_reply(void)
{
	struct duo *d = duo_new(2);
	unsigned int i, k;

	duo_conns(d, NULL);
	d->rule = twice;
	duo_initiate(d, A, "net", NULL);
	duo_run(d, 2 * IKE_USEC);
	EXPECT(duo_up(d));
	EXPECT_EQ(duo_counters(d, B).setups, 1);
	EXPECT_EQ(duo_counters(d, B).retransmits_in, 4);
	for (i = 0; i < d->nspoken; i++)
		for (k = 0; k < i; k++)
			if (d->spoken[i].from == B && d->spoken[k].from == B &&
			    d->spoken[i].exchange == d->spoken[k].exchange)
				EXPECT(d->spoken[i].hash == d->spoken[k].hash);
	duo_end(d);
}

static void ike_14_retransmission_is_identical_and_slower_each_time(void)
{
	struct drop r = { A, IKE_SA_INIT, false, 100, 0 };
	struct duo *d = duo_new(3);
	struct duo_done done;
	uint64_t gap, last = 0;
	unsigned int i;

	duo_conns(d, NULL);
	d->rule = drop;
	d->rule_arg = &r;
	duo_initiate(d, A, "net", &done);
	duo_run(d, 400 * IKE_USEC);
	EXPECT_EQ(done.calls, 1);
	EXPECT(done.err == -ETIMEDOUT);
	EXPECT_EQ(r.lost, 6);
	for (i = 1; i < d->nspoken; i++) {
		EXPECT(d->spoken[i].hash == d->spoken[0].hash);
		gap = d->spoken[i].at - d->spoken[i - 1].at;
		EXPECT(gap > last);
		last = gap;
	}
	EXPECT_EQ(d->spoken[1].at - d->spoken[0].at, 4 * IKE_USEC);
	EXPECT_EQ(d->spoken[2].at - d->spoken[1].at, 7200000);
	EXPECT(ike_idle(d->side[A].ike));
	duo_end(d);
}

static void ike_15_responders_are_silent_by_themselves(void)
{
	struct drop r = { B, IKE_SA_INIT, true, 100, 0 };
	struct duo *d = duo_new(4);

	duo_conns(d, NULL);
	d->rule = drop;
	d->rule_arg = &r;
	duo_initiate(d, A, "net", NULL);
	duo_run(d, 400 * IKE_USEC);
	/* One a request; those after the half-open limit open a new SA. */
	EXPECT_EQ(duo_said(d, B, IKE_SA_INIT, true, -1),
		  duo_said(d, A, IKE_SA_INIT, false, -1));
	EXPECT_EQ(duo_counters(d, B).half_open, 0);
	EXPECT(duo_down(d));
	duo_end(d);
}

static void three_tries(struct conn *c, enum duo_who who)
{
	(void)who;
	c->keyingtries = 3;
}

static void keyingtries_begin_anew(void)
{
	struct drop r = { A, IKE_SA_INIT, false, 100, 0 };
	struct duo *d = duo_new(5);
	struct duo_done done;

	duo_conns(d, three_tries);
	d->rule = drop;
	d->rule_arg = &r;
	duo_initiate(d, A, "net", &done);
	duo_run(d, 1000 * IKE_USEC);
	EXPECT_EQ(done.calls, 1);
	EXPECT(done.err == -ETIMEDOUT);
	EXPECT_EQ(r.lost, 18);
	/* Another SPI each time. */
	EXPECT(d->spoken[0].hash != d->spoken[6].hash);
	EXPECT(d->spoken[6].hash != d->spoken[12].hash);
	duo_end(d);
}

static void the_second_try_brings_it_up(void)
{
	/* All of IKE_AUTH of the first attempt: the child goes along again. */
	struct drop r = { B, IKE_AUTH, true, 6, 0 };
	struct duo *d = duo_new(6);
	struct duo_done done;

	duo_conns(d, three_tries);
	d->rule = drop;
	d->rule_arg = &r;
	duo_initiate(d, A, "net", &done);
	duo_run(d, 200 * IKE_USEC);
	EXPECT_EQ(done.calls, 1);
	EXPECT_EQ(done.err, 0);
	EXPECT_EQ(duo_child_sas(d, A, "INSTALLED"), 1);
	EXPECT(duo_packet(d, A));
	duo_end(d);
}

/* --------------------------------------------------------- strange messages */

/* Same SPI, another message: not a retransmission. */
static void ike_16_duplicate_is_the_whole_message(void)
{
	struct duo *d = duo_new(7);
	struct craft_init c = { .spi_i = 0x1111, .nonce_fill = 1 };

	duo_conns(d, NULL);
	inject_init(d, &c, "192.0.2.1");
	EXPECT_EQ(duo_counters(d, B).half_open, 1);
	inject_init(d, &c, "192.0.2.1");
	EXPECT_EQ(duo_counters(d, B).half_open, 1);
	EXPECT_EQ(duo_counters(d, B).retransmits_in, 1);
	c.nonce_fill = 2;
	inject_init(d, &c, "192.0.2.1");
	EXPECT_EQ(duo_counters(d, B).half_open, 2);
	EXPECT_EQ(duo_said(d, B, IKE_SA_INIT, true, 0), 3);
	duo_end(d);
}

static void ike_1_2_18_headers(void)
{
	struct craft_init good = { .spi_i = 0x2222 };
	struct duo *d = duo_new(8);
	struct ike_end src = duo_at(d, A, 500), dst = duo_at(d, B, 500);
	uint8_t buf[1024];
	size_t len = craft_init(&good, buf, sizeof(buf));

	duo_conns(d, NULL);
	duo_inject(d, A, &src, &dst, buf, 27);
	duo_inject(d, A, &src, &dst, buf, len - 1);
	duo_run(d, 20000);
	EXPECT_EQ(duo_counters(d, B).short_message, 2);
	EXPECT_EQ(d->nspoken, 0);

	memset(buf, 0, 8); /* SPI 0 */
	duo_inject(d, A, &src, &dst, buf, len);
	duo_run(d, 20000);
	EXPECT_EQ(d->nspoken, 0);

	craft_init(&good, buf, sizeof(buf));
	buf[17] = 0x30;
	duo_inject(d, A, &src, &dst, buf, len);
	duo_run(d, 20000);
	EXPECT_EQ(duo_counters(d, B).bad_version, 1);
	EXPECT_EQ(d->nspoken, 1);
	EXPECT(d->spoken[0].response);
	EXPECT_EQ(duo_counters(d, B).half_open, 0);

	/* The minor one does not matter. */
	buf[17] = 0x2f;
	duo_inject(d, A, &src, &dst, buf, len);
	duo_run(d, 20000);
	EXPECT_EQ(duo_counters(d, B).half_open, 1);
	duo_end(d);
}

static void ike_19_unknown_spi_is_answered_a_little(void)
{
	struct ike_hdr hdr = { .spi_i = 5,
			       .spi_r = 6,
			       .exchange = IKE_INFORMATIONAL,
			       .flags = IKE_FLAG_INITIATOR,
			       .id = 9 };
	struct duo *d = duo_new(9);
	struct ike_end src = duo_at(d, A, 500), dst = duo_at(d, B, 500);
	uint8_t buf[200];
	size_t len;
	int i;

	duo_conns(d, NULL);
	len = craft_notify(&hdr, N_INITIAL_CONTACT, NULL, 0, buf, sizeof(buf));
	for (i = 0; i < 500; i++)
		duo_inject(d, A, &src, &dst, buf, len);
	duo_run(d, 20000);
	EXPECT_EQ(duo_counters(d, B).unknown_spi, 500);
	EXPECT(d->nspoken >= 1 && d->nspoken <= 64);
	/* A response is never answered. */
	len = d->nspoken;
	buf[19] |= IKE_FLAG_RESPONSE;
	duo_run(d, 2 * IKE_USEC);
	duo_inject(d, A, &src, &dst, buf, 36);
	duo_run(d, 20000);
	EXPECT_EQ(d->nspoken, len);
	duo_end(d);
}

static void ike_27_28_values_are_checked(void)
{
	struct craft_init zero = { .spi_i = 3, .pub_zero = true };
	struct craft_init brief = { .spi_i = 4, .nonce_len = 15 };
	struct craft_init half = {
		.spi_i = 5,
		.nonce_len = 31,
		.proposal = "aes128gcm16-prfsha512-x25519",
	};
	struct duo *d = duo_new(10);
	struct conn *c = duo_conn(d, B);

	duo_conn_also(c, "aes128gcm16-prfsha512-x25519");
	duo_load(d, B, c);
	inject_init(d, &zero, "192.0.2.1");
	EXPECT_EQ(duo_counters(d, B).half_open, 0);
	inject_init(d, &brief, "192.0.2.1");
	EXPECT_EQ(duo_counters(d, B).half_open, 0);
	/* 31 bytes are less than half the key of HMAC-SHA-512 */
	inject_init(d, &half, "192.0.2.1");
	EXPECT_EQ(duo_counters(d, B).half_open, 0);
	half.nonce_len = 32;
	inject_init(d, &half, "192.0.2.1");
	EXPECT_EQ(duo_counters(d, B).half_open, 1);
	duo_end(d);
}

/* Cut short, an unknown critical payload, two nonces: one word at most, and
 * never INVALID_SYNTAX, since nobody has signed it. */
static void ike_4_8_broken_requests_get_no_syntax_error(void)
{
	struct craft_init c = { .spi_i = 0x77 };
	struct duo *d = duo_new(50);
	struct ike_end src = duo_at(d, A, 500), dst = duo_at(d, B, 500);
	uint8_t buf[1024];
	size_t len = craft_init(&c, buf, sizeof(buf)), cut;

	duo_conns(d, NULL);
	for (cut = IKE_HDR_LEN; cut < len; cut++) {
		buf[26] = cut >> 8;
		buf[27] = cut;
		duo_inject(d, A, &src, &dst, buf, cut);
	}
	duo_run(d, 20000);
	EXPECT_EQ(d->nspoken, 0);
	EXPECT_EQ(duo_counters(d, B).bad_syntax, len - IKE_HDR_LEN);
	EXPECT_EQ(duo_counters(d, B).half_open, 0);

	/* the SA payload, critical, of type 99 */
	buf[26] = len >> 8;
	buf[27] = len;
	buf[16] = 99;
	buf[29] |= 0x80;
	duo_inject(d, A, &src, &dst, buf, len);
	duo_run(d, IKE_USEC);
	duo_inject(d, A, &src, &dst, buf, len);
	duo_run(d, 20000);
	EXPECT(d->nspoken >= 1);
	EXPECT_EQ(d->spoken[0].len, IKE_HDR_LEN + 9);
	EXPECT_EQ(duo_counters(d, B).half_open, 0);
	duo_end(d);
}

/* --------------------------------------------------------------- refusals */

static void other_group(struct conn *c, enum duo_who who)
{
	if (who == B)
		duo_conn_proposal(c, "aes256gcm16-prfsha384-ecp384");
}

static void ike_26_no_proposal_chosen_is_explained(void)
{
	struct duo *d = duo_new(19);
	struct duo_done done;

	duo_conns(d, other_group);
	duo_initiate(d, A, "net", &done);
	duo_run(d, 60 * IKE_USEC);
	EXPECT_EQ(done.calls, 1);
	EXPECT(done.err != 0);
	EXPECT(strstr(done.why, "NO_PROPOSAL_CHOSEN"));
	EXPECT(duo_logged(d, B, "proposal received 1: AES_GCM_16_128"));
	EXPECT(duo_logged(d, B, "proposal configured 1: AES_GCM_16_256"));
	EXPECT(duo_logged(d, B, "first difference: "));
	EXPECT_EQ(duo_counters(d, B).ike_sas, 0);
	duo_end(d);
}

/* Words that are known, of ciphers that no IKE SA here can have. */
static bool nothing_else, b_differs;

static void not_carried(struct conn *c, enum duo_who who)
{
	if (who == B) {
		if (b_differs)
			other_group(c, who);
		return;
	}
	duo_conn_proposal(c, "aes128ctr-sha256-x25519");
	if (!nothing_else)
		duo_conn_also(c, "aes128ccm16-aes128gcm16-prfsha256-x25519");
}

static void what_cannot_be_carried_is_not_offered(void)
{
	struct duo_done done;
	struct duo *d;

	/* a peer that refuses says what it got */
	b_differs = true;
	d = duo_new(21);
	duo_conns(d, not_carried);
	duo_initiate(d, A, "net", &done);
	duo_run(d, 60 * IKE_USEC);
	EXPECT(done.calls == 1 && done.err != 0);
	EXPECT(duo_logged(d, B, "proposal received 1: AES_GCM_16_128/"));
	EXPECT(!duo_logged(d, B, "proposal received 2"));
	EXPECT(!duo_logged(d, B, "AES_CTR") && !duo_logged(d, B, "AES_CCM"));
	duo_end(d);
	/* another one takes it, and again when it is rekeyed */
	b_differs = false;
	d = duo_new(22);
	duo_conns(d, not_carried);
	duo_initiate(d, A, "net", &done);
	EXPECT(duo_run_until(d, duo_up, 5 * IKE_USEC));
	EXPECT_EQ(duo_rekey(d, A, false), 1);
	duo_run(d, 5 * IKE_USEC);
	EXPECT_EQ(d->side[A].events[IKE_EV_IKE_REKEYED], 1);
	duo_end(d);
	/* and nothing goes out when nothing is left */
	nothing_else = true;
	d = duo_new(23);
	duo_conns(d, not_carried);
	duo_initiate(d, A, "net", &done);
	duo_run(d, IKE_USEC);
	EXPECT(done.calls == 1 && done.err < 0);
	EXPECT(strstr(done.why, "none of its proposals can be carried"));
	EXPECT_EQ(duo_said(d, A, IKE_SA_INIT, false, -1), 0);
	EXPECT_EQ(duo_counters(d, A).ike_sas, 0);
	nothing_else = false;
	duo_end(d);
}

static void elsewhere(struct conn *c, enum duo_who who)
{
	if (who == B) {
		duo_addr("198.51.100.7", &c->remote[0].lo);
		c->remote[0].hi = c->remote[0].lo;
	}
}

static void unknown_address(void)
{
	struct duo *d = duo_new(20);
	struct duo_done done;

	duo_conns(d, elsewhere);
	duo_initiate(d, A, "net", &done);
	duo_run(d, 60 * IKE_USEC);
	EXPECT(done.err != 0);
	EXPECT(duo_logged(d, B, "no connection between 192.0.2.2"));
	EXPECT(duo_logged(d, B, "the remote address differs"));
	EXPECT(duo_counters(d, B).unknown_peer >= 1);
	duo_end(d);
}

/* Mallory is faster than B. */
static void ike_9_forged_refusal_kills_nothing(void)
{
	static const enum ike_notify types[] = { N_NO_PROPOSAL_CHOSEN,
						 N_INVALID_SYNTAX,
						 N_INVALID_MAJOR_VERSION,
						 N_AUTHENTICATION_FAILED };
	unsigned int i;

	for (i = 0; i < 4; i++) {
		struct duo *d = duo_new(21 + i);
		struct ike_end a = duo_at(d, A, 500), b = duo_at(d, B, 500);
		struct ike_sa_info info;
		struct ike_hdr hdr = { .exchange = IKE_SA_INIT,
				       .flags = IKE_FLAG_RESPONSE };
		uint8_t buf[100];
		size_t len;

		duo_conns(d, NULL);
		duo_initiate(d, A, "net", NULL);
		ike_sa_look(duo_sa(d, A), &info);
		hdr.spi_i = info.spi_i;
		len = craft_notify(&hdr, types[i], NULL, 0, buf, sizeof(buf));
		duo_inject(d, B, &b, &a, buf, len);
		EXPECT(duo_run_until(d, duo_up, 10 * IKE_USEC));
		EXPECT(duo_logged(d, A, "not authenticated"));
		duo_end(d);
	}
}

static const struct test_case cases[] = {
	{ "every_lost_message", every_lost_message },
	{ "ike_13_duplicates_get_the_cached_reply",
	  ike_13_duplicates_get_the_cached_reply },
	{ "ike_14_retransmission_is_identical_and_slower_each_time",
	  ike_14_retransmission_is_identical_and_slower_each_time },
	{ "ike_15_responders_are_silent_by_themselves",
	  ike_15_responders_are_silent_by_themselves },
	{ "keyingtries_begin_anew", keyingtries_begin_anew },
	{ "the_second_try_brings_it_up", the_second_try_brings_it_up },
	{ "ike_16_duplicate_is_the_whole_message",
	  ike_16_duplicate_is_the_whole_message },
	{ "ike_1_2_18_headers", ike_1_2_18_headers },
	{ "ike_19_unknown_spi_is_answered_a_little",
	  ike_19_unknown_spi_is_answered_a_little },
	{ "ike_27_28_values_are_checked", ike_27_28_values_are_checked },
	{ "ike_4_8_broken_requests_get_no_syntax_error",
	  ike_4_8_broken_requests_get_no_syntax_error },
	{ "what_cannot_be_carried_is_not_offered",
	  what_cannot_be_carried_is_not_offered },
	{ "ike_26_no_proposal_chosen_is_explained",
	  ike_26_no_proposal_chosen_is_explained },
	{ "unknown_address", unknown_address },
	{ "ike_9_forged_refusal_kills_nothing",
	  ike_9_forged_refusal_kills_nothing },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	return suite_run("test_core_init", cases, argc, argv);
}
