// SPDX-License-Identifier: Apache-2.0
/*
 * The list that drivers of inline IPsec devices are judged by: known vectors,
 * header fields, sequence numbers, ICV corruption, lifetimes, segments,
 * statistics. One device sends and another receives, or one packet is made by
 * hand.
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

static size_t udp(int family, size_t len)
{
	struct espalier_addr s = gen_addr(family, 0, 1);
	struct espalier_addr d = gen_addr(family, 1, 1);
	size_t n = gen_udp(frame, &s, &d, len);

	/* both devices have the same station address */
	memcpy(frame, "\x02\x45\x53\x50\x00\x01", 6);
	return n;
}

/* The datagram in `frame` was delivered, under whatever station addresses. */
static bool came_out(size_t len)
{
	return nic.nrx == 1 && nic.rx[0].frame.len == len &&
	       !memcmp(nic.rx[0].frame.data + 12, frame + 12, len - 12);
}

static uint8_t tos_of(const uint8_t *ip)
{
	return ip[0] >> 4 == 4 ? ip[1] : get16(ip) >> 4;
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
			len = udp(inner, l);
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

/* ----------------------------------------------------- tunnel header fields */

static const uint8_t *outer_of(const struct espalier_sa *sa, size_t len)
{
	uint32_t handle = nic_sa_add(&nic, sa);
	struct nic_done d = nic_out(&nic, frame, len, handle);

	EXPECT_EQ(d.code, ESPALIER_TX_PROTECTED);
	MUST(nic.wire.n == 1);
	if (nic.wire.v[0].data[14] >> 4 == 4)
		EXPECT_EQ(ref_checksum(nic.wire.v[0].data + 14, 20), 0);
	return nic.wire.v[0].data + 14;
}

static void set_tos(uint8_t tos)
{
	uint8_t *ip = frame + 14;

	if (ip[0] >> 4 == 6) {
		put16(ip, 0x6000 | tos << 4 | (ip[1] & 15));
		return;
	}
	ip[1] = tos;
	put16(ip + 10, 0);
	put16(ip + 10, ref_checksum(ip, 20));
}

static void tunnel_dscp_copy_and_set(void)
{
	nic_open(&nic, NULL);
	for (int outer = 0; outer < 2; outer++)
		for (int inner = 0; inner < 2; inner++) {
			struct espalier_sa sa =
				gen_plain_sa(ESPALIER_DIR_OUT, 1);
			size_t len = udp(inner ? AF_INET6 : AF_INET, 100);

			sa.src = gen_gateway(outer ? AF_INET6 : AF_INET, 1);
			sa.dst = gen_gateway(outer ? AF_INET6 : AF_INET, 2);
			set_tos(0xb8);
			EXPECT_EQ(tos_of(outer_of(&sa, len)), 0xb8);
			sa.dscp = 10;
			EXPECT_EQ(tos_of(outer_of(&sa, len)), 10 << 2);
		}
	nic_close(&nic);
}

static void tunnel_ecn_copy_or_clear(void)
{
	nic_open(&nic, NULL);
	for (int ecn = 0; ecn < 4; ecn++) {
		struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_OUT, 1);
		size_t len = udp(AF_INET, 100);

		set_tos(0x20 | ecn);
		EXPECT_EQ(tos_of(outer_of(&sa, len)), 0x20 | ecn);
		sa.ecn = false;
		EXPECT_EQ(tos_of(outer_of(&sa, len)), 0x20);
	}
	nic_close(&nic);
}

