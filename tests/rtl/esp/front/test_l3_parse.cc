// SPDX-License-Identifier: Apache-2.0
//
// l3_parse by itself: random datagrams down to one word, back to back or with
// pauses, family given or taken from the version nibble.
#include <deque>

#include "Vl3_parse.h"
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

struct datagram {
	bytes d;
	unsigned kind, autok;
};

/* s_raw: the bytes 0 to 3, 8 to 11, 16 to 19 and 24 to 27, the first one lowest. */
static addr_t places(const std::vector<uint8_t> &d)
{
	addr_t a{};

	for (size_t k = 0; k < 16; k++)
		if (k / 4 * 8 + k % 4 < d.size())
			a[15 - k] = d[k / 4 * 8 + k % 4];
	return a;
}

static bool run(const std::vector<datagram> &v, unsigned stall, uint32_t seed)
{
	Vl3_parse *t = new Vl3_parse;
	std::mt19937 rng(seed);
	std::deque<std::pair<l3, uint64_t>> want;
	unsigned errors = 0, got = 0;
	size_t i = 0, at = 0;
	uint64_t cycle = 0;

	t->rst = 1;
	t->s_valid = 0;
	for (int k = 0; k < 4; k++) {
		t->clk = 1;
		t->eval();
		t->clk = 0;
		t->eval();
	}
	t->rst = 0;
	for (int drain = 0; drain < 20; cycle++) {
		if (i < v.size() && (rng() & 255) >= stall) {
			const datagram &g = v[i];
			for (int k = 0; k < 16; k++) {
				uint8_t b = at + k < g.d.size() ? g.d[at + k]
								: rng();
				t->s_data[k / 4] =
					(k % 4 ? t->s_data[k / 4] : 0) |
					(uint32_t)b << 8 * (k % 4);
			}
			t->s_valid = 1;
			t->s_last = at + 16 >= g.d.size();
			t->s_kind = at && (rng() & 1)
					    ? rng() & 3
					    : g.kind; /* only asked with the
							 first */
			t->s_auto = at ? rng() & 1 : g.autok;
			t->s_raw = i % 3 == 0;
			t->s_bytes = t->s_last ? g.d.size() : rng() & 0x3fff;
			t->s_user = t->s_last ? i & 1 : rng() & 1;
			at += 16;
			if (t->s_last) {
				unsigned kind = g.kind;
				bool odd = false;
				if (g.autok) {
					unsigned ver =
						g.d.empty() ? 0 : g.d[0] >> 4;
					kind = ver == 4	  ? KIND_IPV4
					       : ver == 6 ? KIND_IPV6
							  : KIND_OTHER;
					odd = kind == KIND_OTHER;
				}
				l3 w = model_l3(g.d, kind);
				if (odd)
					w.bad = 1;
				if (t->s_raw)
					w.sel.src = places(g.d);
				want.push_back({ w, cycle + 4 });
				at = 0;
				i++;
			}
		} else {
			t->s_valid = 0;
			if (i == v.size())
				drain++;
		}
		t->eval();
		if (t->m_valid) {
			std::string why;
			unpack u(t->m_l3.data(), L3_W);
			l3 g = unpack_l3(u);
			/* what stands behind the end is not told */
			if (got % 3 == 0)
				for (size_t k = 0; k < 16; k++)
					if (k / 4 * 8 + k % 4 >= v[got].d.size())
						g.sel.src[15 - k] = 0;
			if (want.empty() || want.front().second != cycle) {
				errors++;
				printf("  result at the wrong time\n");
				break;
			}
			if (!same_l3(g, want.front().first, why) ||
			    t->m_user != (got & 1)) {
				if (errors++ < 5)
					printf("  datagram %u:%s\n", got,
					       why.c_str());
			}
			want.pop_front();
			got++;
		}
		t->clk = 1;
		t->eval();
		t->clk = 0;
		t->eval();
	}
	t->final();
	delete t;
	return !errors && got == v.size();
}

int main(int argc, char **argv)
{
	unsigned seeds = argc > 1 ? atoi(argv[1]) : 20;

	for (unsigned s = 1; s <= seeds; s++) {
		maker m(s + 1000);
		std::vector<datagram> v(3000);
		char name[80];
		for (auto &g : v) {
			g.d = m.datagram(g.kind);
			g.autok = m.chance(100);
			if (m.chance(100) && g.d.size() > 32)
				g.d.resize(m.below(33)); // one or two words
			if (g.autok && g.d.empty())
				g.d = m.fill(3);
		}
		snprintf(name, sizeof name, "random datagrams, seed %u", s);
		check(run(v, s % 2 ? 0 : 100, s), name);
	}
	printf("test_l3_parse: %d passed, %d failed\n", passed, failed);
	return failed != 0;
}
