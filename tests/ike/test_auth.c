// SPDX-License-Identifier: Apache-2.0
/*
 * Identities, the credential store, certificates and AUTH: one side makes, the
 * other checks, with certificates made here.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include "crypto/store.h"
#include "pki.h"
#include "suite.h"

#define ALL_HASHES 0x3c /* SHA-2 and IDENTITY, as bits of RFC 7427 */

static char why[512];

static struct ike_id id(const char *text)
{
	struct ike_id i;

	if (ike_id_from_text(text, &i)) {
		printf("\n    identity \"%s\" was not read\n", text);
		abort();
	}
	return i;
}

/* --------------------------------------------------------------- identities */

static void ids_from_text(void)
{
	static const struct {
		const char *text;
		uint8_t type;
		const char *back;
	} good[] = {
		{ "192.0.2.1", ID_IPV4_ADDR, "192.0.2.1" },
		{ "2001:db8::1", ID_IPV6_ADDR, "2001:db8::1" },
		{ "moon.example.org", ID_FQDN, "moon.example.org" },
		{ "@moon.example.org", ID_FQDN, "moon.example.org" },
		{ "fqdn:192.0.2.1", ID_FQDN, "192.0.2.1" },
		{ "a@b.example.org", ID_RFC822_ADDR, "a@b.example.org" },
		{ "@@a@b", ID_RFC822_ADDR, "a@b" },
		{ "email:x", ID_RFC822_ADDR, "x" },
		{ "@#01ab", ID_KEY_ID, "@#01ab" },
		{ "keyid:#ff", ID_KEY_ID, "@#ff" },
		{ "keyid:abc", ID_KEY_ID, "@#616263" },
		{ "%any", ID_ANY, "%any" },
		{ "ipv4:10.0.0.1", ID_IPV4_ADDR, "10.0.0.1" },
		{ "ipv6:::1", ID_IPV6_ADDR, "::1" },
		{ "CN=moon", ID_DER_ASN1_DN, "CN=moon" },
		{ "C=CH, O=x y,CN=moon", ID_DER_ASN1_DN,
		  "C=CH, O=x y, CN=moon" },
		{ "/C=CH/CN=a,b", ID_DER_ASN1_DN, "C=CH, CN=a\\,b" },
		{ "C=CH, O=a\\, b, CN=m=n", ID_DER_ASN1_DN,
		  "C=CH, O=a\\, b, CN=m=n" },
		{ "asn1dn:#300c310a300806035504030c0178", ID_DER_ASN1_DN,
		  "CN=x" },
		{ "CN=x, E=a@b, SN=7, S=Doe", ID_DER_ASN1_DN,
		  "CN=x, E=a@b, SN=7, S=Doe" },
	};
	static const char *const bad[] = {
		"",	  "@",	      "@#",	   "@#0",	    "@#xy",
		"ipv4:x", "ipv6:1.2", "1:2:3",	   "C=Switzerland", "CN=",
		"=x",	  "nosuch=x", "CN=a, foo", "asn1dn:",
	};
	char buf[200];
	struct ike_id i;

	for (unsigned int k = 0; k < sizeof(good) / sizeof(good[0]); k++) {
		i = id(good[k].text);
		EXPECT_EQ(i.type, good[k].type);
		EXPECT(!strcmp(ike_id_text(&i, buf, sizeof(buf)),
			       good[k].back));
		if (strcmp(buf, good[k].back))
			printf("\n    \"%s\" gave \"%s\"\n", good[k].text, buf);
	}
	for (unsigned int k = 0; k < sizeof(bad) / sizeof(bad[0]); k++) {
		int rc = ike_id_from_text(bad[k], &i);

		EXPECT_EQ(rc, (uint64_t)-EINVAL);
		if (!rc)
			printf("\n    \"%s\" was taken\n", bad[k]);
	}
	/* what a peer sends cannot write to the terminal */
	i = (struct ike_id){ ID_FQDN, 4, "a\033[m" };
	EXPECT(!strcmp(ike_id_text(&i, buf, sizeof(buf)), "a\\x1b[m"));
	EXPECT(!strcmp(ike_id_text(&i, buf, 4), "a"
						"\\x"
						"") ||
	       strlen(buf) == 3);
	i = (struct ike_id){ ID_DER_ASN1_DN, 2, { 0x31, 5 } };
	EXPECT(!strcmp(ike_id_text(&i, buf, sizeof(buf)), "asn1dn:#3105"));
	i = (struct ike_id){ ID_IPV4_ADDR, 3, { 1, 2, 3 } };
	EXPECT(strstr(ike_id_text(&i, buf, sizeof(buf)), "010203"));
}

static bool match(const char *a, const char *pattern)
{
	struct ike_id i = id(a), p = id(pattern);

	return ike_id_match(&i, &p);
}

static void ids_compared(void)
{
	struct ike_id a, b;

	EXPECT(match("moon.example.org", "MOON.example.ORG"));
	EXPECT(!match("moon.example.org", "moon.example.com"));
	EXPECT(!match("moon.example.org", "keyid:moon.example.org"));
	EXPECT(match("moon.example.org", "*.example.org"));
	EXPECT(!match("example.org", "*.example.org"));
	EXPECT(!match("moonexample.org", "*.example.org"));
	EXPECT(!match("*.example.org", "moon.example.org"));
	EXPECT(match("a@example.org", "*@example.org"));
	EXPECT(!match("a@example.com", "*@example.org"));
	EXPECT(match("a@EXAMPLE.org", "a@example.org"));
	EXPECT(!match("A@example.org", "a@example.org"));
	EXPECT(match("192.0.2.1", "%any"));
	EXPECT(!match("192.0.2.1", "192.0.2.2"));
	EXPECT(match("C=CH, O=x, CN=moon", "C=CH, O=x, CN=*"));
	EXPECT(match("C=CH, O=x, CN=moon", "C=*, O=x, CN=moon"));
	EXPECT(!match("C=CH, O=x, CN=moon", "C=CH, CN=*"));
	EXPECT(!match("C=CH, O=x, CN=moon", "C=CH, O=y, CN=*"));
	EXPECT(!match("C=CH, O=x, CN=moon", "O=x, C=CH, CN=*"));
	EXPECT(!match("C=CH, O=x, OU=moon", "C=CH, O=x, CN=*"));
	/* the same name as another string type: PrintableString, UTF8String */
	a = id("asn1dn:#300c310a300806035504030c0178");
	b = id("asn1dn:#300c310a30080603550403130178");
	EXPECT(ike_id_equal(&a, &b));
	/* a zero byte ends no name */
	a = (struct ike_id){ ID_FQDN, 6, "moon\0x" };
	b = (struct ike_id){ ID_FQDN, 6, "moon\0y" };
	EXPECT(!ike_id_equal(&a, &b));
	b = id("moon");
	EXPECT(!ike_id_equal(&a, &b));
	a = (struct ike_id){ ID_FQDN, 19, "evil\0x.example.org" };
	a.len = 18;
	b = id("*.example.org");
	EXPECT(!ike_id_match(&a, &b));
	/* a DN that is none matches nothing but itself */
	a = (struct ike_id){ ID_DER_ASN1_DN, 2, { 0x31, 5 } };
	b = id("CN=*");
	EXPECT(!ike_id_match(&a, &b));
	EXPECT(ike_id_equal(&a, &a));
}

/* ---------------------------------------------------------------- the frame */

/** struct talk - what AUTH is computed over, and the checking side's message */
struct talk {
	uint8_t msg[300], nonce[32], body[300], sk_p[64];
	struct ike_auth_in in;
	struct ike_auth_out out;
	struct ike_payloads pl;
};

