// SPDX-License-Identifier: Apache-2.0
/*
 * The Encrypted payload, and that of fragments (RFC 7296 section 3.14, RFC
 * 5282, RFC 7634, RFC 7383 section 2.5). Contexts are keyed once and kept.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include "crypto/internal.h"

#define SALT_LEN 4
#define AEAD_IV_LEN 8
#define PL_HDR_LEN 4
#define FRAG_LEN 4

/**
 * struct ike_cipher - one direction
 * @mac: NULL with AEAD
 * @next_iv: AEAD: the IV of the next message. A counter never repeats under
 *           its key (RFC 5282 section 4), and each direction has its own key.
 */
struct ike_cipher {
	EVP_CIPHER_CTX *ctx;
	EVP_MAC_CTX *mac;
	uint8_t salt[SALT_LEN];
	uint64_t next_iv;
};

struct ike_cipher *ike_cipher_new(const struct ike_suite *suite, bool seal,
				  const uint8_t *key, const uint8_t *integ_key)
{
	const EVP_CIPHER *cipher =
		ike_encr_fetch(suite->encr, suite->encr_bits);
	struct ike_cipher *c = calloc(1, sizeof(*c));

	if (!c || !cipher)
		goto fail;
	c->ctx = EVP_CIPHER_CTX_new();
	if (!c->ctx ||
	    !EVP_CipherInit_ex2(c->ctx, cipher, key, NULL, seal, NULL))
		goto fail;
	if (suite->aead) {
		memcpy(c->salt, key + suite->key_len - SALT_LEN, SALT_LEN);
		return c;
	}
	EVP_CIPHER_CTX_set_padding(c->ctx, 0);
	c->mac = ike_hmac_new(ike_integ_hash(suite->integ));
	if (!c->mac ||
	    !EVP_MAC_init(c->mac, integ_key, suite->integ_key_len, NULL))
		goto fail;
	return c;
fail:
	ike_cipher_free(c);
	return NULL;
}

void ike_cipher_free(struct ike_cipher *c)
{
	if (!c)
		return;
	EVP_CIPHER_CTX_free(c->ctx); /* these clear their keys */
	EVP_MAC_CTX_free(c->mac);
	OPENSSL_cleanse(c, sizeof(*c));
	free(c);
}

