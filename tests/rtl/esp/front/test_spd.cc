// SPDX-License-Identifier: Apache-2.0
//
// spd with a table of 32 and a cache of 16 sets and 3 epochs: everything
// collides, everything wraps. Random policies, flows, table writes in the
// middle, corrupted entries, both clients at once.
#include "spd_test.h"

enum { ENTRIES = 32 };

static uint64_t hits, misses;

static void random_run(uint32_t seed)
{
	spd_maker m(seed);
	device d(ENTRIES);
	char name[80];
	unsigned lazy = m.below(3) ? 0 : m.below(220),
		 idle[2] = { m.below(220), m.below(220) };
	std::vector<selector> flows(2 + m.below(m.chance(128) ? 12 : 80));

	for (auto &f : flows)
		f = m.flow();
	for (unsigned i = 0; i < ENTRIES; i++)
		if (m.chance(200) && d.add(i, m.pol()) != ESPALIER_RES_OK)
			d.fail("add refused");
	d.source = [&](unsigned c, selector &s) {
		if (m.below(256) < idle[c])
			return false;
		s = m.chance(4) ? m.flow() : flows[m.below(flows.size())];
		return true;
	};
	d.sink = [&](unsigned) { return m.below(256) >= lazy; };

	for (int round = 0; round < 150; round++) {
		unsigned i = m.below(ENTRIES), r = ESPALIER_RES_OK;
		for (unsigned n = m.chance(60)	 ? m.below(3)
				  : m.chance(60) ? m.below(4000)
						 : m.below(150);
		     n; n--)
			d.tick();
		switch (m.below(8)) {
		case 0:
		case 1:
		case 2:
			r = d.add(i, m.pol());
			break;
		case 3:
			r = d.del(i);
			break;
		case 4:
			r = d.flush();
			break;
		case 5: {
			espalier_spd_entry e;
			r = d.op(ESPALIER_OP_READ, i, nullptr, &e);
			if (r != (d.now[i].corrupt ? ESPALIER_RES_PARITY
						   : ESPALIER_RES_OK) ||
			    memcmp(&e, &d.now[i].e, sizeof e))
				d.fail("read");
			r = ESPALIER_RES_OK;
			break;
		}
		case 6:
			if (m.chance(60))
				r = d.corrupt(i);
			break;
		case 7: // repair
			for (unsigned k = 0; k < ENTRIES; k++)
				if (d.now[k].corrupt)
					r |= m.chance(128) ? d.del(k)
							   : d.add(k, m.pol());
			break;
		}
		if (r != ESPALIER_RES_OK)
			d.fail("operation refused");
	}
	d.drain();
	snprintf(name, sizeof name,
		 "random policies, flows and changes, seed %u", seed);
	if (d.errors)
		printf("  %u errors\n", d.errors);
	check(!d.errors && d.answers[0] + d.answers[1] > 100, name);
	hits += d.t->hits;
	misses += d.t->misses;
}

static void refusals()
{
	device d(ENTRIES);
	policy p = spd_maker(1).pol();
	espalier_spd_entry e;

	check(d.op(ESPALIER_OP_ADD, ENTRIES, &p.e) == ESPALIER_RES_INDEX,
	      "index beyond the table");
	check(d.op(ESPALIER_OP_READ, 0x8000, nullptr, &e) == ESPALIER_RES_INDEX,
	      "index far beyond");
	check(d.op(ESPALIER_OP_UPDATE, 0, &p.e) == ESPALIER_RES_OP,
	      "OP_UPDATE is not for policies");
	check(d.op(0, 0) == ESPALIER_RES_OP && d.op(15, 0) == ESPALIER_RES_OP,
	      "unknown operation");
	check(d.op(ESPALIER_OP_ADD, 0, &p.e, nullptr, ESPALIER_TBL_SA_OUT) ==
		      ESPALIER_RES_OP,
	      "other table");
	p.e.flags |= 3u << ESPALIER_SPD_ACTION_SHIFT;
	check(d.op(ESPALIER_OP_ADD, 0, &p.e) == ESPALIER_RES_VALUE, "action 3");
	p.e.flags &= ~(1u << ESPALIER_SPD_ACTION_SHIFT);
	for (int b = 6; b < 8; b++) {
		policy q = p;
		q.e.flags |= 1u << b;
		check(d.op(ESPALIER_OP_ADD, 0, &q.e) == ESPALIER_RES_VALUE,
		      "reserved bit");
	}
	memset(&e, 255, sizeof e);
	check(d.op(ESPALIER_OP_READ, 0, nullptr, &e) == ESPALIER_RES_OK &&
		      e.flags == 0,
	      "nothing of it was written");
	check(!d.errors, "refusals");
}

static selector one_flow()
{
	spd_maker m(7);
	selector s = m.flow();
	s.v6 = 0;
	s.proto = 17;
	s.ports_ok = 1;
	return s;
}

