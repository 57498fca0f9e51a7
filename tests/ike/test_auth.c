// SPDX-License-Identifier: Apache-2.0
/* AUTH: one side makes it, the other checks it; shared secrets, signatures. */
#include <errno.h>
#include <string.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include "crypto/store.h"
#include "party.h"
#include "suite.h"

/* --------------------------------------------------------------------- PSKs */

static void psk_parties(struct party *a, struct party *b)
{
	party_up(a, "moon.example.org");
	party_up(b, "sun.example.org");
	a->conf.psk = b->conf.psk = true;
}

static void ike_30_psk(void)
{
	struct party a, b;
	struct ike_auth_conf any = { .psk = true };

	psk_parties(&a, &b);
	EXPECT_EQ(prove(&a, &b, &any, 0), (uint64_t)(-1000 - ENOENT));
	says("no shared secret");
	add_psk(&a, "x", "correct horse", "moon.example.org",
		"sun.example.org");
	EXPECT_EQ(prove(&a, &b, &any, 0), (uint64_t)-ENOKEY);
	says("moon.example.org");
	add_psk(&b, "y", "correct horse", "moon.example.org", NULL);
	EXPECT_EQ(prove(&a, &b, &any, 0), 0);
	EXPECT_EQ(prove(&b, &a, &any, ALL_HASHES), 0);
	/* the right name only */
	EXPECT_EQ(prove(&a, &b, &b.conf, 0), (uint64_t)-EACCES);
	says("expected \"sun.example.org\"");
	EXPECT_EQ(prove(&a, &b, &a.conf, 0), 0);
	/* another secret */
	add_psk(&b, "y", "correct Horse", "moon.example.org", NULL);
	EXPECT_EQ(prove(&a, &b, &any, 0), (uint64_t)-EACCES);
	says("another shared secret");
	EXPECT_EQ(ike_creds_del_psk(b.creds, "y"), 0);
	EXPECT_EQ(ike_creds_del_psk(b.creds, "y"), (uint64_t)-ENOENT);
	EXPECT_EQ(prove(&a, &b, &any, 0), (uint64_t)-ENOKEY);
	EXPECT_EQ(ike_creds_add_psk(b.creds, "y", "", 0, NULL, 0),
		  (uint64_t)-EINVAL);
	ike_creds_free(a.creds);
	ike_creds_free(b.creds);
}

/* AUTH as RFC 7296 section 2.15 writes it, and every input counts */
static void ike_30_psk_octets(void)
{
	uint8_t inner[64], maced[64], data[400], want[64];
	struct ike_auth_conf any = { .psk = true };
	struct party a, b;
	struct talk t;
	size_t n;

	psk_parties(&a, &b);
	add_psk(&a, "x", "secret", NULL, NULL);
	add_psk(&b, "x", "secret", NULL, NULL);
	EXPECT_EQ(prove_at(&t, &a, &b, &any, 0, PKI_NOW), 0);
	EXPECT_EQ(t.out.method, AUTH_PSK);
	EXPECT_EQ(t.out.len, 32);
	EXPECT_EQ(t.out.ncerts, 0);
	MUST(EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, "secret", 6,
		       (const uint8_t *)"Key Pad for IKEv2", 17, inner, 64,
		       &n));
	MUST(EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, t.sk_p, 32, t.body,
		       t.in.id_body.len, maced, 64, &n));
	memcpy(data, t.msg, 300);
	memcpy(data + 300, t.nonce, 32);
	memcpy(data + 332, maced, 32);
	MUST(EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, inner, 32, data, 364,
		       want, 64, &n));
	EXPECT(!memcmp(t.out.data, want, 32));

	uint8_t *const parts[] = { t.msg,	 t.msg + 299,	 t.nonce,
				   t.nonce + 31, t.body,	 t.body + 3,
				   t.body + 4,	 t.sk_p,	 t.sk_p + 31,
				   t.out.data,	 t.out.data + 31 };
	for (unsigned int i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		*parts[i] ^= 4;
		EXPECT_EQ(ike_auth_check(b.creds, &any, &a.id, &b.id, &t.in,
					 &t.pl, PKI_NOW, why, sizeof(why)),
			  (uint64_t)-EACCES);
		*parts[i] ^= 4;
	}
	for (size_t len = 0; len < 32; len++) {
		t.pl.auth.data.len = len;
		EXPECT_EQ(ike_auth_check(b.creds, &any, &a.id, &b.id, &t.in,
					 &t.pl, PKI_NOW, why, sizeof(why)),
			  (uint64_t)-EACCES);
	}
	ike_creds_free(a.creds);
	ike_creds_free(b.creds);
}

