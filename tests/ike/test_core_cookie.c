/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cookies, groups that are not the peer's, floods.
 */
#include <string.h>
#include "craft_init.h"
#include "duo.h"

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

static const struct test_case cases[] = {
	{ "ike_20_cookie_costs_no_memory", ike_20_cookie_costs_no_memory },
	{ "ike_20_last_secret_is_good_too", ike_20_last_secret_is_good_too },
	{ "ike_20_cookie_is_of_its_sender", ike_20_cookie_is_of_its_sender },
	{ "invalid_ke_payload", invalid_ke_payload },
	{ "ike_21_cookie_and_group_converge",
	  ike_21_cookie_and_group_converge },
	{ "ike_21_rounds_are_bounded", ike_21_rounds_are_bounded },
	{ "ike_22_half_open_limits", ike_22_half_open_limits },
	{ "flood_and_a_legitimate_peer", flood_and_a_legitimate_peer },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	return suite_run("test_core_cookie", cases, argc, argv);
}
