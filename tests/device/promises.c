// SPDX-License-Identifier: Apache-2.0
/*
 * The promises of docs/architecture.md section 3, each with a test that tries
 * to break it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bytes.h"
#include "craft.h"
#include "espalier_regs.h"
#include "nic.h"
#include "pair.h"
#include "suite.h"
#include "table.h"

static struct nic nic;
static uint8_t frame[GEN_BUF];

/* A byte pattern that cannot be ciphertext by accident. */
#define MARK "THE PLAIN TEXT THAT NOBODY SHOULD SEE ON THE WIRE"

static size_t marked(size_t len)
{
	size_t n = gen_host_udp(frame, AF_INET, len);

	for (size_t o = 42; o + sizeof(MARK) < n; o += sizeof(MARK))
		memcpy(frame + o, MARK, sizeof(MARK));
	return n;
}

static bool shows_mark(const uint8_t *p, size_t len)
{
	/* any 16 bytes of it, at any offset */
	for (size_t o = 0; o + 16 < sizeof(MARK); o++)
		if (memmem(p, len, &MARK[o], 16))
			return true;
	return false;
}

static void no_plaintext_left(void)
{
	for (size_t i = 0; i < nic.wire.n; i++)
		EXPECT(!shows_mark(nic.wire.v[i].data, nic.wire.v[i].len));
}

static uint32_t protect_all(const struct nic_opts *opts)
{
	struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_OUT, 0);
	uint32_t h;

	nic_open(&nic, opts);
	h = nic_sa_add(&nic, &sa);
	nic_any(&nic, ESPALIER_DIR_OUT, ESPALIER_PROTECT, 10, h, NULL);
	return h;
}

/* 1: SA deleted in flight, policy changes under load, sequence numbers used
 * up, hard limits, resets of queue and device, memory errors. */
static void promise_1_sa_deleted_in_flight(void)
{
	for (int when = 0; when < 3000; when += 211) {
		uint32_t h = protect_all(NULL);

		for (int i = 0; i < 60; i++)
			MUST(nic_post(&nic, i % 4, frame, marked(500), 0, 0));
		espalier_sim_run(nic.sim, when, false);
		nic_sa_del(&nic, h);
		nic_settle(&nic);
		EXPECT_EQ(nic.ndone, 60);
		no_plaintext_left();
		nic_close(&nic);
	}
}

static void promise_1_queue_and_hard_reset(void)
{
	for (int when = 100; when < 3000; when += 333) {
		protect_all(NULL);
		for (int i = 0; i < 60; i++)
			MUST(nic_post(&nic, i % 4, frame, marked(700), 0, 99));
		espalier_sim_run(nic.sim, when, false);
		if (when % 2)
			for (int q = 0; q < 4; q++)
				MUST(espalier_queue_reset(nic.dev, q) == 0);
		else
			espalier_sim_reset(nic.sim);
		MUST(espalier_reset(nic.dev, NULL, NULL) >= 0);
		nic_settle(&nic);
		no_plaintext_left();
		nic.in_flight = 0;
		nic_forget(&nic);
		MUST(nic_post(&nic, 0, frame, marked(200), 0, 0));
		nic_settle(&nic);
		no_plaintext_left();
		nic_close(&nic);
	}
}

static void promise_1_exhausted_and_expired(void)
{
	uint32_t h = protect_all(NULL);
	struct espalier_limits l = { .hard_packets = 3 };

	MUST(espalier_sa_update(nic.dev, h, &l, 0) == 0);
	for (int i = 0; i < 30; i++)
		MUST(nic_post(&nic, i % 4, frame, marked(300), 0, 0));
	nic_settle(&nic);
	EXPECT_EQ(nic.wire.n, 3);
	no_plaintext_left();
	nic_close(&nic);
}

static void promise_1_policy_changes_under_load(void)
{
	struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_OUT, 0);
	uint32_t h, ids[2];

	nic_open(&nic, NULL);
	h = nic_sa_add(&nic, &sa);
	nic_any(&nic, ESPALIER_DIR_OUT, ESPALIER_PROTECT, 10, h, ids);
	for (int k = 0; k < 30; k++) {
		struct espalier_policy p =
			gen_policy(&(struct rng){ k }, ESPALIER_DIR_OUT);
		uint32_t id;

		for (int i = 0; i < 8; i++)
			nic_post(&nic, i % 4, frame, marked(100 + k), 0, 0);
		espalier_sim_run(nic.sim, 60 + k, false);
		/* goes in front of the one that protects, and moves it */
		p.action = ESPALIER_DISCARD;
		p.priority = k % 10;
		p.src_lo = gen_addr(p.src_lo.family, 3, k);
		p.src_hi = p.src_lo;
		id = nic_policy_add(&nic, &p);
		espalier_sim_run(nic.sim, 40, false);
		nic_policy_del(&nic, id);
		nic_collect(&nic);
	}
	nic_settle(&nic);
	EXPECT(nic.wire.n > 100);
	no_plaintext_left();
	nic_close(&nic);
}

