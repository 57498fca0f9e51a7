// SPDX-License-Identifier: Apache-2.0
/* What a proposal can be, and the keys that follow from it. */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>
#include "crypto/internal.h"
#include "hex.h"
#include "suite.h"
#include "suites.h"

static const struct {
	uint16_t prf;
	const char *hash;
	unsigned int len;
} prfs[] = {
	{ PRF_HMAC_SHA1, "SHA1", 20 },
	{ PRF_HMAC_SHA2_256, "SHA256", 32 },
	{ PRF_HMAC_SHA2_384, "SHA384", 48 },
	{ PRF_HMAC_SHA2_512, "SHA512", 64 },
};
#define PRFS (sizeof(prfs) / sizeof(prfs[0]))

static const char *hash_of(uint16_t prf)
{
	for (unsigned int i = 0; i < PRFS; i++)
		if (prfs[i].prf == prf)
			return prfs[i].hash;
	return NULL;
}

/* prf+ is the Expand of HKDF (RFC 5869 section 2.3): OpenSSL has that */
static void expand(const char *hash, const uint8_t *key, size_t key_len,
		   const uint8_t *seed, size_t seed_len, uint8_t *out,
		   size_t len)
{
	int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
	OSSL_PARAM p[] = {
		OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST,
						 (char *)hash, 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY,
						  (void *)key, key_len),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO,
						  (void *)seed, seed_len),
		OSSL_PARAM_construct_end(),
	};
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);

	MUST(EVP_KDF_derive(ctx, out, len, p) > 0);
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
}

/* ------------------------------------------------------------------- suites */

static void ike_25_suites(void)
{
	struct ike_suite s;
	struct proposal p = {
		.n = 3,
		.t = { { TT_ENCR, ENCR_AES_GCM_16, 128 },
		       { TT_PRF, PRF_HMAC_SHA2_256, 0 },
		       { TT_KE, KE_CURVE25519, 0 } },
	};

	EXPECT_EQ(ike_suite_from(&s, &p), 0);
	EXPECT(s.aead);
	EXPECT_EQ(s.integ, INTEG_NONE);
	/* AEAD with another protection, and a cipher without any */
	p.t[3] = (struct transform){ TT_INTEG, INTEG_HMAC_SHA2_256_128, 0 };
	p.n = 4;
	EXPECT_EQ(ike_suite_from(&s, &p), (uint64_t)-EOPNOTSUPP);
	p.t[3].id = INTEG_NONE;
	EXPECT_EQ(ike_suite_from(&s, &p), 0);
	p.t[0] = (struct transform){ TT_ENCR, ENCR_AES_CBC, 128 };
	EXPECT_EQ(ike_suite_from(&s, &p), (uint64_t)-EOPNOTSUPP);
	p.t[3].id = INTEG_HMAC_SHA2_256_128;
	EXPECT_EQ(ike_suite_from(&s, &p), 0);
	/* what is missing or unknown */
	p.t[0].bits = 0;
	EXPECT_EQ(ike_suite_from(&s, &p), (uint64_t)-EOPNOTSUPP);
	p.t[0].bits = 128;
	p.t[1].id = 1;
	EXPECT_EQ(ike_suite_from(&s, &p), (uint64_t)-EOPNOTSUPP);
	p.t[1].id = PRF_HMAC_SHA2_512;
	p.t[2].id = 2;
	EXPECT_EQ(ike_suite_from(&s, &p), (uint64_t)-EOPNOTSUPP);
	p.t[2].type = TT_ESN;
	EXPECT_EQ(ike_suite_from(&s, &p), (uint64_t)-EOPNOTSUPP);
}

static bool can(uint8_t type, uint16_t id, uint16_t bits)
{
	struct transform t = { type, id, bits };

	return ike_suite_can(NULL, PROTO_IKE, &t);
}

