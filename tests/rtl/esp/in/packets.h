/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packets for the inbound tests: IP datagrams, Ethernet frames, and ESP done by
 * OpenSSL (RFC 4303, RFC 4106), sharing no code with the device.
 */
#ifndef PACKETS_H
#define PACKETS_H
#include <openssl/evp.h>

#include <cstdint>
#include <cstring>
#include <vector>

#include "check.h"

typedef std::vector<uint8_t> bytes;

static inline void put16(bytes &b, unsigned v)
{
	b.push_back(v >> 8);
	b.push_back(v);
}
static inline void put32(bytes &b, uint32_t v)
{
	put16(b, v >> 16);
	put16(b, v & 0xffff);
}
static inline void append(bytes &b, const bytes &c)
{
	b.insert(b.end(), c.begin(), c.end());
}
static inline bytes random_bytes(rng &r, size_t n)
{
	bytes b(n);
	for (auto &x : b)
		x = (uint8_t)r.next();
	return b;
}

static inline unsigned ip_sum(const uint8_t *p, size_t n)
{
	uint32_t s = 0;
	for (size_t i = 0; i + 1 < n; i += 2)
		s += (uint32_t)p[i] << 8 | p[i + 1];
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return ~s & 0xffff;
}

/* src, dst: 4 or 16 bytes; the family follows from that */
struct ip {
	bytes src, dst;
	uint8_t proto = 17, tos = 0, ttl = 64;
	uint16_t id = 0x1234, frag = 0; /* flags and offset of IPv4 */
	bytes options; /* IPv4, multiple of 4; IPv6: extension headers, the first named by ext_nh */
	uint8_t ext_nh = 60;
	bytes payload;

	bool v6() const { return src.size() == 16; }
	bytes build() const
	{
		bytes b;
		if (v6()) {
			put32(b, 6u << 28 | (uint32_t)tos << 20 | 0x12345);
			put16(b, options.size() + payload.size());
			b.push_back(options.size() ? ext_nh : proto);
			b.push_back(ttl);
			append(b, src);
			append(b, dst);
			append(b, options);
		} else {
			unsigned hl = 20 + options.size();
			b.push_back(0x40 | hl / 4);
			b.push_back(tos);
			put16(b, hl + payload.size());
			put16(b, id);
			put16(b, frag);
			b.push_back(ttl);
			b.push_back(proto);
			put16(b, 0);
			append(b, src);
			append(b, dst);
			append(b, options);
			unsigned c = ip_sum(b.data(), hl);
			b[10] = c >> 8;
			b[11] = c;
		}
		append(b, payload);
		return b;
	}
	size_t hdr_len() const { return (v6() ? 40 : 20) + options.size(); }
};

static const bytes own_mac = { 2, 0, 0, 0, 0, 1 };

static inline bytes l2(unsigned tags, unsigned etype, const bytes &dst = own_mac)
{
	bytes b = dst;
	append(b, { 2, 0, 0, 0, 0, 9 });
	if (tags == 2)
		put16(b, 0x88a8), put16(b, 100);
	if (tags >= 1)
		put16(b, 0x8100), put16(b, 42);
	put16(b, etype);
	return b;
}

static inline bytes frame(unsigned tags, const bytes &l3)
{
	bytes b = l2(tags, l3[0] >> 4 == 6 ? 0x86dd : 0x0800);
	append(b, l3);
	return b;
}

struct sa {
	unsigned slot = 0, gen = 1, spi = 0x1000, reqid = 7, window = 64, icv = 16, queue = 0;
	bool tunnel = true, esn = false, replay = true, ecn = false, v6 = false;
	bytes src, dst; /* outer */
	uint8_t key[32] = {}, salt[4] = {};
	unsigned key_len = 16;
	uint64_t seq = 0; /* last number sent */
	uint64_t start = 0, limits[4] = {}; /* soft bytes, hard bytes, soft packets, hard packets */
	uint32_t handle() const { return 1u << 31 | gen << 16 | slot; }
};

static inline void seal(const sa &s, const uint8_t iv[8], const bytes &aad, const bytes &in, bytes &ct,
			uint8_t tag[16])
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	uint8_t nonce[12];
	int n;
	memcpy(nonce, s.salt, 4);
	memcpy(nonce + 4, iv, 8);
	ct.resize(in.size());
	EVP_EncryptInit_ex(c, s.key_len == 32 ? EVP_aes_256_gcm() : EVP_aes_128_gcm(), nullptr, s.key, nonce);
	EVP_EncryptUpdate(c, nullptr, &n, aad.data(), aad.size());
	EVP_EncryptUpdate(c, ct.data(), &n, in.data(), in.size());
	EVP_EncryptFinal_ex(c, ct.data() + n, &n);
	EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, 16, tag);
	EVP_CIPHER_CTX_free(c);
}

/* ESP header, IV, ciphertext of payload | padding | pad length | nh, ICV */
struct esp_opts {
	int pad = -1; /* bytes of padding, -1 = smallest */
	int bad_pad = -1; /* which padding byte is wrong */
	int pad_len = -1; /* value in the pad length field, if it is to lie */
};

static inline bytes esp(const sa &s, uint64_t seq, const bytes &payload, uint8_t nh, rng &r, esp_opts o = esp_opts())
{
	bytes p = payload, out, aad, ct;
	int pad = o.pad >= 0 ? o.pad : (int)((2 - payload.size()) & 3);
	for (int i = 1; i <= pad; i++)
		p.push_back(o.bad_pad == i - 1 ? i ^ 0x40 : i);
	p.push_back(o.pad_len >= 0 ? o.pad_len : pad);
	p.push_back(nh);
	put32(out, s.spi);
	put32(out, (uint32_t)seq);
	bytes iv = random_bytes(r, 8);
	append(out, iv);
	put32(aad, s.spi);
	if (s.esn)
		put32(aad, seq >> 32);
	put32(aad, (uint32_t)seq);
	uint8_t tag[16];
	seal(s, iv.data(), aad, p, ct, tag);
	append(out, ct);
	out.insert(out.end(), tag, tag + s.icv);
	return out;
}
#endif
