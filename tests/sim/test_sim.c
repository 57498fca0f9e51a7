// SPDX-License-Identifier: Apache-2.0
/*
 * The simulation library against a small block of its own (stub/espalier.sv),
 * so that a fault here is a fault of the library and not of the device. Its
 * wire is test_sim_wire.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "espalier_regs.h"
#include "stub_sim.h"

static void alloc(struct espalier_sim *sim, size_t size, struct espalier_dma *d)
{
	struct espalier_bus *bus = espalier_sim_bus(sim);

	if (bus->ops->dma_alloc(bus, size, 64, d))
		abort();
}

/* returns { write errors, read errors } of the engine */
static uint32_t copy(struct espalier_sim *sim, uint64_t src, uint64_t dst,
		     unsigned int beats, unsigned int bursts, uint16_t strb)
{
	wr(sim, COPY_SRC_LO, (uint32_t)src);
	wr(sim, COPY_SRC_LO + 4, (uint32_t)(src >> 32));
	wr(sim, COPY_DST_LO, (uint32_t)dst);
	wr(sim, COPY_DST_LO + 4, (uint32_t)(dst >> 32));
	wr(sim, COPY_GO, beats | bursts << 9 | (uint32_t)strb << 16);
	espalier_sim_run(sim, 100000, true);
	EXPECT(espalier_sim_idle(sim));
	EXPECT(!(rd(sim, COPY_GO) & 1));
	return rd(sim, COPY_GO) >> 8;
}

/* ---------------------------------------------------------------- registers */

static void t_registers(void)
{
	struct espalier_sim *sim = create(NULL);

	EXPECT(rd(sim, ESPALIER_REG_ID) == ESPALIER_ID_RESET_VALUE);
	wr(sim, ESPALIER_REG_SCRATCH, 0x12345678);
	EXPECT(rd(sim, ESPALIER_REG_SCRATCH) == 0x12345678);
	espalier_sim_reset(sim);
	EXPECT(rd(sim, ESPALIER_REG_SCRATCH) == 0);
	espalier_sim_destroy(sim);
}

static void t_device_tree(void)
{
	struct espalier_sim *sim = NULL;
	struct espalier_err err;
	uint8_t bad[64] = { 0 };

	EXPECT(espalier_sim_create(blob, blob_size, "/ethernet@50000000", NULL,
				   &sim, &err) == -EPROTO);
	EXPECT(strstr(err.text, "espalier,num-queues") &&
	       strstr(err.text, "8") && strstr(err.text, "4"));
	EXPECT(espalier_sim_create(blob, blob_size, "/nothing", NULL, &sim,
				   &err) == -EINVAL);
	EXPECT(strstr(err.text, "/nothing"));
	EXPECT(espalier_sim_create(bad, sizeof(bad), NULL, NULL, &sim, &err) ==
	       -EINVAL);
	EXPECT(espalier_sim_create(blob, 40, NULL, NULL, &sim, &err) ==
	       -EINVAL);
	EXPECT(!sim);
}

/* -------------------------------------------------------------------- idle */

static void t_idle(void)
{
	struct espalier_sim *sim = create(NULL);
	struct espalier_bus *bus = espalier_sim_bus(sim);
	uint64_t c;

	espalier_sim_run(sim, 1000, true);
	EXPECT(espalier_sim_idle(sim));
	c = espalier_sim_cycles(sim);
	EXPECT(c < 100);
	EXPECT(bus->ops->poll(bus) == 0);
	EXPECT(espalier_sim_cycles(sim) == c); /* no cycle for nothing */
	EXPECT(espalier_sim_run(sim, 777, false) == 777);
	wr(sim, IDLE_BLOCK, 1);
	EXPECT(bus->ops->poll(bus) > 0);
	wr(sim, IDLE_BLOCK, 0);
	EXPECT(bus->ops->poll(bus) == 0);
	espalier_sim_destroy(sim);
}