static bool picks(struct party *p, const char *me, const char *peer,
		  const char *name)
{
	struct ike_id m = id(me), o = id(peer);
	const struct psk_entry *e = creds_psk(p->creds, &m, &o);
	bool right = name ? e && !strcmp(e->name, name) : !e;

	if (!right)
		printf("\n    %s, %s: %s\n", me, peer, e ? e->name : "none");
	return right;
}

static void psk_of_the_right_owner(void)
{
	struct party p;

	party_up(&p, "moon");
	add_psk(&p, "pair", "1", "moon", "sun");
	add_psk(&p, "his", "2", "venus", NULL);
	add_psk(&p, "zone", "3", "*.example.org", NULL);
	EXPECT(picks(&p, "moon", "sun", "pair"));
	EXPECT(picks(&p, "moon", "venus", "his"));
	EXPECT(picks(&p, "moon", "a.example.org", "zone"));
	/* what moon and sun share is for nobody else */
	EXPECT(picks(&p, "moon", "mars", NULL));
	EXPECT(picks(&p, "moon", "%any", "pair"));
	add_psk(&p, "one", "4", "a.example.org", NULL);
	EXPECT(picks(&p, "moon", "a.example.org", "one"));
	add_psk(&p, "mine", "5", "moon", NULL);
	EXPECT(picks(&p, "moon", "mars", "mine"));
	EXPECT(picks(&p, "earth", "mars", NULL));
	EXPECT(picks(&p, "moon", "sun", "pair"));
	add_psk(&p, "all", "6", NULL, NULL);
	EXPECT(picks(&p, "earth", "mars", "all"));
	EXPECT(picks(&p, "moon", "venus", "his"));
	ike_creds_free(p.creds);
}

/* --------------------------------------------------------------- signatures */

static void every_part_counts(struct talk *t, struct party *a, struct party *b)
{
	uint8_t *const parts[] = { t->msg,  t->msg + 299, t->nonce,
				   t->body, t->sk_p + 31, t->out.data };
	size_t len = t->out.len;
	/* each byte of the AlgorithmIdentifier, some of the signature */
	size_t head = t->out.method == AUTH_DIGITAL_SIG ? t->out.data[0] : 0;

	for (unsigned int i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		*parts[i] ^= 4;
		EXPECT_EQ(ike_auth_check(b->creds, &anybody, &a->id, &b->id,
					 &t->in, &t->pl, PKI_NOW, why,
					 sizeof(why)),
			  (uint64_t)-EACCES);
		EXPECT(*why);
		*parts[i] ^= 4;
	}
	for (size_t at = 0; at < len; at += at <= head ? 1 : 29) {
		t->out.data[at] ^= 0x10;
		EXPECT_EQ(ike_auth_check(b->creds, &anybody, &a->id, &b->id,
					 &t->in, &t->pl, PKI_NOW, why,
					 sizeof(why)),
			  (uint64_t)-EACCES);
		t->out.data[at] ^= 0x10;
		t->pl.auth.data.len = at;
		EXPECT_EQ(ike_auth_check(b->creds, &anybody, &a->id, &b->id,
					 &t->in, &t->pl, PKI_NOW, why,
					 sizeof(why)),
			  (uint64_t)-EACCES);
		t->pl.auth.data.len = len;
	}
	EXPECT_EQ(ike_auth_check(b->creds, &anybody, &a->id, &b->id, &t->in,
				 &t->pl, PKI_NOW, why, sizeof(why)),
		  0);
}

