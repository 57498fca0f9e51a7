// SPDX-License-Identifier: Apache-2.0
/*
 * A device that is ill: registers that say what cannot be, resets that do not
 * end, tables that refuse. Each gets its own sentence, nothing stays allocated
 * or half done, and when the device is well again so is the driver.
 */
#include <errno.h>
#include <string.h>
#include <espalier_regs.h>
#include "fixture.h"
#include "sa_hash.h"

#define FAULTS 4

/* Between driver and device: reads of some registers have other bits. */
struct ill {
	struct espalier_bus bus;
	struct espalier_bus *inner;
	struct {
		uint32_t off, clear, set;
	} fault[FAULTS];
	unsigned int n;
};

static struct ill *ill_of(struct espalier_bus *bus)
{
	return (struct ill *)bus; /* its first member */
}

static uint32_t ill_read(struct espalier_bus *bus, uint32_t off)
{
	struct ill *x = ill_of(bus);
	uint32_t v = x->inner->ops->read32(x->inner, off);
	unsigned int i;

	for (i = 0; i < x->n; i++)
		if (x->fault[i].off == off)
			v = (v & ~x->fault[i].clear) | x->fault[i].set;
	return v;
}

static void ill_write(struct espalier_bus *bus, uint32_t off, uint32_t val)
{
	struct espalier_bus *b = ill_of(bus)->inner;

	b->ops->write32(b, off, val);
}

static int ill_alloc(struct espalier_bus *bus, size_t size, size_t align,
		     struct espalier_dma *dma)
{
	struct espalier_bus *b = ill_of(bus)->inner;

	return b->ops->dma_alloc(b, size, align, dma);
}

static void ill_free(struct espalier_bus *bus, struct espalier_dma *dma)
{
	struct espalier_bus *b = ill_of(bus)->inner;

	b->ops->dma_free(b, dma);
}

static int ill_irq_fd(struct espalier_bus *bus, unsigned int vector)
{
	struct espalier_bus *b = ill_of(bus)->inner;

	return b->ops->irq_fd(b, vector);
}

static int ill_irq_ack(struct espalier_bus *bus, unsigned int vector)
{
	struct espalier_bus *b = ill_of(bus)->inner;

	return b->ops->irq_ack(b, vector);
}

static void ill_close(struct espalier_bus *bus)
{
	(void)bus;
}

static const struct espalier_bus_ops ill_ops = {
	.read32 = ill_read,
	.write32 = ill_write,
	.dma_alloc = ill_alloc,
	.dma_free = ill_free,
	.irq_fd = ill_irq_fd,
	.irq_ack = ill_irq_ack,
	.close = ill_close,
};

static struct espalier_null *null;
static struct espalier_dev *dev;
static struct ill ill;
static struct espalier_err err;

static void device(const struct espalier_null_opts *opts)
{
	memset(&ill, 0, sizeof(ill));
	CU_ASSERT_EQUAL_FATAL(espalier_null_create(opts, &null), 0);
	espalier_null_keep(null);
	ill.bus = (struct espalier_bus){ .ops = &ill_ops, .name = "ill" };
	ill.inner = espalier_null_bus(null);
}

static void fault(uint32_t off, uint32_t clear, uint32_t set)
{
	ill.fault[ill.n].off = off;
	ill.fault[ill.n].clear = clear;
	ill.fault[ill.n++].set = set;
}

static int open_it(void)
{
	struct blob b;

	blob_make(&b, 4, NULL);
	err.text[0] = '\0';
	return espalier_open(b.data, b.size, NULL, &ill.bus, &dev, &err);
}

static void gone(void)
{
	struct espalier_null_counts counts;

	espalier_null_counts(null, &counts);
	EXPECT_EQ(counts.dma_live, 0);
	EXPECT_EQ(counts.violations, 0);
	espalier_null_destroy(null);
}

static void says(const char *text, const char *want)
{
	if (!strstr(text, want))
		printf("    \"%s\" does not say \"%s\"\n", text, want);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, want));
}

