// SPDX-License-Identifier: Apache-2.0
/*
 * The list that drivers of inline IPsec devices are judged by: known vectors,
 * trailers, ICV corruption, segments, statistics. One device sends and another
 * receives, or one packet is made by hand. Tunnel headers are in tunnel.c,
 * lifetimes in lifetime.c, sequence numbers and windows in replay.c.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "bytes.h"
#include "craft.h"
#include "pair.h"
#include "suite.h"
#include "vectors.h"

static struct pair pair;
static struct nic nic;
static uint8_t frame[GEN_BUF];

static size_t unhex(const char *s, uint8_t *out)
{
	size_t n = strlen(s) / 2;

	for (size_t i = 0; i < n; i++)
		sscanf(s + 2 * i, "%2hhx", &out[i]);
	return n;
}

/* ----------------------------------------------------------------- vectors */

static void known_vectors_inbound(void)
{
	for (unsigned int i = 0; i < esp_vector_count; i++) {
		const struct esp_vector *v = &esp_vectors[i];
		struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_IN, 0);
		uint8_t plain[256];
		size_t n = unhex(v->plain, plain), len;

		if (v->spi < 256)
			continue; /* never on the wire (RFC 4303 section 2.1) */
		nic_open(&nic, NULL);
		sa.mode = ESPALIER_MODE_TRANSPORT;
		sa.spi = v->spi;
		sa.key_len = unhex(v->key, sa.key);
		sa.esn = v->esn;
		sa.seq = v->seq - 1;
		nic_sa_add(&nic, &sa);
		nic_any(&nic, ESPALIER_DIR_IN, ESPALIER_PROTECT, 1, sa.reqid,
			NULL);
		/* the outer header of any ESP packet, then the vector's bytes
		 */
		len = craft_esp(frame,
				&(struct craft){ .sa = &sa,
						 .dmac = nic.caps.mac,
						 .seq = v->seq },
				plain, n);
		len = unhex(v->packet, frame + 34) + 34;
		put16(frame + 16, len - 14);
		put16(frame + 24, 0);
		put16(frame + 24, ref_checksum(frame + 14, 20));
		EXPECT_EQ(nic_in(&nic, frame, len), ESPALIER_RX_PROTECTED);
		n -= 2 + plain[n - 2];
		if (nic.nrx == 1) {
			EXPECT_EQ(nic.rx[0].frame.len, 34 + n);
			EXPECT(!memcmp(nic.rx[0].frame.data + 34, plain, n));
			EXPECT_EQ(nic.rx[0].frame.data[23], 1);
		}
		EXPECT_EQ(nic_in(&nic, frame, len), ESPALIER_RX_REPLAY);
		nic_close(&nic);
	}
}

/* Every mode, family, key and ICV: bytes on the wire as the model has them,
 * and back. */
static void every_combination(void)
{
	static struct ref_result want;
	static const uint8_t icvs[] = { 16, 12, 8 };

	for (unsigned int i = 0; i < 2 * 2 * 2 * 2 * 2 * 3; i++) {
		struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_OUT, i);
		int outer = i & 1 ? AF_INET6 : AF_INET;
		int inner = i & 2 ? AF_INET6 : AF_INET;
		size_t len;

		sa.mode =
			i & 4 ? ESPALIER_MODE_TUNNEL : ESPALIER_MODE_TRANSPORT;
		if (sa.mode == ESPALIER_MODE_TRANSPORT && inner != outer)
			continue;
		sa.src = gen_gateway(outer, 1);
		sa.dst = gen_gateway(outer, 2);
		sa.esn = i & 8;
		sa.key_len = i & 16 ? 36 : 20;
		sa.icv_len = icvs[i / 32];
		if (sa.mode == ESPALIER_MODE_TRANSPORT)
			sa.dst = gen_addr(inner, 1, 1);
		pair_open(&pair, NULL, &sa, 64);
		for (size_t l = 41; l < 80; l += 3) {
			len = gen_host_udp(frame, inner, l);
			ref_out(&pair.a.ref, frame, len, pair.out, &want);
			nic_forget(&pair.a);
			nic_forget(&pair.b);
			pair.a.peer = NULL;
			MUST(nic_post(&pair.a, 0, frame, len, 0, 0));
			nic_settle(&pair.a);
			MUST(pair.a.ndone == 1);
			EXPECT_EQ(pair.a.done[0].code, ESPALIER_TX_PROTECTED);
			MUST(pair.a.wire.n == 1);
			EXPECT(ref_same(want.frame, want.len,
					pair.a.wire.v[0].data,
					pair.a.wire.v[0].len, want.free_id));
			nic_inject(&pair.b, pair.a.wire.v[0].data,
				   pair.a.wire.v[0].len);
			nic_settle(&pair.b);
			EXPECT(pair_through(&pair, 0, frame, len));
		}
		pair_close(&pair);
	}
}

