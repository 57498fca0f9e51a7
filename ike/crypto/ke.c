// SPDX-License-Identifier: Apache-2.0
/*
 * Key exchange: RFC 8031 (X25519, X448), RFC 5903 (ECP groups), RFC 3526
 * (MODP groups); checks on the peer's value from RFC 6989.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/dh.h>
#include <openssl/err.h>
#include "crypto/internal.h"

enum family { FAM_X, FAM_ECP, FAM_MODP };

/* @len: of the public value on the wire; @prime: RFC 3526's, for the range */
static const struct method {
	uint16_t id;
	enum family family;
	const char *name;
	uint16_t len;
	BIGNUM *(*prime)(BIGNUM *bn);
} methods[] = {
	{ KE_CURVE25519, FAM_X, "X25519", 32, NULL },
	{ KE_CURVE448, FAM_X, "X448", 56, NULL },
	{ KE_ECP_256, FAM_ECP, "P-256", 64, NULL },
	{ KE_ECP_384, FAM_ECP, "P-384", 96, NULL },
	{ KE_ECP_521, FAM_ECP, "P-521", 132, NULL },
	{ KE_MODP_2048, FAM_MODP, "modp_2048", 256, BN_get_rfc3526_prime_2048 },
	{ KE_MODP_3072, FAM_MODP, "modp_3072", 384, BN_get_rfc3526_prime_3072 },
	{ KE_MODP_4096, FAM_MODP, "modp_4096", 512, BN_get_rfc3526_prime_4096 },
};
_Static_assert(sizeof(methods) / sizeof(methods[0]) == IKE_KE_METHODS,
	       "kept generators");
#define EC_UNCOMPRESSED 4 /* SEC 1: the octet that RFC 5903 leaves away */

struct ike_ke {
	const struct method *method;
	EVP_PKEY *pkey;
};

static const struct method *find(uint16_t id)
{
	for (unsigned int i = 0; i < IKE_KE_METHODS; i++)
		if (methods[i].id == id)
			return &methods[i];
	return NULL;
}

bool ike_ke_supported(uint16_t method)
{
	return find(method);
}

static EVP_PKEY_CTX *generator(const struct method *m)
{
	static const char *const keytype[] = {
		[FAM_ECP] = "EC", [FAM_MODP] = "DH"
	};
	struct ike_thread *t = ike_thread();
	EVP_PKEY_CTX **ctx = t ? &t->pair[m - methods] : NULL;

	if (!ctx)
		return NULL;
	if (*ctx)
		return *ctx;
	*ctx = EVP_PKEY_CTX_new_from_name(
		NULL, m->family == FAM_X ? m->name : keytype[m->family], NULL);
	if (*ctx && EVP_PKEY_keygen_init(*ctx) > 0 &&
	    (m->family == FAM_X ||
	     EVP_PKEY_CTX_set_group_name(*ctx, m->name) > 0))
		return *ctx;
	EVP_PKEY_CTX_free(*ctx);
	*ctx = NULL;
	return NULL;
}

static bool public_get(const struct ike_ke *ke, uint8_t *pub)
{
	const struct method *m = ke->method;
	uint8_t point[1 + IKE_PUB_MAX];
	size_t len = m->len;
	BIGNUM *bn = NULL;
	bool ok;

	switch (m->family) {
	case FAM_X:
		return EVP_PKEY_get_raw_public_key(ke->pkey, pub, &len) > 0 &&
		       len == m->len;
	case FAM_ECP:
		if (EVP_PKEY_get_octet_string_param(
			    ke->pkey, OSSL_PKEY_PARAM_PUB_KEY, point,
			    sizeof(point), &len) <= 0 ||
		    len != 1u + m->len || point[0] != EC_UNCOMPRESSED)
			return false;
		memcpy(pub, point + 1, m->len);
		return true;
	default:
		ok = EVP_PKEY_get_bn_param(ke->pkey, OSSL_PKEY_PARAM_PUB_KEY,
					   &bn) > 0 &&
		     BN_bn2binpad(bn, pub, m->len) == m->len;
		BN_free(bn);
		return ok;
	}
}

