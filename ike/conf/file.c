/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files in the format of swanctl.conf.
 *
 *   settings   := (section | key = value | include pattern)*
 *   section    := name [: reference [, reference]*] { settings }
 *   reference  := name[.name]*, from the root
 *
 * A section that is opened again is extended, a value that is given again is
 * replaced. References are resolved when everything is read (refs.c).
 *
 * What a file can make this program do is bounded: bytes, nodes, depth.
 */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <openssl/crypto.h>
#include "conf/file.h"
#include "conf/origin.h"
#include "conf/section.h"

#define FILE_MAX (1 << 20) /* bytes of one file */
#define INCLUDE_MAX 8 /* files within files */
#define VALUE_MAX 65535 /* as over VICI */

/* struct text - one file being read */
struct text {
	struct file_reader *r;
	const char *file;
	const char *p, *end;
	int line;
	unsigned int includes;
};

/* ------------------------------------------------------------------ reading */

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool is_name(char c)
{
	return (unsigned char)c > 0x20 && c != 0x7f && !strchr("#{}=\":,", c);
}

/* Spaces and comments, and line ends too when @lines. */
static void skip(struct text *t, bool lines)
{
	while (t->p < t->end) {
		if (*t->p == '#') {
			while (t->p < t->end && *t->p != '\n')
				t->p++;
		} else if (*t->p == '\n' && lines) {
			t->line++;
			t->p++;
		} else if (is_space(*t->p)) {
			t->p++;
		} else {
			return;
		}
	}
}

static int bad_char(struct text *t, const char *expected)
{
	if (t->p >= t->end)
		return file_error(t->r, t->file, t->line, "file ends where %s",
				  expected);
	if (*t->p == '\n')
		return file_error(t->r, t->file, t->line, "line ends where %s",
				  expected);
	if ((unsigned char)*t->p < 0x20 || (unsigned char)*t->p > 0x7e)
		return file_error(t->r, t->file, t->line,
				  "byte 0x%02x where %s", (unsigned char)*t->p,
				  expected);
	return file_error(t->r, t->file, t->line, "'%c' where %s", *t->p,
			  expected);
}

/* A name; "::" stands for ':' in it. */
static int read_name(struct text *t, char *name, size_t size,
		     const char *expected)
{
	size_t n = 0;

	while (t->p < t->end) {
		if (*t->p == ':' && t->end - t->p > 1 && t->p[1] == ':')
			t->p++;
		else if (!is_name(*t->p))
			break;
		if (n + 1 >= size)
			return file_error(t->r, t->file, t->line,
					  "a name of more than %zu characters",
					  size - 1);
		name[n++] = *t->p++;
	}
	name[n] = 0;
	return n ? 0 : bad_char(t, expected);
}

struct buf {
	char *p;
	size_t len;
};

static int buf_add(struct text *t, struct buf *b, char c)
{
	if (b->len == VALUE_MAX)
		return file_error(t->r, t->file, t->line,
				  "a value of more than %d bytes", VALUE_MAX);
	b->p[b->len++] = c;
	return 0;
}

/* Behind the opening quote. */
static int read_string(struct text *t, struct buf *b)
{
	int from = t->line, ret = 0;
	char c;

	while (!ret && t->p < t->end) {
		c = *t->p++;
		if (c == '"')
			return 0;
		if (c == '\r')
			continue;
		if (c == '\n')
			t->line++;
		if (c != '\\') {
			ret = buf_add(t, b, c);
			continue;
		}
		if (t->p < t->end && *t->p == '\r')
			t->p++;
		if (t->p == t->end)
			break;
		c = *t->p++;
		if (c == '\n')
			t->line++; /* lines are joined */
		else
			ret = buf_add(t, b,
				      c == 'n'	 ? '\n'
				      : c == 'r' ? '\r'
				      : c == 't' ? '\t'
						 : c);
	}
	return ret ? ret
		   : file_error(t->r, t->file, from, "the quote is not closed");
}

/* Words and strings up to the end of the line, joined by one space. */
static int read_value(struct text *t, struct buf *b)
{
	bool first = true;
	int ret = 0;

	for (;;) {
		skip(t, false);
		if (t->p >= t->end || *t->p == '\n' || *t->p == '}')
			return 0;
		if (!first)
			ret = buf_add(t, b, ' ');
		first = false;
		if (*t->p == '"') {
			t->p++;
			if (!ret)
				ret = read_string(t, b);
		} else {
			while (!ret && t->p < t->end &&
			       !strchr("#}\"\r\n\t ", *t->p ? *t->p : 'x'))
				ret = buf_add(t, b, *t->p++);
		}
		if (ret)
			return ret;
	}
}

