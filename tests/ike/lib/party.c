// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>
#include <openssl/rand.h>
#include "party.h"
#include "suite.h"

char why[512];

struct ike_id id(const char *text)
{
	struct ike_id i;

	if (ike_id_from_text(text, &i)) {
		printf("\n    identity \"%s\" was not read\n", text);
		abort();
	}
	return i;
}

void talk_begin(struct talk *t, const struct ike_id *i)
{
	memset(t, 0, sizeof(*t));
	RAND_bytes(t->msg, sizeof(t->msg));
	RAND_bytes(t->nonce, sizeof(t->nonce));
	RAND_bytes(t->sk_p, sizeof(t->sk_p));
	t->body[0] = i->type;
	memcpy(t->body + 4, i->data, i->len);
	t->in = (struct ike_auth_in){
		.prf = PRF_HMAC_SHA2_256,
		.msg = { t->msg, sizeof(t->msg) },
		.nonce = { t->nonce, sizeof(t->nonce) },
		.id_body = { t->body, 4 + i->len },
		.sk_p = t->sk_p,
	};
}

void talk_send(struct talk *t)
{
	memset(&t->pl, 0, sizeof(t->pl));
	t->pl.present = 1ull << (PL_AUTH - PL_SA);
	t->pl.auth.method = t->out.method;
	t->pl.auth.data = (struct chunk){ t->out.data, t->out.len };
	for (unsigned int i = 0; i < t->out.ncerts; i++) {
		t->pl.cert[i].encoding = CERT_X509_SIGNATURE;
		t->pl.cert[i].data = t->out.cert[i];
	}
	t->pl.ncerts = t->out.ncerts;
}

void add_key(struct ike_creds *creds, const struct pki_id *who)
{
	char *pem = pki_key_pem(who->key, NULL);

	MUST(!ike_creds_add_key(creds, pem, strlen(pem), NULL, NULL, why,
				sizeof(why)));
	free(pem);
}

void add_cert(struct ike_creds *creds, const struct pki_id *who, bool ca)
{
	MUST(!ike_creds_add_cert(creds, who->der, who->len, ca, why,
				 sizeof(why)));
}

void party_up(struct party *p, const char *name)
{
	memset(p, 0, sizeof(*p));
	p->creds = ike_creds_new();
	MUST(p->creds);
	p->conf.id = p->id = id(name);
}

void add_psk(struct party *p, const char *name, const char *secret,
	     const char *a, const char *b)
{
	struct ike_id owners[2];
	unsigned int n = 0;

	if (a)
		owners[n++] = id(a);
	if (b)
		owners[n++] = id(b);
	MUST(!ike_creds_add_psk(p->creds, name, secret, strlen(secret), owners,
				n));
}

void load_crl(struct party *p, const struct pki_id *issuer,
	      const struct pki_id *revoked, long from, long to)
{
	uint8_t *der;
	size_t len = pki_crl(issuer, revoked, from, to, &der);

	MUST(!ike_creds_add_crl(p->creds, der, len, why, sizeof(why)));
	OPENSSL_free(der);
}

int prove_at(struct talk *t, struct party *from, struct party *to,
	     const struct ike_auth_conf *conf, uint32_t hashes, time_t now)
{
	int rc;

	*why = 0;
	talk_begin(t, &from->id);
	rc = ike_auth_make(from->creds, &from->conf, &from->id, &to->id, &t->in,
			   hashes, &t->out, why, sizeof(why));
	if (rc)
		return -1000 + rc;
	talk_send(t);
	return ike_auth_check(to->creds, conf, &from->id, &to->id, &t->in,
			      &t->pl, now, why, sizeof(why));
}

int prove(struct party *from, struct party *to,
	  const struct ike_auth_conf *conf, uint32_t hashes)
{
	static struct talk t;

	return prove_at(&t, from, to, conf, hashes, PKI_NOW);
}

void says(const char *part)
{
	bool found = strstr(why, part);

	EXPECT(found);
	if (!found)
		printf("\n    \"%s\" is not in \"%s\"\n", part, why);
}

struct pki_id root, sub, other;

void make_cas(void)
{
	static const struct pki_spec r = {
		.subject = "C=CH, O=Espalier, CN=Root",
		.usage = "critical,keyCertSign,cRLSign",
		.ca = true,
	};
	static const struct pki_spec s = {
		.subject = "C=CH, O=Espalier, CN=Sub",
		.usage = "critical,keyCertSign,cRLSign",
		.ca = true,
	};

	if (root.cert)
		return;
	pki_issue(&root, pki_key("p256", 100), NULL, &r);
	pki_issue(&sub, pki_key("p256", 101), &root, &s);
	pki_issue(&other, pki_key("p256", 102), NULL, &r); /* same name */
}

const struct pki_spec moon_spec = {
	.subject = "C=CH, O=Espalier, CN=moon",
	.san = "DNS:moon.example.org,email:admin@moon.example.org,IP:192.0.2.1,"
	       "IP:2001:db8::1",
	.usage = "digitalSignature",
};

void cert_parties(struct party *a, struct party *b, struct pki_id *moon,
		  EVP_PKEY *key, const struct pki_id *ca,
		  const struct pki_spec *spec)
{
	make_cas();
	pki_issue(moon, key, ca, spec ? spec : &moon_spec);
	party_up(a, "moon.example.org");
	party_up(b, "sun.example.org");
	memset(&a->conf.id, 0, sizeof(a->conf.id));
	add_key(a->creds, moon);
	add_cert(a->creds, moon, false);
	add_cert(a->creds, &root, true);
	add_cert(a->creds, &sub, false);
	add_cert(b->creds, &root, true);
}

void cert_done(struct party *a, struct party *b, struct pki_id *moon)
{
	ike_creds_free(a->creds);
	ike_creds_free(b->creds);
	pki_free(moon);
}

const struct ike_auth_conf anybody;
