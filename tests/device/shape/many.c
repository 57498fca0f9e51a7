// SPDX-License-Identifier: Apache-2.0
/*
 * Sixteen queue pairs, which is all that there can be, two devices back to
 * back: an SA for every queue in each direction, all at once.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include "board.h"
#include "espalier_regs.h"
#include "nic.h"
#include "suite.h"

#define QUEUES 16

static struct nic end[2];
static uint32_t sa[2][QUEUES]; /* outbound handle of each end's queue */
static uint32_t protect[2][2]; /* inbound policies of each end */
static uint8_t frame[GEN_BUF];

static const struct nic_opts many = {
	.queues = QUEUES,
	.tx_ring = 32,
	.rx_ring = 64,
	.buf_size = 2048,
};

/* A datagram that says where it comes from: @mark at its end. */
static size_t marked(size_t len, unsigned int host, uint32_t mark)
{
	struct espalier_addr s = gen_addr(AF_INET, 0, host);
	struct espalier_addr d = gen_addr(AF_INET, 1, 1);
	size_t n = gen_udp(frame, &s, &d, len);

	memcpy(frame, "\x02\x45\x53\x50\x00\x01", 6);
	memcpy(frame + n - 4, &mark, 4);
	return n;
}

static uint32_t mark_of(const struct nic_rx *rx)
{
	uint32_t mark;

	memcpy(&mark, rx->frame.data + rx->frame.len - 4, 4);
	return mark;
}

#define MARK(queue, nth) ((queue) << 16 | (nth))

/* Two ends; with SAs queue q of one is bound to queue q of the other. */
static void open_ends(const struct nic_opts *opts, bool steer)
{
	int e;

	for (e = 0; e < 2; e++) {
		nic_open(&end[e], opts);
		EXPECT_EQ(end[e].caps.queues, QUEUES);
		nic_any(&end[e], ESPALIER_DIR_IN, ESPALIER_PROTECT, 1, 7,
			protect[e]);
		nic_any(&end[e], ESPALIER_DIR_IN, ESPALIER_BYPASS, 9, 0, NULL);
		nic_any(&end[e], ESPALIER_DIR_OUT, ESPALIER_BYPASS, 9, 0, NULL);
	}
	nic_link(&end[0], &end[1]);
	for (e = 0; e < 2; e++)
		for (unsigned int q = 0; q < QUEUES; q++) {
			struct espalier_sa out = gen_plain_sa(
				ESPALIER_DIR_OUT, (unsigned int)e * QUEUES + q);
			struct espalier_sa in = gen_mirror(&out, 64);

			in.queue = steer ? (int)q : -1;
			in.reqid = 7;
			sa[e][q] = nic_sa_add(&end[e], &out);
			nic_sa_add(&end[!e], &in);
		}
}

static void close_ends(void)
{
	nic_close(&end[0]);
	nic_close(&end[1]);
}

static void settle(void)
{
	bool busy;

	do {
		busy = nic_step(&end[0]);
		busy |= nic_step(&end[1]);
	} while (busy || !espalier_sim_idle(end[0].sim) ||
		 !espalier_sim_idle(end[1].sim));
	nic_collect(&end[0]);
	nic_collect(&end[1]);
}

/* Queue statistics of the driver and counters of the device are one sum. */
static void adds_up(struct nic *n)
{
	uint64_t posted = 0, done = 0, frames = 0, dropped = 0, tx = 0;
	struct espalier_queue_stats qs;
	struct espalier_stats st;

	nic_stats(n, &st);
	for (unsigned int q = 0; q < QUEUES; q++) {
		MUST(espalier_get_queue_stats(n->dev, q, &qs) == 0);
		EXPECT_EQ(qs.tx_posted, qs.tx_done);
		posted += qs.tx_posted;
		done += qs.tx_done;
		frames += qs.rx_frames;
		dropped += qs.rx_dropped;
	}
	for (int c = 0; c < ESPALIER_RX_PROTECTED; c++)
		if (c != ESPALIER_TX_IN)
			tx += st.code[c].packets;
	EXPECT_EQ(tx, done);
	EXPECT_EQ(st.code[ESPALIER_TX_IN].packets, posted);
	EXPECT_EQ(st.code[ESPALIER_RX_PROTECTED].packets +
			  st.code[ESPALIER_RX_BYPASSED].packets,
		  frames);
	EXPECT_EQ(dropped, 0);
	EXPECT(nic_conserved(n));
	EXPECT_EQ(espalier_get_queue_stats(n->dev, QUEUES, &qs), -EINVAL);
}

