/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rekey of a child (RFC 7296 sections 1.3.3 and 2.8): the new pair is made in
 * CREATE_CHILD_SA, then the old one is deleted by who began.
 *
 * Who answers receives on the new pair before the reply goes out, and sends on
 * it when the other end is sure to receive: a packet of its has come in on the
 * new pair, or it deletes the old one, whichever is first (2.8).
 * Policies never stand without an SA: they move from the old to the new.
 *
 * Both may begin at once (2.8.1). Then there are two new pairs; the exchange
 * that holds the lowest of the four nonces has lost, and whoever began it
 * deletes its pair.
 */
#include <string.h>
#include "core/child.h"

/* How often it is asked whether the peer sends on what it made. The delete
 * comes at once as a rule, and ends that. */
#define SWITCH_LOOK (1 * IKE_USEC)

/**
 * struct rekey - task
 * @heir: ours, from build to the end
 * @other: what the peer made of the same child meanwhile, NULL: nothing, or
 *         gone again
 * @collided: it did; @other_kex has its nonces
 * @unwanted: the old one was deleted on request meanwhile
 */
struct rekey {
	struct child_task ct; /* @child: the old one, NULL: gone meanwhile */
	struct child_sa *heir;
	struct child_sa *other;
	bool collided, unwanted;
	struct kex kex, other_kex;
	uint16_t group;
	unsigned int groups;
	uint32_t old_spi;
	uint8_t protocol;
};

static struct rekey *to_rekey(struct task *t)
{
	return container_of(t, struct rekey, ct.task);
}

void child_rekey_gone(struct child_sa *child)
{
	struct child_task *ct = child_task_of(child);

	if (ct && ct->child == child)
		ct->child = NULL;
	child->task = NULL;
	if (child->heir)
		child->heir->replaces = NULL;
	if (child->replaces && child->replaces->heir == child)
		child->replaces->heir = NULL;
	if (child->rekey)
		child->rekey->other = NULL;
	child->heir = child->replaces = NULL;
	child->rekey = NULL;
}

/* @heir goes on in place of @old: its end is no news any more. */
static void replaced_by(struct child_sa *old, struct child_sa *heir)
{
	if (!old->replaced) {
		old->replaced = true;
		old->sa->ike->cnt.rekeys_child++;
		ike_event(old->sa->ike, IKE_EV_CHILD_REKEYED, old->sa, NULL,
			  old, heir);
	}
	/* one heir, of one: each knows the other, or none */
	if (old->heir)
		old->heir->replaces = NULL;
	if (heir->replaces)
		heir->replaces->heir = NULL;
	old->heir = heir;
	heir->replaces = old;
}

/* Another goes on in its place; it receives until it is deleted. */
static void set_aside(struct child_sa *old, const char *why)
{
	struct ike *ike = old->sa->ike;
	uint64_t at = ike->now + REPLACED_LIFE;

	child_state(old, CHILD_REKEYED, why);
	timer_stop(ike, &old->t_rekey);
	if (!old->expire_at || at < old->expire_at)
		timer_set(ike, &old->t_expire, at);
}

void child_rekey_undone(struct child_sa *heir)
{
	struct child_sa *old = heir->replaces;
	struct ike *ike = heir->sa->ike;
	uint64_t at = ike->now + 2 * CHILD_RETRY;
	bool lost = heir->rekey;

	if (!old || heir->has_sent || (!lost && old->state != CHILD_REKEYED))
		return;
	old->heir = heir->replaces = NULL;
	heir->replaced = true;
	old->replaced = false;
	if (lost) {
		/* the answer to ours is still to come, and it has won */
		heir->rekey->other = NULL;
		heir->rekey = NULL;
		return;
	}
	child_state(old, CHILD_INSTALLED, "the peer gave its rekey up");
	if (old->rekey_at)
		timer_set(ike, &old->t_rekey,
			  old->rekey_at > at ? old->rekey_at : at);
	timer_set(ike, &old->t_expire,
		  old->expire_at ? old->expire_at : IKE_USEC_NEVER);
	ike_event(ike, IKE_EV_CHILD_REKEYED, heir->sa, NULL, heir, old);
}