static void ike_24_what_can_be_carried(void)
{
	struct transform gcm = { TT_ENCR, ENCR_AES_GCM_16, 256 };

	for (unsigned int i = 0; i < CIPHERS; i++)
		EXPECT(can(TT_ENCR, ciphers[i].encr, ciphers[i].bits));
	EXPECT(!can(TT_ENCR, ENCR_AES_GCM_16, 0));
	EXPECT(!can(TT_ENCR, ENCR_AES_GCM_16, 64));
	EXPECT(!can(TT_ENCR, ENCR_CHACHA20_POLY1305, 256));
	EXPECT(!can(TT_ENCR, ENCR_NULL, 0));
	EXPECT(!can(TT_ENCR, ENCR_NULL_AES_GMAC, 128));
	EXPECT(!can(TT_ENCR, 2, 0));
	EXPECT(can(TT_PRF, PRF_HMAC_SHA2_384, 0));
	EXPECT(!can(TT_PRF, 1, 0));
	EXPECT(can(TT_INTEG, INTEG_NONE, 0));
	EXPECT(can(TT_INTEG, INTEG_HMAC_SHA2_512_256, 0));
	EXPECT(!can(TT_INTEG, 1, 0));
	EXPECT(can(TT_KE, KE_CURVE448, 0));
	EXPECT(!can(TT_KE, 2, 0));
	EXPECT(!can(TT_KE, KE_NONE, 0));
	EXPECT(!can(TT_ESN, ESN_NO, 0));
	EXPECT(!ike_suite_can(NULL, PROTO_ESP, &gcm));
}

/* --------------------------------------------------------------- derivation */

/*
 * NIST CAVP, "IKEv2" of SP 800-135, one of each hash as published in
 * libreswan's and NSS's test suites: SKEYSEED, prf+ of it, KEYMAT with and
 * without a key exchange, SKEYSEED of a rekey. Empty: not published there.
 */
