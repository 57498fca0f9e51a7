/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: a database of SAs and policies in memory, for tests of the IKE core
 *
 * It does what struct sadb_ops says, and watches: whatever a core may never do
 * (an SPI twice, an outbound SA before its inbound one, an id that is not
 * there, an SA deleted under a policy, something left at the end) is a line in
 * @broken, which a test expects to be empty.
 */
#ifndef TESTS_IKE_FAKEDB_H
#define TESTS_IKE_FAKEDB_H

#include "core/sadb.h"

#define FAKEDB_SAS 4096
#define FAKEDB_POLICIES 8192
#define FAKEDB_EVENTS 64

struct fakedb_sa {
	bool used;
	uint32_t id;
	struct espalier_sa sa;
	uint64_t bytes, packets;
	bool soft, hard;
};

struct fakedb_policy {
	bool used;
	uint32_t id;
	struct espalier_policy p;
};

struct fakedb_spi {
	bool used;
	struct espalier_addr dst;
	uint32_t spi;
};

/**
 * struct fakedb
 * @db: first, what the core gets
 * @caps: may be changed before the core is made
 * @fail_sa_add: that many more sa_add() succeed, then one is refused; -1: none
 * @fail_set_sa: likewise policy_set_sa()
 * @full: every sa_add() is refused; @room: if it is not 0, those past so many
 * @sa_top, @policy_top, @spi_top: nothing was ever used from there on
 * @adds, @dels: so far
 */
struct fakedb {
	struct sadb db;
	struct espalier_caps caps;
	const char *name;
	struct fakedb_sa sa[FAKEDB_SAS];
	struct fakedb_policy policy[FAKEDB_POLICIES];
	struct fakedb_spi spi[FAKEDB_SAS];
	struct espalier_event ev[FAKEDB_EVENTS];
	unsigned int nev;
	uint32_t next_id, next_spi;
	int fail_sa_add, fail_set_sa;
	bool full;
	unsigned int room;
	unsigned int sa_top, policy_top, spi_top;
	unsigned int adds, dels, broken;
	char broken_text[160]; /* the first one */
};

struct fakedb *fakedb_new(const char *name, uint32_t first_spi);
void fakedb_free(struct fakedb *f);

/** the first SA of @dir; there has to be one */
struct fakedb_sa *fakedb_sa_of(struct fakedb *f, enum espalier_dir dir);
/** the @nth policy of @dir, from 0; there has to be one */
struct fakedb_policy *fakedb_policy_of(struct fakedb *f, enum espalier_dir dir,
				       unsigned int nth);
/** SAs installed; @dir: -1 both */
unsigned int fakedb_sas(const struct fakedb *f, int dir);
unsigned int fakedb_policies(const struct fakedb *f);
/** SPIs reserved and not taken */
unsigned int fakedb_reserved(const struct fakedb *f);
struct fakedb_sa *fakedb_sa_id(struct fakedb *f, uint32_t id);
/** inbound SA with that SPI to that address */
struct fakedb_sa *fakedb_sa_in(struct fakedb *f, uint32_t spi,
			       const struct espalier_addr *dst);
/** packets of an SA go by: counters, and the events of limits that are passed
 */
void fakedb_traffic(struct fakedb *f, struct fakedb_sa *sa, uint64_t packets,
		    uint64_t bytes);
/** a packet meets policy @id that has no SA: the event */
void fakedb_acquire(struct fakedb *f, uint32_t policy);
/** nothing may be there any more: counts what is, as broken */
void fakedb_expect_empty(struct fakedb *f);

#endif /* TESTS_IKE_FAKEDB_H */
