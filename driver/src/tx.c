// SPDX-License-Identifier: Apache-2.0
/* Transmit: descriptors, one doorbell a burst, completions by phase bit. */
#include <endian.h>
#include <errno.h>
#include "barrier.h"
#include "internal.h"

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

/* Descriptors of one frame from ring index @tail on; 0 if it has none. */
static unsigned int put_frame(struct espi_tx *tx, uint16_t tail,
			      const struct espalier_txpkt *pkt,
			      unsigned int room)
{
	const struct espalier_seg *seg = pkt->segs;
	unsigned int i, n = pkt->nsegs;
	struct espalier_tx_desc *d;
	uint16_t flags;

	if (unlikely(n == 0 || n > room || n > ESPALIER_TXD_CHAIN_MAX))
		return 0;
	for (i = 0; i < n; i++, seg++) {
		if (unlikely(seg->len - 1 > 0xfffe))
			return 0;
		d = &tx->ring[(uint16_t)(tail + i) & tx->mask];
		flags = i + 1 == n ? ESPALIER_TXD_EOP : 0;
		d->addr = htole64(seg->dma);
		d->len = htole16((uint16_t)seg->len);
		if (i == 0 && pkt->sa) {
			d->flags = htole16(flags | ESPALIER_TXD_HANDLE);
			d->handle = htole32(pkt->sa);
		} else {
			d->flags = htole16(flags);
			d->handle = 0;
		}
	}
	tx->slots[tail & tx->mask].cookie = pkt->cookie;
	tx->slots[tail & tx->mask].nsegs = (uint16_t)n;
	return n;
}

int espalier_tx_burst(struct espalier_dev *dev, unsigned int queue,
		      const struct espalier_txpkt *pkts, unsigned int n)
{
	unsigned int i, room, used;
	struct espi_tx *tx;
	uint16_t tail;

	if (unlikely(queue >= dev->nqueues))
		return -EINVAL;
	tx = &dev->queues[queue].tx;
	if (unlikely(tx->error))
		return -EIO;
	tail = tx->tail;
	room = tx->mask + 1u - (uint16_t)(tail - tx->head);
	for (i = 0; i < n; i++) {
		used = put_frame(tx, tail, &pkts[i], room);
		if (unlikely(!used))
			break;
		tail = (uint16_t)(tail + used);
		room -= used;
	}
	if (unlikely(i == 0)) {
		/* Full is no error; a frame that never fits is. */
		return n && (pkts[0].nsegs == 0 ||
			     pkts[0].nsegs > tx->mask + 1u ||
			     pkts[0].nsegs > ESPALIER_TXD_CHAIN_MAX ||
			     pkts[0].nsegs <= room)
			       ? -EINVAL
			       : 0;
	}
	tx->tail = tail;
	tx->posted += i;
	tx->doorbells++;
	barrier_before_doorbell();
	espi_wr(dev, ESPALIER_REG_Q_TX_TAIL(queue), tail);
	return (int)i;
}

/* Harvest from the completion ring; -EIO when the device breaks its word. */
int espi_tx_poll(struct espi_tx *tx, struct espalier_txdone *done,
		 unsigned int n)
{
	const struct espalier_tx_cpl *c;
	const struct espi_txslot *slot;
	uint16_t cpl = tx->cpl_head, head = tx->head, index;
	unsigned int i;

	for (i = 0; i < n; i++) {
		c = &tx->cpl[cpl & tx->mask];
		if ((load_phase(&c->flags) & ESPALIER_CPL_PHASE) ==
		    ((cpl >> tx->log2) & 1))
			break;
		barrier_after_phase();
		index = le16toh(c->index);
		slot = &tx->slots[head & tx->mask];
		/* Frames end in order; anything else is a broken device. */
		if (unlikely(head == tx->tail ||
			     index != (uint16_t)(head + slot->nsegs - 1))) {
			tx->error = true;
			break;
		}
		done[i].cookie = slot->cookie;
		done[i].code = (enum espalier_code)(c->status & 0x3f);
		done[i].sa = le32toh(c->handle);
		done[i].seq = le32toh(c->seq);
		done[i].wire_len = le16toh(c->wire_len);
		head = (uint16_t)(index + 1);
		cpl++;
	}
	tx->cpl_head = cpl;
	tx->head = head;
	tx->done += i;
	return i == 0 && unlikely(tx->error) ? -EIO : (int)i;
}

int espalier_tx_done(struct espalier_dev *dev, unsigned int queue,
		     struct espalier_txdone *done, unsigned int n)
{
	struct espi_tx *tx;
	unsigned int got = 0;
	int ret;

	if (unlikely(queue >= dev->nqueues))
		return -EINVAL;
	tx = &dev->queues[queue].tx;
	if (unlikely(tx->stash_pos < tx->stash_len)) {
		while (got < n && tx->stash_pos < tx->stash_len)
			done[got++] = tx->stash[tx->stash_pos++];
		tx->done += got;
	}
	ret = espi_tx_poll(tx, done + got, n - got);
	return ret < 0 && got ? (int)got : ret + (int)got;
}
