// SPDX-License-Identifier: Apache-2.0
/*
 * Clear packet -> Ethernet frame in DMA memory -> transmit queue of its flow;
 * received frame -> clear packet. A frame that finds its ring full waits, and
 * when no buffer is free the clear side is not read: what cannot be carried
 * stays with who sent it, and nothing is lost here unseen.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "gateway.h"

#define NBUFS 512
#define ETH_HLEN 14

struct gw_buf {
	struct gw_buf *next;
	uint8_t *va;
	uint64_t iova;
	unsigned int len;
};

int gw_init(struct gateway *gw, struct espalier_dev *dev, struct pktio *io,
	    const struct config *cfg)
{
	struct espalier_caps caps;
	size_t size = (ETH_HLEN + cfg->mtu + 63) & ~63u;
	int ret;

	memset(gw, 0, sizeof(*gw));
	espalier_get_caps(dev, &caps);
	gw->dev = dev;
	gw->io = io;
	gw->mtu = cfg->mtu;
	gw->queues = caps.queues < GW_QUEUES_MAX ? caps.queues : GW_QUEUES_MAX;
	memcpy(gw->l2, cfg->peer_mac, 6);
	memcpy(gw->l2 + 6, cfg->has_local_mac ? cfg->local_mac : caps.mac, 6);
	gw->bufs = calloc(NBUFS, sizeof(*gw->bufs));
	if (!gw->bufs)
		return -ENOMEM;
	ret = espalier_dma_alloc(dev, NBUFS * size, &gw->dma);
	if (ret)
		return ret;
	gw->nbufs = gw->nfree = NBUFS;
	for (unsigned int i = 0; i < NBUFS; i++) {
		struct gw_buf *b = &gw->bufs[i];

		b->va = (uint8_t *)gw->dma.va + i * size;
		b->iova = gw->dma.iova + i * size;
		b->next = gw->free;
		gw->free = b;
	}
	return 0;
}

void gw_fini(struct gateway *gw)
{
	if (gw->dma.va)
		espalier_dma_free(gw->dev, &gw->dma);
	free(gw->bufs);
	gw->bufs = NULL;
}

bool gw_full(const struct gateway *gw)
{
	return !gw->free;
}

bool gw_drained(const struct gateway *gw)
{
	return gw->nfree == gw->nbufs;
}

/* Packets of one flow keep their order, so they keep to one queue. */
static unsigned int flow_hash(const uint8_t *ip, unsigned int len)
{
	uint32_t h = 0x9e3779b9, w;
	unsigned int addr, end, l4, proto;

	if (ip[0] >> 4 == 4) {
		if (len < 20)
			return 0;
		addr = 12;
		end = 20;
		l4 = (ip[0] & 15u) * 4;
		proto = ip[9];
		if ((ip[6] & 0x3f) | ip[7]) /* fragments have no ports */
			l4 = len;
	} else {
		if (len < 40)
			return 0;
		addr = 8;
		end = l4 = 40;
		proto = ip[6];
	}
	for (; addr < end; addr += 4) {
		memcpy(&w, ip + addr, 4);
		h = (h ^ w) * 0x85ebca6b;
		h ^= h >> 15;
	}
	h ^= proto;
	if ((proto == IPPROTO_TCP || proto == IPPROTO_UDP) && l4 + 4 <= len) {
		memcpy(&w, ip + l4, 4);
		h ^= w;
	}
	h *= 0xc2b2ae35;
	return h ^ h >> 16;
}

static void give_back(struct gateway *gw, struct gw_buf *b)
{
	b->next = gw->free;
	gw->free = b;
	gw->nfree++;
}

static int completions(struct gateway *gw, unsigned int q)
{
	struct espalier_txdone done[GW_BURST];
	int n = espalier_tx_done(gw->dev, q, done, GW_BURST);

	for (int i = 0; i < n; i++) {
		gw->tx_ended[done[i].code % ESPALIER_CODE_COUNT]++;
		give_back(gw, done[i].cookie);
	}
	return n;
}

