// SPDX-License-Identifier: Apache-2.0
/*
 * Certificates of peers: chain, validity, revocation, and who they speak for
 * (RFC 5280, RFC 4945). Trust comes from the configured CAs alone, never from
 * a list that the system has.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include "crypto/store.h"

/* OpenSSL's level of 112 bits: RSA from 2048 bits on, no SHA-1 */
#define AUTH_LEVEL 2
#define AUTH_BITS 112
#define CHAIN_DEPTH 10

/* --------------------------------------------------------------- identities */

static bool string_is(const ASN1_STRING *s, const struct ike_id *id)
{
	struct ike_id one = { .type = id->type };
	int len = ASN1_STRING_length(s);

	if (len < 0 || (size_t)len > sizeof(one.data))
		return false;
	one.len = len;
	memcpy(one.data, ASN1_STRING_get0_data(s), len);
	return ike_id_equal(&one, id);
}

static int name_id(const X509_NAME *name, struct ike_id *id)
{
	uint8_t *p = id->data;
	int len = i2d_X509_NAME(name, NULL);

	if (len <= 0 || (size_t)len > sizeof(id->data) ||
	    !X509_NAME_entry_count(name))
		return -ENOENT;
	id->type = ID_DER_ASN1_DN;
	id->len = i2d_X509_NAME(name, &p);
	return 0;
}

static bool alt_name_is(const GENERAL_NAME *gn, const struct ike_id *id)
{
	struct ike_id one;

	switch (gn->type) {
	case GEN_DNS:
		return id->type == ID_FQDN && string_is(gn->d.dNSName, id);
	case GEN_EMAIL:
		return id->type == ID_RFC822_ADDR &&
		       string_is(gn->d.rfc822Name, id);
	case GEN_IPADD:
		return (id->type == ID_IPV4_ADDR || id->type == ID_IPV6_ADDR) &&
		       string_is(gn->d.iPAddress, id);
	case GEN_DIRNAME:
		return id->type == ID_DER_ASN1_DN &&
		       !name_id(gn->d.directoryName, &one) &&
		       ike_id_equal(&one, id);
	default:
		return false;
	}
}

static bool key_id_is(X509 *cert, const struct ike_id *id)
{
	const ASN1_OCTET_STRING *skid = X509_get0_subject_key_id(cert);
	uint8_t digest[SHA1_LEN], *spki = NULL;
	unsigned int n = sizeof(digest);
	bool same = skid && string_is(skid, id);
	int len;

	if (same || id->len != SHA1_LEN)
		return same;
	if (X509_pubkey_digest(cert, EVP_sha1(), digest, &n) &&
	    !memcmp(digest, id->data, SHA1_LEN))
		return true;
	len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &spki);
	same = len > 0 && EVP_Digest(spki, len, digest, &n, EVP_sha1(), NULL) &&
	       !memcmp(digest, id->data, SHA1_LEN);
	OPENSSL_free(spki);
	return same;
}

int cert_subject(X509 *cert, struct ike_id *id)
{
	return name_id(X509_get_subject_name(cert), id);
}

/* Names come from subjectAltName, never from a common name (RFC 4945 section
 * 5.1.3.6, RFC 9525). */
bool cert_has_id(X509 *cert, const struct ike_id *id)
{
	GENERAL_NAMES *names;
	struct ike_id subject;
	bool found = false;

	if (id->type == ID_DER_ASN1_DN && !cert_subject(cert, &subject) &&
	    ike_id_equal(&subject, id))
		return true;
	if (id->type == ID_KEY_ID)
		return key_id_is(cert, id);
	names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	for (int i = 0; !found && i < sk_GENERAL_NAME_num(names); i++)
		found = alt_name_is(sk_GENERAL_NAME_value(names, i), id);
	GENERAL_NAMES_free(names);
	return found;
}

/* --------------------------------------------------------------------- keys */

