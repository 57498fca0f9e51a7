// SPDX-License-Identifier: Apache-2.0
/* Security associations: what reaches the device, life. What is refused is
 * test_sa_check. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <espalier_regs.h>
#include "fixture.h"
#include "sa_hash.h"

static const struct espalier_sa_entry *entry(struct fixture *f, uint32_t h)
{
	return (const void *)espalier_null_entry(f->null,
						 ESPALIER_HANDLE_DIR(h)
							 ? ESPALIER_TBL_SA_IN
							 : ESPALIER_TBL_SA_OUT,
						 ESPALIER_HANDLE_SLOT(h));
}

static const struct espalier_key_entry *key(struct fixture *f, uint32_t h)
{
	return (const void *)espalier_null_entry(f->null,
						 ESPALIER_HANDLE_DIR(h)
							 ? ESPALIER_TBL_KEY_IN
							 : ESPALIER_TBL_KEY_OUT,
						 ESPALIER_HANDLE_SLOT(h));
}

#define OUT ESPALIER_DIR_OUT
#define IN ESPALIER_DIR_IN

/* ---- what the device gets ---- */

static void encoding_out(void)
{
	const struct espalier_sa_entry *e;
	const struct espalier_key_entry *k;
	struct espalier_sa sa = sa_good(OUT, 0xdeadbeef);
	struct fixture f;
	uint32_t h;

	fixture_open(&f, NULL, 0);
	sa.src = addr6("2001:db8::1:2");
	sa.dst = addr6("fe80:1122:3344:5566:7788:99aa:bbcc:ddee");
	sa.icv_len = 12;
	sa.esn = true;
	sa.df = ESPALIER_DF_CLEAR;
	sa.dscp = 46;
	sa.ttl = 0xab;
	sa.ecn = true;
	sa.flow_label = 0xfedcb;
	sa.mtu = 1400;
	sa.seq = 0x1122334455667788;
	sa.reqid = 0xbeef;
	sa.limits = (struct espalier_limits){ 0x100000002, 0x300000004,
					      0x500000006, 0x700000008 };
	EXPECT_EQ(espalier_sa_add(f.dev, &sa, &h), 0);
	EXPECT_EQ(ESPALIER_HANDLE_DIR(h), 0);
	e = entry(&f, h);
	EXPECT_EQ(e->flags,
		  ESPALIER_SA_TUNNEL | ESPALIER_SA_V6 | ESPALIER_SA_ESN |
			  1u << ESPALIER_SA_ICV_SHIFT |
			  2u << ESPALIER_SA_DF_SHIFT |
			  46u << ESPALIER_SA_DSCP_SHIFT | ESPALIER_SA_ECN |
			  0xabu << ESPALIER_SA_TTL_SHIFT);
	EXPECT_EQ(e->spi, 0xdeadbeef);
	EXPECT_EQ(e->gen_reqid, 0xbeef0000 | ESPALIER_HANDLE_GEN(h));
	EXPECT_EQ(e->flow_window, 0xfedcb);
	EXPECT_EQ(e->mtu_queue, 1400);
	EXPECT_EQ(e->src[0], 0x00010002);
	EXPECT_EQ(e->src[3], 0x20010db8);
	EXPECT_EQ(e->dst[0], 0xbbccddee);
	EXPECT_EQ(e->dst[1], 0x778899aa);
	EXPECT_EQ(e->dst[2], 0x33445566);
	EXPECT_EQ(e->dst[3], 0xfe801122);
	EXPECT_EQ(e->seq[0], 0x55667788);
	EXPECT_EQ(e->seq[1], 0x11223344);
	EXPECT_EQ(e->soft_bytes[1], 1);
	EXPECT_EQ(e->hard_bytes[0], 4);
	EXPECT_EQ(e->soft_packets[1], 5);
	EXPECT_EQ(e->hard_packets[0], 8);
	k = key(&f, h);
	EXPECT_EQ(k->flags, 1);
	EXPECT_EQ(k->salt, 0xa3a2a1a0); /* first byte least significant */
	CU_ASSERT(!memcmp(k->key, sa.key, 32));
	CU_ASSERT(espalier_null_staging_clear(f.null));
	fixture_close(&f);
}

