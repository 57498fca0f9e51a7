// SPDX-License-Identifier: Apache-2.0
/* The null device; see the header. */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <espalier/bus_null.h>
#include <espalier_regs.h>
#include "internal.h"

#define REG_WORDS (0x2000 / 4)
#define EVENTS 32
#define DMA_MAX 256

struct table {
	unsigned int entries, words;
	uint32_t *w;
	uint8_t *live; /* SA tables */
};

struct ring_state {
	uint16_t head, cpl; /* free-running */
	bool broken; /* next completion is wrong */
};

struct espalier_null {
	struct espalier_bus bus;
	struct espalier_null_opts opts;
	bool keep;
	uint32_t reg[REG_WORDS];
	uint32_t result[ESPALIER_TBL_WORDS]; /* of the last OP_READ */
	struct table table[7];
	struct ring_state tx[ESPI_QUEUES_MAX], rx[ESPI_QUEUES_MAX];
	struct {
		uint32_t type, handle, info;
	} ev[EVENTS];
	unsigned int ev_head, ev_count, ev_lost;
	unsigned int refuse_after;
	int refuse_result;
	bool refuse_armed, stuck;
	struct espalier_dma dma[DMA_MAX];
	unsigned int dma_last; /* where the last look-up hit */
	int irq[1 + ESPI_QUEUES_MAX];
	struct espalier_null_counts counts;
};

#define R(null, off) ((null)->reg[(off) / 4])

static struct espalier_null *of_bus(struct espalier_bus *bus)
{
	return (struct espalier_null *)bus; /* first member */
}

/* ---------------------------------------------------------------- memory */

static int null_dma_alloc(struct espalier_bus *bus, size_t size, size_t align,
			  struct espalier_dma *dma)
{
	struct espalier_null *n = of_bus(bus);
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
	struct espalier_null *n = of_bus(bus);
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
static void *mem(struct espalier_null *n, uint64_t iova, size_t len)
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

static void raise_irq(struct espalier_null *n, unsigned int vector)
{
	uint64_t one = 1;

	if (n->irq[vector] >= 0 &&
	    write(n->irq[vector], &one, sizeof(one)) != sizeof(one))
		return; /* full: it is readable already */
}

static int null_irq_fd(struct espalier_bus *bus, unsigned int vector)
{
	struct espalier_null *n = of_bus(bus);

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
	struct espalier_null *n = of_bus(bus);
	uint64_t v;

	if (vector > n->opts.queues)
		return -EINVAL;
	if (n->irq[vector] >= 0 &&
	    read(n->irq[vector], &v, sizeof(v)) != sizeof(v))
		return 0; /* was not raised */
	return 0;
}

static void queue_irq(struct espalier_null *n, unsigned int q, uint32_t bits)
{
	R(n, ESPALIER_REG_Q_IRQ_STATUS(q)) |= bits;
	if (n->irq[1 + q] >= 0 && (R(n, ESPALIER_REG_Q_IRQ_ENABLE(q)) & bits))
		raise_irq(n, 1 + q);
}

/* ---------------------------------------------------------------- queues */

static uint64_t addr_of(struct espalier_null *n, uint32_t lo)
{
	return R(n, lo) | (uint64_t)R(n, lo + 4) << 32;
}

static void count(struct espalier_null *n, unsigned int code, unsigned int len)
{
	struct espalier_counter_entry *c =
		(void *)(n->table[ESPALIER_TBL_COUNTERS].w + 4 * code);

	c->packets++;
	c->bytes += len;
}

static void complete_rx(struct espalier_null *n, unsigned int q,
			unsigned int len, enum espalier_code code,
			uint32_t handle)
{
	uint32_t log2 = R(n, ESPALIER_REG_Q_RX_SIZE(q));
	struct ring_state *rx = &n->rx[q];
	struct espalier_rx_cpl *c;

	c = mem(n,
		addr_of(n, ESPALIER_REG_Q_RX_CPL_LO(q)) +
			16ull * (rx->cpl & ((1u << log2) - 1)),
		sizeof(*c));
	if (!c)
		return;
	c->index = htole16((uint16_t)(rx->head + rx->broken));
	c->status = (uint8_t)code;
	c->handle = htole32(handle);
	c->hash = 0;
	c->len = htole16((uint16_t)len);
	c->rsvd = 0;
	/* last: the driver looks at this alone */
	__atomic_store_n(&c->flags,
			 (rx->cpl >> log2) & 1 ? 0 : ESPALIER_CPL_PHASE,
			 __ATOMIC_RELEASE);
	rx->broken = false;
	rx->cpl++;
	rx->head++;
}

static const struct espalier_rx_desc *next_rx(struct espalier_null *n,
					      unsigned int q)
{
	uint32_t log2 = R(n, ESPALIER_REG_Q_RX_SIZE(q));

	if (!(R(n, ESPALIER_REG_Q_RX_CTRL(q)) &
	      ESPALIER_Q_RX_CTRL_ENABLE_MASK) ||
	    n->rx[q].head == (uint16_t)R(n, ESPALIER_REG_Q_RX_TAIL(q)))
		return NULL;
	return mem(n,
		   addr_of(n, ESPALIER_REG_Q_RX_RING_LO(q)) +
			   16ull * (n->rx[q].head & ((1u << log2) - 1)),
		   sizeof(struct espalier_rx_desc));
}

int espalier_null_receive(struct espalier_null *n, unsigned int q,
			  const void *data, unsigned int len,
			  enum espalier_code code, uint32_t handle)
{
	const struct espalier_rx_desc *d;
	void *to;

