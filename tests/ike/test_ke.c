// SPDX-License-Identifier: Apache-2.0
/* Key exchanges: vectors, definitions, values that have to be refused. */
#include <errno.h>
#include <string.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include "crypto/internal.h"
#include "hex.h"
#include "suite.h"

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

static const struct test_case cases[] = {
	{ "ike_27_both_sides_agree", ike_27_both_sides_agree },
	{ "ike_27_vectors_of_rfc7748_rfc5903",
	  ike_27_vectors_of_rfc7748_rfc5903 },
	{ "ike_47_modp_by_definition", ike_47_modp_by_definition },
	{ "ike_27_bad_values", ike_27_bad_values },
	{ 0 },
};

int main(int argc, char **argv)
{
	return suite_run("test_ke", cases, argc, argv);
}