static void encoding_in(void)
{
	const struct espalier_sa_entry *e;
	const struct espalier_hash_entry *he;
	struct espalier_sa sa = sa_good(IN, 0x01020304);
	uint32_t h, dst[4] = { 0xc0000201, 0, 0, 0 }, hash;
	struct fixture f;
	unsigned int i, found = 0, mask = 1024 / 2 - 1;

	fixture_open(&f, NULL, 0);
	sa.key_len = 20;
	sa.icv_len = 8;
	sa.window = 1024;
	sa.queue = 2;
	sa.mtu = 99999; /* outbound only */
	sa.mode = ESPALIER_MODE_TRANSPORT;
	EXPECT_EQ(espalier_sa_add(f.dev, &sa, &h), 0);
	EXPECT_EQ(ESPALIER_HANDLE_DIR(h), 1);
	e = entry(&f, h);
	EXPECT_EQ(e->flags, ESPALIER_SA_REPLAY | 2u << ESPALIER_SA_ICV_SHIFT);
	EXPECT_EQ(e->flow_window, 1024);
	EXPECT_EQ(e->mtu_queue, 0x102);
	EXPECT_EQ(e->src[0], 0);
	EXPECT_EQ(e->dst[0], 0xc0000201);
	EXPECT_EQ(key(&f, h)->flags, 0);
	EXPECT_EQ(key(&f, h)->salt, 0x93929190);
	EXPECT_EQ(key(&f, h)->key[15], 0x8f);
	EXPECT_EQ(key(&f, h)->key[16], 0); /* the salt does not leak in */
	/* at one of the two places that layout.h says */
	hash = espi_sa_hash(0x01020304, dst, 50);
	for (i = 0; i < 4; i++) {
		he = (const void *)espalier_null_entry(
			f.null, ESPALIER_TBL_SA_HASH,
			i < 2 ? (hash & mask) << 1 | (i & 1)
			      : 1024 | (hash >> 16 & mask) << 1 | (i & 1));
		if (he->spi == 0x01020304 &&
		    he->slot == (0x80320000 | ESPALIER_HANDLE_SLOT(h)))
			found++;
	}
	EXPECT_EQ(found, 1);
	EXPECT_EQ(espalier_sa_del(f.dev, h), 0);
	for (i = 0; i < 2048; i++)
		EXPECT_EQ(
			espalier_null_entry(f.null, ESPALIER_TBL_SA_HASH, i)[1],
			0);
	for (i = 0; i < 10; i++)
		EXPECT_EQ(((const uint32_t *)key(&f, h))[i], 0);
	fixture_close(&f);
}

/* ---- order: what may happen between two table operations ---- */

static struct {
	struct fixture *f;
	unsigned int ops, live_without_key, found_not_live;
} order;

static void watch(void *arg, enum espalier_tbl_op op, enum espalier_table table,
		  unsigned int index)
{
	const struct espalier_hash_entry *he;
	const struct espalier_sa_entry *e;
	const struct espalier_key_entry *k;
	unsigned int i, slot;

	(void)arg;
	(void)op;
	(void)table;
	(void)index;
	order.ops++;
	for (slot = 0; slot < 8; slot++) {
		e = (const void *)espalier_null_entry(order.f->null,
						      ESPALIER_TBL_SA_IN, slot);
		k = (const void *)espalier_null_entry(
			order.f->null, ESPALIER_TBL_KEY_IN, slot);
		if ((e->status & ESPALIER_SA_ST_LIVE) && !k->salt)
			order.live_without_key++;
	}
	for (i = 0; i < 32; i++) {
		he = (const void *)espalier_null_entry(order.f->null,
						       ESPALIER_TBL_SA_HASH, i);
		if (!he->slot)
			continue;
		e = (const void *)espalier_null_entry(
			order.f->null, ESPALIER_TBL_SA_IN, he->slot & 0xffff);
		if (!(e->status & ESPALIER_SA_ST_LIVE))
			order.found_not_live++;
	}
}

