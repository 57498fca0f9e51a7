// SPDX-License-Identifier: Apache-2.0
/*
 * Security associations. Order matters: a key is in before its SA is live, an
 * inbound SA is live before a packet can find it, and in the reverse at the
 * end. No key stays here once the device has it.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "internal.h"

#define GEN_MAX 32767
#define IPPROTO_NUM_ESP 50

static enum espalier_table sa_table(enum espalier_dir dir)
{
	return dir == ESPALIER_DIR_OUT ? ESPALIER_TBL_SA_OUT
				       : ESPALIER_TBL_SA_IN;
}

static enum espalier_table key_table(enum espalier_dir dir)
{
	return dir == ESPALIER_DIR_OUT ? ESPALIER_TBL_KEY_OUT
				       : ESPALIER_TBL_KEY_IN;
}

static int hash_write(void *arg, unsigned int index,
		      const struct espalier_hash_entry *entry)
{
	if (!entry->slot)
		return espi_tbl_put(arg, ESPALIER_OP_DELETE,
				    ESPALIER_TBL_SA_HASH, index, NULL, 0);
	return espi_tbl_put(arg, ESPALIER_OP_ADD, ESPALIER_TBL_SA_HASH, index,
			    entry, sizeof(*entry));
}

int espi_sad_init(struct espalier_dev *dev)
{
	unsigned int n = dev->caps.sa_entries, dir, i;
	struct espi_sad *sad;

	for (dir = 0; dir < 2; dir++) {
		sad = &dev->sad[dir];
		sad->sa = calloc(n, sizeof(*sad->sa));
		sad->free = calloc(n, sizeof(*sad->free));
		if (!sad->sa || !sad->free)
			return -ENOMEM;
		for (i = 0; i < n; i++)
			sad->free[i] = (uint16_t)i;
		sad->free_count = n;
	}
	return espi_hash_init(&dev->hash, n, hash_write, dev);
}

void espi_sad_exit(struct espalier_dev *dev)
{
	unsigned int dir;

	for (dir = 0; dir < 2; dir++) {
		free(dev->sad[dir].sa);
		free(dev->sad[dir].free);
	}
	espi_hash_exit(&dev->hash);
}

static int slot_get(struct espalier_dev *dev, enum espalier_dir dir)
{
	struct espi_sad *sad = &dev->sad[dir];
	unsigned int slot;

	if (!sad->free_count)
		return -ENOSPC;
	slot = sad->free[sad->free_head];
	sad->free_head = (sad->free_head + 1) & (dev->caps.sa_entries - 1);
	sad->free_count--;
	sad->sa[slot].gen = sad->sa[slot].gen % GEN_MAX + 1;
	return (int)slot;
}

static void slot_put(struct espalier_dev *dev, enum espalier_dir dir,
		     unsigned int slot)
{
	struct espi_sad *sad = &dev->sad[dir];

	sad->sa[slot].live = false;
	sad->free[(sad->free_head + sad->free_count) &
		  (dev->caps.sa_entries - 1)] = (uint16_t)slot;
	sad->free_count++;
}

static struct espi_sa *sa_find(const struct espalier_dev *dev, uint32_t handle)
{
	unsigned int slot = ESPALIER_HANDLE_SLOT(handle);
	struct espi_sa *s;

	if (slot >= dev->caps.sa_entries)
		return NULL;
	s = &dev->sad[ESPALIER_HANDLE_DIR(handle)].sa[slot];
	return s->live && s->gen == ESPALIER_HANDLE_GEN(handle) ? s : NULL;
}

bool espi_sa_live(const struct espalier_dev *dev, uint32_t handle)
{
	return sa_find(dev, handle) != NULL;
}

static int stale(struct espalier_dev *dev, uint32_t handle)
{
	return espi_fail(&dev->err, -ENOENT,
			 "handle: 0x%08" PRIx32 " names no live SA", handle);
}

static int key_put(struct espalier_dev *dev, const struct espalier_sa *sa,
		   unsigned int slot)
{
	unsigned int n = sa->key_len - 4;
	struct espalier_key_entry key = { .flags = n == 32 };
	const uint8_t *salt = sa->key + n;
	int ret;

	memcpy(key.key, sa->key, n);
	key.salt = salt[0] | salt[1] << 8 | salt[2] << 16 |
		   (uint32_t)salt[3] << 24;
	ret = espi_tbl_put(dev, ESPALIER_OP_ADD, key_table(sa->dir), slot, &key,
			   sizeof(key));
	explicit_bzero(&key, sizeof(key));
	return ret;
}

/* A key whose SA did not come to live is overwritten. */
static void key_wipe(struct espalier_dev *dev, enum espalier_dir dir,
		     unsigned int slot)
{
	static const struct espalier_key_entry zero;
	struct espalier_err keep = dev->err;

	espi_tbl_put(dev, ESPALIER_OP_ADD, key_table(dir), slot, &zero,
		     sizeof(zero));
	dev->err = keep;
}