static void t_interrupts(void)
{
	struct espalier_sim *sim = create(NULL);
	struct espalier_bus *bus = espalier_sim_bus(sim);
	struct pollfd p = { .events = POLLIN };

	p.fd = bus->ops->irq_fd(bus, 2);
	EXPECT(p.fd >= 0 && bus->ops->irq_fd(bus, 17) == -EINVAL);
	EXPECT(poll(&p, 1, 0) == 0);
	wr(sim, IRQ, 1 << 2);
	espalier_sim_run(sim, 4, false);
	EXPECT(poll(&p, 1, 0) == 1);
	/* acknowledged without its cause cleared: comes again */
	EXPECT(bus->ops->irq_ack(bus, 2) == 0);
	EXPECT(poll(&p, 1, 0) == 1);
	wr(sim, IRQ, 0);
	espalier_sim_run(sim, 4, false);
	EXPECT(bus->ops->irq_ack(bus, 2) == 0);
	EXPECT(poll(&p, 1, 0) == 0);
	p.fd = bus->ops->irq_fd(bus, 0);
	EXPECT(poll(&p, 1, 0) == 0);
	wr(sim, IRQ, 1);
	espalier_sim_run(sim, 4, false);
	EXPECT(poll(&p, 1, 0) == 1);
	espalier_sim_destroy(sim);
}

/* ------------------------------------------------------------------ memory */

static void t_copy(void)
{
	struct espalier_sim *sim = create(NULL);
	struct espalier_dma a, b;
	uint64_t c;

	alloc(sim, 65536, &a);
	alloc(sim, 65536, &b);
	EXPECT(b.iova >= a.iova + a.size + 4096);
	for (size_t i = 0; i < a.size; i++)
		((uint8_t *)a.va)[i] = (uint8_t)(i * 7 + (i >> 8));
	c = espalier_sim_cycles(sim);
	EXPECT(copy(sim, a.iova, b.iova, 64, 64, 0xffff) == 0);
	c = espalier_sim_cycles(sim) - c;
	EXPECT(!memcmp(a.va, b.va, a.size));
	/* a word a cycle each way, and one latency at each end */
	EXPECT(c < 4096 + 200);
	EXPECT(espalier_sim_violations(sim) == 0);
	EXPECT(espalier_sim_mem(sim, b.iova + 10, 100) == (uint8_t *)b.va + 10);
	EXPECT(!espalier_sim_mem(sim, b.iova + 10, b.size));
	EXPECT(!espalier_sim_mem(sim, b.iova - 1, 1));
	espalier_sim_destroy(sim);
}

static void t_strobes(void)
{
	struct espalier_sim *sim = create(NULL);
	struct espalier_dma a, b;

	alloc(sim, 64, &a);
	alloc(sim, 59, &b);
	memset(a.va, 0x55, 64);
	EXPECT(copy(sim, a.iova, b.iova, 2, 2, 0x07ff) == 0);
	EXPECT(!memcmp(a.va, b.va, 59) && ((uint8_t *)b.va)[59] == 0);
	EXPECT(espalier_sim_violations(sim) == 0);
	/* one strobed byte beyond the last */
	EXPECT(copy(sim, a.iova, b.iova, 2, 2, 0x0fff) >> 8 == 1);
	EXPECT(espalier_sim_violations(sim) == 1);
	espalier_sim_destroy(sim);
}

static void t_violations(void)
{
	struct espalier_sim *sim = create(NULL);
	struct espalier_bus *bus = espalier_sim_bus(sim);
	struct espalier_dma a, b, c;
	uint64_t v;

	alloc(sim, 8000, &a);
	alloc(sim, 8000, &b);
	/* read beyond: one bad word in a burst of two */
	EXPECT(copy(sim, a.iova + 8000 - 16, b.iova, 2, 1, 0xffff) == 0x0001);
	EXPECT(espalier_sim_violations(sim) == 1);
	/* write beyond */
	EXPECT(copy(sim, a.iova, b.iova + 8000 - 16, 2, 1, 0xffff) == 0x0100);
	v = espalier_sim_violations(sim);
	EXPECT(v == 2);
	/* 4 KiB crossed by the read (both words refused) */
	EXPECT(copy(sim, a.iova + 4096 - 16, b.iova, 2, 1, 0xffff) == 0x0002);
	EXPECT(espalier_sim_violations(sim) == v + 1);
	/* ... and by the write: nothing is written */
	memset(a.va, 0x11, 64);
	memset((uint8_t *)b.va + 4080, 0xee, 32);
	EXPECT(copy(sim, a.iova, b.iova + 4080, 2, 1, 0xffff) == 0x0100);
	EXPECT(((uint8_t *)b.va)[4080] == 0xee &&
	       ((uint8_t *)b.va)[4096] == 0xee);
	EXPECT(espalier_sim_violations(sim) == v + 2);
	/* after free, also when something new was allocated since */
	c = a;
	bus->ops->dma_free(bus, &c);
	alloc(sim, 8192, &c);
	EXPECT(copy(sim, a.iova, b.iova, 1, 1, 0xffff) == 0x0001);
	EXPECT(espalier_sim_violations(sim) == v + 3);
	espalier_sim_destroy(sim);
}

