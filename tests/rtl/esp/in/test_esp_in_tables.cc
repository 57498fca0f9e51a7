// SPDX-License-Identifier: Apache-2.0
//
// esp_in: the tables of the inbound SAD, limits and their events, deletion
// with frames in flight, corrupted entries.
#include "fixtures.h"

static sa plain(bench &b, unsigned slot)
{
	sa s = random_sa(b.r, slot);
	s.tunnel = true;
	s.start = 0;
	s.esn = false;
	return s;
}

static void read_back()
{
	bench b(80);
	for (unsigned i = 0; i < 30; i++) {
		sa s = random_sa(b.r, i);
		uint32_t in[32], out[32];
		for (auto &l : s.limits)
			l = b.r.next();
		s.ecn = b.r.chance(50);
		if (!b.add(s))
			continue;
		bench::entry(s, in);
		CHECK(b.op(ESPALIER_OP_READ, ESPALIER_TBL_SA_IN, i, nullptr, out) == ESPALIER_RES_OK, "read");
		in[27] = ESPALIER_SA_ST_LIVE;
		for (int k = 0; k < 32; k++)
			CHECK(in[k] == out[k], "word %d: wrote %08x, read %08x", k, in[k], out[k]);
		b.d->live_slot = i;
		for (int k = 0; k < 4; k++)
			b.tick();
		CHECK(b.d->live, "live port");
		CHECK(b.op(ESPALIER_OP_ADD, ESPALIER_TBL_SA_IN, i, in) == ESPALIER_RES_EXISTS, "add twice");
		if (i & 1) {
			b.remove(s);
			for (int k = 0; k < 4; k++)
				b.tick();
			CHECK(!b.d->live, "live port after deletion");
			CHECK(b.op(ESPALIER_OP_READ, ESPALIER_TBL_SA_IN, i, nullptr, out) == ESPALIER_RES_ABSENT,
			      "read of a free slot");
			for (int k = 0; k < 32; k++)
				CHECK(out[k] == 0, "word %d of a free slot", k);
			CHECK(b.op(ESPALIER_OP_UPDATE, ESPALIER_TBL_SA_IN, i, in) == ESPALIER_RES_ABSENT, "update");
			CHECK(b.op(ESPALIER_OP_DELETE, ESPALIER_TBL_SA_IN, i) == ESPALIER_RES_ABSENT, "delete");
			CHECK(b.op(ESPALIER_OP_CORRUPT, ESPALIER_TBL_SA_IN, i) == ESPALIER_RES_ABSENT, "corrupt");
		}
	}
}

static void refusals()
{
	bench b(81);
	sa s = plain(b, 5);
	uint32_t w[32];
	auto add = [&](unsigned word, uint32_t value, uint32_t also0 = 0) {
		bench::entry(s, w);
		w[word] = value;
		w[0] |= also0;
		return b.op(ESPALIER_OP_ADD, ESPALIER_TBL_SA_IN, s.slot, w);
	};
	bench::entry(s, w);
	CHECK(add(0, w[0] | 3 << ESPALIER_SA_ICV_SHIFT) == ESPALIER_RES_VALUE, "ICV code 3");
	CHECK(add(1, 0) == ESPALIER_RES_VALUE, "SPI 0");
	CHECK(add(2, s.reqid << 16) == ESPALIER_RES_VALUE, "generation 0");
	for (unsigned window : { 0u, 1u, 31u, 1025u, 4096u, 8191u })
		CHECK(add(3, window) == ESPALIER_RES_VALUE, "window %u", window);
	CHECK(add(4, 0x104) == ESPALIER_RES_VALUE, "queue 4 of 4");
	CHECK(add(14, 1) == ESPALIER_RES_VALUE, "64-bit number without ESN");
	bench::entry(s, w);
	CHECK(b.op(ESPALIER_OP_ADD, ESPALIER_TBL_SA_IN, 64, w) == ESPALIER_RES_INDEX, "index");
	CHECK(b.op(ESPALIER_OP_FLUSH, ESPALIER_TBL_SA_IN, 5, w) == ESPALIER_RES_OP, "op");
	CHECK(b.op(ESPALIER_OP_READ, ESPALIER_TBL_SPD, 5, w) == ESPALIER_RES_OP, "table");
	CHECK(b.op(ESPALIER_OP_FLUSH, ESPALIER_TBL_SA_HASH, 5, w) == ESPALIER_RES_OP, "op of the hash table");
	for (unsigned window : { 32u, 1024u }) {
		CHECK(add(3, window) == ESPALIER_RES_OK, "window %u", window);
		CHECK(b.op(ESPALIER_OP_DELETE, ESPALIER_TBL_SA_IN, 5) == ESPALIER_RES_OK, "delete");
	}
}

