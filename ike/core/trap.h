/* SPDX-License-Identifier: Apache-2.0 */
/* Policies without an SA: the first packet that meets one asks for it. */
#ifndef IKE_CORE_TRAP_H
#define IKE_CORE_TRAP_H

#include "core/internal.h"

/** there already: nothing. Refusals are logged and returned */
int trap_add(struct ike *ike, struct conn *conn, const struct child_conf *conf);
/** a packet met policy @id */
void trap_acquire(struct ike *ike, uint32_t id);

#endif /* IKE_CORE_TRAP_H */
