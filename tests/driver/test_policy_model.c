// SPDX-License-Identifier: Apache-2.0
/*
 * Policies against a naive model: a list, searched in order of priority and
 * addition. After every single table operation a reader looks up packets in
 * the device's table as the device does; while a policy comes or goes it must
 * get the answer of the old list or that of the new one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "fixture.h"
#include "rng.h"

#define PACKETS 24
#define POLICIES 64

static struct rng rng;

static uint32_t rnd(void)
{
	return (uint32_t)rng_next(&rng);
}

struct packet {
	enum espalier_dir dir;
	uint32_t src, dst; /* IPv4 */
	uint8_t proto;
	uint16_t sport, dport;
};

/* ---- the naive model ---- */

static struct model {
	struct {
		uint32_t id;
		struct espalier_policy p;
	} v[POLICIES];
	unsigned int n;
} model;

static uint32_t num(const struct espalier_addr *a)
{
	return ntohl(a->v4.s_addr);
}

static bool match(const struct espalier_policy *p, const struct packet *k)
{
	return p->dir == k->dir && k->src >= num(&p->src_lo) &&
	       k->src <= num(&p->src_hi) && k->dst >= num(&p->dst_lo) &&
	       k->dst <= num(&p->dst_hi) &&
	       (p->proto < 0 || p->proto == k->proto) &&
	       k->sport >= p->sport_lo && k->sport <= p->sport_hi &&
	       k->dport >= p->dport_lo && k->dport <= p->dport_hi;
}

/* What becomes of a packet, as one number: action and what goes with it. */
static uint32_t verdict(unsigned int action, uint32_t detail)
{
	return action << 28 | detail;
}

#define NOTHING 0xffffffffu

static uint32_t model_lookup(const struct model *m, const struct packet *k)
{
	const struct espalier_policy *best = NULL, *p;
	unsigned int i;

	for (i = 0; i < m->n; i++) {
		p = &m->v[i].p;
		/* equal priorities: who came first */
		if (match(p, k) && (!best || p->priority < best->priority))
			best = p;
	}
	if (!best)
		return NOTHING;
	return verdict(best->action, best->action != ESPALIER_PROTECT ? 0
				     : best->dir == ESPALIER_DIR_OUT
					     ? best->sa
					     : best->reqid);
}

/* ---- the device's table as the device reads it ---- */

static struct espalier_null *null;

static bool hw_match(const struct espalier_spd_entry *e, const struct packet *k)
{
	return (e->flags & ESPALIER_SPD_VALID) &&
	       !(e->flags & ESPALIER_SPD_V6) &&
	       !!(e->flags & ESPALIER_SPD_IN) == (k->dir == ESPALIER_DIR_IN) &&
	       k->src >= e->src_lo[0] && k->src <= e->src_hi[0] &&
	       k->dst >= e->dst_lo[0] && k->dst <= e->dst_hi[0] &&
	       ((e->flags & ESPALIER_SPD_PROTO_ANY) ||
		(e->flags >> ESPALIER_SPD_PROTO_SHIFT & 0xff) == k->proto) &&
	       k->sport >= (e->sport & 0xffff) && k->sport <= e->sport >> 16 &&
	       k->dport >= (e->dport & 0xffff) && k->dport <= e->dport >> 16;
}

static uint32_t hw_lookup(const struct packet *k)
{
	const struct espalier_spd_entry *e;
	unsigned int i, action;

	for (i = 0; i < 256; i++) {
		e = (const void *)espalier_null_entry(null, ESPALIER_TBL_SPD,
						      i);
		if (!e || !hw_match(e, k))
			continue;
		action = e->flags >> ESPALIER_SPD_ACTION_SHIFT & 3;
		return verdict(action,
			       action != ESPALIER_PROTECT ? 0
			       : k->dir == ESPALIER_DIR_OUT
				       ? e->handle
				       : e->flags >> ESPALIER_SPD_REQID_SHIFT);
	}
	return NOTHING;
}

/* ---- the reader between two operations ---- */

