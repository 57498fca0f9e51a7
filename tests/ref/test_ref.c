// SPDX-License-Identifier: Apache-2.0
/*
 * Proofs of the model: published vectors, properties that can be stated in
 * another way than the model computes them, and tables out of the RFCs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bytes.h"
#include "gen.h"
#include "ref.h"
#include "suite.h"
#include "vectors.h"

static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 1 };

static size_t unhex(const char *s, uint8_t *out)
{
	size_t n = strlen(s) / 2;

	for (size_t i = 0; i < n; i++)
		sscanf(s + 2 * i, "%2hhx", &out[i]);
	return n;
}

/* An ESP packet between two IPv4 hosts, in an Ethernet frame. */
static size_t esp_frame(uint8_t *f, const uint8_t *esp, size_t len, uint8_t tos)
{
	memset(f, 0, 34);
	memcpy(f, mac, 6);
	put16(f + 12, 0x0800);
	f[14] = 0x45;
	f[15] = tos;
	put16(f + 16, 20 + len);
	f[22] = 64;
	f[23] = 50;
	put32(f + 26, 0xc0000201);
	put32(f + 30, 0xc0000202);
	put16(f + 24, ref_checksum(f + 14, 20));
	memcpy(f + 34, esp, len);
	return 34 + len;
}

static void vectors_open_and_seal(void)
{
	for (unsigned int i = 0; i < esp_vector_count; i++) {
		const struct esp_vector *v = &esp_vectors[i];
		uint8_t key[36], plain[256], packet[256], aad[12], text[256];
		size_t key_len = unhex(v->key, key);
		size_t n = unhex(v->plain, plain), len;
		struct ref_gcm g = {
			.key = key,
			.key_len = key_len,
			.icv_len = 16,
			.iv = packet + 8,
			.aad = aad,
			.aad_len = v->esn ? 12 : 8,
		};

		len = unhex(v->packet, packet);
		CU_ASSERT_EQUAL_FATAL(len, 16 + n + 16);
		put32(aad, v->spi);
		if (v->esn)
			put64(aad + 4, v->seq);
		else
			put32(aad + 4, v->seq);
		ref_gcm_seal(&g, plain, n, text, text + n);
		CU_ASSERT(!memcmp(text, packet + 16, n + 16));
		CU_ASSERT(ref_gcm_open(&g, packet + 16, n, text,
				       packet + 16 + n));
		CU_ASSERT(!memcmp(text, plain, n));
		packet[16 + n] ^= 1;
		CU_ASSERT(!ref_gcm_open(&g, packet + 16, n, text,
					packet + 16 + n));
	}
}

/* The whole inbound path on the packets of the vectors: transport mode, since
 * all of them carry next header 1. */
static void vectors_inbound(void)
{
	for (unsigned int i = 0; i < esp_vector_count; i++) {
		const struct esp_vector *v = &esp_vectors[i];
		struct espalier_sa sa = {
			.dir = ESPALIER_DIR_IN,
			.spi = v->spi,
			.icv_len = 16,
			.esn = v->esn,
			.seq = v->seq - 1,
			.window = 64,
			.reqid = 1,
			.queue = -1,
			.dst.family = AF_INET,
		};
		struct espalier_policy pol =
			gen_any(ESPALIER_DIR_IN, AF_INET, ESPALIER_PROTECT, 0);
		static struct ref_result r;
		uint8_t packet[256], plain[256], frame[512];
		size_t n = unhex(v->plain, plain), len;
		struct ref_dev dev;

		if (v->spi < 256)
			continue; /* never on the wire */
		put32(sa.dst.bytes, 0xc0000202);
		sa.key_len = unhex(v->key, sa.key);
		pol.reqid = 1;
		len = unhex(v->packet, packet);
		len = esp_frame(frame, packet, len, 0);
		ref_dev_init(&dev, mac);
		ref_sa_add(&dev, &sa, 1);
		ref_policy_add(&dev, &pol, 1);
		ref_in(&dev, frame, len, &r);
		n -= 2 + plain[n - 2];
		CU_ASSERT_EQUAL(r.code, ESPALIER_RX_PROTECTED);
		CU_ASSERT_EQUAL(r.seq, v->seq);
		CU_ASSERT_EQUAL(r.len, 34 + n);
		CU_ASSERT(!memcmp(r.frame + 34, plain, n));
		CU_ASSERT_EQUAL(r.frame[23], 1);
		ref_in(&dev, frame, len, &r);
		CU_ASSERT_EQUAL(r.code, ESPALIER_RX_REPLAY);
		ref_dev_free(&dev);
	}
}

