// SPDX-License-Identifier: Apache-2.0
/* Opening: good blobs, bad blobs, hostile blobs, other devices. */
#include <errno.h>
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>
#include <espalier_regs.h>
#include "fixture.h"
#include "rng.h"

/* Open on a fresh default device; the sentence in @err. */
static int try_open(const void *dtb, size_t size, const char *path,
		    struct espalier_err *err)
{
	struct espalier_null_counts counts;
	struct espalier_null *null;
	struct espalier_dev *dev;
	int ret;

	CU_ASSERT_EQUAL_FATAL(espalier_null_create(NULL, &null), 0);
	espalier_null_keep(null);
	memset(err, 0x55, sizeof(*err));
	ret = espalier_open(dtb, size, path, espalier_null_bus(null), &dev,
			    err);
	CU_ASSERT_PTR_NOT_NULL(memchr(err->text, 0, sizeof(err->text)));
	if (!ret) {
		espalier_close(dev);
	} else {
		CU_ASSERT_PTR_NULL(dev);
		CU_ASSERT(strlen(err->text) > 10);
		CU_ASSERT_PTR_NULL(strchr(err->text, '\n'));
	}
	espalier_null_counts(null, &counts);
	EXPECT_EQ(counts.dma_live, 0);
	espalier_null_destroy(null);
	return ret;
}

static void good_blob(void)
{
	struct espalier_caps caps;
	struct fixture f;

	fixture_open(&f, NULL, 128);
	espalier_get_caps(f.dev, &caps);
	EXPECT_EQ(caps.queues, 4);
	EXPECT_EQ(caps.tx_ring, 128);
	EXPECT_EQ(caps.rx_ring, 128);
	EXPECT_EQ(caps.buf_size, 2048);
	EXPECT_EQ(caps.sa_entries, 1024);
	EXPECT_EQ(caps.spd_entries, 256);
	EXPECT_EQ(caps.window_min, 32);
	EXPECT_EQ(caps.window_max, 1024);
	EXPECT_EQ(caps.icv_algs, 7);
	EXPECT_EQ(caps.frame_max, ESPALIER_FRAME_MAX);
	CU_ASSERT(caps.key128 && caps.key256 && caps.esn && caps.tunnel &&
		  caps.transport && caps.ipv4 && caps.ipv6);
	CU_ASSERT(!memcmp(caps.mac, "\x02\x45\x53\x50\x00\x01", 6));
	CU_ASSERT_STRING_EQUAL(espalier_error(f.dev), "");
	fixture_close(&f);
}

static void by_path_and_alias(void)
{
	struct espalier_err err;
	struct blob b;

	blob_make(&b, 4, NULL);
	EXPECT_EQ(try_open(b.data, b.size, NULL, &err), 0);
	EXPECT_EQ(try_open(b.data, b.size, BLOB_PATH, &err), 0);
	EXPECT_EQ(try_open(b.data, b.size, "ethernet0", &err), 0);
	EXPECT_EQ(try_open(b.data, b.size, "/soc/ethernet@50000000", &err),
		  -ENODEV);
	EXPECT_EQ(try_open(b.data, b.size, "ethernet1", &err), -ENODEV);
	EXPECT_EQ(try_open(b.data, b.size, "/soc", &err), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "compatible"));
	/* without a place for the sentence */
	EXPECT_EQ(try_open(b.data, b.size, "", &err) < 0, 1);
}

static const uint8_t one[4] = { 0, 0, 0, 1 };
static const uint8_t big[8] = { 0xff, 0xff, 0xff, 0xff, 0xff };

