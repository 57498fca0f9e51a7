/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A child comes of age: soft limits rekey, hard limits remove, by the clock
 * here and by bytes, packets and sequence numbers in the database. What is
 * gone comes back as the configuration says.
 */
#include <string.h>
#include "core/child.h"
#include "core/trap.h"

void child_rekey_timer(struct ike *ike, struct timer *t)
{
	struct child_sa *child = container_of(t, struct child_sa, t_rekey);

	if (child->state != CHILD_INSTALLED)
		return;
	child_log(child, IKE_LOG_CONTROL, "time for a rekey");
	if (rekey_child_start(child, NULL))
		child_log(child, IKE_LOG_AUDIT, "no rekey: %s", ike->why);
}

/* Nothing goes through it any more; the peer is told. */
static void expired(struct child_sa *child, const char *what)
{
	child_log(child, IKE_LOG_AUDIT, "%s: hard limit", what);
	timer_stop(child->sa->ike, &child->t_expire);
	child_stop_out(child);
	if (child->sa->state != SA_ESTABLISHED ||
	    child_delete(child, DOWN_EXPIRED, NULL))
		child_destroy(child, DOWN_EXPIRED, what);
}

void child_expire_timer(struct ike *ike, struct timer *t)
{
	struct child_sa *child = container_of(t, struct child_sa, t_expire);

	(void)ike;
	switch (child->state) {
	case CHILD_DRAINING:
		child_destroy(child, DOWN_REKEYED, "drained");
		break;
	case CHILD_REKEYED:
		/* Whoever had to delete it has not. */
		child_stop_out(child);
		child_delete(child, DOWN_REKEYED, NULL);
		break;
	default:
		expired(child, "lifetime");
	}
}

static enum conn_action action_of(const struct child_conf *conf,
				  enum down_reason reason)
{
	switch (reason) {
	case DOWN_PEER:
		return conf->close;
	case DOWN_TIMEOUT:
		return conf->dpd;
	case DOWN_EXPIRED: /* no rekey came through: as at the start */
		return conf->start;
	default:
		return ACTION_NONE;
	}
}

void child_again(struct ike_sa *sa, const struct child_conf *conf,
		 enum down_reason reason)
{
	enum conn_action action = action_of(conf, reason);
	struct ike *ike = sa->ike;
	struct conn *conn = conn_find(ike, sa->conn->name);

	/* not what is configured no longer, and as it is configured now */
	conf = conn ? conn_child(conn, conf->name) : NULL;
	if (ike->shutdown || action == ACTION_NONE || !conf)
		return;
	ike_log(ike, IKE_LOG_CONTROL, sa, "child %s: %s", conf->name,
		action == ACTION_START ? "started again" : "waits for traffic");
	if (action == ACTION_TRAP)
		trap_add(ike, conn, conf);
	else
		ike_initiate(ike, ike->now, conn->name, conf->name, NULL, NULL);
}

/* --------------------------------------------------- what the database says */

static struct child_sa *find(struct ike *ike, uint32_t id, bool *in)
{
	struct hnode *n =
		htable_find(&ike->by_db, child_db_key(id, true), NULL);

	*in = n;
	if (n)
		return container_of(n, struct child_sa, h_in);
	n = htable_find(&ike->by_db, child_db_key(id, false), NULL);
	return n ? container_of(n, struct child_sa, h_out) : NULL;
}

void sadb_event(struct ike *ike, const struct espalier_event *ev)
{
	struct child_sa *c;
	bool in;

	if (ev->type == ESPALIER_EV_ACQUIRE) {
		trap_acquire(ike, ev->policy);
		return;
	}
	c = find(ike, ev->sa, &in);
	if (!c)
		return;
	switch (ev->type) {
	case ESPALIER_EV_SOFT_BYTES:
	case ESPALIER_EV_SOFT_PACKETS:
	case ESPALIER_EV_PARITY: /* its entry is spoilt, its heir's is not */
		child_log(c, IKE_LOG_CONTROL, "%s: %s",
			  in ? "inbound" : "outbound",
			  espalier_event_name(ev->type));
		if (c->state == CHILD_INSTALLED && rekey_child_start(c, NULL))
			child_log(c, IKE_LOG_AUDIT, "no rekey: %s", ike->why);
		break;
	case ESPALIER_EV_HARD_BYTES:
	case ESPALIER_EV_HARD_PACKETS:
	case ESPALIER_EV_SEQ_OVERFLOW:
		if (c->state != CHILD_DELETING && c->state != CHILD_DRAINING)
			expired(c, espalier_event_name(ev->type));
		break;
	default:
		break;
	}
}
