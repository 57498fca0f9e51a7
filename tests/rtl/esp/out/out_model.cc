// SPDX-License-Identifier: Apache-2.0
#include "out_model.h"

#include <cstring>

#include <openssl/evp.h>

namespace {

void put16(bytes &b, size_t at, unsigned v)
{
	b[at] = v >> 8;
	b[at + 1] = v;
}

void add32(bytes &b, uint32_t v)
{
	for (int i = 24; i >= 0; i -= 8)
		b.push_back(v >> i);
}

unsigned checksum(const uint8_t *p, size_t n)
{
	uint32_t s = 0;
	for (size_t i = 0; i < n; i += 2)
		s += p[i] << 8 | p[i + 1];
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return ~s & 0xffff;
}

void add_l2(std::mt19937 &rng, bytes &b, unsigned vlans, unsigned ethertype)
{
	for (int i = 0; i < 12; i++)
		b.push_back(rng());
	b[0] &= 0xfe;
	for (unsigned i = 0; i < vlans; i++) {
		unsigned tpid = (vlans == 2 && i == 0) ? 0x88a8 : 0x8100;
		b.push_back(tpid >> 8);
		b.push_back(tpid);
		b.push_back(rng());
		b.push_back(rng());
	}
	b.push_back(ethertype >> 8);
	b.push_back(ethertype);
}

} // namespace

void sa::entry(uint32_t w[32]) const
{
	memset(w, 0, 128);
	w[0] = tunnel | v6 << 1 | esn << 2 | icv << 3 | df << 5 | dscp_copy << 7 | dscp << 8 |
	       ecn << 14 | ttl << 24;
	w[1] = spi;
	w[2] = gen | reqid << 16;
	w[3] = flow;
	w[4] = mtu;
	for (int i = 0; i < 4; i++) {
		int at = v6 ? 12 - 4 * i : 0;
		if (!v6 && i)
			break;
		w[5 + i] = (uint32_t)src[at] << 24 | src[at + 1] << 16 | src[at + 2] << 8 | src[at + 3];
		w[9 + i] = (uint32_t)dst[at] << 24 | dst[at + 1] << 16 | dst[at + 2] << 8 | dst[at + 3];
	}
	const uint64_t v[] = { seq, soft_bytes, hard_bytes, soft_packets, hard_packets };
	for (int i = 0; i < 5; i++) {
		w[13 + 2 * i] = v[i];
		w[14 + 2 * i] = v[i] >> 32;
	}
}

sa make_sa(std::mt19937 &rng, unsigned slot)
{
	sa s;
	s.slot = slot;
	s.tunnel = rng() % 3 != 0;
	s.v6 = rng() & 1;
	s.esn = rng() & 1;
	s.icv = rng() % 3;
	s.df = rng() % 3;
	s.dscp_copy = rng() & 1;
	s.dscp = rng() & 63;
	s.ecn = rng() & 1;
	s.ttl = rng() & 1 ? 0 : 1 + rng() % 255;
	s.spi = 256 + rng() % 0xffffff00u;
	s.flow = rng() & 0xfffff;
	s.gen = 1 + rng() % 32767;
	s.reqid = rng() & 0xffff;
	for (int i = 0; i < 16; i++) {
		s.src[i] = rng();
		s.dst[i] = rng();
	}
	for (auto &k : s.key)
		k = rng();
	for (auto &k : s.salt)
		k = rng();
	s.aes256 = rng() & 1;
	if (s.esn)
		s.seq = (uint64_t)(rng() & 0xffff) << 32 | rng();
	else
		s.seq = rng() & 0x7fffffff;
	return s;
}

frame make_other(std::mt19937 &rng, uint16_t ethertype, unsigned len, unsigned vlans)
{
	frame f;
	add_l2(rng, f.data, vlans, ethertype);
	f.l2_len = f.data.size();
	f.kind = ethertype == 0x0806 ? frame::ARP : frame::OTHER;
	f.l3_len = len;
	for (unsigned i = 0; i < len; i++)
		f.data.push_back(rng());
	return f;
}

