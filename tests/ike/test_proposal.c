// SPDX-License-Identifier: Apache-2.0
/* Proposals as keywords and on the wire. */
#include <errno.h>
#include <string.h>
#include "proposals.h"
#include "suite.h"

#define MAX PROPOSALS_MAX

static char why[2048];
static const char *bad;

static bool refused(const char *words, uint8_t protocol, const char *hint)
{
	struct proposal p;

	why[0] = '\0';
	if (!proposal_from_text(words, protocol, &p, why, sizeof(why)))
		return false;
	if (!strstr(why, hint))
		printf("\n    '%s': %s\n", words, why);
	return strstr(why, hint) != NULL;
}

/* ---------------------------------------------------------------- keywords */

static void keywords_of_ike(void)
{
	struct proposal p;

	p = proposal_of("aes256gcm16-prfsha256-x25519", PROTO_IKE);
	EXPECT(prints(&p, "AES_GCM_16_256/PRF_HMAC_SHA2_256/CURVE_25519"));
	EXPECT_EQ(p.num, 1);
	EXPECT_EQ(p.protocol, PROTO_IKE);
	EXPECT_EQ(p.spi_size, 0);
	/* the PRF of the integrity algorithm */
	p = proposal_of("aes128-sha384-modp2048", PROTO_IKE);
	EXPECT(prints(&p, "AES_CBC_128/HMAC_SHA2_384_192/PRF_HMAC_SHA2_384/"
			  "MODP_2048"));
	p = proposal_of("aes-sha2_512-prfsha256-ecp384-ecp521", PROTO_IKE);
	EXPECT(prints(&p, "AES_CBC_128/HMAC_SHA2_512_256/PRF_HMAC_SHA2_256/"
			  "ECP_384/ECP_521"));
	/* with an AEAD that is all it is good for */
	p = proposal_of("aes128gcm128-sha256-curve25519", PROTO_IKE);
	EXPECT(prints(&p, "AES_GCM_16_128/PRF_HMAC_SHA2_256/CURVE_25519"));
	p = proposal_of(
		"chacha20poly1305-aes192gcm12-aes256gcm8-prfsha512-x448-"
		"modp4096",
		PROTO_IKE);
	EXPECT(prints(&p, "CHACHA20_POLY1305/AES_GCM_12_192/AES_GCM_8_256/"
			  "PRF_HMAC_SHA2_512/CURVE_448/MODP_4096"));
	/* the same thing twice is one thing */
	p = proposal_of("aes128gcm16-aes128gcm-x25519-curve25519-prfsha256",
			PROTO_IKE);
	EXPECT_EQ(p.n, 3);
}

static void keywords_of_esp_and_ah(void)
{
	struct proposal p;

	p = proposal_of("aes256gcm16", PROTO_ESP);
	EXPECT(prints(&p, "AES_GCM_16_256/NO_EXT_SEQ"));
	p = proposal_of("aes128gcm16-x25519-esn-noesn", PROTO_ESP);
	EXPECT(prints(&p, "AES_GCM_16_128/CURVE_25519/EXT_SEQ/NO_EXT_SEQ"));
	p = proposal_of("aes256-sha256-modpnone-ecp256-esn", PROTO_ESP);
	EXPECT(prints(&p, "AES_CBC_256/HMAC_SHA2_256_128/MODP_NONE/ECP_256/"
			  "EXT_SEQ"));
	p = proposal_of("null-sha256", PROTO_ESP);
	EXPECT(prints(&p, "NULL/HMAC_SHA2_256_128/NO_EXT_SEQ"));
	p = proposal_of("aes256gmac-esn", PROTO_ESP);
	EXPECT(prints(&p, "NULL_AES_GMAC_256/EXT_SEQ"));
	p = proposal_of("sha256-sha512", PROTO_AH);
	EXPECT(prints(&p, "HMAC_SHA2_256_128/HMAC_SHA2_512_256/NO_EXT_SEQ"));
}

