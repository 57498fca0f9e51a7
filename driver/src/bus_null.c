// SPDX-License-Identifier: Apache-2.0
/* The null device: memory, interrupts, events, registers; see the header. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "null_internal.h"

/* ---------------------------------------------------------------- memory */

static int null_dma_alloc(struct espalier_bus *bus, size_t size, size_t align,
			  struct espalier_dma *dma)
{
	struct espalier_null *n = espi_null_of(bus);
	unsigned int i;

	if (align < 64)
		align = 64;
	if (!size || size > SIZE_MAX - align)
		return -EINVAL;
	for (i = 0; i < DMA_MAX && n->dma[i].va; i++)
		;
	if (i == DMA_MAX)
		return -ENOMEM;
	dma->size = size;
	dma->va = aligned_alloc(align, (size + align - 1) & ~(align - 1));
	if (!dma->va)
		return -ENOMEM;
	memset(dma->va, 0, size);
	dma->iova = (uintptr_t)dma->va;
	n->dma[i] = *dma;
	n->counts.dma_live++;
	return 0;
}

static void null_dma_free(struct espalier_bus *bus, struct espalier_dma *dma)
{
	struct espalier_null *n = espi_null_of(bus);
	unsigned int i;

	for (i = 0; i < DMA_MAX; i++)
		if (n->dma[i].va && n->dma[i].va == dma->va)
			break;
	if (i == DMA_MAX)
		return;
	explicit_bzero(dma->va, dma->size);
	free(dma->va);
	memset(&n->dma[i], 0, sizeof(n->dma[i]));
	memset(dma, 0, sizeof(*dma));
	n->counts.dma_live--;
}

/* As the device's bus would: NULL for what is not allocated. */
void *espi_null_mem(struct espalier_null *n, uint64_t iova, size_t len)
{
	const struct espalier_dma *d = &n->dma[n->dma_last];
	unsigned int i;

	if (d->va && iova >= d->iova && iova - d->iova <= d->size &&
	    len <= d->size - (iova - d->iova))
		return (uint8_t *)d->va + (iova - d->iova);
	for (i = 0; i < DMA_MAX; i++) {
		d = &n->dma[i];
		if (d->va && iova >= d->iova && iova - d->iova <= d->size &&
		    len <= d->size - (iova - d->iova)) {
			n->dma_last = i;
			return (uint8_t *)d->va + (iova - d->iova);
		}
	}
	n->counts.violations++;
	return NULL;
}

/* ------------------------------------------------------------ interrupts */

void espi_null_raise(struct espalier_null *n, unsigned int vector)
{
	uint64_t one = 1;

	if (n->irq[vector] >= 0 &&
	    write(n->irq[vector], &one, sizeof(one)) != sizeof(one))
		return; /* full: it is readable already */
}

static int null_irq_fd(struct espalier_bus *bus, unsigned int vector)
{
	struct espalier_null *n = espi_null_of(bus);

	if (n->opts.no_irq)
		return -ENOTSUP;
	if (vector > n->opts.queues)
		return -EINVAL;
	if (n->irq[vector] < 0)
		n->irq[vector] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return n->irq[vector] < 0 ? -errno : n->irq[vector];
}

static int null_irq_ack(struct espalier_bus *bus, unsigned int vector)
{
	struct espalier_null *n = espi_null_of(bus);
	uint64_t v;

	if (vector > n->opts.queues)
		return -EINVAL;
	if (n->irq[vector] >= 0 &&
	    read(n->irq[vector], &v, sizeof(v)) != sizeof(v))
		return 0; /* was not raised */
	return 0;
}

/* ---------------------------------------------------------------- events */

void espalier_null_event(struct espalier_null *n, enum espalier_event_type type,
			 uint32_t handle, uint32_t info)
{
	unsigned int i;

	if (n->ev_count == EVENTS) {
		if (n->ev_lost < 0xffff)
			n->ev_lost++;
		R(n, ESPALIER_REG_IRQ_STATUS) |= ESPALIER_IRQ_STATUS_LOST_MASK;
	} else {
		i = (n->ev_head + n->ev_count++) % EVENTS;
		n->ev[i].type = type;
		n->ev[i].handle = handle;
		n->ev[i].info = info;
		R(n, ESPALIER_REG_IRQ_STATUS) |= ESPALIER_IRQ_STATUS_EVENT_MASK;
	}
	if (R(n, ESPALIER_REG_IRQ_STATUS) & R(n, ESPALIER_REG_IRQ_ENABLE))
		espi_null_raise(n, 0);
}

