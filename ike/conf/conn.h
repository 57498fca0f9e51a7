/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: what is configured: connections and their children
 *
 * Times are microseconds, 0 = never. A connection is immutable once it is
 * loaded and counted by reference: an IKE SA keeps the one that it was made
 * from, a reload replaces the one that new SAs are made from.
 */
#ifndef IKE_CONF_CONN_H
#define IKE_CONF_CONN_H

#include "crypto/creds.h"
#include "wire/proposal.h"
#include "wire/ts.h"
#include "conf/section.h"

#define IKE_USEC 1000000ull

enum conn_action { ACTION_NONE, ACTION_TRAP, ACTION_START };
enum conn_unique { UNIQUE_NO, UNIQUE_NEVER, UNIQUE_KEEP, UNIQUE_REPLACE };
enum conn_frag { FRAG_NO, FRAG_ACCEPT, FRAG_YES, FRAG_FORCE };

/** struct child_ts - @dynamic: the address of the SA's own end */
struct child_ts {
	bool dynamic;
	struct ts ts;
};

/**
 * struct child_conf - a child to be
 * @rekey_time: soft; @life_time: hard; @rand_time: taken off at random
 * @reqid: 0 = chosen; fits 16 bits
 * @window: packets
 */
struct child_conf {
	char *name;
	struct proposal props[PROPOSALS_MAX]; /* ESP or AH */
	unsigned int nprops;
	struct child_ts local[TS_MAX], remote[TS_MAX];
	unsigned int nlocal, nremote;
	enum espalier_mode mode;
	uint64_t rekey_time, life_time, rand_time;
	uint64_t rekey_bytes, life_bytes, rand_bytes;
	uint64_t rekey_packets, life_packets, rand_packets;
	enum conn_action start, close, dpd;
	uint16_t reqid;
	unsigned int window;
	uint32_t priority;
	enum espalier_df df;
	bool ecn;
	int dscp; /* -1: copied */
	struct child_conf *next;
};

/** struct addr_match - an address, a net or a range; @any: all */
struct addr_match {
	bool any;
	struct espalier_addr lo, hi;
};
#define CONN_ADDRS_MAX 8

struct conn {
	unsigned int refs;
	char *name;
	struct addr_match local[CONN_ADDRS_MAX], remote[CONN_ADDRS_MAX];
	unsigned int nlocal, nremote;
	uint16_t local_port, remote_port; /* 0: 500 */
	struct proposal props[PROPOSALS_MAX];
	unsigned int nprops;
	struct ike_auth_conf auth_local, auth_remote;
	bool send_cert, send_certreq;
	bool encap; /* UDP encapsulation even without NAT */
	uint64_t dpd_delay, rekey_time, over_time, rand_time;
	unsigned int keyingtries; /* 0 = for ever */
	enum conn_frag frag;
	enum conn_unique unique;
	struct child_conf *children;
	struct conn *next;
};

struct conn *conn_get(struct conn *c);
void conn_put(struct conn *c);

/**
 * conn_load() - a connection from its section (of a file or of VICI load-conn)
 * Every key of the documented subset is read; any other key is refused.
 * Return: 0, or -EINVAL and @why: "file:line: connections.a.dpd_delay: ..."
 */
int conn_load(const struct section *s, struct conn **out, char *why,
	      size_t size);

/* text forms of values (load_values.c), also for what VICI prints */
int conf_time(const char *text, uint64_t *usec); /* "4h", "30s", "10m", "1d" */
int conf_bytes(const char *text, uint64_t *bytes); /* "1G", "500M", "10K" */

#endif /* IKE_CONF_CONN_H */
