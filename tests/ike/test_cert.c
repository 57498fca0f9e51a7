// SPDX-License-Identifier: Apache-2.0
/* Certificates of a peer: names, chains, dates, revocation. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/x509v3.h>
#include "party.h"
#include "suite.h"

static void identity_bound(void)
{
	static const struct {
		const char *id;
		bool ok;
	} names[] = {
		{ "moon.example.org", true },
		{ "MOON.example.org", true },
		{ "admin@moon.example.org", true },
		{ "192.0.2.1", true },
		{ "2001:db8::1", true },
		{ "C=CH, O=Espalier, CN=moon", true },
		{ "sun.example.org", false },
		{ "fqdn:moon", false }, /* the common name is no host name */
		{ "keyid:moon", false },
		{ "email:moon.example.org", false },
		{ "fqdn:192.0.2.1", false },
		{ "192.0.2.2", false },
		{ "C=CH, O=Espalier, CN=sun", false },
		{ "C=CH, O=Espalier", false },
		{ "C=CH, O=Espalier, CN=*", false },
		{ "*.example.org", false },
	};
	static struct talk t;
	struct pki_id moon;
	struct party a, b;
	char text[80], keyid[41];

	cert_parties(&a, &b, &moon, pki_key("p256", 0), &root, NULL);
	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		/* it signs all of them, being whatever it says */
		struct ike_id said = id(names[i].id);

		talk_begin(&t, &said);
		MUST(!ike_auth_make(a.creds, &a.conf, &a.id, &b.id, &t.in,
				    ALL_HASHES, &t.out, why, sizeof(why)));
		talk_send(&t);
		EXPECT_EQ(ike_auth_check(b.creds, &anybody, &said, &b.id, &t.in,
					 &t.pl, PKI_NOW, why, sizeof(why)),
			  (uint64_t)(names[i].ok ? 0 : -ENOKEY));
		if (!names[i].ok)
			says("does not speak for");
	}
	/* key id: of the public key */
	MUST(ike_creds_keys(a.creds, &keyid, 1) == 1);
	snprintf(text, sizeof(text), "@#%s", keyid);
	a.id = id(text);
	EXPECT_EQ(prove(&a, &b, &anybody, ALL_HASHES), 0);
	text[5] = text[5] == '0' ? '1' : '0'; /* another digit */
	a.id = id(text);
	EXPECT_EQ(prove(&a, &b, &anybody, ALL_HASHES),
		  (uint64_t)(-1000 - ENOENT));
	says("speaks for");
	cert_done(&a, &b, &moon);
}

static void own_identity(void)
{
	struct pki_id moon;
	struct party a, b;
	struct ike_id i, dn = id("C=CH, O=Espalier, CN=moon");

	cert_parties(&a, &b, &moon, pki_key("p256", 0), &root, NULL);
	EXPECT_EQ(ike_auth_identity(a.creds, &a.conf, &i, why, sizeof(why)), 0);
	EXPECT(ike_id_equal(&i, &dn));
	a.conf.id = id("moon.example.org");
	EXPECT_EQ(ike_auth_identity(a.creds, &a.conf, &i, why, sizeof(why)), 0);
	EXPECT(ike_id_equal(&i, &a.conf.id));
	a.conf.id = id("sun.example.org");
	EXPECT_EQ(ike_auth_identity(a.creds, &a.conf, &i, why, sizeof(why)),
		  (uint64_t)-ENOENT);
	says("speaks for");
	a.conf.id = id("moon.example.org");
	a.conf.certs = &root.handle;
	a.conf.ncerts = 1;
	EXPECT_EQ(ike_auth_identity(a.creds, &a.conf, &i, why, sizeof(why)),
		  (uint64_t)-ENOENT);
	says("no configured certificate has a private key");
	a.conf.certs = &moon.handle;
	EXPECT_EQ(ike_auth_identity(a.creds, &a.conf, &i, why, sizeof(why)), 0);
	EXPECT_EQ(ike_auth_identity(b.creds, &b.conf, &i, why, sizeof(why)),
		  (uint64_t)-ENOENT);
	says("no private key");
	b.conf.psk = true;
	EXPECT_EQ(ike_auth_identity(b.creds, &b.conf, &i, why, sizeof(why)), 0);
	EXPECT(ike_id_equal(&i, &b.conf.id));
	cert_done(&a, &b, &moon);
}

