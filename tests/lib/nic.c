// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <libfdt.h>
#include "blob.h"
#include "espalier_regs.h"
#include "nic.h"
#include "suite.h"

#define ARENA (8u << 20)
#define SETTLE_TURNS 200000

/* ---------------------------------------------------------------- storage */

static void *grow(void *v, size_t n, size_t *room, size_t item)
{
	if (n < *room)
		return v;
	*room = *room ? 2 * *room : 256;
	v = realloc(v, *room * item);
	MUST(v);
	return v;
}

void nic_frames_add(struct nic_frames *f, const uint8_t *data, size_t len)
{
	f->v = grow(f->v, f->n, &f->room, sizeof(*f->v));
	f->v[f->n].data = malloc(len ? len : 1);
	MUST(f->v[f->n].data);
	memcpy(f->v[f->n].data, data, len);
	f->v[f->n++].len = len;
}

void nic_frames_clear(struct nic_frames *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->v[i].data);
	f->n = 0;
}

void nic_forget(struct nic *nic)
{
	nic_frames_clear(&nic->wire);
	for (size_t i = 0; i < nic->nrx; i++)
		free(nic->rx[i].frame.data);
	nic->nrx = 0;
	nic->ndone = 0;
}

/* ------------------------------------------------ between driver and device */

static struct nic *of_bus(struct espalier_bus *bus)
{
	return (struct nic *)bus; /* the first member */
}

static uint32_t bus_read32(struct espalier_bus *bus, uint32_t off)
{
	struct nic *nic = of_bus(bus);

	return nic->inner->ops->read32(nic->inner, off);
}

static void bus_write32(struct espalier_bus *bus, uint32_t off, uint32_t val)
{
	struct nic *nic = of_bus(bus);

	if (nic->hook && !nic->hook(nic, nic->hook_arg, off, val))
		return;
	nic->inner->ops->write32(nic->inner, off, val);
}

static int bus_dma_alloc(struct espalier_bus *bus, size_t size, size_t align,
			 struct espalier_dma *dma)
{
	struct nic *nic = of_bus(bus);

	return nic->inner->ops->dma_alloc(nic->inner, size, align, dma);
}

static void bus_dma_free(struct espalier_bus *bus, struct espalier_dma *dma)
{
	struct nic *nic = of_bus(bus);

	nic->inner->ops->dma_free(nic->inner, dma);
}

static int bus_irq_fd(struct espalier_bus *bus, unsigned int vector)
{
	struct nic *nic = of_bus(bus);

	return nic->inner->ops->irq_fd(nic->inner, vector);
}

static int bus_irq_ack(struct espalier_bus *bus, unsigned int vector)
{
	struct nic *nic = of_bus(bus);

	return nic->inner->ops->irq_ack(nic->inner, vector);
}

static int bus_poll(struct espalier_bus *bus)
{
	struct nic *nic = of_bus(bus);

	return nic->inner->ops->poll(nic->inner);
}

static void bus_close(struct espalier_bus *bus)
{
	struct nic *nic = of_bus(bus);

	nic->inner->ops->close(nic->inner);
}

static const struct espalier_bus_ops bus_ops = {
	.read32 = bus_read32,
	.write32 = bus_write32,
	.dma_alloc = bus_dma_alloc,
	.dma_free = bus_dma_free,
	.irq_fd = bus_irq_fd,
	.irq_ack = bus_irq_ack,
	.poll = bus_poll,
	.close = bus_close,
};

uint32_t nic_reg(struct nic *nic, uint32_t off)
{
	return nic->inner->ops->read32(nic->inner, off);
}

void nic_reg_write(struct nic *nic, uint32_t off, uint32_t val)
{
	nic->inner->ops->write32(nic->inner, off, val);
}

void nic_options(struct nic *nic, uint32_t options)
{
	MUST(espalier_set_options(nic->dev, options) == 0);
	nic->ref.out_nonip_bypass = options & ESPALIER_OPT_OUT_NONIP_BYPASS;
	nic->ref.in_nonip_bypass = options & ESPALIER_OPT_IN_NONIP_BYPASS;
	nic->ref.out_arp_bypass = options & ESPALIER_OPT_OUT_ARP_BYPASS;
	nic->ref.in_arp_bypass = options & ESPALIER_OPT_IN_ARP_BYPASS;
	nic->ref.promisc = options & ESPALIER_OPT_PROMISC;
}

/* ---------------------------------------------------------------- lifetime */

static void wire_send(void *arg, const uint8_t *data, size_t len)
{
	struct nic *nic = arg;

	nic->sent++;
	if (nic->peer)
		nic_inject(nic->peer, data, len);
	else
		nic_frames_add(&nic->wire, data, len);
}

