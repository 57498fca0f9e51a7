// SPDX-License-Identifier: Apache-2.0
/* Bringing a device back. */
#include <errno.h>
#include "internal.h"

static int restore(struct espalier_dev *dev,
		   void (*lost)(void *arg, uint32_t handle), void *arg)
{
	int ret, n;

	ret = espi_wait(dev, ESPALIER_REG_STATUS,
			ESPALIER_STATUS_INIT_DONE_MASK,
			ESPALIER_STATUS_INIT_DONE_MASK);
	if (ret)
		return espi_fail(&dev->err, ret,
				 "register STATUS: the device does not end its "
				 "initialisation");
	dev->tbl_busy = false;
	n = espi_sad_lost(dev, lost, arg);
	ret = espi_spd_restore(dev);
	if (ret)
		return ret;
	return n;
}

int espalier_stop(struct espalier_dev *dev)
{
	unsigned int q;
	int ret;

	espi_wr(dev, ESPALIER_REG_CTRL, dev->options); /* receive port shut */
	for (q = 0; q < dev->nqueues; q++) {
		dev->queues[q].tx.error = true; /* until they are reset */
		dev->queues[q].rx.error = true;
	}
	ret = espi_queues_quiesce(dev, dev->nqueues);
	if (ret)
		return espi_fail(&dev->err, ret,
				 "queues: their reset does not end");
	ret = espi_wait(dev, ESPALIER_REG_STATUS, ESPALIER_STATUS_IDLE_MASK,
			ESPALIER_STATUS_IDLE_MASK);
	if (ret)
		return espi_fail(&dev->err, ret,
				 "register STATUS: the device does not become "
				 "idle");
	return 0;
}

int espalier_reset(struct espalier_dev *dev,
		   void (*lost)(void *arg, uint32_t handle), void *arg)
{
	const bool kept = espi_rd(dev, ESPALIER_REG_SCRATCH) == ESPI_SCRATCH;
	unsigned int q;
	int ret, n = 0;

	if (!kept) {
		n = restore(dev, lost, arg);
		if (n < 0)
			return n;
	}
	for (q = 0; q < dev->nqueues; q++) {
		ret = espalier_queue_reset(dev, q);
		if (ret)
			return ret;
	}
	espi_wr(dev, ESPALIER_REG_IRQ_ENABLE,
		ESPALIER_IRQ_ENABLE_EVENT_MASK | ESPALIER_IRQ_ENABLE_LOST_MASK);
	espi_station_program(dev, true);
	espi_wr(dev, ESPALIER_REG_SCRATCH, ESPI_SCRATCH);
	return n;
}
