/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wire form of VICI messages: a sequence of elements, each a type, a name
 * (8-bit length) and a value (16-bit length) as its type has them.
 */
#include <errno.h>
#include <string.h>
#include <openssl/crypto.h>
#include "vici/vici.h"

enum element {
	SECTION_START = 1,
	SECTION_END = 2,
	KEY_VALUE = 3,
	LIST_START = 4,
	LIST_ITEM = 5,
	LIST_END = 6,
};

/* What one message may hold: far more than any command has, far less than
 * what would keep the daemon busy (names are compared with each other). */
#define DEPTH_MAX 16
#define NODES_MAX 8192

struct in {
	const uint8_t *p, *end;
};

/* A name as text; false: it ends early, or is not text. */
static bool get_name(struct in *in, char name[256])
{
	size_t len;

	if (in->p == in->end)
		return false;
	len = *in->p++;
	if ((size_t)(in->end - in->p) < len || memchr(in->p, 0, len))
		return false;
	memcpy(name, in->p, len);
	name[len] = 0;
	in->p += len;
	return true;
}

static bool get_value(struct in *in, const uint8_t **value, size_t *len)
{
	if (in->end - in->p < 2)
		return false;
	*len = (size_t)(in->p[0] << 8 | in->p[1]);
	in->p += 2;
	if ((size_t)(in->end - in->p) < *len)
		return false;
	*value = in->p;
	in->p += *len;
	return true;
}

int vici_decode(const uint8_t *msg, size_t len, struct section **out)
{
	struct section *stack[DEPTH_MAX], *at, *n, *root = section_new();
	struct in in = { msg, msg + len };
	unsigned int depth = 0, nodes = 0;
	const uint8_t *value;
	char name[256];
	int ret = -EBADMSG;
	uint8_t type;
	size_t size;

	*out = NULL;
	at = root;
	if (!root)
		return -ENOMEM;
	while (in.p < in.end) {
		type = *in.p++;
		if (type == SECTION_END || type == LIST_END) {
			if (!depth ||
			    (at->kind == SECTION_LIST) != (type == LIST_END))
				goto fail;
			at = stack[--depth];
			continue;
		}
		if (++nodes > NODES_MAX)
			goto fail;
		if (type == LIST_ITEM) {
			if (at->kind != SECTION_LIST ||
			    !get_value(&in, &value, &size))
				goto fail;
			n = section_item(at, value, size);
		} else {
			if (at->kind == SECTION_LIST || !get_name(&in, name) ||
			    section_find(at, name))
				goto fail;
			switch (type) {
			case SECTION_START:
				n = section_add(at, name);
				break;
			case LIST_START:
				n = section_list(at, name);
				break;
			case KEY_VALUE:
				if (!get_value(&in, &value, &size))
					goto fail;
				n = section_set(at, name, value, size);
				break;
			default:
				goto fail;
			}
		}
		if (!n) {
			ret = -ENOMEM;
			goto fail;
		}
		if (type == SECTION_START || type == LIST_START) {
			if (depth == DEPTH_MAX)
				goto fail;
			stack[depth++] = at;
			at = n;
		}
	}
	if (!depth) {
		*out = root;
		return 0;
	}
fail:
	section_free(root);
	return ret;
}

struct out {
	uint8_t *p;
	size_t len, cap;
	bool bad;
};

static void put(struct out *o, const void *data, size_t len)
{
	if (o->bad || o->cap - o->len < len) {
		o->bad = true;
		return;
	}
	if (len)
		memcpy(o->p + o->len, data, len);
	o->len += len;
}

static void put_u8(struct out *o, unsigned int v)
{
	uint8_t b = (uint8_t)v;

	put(o, &b, 1);
}

static void put_name(struct out *o, const char *name)
{
	size_t len = strlen(name);

	if (len > 255)
		o->bad = true;
	put_u8(o, (unsigned int)len);
	put(o, name, len);
}

static void put_value(struct out *o, const struct section *s)
{
	if (s->len > 65535)
		o->bad = true;
	put_u8(o, (unsigned int)s->len >> 8);
	put_u8(o, (unsigned int)s->len);
	put(o, s->value, s->len);
}

static void put_children(struct out *o, const struct section *s)
{
	const struct section *c;

	for (c = s->child; c && !o->bad; c = c->next) {
		if (s->kind == SECTION_LIST) {
			put_u8(o, LIST_ITEM);
			put_value(o, c);
			continue;
		}
		put_u8(o, c->kind == SECTION_VALUE  ? KEY_VALUE
			  : c->kind == SECTION_LIST ? LIST_START
						    : SECTION_START);
		put_name(o, c->name);
		if (c->kind == SECTION_VALUE) {
			put_value(o, c);
			continue;
		}
		put_children(o, c);
		put_u8(o, c->kind == SECTION_LIST ? LIST_END : SECTION_END);
	}
}

int vici_encode(const struct section *s, uint8_t *out, size_t cap)
{
	struct out o = { out, 0, cap, false };

	put_children(&o, s);
	return o.bad ? -EMSGSIZE : (int)o.len;
}
