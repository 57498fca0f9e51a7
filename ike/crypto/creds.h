/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: who we are and whom we believe
 *
 * Identities (RFC 7296 section 3.5), secrets, keys, certificates and CRLs,
 * and the AUTH payload (2.15, RFC 4754, RFC 7427, RFC 8420).
 */
#ifndef IKE_CRYPTO_CREDS_H
#define IKE_CRYPTO_CREDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include "wire/message.h"
#include "crypto/suite.h"

/** struct ike_id - @type ID_ANY: matches all; @len bytes at @data */
struct ike_id {
	uint8_t type;
	uint16_t len;
	uint8_t data[512];
};

/**
 * ike_id_from_text() - "192.0.2.1", "moon.example.org", "a@b.org", "CN=x,
 * O=y" (a DN), "@#hex" (key id), "%any"; prefixes fqdn: email: ipv4: ipv6:
 * asn1dn: keyid: and a leading @ (FQDN) as in swanctl.conf
 */
int ike_id_from_text(const char *text, struct ike_id *id);
const char *ike_id_text(const struct ike_id *id, char *buf, size_t size);
bool ike_id_equal(const struct ike_id *a, const struct ike_id *b);
/** ike_id_match() - does @id fit @pattern, which may be ID_ANY, "*.example.org"
 *  or a DN with "*" as a value? */
bool ike_id_match(const struct ike_id *id, const struct ike_id *pattern);

struct ike_creds;

struct ike_creds *ike_creds_new(void);
void ike_creds_free(struct ike_creds *creds);
/** ike_creds_clear() - what swanctl --clear-creds or a reload takes away */
void ike_creds_clear(struct ike_creds *creds);

/** enum ike_creds_by - who has loaded something: more than one may have. What
 *  the functions below add is the user's. */
enum ike_creds_by {
	IKE_CREDS_USER = 1, /* over VICI */
	IKE_CREDS_FILE = 2, /* the daemon's own file */
	IKE_CREDS_AUTHORITY = 4, /* over VICI, as the CA of an authority */
};
/** ike_creds_take() - all of @from goes over, as @by's; a secret takes the
 * place of one of its name. Needs no memory, so that it cannot fail half-way.
 */
void ike_creds_take(struct ike_creds *creds, struct ike_creds *from,
		    enum ike_creds_by by);
/** ike_creds_drop() - @by has loaded nothing any more: what nobody else has
 *  loaded goes, and who is trusted because of @by alone is not trusted */
void ike_creds_drop(struct ike_creds *creds, enum ike_creds_by by);
/** ike_creds_drop_cert() - likewise with one certificate */
void ike_creds_drop_cert(struct ike_creds *creds, const char *handle,
			 enum ike_creds_by by);

/** ike_creds_add_psk() - in place of one of that name; @owners: none = any
 *  peer. Return: 0, -EINVAL when it is empty, -ENOMEM */
int ike_creds_add_psk(struct ike_creds *creds, const char *name,
		      const void *secret, size_t len,
		      const struct ike_id *owners, unsigned int n);
int ike_creds_del_psk(struct ike_creds *creds, const char *name);
/** ike_creds_each_psk() - their names, for VICI get-shared */
void ike_creds_each_psk(const struct ike_creds *creds,
			void (*f)(void *arg, const char *name), void *arg);
/** PEM (all that are in it) or DER; @ca: a trust anchor, else an end entity or
 *  intermediate; what is there already stays */
int ike_creds_add_cert(struct ike_creds *creds, const void *data, size_t len,
		       bool ca, char *why, size_t size);
/** ike_creds_cert_handle() - hex of SHA-1 over the DER of a certificate, PEM
 *  (the first) or DER: how struct ike_auth_conf names it. -EINVAL */
int ike_creds_cert_handle(const void *data, size_t len, char handle[41]);
int ike_creds_add_crl(struct ike_creds *creds, const void *data, size_t len,
		      char *why, size_t size);
/** PEM or DER private key; @keyid: hex of SHA-1 over the subjectPublicKey, as
 *  VICI names keys, may be NULL */
int ike_creds_add_key(struct ike_creds *creds, const void *data, size_t len,
		      const char *passphrase, char keyid[41], char *why,
		      size_t size);
int ike_creds_del_key(struct ike_creds *creds, const char *keyid);
unsigned int ike_creds_keys(const struct ike_creds *creds, char (*keyids)[41],
			    unsigned int max);

