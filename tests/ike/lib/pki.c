// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include "crypto/creds.h"
#include "pki.h"

#define NEED(cond)                                                             \
	do {                                                                   \
		if (!(cond)) {                                                 \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__,     \
				#cond);                                        \
			ERR_print_errors_fp(stderr);                           \
			abort();                                               \
		}                                                              \
	} while (0)

EVP_PKEY *pki_key(const char *kind, unsigned int n)
{
	static struct {
		char kind[16];
		unsigned int n;
		EVP_PKEY *key;
	} kept[64];
	unsigned int i = 0;
	EVP_PKEY *key = NULL;

	for (; i < 64 && kept[i].key; i++)
		if (!strcmp(kept[i].kind, kind) && kept[i].n == n)
			return kept[i].key;
	NEED(i < 64);
	if (!strncmp(kind, "rsa", 3))
		key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA",
					(size_t)atoi(kind + 3));
	else if (!strcmp(kind, "k256"))
		key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "secp256k1");
	else if (*kind == 'p')
		key = EVP_PKEY_Q_keygen(NULL, NULL, "EC",
					!strcmp(kind, "p256")	? "P-256"
					: !strcmp(kind, "p384") ? "P-384"
								: "P-521");
	else
		key = EVP_PKEY_Q_keygen(NULL, NULL,
					!strcmp(kind, "ed448") ? "ED448"
							       : "ED25519");
	NEED(key);
	snprintf(kept[i].kind, sizeof(kept[i].kind), "%s", kind);
	kept[i].n = n;
	kept[i].key = key;
	return key;
}

static void extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *ext;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	NEED(ext && X509_add_ext(cert, ext, -1));
	X509_EXTENSION_free(ext);
}

static void set_subject(X509 *cert, const char *subject)
{
	X509_NAME *name;
	struct ike_id id;
	const uint8_t *p = id.data;

	if (!*subject)
		return;
	NEED(!ike_id_from_text(subject, &id) && id.type == ID_DER_ASN1_DN);
	name = d2i_X509_NAME(NULL, &p, id.len);
	NEED(name && X509_set_subject_name(cert, name));
	X509_NAME_free(name);
}

static const EVP_MD *md_of(EVP_PKEY *key, const char *md)
{
	int type = EVP_PKEY_get_base_id(key);

	if (type == EVP_PKEY_ED25519 || type == EVP_PKEY_ED448)
		return NULL;
	return EVP_get_digestbyname(md ? md : "SHA256");
}

void pki_issue(struct pki_id *id, EVP_PKEY *key, const struct pki_id *issuer,
	       const struct pki_spec *spec)
{
	static long serial;
	X509 *cert = X509_new();
	X509 *by = issuer ? issuer->cert : cert;
	EVP_PKEY *by_key = issuer ? issuer->key : key;
	bool year = !spec->from && !spec->to;
	int len;

	NEED(cert && X509_set_version(cert, 2));
	ASN1_INTEGER_set(X509_get_serialNumber(cert), ++serial);
	set_subject(cert, spec->subject);
	X509_set_issuer_name(cert, X509_get_subject_name(by));
	ASN1_TIME_set(X509_getm_notBefore(cert),
		      PKI_NOW + (year ? -365 * PKI_DAY : spec->from));
	ASN1_TIME_set(X509_getm_notAfter(cert),
		      PKI_NOW + (year ? 365 * PKI_DAY : spec->to));
	NEED(X509_set_pubkey(cert, key));
	extension(cert, by, NID_basic_constraints,
		  spec->ca ? "critical,CA:TRUE" : "CA:FALSE");
	extension(cert, by, NID_subject_key_identifier, "hash");
	if (spec->usage)
		extension(cert, by, NID_key_usage, spec->usage);
	if (spec->san)
		extension(cert, by, NID_subject_alt_name, spec->san);
	NEED(X509_sign(cert, by_key, md_of(by_key, spec->md)));
	id->key = key;
	id->cert = cert;
	id->der = NULL;
	len = i2d_X509(cert, &id->der);
	NEED(len > 0);
	id->len = len;
	NEED(!ike_creds_cert_handle(id->der, id->len, id->handle));
}

void pki_chain(struct pki_id *root, struct pki_id *mid, struct pki_id *moon)
{
	static const struct pki_spec at_top = { .subject = "CN=root",
						.usage = "keyCertSign,cRLSign",
						.ca = true };
	static const struct pki_spec between = { .subject = "CN=between",
						 .usage = "keyCertSign,cRLSign",
						 .ca = true };
	static const struct pki_spec end = { .subject = "CN=moon",
					     .san = "DNS:moon.example.org" };

	if (root->cert)
		return;
	pki_issue(root, pki_key("p256", 0), NULL, &at_top);
	if (mid)
		pki_issue(mid, pki_key("p256", 1), root, &between);
	pki_issue(moon, pki_key("p256", 2), mid ? mid : root, &end);
}

void pki_free(struct pki_id *id)
{
	X509_free(id->cert);
	OPENSSL_free(id->der);
	memset(id, 0, sizeof(*id));
}

size_t pki_crl(const struct pki_id *issuer, const struct pki_id *revoked,
	       long from, long to, uint8_t **der)
{
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *t = ASN1_TIME_set(NULL, PKI_NOW + from);
	int len;

	NEED(crl && t && X509_CRL_set_version(crl, 1));
	X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer->cert));
	X509_CRL_set1_lastUpdate(crl, t);
	if (revoked) {
		X509_REVOKED *r = X509_REVOKED_new();

		X509_REVOKED_set_serialNumber(
			r, X509_get_serialNumber(revoked->cert));
		X509_REVOKED_set_revocationDate(r, t);
		NEED(X509_CRL_add0_revoked(crl, r));
	}
	ASN1_TIME_set(t, PKI_NOW + to);
	X509_CRL_set1_nextUpdate(crl, t);
	NEED(X509_CRL_sign(crl, issuer->key, md_of(issuer->key, NULL)));
	*der = NULL;
	len = i2d_X509_CRL(crl, der);
	NEED(len > 0);
	X509_CRL_free(crl);
	ASN1_TIME_free(t);
	return len;
}

static char *drain(BIO *bio)
{
	char *data, *text;
	long len = BIO_get_mem_data(bio, &data);

	text = strndup(data, len);
	NEED(text);
	BIO_free(bio);
	return text;
}

char *pki_key_pem(EVP_PKEY *key, const char *passphrase)
{
	BIO *bio = BIO_new(BIO_s_mem());

	NEED(PEM_write_bio_PKCS8PrivateKey(
		bio, key, passphrase ? EVP_aes_256_cbc() : NULL, NULL, 0, NULL,
		(void *)passphrase));
	return drain(bio);
}

char *pki_cert_pem(X509 *cert)
{
	BIO *bio = BIO_new(BIO_s_mem());

	NEED(PEM_write_bio_X509(bio, cert));
	return drain(bio);
}
