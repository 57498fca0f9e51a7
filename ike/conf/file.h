/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: what reading a file and resolving its references share (inside
 * ike/conf)
 *
 * What a file can make this program do is bounded: bytes, nodes, depth, steps.
 */
#ifndef IKE_CONF_FILE_H
#define IKE_CONF_FILE_H

#include "conf/section.h"

#define DEPTH_MAX 16 /* sections within sections */
#define NODES_MAX 65536 /* also after references were resolved */
#define STEPS_MAX 4000000 /* of resolving */

/* The hidden child that holds the references of a section: no key has that
 * name. */
#define REFS ":"

/* @value: room for one value, VALUE_MAX bytes */
struct file_reader {
	char *why;
	size_t size;
	char *value;
	unsigned int nodes, steps;
};

/** file_error() - "file:line: ..."; -EINVAL */
int file_error(struct file_reader *r, const char *file, int line,
	       const char *fmt, ...) __attribute__((format(printf, 4, 5)));
int file_too_many(struct file_reader *r, const char *file, int line);
int file_no_memory(struct file_reader *r);

/** refs_resolve() - inherit everywhere, then drop empty values (refs.c) */
int refs_resolve(struct file_reader *r, struct section *root);

#endif /* IKE_CONF_FILE_H */
