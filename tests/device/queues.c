// SPDX-License-Identifier: Apache-2.0
/*
 * Rings, descriptors and DMA: wrap, full, reset, malformed, slow and failing
 * memory.
 */
#include <string.h>
#include "espalier_regs.h"
#include "nic.h"
#include "pair.h"
#include "suite.h"

static struct nic nic;
static struct pair pair;
static uint8_t frame[GEN_BUF];

/* Many laps of the smallest rings; every frame and cookie comes back in order.
 */
static void ring_wrap_many_times(void)
{
	struct nic_opts opts = { .tx_ring = 8, .rx_ring = 8 };
	struct rng r = { 5 };
	uintptr_t last = 0;
	unsigned int posted = 0;

	pair_open(&pair, &opts, NULL, 64);
	for (int i = 0; i < 200; i++) {
		size_t len =
			gen_host_udp(frame, AF_INET, 28 + rng_below(&r, 200));

		while (nic_post(&pair.a, 0, frame, len, 0,
				1 + rng_below(&r, 300) + len / 7)) {
			posted++;
			if (rng_percent(&r, 30))
				break;
		}
		pair_settle(&pair);
	}
	EXPECT_EQ(pair.a.ndone, posted);
	for (size_t i = 0; i < pair.a.ndone; i++) {
		EXPECT_EQ(pair.a.done[i].code, ESPALIER_TX_PROTECTED);
		EXPECT_EQ(pair.a.done[i].cookie, last + 1);
		last = pair.a.done[i].cookie;
	}
	EXPECT_EQ(pair.b.nrx, posted);
	EXPECT(posted > 400);
	pair_close(&pair);
}

static void ring_full_refuses(void)
{
	struct nic_opts opts = { .tx_ring = 16 };
	unsigned int n = 0;

	nic_open_clear(&nic, &opts);
	while (nic_post(&nic, 0, frame, gen_host_udp(frame, AF_INET, 100), 0,
			0))
		n++;
	EXPECT_EQ(n, 16);
	/* other queues are not full */
	EXPECT(nic_post(&nic, 1, frame, gen_host_udp(frame, AF_INET, 100), 0,
			0) != 0);
	nic_settle(&nic);
	EXPECT_EQ(nic.ndone, 17);
	EXPECT(nic_post(&nic, 0, frame, gen_host_udp(frame, AF_INET, 100), 0,
			0) != 0);
	nic_settle(&nic);
	EXPECT_EQ(nic.ndone, 18);
	nic_close(&nic);
}

static void all_queues_at_once(void)
{
	unsigned int per_queue[16] = { 0 };

	pair_open(&pair, NULL, NULL, 1024);
	for (int i = 0; i < 200; i++)
		MUST(nic_post(&pair.a, i % pair.a.caps.queues, frame,
			      gen_host_udp(frame, AF_INET, 150), 0, 0));
	pair_settle(&pair);
	EXPECT_EQ(pair.a.ndone, 200);
	EXPECT_EQ(pair.b.nrx, 200);
	for (size_t i = 0; i < pair.b.nrx; i++)
		per_queue[pair.b.rx[i].queue]++;
	/* one flow, one queue */
	for (unsigned int q = 0; q < pair.b.caps.queues; q++)
		EXPECT(per_queue[q] == 0 || per_queue[q] == 200);
	pair_close(&pair);
}

static void flows_spread_over_queues(void)
{
	struct gen_frame g = { .proto = 17, .len_min = 60, .len_max = 100 };
	unsigned int per_queue[16] = { 0 };
	struct rng r = { 3 };

	nic_open_clear(&nic, NULL);
	g.dmac = nic.caps.mac;
	for (int i = 0; i < 160; i++) {
		size_t len = gen_frame(&r, &g, frame);

		nic_inject(&nic, frame, len);
		if (i % 16 == 15)
			nic_settle(&nic);
	}
	EXPECT_EQ(nic.nrx, 160);
	for (size_t i = 0; i < nic.nrx; i++)
		per_queue[nic.rx[i].queue]++;
	for (unsigned int q = 0; q < nic.caps.queues; q++)
		EXPECT(per_queue[q] > 160 / nic.caps.queues / 3);
	nic_close(&nic);
}

