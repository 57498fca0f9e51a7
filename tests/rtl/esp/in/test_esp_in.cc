// SPDX-License-Identifier: Apache-2.0
//
// esp_in: what is delivered, and with which bytes. Packets are protected by
// OpenSSL; modes, families, ICV sizes, ESN, tags, IP options, padding, ECN.
#include <algorithm>
#include "fixtures.h"

static void first_steps()
{
	bench b(1);
	sa s;
	s.src = { 192, 0, 2, 1 };
	s.dst = { 192, 0, 2, 2 };
	memcpy(s.key, "0123456789abcdef", 16);
	b.add(s);
	good(b, s, ++s.seq, datagram(b.r, false, 64), 0, false);
	b.finish();
	clear_frame(b, datagram(b.r, false, 64), 0);
	b.finish();
	s.tunnel = false;
	s.slot = 1;
	s.spi++;
	b.add(s);
	good(b, s, ++s.seq, datagram(b.r, false, 64), 0, false);
	b.finish();
	CHECK(b.commits == 2, "%u packets committed", b.commits);
}

static void everything(unsigned seed, unsigned gap, unsigned stall, unsigned jitter)
{
	bench b(seed);
	b.gap = gap;
	b.stall = stall;
	b.spd_jitter = jitter;
	std::vector<sa> sas;
	for (unsigned i = 0; i < 40; i++) {
		sa s = random_sa(b.r, i);
		if (b.add(s))
			sas.push_back(s);
	}
	static const unsigned protos[] = { 17, 6, 1, 58, 132, 47, 4, 41 };
	unsigned total = 0;
	for (int i = 0; i < 600; i++) {
		unsigned size = b.r.chance(70) ? b.r.below(120) : b.r.chance(80) ? b.r.below(1500) : b.r.below(8900);
		if (b.r.chance(15)) {
			ip d = datagram(b.r, b.r.chance(50), size, b.r.chance(50) ? 17 : 47);
			clear_frame(b, d, b.r.below(3), b.r.chance(80));
		} else {
			sa &s = sas[b.r.below(sas.size())];
			// nothing behind an IPv6 header is an error
			unsigned least = !s.tunnel && s.v6;
			ip in = datagram(b.r, b.r.chance(50), std::max(size, least), protos[b.r.below(8)]);
			esp_opts eo;
			if (b.r.chance(20))
				eo.pad = ((2 - (s.tunnel ? in.build().size() : in.payload.size())) & 3) + 4 * b.r.below(63);
			good(b, s, ++s.seq, in, b.r.below(3), b.r.chance(30), 0, eo);
		}
		total += size;
		if (total > 6000) { // ingress holds no more at once
			b.finish();
			total = 0;
		}
	}
	b.finish();
	CHECK(!b.d->starved, "the cipher was starved");
	CHECK(!b.overflows, "%u overflows", b.overflows);
}

// Plaintexts of every length, so that ciphertext and ICV fall everywhere.
static void every_length()
{
	bench b(5);
	unsigned n = 0;
	for (unsigned v6 = 0; v6 < 2; v6++)
		for (unsigned icv = 8; icv <= 16; icv += 4)
			for (unsigned mode = 0; mode < 2; mode++) {
				sa s = random_sa(b.r, n++);
				s.v6 = v6;
				s.src = addr(b.r, v6);
				s.dst = addr(b.r, v6);
				s.icv = icv;
				s.tunnel = mode;
				if (!b.add(s))
					continue;
				for (unsigned len = 0; len < 100; len++) {
					good(b, s, ++s.seq, datagram(b.r, len & 1, len), len % 3, len % 5 == 0);
					if (len % 20 == 19)
						b.finish();
				}
			}
	CHECK(!b.d->starved, "the cipher was starved");
}

