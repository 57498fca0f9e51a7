// SPDX-License-Identifier: Apache-2.0
/*
 * The AUTH payload (RFC 7296 section 2.15): what it covers, the shared secret,
 * and which certificate we show.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <openssl/crypto.h>
#include "crypto/store.h"

static const char key_pad[] = "Key Pad for IKEv2"; /* without its NUL */

/* prf(SK_p, ID'): binds the identity to this SA */
static int maced_id(const struct ike_auth_in *in, uint8_t *out)
{
	return ike_prf(in->prf, in->sk_p, ike_prf_len(in->prf), &in->id_body, 1,
		       out);
}

/* AUTH = prf(prf(secret, pad), msg | nonce | MACedID) */
static int psk_auth(const struct psk_entry *psk, const struct ike_auth_in *in,
		    uint8_t *out)
{
	uint8_t key[IKE_KEY_MAX], maced[IKE_KEY_MAX];
	unsigned int len = ike_prf_len(in->prf);
	const struct chunk pad = { (const uint8_t *)key_pad,
				   sizeof(key_pad) - 1 };
	const struct chunk octets[] = { in->msg, in->nonce, { maced, len } };
	int rc;

	rc = ike_prf(in->prf, psk->secret, psk->len, &pad, 1, key);
	if (!rc)
		rc = maced_id(in, maced);
	if (!rc)
		rc = ike_prf(in->prf, key, len, octets, 3, out);
	OPENSSL_cleanse(key, sizeof(key));
	OPENSSL_cleanse(maced, sizeof(maced));
	return rc;
}

/* What is signed, in one piece: EdDSA reads it twice. */
static uint8_t *signed_octets(const struct ike_auth_in *in, size_t *len)
{
	unsigned int prf_len = ike_prf_len(in->prf);
	uint8_t *buf;

	*len = in->msg.len + in->nonce.len + prf_len;
	buf = malloc(*len);
	if (!buf)
		return NULL;
	memcpy(buf, in->msg.p, in->msg.len);
	memcpy(buf + in->msg.len, in->nonce.p, in->nonce.len);
	if (maced_id(in, buf + in->msg.len + in->nonce.len)) {
		free(buf);
		return NULL;
	}
	return buf;
}

static void no_psk(const struct ike_id *me, const struct ike_id *peer,
		   char *why, size_t size)
{
	char a[160], b[160];

	snprintf(why, size, "no shared secret for \"%s\" and \"%s\"",
		 ike_id_text(me, a, sizeof(a)),
		 ike_id_text(peer, b, sizeof(b)));
}

/* ----------------------------------------------------------------- our side */

/* certificates that we could show for @id, one after the other */
static const struct cert_entry *next_own(const struct ike_creds *creds,
					 const struct ike_auth_conf *conf,
					 const struct ike_id *id,
					 const struct cert_entry *prev)
{
	const struct cert_entry *e = prev ? prev->next : creds->certs;

	for (; e; e = e->next) {
		bool named = !conf->ncerts;

		for (unsigned int i = 0; !named && i < conf->ncerts; i++)
			named = !strcasecmp(conf->certs[i], e->handle);
		if (named && creds_key(creds, e) &&
		    (id->type == ID_ANY || cert_has_id(e->x509, id)))
			return e;
	}
	return NULL;
}

static void no_own(const struct ike_creds *creds,
		   const struct ike_auth_conf *conf, char *why, size_t size)
{
	static const struct ike_id any;
	char text[256];

	if (!creds->keys)
		snprintf(why, size, "no private key is loaded");
	else if (!next_own(creds, conf, &any, NULL))
		snprintf(why, size, "no %scertificate has a private key",
			 conf->ncerts ? "configured " : "");
	else
		snprintf(why, size,
			 "no certificate with a key speaks for \"%s\"",
			 ike_id_text(&conf->id, text, sizeof(text)));
}

int ike_auth_identity(const struct ike_creds *creds,
		      const struct ike_auth_conf *conf, struct ike_id *id,
		      char *why, size_t size)
{
	const struct cert_entry *cert;
	struct ike_id subject;

	*id = conf->id;
	if (conf->psk)
		return 0;
	cert = next_own(creds, conf, &conf->id, NULL);
	if (!cert) {
		no_own(creds, conf, why, size);
		return -ENOENT;
	}
	if (conf->id.type != ID_ANY && conf->id.type != ID_DER_ASN1_DN)
		return 0;
	/* a name is said as the certificate writes it: peers may compare
	 * bytes */
	if (!cert_subject(cert->x509, &subject) &&
	    ike_id_match(&subject, &conf->id)) {
		*id = subject;
		return 0;
	}
	if (conf->id.type != ID_ANY)
		return 0;
	snprintf(why, size,
		 "the certificate has an empty subject: id has to be "
		 "configured");
	return -ENOENT;
}

