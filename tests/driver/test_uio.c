// SPDX-License-Identifier: Apache-2.0
/*
 * The uio backend on a fake: files for registers and memory, a folder for
 * sysfs, pseudo-terminals for interrupts. A thread plays the device: it looks
 * at the register file as gates would.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>
#include <espalier/bus_uio.h>
#include <espalier_regs.h>
#include "fixture.h"

#define MEM_SIZE (4u << 20)
#define MEM_IOVA 0x870000000ull
#define REGS_SIZE 0x2000u

static char dir[] = "/tmp/espalier-uio-XXXXXX";

static struct fake {
	char regs[64], mem[64], sysfs[64];
	char pts[64];
	int ptm;
	volatile uint32_t *r;
	uint8_t *m;
	pthread_t thread;
	volatile bool stop;
} fake;

static void put_file(const char *name, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	fputs(text, f);
	fclose(f);
}

static void *map_new(char *path, const char *name, size_t size)
{
	void *p;
	int fd;

	snprintf(path, 64, "%s/%s", dir, name);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	CU_ASSERT_FATAL(fd >= 0 && ftruncate(fd, (off_t)size) == 0);
	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	CU_ASSERT_FATAL(p != MAP_FAILED);
	return p;
}

static void make_fake(void)
{
	char path[128];
	struct termios t;

	if (!fake.r) {
		CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
		snprintf(path, sizeof(path), "%s/maps", dir);
		CU_ASSERT_FATAL(mkdir(path, 0700) == 0);
		snprintf(path, sizeof(path), "%s/maps/map0", dir);
		CU_ASSERT_FATAL(mkdir(path, 0700) == 0);
		fake.r = map_new(fake.regs, "uio0", REGS_SIZE);
		fake.m = map_new(fake.mem, "udmabuf0", MEM_SIZE);
		snprintf(fake.sysfs, sizeof(fake.sysfs), "%s", dir);
		fake.ptm = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
		CU_ASSERT_FATAL(fake.ptm >= 0 && !grantpt(fake.ptm) &&
				!unlockpt(fake.ptm));
		CU_ASSERT_FATAL(!tcgetattr(fake.ptm, &t));
		cfmakeraw(&t);
		tcsetattr(fake.ptm, TCSANOW, &t);
		snprintf(fake.pts, sizeof(fake.pts), "%s", ptsname(fake.ptm));
	}
	put_file("maps/map0/size", "0x2000\n");
	put_file("maps/map0/offset", "0x0\n");
	put_file("phys_addr", "0x0000000870000000\n");
	put_file("size", "4194304\n");
	put_file("dma_coherent", "1\n");
	memset((void *)fake.r, 0, REGS_SIZE);
	memset(fake.m, 0, MEM_SIZE);
}

static struct espalier_uio_opts opts(void)
{
	struct espalier_uio_opts o = {
		.uio = fake.regs,
		.uio_sysfs = fake.sysfs,
		.udmabuf = fake.mem,
		.udmabuf_sysfs = fake.sysfs,
		.irq = { fake.pts },
	};

	return o;
}

/* ---- the device, as far as opening and one frame need it ---- */

#define REG(off) fake.r[(off) / 4]

static void *in_mem(uint64_t iova, size_t len)
{
	if (iova < MEM_IOVA || iova - MEM_IOVA > MEM_SIZE - len)
		return NULL;
	return fake.m + (iova - MEM_IOVA);
}

static void end_frame(uint16_t *head)
{
	uint64_t ring = REG(ESPALIER_REG_Q_TX_RING_LO(0)) |
			(uint64_t)REG(ESPALIER_REG_Q_TX_RING_HI(0)) << 32;
	uint64_t cpl = REG(ESPALIER_REG_Q_TX_CPL_LO(0)) |
		       (uint64_t)REG(ESPALIER_REG_Q_TX_CPL_HI(0)) << 32;
	const struct espalier_tx_desc *d = in_mem(ring + 16 * *head, 16);
	struct espalier_tx_cpl *c = in_mem(cpl + 16 * *head, 16);
	const uint8_t *frame = d ? in_mem(d->addr, d->len) : NULL;

	if (!d || !c || !frame)
		return;
	c->index = *head;
	c->status = ESPALIER_TX_PROTECTED;
	c->seq = frame[0];
	c->wire_len = d->len;
	__atomic_store_n(&c->flags, ESPALIER_CPL_PHASE, __ATOMIC_RELEASE);
	(*head)++;
}

static void *device(void *arg)
{
	const struct timespec nap = { 0, 20000 };
	uint16_t head = 0;

	(void)arg;
	while (!fake.stop) {
		unsigned int q;

		for (q = 0; q < 4; q++) {
			if (REG(ESPALIER_REG_Q_TX_CTRL(q)) & 2)
				REG(ESPALIER_REG_Q_TX_CTRL(q)) = 0;
			if (REG(ESPALIER_REG_Q_RX_CTRL(q)) & 2)
				REG(ESPALIER_REG_Q_RX_CTRL(q)) = 0;
		}
		if (head < 8 && head < REG(ESPALIER_REG_Q_TX_TAIL(0)))
			end_frame(&head);
		nanosleep(&nap, NULL);
	}
	return NULL;
}