/* ---------------------------------------------------------------- our rekey */

static int build(struct ike_sa *sa, struct task *t, struct ike_writer *w)
{
	struct rekey *r = to_rekey(t);
	struct child_sa *old = r->ct.child;
	int err;

	if (!old ||
	    (old->state != CHILD_INSTALLED && old->state != CHILD_REKEYING))
		return 1; /* gone, or replaced by the peer */
	if (!r->heir) {
		r->heir = child_new(sa, old->conf, true);
		if (!r->heir)
			return -ENOSPC;
		child_set_reqid(r->heir, old->reqid);
		r->group = child_group(r->heir);
	}
	r->old_spi = old->spi_in;
	r->protocol = old->protocol;
	child_state(old, CHILD_REKEYING, "rekey begins");
	err = kex_begin(sa->ike, &r->kex, r->group);
	if (err)
		return err;
	ike_put_notify_spi(w, N_REKEY_SA, r->protocol, r->old_spi, NULL, 0);
	err = child_put_offer(r->heir, w, false);
	if (!err)
		kex_put(&r->kex, w);
	return err;
}

/* The peer would not: 2.25.1 says what of it. */
static int refused(struct ike_sa *sa, struct rekey *r,
		   const struct ike_payloads *pl)
{
	struct ike *ike = sa->ike;
	struct child_sa *old = r->ct.child;
	const struct child_conf *conf;
	struct task *again;
	char name[64];

	/* what it made of the same child goes on */
	if (r->collided || !old)
		return 0;
	if (kex_again(&r->ct.task, &r->group, &r->groups, pl))
		return -EAGAIN;
	if (ike_find_notify(pl, N_NO_ADDITIONAL_SAS))
		renew_start(sa, old->conf, NULL);
	if (ike_find_notify(pl, N_CHILD_SA_NOT_FOUND)) {
		conf = old->conf;
		child_destroy(old, DOWN_ERROR, "the peer does not know it");
		again = child_task_create(sa, conf, NULL);
		if (again)
			task_queue(sa, again);
		return 0;
	}
	return ike_fail(
		ike, -ECONNREFUSED, "peer refused: %s",
		notify_text(ike_find_error(pl)->type, name, sizeof(name)));
}

static int take(struct ike_sa *sa, struct rekey *r,
		const struct ike_payloads *pl)
{
	struct child_sa *heir = r->heir;
	struct child_kex kex;
	struct chunk secret;
	int err = child_take_choice(heir, pl, false);

	if (err)
		return err;
	err = kex_chosen(sa, &r->kex, child_ke(heir), pl);
	if (err)
		return err;
	kex_of_child(&r->kex, true, &secret, &kex);
	return child_install(heir, &kex, true);
}

/* It stands at the peer, and nobody wants it. */
static void drop_heir(struct rekey *r, enum down_reason reason)
{
	struct child_sa *heir = r->heir;

	heir->replaced = true;
	r->heir = NULL;
	child_delete(heir, reason, NULL);
}

static void give_up_old(struct rekey *r, enum down_reason reason)
{
	struct child_sa *old = r->ct.child;

	old->task = NULL;
	r->ct.child = NULL;
	child_delete(old, reason, NULL);
}

static int won(struct rekey *r)
{
	struct child_sa *old = r->ct.child, *heir = r->heir, *other = r->other;
	/* whose policies are taken: the peer may have deleted the old one */
	struct child_sa *from = other && other->npolicies ? other : old;
	int err;

	heir->replaces = from;
	err = child_install_out(heir);
	if (err) {
		heir->replaces = NULL;
		return err;
	}
	if (from)
		replaced_by(from, heir);
	r->heir = NULL;
	child_up(heir);
	if (other) {
		child_log(other, IKE_LOG_CONTROL,
			  "both rekeyed: this one has the lowest nonce, the "
			  "peer will delete it");
		other->replaced = true;
		other->rekey = NULL;
		set_aside(other, "redundant");
	}
	if (old && old->state == CHILD_REKEYING) {
		old->replaced = true;
		set_aside(old, "replaced");
		give_up_old(r, DOWN_REKEYED);
	}
	return 0;
}

