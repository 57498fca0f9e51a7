// SPDX-License-Identifier: Apache-2.0
/* Events, statistics, reset and restore. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <espalier_regs.h>
#include "fixture.h"

static void in_order(void)
{
	struct pollfd pfd = { .events = POLLIN };
	struct espalier_event ev;
	struct fixture f;
	uint32_t i;

	fixture_open(&f, NULL, 0);
	pfd.fd = espalier_event_fd(f.dev);
	CU_ASSERT_FATAL(pfd.fd >= 0);
	EXPECT_EQ(espalier_event_get(f.dev, &ev), 0);
	EXPECT_EQ(poll(&pfd, 1, 0), 0);
	for (i = 0; i < 5; i++)
		espalier_null_event(f.null, ESPALIER_EV_SOFT_BYTES,
				    0x00010000 + i, i);
	EXPECT_EQ(poll(&pfd, 1, 0), 1);
	for (i = 0; i < 5; i++) {
		EXPECT_EQ(espalier_event_get(f.dev, &ev), 1);
		EXPECT_EQ(ev.type, ESPALIER_EV_SOFT_BYTES);
		EXPECT_EQ(ev.sa, 0x00010000 + i);
		EXPECT_EQ(ev.info, i);
		EXPECT_EQ(ev.policy, 0);
	}
	EXPECT_EQ(espalier_event_get(f.dev, &ev), 0);
	EXPECT_EQ(poll(&pfd, 1, 0), 0);
	fixture_close(&f);
}

static void overflow(void)
{
	struct espalier_event ev;
	struct fixture f;
	unsigned int i, n = 0;
	int ret, lost = 0;

	fixture_open(&f, NULL, 0);
	for (i = 0; i < 100; i++)
		espalier_null_event(f.null, ESPALIER_EV_HARD_PACKETS, 1, i);
	while ((ret = espalier_event_get(f.dev, &ev)) != 0) {
		if (ret == -EOVERFLOW) {
			lost++;
			continue;
		}
		EXPECT_EQ(ret, 1);
		EXPECT_EQ(ev.info, n); /* the oldest are kept, in order */
		n++;
		if (n > 200)
			break;
	}
	EXPECT_EQ(lost, 1);
	EXPECT_EQ(n, 32);
	/* and it works again */
	espalier_null_event(f.null, ESPALIER_EV_PARITY, 0, 3);
	EXPECT_EQ(espalier_event_get(f.dev, &ev), 1);
	EXPECT_EQ(ev.type, ESPALIER_EV_PARITY);
	EXPECT_EQ(espalier_event_get(f.dev, &ev), 0);
	fixture_close(&f);
}

/* The device speaks of table indices, which move; the caller of ids. */
static void acquire_names_the_policy(void)
{
	struct espalier_policy p =
		policy_any(ESPALIER_DIR_OUT, ESPALIER_PROTECT, 10);
	struct espalier_event ev;
	struct fixture f;
	uint32_t a, b, c;

	fixture_open(&f, NULL, 0);
	EXPECT_EQ(espalier_policy_add(f.dev, &p, &a), 0);
	p.priority = 20;
	EXPECT_EQ(espalier_policy_add(f.dev, &p, &b), 0);
	espalier_null_event(f.null, ESPALIER_EV_ACQUIRE, 0, 1);
	espalier_null_event(f.null, ESPALIER_EV_ACQUIRE, 0, 0);
	espalier_null_event(f.null, ESPALIER_EV_ACQUIRE, 0, 99);
	p.priority = 1;
	EXPECT_EQ(espalier_policy_add(f.dev, &p, &c), 0); /* all move up */
	EXPECT_EQ(espalier_policy_del(f.dev, a), 0);
	espalier_null_event(f.null, ESPALIER_EV_ACQUIRE, 0, 0);
	EXPECT_EQ(espalier_event_get(f.dev, &ev), 1);
	EXPECT_EQ(ev.policy, b);
	EXPECT_EQ(espalier_event_get(f.dev, &ev), 1);
	EXPECT_EQ(ev.policy, 0); /* a, deleted since */
	EXPECT_EQ(espalier_event_get(f.dev, &ev), 1);
	EXPECT_EQ(ev.policy, 0); /* no such index */
	EXPECT_EQ(espalier_event_get(f.dev, &ev), 1);
	EXPECT_EQ(ev.policy, c);
	EXPECT_EQ(espalier_event_get(f.dev, &ev), 0);
	fixture_close(&f);
}

