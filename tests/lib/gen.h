/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: frames made up from a seed
 *
 * A frame is described by what it should contain; where the description says
 * nothing the generator throws dice.
 */
#ifndef TESTS_GEN_H
#define TESTS_GEN_H

#include <espalier/espalier.h>
#include "rng.h"

#define GEN_BUF 9300

/**
 * struct gen_frame - what a frame should be like
 * @family: AF_INET, AF_INET6 or 0 for either
 * @src: source address, NULL for one of the generator's own networks
 * @dst: destination address, likewise
 * @dmac: destination station, NULL for a random one
 * @proto: upper-layer protocol, -1 for a mix
 * @len_min: bytes of the datagram
 * @len_max: likewise
 * @vlan: chance in percent of each of two tags
 * @options: chance of IPv4 options or IPv6 extension headers
 * @fragment: chance of a fragment
 * @padding: chance of bytes behind the datagram
 * @malformed: chance that something is broken
 */
struct gen_frame {
	int family;
	const struct espalier_addr *src, *dst;
	const uint8_t *dmac;
	int proto;
	size_t len_min, len_max;
	unsigned int vlan, options, fragment, padding, malformed;
};

/** gen_frame() - returns the length of the frame in @buf (GEN_BUF bytes) */
size_t gen_frame(struct rng *r, const struct gen_frame *g, uint8_t *buf);

/** gen_addr() - host @host of network @net (0..3) that gen_frame() uses */
struct espalier_addr gen_addr(int family, unsigned int net, unsigned int host);
/** gen_gateway() - address of tunnel end @n */
struct espalier_addr gen_gateway(int family, unsigned int n);

/**
 * gen_sa() - an SA with random key, mode, ICV, ESN, header rules
 * @n: makes SPI and tunnel ends differ from those of other numbers
 *
 * The sequence number is 0 or, for one in four, near a wrap.
 */
struct espalier_sa gen_sa(struct rng *r, enum espalier_dir dir, unsigned int n,
			  unsigned int window_max);
/** gen_plain_sa() - tunnel over IPv4, AES-256, ICV 16, window 64, reqid @n + 1;
 *  the same numbers give the two ends of one SA */
struct espalier_sa gen_plain_sa(enum espalier_dir dir, unsigned int n);
/** gen_mirror() - the SA at the other end of @sa */
struct espalier_sa gen_mirror(const struct espalier_sa *sa,
			      unsigned int window);
/** gen_policy() - random selectors over the generator's networks */
struct espalier_policy gen_policy(struct rng *r, enum espalier_dir dir);
/** gen_any() - a policy for everything of one family */
struct espalier_policy gen_any(enum espalier_dir dir, int family,
			       enum espalier_action action, uint32_t priority);

/**
 * gen_chain() - IPv6 extension headers and an upper layer, as transport mode
 * may carry them; one chain in ten does not fit Return: length; *@first names
 * the first header.
 */
size_t gen_chain(struct rng *r, uint8_t *buf, uint8_t *first);

/** gen_udp() - a plain UDP datagram of @len bytes, in an Ethernet frame */
size_t gen_udp(uint8_t *buf, const struct espalier_addr *src,
	       const struct espalier_addr *dst, size_t len);
/** gen_host_udp() - gen_udp() from a host of ours to one of the peer, to the
 *  station address that devices of tests have when they are opened */
size_t gen_host_udp(uint8_t *buf, int family, size_t len);

#endif /* TESTS_GEN_H */
