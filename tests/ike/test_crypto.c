// SPDX-License-Identifier: Apache-2.0
/*
 * The algorithms of an IKE SA: against published vectors, and against
 * OpenSSL's primitives put together here in another way.
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/kdf.h>
#include <openssl/param_build.h>
#include <openssl/rand.h>
#include "crypto/internal.h"
#include "hex.h"
#include "suite.h"

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

/* HMAC by OpenSSL's one-shot call */
static size_t hmac(const char *hash, const uint8_t *key, size_t key_len,
		   const uint8_t *data, size_t len, uint8_t out[64])
{
	size_t n = 0;

	MUST(EVP_Q_mac(NULL, "HMAC", NULL, hash, NULL, key, key_len, data, len,
		       out, 64, &n));
	return n;
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

static void make_suite(struct ike_suite *s, uint16_t encr, uint16_t bits,
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

/* ------------------------------------------------------------------- suites */

static const struct {
	uint16_t encr, bits, integ;
	const char *cipher, *mac;
	unsigned int key, iv, icv;
} ciphers[] = {
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
#define CIPHERS (sizeof(ciphers) / sizeof(ciphers[0]))

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

struct bytes {
	uint8_t b[512];
	size_t len;
};

static struct bytes hex(const char *s)
{
	struct bytes v;

	v.len = hex_bytes(s, v.b, sizeof(v.b));
	return v;
}

static struct chunk chunk(const struct bytes *v)
{
	return (struct chunk){ v->b, v->len };
}

static uint64_t spi(const char *s)
{
	struct bytes v = hex(s);
	uint64_t n = 0;

	for (unsigned int i = 0; i < 8; i++)
		n = n << 8 | v.b[i];
	return n;
}

static bool same(const uint8_t *got, const struct bytes *want)
{
	return !memcmp(got, want->b, want->len);
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

/* ---------------------------------------------------------- sealed messages */

struct pair {
	struct ike_suite suite;
	struct ike_keys i, r;
};

static void pair_up(struct pair *p, unsigned int cipher)
{
	uint8_t secret[32], ni[32], nr[32];
	struct chunk cs = { secret, 32 }, ci = { ni, 32 }, cr = { nr, 32 };

	RAND_bytes(secret, 32);
	RAND_bytes(ni, 32);
	RAND_bytes(nr, 32);
	make_suite(&p->suite, ciphers[cipher].encr, ciphers[cipher].bits,
		   ciphers[cipher].integ, PRF_HMAC_SHA2_256);
	MUST(!ike_keys_derive(&p->i, &p->suite, true, &cs, &ci, &cr, 1, 2,
			      NULL));
	MUST(!ike_keys_derive(&p->r, &p->suite, false, &cs, &ci, &cr, 1, 2,
			      NULL));
}

static void pair_down(struct pair *p)
{
	ike_keys_clear(&p->i);
	ike_keys_clear(&p->r);
}

static const struct ike_hdr header = {
	.spi_i = 0x0102030405060708,
	.spi_r = 0x1112131415161718,
	.version = 0x20,
	.exchange = IKE_INFORMATIONAL,
	.flags = IKE_FLAG_INITIATOR,
	.id = 7,
};

static struct ike_sealed place(const uint8_t *msg, size_t len)
{
	struct ike_sealed s = { .type = msg[16], .aad_len = 32 };

	if (s.type == PL_SKF)
		s.aad_len += 4;
	s.body = (struct chunk){ msg + s.aad_len, len - s.aad_len };
	s.next = msg[28];
	return s;
}

/* Undo a seal with nothing but the cipher and the RFCs. Return: text length. */
static int undo_aead(unsigned int c, const uint8_t *key, const uint8_t *msg,
		     size_t len, size_t aad, uint8_t *text)
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, ciphers[c].cipher, NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	size_t text_len = len - aad - 8 - ciphers[c].icv;
	uint8_t nonce[12];
	int n, ok;

	memcpy(nonce, key + ciphers[c].key - 4, 4);
	memcpy(nonce + 4, msg + aad, 8);
	ok = EVP_DecryptInit_ex(ctx, cipher, NULL, key, nonce) &&
	     EVP_DecryptUpdate(ctx, NULL, &n, msg, aad) &&
	     EVP_DecryptUpdate(ctx, text, &n, msg + aad + 8, text_len) &&
	     EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, ciphers[c].icv,
				 (void *)(msg + len - ciphers[c].icv)) &&
	     EVP_DecryptFinal_ex(ctx, text + text_len, &n) > 0;
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(cipher);
	return ok ? (int)text_len : -1;
}

static int undo_cbc(unsigned int c, const uint8_t *key, const uint8_t *ikey,
		    size_t ikey_len, const uint8_t *msg, size_t len, size_t aad,
		    uint8_t *text)
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, ciphers[c].cipher, NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	size_t icv = ciphers[c].icv, text_len = len - aad - 16 - icv;
	uint8_t want[64];
	int n, ok;

	hmac(ciphers[c].mac, ikey, ikey_len, msg, len - icv, want);
	ok = !memcmp(want, msg + len - icv, icv) && text_len % 16 == 0 &&
	     EVP_DecryptInit_ex(ctx, cipher, NULL, key, msg + aad) &&
	     EVP_CIPHER_CTX_set_padding(ctx, 0) &&
	     EVP_DecryptUpdate(ctx, text, &n, msg + aad + 16, text_len);
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(cipher);
	return ok ? (int)text_len : -1;
}

static int undo(unsigned int c, const struct ike_keys *keys, bool from_i,
		const uint8_t *msg, size_t len, size_t aad, uint8_t *text)
{
	const uint8_t *key = from_i ? keys->ei : keys->er;
	const uint8_t *ikey = from_i ? keys->ai : keys->ar;

	if (ciphers[c].mac)
		return undo_cbc(c, key, ikey, keys->suite.integ_key_len, msg,
				len, aad, text);
	return undo_aead(c, key, msg, len, aad, text);
}

static void seal_one(unsigned int c, size_t len, uint16_t frag, uint16_t frags)
{
	uint8_t plain[700], msg[1000], text[1000], got[1000];
	size_t aad = frags ? 36 : 32;
	struct ike_sealed sealed;
	struct pair p;
	int n, m;

	pair_up(&p, c);
	EXPECT_EQ(p.suite.key_len, ciphers[c].key);
	EXPECT_EQ(p.suite.iv_len, ciphers[c].iv);
	EXPECT_EQ(p.suite.icv_len, ciphers[c].icv);
	RAND_bytes(plain, sizeof(plain));
	for (int dir = 0; dir < 2; dir++) {
		struct ike_keys *from = dir ? &p.r : &p.i;
		struct ike_keys *to = dir ? &p.i : &p.r;

		n = ike_seal(from, &header, PL_NOTIFY, plain, len, frag, frags,
			     msg, sizeof(msg));
		MUST(n > 0);
		EXPECT((size_t)n <=
		       len + ike_seal_overhead(&p.suite, frags > 0));
		EXPECT_EQ(msg[16], frags ? PL_SKF : PL_SK);
		EXPECT_EQ(msg[26] << 8 | msg[27], n);
		EXPECT_EQ(msg[28], frag > 1 ? PL_NONE : PL_NOTIFY);
		EXPECT_EQ(msg[29], 0);
		EXPECT_EQ(msg[30] << 8 | msg[31], n - 28);
		if (frags) {
			EXPECT_EQ(msg[32] << 8 | msg[33], frag);
			EXPECT_EQ(msg[34] << 8 | msg[35], frags);
		}
		m = undo(c, &p.i, !dir, msg, n, aad, text);
		MUST(m > 0);
		/* no more padding than the block needs */
		EXPECT_EQ(text[m - 1], (size_t)m - 1 - len);
		EXPECT(text[m - 1] < (ciphers[c].mac ? 16 : 1));
		EXPECT(!memcmp(text, plain, len));

		sealed = place(msg, n);
		EXPECT_EQ(ike_open(to, msg, &sealed, got), len);
		EXPECT(!memcmp(got, plain, len));
		/* the other direction has other keys */
		EXPECT_EQ(ike_open(from, msg, &sealed, got),
			  (uint64_t)-EBADMSG);
	}
	pair_down(&p);
}

static void sealed_as_the_rfcs_say(void)
{
	static const size_t lens[] = { 0, 1, 12, 15, 16, 17, 200, 700 };

	for (unsigned int c = 0; c < CIPHERS; c++)
		for (unsigned int i = 0; i < sizeof(lens) / sizeof(lens[0]);
		     i++)
			seal_one(c, lens[i], 0, 0);
}

static void ike_45_fragments_sealed(void)
{
	for (unsigned int c = 0; c < CIPHERS; c++)
		for (uint16_t frag = 1; frag <= 3; frag++)
			seal_one(c, 100, frag, 3);
	seal_one(0, 10, 300, 65535);
}

/* RFC 7634 appendix B: an INFORMATIONAL with one notification */
static void rfc7634_appendix_b(void)
{
	struct ike_keys keys = { 0 };
	struct bytes key = hex("808182838485868788898a8b8c8d8e8f"
			       "909192939495969798999a9b9c9d9e9f a0a1a2a3");
	struct bytes msg =
		hex("c0c1c2c3c4c5c6c7 d0d1d2d3d4d5d6d7 2e202500 00000009"
		    "00000045 29000029 1011121314151617"
		    "610394701f8d017f7c12924889"
		    "6b71bfe25236efd7cdc67066906315b2");
	struct bytes plain = hex("0000000c 00004001 0000000a");
	struct ike_sealed sealed = place(msg.b, msg.len);
	uint8_t got[128];

	EXPECT_EQ(msg.len, 0x45);
	make_suite(&keys.suite, ENCR_CHACHA20_POLY1305, 0, 0,
		   PRF_HMAC_SHA2_256);
	keys.open = ike_cipher_new(&keys.suite, false, key.b, NULL);
	MUST(keys.open);
	EXPECT_EQ(ike_open(&keys, msg.b, &sealed, got), 12);
	EXPECT(same(got, &plain));
	ike_keys_clear(&keys);
}

static void ike_17_tampered_messages(void)
{
	uint8_t plain[50], msg[200], got[200];
	struct ike_sealed sealed;
	struct pair p;
	int n;

	for (unsigned int c = 0; c < CIPHERS; c++) {
		pair_up(&p, c);
		RAND_bytes(plain, sizeof(plain));
		n = ike_seal(&p.i, &header, PL_NOTIFY, plain, sizeof(plain), 0,
			     0, msg, sizeof(msg));
		MUST(n > 0);
		for (int i = 0; i < n; i++) {
			sealed = place(msg, n);
			msg[i] ^= 1 << i % 8;
			memset(got, 0xee, sizeof(got));
			EXPECT_EQ(ike_open(&p.r, msg, &sealed, got),
				  (uint64_t)-EBADMSG);
			/* and nothing of it is left */
			EXPECT(memcmp(got, plain, 16));
			msg[i] ^= 1 << i % 8;
		}
		for (int i = 32; i < n; i++) {
			sealed = place(msg, i);
			EXPECT_EQ(ike_open(&p.r, msg, &sealed, got),
				  (uint64_t)-EBADMSG);
		}
		sealed = place(msg, n);
		EXPECT_EQ(ike_open(&p.r, msg, &sealed, got), sizeof(plain));
		EXPECT(!memcmp(got, plain, sizeof(plain)));
		pair_down(&p);
	}
}

/* A peer's own padding: text as given, sealed with the primitives. */
static size_t seal_text(struct ike_keys *k, const uint8_t *text, size_t len,
			uint8_t *msg)
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "AES-128-CBC", NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	size_t total = 32 + 16 + len + 16;
	uint8_t mac[64];
	int n;

	memset(msg, 0, 48);
	msg[16] = PL_SK;
	MUST(EVP_EncryptInit_ex(ctx, cipher, NULL, k->ei, msg + 32));
	EVP_CIPHER_CTX_set_padding(ctx, 0);
	MUST(EVP_EncryptUpdate(ctx, msg + 48, &n, text, len));
	hmac("SHA256", k->ai, 32, msg, total - 16, mac);
	memcpy(msg + total - 16, mac, 16);
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(cipher);
	return total;
}