static void keywords_that_do_not_fit_are_named(void)
{
	struct proposal p;
	char tiny[8];

	EXPECT(refused("aes256gcm16-prfsha256-x25518", PROTO_IKE, "'x25518'"));
	EXPECT(strstr(why, " x25519 ") && strstr(why, "aes128gcm16"));
	EXPECT(!strstr(why, " esn")); /* not for IKE */
	EXPECT(refused("", PROTO_IKE, "algorithm ''"));
	EXPECT(refused("aes128gcm16-", PROTO_ESP, "algorithm ''"));
	EXPECT(refused("aes128gcm1", PROTO_ESP, "'aes128gcm1'"));
	EXPECT(refused("aes128gcm16 aes128gcm128", PROTO_ESP, "algorithm"));
	EXPECT(refused("3des-sha1-modp1024", PROTO_IKE, "'3des'"));
	EXPECT(refused("aes128gcm16-x25519", PROTO_IKE, "PRF"));
	EXPECT(refused("aes128gcm16-prfsha256", PROTO_IKE, "key exchange"));
	EXPECT(refused("aes128-prfsha256-x25519", PROTO_IKE, "integrity"));
	EXPECT(refused("prfsha256-x25519", PROTO_IKE, "cipher"));
	EXPECT(refused("aes128gcm16-aes128-sha256-x25519", PROTO_IKE,
		       "two proposals"));
	EXPECT(refused("aes128gcm16-aes128-sha256", PROTO_ESP,
		       "two proposals"));
	EXPECT(refused("aes128gcm16-prfsha256-x25519-esn", PROTO_IKE, "'esn'"));
	EXPECT(refused("null-sha256-x25519", PROTO_IKE, "'null'"));
	EXPECT(refused("aes128gmac-prfsha256-x25519", PROTO_IKE,
		       "'aes128gmac'"));
	EXPECT(refused("aes128-sha256-modpnone", PROTO_IKE, "'modpnone'"));
	EXPECT(refused("aes128", PROTO_ESP, "integrity"));
	EXPECT(refused("sha256", PROTO_ESP, "cipher"));
	EXPECT(refused("aes128gcm16-sha256", PROTO_ESP, "no integrity"));
	EXPECT(refused("aes128gcm16-prfsha256", PROTO_ESP, "'prfsha256'"));
	EXPECT(refused("aes128-sha256", PROTO_AH, "'aes128'"));
	EXPECT(refused("noesn", PROTO_AH, "integrity"));
	EXPECT(refused("default-aead", PROTO_AH, "AH"));
	/* a short room for words is not overrun */
	memset(tiny, 0x5a, sizeof(tiny));
	EXPECT(proposal_from_text("nonsense", PROTO_IKE, &p, tiny, 4) ==
	       -EINVAL);
	EXPECT(tiny[3] == '\0' && tiny[4] == 0x5a);
	p = proposal_of("aes256gcm16-prfsha256-x25519", PROTO_IKE);
	memset(tiny, 0x5a, sizeof(tiny));
	proposal_text(&p, tiny, 6);
	EXPECT(!strcmp(tiny, "AES_G") && tiny[6] == 0x5a);
}

static bool same_transforms(const struct proposal *a, const struct proposal *b)
{
	for (unsigned int i = 0; i < a->n && i < b->n; i++)
		if (a->t[i].type != b->t[i].type || a->t[i].id != b->t[i].id ||
		    a->t[i].bits != b->t[i].bits)
			return false;
	return a->n == b->n;
}

static void ike_46_defaults_are_of_rfc_8247(void)
{
	static const uint8_t protocols[] = { PROTO_IKE, PROTO_ESP, PROTO_AH };
	struct proposal p, q;

	proposal_default(PROTO_IKE, true, &p);
	EXPECT(prints(&p, "AES_GCM_16_128/AES_GCM_16_192/AES_GCM_16_256/"
			  "CHACHA20_POLY1305/PRF_HMAC_SHA2_256/"
			  "PRF_HMAC_SHA2_384/PRF_HMAC_SHA2_512/CURVE_25519/"
			  "ECP_256/ECP_384/ECP_521/CURVE_448/MODP_3072/"
			  "MODP_4096/MODP_2048"));
	proposal_default(PROTO_IKE, false, &p);
	EXPECT(proposal_find(&p, TT_INTEG));
	for (unsigned int i = 0; i < p.n; i++) {
		EXPECT(p.t[i].type != TT_ENCR || !encr_is_aead(p.t[i].id));
		EXPECT(p.t[i].type != TT_INTEG ||
		       p.t[i].id != INTEG_HMAC_SHA1_96); /* MUST- */
	}
	proposal_default(PROTO_ESP, true, &p);
	EXPECT(prints(&p, "AES_GCM_16_128/AES_GCM_16_192/AES_GCM_16_256/"
			  "NO_EXT_SEQ"));
	proposal_default(PROTO_ESP, false, &p);
	EXPECT(proposal_find(&p, TT_ENCR)->id == ENCR_AES_CBC);
	proposal_default(PROTO_AH, false, &p);
	EXPECT(!proposal_find(&p, TT_ENCR) && proposal_find(&p, TT_INTEG));
	proposal_default(PROTO_AH, true, &p);
	EXPECT_EQ(p.n, 0);
	for (unsigned int i = 0; i < 3; i++) {
		proposal_default(protocols[i], false, &p);
		q = proposal_of("default", protocols[i]);
		EXPECT(same_transforms(&p, &q));
	}
	proposal_default(PROTO_IKE, true, &p);
	q = proposal_of("default-aead", PROTO_IKE);
	EXPECT(same_transforms(&p, &q));
}

