// SPDX-License-Identifier: Apache-2.0
/*
 * Every way a received packet can end, provoked once: the status of its
 * completion, its counter and no other, and nothing on the other side.
 */
#include <string.h>
#include "bytes.h"
#include "craft.h"
#include "drop.h"
#include "espalier_regs.h"
#include "suite.h"
#include "table.h"

static void rx(enum espalier_code code)
{
	struct espalier_stats before;

	nic_stats(&nic, &before);
	EXPECT_EQ(nic_in(&nic, frame, frame_len), code);
	drop_counted(&before, code);
}

/* `frame` as ESP under the inbound SA of drop_ready(). */
static void protect(const struct craft *how)
{
	struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_IN, 0);
	static uint8_t inner[GEN_BUF];
	struct craft c = *how;

	memcpy(inner, frame + 14, frame_len - 14);
	c.sa = &sa;
	c.dmac = nic.caps.mac;
	if (!c.seq)
		c.seq = 1;
	if (!c.next_header)
		c.next_header = 4;
	frame_len = craft_esp(frame, &c, inner, frame_len - 14);
}

static uint32_t ready_in(const struct nic_opts *opts, const struct craft *how)
{
	uint32_t handle = drop_ready(opts, ESPALIER_DIR_IN);

	protect(how ? how : &(struct craft){ .seq = 1 });
	return handle;
}

static void rx_once(const struct craft *how, enum espalier_code code)
{
	ready_in(NULL, how);
	rx(code);
	nic_close(&nic);
}

static void rx_protected(void)
{
	uint32_t handle = ready_in(NULL, NULL);

	rx(ESPALIER_RX_PROTECTED);
	MUST(nic.nrx == 1);
	EXPECT_EQ(nic.rx[0].sa, handle);
	EXPECT_EQ(nic.rx[0].frame.len, 214);
	nic_close(&nic);
}

static void rx_bypassed(void)
{
	drop_ready(NULL, ESPALIER_DIR_IN);
	nic_any(&nic, ESPALIER_DIR_IN, ESPALIER_BYPASS, 1, 0, NULL);
	rx(ESPALIER_RX_BYPASSED);
	MUST(nic.nrx == 1);
	EXPECT_EQ(nic.rx[0].sa, 0);
	EXPECT(ref_same(frame, frame_len, nic.rx[0].frame.data,
			nic.rx[0].frame.len, false));
	nic_close(&nic);
}

static void rx_dummy(void)
{
	rx_once(&(struct craft){ .next_header = 59 }, ESPALIER_RX_DUMMY);
}

static void rx_frame_error(void)
{
	struct espalier_stats before;

	ready_in(NULL, NULL);
	nic_stats(&nic, &before);
	MUST(espalier_sim_inject(nic.sim, frame, frame_len, true) == 0);
	nic_settle(&nic);
	drop_counted(&before, ESPALIER_RX_FRAME_ERROR);
	frame_len = 13;
	rx(ESPALIER_RX_FRAME_ERROR);
	frame_len = 9217;
	rx(ESPALIER_RX_FRAME_ERROR);
	nic_close(&nic);
}

static void rx_overflow(void)
{
	struct nic_opts slow = { .sim.stall_percent = 95, .sim.seed = 3 };
	struct espalier_stats st;

	drop_ready(&slow, ESPALIER_DIR_IN);
	nic_any(&nic, ESPALIER_DIR_IN, ESPALIER_BYPASS, 1, 0, NULL);
	for (int i = 0; i < 400; i++)
		nic_inject(&nic, frame, frame_len);
	nic_settle(&nic);
	nic_stats(&nic, &st);
	EXPECT(st.code[ESPALIER_RX_OVERFLOW].packets > 0);
	EXPECT_EQ(st.code[ESPALIER_RX_OVERFLOW].packets +
			  st.code[ESPALIER_RX_BYPASSED].packets,
		  400);
	EXPECT_EQ(nic.nrx, st.code[ESPALIER_RX_BYPASSED].packets);
	rx(ESPALIER_RX_BYPASSED);
	nic_close(&nic);
}

