// SPDX-License-Identifier: Apache-2.0
/*
 * The store of secrets, private keys, certificates and CRLs.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>
#include "crypto/store.h"

_Static_assert(SHA1_LEN == SHA_DIGEST_LENGTH, "SHA-1");

struct ike_creds *ike_creds_new(void)
{
	struct ike_creds *creds = calloc(1, sizeof(*creds));

	if (creds)
		creds->cache = cert_cache_new(); /* without one, slower */
	return creds;
}

void ike_creds_free(struct ike_creds *creds)
{
	if (!creds)
		return;
	ike_creds_clear(creds);
	free(creds->cache);
	free(creds);
}

void creds_psk_free(struct psk_entry *e)
{
	if (e->secret)
		OPENSSL_cleanse(e->secret, e->len);
	free(e->secret);
	free(e->owners);
	free(e->name);
	free(e);
}

void creds_cert_free(struct cert_entry *e)
{
	X509_free(e->x509);
	OPENSSL_free(e->der);
	free(e);
}

void creds_crl_free(struct crl_entry *e)
{
	X509_CRL_free(e->crl);
	OPENSSL_free(e->der);
	free(e);
}

void creds_key_free(struct key_entry *e)
{
	EVP_PKEY_free(e->pkey); /* clears it */
	free(e);
}

#define CLEAR(list, free_one)                                                  \
	do {                                                                   \
		while (list) {                                                 \
			__typeof__(list) next_ = (list)->next;                 \
			free_one(list);                                        \
			(list) = next_;                                        \
		}                                                              \
	} while (0)

void ike_creds_clear(struct ike_creds *creds)
{
	cert_cache_flush(creds->cache);
	CLEAR(creds->psks, creds_psk_free);
	CLEAR(creds->certs, creds_cert_free);
	CLEAR(creds->crls, creds_crl_free);
	CLEAR(creds->keys, creds_key_free);
}

void creds_fault(const char *what, char *why, size_t size)
{
	unsigned long err = ERR_peek_last_error();
	const char *reason = err ? ERR_reason_error_string(err) : NULL;

	snprintf(why, size, "%s: %s", what, reason ? reason : "not readable");
	ERR_clear_error();
}

static void hex(const uint8_t *p, size_t len, char *out)
{
	for (size_t i = 0; i < len; i++)
		snprintf(out + 2 * i, 3, "%02x", p[i]);
}

/* --------------------------------------------------------------------- PSKs */

int ike_creds_add_psk(struct ike_creds *creds, const char *name,
		      const void *secret, size_t len,
		      const struct ike_id *owners, unsigned int n)
{
	struct psk_entry *e;

	if (!len || !name)
		return -EINVAL;
	e = calloc(1, sizeof(*e));
	if (!e)
		return -ENOMEM;
	e->name = strdup(name);
	e->secret = malloc(len);
	e->owners = calloc(n ? n : 1, sizeof(*owners));
	if (!e->name || !e->secret || !e->owners) {
		creds_psk_free(e);
		return -ENOMEM;
	}
	e->len = len;
	e->n = n;
	e->by = IKE_CREDS_USER;
	memcpy(e->secret, secret, len);
	if (n)
		memcpy(e->owners, owners, n * sizeof(*owners));
	ike_creds_del_psk(creds, name);
	e->next = creds->psks;
	creds->psks = e;
	return 0;
}

int ike_creds_del_psk(struct ike_creds *creds, const char *name)
{
	for (struct psk_entry **p = &creds->psks; *p; p = &(*p)->next) {
		struct psk_entry *e = *p;

		if (strcmp(e->name, name))
			continue;
		*p = e->next;
		creds_psk_free(e);
		return 0;
	}
	return -ENOENT;
}

void ike_creds_each_psk(const struct ike_creds *creds,
			void (*f)(void *arg, const char *name), void *arg)
{
	for (const struct psk_entry *e = creds->psks; e; e = e->next)
		f(arg, e->name);
}