/*
 * Appendix A2 in one sentence: the number meant is the only one with the low
 * half received in the 2^32 numbers from the bottom of the window up.
 */
static void esn_inference(void)
{
	static const unsigned int windows[] = { 32, 64, 100, 1024, 4096 };
	struct rng r = { 7 };

	for (int i = 0; i < 200000; i++) {
		unsigned int w = windows[rng_below(&r, 5)];
		uint64_t top, n, want, bottom;
		uint32_t low;
		bool ok, want_ok;

		top = (rng_below(&r, 4) << 32) +
		      (rng_percent(&r, 50) ? rng_next(&r) & 0xffffffff
					   : rng_below(&r, 8192) - 4096);
		if (rng_percent(&r, 2))
			top = UINT64_MAX - rng_below(&r, 5000);
		low = rng_percent(&r, 50) ? rng_next(&r)
					  : top + rng_below(&r, 10000) - 5000;
		bottom = top - w + 1;
		want = bottom + (uint32_t)(low - (uint32_t)bottom);
		/* numbers below zero or above 2^64 - 1 do not exist */
		want_ok = top >= w - 1 ? want >= bottom : want < bottom;
		ok = ref_esn_infer(top, w, low, &n);
		CU_ASSERT_EQUAL(ok, want_ok);
		if (ok && want_ok)
			CU_ASSERT_EQUAL(n, want);
	}
}

static void window_rules(void)
{
	struct ref_window w;

	ref_window_init(&w, 64, 0);
	CU_ASSERT(!ref_window_ok(&w, 0));
	CU_ASSERT(ref_window_ok(&w, 1));
	ref_window_commit(&w, 100);
	CU_ASSERT(!ref_window_ok(&w, 100));
	CU_ASSERT(ref_window_ok(&w, 37));
	CU_ASSERT(!ref_window_ok(&w, 36));
	ref_window_commit(&w, 37);
	CU_ASSERT(!ref_window_ok(&w, 37));
	CU_ASSERT(ref_window_ok(&w, 38));
	CU_ASSERT(ref_window_ok(&w, 101));
	ref_window_commit(&w, UINT32_MAX);
	CU_ASSERT(!ref_window_ok(&w, 101));
	CU_ASSERT(ref_window_ok(&w, UINT32_MAX - 63ull));
	CU_ASSERT(!ref_window_ok(&w, UINT32_MAX - 64ull));
	ref_window_free(&w);

	ref_window_init(&w, 32, 0);
	for (uint64_t n = 1; n <= 5000; n++) {
		CU_ASSERT(ref_window_ok(&w, n));
		ref_window_commit(&w, n);
		CU_ASSERT(!ref_window_ok(&w, n));
	}
	ref_window_free(&w);

	ref_window_init(&w, 64, 1000); /* taken over from another host */
	CU_ASSERT(!ref_window_ok(&w, 1000));
	CU_ASSERT(!ref_window_ok(&w, 990));
	CU_ASSERT(ref_window_ok(&w, 1001));
	ref_window_free(&w);

	ref_window_init(&w, 0, 0); /* anti-replay off */
	CU_ASSERT(ref_window_ok(&w, 5));
	ref_window_commit(&w, 5);
	CU_ASSERT(ref_window_ok(&w, 5));
	ref_window_free(&w);
}

