// SPDX-License-Identifier: Apache-2.0
//
// esp_out against the model in out_model.cc.
#include <cstdio>
#include <cstring>
#include <set>

#include "out_bench.h"

namespace {

int passed, failed;

void check(bool ok, const std::string &name)
{
	if (ok) {
		passed++;
	} else {
		failed++;
		printf("not ok: %s\n", name.c_str());
	}
}

void dump(const char *what, const bytes &b)
{
	printf("%s (%zu):", what, b.size());
	for (size_t i = 0; i < b.size() && i < 160; i++)
		printf("%s%02x", i % 16 ? "" : " ", b[i]);
	printf("\n");
}

// Runs the frames through both and compares everything that can be seen.
bool compare(bench &b, model &m, std::vector<frame> frames)
{
	size_t w0 = b.wire.size(), e0 = b.ends.size(), v0 = b.events.size(), mv0 = m.events.size();
	std::vector<outcome> want;
	for (size_t i = 0; i < frames.size(); i++) {
		frames[i].index = i & 0xffff;
		frames[i].qid = i * 7 & 0xff;
		want.push_back(m.send(frames[i]));
		b.send(frames[i]);
	}
	if (!b.run(20000 + 2000 * frames.size()))
		return false;
	size_t w = w0;
	for (size_t i = 0; i < frames.size(); i++) {
		const outcome &o = want[i];
		const end &e = b.ends[e0 + i];
		if (e.index != frames[i].index || e.qid != frames[i].qid || e.code != o.code ||
		    e.handle != o.handle || e.seq != o.seq || e.wire_len != o.wire.size()) {
			printf("frame %zu ends with code %02x handle %x seq %x len %u; want %02x %x %x %zu\n",
			       i, e.code, e.handle, e.seq, e.wire_len, o.code, o.handle, o.seq,
			       o.wire.size());
			return false;
		}
		if (o.wire.empty())
			continue;
		if (w >= b.wire.size() || b.wire[w] != o.wire) {
			printf("frame %zu is not what it should be\n", i);
			dump("in  ", frames[i].data);
			dump("got ", w < b.wire.size() ? b.wire[w] : bytes());
			dump("want", o.wire);
			return false;
		}
		w++;
	}
	if (w != b.wire.size()) {
		printf("more frames on the wire than there should be\n");
		return false;
	}
	std::vector<event> got(b.events.begin() + v0, b.events.end()),
		wanted(m.events.begin() + mv0, m.events.end());
	if (!(got == wanted)) {
		printf("%zu events, want %zu\n", got.size(), wanted.size());
		for (auto &e : got)
			printf("  got %u %x %x\n", e.type, e.handle, e.info);
		for (auto &e : wanted)
			printf("  want %u %x %x\n", e.type, e.handle, e.info);
		return false;
	}
	return b.errors == 0;
}

bool same_state(bench &b, const sa &s)
{
	uint32_t w[32];
	s.entry(w);
	if (b.table(1, s.slot) != ((s.status & ST_PARITY) ? 6u : 0u))
		return false;
	w[23] = s.bytes_done;
	w[24] = s.bytes_done >> 32;
	w[25] = s.packets;
	w[26] = s.packets >> 32;
	w[27] = s.status;
	for (int i = 0; i < 32; i++) {
		if (w[i] != b.rdata[i]) {
			printf("entry word %d is %08x, want %08x\n", i, b.rdata[i], w[i]);
			return false;
		}
	}
	return true;
}

frame random_ip(std::mt19937 &rng, unsigned max)
{
	ip_options o;
	o.v6 = rng() & 1;
	o.vlans = rng() % 3;
	o.payload = rng() % 4 ? rng() % 100 : rng() % max;
	o.opt_words = rng() % 3 ? 0 : rng() % 11;
	o.hop = rng() % 4 == 0;
	o.routing = rng() % 4 == 0;
	o.dest = rng() % 4 == 0;
	o.df = rng() & 1;
	o.pad60 = rng() & 1;
	o.proto = rng() & 1 ? 17 : 6;
	if (o.v6 && o.payload == 0)
		o.payload = 1;
	return make_ip(rng, o);
}

void setup(bench &b, model &m, std::mt19937 &rng, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		sa s = make_sa(rng, i * 5 % 256);
		m.sas[s.slot] = s;
		if (b.add(s) != 0)
			check(false, "OP_ADD in setup");
	}
}

uint32_t any_handle(const model &m, std::mt19937 &rng)
{
	auto it = m.sas.begin();
	std::advance(it, rng() % m.sas.size());
	return it->second.handle();
}

