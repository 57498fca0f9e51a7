/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include "core/child.h"
#include "core/trap.h"

/* One child that waits for traffic. A node for each of its policies, so that
 * the id in an acquire finds it. */
struct trap {
	struct hnode h;
	struct ike *ike;
	struct conn *conn;
	const struct child_conf *conf;
	unsigned int n;
	struct trap_policy {
		struct hnode h;
		struct trap *trap;
	} p[];
};

static struct trap *find(struct ike *ike, const char *conn, const char *child)
{
	uint64_t key = conn_hash(ike, conn);
	struct hnode *n = NULL;

	while ((n = htable_find(&ike->traps_by_conn, key, n))) {
		struct trap *t = container_of(n, struct trap, h);

		if (!strcmp(t->conn->name, conn) &&
		    (!child || !strcmp(t->conf->name, child)))
			return t;
	}
	return NULL;
}

static void remove_trap(struct trap *t)
{
	struct ike *ike = t->ike;

	while (t->n) {
		struct trap_policy *p = &t->p[--t->n];

		htable_del(&ike->traps, &p->h);
		ike->db->ops->policy_del(ike->db, (uint32_t)p->h.key);
	}
	htable_del(&ike->traps_by_conn, &t->h);
	conn_put(t->conn);
	mem_put(ike, t);
}

/* Behind the policies that a child of the same selectors has. */
static int add(void *arg, struct espalier_policy *p)
{
	struct trap *t = arg;
	struct ike *ike = t->ike;
	uint32_t id;
	int err;

	p->priority++;
	p->reqid = t->conf->reqid;
	/* inbound, the child's own policies decide; clear packets that nobody
	 * has a child for meet the default */
	if (p->dir == ESPALIER_DIR_IN)
		return 0;
	err = ike->db->ops->policy_add(ike->db, p, &id);
	if (err)
		return ike_fail(ike, err, "policy refused: %s",
				ike->db->ops->error(ike->db));
	t->p[t->n].trap = t;
	htable_add(&ike->traps, &t->p[t->n].h, id);
	t->n++;
	return 0;
}

int trap_add(struct ike *ike, struct conn *conn, const struct child_conf *conf)
{
	struct ts local[TS_MAX], remote[TS_MAX];
	unsigned int nlocal, nremote, max = conf->nlocal * conf->nremote;
	struct ike_sa where = { .ike = ike };
	struct trap *t;
	int err;

	if (find(ike, conn->name, conf->name))
		return 0;
	t = mem_get(ike, sizeof(*t) + max * sizeof(t->p[0]));
	if (!t)
		return ike_fail(ike, -ENOMEM, "out of memory");
	t->ike = ike;
	t->conn = conn_get(conn);
	t->conf = conf;
	htable_add(&ike->traps_by_conn, &t->h, conn_hash(ike, conn->name));
	/* for "dynamic": as an IKE SA of it would begin */
	err = init_ends(ike, conn, &where.local, &where.remote);
	if (!err) {
		nlocal = child_selectors(&where, conf->local, conf->nlocal,
					 true, local);
		nremote = child_selectors(&where, conf->remote, conf->nremote,
					  false, remote);
		err = policy_pairs(ike, local, nlocal, remote, nremote,
				   conf->priority, add, t);
	}
	if (!err)
		return 0;
	ike_log(ike, IKE_LOG_AUDIT, NULL, "connection %s child %s: no trap: %s",
		conn->name, conf->name, ike->why);
	remove_trap(t);
	return err;
}

int trap_set(struct ike *ike, struct conn *conn)
{
	const struct child_conf *c;
	int err = 0;

	for (c = conn->children; c && !err; c = c->next)
		if (c->start == ACTION_TRAP)
			err = trap_add(ike, conn, c);
	return err;
}

void trap_clear(struct ike *ike, const char *conn)
{
	struct trap *t;

	while ((t = find(ike, conn, NULL)))
		remove_trap(t);
}

void trap_acquire(struct ike *ike, uint32_t id)
{
	struct hnode *n = htable_find(&ike->traps, id, NULL);
	struct trap *t;

	if (!n)
		return;
	t = container_of(n, struct trap_policy, h)->trap;
	ike_log(ike, IKE_LOG_DETAIL, NULL,
		"traffic asks for connection %s child %s", t->conn->name,
		t->conf->name);
	/* more packets may ask: whoever is under way is found and left alone */
	ike_initiate(ike, ike->now, t->conn->name, t->conf->name, NULL, NULL);
}