frame make_ip(std::mt19937 &rng, const ip_options &o)
{
	frame f;
	bytes h;
	f.kind = o.v6 ? frame::IPV6 : frame::IPV4;
	if (o.v6) {
		bytes ext;
		std::vector<uint8_t> kinds;
		if (o.hop)
			kinds.push_back(0);
		if (o.routing)
			kinds.push_back(43);
		if (o.frag)
			kinds.push_back(44);
		if (o.dest)
			kinds.push_back(60);
		h.resize(40);
		h[0] = 0x60 | (rng() & 15);
		for (int i = 1; i < 4; i++)
			h[i] = rng();
		h[6] = kinds.empty() ? o.proto : kinds[0];
		h[7] = 1 + rng() % 255;
		for (int i = 8; i < 40; i++)
			h[i] = rng();
		f.hdr_len = 40;
		f.nh_off = 6;
		for (size_t i = 0; i < kinds.size(); i++) {
			unsigned at = 40 + ext.size();
			uint8_t next = i + 1 < kinds.size() ? kinds[i + 1] : o.proto;
			uint8_t e[8] = { next, 0, 1, 4, 0, 0, 0, 0 };
			if (kinds[i] == 43) {
				e[2] = 4;
				e[3] = 0;
			}
			if (kinds[i] == 44) {
				e[2] = 0;
				e[3] = 1; // more fragments
			}
			ext.insert(ext.end(), e, e + 8);
			if (kinds[i] != 60) {
				f.hdr_len = at + 8;
				f.nh_off = at;
			}
		}
		h.insert(h.end(), ext.begin(), ext.end());
		put16(h, 4, ext.size() + o.payload);
		f.df = true;
		if (o.bad)
			h[0] = 0x50;
	} else {
		h.resize(20 + 4 * o.opt_words);
		for (size_t i = 1; i < h.size(); i++)
			h[i] = rng();
		h[0] = 0x45 + o.opt_words;
		put16(h, 2, h.size() + o.payload);
		h[6] = (o.df ? 0x40 : 0) | (o.frag ? 0x20 : 0);
		h[7] = 0;
		h[8] = 1 + rng() % 255;
		h[9] = o.proto;
		for (unsigned i = 20; i < h.size(); i++)
			h[i] = 1; // no-operation options
		put16(h, 10, 0);
		put16(h, 10, checksum(h.data(), h.size()) ^ (o.bad ? 0x1111 : 0));
		f.hdr_len = h.size();
		f.nh_off = 9;
		f.df = o.df;
	}
	f.bad = o.bad;
	f.frag = o.frag;
	add_l2(rng, f.data, o.vlans, o.v6 ? 0x86dd : 0x0800);
	f.l2_len = f.data.size();
	f.data.insert(f.data.end(), h.begin(), h.end());
	for (unsigned i = 0; i < o.payload; i++)
		f.data.push_back(rng());
	f.l3_len = f.data.size() - f.l2_len;
	if (o.pad60)
		while (f.data.size() < 60)
			f.data.push_back(rng());
	return f;
}

