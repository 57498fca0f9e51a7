// SPDX-License-Identifier: Apache-2.0
/*
 * Anti-replay: arrival orders against a set of numbers, ESN across the wrap,
 * takeover with a given number (RFC 4303 section 3.4.3 and appendix A, RFC
 * 6479).
 */
#include <stdio.h>
#include <string.h>
#include "craft.h"
#include "nic.h"
#include "suite.h"

static struct nic nic;
static struct espalier_sa sa;
static uint32_t handle;
static uint8_t inner[GEN_BUF];
static size_t inner_len;

static void ready(unsigned int window, bool esn, uint64_t seq)
{
	struct espalier_addr s = gen_addr(AF_INET, 0, 1);
	struct espalier_addr d = gen_addr(AF_INET, 1, 1);

	nic_open(&nic, NULL);
	sa = gen_plain_sa(ESPALIER_DIR_IN, 0);
	sa.window = window;
	sa.esn = esn;
	sa.seq = seq;
	handle = nic_sa_add(&nic, &sa);
	nic_any(&nic, ESPALIER_DIR_IN, ESPALIER_PROTECT, 1, sa.reqid, NULL);
	inner_len = gen_udp(inner, &s, &d, 40);
}

static size_t packet(uint8_t *f, uint64_t seq, size_t flip)
{
	return craft_esp(f,
			 &(struct craft){ .sa = &sa,
					  .dmac = nic.caps.mac,
					  .seq = seq,
					  .next_header = 4,
					  .flip = flip },
			 inner + 14, inner_len - 14);
}

static enum espalier_code arrive(uint64_t seq)
{
	uint8_t f[256];

	return nic_in(&nic, f, packet(f, seq, 0));
}

/*
 * A run of numbers goes in back to back; how many were delivered and how many
 * were replays must be what the set says, one by one in order.
 */
static void run(const uint64_t *seq, unsigned int n)
{
	struct espalier_sa_info info;
	struct ref_window w;
	unsigned int ok = 0, dup = 0;
	uint8_t f[256];

	ref_window_init(&w, sa.window, sa.seq);
	for (unsigned int i = 0; i < n; i++) {
		nic_inject(&nic, f, packet(f, seq[i], 0));
		if (ref_window_ok(&w, seq[i])) {
			ref_window_commit(&w, seq[i]);
			ok++;
		} else {
			dup++;
		}
		if (i % 64 == 63)
			nic_settle(&nic);
	}
	nic_settle(&nic);
	MUST(espalier_sa_query(nic.dev, handle, &info) == 0);
	EXPECT_EQ(nic.nrx, ok);
	EXPECT_EQ(info.packets, ok);
	EXPECT_EQ(info.replays, dup);
	EXPECT_EQ(info.auth_failures, 0);
	EXPECT_EQ(info.sa.seq, w.top);
	ref_window_free(&w);
}

static void window_edges(void)
{
	static const unsigned int sizes[] = { 32, 64, 128, 256, 512, 1024 };

	for (int i = 0; i < 6; i++) {
		unsigned int w = sizes[i];

		ready(w, false, 0);
		EXPECT_EQ(arrive(1), ESPALIER_RX_PROTECTED);
		EXPECT_EQ(arrive(1), ESPALIER_RX_REPLAY);
		EXPECT_EQ(arrive(w + 5), ESPALIER_RX_PROTECTED);
		EXPECT_EQ(arrive(5), ESPALIER_RX_REPLAY); /* just left of it */
		EXPECT_EQ(arrive(6), ESPALIER_RX_PROTECTED); /* last place */
		EXPECT_EQ(arrive(6), ESPALIER_RX_REPLAY);
		EXPECT_EQ(arrive(w + 4), ESPALIER_RX_PROTECTED);
		EXPECT_EQ(arrive(10 * w), ESPALIER_RX_PROTECTED);
		EXPECT_EQ(arrive(9 * w), ESPALIER_RX_REPLAY);
		EXPECT_EQ(arrive(9 * w + 1), ESPALIER_RX_PROTECTED);
		EXPECT_EQ(arrive(UINT32_MAX), ESPALIER_RX_PROTECTED);
		EXPECT_EQ(arrive(UINT32_MAX), ESPALIER_RX_REPLAY);
		EXPECT_EQ(arrive(UINT32_MAX - (uint64_t)w + 1),
			  ESPALIER_RX_PROTECTED);
		EXPECT_EQ(arrive(UINT32_MAX - (uint64_t)w), ESPALIER_RX_REPLAY);
		nic_close(&nic);
	}
}

static void zero_is_no_number(void)
{
	ready(64, false, 0);
	EXPECT_EQ(arrive(0), ESPALIER_RX_REPLAY);
	nic_close(&nic);
}

static void window_off_takes_all(void)
{
	ready(0, false, 0);
	EXPECT_EQ(arrive(7), ESPALIER_RX_PROTECTED);
	EXPECT_EQ(arrive(7), ESPALIER_RX_PROTECTED);
	EXPECT_EQ(arrive(1), ESPALIER_RX_PROTECTED);
	nic_close(&nic);
}

static void orders_ascending_with_loss(void)
{
	uint64_t seq[600], n = 0;
	struct rng r = { 1 };

	ready(64, false, 0);
	for (int i = 0; i < 600; i++)
		seq[i] = n += rng_range(&r, 1, 4);
	run(seq, 600);
	nic_close(&nic);
}

static void orders_descending(void)
{
	uint64_t seq[200];

	ready(128, false, 0);
	for (int i = 0; i < 200; i++)
		seq[i] = 200 - i;
	run(seq, 200);
	nic_close(&nic);
}