static void t_faults(void)
{
	struct espalier_sim_opts o = { .seed = 3, .axi_error_ppm = 1000000 };
	struct espalier_sim *sim = create(NULL);
	struct espalier_dma a, b;

	alloc(sim, 4096, &a);
	alloc(sim, 4096, &b);
	espalier_sim_fail_at(sim, a.iova + 100, 8);
	EXPECT(copy(sim, a.iova, b.iova, 4, 8, 0xffff) == 0x0001);
	espalier_sim_fail_at(sim, b.iova, 4096);
	EXPECT(copy(sim, a.iova, b.iova, 4, 8, 0xffff) == 0x0801);
	espalier_sim_fail_at(sim, 0, 0);
	EXPECT(copy(sim, a.iova, b.iova, 4, 8, 0xffff) == 0);
	EXPECT(espalier_sim_violations(sim) == 0);
	espalier_sim_destroy(sim);
	sim = create(&o);
	alloc(sim, 4096, &a);
	alloc(sim, 4096, &b);
	EXPECT(copy(sim, a.iova, b.iova, 4, 8, 0xffff) == 0x0820);
	EXPECT(espalier_sim_violations(sim) == 0);
	espalier_sim_destroy(sim);
}

/* Any stalls and latencies: the same data; the same seed: the same cycles. */
static void t_stress(void)
{
	uint64_t cycles[2];

	for (uint64_t seed = 1; seed <= 20; seed++) {
		for (int pass = 0; pass < 2; pass++) {
			struct espalier_sim_opts o = {
				.seed = seed,
				.mem_latency_min = 1,
				.mem_latency_max = (unsigned int)seed * 10,
				.stall_percent = (unsigned int)seed * 4,
			};
			struct espalier_sim *sim = create(&o);
			struct espalier_dma a, b;

			alloc(sim, 16384, &a);
			alloc(sim, 16384, &b);
			for (size_t i = 0; i < a.size; i++)
				((uint8_t *)a.va)[i] = (uint8_t)(i ^ i >> 7);
			EXPECT(copy(sim, a.iova, b.iova, 16, 64, 0xffff) == 0);
			EXPECT(!memcmp(a.va, b.va, a.size));
			EXPECT(espalier_sim_violations(sim) == 0);
			cycles[pass] = espalier_sim_cycles(sim);
			espalier_sim_destroy(sim);
		}
		EXPECT(cycles[0] == cycles[1]);
	}
}

static void t_counters_trace(void)
{
	struct espalier_sim *sim = create(NULL);
	char path[512], text[4096] = "";
	FILE *f;

	snprintf(path, sizeof(path), "%s/counters.json", dir);
	EXPECT(!espalier_sim_counters(sim, path));
	f = fopen(path, "r");
	EXPECT(f && fread(text, 1, sizeof(text) - 1, f) > 100);
	if (f)
		fclose(f);
	EXPECT(strstr(text, "\"violations\": 0"));
	EXPECT(espalier_sim_counters(sim, "/nonexistent/x") == -EIO);
	snprintf(path, sizeof(path), "%s/x.fst", dir);
	unlink(path);
#ifdef TRACE
	EXPECT(espalier_sim_trace(sim, path, 100, 90) == -EINVAL);
	EXPECT(!espalier_sim_trace(sim, path, 100, 200));
	espalier_sim_run(sim, 300, false);
	f = fopen(path, "r");
	EXPECT(f && fread(text, 1, sizeof(text), f) > 100);
	if (f)
		fclose(f);
#else
	EXPECT(espalier_sim_trace(sim, path, 100, 200) == -ENOTSUP);
#endif
	espalier_sim_destroy(sim);
}

static const struct test_case cases[] = {
	{ "registers", t_registers },
	{ "device_tree", t_device_tree },
	{ "idle", t_idle },
	{ "interrupts", t_interrupts },
	{ "copy", t_copy },
	{ "strobes", t_strobes },
	{ "violations", t_violations },
	{ "faults", t_faults },
	{ "stress", t_stress },
	{ "counters_trace", t_counters_trace },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	return stub_run("test_sim", cases, argc, argv);
}