#define STR(s) s, sizeof(s)
static const struct {
	struct blob_change change;
	int ret;
	const char *says; /* besides the node */
} bad[] = {
	{ { "compatible", STR("espalier,inline-ipsec-2.0") }, -ENODEV, NULL },
	{ { "compatible", NULL, 0 }, -ENODEV, NULL },
	{ { "status", STR("disabled") }, -ENODEV, "disabled" },
	{ { "reg", NULL, 0 }, -EINVAL, "missing" },
	{ { "reg", "\x40\0\0\0", 4 }, -EINVAL, "length" },
	{ { "reg", "", 0 }, -EINVAL, "length" },
	{ { "reg", "\x40\0\0\0\0\1\0\0\x50\0\0\0\0\1\0\0", 16 },
	  -EINVAL,
	  "more than one" },
	{ { "reg", "\x40\0\0\4\0\1\0\0", 8 }, -EINVAL, "4096" },
	{ { "reg", "\x40\0\0\0\0\0\x13\xff", 8 }, -EINVAL, "0x1400" },
	{ { "reg", "\x40\0\0\0\0\0\0\0", 8 }, -EINVAL, "empty" },
	{ { "reg-names", STR("registers") }, -EINVAL, "regs" },
	{ { "reg-names", STR("regs\0more") }, -EINVAL, "regs" },
	{ { "reg-names", "regs", 4 }, -EINVAL, "regs" },
	{ { "interrupts", NULL, 0 }, -EINVAL, "missing" },
	{ { "interrupts", one, 4 }, -EINVAL, "20" },
	{ { "interrupts", one, 3 }, -EINVAL, "20" },
	{ { "interrupt-names", NULL, 0 }, -EINVAL, "missing" },
	{ { "interrupt-names", STR("mgmt\0queue0") }, -EINVAL, "2 names" },
	{ { "interrupt-names", STR("queue0\0mgmt\0queue1\0queue2\0queue3") },
	  -EINVAL,
	  "mgmt" },
	{ { "interrupt-names", STR("mgmt\0queue0\0queue1\0queue2\0queue4") },
	  -EINVAL,
	  "queue3" },
	{ { "interrupt-names", "mgmt", 4 }, -EINVAL, "strings" },
	{ { "interrupt-parent", big, 4 }, -EINVAL, "no node" },
	{ { "interrupt-parent", big, 2 }, -EINVAL, "phandle" },
	{ { "memory-region", big, 4 }, -EINVAL, "no node" },
	{ { "memory-region", big, 5 }, -EINVAL, "5 bytes" },
	{ { "memory-region", one, 4 }, -EINVAL, "reg" },
	{ { "dma-coherent", one, 4 }, -EINVAL, "flag" },
	{ { "local-mac-address", one, 4 }, -EINVAL, "6" },
	{ { "local-mac-address", "\1\2\3\4\5\6", 6 }, -EINVAL, "group" },
	{ { "local-mac-address", "\0\0\0\0\0\0", 6 }, -EINVAL, "zero" },
	{ { "mac-address", "\xff\xff\xff\xff\xff\xff", 6 }, -EINVAL, "group" },
	{ { "espalier,num-queues", NULL, 0 }, -EINVAL, "missing" },
	{ { "espalier,num-queues", "\0\0\0\0", 4 }, -EINVAL, "1 to 16" },
	{ { "espalier,num-queues", "\0\0\0\3", 4 }, -EINVAL, "power of two" },
	{ { "espalier,num-queues", "\0\0\0\x20", 4 }, -EINVAL, "1 to 16" },
	{ { "espalier,num-queues", "\0\0\0\4", 3 }, -EINVAL, "3 bytes" },
	{ { "espalier,num-queues", "\0\0\0\0\0\0\0\4", 8 },
	  -EINVAL,
	  "8 bytes" },
	{ { "espalier,num-queues", big, 4 }, -EINVAL, "4294967295" },
	{ { "espalier,tx-ring-size", "\0\0\0\4", 4 }, -EINVAL, "8 to 4096" },
	{ { "espalier,tx-ring-size", "\0\0\0\x09", 4 }, -EINVAL, "power" },
	{ { "espalier,rx-ring-size", "\0\0\x20\0", 4 }, -EINVAL, "8 to 4096" },
	{ { "espalier,rx-ring-size", "", 0 }, -EINVAL, "0 bytes" },
	{ { "espalier,buffer-size", "\0\0\0\x80", 4 }, -EINVAL, "256" },
	{ { "espalier,buffer-size", "\0\0\x08\1", 4 }, -EINVAL, "64" },
	{ { "espalier,buffer-size", "\0\1\0\0", 4 }, -EINVAL, "16384" },
	{ { "espalier,sa-entries", "\0\0\0\x08", 4 }, -EINVAL, "16 to 4096" },
	/* the blob and the gates disagree: both values are named */
	{ { "espalier,sa-entries", "\0\0\2\0", 4 }, -EPROTO, "512" },
	{ { "espalier,sa-entries", "\0\0\2\0", 4 }, -EPROTO, "1024" },
	{ { "espalier,policy-entries", "\0\0\0\x40", 4 }, -EPROTO, "256" },
	{ { "espalier,replay-window-max", "\0\0\0\x40", 4 }, -EPROTO, "64" },
	{ { "espalier,replay-window-max", "\0\0\0\x40", 4 }, -EPROTO, "1024" },
};