// Packets of 60 layer-3 bytes through `s`; `from` on they are refused.
static void burst(bench &b, sa &s, unsigned n, unsigned from)
{
	for (unsigned i = 0; i < n; i++) {
		ip d = datagram(b.r, false, 40);
		if (i < from) {
			good(b, s, ++s.seq, d, 0, false);
		} else {
			ip c = carrier(s, b.r, false);
			c.payload = esp(s, ++s.seq, d.build(), 4, b.r);
			b.policy[selector_of(d).key()] = { true, false, PROTECT, s.reqid };
			b.drop(frame(0, c.build()), ESPALIER_RX_STATE_EXPIRED);
		}
	}
	b.finish();
}

static void limits()
{
	bench b(82);
	sa s = plain(b, 1);
	s.limits[0] = 5 * 60; // soft bytes: packet 5
	s.limits[1] = 10 * 60 - 1; // hard bytes: packet 10
	s.limits[2] = 3;
	s.limits[3] = 12;
	b.add(s);
	burst(b, s, 15, 10);
	static const unsigned order[] = { ESPALIER_EV_SOFT_PACKETS, ESPALIER_EV_SOFT_BYTES, ESPALIER_EV_HARD_BYTES };
	CHECK(b.events.size() == 3, "%zu events", b.events.size());
	for (unsigned i = 0; i < b.events.size() && i < 3; i++)
		CHECK(b.events[i].type == order[i] && b.events[i].handle == s.handle(), "event %u: type %u handle %08x",
		      i, b.events[i].type, b.events[i].handle);
	uint32_t w[32];
	b.op(ESPALIER_OP_READ, ESPALIER_TBL_SA_IN, 1, nullptr, w);
	CHECK(w[27] == (ESPALIER_SA_ST_LIVE | ESPALIER_SA_ST_HARD | ESPALIER_SA_ST_SOFT_BYTES | ESPALIER_SA_ST_SOFT_PACKETS),
	      "status %x", w[27]);
	CHECK(w[23] == 600 && w[25] == 10, "%u bytes, %u packets", w[23], w[25]);
	// an update lets it go on, to the new limits
	b.events.clear();
	s.limits[0] = s.limits[2] = 0;
	s.limits[1] = 0;
	s.limits[3] = 14;
	uint32_t in[32];
	bench::entry(s, in);
	in[1] ^= 1; // only the limits are taken
	in[13] = 99;
	CHECK(b.op(ESPALIER_OP_UPDATE, ESPALIER_TBL_SA_IN, 1, in) == ESPALIER_RES_OK, "update");
	burst(b, s, 8, 4);
	CHECK(b.events.size() == 1 && b.events[0].type == ESPALIER_EV_HARD_PACKETS, "%zu events", b.events.size());
	// a limit below what has passed stops at once
	b.events.clear();
	s.limits[3] = 2;
	bench::entry(s, in);
	b.op(ESPALIER_OP_UPDATE, ESPALIER_TBL_SA_IN, 1, in);
	burst(b, s, 2, 0);
	CHECK(b.events.size() == 1, "%zu events", b.events.size());
	b.op(ESPALIER_OP_READ, ESPALIER_TBL_SA_IN, 1, nullptr, w);
	CHECK(w[1] == s.spi && w[25] == 14, "after the updates: SPI %x, %u packets", w[1], w[25]);
}

