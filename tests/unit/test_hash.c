// SPDX-License-Identifier: Apache-2.0
/*
 * Placement in the inbound SA hash: fills to the last SA, and at every write a
 * reader that looks as the device does finds each SA that is in.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "rng.h"
#include "suite.h"
#include "sa_hash.h"

#define SA_MAX 4096

static struct espi_hash h;
static struct espalier_hash_entry gates[2 * SA_MAX]; /* the device's view */
static struct sa {
	uint32_t spi, hash;
	bool in;
} sa[SA_MAX];
static unsigned int sas, writes, misses, doubles_max;
static bool check_all;
static int fail_after;
static struct rng rng;

/* How many of the four places hold @slot. */
static unsigned int places(unsigned int slot)
{
	unsigned int i, n = 0;
	const struct espalier_hash_entry *e;

	for (i = 0; i < 4; i++) {
		e = &gates[espi_hash_index(&h, sa[slot].hash, i >> 1, i & 1)];
		if (e->slot == (0x80000000u | 50u << 16 | slot) &&
		    e->spi == sa[slot].spi)
			n++;
	}
	return n;
}

static int hash_write(void *arg, unsigned int index,
		      const struct espalier_hash_entry *e)
{
	unsigned int i, n;

	(void)arg;
	if (fail_after >= 0 && fail_after-- == 0)
		return -EIO;
	writes++;
	gates[index] = *e;
	for (i = 0; check_all && i < sas; i++) {
		if (!sa[i].in)
			continue;
		n = places(i);
		if (!n)
			misses++;
		if (n > doubles_max)
			doubles_max = n;
	}
	return 0;
}

static void start(unsigned int entries, uint32_t s)
{
	rng.state = s;
	sas = 0;
	writes = misses = doubles_max = 0;
	check_all = true;
	fail_after = -1;
	memset(gates, 0, sizeof(gates));
	memset(sa, 0, sizeof(sa));
	CU_ASSERT_EQUAL_FATAL(espi_hash_init(&h, entries, hash_write, NULL), 0);
}

static int add(unsigned int slot)
{
	uint32_t dst[4] = { 0xc0000201, 0, 0, 0 };
	int ret;

	sa[slot].spi = (uint32_t)rng_next(&rng) | 0x100;
	sa[slot].hash = espi_sa_hash(sa[slot].spi, dst, 50);
	ret = espi_hash_insert(&h, sa[slot].spi, sa[slot].hash, 50, slot);
	if (!ret) {
		sa[slot].in = true;
		if (slot >= sas)
			sas = slot + 1;
	}
	return ret;
}

static void full(void)
{
	static const unsigned int sizes[] = { 16, 64, 1024, 4096 };
	unsigned int s, i, n;

	for (n = 0; n < 4; n++)
		for (s = 1; s <= (sizes[n] < 1024 ? 200 : 3); s++) {
			start(sizes[n], s);
			check_all = sizes[n] <= 64;
			for (i = 0; i < sizes[n]; i++)
				EXPECT_EQ(add(i), 0);
			for (i = 0; i < sizes[n]; i++)
				EXPECT_EQ(places(i), 1);
			EXPECT_EQ(misses, 0);
			espi_hash_exit(&h);
		}
}

static void reader_never_misses(void)
{
	unsigned int i, turn;

	start(1024, 7);
	for (i = 0; i < 1024; i++)
		EXPECT_EQ(add(i), 0);
	/* the old leaves, a new one comes, at full load */
	for (turn = 0; turn < 300; turn++) {
		i = rng_below(&rng, 1024);
		sa[i].in = false;
		EXPECT_EQ(espi_hash_remove(&h, i), 0);
		EXPECT_EQ(places(i), 0);
		EXPECT_EQ(add(i), 0);
	}
	EXPECT_EQ(misses, 0);
	EXPECT_EQ(doubles_max, 2); /* there were moves, copy before removal */
	for (i = 0; i < 1024; i++)
		EXPECT_EQ(places(i), 1);
	espi_hash_exit(&h);
}

/* Five SAs whose hashes are one and the same have four places. */
static void no_room(void)
{
	unsigned int i, before;

	start(64, 3);
	for (i = 0; i < 4; i++) {
		sa[i].spi = 0x100 + i;
		sa[i].hash = 0x00120034;
		EXPECT_EQ(espi_hash_insert(&h, sa[i].spi, sa[i].hash, 50, i),
			  0);
	}
	before = writes;
	EXPECT_EQ(espi_hash_insert(&h, 0x200, 0x00120034, 50, 4), -ENOSPC);
	EXPECT_EQ(writes, before); /* nothing was touched */
	for (i = 0; i < 4; i++)
		EXPECT_EQ(places(i), 1);
	espi_hash_exit(&h);
}

/* A write that fails in the middle of the moves loses nobody. */
static void write_fails(void)
{
	unsigned int i, turn, broken = 0;
	int ret;

	start(1024, 11);
	check_all = false;
	for (i = 0; i < 1000; i++)
		EXPECT_EQ(add(i), 0);
	check_all = true;
	for (turn = 0; turn < 400; turn++) {
		i = 1000 + turn % 24;
		fail_after = (int)(turn % 3);
		ret = add(i);
		fail_after = -1;
		if (ret == -EIO) {
			broken++;
			EXPECT_EQ(espi_hash_remove(&h, i), 0);
		} else {
			EXPECT_EQ(ret, 0);
			sa[i].in = false;
			EXPECT_EQ(espi_hash_remove(&h, i), 0);
		}
		EXPECT_EQ(places(i), 0);
	}
	CU_ASSERT(broken > 50);
	EXPECT_EQ(misses, 0);
	for (i = 0; i < 1000; i++) {
		CU_ASSERT(places(i) >= 1);
		sa[i].in = false;
		EXPECT_EQ(espi_hash_remove(&h, i), 0);
		EXPECT_EQ(places(i), 0);
	}
	/* and leaves no orphan behind */
	for (i = 0; i < 2048; i++)
		EXPECT_EQ(gates[i].slot, 0);
	espi_hash_exit(&h);
}

static void lookup(void)
{
	unsigned int slots[4], i;

	start(64, 5);
	for (i = 0; i < 3; i++) {
		sa[i].spi = i == 2 ? 0x200 : 0x100;
		sa[i].hash = 0x00010002;
		espi_hash_insert(&h, sa[i].spi, sa[i].hash, 50, i);
	}
	EXPECT_EQ(espi_hash_lookup(&h, 0x100, 0x00010002, slots), 2);
	EXPECT_EQ(slots[0] + slots[1], 1);
	EXPECT_EQ(espi_hash_lookup(&h, 0x200, 0x00010002, slots), 1);
	EXPECT_EQ(slots[0], 2);
	EXPECT_EQ(espi_hash_lookup(&h, 0x300, 0x00010002, slots), 0);
	espi_hash_forget(&h);
	EXPECT_EQ(espi_hash_lookup(&h, 0x200, 0x00010002, slots), 0);
	espi_hash_exit(&h);
}

static const struct test_case cases[] = {
	{ "full", full },	{ "reader_never_misses", reader_never_misses },
	{ "no_room", no_room }, { "write_fails", write_fails },
	{ "lookup", lookup },	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	return suite_run("test_hash", cases, argc, argv);
}