static struct {
	struct packet pkt[PACKETS];
	uint32_t before[PACKETS], after[PACKETS];
	bool may_be_nothing; /* flush */
	unsigned int looks, holes, olds, news;
} reader;

static void look(void *arg, enum espalier_tbl_op op, enum espalier_table table,
		 unsigned int index)
{
	unsigned int i;
	uint32_t v;

	(void)arg;
	(void)op;
	(void)index;
	if (table != ESPALIER_TBL_SPD)
		return;
	reader.looks++;
	for (i = 0; i < PACKETS; i++) {
		v = hw_lookup(&reader.pkt[i]);
		if (v == reader.before[i])
			reader.olds++;
		else if (v == reader.after[i])
			reader.news++;
		else
			reader.holes++;
	}
}

static void reader_expect(const struct model *before, const struct model *after)
{
	unsigned int i;

	for (i = 0; i < PACKETS; i++) {
		reader.before[i] = model_lookup(before, &reader.pkt[i]);
		reader.after[i] = model_lookup(after, &reader.pkt[i]);
	}
}

static void reader_start(uint32_t s)
{
	unsigned int i;

	rng.state = s;
	memset(&reader, 0, sizeof(reader));
	memset(&model, 0, sizeof(model));
	for (i = 0; i < PACKETS; i++) {
		reader.pkt[i].dir = (enum espalier_dir)(i & 1);
		reader.pkt[i].src = 0x0a000000 | rnd() % 16;
		reader.pkt[i].dst = 0x0a000100 | rnd() % 16;
		reader.pkt[i].proto = rnd() & 1 ? 17 : 6;
		reader.pkt[i].sport = (uint16_t)(rnd() % 8);
		reader.pkt[i].dport = (uint16_t)(rnd() % 8);
	}
	reader_expect(&model, &model);
}

static unsigned int hw_count(void)
{
	const struct espalier_spd_entry *e;
	unsigned int i, n = 0;

	for (i = 0;
	     (e = (const void *)espalier_null_entry(null, ESPALIER_TBL_SPD, i));
	     i++)
		n += e->flags & ESPALIER_SPD_VALID;
	return n;
}

/* Every packet at rest: the model's answer and no other, and no copies. */
static void at_rest(void)
{
	unsigned int i;

	EXPECT_EQ(hw_count(), model.n);
	for (i = 0; i < PACKETS; i++)
		EXPECT_EQ(hw_lookup(&reader.pkt[i]),
			  model_lookup(&model, &reader.pkt[i]));
}

static void range(struct espalier_addr *lo, struct espalier_addr *hi,
		  uint32_t net)
{
	uint32_t a = rnd() % 16, b = rnd() % 16;

	lo->family = hi->family = AF_INET;
	lo->v4.s_addr = htonl(net | (a < b ? a : b));
	hi->v4.s_addr = htonl(net | (a < b ? b : a));
}

static struct espalier_policy random_policy(uint32_t sa)
{
	struct espalier_policy p =
		policy_any((enum espalier_dir)(rnd() & 1),
			   (enum espalier_action)(rnd() % 3), rnd() % 6);

	range(&p.src_lo, &p.src_hi, 0x0a000000);
	range(&p.dst_lo, &p.dst_hi, 0x0a000100);
	if (rnd() & 1) {
		p.proto = rnd() & 1 ? 17 : 6;
		p.sport_hi = (uint16_t)(rnd() % 8);
		p.dport_lo = (uint16_t)(rnd() % 4);
		p.dport_hi = 7;
	}
	p.sa = rnd() & 1 ? sa : 0;
	p.reqid = (uint16_t)(rnd() % 5);
	return p;
}

static void model_add(struct model *m, uint32_t id,
		      const struct espalier_policy *p)
{
	m->v[m->n].id = id;
	m->v[m->n++].p = *p;
}

static void model_del(struct model *m, unsigned int i)
{
	memmove(&m->v[i], &m->v[i + 1], (m->n - i - 1) * sizeof(m->v[0]));
	m->n--;
}