int ike_auth_make(const struct ike_creds *creds,
		  const struct ike_auth_conf *conf, const struct ike_id *id,
		  const struct ike_id *peer, const struct ike_auth_in *in,
		  uint32_t peer_hashes, struct ike_auth_out *out, char *why,
		  size_t size)
{
	const struct cert_entry *cert = NULL;
	const struct psk_entry *psk;
	uint8_t *octets;
	size_t len;
	int rc;

	out->ncerts = 0;
	if (conf->psk) {
		psk = creds_psk(creds, id, peer);
		if (!psk) {
			no_psk(id, peer, why, size);
			return -ENOENT;
		}
		out->method = AUTH_PSK;
		out->len = ike_prf_len(in->prf);
		return psk_auth(psk, in, out->data);
	}
	cert = next_own(creds, conf, id, NULL);
	if (!cert) {
		no_own(creds, conf, why, size);
		return -ENOENT;
	}
	octets = signed_octets(in, &len);
	if (!octets)
		return -ENOMEM;
	do {
		rc = sig_make(creds_key(creds, cert), conf->schemes,
			      peer_hashes, octets, len, out, why, size);
		if (!rc)
			cert_chain(creds, cert, out);
	} while (rc == -EOPNOTSUPP && (cert = next_own(creds, conf, id, cert)));
	free(octets);
	return rc;
}

/* ----------------------------------------------------------- the other side */

static int check_psk(const struct ike_creds *creds, const struct ike_id *id,
		     const struct ike_id *my_id, const struct ike_auth_in *in,
		     const struct chunk *auth, char *why, size_t size)
{
	const struct psk_entry *psk = creds_psk(creds, my_id, id);
	uint8_t want[IKE_KEY_MAX];
	int rc;

	if (!psk) {
		no_psk(my_id, id, why, size);
		return -ENOKEY;
	}
	rc = psk_auth(psk, in, want);
	if (!rc && (auth->len != ike_prf_len(in->prf) ||
		    CRYPTO_memcmp(want, auth->p, auth->len))) {
		snprintf(why, size, "the peer has another shared secret");
		rc = -EACCES;
	}
	OPENSSL_cleanse(want, sizeof(want));
	return rc;
}

int ike_auth_check(const struct ike_creds *creds,
		   const struct ike_auth_conf *conf, const struct ike_id *id,
		   const struct ike_id *my_id, const struct ike_auth_in *in,
		   const struct ike_payloads *pl, time_t now, char *why,
		   size_t size)
{
	const struct chunk auth = pl->auth.data;
	char said[256], wanted[256];
	EVP_PKEY *pkey = NULL;
	uint8_t *octets;
	size_t len;
	int rc;

	if (size)
		*why = 0;
	if (!ike_has(pl, PL_AUTH)) {
		snprintf(why, size, "the peer sent no AUTH payload");
		return -EACCES;
	}
	if (id->type == ID_ANY || !ike_id_match(id, &conf->id)) {
		snprintf(why, size, "the peer is \"%s\", expected \"%s\"",
			 ike_id_text(id, said, sizeof(said)),
			 ike_id_text(&conf->id, wanted, sizeof(wanted)));
		return -EACCES;
	}
	if (conf->psk != (pl->auth.method == AUTH_PSK)) {
		snprintf(why, size,
			 "authentication method %u of the peer, configured is "
			 "%s",
			 pl->auth.method,
			 conf->psk ? "the shared secret (2)" : "a signature");
		return -EACCES;
	}
	if (conf->psk)
		return check_psk(creds, id, my_id, in, &auth, why, size);
	rc = cert_trusted(creds, conf, id, pl, now, &pkey, why, size);
	if (rc)
		return rc;
	octets = signed_octets(in, &len);
	rc = -ENOMEM;
	if (octets) {
		rc = sig_check(pkey, conf->schemes, pl->auth.method, &auth,
			       octets, len, why, size);
		OPENSSL_cleanse(octets, len);
	}
	free(octets);
	EVP_PKEY_free(pkey);
	return rc;
}

/* -------------------------------------------------------- what goes with it */

size_t ike_auth_certreq(const struct ike_creds *creds, uint8_t *out, size_t cap)
{
	size_t len = 0;

	for (const struct cert_entry *e = creds->certs; e; e = e->next) {
		if (!e->anchor || len + SHA1_LEN > cap)
			continue;
		memcpy(out + len, e->spki, SHA1_LEN);
		len += SHA1_LEN;
	}
	return len;
}

size_t ike_auth_hashes(uint8_t *out, size_t cap)
{
	/* no SHA-1 (RFC 8247 section 3.2) */
	static const uint8_t hashes[] = { HASH_SHA2_256, HASH_SHA2_384,
					  HASH_SHA2_512, HASH_IDENTITY };
	size_t len = 0;

	for (unsigned int i = 0; i < sizeof(hashes) && len + 2 <= cap; i++) {
		out[len++] = 0;
		out[len++] = hashes[i];
	}
	return len;
}
