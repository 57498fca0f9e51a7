// SPDX-License-Identifier: Apache-2.0
/*
 * Proposals as text: the keywords of swanctl.conf and the names that swanctl
 * prints. One table has all transforms; a keyword that it lacks does not exist.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "wire/proposal.h"

/** @words: alternatives, between blanks; NULL: has a name only */
static const struct algorithm {
	uint8_t type;
	uint16_t id, bits;
	const char *words, *name;
} algorithms[] = {
	{ TT_ENCR, ENCR_NULL, 0, "null", "NULL" },
	{ TT_ENCR, ENCR_AES_CBC, 128, "aes128 aes", "AES_CBC" },
	{ TT_ENCR, ENCR_AES_CBC, 192, "aes192", "AES_CBC" },
	{ TT_ENCR, ENCR_AES_CBC, 256, "aes256", "AES_CBC" },
	{ TT_ENCR, ENCR_AES_CTR, 128, "aes128ctr", "AES_CTR" },
	{ TT_ENCR, ENCR_AES_CTR, 192, "aes192ctr", "AES_CTR" },
	{ TT_ENCR, ENCR_AES_CTR, 256, "aes256ctr", "AES_CTR" },
	{ TT_ENCR, ENCR_AES_CCM_8, 128, "aes128ccm8 aes128ccm64", "AES_CCM_8" },
	{ TT_ENCR, ENCR_AES_CCM_8, 192, "aes192ccm8 aes192ccm64", "AES_CCM_8" },
	{ TT_ENCR, ENCR_AES_CCM_8, 256, "aes256ccm8 aes256ccm64", "AES_CCM_8" },
	{ TT_ENCR, ENCR_AES_CCM_12, 128, "aes128ccm12 aes128ccm96",
	  "AES_CCM_12" },
	{ TT_ENCR, ENCR_AES_CCM_12, 192, "aes192ccm12 aes192ccm96",
	  "AES_CCM_12" },
	{ TT_ENCR, ENCR_AES_CCM_12, 256, "aes256ccm12 aes256ccm96",
	  "AES_CCM_12" },
	{ TT_ENCR, ENCR_AES_CCM_16, 128, "aes128ccm16 aes128ccm128",
	  "AES_CCM_16" },
	{ TT_ENCR, ENCR_AES_CCM_16, 192, "aes192ccm16 aes192ccm128",
	  "AES_CCM_16" },
	{ TT_ENCR, ENCR_AES_CCM_16, 256, "aes256ccm16 aes256ccm128",
	  "AES_CCM_16" },
	{ TT_ENCR, ENCR_AES_GCM_8, 128, "aes128gcm8 aes128gcm64", "AES_GCM_8" },
	{ TT_ENCR, ENCR_AES_GCM_8, 192, "aes192gcm8 aes192gcm64", "AES_GCM_8" },
	{ TT_ENCR, ENCR_AES_GCM_8, 256, "aes256gcm8 aes256gcm64", "AES_GCM_8" },
	{ TT_ENCR, ENCR_AES_GCM_12, 128, "aes128gcm12 aes128gcm96",
	  "AES_GCM_12" },
	{ TT_ENCR, ENCR_AES_GCM_12, 192, "aes192gcm12 aes192gcm96",
	  "AES_GCM_12" },
	{ TT_ENCR, ENCR_AES_GCM_12, 256, "aes256gcm12 aes256gcm96",
	  "AES_GCM_12" },
	{ TT_ENCR, ENCR_AES_GCM_16, 128, "aes128gcm16 aes128gcm128 aes128gcm",
	  "AES_GCM_16" },
	{ TT_ENCR, ENCR_AES_GCM_16, 192, "aes192gcm16 aes192gcm128 aes192gcm",
	  "AES_GCM_16" },
	{ TT_ENCR, ENCR_AES_GCM_16, 256, "aes256gcm16 aes256gcm128 aes256gcm",
	  "AES_GCM_16" },
	{ TT_ENCR, ENCR_NULL_AES_GMAC, 128, "aes128gmac", "NULL_AES_GMAC" },
	{ TT_ENCR, ENCR_NULL_AES_GMAC, 192, "aes192gmac", "NULL_AES_GMAC" },
	{ TT_ENCR, ENCR_NULL_AES_GMAC, 256, "aes256gmac", "NULL_AES_GMAC" },
	{ TT_ENCR, ENCR_CHACHA20_POLY1305, 0, "chacha20poly1305",
	  "CHACHA20_POLY1305" },
	{ TT_INTEG, INTEG_NONE, 0, NULL, "NONE" },
	{ TT_INTEG, INTEG_HMAC_SHA1_96, 0, "sha1 sha", "HMAC_SHA1_96" },
	{ TT_INTEG, INTEG_HMAC_SHA2_256_128, 0, "sha256 sha2_256",
	  "HMAC_SHA2_256_128" },
	{ TT_INTEG, INTEG_HMAC_SHA2_384_192, 0, "sha384 sha2_384",
	  "HMAC_SHA2_384_192" },
	{ TT_INTEG, INTEG_HMAC_SHA2_512_256, 0, "sha512 sha2_512",
	  "HMAC_SHA2_512_256" },
	{ TT_PRF, PRF_HMAC_SHA1, 0, "prfsha1", "PRF_HMAC_SHA1" },
	{ TT_PRF, PRF_HMAC_SHA2_256, 0, "prfsha256", "PRF_HMAC_SHA2_256" },
	{ TT_PRF, PRF_HMAC_SHA2_384, 0, "prfsha384", "PRF_HMAC_SHA2_384" },
	{ TT_PRF, PRF_HMAC_SHA2_512, 0, "prfsha512", "PRF_HMAC_SHA2_512" },
	{ TT_KE, KE_NONE, 0, "modpnone", "MODP_NONE" },
	{ TT_KE, KE_CURVE25519, 0, "x25519 curve25519", "CURVE_25519" },
	{ TT_KE, KE_CURVE448, 0, "x448 curve448", "CURVE_448" },
	{ TT_KE, KE_ECP_256, 0, "ecp256", "ECP_256" },
	{ TT_KE, KE_ECP_384, 0, "ecp384", "ECP_384" },
	{ TT_KE, KE_ECP_521, 0, "ecp521", "ECP_521" },
	{ TT_KE, KE_MODP_2048, 0, "modp2048", "MODP_2048" },
	{ TT_KE, KE_MODP_3072, 0, "modp3072", "MODP_3072" },
	{ TT_KE, KE_MODP_4096, 0, "modp4096", "MODP_4096" },
	{ TT_ESN, ESN_NO, 0, "noesn", "NO_EXT_SEQ" },
	{ TT_ESN, ESN_YES, 0, "esn", "EXT_SEQ" },
};
#define NALGORITHMS (sizeof(algorithms) / sizeof(algorithms[0]))

