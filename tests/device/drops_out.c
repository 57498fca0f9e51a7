// SPDX-License-Identifier: Apache-2.0
/*
 * Every way a sent packet can end, provoked once: the status of its
 * completion, its counter and no other, and nothing on the other side.
 */
#include "bytes.h"
#include "drop.h"
#include "espalier_regs.h"
#include "suite.h"
#include "table.h"

static void tx(enum espalier_code code, uint32_t handle)
{
	struct espalier_stats before;
	struct nic_done d;
	bool leaves =
		code == ESPALIER_TX_PROTECTED || code == ESPALIER_TX_BYPASSED;

	nic_stats(&nic, &before);
	d = nic_out(&nic, frame, frame_len, handle);
	EXPECT_EQ(d.code, code);
	EXPECT_EQ(nic.wire.n, leaves);
	EXPECT_EQ(d.wire_len, leaves ? nic.wire.v[0].len : 0);
	if (code != ESPALIER_TX_PROTECTED)
		EXPECT_EQ(d.seq, 0);
	drop_counted(&before, code);
}

/* The next frame is served: an ordinary one still comes through. */
static void tx_alive(uint32_t handle)
{
	clear_frame(100);
	tx(ESPALIER_TX_PROTECTED, handle);
}

static void tx_protected(void)
{
	drop_ready(NULL, ESPALIER_DIR_OUT);
	tx(ESPALIER_TX_PROTECTED, 0);
	EXPECT_EQ(nic.done[0].seq, 1);
	nic_close(&nic);
}

static void tx_bypassed(void)
{
	drop_ready(NULL, ESPALIER_DIR_OUT);
	nic_any(&nic, ESPALIER_DIR_OUT, ESPALIER_BYPASS, 1, 0, NULL);
	tx(ESPALIER_TX_BYPASSED, 0);
	EXPECT(ref_same(frame, frame_len, nic.wire.v[0].data, nic.wire.v[0].len,
			false));
	nic_close(&nic);
}

/* Spoils the descriptors of the next doorbell. */
struct spoil {
	uint16_t tail;
	void (*fix)(struct espalier_tx_desc *d);
	bool done;
};

static bool spoil_hook(struct nic *n, void *arg, uint32_t off, uint32_t val)
{
	struct spoil *s = arg;
	uint64_t ring;
	struct espalier_tx_desc *d;

	if (off != ESPALIER_REG_Q_TX_TAIL(0) || s->done)
		return true;
	ring = nic_reg(n, ESPALIER_REG_Q_TX_RING_LO(0)) |
	       (uint64_t)nic_reg(n, ESPALIER_REG_Q_TX_RING_HI(0)) << 32;
	val = (val - 1) & (n->opts.tx_ring - 1);
	d = espalier_sim_mem(n->sim, ring + 16 * val, 16);
	MUST(d);
	s->fix(d);
	s->done = true;
	return true;
}

static void tx_spoiled(enum espalier_code code,
		       void (*fix)(struct espalier_tx_desc *d))
{
	uint32_t handle = drop_ready(NULL, ESPALIER_DIR_OUT);
	struct spoil s = { .fix = fix };

	nic.hook = spoil_hook;
	nic.hook_arg = &s;
	tx(code, 0);
	EXPECT(s.done);
	tx_alive(handle);
	nic_close(&nic);
}

static void unknown_flag(struct espalier_tx_desc *d)
{
	d->flags |= 0x80;
}

static void handle_without_flag(struct espalier_tx_desc *d)
{
	d->handle = 5;
}

static void zero_length(struct espalier_tx_desc *d)
{
	d->len = 0;
}

static void thirteen_bytes(struct espalier_tx_desc *d)
{
	d->len = 13;
}

static void tx_desc_invalid_flag(void)
{
	tx_spoiled(ESPALIER_TX_DESC_INVALID, unknown_flag);
}

static void tx_desc_invalid_reserved(void)
{
	tx_spoiled(ESPALIER_TX_DESC_INVALID, handle_without_flag);
}

static void tx_len_invalid_zero(void)
{
	tx_spoiled(ESPALIER_TX_LEN_INVALID, zero_length);
}

static void tx_len_invalid_short(void)
{
	tx_spoiled(ESPALIER_TX_LEN_INVALID, thirteen_bytes);
}

static void tx_len_invalid_long(void)
{
	uint32_t handle = drop_ready(NULL, ESPALIER_DIR_OUT);
	struct espalier_stats before;

	nic_stats(&nic, &before);
	rng_fill(&(struct rng){ 1 }, frame + 14, 9217 - 14);
	frame_len = 9217;
	nic_forget(&nic);
	MUST(nic_post(&nic, 0, frame, frame_len, 0, 1000));
	nic_settle(&nic);
	MUST(nic.ndone == 1);
	EXPECT_EQ(nic.done[0].code, ESPALIER_TX_LEN_INVALID);
	EXPECT_EQ(nic.wire.n, 0);
	drop_counted(&before, ESPALIER_TX_LEN_INVALID);
	tx_alive(handle);
	nic_close(&nic);
}