static void whole_device(void)
{
	struct espalier_uio_opts o;
	struct espalier_bus *bus;
	struct espalier_err err = { "" };
	struct espalier_txdone done;
	struct espalier_dev *dev;
	struct espalier_dma mem;
	struct espalier_seg seg;
	struct espalier_txpkt pkt = { &seg, 1, 0, NULL };
	struct blob b;
	int i, got = 0;

	make_fake();
	o = opts();
	REG(ESPALIER_REG_ID) = 0x45535031;
	REG(ESPALIER_REG_VERSION) = 0x10000;
	REG(ESPALIER_REG_CAPS_SA) = 1024 << 16 | 1024;
	REG(ESPALIER_REG_CAPS_SPD) = 256;
	REG(ESPALIER_REG_CAPS_QUEUE) = 9216 << 16 | 12 << 8 | 4;
	REG(ESPALIER_REG_STATUS) = 3;
	fake.stop = false;
	CU_ASSERT_EQUAL_FATAL(pthread_create(&fake.thread, NULL, device, NULL),
			      0);
	CU_ASSERT_EQUAL_FATAL(espalier_uio_open(&o, &bus, &err), 0);
	blob_make(&b, 4, NULL);
	i = espalier_open(b.data, b.size, NULL, bus, &dev, &err);
	if (i)
		printf("%s\n", err.text);
	CU_ASSERT_EQUAL_FATAL(i, 0);
	EXPECT_EQ(REG(ESPALIER_REG_CTRL), 1);
	EXPECT_EQ(REG(ESPALIER_REG_Q_TX_SIZE(3)), 6);
	EXPECT_EQ(REG(ESPALIER_REG_Q_TX_RING_HI(0)), 8);
	EXPECT_EQ(espalier_dma_alloc(dev, 100, &mem), 0);
	seg.dma = mem.iova;
	seg.len = 100;
	((uint8_t *)mem.va)[0] = 0x5a;
	EXPECT_EQ(espalier_tx_burst(dev, 0, &pkt, 1), 1);
	for (i = 0; i < 120000 && !got; i++) { /* 120 s */
		usleep(1000);
		got = espalier_tx_done(dev, 0, &done, 1);
	}
	EXPECT_EQ(got, 1);
	EXPECT_EQ(done.seq, 0x5a); /* it came through the memory */
	EXPECT_EQ(done.wire_len, 100);
	espalier_close(dev);
	fake.stop = true;
	pthread_join(fake.thread, NULL);
	/* nothing of the packet stays */
	for (i = 0; i < (int)MEM_SIZE; i++)
		if (fake.m[i])
			break;
	EXPECT_EQ(i, MEM_SIZE);
}

static void interrupts(void)
{
	struct espalier_uio_opts o;
	struct espalier_bus *bus;
	struct pollfd pfd = { .events = POLLIN };
	uint32_t word;

	make_fake();
	o = opts();
	CU_ASSERT_EQUAL_FATAL(espalier_uio_open(&o, &bus, NULL), 0);
	pfd.fd = bus->ops->irq_fd(bus, 0);
	CU_ASSERT_FATAL(pfd.fd >= 0);
	EXPECT_EQ(bus->ops->irq_fd(bus, 1), -ENOTSUP);
	EXPECT_EQ(bus->ops->irq_fd(bus, 17), -EINVAL);
	EXPECT_EQ(poll(&pfd, 1, 0), 0);
	word = 7; /* count of interrupts so far */
	EXPECT_EQ(write(fake.ptm, &word, 4), 4);
	EXPECT_EQ(poll(&pfd, 1, 120000), 1);
	EXPECT_EQ(bus->ops->irq_ack(bus, 0), 0);
	EXPECT_EQ(poll(&pfd, 1, 0), 0);
	word = 0;
	EXPECT_EQ(read(fake.ptm, &word, 4), 4);
	EXPECT_EQ(word, 1); /* enabled again */
	/* with nothing to read, and on behalf of a queue */
	EXPECT_EQ(bus->ops->irq_ack(bus, 3), 0);
	EXPECT_EQ(read(fake.ptm, &word, 4), 4);
	bus->ops->close(bus);
}