void test_random(uint32_t seed, unsigned in_stall, unsigned out_stall, unsigned done_stall,
		 unsigned latency)
{
	std::mt19937 rng(seed);
	bench b(seed);
	model m;
	b.in_stall = in_stall;
	b.out_stall = out_stall;
	b.done_stall = done_stall;
	b.spd_latency = latency;
	b.spd_retry = seed % 3 ? 0 : 80;
	m.nonip_bypass = seed & 1;
	m.arp_bypass = true;
	b.top->cfg_nonip_bypass = m.nonip_bypass;
	b.top->cfg_arp_bypass = m.arp_bypass;
	setup(b, m, rng, 24);
	std::vector<frame> frames;
	for (int i = 0; i < 600; i++) {
		frame f = random_ip(rng, 3000);
		f.handle_valid = rng() & 1;
		f.handle = any_handle(m, rng);
		f.policy.handle = any_handle(m, rng);
		f.policy.index = rng() & 255;
		switch (rng() % 40) {
		case 0:
			f.policy.match = false;
			break;
		case 1:
		case 2:
		case 3:
			f.policy.action = 1;
			break;
		case 4:
			f.policy.action = 0;
			break;
		case 5:
			f.handle ^= 0x10000;
			f.policy.handle ^= 0x20000;
			break;
		case 6:
			f = make_other(rng, 0x0806, 28 + rng() % 20, rng() % 3);
			break;
		case 7:
			f = make_other(rng, 0x88cc, rng() % 200, rng() % 3);
			break;
		case 8:
			f.terr = TX_DMA_ERROR;
			break;
		case 9: {
			ip_options o;
			o.frag = true;
			o.v6 = rng() & 1;
			frame g = make_ip(rng, o);
			g.handle_valid = true;
			g.handle = f.handle;
			f = g;
			break;
		}
		}
		frames.push_back(f);
	}
	char name[96];
	snprintf(name, sizeof(name), "random frames, seed %u, stalls %u %u %u, lookup %u", seed,
		 in_stall, out_stall, done_stall, latency);
	bool ok = compare(b, m, frames);
	for (auto &e : m.sas)
		ok = ok && same_state(b, e.second);
	uint64_t n = 0;
	for (unsigned i = 0; i < 64; i++)
		n += b.stat_count[i];
	check(ok, name);
	check(b.max_gap == 0, "no bubble inside a frame");
	check(n == 600 && b.in_count == 600, "counts add up");
}

// Every length around the word boundaries in every mode, ICV size and number
// of VLAN tags, decrypted with OpenSSL.
void test_lengths()
{
	std::mt19937 rng(7);
	bench b(7);
	model m;
	unsigned slot = 0;
	bool ok = true, plain_ok = true;
	for (int tunnel = 0; tunnel < 2; tunnel++)
		for (int out6 = 0; out6 <= tunnel; out6++)
			for (int esn = 0; esn < 2; esn++)
				for (unsigned icv = 0; icv < 3; icv++) {
					sa s = make_sa(rng, slot++);
					s.tunnel = tunnel;
					s.v6 = out6;
					s.esn = esn;
					s.icv = icv;
					s.seq = esn ? 0x1fffffff0ull : 5;
					m.sas[s.slot] = s;
					ok = ok && b.add(s) == 0;
				}
	for (auto &it : m.sas) {
		std::vector<frame> frames;
		sa before = it.second;
		for (int in6 = 0; in6 < 2; in6++)
			for (unsigned len = in6; len < 53; len++)
				for (int kind = 0; kind < 3; kind++) {
					ip_options o;
					o.v6 = in6;
					o.vlans = kind;
					o.payload = len;
					o.opt_words = kind ? rng() % 11 : 0;
					o.hop = kind == 1;
					o.routing = kind == 2;
					o.dest = rng() & 1;
					frame f = make_ip(rng, o);
					f.handle_valid = true;
					f.handle = it.second.handle();
					frames.push_back(f);
				}
		size_t w0 = b.wire.size();
		ok = ok && compare(b, m, frames);
		for (size_t i = 0; i < frames.size() && w0 + i < b.wire.size(); i++) {
			bytes plain;
			uint64_t iv, n = before.seq + 1 + i;
			const frame &f = frames[i];
			if (!unprotect(before, b.wire[w0 + i], f.l2_len, f.kind == frame::IPV6,
				       f.hdr_len, n >> 32, plain, iv) ||
			    iv != n) {
				plain_ok = false;
				break;
			}
			unsigned from = f.l2_len + (before.tunnel ? 0 : f.hdr_len);
			size_t pad = plain[plain.size() - 2];
			bytes text(plain.begin(), plain.end() - 2 - pad);
			bytes sent(f.data.begin() + from, f.data.begin() + f.l2_len + f.l3_len);
			if (text != sent || plain.size() % 4)
				plain_ok = false;
		}
	}
	check(ok, "all lengths 0..52, all modes, ICVs, tags, options: equal to the model");
	check(plain_ok, "all of them decrypt with OpenSSL to what was sent");
}

