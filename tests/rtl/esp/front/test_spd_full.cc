// SPDX-License-Identifier: Apache-2.0
//
// spd with its real sizes (256 policies, 1024 sets): the longest miss, the
// speed of hits, one client's misses beside the other's hits, how many flows
// stay in the cache, and single bits that flip in every memory.
#include "spd_test.h"
#include "Vspd___024root.h"

enum { ENTRIES = 256, SETS = 1024 };

static policy net(unsigned action, unsigned flags)
{
	policy p;
	p.e.flags = ESPALIER_SPD_VALID | ESPALIER_SPD_PROTO_ANY |
		    action << ESPALIER_SPD_ACTION_SHIFT | flags;
	p.e.handle = 0x00010007;
	p.e.sport = p.e.dport = 0xffff0000;
	memset(p.e.src_hi, 255, 16);
	memset(p.e.dst_hi, 255, 16);
	return p;
}

// One that no flow here meets: protocol 253 (RFC 3692).
static policy other(unsigned seed)
{
	policy p = net(1, seed & 1 ? ESPALIER_SPD_IN : 0);
	p.e.flags &= ~ESPALIER_SPD_PROTO_ANY;
	p.e.flags |= 253 << ESPALIER_SPD_PROTO_SHIFT;
	return p;
}

// Flows as they come: random, or counted up in the fields where real ones are.
static std::vector<selector> flows(const char *how, unsigned n)
{
	std::mt19937 rng(n);
	std::vector<selector> v(n);
	for (unsigned i = 0; i < n; i++) {
		selector s = {};
		auto set = [](addr_t &a, uint32_t x) {
			for (int k = 0; k < 4; k++)
				a[12 + k] = x >> (8 * (3 - k));
		};
		s.proto = 17;
		s.ports_ok = 1;
		set(s.src, 0x0a000001);
		set(s.dst, 0x0a010001);
		s.sport = 4500;
		s.dport = 4500;
		if (!strcmp(how, "random")) {
			set(s.src, rng());
			set(s.dst, rng());
			s.sport = rng() & 0xffff;
			s.dport = rng() & 0xffff;
			s.proto = rng() & 1 ? 6 : 17;
		} else if (!strcmp(how, "ports")) {
			s.sport = 32768 + i;
			s.dport = 443;
		} else if (!strcmp(how, "hosts")) {
			set(s.src, 0x0a000000 + i);
			set(s.dst, 0x0a010000 + i);
		} else if (!strcmp(how, "grid")) {
			set(s.src, 0x0a000000 + i % 32);
			set(s.dst, 0x0a010000 + i / 32);
		} else { /* v6 */
			s.v6 = 1;
			for (int k = 0; k < 16; k++)
				s.src[k] = s.dst[k] = k < 4 ? 0x20 + k : 0;
			s.src[7] = i >> 8;
			s.src[15] = i;
			s.dst[15] = i * 7;
			s.sport = 1024 + i / 2;
		}
		v[i] = s;
	}
	return v;
}

// Asks every flow once through one client; hits seen.
static unsigned round_of(device &d, unsigned client,
			 const std::vector<selector> &v)
{
	size_t i = 0;
	uint32_t before = d.t->hits;
	d.source = [&](unsigned c, selector &s) {
		if (c != client || i == v.size())
			return false;
		s = v[i++];
		return true;
	};
	for (uint64_t n = 0; i < v.size() && n < 1000000; n++)
		d.tick();
	d.drain();
	return d.t->hits - before;
}

static void residence(const char *how)
{
	device d(ENTRIES);
	char name[80];
	d.add(0, net(1, 0));
	std::vector<selector> v = flows(how, 1024);
	unsigned first = round_of(d, 0, v), h = 0;
	printf("  1024 flows (%s), hits in rounds 2 to 11:", how);
	for (int i = 0; i < 10; i++)
		printf(" %u", h = round_of(d, 0, v));
	printf("\n");
	snprintf(name, sizeof name, "1024 flows stay in the cache (%s)", how);
	check(!d.errors && first == 0 && h >= 1000, name);
}

static void longest_miss()
{
	device d(ENTRIES);
	std::vector<selector> v = flows("random", 16);
	// only the last one matches outbound, nothing inbound
	for (unsigned i = 0; i + 1 < ENTRIES; i++)
		d.add(i, other(i));
	policy last = net(2, 0);
	d.add(ENTRIES - 1, last);
	d.t->eval();
	uint64_t start = d.cycle;
	round_of(d, 0, { v[0] });
	printf("  one miss through %d policies: %u cycles of walk, %llu from "
	       "question to answer\n",
	       ENTRIES, d.t->miss_cycles,
	       (unsigned long long)(d.cycle - start));
	check(d.cycle - start <= ENTRIES + 24, "one miss, question to answer");
	round_of(d, 1, v);
	check(d.t->miss_cycles >= ENTRIES && d.t->miss_cycles <= ENTRIES + 13,
	      "longest walk is bounded");
	check(d.t->misses == 17 && !d.errors, "all of them missed");
	check(round_of(d, 1, v) == 16, "that nothing matches is cached too");
}