static void talk_begin(struct talk *t, const struct ike_id *i)
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

/* AUTH and CERT payloads from what the maker gave */
static void talk_send(struct talk *t)
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

/** struct party - one side: its store and how it proves itself */
struct party {
	struct ike_creds *creds;
	struct ike_auth_conf conf;
	struct ike_id id;
};

static void add_key(struct ike_creds *creds, const struct pki_id *who)
{
	char *pem = pki_key_pem(who->key, NULL);

	MUST(!ike_creds_add_key(creds, pem, strlen(pem), NULL, NULL, why,
				sizeof(why)));
	free(pem);
}

static void add_cert(struct ike_creds *creds, const struct pki_id *who, bool ca)
{
	MUST(!ike_creds_add_cert(creds, who->der, who->len, ca, why,
				 sizeof(why)));
}

static void party_up(struct party *p, const char *name)
{
	memset(p, 0, sizeof(*p));
	p->creds = ike_creds_new();
	MUST(p->creds);
	p->conf.id = p->id = id(name);
}

/* @from proves to @to, which has @conf for it. -1000 - x: making failed by x */
static int prove_at(struct talk *t, struct party *from, struct party *to,
		    const struct ike_auth_conf *conf, uint32_t hashes,
		    time_t now)
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

static int prove(struct party *from, struct party *to,
		 const struct ike_auth_conf *conf, uint32_t hashes)
{
	static struct talk t;

	return prove_at(&t, from, to, conf, hashes, PKI_NOW);
}

static void says(const char *part)
{
	bool found = strstr(why, part);

	EXPECT(found);
	if (!found)
		printf("\n    \"%s\" is not in \"%s\"\n", part, why);
}

/* --------------------------------------------------------------------- PSKs */

static void add_psk(struct party *p, const char *name, const char *secret,
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

static void psk_parties(struct party *a, struct party *b)
{
	party_up(a, "moon.example.org");
	party_up(b, "sun.example.org");
	a->conf.psk = b->conf.psk = true;
}

static void ike_30_psk(void)
{
	struct party a, b;
	struct ike_auth_conf any = { .psk = true };

	psk_parties(&a, &b);
	EXPECT_EQ(prove(&a, &b, &any, 0), (uint64_t)(-1000 - ENOENT));
	says("no shared secret");
	add_psk(&a, "x", "correct horse", "moon.example.org",
		"sun.example.org");
	EXPECT_EQ(prove(&a, &b, &any, 0), (uint64_t)-ENOKEY);
	says("moon.example.org");
	add_psk(&b, "y", "correct horse", "moon.example.org", NULL);
	EXPECT_EQ(prove(&a, &b, &any, 0), 0);
	EXPECT_EQ(prove(&b, &a, &any, ALL_HASHES), 0);
	/* the right name only */
	EXPECT_EQ(prove(&a, &b, &b.conf, 0), (uint64_t)-EACCES);
	says("expected \"sun.example.org\"");
	EXPECT_EQ(prove(&a, &b, &a.conf, 0), 0);
	/* another secret */
	add_psk(&b, "y", "correct Horse", "moon.example.org", NULL);
	EXPECT_EQ(prove(&a, &b, &any, 0), (uint64_t)-EACCES);
	says("another shared secret");
	EXPECT_EQ(ike_creds_del_psk(b.creds, "y"), 0);
	EXPECT_EQ(ike_creds_del_psk(b.creds, "y"), (uint64_t)-ENOENT);
	EXPECT_EQ(prove(&a, &b, &any, 0), (uint64_t)-ENOKEY);
	EXPECT_EQ(ike_creds_add_psk(b.creds, "y", "", 0, NULL, 0),
		  (uint64_t)-EINVAL);
	ike_creds_free(a.creds);
	ike_creds_free(b.creds);
}

/* AUTH as RFC 7296 section 2.15 writes it, and every input counts */
static void ike_30_psk_octets(void)
{
	uint8_t inner[64], maced[64], data[400], want[64];
	struct ike_auth_conf any = { .psk = true };
	struct party a, b;
	struct talk t;
	size_t n;

	psk_parties(&a, &b);
	add_psk(&a, "x", "secret", NULL, NULL);
	add_psk(&b, "x", "secret", NULL, NULL);
	EXPECT_EQ(prove_at(&t, &a, &b, &any, 0, PKI_NOW), 0);
	EXPECT_EQ(t.out.method, AUTH_PSK);
	EXPECT_EQ(t.out.len, 32);
	EXPECT_EQ(t.out.ncerts, 0);
	MUST(EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, "secret", 6,
		       (const uint8_t *)"Key Pad for IKEv2", 17, inner, 64,
		       &n));
	MUST(EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, t.sk_p, 32, t.body,
		       t.in.id_body.len, maced, 64, &n));
	memcpy(data, t.msg, 300);
	memcpy(data + 300, t.nonce, 32);
	memcpy(data + 332, maced, 32);
	MUST(EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, inner, 32, data, 364,
		       want, 64, &n));
	EXPECT(!memcmp(t.out.data, want, 32));

	uint8_t *const parts[] = { t.msg,	 t.msg + 299,	 t.nonce,
				   t.nonce + 31, t.body,	 t.body + 3,
				   t.body + 4,	 t.sk_p,	 t.sk_p + 31,
				   t.out.data,	 t.out.data + 31 };
	for (unsigned int i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		*parts[i] ^= 4;
		EXPECT_EQ(ike_auth_check(b.creds, &any, &a.id, &b.id, &t.in,
					 &t.pl, PKI_NOW, why, sizeof(why)),
			  (uint64_t)-EACCES);
		*parts[i] ^= 4;
	}
	for (size_t len = 0; len < 32; len++) {
		t.pl.auth.data.len = len;
		EXPECT_EQ(ike_auth_check(b.creds, &any, &a.id, &b.id, &t.in,
					 &t.pl, PKI_NOW, why, sizeof(why)),
			  (uint64_t)-EACCES);
	}
	ike_creds_free(a.creds);
	ike_creds_free(b.creds);
}

static bool picks(struct party *p, const char *me, const char *peer,
		  const char *name)
{
	struct ike_id m = id(me), o = id(peer);
	const struct psk_entry *e = creds_psk(p->creds, &m, &o);
	bool right = name ? e && !strcmp(e->name, name) : !e;

	if (!right)
		printf("\n    %s, %s: %s\n", me, peer, e ? e->name : "none");
	return right;
}

static void psk_of_the_right_owner(void)
{
	struct party p;

	party_up(&p, "moon");
	add_psk(&p, "pair", "1", "moon", "sun");
	add_psk(&p, "his", "2", "venus", NULL);
	add_psk(&p, "zone", "3", "*.example.org", NULL);
	EXPECT(picks(&p, "moon", "sun", "pair"));
	EXPECT(picks(&p, "moon", "venus", "his"));
	EXPECT(picks(&p, "moon", "a.example.org", "zone"));
	/* what moon and sun share is for nobody else */
	EXPECT(picks(&p, "moon", "mars", NULL));
	EXPECT(picks(&p, "moon", "%any", "pair"));
	add_psk(&p, "one", "4", "a.example.org", NULL);
	EXPECT(picks(&p, "moon", "a.example.org", "one"));
	add_psk(&p, "mine", "5", "moon", NULL);
	EXPECT(picks(&p, "moon", "mars", "mine"));
	EXPECT(picks(&p, "earth", "mars", NULL));
	EXPECT(picks(&p, "moon", "sun", "pair"));
	add_psk(&p, "all", "6", NULL, NULL);
	EXPECT(picks(&p, "earth", "mars", "all"));
	EXPECT(picks(&p, "moon", "venus", "his"));
	ike_creds_free(p.creds);
}

