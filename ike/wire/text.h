/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: numbers, addresses, ranges and bytes as text
 *
 * What swanctl.conf, the static configuration, the command line, VICI and the
 * log have in common. Where a function returns a sentence, it is NULL when the
 * text was good, else what is wrong with it, to stand behind the text or its
 * name: "needs ...", "has ...".
 */
#ifndef IKE_WIRE_TEXT_H
#define IKE_WIRE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <espalier/espalier.h>

/* "ffff:...:255.255.255.255-..." or with "/128", and its end */
#define ADDR_RANGE_TEXT 96

/** number_from_text() - decimal digits, 0 to @max; Return: 0 or -EINVAL */
int number_from_text(const char *s, uint64_t max, uint64_t *v);

/** addr_from_text() - Return: 0 or -EINVAL */
int addr_from_text(const char *s, struct espalier_addr *a);
/** addr_text() - Return: @buf; "%any" when there is none */
const char *addr_text(const struct espalier_addr *a, char *buf, size_t size);

/**
 * addr_range_from_text() - "ADDRESS", "ADDRESS/LENGTH", "FIRST-LAST"
 * @exact: bits behind a prefix are wrong, else they do not count
 * Return: a sentence
 */
const char *addr_range_from_text(const char *s, bool exact,
				 struct espalier_addr *lo,
				 struct espalier_addr *hi);
/** addr_range_text() - as "ADDRESS/LENGTH" if it can be, else "FIRST-LAST" */
const char *addr_range_text(const struct espalier_addr *lo,
			    const struct espalier_addr *hi, char *buf,
			    size_t size);

/**
 * port_range_from_text() - "N", "N-N", "any"
 * @opaque: that word is allowed too: 65535 to 0 (RFC 7296 section 3.13.1)
 * Return: a sentence
 */
const char *port_range_from_text(const char *s, bool opaque, uint16_t *lo,
				 uint16_t *hi);

/** proto_from_text() - 0 to 255, a name, "any": -1; Return: a sentence */
const char *proto_from_text(const char *s, int *proto);
/** proto_text() - name or number; -1: "any"; Return: @buf */
const char *proto_text(int proto, char *buf, size_t size);

/**
 * hex_from_text() - pairs of digits, which may be a key: nothing depends on
 * what they are but the error
 * @len: in: room at @out; out: bytes
 * Return: 0, -EINVAL or -ERANGE
 */
int hex_from_text(const char *s, uint8_t *out, size_t *len);

#endif /* IKE_WIRE_TEXT_H */
