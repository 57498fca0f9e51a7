/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deletes, ours and the peer's (RFC 7296 section 1.4.1): a pair of child SAs
 * is deleted by one SPI each way; an IKE SA takes its children along.
 */
#include <stdio.h>
#include "core/child.h"

/* As long is received on what was replaced: packets of the peer may be slower
 * than its IKE messages. */
#define DRAIN (5 * IKE_USEC)

static const char *reason_text(enum down_reason reason)
{
	static const char *const text[] = {
		[DOWN_LOCAL] = "asked for",
		[DOWN_PEER] = "the peer deleted it",
		[DOWN_TIMEOUT] = "no answer",
		[DOWN_REKEYED] = "replaced",
		[DOWN_ERROR] = "an error",
		[DOWN_REAUTH] = "the peer came anew",
		[DOWN_EXPIRED] = "its lifetime is over",
	};

	return text[reason];
}

/* --------------------------------------------------------- our own: a child */

struct delete_child {
	struct child_task ct;
	enum down_reason reason;
};

void child_drain(struct child_sa *child)
{
	child_stop_out(child);
	child_state(child, CHILD_DRAINING, "deleted on both sides");
	timer_stop(child->sa->ike, &child->t_rekey);
	timer_set(child->sa->ike, &child->t_expire,
		  child->sa->ike->now + DRAIN);
}

static void child_gone(struct child_sa *child, enum down_reason reason)
{
	if (child->replaced && child->db_in)
		child_drain(child);
	else
		child_destroy(child, reason, reason_text(reason));
}

static int child_build(struct ike_sa *sa, struct task *t, struct ike_writer *w)
{
	struct child_task *ct = container_of(t, struct child_task, task);

	(void)sa;
	if (!ct->child)
		return 1;
	ike_put_delete(w, ct->child->protocol, &ct->child->spi_in, 1);
	return 0;
}

static int child_answer(struct ike_sa *sa, struct task *t,
			const struct ike_payloads *pl)
{
	struct delete_child *d = container_of(t, struct delete_child, ct.task);
	struct child_sa *child = d->ct.child;

	(void)sa;
	(void)pl;
	if (!child)
		return 0;
	child->task = NULL;
	d->ct.child = NULL;
	child_gone(child, d->reason);
	return 0;
}

static void child_end(struct ike_sa *sa, struct task *t, int err)
{
	struct delete_child *d = container_of(t, struct delete_child, ct.task);
	struct child_sa *child = d->ct.child;

	(void)err;
	if (!child || child->task != t)
		return;
	child->task = NULL;
	/* the IKE SA went, the child had moved on: asked again there */
	if (child->sa != sa && child->state == CHILD_DELETING) {
		child->state = CHILD_INSTALLED;
		child_delete(child, d->reason, NULL);
	}
}

static const struct task_ops delete_child_ops = {
	.what = "delete of a child",
	.states = SA_IN(SA_ESTABLISHED),
	.exchange = IKE_INFORMATIONAL,
	.ends_with_sa = true,
	.size = sizeof(struct delete_child),
	.build = child_build,
	.answer = child_answer,
	.end = child_end,
};

int child_delete(struct child_sa *child, enum down_reason reason,
		 struct command *cmd)
{
	struct ike_sa *sa = child->sa;
	struct delete_child *d;
	struct task *t;

	if (child->state == CHILD_DELETING || child->state == CHILD_DRAINING ||
	    child->state == CHILD_DEAD)
		return 0;
	/* A rekey that has not gone out is not needed any more; one that has
	 * is left alone: its answer is an heir, or none. */
	if (child->task && !task_under_way(child->task))
		task_end(child->task, -ECANCELED, "child is deleted");
	t = task_new(sa, &delete_child_ops, cmd);
	if (!t)
		return ike_fail(sa->ike, -ENOMEM, "out of memory");
	d = container_of(t, struct delete_child, ct.task);
	d->ct.child = child;
	d->reason = reason;
	if (child->task) {
		child_task_of(child)->child = NULL;
		/* what has only grown old may have an heir */
		if (reason == DOWN_LOCAL)
			rekey_child_unwanted(child->task);
	}
	child->task = t;
	child_state(child, CHILD_DELETING, reason_text(reason));
	timer_stop(sa->ike, &child->t_rekey);
	task_queue(sa, t);
	return 0;
}

/* ---------------------------------------------------- our own: the IKE SA */

