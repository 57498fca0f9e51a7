/* SPDX-License-Identifier: Apache-2.0 */
/* SAs and policies that are written down in the configuration. */
#ifndef ESPALIERD_STATIC_H
#define ESPALIERD_STATIC_H

#include "config.h"
#include "core/sadb.h"

/* Installs everything; the keys in @cfg are zeroed, whatever comes of it. */
int static_load(struct sadb *db, struct config *cfg);
/* Removes what static_load() installed. */
void static_unload(struct sadb *db, struct config *cfg);

#endif /* ESPALIERD_STATIC_H */
