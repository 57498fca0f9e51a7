// SPDX-License-Identifier: Apache-2.0
/* Traffic selectors as swanctl.conf writes them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "wire/text.h"
#include "wire/ts.h"

#define TEXT_MAX 160

static const char *read_proto(const char *s, struct ts *ts)
{
	int proto;
	const char *why = proto_from_text(s, &proto);

	if (!why)
		ts->proto = proto < 0 ? 0 : (uint8_t)proto;
	return why;
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
		why = port_range_from_text(port, true, &ts->port_lo,
					   &ts->port_hi);
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
	bad = addr_range_from_text(buf, false, &ts->lo, &ts->hi);
	if (!bad && bracket)
		bad = read_bracket(bracket, ts);
	if (!bad)
		return 0;
	snprintf(why, size, "traffic selector '%s' %s", text, bad);
	return -EINVAL;
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
	char addrs[ADDR_RANGE_TEXT], proto[16], port[16], sel[40] = "";

	addr_range_text(&ts->lo, &ts->hi, addrs, sizeof(addrs));
	port_text(ts, port, sizeof(port));
	if (ts->proto || port[0])
		snprintf(sel, sizeof(sel), "[%s%s]",
			 proto_text(ts->proto ? ts->proto : -1, proto,
				    sizeof(proto)),
			 port);
	snprintf(buf, size, "%s%s", addrs, sel);
	return buf;
}
