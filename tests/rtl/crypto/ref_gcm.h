/* SPDX-License-Identifier: Apache-2.0 */
/* AES-GCM by OpenSSL, the reference of the random tests. */
#ifndef REF_GCM_H
#define REF_GCM_H

#include <openssl/evp.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

/* Encrypts or decrypts in; icv is the tag over the ciphertext in both cases. */
inline std::vector<uint8_t> ref_gcm(const std::vector<uint8_t> &key,
				    const uint8_t *salt, const uint8_t *iv,
				    const std::vector<uint8_t> &aad,
				    const std::vector<uint8_t> &in,
				    bool decrypt, uint8_t *icv)
{
	std::vector<uint8_t> out(in.size());
	uint8_t nonce[12];
	int n, ok = 1;

	memcpy(nonce, salt, 4);
	memcpy(nonce + 4, iv, 8);
	/* The tag of a decryption is wanted, not judged: take the plaintext
	 * first and compute the tag by encrypting it again. */
	for (int pass = decrypt ? 0 : 1; pass < 2; pass++) {
		const EVP_CIPHER *c = key.size() == 32 ? EVP_aes_256_gcm()
						       : EVP_aes_128_gcm();
		EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
		bool enc = pass == 1;
		std::vector<uint8_t> text = decrypt && enc ? out : in,
				     res(in.size() + 16);

		ok &= EVP_CipherInit_ex(ctx, c, nullptr, key.data(), nonce,
					enc);
		ok &= aad.empty() ||
		      EVP_CipherUpdate(ctx, nullptr, &n, aad.data(),
				       (int)aad.size());
		ok &= text.empty() ||
		      EVP_CipherUpdate(ctx, res.data(), &n, text.data(),
				       (int)text.size());
		if (enc) {
			ok &= EVP_CipherFinal_ex(ctx, res.data() + text.size(),
						 &n);
			ok &= EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, 16,
						  icv);
		}
		if (enc != decrypt)
			memcpy(out.data(), res.data(), in.size());
		EVP_CIPHER_CTX_free(ctx);
	}
	if (!ok)
		abort();
	return out;
}

#endif