static void chains(void)
{
	static struct talk t;
	struct ike_auth_conf conf = { 0 };
	struct pki_id moon, fake;
	struct party a, b;

	/* below an intermediate that is sent along */
	cert_parties(&a, &b, &moon, pki_key("p256", 0), &sub, NULL);
	EXPECT_EQ(prove_at(&t, &a, &b, &anybody, ALL_HASHES, PKI_NOW), 0);
	EXPECT_EQ(t.out.ncerts, 2);
	EXPECT(t.out.cert[1].len == sub.len &&
	       !memcmp(t.out.cert[1].p, sub.der, sub.len));
	/* not sent, not loaded; then loaded */
	t.pl.ncerts = 1;
	EXPECT_EQ(ike_auth_check(b.creds, &anybody, &a.id, &b.id, &t.in, &t.pl,
				 PKI_NOW, why, sizeof(why)),
		  (uint64_t)-ENOKEY);
	says("unable to get");
	add_cert(b.creds, &sub, false);
	EXPECT_EQ(ike_auth_check(b.creds, &anybody, &a.id, &b.id, &t.in, &t.pl,
				 PKI_NOW, why, sizeof(why)),
		  0);
	/* the CAs that are named count alone */
	conf.cacerts = &root.handle;
	conf.ncacerts = 1;
	EXPECT_EQ(prove(&a, &b, &conf, ALL_HASHES), 0);
	conf.cacerts = &other.handle;
	EXPECT_EQ(prove(&a, &b, &conf, ALL_HASHES), (uint64_t)-ENOKEY);
	says("none of the CAs named is loaded");
	add_cert(b.creds, &other, true);
	EXPECT_EQ(prove(&a, &b, &conf, ALL_HASHES), (uint64_t)-ENOKEY);
	/* an intermediate may be the anchor */
	add_cert(b.creds, &sub, true);
	conf.cacerts = &sub.handle;
	EXPECT_EQ(prove(&a, &b, &conf, ALL_HASHES), 0);
	cert_done(&a, &b, &moon);

	/* another CA of the same name */
	cert_parties(&a, &b, &moon, pki_key("p256", 0), &other, NULL);
	EXPECT_EQ(prove(&a, &b, &anybody, ALL_HASHES), (uint64_t)-ENOKEY);
	cert_done(&a, &b, &moon);

	/* no CA at all: the system's are not asked */
	cert_parties(&a, &b, &moon, pki_key("p256", 0), &root, NULL);
	ike_creds_clear(b.creds);
	EXPECT_EQ(prove(&a, &b, &anybody, ALL_HASHES), (uint64_t)-ENOKEY);
	says("no CA");
	cert_done(&a, &b, &moon);

	/* its own */
	cert_parties(&a, &b, &moon, pki_key("p256", 0), NULL, NULL);
	EXPECT_EQ(prove(&a, &b, &anybody, ALL_HASHES), (uint64_t)-ENOKEY);
	cert_done(&a, &b, &moon);

	/* issued by somebody who is no CA */
	cert_parties(&a, &b, &moon, pki_key("p256", 1), &root, NULL);
	pki_issue(&fake, pki_key("p256", 0), &moon, &moon_spec);
	talk_begin(&t, &a.id);
	add_key(a.creds, &fake);
	add_cert(a.creds, &fake, false);
	a.conf.certs = &fake.handle;
	a.conf.ncerts = 1;
	MUST(!ike_auth_make(a.creds, &a.conf, &a.id, &b.id, &t.in, ALL_HASHES,
			    &t.out, why, sizeof(why)));
	t.out.cert[0] = (struct chunk){ fake.der, fake.len };
	t.out.cert[1] = (struct chunk){ moon.der, moon.len };
	t.out.ncerts = 2;
	talk_send(&t);
	EXPECT_EQ(ike_auth_check(b.creds, &anybody, &a.id, &b.id, &t.in, &t.pl,
				 PKI_NOW, why, sizeof(why)),
		  (uint64_t)-ENOKEY);
	pki_free(&fake);
	cert_done(&a, &b, &moon);
}

