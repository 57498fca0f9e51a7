// SPDX-License-Identifier: Apache-2.0
//
// esp_in: every way a frame can be dropped, with good frames before and behind;
// corrupted ICVs and ciphertexts; arbitrary damage; a full ingress.
#include "fixtures.h"

struct site {
	bench b;
	sa tun, tra; /* IPv4, tunnel and transport */
	unsigned goods = 0;

	explicit site(uint64_t seed) : b(seed)
	{
		tun = random_sa(b.r, 3);
		tra = random_sa(b.r, 4);
		for (sa *s : { &tun, &tra }) {
			s->v6 = false;
			s->src = addr(b.r, false);
			s->dst = addr(b.r, false);
			s->icv = 16;
			s->esn = false;
			s->start = 0;
			s->window = 64;
		}
		tun.tunnel = true;
		tra.tunnel = false;
		b.add(tun);
		b.add(tra);
	}
	void ok()
	{
		good(b, tun, ++tun.seq, datagram(b.r, false, b.r.below(200)), 0, false);
		good(b, tra, ++tra.seq, datagram(b.r, false, b.r.below(200)), 1, false);
		goods += 2;
	}
	ip wrap(sa &s, const bytes &p, uint8_t nh, esp_opts o = esp_opts())
	{
		ip c = carrier(s, b.r, false);
		c.payload = esp(s, ++s.seq, p, nh, b.r, o);
		return c;
	}
	void policy(const ip &d, answer a) { b.policy[selector_of(d).key()] = a; }
	void end()
	{
		ok();
		b.finish();
	}
};

static void layer2()
{
	site t(21);
	ip d = datagram(t.b.r, false, 40);
	t.ok();
	t.b.drop(frame(0, d.build()), ESPALIER_RX_FRAME_ERROR, ESPALIER_RX_FRAME_ERROR);
	t.b.drop({ 2, 0, 0, 0, 0, 1, 2, 0 }, ESPALIER_RX_FRAME_ERROR);
	t.b.drop(bytes(9300, 0), ESPALIER_RX_FRAME_ERROR);
	t.ok();
	bytes other = frame(1, d.build());
	other[5] ^= 4;
	t.b.drop(other, ESPALIER_RX_MAC_FILTER);
	t.end();
	t.b.d->promisc = 1;
	selector sel = selector_of(d);
	t.policy(d, { true, false, BYPASS, 0 });
	t.b.pass(other, ESPALIER_RX_BYPASSED, other, nullptr, &sel);
	t.end();
	t.b.d->promisc = 0;
	bytes lldp = l2(0, 0x88cc), arp = l2(0, 0x0806);
	lldp.resize(60);
	arp.resize(60);
	t.b.d->nonip_bypass = 0;
	t.b.drop(lldp, ESPALIER_RX_NONIP_DISCARD);
	t.b.pass(arp, ESPALIER_RX_BYPASSED, arp, nullptr, nullptr);
	t.end();
	t.b.d->nonip_bypass = 1;
	t.b.d->arp_bypass = 0;
	t.b.drop(arp, ESPALIER_RX_NONIP_DISCARD);
	t.b.pass(lldp, ESPALIER_RX_BYPASSED, lldp, nullptr, nullptr);
	t.end();
}

