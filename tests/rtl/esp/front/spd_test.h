/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SPD against a list that is searched from the top. Shared by two programs,
 * one with a tiny table and cache, one with the real sizes.
 */
#ifndef SPD_TEST_H
#define SPD_TEST_H

#include <algorithm>
#include <deque>
#include <functional>

#include "Vspd.h"
#include "espalier/layout.h"
#include "front_model.h"

static int passed, failed;

static void check(bool ok, const char *name)
{
	if (ok) {
		passed++;
	} else {
		failed++;
		printf("not ok: %s\n", name);
	}
}

struct policy {
	espalier_spd_entry e = {};
	bool corrupt = false;
};

typedef std::vector<policy> table;

struct verdict {
	unsigned match, parity, action, index, handle, reqid;
	bool operator==(const verdict &o) const
	{
		return match == o.match && parity == o.parity &&
		       action == o.action && index == o.index &&
		       handle == o.handle && reqid == o.reqid;
	}
};

inline addr_t number(const uint32_t w[4])
{
	addr_t a;
	for (int i = 0; i < 16; i++)
		a[15 - i] = w[i / 4] >> (8 * (i % 4));
	return a;
}

inline bool port_in(uint32_t range, unsigned ok, unsigned port)
{
	unsigned lo = range & 0xffff, hi = range >> 16;
	return (lo == 0 && hi == 65535) || (ok && lo <= port && port <= hi);
}

inline verdict model_lookup(const table &t, const selector &s, unsigned dir)
{
	for (size_t i = 0; i < t.size(); i++) {
		const espalier_spd_entry &e = t[i].e;
		if (t[i].corrupt)
			return { 1, 1, 0, (unsigned)i, 0, 0 };
		if (!(e.flags & ESPALIER_SPD_VALID) ||
		    !(e.flags & ESPALIER_SPD_IN) != !dir ||
		    !(e.flags & ESPALIER_SPD_V6) != !s.v6)
			continue;
		if (!(e.flags & ESPALIER_SPD_PROTO_ANY) &&
		    (e.flags >> ESPALIER_SPD_PROTO_SHIFT & 0xff) != s.proto)
			continue;
		if (s.src < number(e.src_lo) || number(e.src_hi) < s.src ||
		    s.dst < number(e.dst_lo) || number(e.dst_hi) < s.dst)
			continue;
		if (!port_in(e.sport, s.ports_ok, s.sport) ||
		    !port_in(e.dport, s.ports_ok, s.dport))
			continue;
		return { 1,
			 0,
			 e.flags >> ESPALIER_SPD_ACTION_SHIFT & 3,
			 (unsigned)i,
			 e.handle,
			 e.flags >> ESPALIER_SPD_REQID_SHIFT };
	}
	return { 0, 0, 0, 0, 0, 0 };
}

const int SEL_W = 298;

inline void pack_selector(const selector &s, uint32_t *w)
{
	int at = SEL_W;
	auto put = [&](uint64_t v, int n) {
		while (n--) {
			at--;
			w[at / 32] = (w[at / 32] & ~(1u << (at % 32))) |
				     (uint32_t)(v >> n & 1) << (at % 32);
		}
	};
	put(s.v6, 1);
	for (uint8_t b : s.src)
		put(b, 8);
	for (uint8_t b : s.dst)
		put(b, 8);
	put(s.proto, 8);
	put(s.ports_ok, 1);
	put(s.sport, 16);
	put(s.dport, 16);
}

/* Policies and flows that meet each other often. */
class spd_maker
{
      public:
	std::mt19937 rng;
	explicit spd_maker(uint32_t seed) : rng(seed)
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

	void addr(bool v6, uint32_t w[4])
	{
		w[0] = 0x0a000000 + below(12);
		w[1] = w[2] = w[3] = 0;
		if (v6) {
			w[3] = 0x20010db8;
			for (int i = 0; i < 4; i++)
				if (chance(60))
					w[i] += below(3) - 1;
		}
	}
	unsigned port()
	{
		return chance(128)   ? 1000 + below(6)
		       : chance(128) ? below(3)
				     : 65535 - below(3);
	}

