/* SPDX-License-Identifier: Apache-2.0 */
/* The Internet checksum (RFC 1071). */
#ifndef ESPALIERD_CHECKSUM_H
#define ESPALIERD_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/** checksum_add() - @len bytes, added to @sum; an odd number only at the end */
static inline uint32_t checksum_add(uint32_t sum, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sum += (uint32_t)p[i] << (i & 1 ? 0 : 8);
	return sum;
}

/** checksum() - as it stands in a header, host byte order */
static inline unsigned int checksum(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

#endif /* ESPALIERD_CHECKSUM_H */
