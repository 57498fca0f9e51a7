/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: two IKE cores in one process
 *
 * A and B, a clock that only this file moves, and a network between them that
 * does what the test says: a rule sees every message and decides its fate, or
 * a seed does. Nothing sleeps; an hour of retransmissions takes a millisecond.
 *
 *	struct duo *d = duo_new(1);
 *	duo_conns(d, NULL);			both sides, PSK, one child "net"
 *	duo_initiate(d, A, "net");
 *	EXPECT(duo_run_until(d, duo_up, 60 * IKE_USEC));
 *	duo_end(d);				expects that nothing is broken
 *or left
 *
 * DUO_LOG=1 in the environment prints every line of both logs and every
 * message.
 */
#ifndef TESTS_IKE_DUO_H
#define TESTS_IKE_DUO_H

#include "core/ike.h"
#include "fakedb.h"
#include "rng.h"
#include "suite.h"

enum duo_who { A, B };

#define DUO_LOG_LINES 8192
#define DUO_SPOKEN 4096
#define DUO_DATAGRAM_MAX 4096

/**
 * struct duo_msg - a datagram on its way
 * @src, @dst: on the wire: behind the sender's NAT
 * @n: how many with this sender, exchange, kind, ID (and fragment number) went
 *     before it: 0 the first transmission
 * @spi_i, @spi_r, @exchange, @response, @id, @first: from its header
 * @frag: number of a fragment from 1, 0: not one
 * @keepalive: one byte, no header
 */
struct duo_msg {
	enum duo_who from;
	struct ike_end src, dst;
	unsigned int n;
	uint64_t spi_i, spi_r;
	uint8_t exchange, first;
	bool response, keepalive;
	uint32_t id;
	unsigned int frag;
	size_t len;
	uint8_t data[DUO_DATAGRAM_MAX];
};

/** struct duo_fate - @delay: over the usual way; @copies: 0 = lost, 1 = as it
 *  should be, more: doubled, each @spread later. The rule may change the
 *  message too. */
struct duo_fate {
	unsigned int copies;
	uint64_t delay, spread;
};

struct duo;
typedef void (*duo_rule)(struct duo *d, struct duo_msg *m,
			 struct duo_fate *fate, void *arg);

/** what was sent, in order, before its fate was decided */
struct duo_spoken {
	enum duo_who from;
	uint64_t at, hash;
	uint8_t exchange, first;
	bool response, keepalive;
	uint32_t id;
	unsigned int frag;
	size_t len;
	struct ike_end src, dst;
};

struct duo_side {
	struct duo *duo;
	enum duo_who who;
	struct ike *ike;
	struct ike_creds *creds;
	struct fakedb *db;
	struct ike_settings set;
	struct espalier_addr ip;
	struct rng rng;
	/* First bytes of the next nonces; a test that scripts collisions
	 * decides by them who is lower. */
	uint8_t nonce_first[16];
	unsigned int nonces, nonce_at;
	char *log[DUO_LOG_LINES];
	unsigned int nlog;
	unsigned int events[IKE_EV_CHILD_REKEYED + 1];
	unsigned int keymats;
	/* NAT in front of this side */
	struct {
		bool on;
		struct espalier_addr ip;
		unsigned int shift; /* external port = internal + shift */
	} nat;
	bool off; /* hears and says nothing */
	bool everywhere; /* has every address that the other one has not */
	double cpu; /* seconds of this thread in its core */
};

struct duo {
	uint64_t now;
	uint64_t way; /* usual time of a datagram: 10 ms */
	time_t wall;
	struct duo_side side[2];
	duo_rule rule;
	void *rule_arg;
	/* The fate that a seed decides, percent; 0: none */
	unsigned int lose, twice, late;
	struct rng rng;
	struct duo_spoken spoken[DUO_SPOKEN];
	unsigned int nspoken;
	bool forget; /* keep no log, and nothing of what is spoken: load */
	struct duo_wire *wire;
	bool print;
	/* called after every message and timer */
	void (*watch)(struct duo *d, void *arg);
	void *watch_arg;
};

/** duo_new() - @seed: of randomness and of the network */
struct duo *duo_new(uint64_t seed);
/** change settings between duo_new() and duo_start(), which makes the cores;
 *  duo_load() and duo_conns() call it */