static void any_padding_is_taken(void)
{
	uint8_t text[256], msg[400], got[400];
	struct ike_sealed sealed;
	struct pair p;
	size_t n;

	pair_up(&p, 10);
	RAND_bytes(text, sizeof(text));
	for (unsigned int pad = 0; pad < 256; pad++) {
		text[255] = pad;
		n = seal_text(&p.i, text, sizeof(text), msg);
		sealed = place(msg, n);
		EXPECT_EQ(ike_open(&p.r, msg, &sealed, got), 255 - pad);
		EXPECT(!memcmp(got, text, 255 - pad));
	}
	/* more padding than there is */
	for (unsigned int pad = 16; pad < 256; pad++) {
		text[15] = pad;
		n = seal_text(&p.i, text, 16, msg);
		sealed = place(msg, n);
		EXPECT_EQ(ike_open(&p.r, msg, &sealed, got),
			  (uint64_t)-EBADMSG);
	}
	pair_down(&p);
}

static void ivs_do_not_repeat(void)
{
	enum { MANY = 2000 };
	static uint8_t ivs[MANY][16];
	uint8_t msg[200];
	struct pair p;

	for (unsigned int c = 0; c < CIPHERS; c++) {
		pair_up(&p, c);
		for (unsigned int i = 0; i < MANY; i++) {
			/* fragments among whole messages */
			uint16_t frags = i % 3 ? 2 : 0;

			MUST(ike_seal(&p.i, &header, PL_NOTIFY, msg, 4,
				      frags ? 1 : 0, frags, msg,
				      sizeof(msg)) > 0);
			memset(ivs[i], 0, 16);
			memcpy(ivs[i], msg + (frags ? 36 : 32), ciphers[c].iv);
		}
		qsort(ivs, MANY, 16,
		      (int (*)(const void *, const void *))(void *)memcmp);
		for (unsigned int i = 1; i < MANY; i++)
			EXPECT(memcmp(ivs[i], ivs[i - 1], 16));
		pair_down(&p);
	}
}