/* The (SPI, destination) of an inbound SA must be its own. Addresses are
 * compared as the device compares them, as numbers. */
static int check_unique(struct espalier_dev *dev, const struct espalier_sa *sa,
			uint32_t hash, const uint32_t dst[4])
{
	unsigned int slots[4], i, n;
	uint32_t other[4];
	char text[64];

	n = espi_hash_lookup(&dev->hash, sa->spi, hash, slots);
	for (i = 0; i < n; i++) {
		espi_addr_words(&dev->sad[ESPALIER_DIR_IN].sa[slots[i]].sa.dst,
				other);
		if (memcmp(other, dst, sizeof(other)))
			continue;
		return espi_fail(
			&dev->err, -EEXIST,
			"spi: 0x%08" PRIx32
			" with dst %s is taken by handle 0x%08x",
			sa->spi, espi_addr_text(&sa->dst, text),
			ESPALIER_HANDLE(
				ESPALIER_DIR_IN,
				dev->sad[ESPALIER_DIR_IN].sa[slots[i]].gen,
				slots[i]));
	}
	return 0;
}

int espalier_sa_add(struct espalier_dev *dev, const struct espalier_sa *sa,
		    uint32_t *handle)
{
	struct espalier_sa_entry entry;
	uint32_t dst[4], hash = 0;
	struct espi_sa *s;
	int ret, slot;

	ret = espi_sa_check(dev, sa, &dev->err);
	if (ret)
		return ret;
	if (sa->dir == ESPALIER_DIR_IN) {
		espi_addr_words(&sa->dst, dst);
		hash = espi_sa_hash(sa->spi, dst, IPPROTO_NUM_ESP);
		ret = check_unique(dev, sa, hash, dst);
		if (ret)
			return ret;
	}
	slot = slot_get(dev, sa->dir);
	if (slot < 0)
		return espi_fail(
			&dev->err, -ENOSPC,
			"dir: %s; all %u SAs of the direction are in use",
			sa->dir == ESPALIER_DIR_OUT ? "out" : "in",
			dev->caps.sa_entries);
	s = &dev->sad[sa->dir].sa[slot];

	ret = key_put(dev, sa, slot);
	if (ret)
		goto err_slot;
	espi_sa_encode(sa, s->gen, &entry);
	ret = espi_tbl_put(dev, ESPALIER_OP_ADD, sa_table(sa->dir), slot,
			   &entry, sizeof(entry));
	if (ret)
		goto err_key;
	if (sa->dir == ESPALIER_DIR_IN) {
		ret = espi_hash_insert(&dev->hash, sa->spi, hash,
				       IPPROTO_NUM_ESP, slot);
		if (ret)
			goto err_live;
	}
	s->sa = *sa;
	explicit_bzero(s->sa.key, sizeof(s->sa.key));
	s->live = true;
	*handle = ESPALIER_HANDLE(sa->dir, s->gen, slot);
	return 0;

err_live:
	if (ret == -ENOSPC)
		espi_fail(&dev->err, ret,
			  "spi: 0x%08" PRIx32 " finds no place in the hash of "
			  "inbound SAs; another SPI will",
			  sa->spi);
	/* This also zeroizes the key. */
	if (!espi_tbl_put(dev, ESPALIER_OP_DELETE, sa_table(sa->dir), slot,
			  NULL, 0))
		goto err_slot;
err_key:
	key_wipe(dev, sa->dir, slot);
err_slot:
	slot_put(dev, sa->dir, slot);
	return ret;
}