// Frames before the deletion are delivered, those behind it find no SA.
static void delete_in_flight(unsigned seed)
{
	bench b(seed);
	sa s = plain(b, 7), other = plain(b, 8);
	b.add(s);
	b.add(other);
	b.stall = seed % 3 * 30;
	b.free_run = true;
	unsigned n = 30 + b.r.below(30), when = b.r.below(600);
	for (unsigned i = 0; i < n; i++) {
		ip d = datagram(b.r, false, b.r.below(300));
		good(b, s, ++s.seq, d, 0, false);
		good(b, other, ++other.seq, datagram(b.r, false, b.r.below(100)), 0, false);
	}
	for (unsigned i = 0; i < when; i++)
		b.tick();
	CHECK(b.op(ESPALIER_OP_DELETE, ESPALIER_TBL_SA_IN, s.slot) == ESPALIER_RES_OK, "delete");
	unsigned before = b.counts[ESPALIER_RX_PROTECTED];
	// The key may go now: with another one, a frame of the old SA would fail its ICV.
	sa wrong = s;
	wrong.key[0] ^= 1;
	b.key(wrong);
	b.finish();
	CHECK(b.counts[ESPALIER_RX_AUTH_FAILED] == 0, "%u frames met a key that was gone",
	      b.counts[ESPALIER_RX_AUTH_FAILED]);
	CHECK(b.counts[ESPALIER_RX_PROTECTED] + b.counts[ESPALIER_RX_NO_STATE] == 2 * n, "%u and %u of %u",
	      b.counts[ESPALIER_RX_PROTECTED], b.counts[ESPALIER_RX_NO_STATE], 2 * n);
	(void)before;
	b.free_run = false;
	// the slot can be used again, with everything fresh
	sa t = s;
	t.gen++;
	t.start = 0;
	uint32_t w[32];
	bench::entry(t, w);
	b.key(t);
	CHECK(b.op(ESPALIER_OP_ADD, ESPALIER_TBL_SA_IN, t.slot, w) == ESPALIER_RES_OK, "add again");
	for (int i = 1; i <= 20; i++)
		good(b, t, i, datagram(b.r, false, 50), 0, false);
	b.finish();
}

static void corrupted()
{
	bench b(84);
	sa s = plain(b, 7), other = plain(b, 8);
	b.add(s);
	b.add(other);
	ip d = datagram(b.r, false, 40);
	auto refused = [&](sa &x, unsigned code) {
		ip c = carrier(x, b.r, false);
		c.payload = esp(x, ++x.seq, d.build(), 4, b.r);
		b.drop(frame(0, c.build()), code);
		good(b, other, ++other.seq, datagram(b.r, false, 50), 0, false);
	};
	good(b, s, ++s.seq, datagram(b.r, false, 50), 0, false);
	b.finish();
	CHECK(b.op(ESPALIER_OP_CORRUPT, ESPALIER_TBL_SA_IN, 7) == ESPALIER_RES_OK, "corrupt");
	for (int i = 0; i < 5; i++)
		refused(s, ESPALIER_RX_PARITY);
	b.finish();
	CHECK(b.events.size() == 1 && b.events[0].type == ESPALIER_EV_PARITY && b.events[0].info == ESPALIER_TBL_SA_IN,
	      "%zu events", b.events.size());
	uint32_t w[32];
	CHECK(b.op(ESPALIER_OP_READ, ESPALIER_TBL_SA_IN, 7, nullptr, w) == ESPALIER_RES_PARITY, "read");
	CHECK(w[27] & ESPALIER_SA_ST_PARITY, "status %x", w[27]);
	// delete and add mend it
	b.remove(s);
	b.add(s);
	s.seq = 0;
	good(b, s, ++s.seq, datagram(b.r, false, 50), 0, false);
	b.finish();
	// a word of the replay window, then the window's highest number
	for (uint32_t part = 1; part <= 2; part++) {
		b.events.clear();
		uint32_t c[32] = { part };
		c[13] = s.seq;
		CHECK(b.op(ESPALIER_OP_CORRUPT, ESPALIER_TBL_SA_IN, 7, c) == ESPALIER_RES_OK, "corrupt");
		for (int i = 0; i < 5; i++)
			refused(s, ESPALIER_RX_PARITY);
		b.finish();
		CHECK(b.events.size() == 1 && b.events[0].type == ESPALIER_EV_PARITY &&
		      b.events[0].info == ESPALIER_TBL_SA_IN, "%zu events", b.events.size());
		unsigned res = b.op(ESPALIER_OP_READ, ESPALIER_TBL_SA_IN, 7, nullptr, w);
		CHECK(res == (part == 2 ? ESPALIER_RES_PARITY : ESPALIER_RES_OK), "read %u", res);
		CHECK(w[27] & ESPALIER_SA_ST_PARITY, "status %x", w[27]);
		b.remove(s);
		b.add(s);
		s.seq = 0;
		good(b, s, ++s.seq, datagram(b.r, false, 50), 0, false);
		b.finish();
	}
	// the hash table
	b.events.clear();
	unsigned place = b.place_of[7];
	CHECK(b.op(ESPALIER_OP_CORRUPT, ESPALIER_TBL_SA_HASH, place) == ESPALIER_RES_OK, "corrupt");
	for (int i = 0; i < 5; i++)
		refused(s, ESPALIER_RX_PARITY);
	b.finish();
	CHECK(b.events.size() == 1 && b.events[0].type == ESPALIER_EV_PARITY && b.events[0].info == ESPALIER_TBL_SA_HASH,
	      "%zu events", b.events.size());
	uint32_t h[32] = { s.spi, 1u << 31 | 50u << 16 | s.slot };
	CHECK(b.op(ESPALIER_OP_ADD, ESPALIER_TBL_SA_HASH, place, h) == ESPALIER_RES_OK, "mend");
	good(b, s, ++s.seq, datagram(b.r, false, 50), 0, false);
	b.finish();
}