static void order_of_writes(void)
{
	const struct espalier_null_opts o = {
		.sa_entries = 16,
		.on_table = watch,
	};
	uint32_t h[16], i, turn;
	struct espalier_sa sa;
	struct fixture f;

	memset(&order, 0, sizeof(order));
	order.f = &f;
	fixture_open(&f, &o, 0);
	for (turn = 0; turn < 3; turn++) {
		for (i = 0; i < 16; i++) {
			sa = sa_good(IN, 0x1000 + i);
			EXPECT_EQ(espalier_sa_add(f.dev, &sa, &h[i]), 0);
		}
		for (i = 0; i < 16; i++)
			EXPECT_EQ(espalier_sa_del(f.dev, h[i]), 0);
	}
	CU_ASSERT(order.ops >= 3 * 16 * 5);
	EXPECT_EQ(order.live_without_key, 0);
	EXPECT_EQ(order.found_not_live, 0);
	fixture_close(&f);
}

/* ---- life ---- */

static void keys_are_gone(void)
{
	struct espalier_sa sa = sa_good(OUT, 0x1000);
	struct espalier_sa_info info;
	struct fixture f;
	uint8_t zero[36] = { 0 };
	uint32_t h;

	fixture_open(&f, NULL, 0);
	EXPECT_EQ(espalier_sa_add(f.dev, &sa, &h), 0);
	memset(&info, 0x55, sizeof(info));
	EXPECT_EQ(espalier_sa_query(f.dev, h, &info), 0);
	CU_ASSERT(!memcmp(info.sa.key, zero, 36));
	EXPECT_EQ(info.sa.key_len, 36);
	CU_ASSERT(espalier_null_staging_clear(f.null));
	fixture_close(&f);
}

static void handles_grow_stale(void)
{
	struct espalier_limits none = { 0, 0, 0, 0 };
	struct espalier_sa sa = sa_good(OUT, 0x1000);
	const struct espalier_null_opts o = { .sa_entries = 16 };
	struct espalier_sa_info info;
	uint32_t h, first, i, seen_max = 0;
	struct fixture f;

	fixture_open(&f, &o, 0);
	EXPECT_EQ(espalier_sa_add(f.dev, &sa, &first), 0);
	EXPECT_EQ(espalier_sa_del(f.dev, first), 0);
	EXPECT_EQ(espalier_sa_del(f.dev, first), -ENOENT);
	EXPECT_EQ(espalier_sa_query(f.dev, first, &info), -ENOENT);
	EXPECT_EQ(espalier_sa_update(f.dev, first, &none, 0), -ENOENT);
	/* 16 slots, 32767 generations: all the way round, never 0 */
	for (i = 0; i < 16 * 32767 - 1; i++) {
		if (espalier_sa_add(f.dev, &sa, &h) || h == first ||
		    !ESPALIER_HANDLE_GEN(h)) {
			CU_FAIL("add, or a generation was reused too early");
			break;
		}
		if (ESPALIER_HANDLE_GEN(h) > seen_max)
			seen_max = ESPALIER_HANDLE_GEN(h);
		if (espalier_sa_del(f.dev, h)) {
			CU_FAIL("del");
			break;
		}
	}
	EXPECT_EQ(seen_max, 32767);
	EXPECT_EQ(espalier_sa_add(f.dev, &sa, &h), 0);
	EXPECT_EQ(h, first);
	EXPECT_EQ(espalier_sa_query(f.dev, 0, &info), -ENOENT);
	EXPECT_EQ(espalier_sa_query(f.dev, 0xffffffff, &info), -ENOENT);
	fixture_close(&f);
}

