/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of sections, lists and values. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/crypto.h>
#include "conf/origin.h"
#include "conf/section.h"

struct origin {
	unsigned int refs;
	char name[];
};

static struct origin *origin_of(const char *file)
{
	return (struct origin *)(uintptr_t)(file -
					    offsetof(struct origin, name));
}

const char *origin_new(const char *name)
{
	size_t len = strlen(name) + 1;
	struct origin *o = malloc(sizeof(*o) + len);

	if (!o)
		return NULL;
	o->refs = 1;
	memcpy(o->name, name, len);
	return o->name;
}

void origin_put(const char *file)
{
	if (file && !--origin_of(file)->refs)
		free(origin_of(file));
}

void section_place(struct section *s, const char *file, int line)
{
	if (!s)
		return;
	if (file)
		origin_of(file)->refs++;
	origin_put(s->file);
	s->file = file;
	s->line = line;
}

static struct section *node_new(enum section_kind kind, const char *name)
{
	struct section *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->kind = kind;
	if (name) {
		s->name = strdup(name);
		if (!s->name) {
			free(s);
			return NULL;
		}
	}
	return s;
}

static struct section *append(struct section *to, struct section *s)
{
	if (!s)
		return NULL;
	if (to->last)
		to->last->next = s;
	else
		to->child = s;
	to->last = s;
	return s;
}

static void node_free(struct section *s)
{
	if (s->value)
		OPENSSL_cleanse(s->value, s->len);
	free(s->value);
	free(s->name);
	origin_put(s->file);
	free(s);
}

struct section *section_new(void)
{
	return node_new(SECTION_SECTION, NULL);
}

void section_free(struct section *s)
{
	struct section *c, *next;

	if (!s)
		return;
	for (c = s->child; c; c = next) {
		next = c->next;
		section_free(c);
	}
	node_free(s);
}

struct section *section_find(const struct section *s, const char *name)
{
	struct section *c;

	if (!s)
		return NULL;
	for (c = s->child; c; c = c->next)
		if (c->name && !strcmp(c->name, name))
			return c;
	return NULL;
}

const char *section_text(const struct section *s, const char *name)
{
	const struct section *c = section_find(s, name);

	if (!c || c->kind != SECTION_VALUE || !c->value ||
	    memchr(c->value, 0, c->len))
		return NULL;
	return (const char *)c->value;
}

int section_assign(struct section *s, const void *value, size_t len)
{
	uint8_t *v = malloc(len + 1);

	if (!v)
		return -ENOMEM;
	if (len)
		memcpy(v, value, len);
	v[len] = 0;
	if (s->value)
		OPENSSL_cleanse(s->value, s->len);
	free(s->value);
	s->value = v;
	s->len = len;
	return 0;
}

void section_remove(struct section *s, struct section *child)
{
	struct section **at = &s->child, *prev = NULL;

	while (*at != child) {
		prev = *at;
		at = &prev->next;
	}
	*at = child->next;
	if (s->last == child)
		s->last = prev;
	section_free(child);
}

struct section *section_add(struct section *s, const char *name)
{
	return s ? append(s, node_new(SECTION_SECTION, name)) : NULL;
}

static struct section *add_value(struct section *s, const char *name,
				 const void *value, size_t len)
{
	struct section *n;

	if (!s)
		return NULL;
	n = node_new(SECTION_VALUE, name);
	if (n && section_assign(n, value, len)) {
		node_free(n);
		return NULL;
	}
	return append(s, n);
}

struct section *section_set(struct section *s, const char *name,
			    const void *value, size_t len)
{
	return add_value(s, name, value, len);
}

struct section *section_setf(struct section *s, const char *name,
			     const char *fmt, ...)
{
	struct section *n;
	char *text = NULL;
	va_list ap;
	int len;

	if (!s)
		return NULL;
	va_start(ap, fmt);
	len = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (len < 0)
		return NULL;
	n = add_value(s, name, text, (size_t)len);
	free(text);
	return n;
}

struct section *section_list(struct section *s, const char *name)
{
	return s ? append(s, node_new(SECTION_LIST, name)) : NULL;
}

struct section *section_item(struct section *list, const void *value,
			     size_t len)
{
	return add_value(list, NULL, value, len);
}
