/* SPDX-License-Identifier: Apache-2.0 */
/* The table of commands, and those about SAs, connections and the daemon. */
#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/utsname.h>
#include "vici/internal.h"

int reply_error(struct section *reply, const char *fmt, ...)
{
	char text[640];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	section_set(reply, "success", "no", 2);
	section_set(reply, "errmsg", text, strlen(text));
	return CMD_REPLY;
}

int reply_ok(struct section *reply)
{
	section_set(reply, "success", "yes", 3);
	return CMD_REPLY;
}

/* An absent key is 0; false: it is not a number that fits. */
static bool number(const struct section *req, const char *name, long max,
		   long *value)
{
	const char *text = section_text(req, name);
	char *end;

	*value = 0;
	if (!section_find(req, name))
		return true;
	if (!text || !*text)
		return false;
	errno = 0;
	*value = strtol(text, &end, 0);
	return !errno && !*end && *value >= -1 && *value <= max;
}

bool request_ids(const struct section *req, uint32_t *ike_id,
		 uint32_t *child_id, struct section *reply)
{
	long ike, child;

	if (!number(req, "ike-id", UINT32_MAX, &ike) ||
	    !number(req, "child-id", UINT32_MAX, &child) || ike < 0 ||
	    child < 0) {
		reply_error(reply, "ike-id, child-id: a number is expected");
		return false;
	}
	*ike_id = (uint32_t)ike;
	*child_id = (uint32_t)child;
	return true;
}

/* --------------------------------------------------------------- the daemon */

static int version(struct vici *v, struct client *c, const struct section *req,
		   struct section *reply)
{
	struct utsname u;

	(void)c;
	(void)req;
	section_set(reply, "daemon", "espalierd", 9);
	section_setf(reply, "version", "%s",
		     v->opts.version ? v->opts.version : "");
	if (!uname(&u)) {
		section_setf(reply, "sysname", "%s", u.sysname);
		section_setf(reply, "release", "%s", u.release);
		section_setf(reply, "machine", "%s", u.machine);
	}
	return CMD_REPLY;
}

static void put_uptime(struct section *reply, const struct vici *v)
{
	uint64_t sec = (vici_now(v) - v->started) / IKE_USEC;
	struct section *s = section_add(reply, "uptime");
	char text[64] = "";
	struct tm tm;

	if (sec < 120)
		section_setf(s, "running", "%" PRIu64 " seconds", sec);
	else if (sec < 7200)
		section_setf(s, "running", "%" PRIu64 " minutes", sec / 60);
	else if (sec < 172800)
		section_setf(s, "running", "%" PRIu64 " hours", sec / 3600);
	else
		section_setf(s, "running", "%" PRIu64 " days", sec / 86400);
	if (localtime_r(&v->started_wall, &tm))
		strftime(text, sizeof(text), "%b %d %H:%M:%S %Y", &tm);
	section_setf(s, "since", "%s", text);
}

/* One thread, and at this moment it works for this client. */
static int stats(struct vici *v, struct client *c, const struct section *req,
		 struct section *reply)
{
	static const char *const prio[] = { "critical", "high", "medium",
					    "low" };
	struct mallinfo2 mi = mallinfo2();
	struct ike_counters n = { 0 };
	struct section *s, *active;
	unsigned int i;

	(void)c;
	(void)req;
	ike_counters(v->ike, &n);
	put_uptime(reply, v);
	s = section_add(reply, "workers");
	section_set(s, "total", "1", 1);
	section_set(s, "idle", "0", 1);
	active = section_add(s, "active");
	for (i = 0; i < 4; i++)
		section_setf(active, prio[i], "%d", i == 2);
	s = section_add(reply, "queues");
	for (i = 0; i < 4; i++)
		section_set(s, prio[i], "0", 1);
	section_setf(reply, "scheduled", "%d", ike_next(v->ike) != UINT64_MAX);
	s = section_add(reply, "ikesas");
	section_setf(s, "total", "%u", n.ike_sas);
	section_setf(s, "half-open", "%u", n.half_open);
	s = section_add(reply, "childsas");
	section_setf(s, "total", "%u", n.child_sas);
	section_setf(reply, "sa-bytes", "%zu", n.bytes);
	section_list(reply, "plugins");
	s = section_add(reply, "mallinfo");
	section_setf(s, "sbrk", "%zu", mi.arena);
	section_setf(s, "mmap", "%zu", mi.hblkhd);
	section_setf(s, "used", "%zu", mi.uordblks);
	section_setf(s, "free", "%zu", mi.fordblks);
	return CMD_REPLY;
}