static void names(void)
{
	EXPECT(!strcmp(transform_name(TT_ENCR, ENCR_CHACHA20_POLY1305),
		       "CHACHA20_POLY1305"));
	EXPECT(!strcmp(transform_name(TT_KE, KE_CURVE448), "CURVE_448"));
	EXPECT(!strcmp(transform_name(TT_ADDKE1, KE_ECP_256), "ECP_256"));
	EXPECT(!transform_name(TT_KE, 2));
	EXPECT(!transform_name(0, 0));
	EXPECT(encr_is_aead(ENCR_NULL_AES_GMAC) && !encr_is_aead(ENCR_NULL) &&
	       !encr_is_aead(ENCR_AES_CTR));
	struct proposal p = { .n = 2,
			      .t = { { TT_KE, 1024, 0 }, { TT_ENCR, 3, 64 } } };
	EXPECT(prints(&p, "unknown(3)_64/unknown(1024)"));
}

/* ---------------------------------------------------------------- the wire */

static uint8_t sa[8192];
static size_t sa_len;
static struct proposal got[MAX];
static unsigned int ngot;

static void put(const struct proposal *p, unsigned int n)
{
	struct ike_writer w;

	ike_writer_init(&w, sa, sizeof(sa));
	ike_put_sa(&w, p, n);
	MUST(!w.overflow);
	sa_len = w.len - 4;
	memmove(sa, sa + 4, sa_len);
}

static int parse(void)
{
	ngot = MAX;
	bad = NULL;
	return proposals_parse(sa, sa_len, got, &ngot, &bad);
}

static bool same(const struct proposal *a, const struct proposal *b)
{
	return a->num == b->num && a->protocol == b->protocol &&
	       a->spi_size == b->spi_size && a->spi == b->spi &&
	       same_transforms(a, b);
}

static void what_is_written_is_read(void)
{
	struct proposals l = proposals_of(PROTO_IKE, "default", "default-aead");

	put(l.p, 2);
	EXPECT_EQ(parse(), 0);
	EXPECT_EQ(ngot, 2);
	EXPECT(same(&got[0], &l.p[0]) && same(&got[1], &l.p[1]));
	/* a rekey of IKE carries 8 bytes of SPI */
	l.p[0].spi_size = 8;
	l.p[0].spi = 0x0102030405060708ull;
	put(l.p, 1);
	EXPECT_EQ(parse(), 0);
	EXPECT(same(&got[0], &l.p[0]));
	EXPECT_EQ(sa[8], 1);
	EXPECT_EQ(sa[15], 8);
	l = proposals_of(PROTO_AH, "sha256-x25519-esn", NULL);
	put(l.p, 1);
	EXPECT_EQ(parse(), 0);
	EXPECT(same(&got[0], &l.p[0]));
	/* one too many for the room is left out, the rest is still checked */
	l = proposals_of(PROTO_ESP, "aes128gcm16", "aes256gcm16");
	put(l.p, 2);
	ngot = 1;
	EXPECT_EQ(proposals_parse(sa, sa_len, got, &ngot, &bad), 0);
	EXPECT_EQ(ngot, 1);
	EXPECT_EQ(got[0].num, 1);
}

