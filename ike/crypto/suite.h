/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: the algorithms of an IKE SA, all from OpenSSL
 *
 * A suite is what one chosen proposal means. Keys are derived into struct
 * ike_keys (RFC 7296 sections 2.13 to 2.18) and messages sealed and opened
 * with them (3.14, RFC 5282, RFC 7634, RFC 7383). Everything secret is zeroed
 * by the matching free function.
 */
#ifndef IKE_CRYPTO_SUITE_H
#define IKE_CRYPTO_SUITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "wire/message.h"

#define IKE_KEY_MAX 64 /* longest PRF output or key with salt */
#define IKE_SECRET_MAX 512 /* longest shared secret: MODP-4096 */
#define IKE_PUB_MAX 512
#define IKE_NONCE_MAX 256
#define IKE_NONCE_LEN 32 /* ours: at least half the key of any PRF here */

/**
 * struct ike_suite - lengths in bytes
 * @key_len: cipher key, with the 4 bytes of salt for AEAD
 */
struct ike_suite {
	uint16_t encr, encr_bits, integ, prf, ke;
	bool aead;
	unsigned int key_len, integ_key_len, prf_len;
	unsigned int iv_len, icv_len, block;
};

/** ike_suite_can() - for proposal_pick.can, PROTO_IKE */
bool ike_suite_can(void *arg, uint8_t protocol, const struct transform *t);
/** ike_suite_from() - -EOPNOTSUPP when it cannot be carried */
int ike_suite_from(struct ike_suite *suite, const struct proposal *chosen);

/** prf() - @out: prf_len bytes of @suite */
int ike_prf(uint16_t prf, const void *key, size_t key_len,
	    const struct chunk *data, unsigned int n, uint8_t *out);
/** ike_prf_plus() - RFC 7296 section 2.13; up to 255 blocks */
int ike_prf_plus(uint16_t prf, const void *key, size_t key_len,
		 const struct chunk *seed, unsigned int n, uint8_t *out,
		 size_t len);
unsigned int ike_prf_len(uint16_t prf);

struct ike_cipher; /* one direction: contexts that are kept for speed */

/**
 * struct ike_keys - of one IKE SA, initiator and responder named as in the
 * RFC: of the exchange that made this SA
 */
struct ike_keys {
	struct ike_suite suite;
	uint8_t d[IKE_KEY_MAX], pi[IKE_KEY_MAX], pr[IKE_KEY_MAX];
	uint8_t ai[IKE_KEY_MAX], ar[IKE_KEY_MAX];
	uint8_t ei[IKE_KEY_MAX], er[IKE_KEY_MAX];
	struct ike_cipher *seal, *open;
};

/**
 * ike_keys_derive() - SKEYSEED and the seven keys (2.14), or those of a rekey
 * (2.18) when @old is given
 * @initiator: this side began the exchange: chooses who seals with what
 * @nonces: Ni | Nr, @spis: SPIi | SPIr (16 bytes)
 */
int ike_keys_derive(struct ike_keys *keys, const struct ike_suite *suite,
		    bool initiator, const struct chunk *secret,
		    const struct chunk *ni, const struct chunk *nr,
		    uint64_t spi_i, uint64_t spi_r, const struct ike_keys *old);
void ike_keys_clear(struct ike_keys *keys);

/**
 * ike_child_keymat() - KEYMAT of a child (2.17)
 * @secret: of its own key exchange, NULL without
 * @out: initiator to responder first: encryption then integrity, each way
 */
int ike_child_keymat(const struct ike_keys *keys, const struct chunk *secret,
		     const struct chunk *ni, const struct chunk *nr,
		     uint8_t *out, size_t len);

/**
 * ike_seal() - build one protected message
 * @hdr: everything but length and next payload
 * @first: type of the first of the payloads in @plain; @frag, @frags: 0, 0
 *         for an SK payload, else SKF fragment @frag of @frags
 * @out: room for the whole message
 * Return: bytes written or -EMSGSIZE
 */
int ike_seal(struct ike_keys *keys, const struct ike_hdr *hdr, uint8_t first,
	     const uint8_t *plain, size_t len, uint16_t frag, uint16_t frags,
	     uint8_t *out, size_t cap);
/** ike_seal_overhead() - most bytes a sealed message adds to its payloads */
size_t ike_seal_overhead(const struct ike_suite *suite, bool frag);

/**
 * ike_open() - verify and decrypt, into @plain (room: sealed->body.len)
 * Return: bytes without padding, -EBADMSG: nothing of it may be used
 */
int ike_open(struct ike_keys *keys, const uint8_t *msg,
	     const struct ike_sealed *sealed, uint8_t *plain);

/* ------------------------------------------------------------ key exchange */

struct ike_ke; /* our private value of one exchange */

bool ike_ke_supported(uint16_t method);
/** ike_ke_new() - a fresh pair; @pub: room for IKE_PUB_MAX */
int ike_ke_new(uint16_t method, struct ike_ke **ke, uint8_t *pub,
	       size_t *pub_len);
uint16_t ike_ke_method(const struct ike_ke *ke);
/**
 * ike_ke_derive() - check the peer's value (length, range or curve, RFC 6989;
 * the all-zero result of X25519 and X448, RFC 8031) and derive
 * Return: 0, -EBADMSG: the value is not acceptable
 */
int ike_ke_derive(struct ike_ke *ke, const struct chunk *peer, uint8_t *secret,
		  size_t *len);
void ike_ke_free(struct ike_ke *ke);

#endif /* IKE_CRYPTO_SUITE_H */
