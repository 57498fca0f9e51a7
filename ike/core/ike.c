/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The core as its user sees it: made, configured, shut down.
 */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include "core/exchange.h"
#include "core/internal.h"

void ike_settings_default(struct ike_settings *set)
{
	*set = (struct ike_settings){
		.cookie_from = 30,
		.half_open_max = 4096,
		.half_open_source = 20,
		.retransmit_timeout = 4 * IKE_USEC,
		.retransmit_base_x10 = 18,
		.retransmit_tries = 5,
		.half_open_timeout = 30 * IKE_USEC,
		.nat_keepalive = 20 * IKE_USEC,
		.fragment_size = 1280,
	};
}

struct ike *ike_new(const struct ike_ops *ops, void *ctx,
		    const struct ike_settings *set, struct ike_creds *creds,
		    struct sadb *db)
{
	struct ike *ike = calloc(1, sizeof(*ike));

	if (!ike)
		return NULL;
	ike->ops = ops;
	ike->ctx = ctx;
	ike->set = *set;
	ike->creds = creds;
	ike->db = db;
	ops->random(ctx, ike->hash_key, sizeof(ike->hash_key));
	if (db)
		db->ops->caps(db, &ike->caps);
	if (htable_init(&ike->by_spi, 64) || htable_init(&ike->by_init, 64) ||
	    htable_init(&ike->by_peer, 64) ||
	    htable_init(&ike->by_source, 64) || htable_init(&ike->by_db, 64) ||
	    htable_init(&ike->by_conn, 64) || htable_init(&ike->traps, 16) ||
	    htable_init(&ike->traps_by_conn, 16) || cookies_init(ike)) {
		ike_free(ike);
		return NULL;
	}
	return ike;
}

void ike_free(struct ike *ike)
{
	struct conn *conn;

	if (!ike)
		return;
	/* No new attempt comes of what ends here. */
	ike->shutdown = true;
	ike_enter(ike, ike->now);
	while (ike->sas)
		sa_destroy(ike->sas, DOWN_LOCAL, "the daemon ends");
	while (ike->lingering)
		sa_forget(ike->lingering);
	while ((conn = ike->conns)) {
		trap_clear(ike, conn->name);
		ike->conns = conn->next;
		conn_put(conn);
	}
	ike_leave(ike);
	htable_free(&ike->by_spi);
	htable_free(&ike->by_init);
	htable_free(&ike->by_peer);
	htable_free(&ike->by_source);
	htable_free(&ike->by_db);
	htable_free(&ike->by_conn);
	htable_free(&ike->traps);
	htable_free(&ike->traps_by_conn);
	cookies_free(ike);
	free(ike->timers.t);
	explicit_bzero(ike, sizeof(*ike));
	free(ike);
}

void ike_enter(struct ike *ike, uint64_t now)
{
	if (now > ike->now)
		ike->now = now;
	ike->depth++;
}

void ike_leave(struct ike *ike)
{
	struct ike_sa *sa;
	struct child_sa *child;

	if (ike->depth > 1) {
		ike->depth--;
		return;
	}
	while ((sa = ike->pump)) {
		ike->pump = sa->next_pump;
		sa->pumped = false;
		request_next(sa);
	}
	while ((child = ike->dead_children)) {
		ike->dead_children = child->next;
		child_free(ike, child);
	}
	while ((sa = ike->dead)) {
		ike->dead = sa->next_dead;
		sa_free(sa);
	}
	ike->depth--;
}

void ike_shutdown(struct ike *ike, uint64_t now)
{
	struct ike_sa *sa, *next;
	struct conn *conn;

	ike_enter(ike, now);
	ike->shutdown = true;
	for (conn = ike->conns; conn; conn = conn->next)
		trap_clear(ike, conn->name);
	for (sa = ike->sas; sa; sa = next) {
		next = sa->next;
		sa_delete(sa, DOWN_LOCAL, NULL);
	}
	ike_leave(ike);
}

bool ike_idle(const struct ike *ike)
{
	return !ike->sas;
}

void ike_sadb_event(struct ike *ike, uint64_t now,
		    const struct espalier_event *ev)
{
	ike_enter(ike, now);
	sadb_event(ike, ev);
	ike_leave(ike);
}

void ike_event(struct ike *ike, enum ike_event_type type,
	       const struct ike_sa *sa, const struct ike_sa *sa2,
	       const struct child_sa *child, const struct child_sa *child2)
{
	struct ike_event ev = { type, sa, sa2, child, child2 };

	if (ike->ops->event)
		ike->ops->event(ike->ctx, &ev);
}

/* ------------------------------------------------------------------- memory */

/* What the SAs hold is counted by the size that the allocator gave. */
void *mem_get(struct ike *ike, size_t size)
{
	void *p = calloc(1, size ? size : 1);

	if (p)
		ike->cnt.bytes += malloc_usable_size(p);
	return p;
}

void mem_put(struct ike *ike, void *p)
{
	if (!p)
		return;
	ike->cnt.bytes -= malloc_usable_size(p);
	free(p);
}

void *mem_dup(struct ike *ike, const void *data, size_t len)
{
	void *p = mem_get(ike, len);

	if (p && len)
		memcpy(p, data, len);
	return p;
}

/* ------------------------------------------------------------ configuration */

struct conn *conn_find(const struct ike *ike, const char *name)
{
	struct conn *c = ike->conns;

	while (c && strcmp(c->name, name))
		c = c->next;
	return c;
}

uint64_t conn_hash(const struct ike *ike, const char *name)
{
	return ike_hash(ike, name, strlen(name));
}

struct child_conf *conn_child(const struct conn *conn, const char *name)
{
	struct child_conf *c = conn->children;

	while (c && strcmp(c->name, name))
		c = c->next;
	return c;
}

static struct conn *unlink_conn(struct ike *ike, const char *name)
{
	struct conn **p, *c;

	for (p = &ike->conns; (c = *p); p = &c->next) {
		if (strcmp(c->name, name))
			continue;
		*p = c->next;
		c->next = NULL;
		return c;
	}
	return NULL;
}

int ike_conn_set(struct ike *ike, uint64_t now, struct conn *conn)
{
	struct conn **p, *old;
	struct child_conf *child;
	int err;

	ike_enter(ike, now);
	old = conn_find(ike, conn->name);
	if (old) {
		trap_clear(ike, old->name);
		conn_put(unlink_conn(ike, conn->name));
	}
	for (p = &ike->conns; *p; p = &(*p)->next)
		;
	conn->next = NULL;
	*p = conn;
	ike_log(ike, IKE_LOG_CONTROL, NULL, "connection %s %s", conn->name,
		old ? "replaced" : "loaded");
	err = trap_set(ike, conn);
	for (child = conn->children; child; child = child->next)
		if (child->start == ACTION_START && !ike->shutdown)
			ike_initiate(ike, now, conn->name, child->name, NULL,
				     NULL);
	ike_leave(ike);
	return err;
}

int ike_conn_del(struct ike *ike, uint64_t now, const char *name)
{
	struct conn *conn;

	ike_enter(ike, now);
	conn = conn_find(ike, name);
	if (conn) {
		ike_log(ike, IKE_LOG_CONTROL, NULL, "connection %s unloaded",
			conn->name);
		trap_clear(ike, conn->name);
		conn_put(unlink_conn(ike, conn->name));
	}
	ike_leave(ike);
	return conn ? 0 : -ENOENT;
}

const struct conn *ike_conn_next(const struct ike *ike, const struct conn *prev)
{
	return prev ? prev->next : ike->conns;
}
