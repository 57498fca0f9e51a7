// SPDX-License-Identifier: Apache-2.0
/*
 * Policies: order, what is refused, what reaches the device, and what it costs
 * in table operations and register writes. What packets meet meanwhile is
 * test_policy_model.
 */
#include <errno.h>
#include <string.h>
#include "fixture.h"
#include "rng.h"

static void walk_is_order_of_evaluation(void)
{
	static const uint32_t prio[] = { 5, 1, 5, 0, 9, 1, 0xffffffff, 0 };
	static const unsigned int want[] = { 3, 7, 1, 5, 0, 2, 4, 6 };
	struct espalier_policy p, got;
	uint32_t id[8], at;
	struct fixture f;
	unsigned int i;

	fixture_open(&f, NULL, 0);
	for (i = 0; i < 8; i++) {
		p = policy_any((enum espalier_dir)(i & 1), ESPALIER_BYPASS,
			       prio[i]);
		EXPECT_EQ(espalier_policy_add(f.dev, &p, &id[i]), 0);
		CU_ASSERT(id[i] != 0);
	}
	for (i = 0, at = 0; (at = espalier_policy_next(f.dev, at)) != 0; i++) {
		EXPECT_EQ(at, id[want[i]]);
		EXPECT_EQ(espalier_policy_get(f.dev, at, &got), 0);
		EXPECT_EQ(got.priority, prio[want[i]]);
	}
	EXPECT_EQ(i, 8);
	EXPECT_EQ(espalier_policy_get(f.dev, 12345, &got), -ENOENT);
	EXPECT_EQ(espalier_policy_del(f.dev, 12345), -ENOENT);
	EXPECT_EQ(espalier_policy_del(f.dev, id[0]), 0);
	EXPECT_EQ(espalier_policy_del(f.dev, id[0]), -ENOENT);
	EXPECT_EQ(espalier_policy_next(f.dev, id[0]), 0);
	fixture_close(&f);
}

/* ---- refusals ---- */

#define BAD(n, f, r, stmt)                                                     \
	static void bad_##n(struct espalier_policy *p)                         \
	{                                                                      \
		stmt;                                                          \
	}
#define BAD_LIST(X)                                                            \
	X(dir, "dir", -EINVAL, p->dir = (enum espalier_dir)2)                  \
	X(action, "action", -EINVAL, p->action = (enum espalier_action)3)      \
	X(fam, "src", -EINVAL, p->src_lo.family = 0)                           \
	X(fam2, "src", -EINVAL, p->src_hi = addr6("::1"))                      \
	X(fam3, "dst", -EINVAL, p->dst_lo = addr6("::1"))                      \
	X(order, "src", -EINVAL, p->src_lo = addr4("10.0.0.2");                \
	  p->src_hi = addr4("10.0.0.1"))                                       \
	X(order2, "dst", -EINVAL, p->dst_lo = addr4("10.0.1.0");               \
	  p->dst_hi = addr4("10.0.0.255"))                                     \
	X(proto, "proto", -EINVAL, p->proto = 256)                             \
	X(proto2, "proto", -EINVAL, p->proto = -2)                             \
	X(port, "sport", -EINVAL, p->proto = 6; p->sport_lo = 2;               \
	  p->sport_hi = 1)                                                     \
	X(noproto, "dport", -EINVAL, p->dport_lo = 53; p->dport_hi = 53)       \
	X(gre, "dport", -EINVAL, p->proto = 47; p->dport_hi = 53)              \
	X(icmp, "sport", -EINVAL, p->proto = 1; p->sport_hi = 256)             \
	X(stale, "sa", -ENOENT, p->action = ESPALIER_PROTECT;                  \
	  p->sa = 0x00010000)                                                  \
	X(insa, "sa", -ENOENT, p->action = ESPALIER_PROTECT; p->sa = 0x80010000)

BAD_LIST(BAD)

#define ROW(n, f, r, stmt) { #n, f, r, bad_##n },
static const struct {
	const char *name, *field;
	int ret;
	void (*change)(struct espalier_policy *p);
} bad[] = { BAD_LIST(ROW) };

static void refusals(void)
{
	struct espalier_null_counts before, after;
	struct espalier_sa sa = sa_good(ESPALIER_DIR_IN, 0x1000);
	struct espalier_policy p;
	struct fixture f;
	uint32_t id = 77, h;
	size_t i;
	int ret;

	fixture_open(&f, NULL, 0);
	EXPECT_EQ(espalier_sa_add(f.dev, &sa, &h), 0);
	EXPECT_EQ(h, 0x80010000);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		p = policy_any(ESPALIER_DIR_OUT, ESPALIER_BYPASS, 1);
		bad[i].change(&p);
		espalier_null_counts(f.null, &before);
		ret = espalier_policy_add(f.dev, &p, &id);
		espalier_null_counts(f.null, &after);
		if (ret != bad[i].ret)
			printf("%s: %d %s\n", bad[i].name, ret,
			       espalier_error(f.dev));
		EXPECT_EQ(ret, bad[i].ret);
		CU_ASSERT(!strncmp(espalier_error(f.dev), bad[i].field,
				   strlen(bad[i].field)));
		EXPECT_EQ(after.writes, before.writes);
	}
	EXPECT_EQ(id, 77);
	fixture_close(&f);
}

