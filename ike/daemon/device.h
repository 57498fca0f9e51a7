/* SPDX-License-Identifier: Apache-2.0 */
/* The NIC: simulated, on a board, or none. */
#ifndef ESPALIERD_DEVICE_H
#define ESPALIERD_DEVICE_H

#include <espalier/sim.h>
#include <espalier/espalier.h>
#include "options.h"

/** struct device - @sim: NULL when it is not the simulation */
struct device {
	struct espalier_sim *sim;
	struct espalier_dev *dev;
};

/**
 * device_open() - say what is wrong and return a negative errno, or open
 *
 * espalier_open() empties the tables that an owner who went without a word has
 * left behind: no SA and no policy of an earlier run is live afterwards, and
 * without a policy every packet is discarded.
 */
int device_open(struct device *d, const struct options *o);
/** device_attach_wire() - @wire as of --wire; NULL: none */
int device_attach_wire(struct device *d, const char *wire);
void device_close(struct device *d);

#endif /* ESPALIERD_DEVICE_H */
