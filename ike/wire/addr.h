/* SPDX-License-Identifier: Apache-2.0 */
/* What rooms need to know of an address beyond its struct. */
#ifndef IKE_WIRE_ADDR_H
#define IKE_WIRE_ADDR_H

#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <espalier/espalier.h>

/** addr_len() - bytes of it */
static inline unsigned int addr_len(const struct espalier_addr *a)
{
	return a->family == AF_INET6 ? 16 : 4;
}

static inline bool addr_equal(const struct espalier_addr *a,
			      const struct espalier_addr *b)
{
	return a->family == b->family &&
	       !memcmp(a->bytes, b->bytes, addr_len(a));
}

/** addr_cmp() - as memcmp(); of one family */
static inline int addr_cmp(const struct espalier_addr *a,
			   const struct espalier_addr *b)
{
	return memcmp(a->bytes, b->bytes, addr_len(a));
}

#endif /* IKE_WIRE_ADDR_H */
