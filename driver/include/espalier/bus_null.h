/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: the null device
 *
 * A model of the device in plain C, in the caller's process and without time:
 * registers, tables in memory, and queues that are served inside the doorbell
 * write. It protects nothing and looks at no packet. It is there for tests of
 * the driver, for programs that want a device to talk to, and to measure what
 * the driver costs by itself.
 */
#ifndef ESPALIER_BUS_NULL_H
#define ESPALIER_BUS_NULL_H

#include <stdbool.h>
#include <stdint.h>
#include <espalier/bus.h>
#include <espalier/layout.h>

#ifdef __cplusplus
extern "C" {
#endif

struct espalier_null;

enum espalier_null_mode {
	ESPALIER_NULL_SINK, /* transmitted frames complete and vanish */
	ESPALIER_NULL_LOOPBACK, /* and come back on the queue of the same number
				 */
	ESPALIER_NULL_SOURCE, /* as SINK; every receive buffer posted is filled
			       */
	ESPALIER_NULL_HOLD, /* frames wait for espalier_null_complete() */
};

/**
 * struct espalier_null_opts - the device to be; zero means the default
 * @queues: 4
 * @sa_entries: 1024
 * @spd_entries: 256
 * @window_max: 1024
 * @mode: SINK
 * @source_len: length of the frames that SOURCE says it received, 64
 * @caps_clear: bits taken out of register CAPS, to be a lesser device
 * @alg_clear: bits taken out of register CAPS_ALG
 * @no_irq: irq_fd answers -ENOTSUP
 * @on_table: called after every table operation
 * @on_table_arg: given to @on_table
 */
struct espalier_null_opts {
	unsigned int queues, sa_entries, spd_entries, window_max;
	enum espalier_null_mode mode;
	unsigned int source_len;
	uint32_t caps_clear, alg_clear;
	bool no_irq;
	void (*on_table)(void *arg, enum espalier_tbl_op op,
			 enum espalier_table table, unsigned int index);
	void *on_table_arg;
};

int espalier_null_create(const struct espalier_null_opts *opts,
			 struct espalier_null **nullp);
/** espalier_null_bus() - its close() destroys the device */
struct espalier_bus *espalier_null_bus(struct espalier_null *null);
void espalier_null_destroy(struct espalier_null *null);

/** espalier_null_keep() - close() of the bus no longer destroys the device */
void espalier_null_keep(struct espalier_null *null);

/** espalier_null_complete() - HOLD: end up to @n frames of @queue with @code;
 *  returns how many there were */
int espalier_null_complete(struct espalier_null *null, unsigned int queue,
			   unsigned int n, enum espalier_code code);
/** espalier_null_receive() - a frame for @queue; -ENOBUFS when none is posted
 */
int espalier_null_receive(struct espalier_null *null, unsigned int queue,
			  const void *data, unsigned int len,
			  enum espalier_code code, uint32_t handle);
void espalier_null_event(struct espalier_null *null,
			 enum espalier_event_type type, uint32_t handle,
			 uint32_t info);
/** espalier_null_power_cycle() - registers and tables are as after reset */
void espalier_null_power_cycle(struct espalier_null *null);
/** espalier_null_stop() - @queue meets an AXI error, as after a bad address */
void espalier_null_stop(struct espalier_null *null, unsigned int queue);
/** espalier_null_break() - the next completion of @queue names a wrong index */
void espalier_null_break(struct espalier_null *null, unsigned int queue);
/** espalier_null_refuse() - the @after-th table operation from now on answers
 *  @result and changes nothing; -1 never ends (busy until the next call) */
void espalier_null_refuse(struct espalier_null *null, unsigned int after,
			  int result);

/** espalier_null_entry() - the words of a table entry as the gates have it,
 *  keys too; NULL beyond the table */
const uint32_t *espalier_null_entry(const struct espalier_null *null,
				    enum espalier_table table,
				    unsigned int index);
/** espalier_null_staging_clear() - no word of a command is left to be read */
bool espalier_null_staging_clear(const struct espalier_null *null);

/** struct espalier_null_counts - what the driver did to the bus */
struct espalier_null_counts {
	uint64_t reads, writes, tx_doorbells, rx_doorbells, table_ops;
	uint64_t dma_live; /* allocations not freed */
	uint64_t violations; /* accesses outside allocated memory */
};
void espalier_null_counts(const struct espalier_null *null,
			  struct espalier_null_counts *counts);

#ifdef __cplusplus
}
#endif
#endif /* ESPALIER_BUS_NULL_H */
