/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies from traffic selectors: one outbound and one inbound for each pair
 * of a local and a remote one. Narrower selectors are looked at first, as in
 * Linux and strongSwan, unless the configuration gives the priority.
 */
#include <string.h>
#include "core/child.h"
#include "core/internal.h"

/* 0 to 99 are left to bypasses for IKE itself (RFC 4301 section 4.4.1) */
#define PRIORITY_BASE 1000

/* Bits of the smallest power of two that holds the range. */
static unsigned int width(const struct espalier_addr *lo,
			  const struct espalier_addr *hi)
{
	unsigned int n = addr_len(lo), i;

	for (i = 0; i < n; i++) {
		unsigned int d = lo->bytes[i] ^ hi->bytes[i], bits = 0;

		if (!d)
			continue;
		while (d) {
			bits++;
			d >>= 1;
		}
		return (n - i - 1) * 8 + bits;
	}
	return 0;
}

static bool any_port(const struct ts *ts)
{
	return !ts->port_lo && ts->port_hi == 65535;
}

static uint32_t priority_of(const struct ts *l, const struct ts *r)
{
	return PRIORITY_BASE +
	       (width(&l->lo, &l->hi) + width(&r->lo, &r->hi)) * 8 +
	       (l->proto || r->proto ? 0 : 4) +
	       (any_port(l) && any_port(r)) * 2;
}

/* Type and code stand in the two halves of a port (RFC 7296 section 3.13.1);
 * the device has a range for each. */
static int icmp_range(struct ike *ike, const struct ts *l, const struct ts *r,
		      struct espalier_policy *p)
{
	const struct ts *ts = any_port(l) ? r : l;
	unsigned int type_lo = ts->port_lo >> 8, type_hi = ts->port_hi >> 8;
	unsigned int code_lo = ts->port_lo & 255, code_hi = ts->port_hi & 255;

	p->sport_lo = p->dport_lo = 0;
	p->sport_hi = p->dport_hi = 65535;
	if (any_port(ts))
		return 0;
	if (type_lo != type_hi && (code_lo || code_hi != 255))
		return ike_fail(ike, -EOPNOTSUPP,
				"selector: ICMP %u/%u to %u/%u; supported: "
				"codes of one type, or whole types",
				type_lo, code_lo, type_hi, code_hi);
	p->sport_lo = (uint16_t)type_lo;
	p->sport_hi = (uint16_t)type_hi;
	if (code_lo || code_hi != 255) {
		p->dport_lo = (uint16_t)code_lo;
		p->dport_hi = (uint16_t)code_hi;
	}
	return 0;
}

/* @dir: out: local is the source */
static int make(struct ike *ike, const struct ts *l, const struct ts *r,
		enum espalier_dir dir, uint32_t priority,
		struct espalier_policy *p)
{
	const struct ts *src = dir == ESPALIER_DIR_OUT ? l : r;
	const struct ts *dst = dir == ESPALIER_DIR_OUT ? r : l;
	uint8_t proto = l->proto ? l->proto : r->proto;

	memset(p, 0, sizeof(*p));
	p->dir = dir;
	p->action = ESPALIER_PROTECT;
	p->priority = priority ? priority : priority_of(l, r);
	p->src_lo = src->lo;
	p->src_hi = src->hi;
	p->dst_lo = dst->lo;
	p->dst_hi = dst->hi;
	p->proto = proto ? proto : -1;
	if (proto == IPPROTO_ICMP || proto == IPPROTO_ICMPV6)
		return icmp_range(ike, l, r, p);
	if (src->port_lo > src->port_hi || dst->port_lo > dst->port_hi)
		return ike_fail(ike, -EOPNOTSUPP,
				"selector: OPAQUE ports; supported: ranges");
	p->sport_lo = src->port_lo;
	p->sport_hi = src->port_hi;
	p->dport_lo = dst->port_lo;
	p->dport_hi = dst->port_hi;
	return 0;
}

int policy_pairs(struct ike *ike, const struct ts *local, unsigned int nlocal,
		 const struct ts *remote, unsigned int nremote,
		 uint32_t priority,
		 int (*f)(void *arg, struct espalier_policy *p), void *arg)
{
	unsigned int pairs = 0, i, j;
	int err;

	for (i = 0; i < nlocal; i++)
		for (j = 0; j < nremote; j++) {
			const struct ts *l = &local[i], *r = &remote[j];
			struct espalier_policy out, in;

			if (l->lo.family != r->lo.family ||
			    (l->proto && r->proto && l->proto != r->proto))
				continue;
			err = make(ike, l, r, ESPALIER_DIR_OUT, priority, &out);
			if (!err)
				err = make(ike, l, r, ESPALIER_DIR_IN, priority,
					   &in);
			if (!err)
				err = f(arg, &out);
			if (!err)
				err = f(arg, &in);
			if (err)
				return err;
			pairs++;
		}
	if (!pairs)
		return ike_fail(ike, -EINVAL,
				"selectors: no local one has a remote one of "
				"its family and protocol");
	return 0;
}

static int add(void *arg, struct espalier_policy *p)
{
	struct child_sa *child = arg;
	struct ike *ike = child->sa->ike;
	int err;

	p->reqid = child->reqid;
	if (p->dir == ESPALIER_DIR_OUT)
		p->sa = child->db_out;
	err = ike->db->ops->policy_add(ike->db, p,
				       &child->policies[child->npolicies]);
	if (err)
		return ike_fail(ike, err, "policy refused: %s",
				ike->db->ops->error(ike->db));
	child->npolicies++;
	return 0;
}

int child_policies_add(struct child_sa *child)
{
	struct ike *ike = child->sa->ike;

	child->policies = mem_get(ike, 2 * child->nlocal * child->nremote *
					       sizeof(*child->policies));
	if (!child->policies)
		return ike_fail(ike, -ENOMEM, "out of memory");
	return policy_pairs(ike, child->ts, child->nlocal,
			    child->ts + child->nlocal, child->nremote,
			    child->conf->priority, add, child);
}

/* Outbound and inbound stand in turn: the even ones are outbound. */
static int point(struct ike *ike, const struct child_sa *at, unsigned int n,
		 uint32_t id)
{
	unsigned int i;
	int err;

	for (i = 0; i < n; i += 2) {
		err = ike->db->ops->policy_set_sa(ike->db, at->policies[i], id);
		if (err) {
			ike_fail(ike, err, "policy not moved: %s",
				 ike->db->ops->error(ike->db));
			return (int)i;
		}
	}
	return (int)n;
}

int child_policies_take(struct child_sa *child, struct child_sa *old)
{
	struct ike *ike = child->sa->ike;
	unsigned int n = point(ike, old, old->npolicies, child->db_out);

	if (n < old->npolicies) {
		/* @child will go: none may be left at its SA */
		char why[sizeof(ike->why)];

		memcpy(why, ike->why, sizeof(why));
		point(ike, old, n, old->db_out);
		return ike_fail(ike, -EIO, "%s", why);
	}
	child->policies = old->policies;
	child->npolicies = old->npolicies;
	old->policies = NULL;
	old->npolicies = 0;
	return 0;
}

void child_policies_remove(struct child_sa *child)
{
	struct ike *ike = child->sa->ike;
	int err;

	while (child->npolicies) {
		err = ike->db->ops->policy_del(
			ike->db, child->policies[--child->npolicies]);
		if (err)
			child_log(child, IKE_LOG_AUDIT,
				  "policy not removed from the database: %s",
				  ike->db->ops->error(ike->db));
	}
}
