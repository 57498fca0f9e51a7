/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: a VICI server over the scripted core, and clients of it
 *
 * All in one thread: whoever says or hears something lets the server work
 * meanwhile.
 */
#ifndef TESTS_IKE_VICI_CLIENT_H
#define TESTS_IKE_VICI_CLIENT_H

#include "conf_files.h"
#include "fake_core.h"
#include "vici/internal.h"

/* types of packets */
enum { REQ, RESP, UNKNOWN, REG, UNREG, CONFIRM, EV_UNKNOWN, EVENT };

/* between up() and down() */
extern struct vici *v;
extern struct ike *ike;
extern struct ike_creds *creds;
extern uint64_t clock_us;
extern char path[128];
extern int reloads; /* asked for since up(); all but the first fail */
extern char said[10][256]; /* lines of the server's own log since up() */
extern unsigned int nsaid;

void up(void);
void down(void);
/** another server on @path; 0 or a negative errno */
int try_open(struct vici **vp);

/** a connection to the server, which has not looked yet; -1: refused */
int knock(void);
/** a connection to the server; -1: refused */
int dial(void);
/** all of it; false: the server closed, or does not read on */
bool say(int fd, const void *data, size_t len);

extern uint8_t scratch[VICI_FRAME_MAX + 4];
/** a whole packet into @out; @name, @msg: may be NULL */
size_t frame(uint8_t *out, size_t cap, int type, const char *name,
	     const struct section *msg);
/** frame() and say(); takes over @msg */
bool say_packet(int fd, int type, const char *name, struct section *msg);

/**
 * struct heard - a packet
 * @type: -1 closed, -2 nothing
 */
struct heard {
	int type;
	char name[256];
	struct section *msg;
};
struct heard hear(int fd);
int hear_type(int fd);

/** a command and its answer, events on the way left out; takes over @req */
struct section *ask(int fd, const char *name, struct section *req);
bool ask_ok(int fd, const char *name, struct section *req);
void expect_error(int fd, const char *name, struct section *req,
		  const char *what);
/** a message of one key */
struct section *with(const char *key, const char *value);
void subscribe(int fd, const char *event);
/** load-conn of a connection with these children */
void load_conn(int fd, const char *name, const char *const *children);

/** ike_done_fn of a command whose end nobody waits for */
void ignore(void *arg, int err, const char *why);
/** what up() makes the core log by */
void on_log(void *ctx, enum ike_log_level level, const struct ike_sa *sa,
	    const char *line);

#endif /* TESTS_IKE_VICI_CLIENT_H */
