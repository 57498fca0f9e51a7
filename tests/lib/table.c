// SPDX-License-Identifier: Apache-2.0
#include "espalier_regs.h"
#include "suite.h"
#include "table.h"

enum espalier_tbl_result table_op(struct nic *nic, enum espalier_tbl_op op,
				  enum espalier_table table, unsigned int index)
{
	uint32_t st;
	int turns = 0;

	nic_reg_write(nic, ESPALIER_REG_TBL_CMD,
		      op << ESPALIER_TBL_CMD_OP_SHIFT |
			      table << ESPALIER_TBL_CMD_TABLE_SHIFT |
			      index << ESPALIER_TBL_CMD_INDEX_SHIFT);
	do
		st = nic_reg(nic, ESPALIER_REG_TBL_STATUS);
	while (st & ESPALIER_TBL_STATUS_BUSY_MASK && ++turns < 100000);
	MUST(!(st & ESPALIER_TBL_STATUS_BUSY_MASK));
	return (st & ESPALIER_TBL_STATUS_RESULT_MASK) >>
	       ESPALIER_TBL_STATUS_RESULT_SHIFT;
}

void table_put(struct nic *nic, const void *entry, size_t size)
{
	const uint32_t *w = entry;

	for (size_t i = 0; i < size / 4; i++)
		nic_reg_write(nic, ESPALIER_REG_TBL_DATA(i), w[i]);
}

void table_get(struct nic *nic, void *entry, size_t size)
{
	uint32_t *w = entry;

	for (size_t i = 0; i < size / 4; i++)
		w[i] = nic_reg(nic, ESPALIER_REG_TBL_DATA(i));
}
