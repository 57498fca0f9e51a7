// SPDX-License-Identifier: Apache-2.0
/* The backend for boards; see the header. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <espalier/bus_uio.h>
#include "internal.h"

#define REGS_MIN (ESPALIER_Q_BASE + ESPALIER_Q_STRIDE)
#define REGS_MAX 0x1000000u
#define PIECES_MAX 512

/* A piece of the region that is in use. */
struct piece {
	size_t off, len;
};

struct uio {
	struct espalier_bus bus;
	volatile uint32_t *regs;
	size_t regs_size;
	void *regs_map;
	size_t regs_map_size;
	uint8_t *mem;
	uint64_t mem_iova;
	size_t mem_size;
	struct piece piece[PIECES_MAX]; /* by offset */
	unsigned int pieces;
	int uio_fd, mem_fd, irq_fd[ESPALIER_UIO_VECTORS];
};

static struct uio *of_bus(struct espalier_bus *bus)
{
	return (struct uio *)bus; /* first member */
}

/* ------------------------------------------------------------- registers */

static uint32_t uio_read32(struct espalier_bus *bus, uint32_t off)
{
	struct uio *u = of_bus(bus);

	/* What a bus without a device behind it reads as. */
	return off % 4 || off >= u->regs_size ? UINT32_MAX : u->regs[off / 4];
}

static void uio_write32(struct espalier_bus *bus, uint32_t off, uint32_t val)
{
	struct uio *u = of_bus(bus);

	if (off % 4 == 0 && off < u->regs_size)
		u->regs[off / 4] = val;
}

/* ---------------------------------------------------------------- memory */

/* First gap that fits. */
static int uio_dma_alloc(struct espalier_bus *bus, size_t size, size_t align,
			 struct espalier_dma *dma)
{
	struct uio *u = of_bus(bus);
	size_t off = 0, end;
	unsigned int i;

	if (align < 64)
		align = 64;
	if (!size || align > 4096 || (align & (align - 1)))
		return -EINVAL;
	if (u->pieces == PIECES_MAX)
		return -ENOMEM;
	for (i = 0;; i++) {
		/* the bus address is what has to be aligned */
		off += -(u->mem_iova + off) & (align - 1);
		end = i < u->pieces ? u->piece[i].off : u->mem_size;
		if (off <= end && size <= end - off)
			break;
		if (i == u->pieces)
			return -ENOMEM;
		off = u->piece[i].off + u->piece[i].len;
	}
	memmove(&u->piece[i + 1], &u->piece[i],
		(u->pieces - i) * sizeof(u->piece[0]));
	u->piece[i].off = off;
	u->piece[i].len = size;
	u->pieces++;
	dma->va = u->mem + off;
	dma->iova = u->mem_iova + off;
	dma->size = size;
	memset(dma->va, 0, size);
	return 0;
}

static void uio_dma_free(struct espalier_bus *bus, struct espalier_dma *dma)
{
	struct uio *u = of_bus(bus);
	unsigned int i;

	for (i = 0; i < u->pieces; i++)
		if (u->mem + u->piece[i].off == dma->va)
			break;
	if (i == u->pieces)
		return;
	explicit_bzero(dma->va, u->piece[i].len);
	u->pieces--;
	memmove(&u->piece[i], &u->piece[i + 1],
		(u->pieces - i) * sizeof(u->piece[0]));
	memset(dma, 0, sizeof(*dma));
}

/* ------------------------------------------------------------ interrupts */

static int uio_irq_fd(struct espalier_bus *bus, unsigned int vector)
{
	struct uio *u = of_bus(bus);

	if (vector >= ESPALIER_UIO_VECTORS)
		return -EINVAL;
	return u->irq_fd[vector] < 0 ? -ENOTSUP : u->irq_fd[vector];
}