static void capabilities_that_cannot_be(void)
{
	static const struct {
		uint32_t off, set;
		int ret;
		const char *name, *value;
	} c[] = {
		{ ESPALIER_REG_VERSION, 0x00020003, -EPROTO, "VERSION", "2.3" },
		{ ESPALIER_REG_CAPS_SA, 0x04000000, -EPROTO, "CAPS_SA",
		  "0 SA" },
		{ ESPALIER_REG_CAPS_SA, 0x04000300, -EPROTO, "CAPS_SA", "768" },
		{ ESPALIER_REG_CAPS_SA, 0x04002000, -EPROTO, "CAPS_SA",
		  "8192" },
		{ ESPALIER_REG_CAPS_SPD, 0, -EPROTO, "CAPS_SPD", "0 pol" },
		{ ESPALIER_REG_CAPS_SPD, 5000, -EPROTO, "CAPS_SPD", "5000" },
		{ ESPALIER_REG_CAPS_QUEUE, 0x24000c00, -EPROTO, "CAPS_QUEUE",
		  "0 queue" },
		{ ESPALIER_REG_CAPS_QUEUE, 0x24000c06, -EPROTO, "CAPS_QUEUE",
		  "6 queue" },
		{ ESPALIER_REG_CAPS_QUEUE, 0x24000c20, -EPROTO, "CAPS_QUEUE",
		  "32 queue" },
		{ ESPALIER_REG_CAPS_QUEUE, 0x24000404, -EPROTO,
		  "espalier,tx-ring-size", "16" },
		{ ESPALIER_REG_CAPS, 0x0000007f, -EOPNOTSUPP, "CAPS",
		  "mgmt_core 1" },
	};

	for (size_t i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		device(NULL);
		fault(c[i].off, ~0u, c[i].set);
		EXPECT_EQ(open_it(), c[i].ret);
		CU_ASSERT_PTR_NULL(dev);
		says(err.text, c[i].name);
		says(err.text, c[i].value);
		ill.n = 0;
		EXPECT_EQ(open_it(), 0);
		espalier_close(dev);
		gone();
	}
}

static void initialisation_never_ends(void)
{
	device(NULL);
	fault(ESPALIER_REG_STATUS, ESPALIER_STATUS_INIT_DONE_MASK, 0);
	EXPECT_EQ(open_it(), -ETIMEDOUT);
	says(err.text, "STATUS");
	gone();
}

/* What another owner left must be got rid of, or the device is not ours. */
static void takeover_that_fails(void)
{
	struct espalier_sa sa = sa_good(ESPALIER_DIR_IN, 0x1000);
	struct espalier_dev *dead;
	uint32_t handle;

	device(NULL);
	EXPECT_EQ(open_it(), 0);
	dead = dev;
	EXPECT_EQ(espalier_sa_add(dead, &sa, &handle), 0);
	fault(ESPALIER_REG_Q_RX_CTRL(2), 0, ESPALIER_Q_RX_CTRL_RESET_MASK);
	EXPECT_EQ(open_it(), -ETIMEDOUT);
	says(err.text, "earlier owner cannot be stopped");
	ill.n = 0;
	espalier_null_refuse(null, 300, ESPALIER_RES_OP);
	EXPECT_EQ(open_it(), -EOPNOTSUPP);
	says(err.text, "earlier owner cannot be emptied");
	EXPECT_EQ(open_it(), 0);
	EXPECT_EQ(espalier_sa_next(dev, 0), 0);
	espalier_close(dev);
	espalier_close(dead); /* its memory; the device is past caring */
	gone();
}

static void send_one(int want)
{
	struct espalier_txpkt pkt = { .nsegs = 1 };
	struct espalier_txdone d;
	struct espalier_seg seg = { .len = 60 };
	struct espalier_dma mem;

	CU_ASSERT_EQUAL_FATAL(espalier_dma_alloc(dev, 64, &mem), 0);
	seg.dma = mem.iova;
	pkt.segs = &seg;
	EXPECT_EQ(espalier_tx_burst(dev, 1, &pkt, 1), want);
	if (want == 1) {
		EXPECT_EQ(espalier_tx_done(dev, 1, &d, 1), 1);
		EXPECT_EQ(d.code, ESPALIER_TX_PROTECTED);
	}
	espalier_dma_free(dev, &mem);
}

