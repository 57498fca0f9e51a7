/* SPDX-License-Identifier: Apache-2.0 */
/* The simulation library on the small block of its tests (stub/espalier.sv). */
#ifndef TESTS_STUB_SIM_H
#define TESTS_STUB_SIM_H

#include <espalier/espalier.h>
#include <espalier/sim.h>
#include "suite.h"

/* registers of the block */
#define COPY_SRC_LO 0x200
#define COPY_DST_LO 0x208
#define COPY_GO 0x210
#define IRQ 0x220
#define IDLE_BLOCK 0x224
#define MAC_ERRORS 0x228

/** the block's blob, and a folder that is gone at the end of the program */
extern uint8_t blob[65536];
extern size_t blob_size;
extern const char *dir;

struct espalier_sim *create(const struct espalier_sim_opts *o);
uint32_t rd(struct espalier_sim *sim, uint32_t off);
void wr(struct espalier_sim *sim, uint32_t off, uint32_t v);

/** stub_run() - suite_run() with @blob and @dir at hand */
int stub_run(const char *name, const struct test_case *cases, int argc,
	     char **argv);

#endif /* TESTS_STUB_SIM_H */
