/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: the IKEv2 protocol core
 *
 * Pure: message bytes, time and randomness come in; message bytes, operations
 * on the SA database and the time of the next timer go out. No socket, no
 * clock, no file. Two cores can talk in one process, with everything between
 * them scripted. One thread a core.
 *
 * Times are microseconds of a clock that never goes back; every entry point
 * is told what time it is.
 */
#ifndef IKE_CORE_IKE_H
#define IKE_CORE_IKE_H

#include <time.h>
#include "conf/conn.h"
#include "core/sadb.h"

struct ike;
struct ike_sa;
struct child_sa;

/** struct ike_end - an address and a UDP port (host byte order) */
struct ike_end {
	struct espalier_addr ip;
	uint16_t port;
};

enum ike_log_level { IKE_LOG_AUDIT, IKE_LOG_CONTROL, IKE_LOG_DETAIL };

enum ike_event_type {
	IKE_EV_IKE_UP,
	IKE_EV_IKE_DOWN,
	IKE_EV_IKE_REKEYED, /* @sa is the old one, @sa2 the new one */
	IKE_EV_CHILD_UP,
	IKE_EV_CHILD_DOWN,
	IKE_EV_CHILD_REKEYED, /* @child the old one, @child2 the new one */
};

struct ike_event {
	enum ike_event_type type;
	const struct ike_sa *sa, *sa2;
	const struct child_sa *child, *child2;
};

/** why an initiate, terminate or rekey ended */
typedef void (*ike_done_fn)(void *arg, int err, const char *why);

/**
 * struct ike_ops - what the core needs from the world
 * @send: one IKE message, without the non-ESP marker: whether it needs one is
 *        told by the local port (RFC 7296 section 2.23). One single byte is a
 *        NAT keepalive, which never has a marker (RFC 3948 section 2.3).
 * @random: never fails
 * @wall: seconds since the epoch, for certificates
 * @log: one line; @sa may be NULL
 * @event: for VICI and key tables; may be NULL
 * @keymat: a child's keys at install, for the Wireshark table; may be NULL
 * @ike_keys: an IKE SA's keys, likewise; may be NULL
 * @initiate_route: the local address to use towards @remote; -EHOSTUNREACH
 */
struct ike_ops {
	void (*send)(void *ctx, const struct ike_end *local,
		     const struct ike_end *remote, const uint8_t *msg,
		     size_t len);
	void (*random)(void *ctx, void *buf, size_t len);
	time_t (*wall)(void *ctx);
	void (*log)(void *ctx, enum ike_log_level level,
		    const struct ike_sa *sa, const char *line);
	void (*event)(void *ctx, const struct ike_event *ev);
	void (*keymat)(void *ctx, const struct espalier_sa *sa);
	void (*ike_keys)(void *ctx, uint64_t spi_i, uint64_t spi_r,
			 const struct ike_keys *keys);
	int (*route)(void *ctx, const struct espalier_addr *remote,
		     struct espalier_addr *local);
};

/**
 * struct ike_settings - limits and pace (ike_settings_default())
 * @cookie_from: half-open SAs from which cookies are asked for (2.6)
 * @half_open_max: more are dropped; @half_open_source: per source address
 * @retransmit_timeout: first; times @retransmit_base_x10 / 10 each time
 * @half_open_timeout: an SA that is not authenticated by then is given up
 * @fragment_size: largest IP datagram an IKE message makes before it is cut
 */
struct ike_settings {
	unsigned int cookie_from, half_open_max, half_open_source;
	uint64_t retransmit_timeout;
	unsigned int retransmit_base_x10, retransmit_tries;
	uint64_t half_open_timeout;
	uint64_t nat_keepalive;
	unsigned int fragment_size;
};
void ike_settings_default(struct ike_settings *set);

struct ike *ike_new(const struct ike_ops *ops, void *ctx,
		    const struct ike_settings *set, struct ike_creds *creds,
		    struct sadb *db);
/** ike_free() - without a word to the peers: ike_shutdown() says good-bye */
void ike_free(struct ike *ike);
/** ike_shutdown() - delete all SAs; ike_idle() tells when that is through */
void ike_shutdown(struct ike *ike, uint64_t now);
bool ike_idle(const struct ike *ike);