// Cycles from the first to the last word on the wire, less what the frames
// themselves take.
int64_t bubbles(bench &b, size_t from)
{
	uint64_t n = 0;
	for (size_t i = from; i < b.wire.size(); i++)
		n += (b.wire[i].size() + 15) / 16;
	return b.wire_cycles.back().second + 1 - b.wire_cycles[from].first - n;
}

void test_cycles()
{
	struct {
		const char *name;
		unsigned lo, hi;
		int tunnel, out6, in6, vlans, icv;
		bool same, policy, mixed;
	} cases[] = {
		{ "smallest tunnel packets", 0, 0, 1, 0, 0, 0, 0, false, false, false },
		{ "smallest tunnel packets, one SA", 0, 0, 1, 0, 0, 0, 0, true, false, false },
		{ "smallest transport packets, ICV 16", 1, 1, 0, 0, 0, 0, 0, false, false, false },
		{ "smallest transport packets, ICV 8", 1, 1, 0, 0, 0, 0, 2, false, false, false },
		{ "smallest transport packets, ICV 8, one SA", 1, 1, 0, 0, 0, 0, 2, true, false, false },
		{ "smallest transport packets, by policy", 1, 1, 0, 0, 0, 0, 0, false, true, false },
		{ "6in6 smallest", 1, 1, 1, 1, 1, 0, 2, false, false, false },
		{ "4in6 smallest", 0, 0, 1, 1, 0, 0, 2, false, false, false },
		{ "6in4 smallest", 1, 1, 1, 0, 1, 0, 2, false, false, false },
		{ "transport v6 smallest", 1, 1, 0, 0, 1, 0, 2, false, false, false },
		{ "VLAN tunnel smallest", 0, 0, 1, 0, 0, 1, 2, false, false, false },
		{ "QinQ transport smallest", 1, 1, 0, 0, 0, 2, 2, false, false, false },
		{ "tunnel, 1 to 100 bytes", 1, 100, 1, 0, 0, 0, 0, false, false, false },
		{ "tunnel, 1 to 1500 bytes", 1, 1500, 1, 0, 0, 0, 0, false, true, false },
		{ "transport, 1 to 100 bytes", 1, 100, 0, 0, 0, 0, 0, false, false, false },
		{ "tunnel, 1400 bytes", 1400, 1400, 1, 0, 0, 0, 0, false, false, false },
		{ "tunnel and clear, 1 to 300 bytes", 1, 300, 1, 0, 0, 0, 0, false, true, true },
		{ "transport and clear, 1 to 40 bytes", 1, 40, 0, 0, 0, 1, 2, false, true, true },
	};
	for (auto &c : cases) {
		std::mt19937 rng(3);
		bench b(3);
		model m;
		for (unsigned i = 0; i < 64; i++) {
			sa s = make_sa(rng, i);
			s.tunnel = c.tunnel;
			s.v6 = c.out6;
			s.icv = c.icv;
			m.sas[i] = s;
			b.add(s);
		}
		std::vector<frame> frames;
		for (unsigned i = 0; i < 400; i++) {
			ip_options o;
			o.v6 = c.in6;
			o.vlans = c.vlans;
			o.payload = c.lo + (c.hi > c.lo ? rng() % (c.hi - c.lo + 1) : 0);
			frame f = make_ip(rng, o);
			f.handle_valid = !c.policy;
			f.handle = m.sas[c.same ? 5 : i % 64].handle();
			f.policy.handle = f.handle;
			if (c.mixed && rng() % 2)
				f.policy.action = 1;
			frames.push_back(f);
		}
		bool ok = compare(b, m, frames);
		int64_t n = bubbles(b, 100);
		if (n)
			printf("# %s: %lld lost cycles\n", c.name, (long long)n);
		check(ok, std::string(c.name) + ": right");
		check(n == 0, std::string(c.name) + ": ceil(frame/16) cycles each, steady state");
		check(b.max_gap == 0, std::string(c.name) + ": no bubble inside a frame");
	}
}