	selector flow()
	{
		selector s = {};
		uint32_t a[4], b[4];
		s.v6 = chance(100);
		addr(s.v6, a);
		addr(s.v6, b);
		s.src = number(a);
		s.dst = number(b);
		s.proto = chance(200) ? (chance(128) ? 6 : 17) : below(256);
		s.ports_ok = chance(220);
		if (s.ports_ok) {
			s.sport = port();
			s.dport = port();
		}
		return s;
	}

	void range(bool v6, uint32_t lo[4], uint32_t hi[4])
	{
		addr(v6, lo);
		addr(v6, hi);
		if (chance(40)) {
			memset(lo, 0, 16);
			memset(hi, 255, 16);
		} else if (chance(120)) {
			memcpy(hi, lo, 16);
		} else if (number(hi) < number(lo) && chance(240)) {
			for (int i = 0; i < 4; i++)
				std::swap(lo[i], hi[i]);
		}
	}
	uint32_t ports()
	{
		if (chance(140))
			return 0xffff0000;
		unsigned a = port(), b = port();
		if (a > b && chance(240))
			std::swap(a, b);
		return a | b << 16;
	}

	policy pol()
	{
		policy p;
		bool v6 = chance(100);
		p.e.flags = (chance(235) ? ESPALIER_SPD_VALID : 0) |
			    (chance(128) ? ESPALIER_SPD_IN : 0) |
			    (v6 ? ESPALIER_SPD_V6 : 0) |
			    below(3) << ESPALIER_SPD_ACTION_SHIFT |
			    (chance(128) ? ESPALIER_SPD_PROTO_ANY : 0) |
			    (chance(128) ? 6 : 17) << ESPALIER_SPD_PROTO_SHIFT |
			    rng() << 16;
		p.e.handle = rng();
		p.e.sport = ports();
		p.e.dport = ports();
		range(v6, p.e.src_lo, p.e.src_hi);
		range(v6, p.e.dst_lo, p.e.dst_hi);
		return p;
	}
};

class device
{
      public:
	Vspd *t;
	unsigned entries;
	table now,
		next; /* what the table says, and will say when acknowledged */
	bool between =
		false; /* the operation is under way: either may answer */
	std::deque<selector> sent[2];
	uint64_t cycle = 0, answers[2] = { 0, 0 }, events = 0, taken_back = 0;
	unsigned errors = 0;
	bool check_on = true; /* off: only the `watch` looks at answers */
	std::function<void(unsigned, const selector &, const verdict &)> watch;
	/* what the clients do */
	std::function<bool(unsigned, selector &)> source =
		[](unsigned, selector &) { return false; };
	std::function<bool(unsigned)> sink = [](unsigned) { return true; };

      private:
	bool held[2] = { false, false };
	selector offer[2];
	bool was_valid[2] = { false, false };

	verdict get(unsigned c)
	{
		unpack u(c ? t->i_res.data() : t->o_res.data(), 68);
		verdict v;
		v.match = u.get(1);
		v.parity = u.get(1);
		v.action = u.get(2);
		v.index = u.get(16);
		v.handle = u.get(32);
		v.reqid = u.get(16);
		return v;
	}

      public:
	explicit device(unsigned n) : t(new Vspd), entries(n)
	{
		reset();
	}

	void reset()
	{
		now = next = table(entries);
		between = false;
		for (unsigned c = 0; c < 2; c++) {
			sent[c].clear();
			held[c] = was_valid[c] = false;
		}
		t->clk = 0;
		t->rst = 1;
		t->tbl_valid = 0;
		t->o_req_valid = t->i_req_valid = t->o_res_ready =
			t->i_res_ready = 0;
		for (int i = 0; i < 3; i++) {
			t->clk = 1;
			t->eval();
			t->clk = 0;
			t->eval();
		}
		t->rst = 0;
		t->eval();
		while (!t->init_done)
			tick();
	}
	~device()
	{
		t->final();
		delete t;
	}

