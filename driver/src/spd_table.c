// SPDX-License-Identifier: Apache-2.0
/*
 * Where policies stand in the device's table. It is searched from index 0 and
 * the lowest match wins, so that the order in the table is the order of
 * evaluation; places in between may be empty.
 *
 * A deletion empties a place and moves nothing. An insertion takes an empty
 * place between its neighbours; where there is none, the neighbours up to the
 * nearest empty place move, and when they are many by more than one place, so
 * that the next ones find room. To move is to copy and to empty what was left
 * behind, in such an order that the lowest copies always stand in the order of
 * evaluation: a packet sees the old set or the new one at every moment.
 *
 * What the device holds is known place by place (dev->spd.slot). An operation
 * that fails leaves one place of which this is not sure, and copies; they are
 * put right before anything else is changed.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "internal.h"

#define NEAR 4u /* so few are moved by one place only */

int espi_spd_init(struct espalier_dev *dev)
{
	dev->spd.unsure = -1;
	dev->pol = calloc(dev->caps.spd_entries, sizeof(*dev->pol));
	dev->spd.slot = calloc(dev->caps.spd_entries, sizeof(*dev->spd.slot));
	return dev->pol && dev->spd.slot ? 0 : -ENOMEM;
}

void espi_spd_exit(struct espalier_dev *dev)
{
	free(dev->pol);
	free(dev->spd.slot);
}

static void encode(const struct espalier_policy *p,
		   struct espalier_spd_entry *e)
{
	memset(e, 0, sizeof(*e));
	e->flags = ESPALIER_SPD_VALID | (uint32_t)p->action
						<< ESPALIER_SPD_ACTION_SHIFT;
	if (p->dir == ESPALIER_DIR_IN)
		e->flags |= ESPALIER_SPD_IN;
	if (p->src_lo.family == AF_INET6)
		e->flags |= ESPALIER_SPD_V6;
	if (p->proto < 0)
		e->flags |= ESPALIER_SPD_PROTO_ANY;
	else
		e->flags |= (uint32_t)p->proto << ESPALIER_SPD_PROTO_SHIFT;
	if (p->action == ESPALIER_PROTECT) {
		if (p->dir == ESPALIER_DIR_IN)
			e->flags |= (uint32_t)p->reqid
				    << ESPALIER_SPD_REQID_SHIFT;
		else
			e->handle = p->sa;
	}
	e->sport = p->sport_lo | (uint32_t)p->sport_hi << 16;
	e->dport = p->dport_lo | (uint32_t)p->dport_hi << 16;
	espi_addr_words(&p->src_lo, e->src_lo);
	espi_addr_words(&p->src_hi, e->src_hi);
	espi_addr_words(&p->dst_lo, e->dst_lo);
	espi_addr_words(&p->dst_hi, e->dst_hi);
}

/* ---- one place ---- */

static int settle(struct espalier_dev *dev, unsigned int at, uint32_t id,
		  int ret)
{
	if (ret) {
		dev->spd.unsure = (int)at;
	} else {
		dev->spd.slot[at] = id;
		dev->spd.unsure = -1;
	}
	return ret;
}

static int put(struct espalier_dev *dev, unsigned int at, uint32_t id,
	       const struct espalier_policy *p)
{
	struct espalier_spd_entry e;

	encode(p, &e);
	return settle(dev, at, id,
		      espi_tbl_put(dev, ESPALIER_OP_ADD, ESPALIER_TBL_SPD, at,
				   &e, sizeof(e)));
}

static int empty(struct espalier_dev *dev, unsigned int at)
{
	return settle(dev, at, 0,
		      espi_tbl_put(dev, ESPALIER_OP_DELETE, ESPALIER_TBL_SPD,
				   at, NULL, 0));
}

/* What an operation that failed has left. The first failure of a row is the
 * one to be told: @dev->err is kept. */
static int tidy(struct espalier_dev *dev)
{
	unsigned int at = (unsigned int)dev->spd.unsure, i;
	const struct espi_pol *p;
	int ret;

	if (dev->spd.unsure >= 0) {
		p = espi_pol_find(dev, dev->spd.slot[at]);
		ret = p ? put(dev, at, p->id, &p->policy) : empty(dev, at);
		if (ret)
			return ret;
	}
	/* A copy that is not the lowest one decides nothing. */
	for (i = 0; dev->spd.copies && i < dev->caps.spd_entries; i++) {
		p = espi_pol_find(dev, dev->spd.slot[i]);
		if (!dev->spd.slot[i] || (p && p->at == i))
			continue;
		ret = empty(dev, i);
		if (ret)
			return ret;
	}
	dev->spd.copies = false;
	return 0;
}

/* @ret is what has failed, and stays what the caller is told. */
static int give_up(struct espalier_dev *dev, int ret)
{
	struct espalier_err keep = dev->err;

	tidy(dev);
	dev->err = keep;
	return ret;
}

/* ---- room ---- */

static bool is_free(const struct espalier_dev *dev, unsigned int at)
{
	return at < dev->caps.spd_entries && !dev->spd.slot[at];
}

/* By how many places @n entries move into @run empty ones. Half of them stay
 * for who comes next to the others. */
static unsigned int stride(unsigned int n, unsigned int run)
{
	if (n <= NEAR || run < 4)
		return 1;
	return n < run / 2 ? n : run / 2;
}

