/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What ingress and l3_parse should say of a frame, written the obvious way
 * over bytes and offsets, and the random frames to ask them about.
 */
#ifndef FRONT_MODEL_H
#define FRONT_MODEL_H

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <vector>

typedef std::vector<uint8_t> bytes;
typedef std::array<uint8_t, 16>
	addr_t; /* as a number, most significant byte first */

enum { KIND_OTHER, KIND_IPV4, KIND_IPV6, KIND_ARP };
enum { CODE_NONE = 0x3f };

struct selector {
	unsigned v6, proto, ports_ok, sport, dport;
	addr_t src, dst;
};

struct l3 {
	unsigned kind, bad, len, hdr_len, nh_off, too_long, frag, df, tos, ttl,
		id, flow;
	uint32_t word0, word1;
	uint64_t iv; /* stream order: first byte least significant */
	selector sel;
};

struct frame_rec {
	unsigned code, ip, frame_len, l2_words, data_len;
	std::array<uint8_t, 24> l2;
	struct l3 l3;
};

/* Reads the fields of a packed structure, first (most significant) field first.
 */
class unpack
{
	const uint32_t *w;
	int at;

      public:
	unpack(const uint32_t *words, int width) : w(words), at(width)
	{
	}
	uint64_t get(int n)
	{
		uint64_t v = 0;
		for (int i = 0; i < n; i++) {
			at--;
			v = v << 1 | (w[at / 32] >> (at % 32) & 1);
		}
		return v;
	}
	addr_t addr()
	{
		addr_t a;
		for (auto &b : a)
			b = get(8);
		return a;
	}
	bool done() const
	{
		return at == 0;
	}
};

const int L3_W = 511, FRAME_W = 230 + L3_W;

inline l3 unpack_l3(unpack &u)
{
	l3 r;
	r.kind = u.get(2);
	r.bad = u.get(1);
	r.len = u.get(14);
	r.hdr_len = u.get(7);
	r.nh_off = u.get(6);
	r.too_long = u.get(1);
	r.frag = u.get(1);
	r.df = u.get(1);
	r.tos = u.get(8);
	r.ttl = u.get(8);
	r.id = u.get(16);
	r.flow = u.get(20);
	r.word0 = u.get(32);
	r.word1 = u.get(32);
	r.iv = u.get(64);
	r.sel.v6 = u.get(1);
	r.sel.src = u.addr();
	r.sel.dst = u.addr();
	r.sel.proto = u.get(8);
	r.sel.ports_ok = u.get(1);
	r.sel.sport = u.get(16);
	r.sel.dport = u.get(16);
	return r;
}

inline frame_rec unpack_frame(const uint32_t *w)
{
	unpack u(w, FRAME_W);
	frame_rec f;
	f.code = u.get(6);
	f.ip = u.get(1);
	f.frame_len = u.get(14);
	f.l2_words = u.get(3);
	for (int i = 23; i >= 0; i--)
		f.l2[i] = u.get(8);
	f.data_len = u.get(14);
	f.l3 = unpack_l3(u);
	if (!u.done())
		abort();
	return f;
}

/* ---------------------------------------------------------------- the model */

inline unsigned be16(const bytes &b, size_t o)
{
	return b[o] << 8 | b[o + 1];
}
inline uint32_t be32(const bytes &b, size_t o)
{
	return be16(b, o) << 16 | be16(b, o + 2);
}

inline bool is_ext(unsigned nh)
{
	return nh == 0 || nh == 43 || nh == 44 || nh == 60 || nh == 135 ||
	       nh == 139 || nh == 140;
}