/* --------------------------------------------------------------- signatures */

static struct pki_id root, sub, other;

static void make_cas(void)
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

static const struct pki_spec moon_spec = {
	.subject = "C=CH, O=Espalier, CN=moon",
	.san = "DNS:moon.example.org,email:admin@moon.example.org,IP:192.0.2.1,"
	       "IP:2001:db8::1",
	.usage = "digitalSignature",
};

/* moon, with @key below @ca, towards sun, who trusts the root */
static void cert_parties(struct party *a, struct party *b, struct pki_id *moon,
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

static void cert_done(struct party *a, struct party *b, struct pki_id *moon)
{
	ike_creds_free(a->creds);
	ike_creds_free(b->creds);
	pki_free(moon);
}

static const struct ike_auth_conf anybody; /* by certificate */

static void every_part_counts(struct talk *t, struct party *a, struct party *b)
{
	uint8_t *const parts[] = { t->msg,  t->msg + 299, t->nonce,
				   t->body, t->sk_p + 31, t->out.data };
	size_t len = t->out.len;
	/* each byte of the AlgorithmIdentifier, some of the signature */
	size_t head = t->out.method == AUTH_DIGITAL_SIG ? t->out.data[0] : 0;

	for (unsigned int i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		*parts[i] ^= 4;
		EXPECT_EQ(ike_auth_check(b->creds, &anybody, &a->id, &b->id,
					 &t->in, &t->pl, PKI_NOW, why,
					 sizeof(why)),
			  (uint64_t)-EACCES);
		EXPECT(*why);
		*parts[i] ^= 4;
	}
	for (size_t at = 0; at < len; at += at <= head ? 1 : 29) {
		t->out.data[at] ^= 0x10;
		EXPECT_EQ(ike_auth_check(b->creds, &anybody, &a->id, &b->id,
					 &t->in, &t->pl, PKI_NOW, why,
					 sizeof(why)),
			  (uint64_t)-EACCES);
		t->out.data[at] ^= 0x10;
		t->pl.auth.data.len = at;
		EXPECT_EQ(ike_auth_check(b->creds, &anybody, &a->id, &b->id,
					 &t->in, &t->pl, PKI_NOW, why,
					 sizeof(why)),
			  (uint64_t)-EACCES);
		t->pl.auth.data.len = len;
	}
	EXPECT_EQ(ike_auth_check(b->creds, &anybody, &a->id, &b->id, &t->in,
				 &t->pl, PKI_NOW, why, sizeof(why)),
		  0);
}

/* @alg: last byte of the algorithm's OID, at its place in AUTH */
static const struct {
	const char *key, *schemes;
	uint32_t hashes;
	uint8_t method;
	unsigned int at;
	uint8_t alg;
} signs[] = {
	/* PSS first, the smallest hash that the peer has */
	{ "rsa2048", NULL, ALL_HASHES, AUTH_DIGITAL_SIG, 13, 0x0a },
	{ "rsa2048", NULL, 0x10, AUTH_DIGITAL_SIG, 13, 0x0a },
	{ "rsa2048", "rsa/pss-sha512", ALL_HASHES, AUTH_DIGITAL_SIG, 13, 0x0a },
	{ "rsa2048", "rsa", ALL_HASHES, AUTH_DIGITAL_SIG, 13, 0x0b },
	{ "rsa2048", "rsa-sha384", ALL_HASHES, AUTH_DIGITAL_SIG, 13, 0x0c },
	{ "rsa2048", "ike:rsa-sha512", ALL_HASHES, AUTH_DIGITAL_SIG, 13, 0x0d },
	{ "rsa3072", NULL, 0, AUTH_RSA_SIG, 0, 0 },
	/* as strong as the curve */
	{ "p256", NULL, ALL_HASHES, AUTH_DIGITAL_SIG, 12, 2 },
	{ "p384", NULL, ALL_HASHES, AUTH_DIGITAL_SIG, 12, 3 },
	{ "p521", NULL, ALL_HASHES, AUTH_DIGITAL_SIG, 12, 4 },
	{ "p256", NULL, 0x10, AUTH_DIGITAL_SIG, 12, 4 },
	{ "p384", NULL, 0x04, AUTH_DIGITAL_SIG, 12, 2 },
	{ "p256", "ecdsa-sha384", ALL_HASHES, AUTH_DIGITAL_SIG, 12, 3 },
	{ "p256", NULL, 0, AUTH_ECDSA_256, 0, 0 },
	{ "p384", NULL, 0, AUTH_ECDSA_384, 0, 0 },
	{ "p521", NULL, 0, AUTH_ECDSA_521, 0, 0 },
	{ "ed25519", NULL, ALL_HASHES, AUTH_DIGITAL_SIG, 7, 0x70 },
	{ "ed448", NULL, ALL_HASHES, AUTH_DIGITAL_SIG, 7, 0x71 },
	{ "ed25519", "ecdsa-ed25519", 0x20, AUTH_DIGITAL_SIG, 7, 0x70 },
};

static void ike_30_signatures(void)
{
	static struct talk t;
	struct pki_id moon;
	struct party a, b;

	for (unsigned int i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		cert_parties(&a, &b, &moon, pki_key(signs[i].key, 0), &root,
			     NULL);
		a.conf.schemes = (char *)signs[i].schemes;
		EXPECT_EQ(prove_at(&t, &a, &b, &anybody, signs[i].hashes,
				   PKI_NOW),
			  0);
		if (*why)
			printf("\n    %s: %s\n", signs[i].key, why);
		EXPECT_EQ(t.out.method, signs[i].method);
		if (signs[i].at)
			EXPECT_EQ(t.out.data[signs[i].at], signs[i].alg);
		EXPECT_EQ(t.out.ncerts, 1);
		every_part_counts(&t, &a, &b);
		cert_done(&a, &b, &moon);
	}
}

static void ike_30_only_announced_hashes(void)
{
	static const struct {
		const char *key, *schemes;
		uint32_t hashes;
	} none[] = {
		{ "ed25519", NULL, 0 }, /* no method for it then */
		{ "ed25519", NULL, 0x1c }, /* no IDENTITY */
		{ "p256", NULL, 0x02 }, /* SHA-1 alone */
		{ "rsa2048", NULL, 0x20 }, /* IDENTITY alone */
		{ "p256", "rsa", ALL_HASHES }, /* not this key */
		{ "p256", "ecdsa-sha512", 0x04 },
		{ "rsa2048", "rsa-sha256", 0 }, /* SHA-1 was not asked for */
	};
	struct pki_id moon;
	struct party a, b;

	for (unsigned int i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		cert_parties(&a, &b, &moon, pki_key(none[i].key, 0), &root,
			     NULL);
		a.conf.schemes = (char *)none[i].schemes;
		EXPECT_EQ(prove(&a, &b, &anybody, none[i].hashes),
			  (uint64_t)(-1000 - EOPNOTSUPP));
		says("suits");
		cert_done(&a, &b, &moon);
	}
}

/* What the other side demands. */
static void schemes_demanded(void)
{
	static const struct {
		const char *key, *use, *demand;
		uint32_t hashes;
		bool ok;
	} all[] = {
		{ "rsa2048", NULL, "rsa", ALL_HASHES, true },
		{ "rsa2048", "rsa", "rsa/pss", ALL_HASHES, false },
		{ "rsa2048", "rsa/pss", "rsa/pss-sha256", ALL_HASHES, true },
		{ "rsa2048", "rsa/pss", "rsa/pss-sha384-sha512", ALL_HASHES,
		  false },
		{ "rsa2048", NULL, "rsa-sha256", 0, false },
		{ "rsa2048", NULL, "rsa", 0, true },
		{ "rsa2048", NULL, "pubkey-sha256", ALL_HASHES, true },
		{ "p256", NULL, "rsa-ecdsa", ALL_HASHES, true },
		{ "p256", NULL, "rsa", ALL_HASHES, false },
		{ "p256", NULL, "ecdsa-sha384", ALL_HASHES, false },
		{ "p256", NULL, "ecdsa-sha256", 0, true },
		{ "p384", NULL, "ecdsa-sha256", 0, false },
		{ "ed448", NULL, "eddsa", ALL_HASHES, true },
		{ "ed448", NULL, "ed25519", ALL_HASHES, false },
	};
	struct ike_auth_conf conf = { 0 };
	struct pki_id moon;
	struct party a, b;

	for (unsigned int i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		cert_parties(&a, &b, &moon, pki_key(all[i].key, 0), &root,
			     NULL);
		a.conf.schemes = (char *)all[i].use;
		conf.schemes = (char *)all[i].demand;
		EXPECT_EQ(prove(&a, &b, &conf, all[i].hashes),
			  (uint64_t)(all[i].ok ? 0 : -EACCES));
		cert_done(&a, &b, &moon);
	}
	EXPECT_EQ(ike_auth_schemes_check("rsa/pss-sha256, ecdsa", why, 100), 0);
	EXPECT_EQ(ike_auth_schemes_check(NULL, why, 100), 0);
	EXPECT_EQ(ike_auth_schemes_check("", why, sizeof(why)),
		  (uint64_t)-EINVAL);
	EXPECT_EQ(ike_auth_schemes_check("rsa-md5", why, sizeof(why)),
		  (uint64_t)-EINVAL);
	says("\"md5\"");
	EXPECT_EQ(ike_auth_schemes_check("sha256", why, sizeof(why)),
		  (uint64_t)-EINVAL);
	EXPECT_EQ(ike_auth_schemes_check("rsa-sha1", why, sizeof(why)),
		  (uint64_t)-EINVAL);
}

/* AUTH of method 14 that others make: @alg: AlgorithmIdentifier in hex */
static int crafted(const char *key, const char *alg, const char *md, int salt,
		   const char *mgf)
{
	static struct talk t;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx;
	uint8_t data[364];
	struct pki_id moon;
	struct party a, b;
	size_t n, len;
	int rc;

	cert_parties(&a, &b, &moon, pki_key(key, 0), &root, NULL);
	talk_begin(&t, &a.id);
	t.out.method = AUTH_DIGITAL_SIG;
	MUST(OPENSSL_hexstr2buf_ex(t.out.data + 1, 200, &n, alg, '\0'));
	t.out.data[0] = n;
	memcpy(data, t.msg, 300);
	memcpy(data + 300, t.nonce, 32);
	MUST(EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, t.sk_p, 32, t.body,
		       t.in.id_body.len, data + 332, 32, &len));
	MUST(EVP_DigestSignInit_ex(ctx, &pctx, md, NULL, NULL, moon.key, NULL));
	if (salt >= 0) {
		MUST(EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING) >
		     0);
		MUST(EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, salt) > 0);
		MUST(EVP_PKEY_CTX_set_rsa_mgf1_md_name(pctx, mgf, NULL) > 0);
	}
	len = 600;
	MUST(EVP_DigestSign(ctx, t.out.data + 1 + n, &len, data, 364));
	t.out.len = 1 + n + len;
	t.out.cert[0] = (struct chunk){ moon.der, moon.len };
	t.out.ncerts = 1;
	talk_send(&t);
	rc = ike_auth_check(b.creds, &anybody, &a.id, &b.id, &t.in, &t.pl,
			    PKI_NOW, why, sizeof(why));
	EVP_MD_CTX_free(ctx);
	cert_done(&a, &b, &moon);
	return rc;
}