/** ike_input() - one UDP payload, the non-ESP marker already taken off */
void ike_input(struct ike *ike, uint64_t now, const struct ike_end *local,
	       const struct ike_end *remote, const uint8_t *msg, size_t len);
/** ike_next() - when ike_run() has something to do; UINT64_MAX: never */
uint64_t ike_next(const struct ike *ike);
void ike_run(struct ike *ike, uint64_t now);
/** ike_sadb_event() - what the database said (acquire, expiry, overflow) */
void ike_sadb_event(struct ike *ike, uint64_t now,
		    const struct espalier_event *ev);

/* ---------------------------------------------------------- configuration */

/** ike_conn_set() - add or replace by name; takes over the reference; traps
 *  and start actions take effect */
int ike_conn_set(struct ike *ike, uint64_t now, struct conn *conn);
/** ike_conn_del() - SAs made from it stay; -ENOENT */
int ike_conn_del(struct ike *ike, uint64_t now, const char *name);
const struct conn *ike_conn_next(const struct ike *ike,
				 const struct conn *prev);

/* ---------------------------------------------------------------- commands */

/**
 * ike_initiate() - bring up a child, and the IKE SA it needs
 * @conn: NULL: the first with such a child; @child: NULL: the IKE SA alone
 * @done: called once, maybe before this returns
 * Return: 0 or -ENOENT
 */
int ike_initiate(struct ike *ike, uint64_t now, const char *conn,
		 const char *child, ike_done_fn done, void *arg);

/** struct ike_select - which SAs; NULL and 0 match all */
struct ike_select {
	const char *ike, *child;
	uint32_t ike_id, child_id;
	bool force;
};
/** ike_terminate(), ike_rekey() - Return: SAs matched */
int ike_terminate(struct ike *ike, uint64_t now, const struct ike_select *sel,
		  ike_done_fn done, void *arg);
int ike_rekey(struct ike *ike, uint64_t now, const struct ike_select *sel);

/* -------------------------------------------------------------------- looks */

struct ike_sa_info {
	uint32_t id; /* unique, never used again */
	const struct conn *conn;
	const char *state; /* "ESTABLISHED": as swanctl --list-sas prints */
	bool initiator;
	uint64_t spi_i, spi_r;
	struct ike_end local, remote;
	const struct ike_id *id_local, *id_remote;
	struct ike_suite suite;
	bool nat_local, nat_remote;
	uint64_t established, rekey_at; /* 0: not yet, never */
};

struct child_sa_info {
	uint32_t id;
	const struct child_conf *conf;
	const char *state; /* "INSTALLED", "REKEYING", ... */
	enum espalier_mode mode;
	uint8_t protocol;
	bool encap;
	uint16_t reqid;
	uint32_t spi_in, spi_out;
	struct proposal proposal;
	const struct ts *local, *remote;
	unsigned int nlocal, nremote;
	uint64_t installed, rekey_at, expire_at;
	uint64_t bytes_in, packets_in, bytes_out, packets_out;
};

const struct ike_sa *ike_sa_next(const struct ike *ike,
				 const struct ike_sa *prev);
void ike_sa_look(const struct ike_sa *sa, struct ike_sa_info *info);
const struct child_sa *child_sa_next(const struct ike_sa *sa,
				     const struct child_sa *prev);
/** counters are read from the database */
void child_sa_look(const struct child_sa *child, struct child_sa_info *info);

/** struct ike_counters - messages and why they ended; and what there is now */
struct ike_counters {
	uint64_t in_init, in_auth, in_create, in_info;
	uint64_t out_init, out_auth, out_create, out_info;
	uint64_t short_message, bad_version, unknown_spi, bad_integrity,
		bad_syntax, out_of_window, retransmits_in, retransmits_out,
		cookies_sent, half_open_refused, unknown_peer;
	uint64_t setups, rekeys_ike, rekeys_child, auth_failures;
	unsigned int half_open, ike_sas, child_sas;
	size_t bytes; /* of memory held by SAs */
};
void ike_counters(const struct ike *ike, struct ike_counters *c);
/** ike_counter() - row @i of those that only grow: its name, with hyphens, and
 *  its value; NULL: there are no more (counters.c) */
const char *ike_counter(const struct ike_counters *c, unsigned int i,
			uint64_t *value);

#endif /* IKE_CORE_IKE_H */
