// SPDX-License-Identifier: Apache-2.0
/*
 * SA payloads read and written (RFC 7296 section 3.3).
 *
 * What is not understood voids as little as 3.3.6 says: an attribute its
 * transform, a transform type its proposal, a protocol its proposal.
 */
#include <errno.h>
#include <string.h>
#include "wire/cursor.h"

enum { LAST = 0, MORE_PROPOSALS = 2, MORE_TRANSFORMS = 3 };

#define ATTR_TV 0x8000 /* the value stands in place of a length */
#define ATTR_KEY_LENGTH 14

static int malformed(const char **why, const char *text)
{
	*why = text;
	return -EBADMSG;
}

/* Attributes of one transform; @usable: none that is not understood. */
static int parse_attributes(struct cursor *c, struct transform *t, bool *usable,
			    const char **why)
{
	*usable = true;
	while (cursor_left(c)) {
		uint16_t type = cursor_u16(c);
		uint16_t value = cursor_u16(c);

		if (!(type & ATTR_TV))
			cursor_take(c, value);
		if (c->bad)
			return malformed(why, "attribute does not fit");
		/* given twice or as zero, a key length says nothing */
		if (type != (ATTR_TV | ATTR_KEY_LENGTH) || t->bits || !value)
			*usable = false;
		else
			t->bits = value;
	}
	return 0;
}

static bool type_known(uint8_t type)
{
	return type >= TT_ENCR && type <= TT_ADDKE7;
}

/*
 * The transforms of one proposal. A list longer than a struct proposal holds is
 * read with @named_only: what has no name here cannot be chosen either.
 * @usable: the proposal can be considered
 */
static int parse_transforms(struct cursor c, unsigned int n, bool named_only,
			    struct proposal *p, bool *usable, bool *full,
			    const char **why)
{
	uint32_t seen = 0, kept = 0;

	p->n = 0;
	*usable = n > 0;
	*full = false;
	for (; n; n--) {
		uint8_t more = cursor_u8(&c);
		struct transform t = { 0 };
		struct cursor attrs;
		struct chunk body;
		uint16_t len;
		bool ok;
		int rc;

		cursor_u8(&c);
		len = cursor_u16(&c);
		if (len < 8)
			return malformed(why, "transform is too short");
		body = cursor_take(&c, len - 4);
		if (c.bad)
			return malformed(why, "transform does not fit");
		if (more != (n > 1 ? MORE_TRANSFORMS : LAST))
			return malformed(why, "transforms are miscounted");
		attrs = cursor_of(body.p, body.len);
		t.type = cursor_u8(&attrs);
		cursor_u8(&attrs);
		t.id = cursor_u16(&attrs);
		rc = parse_attributes(&attrs, &t, &ok, why);
		if (rc)
			return rc;
		if (!type_known(t.type)) {
			*usable = false;
			continue;
		}
		seen |= 1u << t.type;
		if (!ok || (named_only && !transform_name(t.type, t.id)))
			continue;
		if (p->n == PROPOSAL_TRANSFORMS_MAX) {
			*full = true;
			continue;
		}
		kept |= 1u << t.type;
		p->t[p->n++] = t;
	}
	if (cursor_left(&c))
		return malformed(why, "bytes after the last transform");
	/* a type of which nothing is left was still asked for */
	if (seen != kept)
		*usable = false;
	return 0;
}

static bool spi_size_fits(uint8_t protocol, uint8_t size)
{
	if (protocol == PROTO_IKE)
		return size == 0 || size == 8;
	return size == 4;
}