static int wire_recv(void *arg, uint8_t *buf, size_t size)
{
	(void)arg;
	(void)buf;
	(void)size;
	return 0;
}

static int wire_fd(void *arg)
{
	(void)arg;
	return -1;
}

static void wire_close(void *arg)
{
	(void)arg;
}

static const struct espalier_wire_ops wire_ops = {
	.send = wire_send,
	.recv = wire_recv,
	.fd = wire_fd,
	.close = wire_close,
};

static void blob_for(const struct nic_opts *o, struct blob *blob)
{
	fdt32_t tx = cpu_to_fdt32(o->tx_ring), rx = cpu_to_fdt32(o->rx_ring);
	fdt32_t size = cpu_to_fdt32(o->buf_size);
	const struct blob_change changes[] = {
		{ "espalier,tx-ring-size", &tx, 4 },
		{ "espalier,rx-ring-size", &rx, 4 },
		{ "espalier,buffer-size", &size, 4 },
		{ NULL, NULL, 0 },
	};

	blob_make(blob, o->queues ? o->queues : 4, changes);
}

void nic_open(struct nic *nic, const struct nic_opts *opts)
{
	struct espalier_err err = { "" };
	struct blob blob;
	int ret;

	memset(nic, 0, sizeof(*nic));
	if (opts)
		nic->opts = *opts;
	if (!nic->opts.sim.seed)
		nic->opts.sim.seed = 1;
	if (!nic->opts.sim.mem_latency_max) {
		nic->opts.sim.mem_latency_min = 30;
		nic->opts.sim.mem_latency_max = 30;
	}
	if (!nic->opts.tx_ring)
		nic->opts.tx_ring = 256;
	if (!nic->opts.rx_ring)
		nic->opts.rx_ring = 256;
	if (!nic->opts.buf_size)
		nic->opts.buf_size = 9216;

	blob_for(&nic->opts, &blob);
	ret = espalier_sim_create(blob.data, blob.size, NULL, &nic->opts.sim,
				  &nic->sim, &err);
	if (ret)
		printf("espalier_sim_create: %d: %s\n", ret, err.text);
	MUST(ret == 0);
	espalier_sim_wire(nic->sim, &wire_ops, nic);
	nic->inner = espalier_sim_bus(nic->sim);
	nic->bus.ops = &bus_ops;
	nic->bus.name = "sim";
	ret = espalier_open(blob.data, blob.size, NULL, &nic->bus, &nic->dev,
			    &err);
	if (ret)
		printf("espalier_open: %d: %s\n", ret, err.text);
	MUST(ret == 0);
	espalier_get_caps(nic->dev, &nic->caps);
	ref_dev_init(&nic->ref, nic->caps.mac);
	MUST(espalier_dma_alloc(nic->dev, ARENA, &nic->arena) == 0);
}

void nic_close(struct nic *nic)
{
	if (!nic->opts.unchecked) {
		EXPECT(nic_conserved(nic));
		EXPECT_EQ(espalier_sim_violations(nic->sim), 0);
	}
	nic_forget(nic);
	espalier_dma_free(nic->dev, &nic->arena);
	espalier_close(nic->dev);
	espalier_sim_destroy(nic->sim);
	ref_dev_free(&nic->ref);
	free(nic->wire.v);
	free(nic->rx);
	free(nic->done);
}

void nic_link(struct nic *a, struct nic *b)
{
	a->peer = b;
	b->peer = a;
}

/* ------------------------------------------------------------------ tables */

static void refused(struct nic *nic, const char *what, int ret)
{
	if (ret)
		printf("%s: %d: %s\n", what, ret, espalier_error(nic->dev));
	MUST(ret == 0);
}

uint32_t nic_sa_add(struct nic *nic, const struct espalier_sa *sa)
{
	uint32_t handle = 0;

	refused(nic, "sa_add", espalier_sa_add(nic->dev, sa, &handle));
	ref_sa_add(&nic->ref, sa, handle);
	return handle;
}

void nic_sa_del(struct nic *nic, uint32_t handle)
{
	refused(nic, "sa_del", espalier_sa_del(nic->dev, handle));
	ref_sa_del(&nic->ref, handle);
}

uint32_t nic_policy_add(struct nic *nic, const struct espalier_policy *p)
{
	uint32_t id = 0;

	refused(nic, "policy_add", espalier_policy_add(nic->dev, p, &id));
	ref_policy_add(&nic->ref, p, id);
	return id;
}

void nic_policy_set_sa(struct nic *nic, uint32_t id, uint32_t sa)
{
	refused(nic, "policy_set_sa", espalier_policy_set_sa(nic->dev, id, sa));
	ref_policy_set_sa(&nic->ref, id, sa);
}

void nic_policy_del(struct nic *nic, uint32_t id)
{
	refused(nic, "policy_del", espalier_policy_del(nic->dev, id));
	ref_policy_del(&nic->ref, id);
}

