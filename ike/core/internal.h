/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the core share. Nobody outside of ike/core includes it.
 *
 * The shape. Every request that we send is a task. Tasks wait in a queue of
 * their IKE SA and go out one at a time (window 1, RFC 7296 section 2.3);
 * request.c numbers, seals, retransmits and matches the answer. A request that
 * comes in is matched against one table (table.c): state of the SA, exchange,
 * what the payloads say; its row has a handler and the sentence for the log.
 * What comes next finds its place there: EAP and PPK between INIT and AUTH,
 * IKE_INTERMEDIATE and further key exchanges as tasks ahead of auth_task and a
 * row for SA_HALF_OPEN, CP in auth.c beside the first child, MOBIKE as a row
 * of INFORMATIONAL in info.c.
 *
 * Who frees. sa_destroy() and child_destroy() take something out of every
 * table at once, but the memory stays until the entry point returns, so that
 * whoever is up the call chain may still look at ->state (SA_DEAD,
 * CHILD_DEAD).
 */
#ifndef IKE_CORE_INTERNAL_H
#define IKE_CORE_INTERNAL_H

#include <errno.h>
#include <stdarg.h>
#include "core/ike.h"

#define IKE_PORT 500
#define IKE_PORT_NATT 4500
#define IKE_USEC_NEVER UINT64_MAX
#define REQID_FREE 0x8000 /* below: for who configures them */

#define container_of(ptr, type, member)                                        \
	((type *)((char *)(ptr)-offsetof(type, member)))

/* ----------------------------------------------------------- tables, timers */

/* hash.c: chained, intrusive */
struct hnode {
	struct hnode *next;
	uint64_t key;
};
struct htable {
	struct hnode **bucket;
	unsigned int size, used; /* size: power of two */
};
int htable_init(struct htable *t, unsigned int size);
void htable_free(struct htable *t);
/** grows by itself; without memory the chains only become longer */
void htable_add(struct htable *t, struct hnode *n, uint64_t key);
void htable_del(struct htable *t, struct hnode *n); /* not in it: nothing */
/** first with @key after @prev (NULL: from the start) */
struct hnode *htable_find(const struct htable *t, uint64_t key,
			  const struct hnode *prev);
/** SipHash-2-4 with the key of this core: a peer cannot choose collisions */
uint64_t ike_hash(const struct ike *ike, const void *data, size_t len);

/* One binary heap (timers.c). @at is IKE_USEC_NEVER while it is not armed. */
struct timer {
	uint64_t at;
	unsigned int pos;
	void (*fire)(struct ike *ike, struct timer *t);
};
struct heap {
	struct timer **t;
	unsigned int n, cap;
};
void timer_init(struct timer *t, void (*fire)(struct ike *, struct timer *));
/** -ENOMEM: it will not fire. Arming an armed timer moves it. */
int timer_set(struct ike *ike, struct timer *t, uint64_t at);
void timer_stop(struct ike *ike, struct timer *t);
/** @base less a random part of up to @rand (never below @base / 2) */
uint64_t timer_jitter(struct ike *ike, uint64_t base, uint64_t rand);
/** pause after @tries vain tries before this one: @first, doubled by each, at
 *  most @max; less a random part, so that two sides do not meet for ever */
uint64_t timer_backoff(struct ike *ike, uint64_t first, uint64_t max,
		       unsigned int tries);

/* ---------------------------------------------------------------- the world */

struct ike {
	const struct ike_ops *ops;
	void *ctx;
	struct ike_settings set;
	struct ike_creds *creds;
	struct sadb *db;
	struct espalier_caps caps; /* of @db, read once */

	uint64_t now; /* told by the entry point that runs */
	unsigned int depth; /* of entry points, for the graves */
	bool shutdown; /* nothing is started any more */

	struct conn *conns; /* in the order they were loaded */
	struct ike_sa *sas, *sas_tail; /* all that live */
	struct ike_sa *lingering; /* dead, but for their last reply */
	struct ike_sa *dead,
		*pump; /* to be freed, to be looked at: ike_leave() */
	struct child_sa *dead_children;
	uint32_t next_sa_id, next_child_id;
	uint16_t next_reqid;
	/* children of each reqid from REQID_FREE on: none serves two peers */
	uint16_t reqid_users[0x10000 - REQID_FREE];

