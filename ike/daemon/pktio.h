/* SPDX-License-Identifier: Apache-2.0 */
/* Where clear packets come from and go to: TAP, TUN or files. */
#ifndef ESPALIERD_PKTIO_H
#define ESPALIERD_PKTIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pktio {
	int fd; /* to wait on; -1: nothing to wait for */
	bool eof; /* nothing will come any more */
	bool frames; /* Ethernet frames; else IP packets */
	uint64_t in_packets, in_bytes, out_packets, out_bytes;
	uint64_t out_errors; /* packets that could not be delivered */
	/* length, 0 when there is none now, negative errno */
	int (*read)(struct pktio *io, uint8_t *buf, size_t size);
	/* 0 or negative errno */
	int (*write)(struct pktio *io, const uint8_t *data, size_t len);
	/* packets that the other side could not hand over; 0 if unknown */
	uint64_t (*dropped)(struct pktio *io);
	int (*close)(struct pktio *io); /* negative errno: data was lost */
};

/* IP packets of the interface @name, which is made if needed and set up */
int pktio_tun(struct pktio **iop, const char *name, unsigned int mtu);
/* Ethernet frames; the interface gets the station address of the NIC */
int pktio_tap(struct pktio **iop, const char *name, unsigned int mtu,
	      const uint8_t mac[6]);
/* pcap or pcapng of raw IP or of Ethernet in, pcap of raw IP out; either may
 * be NULL */
int pktio_files(struct pktio **iop, const char *in, const char *out);

#endif /* ESPALIERD_PKTIO_H */