static void memory(void)
{
	struct espalier_uio_opts o;
	struct espalier_dma d[64], big;
	struct espalier_bus *bus;
	unsigned int i, turn;
	size_t j;

	make_fake();
	memset(fake.m, 0xee, MEM_SIZE);
	o = opts();
	CU_ASSERT_EQUAL_FATAL(espalier_uio_open(&o, &bus, NULL), 0);
	for (turn = 0; turn < 20; turn++) {
		for (i = 0; i < 64; i++) {
			size_t size = 1 + (i * 7919 + turn * 104729) % 20000;
			size_t align = 64u << (i % 7);

			EXPECT_EQ(bus->ops->dma_alloc(bus, size, align, &d[i]),
				  0);
			EXPECT_EQ(d[i].iova % align, 0);
			EXPECT_EQ(d[i].size, size);
			CU_ASSERT(in_mem(d[i].iova, size) != NULL);
			for (j = 0; j < size; j++)
				if (((uint8_t *)d[i].va)[j])
					break;
			EXPECT_EQ(j, size); /* zeroed */
			memset(d[i].va, (int)i + 1, size);
		}
		for (i = 0; i < 64; i++) { /* none overlaps another */
			uint8_t *p = in_mem(d[i].iova, d[i].size);

			for (j = 0; j < d[i].size && p[j] == i + 1; j++)
				;
			EXPECT_EQ(j, d[i].size);
		}
		for (i = 0; i < 64; i++)
			bus->ops->dma_free(bus, &d[(i * 37 + turn) % 64]);
	}
	/* all of it is one piece again */
	EXPECT_EQ(bus->ops->dma_alloc(bus, MEM_SIZE, 64, &big), 0);
	EXPECT_EQ(bus->ops->dma_alloc(bus, 1, 64, &d[0]), -ENOMEM);
	bus->ops->dma_free(bus, &big);
	EXPECT_EQ(bus->ops->dma_alloc(bus, MEM_SIZE + 1, 64, &big), -ENOMEM);
	EXPECT_EQ(bus->ops->dma_alloc(bus, SIZE_MAX, 64, &big), -ENOMEM);
	EXPECT_EQ(bus->ops->dma_alloc(bus, 0, 64, &big), -EINVAL);
	EXPECT_EQ(bus->ops->dma_alloc(bus, 64, 96, &big), -EINVAL);
	for (i = 0; i < 512; i++)
		EXPECT_EQ(bus->ops->dma_alloc(bus, 64, 64, &big), 0);
	EXPECT_EQ(bus->ops->dma_alloc(bus, 64, 64, &big), -ENOMEM);
	bus->ops->close(bus);
}

static void registers(void)
{
	struct espalier_uio_opts o;
	struct espalier_bus *bus;

	make_fake();
	o = opts();
	put_file("maps/map0/size", "0x1f00\n");
	put_file("maps/map0/offset", "0x40\n");
	CU_ASSERT_EQUAL_FATAL(espalier_uio_open(&o, &bus, NULL), 0);
	bus->ops->write32(bus, 0x20, 0x12345678);
	EXPECT_EQ(fake.r[0x60 / 4], 0x12345678);
	fake.r[0x64 / 4] = 0x87654321;
	EXPECT_EQ(bus->ops->read32(bus, 0x24), 0x87654321);
	EXPECT_EQ(bus->ops->read32(bus, 0x1f00), 0xffffffff);
	EXPECT_EQ(bus->ops->read32(bus, 0x22), 0xffffffff);
	bus->ops->write32(bus, 0x1f00, 1); /* no harm */
	bus->ops->write32(bus, 0xfffffffc, 1);
	bus->ops->close(bus);
}

static void bad_places(void)
{
	static const struct {
		const char *file, *text;
		int ret;
	} bad[] = {
		{ "maps/map0/size", "0x100\n", -EINVAL },
		{ "maps/map0/size", "a lot\n", -EINVAL },
		{ "maps/map0/size", "", -EIO },
		{ "maps/map0/size", "0x10000000000\n", -EINVAL },
		{ "maps/map0/offset", "0x1000\n", -EINVAL },
		{ "maps/map0/offset", "2\n", -EINVAL },
		{ "phys_addr", "0x870000001\n", -EINVAL },
		{ "phys_addr", "0xfffffffffffff000\n", -EINVAL },
		{ "phys_addr", "99999999999999999999999\n", -EINVAL },
		{ "size", "100\n", -EINVAL },
		{ "size", "4096 bytes\n", -EINVAL },
	};
	struct espalier_uio_opts o;
	struct espalier_bus *bus;
	struct espalier_err err;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		make_fake();
		o = opts();
		put_file(bad[i].file, bad[i].text);
		EXPECT_EQ(espalier_uio_open(&o, &bus, &err), bad[i].ret);
		CU_ASSERT_PTR_NOT_NULL(strstr(err.text, dir));
	}
	make_fake();
	o = opts();
	o.uio = "/nonexistent";
	EXPECT_EQ(espalier_uio_open(&o, &bus, &err), -ENOENT);
	o = opts();
	o.udmabuf = "/nonexistent";
	EXPECT_EQ(espalier_uio_open(&o, &bus, &err), -ENOENT);
	o = opts();
	o.irq[5] = "/nonexistent";
	EXPECT_EQ(espalier_uio_open(&o, &bus, &err), -ENOENT);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "interrupt"));
	o = opts();
	o.uio_sysfs = NULL;
	EXPECT_EQ(espalier_uio_open(&o, &bus, &err), -EINVAL);
}

static const struct test_case cases[] = {
	{ "whole_device", whole_device },
	{ "interrupts", interrupts },
	{ "memory", memory },
	{ "registers", registers },
	{ "bad_places", bad_places },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	char cmd[96];
	int ret = suite_run("test_uio", cases, argc, argv);

	if (fake.r) {
		snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
		if (system(cmd))
			return 1;
	}
	return ret;
}