static void room_is_kept_to(void)
{
	static uint8_t big[IKE_MSG_MAX + 10], out[IKE_MSG_MAX + 1000];
	struct pair p;
	int n;

	for (unsigned int c = 0; c < CIPHERS; c++) {
		pair_up(&p, c);
		n = ike_seal(&p.i, &header, PL_NOTIFY, big, 100, 0, 0, out,
			     sizeof(out));
		MUST(n > 0);
		out[n - 1] = 0xee;
		EXPECT_EQ(ike_seal(&p.i, &header, PL_NOTIFY, big, 100, 0, 0,
				   out, n - 1),
			  (uint64_t)-EMSGSIZE);
		EXPECT_EQ(out[n - 1], 0xee);
		EXPECT_EQ(ike_seal(&p.i, &header, PL_NOTIFY, big, 100, 0, 0,
				   out, n),
			  (uint64_t)n);
		EXPECT_EQ(ike_seal(&p.i, &header, PL_NOTIFY, big, IKE_MSG_MAX,
				   0, 0, out, sizeof(out)),
			  (uint64_t)-EMSGSIZE);
		EXPECT_EQ(ike_seal(&p.i, &header, PL_NOTIFY, big, 65536, 0, 0,
				   out, sizeof(out)),
			  (uint64_t)-EMSGSIZE);
		pair_down(&p);
	}
}

