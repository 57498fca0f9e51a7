// SPDX-License-Identifier: Apache-2.0
/* The table port: staging registers, a command, a result. */
#include <errno.h>
#include <string.h>
#include "internal.h"

static const char *const table_names[] = {
	"SA_OUT", "SA_IN", "SA_HASH", "SPD", "KEY_OUT", "KEY_IN", "COUNTERS",
};

static int result_errno(unsigned int result)
{
	switch (result) {
	case ESPALIER_RES_OK:
		return 0;
	case ESPALIER_RES_EXISTS:
		return -EEXIST;
	case ESPALIER_RES_ABSENT:
		return -ENOENT;
	case ESPALIER_RES_INDEX:
		return -ERANGE;
	case ESPALIER_RES_OP:
		return -EOPNOTSUPP;
	case ESPALIER_RES_VALUE:
		return -EINVAL;
	case ESPALIER_RES_PARITY:
		return -EBADMSG;
	default:
		return -EIO;
	}
}

/* The port is one: an operation that timed out must end before the next. */
static int port_free(struct espalier_dev *dev)
{
	int ret;

	if (!dev->tbl_busy)
		return 0;
	ret = espi_wait(dev, ESPALIER_REG_TBL_STATUS,
			ESPALIER_TBL_STATUS_BUSY_MASK, 0);
	if (ret)
		return espi_fail(
			&dev->err, -EBUSY,
			"table port: an earlier operation has not ended");
	dev->tbl_busy = false;
	return 0;
}

static int command(struct espalier_dev *dev, enum espalier_tbl_op op,
		   enum espalier_table table, unsigned int index)
{
	uint32_t status;
	int ret;

	espi_wr(dev, ESPALIER_REG_TBL_CMD,
		REG_PUT(op, ESPALIER_TBL_CMD_OP) |
			REG_PUT(table, ESPALIER_TBL_CMD_TABLE) |
			REG_PUT(index, ESPALIER_TBL_CMD_INDEX));
	status = espi_rd(dev, ESPALIER_REG_TBL_STATUS);
	if (status & ESPALIER_TBL_STATUS_BUSY_MASK) {
		ret = espi_wait(dev, ESPALIER_REG_TBL_STATUS,
				ESPALIER_TBL_STATUS_BUSY_MASK, 0);
		if (ret) {
			dev->tbl_busy = true;
			return espi_fail(
				&dev->err, ret,
				"table %s, index %u: operation %d does not end",
				table_names[table], index, op);
		}
		status = espi_rd(dev, ESPALIER_REG_TBL_STATUS);
	}
	ret = result_errno(REG_GET(status, ESPALIER_TBL_STATUS_RESULT));
	if (ret)
		espi_fail(&dev->err, ret,
			  "table %s, index %u: operation %d refused by the "
			  "device, result %u",
			  table_names[table], index, op,
			  REG_GET(status, ESPALIER_TBL_STATUS_RESULT));
	return ret;
}

int espi_tbl_put(struct espalier_dev *dev, enum espalier_tbl_op op,
		 enum espalier_table table, unsigned int index,
		 const void *entry, size_t size)
{
	uint32_t word;
	size_t i;
	int ret;

	ret = port_free(dev);
	if (ret)
		return ret;
	/* Every command leaves the staging registers zero. */
	for (i = 0; i < size / 4; i++) {
		memcpy(&word, (const uint8_t *)entry + 4 * i, 4);
		if (word)
			espi_wr(dev, ESPALIER_REG_TBL_DATA(i), word);
	}
	/* The last copy of what may have been a word of a key. */
	explicit_bzero(&word, sizeof(word));
	return command(dev, op, table, index);
}

int espi_tbl_get(struct espalier_dev *dev, enum espalier_table table,
		 unsigned int index, void *entry, size_t size)
{
	uint32_t word;
	size_t i;
	int ret;

	ret = port_free(dev);
	if (ret)
		return ret;
	ret = command(dev, ESPALIER_OP_READ, table, index);
	if (ret)
		return ret;
	for (i = 0; i < size / 4; i++) {
		word = espi_rd(dev, ESPALIER_REG_TBL_DATA(i));
		memcpy((uint8_t *)entry + 4 * i, &word, 4);
	}
	return 0;
}

/* Empty the tables of a device that another owner has left behind. Policies
 * go first: no policy means discard. */
int espi_tbl_clear_all(struct espalier_dev *dev)
{
	unsigned int i;
	int ret;

	for (i = 0; i < dev->caps.spd_entries; i++) {
		ret = espi_tbl_put(dev, ESPALIER_OP_DELETE, ESPALIER_TBL_SPD, i,
				   NULL, 0);
		if (ret)
			return ret;
	}
	for (i = 0; i < 2 * dev->caps.sa_entries; i++) {
		ret = espi_tbl_put(dev, ESPALIER_OP_DELETE,
				   ESPALIER_TBL_SA_HASH, i, NULL, 0);
		if (ret)
			return ret;
	}
	for (i = 0; i < 2 * dev->caps.sa_entries; i++) {
		ret = espi_tbl_put(dev, ESPALIER_OP_DELETE,
				   i & 1 ? ESPALIER_TBL_SA_IN
					 : ESPALIER_TBL_SA_OUT,
				   i / 2, NULL, 0);
		if (ret && ret != -ENOENT)
			return ret;
	}
	return 0;
}
