/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rekey of the IKE SA (RFC 7296 sections 1.3.2, 2.8 and 2.18): the new one is
 * made under the old one, takes over its children and what waits in its queue,
 * and whoever began deletes the old one.
 *
 * Both may begin at once (2.8.1, 2.25.2): children go along to what the peer
 * made, which may speak of them there at once, and on to ours if that stays:
 * lost has the SA whose exchange holds the lowest of the four nonces.
 */
#include <string.h>
#include "core/child.h"
#include "core/exchange.h"

/* Time for who has to delete one that lost, from when its maker knows that */
#define REDUNDANT_LIFE (10 * IKE_USEC)

/* Our rekey, from build to the end: sa->rekey points at it while it runs. */
struct ike_rekey {
	struct task task;
	struct ike_sa *sa;
	struct kex kex, other_kex;
	uint16_t group;
	unsigned int groups;
	uint64_t spi;
	struct ike_sa *other; /* what the peer made meanwhile */
	bool collided;
};

static const struct task_ops rekey_ops;

static struct ike_rekey *to_rekey(struct task *t)
{
	return container_of(t, struct ike_rekey, task);
}

bool rekey_ike_under_way(const struct ike_sa *sa)
{
	return sa->rekey && task_under_way(&sa->rekey->task);
}

/* --------------------------------------------------------------- what moves */

static struct task *queued(const struct ike_sa *sa)
{
	struct task *t = sa->queue;

	while (t && t->ops != &rekey_ops)
		t = t->next;
	return t;
}

static void move_children(struct ike_sa *from, struct ike_sa *to)
{
	struct task *t = queued(from);
	struct child_sa *c, *prev;

	/* what was to be replaced has been */
	if (t)
		task_end(t, 0, "the IKE SA was rekeyed");
	/* None is half made but for tasks that wait, which go along: nothing is
	 * asked for on an SA while it is open whether it stays (request.c), and
	 * the peer's rekey has to wait for what is under way (2.25.2). */
	/* The oldest first, for each goes to the head: newest first is the
	 * order in which they end, and so the one in which their policies are
	 * cheap to take out of a table that is kept without gaps. */
	for (c = from->children; c && c->next; c = c->next)
		;
	for (; c; c = prev) {
		prev = c->prev;
		child_move(c, to);
	}
	tasks_move(from, to);
}

/* It is settled which one stays: what waited for that goes on. */
static void settled(struct ike_sa *other)
{
	other->rekey_of = NULL;
	sa_pump(other);
}

static void replaced(struct ike_sa *sa, const char *why)
{
	timer_stop(sa->ike, &sa->t_alive);
	timer_stop(sa->ike, &sa->t_keepalive);
	sa_state(sa, SA_REKEYED, why);
	timer_set(sa->ike, &sa->t_life, sa->ike->now + REPLACED_LIFE);
}

void rekey_ike_settle(struct ike_sa *sa)
{
	struct ike_rekey *r = sa->rekey;

	if (r && r->other && r->other->state == SA_ESTABLISHED)
		move_children(sa, r->other);
	/* the peer knows before us that its own has lost */
	r = sa->rekey_of;
	if (r && r->sa->state == SA_ESTABLISHED) {
		move_children(sa, r->sa);
		r->other = NULL;
		settled(sa);
	}
}

void rekey_ike_free(struct ike_sa *sa)
{
	/* the task's memory is the queue's; what points to this SA ends here */
	if (sa->rekey_of && sa->rekey_of->other == sa)
		sa->rekey_of->other = NULL;
	sa->rekey = NULL;
	sa->rekey_of = NULL;
}

/* A new SA from an exchange that is through. */
static struct ike_sa *make(struct ike_sa *old, const struct kex *kex,
			   const struct proposal *chosen, bool initiator,
			   uint64_t spi_i, uint64_t spi_r)
{
	struct ike *ike = old->ike;
	struct chunk ours = { kex->nonce, sizeof(kex->nonce) };
	struct chunk theirs = { kex->peer, kex->peer_len };
	struct chunk secret = { kex->secret, kex->secret_len };
	struct ike_suite suite;
	struct ike_sa *sa;
	int err;

	if (ike_suite_from(&suite, chosen)) {
		ike_fail(ike, -EOPNOTSUPP, "suite not carried");
		return NULL;
	}
	sa = sa_new(ike, old->conn, initiator, &old->local, &old->remote);
	if (!sa) {
		ike_fail(ike, -ENOMEM, "out of memory");
		return NULL;
	}
	htable_del(&ike->by_spi, &sa->h_spi);
	sa->spi_i = spi_i;
	sa->spi_r = spi_r;
	htable_add(&ike->by_spi, &sa->h_spi, sa_spi(sa));
	err = ike_keys_derive(&sa->keys, &suite, initiator, &secret,
			      initiator ? &ours : &theirs,
			      initiator ? &theirs : &ours, spi_i, spi_r,
			      &old->keys);
	if (err) {
		sa_destroy(sa, DOWN_ERROR, "no keys for it");
		ike_fail(ike, err, "no keys");
		return NULL;
	}
	sa->has_keys = true;
	if (ike->ops->ike_keys)
		ike->ops->ike_keys(ike->ctx, spi_i, spi_r, &sa->keys);
	return sa;
}