static void secrets_are_cleared(void)
{
	static const uint8_t zero[sizeof(struct ike_keys)];
	struct pair p;

	pair_up(&p, 0);
	EXPECT(memcmp(&p.i, zero, sizeof(p.i)));
	ike_keys_clear(&p.i);
	EXPECT(!memcmp(&p.i, zero, sizeof(p.i)));
	ike_keys_clear(&p.i); /* twice does no harm */
	ike_keys_clear(&p.r);
}

/* ------------------------------------------------------------- key exchange */

static const struct {
	uint16_t method;
	size_t pub, secret;
} groups[] = {
	{ KE_CURVE25519, 32, 32 },  { KE_CURVE448, 56, 56 },
	{ KE_ECP_256, 64, 32 },	    { KE_ECP_384, 96, 48 },
	{ KE_ECP_521, 132, 66 },    { KE_MODP_2048, 256, 256 },
	{ KE_MODP_3072, 384, 384 }, { KE_MODP_4096, 512, 512 },
};
#define GROUPS (sizeof(groups) / sizeof(groups[0]))

static void ike_27_both_sides_agree(void)
{
	uint8_t pa[IKE_PUB_MAX], pb[IKE_PUB_MAX];
	uint8_t sa[IKE_SECRET_MAX], sb[IKE_SECRET_MAX];
	size_t la, lb, na, nb;
	struct ike_ke *a, *b;

	for (unsigned int i = 0; i < GROUPS; i++) {
		EXPECT(ike_ke_supported(groups[i].method));
		MUST(!ike_ke_new(groups[i].method, &a, pa, &la));
		MUST(!ike_ke_new(groups[i].method, &b, pb, &lb));
		EXPECT_EQ(ike_ke_method(a), groups[i].method);
		EXPECT_EQ(la, groups[i].pub);
		EXPECT_EQ(lb, groups[i].pub);
		EXPECT(memcmp(pa, pb, la));
		EXPECT_EQ(ike_ke_derive(a, &(struct chunk){ pb, lb }, sa, &na),
			  0);
		EXPECT_EQ(ike_ke_derive(b, &(struct chunk){ pa, la }, sb, &nb),
			  0);
		EXPECT_EQ(na, groups[i].secret);
		EXPECT_EQ(nb, na);
		EXPECT(!memcmp(sa, sb, na));
		ike_ke_free(a);
		ike_ke_free(b);
	}
	EXPECT(!ike_ke_supported(2));
	EXPECT_EQ(ike_ke_new(2, &a, pa, &la), (uint64_t)-EOPNOTSUPP);
	ike_ke_free(NULL);
}

