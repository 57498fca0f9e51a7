// SPDX-License-Identifier: Apache-2.0
/* Events: the device's queue, and ours behind it. */
#include <errno.h>
#include "internal.h"

#define IRQ_ALL (ESPALIER_IRQ_STATUS_EVENT_MASK | ESPALIER_IRQ_STATUS_LOST_MASK)

/* One event from the device: 1, or 0 when it has none. */
static int take(struct espalier_dev *dev, struct espalier_event *ev)
{
	uint32_t status = espi_rd(dev, ESPALIER_REG_EVENT_STATUS);

	if (status & ESPALIER_EVENT_STATUS_LOST_MASK) {
		espi_wr(dev, ESPALIER_REG_EVENT_STATUS,
			ESPALIER_EVENT_STATUS_LOST_MASK);
		dev->ev_lost = true;
	}
	if (!(status & ESPALIER_EVENT_STATUS_VALID_MASK))
		return 0;
	ev->type =
		(enum espalier_event_type)espi_rd(dev, ESPALIER_REG_EVENT_TYPE);
	ev->sa = espi_rd(dev, ESPALIER_REG_EVENT_HANDLE);
	ev->info = espi_rd(dev, ESPALIER_REG_EVENT_INFO);
	ev->policy = 0;
	espi_wr(dev, ESPALIER_REG_EVENT_POP, ESPALIER_EVENT_POP_POP_MASK);
	if (ev->type == ESPALIER_EV_ACQUIRE)
		ev->policy = espi_spd_id(dev, ev->info);
	if (ev->type == ESPALIER_EV_DMA_ERROR)
		espi_queue_check_error(dev, ESPALIER_EV_DMA_QUEUE(ev->info));
	return 1;
}

void espi_events_drain(struct espalier_dev *dev)
{
	struct espalier_event ev;

	while (dev->ev_count < ESPI_EVENTS_MAX && take(dev, &ev) > 0)
		dev->events[(dev->ev_head + dev->ev_count++) %
			    ESPI_EVENTS_MAX] = ev;
}

int espalier_event_get(struct espalier_dev *dev, struct espalier_event *ev)
{
	int got;

	if (dev->ev_count) {
		*ev = dev->events[dev->ev_head];
		dev->ev_head = (dev->ev_head + 1) % ESPI_EVENTS_MAX;
		dev->ev_count--;
		if (ev->policy && !espi_pol_find(dev, ev->policy))
			ev->policy = 0;
		return 1;
	}
	got = take(dev, ev);
	if (!got) {
		/* Clear the cause, then look again: what came in between has
		 * raised no second interrupt. */
		espi_wr(dev, ESPALIER_REG_IRQ_STATUS, IRQ_ALL);
		got = take(dev, ev);
	}
	if (dev->ev_lost) {
		dev->ev_lost = false;
		if (got)
			dev->events[(dev->ev_head + dev->ev_count++) %
				    ESPI_EVENTS_MAX] = *ev;
		return espi_fail(&dev->err, -EOVERFLOW,
				 "events: some were lost; query the SAs");
	}
	if (!got)
		dev->bus->ops->irq_ack(dev->bus, 0);
	return got;
}

int espalier_event_fd(struct espalier_dev *dev)
{
	return dev->bus->ops->irq_fd(dev->bus, 0);
}