static int get_counters(struct vici *v, struct client *c,
			const struct section *req, struct section *reply)
{
	struct ike_counters n = { 0 };
	struct section *s;
	const char *name;
	uint64_t value;

	(void)c;
	if (section_text(req, "name"))
		return reply_error(reply, "counters are of all connections "
					  "together");
	ike_counters(v->ike, &n);
	s = section_add(section_add(reply, "counters"), "");
	for (unsigned int i = 0; (name = ike_counter(&n, i, &value)); i++)
		section_setf(s, name, "%" PRIu64, value);
	return reply_ok(reply);
}

static int reset_counters(struct vici *v, struct client *c,
			  const struct section *req, struct section *reply)
{
	(void)v;
	(void)c;
	(void)req;
	return reply_error(reply, "counters are never reset: compare two "
				  "readings");
}

static int get_algorithms(struct vici *v, struct client *c,
			  const struct section *req, struct section *reply)
{
	static const struct {
		const char *name;
		uint8_t type;
	} kinds[] = {
		{ "encryption", TT_ENCR },
		{ "integrity", TT_INTEG },
		{ "prf", TT_PRF },
		{ "ke", TT_KE },
	};
	struct transform t = { 0 };
	struct section *s;
	unsigned int i, id;

	(void)v;
	(void)c;
	(void)req;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		s = section_add(reply, kinds[i].name);
		for (id = 1; id < 256; id++) {
			t.type = kinds[i].type;
			t.id = (uint16_t)id;
			t.bits = t.type == TT_ENCR &&
						 id != ENCR_CHACHA20_POLY1305
					 ? 256
					 : 0;
			if (transform_name(t.type, t.id) &&
			    ike_suite_can(NULL, PROTO_IKE, &t))
				section_set(s, transform_name(t.type, t.id),
					    "openssl", 7);
		}
	}
	return CMD_REPLY;
}

static int reload_settings(struct vici *v, struct client *c,
			   const struct section *req, struct section *reply)
{
	int ret;

	(void)c;
	(void)req;
	if (!v->opts.reload)
		return reply_error(reply, "there are no settings to reload");
	ret = v->opts.reload(v->opts.ctx);
	if (ret)
		return reply_error(reply,
				   "reading the settings: %s; the log "
				   "says where",
				   strerror(-ret));
	return reply_ok(reply);
}

/* -------------------------------------------------------------- connections */

static int load_conn(struct vici *v, struct client *c,
		     const struct section *req, struct section *reply)
{
	const struct section *s = req->child;
	char why[640] = "";
	struct conn *conn;
	int ret;

	(void)c;
	if (!s || s->kind != SECTION_SECTION || s->next)
		return reply_error(reply, "one section with the name of a "
					  "connection is expected");
	ret = conn_load(s, v->creds, NULL, &conn, why, sizeof(why));
	if (ret)
		return reply_error(reply, "%s", why[0] ? why : strerror(-ret));
	ret = ike_conn_set(v->ike, vici_now(v), conn);
	if (ret)
		return reply_error(reply, "%s: %s", s->name, strerror(-ret));
	return reply_ok(reply);
}

static int unload_conn(struct vici *v, struct client *c,
		       const struct section *req, struct section *reply)
{
	const char *name = section_text(req, "name");

	(void)c;
	if (!name)
		return reply_error(reply, "name: missing");
	if (ike_conn_del(v->ike, vici_now(v), name))
		return reply_error(reply, "there is no connection \"%s\"",
				   name);
	return reply_ok(reply);
}

/* All of them, also those that the daemon read from its own file: what
 * swanctl --load-conns does not find in its file it unloads. */
static int get_conns(struct vici *v, struct client *c,
		     const struct section *req, struct section *reply)
{
	struct section *list = section_list(reply, "conns");
	const struct conn *conn;

	(void)c;
	(void)req;
	for (conn = ike_conn_next(v->ike, NULL); conn;
	     conn = ike_conn_next(v->ike, conn))
		section_item(list, conn->name, strlen(conn->name));
	return CMD_REPLY;
}

