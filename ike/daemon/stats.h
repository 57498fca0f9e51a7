/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPALIERD_STATS_H
#define ESPALIERD_STATS_H

#include "gateway.h"
#include "core/sadb.h"

/* Writes a JSON of everything that was counted; 0 or negative errno. */
int stats_write(const char *path, struct gateway *gw, struct sadb *db,
		const struct config *cfg);

#endif /* ESPALIERD_STATS_H */
