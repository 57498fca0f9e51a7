// SPDX-License-Identifier: Apache-2.0
/* Traffic selectors as swanctl.conf writes them. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "wire/ts.h"

#define TEXT_MAX 160

static const struct {
	uint8_t proto;
	const char *name;
} protos[] = {
	{ 0, "any" },	 { 1, "icmp" },	      { 4, "ipencap" }, { 6, "tcp" },
	{ 17, "udp" },	 { 41, "ipv6" },      { 47, "gre" },	{ 50, "esp" },
	{ 51, "ah" },	 { 58, "ipv6-icmp" }, { 58, "icmpv6" }, { 89, "ospf" },
	{ 132, "sctp" }, { 136, "udplite" },
};
#define NPROTOS (sizeof(protos) / sizeof(protos[0]))

static int number(const char *s, unsigned long max, unsigned long *v)
{
	char *end;

	if (*s < '0' || *s > '9')
		return -EINVAL;
	errno = 0;
	*v = strtoul(s, &end, 10);
	return errno || *end || *v > max ? -EINVAL : 0;
}

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

static unsigned int addr_bits(const struct espalier_addr *a)
{
	return 8 * addr_len(a);
}

static const char *read_addrs(char *s, struct ts *ts)
{
	char *sep = strpbrk(s, "/-");
	bool range = sep && *sep == '-';
	unsigned long len;

	if (sep)
		*sep++ = '\0';
	if (addr_from_text(s, &ts->lo))
		return "is no IPv4 or IPv6 address, net or range";
	ts->hi = ts->lo;
	if (!sep)
		return NULL;
	if (range) {
		if (addr_from_text(sep, &ts->hi) || ts->hi.family != ts->lo.family)
			return "needs a last address of the same family";
		return addr_cmp(&ts->lo, &ts->hi) > 0
			       ? "has its last address before the first"
			       : NULL;
	}
	if (number(sep, addr_bits(&ts->lo), &len))
		return ts->lo.family == AF_INET ? "needs a length of 0 to 32"
						: "needs a length of 0 to 128";
	for (unsigned int bit = len; bit < addr_bits(&ts->lo); bit++) {
		ts->lo.bytes[bit / 8] &= ~(0x80 >> bit % 8);
		ts->hi.bytes[bit / 8] |= 0x80 >> bit % 8;
	}
	return NULL;
}

static const char *read_ports(char *s, struct ts *ts)
{
	static const char bad[] =
		"needs a port of 0 to 65535, a range, any or opaque";
	char *sep = strchr(s, '-');
	unsigned long lo, hi;

	if (!strcmp(s, "any"))
		return NULL;
	if (!strcmp(s, "opaque")) {
		ts->port_lo = 65535;
		ts->port_hi = 0;
		return NULL;
	}
	if (sep)
		*sep++ = '\0';
	if (number(s, 65535, &lo) || number(sep ? sep : s, 65535, &hi))
		return bad;
	if (lo > hi)
		return "has its last port before the first";
	ts->port_lo = lo;
	ts->port_hi = hi;
	return NULL;
}

static const char *read_proto(const char *s, struct ts *ts)
{
	unsigned long v;

	for (unsigned int i = 0; i < NPROTOS; i++) {
		if (!strcmp(s, protos[i].name)) {
			ts->proto = protos[i].proto;
			return NULL;
		}
	}
	if (number(s, 255, &v))
		return "needs a protocol of 0 to 255, any or a name as tcp, "
		       "udp, icmp, ipv6-icmp, sctp, gre";
	ts->proto = v;
	return NULL;
}

/* "tcp/80]" or "tcp]" or "/80]" */
static const char *read_bracket(char *s, struct ts *ts)
{
	char *end = strchr(s, ']'), *port;
	const char *why = NULL;

	if (!end || end[1])
		return "needs ']' at its end";
	*end = '\0';
	port = strchr(s, '/');
	if (port)
		*port++ = '\0';
	if (*s || !port)
		why = read_proto(s, ts);
	if (!why && port)
		why = read_ports(port, ts);
	return why;
}

int ts_from_text(const char *text, struct ts *ts, char *why, size_t size)
{
	const char *bad = NULL;
	char buf[TEXT_MAX], *bracket;

	memset(ts, 0, sizeof(*ts));
	ts->port_hi = 65535;
	if (strlen(text) >= sizeof(buf)) {
		snprintf(why, size, "traffic selector '%.40s...' is too long",
			 text);
		return -EINVAL;
	}
	strcpy(buf, text);
	bracket = strchr(buf, '[');
	if (bracket)
		*bracket++ = '\0';
	bad = read_addrs(buf, ts);
	if (!bad && bracket)
		bad = read_bracket(bracket, ts);
	if (!bad)
		return 0;
	snprintf(why, size, "traffic selector '%s' %s", text, bad);
	return -EINVAL;
}

/* Length of the prefix that the range is, -1 if it is none. */
static int prefix_len(const struct ts *ts)
{
	unsigned int bits = addr_bits(&ts->lo), len, i;

	for (len = 0; len < bits; len++)
		if ((ts->lo.bytes[len / 8] ^ ts->hi.bytes[len / 8]) &
		    0x80 >> len % 8)
			break;
	for (i = len; i < bits; i++)
		if (ts->lo.bytes[i / 8] & 0x80 >> i % 8 ||
		    !(ts->hi.bytes[i / 8] & 0x80 >> i % 8))
			return -1;
	return len;
}

static void proto_text(const struct ts *ts, char *buf, size_t size)
{
	for (unsigned int i = 0; i < NPROTOS; i++) {
		if (protos[i].proto == ts->proto) {
			snprintf(buf, size, "%s", protos[i].name);
			return;
		}
	}
	snprintf(buf, size, "%u", ts->proto);
}

static void port_text(const struct ts *ts, char *buf, size_t size)
{
	if (ts->port_lo == 0 && ts->port_hi == 65535)
		buf[0] = '\0';
	else if (ts->port_lo > ts->port_hi)
		snprintf(buf, size, "/opaque");
	else if (ts->port_lo == ts->port_hi)
		snprintf(buf, size, "/%u", ts->port_lo);
	else
		snprintf(buf, size, "/%u-%u", ts->port_lo, ts->port_hi);
}

const char *ts_text(const struct ts *ts, char *buf, size_t size)
{
	char lo[INET6_ADDRSTRLEN], hi[INET6_ADDRSTRLEN + 1];
	char proto[16], port[16], sel[40] = "";
	int len = prefix_len(ts);

	inet_ntop(ts->lo.family, ts->lo.bytes, lo, sizeof(lo));
	if (len < 0) {
		hi[0] = '-';
		inet_ntop(ts->hi.family, ts->hi.bytes, hi + 1, sizeof(hi) - 1);
	} else {
		snprintf(hi, sizeof(hi), "/%d", len);
	}
	port_text(ts, port, sizeof(port));
	if (ts->proto || port[0]) {
		proto_text(ts, proto, sizeof(proto));
		snprintf(sel, sizeof(sel), "[%s%s]", proto, port);
	}
	snprintf(buf, size, "%s%s%s", lo, hi, sel);
	return buf;
}
