// SPDX-License-Identifier: Apache-2.0
/*
 * Signatures of AUTH: method 14 with its AlgorithmIdentifier (RFC 7427, RFC
 * 8420), and for peers that know of no hashes RSA with SHA-1 (RFC 7296 section
 * 3.8) and ECDSA as r | s (RFC 4754).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include "crypto/schemes.h"
#include "crypto/store.h"

/* RSASSA-PSS with MGF1 and salt of the same hash (RFC 7427 section A.4) */
#define OID_HASH(n) 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, n
#define ALG_HASH(n) 0x30, 0x0d, 0x06, 0x09, OID_HASH(n), 0x05, 0x00
#define ALG_PSS(n, salt)                                                       \
	0x30, 0x41, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01,      \
		0x01, 0x0a, 0x30, 0x34, 0xa0, 0x0f, ALG_HASH(n), 0xa1, 0x1c,   \
		0x30, 0x1a, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d,    \
		0x01, 0x01, 0x08, ALG_HASH(n), 0xa2, 0x03, 0x02, 0x01, salt
#define ALG_PKCS1(n)                                                           \
	0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01,      \
		0x01, n, 0x05, 0x00
#define ALG_ECDSA(n)                                                           \
	0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, n

/* AlgorithmIdentifiers as they are sent; @nid: as they are read */
static const struct alg {
	enum kind kind;
	uint8_t hash;
	int nid; /* undefined: PSS says its hash in parameters */
	uint8_t len;
	uint8_t der[67];
} algs[] = {
	{ KIND_PSS, HASH_SHA2_256, NID_undef, 67, { ALG_PSS(1, 32) } },
	{ KIND_PSS, HASH_SHA2_384, NID_undef, 67, { ALG_PSS(2, 48) } },
	{ KIND_PSS, HASH_SHA2_512, NID_undef, 67, { ALG_PSS(3, 64) } },
	{ KIND_PKCS1,
	  HASH_SHA2_256,
	  NID_sha256WithRSAEncryption,
	  15,
	  { ALG_PKCS1(0x0b) } },
	{ KIND_PKCS1,
	  HASH_SHA2_384,
	  NID_sha384WithRSAEncryption,
	  15,
	  { ALG_PKCS1(0x0c) } },
	{ KIND_PKCS1,
	  HASH_SHA2_512,
	  NID_sha512WithRSAEncryption,
	  15,
	  { ALG_PKCS1(0x0d) } },
	{ KIND_ECDSA,
	  HASH_SHA2_256,
	  NID_ecdsa_with_SHA256,
	  12,
	  { ALG_ECDSA(2) } },
	{ KIND_ECDSA,
	  HASH_SHA2_384,
	  NID_ecdsa_with_SHA384,
	  12,
	  { ALG_ECDSA(3) } },
	{ KIND_ECDSA,
	  HASH_SHA2_512,
	  NID_ecdsa_with_SHA512,
	  12,
	  { ALG_ECDSA(4) } },
	{ KIND_ED25519,
	  HASH_IDENTITY,
	  NID_ED25519,
	  7,
	  { 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70 } },
	{ KIND_ED448,
	  HASH_IDENTITY,
	  NID_ED448,
	  7,
	  { 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x71 } },
};
#define ALGS (sizeof(algs) / sizeof(algs[0]))

static unsigned int key_kinds(EVP_PKEY *pkey)
{
	switch (EVP_PKEY_get_base_id(pkey)) {
	case EVP_PKEY_RSA:
		return KIND_RSA;
	case EVP_PKEY_RSA_PSS:
		return KIND_PSS;
	case EVP_PKEY_EC:
		return KIND_ECDSA;
	case EVP_PKEY_ED25519:
		return KIND_ED25519;
	case EVP_PKEY_ED448:
		return KIND_ED448;
	default:
		return 0;
	}
}

/* ----------------------------------------------------------- the operations */

