/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: a core that plays a script, for tests of the VICI socket
 *
 * Implements what ike/vici calls of ike/core/ike.h. Initiating a child whose
 * name begins with "fail" fails, with "never" never ends, with any other makes
 * SAs; all after @delay.
 */
#ifndef TESTS_IKE_FAKE_CORE_H
#define TESTS_IKE_FAKE_CORE_H

#include "core/ike.h"

struct fake_job {
	ike_done_fn done;
	void *arg;
	int err;
	const char *why;
	uint64_t at;
	char conn[64], child[64];
	struct fake_job *next;
};

struct child_sa {
	struct child_sa_info info;
	struct ts local, remote;
	struct child_sa *next;
};

struct ike_sa {
	struct ike_sa_info info;
	struct ike_id id_local, id_remote;
	struct child_sa *children;
	struct ike_sa *next;
};

/**
 * struct ike - @log, @event: may be NULL
 * @refuse: what ike_conn_set() returns
 */
struct ike {
	struct conn *conns;
	struct ike_sa *sas;
	struct fake_job *jobs;
	uint32_t next_id;
	uint64_t delay;
	int refuse;
	void (*log)(void *ctx, enum ike_log_level level,
		    const struct ike_sa *sa, const char *line);
	void (*event)(void *ctx, const struct ike_event *ev);
	void *ctx;
};

struct ike *fake_new(void);
void fake_free(struct ike *ike);
/** fake_run() - finish what is due */
void fake_run(struct ike *ike, uint64_t now);
/** fake_sa() - an IKE SA of @conn with a child of each of its children, @times
 *  over */
struct ike_sa *fake_sa(struct ike *ike, const struct conn *conn, uint64_t now,
		       unsigned int times);

#endif /* TESTS_IKE_FAKE_CORE_H */
