// SPDX-License-Identifier: Apache-2.0
/* Numbers, addresses, ranges and bytes as text. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "wire/addr.h"
#include "wire/text.h"

int number_from_text(const char *s, uint64_t max, uint64_t *v)
{
	char *end;

	if (*s < '0' || *s > '9')
		return -EINVAL;
	errno = 0;
	*v = strtoull(s, &end, 10);
	return errno || *end || *v > max ? -EINVAL : 0;
}

/* ---------------------------------------------------------------- addresses */

int addr_from_text(const char *s, struct espalier_addr *a)
{
	memset(a, 0, sizeof(*a));
	if (inet_pton(AF_INET, s, a->bytes) == 1)
		a->family = AF_INET;
	else if (inet_pton(AF_INET6, s, a->bytes) == 1)
		a->family = AF_INET6;
	else
		return -EINVAL;
	return 0;
}

const char *addr_text(const struct espalier_addr *a, char *buf, size_t size)
{
	if (!inet_ntop(a->family, a->bytes, buf, (socklen_t)size))
		snprintf(buf, size, "%%any");
	return buf;
}

static unsigned int addr_bits(const struct espalier_addr *a)
{
	return 8 * addr_len(a);
}

static const char *range_of_net(uint64_t len, bool exact,
				struct espalier_addr *lo,
				struct espalier_addr *hi)
{
	for (unsigned int i = (unsigned int)len; i < addr_bits(lo); i++) {
		uint8_t bit = 0x80 >> i % 8;

		if (exact && lo->bytes[i / 8] & bit)
			return "has bits set behind its prefix";
		lo->bytes[i / 8] &= (uint8_t)~bit;
		hi->bytes[i / 8] |= bit;
	}
	return NULL;
}

const char *addr_range_from_text(const char *s, bool exact,
				 struct espalier_addr *lo,
				 struct espalier_addr *hi)
{
	static const char bad[] = "is no IPv4 or IPv6 address, net or range";
	char buf[ADDR_RANGE_TEXT], *sep;
	bool range;
	uint64_t len;

	if (strlen(s) >= sizeof(buf))
		return bad;
	strcpy(buf, s);
	sep = strpbrk(buf, "/-");
	range = sep && *sep == '-';
	if (sep)
		*sep++ = '\0';
	if (addr_from_text(buf, lo))
		return bad;
	*hi = *lo;
	if (!sep)
		return NULL;
	if (range) {
		if (addr_from_text(sep, hi) || hi->family != lo->family)
			return "needs a last address of the same family";
		return addr_cmp(lo, hi) > 0
			       ? "has its last address before the first"
			       : NULL;
	}
	if (number_from_text(sep, addr_bits(lo), &len))
		return lo->family == AF_INET ? "needs a length of 0 to 32"
					     : "needs a length of 0 to 128";
	return range_of_net(len, exact, lo, hi);
}

/* Length of the prefix that the range is, -1 if it is none. */
static int prefix_len(const struct espalier_addr *lo,
		      const struct espalier_addr *hi)
{
	unsigned int bits = addr_bits(lo), len, i;

	for (len = 0; len < bits; len++)
		if ((lo->bytes[len / 8] ^ hi->bytes[len / 8]) & 0x80 >> len % 8)
			break;
	for (i = len; i < bits; i++)
		if (lo->bytes[i / 8] & 0x80 >> i % 8 ||
		    !(hi->bytes[i / 8] & 0x80 >> i % 8))
			return -1;
	return (int)len;
}

const char *addr_range_text(const struct espalier_addr *lo,
			    const struct espalier_addr *hi, char *buf,
			    size_t size)
{
	char first[INET6_ADDRSTRLEN], last[INET6_ADDRSTRLEN];
	int len = prefix_len(lo, hi);

	addr_text(lo, first, sizeof(first));
	if (len < 0)
		snprintf(buf, size, "%s-%s", first,
			 addr_text(hi, last, sizeof(last)));
	else
		snprintf(buf, size, "%s/%d", first, len);
	return buf;
}

/* ------------------------------------------------------ protocols and ports */

const char *port_range_from_text(const char *s, bool opaque, uint16_t *lo,
				 uint16_t *hi)
{
	const char *bad = opaque ? "needs a port of 0 to 65535, a range, any "
				   "or opaque"
				 : "needs a port of 0 to 65535, a range or any";
	char buf[16], *sep;
	uint64_t a, b;

	if (!strcmp(s, "any")) {
		*lo = 0;
		*hi = UINT16_MAX;
		return NULL;
	}
	if (opaque && !strcmp(s, "opaque")) {
		*lo = UINT16_MAX;
		*hi = 0;
		return NULL;
	}
	if (strlen(s) >= sizeof(buf))
		return bad;
	strcpy(buf, s);
	sep = strchr(buf, '-');
	if (sep)
		*sep++ = '\0';
	if (number_from_text(buf, UINT16_MAX, &a) ||
	    number_from_text(sep ? sep : buf, UINT16_MAX, &b))
		return bad;
	if (a > b)
		return "has its last port before the first";
	*lo = (uint16_t)a;
	*hi = (uint16_t)b;
	return NULL;
}

/* The first name of a protocol is the one that is written. */
static const struct {
	int proto;
	const char *name;
} protos[] = {
	{ -1, "any" },	     { 1, "icmp" },    { 4, "ipencap" },
	{ 6, "tcp" },	     { 17, "udp" },    { 41, "ipv6" },
	{ 47, "gre" },	     { 50, "esp" },    { 51, "ah" },
	{ 58, "ipv6-icmp" }, { 58, "icmpv6" }, { 58, "icmp6" },
	{ 89, "ospf" },	     { 132, "sctp" },  { 136, "udplite" },
};
#define NPROTOS (sizeof(protos) / sizeof(protos[0]))

const char *proto_from_text(const char *s, int *proto)
{
	uint64_t v;

	for (unsigned int i = 0; i < NPROTOS; i++) {
		if (!strcmp(s, protos[i].name)) {
			*proto = protos[i].proto;
			return NULL;
		}
	}
	if (number_from_text(s, UINT8_MAX, &v))
		return "needs a protocol of 0 to 255, any or a name as tcp, "
		       "udp, icmp, ipv6-icmp, sctp, gre";
	*proto = (int)v;
	return NULL;
}

const char *proto_text(int proto, char *buf, size_t size)
{
	for (unsigned int i = 0; i < NPROTOS; i++) {
		if (protos[i].proto == proto) {
			snprintf(buf, size, "%s", protos[i].name);
			return buf;
		}
	}
	snprintf(buf, size, "%d", proto);
	return buf;
}

/* -------------------------------------------------------------------- bytes */

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

int hex_from_text(const char *s, uint8_t *out, size_t *len)
{
	size_t digits = strlen(s);
	unsigned int bad = 0;

	if (digits % 2)
		return -EINVAL;
	if (digits / 2 > *len)
		return -ERANGE;
	for (size_t i = 0; i < digits / 2; i++) {
		unsigned int hi = hex_digit((uint8_t)s[2 * i], &bad);
		unsigned int lo = hex_digit((uint8_t)s[2 * i + 1], &bad);

		out[i] = (uint8_t)(hi << 4 | lo);
	}
	if (bad)
		return -EINVAL;
	*len = digits / 2;
	return 0;
}