void test_latency()
{
	for (unsigned len : { 64u, 1420u }) {
		std::mt19937 rng(5);
		bench b(5);
		model m;
		sa s = make_sa(rng, 3);
		s.tunnel = true;
		s.v6 = false;
		m.sas[3] = s;
		b.add(s);
		ip_options o;
		o.payload = len - 20;
		frame f = make_ip(rng, o);
		f.policy.handle = s.handle();
		bool ok = compare(b, m, { f });
		check(ok, "latency frame");
		printf("# latency, %u byte datagram, tunnel: first word in to first word out %llu, "
		       "last word in to first word out %llu cycles\n",
		       len, (unsigned long long)(b.wire_cycles[0].first - b.in_first[0]),
		       (unsigned long long)(b.wire_cycles[0].first - b.in_first[0] -
					    (f.data.size() + 15) / 16 + 1));
	}
}

void test_codes()
{
	std::mt19937 rng(11);
	bench b(11);
	model m;
	sa s = make_sa(rng, 9), t = make_sa(rng, 10);
	s.tunnel = true;
	s.v6 = false;
	s.mtu = 600;
	t.tunnel = false;
	m.sas[9] = s;
	m.sas[10] = t;
	b.add(s);
	b.add(t);
	ip_options small;
	frame f = make_ip(rng, small);
	f.policy.handle = s.handle();
	f.policy.index = 77;
	auto one = [&](const char *name, frame g, unsigned code) {
		model copy = m;
		check(copy.send(g).code == code, std::string(name) + ": the model agrees");
		check(compare(b, m, { g, f }), name);
		check(b.ends[b.ends.size() - 2].code == code, std::string(name) + ": code");
	};
	frame g = f;
	g.terr = TX_DMA_ERROR;
	one("TX_DMA_ERROR", g, TX_DMA_ERROR);
	g = f;
	g.data.resize(10);
	g.kind = frame::OTHER;
	one("TX_LEN_INVALID", g, TX_LEN_INVALID);
	g = f;
	g.handle_valid = true;
	g.handle = s.handle() ^ 0x10000;
	one("TX_HANDLE_STALE, generation", g, TX_HANDLE_STALE);
	g.handle = s.handle() ^ 1;
	one("TX_HANDLE_STALE, free slot", g, TX_HANDLE_STALE);
	g.handle = s.handle() | 0x80000000;
	one("TX_HANDLE_STALE, direction", g, TX_HANDLE_STALE);
	g.handle = s.handle() | 0x8000;
	one("TX_HANDLE_STALE, slot beyond the table", g, TX_HANDLE_STALE);
	g = f;
	g.policy.action = 0;
	one("TX_POL_BLOCK", g, TX_POL_BLOCK);
	g.policy.action = 3;
	one("TX_POL_BLOCK, undefined action", g, TX_POL_BLOCK);
	g = f;
	g.policy.match = false;
	one("TX_NO_POLICY", g, TX_NO_POLICY);
	g = f;
	g.policy.parity = true;
	one("TX_PARITY of the SPD", g, TX_PARITY);
	g = f;
	g.policy.handle = 0x00050011;
	one("TX_NO_STATE and EV_ACQUIRE", g, TX_NO_STATE);
	ip_options o = small;
	o.bad = true;
	one("TX_HDR_ERROR, IPv4", make_ip(rng, o), TX_HDR_ERROR);
	o.v6 = true;
	one("TX_HDR_ERROR, IPv6", make_ip(rng, o), TX_HDR_ERROR);
	for (int v6 = 0; v6 < 2; v6++) {
		o = small;
		o.v6 = v6;
		o.frag = true;
		g = make_ip(rng, o);
		g.policy.handle = t.handle();
		one("TX_MODE_ERROR, fragment", g, TX_MODE_ERROR);
		g.policy.handle = s.handle();
		one("fragment in a tunnel", g, TX_PROTECTED);
	}
	o = small;
	o.v6 = o.hop = o.routing = o.dest = true;
	g = make_ip(rng, o);
	g.policy.handle = t.handle();
	one("transport behind hop-by-hop and routing header", g, TX_PROTECTED);
	{
		// a hop-by-hop header of 40 bytes: beyond the window
		o = small;
		o.v6 = o.hop = true;
		o.payload = 100;
		g = make_ip(rng, o);
		g.data[g.l2_len + 41] = 4;
		g.too_long = true;
		g.policy.handle = t.handle();
		one("TX_MODE_ERROR, header too long", g, TX_MODE_ERROR);
	}
	// outer length: 20 + 16 + padded + ICV
	for (unsigned outer = 596; outer <= 604; outer += 4) {
		o = small;
		o.payload = outer - 36 - s.icv_len() - 2 - 20;
		g = make_ip(rng, o);
		g.policy.handle = s.handle();
		one("path MTU", g, outer > 600 ? TX_TOO_BIG : TX_PROTECTED);
	}
	m.sas[9].mtu = 0;
	uint32_t w[32];
	m.sas[9].entry(w);
	check(b.table(3, 9, w) == 0, "OP_UPDATE of the MTU");
	for (unsigned len : { 9216u - 14 - 36 - s.icv_len() - 2, 9216u - 14 - 36 - s.icv_len() + 2,
			      9216u - 14 }) {
		o = small;
		o.payload = len / 4 * 4 + 2 - 20;
		while (o.payload + 34 > 9216)
			o.payload--;
		g = make_ip(rng, o);
		g.policy.handle = s.handle();
		unsigned wire = 14 + 36 + (o.payload + 20 + 5) / 4 * 4 + s.icv_len();
		one("largest frame", g, wire > 9216 ? TX_TOO_BIG : TX_PROTECTED);
	}
	for (unsigned i = 0; i < 4; i++) {
		m.arp_bypass = i & 1;
		m.nonip_bypass = i >> 1;
		b.top->cfg_arp_bypass = m.arp_bypass;
		b.top->cfg_nonip_bypass = m.nonip_bypass;
		one("ARP", make_other(rng, 0x0806, 28), i & 1 ? TX_BYPASSED : TX_NONIP_DISCARD);
		one("not IP", make_other(rng, 0x88cc, 50), i & 2 ? TX_BYPASSED : TX_NONIP_DISCARD);
		one("14 bytes, not IP", make_other(rng, 0x88cc, 0),
		    i & 2 ? TX_BYPASSED : TX_NONIP_DISCARD);
	}
	check(same_state(b, m.sas[9]) && same_state(b, m.sas[10]), "entries read back");
}