static int answer(struct ike_sa *sa, struct task *t,
		  const struct ike_payloads *pl)
{
	struct rekey *r = to_rekey(t);
	struct child_sa *heir = r->heir;
	int err;

	if (ike_find_error(pl))
		return refused(sa, r, pl);
	err = take(sa, r, pl);
	if (!err && r->collided && kex_compare(&r->kex, &r->other_kex) < 0) {
		child_log(heir, IKE_LOG_CONTROL,
			  "both rekeyed: this one has the lowest nonce");
		drop_heir(r, DOWN_REKEYED);
		return 0;
	}
	if (!err && r->unwanted) {
		drop_heir(r, DOWN_LOCAL);
		return 0;
	}
	if (!err)
		err = won(r);
	/* made and deleted: then the old one is not wanted either */
	if (err == -ECONNRESET && r->ct.child)
		give_up_old(r, DOWN_PEER);
	if (err && r->heir && heir->spi_out)
		drop_heir(r, DOWN_ERROR);
	return err;
}

static void end(struct ike_sa *sa, struct task *t, int err)
{
	struct rekey *r = to_rekey(t);
	struct child_sa *old = r->ct.child;

	if (r->heir)
		child_destroy(r->heir, DOWN_ERROR,
			      err ? sa->ike->why : "not needed");
	if (r->other)
		r->other->rekey = NULL;
	if (old && old->task == t) {
		old->task = NULL;
		if (old->state == CHILD_REKEYING && r->other) {
			set_aside(old, "replaced by the peer");
		} else if (old->state == CHILD_REKEYING) {
			child_state(old, CHILD_INSTALLED, "rekey failed");
			/* again, until its lifetime is over */
			timer_set(sa->ike, &old->t_rekey,
				  sa->ike->now +
					  timer_backoff(sa->ike,
							CHILD_RETRY * 2,
							CHILD_RETRY_MAX,
							old->rekey_tries++));
		}
	}
	kex_end(&r->kex);
	kex_end(&r->other_kex);
}

static const struct task_ops rekey_ops = {
	.what = "rekey of a child",
	.states = SA_IN(SA_ESTABLISHED),
	.exchange = IKE_CREATE_CHILD_SA,
	.size = sizeof(struct rekey),
	.build = build,
	.answer = answer,
	.end = end,
};

static bool is_rekey(const struct task *t)
{
	return t->ops == &rekey_ops;
}

void rekey_child_unwanted(struct task *t)
{
	if (is_rekey(t))
		to_rekey(t)->unwanted = true;
}

int rekey_child_start(struct child_sa *child, struct command *cmd)
{
	struct ike_sa *sa = child->sa;
	struct task *t;

	if (child->state != CHILD_INSTALLED || child->task)
		return ike_fail(sa->ike, -EBUSY, "child is %s",
				child_state_name(child));
	/* An heir that waits for the peer cannot send yet: it is not known that
	 * the peer hears on it. */
	if (child->replaces && !child->has_sent) {
		child_log(child, IKE_LOG_CONTROL,
			  "rekey waits: the peer has neither sent on it nor "
			  "deleted the old one");
		timer_set(sa->ike, &child->t_rekey, sa->ike->now + CHILD_RETRY);
		return 0;
	}
	t = task_new(sa, &rekey_ops, cmd);
	if (!t)
		return ike_fail(sa->ike, -ENOMEM, "out of memory");
	to_rekey(t)->ct.child = child;
	child->task = t;
	task_queue(sa, t);
	return 0;
}

/* ------------------------------------------------------------ of the peer */

static struct child_sa *find_old(struct ike_sa *sa,
				 const struct ike_payloads *pl, uint32_t *spi)
{
	const struct ike_notify_pl *n = ike_find_notify(pl, N_REKEY_SA);

	*spi = 0;
	if (n->spi.len != 4)
		return NULL;
	*spi = (uint32_t)n->spi.p[0] << 24 | (uint32_t)n->spi.p[1] << 16 |
	       (uint32_t)n->spi.p[2] << 8 | n->spi.p[3];
	return child_by_peer_spi(sa, n->protocol, *spi);
}