static void inbound_sa_chooses_queue(void)
{
	for (int q = 0; q < 4; q++) {
		struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_OUT, 0);

		sa.queue = q;
		pair_open(&pair, NULL, &sa, 64);
		MUST(nic_post(&pair.a, 0, frame,
			      gen_host_udp(frame, AF_INET, 100), 0, 0));
		pair_settle(&pair);
		MUST(pair.b.nrx == 1);
		EXPECT_EQ(pair.b.rx[0].queue, q);
		pair_close(&pair);
	}
}

/* Frames of a queue under reset end one way or the other, other queues go on,
 * and the queue works afterwards. */
static void queue_reset_in_flight(void)
{
	for (int when = 0; when < 1500; when += 137) {
		unsigned int fine = 0, flushed = 0;

		nic_open_clear(&nic, NULL);
		for (int i = 0; i < 40; i++) {
			MUST(nic_post(&nic, 0, frame,
				      gen_host_udp(frame, AF_INET, 300), 0,
				      100));
			MUST(nic_post(&nic, 1, frame,
				      gen_host_udp(frame, AF_INET, 300), 0, 0));
		}
		espalier_sim_run(nic.sim, when, false);
		MUST(espalier_queue_reset(nic.dev, 0) == 0);
		nic_settle(&nic);
		EXPECT_EQ(nic.ndone, 80);
		for (size_t i = 0; i < nic.ndone; i++) {
			fine += nic.done[i].code == ESPALIER_TX_BYPASSED;
			flushed += nic.done[i].code == ESPALIER_TX_RESET;
		}
		EXPECT_EQ(fine + flushed, 80);
		EXPECT(flushed <= 40);
		EXPECT_EQ(nic.wire.n, fine);
		EXPECT_EQ(nic_out(&nic, frame, gen_host_udp(frame, AF_INET, 90),
				  0)
				  .code,
			  ESPALIER_TX_BYPASSED);
		nic_close(&nic);
	}
}

static void queue_reset_while_receiving(void)
{
	for (int when = 100; when < 1500; when += 237) {
		struct espalier_stats st;

		nic_open_clear(&nic, NULL);
		for (int i = 0; i < 40; i++)
			nic_inject(&nic, frame,
				   gen_host_udp(frame, AF_INET, 300));
		espalier_sim_run(nic.sim, when, false);
		for (unsigned int q = 0; q < nic.caps.queues; q++)
			MUST(espalier_queue_reset(nic.dev, q) == 0);
		nic_settle(&nic);
		nic_stats(&nic, &st);
		EXPECT_EQ(st.code[ESPALIER_RX_BYPASSED].packets, nic.nrx);
		EXPECT_EQ(nic_in(&nic, frame, gen_host_udp(frame, AF_INET, 90)),
			  ESPALIER_RX_BYPASSED);
		nic_close(&nic);
	}
}

/* ------------------------------------------------------ malformed descriptors
 */

struct chaos {
	struct rng r;
	unsigned int spoiled;
	uint16_t tail;
};

static bool chaos_hook(struct nic *n, void *arg, uint32_t off, uint32_t val)
{
	struct chaos *c = arg;
	uint64_t ring;

	if (off != ESPALIER_REG_Q_TX_TAIL(0))
		return true;
	ring = nic_reg(n, ESPALIER_REG_Q_TX_RING_LO(0)) |
	       (uint64_t)nic_reg(n, ESPALIER_REG_Q_TX_RING_HI(0)) << 32;
	for (; c->tail != (uint16_t)val; c->tail++) {
		struct espalier_tx_desc *d = espalier_sim_mem(
			n->sim, ring + 16 * (c->tail & (n->opts.tx_ring - 1)),
			16);

		MUST(d);
		if (!rng_percent(&c->r, 40))
			continue;
		c->spoiled++;
		/* EOP stays, so that the driver's view of frames holds */
		switch (rng_below(&c->r, 5)) {
		case 0:
			d->len = rng_next(&c->r);
			break;
		case 1:
			d->len = 0;
			break;
		case 2:
			d->flags |= rng_next(&c->r) & 0xfffe;
			break;
		case 3:
			d->handle = rng_next(&c->r);
			break;
		case 4:
			d->addr = rng_next(&c->r);
			break;
		}
	}
	return true;
}