/* d: the datagram and whatever follows it in the frame */
inline l3 model_l3(const bytes &d, unsigned kind)
{
	l3 r = {};
	size_t up;
	bool later = false;

	r.kind = kind;
	r.len = d.size();
	if (kind != KIND_IPV4 && kind != KIND_IPV6)
		return r;
	r.bad = 1;
	if (kind == KIND_IPV4) {
		if (d.size() < 20)
			return r;
		unsigned ihl = d[0] & 15, total = be16(d, 2), sum = 0;
		if (d[0] >> 4 != 4 || ihl < 5 || total < 4 * ihl ||
		    total > d.size())
			return r;
		r.len = total;
		for (unsigned i = 0; i < 4 * ihl; i += 2) {
			sum += be16(d, i);
			sum = (sum & 0xffff) + (sum >> 16);
		}
		if (sum != 0xffff)
			return r;
		r.bad = 0;
		up = r.hdr_len = 4 * ihl;
		r.nh_off = 9;
		r.sel.proto = d[9];
		later = be16(d, 6) & 0x1fff;
		r.frag = later || (d[6] & 0x20);
		r.df = d[6] >> 6 & 1;
		r.tos = d[1];
		r.ttl = d[8];
		r.id = be16(d, 4);
		memcpy(&r.sel.src[12], &d[12], 4);
		memcpy(&r.sel.dst[12], &d[16], 4);
	} else {
		if (d.size() < 40 || d[0] >> 4 != 6 || be16(d, 4) == 0 ||
		    be16(d, 4) + 40u > d.size())
			return r;
		r.len = be16(d, 4) + 40;
		r.tos = be16(d, 0) >> 4 & 0xff;
		r.flow = be32(d, 0) & 0xfffff;
		r.ttl = d[7];
		r.sel.v6 = 1;
		memcpy(&r.sel.src[0], &d[8], 16);
		memcpy(&r.sel.dst[0], &d[24], 16);
		unsigned nh = d[6], off = 6, esp_off = 6;
		size_t esp_at = 40;
		up = 40;
		while (is_ext(nh) && !later) {
			size_t at = up;
			if (at + 8 > 64) {
				r.too_long = 1;
				break;
			}
			if (at + 8 > r.len)
				return r;
			unsigned was = nh;
			up += was == 44 ? 8 : 8 * (1 + d[at + 1]);
			off = at;
			nh = d[at];
			if (was == 44) {
				later = be16(d, at + 2) >> 3;
				if (later || (d[at + 3] & 1))
					r.frag = 1;
			}
			if (was == 0 || was == 43 || was == 44) {
				esp_at = up;
				esp_off = off;
			}
		}
		if (up > r.len)
			return r;
		if (up > 64)
			r.too_long = 1;
		if (nh == 50) {
			esp_at = up;
			esp_off = off;
		}
		r.bad = 0;
		r.sel.proto = nh;
		r.hdr_len = esp_at > 120 ? 120 : esp_at;
		r.nh_off = esp_off;
	}
	if (up <= 64) {
		size_t n = r.len - up;
		if (n >= 4)
			r.word0 = be32(d, up);
		if (n >= 8)
			r.word1 = be32(d, up + 4);
		if (n >= 16)
			for (int i = 7; i >= 0; i--)
				r.iv = r.iv << 8 | d[up + 8 + i];
		if (!later && !r.too_long)
			switch (r.sel.proto) {
			case 6:
			case 17:
			case 33:
			case 132:
			case 136:
				if (n >= 4) {
					r.sel.ports_ok = 1;
					r.sel.sport = be16(d, up);
					r.sel.dport = be16(d, up + 2);
				}
				break;
			case 1:
			case 58:
				if (n >= 2) {
					r.sel.ports_ok = 1;
					r.sel.sport = d[up];
					r.sel.dport = d[up + 1];
				}
				break;
			}
	}
	return r;
}

inline bool is_tag(unsigned t)
{
	return t == 0x8100 || t == 0x88a8;
}
inline unsigned kind_of(unsigned t)
{
	return t == 0x0800   ? KIND_IPV4
	       : t == 0x86dd ? KIND_IPV6
	       : t == 0x0806 ? KIND_ARP
			     : KIND_OTHER;
}