	if (q >= n->opts.queues)
		return -EINVAL;
	d = next_rx(n, q);
	count(n, ESPALIER_RX_IN, len);
	if (!d) {
		count(n, ESPALIER_RX_NO_BUFFER, len);
		return -ENOBUFS;
	}
	if (len > le16toh(d->len)) {
		code = ESPALIER_RX_BUFFER_SMALL;
	} else if (code == ESPALIER_RX_PROTECTED ||
		   code == ESPALIER_RX_BYPASSED) {
		to = mem(n, le64toh(d->addr), len);
		if (to)
			memcpy(to, data, len);
		else
			code = ESPALIER_RX_DMA_ERROR;
	}
	count(n, code, len);
	complete_rx(n, q, code == ESPALIER_RX_BUFFER_SMALL ? 0 : len, code,
		    handle);
	queue_irq(n, q, ESPALIER_Q_IRQ_STATUS_RX_MASK);
	return 0;
}

static void source_fill(struct espalier_null *n, unsigned int q)
{
	unsigned int len = n->opts.source_len;
	const struct espalier_rx_desc *d;

	while ((d = next_rx(n, q)) != NULL)
		complete_rx(n, q, len > le16toh(d->len) ? le16toh(d->len) : len,
			    ESPALIER_RX_PROTECTED, 0x80010000);
	queue_irq(n, q, ESPALIER_Q_IRQ_STATUS_RX_MASK);
}

static void complete_tx(struct espalier_null *n, unsigned int q, uint16_t index,
			enum espalier_code code, uint32_t handle,
			unsigned int len)
{
	uint32_t log2 = R(n, ESPALIER_REG_Q_TX_SIZE(q));
	struct ring_state *tx = &n->tx[q];
	struct espalier_tx_cpl *c;

	c = mem(n,
		addr_of(n, ESPALIER_REG_Q_TX_CPL_LO(q)) +
			16ull * (tx->cpl & ((1u << log2) - 1)),
		sizeof(*c));
	if (!c)
		return;
	c->index = htole16((uint16_t)(index + tx->broken));
	c->status = (uint8_t)code;
	c->handle = htole32(handle);
	c->seq = 0;
	c->wire_len = htole16((uint16_t)len);
	c->rsvd = 0;
	__atomic_store_n(&c->flags,
			 (tx->cpl >> log2) & 1 ? 0 : ESPALIER_CPL_PHASE,
			 __ATOMIC_RELEASE);
	tx->broken = false;
	tx->cpl++;
}

/* One frame from the ring: false when there is no whole one. */
static bool serve_tx(struct espalier_null *n, unsigned int q,
		     enum espalier_code code)
{
	uint8_t frame[ESPALIER_FRAME_MAX];
	const bool loop = n->opts.mode == ESPALIER_NULL_LOOPBACK;
	uint32_t log2 = R(n, ESPALIER_REG_Q_TX_SIZE(q));
	uint64_t ring = addr_of(n, ESPALIER_REG_Q_TX_RING_LO(q));
	uint16_t tail = (uint16_t)R(n, ESPALIER_REG_Q_TX_TAIL(q));
	uint16_t head = n->tx[q].head;
	const struct espalier_tx_desc *d;
	unsigned int len = 0, bytes, flags;
	uint32_t handle = 0;
	const void *from;