static void rx_mac_filter(void)
{
	ready_in(NULL, NULL);
	frame[5] ^= 1;
	rx(ESPALIER_RX_MAC_FILTER);
	nic_options(&nic, ESPALIER_OPT_PROMISC);
	rx(ESPALIER_RX_PROTECTED);
	nic_close(&nic);
}

static void rx_hdr_error(void)
{
	ready_in(NULL, NULL);
	frame[14 + 8] ^= 1;
	rx(ESPALIER_RX_HDR_ERROR);
	nic_close(&nic);
}

static void rx_hdr_error_esp(void)
{
	ready_in(NULL, NULL);
	put16(frame + 16, frame_len - 14 - 1); /* no longer a multiple of 4 */
	fix_checksum();
	rx(ESPALIER_RX_HDR_ERROR);
	put16(frame + 16, 20 + 16 + 4 + 12); /* less than the ICV of this SA */
	fix_checksum();
	rx(ESPALIER_RX_HDR_ERROR);
	nic_close(&nic);
}

static void rx_no_state(void)
{
	ready_in(NULL, NULL);
	frame[34 + 3] ^= 1; /* SPI */
	rx(ESPALIER_RX_NO_STATE);
	nic_close(&nic);
}

static void rx_no_state_destination(void)
{
	ready_in(NULL, NULL);
	frame[33] ^= 1;
	fix_checksum();
	rx(ESPALIER_RX_NO_STATE);
	nic_close(&nic);
}

static void rx_fragment(void)
{
	rx_once(&(struct craft){ .frag = 0x2000 }, ESPALIER_RX_FRAGMENT);
}

static void rx_replay(void)
{
	uint32_t handle = ready_in(NULL, NULL);
	struct espalier_sa_info info;

	rx(ESPALIER_RX_PROTECTED);
	rx(ESPALIER_RX_REPLAY);
	MUST(espalier_sa_query(nic.dev, handle, &info) == 0);
	EXPECT_EQ(info.replays, 1);
	nic_close(&nic);
}

static void rx_auth_failed(void)
{
	uint32_t handle = ready_in(NULL, &(struct craft){ .flip = 40 });
	struct espalier_sa_info info;

	rx(ESPALIER_RX_AUTH_FAILED);
	MUST(espalier_sa_query(nic.dev, handle, &info) == 0);
	EXPECT_EQ(info.auth_failures, 1);
	EXPECT_EQ(info.sa.seq, 0); /* the window has not moved */
	nic_close(&nic);
}

static void rx_state_expired(void)
{
	uint32_t handle = ready_in(NULL, NULL);
	struct espalier_limits l = { .hard_packets = 1 };

	MUST(espalier_sa_update(nic.dev, handle, &l, 0) == 0);
	rx(ESPALIER_RX_PROTECTED);
	clear_frame(200);
	protect(&(struct craft){ .seq = 2 });
	rx(ESPALIER_RX_STATE_EXPIRED);
	nic_close(&nic);
}

static void rx_pad_error(void)
{
	rx_once(&(struct craft){ .pad = 2, .pad_junk = true },
		ESPALIER_RX_PAD_ERROR);
}

static void rx_pad_error_length(void)
{
	rx_once(&(struct craft){ .pad_len_add = 250 }, ESPALIER_RX_PAD_ERROR);
}

static void rx_mode_error(void)
{
	rx_once(&(struct craft){ .next_header = 17 }, ESPALIER_RX_MODE_ERROR);
}

static void rx_inner_error(void)
{
	rx_once(&(struct craft){ .next_header = 41 }, ESPALIER_RX_INNER_ERROR);
}

static void rx_tmpl_mismatch_clear(void)
{
	drop_ready(NULL, ESPALIER_DIR_IN);
	rx(ESPALIER_RX_TMPL_MISMATCH);
	nic_close(&nic);
}

static void rx_tmpl_mismatch_reqid(void)
{
	ready_in(NULL, NULL);
	nic_any(&nic, ESPALIER_DIR_IN, ESPALIER_PROTECT, 1, 77, NULL);
	rx(ESPALIER_RX_TMPL_MISMATCH);
	nic_close(&nic);
}

static void rx_pol_block(void)
{
	ready_in(NULL, NULL);
	nic_any(&nic, ESPALIER_DIR_IN, ESPALIER_DISCARD, 1, 0, NULL);
	rx(ESPALIER_RX_POL_BLOCK);
	nic_close(&nic);
}

