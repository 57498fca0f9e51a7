/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An IKE SA is made anew by IKE_SA_INIT and IKE_AUTH because the peer makes
 * nothing more on this one: NO_ADDITIONAL_SAS. A small peer may have no other
 * way to new keys, so whoever rekeys has to know this one (RFC 7296 section 4).
 *
 * The new one is made first, with the children that the old one has, then the
 * old one is deleted: nothing is without an SA meanwhile. A peer whose room is
 * full refuses that too; then the old one goes on, and this is tried again in
 * pauses that grow.
 */
#include "core/child.h"
#include "core/exchange.h"

#define RENEW_PAUSE (30 * IKE_USEC)
#define RENEW_PAUSE_MAX (600 * IKE_USEC)

/* Waits in the queue of the new one behind what makes the children. */
struct renewal {
	struct task task;
	unsigned int children; /* asked for */
};

static struct ike_sa *by_id(struct ike *ike, uint32_t id)
{
	struct ike_sa *sa = id ? ike->sas : NULL;

	while (sa && sa->id != id)
		sa = sa->next;
	return sa;
}

static bool in_use(const struct child_sa *c)
{
	return c->state == CHILD_INSTALLED || c->state == CHILD_REKEYING;
}

bool renew_has_children(const struct ike_sa *sa)
{
	const struct child_sa *c = sa->children;

	while (c && !in_use(c))
		c = c->next;
	return c;
}

uint16_t renew_reqid(const struct ike_sa *sa, const struct child_conf *conf)
{
	const struct ike_sa *old;
	const struct child_sa *c;

	for (old = sa->ike->sas; sa->renews && old; old = old->next)
		for (c = old->renewal == sa->id ? old->children : NULL; c;
		     c = c->next)
			if (in_use(c) && c->conf == conf)
				return c->reqid;
	return 0;
}

static bool child_waits(const struct ike_sa *sa)
{
	const struct task *t = sa->queue;

	while (t && !child_task_conf(t))
		t = t->next;
	return t;
}

/* The peer stops to receive with our delete, we with its answer; what comes
 * until then is let in by the policies of the new ones, whose reqid it has. */
static void leave(struct ike_sa *old)
{
	struct child_sa *c, *next;

	for (c = old->children; c; c = next) {
		next = c->next;
		child_stop_out(c);
	}
	sa_delete(old, DOWN_REAUTH, NULL);
}

static int build(struct ike_sa *sa, struct task *t, struct ike_writer *w)
{
	struct renewal *r = container_of(t, struct renewal, task);
	struct ike *ike = sa->ike;
	struct ike_sa *old, *next;

	(void)w;
	if (child_waits(sa)) {
		t->not_before = ike->now + IKE_USEC;
		return -EAGAIN;
	}
	sa->renews = false;
	if (r->children && !renew_has_children(sa)) {
		sa_delete(sa, DOWN_ERROR, NULL);
		return ike_fail(ike, -ECONNREFUSED,
				"the peer has no room for another child");
	}
	/* a rekey may have put another in its place */
	for (old = ike->sas; old; old = next) {
		next = old->next;
		if (old->renewal == sa->id)
			leave(old);
	}
	return 1;
}

static void end(struct ike_sa *sa, struct task *t, int err)
{
	(void)t;
	sa->renews = false;
	if (err)
		ike_log(sa->ike, IKE_LOG_AUDIT, sa,
			"not in the place of another: that one goes on");
}

static const struct task_ops renew_ops = {
	.what = "IKE SA in the place of another",
	.states = SA_IN(SA_ESTABLISHED),
	.exchange = IKE_INFORMATIONAL,
	.size = sizeof(struct renewal),
	.build = build,
	.end = end,
};

static int ask_for(struct ike_sa *sa, const struct child_conf *conf,
		   struct command *cmd)
{
	struct task *t = child_task_create(sa, conf, cmd);

	if (!t)
		return -ENOMEM;
	task_queue(sa, t);
	return 0;
}

static bool asked_for(const struct ike_sa *sa, const struct child_conf *conf)
{
	const struct task *t = sa->queue;

	while (t && child_task_conf(t) != conf)
		t = t->next;
	return t;
}

/* @first, then those that @old has; then what deletes @old. */
static int fill(struct ike_sa *sa, const struct ike_sa *old,
		const struct child_conf *first, struct command *cmd)
{
	unsigned int n = !!first;
	const struct child_sa *c;
	struct task *t;
	int err = first ? ask_for(sa, first, cmd) : 0;

	for (c = old->children; c && !err; c = c->next) {
		if (!in_use(c) || asked_for(sa, c->conf))
			continue;
		err = ask_for(sa, c->conf, NULL);
		n++;
	}
	t = err ? NULL : task_new(sa, &renew_ops, NULL);
	if (!t)
		return -ENOMEM;
	container_of(t, struct renewal, task)->children = n;
	task_queue(sa, t);
	return 0;
}

static int begin(struct ike_sa *old, const struct child_conf *first,
		 struct command *cmd)
{
	struct ike *ike = old->ike;
	struct ike_sa *sa;

	if (ike->shutdown || old->state != SA_ESTABLISHED || old->renews)
		return ike_fail(ike, -EBUSY, "it is %s",
				old->renews ? "new itself"
					    : sa_state_name(old));
	if (by_id(ike, old->renewal))
		return ike_fail(ike, -EALREADY, "that is under way");
	if (ike->now < old->renew_from)
		return ike_fail(ike, -EBUSY,
				"tried before, the next time in %u s",
				(unsigned int)((old->renew_from - ike->now) /
					       IKE_USEC));
	old->renew_from =
		ike->now + timer_backoff(ike, RENEW_PAUSE, RENEW_PAUSE_MAX,
					 old->renew_tries++);
	/* as it was made, like a rekey */
	sa = init_start(ike, old->conn);
	if (!sa)
		return -EHOSTUNREACH;
	old->renewal = sa->id;
	sa->renews = true;
	if (!fill(sa, old, first, cmd))
		return 0;
	sa_destroy(sa, DOWN_ERROR, "out of memory");
	return ike_fail(ike, -ENOMEM, "out of memory");
}

int renew_start(struct ike_sa *sa, const struct child_conf *first,
		struct command *cmd)
{
	int err = begin(sa, first, cmd);

	ike_log(sa->ike, IKE_LOG_AUDIT, sa,
		"the peer makes nothing more on it (NO_ADDITIONAL_SAS): %s%s",
		err ? "not made anew: " : "it is made anew",
		err ? sa->ike->why : "");
	return err;
}