/* The PRF that goes with an integrity algorithm. */
static const struct {
	uint16_t integ, prf;
} prf_of[] = {
	{ INTEG_HMAC_SHA1_96, PRF_HMAC_SHA1 },
	{ INTEG_HMAC_SHA2_256_128, PRF_HMAC_SHA2_256 },
	{ INTEG_HMAC_SHA2_384_192, PRF_HMAC_SHA2_384 },
	{ INTEG_HMAC_SHA2_512_256, PRF_HMAC_SHA2_512 },
};

/*
 * What is offered by default, in order of preference. AES-GCM with the full ICV
 * only (RFC 8221 section 5, RFC 8247 section 2.1); SHA-1 for nobody.
 */
static const char ike_aead[] =
	"aes128gcm16-aes192gcm16-aes256gcm16-chacha20poly1305-"
	"prfsha256-prfsha384-prfsha512-"
	"x25519-ecp256-ecp384-ecp521-x448-modp3072-modp4096-modp2048";
static const char ike_other[] =
	"aes128-aes192-aes256-sha256-sha384-sha512-"
	"prfsha256-prfsha384-prfsha512-"
	"x25519-ecp256-ecp384-ecp521-x448-modp3072-modp4096-modp2048";
static const char esp_aead[] = "aes128gcm16-aes192gcm16-aes256gcm16-noesn";
static const char esp_other[] =
	"aes128-aes192-aes256-sha256-sha384-sha512-noesn";
