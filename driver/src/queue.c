// SPDX-License-Identifier: Apache-2.0
/* Queue pairs from birth to death: memory, start, reset. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "barrier.h"
#include "internal.h"

/* Completions are gathered four at a time, since a burst of four is one line
 * of memory. Nobody waits for that of a transmit: its time is that of four
 * frames of 1,500 bytes. The others' are short against a round trip. */
static const struct espalier_coalesce default_coal = {
	.tx_count = 4,
	.tx_cycles = 400,
	.rx_count = 4,
	.rx_cycles = 64,
	.irq_count = 8,
	.irq_cycles = 1000,
};

#define IRQ_ALL                                                                \
	(ESPALIER_Q_IRQ_STATUS_TX_MASK | ESPALIER_Q_IRQ_STATUS_RX_MASK |       \
	 ESPALIER_Q_IRQ_STATUS_ERROR_MASK)

static uint16_t log2_of(unsigned int n)
{
	uint16_t l = 0;

	while (1u << l < n)
		l++;
	return l;
}

static size_t ring_bytes(unsigned int entries)
{
	size_t n = entries * sizeof(struct espalier_tx_desc);

	return (n + ESPALIER_RING_ALIGN - 1) &
	       ~(size_t)(ESPALIER_RING_ALIGN - 1);
}

/* All four rings in one piece: tx, tx completions, rx, rx completions. */
static int queue_init(struct espalier_dev *dev, struct espi_queue *q)
{
	const unsigned int nt = dev->caps.tx_ring, nr = dev->caps.rx_ring;
	const struct espalier_bus_ops *ops = dev->bus->ops;
	struct espi_tx *tx = &q->tx;
	struct espi_rx *rx = &q->rx;
	uint8_t *p;
	int ret;

	ret = ops->dma_alloc(dev->bus, 2 * ring_bytes(nt) + 2 * ring_bytes(nr),
			     ESPALIER_RING_ALIGN, &q->rings);
	if (ret)
		return ret;
	ret = ops->dma_alloc(dev->bus, (size_t)nr * dev->caps.buf_size,
			     ESPALIER_RX_ALIGN, &q->bufs);
	if (ret)
		return ret;
	p = q->rings.va;
	tx->ring = (void *)p;
	tx->cpl = (void *)(p + ring_bytes(nt));
	rx->ring = (void *)(p + 2 * ring_bytes(nt));
	rx->cpl = (void *)(p + 2 * ring_bytes(nt) + ring_bytes(nr));
	tx->log2 = log2_of(nt);
	tx->mask = (uint16_t)(nt - 1);
	rx->log2 = log2_of(nr);
	rx->mask = (uint16_t)(nr - 1);
	rx->va = q->bufs.va;
	rx->iova = q->bufs.iova;
	rx->buf_size = dev->caps.buf_size;
	tx->slots = calloc(nt, sizeof(*tx->slots));
	rx->slot_buf = calloc(nr, sizeof(*rx->slot_buf));
	rx->held = calloc(nr, sizeof(*rx->held));
	if (!tx->slots || !rx->slot_buf || !rx->held)
		return -ENOMEM;
	q->coal = default_coal;
	return 0;
}

int espi_queues_init(struct espalier_dev *dev, struct espalier_err *err)
{
	unsigned int q;
	int ret;

	dev->queues = aligned_alloc(64, dev->nqueues * sizeof(*dev->queues));
	if (!dev->queues)
		return espi_fail(err, -ENOMEM, "out of memory");
	memset(dev->queues, 0, dev->nqueues * sizeof(*dev->queues));
	for (q = 0; q < dev->nqueues; q++) {
		ret = queue_init(dev, &dev->queues[q]);
		if (ret)
			return espi_fail(
				err, ret,
				"queue pair %u: no memory for rings of %u and "
				"%u entries and buffers of %u bytes",
				q, dev->caps.tx_ring, dev->caps.rx_ring,
				dev->caps.buf_size);
	}
	return 0;
}

/* @quiet: the device is known not to touch the memory any more; otherwise it
 * is left to the backend's close. */
void espi_queues_exit(struct espalier_dev *dev, bool quiet)
{
	struct espi_queue *queue;
	unsigned int q;

	for (q = 0; dev->queues && q < dev->nqueues; q++) {
		queue = &dev->queues[q];
		if (quiet && queue->rings.va)
			dev->bus->ops->dma_free(dev->bus, &queue->rings);
		if (quiet && queue->bufs.va)
			dev->bus->ops->dma_free(dev->bus, &queue->bufs);
		free(queue->tx.slots);
		free(queue->tx.stash);
		free(queue->rx.slot_buf);
		free(queue->rx.held);
		free(queue->rx.stash);
	}
	free(dev->queues);
}