static int set_value(struct text *t, struct section *to, const char *name,
		     const struct buf *b, int line)
{
	struct section *s = section_find(to, name);

	if (s && s->kind != SECTION_VALUE)
		return file_error(t->r, t->file, line,
				  "\"%s\" is a section (line %d), not a value",
				  name, s->line);
	if (!s) {
		if (++t->r->nodes > NODES_MAX)
			return file_too_many(t->r, t->file, line);
		s = section_set(to, name, b->p, b->len);
		if (!s)
			return file_no_memory(t->r);
	} else if (section_assign(s, b->p, b->len)) {
		return file_no_memory(t->r);
	}
	section_place(s, t->file, line);
	return 0;
}

static int read_settings(struct text *t, struct section *to,
			 unsigned int depth);
static int read_file(struct file_reader *r, const char *path,
		     struct section *to, unsigned int depth,
		     unsigned int includes, const char *from, int line);

static int include(struct text *t, struct section *to, unsigned int depth)
{
	char path[4096], pattern[2048];
	size_t n = 0, i;
	const char *dir;
	glob_t g;
	int ret = 0;

	skip(t, false);
	if (t->p < t->end && *t->p == '"') {
		struct buf b = { t->r->value, 0 };

		t->p++;
		ret = read_string(t, &b);
		n = b.len < sizeof(pattern) ? b.len : sizeof(pattern) - 1;
		memcpy(pattern, b.p, n);
		if (ret)
			return ret;
	} else {
		while (t->p < t->end && !strchr("#}\"\r\n\t ", *t->p) &&
		       n < sizeof(pattern) - 1) {
			if (*t->p == '\\' && t->end - t->p > 1 &&
			    strchr("\"#} ", t->p[1]))
				t->p++;
			pattern[n++] = *t->p++;
		}
	}
	pattern[n] = 0;
	if (!n || strlen(pattern) != n || n == sizeof(pattern) - 1)
		return file_error(t->r, t->file, t->line,
				  "include: the name of a file has 1 to %zu "
				  "characters",
				  sizeof(pattern) - 2);
	if (t->includes >= INCLUDE_MAX)
		return file_error(
			t->r, t->file, t->line,
			"include: more than %d files deep; does a file "
			"include itself?",
			INCLUDE_MAX);
	dir = strrchr(t->file, '/');
	if (pattern[0] != '/' && dir)
		i = (size_t)snprintf(path, sizeof(path), "%.*s/%s",
				     (int)(dir - t->file), t->file, pattern);
	else
		i = (size_t)snprintf(path, sizeof(path), "%s", pattern);
	if (i >= sizeof(path))
		return file_error(t->r, t->file, t->line,
				  "include: the path is too long");
	/* Without wildcards the file has to be there, with them none need. */
	if (!strpbrk(pattern, "*?["))
		return read_file(t->r, path, to, depth, t->includes + 1,
				 t->file, t->line);
	ret = glob(path, 0, NULL, &g);
	if (ret == GLOB_NOMATCH)
		return 0;
	if (ret)
		return file_error(t->r, t->file, t->line,
				  "include: cannot read \"%s\"", path);
	for (i = 0; !ret && i < g.gl_pathc; i++)
		ret = read_file(t->r, g.gl_pathv[i], to, depth, t->includes + 1,
				t->file, t->line);
	globfree(&g);
	return ret;
}

/* Behind the ':' of a section. */
static int read_refs(struct text *t, struct section *s)
{
	char name[512];
	struct section *n;
	int ret, line;

	do {
		skip(t, true);
		line = t->line;
		ret = read_name(t, name, sizeof(name),
				"the name of a section to inherit from is "
				"expected");
		if (ret)
			return ret;
		if (++t->r->nodes > NODES_MAX)
			return file_too_many(t->r, t->file, line);
		n = section_set(s, REFS, name, strlen(name));
		if (!n)
			return file_no_memory(t->r);
		section_place(n, t->file, line);
		skip(t, true);
	} while (t->p < t->end && *t->p == ',' && t->p++);
	return 0;
}

static int open_section(struct text *t, struct section *to, const char *name,
			int line, unsigned int depth)
{
	struct section *s = section_find(to, name);
	int ret = 0;

	if (depth >= DEPTH_MAX)
		return file_error(t->r, t->file, line,
				  "more than %d sections within each other",
				  DEPTH_MAX);
	if (s && s->kind != SECTION_SECTION)
		return file_error(t->r, t->file, line,
				  "\"%s\" is a value (line %d), not a section",
				  name, s->line);
	if (!s) {
		if (++t->r->nodes > NODES_MAX)
			return file_too_many(t->r, t->file, line);
		s = section_add(to, name);
		if (!s)
			return file_no_memory(t->r);
		section_place(s, t->file, line);
	}
	if (*t->p == ':') {
		t->p++;
		ret = read_refs(t, s);
		if (ret)
			return ret;
	}
	if (t->p >= t->end || *t->p != '{')
		return bad_char(t, "'{' or ',' is expected");
	t->p++;
	ret = read_settings(t, s, depth + 1);
	if (ret)
		return ret;
	if (t->p >= t->end)
		return file_error(t->r, t->file, line,
				  "the section \"%s\" is not closed", name);
	t->p++; /* the '}' */
	return 0;
}