static const char *hash_name(unsigned int hash)
{
	if (hash == HASH_SHA1)
		return "SHA1";
	for (unsigned int i = 0; i < HASHES; i++)
		if (scheme_hashes[i].id == hash)
			return scheme_hashes[i].name;
	return NULL; /* EdDSA has its own */
}

/* @salt: of PSS */
static bool set_padding(EVP_PKEY_CTX *pctx, enum kind kind, int salt)
{
	if (kind == KIND_PKCS1)
		return EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PADDING) >
		       0;
	if (kind == KIND_PSS)
		return EVP_PKEY_CTX_set_rsa_padding(
			       pctx, RSA_PKCS1_PSS_PADDING) > 0 &&
		       EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, salt) > 0;
	return true;
}

static int sign(EVP_PKEY *pkey, enum kind kind, unsigned int hash,
		const uint8_t *octets, size_t len, uint8_t *out,
		size_t *out_len)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx;
	bool ok = ctx &&
		  EVP_DigestSignInit_ex(ctx, &pctx, hash_name(hash), NULL, NULL,
					pkey, NULL) > 0 &&
		  set_padding(pctx, kind, RSA_PSS_SALTLEN_DIGEST) &&
		  EVP_DigestSign(ctx, out, out_len, octets, len) > 0;

	EVP_MD_CTX_free(ctx);
	return ok ? 0 : -EIO;
}

static int verify(EVP_PKEY *pkey, enum kind kind, unsigned int hash, int salt,
		  const uint8_t *sig, size_t sig_len, const uint8_t *octets,
		  size_t len)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx;
	bool ok = ctx &&
		  EVP_DigestVerifyInit_ex(ctx, &pctx, hash_name(hash), NULL,
					  NULL, pkey, NULL) > 0 &&
		  set_padding(pctx, kind, salt) &&
		  EVP_DigestVerify(ctx, sig, sig_len, octets, len) > 0;

	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return ok ? 0 : -EACCES;
}

/* ------------------------------------------------------------------- making */

/* the hash as strong as the curve first, then upward, then the rest */
static unsigned int pick_hash(EVP_PKEY *pkey, enum kind kind, unsigned int from)
{
	int start = 0;

	if (kind == KIND_ECDSA)
		start = EVP_PKEY_get_bits(pkey) > 384	? 2
			: EVP_PKEY_get_bits(pkey) > 256 ? 1
							: 0;
	for (int i = start; i < HASHES; i++)
		if (from & BIT(scheme_hashes[i].id))
			return scheme_hashes[i].id;
	for (int i = start - 1; i >= 0; i--)
		if (from & BIT(scheme_hashes[i].id))
			return scheme_hashes[i].id;
	return 0;
}

static const struct alg *pick_alg(EVP_PKEY *pkey, const struct want *wants,
				  unsigned int n, uint32_t peer_hashes)
{
	/* PSS first (RFC 8247 section 3.2) */
	for (unsigned int i = 0; i < n; i++)
		for (unsigned int k = 0; k < ALGS; k++) {
			const struct alg *a = &algs[k];
			unsigned int from = peer_hashes;

			if (!(a->kind & wants[i].use & key_kinds(pkey)))
				continue;
			if (wants[i].hashes)
				from &= wants[i].hashes | BIT(HASH_IDENTITY);
			if (a->hash == HASH_IDENTITY
				    ? from & BIT(HASH_IDENTITY)
				    : pick_hash(pkey, a->kind, from & SHA2) ==
					      a->hash)
				return a;
		}
	return NULL;
}

/* RFC 4754: one hash a curve */
static unsigned int curve_hash(EVP_PKEY *pkey, uint8_t *method,
			       unsigned int *part)
{
	switch (EVP_PKEY_get_bits(pkey)) {
	case 256:
		*method = AUTH_ECDSA_256;
		*part = 32;
		return HASH_SHA2_256;
	case 384:
		*method = AUTH_ECDSA_384;
		*part = 48;
		return HASH_SHA2_384;
	default:
		*method = AUTH_ECDSA_521;
		*part = 66;
		return HASH_SHA2_512;
	}
}

