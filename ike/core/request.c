/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our requests: tasks that wait their turn, one under way at a time (window 1,
 * RFC 7296 section 2.3), sent again with growing pauses until they are
 * answered or the peer is given up (2.4). Responses are never sent again by a
 * timer: input.c answers a duplicate request from what is kept.
 */
#include <stdio.h>
#include <string.h>
#include "core/exchange.h"
#include "core/internal.h"

/* -------------------------------------------------------------------- queue */

struct task *task_new(struct ike_sa *sa, const struct task_ops *ops,
		      struct command *cmd)
{
	struct task *t = mem_get(sa->ike, ops->size);

	if (!t)
		return NULL;
	t->ops = ops;
	t->sa = sa;
	t->cmd = command_get(cmd);
	return t;
}

void sa_pump(struct ike_sa *sa)
{
	if (sa->pumped || sa->state == SA_DEAD)
		return;
	sa->pumped = true;
	sa->next_pump = sa->ike->pump;
	sa->ike->pump = sa;
}

void task_queue(struct ike_sa *sa, struct task *t)
{
	struct task **p;

	for (p = &sa->queue; *p; p = &(*p)->next)
		;
	t->next = NULL;
	*p = t;
	sa_pump(sa);
}

void task_queue_first(struct ike_sa *sa, struct task *t)
{
	t->next = sa->queue;
	sa->queue = t;
	sa_pump(sa);
}

bool task_unqueue(struct ike_sa *sa, struct task *t)
{
	struct task **p;

	for (p = &sa->queue; *p; p = &(*p)->next) {
		if (*p != t)
			continue;
		*p = t->next;
		t->next = NULL;
		return true;
	}
	return false;
}

void tasks_move(struct ike_sa *from, struct ike_sa *to)
{
	struct task *t, *next;

	for (t = from->queue; t; t = next) {
		next = t->next;
		/* the delete of @from is its own */
		if (!(t->ops->states & SA_IN(SA_ESTABLISHED)))
			continue;
		task_unqueue(from, t);
		t->sa = to;
		task_queue(to, t);
	}
}

static void end(struct ike_sa *sa, struct task *t, int err, const char *why)
{
	struct command *cmd = t->cmd;
	char text[sizeof(sa->ike->why)];

	snprintf(text, sizeof(text), "%s", why ? why : "");
	if (t->ops->end)
		t->ops->end(sa, t, err);
	mem_put(sa->ike, t);
	command_put(sa->ike, cmd, err, text);
}

static void not_busy(struct ike_sa *sa)
{
	sa->busy = NULL;
	sa->sends = 0;
	packets_free(sa->ike, &sa->request);
	timer_stop(sa->ike, &sa->t_retry);
	sa_pump(sa);
}

bool task_under_way(const struct task *t)
{
	return t->sa->busy == t;
}

void task_end(struct task *t, int err, const char *why)
{
	struct ike_sa *sa = t->sa;

	if (sa->busy == t)
		not_busy(sa);
	else
		task_unqueue(sa, t);
	end(sa, t, err, why);
}

void request_forget(struct ike_sa *sa)
{
	struct task *t = sa->busy;

	if (!t)
		return;
	not_busy(sa);
	mem_put(sa->ike, t);
}

static void cancel(struct task *t, int err, const char *why)
{
	task_end(t, t->ops->ends_with_sa ? 0 : err, why);
}

void tasks_cancel(struct ike_sa *sa, int err, const char *why)
{
	while (sa->busy)
		cancel(sa->busy, err, why);
	while (sa->queue)
		cancel(sa->queue, err, why);
}

/* ------------------------------------------------------------------ sending */

static uint64_t pause_after(const struct ike_sa *sa)
{
	const struct ike_settings *set = &sa->ike->set;
	uint64_t pause = set->retransmit_timeout;
	unsigned int i;

	for (i = 1; i < sa->sends; i++)
		pause = pause * set->retransmit_base_x10 / 10;
	return pause;
}

static void send_request(struct ike_sa *sa)
{
	packets_send(sa, &sa->local, &sa->remote, sa->request);
	sa->sends++;
	timer_set(sa->ike, &sa->t_retry, sa->ike->now + pause_after(sa));
}

/* While it is open which of two rekeyed IKE SAs stays (2.8.1), nothing is made
 * on either: its keys would be of an SA that may lose. */
static bool held(const struct ike_sa *sa, const struct task *t)
{
	return sa->rekey_of && t->ops->exchange == IKE_CREATE_CHILD_SA;
}

/* Whom the state lets go and whose time has come; else when to look again. */
static struct task *pick(struct ike_sa *sa, uint64_t *again)
{
	struct task *t;

	*again = IKE_USEC_NEVER;
	for (t = sa->queue; t; t = t->next) {
		if (!(t->ops->states & SA_IN(sa->state)) || held(sa, t))
			continue;
		if (t->not_before <= sa->ike->now)
			return t;
		if (t->not_before < *again)
			*again = t->not_before;
	}
	return NULL;
}