/* --------------------------------------------------------------- the trailer
 */

/* The datagram in `frame` was delivered, under whatever station addresses. */
static bool came_out(size_t len)
{
	return nic.nrx == 1 && nic.rx[0].frame.len == len &&
	       !memcmp(nic.rx[0].frame.data + 12, frame + 12, len - 12);
}

static void trailer_pad_lengths(void)
{
	struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_IN, 0);
	static uint8_t esp[GEN_BUF];
	size_t len = gen_host_udp(frame, AF_INET, 97);
	uint64_t seq = 0;

	nic_open(&nic, NULL);
	nic_sa_add(&nic, &sa);
	nic_any(&nic, ESPALIER_DIR_IN, ESPALIER_PROTECT, 1, sa.reqid, NULL);
	for (size_t pad = 0; pad < 64; pad++) {
		size_t n = craft_esp(esp,
				     &(struct craft){ .sa = &sa,
						      .dmac = nic.caps.mac,
						      .seq = ++seq,
						      .next_header = 4,
						      .pad = pad },
				     frame + 14, len - 14);

		EXPECT_EQ(nic_in(&nic, esp, n), ESPALIER_RX_PROTECTED);
		EXPECT(came_out(len));
	}
	nic_close(&nic);
}

static void trailer_tfc_padding_removed(void)
{
	struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_IN, 0);
	static uint8_t esp[GEN_BUF];
	size_t len = gen_host_udp(frame, AF_INET6, 101);
	uint64_t seq = 0;

	nic_open(&nic, NULL);
	nic_sa_add(&nic, &sa);
	nic_any(&nic, ESPALIER_DIR_IN, ESPALIER_PROTECT, 1, sa.reqid, NULL);
	for (size_t tfc = 0; tfc < 1200; tfc += 37) {
		size_t n = craft_esp(esp,
				     &(struct craft){ .sa = &sa,
						      .dmac = nic.caps.mac,
						      .seq = ++seq,
						      .next_header = 41,
						      .tfc = tfc },
				     frame + 14, len - 14);

		EXPECT_EQ(nic_in(&nic, esp, n), ESPALIER_RX_PROTECTED);
		EXPECT(came_out(len));
	}
	nic_close(&nic);
}

/* Every byte of SPI, number, IV, ciphertext and ICV counts. */
static void icv_every_byte_counts(void)
{
	static const uint8_t icvs[] = { 16, 12, 8 };
	static uint8_t esp[GEN_BUF];

	for (int k = 0; k < 3; k++) {
		struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_IN, 0);
		size_t len = gen_host_udp(frame, AF_INET, 41), n;

		sa.icv_len = icvs[k];
		nic_open(&nic, NULL);
		nic_sa_add(&nic, &sa);
		nic_any(&nic, ESPALIER_DIR_IN, ESPALIER_PROTECT, 1, sa.reqid,
			NULL);
		n = craft_esp(esp,
			      &(struct craft){ .sa = &sa,
					       .dmac = nic.caps.mac,
					       .seq = 1000,
					       .next_header = 4 },
			      frame + 14, len - 14);
		for (size_t i = 34 + 4; i < n; i++) {
			enum espalier_code code;

			esp[i] ^= 1 << i % 8;
			code = nic_in(&nic, esp, n);
			EXPECT_EQ(code, ESPALIER_RX_AUTH_FAILED);
			esp[i] ^= 1 << i % 8;
		}
		EXPECT_EQ(nic_in(&nic, esp, n), ESPALIER_RX_PROTECTED);
		nic_close(&nic);
	}
}