void test_limits()
{
	std::mt19937 rng(13);
	bench b(13);
	model m;
	ip_options o;
	o.payload = 80;
	auto frames = [&](uint32_t handle, int n) {
		std::vector<frame> v;
		for (int i = 0; i < n; i++) {
			frame f = make_ip(rng, o);
			f.handle_valid = true;
			f.handle = handle;
			v.push_back(f);
		}
		return v;
	};
	for (int kind = 0; kind < 5; kind++) {
		sa s = make_sa(rng, 20 + kind);
		s.soft_packets = kind == 0 || kind == 2 ? 3 : 0;
		s.hard_packets = kind == 0 || kind == 2 ? 6 : 0;
		s.soft_bytes = kind == 1 || kind == 2 ? 300 : 0;
		s.hard_bytes = kind == 1 || kind == 2 ? 600 : 0;
		if (kind == 3)
			s.hard_bytes = 599;
		if (kind == 4)
			s.hard_bytes = 50;
		m.sas[s.slot] = s;
		b.add(s);
		check(compare(b, m, frames(s.handle(), 9)), "limits " + std::to_string(kind));
		check(same_state(b, m.sas[s.slot]), "limits, state " + std::to_string(kind));
		sa &n = m.sas[s.slot];
		n.hard_bytes = n.hard_packets = 0;
		n.soft_packets = 20;
		n.status &= ~(ST_HARD | ST_SOFT_BYTES | ST_SOFT_PACKETS);
		uint32_t w[32];
		n.entry(w);
		w[0] = 0xffffffff; // not looked at
		w[13] = 99;
		check(b.table(3, s.slot, w) == 0, "OP_UPDATE lifts the limits");
		check(same_state(b, n), "OP_UPDATE touches limits only");
		check(compare(b, m, frames(s.handle(), 20)), "limits lifted " + std::to_string(kind));
		// and one below what has passed stops it at once
		n.hard_packets = kind & 1 ? n.packets : 0;
		n.hard_bytes = kind & 1 ? 0 : n.bytes_done - 1;
		n.soft_packets = 0;
		n.status &= ~(ST_HARD | ST_SOFT_BYTES | ST_SOFT_PACKETS);
		n.entry(w);
		check(b.table(3, s.slot, w) == 0, "OP_UPDATE sets a limit that has passed");
		check(compare(b, m, frames(s.handle(), 3)), "limit that has passed " + std::to_string(kind));
		check(same_state(b, n), "limit that has passed, state " + std::to_string(kind));
	}
	for (int esn = 0; esn < 2; esn++) {
		sa s = make_sa(rng, 40 + esn);
		s.esn = esn;
		s.seq = esn ? UINT64_MAX - 3 : UINT32_MAX - 3;
		m.sas[s.slot] = s;
		b.add(s);
		size_t e = b.ends.size();
		check(compare(b, m, frames(s.handle(), 12)), "end of the sequence numbers");
		check(b.ends[e + 2].code == TX_PROTECTED && b.ends[e + 2].seq == 0xffffffff &&
			      b.ends[e + 3].code == TX_SEQ_OVERFLOW && b.ends[e + 11].code == TX_SEQ_OVERFLOW,
		      "the last number is used, none after it");
		check(same_state(b, m.sas[s.slot]), "end of the sequence numbers, state");
		uint32_t w[32];
		m.sas[s.slot].entry(w);
		w[13] = w[14] = 0;
		check(b.table(3, s.slot, w) == 0, "OP_UPDATE on it");
		check(compare(b, m, frames(s.handle(), 2)), "OP_UPDATE brings no number back");
	}
	{
		// 2^32 is passed without a stop with ESN
		sa s = make_sa(rng, 42);
		s.esn = true;
		s.seq = 0xfffffffdull;
		m.sas[42] = s;
		b.add(s);
		check(compare(b, m, frames(s.handle(), 8)), "ESN across 2^32");
	}
}

