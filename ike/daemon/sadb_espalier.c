// SPDX-License-Identifier: Apache-2.0
/* The SA and policy database of an Espalier device. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include "core/sadb.h"

struct reserved {
	struct espalier_addr dst;
	uint32_t spi;
};

struct db {
	struct sadb base;
	struct espalier_dev *dev;
	struct reserved *res; /* SPIs handed out and not yet installed */
	size_t nres;
};

static struct db *to_db(struct sadb *base)
{
	return (struct db *)base;
}

static void db_caps(struct sadb *base, struct espalier_caps *caps)
{
	espalier_get_caps(to_db(base)->dev, caps);
}

static bool same_addr(const struct espalier_addr *a,
		      const struct espalier_addr *b)
{
	return a->family == b->family &&
	       !memcmp(a->bytes, b->bytes, a->family == AF_INET ? 4 : 16);
}

/* The inbound tables are keyed by SPI and destination (RFC 4301 4.1). */
static bool spi_taken(struct db *db, const struct espalier_addr *dst,
		      uint32_t spi)
{
	for (size_t i = 0; i < db->nres; i++)
		if (db->res[i].spi == spi && same_addr(&db->res[i].dst, dst))
			return true;
	for (uint32_t h = espalier_sa_next(db->dev, 0); h;
	     h = espalier_sa_next(db->dev, h)) {
		struct espalier_sa_info info;

		if (ESPALIER_HANDLE_DIR(h) == ESPALIER_DIR_IN &&
		    !espalier_sa_query(db->dev, h, &info) &&
		    info.sa.spi == spi && same_addr(&info.sa.dst, dst))
			return true;
	}
	return false;
}

static int db_get_spi(struct sadb *base, const struct espalier_addr *dst,
		      uint32_t min, uint32_t max, uint32_t *spi)
{
	struct db *db = to_db(base);
	struct reserved *res;

	if (min < 256 || max < min) /* 1-255 are reserved: RFC 4303 2.1 */
		return -EINVAL;
	res = realloc(db->res, (db->nres + 1) * sizeof(*res));
	if (!res)
		return -ENOMEM;
	db->res = res;
	for (int tries = 0; tries < 1000; tries++) {
		uint32_t r;

		if (getrandom(&r, sizeof(r), 0) != sizeof(r))
			return -EIO;
		r = min + (uint32_t)(r % ((uint64_t)max - min + 1));
		if (spi_taken(db, dst, r))
			continue;
		db->res[db->nres++] = (struct reserved){ *dst, r };
		*spi = r;
		return 0;
	}
	return -EADDRINUSE;
}

static void db_release_spi(struct sadb *base, const struct espalier_addr *dst,
			   uint32_t spi)
{
	struct db *db = to_db(base);

	for (size_t i = 0; i < db->nres; i++) {
		if (db->res[i].spi != spi || !same_addr(&db->res[i].dst, dst))
			continue;
		db->res[i] = db->res[--db->nres];
		return;
	}
}

static int db_sa_add(struct sadb *base, const struct espalier_sa *sa,
		     uint32_t *id)
{
	int ret = espalier_sa_add(to_db(base)->dev, sa, id);

	if (!ret && sa->dir == ESPALIER_DIR_IN)
		db_release_spi(base, &sa->dst, sa->spi);
	return ret;
}

static int db_sa_update(struct sadb *base, uint32_t id,
			const struct espalier_limits *limits, unsigned int mtu)
{
	return espalier_sa_update(to_db(base)->dev, id, limits, mtu);
}

static int db_sa_del(struct sadb *base, uint32_t id)
{
	return espalier_sa_del(to_db(base)->dev, id);
}

static int db_sa_query(struct sadb *base, uint32_t id,
		       struct espalier_sa_info *info)
{
	return espalier_sa_query(to_db(base)->dev, id, info);
}

static int db_policy_add(struct sadb *base, const struct espalier_policy *pol,
			 uint32_t *id)
{
	return espalier_policy_add(to_db(base)->dev, pol, id);
}

static int db_policy_set_sa(struct sadb *base, uint32_t id, uint32_t sa)
{
	return espalier_policy_set_sa(to_db(base)->dev, id, sa);
}

static int db_policy_del(struct sadb *base, uint32_t id)
{
	return espalier_policy_del(to_db(base)->dev, id);
}

static int db_event(struct sadb *base, struct espalier_event *ev)
{
	return espalier_event_get(to_db(base)->dev, ev);
}

static const char *db_error(struct sadb *base)
{
	return espalier_error(to_db(base)->dev);
}

static void db_free(struct sadb *base)
{
	free(to_db(base)->res);
	free(base);
}

static const struct sadb_ops db_ops = {
	.caps = db_caps,
	.get_spi = db_get_spi,
	.release_spi = db_release_spi,
	.sa_add = db_sa_add,
	.sa_update = db_sa_update,
	.sa_del = db_sa_del,
	.sa_query = db_sa_query,
	.policy_add = db_policy_add,
	.policy_set_sa = db_policy_set_sa,
	.policy_del = db_policy_del,
	.event = db_event,
	.error = db_error,
	.free = db_free,
};

struct sadb *sadb_espalier(struct espalier_dev *dev)
{
	struct db *db = calloc(1, sizeof(*db));

	if (!db)
		return NULL;
	db->base.ops = &db_ops;
	db->dev = dev;
	return &db->base;
}
