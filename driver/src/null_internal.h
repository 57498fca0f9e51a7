/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of the null device. */
#ifndef ESPALIER_NULL_INTERNAL_H
#define ESPALIER_NULL_INTERNAL_H

#include <espalier/bus_null.h>
#include "internal.h"

#define REG_WORDS (0x2000 / 4)
#define EVENTS 32
#define DMA_MAX 256

struct table {
	unsigned int entries, words;
	uint32_t *w;
	uint8_t *live; /* SA tables */
};

struct ring_state {
	uint16_t head, cpl; /* free-running */
	bool broken; /* next completion is wrong */
};

struct espalier_null {
	struct espalier_bus bus;
	struct espalier_null_opts opts;
	bool keep;
	uint32_t reg[REG_WORDS];
	uint32_t result[ESPALIER_TBL_WORDS]; /* of the last OP_READ */
	struct table table[7];
	struct ring_state tx[ESPI_QUEUES_MAX], rx[ESPI_QUEUES_MAX];
	struct {
		uint32_t type, handle, info;
	} ev[EVENTS];
	unsigned int ev_head, ev_count, ev_lost;
	unsigned int refuse_after;
	int refuse_result;
	bool refuse_armed, stuck;
	struct espalier_dma dma[DMA_MAX];
	unsigned int dma_last; /* where the last look-up hit */
	int irq[1 + ESPI_QUEUES_MAX];
	struct espalier_null_counts counts;
};

#define R(null, off) ((null)->reg[(off) / 4])

static inline struct espalier_null *espi_null_of(struct espalier_bus *bus)
{
	return (struct espalier_null *)bus; /* first member */
}

/* ---- bus_null.c ---- */
/* As the device's bus would: NULL for what is not allocated. */
void *espi_null_mem(struct espalier_null *n, uint64_t iova, size_t len);
void espi_null_raise(struct espalier_null *n, unsigned int vector);

/* ---- null_queue.c ---- */
void espi_null_queue_write(struct espalier_null *n, uint32_t off, uint32_t val);

/* ---- null_table.c ---- */
int espi_null_tables_init(struct espalier_null *n);
void espi_null_tables_clear(struct espalier_null *n);
void espi_null_tables_exit(struct espalier_null *n);
void espi_null_table_command(struct espalier_null *n, uint32_t cmd);

#endif /* ESPALIER_NULL_INTERNAL_H */