void test_tables()
{
	std::mt19937 rng(17);
	bench b(17);
	model m;
	uint32_t w[32], v[32];
	sa s = make_sa(rng, 30);
	s.esn = false;
	s.seq = 4;
	s.entry(w);
	check(b.table(1, 30) == 2, "OP_READ of a free slot");
	check(b.table(3, 30, w) == 2, "OP_UPDATE of a free slot");
	check(b.table(4, 30) == 2, "OP_DELETE of a free slot");
	check(b.table(2, 256, w) == 3, "index beyond the table");
	check(b.table(2, 0x811e, w) == 3, "index far beyond the table");
	check(b.table(5, 30, w) == 4, "OP_FLUSH is no operation of it");
	check(b.table(15, 30, w) == 4, "unknown operation");
	auto refused = [&](const char *name, int word, uint32_t value) {
		memcpy(v, w, sizeof(v));
		v[word] = value;
		check(b.table(2, 30, v) == 5 && !b.live(30), name);
	};
	refused("ICV code 3", 0, w[0] | 3 << 3);
	refused("DF code 3", 0, w[0] | 3 << 5);
	refused("reserved flag", 0, w[0] | 1 << 16);
	refused("SPI 0", 1, 0);
	refused("generation 0", 2, w[2] & 0xffff0000);
	refused("33 bit number without ESN", 14, 1);
	b.key(s);
	check(b.table(2, 30, w) == 0 && b.live(30) && !b.live(31), "OP_ADD");
	check(b.table(2, 30, w) == 1, "OP_ADD twice");
	m.sas[30] = s;
	check(same_state(b, s), "OP_READ");
	ip_options o;
	frame f = make_ip(rng, o);
	f.handle_valid = true;
	f.handle = s.handle();
	check(compare(b, m, { f, f, f }), "frames of the new SA");
	for (uint32_t part = 0; part < 3; part++) {
		uint32_t which[32] = { part };
		check(b.table(6, 30, which) == 0, "OP_CORRUPT");
		size_t e = b.ends.size(), v0 = b.events.size(), n = b.wire.size();
		for (int i = 0; i < 3; i++)
			b.send(f);
		b.run();
		check(b.ends[e].code == TX_PARITY && b.ends[e + 2].code == TX_PARITY &&
			      b.wire.size() == n,
		      "a corrupted SA sends nothing");
		check(b.events.size() == v0 + 1 && b.events.back().type == EV_PARITY &&
			      b.events.back().handle == s.handle() && b.events.back().info == 0,
		      "one event for it");
		check(b.table(1, 30) == 6 && (b.rdata[27] & ST_PARITY), "OP_READ says it");
		check(b.table(3, 30, w) == 6, "OP_UPDATE is refused");
		check(b.table(2, 30, w) == 1, "OP_ADD is refused");
		check(b.table(4, 30) == 0 && !b.live(30), "OP_DELETE works");
		s.gen++;
		s.seq = 100;
		m.sas[30] = s;
		check(b.add(s) == 0, "OP_ADD afterwards");
		f.handle = s.handle();
		check(compare(b, m, { f, f }), "frames of the next SA in the slot");
	}
	check(b.errors == 0, "table bus");
}