static void queue_that_stopped(void)
{
	struct espalier_seg seg = { 0, 60 };
	struct espalier_txpkt pkt = { &seg, 1, 0, NULL };
	struct espalier_txdone d;
	struct espalier_event ev;
	struct espalier_dma mem;
	struct fixture f;

	fixture_open(&f, NULL, 0);
	EXPECT_EQ(espalier_dma_alloc(f.dev, 64, &mem), 0);
	seg.dma = mem.iova;
	espalier_null_stop(f.null, 2);
	EXPECT_EQ(espalier_tx_burst(f.dev, 2, &pkt, 1), 1); /* not known yet */
	EXPECT_EQ(espalier_event_get(f.dev, &ev), 1);
	EXPECT_EQ(ev.type, ESPALIER_EV_DMA_ERROR);
	EXPECT_EQ(ev.info, 2);
	EXPECT_EQ(espalier_tx_burst(f.dev, 2, &pkt, 1), -EIO);
	EXPECT_EQ(espalier_tx_burst(f.dev, 1, &pkt, 1), 1);
	EXPECT_EQ(espalier_queue_reset(f.dev, 2), 0);
	EXPECT_EQ(espalier_tx_done(f.dev, 2, &d, 1), 1);
	EXPECT_EQ(d.code, ESPALIER_TX_RESET);
	EXPECT_EQ(espalier_tx_burst(f.dev, 2, &pkt, 1), 1);
	EXPECT_EQ(espalier_tx_done(f.dev, 2, &d, 1), 1);
	EXPECT_EQ(d.code, ESPALIER_TX_PROTECTED);
	/* a queue that does not exist harms nobody */
	espalier_null_event(f.null, ESPALIER_EV_DMA_ERROR, 0, 1000);
	EXPECT_EQ(espalier_event_get(f.dev, &ev), 1);
	espalier_dma_free(f.dev, &mem);
	EXPECT_EQ(espalier_dma_alloc(f.dev, 0, &mem), -EINVAL);
	CU_ASSERT(espalier_dma_alloc(f.dev, SIZE_MAX, &mem) < 0);
	fixture_close(&f);
}

static void statistics(void)
{
	struct espalier_stats s;
	uint8_t frame[64] = { 0 };
	uint64_t in = 0, out = 0;
	struct fixture f;
	uint32_t v;
	int i;

	fixture_open(&f, NULL, 0);
	for (i = 0; i < 100; i++)
		espalier_null_receive(
			f.null, 0, frame, 64,
			i % 3 ? ESPALIER_RX_REPLAY : ESPALIER_RX_BYPASSED, 0);
	EXPECT_EQ(espalier_get_stats(f.dev, &s), 0);
	EXPECT_EQ(s.code[ESPALIER_RX_IN].packets, 100);
	EXPECT_EQ(s.code[ESPALIER_RX_IN].bytes, 6400);
	in = s.code[ESPALIER_RX_IN].packets;
	for (i = 0x20; i < ESPALIER_CODE_COUNT; i++)
		if (i != ESPALIER_RX_IN)
			out += s.code[i].packets;
	EXPECT_EQ(in, out);
	CU_ASSERT(s.code[ESPALIER_RX_REPLAY].packets > 30);
	espalier_null_refuse(f.null, 3, ESPALIER_RES_OP);
	EXPECT_EQ(espalier_get_stats(f.dev, &s), -EOPNOTSUPP);
	EXPECT_EQ(espalier_reg_read(f.dev, ESPALIER_REG_ID, &v), 0);
	EXPECT_EQ(v, 0x45535031);
	EXPECT_EQ(espalier_reg_read(f.dev, 2, &v), -EINVAL);
	EXPECT_EQ(espalier_reg_read(f.dev, 0x1400, &v), -EINVAL);
	EXPECT_EQ(espalier_reg_read(f.dev, 0x13fc, &v), 0);
	EXPECT_EQ(espalier_reg_read(f.dev, 0xfffffffc, &v), -EINVAL);
	fixture_close(&f);
}

struct lost {
	uint32_t handle[8];
	unsigned int n;
};

static void on_lost(void *arg, uint32_t handle)
{
	struct lost *l = arg;

	if (l->n < 8)
		l->handle[l->n] = handle;
	l->n++;
}

static void reset_with_tables(void)
{
	struct espalier_sa sa = sa_good(ESPALIER_DIR_OUT, 0x1000);
	struct lost lost = { .n = 0 };
	struct espalier_sa_info info;
	struct fixture f;
	uint32_t h;

	fixture_open(&f, NULL, 0);
	EXPECT_EQ(espalier_sa_add(f.dev, &sa, &h), 0);
	EXPECT_EQ(espalier_reset(f.dev, on_lost, &lost), 0);
	EXPECT_EQ(lost.n, 0);
	EXPECT_EQ(espalier_sa_query(f.dev, h, &info), 0);
	EXPECT_EQ(info.status, ESPALIER_SA_ST_LIVE);
	fixture_close(&f);
}