/* Up to the end or a '}', which stays. */
static int read_settings(struct text *t, struct section *to, unsigned int depth)
{
	struct buf b = { t->r->value, 0 };
	char name[256];
	int ret = 0, line;

	while (!ret) {
		skip(t, true);
		if (t->p >= t->end || *t->p == '}')
			break;
		line = t->line;
		ret = read_name(t, name, sizeof(name),
				"a name, \"include\" or '}' is expected");
		if (ret)
			break;
		if (!strcmp(name, "include") && t->p < t->end &&
		    is_space(*t->p)) {
			const char *q = t->p;

			while (q < t->end && is_space(*q))
				q++;
			if (q < t->end && *q != '=' && *q != '{') {
				ret = include(t, to, depth);
				continue;
			}
		}
		skip(t, false);
		if (t->p < t->end && *t->p == '=') {
			t->p++;
			b.len = 0;
			ret = read_value(t, &b);
			if (!ret)
				ret = set_value(t, to, name, &b, line);
			continue;
		}
		skip(t, true);
		if (t->p < t->end && (*t->p == '{' || *t->p == ':'))
			ret = open_section(t, to, name, line, depth);
		else
			ret = bad_char(t, "'=', ':' or '{' is expected");
	}
	return ret;
}

static int read_file(struct file_reader *r, const char *path,
		     struct section *to, unsigned int depth,
		     unsigned int includes, const char *from, int line)
{
	struct text t = { .r = r, .line = 1, .includes = includes };
	char *buf = NULL;
	struct stat st;
	size_t n = 0, cap = FILE_MAX;
	FILE *f;
	int ret = 0;

	f = fopen(path, "re");
	if (!f || fstat(fileno(f), &st))
		ret = -errno;
	else if (!S_ISREG(st.st_mode))
		ret = S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	if (ret) {
		if (from)
			file_error(r, from, line,
				   "include: cannot read \"%s\": %s", path,
				   strerror(-ret));
		else
			snprintf(r->why, r->size, "%s: %s", path,
				 strerror(-ret));
		if (f)
			fclose(f);
		return ret;
	}
	/* Some files do not say how long they are. */
	if (st.st_size > 0 && st.st_size < FILE_MAX)
		cap = (size_t)st.st_size;
	buf = malloc(cap + 1);
	t.file = origin_new(path);
	if (!buf || !t.file) {
		ret = file_no_memory(r);
		goto out;
	}
	setvbuf(f, NULL, _IONBF, 0); /* no second copy of secrets */
	n = fread(buf, 1, cap + 1, f);
	if (ferror(f)) {
		ret = -EIO;
		snprintf(r->why, r->size, "%s: %s", path, strerror(EIO));
		goto out;
	}
	if (n > cap && cap < FILE_MAX) {
		ret = file_error(r, path, 1, "it grew while it was read");
		goto out;
	}
	if (n > FILE_MAX) {
		ret = file_error(r, path, 1, "a file of more than %d bytes",
				 FILE_MAX);
		goto out;
	}
	t.p = buf;
	t.end = buf + n;
	ret = read_settings(&t, to, depth);
	if (!ret && t.p < t.end)
		ret = file_error(r, t.file, t.line, "'}' without a section");
out:
	fclose(f);
	if (buf)
		OPENSSL_cleanse(buf, n);
	free(buf);
	origin_put(t.file);
	return ret;
}

int section_read_file(const char *path, struct section **out, char *why,
		      size_t size)
{
	struct file_reader r = { .why = why, .size = size };
	struct section *root = section_new();
	int ret;

	*out = NULL;
	r.value = malloc(VALUE_MAX);
	if (!root || !r.value) {
		section_free(root);
		free(r.value);
		return file_no_memory(&r);
	}
	ret = read_file(&r, path, root, 0, 0, NULL, 0);
	OPENSSL_cleanse(r.value, VALUE_MAX);
	free(r.value);
	if (!ret)
		ret = refs_resolve(&r, root);
	if (ret) {
		section_free(root);
		return ret;
	}
	*out = root;
	return 0;
}