static void headers()
{
	site t(22);
	bench &b = t.b;
	ip d = datagram(b.r, false, 40);
	bytes f = d.build();
	t.ok();
	f[10] ^= 1;
	b.drop(frame(0, f), ESPALIER_RX_HDR_ERROR);
	f = d.build();
	f.resize(30);
	b.drop(frame(0, f), ESPALIER_RX_HDR_ERROR);
	// ESP: SPI 0, too short, odd lengths
	ip c = t.wrap(t.tun, d.build(), 4);
	ip z = c;
	z.payload[0] = z.payload[1] = z.payload[2] = z.payload[3] = 0;
	b.drop(frame(0, z.build()), ESPALIER_RX_HDR_ERROR);
	for (unsigned n = 0; n < 16 + 4 + 16; n++) {
		z = c;
		z.payload.resize(n);
		b.drop(frame(0, z.build()), ESPALIER_RX_HDR_ERROR);
	}
	for (unsigned n = 1; n < 4; n++) {
		z = c;
		z.payload.resize(c.payload.size() + n);
		b.drop(frame(0, z.build()), ESPALIER_RX_HDR_ERROR);
	}
	t.ok();
	// fragments
	for (unsigned frag : { 0x2000u, 0x0001u, 0x1fffu, 0x2010u }) {
		z = c;
		z.frag = frag;
		b.drop(frame(0, z.build()), ESPALIER_RX_FRAGMENT);
	}
	z = c;
	z.frag = 0x4000; // DF only
	selector sel = selector_of(d);
	t.policy(d, { true, false, PROTECT, t.tun.reqid });
	b.pass(frame(0, z.build()), ESPALIER_RX_PROTECTED, frame(0, d.build()), &t.tun, &sel);
	// no SA: other SPI, other destination, other family
	z = t.wrap(t.tun, d.build(), 4);
	z.payload[3] ^= 1;
	b.drop(frame(0, z.build()), ESPALIER_RX_NO_STATE);
	z.payload[3] ^= 1;
	z.dst[3] ^= 1;
	b.drop(frame(0, z.build()), ESPALIER_RX_NO_STATE);
	z.dst = bytes(12, 0);
	append(z.dst, t.tun.dst);
	z.src = addr(b.r, true);
	b.drop(frame(0, z.build()), ESPALIER_RX_NO_STATE);
	t.end();
	// IPv6 with a header that leaves the parse window
	sa six = random_sa(b.r, 9);
	six.v6 = true;
	six.src = addr(b.r, true);
	six.dst = addr(b.r, true);
	b.add(six);
	z = carrier(six, b.r, false);
	z.ext_nh = 0;
	z.options = bytes(32, 0);
	z.options[0] = 50;
	z.options[1] = 3;
	z.options[2] = 1;
	z.options[3] = 28;
	z.payload = esp(six, ++six.seq, d.payload, 17, b.r);
	b.drop(frame(0, z.build()), ESPALIER_RX_HDR_ERROR);
	t.end();
	CHECK(b.commits == t.goods + 1, "%u commits", b.commits);
}

static void corruption()
{
	for (unsigned icv = 8; icv <= 16; icv += 4) {
		site t(30 + icv);
		bench &b = t.b;
		sa s = random_sa(b.r, 11);
		s.tunnel = icv != 12;
		s.icv = icv;
		b.add(s);
		ip d = datagram(b.r, false, 37);
		ip c = carrier(s, b.r, false);
		for (unsigned bit = 0; bit < 8; bit += 7) {
			c.payload = esp(s, ++s.seq, s.tunnel ? d.build() : d.payload, s.tunnel ? 4 : 17, b.r);
			for (unsigned i = 8; i < c.payload.size(); i++) {
				ip z = c;
				z.payload[i] ^= 1 << bit;
				b.drop(frame(i % 3, z.build()), ESPALIER_RX_AUTH_FAILED);
				if (i % 8 == 0)
					t.ok();
			}
			for (unsigned i = 4; i < 8; i++) { // sequence number
				ip z = c;
				z.payload[i] ^= 0x10;
				b.drop(frame(0, z.build()), ESPALIER_RX_AUTH_FAILED);
			}
		}
		t.end();
		CHECK(b.commits == t.goods, "%u packets became readable, %u good ones sent", b.commits, t.goods);
		uint32_t w[32];
		b.op(ESPALIER_OP_READ, ESPALIER_TBL_SA_IN, s.slot, nullptr, w);
		CHECK(w[29] == b.counts[ESPALIER_RX_AUTH_FAILED] && w[25] == 0, "%u failures counted of %u", w[29],
		      b.counts[ESPALIER_RX_AUTH_FAILED]);
		CHECK(w[13] == (uint32_t)s.start && w[14] == s.start >> 32, "the window moved without an ICV");
		// the packet itself is still good
		selector sel;
		bytes out;
		if (s.tunnel) {
			sel = selector_of(d);
			out = frame(0, d.build());
		} else {
			ip p = c;
			p.proto = 17;
			p.payload = d.payload;
			sel = selector_of(p);
			out = frame(0, p.build());
		}
		b.policy[sel.key()] = { true, false, PROTECT, s.reqid };
		b.pass(frame(0, c.build()), ESPALIER_RX_PROTECTED, out, &s, &sel);
		t.end();
	}
}