/* ---------------------------------------------------------------- our rekey */

static int build(struct ike_sa *sa, struct task *t, struct ike_writer *w)
{
	struct ike_rekey *r = to_rekey(t);
	struct proposal props[PROPOSALS_MAX];
	unsigned int n = ike_offer(sa->conn, props), i;
	int err;

	if (sa->state != SA_ESTABLISHED)
		return 1;
	sa->rekey = r;
	r->sa = sa;
	/* the group that was good for this one comes first */
	if (!r->group)
		r->group = sa->keys.suite.ke;
	if (!r->spi)
		r->spi = sa_fresh_spi(sa->ike);
	err = kex_begin(sa->ike, &r->kex, r->group);
	if (err)
		return err;
	for (i = 0; i < n; i++) {
		props[i].spi_size = 8;
		props[i].spi = r->spi;
	}
	ike_put_sa(w, props, n);
	kex_put(&r->kex, w);
	return 0;
}

static int refused(struct ike_sa *sa, struct ike_rekey *r,
		   const struct ike_payloads *pl)
{
	struct ike *ike = sa->ike;
	char name[64];

	if (r->collided)
		return 0; /* end() goes over to what the peer made */
	if (kex_again(&r->task, &r->group, &r->groups, pl))
		return -EAGAIN;
	if (ike_find_notify(pl, N_NO_ADDITIONAL_SAS))
		renew_start(sa, NULL, NULL);
	return ike_fail(
		ike, -ECONNREFUSED, "peer refused: %s",
		notify_text(ike_find_error(pl)->type, name, sizeof(name)));
}

static int take(struct ike_sa *sa, struct ike_rekey *r,
		const struct ike_payloads *pl, struct ike_sa **out)
{
	struct ike *ike = sa->ike;
	struct proposal ours[PROPOSALS_MAX], answer;
	unsigned int n = ike_offer(sa->conn, ours);
	const struct transform *ke;
	int err = choice_read(ike, pl, ours, n, false, &answer);

	if (!err)
		err = proposal_spi_check(ike, &answer, -EPROTO);
	if (err)
		return err;
	ke = proposal_find(&answer, TT_KE);
	if (!ke)
		return ike_fail(ike, -EPROTO, "choice: no key exchange");
	err = kex_chosen(sa, &r->kex, ke->id, pl);
	if (err)
		return err;
	*out = make(sa, &r->kex, &answer, true, r->spi, answer.spi);
	return *out ? 0 : -EPROTO;
}

static int answer(struct ike_sa *sa, struct task *t,
		  const struct ike_payloads *pl)
{
	struct ike_rekey *r = to_rekey(t);
	struct ike_sa *heir, *other = r->other;
	int err;

	if (ike_find_error(pl))
		return refused(sa, r, pl);
	err = take(sa, r, pl, &heir);
	if (err)
		return err;
	sa_establish(heir, sa);
	if (sa->state == SA_DELETING && sa->last_reason != DOWN_EXPIRED) {
		/* asked for meanwhile: what became of it is not wanted either
		 */
		move_children(sa, heir);
		sa_delete(heir, sa->last_reason, NULL);
		if (other)
			sa_delete(other, sa->last_reason, NULL);
		return 0;
	}
	if (r->collided && kex_compare(&r->kex, &r->other_kex) < 0) {
		ike_log(sa->ike, IKE_LOG_CONTROL, heir,
			"both rekeyed: this one has the lowest nonce");
		sa_state(heir, SA_REKEYED, "redundant");
		sa_delete(heir, DOWN_REKEYED, NULL);
		return 0; /* end() goes over to the other */
	}
	if (other) {
		ike_log(sa->ike, IKE_LOG_CONTROL, other,
			"both rekeyed: this one has the lowest nonce, the "
			"peer will delete it");
		r->other = NULL;
		settled(other);
		/* what came in on it meanwhile stays with the winner */
		move_children(other, heir);
		replaced(other, "redundant");
		timer_set(sa->ike, &other->t_life,
			  sa->ike->now + REDUNDANT_LIFE);
	}
	r->collided = false;
	move_children(sa, heir);
	sa->rekey = NULL;
	sa->last_reason = DOWN_REKEYED;
	if (sa->state == SA_ESTABLISHED)
		replaced(sa, "rekeyed");
	sa_delete(sa, DOWN_REKEYED, NULL);
	return 0;
}