static void reset_without_tables(void)
{
	const struct espalier_coalesce coal = { 2, 11, 3, 22, 4, 33 };
	struct espalier_sa out = sa_good(ESPALIER_DIR_OUT, 0x1000);
	struct espalier_sa in = sa_good(ESPALIER_DIR_IN, 0x2000);
	struct espalier_policy p =
		policy_any(ESPALIER_DIR_OUT, ESPALIER_PROTECT, 5);
	struct lost lost = { .n = 0 };
	struct espalier_sa_info info;
	const struct espalier_spd_entry *e;
	uint32_t h[2], id[3], again, i;
	struct espalier_seg seg = { 0, 60 };
	struct espalier_txpkt pkt = { &seg, 1, 0, (void *)9 };
	struct espalier_txdone d[2];
	struct espalier_bus *bus;
	struct espalier_dma mem;
	uint8_t spd[3][80];
	struct fixture f;

	const struct espalier_null_opts o = { .mode = ESPALIER_NULL_HOLD };

	fixture_open(&f, &o, 0);
	bus = espalier_null_bus(f.null);
	EXPECT_EQ(espalier_sa_add(f.dev, &out, &h[0]), 0);
	EXPECT_EQ(espalier_sa_add(f.dev, &in, &h[1]), 0);
	for (i = 0; i < 3; i++) {
		p.sa = i ? 0 : h[0];
		p.priority = 5 - i;
		EXPECT_EQ(espalier_policy_add(f.dev, &p, &id[i]), 0);
	}
	for (i = 0; i < 3; i++)
		memcpy(spd[i], espalier_null_entry(f.null, ESPALIER_TBL_SPD, i),
		       80);
	EXPECT_EQ(espalier_set_options(f.dev, ESPALIER_OPT_PROMISC), 0);
	EXPECT_EQ(espalier_queue_coalesce(f.dev, 3, &coal), 0);
	EXPECT_EQ(espalier_dma_alloc(f.dev, 64, &mem), 0);
	seg.dma = mem.iova;
	EXPECT_EQ(espalier_tx_burst(f.dev, 0, &pkt, 1), 1);

	espalier_null_power_cycle(f.null);
	EXPECT_EQ(espalier_reset(f.dev, on_lost, &lost), 2);
	EXPECT_EQ(lost.n, 2);
	EXPECT_EQ(lost.handle[0], h[0]);
	EXPECT_EQ(lost.handle[1], h[1]);
	for (i = 0; i < 2; i++)
		EXPECT_EQ(espalier_sa_query(f.dev, h[i], &info), -ENOENT);
	/* what was in flight ends */
	EXPECT_EQ(espalier_tx_done(f.dev, 0, d, 2), 1);
	EXPECT_EQ((uintptr_t)d[0].cookie, 9);
	EXPECT_EQ(d[0].code, ESPALIER_TX_RESET);
	/* policies, switches, coalescing, address are there again */
	for (i = 0; i < 3; i++)
		CU_ASSERT(!memcmp(
			spd[i],
			espalier_null_entry(f.null, ESPALIER_TBL_SPD, i), 80));
	e = (const void *)espalier_null_entry(f.null, ESPALIER_TBL_SPD, 2);
	EXPECT_EQ(e->handle, h[0]); /* stale: ends as TX_NO_STATE */
	EXPECT_EQ(bus->ops->read32(bus, ESPALIER_REG_CTRL), 0x41);
	EXPECT_EQ(bus->ops->read32(bus, ESPALIER_REG_MAC_LO), 0x50534502);
	EXPECT_EQ(bus->ops->read32(bus, ESPALIER_REG_Q_TX_COAL(3)), 0xb02);
	EXPECT_EQ(bus->ops->read32(bus, ESPALIER_REG_IRQ_ENABLE), 3);
	/* the same SAs get new handles, and find a place in the hash */
	EXPECT_EQ(espalier_sa_add(f.dev, &in, &again), 0);
	CU_ASSERT(again != h[1]);
	EXPECT_EQ(espalier_sa_add(f.dev, &out, &again), 0);
	CU_ASSERT(again != h[0]);
	EXPECT_EQ(espalier_policy_set_sa(f.dev, id[0], again), 0);
	EXPECT_EQ(espalier_tx_burst(f.dev, 0, &pkt, 1), 1);
	EXPECT_EQ(espalier_null_complete(f.null, 0, 1, ESPALIER_TX_PROTECTED),
		  1);
	EXPECT_EQ(espalier_tx_done(f.dev, 0, d, 2), 1);
	/* once is enough */
	EXPECT_EQ(espalier_reset(f.dev, NULL, NULL), 0);
	espalier_dma_free(f.dev, &mem);
	fixture_close(&f);
}