static int with_spec(const struct pki_spec *spec, EVP_PKEY *key)
{
	struct pki_id moon;
	struct party a, b;
	int rc;

	cert_parties(&a, &b, &moon, key, &root, spec);
	rc = prove(&a, &b, &anybody, ALL_HASHES);
	cert_done(&a, &b, &moon);
	return rc;
}

static void certificates_refused(void)
{
	struct pki_spec s = moon_spec;
	EVP_PKEY *key = pki_key("p256", 0);

	EXPECT_EQ(with_spec(&s, key), 0);
	s.from = -2 * PKI_DAY;
	s.to = -1;
	EXPECT_EQ(with_spec(&s, key), (uint64_t)-ENOKEY);
	says("expired");
	s.from = 1;
	s.to = PKI_DAY;
	EXPECT_EQ(with_spec(&s, key), (uint64_t)-ENOKEY);
	says("not yet valid");
	s = moon_spec;
	s.usage = "keyEncipherment";
	EXPECT_EQ(with_spec(&s, key), (uint64_t)-ENOKEY);
	says("keyUsage");
	s.usage = NULL;
	EXPECT_EQ(with_spec(&s, key), 0);
	s = moon_spec;
	s.md = "SHA1";
	EXPECT_EQ(with_spec(&s, key), (uint64_t)-ENOKEY);
	says("weak");
	s = moon_spec;
	s.subject = "";
	EXPECT_EQ(with_spec(&s, key), 0);
	s.san = NULL;
	s.subject = "CN=moon.example.org";
	EXPECT_EQ(with_spec(&s, key), (uint64_t)(-1000 - ENOENT));
}

/* Keys that we do not load ourselves, as a peer may show them. */
static void weak_keys_refused(void)
{
	static const char *const kinds[] = { "rsa1024", "k256" };
	static struct talk t;
	struct pki_id moon, weak;
	struct party a, b;

	cert_parties(&a, &b, &moon, pki_key("p256", 0), &root, NULL);
	for (unsigned int i = 0; i < 2; i++) {
		char *pem;

		pki_issue(&weak, pki_key(kinds[i], 0), &root, &moon_spec);
		EXPECT_EQ(prove_at(&t, &a, &b, &anybody, ALL_HASHES, PKI_NOW),
			  0);
		t.pl.cert[0].data = (struct chunk){ weak.der, weak.len };
		EXPECT_EQ(ike_auth_check(b.creds, &anybody, &a.id, &b.id, &t.in,
					 &t.pl, PKI_NOW, why, sizeof(why)),
			  (uint64_t)-ENOKEY);
		pem = pki_key_pem(weak.key, NULL);
		EXPECT_EQ(ike_creds_add_key(a.creds, pem, strlen(pem), NULL,
					    NULL, why, sizeof(why)),
			  (uint64_t)-EINVAL);
		says("needed");
		free(pem);
		pki_free(&weak);
	}
	cert_done(&a, &b, &moon);
}

/* what the CRLs make of moon below the intermediate */
static int revocation(bool strict, const struct pki_id *revoked_by_root,
		      int root_age, bool sub_crl, bool revoke_moon, int sub_age)
{
	struct ike_auth_conf conf = { .require_crl = strict };
	struct pki_id moon;
	struct party a, b;
	int rc;

	cert_parties(&a, &b, &moon, pki_key("p256", 0), &sub, NULL);
	load_crl(&b, &root, revoked_by_root, -10 * PKI_DAY,
		 root_age ? -PKI_DAY : PKI_DAY);
	if (sub_crl)
		load_crl(&b, &sub, revoke_moon ? &moon : NULL, -10 * PKI_DAY,
			 sub_age ? -PKI_DAY : PKI_DAY);
	rc = prove(&a, &b, &conf, ALL_HASHES);
	cert_done(&a, &b, &moon);
	return rc;
}