/* How well does one of the owners fit: 0 not, 1 for all, 2 a pattern, 3 itself
 */
static int fit(const struct psk_entry *e, const struct ike_id *id)
{
	int best = !e->n || id->type == ID_ANY;

	for (unsigned int i = 0; i < e->n; i++) {
		const struct ike_id *owner = &e->owners[i];
		int score = 0;

		if (owner->type == ID_ANY)
			score = 1;
		else if (ike_id_equal(id, owner))
			score = 3;
		else if (ike_id_match(id, owner))
			score = 2;
		if (score > best)
			best = score;
	}
	return best;
}

/*
 * The peer counts first. A secret with several owners is shared among them:
 * it is never used with somebody else, or one owner could pose as anybody. A
 * secret with one owner may name either side.
 */
const struct psk_entry *creds_psk(const struct ike_creds *creds,
				  const struct ike_id *me,
				  const struct ike_id *peer)
{
	const struct psk_entry *best = NULL;
	int best_rank = 0;

	for (const struct psk_entry *e = creds->psks; e; e = e->next) {
		int his = fit(e, peer), mine = fit(e, me);
		int rank = 4 * his + mine;

		if (!his && (e->n > 1 || !mine))
			continue;
		if (rank > best_rank) {
			best_rank = rank;
			best = e;
		}
	}
	return best;
}

/* ------------------------------------------------------------- certificates */

static bool is_pem(const void *data, size_t len)
{
	return memmem(data, len, "-----BEGIN", 10);
}

static int no_passphrase(char *buf, int size, int rwflag, void *arg)
{
	(void)buf, (void)size, (void)rwflag, (void)arg;
	return 0; /* never ask a terminal */
}

/* the next one of @bio, PEM or DER */
static X509 *next_x509(BIO *bio, bool pem)
{
	return pem ? PEM_read_bio_X509(bio, NULL, no_passphrase, NULL)
		   : d2i_X509_bio(bio, NULL);
}

static int cert_names(struct cert_entry *e)
{
	uint8_t digest[SHA1_LEN], *spki = NULL;
	unsigned int n = sizeof(digest);
	int len;

	SHA1(e->der, e->len, digest);
	hex(digest, SHA1_LEN, e->handle);
	if (!X509_pubkey_digest(e->x509, EVP_sha1(), digest, &n))
		return -EINVAL;
	hex(digest, SHA1_LEN, e->keyid);
	len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(e->x509), &spki);
	if (len <= 0)
		return -EINVAL;
	SHA1(spki, len, e->spki);
	OPENSSL_free(spki);
	return 0;
}

void creds_keep_cert(struct ike_creds *creds, struct cert_entry *e)
{
	struct cert_entry *o = creds->certs;

	while (o && (o->len != e->len || memcmp(o->der, e->der, e->len)))
		o = o->next;
	if (!o) {
		e->next = creds->certs;
		creds->certs = e;
		return;
	}
	o->by |= e->by;
	o->anchor |= e->anchor;
	creds_cert_free(e);
}

void creds_keep_crl(struct ike_creds *creds, struct crl_entry *e)
{
	struct crl_entry *o = creds->crls;

	while (o && (o->len != e->len || memcmp(o->der, e->der, e->len)))
		o = o->next;
	if (!o) {
		e->next = creds->crls;
		creds->crls = e;
		return;
	}
	o->by |= e->by;
	creds_crl_free(e);
}

