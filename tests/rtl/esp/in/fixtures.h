/* SPDX-License-Identifier: Apache-2.0 */
/* Random SAs and datagrams, and the sending of a good packet with what is expected of it. */
#ifndef FIXTURES_H
#define FIXTURES_H
#include "bench.h"

static inline bytes addr(rng &r, bool v6)
{
	bytes a = random_bytes(r, v6 ? 16 : 4);
	a[0] = v6 ? 0x20 : 10;
	return a;
}

static inline ip datagram(rng &r, bool v6, unsigned payload, unsigned proto = 17)
{
	ip d;
	d.src = addr(r, v6);
	d.dst = addr(r, v6);
	d.proto = proto;
	d.id = r.next();
	// an IPv6 payload length of 0 means a jumbogram, which does not exist here
	d.payload = random_bytes(r, v6 && !payload ? 1 : payload);
	return d;
}

static inline sa random_sa(rng &r, unsigned slot)
{
	sa s;
	s.slot = slot;
	s.gen = 1 + r.below(32767);
	s.spi = 256 + (uint32_t)r.below(0xfffffff0u);
	s.reqid = r.next() & 0xffff;
	s.v6 = r.chance(50);
	s.tunnel = r.chance(50);
	s.esn = r.chance(50);
	s.icv = 8 + 4 * r.below(3);
	s.key_len = r.chance(50) ? 32 : 16;
	s.window = 32 + r.below(993);
	s.src = addr(r, s.v6);
	s.dst = addr(r, s.v6);
	bytes k = random_bytes(r, 36);
	memcpy(s.key, k.data(), 32);
	memcpy(s.salt, k.data() + 32, 4);
	static const uint64_t starts[] = { 0, 0, 0, 0xfffffff0u, 0x1fffffff8ull };
	s.start = starts[r.below(s.esn ? 5 : 3)];
	if (r.chance(20))
		s.queue = 0x100 | r.below(4);
	return s;
}

// An outer or transport header around ESP.
static inline ip carrier(const sa &s, rng &r, bool options)
{
	ip o;
	o.src = s.src;
	o.dst = s.dst;
	o.proto = 50;
	o.ttl = 1 + r.below(255);
	o.tos = r.next() & 0xfc;
	if (options && !s.v6) {
		o.options = random_bytes(r, 4 * r.below(11));
		for (auto &x : o.options)
			x = 1;
	} else if (options) {
		// hop-by-hop options of 8 or 16 bytes with padding inside
		unsigned n = r.below(2);
		o.ext_nh = 0;
		o.options = { 50, (uint8_t)n, 1, (uint8_t)(8 * n + 4) };
		o.options.resize(8 * (n + 1));
	}
	return o;
}

// Sends one good packet through `s`, expects its delivery.
static inline void good(bench &b, sa &s, uint64_t seq, const ip &inner, unsigned tags, bool options, unsigned tfc = 0,
		 esp_opts eo = esp_opts())
{
	ip o = carrier(s, b.r, options);
	selector sel;
	bytes out;
	if (s.tunnel) {
		bytes p = inner.build(), clear = p;
		p.resize(p.size() + tfc);
		o.payload = esp(s, seq, p, inner.v6() ? 41 : 4, b.r, eo);
		sel = selector_of(inner);
		out = frame(tags, clear);
	} else {
		o.payload = esp(s, seq, inner.payload, inner.proto, b.r, eo);
		ip t = o;
		t.payload = inner.payload;
		if (s.v6 && t.options.size())
			t.options[0] = inner.proto;
		else
			t.proto = inner.proto;
		if (s.v6 && !t.options.size())
			t.proto = inner.proto;
		out = frame(tags, t.build());
		t.proto = inner.proto;
		sel = selector_of(t);
	}
	b.policy[sel.key()] = { true, false, PROTECT, s.reqid };
	b.pass(frame(tags, o.build()), ESPALIER_RX_PROTECTED, out, &s, &sel);
}

static inline void clear_frame(bench &b, const ip &d, unsigned tags, bool ok = true)
{
	selector sel = selector_of(d);
	bytes f = frame(tags, d.build()), sent = f;
	if (sent.size() < 60)
		sent.resize(60); // Ethernet padding is cut off
	b.policy[sel.key()] = { true, false, ok ? BYPASS : DISCARD, 0 };
	if (ok)
		b.pass(sent, ESPALIER_RX_BYPASSED, f, nullptr, &sel);
	else
		b.drop(sent, ESPALIER_RX_POL_BLOCK);
}
#endif