/* @alg: last byte of the algorithm's OID, at its place in AUTH */
static const struct {
	const char *key, *schemes;
	uint32_t hashes;
	uint8_t method;
	unsigned int at;
	uint8_t alg;
} signs[] = {
	/* PSS first, the smallest hash that the peer has */
	{ "rsa2048", NULL, ALL_HASHES, AUTH_DIGITAL_SIG, 13, 0x0a },
	{ "rsa2048", NULL, 0x10, AUTH_DIGITAL_SIG, 13, 0x0a },
	{ "rsa2048", "rsa/pss-sha512", ALL_HASHES, AUTH_DIGITAL_SIG, 13, 0x0a },
	{ "rsa2048", "rsa", ALL_HASHES, AUTH_DIGITAL_SIG, 13, 0x0b },
	{ "rsa2048", "rsa-sha384", ALL_HASHES, AUTH_DIGITAL_SIG, 13, 0x0c },
	{ "rsa2048", "ike:rsa-sha512", ALL_HASHES, AUTH_DIGITAL_SIG, 13, 0x0d },
	{ "rsa3072", NULL, 0, AUTH_RSA_SIG, 0, 0 },
	/* as strong as the curve */
	{ "p256", NULL, ALL_HASHES, AUTH_DIGITAL_SIG, 12, 2 },
	{ "p384", NULL, ALL_HASHES, AUTH_DIGITAL_SIG, 12, 3 },
	{ "p521", NULL, ALL_HASHES, AUTH_DIGITAL_SIG, 12, 4 },
	{ "p256", NULL, 0x10, AUTH_DIGITAL_SIG, 12, 4 },
	{ "p384", NULL, 0x04, AUTH_DIGITAL_SIG, 12, 2 },
	{ "p256", "ecdsa-sha384", ALL_HASHES, AUTH_DIGITAL_SIG, 12, 3 },
	{ "p256", NULL, 0, AUTH_ECDSA_256, 0, 0 },
	{ "p384", NULL, 0, AUTH_ECDSA_384, 0, 0 },
	{ "p521", NULL, 0, AUTH_ECDSA_521, 0, 0 },
	{ "ed25519", NULL, ALL_HASHES, AUTH_DIGITAL_SIG, 7, 0x70 },
	{ "ed448", NULL, ALL_HASHES, AUTH_DIGITAL_SIG, 7, 0x71 },
	{ "ed25519", "ecdsa-ed25519", 0x20, AUTH_DIGITAL_SIG, 7, 0x70 },
};

static void ike_30_signatures(void)
{
	static struct talk t;
	struct pki_id moon;
	struct party a, b;

	for (unsigned int i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		cert_parties(&a, &b, &moon, pki_key(signs[i].key, 0), &root,
			     NULL);
		a.conf.schemes = (char *)signs[i].schemes;
		EXPECT_EQ(prove_at(&t, &a, &b, &anybody, signs[i].hashes,
				   PKI_NOW),
			  0);
		if (*why)
			printf("\n    %s: %s\n", signs[i].key, why);
		EXPECT_EQ(t.out.method, signs[i].method);
		if (signs[i].at)
			EXPECT_EQ(t.out.data[signs[i].at], signs[i].alg);
		EXPECT_EQ(t.out.ncerts, 1);
		every_part_counts(&t, &a, &b);
		cert_done(&a, &b, &moon);
	}
}