static const struct kdf {
	uint16_t prf;
	const char *ni, *nr, *gir, *gir_new, *spi_i, *spi_r;
	const char *skeyseed, *dkm, *child, *child_dh, *rekey;
} kdfs[] = {
	{ PRF_HMAC_SHA1, "32b50d5f4a3763f3", "9206a04b26564cb1",
	  "4b2c1f971981a8ad8d0abeafabf38cf75fc8349c148142465ed9c8b516b8be52",
	  "863f3c9d06efd39d2b907b97f8699e5dd5251ef64a2a176f36ee40c87d4f9330",
	  "34c9e7c188868785", "3ff77d760d2b2199",
	  "a9a7b222b59f8f48645f28a1db5b5f5d7479cba7",
	  "a14293677cc80ff8f9cc0eee30d895da9d8f405666e30ef0dfcb63c634a46002"
	  "a2a63080e514a062768b76606f9fa5e992204fc5a670bde3f10d6b027113936a"
	  "5c55b648a194ae587b0088d52204b702c979fa280870d2ed41efa9c549fd1119"
	  "8af1670b143d384bd275c5f594cf266b05ebadca855e4249520a441a81157435"
	  "a7a56cc4",
	  "8059e3ee8810e6c3a91bc8bcd2a7a41151b8d0e6ae239c7b38093ad85ef4c581"
	  "1a8e7b5d1cdabd9560b2d5e092d1f24e2d4b85eccdf0ad0dc9abd94b51ee7181"
	  "4ca6dbc8bb51b6309f5b9545c7eb35cf5580b1e521a8fe20754a2d883ba0c2cf"
	  "285f524aea6545b33106bc03e614296d319d41d4b50b3f510b1c0a22f3e66499"
	  "4d234cb4",
	  "bb43244c1860ad65ee1e211ffe8bb3661750c8f89cb9f547df7f4fa61d373016"
	  "28190e38c66232eab4b3ab14c400a5197dd3730ed4820a8a10394d51e1c04000"
	  "52f63ebd36b0e7ef53aaed31eba4a5080d7d4b5666023a8bbb5ffb7857240f9a"
	  "05884d1b7d2f933708450b7b3288f1fc863ab49fa901227cffc06e27899c7054"
	  "d56fd74c",
	  "63e81194946ebd05df7df5ebf5d8750056bf1f1d" },
	{ PRF_HMAC_SHA2_256, "3f302be1abcb28e1", "8c332ee006064c9b",
	  "0f4d257d7a58fc4545c7d7a88119eee5d5c9690c5b4c989171d3abbfd99d1d29",
	  "25f3b12d6f282739256e39bf54eda53b60ffcf379bb7bcc90c27b4c4c578616c",
	  "40dac39e1e1a8640", "8619a1cf9a6e4c07",
	  "5f00d1bd2c58ec224b1e6b71fa0f19a1faa7a193952c444411b47c1a9d8ba6fe",
	  "0b137d669b0947d7d026d593f0305ad401ff0c471357d695778a9c7f4b4869ec"
	  "e98aca531188d16041b3bb936d2dbb3b4993a6e768a809160de45d0283f273a6"
	  "cdf6854379e31be72b8d3d1fa990cf9c5b015ca9f918a7df6253c958114a09d4"
	  "e1c19bdcd4db14b29d98db1a74ad405c588662c14a04d0d36aa4ab55e90f8986"
	  "d12d4aad",
	  "", "",
	  "2d63f6debc92048b4fef3889c4c99ca67d6496e0fac14a2bca9a2d6566ff2398" },
	{ PRF_HMAC_SHA2_384, "fd1b572a8e735591", "6013b0ef88dacd3d",
	  "d3288cd87565101e88fe3bad918f31939d8dd26ff1071f8b2d7f447524e58d7c",
	  "3358f620539473aee8d07e779764c4c6a9aabddc79a28e136b3bac021dbde44a",
	  "2116ad07ce61f749", "24880e55f11a65b7",
	  "69fe7a1ac94adaeb711295f5fe004b1a8d6a0b65d05692758ce8ad2f7a45f59d"
	  "7d0b596f51f7dfcf3330061888f6a94f",
	  "4f904c2025c90c817ea5ff9b662a6fdb445a73b57cdf09eacd379b95e1f03cac"
	  "b04cd6deeda4f952191dd9bc1f7a9502471a648d74dc06d38112de48a42501f6"
	  "b1a3ad55c2099cd9a648e5f17e5bf3e34bf9b5953decb768a34f875fe2b78dca"
	  "0c2fcca81ec1a412006dfaed38fa06882e61f4c148105fb8e231fdb33c4d484c"
	  "001721d4",
	  "", "",
	  "e0548c1682e13bce454026b3b1bdf42985b24e4e7408095a7c529de38c3d1fcb"
	  "04c9fe6868042a34c9614c6c99e3fcea" },
};

static uint64_t spi(const char *s)
{
	struct bytes v = hex(s);
	uint64_t n = 0;

	for (unsigned int i = 0; i < 8; i++)
		n = n << 8 | v.b[i];
	return n;
}