bool cert_key_usable(EVP_PKEY *pkey, char *why, size_t size)
{
	char group[32] = "";

	switch (EVP_PKEY_get_base_id(pkey)) {
	case EVP_PKEY_RSA:
	case EVP_PKEY_RSA_PSS:
		if (EVP_PKEY_get_security_bits(pkey) >= AUTH_BITS)
			return true;
		snprintf(why, size, "RSA key of %d bits: at least 2048 needed",
			 EVP_PKEY_get_bits(pkey));
		return false;
	case EVP_PKEY_EC:
		EVP_PKEY_get_group_name(pkey, group, sizeof(group), NULL);
		if (!strcmp(group, SN_X9_62_prime256v1) ||
		    !strcmp(group, SN_secp384r1) ||
		    !strcmp(group, SN_secp521r1))
			return true;
		snprintf(why, size,
			 "ECDSA key on curve %s: P-256, P-384 or P-521 needed",
			 *group ? group : "of its own");
		return false;
	case EVP_PKEY_ED25519:
	case EVP_PKEY_ED448:
		return true;
	default:
		snprintf(why, size,
			 "key of type %s: RSA, ECDSA, Ed25519 or Ed448 needed",
			 EVP_PKEY_get0_type_name(pkey));
		return false;
	}
}

/* ------------------------------------------------------------------- chains */

void cert_chain(const struct ike_creds *creds, const struct cert_entry *cert,
		struct ike_auth_out *out)
{
	out->ncerts = 0;
	while (cert && !cert->anchor && out->ncerts < IKE_MAX_CERTS) {
		const struct cert_entry *issuer = creds->certs;

		out->cert[out->ncerts++] =
			(struct chunk){ cert->der, cert->len };
		while (issuer && (issuer == cert ||
				  X509_check_issued(issuer->x509, cert->x509)))
			issuer = issuer->next;
		if (X509_check_issued(cert->x509, cert->x509) == X509_V_OK)
			break; /* self-signed: nobody above it */
		cert = issuer;
	}
}

/**
 * struct verify - what the callback of a verification needs
 * @warn: for what is let pass
 */
struct verify {
	bool strict;
	char *warn;
	size_t size;
};

/* Revocation is known where a CRL of the issuer is loaded; only when it is
 * strict has it to be known. */
static int on_verify(int ok, X509_STORE_CTX *ctx)
{
	struct verify *v = X509_STORE_CTX_get_app_data(ctx);
	int err = X509_STORE_CTX_get_error(ctx);
	int depth = X509_STORE_CTX_get_error_depth(ctx);
	int top = sk_X509_num(X509_STORE_CTX_get0_chain(ctx)) - 1;

	if (ok)
		return 1;
	switch (err) {
	case X509_V_ERR_UNABLE_TO_GET_CRL:
		break;
	case X509_V_ERR_CRL_HAS_EXPIRED:
	case X509_V_ERR_CRL_NOT_YET_VALID:
		if (!v->strict)
			snprintf(v->warn, v->size, "CRL is out of date: %s",
				 X509_verify_cert_error_string(err));
		break;
	default:
		return 0;
	}
	/* the anchor is trusted because it is configured */
	if (v->strict && depth < top)
		return 0;
	X509_STORE_CTX_set_error(ctx, X509_V_OK);
	return 1;
}

static bool listed(const char (*handles)[41], unsigned int n,
		   const char *handle)
{
	for (unsigned int i = 0; i < n; i++)
		if (!strcasecmp(handles[i], handle))
			return true;
	return false;
}

static X509_STORE *anchors(const struct ike_creds *creds,
			   const struct ike_auth_conf *conf, unsigned int *n)
{
	X509_STORE *store = X509_STORE_new();

	*n = 0;
	for (const struct cert_entry *e = creds->certs; store && e;
	     e = e->next) {
		if (!e->anchor)
			continue;
		if (conf->ncacerts && !listed((const char(*)[41])conf->cacerts,
					      conf->ncacerts, e->handle))
			continue;
		if (X509_STORE_add_cert(store, e->x509))
			++*n;
	}
	for (const struct crl_entry *e = creds->crls; store && e; e = e->next)
		X509_STORE_add_crl(store, e->crl);
	return store;
}

/* Reading a certificate costs OpenSSL more than checking a signature with it:
 * what is loaded, and what a peer was believed with before, is not read again.
 */
static X509 *read_cert(const struct ike_creds *creds, const struct chunk *der)
{
	const uint8_t *p = der->p;
	X509 *x509;

	for (const struct cert_entry *e = creds->certs; e; e = e->next)
		if (e->len == der->len && !memcmp(e->der, der->p, e->len) &&
		    X509_up_ref(e->x509))
			return e->x509;
	x509 = cert_cache_find(creds->cache, der);
	if (x509)
		return x509;
	x509 = d2i_X509(NULL, &p, der->len);
	if (x509 && p == der->p + der->len)
		return x509;
	X509_free(x509);
	return NULL;
}

