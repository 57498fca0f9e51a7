// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "espalier_regs.h"
#include "meter.h"
#include "suite.h"

#define BURST 32
#define STEP 128
#define BEATS_MIN 50000 /* of a long run */

static const unsigned int imix[12] = { 64,  576, 64, 64,  576, 64,
				       576, 64,	 64, 576, 64,  1420 };

static unsigned int size_of(unsigned int size, unsigned int i)
{
	return size == METER_IMIX ? imix[i % 12] : size;
}

static uint64_t beats_of(size_t len)
{
	return (len + 15) / 16;
}

/* bytes of the frame that carries @size bytes */
static size_t wire_len(unsigned int size)
{
	return 14 + 20 + 16 + (size + 2 + 3) / 4 * 4 + 16;
}

static unsigned int run_frames(unsigned int size)
{
	uint64_t beats = 0;
	unsigned int n = 0;

	while (beats < BEATS_MIN || n < 1000)
		beats += beats_of(wire_len(size_of(size, n++)));
	return n;
}

/* ---------------------------------------------------------------- outbound */

struct sender {
	struct nic nic;
	struct espalier_dma dma;
	unsigned int size;
	unsigned int next[16]; /* frame of each queue */
	unsigned int posted, done, room;
	uint64_t bytes, frames, beats;
};

static void count_frame(void *arg, const uint8_t *data, size_t len)
{
	struct sender *s = arg;

	(void)data;
	s->bytes += len;
	s->beats += beats_of(len);
	s->frames++;
}

static const struct espalier_wire_ops counting = { .send = count_frame };

/* One host frame for each SA: the destination makes the policy. */
static void sender_open(struct sender *s, unsigned int size)
{
	struct nic_opts opts = { .tx_ring = 1024, .rx_ring = 64 };
	static uint8_t frame[GEN_BUF];

	memset(s, 0, sizeof(*s));
	s->size = size;
	nic_open(&s->nic, &opts);
	espalier_sim_wire(s->nic.sim, &counting, s);
	s->room = (size ? size + 14 + 63 : 1536) & ~63u;
	MUST(espalier_dma_alloc(s->nic.dev, (size_t)METER_SAS * 12 * s->room,
				&s->dma) == 0);
	for (unsigned int i = 0; i < METER_SAS; i++) {
		struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_OUT, i);
		struct espalier_addr src = gen_addr(AF_INET, 0, 1);
		struct espalier_policy p =
			gen_any(ESPALIER_DIR_OUT, AF_INET, ESPALIER_PROTECT, i);

		p.dst_lo = gen_addr(AF_INET, 1, i);
		p.dst_hi = p.dst_lo;
		p.sa = nic_sa_add(&s->nic, &sa);
		nic_policy_add(&s->nic, &p);
		for (unsigned int k = 0; k < 12; k++) {
			size_t len = gen_udp(frame, &src, &p.dst_lo,
					     size_of(size, k));

			memcpy((uint8_t *)s->dma.va +
				       (size_t)(i * 12 + k) * s->room,
			       frame, len);
		}
	}
}

static void sender_close(struct sender *s)
{
	espalier_dma_free(s->nic.dev, &s->dma);
	nic_close(&s->nic);
}

/*
 * Up to @n frames on queue @q: queue q of Q takes every Q-th size, and every
 * frame another SA; with Q queues served in turn, successive frames on the
 * wire differ too.
 */
static unsigned int sender_post(struct sender *s, unsigned int q,
				unsigned int n)
{
	struct espalier_txpkt pkts[BURST];
	struct espalier_seg segs[BURST];
	unsigned int queues = s->nic.caps.queues;
	int got;

	if (n > BURST)
		n = BURST;
	for (unsigned int i = 0; i < n; i++) {
		unsigned int f = s->next[q] + i;
		unsigned int sa = (f * queues + q) % METER_SAS;
		unsigned int k = (f * 5 + q) % 12;

		segs[i].dma = s->dma.iova + (uint64_t)(sa * 12 + k) * s->room;
		segs[i].len = size_of(s->size, k) + 14;
		pkts[i] =
			(struct espalier_txpkt){ .segs = &segs[i], .nsegs = 1 };
	}
	got = espalier_tx_burst(s->nic.dev, q, pkts, n);
	MUST(got >= 0);
	s->next[q] += got;
	s->posted += got;
	return got;
}

static void sender_reap(struct sender *s)
{
	struct espalier_txdone d[64];
	int n;

	for (unsigned int q = 0; q < s->nic.caps.queues; q++)
		while ((n = espalier_tx_done(s->nic.dev, q, d, 64)) > 0) {
			for (int i = 0; i < n; i++)
				EXPECT_EQ(d[i].code, ESPALIER_TX_PROTECTED);
			s->done += n;
		}
}

/* On to the end of a frame; half a frame would be counted wrong. */
static void sender_boundary(struct sender *s)
{
	uint64_t at = s->frames;

	for (int i = 0; i < 2000 && s->frames == at && s->done < s->posted; i++)
		espalier_sim_run(s->nic.sim, 1, false);
}