/* RFC 7748 section 6, RFC 5903 section 8: private and public values of both
 * sides, and what they share. */
static const struct ke_vector {
	uint16_t method;
	const char *group;
	const char *i, *gi, *r, *gr, *secret;
} ke_vectors[] = {
	{ KE_CURVE25519, NULL,
	  "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
	  "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
	  "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
	  "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
	  "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742" },
	{ KE_CURVE448, NULL,
	  "9a8f4925d1519f5775cf46b04b5800d4ee9ee8bae8bc5565d498c28d"
	  "d9c9baf574a9419744897391006382a6f127ab1d9ac2d8c0a598726b",
	  "9b08f7cc31b7e3e67d22d5aea121074a273bd2b83de09c63faa73d2c"
	  "22c5d9bbc836647241d953d40c5b12da88120d53177f80e532c41fa0",
	  "1c306a7ac2a0e2e0990b294470cba339e6453772b075811d8fad0d1d"
	  "6927c120bb5ee8972b0d3e21374c9c921b09d1b0366f10b65173992d",
	  "3eb7a829b0cd20f5bcfc0b599b6feccf6da4627107bdb0d4f345b430"
	  "27d8b972fc3e34fb4232a13ca706dcb57aec3dae07bdc1c67bf33609",
	  "07fff4181ac6cc95ec1c16a94a0f74d12da232ce40a77552281d282b"
	  "b60c0b56fd2464c335543936521c24403085d59a449a5037514a879d" },
	{ KE_ECP_256, "P-256",
	  "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433",
	  "dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180"
	  "5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3",
	  "c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53",
	  "d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63"
	  "56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab",
	  "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de" },
	{ KE_ECP_384, "P-384",
	  "099f3c7034d4a2c699884d73a375a67f7624ef7c6b3c0f160647b67414dce655"
	  "e35b538041e649ee3faef896783ab194",
	  "667842d7d180ac2cde6f74f37551f55755c7645c20ef73e31634fe72b4c55ee6"
	  "de3ac808acb4bdb4c88732aee95f41aa"
	  "9482ed1fc0eeb9cafc4984625ccfc23f65032149e0e144ada024181535a0f38e"
	  "eb9fcff3c2c947dae69b4c634573a81c",
	  "41cb0779b4bdb85d47846725fbec3c9430fab46cc8dc5060855cc9bda0aa2942"
	  "e0308312916b8ed2960e4bd55a7448fc",
	  "e558dbef53eecde3d3fccfc1aea08a89a987475d12fd950d83cfa41732bc509d"
	  "0d1ac43a0336def96fda41d0774a3571"
	  "dcfbec7aacf3196472169e838430367f66eebe3c6e70c416dd5f0c68759dd1ff"
	  "f83fa40142209dff5eaad96db9e6386c",
	  "11187331c279962d93d604243fd592cb9d0a926f422e47187521287e7156c5c4"
	  "d603135569b9e9d09cf5d4a270f59746" },
	{ KE_ECP_521, "P-521",
	  "0037ade9319a89f4dabdb3ef411aaccca5123c61acab57b5393dce47608172a0"
	  "95aa85a30fe1c2952c6771d937ba9777f5957b2639bab072462f68c27a57382d"
	  "4a52",
	  "0015417e84dbf28c0ad3c278713349dc7df153c897a1891bd98bab4357c9ecbe"
	  "e1e3bf42e00b8e380aeae57c2d107564941885942af5a7f4601723c4195d176c"
	  "ed3e"
	  "017cae20b6641d2eeb695786d8c946146239d099e18e1d5a514c739d7cb4a10a"
	  "d8a788015ac405d7799dc75e7b7d5b6cf2261a6a7f1507438bf01beb6ca3926f"
	  "9582",
	  "0145ba99a847af43793fdd0e872e7cdfa16be30fdc780f97bccc3f078380201e"
	  "9c677d600b343757a3bdbf2a3163e4c2f869cca7458aa4a4effc311f5cb15168"
	  "5eb9",
	  "00d0b3975ac4b799f5bea16d5e13e9af971d5e9b984c9f39728b5e5739735a21"
	  "9b97c356436adc6e95bb0352f6be64a6c2912d4ef2d0433ced2b6171640012d9"
	  "460f"
	  "015c68226383956e3bd066e797b623c27ce0eac2f551a10c2c724d9852077b87"
	  "220b6536c5c408a1d2aebb8e86d678ae49cb57091f4732296579ab44fcd17f0f"
	  "c56a",
	  "01144c7d79ae6956bc8edb8e7c787c4521cb086fa64407f97894e5e6b2d79b04"
	  "d1427e73ca4baa240a34786859810c06b3c715a3a8cc3151f2bee417996d19f3"
	  "ddea" },
};

