// SPDX-License-Identifier: Apache-2.0
/*
 * SAs and policies from birth to death, with packets under way: rekey without
 * loss, deletion, handles, full tables, resets.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "espalier_regs.h"
#include "pair.h"
#include "suite.h"
#include "table.h"

static struct pair pair;
static struct nic nic;
static uint8_t frame[GEN_BUF];

/* Rekeying under load: receive on the new SA first, then send on it, and keep
 * the old one until it has drained. Not a packet is lost. */
static void rekey_without_loss(void)
{
	unsigned int sent = 0, got = 0;
	uint32_t out, in;

	pair_open(&pair, NULL, NULL, 64);
	out = pair.out;
	in = pair.in;
	for (int k = 1; k <= 5; k++) {
		struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_OUT, k);
		uint32_t new_in, new_out;
		struct espalier_sa peer;

		sa.reqid = 1;
		peer = gen_mirror(&sa, 64);
		for (int i = 0; i < 20; i++)
			sent += nic_post(&pair.a, i % 4, frame,
					 gen_host_udp(frame, AF_INET, 60 + i),
					 0, 0) != 0;
		nic_step(&pair.a);
		new_in = nic_sa_add(&pair.b, &peer);
		new_out = nic_sa_add(&pair.a, &sa);
		for (int i = 0; i < 20; i++)
			sent += nic_post(&pair.a, i % 4, frame,
					 gen_host_udp(frame, AF_INET, 60 + i),
					 0, 0) != 0;
		for (int v6 = 0; v6 < 2; v6++)
			nic_policy_set_sa(&pair.a, pair.policy[v6], new_out);
		for (int i = 0; i < 20; i++)
			sent += nic_post(&pair.a, i % 4, frame,
					 gen_host_udp(frame, AF_INET, 60 + i),
					 0, 0) != 0;
		nic_step(&pair.a);
		nic_sa_del(&pair.a, out);
		pair_settle(&pair);
		nic_sa_del(&pair.b, in);
		out = new_out;
		in = new_in;
	}
	pair_settle(&pair);
	got = pair.b.nrx;
	EXPECT_EQ(sent, 300);
	EXPECT_EQ(got, sent);
	for (size_t i = 0; i < pair.a.ndone; i++)
		EXPECT_EQ(pair.a.done[i].code, ESPALIER_TX_PROTECTED);
	pair_close(&pair);
}

/* When sa_del returns, nothing of the SA is in flight: what was posted before
 * left under it or was refused, and nothing leaves after. */
static void delete_with_packets_in_flight(void)
{
	struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_OUT, 0);
	unsigned int out = 0, refused = 0;
	uint32_t handle;
	size_t at_delete;

	nic_open(&nic, NULL);
	handle = nic_sa_add(&nic, &sa);
	for (int i = 0; i < 100; i++)
		MUST(nic_post(&nic, i % 4, frame,
			      gen_host_udp(frame, AF_INET, 1000), handle, 0));
	espalier_sim_run(nic.sim, 1500, false);
	nic_sa_del(&nic, handle);
	at_delete = nic.wire.n;
	nic_settle(&nic);
	EXPECT_EQ(nic.ndone, 100);
	for (size_t i = 0; i < nic.ndone; i++) {
		out += nic.done[i].code == ESPALIER_TX_PROTECTED;
		refused += nic.done[i].code == ESPALIER_TX_HANDLE_STALE;
	}
	EXPECT_EQ(out + refused, 100);
	EXPECT(out > 0 && refused > 0);
	EXPECT_EQ(nic.wire.n, out);
	/* whole words may still stand in the last buffer before the wire */
	EXPECT(nic.wire.n >= at_delete);
	nic_close(&nic);
}

static void delete_inbound_in_flight(void)
{
	struct espalier_stats st;

	pair_open(&pair, NULL, NULL, 64);
	for (int i = 0; i < 60; i++)
		MUST(nic_post(&pair.a, 0, frame,
			      gen_host_udp(frame, AF_INET, 400), 0, 0));
	nic_settle(&pair.a);
	espalier_sim_run(pair.b.sim, 900, false);
	nic_sa_del(&pair.b, pair.in);
	pair_settle(&pair);
	nic_stats(&pair.b, &st);
	EXPECT_EQ(st.code[ESPALIER_RX_PROTECTED].packets +
			  st.code[ESPALIER_RX_NO_STATE].packets,
		  60);
	EXPECT(st.code[ESPALIER_RX_NO_STATE].packets > 0);
	EXPECT_EQ(pair.b.nrx, st.code[ESPALIER_RX_PROTECTED].packets);
	pair_close(&pair);
}