	struct htable by_spi; /* own SPI -> ike_sa.h_spi */
	struct htable by_init; /* hash of the first request -> ike_sa.h_init */
	struct htable by_peer; /* hash of the peer's identity -> h_peer */
	struct htable by_source; /* half-open, by address (cookie.c) */
	struct htable by_db; /* child_db_key() of an installed SA -> child_sa */
	struct htable by_conn; /* hash of the connection's name -> h_conn */
	struct htable traps; /* id of a policy -> struct trap (trap.c) */
	struct htable traps_by_conn; /* hash of the name -> struct trap */
	struct heap timers;
	uint64_t hash_key[2];
	struct cookie_secrets *cookies; /* cookie.c */
	uint64_t plain_from; /* unprotected errors: when one more may go */
	unsigned int plain_left;

	struct ike_counters cnt;
	char why[256]; /* sentence of the last ike_fail() */

	/* One message at a time: what it decrypts to, what is answered. */
	uint8_t in[IKE_MSG_MAX], out[IKE_MSG_MAX], wire[IKE_MSG_MAX];
	struct ike_payloads pl;
	struct ike_auth_out proof;
};

/* ike.c */
void ike_enter(struct ike *ike, uint64_t now);
void ike_leave(struct ike *ike); /* digs the graves */
void *mem_get(struct ike *ike, size_t size); /* zeroed and counted */
void mem_put(struct ike *ike, void *p); /* NULL is allowed */
void *mem_dup(struct ike *ike, const void *data, size_t len);
void ike_event(struct ike *ike, enum ike_event_type type,
	       const struct ike_sa *sa, const struct ike_sa *sa2,
	       const struct child_sa *child, const struct child_sa *child2);
struct conn *conn_find(const struct ike *ike, const char *name);
uint64_t conn_hash(const struct ike *ike, const char *name);
struct child_conf *conn_child(const struct conn *conn, const char *name);

