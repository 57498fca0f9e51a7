// SPDX-License-Identifier: Apache-2.0
/*
 * Whole scenarios in which memory, descriptors or calls run out, at every call
 * that there is, once and for good. Whatever fails, the caller is told the
 * errno and a sentence, nothing stays behind, and the next try goes through.
 * Here: a device, and its backend for boards.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <espalier/bus_uio.h>
#include "every_call.h"

/* ---------------------------------------------------------------- a device */

static int says(const char *what, int ret)
{
	snprintf(err.text, sizeof(err.text), "%s", what);
	return ret;
}

static int refused(struct espalier_dev *dev, int ret)
{
	return says(espalier_error(dev), ret);
}

static int frames(struct espalier_dev *dev, unsigned int n)
{
	struct espalier_seg seg = { .len = 60 };
	struct espalier_txpkt pkt = { .segs = &seg, .nsegs = 1 };
	struct espalier_txdone done;
	struct espalier_rxpkt rx;
	struct espalier_dma mem;
	int ret;

	ret = espalier_dma_alloc(dev, 64, &mem);
	if (ret)
		return refused(dev, ret);
	seg.dma = mem.iova;
	for (; n; n--) {
		EXPECT_EQ(espalier_tx_burst(dev, n % 4, &pkt, 1), 1);
		EXPECT_EQ(espalier_tx_done(dev, n % 4, &done, 1), 1);
		EXPECT_EQ(espalier_rx_burst(dev, n % 4, &rx, 1), 1);
		EXPECT_EQ(espalier_rx_release(dev, n % 4, &rx, 1), 0);
	}
	espalier_dma_free(dev, &mem);
	return 0;
}

/* A reset with a frame in flight and one not collected: neither is lost, also
 * when the reset has to be repeated. */
static int reset_queue(struct espalier_dev *dev)
{
	struct espalier_seg seg = { .len = 60 };
	struct espalier_txpkt pkt = { .segs = &seg, .nsegs = 1 };
	struct espalier_txdone done[4];
	struct espalier_rxpkt rx[4];
	struct espalier_dma mem;
	int ret, again;

	ret = espalier_dma_alloc(dev, 64, &mem);
	if (ret)
		return refused(dev, ret);
	seg.dma = mem.iova;
	EXPECT_EQ(espalier_tx_burst(dev, 2, &pkt, 1), 1);
	ret = espalier_queue_reset(dev, 2);
	if (ret) {
		refused(dev, ret);
		/* not into a queue that stands still */
		EXPECT_EQ(espalier_tx_burst(dev, 2, &pkt, 1), -EIO);
		for (again = -1; again;) {
			scarce_disarm();
			again = espalier_queue_reset(dev, 2);
		}
	}
	EXPECT_EQ(espalier_tx_done(dev, 2, done, 4), 1);
	EXPECT_EQ(espalier_rx_burst(dev, 2, rx, 4), 1);
	EXPECT_EQ(espalier_rx_release(dev, 2, rx, 1), 0);
	espalier_dma_free(dev, &mem);
	return ret;
}

static int with_device(struct espalier_dev *dev)
{
	struct espalier_sa out = sa_good(ESPALIER_DIR_OUT, 0x1000);
	struct espalier_sa in = sa_good(ESPALIER_DIR_IN, 0x1001);
	struct espalier_policy p =
		policy_any(ESPALIER_DIR_OUT, ESPALIER_PROTECT, 3);
	struct espalier_stats st;
	struct espalier_event ev;
	uint32_t a, b, id;
	unsigned int q;
	int ret;

	/* the datapath takes no memory, nor do the tables */
	EXPECT_EQ(espalier_sa_add(dev, &out, &a), 0);
	EXPECT_EQ(espalier_sa_add(dev, &in, &b), 0);
	p.sa = a;
	EXPECT_EQ(espalier_policy_add(dev, &p, &id), 0);
	p.priority = 2;
	EXPECT_EQ(espalier_policy_add(dev, &p, &id), 0);
	EXPECT_EQ(espalier_policy_del(dev, id), 0);
	EXPECT_EQ(espalier_get_stats(dev, &st), 0);
	for (q = 0; q < 4; q++) {
		ret = espalier_queue_fd(dev, q);
		if (ret < 0)
			return says("queue fd", ret);
		ret = espalier_queue_irq_arm(dev, q);
		if (ret)
			return says("arm", ret);
	}
	ret = espalier_event_fd(dev);
	if (ret < 0)
		return says("event fd", ret);
	EXPECT_EQ(espalier_event_get(dev, &ev), 0);
	ret = frames(dev, 12);
	if (!ret)
		ret = reset_queue(dev);
	if (!ret)
		ret = frames(dev, 4);
	return ret;
}

