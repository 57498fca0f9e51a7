// SPDX-License-Identifier: Apache-2.0
/* The device: clock, registers, interrupts, and the bus backend. */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "internal.h"

#define RESET_CYCLES 4
#define QUIET_CYCLES 8 /* this long nothing, and `idle` is believed */
#define CHUNK 1024 /* cycles between two looks at the attachment */
#define POLL_CYCLES 1024 /* of one poll operation: rings stay filled */
#define AXIL_TIMEOUT 200000

void rng_seed(struct rng *r, uint64_t seed)
{
	for (int i = 0; i < 4; i++) { /* splitmix64 */
		uint64_t z = seed += 0x9e3779b97f4a7c15ull;

		z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
		z = (z ^ z >> 27) * 0x94d049bb133111ebull;
		r->s[i] = z ^ z >> 31;
	}
}

void sim_err(struct espalier_err *err, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
}

/* ------------------------------------------------------------------- clock */

static void sim_irq(struct espalier_sim *sim)
{
	uint32_t rise = sim->out.irq & ~sim->irq_seen;

	sim->irq_seen |= sim->out.irq;
	for (; rise; rise &= rise - 1)
		if (eventfd_write(sim->irq_fd[__builtin_ctz(rise)], 1))
			return; /* cannot be: the counter holds 2^64 - 2 */
}

static void sim_trace_step(struct espalier_sim *sim)
{
	if (sim->cycle == sim->trace_from &&
	    shim_trace_open(sim->shim, sim->trace_path))
		fprintf(stderr, "sim: cannot write %s\n", sim->trace_path);
	if (sim->cycle == sim->trace_to) {
		shim_trace_close(sim->shim);
		free(sim->trace_path);
		sim->trace_path = NULL;
	}
}

static inline void sim_cycle(struct espalier_sim *sim)
{
	if (unlikely(sim->trace_path != NULL))
		sim_trace_step(sim);
	shim_cycle(sim->shim, &sim->in, &sim->out);
	mem_cycle(sim);
	wire_cycle(sim);
	if (unlikely(sim->out.irq & ~sim->irq_seen))
		sim_irq(sim);
	sim->cycle++;
	if (sim->out.idle && !sim->in.wire_tvalid && !mem_busy(&sim->mem))
		sim->quiet++;
	else
		sim->quiet = 0;
}

bool espalier_sim_idle(const struct espalier_sim *sim)
{
	return sim->quiet >= QUIET_CYCLES &&
	       sim->wire.rx_head == sim->wire.rx_tail;
}

uint64_t espalier_sim_run(struct espalier_sim *sim, uint64_t cycles,
			  bool stop_idle)
{
	uint64_t start = sim->cycle, end = start + cycles;

	while (sim->cycle < end) {
		uint64_t stop = sim->cycle + CHUNK;

		wire_pull(sim, WIRE_RX_LOW);
		if (stop > end)
			stop = end;
		while (sim->cycle < stop) {
			sim_cycle(sim);
			if (sim->quiet >= QUIET_CYCLES && stop_idle)
				break;
		}
		if (stop_idle && espalier_sim_idle(sim) &&
		    !wire_pull(sim, WIRE_RX_LOW))
			break;
	}
	return sim->cycle - start;
}

uint64_t espalier_sim_cycles(const struct espalier_sim *sim)
{
	return sim->cycle;
}

void espalier_sim_reset(struct espalier_sim *sim)
{
	memset(&sim->in, 0, sizeof(sim->in));
	mem_reset(sim);
	wire_reset(sim);
	sim->in.rst = 1;
	for (int i = 0; i < RESET_CYCLES; i++) {
		shim_cycle(sim->shim, &sim->in, &sim->out);
		sim->cycle++;
	}
	sim->in.rst = 0;
	sim->irq_seen = 0;
	sim->quiet = 0;
}

/* --------------------------------------------------------------- registers */

static uint32_t sim_read32(struct espalier_bus *bus, uint32_t off)
{
	struct espalier_sim *sim = (struct espalier_sim *)bus;

	sim->in.axil_arvalid = 1;
	sim->in.axil_araddr = (uint16_t)off;
	sim->in.axil_rready = 1;
	for (unsigned int i = 0; i < AXIL_TIMEOUT; i++) {
		sim_cycle(sim);
		if (sim->out.axil_arready)
			sim->in.axil_arvalid = 0;
		if (sim->out.axil_rvalid) {
			sim->in.axil_rready = 0;
			return sim->out.axil_rdata;
		}
	}
	sim->in.axil_arvalid = 0;
	sim->in.axil_rready = 0;
	sim->axil_timeouts++;
	return UINT32_MAX;
}

