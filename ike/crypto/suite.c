// SPDX-License-Identifier: Apache-2.0
/*
 * The algorithms that an IKE SA can have, as tables: RFC 8247 says which
 * there have to be. HMAC-SHA-1 is MUST- there: carried, never a default.
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include "crypto/internal.h"

/* Order: the key sizes of one cipher stand together, smallest first. */
static struct encr {
	uint16_t id, bits; /* @bits: of the attribute, 0: there is none */
	const char *name;
	uint8_t key_len, salt_len, iv_len, icv_len, block;
	EVP_CIPHER *cipher;
} encrs[] = {
	{ ENCR_AES_CBC, 128, "AES-128-CBC", 16, 0, 16, 0, 16, NULL },
	{ ENCR_AES_CBC, 192, "AES-192-CBC", 24, 0, 16, 0, 16, NULL },
	{ ENCR_AES_CBC, 256, "AES-256-CBC", 32, 0, 16, 0, 16, NULL },
	{ ENCR_AES_GCM_8, 128, "AES-128-GCM", 16, 4, 8, 8, 1, NULL },
	{ ENCR_AES_GCM_8, 192, "AES-192-GCM", 24, 4, 8, 8, 1, NULL },
	{ ENCR_AES_GCM_8, 256, "AES-256-GCM", 32, 4, 8, 8, 1, NULL },
	{ ENCR_AES_GCM_12, 128, "AES-128-GCM", 16, 4, 8, 12, 1, NULL },
	{ ENCR_AES_GCM_12, 192, "AES-192-GCM", 24, 4, 8, 12, 1, NULL },
	{ ENCR_AES_GCM_12, 256, "AES-256-GCM", 32, 4, 8, 12, 1, NULL },
	{ ENCR_AES_GCM_16, 128, "AES-128-GCM", 16, 4, 8, 16, 1, NULL },
	{ ENCR_AES_GCM_16, 192, "AES-192-GCM", 24, 4, 8, 16, 1, NULL },
	{ ENCR_AES_GCM_16, 256, "AES-256-GCM", 32, 4, 8, 16, 1, NULL },
	{ ENCR_CHACHA20_POLY1305, 0, "ChaCha20-Poly1305", 32, 4, 8, 16, 1,
	  NULL },
};

static const struct integ {
	uint16_t id;
	const char *hash;
	uint8_t key_len, icv_len;
} integs[] = {
	{ INTEG_HMAC_SHA1_96, "SHA1", 20, 12 },
	{ INTEG_HMAC_SHA2_256_128, "SHA2-256", 32, 16 },
	{ INTEG_HMAC_SHA2_384_192, "SHA2-384", 48, 24 },
	{ INTEG_HMAC_SHA2_512_256, "SHA2-512", 64, 32 },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void fetch_all(void)
{
	for (unsigned int i = 0; i < COUNT(encrs); i++)
		encrs[i].cipher = EVP_CIPHER_fetch(NULL, encrs[i].name, NULL);
}

static const struct encr *encr_find(uint16_t id, uint16_t bits)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, fetch_all);
	for (unsigned int i = 0; i < COUNT(encrs); i++)
		if (encrs[i].id == id && encrs[i].bits == bits)
			return encrs[i].cipher ? &encrs[i] : NULL;
	return NULL;
}

static const struct integ *integ_find(uint16_t id)
{
	for (unsigned int i = 0; i < COUNT(integs); i++)
		if (integs[i].id == id)
			return &integs[i];
	return NULL;
}

const EVP_CIPHER *ike_encr_fetch(uint16_t encr, uint16_t bits)
{
	const struct encr *e = encr_find(encr, bits);

	return e ? e->cipher : NULL;
}

const char *ike_integ_hash(uint16_t integ)
{
	const struct integ *i = integ_find(integ);

	return i ? i->hash : NULL;
}

bool ike_suite_can(void *arg, uint8_t protocol, const struct transform *t)
{
	(void)arg;
	if (protocol != PROTO_IKE)
		return false;
	switch (t->type) {
	case TT_ENCR:
		return encr_find(t->id, t->bits);
	case TT_PRF:
		return ike_prf_len(t->id) && !t->bits;
	case TT_INTEG:
		return (t->id == INTEG_NONE || integ_find(t->id)) && !t->bits;
	case TT_KE:
		return ike_ke_supported(t->id) && !t->bits;
	default:
		return false;
	}
}

int ike_suite_from(struct ike_suite *suite, const struct proposal *chosen)
{
	const struct transform *t = proposal_find(chosen, TT_ENCR);
	const struct transform *integ = proposal_find(chosen, TT_INTEG);
	const struct transform *prf = proposal_find(chosen, TT_PRF);
	const struct transform *ke = proposal_find(chosen, TT_KE);
	const struct encr *e = t ? encr_find(t->id, t->bits) : NULL;
	const struct integ *i = NULL;

	memset(suite, 0, sizeof(*suite));
	if (!e || !prf || !ke || !ike_prf_len(prf->id) ||
	    !ike_ke_supported(ke->id))
		return -EOPNOTSUPP;
	if (integ && integ->id != INTEG_NONE) {
		i = integ_find(integ->id);
		if (!i)
			return -EOPNOTSUPP;
	}
	suite->aead = e->icv_len;
	/* exactly one of the two protects integrity (RFC 5282 section 8) */
	if (suite->aead == !!i)
		return -EOPNOTSUPP;
	suite->encr = e->id;
	suite->encr_bits = e->bits;
	suite->integ = i ? i->id : INTEG_NONE;
	suite->prf = prf->id;
	suite->ke = ke->id;
	suite->key_len = e->key_len + e->salt_len;
	suite->integ_key_len = i ? i->key_len : 0;
	suite->prf_len = ike_prf_len(prf->id);
	suite->iv_len = e->iv_len;
	suite->icv_len = i ? i->icv_len : e->icv_len;
	suite->block = e->block;
	return 0;
}
