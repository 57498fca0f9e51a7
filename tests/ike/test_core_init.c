/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IKE_SA_INIT: what is lost, doubled, forged, flooded; cookies, groups, NAT.
 */
#include <string.h>
#include "craft_init.h"
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

static void inject_init(struct duo *d, const struct craft_init *c,
			const char *from)
{
	struct ike_end src = { .port = 500 }, dst = duo_at(d, B, 500);
	uint8_t buf[1024];

	duo_addr(from, &src.ip);
	duo_inject(d, A, &src, &dst, buf, craft_init(c, buf, sizeof(buf)));
	duo_run(d, 20000);
}

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

/* --------------------------------------------------------- cookies, groups */

static void ike_20_cookie_costs_no_memory(void)
{
	struct duo *d = duo_new(11);
	size_t idle;

	d->side[B].set.cookie_from = 0;
	duo_conns(d, NULL);
	idle = duo_counters(d, B).bytes;
	duo_initiate(d, A, "net", NULL);
	while (!duo_counters(d, B).cookies_sent && duo_step(d, UINT64_MAX))
		;
	EXPECT_EQ(duo_counters(d, B).bytes, idle);
	EXPECT_EQ(duo_counters(d, B).ike_sas, 0);
	EXPECT(duo_run_until(d, duo_up, 2 * IKE_USEC));
	EXPECT_EQ(duo_counters(d, B).cookies_sent, 1);
	/* Message ID 0 all the way (IKE-10). */
	EXPECT_EQ(duo_said(d, A, IKE_SA_INIT, false, 0), 2);
	EXPECT_EQ(duo_said(d, A, IKE_AUTH, false, 1), 1);
	duo_end(d);
}

struct late {
	uint64_t by;
};

static void second_init_is_late(struct duo *d, struct duo_msg *m,
				struct duo_fate *f, void *arg)
{
	struct late *l = arg;

	(void)d;
	if (m->from == A && m->exchange == IKE_SA_INIT && m->n == 1)
		f->delay = l->by;
}

/* The secret has changed once in between, then more than once. */
static void ike_20_last_secret_is_good_too(void)
{
	static const struct {
		uint64_t by;
		unsigned int cookies;
	} t[] = { { 70 * IKE_USEC, 1 }, { 130 * IKE_USEC, 2 } };
	unsigned int i;

	for (i = 0; i < 2; i++) {
		struct duo *d = duo_new(12 + i);
		struct late l = { t[i].by };

		d->side[B].set.cookie_from = 0;
		/* no other transmission but the late one */
		d->side[A].set.retransmit_timeout = 300 * IKE_USEC;
		duo_conns(d, NULL);
		d->rule = second_init_is_late;
		d->rule_arg = &l;
		duo_initiate(d, A, "net", NULL);
		EXPECT(duo_run_until(d, duo_up, 290 * IKE_USEC));
		EXPECT_EQ(duo_counters(d, B).cookies_sent, t[i].cookies);
		duo_end(d);
	}
}

static void ike_20_cookie_is_of_its_sender(void)
{
	struct duo *d = duo_new(14);
	uint8_t forged[33] = { 0 };
	struct craft_init c = { .spi_i = 7,
				.cookie = { forged, sizeof(forged) } };

	d->side[B].set.cookie_from = 0;
	duo_conns(d, NULL);
	inject_init(d, &c, "192.0.2.1");
	EXPECT_EQ(duo_counters(d, B).cookies_sent, 1);
	EXPECT_EQ(duo_counters(d, B).half_open, 0);
	c.cookie.len = 1;
	inject_init(d, &c, "192.0.2.1");
	EXPECT_EQ(duo_counters(d, B).half_open, 0);
	duo_end(d);
}

/* A begins with P-256 and would take X25519; B takes nothing else. */
static void two_groups(struct conn *c, enum duo_who who)
{
	if (who == A)
		duo_conn_proposal(c, "aes128gcm16-prfsha256-ecp256-x25519");
}

static void invalid_ke_payload(void)
{
	struct duo *d = duo_new(15);

	duo_conns(d, two_groups);
	duo_initiate(d, A, "net", NULL);
	EXPECT(duo_run_until(d, duo_up, 2 * IKE_USEC));
	EXPECT_EQ(duo_said(d, A, IKE_SA_INIT, false, 0), 2);
	EXPECT(duo_logged(d, A, "the peer wants another group"));
	duo_end(d);
}