static void promise_1_memory_errors(void)
{
	for (int seed = 1; seed < 5; seed++) {
		struct nic_opts opts = { .sim.seed = seed,
					 .sim.axi_error_ppm = 30000 };

		protect_all(&opts);
		for (int i = 0; i < 120; i++) {
			struct espalier_seg seg = { .dma = nic.arena.iova,
						    .len = marked(400) };
			struct espalier_txpkt pkt = { .segs = &seg,
						      .nsegs = 1 };
			struct espalier_txdone d[8];

			memcpy(nic.arena.va, frame, seg.len);
			espalier_tx_burst(nic.dev, i % 4, &pkt, 1);
			espalier_sim_run(nic.sim, 800, true);
			for (int q = 0; q < 4; q++)
				if (espalier_tx_done(nic.dev, q, d, 8) < 0 ||
				    nic_reg(&nic, ESPALIER_REG_Q_TX_STATUS(q)) &
					    ESPALIER_Q_TX_STATUS_ERROR_MASK)
					espalier_queue_reset(nic.dev, q);
		}
		EXPECT(nic.wire.n > 30);
		no_plaintext_left();
		nic_close(&nic);
	}
}

static void promise_1_corrupted_tables(void)
{
	uint32_t h = protect_all(NULL);

	if (!nic.caps.test_hooks) {
		suite_skip("needs a model with TEST_HOOKS=1");
		nic_close(&nic);
		return;
	}
	nic_any(&nic, ESPALIER_DIR_OUT, ESPALIER_BYPASS, 500, 0, NULL);
	EXPECT_EQ(table_op(&nic, ESPALIER_OP_CORRUPT, ESPALIER_TBL_SPD, 0),
		  ESPALIER_RES_OK);
	for (int i = 0; i < 10; i++)
		MUST(nic_post(&nic, 0, frame, marked(300), 0, 0));
	nic_settle(&nic);
	EXPECT_EQ(nic.wire.n, 0);
	EXPECT_EQ(table_op(&nic, ESPALIER_OP_CORRUPT, ESPALIER_TBL_SA_OUT,
			   ESPALIER_HANDLE_SLOT(h)),
		  ESPALIER_RES_OK);
	for (int i = 0; i < 10; i++)
		MUST(nic_post(&nic, 0, frame, marked(300), h, 0));
	nic_settle(&nic);
	EXPECT_EQ(nic.wire.n, 0);
	nic_close(&nic);
}

/* ------------------------------------------------------------------------ 2 */

/* A forged packet leaves no trace in host memory: every byte of every receive
 * buffer and ring is as before. */
static void promise_2_forged_leaves_no_trace(void)
{
	struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_IN, 0);
	static uint8_t esp[GEN_BUF];
	size_t bufs = (size_t)64 * 9216;
	struct nic_opts opts = { .rx_ring = 64 };
	uint64_t iova[4];
	uint8_t *before;

	nic_open(&nic, &opts);
	nic_sa_add(&nic, &sa);
	nic_any(&nic, ESPALIER_DIR_IN, ESPALIER_PROTECT, 1, sa.reqid, NULL);
	before = malloc(4 * bufs);
	MUST(before);
	for (int q = 0; q < 4; q++) {
		uint64_t ring =
			nic_reg(&nic, ESPALIER_REG_Q_RX_RING_LO(q)) |
			(uint64_t)nic_reg(&nic, ESPALIER_REG_Q_RX_RING_HI(q))
				<< 32;
		struct espalier_rx_desc *d =
			espalier_sim_mem(nic.sim, ring, 16);

		MUST(d);
		iova[q] = d->addr;
		MUST(espalier_sim_mem(nic.sim, iova[q], bufs));
		memset(espalier_sim_mem(nic.sim, iova[q], bufs), 0xee, bufs);
	}
	for (int i = 0; i < 60; i++) {
		size_t len = marked(100 + 100 * i);
		size_t n = craft_esp(esp,
				     &(struct craft){ .sa = &sa,
						      .dmac = nic.caps.mac,
						      .seq = i + 1,
						      .next_header = 4,
						      .flip = 17 + i * 97 },
				     frame + 14, len - 14);

		nic_inject(&nic, esp, n);
		/* not even for a moment */
		for (int k = 0; k < 6; k++) {
			espalier_sim_run(nic.sim, 100, false);
			for (int q = 0; q < 4; q++)
				EXPECT(!memmem(espalier_sim_mem(nic.sim,
								iova[q], 9216),
					       9216, MARK, 16));
		}
	}
	nic_settle(&nic);
	memset(before, 0xee, 4 * bufs);
	for (int q = 0; q < 4; q++)
		EXPECT(!memcmp(before, espalier_sim_mem(nic.sim, iova[q], bufs),
			       bufs));
	EXPECT_EQ(nic_count(&nic, ESPALIER_RX_AUTH_FAILED), 60);
	free(before);
	nic_close(&nic);
}

