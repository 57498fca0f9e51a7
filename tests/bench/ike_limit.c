/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The OpenSSL operations of an IKE set-up that cannot be left out, with
 * algorithms and contexts kept where the daemon keeps them too.
 */
#include <openssl/evp.h>
#include <openssl/params.h>
#include "bench_ike.h"

double limit_x25519_us(void)
{
	double best = 1e9, start;
	int r, i;

	for (r = 0; r < ROUNDS; r++) {
		start = now_us();
		for (i = 0; i < 200; i++) {
			EVP_PKEY *a = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
			EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(a, NULL);
			uint8_t out[32];
			size_t len = sizeof(out);

			must(a && c && EVP_PKEY_derive_init(c) > 0 &&
				     EVP_PKEY_derive_set_peer(c, a) > 0 &&
				     EVP_PKEY_derive(c, out, &len) > 0,
			     "X25519");
			EVP_PKEY_CTX_free(c);
			EVP_PKEY_free(a);
		}
		start = (now_us() - start) / 200;
		if (start < best)
			best = start;
	}
	return best;
}

/* SKEYSEED (1), prf+ for the seven keys (8) and for the child (3), AUTH both
 * ways (6): as many HMACs, and four hashes for NAT detection. */
double limit_macs_us(void)
{
	EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *c = EVP_MAC_CTX_new(hmac);
	EVP_MD *sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string("digest", "SHA256", 0),
		OSSL_PARAM_construct_end(),
	};
	uint8_t key[32] = { 1 }, data[100] = { 2 }, out[64];
	double best = 1e9, start;
	size_t len;
	int r, i, k;

	must(c && sha1 && EVP_MAC_init(c, key, sizeof(key), params), "HMAC");
	for (r = 0; r < ROUNDS; r++) {
		start = now_us();
		for (i = 0; i < 200; i++) {
			for (k = 0; k < 18; k++)
				must(EVP_MAC_init(c, key, sizeof(key), NULL) &&
					     EVP_MAC_update(c, data, 100) &&
					     EVP_MAC_final(c, out, &len,
							   sizeof(out)),
				     "HMAC");
			for (k = 0; k < 4; k++)
				EVP_Digest(data, 34, out, NULL, sha1, NULL);
		}
		start = (now_us() - start) / 200;
		if (start < best)
			best = start;
	}
	EVP_MAC_CTX_free(c);
	EVP_MAC_free(hmac);
	EVP_MD_free(sha1);
	return best;
}

/* One message sealed and one opened, each direction with a key of its own. */
double limit_gcm_us(void)
{
	EVP_CIPHER *gcm = EVP_CIPHER_fetch(NULL, "AES-128-GCM", NULL);
	uint8_t key[16] = { 1 }, iv[12] = { 0 }, data[256] = { 2 }, tag[16];
	double best = 1e9, start;
	int r, i, len;

	for (r = 0; r < ROUNDS; r++) {
		start = now_us();
		for (i = 0; i < 200; i++) {
			EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();

			must(EVP_EncryptInit_ex2(c, gcm, key, iv, NULL) &&
				     EVP_EncryptUpdate(c, data, &len, data,
						       sizeof(data)) &&
				     EVP_EncryptFinal_ex(c, data, &len) &&
				     EVP_CIPHER_CTX_ctrl(
					     c, EVP_CTRL_AEAD_GET_TAG, 16, tag),
			     "GCM");
			EVP_CIPHER_CTX_free(c);
		}
		start = (now_us() - start) / 200;
		if (start < best)
			best = start;
	}
	EVP_CIPHER_free(gcm);
	return 2 * best;
}

static void sign(EVP_PKEY *key, const uint8_t *data, size_t n, uint8_t *sig,
		 size_t *len)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();

	must(c && EVP_DigestSignInit(c, NULL, EVP_sha256(), NULL, key) &&
		     EVP_DigestSign(c, sig, len, data, n),
	     "sign");
	EVP_MD_CTX_free(c);
}

/* The peer's chain of one checked; its certificate was read before. */
static void check_chain(X509_STORE *store, const struct pki_id *id)
{
	X509_STORE_CTX *c = X509_STORE_CTX_new();

	must(c && X509_STORE_CTX_init(c, store, id->cert, NULL) > 0, "chain");
	X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(c), PKI_NOW);
	must(X509_verify_cert(c) > 0, "chain");
	X509_STORE_CTX_free(c);
}

/* Our AUTH made, the peer's AUTH and certificate checked. */
double limit_cert_us(const struct pki_id *root, const struct pki_id *end)
{
	EVP_PKEY *key = end->key;
	X509_STORE *store = X509_STORE_new();
	uint8_t data[400] = { 3 }, sig[100];
	double best = 1e9, start;
	size_t len = 0;
	int r, i;

	must(store && X509_STORE_add_cert(store, root->cert), "store");
	for (r = 0; r < ROUNDS; r++) {
		start = now_us();
		for (i = 0; i < 50; i++) {
			EVP_MD_CTX *c = EVP_MD_CTX_new();

			len = sizeof(sig);
			sign(key, data, sizeof(data), sig, &len);
			must(EVP_DigestVerifyInit(c, NULL, EVP_sha256(), NULL,
						  key) &&
				     EVP_DigestVerify(c, sig, len, data,
						      sizeof(data)) == 1,
			     "verify");
			EVP_MD_CTX_free(c);
			check_chain(store, end);
		}
		start = (now_us() - start) / 50;
		if (start < best)
			best = start;
	}
	X509_STORE_free(store);
	return best;
}
