/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the credential store holds, for the files of this room: lists, the
 * newest first, so that a certificate that was renewed is found before the old
 * one.
 */
#ifndef IKE_CRYPTO_STORE_H
#define IKE_CRYPTO_STORE_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include "crypto/creds.h"

#define SHA1_LEN 20

struct psk_entry {
	struct psk_entry *next;
	char *name;
	uint8_t *secret;
	size_t len;
	struct ike_id *owners;
	unsigned int n;
};

/**
 * struct cert_entry - a certificate
 * @handle: SHA-1 of @der; @keyid: of the subjectPublicKey bit string; @spki:
 *          of the SubjectPublicKeyInfo
 * @anchor: chains may end here
 */
struct cert_entry {
	struct cert_entry *next;
	X509 *x509;
	uint8_t *der;
	size_t len;
	char handle[41];
	char keyid[41];
	uint8_t spki[SHA1_LEN];
	bool anchor;
};

struct crl_entry {
	struct crl_entry *next;
	X509_CRL *crl;
	uint8_t *der;
	size_t len;
};

struct key_entry {
	struct key_entry *next;
	EVP_PKEY *pkey;
	char keyid[41];
};

struct ike_creds {
	struct psk_entry *psks;
	struct cert_entry *certs;
	struct crl_entry *crls;
	struct key_entry *keys;
};

/** creds_psk() - the secret that fits both identities best, or NULL */
const struct psk_entry *creds_psk(const struct ike_creds *creds,
				  const struct ike_id *me,
				  const struct ike_id *peer);
/** creds_key() - of a certificate, or NULL */
EVP_PKEY *creds_key(const struct ike_creds *creds,
		    const struct cert_entry *cert);
const struct cert_entry *creds_cert(const struct ike_creds *creds,
				    const char *handle);
/** creds_fault() - OpenSSL's own words for the log, its queue left empty */
void creds_fault(const char *what, char *why, size_t size);

/* cert.c */

/** cert_has_id() - does @cert speak for @id (RFC 7296 section 4, RFC 4945)? */
bool cert_has_id(X509 *cert, const struct ike_id *id);
/** cert_subject() - its DN, -ENOENT when that is empty */
int cert_subject(X509 *cert, struct ike_id *id);
/** cert_key_usable() - strong enough, and for signing: else @why */
bool cert_key_usable(EVP_PKEY *pkey, char *why, size_t size);
/** cert_chain() - @cert and its intermediates, as CERT payloads */
void cert_chain(const struct ike_creds *creds, const struct cert_entry *cert,
		struct ike_auth_out *out);
/**
 * cert_trusted() - the key of the peer
 * @key: 0: one reference for the caller
 */
int cert_trusted(const struct ike_creds *creds,
		 const struct ike_auth_conf *conf, const struct ike_id *id,
		 const struct ike_payloads *pl, time_t now, EVP_PKEY **key,
		 char *why, size_t size);

/* sig.c */

/** sig_make() - AUTH by signature, -EOPNOTSUPP: no scheme suits both sides */
int sig_make(EVP_PKEY *pkey, const char *schemes, uint32_t peer_hashes,
	     const uint8_t *octets, size_t len, struct ike_auth_out *out,
	     char *why, size_t size);
/** sig_check() - 0 or -EACCES */
int sig_check(EVP_PKEY *pkey, const char *schemes, uint8_t method,
	      const struct chunk *auth, const uint8_t *octets, size_t len,
	      char *why, size_t size);

#endif /* IKE_CRYPTO_STORE_H */
