// SPDX-License-Identifier: Apache-2.0
//
// ingress, transmit side (back-pressure): random frames against the model with
// random pauses on every port, and the cycle count, which is exact.
#include "ingress_test.h"

enum { IN_CODE = 0x02, SHORT_CODE = 0x09 };

static void speed(size_t size, size_t n, const char *name)
{
	maker m(size);
	std::vector<job> v(n);
	for (auto &j : v) {
		j.frame = m.fill(size);
		j.frame[12] = 0x86;
		j.frame[13] = 0xdd;
		j.frame[14] = 0x60;
		m.put16(j.frame, 18, size - 54);
	}
	outcome o = run(v, pace(), 1, SHORT_CODE, IN_CODE, false);
	uint64_t best = n * ((size + 15) / 16);
	// every word in a cycle of its own, plus the latency of the last frame
	check(!o.errors && o.cycles <= best + (size + 15) / 16 + 12, name);
	if (o.cycles > best + (size + 15) / 16 + 12)
		printf("  %zu frames of %zu bytes: %llu cycles, %llu words\n", n, size,
		       (unsigned long long)o.cycles, (unsigned long long)best);
}

int main(int argc, char **argv)
{
	unsigned seeds = argc > 1 ? atoi(argv[1]) : 12;

	for (unsigned s = 1; s <= seeds; s++) {
		pace p;
		char name[80];
		if (s % 3) {
			p.in = s * 37 % 200;
			p.f = s * 53 % 250;
			p.d = s * 71 % 250;
			p.release = s * 29 % 256;
		}
		outcome o = run(random_jobs(s, 1500, s % 2), p, s, SHORT_CODE, IN_CODE, false);
		snprintf(name, sizeof name, "random frames, seed %u", s);
		check(!o.errors && o.drops == 0 && o.records == 1500, name);
	}
	for (size_t n = 60; n <= 160; n++)
		speed(n, 300, "one word per cycle, short frames");
	speed(1514, 100, "one word per cycle, 1514 bytes");
	speed(9216, 20, "one word per cycle, 9216 bytes");

	printf("test_ingress: %d passed, %d failed\n", passed, failed);
	return failed != 0;
}