/* takes over @x509 */
static int add_x509(struct ike_creds *creds, X509 *x509, bool ca, char *why,
		    size_t size)
{
	struct cert_entry *e = calloc(1, sizeof(*e));
	int len, kind;

	if (!e) {
		X509_free(x509);
		return -ENOMEM;
	}
	e->x509 = x509;
	e->by = IKE_CREDS_USER;
	e->anchor = ca ? IKE_CREDS_USER : 0;
	len = i2d_X509(x509, &e->der);
	if (len <= 0)
		goto bad;
	e->len = len;
	/* reads the extensions, which then are not written to any more */
	X509_check_purpose(x509, -1, 0);
	if (X509_get_extension_flags(x509) & EXFLAG_INVALID ||
	    !X509_get0_pubkey(x509) || cert_names(e))
		goto bad;
	kind = X509_check_ca(x509);
	if (ca && kind != 1 &&
	    kind != 3) { /* CA:TRUE, or a root of version 1 */
		snprintf(why, size,
			 "certificate is not that of a CA: basicConstraints "
			 "has to say CA:TRUE");
		goto fail;
	}
	creds_keep_cert(creds, e);
	return 0;
bad:
	creds_fault("certificate", why, size);
fail:
	creds_cert_free(e);
	return -EINVAL;
}

int ike_creds_add_cert(struct ike_creds *creds, const void *data, size_t len,
		       bool ca, char *why, size_t size)
{
	BIO *bio = BIO_new_mem_buf(data, len);
	bool pem = is_pem(data, len);
	unsigned int n = 0;
	X509 *x509;
	int rc = 0;

	if (!bio)
		return -ENOMEM;
	while (!rc && (x509 = next_x509(bio, pem))) {
		rc = add_x509(creds, x509, ca, why, size);
		n++;
		if (!pem)
			break;
	}
	if (!rc && !n) {
		creds_fault("certificate is neither PEM nor DER", why, size);
		rc = -EINVAL;
	}
	/* what stands after the last one must not be half a certificate */
	if (!rc && pem &&
	    ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) {
		creds_fault("certificate", why, size);
		rc = -EINVAL;
	}
	ERR_clear_error();
	BIO_free(bio);
	return rc;
}

int ike_creds_cert_handle(const void *data, size_t len, char handle[41])
{
	BIO *bio = BIO_new_mem_buf(data, len);
	X509 *x509 = bio ? next_x509(bio, is_pem(data, len)) : NULL;
	uint8_t digest[SHA1_LEN];
	unsigned int n = sizeof(digest);
	bool ok = x509 && X509_digest(x509, EVP_sha1(), digest, &n);

	if (ok)
		hex(digest, n, handle);
	X509_free(x509);
	BIO_free(bio);
	ERR_clear_error();
	return ok ? 0 : -EINVAL;
}

const struct cert_entry *creds_cert(const struct ike_creds *creds,
				    const char *handle)
{
	for (const struct cert_entry *e = creds->certs; e; e = e->next)
		if (!strcmp(e->handle, handle))
			return e;
	return NULL;
}

int ike_creds_add_crl(struct ike_creds *creds, const void *data, size_t len,
		      char *why, size_t size)
{
	BIO *bio = BIO_new_mem_buf(data, len);
	struct crl_entry *e = calloc(1, sizeof(*e));
	int n;

	if (!bio || !e) {
		BIO_free(bio);
		free(e);
		return -ENOMEM;
	}
	e->crl = is_pem(data, len)
			 ? PEM_read_bio_X509_CRL(bio, NULL, no_passphrase, NULL)
			 : d2i_X509_CRL_bio(bio, NULL);
	BIO_free(bio);
	n = e->crl ? i2d_X509_CRL(e->crl, &e->der) : 0;
	if (n <= 0) {
		creds_fault("CRL is neither PEM nor DER", why, size);
		creds_crl_free(e);
		return -EINVAL;
	}
	e->len = n;
	e->by = IKE_CREDS_USER;
	creds_keep_crl(creds, e);
	return 0;
}

void ike_creds_each_cert(const struct ike_creds *creds,
			 void (*f)(void *arg, enum ike_cert_kind kind,
				   unsigned int flags, const uint8_t *der,
				   size_t len),
			 void *arg)
{
	for (const struct cert_entry *e = creds->certs; e; e = e->next)
		f(arg, IKE_CERT_X509,
		  (X509_check_ca(e->x509) ? IKE_CERT_CA : 0) |
			  (e->anchor ? IKE_CERT_ANCHOR : 0) |
			  (creds_key(creds, e) ? IKE_CERT_HAS_KEY : 0),
		  e->der, e->len);
	for (const struct crl_entry *e = creds->crls; e; e = e->next)
		f(arg, IKE_CERT_X509_CRL, 0, e->der, e->len);
}

