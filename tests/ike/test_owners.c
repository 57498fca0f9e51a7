// SPDX-License-Identifier: Apache-2.0
/*
 * Credentials by who loaded them: the file is read again, an authority is taken
 * back, and what somebody else has loaded stays as it was.
 */
#include <string.h>
#include "crypto/creds.h"
#include "pki.h"
#include "suite.h"

static struct pki_id ca, leaf;
static uint8_t *crl;
static size_t crl_len;
static char why[400];

static void once(void)
{
	if (ca.cert)
		return;
	pki_chain(&ca, NULL, &leaf);
	crl_len = pki_crl(&ca, NULL, -PKI_DAY, PKI_DAY, &crl);
}

struct looks {
	unsigned int certs, anchors, keys, crls, psks;
	char names[200];
};

static void one_cert(void *arg, enum ike_cert_kind kind, unsigned int flags,
		     const uint8_t *der, size_t len)
{
	struct looks *l = arg;

	(void)der;
	(void)len;
	l->certs += kind == IKE_CERT_X509;
	l->crls += kind == IKE_CERT_X509_CRL;
	l->anchors += !!(flags & IKE_CERT_ANCHOR);
}

static void one_psk(void *arg, const char *name)
{
	struct looks *l = arg;

	l->psks++;
	strcat(l->names, name);
	strcat(l->names, " ");
}

static struct looks look(const struct ike_creds *c)
{
	struct looks l = { 0 };

	ike_creds_each_cert(c, one_cert, &l);
	ike_creds_each_psk(c, one_psk, &l);
	l.keys = ike_creds_keys(c, NULL, 0);
	return l;
}

static void add_cert(struct ike_creds *c, const struct pki_id *id, bool anchor)
{
	MUST(!ike_creds_add_cert(c, id->der, id->len, anchor, why,
				 sizeof(why)));
}

static void add_psk(struct ike_creds *c, const char *name, const char *secret)
{
	MUST(!ike_creds_add_psk(c, name, secret, strlen(secret), NULL, 0));
}

static void add_key(struct ike_creds *c)
{
	char *pem = pki_key_pem(pki_key("p256", 1), NULL);

	MUST(!ike_creds_add_key(c, pem, strlen(pem), NULL, NULL, why,
				sizeof(why)));
	free(pem);
}

static void file_again(struct ike_creds *c, void (*fill)(struct ike_creds *c))
{
	struct ike_creds *fresh = ike_creds_new();

	MUST(fresh);
	if (fill)
		fill(fresh);
	ike_creds_drop(c, IKE_CREDS_FILE);
	ike_creds_take(c, fresh, IKE_CREDS_FILE);
	EXPECT(!look(fresh).certs && !look(fresh).psks && !look(fresh).keys);
	ike_creds_free(fresh);
}

static void everything(struct ike_creds *c)
{
	add_cert(c, &ca, true);
	add_cert(c, &leaf, false);
	MUST(!ike_creds_add_crl(c, crl, crl_len, why, sizeof(why)));
	add_key(c);
	add_psk(c, "ike-1", "one");
	add_psk(c, "ike-2", "two");
}

static void the_file_is_replaced(void)
{
	struct ike_creds *c = ike_creds_new();
	struct looks l;

	once();
	file_again(c, everything);
	l = look(c);
	EXPECT(l.certs == 2 && l.anchors == 1 && l.keys == 1 && l.crls == 1);
	/* as they were loaded: the newest is first */
	EXPECT(!strcmp(l.names, "ike-2 ike-1 "));
	file_again(c, everything);
	l = look(c);
	EXPECT(l.certs == 2 && l.anchors == 1 && l.keys == 1 && l.crls == 1);
	EXPECT(!strcmp(l.names, "ike-2 ike-1 "));
	file_again(c, NULL);
	l = look(c);
	EXPECT(!l.certs && !l.anchors && !l.keys && !l.crls && !l.psks);
	ike_creds_free(c);
}

static void what_the_user_loaded_stays(void)
{
	struct ike_creds *c = ike_creds_new();
	struct looks l;

	once();
	/* the user first, then the file; and the other way round */
	for (int i = 0; i < 2; i++) {
		if (!i)
			everything(c);
		file_again(c, everything);
		if (i)
			everything(c);
		l = look(c);
		EXPECT(l.certs == 2 && l.anchors == 1 && l.keys == 1 &&
		       l.crls == 1 && l.psks == 2);
		file_again(c, NULL);
		l = look(c);
		EXPECT(l.certs == 2 && l.anchors == 1 && l.keys == 1 &&
		       l.crls == 1);
		ike_creds_clear(c);
	}
	ike_creds_free(c);
}

static void other_secret(struct ike_creds *c)
{
	add_psk(c, "ike-1", "another");
}

static void of_one_name_the_last_counts(void)
{
	struct ike_creds *c = ike_creds_new();

	add_psk(c, "ike-1", "one");
	add_psk(c, "vici", "of the user");
	file_again(c, other_secret);
	EXPECT(!strcmp(look(c).names, "ike-1 vici "));
	/* it is the file's now, and goes with it */
	file_again(c, NULL);
	EXPECT(!strcmp(look(c).names, "vici "));
	/* and the other way round */
	file_again(c, other_secret);
	add_psk(c, "ike-1", "one");
	file_again(c, NULL);
	EXPECT(!strcmp(look(c).names, "ike-1 vici "));
	ike_creds_free(c);
}

static void trust_is_of_who_gave_it(void)
{
	struct ike_creds *c = ike_creds_new(), *fresh = ike_creds_new();

	once();
	/* the user has it as a mere certificate, an authority trusts it */
	add_cert(c, &ca, false);
	EXPECT_EQ(look(c).anchors, 0);
	add_cert(fresh, &ca, true);
	ike_creds_take(c, fresh, IKE_CREDS_AUTHORITY);
	EXPECT(look(c).certs == 1 && look(c).anchors == 1);
	ike_creds_drop_cert(c, leaf.handle, IKE_CREDS_AUTHORITY);
	EXPECT_EQ(look(c).anchors, 1);
	ike_creds_drop_cert(c, ca.handle, IKE_CREDS_AUTHORITY);
	EXPECT(look(c).certs == 1 && look(c).anchors == 0);
	/* nobody else has it */
	add_cert(fresh, &leaf, false);
	ike_creds_take(c, fresh, IKE_CREDS_AUTHORITY);
	ike_creds_drop_cert(c, leaf.handle, IKE_CREDS_AUTHORITY);
	EXPECT_EQ(look(c).certs, 1);
	/* the user trusts it too */
	add_cert(fresh, &ca, true);
	ike_creds_take(c, fresh, IKE_CREDS_AUTHORITY);
	add_cert(c, &ca, true);
	ike_creds_drop_cert(c, ca.handle, IKE_CREDS_AUTHORITY);
	EXPECT_EQ(look(c).anchors, 1);
	ike_creds_free(fresh);
	ike_creds_free(c);
}

static const struct test_case cases[] = {
	{ "the_file_is_replaced", the_file_is_replaced },
	{ "what_the_user_loaded_stays", what_the_user_loaded_stays },
	{ "of_one_name_the_last_counts", of_one_name_the_last_counts },
	{ "trust_is_of_who_gave_it", trust_is_of_who_gave_it },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	int ret = suite_run("test_owners", cases, argc, argv);

	if (ca.cert) {
		pki_free(&ca);
		pki_free(&leaf);
		OPENSSL_free(crl);
	}
	return ret;
}