static void board(void)
{
	struct espalier_caps caps;

	board_opens("sim-many", &caps);
	EXPECT_EQ(caps.queues, QUEUES);
	EXPECT_EQ(caps.sa_entries, 16);
	EXPECT_EQ(caps.spd_entries, 16);
	EXPECT_EQ(caps.frame_max, 2048);
	board_differs("sim-many", "espalier,num-queues", 4, 16);
	board_differs("sim-many", "espalier,num-queues", 1, 16);
	board_differs("sim-many", "espalier,sa-entries", 1024, 16);
	board_differs("sim-many", "espalier,policy-entries", 17, 16);
	board_differs("sim-many", "espalier,replay-window-max", 128, 64);
}

/* Every queue of both ends sends at once; each frame comes out whole and in
 * order at the queue of its number, and every figure adds up. */
static void all_carry_both_ways(const struct nic_opts *opts, unsigned int laps)
{
	unsigned int sent[2][QUEUES] = { 0 }, got[2][QUEUES] = { 0 };
	struct espalier_queue_stats qs;
	struct rng r = { 11 };

	open_ends(opts, true);
	for (unsigned int lap = 0; lap < laps; lap++) {
		for (unsigned int q = 0; q < QUEUES; q++)
			for (int e = 0; e < 2; e++) {
				size_t len = marked(
					rng_range(&r, 40, lap % 4 ? 400 : 1900),
					1 + q, MARK(q, sent[e][q]));

				if (nic_post_random(&end[e], q, &r, frame, len,
						    sa[e][q]))
					sent[e][q]++;
			}
		nic_step(&end[0]);
		nic_step(&end[1]);
		if (lap % 8 == 7)
			settle();
	}
	settle();
	for (int e = 0; e < 2; e++) {
		for (size_t i = 0; i < end[e].ndone; i++)
			EXPECT_EQ(end[e].done[i].code, ESPALIER_TX_PROTECTED);
		for (size_t i = 0; i < end[e].nrx; i++) {
			const struct nic_rx *rx = &end[e].rx[i];

			EXPECT_EQ(rx->code, ESPALIER_RX_PROTECTED);
			EXPECT_EQ(mark_of(rx),
				  MARK(rx->queue, got[e][rx->queue]));
			got[e][rx->queue]++;
		}
	}
	for (unsigned int q = 0; q < QUEUES; q++)
		for (int e = 0; e < 2; e++) {
			EXPECT(sent[e][q] > laps / 2);
			EXPECT_EQ(got[!e][q], sent[e][q]);
			MUST(espalier_get_queue_stats(end[e].dev, q, &qs) == 0);
			EXPECT_EQ(qs.tx_done, sent[e][q]);
			EXPECT_EQ(qs.rx_frames, got[e][q]);
			EXPECT(qs.tx_doorbells <= qs.tx_posted);
		}
	adds_up(&end[0]);
	adds_up(&end[1]);
	close_ends();
}

static void all_at_once(void)
{
	all_carry_both_ways(&many, 40);
}

static void all_with_stalls(void)
{
	struct nic_opts o = many;

	o.sim.seed = 4;
	o.sim.stall_percent = 40;
	o.sim.wire_stall_percent = 20;
	o.sim.mem_latency_min = 5;
	o.sim.mem_latency_max = 150;
	all_carry_both_ways(&o, 24);
}

/* The rings of all queues are full to the last descriptor, and go round. */
static void all_rings_full(void)
{
	unsigned int posted = 0;

	open_ends(&many, true);
	for (int lap = 0; lap < 3; lap++) {
		for (unsigned int q = 0; q < QUEUES; q++) {
			unsigned int n = 0;

			while (nic_post(&end[0], q, frame,
					marked(60, 1 + q, MARK(q, n)), sa[0][q],
					0))
				n++;
			EXPECT_EQ(n, 32);
			posted += n;
		}
		settle();
		EXPECT_EQ(end[0].ndone, posted);
		EXPECT_EQ(end[1].nrx, posted);
	}
	adds_up(&end[0]);
	adds_up(&end[1]);
	close_ends();
}

static bool readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

/* Each queue has an interrupt, a descriptor and a coalescing of its own: queue
 * q waits for q + 1 completions. */
