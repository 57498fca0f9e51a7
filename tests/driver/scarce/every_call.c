// SPDX-License-Identifier: Apache-2.0
#include <string.h>
#include "every_call.h"

const struct espalier_null_opts null_opts = {
	.queues = 4,
	.sa_entries = 64,
	.spd_entries = 32,
	.mode = ESPALIER_NULL_LOOPBACK,
};

struct espalier_err err;

static bool same(struct scarce_held a, struct scarce_held b)
{
	return a.blocks == b.blocks && a.fds == b.fds && a.maps == b.maps;
}

void nothing_held(struct scarce_held before, const char *call, unsigned int nth)
{
	struct scarce_held h = scarce_held();

	if (!same(h, before))
		printf("    %s, call %u: %ld blocks, %ld descriptors, %ld maps "
		       "are left\n",
		       call ? call : "no failure", nth,
		       h.blocks - before.blocks, h.fds - before.fds,
		       h.maps - before.maps);
	CU_ASSERT(same(h, before));
}

void at_every_call(int (*run)(void), const char *may)
{
	struct scarce_held before = scarce_held();
	unsigned int nth, for_good, failed = 0;
	const char *call;
	int ret;

	for (for_good = 0; for_good < 2; for_good++) {
		for (nth = 0; nth < CALLS_MAX; nth++) {
			err.text[0] = '\0';
			scarce_arm(nth, for_good);
			ret = run();
			call = scarce_disarm();
			nothing_held(before, call, nth);
			if (!call) {
				EXPECT_EQ(ret, 0);
				break;
			}
			if (ret == 0 && strstr(may, call))
				continue;
			failed++;
			if (!scarce_was(-ret) || !err.text[0])
				printf("    %s, call %u: %d \"%s\"\n", call,
				       nth, ret, err.text);
			CU_ASSERT(scarce_was(-ret));
			CU_ASSERT(err.text[0] != '\0');
			err.text[0] = '\0';
			EXPECT_EQ(run(), 0);
			nothing_held(before, "none", nth);
		}
		CU_ASSERT(nth < CALLS_MAX);
	}
	CU_ASSERT(failed > 0);
}
