/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: the world around the protocol core
 *
 * Sockets, clock, randomness, log, files and the VICI socket for struct ike,
 * which itself knows none of them.
 */
#ifndef ESPALIERD_WORLD_H
#define ESPALIERD_WORLD_H

#include "core/ike.h"
#include "options.h"
#include "watch.h"
#include <jansson.h>

struct world;

/** world_open() - sockets, VICI, connections of --swanctl; says what is wrong
 *  and returns a negative errno, or 0. Connections take effect in
 *  world_begin(). */
int world_open(struct world **wp, const struct options *o, struct sadb *db);
int world_watch(struct world *w, struct watch *watch);
/** world_begin() - everything else is open: load connections, start them */
int world_begin(struct world *w);
void world_close(struct world *w);

/** world_arm() - before sleeping: the timer goes off when the core is due */
int world_arm(struct world *w);
void world_device_event(struct world *w, const struct espalier_event *ev);
/** world_reload() - read --swanctl again; an error changes nothing */
int world_reload(void *world);
/** world_shutdown() - say good-bye to all peers; bounded in time */
void world_shutdown(struct world *w);
/** world_idle() - everybody has answered */
bool world_idle(const struct world *w);
/** world_late() - the time for it is over */
bool world_late(const struct world *w);

/** world_stats() - a JSON object of all that was counted; the caller's */
json_t *world_stats(const struct world *w);

#endif /* ESPALIERD_WORLD_H */