static void interrupts(void)
{
	struct nic *n = &end[0];

	open_ends(&many, true);
	for (unsigned int q = 0; q < QUEUES; q++) {
		struct espalier_coalesce c = { .tx_count = 1,
					       .rx_count = 1,
					       .irq_count = q + 1,
					       .irq_cycles = 0xffffff };

		MUST(espalier_queue_coalesce(n->dev, q, &c) == 0);
		MUST(espalier_queue_irq_arm(n->dev, q) == 0);
		for (unsigned int o = 0; o < q; o++)
			EXPECT(espalier_queue_fd(n->dev, o) !=
			       espalier_queue_fd(n->dev, q));
	}
	for (unsigned int k = 1; k <= QUEUES; k++) {
		for (unsigned int q = 0; q < QUEUES; q++)
			MUST(nic_post(n, q, frame, marked(60, 1, 0), sa[0][q],
				      0));
		espalier_sim_run(n->sim, 6000, false);
		nic_collect(n);
		for (unsigned int q = 0; q < QUEUES; q++) {
			EXPECT_EQ(readable(espalier_queue_fd(n->dev, q)),
				  k == q + 1);
			if (k != q + 1)
				continue;
			/* its turn is over: none more */
			struct espalier_coalesce c = { .tx_count = 1,
						       .rx_count = 1,
						       .irq_count = 255,
						       .irq_cycles = 0xffffff };

			MUST(espalier_queue_coalesce(n->dev, q, &c) == 0);
			MUST(espalier_queue_irq_arm(n->dev, q) == 0);
			EXPECT(!readable(espalier_queue_fd(n->dev, q)));
		}
	}
	EXPECT_EQ(n->ndone, QUEUES * QUEUES);
	/* no timer is left to wait for */
	for (unsigned int q = 0; q < QUEUES; q++) {
		struct espalier_coalesce c = { 1, 0, 1, 0, 1, 0 };

		for (int e = 0; e < 2; e++)
			MUST(espalier_queue_coalesce(end[e].dev, q, &c) == 0);
	}
	settle();
	/* received: each at its queue alone */
	n = &end[1];
	for (unsigned int q = 0; q < QUEUES; q++)
		MUST(espalier_queue_irq_arm(n->dev, q) == 0);
	for (unsigned int q = 0; q < QUEUES; q++) {
		MUST(nic_post(&end[0], q, frame, marked(60, 1, 0), sa[0][q],
			      0));
		espalier_sim_run(end[0].sim, 3000, true);
		espalier_sim_run(n->sim, 6000, true);
		for (unsigned int o = 0; o < QUEUES; o++)
			EXPECT_EQ(readable(espalier_queue_fd(n->dev, o)),
				  o == q);
		nic_collect(n);
		MUST(espalier_queue_irq_arm(n->dev, q) == 0);
	}
	EXPECT_EQ(espalier_queue_fd(n->dev, QUEUES), -EINVAL);
	EXPECT_EQ(espalier_queue_irq_arm(n->dev, QUEUES), -EINVAL);
	EXPECT_EQ(espalier_queue_reset(n->dev, QUEUES), -EINVAL);
	settle();
	close_ends();
}

/* One queue is reset with frames in flight at all of them: what it had ends as
 * sent or as TX_RESET, every other queue loses nothing. */
static void one_resets(void)
{
	static const unsigned int which[] = { 0, 7, 15 };

	for (int w = 0; w < 3; w++)
		for (int when = 0; when < 1600; when += 311) {
			unsigned int got[QUEUES] = { 0 }, flushed = 0;
			const unsigned int x = which[w];

			open_ends(&many, true);
			for (unsigned int i = 0; i < 24; i++)
				for (unsigned int q = 0; q < QUEUES; q++)
					MUST(nic_post(
						&end[0], q, frame,
						marked(200, 1 + q, MARK(q, i)),
						sa[0][q], 0));
			espalier_sim_run(end[0].sim, when, false);
			MUST(espalier_queue_reset(end[0].dev, x) == 0);
			settle();
			EXPECT_EQ(end[0].ndone, 24 * QUEUES);
			for (size_t i = 0; i < end[0].ndone; i++)
				flushed += end[0].done[i].code ==
					   ESPALIER_TX_RESET;
			EXPECT(flushed <= 24);
			if (!when)
				EXPECT(flushed > 0);
			for (size_t i = 0; i < end[1].nrx; i++) {
				const struct nic_rx *rx = &end[1].rx[i];

				EXPECT_EQ(mark_of(rx),
					  MARK(rx->queue, got[rx->queue]));
				got[rx->queue]++;
			}
			for (unsigned int q = 0; q < QUEUES; q++)
				EXPECT_EQ(got[q], q == x ? 24 - flushed : 24);
			/* and it is as before */
			nic_forget(&end[1]);
			MUST(nic_post(&end[0], x, frame, marked(60, 1, 0),
				      sa[0][x], 0));
			settle();
			EXPECT_EQ(end[1].nrx, 1);
			close_ends();
		}
}