static void bad_properties(void)
{
	struct blob_change c[2] = { { NULL, NULL, 0 } };
	struct espalier_err err;
	struct blob b;
	size_t i;
	int ret;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		c[0] = bad[i].change;
		blob_make(&b, 4, c);
		ret = try_open(b.data, b.size, NULL, &err);
		if (ret != bad[i].ret)
			printf("%s: %d, %s\n", c[0].name, ret, err.text);
		EXPECT_EQ(ret, bad[i].ret);
		CU_ASSERT_PTR_NOT_NULL(strstr(err.text, c[0].name));
		if (bad[i].says && !strstr(err.text, bad[i].says))
			printf("%s: \"%s\" lacks \"%s\"\n", c[0].name, err.text,
			       bad[i].says);
		CU_ASSERT(!bad[i].says || strstr(err.text, bad[i].says));
		if (ret == -EINVAL || ret == -EPROTO)
			CU_ASSERT_PTR_NOT_NULL(strstr(err.text, BLOB_PATH));
	}
}

static void queues_of_other_number(void)
{
	struct espalier_err err;
	struct blob b;

	blob_make(&b, 2, NULL);
	EXPECT_EQ(try_open(b.data, b.size, NULL, &err), -EPROTO);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "says 2"));
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "has 4"));
}

static void mac_address_comes_first(void)
{
	const struct blob_change c[] = {
		{ "mac-address", "\2\1\2\3\4\5", 6 },
		{ NULL, NULL, 0 },
	};
	struct espalier_caps caps;
	struct espalier_null *null;
	struct espalier_dev *dev;
	struct blob b;

	blob_make(&b, 4, c);
	CU_ASSERT_EQUAL_FATAL(espalier_null_create(NULL, &null), 0);
	CU_ASSERT_EQUAL_FATAL(espalier_open(b.data, b.size, NULL,
					    espalier_null_bus(null), &dev,
					    NULL),
			      0);
	espalier_get_caps(dev, &caps);
	CU_ASSERT(!memcmp(caps.mac, "\2\1\2\3\4\5", 6));
	espalier_close(dev);
}

static void truncated_at_every_byte(void)
{
	struct espalier_err err;
	struct blob b;
	uint8_t *exact;
	size_t n;

	blob_make(&b, 4, NULL);
	for (n = 0; n < b.size; n++) {
		/* exactly as long as said, so that a sanitizer sees beyond */
		exact = malloc(n ? n : 1);
		memcpy(exact, b.data, n);
		EXPECT_EQ(try_open(exact, n, NULL, &err), -EINVAL);
		free(exact);
	}
	EXPECT_EQ(try_open(NULL, 100, NULL, &err), -EINVAL);
}

static struct rng rng = { 1 };

static void random_mutation(void)
{
	unsigned int turn, i, n, ok = 0, refused = 0;
	struct espalier_err err;
	struct blob b, m;
	uint8_t *exact;
	int ret;

	blob_make(&b, 4, NULL);
	for (turn = 0; turn < 20000; turn++) {
		m = b;
		for (i = 0, n = 1 + rng_below(&rng, 4); i < n; i++)
			m.data[rng_below(&rng, b.size)] =
				rng_below(&rng, 4) ? (uint8_t)rng_next(&rng)
						   : 0xff;
		exact = malloc(b.size);
		memcpy(exact, m.data, b.size);
		ret = try_open(exact, b.size, turn & 1 ? BLOB_PATH : NULL,
			       &err);
		free(exact);
		if (ret)
			refused++;
		else
			ok++;
	}
	/* neither all good (nothing was looked at) nor all bad */
	CU_ASSERT(ok > 100);
	CU_ASSERT(refused > 1000);
}