	void tick()
	{
		for (unsigned c = 0; c < 2; c++) {
			if (!held[c] && source(c, offer[c])) {
				held[c] = true;
				pack_selector(offer[c], c ? t->i_req.data()
							  : t->o_req.data());
			}
			(c ? t->i_req_valid : t->o_req_valid) = held[c];
			(c ? t->i_res_ready : t->o_res_ready) = sink(c);
		}
		t->eval();
		if (t->tbl_ack && between) {
			now = next;
			between = false;
		}
		for (unsigned c = 0; c < 2; c++) {
			bool rv = c ? t->i_res_valid : t->o_res_valid;
			bool rr = c ? t->i_res_ready : t->o_res_ready;
			if (was_valid[c] && !rv) {
				taken_back++;
				if (!between)
					fail("result taken back without a "
					     "reason");
			}
			was_valid[c] = rv && !rr;
			if (rv && rr) {
				verdict v = get(c);
				if (sent[c].empty()) {
					fail("answer without question");
					continue;
				}
				selector s = sent[c].front();
				sent[c].pop_front();
				answers[c]++;
				if (watch)
					watch(c, s, v);
				if (check_on &&
				    !(v == model_lookup(now, s, c)) &&
				    !(between &&
				      v == model_lookup(next, s, c))) {
					verdict w = model_lookup(now, s, c);
					if (errors++ < 5)
						printf("  cycle %llu client "
						       "%u: match %u parity %u "
						       "action %u index %u, "
						       "want match %u parity "
						       "%u action %u index "
						       "%u\n",
						       (unsigned long long)
							       cycle,
						       c, v.match, v.parity,
						       v.action, v.index,
						       w.match, w.parity,
						       w.action, w.index);
				}
			}
			if (held[c] && (c ? t->i_req_ready : t->o_req_ready)) {
				sent[c].push_back(offer[c]);
				held[c] = false;
			}
		}
		if (t->ev_valid) {
			unpack u(t->ev.data(), 72);
			events++;
			if (u.get(8) != ESPALIER_EV_PARITY ||
			    u.get(32) >= entries ||
			    u.get(32) != ESPALIER_TBL_SPD)
				fail("event");
		}
		t->clk = 1;
		t->eval();
		t->clk = 0;
		t->eval();
		cycle++;
	}

	void fail(const char *why)
	{
		if (errors++ < 5)
			printf("  cycle %llu: %s\n", (unsigned long long)cycle,
			       why);
	}

	/* One table operation; the clients go on meanwhile. Returns the result.
	 */
	unsigned op(unsigned code, unsigned index,
		    const espalier_spd_entry *e = nullptr,
		    espalier_spd_entry *out = nullptr,
		    unsigned tbl = ESPALIER_TBL_SPD)
	{
		uint32_t w[32] = {};
		if (e)
			memcpy(w, e, sizeof *e);
		t->tbl_op = code;
		t->tbl_table = tbl;
		t->tbl_index = index;
		for (int i = 0; i < 32; i++)
			t->tbl_wdata[i] = w[i];
		t->tbl_valid = 1;
		memset(w, 0, sizeof w);
		for (int i = 0;; i++) {
			t->eval();
			/* as table_stage does, 64 bits down a cycle */
			memmove(w, w + 2, sizeof w - 8);
			w[30] = w[31] = 0;
			for (int k = 0; k < 32; k++)
				w[k] |= t->tbl_rdata[k];
			if (t->tbl_ack)
				break;
			if (i > 20000) {
				fail("table operation never acknowledged");
				break;
			}
			tick();
		}
		unsigned res = t->tbl_res;
		if (code == ESPALIER_OP_READ && out)
			memcpy(out, w, sizeof *out);
		else
			for (int i = 0; i < 32; i++)
				if (w[i])
					fail("data where none was asked");
		tick();
		t->tbl_valid = 0;
		return res;
	}

	unsigned add(unsigned i, const policy &p)
	{
		next = now;
		next[i] = p;
		between = true;
		return op(ESPALIER_OP_ADD, i, &p.e);
	}
	unsigned del(unsigned i)
	{
		next = now;
		next[i] = policy();
		between = true;
		return op(ESPALIER_OP_DELETE, i);
	}
	unsigned corrupt(unsigned i)
	{
		next = now;
		next[i].corrupt = !next[i].corrupt;
		between = true;
		return op(ESPALIER_OP_CORRUPT, i);
	}
	unsigned flush()
	{
		next = now;
		between = true;
		return op(ESPALIER_OP_FLUSH, 0);
	}

	/* Until every question is answered. */
	bool drain(unsigned limit = 100000)
	{
		source = [](unsigned, selector &) { return false; };
		sink = [](unsigned) { return true; };
		for (unsigned i = 0; i < limit; i++) {
			if (!held[0] && !held[1] && sent[0].empty() &&
			    sent[1].empty())
				return true;
			tick();
		}
		fail("questions left without answer");
		return false;
	}
};

#endif