static int make_ecdsa_raw(EVP_PKEY *pkey, const uint8_t *octets, size_t len,
			  struct ike_auth_out *out)
{
	uint8_t der[160];
	const uint8_t *p = der;
	size_t der_len = sizeof(der);
	unsigned int part, hash = curve_hash(pkey, &out->method, &part);
	ECDSA_SIG *sig = NULL;
	int rc = sign(pkey, KIND_ECDSA, hash, octets, len, der, &der_len);

	if (!rc)
		sig = d2i_ECDSA_SIG(NULL, &p, der_len);
	if (!sig || BN_bn2binpad(ECDSA_SIG_get0_r(sig), out->data, part) < 0 ||
	    BN_bn2binpad(ECDSA_SIG_get0_s(sig), out->data + part, part) < 0)
		rc = -EIO;
	out->len = 2 * part;
	ECDSA_SIG_free(sig);
	return rc;
}

static int make_old(EVP_PKEY *pkey, const struct want *wants, unsigned int n,
		    const uint8_t *octets, size_t len, struct ike_auth_out *out)
{
	uint8_t method;
	unsigned int part;

	switch (EVP_PKEY_get_base_id(pkey)) {
	case EVP_PKEY_RSA:
		if (!scheme_taken(wants, n, KIND_PKCS1, HASH_SHA1))
			return -EOPNOTSUPP;
		out->method = AUTH_RSA_SIG;
		out->len = sizeof(out->data);
		return sign(pkey, KIND_PKCS1, HASH_SHA1, octets, len, out->data,
			    &out->len);
	case EVP_PKEY_EC:
		if (!scheme_taken(wants, n, KIND_ECDSA,
				  curve_hash(pkey, &method, &part)))
			return -EOPNOTSUPP;
		return make_ecdsa_raw(pkey, octets, len, out);
	default:
		return -EOPNOTSUPP;
	}
}

int sig_make(EVP_PKEY *pkey, const char *schemes, uint32_t peer_hashes,
	     const uint8_t *octets, size_t len, struct ike_auth_out *out,
	     char *why, size_t size)
{
	struct want wants[WANTS_MAX];
	const struct alg *alg;
	unsigned int n;
	int rc = scheme_read(schemes, wants, &n, why, size);

	if (rc)
		return rc;
	if (!peer_hashes) {
		rc = make_old(pkey, wants, n, octets, len, out);
		goto out;
	}
	alg = pick_alg(pkey, wants, n, peer_hashes);
	if (!alg) {
		rc = -EOPNOTSUPP;
		goto out;
	}
	out->method = AUTH_DIGITAL_SIG;
	out->data[0] = alg->len;
	memcpy(out->data + 1, alg->der, alg->len);
	out->len = sizeof(out->data) - 1 - alg->len;
	rc = sign(pkey, alg->kind, alg->hash, octets, len,
		  out->data + 1 + alg->len, &out->len);
	out->len += 1 + alg->len;
out:
	if (rc == -EOPNOTSUPP)
		snprintf(why, size,
			 "no scheme of %s suits %s key and peer (its hashes: "
			 "0x%x)",
			 schemes ? schemes : "all",
			 EVP_PKEY_get0_type_name(pkey), peer_hashes);
	else if (rc)
		creds_fault("signing", why, size);
	return rc;
}

/* ----------------------------------------------------------------- checking */

/* NULL or absent: both are seen where the other is due */
static bool no_param(int type)
{
	return type == V_ASN1_UNDEF || type == V_ASN1_NULL;
}

