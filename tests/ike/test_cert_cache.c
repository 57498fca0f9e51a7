// SPDX-License-Identifier: Apache-2.0
/*
 * Certificates of peers that are kept as read: that one is kept says nothing
 * about whether it is trusted.
 */
#include <string.h>
#include "crypto/store.h"
#include "pki.h"
#include "suite.h"

static struct pki_id ca, mid, leaf;
static struct ike_id moon, sun;
static char why[400];

static void once(void)
{
	if (ca.cert)
		return;
	pki_chain(&ca, &mid, &leaf);
	MUST(!ike_id_from_text("moon.example.org", &moon));
	MUST(!ike_id_from_text("sun.example.org", &sun));
}

static struct ike_creds *trusting(void)
{
	struct ike_creds *c = ike_creds_new();

	once();
	MUST(c);
	MUST(!ike_creds_add_cert(c, ca.der, ca.len, true, why, sizeof(why)));
	return c;
}

static int trusted(struct ike_creds *c, const struct ike_id *id, long later)
{
	static const struct ike_auth_conf conf;
	struct ike_payloads pl = { .ncerts = 2 };
	EVP_PKEY *key = NULL;
	int rc;

	pl.cert[0].encoding = pl.cert[1].encoding = CERT_X509_SIGNATURE;
	pl.cert[0].data = (struct chunk){ leaf.der, leaf.len };
	pl.cert[1].data = (struct chunk){ mid.der, mid.len };
	rc = cert_trusted(c, &conf, id, &pl, PKI_NOW + later, &key, why,
			  sizeof(why));
	EXPECT_EQ(!rc, EVP_PKEY_eq(leaf.key, key ? key : ca.key) == 1);
	EVP_PKEY_free(rc ? NULL : key);
	return rc;
}

static bool kept(const struct ike_creds *c, const struct pki_id *id)
{
	X509 *x509 =
		cert_cache_find(c->cache, &(struct chunk){ id->der, id->len });

	EXPECT(!x509 || !X509_cmp(x509, id->cert));
	X509_free(x509);
	return x509;
}

static void kept_once_it_was_trusted(void)
{
	struct ike_creds *c = trusting();

	EXPECT(!kept(c, &leaf) && !kept(c, &mid));
	EXPECT(trusted(c, &sun, 0));
	EXPECT(!kept(c, &leaf) && !kept(c, &mid));
	EXPECT_EQ(trusted(c, &moon, 0), 0);
	EXPECT(kept(c, &leaf) && kept(c, &mid));
	EXPECT_EQ(trusted(c, &moon, 0), 0);
	ike_creds_free(c);
}

static void looked_at_each_time(void)
{
	struct ike_creds *c = trusting();
	uint8_t *crl;
	size_t len;

	EXPECT_EQ(trusted(c, &moon, 0), 0);
	EXPECT(trusted(c, &sun, 0));
	EXPECT(strstr(why, "does not speak for"));
	EXPECT(trusted(c, &moon, 800l * PKI_DAY));
	EXPECT(strstr(why, "expired"));
	EXPECT_EQ(trusted(c, &moon, 0), 0);
	/* revoked meanwhile */
	len = pki_crl(&mid, &leaf, -PKI_DAY, PKI_DAY, &crl);
	MUST(!ike_creds_add_crl(c, crl, len, why, sizeof(why)));
	EXPECT(kept(c, &leaf));
	EXPECT(trusted(c, &moon, 0));
	EXPECT(strstr(why, "revoked"));
	OPENSSL_free(crl);
	ike_creds_free(c);
}

static void gone_when_credentials_change(void)
{
	struct ike_creds *c = trusting(), *fresh = trusting();

	EXPECT_EQ(trusted(c, &moon, 0), 0);
	ike_creds_take(c, fresh, IKE_CREDS_FILE);
	EXPECT(!kept(c, &leaf));
	EXPECT_EQ(trusted(c, &moon, 0), 0);
	ike_creds_drop(c, IKE_CREDS_USER);
	EXPECT(!kept(c, &leaf));
	EXPECT_EQ(trusted(c, &moon, 0), 0);
	/* the CA is taken back while the certificate is kept */
	ike_creds_drop_cert(c, ca.handle, IKE_CREDS_FILE);
	EXPECT(trusted(c, &moon, 0));
	EXPECT(strstr(why, "no CA"));
	ike_creds_clear(c);
	EXPECT(!kept(c, &leaf));
	ike_creds_free(fresh);
	ike_creds_free(c);
}

static void bounded(void)
{
	struct ike_creds *c = trusting();
	uint8_t der[8000] = { 0 };
	unsigned int i, n = 0;
	X509 *x509;

	for (i = 0; i < 5000; i++) {
		der[0] = (uint8_t)i;
		der[1] = (uint8_t)(i >> 8);
		cert_cache_keep(c->cache, &(struct chunk){ der, 100 },
				leaf.cert);
	}
	for (i = 0; i < 5000; i++) {
		der[0] = (uint8_t)i;
		der[1] = (uint8_t)(i >> 8);
		x509 = cert_cache_find(c->cache, &(struct chunk){ der, 100 });
		n += !!x509;
		X509_free(x509);
	}
	EXPECT_EQ(n, 512);
	cert_cache_keep(c->cache, &(struct chunk){ der, sizeof(der) },
			leaf.cert);
	EXPECT(!cert_cache_find(c->cache, &(struct chunk){ der, sizeof(der) }));
	/* without memory for it: slower, and no more */
	cert_cache_flush(c->cache);
	free(c->cache);
	c->cache = NULL;
	EXPECT_EQ(trusted(c, &moon, 0), 0);
	EXPECT_EQ(trusted(c, &moon, 0), 0);
	ike_creds_free(c);
}

static const struct test_case cases[] = {
	{ "kept_once_it_was_trusted", kept_once_it_was_trusted },
	{ "looked_at_each_time", looked_at_each_time },
	{ "gone_when_credentials_change", gone_when_credentials_change },
	{ "bounded", bounded },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	int ret = suite_run("test_cert_cache", cases, argc, argv);

	if (ca.cert) {
		pki_free(&ca);
		pki_free(&mid);
		pki_free(&leaf);
	}
	return ret;
}
