// SPDX-License-Identifier: Apache-2.0
/*
 * Receive. A queue has as many buffers as ring slots; each is posted, or with
 * the caller. A buffer that comes back without a frame is posted again here.
 */
#include <endian.h>
#include <errno.h>
#include "barrier.h"
#include "internal.h"

#define unlikely(x) __builtin_expect(!!(x), 0)

/* Without the doorbell. There is always room: as many buffers as slots. */
void espi_rx_post(struct espi_rx *rx, unsigned int buf)
{
	struct espalier_rx_desc *d = &rx->ring[rx->tail & rx->mask];

	d->addr = htole64(rx->iova + (uint64_t)buf * rx->buf_size);
	d->len = htole16((uint16_t)rx->buf_size);
	d->flags = 0;
	d->rsvd = 0;
	rx->slot_buf[rx->tail & rx->mask] = (uint16_t)buf;
	rx->held[buf] = 0;
	rx->tail++;
}

/* Frames only; buffers without one are posted again, without the doorbell. */
int espi_rx_poll(struct espi_rx *rx, struct espalier_rxpkt *pkts,
		 unsigned int n)
{
	const struct espalier_rx_cpl *c;
	unsigned int i = 0, turns, buf, len;
	enum espalier_code code;

	/* A device that floods us with empty buffers gets one lap a call. */
	for (turns = 0; i < n && turns <= rx->mask; turns++) {
		c = &rx->cpl[rx->head & rx->mask];
		if ((load_phase(&c->flags) & ESPALIER_CPL_PHASE) ==
		    ((rx->head >> rx->log2) & 1))
			break;
		barrier_after_phase();
		len = le16toh(c->len);
		code = (enum espalier_code)(c->status & 0x3f);
		/* Buffers come back in order and hold what they can hold. */
		if (unlikely(le16toh(c->index) != rx->head ||
			     rx->head == rx->tail || len > rx->buf_size)) {
			rx->error = true;
			break;
		}
		buf = rx->slot_buf[rx->head & rx->mask];
		rx->head++;
		if (unlikely(code != ESPALIER_RX_PROTECTED &&
			     code != ESPALIER_RX_BYPASSED)) {
			rx->dropped++;
			espi_rx_post(rx, buf);
			continue;
		}
		rx->held[buf] = 1;
		pkts[i].data = rx->va + (size_t)buf * rx->buf_size;
		pkts[i].len = len;
		pkts[i].code = code;
		pkts[i].sa = le32toh(c->handle);
		pkts[i].hash = le32toh(c->hash);
		pkts[i].buf = buf;
		i++;
	}
	rx->frames += i;
	return i == 0 && unlikely(rx->error) ? -EIO : (int)i;
}

static void doorbell(struct espalier_dev *dev, struct espi_rx *rx,
		     unsigned int queue)
{
	rx->doorbells++;
	barrier_before_doorbell();
	espi_wr(dev, ESPALIER_REG_Q_RX_TAIL(queue), rx->tail);
}

int espalier_rx_burst(struct espalier_dev *dev, unsigned int queue,
		      struct espalier_rxpkt *pkts, unsigned int n)
{
	unsigned int got = 0;
	struct espi_rx *rx;
	uint16_t tail;
	int ret;

	if (unlikely(queue >= dev->nqueues))
		return -EINVAL;
	rx = &dev->queues[queue].rx;
	while (unlikely(rx->stash_pos < rx->stash_len) && got < n)
		pkts[got++] = rx->stash[rx->stash_pos++];
	if (unlikely(rx->error))
		return got ? (int)got : -EIO;
	tail = rx->tail;
	ret = espi_rx_poll(rx, pkts + got, n - got);
	if (unlikely(tail != rx->tail))
		doorbell(dev, rx, queue);
	return ret < 0 && got ? (int)got : ret + (int)got;
}

int espalier_rx_release(struct espalier_dev *dev, unsigned int queue,
			const struct espalier_rxpkt *pkts, unsigned int n)
{
	struct espi_rx *rx;
	unsigned int i;

	if (unlikely(queue >= dev->nqueues))
		return -EINVAL;
	rx = &dev->queues[queue].rx;
	for (i = 0; i < n; i++) {
		/* Twice, or not one of ours. */
		if (unlikely(pkts[i].buf > rx->mask || !rx->held[pkts[i].buf]))
			break;
		espi_rx_post(rx, pkts[i].buf);
	}
	if (i)
		doorbell(dev, rx, queue);
	return i < n ? -EINVAL : 0;
}