/* One proposal; @more: another one follows. */
static int parse_proposal(struct cursor *c, struct proposal *p, bool *more,
			  bool *usable, const char **why)
{
	uint8_t last = cursor_u8(c), transforms;
	struct cursor body;
	struct chunk b;
	uint16_t len;
	bool full;
	int rc;

	*p = (struct proposal){ 0 };
	cursor_u8(c);
	len = cursor_u16(c);
	if (len < 8)
		return malformed(why, "proposal is too short");
	b = cursor_take(c, len - 4);
	if (c->bad)
		return malformed(why, "proposal does not fit");
	if (last != LAST && last != MORE_PROPOSALS)
		return malformed(why, "proposal neither last nor followed");
	*more = last == MORE_PROPOSALS;
	body = cursor_of(b.p, b.len);
	p->num = cursor_u8(&body);
	p->protocol = cursor_u8(&body);
	p->spi_size = cursor_u8(&body);
	transforms = cursor_u8(&body);
	*usable = false;
	if (p->protocol < PROTO_IKE || p->protocol > PROTO_ESP)
		return 0;
	if (!spi_size_fits(p->protocol, p->spi_size))
		return malformed(why, "SPI size does not fit the protocol");
	p->spi = cursor_uint(&body, p->spi_size);
	if (body.bad)
		return malformed(why, "SPI does not fit");
	/* IKE-18 */
	if (p->spi_size && !p->spi)
		return malformed(why, "SPI is zero");
	rc = parse_transforms(body, transforms, false, p, usable, &full, why);
	if (!rc && full)
		rc = parse_transforms(body, transforms, true, p, usable, &full,
				      why);
	return rc;
}

int proposals_parse(const uint8_t *sa, size_t len, struct proposal *props,
		    unsigned int *n, const char **why)
{
	struct cursor c = cursor_of(sa, len);
	unsigned int room = *n, got = 0, num = 0;
	struct proposal p;
	bool more = true, usable;
	int rc;

	*n = 0;
	*why = NULL;
	while (more) {
		rc = parse_proposal(&c, &p, &more, &usable, why);
		if (rc)
			return rc;
		/* an answer keeps the number of what it chose: any start */
		if (!p.num || (num && p.num != num + 1))
			return malformed(why, "proposals are misnumbered");
		num = p.num;
		if (usable && got < room)
			props[got++] = p;
	}
	if (cursor_left(&c))
		return malformed(why, "bytes after the last proposal");
	*n = got;
	return 0;
}

/* ------------------------------------------------------------------ writing */

static void patch_u16(struct ike_writer *w, size_t at, size_t v)
{
	if (w->overflow)
		return;
	w->buf[at] = v >> 8;
	w->buf[at + 1] = v;
}

static void put_transform(struct ike_writer *w, const struct transform *t,
			  bool last)
{
	ike_put_u8(w, last ? LAST : MORE_TRANSFORMS);
	ike_put_u8(w, 0);
	ike_put_u16(w, t->bits ? 12 : 8);
	ike_put_u8(w, t->type);
	ike_put_u8(w, 0);
	ike_put_u16(w, t->id);
	if (t->bits) {
		ike_put_u16(w, ATTR_TV | ATTR_KEY_LENGTH);
		ike_put_u16(w, t->bits);
	}
}

void ike_put_sa(struct ike_writer *w, const struct proposal *props,
		unsigned int n)
{
	ike_pl_begin(w, PL_SA);
	for (const struct proposal *p = props; p < props + n; p++) {
		size_t start = w->len;

		ike_put_u8(w, p + 1 < props + n ? MORE_PROPOSALS : LAST);
		ike_put_u8(w, 0);
		ike_put_u16(w, 0); /* length */
		ike_put_u8(w, p->num);
		ike_put_u8(w, p->protocol);
		ike_put_u8(w, p->spi_size);
		ike_put_u8(w, p->n);
		if (p->spi_size == 8)
			ike_put_u64(w, p->spi);
		else if (p->spi_size == 4)
			ike_put_u32(w, p->spi);
		for (unsigned int i = 0; i < p->n; i++)
			put_transform(w, &p->t[i], i + 1 == p->n);
		patch_u16(w, start + 2, w->len - start);
	}
	ike_pl_end(w);
}
