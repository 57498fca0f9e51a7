/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPALIERD_STATS_H
#define ESPALIERD_STATS_H

#include "gateway.h"
#include "udpencap.h"
#include "world.h"

/* Writes a JSON of everything that was counted; 0 or negative errno. @w and @u
 * may be NULL */
int stats_write(const char *path, struct gateway *gw, const struct world *w,
		const struct udpencap *u);

#endif /* ESPALIERD_STATS_H */
