/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of this room share. OpenSSL's objects are fetched once a
 * process and kept: a fetch takes locks and costs as much as the operation.
 * Contexts that are used for one call only are kept once a thread.
 */
#ifndef IKE_CRYPTO_INTERNAL_H
#define IKE_CRYPTO_INTERNAL_H

#include <openssl/evp.h>
#include "crypto/suite.h"

#define IKE_PRFS 4
#define IKE_KE_METHODS 8
/** struct ike_thread - what a thread keeps from call to call, freed with it */
struct ike_thread {
	EVP_MAC_CTX *prf[IKE_PRFS]; /* re-keyed at each use */
	EVP_PKEY_CTX *pair[IKE_KE_METHODS]; /* makes key pairs */
};
/** ike_thread() - that of this thread; NULL: no memory */
struct ike_thread *ike_thread(void);

/** ike_hmac_new() - HMAC with its hash chosen, without a key; NULL: no such
 *  hash in this OpenSSL, or no memory */
EVP_MAC_CTX *ike_hmac_new(const char *hash);
/** ike_hmac_end() - the result of @len bytes; 0 or -EIO */
int ike_hmac_end(EVP_MAC_CTX *ctx, uint8_t *out, size_t len);

/** ike_encr_fetch() - the cipher, NULL if it cannot be carried for IKE */
const EVP_CIPHER *ike_encr_fetch(uint16_t encr, uint16_t bits);
/** ike_integ_hash() - its hash, NULL if it cannot be carried for IKE */
const char *ike_integ_hash(uint16_t integ);

/** ike_cipher_new() - one direction of @suite; @key: with salt */
struct ike_cipher *ike_cipher_new(const struct ike_suite *suite, bool seal,
				  const uint8_t *key, const uint8_t *integ_key);
void ike_cipher_free(struct ike_cipher *c);

/** ike_ke_from() - an exchange with this pair, which is taken over; @pub as
 *  with ike_ke_new() */
int ike_ke_from(uint16_t method, EVP_PKEY *pkey, struct ike_ke **ke,
		uint8_t *pub, size_t *pub_len);

#endif /* IKE_CRYPTO_INTERNAL_H */