static void duplicates(void)
{
	struct espalier_sa sa = sa_good(IN, 0x1000);
	uint32_t h, h2;
	struct fixture f;

	fixture_open(&f, NULL, 0);
	EXPECT_EQ(espalier_sa_add(f.dev, &sa, &h), 0);
	EXPECT_EQ(espalier_sa_add(f.dev, &sa, &h2), -EEXIST);
	CU_ASSERT_PTR_NOT_NULL(strstr(espalier_error(f.dev), "192.0.2.1"));
	/* another destination is another SA */
	sa.dst = addr4("192.0.2.77");
	EXPECT_EQ(espalier_sa_add(f.dev, &sa, &h2), 0);
	/* the same number in the other family is not */
	sa.src.family = AF_UNSPEC;
	sa.dst = addr6("::192.0.2.77");
	EXPECT_EQ(espalier_sa_add(f.dev, &sa, &h2), -EEXIST);
	/* outbound the SPI is the peer's */
	sa = sa_good(OUT, 0x1000);
	EXPECT_EQ(espalier_sa_add(f.dev, &sa, &h2), 0);
	EXPECT_EQ(espalier_sa_add(f.dev, &sa, &h2), 0);
	EXPECT_EQ(espalier_sa_del(f.dev, h), 0);
	sa = sa_good(IN, 0x1000);
	EXPECT_EQ(espalier_sa_add(f.dev, &sa, &h2), 0);
	fixture_close(&f);
}

static void to_the_last_slot(void)
{
	struct espalier_sa sa;
	struct fixture f;
	uint32_t h, i, n;

	fixture_open(&f, NULL, 0);
	for (i = 0; i < 1024; i++) {
		sa = sa_good(IN, 0x10000 + i * 0x10001);
		EXPECT_EQ(espalier_sa_add(f.dev, &sa, &h), 0);
		sa = sa_good(OUT, 0x1000 + i);
		EXPECT_EQ(espalier_sa_add(f.dev, &sa, &h), 0);
	}
	sa = sa_good(IN, 0x999);
	EXPECT_EQ(espalier_sa_add(f.dev, &sa, &h), -ENOSPC);
	CU_ASSERT_PTR_NOT_NULL(strstr(espalier_error(f.dev), "1024"));
	sa = sa_good(OUT, 0x999);
	EXPECT_EQ(espalier_sa_add(f.dev, &sa, &h), -ENOSPC);
	for (n = 0, h = 0; (h = espalier_sa_next(f.dev, h)) != 0;)
		n++;
	EXPECT_EQ(n, 2048);
	EXPECT_EQ(espalier_sa_flush(f.dev), 0);
	EXPECT_EQ(espalier_sa_next(f.dev, 0), 0);
	EXPECT_EQ(espalier_sa_add(f.dev, &sa, &h), 0);
	fixture_close(&f);
}

static void update_and_query(void)
{
	const struct espalier_limits l = { 10, 20, 30, 40 };
	const struct espalier_limits wrong = { 30, 20, 0, 0 };
	struct espalier_sa sa = sa_good(OUT, 0x1000);
	struct espalier_sa_entry *e;
	struct espalier_sa_info info;
	struct fixture f;
	uint32_t h;

	fixture_open(&f, NULL, 0);
	sa.seq = 77;
	EXPECT_EQ(espalier_sa_add(f.dev, &sa, &h), 0);
	e = (struct espalier_sa_entry *)entry(&f, h);
	e->seq[0] = 123; /* the device went on */
	e->seq[1] = 1;
	e->bytes[0] = 5000;
	e->packets[0] = 46;
	EXPECT_EQ(espalier_sa_update(f.dev, h, &l, 1300), 0);
	EXPECT_EQ(e->seq[0], 123);
	EXPECT_EQ(e->mtu_queue, 1300);
	EXPECT_EQ(e->hard_packets[0], 40);
	EXPECT_EQ(espalier_sa_update(f.dev, h, &wrong, 1300), -EINVAL);
	EXPECT_EQ(espalier_sa_update(f.dev, h, &l, 1), -EINVAL);
	EXPECT_EQ(espalier_sa_query(f.dev, h, &info), 0);
	EXPECT_EQ(info.handle, h);
	EXPECT_EQ(info.sa.seq, 0x10000007bull);
	EXPECT_EQ(info.sa.mtu, 1300);
	EXPECT_EQ(info.sa.limits.soft_packets, 30);
	EXPECT_EQ(info.bytes, 5000);
	EXPECT_EQ(info.packets, 46);
	EXPECT_EQ(info.status, ESPALIER_SA_ST_LIVE);
	fixture_close(&f);
}

