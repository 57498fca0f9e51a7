/* SPDX-License-Identifier: Apache-2.0 */
/* The packet path between clear packets and the device. */
#ifndef ESPALIERD_GATEWAY_H
#define ESPALIERD_GATEWAY_H

#include <espalier/espalier.h>
#include "pktio.h"

#define GW_QUEUES_MAX 16
#define GW_BURST 32

struct gateway {
	struct espalier_dev *dev;
	struct pktio *io;
	unsigned int queues;
	unsigned int head; /* bytes that are put in front of what is read */
	unsigned int room; /* bytes that can be read behind them */
	uint8_t l2[12]; /* destination, source */
	struct espalier_dma dma;
	struct gw_buf *bufs, *free; /* frames to send */
	unsigned int nbufs, nfree;
	struct gw_queue {
		struct gw_buf *pending[GW_BURST]; /* read, not yet posted */
		unsigned int npending;
		uint64_t tx, rx;
	} queue[GW_QUEUES_MAX];
	uint64_t tx_ended[ESPALIER_CODE_COUNT]; /* by completion code */
	uint64_t not_ip; /* read from the clear side, not to be carried */
	uint64_t too_big; /* senders that were told so */
	uint64_t delivered;
};

/**
 * gw_init() - @io of whole frames: they are carried as they are; @io of IP
 * packets: each gets an Ethernet header to @peer_mac
 */
int gw_init(struct gateway *gw, struct espalier_dev *dev, struct pktio *io,
	    unsigned int mtu, const uint8_t peer_mac[6]);
void gw_fini(struct gateway *gw);
/* One round: completions, received frames, clear packets. Returns how many
 * packets moved, or a negative errno. */
int gw_round(struct gateway *gw);
/* no buffer to read a clear packet into */
bool gw_full(const struct gateway *gw);
/* every frame that was read has been completed */
bool gw_drained(const struct gateway *gw);

#endif /* ESPALIERD_GATEWAY_H */