static void sender_clear(struct sender *s)
{
	sender_boundary(s);
	espalier_sim_wire_stats(s->nic.sim, NULL, true);
	s->bytes = 0;
	s->beats = 0;
	s->frames = 0;
}

/* Every flow once, so that the policy lookups are in the flow cache. */
static void sender_warm(struct sender *s)
{
	for (unsigned int q = 0; q < s->nic.caps.queues; q++)
		for (unsigned int left = METER_SAS / s->nic.caps.queues; left;)
			left -= sender_post(s, q, left);
	while (s->done < s->posted) {
		espalier_sim_run(s->nic.sim, STEP, false);
		sender_reap(s);
	}
	espalier_sim_run(s->nic.sim, 100000, true);
	sender_clear(s);
}

static void sender_result(struct sender *s, struct meter *m)
{
	struct espalier_sim_wire_stats st;

	espalier_sim_wire_stats(s->nic.sim, &st, false);
	*m = (struct meter){ .frames = st.tx_frames,
			     .bytes = st.tx_bytes,
			     .beats = st.tx_beats,
			     .cycles = st.tx_last - st.tx_first + 1,
			     .stalls = st.tx_stall };
	/* no word but the last of a frame is less than full */
	EXPECT_EQ(st.tx_bytes, s->bytes);
	EXPECT_EQ(st.tx_beats, s->beats);
}

void meter_wire_out(unsigned int size, struct meter *m)
{
	static struct sender s;
	unsigned int n = 0;

	sender_open(&s, size);
	sender_warm(&s);
	espalier_sim_wire_hold(s.nic.sim, true);
	/* as many as the packet buffer holds, or a few hundred small ones */
	for (size_t bytes = 0; n < 400 && (bytes < 60000 || n < 8); n++)
		bytes += wire_len(size_of(size, n));
	for (unsigned int i = 0; i < n; i++)
		MUST(sender_post(&s, i % s.nic.caps.queues, 1) == 1);
	espalier_sim_run(s.nic.sim, 20000, false);
	espalier_sim_wire_stats(s.nic.sim, NULL, true);
	espalier_sim_wire_hold(s.nic.sim, false);
	while (s.done < s.posted) {
		espalier_sim_run(s.nic.sim, STEP, false);
		sender_reap(&s);
	}
	sender_result(&s, m);
	m->lost = n - m->frames;
	sender_close(&s);
}

/* Keeps all rings filled until @n more frames are out. */
static void pump(struct sender *s, unsigned int n)
{
	uint64_t until = s->frames + n;

	while (s->frames < until) {
		for (unsigned int q = 0; q < s->nic.caps.queues; q++)
			sender_post(s, q, BURST);
		espalier_sim_run(s->nic.sim, STEP, false);
		sender_reap(s);
	}
}

static void drain(struct sender *s)
{
	while (s->done < s->posted) {
		espalier_sim_run(s->nic.sim, STEP, false);
		sender_reap(s);
	}
}

void meter_ring_out(unsigned int size, struct meter *m)
{
	static struct sender s;
	unsigned int n = run_frames(size);

	sender_open(&s, size);
	sender_warm(&s);
	/* in full swing first, so that the start is not part of it */
	pump(&s, 200);
	sender_clear(&s);
	pump(&s, n);
	sender_boundary(&s);
	sender_result(&s, m);
	drain(&s);
	sender_close(&s);
}

unsigned int meter_latency_out(unsigned int size)
{
	static struct sender s;
	struct espalier_sim_wire_stats st;
	struct espalier_sim_watch w;

	sender_open(&s, size);
	sender_warm(&s);
	espalier_sim_watch_set(s.nic.sim, s.dma.iova, s.dma.size);
	MUST(sender_post(&s, 0, 1) == 1);
	espalier_sim_run(s.nic.sim, 100000, true);
	sender_reap(&s);
	espalier_sim_wire_stats(s.nic.sim, &st, false);
	espalier_sim_watch_get(s.nic.sim, &w);
	MUST(st.tx_frames == 1 && w.read_first);
	sender_close(&s);
	return st.tx_first - w.read_first;
}

/* ----------------------------------------------------------------- inbound */

struct receiver {
	struct nic nic;
	struct ref_dev peer;
	uint64_t got;
};

static void receiver_open(struct receiver *r)
{
	struct nic_opts opts = { .tx_ring = 64, .rx_ring = 1024 };

	memset(r, 0, sizeof(*r));
	nic_open(&r->nic, &opts);
	ref_dev_init(&r->peer, r->nic.caps.mac);
	for (unsigned int i = 0; i < METER_SAS; i++) {
		struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_IN, i), out;
		struct espalier_policy p =
			gen_any(ESPALIER_DIR_IN, AF_INET, ESPALIER_PROTECT, i);

		nic_sa_add(&r->nic, &sa);
		out = gen_mirror(&sa, 0);
		ref_sa_add(&r->peer, &out, i + 1);
		p.dst_lo = gen_addr(AF_INET, 1, i);
		p.dst_hi = p.dst_lo;
		p.reqid = sa.reqid;
		nic_policy_add(&r->nic, &p);
	}
}

