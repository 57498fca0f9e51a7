/* SPDX-License-Identifier: Apache-2.0 */
#include "nulldb.h"

static uint32_t ids, spis = 0x1000;

static void db_caps(struct sadb *db, struct espalier_caps *c)
{
	(void)db;
	*c = (struct espalier_caps){ .sa_entries = 1u << 20,
				     .spd_entries = 1u << 20,
				     .window_min = 32,
				     .window_max = 1024,
				     .icv_algs = ~0u,
				     .key128 = true,
				     .key256 = true,
				     .esn = true,
				     .tunnel = true,
				     .transport = true,
				     .ipv4 = true,
				     .ipv6 = true };
}

static int db_get_spi(struct sadb *db, const struct espalier_addr *dst,
		      uint32_t min, uint32_t max, uint32_t *spi)
{
	(void)db;
	(void)dst;
	*spi = min + spis++ % (max - min);
	return 0;
}

static void db_release(struct sadb *db, const struct espalier_addr *dst,
		       uint32_t spi)
{
	(void)db;
	(void)dst;
	(void)spi;
}

static int db_sa_add(struct sadb *db, const struct espalier_sa *sa,
		     uint32_t *id)
{
	(void)db;
	(void)sa;
	*id = ++ids;
	return 0;
}

static int db_del(struct sadb *db, uint32_t id)
{
	(void)db;
	(void)id;
	return 0;
}

static int db_policy_add(struct sadb *db, const struct espalier_policy *p,
			 uint32_t *id)
{
	(void)db;
	(void)p;
	*id = ++ids;
	return 0;
}

static int db_set(struct sadb *db, uint32_t id, uint32_t sa)
{
	(void)db;
	(void)id;
	(void)sa;
	return 0;
}

static const char *db_error(struct sadb *db)
{
	(void)db;
	return "";
}

const struct sadb_ops nulldb_ops = {
	.caps = db_caps,
	.get_spi = db_get_spi,
	.release_spi = db_release,
	.sa_add = db_sa_add,
	.sa_del = db_del,
	.policy_add = db_policy_add,
	.policy_set_sa = db_set,
	.policy_del = db_del,
	.error = db_error,
};