void duo_start(struct duo *d);
/** duo_end() - shuts down, and EXPECTs that both databases are empty and were
 *  used as they should be; frees */
void duo_end(struct duo *d);
/** without the expectations (a peer was switched off) */
void duo_free(struct duo *d);

/**
 * duo_conn() - "duo" for side @who: PSK, ids "a.example.org" and
 * "b.example.org", aes128gcm16-prfsha256-x25519, one child "net" 10.1.0.0/16
 * === 10.2.0.0/16 with aes128gcm16-esn; no rekey, no DPD. Change it, then load.
 */
struct conn *duo_conn(struct duo *d, enum duo_who who);
void duo_conn_proposal(struct conn *c, const char *text);
/** one more proposal */
void duo_conn_also(struct conn *c, const char *text);
void duo_child_proposal(struct child_conf *c, const char *text);
/** selectors: one, both in text */
void duo_child_ts(struct child_conf *c, const char *local, const char *remote);
struct child_conf *duo_child_add(struct conn *c, const char *name,
				 const char *local, const char *remote);
void duo_load(struct duo *d, enum duo_who who, struct conn *c);
/** both sides as duo_conn(); @change is called for each before it is loaded */
void duo_conns(struct duo *d, void (*change)(struct conn *c, enum duo_who who));

/** struct duo_done - what a command came to */
struct duo_done {
	unsigned int calls;
	int err;
	char why[256];
};
void duo_done(void *arg, int err, const char *why);
/** @child: NULL: the IKE SA alone; @done: may be NULL */
void duo_initiate(struct duo *d, enum duo_who who, const char *child,
		  struct duo_done *done);

/** ike_input() and ike_run() of a side, its CPU time counted */
void duo_input(struct duo *d, enum duo_who to, const struct ike_end *local,
	       const struct ike_end *remote, const uint8_t *msg, size_t len);
void duo_tick(struct duo *d, enum duo_who who);

/** the next thing that happens, if it does until @until; false: nothing */
bool duo_step(struct duo *d, uint64_t until);
/** everything in the next @usec */
void duo_run(struct duo *d, uint64_t usec);
/** until @cond or for @usec; Return: cond */
bool duo_run_until(struct duo *d, bool (*cond)(struct duo *d), uint64_t usec);

/* conditions and looks */
/** both sides have one IKE SA, established, with one child, installed, whose
 *  keys fit */
bool duo_up(struct duo *d);
/** both sides have nothing */
bool duo_down(struct duo *d);
unsigned int duo_ike_sas(struct duo *d, enum duo_who who, const char *state);
unsigned int duo_child_sas(struct duo *d, enum duo_who who, const char *state);
const struct ike_sa *duo_sa(struct duo *d,
			    enum duo_who who); /* first, or NULL */
const struct child_sa *duo_child(struct duo *d, enum duo_who who);
/** would a packet that meets the oldest outbound policy with an SA arrive: the
 *  same key, ICV and ESN behind that SPI there, and a policy that lets it in?
 *  Counts it on both sides. */
bool duo_packet(struct duo *d, enum duo_who from);
/** the inbound SA of side @of that hears what @out says, or NULL */
struct fakedb_sa *duo_ear(struct duo *d, enum duo_who of,
			  const struct fakedb_sa *out);
/** there are outbound policies with an SA, and through each of them a packet
 *  would arrive */
bool duo_reaches(struct duo *d, enum duo_who from);
/** every SA of one side has its equal on the other */
bool duo_paired(struct duo *d);
struct ike_counters duo_counters(struct duo *d, enum duo_who who);
/** is there a line with @text? */
bool duo_logged(struct duo *d, enum duo_who who, const char *text);
void duo_print_log(struct duo *d);
/** datagrams like that sent so far; @id: -1: any */
unsigned int duo_said(struct duo *d, enum duo_who who, unsigned int exchange,
		      bool response, int64_t id);
/** put bytes on the wire as if @from (or who takes its place) had sent them */
void duo_inject(struct duo *d, enum duo_who from, const struct ike_end *src,
		const struct ike_end *dst, const uint8_t *data, size_t len);
struct ike_end duo_at(struct duo *d, enum duo_who who, uint16_t port);
void duo_addr(const char *text, struct espalier_addr *a);

#endif /* TESTS_IKE_DUO_H */