static void tx_dma_error(void)
{
	uint32_t handle = drop_ready(NULL, ESPALIER_DIR_OUT);

	espalier_sim_fail_at(nic.sim, nic.arena.iova + 128, 16);
	tx(ESPALIER_TX_DMA_ERROR, 0);
	espalier_sim_fail_at(nic.sim, 0, 0);
	tx_alive(handle);
	nic_close(&nic);
}

static void tx_handle_stale(void)
{
	uint32_t handle = drop_ready(NULL, ESPALIER_DIR_OUT);

	nic_sa_del(&nic, handle);
	tx(ESPALIER_TX_HANDLE_STALE, handle);
	nic_close(&nic);
}

static void tx_handle_of_other_direction(void)
{
	struct espalier_sa in = gen_plain_sa(ESPALIER_DIR_IN, 0);

	drop_ready(NULL, ESPALIER_DIR_OUT);
	tx(ESPALIER_TX_HANDLE_STALE, nic_sa_add(&nic, &in));
	nic_close(&nic);
}

static void tx_pol_block(void)
{
	uint32_t handle = drop_ready(NULL, ESPALIER_DIR_OUT);
	uint32_t id[2];

	nic_any(&nic, ESPALIER_DIR_OUT, ESPALIER_DISCARD, 1, 0, id);
	tx(ESPALIER_TX_POL_BLOCK, 0);
	nic_policy_del(&nic, id[0]);
	tx_alive(0);
	EXPECT_EQ(nic.done[0].sa, handle);
	nic_close(&nic);
}

static void tx_no_policy(void)
{
	nic_open(&nic, NULL);
	clear_frame(200);
	tx(ESPALIER_TX_NO_POLICY, 0);
	nic_close(&nic);
}

static void tx_no_state(void)
{
	uint32_t handle = drop_ready(NULL, ESPALIER_DIR_OUT);
	struct espalier_event ev;
	bool acquire = false;

	nic_sa_del(&nic, handle);
	tx(ESPALIER_TX_NO_STATE, 0);
	while (nic_event(&nic, &ev))
		acquire |= ev.type == ESPALIER_EV_ACQUIRE;
	EXPECT(acquire);
	nic_close(&nic);
}

static void tx_state_expired(void)
{
	struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_OUT, 1);
	uint32_t handle;

	drop_ready(NULL, ESPALIER_DIR_OUT);
	sa.limits.hard_packets = 1;
	handle = nic_sa_add(&nic, &sa);
	tx(ESPALIER_TX_PROTECTED, handle);
	tx(ESPALIER_TX_STATE_EXPIRED, handle);
	nic_close(&nic);
}

static void tx_seq_overflow(void)
{
	struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_OUT, 1);
	uint32_t handle;

	drop_ready(NULL, ESPALIER_DIR_OUT);
	sa.seq = UINT32_MAX - 1;
	handle = nic_sa_add(&nic, &sa);
	tx(ESPALIER_TX_PROTECTED, handle);
	EXPECT_EQ(nic.done[0].seq, UINT32_MAX);
	tx(ESPALIER_TX_SEQ_OVERFLOW, handle);
	tx(ESPALIER_TX_SEQ_OVERFLOW, handle);
	nic_close(&nic);
}

static void tx_hdr_error(void)
{
	uint32_t handle = drop_ready(NULL, ESPALIER_DIR_OUT);

	frame[14 + 10] ^= 1; /* checksum */
	tx(ESPALIER_TX_HDR_ERROR, 0);
	tx(ESPALIER_TX_HDR_ERROR, handle);
	tx_alive(0);
	nic_close(&nic);
}

static void tx_mode_error(void)
{
	struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_OUT, 1);
	uint32_t handle;

	drop_ready(NULL, ESPALIER_DIR_OUT);
	sa.mode = ESPALIER_MODE_TRANSPORT;
	handle = nic_sa_add(&nic, &sa);
	put16(frame + 14 + 6, 0x2000); /* a fragment */
	fix_checksum();
	tx(ESPALIER_TX_MODE_ERROR, handle);
	nic_close(&nic);
}

static void tx_too_big_mtu(void)
{
	struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_OUT, 1);
	struct espalier_sa_info info;
	uint32_t handle;

	drop_ready(NULL, ESPALIER_DIR_OUT);
	sa.mtu = 255; /* 200 bytes need 20 + 16 + 204 + 16 */
	handle = nic_sa_add(&nic, &sa);
	tx(ESPALIER_TX_TOO_BIG, handle);
	MUST(espalier_sa_query(nic.dev, handle, &info) == 0);
	EXPECT_EQ(info.sa.seq, 0); /* no number was used */
	MUST(espalier_sa_update(nic.dev, handle, &sa.limits, 256) == 0);
	tx(ESPALIER_TX_PROTECTED, handle);
	EXPECT_EQ(nic.wire.v[0].len, 14 + 256);
	nic_close(&nic);
}