static void queue_reset_never_ends(void)
{
	struct espalier_rxpkt rx;

	device(NULL);
	EXPECT_EQ(open_it(), 0);
	fault(ESPALIER_REG_Q_TX_CTRL(1), 0, ESPALIER_Q_TX_CTRL_RESET_MASK);
	EXPECT_EQ(espalier_queue_reset(dev, 1), -ETIMEDOUT);
	says(espalier_error(dev), "queue 1");
	send_one(-EIO); /* not into a queue that may still be stopping */
	EXPECT_EQ(espalier_rx_burst(dev, 1, &rx, 1), -EIO);
	EXPECT_EQ(espalier_stop(dev), -ETIMEDOUT);
	EXPECT_EQ(espalier_reset(dev, NULL, NULL), -ETIMEDOUT);
	ill.n = 0;
	EXPECT_EQ(espalier_reset(dev, NULL, NULL), 0);
	send_one(1);
	espalier_close(dev);
	gone();
}

static void never_idle(void)
{
	device(NULL);
	EXPECT_EQ(open_it(), 0);
	fault(ESPALIER_REG_STATUS, ESPALIER_STATUS_IDLE_MASK, 0);
	EXPECT_EQ(espalier_stop(dev), -ETIMEDOUT);
	says(espalier_error(dev), "idle");
	ill.n = 0;
	EXPECT_EQ(espalier_stop(dev), 0);
	EXPECT_EQ(espalier_reset(dev, NULL, NULL), 0);
	send_one(1);
	espalier_close(dev);
	gone();
}

static void lose(void *arg, uint32_t handle)
{
	(void)handle;
	++*(int *)arg;
}

/* The reset is broken off in the middle: called again it goes through, SAs were
 * named once, and policies are all there. */
static void restore_that_fails(void)
{
	struct espalier_sa sa = sa_good(ESPALIER_DIR_OUT, 0x1000);
	struct espalier_policy p =
		policy_any(ESPALIER_DIR_IN, ESPALIER_BYPASS, 1);
	uint32_t handle, id[4];
	uint8_t spd[4][80];
	int lost = 0;

	device(NULL);
	EXPECT_EQ(open_it(), 0);
	EXPECT_EQ(espalier_sa_add(dev, &sa, &handle), 0);
	for (int i = 0; i < 4; i++)
		EXPECT_EQ(espalier_policy_add(dev, &p, &id[i]), 0);
	for (int i = 0; i < 4; i++)
		memcpy(spd[i], espalier_null_entry(null, ESPALIER_TBL_SPD, i),
		       80);
	espalier_null_power_cycle(null);
	fault(ESPALIER_REG_STATUS, ESPALIER_STATUS_INIT_DONE_MASK, 0);
	EXPECT_EQ(espalier_reset(dev, lose, &lost), -ETIMEDOUT);
	says(espalier_error(dev), "initialisation");
	EXPECT_EQ(lost, 0);
	ill.n = 0;
	espalier_null_refuse(null, 2, ESPALIER_RES_VALUE);
	EXPECT_EQ(espalier_reset(dev, lose, &lost), -EINVAL);
	says(espalier_error(dev), "SPD");
	EXPECT_EQ(lost, 1);
	EXPECT_EQ(espalier_reset(dev, lose, &lost), 0);
	EXPECT_EQ(lost, 1);
	for (int i = 0; i < 4; i++)
		CU_ASSERT(!memcmp(
			spd[i], espalier_null_entry(null, ESPALIER_TBL_SPD, i),
			80));
	send_one(1);
	espalier_close(dev);
	gone();
}

/* The fifth SA of one bucket pair has no place: its key is zero again, its slot
 * is free, and the four are as they were. */