inline frame_rec model_frame(const bytes &f, unsigned err, unsigned short_code,
			     bytes &data)
{
	frame_rec r = {};
	size_t l2 = 14;
	unsigned kind = KIND_OTHER;

	data.clear();
	r.code = err;
	r.frame_len = f.size();
	if (r.code == CODE_NONE && (f.size() < 14 || f.size() > 9216))
		r.code = short_code;
	if (r.code != CODE_NONE)
		return r;
	for (size_t tags = 0; tags <= 2; tags++) {
		size_t o = 12 + 4 * tags;
		if (o + 2 > f.size())
			break;
		if (!is_tag(be16(f, o))) {
			kind = kind_of(be16(f, o));
			if (kind != KIND_OTHER)
				l2 = o + 2;
			break;
		}
	}
	r.l2_words = (l2 + 2) / 4;
	memcpy(&r.l2[2], &f[0], l2);
	data.assign(f.begin() + l2, f.end());
	r.l3 = model_l3(data, kind);
	r.ip = (r.l3.kind == KIND_IPV4 || r.l3.kind == KIND_IPV6) && !r.l3.bad;
	r.data_len = r.l3.len;
	data.resize(r.data_len);
	return r;
}

/* ------------------------------------------------------------------ compare */

inline bool differ(const char *field, uint64_t a, uint64_t b, std::string &why)
{
	char s[120];
	if (a == b)
		return false;
	snprintf(s, sizeof s, " %s=%llx want %llx", field,
		 (unsigned long long)a, (unsigned long long)b);
	why += s;
	return true;
}

#define DIFF(f) bad_ |= differ(#f, got.f, want.f, why)

inline bool same_l3(const l3 &got, const l3 &want, std::string &why)
{
	bool bad_ = false;
	DIFF(kind);
	DIFF(bad);
	DIFF(len);
	if (want.bad)
		return !bad_;
	DIFF(hdr_len);
	DIFF(nh_off);
	DIFF(too_long);
	DIFF(frag);
	DIFF(df);
	DIFF(tos);
	DIFF(ttl);
	DIFF(id);
	DIFF(flow);
	DIFF(word0);
	DIFF(word1);
	DIFF(iv);
	DIFF(sel.v6);
	DIFF(sel.proto);
	DIFF(sel.ports_ok);
	DIFF(sel.sport);
	DIFF(sel.dport);
	bad_ |= differ("src", got.sel.src != want.sel.src, 0, why);
	bad_ |= differ("dst", got.sel.dst != want.sel.dst, 0, why);
	return !bad_;
}

inline bool same_frame(const frame_rec &got, const frame_rec &want,
		       std::string &why)
{
	bool bad_ = false;
	DIFF(code);
	DIFF(ip);
	DIFF(frame_len);
	DIFF(data_len);
	if (want.code == CODE_NONE) {
		DIFF(l2_words);
		bad_ |= differ("l2", got.l2 != want.l2, 0, why);
		bad_ |= !same_l3(got.l3, want.l3, why);
	}
	return !bad_;
}
#undef DIFF

/* ------------------------------------------------------------ random frames */

class maker
{
	std::mt19937 rng;

      public:
	explicit maker(uint32_t seed) : rng(seed)
	{
	}
	unsigned below(unsigned n)
	{
		return rng() % n;
	}
	bool chance(unsigned in256)
	{
		return below(256) < in256;
	}

	void put16(bytes &b, size_t o, unsigned v)
	{
		if (o + 1 < b.size()) {
			b[o] = v >> 8;
			b[o + 1] = v;
		}
	}

	/* how many bytes behind the headers */
	size_t payload()
	{
		switch (below(8)) {
		case 0:
			return below(4);
		case 1:
			return below(9200);
		case 2:
			return below(1500);
		default:
			return below(120);
		}
	}

	bytes fill(size_t n)
	{
		bytes b(n);
		for (auto &x : b)
			x = rng();
		return b;
	}

	unsigned proto()
	{
		static const uint8_t p[] = { 1,	 6,   17,  33, 50, 51, 58,
					     59, 132, 136, 4,  41, 89 };
		return chance(240) ? p[below(sizeof p)] : below(256);
	}

