/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: certificates for tests, made on the spot
 *
 * A failure in here ends the program: it is not what is being tested.
 */
#ifndef TESTS_IKE_PKI_H
#define TESTS_IKE_PKI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#define PKI_NOW 1800000000 /* the tests' idea of today */
#define PKI_DAY 86400

/** pki_key() - "rsa2048", "rsa1024", "p256", "p384", "p521", "ed25519",
 *  "ed448", "k256"; @n: another one of the kind; made once, kept for ever */
EVP_PKEY *pki_key(const char *kind, unsigned int n);

/**
 * struct pki_spec - @subject: "C=CH, O=x, CN=y", "" = empty
 * @san: as in openssl.cnf: "DNS:a.example.org,IP:192.0.2.1"
 * @usage: "digitalSignature,keyCertSign"; NULL: no such extension
 * @from, @to: seconds around PKI_NOW; both 0: a year each way
 * @md: NULL: the key's own or SHA-256
 */
struct pki_spec {
	const char *subject, *san, *usage;
	bool ca;
	long from, to;
	const char *md;
};

struct pki_id {
	EVP_PKEY *key; /* not owned */
	X509 *cert;
	uint8_t *der;
	size_t len;
	char handle[41];
};

/** pki_issue() - @issuer: NULL: self-signed */
void pki_issue(struct pki_id *id, EVP_PKEY *key, const struct pki_id *issuer,
	       const struct pki_spec *spec);
/** pki_chain() - a root, a CA below it unless @mid is NULL, and below that
 *  moon.example.org; nothing when they are there already */
void pki_chain(struct pki_id *root, struct pki_id *mid, struct pki_id *moon);
void pki_free(struct pki_id *id);
/** pki_crl() - DER, to be freed by OPENSSL_free(); @revoked: may be NULL;
 *  @from, @to: around PKI_NOW */
size_t pki_crl(const struct pki_id *issuer, const struct pki_id *revoked,
	       long from, long to, uint8_t **der);
/** pki_key_pem() - PKCS#8; @passphrase: NULL: not encrypted; free() it */
char *pki_key_pem(EVP_PKEY *key, const char *passphrase);
char *pki_cert_pem(X509 *cert);

#endif /* TESTS_IKE_PKI_H */