static void ike_30_only_announced_hashes(void)
{
	static const struct {
		const char *key, *schemes;
		uint32_t hashes;
	} none[] = {
		{ "ed25519", NULL, 0 }, /* no method for it then */
		{ "ed25519", NULL, 0x1c }, /* no IDENTITY */
		{ "p256", NULL, 0x02 }, /* SHA-1 alone */
		{ "rsa2048", NULL, 0x20 }, /* IDENTITY alone */
		{ "p256", "rsa", ALL_HASHES }, /* not this key */
		{ "p256", "ecdsa-sha512", 0x04 },
		{ "rsa2048", "rsa-sha256", 0 }, /* SHA-1 was not asked for */
	};
	struct pki_id moon;
	struct party a, b;

	for (unsigned int i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		cert_parties(&a, &b, &moon, pki_key(none[i].key, 0), &root,
			     NULL);
		a.conf.schemes = (char *)none[i].schemes;
		EXPECT_EQ(prove(&a, &b, &anybody, none[i].hashes),
			  (uint64_t)(-1000 - EOPNOTSUPP));
		says("suits");
		cert_done(&a, &b, &moon);
	}
}

/* What the other side demands. */
static void schemes_demanded(void)
{
	static const struct {
		const char *key, *use, *demand;
		uint32_t hashes;
		bool ok;
	} all[] = {
		{ "rsa2048", NULL, "rsa", ALL_HASHES, true },
		{ "rsa2048", "rsa", "rsa/pss", ALL_HASHES, false },
		{ "rsa2048", "rsa/pss", "rsa/pss-sha256", ALL_HASHES, true },
		{ "rsa2048", "rsa/pss", "rsa/pss-sha384-sha512", ALL_HASHES,
		  false },
		{ "rsa2048", NULL, "rsa-sha256", 0, false },
		{ "rsa2048", NULL, "rsa", 0, true },
		{ "rsa2048", NULL, "pubkey-sha256", ALL_HASHES, true },
		{ "p256", NULL, "rsa-ecdsa", ALL_HASHES, true },
		{ "p256", NULL, "rsa", ALL_HASHES, false },
		{ "p256", NULL, "ecdsa-sha384", ALL_HASHES, false },
		{ "p256", NULL, "ecdsa-sha256", 0, true },
		{ "p384", NULL, "ecdsa-sha256", 0, false },
		{ "ed448", NULL, "eddsa", ALL_HASHES, true },
		{ "ed448", NULL, "ed25519", ALL_HASHES, false },
	};
	struct ike_auth_conf conf = { 0 };
	struct pki_id moon;
	struct party a, b;

	for (unsigned int i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		cert_parties(&a, &b, &moon, pki_key(all[i].key, 0), &root,
			     NULL);
		a.conf.schemes = (char *)all[i].use;
		conf.schemes = (char *)all[i].demand;
		EXPECT_EQ(prove(&a, &b, &conf, all[i].hashes),
			  (uint64_t)(all[i].ok ? 0 : -EACCES));
		cert_done(&a, &b, &moon);
	}
	EXPECT_EQ(ike_auth_schemes_check("rsa/pss-sha256, ecdsa", why, 100), 0);
	EXPECT_EQ(ike_auth_schemes_check(NULL, why, 100), 0);
	EXPECT_EQ(ike_auth_schemes_check("", why, sizeof(why)),
		  (uint64_t)-EINVAL);
	EXPECT_EQ(ike_auth_schemes_check("rsa-md5", why, sizeof(why)),
		  (uint64_t)-EINVAL);
	says("\"md5\"");
	EXPECT_EQ(ike_auth_schemes_check("sha256", why, sizeof(why)),
		  (uint64_t)-EINVAL);
	EXPECT_EQ(ike_auth_schemes_check("rsa-sha1", why, sizeof(why)),
		  (uint64_t)-EINVAL);
}

