/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Against floods of IKE_SA_INIT (RFC 7296 section 2.6): cookies that need no
 * memory, and limits on SAs that nobody has authenticated yet, for all and for
 * one address.
 */
#include <stdlib.h>
#include <string.h>
#include <openssl/crypto.h>
#include "core/exchange.h"
#include "core/internal.h"

#define SECRET_LEN 32
#define SECRET_LIFE (60 * IKE_USEC)
#define COOKIE_LEN 33 /* version of the secret, PRF output */

/* The last one is good for another period: who was asked just before the
 * change is not asked again. */
struct cookie_secrets {
	uint8_t secret[2][SECRET_LEN];
	uint8_t version; /* of the newer; its low bit says which it is */
	uint64_t since;
};

int cookies_init(struct ike *ike)
{
	struct cookie_secrets *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	ike->ops->random(ike->ctx, c->secret, sizeof(c->secret));
	c->since = ike->now;
	ike->cookies = c;
	return 0;
}

void cookies_free(struct ike *ike)
{
	if (ike->cookies)
		OPENSSL_cleanse(ike->cookies, sizeof(*ike->cookies));
	free(ike->cookies);
	ike->cookies = NULL;
}

bool cookie_wanted(const struct ike *ike)
{
	return ike->cnt.half_open >= ike->set.cookie_from;
}

static void renew(struct ike *ike)
{
	struct cookie_secrets *c = ike->cookies;
	uint64_t age = ike->now - c->since;
	unsigned int n;

	for (n = 0; n < 2 && age >= SECRET_LIFE; n++, age -= SECRET_LIFE) {
		c->version++;
		ike->ops->random(ike->ctx, c->secret[c->version & 1],
				 SECRET_LEN);
		c->since = ike->now;
	}
}

static int compute(struct ike *ike, uint8_t version,
		   const struct ike_end *remote, uint64_t spi_i,
		   const struct chunk *ni, uint8_t out[COOKIE_LEN])
{
	const struct chunk data[] = {
		*ni,
		{ remote->ip.bytes, addr_len(&remote->ip) },
		{ (const uint8_t *)&spi_i, sizeof(spi_i) },
		{ &version, 1 },
	};

	out[0] = version;
	return ike_prf(PRF_HMAC_SHA2_256, ike->cookies->secret[version & 1],
		       SECRET_LEN, data, 4, out + 1);
}

size_t cookie_make(struct ike *ike, const struct ike_end *remote,
		   uint64_t spi_i, const struct chunk *ni, uint8_t out[64])
{
	renew(ike);
	if (compute(ike, ike->cookies->version, remote, spi_i, ni, out))
		return 0;
	return COOKIE_LEN;
}

bool cookie_good(struct ike *ike, const struct ike_end *remote, uint64_t spi_i,
		 const struct chunk *ni, const struct chunk *cookie)
{
	struct cookie_secrets *c = ike->cookies;
	uint8_t want[COOKIE_LEN];

	renew(ike);
	if (cookie->len != COOKIE_LEN)
		return false;
	if (cookie->p[0] != c->version &&
	    cookie->p[0] != (uint8_t)(c->version - 1))
		return false;
	return !compute(ike, cookie->p[0], remote, spi_i, ni, want) &&
	       !CRYPTO_memcmp(want, cookie->p, COOKIE_LEN);
}

/* --------------------------------------------------------------- half-open */

struct half_source {
	struct hnode h;
	struct espalier_addr ip;
	unsigned int n;
};

static uint64_t source_key(const struct ike *ike,
			   const struct espalier_addr *ip)
{
	return ike_hash(ike, ip->bytes, addr_len(ip));
}

static struct half_source *source_find(const struct ike *ike,
				       const struct espalier_addr *ip)
{
	struct hnode *n = NULL;
	uint64_t key = source_key(ike, ip);

	while ((n = htable_find(&ike->by_source, key, n))) {
		struct half_source *s = container_of(n, struct half_source, h);

		if (addr_equal(&s->ip, ip))
			return s;
	}
	return NULL;
}

int half_open_check(struct ike *ike, const struct ike_end *remote)
{
	struct half_source *s;

	if (ike->cnt.half_open >= ike->set.half_open_max)
		return ike_fail(ike, -EBUSY,
				"%u half-open SAs, which is the limit",
				ike->cnt.half_open);
	s = source_find(ike, &remote->ip);
	if (s && s->n >= ike->set.half_open_source)
		return ike_fail(
			ike, -EBUSY,
			"%u half-open SAs of this address, which is the limit",
			s->n);
	return 0;
}

int half_open_begin(struct ike_sa *sa)
{
	struct ike *ike = sa->ike;
	struct half_source *s = source_find(ike, &sa->remote.ip);

	if (!s) {
		s = mem_get(ike, sizeof(*s));
		if (!s)
			return ike_fail(ike, -ENOMEM, "out of memory");
		s->ip = sa->remote.ip;
		htable_add(&ike->by_source, &s->h, source_key(ike, &s->ip));
	}
	s->n++;
	sa->source = s;
	ike->cnt.half_open++;
	return 0;
}

void half_open_end(struct ike_sa *sa)
{
	struct half_source *s = sa->source;
	struct ike *ike = sa->ike;

	if (!s)
		return;
	sa->source = NULL;
	ike->cnt.half_open--;
	if (--s->n)
		return;
	htable_del(&ike->by_source, &s->h);
	mem_put(ike, s);
}
