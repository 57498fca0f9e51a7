// SPDX-License-Identifier: Apache-2.0
/* Proposals chosen from, and the choice verified. */
#include <errno.h>
#include <string.h>
#include "proposals.h"
#include "suite.h"

static char why[2048];
static const char *bad;

static struct proposal chosen;

static int choose(const struct proposals *ours, const struct proposals *theirs,
		  const struct proposal_pick *pick)
{
	static const struct proposal_pick ours_first = { .prefer_ours = true };

	why[0] = '\0';
	memset(&chosen, 0xa5, sizeof(chosen));
	return proposal_choose(ours->p, ours->n, theirs->p, theirs->n,
			       pick ? pick : &ours_first, &chosen, why,
			       sizeof(why));
}

static bool chooses(uint8_t protocol, const char *ours, const char *theirs,
		    const char *want)
{
	struct proposals o = proposals_of(protocol, ours, NULL);
	struct proposals t = proposals_of(protocol, theirs, NULL);

	return !choose(&o, &t, NULL) && prints(&chosen, want);
}

/* Nothing fits, and this is the difference. */
static bool differs(uint8_t protocol, const char *ours, const char *theirs,
		    const char *want)
{
	struct proposals o = proposals_of(protocol, ours, NULL);
	struct proposals t = proposals_of(protocol, theirs, NULL);

	if (choose(&o, &t, NULL) != -ENOENT)
		return false;
	if (strcmp(why, want))
		printf("\n    got  %s\n    want %s\n", why, want);
	return !strcmp(why, want);
}

static void ike_23_one_proposal_one_transform_a_type(void)
{
	struct proposals ours =
		proposals_of(PROTO_ESP, "aes256gcm16-esn-noesn",
			     "aes128-aes256-sha256-sha512-ecp256-esn");
	struct proposals theirs = proposals_of(
		PROTO_ESP, "aes192gcm16",
		"aes256-aes128-sha512-sha256-ecp256-x25519-noesn-esn");
	unsigned int seen = 0;

	EXPECT_EQ(choose(&ours, &theirs, NULL), 0);
	EXPECT(prints(&chosen, "AES_CBC_128/HMAC_SHA2_256_128/ECP_256/"
			       "EXT_SEQ"));
	EXPECT_EQ(chosen.num, 2);
	EXPECT_EQ(chosen.protocol, PROTO_ESP);
	EXPECT_EQ(chosen.spi_size, 4);
	EXPECT_EQ(chosen.spi, 0xc0ffee02); /* of theirs */
	for (unsigned int i = 0; i < chosen.n; i++) {
		EXPECT(!(seen & 1u << chosen.t[i].type));
		seen |= 1u << chosen.t[i].type;
	}
	/* what was chosen stands up to the one who offered */
	EXPECT_EQ(proposal_verify(theirs.p, 2, &chosen, false, &bad), 0);
}

static void preference_is_ours_or_theirs(void)
{
	struct proposals ours = proposals_of(
		PROTO_ESP, "aes256gcm16-aes128gcm16", "aes128-aes256-sha256");
	struct proposals theirs = proposals_of(
		PROTO_ESP, "aes256-aes128-sha256", "aes128gcm16-aes256gcm16");
	struct proposal_pick p = { .prefer_ours = true };

	EXPECT_EQ(choose(&ours, &theirs, &p), 0);
	EXPECT(prints(&chosen, "AES_GCM_16_256/NO_EXT_SEQ"));
	EXPECT_EQ(chosen.num, 2);
	p.prefer_ours = false;
	EXPECT_EQ(choose(&ours, &theirs, &p), 0);
	EXPECT(prints(&chosen, "AES_CBC_256/HMAC_SHA2_256_128/NO_EXT_SEQ"));
	EXPECT_EQ(chosen.num, 1);
}

