// SPDX-License-Identifier: Apache-2.0
//
// replay_window against a naive model: a set of numbers for each SA, and the
// high bits found by trying the three candidates. Windows 32 to 1024, ESN
// across wraps, copies in flight together, jumps of every size.
//
// Built for WINDOW_MAX = 1024, and by test_replay_window_64.cc for one word.
#ifndef WINDOW_MAX
#define WINDOW_MAX 1024
#endif
#include <cstdlib>
#include <deque>
#include <set>
#include <vector>

#include "Vreplay_window.h"
#include "check.h"
#include "verilated.h"

typedef __int128 wide;

struct model {
	bool live = false, esn = false, replay = true;
	unsigned window = 64;
	uint64_t top = 0;
	uint64_t all_seen_to = 0; // ADD with a number: all up to it count as seen
	std::set<uint64_t> seen;

	void add(uint64_t t)
	{
		top = all_seen_to = t;
		seen.clear();
	}
	// The number meant by 32 bits, or -1 when there is none.
	wide infer(uint32_t low) const
	{
		if (!esn)
			return low;
		for (int k = -1; k <= 1; k++) {
			wide n = ((wide)(top >> 32) + k) * ((wide)1 << 32) + low;
			wide base = (wide)top - window + 1;
			if (n >= base && n < base + ((wide)1 << 32))
				return n < 0 || n >= ((wide)1 << 64) ? -1 : n;
		}
		abort();
	}
	bool ok(wide n) const
	{
		if (n <= 0)
			return false;
		if (n > (wide)top)
			return true;
		if ((wide)top - n >= window)
			return false;
		return (uint64_t)n > all_seen_to && !seen.count((uint64_t)n);
	}
	bool commit(uint64_t n)
	{
		bool good = !replay || ok(n);
		if (good) {
			seen.insert(n);
			if (n > top)
				top = n;
			while (!seen.empty() && top - *seen.begin() > 8192)
				seen.erase(seen.begin());
		}
		return good;
	}
};

static Vreplay_window *d;
static uint64_t cycle;
static bool bad; // of the last pre-check or commit

static void tick()
{
	d->clk = 0;
	d->eval();
	d->clk = 1;
	d->eval();
	cycle++;
}

static void set(model &m, unsigned slot, uint64_t t, unsigned flip = 0)
{
	d->set_flip = flip;
	d->set_valid = 1;
	d->set_slot = slot;
	d->set_seq = t;
	do
		tick();
	while (!d->set_done);
	d->set_valid = 0;
	tick();
	m.add(t);
	m.live = true;
}

static uint64_t get(unsigned slot)
{
	d->get_valid = 1;
	d->get_slot = slot;
	do
		tick();
	while (!d->get_done);
	uint64_t t = d->get_seq;
	d->get_valid = 0;
	tick();
	return t;
}

static bool precheck(model &m, unsigned slot, uint32_t low, uint64_t *n)
{
	d->q_valid = 1;
	d->q_slot = slot;
	d->q_seq = low;
	d->q_esn = m.esn;
	d->q_replay = m.replay;
	d->q_window = m.window;
	for (;;) {
		d->eval();
		bool r = d->q_ready;
		tick();
		if (r)
			break;
	}
	d->q_valid = 0;
	d->r_ready = 1;
	for (;;) {
		d->eval();
		if (d->r_valid) {
			*n = d->r_seq;
			bool ok = d->r_ok;
			bad = d->r_bad;
			tick();
			d->r_ready = 0;
			return ok;
		}
		tick();
	}
}

static bool commit(model &m, unsigned slot, uint64_t n, uint64_t *cycles)
{
	d->c_valid = 1;
	d->c_slot = slot;
	d->c_seq = n;
	d->c_replay = m.replay;
	d->c_window = m.window;
	for (;;) {
		d->eval();
		bool r = d->c_ready;
		tick();
		if (r)
			break;
	}
	uint64_t t0 = cycle - 1;
	d->c_valid = 0;
	while (!d->d_valid)
		tick();
	bool ok = d->d_ok;
	bad = d->d_bad;
	for (;;) {
		d->eval();
		if (d->c_ready)
			break;
		tick();
	}
	*cycles = cycle - t0;
	return ok;
}

static void one(model &m, unsigned slot, uint32_t low)
{
	uint64_t n, cyc;
	wide want = m.infer(low);
	bool ok = precheck(m, slot, low, &n);
	bool exp = !m.replay || m.ok(want);
	CHECK(ok == exp, "slot %u top %llx low %x window %u esn %d", slot,
	      (unsigned long long)m.top, low, m.window, m.esn);
	if (want >= 0)
		CHECK(n == (uint64_t)want, "inferred %llx, meant %llx",
		      (unsigned long long)n, (unsigned long long)want);
	if (!ok || want < 0)
		return;
	bool cok = commit(m, slot, n, &cyc);
	CHECK(cok == m.commit(n), "commit of %llx", (unsigned long long)n);
}