/* Ours is under way too: keep what the comparison will need. */
static void collide(struct rekey *r, struct child_sa *other,
		    const struct kex *kex)
{
	r->collided = true;
	r->other = other;
	kex_keep_nonces(&r->other_kex, kex);
	other->rekey = r;
	child_log(other, IKE_LOG_CONTROL, "both rekey the same child");
}

/* A packet that passed its ICV says that the peer has both SAs. */
static bool hears_us(const struct child_sa *heir)
{
	struct sadb *db = heir->sa->ike->db;
	struct espalier_sa_info info;

	return !db->ops->sa_query(db, heir->db_in, &info) && info.packets;
}

void child_switch_timer(struct ike *ike, struct timer *t)
{
	struct child_sa *heir = container_of(t, struct child_sa, t_switch);

	if (heir->has_sent || !heir->replaces || heir->state != CHILD_INSTALLED)
		return;
	/* While it is open which of two stays, the policies stay where they
	 * are: the peer takes away what has lost. */
	if (heir->rekey || !hears_us(heir)) {
		timer_set(ike, t, ike->now + SWITCH_LOOK);
		return;
	}
	child_log(heir, IKE_LOG_CONTROL, "the peer sends on it: so do we");
	child_start_out(heir);
}

static void settle(struct child_sa *old, struct child_sa *heir,
		   const struct kex *kex)
{
	struct ike *ike = heir->sa->ike;
	struct task *t = old->task;

	replaced_by(old, heir);
	timer_set(ike, &heir->t_switch, ike->now + SWITCH_LOOK);
	if (t && task_under_way(t) && is_rekey(t)) {
		collide(to_rekey(t), heir, kex);
		return;
	}
	if (t) {
		child_task_of(old)->child = NULL;
		old->task = NULL;
		task_end(t, 0, "the peer rekeyed it");
	}
	set_aside(old, "the peer rekeyed it");
}

int rekey_child_request(struct ike_sa *sa, const struct ike_payloads *pl,
			struct ike_writer *reply)
{
	struct ike *ike = sa->ike;
	struct child_sa *old, *heir;
	struct child_kex ck;
	struct kex kex = { 0 };
	struct chunk secret;
	uint32_t spi;
	int err;

	if (child_not_now(sa, reply))
		return -EBUSY;
	old = find_old(sa, pl, &spi);
	if (!old && child_may_come(sa)) {
		ike_put_notify(reply, N_TEMPORARY_FAILURE, NULL, 0);
		return ike_fail(ike, -EBUSY,
				"outbound SPI %08x may be that of the child "
				"that we asked for",
				(unsigned int)spi);
	}
	if (!old) {
		ike_put_notify_spi(reply, N_CHILD_SA_NOT_FOUND,
				   ike_find_notify(pl, N_REKEY_SA)->protocol,
				   spi, NULL, 0);
		return ike_fail(ike, -ENOENT, "no child with outbound SPI %08x",
				(unsigned int)spi);
	}
	if ((old->state != CHILD_INSTALLED && old->state != CHILD_REKEYING) ||
	    old->heir) {
		ike_put_notify(reply, N_TEMPORARY_FAILURE, NULL, 0);
		return ike_fail(ike, -EBUSY, "child is %s",
				child_state_name(old));
	}
	/* an heir that waits for a delete may be rekeyed before it comes */
	err = child_start_out(old);
	if (err) {
		ike_put_notify(reply, child_refusal(err), NULL, 0);
		return err;
	}
	err = child_take_offer(sa, pl, false, old, reply, &heir);
	if (err)
		return err;
	err = kex_answer(sa, &kex, child_ke(heir), pl, reply);
	if (err)
		goto out;
	kex_of_child(&kex, false, &secret, &ck);
	err = child_install(heir, &ck, true);
	if (err) {
		ike_put_notify(reply, child_refusal(err), NULL, 0);
		goto out;
	}
	child_put_answer(heir, reply);
	kex_put(&kex, reply);
	settle(old, heir, &kex);
	child_up(heir);
out:
	if (err)
		child_destroy(heir, DOWN_ERROR, ike->why);
	kex_end(&kex);
	return err;
}