static int wrap(struct ike_sa *sa, struct task *t, const struct ike_writer *w)
{
	struct ike_hdr hdr = {
		.spi_i = sa->spi_i,
		.exchange = t->ops->exchange,
		.flags = IKE_FLAG_INITIATOR,
	};
	int err;

	if (t->ops->exchange != IKE_SA_INIT)
		return packet_sealed(sa, t->ops->exchange, false, sa->out_id, w,
				     &sa->request);
	/* AUTH covers the last one that was sent (RFC 7296 section 2.15). */
	err = packet_plain(sa->ike, &hdr, w, &sa->request);
	if (!err)
		err = chunk_set(sa->ike, &sa->hs->msg_i, sa->request->data,
				sa->request->len);
	return err;
}

static void start(struct ike_sa *sa, struct task *t)
{
	struct ike *ike = sa->ike;
	struct ike_writer w;
	int err;

	task_unqueue(sa, t);
	ike_writer_init(&w, ike->out, sizeof(ike->out) - IKE_HDR_LEN);
	ike->why[0] = 0;
	err = t->ops->build(sa, t, &w);
	if (sa->state == SA_DEAD && err >= 0)
		err = -ECANCELED;
	if (!err)
		err = wrap(sa, t, &w);
	if (err == -EAGAIN) {
		t->tries++;
		if (t->not_before <= ike->now)
			t->not_before = ike->now + IKE_USEC;
		task_queue_first(sa, t);
		return;
	}
	if (err) {
		if (err < 0)
			ike_log(ike, IKE_LOG_CONTROL, sa, "%s failed: %s",
				t->ops->what, ike->why);
		end(sa, t, err < 0 ? err : 0, ike->why);
		return;
	}
	sa->busy = t;
	ike_log(ike, IKE_LOG_DETAIL, sa, "%s request %u: %s",
		ike_exchange_name(t->ops->exchange), sa->out_id, t->ops->what);
	send_request(sa);
}

void request_next(struct ike_sa *sa)
{
	struct task *t;
	uint64_t again;

	while (sa->state != SA_DEAD && !sa->busy) {
		t = pick(sa, &again);
		if (!t) {
			timer_set(sa->ike, &sa->t_retry, again);
			return;
		}
		start(sa, t);
	}
}

void request_answered(struct ike_sa *sa, const struct ike_payloads *pl)
{
	struct ike *ike = sa->ike;
	struct task *t = sa->busy;
	int err;

	not_busy(sa);
	sa->out_id++;
	ike->why[0] = 0;
	if (sa->state >= SA_ESTABLISHED &&
	    ike_find_notify(pl, N_INVALID_SYNTAX)) {
		/* the peer has done likewise (2.21.3) */
		sa_destroy(sa, DOWN_ERROR, "peer answers INVALID_SYNTAX to %s",
			   t->ops->what);
		end(sa, t, -EPROTO, "peer answers INVALID_SYNTAX");
		return;
	}
	err = t->ops->answer(sa, t, pl);
	if (err == -EAGAIN && sa->state != SA_DEAD) {
		t->tries++;
		task_queue_first(sa, t);
		return;
	}
	if (err)
		ike_log(ike, IKE_LOG_CONTROL, sa, "%s failed: %s", t->ops->what,
			ike->why);
	end(sa, t, err, ike->why);
}

/* -------------------------------------------------------------- no answer */

static void give_up(struct ike_sa *sa)
{
	char why[120];

	snprintf(why, sizeof(why),
		 "no answer to %s request %u (%s) sent %u times",
		 ike_exchange_name(sa->busy->ops->exchange), sa->out_id,
		 sa->busy->ops->what, sa->sends);
	if (sa->state == SA_INIT_SENT || sa->state == SA_HALF_OPEN)
		init_timeout(sa, why);
	else
		sa_destroy(sa,
			   sa->state == SA_DELETING ? sa->last_reason
						    : DOWN_TIMEOUT,
			   "%s", why);
}

void request_timer(struct ike *ike, struct timer *t)
{
	struct ike_sa *sa = container_of(t, struct ike_sa, t_retry);

	if (!sa->busy) {
		sa_pump(sa);
		return;
	}
	if (init_refused(sa))
		return;
	if (sa->sends > ike->set.retransmit_tries) {
		give_up(sa);
		return;
	}
	ike->cnt.retransmits_out++;
	count_out(ike, sa->busy->ops->exchange);
	ike_log(ike, IKE_LOG_DETAIL, sa, "%s request %u is sent again (%u)",
		ike_exchange_name(sa->busy->ops->exchange), sa->out_id,
		sa->sends);
	send_request(sa);
	init_refused_pace(sa);
}
