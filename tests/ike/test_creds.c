// SPDX-License-Identifier: Apache-2.0
/* What the credential store takes, and what it says of it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/x509v3.h>
#include "party.h"
#include "suite.h"

static void keys_loaded(void)
{
	static const char *const kinds[] = { "rsa2048", "p256", "ed25519",
					     "ed448" };
	struct ike_creds *creds = ike_creds_new();
	char keyid[41], again[41], ids[8][41];

	for (unsigned int i = 0; i < 4; i++) {
		EVP_PKEY *key = pki_key(kinds[i], 0);
		char *pem = pki_key_pem(key, NULL);
		char *locked = pki_key_pem(key, "open sesame");
		uint8_t *der = NULL;
		int len = i2d_PrivateKey(key, &der);

		EXPECT_EQ(ike_creds_add_key(creds, pem, strlen(pem), NULL,
					    keyid, why, sizeof(why)),
			  0);
		EXPECT_EQ(strlen(keyid), 40);
		EXPECT_EQ(ike_creds_add_key(creds, der, len, NULL, again, why,
					    sizeof(why)),
			  0);
		EXPECT(!strcmp(keyid, again));
		EXPECT_EQ(ike_creds_add_key(creds, locked, strlen(locked),
					    "open sesame", again, why,
					    sizeof(why)),
			  0);
		EXPECT(!strcmp(keyid, again));
		EXPECT_EQ(ike_creds_add_key(creds, locked, strlen(locked),
					    "sesame", again, why, sizeof(why)),
			  (uint64_t)-EINVAL);
		says("passphrase");
		EXPECT_EQ(ike_creds_add_key(creds, locked, strlen(locked), NULL,
					    again, why, sizeof(why)),
			  (uint64_t)-EINVAL);
		EXPECT_EQ(ike_creds_add_key(creds, der, len / 2, NULL, again,
					    why, sizeof(why)),
			  (uint64_t)-EINVAL);
		/* the same key is kept once */
		EXPECT_EQ(ike_creds_keys(creds, ids, 8), i + 1);
		EXPECT(!strcmp(ids[0], keyid));
		OPENSSL_free(der);
		free(pem);
		free(locked);
	}
	EXPECT_EQ(ike_creds_keys(creds, ids, 2), 4);
	EXPECT_EQ(ike_creds_del_key(creds, keyid), 0);
	EXPECT_EQ(ike_creds_del_key(creds, keyid), (uint64_t)-ENOENT);
	EXPECT_EQ(ike_creds_keys(creds, ids, 8), 3);
	EXPECT_EQ(
		ike_creds_add_key(creds, "x", 1, NULL, NULL, why, sizeof(why)),
		(uint64_t)-EINVAL);
	ike_creds_free(creds);
}

struct seen {
	unsigned int certs, crls, ca, anchor, key;
};

static void see(void *arg, enum ike_cert_kind kind, unsigned int flags,
		const uint8_t *der, size_t len)
{
	struct seen *s = arg;

	EXPECT(der && len);
	s->certs += kind == IKE_CERT_X509;
	s->crls += kind == IKE_CERT_X509_CRL;
	s->ca += !!(flags & IKE_CERT_CA);
	s->anchor += !!(flags & IKE_CERT_ANCHOR);
	s->key += !!(flags & IKE_CERT_HAS_KEY);
}

static void count_name(void *arg, const char *name)
{
	*(unsigned int *)arg += !strcmp(name, "one") || !strcmp(name, "two");
}

static void certificates_loaded(void)
{
	struct pki_id moon;
	struct party a, b;
	struct seen s = { 0 };
	uint8_t req[100], spki[20], *der = NULL;
	unsigned int n = 0;
	char *pem, *two, handle[41];
	size_t len;

	cert_parties(&a, &b, &moon, pki_key("p256", 0), &root, NULL);
	load_crl(&a, &root, NULL, -1, 1);
	ike_creds_each_cert(a.creds, see, &s);
	EXPECT_EQ(s.certs, 3);
	EXPECT_EQ(s.crls, 1);
	EXPECT_EQ(s.ca, 2);
	EXPECT_EQ(s.anchor, 1);
	EXPECT_EQ(s.key, 1);
	/* again: no second one; as PEM; two in one file */
	add_cert(a.creds, &moon, false);
	pem = pki_cert_pem(moon.cert);
	EXPECT_EQ(ike_creds_cert_handle(pem, strlen(pem), handle), 0);
	EXPECT(!strcmp(handle, moon.handle));
	EXPECT_EQ(ike_creds_add_cert(a.creds, pem, strlen(pem), false, why,
				     sizeof(why)),
		  0);
	two = malloc(2 * strlen(pem) + 4096);
	strcpy(two, pem);
	free(pem);
	pem = pki_cert_pem(other.cert);
	strcat(two, pem);
	EXPECT_EQ(ike_creds_add_cert(a.creds, two, strlen(two), false, why,
				     sizeof(why)),
		  0);
	memset(&s, 0, sizeof(s));
	ike_creds_each_cert(a.creds, see, &s);
	EXPECT_EQ(s.certs, 4);
	/* half a file is no file */
	two[strlen(two) - 60] = 0;
	EXPECT_EQ(ike_creds_add_cert(b.creds, two, strlen(two), false, why,
				     sizeof(why)),
		  (uint64_t)-EINVAL);
	EXPECT_EQ(ike_creds_add_cert(b.creds, "x", 1, false, why, sizeof(why)),
		  (uint64_t)-EINVAL);
	says("neither PEM nor DER");
	EXPECT_EQ(ike_creds_cert_handle("x", 1, handle), (uint64_t)-EINVAL);
	/* an end entity is no anchor */
	EXPECT_EQ(ike_creds_add_cert(b.creds, moon.der, moon.len, true, why,
				     sizeof(why)),
		  (uint64_t)-EINVAL);
	says("CA:TRUE");
	/* CERTREQ: SHA-1 of the anchors' SubjectPublicKeyInfo */
	len = i2d_PUBKEY(root.key, &der);
	MUST(EVP_Digest(der, len, spki, NULL, EVP_sha1(), NULL));
	OPENSSL_free(der);
	EXPECT_EQ(ike_auth_certreq(a.creds, req, sizeof(req)), 20);
	EXPECT(!memcmp(req, spki, 20));
	EXPECT_EQ(ike_auth_certreq(a.creds, req, 19), 0);
	EXPECT_EQ(ike_auth_hashes(req, sizeof(req)), 8);
	EXPECT(!memcmp(req, "\0\2\0\3\0\4\0\5", 8));
	/* names of secrets; and all of it gone */
	add_psk(&a, "one", "1", NULL, NULL);
	add_psk(&a, "two", "2", NULL, NULL);
	add_psk(&a, "two", "3", NULL, NULL);
	ike_creds_each_psk(a.creds, count_name, &n);
	EXPECT_EQ(n, 2);
	ike_creds_clear(a.creds);
	memset(&s, 0, sizeof(s));
	ike_creds_each_cert(a.creds, see, &s);
	EXPECT_EQ(s.certs + s.crls, 0);
	EXPECT_EQ(ike_creds_keys(a.creds, NULL, 0), 0);
	free(pem);
	free(two);
	cert_done(&a, &b, &moon);
}

static const struct test_case cases[] = {
	{ "keys_loaded", keys_loaded },
	{ "certificates_loaded", certificates_loaded },
	{ 0 },
};

int main(int argc, char **argv)
{
	return suite_run("test_creds", cases, argc, argv);
}
