/* SPDX-License-Identifier: Apache-2.0 */
/* What a router says of a packet that does not fit. */
#ifndef ESPALIERD_ICMP_H
#define ESPALIERD_ICMP_H

#include <stdint.h>
#include <espalier/espalier.h>

#define ICMP_FRAME_MAX (22 + 1280) /* Ethernet with two tags; IPv6 minimum */

/** icmp_inner_mtu() - the largest packet of @family (AF_INET, AF_INET6) that
 *  fits the path once @sa protects it; 0: the SA knows of no limit */
unsigned int icmp_inner_mtu(const struct espalier_sa *sa, int family);

/**
 * icmp_too_big() - tell the sender of a packet that at most @mtu bytes fit
 * @frame: what was sent, @l3: offset of its IP header
 * @out: a frame as if from the packet's destination, ICMP_FRAME_MAX bytes
 *
 * "Fragmentation needed" (RFC 1191) or "packet too big" (RFC 4443 section
 * 3.2). Return: bytes, 0 when nothing may be said (RFC 1122 section 3.2.2)
 */
unsigned int icmp_too_big(const uint8_t *frame, unsigned int len,
			  unsigned int l3, unsigned int mtu, uint8_t *out);

#endif /* ESPALIERD_ICMP_H */