static void hash_without_room(void)
{
	const struct espalier_null_opts o = { .sa_entries = 16 };
	struct espalier_sa sa = sa_good(ESPALIER_DIR_IN, 0);
	uint32_t dst[4] = { ntohl(sa.dst.v4.s_addr) }, handle[5], want = 0;
	int n = 0, ret = 0;

	device(&o);
	EXPECT_EQ(open_it(), 0);
	for (uint32_t spi = 256; n < 5; spi++) {
		uint32_t h = espi_sa_hash(spi, dst, 50) & 0x00ff00ff;

		if (!n)
			want = h;
		if (h != want)
			continue;
		sa.spi = spi;
		ret = espalier_sa_add(dev, &sa, &handle[n]);
		if (n++ < 4)
			EXPECT_EQ(ret, 0);
	}
	EXPECT_EQ(ret, -ENOSPC);
	says(espalier_error(dev), "hash of inbound SAs");
	for (unsigned int slot = 0; slot < 16; slot++) {
		const uint32_t *key =
			espalier_null_entry(null, ESPALIER_TBL_KEY_IN, slot);
		const struct espalier_sa_entry *e =
			(const void *)espalier_null_entry(
				null, ESPALIER_TBL_SA_IN, slot);
		bool used = false;

		for (int i = 0; i < 4; i++)
			used |= ESPALIER_HANDLE_SLOT(handle[i]) == slot;
		EXPECT_EQ(e->status & ESPALIER_SA_ST_LIVE, used);
		for (int i = 0; !used && i < 10; i++)
			EXPECT_EQ(key[i], 0);
	}
	/* one goes, and there is room */
	EXPECT_EQ(espalier_sa_del(dev, handle[1]), 0);
	EXPECT_EQ(espalier_sa_add(dev, &sa, &handle[1]), 0);
	/* all sixteen slots are there: none was lost on the way */
	for (uint32_t spi = 0x10000000; n < 5 + 12; spi++) {
		sa.spi = spi;
		ret = espalier_sa_add(dev, &sa, &handle[4]);
		if (!ret)
			n++;
		else
			says(espalier_error(dev), "hash of inbound SAs");
	}
	sa.spi++;
	EXPECT_EQ(espalier_sa_add(dev, &sa, &handle[4]), -ENOSPC);
	says(espalier_error(dev), "all 16 SAs");
	espalier_close(dev);
	gone();
}

/* The receive half alone has stopped. */
static void receive_half_stops(void)
{
	struct espalier_event ev;
	struct espalier_rxpkt rx;

	device(NULL);
	EXPECT_EQ(open_it(), 0);
	fault(ESPALIER_REG_Q_RX_STATUS(1), 0, ESPALIER_Q_RX_STATUS_ERROR_MASK);
	espalier_null_event(null, ESPALIER_EV_DMA_ERROR, 0,
			    ESPALIER_EV_DMA_RX | 1);
	EXPECT_EQ(espalier_event_get(dev, &ev), 1);
	EXPECT_EQ(ev.type, ESPALIER_EV_DMA_ERROR);
	EXPECT_EQ(espalier_rx_burst(dev, 1, &rx, 1), -EIO);
	EXPECT_EQ(espalier_rx_burst(dev, 0, &rx, 1), 0);
	send_one(1);
	ill.n = 0;
	EXPECT_EQ(espalier_queue_reset(dev, 1), 0);
	EXPECT_EQ(espalier_rx_burst(dev, 1, &rx, 1), 0);
	espalier_close(dev);
	gone();
}

static void table_results(void)
{
	static const struct {
		enum espalier_tbl_result res;
		int ret;
	} r[] = {
		{ ESPALIER_RES_EXISTS, -EEXIST },
		{ ESPALIER_RES_INDEX, -ERANGE },
		{ ESPALIER_RES_OP, -EOPNOTSUPP },
		{ 15, -EIO },
	};
	struct espalier_sa sa = sa_good(ESPALIER_DIR_OUT, 0x1000);
	uint32_t h;

	device(NULL);
	EXPECT_EQ(open_it(), 0);
	for (size_t i = 0; i < sizeof(r) / sizeof(r[0]); i++) {
		espalier_null_refuse(null, 0, r[i].res);
		EXPECT_EQ(espalier_sa_add(dev, &sa, &h), r[i].ret);
		says(espalier_error(dev), "KEY_OUT");
	}
	/* while one operation hangs no other is begun */
	espalier_null_refuse(null, 0, -1);
	EXPECT_EQ(espalier_sa_add(dev, &sa, &h), -ETIMEDOUT);
	EXPECT_EQ(espalier_sa_add(dev, &sa, &h), -EBUSY);
	says(espalier_error(dev), "earlier operation");
	espalier_null_refuse(null, 1000000, 0);
	EXPECT_EQ(espalier_sa_add(dev, &sa, &h), 0);
	espalier_close(dev);
	gone();
}

static const struct test_case cases[] = {
	{ "capabilities_that_cannot_be", capabilities_that_cannot_be },
	{ "initialisation_never_ends", initialisation_never_ends },
	{ "takeover_that_fails", takeover_that_fails },
	{ "queue_reset_never_ends", queue_reset_never_ends },
	{ "never_idle", never_idle },
	{ "restore_that_fails", restore_that_fails },
	{ "hash_without_room", hash_without_room },
	{ "receive_half_stops", receive_half_stops },
	{ "table_results", table_results },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	return suite_run("test_fault", cases, argc, argv);
}