static void rx_no_policy(void)
{
	nic_open(&nic, NULL);
	clear_frame(200);
	rx(ESPALIER_RX_NO_POLICY);
	nic_close(&nic);
}

static void rx_nonip_discard(void)
{
	drop_ready(NULL, ESPALIER_DIR_IN);
	put16(frame + 12, 0x88cc);
	rx(ESPALIER_RX_NONIP_DISCARD);
	nic_options(&nic, ESPALIER_OPT_IN_NONIP_BYPASS);
	rx(ESPALIER_RX_BYPASSED);
	put16(frame + 12, 0x0806);
	rx(ESPALIER_RX_NONIP_DISCARD);
	nic_options(&nic, ESPALIER_OPT_IN_ARP_BYPASS);
	rx(ESPALIER_RX_BYPASSED);
	nic_close(&nic);
}

static void rx_ecn_drop(void)
{
	drop_ready(NULL, ESPALIER_DIR_IN);
	frame[15] &= 0xfc;
	fix_checksum();
	protect(&(struct craft){ .tos = 3 });
	rx(ESPALIER_RX_ECN_DROP);
	nic_close(&nic);
}

static void rx_no_buffer(void)
{
	struct nic_opts opts = { .rx_ring = 8 };
	struct espalier_stats st;

	drop_ready(&opts, ESPALIER_DIR_IN);
	nic_any(&nic, ESPALIER_DIR_IN, ESPALIER_BYPASS, 1, 0, NULL);
	for (int i = 0; i < 12; i++)
		nic_inject(&nic, frame, frame_len);
	/* nobody collects */
	espalier_sim_run(nic.sim, 20000, true);
	nic_stats(&nic, &st);
	EXPECT_EQ(st.code[ESPALIER_RX_BYPASSED].packets, 8);
	EXPECT_EQ(st.code[ESPALIER_RX_NO_BUFFER].packets, 4);
	nic_settle(&nic);
	EXPECT_EQ(nic.nrx, 8);
	rx(ESPALIER_RX_BYPASSED);
	nic_close(&nic);
}

static void rx_buffer_small(void)
{
	struct nic_opts opts = { .buf_size = 256 };

	drop_ready(&opts, ESPALIER_DIR_IN);
	nic_any(&nic, ESPALIER_DIR_IN, ESPALIER_BYPASS, 1, 0, NULL);
	rx(ESPALIER_RX_BYPASSED);
	clear_frame(257 - 14);
	rx(ESPALIER_RX_BUFFER_SMALL);
	clear_frame(256 - 14);
	rx(ESPALIER_RX_BYPASSED);
	nic_close(&nic);
}

static struct espalier_rx_desc *rx_desc(unsigned int queue, uint32_t index)
{
	uint64_t ring =
		nic_reg(&nic, ESPALIER_REG_Q_RX_RING_LO(queue)) |
		(uint64_t)nic_reg(&nic, ESPALIER_REG_Q_RX_RING_HI(queue)) << 32;

	return espalier_sim_mem(
		nic.sim, ring + 16 * (index & (nic.opts.rx_ring - 1)), 16);
}

static void rx_dma_error(void)
{
	ready_in(NULL, NULL);
	nic_reg_write(&nic, ESPALIER_REG_RSS, 0); /* all to queue 0 */
	espalier_sim_fail_at(nic.sim, rx_desc(0, 0)->addr, 64);
	rx(ESPALIER_RX_DMA_ERROR);
	espalier_sim_fail_at(nic.sim, 0, 0);
	clear_frame(200);
	protect(&(struct craft){ .seq = 2 });
	rx(ESPALIER_RX_PROTECTED);
	nic_close(&nic);
}

static void seq_in(uint64_t seq, enum espalier_code code)
{
	clear_frame(200);
	protect(&(struct craft){ .seq = seq });
	rx(code);
}

/* @part of an SA, in the words of OP_CORRUPT: 0 entry, 1 the lowest word of the
 * window, 2 its highest number. What cannot be known is refused, said once, and
 * gone with the SA; one that is made anew works. */