/* Reading takes the count of interrupts, writing 1 lets the next one in. */
static int uio_irq_ack(struct espalier_bus *bus, unsigned int vector)
{
	struct uio *u = of_bus(bus);
	uint32_t word;
	int fd;

	if (vector >= ESPALIER_UIO_VECTORS)
		return -EINVAL;
	fd = u->irq_fd[vector];
	if (fd < 0)
		fd = u->irq_fd[0]; /* one for all */
	if (fd < 0)
		return -ENOTSUP;
	if (read(fd, &word, sizeof(word)) < 0 && errno != EAGAIN)
		return -errno;
	word = 1;
	if (write(fd, &word, sizeof(word)) < 0)
		return -errno;
	return 0;
}

/* ---------------------------------------------------------- open, close */

/* The number in a file of sysfs, decimal or with 0x. */
static int sysfs_number(const char *dir, const char *file, uint64_t *val,
			struct espalier_err *err)
{
	char path[PATH_MAX], text[64], *end;
	ssize_t n;
	int fd;

	if (snprintf(path, sizeof(path), "%s/%s", dir, file) >=
	    (int)sizeof(path))
		return espi_fail(err, -ENAMETOOLONG, "%.100s: too long", dir);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		n = -errno;
		return espi_fail(err, (int)n, "%.150s: %s", path,
				 strerror(errno));
	}
	n = read(fd, text, sizeof(text) - 1);
	if (n < 0)
		n = -errno;
	close(fd);
	if (n < 0)
		return espi_fail(err, (int)n, "%.150s: %s", path,
				 strerror((int)-n));
	if (n == 0)
		return espi_fail(err, -EIO, "%.150s: empty", path);
	text[n] = '\0';
	errno = 0;
	*val = strtoull(text, &end, 0);
	if (errno || end == text || (*end && *end != '\n'))
		return espi_fail(err, -EINVAL,
				 "%.150s: \"%.30s\" is not a number", path,
				 text);
	return 0;
}

static int map(const char *path, int flags, size_t size, off_t off, int *fd,
	       void **va, struct espalier_err *err)
{
	int ret;

	*fd = open(path, O_RDWR | O_CLOEXEC | flags);
	if (*fd < 0) {
		ret = -errno;
		return espi_fail(err, ret, "%.150s: %s", path, strerror(-ret));
	}
	*va = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, off);
	if (*va == MAP_FAILED) {
		ret = -errno;
		*va = NULL;
		return espi_fail(err, ret, "%.150s: map of %zu bytes: %s", path,
				 size, strerror(-ret));
	}
	return 0;
}

static int open_regs(struct uio *u, const struct espalier_uio_opts *o,
		     struct espalier_err *err)
{
	uint64_t size, off;
	int ret;

	ret = sysfs_number(o->uio_sysfs, "maps/map0/size", &size, err);
	if (ret)
		return ret;
	/* registers need not begin on a page */
	ret = sysfs_number(o->uio_sysfs, "maps/map0/offset", &off, err);
	if (ret)
		return ret;
	if (size < REGS_MIN || size > REGS_MAX || off >= 4096 || off % 4)
		return espi_fail(
			err, -EINVAL,
			"%.100s: map 0 of 0x%" PRIx64
			" bytes at offset 0x%" PRIx64
			"; supported: 0x%x to 0x%x bytes, offset below 4096",
			o->uio_sysfs, size, off, REGS_MIN, REGS_MAX);
	u->regs_map_size = size + off;
	/* It may be what interrupts are read from, too. */
	ret = map(o->uio, O_SYNC | O_NONBLOCK, u->regs_map_size, 0, &u->uio_fd,
		  &u->regs_map, err);
	if (ret)
		return ret;
	u->regs = (volatile uint32_t *)((uint8_t *)u->regs_map + off);
	u->regs_size = size & ~3ull;
	return 0;
}

static int open_mem(struct uio *u, const struct espalier_uio_opts *o,
		    struct espalier_err *err)
{
	uint64_t size, coherent = 0;
	void *va;
	int ret;

