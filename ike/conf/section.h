/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: sections, keys and values
 *
 * The shape that a swanctl.conf file and a VICI message share: a section has
 * values, lists of values and sections, in order. A file is read into it
 * (file.c), a VICI message is read into it and written from it (vici/codec.c),
 * and what a connection means is read out of it in one place (load.c), however
 * it came.
 */
#ifndef IKE_CONF_SECTION_H
#define IKE_CONF_SECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum section_kind { SECTION_VALUE, SECTION_LIST, SECTION_SECTION };

/**
 * struct section - one node
 * @name: key, NULL for the root and for list items
 * @value: VALUE and list items: @len bytes and a NUL behind them
 * @line: in its file, 0 when it did not come from one
 */
struct section {
	enum section_kind kind;
	char *name;
	uint8_t *value;
	size_t len;
	const char *file;
	int line;
	struct section *child, *next, *last; /* @last: of the children */
};

struct section *section_new(void);
void section_free(struct section *s); /* zeroes values first */
/** section_find() - child of that name, NULL when there is none */
struct section *section_find(const struct section *s, const char *name);
/** section_text() - value as text, NULL when absent or not text */
const char *section_text(const struct section *s, const char *name);

/* building; NULL: no memory (sticky: later calls on NULL do nothing) */
struct section *section_add(struct section *s, const char *name);
struct section *section_set(struct section *s, const char *name,
			    const void *value, size_t len);
struct section *section_setf(struct section *s, const char *name,
			     const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
struct section *section_list(struct section *s, const char *name);
struct section *section_item(struct section *list, const void *value,
			     size_t len);

/**
 * section_read_file() - read a file in the format of swanctl.conf: sections,
 * "key = value", comments, quotes, "include" with wildcards, "name : other"
 * references
 * Return: 0 or a negative errno; @why is "file:line: what"
 */
int section_read_file(const char *path, struct section **out, char *why,
		      size_t size);

#endif /* IKE_CONF_SECTION_H */