/* Stopped: the port is shut, the queues refuse, SAs can still be asked. */
static void stop_and_reset(void)
{
	struct espalier_sa sa = sa_good(ESPALIER_DIR_OUT, 0x1000);
	struct espalier_seg seg = { 0, 60 };
	struct espalier_txpkt pkt = { &seg, 1, 0, NULL };
	struct espalier_rxpkt rx;
	struct espalier_txdone d;
	struct espalier_sa_info info;
	struct espalier_bus *bus;
	struct espalier_dma mem;
	struct fixture f;
	uint32_t h;

	fixture_open(&f, NULL, 0);
	bus = espalier_null_bus(f.null);
	EXPECT_EQ(espalier_dma_alloc(f.dev, 64, &mem), 0);
	seg.dma = mem.iova;
	EXPECT_EQ(espalier_sa_add(f.dev, &sa, &h), 0);
	EXPECT_EQ(espalier_set_options(f.dev, ESPALIER_OPT_PROMISC), 0);
	EXPECT_EQ(espalier_stop(f.dev), 0);
	EXPECT_EQ(bus->ops->read32(bus, ESPALIER_REG_CTRL),
		  ESPALIER_CTRL_PROMISC_MASK);
	EXPECT_EQ(bus->ops->read32(bus, ESPALIER_REG_Q_TX_CTRL(0)), 0);
	EXPECT_EQ(espalier_tx_burst(f.dev, 0, &pkt, 1), -EIO);
	EXPECT_EQ(espalier_rx_burst(f.dev, 0, &rx, 1), -EIO);
	EXPECT_EQ(espalier_sa_query(f.dev, h, &info), 0);
	EXPECT_EQ(espalier_stop(f.dev), 0); /* once more is no mistake */
	EXPECT_EQ(espalier_reset(f.dev, NULL, NULL), 0);
	EXPECT_EQ(bus->ops->read32(bus, ESPALIER_REG_CTRL),
		  ESPALIER_CTRL_PROMISC_MASK | ESPALIER_CTRL_ENABLE_MASK);
	EXPECT_EQ(espalier_tx_burst(f.dev, 0, &pkt, 1), 1);
	EXPECT_EQ(espalier_tx_done(f.dev, 0, &d, 1), 1);
	espalier_dma_free(f.dev, &mem);
	fixture_close(&f);
}

/* The handle of an SA that was lost is not given to another. */
static void lost_handles_stay_stale(void)
{
	const struct espalier_null_opts o = { .sa_entries = 16 };
	struct espalier_sa sa = sa_good(ESPALIER_DIR_OUT, 0x1000);
	uint32_t old[16], h, i, j;
	struct fixture f;

	fixture_open(&f, &o, 0);
	for (i = 0; i < 16; i++)
		EXPECT_EQ(espalier_sa_add(f.dev, &sa, &old[i]), 0);
	espalier_null_power_cycle(f.null);
	EXPECT_EQ(espalier_reset(f.dev, NULL, NULL), 16);
	for (i = 0; i < 16; i++) {
		EXPECT_EQ(espalier_sa_add(f.dev, &sa, &h), 0);
		for (j = 0; j < 16; j++)
			CU_ASSERT(h != old[j]);
	}
	fixture_close(&f);
}

static void names(void)
{
	CU_ASSERT_STRING_EQUAL(espalier_event_name(ESPALIER_EV_ACQUIRE),
			       "acquire");
	CU_ASSERT_PTR_NULL(espalier_event_name((enum espalier_event_type)0));
	CU_ASSERT_PTR_NULL(espalier_event_name((enum espalier_event_type)99));
	CU_ASSERT(strchr(espalier_version(), '.') != NULL);
	CU_ASSERT_STRING_EQUAL(espalier_error(NULL), "");
}

static const struct test_case cases[] = {
	{ "in_order", in_order },
	{ "overflow", overflow },
	{ "acquire_names_the_policy", acquire_names_the_policy },
	{ "queue_that_stopped", queue_that_stopped },
	{ "statistics", statistics },
	{ "reset_with_tables", reset_with_tables },
	{ "reset_without_tables", reset_without_tables },
	{ "stop_and_reset", stop_and_reset },
	{ "lost_handles_stay_stale", lost_handles_stay_stale },
	{ "names", names },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	return suite_run("test_event", cases, argc, argv);
}
