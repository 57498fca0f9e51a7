// SPDX-License-Identifier: Apache-2.0
/* A device from blob to running, and back. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "internal.h"

/* Whoever had the device before may have gone without a word: its queues may
 * still point at memory that is not his, its SAs may be live. */
static int take_over(struct espalier_dev *dev, struct espalier_err *err)
{
	int ret;

	if (espi_rd(dev, ESPALIER_REG_SCRATCH) == 0)
		return 0;
	espi_wr(dev, ESPALIER_REG_CTRL, 0);
	ret = espi_queues_quiesce(dev, dev->caps.queues);
	if (ret)
		return espi_fail(
			err, ret,
			"queues of an earlier owner cannot be stopped");
	ret = espi_tbl_clear_all(dev);
	if (ret)
		return espi_fail(
			err, ret,
			"tables of an earlier owner cannot be emptied: %.160s",
			dev->err.text);
	return 0;
}

static void start(struct espalier_dev *dev)
{
	unsigned int q;

	for (q = 0; q < dev->nqueues; q++)
		espi_queue_start(dev, q);
	espi_wr(dev, ESPALIER_REG_IRQ_STATUS,
		ESPALIER_IRQ_STATUS_EVENT_MASK | ESPALIER_IRQ_STATUS_LOST_MASK);
	espi_wr(dev, ESPALIER_REG_IRQ_ENABLE,
		ESPALIER_IRQ_ENABLE_EVENT_MASK | ESPALIER_IRQ_ENABLE_LOST_MASK);
	espi_station_program(dev, true);
	espi_wr(dev, ESPALIER_REG_SCRATCH, ESPI_SCRATCH);
}

static void destroy(struct espalier_dev *dev, bool quiet)
{
	espi_queues_exit(dev, quiet);
	espi_spd_exit(dev);
	espi_sad_exit(dev);
	free(dev);
}

int espalier_open(const void *dtb, size_t dtb_size, const char *path,
		  struct espalier_bus *bus, struct espalier_dev **devp,
		  struct espalier_err *err)
{
	struct espalier_dev *dev;
	int ret;

	if (err)
		err->text[0] = '\0';
	*devp = NULL;
	dev = calloc(1, sizeof(*dev));
	if (!dev)
		return espi_fail(err, -ENOMEM, "out of memory");
	dev->bus = bus;
	ret = espi_dt_read(dtb, dtb_size, path, &dev->dt, err);
	if (ret)
		goto out;
	ret = espi_caps_read(dev, err);
	if (ret)
		goto out;
	ret = espi_caps_check(dev, err);
	if (ret)
		goto out;
	dev->nqueues = dev->caps.queues;
	ret = espi_wait(dev, ESPALIER_REG_STATUS,
			ESPALIER_STATUS_INIT_DONE_MASK,
			ESPALIER_STATUS_INIT_DONE_MASK);
	if (ret) {
		espi_fail(err, ret,
			  "register STATUS: the device does not end its "
			  "initialisation");
		goto out;
	}
	ret = take_over(dev, err);
	if (ret)
		goto out;
	ret = espi_sad_init(dev);
	if (!ret)
		ret = espi_spd_init(dev);
	if (ret) {
		espi_fail(err, ret, "out of memory");
		goto out;
	}
	ret = espi_queues_init(dev, err);
	if (ret)
		goto out;
	start(dev);
	*devp = dev;
	return 0;
out:
	destroy(dev, true);
	return ret;
}

void espalier_close(struct espalier_dev *dev)
{
	struct espalier_bus *bus;
	bool quiet;

	if (!dev)
		return;
	bus = dev->bus;
	espi_wr(dev, ESPALIER_REG_CTRL, 0);
	espi_wr(dev, ESPALIER_REG_IRQ_ENABLE, 0);
	quiet = espi_queues_quiesce(dev, dev->nqueues) == 0;
	/* A device that was left in order need not be cleared by the next. */
	if (!espalier_policy_flush(dev) && !espalier_sa_flush(dev) && quiet)
		espi_wr(dev, ESPALIER_REG_SCRATCH, 0);
	destroy(dev, quiet);
	bus->ops->close(bus);
}