static void ike_25_aead_without_integ(void)
{
	struct proposals ours = proposals_of(PROTO_ESP, "aes128gcm16", NULL),
			 theirs = ours;
	struct proposal_pick p = { .prefer_ours = false };

	/* NONE said aloud is fine, and said back */
	theirs.p[0].t[theirs.p[0].n++] = (struct transform){ TT_INTEG, 0, 0 };
	EXPECT_EQ(choose(&ours, &theirs, NULL), 0);
	EXPECT_EQ(chosen.n, 3);
	EXPECT(!proposal_find(&chosen, TT_INTEG));
	EXPECT_EQ(choose(&ours, &theirs, &p), 0);
	EXPECT_EQ(chosen.n, 3);
	EXPECT_EQ(choose(&theirs, &ours, NULL), 0);
	EXPECT_EQ(chosen.n, 2);
	EXPECT_EQ(choose(&theirs, &ours, &p), 0);
	EXPECT_EQ(chosen.n, 2);
	/* a real one is not */
	theirs.p[0].t[theirs.p[0].n - 1].id = INTEG_HMAC_SHA2_256_128;
	EXPECT(choose(&ours, &theirs, NULL) == -ENOENT);
	EXPECT(!strcmp(why, "integrity: offered HMAC_SHA2_256_128, configured "
			    "nothing"));
	EXPECT(choose(&theirs, &theirs, NULL) == -ENOENT);
	/* nor a cipher that needs one and has none */
	theirs.p[0].t[0] = (struct transform){ TT_ENCR, ENCR_AES_CBC, 128 };
	theirs.p[0].n--;
	EXPECT(choose(&theirs, &theirs, NULL) == -ENOENT);
	theirs.p[0].t[theirs.p[0].n++] = (struct transform){ TT_INTEG, 0, 0 };
	EXPECT(choose(&theirs, &theirs, NULL) == -ENOENT);
	/* mixed against the rules: the cipher that goes with the rest */
	theirs = proposals_of(PROTO_ESP, "aes128-sha256", NULL);
	memmove(&theirs.p[0].t[1], &theirs.p[0].t[0],
		theirs.p[0].n++ * sizeof(struct transform));
	theirs.p[0].t[0] = (struct transform){ TT_ENCR, ENCR_AES_GCM_16, 128 };
	EXPECT_EQ(choose(&theirs, &theirs, NULL), 0);
	EXPECT(prints(&chosen, "AES_CBC_128/HMAC_SHA2_256_128/NO_EXT_SEQ"));
}

static void ike_26_the_first_difference_is_named(void)
{
	struct proposals none = { .n = 0 };
	struct proposals esp = proposals_of(PROTO_ESP, "aes128gcm16", NULL);
	struct proposals ah = proposals_of(PROTO_AH, "sha256", NULL);

	EXPECT(differs(PROTO_IKE, "aes256gcm16-prfsha256-x25519-ecp256",
		       "aes256gcm16-prfsha256-modp2048",
		       "group: offered MODP_2048, configured CURVE_25519 or "
		       "ECP_256"));
	EXPECT(differs(PROTO_IKE, "aes256gcm16-prfsha256-x25519",
		       "aes128gcm16-prfsha384-x25519",
		       "encryption: offered AES_GCM_16_128, configured "
		       "AES_GCM_16_256"));
	EXPECT(differs(PROTO_IKE, "aes256gcm16-prfsha256-x25519",
		       "aes256gcm16-prfsha384-prfsha512-x25519",
		       "prf: offered PRF_HMAC_SHA2_384 or PRF_HMAC_SHA2_512, "
		       "configured PRF_HMAC_SHA2_256"));
	EXPECT(differs(PROTO_ESP, "aes128-sha256", "aes128-sha512",
		       "integrity: offered HMAC_SHA2_512_256, configured "
		       "HMAC_SHA2_256_128"));
	EXPECT(differs(PROTO_ESP, "aes128gcm16-x25519", "aes128gcm16",
		       "group: offered nothing, configured CURVE_25519"));
	EXPECT(differs(PROTO_ESP, "aes128gcm16", "aes128gcm16-x25519",
		       "group: offered CURVE_25519, configured nothing"));
	EXPECT(differs(PROTO_ESP, "aes128gcm16-esn", "aes128gcm16",
		       "esn: offered NO_EXT_SEQ, configured EXT_SEQ"));
	EXPECT(choose(&esp, &none, NULL) == -ENOENT);
	EXPECT(strstr(why, "offered: no proposal"));
	EXPECT(choose(&none, &esp, NULL) == -ENOENT);
	EXPECT(strstr(why, "configured: no proposal"));
	EXPECT(choose(&esp, &ah, NULL) == -ENOENT);
	EXPECT(!strcmp(why, "protocol: offered AH, configured ESP"));
	/* of several, the pair that went furthest */
	esp = proposals_of(PROTO_ESP, "aes256gcm16", "aes128-sha256-x25519");
	struct proposals theirs =
		proposals_of(PROTO_ESP, "aes192gcm16", "aes128-sha256-ecp256");
	EXPECT(choose(&esp, &theirs, NULL) == -ENOENT);
	EXPECT(!strcmp(why, "group: offered ECP_256, configured CURVE_25519"));
	/* no room for words */
	EXPECT(proposal_choose(esp.p, 2, theirs.p, 2,
			       &(struct proposal_pick){ 0 }, &chosen, NULL,
			       0) == -ENOENT);
}