/* log.c */
/** one line, with the SA's name, number and both SPIs ahead of it */
void ike_log(struct ike *ike, enum ike_log_level level, const struct ike_sa *sa,
	     const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/** likewise with name, number and SPIs of the child */
void child_log(const struct child_sa *child, enum ike_log_level level,
	       const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/** sentence into ike->why; returns @err, for "return ike_fail(...)" */
int ike_fail(struct ike *ike, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
const char *ike_end_text(const struct ike_end *e, char *buf, size_t size);
const char *notify_text(unsigned int type, char *buf, size_t size);
/** both sets and the first difference, a line each (IKE-26) */
void log_no_proposal(struct ike *ike, const struct ike_sa *sa, const char *what,
		     const struct proposal *theirs, unsigned int n_theirs,
		     const struct proposal *ours, unsigned int n_ours,
		     const char *diff);
/** may a line be logged, or a notification sent, because of a message that
 *  nobody has authenticated? So many a second. */
bool ike_may_speak(struct ike *ike);

/* choice.c: the SA payload of a peer; all with ike_fail() */
/** @props: room for PROPOSALS_MAX; Return: 0 or -EBADMSG */
int sa_payload_read(struct ike *ike, const struct ike_payloads *pl,
		    struct proposal *props, unsigned int *n);
/** the SPI that a new SA needs, of the size of its protocol; Return: 0 or @err
 */
int proposal_spi_check(struct ike *ike, const struct proposal *p, int err);
/** what is offered for an IKE SA, a new one or one that replaces another: of
 * what is configured that which can be carried; Return: how many, in @out */
unsigned int ike_offer(const struct conn *c,
		       struct proposal out[PROPOSALS_MAX]);
/** the one that the peer chose, which has to stand in @ours (IKE-23) */
int choice_read(struct ike *ike, const struct ike_payloads *pl,
		const struct proposal *ours, unsigned int n_ours, bool in_auth,
		struct proposal *answer);

/* commands.c: somebody waits for one or several tasks; called once when the
 * last of them has ended, with the first error */
struct command {
	ike_done_fn done;
	void *arg;
	unsigned int refs;
	int err;
	char why[256];
};
struct command *command_new(struct ike *ike, ike_done_fn done, void *arg);
struct command *command_get(struct command *cmd); /* NULL is allowed */
void command_put(struct ike *ike, struct command *cmd, int err,
		 const char *why); /* NULL is allowed */

/* -------------------------------------------------------------------- tasks */

struct task;

/**
 * struct task_ops - a request that we send
 * @what: for the log: "rekey of a child"
 * @states: bits SA_IN() of those in which it may go out; it waits otherwise
 * @size: of the structure that begins with struct task
 * @ends_with_sa: what it asks for has come true when the SA goes, however
 *                that comes: it ends well then
 * @build: write the request's payloads. 0; 1: nothing to do any more, no
 *         message goes out and the task has ended well; -EAGAIN: not before
 *         task->not_before; other errno (ike_fail()): it has failed
 * @answer: the response, authenticated and parsed. 0: ended well; -EAGAIN: ask
 *          again from task->not_before on; other errno: it has failed. May
 *          destroy the SA, may queue further tasks.
 * @end: called once for every task, however it ends, before it is freed: give
 *       back what it holds (SPI, child, key exchange). @err: 0, what build or
 *       answer returned, -ETIMEDOUT, -ECANCELED when the SA goes. May be NULL.
 */
struct task_ops {
	const char *what;
	unsigned int states;
	uint8_t exchange;
	bool ends_with_sa;
	size_t size;
	int (*build)(struct ike_sa *sa, struct task *t, struct ike_writer *w);
	int (*answer)(struct ike_sa *sa, struct task *t,
		      const struct ike_payloads *pl);
	void (*end)(struct ike_sa *sa, struct task *t, int err);
};

struct task {
	const struct task_ops *ops;
	struct task *next;
	struct ike_sa *sa; /* in whose queue, or under way under which */
	uint64_t not_before;
	unsigned int tries; /* -EAGAINs so far */
	struct command *cmd;
};

/* request.c */
struct task *task_new(struct ike_sa *sa, const struct task_ops *ops,
		      struct command *cmd); /* takes a reference of cmd */
/** behind, or ahead, of what waits; it goes out when its turn is, not before
 *  the entry point is about to return (the message buffers are free then) */
void task_queue(struct ike_sa *sa, struct task *t);
void task_queue_first(struct ike_sa *sa, struct task *t);
/** ends and frees one that is queued or under way; @why for who waits */
void task_end(struct task *t, int err, const char *why);
/** its request was sent and is not answered yet */
bool task_under_way(const struct task *t);
/** take it out of the queue of @from (not the one under way), put it into
 *  that of @to: IKE rekey */
void tasks_move(struct ike_sa *from, struct ike_sa *to);
/** look at the queue again on the way out; task_queue() says so itself */
void sa_pump(struct ike_sa *sa);

/* --------------------------------------------------------------- the IKE SA */

enum sa_state {
	SA_INIT_SENT, /* we asked: IKE_SA_INIT is under way */
	SA_HALF_OPEN, /* keys, but nobody is authenticated: both roles */
	SA_ESTABLISHED,
	SA_REKEYED, /* replaced; waits for its delete */
	SA_DELETING, /* our delete is under way */
	SA_DEAD, /* in no table any more */
};
#define SA_IN(state) (1u << (state))

enum down_reason {
	DOWN_LOCAL, /* asked for */
	DOWN_PEER, /* the peer deleted it */
	DOWN_TIMEOUT, /* no answer any more */
	DOWN_REKEYED, /* replaced: what it carried goes on */
	DOWN_ERROR,
	DOWN_REAUTH, /* INITIAL_CONTACT, unique */
	DOWN_EXPIRED,
};

/* One datagram as it was sent, kept for retransmission. */
struct packet {
	struct packet *next;
	size_t len;
	uint8_t data[];
};

/* Pieces of one message (fragment.c): each was verified before it came here */
struct frags;
struct half_source; /* cookie.c */
/* What only INIT and AUTH need; freed when the SA is established (init.c) */
struct handshake;
/* What a rekey of this IKE SA has to remember (rekey_ike.c) */
struct ike_rekey;

struct ike_sa {
	struct ike *ike;
	struct ike_sa *next, *prev; /* of all */
	struct ike_sa *next_dead, *next_pump;
	bool pumped;
	struct hnode h_spi, h_init, h_peer, h_conn;
	uint32_t id;
	struct ike_sa *kin; /* ring of those that replaced one another */
	enum sa_state state;
	bool initiator; /* of this SA (a rekey may turn it round) */
	uint64_t spi_i, spi_r;
	struct conn *conn; /* NULL only while a responder has not chosen one */
	struct ike_end local, remote;
	/* The connection's own where that says it, else own_ids below */
	const struct ike_id *id_local, *id_remote;
	struct ike_id *own_id_local, *own_id_remote;
	struct ike_keys keys;
	bool has_keys;

	/* What was agreed in INIT */
	bool nat_local, nat_remote; /* who is behind one */
	bool encap; /* children go in UDP */
	bool frag_ok; /* both announced RFC 7383 */
	bool childless_ok; /* the peer announced RFC 6023 */

	/* Message IDs, window 1 */
	uint32_t out_id; /* of the request under way, else of the next */
	uint32_t in_id; /* of the next request that is accepted */
	struct task *busy; /* under way; NULL: none */
	struct task *queue;
	struct packet *request; /* of busy */
	unsigned int sends; /* of it so far */
	struct packet *reply; /* to request in_id - 1 */
	uint64_t asked; /* ike_hash() of that request, once the keys are gone */
	struct frags *frags_in, *frags_re; /* of a request, of a response */

	struct child_sa *children;
	unsigned int nchildren;
	/* what the peer deleted before its answer made it known here */
	uint32_t early[4];
	unsigned int nearly;
	struct handshake *hs;
	struct half_source *source; /* half-open and counted there */
	struct ike_rekey *rekey; /* ours, under way */
	struct ike_rekey *rekey_of; /* ours, that this SA of the peer meets */
	unsigned int tries; /* of keyingtries */
	unsigned int rekey_tries; /* of its own rekey, in vain */
	/* renew.c: id of what is made in its place; is it that itself? */
	uint32_t renewal;
	bool renews;
	unsigned int renew_tries;
	uint64_t renew_from; /* not sooner */

	uint64_t created, established, rekey_at, expire_at;
	uint64_t heard; /* last authenticated message */
	uint64_t said; /* last datagram that we sent */
	struct timer t_retry; /* retransmission, or a task's not_before */
	struct timer t_life; /* half-open limit, then rekey, then the end */
	struct timer t_alive; /* liveness */
	struct timer t_keepalive; /* NAT */

	/* Set by a handler: destroy when the reply has been sent */
	bool last_words;
	enum down_reason last_reason;
};

static inline uint64_t sa_spi(const struct ike_sa *sa)
{
	return sa->initiator ? sa->spi_i : sa->spi_r;
}

/* sa.c */
/**
 * sa_new() - an IKE SA with a fresh SPI of our own, in all tables
 * @conn: takes a reference; may be NULL
 */
struct ike_sa *sa_new(struct ike *ike, struct conn *conn, bool initiator,
		      const struct ike_end *local,
		      const struct ike_end *remote);
/**
 * sa_establish() - authenticated, or made by a rekey with keys in place
 * @from: the SA that this one replaces, NULL: none. Its connection, identities
 * and what was agreed come over; children and tasks are for the caller.
 * State, peer table, timers, counters and the event are done here.
 */
void sa_establish(struct ike_sa *sa, struct ike_sa *from);
/** identities: kept by reference if the connection has the same */
int sa_set_ids(struct ike_sa *sa, const struct ike_id *local,
	       const struct ike_id *remote);
void sa_state(struct ike_sa *sa, enum sa_state state, const char *why);
/**
 * sa_destroy() - at once, without a word to the peer: children are removed
 * from the database, tasks end with -ECANCELED (or @err of the first), timers
 * stop. The delete exchange is sa_delete().
 */
void sa_destroy(struct ike_sa *sa, enum down_reason reason, const char *fmt,
		...) __attribute__((format(printf, 3, 4)));
/**
 * sa_linger() - sa_destroy() after the reply to a peer that is authenticated:
 * if that reply is lost, the peer asks again and gets it again (2.1)
 */
void sa_linger(struct ike_sa *sa, enum down_reason reason, const char *why);
/** the end of that */
void sa_forget(struct ike_sa *sa);
/** to be called by a handler: the reply is the last message of this SA */
void sa_destroy_after_reply(struct ike_sa *sa, enum down_reason reason);
/** the SA of that connection that a new child may use, or NULL */
struct ike_sa *sa_find_conn(const struct ike *ike, const char *conn);
/** those of a connection that are established, or that we began; @prev: NULL:
 *  the first */
struct ike_sa *sa_next_conn(const struct ike *ike, const char *conn,
			    const struct ike_sa *prev);

/* --------------------------------------------------------------- exchanges */

/**
 * struct exchange_row - a request that is understood
 * @states: bits SA_IN()
 * @match: do the payloads mean this row; NULL: they do
 * @handle: write the reply's payloads. 0; a negative errno with ike_fail() when
 *          the reply is a refusal (which is in the writer all the same);
 * -ENOMSG: say nothing, the message was not there
 * @what: sentence for the log: "peer rekeys a child"
 */
struct exchange_row {
	unsigned int states;
	uint8_t exchange;
	bool (*match)(const struct ike_sa *sa, const struct ike_payloads *pl);
	int (*handle)(struct ike_sa *sa, const struct ike_payloads *pl,
		      struct ike_writer *reply);
	const char *what;
};
/** table.c: NULL when no row fits */
const struct exchange_row *exchange_find(const struct ike_sa *sa,
					 uint8_t exchange,
					 const struct ike_payloads *pl);

/* init.c, cookie.c, auth.c: both roles */
struct ike_sa *init_start(struct ike *ike, struct conn *conn);
/** where an IKE SA of it begins: the first single address on both sides, else
 *  towards the peer the one that the route gives */
int init_ends(struct ike *ike, const struct conn *conn, struct ike_end *local,
	      struct ike_end *remote);
/** again with a new SPI, tasks kept (keyingtries) */
int init_restart(struct ike_sa *sa);
void init_request(struct ike *ike, const struct ike_end *local,
		  const struct ike_end *remote, const struct ike_hdr *hdr,
		  const uint8_t *msg, size_t len);
int auth_request(struct ike_sa *sa, const struct ike_payloads *pl,
		 struct ike_writer *reply);
extern const struct task_ops init_task, auth_task;
void handshake_free(struct ike_sa *sa);

/* info.c */
int info_request(struct ike_sa *sa, const struct ike_payloads *pl,
		 struct ike_writer *reply);
int info_alive(struct ike_sa *sa); /* queue an empty INFORMATIONAL */
/** tell the peer of an error in an exchange of its own (IKE-31) */
int info_error(struct ike_sa *sa, enum ike_notify type);

/* natt.c */
void natt_put(struct ike_sa *sa, struct ike_writer *w);
/** @spi_i, @spi_r: as in the header of the message that @pl came in */
void natt_detect(struct ike_sa *sa, const struct ike_payloads *pl,
		 uint64_t spi_i, uint64_t spi_r);
void natt_float(struct ike_sa *sa); /* initiator: to port 4500 */
void natt_start(struct ike_sa *sa); /* keepalives, once established */
/** an authenticated message came: follow it if the peer is behind a NAT */
void natt_heard(struct ike_sa *sa, const struct ike_end *local,
		const struct ike_end *remote);

/* -------------------------------------------------------------------- child */

enum child_state {
	CHILD_CREATED, /* being negotiated: SPI reserved, nothing installed */
	CHILD_INSTALLED,
	CHILD_REKEYING, /* our rekey of it is under way */
	CHILD_REKEYED, /* replaced; receives until it is deleted */
	CHILD_DELETING, /* our delete is under way */
	CHILD_DRAINING, /* deleted on both sides; receives what is under way */
	CHILD_DEAD,
};

struct rekey; /* rekey_child.c */

/**
 * struct child_sa - one pair of SAs in the database
 * @conf: part of sa->conn, which is held
 * @t: encryption, integrity, key exchange and ESN as agreed; type 0: none
 * @ts: @nlocal local selectors, then @nremote remote ones
 * @db_in, @db_out: ids in the database, 0: not installed
 */
struct child_sa {
	struct ike_sa *sa;
	struct child_sa *next, *prev;
	struct hnode h_in, h_out;
	uint32_t id;
	enum child_state state;
	bool initiator; /* of the exchange that made it */
	const struct child_conf *conf;
	uint8_t protocol;
	enum espalier_mode mode;
	bool encap, esn;
	uint16_t reqid;
	uint32_t spi_in, spi_out;
	uint32_t db_in, db_out;
	uint32_t *policies;
	unsigned int npolicies;
	struct transform t[4];
	uint8_t prop_num; /* of the peer's proposal */
	struct ts *ts;
	unsigned int nlocal, nremote;
	bool more_ts; /* another child could have what was narrowed away */
	uint64_t installed, rekey_at, expire_at;
	unsigned int rekey_tries; /* in vain */
	uint64_t packets_seen; /* inbound, when liveness last looked */
	struct espalier_addr local_ip; /* whose the reserved SPI is */
	/* until they are in the database */
	uint8_t key_in[IKE_KEY_MAX], key_out[IKE_KEY_MAX];
	unsigned int key_len;
	struct timer t_rekey, t_expire;
	struct timer t_switch; /* while the peer made it and we do not send */

	/* rekey_child.c, delete.c */
	struct task *task; /* of ours about this child, queued or under way */
	struct child_sa *heir; /* what replaced it */
	struct child_sa *replaces; /* until that is gone */
	bool has_sent; /* its outbound SA was made: once, its key is gone then
			*/
	bool replaced; /* another goes on in its place: its end is no news */
	struct rekey *rekey; /* ours, that this one of the peer collides with */
};

/* What a key exchange of one child gave: its own in CREATE_CHILD_SA, that of
 * IKE_SA_INIT (and no @secret) in IKE_AUTH. @ni is of who began the exchange.
 */
struct child_kex {
	struct chunk ni, nr;
	const struct chunk *secret;
};

/* child.c */
/** a child to be, with an inbound SPI reserved; NULL with ike_fail() */
struct child_sa *child_new(struct ike_sa *sa, const struct child_conf *conf,
			   bool initiator);
/** SA, TSi, TSr and the notifications of our offer; @in_auth: no key exchange
 *  (RFC 7296 section 1.2). -EOPNOTSUPP: nothing of it can be carried */
int child_put_offer(struct child_sa *child, struct ike_writer *w, bool in_auth);
/**
 * child_take_answer() - of the peer to child_put_offer()
 * Checks the choice, takes the selectors, derives and installs (inbound, then
 * outbound, then policies). The child is CHILD_INSTALLED, or on error (errno
 * with ike_fail()) to be destroyed by the caller.
 */
int child_take_answer(struct child_sa *child, const struct ike_payloads *pl,
		      bool in_auth, const struct child_kex *kex);
/**
 * child_take_offer() - a child that the peer wants: find the configuration
 * that fits, choose, narrow
 * @reqd: the child that is rekeyed by it, NULL: a new one
 * Return: 0 and *@out (CHILD_CREATED, not installed); on error an errno with
 * ike_fail() and the notification is in @reply already
 */
int child_take_offer(struct ike_sa *sa, const struct ike_payloads *pl,
		     bool in_auth, struct child_sa *reqd,
		     struct ike_writer *reply, struct child_sa **out);
/** SA, TSi, TSr and notifications of our choice */
void child_put_answer(struct child_sa *child, struct ike_writer *reply);
/**
 * child_install() - keys, then the inbound SA, then (unless @in_only: responder
 * of a rekey, IKE-37) the outbound one and the policies
 */
int child_install(struct child_sa *child, const struct child_kex *kex,
		  bool in_only);
int child_install_out(struct child_sa *child);
/** out of the database and all tables; SPI given back; no word to the peer.
 *  @reason: decides, with close and dpd actions, what becomes of its trap */
void child_destroy(struct child_sa *child, enum down_reason reason,
		   const char *why);
/** what child_destroy() left for the end of the entry point */
void child_free(struct ike *ike, struct child_sa *child);
/** a task that makes a child in an exchange of its own; ike_initiate() queues
 *  it too while the SA is not up: auth.c takes the first one along */
struct task *child_task_create(struct ike_sa *sa, const struct child_conf *conf,
			       struct command *cmd);
/** is it one, and for what; auth.c */
const struct child_conf *child_task_conf(const struct task *t);
int child_request(struct ike_sa *sa, const struct ike_payloads *pl,
		  struct ike_writer *reply);

/* rekey_child.c, rekey_ike.c */
int rekey_child_start(struct child_sa *child, struct command *cmd);
int rekey_child_request(struct ike_sa *sa, const struct ike_payloads *pl,
			struct ike_writer *reply);
int rekey_ike_start(struct ike_sa *sa, struct command *cmd);
int rekey_ike_request(struct ike_sa *sa, const struct ike_payloads *pl,
		      struct ike_writer *reply);
void rekey_ike_free(struct ike_sa *sa); /* sa->rekey; by sa_destroy() */
/** @sa is about to go: whoever replaces it takes over what is still here */
void rekey_ike_settle(struct ike_sa *sa);

/* delete.c */
/** our delete exchange; destroys when it is answered or is not answered */
int sa_delete(struct ike_sa *sa, enum down_reason reason, struct command *cmd);
int child_delete(struct child_sa *child, enum down_reason reason,
		 struct command *cmd);
/** the Delete payloads of an INFORMATIONAL request; info.c calls it */
int delete_request(struct ike_sa *sa, const struct ike_payloads *pl,
		   struct ike_writer *reply);

/* trap.c: policies without an SA that raise an acquire */
int trap_set(struct ike *ike, struct conn *conn);
void trap_clear(struct ike *ike, const char *conn);
/* expire.c: soft and hard limits, sequence overflow, acquire */
void sadb_event(struct ike *ike, const struct espalier_event *ev);

#endif /* IKE_CORE_INTERNAL_H */
