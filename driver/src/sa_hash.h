/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Placement in the inbound SA hash: two tables of two-way buckets, cuckoo
 * moves. The device looks at the four entries where a packet's SA can be
 * while this changes them, so that an entry that moves is written at its new
 * place before its old one is overwritten: a lookup never misses an SA that
 * is in.
 */
#ifndef ESPALIER_SA_HASH_H
#define ESPALIER_SA_HASH_H

#include <stdint.h>
#include <espalier/layout.h>

struct espi_hash {
	unsigned int log2; /* of the entries of one table */
	struct espalier_hash_entry
		*mirror; /* both tables, as the device has it */
	uint32_t *hash_of; /* by slot */
	/* breadth-first search: buckets to visit, how each was reached */
	uint16_t *todo;
	uint32_t *from;
	uint32_t *seen;
	uint32_t round;
	int (*write)(void *arg, unsigned int index,
		     const struct espalier_hash_entry *entry);
	void *arg;
};

int espi_hash_init(struct espi_hash *h, unsigned int sa_entries,
		   int (*write)(void *arg, unsigned int index,
				const struct espalier_hash_entry *entry),
		   void *arg);
void espi_hash_exit(struct espi_hash *h);

/* CRC-32C of the folded key: espalier_pkg::sa_hash(). @dst: words of the
 * 128-bit number, least significant first. */
uint32_t espi_sa_hash(uint32_t spi, const uint32_t dst[4], uint8_t proto);

/* Index of way @way of @hash's bucket in @table. */
unsigned int espi_hash_index(const struct espi_hash *h, uint32_t hash,
			     unsigned int table, unsigned int way);

/* 0, -ENOSPC when no sequence of moves makes room, or what write returned. */
int espi_hash_insert(struct espi_hash *h, uint32_t spi, uint32_t hash,
		     uint8_t proto, unsigned int slot);
int espi_hash_remove(struct espi_hash *h, unsigned int slot);

/* Slots of entries that hold @spi where @hash can be: count, up to four. */
unsigned int espi_hash_lookup(const struct espi_hash *h, uint32_t spi,
			      uint32_t hash, unsigned int slots[4]);
/* The device has lost its table; so has the mirror. */
void espi_hash_forget(struct espi_hash *h);

#endif /* ESPALIER_SA_HASH_H */