// Deletes an SA while its frames are everywhere: after the acknowledgement no
// packet of it may be in the cipher, and no frame is lost without a code.
void test_delete()
{
	bool ok = true, drained = true;
	for (unsigned round = 0; round < 60; round++) {
		std::mt19937 rng(100 + round);
		bench b(round);
		model m;
		b.out_stall = round % 3 ? 0 : 120;
		sa s = make_sa(rng, 60), t = make_sa(rng, 61);
		s.tunnel = t.tunnel = true;
		b.add(s);
		b.add(t);
		std::vector<frame> frames;
		for (int i = 0; i < 60; i++) {
			ip_options o;
			o.payload = rng() % 200;
			frame f = make_ip(rng, o);
			f.handle_valid = true;
			f.handle = i % 3 ? s.handle() : t.handle();
			f.index = i;
			frames.push_back(f);
			b.send(f);
		}
		unsigned wait = rng() % 500;
		for (unsigned i = 0; i < wait; i++)
			b.step();
		b.table_start(4, 60);
		while (b.table_busy() && b.cycle < 100000)
			b.step();
		unsigned core = b.core_packets;
		ok = ok && b.res == 0;
		// the key goes: anything that still needed it would show
		sa junk = s;
		for (auto &k : junk.key)
			k ^= 0x55;
		b.key(junk);
		ok = ok && b.run();
		m.sas[60] = s;
		m.sas[61] = t;
		size_t w = 0;
		unsigned mine = 0, total = 0;
		for (int i = 0; i < 60; i++) {
			if (b.ends[i].code == TX_HANDLE_STALE) {
				ok = ok && frames[i].handle == s.handle();
				m.sas.erase(60);
			}
			outcome o = m.send(frames[i]);
			ok = ok && o.code == b.ends[i].code;
			if (o.wire.empty())
				continue;
			ok = ok && w < b.wire.size() && b.wire[w] == o.wire;
			w++;
			total++;
			if (o.handle == s.handle())
				mine = total;
		}
		// all of its packets had left the cipher by then
		drained = drained && core >= mine;
		ok = ok && b.errors == 0;
	}
	check(ok, "delete in flight: every frame has its own end, and its own key");
	check(drained, "delete in flight: acknowledged after the last packet has left the cipher");
}

// Table operations between frames at random moments never disturb them.
void test_table_traffic()
{
	std::mt19937 rng(23);
	bench b(23);
	model m;
	setup(b, m, rng, 16);
	std::vector<frame> frames;
	std::vector<outcome> want;
	for (int i = 0; i < 400; i++) {
		frame f = random_ip(rng, 200);
		f.handle_valid = true;
		f.handle = any_handle(m, rng);
		f.index = i;
		want.push_back(m.send(f));
		b.send(f);
	}
	bool ok = true;
	uint64_t last_seq[256] = {};
	while (b.ends.size() < 400 && b.cycle < 100000) {
		unsigned slot = (rng() % 16) * 5 % 256;
		if (rng() & 1) {
			ok = ok && b.table(1, slot) == 0;
			uint64_t seq = b.rdata[13] | (uint64_t)b.rdata[14] << 32;
			ok = ok && seq >= last_seq[slot];
			last_seq[slot] = seq;
		} else {
			sa s = m.sas[slot];
			uint32_t w[32];
			s.entry(w);
			ok = ok && b.table(3, slot, w) == 0;
		}
	}
	ok = ok && b.run();
	size_t w = 0;
	for (int i = 0; i < 400; i++) {
		ok = ok && b.ends[i].code == want[i].code && b.ends[i].seq == want[i].seq;
		if (!want[i].wire.empty()) {
			ok = ok && w < b.wire.size() && b.wire[w] == want[i].wire;
			w++;
		}
	}
	check(ok && b.errors == 0, "table operations under traffic");
}

// Limits are lifted while frames of the SA come without a pause: once one has
// passed, all that follow do.
void test_update_traffic()
{
	bool ok = true;
	for (unsigned wait = 0; wait < 24; wait++) {
		std::mt19937 rng(wait);
		bench b(wait);
		sa s = make_sa(rng, 77);
		s.tunnel = true;
		s.mtu = wait & 1 ? 40 : 0;
		s.hard_packets = wait & 1 ? 0 : 2;
		b.add(s);
		for (int i = 0; i < 120; i++) {
			frame f = make_ip(rng, ip_options());
			f.handle_valid = true;
			f.handle = s.handle();
			b.send(f);
		}
		for (unsigned i = 0; i < 120 + wait; i++)
			b.step();
		s.mtu = s.hard_packets = 0;
		uint32_t w[32];
		s.entry(w);
		ok = ok && b.table(3, 77, w) == 0 && b.run();
		unsigned first = wait & 1 ? 0 : 2, at = first;
		while (at < 120 && b.ends[at].code != TX_PROTECTED)
			at++;
		ok = ok && at > first && at < 100;
		for (unsigned i = at; i < 120; i++)
			ok = ok && b.ends[i].code == TX_PROTECTED && b.ends[i].seq == (uint32_t)s.seq + 1 + i - at + first;
		ok = ok && b.table(1, 77) == 0 && b.rdata[27] == ST_LIVE;
	}
	check(ok, "OP_UPDATE under traffic takes effect between two frames");
}