static void inside()
{
	site t(40);
	bench &b = t.b;
	ip d = datagram(b.r, false, 40);
	t.ok();
	b.drop(frame(0, t.wrap(t.tun, random_bytes(b.r, 50), 59).build()), ESPALIER_RX_DUMMY);
	b.drop(frame(0, t.wrap(t.tra, random_bytes(b.r, 2), 59).build()), ESPALIER_RX_DUMMY);
	for (unsigned nh : { 0u, 6u, 17u, 5u, 40u, 50u, 255u })
		b.drop(frame(0, t.wrap(t.tun, d.build(), nh).build()), ESPALIER_RX_MODE_ERROR);
	// inner header malformed
	b.drop(frame(0, t.wrap(t.tun, d.build(), 41).build()), ESPALIER_RX_INNER_ERROR);
	bytes p = d.build();
	p[10] ^= 1;
	b.drop(frame(0, t.wrap(t.tun, p, 4).build()), ESPALIER_RX_INNER_ERROR);
	p = d.build();
	p.pop_back(); // longer than what is there
	b.drop(frame(0, t.wrap(t.tun, p, 4).build()), ESPALIER_RX_INNER_ERROR);
	p.resize(2);
	b.drop(frame(0, t.wrap(t.tun, p, 4).build()), ESPALIER_RX_INNER_ERROR);
	b.drop(frame(0, t.wrap(t.tun, {}, 4).build()), ESPALIER_RX_INNER_ERROR);
	b.drop(frame(0, t.wrap(t.tun, random_bytes(b.r, 2000), 4).build()), ESPALIER_RX_INNER_ERROR);
	t.ok();
	// policy
	struct {
		answer a;
		unsigned clear, secure;
	} cases[] = {
		{ { true, false, BYPASS, 0 }, 0, ESPALIER_RX_TMPL_MISMATCH },
		{ { true, false, PROTECT, 0 }, ESPALIER_RX_TMPL_MISMATCH, ESPALIER_RX_TMPL_MISMATCH },
		{ { true, false, DISCARD, 0 }, ESPALIER_RX_POL_BLOCK, ESPALIER_RX_POL_BLOCK },
		{ { false, false, DISCARD, 0 }, ESPALIER_RX_NO_POLICY, ESPALIER_RX_TMPL_MISMATCH },
		{ { true, true, DISCARD, 0 }, ESPALIER_RX_PARITY, ESPALIER_RX_PARITY },
	};
	for (auto &k : cases) {
		ip in = datagram(b.r, false, 1 + b.r.below(1000));
		k.a.reqid = t.tun.reqid ^ 1;
		t.policy(in, k.a);
		if (k.clear)
			b.drop(frame(0, in.build()), k.clear);
		b.drop(frame(0, t.wrap(t.tun, in.build(), 4).build()), k.secure);
		ip tr = carrier(t.tra, b.r, false), seen = tr;
		tr.payload = esp(t.tra, ++t.tra.seq, in.payload, 17, b.r);
		seen.proto = 17;
		seen.payload = in.payload;
		t.policy(seen, k.a);
		b.drop(frame(0, tr.build()), k.secure);
		t.ok();
	}
	// transport packets come as 5 words and are dropped: much waste in a row
	for (int i = 0; i < 40; i++) {
		ip tr = carrier(t.tra, b.r, false), seen = tr;
		tr.payload = esp(t.tra, ++t.tra.seq, random_bytes(b.r, 2 + 4 * (i % 30)), 59, b.r);
		b.drop(frame(0, tr.build()), ESPALIER_RX_DUMMY);
	}
	t.end();
}

