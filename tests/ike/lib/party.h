/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: two sides that prove to each other who they are
 *
 * moon.example.org and sun.example.org, each with a store of its own; one
 * makes AUTH, the other checks it. Certificates come from two CAs of the same
 * name and an intermediate one.
 */
#ifndef TESTS_IKE_PARTY_H
#define TESTS_IKE_PARTY_H

#include "crypto/creds.h"
#include "pki.h"

#define ALL_HASHES 0x3c /* SHA-2 and IDENTITY, as bits of RFC 7427 */

extern char why[512]; /* of the last call below, or of a test's own */

/** id() - from text that is good */
struct ike_id id(const char *text);

/** struct talk - what AUTH is computed over, and the checking side's message */
struct talk {
	uint8_t msg[300], nonce[32], body[300], sk_p[64];
	struct ike_auth_in in;
	struct ike_auth_out out;
	struct ike_payloads pl;
};

void talk_begin(struct talk *t, const struct ike_id *i);
/** AUTH and CERT payloads from what the maker gave */
void talk_send(struct talk *t);

/** struct party - one side: its store and how it proves itself */
struct party {
	struct ike_creds *creds;
	struct ike_auth_conf conf;
	struct ike_id id;
};

void party_up(struct party *p, const char *name);
void add_key(struct ike_creds *creds, const struct pki_id *who);
void add_cert(struct ike_creds *creds, const struct pki_id *who, bool ca);
/** @a, @b: its owners; NULL: fewer */
void add_psk(struct party *p, const char *name, const char *secret,
	     const char *a, const char *b);
/** @from, @to: seconds around PKI_NOW */
void load_crl(struct party *p, const struct pki_id *issuer,
	      const struct pki_id *revoked, long from, long to);

/** @from proves to @to, which has @conf for it. -1000 - x: making failed by x
 */
int prove_at(struct talk *t, struct party *from, struct party *to,
	     const struct ike_auth_conf *conf, uint32_t hashes, time_t now);
int prove(struct party *from, struct party *to,
	  const struct ike_auth_conf *conf, uint32_t hashes);
/** says() - @part stands in @why */
void says(const char *part);

extern struct pki_id root, sub, other; /* @other is called like @root */
void make_cas(void);

extern const struct pki_spec moon_spec;
extern const struct ike_auth_conf anybody; /* by certificate */
/** moon, with @key below @ca, towards sun, who trusts the root */
void cert_parties(struct party *a, struct party *b, struct pki_id *moon,
		  EVP_PKEY *key, const struct pki_id *ca,
		  const struct pki_spec *spec);
void cert_done(struct party *a, struct party *b, struct pki_id *moon);

#endif /* TESTS_IKE_PARTY_H */