/* What A sends, B receives: every mode, family, ICV, header rule. */
static void round_trip(void)
{
	static struct ref_result out, in;
	static uint8_t frame[GEN_BUF];
	struct gen_frame g = { .proto = -1,
			       .len_min = 28,
			       .len_max = 2000,
			       .vlan = 20,
			       .options = 30,
			       .fragment = 10,
			       .padding = 20 };
	struct rng r = { 11 };
	unsigned int sent = 0;

	for (int i = 0; i < 3000; i++) {
		struct ref_dev a, b;
		struct espalier_sa sa = gen_sa(&r, ESPALIER_DIR_OUT, i, 1024);
		struct espalier_sa peer;
		struct espalier_policy pol;
		struct ref_eth eth;
		struct ref_ip ip;
		size_t len;

		sa.mtu = 0;
		len = gen_frame(&r, &g, frame);
		ref_eth_parse(frame, len, &eth);
		ref_ip_parse(frame + eth.hdr_len, len - eth.hdr_len, eth.kind,
			     &ip);
		CU_ASSERT_FALSE_FATAL(ip.bad);
		peer = gen_mirror(&sa, 64);
		if (sa.mode == ESPALIER_MODE_TRANSPORT) {
			peer.dst.family =
				eth.kind == REF_IPV4 ? AF_INET : AF_INET6;
			memcpy(peer.dst.bytes, ip.dst, 16);
		}
		ref_dev_init(&a, mac);
		ref_dev_init(&b, mac);
		b.promisc = true;
		ref_sa_add(&a, &sa, 1);
		ref_sa_add(&b, &peer, 2);
		pol = gen_any(ESPALIER_DIR_IN,
			      eth.kind == REF_IPV4 ? AF_INET : AF_INET6,
			      ESPALIER_PROTECT, 0);
		pol.reqid = peer.reqid;
		ref_policy_add(&b, &pol, 1);
		ref_out(&a, frame, len, 1, &out);
		if (out.code == ESPALIER_TX_PROTECTED) {
			sent++;
			ref_in(&b, out.frame, out.len, &in);
			CU_ASSERT_EQUAL(in.code, ESPALIER_RX_PROTECTED);
			CU_ASSERT(ref_same(frame, eth.hdr_len + ip.len,
					   in.frame, in.len, false));
		} else {
			CU_ASSERT_EQUAL(out.code, ESPALIER_TX_MODE_ERROR);
			CU_ASSERT(ip.frag || ip.too_long);
		}
		ref_dev_free(&a);
		ref_dev_free(&b);
	}
	CU_ASSERT(sent > 2500);
}

/* RFC 6040 figure 4, row = inner, column = outer; 9 = drop */
static void ecn_table(void)
{
	enum { N = 0, E1 = 1, E0 = 2, CE = 3, DROP = 9 };
	static const int order[4] = { N, E0, E1, CE };
	static const int want[4][4] = {
		{ N, N, N, DROP },
		{ E0, E0, E1, CE },
		{ E1, E1, E1, CE },
		{ CE, CE, CE, CE },
	};
	static struct ref_result out, in;
	static uint8_t frame[GEN_BUF];
	struct espalier_addr s = gen_addr(AF_INET, 0, 1);
	struct espalier_addr d = gen_addr(AF_INET, 1, 1);
	struct rng rng = { 3 };

	for (int i = 0; i < 4; i++) {
		for (int o = 0; o < 4; o++) {
			struct espalier_sa sa =
				gen_sa(&rng, ESPALIER_DIR_OUT, 0, 64);
			struct espalier_policy pol = gen_any(
				ESPALIER_DIR_IN, AF_INET, ESPALIER_PROTECT, 0);
			struct ref_dev a, b;
			size_t len = gen_udp(frame, &s, &d, 100);
			uint8_t *ip = frame + 14;

			ip[1] = (ip[1] & 0xfc) | order[i];
			put16(ip + 10, 0);
			put16(ip + 10, ref_checksum(ip, 20));
			sa.mode = ESPALIER_MODE_TUNNEL;
			sa.src = gen_gateway(AF_INET, 1);
			sa.dst = gen_gateway(AF_INET, 2);
			sa.flow_label = 0;
			sa.mtu = 0;
			sa.ecn = true;
			ref_dev_init(&a, mac);
			ref_dev_init(&b, mac);
			b.promisc = true;
			ref_sa_add(&a, &sa, 1);
			sa = gen_mirror(&sa, 64);
			ref_sa_add(&b, &sa, 2);
			pol.reqid = sa.reqid;
			ref_policy_add(&b, &pol, 1);
			ref_out(&a, frame, len, 1, &out);
			/* normal mode copies (section 4.1) */
			CU_ASSERT_EQUAL(out.frame[15] & 3, order[i]);
			ip = out.frame + 14;
			ip[1] = (ip[1] & 0xfc) | order[o];
			put16(ip + 10, 0);
			put16(ip + 10, ref_checksum(ip, 20));
			ref_in(&b, out.frame, out.len, &in);
			if (want[i][o] == DROP) {
				CU_ASSERT_EQUAL(in.code, ESPALIER_RX_ECN_DROP);
			} else {
				CU_ASSERT_EQUAL(in.code, ESPALIER_RX_PROTECTED);
				CU_ASSERT_EQUAL(in.frame[15] & 3, want[i][o]);
				CU_ASSERT_EQUAL(ref_checksum(in.frame + 14, 20),
						0);
			}
			ref_dev_free(&a);
			ref_dev_free(&b);
		}
	}
}