static void end(struct ike_sa *sa, struct task *t, int err)
{
	struct ike_rekey *r = to_rekey(t);
	struct ike_sa *other = r->other;

	if (r->collided && other && other->state == SA_ESTABLISHED &&
	    sa->state == SA_ESTABLISHED) {
		move_children(sa, other);
		replaced(sa, "rekeyed by the peer");
	} else if (err && sa->state == SA_ESTABLISHED) {
		life_again(sa);
	}
	if (other)
		settled(other);
	if (sa->rekey == r)
		sa->rekey = NULL;
	kex_end(&r->kex);
	kex_end(&r->other_kex);
}

static const struct task_ops rekey_ops = {
	.what = "rekey of the IKE SA",
	.states = SA_IN(SA_ESTABLISHED),
	.exchange = IKE_CREATE_CHILD_SA,
	.size = sizeof(struct ike_rekey),
	.build = build,
	.answer = answer,
	.end = end,
};

int rekey_ike_start(struct ike_sa *sa, struct command *cmd)
{
	struct task *t;

	if (sa->state != SA_ESTABLISHED || sa->rekey || queued(sa))
		return ike_fail(sa->ike, -EBUSY, "IKE SA is %s",
				sa_state_name(sa));
	t = task_new(sa, &rekey_ops, cmd);
	if (!t)
		return ike_fail(sa->ike, -ENOMEM, "out of memory");
	task_queue(sa, t);
	return 0;
}

/* ------------------------------------------------------------ of the peer */

static int choose(struct ike_sa *sa, const struct ike_payloads *pl,
		  struct proposal *chosen)
{
	struct ike *ike = sa->ike;
	struct proposal ours[PROPOSALS_MAX], theirs[PROPOSALS_MAX];
	unsigned int n_ours = ike_offer(sa->conn, ours), n;
	struct proposal_pick pick = { .prefer_ours = true,
				      .can = ike_suite_can };
	char diff[160] = "";
	int err = sa_payload_read(ike, pl, theirs, &n);

	if (err)
		return err;
	if (!proposal_choose(ours, n_ours, theirs, n, &pick, chosen, diff,
			     sizeof(diff)) &&
	    proposal_find(chosen, TT_KE))
		return proposal_spi_check(ike, chosen, -ENOENT);
	log_no_proposal(ike, sa, "IKE", theirs, n, ours, n_ours, diff);
	return ike_fail(ike, -ENOENT, "no proposal: %s", diff);
}

/* Nothing about a child may be half-way (2.25.2), in either direction. */
static bool child_under_way(const struct ike_sa *sa)
{
	const struct child_sa *c;

	if (!sa->busy || sa->busy->ops == &rekey_ops)
		return false;
	for (c = sa->children; c; c = c->next)
		if (c->task == sa->busy)
			return true;
	return sa->busy->ops->exchange == IKE_CREATE_CHILD_SA;
}

static void settle(struct ike_sa *old, struct ike_sa *sa, const struct kex *kex)
{
	struct ike_rekey *r;

	sa_establish(sa, old);
	move_children(old, sa);
	r = old->rekey;
	if (rekey_ike_under_way(old)) {
		r->collided = true;
		r->other = sa;
		sa->rekey_of = r;
		kex_keep_nonces(&r->other_kex, kex);
		ike_log(old->ike, IKE_LOG_CONTROL, sa,
			"both rekey the same IKE SA");
		return;
	}
	replaced(old, "rekeyed by the peer");
}

int rekey_ike_request(struct ike_sa *sa, const struct ike_payloads *pl,
		      struct ike_writer *reply)
{
	struct ike *ike = sa->ike;
	struct proposal chosen;
	struct kex kex = { 0 };
	struct ike_sa *heir;
	uint64_t spi, peer;
	int err;

	if (sa->state != SA_ESTABLISHED || child_under_way(sa) ||
	    (sa->rekey && sa->rekey->collided)) {
		ike_put_notify(reply, N_TEMPORARY_FAILURE, NULL, 0);
		return ike_fail(ike, -EBUSY, "not now: %s",
				sa->state == SA_ESTABLISHED
					? "something else is under way"
					: sa_state_name(sa));
	}
	err = choose(sa, pl, &chosen);
	if (err == -EBADMSG)
		child_bad_syntax(sa, reply);
	else if (err)
		ike_put_notify(reply, N_NO_PROPOSAL_CHOSEN, NULL, 0);
	if (err)
		return err;
	err = kex_answer(sa, &kex, proposal_find(&chosen, TT_KE)->id, pl,
			 reply);
	if (err)
		goto out;
	peer = chosen.spi;
	spi = sa_fresh_spi(ike);
	heir = make(sa, &kex, &chosen, false, peer, spi);
	if (!heir) {
		ike_put_notify(reply, N_TEMPORARY_FAILURE, NULL, 0);
		err = -ENOMEM;
		goto out;
	}
	chosen.spi = spi;
	ike_put_sa(reply, &chosen, 1);
	kex_put(&kex, reply);
	settle(sa, heir, &kex);
out:
	kex_end(&kex);
	return err;
}
