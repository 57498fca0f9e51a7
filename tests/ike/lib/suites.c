// SPDX-License-Identifier: Apache-2.0
#include <openssl/evp.h>
#include "suite.h"
#include "suites.h"

const struct cipher ciphers[CIPHERS] = {
	{ ENCR_AES_GCM_8, 128, 0, "AES-128-GCM", NULL, 20, 8, 8 },
	{ ENCR_AES_GCM_8, 192, 0, "AES-192-GCM", NULL, 28, 8, 8 },
	{ ENCR_AES_GCM_8, 256, 0, "AES-256-GCM", NULL, 36, 8, 8 },
	{ ENCR_AES_GCM_12, 128, 0, "AES-128-GCM", NULL, 20, 8, 12 },
	{ ENCR_AES_GCM_12, 192, 0, "AES-192-GCM", NULL, 28, 8, 12 },
	{ ENCR_AES_GCM_12, 256, 0, "AES-256-GCM", NULL, 36, 8, 12 },
	{ ENCR_AES_GCM_16, 128, 0, "AES-128-GCM", NULL, 20, 8, 16 },
	{ ENCR_AES_GCM_16, 192, 0, "AES-192-GCM", NULL, 28, 8, 16 },
	{ ENCR_AES_GCM_16, 256, 0, "AES-256-GCM", NULL, 36, 8, 16 },
	{ ENCR_CHACHA20_POLY1305, 0, 0, "ChaCha20-Poly1305", NULL, 36, 8, 16 },
	{ ENCR_AES_CBC, 128, INTEG_HMAC_SHA2_256_128, "AES-128-CBC", "SHA256",
	  16, 16, 16 },
	{ ENCR_AES_CBC, 192, INTEG_HMAC_SHA2_384_192, "AES-192-CBC", "SHA384",
	  24, 16, 24 },
	{ ENCR_AES_CBC, 256, INTEG_HMAC_SHA2_512_256, "AES-256-CBC", "SHA512",
	  32, 16, 32 },
	{ ENCR_AES_CBC, 256, INTEG_HMAC_SHA1_96, "AES-256-CBC", "SHA1", 32, 16,
	  12 },
};

void make_suite(struct ike_suite *s, uint16_t encr, uint16_t bits,
		uint16_t integ, uint16_t prf)
{
	struct proposal p = {
		.protocol = PROTO_IKE,
		.n = 4,
		.t = { { TT_ENCR, encr, bits },
		       { TT_PRF, prf, 0 },
		       { TT_KE, KE_CURVE25519, 0 },
		       { TT_INTEG, integ, 0 } },
	};

	MUST(!ike_suite_from(s, &p));
}

size_t hmac(const char *hash, const uint8_t *key, size_t key_len,
	    const uint8_t *data, size_t len, uint8_t out[64])
{
	size_t n = 0;

	MUST(EVP_Q_mac(NULL, "HMAC", NULL, hash, NULL, key, key_len, data, len,
		       out, 64, &n));
	return n;
}
