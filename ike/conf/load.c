/* SPDX-License-Identifier: Apache-2.0 */
/* A connection from its section, by the tables of keys.c. */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/crypto.h>
#include "conf/load.h"

#define NAME_LEN_MAX 200 /* it has to fit the 255 bytes of a VICI name */
#define CHILDREN_MAX 4096

int load_error(struct load *l, const struct section *at, const char *name,
	       const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (at && at->file)
		snprintf(l->why, l->size, "%s:%d: %s%s%s: %s", at->file,
			 at->line, l->path, name ? "." : "", name ? name : "",
			 text);
	else
		snprintf(l->why, l->size, "%s%s%s: %s", l->path,
			 name ? "." : "", name ? name : "", text);
	return -EINVAL;
}

/* ---------------------------------------------------------- keys and values */

static const struct key *key_find(const struct key_table *t, const char *name)
{
	unsigned int i;

	for (i = 0; i < t->n; i++)
		if (!strcmp(t->keys[i].name, name))
			return &t->keys[i];
	return NULL;
}

/* What a value looks like in an error: short, printable. */
static void shown(char *out, size_t size, const char *text, size_t len)
{
	size_t i, n = 0;

	for (i = 0; i < len && n + 4 < size && i < 48; i++)
		out[n++] = isprint((unsigned char)text[i]) ? text[i] : '?';
	if (i < len)
		n += (size_t)snprintf(out + n, size - n, "...");
	out[n] = 0;
}

static int read_one(struct load *l, const struct key *k,
		    const struct section *at, void *obj, const char *text,
		    size_t len)
{
	char detail[384] = "", show[64];
	int ret = -EINVAL;

	if (k->bytes || !memchr(text, 0, len))
		ret = k->read(l, k, obj, text, len, detail, sizeof(detail));
	if (!ret || ret == -ENOMEM)
		return ret;
	if (k->bytes)
		return load_error(l, at, k->name, "%s",
				  detail[0] ? detail : k->allowed);
	shown(show, sizeof(show), text, len);
	return load_error(
		l, at, k->name, "\"%s\": %s%s", show,
		detail[0] ? "" : "allowed: ", detail[0] ? detail : k->allowed);
}

/* The comma separated items of a value of a file. */
static int read_items(struct load *l, const struct key *k,
		      const struct section *s, void *obj)
{
	const char *p = (const char *)s->value, *end = p + s->len, *comma, *e;
	char *item;
	int ret = 0;

	while (!ret) {
		comma = memchr(p, ',', (size_t)(end - p));
		e = comma ? comma : end;
		while (p < e && isspace((unsigned char)*p))
			p++;
		while (e > p && isspace((unsigned char)e[-1]))
			e--;
		if (e > p) {
			item = strndup(p, (size_t)(e - p));
			if (!item)
				return -ENOMEM;
			/* up to a NUL, which no item may have */
			ret = strlen(item) == (size_t)(e - p)
				      ? read_one(l, k, s, obj, item,
						 (size_t)(e - p))
				      : load_error(l, s, k->name,
						   "not text; allowed: %s",
						   k->allowed);
			free(item);
		}
		if (!comma)
			break;
		p = comma + 1;
	}
	return ret;
}

static int read_key(struct load *l, const struct key *k,
		    const struct section *s, void *obj)
{
	const struct section *item;
	int ret = 0;

	if (s->kind == SECTION_LIST && !k->list)
		return load_error(l, s, k->name, "one value, not a list");
	if (s->kind == SECTION_VALUE && k->list &&
	    !(k->bytes && !l->dir)) /* a certificate may have commas in it */
		return read_items(l, k, s, obj);
	if (s->kind == SECTION_VALUE)
		return read_one(l, k, s, obj, (const char *)s->value, s->len);
	for (item = s->child; item && !ret; item = item->next)
		ret = read_one(l, k, s, obj, (const char *)item->value,
			       item->len);
	return ret;
}

int load_keys(struct load *l, const struct key_table *table,
	      const struct section *s, void *obj)
{
	const struct section *c;
	const struct key *k;
	unsigned int i;
	int ret;

	for (c = s ? s->child : NULL; c; c = c->next) {
		k = key_find(table, c->name);
		if (c->kind == SECTION_SECTION) {
			if (k)
				return load_error(l, c, c->name,
						  "a value, not a section; "
						  "allowed: %s",
						  k->allowed);
			continue;
		}
		if (!k)
			return load_error(l, c, c->name,
					  "unknown or unsupported key");
		ret = read_key(l, k, c, obj);
		if (ret)
			return ret;
	}
	for (i = 0; i < table->n; i++) {
		k = &table->keys[i];
		c = section_find(s, k->name);
		/* An empty list is as good as none. */
		if (c && (c->kind == SECTION_VALUE || c->child))
			continue;
		if (k->derived || !k->def[0])
			continue;
		ret = k->read(l, k, obj, k->def, strlen(k->def), l->why,
			      l->size);
		if (ret)
			return ret;
	}
	return 0;
}