/* ------------------------------------------------------------------------ 3 */

/* No number comes twice, whatever is done to the SA. */
static void promise_3_number_never_twice(void)
{
	uint32_t h = protect_all(NULL);
	static uint8_t used[4096];
	struct rng r = { 31 };
	size_t frames = 0;

	memset(used, 0, sizeof(used));
	for (int k = 0; k < 40; k++) {
		struct espalier_limits l = { .hard_packets =
						     rng_below(&r, 2000) };

		for (int i = 0; i < 20; i++)
			nic_post(&nic, i % 4, frame, marked(60 + 10 * i),
				 i % 2 ? h : 0, 0);
		espalier_sim_run(nic.sim, rng_below(&r, 500), false);
		switch (k % 5) {
		case 0:
			espalier_sa_update(nic.dev, h, &l, 0);
			break;
		case 1:
			espalier_queue_reset(nic.dev, k % 4);
			break;
		case 2:
			espalier_reset(nic.dev, NULL, NULL);
			break;
		case 3:
			memset(&l, 0, sizeof(l));
			espalier_sa_update(nic.dev, h, &l, 1500);
			break;
		}
		nic_settle(&nic);
		for (size_t i = 0; i < nic.wire.n; i++) {
			const uint8_t *p = nic.wire.v[i].data + 34;
			uint32_t seq = get32(p + 4);

			EXPECT_EQ(get32(p + 8), 0);
			EXPECT_EQ(get32(p + 12), seq);
			MUST(seq > 0 && seq < sizeof(used));
			EXPECT(!used[seq]);
			used[seq] = 1;
		}
		frames += nic.wire.n;
		nic_forget(&nic);
	}
	EXPECT(frames > 300);
	nic_close(&nic);
}

static void promise_3_stops_at_the_end(void)
{
	struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_OUT, 0);
	struct espalier_limits none = { 0 };
	uint32_t h;

	sa.seq = UINT32_MAX - 5;
	nic_open(&nic, NULL);
	h = nic_sa_add(&nic, &sa);
	for (int i = 0; i < 20; i++)
		MUST(nic_post(&nic, i % 4, frame, marked(100), h, 0));
	nic_settle(&nic);
	EXPECT_EQ(nic.wire.n, 5);
	EXPECT_EQ(espalier_sa_update(nic.dev, h, &none, 0), 0);
	EXPECT_EQ(nic_out(&nic, frame, marked(100), h).code,
		  ESPALIER_TX_SEQ_OVERFLOW);
	nic_close(&nic);
}

/* ------------------------------------------------------------------------ 4 */

static void promise_4_forged_numbers_do_not_move_window(void)
{
	struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_IN, 0);
	static uint8_t esp[GEN_BUF];
	struct espalier_sa_info info;
	size_t len = marked(100);
	struct rng r = { 41 };
	uint32_t h;

	nic_open(&nic, NULL);
	h = nic_sa_add(&nic, &sa);
	nic_any(&nic, ESPALIER_DIR_IN, ESPALIER_PROTECT, 1, sa.reqid, NULL);
	for (uint64_t seq = 1; seq <= 60; seq++) {
		struct craft c = { .sa = &sa,
				   .dmac = nic.caps.mac,
				   .next_header = 4 };

		for (int i = 0; i < 3; i++) {
			c.seq = rng_below(&r, UINT32_MAX);
			c.flip = 20;
			nic_inject(&nic, esp,
				   craft_esp(esp, &c, frame + 14, len - 14));
		}
		c.seq = seq;
		c.flip = 0;
		nic_inject(&nic, esp, craft_esp(esp, &c, frame + 14, len - 14));
	}
	nic_settle(&nic);
	EXPECT_EQ(nic.nrx, 60);
	MUST(espalier_sa_query(nic.dev, h, &info) == 0);
	EXPECT_EQ(info.sa.seq, 60);
	nic_close(&nic);
}

