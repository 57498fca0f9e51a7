/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the user asks for: initiate, terminate, rekey; and who waits for it.
 */
#include <stdio.h>
#include <string.h>
#include "core/exchange.h"
#include "core/internal.h"

/* ----------------------------------------------------------- who waits */

struct command *command_new(struct ike *ike, ike_done_fn done, void *arg)
{
	struct command *cmd;

	if (!done)
		return NULL;
	cmd = mem_get(ike, sizeof(*cmd));
	if (!cmd) {
		done(arg, -ENOMEM, "out of memory");
		return NULL;
	}
	cmd->done = done;
	cmd->arg = arg;
	cmd->refs = 1;
	return cmd;
}

struct command *command_get(struct command *cmd)
{
	if (cmd)
		cmd->refs++;
	return cmd;
}

void command_put(struct ike *ike, struct command *cmd, int err, const char *why)
{
	if (!cmd)
		return;
	if (err && !cmd->err) {
		cmd->err = err;
		snprintf(cmd->why, sizeof(cmd->why), "%s",
			 why && *why ? why : strerror(-err));
	}
	if (--cmd->refs)
		return;
	cmd->done(cmd->arg, cmd->err, cmd->why);
	mem_put(ike, cmd);
}

/* ----------------------------------------------------------------- initiate */

/* Nothing to send: it ends well as soon as the SA is up, and fails with it. */
static int nothing_to_do(struct ike_sa *sa, struct task *t,
			 struct ike_writer *w)
{
	(void)sa;
	(void)t;
	(void)w;
	return 1;
}

static const struct task_ops up_task = {
	.what = "wait until the IKE SA is up",
	.states = SA_IN(SA_ESTABLISHED),
	.exchange = IKE_INFORMATIONAL,
	.size = sizeof(struct task),
	.build = nothing_to_do,
};

static bool child_is_up(const struct ike *ike, const char *conn,
			const char *name)
{
	const struct ike_sa *sa = NULL;
	const struct child_sa *c;

	while ((sa = sa_next_conn(ike, conn, sa))) {
		if (sa->state != SA_ESTABLISHED)
			continue;
		for (c = sa->children; c; c = c->next)
			if ((c->state == CHILD_INSTALLED ||
			     c->state == CHILD_REKEYING) &&
			    !strcmp(c->conf->name, name))
				return true;
	}
	return false;
}

static struct task *find_create(struct ike_sa *sa, const char *name)
{
	struct task *t;

	for (t = sa->queue; t; t = t->next)
		if (child_task_conf(t) &&
		    !strcmp(child_task_conf(t)->name, name))
			return t;
	t = sa->hs ? sa->hs->task : NULL;
	if (!t && sa->busy && child_task_conf(sa->busy))
		t = sa->busy;
	return t && !strcmp(child_task_conf(t)->name, name) ? t : NULL;
}

static int initiate_child(struct ike_sa *sa, const char *name,
			  struct command *cmd)
{
	struct ike *ike = sa->ike;
	const struct child_conf *conf = conn_child(sa->conn, name);
	struct task *t = find_create(sa, name);

	if (t) {
		/* Under way already: whoever comes first is told. */
		if (t->cmd && cmd)
			return ike_fail(ike, -EINPROGRESS,
					"child %s is being made already", name);
		if (cmd)
			t->cmd = command_get(cmd);
		return 0;
	}
	t = child_task_create(sa, conf, cmd);
	if (!t)
		return ike_fail(ike, -ENOMEM, "out of memory");
	task_queue(sa, t);
	return 0;
}

static int initiate(struct ike *ike, struct conn *conn, const char *child,
		    struct command *cmd)
{
	struct ike_sa *sa = sa_find_conn(ike, conn->name);
	struct task *t;
	int err;

	if (ike->shutdown)
		return ike_fail(ike, -ESHUTDOWN, "shutting down");
	if (child && child_is_up(ike, conn->name, child))
		return 0;
	/* Made from what was configured then: the child has to be there. */
	if (sa && child && !conn_child(sa->conn, child))
		sa = NULL;
	if (!sa)
		sa = init_start(ike, conn);
	if (!sa)
		return -EHOSTUNREACH;
	if (child) {
		err = initiate_child(sa, child, cmd);
		if (err)
			return err;
	} else if (cmd) {
		t = task_new(sa, &up_task, cmd);
		if (!t)
			return ike_fail(ike, -ENOMEM, "out of memory");
		task_queue(sa, t);
	}
	return 0;
}

