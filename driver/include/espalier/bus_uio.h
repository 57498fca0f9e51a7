/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: a device on a board, through UIO and u-dma-buf
 *
 * Registers are map 0 of a UIO device. DMA memory is one u-dma-buf region,
 * which tells its bus address and size in sysfs and is divided up here. A UIO
 * device has one interrupt, so that each vector that is to be told apart takes
 * one of its own.
 */
#ifndef ESPALIER_BUS_UIO_H
#define ESPALIER_BUS_UIO_H

#include <espalier/bus.h>

#ifdef __cplusplus
extern "C" {
#endif

struct espalier_err;

#define ESPALIER_UIO_VECTORS 17

/**
 * struct espalier_uio_opts - where things are
 * @uio: character device with the registers, "/dev/uio0"
 * @uio_sysfs: its folder, "/sys/class/uio/uio0"
 * @udmabuf: character device with the memory, "/dev/udmabuf0"
 * @udmabuf_sysfs: its folder, "/sys/class/u-dma-buf/udmabuf0"
 * @irq: UIO devices of the vectors; irq[0] NULL: the interrupt of @uio stands
 *       for all vectors and is given out as vector 0, the others answer
 *       -ENOTSUP: look at every queue then
 */
struct espalier_uio_opts {
	const char *uio, *uio_sysfs;
	const char *udmabuf, *udmabuf_sysfs;
	const char *irq[ESPALIER_UIO_VECTORS];
};

/** espalier_uio_open() - *@busp for espalier_open(); closed by its close() */
int espalier_uio_open(const struct espalier_uio_opts *opts,
		      struct espalier_bus **busp, struct espalier_err *err);

#ifdef __cplusplus
}
#endif
#endif /* ESPALIER_BUS_UIO_H */