/* RFC 6040 section 4.2, through the device */
static void tunnel_ecn_decapsulation(void)
{
	enum { N = 0, E1 = 1, E0 = 2, CE = 3, DROP = 9 };
	static const int want[4][4] = {
		[N] = { [N] = N, [E0] = N, [E1] = N, [CE] = DROP },
		[E0] = { [N] = E0, [E0] = E0, [E1] = E1, [CE] = CE },
		[E1] = { [N] = E1, [E0] = E1, [E1] = E1, [CE] = CE },
		[CE] = { [N] = CE, [E0] = CE, [E1] = CE, [CE] = CE },
	};
	struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_IN, 0);
	static uint8_t esp[GEN_BUF];
	uint64_t seq = 0;

	nic_open(&nic, NULL);
	nic_sa_add(&nic, &sa);
	nic_any(&nic, ESPALIER_DIR_IN, ESPALIER_PROTECT, 1, sa.reqid, NULL);
	for (int v6 = 0; v6 < 2; v6++)
		for (int i = 0; i < 4; i++)
			for (int o = 0; o < 4; o++) {
				size_t len = udp(v6 ? AF_INET6 : AF_INET, 90);
				enum espalier_code code;
				const uint8_t *ip;

				set_tos(0x48 | i);
				len = craft_esp(
					esp,
					&(struct craft){ .sa = &sa,
							 .dmac = nic.caps.mac,
							 .seq = ++seq,
							 .next_header =
								 v6 ? 41 : 4,
							 .tos = 0x48 | o },
					frame + 14, len - 14);
				code = nic_in(&nic, esp, len);
				if (want[i][o] == DROP) {
					EXPECT_EQ(code, ESPALIER_RX_ECN_DROP);
					continue;
				}
				EXPECT_EQ(code, ESPALIER_RX_PROTECTED);
				MUST(nic.nrx == 1);
				ip = nic.rx[0].frame.data + 14;
				EXPECT_EQ(tos_of(ip), 0x48 | want[i][o]);
				if (!v6)
					EXPECT_EQ(ref_checksum(ip, 20), 0);
			}
	nic_close(&nic);
}

static void tunnel_df_copy_set_clear(void)
{
	nic_open(&nic, NULL);
	for (int inner_df = 0; inner_df < 2; inner_df++)
		for (int df = 0; df < 3; df++) {
			struct espalier_sa sa =
				gen_plain_sa(ESPALIER_DIR_OUT, 1);
			size_t len = udp(AF_INET, 100);
			bool want = df == ESPALIER_DF_COPY
					    ? inner_df
					    : df == ESPALIER_DF_SET;

			put16(frame + 20, inner_df ? 0x4000 : 0);
			set_tos(0);
			sa.df = df;
			EXPECT_EQ(!!(outer_of(&sa, len)[6] & 0x40), want);
		}
	nic_close(&nic);
}

static void tunnel_ttl_copy_and_set(void)
{
	struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_OUT, 1);
	size_t len = udp(AF_INET, 100);

	nic_open(&nic, NULL);
	frame[22] = 17;
	set_tos(0);
	sa.ttl = 0;
	EXPECT_EQ(outer_of(&sa, len)[8], 17);
	sa.ttl = 200;
	EXPECT_EQ(outer_of(&sa, len)[8], 200);
	sa.src = gen_gateway(AF_INET6, 1);
	sa.dst = gen_gateway(AF_INET6, 2);
	EXPECT_EQ(outer_of(&sa, len)[7], 200);
	sa.ttl = 0;
	EXPECT_EQ(outer_of(&sa, len)[7], 17);
	nic_close(&nic);
}

static void tunnel_flow_label(void)
{
	struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_OUT, 1);
	size_t len = udp(AF_INET6, 100);

	nic_open(&nic, NULL);
	sa.src = gen_gateway(AF_INET6, 1);
	sa.dst = gen_gateway(AF_INET6, 2);
	sa.flow_label = 0xabcde;
	EXPECT_EQ(get32(outer_of(&sa, len)) & 0xfffff, 0xabcde);
	nic_close(&nic);
}

/* The identification of outer headers that may be fragmented differs from
 * packet to packet (RFC 6864 section 4.3). */
static void tunnel_identification_changes(void)
{
	struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_OUT, 1);
	size_t len = udp(AF_INET, 100);
	uint16_t last = 0;
	uint32_t handle;

	nic_open(&nic, NULL);
	sa.df = ESPALIER_DF_CLEAR;
	handle = nic_sa_add(&nic, &sa);
	for (int i = 0; i < 5; i++) {
		uint16_t id;

		nic_out(&nic, frame, len, handle);
		MUST(nic.wire.n == 1);
		id = get16(nic.wire.v[0].data + 18);
		if (i)
			EXPECT(id != last);
		last = id;
	}
	nic_close(&nic);
}