bytes model::protect(sa &s, const frame &f)
{
	const uint8_t *l3 = f.data.data() + f.l2_len;
	bool in6 = f.kind == frame::IPV6;
	uint8_t tos = in6 ? (l3[0] << 4 | l3[1] >> 4) : l3[1];
	uint8_t hops = in6 ? l3[7] : l3[8];
	bytes out(f.data.begin(), f.data.begin() + f.l2_len);
	bytes plain(l3 + (s.tunnel ? 0 : f.hdr_len), l3 + f.l3_len);
	uint8_t next = s.tunnel ? (in6 ? 41 : 4) : l3[f.nh_off];

	for (uint8_t i = 1; (plain.size() + 2) % 4; i++)
		plain.push_back(i);
	uint8_t pad = 0;
	size_t text = s.tunnel ? f.l3_len : f.l3_len - f.hdr_len;
	pad = plain.size() - text;
	plain.push_back(pad);
	plain.push_back(next);
	unsigned esp_len = 16 + plain.size() + s.icv_len();

	size_t ip_at = out.size();
	if (s.tunnel) {
		uint8_t t = (s.dscp_copy ? tos & 0xfc : s.dscp << 2) | (s.ecn ? tos & 3 : 0);
		if (s.ttl)
			hops = s.ttl;
		put16(out, ip_at - 2, s.v6 ? 0x86dd : 0x0800);
		if (s.v6) {
			add32(out, 6u << 28 | t << 20 | s.flow);
			add32(out, esp_len << 16 | 50 << 8 | hops);
			out.insert(out.end(), s.src, s.src + 16);
			out.insert(out.end(), s.dst, s.dst + 16);
		} else {
			bool df = s.df == 0 ? f.df : s.df == 1;
			add32(out, 0x45u << 24 | t << 16 | (20 + esp_len));
			add32(out, df ? 0x4000 : (uint32_t)ip_id << 16);
			if (!df)
				ip_id++;
			add32(out, hops << 24 | 50 << 16);
			out.insert(out.end(), s.src, s.src + 4);
			out.insert(out.end(), s.dst, s.dst + 4);
			put16(out, ip_at + 10, checksum(&out[ip_at], 20));
		}
	} else {
		out.insert(out.end(), l3, l3 + f.hdr_len);
		out[ip_at + f.nh_off] = 50;
		if (in6) {
			put16(out, ip_at + 4, f.hdr_len - 40 + esp_len);
		} else {
			put16(out, ip_at + 2, f.hdr_len + esp_len);
			put16(out, ip_at + 10, 0);
			put16(out, ip_at + 10, checksum(&out[ip_at], f.hdr_len));
		}
	}

	bytes aad, nonce(s.salt, s.salt + 4);
	add32(aad, s.spi);
	if (s.esn)
		add32(aad, s.seq >> 32);
	add32(aad, s.seq);
	add32(nonce, s.seq >> 32);
	add32(nonce, s.seq);
	add32(out, s.spi);
	add32(out, s.seq);
	out.insert(out.end(), nonce.begin() + 4, nonce.end());

	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	bytes secret(plain.size() + 16), tag(16);
	int n;
	EVP_EncryptInit_ex(ctx, s.aes256 ? EVP_aes_256_gcm() : EVP_aes_128_gcm(), NULL, s.key,
			   nonce.data());
	EVP_EncryptUpdate(ctx, NULL, &n, aad.data(), aad.size());
	EVP_EncryptUpdate(ctx, secret.data(), &n, plain.data(), plain.size());
	EVP_EncryptFinal_ex(ctx, secret.data() + n, &n);
	EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, 16, tag.data());
	EVP_CIPHER_CTX_free(ctx);
	out.insert(out.end(), secret.begin(), secret.begin() + plain.size());
	out.insert(out.end(), tag.begin(), tag.begin() + s.icv_len());
	return out;
}

