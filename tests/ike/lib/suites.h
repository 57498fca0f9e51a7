/* SPDX-License-Identifier: Apache-2.0 */
/* Suites of an IKE SA, and what OpenSSL calls their algorithms. */
#ifndef TESTS_IKE_SUITES_H
#define TESTS_IKE_SUITES_H

#include "crypto/suite.h"

/** struct cipher - @mac: NULL: AEAD; @key: bytes, with the salt of an AEAD */
struct cipher {
	uint16_t encr, bits, integ;
	const char *cipher, *mac;
	unsigned int key, iv, icv;
};
#define CIPHERS 14
extern const struct cipher ciphers[CIPHERS];

/** make_suite() - with X25519 */
void make_suite(struct ike_suite *s, uint16_t encr, uint16_t bits,
		uint16_t integ, uint16_t prf);
/** hmac() - by OpenSSL's one-shot call; Return: bytes of @out */
size_t hmac(const char *hash, const uint8_t *key, size_t key_len,
	    const uint8_t *data, size_t len, uint8_t out[64]);

#endif /* TESTS_IKE_SUITES_H */