static void encoding(void)
{
	const struct espalier_spd_entry *e;
	struct espalier_policy p = {
		.dir = ESPALIER_DIR_IN,
		.action = ESPALIER_PROTECT,
		.src_lo = addr6("2001:db8::1"),
		.src_hi = addr6("2001:db8::ffff"),
		.dst_lo = addr6("::"),
		.dst_hi = addr6("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
		.proto = 17,
		.sport_lo = 1,
		.sport_hi = 2,
		.dport_lo = 0,
		.dport_hi = 65535,
		.sa = 0x55555555, /* outbound only */
		.reqid = 0xabcd,
	};
	struct fixture f;
	uint32_t id;

	fixture_open(&f, NULL, 0);
	EXPECT_EQ(espalier_policy_add(f.dev, &p, &id), 0);
	e = (const void *)espalier_null_entry(f.null, ESPALIER_TBL_SPD, 0);
	EXPECT_EQ(e->flags, ESPALIER_SPD_VALID | ESPALIER_SPD_IN |
				    ESPALIER_SPD_V6 |
				    2u << ESPALIER_SPD_ACTION_SHIFT |
				    17u << ESPALIER_SPD_PROTO_SHIFT |
				    0xabcdu << ESPALIER_SPD_REQID_SHIFT);
	EXPECT_EQ(e->handle, 0);
	EXPECT_EQ(e->sport, 0x00020001);
	EXPECT_EQ(e->dport, 0xffff0000);
	EXPECT_EQ(e->src_lo[0], 1);
	EXPECT_EQ(e->src_hi[0], 0xffff);
	EXPECT_EQ(e->src_lo[3], 0x20010db8);
	EXPECT_EQ(e->dst_lo[3], 0);
	EXPECT_EQ(e->dst_hi[2], 0xffffffff);
	fixture_close(&f);
}

static void another_sa(void)
{
	struct espalier_sa sa = sa_good(ESPALIER_DIR_OUT, 0x1000);
	const struct espalier_spd_entry *e;
	struct espalier_policy p =
		policy_any(ESPALIER_DIR_OUT, ESPALIER_PROTECT, 1);
	struct espalier_null_counts before, after;
	struct fixture f;
	uint32_t a, b, id, id2;

	fixture_open(&f, NULL, 0);
	EXPECT_EQ(espalier_sa_add(f.dev, &sa, &a), 0);
	EXPECT_EQ(espalier_sa_add(f.dev, &sa, &b), 0);
	p.sa = 0; /* a trap */
	EXPECT_EQ(espalier_policy_add(f.dev, &p, &id), 0);
	e = (const void *)espalier_null_entry(f.null, ESPALIER_TBL_SPD, 0);
	EXPECT_EQ(e->handle, 0);
	EXPECT_EQ(espalier_policy_set_sa(f.dev, id, a), 0);
	EXPECT_EQ(e->handle, a);
	espalier_null_counts(f.null, &before);
	EXPECT_EQ(espalier_policy_set_sa(f.dev, id, b), 0);
	espalier_null_counts(f.null, &after);
	EXPECT_EQ(after.table_ops - before.table_ops, 1); /* in one write */
	EXPECT_EQ(e->handle, b);
	EXPECT_EQ(espalier_sa_del(f.dev, a), 0);
	EXPECT_EQ(espalier_policy_set_sa(f.dev, id, a), -ENOENT);
	EXPECT_EQ(e->handle, b);
	p.action = ESPALIER_BYPASS;
	EXPECT_EQ(espalier_policy_add(f.dev, &p, &id2), 0);
	EXPECT_EQ(espalier_policy_set_sa(f.dev, id2, b), -EINVAL);
	EXPECT_EQ(espalier_policy_set_sa(f.dev, 999, b), -ENOENT);
	fixture_close(&f);
}

static void to_the_last_entry(void)
{
	struct espalier_policy p =
		policy_any(ESPALIER_DIR_OUT, ESPALIER_BYPASS, 1);
	uint32_t id, first = 0, i;
	struct fixture f;

	fixture_open(&f, NULL, 0);
	for (i = 0; i < 256; i++) {
		p.priority = 256 - i; /* each goes to the front */
		EXPECT_EQ(espalier_policy_add(f.dev, &p, &id), 0);
		if (!i)
			first = id;
	}
	EXPECT_EQ(espalier_policy_add(f.dev, &p, &id), -ENOSPC);
	CU_ASSERT_PTR_NOT_NULL(strstr(espalier_error(f.dev), "256"));
	EXPECT_EQ(espalier_policy_del(f.dev, first), 0);
	EXPECT_EQ(espalier_policy_add(f.dev, &p, &id), 0);
	fixture_close(&f);
}

/* ---- what it costs ---- */

static struct espalier_null_counts counts;

static struct espalier_null_counts since(struct fixture *f)
{
	struct espalier_null_counts now, d;

	espalier_null_counts(f->null, &now);
	d.table_ops = now.table_ops - counts.table_ops;
	d.writes = now.writes - counts.writes;
	counts = now;
	return d;
}

/* One register write each, whatever stands behind, in any order. */
static void deletion_is_one_write(void)
{
	const struct espalier_null_opts o = { .spd_entries = 1024 };
	struct espalier_policy p =
		policy_any(ESPALIER_DIR_OUT, ESPALIER_BYPASS, 1);
	static uint32_t id[1024];
	struct espalier_null_counts d;
	struct rng rng = { 3 };
	struct fixture f;
	unsigned int i, k;
	uint32_t at, t;

	fixture_open(&f, &o, 0);
	for (i = 0; i < 1024; i++) {
		since(&f);
		EXPECT_EQ(espalier_policy_add(f.dev, &p, &id[i]), 0);
		EXPECT_EQ(since(&f).table_ops, 1);
	}

	for (i = 1024; i-- > 1;) {
		k = rng_below(&rng, i + 1);
		t = id[i];
		id[i] = id[k];
		id[k] = t;
	}
	since(&f);
	for (i = 0; i < 1000; i++)
		EXPECT_EQ(espalier_policy_del(f.dev, id[i]), 0);
	d = since(&f);
	EXPECT_EQ(d.table_ops, 1000);
	EXPECT_EQ(d.writes, 1000);
	for (at = 0, i = 0; (at = espalier_policy_next(f.dev, at)) != 0; i++)
		;
	EXPECT_EQ(i, 24);
	EXPECT_EQ(espalier_policy_flush(f.dev), 0);
	EXPECT_EQ(since(&f).writes, 24);
	fixture_close(&f);
}

/* Orders of coming that make room again and again: few operations each. */
static void insertions_stay_cheap(void)
{
	const struct espalier_null_opts o = { .spd_entries = 1024 };
	struct espalier_policy p =
		policy_any(ESPALIER_DIR_OUT, ESPALIER_BYPASS, 1);
	static uint32_t id[1024];
	struct fixture f;
	unsigned int i;
	uint32_t tail;

	/* each before all others */
	fixture_open(&f, &o, 0);
	since(&f);
	for (i = 0; i < 512; i++) {
		p.priority = 1000 - i;
		EXPECT_EQ(espalier_policy_add(f.dev, &p, &id[i]), 0);
	}
	CU_ASSERT(since(&f).table_ops < 4 * 512);
	fixture_close(&f);

	/* three priorities in turn, as tunnels, hosts and traps come */
	fixture_open(&f, &o, 0);
	since(&f);
	for (i = 0; i < 510; i++) {
		p.priority = 10 + i % 3;
		EXPECT_EQ(espalier_policy_add(f.dev, &p, &id[i]), 0);
	}
	CU_ASSERT(since(&f).table_ops < 4 * 510);
	fixture_close(&f);

	/* upward before one that stays last; and as many go as come */
	fixture_open(&f, &o, 0);
	p.priority = 0xffffffff;
	EXPECT_EQ(espalier_policy_add(f.dev, &p, &tail), 0);
	since(&f);
	for (i = 0; i < 4000; i++) {
		p.priority = i;
		if (i >= 500)
			EXPECT_EQ(espalier_policy_del(f.dev, id[i % 500]), 0);
		EXPECT_EQ(espalier_policy_add(f.dev, &p, &id[i % 500]), 0);
	}
	CU_ASSERT(since(&f).table_ops < 6 * 4000);
	fixture_close(&f);
}

static const struct test_case cases[] = {
	{ "walk_is_order_of_evaluation", walk_is_order_of_evaluation },
	{ "refusals", refusals },
	{ "encoding", encoding },
	{ "another_sa", another_sa },
	{ "to_the_last_entry", to_the_last_entry },
	{ "deletion_is_one_write", deletion_is_one_write },
	{ "insertions_stay_cheap", insertions_stay_cheap },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	return suite_run("test_policy", cases, argc, argv);
}