/*
 * Anything may stand in a descriptor. Each frame completes under some code of
 * its own, nothing is read outside of what the descriptor says, and the device
 * goes on. (Reads of wild addresses are answered with an error by the memory,
 * and the simulation counts them: only those may be counted.)
 */
static void descriptors_random(void)
{
	struct nic_opts opts = { .unchecked = true };
	unsigned int posted = 0;
	struct chaos c = { .r = { 17 } };

	nic_open_clear(&nic, &opts);
	nic.hook = chaos_hook;
	nic.hook_arg = &c;
	for (int i = 0; i < 300; i++) {
		size_t len =
			gen_host_udp(frame, AF_INET, 28 + rng_below(&c.r, 500));

		if (nic_post(&nic, 0, frame, len, 0, len / 3 + 1))
			posted++;
		else
			nic_settle(&nic);
	}
	nic_settle(&nic);
	EXPECT_EQ(nic.ndone, posted);
	EXPECT(c.spoiled > 200);
	nic.hook = NULL;
	EXPECT(nic_conserved(&nic));
	EXPECT_EQ(
		nic_out(&nic, frame, gen_host_udp(frame, AF_INET, 90), 0).code,
		ESPALIER_TX_BYPASSED);
	EXPECT_EQ(nic.wire.n, 1);
	nic_close(&nic);
}

/* A frame with no end fills the ring; the ring is stuck until it is reset, and
 * no other queue is. */
static void descriptor_without_end(void)
{
	nic_open_clear(&nic, NULL);
	{
		uint64_t ring =
			nic_reg(&nic, ESPALIER_REG_Q_TX_RING_LO(0)) |
			(uint64_t)nic_reg(&nic, ESPALIER_REG_Q_TX_RING_HI(0))
				<< 32;
		struct espalier_tx_desc *d =
			espalier_sim_mem(nic.sim, ring, 16 * 256);

		MUST(d);
		for (int i = 0; i < 256; i++)
			d[i] = (struct espalier_tx_desc){
				.addr = nic.arena.iova, .len = 64, .flags = 0
			};
		nic_reg_write(&nic, ESPALIER_REG_Q_TX_TAIL(0), 256);
	}
	espalier_sim_run(nic.sim, 20000, false);
	for (int i = 0; i < 10; i++)
		MUST(nic_post(&nic, 1, frame, gen_host_udp(frame, AF_INET, 90),
			      0, 0));
	for (int i = 0; i < 50 && nic.ndone < 10; i++)
		nic_step(&nic);
	EXPECT_EQ(nic.ndone, 10);
	MUST(espalier_queue_reset(nic.dev, 0) == 0);
	nic_settle(&nic);
	EXPECT_EQ(
		nic_out(&nic, frame, gen_host_udp(frame, AF_INET, 90), 0).code,
		ESPALIER_TX_BYPASSED);
	nic_close(&nic);
}

static void registers_random(void)
{
	struct nic_opts opts = { .unchecked = true };
	struct rng r = { 23 };

	nic_open_clear(&nic, &opts);
	for (int i = 0; i < 4000; i++) {
		uint32_t off = rng_below(&r, 0x1400) & ~3u;

		/* rings at wild addresses: the device must survive it, not
		 * use it sensibly */
		nic_reg_write(&nic, off, rng_next(&r));
		if (i % 64 == 0)
			nic_reg(&nic, rng_below(&r, 0x2000) & ~3u);
	}
	espalier_sim_run(nic.sim, 50000, false);
	nic_reg_write(&nic, ESPALIER_REG_SCRATCH, 0x1234);
	EXPECT_EQ(nic_reg(&nic, ESPALIER_REG_SCRATCH), 0x1234);
	EXPECT_EQ(nic_reg(&nic, ESPALIER_REG_ID), ESPALIER_ID_RESET_VALUE);
	espalier_sim_reset(nic.sim);
	MUST(espalier_reset(nic.dev, NULL, NULL) >= 0);
	nic_forget(&nic);
	nic_settle(&nic);
	EXPECT_EQ(
		nic_out(&nic, frame, gen_host_udp(frame, AF_INET, 90), 0).code,
		ESPALIER_TX_BYPASSED);
	nic_close(&nic);
}