static void revoked(void)
{
	struct ike_auth_conf strict = { .require_crl = true };
	struct pki_id moon;
	struct party a, b;
	uint8_t *der;
	size_t len;

	make_cas();
	EXPECT_EQ(revocation(false, NULL, 0, true, false, 0), 0);
	EXPECT(!*why);
	EXPECT_EQ(revocation(true, NULL, 0, true, false, 0), 0);
	/* the end entity; the intermediate */
	EXPECT_EQ(revocation(false, NULL, 0, true, true, 0), (uint64_t)-ENOKEY);
	says("revoked");
	EXPECT_EQ(revocation(false, &sub, 0, true, false, 0),
		  (uint64_t)-ENOKEY);
	says("revoked");
	/* missing where there need be none, and where there has to be one */
	EXPECT_EQ(revocation(false, NULL, 0, false, false, 0), 0);
	EXPECT_EQ(revocation(true, NULL, 0, false, false, 0),
		  (uint64_t)-ENOKEY);
	says("CRL");
	/* out of date: a warning, or not enough; revoked is revoked */
	EXPECT_EQ(revocation(false, NULL, 0, true, false, 1), 0);
	says("out of date");
	EXPECT_EQ(revocation(true, NULL, 0, true, false, 1), (uint64_t)-ENOKEY);
	says("expired");
	EXPECT_EQ(revocation(false, NULL, 0, true, true, 1), (uint64_t)-ENOKEY);
	says("revoked");
	EXPECT_EQ(revocation(true, NULL, 1, true, false, 0), (uint64_t)-ENOKEY);

	/* none loaded at all */
	cert_parties(&a, &b, &moon, pki_key("p256", 0), &root, NULL);
	EXPECT_EQ(prove(&a, &b, &strict, ALL_HASHES), (uint64_t)-ENOKEY);
	/* one that somebody else signed in the CA's name */
	load_crl(&b, &other, NULL, -PKI_DAY, PKI_DAY);
	EXPECT_EQ(prove(&a, &b, &strict, ALL_HASHES), (uint64_t)-ENOKEY);
	cert_done(&a, &b, &moon);
	cert_parties(&a, &b, &moon, pki_key("p256", 0), &root, NULL);
	load_crl(&b, &root, NULL, -PKI_DAY, PKI_DAY);
	EXPECT_EQ(prove(&a, &b, &strict, ALL_HASHES), 0);
	/* a newer one, which revokes */
	load_crl(&b, &root, &moon, -PKI_DAY / 2, PKI_DAY);
	EXPECT_EQ(prove(&a, &b, &anybody, ALL_HASHES), (uint64_t)-ENOKEY);
	/* neither is one */
	len = pki_crl(&root, NULL, 0, 1, &der);
	EXPECT_EQ(ike_creds_add_crl(b.creds, der, len - 1, why, sizeof(why)),
		  (uint64_t)-EINVAL);
	says("CRL");
	OPENSSL_free(der);
	cert_done(&a, &b, &moon);
}

static void certificate_missing_or_broken(void)
{
	static struct talk t;
	uint8_t broken[4096];
	struct pki_id moon;
	struct party a, b;

	cert_parties(&a, &b, &moon, pki_key("p256", 0), &root, NULL);
	EXPECT_EQ(prove_at(&t, &a, &b, &anybody, ALL_HASHES, PKI_NOW), 0);
	t.pl.ncerts = 0;
	EXPECT_EQ(ike_auth_check(b.creds, &anybody, &a.id, &b.id, &t.in, &t.pl,
				 PKI_NOW, why, sizeof(why)),
		  (uint64_t)-ENOKEY);
	says("sent no certificate");
	/* one that is loaded will do */
	add_cert(b.creds, &moon, false);
	EXPECT_EQ(ike_auth_check(b.creds, &anybody, &a.id, &b.id, &t.in, &t.pl,
				 PKI_NOW, why, sizeof(why)),
		  0);
	/* hash and URL is skipped */
	t.pl.ncerts = 1;
	t.pl.cert[0].encoding = CERT_HASH_AND_URL;
	EXPECT_EQ(ike_auth_check(b.creds, &anybody, &a.id, &b.id, &t.in, &t.pl,
				 PKI_NOW, why, sizeof(why)),
		  0);
	t.pl.cert[0].encoding = CERT_X509_SIGNATURE;
	/* cut, longer, and changed at each byte: refused, never believed */
	MUST(moon.len < sizeof(broken));
	memcpy(broken, moon.der, moon.len);
	broken[moon.len] = 0;
	for (size_t len = 0; len <= moon.len + 1; len += 7) {
		if (len == moon.len)
			continue;
		t.pl.cert[0].data = (struct chunk){ broken, len };
		EXPECT_EQ(ike_auth_check(b.creds, &anybody, &a.id, &b.id, &t.in,
					 &t.pl, PKI_NOW, why, sizeof(why)),
			  (uint64_t)-ENOKEY);
	}
	t.pl.cert[0].data = (struct chunk){ broken, moon.len + 1 };
	EXPECT_EQ(ike_auth_check(b.creds, &anybody, &a.id, &b.id, &t.in, &t.pl,
				 PKI_NOW, why, sizeof(why)),
		  (uint64_t)-ENOKEY);
	t.pl.cert[0].data = (struct chunk){ broken, moon.len };
	for (size_t i = 0; i < moon.len; i++) {
		broken[i] ^= 1 << i % 8;
		EXPECT(ike_auth_check(b.creds, &anybody, &a.id, &b.id, &t.in,
				      &t.pl, PKI_NOW, why, sizeof(why)));
		broken[i] ^= 1 << i % 8;
	}
	cert_done(&a, &b, &moon);
}