/* Tables with room, and ones that are full again and again. */
static void against_the_model(void)
{
	static const unsigned int sizes[] = { 256, POLICIES, 17, 8 };
	struct espalier_null_opts o = { .on_table = look };
	struct espalier_sa sa = sa_good(ESPALIER_DIR_OUT, 0x1000);
	struct espalier_policy p;
	struct model next;
	struct fixture f;
	uint32_t id, handle, s;
	unsigned int turn, i, room, total = 0, news = 0;

	for (s = 1; s <= 80; s++) {
		o.spd_entries = sizes[s % 4];
		room = o.spd_entries < POLICIES ? o.spd_entries : POLICIES;
		fixture_open(&f, &o, 0);
		null = f.null;
		reader_start(s);
		EXPECT_EQ(espalier_sa_add(f.dev, &sa, &handle), 0);
		for (turn = 0; turn < 120; turn++) {
			next = model;
			if (model.n < 2 || (model.n < room && rnd() % 5 < 3)) {
				p = random_policy(handle);
				model_add(&next, 0, &p);
				reader_expect(&model, &next);
				EXPECT_EQ(espalier_policy_add(f.dev, &p, &id),
					  0);
				next.v[next.n - 1].id = id;
			} else {
				i = rnd() % model.n;
				id = model.v[i].id;
				model_del(&next, i);
				reader_expect(&model, &next);
				EXPECT_EQ(espalier_policy_del(f.dev, id), 0);
			}
			model = next;
			at_rest();
		}
		EXPECT_EQ(reader.holes, 0);
		total += reader.looks;
		news += reader.news;
		/* flush: an old answer, or none */
		next.n = 0;
		reader_expect(&model, &next);
		EXPECT_EQ(espalier_policy_flush(f.dev), 0);
		EXPECT_EQ(reader.holes, 0);
		model.n = 0;
		at_rest();
		reader_expect(&model, &model);
		fixture_close(&f);
	}
	/* there was something to see */
	CU_ASSERT(total > 20000);
	CU_ASSERT(news > 1000);
}

/* A table operation that fails half way: the policies are what they were. */
static void device_refuses(void)
{
	const struct espalier_null_opts o = { .on_table = look };
	struct espalier_policy p;
	struct model next;
	struct fixture f;
	uint32_t id;
	unsigned int after, i;

	fixture_open(&f, &o, 0);
	null = f.null;
	reader_start(99);
	for (i = 0; i < 10; i++) {
		p = random_policy(0);
		next = model;
		model_add(&next, 0, &p);
		reader_expect(&model, &next);
		EXPECT_EQ(espalier_policy_add(f.dev, &p, &id), 0);
		next.v[next.n - 1].id = id;
		model = next;
	}
	for (after = 0; after <= 10; after++) {
		p = random_policy(0);
		p.priority = 0;
		next = model;
		model_add(&next, 0, &p);
		reader_expect(&model, &next);
		espalier_null_refuse(f.null, after, ESPALIER_RES_VALUE);
		if (espalier_policy_add(f.dev, &p, &id) == 0) {
			next.v[next.n - 1].id = id;
			model = next;
			/* the refusal may still be waiting */
			espalier_null_refuse(f.null, 1000000, 0);
		}
		at_rest();
	}
	EXPECT_EQ(reader.holes, 0);
	/* deletion that fails is to be repeated */
	next = model;
	model_del(&next, 0);
	reader_expect(&model, &next);
	espalier_null_refuse(f.null, 2, ESPALIER_RES_VALUE);
	if (espalier_policy_del(f.dev, model.v[0].id))
		EXPECT_EQ(espalier_policy_del(f.dev, model.v[0].id), 0);
	espalier_null_refuse(f.null, 1000000, 0);
	model = next;
	at_rest();
	EXPECT_EQ(reader.holes, 0);
	fixture_close(&f);
}

/* As above on tables with holes, at every operation that there is: a refusal
 * leaves the old list, in order, and no copy. */
