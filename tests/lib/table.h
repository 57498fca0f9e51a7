/* SPDX-License-Identifier: Apache-2.0 */
/* The table port by hand, for operations that the driver has no use for. */
#ifndef TESTS_TABLE_H
#define TESTS_TABLE_H

#include "nic.h"

/** table_op() - staging words as they are; returns the result code */
enum espalier_tbl_result table_op(struct nic *nic, enum espalier_tbl_op op,
				  enum espalier_table table,
				  unsigned int index);
void table_put(struct nic *nic, const void *entry, size_t size);
void table_get(struct nic *nic, void *entry, size_t size);

#endif /* TESTS_TABLE_H */
