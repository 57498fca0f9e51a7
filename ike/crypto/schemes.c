// SPDX-License-Identifier: Apache-2.0
/*
 * Lists of signature schemes, as in `auth = ` of swanctl.conf.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "crypto/creds.h"
#include "crypto/schemes.h"

const struct scheme_hash scheme_hashes[HASHES] = {
	{ HASH_SHA2_256, "SHA2-256", "sha256" },
	{ HASH_SHA2_384, "SHA2-384", "sha384" },
	{ HASH_SHA2_512, "SHA2-512", "sha512" },
};

/* "rsa" signs as PKCS#1 v1.5, which every peer can, and takes both. */
static const struct {
	const char *word;
	unsigned int use, take;
} words[] = {
	{ "pubkey", KIND_ALL, KIND_ALL },
	{ "rsa/pss", KIND_PSS, KIND_PSS },
	{ "rsa", KIND_PKCS1, KIND_RSA },
	{ "ecdsa", KIND_ECDSA, KIND_ECDSA },
	{ "ed25519", KIND_ED25519, KIND_ED25519 },
	{ "ed448", KIND_ED448, KIND_ED448 },
	{ "eddsa", KIND_EDDSA, KIND_EDDSA },
};

static int read_word(const char *word, struct want *wants, unsigned int *n)
{
	for (unsigned int i = 0; i < HASHES; i++)
		if (!strcasecmp(word, scheme_hashes[i].word)) {
			if (!*n)
				return -EINVAL; /* a hash of what? */
			wants[*n - 1].hashes |= BIT(scheme_hashes[i].id);
			return 0;
		}
	for (unsigned int i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcasecmp(word, words[i].word) && *n < WANTS_MAX) {
			wants[(*n)++] =
				(struct want){ words[i].use, words[i].take, 0 };
			return 0;
		}
	return -EINVAL;
}

int scheme_read(const char *text, struct want *wants, unsigned int *n,
		char *why, size_t size)
{
	static const char seps[] = "-, ";

	*n = 0;
	if (!text) {
		wants[(*n)++] = (struct want){ KIND_ALL, KIND_ALL, 0 };
		return 0;
	}
	if (!strncasecmp(text, "ike:", 4))
		text += 4;
	while (*(text += strspn(text, seps))) {
		size_t len = strcspn(text, seps);
		char word[16];

		snprintf(word, sizeof(word), "%.*s", (int)len, text);
		if (len >= sizeof(word) || read_word(word, wants, n)) {
			snprintf(why, size,
				 "authentication scheme \"%.*s\": pubkey, rsa, "
				 "rsa/pss, ecdsa, ed25519, ed448 or eddsa, "
				 "each followed by sha256, sha384 or sha512",
				 (int)len, text);
			return -EINVAL;
		}
		text += len;
	}
	if (*n)
		return 0;
	snprintf(why, size, "list of authentication schemes is empty");
	return -EINVAL;
}

int ike_auth_schemes_check(const char *schemes, char *why, size_t size)
{
	struct want wants[WANTS_MAX];
	unsigned int n;

	return scheme_read(schemes, wants, &n, why, size);
}

static bool hash_fits(const struct want *want, unsigned int hash)
{
	return hash == HASH_IDENTITY || !want->hashes ||
	       want->hashes & BIT(hash);
}

bool scheme_taken(const struct want *wants, unsigned int n, enum kind kind,
		  unsigned int hash)
{
	for (unsigned int i = 0; i < n; i++)
		if (wants[i].take & kind && hash_fits(&wants[i], hash))
			return true;
	return false;
}