static void random_orders(unsigned seed)
{
	rng r(seed);
	model m[16];
	static const unsigned windows[] = { 32, 33, 63, 64, 65, 100, 128, 500, 512, 1000, 1023, 1024 };
	for (unsigned s = 0; s < 16; s++) {
		m[s].esn = r.chance(60);
		m[s].replay = s != 15;
		do
			m[s].window = windows[r.below(12)];
		while (m[s].window > WINDOW_MAX);
		static const uint64_t starts[] = { 0, 0, 5, 63, 64, 1000, 0xfffffff0u, 0xffffffffu,
						   0x1000003ffull, 0x7fffffe00ull, 0xffffffffffffff00ull };
		uint64_t t = starts[r.below(m[s].esn ? 11 : 8)];
		set(m[s], s, t);
	}
	for (int i = 0; i < 6000; i++) {
		unsigned s = r.below(16);
		model &k = m[s];
		uint64_t n;
		switch (r.below(8)) {
		case 0:
		case 1:
			n = k.top + 1;
			break;
		case 2:
			n = k.top + 1 + r.below(4);
			break;
		case 3:
			n = k.top + r.below(200);
			break;
		case 4:
			n = k.top + r.below(3000);
			break;
		case 5:
			n = k.top - r.below(k.window + 3);
			break;
		case 6:
			n = k.top - r.below(20);
			break;
		default:
			n = r.chance(5) ? r.next() : k.top - k.window + r.below(3);
		}
		one(k, s, (uint32_t)n);
		if (r.chance(1))
			CHECK(get(s) == k.top, "read-out %llx", (unsigned long long)k.top);
		if (r.chance(1)) {
			uint64_t t = k.esn ? k.top - r.below(100) : 0;
			set(k, s, t);
		}
	}
}

// Every distance of an advance, from every bit of a word: what was in the
// window stays, what was jumped over is open.
static void every_jump()
{
	for (unsigned start = 1000; start < 1064; start += 7)
		for (unsigned jump = 1; jump < 1200; jump += (jump < 140 ? 1 : 17)) {
			model m;
			m.window = WINDOW_MAX;
			set(m, 3, 0);
			rng r(start * 4096 + jump);
			uint64_t cyc;
			for (int i = 0; i < 6; i++) {
				uint64_t n = start - r.below(900);
				bool ok = commit(m, 3, n, &cyc);
				CHECK(ok == m.commit(n), "fill");
			}
			bool ok = commit(m, 3, start + jump, &cyc);
			CHECK(ok == m.commit(start + jump), "jump");
			CHECK(cyc <= WINDOW_MAX / 64 + 12, "jump of %u took %llu", jump, (unsigned long long)cyc);
			for (int i = 0; i < 40; i++)
				one(m, 3, start + jump + 2 - r.below(1030));
		}
}

// A pre-check beside an advance: what may pass before and after it passes.
static void beside_an_advance(unsigned seed)
{
	rng r(seed);
	model m;
	m.window = WINDOW_MAX;
	set(m, 5, 1000);
	for (int round = 0; round < 300; round++) {
		uint64_t to = m.top + 1 + r.below(WINDOW_MAX + 200);
		model after = m;
		after.commit(to);
		std::deque<uint64_t> asked;
		d->c_valid = 1;
		d->c_slot = 5;
		d->c_seq = to;
		d->c_replay = 1;
		d->c_window = m.window;
		for (int i = 0; i < 60; i++) {
			uint64_t n = to - r.below(to - m.top + 20);
			d->q_valid = i < 45;
			d->q_slot = 5;
			d->q_seq = (uint32_t)n;
			d->q_esn = 0;
			d->q_replay = 1;
			d->q_window = m.window;
			d->r_ready = 1;
			d->eval();
			bool qt = d->q_valid && d->q_ready, ct = d->c_valid && d->c_ready;
			if (d->r_valid) {
				uint64_t k = asked.front();
				asked.pop_front();
				if (m.ok(k) && after.ok(k))
					CHECK(d->r_ok, "number %llu beside an advance from %llu to %llu",
					      (unsigned long long)k, (unsigned long long)m.top,
					      (unsigned long long)to);
			}
			tick();
			if (qt)
				asked.push_back(n);
			if (ct)
				d->c_valid = 0;
		}
		d->q_valid = d->r_ready = 0;
		m = after;
	}
}

// Copies of one number pass the pre-check together; one commits.
static void copies_in_flight()
{
	model m;
	set(m, 9, 0);
	uint64_t a, b, cyc;
	CHECK(precheck(m, 9, 1, &a), "first copy");
	CHECK(precheck(m, 9, 1, &b), "second copy is advisory");
	CHECK(commit(m, 9, a, &cyc), "first copy commits");
	CHECK(!commit(m, 9, b, &cyc), "second copy is a duplicate");
	CHECK(get(9) == 1, "top");
}