#define HEX_SHA(n) "300d06096086480165030402" n "0500"
#define HEX_MGF "06092a864886f70d010108"
#define HEX_PSS "06092a864886f70d01010a"

static void rfc7427_identifiers(void)
{
	/* OpenSSL signs, we read: with NULL and without parameters */
	EXPECT_EQ(crafted("rsa2048", "300d06092a864886f70d01010b0500", "SHA256",
			  -1, NULL),
		  0);
	EXPECT_EQ(crafted("rsa2048", "300b06092a864886f70d01010b", "SHA256", -1,
			  NULL),
		  0);
	EXPECT_EQ(
		crafted("p256", "300a06082a8648ce3d040302", "SHA256", -1, NULL),
		0);
	EXPECT_EQ(crafted("p256", "300c06082a8648ce3d0403020500", "SHA256", -1,
			  NULL),
		  0);
	/* the example of RFC 7427 section A.4.3 */
	EXPECT_EQ(crafted("rsa2048",
			  "3041" HEX_PSS
			  "3034a00f" HEX_SHA("01") "a11c301a" HEX_MGF HEX_SHA(
				  "01") "a203020120",
			  "SHA256", 32, "SHA256"),
		  0);
	/* another salt, said as it is */
	EXPECT_EQ(crafted("rsa2048",
			  "3041" HEX_PSS
			  "3034a00f" HEX_SHA("03") "a11c301a" HEX_MGF HEX_SHA(
				  "03") "a203020114",
			  "SHA512", 20, "SHA512"),
		  0);
	/* a salt that is not the one said */
	EXPECT_EQ(crafted("rsa2048",
			  "3041" HEX_PSS
			  "3034a00f" HEX_SHA("01") "a11c301a" HEX_MGF HEX_SHA(
				  "01") "a203020120",
			  "SHA256", 20, "SHA256"),
		  (uint64_t)-EACCES);
	/* two hashes */
	EXPECT_EQ(crafted("rsa2048",
			  "3041" HEX_PSS
			  "3034a00f" HEX_SHA("01") "a11c301a" HEX_MGF HEX_SHA(
				  "02") "a203020120",
			  "SHA256", 32, "SHA384"),
		  (uint64_t)-EACCES);
	says("rsassaPss");
	/* SHA-1: named, by default, and in the mask */
	EXPECT_EQ(crafted("rsa2048", "300d06092a864886f70d0101050500", "SHA1",
			  -1, NULL),
		  (uint64_t)-EACCES);
	says("not accepted");
	EXPECT_EQ(crafted("rsa2048", "300d" HEX_PSS "3000", "SHA1", 20, "SHA1"),
		  (uint64_t)-EACCES);
	EXPECT_EQ(crafted("p256", "300906072a8648ce3d0401", "SHA1", -1, NULL),
		  (uint64_t)-EACCES);
	EXPECT_EQ(crafted("rsa2048",
			  "3022" HEX_PSS "3015a00f" HEX_SHA("01") "a203020120",
			  "SHA256", 32, "SHA1"),
		  (uint64_t)-EACCES);
	/* an identifier that has not to do with the key, or is none */
	EXPECT_EQ(crafted("p256", "300d06092a864886f70d01010b0500", "SHA256",
			  -1, NULL),
		  (uint64_t)-EACCES);
	says("key of type EC");
	EXPECT_EQ(crafted("p256", "300a06082a8648ce3d04030200", "SHA256", -1,
			  NULL),
		  (uint64_t)-EACCES);
	says("AlgorithmIdentifier");
	EXPECT_EQ(crafted("p256", "ffff", "SHA256", -1, NULL),
		  (uint64_t)-EACCES);
	EXPECT_EQ(crafted("p256", "300606042a030405", "SHA256", -1, NULL),
		  (uint64_t)-EACCES);
}