static void parity(uint32_t part)
{
	struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_IN, 0);
	struct espalier_sa_entry how = { .flags = part, .seq = { 1 } };
	uint32_t handle = drop_ready(NULL, ESPALIER_DIR_IN);
	const unsigned int slot = ESPALIER_HANDLE_SLOT(handle);
	struct espalier_sa_info info;
	struct espalier_event ev;
	unsigned int told = 0;

	if (!nic.caps.test_hooks) {
		suite_skip("needs a model with TEST_HOOKS=1");
		nic_close(&nic);
		return;
	}
	seq_in(1, ESPALIER_RX_PROTECTED);
	table_put(&nic, &how, sizeof(how));
	EXPECT_EQ(table_op(&nic, ESPALIER_OP_CORRUPT, ESPALIER_TBL_SA_IN, slot),
		  ESPALIER_RES_OK);
	/* new, seen, the highest of that word */
	seq_in(2, ESPALIER_RX_PARITY);
	seq_in(1, ESPALIER_RX_PARITY);
	seq_in(63, ESPALIER_RX_PARITY);
	EXPECT_EQ(nic.nrx, 0);
	EXPECT_EQ(nic_count(&nic, ESPALIER_RX_PARITY), 3);
	while (nic_event(&nic, &ev)) {
		EXPECT_EQ(ev.type, ESPALIER_EV_PARITY);
		EXPECT_EQ(ev.sa, handle);
		EXPECT_EQ(ev.info, ESPALIER_TBL_SA_IN);
		told++;
	}
	EXPECT_EQ(told, 1);
	MUST(espalier_sa_query(nic.dev, handle, &info) == 0);
	EXPECT(info.status & ESPALIER_SA_ST_PARITY);
	if (part == 1) {
		/* the window has not moved; other words of it are as good as
		 * ever */
		EXPECT_EQ(info.sa.seq, 1);
		EXPECT_EQ(info.packets, 1);
		seq_in(64, ESPALIER_RX_PROTECTED);
		seq_in(64, ESPALIER_RX_REPLAY);
		seq_in(63, ESPALIER_RX_PARITY);
	} else {
		seq_in(64, ESPALIER_RX_PARITY);
		seq_in(5000, ESPALIER_RX_PARITY);
	}
	EXPECT(!nic_event(&nic, &ev));

	nic_sa_del(&nic, handle);
	seq_in(2, ESPALIER_RX_NO_STATE);
	/* slots are taken in turn: around to that one */
	for (;;) {
		MUST(espalier_sa_add(nic.dev, &sa, &handle) == 0);
		if (ESPALIER_HANDLE_SLOT(handle) == slot)
			break;
		MUST(espalier_sa_del(nic.dev, handle) == 0);
	}
	ref_sa_add(&nic.ref, &sa, handle);
	seq_in(1, ESPALIER_RX_PROTECTED);
	seq_in(1, ESPALIER_RX_REPLAY);
	seq_in(64, ESPALIER_RX_PROTECTED);
	seq_in(63, ESPALIER_RX_PROTECTED);
	EXPECT(!nic_event(&nic, &ev));
	MUST(espalier_sa_query(nic.dev, handle, &info) == 0);
	EXPECT_EQ(info.status, ESPALIER_SA_ST_LIVE);
	EXPECT_EQ(info.sa.seq, 64);
	nic_close(&nic);
}

static void rx_parity(void)
{
	parity(0);
}

static void rx_parity_window(void)
{
	parity(1);
}

static void rx_parity_number(void)
{
	parity(2);
}

/* Spoils a descriptor that the driver posts again, before the doorbell. */
static bool rx_spoil_hook(struct nic *n, void *arg, uint32_t off, uint32_t val)
{
	bool *armed = arg;

	if (off == ESPALIER_REG_Q_RX_TAIL(0) && *armed) {
		(void)n;
		rx_desc(0, val - 1)->flags = 0x40;
		*armed = false;
	}
	return true;
}

