// SPDX-License-Identifier: Apache-2.0
/*
 * The device's figures as JSON lines; with names of groups of them those only.
 *
 * Speeds are bytes of frames on the wire a cycle; the limit is what a wire of
 * 16 bytes a cycle allows for frames of that size.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "meter.h"
#include "suite.h"

static const struct {
	const char *name;
	unsigned int size;
} sizes[] = {
	{ "64", 64 },	  { "128", 128 },	  { "256", 256 },
	{ "512", 512 },	  { "1024", 1024 },	  { "1420", 1420 },
	{ "9000", 9000 }, { "imix", METER_IMIX },
};
#define NSIZES (sizeof(sizes) / sizeof(sizes[0]))

static FILE *out;

static void line(const char *name, const char *suffix, double value,
		 const char *unit, double limit)
{
	fprintf(out, "{\"name\": \"%s%s\", \"value\": %.6g, \"unit\": \"%s\", ",
		name, suffix, value, unit);
	if (limit > 0)
		fprintf(out, "\"limit\": %.6g}\n", limit);
	else
		fprintf(out, "\"limit\": null}\n");
	fflush(out);
}

static void speeds(void)
{
	for (size_t i = 0; i < NSIZES; i++) {
		struct meter m;
		double limit;

		meter_wire_out(sizes[i].size, &m);
		limit = (double)m.bytes / m.beats;
		line("wire_out_", sizes[i].name, (double)m.bytes / m.cycles,
		     "bytes/cycle", limit);
		meter_ring_out(sizes[i].size, &m);
		limit = (double)m.bytes / m.beats;
		line("ring_out_", sizes[i].name, (double)m.bytes / m.cycles,
		     "bytes/cycle", limit);
		meter_in(sizes[i].size, &m);
		limit = (double)m.bytes / m.beats;
		/* what was lost was not carried */
		line("wire_in_", sizes[i].name,
		     (double)m.bytes * (m.frames - m.lost) / m.frames /
			     m.cycles,
		     "bytes/cycle", limit);
		line("ring_in_", sizes[i].name,
		     (double)m.bytes * (m.frames - m.lost) / m.frames /
			     m.total_cycles,
		     "bytes/cycle", limit);
	}
}

static void latencies(void)
{
	for (size_t i = 0; i + 1 < NSIZES; i++) {
		line("latency_out_", sizes[i].name,
		     meter_latency_out(sizes[i].size), "cycles", 0);
		line("latency_in_", sizes[i].name,
		     meter_latency_in(sizes[i].size), "cycles", 0);
	}
}

static int by_value(const void *a, const void *b)
{
	double x = ((const struct meter_speed *)a)->cycles_per_s;
	double y = ((const struct meter_speed *)b)->cycles_per_s;

	return (x > y) - (x < y);
}

static void simulation(void)
{
	struct meter_speed s[5];

	for (int i = 0; i < 5; i++)
		meter_speed(&s[i]);
	qsort(s, 5, sizeof(s[0]), by_value);
	line("sim_cycles_per_s", "", s[2].cycles_per_s, "1/s", 0);
	line("sim_packets_per_s_1420", "", s[2].packets_per_s, "1/s", 0);
	line("sim_payload_mbit_per_s_1420", "", s[2].payload_mbit_per_s,
	     "Mbit/s", 0);
}

static void control_path(void)
{
	static struct nic nic;
	struct espalier_stats st;
	struct espalier_addr s = gen_addr(AF_INET, 0, 1);
	struct espalier_addr d = gen_addr(AF_INET, 1, 1);
	struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_OUT, 0);
	static uint8_t frame[GEN_BUF];
	unsigned int n;

	nic_open(&nic, NULL);
	nic_sa_add(&nic, &sa);
	n = nic.caps.spd_entries;
	for (unsigned int i = 0; i < n; i++) {
		struct espalier_policy p =
			gen_any(ESPALIER_DIR_OUT, AF_INET, ESPALIER_BYPASS, 1);

		p.dst_lo = gen_addr(AF_INET, 2, i);
		p.dst_hi = p.dst_lo;
		nic_policy_add(&nic, &p);
	}
	nic_out(&nic, frame, gen_udp(frame, &s, &d, 64), 0);
	nic_stats(&nic, &st);
	line("sa_install_cycles", "", st.sa_install_cycles, "cycles", 0);
	line("spd_miss_cycles", "", st.spd_miss_cycles, "cycles", 0);
	nic_close(&nic);
}

#define INSTALLS 256

/* All of espalier_sa_add() on the device: register accesses, key expansion,
 * entry, for inbound SAs a place in the hash. */
static void sa_installation(void)
{
	static const char *const suffix[] = { "out", "in" };
	static struct nic nic;

	nic_open(&nic, NULL);
	for (int dir = 0; dir < 2; dir++) {
		struct espalier_sa sa = gen_plain_sa(dir, 0);
		uint64_t cycles = espalier_sim_cycles(nic.sim);
		double start = meter_cpu_s();
		uint32_t h;

		for (uint32_t i = 0; i < INSTALLS; i++) {
			sa.spi = 0x10000 + i * 2654435761u % 0xfffffff;
			MUST(espalier_sa_add(nic.dev, &sa, &h) == 0);
		}
		cycles = espalier_sim_cycles(nic.sim) - cycles;
		line("sa_add_cycles_", suffix[dir], (double)cycles / INSTALLS,
		     "cycles", 0);
		line("sim_sa_add_per_s_", suffix[dir],
		     INSTALLS / (meter_cpu_s() - start), "1/s", 0);
	}
	nic_close(&nic);
}

static const struct test_case groups[] = {
	{ "speeds", speeds },
	{ "latencies", latencies },
	{ "simulation", simulation },
	{ "control_path", control_path },
	{ "sa_installation", sa_installation },
	{ 0 },
};

int main(int argc, char **argv)
{
	/* figures go to stdout alone; what the harness says to stderr */
	out = fdopen(dup(1), "w");
	if (!out || dup2(2, 1) < 0)
		return 1;
	return suite_run("bench_device", groups, argc, argv);
}
