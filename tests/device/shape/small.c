// SPDX-License-Identifier: Apache-2.0
/*
 * The least of everything: one queue pair, 16 SAs, 8 policies, a window of 64,
 * buffers of 512 words, frames of 1514 bytes, one cipher for both directions.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include "board.h"
#include "nic.h"
#include "pair.h"
#include "suite.h"

#define FRAME_MAX 1514

static const struct nic_opts least = {
	.queues = 1,
	.tx_ring = 8,
	.rx_ring = 8,
	.buf_size = 1536,
};

static struct nic nic;
static struct pair pair;
static uint8_t frame[GEN_BUF];

static size_t udp(size_t len)
{
	struct espalier_addr s = gen_addr(AF_INET, 0, 1);
	struct espalier_addr d = gen_addr(AF_INET, 1, 1);
	size_t n = gen_udp(frame, &s, &d, len);

	memcpy(frame, "\x02\x45\x53\x50\x00\x01", 6);
	return n;
}

static void board(void)
{
	struct espalier_caps caps;

	board_opens("sim-small", &caps);
	EXPECT_EQ(caps.queues, 1);
	EXPECT_EQ(caps.sa_entries, 16);
	EXPECT_EQ(caps.spd_entries, 8);
	EXPECT_EQ(caps.window_max, 64);
	EXPECT_EQ(caps.frame_max, FRAME_MAX);
	EXPECT_EQ(caps.engines, 1);
	board_differs("sim-small", "espalier,num-queues", 16, 1);
	board_differs("sim-small", "espalier,sa-entries", 32, 16);
	board_differs("sim-small", "espalier,policy-entries", 16, 8);
	board_differs("sim-small", "espalier,replay-window-max", 1024, 64);
}

/* What does not fit is refused with the number that would. */
static void tables_full(void)
{
	struct espalier_sa sa;
	struct espalier_policy p;
	uint32_t h[2][16], id[8], more;

	nic_open(&nic, &least);
	for (int dir = 0; dir < 2; dir++) {
		unsigned int n = 0;

		/* an SPI that finds no place in the hash: another one will */
		for (unsigned int i = 0; n < 16 && i < 400; i++) {
			sa = gen_plain_sa((enum espalier_dir)dir, i);
			if (!espalier_sa_add(nic.dev, &sa, &h[dir][n]))
				n++;
		}
		EXPECT_EQ(n, 16);
		sa.spi = 0x7777;
		EXPECT_EQ(espalier_sa_add(nic.dev, &sa, &more), -ENOSPC);
		EXPECT(strstr(espalier_error(nic.dev), "all 16 SAs"));
	}
	sa = gen_plain_sa(ESPALIER_DIR_IN, 999);
	sa.window = 65;
	EXPECT(espalier_sa_add(nic.dev, &sa, &more) < 0);
	EXPECT(strstr(espalier_error(nic.dev), "window"));
	EXPECT(strstr(espalier_error(nic.dev), "64"));
	for (int i = 0; i < 8; i++) {
		/* each before the others, so that they move */
		p = gen_any(ESPALIER_DIR_OUT, AF_INET, ESPALIER_BYPASS,
			    (uint32_t)(100 - i));
		EXPECT_EQ(espalier_policy_add(nic.dev, &p, &id[i]), 0);
	}
	EXPECT_EQ(espalier_policy_add(nic.dev, &p, &more), -ENOSPC);
	EXPECT(strstr(espalier_error(nic.dev), "8"));
	EXPECT_EQ(espalier_policy_del(nic.dev, id[3]), 0);
	p.priority = 1;
	p.action = ESPALIER_DISCARD;
	EXPECT_EQ(espalier_policy_add(nic.dev, &p, &more), 0);
	EXPECT_EQ(nic_out(&nic, frame, udp(100), 0).code,
		  ESPALIER_TX_POL_BLOCK);
	EXPECT_EQ(espalier_policy_del(nic.dev, more), 0);
	EXPECT_EQ(nic_out(&nic, frame, udp(100), 0).code, ESPALIER_TX_BYPASSED);
	/* the last slot of each direction works */
	EXPECT_EQ(nic_out(&nic, frame, udp(100), h[0][15]).code,
		  ESPALIER_TX_PROTECTED);
	nic_close(&nic);
}