static void orders_random(void)
{
	static const unsigned int sizes[] = { 32, 64, 96, 1000, 1024 };

	for (int k = 0; k < 5; k++) {
		struct rng r = { 10 + k };
		uint64_t seq[700], base = 1;

		ready(sizes[k], false, 0);
		for (int i = 0; i < 700; i++) {
			seq[i] = base + rng_below(&r, 2 * sizes[k]);
			if (rng_percent(&r, 10))
				base += rng_below(&r, sizes[k]);
			if (rng_percent(&r, 1))
				base += 5 * sizes[k];
		}
		run(seq, 700);
		nic_close(&nic);
	}
}

/* The same number twice at once: both are in flight, one comes through. */
static void orders_duplicates_in_flight(void)
{
	uint64_t seq[256];

	ready(64, false, 0);
	for (int i = 0; i < 256; i++)
		seq[i] = 1 + i / 2;
	run(seq, 256);
	nic_close(&nic);
}

static void orders_esn_across_wrap(void)
{
	for (int k = 0; k < 4; k++) {
		struct rng r = { 50 + k };
		uint64_t seq[500];
		uint64_t start = ((uint64_t)k << 32) + 0xffffff00u;

		ready(k % 2 ? 64 : 1024, true, start);
		for (int i = 0; i < 500; i++)
			seq[i] = start + 1 + i + rng_below(&r, 40);
		run(seq, 500);
		nic_close(&nic);
	}
}

/* Appendix A: what is left of the window belongs to the next subspace, and its
 * ICV is then wrong. */
static void esn_old_packet_fails_icv(void)
{
	ready(64, true, 0);
	EXPECT_EQ(arrive(1000), ESPALIER_RX_PROTECTED);
	EXPECT_EQ(arrive(900), ESPALIER_RX_AUTH_FAILED);
	EXPECT_EQ(arrive(950), ESPALIER_RX_PROTECTED);
	EXPECT_EQ(arrive(950), ESPALIER_RX_REPLAY);
	nic_close(&nic);
}

static void esn_jump_ahead(void)
{
	ready(64, true, 0);
	EXPECT_EQ(arrive(0x80000000ull), ESPALIER_RX_PROTECTED);
	EXPECT_EQ(arrive(0x100000005ull), ESPALIER_RX_PROTECTED);
	EXPECT_EQ(arrive(0x17fffffffull), ESPALIER_RX_PROTECTED);
	EXPECT_EQ(arrive(0x100000005ull), ESPALIER_RX_AUTH_FAILED);
	nic_close(&nic);
}

/* Low half zero is a number like others, once the high half is not. */
static void esn_low_half_zero(void)
{
	ready(64, true, 0xffffffffull);
	EXPECT_EQ(arrive(0x100000000ull), ESPALIER_RX_PROTECTED);
	EXPECT_EQ(arrive(0x100000000ull), ESPALIER_RX_REPLAY);
	nic_close(&nic);
}

static void esn_before_the_first(void)
{
	ready(64, true, 0);
	/* would be 2^64 minus something: nobody has sent that */
	EXPECT_EQ(arrive(0xfffffffffffffff0ull), ESPALIER_RX_REPLAY);
	nic_close(&nic);
}

static void takeover_with_number(void)
{
	ready(64, false, 5000);
	EXPECT_EQ(arrive(5000), ESPALIER_RX_REPLAY);
	EXPECT_EQ(arrive(4990), ESPALIER_RX_REPLAY);
	EXPECT_EQ(arrive(5001), ESPALIER_RX_PROTECTED);
	nic_close(&nic);
}

/* RFC 4303 section 3.4.3: the window moves only after the ICV has passed. */
static void window_waits_for_icv(void)
{
	struct espalier_sa_info info;
	uint8_t f[256];

	ready(64, false, 0);
	EXPECT_EQ(arrive(10), ESPALIER_RX_PROTECTED);
	EXPECT_EQ(nic_in(&nic, f, packet(f, 1000000, 30)),
		  ESPALIER_RX_AUTH_FAILED);
	MUST(espalier_sa_query(nic.dev, handle, &info) == 0);
	EXPECT_EQ(info.sa.seq, 10);
	EXPECT_EQ(arrive(9), ESPALIER_RX_PROTECTED);
	/* a forged copy does not take the place of the real one */
	EXPECT_EQ(nic_in(&nic, f, packet(f, 11, 30)), ESPALIER_RX_AUTH_FAILED);
	EXPECT_EQ(arrive(11), ESPALIER_RX_PROTECTED);
	nic_close(&nic);
}

int main(int argc, char **argv)
{
	static const struct test_case cases[] = {
		{ "esp_14_15_window_edges", window_edges },
		{ "esp_5_zero_is_no_number", zero_is_no_number },
		{ "esp_12_window_off_takes_all", window_off_takes_all },
		{ "orders_ascending_with_loss", orders_ascending_with_loss },
		{ "orders_descending", orders_descending },
		{ "orders_random", orders_random },
		{ "orders_duplicates_in_flight", orders_duplicates_in_flight },
		{ "esp_11_orders_esn_across_wrap", orders_esn_across_wrap },
		{ "esp_11_esn_old_packet_fails_icv", esn_old_packet_fails_icv },
		{ "esp_11_esn_jump_ahead", esn_jump_ahead },
		{ "esp_11_esn_low_half_zero", esn_low_half_zero },
		{ "esp_11_esn_before_the_first", esn_before_the_first },
		{ "drv_7_takeover_with_number", takeover_with_number },
		{ "esp_16_window_waits_for_icv", window_waits_for_icv },
		{ NULL, NULL },
	};

	return suite_run("replay", cases, argc, argv);
}
