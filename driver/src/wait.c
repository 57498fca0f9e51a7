// SPDX-License-Identifier: Apache-2.0
/* Waiting for the device, simulated or not. */
#include <errno.h>
#include <time.h>
#include "internal.h"

/* Both must be used up: a simulation is slow in time, a board in turns. */
#define WAIT_TURNS 20000u
#define WAIT_SECONDS 2

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int espi_wait(struct espalier_dev *dev, uint32_t off, uint32_t mask,
	      uint32_t want)
{
	int64_t start = 0;
	unsigned int turn;
	int ret;

	for (turn = 0;; turn++) {
		if ((espi_rd(dev, off) & mask) == want)
			return 0;
		if (dev->bus->ops->poll) {
			ret = dev->bus->ops->poll(dev->bus);
			if (ret < 0)
				return ret;
		}
		if (turn == 0)
			start = now_ms();
		else if (turn >= WAIT_TURNS && turn % 256 == 0 &&
			 now_ms() - start >= WAIT_SECONDS * 1000)
			return -ETIMEDOUT;
	}
}

int espalier_poll(struct espalier_dev *dev)
{
	return dev->bus->ops->poll ? dev->bus->ops->poll(dev->bus) : 0;
}
