// SPDX-License-Identifier: Apache-2.0
/* Traffic selectors on the wire and among themselves. */
#include <errno.h>
#include <string.h>
#include "wire/cursor.h"

#define TS_HDR_LEN 8
#define PORT_MAX 65535

static bool is_opaque(const struct ts *t)
{
	return t->port_lo == PORT_MAX && t->port_hi == 0;
}

static bool any_port(const struct ts *t)
{
	return t->port_lo == 0 && t->port_hi == PORT_MAX;
}

/* ----------------------------------------------------------------- the wire */

static int malformed(const char **why, const char *text)
{
	*why = text;
	return -EBADMSG;
}

static void take_addr(struct cursor *c, int family, struct espalier_addr *a)
{
	struct chunk b;

	memset(a, 0, sizeof(*a));
	a->family = family;
	b = cursor_take(c, addr_len(a));
	if (b.len)
		memcpy(a->bytes, b.p, b.len);
}

/* One selector; @known: its type has a meaning here. */
static int parse_one(struct cursor *c, struct ts *t, bool *known,
		     const char **why)
{
	uint8_t type = cursor_u8(c);
	struct cursor body;
	struct chunk b;
	uint16_t len;
	int family;

	*t = (struct ts){ .proto = cursor_u8(c) };
	len = cursor_u16(c);
	if (len < 4)
		return malformed(why, "selector is too short");
	b = cursor_take(c, len - 4);
	if (c->bad)
		return malformed(why, "selector does not fit");
	*known = type == TS_IPV4_ADDR_RANGE || type == TS_IPV6_ADDR_RANGE;
	if (!*known)
		return 0;
	family = type == TS_IPV4_ADDR_RANGE ? AF_INET : AF_INET6;
	body = cursor_of(b.p, b.len);
	t->port_lo = cursor_u16(&body);
	t->port_hi = cursor_u16(&body);
	take_addr(&body, family, &t->lo);
	take_addr(&body, family, &t->hi);
	if (body.bad || cursor_left(&body))
		return malformed(why, "selector length does not fit its type");
	if (addr_cmp(&t->lo, &t->hi) > 0)
		return malformed(why, "last address before the first");
	if (t->port_lo > t->port_hi && !is_opaque(t))
		return malformed(why, "last port before the first");
	return 0;
}

int ts_parse(const uint8_t *body, size_t len, struct ts *ts, unsigned int *n,
	     unsigned int *unknown, const char **why)
{
	struct cursor c = cursor_of(body, len);
	unsigned int count = cursor_u8(&c), room = *n, got = 0;
	struct ts t;
	bool known;
	int rc;

	*n = 0;
	*unknown = 0;
	*why = NULL;
	cursor_take(&c, 3);
	if (c.bad)
		return malformed(why, "too short");
	if (!count)
		return malformed(why, "no selector");
	while (count--) {
		rc = parse_one(&c, &t, &known, why);
		if (rc)
			return rc;
		if (!known) {
			++*unknown;
		} else if (got == room) {
			*why = "more selectors than there is room for";
			return -E2BIG;
		} else {
			ts[got++] = t;
		}
	}
	if (cursor_left(&c))
		return malformed(why, "bytes after the last selector");
	*n = got;
	return 0;
}

void ike_put_ts(struct ike_writer *w, enum ike_payload type,
		const struct ts *ts, unsigned int n)
{
	ike_pl_begin(w, type);
	ike_put_u8(w, n);
	ike_put(w, "\0\0", 3);
	for (unsigned int i = 0; i < n; i++) {
		unsigned int alen = addr_len(&ts[i].lo);

		ike_put_u8(w, ts[i].lo.family == AF_INET ? TS_IPV4_ADDR_RANGE
							 : TS_IPV6_ADDR_RANGE);
		ike_put_u8(w, ts[i].proto);
		ike_put_u16(w, TS_HDR_LEN + 2 * alen);
		ike_put_u16(w, ts[i].port_lo);
		ike_put_u16(w, ts[i].port_hi);
		ike_put(w, ts[i].lo.bytes, alen);
		ike_put(w, ts[i].hi.bytes, alen);
	}
	ike_pl_end(w);
}

