/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: the border between key management and the device
 *
 * Key management asks for security associations and policies here and hears
 * of their events; it knows nothing of rings, queues or registers. What is
 * behind it knows nothing of key management. The vocabulary (addresses, SAs,
 * policies, limits, events) is that of libespalier's public header.
 */
#ifndef ESPALIER_SADB_H
#define ESPALIER_SADB_H

#include <espalier/espalier.h>

struct sadb;

/**
 * struct sadb_ops - what a database of SAs and policies can do
 * @caps: what it can carry: algorithms, window sizes, table sizes
 * @get_spi: an SPI from @min to @max that no inbound SA to @dst has;
 *           reserved until sa_add() takes it or release_spi() gives it back
 * @release_spi: the reservation is not needed any more
 * @sa_add: install; *@id names it until it is deleted
 * @sa_update: change limits and path MTU
 * @sa_del: returns when no packet of the SA is in flight
 * @sa_query: counters, sequence number, state; never the key
 * @policy_add: install; *@id names it until it is deleted
 * @policy_set_sa: move an outbound policy to another SA (rekey)
 * @policy_del: remove
 * @event: 1 and *@ev, 0 when there is none, -EOVERFLOW once after a loss
 * @error: a sentence about the last refusal, never NULL
 * @free: release the database; what is installed stays
 *
 * All functions return 0 or a negative errno where not said otherwise.
 */
struct sadb_ops {
	void (*caps)(struct sadb *db, struct espalier_caps *caps);
	int (*get_spi)(struct sadb *db, const struct espalier_addr *dst,
		       uint32_t min, uint32_t max, uint32_t *spi);
	void (*release_spi)(struct sadb *db, const struct espalier_addr *dst,
			    uint32_t spi);
	int (*sa_add)(struct sadb *db, const struct espalier_sa *sa,
		      uint32_t *id);
	int (*sa_update)(struct sadb *db, uint32_t id,
			 const struct espalier_limits *limits,
			 unsigned int mtu);
	int (*sa_del)(struct sadb *db, uint32_t id);
	int (*sa_query)(struct sadb *db, uint32_t id,
			struct espalier_sa_info *info);
	int (*policy_add)(struct sadb *db, const struct espalier_policy *pol,
			  uint32_t *id);
	int (*policy_set_sa)(struct sadb *db, uint32_t id, uint32_t sa);
	int (*policy_del)(struct sadb *db, uint32_t id);
	int (*event)(struct sadb *db, struct espalier_event *ev);
	const char *(*error)(struct sadb *db);
	void (*free)(struct sadb *db);
};

struct sadb {
	const struct sadb_ops *ops;
};

/** sadb_espalier() - the database of an opened device; NULL without memory */
struct sadb *sadb_espalier(struct espalier_dev *dev);
/** sadb_espalier_mtu() - path MTU of outbound SAs that are added without one;
 *  0, as at first: none */
void sadb_espalier_mtu(struct sadb *db, unsigned int mtu);

/**
 * struct sadb_encap - who does UDP encapsulation for a device that has none
 * @add: an SA with ports was installed without them; 0 or a negative errno
 * @del: it is gone; also called for SAs that were never added
 */
struct sadb_encap {
	int (*add)(void *arg, uint32_t id, const struct espalier_sa *sa);
	void (*del)(void *arg, uint32_t id);
	void *arg;
};
/** sadb_espalier_encap() - without it SAs with ports go to the device, which
 *  says what it can do; @encap stays the caller's */
void sadb_espalier_encap(struct sadb *db, const struct sadb_encap *encap);

#endif /* ESPALIER_SADB_H */