/* ------------------------------------------------------------------------ 5 */

/* The key is in no register, no table entry and no memory of the host. */
static void promise_5_key_cannot_be_read(void)
{
	struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_OUT, 0), in;
	uint32_t h[2];

	nic_open(&nic, NULL);
	in = gen_mirror(&sa, 64);
	h[0] = nic_sa_add(&nic, &sa);
	h[1] = nic_sa_add(&nic, &in);
	MUST(nic_out(&nic, frame, marked(100), h[0]).code ==
	     ESPALIER_TX_PROTECTED);
	for (int pass = 0; pass < 2; pass++) {
		for (int table = 0; table < 7; table++)
			for (int op = 0; op < 8; op++) {
				uint32_t w[ESPALIER_TBL_WORDS];

				if (op == ESPALIER_OP_ADD ||
				    op == ESPALIER_OP_UPDATE ||
				    op == ESPALIER_OP_DELETE ||
				    op == ESPALIER_OP_CORRUPT)
					continue;
				table_op(&nic, op, table,
					 ESPALIER_HANDLE_SLOT(h[0]));
				table_get(&nic, w, sizeof(w));
				for (int i = 0; i < 9; i++)
					EXPECT(!memmem(w, sizeof(w),
						       sa.key + 4 * i, 4));
			}
		for (uint32_t off = 0; off < 0x1400; off += 4) {
			uint32_t v = nic_reg(&nic, off);

			for (int i = 0; i < 8; i++)
				EXPECT(memcmp(&v, sa.key + 4 * i, 4));
		}
		/* and no more after the SAs are gone */
		if (!pass) {
			nic_sa_del(&nic, h[0]);
			nic_sa_del(&nic, h[1]);
		}
	}
	nic_close(&nic);
}

/* A slot whose SA was deleted encrypts with no key of before. */
static void promise_5_key_gone_with_sa(void)
{
	struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_IN, 0);
	static uint8_t esp[GEN_BUF];
	struct espalier_sa_entry e;
	size_t len = marked(100), n;
	uint32_t h;

	nic_open(&nic, NULL);
	h = nic_sa_add(&nic, &sa);
	nic_any(&nic, ESPALIER_DIR_IN, ESPALIER_PROTECT, 1, sa.reqid, NULL);
	n = craft_esp(esp,
		      &(struct craft){ .sa = &sa,
				       .dmac = nic.caps.mac,
				       .seq = 1,
				       .next_header = 4 },
		      frame + 14, len - 14);
	MUST(table_op(&nic, ESPALIER_OP_READ, ESPALIER_TBL_SA_IN,
		      ESPALIER_HANDLE_SLOT(h)) == ESPALIER_RES_OK);
	table_get(&nic, &e, sizeof(e));
	MUST(espalier_sa_del(nic.dev, h) == 0);
	/* the entry comes back by hand, hash and all, but without its key */
	{
		struct espalier_sa again = sa;
		uint32_t h2;

		memset(again.key, 0, sizeof(again.key));
		MUST(espalier_sa_add(nic.dev, &again, &h2) == 0);
		MUST(table_op(&nic, ESPALIER_OP_DELETE, ESPALIER_TBL_SA_IN,
			      ESPALIER_HANDLE_SLOT(h2)) == ESPALIER_RES_OK);
		table_put(&nic, &e, sizeof(e));
		MUST(table_op(&nic, ESPALIER_OP_ADD, ESPALIER_TBL_SA_IN,
			      ESPALIER_HANDLE_SLOT(h2)) == ESPALIER_RES_OK);
	}
	EXPECT(nic_in(&nic, esp, n) != ESPALIER_RX_PROTECTED);
	nic_close(&nic);
}

/* ------------------------------------------------------------------------ 6 */

/* Full width: an ICV that differs in one bit, anywhere, is wrong; and the time
 * to the verdict does not tell where. */