static void ike_21_cookie_and_group_converge(void)
{
	struct duo *d = duo_new(16);

	d->side[B].set.cookie_from = 0;
	duo_conns(d, two_groups);
	duo_initiate(d, A, "net", NULL);
	EXPECT(duo_run_until(d, duo_up, 2 * IKE_USEC));
	/* The cookie covers nonce and SPI, which stay: it is asked for once. */
	EXPECT_EQ(duo_counters(d, B).cookies_sent, 1);
	EXPECT_EQ(duo_said(d, A, IKE_SA_INIT, false, 0), 3);
	duo_end(d);
}

/* Takes the place of every answer of B. */
struct mallory {
	enum ike_notify type;
	uint8_t data[40];
	size_t len;
	unsigned int n;
};

static void always(struct duo *d, struct duo_msg *m, struct duo_fate *f,
		   void *arg)
{
	struct mallory *e = arg;
	struct ike_hdr hdr = { .spi_i = m->spi_i,
			       .exchange = IKE_SA_INIT,
			       .flags = IKE_FLAG_RESPONSE };

	(void)d;
	(void)f;
	if (m->from != B)
		return;
	e->n++;
	e->data[1] = e->n & 1 && e->type == N_INVALID_KE_PAYLOAD
			     ? KE_ECP_256
			     : KE_CURVE25519;
	m->len = craft_notify(&hdr, e->type, e->data, e->len, m->data,
			      sizeof(m->data));
}

