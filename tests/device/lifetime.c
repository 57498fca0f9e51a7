// SPDX-License-Identifier: Apache-2.0
/* Lifetimes of SAs, and the end of their sequence numbers. */
#include <string.h>
#include "pair.h"
#include "suite.h"

static struct pair pair;
static struct nic nic;
static uint8_t frame[GEN_BUF];

static unsigned int events_of(struct nic *n, enum espalier_event_type type,
			      uint32_t sa)
{
	struct espalier_event ev;
	unsigned int seen = 0;

	while (nic_event(n, &ev))
		if (ev.type == type) {
			EXPECT_EQ(ev.sa, sa);
			seen++;
		}
	return seen;
}

static void lifetime(struct espalier_limits limits, unsigned int soft_at,
		     unsigned int through, enum espalier_event_type soft,
		     enum espalier_event_type hard)
{
	struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_OUT, 0);
	struct espalier_sa_info info;
	size_t len = gen_host_udp(frame, AF_INET, 100);

	pair_open(&pair, NULL, &sa, 64);
	MUST(espalier_sa_update(pair.a.dev, pair.out, &limits, 0) == 0);
	for (unsigned int i = 1; i <= through + 2; i++) {
		unsigned int s = 0, h = 0;
		struct espalier_event ev;

		pair.a.ndone = 0;
		MUST(nic_post(&pair.a, 0, frame, len, 0, 0));
		pair_settle(&pair);
		MUST(pair.a.ndone == 1);
		EXPECT_EQ(pair.a.done[0].code,
			  i <= through ? ESPALIER_TX_PROTECTED
				       : ESPALIER_TX_STATE_EXPIRED);
		while (nic_event(&pair.a, &ev)) {
			s += ev.type == soft;
			h += ev.type == hard;
			EXPECT_EQ(ev.sa, pair.out);
		}
		EXPECT_EQ(s, i == soft_at);
		EXPECT_EQ(h, i == through);
	}
	EXPECT_EQ(pair.b.nrx, through);
	MUST(espalier_sa_query(pair.a.dev, pair.out, &info) == 0);
	EXPECT(info.status & ESPALIER_SA_ST_HARD);
	EXPECT_EQ(info.packets, through);
	/* a new limit, and it goes on: that is not another key, but the
	 * number was never given out twice */
	memset(&limits, 0, sizeof(limits));
	MUST(espalier_sa_update(pair.a.dev, pair.out, &limits, 0) == 0);
	pair.a.ndone = 0;
	MUST(nic_post(&pair.a, 0, frame, len, 0, 0));
	pair_settle(&pair);
	EXPECT_EQ(pair.a.done[0].code, ESPALIER_TX_PROTECTED);
	EXPECT_EQ(pair.a.done[0].seq, through + 1);
	pair_close(&pair);
}

static void lifetime_out_packets(void)
{
	lifetime((struct espalier_limits){ .soft_packets = 5,
					   .hard_packets = 8 },
		 5, 8, ESPALIER_EV_SOFT_PACKETS, ESPALIER_EV_HARD_PACKETS);
}

static void lifetime_out_bytes(void)
{
	lifetime((struct espalier_limits){ .soft_bytes = 450,
					   .hard_bytes = 799 },
		 5, 8, ESPALIER_EV_SOFT_BYTES, ESPALIER_EV_HARD_BYTES);
}

static void lifetime_in(void)
{
	struct espalier_limits limits = { .soft_packets = 3,
					  .hard_packets = 5 };
	struct espalier_stats st;
	size_t len = gen_host_udp(frame, AF_INET, 100);

	pair_open(&pair, NULL, NULL, 64);
	MUST(espalier_sa_update(pair.b.dev, pair.in, &limits, 0) == 0);
	for (int i = 1; i <= 7; i++) {
		MUST(nic_post(&pair.a, 0, frame, len, 0, 0));
		pair_settle(&pair);
		if (i == 3)
			EXPECT_EQ(events_of(&pair.b, ESPALIER_EV_SOFT_PACKETS,
					    pair.in),
				  1);
	}
	EXPECT_EQ(events_of(&pair.b, ESPALIER_EV_HARD_PACKETS, pair.in), 1);
	EXPECT_EQ(pair.b.nrx, 5);
	nic_stats(&pair.b, &st);
	EXPECT_EQ(st.code[ESPALIER_RX_STATE_EXPIRED].packets, 2);
	pair_close(&pair);
}