/* RFC 4303 section 3.3.3: the number never cycles */
static void sequence_ends(void)
{
	static struct ref_result r;
	static uint8_t frame[GEN_BUF];
	struct espalier_addr s = gen_addr(AF_INET, 0, 1);
	struct espalier_addr d = gen_addr(AF_INET, 1, 1);
	size_t len = gen_udp(frame, &s, &d, 64);
	struct rng rng = { 5 };

	for (int esn = 0; esn < 2; esn++) {
		struct espalier_sa sa = gen_sa(&rng, ESPALIER_DIR_OUT, 0, 64);
		struct ref_dev dev;

		sa.esn = esn;
		sa.mtu = 0;
		sa.seq = esn ? UINT64_MAX - 2 : UINT32_MAX - 2;
		ref_dev_init(&dev, mac);
		ref_sa_add(&dev, &sa, 1);
		ref_out(&dev, frame, len, 1, &r);
		CU_ASSERT_EQUAL(r.code, ESPALIER_TX_PROTECTED);
		ref_out(&dev, frame, len, 1, &r);
		CU_ASSERT_EQUAL(r.code, ESPALIER_TX_PROTECTED);
		CU_ASSERT_EQUAL(r.seq, esn ? UINT64_MAX : UINT32_MAX);
		ref_out(&dev, frame, len, 1, &r);
		CU_ASSERT_EQUAL(r.code, ESPALIER_TX_SEQ_OVERFLOW);
		ref_dev_free(&dev);
	}
}

/* A malformed frame never gets past the parser, whatever is broken in it. */
static void malformed_refused(void)
{
	static struct ref_result r;
	static uint8_t frame[GEN_BUF];
	struct gen_frame g = { .proto = -1,
			       .len_min = 28,
			       .len_max = 600,
			       .options = 30,
			       .malformed = 100 };
	struct rng rng = { 13 };
	unsigned int bad = 0;
	struct ref_dev dev;

	ref_dev_init(&dev, mac);
	for (int i = 0; i < 20000; i++) {
		size_t len = gen_frame(&rng, &g, frame);

		ref_out(&dev, frame, len, 0, &r);
		CU_ASSERT(r.code == ESPALIER_TX_HDR_ERROR ||
			  r.code == ESPALIER_TX_NO_POLICY);
		bad += r.code == ESPALIER_TX_HDR_ERROR;
	}
	CU_ASSERT(bad > 19000);
	ref_dev_free(&dev);
}

int main(int argc, char **argv)
{
	static const struct test_case cases[] = {
		{ "vectors_open_and_seal", vectors_open_and_seal },
		{ "vectors_inbound", vectors_inbound },
		{ "esp_11_esn_inference", esn_inference },
		{ "esp_15_window_rules", window_rules },
		{ "round_trip", round_trip },
		{ "ecn_1_2_3_table", ecn_table },
		{ "esp_7_sequence_ends", sequence_ends },
		{ "malformed_refused", malformed_refused },
		{ NULL, NULL },
	};

	return suite_run("ref", cases, argc, argv);
}
