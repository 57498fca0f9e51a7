/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: traffic selectors (RFC 7296 sections 2.9 and 3.13)
 */
#ifndef IKE_WIRE_TS_H
#define IKE_WIRE_TS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "wire/addr.h"

#define TS_MAX 32 /* that are configured, or agreed on by who answers */
#define TS_WIRE_MAX 255 /* in one payload (RFC 7296 section 3.13) */

/**
 * struct ts - one selector
 * @lo: first, @hi: last address, one family
 * @proto: 0 = any
 * @port_lo: 0..65535 = any; port_lo 65535 and port_hi 0 = OPAQUE; ICMP: type
 *           in the high byte, code in the low one
 */
struct ts {
	struct espalier_addr lo, hi;
	uint8_t proto;
	uint16_t port_lo, port_hi;
};

/**
 * ts_parse() - body of a TSi or TSr payload
 * @n: in: room at @ts, TS_WIRE_MAX holds any; out: selectors read
 * @unknown: of types that have no meaning here, which are not among @ts
 * Return: 0; -EBADMSG; -E2BIG: there are more than room for; @why says what,
 * and @n is 0
 */
int ts_parse(const uint8_t *body, size_t len, struct ts *ts, unsigned int *n,
	     unsigned int *unknown, const char **why);

/**
 * ts_narrow() - what both sides want (RFC 7296 section 2.9)
 * @theirs: as received; the first selector may be that of a packet: whoever
 *          narrows to less than everything keeps what holds it
 * @out: room for TS_MAX
 * @more: there was more in common than @out holds
 * Return: selectors in @out, 0 = nothing in common
 */
unsigned int ts_narrow(const struct ts *ours, unsigned int n_ours,
		       const struct ts *theirs, unsigned int n_theirs,
		       struct ts *out, bool *more);
/** ts_within() - is each of @a inside one of @b? */
bool ts_within(const struct ts *a, unsigned int na, const struct ts *b,
	       unsigned int nb);
bool ts_equal(const struct ts *a, const struct ts *b);

/**
 * ts_from_text() - "10.1.0.0/16", "10.0.0.1-10.0.0.9", "fd00::/64[tcp/80]",
 * "0.0.0.0/0[17/1000-2000]": as in swanctl.conf. "dynamic" is for the caller.
 */
int ts_from_text(const char *text, struct ts *ts, char *why, size_t size);
const char *ts_text(const struct ts *ts, char *buf, size_t size);

#endif /* IKE_WIRE_TS_H */