static void tx_too_big_frame(void)
{
	drop_ready(NULL, ESPALIER_DIR_OUT);
	clear_frame(9216 - 14);
	tx(ESPALIER_TX_TOO_BIG, 0);
	tx_alive(0);
	nic_close(&nic);
}

static void tx_nonip_discard(void)
{
	drop_ready(NULL, ESPALIER_DIR_OUT);
	put16(frame + 12, 0x88cc);
	tx(ESPALIER_TX_NONIP_DISCARD, 0);
	put16(frame + 12, 0x0806);
	tx(ESPALIER_TX_NONIP_DISCARD, 0);
	nic_options(&nic, ESPALIER_OPT_OUT_ARP_BYPASS);
	tx(ESPALIER_TX_BYPASSED, 0);
	put16(frame + 12, 0x88cc);
	tx(ESPALIER_TX_NONIP_DISCARD, 0);
	nic_options(&nic, ESPALIER_OPT_OUT_NONIP_BYPASS);
	tx(ESPALIER_TX_BYPASSED, 0);
	nic_close(&nic);
}

static void tx_parity(void)
{
	uint32_t handle = drop_ready(NULL, ESPALIER_DIR_OUT);
	struct espalier_event ev;
	bool told = false;

	if (!nic.caps.test_hooks) {
		suite_skip("needs a model with TEST_HOOKS=1");
		nic_close(&nic);
		return;
	}
	EXPECT_EQ(table_op(&nic, ESPALIER_OP_CORRUPT, ESPALIER_TBL_SA_OUT,
			   ESPALIER_HANDLE_SLOT(handle)),
		  ESPALIER_RES_OK);
	tx(ESPALIER_TX_PARITY, 0);
	tx(ESPALIER_TX_PARITY, handle);
	while (nic_event(&nic, &ev))
		told |= ev.type == ESPALIER_EV_PARITY;
	EXPECT(told);
	nic_close(&nic);
}

static void tx_parity_policy(void)
{
	drop_ready(NULL, ESPALIER_DIR_OUT);
	if (!nic.caps.test_hooks) {
		suite_skip("needs a model with TEST_HOOKS=1");
		nic_close(&nic);
		return;
	}
	EXPECT_EQ(table_op(&nic, ESPALIER_OP_CORRUPT, ESPALIER_TBL_SPD, 0),
		  ESPALIER_RES_OK);
	tx(ESPALIER_TX_PARITY, 0);
	nic_close(&nic);
}

static void tx_reset(void)
{
	struct espalier_stats st;
	unsigned int n = 0, flushed = 0;

	drop_ready(NULL, ESPALIER_DIR_OUT);
	while (nic_post(&nic, 0, frame, frame_len, 0, 0))
		n++;
	espalier_sim_run(nic.sim, 300, false);
	MUST(espalier_queue_reset(nic.dev, 0) == 0);
	nic_settle(&nic);
	EXPECT_EQ(nic.ndone, n);
	for (size_t i = 0; i < nic.ndone; i++)
		flushed += nic.done[i].code == ESPALIER_TX_RESET;
	EXPECT(flushed > 0);
	nic_stats(&nic, &st);
	EXPECT(st.code[ESPALIER_TX_RESET].packets <= flushed);
	tx_alive(0);
	nic_close(&nic);
}

static const struct test_case cases[] = {
	{ "tx_protected", tx_protected },
	{ "tx_bypassed", tx_bypassed },
	{ "tx_desc_invalid_flag", tx_desc_invalid_flag },
	{ "tx_desc_invalid_reserved", tx_desc_invalid_reserved },
	{ "tx_len_invalid_zero", tx_len_invalid_zero },
	{ "tx_len_invalid_short", tx_len_invalid_short },
	{ "tx_len_invalid_long", tx_len_invalid_long },
	{ "tx_dma_error", tx_dma_error },
	{ "tx_handle_stale", tx_handle_stale },
	{ "tx_handle_of_other_direction", tx_handle_of_other_direction },
	{ "tx_pol_block", tx_pol_block },
	{ "tx_no_policy", tx_no_policy },
	{ "tx_no_state", tx_no_state },
	{ "tx_state_expired", tx_state_expired },
	{ "tx_seq_overflow", tx_seq_overflow },
	{ "tx_hdr_error", tx_hdr_error },
	{ "tx_mode_error", tx_mode_error },
	{ "tx_too_big_mtu", tx_too_big_mtu },
	{ "tx_too_big_frame", tx_too_big_frame },
	{ "tx_nonip_discard", tx_nonip_discard },
	{ "tx_parity", tx_parity },
	{ "tx_parity_policy", tx_parity_policy },
	{ "tx_reset", tx_reset },
	{ 0 },
};

int main(int argc, char **argv)
{
	return suite_run("drops_out", cases, argc, argv);
}