static void methods_kept_apart(void)
{
	struct ike_auth_conf psk = { .psk = true };
	static struct talk t;
	struct pki_id moon;
	struct party a, b;

	cert_parties(&a, &b, &moon, pki_key("p256", 0), &root, NULL);
	EXPECT_EQ(prove_at(&t, &a, &b, &psk, ALL_HASHES, PKI_NOW),
		  (uint64_t)-EACCES);
	says("configured is the shared secret");
	/* another curve's method, another key's, none */
	EXPECT_EQ(prove_at(&t, &a, &b, &anybody, 0, PKI_NOW), 0);
	for (unsigned int m = 0; m < 256; m++) {
		t.pl.auth.method = m;
		EXPECT_EQ(ike_auth_check(b.creds, &anybody, &a.id, &b.id, &t.in,
					 &t.pl, PKI_NOW, why, sizeof(why)),
			  (uint64_t)(m == AUTH_ECDSA_256 ? 0 : -EACCES));
	}
	t.pl.present = 0;
	EXPECT_EQ(ike_auth_check(b.creds, &anybody, &a.id, &b.id, &t.in, &t.pl,
				 PKI_NOW, why, sizeof(why)),
		  (uint64_t)-EACCES);
	says("no AUTH");
	/* a PSK where a certificate is due */
	add_psk(&a, "x", "s", NULL, NULL);
	add_psk(&b, "x", "s", NULL, NULL);
	a.conf.psk = true;
	EXPECT_EQ(prove(&a, &b, &anybody, 0), (uint64_t)-EACCES);
	says("a signature");
	cert_done(&a, &b, &moon);
}

/* ------------------------------------------------------------- certificates */

static void identity_bound(void)
{
	static const struct {
		const char *id;
		bool ok;
	} names[] = {
		{ "moon.example.org", true },
		{ "MOON.example.org", true },
		{ "admin@moon.example.org", true },
		{ "192.0.2.1", true },
		{ "2001:db8::1", true },
		{ "C=CH, O=Espalier, CN=moon", true },
		{ "sun.example.org", false },
		{ "fqdn:moon", false }, /* the common name is no host name */
		{ "keyid:moon", false },
		{ "email:moon.example.org", false },
		{ "fqdn:192.0.2.1", false },
		{ "192.0.2.2", false },
		{ "C=CH, O=Espalier, CN=sun", false },
		{ "C=CH, O=Espalier", false },
		{ "C=CH, O=Espalier, CN=*", false },
		{ "*.example.org", false },
	};
	static struct talk t;
	struct pki_id moon;
	struct party a, b;
	char text[80], keyid[41];

	cert_parties(&a, &b, &moon, pki_key("p256", 0), &root, NULL);
	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		/* it signs all of them, being whatever it says */
		struct ike_id said = id(names[i].id);

		talk_begin(&t, &said);
		MUST(!ike_auth_make(a.creds, &a.conf, &a.id, &b.id, &t.in,
				    ALL_HASHES, &t.out, why, sizeof(why)));
		talk_send(&t);
		EXPECT_EQ(ike_auth_check(b.creds, &anybody, &said, &b.id, &t.in,
					 &t.pl, PKI_NOW, why, sizeof(why)),
			  (uint64_t)(names[i].ok ? 0 : -ENOKEY));
		if (!names[i].ok)
			says("does not speak for");
	}
	/* key id: of the public key */
	MUST(ike_creds_keys(a.creds, &keyid, 1) == 1);
	snprintf(text, sizeof(text), "@#%s", keyid);
	a.id = id(text);
	EXPECT_EQ(prove(&a, &b, &anybody, ALL_HASHES), 0);
	text[5] ^= 1;
	a.id = id(text);
	EXPECT_EQ(prove(&a, &b, &anybody, ALL_HASHES),
		  (uint64_t)(-1000 - ENOENT));
	says("speaks for");
	cert_done(&a, &b, &moon);
}

static void own_identity(void)
{
	struct pki_id moon;
	struct party a, b;
	struct ike_id i, dn = id("C=CH, O=Espalier, CN=moon");

	cert_parties(&a, &b, &moon, pki_key("p256", 0), &root, NULL);
	EXPECT_EQ(ike_auth_identity(a.creds, &a.conf, &i, why, sizeof(why)), 0);
	EXPECT(ike_id_equal(&i, &dn));
	a.conf.id = id("moon.example.org");
	EXPECT_EQ(ike_auth_identity(a.creds, &a.conf, &i, why, sizeof(why)), 0);
	EXPECT(ike_id_equal(&i, &a.conf.id));
	a.conf.id = id("sun.example.org");
	EXPECT_EQ(ike_auth_identity(a.creds, &a.conf, &i, why, sizeof(why)),
		  (uint64_t)-ENOENT);
	says("speaks for");
	a.conf.id = id("moon.example.org");
	a.conf.certs = &root.handle;
	a.conf.ncerts = 1;
	EXPECT_EQ(ike_auth_identity(a.creds, &a.conf, &i, why, sizeof(why)),
		  (uint64_t)-ENOENT);
	says("no configured certificate has a private key");
	a.conf.certs = &moon.handle;
	EXPECT_EQ(ike_auth_identity(a.creds, &a.conf, &i, why, sizeof(why)), 0);
	EXPECT_EQ(ike_auth_identity(b.creds, &b.conf, &i, why, sizeof(why)),
		  (uint64_t)-ENOENT);
	says("no private key");
	b.conf.psk = true;
	EXPECT_EQ(ike_auth_identity(b.creds, &b.conf, &i, why, sizeof(why)), 0);
	EXPECT(ike_id_equal(&i, &b.conf.id));
	cert_done(&a, &b, &moon);
}