static void put16(uint8_t *p, unsigned int v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static void put64(uint8_t *p, uint64_t v)
{
	for (int i = 7; i >= 0; i--, v >>= 8)
		p[i] = v;
}

size_t ike_seal_overhead(const struct ike_suite *suite, bool frag)
{
	/* padding and its length fill up to a block at most */
	return IKE_HDR_LEN + PL_HDR_LEN + (frag ? FRAG_LEN : 0) +
	       suite->iv_len + suite->block + suite->icv_len;
}

/* @nonce: salt and explicit IV (RFC 5282 section 4, RFC 7634 section 2) */
static bool aead_begin(struct ike_cipher *c, const uint8_t *iv)
{
	uint8_t nonce[SALT_LEN + AEAD_IV_LEN];
	bool ok;

	memcpy(nonce, c->salt, SALT_LEN);
	memcpy(nonce + SALT_LEN, iv, AEAD_IV_LEN);
	ok = EVP_CipherInit_ex2(c->ctx, NULL, NULL, nonce, -1, NULL);
	OPENSSL_cleanse(nonce, sizeof(nonce));
	return ok;
}

static bool aead_seal(struct ike_cipher *c, const struct ike_suite *suite,
		      uint8_t *msg, size_t aad_len, size_t text_len)
{
	uint8_t *iv = msg + aad_len, *text = iv + AEAD_IV_LEN;
	int n;

	if (c->next_iv == UINT64_MAX)
		return false;
	put64(iv, c->next_iv++);
	return aead_begin(c, iv) &&
	       EVP_EncryptUpdate(c->ctx, NULL, &n, msg, aad_len) &&
	       EVP_EncryptUpdate(c->ctx, text, &n, text, text_len) &&
	       EVP_EncryptFinal_ex(c->ctx, text + text_len, &n) &&
	       EVP_CIPHER_CTX_ctrl(c->ctx, EVP_CTRL_AEAD_GET_TAG,
				   suite->icv_len, text + text_len) > 0;
}

static bool mac(struct ike_cipher *c, const uint8_t *msg, size_t len,
		uint8_t *icv, size_t icv_len)
{
	return EVP_MAC_init(c->mac, NULL, 0, NULL) &&
	       EVP_MAC_update(c->mac, msg, len) &&
	       !ike_hmac_end(c->mac, icv, icv_len);
}

static bool cbc_seal(struct ike_cipher *c, const struct ike_suite *suite,
		     uint8_t *msg, size_t aad_len, size_t text_len)
{
	uint8_t *iv = msg + aad_len, *text = iv + suite->iv_len;
	int n;

	/* an IV that nobody can tell beforehand (RFC 7296 section 3.14) */
	return RAND_bytes(iv, suite->iv_len) > 0 &&
	       EVP_EncryptInit_ex2(c->ctx, NULL, NULL, iv, NULL) &&
	       EVP_EncryptUpdate(c->ctx, text, &n, text, text_len) &&
	       (size_t)n == text_len &&
	       mac(c, msg, aad_len + suite->iv_len + text_len, text + text_len,
		   suite->icv_len);
}

int ike_seal(struct ike_keys *keys, const struct ike_hdr *hdr, uint8_t first,
	     const uint8_t *plain, size_t len, uint16_t frag, uint16_t frags,
	     uint8_t *out, size_t cap)
{
	const struct ike_suite *suite = &keys->suite;
	size_t aad_len = IKE_HDR_LEN + PL_HDR_LEN + (frags ? FRAG_LEN : 0);
	size_t pad = (suite->block - (len + 1) % suite->block) % suite->block;
	size_t text_len = len + pad + 1;
	size_t total = aad_len + suite->iv_len + text_len + suite->icv_len;
	uint8_t *sk = out + IKE_HDR_LEN;
	uint8_t *text = out + aad_len + suite->iv_len;
	struct ike_hdr h = *hdr;
	bool ok;

	/* the payload's length has 16 bits */
	if (len > IKE_MSG_MAX || total > cap ||
	    total - IKE_HDR_LEN > UINT16_MAX)
		return -EMSGSIZE;
	memmove(text, plain, len);
	memset(text + len, 0, pad);
	text[len + pad] = pad;

	h.next = frags ? PL_SKF : PL_SK;
	h.len = total;
	ike_hdr_put(out, &h);
	/* all fragments but the first say nothing (RFC 7383 section 2.5) */
	sk[0] = frag > 1 ? PL_NONE : first;
	sk[1] = 0;
	put16(sk + 2, total - IKE_HDR_LEN);
	if (frags) {
		put16(sk + 4, frag);
		put16(sk + 6, frags);
	}
	ok = suite->aead ? aead_seal(keys->seal, suite, out, aad_len, text_len)
			 : cbc_seal(keys->seal, suite, out, aad_len, text_len);
	if (!ok) {
		OPENSSL_cleanse(out, total);
		return -EIO;
	}
	return total;
}

static bool aead_open(struct ike_cipher *c, const struct ike_suite *suite,
		      const uint8_t *msg, size_t aad_len, size_t text_len,
		      uint8_t *plain)
{
	const uint8_t *iv = msg + aad_len, *text = iv + AEAD_IV_LEN;
	int n;

	return aead_begin(c, iv) &&
	       EVP_CIPHER_CTX_ctrl(c->ctx, EVP_CTRL_AEAD_SET_TAG,
				   suite->icv_len,
				   (void *)(text + text_len)) > 0 &&
	       EVP_DecryptUpdate(c->ctx, NULL, &n, msg, aad_len) &&
	       EVP_DecryptUpdate(c->ctx, plain, &n, text, text_len) &&
	       EVP_DecryptFinal_ex(c->ctx, plain + text_len, &n) > 0;
}

static bool cbc_open(struct ike_cipher *c, const struct ike_suite *suite,
		     const uint8_t *msg, size_t aad_len, size_t text_len,
		     uint8_t *plain)
{
	const uint8_t *iv = msg + aad_len, *text = iv + suite->iv_len;
	uint8_t icv[EVP_MAX_MD_SIZE];
	bool ok;
	int n;

	if (text_len % suite->block)
		return false;
	/* nothing is decrypted before the ICV was seen to be right */
	ok = mac(c, msg, aad_len + suite->iv_len + text_len, icv,
		 suite->icv_len) &&
	     !CRYPTO_memcmp(icv, text + text_len, suite->icv_len);
	OPENSSL_cleanse(icv, sizeof(icv));
	return ok && EVP_DecryptInit_ex2(c->ctx, NULL, NULL, iv, NULL) &&
	       EVP_DecryptUpdate(c->ctx, plain, &n, text, text_len) &&
	       (size_t)n == text_len;
}

int ike_open(struct ike_keys *keys, const uint8_t *msg,
	     const struct ike_sealed *sealed, uint8_t *plain)
{
	const struct ike_suite *suite = &keys->suite;
	size_t text_len, pad;
	bool ok;

	if (sealed->body.p != msg + sealed->aad_len ||
	    sealed->body.len < suite->iv_len + suite->icv_len + 1 ||
	    sealed->body.len > IKE_MSG_MAX)
		return -EBADMSG;
	text_len = sealed->body.len - suite->iv_len - suite->icv_len;
	ok = suite->aead ? aead_open(keys->open, suite, msg, sealed->aad_len,
				     text_len, plain)
			 : cbc_open(keys->open, suite, msg, sealed->aad_len,
				    text_len, plain);
	if (!ok)
		goto bad;
	/* any padding is taken, of any content (3.14) */
	pad = plain[text_len - 1];
	if (pad + 1 > text_len)
		goto bad;
	return text_len - 1 - pad;
bad:
	ERR_clear_error();
	OPENSSL_cleanse(plain, text_len);
	return -EBADMSG;
}