static int receive(struct gateway *gw, unsigned int q)
{
	struct espalier_rxpkt pkts[GW_BURST];
	int n = espalier_rx_burst(gw->dev, q, pkts, GW_BURST), ret;

	if (n <= 0)
		return n;
	for (int i = 0; i < n; i++) {
		const uint8_t *d = pkts[i].data;
		unsigned int type, len = pkts[i].len;

		if (len <= ETH_HLEN) {
			gw->io->out_errors++;
			continue;
		}
		type = (unsigned int)d[12] << 8 | d[13];
		if (type != 0x0800 && type != 0x86dd) {
			gw->io->out_errors++;
			continue;
		}
		if (gw->io->write(gw->io, d + ETH_HLEN, len - ETH_HLEN)) {
			gw->io->out_errors++;
			continue;
		}
		gw->io->out_packets++;
		gw->io->out_bytes += len - ETH_HLEN;
		gw->delivered++;
	}
	gw->queue[q].rx += (uint64_t)n;
	ret = espalier_rx_release(gw->dev, q, pkts, (unsigned int)n);
	return ret < 0 ? ret : n;
}

static int post(struct gateway *gw, unsigned int q)
{
	struct gw_queue *gq = &gw->queue[q];
	struct espalier_txpkt pkts[GW_BURST];
	struct espalier_seg segs[GW_BURST];
	int n;

	if (!gq->npending)
		return 0;
	for (unsigned int i = 0; i < gq->npending; i++) {
		struct gw_buf *b = gq->pending[i];

		segs[i] = (struct espalier_seg){ b->iova, b->len };
		pkts[i] = (struct espalier_txpkt){
			.segs = &segs[i],
			.nsegs = 1,
			.cookie = b,
		};
	}
	n = espalier_tx_burst(gw->dev, q, pkts, gq->npending);
	if (n < 0)
		return n;
	gq->npending -= (unsigned int)n;
	gq->tx += (uint64_t)n;
	memmove(gq->pending, gq->pending + n,
		gq->npending * sizeof(gq->pending[0]));
	return n;
}

static int take(struct gateway *gw)
{
	int n = 0;

	/* when one queue waits, all wait: the clear side is one stream */
	for (unsigned int q = 0; q < gw->queues; q++)
		if (gw->queue[q].npending)
			return 0;
	while (n < GW_BURST && gw->free) {
		struct gw_buf *b = gw->free;
		uint8_t *ip = b->va + ETH_HLEN;
		struct gw_queue *gq;
		int len = gw->io->read(gw->io, ip, gw->mtu);

		if (len < 0)
			return len;
		if (!len)
			break;
		n++;
		gw->io->in_packets++;
		gw->io->in_bytes += (uint64_t)len;
		memcpy(b->va, gw->l2, 12);
		if (ip[0] >> 4 == 4) {
			b->va[12] = 0x08;
			b->va[13] = 0x00;
		} else if (ip[0] >> 4 == 6) {
			b->va[12] = 0x86;
			b->va[13] = 0xdd;
		} else {
			gw->not_ip++;
			continue;
		}
		b->len = ETH_HLEN + (unsigned int)len;
		gw->free = b->next;
		gw->nfree--;
		gq = &gw->queue[flow_hash(ip, (unsigned int)len) % gw->queues];
		gq->pending[gq->npending++] = b;
	}
	return n;
}

int gw_round(struct gateway *gw)
{
	int moved = 0, n;

	for (unsigned int q = 0; q < gw->queues; q++) {
		n = completions(gw, q);
		if (n < 0)
			return n;
		moved += n;
		n = receive(gw, q);
		if (n < 0)
			return n;
		moved += n;
	}
	n = take(gw);
	if (n < 0)
		return n;
	moved += n;
	for (unsigned int q = 0; q < gw->queues; q++) {
		n = post(gw, q);
		if (n < 0)
			return n;
		moved += n;
	}
	return moved;
}