int ike_ke_from(uint16_t method, EVP_PKEY *pkey, struct ike_ke **out,
		uint8_t *pub, size_t *pub_len)
{
	const struct method *m = find(method);
	struct ike_ke *ke = m ? calloc(1, sizeof(*ke)) : NULL;

	if (!ke) {
		EVP_PKEY_free(pkey);
		return m ? -ENOMEM : -EOPNOTSUPP;
	}
	ke->method = m;
	ke->pkey = pkey;
	if (!pkey || !public_get(ke, pub)) {
		ERR_clear_error();
		ike_ke_free(ke);
		return -ENOMEM;
	}
	*pub_len = m->len;
	*out = ke;
	return 0;
}

int ike_ke_new(uint16_t method, struct ike_ke **ke, uint8_t *pub,
	       size_t *pub_len)
{
	const struct method *m = find(method);
	EVP_PKEY_CTX *ctx = m ? generator(m) : NULL;
	EVP_PKEY *pkey = NULL;

	if (m && ctx)
		EVP_PKEY_generate(ctx, &pkey);
	return ike_ke_from(method, pkey, ke, pub, pub_len);
}

uint16_t ike_ke_method(const struct ike_ke *ke)
{
	return ke->method->id;
}

/* 1 < y < p - 1 (RFC 6989 section 2.1; the groups have safe primes) */
static bool in_range(const struct method *m, const struct chunk *peer)
{
	BIGNUM *y = BN_bin2bn(peer->p, peer->len, NULL);
	BIGNUM *top = m->prime(NULL);
	bool ok = y && top && BN_sub_word(top, 1) && !BN_is_zero(y) &&
		  !BN_is_one(y) && BN_cmp(y, top) < 0;

	BN_free(y);
	BN_free(top);
	return ok;
}

/* Points are checked to be on the curve when they are decoded (RFC 6989
 * section 2.3); that of infinity has no encoding here. */
static EVP_PKEY *public_from(const struct ike_ke *ke, const struct chunk *peer)
{
	const struct method *m = ke->method;
	uint8_t value[1 + IKE_PUB_MAX];
	EVP_PKEY *pkey;
	size_t at = 0;

	if (m->family == FAM_X)
		return EVP_PKEY_new_raw_public_key_ex(NULL, m->name, NULL,
						      peer->p, peer->len);
	if (m->family == FAM_MODP && !in_range(m, peer))
		return NULL;
	if (m->family == FAM_ECP)
		value[at++] = EC_UNCOMPRESSED;
	memcpy(value + at, peer->p, peer->len);
	pkey = EVP_PKEY_new();
	if (pkey && EVP_PKEY_copy_parameters(pkey, ke->pkey) > 0 &&
	    EVP_PKEY_set1_encoded_public_key(pkey, value, at + peer->len) > 0)
		return pkey;
	EVP_PKEY_free(pkey);
	return NULL;
}

static bool all_zero(const uint8_t *p, size_t len)
{
	uint8_t any = 0;

	for (size_t i = 0; i < len; i++)
		any |= p[i];
	return !any;
}

int ike_ke_derive(struct ike_ke *ke, const struct chunk *peer, uint8_t *secret,
		  size_t *len)
{
	const struct method *m = ke->method;
	/* the shared secret of a curve is the x coordinate (RFC 5903 section
	 * 7), of a MODP group as long as the prime (RFC 7296 section 2.14) */
	size_t want = m->family == FAM_ECP ? m->len / 2 : m->len, n = want;
	EVP_PKEY_CTX *ctx = NULL;
	EVP_PKEY *pub = NULL;
	int rc = -EBADMSG;

	if (peer->len != m->len)
		return -EBADMSG;
	pub = public_from(ke, peer);
	if (!pub)
		goto out;
	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, ke->pkey, NULL);
	if (!ctx || EVP_PKEY_derive_init(ctx) <= 0) {
		rc = -ENOMEM;
		goto out;
	}
	if (m->family == FAM_MODP && EVP_PKEY_CTX_set_dh_pad(ctx, 1) <= 0)
		goto out;
	/* validated above, in less time than OpenSSL takes for it */
	if (EVP_PKEY_derive_set_peer_ex(ctx, pub, 0) <= 0 ||
	    EVP_PKEY_derive(ctx, secret, &n) <= 0)
		goto out;
	if (n != want || (m->family == FAM_X && all_zero(secret, n)))
		goto out;
	*len = n;
	rc = 0;
out:
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(pub);
	if (rc) {
		OPENSSL_cleanse(secret, want);
		ERR_clear_error();
	}
	return rc;
}

void ike_ke_free(struct ike_ke *ke)
{
	if (!ke)
		return;
	EVP_PKEY_free(ke->pkey); /* clears the private value */
	free(ke);
}
