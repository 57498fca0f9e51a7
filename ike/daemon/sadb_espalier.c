// SPDX-License-Identifier: Apache-2.0
/* The SA and policy database of an Espalier device. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include "core/sadb.h"
#include "wire/addr.h"

#define UDP_HLEN 8

/* An inbound SPI that is handed out (@handle 0) or installed. */
struct spi {
	struct espalier_addr dst;
	uint32_t spi, handle;
};

struct db {
	struct sadb base;
	struct espalier_dev *dev;
	struct spi *spis;
	size_t nspis;
	unsigned int mtu; /* of outbound SAs without one */
	const struct sadb_encap *encap;
};

static struct db *to_db(struct sadb *base)
{
	return (struct db *)base;
}

static void db_caps(struct sadb *base, struct espalier_caps *caps)
{
	espalier_get_caps(to_db(base)->dev, caps);
}

/* The inbound tables are keyed by SPI and destination (RFC 4301 4.1). */
static struct spi *spi_find(struct db *db, const struct espalier_addr *dst,
			    uint32_t spi)
{
	for (size_t i = 0; i < db->nspis; i++)
		if (db->spis[i].spi == spi && addr_equal(&db->spis[i].dst, dst))
			return &db->spis[i];
	return NULL;
}

static int spi_room(struct db *db)
{
	struct spi *spis =
		realloc(db->spis, (db->nspis + 1) * sizeof(*db->spis));

	if (!spis)
		return -ENOMEM;
	db->spis = spis;
	return 0;
}

static void spi_remove(struct db *db, struct spi *s)
{
	*s = db->spis[--db->nspis];
}

static int db_get_spi(struct sadb *base, const struct espalier_addr *dst,
		      uint32_t min, uint32_t max, uint32_t *spi)
{
	struct db *db = to_db(base);

	if (min < 256 || max < min) /* 1-255 are reserved: RFC 4303 2.1 */
		return -EINVAL;
	if (spi_room(db))
		return -ENOMEM;
	for (int tries = 0; tries < 1000; tries++) {
		uint32_t r;

		if (getrandom(&r, sizeof(r), 0) != sizeof(r))
			return -EIO;
		r = min + (uint32_t)(r % ((uint64_t)max - min + 1));
		if (spi_find(db, dst, r))
			continue;
		db->spis[db->nspis++] = (struct spi){ *dst, r, 0 };
		*spi = r;
		return 0;
	}
	return -EADDRINUSE;
}

static void db_release_spi(struct sadb *base, const struct espalier_addr *dst,
			   uint32_t spi)
{
	struct spi *s = spi_find(to_db(base), dst, spi);

	if (s && !s->handle) /* once installed it is the SA's */
		spi_remove(to_db(base), s);
}

/* As the device gets it: with the path MTU of the wire, and without the UDP
 * header where somebody else sees to that. */
static int add(struct db *db, const struct espalier_sa *sa, uint32_t *id)
{
	const bool encap = db->encap && (sa->encap_sport || sa->encap_dport);
	struct espalier_sa with = *sa;
	int ret;

	if (sa->dir == ESPALIER_DIR_OUT && !with.mtu)
		with.mtu = db->mtu;
	if (encap) {
		with.encap_sport = with.encap_dport = 0;
		if (with.mtu)
			with.mtu -= UDP_HLEN;
	}
	ret = espalier_sa_add(db->dev, &with, id);
	explicit_bzero(with.key, sizeof(with.key));
	if (ret || !encap)
		return ret;
	ret = db->encap->add(db->encap->arg, *id, sa);
	if (ret)
		espalier_sa_del(db->dev, *id);
	return ret;
}

static int db_sa_add(struct sadb *base, const struct espalier_sa *sa,
		     uint32_t *id)
{
	struct db *db = to_db(base);
	struct spi *s;
	int ret;

	if (sa->dir != ESPALIER_DIR_IN)
		return add(db, sa, id);
	if (spi_room(db))
		return -ENOMEM;
	ret = add(db, sa, id);
	if (ret)
		return ret;
	s = spi_find(db, &sa->dst, sa->spi);
	if (!s) {
		s = &db->spis[db->nspis++];
		*s = (struct spi){ sa->dst, sa->spi, 0 };
	}
	s->handle = *id;
	return 0;
}

static int db_sa_update(struct sadb *base, uint32_t id,
			const struct espalier_limits *limits, unsigned int mtu)
{
	return espalier_sa_update(to_db(base)->dev, id, limits, mtu);
}

static int db_sa_del(struct sadb *base, uint32_t id)
{
	struct db *db = to_db(base);
	int ret = espalier_sa_del(db->dev, id);

	if (!ret && db->encap)
		db->encap->del(db->encap->arg, id);
	for (size_t i = 0; !ret && i < db->nspis; i++) {
		if (db->spis[i].handle == id) {
			spi_remove(db, &db->spis[i]);
			break;
		}
	}
	return ret;
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
	free(to_db(base)->spis);
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

void sadb_espalier_mtu(struct sadb *base, unsigned int mtu)
{
	to_db(base)->mtu = mtu;
}

void sadb_espalier_encap(struct sadb *base, const struct sadb_encap *encap)
{
	to_db(base)->encap = encap;
}