/* ------------------------------------------------------- among themselves */

/* OPAQUE is inside of "any" and apart from every number (RFC 7296 3.13.1). */
static bool meet_ports(const struct ts *a, const struct ts *b, struct ts *out)
{
	if (is_opaque(a) || is_opaque(b)) {
		if (!(is_opaque(a) || any_port(a)) ||
		    !(is_opaque(b) || any_port(b)))
			return false;
		out->port_lo = PORT_MAX;
		out->port_hi = 0;
		return true;
	}
	out->port_lo = a->port_lo > b->port_lo ? a->port_lo : b->port_lo;
	out->port_hi = a->port_hi < b->port_hi ? a->port_hi : b->port_hi;
	return out->port_lo <= out->port_hi;
}

/* What is in both; Return: there is something. */
static bool meet(const struct ts *a, const struct ts *b, struct ts *out)
{
	if (a->lo.family != b->lo.family)
		return false;
	if (a->proto && b->proto && a->proto != b->proto)
		return false;
	memset(out, 0, sizeof(*out));
	out->proto = a->proto ? a->proto : b->proto;
	out->lo = addr_cmp(&a->lo, &b->lo) > 0 ? a->lo : b->lo;
	out->hi = addr_cmp(&a->hi, &b->hi) < 0 ? a->hi : b->hi;
	return addr_cmp(&out->lo, &out->hi) <= 0 && meet_ports(a, b, out);
}

bool ts_equal(const struct ts *a, const struct ts *b)
{
	return a->lo.family == b->lo.family && !addr_cmp(&a->lo, &b->lo) &&
	       !addr_cmp(&a->hi, &b->hi) && a->proto == b->proto &&
	       a->port_lo == b->port_lo && a->port_hi == b->port_hi;
}

static bool inside(const struct ts *a, const struct ts *b)
{
	struct ts m;

	return meet(a, b, &m) && ts_equal(&m, a);
}

bool ts_within(const struct ts *a, unsigned int na, const struct ts *b,
	       unsigned int nb)
{
	for (unsigned int i = 0; i < na; i++) {
		unsigned int k;

		for (k = 0; k < nb; k++)
			if (inside(&a[i], &b[k]))
				break;
		if (k == nb)
			return false;
	}
	return true;
}

/* Put @t into the set unless it is covered; what it covers goes. @more: there
 * was no room for it. */
static unsigned int merge(struct ts *set, unsigned int n, const struct ts *t,
			  bool *more)
{
	unsigned int kept = 0, at = n;

	if (ts_within(t, 1, set, n))
		return n;
	for (unsigned int i = 0; i < n; i++) {
		if (!inside(&set[i], t)) {
			set[kept++] = set[i];
			continue;
		}
		/* it inherits the rank of the first one it covers */
		if (at == n) {
			at = kept;
			set[kept++] = *t;
		}
	}
	if (at == n && kept < TS_MAX)
		set[kept++] = *t;
	else if (at == n)
		*more = true;
	return kept;
}

unsigned int ts_narrow(const struct ts *ours, unsigned int n_ours,
		       const struct ts *theirs, unsigned int n_theirs,
		       struct ts *out, bool *more)
{
	unsigned int n = 0;
	struct ts t;

	*more = false;
	/* the packet's selector stands first with them, so it does in @out,
	 * and is not what is left out if there are too many */
	for (unsigned int i = 0; i < n_theirs; i++)
		for (unsigned int k = 0; k < n_ours; k++)
			if (meet(&theirs[i], &ours[k], &t))
				n = merge(out, n, &t, more);
	return n;
}