static void replay()
{
	site t(50);
	bench &b = t.b;
	ip d = datagram(b.r, false, 40);
	selector sel = selector_of(d);
	t.policy(d, { true, false, PROTECT, t.tun.reqid });
	// copies in flight together: one is delivered, in whatever stage the others end
	for (int i = 0; i < 30; i++) {
		bytes f = frame(0, t.wrap(t.tun, d.build(), 4).build());
		b.pass(f, ESPALIER_RX_PROTECTED, frame(0, d.build()), &t.tun, &sel);
		for (int k = 0; k < 4; k++)
			b.drop(f, ESPALIER_RX_REPLAY);
	}
	b.finish();
	// a late duplicate that is wrong otherwise is still a duplicate
	bytes dummy = frame(0, t.wrap(t.tun, {}, 59).build());
	b.drop(dummy, ESPALIER_RX_DUMMY);
	b.drop(dummy, ESPALIER_RX_REPLAY);
	b.finish();
	// order within the window of 64, and left of it
	uint64_t base = t.tun.seq;
	auto one = [&](uint64_t n, bool ok) {
		ip c = carrier(t.tun, b.r, false);
		c.payload = esp(t.tun, n, d.build(), 4, b.r);
		if (ok)
			b.pass(frame(0, c.build()), ESPALIER_RX_PROTECTED, frame(0, d.build()), &t.tun, &sel);
		else
			b.drop(frame(0, c.build()), ESPALIER_RX_REPLAY);
	};
	one(base + 100, true);
	one(base + 37, true);
	one(base + 36, false);
	one(base + 37, false);
	one(base + 99, true);
	one(base + 100, false);
	b.finish();
	uint32_t w[32];
	b.op(ESPALIER_OP_READ, ESPALIER_TBL_SA_IN, t.tun.slot, nullptr, w);
	CHECK(w[28] == b.counts[ESPALIER_RX_REPLAY], "%u replays counted of %u", w[28], b.counts[ESPALIER_RX_REPLAY]);
	CHECK(w[25] == b.counts[ESPALIER_RX_PROTECTED], "%u packets counted", w[25]);
	CHECK(w[23] == 60 * b.counts[ESPALIER_RX_PROTECTED], "%u bytes counted", w[23]);
	CHECK(w[13] == base + 100, "highest number %u", w[13]);

	// arrival orders through the whole path, one after the other
	for (unsigned window : { 32u, 100u, 1000u }) {
		sa s = random_sa(b.r, 20 + window % 7);
		s.tunnel = true;
		s.esn = true;
		s.start = 0xffffff00u;
		s.window = window;
		b.add(s);
		t.policy(d, { true, false, PROTECT, s.reqid });
		uint64_t top = s.start;
		std::map<uint64_t, bool> seen;
		for (int i = 0; i < 300; i++) {
			uint64_t n = top + 1;
			if (b.r.chance(50))
				n = top + 5 - b.r.below(window + 8);
			bool ok = n > top || (top - n < window && n > s.start && !seen[n]);
			ip c = carrier(s, b.r, false);
			c.payload = esp(s, n, d.build(), 4, b.r);
			if (!ok) // the pre-check must know what the frames before it committed
				b.finish();
			// RFC 4303 appendix A: far left means the next subspace, so the ICV fails
			if (ok)
				b.pass(frame(0, c.build()), ESPALIER_RX_PROTECTED, frame(0, d.build()), &s, &sel);
			else
				b.drop(frame(0, c.build()), top - n < window ? ESPALIER_RX_REPLAY :
									       ESPALIER_RX_AUTH_FAILED);
			if (ok) {
				seen[n] = true;
				top = n > top ? n : top;
			}
			if (i % 4 == 3)
				b.finish();
			else if (!ok || b.r.chance(30))
				b.finish();
		}
		b.finish();
		b.remove(s);
	}
	// anti-replay off: everything passes
	sa s = random_sa(b.r, 30);
	s.tunnel = true;
	s.esn = false;
	s.start = 0;
	s.replay = false;
	s.window = 0;
	b.add(s);
	t.policy(d, { true, false, PROTECT, s.reqid });
	for (uint64_t n : { 1, 1, 0, 500, 2, 2, 1 }) {
		ip c = carrier(s, b.r, false);
		c.payload = esp(s, n, d.build(), 4, b.r);
		b.pass(frame(0, c.build()), ESPALIER_RX_PROTECTED, frame(0, d.build()), &s, &sel);
	}
	b.finish();
}