/* --------------------------------------------------------------------- keys */

static int give_passphrase(char *buf, int size, int rwflag, void *arg)
{
	const char *passphrase = arg;
	int len = passphrase ? strlen(passphrase) : 0;

	(void)rwflag;
	if (len > size)
		return -1;
	if (len)
		memcpy(buf, passphrase, len);
	return len;
}

static EVP_PKEY *read_key(const void *data, size_t len, const char *passphrase)
{
	BIO *bio = BIO_new_mem_buf(data, len);
	const uint8_t *p = data;
	EVP_PKEY *pkey = NULL;

	if (!bio)
		return NULL;
	if (is_pem(data, len))
		pkey = PEM_read_bio_PrivateKey(bio, NULL, give_passphrase,
					       (void *)passphrase);
	else
		pkey = d2i_AutoPrivateKey(NULL, &p, len);
	if (!pkey && !is_pem(data, len))
		pkey = d2i_PKCS8PrivateKey_bio(bio, NULL, give_passphrase,
					       (void *)passphrase);
	BIO_free(bio);
	return pkey;
}

static int key_name(EVP_PKEY *pkey, char keyid[41])
{
	X509_PUBKEY *pub = NULL;
	const uint8_t *bits;
	uint8_t digest[SHA1_LEN];
	int len, rc = -EINVAL;

	if (X509_PUBKEY_set(&pub, pkey) &&
	    X509_PUBKEY_get0_param(NULL, &bits, &len, NULL, pub)) {
		SHA1(bits, len, digest);
		hex(digest, SHA1_LEN, keyid);
		rc = 0;
	}
	X509_PUBKEY_free(pub);
	return rc;
}

int ike_creds_add_key(struct ike_creds *creds, const void *data, size_t len,
		      const char *passphrase, char keyid[41], char *why,
		      size_t size)
{
	struct key_entry *e = calloc(1, sizeof(*e));

	if (!e)
		return -ENOMEM;
	e->pkey = read_key(data, len, passphrase);
	if (!e->pkey || key_name(e->pkey, e->keyid)) {
		creds_fault(passphrase ? "private key, with its passphrase"
				       : "private key",
			    why, size);
		goto fail;
	}
	ERR_clear_error(); /* of formats that were tried */
	if (!cert_key_usable(e->pkey, why, size))
		goto fail;
	if (keyid)
		memcpy(keyid, e->keyid, sizeof(e->keyid));
	e->by = IKE_CREDS_USER;
	ike_creds_del_key(creds, e->keyid);
	e->next = creds->keys;
	creds->keys = e;
	return 0;
fail:
	creds_key_free(e);
	return -EINVAL;
}

int ike_creds_del_key(struct ike_creds *creds, const char *keyid)
{
	for (struct key_entry **p = &creds->keys; *p; p = &(*p)->next) {
		struct key_entry *e = *p;

		if (strcmp(e->keyid, keyid))
			continue;
		*p = e->next;
		creds_key_free(e);
		return 0;
	}
	return -ENOENT;
}

unsigned int ike_creds_keys(const struct ike_creds *creds, char (*keyids)[41],
			    unsigned int max)
{
	unsigned int n = 0;

	for (const struct key_entry *e = creds->keys; e; e = e->next, n++)
		if (n < max)
			memcpy(keyids[n], e->keyid, sizeof(e->keyid));
	return n;
}

EVP_PKEY *creds_key(const struct ike_creds *creds,
		    const struct cert_entry *cert)
{
	for (const struct key_entry *e = creds->keys; e; e = e->next)
		if (!strcmp(e->keyid, cert->keyid))
			return e->pkey;
	return NULL;
}
