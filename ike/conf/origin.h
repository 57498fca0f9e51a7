/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: where a section came from (inside ike/conf)
 *
 * Sections of one file share its name, counted by reference, so that an error
 * found long after reading can still say where.
 */
#ifndef IKE_CONF_ORIGIN_H
#define IKE_CONF_ORIGIN_H

#include "conf/section.h"

/** origin_new() - a counted copy of @name, or NULL; one reference */
const char *origin_new(const char *name);
void origin_put(const char *file);
/** section_place() - remember where @s was; takes a reference of its own */
void section_place(struct section *s, const char *file, int line);

/** section_assign() - replace the value of a VALUE; zeroes the old one */
int section_assign(struct section *s, const void *value, size_t len);
/** section_remove() - take @child out of @s and free it */
void section_remove(struct section *s, struct section *child);

#endif /* IKE_CONF_ORIGIN_H */