/* A mutation of the values alone reaches behind fdt_check_full. */
static void random_values(void)
{
	static const char *const names[] = {
		"reg",		 "interrupts",	     "interrupt-names",
		"memory-region", "dma-coherent",     "local-mac-address",
		"reg-names",	 "compatible",	     "espalier,num-queues",
		"status",	 "interrupt-parent", "espalier,buffer-size",
	};
	struct blob_change c[2] = { { NULL, NULL, 0 } };
	struct espalier_err err;
	unsigned int turn, i;
	uint8_t val[32];
	struct blob b;

	for (turn = 0; turn < 5000; turn++) {
		for (i = 0; i < sizeof(val); i++)
			val[i] = rng_below(&rng, 3) ? (uint8_t)rng_next(&rng)
						    : 0;
		c[0].name = names[rng_below(&rng, 12)];
		c[0].val = val;
		c[0].len = (int)(rng_below(&rng, sizeof(val)));
		blob_make(&b, 4, c);
		try_open(b.data, b.size, NULL, &err);
	}
	CU_PASS("still here");
}

static uint32_t broken_id(struct espalier_bus *bus, uint32_t off)
{
	(void)bus;
	return off == ESPALIER_REG_ID ? 0xffffffff : 0;
}

static void other_device(void)
{
	const struct espalier_bus_ops ops = { .read32 = broken_id };
	struct espalier_bus bus = { .ops = &ops, .name = "none" };
	struct espalier_err err;
	struct espalier_dev *dev;
	struct blob b;

	blob_make(&b, 4, NULL);
	EXPECT_EQ(espalier_open(b.data, b.size, NULL, &bus, &dev, &err),
		  -ENODEV);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "0xffffffff"));
}

/* A driver that died leaves SAs, policies and running queues behind. */
static void takes_over(void)
{
	struct espalier_sa sa = sa_good(ESPALIER_DIR_IN, 0x1000);
	struct espalier_policy p =
		policy_any(ESPALIER_DIR_IN, ESPALIER_BYPASS, 1);
	const struct espalier_sa_entry *e;
	struct espalier_dev *dead;
	struct fixture f;
	uint32_t handle, id, i;
	struct blob b;

	fixture_open(&f, NULL, 0);
	EXPECT_EQ(espalier_sa_add(f.dev, &sa, &handle), 0);
	EXPECT_EQ(espalier_policy_add(f.dev, &p, &id), 0);
	dead = f.dev;
	blob_make(&b, 4, NULL);
	CU_ASSERT_EQUAL_FATAL(espalier_open(b.data, b.size, NULL,
					    espalier_null_bus(f.null), &f.dev,
					    NULL),
			      0);
	EXPECT_EQ(espalier_sa_next(f.dev, 0), 0);
	EXPECT_EQ(espalier_policy_next(f.dev, 0), 0);
	e = (const void *)espalier_null_entry(f.null, ESPALIER_TBL_SA_IN,
					      ESPALIER_HANDLE_SLOT(handle));
	EXPECT_EQ(e->status & ESPALIER_SA_ST_LIVE, 0);
	for (i = 0; i < 10; i++)
		EXPECT_EQ(espalier_null_entry(f.null, ESPALIER_TBL_KEY_IN,
					      ESPALIER_HANDLE_SLOT(handle))[i],
			  0);
	EXPECT_EQ(espalier_null_entry(f.null, ESPALIER_TBL_SPD, 0)[0], 0);
	for (i = 0; i < 2048; i++)
		EXPECT_EQ(
			espalier_null_entry(f.null, ESPALIER_TBL_SA_HASH, i)[1],
			0);
	espalier_close(f.dev);
	f.dev = dead; /* frees its memory; the device is past caring */
	fixture_close(&f);
}