/* A handle that was given back names nothing, even when its slot is in use
 * again. */
static void stale_handle_after_reuse(void)
{
	struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_OUT, 0);
	struct espalier_sa_info info;
	uint32_t first, h;
	unsigned int slots;

	nic_open(&nic, NULL);
	slots = nic.caps.sa_entries;
	first = nic_sa_add(&nic, &sa);
	nic_sa_del(&nic, first);
	for (unsigned int i = 0; i < slots + 4; i++) {
		sa.spi = 0x2000 + i;
		h = 0;
		MUST(espalier_sa_add(nic.dev, &sa, &h) == 0);
		EXPECT(h != first);
		if (ESPALIER_HANDLE_SLOT(h) == ESPALIER_HANDLE_SLOT(first)) {
			EXPECT_EQ(nic_out(&nic, frame,
					  gen_host_udp(frame, AF_INET, 100),
					  first)
					  .code,
				  ESPALIER_TX_HANDLE_STALE);
			EXPECT_EQ(nic_out(&nic, frame,
					  gen_host_udp(frame, AF_INET, 100), h)
					  .code,
				  ESPALIER_TX_PROTECTED);
			EXPECT_EQ(espalier_sa_query(nic.dev, first, &info),
				  -ENOENT);
			EXPECT_EQ(espalier_sa_del(nic.dev, first), -ENOENT);
			break;
		}
		MUST(espalier_sa_del(nic.dev, h) == 0);
	}
	EXPECT(ESPALIER_HANDLE_SLOT(h) == ESPALIER_HANDLE_SLOT(first));
	nic_close(&nic);
}

static void sad_full_both_directions(void)
{
	unsigned int n;

	nic_open(&nic, NULL);
	n = nic.caps.sa_entries;
	for (int dir = 0; dir < 2; dir++) {
		struct espalier_sa sa = gen_plain_sa(dir, 0);
		uint32_t h, first = 0;

		for (unsigned int i = 0; i < n; i++) {
			sa.spi = 0x10000 + i * 0x1001;
			h = 0;
			if (espalier_sa_add(nic.dev, &sa, &h)) {
				printf("    %u: %s\n", i,
				       espalier_error(nic.dev));
				CU_FAIL("SAD is not full yet");
				break;
			}
			if (!i)
				first = h;
		}
		sa.spi = 0x777;
		EXPECT_EQ(espalier_sa_add(nic.dev, &sa, &h), -ENOSPC);
		MUST(espalier_sa_del(nic.dev, first) == 0);
		EXPECT_EQ(espalier_sa_add(nic.dev, &sa, &h), 0);
	}
	nic_close(&nic);
}

/* Every one of a full inbound SAD is found. */
static void sad_full_all_found(void)
{
	struct espalier_sa out = gen_plain_sa(ESPALIER_DIR_OUT, 0), in;
	unsigned int n;

	nic_open(&pair.a, NULL);
	nic_open(&pair.b, NULL);
	nic_link(&pair.a, &pair.b);
	n = pair.a.caps.sa_entries;
	nic_any(&pair.b, ESPALIER_DIR_IN, ESPALIER_PROTECT, 1, out.reqid, NULL);
	for (unsigned int i = 0; i < n; i++) {
		uint32_t h;

		out.spi = 0x100 + i * 7919;
		out.dst = gen_gateway(i & 1 ? AF_INET6 : AF_INET, i);
		out.src = gen_gateway(out.dst.family, 1);
		in = gen_mirror(&out, 64);
		MUST(espalier_sa_add(pair.a.dev, &out, &h) == 0);
		MUST(espalier_sa_add(pair.b.dev, &in, &h) == 0);
	}
	for (uint32_t h = espalier_sa_next(pair.a.dev, 0); h;
	     h = espalier_sa_next(pair.a.dev, h)) {
		while (!nic_post(&pair.a, 0, frame,
				 gen_host_udp(frame, AF_INET, 64), h, 0))
			pair_settle(&pair);
	}
	pair_settle(&pair);
	EXPECT_EQ(pair.b.nrx, n);
	pair_close(&pair);
}