/* ------------------------------------------------------------------- limits */

/* Hard and random limit from the soft one, where they were not given. */
static int limits(struct load *l, const struct section *s, const char *what,
		  const char *hard_name, uint64_t soft, uint64_t *hard,
		  uint64_t *rnd)
{
	char rand_name[32], soft_name[32];

	snprintf(rand_name, sizeof(rand_name), "rand_%s", what);
	snprintf(soft_name, sizeof(soft_name), "rekey_%s", what);
	if (*hard == UNSET)
		*hard = soft + soft / 10;
	if (*hard && *hard < soft)
		return load_error(l, section_find(s, hard_name) ?: s, hard_name,
				  "less than %s; allowed: 0, or %s and more",
				  soft_name, soft_name);
	if (*rnd == UNSET) {
		*rnd = *hard > soft ? *hard - soft : 0;
		if (*rnd > soft / 2)
			*rnd = soft / 2;
	}
	if (*rnd > soft)
		return load_error(l, section_find(s, rand_name) ?: s, rand_name,
				  "more than %s; allowed: 0 to %s", soft_name,
				  soft_name);
	return 0;
}

/* ----------------------------------------------------------------- sections */

static int path_push(struct load *l, const struct section *s)
{
	size_t n = strlen(l->path), i, len = strlen(s->name);

	if (!len || len > NAME_LEN_MAX || n + len + 2 > sizeof(l->path))
		return load_error(l, s, NULL,
				  "a name of %zu characters; allowed: 1 to %d",
				  len, NAME_LEN_MAX);
	for (i = 0; i < len; i++)
		if ((unsigned char)s->name[i] < 0x20 || s->name[i] == 0x7f)
			return load_error(l, s, NULL,
					  "a name with a control character");
	l->path[n] = '.';
	memcpy(l->path + n + 1, s->name, len + 1);
	return 0;
}

static void path_pop(struct load *l)
{
	*strrchr(l->path, '.') = 0;
}

static int load_auth(struct load *l, const struct section *s,
		     const struct key_table *table, struct ike_auth_conf *a)
{
	const struct section *c;
	int ret;

	for (c = s ? s->child : NULL; c; c = c->next)
		if (c->kind == SECTION_SECTION && !key_find(table, c->name))
			return load_error(l, c, c->name,
					  "unknown or unsupported section");
	ret = load_keys(l, table, s, a);
	if (!ret && a->psk && (a->ncerts || a->ncacerts))
		return load_error(
			l, section_find(s, a->ncerts ? "certs" : "cacerts"),
			a->ncerts ? "certs" : "cacerts",
			"certificates, but auth = psk");
	return ret;
}

static int load_child(struct load *l, const struct section *s,
		      struct child_conf *c)
{
	const struct section *sub;
	char none[1];
	int ret;

	for (sub = s->child; sub; sub = sub->next)
		if (sub->kind == SECTION_SECTION &&
		    !key_find(&child_keys, sub->name))
			return load_error(l, sub, sub->name,
					  "unknown or unsupported section");
	c->name = strdup(s->name);
	if (!c->name)
		return -ENOMEM;
	c->life_time = c->rand_time = UNSET;
	c->life_bytes = c->rand_bytes = UNSET;
	c->life_packets = c->rand_packets = UNSET;
	ret = load_keys(l, &child_keys, s, c);
	if (ret)
		return ret;
	if (!c->nprops) {
		const struct key *k = key_find(&child_keys, "esp_proposals");

		ret = k->read(l, k, c, "default", 7, none, sizeof(none));
		if (ret)
			return ret;
	}
	ret = limits(l, s, "time", "life_time", c->rekey_time, &c->life_time,
		     &c->rand_time);
	if (!ret)
		ret = limits(l, s, "bytes", "life_bytes", c->rekey_bytes,
			     &c->life_bytes, &c->rand_bytes);
	if (!ret)
		ret = limits(l, s, "packets", "life_packets", c->rekey_packets,
			     &c->life_packets, &c->rand_packets);
	return ret;
}

static int load_children(struct load *l, const struct section *s,
			 struct conn *conn)
{
	struct child_conf **tail = &conn->children, *c;
	const struct section *sub;
	unsigned int n = 0;
	int ret;

	for (sub = s->child; sub; sub = sub->next) {
		if (sub->kind != SECTION_SECTION)
			return load_error(l, sub, sub->name,
					  "a section with the name of a child "
					  "is expected, not a value");
		if (++n > CHILDREN_MAX)
			return load_error(l, sub, sub->name,
					  "more than %d children",
					  CHILDREN_MAX);
		ret = path_push(l, sub);
		if (ret)
			return ret;
		c = calloc(1, sizeof(*c));
		if (!c)
			return -ENOMEM;
		*tail = c;
		tail = &c->next;
		ret = load_child(l, sub, c);
		if (ret)
			return ret;
		path_pop(l);
	}
	return 0;
}