/* -------------------------------------------------------- memory and the wire
 */

static void through(const struct nic_opts *opts, unsigned int n)
{
	struct rng r = { 77 };

	pair_open(&pair, opts, NULL, 1024);
	for (unsigned int i = 0; i < n; i++) {
		size_t len = gen_host_udp(
			frame, AF_INET, rng_range(&r, 28, i % 10 ? 600 : 9000));

		nic_forget(&pair.b);
		while (!nic_post_random(&pair.a, i % 4, &r, frame, len, 0))
			pair_settle(&pair);
		if (i % 4 == 3) {
			pair_settle(&pair);
			EXPECT(pair_through(&pair, pair.b.nrx - 1, frame,
					    len) ||
			       pair.b.nrx == 4);
		}
	}
	pair_settle(&pair);
	EXPECT_EQ(pair.a.ndone, n);
	for (size_t i = 0; i < pair.a.ndone; i++)
		EXPECT_EQ(pair.a.done[i].code, ESPALIER_TX_PROTECTED);
	EXPECT_EQ(nic_count(&pair.b, ESPALIER_RX_PROTECTED), n);
	pair_close(&pair);
}

static void axi_stalls(void)
{
	static const unsigned int percent[] = { 10, 50, 90 };

	for (int i = 0; i < 3; i++)
		through(&(struct nic_opts){ .sim.seed = 5 + i,
					    .sim.stall_percent = percent[i],
					    .sim.mem_latency_min = 5,
					    .sim.mem_latency_max = 200 },
			60);
}

static void wire_stalls(void)
{
	through(&(struct nic_opts){ .sim.seed = 9,
				    .sim.wire_stall_percent = 80 },
		60);
}

/* A ring that cannot be read stops its half of the pair. The driver hears of it
 * by an event, and says so to who uses that half, and to nobody else. */
static void ring_error_is_told(void)
{
	struct espalier_seg seg;
	struct espalier_txpkt pkt = { .segs = &seg, .nsegs = 1 };
	struct espalier_rxpkt rx[8];
	struct espalier_txdone d[8];

	for (int half = 0; half < 2; half++) {
		const uint32_t lo = half ? ESPALIER_REG_Q_RX_RING_LO(0)
					 : ESPALIER_REG_Q_TX_RING_LO(0);
		struct espalier_event ev = { 0 };
		uint64_t ring;
		int n = 0;

		/* the device has fetched less than a ring of them before;
		 * all frames go to queue 0 */
		nic_open_clear(&nic, &(struct nic_opts){ .tx_ring = 256,
							 .rx_ring = 256 });
		nic_reg_write(&nic, ESPALIER_REG_RSS, 0);
		seg = (struct espalier_seg){ nic.arena.iova,
					     gen_host_udp(frame, AF_INET, 90) };
		memcpy(nic.arena.va, frame, seg.len);
		ring = nic_reg(&nic, lo) | (uint64_t)nic_reg(&nic, lo + 4)
						   << 32;
		espalier_sim_fail_at(nic.sim, ring, 256 * 16);
		for (int i = 0; i < 256 && !n; i++) {
			if (!half)
				MUST(espalier_tx_burst(nic.dev, 0, &pkt, 1) >=
				     0);
			else
				nic_inject(&nic, frame, seg.len);
			espalier_sim_run(nic.sim, 3000, true);
			n = espalier_event_get(nic.dev, &ev);
		}
		EXPECT_EQ(n, 1);
		EXPECT_EQ(ev.type, ESPALIER_EV_DMA_ERROR);
		EXPECT_EQ(ESPALIER_EV_DMA_QUEUE(ev.info), 0);
		EXPECT_EQ(!!(ev.info & ESPALIER_EV_DMA_RX), half);
		espalier_sim_fail_at(nic.sim, 0, 0);
		while ((n = espalier_rx_burst(nic.dev, 0, rx, 8)) > 0)
			MUST(espalier_rx_release(nic.dev, 0, rx, n) >= 0);
		EXPECT_EQ(n, half ? -EIO : 0);
		while ((n = espalier_tx_done(nic.dev, 0, d, 8)) > 0)
			;
		n = espalier_tx_burst(nic.dev, 0, &pkt, 1);
		EXPECT_EQ(n, half ? 1 : -EIO);
		MUST(espalier_queue_reset(nic.dev, 0) == 0);
		EXPECT_EQ(espalier_tx_burst(nic.dev, 0, &pkt, 1), 1);
		nic_settle(&nic);
		EXPECT_EQ(nic.wire.v[nic.wire.n - 1].len, seg.len);
		nic.in_flight = 0;
		nic_close(&nic);
	}
}