static void tunnel_vlan_tags_stay(void)
{
	struct gen_frame g = { .family = AF_INET,
			       .proto = 17,
			       .len_min = 100,
			       .len_max = 100,
			       .vlan = 100 };
	struct rng r = { 1 };
	struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_OUT, 1);
	size_t len;

	nic_open(&nic, NULL);
	sa.src = gen_gateway(AF_INET6, 1);
	sa.dst = gen_gateway(AF_INET6, 2);
	len = gen_frame(&r, &g, frame);
	nic_out(&nic, frame, len, nic_sa_add(&nic, &sa));
	MUST(nic.wire.n == 1);
	EXPECT(!memcmp(nic.wire.v[0].data, frame, 20));
	EXPECT_EQ(get16(nic.wire.v[0].data + 20), 0x86dd);
	nic_close(&nic);
}

/* Tunnel mode may carry fragments (RFC 4303 section 3.3.4) */
static void tunnel_carries_fragments(void)
{
	size_t len = udp(AF_INET, 100);

	pair_open(&pair, NULL, NULL, 64);
	put16(frame + 20, 0x2010);
	set_tos(0);
	nic_post(&pair.a, 0, frame, len, 0, 0);
	pair_settle(&pair);
	EXPECT(pair_through(&pair, 0, frame, len));
	pair_close(&pair);
}

static void tunnel_inner_ttl_stays(void)
{
	size_t len = udp(AF_INET, 100);

	pair_open(&pair, NULL, NULL, 64);
	frame[22] = 1;
	set_tos(0);
	nic_post(&pair.a, 0, frame, len, 0, 0);
	pair_settle(&pair);
	EXPECT(pair_through(&pair, 0, frame, len));
	pair_close(&pair);
}

/* --------------------------------------------------------------- the trailer
 */

static void trailer_pad_lengths(void)
{
	struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_IN, 0);
	static uint8_t esp[GEN_BUF];
	size_t len = udp(AF_INET, 97);
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
	size_t len = udp(AF_INET6, 101);
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
		size_t len = udp(AF_INET, 41), n;

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

/* --------------------------------------------------------------- lifetimes */

static unsigned int events_of(struct nic *n, enum espalier_event_type type,
			      uint32_t sa)
{
	struct espalier_event ev;
	unsigned int seen = 0;

	while (nic_event(n, &ev))
		if (ev.type == type) {
			EXPECT_EQ(ev.sa, sa);
			seen++;
		}
	return seen;
}

static void lifetime(struct espalier_limits limits, unsigned int soft_at,
		     unsigned int through, enum espalier_event_type soft,
		     enum espalier_event_type hard)
{
	struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_OUT, 0);
	struct espalier_sa_info info;
	size_t len = udp(AF_INET, 100);

	pair_open(&pair, NULL, &sa, 64);
	MUST(espalier_sa_update(pair.a.dev, pair.out, &limits, 0) == 0);
	for (unsigned int i = 1; i <= through + 2; i++) {
		unsigned int s = 0, h = 0;
		struct espalier_event ev;

		pair.a.ndone = 0;
		MUST(nic_post(&pair.a, 0, frame, len, 0, 0));
		pair_settle(&pair);
		MUST(pair.a.ndone == 1);
		EXPECT_EQ(pair.a.done[0].code,
			  i <= through ? ESPALIER_TX_PROTECTED
				       : ESPALIER_TX_STATE_EXPIRED);
		while (nic_event(&pair.a, &ev)) {
			s += ev.type == soft;
			h += ev.type == hard;
			EXPECT_EQ(ev.sa, pair.out);
		}
		EXPECT_EQ(s, i == soft_at);
		EXPECT_EQ(h, i == through);
	}
	EXPECT_EQ(pair.b.nrx, through);
	MUST(espalier_sa_query(pair.a.dev, pair.out, &info) == 0);
	EXPECT(info.status & ESPALIER_SA_ST_HARD);
	EXPECT_EQ(info.packets, through);
	/* a new limit, and it goes on: that is not another key, but the
	 * number was never given out twice */
	memset(&limits, 0, sizeof(limits));
	MUST(espalier_sa_update(pair.a.dev, pair.out, &limits, 0) == 0);
	pair.a.ndone = 0;
	MUST(nic_post(&pair.a, 0, frame, len, 0, 0));
	pair_settle(&pair);
	EXPECT_EQ(pair.a.done[0].code, ESPALIER_TX_PROTECTED);
	EXPECT_EQ(pair.a.done[0].seq, through + 1);
	pair_close(&pair);
}