static void kdf_one(const struct kdf *k)
{
	struct bytes ni = hex(k->ni), nr = hex(k->nr), gir = hex(k->gir);
	struct bytes gir_new = hex(k->gir_new), dkm = hex(k->dkm);
	struct bytes child = hex(k->child), child_dh = hex(k->child_dh);
	struct bytes rekey = hex(k->rekey), skeyseed = hex(k->skeyseed), nonces;
	struct chunk cni = chunk(&ni), cnr = chunk(&nr), cgir = chunk(&gir);
	struct chunk cnew = chunk(&gir_new), seed[3];
	struct ike_keys keys, again;
	struct ike_suite suite;
	uint8_t got[512], want[512];
	unsigned int len = ike_prf_len(k->prf), pos = 0;

	memcpy(nonces.b, ni.b, ni.len);
	memcpy(nonces.b + ni.len, nr.b, nr.len);
	nonces.len = ni.len + nr.len;
	MUST(!ike_prf(k->prf, nonces.b, nonces.len, &cgir, 1, got));
	EXPECT(same(got, &skeyseed));

	/* the seven keys: 16-byte cipher keys, the integrity of the table */
	make_suite(&suite, ENCR_AES_CBC, 128, INTEG_HMAC_SHA2_256_128, k->prf);
	MUST(!ike_keys_derive(&keys, &suite, true, &cgir, &cni, &cnr,
			      spi(k->spi_i), spi(k->spi_r), NULL));
	struct {
		const uint8_t *key;
		unsigned int len;
	} order[] = { { keys.d, len }, { keys.ai, 32 }, { keys.ar, 32 },
		      { keys.ei, 16 }, { keys.er, 16 }, { keys.pi, len },
		      { keys.pr, len } };
	for (unsigned int i = 0; i < 7; i++) {
		memcpy(got + pos, order[i].key, order[i].len);
		pos += order[i].len;
	}
	MUST(pos >= dkm.len);
	EXPECT(same(got, &dkm));

	MUST(!ike_child_keymat(&keys, NULL, &cni, &cnr, got, 132));
	EXPECT(same(got, &child));
	MUST(!ike_child_keymat(&keys, &cnew, &cni, &cnr, got, 132));
	EXPECT(same(got, &child_dh));

	/* a rekey: SKEYSEED is not shown, what it makes is */
	MUST(!ike_keys_derive(&again, &suite, true, &cnew, &cni, &cnr, 5, 6,
			      &keys));
	memcpy(nonces.b + nonces.len, (uint8_t[]){ [7] = 5, [15] = 6 }, 16);
	expand(hash_of(k->prf), rekey.b, rekey.len, nonces.b, nonces.len + 16,
	       want, len);
	EXPECT(!memcmp(again.d, want, len));
	seed[0] = cnew;
	seed[1] = cni;
	seed[2] = cnr;
	MUST(!ike_prf(k->prf, keys.d, len, seed, 3, got));
	EXPECT(same(got, &rekey));
	ike_keys_clear(&keys);
	ike_keys_clear(&again);
}

static void ike_29_kdf_vectors_of_nist(void)
{
	for (unsigned int i = 0; i < sizeof(kdfs) / sizeof(kdfs[0]); i++)
		kdf_one(&kdfs[i]);
}

static void ike_29_prf_plus_is_hkdf_expand(void)
{
	static uint8_t got[255 * 64 + 1], want[255 * 64];
	uint8_t key[200], seed[100];

	RAND_bytes(key, sizeof(key));
	RAND_bytes(seed, sizeof(seed));
	for (unsigned int i = 0; i < PRFS; i++) {
		const size_t lens[] = { 1, prfs[i].len - 1, prfs[i].len,
					prfs[i].len + 1, 255 * prfs[i].len };
		/* the seed in pieces is the seed in one */
		const struct chunk pieces[] = { { seed, 1 },
						{ NULL, 0 },
						{ seed + 1, 60 },
						{ seed + 61, 39 } };

		EXPECT_EQ(ike_prf_len(prfs[i].prf), prfs[i].len);
		for (unsigned int k = 0; k < 5; k++) {
			size_t key_len = k == 4 ? sizeof(key) : 16 + k * 16;

			memset(got, 0xee, sizeof(got));
			MUST(!ike_prf_plus(prfs[i].prf, key, key_len, pieces, 4,
					   got, lens[k]));
			expand(prfs[i].hash, key, key_len, seed, sizeof(seed),
			       want, lens[k]);
			EXPECT(!memcmp(got, want, lens[k]));
			EXPECT_EQ(got[lens[k]], 0xee);
		}
		EXPECT_EQ(ike_prf_plus(prfs[i].prf, key, 32, pieces, 4, got,
				       255 * prfs[i].len + 1),
			  (uint64_t)-EINVAL);
	}
	EXPECT_EQ(ike_prf_len(1), 0);
	EXPECT_EQ(ike_prf(1, key, 16, NULL, 0, got), (uint64_t)-EOPNOTSUPP);
}