static int device_once(void)
{
	struct espalier_null *null;
	struct espalier_dev *dev;
	struct blob blob;
	int ret;

	blob_make(&blob, null_opts.queues, NULL);
	ret = espalier_null_create(&null_opts, &null);
	if (ret)
		return says("null device", ret);
	ret = espalier_open(blob.data, blob.size, NULL, espalier_null_bus(null),
			    &dev, &err);
	if (ret) {
		CU_ASSERT_PTR_NULL(dev);
		espalier_null_destroy(null);
		return ret;
	}
	ret = with_device(dev);
	espalier_close(dev);
	return ret;
}

/* read, write: an interrupt that was raised already */
static void device(void)
{
	at_every_call(device_once, "read write");
}

/* ------------------------------------------------------------ uio on fakes */

static char dir[] = "/tmp/espalier-scarce-XXXXXX";

static void file(const char *name, const char *text, size_t size)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	CU_ASSERT_FATAL(fd >= 0);
	if (text)
		EXPECT_EQ(write(fd, text, strlen(text)), (int)strlen(text));
	else
		EXPECT_EQ(ftruncate(fd, (off_t)size), 0);
	close(fd);
}

static int uio_once(void)
{
	char regs[64], mem[64], irq[64];
	struct espalier_uio_opts o = {
		.uio = regs,
		.uio_sysfs = dir,
		.udmabuf = mem,
		.udmabuf_sysfs = dir,
		.irq = { irq, irq, irq },
	};
	struct espalier_bus *bus;
	struct espalier_dma dma;
	int ret;

	snprintf(regs, sizeof(regs), "%s/uio0", dir);
	snprintf(mem, sizeof(mem), "%s/udmabuf0", dir);
	snprintf(irq, sizeof(irq), "/dev/null");
	ret = espalier_uio_open(&o, &bus, &err);
	if (ret)
		return ret;
	EXPECT_EQ(bus->ops->dma_alloc(bus, 4096, 64, &dma), 0);
	ret = bus->ops->irq_ack(bus, 1);
	bus->ops->dma_free(bus, &dma);
	bus->ops->close(bus);
	return ret ? says("irq_ack", ret) : 0;
}

/* open, read: whether memory is coherent; when that cannot be read it is mapped
 * as if it were not, which is slower and right */
static void uio(void)
{
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
	file("uio0", NULL, 0x2000);
	file("udmabuf0", NULL, 1 << 20);
	{
		char path[64];

		snprintf(path, sizeof(path), "%s/maps", dir);
		CU_ASSERT_FATAL(mkdir(path, 0700) == 0);
		snprintf(path, sizeof(path), "%s/maps/map0", dir);
		CU_ASSERT_FATAL(mkdir(path, 0700) == 0);
	}
	file("maps/map0/size", "0x2000\n", 0);
	file("maps/map0/offset", "0x0\n", 0);
	file("phys_addr", "0x870000000\n", 0);
	file("size", "1048576\n", 0);
	file("dma_coherent", "1\n", 0);
	at_every_call(uio_once, "open read");
	{
		char cmd[96];

		snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
		EXPECT_EQ(system(cmd), 0);
	}
}

static const struct test_case cases[] = {
	{ "device", device },
	{ "uio", uio },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	return suite_run("test_scarce", cases, argc, argv);
}