static unsigned int sha2_of(const X509_ALGOR *alg)
{
	const ASN1_OBJECT *obj = NULL;
	int type = V_ASN1_UNDEF;

	if (alg)
		X509_ALGOR_get0(&obj, &type, NULL, alg);
	if (!obj || !no_param(type))
		return 0; /* absent is SHA-1 (RFC 4055 section 3.1) */
	switch (OBJ_obj2nid(obj)) {
	case NID_sha256:
		return HASH_SHA2_256;
	case NID_sha384:
		return HASH_SHA2_384;
	case NID_sha512:
		return HASH_SHA2_512;
	default:
		return 0;
	}
}

static unsigned int mgf1_of(const X509_ALGOR *alg)
{
	const ASN1_OBJECT *obj = NULL;
	const void *param;
	X509_ALGOR *inner;
	unsigned int hash;
	int type;

	if (!alg)
		return 0;
	X509_ALGOR_get0(&obj, &type, &param, alg);
	if (OBJ_obj2nid(obj) != NID_mgf1 || type != V_ASN1_SEQUENCE)
		return 0;
	inner = ASN1_item_unpack(param, ASN1_ITEM_rptr(X509_ALGOR));
	hash = sha2_of(inner);
	X509_ALGOR_free(inner);
	return hash;
}

/* one SHA-2 for message and mask, any salt, the one trailer that there is */
static unsigned int pss_hash(const ASN1_STRING *param, int *salt)
{
	RSA_PSS_PARAMS *pss =
		ASN1_item_unpack(param, ASN1_ITEM_rptr(RSA_PSS_PARAMS));
	unsigned int hash = pss ? sha2_of(pss->hashAlgorithm) : 0;
	long len = 20; /* where it is absent */

	if (!hash || mgf1_of(pss->maskGenAlgorithm) != hash ||
	    (pss->trailerField && ASN1_INTEGER_get(pss->trailerField) != 1))
		hash = 0;
	if (pss && pss->saltLength)
		len = ASN1_INTEGER_get(pss->saltLength);
	if (len < 0 || len > 512)
		hash = 0;
	*salt = len;
	RSA_PSS_PARAMS_free(pss);
	return hash;
}

/* @name: for the log, what the peer named */
static bool read_alg(const X509_ALGOR *id, enum kind *kind, unsigned int *hash,
		     int *salt, char *name, size_t size)
{
	const ASN1_OBJECT *obj;
	const void *param;
	int type, nid;

	X509_ALGOR_get0(&obj, &type, &param, id);
	OBJ_obj2txt(name, size, obj, 0);
	nid = OBJ_obj2nid(obj);
	if (nid == NID_rsassaPss) {
		*kind = KIND_PSS;
		*hash = type == V_ASN1_SEQUENCE ? pss_hash(param, salt) : 0;
		return *hash;
	}
	if (nid == NID_undef || !no_param(type))
		return false;
	for (unsigned int i = 0; i < ALGS; i++)
		if (algs[i].nid == nid) {
			*kind = algs[i].kind;
			*hash = algs[i].hash;
			return true;
		}
	return false;
}

static int check_digital(EVP_PKEY *pkey, const struct want *wants,
			 unsigned int n, const struct chunk *auth,
			 const uint8_t *octets, size_t len, char *why,
			 size_t size)
{
	size_t alg_len = auth->len ? auth->p[0] : 0;
	const uint8_t *p = auth->p + 1;
	X509_ALGOR *id = NULL;
	char name[80] = "";
	unsigned int hash;
	enum kind kind;
	int salt = 0;
	bool known;

	if (alg_len && 1 + alg_len < auth->len)
		id = d2i_X509_ALGOR(NULL, &p, alg_len);
	if (!id || p != auth->p + 1 + alg_len) {
		X509_ALGOR_free(id);
		ERR_clear_error();
		snprintf(why, size,
			 "AUTH has no AlgorithmIdentifier in front (RFC 7427)");
		return -EACCES;
	}
	known = read_alg(id, &kind, &hash, &salt, name, sizeof(name));
	X509_ALGOR_free(id);
	ERR_clear_error();
	if (!known) {
		snprintf(why, size,
			 "signature algorithm %s, or its parameters, is not "
			 "accepted: RSA or ECDSA with SHA-2, Ed25519 or Ed448 "
			 "needed",
			 name);
		return -EACCES;
	}
	if (!(kind & key_kinds(pkey))) {
		snprintf(why, size,
			 "signature algorithm %s with a key of type %s", name,
			 EVP_PKEY_get0_type_name(pkey));
		return -EACCES;
	}
	if (!scheme_taken(wants, n, kind, hash)) {
		snprintf(why, size,
			 "signature algorithm %s with %s is not among those "
			 "configured",
			 name, hash_name(hash) ? hash_name(hash) : "no hash");
		return -EACCES;
	}
	return verify(pkey, kind, hash, salt, p, auth->p + auth->len - p,
		      octets, len);
}