static bool loaded(const struct ike_creds *creds, const X509 *x509)
{
	const struct cert_entry *e = creds->certs;

	while (e && e->x509 != x509)
		e = e->next;
	return e;
}

/* Those of a message, in its order: what was not readable is NULL. */
struct sent {
	const struct chunk *der[IKE_MAX_CERTS];
	X509 *x509[IKE_MAX_CERTS];
	unsigned int n;
};

static void read_sent(const struct ike_creds *creds,
		      const struct ike_payloads *pl, struct sent *s)
{
	s->n = 0;
	for (unsigned int i = 0; i < pl->ncerts; i++) {
		if (pl->cert[i].encoding != CERT_X509_SIGNATURE)
			continue;
		s->der[s->n] = &pl->cert[i].data;
		s->x509[s->n++] = read_cert(creds, &pl->cert[i].data);
		/* without the first, OpenSSL's words are those about it */
		if (!s->x509[0])
			return;
	}
	ERR_clear_error();
}

/* @keep: the peer is believed */
static void sent_free(const struct ike_creds *creds, struct sent *s, bool keep)
{
	for (unsigned int i = 0; i < s->n; i++) {
		if (keep && s->x509[i] && !loaded(creds, s->x509[i]))
			cert_cache_keep(creds->cache, s->der[i], s->x509[i]);
		X509_free(s->x509[i]);
	}
}

/* intermediates: what the peer sent behind its own, and what is loaded */
static STACK_OF(X509) *
	helpers(const struct ike_creds *creds, const struct sent *s)
{
	STACK_OF(X509) *all = sk_X509_new_null();

	for (unsigned int i = 1; all && i < s->n; i++)
		if (s->x509[i] && X509_up_ref(s->x509[i]) &&
		    !sk_X509_push(all, s->x509[i]))
			X509_free(s->x509[i]);
	for (const struct cert_entry *e = creds->certs; all && e; e = e->next)
		if (!e->anchor && X509_check_ca(e->x509) &&
		    X509_up_ref(e->x509) && !sk_X509_push(all, e->x509))
			X509_free(e->x509);
	ERR_clear_error();
	return all;
}

static int verify_chain(const struct ike_creds *creds,
			const struct ike_auth_conf *conf, const struct sent *s,
			X509 *leaf, time_t now, char *why, size_t size)
{
	struct verify v = { conf->require_crl, why, size };
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	STACK_OF(X509) *untrusted = helpers(creds, s);
	X509_VERIFY_PARAM *param;
	unsigned int n = 0;
	X509_STORE *store = anchors(creds, conf, &n);
	unsigned long flags = X509_V_FLAG_PARTIAL_CHAIN;
	char subject[256];
	struct ike_id id;
	int rc = -ENOKEY, err;

	if (!n) {
		snprintf(why, size,
			 conf->ncacerts ? "none of the CAs named is loaded"
					: "no CA certificate is loaded");
		goto out;
	}
	if (!ctx || !untrusted || !store ||
	    !X509_STORE_CTX_init(ctx, store, leaf, untrusted)) {
		snprintf(why, size, "out of memory");
		goto out;
	}
	param = X509_STORE_CTX_get0_param(ctx);
	X509_VERIFY_PARAM_set_time(param, now);
	X509_VERIFY_PARAM_set_depth(param, CHAIN_DEPTH);
	X509_VERIFY_PARAM_set_auth_level(param, AUTH_LEVEL);
	if (creds->crls || conf->require_crl)
		flags |= X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;
	X509_VERIFY_PARAM_set_flags(param, flags);
	X509_STORE_CTX_set_app_data(ctx, &v);
	X509_STORE_CTX_set_verify_cb(ctx, on_verify);
	if (X509_verify_cert(ctx) > 0) {
		rc = 0;
		goto out;
	}
	err = X509_STORE_CTX_get_error(ctx);
	*subject = 0;
	if (X509_STORE_CTX_get_current_cert(ctx) &&
	    !cert_subject(X509_STORE_CTX_get_current_cert(ctx), &id))
		ike_id_text(&id, subject, sizeof(subject));
	snprintf(why, size, "certificate \"%s\": %s", subject,
		 X509_verify_cert_error_string(err));
out:
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	sk_X509_pop_free(untrusted, X509_free);
	ERR_clear_error();
	return rc;
}

