/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the credential store holds, for the files of this room: lists, the
 * newest first, so that a certificate that was renewed is found before the old
 * one. @by of each entry: bits of enum ike_creds_by, never 0.
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
	unsigned int by;
};

/**
 * struct cert_entry - a certificate
 * @handle: SHA-1 of @der; @keyid: of the subjectPublicKey bit string; @spki:
 *          of the SubjectPublicKeyInfo
 * @anchor: chains may end here: bits of who said so
 */
struct cert_entry {
	struct cert_entry *next;
	X509 *x509;
	uint8_t *der;
	size_t len;
	char handle[41];
	char keyid[41];
	uint8_t spki[SHA1_LEN];
	unsigned int by, anchor;
};

struct crl_entry {
	struct crl_entry *next;
	X509_CRL *crl;
	uint8_t *der;
	size_t len;
	unsigned int by;
};

struct key_entry {
	struct key_entry *next;
	EVP_PKEY *pkey;
	char keyid[41];
	unsigned int by;
};

struct cert_cache;

struct ike_creds {
	struct cert_cache *cache; /* of peers' certificates; NULL: none */
	struct psk_entry *psks;
	struct cert_entry *certs;
	struct crl_entry *crls;
	struct key_entry *keys;
};

/* creds.c */
void creds_psk_free(struct psk_entry *e);
void creds_cert_free(struct cert_entry *e);
void creds_crl_free(struct crl_entry *e);
void creds_key_free(struct key_entry *e);
/** creds_keep_cert(), creds_keep_crl() - into the store, or into the one with
 * the same DER that is there: who loaded either of them has loaded it */
void creds_keep_cert(struct ike_creds *creds, struct cert_entry *e);
void creds_keep_crl(struct ike_creds *creds, struct crl_entry *e);
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

/* cert_cache.c; @c: may be NULL */
struct cert_cache *cert_cache_new(void);
void cert_cache_flush(struct cert_cache *c);
/** cert_cache_find() - one reference for the caller, or NULL */
X509 *cert_cache_find(struct cert_cache *c, const struct chunk *der);
void cert_cache_keep(struct cert_cache *c, const struct chunk *der, X509 *x509);

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
