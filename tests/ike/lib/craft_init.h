/* SPDX-License-Identifier: Apache-2.0 */
/* IKE_SA_INIT requests by somebody who is no core: floods, and bad ones. */
#ifndef TESTS_IKE_CRAFT_INIT_H
#define TESTS_IKE_CRAFT_INIT_H

#include "duo.h"
#include "wire/message.h"

/**
 * struct craft_init - what differs from a good request
 * @nonce_len: 0: 32
 * @group: 0: X25519; @proposal: NULL: that of duo_conn()
 * @pub_zero: a public value of zeros
 * @cookie: sent first if it is there
 */
struct craft_init {
	uint64_t spi_i;
	unsigned int nonce_len;
	uint16_t group;
	const char *proposal;
	bool pub_zero;
	struct chunk cookie;
	uint8_t nonce_fill;
};

/** Return: bytes at @out */
size_t craft_init(const struct craft_init *c, uint8_t *out, size_t cap);
/** a message of notifications alone, in clear */
size_t craft_notify(const struct ike_hdr *hdr, enum ike_notify type,
		    const void *data, size_t len, uint8_t *out, size_t cap);

/** to B, from an address of anybody; and what comes of it in the next 20 ms */
void inject_init(struct duo *d, const struct craft_init *c, const char *from);

#endif /* TESTS_IKE_CRAFT_INIT_H */