/* ----------------------------------------------------------- the peer's own */

static bool same_cert(X509 *x509, const struct cert_entry *e)
{
	return e && !X509_cmp(x509, e->x509);
}

/* For a certificate that is named itself there is no chain to look at. */
static int verify_named(const struct ike_creds *creds,
			const struct ike_auth_conf *conf, X509 *leaf,
			time_t now, char *why, size_t size)
{
	bool named = false;
	X509_REVOKED *rev;

	for (unsigned int i = 0; !named && i < conf->ncerts; i++)
		named = same_cert(leaf, creds_cert(creds, conf->certs[i]));
	if (!named) {
		snprintf(why, size,
			 "certificate is none of those named for this peer");
		return -ENOKEY;
	}
	if (X509_cmp_time(X509_get0_notBefore(leaf), &now) >= 0 ||
	    X509_cmp_time(X509_get0_notAfter(leaf), &now) <= 0) {
		snprintf(why, size,
			 "certificate is not yet valid or has expired");
		return -ENOKEY;
	}
	for (const struct crl_entry *e = creds->crls; e; e = e->next)
		if (!X509_NAME_cmp(X509_CRL_get_issuer(e->crl),
				   X509_get_issuer_name(leaf)) &&
		    X509_CRL_get0_by_cert(e->crl, &rev, leaf) == 1) {
			snprintf(why, size, "certificate revoked");
			return -ENOKEY;
		}
	return 0;
}

/* The first CERT payload has the key that signed (RFC 7296 section 3.6);
 * without any, one of our own store may speak for the peer. */
static X509 *peer_cert(const struct ike_creds *creds,
		       const struct ike_auth_conf *conf,
		       const struct ike_id *id, const struct sent *s, char *why,
		       size_t size)
{
	if (s->n) {
		if (s->x509[0] && X509_up_ref(s->x509[0]))
			return s->x509[0];
		creds_fault("certificate of the peer", why, size);
		return NULL;
	}
	for (const struct cert_entry *e = creds->certs; e; e = e->next)
		if ((!conf->ncerts || listed((const char(*)[41])conf->certs,
					     conf->ncerts, e->handle)) &&
		    cert_has_id(e->x509, id) && X509_up_ref(e->x509))
			return e->x509;
	snprintf(why, size,
		 "the peer sent no certificate and none is loaded for it");
	return NULL;
}

int cert_trusted(const struct ike_creds *creds,
		 const struct ike_auth_conf *conf, const struct ike_id *id,
		 const struct ike_payloads *pl, time_t now, EVP_PKEY **key,
		 char *why, size_t size)
{
	char text[256];
	struct sent sent;
	uint32_t usage;
	X509 *leaf;
	int rc = -ENOKEY;

	read_sent(creds, pl, &sent);
	leaf = peer_cert(creds, conf, id, &sent, why, size);
	if (!leaf)
		goto out;
	rc = conf->ncerts ? verify_named(creds, conf, leaf, now, why, size) : 0;
	if (!rc && (!conf->ncerts || conf->ncacerts || conf->require_crl))
		rc = verify_chain(creds, conf, &sent, leaf, now, why, size);
	if (rc)
		goto out;
	rc = -ENOKEY;
	/* absent means all (RFC 4945 section 5.1.3.2) */
	usage = X509_get_key_usage(leaf);
	if (!(usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION))) {
		snprintf(why, size,
			 "keyUsage of the certificate has no digitalSignature");
		goto out;
	}
	if (!cert_has_id(leaf, id)) {
		snprintf(why, size,
			 "the certificate does not speak for identity \"%s\"",
			 ike_id_text(id, text, sizeof(text)));
		goto out;
	}
	*key = X509_get_pubkey(leaf);
	if (!*key) {
		creds_fault("key of the certificate", why, size);
		goto out;
	}
	if (!cert_key_usable(*key, why, size)) {
		EVP_PKEY_free(*key);
		goto out;
	}
	rc = 0;
out:
	sent_free(creds, &sent, !rc);
	X509_free(leaf);
	ERR_clear_error();
	return rc;
}
