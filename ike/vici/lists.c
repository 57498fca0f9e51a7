/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists that are streamed as events: each call goes on where the last one
 * stopped because the client had enough to read.
 */
#include <stdlib.h>
#include <string.h>
#include "vici/internal.h"

/* Children in one event: a message has a bounded length, an IKE SA need not. */
#define CHILDREN_PER_EVENT 128

bool has_flag(const struct section *req, const char *name)
{
	const char *text = section_text(req, name);

	return text && !strcmp(text, "yes");
}

static bool wanted(const struct section *req, const char *key, const char *name)
{
	const char *text = section_text(req, key);

	return !text || !strcmp(text, name);
}

/* ---------------------------------------------------------------------- SAs */

bool list_sas_begin(struct vici *v, struct client *c)
{
	const struct ike_sa *sa;
	struct ike_sa_info info = { 0 };
	size_t n = 0;

	for (sa = ike_sa_next(v->ike, NULL); sa; sa = ike_sa_next(v->ike, sa))
		n++;
	if (!n)
		return true;
	c->cur.ids = calloc(n, sizeof(*c->cur.ids));
	if (!c->cur.ids)
		return false;
	for (sa = ike_sa_next(v->ike, NULL); sa; sa = ike_sa_next(v->ike, sa)) {
		ike_sa_look(sa, &info);
		c->cur.ids[c->cur.n++] = info.id;
	}
	return true;
}

/* The SA of that number, looked for from @from on and then from the start:
 * the order hardly changes between two calls. */
static const struct ike_sa *find_sa(const struct vici *v, uint32_t id,
				    const struct ike_sa *from)
{
	const struct ike_sa *sa;
	struct ike_sa_info info = { 0 };
	int pass;

	for (pass = 0; pass < 2; pass++) {
		sa = pass || !from ? ike_sa_next(v->ike, NULL) : from;
		for (; sa; sa = ike_sa_next(v->ike, sa)) {
			ike_sa_look(sa, &info);
			if (info.id == id)
				return sa;
		}
		if (!from)
			break;
	}
	return NULL;
}

/* struct filter - which children are asked for */
struct filter {
	const char *name;
	uint32_t id;
};

static bool child_wanted(const struct filter *f, const struct child_sa *child)
{
	struct child_sa_info info = { 0 };

	if (!f->name && !f->id)
		return true;
	child_sa_look(child, &info);
	return (!f->name || !strcmp(f->name, info.conf->name)) &&
	       (!f->id || f->id == info.id);
}

/* One event; true when the SA has no more children. */
static bool send_sa(struct vici *v, struct client *c, const struct ike_sa *sa,
		    const struct filter *f)
{
	struct section *msg = section_new(), *s, *children;
	bool all = !f->name && !f->id && !c->cur.sub;
	const struct child_sa *child;
	uint64_t now = vici_now(v);
	size_t i = 0, n = 0;

	s = msg ? put_ike_sa(msg, NULL, sa, now) : NULL;
	children = section_add(s, "child-sas");
	child = child_sa_next(sa, NULL);
	for (; child && i < c->cur.sub; i++)
		child = child_sa_next(sa, child);
	for (; child && n < CHILDREN_PER_EVENT; i++) {
		if (child_wanted(f, child)) {
			put_child_sa(children, NULL, child, now);
			n++;
		}
		child = child_sa_next(sa, child);
	}
	if ((n || all) && client_event(c, EV_LIST_SA, msg))
		c->cur.omitted++;
	section_free(msg);
	c->cur.sub = child ? i : 0;
	return !child;
}

static void put_omitted(const struct client *c, struct section *reply)
{
	if (c->cur.omitted)
		section_setf(reply, "omitted", "%u", c->cur.omitted);
}

bool list_sas(struct vici *v, struct client *c, struct section *reply)
{
	struct filter f = { section_text(c->req, "child"), 0 };
	const struct ike_sa *sa = NULL;
	struct ike_sa_info info = { 0 };
	uint32_t only;

	if (!request_ids(c->req, &only, &f.id, reply))
		return true;
	for (; c->cur.pos < c->cur.n; c->cur.pos++) {
		if (client_full(c))
			return false;
		if (only && c->cur.ids[c->cur.pos] != only)
			continue;
		sa = find_sa(v, c->cur.ids[c->cur.pos], sa);
		if (!sa)
			continue; /* gone since the list began */
		ike_sa_look(sa, &info);
		if (!wanted(c->req, "ike", sa_name(&info)))
			continue;
		while (!send_sa(v, c, sa, &f))
			if (client_full(c))
				return false;
	}
	put_omitted(c, reply);
	return true;
}

/* -------------------------------------------------------------- connections */

bool list_conns(struct vici *v, struct client *c, struct section *reply)
{
	const struct conn *conn = ike_conn_next(v->ike, NULL);
	struct section *msg;
	size_t i;

	for (i = 0; conn && i < c->cur.pos; i++)
		conn = ike_conn_next(v->ike, conn);
	for (; conn; conn = ike_conn_next(v->ike, conn), c->cur.pos++) {
		if (client_full(c))
			return false;
		if (!wanted(c->req, "ike", conn->name))
			continue;
		msg = section_new();
		if (msg)
			put_conn(msg, conn);
		if (!msg || client_event(c, EV_LIST_CONN, msg))
			c->cur.omitted++;
		section_free(msg);
	}
	put_omitted(c, reply);
	return true;
}

/* ----------------------------------------------------------------- policies */

static bool send_policy(struct client *c, const struct conn *conn,
			const struct child_conf *child)
{
	struct section *msg = section_new(), *s;
	char name[512];
	int ret;

	snprintf(name, sizeof(name), "%s/%s", conn->name, child->name);
	name[255] = 0;
	s = section_add(msg, name);
	section_set(s, "child", child->name, strlen(child->name));
	section_set(s, "ike", conn->name, strlen(conn->name));
	section_setf(s, "mode", "%s", mode_name(child->mode));
	put_ts_conf(s, "local-ts", child->local, child->nlocal);
	put_ts_conf(s, "remote-ts", child->remote, child->nremote);
	ret = msg ? client_event(c, EV_LIST_POLICY, msg) : -1;
	section_free(msg);
	return !ret;
}

/* Traps; there are no others that a connection could bring. */
bool list_policies(struct vici *v, struct client *c, struct section *reply)
{
	const struct conn *conn = ike_conn_next(v->ike, NULL);
	const struct child_conf *child;
	size_t i;

	if (!has_flag(c->req, "trap"))
		return true;
	for (i = 0; conn && i < c->cur.pos; i++)
		conn = ike_conn_next(v->ike, conn);
	for (; conn; conn = ike_conn_next(v->ike, conn), c->cur.pos++) {
		if (client_full(c))
			return false;
		for (child = conn->children; child; child = child->next) {
			if (child->start != ACTION_TRAP ||
			    !wanted(c->req, "ike", conn->name) ||
			    !wanted(c->req, "child", child->name))
				continue;
			if (!send_policy(c, conn, child))
				c->cur.omitted++;
		}
	}
	put_omitted(c, reply);
	return true;
}
