/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: ESP in UDP (RFC 3948) for a device that cannot do it
 *
 * Stands between the device and the wire of a simulation, where the host sees
 * both: an ESP frame of an SA with ports gets a UDP header on its way out,
 * and loses it on its way in. The device protects and verifies as ever.
 */
#ifndef ESPALIERD_UDPENCAP_H
#define ESPALIERD_UDPENCAP_H

#include <espalier/espalier.h>

#define UDPENCAP_BYTES 8

struct udpencap;

/** udpencap_new() - no SAs yet; NULL without memory */
struct udpencap *udpencap_new(void);
void udpencap_free(struct udpencap *u);

/** udpencap_add() - @sa has ports; @id names it; 0 or -ENOMEM */
int udpencap_add(void *udpencap, uint32_t id, const struct espalier_sa *sa);
/** udpencap_del() - nothing happens for one that was not added */
void udpencap_del(void *udpencap, uint32_t id);

/**
 * udpencap_out(), udpencap_in() - change a frame on its way from, to the device
 * @cap: bytes of room at @frame
 * Return: its new length; 0: it has no room, drop it
 */
size_t udpencap_out(void *udpencap, uint8_t *frame, size_t len, size_t cap);
size_t udpencap_in(void *udpencap, uint8_t *frame, size_t len, size_t cap);

/** struct udpencap_counters - frames that got and lost a header */
struct udpencap_counters {
	uint64_t out, in;
};
void udpencap_counters(const struct udpencap *u, struct udpencap_counters *c);

#endif /* ESPALIERD_UDPENCAP_H */