static void chains(void)
{
	static struct talk t;
	struct ike_auth_conf conf = { 0 };
	struct pki_id moon, fake;
	struct party a, b;

	/* below an intermediate that is sent along */
	cert_parties(&a, &b, &moon, pki_key("p256", 0), &sub, NULL);
	EXPECT_EQ(prove_at(&t, &a, &b, &anybody, ALL_HASHES, PKI_NOW), 0);
	EXPECT_EQ(t.out.ncerts, 2);
	EXPECT(t.out.cert[1].len == sub.len &&
	       !memcmp(t.out.cert[1].p, sub.der, sub.len));
	/* not sent, not loaded; then loaded */
	t.pl.ncerts = 1;
	EXPECT_EQ(ike_auth_check(b.creds, &anybody, &a.id, &b.id, &t.in, &t.pl,
				 PKI_NOW, why, sizeof(why)),
		  (uint64_t)-ENOKEY);
	says("unable to get");
	add_cert(b.creds, &sub, false);
	EXPECT_EQ(ike_auth_check(b.creds, &anybody, &a.id, &b.id, &t.in, &t.pl,
				 PKI_NOW, why, sizeof(why)),
		  0);
	/* the CAs that are named count alone */
	conf.cacerts = &root.handle;
	conf.ncacerts = 1;
	EXPECT_EQ(prove(&a, &b, &conf, ALL_HASHES), 0);
	conf.cacerts = &other.handle;
	EXPECT_EQ(prove(&a, &b, &conf, ALL_HASHES), (uint64_t)-ENOKEY);
	says("none of the CAs named is loaded");
	add_cert(b.creds, &other, true);
	EXPECT_EQ(prove(&a, &b, &conf, ALL_HASHES), (uint64_t)-ENOKEY);
	/* an intermediate may be the anchor */
	add_cert(b.creds, &sub, true);
	conf.cacerts = &sub.handle;
	EXPECT_EQ(prove(&a, &b, &conf, ALL_HASHES), 0);
	cert_done(&a, &b, &moon);

	/* another CA of the same name */
	cert_parties(&a, &b, &moon, pki_key("p256", 0), &other, NULL);
	EXPECT_EQ(prove(&a, &b, &anybody, ALL_HASHES), (uint64_t)-ENOKEY);
	cert_done(&a, &b, &moon);

	/* no CA at all: the system's are not asked */
	cert_parties(&a, &b, &moon, pki_key("p256", 0), &root, NULL);
	ike_creds_clear(b.creds);
	EXPECT_EQ(prove(&a, &b, &anybody, ALL_HASHES), (uint64_t)-ENOKEY);
	says("no CA");
	cert_done(&a, &b, &moon);

	/* its own */
	cert_parties(&a, &b, &moon, pki_key("p256", 0), NULL, NULL);
	EXPECT_EQ(prove(&a, &b, &anybody, ALL_HASHES), (uint64_t)-ENOKEY);
	cert_done(&a, &b, &moon);

	/* issued by somebody who is no CA */
	cert_parties(&a, &b, &moon, pki_key("p256", 1), &root, NULL);
	pki_issue(&fake, pki_key("p256", 0), &moon, &moon_spec);
	talk_begin(&t, &a.id);
	add_key(a.creds, &fake);
	add_cert(a.creds, &fake, false);
	a.conf.certs = &fake.handle;
	a.conf.ncerts = 1;
	MUST(!ike_auth_make(a.creds, &a.conf, &a.id, &b.id, &t.in, ALL_HASHES,
			    &t.out, why, sizeof(why)));
	t.out.cert[0] = (struct chunk){ fake.der, fake.len };
	t.out.cert[1] = (struct chunk){ moon.der, moon.len };
	t.out.ncerts = 2;
	talk_send(&t);
	EXPECT_EQ(ike_auth_check(b.creds, &anybody, &a.id, &b.id, &t.in, &t.pl,
				 PKI_NOW, why, sizeof(why)),
		  (uint64_t)-ENOKEY);
	pki_free(&fake);
	cert_done(&a, &b, &moon);
}

static int with_spec(const struct pki_spec *spec, EVP_PKEY *key)
{
	struct pki_id moon;
	struct party a, b;
	int rc;

	cert_parties(&a, &b, &moon, key, &root, spec);
	rc = prove(&a, &b, &anybody, ALL_HASHES);
	cert_done(&a, &b, &moon);
	return rc;
}

static void certificates_refused(void)
{
	struct pki_spec s = moon_spec;
	EVP_PKEY *key = pki_key("p256", 0);

	EXPECT_EQ(with_spec(&s, key), 0);
	s.from = -2 * PKI_DAY;
	s.to = -1;
	EXPECT_EQ(with_spec(&s, key), (uint64_t)-ENOKEY);
	says("expired");
	s.from = 1;
	s.to = PKI_DAY;
	EXPECT_EQ(with_spec(&s, key), (uint64_t)-ENOKEY);
	says("not yet valid");
	s = moon_spec;
	s.usage = "keyEncipherment";
	EXPECT_EQ(with_spec(&s, key), (uint64_t)-ENOKEY);
	says("keyUsage");
	s.usage = NULL;
	EXPECT_EQ(with_spec(&s, key), 0);
	s = moon_spec;
	s.md = "SHA1";
	EXPECT_EQ(with_spec(&s, key), (uint64_t)-ENOKEY);
	says("weak");
	s = moon_spec;
	s.subject = "";
	EXPECT_EQ(with_spec(&s, key), 0);
	s.san = NULL;
	s.subject = "CN=moon.example.org";
	EXPECT_EQ(with_spec(&s, key), (uint64_t)(-1000 - ENOENT));
}

/* Keys that we do not load ourselves, as a peer may show them. */
static void weak_keys_refused(void)
{
	static const char *const kinds[] = { "rsa1024", "k256" };
	static struct talk t;
	struct pki_id moon, weak;
	struct party a, b;

	cert_parties(&a, &b, &moon, pki_key("p256", 0), &root, NULL);
	for (unsigned int i = 0; i < 2; i++) {
		char *pem;

		pki_issue(&weak, pki_key(kinds[i], 0), &root, &moon_spec);
		EXPECT_EQ(prove_at(&t, &a, &b, &anybody, ALL_HASHES, PKI_NOW),
			  0);
		t.pl.cert[0].data = (struct chunk){ weak.der, weak.len };
		EXPECT_EQ(ike_auth_check(b.creds, &anybody, &a.id, &b.id, &t.in,
					 &t.pl, PKI_NOW, why, sizeof(why)),
			  (uint64_t)-ENOKEY);
		pem = pki_key_pem(weak.key, NULL);
		EXPECT_EQ(ike_creds_add_key(a.creds, pem, strlen(pem), NULL,
					    NULL, why, sizeof(why)),
			  (uint64_t)-EINVAL);
		says("needed");
		free(pem);
		pki_free(&weak);
	}
	cert_done(&a, &b, &moon);
}

static void load_crl(struct party *p, const struct pki_id *issuer,
		     const struct pki_id *revoked, long from, long to)
{
	uint8_t *der;
	size_t len = pki_crl(issuer, revoked, from, to, &der);

	MUST(!ike_creds_add_crl(p->creds, der, len, why, sizeof(why)));
	OPENSSL_free(der);
}

/* what the CRLs make of moon below the intermediate */
static int revocation(bool strict, const struct pki_id *revoked_by_root,
		      int root_age, bool sub_crl, bool revoke_moon, int sub_age)
{
	struct ike_auth_conf conf = { .require_crl = strict };
	struct pki_id moon;
	struct party a, b;
	int rc;

	cert_parties(&a, &b, &moon, pki_key("p256", 0), &sub, NULL);
	load_crl(&b, &root, revoked_by_root, -10 * PKI_DAY,
		 root_age ? -PKI_DAY : PKI_DAY);
	if (sub_crl)
		load_crl(&b, &sub, revoke_moon ? &moon : NULL, -10 * PKI_DAY,
			 sub_age ? -PKI_DAY : PKI_DAY);
	rc = prove(&a, &b, &conf, ALL_HASHES);
	cert_done(&a, &b, &moon);
	return rc;
}