// Damage of every kind: nothing hangs, every frame ends once, the next is served.
static void damage(unsigned seed)
{
	site t(seed);
	bench &b = t.b;
	b.free_run = true;
	b.strict_spd = false;
	b.gap = seed % 3 * 10;
	b.stall = seed % 4 * 15;
	for (int i = 0; i < 4000; i++) {
		sa &s = b.r.chance(50) ? t.tun : t.tra;
		ip d = datagram(b.r, b.r.chance(50), b.r.below(b.r.chance(90) ? 100 : 2000));
		bytes f = b.r.chance(70) ? frame(b.r.below(3), t.wrap(s, d.build(), b.r.chance(50) ? 4 : 41).build()) :
					   frame(b.r.below(3), d.build());
		switch (b.r.below(5)) {
		case 0:
			f.resize(1 + b.r.below(f.size()));
			break;
		case 1:
			for (unsigned k = 1 + b.r.below(8); k--;)
				f[b.r.below(f.size())] ^= 1 << b.r.below(8);
			break;
		case 2:
			for (unsigned k = 1 + b.r.below(4); k--;)
				f[b.r.below(f.size() < 60 ? f.size() : 60)] = b.r.next();
			break;
		case 3:
			append(f, random_bytes(b.r, b.r.below(100)));
			break;
		default:
			f = random_bytes(b.r, 1 + b.r.below(300));
		}
		b.drop(f, 0, b.r.chance(2) ? ESPALIER_RX_FRAME_ERROR : 0x3f);
	}
	b.finish();
	CHECK(b.ended == 4000, "%u of 4000 ended", b.ended);
	b.free_run = false;
	b.strict_spd = true;
	t.tun.seq += 10000; // damaged numbers may have passed
	t.tra.seq += 10000;
	t.end();
}

static void full()
{
	site t(60);
	bench &b = t.b;
	t.ok();
	b.finish();
	// the cipher stands still: ingress fills up and drops whole frames
	b.free_run = true;
	b.d->gcm_hold = 1;
	for (int i = 0; i < 300; i++)
		good(b, t.tun, ++t.tun.seq, datagram(b.r, false, 800), 0, false);
	for (int i = 0; i < 20000 && b.wire.size(); i++)
		b.tick();
	CHECK(b.wire.empty(), "the wire was stalled");
	CHECK(b.overflows > 100 && b.overflows < 290, "%u overflows", b.overflows);
	b.d->gcm_hold = 0;
	b.finish();
	CHECK(b.counts[ESPALIER_RX_PROTECTED] + b.overflows == 302, "%u delivered, %u lost",
	      b.counts[ESPALIER_RX_PROTECTED], b.overflows);
	b.free_run = false;
	t.end();
	// dma stands still
	b.free_run = true;
	b.overflows = 0;
	b.stall = 100;
	for (int i = 0; i < 600; i++)
		good(b, t.tun, ++t.tun.seq, datagram(b.r, false, 300), 0, false);
	for (int i = 0; i < 30000 && b.wire.size(); i++)
		b.tick();
	CHECK(b.wire.empty(), "the wire was stalled");
	CHECK(b.overflows > 100, "%u overflows", b.overflows);
	b.stall = 0;
	b.finish();
	b.free_run = false;
	t.end();
	// packets larger than what is left of the verify buffer wait, none is harmed
	b.overflows = 0;
	b.stall = 100;
	for (int i = 0; i < 6; i++)
		good(b, t.tun, ++t.tun.seq, datagram(b.r, false, 8900 - i), 0, false);
	for (int i = 0; i < 6000; i++)
		b.tick();
	CHECK(b.wire.empty() && !b.overflows, "%zu frames on the wire, %u overflows", b.wire.size(), b.overflows);
	b.stall = 0;
	b.finish();
	t.end();
}

int main()
{
	layer2();
	headers();
	corruption();
	inside();
	replay();
	full();
	for (unsigned s = 70; s < 76; s++)
		damage(s);
	return check_report("esp_in_drops");
}