/* RFC 7296 section 2.18: SKEYSEED by the old PRF, the keys by the new one */
static void ike_29_rekey_to_another_prf(void)
{
	uint8_t secret[32], ni[32], nr[32], data[96], seed[64], want[64];
	struct chunk cs = { secret, 32 }, ci = { ni, 32 }, cr = { nr, 32 };
	struct ike_suite s256, s512;
	struct ike_keys old, new;
	size_t n;

	RAND_bytes(secret, 32);
	RAND_bytes(ni, 32);
	RAND_bytes(nr, 32);
	make_suite(&s256, ENCR_AES_GCM_16, 128, 0, PRF_HMAC_SHA2_256);
	make_suite(&s512, ENCR_AES_GCM_16, 256, 0, PRF_HMAC_SHA2_512);
	MUST(!ike_keys_derive(&old, &s256, true, &cs, &ci, &cr, 1, 2, NULL));
	MUST(!ike_keys_derive(&new, &s512, true, &cs, &ci, &cr, 3, 4, &old));
	memcpy(data, secret, 32);
	memcpy(data + 32, ni, 32);
	memcpy(data + 64, nr, 32);
	n = hmac("SHA256", old.d, 32, data, 96, seed);
	MUST(n == 32);
	memcpy(data, ni, 32);
	memcpy(data + 32, nr, 32);
	memcpy(data + 64, (uint8_t[]){ [7] = 3, [15] = 4 }, 16);
	expand("SHA512", seed, 32, data, 80, want, 64);
	EXPECT(!memcmp(new.d, want, 64));
	ike_keys_clear(&old);
	ike_keys_clear(&new);
}

/* ------------------------------------------------------------------ threads */

static void *one_thread(void *arg)
{
	uint8_t pub[IKE_PUB_MAX], secret[IKE_SECRET_MAX], got[64], key[16];
	struct chunk c = { key, sizeof(key) };
	bool ok = true;
	size_t n, len;

	memset(key, (int)(uintptr_t)arg, sizeof(key));
	for (int i = 0; i < 50 && ok; i++) {
		struct ike_ke *ke;
		uint8_t want[64];

		ok = !ike_prf(PRF_HMAC_SHA2_512, key, sizeof(key), &c, 1, got);
		hmac("SHA512", key, sizeof(key), key, sizeof(key), want);
		ok = ok && !memcmp(got, want, 64) &&
		     !ike_ke_new(KE_CURVE25519, &ke, pub, &n);
		if (ok) {
			ok = !ike_ke_derive(ke, &(struct chunk){ pub, n },
					    secret, &len);
			ike_ke_free(ke);
		}
	}
	return ok ? arg : NULL;
}

static void threads_have_their_own(void)
{
	pthread_t t[4];
	void *ret;

	for (uintptr_t i = 0; i < 4; i++)
		MUST(!pthread_create(&t[i], NULL, one_thread, (void *)(i + 1)));
	for (uintptr_t i = 0; i < 4; i++) {
		MUST(!pthread_join(t[i], &ret));
		EXPECT(ret == (void *)(i + 1));
	}
}

static const struct test_case cases[] = {
	{ "ike_24_what_can_be_carried", ike_24_what_can_be_carried },
	{ "ike_25_suites", ike_25_suites },
	{ "ike_29_kdf_vectors_of_nist", ike_29_kdf_vectors_of_nist },
	{ "ike_29_prf_plus_is_hkdf_expand", ike_29_prf_plus_is_hkdf_expand },
	{ "ike_29_rekey_to_another_prf", ike_29_rekey_to_another_prf },
	{ "threads_have_their_own", threads_have_their_own },
	{ 0 },
};

int main(int argc, char **argv)
{
	return suite_run("test_crypto", cases, argc, argv);
}