	ret = sysfs_number(o->udmabuf_sysfs, "phys_addr", &u->mem_iova, err);
	if (ret)
		return ret;
	ret = sysfs_number(o->udmabuf_sysfs, "size", &size, err);
	if (ret)
		return ret;
	if (size < 4096 || size > SIZE_MAX / 2 ||
	    u->mem_iova + size < u->mem_iova || u->mem_iova % 64)
		return espi_fail(
			err, -EINVAL,
			"%.100s: 0x%" PRIx64 " bytes at 0x%" PRIx64
			"; supported: 4096 bytes and more, aligned to 64",
			o->udmabuf_sysfs, size, u->mem_iova);
	/* Where caches do not follow the bus, the map is made without them. */
	if (sysfs_number(o->udmabuf_sysfs, "dma_coherent", &coherent, NULL))
		coherent = 0;
	ret = map(o->udmabuf, coherent ? 0 : O_SYNC, size, 0, &u->mem_fd, &va,
		  err);
	if (ret)
		return ret;
	u->mem = va;
	u->mem_size = size;
	return 0;
}

static int open_irqs(struct uio *u, const struct espalier_uio_opts *o,
		     struct espalier_err *err)
{
	const char *path;
	unsigned int v;
	int ret;

	for (v = 0; v < ESPALIER_UIO_VECTORS; v++) {
		path = o->irq[v];
		/* Once only: there are drivers that let in nobody else. */
		if (!path && v == 0)
			u->irq_fd[v] = u->uio_fd;
		if (!path)
			continue;
		u->irq_fd[v] =
			open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		if (u->irq_fd[v] < 0) {
			ret = -errno;
			return espi_fail(err, ret, "%.150s: interrupt: %s",
					 path, strerror(-ret));
		}
	}
	return 0;
}

static void uio_close(struct espalier_bus *bus)
{
	struct uio *u = of_bus(bus);
	unsigned int v;

	if (u->mem) {
		explicit_bzero(u->mem, u->mem_size);
		munmap(u->mem, u->mem_size);
	}
	if (u->regs_map)
		munmap(u->regs_map, u->regs_map_size);
	for (v = 0; v < ESPALIER_UIO_VECTORS; v++)
		if (u->irq_fd[v] >= 0 && u->irq_fd[v] != u->uio_fd)
			close(u->irq_fd[v]);
	if (u->mem_fd >= 0)
		close(u->mem_fd);
	if (u->uio_fd >= 0)
		close(u->uio_fd);
	free(u);
}

static const struct espalier_bus_ops uio_ops = {
	.read32 = uio_read32,
	.write32 = uio_write32,
	.dma_alloc = uio_dma_alloc,
	.dma_free = uio_dma_free,
	.irq_fd = uio_irq_fd,
	.irq_ack = uio_irq_ack,
	.close = uio_close,
};

int espalier_uio_open(const struct espalier_uio_opts *opts,
		      struct espalier_bus **busp, struct espalier_err *err)
{
	struct uio *u;
	unsigned int v;
	int ret;

	if (!opts->uio || !opts->uio_sysfs || !opts->udmabuf ||
	    !opts->udmabuf_sysfs)
		return espi_fail(err, -EINVAL,
				 "uio: all four paths have to be given");
	u = calloc(1, sizeof(*u));
	if (!u)
		return espi_fail(err, -ENOMEM, "out of memory");
	u->bus.ops = &uio_ops;
	u->bus.name = "uio";
	u->uio_fd = u->mem_fd = -1;
	for (v = 0; v < ESPALIER_UIO_VECTORS; v++)
		u->irq_fd[v] = -1;
	ret = open_regs(u, opts, err);
	if (!ret)
		ret = open_mem(u, opts, err);
	if (!ret)
		ret = open_irqs(u, opts, err);
	if (ret) {
		uio_close(&u->bus);
		return ret;
	}
	*busp = &u->bus;
	return 0;
}
