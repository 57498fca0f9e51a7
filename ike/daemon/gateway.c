// SPDX-License-Identifier: Apache-2.0
/*
 * Clear packet -> Ethernet frame in DMA memory -> transmit queue of its flow;
 * received frame -> clear packet. The clear side speaks in IP packets (TUN,
 * files), which get a header here, or in whole frames (TAP): then it is the
 * network interface of the NIC, and the NIC keeps the header that the kernel
 * has made when it encapsulates. A frame that finds its ring full waits, and
 * when no buffer is free the clear side is not read: what cannot be carried
 * stays with who sent it, and nothing is lost here unseen.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <net/ethernet.h>
#include <linux/if_ether.h>
#include "gateway.h"
#include "icmp.h"

#define NBUFS 512
#define VLAN_HLEN 4
#define VLANS_MAX 2 /* the device carries two tags */

struct gw_buf {
	struct gw_buf *next;
	uint8_t *va;
	uint64_t iova;
	unsigned int len;
};

int gw_init(struct gateway *gw, struct espalier_dev *dev, struct pktio *io,
	    unsigned int mtu, const uint8_t peer_mac[6])
{
	struct espalier_caps caps;
	size_t size = ETH_HLEN + VLANS_MAX * VLAN_HLEN + mtu;
	int ret;

	memset(gw, 0, sizeof(*gw));
	espalier_get_caps(dev, &caps);
	gw->dev = dev;
	gw->io = io;
	gw->head = io->frames ? 0 : ETH_HLEN;
	gw->room = io->frames ? (unsigned int)size : mtu;
	gw->queues = caps.queues < GW_QUEUES_MAX ? caps.queues : GW_QUEUES_MAX;
	if (!io->frames) {
		memcpy(gw->l2, peer_mac, 6);
		memcpy(gw->l2 + 6, caps.mac, 6);
	}
	size = (size + 63) & ~(size_t)63;
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

	if (len && ip[0] >> 4 == 4) {
		if (len < 20)
			return 0;
		addr = 12;
		end = 20;
		l4 = (ip[0] & 15u) * 4;
		proto = ip[9];
		if ((ip[6] & 0x3f) | ip[7]) /* fragments have no ports */
			l4 = len;
	} else {
		if (len < 40) /* or no IP at all */
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

/* Where layer 3 begins in a frame; its length when it is not IP. */
static unsigned int l3_offset(const uint8_t *frame, unsigned int len)
{
	unsigned int off = ETH_HLEN - 2;

	for (unsigned int tags = 0; off + 2 <= len; tags++, off += VLAN_HLEN) {
		unsigned int type =
			(unsigned int)frame[off] << 8 | frame[off + 1];

		if (type == ETH_P_IP || type == ETH_P_IPV6)
			return off + 2;
		if ((type != ETH_P_8021Q && type != ETH_P_8021AD) ||
		    tags == VLANS_MAX)
			break;
	}
	return len;
}

static void give_back(struct gateway *gw, struct gw_buf *b)
{
	b->next = gw->free;
	gw->free = b;
	gw->nfree++;
}

/* The device tells us that a packet does not fit (RFC 4303 section 3.3.4), and
 * we its sender, as a router does. */
static void tell_too_big(struct gateway *gw, const struct gw_buf *b,
			 uint32_t sa)
{
	const unsigned int l3 = l3_offset(b->va, b->len);
	struct espalier_sa_info info;
	uint8_t out[ICMP_FRAME_MAX];
	unsigned int mtu, len;

	if (l3 == b->len || espalier_sa_query(gw->dev, sa, &info))
		return;
	mtu = icmp_inner_mtu(&info.sa,
			     b->va[l3] >> 4 == 4 ? AF_INET : AF_INET6);
	len = mtu ? icmp_too_big(b->va, b->len, l3, mtu, out) : 0;
	if (len && !gw->io->write(gw->io, out, len))
		gw->too_big++;
}

static int completions(struct gateway *gw, unsigned int q)
{
	struct espalier_txdone done[GW_BURST];
	int n = espalier_tx_done(gw->dev, q, done, GW_BURST);

	for (int i = 0; i < n; i++) {
		gw->tx_ended[done[i].code % ESPALIER_CODE_COUNT]++;
		if (done[i].code == ESPALIER_TX_TOO_BIG && gw->io->frames)
			tell_too_big(gw, done[i].cookie, done[i].sa);
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
		unsigned int len = pkts[i].len;
		unsigned int off = gw->io->frames ? 0 : l3_offset(d, len);

		if (off >= len || gw->io->write(gw->io, d + off, len - off)) {
			gw->io->out_errors++;
			continue;
		}
		gw->io->out_packets++;
		gw->io->out_bytes += len - off;
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

/* A type of 0 for what is neither IPv4 nor IPv6. */
static void put_header(const struct gateway *gw, uint8_t *frame)
{
	unsigned int version = frame[ETH_HLEN] >> 4;
	unsigned int type = version == 4   ? ETH_P_IP
			    : version == 6 ? ETH_P_IPV6
					   : 0;

	memcpy(frame, gw->l2, sizeof(gw->l2));
	frame[12] = (uint8_t)(type >> 8);
	frame[13] = (uint8_t)type;
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
		struct gw_queue *gq;
		unsigned int l3;
		int len = gw->io->read(gw->io, b->va + gw->head, gw->room);

		if (len < 0)
			return len;
		if (!len)
			break;
		n++;
		gw->io->in_packets++;
		gw->io->in_bytes += (uint64_t)len;
		b->len = gw->head + (unsigned int)len;
		if (!gw->io->frames)
			put_header(gw, b->va);
		l3 = l3_offset(b->va, b->len);
		/* the device says what becomes of other frames; a packet that
		 * is none cannot be put into one */
		if (b->len < ETH_HLEN || (!gw->io->frames && l3 == b->len)) {
			gw->not_ip++;
			continue;
		}
		gw->free = b->next;
		gw->nfree--;
		gq = &gw->queue[flow_hash(b->va + l3, b->len - l3) %
				gw->queues];
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