static void spd_full(void)
{
	struct espalier_policy p =
		gen_any(ESPALIER_DIR_OUT, AF_INET, ESPALIER_BYPASS, 5);
	unsigned int n;
	uint32_t id, last = 0;

	nic_open(&nic, NULL);
	n = nic.caps.spd_entries;
	for (unsigned int i = 0; i < n; i++) {
		p.dst_lo = gen_addr(AF_INET, 2, i);
		p.dst_hi = p.dst_lo;
		p.priority = rng_below(&(struct rng){ i }, 100);
		MUST(espalier_policy_add(nic.dev, &p, &id) == 0);
		last = id;
	}
	EXPECT_EQ(espalier_policy_add(nic.dev, &p, &id), -ENOSPC);
	MUST(espalier_policy_del(nic.dev, last) == 0);
	EXPECT_EQ(espalier_policy_add(nic.dev, &p, &id), 0);
	/* the last one is still found, and one that is not there is not */
	{
		struct espalier_addr s = gen_addr(AF_INET, 0, 1);

		EXPECT_EQ(nic_out(&nic, frame,
				  gen_udp(frame, &s, &p.dst_lo, 80), 0)
				  .code,
			  ESPALIER_TX_BYPASSED);
	}
	EXPECT_EQ(
		nic_out(&nic, frame, gen_host_udp(frame, AF_INET, 80), 0).code,
		ESPALIER_TX_NO_POLICY);
	nic_close(&nic);
}

/* A policy change holds for the very next packet, however often its flow was
 * cached. */
static void policy_change_empties_cache(void)
{
	struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_OUT, 0);
	uint32_t h;

	nic_open(&nic, NULL);
	h = nic_sa_add(&nic, &sa);
	nic_any(&nic, ESPALIER_DIR_OUT, ESPALIER_BYPASS, 500, 0, NULL);
	for (int i = 0; i < 20; i++) {
		uint32_t id[2];

		EXPECT_EQ(nic_out(&nic, frame, gen_host_udp(frame, AF_INET, 80),
				  0)
				  .code,
			  ESPALIER_TX_BYPASSED);
		EXPECT_EQ(nic_out(&nic, frame, gen_host_udp(frame, AF_INET, 80),
				  0)
				  .code,
			  ESPALIER_TX_BYPASSED);
		nic_any(&nic, ESPALIER_DIR_OUT,
			i % 2 ? ESPALIER_DISCARD : ESPALIER_PROTECT, 3, h, id);
		EXPECT_EQ(nic_out(&nic, frame, gen_host_udp(frame, AF_INET, 80),
				  0)
				  .code,
			  i % 2 ? ESPALIER_TX_POL_BLOCK
				: ESPALIER_TX_PROTECTED);
		nic_policy_del(&nic, id[0]);
		nic_policy_del(&nic, id[1]);
	}
	nic_close(&nic);
}

static void count_lost(void *arg, uint32_t handle)
{
	(void)handle;
	++*(unsigned int *)arg;
}

/* After the hardware reset: policies are back, SAs are named as lost, and
 * nothing leaves that should have been protected. */
static void hard_reset_restores(void)
{
	struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_OUT, 0), in;
	uint32_t h, ids[2], id;
	unsigned int lost = 0;
	int ret;

	nic_open(&nic, NULL);
	h = nic_sa_add(&nic, &sa);
	in = gen_plain_sa(ESPALIER_DIR_IN, 1);
	nic_sa_add(&nic, &in);
	nic_any(&nic, ESPALIER_DIR_OUT, ESPALIER_PROTECT, 9, h, ids);
	EXPECT_EQ(
		nic_out(&nic, frame, gen_host_udp(frame, AF_INET, 80), 0).code,
		ESPALIER_TX_PROTECTED);
	for (int i = 0; i < 30; i++)
		MUST(nic_post(&nic, 0, frame, gen_host_udp(frame, AF_INET, 700),
			      0, 0));
	espalier_sim_run(nic.sim, 700, false);
	espalier_sim_reset(nic.sim);
	nic_frames_clear(&nic.wire);
	ret = espalier_reset(nic.dev, count_lost, &lost);
	if (ret < 0)
		printf("    reset: %s\n", espalier_error(nic.dev));
	EXPECT_EQ(ret, 2);
	EXPECT_EQ(lost, 2);
	nic_settle(&nic);
	EXPECT_EQ(nic.wire.n, 0);
	nic.in_flight = 0;
	EXPECT_EQ(
		nic_out(&nic, frame, gen_host_udp(frame, AF_INET, 80), 0).code,
		ESPALIER_TX_NO_STATE);
	EXPECT_EQ(
		nic_out(&nic, frame, gen_host_udp(frame, AF_INET, 80), h).code,
		ESPALIER_TX_HANDLE_STALE);
	id = espalier_policy_next(nic.dev, 0);
	EXPECT_EQ(id, ids[0]);
	ref_sa_del(&nic.ref, h);
	sa = gen_plain_sa(ESPALIER_DIR_OUT, 2);
	h = nic_sa_add(&nic, &sa);
	nic_policy_set_sa(&nic, ids[0], h);
	EXPECT_EQ(
		nic_out(&nic, frame, gen_host_udp(frame, AF_INET, 80), 0).code,
		ESPALIER_TX_PROTECTED);
	EXPECT_EQ(nic.done[0].seq, 1);
	nic_close(&nic);
}