static EVP_PKEY *private_key(const struct ke_vector *v, const char *priv,
			     const char *pub)
{
	struct bytes d = hex(priv), q = hex(pub);
	OSSL_PARAM_BLD *bld;
	OSSL_PARAM *params;
	EVP_PKEY_CTX *ctx;
	EVP_PKEY *pkey = NULL;
	BIGNUM *bn;

	if (!v->group)
		return EVP_PKEY_new_raw_private_key_ex(
			NULL, d.len == 32 ? "X25519" : "X448", NULL, d.b,
			d.len);
	memmove(q.b + 1, q.b, q.len++);
	q.b[0] = 4;
	bn = BN_bin2bn(d.b, d.len, NULL);
	bld = OSSL_PARAM_BLD_new();
	OSSL_PARAM_BLD_push_utf8_string(bld, OSSL_PKEY_PARAM_GROUP_NAME,
					v->group, 0);
	OSSL_PARAM_BLD_push_octet_string(bld, OSSL_PKEY_PARAM_PUB_KEY, q.b,
					 q.len);
	OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_PRIV_KEY, bn);
	params = OSSL_PARAM_BLD_to_param(bld);
	ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY_fromdata_init(ctx);
	EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_KEYPAIR, params);
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(bld);
	BN_free(bn);
	return pkey;
}

