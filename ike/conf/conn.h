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
enum conn_cert { CERT_NEVER, CERT_IFASKED, CERT_ALWAYS };
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
/** addr_match_single() - is it one address? */
static inline bool addr_match_single(const struct addr_match *m)
{
	return !m->any && addr_equal(&m->lo, &m->hi);
}
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
	enum conn_cert send_cert;
	bool send_certreq;
	bool encap; /* UDP encapsulation even without NAT */
	uint64_t dpd_delay, rekey_time, over_time, rand_time;
	unsigned int keyingtries; /* 0 = for ever */
	enum conn_frag frag;
	enum conn_unique unique;
	bool of_file; /* of conf_load_all() */
	struct child_conf *children;
	struct conn *next;
};

struct conn *conn_get(struct conn *c);
void conn_put(struct conn *c);

/**
 * conn_load() - a connection from its section (of a file or of VICI load-conn)
 * @creds: takes the certificates that the connection names; NULL: they are
 *         only looked at
 * @dir: of swanctl.conf: "certs" and "cacerts" are names of files in its x509
 *       and x509ca; NULL: they are the certificates themselves, DER or PEM
 *
 * Every key of the documented subset is read; any other key is refused.
 * Return: 0 and a reference in *@out; -EINVAL and @why: "file:line:
 * connections.a.dpd_delay: ..." (file and line only if it came from a file);
 * -ENOMEM
 */
int conn_load(const struct section *s, struct ike_creds *creds, const char *dir,
	      struct conn **out, char *why, size_t size);

/**
 * struct conf_key_info - a row of what conn_load() reads by (keys.c)
 * @section: "connections.<conn>" and the like
 * @def: default as it would be written, or in words when it follows from others
 * @allowed: values, in words
 */
struct conf_key_info {
	const char *section, *name, *def, *allowed, *what;
};
/** conf_key() - row @i, for documentation; false: there is none */
bool conf_key(unsigned int i, struct conf_key_info *info);

/* ------------------------------------------------------------ a whole file */

/**
 * conf_load_all() - swanctl.conf and the certificates and keys beside it
 * @creds: what was loaded into it by this function before is replaced, anything
 *         else stays
 * @conn: gets a reference to each connection, in order
 *
 * Everything is read, once, and checked before anything is changed: after an
 * error @creds is as it was and @conn was not called.
 * Return: connections, or a negative errno and @why
 */
int conf_load_all(const char *path, struct ike_creds *creds,
		  void (*conn)(void *arg, struct conn *conn), void *arg,
		  char *why, size_t size);
/** conf_load_authority() - "cacert" of a section of "authorities"; as above */
int conf_load_authority(const struct section *s, struct ike_creds *creds,
			const char *dir, char *why, size_t size);
/** conf_secret() - "0x" hex, "0s" base64 or the text itself; @len: in: room */
int conf_secret(const char *text, uint8_t *out, size_t *len);

/* text forms of values (values.c), also for what VICI prints */
int conf_time(const char *text, uint64_t *usec); /* "4h", "30s", "10m", "1d" */
int conf_bytes(const char *text, uint64_t *bytes); /* "1G", "500M", "10K" */
int conf_addr_match(const char *text, struct addr_match *m);
const char *conf_addr_match_text(const struct addr_match *m, char *buf,
				 size_t size);

#endif /* IKE_CONF_CONN_H */
