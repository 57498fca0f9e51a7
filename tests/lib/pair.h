/* SPDX-License-Identifier: Apache-2.0 */
/* Two devices back to back: what A protects, B receives. */
#ifndef TESTS_PAIR_H
#define TESTS_PAIR_H

#include "nic.h"

struct pair {
	struct nic a, b;
	uint32_t out, in; /* handles of the SA at A and B */
	uint32_t policy[2]; /* at A: all traffic, IPv4 and IPv6 */
};

/**
 * pair_open() - with one SA from A to B and policies for all traffic
 * @sa: outbound SA, NULL for gen_plain_sa()
 * @window: at B
 */
void pair_open(struct pair *p, const struct nic_opts *opts,
	       const struct espalier_sa *sa, unsigned int window);
void pair_close(struct pair *p);
/** pair_settle() - until nothing moves on either side */
void pair_settle(struct pair *p);
/** pair_through() - B has delivered frame @i (of those collected) as it was */
bool pair_through(const struct pair *p, size_t i, const uint8_t *frame,
		  size_t len);

#endif /* TESTS_PAIR_H */
