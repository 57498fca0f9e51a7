// SPDX-License-Identifier: Apache-2.0
/*
 * Speed as a property: a frame costs ceil(bytes / 16) cycles on the wire, at
 * every size, with another SA for every packet, both ways; with descriptors
 * and DMA at least 95 % of that.
 */
#include "meter.h"
#include "suite.h"

static const unsigned int sizes[] = { 64,   65,	  78,	100,  128,
				      200,  256,  512,	700,  1024,
				      1420, 2000, 4000, 9000, METER_IMIX };
#define NSIZES (sizeof(sizes) / sizeof(sizes[0]))

/* sum over frames of ceil(bytes / 16), and not a cycle more */
static void wire_out_exact(void)
{
	for (size_t i = 0; i < NSIZES; i++) {
		struct meter m;

		meter_wire_out(sizes[i], &m);
		if (m.cycles != m.beats)
			printf("    size %u: %llu frames, %llu words, %llu "
			       "cycles\n",
			       sizes[i], (unsigned long long)m.frames,
			       (unsigned long long)m.beats,
			       (unsigned long long)m.cycles);
		EXPECT_EQ(m.lost, 0);
		EXPECT_EQ(m.cycles, m.beats);
		EXPECT_EQ(m.stalls, 0);
	}
}

/* Frames without a gap, for many times what the buffers hold: none is lost. */
static void wire_in_exact(void)
{
	for (size_t i = 0; i < NSIZES; i++) {
		struct meter m;

		meter_in(sizes[i], &m);
		if (m.lost)
			printf("    size %u: %llu of %llu frames lost\n",
			       sizes[i], (unsigned long long)m.lost,
			       (unsigned long long)m.frames);
		EXPECT_EQ(m.lost, 0);
		EXPECT_EQ(m.cycles, m.beats);
	}
}

static void ring_out_95_percent(void)
{
	for (size_t i = 0; i < NSIZES; i++) {
		struct meter m;

		meter_ring_out(sizes[i], &m);
		printf("    size %4u: %5.1f %%\n", sizes[i],
		       100.0 * m.beats / m.cycles);
		EXPECT(m.beats * 100 >= m.cycles * 95);
	}
}

static void ring_in_95_percent(void)
{
	for (size_t i = 0; i < NSIZES; i++) {
		struct meter m;

		meter_in(sizes[i], &m);
		printf("    size %4u: %5.1f %%\n", sizes[i],
		       100.0 * m.beats / m.total_cycles);
		EXPECT_EQ(m.lost, 0);
		EXPECT(m.beats * 100 >= m.total_cycles * 95);
	}
}

int main(int argc, char **argv)
{
	static const struct test_case cases[] = {
		{ "wire_out_exact", wire_out_exact },
		{ "wire_in_exact", wire_in_exact },
		{ "ring_out_95_percent", ring_out_95_percent },
		{ "ring_in_95_percent", ring_in_95_percent },
		{ NULL, NULL },
	};

	return suite_run("cycles", cases, argc, argv);
}
