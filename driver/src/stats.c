// SPDX-License-Identifier: Apache-2.0
/* Counters and raw registers. */
#include <errno.h>
#include <string.h>
#include "internal.h"

int espalier_get_stats(struct espalier_dev *dev, struct espalier_stats *stats)
{
	unsigned int code;
	int ret;

	memset(stats, 0, sizeof(*stats));
	for (code = 0; code < ESPALIER_CODE_COUNT; code++) {
		if (!espalier_code_name(code))
			continue;
		ret = espi_tbl_get(dev, ESPALIER_TBL_COUNTERS, code,
				   &stats->code[code],
				   sizeof(stats->code[code]));
		if (ret)
			return ret;
	}
	stats->cycles = espi_rd(dev, ESPALIER_REG_CYCLES_LO);
	stats->cycles |= (uint64_t)espi_rd(dev, ESPALIER_REG_CYCLES_HI) << 32;
	stats->spd_hits = espi_rd(dev, ESPALIER_REG_SPD_HITS);
	stats->spd_misses = espi_rd(dev, ESPALIER_REG_SPD_MISSES);
	stats->spd_miss_cycles = espi_rd(dev, ESPALIER_REG_SPD_MISS_CYCLES);
	stats->sa_install_cycles = espi_rd(dev, ESPALIER_REG_INSTALL_CYCLES);
	return 0;
}

int espalier_reg_read(struct espalier_dev *dev, uint32_t off, uint32_t *val)
{
	const uint32_t end = ESPALIER_Q_BASE + ESPALIER_Q_STRIDE * dev->nqueues;

	if (off % 4 || off >= end)
		return espi_fail(
			&dev->err, -EINVAL,
			"off: 0x%x; supported: multiples of 4 below 0x%x", off,
			end);
	*val = espi_rd(dev, off);
	return 0;
}
