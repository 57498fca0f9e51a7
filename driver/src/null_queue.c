// SPDX-License-Identifier: Apache-2.0
/* Queues of the null device: served inside the doorbell write. */
#include <endian.h>
#include <errno.h>
#include <string.h>
#include "null_internal.h"

static void queue_irq(struct espalier_null *n, unsigned int q, uint32_t bits)
{
	R(n, ESPALIER_REG_Q_IRQ_STATUS(q)) |= bits;
	if (n->irq[1 + q] >= 0 && (R(n, ESPALIER_REG_Q_IRQ_ENABLE(q)) & bits))
		espi_null_raise(n, 1 + q);
}

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

	c = espi_null_mem(n,
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
	return espi_null_mem(
		n,
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
		to = espi_null_mem(n, le64toh(d->addr), len);
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

	c = espi_null_mem(n,
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
		d = espi_null_mem(n, ring + 16ull * (head & ((1u << log2) - 1)),
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
			from = espi_null_mem(n, le64toh(d->addr), bytes);
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

void espi_null_queue_write(struct espalier_null *n, uint32_t off, uint32_t val)
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
