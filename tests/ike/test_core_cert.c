/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IKE_AUTH with certificates between two cores: every kind of key, chains
 * that need fragments, and peers that are not believed.
 */
#include <stdlib.h>
#include <string.h>
#include "duo.h"
#include "pki.h"

static void sign_by_cert(struct conn *c, enum duo_who who)
{
	(void)who;
	c->auth_local.psk = c->auth_remote.psk = false;
}

static void add_key(struct ike_creds *creds, EVP_PKEY *key)
{
	char why[200] = "", *pem = pki_key_pem(key, NULL);

	MUST(!ike_creds_add_key(creds, pem, strlen(pem), NULL, NULL, why,
				sizeof(why)));
	free(pem);
}

static void add_cert(struct ike_creds *creds, const struct pki_id *id, bool ca)
{
	char why[200] = "";

	MUST(!ike_creds_add_cert(creds, id->der, id->len, ca, why,
				 sizeof(why)));
}

/* A and B under one anchor; @chain: with an intermediate in between. */
struct house {
	struct pki_id root, mid, side[2];
};

static void build(struct house *h, const char *kind, bool chain, long to)
{
	static const char *const san[] = { "DNS:a.example.org",
					   "DNS:b.example.org" };
	static const char *const cn[] = { "CN=a", "CN=b" };
	struct pki_spec ca = { .subject = "CN=root",
			       .usage = "keyCertSign,cRLSign",
			       .ca = true };
	int i;

	pki_issue(&h->root, pki_key("p256", 90), NULL, &ca);
	ca.subject = "CN=middle";
	if (chain)
		pki_issue(&h->mid, pki_key("rsa2048", 91), &h->root, &ca);
	for (i = 0; i < 2; i++) {
		struct pki_spec s = { .subject = cn[i], .san = san[i] };

		if (to) {
			s.from = -PKI_DAY;
			s.to = to;
		}
		pki_issue(&h->side[i], pki_key(kind, i),
			  chain ? &h->mid : &h->root, &s);
	}
}

static void move_in(struct duo *d, const struct house *h)
{
	int i;

	d->wall = PKI_NOW;
	for (i = 0; i < 2; i++) {
		struct ike_creds *c = d->side[i].creds;

		ike_creds_clear(c);
		add_cert(c, &h->root, true);
		if (h->mid.cert)
			add_cert(c, &h->mid, false);
		add_cert(c, &h->side[i], false);
		add_key(c, h->side[i].key);
	}
}

static void tear_down(struct house *h)
{
	pki_free(&h->root);
	if (h->mid.cert)
		pki_free(&h->mid);
	pki_free(&h->side[A]);
	pki_free(&h->side[B]);
}

static void every_kind_of_key(void)
{
	static const char *const kinds[] = { "rsa2048", "p256",	   "p384",
					     "p521",	"ed25519", "ed448" };
	unsigned int i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct house h = { 0 };
		struct duo *d = duo_new(i);

		build(&h, kinds[i], false, 0);
		move_in(d, &h);
		duo_conns(d, sign_by_cert);
		duo_initiate(d, A, "net", NULL);
		EXPECT(duo_run_until(d, duo_up, IKE_USEC));
		duo_end(d);
		tear_down(&h);
	}
}

static void chains_come_in_fragments(void)
{
	struct house h = { 0 };
	struct duo *d = duo_new(10);
	unsigned int i, pieces = 0;

	build(&h, "rsa2048", true, 0);
	move_in(d, &h);
	duo_conns(d, sign_by_cert);
	duo_initiate(d, A, "net", NULL);
	EXPECT(duo_run_until(d, duo_up, IKE_USEC));
	for (i = 0; i < d->nspoken; i++) {
		pieces += d->spoken[i].frag != 0;
		EXPECT(d->spoken[i].len <= 1280 - 28);
	}
	EXPECT(pieces >= 4);
	duo_end(d);
	tear_down(&h);
}

static void expect_refused(struct duo *d, const char *in_the_log,
			   enum duo_who at)
{
	struct duo_done done;