static void lifetime_out_packets(void)
{
	lifetime((struct espalier_limits){ .soft_packets = 5,
					   .hard_packets = 8 },
		 5, 8, ESPALIER_EV_SOFT_PACKETS, ESPALIER_EV_HARD_PACKETS);
}

static void lifetime_out_bytes(void)
{
	lifetime((struct espalier_limits){ .soft_bytes = 450,
					   .hard_bytes = 799 },
		 5, 8, ESPALIER_EV_SOFT_BYTES, ESPALIER_EV_HARD_BYTES);
}

static void lifetime_in(void)
{
	struct espalier_limits limits = { .soft_packets = 3,
					  .hard_packets = 5 };
	struct espalier_stats st;
	size_t len = udp(AF_INET, 100);

	pair_open(&pair, NULL, NULL, 64);
	MUST(espalier_sa_update(pair.b.dev, pair.in, &limits, 0) == 0);
	for (int i = 1; i <= 7; i++) {
		MUST(nic_post(&pair.a, 0, frame, len, 0, 0));
		pair_settle(&pair);
		if (i == 3)
			EXPECT_EQ(events_of(&pair.b, ESPALIER_EV_SOFT_PACKETS,
					    pair.in),
				  1);
	}
	EXPECT_EQ(events_of(&pair.b, ESPALIER_EV_HARD_PACKETS, pair.in), 1);
	EXPECT_EQ(pair.b.nrx, 5);
	nic_stats(&pair.b, &st);
	EXPECT_EQ(st.code[ESPALIER_RX_STATE_EXPIRED].packets, 2);
	pair_close(&pair);
}

/* Two ends with one limit stop behind the same packet, whether it reaches the
 * limit or passes it, and each says so once. */
static void hard_limit_is_one_rule(void)
{
	static const struct espalier_limits limits[] = {
		{ .hard_bytes = 800 },
		{ .hard_bytes = 799 },
		{ .hard_bytes = 701 },
		{ .hard_packets = 8 },
	};
	size_t len = udp(AF_INET, 100);

	for (unsigned int i = 0; i < 4; i++) {
		enum espalier_event_type hard =
			limits[i].hard_bytes ? ESPALIER_EV_HARD_BYTES
					     : ESPALIER_EV_HARD_PACKETS;
		struct espalier_sa_info a, b;

		pair_open(&pair, NULL, NULL, 64);
		MUST(!espalier_sa_update(pair.a.dev, pair.out, &limits[i], 0));
		MUST(!espalier_sa_update(pair.b.dev, pair.in, &limits[i], 0));
		for (unsigned int n = 1; n <= 10; n++) {
			MUST(nic_post(&pair.a, 0, frame, len, 0, 0));
			pair_settle(&pair);
			EXPECT_EQ(events_of(&pair.a, hard, pair.out), n == 8);
			EXPECT_EQ(events_of(&pair.b, hard, pair.in), n == 8);
		}
		EXPECT_EQ(pair.b.nrx, 8);
		MUST(espalier_sa_query(pair.a.dev, pair.out, &a) == 0);
		MUST(espalier_sa_query(pair.b.dev, pair.in, &b) == 0);
		EXPECT(a.status & ESPALIER_SA_ST_HARD);
		EXPECT(b.status & ESPALIER_SA_ST_HARD);
		EXPECT_EQ(a.packets, 8);
		EXPECT_EQ(a.bytes, 800);
		EXPECT_EQ(b.packets, 8);
		EXPECT_EQ(b.bytes, 800);
		EXPECT_EQ(nic_count(&pair.a, ESPALIER_TX_STATE_EXPIRED), 2);
		/* a limit below what has passed ends it at once, both ways */
		MUST(!espalier_sa_update(
			pair.a.dev, pair.out,
			&(struct espalier_limits){ .hard_packets = 3 }, 0));
		MUST(nic_post(&pair.a, 0, frame, len, 0, 0));
		pair_settle(&pair);
		EXPECT_EQ(nic_count(&pair.a, ESPALIER_TX_STATE_EXPIRED), 3);
		EXPECT_EQ(
			events_of(&pair.a, ESPALIER_EV_HARD_PACKETS, pair.out),
			1);
		pair_close(&pair);
	}
}

