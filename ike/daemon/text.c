// SPDX-License-Identifier: Apache-2.0
/* Addresses, ranges and keys from and to text. */
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "config.h"
#include "wire/addr.h"

static int text_number(const char *s, unsigned long max, unsigned long *v)
{
	char *end;

	if (*s < '0' || *s > '9')
		return -EINVAL;
	errno = 0;
	*v = strtoul(s, &end, 0);
	return errno || *end || *v > max ? -EINVAL : 0;
}

int text_addr_range(const char *s, struct espalier_addr *lo,
		    struct espalier_addr *hi)
{
	char buf[2 * INET6_ADDRSTRLEN + 2], *sep;
	unsigned int bytes;
	unsigned long len;

	if (strlen(s) >= sizeof(buf))
		return -EINVAL;
	strcpy(buf, s);
	sep = strpbrk(buf, "/-");
	if (!sep) {
		if (addr_from_text(buf, lo))
			return -EINVAL;
		*hi = *lo;
		return 0;
	}
	if (*sep == '-') {
		*sep = '\0';
		if (addr_from_text(buf, lo) || addr_from_text(sep + 1, hi) ||
		    lo->family != hi->family)
			return -EINVAL;
		return addr_cmp(lo, hi) > 0 ? -EINVAL : 0;
	}
	*sep = '\0';
	if (addr_from_text(buf, lo))
		return -EINVAL;
	bytes = addr_len(lo);
	if (text_number(sep + 1, 8 * bytes, &len))
		return -EINVAL;
	*hi = *lo;
	for (unsigned int i = 0; i < bytes; i++) {
		int bits = (int)len - 8 * (int)i;
		uint8_t mask = bits >= 8   ? 0xff
			       : bits <= 0 ? 0
					   : (uint8_t)(0xff << (8 - bits));

		if (lo->bytes[i] & (uint8_t)~mask)
			return -EINVAL; /* bits set behind the prefix */
		hi->bytes[i] |= (uint8_t)~mask;
	}
	return 0;
}

int text_port_range(const char *s, uint16_t *lo, uint16_t *hi)
{
	unsigned long a, b;
	char buf[16], *sep;

	if (!strcmp(s, "any")) {
		*lo = 0;
		*hi = UINT16_MAX;
		return 0;
	}
	if (strlen(s) >= sizeof(buf))
		return -EINVAL;
	strcpy(buf, s);
	sep = strchr(buf, '-');
	if (sep)
		*sep++ = '\0';
	if (text_number(buf, UINT16_MAX, &a) ||
	    text_number(sep ? sep : buf, UINT16_MAX, &b) || a > b)
		return -EINVAL;
	*lo = (uint16_t)a;
	*hi = (uint16_t)b;
	return 0;
}

int text_proto(const char *s, int *proto)
{
	static const struct {
		const char *name;
		int proto;
	} names[] = {
		{ "any", -1 },
		{ "icmp", IPPROTO_ICMP },
		{ "tcp", IPPROTO_TCP },
		{ "udp", IPPROTO_UDP },
		{ "icmp6", IPPROTO_ICMPV6 },
		{ "esp", IPPROTO_ESP },
		{ "ah", IPPROTO_AH },
		{ "sctp", IPPROTO_SCTP },
	};
	unsigned long v;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(s, names[i].name)) {
			*proto = names[i].proto;
			return 0;
		}
	}
	if (text_number(s, 255, &v))
		return -EINVAL;
	*proto = (int)v;
	return 0;
}

int text_mac(const char *s, uint8_t mac[6])
{
	unsigned int b[6];
	int end = 0;

	if (sscanf(s, "%2x:%2x:%2x:%2x:%2x:%2x%n", &b[0], &b[1], &b[2], &b[3],
		   &b[4], &b[5], &end) != 6 ||
	    s[end])
		return -EINVAL;
	for (int i = 0; i < 6; i++)
		mac[i] = (uint8_t)b[i];
	return 0;
}

/* No table and no branch that depends on a digit's value: keys pass here. */
static unsigned int hex_digit(unsigned int c, unsigned int *bad)
{
	unsigned int num = c - '0', low = (c | 0x20) - 'a';
	unsigned int is_num = -(unsigned int)(((num - 10) >> 31) & 1);
	unsigned int is_low = -(unsigned int)(((low - 6) >> 31) & 1);

	is_num &= ~(unsigned int)((int)num >> 31);
	is_low &= ~(unsigned int)((int)low >> 31);
	*bad |= ~(is_num | is_low);
	return (num & is_num) | ((low + 10) & is_low);
}

int text_hex(const char *s, uint8_t *out, size_t size)
{
	size_t digits = strlen(s);
	unsigned int bad = 0;

	if (digits > 1 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
		s += 2;
		digits -= 2;
	}
	if (digits % 2 || digits / 2 > size || digits / 2 > INT_MAX)
		return -EINVAL;
	for (size_t i = 0; i < digits / 2; i++) {
		unsigned int hi = hex_digit((uint8_t)s[2 * i], &bad);
		unsigned int lo = hex_digit((uint8_t)s[2 * i + 1], &bad);

		out[i] = (uint8_t)(hi << 4 | lo);
	}
	return bad ? -EINVAL : (int)(digits / 2);
}

const char *text_from_addr(const struct espalier_addr *a, char *buf,
			   size_t size)
{
	const char *s = inet_ntop(a->family, a->bytes, buf, (socklen_t)size);

	return s ? s : "?";
}
