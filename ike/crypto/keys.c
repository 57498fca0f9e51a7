// SPDX-License-Identifier: Apache-2.0
/*
 * SKEYSEED, the seven keys of an IKE SA and the KEYMAT of its children (RFC
 * 7296 sections 2.14, 2.17 and 2.18).
 */
#include <endian.h>
#include <errno.h>
#include <string.h>
#include <openssl/crypto.h>
#include "crypto/internal.h"

static int skeyseed(const struct ike_suite *suite, const struct chunk *secret,
		    const struct chunk *ni, const struct chunk *nr,
		    const struct ike_keys *old, uint8_t *out)
{
	uint8_t key[2 * IKE_NONCE_MAX];

	/* A rekey belongs to the old SA: it is the old PRF that makes
	 * SKEYSEED, even where the new SA has another (2.18). */
	if (old)
		return ike_prf(old->suite.prf, old->d, old->suite.prf_len,
			       (struct chunk[]){ *secret, *ni, *nr }, 3, out);
	if (ni->len > IKE_NONCE_MAX || nr->len > IKE_NONCE_MAX)
		return -EINVAL;
	memcpy(key, ni->p, ni->len);
	memcpy(key + ni->len, nr->p, nr->len);
	return ike_prf(suite->prf, key, ni->len + nr->len, secret, 1, out);
}

int ike_keys_derive(struct ike_keys *keys, const struct ike_suite *suite,
		    bool initiator, const struct chunk *secret,
		    const struct chunk *ni, const struct chunk *nr,
		    uint64_t spi_i, uint64_t spi_r, const struct ike_keys *old)
{
	uint8_t seed[IKE_KEY_MAX], all[7 * IKE_KEY_MAX];
	uint64_t spis[2] = { htobe64(spi_i), htobe64(spi_r) };
	const struct chunk in[] = { *ni,
				    *nr,
				    { (const uint8_t *)spis, sizeof(spis) } };
	const uint8_t *p = all;
	struct {
		uint8_t *to;
		size_t len;
	} parts[] = {
		{ keys->d, suite->prf_len },
		{ keys->ai, suite->integ_key_len },
		{ keys->ar, suite->integ_key_len },
		{ keys->ei, suite->key_len },
		{ keys->er, suite->key_len },
		{ keys->pi, suite->prf_len },
		{ keys->pr, suite->prf_len },
	};
	unsigned int seed_len = old ? old->suite.prf_len : suite->prf_len;
	int rc;

	memset(keys, 0, sizeof(*keys));
	keys->suite = *suite;
	rc = skeyseed(suite, secret, ni, nr, old, seed);
	if (!rc)
		rc = ike_prf_plus(
			suite->prf, seed, seed_len, in, 3, all,
			3 * suite->prf_len +
				2 * (suite->integ_key_len + suite->key_len));
	if (rc)
		goto out;
	for (unsigned int i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		memcpy(parts[i].to, p, parts[i].len);
		p += parts[i].len;
	}
	keys->seal =
		ike_cipher_new(suite, true, initiator ? keys->ei : keys->er,
			       initiator ? keys->ai : keys->ar);
	keys->open =
		ike_cipher_new(suite, false, initiator ? keys->er : keys->ei,
			       initiator ? keys->ar : keys->ai);
	if (!keys->seal || !keys->open)
		rc = -ENOMEM;
out:
	OPENSSL_cleanse(seed, sizeof(seed));
	OPENSSL_cleanse(all, sizeof(all));
	if (rc)
		ike_keys_clear(keys);
	return rc;
}

void ike_keys_clear(struct ike_keys *keys)
{
	ike_cipher_free(keys->seal);
	ike_cipher_free(keys->open);
	OPENSSL_cleanse(keys, sizeof(*keys));
}

int ike_child_keymat(const struct ike_keys *keys, const struct chunk *secret,
		     const struct chunk *ni, const struct chunk *nr,
		     uint8_t *out, size_t len)
{
	const struct chunk in[] = { secret ? *secret : (struct chunk){ 0 }, *ni,
				    *nr };

	return ike_prf_plus(keys->suite.prf, keys->d, keys->suite.prf_len, in,
			    3, out, len);
}
