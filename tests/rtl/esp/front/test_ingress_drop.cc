// SPDX-License-Identifier: Apache-2.0
//
// ingress, receive side (DROP_FULL): never stalls the wire; what finds no room
// is lost whole and reported, and the frames around it are untouched.
#include "ingress_test.h"

enum { IN_CODE = 0x22, SHORT_CODE = 0x28 };

int main(int argc, char **argv)
{
	unsigned seeds = argc > 1 ? atoi(argv[1]) : 12;
	uint64_t drops = 0;

	for (unsigned s = 1; s <= seeds; s++) {
		pace p;
		char name[80];
		p.in = s % 3 ? s * 37 % 250 : 0;
		p.f = s * 53 % 256;
		p.d = s * 71 % 256;
		p.release = s * 29 % 256;
		outcome o = run(random_jobs(s + 100, 2000, s % 2), p, s,
				SHORT_CODE, IN_CODE, true);
		snprintf(name, sizeof name, "random frames, seed %u", s);
		check(!o.errors && o.records + o.drops == 2000 && o.records > 0,
		      name);
		drops += o.drops;
	}
	check(drops > 100, "there was too little room at times");

	// A reader that keeps up loses nothing, at any size from 60 bytes.
	for (size_t size = 60; size <= 160; size++) {
		maker m(size);
		std::vector<job> v(200);
		for (auto &j : v)
			j.frame = m.fill(size);
		outcome o = run(v, pace(), 1, SHORT_CODE, IN_CODE, true);
		check(!o.errors && !o.drops, "no loss at full speed");
	}
	printf("test_ingress_drop: %d passed, %d failed\n", passed, failed);
	return failed != 0;
}