/* Entries @pol[0 .. @n - 1], which stand side by side up to the end of the
 * table or an empty place, move up by @by places. */
static int move_up(struct espalier_dev *dev, struct espi_pol *pol,
		   unsigned int n, unsigned int by)
{
	unsigned int i;
	int ret;

	for (i = n; i-- > 0;) {
		ret = put(dev, pol[i].at + by, pol[i].id, &pol[i].policy);
		if (ret)
			return ret;
		/* over the old place of another one, which has its copy */
		if (i + by < n)
			pol[i + by].at += by;
	}
	/* From the last on: the lowest copies keep their order. */
	for (i = n < by ? n : by; i-- > 0;) {
		ret = empty(dev, pol[i].at);
		if (ret)
			return ret;
		pol[i].at += by;
	}
	return 0;
}

/* Likewise down. The copies that are left are the higher ones. */
static int move_down(struct espalier_dev *dev, struct espi_pol *pol,
		     unsigned int n, unsigned int by)
{
	unsigned int i;
	int ret;

	for (i = 0; i < n; i++) {
		ret = put(dev, pol[i].at - by, pol[i].id, &pol[i].policy);
		if (ret)
			return ret;
		pol[i].at -= by;
	}
	for (i = n < by ? 0 : n - by; i < n; i++) {
		ret = empty(dev, pol[i].at + by);
		if (ret)
			return ret;
	}
	return 0;
}

/* Between pol[@pos - 1] and pol[@pos], which stand side by side. There is an
 * empty place somewhere. */
static int make_room(struct espalier_dev *dev, unsigned int pos)
{
	/* the first place behind, and the last one before */
	const unsigned int hi =
		pos < dev->npol ? dev->pol[pos].at : dev->caps.spd_entries;
	const int lo = pos ? (int)dev->pol[pos - 1].at : -1;
	unsigned int up = hi, run_up = 0, run_down = 0, n;
	int down = lo, ret;

	while (up < dev->caps.spd_entries && !is_free(dev, up))
		up++;
	while (is_free(dev, up + run_up))
		run_up++;
	while (down >= 0 && !is_free(dev, (unsigned int)down))
		down--;
	while (down >= (int)run_down &&
	       is_free(dev, (unsigned int)down - run_down))
		run_down++;

	dev->spd.copies = true;
	if (run_up && (!run_down || up - hi <= (unsigned int)(lo - down))) {
		n = up - hi;
		ret = move_up(dev, &dev->pol[pos], n, stride(n, run_up));
	} else {
		n = (unsigned int)(lo - down);
		ret = move_down(dev, &dev->pol[pos - n], n,
				stride(n, run_down));
	}
	if (!ret)
		dev->spd.copies = false;
	return ret;
}

/* ---- what policy.c does with it ---- */

int espi_spd_add(struct espalier_dev *dev, unsigned int pos, uint32_t id,
		 const struct espalier_policy *policy, unsigned int *at)
{
	const struct espi_pol *before, *behind;
	int ret;

	ret = tidy(dev);
	if (ret)
		return ret;
	before = pos ? &dev->pol[pos - 1] : NULL;
	behind = pos < dev->npol ? &dev->pol[pos] : NULL;
	if ((behind ? behind->at : dev->caps.spd_entries) ==
	    (before ? before->at + 1 : 0)) {
		ret = make_room(dev, pos);
		if (ret)
			return give_up(dev, ret);
	}
	/* Where the next one will not be in want of room: behind those of its
	 * priority, or behind who came last; else before who is next. The
	 * device walks up to the highest place ever used, so that the end grows
	 * place by place. */
	if (!behind ||
	    (before && (before->id == dev->spd.last ||
			before->policy.priority == policy->priority)))
		*at = before ? before->at + 1 : 0;
	else
		*at = behind->at - 1;
	ret = put(dev, *at, id, policy);
	if (ret)
		return give_up(dev, ret);
	dev->spd.last = id;
	return 0;
}

int espi_spd_change(struct espalier_dev *dev, const struct espi_pol *pol,
		    const struct espalier_policy *next)
{
	int ret;

	ret = tidy(dev);
	if (ret)
		return ret;
	ret = put(dev, pol->at, pol->id, next);
	return ret ? give_up(dev, ret) : 0;
}

int espi_spd_del(struct espalier_dev *dev, const struct espi_pol *pol)
{
	int ret;

	ret = tidy(dev);
	if (ret)
		return ret;
	ret = empty(dev, pol->at);
	return ret ? give_up(dev, ret) : 0;
}

uint32_t espi_spd_id(const struct espalier_dev *dev, uint32_t at)
{
	return at < dev->caps.spd_entries ? dev->spd.slot[at] : 0;
}

/* The device has lost its table: write it again, each policy where it stood.
 * Places that could not be written stay taken for the next attempt. */
int espi_spd_restore(struct espalier_dev *dev)
{
	unsigned int i;
	int ret;

	memset(dev->spd.slot, 0,
	       dev->caps.spd_entries * sizeof(*dev->spd.slot));
	for (i = 0; i < dev->npol; i++)
		dev->spd.slot[dev->pol[i].at] = dev->pol[i].id;
	dev->spd.unsure = -1;
	dev->spd.copies = false;
	for (i = 0; i < dev->npol; i++) {
		ret = put(dev, dev->pol[i].at, dev->pol[i].id,
			  &dev->pol[i].policy);
		if (ret)
			return ret;
	}
	return 0;
}