static void refused_anywhere(void)
{
	const struct espalier_null_opts o = { .on_table = look,
					      .spd_entries = 24 };
	unsigned int after, i, failed = 0, longest = 0;
	struct espalier_policy p;
	struct model next;
	struct fixture f;
	uint32_t id, s;
	int ret;

	for (s = 1; s <= 120; s++) {
		fixture_open(&f, &o, 0);
		null = f.null;
		reader_start(s);
		for (i = 0; i < (s % 2 ? 24 : 12); i++) {
			p = random_policy(0);
			EXPECT_EQ(espalier_policy_add(f.dev, &p, &id), 0);
			model_add(&model, id, &p);
		}
		for (i = s % 2 ? 1 + s % 3 : 0; i; i--) {
			unsigned int k = rnd() % model.n;

			EXPECT_EQ(espalier_policy_del(f.dev, model.v[k].id), 0);
			model_del(&model, k);
		}
		p = random_policy(0);
		next = model;
		model_add(&next, 0, &p);
		reader_expect(&model, &next);
		reader.holes = 0;
		for (after = 0;; after++) {
			espalier_null_refuse(f.null, after, ESPALIER_RES_VALUE);
			ret = espalier_policy_add(f.dev, &p, &id);
			espalier_null_refuse(f.null, 1000000, 0);
			if (!ret)
				break;
			EXPECT_EQ(ret, -EINVAL);
			failed++;
			at_rest();
		}
		longest = after > longest ? after : longest;
		next.v[next.n - 1].id = id;
		model = next;
		at_rest();
		i = rnd() % model.n;
		next = model;
		model_del(&next, i);
		reader_expect(&model, &next);
		espalier_null_refuse(f.null, 0, ESPALIER_RES_VALUE);
		EXPECT_EQ(espalier_policy_del(f.dev, model.v[i].id), -EINVAL);
		at_rest();
		EXPECT_EQ(espalier_policy_del(f.dev, model.v[i].id), 0);
		model = next;
		at_rest();
		EXPECT_EQ(reader.holes, 0);
		fixture_close(&f);
	}
	CU_ASSERT(failed > 200);
	CU_ASSERT(longest > 8); /* moves were among them */
}

/* The operation does not end, and neither can the repair: that is made up for
 * before the next change. */
static void hangs_in_a_move(void)
{
	const struct espalier_null_opts o = { .on_table = look,
					      .spd_entries = 16 };
	struct espalier_policy p;
	struct model next;
	struct fixture f;
	uint32_t id;
	int i;

	fixture_open(&f, &o, 0);
	null = f.null;
	reader_start(7);
	for (i = 0; i < 6; i++) {
		p = random_policy(0);
		p.priority = 5;
		EXPECT_EQ(espalier_policy_add(f.dev, &p, &id), 0);
		model_add(&model, id, &p);
	}
	p.priority = 1;
	next = model;
	model_add(&next, 0, &p);
	reader_expect(&model, &next);
	reader.holes = 0;
	espalier_null_refuse(f.null, 3, -1);
	EXPECT_EQ(espalier_policy_add(f.dev, &p, &id), -ETIMEDOUT);
	CU_ASSERT_PTR_NOT_NULL(strstr(espalier_error(f.dev), "does not end"));
	CU_ASSERT(hw_count() > model.n); /* copies are left */
	espalier_null_refuse(f.null, 1000000, 0);
	next = model;
	model_del(&next, 2);
	reader_expect(&model, &next);
	EXPECT_EQ(espalier_policy_del(f.dev, model.v[2].id), 0);
	model = next;
	at_rest();
	model_add(&next, 0, &p);
	reader_expect(&model, &next);
	EXPECT_EQ(espalier_policy_add(f.dev, &p, &id), 0);
	next.v[next.n - 1].id = id;
	model = next;
	at_rest();
	EXPECT_EQ(reader.holes, 0);
	fixture_close(&f);
}

static const struct test_case cases[] = {
	{ "against_the_model", against_the_model },
	{ "device_refuses", device_refuses },
	{ "refused_anywhere", refused_anywhere },
	{ "hangs_in_a_move", hangs_in_a_move },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	return suite_run("test_policy_model", cases, argc, argv);
}
