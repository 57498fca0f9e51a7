/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CREATE_CHILD_SA for a child of its own (RFC 7296 section 1.3.1). The task
 * may also be taken along by IKE_AUTH, which then never builds it.
 */
#include <string.h>
#include "core/child.h"
#include "core/kex.h"

struct create {
	struct child_task ct;
	const struct child_conf *conf;
	struct kex kex;
	uint16_t group;
	unsigned int groups;
};

static int build(struct ike_sa *sa, struct task *t, struct ike_writer *w)
{
	struct create *c = container_of(t, struct create, ct.task);
	int err;

	if (!c->ct.child) {
		c->ct.child = child_new(sa, c->conf, true);
		if (!c->ct.child)
			return -ENOSPC;
		c->ct.child->task = t;
		c->group = child_group(c->ct.child);
	}
	err = kex_begin(sa->ike, &c->kex, c->group);
	if (!err)
		err = child_put_offer(c->ct.child, w, false);
	if (!err)
		kex_put(&c->kex, w);
	return err;
}

static int answer(struct ike_sa *sa, struct task *t,
		  const struct ike_payloads *pl)
{
	struct create *c = container_of(t, struct create, ct.task);
	struct child_sa *child = c->ct.child;
	struct child_kex kex;
	struct chunk secret;
	int err;

	if (kex_again(t, &c->group, &c->groups, pl))
		return -EAGAIN;
	/* Where there are others it is an answer; where there are none the SA
	 * is of no use. */
	if (ike_find_notify(pl, N_NO_ADDITIONAL_SAS) &&
	    !renew_has_children(sa) && !renew_start(sa, c->conf, t->cmd)) {
		ike_fail(sa->ike, 0, "asked for under another IKE SA");
		return 0;
	}
	err = child_take_choice(child, pl, false);
	if (!err)
		err = kex_chosen(sa, &c->kex, child_ke(child), pl);
	if (!err) {
		kex_of_child(&c->kex, true, &secret, &kex);
		err = child_install(child, &kex, false);
	}
	if (!err) {
		child_up(child);
		child->task = NULL;
		c->ct.child = NULL;
		return 0;
	}
	/* it stands at the peer: 1.3 */
	if (!ike_find_error(pl) && child->spi_out) {
		child->task = NULL;
		c->ct.child = NULL;
		child_delete(child, DOWN_ERROR, NULL);
	}
	return err;
}

static void end(struct ike_sa *sa, struct task *t, int err)
{
	struct create *c = container_of(t, struct create, ct.task);

	(void)err;
	if (c->ct.child)
		child_destroy(c->ct.child, DOWN_ERROR, sa->ike->why);
	kex_end(&c->kex);
}

static const struct task_ops create_ops = {
	.what = "creation of a child",
	.states = SA_IN(SA_ESTABLISHED),
	.exchange = IKE_CREATE_CHILD_SA,
	.size = sizeof(struct create),
	.build = build,
	.answer = answer,
	.end = end,
};

struct task *child_task_create(struct ike_sa *sa, const struct child_conf *conf,
			       struct command *cmd)
{
	struct task *t = task_new(sa, &create_ops, cmd);

	if (t)
		container_of(t, struct create, ct.task)->conf = conf;
	return t;
}

const struct child_conf *child_task_conf(const struct task *t)
{
	return t->ops == &create_ops
		       ? container_of(t, struct create, ct.task)->conf
		       : NULL;
}

void child_bad_syntax(struct ike_sa *sa, struct ike_writer *reply)
{
	ike_put_notify(reply, N_INVALID_SYNTAX, NULL, 0);
	sa_destroy_after_reply(sa, DOWN_ERROR);
}

enum ike_notify child_refusal(int err)
{
	switch (err) {
	case -EOPNOTSUPP:
		return N_TS_UNACCEPTABLE;
	case -ENOSPC:
		return N_NO_ADDITIONAL_SAS;
	default: /* a peer makes the IKE SA anew for NO_ADDITIONAL_SAS */
		return N_TEMPORARY_FAILURE;
	}
}

bool child_not_now(struct ike_sa *sa, struct ike_writer *reply)
{
	if (!rekey_ike_under_way(sa))
		return false;
	ike_put_notify(reply, N_TEMPORARY_FAILURE, NULL, 0);
	ike_fail(sa->ike, -EBUSY, "not now: the IKE SA is being rekeyed");
	return true;
}

int child_request(struct ike_sa *sa, const struct ike_payloads *pl,
		  struct ike_writer *reply)
{
	struct ike *ike = sa->ike;
	struct child_sa *child;
	struct child_kex ck;
	struct kex kex = { 0 };
	struct chunk secret;
	int err;

	if (child_not_now(sa, reply))
		return -EBUSY;
	err = child_take_offer(sa, pl, false, NULL, reply, &child);
	if (err)
		return err;
	err = kex_answer(sa, &kex, child_ke(child), pl, reply);
	if (err)
		goto out;
	kex_of_child(&kex, false, &secret, &ck);
	err = child_install(child, &ck, false);
	if (err) {
		ike_put_notify(reply, child_refusal(err), NULL, 0);
		goto out;
	}
	child_put_answer(child, reply);
	kex_put(&kex, reply);
	child_up(child);
out:
	if (err)
		child_destroy(child, DOWN_ERROR, ike->why);
	kex_end(&kex);
	return err;
}