#define SENT 60

/* A hardware reset that SAs outlive: what each has counted is read out before
 * it, and the caller, who has the keys, adds them again behind it. No IV comes
 * twice, no packet is taken twice, and traffic goes on. */
static void reset_with_numbers(bool esn)
{
	static struct nic b;
	struct espalier_sa out = gen_plain_sa(ESPALIER_DIR_OUT, 0), in;
	struct espalier_sa_info io, ii;
	struct nic_frames all = { 0 };
	uint32_t ids[2], h, hi;
	size_t len = gen_host_udp(frame, AF_INET, 200);
	unsigned int lost = 0;

	out.esn = esn;
	out.seq = esn ? 0xfffffff0u : 0; /* wraps below 32 bits on the way */
	in = gen_mirror(&out, 64);
	nic_open(&nic, NULL);
	nic_open(&b, NULL);
	h = nic_sa_add(&nic, &out);
	hi = nic_sa_add(&b, &in);
	nic_any(&nic, ESPALIER_DIR_OUT, ESPALIER_PROTECT, 9, h, ids);
	nic_any(&b, ESPALIER_DIR_IN, ESPALIER_PROTECT, 9, in.reqid, NULL);
	for (int i = 0; i < SENT; i++) {
		const struct nic_frame *f;

		if (i == SENT / 2) {
			/* at work until it is stopped; what was not taken ends
			 * as reset, and no more than that was given a number */
			nic_forget(&nic);
			for (int k = 0; k < 20; k++)
				MUST(nic_post(&nic, k % 4, frame, len, 0, 0));
			espalier_sim_run(nic.sim, 300, false);
			MUST(espalier_stop(nic.dev) == 0);
			MUST(espalier_stop(b.dev) == 0);
			MUST(espalier_sa_query(nic.dev, h, &io) == 0);
			MUST(espalier_sa_query(b.dev, hi, &ii) == 0);
			for (size_t k = 0; k < nic.wire.n; k++)
				nic_frames_add(&all, nic.wire.v[k].data,
					       nic.wire.v[k].len);
			EXPECT_EQ(io.sa.seq, out.seq + all.n);
			EXPECT_EQ(ii.sa.seq, out.seq + i);
			/* at a port that is shut, and lost with the power */
			nic_inject(&b, all.v[1].data, all.v[1].len);
			espalier_sim_run(b.sim, 3000, true);
			espalier_sim_reset(nic.sim);
			espalier_sim_reset(b.sim);
			EXPECT_EQ(espalier_reset(nic.dev, count_lost, &lost),
				  1);
			EXPECT_EQ(espalier_reset(b.dev, count_lost, &lost), 1);
			EXPECT_EQ(lost, 2);
			nic_collect(&nic);
			EXPECT_EQ(nic.in_flight, 0);
			ref_sa_del(&nic.ref, h);
			ref_sa_del(&b.ref, hi);
			out.seq = io.sa.seq;
			in.seq = ii.sa.seq;
			h = nic_sa_add(&nic, &out);
			hi = nic_sa_add(&b, &in);
			nic_policy_set_sa(&nic, ids[0], h);
			nic_policy_set_sa(&nic, ids[1], h);
			/* seen, or too late: not again */
			for (int k = 0; k < i; k++)
				EXPECT_EQ(
					nic_in(&b, all.v[k].data, all.v[k].len),
					ESPALIER_RX_REPLAY);
			/* sent before the reset, and not seen yet */
			for (size_t k = i; k < all.n; k++) {
				EXPECT_EQ(
					nic_in(&b, all.v[k].data, all.v[k].len),
					ESPALIER_RX_PROTECTED);
				EXPECT_EQ(
					nic_in(&b, all.v[k].data, all.v[k].len),
					ESPALIER_RX_REPLAY);
			}
		}
		EXPECT_EQ(nic_out(&nic, frame, len, 0).code,
			  ESPALIER_TX_PROTECTED);
		MUST(nic.wire.n == 1);
		f = &nic.wire.v[0];
		nic_frames_add(&all, f->data, f->len);
		/* some come late, which is too late behind the reset */
		if (i % 10 != 3)
			EXPECT_EQ(nic_in(&b, f->data, f->len),
				  ESPALIER_RX_PROTECTED);
	}
	EXPECT(all.n > SENT);
	for (size_t i = 0; i < all.n; i++)
		for (size_t k = 0; k < i; k++) /* ESP at 34, its IV at 42 */
			EXPECT(memcmp(all.v[i].data + 42, all.v[k].data + 42,
				      8));
	nic_frames_clear(&all);
	nic_close(&b);
	nic_close(&nic);
}

