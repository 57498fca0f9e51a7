// SPDX-License-Identifier: Apache-2.0
/* Placement in the inbound SA hash; see the header. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "sa_hash.h"

#define VALID 0x80000000u
#define NO_PLACE 0xffffffffu

static uint32_t rol(uint32_t v, unsigned int n)
{
	return v << n | v >> (32 - n);
}

uint32_t espi_sa_hash(uint32_t spi, const uint32_t dst[4], uint8_t proto)
{
	uint32_t c;
	int i;

	c = ~(spi ^ dst[0] ^ rol(dst[1], 5) ^ rol(dst[2], 11) ^
	      rol(dst[3], 17) ^ (uint32_t)proto << 24);
	for (i = 0; i < 32; i++)
		c = (c >> 1) ^ (c & 1 ? 0x82f63b78u : 0);
	return ~c;
}

int espi_hash_init(struct espi_hash *h, unsigned int sa_entries,
		   int (*write)(void *arg, unsigned int index,
				const struct espalier_hash_entry *entry),
		   void *arg)
{
	memset(h, 0, sizeof(*h));
	while (1u << h->log2 < sa_entries)
		h->log2++;
	h->write = write;
	h->arg = arg;
	/* sa_entries / 2 buckets in each of two tables */
	h->mirror = calloc(2 * (size_t)sa_entries, sizeof(*h->mirror));
	h->hash_of = calloc(sa_entries, sizeof(*h->hash_of));
	h->todo = calloc(sa_entries, sizeof(*h->todo));
	h->from = calloc(sa_entries, sizeof(*h->from));
	h->seen = calloc(sa_entries, sizeof(*h->seen));
	if (!h->mirror || !h->hash_of || !h->todo || !h->from || !h->seen) {
		espi_hash_exit(h);
		return -ENOMEM;
	}
	return 0;
}

void espi_hash_exit(struct espi_hash *h)
{
	free(h->mirror);
	free(h->hash_of);
	free(h->todo);
	free(h->from);
	free(h->seen);
	memset(h, 0, sizeof(*h));
}

void espi_hash_forget(struct espi_hash *h)
{
	memset(h->mirror, 0, sizeof(*h->mirror) << (h->log2 + 1));
}

/* Buckets of both tables are numbered through: table, then bucket. */
static unsigned int bucket_of(const struct espi_hash *h, uint32_t hash,
			      unsigned int table)
{
	unsigned int mask = (1u << (h->log2 - 1)) - 1;

	return table << (h->log2 - 1) | ((table ? hash >> 16 : hash) & mask);
}

static unsigned int table_of(const struct espi_hash *h, unsigned int bucket)
{
	return bucket >> (h->log2 - 1);
}

unsigned int espi_hash_index(const struct espi_hash *h, uint32_t hash,
			     unsigned int table, unsigned int way)
{
	return bucket_of(h, hash, table) << 1 | way;
}

static bool is_free(const struct espi_hash *h, unsigned int index)
{
	return !(h->mirror[index].slot & VALID);
}

static int put(struct espi_hash *h, unsigned int index,
	       const struct espalier_hash_entry *e)
{
	int ret = h->write(h->arg, index, e);

	if (!ret)
		h->mirror[index] = *e;
	return ret;
}

static void visit(struct espi_hash *h, unsigned int *tail, unsigned int bucket,
		  uint32_t from)
{
	if (h->seen[bucket] == h->round)
		return;
	h->seen[bucket] = h->round;
	h->from[bucket] = from;
	h->todo[(*tail)++] = (uint16_t)bucket;
}

/* Index of a free entry that @hash may take after moves, moves made. */
static int make_room(struct espi_hash *h, uint32_t hash, unsigned int *index)
{
	unsigned int head = 0, tail = 0, bucket, way, hole, src;
	uint32_t from;
	int ret;

	if (++h->round == 0) {
		memset(h->seen, 0, sizeof(*h->seen) << h->log2);
		h->round = 1;
	}
	visit(h, &tail, bucket_of(h, hash, 0), NO_PLACE);
	visit(h, &tail, bucket_of(h, hash, 1), NO_PLACE);
	while (head < tail) {
		bucket = h->todo[head++];
		for (way = 0; way < 2; way++)
			if (is_free(h, bucket << 1 | way))
				goto found;
		/* Who is here could live in its other bucket. */
		for (way = 0; way < 2; way++) {
			src = bucket << 1 | way;
			visit(h, &tail,
			      bucket_of(
				      h,
				      h->hash_of[h->mirror[src].slot & 0xffff],
				      !table_of(h, bucket)),
			      src);
		}
	}
	return -ENOSPC;

found:
	/* From the end of the path: the copy first, then its old place is the
	 * next hole, overwritten by the next copy or by the new entry. */
	hole = bucket << 1 | way;
	while ((from = h->from[hole >> 1]) != NO_PLACE) {
		ret = put(h, hole, &h->mirror[from]);
		if (ret)
			return ret;
		hole = from;
	}
	*index = hole;
	return 0;
}

int espi_hash_insert(struct espi_hash *h, uint32_t spi, uint32_t hash,
		     uint8_t proto, unsigned int slot)
{
	const struct espalier_hash_entry e = {
		.spi = spi,
		.slot = VALID | (uint32_t)proto << 16 | slot,
	};
	unsigned int index = 0;
	int ret;

	ret = make_room(h, hash, &index);
	if (ret)
		return ret;
	h->hash_of[slot] = hash;
	return put(h, index, &e);
}

int espi_hash_remove(struct espi_hash *h, unsigned int slot)
{
	static const struct espalier_hash_entry none;
	uint32_t hash = h->hash_of[slot];
	unsigned int i, index;
	int ret, first = 0;

	/* All four: a move that was broken off leaves two copies. */
	for (i = 0; i < 4; i++) {
		index = espi_hash_index(h, hash, i >> 1, i & 1);
		if (is_free(h, index) ||
		    (h->mirror[index].slot & 0xffff) != slot)
			continue;
		ret = put(h, index, &none);
		if (ret && !first)
			first = ret;
	}
	return first;
}

unsigned int espi_hash_lookup(const struct espi_hash *h, uint32_t spi,
			      uint32_t hash, unsigned int slots[4])
{
	unsigned int i, index, n = 0;

	for (i = 0; i < 4; i++) {
		index = espi_hash_index(h, hash, i >> 1, i & 1);
		if (!is_free(h, index) && h->mirror[index].spi == spi)
			slots[n++] = h->mirror[index].slot & 0xffff;
	}
	return n;
}