/* ------------------------------------------------------ segments, statistics
 */

static void multi_segment(void)
{
	static struct ref_result want;
	size_t len = gen_host_udp(frame, AF_INET, 1000);

	nic_open(&nic, NULL);
	{
		struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_OUT, 0);
		uint32_t h = nic_sa_add(&nic, &sa);

		/* a chain of up to 32 descriptors is a frame */
		for (size_t seg = 32; seg < len; seg += 61) {
			ref_out(&nic.ref, frame, len, h, &want);
			nic_forget(&nic);
			MUST(nic_post(&nic, 0, frame, len, h, seg));
			nic_settle(&nic);
			MUST(nic.wire.n == 1);
			EXPECT(ref_same(want.frame, want.len,
					nic.wire.v[0].data, nic.wire.v[0].len,
					true));
		}
	}
	nic_close(&nic);
}

/* The driver refuses what the device would refuse (tests/rtl/dma shows that);
 * the queue goes on. */
static void multi_segment_33_refused(void)
{
	struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_OUT, 0);
	struct espalier_seg segs[ESPALIER_TXD_CHAIN_MAX + 1];
	struct espalier_txpkt pkt = { .segs = segs,
				      .nsegs = ESPALIER_TXD_CHAIN_MAX + 1 };
	size_t len = gen_host_udp(frame, AF_INET,
				  sizeof(segs) / sizeof(segs[0]) * 16 - 14);
	struct espalier_dma dma;
	uint32_t h;

	nic_open(&nic, NULL);
	h = nic_sa_add(&nic, &sa);
	MUST(!espalier_dma_alloc(nic.dev, 4096, &dma));
	for (size_t i = 0; i < sizeof(segs) / sizeof(segs[0]); i++)
		segs[i] = (struct espalier_seg){ dma.iova + 16 * i, 16 };
	EXPECT_EQ(espalier_tx_burst(nic.dev, 0, &pkt, 1), -EINVAL);
	nic_settle(&nic);
	EXPECT_EQ(nic.ndone, 0);
	EXPECT_EQ(nic.wire.n, 0);
	EXPECT_EQ(nic_out(&nic, frame, len, h).code, ESPALIER_TX_PROTECTED);
	espalier_dma_free(nic.dev, &dma);
	nic_close(&nic);
}

static void multi_segment_header_split(void)
{
	static struct ref_result want;
	struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_OUT, 0);
	struct rng r = { 99 };
	size_t len = gen_host_udp(frame, AF_INET6, 300);
	uint32_t h;

	nic_open(&nic, NULL);
	h = nic_sa_add(&nic, &sa);
	for (int i = 0; i < 60; i++) {
		ref_out(&nic.ref, frame, len, h, &want);
		nic_forget(&nic);
		MUST(nic_post_random(&nic, 0, &r, frame, len, h));
		nic_settle(&nic);
		MUST(nic.wire.n == 1);
		EXPECT(ref_same(want.frame, want.len, nic.wire.v[0].data,
				nic.wire.v[0].len, true));
	}
	nic_close(&nic);
}