void nic_any(struct nic *nic, enum espalier_dir dir,
	     enum espalier_action action, uint32_t priority,
	     uint32_t sa_or_reqid, uint32_t ids[2])
{
	for (int v6 = 0; v6 < 2; v6++) {
		struct espalier_policy p =
			gen_any(dir, v6 ? AF_INET6 : AF_INET, action, priority);
		uint32_t id;

		if (action == ESPALIER_PROTECT && dir == ESPALIER_DIR_OUT)
			p.sa = sa_or_reqid;
		else if (action == ESPALIER_PROTECT)
			p.reqid = sa_or_reqid;
		id = nic_policy_add(nic, &p);
		if (ids)
			ids[v6] = id;
	}
}

void nic_open_clear(struct nic *nic, const struct nic_opts *opts)
{
	nic_open(nic, opts);
	nic_any(nic, ESPALIER_DIR_OUT, ESPALIER_BYPASS, 9, 0, NULL);
	nic_any(nic, ESPALIER_DIR_IN, ESPALIER_BYPASS, 9, 0, NULL);
}

/* ----------------------------------------------------------------- packets */

#define SEGS_MAX 64

static uintptr_t post(struct nic *nic, unsigned int queue,
		      const struct espalier_seg *segs, unsigned int nsegs,
		      uint32_t handle)
{
	struct espalier_txpkt pkt = {
		.segs = segs,
		.nsegs = nsegs,
		.sa = handle,
		.cookie = (void *)(nic->next_cookie + 1),
	};
	int n = espalier_tx_burst(nic->dev, queue, &pkt, 1);

	MUST(n >= 0);
	if (n != 1)
		return 0;
	nic->in_flight++;
	return ++nic->next_cookie;
}

/* Bytes of the arena are used again when the device has nothing in flight. */
static void new_frame(struct nic *nic)
{
	if (!nic->in_flight)
		nic->arena_used = 0;
}

static size_t place(struct nic *nic, size_t len, size_t shift)
{
	size_t at = ((nic->arena_used + 63) & ~(size_t)63) + shift;

	MUST(at + len <= ARENA);
	nic->arena_used = at + len;
	return at;
}

uintptr_t nic_post(struct nic *nic, unsigned int queue, const uint8_t *frame,
		   size_t len, uint32_t handle, size_t seg)
{
	struct espalier_seg segs[SEGS_MAX];
	unsigned int n = 0;
	size_t at;

	new_frame(nic);
	at = place(nic, len, 0);
	memcpy((uint8_t *)nic->arena.va + at, frame, len);
	if (!seg)
		seg = len;
	for (size_t o = 0; o < len; o += seg) {
		MUST(n < SEGS_MAX);
		segs[n].dma = nic->arena.iova + at + o;
		segs[n++].len = len - o < seg ? len - o : seg;
	}
	return post(nic, queue, segs, n, handle);
}

uintptr_t nic_post_random(struct nic *nic, unsigned int queue, struct rng *r,
			  const uint8_t *frame, size_t len, uint32_t handle)
{
	struct espalier_seg segs[SEGS_MAX];
	unsigned int n = 0;
	size_t o = 0;

	new_frame(nic);
	while (o < len) {
		size_t left = len - o, take = left, at;

		if (n + 1 < 8 && rng_percent(r, 50))
			take = rng_percent(r, 30) && left > 8
				       ? rng_range(r, 1, 8)
				       : rng_range(r, 1, left);
		at = place(nic, take, rng_below(r, 64));
		memcpy((uint8_t *)nic->arena.va + at, frame + o, take);
		segs[n].dma = nic->arena.iova + at;
		segs[n++].len = take;
		o += take;
	}
	return post(nic, queue, segs, n, handle);
}

void nic_inject(struct nic *nic, const uint8_t *frame, size_t len)
{
	MUST(espalier_sim_inject(nic->sim, frame, len, false) == 0);
}

static void collect_tx(struct nic *nic, unsigned int q)
{
	struct espalier_txdone d[32];
	int n;

	while ((n = espalier_tx_done(nic->dev, q, d, 32)) > 0) {
		for (int i = 0; i < n; i++) {
			nic->done = grow(nic->done, nic->ndone, &nic->done_room,
					 sizeof(*nic->done));
			nic->done[nic->ndone++] = (struct nic_done){
				.code = d[i].code,
				.sa = d[i].sa,
				.seq = d[i].seq,
				.wire_len = d[i].wire_len,
				.cookie = (uintptr_t)d[i].cookie,
			};
		}
		nic->in_flight -= n;
	}
	MUST(n == 0);
}