static void put_addr(struct espalier_dev *dev, uint32_t off_lo, uint32_t off_hi,
		     const struct espi_queue *q, const void *va)
{
	uint64_t a = q->rings.iova + (uint64_t)((const uint8_t *)va -
						(const uint8_t *)q->rings.va);

	espi_wr(dev, off_lo, (uint32_t)a);
	espi_wr(dev, off_hi, (uint32_t)(a >> 32));
}

/* From indices zero; every buffer that the caller does not hold is posted. */
void espi_queue_start(struct espalier_dev *dev, unsigned int queue)
{
	struct espi_queue *q = &dev->queues[queue];
	struct espi_tx *tx = &q->tx;
	struct espi_rx *rx = &q->rx;
	unsigned int b;

	memset(q->rings.va, 0, q->rings.size);
	tx->tail = tx->head = tx->cpl_head = 0;
	rx->tail = rx->head = 0;
	tx->error = rx->error = false;

	put_addr(dev, ESPALIER_REG_Q_TX_RING_LO(queue),
		 ESPALIER_REG_Q_TX_RING_HI(queue), q, tx->ring);
	put_addr(dev, ESPALIER_REG_Q_TX_CPL_LO(queue),
		 ESPALIER_REG_Q_TX_CPL_HI(queue), q, tx->cpl);
	put_addr(dev, ESPALIER_REG_Q_RX_RING_LO(queue),
		 ESPALIER_REG_Q_RX_RING_HI(queue), q, rx->ring);
	put_addr(dev, ESPALIER_REG_Q_RX_CPL_LO(queue),
		 ESPALIER_REG_Q_RX_CPL_HI(queue), q, rx->cpl);
	espi_wr(dev, ESPALIER_REG_Q_TX_SIZE(queue), tx->log2);
	espi_wr(dev, ESPALIER_REG_Q_RX_SIZE(queue), rx->log2);
	espalier_queue_coalesce(dev, queue, &q->coal);
	espi_wr(dev, ESPALIER_REG_Q_IRQ_STATUS(queue), IRQ_ALL);
	espi_wr(dev, ESPALIER_REG_Q_IRQ_ENABLE(queue), IRQ_ALL);

	for (b = 0; b <= rx->mask; b++)
		if (!rx->held[b])
			espi_rx_post(rx, b);
	espi_wr(dev, ESPALIER_REG_Q_TX_CTRL(queue),
		ESPALIER_Q_TX_CTRL_ENABLE_MASK);
	espi_wr(dev, ESPALIER_REG_Q_RX_CTRL(queue),
		ESPALIER_Q_RX_CTRL_ENABLE_MASK);
	barrier_before_doorbell();
	espi_wr(dev, ESPALIER_REG_Q_RX_TAIL(queue), rx->tail);
	rx->doorbells++;
}

static int quiesce(struct espalier_dev *dev, unsigned int queue)
{
	int ret;

	espi_wr(dev, ESPALIER_REG_Q_TX_CTRL(queue),
		ESPALIER_Q_TX_CTRL_RESET_MASK);
	espi_wr(dev, ESPALIER_REG_Q_RX_CTRL(queue),
		ESPALIER_Q_RX_CTRL_RESET_MASK);
	ret = espi_wait(dev, ESPALIER_REG_Q_TX_CTRL(queue),
			ESPALIER_Q_TX_CTRL_RESET_MASK, 0);
	if (!ret)
		ret = espi_wait(dev, ESPALIER_REG_Q_RX_CTRL(queue),
				ESPALIER_Q_RX_CTRL_RESET_MASK, 0);
	barrier_after_control();
	return ret;
}

/* Stop queues 0 to @count - 1; the first failure is returned. */
int espi_queues_quiesce(struct espalier_dev *dev, unsigned int count)
{
	unsigned int q;
	int ret, first = 0;

	for (q = 0; q < count; q++) {
		ret = quiesce(dev, q);
		if (ret && !first)
			first = ret;
	}
	return first;
}

/* Frames that the device has ended, then those of which nothing came. */
static int stash_tx(struct espi_tx *tx)
{
	unsigned int old = tx->stash_len - tx->stash_pos;
	struct espalier_txdone *s;
	const struct espi_txslot *slot;
	unsigned int n;
	int got;

	s = malloc((old + tx->mask + 1u) * sizeof(*s));
	if (!s)
		return -ENOMEM;
	if (old)
		memcpy(s, tx->stash + tx->stash_pos, old * sizeof(*s));
	free(tx->stash);
	tx->stash = s;
	tx->stash_pos = 0;
	tx->error = false;
	got = espi_tx_poll(tx, s + old, tx->mask + 1u);
	if (got < 0)
		got = 0;
	tx->done -= (unsigned int)got; /* counted when collected */
	for (n = old + (unsigned int)got; tx->head != tx->tail; n++) {
		slot = &tx->slots[tx->head & tx->mask];
		memset(&s[n], 0, sizeof(*s));
		s[n].cookie = slot->cookie;
		s[n].code = ESPALIER_TX_RESET;
		tx->head = (uint16_t)(tx->head + slot->nsegs);
	}
	tx->stash_len = n;
	return 0;
}