	for (; head != tail; head++) {
		d = mem(n, ring + 16ull * (head & ((1u << log2) - 1)),
			sizeof(*d));
		if (!d)
			return false;
		flags = le16toh(d->flags);
		bytes = le16toh(d->len);
		if (flags & ~ESPALIER_TXD_FLAGS)
			code = ESPALIER_TX_DESC_INVALID;
		if (head == n->tx[q].head && (flags & ESPALIER_TXD_HANDLE))
			handle = le32toh(d->handle);
		if (!bytes || len + bytes > sizeof(frame))
			code = ESPALIER_TX_LEN_INVALID;
		if (loop && code == ESPALIER_TX_PROTECTED) {
			from = mem(n, le64toh(d->addr), bytes);
			if (from)
				memcpy(frame + len, from, bytes);
			else
				code = ESPALIER_TX_DMA_ERROR;
		}
		len += bytes;
		if (flags & ESPALIER_TXD_EOP)
			break;
	}
	if (head == tail)
		return false;
	n->tx[q].head = (uint16_t)(head + 1);
	count(n, ESPALIER_TX_IN, len);
	count(n, code, len);
	complete_tx(n, q, head, code, handle,
		    code == ESPALIER_TX_PROTECTED ? len : 0);
	if (loop && code == ESPALIER_TX_PROTECTED)
		espalier_null_receive(n, q, frame, len, ESPALIER_RX_PROTECTED,
				      0);
	return true;
}

static bool tx_runs(struct espalier_null *n, unsigned int q)
{
	return (R(n, ESPALIER_REG_Q_TX_CTRL(q)) &
		ESPALIER_Q_TX_CTRL_ENABLE_MASK) &&
	       !(R(n, ESPALIER_REG_Q_TX_STATUS(q)) &
		 ESPALIER_Q_TX_STATUS_ERROR_MASK);
}

int espalier_null_complete(struct espalier_null *n, unsigned int q,
			   unsigned int max, enum espalier_code code)
{
	unsigned int i;

	if (q >= n->opts.queues || !tx_runs(n, q))
		return 0;
	for (i = 0; i < max && serve_tx(n, q, code); i++)
		;
	if (i)
		queue_irq(n, q, ESPALIER_Q_IRQ_STATUS_TX_MASK);
	return (int)i;
}

static void doorbell_tx(struct espalier_null *n, unsigned int q)
{
	n->counts.tx_doorbells++;
	if (n->opts.mode != ESPALIER_NULL_HOLD)
		espalier_null_complete(n, q, 1u << 16, ESPALIER_TX_PROTECTED);
}

static void reset_tx(struct espalier_null *n, unsigned int q)
{
	/* Admitted frames drain, the rest ends as TX_RESET. */
	if (R(n, ESPALIER_REG_Q_TX_RING_LO(q)))
		while (serve_tx(n, q, ESPALIER_TX_RESET))
			;
	memset(&n->tx[q], 0, sizeof(n->tx[q]));
	R(n, ESPALIER_REG_Q_TX_CTRL(q)) = 0;
	R(n, ESPALIER_REG_Q_TX_STATUS(q)) = 0;
	R(n, ESPALIER_REG_Q_TX_TAIL(q)) = 0;
}

static void reset_rx(struct espalier_null *n, unsigned int q)
{
	memset(&n->rx[q], 0, sizeof(n->rx[q]));
	R(n, ESPALIER_REG_Q_RX_CTRL(q)) = 0;
	R(n, ESPALIER_REG_Q_RX_STATUS(q)) = 0;
	R(n, ESPALIER_REG_Q_RX_TAIL(q)) = 0;
}

static void write_queue(struct espalier_null *n, uint32_t off, uint32_t val)
{
	unsigned int q = (off - ESPALIER_Q_BASE) / ESPALIER_Q_STRIDE;

	if (q >= n->opts.queues)
		return;
	switch (off - q * ESPALIER_Q_STRIDE) {
	case ESPALIER_REG_Q_TX_TAIL(0):
		R(n, off) = val & 0xffff;
		doorbell_tx(n, q);
		break;
	case ESPALIER_REG_Q_RX_TAIL(0):
		R(n, off) = val & 0xffff;
		n->counts.rx_doorbells++;
		if (n->opts.mode == ESPALIER_NULL_SOURCE)
			source_fill(n, q);
		break;
	case ESPALIER_REG_Q_TX_CTRL(0):
		R(n, off) = val;
		if (val & ESPALIER_Q_TX_CTRL_RESET_MASK)
			reset_tx(n, q);
		break;
	case ESPALIER_REG_Q_RX_CTRL(0):
		R(n, off) = val;
		if (val & ESPALIER_Q_RX_CTRL_RESET_MASK)
			reset_rx(n, q);
		break;
	case ESPALIER_REG_Q_IRQ_STATUS(0):
		R(n, off) &= ~val;
		break;
	case ESPALIER_REG_Q_TX_STATUS(0):
	case ESPALIER_REG_Q_RX_STATUS(0):
	case ESPALIER_REG_Q_TX_HEAD(0):
	case ESPALIER_REG_Q_RX_HEAD(0):
		break; /* read only */
	default:
		R(n, off) = val;
	}
}

void espalier_null_stop(struct espalier_null *n, unsigned int q)
{
	R(n, ESPALIER_REG_Q_TX_STATUS(q)) |= ESPALIER_Q_TX_STATUS_ERROR_MASK;
	espalier_null_event(n, ESPALIER_EV_DMA_ERROR, 0, q);
	queue_irq(n, q, ESPALIER_Q_IRQ_STATUS_ERROR_MASK);
}

void espalier_null_break(struct espalier_null *n, unsigned int q)
{
	n->tx[q].broken = true;
	n->rx[q].broken = true;
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
		raise_irq(n, 0);
}

/* ---------------------------------------------------------------- tables */

static int tables_init(struct espalier_null *n)
{
	const unsigned int sa = n->opts.sa_entries;
	const struct {
		unsigned int entries, words;
	} shape[] = {
		[ESPALIER_TBL_SA_OUT] = { sa, 32 },
		[ESPALIER_TBL_SA_IN] = { sa, 32 },
		[ESPALIER_TBL_SA_HASH] = { 2 * sa, 2 },
		[ESPALIER_TBL_SPD] = { n->opts.spd_entries, 20 },
		[ESPALIER_TBL_KEY_OUT] = { sa, 10 },
		[ESPALIER_TBL_KEY_IN] = { sa, 10 },
		[ESPALIER_TBL_COUNTERS] = { ESPALIER_CODE_COUNT, 4 },
	};
	struct table *t;
	unsigned int i;

	for (i = 0; i < 7; i++) {
		t = &n->table[i];
		t->entries = shape[i].entries;
		t->words = shape[i].words;
		t->w = calloc((size_t)t->entries * t->words, 4);
		t->live = calloc(t->entries, 1);
		if (!t->w || !t->live)
			return -ENOMEM;
	}
	return 0;
}

static void tables_clear(struct espalier_null *n)
{
	unsigned int i;

	for (i = 0; i < 7; i++) {
		memset(n->table[i].w, 0,
		       4 * (size_t)n->table[i].entries * n->table[i].words);
		memset(n->table[i].live, 0, n->table[i].entries);
	}
}

const uint32_t *espalier_null_entry(const struct espalier_null *n,
				    enum espalier_table table,
				    unsigned int index)
{
	const struct table *t;

	if ((unsigned int)table > ESPALIER_TBL_COUNTERS)
		return NULL;
	t = &n->table[table];
	return index < t->entries ? t->w + (size_t)index * t->words : NULL;
}

static unsigned int sa_op(struct espalier_null *n, unsigned int op,
			  unsigned int table, unsigned int index,
			  const uint32_t *in)
{
	struct table *t = &n->table[table];
	struct table *key =
		&n->table[table == ESPALIER_TBL_SA_OUT ? ESPALIER_TBL_KEY_OUT
						       : ESPALIER_TBL_KEY_IN];
	struct espalier_sa_entry *e = (void *)(t->w + 32 * index);
	const struct espalier_sa_entry *i = (const void *)in;

	switch (op) {
	case ESPALIER_OP_ADD:
		if (t->live[index])
			return ESPALIER_RES_EXISTS;
		memcpy(e, in, sizeof(*e));
		e->status = ESPALIER_SA_ST_LIVE;
		t->live[index] = 1;
		return ESPALIER_RES_OK;
	case ESPALIER_OP_UPDATE:
		if (!t->live[index])
			return ESPALIER_RES_ABSENT;
		memcpy(e->soft_bytes, i->soft_bytes, 32);
		if (table == ESPALIER_TBL_SA_OUT)
			e->mtu_queue = i->mtu_queue;
		return ESPALIER_RES_OK;
	case ESPALIER_OP_DELETE:
		if (!t->live[index])
			return ESPALIER_RES_ABSENT;
		t->live[index] = 0;
		e->status &= ~ESPALIER_SA_ST_LIVE;
		explicit_bzero(key->w + 10 * index, 40);
		return ESPALIER_RES_OK;
	default:
		return ESPALIER_RES_OP;
	}
}

static unsigned int table_op(struct espalier_null *n, unsigned int op,
			     unsigned int table, unsigned int index,
			     const uint32_t *in)
{
	struct table *t;
	bool key;

	if (table > ESPALIER_TBL_COUNTERS)
		return ESPALIER_RES_OP;
	t = &n->table[table];
	if (index >= t->entries)
		return ESPALIER_RES_INDEX;
	key = table == ESPALIER_TBL_KEY_OUT || table == ESPALIER_TBL_KEY_IN;
	if (op == ESPALIER_OP_READ) {
		if (key)
			return ESPALIER_RES_OP;
		memcpy(n->result, t->w + (size_t)index * t->words,
		       4 * t->words);
		return ESPALIER_RES_OK;
	}
	if (table == ESPALIER_TBL_SA_OUT || table == ESPALIER_TBL_SA_IN)
		return sa_op(n, op, table, index, in);
	if (table == ESPALIER_TBL_SPD && op == ESPALIER_OP_FLUSH)
		return ESPALIER_RES_OK;
	if (op != ESPALIER_OP_ADD || table == ESPALIER_TBL_COUNTERS)
		return ESPALIER_RES_OP;
	if (key && n->table[table - ESPALIER_TBL_KEY_OUT].live[index])
		return ESPALIER_RES_EXISTS;
	memcpy(t->w + (size_t)index * t->words, in, 4 * t->words);
	return ESPALIER_RES_OK;
}

static void table_command(struct espalier_null *n, uint32_t cmd)
{
	unsigned int op = REG_GET(cmd, ESPALIER_TBL_CMD_OP);
	unsigned int table = REG_GET(cmd, ESPALIER_TBL_CMD_TABLE);
	unsigned int index = REG_GET(cmd, ESPALIER_TBL_CMD_INDEX);
	uint32_t *in = &R(n, ESPALIER_REG_TBL_DATA(0));
	unsigned int res;

	n->counts.table_ops++;
	memset(n->result, 0, sizeof(n->result));
	if (n->refuse_armed && n->refuse_after-- == 0) {
		n->refuse_armed = false;
		n->stuck = n->refuse_result < 0;
		res = n->stuck ? 0 : (unsigned int)n->refuse_result;
	} else {
		res = table_op(n, op, table, index, in);
	}
	memset(in, 0, 4 * ESPALIER_TBL_WORDS);
	R(n, ESPALIER_REG_TBL_STATUS) =
		REG_PUT(res, ESPALIER_TBL_STATUS_RESULT) |
		(n->stuck ? ESPALIER_TBL_STATUS_BUSY_MASK : 0);
	if (n->opts.on_table)
		n->opts.on_table(n->opts.on_table_arg, (enum espalier_tbl_op)op,
				 (enum espalier_table)table, index);
}

void espalier_null_refuse(struct espalier_null *n, unsigned int after,
			  int result)
{
	n->refuse_armed = true;
	n->refuse_after = after;
	n->refuse_result = result;
	n->stuck = false;
	R(n, ESPALIER_REG_TBL_STATUS) &= ~ESPALIER_TBL_STATUS_BUSY_MASK;
}

bool espalier_null_staging_clear(const struct espalier_null *n)
{
	unsigned int i;

	for (i = 0; i < ESPALIER_TBL_WORDS; i++)
		if (R(n, ESPALIER_REG_TBL_DATA(i)))
			return false;
	return true;
}

/* ------------------------------------------------------------- registers */

static uint32_t null_read32(struct espalier_bus *bus, uint32_t off)
{
	struct espalier_null *n = of_bus(bus);
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
	struct espalier_null *n = of_bus(bus);

	n->counts.writes++;
	if (off % 4 || off / 4 >= REG_WORDS)
		return;
	if (off >= ESPALIER_Q_BASE) {
		write_queue(n, off, val);
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
			table_command(n, val);
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
	R(n, ESPALIER_REG_CAPS_CORE) = REG_PUT(1, ESPALIER_CAPS_CORE_LANES);
	R(n, ESPALIER_REG_STATUS) =
		ESPALIER_STATUS_IDLE_MASK | ESPALIER_STATUS_INIT_DONE_MASK;
	memset(n->tx, 0, sizeof(n->tx));
	memset(n->rx, 0, sizeof(n->rx));
	n->ev_head = n->ev_count = n->ev_lost = 0;
}

void espalier_null_power_cycle(struct espalier_null *n)
{
	registers_reset(n);
	tables_clear(n);
}

/* ------------------------------------------------------------ life cycle */

void espalier_null_destroy(struct espalier_null *n)
{
	struct espalier_dma dma;
	unsigned int i;

	for (i = 0; i < 7; i++) {
		if (n->table[i].w)
			explicit_bzero(n->table[i].w,
				       4 * (size_t)n->table[i].entries *
					       n->table[i].words);
		free(n->table[i].w);
		free(n->table[i].live);
	}
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
	if (!of_bus(bus)->keep)
		espalier_null_destroy(of_bus(bus));
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
	if (tables_init(n)) {
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