static void collect_rx(struct nic *nic, unsigned int q)
{
	struct espalier_rxpkt p[32];
	int n;

	while ((n = espalier_rx_burst(nic->dev, q, p, 32)) > 0) {
		for (int i = 0; i < n; i++) {
			struct nic_rx *rx;

			nic->rx = grow(nic->rx, nic->nrx, &nic->rx_room,
				       sizeof(*nic->rx));
			rx = &nic->rx[nic->nrx++];
			rx->frame.data = malloc(p[i].len ? p[i].len : 1);
			MUST(rx->frame.data);
			memcpy(rx->frame.data, p[i].data, p[i].len);
			rx->frame.len = p[i].len;
			rx->code = p[i].code;
			rx->sa = p[i].sa;
			rx->hash = p[i].hash;
			rx->queue = q;
		}
		MUST(espalier_rx_release(nic->dev, q, p, n) >= 0);
	}
	MUST(n == 0);
}

void nic_collect(struct nic *nic)
{
	for (unsigned int q = 0; q < nic->caps.queues; q++) {
		collect_tx(nic, q);
		collect_rx(nic, q);
	}
}

/* Short steps: at 64 bytes the wire brings a frame every 4 cycles, and a ring
 * that nobody looks at is full soon. */
#define STEP_CYCLES 400

bool nic_step(struct nic *nic)
{
	bool busy = espalier_sim_run(nic->sim, STEP_CYCLES, true) != 0;

	nic_collect(nic);
	return busy && !espalier_sim_idle(nic->sim);
}

void nic_settle(struct nic *nic)
{
	int turns = 0;

	/* collecting may ring a doorbell, which makes it busy again */
	while (nic_step(nic) || !espalier_sim_idle(nic->sim))
		MUST(++turns < SETTLE_TURNS);
	nic_collect(nic);
}

struct nic_done nic_out(struct nic *nic, const uint8_t *frame, size_t len,
			uint32_t handle)
{
	nic_forget(nic);
	MUST(nic_post(nic, 0, frame, len, handle, 0) != 0);
	nic_settle(nic);
	EXPECT_EQ(nic->ndone, 1);
	MUST(nic->ndone == 1);
	return nic->done[0];
}

enum espalier_code nic_in(struct nic *nic, const uint8_t *frame, size_t len)
{
	struct espalier_stats a, b;
	int code = -1;

	nic_forget(nic);
	nic_stats(nic, &a);
	nic_inject(nic, frame, len);
	nic_settle(nic);
	nic_stats(nic, &b);
	for (int c = ESPALIER_RX_PROTECTED; c < ESPALIER_CODE_COUNT; c++) {
		uint64_t d = b.code[c].packets - a.code[c].packets;

		if (c == ESPALIER_RX_IN) {
			EXPECT_EQ(d, 1);
		} else if (d) {
			EXPECT(d == 1 && code < 0);
			code = c;
		}
	}
	MUST(code >= 0);
	EXPECT_EQ(nic->nrx, code == ESPALIER_RX_PROTECTED ||
				    code == ESPALIER_RX_BYPASSED);
	return code;
}

/* -------------------------------------------------------------- statistics */

void nic_stats(struct nic *nic, struct espalier_stats *st)
{
	refused(nic, "get_stats", espalier_get_stats(nic->dev, st));
}

uint64_t nic_count(struct nic *nic, enum espalier_code code)
{
	struct espalier_stats st;

	nic_stats(nic, &st);
	return st.code[code].packets;
}

bool nic_conserved(struct nic *nic)
{
	uint64_t tx = 0, rx = 0;
	struct espalier_stats st;
	bool ok;

	nic_stats(nic, &st);
	for (int c = 0; c < ESPALIER_CODE_COUNT; c++) {
		if (c == ESPALIER_TX_IN || c == ESPALIER_RX_IN)
			continue;
		if (c < ESPALIER_RX_PROTECTED)
			tx += st.code[c].packets;
		else
			rx += st.code[c].packets;
	}
	ok = tx == st.code[ESPALIER_TX_IN].packets &&
	     rx == st.code[ESPALIER_RX_IN].packets;
	if (!ok) {
		printf("\n    tx: %llu in, %llu ended; rx: %llu in, %llu "
		       "ended\n",
		       (unsigned long long)st.code[ESPALIER_TX_IN].packets,
		       (unsigned long long)tx,
		       (unsigned long long)st.code[ESPALIER_RX_IN].packets,
		       (unsigned long long)rx);
		for (int c = 0; c < ESPALIER_CODE_COUNT; c++)
			if (st.code[c].packets)
				printf("      %s %llu\n", espalier_code_name(c),
				       (unsigned long long)st.code[c].packets);
	}
	return ok;
}

bool nic_event(struct nic *nic, struct espalier_event *ev)
{
	int ret = espalier_event_get(nic->dev, ev);

	MUST(ret >= 0);
	return ret == 1;
}
