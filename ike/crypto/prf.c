// SPDX-License-Identifier: Apache-2.0
/*
 * prf and prf+ (RFC 7296 sections 2.13, RFC 4868 section 2.4): HMAC, whose
 * key may have any length.
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include "crypto/internal.h"

static const struct {
	uint16_t id;
	const char *hash;
	uint8_t len;
} prfs[] = {
	{ PRF_HMAC_SHA1, "SHA1", 20 },
	{ PRF_HMAC_SHA2_256, "SHA2-256", 32 },
	{ PRF_HMAC_SHA2_384, "SHA2-384", 48 },
	{ PRF_HMAC_SHA2_512, "SHA2-512", 64 },
};
_Static_assert(sizeof(prfs) / sizeof(prfs[0]) == IKE_PRFS, "kept PRFs");

static EVP_MAC *hmac;

static void fetch_hmac(void)
{
	hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
}

EVP_MAC_CTX *ike_hmac_new(const char *hash)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
						 (char *)hash, 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC_CTX *ctx;

	pthread_once(&once, fetch_hmac);
	ctx = hmac ? EVP_MAC_CTX_new(hmac) : NULL;
	if (ctx && !EVP_MAC_CTX_set_params(ctx, params)) {
		EVP_MAC_CTX_free(ctx);
		ctx = NULL;
	}
	return ctx;
}

int ike_hmac_end(EVP_MAC_CTX *ctx, uint8_t *out, size_t len)
{
	uint8_t full[EVP_MAX_MD_SIZE];
	size_t n = 0;
	int rc = 0;

	if (!EVP_MAC_final(ctx, full, &n, sizeof(full)) || n < len)
		rc = -EIO;
	else
		memcpy(out, full, len);
	OPENSSL_cleanse(full, sizeof(full));
	return rc;
}

static int find(uint16_t prf)
{
	for (unsigned int i = 0; i < IKE_PRFS; i++)
		if (prfs[i].id == prf)
			return i;
	return -1;
}

unsigned int ike_prf_len(uint16_t prf)
{
	int i = find(prf);

	return i < 0 ? 0 : prfs[i].len;
}

static EVP_MAC_CTX *begin(int i, const void *key, size_t key_len)
{
	struct ike_thread *t = ike_thread();

	if (t && !t->prf[i])
		t->prf[i] = ike_hmac_new(prfs[i].hash);
	if (!t || !t->prf[i] ||
	    !EVP_MAC_init(t->prf[i], key_len ? key : "", key_len, NULL))
		return NULL;
	return t->prf[i];
}

/* The kept context is not to hold on to a key that nobody needs any more. */
static void forget(EVP_MAC_CTX *ctx)
{
	static const uint8_t none[1];

	if (ctx)
		EVP_MAC_init(ctx, none, sizeof(none), NULL);
}

static bool feed(EVP_MAC_CTX *ctx, const struct chunk *data, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		if (data[i].len && !EVP_MAC_update(ctx, data[i].p, data[i].len))
			return false;
	return true;
}

int ike_prf(uint16_t prf, const void *key, size_t key_len,
	    const struct chunk *data, unsigned int n, uint8_t *out)
{
	int i = find(prf), rc = -EIO;
	EVP_MAC_CTX *ctx;

	if (i < 0)
		return -EOPNOTSUPP;
	ctx = begin(i, key, key_len);
	if (ctx && feed(ctx, data, n))
		rc = ike_hmac_end(ctx, out, prfs[i].len);
	forget(ctx);
	return rc;
}

int ike_prf_plus(uint16_t prf, const void *key, size_t key_len,
		 const struct chunk *seed, unsigned int n, uint8_t *out,
		 size_t len)
{
	int i = find(prf), rc = -EIO;
	uint8_t block[EVP_MAX_MD_SIZE];
	EVP_MAC_CTX *ctx;
	size_t size, have;

	if (i < 0)
		return -EOPNOTSUPP;
	size = prfs[i].len;
	/* the counter is one octet and starts at 1 */
	if (len > 255 * size)
		return -EINVAL;
	ctx = begin(i, key, key_len);
	if (!ctx)
		goto out;
	for (uint8_t count = 1; len; count++) {
		if (count > 1 && (!EVP_MAC_init(ctx, NULL, 0, NULL) ||
				  !EVP_MAC_update(ctx, block, size)))
			goto out;
		if (!feed(ctx, seed, n) || !EVP_MAC_update(ctx, &count, 1))
			goto out;
		rc = ike_hmac_end(ctx, block, size);
		if (rc)
			goto out;
		have = len < size ? len : size;
		memcpy(out, block, have);
		out += have;
		len -= have;
	}
	rc = 0;
out:
	forget(ctx);
	OPENSSL_cleanse(block, sizeof(block));
	return rc;
}
