// SPDX-License-Identifier: Apache-2.0
/* Arguments of a request, and values of an answer. */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "ctl_internal.h"

static const json_t *get(struct ctl_req *req, const char *name, bool required,
			 int *ret)
{
	const json_t *j = json_object_get(req->args, name);

	*ret = 0;
	if (!j && required)
		*ret = espi_fail(&req->err, -EINVAL, "%s: missing", name);
	return j;
}

/* Decimal or 0x, nothing before and nothing behind. */
static bool number(const char *s, uint64_t *val)
{
	char *end;

	if (*s < '0' || *s > '9')
		return false;
	errno = 0;
	*val = strtoull(s, &end,
			s[0] == '0' && (s[1] == 'x' || s[1] == 'X') ? 16 : 10);
	return !errno && !*end;
}

int espi_arg_u64(struct ctl_req *req, const char *name, bool required,
		 uint64_t max, uint64_t *val)
{
	const json_t *j;
	uint64_t v = 0;
	bool ok = false;
	int ret;

	j = get(req, name, required, &ret);
	if (!j)
		return ret;
	if (json_is_integer(j)) {
		ok = json_integer_value(j) >= 0;
		v = (uint64_t)json_integer_value(j);
	} else if (json_is_string(j)) {
		ok = number(json_string_value(j), &v);
	}
	if (!ok || v > max)
		return espi_fail(&req->err, -EINVAL,
				 "%s: not a number from 0 to %" PRIu64, name,
				 max);
	*val = v;
	return 1;
}

int espi_arg_u32(struct ctl_req *req, const char *name, bool required,
		 uint32_t max, uint32_t *val)
{
	uint64_t v;
	int ret = espi_arg_u64(req, name, required, max, &v);

	if (ret == 1)
		*val = (uint32_t)v;
	return ret;
}

int espi_arg_word(struct ctl_req *req, const char *name, bool required,
		  const char *const *words, int *index)
{
	char list[96] = "";
	const json_t *j;
	int ret, i;

	j = get(req, name, required, &ret);
	if (!j)
		return ret;
	for (i = 0; words[i]; i++) {
		if (json_is_string(j) &&
		    !strcmp(json_string_value(j), words[i])) {
			*index = i;
			return 1;
		}
		strncat(list, i ? ", " : "", sizeof(list) - strlen(list) - 1);
		strncat(list, words[i], sizeof(list) - strlen(list) - 1);
	}
	return espi_fail(&req->err, -EINVAL, "%s: not one of %s", name, list);
}

int espi_arg_bool(struct ctl_req *req, const char *name, bool *val)
{
	static const char *const words[] = { "off", "on", NULL };
	const json_t *j = json_object_get(req->args, name);
	int ret, i;

	if (json_is_boolean(j)) {
		*val = json_is_true(j);
		return 1;
	}
	ret = espi_arg_word(req, name, false, words, &i);
	if (ret == 1)
		*val = i;
	return ret;
}

static bool addr_parse(const char *s, struct espalier_addr *a)
{
	memset(a, 0, sizeof(*a));
	a->family = strchr(s, ':') ? AF_INET6 : AF_INET;
	return inet_pton(a->family, s, a->bytes) == 1;
}

int espi_arg_addr(struct ctl_req *req, const char *name, bool required,
		  struct espalier_addr *addr)
{
	const json_t *j;
	int ret;

	j = get(req, name, required, &ret);
	if (!j)
		return ret;
	if (!json_is_string(j) || !addr_parse(json_string_value(j), addr))
		return espi_fail(&req->err, -EINVAL,
				 "%s: not an IPv4 or IPv6 address", name);
	return 1;
}

static void mask(struct espalier_addr *lo, struct espalier_addr *hi,
		 unsigned int prefix)
{
	unsigned int i, n = lo->family == AF_INET6 ? 16 : 4, bits;
	uint8_t m;

	for (i = 0; i < n; i++) {
		bits = prefix > 8 * i ? prefix - 8 * i : 0;
		m = bits >= 8 ? 0 : (uint8_t)(0xff >> bits);
		lo->bytes[i] &= (uint8_t)~m;
		hi->bytes[i] |= m;
	}
}

static bool range_parse(char *s, struct espalier_addr *lo,
			struct espalier_addr *hi)
{
	char *sep = strpbrk(s, "/-");
	const char kind = sep ? *sep : 0;
	uint64_t prefix;