/* AUTH of method 14 that others make: @alg: AlgorithmIdentifier in hex */
static int crafted(const char *key, const char *alg, const char *md, int salt,
		   const char *mgf)
{
	static struct talk t;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx;
	uint8_t data[364];
	struct pki_id moon;
	struct party a, b;
	size_t n, len;
	int rc;

	cert_parties(&a, &b, &moon, pki_key(key, 0), &root, NULL);
	talk_begin(&t, &a.id);
	t.out.method = AUTH_DIGITAL_SIG;
	MUST(OPENSSL_hexstr2buf_ex(t.out.data + 1, 200, &n, alg, '\0'));
	t.out.data[0] = n;
	memcpy(data, t.msg, 300);
	memcpy(data + 300, t.nonce, 32);
	MUST(EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, t.sk_p, 32, t.body,
		       t.in.id_body.len, data + 332, 32, &len));
	MUST(EVP_DigestSignInit_ex(ctx, &pctx, md, NULL, NULL, moon.key, NULL));
	if (salt >= 0) {
		MUST(EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING) >
		     0);
		MUST(EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, salt) > 0);
		MUST(EVP_PKEY_CTX_set_rsa_mgf1_md_name(pctx, mgf, NULL) > 0);
	}
	len = 600;
	MUST(EVP_DigestSign(ctx, t.out.data + 1 + n, &len, data, 364));
	t.out.len = 1 + n + len;
	t.out.cert[0] = (struct chunk){ moon.der, moon.len };
	t.out.ncerts = 1;
	talk_send(&t);
	rc = ike_auth_check(b.creds, &anybody, &a.id, &b.id, &t.in, &t.pl,
			    PKI_NOW, why, sizeof(why));
	EVP_MD_CTX_free(ctx);
	cert_done(&a, &b, &moon);
	return rc;
}

#define HEX_SHA(n) "300d06096086480165030402" n "0500"
#define HEX_MGF "06092a864886f70d010108"
#define HEX_PSS "06092a864886f70d01010a"

static void rfc7427_identifiers(void)
{
	/* OpenSSL signs, we read: with NULL and without parameters */
	EXPECT_EQ(crafted("rsa2048", "300d06092a864886f70d01010b0500", "SHA256",
			  -1, NULL),
		  0);
	EXPECT_EQ(crafted("rsa2048", "300b06092a864886f70d01010b", "SHA256", -1,
			  NULL),
		  0);
	EXPECT_EQ(
		crafted("p256", "300a06082a8648ce3d040302", "SHA256", -1, NULL),
		0);
	EXPECT_EQ(crafted("p256", "300c06082a8648ce3d0403020500", "SHA256", -1,
			  NULL),
		  0);
	/* the example of RFC 7427 section A.4.3 */
	EXPECT_EQ(crafted("rsa2048",
			  "3041" HEX_PSS
			  "3034a00f" HEX_SHA("01") "a11c301a" HEX_MGF HEX_SHA(
				  "01") "a203020120",
			  "SHA256", 32, "SHA256"),
		  0);
	/* another salt, said as it is */
	EXPECT_EQ(crafted("rsa2048",
			  "3041" HEX_PSS
			  "3034a00f" HEX_SHA("03") "a11c301a" HEX_MGF HEX_SHA(
				  "03") "a203020114",
			  "SHA512", 20, "SHA512"),
		  0);
	/* a salt that is not the one said */
	EXPECT_EQ(crafted("rsa2048",
			  "3041" HEX_PSS
			  "3034a00f" HEX_SHA("01") "a11c301a" HEX_MGF HEX_SHA(
				  "01") "a203020120",
			  "SHA256", 20, "SHA256"),
		  (uint64_t)-EACCES);
	/* two hashes */
	EXPECT_EQ(crafted("rsa2048",
			  "3041" HEX_PSS
			  "3034a00f" HEX_SHA("01") "a11c301a" HEX_MGF HEX_SHA(
				  "02") "a203020120",
			  "SHA256", 32, "SHA384"),
		  (uint64_t)-EACCES);
	says("rsassaPss");
	/* SHA-1: named, by default, and in the mask */
	EXPECT_EQ(crafted("rsa2048", "300d06092a864886f70d0101050500", "SHA1",
			  -1, NULL),
		  (uint64_t)-EACCES);
	says("not accepted");
	EXPECT_EQ(crafted("rsa2048", "300d" HEX_PSS "3000", "SHA1", 20, "SHA1"),
		  (uint64_t)-EACCES);
	EXPECT_EQ(crafted("p256", "300906072a8648ce3d0401", "SHA1", -1, NULL),
		  (uint64_t)-EACCES);
	EXPECT_EQ(crafted("rsa2048",
			  "3022" HEX_PSS "3015a00f" HEX_SHA("01") "a203020120",
			  "SHA256", 32, "SHA1"),
		  (uint64_t)-EACCES);
	/* an identifier that has not to do with the key, or is none */
	EXPECT_EQ(crafted("p256", "300d06092a864886f70d01010b0500", "SHA256",
			  -1, NULL),
		  (uint64_t)-EACCES);
	says("key of type EC");
	EXPECT_EQ(crafted("p256", "300a06082a8648ce3d04030200", "SHA256", -1,
			  NULL),
		  (uint64_t)-EACCES);
	says("AlgorithmIdentifier");
	EXPECT_EQ(crafted("p256", "ffff", "SHA256", -1, NULL),
		  (uint64_t)-EACCES);
	EXPECT_EQ(crafted("p256", "300606042a030405", "SHA256", -1, NULL),
		  (uint64_t)-EACCES);
}