/* ----------------------------------------------- initiate, terminate, rekey */

static void put_outcome(struct section *reply, const struct pending *p)
{
	if (p->err)
		reply_error(reply, "%s: %s", p->what,
			    p->why[0] ? p->why : strerror(-p->err));
	else
		reply_ok(reply);
	if (p->terminate) {
		section_setf(reply, "matches", "%u", p->matches);
		section_setf(reply, "terminated", "%u",
			     p->err ? 0 : p->matches);
	}
}

static void finished(void *arg, int err, const char *why)
{
	struct pending *p = arg;
	struct section *reply;

	p->done = true;
	p->err = err;
	snprintf(p->why, sizeof(p->why), "%s", why ? why : "");
	if (p->calling)
		return; /* the caller sees it */
	if (p->c) {
		reply = section_new();
		put_outcome(reply, p);
		client_reply(p->c, reply);
		section_free(reply);
	}
	free(p);
}

void command_timeout(struct client *c)
{
	struct pending *p = c->pending;
	struct section *reply;

	if (!p)
		return;
	reply = section_new();
	reply_error(reply, "%s: not done in time; it goes on", p->what);
	client_reply(c, reply); /* p stays with the core */
	section_free(reply);
}

static struct pending *pending_new(struct client *c, const struct section *req,
				   struct section *reply, long *timeout)
{
	struct pending *p;
	long level;

	if (!number(req, "timeout", 86400000, timeout)) {
		reply_error(reply, "timeout: allowed: -1, 0 and milliseconds "
				   "up to 86400000");
		return NULL;
	}
	if (!number(req, "loglevel", 4, &level)) {
		reply_error(reply, "loglevel: allowed: -1 to 4");
		return NULL;
	}
	if (!section_find(req, "loglevel"))
		level = 1;
	p = calloc(1, sizeof(*p));
	if (!p) {
		reply_error(reply, "no memory");
		return NULL;
	}
	p->level = (int)level;
	p->c = c;
	p->calling = true;
	c->pending = p;
	return p;
}

/* After the core was called: answer now, or wait for finished(). */
static int pending_go(struct pending *p, struct client *c, long timeout,
		      struct section *reply)
{
	p->calling = false;
	if (p->done) {
		c->pending = NULL;
		put_outcome(reply, p);
		free(p);
		return CMD_REPLY;
	}
	if (timeout < 0) {
		c->pending = NULL;
		p->c = NULL;
		put_outcome(reply, p);
		return CMD_REPLY;
	}
	c->pending = p;
	if (timeout > 0 && client_timer(c, (unsigned int)timeout)) {
		c->pending = NULL;
		p->c = NULL;
		return reply_error(reply, "%s: no timer; it goes on", p->what);
	}
	return CMD_LATER;
}

/* The connection whose lines belong to a command for a child. */
static const char *conn_of_child(const struct vici *v, const char *child)
{
	const struct child_conf *cc;
	const struct conn *conn;

	for (conn = ike_conn_next(v->ike, NULL); conn;
	     conn = ike_conn_next(v->ike, conn))
		for (cc = conn->children; cc; cc = cc->next)
			if (!strcmp(cc->name, child))
				return conn->name;
	return "";
}

static int initiate(struct vici *v, struct client *c, const struct section *req,
		    struct section *reply)
{
	const char *child = section_text(req, "child");
	const char *ike = section_text(req, "ike");
	struct pending *p;
	long timeout;
	int ret;

	if (!child && !ike)
		return reply_error(reply, "child or ike: one of them is "
					  "needed");
	p = pending_new(c, req, reply, &timeout);
	if (!p)
		return CMD_REPLY;
	snprintf(p->conn, sizeof(p->conn), "%s",
		 ike ? ike : conn_of_child(v, child));
	snprintf(p->what, sizeof(p->what), "establishing %s \"%s\" failed",
		 child ? "CHILD_SA" : "IKE_SA", child ? child : ike);
	ret = ike_initiate(v->ike, vici_now(v), ike, child, finished, p);
	if (ret && !p->done) {
		c->pending = NULL;
		free(p);
		if (ret != -ENOENT)
			return reply_error(reply, "%s", strerror(-ret));
		return reply_error(
			reply, "there is no %s \"%s\"%s%s%s",
			child ? "child" : "connection", child ? child : ike,
			child && ike ? " in connection \"" : "",
			child && ike ? ike : "", child && ike ? "\"" : "");
	}
	return pending_go(p, c, timeout, reply);
}

