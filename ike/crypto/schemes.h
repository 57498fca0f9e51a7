/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kinds of signature, and the lists of them that a configuration has.
 */
#ifndef IKE_CRYPTO_SCHEMES_H
#define IKE_CRYPTO_SCHEMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "wire/ids.h"

enum kind {
	KIND_PKCS1 = 1,
	KIND_PSS = 2,
	KIND_ECDSA = 4,
	KIND_ED25519 = 8,
	KIND_ED448 = 16,
	KIND_ALL = 31,
};
#define KIND_RSA (KIND_PKCS1 | KIND_PSS)
#define KIND_EDDSA (KIND_ED25519 | KIND_ED448)

#define BIT(n) (1u << (n))
#define SHA2 (BIT(HASH_SHA2_256) | BIT(HASH_SHA2_384) | BIT(HASH_SHA2_512))

/** the hashes that signatures may have (RFC 8247 section 3.2: no SHA-1);
 *  @name: OpenSSL's */
struct scheme_hash {
	uint8_t id;
	const char *name, *word;
};
#define HASHES 3
extern const struct scheme_hash scheme_hashes[HASHES];

/**
 * struct want - one item of a list of schemes
 * @use: kinds when we sign; @take: kinds that are accepted
 * @hashes: 0: all
 */
struct want {
	unsigned int use, take, hashes;
};
#define WANTS_MAX 8

/** scheme_read() - @text: NULL: all; @wants: room for WANTS_MAX; -EINVAL and
 *  @why */
int scheme_read(const char *text, struct want *wants, unsigned int *n,
		char *why, size_t size);
/** scheme_taken() - is it accepted? @hash: HASH_SHA1 only where no hash was
 *  asked for */
bool scheme_taken(const struct want *wants, unsigned int n, enum kind kind,
		  unsigned int hash);

#endif /* IKE_CRYPTO_SCHEMES_H */