static void receiver_close(struct receiver *r)
{
	ref_dev_free(&r->peer);
	nic_close(&r->nic);
}

static void receiver_inject(struct receiver *r, unsigned int size,
			    unsigned int i)
{
	struct espalier_addr src = gen_addr(AF_INET, 0, 1);
	struct espalier_addr dst = gen_addr(AF_INET, 1, i % METER_SAS);
	static uint8_t frame[GEN_BUF];
	static struct ref_result res;
	size_t len = gen_udp(frame, &src, &dst, size_of(size, i));

	memcpy(frame, r->nic.caps.mac, 6);
	ref_out(&r->peer, frame, len, i % METER_SAS + 1, &res);
	MUST(res.code == ESPALIER_TX_PROTECTED);
	nic_inject(&r->nic, res.frame, res.len);
}

/* Takes what is there, gives the buffers back. */
static void receiver_reap(struct receiver *r)
{
	struct espalier_rxpkt p[64];
	int n;

	for (unsigned int q = 0; q < r->nic.caps.queues; q++)
		while ((n = espalier_rx_burst(r->nic.dev, q, p, 64)) > 0) {
			r->got += n;
			MUST(espalier_rx_release(r->nic.dev, q, p, n) >= 0);
		}
}

static void receiver_warm(struct receiver *r)
{
	for (unsigned int i = 0; i < METER_SAS; i++) {
		receiver_inject(r, 64, i);
		if (i % 16 == 15) {
			espalier_sim_run(r->nic.sim, 100000, true);
			receiver_reap(r);
		}
	}
	EXPECT_EQ(r->got, METER_SAS);
	r->got = 0;
	espalier_sim_run(r->nic.sim, 100000, true);
	espalier_sim_wire_stats(r->nic.sim, NULL, true);
}

void meter_in(unsigned int size, struct meter *m)
{
	static struct receiver r;
	struct espalier_sim_wire_stats st;
	unsigned int n = run_frames(size);
	uint64_t end = 0, idle = 0;

	receiver_open(&r);
	receiver_warm(&r);
	for (unsigned int i = 0; i < n; i++)
		receiver_inject(&r, size, i);
	while (r.got < n && idle < 4) {
		espalier_sim_run(r.nic.sim, STEP, true);
		end = espalier_sim_cycles(r.nic.sim);
		receiver_reap(&r);
		idle = espalier_sim_idle(r.nic.sim) ? idle + 1 : 0;
	}
	espalier_sim_wire_stats(r.nic.sim, &st, false);
	*m = (struct meter){ .frames = st.rx_frames,
			     .bytes = st.rx_bytes,
			     .beats = st.rx_beats,
			     .cycles = st.rx_last - st.rx_first + 1,
			     .total_cycles = end - st.rx_first,
			     .lost = n - r.got };
	receiver_close(&r);
}

unsigned int meter_latency_in(unsigned int size)
{
	static struct receiver r;
	struct espalier_sim_wire_stats st;
	struct espalier_sim_watch w;
	unsigned int latency = 0;

	receiver_open(&r);
	receiver_warm(&r);
	/* one queue, and its buffers are in one piece */
	nic_reg_write(&r.nic, ESPALIER_REG_RSS, 0);
	{
		uint64_t ring =
			nic_reg(&r.nic, ESPALIER_REG_Q_RX_RING_LO(0)) |
			(uint64_t)nic_reg(&r.nic, ESPALIER_REG_Q_RX_RING_HI(0))
				<< 32;
		struct espalier_rx_desc *d =
			espalier_sim_mem(r.nic.sim, ring, 16 * 1024);
		uint64_t lo = UINT64_MAX;

		MUST(d);
		for (int i = 0; i < 1024; i++)
			if (d[i].addr < lo)
				lo = d[i].addr;
		espalier_sim_watch_set(r.nic.sim, lo, 1024 * 9216);
	}
	receiver_inject(&r, size, 0);
	espalier_sim_run(r.nic.sim, 100000, true);
	receiver_reap(&r);
	espalier_sim_wire_stats(r.nic.sim, &st, false);
	espalier_sim_watch_get(r.nic.sim, &w);
	MUST(st.rx_frames == 1 && w.write_first);
	latency = w.write_first - st.rx_first;
	receiver_close(&r);
	return latency;
}

/* -------------------------------------------------------------- simulation */

double meter_cpu_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

void meter_speed(struct meter_speed *sp)
{
	static struct sender s;
	uint64_t frames, cycles;
	double start, t;

	sender_open(&s, 1420);
	sender_warm(&s);
	pump(&s, 500);
	frames = s.frames;
	cycles = espalier_sim_cycles(s.nic.sim);
	start = meter_cpu_s();
	pump(&s, 10000);
	t = meter_cpu_s() - start;
	frames = s.frames - frames;
	cycles = espalier_sim_cycles(s.nic.sim) - cycles;
	*sp = (struct meter_speed){ .cycles_per_s = cycles / t,
				    .packets_per_s = frames / t,
				    .payload_mbit_per_s =
					    frames * 1420 * 8 / t / 1e6 };
	drain(&s);
	sender_close(&s);
}
