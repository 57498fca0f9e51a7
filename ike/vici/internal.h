/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: clients, commands and lists of the VICI socket (inside ike/vici)
 *
 * A client has at most one command at work. A command that streams is called
 * again whenever the client has read enough; one that waits for the core
 * (initiate, terminate) is answered when the core says so, or when its time is
 * over. Until then nothing more of the client is read.
 */
#ifndef IKE_VICI_INTERNAL_H
#define IKE_VICI_INTERNAL_H

#include <stdio.h>
#include "vici/vici.h"

#define VICI_FRAME_MAX (512 << 10) /* of the protocol */
#define VICI_CLIENTS_MAX 32
#define VICI_OUT_LOW (64 << 10) /* a stream goes on below this */
#define VICI_OUT_MAX                                                           \
	(2 << 20) /* who owes reading more than this is dropped                \
		   */

enum vici_event_id {
	EV_LOG,
	EV_CONTROL_LOG,
	EV_LIST_SA,
	EV_LIST_POLICY,
	EV_LIST_CONN,
	EV_LIST_CERT,
	EV_LIST_AUTHORITY,
	EV_IKE_UPDOWN,
	EV_IKE_REKEY,
	EV_CHILD_UPDOWN,
	EV_CHILD_REKEY,
	EV_COUNT,
};

struct client;

/**
 * struct cursor - where a stream stands
 * @ids: IKE SAs that were there when it began
 * @pos: how many of the list are done; @sub: children of the current one
 */
struct cursor {
	uint32_t *ids;
	size_t n, pos, sub;
	unsigned int omitted; /* too long for a message */
};

/**
 * typedef stream_fn - send some more of a list
 * Return: true when it is complete: @reply is sent then
 */
typedef bool (*stream_fn)(struct vici *v, struct client *c,
			  struct section *reply);

/**
 * struct pending - a command that waits for the core
 * @c: NULL: nobody waits any more
 * @conn: whose log lines the client is shown, "" = all
 */
struct pending {
	struct client *c;
	bool calling, done;
	int err;
	unsigned int matches;
	bool terminate;
	int level; /* of log lines shown, -1: none */
	char conn[256], what[256], why[256];
};

struct client {
	struct vici *v;
	int fd, timer_fd; /* -1: no timer */
	bool dead, eof, reading;
	uint32_t events; /* registered: bit of enum vici_event_id */
	uint8_t *in;
	size_t in_len, in_cap;
	uint8_t *out;
	size_t out_off, out_len, out_cap;
	struct section *req; /* of the stream */
	stream_fn stream;
	struct cursor cur;
	struct pending *pending;
	struct client *next;
};

/* struct name - an authority, and the handle of its certificate */
struct name {
	char *name;
	char handle[41];
	struct name *next;
};

struct vici {
	struct vici_opts opts;
	struct ike *ike;
	struct ike_creds *creds;
	int epfd, listen_fd;
	int pause_fd; /* timer: accept again; made at the start, when there
		       * are descriptors */
	bool paused; /* nobody is accepted */
	bool failing, full; /* said so in the log */
	struct client *clients;
	unsigned int nclients;
	struct client *running; /* whose command is being called */
	struct name *authorities;
	unsigned int next_psk;
	uint64_t started;
	time_t started_wall;
	uint8_t *frame; /* the last one made; grows up to VICI_FRAME_MAX + 4 */
	size_t frame_cap;
};

/* client.c */
static inline uint64_t vici_now(const struct vici *v)
{
	return v->opts.now(v->opts.ctx);
}
static inline bool client_wants(const struct client *c, enum vici_event_id ev)
{
	return !c->dead && c->events >> ev & 1;
}
/** client_event() - if it registered for @ev; -EMSGSIZE */
int client_event(struct client *c, enum vici_event_id ev,
		 const struct section *msg);
/** client_reply() - the answer to its command, which is over with that */
void client_reply(struct client *c, const struct section *msg);
static inline bool client_full(const struct client *c)
{
	return c->dead || c->out_len >= VICI_OUT_LOW;
}
/** client_serve() - epoll has something of its socket or of its timer */
void client_serve(struct client *c, uint32_t events);
void client_flush(struct client *c);
/** client_drop() - it is freed by the next vici_dispatch(), which epoll will
 *  ask for */
void client_drop(struct client *c);
void client_free(struct client *c);
/** client_timer() - after @ms, command_timeout() is called */
int client_timer(struct client *c, unsigned int ms);
/** vici_broadcast() - to all that registered for @ev */
void vici_broadcast(struct vici *v, enum vici_event_id ev,
		    const struct section *msg);

/* commands.c */
enum { CMD_REPLY, CMD_LATER };
/** struct command - @run: fills @reply or sends it later itself */
struct command {
	const char *name;
	int (*run)(struct vici *v, struct client *c, const struct section *req,
		   struct section *reply);
	stream_fn stream; /* instead of @run */
	bool (*begin)(struct vici *v, struct client *c); /* of a stream */
};
const struct command *command_find(const char *name);
void command_timeout(struct client *c);
/** request_ids() - ike-id and child-id, 0: not given; false: @reply says what
 * is wrong */
bool request_ids(const struct section *req, uint32_t *ike_id,
		 uint32_t *child_id, struct section *reply);
/** reply_error() - success = no and errmsg; CMD_REPLY */
int reply_error(struct section *reply, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
int reply_ok(struct section *reply);

/* creds.c: the commands of credentials */
extern const struct command creds_commands[];
extern const unsigned int ncreds_commands;
void names_free(struct name **list);

/* lists.c */
bool list_sas_begin(struct vici *v, struct client *c);
bool list_sas(struct vici *v, struct client *c, struct section *reply);
bool list_conns(struct vici *v, struct client *c, struct section *reply);
bool list_policies(struct vici *v, struct client *c, struct section *reply);
/** sa_name() - of its connection; a responder does not know it at first */
static inline const char *sa_name(const struct ike_sa_info *info)
{
	return info->conn ? info->conn->name : "(unnamed)";
}
/* sections.c: what SAs, children and connections look like in a message */
struct section *put_ike_sa(struct section *to, const char *name,
			   const struct ike_sa *sa, uint64_t now);
void put_child_sa(struct section *to, const char *name,
		  const struct child_sa *child, uint64_t now);
void put_conn(struct section *to, const struct conn *conn);
void put_ts_conf(struct section *to, const char *name,
		 const struct child_ts *ts, unsigned int n);
const char *mode_name(enum espalier_mode mode);
/** has_flag() - is it "yes" in a request? */
bool has_flag(const struct section *req, const char *name);

#endif /* IKE_VICI_INTERNAL_H */
