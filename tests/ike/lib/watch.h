/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: no packet is lost
 *
 * After every message and every timer it is looked whether a packet of either
 * side would arrive at that moment.
 */
#ifndef TESTS_IKE_WATCH_H
#define TESTS_IKE_WATCH_H

#include "duo.h"

extern unsigned int gaps; /* moments at which one would have been lost */

/** for duo.watch: by whatever policy it meets */
void watch_policies(struct duo *d, void *arg);
/** of two children with the same selectors, the older one is met first */
void watch_packets(struct duo *d, void *arg);

/** watched_up() - two cores and one child, watched by watch_policies() */
struct duo *watched_up(uint64_t seed,
		       void (*change)(struct conn *c, enum duo_who who));
/** watched_end() - all is up in the end, and there was no gap */
void watched_end(struct duo *d);

/** duo_rekey() - the child, or the IKE SA; how many there were */
int duo_rekey(struct duo *d, enum duo_who who, bool child);
uint32_t duo_child_id(struct duo *d, enum duo_who who);

#endif /* TESTS_IKE_WATCH_H */