enum ike_cert_kind { IKE_CERT_X509, IKE_CERT_X509_CRL };
enum { IKE_CERT_CA = 1, IKE_CERT_ANCHOR = 2, IKE_CERT_HAS_KEY = 4 };
/** ike_creds_each_cert() - for VICI list-certs: DER of each */
void ike_creds_each_cert(const struct ike_creds *creds,
			 void (*f)(void *arg, enum ike_cert_kind kind,
				   unsigned int flags, const uint8_t *der,
				   size_t len),
			 void *arg);

/* --------------------------------------------------------------------- AUTH */

/**
 * struct ike_auth_conf - one side of a connection, as configured
 * @psk: by secret, else by certificate
 * @id: ours: what we say (ID_ANY: subject of the certificate or the address);
 *      peer's: what it has to say
 * @cert: SHA-1 (hex) of DER certificates loaded for this side; none = any
 *        whose identity fits
 * @cacerts: likewise: CAs that the peer's chain has to end at; none = any
 * @certs of the peer: it has to show one of these, and is believed without a
 *        chain: whoever names a certificate trusts it
 * @schemes: words joined by "-": "pubkey", "rsa", "rsa/pss", "ecdsa",
 *           "ed25519", "ed448", each with the hashes "sha256", "sha384",
 *           "sha512" that may go with it: what is accepted or used, best
 *           first; NULL = all that is sound
 */
struct ike_auth_conf {
	bool psk;
	struct ike_id id;
	char (*certs)[41];
	unsigned int ncerts;
	char (*cacerts)[41];
	unsigned int ncacerts;
	char *schemes;
	bool require_crl; /* revocation = strict: no fresh CRL, no peer */
};

/**
 * struct ike_auth_in - what AUTH covers (RFC 7296 section 2.15)
 * @msg: first message of the signer, @nonce: of the other side, @id_body:
 *       signer's ID payload from its type on, @sk_p: SK_pi or SK_pr
 */
struct ike_auth_in {
	uint16_t prf;
	struct chunk msg, nonce, id_body;
	const uint8_t *sk_p;
};

/**
 * struct ike_auth_out - payloads that prove who we are
 * @cert: DER, end entity first, without the anchor; points into @creds
 */
struct ike_auth_out {
	uint8_t method;
	uint8_t data[1024];
	size_t len;
	struct chunk cert[IKE_MAX_CERTS];
	unsigned int ncerts;
};

/** ike_auth_schemes_check() - -EINVAL and @why names the word and what may
 *  stand there */
int ike_auth_schemes_check(const char *schemes, char *why, size_t size);
/**
 * ike_auth_identity() - the identity we will say: configured or from the
 * certificate; ID_ANY with a PSK and none configured: the caller says its
 * address. -ENOENT: no certificate or key fits; @why says which is missing
 */
int ike_auth_identity(const struct ike_creds *creds,
		      const struct ike_auth_conf *conf, struct ike_id *id,
		      char *why, size_t size);
/**
 * ike_auth_make() - our AUTH
 * @peer_hashes: bit n: hash n of RFC 7427 was announced by the peer; 0: use
 *               the methods of RFC 7296 and RFC 4754
 * @peer: whom we talk to, picks the PSK
 */
int ike_auth_make(const struct ike_creds *creds,
		  const struct ike_auth_conf *conf, const struct ike_id *id,
		  const struct ike_id *peer, const struct ike_auth_in *in,
		  uint32_t peer_hashes, struct ike_auth_out *out, char *why,
		  size_t size);
/**
 * ike_auth_check() - the peer's AUTH
 * @pl: its message: AUTH and CERT payloads
 * @now: wall clock, for certificates
 * Return: 0; -EACCES the proof fails, -ENOKEY nothing to check it with or the
 * chain is not accepted; @why has the reason for our own log only. With 0,
 * @why is empty or a warning (a CRL that is out of date).
 */
int ike_auth_check(const struct ike_creds *creds,
		   const struct ike_auth_conf *conf, const struct ike_id *id,
		   const struct ike_id *my_id, const struct ike_auth_in *in,
		   const struct ike_payloads *pl, time_t now, char *why,
		   size_t size);
/** ike_auth_certreq() - SHA-1 of the public keys of our anchors (3.7);
 *  Return: bytes */
size_t ike_auth_certreq(const struct ike_creds *creds, uint8_t *out,
			size_t cap);
/** ike_auth_hashes() - body of our SIGNATURE_HASH_ALGORITHMS; bytes */
size_t ike_auth_hashes(uint8_t *out, size_t cap);

#endif /* IKE_CRYPTO_CREDS_H */