	if (sep)
		*sep++ = '\0';
	if (!addr_parse(s, lo))
		return false;
	*hi = *lo;
	if (kind == '-')
		return addr_parse(sep, hi);
	if (kind == '/') {
		if (!number(sep, &prefix) ||
		    prefix > (lo->family == AF_INET6 ? 128u : 32u))
			return false;
		mask(lo, hi, (unsigned int)prefix);
	}
	return true;
}

int espi_arg_range(struct ctl_req *req, const char *name,
		   struct espalier_addr *lo, struct espalier_addr *hi)
{
	char text[128];
	const json_t *j;
	int ret;

	j = get(req, name, true, &ret);
	if (!j)
		return ret;
	if (!json_is_string(j) || json_string_length(j) >= sizeof(text))
		goto bad;
	strcpy(text, json_string_value(j));
	if (!range_parse(text, lo, hi))
		goto bad;
	return 1;
bad:
	return espi_fail(&req->err, -EINVAL,
			 "%s: not an address, a prefix or a range (a-b)", name);
}

int espi_arg_ports(struct ctl_req *req, const char *name, uint16_t *lo,
		   uint16_t *hi)
{
	uint64_t a, b;
	char text[32];
	const json_t *j;
	char *sep;
	int ret;

	*lo = 0;
	*hi = 65535;
	j = get(req, name, false, &ret);
	if (!j)
		return ret;
	if (json_is_integer(j))
		snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT,
			 json_integer_value(j));
	else if (json_is_string(j) && json_string_length(j) < sizeof(text))
		strcpy(text, json_string_value(j));
	else
		goto bad;
	if (!strcmp(text, "any"))
		return 1;
	sep = strchr(text, '-');
	if (sep)
		*sep++ = '\0';
	if (!number(text, &a) || a > 65535)
		goto bad;
	b = a;
	if (sep && (!number(sep, &b) || b > 65535))
		goto bad;
	*lo = (uint16_t)a;
	*hi = (uint16_t)b;
	return 1;
bad:
	return espi_fail(&req->err, -EINVAL,
			 "%s: not a port, a range (a-b) or any", name);
}

void espi_json_set(json_t **object, const char *key, json_t *val)
{
	/* takes the reference also when it fails, and a NULL for a failure */
	if (json_object_set_new(*object, key, val)) {
		json_decref(*object);
		*object = NULL;
	}
}

void espi_json_append(json_t **list, json_t *val)
{
	if (json_array_append_new(*list, val)) {
		json_decref(*list);
		*list = NULL;
	}
}

/* JSON integers are signed here: what does not fit goes as a string. */
json_t *espi_json_u64(uint64_t val)
{
	char text[24];

	if (val <= INT64_MAX)
		return json_integer((json_int_t)val);
	snprintf(text, sizeof(text), "%" PRIu64, val);
	return json_string(text);
}

json_t *espi_json_addr(const struct espalier_addr *addr)
{
	char text[64];

	if (addr->family == AF_UNSPEC)
		return json_null();
	return json_string(espi_addr_text(addr, text));
}

/* As a prefix if it is one. */
json_t *espi_json_range(const struct espalier_addr *lo,
			const struct espalier_addr *hi)
{
	unsigned int prefix, max = lo->family == AF_INET6 ? 128 : 32;
	struct espalier_addr l, h;
	char a[64], b[64], text[140];

	espi_addr_text(lo, a);
	espi_addr_text(hi, b);
	for (prefix = 0; prefix <= max; prefix++) {
		l = h = *lo;
		mask(&l, &h, prefix);
		if (memcmp(l.bytes, lo->bytes, max / 8) ||
		    memcmp(h.bytes, hi->bytes, max / 8))
			continue;
		snprintf(text, sizeof(text), "%s/%u", a, prefix);
		return json_string(text);
	}
	snprintf(text, sizeof(text), "%s-%s", a, b);
	return json_string(text);
}

json_t *espi_json_ports(uint16_t lo, uint16_t hi)
{
	char text[16];

	if (lo == 0 && hi == 65535)
		return json_string("any");
	if (lo == hi)
		snprintf(text, sizeof(text), "%u", lo);
	else
		snprintf(text, sizeof(text), "%u-%u", lo, hi);
	return json_string(text);
}