static int check_ecdsa_raw(EVP_PKEY *pkey, uint8_t method,
			   const struct chunk *auth, const uint8_t *octets,
			   size_t len)
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = NULL, *s = NULL;
	uint8_t *der = NULL, need;
	unsigned int part, hash = curve_hash(pkey, &need, &part);
	int n, rc = -EACCES;

	if (!sig || method != need || auth->len != 2 * part)
		goto out;
	r = BN_bin2bn(auth->p, part, NULL);
	s = BN_bin2bn(auth->p + part, part, NULL);
	if (!r || !s || !ECDSA_SIG_set0(sig, r, s)) {
		BN_free(r);
		BN_free(s);
		goto out;
	}
	n = i2d_ECDSA_SIG(sig, &der);
	if (n > 0)
		rc = verify(pkey, KIND_ECDSA, hash, 0, der, n, octets, len);
out:
	OPENSSL_free(der);
	ECDSA_SIG_free(sig);
	return rc;
}

int sig_check(EVP_PKEY *pkey, const char *schemes, uint8_t method,
	      const struct chunk *auth, const uint8_t *octets, size_t len,
	      char *why, size_t size)
{
	struct want wants[WANTS_MAX];
	unsigned int n, hash = HASH_SHA1, part;
	enum kind kind = KIND_PKCS1;
	uint8_t need = 0;
	char fault[256] = "";
	int rc = scheme_read(schemes, wants, &n, why, size);

	if (rc)
		return -EACCES;
	switch (method) {
	case AUTH_DIGITAL_SIG:
		rc = check_digital(pkey, wants, n, auth, octets, len, fault,
				   sizeof(fault));
		goto out;
	case AUTH_RSA_SIG:
		need = AUTH_RSA_SIG;
		break;
	case AUTH_ECDSA_256:
	case AUTH_ECDSA_384:
	case AUTH_ECDSA_521:
		kind = KIND_ECDSA;
		hash = curve_hash(pkey, &need, &part);
		break;
	default:
		snprintf(why, size, "authentication method %u is not known",
			 method);
		return -EACCES;
	}
	if (!(kind & key_kinds(pkey)) || method != need) {
		snprintf(why, size,
			 "authentication method %u with a key of type %s, %d "
			 "bits",
			 method, EVP_PKEY_get0_type_name(pkey),
			 EVP_PKEY_get_bits(pkey));
		return -EACCES;
	}
	if (!scheme_taken(wants, n, kind, hash)) {
		snprintf(why, size,
			 "authentication method %u is not among the schemes "
			 "\"%s\"",
			 method, schemes);
		return -EACCES;
	}
	rc = kind == KIND_PKCS1
		     ? verify(pkey, kind, hash, 0, auth->p, auth->len, octets,
			      len)
		     : check_ecdsa_raw(pkey, method, auth, octets, len);
out:
	if (rc)
		snprintf(why, size, "%s",
			 *fault ? fault : "the signature of the peer is wrong");
	return rc;
}
