// SPDX-License-Identifier: Apache-2.0
//
// gcm_pair with two clients: results by OpenSSL, contexts kept apart, and the
// promise of its ENGINES: with one engine the slots of both clients follow each
// other without a bubble and packets alternate, with two each has its own time.
#include <algorithm>
#include <cstdio>

#include "Vgcm_pair.h"
#include "gcm_random.h"

static const unsigned int KEYS = TEST_KEY_ENTRIES;
static unsigned int passed, failed;

static void check(bool ok, const char *what, unsigned long n)
{
	if (ok) {
		passed++;
		return;
	}
	if (++failed < 20)
		fprintf(stderr, "FAILED: %s (%lu)\n", what, n);
}

GCM_PORT(port_a, Vgcm_pair, a_);
GCM_PORT(port_b, Vgcm_pair, b_);

struct pair_model {
	Vgcm_pair top;
	uint64_t cycle = 0;
	gcm_client<port_a> a;
	gcm_client<port_b> b;
	std::vector<gcm_key> keys[2];

	pair_model() : a(port_a{ &top }), b(port_b{ &top })
	{
		clocks(0);
		top.key_valid = 0;
		top.rst = 1;
		for (int i = 0; i < 4; i++)
			tick();
		top.rst = 0;
		tick();
	}

	void clocks(int level)
	{
		top.clk_a = level;
		top.clk_b = level;
	}

	void tick()
	{
		clocks(1);
		top.eval();
		clocks(0);
		top.eval();
		cycle++;
	}

	void run(const std::vector<gcm_packet> &pa,
		 const std::vector<gcm_packet> &pb, unsigned int gap_a,
		 unsigned int gap_b)
	{
		a.start(pa, gap_a, cycle);
		b.start(pb, gap_b, cycle);
		while (!(a.finished() && b.finished()) &&
		       cycle - std::max(a.moved, b.moved) < 3000 * GCM_CYCLES) {
			a.drive();
			b.drive();
			top.eval();
			a.before_edge(cycle);
			b.before_edge(cycle);
			tick();
			a.collect(cycle);
			b.collect(cycle);
		}
		a.drive();
		b.drive();
		tick();
		check(a.stray + b.stray == 0 && top.idle, "stray output",
		      a.stray + b.stray);
		for (size_t i = 0; i < pa.size(); i++)
			check(right(pa[i], keys[0][pa[i].key_idx], a.res[i]),
			      "client a", i);
		for (size_t i = 0; i < pb.size(); i++)
			check(right(pb[i], keys[1][pb[i].key_idx], b.res[i]),
			      "client b", i);
	}
};

static std::vector<gcm_packet> packets(int n, size_t aad, size_t max_len)
{
	std::vector<gcm_packet> v;
	for (int i = 0; i < n; i++)
		v.push_back(random_packet((unsigned int)rand() % KEYS,
					  (size_t)rand() % (aad + 1),
					  (size_t)rand() % (max_len + 1)));
	return v;
}

/* Both clients offer commands all the time. */
static void check_times(pair_model &m, const std::vector<gcm_packet> &pa,
			const std::vector<gcm_packet> &pb)
{
	if (ENGINES == 2) {
		check(on_time(pa, m.a.res, gcm_first_slot(m.a.first_cmd)),
		      "a on time", 0);
		check(on_time(pb, m.b.res, gcm_first_slot(m.b.first_cmd)),
		      "b on time", 0);
		return;
	}
	/* the one order that round robin allows: whoever was first, then in
	 * turn */
	bool b_first = m.b.first_cmd < m.a.first_cmd;
	std::vector<gcm_packet> all;
	std::vector<gcm_result> res;
	for (size_t i = 0; i < pa.size(); i++) {
		for (int k = 0; k < 2; k++) {
			bool is_b = (k == 0) == b_first;
			all.push_back(is_b ? pb[i] : pa[i]);
			res.push_back(is_b ? m.b.res[i] : m.a.res[i]);
		}
	}
	check(on_time(all, res,
		      gcm_first_slot(std::min(m.a.first_cmd, m.b.first_cmd))),
	      "in turn, slots contiguous", 0);
}

int main(int argc, char **argv)
{
	Verilated::commandArgs(argc, argv);
	Verilated::randReset(2);
	Verilated::randSeed(argc > 1 ? atoi(argv[1]) : 1);
	srand(argc > 1 ? (unsigned int)atoi(argv[1]) : 1);

	pair_model *m = new pair_model;

	for (int client = 0; client < 2; client++) {
		for (unsigned int i = 0; i < KEYS; i++) {
			m->keys[client].push_back(random_key());
			m->top.key_client = client;
			unsigned int n =
				gcm_key_command(*m, i, &m->keys[client][i]);
			check(n == (m->keys[client][i].key.size() == 32
					    ? GCM_INSTALL_256
					    : GCM_INSTALL_128),
			      "install cycles", n);
		}
	}
	for (int round = 0; round < 12; round++) {
		size_t max_len = round < 4 ? 40 : round < 8 ? 300 : 2000;
		std::vector<gcm_packet> pa = packets(40, 20, max_len),
					pb = packets(40, 20, max_len);
		m->run(pa, pb, 0, 0);
		check_times(*m, pa, pb);
	}
	/* packets of one slot */
	{
		std::vector<gcm_packet> pa = packets(60, 0, 0),
					pb = packets(60, 0, 0);
		m->run(pa, pb, 0, 0);
		check_times(*m, pa, pb);
	}
	/* one client alone, uneven loads */
	{
		std::vector<gcm_packet> pa = packets(60, 16, 200), none;
		m->run(pa, none, 0, 0);
		check(on_time(pa, m->a.res, gcm_first_slot(m->a.first_cmd)),
		      "a alone", 0);
		m->run(none, pa, 0, 0);
		check(on_time(pa, m->b.res, gcm_first_slot(m->b.first_cmd)),
		      "b alone", 0);
	}
	for (unsigned int round = 0; round < 10; round++)
		m->run(packets(50, 16, 150), packets(50, 16, 150),
		       1u << (round % 6), (1u << (round % 5)));

	/* a zeroized context of one client leaves the other's alone */
	m->top.key_client = 1;
	check(gcm_key_command(*m, 5, nullptr) == GCM_ZEROIZE, "zeroize cycles",
	      0);
	{
		std::vector<gcm_packet> pa(1, random_packet(5, 8, 64)),
			pb(1, random_packet(6, 8, 64));
		m->run(pa, pb, 0, 0);
		pb[0].key_idx = 5;
		m->b.start(pb, 0, m->cycle);
		m->a.start(std::vector<gcm_packet>(), 0, m->cycle);
		while (!m->b.finished() &&
		       m->cycle - m->b.moved < 3000 * GCM_CYCLES) {
			m->b.drive();
			m->top.eval();
			m->b.before_edge(m->cycle);
			m->tick();
			m->b.collect(m->cycle);
		}
		check(m->b.finished() &&
			      !right(pb[0], m->keys[1][5], m->b.res[0]),
		      "b's key is gone", 0);
	}
	delete m;
	printf("%s: %u passed, %u failed\n", TEST_NAME, passed, failed);
	return failed != 0;
}
