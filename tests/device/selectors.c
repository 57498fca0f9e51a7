// SPDX-License-Identifier: Apache-2.0
/*
 * What the selectors of a protected packet are held against (RFC 4301 section
 * 5.2 step 4): those of the datagram that was protected, with the upper layer
 * found behind IPv6 extension headers, also those inside the protected part.
 */
#include <stdio.h>
#include <string.h>
#include "bytes.h"
#include "craft.h"
#include "pair.h"
#include "suite.h"

enum { HOP = 0, TCP = 6, UDP = 17, ROUTE = 43, FRAG = 44, DEST = 60 };
#define PORT 2000
#define LIE 0x100 /* the header says that it is 256 bytes longer */
#define LATER 0x200 /* a fragment, and not the first */

static struct pair pair;
static struct nic nic;
static struct espalier_sa sa;
static uint64_t seq;

/* The only traffic that the SA may carry: UDP to PORT. */
static void only_udp(struct nic *n, uint32_t reqid)
{
	struct espalier_policy p =
		gen_any(ESPALIER_DIR_IN, AF_INET6, ESPALIER_PROTECT, 1);

	p.proto = UDP;
	p.dport_lo = p.dport_hi = PORT;
	p.reqid = reqid;
	nic_policy_add(n, &p);
}

static struct espalier_sa transport6(enum espalier_dir dir)
{
	struct espalier_sa s = gen_plain_sa(dir, 0);

	s.mode = ESPALIER_MODE_TRANSPORT;
	s.src = gen_addr(AF_INET6, 0, 1);
	s.dst = gen_addr(AF_INET6, 1, 1);
	s.ttl = 0;
	return s;
}

/* Headers of 8 bytes, @types up to -1, the last one names @upper; then 12 bytes
 * of upper layer with ports. */
static size_t chain(uint8_t *p, const int *types, uint8_t upper, uint16_t port)
{
	size_t n = 0;

	for (; *types >= 0; types++) {
		memset(p + n, 0, 8);
		p[n] = types[1] >= 0 ? types[1] & 0xff : upper;
		if ((*types & 0xff) == FRAG) {
			put16(p + n + 2, *types & LATER ? 8 : 0);
		} else {
			p[n + 1] = *types & LIE ? 32 : 0;
			p[n + 2] = 1; /* PadN */
			p[n + 3] = 4;
		}
		n += 8;
	}
	memset(p + n, 0, 12);
	put16(p + n, 1000);
	put16(p + n + 2, port);
	return n + 12;
}

/* A packet of the peer: @outer bytes of hop-by-hop options before ESP, @types
 * inside it. It ends as @code, and as the model says. */
static void arrives(size_t outer, const int *types, uint8_t upper,
		    uint16_t port, enum espalier_code code)
{
	static struct ref_result want;
	static uint8_t f[512], inner[256];
	size_t len = chain(inner, types, upper, port);

	len = craft_esp(f,
			&(struct craft){ .sa = &sa,
					 .dmac = nic.caps.mac,
					 .seq = ++seq,
					 .options = outer,
					 .next_header = *types >= 0
								? *types & 0xff
								: upper },
			inner, len);
	ref_in(&nic.ref, f, len, &want);
	EXPECT_EQ(want.code, code);
	EXPECT_EQ(nic_in(&nic, f, len), code);
	EXPECT_EQ(nic.nrx, code == ESPALIER_RX_PROTECTED);
	if (nic.nrx == 1)
		EXPECT(ref_same(want.frame, want.len, nic.rx[0].frame.data,
				nic.rx[0].frame.len, false));
}

static void ready(void)
{
	nic_open(&nic, NULL);
	sa = transport6(ESPALIER_DIR_IN);
	seq = 0;
	nic_sa_add(&nic, &sa);
}

#define CHAIN(...) ((const int[]){ __VA_ARGS__, -1 })
#define NOTHING ((const int[]){ -1 })

static void transport_upper_layer_found(void)
{
	const enum espalier_code yes = ESPALIER_RX_PROTECTED;
	const enum espalier_code no = ESPALIER_RX_TMPL_MISMATCH;

	ready();
	only_udp(&nic, sa.reqid);
	arrives(0, NOTHING, UDP, PORT, yes);
	arrives(0, NOTHING, UDP, PORT + 1, no);
	arrives(0, CHAIN(DEST), UDP, PORT, yes);
	arrives(0, CHAIN(DEST), UDP, PORT + 1, no);
	arrives(0, CHAIN(DEST), TCP, PORT, no);
	arrives(0, CHAIN(DEST, DEST), UDP, PORT, yes);
	arrives(0, CHAIN(DEST, DEST), TCP, PORT, no);
	arrives(0, CHAIN(HOP, ROUTE, DEST), UDP, PORT, yes);
	arrives(0, CHAIN(HOP, ROUTE, DEST), UDP, PORT - 1, no);
	/* an atomic fragment is none (RFC 6946), a later one has no ports */
	arrives(0, CHAIN(DEST, FRAG), UDP, PORT, yes);
	arrives(0, CHAIN(DEST, FRAG | LATER), UDP, PORT, no);
	/* headers before ESP count for the first 64 bytes too */
	arrives(8, CHAIN(DEST, DEST), UDP, PORT, yes);
	arrives(16, CHAIN(DEST), UDP, PORT, yes);
	arrives(16, CHAIN(DEST), UDP, PORT + 1, no);
	arrives(24, NOTHING, UDP, PORT, yes);
	nic_close(&nic);
}