static void revoked(void)
{
	struct ike_auth_conf strict = { .require_crl = true };
	struct pki_id moon;
	struct party a, b;
	uint8_t *der;
	size_t len;

	make_cas();
	EXPECT_EQ(revocation(false, NULL, 0, true, false, 0), 0);
	EXPECT(!*why);
	EXPECT_EQ(revocation(true, NULL, 0, true, false, 0), 0);
	/* the end entity; the intermediate */
	EXPECT_EQ(revocation(false, NULL, 0, true, true, 0), (uint64_t)-ENOKEY);
	says("revoked");
	EXPECT_EQ(revocation(false, &sub, 0, true, false, 0),
		  (uint64_t)-ENOKEY);
	says("revoked");
	/* missing where there need be none, and where there has to be one */
	EXPECT_EQ(revocation(false, NULL, 0, false, false, 0), 0);
	EXPECT_EQ(revocation(true, NULL, 0, false, false, 0),
		  (uint64_t)-ENOKEY);
	says("CRL");
	/* out of date: a warning, or not enough; revoked is revoked */
	EXPECT_EQ(revocation(false, NULL, 0, true, false, 1), 0);
	says("out of date");
	EXPECT_EQ(revocation(true, NULL, 0, true, false, 1), (uint64_t)-ENOKEY);
	says("expired");
	EXPECT_EQ(revocation(false, NULL, 0, true, true, 1), (uint64_t)-ENOKEY);
	says("revoked");
	EXPECT_EQ(revocation(true, NULL, 1, true, false, 0), (uint64_t)-ENOKEY);

	/* none loaded at all */
	cert_parties(&a, &b, &moon, pki_key("p256", 0), &root, NULL);
	EXPECT_EQ(prove(&a, &b, &strict, ALL_HASHES), (uint64_t)-ENOKEY);
	/* one that somebody else signed in the CA's name */
	load_crl(&b, &other, NULL, -PKI_DAY, PKI_DAY);
	EXPECT_EQ(prove(&a, &b, &strict, ALL_HASHES), (uint64_t)-ENOKEY);
	cert_done(&a, &b, &moon);
	cert_parties(&a, &b, &moon, pki_key("p256", 0), &root, NULL);
	load_crl(&b, &root, NULL, -PKI_DAY, PKI_DAY);
	EXPECT_EQ(prove(&a, &b, &strict, ALL_HASHES), 0);
	/* a newer one, which revokes */
	load_crl(&b, &root, &moon, -PKI_DAY / 2, PKI_DAY);
	EXPECT_EQ(prove(&a, &b, &anybody, ALL_HASHES), (uint64_t)-ENOKEY);
	/* neither is one */
	len = pki_crl(&root, NULL, 0, 1, &der);
	EXPECT_EQ(ike_creds_add_crl(b.creds, der, len - 1, why, sizeof(why)),
		  (uint64_t)-EINVAL);
	says("CRL");
	OPENSSL_free(der);
	cert_done(&a, &b, &moon);
}

static void certificate_missing_or_broken(void)
{
	static struct talk t;
	uint8_t broken[4096];
	struct pki_id moon;
	struct party a, b;

	cert_parties(&a, &b, &moon, pki_key("p256", 0), &root, NULL);
	EXPECT_EQ(prove_at(&t, &a, &b, &anybody, ALL_HASHES, PKI_NOW), 0);
	t.pl.ncerts = 0;
	EXPECT_EQ(ike_auth_check(b.creds, &anybody, &a.id, &b.id, &t.in, &t.pl,
				 PKI_NOW, why, sizeof(why)),
		  (uint64_t)-ENOKEY);
	says("sent no certificate");
	/* one that is loaded will do */
	add_cert(b.creds, &moon, false);
	EXPECT_EQ(ike_auth_check(b.creds, &anybody, &a.id, &b.id, &t.in, &t.pl,
				 PKI_NOW, why, sizeof(why)),
		  0);
	/* hash and URL is skipped */
	t.pl.ncerts = 1;
	t.pl.cert[0].encoding = CERT_HASH_AND_URL;
	EXPECT_EQ(ike_auth_check(b.creds, &anybody, &a.id, &b.id, &t.in, &t.pl,
				 PKI_NOW, why, sizeof(why)),
		  0);
	t.pl.cert[0].encoding = CERT_X509_SIGNATURE;
	/* cut, longer, and changed at each byte: refused, never believed */
	MUST(moon.len < sizeof(broken));
	memcpy(broken, moon.der, moon.len);
	broken[moon.len] = 0;
	for (size_t len = 0; len <= moon.len + 1; len += 7) {
		if (len == moon.len)
			continue;
		t.pl.cert[0].data = (struct chunk){ broken, len };
		EXPECT_EQ(ike_auth_check(b.creds, &anybody, &a.id, &b.id, &t.in,
					 &t.pl, PKI_NOW, why, sizeof(why)),
			  (uint64_t)-ENOKEY);
	}
	t.pl.cert[0].data = (struct chunk){ broken, moon.len + 1 };
	EXPECT_EQ(ike_auth_check(b.creds, &anybody, &a.id, &b.id, &t.in, &t.pl,
				 PKI_NOW, why, sizeof(why)),
		  (uint64_t)-ENOKEY);
	t.pl.cert[0].data = (struct chunk){ broken, moon.len };
	for (size_t i = 0; i < moon.len; i++) {
		broken[i] ^= 1 << i % 8;
		EXPECT(ike_auth_check(b.creds, &anybody, &a.id, &b.id, &t.in,
				      &t.pl, PKI_NOW, why, sizeof(why)));
		broken[i] ^= 1 << i % 8;
	}
	cert_done(&a, &b, &moon);
}

static void named_certificates(void)
{
	struct ike_auth_conf conf = { 0 };
	struct pki_spec old = moon_spec;
	struct pki_id moon, twin;
	struct party a, b;

	/* its own signature will do when it is named */
	cert_parties(&a, &b, &moon, pki_key("ed25519", 0), NULL, NULL);
	conf.certs = &moon.handle;
	conf.ncerts = 1;
	EXPECT_EQ(prove(&a, &b, &conf, ALL_HASHES), (uint64_t)-ENOKEY);
	says("none of those named");
	add_cert(b.creds, &moon, false);
	EXPECT_EQ(prove(&a, &b, &conf, ALL_HASHES), 0);
	conf.require_crl = true; /* then there has to be a chain */
	EXPECT_EQ(prove(&a, &b, &conf, ALL_HASHES), (uint64_t)-ENOKEY);
	conf.require_crl = false;
	conf.cacerts = &root.handle;
	conf.ncacerts = 1;
	EXPECT_EQ(prove(&a, &b, &conf, ALL_HASHES), (uint64_t)-ENOKEY);
	conf.ncacerts = 0;
	/* another of the same name and key is not the one named */
	pki_issue(&twin, pki_key("ed25519", 0), NULL, &moon_spec);
	conf.certs = &twin.handle;
	add_cert(b.creds, &twin, false);
	EXPECT_EQ(prove(&a, &b, &conf, ALL_HASHES), (uint64_t)-ENOKEY);
	pki_free(&twin);
	cert_done(&a, &b, &moon);

	old.from = -2;
	old.to = -1;
	cert_parties(&a, &b, &moon, pki_key("ed25519", 0), NULL, &old);
	add_cert(b.creds, &moon, false);
	conf.certs = &moon.handle;
	EXPECT_EQ(prove(&a, &b, &conf, ALL_HASHES), (uint64_t)-ENOKEY);
	says("expired");
	cert_done(&a, &b, &moon);

	cert_parties(&a, &b, &moon, pki_key("ed25519", 0), &root, NULL);
	add_cert(b.creds, &moon, false);
	conf.certs = &moon.handle;
	EXPECT_EQ(prove(&a, &b, &conf, ALL_HASHES), 0);
	load_crl(&b, &root, &moon, -1, PKI_DAY);
	EXPECT_EQ(prove(&a, &b, &conf, ALL_HASHES), (uint64_t)-ENOKEY);
	says("revoked");
	cert_done(&a, &b, &moon);
}

/* ---------------------------------------------------------------- the store */

