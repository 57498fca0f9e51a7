/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: the one way in which bytes of a peer are read
 *
 * A cursor never leaves its bounds. Reading past the end yields zero and marks
 * the cursor as bad for good, so that a reader may take a whole structure and
 * ask once. Values come in host byte order.
 */
#ifndef IKE_WIRE_CURSOR_H
#define IKE_WIRE_CURSOR_H

#include "wire/message.h"

struct cursor {
	const uint8_t *p, *end;
	bool bad;
};

static inline struct cursor cursor_of(const uint8_t *p, size_t len)
{
	/* a pointer that may be NULL is not calculated with */
	return (struct cursor){ p, len ? p + len : p, false };
}

static inline size_t cursor_left(const struct cursor *c)
{
	return c->p == c->end ? 0 : (size_t)(c->end - c->p);
}

static inline struct chunk cursor_take(struct cursor *c, size_t len)
{
	struct chunk out = { c->p, len };

	if (len > cursor_left(c)) {
		c->bad = true;
		c->p = c->end;
		return (struct chunk){ c->end, 0 };
	}
	if (len)
		c->p += len;
	return out;
}

static inline struct chunk cursor_rest(struct cursor *c)
{
	return cursor_take(c, cursor_left(c));
}

static inline uint64_t cursor_uint(struct cursor *c, unsigned int bytes)
{
	struct chunk b = cursor_take(c, bytes);
	uint64_t v = 0;

	for (size_t i = 0; i < b.len; i++)
		v = v << 8 | b.p[i];
	return v;
}

static inline uint8_t cursor_u8(struct cursor *c)
{
	return cursor_uint(c, 1);
}

static inline uint16_t cursor_u16(struct cursor *c)
{
	return cursor_uint(c, 2);
}

static inline uint32_t cursor_u32(struct cursor *c)
{
	return cursor_uint(c, 4);
}

static inline uint64_t cursor_u64(struct cursor *c)
{
	return cursor_uint(c, 8);
}

#endif /* IKE_WIRE_CURSOR_H */