static void speed()
{
	device d(ENTRIES);
	std::vector<selector> v = flows("ports", 64);
	size_t at[2] = { 0, 0 };
	uint64_t n0, n1;

	d.add(0, net(1, 0));
	d.add(1, net(1, ESPALIER_SPD_IN));
	round_of(d, 0, v);
	round_of(d, 1, v);
	d.source = [&](unsigned c, selector &s) {
		s = v[at[c]++ % v.size()];
		return true;
	};
	for (int i = 0; i < 100; i++)
		d.tick();
	n0 = d.answers[0];
	n1 = d.answers[1];
	for (int i = 0; i < 2000; i++)
		d.tick();
	check(d.answers[0] - n0 >= 499 && d.answers[1] - n1 >= 499,
	      "hits: each client every fourth cycle");
	d.source = [&](unsigned c, selector &s) {
		s = v[at[c]++ % v.size()];
		return c == 1;
	};
	for (int i = 0; i < 100; i++)
		d.tick();
	n1 = d.answers[1];
	for (int i = 0; i < 2000; i++)
		d.tick();
	printf("  one client alone: %.3f answers a cycle\n",
	       (d.answers[1] - n1) / 2000.0);
	check(d.answers[1] - n1 >= 995,
	      "hits: one client alone every other cycle");

	// Client 0 misses all the time, through a full table.
	d.drain();
	d.add(0, other(0));
	for (unsigned i = 2; i < ENTRIES; i++)
		d.add(i, other(i));
	round_of(d, 1, v);
	spd_maker m(5);
	d.source = [&](unsigned c, selector &s) {
		if (c == 1) {
			s = v[at[c]++ % v.size()];
			return true;
		}
		s = m.flow();
		s.sport = m.below(65536);
		s.dport = m.below(65536);
		s.ports_ok = 1;
		s.proto = 17;
		return true;
	};
	n1 = d.answers[1];
	for (int i = 0; i < 20000; i++)
		d.tick();
	printf("  beside a client that always misses: %.3f answers a cycle\n",
	       (d.answers[1] - n1) / 20000.0);
	check(d.answers[1] - n1 >= 9750,
	      "a miss does not hold up the other client's hits");
	d.drain();
	check(!d.errors, "speed");
}

// A flipped bit anywhere may turn an answer into DISCARD with parity = 1; it
// never makes it another policy's.
template <class M> static void flip(M &mem, unsigned entry, unsigned bit)
{
	mem[entry][bit / 32] ^= 1u << (bit % 32);
}

static void upsets(unsigned rounds)
{
	device d(ENTRIES);
	spd_maker m(11);
	std::vector<selector> v(200);
	uint64_t right = 0, closed = 0, wrong = 0;
	auto *r = d.t->rootp;

	for (auto &s : v)
		s = m.flow();
	for (unsigned i = 0; i < 64; i++)
		d.add(i, m.pol());
	d.check_on = false;
	d.watch = [&](unsigned c, const selector &s, const verdict &x) {
		verdict w = model_lookup(d.now, s, c);
		if (x == w)
			right++;
		else if (x.parity && x.match && x.action == 0)
			closed++;
		else
			wrong++;
	};
	for (unsigned n = 0; n < rounds; n++) {
		unsigned what = m.below(3), entry = what < 2 ? m.below(64) : 0,
			 bit = 0;
		round_of(d, 0, v);
		round_of(d, 1, v);
		switch (what) {
		case 0: // a policy
			flip(r->spd__DOT__u_table__DOT__g_whole__DOT__u_mem__DOT__mem, entry,
			     bit = m.below(640));
			break;
		case 1: // what it decides
			r->spd__DOT__u_table__DOT__u_answer__DOT__mem[entry] ^=
				1ull << (bit = m.below(51));
			break;
		case 2: // the same bit of every cache entry
			bit = m.below(317);
			for (unsigned e = 0; e < SETS; e++) {
				flip(r->spd__DOT__u_cache__DOT__u_way0__DOT__mem,
				     e, bit);
				flip(r->spd__DOT__u_cache__DOT__u_way1__DOT__mem,
				     e, bit);
			}
			break;
		}
		round_of(d, 0, v);
		round_of(d, 1, v);
		if (what == 2)
			continue;
		// the cache still knew; now it has to walk
		d.flush();
		round_of(d, 0, v);
		round_of(d, 1, v);
		policy p = d.now[entry];
		d.add(entry, p);
	}
	printf("  %u upsets: %llu answers right, %llu closed, %llu wrong\n",
	       rounds, (unsigned long long)right, (unsigned long long)closed,
	       (unsigned long long)wrong);
	check(wrong == 0 && right > 0 && closed > 0 && !d.errors,
	      "single bit upsets never open a door");
	check(d.events > 0, "upsets are told");
}

int main(int argc, char **argv)
{
	longest_miss();
	speed();
	for (const char *how : { "random", "ports", "hosts", "grid", "v6" })
		residence(how);
	upsets(argc > 1 ? atoi(argv[1]) : 60);
	printf("test_spd_full: %d passed, %d failed\n", passed, failed);
	return failed != 0;
}