/* The device refuses each operation of an installation in turn: nothing is
 * left behind, and the next attempt works. */
static void device_refuses(void)
{
	struct espalier_sa sa = sa_good(IN, 0x1000);
	struct fixture f;
	uint32_t h, i, slot;
	unsigned int after;

	fixture_open(&f, NULL, 0);
	for (after = 0; after < 3; after++) {
		espalier_null_refuse(f.null, after, ESPALIER_RES_VALUE);
		EXPECT_EQ(espalier_sa_add(f.dev, &sa, &h), -EINVAL);
		EXPECT_EQ(espalier_sa_next(f.dev, 0), 0);
		for (slot = 0; slot < 4; slot++) {
			for (i = 0; i < 10; i++)
				EXPECT_EQ(espalier_null_entry(
						  f.null, ESPALIER_TBL_KEY_IN,
						  slot)[i],
					  0);
			EXPECT_EQ(((const struct espalier_sa_entry *)
					   espalier_null_entry(
						   f.null, ESPALIER_TBL_SA_IN,
						   slot))
						  ->status &
					  ESPALIER_SA_ST_LIVE,
				  0);
		}
	}
	EXPECT_EQ(espalier_sa_add(f.dev, &sa, &h), 0);
	espalier_null_refuse(f.null, 1, ESPALIER_RES_PARITY);
	EXPECT_EQ(espalier_sa_del(f.dev, h), -EBADMSG);
	EXPECT_EQ(espalier_sa_del(f.dev, h), 0);
	fixture_close(&f);
}

static void device_hangs(void)
{
	struct espalier_sa sa = sa_good(OUT, 0x1000);
	struct fixture f;
	uint32_t h;

	fixture_open(&f, NULL, 0);
	espalier_null_refuse(f.null, 0, -1);
	EXPECT_EQ(espalier_sa_add(f.dev, &sa, &h), -ETIMEDOUT);
	espalier_null_refuse(f.null, 1000000, 0); /* it moves again */
	EXPECT_EQ(espalier_sa_add(f.dev, &sa, &h), 0);
	fixture_close(&f);
}

static void corrupted_entry(void)
{
	struct espalier_sa sa = sa_good(IN, 0x1000);
	struct espalier_sa_info info;
	struct fixture f;
	uint32_t h;

	fixture_open(&f, NULL, 0);
	EXPECT_EQ(espalier_sa_add(f.dev, &sa, &h), 0);
	espalier_null_refuse(f.null, 0, ESPALIER_RES_PARITY);
	EXPECT_EQ(espalier_sa_query(f.dev, h, &info), 0);
	EXPECT_EQ(info.status, ESPALIER_SA_ST_PARITY);
	EXPECT_EQ(info.sa.spi, 0x1000);
	EXPECT_EQ(espalier_sa_del(f.dev, h), 0);
	fixture_close(&f);
}

static const struct test_case cases[] = {
	{ "encoding_out", encoding_out },
	{ "encoding_in", encoding_in },
	{ "order_of_writes", order_of_writes },
	{ "keys_are_gone", keys_are_gone },
	{ "handles_grow_stale", handles_grow_stale },
	{ "duplicates", duplicates },
	{ "to_the_last_slot", to_the_last_slot },
	{ "update_and_query", update_and_query },
	{ "device_refuses", device_refuses },
	{ "device_hangs", device_hangs },
	{ "corrupted_entry", corrupted_entry },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	return suite_run("test_sa", cases, argc, argv);
}