static void sim_write32(struct espalier_bus *bus, uint32_t off, uint32_t val)
{
	struct espalier_sim *sim = (struct espalier_sim *)bus;

	sim->in.axil_awvalid = 1;
	sim->in.axil_awaddr = (uint16_t)off;
	sim->in.axil_wvalid = 1;
	sim->in.axil_wdata = val;
	sim->in.axil_bready = 1;
	sim->quiet = 0;
	for (unsigned int i = 0; i < AXIL_TIMEOUT; i++) {
		sim_cycle(sim);
		if (sim->out.axil_awready)
			sim->in.axil_awvalid = 0;
		if (sim->out.axil_wready)
			sim->in.axil_wvalid = 0;
		if (sim->out.axil_bvalid) {
			sim->in.axil_bready = 0;
			sim->quiet = 0;
			return;
		}
	}
	sim->in.axil_awvalid = 0;
	sim->in.axil_wvalid = 0;
	sim->in.axil_bready = 0;
	sim->axil_timeouts++;
}

/* --------------------------------------------------------------------- bus */

static int sim_dma_alloc(struct espalier_bus *bus, size_t size, size_t align,
			 struct espalier_dma *dma)
{
	return mem_alloc(&((struct espalier_sim *)bus)->mem, size, align, dma);
}

static void sim_dma_free(struct espalier_bus *bus, struct espalier_dma *dma)
{
	mem_free(&((struct espalier_sim *)bus)->mem, dma);
}

static int sim_irq_fd(struct espalier_bus *bus, unsigned int vector)
{
	struct espalier_sim *sim = (struct espalier_sim *)bus;

	return vector < SIM_IRQS ? sim->irq_fd[vector] : -EINVAL;
}

static int sim_irq_ack(struct espalier_bus *bus, unsigned int vector)
{
	struct espalier_sim *sim = (struct espalier_sim *)bus;
	eventfd_t v;

	if (vector >= SIM_IRQS)
		return -EINVAL;
	if (eventfd_read(sim->irq_fd[vector], &v) && errno != EAGAIN)
		return -errno;
	sim->irq_seen &= ~(1u << vector);
	if (sim->out.irq >> vector & 1) /* still raised: again at once */
		sim_irq(sim);
	return 0;
}

static int sim_poll(struct espalier_bus *bus)
{
	struct espalier_sim *sim = (struct espalier_sim *)bus;

	if (espalier_sim_idle(sim) && !wire_pull(sim, WIRE_RX_LOW))
		return 0;
	espalier_sim_run(sim, POLL_CYCLES, true);
	return !espalier_sim_idle(sim);
}

static void sim_close(struct espalier_bus *bus)
{
	(void)bus; /* who created the simulation destroys it */
}

static const struct espalier_bus_ops sim_ops = {
	.read32 = sim_read32,
	.write32 = sim_write32,
	.dma_alloc = sim_dma_alloc,
	.dma_free = sim_dma_free,
	.irq_fd = sim_irq_fd,
	.irq_ack = sim_irq_ack,
	.poll = sim_poll,
	.close = sim_close,
};

struct espalier_bus *espalier_sim_bus(struct espalier_sim *sim)
{
	return &sim->bus;
}

/* --------------------------------------------------------- create, destroy */

static int sim_check_opts(const struct espalier_sim_opts *o,
			  struct espalier_err *err)
{
	if (o->stall_percent > 99 || o->wire_stall_percent > 99) {
		sim_err(err, "stall percentages are 0 to 99");
		return -EINVAL;
	}
	if (o->axi_error_ppm > 1000000) {
		sim_err(err, "axi_error_ppm is 0 to 1000000");
		return -EINVAL;
	}
	if (o->mem_latency_max && o->mem_latency_max < o->mem_latency_min) {
		sim_err(err, "mem_latency_max is below mem_latency_min");
		return -EINVAL;
	}
	return 0;
}

int espalier_sim_create(const void *dtb, size_t dtb_size, const char *path,
			const struct espalier_sim_opts *opts,
			struct espalier_sim **simp, struct espalier_err *err)
{
	static const struct espalier_sim_opts defaults = {
		.seed = 1,
		.mem_latency_min = 30,
		.mem_latency_max = 30,
	};
	struct espalier_sim *sim;
	int ret;