// Nobody takes the ends of frames for a long time.
void test_done_blocked()
{
	std::mt19937 rng(31);
	bench b(31);
	model m;
	setup(b, m, rng, 4);
	for (int round = 0; round < 2; round++) {
		std::vector<frame> frames;
		for (int i = 0; i < 300; i++) {
			frame f = make_ip(rng, ip_options());
			f.handle_valid = true;
			f.handle = any_handle(m, rng) ^ (round ? 0x10000 : 0);
			f.index = i;
			frames.push_back(f);
			b.send(f);
		}
		b.done_stall = 256;
		for (int i = 0; i < 4000; i++)
			b.step();
		size_t sent = b.wire.size();
		b.done_stall = 0;
		bool ok = b.run() && b.ends.size() == 300u * (round + 1), rest = sent < 100u;
		size_t w = 0;
		for (int i = 0; i < 300; i++) {
			outcome o = m.send(frames[i]);
			const end &e = b.ends[300 * round + i];
			ok = ok && e.index == (unsigned)i && e.code == o.code;
			if (!o.wire.empty())
				ok = ok && b.wire[w++] == o.wire;
		}
		check(ok && b.errors == 0, "ends held back: nothing is lost");
		check(round || rest, "ends held back: the path waits");
	}
}

// Header checksums over their whole range: the identification counts, in the
// new header of a tunnel and in the old one of transport mode.
void test_checksums()
{
	for (int tunnel = 0; tunnel < 2; tunnel++) {
		std::mt19937 rng(41);
		bench b(41);
		model m;
		sa s = make_sa(rng, 1);
		s.tunnel = tunnel;
		s.v6 = false;
		s.df = 2;
		m.sas[1] = s;
		b.add(s);
		frame f = make_ip(rng, ip_options());
		f.handle_valid = true;
		f.handle = s.handle();
		bool ok = true;
		for (int part = 0; part < 16 && ok; part++) {
			std::vector<frame> frames;
			for (int i = 0; i < 4100; i++) {
				if (!tunnel) {
					unsigned id = part * 4096 + i;
					f.data[18] = id >> 8;
					f.data[19] = id;
					uint32_t c = 0;
					f.data[24] = f.data[25] = 0;
					for (int k = 14; k < 34; k += 2)
						c += f.data[k] << 8 | f.data[k + 1];
					while (c >> 16)
						c = (c & 0xffff) + (c >> 16);
					f.data[24] = ~c >> 8;
					f.data[25] = ~c;
				}
				frames.push_back(f);
			}
			ok = compare(b, m, frames);
			b.wire.clear();
			b.wire_cycles.clear();
		}
		check(ok, tunnel ? "checksums, tunnel, 65600 headers" : "checksums, transport, 65600 headers");
	}
}

// A reset in the middle of everything: nothing comes out of what was inside.
void test_reset()
{
	bool ok = true;
	for (unsigned round = 0; round < 20; round++) {
		std::mt19937 rng(round);
		bench b(round);
		sa s = make_sa(rng, 5);
		b.add(s);
		for (int i = 0; i < 20; i++) {
			frame f = random_ip(rng, 300);
			f.handle_valid = true;
			f.handle = s.handle();
			b.send(f);
		}
		unsigned wait = 20 + rng() % 300;
		for (unsigned i = 0; i < wait; i++)
			b.step();
		b.top->rst = 1;
		b.top->s_tvalid = 0;
		for (int i = 0; i < 3; i++) {
			b.top->clk = 1;
			b.top->eval();
			b.top->clk = 0;
			b.top->eval();
		}
		b.top->rst = 0;
		for (int i = 0; i < 600; i++) {
			b.top->s_tvalid = 0;
			b.top->m_tready = 1;
			b.top->eval();
			ok = ok && !b.top->m_tvalid && !b.top->done_valid;
			b.top->clk = 1;
			b.top->eval();
			b.top->clk = 0;
		}
		ok = ok && b.top->init_done && b.top->idle && !b.live(5);
	}
	check(ok, "reset in flight: silence, and an empty table");
}

} // namespace

int main(int argc, char **argv)
{
	unsigned seeds = argc > 1 ? atoi(argv[1]) : 4;

	test_codes();
	test_lengths();
	test_limits();
	test_tables();
	for (uint32_t seed = 1; seed <= seeds; seed++) {
		test_random(seed, 0, 0, 0, 11);
		test_random(100 + seed, 100, 0, 0, 1 + seed % 9);
		test_random(200 + seed, 0, 100, 0, 30);
		test_random(300 + seed, 60, 160, 200, 300);
	}
	test_delete();
	test_table_traffic();
	test_update_traffic();
	test_done_blocked();
	test_reset();
	test_checksums();
	test_cycles();
	test_latency();
	printf("test_esp_out: %d passed, %d failed\n", passed, failed);
	return failed != 0;
}