static struct conn *conn_with(struct ike *ike, const char *conn,
			      const char *child)
{
	struct conn *c;

	if (conn) {
		c = conn_find(ike, conn);
		return c && child && !conn_child(c, child) ? NULL : c;
	}
	for (c = ike->conns; c; c = c->next)
		if (child && conn_child(c, child))
			return c;
	return NULL;
}

int ike_initiate(struct ike *ike, uint64_t now, const char *conn,
		 const char *child, ike_done_fn done, void *arg)
{
	struct conn *c = conn_with(ike, conn, child);
	struct command *cmd;
	int err;

	if (!c)
		return -ENOENT;
	ike_enter(ike, now);
	cmd = command_new(ike, done, arg);
	if (cmd || !done) {
		ike->why[0] = 0;
		err = initiate(ike, c, child, cmd);
		if (err)
			ike_log(ike, IKE_LOG_CONTROL, NULL,
				"connection %s is not initiated: %s", c->name,
				ike->why);
		command_put(ike, cmd, err, ike->why);
	}
	ike_leave(ike);
	return 0;
}

/* --------------------------------------------------- terminate and rekey */

static bool sa_selected(const struct ike_sa *sa, const struct ike_select *sel)
{
	if (sel->ike_id && sel->ike_id != sa->id)
		return false;
	return !sel->ike || (sa->conn && !strcmp(sa->conn->name, sel->ike));
}

static bool child_selected(const struct child_sa *c,
			   const struct ike_select *sel)
{
	if (c->state != CHILD_INSTALLED && c->state != CHILD_REKEYING)
		return false;
	if (sel->child_id && sel->child_id != c->id)
		return false;
	return !sel->child || !strcmp(c->conf->name, sel->child);
}

static bool by_child(const struct ike_select *sel)
{
	return sel->child || sel->child_id;
}

static int terminate_children(struct ike_sa *sa, const struct ike_select *sel,
			      struct command *cmd)
{
	struct child_sa *c, *next;
	int n = 0;

	for (c = sa->children; c; c = next) {
		next = c->next;
		if (!child_selected(c, sel))
			continue;
		n++;
		child_delete(c, DOWN_LOCAL, cmd);
	}
	return n;
}

int ike_terminate(struct ike *ike, uint64_t now, const struct ike_select *sel,
		  ike_done_fn done, void *arg)
{
	struct command *cmd;
	struct ike_sa *sa, *next;
	int n = 0;

	ike_enter(ike, now);
	cmd = command_new(ike, done, arg);
	for (sa = ike->sas; sa; sa = next) {
		next = sa->next;
		if (!sa_selected(sa, sel))
			continue;
		if (by_child(sel)) {
			n += terminate_children(sa, sel, cmd);
			continue;
		}
		n++;
		sa_delete(sa, DOWN_LOCAL, cmd);
		if (sel->force && sa->state != SA_DEAD) {
			/* One word to the peer, and no wait for its answer;
			 * not from within a handler, whose reply is in the
			 * buffer. */
			if (ike->depth == 1)
				request_next(sa);
			sa_destroy(sa, DOWN_LOCAL, "terminated by force");
		}
	}
	command_put(ike, cmd, n ? 0 : -ENOENT, "no SA matches");
	ike_leave(ike);
	return n;
}

int ike_rekey(struct ike *ike, uint64_t now, const struct ike_select *sel)
{
	struct ike_sa *sa, *next;
	struct child_sa *c;
	int n = 0;

	ike_enter(ike, now);
	for (sa = ike->sas; sa; sa = next) {
		next = sa->next;
		if (sa->state != SA_ESTABLISHED || !sa_selected(sa, sel))
			continue;
		if (!by_child(sel)) {
			n += !rekey_ike_start(sa, NULL);
			continue;
		}
		for (c = sa->children; c; c = c->next)
			if (child_selected(c, sel))
				n += !rekey_child_start(c, NULL);
	}
	ike_leave(ike);
	return n;
}