outcome model::send(const frame &f)
{
	outcome o = { TX_NONIP_DISCARD, 0, 0, {} };
	bytes clear(f.data.begin(), f.data.begin() + f.l2_len + f.l3_len);
	auto bypass = [&] {
		o.code = TX_BYPASSED;
		o.wire = clear;
		return o;
	};
	auto drop = [&](unsigned code) {
		o.code = code;
		return o;
	};

	if (f.terr != CODE_NONE)
		return drop(f.terr);
	if (f.data.size() < 14)
		return drop(TX_LEN_INVALID);
	if (f.kind == frame::OTHER)
		return nonip_bypass ? bypass() : o;
	if (f.kind == frame::ARP)
		return arp_bypass ? bypass() : o;
	if (f.bad)
		return drop(TX_HDR_ERROR);
	uint32_t handle = f.handle;
	if (!f.handle_valid) {
		if (f.policy.parity) // the SPD itself raises the event
			return drop(TX_PARITY);
		if (!f.policy.match)
			return drop(TX_NO_POLICY);
		if (f.policy.action == 1)
			return bypass();
		if (f.policy.action != 2)
			return drop(TX_POL_BLOCK);
		handle = f.policy.handle;
	}
	auto it = sas.find(handle & 0xffff);
	if (it != sas.end() && (it->second.status & ST_PARITY))
		return drop(TX_PARITY);
	if (it == sas.end() || it->second.handle() != handle) {
		if (f.handle_valid)
			return drop(TX_HANDLE_STALE);
		events.push_back({ EV_ACQUIRE, handle, f.policy.index });
		return drop(TX_NO_STATE);
	}
	sa &s = it->second;
	o.handle = handle;
	if (!s.tunnel && (f.frag || f.too_long))
		return drop(TX_MODE_ERROR);
	unsigned text = s.tunnel ? f.l3_len : f.l3_len - f.hdr_len;
	unsigned outer = (s.tunnel ? (s.v6 ? 40 : 20) : f.hdr_len) + 16 + (text + 5) / 4 * 4 +
			 s.icv_len();
	if ((s.mtu && outer > s.mtu) || outer + f.l2_len > 9216)
		return drop(TX_TOO_BIG);
	if (s.status & ST_HARD)
		return drop(TX_STATE_EXPIRED);
	if (s.status & ST_SEQ_STOP)
		return drop(TX_SEQ_OVERFLOW);
	bool hb = s.hard_bytes && s.bytes_done >= s.hard_bytes;
	bool hp = s.hard_packets && s.packets >= s.hard_packets;
	if (hb || hp) { // an update has set the limit below what had passed
		s.status |= ST_HARD;
		if (hb)
			events.push_back({ EV_HARD_BYTES, handle, 0 });
		if (hp)
			events.push_back({ EV_HARD_PACKETS, handle, 0 });
		return drop(TX_STATE_EXPIRED);
	}
	if (s.seq == (s.esn ? UINT64_MAX : UINT32_MAX)) {
		s.status |= ST_SEQ_STOP;
		events.push_back({ EV_SEQ_OVERFLOW, handle, 0 });
		return drop(TX_SEQ_OVERFLOW);
	}
	s.seq++;
	s.packets++;
	s.bytes_done += f.l3_len;
	if (s.soft_bytes && s.bytes_done >= s.soft_bytes && !(s.status & ST_SOFT_BYTES)) {
		s.status |= ST_SOFT_BYTES;
		events.push_back({ EV_SOFT_BYTES, handle, 0 });
	}
	if (s.hard_bytes && s.bytes_done >= s.hard_bytes) {
		s.status |= ST_HARD;
		events.push_back({ EV_HARD_BYTES, handle, 0 });
	}
	if (s.soft_packets && s.packets >= s.soft_packets && !(s.status & ST_SOFT_PACKETS)) {
		s.status |= ST_SOFT_PACKETS;
		events.push_back({ EV_SOFT_PACKETS, handle, 0 });
	}
	if (s.hard_packets && s.packets >= s.hard_packets) {
		s.status |= ST_HARD;
		events.push_back({ EV_HARD_PACKETS, handle, 0 });
	}
	o.code = TX_PROTECTED;
	o.seq = s.seq;
	o.wire = protect(s, f);
	return o;
}

bool unprotect(const sa &s, const bytes &wire, unsigned l2_len, bool v6, unsigned hdr_len,
	       uint32_t seq_high, bytes &plain, uint64_t &iv)
{
	size_t at = l2_len + (s.tunnel ? (s.v6 ? 40 : 20) : hdr_len);
	(void)v6;
	if (wire.size() < at + 16 + s.icv_len())
		return false;
	bytes aad(wire.begin() + at, wire.begin() + at + 8);
	if (s.esn) {
		bytes high;
		add32(high, seq_high);
		aad.insert(aad.begin() + 4, high.begin(), high.end());
	}
	bytes nonce(s.salt, s.salt + 4);
	nonce.insert(nonce.end(), wire.begin() + at + 8, wire.begin() + at + 16);
	iv = 0;
	for (int i = 4; i < 12; i++)
		iv = iv << 8 | nonce[i];
	bytes secret(wire.begin() + at + 16, wire.end() - s.icv_len());
	bytes tag(wire.end() - s.icv_len(), wire.end());
	plain.resize(secret.size() + 16);

	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n, m = 0;
	EVP_DecryptInit_ex(ctx, s.aes256 ? EVP_aes_256_gcm() : EVP_aes_128_gcm(), NULL, s.key,
			   nonce.data());
	EVP_DecryptUpdate(ctx, NULL, &n, aad.data(), aad.size());
	EVP_DecryptUpdate(ctx, plain.data(), &n, secret.data(), secret.size());
	EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, tag.size(), tag.data());
	bool ok = EVP_DecryptFinal_ex(ctx, plain.data() + n, &m) == 1;
	EVP_CIPHER_CTX_free(ctx);
	plain.resize(secret.size());
	return ok;
}