	duo_conns(d, sign_by_cert);
	duo_initiate(d, A, "net", &done);
	duo_run(d, 10 * IKE_USEC);
	EXPECT_EQ(done.calls, 1);
	EXPECT(done.err != 0);
	EXPECT(duo_logged(d, at, in_the_log));
	EXPECT_EQ(fakedb_sas(d->side[A].db, -1), 0);
	EXPECT_EQ(fakedb_sas(d->side[B].db, -1), 0);
	EXPECT(duo_down(d));
	duo_end(d);
}

static void expired(void)
{
	struct house h = { 0 };
	struct duo *d = duo_new(11);

	build(&h, "p256", false, 600);
	move_in(d, &h);
	d->wall = PKI_NOW + 3600;
	expect_refused(d, "is not believed", B);
	tear_down(&h);
}

/* IKE-31 once more: only A does not know the other's anchor. */
static void anchor_unknown_at_the_initiator(void)
{
	struct house h = { 0 }, other = { 0 };
	struct duo *d = duo_new(12);
	struct pki_spec ca = { .subject = "CN=elsewhere",
			       .usage = "keyCertSign",
			       .ca = true };

	build(&h, "p256", false, 0);
	move_in(d, &h);
	pki_issue(&other.root, pki_key("p256", 80), NULL, &ca);
	ike_creds_clear(d->side[A].creds);
	add_cert(d->side[A].creds, &other.root, true);
	add_cert(d->side[A].creds, &h.side[A], false);
	add_key(d->side[A].creds, h.side[A].key);
	expect_refused(d, "peer reports AUTHENTICATION_FAILED", B);
	tear_down(&h);
	pki_free(&other.root);
}

static void another_identity(struct conn *c, enum duo_who who)
{
	sign_by_cert(c, who);
	if (who == A) {
		MUST(!ike_id_from_text("z.example.org", &c->auth_local.id));
		c->send_cert = CERT_ALWAYS;
	} else {
		c->auth_remote.id.type = ID_ANY;
		c->auth_remote.id.len = 0;
	}
}

/* A certificate for "a" does not make one "z"; that a peer who claims so is not
 * believed is test_auth's. */
static void no_identity_without_its_certificate(void)
{
	struct house h = { 0 };
	struct duo *d = duo_new(13);
	struct duo_done done;

	build(&h, "p256", false, 0);
	move_in(d, &h);
	duo_conns(d, another_identity);
	duo_initiate(d, A, "net", &done);
	duo_run(d, 40 * IKE_USEC);
	EXPECT(done.err != 0);
	EXPECT(strstr(done.why, "z.example.org"));
	EXPECT_EQ(duo_said(d, A, IKE_AUTH, false, -1), 0);
	EXPECT(duo_down(d));
	duo_end(d);
	tear_down(&h);
}

static void psk_at_b(struct conn *c, enum duo_who who)
{
	sign_by_cert(c, who);
	if (who == B)
		c->auth_remote.psk = true;
}

static void secret_where_a_certificate_is_wanted(void)
{
	struct house h = { 0 };
	struct duo *d = duo_new(14);
	struct duo_done done;

	build(&h, "p256", false, 0);
	move_in(d, &h);
	duo_conns(d, psk_at_b);
	duo_initiate(d, A, "net", &done);
	duo_run(d, 10 * IKE_USEC);
	EXPECT(strstr(done.why, "AUTHENTICATION_FAILED"));
	EXPECT(duo_logged(d, B, "by certificate, not by secret"));
	duo_end(d);
	tear_down(&h);
}

static const struct test_case cases[] = {
	{ "every_kind_of_key", every_kind_of_key },
	{ "chains_come_in_fragments", chains_come_in_fragments },
	{ "expired", expired },
	{ "anchor_unknown_at_the_initiator", anchor_unknown_at_the_initiator },
	{ "no_identity_without_its_certificate",
	  no_identity_without_its_certificate },
	{ "secret_where_a_certificate_is_wanted",
	  secret_where_a_certificate_is_wanted },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	return suite_run("test_core_cert", cases, argc, argv);
}