static void absent_esn_is_none(void)
{
	struct proposals theirs = proposals_of(PROTO_ESP, "aes128gcm16", NULL);
	struct proposals both =
		proposals_of(PROTO_ESP, "aes128gcm16-esn-noesn", NULL);
	struct proposals esn = proposals_of(PROTO_ESP, "aes128gcm16-esn", NULL);
	struct proposal_pick p = { 0 };

	theirs.p[0].n = 1; /* the cipher alone */
	for (int turn = 0; turn < 2; turn++) {
		p.prefer_ours = turn;
		EXPECT_EQ(choose(&both, &theirs, &p), 0);
		/* what they did not offer is not in the answer */
		EXPECT(prints(&chosen, "AES_GCM_16_128"));
		EXPECT(choose(&esn, &theirs, &p) == -ENOENT);
		EXPECT_EQ(choose(&theirs, &both, &p), 0);
		EXPECT(prints(&chosen, "AES_GCM_16_128/NO_EXT_SEQ"));
		EXPECT(choose(&theirs, &esn, &p) == -ENOENT);
	}
}

static void key_exchange_of_children(void)
{
	struct proposal_pick skip = { .prefer_ours = true, .skip_ke = true };
	struct proposals ours =
		proposals_of(PROTO_ESP, "aes128gcm16-x25519", NULL);
	struct proposals theirs =
		proposals_of(PROTO_ESP, "aes128gcm16-modp2048", NULL);
	struct proposals none = proposals_of(PROTO_ESP, "aes128gcm16", NULL);

	/* in IKE_AUTH it does not matter what groups say */
	EXPECT_EQ(choose(&ours, &theirs, &skip), 0);
	EXPECT(prints(&chosen, "AES_GCM_16_128/NO_EXT_SEQ"));
	EXPECT_EQ(choose(&ours, &none, &skip), 0);
	EXPECT(choose(&ours, &none, NULL) == -ENOENT);
	/* NONE makes it a matter of choice */
	EXPECT(chooses(PROTO_ESP, "aes128gcm16-x25519-modpnone", "aes128gcm16",
		       "AES_GCM_16_128/NO_EXT_SEQ"));
	EXPECT(chooses(PROTO_ESP, "aes128gcm16-x25519-modpnone",
		       "aes128gcm16-modpnone-x25519",
		       "AES_GCM_16_128/CURVE_25519/NO_EXT_SEQ"));
	EXPECT(chooses(PROTO_ESP, "aes128gcm16", "aes128gcm16-x25519-modpnone",
		       "AES_GCM_16_128/MODP_NONE/NO_EXT_SEQ"));
	EXPECT(!proposal_find(&chosen, TT_KE)); /* NONE is none */
}

static void additional_key_exchanges_can_be_declined(void)
{
	struct proposals ours =
		proposals_of(PROTO_IKE, "aes128gcm16-prfsha256-x25519", NULL);
	struct proposals theirs = ours;

	theirs.p[0].t[theirs.p[0].n++] = (struct transform){ TT_ADDKE1, 36, 0 };
	EXPECT(choose(&ours, &theirs, NULL) == -ENOENT);
	EXPECT(!strcmp(why, "additional key exchange 1: offered unknown(36), "
			    "configured nothing"));
	theirs.p[0].t[theirs.p[0].n++] = (struct transform){ TT_ADDKE1, 0, 0 };
	EXPECT_EQ(choose(&ours, &theirs, NULL), 0);
	EXPECT_EQ(chosen.n, 4);
	EXPECT(!proposal_find(&chosen, TT_ADDKE1));
	/* ESN has no business in IKE */
	theirs = ours;
	theirs.p[0].t[theirs.p[0].n++] = (struct transform){ TT_ESN, 0, 0 };
	EXPECT(choose(&ours, &theirs, NULL) == -ENOENT);
}

static bool no_gcm(void *arg, uint8_t protocol, const struct transform *t)
{
	(*(unsigned int *)arg)++;
	EXPECT_EQ(protocol, PROTO_ESP);
	return t->type != TT_ENCR || t->id != ENCR_AES_GCM_16;
}