static void rx_desc_invalid(void)
{
	struct nic_opts opts = { .rx_ring = 8 };
	struct espalier_queue_stats qs;
	struct espalier_stats st;
	bool armed = true;

	drop_ready(&opts, ESPALIER_DIR_IN);
	nic_any(&nic, ESPALIER_DIR_IN, ESPALIER_BYPASS, 1, 0, NULL);
	nic_reg_write(&nic, ESPALIER_REG_RSS, 0);
	nic.hook = rx_spoil_hook;
	nic.hook_arg = &armed;
	for (int i = 0; i < 24; i++) {
		nic_inject(&nic, frame, frame_len);
		nic_settle(&nic);
	}
	EXPECT(!armed);
	/* the descriptor comes back as invalid, the frame takes the next */
	nic_stats(&nic, &st);
	EXPECT_EQ(st.code[ESPALIER_RX_BYPASSED].packets, 24);
	EXPECT_EQ(nic.nrx, 24);
	MUST(espalier_get_queue_stats(nic.dev, 0, &qs) == 0);
	EXPECT_EQ(qs.rx_dropped, 1);
	nic_close(&nic);
}

/* Memory is slow, so the reset takes its time, and frames that come for the
 * queue meanwhile have nowhere to go. */
static void rx_reset(void)
{
	struct nic_opts opts = { .sim.mem_latency_min = 4000,
				 .sim.mem_latency_max = 4000 };
	struct espalier_stats st;

	drop_ready(&opts, ESPALIER_DIR_IN);
	nic_any(&nic, ESPALIER_DIR_IN, ESPALIER_BYPASS, 1, 0, NULL);
	nic_reg_write(&nic, ESPALIER_REG_RSS, 0);
	espalier_sim_run(nic.sim, 20000, true); /* descriptors are fetched */
	for (int i = 0; i < 30; i++)
		nic_inject(&nic, frame, frame_len);
	espalier_sim_run(nic.sim, 200, false);
	nic_reg_write(&nic, ESPALIER_REG_Q_RX_CTRL(0),
		      ESPALIER_Q_RX_CTRL_RESET_MASK);
	MUST(espalier_queue_reset(nic.dev, 0) == 0);
	nic_settle(&nic);
	nic_stats(&nic, &st);
	EXPECT(st.code[ESPALIER_RX_RESET].packets > 0);
	EXPECT_EQ(st.code[ESPALIER_RX_RESET].packets +
			  st.code[ESPALIER_RX_BYPASSED].packets +
			  st.code[ESPALIER_RX_NO_BUFFER].packets,
		  30);
	nic_forget(&nic);
	rx(ESPALIER_RX_BYPASSED);
	nic_close(&nic);
}

static const struct test_case cases[] = {
	{ "rx_protected", rx_protected },
	{ "rx_bypassed", rx_bypassed },
	{ "rx_dummy", rx_dummy },
	{ "rx_frame_error", rx_frame_error },
	{ "rx_overflow", rx_overflow },
	{ "rx_mac_filter", rx_mac_filter },
	{ "rx_hdr_error", rx_hdr_error },
	{ "rx_hdr_error_esp", rx_hdr_error_esp },
	{ "rx_no_state", rx_no_state },
	{ "rx_no_state_destination", rx_no_state_destination },
	{ "rx_fragment", rx_fragment },
	{ "rx_replay", rx_replay },
	{ "rx_auth_failed", rx_auth_failed },
	{ "rx_state_expired", rx_state_expired },
	{ "rx_pad_error", rx_pad_error },
	{ "rx_pad_error_length", rx_pad_error_length },
	{ "rx_mode_error", rx_mode_error },
	{ "rx_inner_error", rx_inner_error },
	{ "rx_tmpl_mismatch_clear", rx_tmpl_mismatch_clear },
	{ "rx_tmpl_mismatch_reqid", rx_tmpl_mismatch_reqid },
	{ "rx_pol_block", rx_pol_block },
	{ "rx_no_policy", rx_no_policy },
	{ "rx_nonip_discard", rx_nonip_discard },
	{ "rx_ecn_drop", rx_ecn_drop },
	{ "rx_no_buffer", rx_no_buffer },
	{ "rx_buffer_small", rx_buffer_small },
	{ "rx_dma_error", rx_dma_error },
	{ "rx_parity", rx_parity },
	{ "rx_parity_window", rx_parity_window },
	{ "rx_parity_number", rx_parity_number },
	{ "rx_desc_invalid", rx_desc_invalid },
	{ "rx_reset", rx_reset },
	{ 0 },
};

int main(int argc, char **argv)
{
	return suite_run("drops_in", cases, argc, argv);
}