/* "local", "local-1" and the like; there is one round of each. */
static int load_side(struct load *l, const struct section *s, const char *side,
		     const struct key_table *table, struct ike_auth_conf *a)
{
	const struct section *c, *found = NULL;
	int ret;

	for (c = s->child; c; c = c->next) {
		if (c->kind != SECTION_SECTION ||
		    strncmp(c->name, side, strlen(side)))
			continue;
		if (found)
			return load_error(l, c, c->name,
					  "a second round of authentication; "
					  "allowed: one section %s",
					  side);
		found = c;
	}
	if (!found)
		return load_auth(l, NULL, table, a);
	ret = path_push(l, found);
	if (ret)
		return ret;
	ret = load_auth(l, found, table, a);
	if (!ret)
		path_pop(l);
	return ret;
}

/* Things that no single key shows. */
static int check(struct load *l, const struct section *s,
		 const struct conn *conn)
{
	const struct section *children = section_find(s, "children");
	const struct child_conf *c;
	unsigned int i;
	bool peer = false;

	for (i = 0; i < conn->nremote; i++)
		peer |= addr_match_single(&conn->remote[i]);
	for (c = conn->children; c; c = c->next)
		if (c->start != ACTION_NONE && !peer)
			return load_error(
				l, section_find(children, c->name), NULL,
				"children.%s.start_action: there is nobody to "
				"initiate to; allowed: none, as long as "
				"remote_addrs has no single address",
				c->name);
	return 0;
}

static int load_conn(struct load *l, const struct section *s, struct conn *conn)
{
	const struct section *c;
	int ret;

	for (c = s->child; c; c = c->next)
		if (c->kind == SECTION_SECTION && strcmp(c->name, "children") &&
		    strncmp(c->name, "local", 5) &&
		    strncmp(c->name, "remote", 6))
			return load_error(l, c, c->name,
					  "unknown or unsupported section");
	conn->refs = 1;
	conn->name = strdup(s->name);
	if (!conn->name)
		return -ENOMEM;
	conn->over_time = conn->rand_time = UNSET;
	ret = load_keys(l, &conn_keys, s, conn);
	if (ret)
		return ret;
	/* over_time counts from rekey_time on, life_time from the start. */
	if (conn->over_time == UNSET)
		conn->over_time = conn->rekey_time / 10;
	if (conn->rand_time == UNSET && conn->over_time > conn->rekey_time / 2)
		conn->rand_time = conn->rekey_time / 2;
	else if (conn->rand_time == UNSET)
		conn->rand_time = conn->over_time;
	if (conn->rand_time > conn->rekey_time)
		return load_error(l, section_find(s, "rand_time") ?: s,
				  "rand_time",
				  "more than rekey_time; allowed: 0 to "
				  "rekey_time");
	ret = load_side(l, s, "local", &auth_keys_local, &conn->auth_local);
	if (!ret)
		ret = load_side(l, s, "remote", &auth_keys_remote,
				&conn->auth_remote);
	if (ret)
		return ret;
	c = section_find(s, "children");
	if (c && c->kind != SECTION_SECTION)
		return load_error(l, c, "children", "a section is expected");
	if (c) {
		ret = path_push(l, c);
		if (!ret)
			ret = load_children(l, c, conn);
		if (ret)
			return ret;
		path_pop(l);
	}
	return check(l, s, conn);
}

int conn_load(const struct section *s, struct ike_creds *creds, const char *dir,
	      struct conn **out, char *why, size_t size)
{
	struct load l = {
		.creds = creds,
		.dir = dir,
		.path = "connections",
		.why = why,
		.size = size,
	};
	struct conn *conn;
	int ret;

	*out = NULL;
	if (size)
		why[0] = 0;
	if (s->kind != SECTION_SECTION || !s->name)
		return load_error(&l, s, s->name,
				  "a section with the name of a connection is "
				  "expected");
	ret = path_push(&l, s);
	if (ret)
		return ret;
	conn = calloc(1, sizeof(*conn));
	if (!conn)
		return -ENOMEM;
	ret = load_conn(&l, s, conn);
	if (ret) {
		conn_put(conn);
		if (ret == -ENOMEM)
			snprintf(why, size, "no memory");
		return ret;
	}
	*out = conn;
	return 0;
}

/* --------------------------------------------------------------- references */

struct conn *conn_get(struct conn *c)
{
	c->refs++;
	return c;
}

static void auth_clear(struct ike_auth_conf *a)
{
	free(a->certs);
	free(a->cacerts);
	free(a->schemes);
}

void conn_put(struct conn *c)
{
	struct child_conf *child, *next;

	if (!c || (c->refs && --c->refs))
		return;
	for (child = c->children; child; child = next) {
		next = child->next;
		free(child->name);
		free(child);
	}
	auth_clear(&c->auth_local);
	auth_clear(&c->auth_remote);
	free(c->name);
	free(c);
}
