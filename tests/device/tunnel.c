// SPDX-License-Identifier: Apache-2.0
/* What stands in the headers around a packet and inside, in tunnel mode. */
#include <string.h>
#include "bytes.h"
#include "craft.h"
#include "pair.h"
#include "suite.h"

static struct pair pair;
static struct nic nic;
static uint8_t frame[GEN_BUF];

static uint8_t tos_of(const uint8_t *ip)
{
	return ip[0] >> 4 == 4 ? ip[1] : get16(ip) >> 4;
}

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
			size_t len = gen_host_udp(
				frame, inner ? AF_INET6 : AF_INET, 100);

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
		size_t len = gen_host_udp(frame, AF_INET, 100);

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
				size_t len = gen_host_udp(
					frame, v6 ? AF_INET6 : AF_INET, 90);
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
			size_t len = gen_host_udp(frame, AF_INET, 100);
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
	size_t len = gen_host_udp(frame, AF_INET, 100);

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
	size_t len = gen_host_udp(frame, AF_INET6, 100);

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
	size_t len = gen_host_udp(frame, AF_INET, 100);
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
	size_t len = gen_host_udp(frame, AF_INET, 100);

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
	size_t len = gen_host_udp(frame, AF_INET, 100);

	pair_open(&pair, NULL, NULL, 64);
	frame[22] = 1;
	set_tos(0);
	nic_post(&pair.a, 0, frame, len, 0, 0);
	pair_settle(&pair);
	EXPECT(pair_through(&pair, 0, frame, len));
	pair_close(&pair);
}

static const struct test_case cases[] = {
	{ "arc_9_tunnel_dscp_copy_and_set", tunnel_dscp_copy_and_set },
	{ "ecn_1_tunnel_ecn_copy_or_clear", tunnel_ecn_copy_or_clear },
	{ "ecn_2_3_tunnel_ecn_decapsulation", tunnel_ecn_decapsulation },
	{ "arc_7_tunnel_df_copy_set_clear", tunnel_df_copy_set_clear },
	{ "tunnel_ttl_copy_and_set", tunnel_ttl_copy_and_set },
	{ "tunnel_flow_label", tunnel_flow_label },
	{ "tunnel_identification_changes", tunnel_identification_changes },
	{ "tunnel_vlan_tags_stay", tunnel_vlan_tags_stay },
	{ "esp_28_tunnel_carries_fragments", tunnel_carries_fragments },
	{ "tunnel_inner_ttl_stays", tunnel_inner_ttl_stays },
	{ 0 },
};

int main(int argc, char **argv)
{
	return suite_run("tunnel", cases, argc, argv);
}