static const char ah_other[] = "sha256-sha384-sha512-noesn";

const char *transform_name(uint8_t type, uint16_t id)
{
	for (unsigned int i = 0; i < NALGORITHMS; i++)
		if (algorithms[i].type == type && algorithms[i].id == id)
			return algorithms[i].name;
	if (type >= TT_ADDKE1 && type <= TT_ADDKE7)
		return transform_name(TT_KE, id);
	return NULL;
}

/* ---------------------------------------------------------------- from text */

static bool in_words(const char *words, const char *word, size_t len)
{
	while (words && *words) {
		size_t n = strcspn(words, " ");

		if (n == len && !memcmp(words, word, len))
			return true;
		words += n + strspn(words + n, " ");
	}
	return false;
}

static bool fits_protocol(uint8_t protocol, const struct algorithm *a)
{
	switch (a->type) {
	case TT_ENCR:
		/* a message of IKE is always encrypted */
		return protocol == PROTO_ESP ||
		       (protocol == PROTO_IKE && a->id != ENCR_NULL &&
			a->id != ENCR_NULL_AES_GMAC);
	case TT_PRF:
		return protocol == PROTO_IKE;
	case TT_KE:
		return protocol != PROTO_IKE || a->id != KE_NONE;
	case TT_ESN:
		return protocol != PROTO_IKE;
	default:
		return true;
	}
}

static void list_words(uint8_t protocol, char *out, size_t size)
{
	size_t len = 0;
	int n;

	for (unsigned int i = 0; i < NALGORITHMS && len < size; i++) {
		const struct algorithm *a = &algorithms[i];

		if (!a->words || !fits_protocol(protocol, a))
			continue;
		n = snprintf(out + len, size - len, "%s%.*s", len ? " " : "",
			     (int)strcspn(a->words, " "), a->words);
		len += n > 0 ? n : 0;
	}
}

static bool add(struct proposal *p, uint8_t type, uint16_t id, uint16_t bits)
{
	for (unsigned int i = 0; i < p->n; i++)
		if (p->t[i].type == type && p->t[i].id == id &&
		    p->t[i].bits == bits)
			return true;
	if (p->n == PROPOSAL_TRANSFORMS_MAX)
		return false;
	p->t[p->n++] = (struct transform){ type, id, bits };
	return true;
}

static unsigned int count(const struct proposal *p, uint8_t type)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < p->n; i++)
		n += p->t[i].type == type;
	return n;
}

static void drop_type(struct proposal *p, uint8_t type)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < p->n; i++)
		if (p->t[i].type != type)
			p->t[n++] = p->t[i];
	p->n = n;
}

static bool add_prfs(struct proposal *p)
{
	unsigned int n = p->n;

	for (unsigned int i = 0; i < n; i++)
		for (size_t k = 0; k < sizeof(prf_of) / sizeof(prf_of[0]); k++)
			if (p->t[i].type == TT_INTEG &&
			    p->t[i].id == prf_of[k].integ &&
			    !add(p, TT_PRF, prf_of[k].prf, 0))
				return false;
	return true;
}