static int stash_rx(struct espi_rx *rx)
{
	unsigned int old = rx->stash_len - rx->stash_pos;
	struct espalier_rxpkt *s;
	int got;

	s = malloc((old + rx->mask + 1u) * sizeof(*s));
	if (!s)
		return -ENOMEM;
	if (old)
		memcpy(s, rx->stash + rx->stash_pos, old * sizeof(*s));
	free(rx->stash);
	rx->stash = s;
	rx->stash_pos = 0;
	rx->error = false;
	got = espi_rx_poll(rx, s + old, rx->mask + 1u);
	rx->stash_len = old + (got < 0 ? 0 : (unsigned int)got);
	return 0;
}

int espalier_queue_reset(struct espalier_dev *dev, unsigned int queue)
{
	int ret;

	if (queue >= dev->nqueues)
		return espi_fail(&dev->err, -EINVAL,
				 "queue: %u; supported: 0 to %u", queue,
				 dev->nqueues - 1);
	ret = quiesce(dev, queue);
	if (ret) {
		espi_fail(&dev->err, ret, "queue %u: the reset does not end",
			  queue);
		goto stopped;
	}
	ret = stash_tx(&dev->queues[queue].tx);
	if (!ret)
		ret = stash_rx(&dev->queues[queue].rx);
	if (ret) {
		espi_fail(&dev->err, ret, "queue %u: out of memory", queue);
		goto stopped;
	}
	espi_queue_start(dev, queue);
	return 0;

stopped:
	/* Nothing goes into a queue that stands still, until it is reset. */
	dev->queues[queue].tx.error = true;
	dev->queues[queue].rx.error = true;
	return ret;
}

/* After EV_DMA_ERROR: which half of the pair has stopped? */
void espi_queue_check_error(struct espalier_dev *dev, unsigned int queue)
{
	if (queue >= dev->nqueues)
		return;
	if (espi_rd(dev, ESPALIER_REG_Q_TX_STATUS(queue)) &
	    ESPALIER_Q_TX_STATUS_ERROR_MASK)
		__atomic_store_n(&dev->queues[queue].tx.error, true,
				 __ATOMIC_RELAXED);
	if (espi_rd(dev, ESPALIER_REG_Q_RX_STATUS(queue)) &
	    ESPALIER_Q_RX_STATUS_ERROR_MASK)
		__atomic_store_n(&dev->queues[queue].rx.error, true,
				 __ATOMIC_RELAXED);
}

int espalier_queue_fd(struct espalier_dev *dev, unsigned int queue)
{
	if (queue >= dev->nqueues)
		return -EINVAL;
	return dev->bus->ops->irq_fd(dev->bus, 1 + queue);
}

int espalier_queue_irq_arm(struct espalier_dev *dev, unsigned int queue)
{
	if (queue >= dev->nqueues)
		return -EINVAL;
	espi_wr(dev, ESPALIER_REG_Q_IRQ_STATUS(queue), IRQ_ALL);
	return dev->bus->ops->irq_ack(dev->bus, 1 + queue);
}

int espalier_get_queue_stats(const struct espalier_dev *dev, unsigned int queue,
			     struct espalier_queue_stats *stats)
{
	const struct espi_queue *q;

	if (queue >= dev->nqueues)
		return -EINVAL;
	q = &dev->queues[queue];
	stats->tx_posted = q->tx.posted;
	stats->tx_done = q->tx.done;
	stats->tx_doorbells = q->tx.doorbells;
	stats->rx_frames = q->rx.frames;
	stats->rx_dropped = q->rx.dropped;
	stats->rx_doorbells = q->rx.doorbells;
	return 0;
}

int espalier_dma_alloc(struct espalier_dev *dev, size_t size,
		       struct espalier_dma *dma)
{
	int ret;

	if (!size)
		return espi_fail(&dev->err, -EINVAL,
				 "size: 0; supported: 1 and above");
	ret = dev->bus->ops->dma_alloc(dev->bus, size, 64, dma);
	if (ret)
		espi_fail(&dev->err, ret,
			  "size: %zu bytes of DMA memory are not to be had",
			  size);
	return ret;
}

void espalier_dma_free(struct espalier_dev *dev, struct espalier_dma *dma)
{
	if (dma->va)
		dev->bus->ops->dma_free(dev->bus, dma);
	memset(dma, 0, sizeof(*dma));
}