static void statistics(void)
{
	struct espalier_sa_info out, in;
	struct espalier_stats st;
	size_t len = gen_host_udp(frame, AF_INET, 500), bytes = 0;

	pair_open(&pair, NULL, NULL, 64);
	for (int i = 0; i < 10; i++)
		MUST(nic_post(&pair.a, i % 4, frame, len, 0, 0));
	pair_settle(&pair);
	EXPECT_EQ(pair.b.nrx, 10);
	MUST(espalier_sa_query(pair.a.dev, pair.out, &out) == 0);
	MUST(espalier_sa_query(pair.b.dev, pair.in, &in) == 0);
	EXPECT_EQ(out.packets, 10);
	EXPECT_EQ(out.bytes, 5000);
	EXPECT_EQ(in.packets, 10);
	EXPECT_EQ(in.bytes, 5000);
	EXPECT_EQ(out.sa.seq, 10);
	EXPECT_EQ(in.sa.seq, 10);
	EXPECT(out.status & ESPALIER_SA_ST_LIVE);
	EXPECT_EQ(out.sa.key_len == 0 || out.sa.key[0] == 0, true);
	for (int i = 0; i < 10; i++)
		bytes += pair.a.done[i].wire_len;
	nic_stats(&pair.a, &st);
	EXPECT_EQ(st.code[ESPALIER_TX_PROTECTED].packets, 10);
	EXPECT_EQ(st.code[ESPALIER_TX_PROTECTED].bytes, bytes);
	EXPECT_EQ(st.code[ESPALIER_TX_IN].bytes, 10 * len);
	nic_stats(&pair.b, &st);
	EXPECT_EQ(st.code[ESPALIER_RX_IN].bytes, bytes);
	EXPECT_EQ(st.code[ESPALIER_RX_PROTECTED].packets, 10);
	pair_close(&pair);
}

static void jumbo_frames(void)
{
	/* 14 + 20 + 16 + 9146 + 2 + 16 = 9214; 4 more are too many */
	static const size_t lens[] = { 9000, 9143, 9144, 9145, 9146 };
	size_t len;

	pair_open(&pair, NULL, NULL, 64);
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		len = gen_host_udp(frame, AF_INET, lens[i]);
		nic_forget(&pair.a);
		nic_forget(&pair.b);
		MUST(nic_post(&pair.a, 0, frame, len, 0, 4096));
		pair_settle(&pair);
		MUST(pair.a.ndone == 1);
		EXPECT_EQ(pair.a.done[0].code, ESPALIER_TX_PROTECTED);
		EXPECT(pair_through(&pair, 0, frame, len));
	}
	EXPECT_EQ(pair.a.done[0].wire_len, 9214);
	len = gen_host_udp(frame, AF_INET, 9147);
	nic_forget(&pair.a);
	MUST(nic_post(&pair.a, 0, frame, len, 0, 4096));
	pair_settle(&pair);
	EXPECT_EQ(pair.a.done[0].code, ESPALIER_TX_TOO_BIG);
	pair_close(&pair);
}

static void smallest_packets(void)
{
	size_t len;

	pair_open(&pair, NULL, NULL, 64);
	for (size_t n = 28; n < 64; n++) {
		len = gen_host_udp(frame, AF_INET, n);
		nic_forget(&pair.a);
		nic_forget(&pair.b);
		MUST(nic_post(&pair.a, 0, frame, len, 0, 0));
		pair_settle(&pair);
		EXPECT(pair_through(&pair, 0, frame, len));
	}
	pair_close(&pair);
}

static const struct test_case cases[] = {
	{ "known_vectors_inbound", known_vectors_inbound },
	{ "every_combination", every_combination },
	{ "esp_19_trailer_pad_lengths", trailer_pad_lengths },
	{ "esp_24_trailer_tfc_padding_removed", trailer_tfc_padding_removed },
	{ "esp_17_icv_every_byte_counts", icv_every_byte_counts },
	{ "multi_segment", multi_segment },
	{ "multi_segment_33_refused", multi_segment_33_refused },
	{ "multi_segment_header_split", multi_segment_header_split },
	{ "drv_4_statistics", statistics },
	{ "jumbo_frames", jumbo_frames },
	{ "smallest_packets", smallest_packets },
	{ 0 },
};

int main(int argc, char **argv)
{
	return suite_run("inline", cases, argc, argv);
}