static void ike_27_vectors_of_rfc7748_rfc5903(void)
{
	for (unsigned int i = 0; i < sizeof(ke_vectors) / sizeof(ke_vectors[0]);
	     i++) {
		const struct ke_vector *v = &ke_vectors[i];
		struct bytes gi = hex(v->gi), gr = hex(v->gr);
		struct bytes want = hex(v->secret);
		struct chunk ci = chunk(&gi), cr = chunk(&gr);
		uint8_t pub[IKE_PUB_MAX], secret[IKE_SECRET_MAX];
		struct ike_ke *ke;
		size_t len;

		MUST(!ike_ke_from(v->method, private_key(v, v->i, v->gi), &ke,
				  pub, &len));
		EXPECT_EQ(len, gi.len);
		EXPECT(same(pub, &gi));
		EXPECT_EQ(ike_ke_derive(ke, &cr, secret, &len), 0);
		EXPECT_EQ(len, want.len);
		EXPECT(same(secret, &want));
		ike_ke_free(ke);
		MUST(!ike_ke_from(v->method, private_key(v, v->r, v->gr), &ke,
				  pub, &len));
		EXPECT(same(pub, &gr));
		EXPECT_EQ(ike_ke_derive(ke, &ci, secret, &len), 0);
		EXPECT(same(secret, &want));
		ike_ke_free(ke);
	}
}

static BIGNUM *modp(uint16_t method)
{
	return method == KE_MODP_2048	? BN_get_rfc3526_prime_2048(NULL)
	       : method == KE_MODP_3072 ? BN_get_rfc3526_prime_3072(NULL)
					: BN_get_rfc3526_prime_4096(NULL);
}

/* Against the definition; small exponents until the secret begins with a zero
 * byte, which has to stay (RFC 7296 section 2.14). */
static void ike_47_modp_by_definition(void)
{
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *x = BN_new(), *y = BN_new(), *s = BN_new(), *g = BN_new();

	BN_set_word(g, 2);
	for (unsigned int i = 5; i < GROUPS; i++) {
		BIGNUM *p = modp(groups[i].method);
		uint8_t pub[IKE_PUB_MAX], peer[IKE_PUB_MAX];
		uint8_t got[IKE_SECRET_MAX], want[IKE_SECRET_MAX];
		size_t n = groups[i].pub, len;
		struct ike_ke *ke;
		int tries = 0;

		MUST(!ike_ke_new(groups[i].method, &ke, pub, &len));
		BN_bin2bn(pub, n, s);
		do {
			BIGNUM *a = BN_bin2bn(pub, n, NULL);

			BN_rand(x, i == 5 ? 24 : 256, 0, 0);
			MUST(BN_mod_exp(y, g, x, p, ctx) &&
			     BN_mod_exp(s, a, x, p, ctx));
			BN_free(a);
		} while (i == 5 && BN_num_bytes(s) == (int)n &&
			 ++tries < 20000);
		BN_bn2binpad(y, peer, n);
		BN_bn2binpad(s, want, n);
		if (i == 5)
			EXPECT_EQ(want[0], 0);
		EXPECT_EQ(ike_ke_derive(ke, &(struct chunk){ peer, n }, got,
					&len),
			  0);
		EXPECT_EQ(len, n);
		EXPECT(!memcmp(got, want, n));
		ike_ke_free(ke);
		BN_free(p);
	}
	BN_free(x);
	BN_free(y);
	BN_free(s);
	BN_free(g);
	BN_CTX_free(ctx);
}