/* ------------------------------------------------------------- registers */

static uint32_t null_read32(struct espalier_bus *bus, uint32_t off)
{
	struct espalier_null *n = espi_null_of(bus);
	unsigned int q;

	n->counts.reads++;
	if (off % 4 || off / 4 >= REG_WORDS)
		return 0;
	if (off >= ESPALIER_REG_TBL_DATA(0) && off < ESPALIER_REG_TBL_DATA(32))
		return n->result[(off - ESPALIER_REG_TBL_DATA(0)) / 4];
	if (off >= ESPALIER_Q_BASE) {
		q = (off - ESPALIER_Q_BASE) / ESPALIER_Q_STRIDE;
		if (off == ESPALIER_REG_Q_TX_HEAD(q))
			return n->tx[q].head;
		if (off == ESPALIER_REG_Q_RX_HEAD(q))
			return n->rx[q].head;
		return R(n, off);
	}
	switch (off) {
	case ESPALIER_REG_EVENT_STATUS:
		return REG_PUT(n->ev_count > 0, ESPALIER_EVENT_STATUS_VALID) |
		       REG_PUT(n->ev_count, ESPALIER_EVENT_STATUS_COUNT) |
		       REG_PUT(n->ev_lost, ESPALIER_EVENT_STATUS_LOST);
	case ESPALIER_REG_EVENT_TYPE:
		return n->ev_count ? n->ev[n->ev_head].type : 0;
	case ESPALIER_REG_EVENT_HANDLE:
		return n->ev_count ? n->ev[n->ev_head].handle : 0;
	case ESPALIER_REG_EVENT_INFO:
		return n->ev_count ? n->ev[n->ev_head].info : 0;
	default:
		return R(n, off);
	}
}

static void null_write32(struct espalier_bus *bus, uint32_t off, uint32_t val)
{
	struct espalier_null *n = espi_null_of(bus);

	n->counts.writes++;
	if (off % 4 || off / 4 >= REG_WORDS)
		return;
	if (off >= ESPALIER_Q_BASE) {
		espi_null_queue_write(n, off, val);
		return;
	}
	if (off >= ESPALIER_REG_TBL_DATA(0) &&
	    off < ESPALIER_REG_TBL_DATA(32)) {
		R(n, off) = val;
		return;
	}
	switch (off) {
	case ESPALIER_REG_TBL_CMD:
		if (!n->stuck)
			espi_null_table_command(n, val);
		break;
	case ESPALIER_REG_EVENT_POP:
		if ((val & 1) && n->ev_count) {
			n->ev_head = (n->ev_head + 1) % EVENTS;
			n->ev_count--;
		}
		break;
	case ESPALIER_REG_EVENT_STATUS:
		n->ev_lost = 0;
		break;
	case ESPALIER_REG_IRQ_STATUS:
		R(n, off) &= ~val;
		break;
	case ESPALIER_REG_CTRL:
	case ESPALIER_REG_MAC_LO:
	case ESPALIER_REG_MAC_HI:
	case ESPALIER_REG_RSS:
	case ESPALIER_REG_SCRATCH:
	case ESPALIER_REG_IRQ_ENABLE:
		R(n, off) = val;
		break;
	default:
		break; /* read only */
	}
}