/* Two ends with one limit stop behind the same packet, whether it reaches the
 * limit or passes it, and each says so once. */
static void hard_limit_is_one_rule(void)
{
	static const struct espalier_limits limits[] = {
		{ .hard_bytes = 800 },
		{ .hard_bytes = 799 },
		{ .hard_bytes = 701 },
		{ .hard_packets = 8 },
	};
	size_t len = gen_host_udp(frame, AF_INET, 100);

	for (unsigned int i = 0; i < 4; i++) {
		enum espalier_event_type hard =
			limits[i].hard_bytes ? ESPALIER_EV_HARD_BYTES
					     : ESPALIER_EV_HARD_PACKETS;
		struct espalier_sa_info a, b;

		pair_open(&pair, NULL, NULL, 64);
		MUST(!espalier_sa_update(pair.a.dev, pair.out, &limits[i], 0));
		MUST(!espalier_sa_update(pair.b.dev, pair.in, &limits[i], 0));
		for (unsigned int n = 1; n <= 10; n++) {
			MUST(nic_post(&pair.a, 0, frame, len, 0, 0));
			pair_settle(&pair);
			EXPECT_EQ(events_of(&pair.a, hard, pair.out), n == 8);
			EXPECT_EQ(events_of(&pair.b, hard, pair.in), n == 8);
		}
		EXPECT_EQ(pair.b.nrx, 8);
		MUST(espalier_sa_query(pair.a.dev, pair.out, &a) == 0);
		MUST(espalier_sa_query(pair.b.dev, pair.in, &b) == 0);
		EXPECT(a.status & ESPALIER_SA_ST_HARD);
		EXPECT(b.status & ESPALIER_SA_ST_HARD);
		EXPECT_EQ(a.packets, 8);
		EXPECT_EQ(a.bytes, 800);
		EXPECT_EQ(b.packets, 8);
		EXPECT_EQ(b.bytes, 800);
		EXPECT_EQ(nic_count(&pair.a, ESPALIER_TX_STATE_EXPIRED), 2);
		/* a limit below what has passed ends it at once, both ways */
		MUST(!espalier_sa_update(
			pair.a.dev, pair.out,
			&(struct espalier_limits){ .hard_packets = 3 }, 0));
		MUST(nic_post(&pair.a, 0, frame, len, 0, 0));
		pair_settle(&pair);
		EXPECT_EQ(nic_count(&pair.a, ESPALIER_TX_STATE_EXPIRED), 3);
		EXPECT_EQ(
			events_of(&pair.a, ESPALIER_EV_HARD_PACKETS, pair.out),
			1);
		pair_close(&pair);
	}
}

static void sequence_overflow_event(void)
{
	struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_OUT, 0);
	size_t len = gen_host_udp(frame, AF_INET, 100);

	sa.esn = true;
	sa.seq = UINT64_MAX - 1;
	nic_open(&nic, NULL);
	{
		uint32_t h = nic_sa_add(&nic, &sa);

		EXPECT_EQ(nic_out(&nic, frame, len, h).code,
			  ESPALIER_TX_PROTECTED);
		EXPECT_EQ(nic_out(&nic, frame, len, h).code,
			  ESPALIER_TX_SEQ_OVERFLOW);
		EXPECT_EQ(events_of(&nic, ESPALIER_EV_SEQ_OVERFLOW, h), 1);
		EXPECT_EQ(nic_out(&nic, frame, len, h).code,
			  ESPALIER_TX_SEQ_OVERFLOW);
		EXPECT_EQ(events_of(&nic, ESPALIER_EV_SEQ_OVERFLOW, h), 0);
	}
	nic_close(&nic);
}

static const struct test_case cases[] = {
	{ "arc_6_lifetime_out_packets", lifetime_out_packets },
	{ "arc_6_lifetime_out_bytes", lifetime_out_bytes },
	{ "arc_6_lifetime_in", lifetime_in },
	{ "arc_6_hard_limit_is_one_rule", hard_limit_is_one_rule },
	{ "esp_7_sequence_overflow_event", sequence_overflow_event },
	{ 0 },
};

int main(int argc, char **argv)
{
	return suite_run("lifetime", cases, argc, argv);
}