static void what_cannot_be_carried_is_not_chosen(void)
{
	unsigned int calls = 0;
	struct proposal_pick p = { true, false, no_gcm, &calls };
	struct proposals ours =
		proposals_of(PROTO_ESP, "aes128gcm16-aes128gcm12", NULL);
	struct proposals only = proposals_of(PROTO_ESP, "aes128gcm16", NULL);

	EXPECT_EQ(choose(&ours, &ours, &p), 0);
	EXPECT(prints(&chosen, "AES_GCM_12_128/NO_EXT_SEQ"));
	EXPECT(calls > 0);
	EXPECT(choose(&only, &only, &p) == -ENOENT);
	EXPECT(!strcmp(why, "encryption: offered AES_GCM_16_128, configured "
			    "AES_GCM_16_128; not carried here: "
			    "AES_GCM_16_128"));
}

static bool verifies(const struct proposals *ours, struct proposal answer)
{
	bad = NULL;
	return !proposal_verify(ours->p, ours->n, &answer, false, &bad);
}

static void ike_23_the_initiator_verifies(void)
{
	struct proposals ours = proposals_of(
		PROTO_ESP, "aes128gcm16-aes256gcm16-x25519-ecp256-noesn",
		"aes128-sha256-sha512-modpnone-x25519-esn-noesn");
	struct proposal a = proposal_of("aes256gcm16-ecp256", PROTO_ESP), b;

	EXPECT(verifies(&ours, a));
	b = a;
	b.num = 3; /* never offered */
	EXPECT(!verifies(&ours, b));
	b.num = 2; /* offered with other algorithms */
	EXPECT(!verifies(&ours, b));
	b = a;
	b.protocol = PROTO_AH;
	EXPECT(!verifies(&ours, b));
	b = a;
	b.t[0].bits = 192;
	EXPECT(!verifies(&ours, b) && bad);
	b = proposal_of("aes256gcm16-aes128gcm16-ecp256", PROTO_ESP);
	EXPECT(!verifies(&ours, b)); /* no choice */
	b = proposal_of("aes256gcm16-modp2048", PROTO_ESP);
	EXPECT(!verifies(&ours, b));
	b = proposal_of("aes256gcm16", PROTO_ESP);
	EXPECT(!verifies(&ours, b)); /* key exchange taken away */
	EXPECT_EQ(proposal_verify(ours.p, 2, &b, true, &bad), 0);
	EXPECT(proposal_verify(ours.p, 2, &a, true, &bad) == -EPROTO);
	b = proposal_of("aes256gcm16-ecp256-esn", PROTO_ESP);
	EXPECT(!verifies(&ours, b));
	b = a;
	b.t[b.n++] = (struct transform){ TT_INTEG, INTEG_NONE, 0 };
	EXPECT(verifies(&ours, b));
	b.t[b.n - 1].id = INTEG_HMAC_SHA2_256_128;
	EXPECT(!verifies(&ours, b));
	/* left out: ESN means 32 bits, KE means NONE where that was offered */
	b = proposal_of("aes128-sha256", PROTO_ESP);
	b.num = 2;
	EXPECT(verifies(&ours, b));
	b.n--;
	EXPECT_EQ(proposal_find(&b, TT_ESN) == NULL, true);
	EXPECT(verifies(&ours, b));
	b.n--; /* the integrity algorithm */
	EXPECT(!verifies(&ours, b));
	b = proposal_of("aes128-sha256-prfsha256-x25519", PROTO_IKE);
	b.num = 2;
	EXPECT(!verifies(&ours, b));
	/* nothing at all */
	EXPECT(!verifies(&ours,
			 (struct proposal){ .num = 1, .protocol = PROTO_ESP }));
}

static const struct test_case cases[] = {
	{ "ike_23_one_proposal_one_transform_a_type",
	  ike_23_one_proposal_one_transform_a_type },
	{ "preference_is_ours_or_theirs", preference_is_ours_or_theirs },
	{ "ike_25_aead_without_integ", ike_25_aead_without_integ },
	{ "ike_26_the_first_difference_is_named",
	  ike_26_the_first_difference_is_named },
	{ "absent_esn_is_none", absent_esn_is_none },
	{ "key_exchange_of_children", key_exchange_of_children },
	{ "additional_key_exchanges_can_be_declined",
	  additional_key_exchanges_can_be_declined },
	{ "what_cannot_be_carried_is_not_chosen",
	  what_cannot_be_carried_is_not_chosen },
	{ "ike_23_the_initiator_verifies", ike_23_the_initiator_verifies },
	{ 0 },
};

int main(int argc, char **argv)
{
	return suite_run("test_choose", cases, argc, argv);
}