/* What a whole proposal has to have; what it leaves out is added. */
static const char *complete(struct proposal *p)
{
	unsigned int ciphers = count(p, TT_ENCR), aead = 0;

	for (unsigned int i = 0; i < p->n; i++)
		aead += p->t[i].type == TT_ENCR && encr_is_aead(p->t[i].id);
	if (aead && aead != ciphers)
		return "AEAD and other ciphers have to be two proposals";
	if (!ciphers && p->protocol != PROTO_AH)
		return "a cipher is missing, such as aes128gcm16";
	if (!aead && !count(p, TT_INTEG))
		return "an integrity algorithm is missing, such as sha256";
	if (aead && p->protocol == PROTO_ESP && count(p, TT_INTEG))
		return "an AEAD cipher takes no integrity algorithm";
	if (p->protocol != PROTO_IKE)
		return count(p, TT_ESN) || add(p, TT_ESN, ESN_NO, 0)
			       ? NULL
			       : "too many algorithms";
	if (!count(p, TT_PRF) && !add_prfs(p))
		return "too many algorithms";
	if (!count(p, TT_PRF))
		return "a PRF is missing, such as prfsha256";
	if (!count(p, TT_KE))
		return "a key exchange is missing, such as x25519";
	if (aead)
		drop_type(p, TT_INTEG);
	return NULL;
}

static int read_word(struct proposal *p, const char *word, size_t len,
		     char *why, size_t size)
{
	char allowed[1024];

	for (unsigned int i = 0; i < NALGORITHMS; i++) {
		const struct algorithm *a = &algorithms[i];

		if (!in_words(a->words, word, len) ||
		    !fits_protocol(p->protocol, a))
			continue;
		if (add(p, a->type, a->id, a->bits))
			return 0;
		snprintf(why, size, "more than %d algorithms",
			 PROPOSAL_TRANSFORMS_MAX);
		return -EINVAL;
	}
	list_words(p->protocol, allowed, sizeof(allowed));
	snprintf(why, size, "algorithm '%.*s': allowed here are %s",
		 (int)(len > 64 ? 64 : len), word, allowed);
	return -EINVAL;
}

int proposal_from_text(const char *text, uint8_t protocol, struct proposal *p,
		       char *why, size_t size)
{
	const char *lack;
	size_t len;
	int rc;

	if (!strcmp(text, "default") || !strcmp(text, "default-aead")) {
		proposal_default(protocol, text[strlen("default")], p);
		if (p->n)
			return 0;
		snprintf(why, size, "'%s': AH has no AEAD", text);
		return -EINVAL;
	}
	*p = (struct proposal){ .num = 1, .protocol = protocol };
	for (;; text += len + 1) {
		len = strcspn(text, "-");
		rc = read_word(p, text, len, why, size);
		if (rc)
			return rc;
		if (!text[len])
			break;
	}
	lack = complete(p);
	if (!lack)
		return 0;
	snprintf(why, size, "%s", lack);
	return -EINVAL;
}

void proposal_default(uint8_t protocol, bool aead, struct proposal *p)
{
	const char *text = protocol == PROTO_IKE   ? aead ? ike_aead : ike_other
			   : protocol == PROTO_ESP ? aead ? esp_aead : esp_other
			   : aead		   ? NULL
						   : ah_other;
	char why[1];

	if (!text || proposal_from_text(text, protocol, p, why, sizeof(why)))
		*p = (struct proposal){ .num = 1, .protocol = protocol };
}

/* ------------------------------------------------------------------ to text */

const char *proposal_text(const struct proposal *p, char *buf, size_t size)
{
	static const uint8_t order[] = { TT_ENCR, TT_INTEG, TT_PRF, TT_KE,
					 6,	  7,	    8,	    9,
					 10,	  11,	    12,	    TT_ESN };
	size_t len = 0;
	int n;

	if (size)
		buf[0] = '\0';
	for (size_t o = 0; o < sizeof(order); o++) {
		for (unsigned int i = 0; i < p->n && len < size; i++) {
			const struct transform *t = &p->t[i];
			const char *name = transform_name(t->type, t->id);
			char id[24], bits[8] = "";

			if (t->type != order[o])
				continue;
			snprintf(id, sizeof(id), "unknown(%u)", t->id);
			if (t->bits)
				snprintf(bits, sizeof(bits), "_%u", t->bits);
			n = snprintf(buf + len, size - len, "%s%s%s",
				     len ? "/" : "", name ? name : id, bits);
			len += n > 0 ? n : 0;
		}
	}
	return buf;
}
