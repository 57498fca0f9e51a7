/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sections that inherit from others, once everything is read: so a reference
 * may point forwards. What is inherited comes behind what is there; what is
 * there wins, and an empty value takes away what would have been inherited.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "conf/file.h"
#include "conf/origin.h"

int file_error(struct file_reader *r, const char *file, int line,
	       const char *fmt, ...)
{
	va_list ap;
	int n;

	n = snprintf(r->why, r->size, "%s:%d: ", file ? file : "?", line);
	if (n < 0 || (size_t)n >= r->size)
		return -EINVAL;
	va_start(ap, fmt);
	vsnprintf(r->why + n, r->size - (size_t)n, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

int file_too_many(struct file_reader *r, const char *file, int line)
{
	return file_error(r, file, line,
			  "more than %d keys and sections, with those that are "
			  "referred to",
			  NODES_MAX);
}

int file_no_memory(struct file_reader *r)
{
	snprintf(r->why, r->size, "no memory");
	return -ENOMEM;
}

/* struct within - the sections that are being resolved, innermost first */
struct within {
	const struct section *s;
	const struct within *up;
};

static int inherit(struct file_reader *r, struct section *to,
		   const struct section *from, unsigned int depth);

static int copy_child(struct file_reader *r, struct section *to,
		      const struct section *c, unsigned int depth)
{
	struct section *n;

	if (++r->nodes > NODES_MAX)
		return file_too_many(r, c->file, c->line);
	n = c->kind == SECTION_SECTION
		    ? section_add(to, c->name)
		    : section_set(to, c->name, c->value, c->len);
	if (!n)
		return file_no_memory(r);
	section_place(n, c->file, c->line);
	return c->kind == SECTION_SECTION ? inherit(r, n, c, depth + 1) : 0;
}

/* What @from has and @to has not. */
static int inherit(struct file_reader *r, struct section *to,
		   const struct section *from, unsigned int depth)
{
	const struct section *c;
	struct section *mine;
	int ret = 0;

	if (depth >= DEPTH_MAX)
		return file_error(r, from->file, from->line,
				  "more than %d sections within each other",
				  DEPTH_MAX);
	for (c = from->child; c && !ret; c = c->next) {
		if (++r->steps > STEPS_MAX)
			return file_too_many(r, c->file, c->line);
		mine = section_find(to, c->name);
		if (!mine)
			ret = copy_child(r, to, c, depth);
		else if (mine->kind != c->kind)
			ret = file_error(
				r, mine->file, mine->line,
				"\"%s\" is inherited as the other of value "
				"and section from %s:%d",
				mine->name, c->file ? c->file : "?", c->line);
		else if (c->kind == SECTION_SECTION)
			ret = inherit(r, mine, c, depth + 1);
	}
	return ret;
}

static struct section *follow(struct section *root, const char *path)
{
	struct section *c, *s = root;
	size_t n;

	/* A section's own name may have a dot in it: the longest fits. */
	while (s && *path) {
		struct section *best = NULL;
		size_t best_n = 0;

		for (c = s->child; c; c = c->next) {
			n = strlen(c->name);
			if (c->kind == SECTION_SECTION && n > best_n &&
			    !strncmp(c->name, path, n) &&
			    (!path[n] || path[n] == '.')) {
				best = c;
				best_n = n;
			}
		}
		s = best;
		path += best_n + (best && path[best_n] == '.');
	}
	return s;
}

static int resolve(struct file_reader *r, struct section *root,
		   struct section *s, const struct within *up)
{
	struct within here = { s, up };
	const struct within *w;
	struct section *c, *from;
	unsigned int depth = 0;
	int ret;

	for (w = up; w; w = w->up)
		depth++;
	if (depth > 4 * DEPTH_MAX)
		return file_error(r, s->file, s->line,
				  "references more than %d deep",
				  4 * DEPTH_MAX);
	for (c = s->child; c; c = c->next) {
		if (++r->steps > STEPS_MAX)
			return file_too_many(r, c->file, c->line);
		ret = c->kind == SECTION_SECTION ? resolve(r, root, c, &here)
						 : 0;
		if (ret)
			return ret;
	}
	while ((c = section_find(s, REFS))) {
		from = follow(root, (const char *)c->value);
		if (!from)
			return file_error(r, c->file, c->line,
					  "there is no section \"%s\"",
					  (const char *)c->value);
		for (w = &here; w; w = w->up)
			if (w->s == from)
				return file_error(r, c->file, c->line,
						  "\"%s\" inherits from itself",
						  (const char *)c->value);
		ret = resolve(r, root, from, &here);
		if (!ret)
			ret = inherit(r, s, from, 0);
		if (ret)
			return ret;
		section_remove(s, c);
	}
	return 0;
}

/* Empty assignments have done their work. */
static void drop_cleared(struct section *s)
{
	struct section *c, *next;

	for (c = s->child; c; c = next) {
		next = c->next;
		if (c->kind == SECTION_SECTION)
			drop_cleared(c);
		else if (!c->len)
			section_remove(s, c);
	}
}

int refs_resolve(struct file_reader *r, struct section *root)
{
	int ret = resolve(r, root, root, NULL);

	if (!ret)
		drop_cleared(root);
	return ret;
}