/* The same for who receives. */
static void one_resets_receiving(void)
{
	for (int when = 200; when < 2600; when += 397) {
		unsigned int got[QUEUES] = { 0 }, x = (unsigned int)when % 16;
		struct espalier_stats st;

		open_ends(&many, true);
		for (unsigned int i = 0; i < 24; i++)
			for (unsigned int q = 0; q < QUEUES; q++)
				MUST(nic_post(&end[0], q, frame,
					      marked(100, 1 + q, MARK(q, i)),
					      sa[0][q], 0));
		for (int c = 0; c < when; c += 100) {
			espalier_sim_run(end[0].sim, 100, false);
			espalier_sim_run(end[1].sim, 100, false);
		}
		MUST(espalier_queue_reset(end[1].dev, x) == 0);
		settle();
		nic_stats(&end[1], &st);
		for (size_t i = 0; i < end[1].nrx; i++)
			got[end[1].rx[i].queue]++;
		for (unsigned int q = 0; q < QUEUES; q++)
			if (q != x)
				EXPECT_EQ(got[q], 24);
		EXPECT_EQ(got[x] + st.code[ESPALIER_RX_RESET].packets +
				  st.code[ESPALIER_RX_NO_BUFFER].packets,
			  24);
		nic_forget(&end[1]);
		MUST(nic_post(&end[0], x, frame, marked(60, 1, 0), sa[0][x],
			      0));
		settle();
		EXPECT_EQ(end[1].nrx, 1);
		EXPECT_EQ(end[1].rx[0].queue, x);
		close_ends();
	}
}

/* Without a queue of the SA's the hash chooses: of the inner datagram, the same
 * whether it came in clear or protected; a flow keeps to one queue, and flows
 * spread over all. */
static void flows_spread(void)
{
	unsigned int per_queue[QUEUES] = { 0 };
	int queue_of[128];

	open_ends(&many, false);
	memset(queue_of, -1, sizeof(queue_of));
	for (int lap = 0; lap < 4; lap++) {
		if (lap == 2)
			for (int v6 = 0; v6 < 2; v6++)
				nic_policy_del(&end[1], protect[1][v6]);
		for (unsigned int host = 1; host <= 120; host++) {
			size_t len = marked(60, host, host);

			if (lap >= 2)
				nic_inject(&end[1], frame, len);
			else
				MUST(nic_post(&end[0], host % 16, frame, len,
					      sa[0][host % 16], 0));
			if (host % 16 == 15)
				settle();
		}
		settle();
	}
	EXPECT_EQ(end[1].nrx, 4 * 120);
	for (size_t i = 0; i < end[1].nrx; i++) {
		const struct nic_rx *rx = &end[1].rx[i];
		const uint32_t host = mark_of(rx);

		EXPECT_EQ(rx->queue, rx->hash & (QUEUES - 1));
		MUST(host < 128);
		EXPECT(queue_of[host] < 0 || queue_of[host] == (int)rx->queue);
		queue_of[host] = (int)rx->queue;
		per_queue[rx->queue]++;
	}
	for (unsigned int q = 0; q < QUEUES; q++)
		EXPECT(per_queue[q] > 4);
	adds_up(&end[1]);
	close_ends();
}

int main(int argc, char **argv)
{
	static const struct test_case cases[] = {
		{ "board", board },
		{ "all_at_once", all_at_once },
		{ "all_with_stalls", all_with_stalls },
		{ "all_rings_full", all_rings_full },
		{ "interrupts", interrupts },
		{ "one_resets", one_resets },
		{ "one_resets_receiving", one_resets_receiving },
		{ "flows_spread", flows_spread },
		{ NULL, NULL },
	};

	return suite_run("many", cases, argc, argv);
}