/* Random error responses: whatever is hit ends under a DMA error or stops a
 * queue; what is sent is right, and after a reset all works. */
static void axi_errors(void)
{
	static struct ref_result want;

	for (int seed = 1; seed <= 6; seed++) {
		struct nic_opts opts = { .sim.seed = seed,
					 .sim.axi_error_ppm = 20000 };
		struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_OUT, 0);
		struct rng r = { seed };
		unsigned int posted = 0;
		uint32_t h;

		nic_open(&nic, &opts);
		h = nic_sa_add(&nic, &sa);
		for (int i = 0; i < 150; i++) {
			struct espalier_seg seg = { .dma = nic.arena.iova };
			struct espalier_txpkt pkt = { .segs = &seg,
						      .nsegs = 1,
						      .sa = h };
			int q = i % 4, n;

			seg.len = gen_host_udp(frame, AF_INET,
					       28 + rng_below(&r, 600));
			memcpy(nic.arena.va, frame, seg.len);
			n = espalier_tx_burst(nic.dev, q, &pkt, 1);
			if (n == 1)
				posted++;
			espalier_sim_run(nic.sim, 2000, true);
			for (q = 0; q < 4; q++) {
				struct espalier_txdone d[8];

				n = espalier_tx_done(nic.dev, q, d, 8);
				for (int k = 0; k < n; k++)
					EXPECT(d[k].code ==
						       ESPALIER_TX_PROTECTED ||
					       d[k].code ==
						       ESPALIER_TX_DMA_ERROR ||
					       d[k].code == ESPALIER_TX_RESET);
				if (nic_reg(&nic, ESPALIER_REG_Q_TX_STATUS(q)) &
				    ESPALIER_Q_TX_STATUS_ERROR_MASK)
					espalier_queue_reset(nic.dev, q);
			}
			/* what came out is what the model makes of it */
			if (nic.wire.n) {
				MUST(nic.wire.n == 1);
				ref_out(&nic.ref, frame, seg.len, h, &want);
				EXPECT(ref_same(want.frame, want.len,
						nic.wire.v[0].data,
						nic.wire.v[0].len, true));
				nic_frames_clear(&nic.wire);
			}
		}
		EXPECT(posted > 100);
		nic_close(&nic);
	}
}

static const struct test_case cases[] = {
	{ "ring_wrap_many_times", ring_wrap_many_times },
	{ "ring_full_refuses", ring_full_refuses },
	{ "all_queues_at_once", all_queues_at_once },
	{ "flows_spread_over_queues", flows_spread_over_queues },
	{ "inbound_sa_chooses_queue", inbound_sa_chooses_queue },
	{ "queue_reset_in_flight", queue_reset_in_flight },
	{ "queue_reset_while_receiving", queue_reset_while_receiving },
	{ "descriptors_random", descriptors_random },
	{ "descriptor_without_end", descriptor_without_end },
	{ "registers_random", registers_random },
	{ "axi_stalls", axi_stalls },
	{ "wire_stalls", wire_stalls },
	{ "ring_error_is_told", ring_error_is_told },
	{ "axi_errors", axi_errors },
	{ 0 },
};

int main(int argc, char **argv)
{
	return suite_run("queues", cases, argc, argv);
}