static void named_certificates(void)
{
	struct ike_auth_conf conf = { 0 };
	struct pki_spec old = moon_spec;
	struct pki_id moon, twin;
	struct party a, b;

	/* its own signature will do when it is named */
	cert_parties(&a, &b, &moon, pki_key("ed25519", 0), NULL, NULL);
	conf.certs = &moon.handle;
	conf.ncerts = 1;
	EXPECT_EQ(prove(&a, &b, &conf, ALL_HASHES), (uint64_t)-ENOKEY);
	says("none of those named");
	add_cert(b.creds, &moon, false);
	EXPECT_EQ(prove(&a, &b, &conf, ALL_HASHES), 0);
	conf.require_crl = true; /* then there has to be a chain */
	EXPECT_EQ(prove(&a, &b, &conf, ALL_HASHES), (uint64_t)-ENOKEY);
	conf.require_crl = false;
	conf.cacerts = &root.handle;
	conf.ncacerts = 1;
	EXPECT_EQ(prove(&a, &b, &conf, ALL_HASHES), (uint64_t)-ENOKEY);
	conf.ncacerts = 0;
	/* another of the same name and key is not the one named */
	pki_issue(&twin, pki_key("ed25519", 0), NULL, &moon_spec);
	conf.certs = &twin.handle;
	add_cert(b.creds, &twin, false);
	EXPECT_EQ(prove(&a, &b, &conf, ALL_HASHES), (uint64_t)-ENOKEY);
	pki_free(&twin);
	cert_done(&a, &b, &moon);

	old.from = -2;
	old.to = -1;
	cert_parties(&a, &b, &moon, pki_key("ed25519", 0), NULL, &old);
	add_cert(b.creds, &moon, false);
	conf.certs = &moon.handle;
	EXPECT_EQ(prove(&a, &b, &conf, ALL_HASHES), (uint64_t)-ENOKEY);
	says("expired");
	cert_done(&a, &b, &moon);

	cert_parties(&a, &b, &moon, pki_key("ed25519", 0), &root, NULL);
	add_cert(b.creds, &moon, false);
	conf.certs = &moon.handle;
	EXPECT_EQ(prove(&a, &b, &conf, ALL_HASHES), 0);
	load_crl(&b, &root, &moon, -1, PKI_DAY);
	EXPECT_EQ(prove(&a, &b, &conf, ALL_HASHES), (uint64_t)-ENOKEY);
	says("revoked");
	cert_done(&a, &b, &moon);
}

static const struct test_case cases[] = {
	{ "identity_bound", identity_bound },
	{ "own_identity", own_identity },
	{ "chains", chains },
	{ "certificates_refused", certificates_refused },
	{ "weak_keys_refused", weak_keys_refused },
	{ "revoked", revoked },
	{ "certificate_missing_or_broken", certificate_missing_or_broken },
	{ "named_certificates", named_certificates },
	{ 0 },
};

int main(int argc, char **argv)
{
	return suite_run("test_cert", cases, argc, argv);
}