// Several SAs with one SPI, in the same bucket of the hash, told apart by their
// destination only.
static void same_spi()
{
	bench b(85);
	std::vector<sa> v;
	for (unsigned tries = 0; tries < 200000 && v.size() < 4; tries++) {
		sa s = plain(b, v.size());
		s.v6 = tries & 1;
		s.spi = 0x12345678;
		s.src = addr(b.r, s.v6);
		s.dst = addr(b.r, s.v6);
		if (v.size() && (b.hash_index(s, 0, 0) != b.hash_index(v[0], 0, 0) ||
				 b.hash_index(s, 1, 0) != b.hash_index(v[0], 1, 0)))
			continue;
		v.push_back(s);
	}
	CHECK(v.size() == 4, "%zu in one bucket", v.size());
	for (auto &s : v)
		CHECK(b.add(s), "place for slot %u", s.slot);
	for (int i = 0; i < 100; i++) {
		sa &s = v[b.r.below(4)];
		good(b, s, ++s.seq, datagram(b.r, b.r.chance(50), b.r.below(100)), 0, false);
	}
	b.finish();
}

// Tables are changed while traffic of other SAs runs at full speed.
static void under_load()
{
	bench b(86);
	std::vector<sa> v;
	for (unsigned i = 0; i < 20; i++) {
		sa s = plain(b, i);
		if (b.add(s))
			v.push_back(s);
	}
	for (int i = 0; i < 3000; i++) {
		sa &s = v[i % v.size()];
		good(b, s, ++s.seq, datagram(b.r, false, 26), 0, false);
	}
	b.first_word = 0;
	uint32_t w[32];
	for (int i = 0; i < 60; i++) {
		sa s = plain(b, 40 + i % 8);
		if (!b.add_hash(s))
			continue;
		bench::entry(s, w);
		CHECK(b.op(ESPALIER_OP_ADD, ESPALIER_TBL_SA_IN, s.slot, w) == ESPALIER_RES_OK, "add");
		CHECK(b.op(ESPALIER_OP_UPDATE, ESPALIER_TBL_SA_IN, s.slot, w) == ESPALIER_RES_OK, "update");
		CHECK(b.op(ESPALIER_OP_READ, ESPALIER_TBL_SA_IN, s.slot, nullptr, w) == ESPALIER_RES_OK, "read");
		b.remove(s);
	}
	CHECK(b.wire.size() > 0, "the traffic ended before the table operations");
	b.finish();
	CHECK(!b.overflows, "%u overflows", b.overflows);
}

int main()
{
	read_back();
	refusals();
	limits();
	for (unsigned s = 90; s < 110; s++)
		delete_in_flight(s);
	corrupted();
	same_spi();
	under_load();
	return check_report("esp_in_tables");
}
