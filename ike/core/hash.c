/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hash tables whose nodes are part of what they hold, and SipHash-2-4
 * (Aumasson, Bernstein, 2012) under a key that is drawn at the start: what
 * peers may choose (their SPIs, messages, identities) is hashed by it.
 */
#include <stdlib.h>
#include <string.h>
#include "core/internal.h"

static uint64_t rotl(uint64_t x, int b)
{
	return x << b | x >> (64 - b);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotl(v[1], 13) ^ v[0];
	v[0] = rotl(v[0], 32);
	v[2] += v[3];
	v[3] = rotl(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotl(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotl(v[1], 17) ^ v[2];
	v[2] = rotl(v[2], 32);
}

static void sip_word(uint64_t v[4], uint64_t m)
{
	v[3] ^= m;
	sip_round(v);
	sip_round(v);
	v[0] ^= m;
}

uint64_t ike_hash(const struct ike *ike, const void *data, size_t len)
{
	const uint8_t *p = data;
	uint64_t k0 = ike->hash_key[0], k1 = ike->hash_key[1];
	uint64_t v[4] = { k0 ^ 0x736f6d6570736575ull,
			  k1 ^ 0x646f72616e646f6dull,
			  k0 ^ 0x6c7967656e657261ull,
			  k1 ^ 0x7465646279746573ull };
	uint64_t m, last = (uint64_t)len << 56;
	size_t n;

	for (n = len; n >= 8; n -= 8, p += 8) {
		memcpy(&m, p, 8);
		sip_word(v, m);
	}
	m = 0;
	memcpy(&m, p, n);
	sip_word(v, m | last);
	v[2] ^= 0xff;
	for (n = 0; n < 4; n++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* Keys are random SPIs, SipHash values or handles: mixing is enough. */
static unsigned int slot(const struct htable *t, uint64_t key)
{
	return (key * 0x9e3779b97f4a7c15ull) >> 32 & (t->size - 1);
}

int htable_init(struct htable *t, unsigned int size)
{
	t->bucket = calloc(size, sizeof(*t->bucket));
	t->size = size;
	t->used = 0;
	return t->bucket ? 0 : -ENOMEM;
}

void htable_free(struct htable *t)
{
	free(t->bucket);
	memset(t, 0, sizeof(*t));
}

static void grow(struct htable *t)
{
	struct htable big;
	unsigned int i, at;

	if (htable_init(&big, t->size * 2))
		return;
	for (i = 0; i < t->size; i++) {
		struct hnode *n = t->bucket[i], *next;

		for (; n; n = next) {
			next = n->next;
			at = slot(&big, n->key);
			n->next = big.bucket[at];
			big.bucket[at] = n;
		}
	}
	big.used = t->used;
	free(t->bucket);
	*t = big;
}

void htable_add(struct htable *t, struct hnode *n, uint64_t key)
{
	unsigned int at;

	if (t->used >= t->size)
		grow(t);
	at = slot(t, key);
	n->key = key;
	n->next = t->bucket[at];
	t->bucket[at] = n;
	t->used++;
}

void htable_del(struct htable *t, struct hnode *n)
{
	struct hnode **p = &t->bucket[slot(t, n->key)];

	for (; *p; p = &(*p)->next) {
		if (*p != n)
			continue;
		*p = n->next;
		n->next = NULL;
		t->used--;
		return;
	}
}

struct hnode *htable_find(const struct htable *t, uint64_t key,
			  const struct hnode *prev)
{
	struct hnode *n = prev ? prev->next : t->bucket[slot(t, key)];

	while (n && n->key != key)
		n = n->next;
	return n;
}