static policy all_of(unsigned action, unsigned flags)
{
	policy p;
	p.e.flags = ESPALIER_SPD_VALID | ESPALIER_SPD_PROTO_ANY |
		    action << ESPALIER_SPD_ACTION_SHIFT | flags;
	p.e.sport = p.e.dport = 0xffff0000;
	memset(p.e.src_hi, 255, 16);
	memset(p.e.dst_hi, 255, 16);
	return p;
}

// A corrupted entry closes the door, also for flows that were cached before,
// is told once, and opens again when it is written anew.
static void parity()
{
	device d(ENTRIES);
	selector s = one_flow();
	unsigned closed = 0, open = 0;
	auto ask = [&](unsigned n) {
		closed = open = 0;
		d.source = [&](unsigned c, selector &q) {
			q = s;
			return c == 0 && n && n--;
		};
		d.watch = [&](unsigned, const selector &, const verdict &v) {
			if (v.parity && v.match && v.action == 0 &&
			    v.handle == 0)
				closed++;
			if (!v.parity && v.action == 1)
				open++;
		};
		for (int i = 0; n && i < 5000; i++)
			d.tick();
		d.drain();
	};
	d.add(9, all_of(1, 0));
	ask(20);
	check(open == 20 && d.events == 0, "policy says BYPASS");
	d.corrupt(4); // an entry that is not even valid: what was it before?
	ask(20);
	check(closed == 20 && d.events == 1,
	      "corrupted entry before the match: DISCARD, one event");
	d.del(4);
	ask(20);
	check(open == 20 && d.events == 1, "repaired");
	d.corrupt(9);
	ask(20);
	check(closed == 20 && d.events == 2,
	      "corrupted entry that would match");
	d.add(9, all_of(1, 0));
	d.corrupt(10);
	ask(20);
	check(open == 20 && d.events == 2,
	      "corrupted entry behind the match is not met");
	check(!d.errors, "parity");
}

// rst forgets everything, also in the middle of walks and answers.
static void reset()
{
	device d(ENTRIES);
	spd_maker m(12);
	for (unsigned i = 0; i < ENTRIES; i++)
		d.add(i, m.pol());
	for (int round = 0; round < 20; round++) {
		d.add(m.below(ENTRIES),
		      all_of(1, m.chance(128) ? ESPALIER_SPD_IN : 0));
		d.source = [&](unsigned, selector &s) {
			s = m.flow();
			return true;
		};
		for (unsigned n = m.below(100); n; n--)
			d.tick();
		d.reset();
		for (int i = 0; i < 200; i++)
			d.tick(); // the table is empty now: no policy for
				  // anything
		d.drain();
		espalier_spd_entry e;
		for (unsigned i = 0; i < ENTRIES; i += 7)
			check(d.op(ESPALIER_OP_READ, i, nullptr, &e) ==
					      ESPALIER_RES_OK &&
				      e.flags == 0 && e.handle == 0 &&
				      e.src_hi[0] == 0,
			      "empty after rst");
	}
	check(!d.errors && d.answers[0] > 200 && d.t->misses > 0, "rst");
}

// Flows that differ in 16 neighbouring bits of the key only, hundreds of them
// in a cache of 32 places: each is new, so none may hit.
static void whole_key()
{
	spd_maker m(99);
	for (int chunk = 0; chunk * 16 < SEL_W; chunk++) {
		device d(ENTRIES);
		char name[80];
		uint32_t base[10], w[10];
		unsigned width = std::min(16, SEL_W - 16 * chunk), n = 0;
		std::vector<bool> used(1 << width);
		for (auto &x : base)
			x = m.rng();
		d.source = [&](unsigned c, selector &s) {
			if (c || n == 400)
				return false;
			unsigned v;
			do
				v = m.below(1 << width);
			while (used[v]);
			used[v] = true;
			memcpy(w, base, sizeof w);
			w[chunk / 2] ^= v << 16 * (chunk % 2);
			unpack u(w, SEL_W);
			s.v6 = u.get(1);
			s.src = u.addr();
			s.dst = u.addr();
			s.proto = u.get(8);
			s.ports_ok = u.get(1);
			s.sport = u.get(16);
			s.dport = u.get(16);
			n++;
			return true;
		};
		for (int i = 0; i < 20000 && n < 400; i++)
			d.tick();
		d.drain();
		snprintf(name, sizeof name, "bits %d to %d of the key count",
			 16 * chunk, 16 * chunk + 15);
		check(d.t->hits == 0 && d.t->misses == 400 && !d.errors, name);
	}
}

int main(int argc, char **argv)
{
	unsigned seeds = argc > 1 ? atoi(argv[1]) : 40;

	refusals();
	parity();
	whole_key();
	reset();
	for (unsigned s = 1; s <= seeds; s++)
		random_run(s);
	printf("  %llu hits, %llu misses\n", (unsigned long long)hits,
	       (unsigned long long)misses);
	check(hits > 1000 && misses > 1000, "both hits and misses");
	printf("test_spd: %d passed, %d failed\n", passed, failed);
	return failed != 0;
}