static void malformed_sa_is_refused(void)
{
	struct proposals l =
		proposals_of(PROTO_ESP, "aes128gcm16-x25519", "aes256gcm16");
	static const struct {
		size_t at;
		uint8_t value;
	} spoil[] = {
		{ 0, 0 }, /* last, but another one follows */
		{ 0, 3 }, { 3, 7 },  { 3, 1 },	 { 4, 0 }, /* number 0 */
		{ 4, 7 }, /* 7, then 2 */
		{ 6, 0 }, { 6, 8 },  { 6, 255 }, { 7, 2 }, /* transforms */
		{ 7, 4 }, { 12, 0 }, { 12, 2 },	 { 15, 7 }, { 15, 255 },
	};
	uint8_t whole[256];
	size_t len;

	put(l.p, 2);
	len = sa_len;
	memcpy(whole, sa, len);
	EXPECT_EQ(parse(), 0);
	for (sa_len = 0; sa_len < len; sa_len++) {
		EXPECT(parse() == -EBADMSG);
		EXPECT(bad && ngot == 0);
	}
	sa_len = len + 1;
	EXPECT(parse() == -EBADMSG);
	sa_len = len;
	for (unsigned int i = 0; i < sizeof(spoil) / sizeof(spoil[0]); i++) {
		memcpy(sa, whole, len);
		sa[spoil[i].at] = spoil[i].value;
		if (parse() != -EBADMSG)
			printf("\n    byte %zu = %u\n", spoil[i].at,
			       spoil[i].value);
		EXPECT(parse() == -EBADMSG);
	}
}

/* A proposal by hand: transforms as bytes. */
static void by_hand(uint8_t protocol, unsigned int n, const char *transforms,
		    size_t len)
{
	uint8_t spi = protocol == PROTO_IKE ? 0 : 4;
	uint8_t head[] = { 0, 0, 0, 8 + spi + len, 1, protocol, spi, n };

	memcpy(sa, head, 8);
	memset(sa + 8, 1, spi);
	memcpy(sa + 8 + spi, transforms, len);
	sa_len = 8 + spi + len;
}
#define BY_HAND(protocol, n, bytes)                                            \
	by_hand(protocol, n, bytes, sizeof(bytes) - 1)

#define GCM128 "\3\0\0\14\1\0\0\24\200\16\0\200"
#define NOESN "\0\0\0\10\5\0\0\0"

static void ike_24_what_is_unknown_voids_only_itself(void)
{
	BY_HAND(PROTO_ESP, 2, GCM128 NOESN);
	EXPECT_EQ(parse(), 0);
	EXPECT_EQ(ngot, 1);
	EXPECT_EQ(got[0].n, 2);
	/* an unknown id is kept: it is the other one that is chosen */
	BY_HAND(PROTO_ESP, 3, "\3\0\0\10\1\0\x12\x34" GCM128 NOESN);
	EXPECT_EQ(parse(), 0);
	EXPECT_EQ(got[0].n, 3);
	/* an unknown attribute, short or long, takes its transform along */
	BY_HAND(PROTO_ESP, 3,
		"\3\0\0\20\1\0\0\24\200\16\1\0\200\17\0\1" GCM128 NOESN);
	EXPECT_EQ(parse(), 0);
	EXPECT_EQ(ngot, 1);
	EXPECT_EQ(got[0].n, 2);
	EXPECT_EQ(got[0].t[0].bits, 128);
	BY_HAND(PROTO_ESP, 3,
		"\3\0\0\22\1\0\0\24\0\17\0\2ab\200\16\1\0" GCM128 NOESN);
	EXPECT_EQ(parse(), 0);
	EXPECT_EQ(got[0].n, 2);
	/* a key length given twice or as zero */
	BY_HAND(PROTO_ESP, 3,
		"\3\0\0\20\1\0\0\24\200\16\1\0\200\16\0\200" GCM128 NOESN);
	EXPECT_EQ(parse(), 0);
	EXPECT_EQ(got[0].n, 2);
	BY_HAND(PROTO_ESP, 3, "\3\0\0\14\1\0\0\24\200\16\0\0" GCM128 NOESN);
	EXPECT_EQ(parse(), 0);
	EXPECT_EQ(got[0].n, 2);
	/* attributes out of bounds are a fault of the message */
	BY_HAND(PROTO_ESP, 2, "\3\0\0\14\1\0\0\24\0\17\0\4" NOESN);
	EXPECT(parse() == -EBADMSG);
	BY_HAND(PROTO_ESP, 2, "\3\0\0\12\1\0\0\24\200\16" NOESN);
	EXPECT(parse() == -EBADMSG);
	/* a type of which nothing is left was still asked for: no proposal,
	 * or the key exchange that was wanted would silently be left out */
	BY_HAND(PROTO_ESP, 3, GCM128 "\3\0\0\14\4\0\0\37\200\17\0\1" NOESN);
	EXPECT_EQ(parse(), 0);
	EXPECT_EQ(ngot, 0);
	/* so does an unknown type void its proposal (3.3.6) */
	BY_HAND(PROTO_ESP, 3, GCM128 "\3\0\0\10\15\0\0\1" NOESN);
	EXPECT_EQ(parse(), 0);
	EXPECT_EQ(ngot, 0);
	BY_HAND(PROTO_ESP, 0, "");
	EXPECT_EQ(parse(), 0);
	EXPECT_EQ(ngot, 0);
	/* and a protocol of which nothing is known */
	BY_HAND(7, 2, GCM128 NOESN);
	EXPECT_EQ(parse(), 0);
	EXPECT_EQ(ngot, 0);
}