static void registers_reset(struct espalier_null *n)
{
	const struct espalier_null_opts *o = &n->opts;

	memset(n->reg, 0, sizeof(n->reg));
	R(n, ESPALIER_REG_ID) = ESPALIER_ID_RESET_VALUE;
	R(n, ESPALIER_REG_VERSION) = ESPALIER_VERSION_RESET_VALUE;
	R(n, ESPALIER_REG_CAPS) =
		(ESPALIER_CAPS_ESN_MASK | ESPALIER_CAPS_TUNNEL_MASK |
		 ESPALIER_CAPS_TRANSPORT_MASK | ESPALIER_CAPS_IPV4_MASK |
		 ESPALIER_CAPS_IPV6_MASK) &
		~o->caps_clear;
	R(n, ESPALIER_REG_CAPS_ALG) =
		(ESPALIER_CAPS_ALG_GCM16_MASK | ESPALIER_CAPS_ALG_GCM12_MASK |
		 ESPALIER_CAPS_ALG_GCM8_MASK | ESPALIER_CAPS_ALG_AES128_MASK |
		 ESPALIER_CAPS_ALG_AES256_MASK) &
		~o->alg_clear;
	R(n, ESPALIER_REG_CAPS_SA) =
		REG_PUT(o->sa_entries, ESPALIER_CAPS_SA_ENTRIES) |
		REG_PUT(o->window_max, ESPALIER_CAPS_SA_WINDOW_MAX);
	R(n, ESPALIER_REG_CAPS_SPD) =
		REG_PUT(o->spd_entries, ESPALIER_CAPS_SPD_ENTRIES) |
		REG_PUT(2048, ESPALIER_CAPS_SPD_FLOWS);
	R(n, ESPALIER_REG_CAPS_QUEUE) =
		REG_PUT(o->queues, ESPALIER_CAPS_QUEUE_QUEUES) |
		REG_PUT(ESPALIER_RING_LOG2_MAX,
			ESPALIER_CAPS_QUEUE_RING_LOG2_MAX) |
		REG_PUT(ESPALIER_FRAME_MAX, ESPALIER_CAPS_QUEUE_FRAME_MAX);
	R(n, ESPALIER_REG_CAPS_CORE) = REG_PUT(1, ESPALIER_CAPS_CORE_LANES) |
				       REG_PUT(1, ESPALIER_CAPS_CORE_CYCLES);
	R(n, ESPALIER_REG_STATUS) =
		ESPALIER_STATUS_IDLE_MASK | ESPALIER_STATUS_INIT_DONE_MASK;
	memset(n->tx, 0, sizeof(n->tx));
	memset(n->rx, 0, sizeof(n->rx));
	n->ev_head = n->ev_count = n->ev_lost = 0;
}

void espalier_null_power_cycle(struct espalier_null *n)
{
	registers_reset(n);
	espi_null_tables_clear(n);
}

/* ------------------------------------------------------------ life cycle */

void espalier_null_destroy(struct espalier_null *n)
{
	struct espalier_dma dma;
	unsigned int i;

	espi_null_tables_exit(n);
	for (i = 0; i < DMA_MAX; i++) {
		dma = n->dma[i];
		if (dma.va)
			null_dma_free(&n->bus, &dma);
	}
	for (i = 0; i <= ESPI_QUEUES_MAX; i++)
		if (n->irq[i] >= 0)
			close(n->irq[i]);
	free(n);
}

static void null_close(struct espalier_bus *bus)
{
	if (!espi_null_of(bus)->keep)
		espalier_null_destroy(espi_null_of(bus));
}

void espalier_null_keep(struct espalier_null *n)
{
	n->keep = true;
}

static const struct espalier_bus_ops null_ops = {
	.read32 = null_read32,
	.write32 = null_write32,
	.dma_alloc = null_dma_alloc,
	.dma_free = null_dma_free,
	.irq_fd = null_irq_fd,
	.irq_ack = null_irq_ack,
	.close = null_close,
};

int espalier_null_create(const struct espalier_null_opts *opts,
			 struct espalier_null **nullp)
{
	struct espalier_null *n = calloc(1, sizeof(*n));
	unsigned int i;

	if (!n)
		return -ENOMEM;
	for (i = 0; i <= ESPI_QUEUES_MAX; i++)
		n->irq[i] = -1;
	if (opts)
		n->opts = *opts;
	if (!n->opts.queues)
		n->opts.queues = 4;
	if (!n->opts.sa_entries)
		n->opts.sa_entries = 1024;
	if (!n->opts.spd_entries)
		n->opts.spd_entries = 256;
	if (!n->opts.window_max)
		n->opts.window_max = 1024;
	if (!n->opts.source_len)
		n->opts.source_len = 64;
	if (n->opts.queues > ESPI_QUEUES_MAX || n->opts.sa_entries > 4096 ||
	    n->opts.spd_entries > 4096) {
		free(n);
		return -EINVAL;
	}
	n->bus.ops = &null_ops;
	n->bus.name = "null";
	if (espi_null_tables_init(n)) {
		espalier_null_destroy(n);
		return -ENOMEM;
	}
	registers_reset(n);
	*nullp = n;
	return 0;
}

struct espalier_bus *espalier_null_bus(struct espalier_null *n)
{
	return &n->bus;
}

void espalier_null_counts(const struct espalier_null *n,
			  struct espalier_null_counts *counts)
{
	*counts = n->counts;
}