	bytes ipv4()
	{
		unsigned ihl = chance(128) ? 5 : 5 + below(11);
		bytes b = fill(4 * ihl + payload());
		unsigned frag = chance(180)   ? 0
				: chance(128) ? below(0x2000)
					      : 0x2000;

		b[0] = 0x40 | ihl;
		put16(b, 2, b.size());
		put16(b, 6, frag | (chance(128) ? 0x4000 : 0));
		b[9] = proto();
		b[10] = b[11] = 0;
		if (chance(8)) /* not version 4 or too short a header */
			b[0] = rng();
		if (chance(12))
			put16(b, 2,
			      chance(128) ? below(65536) : below(2 * b.size()));
		uint32_t sum = 0;
		for (unsigned i = 0; i < 4 * ihl; i += 2)
			sum += be16(b, i);
		sum = (sum & 0xffff) + (sum >> 16);
		sum += sum >> 16;
		put16(b, 10, ~sum & 0xffff);
		if (chance(12))
			b[below(4 * ihl)] ^= 1 << below(8);
		return b;
	}

	bytes ipv6()
	{
		static const uint8_t e[] = { 0, 43, 44, 60, 135, 139, 140 };
		bytes b = fill(40), tail = fill(payload());
		size_t name = 6;

		b[0] = 0x60 | (b[0] & 15);
		while (chance(130) && b.size() < 120) {
			unsigned nh = e[below(sizeof e)];
			unsigned len = chance(200)   ? below(2)
				       : chance(200) ? below(4)
						     : below(256);
			size_t at = b.size();
			b[name] = nh;
			bytes x = fill(nh == 44 ? 8 : 8 * (1 + len));
			x[1] = len;
			if (nh == 44) {
				x[1] = rng(); /* reserved */
				unsigned how = below(4);
				put16(x, 2,
				      how == 0	 ? rng() & 0xfffe & 7
				      : how == 1 ? 1
				      : how == 2 ? 6
						 : below(65536));
			}
			b.insert(b.end(), x.begin(), x.end());
			name = at;
		}
		b[name] = proto();
		b.insert(b.end(), tail.begin(), tail.end());
		if (b.size() > 9200)
			b.resize(9200);
		put16(b, 4, b.size() - 40);
		if (chance(8))
			b[0] = rng();
		if (chance(12))
			put16(b, 4,
			      chance(80)    ? 0
			      : chance(128) ? below(65536)
					    : below(b.size()));
		return b;
	}

	bytes datagram(unsigned &kind)
	{
		bytes b;
		switch (below(8)) {
		case 0:
			kind = KIND_OTHER;
			b = fill(payload());
			break;
		case 1:
			kind = KIND_ARP;
			b = fill(28);
			break;
		case 2:
		case 3:
		case 4:
			kind = KIND_IPV4;
			b = ipv4();
			break;
		default:
			kind = KIND_IPV6;
			b = ipv6();
		}
		if (chance(10) && b.size())
			b.resize(below(b.size())); /* cut off */
		return b;
	}

	bytes frame()
	{
		unsigned kind, tags = chance(128) ? 0 : below(4), type;
		bytes d = datagram(kind), f = fill(12);
		for (unsigned i = 0; i < tags; i++) {
			bytes t = fill(4);
			put16(t, 0, chance(128) ? 0x8100 : 0x88a8);
			f.insert(f.end(), t.begin(), t.end());
		}
		type = kind == KIND_IPV4   ? 0x0800
		       : kind == KIND_IPV6 ? 0x86dd
		       : kind == KIND_ARP  ? 0x0806
					   : below(65536);
		f.push_back(type >> 8);
		f.push_back(type);
		f.insert(f.end(), d.begin(), d.end());
		if (f.size() < 60 && chance(200)) { /* Ethernet padding */
			bytes p = fill(60 - f.size());
			f.insert(f.end(), p.begin(), p.end());
		} else if (chance(20)) {
			bytes p = fill(below(64));
			f.insert(f.end(), p.begin(), p.end());
		}
		if (chance(10))
			f.resize(1 + below(f.size() < 40 ? f.size() : 40));
		if (chance(2)) {
			bytes p = fill(9300 + below(9000));
			f.insert(f.end(), p.begin(), p.end());
		}
		return f;
	}
};

#endif
