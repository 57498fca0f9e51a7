/* SPDX-License-Identifier: Apache-2.0 */
/* Values as text: times, volumes, addresses, secrets. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "conf/conn.h"
#include "conf/load.h"
#include "wire/text.h"

/* Digits (decimal, or 0x and hex), spaces, at most one letter of @units. */
static int number(const char *text, const char *units, char *unit,
		  uint64_t *value)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	*value = strtoull(text, &end,
			  text[0] == '0' && (text[1] | 0x20) == 'x' ? 16 : 10);
	if (errno)
		return -ERANGE;
	while (*end == ' ')
		end++;
	*unit = (char)tolower((unsigned char)*end);
	if (!*unit)
		return 0;
	return strchr(units, *unit) && !end[1] ? 0 : -EINVAL;
}

static int scaled(uint64_t value, uint64_t by, uint64_t *out)
{
	return __builtin_mul_overflow(value, by, out) ? -ERANGE : 0;
}

int conf_time(const char *text, uint64_t *usec)
{
	uint64_t v, by = IKE_USEC;
	char unit;
	int ret = number(text, "smhd", &unit, &v);

	if (ret)
		return ret;
	if (unit == 'm')
		by *= 60;
	else if (unit == 'h')
		by *= 3600;
	else if (unit == 'd')
		by *= 86400;
	/* A year past any clock of this program cannot be added to now. */
	ret = scaled(v, by, usec);
	return ret || *usec > UINT64_MAX / 4 ? -ERANGE : 0;
}

int conf_bytes(const char *text, uint64_t *bytes)
{
	uint64_t v;
	char unit;
	int ret = number(text, "kmg", &unit, &v);

	if (ret)
		return ret;
	ret = scaled(v,
		     unit == 'k'   ? 1ull << 10
		     : unit == 'm' ? 1ull << 20
		     : unit == 'g' ? 1ull << 30
				   : 1,
		     bytes);
	return ret || *bytes > UINT64_MAX / 4 ? -ERANGE : 0;
}

int conf_number(const char *text, uint64_t *value)
{
	char unit;

	return number(text, "", &unit, value);
}

int conf_addr_match(const char *text, struct addr_match *m)
{
	memset(m, 0, sizeof(*m));
	if (!strcmp(text, "%any")) {
		m->any = true;
		return 0;
	}
	return addr_range_from_text(text, false, &m->lo, &m->hi) ? -EINVAL : 0;
}

const char *conf_addr_match_text(const struct addr_match *m, char *buf,
				 size_t size)
{
	if (m->any || addr_match_single(m))
		return addr_text(&m->lo, buf, size);
	return addr_range_text(&m->lo, &m->hi, buf, size);
}

/* ------------------------------------------------------------------ secrets */

static int digit(char c, const char *digits)
{
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

static int from_base64(const char *text, uint8_t *out, size_t *len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t n = 0, cap = *len, chars = 0;
	uint32_t acc = 0;
	int d;

	for (; *text && *text != '='; text++, chars++) {
		d = digit(*text, digits);
		if (d < 0)
			return -EINVAL;
		acc = acc << 6 | (uint32_t)d;
		if (chars % 4 == 0)
			continue;
		if (n == cap)
			return -ERANGE;
		out[n++] = (uint8_t)(acc >> (6 - 2 * (chars % 4)));
	}
	if (chars % 4 == 1)
		return -EINVAL;
	for (d = 0; *text == '='; text++)
		d++;
	if (*text || (d && (chars + (size_t)d) % 4))
		return -EINVAL;
	*len = n;
	return 0;
}

int conf_secret(const char *text, uint8_t *out, size_t *len)
{
	size_t n = strlen(text);

	if (!strncasecmp(text, "0x", 2))
		return hex_from_text(text + 2, out, len);
	if (!strncasecmp(text, "0s", 2))
		return from_base64(text + 2, out, len);
	if (n > *len)
		return -ERANGE;
	memcpy(out, text, n);
	*len = n;
	return 0;
}