	if (!opts)
		opts = &defaults;
	ret = sim_check_opts(opts, err);
	if (ret)
		return ret;
	sim = calloc(1, sizeof(*sim));
	if (!sim) {
		sim_err(err, "out of memory");
		return -ENOMEM;
	}
	for (unsigned int i = 0; i < SIM_IRQS; i++)
		sim->irq_fd[i] = -1;
	sim->bus.ops = &sim_ops;
	sim->bus.name = "sim";
	sim->opts = *opts;
	rng_seed(&sim->rng, opts->seed);
	ret = mem_init(&sim->mem);
	if (!ret)
		ret = wire_init(&sim->wire);
	for (unsigned int i = 0; !ret && i < SIM_IRQS; i++) {
		sim->irq_fd[i] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		if (sim->irq_fd[i] < 0)
			ret = -errno;
	}
	if (!ret) {
		sim->shim = shim_create();
		if (!sim->shim)
			ret = -ENOMEM;
	}
	if (ret) {
		sim_err(err, "no resources for the simulation: %s",
			strerror(-ret));
		goto fail;
	}
	espalier_sim_reset(sim);
	ret = sim_check_dt(sim, dtb, dtb_size, path, err);
	if (ret)
		goto fail;
	*simp = sim;
	return 0;
fail:
	espalier_sim_destroy(sim);
	return ret;
}

void espalier_sim_destroy(struct espalier_sim *sim)
{
	if (!sim)
		return;
	shim_destroy(sim->shim);
	wire_fini(&sim->wire);
	mem_fini(&sim->mem);
	for (unsigned int i = 0; i < SIM_IRQS; i++)
		if (sim->irq_fd[i] >= 0)
			close(sim->irq_fd[i]);
	free(sim->trace_path);
	free(sim);
}

/* ------------------------------------------------------- wire, memory, traces
 */

void espalier_sim_wire(struct espalier_sim *sim,
		       const struct espalier_wire_ops *ops, void *arg)
{
	struct wire *w = &sim->wire;

	if (w->ops && w->ops->close)
		w->ops->close(w->arg);
	w->ops = ops;
	w->arg = arg;
	w->live = false;
}

void espalier_sim_wire_filter(struct espalier_sim *sim,
			      const struct espalier_wire_filter *filter,
			      void *arg)
{
	sim->wire.filter = filter;
	sim->wire.filter_arg = arg;
}

int espalier_sim_wire_fd(const struct espalier_sim *sim)
{
	const struct wire *w = &sim->wire;

	return w->ops && w->ops->fd ? w->ops->fd(w->arg) : -1;
}

int espalier_sim_capture(struct espalier_sim *sim, const char *pcapng)
{
	int ret = pcapng_close(sim->wire.cap);

	sim->wire.cap = NULL;
	if (ret || !pcapng)
		return ret;
	sim->wire.cap = pcapng_open(pcapng, "wire");
	return sim->wire.cap ? 0 : -errno;
}

int espalier_sim_inject(struct espalier_sim *sim, const uint8_t *data,
			size_t len, bool mac_error)
{
	return wire_inject(sim, data, len, mac_error);
}

void espalier_sim_wire_stats(struct espalier_sim *sim,
			     struct espalier_sim_wire_stats *st, bool clear)
{
	struct wire *w = &sim->wire;

	if (st)
		*st = w->st;
	if (clear)
		memset(&w->st, 0, sizeof(w->st));
}

void espalier_sim_wire_hold(struct espalier_sim *sim, bool hold)
{
	sim->wire.hold = hold;
	sim->quiet = 0;
}

void espalier_sim_watch_set(struct espalier_sim *sim, uint64_t iova, size_t len)
{
	struct mem *m = &sim->mem;

	m->watch_iova = iova;
	m->watch_len = len;
	m->watch = (struct espalier_sim_watch){ 0 };
}

void espalier_sim_watch_get(const struct espalier_sim *sim,
			    struct espalier_sim_watch *watch)
{
	*watch = sim->mem.watch;
}

void *espalier_sim_mem(struct espalier_sim *sim, uint64_t iova, size_t len)
{
	return mem_va(&sim->mem, iova, len);
}

int espalier_sim_fail_at(struct espalier_sim *sim, uint64_t iova, size_t len)
{
	return mem_fail_at(&sim->mem, iova, len);
}

uint64_t espalier_sim_violations(const struct espalier_sim *sim)
{
	return sim->mem.st.violations;
}

int espalier_sim_trace(struct espalier_sim *sim, const char *fst, uint64_t from,
		       uint64_t to)
{
	int ret;

	if (from < sim->cycle || to <= from)
		return -EINVAL;
	if (sim->trace_path)
		return -EBUSY;
	/* proves that the model can, and that the file can be written */
	ret = shim_trace_open(sim->shim, fst);
	if (ret)
		return ret;
	shim_trace_close(sim->shim);
	sim->trace_path = strdup(fst);
	if (!sim->trace_path)
		return -ENOMEM;
	sim->trace_from = from;
	sim->trace_to = to;
	return 0;
}