/* Every size up to the largest goes out or is too big, by the byte. */
static void to_the_largest_frame(void)
{
	struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_OUT, 0);
	unsigned int fit = 0, big = 0;
	uint32_t h;

	nic_open(&nic, &least);
	h = nic_sa_add(&nic, &sa);
	nic_any(&nic, ESPALIER_DIR_OUT, ESPALIER_BYPASS, 9, 0, NULL);
	nic_any(&nic, ESPALIER_DIR_IN, ESPALIER_BYPASS, 9, 0, NULL);
	for (size_t len = 1420; len <= 1500; len++) {
		/* outer header, ESP header, IV, padding and trailer, ICV */
		const size_t wire =
			14 + 20 + 8 + 8 + ((len + 2 + 3) & ~3ul) + 16;
		const struct nic_done d = nic_out(&nic, frame, udp(len), h);

		if (wire <= FRAME_MAX) {
			EXPECT_EQ(d.code, ESPALIER_TX_PROTECTED);
			EXPECT_EQ(d.wire_len, wire);
			fit++;
		} else {
			EXPECT_EQ(d.code, ESPALIER_TX_TOO_BIG);
			big++;
		}
	}
	EXPECT(fit > 10 && big > 10);
	EXPECT_EQ(nic_out(&nic, frame, udp(1500), 0).code,
		  ESPALIER_TX_BYPASSED);
	EXPECT_EQ(nic_out(&nic, frame, udp(1501), 0).code,
		  ESPALIER_TX_LEN_INVALID);
	EXPECT_EQ(nic_in(&nic, frame, udp(1500)), ESPALIER_RX_BYPASSED);
	EXPECT_EQ(nic.rx[0].frame.len, 1514);
	EXPECT_EQ(nic_in(&nic, frame, udp(1501)), ESPALIER_RX_FRAME_ERROR);
	EXPECT_EQ(nic_in(&nic, frame, udp(1500)), ESPALIER_RX_BYPASSED);
	nic_close(&nic);
}

/* One ring of eight, one cipher, both ways at once, with and without stalls. */
static void both_ways(void)
{
	for (int stall = 0; stall < 2; stall++) {
		struct espalier_sa back = gen_plain_sa(ESPALIER_DIR_OUT, 1), in;
		struct rng r = { 7 + stall };
		unsigned int a = 0, b = 0;
		struct nic_opts o = least;
		uint32_t h;

		o.sim.seed = 1 + stall;
		o.sim.stall_percent = stall ? 50 : 0;
		o.sim.wire_stall_percent = stall ? 20 : 0;
		pair_open(&pair, &o, NULL, 64);
		in = gen_mirror(&back, 64);
		h = nic_sa_add(&pair.b, &back);
		nic_sa_add(&pair.a, &in);
		nic_any(&pair.a, ESPALIER_DIR_IN, ESPALIER_PROTECT, 9, in.reqid,
			NULL);
		for (int i = 0; i < 120; i++) {
			size_t len = udp(rng_range(&r, 28, i % 3 ? 300 : 1420));

			a += nic_post_random(&pair.a, 0, &r, frame, len, 0) !=
			     0;
			b += nic_post_random(&pair.b, 0, &r, frame, len, h) !=
			     0;
			if (i % 6 == 5)
				pair_settle(&pair);
		}
		pair_settle(&pair);
		EXPECT(a > 60 && b > 60);
		EXPECT_EQ(pair.a.ndone, a);
		EXPECT_EQ(pair.b.ndone, b);
		for (size_t i = 0; i < a; i++)
			EXPECT_EQ(pair.a.done[i].code, ESPALIER_TX_PROTECTED);
		EXPECT_EQ(pair.b.nrx, a);
		EXPECT_EQ(pair.a.nrx, b);
		pair_close(&pair);
	}
}