static void ike_21_rounds_are_bounded(void)
{
	static const struct mallory evil[] = {
		{ N_COOKIE, { 0 }, 40, 0 },
		{ N_INVALID_KE_PAYLOAD, { 0 }, 2, 0 },
	};
	unsigned int i;

	for (i = 0; i < 2; i++) {
		struct duo *d = duo_new(17 + i);
		struct mallory e = evil[i];
		struct duo_done done;

		duo_conns(d, two_groups);
		d->rule = always;
		d->rule_arg = &e;
		duo_initiate(d, A, "net", &done);
		duo_run(d, 400 * IKE_USEC);
		EXPECT_EQ(done.calls, 1);
		EXPECT(done.err != 0);
		EXPECT(duo_said(d, A, IKE_SA_INIT, false, 0) <= 12);
		duo_end(d);
	}
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

/* --------------------------------------------------------------- half-open */

static void ike_22_half_open_limits(void)
{
	struct duo *d = duo_new(30);
	struct craft_init c = { .spi_i = 1 };
	struct conn *conn = duo_conn(d, B);
	char from[40];
	int i;

	d->side[B].set.cookie_from = 1000;
	d->side[B].set.half_open_max = 12;
	d->side[B].set.half_open_source = 5;
	conn->remote[0].any = true;
	duo_load(d, B, conn);
	for (i = 0; i < 9; i++, c.spi_i++)
		inject_init(d, &c, "203.0.113.1");
	EXPECT_EQ(duo_counters(d, B).half_open, 5);
	EXPECT_EQ(duo_counters(d, B).half_open_refused, 4);
	for (i = 0; i < 9; i++, c.spi_i++) {
		snprintf(from, sizeof(from), "203.0.113.%d", 10 + i);
		inject_init(d, &c, from);
	}
	EXPECT_EQ(duo_counters(d, B).half_open, 12);
	EXPECT_EQ(duo_counters(d, B).half_open_refused, 6);
	/* Their time is over; there is room again. */
	duo_run(d, 31 * IKE_USEC);
	EXPECT_EQ(duo_counters(d, B).half_open, 0);
	EXPECT_EQ(duo_counters(d, B).ike_sas, 0);
	inject_init(d, &c, "203.0.113.1");
	EXPECT_EQ(duo_counters(d, B).half_open, 1);
	duo_end(d);
}

/* Spoofed senders never see the cookie; the peer does. */
static void flood_and_a_legitimate_peer(void)
{
	struct duo *d = duo_new(31);
	struct craft_init c = { .spi_i = 1 };
	struct conn *conn = duo_conn(d, B);
	struct ike_end src = { .port = 500 }, dst = duo_at(d, B, 500);
	uint8_t buf[1024];
	size_t len, before;
	uint32_t i;

	conn->remote[0].any = true;
	duo_load(d, B, conn);
	duo_load(d, A, duo_conn(d, A));
	before = duo_counters(d, B).bytes;
	src.ip.family = AF_INET;
	for (i = 0; i < 20000; i++, c.spi_i++) {
		src.ip.v4.s_addr = 0x0a000000 + i * 2654435761u;
		len = craft_init(&c, buf, sizeof(buf));
		ike_input(d->side[B].ike, d->now, &dst, &src, buf, len);
		if (i == 10000) {
			duo_initiate(d, A, "net", NULL);
			EXPECT(duo_run_until(d, duo_up, IKE_USEC / 2) ||
			       duo_child_sas(d, A, "INSTALLED") == 1);
		}
	}
	EXPECT_EQ(duo_child_sas(d, B, "INSTALLED"), 1);
	EXPECT(duo_counters(d, B).half_open <= 31);
	EXPECT(duo_counters(d, B).cookies_sent > 19900);
	EXPECT(duo_counters(d, B).bytes < before + 31 * 8192 + 16384);
	EXPECT(d->side[B].nlog < 3000);
	duo_run(d, 40 * IKE_USEC);
	EXPECT_EQ(duo_counters(d, B).half_open, 0);
	duo_end(d);
}

/* ---------------------------------------------------------------------- NAT */

static void nat_on(struct duo *d, unsigned int shift)
{
	d->side[A].nat.on = true;
	duo_addr("203.0.113.77", &d->side[A].nat.ip);
	d->side[A].nat.shift = shift;
}

static void any_remote(struct conn *c, enum duo_who who)
{
	if (who == B)
		c->remote[0].any = true;
}

static void ike_44_nat_is_found_and_passed(void)
{
	struct duo *d = duo_new(40);
	struct child_sa_info ca, cb;
	struct ike_sa_info a, b;
	unsigned int i, kept = 0;

	nat_on(d, 30000);
	duo_conns(d, any_remote);
	duo_initiate(d, A, "net", NULL);
	EXPECT(duo_run_until(d, duo_up, 2 * IKE_USEC));
	ike_sa_look(duo_sa(d, A), &a);
	ike_sa_look(duo_sa(d, B), &b);
	EXPECT(a.nat_local && !a.nat_remote);
	EXPECT(b.nat_remote && !b.nat_local);
	EXPECT_EQ(a.local.port, 4500);
	EXPECT_EQ(a.remote.port, 4500);
	EXPECT_EQ(b.local.port, 4500);
	EXPECT_EQ(b.remote.port, 34500);
	child_sa_look(duo_child(d, A), &ca);
	child_sa_look(duo_child(d, B), &cb);
	EXPECT(ca.encap && cb.encap);
	EXPECT(duo_packet(d, A) && duo_packet(d, B));
	/* Kept open from inside, not from outside. */
	duo_run(d, 105 * IKE_USEC);
	for (i = 0; i < d->nspoken; i++)
		if (d->spoken[i].keepalive) {
			EXPECT(d->spoken[i].from == A);
			EXPECT_EQ(d->spoken[i].len, 1);
			kept++;
		}
	EXPECT_EQ(kept, 5);
	duo_end(d);
}

static void no_nat_no_float(void)
{
	struct duo *d = duo_new(41);
	struct ike_sa_info a;

	duo_conns(d, NULL);
	duo_initiate(d, A, "net", NULL);
	EXPECT(duo_run_until(d, duo_up, 2 * IKE_USEC));
	ike_sa_look(duo_sa(d, A), &a);
	EXPECT(!a.nat_local && !a.nat_remote);
	EXPECT_EQ(a.local.port, 500);
	duo_run(d, 100 * IKE_USEC);
	EXPECT_EQ(d->nspoken, 4);
	duo_end(d);
}

static void encap(struct conn *c, enum duo_who who)
{
	c->encap = who == A;
}

static void encapsulation_without_nat(void)
{
	struct duo *d = duo_new(42);
	struct child_sa_info ca, cb;

	duo_conns(d, encap);
	duo_initiate(d, A, "net", NULL);
	EXPECT(duo_run_until(d, duo_up, 2 * IKE_USEC));
	child_sa_look(duo_child(d, A), &ca);
	child_sa_look(duo_child(d, B), &cb);
	EXPECT(ca.encap && cb.encap);
	duo_end(d);
}

static void dpd(struct conn *c, enum duo_who who)
{
	any_remote(c, who);
	if (who == A)
		c->dpd_delay = 10 * IKE_USEC;
}

/* The NAT forgets and maps anew: B answers to where the request came from, and
 * follows, since the request was authentic. */
static void ike_44_follows_the_peer(void)
{
	struct duo *d = duo_new(43);
	struct ike_sa_info b;

	nat_on(d, 30000);
	duo_conns(d, dpd);
	duo_initiate(d, A, "net", NULL);
	EXPECT(duo_run_until(d, duo_up, 2 * IKE_USEC));
	d->side[A].nat.shift = 40000;
	duo_run(d, 15 * IKE_USEC);
	ike_sa_look(duo_sa(d, B), &b);
	EXPECT_EQ(b.remote.port, 44500);
	EXPECT(duo_logged(d, B, "the NAT has moved the peer"));
	EXPECT_EQ(duo_counters(d, A).retransmits_out, 0);
	duo_end(d);
}

/* Bytes of the past from a wrong address move nothing. */
static void ike_44_replay_moves_nothing(void)
{
	struct duo *d = duo_new(44);
	struct ike_end evil = { .port = 666 }, dst;
	struct ike_sa_info before, after;
	uint8_t buf[64] = { 0 };

	nat_on(d, 30000);
	duo_conns(d, dpd);
	duo_initiate(d, A, "net", NULL);
	EXPECT(duo_run_until(d, duo_up, 2 * IKE_USEC));
	ike_sa_look(duo_sa(d, B), &before);
	duo_addr("203.0.113.99", &evil.ip);
	dst = duo_at(d, B, 4500);
	/* well-formed outside, no key behind it */
	ike_hdr_put(buf, &(struct ike_hdr){ .spi_i = before.spi_i,
					    .spi_r = before.spi_r,
					    .next = PL_SK,
					    .version = 0x20,
					    .exchange = IKE_INFORMATIONAL,
					    .flags = IKE_FLAG_INITIATOR,
					    .id = 2,
					    .len = 64 });
	buf[31] = 36;
	duo_inject(d, A, &evil, &dst, buf, 64);
	duo_run(d, IKE_USEC);
	ike_sa_look(duo_sa(d, B), &after);
	EXPECT_EQ(after.remote.port, before.remote.port);
	EXPECT_EQ(duo_counters(d, B).bad_integrity, 1);
	duo_end(d);
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
	{ "ike_20_cookie_costs_no_memory", ike_20_cookie_costs_no_memory },
	{ "ike_20_last_secret_is_good_too", ike_20_last_secret_is_good_too },
	{ "ike_20_cookie_is_of_its_sender", ike_20_cookie_is_of_its_sender },
	{ "invalid_ke_payload", invalid_ke_payload },
	{ "ike_21_cookie_and_group_converge",
	  ike_21_cookie_and_group_converge },
	{ "ike_21_rounds_are_bounded", ike_21_rounds_are_bounded },
	{ "ike_26_no_proposal_chosen_is_explained",
	  ike_26_no_proposal_chosen_is_explained },
	{ "unknown_address", unknown_address },
	{ "ike_9_forged_refusal_kills_nothing",
	  ike_9_forged_refusal_kills_nothing },
	{ "ike_22_half_open_limits", ike_22_half_open_limits },
	{ "flood_and_a_legitimate_peer", flood_and_a_legitimate_peer },
	{ "ike_44_nat_is_found_and_passed", ike_44_nat_is_found_and_passed },
	{ "no_nat_no_float", no_nat_no_float },
	{ "encapsulation_without_nat", encapsulation_without_nat },
	{ "ike_44_follows_the_peer", ike_44_follows_the_peer },
	{ "ike_44_replay_moves_nothing", ike_44_replay_moves_nothing },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	return suite_run("test_core_init", cases, argc, argv);
}
