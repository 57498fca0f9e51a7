/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: the border between driver and device
 *
 * Nothing above this header knows whether the device is simulated, on a
 * board, or absent. A backend fills struct espalier_bus_ops. The driver calls
 * it from one thread at a time, but for write32 of the doorbells (TX_TAIL,
 * RX_TAIL), which may come from one thread a queue unless there is a poll.
 */
#ifndef ESPALIER_BUS_H
#define ESPALIER_BUS_H

#include <stddef.h>
#include <stdint.h>

struct espalier_bus;

/**
 * struct espalier_dma - memory that the device can reach
 * @va: address for the processor
 * @iova: address for the device
 * @size: bytes
 */
struct espalier_dma {
	void *va;
	uint64_t iova;
	size_t size;
};

/**
 * struct espalier_bus_ops - what a backend provides
 * @read32: read a register; @off is a byte offset, a multiple of 4
 * @write32: write a register. Writes are ordered among themselves and after
 *           earlier stores to DMA memory (the backend or barrier.h sees to it)
 * @dma_alloc: allocate zeroed DMA memory aligned to @align (a power of two up
 *             to 4096); -ENOMEM when there is none
 * @dma_free: give it back, zeroed by the backend
 * @irq_fd: a file descriptor that becomes readable when interrupt @vector (0
 *          management, 1 + i queue pair i) is raised; -ENOTSUP if the backend
 *          cannot tell vectors apart and the caller has to look
 * @irq_ack: re-arm @vector after its cause was cleared in the registers
 * @poll: let the device make progress if it needs the caller's time (the
 *        simulation); NULL for hardware. Returns > 0 while it is still busy,
 *        0 when idle, negative errno on failure
 * @close: release everything
 */
struct espalier_bus_ops {
	uint32_t (*read32)(struct espalier_bus *bus, uint32_t off);
	void (*write32)(struct espalier_bus *bus, uint32_t off, uint32_t val);
	int (*dma_alloc)(struct espalier_bus *bus, size_t size, size_t align,
			 struct espalier_dma *dma);
	void (*dma_free)(struct espalier_bus *bus, struct espalier_dma *dma);
	int (*irq_fd)(struct espalier_bus *bus, unsigned int vector);
	int (*irq_ack)(struct espalier_bus *bus, unsigned int vector);
	int (*poll)(struct espalier_bus *bus);
	void (*close)(struct espalier_bus *bus);
};

/**
 * struct espalier_bus - base of every backend's own structure
 * @ops: never NULL
 * @name: for messages: "sim", "uio", "null"
 */
struct espalier_bus {
	const struct espalier_bus_ops *ops;
	const char *name;
};

#endif /* ESPALIER_BUS_H */