static void promise_6_icv_full_width(void)
{
	struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_IN, 0);
	static uint8_t esp[GEN_BUF];
	size_t len = marked(100), n;
	uint64_t cycles[128];

	nic_open(&nic, NULL);
	nic_sa_add(&nic, &sa);
	nic_any(&nic, ESPALIER_DIR_IN, ESPALIER_PROTECT, 1, sa.reqid, NULL);
	n = craft_esp(esp,
		      &(struct craft){ .sa = &sa,
				       .dmac = nic.caps.mac,
				       .seq = 1,
				       .next_header = 4 },
		      frame + 14, len - 14);
	for (int bit = 0; bit < 128; bit++) {
		uint8_t *p = esp + n - 16 + bit / 8;

		*p ^= 1 << bit % 8;
		nic_inject(&nic, esp, n);
		cycles[bit] = espalier_sim_run(nic.sim, 10000, true);
		*p ^= 1 << bit % 8;
		EXPECT_EQ(cycles[bit], cycles[0]);
	}
	EXPECT_EQ(nic_count(&nic, ESPALIER_RX_AUTH_FAILED), 128);
	EXPECT_EQ(nic_in(&nic, esp, n), ESPALIER_RX_PROTECTED);
	nic_close(&nic);
}

/* ------------------------------------------------------------------------ 7 */

/* Frames of noise: each ends under a code, and the next good one is served. */
static void promise_7_noise(void)
{
	struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_OUT, 0), peer;
	struct rng r = { 71 };
	static uint8_t esp[GEN_BUF];
	uint64_t seq = 0;
	size_t len;
	uint32_t h;

	nic_open(&nic, NULL);
	h = nic_sa_add(&nic, &sa);
	peer = gen_mirror(&sa, 64);
	nic_sa_add(&nic, &peer);
	nic_any(&nic, ESPALIER_DIR_OUT, ESPALIER_PROTECT, 1, h, NULL);
	nic_any(&nic, ESPALIER_DIR_IN, ESPALIER_PROTECT, 1, sa.reqid, NULL);
	for (int i = 0; i < 150; i++) {
		for (int k = 0; k < 6; k++) {
			len = rng_range(&r, 14, 400);
			rng_fill(&r, frame, len);
			memcpy(frame, nic.caps.mac, 6);
			if (k % 3 != 2)
				put16(frame + 12, k % 3 ? 0x0800 : 0x86dd);
			if (len > 60 && rng_percent(&r, 60)) {
				frame[14] = k % 3 ? 0x45 : 0x60;
				put16(frame + 16, len - 14);
				if (k % 3 == 0) {
					put16(frame + 18,
					      len > 54 ? len - 54 : 0);
					frame[20] = 50;
				}
				frame[23] = 50;
				put16(frame + 24, 0);
				put16(frame + 24, ref_checksum(frame + 14, 20));
			}
			nic_inject(&nic, frame, len);
			MUST(nic_post(&nic, k % 4, frame, len, 0, 0));
		}
		nic_settle(&nic);
		nic_forget(&nic);
		len = marked(100);
		EXPECT_EQ(nic_out(&nic, frame, len, 0).code,
			  ESPALIER_TX_PROTECTED);
		EXPECT_EQ(
			nic_in(&nic, esp,
			       craft_esp(esp,
					 &(struct craft){ .sa = &peer,
							  .dmac = nic.caps.mac,
							  .seq = ++seq,
							  .next_header = 4 },
					 frame + 14, len - 14)),
			ESPALIER_RX_PROTECTED);
		if (CU_get_number_of_failures())
			break;
	}
	nic_close(&nic);
}

int main(int argc, char **argv)
{
	static const struct test_case cases[] = {
		{ "promise_1_sa_deleted_in_flight",
		  promise_1_sa_deleted_in_flight },
		{ "promise_1_queue_and_hard_reset",
		  promise_1_queue_and_hard_reset },
		{ "promise_1_exhausted_and_expired",
		  promise_1_exhausted_and_expired },
		{ "promise_1_policy_changes_under_load",
		  promise_1_policy_changes_under_load },
		{ "promise_1_memory_errors", promise_1_memory_errors },
		{ "promise_1_corrupted_tables", promise_1_corrupted_tables },
		{ "promise_2_forged_leaves_no_trace",
		  promise_2_forged_leaves_no_trace },
		{ "promise_3_number_never_twice",
		  promise_3_number_never_twice },
		{ "promise_3_stops_at_the_end", promise_3_stops_at_the_end },
		{ "promise_4_forged_numbers_do_not_move_window",
		  promise_4_forged_numbers_do_not_move_window },
		{ "promise_5_key_cannot_be_read",
		  promise_5_key_cannot_be_read },
		{ "promise_5_key_gone_with_sa", promise_5_key_gone_with_sa },
		{ "promise_6_icv_full_width", promise_6_icv_full_width },
		{ "promise_7_noise", promise_7_noise },
		{ NULL, NULL },
	};

	return suite_run("promises", cases, argc, argv);
}