static void leaves_in_order(void)
{
	struct espalier_sa sa = sa_good(ESPALIER_DIR_OUT, 0x1000);
	struct fixture f;
	uint32_t handle, i;
	struct espalier_bus *bus;

	fixture_open(&f, NULL, 0);
	EXPECT_EQ(espalier_sa_add(f.dev, &sa, &handle), 0);
	bus = espalier_null_bus(f.null);
	espalier_close(f.dev);
	EXPECT_EQ(bus->ops->read32(bus, ESPALIER_REG_SCRATCH), 0);
	EXPECT_EQ(bus->ops->read32(bus, ESPALIER_REG_CTRL), 0);
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(bus->ops->read32(bus, ESPALIER_REG_Q_TX_CTRL(i)), 0);
		EXPECT_EQ(bus->ops->read32(bus, ESPALIER_REG_Q_RX_CTRL(i)), 0);
	}
	for (i = 0; i < 10; i++)
		EXPECT_EQ(espalier_null_entry(f.null, ESPALIER_TBL_KEY_OUT,
					      ESPALIER_HANDLE_SLOT(handle))[i],
			  0);
	espalier_null_destroy(f.null);
}

static void station(void)
{
	const struct espalier_coalesce good = { 1, 10, 2, 20, 3, 30 };
	struct espalier_coalesce bad_coal = good;
	struct espalier_bus *bus;
	struct fixture f;

	fixture_open(&f, NULL, 0);
	bus = espalier_null_bus(f.null);
	EXPECT_EQ(bus->ops->read32(bus, ESPALIER_REG_CTRL), 1);
	EXPECT_EQ(bus->ops->read32(bus, ESPALIER_REG_MAC_LO), 0x50534502);
	EXPECT_EQ(bus->ops->read32(bus, ESPALIER_REG_MAC_HI), 0x0100);
	EXPECT_EQ(bus->ops->read32(bus, ESPALIER_REG_RSS), 3);
	EXPECT_EQ(espalier_set_options(f.dev, ESPALIER_OPT_IN_ARP_BYPASS |
						      ESPALIER_OPT_PROMISC),
		  0);
	EXPECT_EQ(bus->ops->read32(bus, ESPALIER_REG_CTRL), 0x61);
	EXPECT_EQ(espalier_set_options(f.dev, 1), -EINVAL);
	EXPECT_EQ(espalier_get_options(f.dev), 0x60);
	EXPECT_EQ(espalier_set_mac(f.dev, (const uint8_t *)"\2\2\3\4\5\6"), 0);
	EXPECT_EQ(bus->ops->read32(bus, ESPALIER_REG_MAC_LO), 0x04030202);
	EXPECT_EQ(espalier_set_mac(f.dev, (const uint8_t *)"\3\2\3\4\5\6"),
		  -EINVAL);
	EXPECT_EQ(espalier_queue_coalesce(f.dev, 1, &good), 0);
	EXPECT_EQ(bus->ops->read32(bus, ESPALIER_REG_Q_TX_COAL(1)), 0xa01);
	EXPECT_EQ(bus->ops->read32(bus, ESPALIER_REG_Q_RX_COAL(1)), 0x1402);
	EXPECT_EQ(bus->ops->read32(bus, ESPALIER_REG_Q_IRQ_COAL(1)), 0x1e03);
	EXPECT_EQ(espalier_queue_coalesce(f.dev, 4, &good), -EINVAL);
	bad_coal.tx_count = 5;
	EXPECT_EQ(espalier_queue_coalesce(f.dev, 0, &bad_coal), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(espalier_error(f.dev), "tx_count"));
	bad_coal = good;
	bad_coal.irq_cycles = 1 << 24;
	EXPECT_EQ(espalier_queue_coalesce(f.dev, 0, &bad_coal), -EINVAL);
	fixture_close(&f);
}

static const struct test_case cases[] = {
	{ "good_blob", good_blob },
	{ "by_path_and_alias", by_path_and_alias },
	{ "bad_properties", bad_properties },
	{ "queues_of_other_number", queues_of_other_number },
	{ "mac_address_comes_first", mac_address_comes_first },
	{ "truncated_at_every_byte", truncated_at_every_byte },
	{ "random_mutation", random_mutation },
	{ "random_values", random_values },
	{ "other_device", other_device },
	{ "takes_over", takes_over },
	{ "leaves_in_order", leaves_in_order },
	{ "station", station },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	return suite_run("test_open", cases, argc, argv);
}