static void padding()
{
	bench b(6);
	sa s = random_sa(b.r, 0), t = random_sa(b.r, 1);
	s.tunnel = true;
	t.tunnel = false;
	b.add(s);
	b.add(t);
	for (unsigned pad = 0; pad <= 255; pad++) {
		esp_opts o;
		o.pad = pad;
		unsigned len = (2 - pad) & 3;
		ip in = datagram(b.r, false, 40 + len); // 60 + len
		good(b, s, ++s.seq, in, 0, false, 0, o);
		good(b, t, ++t.seq, in, 0, false, 0, o);
		if (pad) {
			// one wrong byte
			o.bad_pad = b.r.below(pad);
			ip c = carrier(t, b.r, false);
			c.payload = esp(t, ++t.seq, in.payload, 17, b.r, o);
			b.drop(frame(0, c.build()), ESPALIER_RX_PAD_ERROR);
		}
		if (pad % 4 == 3)
			b.finish();
	}
	// pad length beyond the plaintext
	for (unsigned len = 2; len < 60; len += 4) {
		esp_opts o;
		o.pad = 0;
		o.pad_len = len + 1;
		ip c = carrier(t, b.r, false);
		c.payload = esp(t, ++t.seq, random_bytes(b.r, len), 17, b.r, o);
		b.drop(frame(0, c.build()), ESPALIER_RX_PAD_ERROR);
	}
	b.finish();
	// ... which would be right padding, were the end of the packet before part of it
	for (unsigned k = 1; k < 10; k++) {
		esp_opts o;
		ip c = carrier(t, b.r, false), in = datagram(b.r, false, k & 3);
		o.pad = ((2 - in.payload.size()) & 3) + 4 * (1 + k / 4);
		good(b, t, ++t.seq, in, 0, false, 0, o);
		bytes more;
		for (unsigned i = 1; i <= 14; i++)
			more.push_back(o.pad + i);
		esp_opts lie;
		lie.pad = 0;
		lie.pad_len = o.pad + 14;
		c.payload = esp(t, ++t.seq, more, 17, b.r, lie);
		b.drop(frame(0, c.build()), ESPALIER_RX_PAD_ERROR);
	}
	b.finish();
	// traffic flow padding; frames behind it must still come without a gap
	for (unsigned tfc = 1; tfc < 1200; tfc += 37) {
		ip in = datagram(b.r, tfc & 1, 30 + tfc % 50);
		esp_opts o;
		o.pad = (2 - (in.build().size() + tfc)) & 3;
		good(b, s, ++s.seq, in, tfc % 3, false, tfc, o);
		good(b, s, ++s.seq, datagram(b.r, false, 700), tfc % 3, false);
		if (tfc > 300)
			b.finish();
	}
	b.finish();
}

static void ecn()
{
	bench b(7);
	sa s[4];
	for (unsigned i = 0; i < 4; i++) {
		s[i] = random_sa(b.r, i);
		s[i].tunnel = true;
		s[i].ecn = i & 1;
		s[i].v6 = i >> 1;
		s[i].src = addr(b.r, s[i].v6);
		s[i].dst = addr(b.r, s[i].v6);
		b.add(s[i]);
	}
	for (unsigned i = 0; i < 4; i++)
		for (unsigned v6 = 0; v6 < 2; v6++)
			for (unsigned inner = 0; inner < 4; inner++)
				for (unsigned outer = 0; outer < 4; outer++)
					for (unsigned dscp = 0; dscp < 256; dscp += 84) {
						ip in = datagram(b.r, v6, 32 + b.r.below(20));
						in.tos = dscp | inner;
						ip o = carrier(s[i], b.r, false);
						o.tos = (o.tos & 0xfc) | outer;
						o.payload = esp(s[i], ++s[i].seq, in.build(), v6 ? 41 : 4, b.r);
						// RFC 6040 figure 4
						static const int table[4][4] = {
							{ 0, 0, 0, -1 }, { 1, 1, 1, 3 }, { 2, 1, 2, 3 }, { 3, 3, 3, 3 }
						};
						int want = s[i].ecn ? table[inner][outer] : (int)inner;
						bytes f = frame(0, o.build());
						if (want < 0) {
							b.drop(f, ESPALIER_RX_ECN_DROP);
							continue;
						}
						in.tos = dscp | want;
						selector sel = selector_of(in);
						b.policy[sel.key()] = { true, false, PROTECT, s[i].reqid };
						b.pass(f, ESPALIER_RX_PROTECTED, frame(0, in.build()), &s[i], &sel);
					}
	b.finish();
}

static void raw_frames()
{
	bench b(8);
	for (unsigned size = 14; size < 90; size++) {
		bytes f = l2(0, 0x88cc, size & 1 ? own_mac : bytes{ 1, 0x80, 0xc2, 0, 0, 0xe });
		append(f, random_bytes(b.r, size - 14));
		b.pass(f, ESPALIER_RX_BYPASSED, f, nullptr, nullptr);
		if (size > 60) {
			bytes arp = l2(size % 3, 0x0806, { 255, 255, 255, 255, 255, 255 });
			append(arp, random_bytes(b.r, size - 20));
			b.pass(arp, ESPALIER_RX_BYPASSED, arp, nullptr, nullptr);
		}
	}
	b.finish();
}

int main()
{
	first_steps();
	raw_frames();
	every_length();
	everything(11, 0, 0, 0);
	everything(12, 30, 0, 30);
	everything(13, 0, 60, 5);
	everything(14, 10, 20, 100);
	padding();
	ecn();
	return check_report("esp_in");
}