static void keys_loaded(void)
{
	static const char *const kinds[] = { "rsa2048", "p256", "ed25519",
					     "ed448" };
	struct ike_creds *creds = ike_creds_new();
	char keyid[41], again[41], ids[8][41];

	for (unsigned int i = 0; i < 4; i++) {
		EVP_PKEY *key = pki_key(kinds[i], 0);
		char *pem = pki_key_pem(key, NULL);
		char *locked = pki_key_pem(key, "open sesame");
		uint8_t *der = NULL;
		int len = i2d_PrivateKey(key, &der);

		EXPECT_EQ(ike_creds_add_key(creds, pem, strlen(pem), NULL,
					    keyid, why, sizeof(why)),
			  0);
		EXPECT_EQ(strlen(keyid), 40);
		EXPECT_EQ(ike_creds_add_key(creds, der, len, NULL, again, why,
					    sizeof(why)),
			  0);
		EXPECT(!strcmp(keyid, again));
		EXPECT_EQ(ike_creds_add_key(creds, locked, strlen(locked),
					    "open sesame", again, why,
					    sizeof(why)),
			  0);
		EXPECT(!strcmp(keyid, again));
		EXPECT_EQ(ike_creds_add_key(creds, locked, strlen(locked),
					    "sesame", again, why, sizeof(why)),
			  (uint64_t)-EINVAL);
		says("passphrase");
		EXPECT_EQ(ike_creds_add_key(creds, locked, strlen(locked), NULL,
					    again, why, sizeof(why)),
			  (uint64_t)-EINVAL);
		EXPECT_EQ(ike_creds_add_key(creds, der, len / 2, NULL, again,
					    why, sizeof(why)),
			  (uint64_t)-EINVAL);
		/* the same key is kept once */
		EXPECT_EQ(ike_creds_keys(creds, ids, 8), i + 1);
		EXPECT(!strcmp(ids[0], keyid));
		OPENSSL_free(der);
		free(pem);
		free(locked);
	}
	EXPECT_EQ(ike_creds_keys(creds, ids, 2), 4);
	EXPECT_EQ(ike_creds_del_key(creds, keyid), 0);
	EXPECT_EQ(ike_creds_del_key(creds, keyid), (uint64_t)-ENOENT);
	EXPECT_EQ(ike_creds_keys(creds, ids, 8), 3);
	EXPECT_EQ(
		ike_creds_add_key(creds, "x", 1, NULL, NULL, why, sizeof(why)),
		(uint64_t)-EINVAL);
	ike_creds_free(creds);
}

struct seen {
	unsigned int certs, crls, ca, anchor, key;
};

static void see(void *arg, enum ike_cert_kind kind, unsigned int flags,
		const uint8_t *der, size_t len)
{
	struct seen *s = arg;

	EXPECT(der && len);
	s->certs += kind == IKE_CERT_X509;
	s->crls += kind == IKE_CERT_X509_CRL;
	s->ca += !!(flags & IKE_CERT_CA);
	s->anchor += !!(flags & IKE_CERT_ANCHOR);
	s->key += !!(flags & IKE_CERT_HAS_KEY);
}

static void count_name(void *arg, const char *name)
{
	*(unsigned int *)arg += !strcmp(name, "one") || !strcmp(name, "two");
}

static void certificates_loaded(void)
{
	struct pki_id moon;
	struct party a, b;
	struct seen s = { 0 };
	uint8_t req[100], spki[20], *der = NULL;
	unsigned int n = 0;
	char *pem, *two, handle[41];
	size_t len;

	cert_parties(&a, &b, &moon, pki_key("p256", 0), &root, NULL);
	load_crl(&a, &root, NULL, -1, 1);
	ike_creds_each_cert(a.creds, see, &s);
	EXPECT_EQ(s.certs, 3);
	EXPECT_EQ(s.crls, 1);
	EXPECT_EQ(s.ca, 2);
	EXPECT_EQ(s.anchor, 1);
	EXPECT_EQ(s.key, 1);
	/* again: no second one; as PEM; two in one file */
	add_cert(a.creds, &moon, false);
	pem = pki_cert_pem(moon.cert);
	EXPECT_EQ(ike_creds_cert_handle(pem, strlen(pem), handle), 0);
	EXPECT(!strcmp(handle, moon.handle));
	EXPECT_EQ(ike_creds_add_cert(a.creds, pem, strlen(pem), false, why,
				     sizeof(why)),
		  0);
	two = malloc(2 * strlen(pem) + 4096);
	strcpy(two, pem);
	free(pem);
	pem = pki_cert_pem(other.cert);
	strcat(two, pem);
	EXPECT_EQ(ike_creds_add_cert(a.creds, two, strlen(two), false, why,
				     sizeof(why)),
		  0);
	memset(&s, 0, sizeof(s));
	ike_creds_each_cert(a.creds, see, &s);
	EXPECT_EQ(s.certs, 4);
	/* half a file is no file */
	two[strlen(two) - 60] = 0;
	EXPECT_EQ(ike_creds_add_cert(b.creds, two, strlen(two), false, why,
				     sizeof(why)),
		  (uint64_t)-EINVAL);
	EXPECT_EQ(ike_creds_add_cert(b.creds, "x", 1, false, why, sizeof(why)),
		  (uint64_t)-EINVAL);
	says("neither PEM nor DER");
	EXPECT_EQ(ike_creds_cert_handle("x", 1, handle), (uint64_t)-EINVAL);
	/* an end entity is no anchor */
	EXPECT_EQ(ike_creds_add_cert(b.creds, moon.der, moon.len, true, why,
				     sizeof(why)),
		  (uint64_t)-EINVAL);
	says("CA:TRUE");
	/* CERTREQ: SHA-1 of the anchors' SubjectPublicKeyInfo */
	len = i2d_PUBKEY(root.key, &der);
	MUST(EVP_Digest(der, len, spki, NULL, EVP_sha1(), NULL));
	OPENSSL_free(der);
	EXPECT_EQ(ike_auth_certreq(a.creds, req, sizeof(req)), 20);
	EXPECT(!memcmp(req, spki, 20));
	EXPECT_EQ(ike_auth_certreq(a.creds, req, 19), 0);
	EXPECT_EQ(ike_auth_hashes(req, sizeof(req)), 8);
	EXPECT(!memcmp(req, "\0\2\0\3\0\4\0\5", 8));
	/* names of secrets; and all of it gone */
	add_psk(&a, "one", "1", NULL, NULL);
	add_psk(&a, "two", "2", NULL, NULL);
	add_psk(&a, "two", "3", NULL, NULL);
	ike_creds_each_psk(a.creds, count_name, &n);
	EXPECT_EQ(n, 2);
	ike_creds_clear(a.creds);
	memset(&s, 0, sizeof(s));
	ike_creds_each_cert(a.creds, see, &s);
	EXPECT_EQ(s.certs + s.crls, 0);
	EXPECT_EQ(ike_creds_keys(a.creds, NULL, 0), 0);
	free(pem);
	free(two);
	cert_done(&a, &b, &moon);
}

static const struct test_case cases[] = {
	{ "ids_from_text", ids_from_text },
	{ "ids_compared", ids_compared },
	{ "ike_30_psk", ike_30_psk },
	{ "ike_30_psk_octets", ike_30_psk_octets },
	{ "psk_of_the_right_owner", psk_of_the_right_owner },
	{ "ike_30_signatures", ike_30_signatures },
	{ "ike_30_only_announced_hashes", ike_30_only_announced_hashes },
	{ "schemes_demanded", schemes_demanded },
	{ "rfc7427_identifiers", rfc7427_identifiers },
	{ "methods_kept_apart", methods_kept_apart },
	{ "identity_bound", identity_bound },
	{ "own_identity", own_identity },
	{ "chains", chains },
	{ "certificates_refused", certificates_refused },
	{ "weak_keys_refused", weak_keys_refused },
	{ "revoked", revoked },
	{ "certificate_missing_or_broken", certificate_missing_or_broken },
	{ "named_certificates", named_certificates },
	{ "keys_loaded", keys_loaded },
	{ "certificates_loaded", certificates_loaded },
	{ 0 },
};

int main(int argc, char **argv)
{
	return suite_run("ike_auth", cases, argc, argv);
}