int espalier_sa_update(struct espalier_dev *dev, uint32_t handle,
		       const struct espalier_limits *limits, unsigned int mtu)
{
	struct espi_sa *s = sa_find(dev, handle);
	struct espalier_sa_entry entry;
	struct espalier_sa next;
	int ret;

	if (!s)
		return stale(dev, handle);
	ret = espi_limits_check(limits, mtu, s->sa.dir, s->sa.dst.family,
				&dev->err);
	if (ret)
		return ret;
	next = s->sa;
	next.limits = *limits;
	next.mtu = mtu;
	espi_sa_encode(&next, s->gen, &entry);
	ret = espi_tbl_put(dev, ESPALIER_OP_UPDATE, sa_table(s->sa.dir),
			   ESPALIER_HANDLE_SLOT(handle), &entry, sizeof(entry));
	if (!ret)
		s->sa = next;
	return ret;
}

int espalier_sa_del(struct espalier_dev *dev, uint32_t handle)
{
	unsigned int slot = ESPALIER_HANDLE_SLOT(handle);
	struct espi_sa *s = sa_find(dev, handle);
	int ret;

	if (!s)
		return stale(dev, handle);
	if (s->sa.dir == ESPALIER_DIR_IN) {
		ret = espi_hash_remove(&dev->hash, slot);
		if (ret)
			return ret;
	}
	/* Absent: the device has stopped and emptied it by itself. */
	ret = espi_tbl_put(dev, ESPALIER_OP_DELETE, sa_table(s->sa.dir), slot,
			   NULL, 0);
	if (ret && ret != -ENOENT)
		return ret;
	slot_put(dev, s->sa.dir, slot);
	return 0;
}

static uint64_t join(const uint32_t w[2])
{
	return (uint64_t)w[1] << 32 | w[0];
}

int espalier_sa_query(struct espalier_dev *dev, uint32_t handle,
		      struct espalier_sa_info *info)
{
	struct espi_sa *s = sa_find(dev, handle);
	struct espalier_sa_entry e;
	int ret;

	if (!s)
		return stale(dev, handle);
	memset(info, 0, sizeof(*info));
	info->sa = s->sa;
	info->handle = handle;
	ret = espi_tbl_get(dev, sa_table(s->sa.dir),
			   ESPALIER_HANDLE_SLOT(handle), &e, sizeof(e));
	if (ret == -EBADMSG) {
		/* Corrupted and stopped: say so, the figures are gone. */
		info->status = ESPALIER_SA_ST_PARITY;
		return 0;
	}
	if (ret)
		return ret;
	info->sa.seq = join(e.seq);
	info->status = e.status;
	info->bytes = join(e.bytes);
	info->packets = join(e.packets);
	info->replays = e.replays;
	info->auth_failures = e.auth_failures;
	return 0;
}

uint32_t espalier_sa_next(struct espalier_dev *dev, uint32_t prev)
{
	unsigned int n = dev->caps.sa_entries, i = 0;
	struct espi_sa *s;

	/* Outbound by slot, then inbound by slot. */
	if (prev) {
		if (ESPALIER_HANDLE_SLOT(prev) >= n)
			return 0;
		i = ESPALIER_HANDLE_DIR(prev) * n + ESPALIER_HANDLE_SLOT(prev) +
		    1;
	}
	for (; i < 2 * n; i++) {
		s = &dev->sad[i / n].sa[i % n];
		if (s->live)
			return ESPALIER_HANDLE(i / n, s->gen, i % n);
	}
	return 0;
}

int espalier_sa_flush(struct espalier_dev *dev)
{
	uint32_t handle, next;
	int ret;

	for (handle = espalier_sa_next(dev, 0); handle; handle = next) {
		next = espalier_sa_next(dev, handle);
		ret = espalier_sa_del(dev, handle);
		if (ret)
			return ret;
	}
	return 0;
}

/* The device has lost its tables: so are we, handle by handle. */
int espi_sad_lost(struct espalier_dev *dev,
		  void (*lost)(void *arg, uint32_t handle), void *arg)
{
	uint32_t handle, next;
	int n = 0;

	espi_hash_forget(&dev->hash);
	for (handle = espalier_sa_next(dev, 0); handle; handle = next) {
		next = espalier_sa_next(dev, handle);
		slot_put(dev, ESPALIER_HANDLE_DIR(handle),
			 ESPALIER_HANDLE_SLOT(handle));
		if (lost)
			lost(arg, handle);
		n++;
	}
	return n;
}
