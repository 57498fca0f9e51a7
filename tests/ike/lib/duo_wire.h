/* SPDX-License-Identifier: Apache-2.0 */
/* The network between two cores; only duo.c needs it. */
#ifndef TESTS_IKE_DUO_WIRE_H
#define TESTS_IKE_DUO_WIRE_H

#include "duo.h"

void wire_send(struct duo *d, enum duo_who from, const struct ike_end *local,
	       const struct ike_end *remote, const uint8_t *msg, size_t len);
uint64_t wire_next(const struct duo *d); /* UINT64_MAX: empty */
void wire_deliver(struct duo *d); /* the next one, at d->now */
void wire_free(struct duo *d);

#endif /* TESTS_IKE_DUO_WIRE_H */