static int sa_build(struct ike_sa *sa, struct task *t, struct ike_writer *w)
{
	(void)sa;
	(void)t;
	ike_put_delete(w, PROTO_IKE, NULL, 0);
	return 0;
}

static int sa_answer(struct ike_sa *sa, struct task *t,
		     const struct ike_payloads *pl)
{
	(void)t;
	(void)pl;
	sa_destroy(sa, sa->last_reason, "%s", reason_text(sa->last_reason));
	return 0;
}

static const struct task_ops delete_sa_ops = {
	.what = "delete of the IKE SA",
	.states = SA_IN(SA_DELETING),
	.exchange = IKE_INFORMATIONAL,
	.ends_with_sa = true,
	.size = sizeof(struct task),
	.build = sa_build,
	.answer = sa_answer,
};

int sa_delete(struct ike_sa *sa, enum down_reason reason, struct command *cmd)
{
	struct task *t;

	if (sa->state == SA_DEAD)
		return 0;
	if (sa->state == SA_INIT_SENT || sa->state == SA_HALF_OPEN) {
		sa_destroy(sa, reason, "%s", reason_text(reason));
		return 0;
	}
	if (sa->state == SA_DELETING) {
		/* its end is what is waited for */
		t = sa->busy;
		if (!t || t->ops != &delete_sa_ops)
			for (t = sa->queue; t && t->ops != &delete_sa_ops;)
				t = t->next;
		if (cmd && t && !t->cmd)
			t->cmd = command_get(cmd);
		return 0;
	}
	t = task_new(sa, &delete_sa_ops, cmd);
	if (!t)
		return ike_fail(sa->ike, -ENOMEM, "out of memory");
	sa->last_reason = reason;
	sa_state(sa, SA_DELETING, reason_text(reason));
	task_queue_first(sa, t);
	return 0;
}

/* ------------------------------------------------------------ of the peer */

/* Return: is our SPI named in the reply? If the deletes cross, it is not:
 * outbound ends here, inbound with the answer to ours (1.4.1, IKE-41). */
static bool delete_one(struct child_sa *child)
{
	struct task *t = child->task;

	if (child->state == CHILD_DELETING && t && task_under_way(t)) {
		child_stop_out(child);
		return false;
	}
	if (t && !task_under_way(t)) {
		child_task_of(child)->child = NULL;
		child->task = NULL;
		task_end(t, 0, "the peer deleted it");
	}
	child_rekey_undone(child);
	child_gone(child, child->replaced ? DOWN_REKEYED : DOWN_PEER);
	return true;
}

#define DELETES_MAX 64 /* in one payload of a reply */

static void delete_children(struct ike_sa *sa, const struct ike_delete_pl *d,
			    struct ike_writer *reply)
{
	uint32_t ours[DELETES_MAX];
	unsigned int n = 0, i;

	if (d->spi_size != 4)
		return;
	for (i = 0; i < d->n; i++) {
		const uint8_t *p = d->spis.p + i * 4;
		uint32_t spi = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
			       (uint32_t)p[2] << 8 | p[3];
		struct child_sa *c = child_by_peer_spi(sa, d->protocol, spi);

		if (!c && child_may_come(sa))
			sa->early[sa->nearly++ % 4] = spi;
		if (!c) {
			ike_log(sa->ike, IKE_LOG_CONTROL, sa,
				"peer deletes a child that is not there, SPI "
				"%08x",
				(unsigned int)spi);
			continue;
		}
		ours[n] = c->spi_in;
		n += delete_one(c);
		if (n == DELETES_MAX) {
			ike_put_delete(reply, d->protocol, ours, n);
			n = 0;
		}
	}
	if (n)
		ike_put_delete(reply, d->protocol, ours, n);
}

int delete_request(struct ike_sa *sa, const struct ike_payloads *pl,
		   struct ike_writer *reply)
{
	unsigned int i;

	for (i = 0; i < pl->ndeletes; i++)
		if (pl->del[i].protocol == PROTO_IKE) {
			bool replaced = sa->state == SA_REKEYED ||
					(sa->state == SA_DELETING &&
					 sa->last_reason == DOWN_REKEYED);

			ike_fail(sa->ike, 0, "the peer deleted it");
			rekey_ike_settle(sa);
			sa_destroy_after_reply(sa, replaced ? DOWN_REKEYED
							    : DOWN_PEER);
			return 0;
		}
	for (i = 0; i < pl->ndeletes; i++)
		delete_children(sa, &pl->del[i], reply);
	return 0;
}