// A corrupted window lets nothing in and does not move, in both steps, until the
// SA is set again. `odd`: 1 a word of it, 2 its highest number.
static void corrupted(unsigned odd)
{
	for (int replay = 0; replay < 2; replay++) {
		model m;
		m.replay = replay;
		bool want = odd == 2 || replay;
		uint64_t n, cyc;
		set(m, 6, 20, odd);
		set(m, 7, 20);
		for (uint64_t k : { 21, 1, 20, 63, WINDOW_MAX + 5 }) {
			CHECK(precheck(m, 6, k, &n) == !want && bad == want, "pre-check of %llu",
			      (unsigned long long)k);
			if (want)
				CHECK(!commit(m, 6, k, &cyc) && bad, "commit of %llu", (unsigned long long)k);
		}
		d->get_valid = 1;
		d->get_slot = 6;
		do
			tick();
		while (!d->get_done);
		CHECK(d->get_bad == (odd == 2) && d->get_seq == 20, "top %llu", (unsigned long long)d->get_seq);
		d->get_valid = 0;
		tick();
		one(m, 7, 21);
		CHECK(!bad, "the neighbour");
		set(m, 6, 20);
		one(m, 6, 21);
		one(m, 6, 21);
		CHECK(!bad, "set again");
	}
}

// An advance out of a corrupted word does not mend what it leaves of it; one over
// all of it does.
static void corrupted_word_stays()
{
	model m;
	m.window = WINDOW_MAX;
	uint64_t n, cyc;
	set(m, 6, 20, 1);
	CHECK(commit(m, 6, 70, &cyc) && !bad, "the next word is good");
	m.commit(70);
	for (uint64_t k : { 3, 20, 21, 50 }) {
		CHECK(!precheck(m, 6, k, &n) && bad, "pre-check of %llu", (unsigned long long)k);
		CHECK(!commit(m, 6, k, &cyc) && bad, "commit of %llu", (unsigned long long)k);
	}
	one(m, 6, 71);
	one(m, 6, 71);
	CHECK(!bad, "beside it");
	CHECK(get(6) == 71, "top %llu", (unsigned long long)get(6));
	one(m, 6, WINDOW_MAX + 64 + 9);
	one(m, 6, WINDOW_MAX + 3);
	CHECK(!bad, "written over");
}

// In order, streams of checks and commits at once: 5 cycles each.
static void rate()
{
	model m;
	m.window = WINDOW_MAX;
	m.esn = true;
	set(m, 4, 0xffffff00u);
	uint64_t t0 = cycle, next = 0xffffff01u;
	unsigned asked = 0, done = 0, good = 0;
	std::deque<uint64_t> q;
	const unsigned n = 2000;
	while (done < n && cycle - t0 < 100000) {
		d->q_valid = asked < n;
		d->q_slot = 4;
		d->q_seq = (uint32_t)next;
		d->q_esn = 1;
		d->q_replay = 1;
		d->q_window = WINDOW_MAX;
		d->r_ready = 1;
		d->c_valid = !q.empty();
		d->c_slot = 4;
		d->c_seq = q.empty() ? 0 : q.front();
		d->c_replay = 1;
		d->c_window = WINDOW_MAX;
		d->eval();
		bool qt = d->q_valid && d->q_ready, ct = d->c_valid && d->c_ready;
		if (d->r_valid) {
			CHECK(d->r_ok, "in order");
			q.push_back(d->r_seq);
		}
		tick();
		if (qt && q.size() < 20)
			asked++, next++;
		else if (qt)
			asked++, next++;
		if (ct)
			q.pop_front();
		if (d->d_valid) {
			done++;
			good += d->d_ok;
		}
	}
	d->q_valid = d->c_valid = d->r_ready = 0;
	CHECK(good == n, "%u of %u", good, n);
	CHECK(cycle - t0 <= n * 5 + 40, "%llu cycles for %u", (unsigned long long)(cycle - t0), n);
	CHECK(get(4) == 0xffffff00ull + n, "top %llx", (unsigned long long)get(4));
}

int main()
{
	d = new Vreplay_window;
	d->rst = 1;
	for (int i = 0; i < 3; i++)
		tick();
	d->rst = 0;
	copies_in_flight();
	corrupted(1);
	corrupted(2);
	if (WINDOW_MAX > 64)
		corrupted_word_stays();
	beside_an_advance(1);
	every_jump();
	for (unsigned s = 1; s <= 20; s++)
		random_orders(s);
	rate();
	delete d;
	return check_report(WINDOW_MAX == 64 ? "replay_window_64" : "replay_window");
}