/* false: @reply says what is wrong */
static bool selection(const struct section *req, struct ike_select *sel,
		      struct section *reply)
{
	memset(sel, 0, sizeof(*sel));
	if (!request_ids(req, &sel->ike_id, &sel->child_id, reply))
		return false;
	sel->ike = section_text(req, "ike");
	sel->child = section_text(req, "child");
	sel->force = has_flag(req, "force");
	if (!sel->ike && !sel->child && !sel->ike_id && !sel->child_id) {
		reply_error(reply, "ike, child, ike-id or child-id: one of "
				   "them is needed");
		return false;
	}
	return true;
}

static int terminate(struct vici *v, struct client *c,
		     const struct section *req, struct section *reply)
{
	struct ike_select sel;
	struct pending *p;
	long timeout;
	int n;

	if (!selection(req, &sel, reply))
		return CMD_REPLY;
	p = pending_new(c, req, reply, &timeout);
	if (!p)
		return CMD_REPLY;
	p->terminate = true;
	if (sel.ike)
		snprintf(p->conn, sizeof(p->conn), "%s", sel.ike);
	snprintf(p->what, sizeof(p->what), "terminating SA failed");
	n = ike_terminate(v->ike, vici_now(v), &sel, finished, p);
	if (n <= 0) { /* whether that was said to finished() or not */
		c->pending = NULL;
		free(p);
		reply_error(reply, "%s",
			    n ? strerror(-n)
			      : "no matching SAs to terminate found");
		section_set(reply, "matches", "0", 1);
		section_set(reply, "terminated", "0", 1);
		return CMD_REPLY;
	}
	p->matches = (unsigned int)n;
	return pending_go(p, c, timeout, reply);
}

static int rekey(struct vici *v, struct client *c, const struct section *req,
		 struct section *reply)
{
	struct ike_select sel;
	int n;

	(void)c;
	if (!selection(req, &sel, reply))
		return CMD_REPLY;
	if (has_flag(req, "reauth"))
		return reply_error(reply, "reauth: allowed: no; there is no "
					  "reauthentication");
	n = ike_rekey(v->ike, vici_now(v), &sel);
	if (n <= 0)
		reply_error(reply, "%s",
			    n ? strerror(-n)
			      : "no matching SAs to rekey found");
	else
		reply_ok(reply);
	section_setf(reply, "matches", "%d", n > 0 ? n : 0);
	return CMD_REPLY;
}

static int redirect(struct vici *v, struct client *c, const struct section *req,
		    struct section *reply)
{
	(void)v;
	(void)c;
	(void)req;
	return reply_error(reply, "redirection (RFC 5685) is not supported");
}

/* Traps follow the configuration, and nothing else. */
static int install(struct vici *v, struct client *c, const struct section *req,
		   struct section *reply)
{
	(void)v;
	(void)c;
	(void)req;
	return reply_error(reply, "policies follow start_action = trap of a "
				  "loaded connection");
}

/* -------------------------------------------------------------------- table */

static const struct command commands[] = {
	{ .name = "version", .run = version },
	{ .name = "stats", .run = stats },
	{ .name = "get-counters", .run = get_counters },
	{ .name = "reset-counters", .run = reset_counters },
	{ .name = "get-algorithms", .run = get_algorithms },
	{ .name = "reload-settings", .run = reload_settings },
	{ .name = "load-conn", .run = load_conn },
	{ .name = "unload-conn", .run = unload_conn },
	{ .name = "get-conns", .run = get_conns },
	{ .name = "initiate", .run = initiate },
	{ .name = "terminate", .run = terminate },
	{ .name = "rekey", .run = rekey },
	{ .name = "redirect", .run = redirect },
	{ .name = "install", .run = install },
	{ .name = "uninstall", .run = install },
	{ .name = "list-sas", .stream = list_sas, .begin = list_sas_begin },
	{ .name = "list-conns", .stream = list_conns },
	{ .name = "list-policies", .stream = list_policies },
};

const struct command *command_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	for (i = 0; i < ncreds_commands; i++)
		if (!strcmp(creds_commands[i].name, name))
			return &creds_commands[i];
	return NULL;
}