static void methods_kept_apart(void)
{
	struct ike_auth_conf psk = { .psk = true };
	static struct talk t;
	struct pki_id moon;
	struct party a, b;

	cert_parties(&a, &b, &moon, pki_key("p256", 0), &root, NULL);
	EXPECT_EQ(prove_at(&t, &a, &b, &psk, ALL_HASHES, PKI_NOW),
		  (uint64_t)-EACCES);
	says("configured is the shared secret");
	/* another curve's method, another key's, none */
	EXPECT_EQ(prove_at(&t, &a, &b, &anybody, 0, PKI_NOW), 0);
	for (unsigned int m = 0; m < 256; m++) {
		t.pl.auth.method = m;
		EXPECT_EQ(ike_auth_check(b.creds, &anybody, &a.id, &b.id, &t.in,
					 &t.pl, PKI_NOW, why, sizeof(why)),
			  (uint64_t)(m == AUTH_ECDSA_256 ? 0 : -EACCES));
	}
	t.pl.present = 0;
	EXPECT_EQ(ike_auth_check(b.creds, &anybody, &a.id, &b.id, &t.in, &t.pl,
				 PKI_NOW, why, sizeof(why)),
		  (uint64_t)-EACCES);
	says("no AUTH");
	/* a PSK where a certificate is due */
	add_psk(&a, "x", "s", NULL, NULL);
	add_psk(&b, "x", "s", NULL, NULL);
	a.conf.psk = true;
	EXPECT_EQ(prove(&a, &b, &anybody, 0), (uint64_t)-EACCES);
	says("a signature");
	cert_done(&a, &b, &moon);
}

static const struct test_case cases[] = {
	{ "ike_30_psk", ike_30_psk },
	{ "ike_30_psk_octets", ike_30_psk_octets },
	{ "psk_of_the_right_owner", psk_of_the_right_owner },
	{ "ike_30_signatures", ike_30_signatures },
	{ "ike_30_only_announced_hashes", ike_30_only_announced_hashes },
	{ "schemes_demanded", schemes_demanded },
	{ "rfc7427_identifiers", rfc7427_identifiers },
	{ "methods_kept_apart", methods_kept_apart },
	{ 0 },
};

int main(int argc, char **argv)
{
	return suite_run("test_auth", cases, argc, argv);
}