static void refused(struct ike_ke *ke, const uint8_t *peer, size_t len)
{
	static const uint8_t zero[IKE_SECRET_MAX];
	uint8_t secret[IKE_SECRET_MAX] = { 0 };
	size_t n = 0;

	EXPECT_EQ(ike_ke_derive(ke, &(struct chunk){ peer, len }, secret, &n),
		  (uint64_t)-EBADMSG);
	EXPECT(!memcmp(secret, zero, sizeof(zero)));
}

static void ike_27_bad_values(void)
{
	static const char *const low_order[] = {
		"00000000000000000000000000000000000000000000000000000000000000"
		"00",
		"01000000000000000000000000000000000000000000000000000000000000"
		"00",
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b8"
		"00",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f11"
		"57",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
		"7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
		"7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
		"7f",
	};
	uint8_t pub[IKE_PUB_MAX + 1], peer[IKE_PUB_MAX + 1],
		secret[IKE_SECRET_MAX];
	struct ike_ke *ke;
	size_t n, len;

	for (unsigned int i = 0; i < GROUPS; i++) {
		MUST(!ike_ke_new(groups[i].method, &ke, pub, &n));
		memcpy(peer, pub, n);
		peer[n] = 0;
		refused(ke, peer, n - 1);
		refused(ke, peer, n + 1);
		refused(ke, peer, 0);
		memset(peer, 0, sizeof(peer));
		refused(ke, peer, n); /* X: all-zero result; off any curve */
		if (groups[i].method == KE_CURVE25519)
			for (unsigned int k = 0; k < 7; k++) {
				struct bytes u = hex(low_order[k]);

				refused(ke, u.b, 32);
			}
		if (groups[i].method == KE_CURVE448) {
			peer[0] = 1;
			refused(ke, peer, n);
		}
		if (i >= 2 && i < 5) { /* not on the curve; beyond the field */
			memcpy(peer, pub, n);
			peer[n - 1] ^= 1;
			refused(ke, peer, n);
			memset(peer, 0xff, n);
			refused(ke, peer, n);
		}
		if (i >= 5) { /* 1, p - 1, p, p + 1, the largest */
			BIGNUM *p = modp(groups[i].method);

			peer[n - 1] = 1;
			refused(ke, peer, n);
			BN_sub_word(p, 1);
			for (int k = 0; k < 3; k++, BN_add_word(p, 1)) {
				BN_bn2binpad(p, peer, n);
				refused(ke, peer, n);
			}
			BN_free(p);
			memset(peer, 0xff, n);
			refused(ke, peer, n);
		}
		/* and the exchange goes on with a good one */
		EXPECT_EQ(ike_ke_derive(ke, &(struct chunk){ pub, n }, secret,
					&len),
			  0);
		ike_ke_free(ke);
	}
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
	{ "sealed_as_the_rfcs_say", sealed_as_the_rfcs_say },
	{ "ike_45_fragments_sealed", ike_45_fragments_sealed },
	{ "rfc7634_appendix_b", rfc7634_appendix_b },
	{ "ike_17_tampered_messages", ike_17_tampered_messages },
	{ "any_padding_is_taken", any_padding_is_taken },
	{ "ivs_do_not_repeat", ivs_do_not_repeat },
	{ "room_is_kept_to", room_is_kept_to },
	{ "secrets_are_cleared", secrets_are_cleared },
	{ "ike_27_both_sides_agree", ike_27_both_sides_agree },
	{ "ike_27_vectors_of_rfc7748_rfc5903",
	  ike_27_vectors_of_rfc7748_rfc5903 },
	{ "ike_47_modp_by_definition", ike_47_modp_by_definition },
	{ "ike_27_bad_values", ike_27_bad_values },
	{ "threads_have_their_own", threads_have_their_own },
	{ 0 },
};

int main(int argc, char **argv)
{
	return suite_run("ike_crypto", cases, argc, argv);
}
