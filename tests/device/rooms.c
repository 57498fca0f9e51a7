// SPDX-License-Identifier: Apache-2.0
/*
 * Rooms that sleep: a simulation that leaves out the clock edges of rooms with
 * nothing to do comes to the same cycle counts as one that clocks every room
 * in every cycle, and as one that Verilator's own eval() runs.
 */
#include <stdlib.h>
#include "espalier_regs.h"
#include "meter.h"
#include "suite.h"

/* how the next simulation to be opened is run */
enum way { SLEEPING, ALL_ROOMS, BY_EVAL, WAYS };

static void go(enum way way)
{
	static const char *const names[WAYS] = {
		[ALL_ROOMS] = "ESPALIER_SIM_UNGATED",
		[BY_EVAL] = "ESPALIER_SIM_EVAL",
	};

	for (int k = ALL_ROOMS; k < WAYS; k++)
		MUST((k == (int)way ? setenv(names[k], "1", 1)
				    : unsetenv(names[k])) == 0);
}

static void expect_same(const struct meter *a, const struct meter *b)
{
	EXPECT(a->frames > 0);
	EXPECT_EQ(a->frames, b->frames);
	EXPECT_EQ(a->bytes, b->bytes);
	EXPECT_EQ(a->beats, b->beats);
	EXPECT_EQ(a->cycles, b->cycles);
	EXPECT_EQ(a->stalls, b->stalls);
	EXPECT_EQ(a->total_cycles, b->total_cycles);
	EXPECT_EQ(a->lost, b->lost);
}

static const unsigned int sizes[] = { 64, 700, 9000, METER_IMIX };
#define NSIZES (sizeof(sizes) / sizeof(sizes[0]))

static void long_runs(void)
{
	for (size_t i = 0; i < NSIZES; i++) {
		struct meter out[WAYS], ring[WAYS], in[WAYS];

		for (int k = 0; k < WAYS; k++) {
			go(k);
			meter_wire_out(sizes[i], &out[k]);
			meter_ring_out(sizes[i], &ring[k]);
			meter_in(sizes[i], &in[k]);
			expect_same(&out[0], &out[k]);
			expect_same(&ring[0], &ring[k]);
			expect_same(&in[0], &in[k]);
		}
	}
	go(SLEEPING);
}

/* out of sleep: the first frame of a device that rested */
static void first_frames(void)
{
	for (unsigned int size = 64; size <= 1420; size += 113) {
		unsigned int out[WAYS], in[WAYS];

		for (int k = 0; k < WAYS; k++) {
			go(k);
			out[k] = meter_latency_out(size);
			in[k] = meter_latency_in(size);
			EXPECT_EQ(out[0], out[k]);
			EXPECT_EQ(in[0], in[k]);
		}
	}
	go(SLEEPING);
}

/* The cycle counter is read from a room that sleeps, and counts on. */
static void cycle_counter(void)
{
	static struct nic nic;
	uint64_t sim[2];
	uint32_t reg[2];

	nic_open(&nic, NULL);
	for (int k = 0; k < 2; k++) {
		espalier_sim_run(nic.sim, 1000, false);
		sim[k] = espalier_sim_cycles(nic.sim);
		reg[k] = nic_reg(&nic, ESPALIER_REG_CYCLES_LO);
	}
	EXPECT_EQ(reg[1] - reg[0], sim[1] - sim[0]);
	nic_close(&nic);
}

int main(int argc, char **argv)
{
	static const struct test_case cases[] = {
		{ "long_runs", long_runs },
		{ "first_frames", first_frames },
		{ "cycle_counter", cycle_counter },
		{ NULL, NULL },
	};

	return suite_run("rooms", cases, argc, argv);
}