static void the_void_proposal_leaves_the_others(void)
{
	struct proposals l =
		proposals_of(PROTO_ESP, "aes128gcm16", "aes256gcm16");

	put(l.p, 2);
	sa[5] = 9; /* protocol of the first */
	EXPECT_EQ(parse(), 0);
	EXPECT_EQ(ngot, 1);
	EXPECT_EQ(got[0].num, 2);
	EXPECT_EQ(got[0].spi, 0xc0ffee02);
}

static void long_lists_keep_what_can_be_chosen(void)
{
	struct proposal p = { .num = 1, .protocol = PROTO_IKE };
	static uint8_t t[256 * 8];
	struct proposals ours =
		proposals_of(PROTO_IKE, "aes128gcm16-prfsha256-x25519", NULL);
	struct proposals theirs = { .n = 1 };
	const struct proposal_pick pick = { .prefer_ours = true };
	struct proposal chosen;
	unsigned int n = 0;

	/* 200 transforms that nobody knows, then the good ones */
	for (; n < 200; n++) {
		uint8_t one[] = { 3, 0, 0, 8, TT_ENCR, 0, 0x20, n };

		memcpy(t + 8 * n, one, 8);
	}
	put(ours.p, 1);
	memmove(sa + 8 + 1600, sa + 8, sa_len - 8);
	memcpy(sa + 8, t, 1600);
	sa_len += 1600;
	sa[2] = sa_len >> 8;
	sa[3] = sa_len;
	sa[7] += 200;
	EXPECT_EQ(parse(), 0);
	EXPECT_EQ(ngot, 1);
	theirs.p[0] = got[0];
	EXPECT_EQ(proposal_choose(ours.p, 1, theirs.p, 1, &pick, &chosen, why,
				  sizeof(why)),
		  0);
	/* more known ones than fit: the first ones stay, no type is lost */
	for (n = 0; n < PROPOSAL_TRANSFORMS_MAX; n++)
		p.t[n] = (struct transform){ TT_ENCR, ENCR_AES_GCM_16, n + 1 };
	p.n = n;
	put(&p, 1);
	EXPECT_EQ(parse(), 0);
	EXPECT_EQ(got[0].n, PROPOSAL_TRANSFORMS_MAX);
	sa[sa_len - 12] = 3;
	memcpy(sa + sa_len, "\0\0\0\10\4\0\0\37", 8);
	sa_len += 8;
	sa[2] = sa_len >> 8;
	sa[3] = sa_len;
	sa[7]++;
	EXPECT_EQ(parse(), 0);
	EXPECT_EQ(ngot, 0); /* its key exchange did not fit */
}

static const struct test_case cases[] = {
	{ "keywords_of_ike", keywords_of_ike },
	{ "keywords_of_esp_and_ah", keywords_of_esp_and_ah },
	{ "keywords_that_do_not_fit_are_named",
	  keywords_that_do_not_fit_are_named },
	{ "ike_46_defaults_are_of_rfc_8247", ike_46_defaults_are_of_rfc_8247 },
	{ "names", names },
	{ "what_is_written_is_read", what_is_written_is_read },
	{ "malformed_sa_is_refused", malformed_sa_is_refused },
	{ "ike_24_what_is_unknown_voids_only_itself",
	  ike_24_what_is_unknown_voids_only_itself },
	{ "the_void_proposal_leaves_the_others",
	  the_void_proposal_leaves_the_others },
	{ "long_lists_keep_what_can_be_chosen",
	  long_lists_keep_what_can_be_chosen },
	{ 0 },
};

int main(int argc, char **argv)
{
	return suite_run("test_proposal", cases, argc, argv);
}