static void reset_with_numbers_read_out(void)
{
	reset_with_numbers(false);
	reset_with_numbers(true);
}

/* Without a loss of the tables nothing is lost, and numbers go on. */
static void soft_reset_keeps_all(void)
{
	struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_OUT, 0);
	unsigned int lost = 0;
	uint32_t h;

	nic_open(&nic, NULL);
	h = nic_sa_add(&nic, &sa);
	EXPECT_EQ(nic_out(&nic, frame, gen_host_udp(frame, AF_INET, 80), h).seq,
		  1);
	EXPECT_EQ(espalier_reset(nic.dev, count_lost, &lost), 0);
	EXPECT_EQ(lost, 0);
	EXPECT_EQ(nic_out(&nic, frame, gen_host_udp(frame, AF_INET, 80), h).seq,
		  2);
	nic_close(&nic);
}

/* The table port refuses what would break a running SA. */
static void table_port_rules(void)
{
	struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_OUT, 0);
	struct espalier_sa_entry e;
	struct espalier_key_entry key = { .flags = 1 };
	unsigned int slot;

	nic_open(&nic, NULL);
	slot = ESPALIER_HANDLE_SLOT(nic_sa_add(&nic, &sa));
	table_put(&nic, &key, sizeof(key));
	EXPECT_EQ(table_op(&nic, ESPALIER_OP_ADD, ESPALIER_TBL_KEY_OUT, slot),
		  ESPALIER_RES_EXISTS);
	EXPECT_EQ(table_op(&nic, ESPALIER_OP_READ, ESPALIER_TBL_SA_OUT, slot),
		  ESPALIER_RES_OK);
	table_get(&nic, &e, sizeof(e));
	EXPECT_EQ(e.spi, sa.spi);
	table_put(&nic, &e, sizeof(e));
	EXPECT_EQ(table_op(&nic, ESPALIER_OP_ADD, ESPALIER_TBL_SA_OUT, slot),
		  ESPALIER_RES_EXISTS);
	EXPECT_EQ(
		table_op(&nic, ESPALIER_OP_READ, ESPALIER_TBL_SA_OUT, slot + 1),
		ESPALIER_RES_ABSENT);
	EXPECT_EQ(table_op(&nic, ESPALIER_OP_READ, ESPALIER_TBL_SA_OUT,
			   nic.caps.sa_entries),
		  ESPALIER_RES_INDEX);
	EXPECT_EQ(table_op(&nic, 9, ESPALIER_TBL_SA_OUT, slot),
		  ESPALIER_RES_OP);
	nic_close(&nic);
}

int main(int argc, char **argv)
{
	static const struct test_case cases[] = {
		{ "drv_5_rekey_without_loss", rekey_without_loss },
		{ "drv_6_delete_with_packets_in_flight",
		  delete_with_packets_in_flight },
		{ "drv_6_delete_inbound_in_flight", delete_inbound_in_flight },
		{ "stale_handle_after_reuse", stale_handle_after_reuse },
		{ "sad_full_both_directions", sad_full_both_directions },
		{ "sad_full_all_found", sad_full_all_found },
		{ "spd_full", spd_full },
		{ "policy_change_empties_cache", policy_change_empties_cache },
		{ "drv_8_hard_reset_restores", hard_reset_restores },
		{ "drv_7_reset_with_numbers_read_out",
		  reset_with_numbers_read_out },
		{ "soft_reset_keeps_all", soft_reset_keeps_all },
		{ "table_port_rules", table_port_rules },
		{ NULL, NULL },
	};

	return suite_run("lifecycle", cases, argc, argv);
}