/* The window of 64 by arrival order, and what is received byte for byte. */
static void replay_window(void)
{
	static struct nic_frames kept;

	nic_open(&nic, &least);
	{
		struct espalier_sa out = gen_plain_sa(ESPALIER_DIR_OUT, 0);
		struct espalier_sa in = gen_mirror(&out, 64);
		uint32_t h = nic_sa_add(&nic, &out);

		nic_sa_add(&nic, &in);
		nic_any(&nic, ESPALIER_DIR_IN, ESPALIER_PROTECT, 9, in.reqid,
			NULL);
		for (int i = 0; i < 70; i++) {
			EXPECT_EQ(nic_out(&nic, frame, udp(60), h).code,
				  ESPALIER_TX_PROTECTED);
			MUST(nic.wire.n == 1);
			nic_frames_add(&kept, nic.wire.v[0].data,
				       nic.wire.v[0].len);
		}
	}
	/* number 70 comes first; 7 to 69 are within, 1 to 6 are not */
	EXPECT_EQ(nic_in(&nic, kept.v[69].data, kept.v[69].len),
		  ESPALIER_RX_PROTECTED);
	for (int i = 0; i < 70; i++)
		EXPECT_EQ(nic_in(&nic, kept.v[i].data, kept.v[i].len),
			  i < 6 || i == 69 ? ESPALIER_RX_REPLAY
					   : ESPALIER_RX_PROTECTED);
	EXPECT_EQ(nic_in(&nic, kept.v[30].data, kept.v[30].len),
		  ESPALIER_RX_REPLAY);
	nic_frames_clear(&kept);
	nic_close(&nic);
}

static bool readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

static void queue_and_interrupt(void)
{
	struct espalier_coalesce one = { 1, 0, 1, 0, 1, 0 };

	nic_open(&nic, &least);
	nic_any(&nic, ESPALIER_DIR_OUT, ESPALIER_BYPASS, 9, 0, NULL);
	nic_any(&nic, ESPALIER_DIR_IN, ESPALIER_BYPASS, 9, 0, NULL);
	MUST(espalier_queue_coalesce(nic.dev, 0, &one) == 0);
	MUST(espalier_queue_irq_arm(nic.dev, 0) == 0);
	EXPECT(!readable(espalier_queue_fd(nic.dev, 0)));
	EXPECT_EQ(espalier_queue_fd(nic.dev, 1), -EINVAL);
	MUST(nic_post(&nic, 0, frame, udp(90), 0, 0));
	espalier_sim_run(nic.sim, 5000, true);
	EXPECT(readable(espalier_queue_fd(nic.dev, 0)));
	nic_collect(&nic);
	EXPECT_EQ(nic.ndone, 1);
	for (int i = 0; i < 4; i++)
		MUST(nic_post(&nic, 0, frame, udp(90), 0, 60));
	EXPECT(!nic_post(&nic, 0, frame, udp(90), 0, 0)); /* full */
	espalier_sim_run(nic.sim, 150, false);
	MUST(espalier_queue_reset(nic.dev, 0) == 0);
	nic_settle(&nic);
	EXPECT_EQ(nic.ndone, 5);
	nic_close(&nic);
}

/* The same board again behind a hardware reset. */
static void reset_restores(void)
{
	nic_open(&nic, &least);
	nic_any(&nic, ESPALIER_DIR_OUT, ESPALIER_BYPASS, 9, 0, NULL);
	EXPECT_EQ(nic_out(&nic, frame, udp(90), 0).code, ESPALIER_TX_BYPASSED);
	espalier_sim_reset(nic.sim);
	EXPECT_EQ(espalier_reset(nic.dev, NULL, NULL), 0);
	nic_settle(&nic);
	EXPECT_EQ(nic_out(&nic, frame, udp(90), 0).code, ESPALIER_TX_BYPASSED);
	nic_close(&nic);
}

int main(int argc, char **argv)
{
	static const struct test_case cases[] = {
		{ "board", board },
		{ "tables_full", tables_full },
		{ "to_the_largest_frame", to_the_largest_frame },
		{ "both_ways", both_ways },
		{ "replay_window", replay_window },
		{ "queue_and_interrupt", queue_and_interrupt },
		{ "reset_restores", reset_restores },
		{ NULL, NULL },
	};

	return suite_run("small", cases, argc, argv);
}
