// SPDX-License-Identifier: Apache-2.0
/* AES-GCM as RFC 4106 uses it: nonce = salt | IV, on OpenSSL. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/evp.h>
#include "ref.h"

#define MUST(x)                                                                \
	do {                                                                   \
		if (!(x)) {                                                    \
			fprintf(stderr, "ref: OpenSSL: %s\n", #x);             \
			abort();                                               \
		}                                                              \
	} while (0)

static EVP_CIPHER_CTX *start(const struct ref_gcm *g, int enc)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	size_t bits = 8 * (g->key_len - 4);
	uint8_t nonce[12];
	int n;

	memcpy(nonce, g->key + g->key_len - 4, 4);
	memcpy(nonce + 4, g->iv, 8);
	MUST(ctx && (bits == 128 || bits == 256));
	MUST(EVP_CipherInit_ex(
		ctx, bits == 128 ? EVP_aes_128_gcm() : EVP_aes_256_gcm(), NULL,
		g->key, nonce, enc));
	MUST(EVP_CipherUpdate(ctx, NULL, &n, g->aad, g->aad_len));
	return ctx;
}

void ref_gcm_seal(const struct ref_gcm *g, const uint8_t *in, size_t len,
		  uint8_t *out, uint8_t *icv)
{
	EVP_CIPHER_CTX *ctx = start(g, 1);
	int n;

	MUST(EVP_CipherUpdate(ctx, out, &n, in, len));
	MUST(EVP_CipherFinal_ex(ctx, out + len, &n));
	MUST(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, g->icv_len, icv));
	EVP_CIPHER_CTX_free(ctx);
}

bool ref_gcm_open(const struct ref_gcm *g, const uint8_t *in, size_t len,
		  uint8_t *out, const uint8_t *icv)
{
	EVP_CIPHER_CTX *ctx = start(g, 0);
	uint8_t tag[16];
	bool ok;
	int n;

	memcpy(tag, icv, g->icv_len);
	MUST(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, g->icv_len, tag));
	MUST(EVP_CipherUpdate(ctx, out, &n, in, len));
	ok = EVP_CipherFinal_ex(ctx, out + len, &n) == 1;
	EVP_CIPHER_CTX_free(ctx);
	return ok;
}