/* Behind the first 64 bytes ports are OPAQUE: only ANY matches. */
static void transport_far_upper_layer_is_opaque(void)
{
	ready();
	only_udp(&nic, sa.reqid);
	for (int any = 0; any < 2; any++) {
		enum espalier_code code =
			any ? ESPALIER_RX_PROTECTED : ESPALIER_RX_TMPL_MISMATCH;

		arrives(0, CHAIN(DEST, DEST, DEST, DEST), UDP, PORT, code);
		arrives(8, CHAIN(DEST, DEST, DEST), UDP, PORT, code);
		arrives(16, CHAIN(DEST, DEST), UDP, PORT, code);
		arrives(24, CHAIN(DEST), UDP, PORT, code);
		if (!any)
			nic_any(&nic, ESPALIER_DIR_IN, ESPALIER_PROTECT, 2,
				sa.reqid, NULL);
	}
	nic_close(&nic);
}

static void transport_chain_beyond_the_end(void)
{
	const enum espalier_code bad = ESPALIER_RX_INNER_ERROR;
	static uint8_t f[256];
	size_t len;

	ready();
	nic_any(&nic, ESPALIER_DIR_IN, ESPALIER_PROTECT, 2, sa.reqid, NULL);
	arrives(0, CHAIN(DEST | LIE), UDP, PORT, bad);
	arrives(0, CHAIN(DEST, DEST | LIE), UDP, PORT, bad);
	arrives(0, CHAIN(DEST, DEST, DEST | LIE), UDP, PORT, bad);
	arrives(16, CHAIN(DEST | LIE), UDP, PORT, bad);
	/* the 12 bytes behind are not 16 */
	arrives(0, CHAIN(DEST, DEST), DEST, PORT, ESPALIER_RX_INNER_ERROR);
	/* an IPv6 header and nothing behind it */
	len = craft_esp(f,
			&(struct craft){ .sa = &sa,
					 .dmac = nic.caps.mac,
					 .seq = ++seq,
					 .next_header = UDP },
			f, 0);
	EXPECT_EQ(nic_in(&nic, f, len), bad);
	arrives(0, CHAIN(DEST), UDP, PORT, ESPALIER_RX_PROTECTED);
	nic_close(&nic);
}

/* From one device to the other: options go inside the protected part (RFC 4303
 * section 3.1.1), and do not hide the ports from the receiver. */
static void transport_options_both_ways(void)
{
	struct espalier_sa out = transport6(ESPALIER_DIR_OUT);
	struct espalier_sa in = gen_mirror(&out, 64);
	static uint8_t f[256];
	size_t n = 0;

	nic_open(&pair.a, NULL);
	nic_open(&pair.b, NULL);
	nic_link(&pair.a, &pair.b);
	pair.out = nic_sa_add(&pair.a, &out);
	pair.in = nic_sa_add(&pair.b, &in);
	only_udp(&pair.b, in.reqid);
	for (unsigned int i = 0; i < 8; i++) {
		const int *types = i & 1   ? CHAIN(HOP, DEST)
				   : i & 2 ? CHAIN(DEST, DEST)
					   : CHAIN(DEST);
		uint16_t port = i & 4 ? PORT + 1 : PORT;
		size_t len = 54 + chain(f + 54, types, UDP, port);

		memset(f, 0, 54);
		memcpy(f, pair.b.caps.mac, 6);
		f[6] = 2;
		put16(f + 12, 0x86dd);
		f[14] = 0x60;
		put16(f + 18, len - 54);
		f[20] = types[0];
		f[21] = 64;
		memcpy(f + 22, out.src.bytes, 16);
		memcpy(f + 38, out.dst.bytes, 16);
		nic_forget(&pair.a);
		nic_forget(&pair.b);
		MUST(nic_post(&pair.a, 0, f, len, pair.out, 0));
		pair_settle(&pair);
		MUST(pair.a.ndone == 1);
		EXPECT_EQ(pair.a.done[0].code, ESPALIER_TX_PROTECTED);
		if (port == PORT) {
			n++;
			EXPECT(pair_through(&pair, 0, f, len));
		}
		EXPECT_EQ(pair.b.nrx, port == PORT);
	}
	EXPECT_EQ(nic_count(&pair.b, ESPALIER_RX_PROTECTED), n);
	EXPECT_EQ(nic_count(&pair.b, ESPALIER_RX_TMPL_MISMATCH), 8 - n);
	pair_close(&pair);
}

int main(int argc, char **argv)
{
	static const struct test_case cases[] = {
		{ "arc_3_transport_upper_layer_found",
		  transport_upper_layer_found },
		{ "arc_3_transport_far_upper_layer_is_opaque",
		  transport_far_upper_layer_is_opaque },
		{ "arc_3_transport_chain_beyond_the_end",
		  transport_chain_beyond_the_end },
		{ "arc_3_transport_options_both_ways",
		  transport_options_both_ways },
		{ NULL, NULL },
	};

	return suite_run("selectors", cases, argc, argv);
}
