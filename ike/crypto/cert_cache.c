// SPDX-License-Identifier: Apache-2.0
/*
 * Certificates of peers that were trusted, as OpenSSL has read them: reading
 * one costs more than checking a signature with it. What is kept says nothing
 * about trust: chain, validity and revocation are looked at each time.
 */
#include <stdlib.h>
#include <string.h>
#include <openssl/sha.h>
#include "crypto/store.h"

#define SETS 128
#define WAYS 4 /* the last one used is first */
#define DER_MAX 4096 /* longer ones are read each time */

struct kept {
	uint8_t digest[SHA256_DIGEST_LENGTH];
	X509 *x509;
};

struct cert_cache {
	struct kept at[SETS][WAYS];
};

struct cert_cache *cert_cache_new(void)
{
	return calloc(1, sizeof(struct cert_cache));
}

void cert_cache_flush(struct cert_cache *c)
{
	unsigned int i, k;

	for (i = 0; c && i < SETS; i++)
		for (k = 0; k < WAYS; k++) {
			X509_free(c->at[i][k].x509);
			c->at[i][k].x509 = NULL;
		}
}

static void to_front(struct kept *set, unsigned int k)
{
	struct kept one = set[k];

	memmove(set + 1, set, k * sizeof(*set));
	set[0] = one;
}

/* Its place in its set, WAYS: it is not there. */
static struct kept *set_of(struct cert_cache *c, const struct chunk *der,
			   uint8_t digest[SHA256_DIGEST_LENGTH],
			   unsigned int *k)
{
	struct kept *set;

	if (!c || der->len > DER_MAX || !SHA256(der->p, der->len, digest))
		return NULL;
	set = c->at[digest[0] % SETS];
	for (*k = 0; *k < WAYS; ++*k)
		if (set[*k].x509 &&
		    !memcmp(set[*k].digest, digest, SHA256_DIGEST_LENGTH))
			break;
	return set;
}

X509 *cert_cache_find(struct cert_cache *c, const struct chunk *der)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	unsigned int k;
	struct kept *set = set_of(c, der, digest, &k);

	if (!set || k == WAYS || !X509_up_ref(set[k].x509))
		return NULL;
	to_front(set, k);
	return set[0].x509;
}

void cert_cache_keep(struct cert_cache *c, const struct chunk *der, X509 *x509)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	unsigned int k;
	struct kept *set = set_of(c, der, digest, &k);

	if (!set || k < WAYS || !X509_up_ref(x509))
		return;
	X509_free(set[WAYS - 1].x509);
	memcpy(set[WAYS - 1].digest, digest, sizeof(digest));
	set[WAYS - 1].x509 = x509;
	to_front(set, WAYS - 1);
}