static void sequence_overflow_event(void)
{
	struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_OUT, 0);
	size_t len = udp(AF_INET, 100);

	sa.esn = true;
	sa.seq = UINT64_MAX - 1;
	nic_open(&nic, NULL);
	{
		uint32_t h = nic_sa_add(&nic, &sa);

		EXPECT_EQ(nic_out(&nic, frame, len, h).code,
			  ESPALIER_TX_PROTECTED);
		EXPECT_EQ(nic_out(&nic, frame, len, h).code,
			  ESPALIER_TX_SEQ_OVERFLOW);
		EXPECT_EQ(events_of(&nic, ESPALIER_EV_SEQ_OVERFLOW, h), 1);
		EXPECT_EQ(nic_out(&nic, frame, len, h).code,
			  ESPALIER_TX_SEQ_OVERFLOW);
		EXPECT_EQ(events_of(&nic, ESPALIER_EV_SEQ_OVERFLOW, h), 0);
	}
	nic_close(&nic);
}

/* ------------------------------------------------------ segments, statistics
 */

static void multi_segment(void)
{
	static struct ref_result want;
	size_t len = udp(AF_INET, 1000);

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
	size_t len = udp(AF_INET, sizeof(segs) / sizeof(segs[0]) * 16 - 14);
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
	size_t len = udp(AF_INET6, 300);
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
	size_t len = udp(AF_INET, 500), bytes = 0;

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
		len = udp(AF_INET, lens[i]);
		nic_forget(&pair.a);
		nic_forget(&pair.b);
		MUST(nic_post(&pair.a, 0, frame, len, 0, 4096));
		pair_settle(&pair);
		MUST(pair.a.ndone == 1);
		EXPECT_EQ(pair.a.done[0].code, ESPALIER_TX_PROTECTED);
		EXPECT(pair_through(&pair, 0, frame, len));
	}
	EXPECT_EQ(pair.a.done[0].wire_len, 9214);
	len = udp(AF_INET, 9147);
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
		len = udp(AF_INET, n);
		nic_forget(&pair.a);
		nic_forget(&pair.b);
		MUST(nic_post(&pair.a, 0, frame, len, 0, 0));
		pair_settle(&pair);
		EXPECT(pair_through(&pair, 0, frame, len));
	}
	pair_close(&pair);
}

int main(int argc, char **argv)
{
	static const struct test_case cases[] = {
		{ "known_vectors_inbound", known_vectors_inbound },
		{ "every_combination", every_combination },
		{ "arc_9_tunnel_dscp_copy_and_set", tunnel_dscp_copy_and_set },
		{ "ecn_1_tunnel_ecn_copy_or_clear", tunnel_ecn_copy_or_clear },
		{ "ecn_2_3_tunnel_ecn_decapsulation",
		  tunnel_ecn_decapsulation },
		{ "arc_7_tunnel_df_copy_set_clear", tunnel_df_copy_set_clear },
		{ "tunnel_ttl_copy_and_set", tunnel_ttl_copy_and_set },
		{ "tunnel_flow_label", tunnel_flow_label },
		{ "tunnel_identification_changes",
		  tunnel_identification_changes },
		{ "tunnel_vlan_tags_stay", tunnel_vlan_tags_stay },
		{ "esp_28_tunnel_carries_fragments", tunnel_carries_fragments },
		{ "tunnel_inner_ttl_stays", tunnel_inner_ttl_stays },
		{ "esp_19_trailer_pad_lengths", trailer_pad_lengths },
		{ "esp_24_trailer_tfc_padding_removed",
		  trailer_tfc_padding_removed },
		{ "esp_17_icv_every_byte_counts", icv_every_byte_counts },
		{ "arc_6_lifetime_out_packets", lifetime_out_packets },
		{ "arc_6_lifetime_out_bytes", lifetime_out_bytes },
		{ "arc_6_lifetime_in", lifetime_in },
		{ "arc_6_hard_limit_is_one_rule", hard_limit_is_one_rule },
		{ "esp_7_sequence_overflow_event", sequence_overflow_event },
		{ "multi_segment", multi_segment },
		{ "multi_segment_33_refused", multi_segment_33_refused },
		{ "multi_segment_header_split", multi_segment_header_split },
		{ "drv_4_statistics", statistics },
		{ "jumbo_frames", jumbo_frames },
		{ "smallest_packets", smallest_packets },
		{ NULL, NULL },
	};

	return suite_run("inline", cases, argc, argv);
}
