/* SPDX-License-Identifier: Apache-2.0 */
/*
 * INFORMATIONAL (RFC 7296 section 1.4): an empty one asks whether the peer is
 * there; errors that have no exchange of their own; deletes are delete.c's.
 */
#include "core/exchange.h"
#include "core/internal.h"

/* ----------------------------------------------------------------- requests */

int info_request(struct ike_sa *sa, const struct ike_payloads *pl,
		 struct ike_writer *reply)
{
	struct ike *ike = sa->ike;
	char name[64];
	unsigned int i;

	for (i = 0; i < pl->nnotifies; i++) {
		const struct ike_notify_pl *n = &pl->notify[i];

		if (n->type >= IKE_NOTIFY_STATUS_MIN)
			continue;
		ike_log(ike, IKE_LOG_CONTROL, sa, "peer reports %s",
			notify_text(n->type, name, sizeof(name)));
		/* It has no use for this SA (2.21.2, 2.21.3). */
		if (n->type == N_AUTHENTICATION_FAILED ||
		    n->type == N_INVALID_SYNTAX) {
			ike_fail(ike, 0, "peer reports %s",
				 notify_text(n->type, name, sizeof(name)));
			sa_destroy_after_reply(sa, DOWN_ERROR);
			return 0;
		}
	}
	return pl->ndeletes ? delete_request(sa, pl, reply) : 0;
}

/* ------------------------------------------------------------- our requests */

static int alive_build(struct ike_sa *sa, struct task *t, struct ike_writer *w)
{
	(void)sa;
	(void)t;
	(void)w;
	return 0;
}

static int alive_answer(struct ike_sa *sa, struct task *t,
			const struct ike_payloads *pl)
{
	(void)sa;
	(void)t;
	(void)pl;
	return 0; /* that it came is all */
}

static const struct task_ops alive_task = {
	.what = "is the peer alive",
	.states = SA_IN(SA_ESTABLISHED),
	.exchange = IKE_INFORMATIONAL,
	.size = sizeof(struct task),
	.build = alive_build,
	.answer = alive_answer,
};

int info_alive(struct ike_sa *sa)
{
	struct task *t = task_new(sa, &alive_task, NULL);

	if (!t)
		return -ENOMEM;
	task_queue(sa, t);
	return 0;
}

struct error_task {
	struct task t;
	enum ike_notify type;
};

static int error_build(struct ike_sa *sa, struct task *t, struct ike_writer *w)
{
	struct error_task *e = container_of(t, struct error_task, t);

	(void)sa;
	ike_put_notify(w, e->type, NULL, 0);
	return 0;
}

static int error_answer(struct ike_sa *sa, struct task *t,
			const struct ike_payloads *pl)
{
	struct error_task *e = container_of(t, struct error_task, t);
	char name[64];

	(void)pl;
	sa_destroy(sa, DOWN_ERROR, "%s, and the peer knows",
		   notify_text(e->type, name, sizeof(name)));
	return 0;
}

static const struct task_ops error_task = {
	.what = "report an error",
	.states = SA_IN(SA_DELETING),
	.exchange = IKE_INFORMATIONAL,
	.size = sizeof(struct error_task),
	.build = error_build,
	.answer = error_answer,
};

/* The SA is over for us; it stays only to carry this one message. */
int info_error(struct ike_sa *sa, enum ike_notify type)
{
	struct task *t = task_new(sa, &error_task, NULL);
	char name[64];

	if (!t)
		return ike_fail(sa->ike, -ENOMEM, "out of memory");
	container_of(t, struct error_task, t)->type = type;
	sa->last_reason = DOWN_ERROR;
	sa_state(sa, SA_DELETING, notify_text(type, name, sizeof(name)));
	task_queue(sa, t);
	return 0;
}
