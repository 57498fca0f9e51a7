// SPDX-License-Identifier: Apache-2.0
/*
 * The traffic by which the compiler of the simulation learns what is common:
 * mixed sizes, and one that fits neither packets nor words, in both directions
 * with rings and completions. Not what the simulation's speed is measured with.
 */
#include "meter.h"
#include "suite.h"

static void run(unsigned int size)
{
	struct meter m;

	meter_ring_out(size, &m);
	EXPECT_EQ(m.lost, 0);
	meter_in(size, &m);
	EXPECT(m.frames > 0);
}

static void imix(void)
{
	run(METER_IMIX);
}

static void bytes_1001(void)
{
	run(1001);
}

static const struct test_case traffic[] = {
	{ "imix", imix },
	{ "bytes_1001", bytes_1001 },
	{ 0 },
};

int main(int argc, char **argv)
{
	return suite_run("train", traffic, argc, argv);
}
