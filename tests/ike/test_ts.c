// SPDX-License-Identifier: Apache-2.0
/* Traffic selectors: text, wire, narrowing. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "rng.h"
#include "suite.h"
#include "wire/message.h"

static char why[400], text[200];

static struct ts from(const char *s)
{
	struct ts t;

	if (ts_from_text(s, &t, why, sizeof(why))) {
		printf("\n    %s\n", why);
		MUST(false);
	}
	return t;
}

static bool reads_as(const char *s, const char *want)
{
	struct ts t = from(s);

	ts_text(&t, text, sizeof(text));
	if (strcmp(text, want))
		printf("\n    %s: got %s\n", s, text);
	return !strcmp(text, want);
}

static bool refused(const char *s, const char *hint)
{
	struct ts t;

	why[0] = '\0';
	if (!ts_from_text(s, &t, why, sizeof(why)))
		return false;
	if (!strstr(why, hint))
		printf("\n    %s\n", why);
	return strstr(why, hint) != NULL;
}

/* ------------------------------------------------------------------- text */

static void text_of_swanctl(void)
{
	static const char *const same[] = {
		"10.1.0.0/16",
		"0.0.0.0/0",
		"10.0.0.1-10.0.0.9",
		"fd00::/64",
		"::/0",
		"fd00::1-fd00::5",
		"0.0.0.0/0[udp/1000-2000]",
		"10.1.0.0/16[tcp/80]",
		"fd00::/64[tcp/opaque]",
		"10.0.0.0/8[sctp]",
		"10.0.0.0/8[any/53]",
		"10.0.0.0/8[99]",
		"10.0.0.0/8[icmp/2048]",
		"::/0[ipv6-icmp/34304-34560]",
	};
	struct ts t;

	for (unsigned int i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		EXPECT(reads_as(same[i], same[i]));
	EXPECT(reads_as("10.1.2.3", "10.1.2.3/32"));
	EXPECT(reads_as("fd00::1", "fd00::1/128"));
	EXPECT(reads_as("10.1.2.3/16", "10.1.0.0/16")); /* host bits are cut */
	EXPECT(reads_as("fd00::1/65", "fd00::/65"));
	EXPECT(reads_as("10.0.0.0-10.0.255.255", "10.0.0.0/16"));
	EXPECT(reads_as("10.1.0.0/16[6/80]", "10.1.0.0/16[tcp/80]"));
	EXPECT(reads_as("10.1.0.0/16[tcp/any]", "10.1.0.0/16[tcp]"));
	EXPECT(reads_as("10.1.0.0/16[tcp/0-65535]", "10.1.0.0/16[tcp]"));
	EXPECT(reads_as("10.1.0.0/16[any]", "10.1.0.0/16"));
	EXPECT(reads_as("10.1.0.0/16[/80]", "10.1.0.0/16[any/80]"));
	EXPECT(reads_as("::/0[icmpv6]", "::/0[ipv6-icmp]"));
	t = from("10.1.2.0/23[17/5-7]");
	EXPECT_EQ(t.lo.family, AF_INET);
	EXPECT(!memcmp(t.lo.bytes, "\12\1\2\0", 4));
	EXPECT(!memcmp(t.hi.bytes, "\12\1\3\377", 4));
	EXPECT_EQ(t.proto, 17);
	EXPECT_EQ(t.port_lo, 5);
	EXPECT_EQ(t.port_hi, 7);
	t = from("::[tcp/opaque]");
	EXPECT_EQ(t.port_lo, 65535);
	EXPECT_EQ(t.port_hi, 0);
}

static void text_that_is_wrong_is_named(void)
{
	char longer[400];

	EXPECT(refused("", "no IPv4 or IPv6"));
	EXPECT(refused("dynamic", "no IPv4 or IPv6"));
	EXPECT(refused("10.1.0.0/33", "0 to 32"));
	EXPECT(refused("10.1.0.0/", "0 to 32"));
	EXPECT(refused("10.1.0.0/-1", "0 to 32"));
	EXPECT(refused("10.1.0.0/1x", "0 to 32"));
	EXPECT(refused("fd00::/129", "0 to 128"));
	EXPECT(refused("10.1.0/16", "no IPv4"));
	EXPECT(refused("10.0.0.9-10.0.0.1", "before the first"));
	EXPECT(refused("10.0.0.9-fd00::", "same family"));
	EXPECT(refused("10.0.0.9-", "same family"));
	EXPECT(refused("10.1.0.0/16[tcp/80", "']'"));
	EXPECT(refused("10.1.0.0/16[tcp/80]x", "']'"));
	EXPECT(refused("10.1.0.0/16[]", "protocol of 0 to 255"));
	EXPECT(refused("10.1.0.0/16[tpc]", "protocol of 0 to 255"));
	EXPECT(strstr(why, "'10.1.0.0/16[tpc]'"));
	EXPECT(refused("10.1.0.0/16[256]", "protocol of 0 to 255"));
	EXPECT(refused("10.1.0.0/16[tcp/65536]", "port of 0 to 65535"));
	EXPECT(refused("10.1.0.0/16[tcp/]", "port of 0 to 65535"));
	EXPECT(refused("10.1.0.0/16[tcp/1-]", "port of 0 to 65535"));
	EXPECT(refused("10.1.0.0/16[tcp/9-1]", "before the first"));
	EXPECT(refused("10.1.0.0/16[tcp/99999999999999999999]", "port"));
	memset(longer, '1', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	EXPECT(refused(longer, "too long"));
}

/* ------------------------------------------------------------------- wire */

static uint8_t body[16384];
static size_t len;
static struct ts got[TS_WIRE_MAX];
static unsigned int n, unknown;
static const char *bad;

static void put(const struct ts *ts, unsigned int count)
{
	struct ike_writer w;

	ike_writer_init(&w, body, sizeof(body));
	ike_put_ts(&w, PL_TSI, ts, count);
	MUST(!w.overflow);
	EXPECT_EQ(w.first, PL_TSI);
	len = w.len - 4;
	memmove(body, body + 4, len);
}

static int parse(void)
{
	n = TS_WIRE_MAX;
	bad = NULL;
	return ts_parse(body, len, got, &n, &unknown, &bad);
}

static void what_is_written_is_read(void)
{
	struct ts ts[] = { from("10.1.0.0/16[tcp/80-90]"), from("fd00::/64"),
			   from("1.2.3.4[udp/opaque]") };

	put(ts, 3);
	EXPECT_EQ(len, 4 + 16 + 40 + 16);
	EXPECT_EQ(parse(), 0);
	EXPECT_EQ(n, 3);
	for (unsigned int i = 0; i < 3; i++)
		EXPECT(ts_equal(&ts[i], &got[i]));
	/* what there is no room for is not passed over in silence */
	n = 2;
	EXPECT_EQ(ts_parse(body, len, got, &n, &unknown, &bad), -E2BIG);
	EXPECT(bad && n == 0);
}

/* 3.13: the number of selectors is a byte */
static void as_many_as_a_payload_can_have(void)
{
	static struct ts ts[TS_WIRE_MAX];

	for (unsigned int i = 0; i < TS_WIRE_MAX; i++) {
		ts[i] = from(i & 1 ? "fd00::/64" : "10.1.0.0/16[tcp]");
		ts[i].port_lo = ts[i].port_hi = i;
	}
	put(ts, TS_WIRE_MAX);
	EXPECT_EQ(parse(), 0);
	EXPECT_EQ(n, TS_WIRE_MAX);
	for (unsigned int i = 0; i < n; i++)
		EXPECT(ts_equal(&ts[i], &got[i]));
}

static void malformed_selectors_are_refused(void)
{
	struct ts ts[] = { from("10.1.0.0/16[tcp/80-90]"), from("fd00::/64") };
	static const struct {
		size_t at;
		uint8_t value;
	} spoil[] = {
		{ 0, 0 },   { 0, 1 },  { 0, 3 },  { 6, 1 }, { 7, 0 }, { 7, 3 },
		{ 7, 15 },  { 7, 17 }, { 7, 40 }, { 8, 1 }, /* ports 336..90 */
		{ 12, 11 }, { 20, 7 }, /* IPv4 of 40 bytes */
		{ 4, 8 }, /* IPv6 of 16 */
	};
	uint8_t whole[128];
	size_t all;

	put(ts, 2);
	all = len;
	memcpy(whole, body, all);
	for (len = 0; len < all; len++) {
		uint8_t *c = malloc(len ? len : 1);

		MUST(c);
		memcpy(c, body, len);
		n = TS_WIRE_MAX;
		EXPECT(ts_parse(c, len, got, &n, &unknown, &bad) == -EBADMSG);
		EXPECT(bad && n == 0);
		free(c);
	}
	len = all + 1;
	EXPECT(parse() == -EBADMSG);
	len = all;
	for (unsigned int i = 0; i < sizeof(spoil) / sizeof(spoil[0]); i++) {
		memcpy(body, whole, all);
		body[spoil[i].at] = spoil[i].value;
		if (parse() != -EBADMSG)
			printf("\n    byte %zu = %u\n", spoil[i].at,
			       spoil[i].value);
		EXPECT(parse() == -EBADMSG);
	}
	/* reserved bytes are ignored, a type that nobody knows is left out */
	memcpy(body, whole, all);
	memset(body + 1, 0xff, 3);
	body[4] = 9;
	EXPECT_EQ(parse(), 0);
	EXPECT_EQ(n, 1);
	EXPECT_EQ(unknown, 1);
	EXPECT(ts_equal(&got[0], &ts[1]));
	body[20] = 10;
	EXPECT_EQ(parse(), 0);
	EXPECT_EQ(n, 0);
	EXPECT_EQ(unknown, 2);
	/* none at all */
	memset(body, 0, 4);
	len = 4;
	EXPECT(parse() == -EBADMSG);
}

/* --------------------------------------------------------------- narrowing */

#define LIST_MAX 4
struct list {
	struct ts t[LIST_MAX];
	unsigned int n;
};

static struct list list(const char *a, const char *b, const char *c)
{
	const char *s[] = { a, b, c };
	struct list l = { .n = 0 };

	for (unsigned int i = 0; i < 3 && s[i]; i++)
		l.t[l.n++] = from(s[i]);
	return l;
}

static bool narrows(struct list ours, struct list theirs, const char *want)
{
	char all[1000] = "";
	struct ts out[TS_MAX];
	unsigned int count;
	bool more;

	count = ts_narrow(ours.t, ours.n, theirs.t, theirs.n, out, &more);
	EXPECT(!more);
	for (unsigned int i = 0; i < count; i++) {
		strcat(all, i ? " " : "");
		strcat(all, ts_text(&out[i], text, sizeof(text)));
	}
	if (strcmp(all, want))
		printf("\n    got  %s\n    want %s\n", all, want);
	/* 2.9: never more than was offered, nor than is wanted */
	EXPECT(ts_within(out, count, ours.t, ours.n));
	EXPECT(ts_within(out, count, theirs.t, theirs.n));
	return !strcmp(all, want);
}

#define L(...) LIST_(__VA_ARGS__, NULL, NULL)
#define LIST_(a, b, c, ...) list(a, b, c)

static void ike_34_narrowing_is_a_subset(void)
{
	EXPECT(narrows(L("10.1.0.0/16"), L("0.0.0.0/0"), "10.1.0.0/16"));
	EXPECT(narrows(L("0.0.0.0/0"), L("10.1.0.0/16"), "10.1.0.0/16"));
	EXPECT(narrows(L("10.1.0.0/16"), L("10.1.0.0/16"), "10.1.0.0/16"));
	EXPECT(narrows(L("10.0.0.5-10.0.0.20"), L("10.0.0.10-10.0.0.30"),
		       "10.0.0.10-10.0.0.20"));
	EXPECT(narrows(L("10.1.0.0/16[tcp]"), L("10.0.0.0/8[any/80]"),
		       "10.1.0.0/16[tcp/80]"));
	EXPECT(narrows(L("10.1.0.0/16[tcp/1-100]"),
		       L("10.1.0.0/16[tcp/50-200]"),
		       "10.1.0.0/16[tcp/50-100]"));
	EXPECT(narrows(L("fd00::/64"), L("::/0"), "fd00::/64"));
	/* nothing in common */
	EXPECT(narrows(L("10.1.0.0/16"), L("10.2.0.0/16"), ""));
	EXPECT(narrows(L("10.1.0.0/16"), L("::/0"), ""));
	EXPECT(narrows(L("10.1.0.0/16[tcp]"), L("10.1.0.0/16[udp]"), ""));
	EXPECT(narrows(L("10.1.0.0/16[tcp/1-9]"), L("10.1.0.0/16[tcp/10-20]"),
		       ""));
}

static void ike_34_the_packets_selector_is_kept(void)
{
	/* it is inside of what follows: it goes up in it (2.9) */
	EXPECT(narrows(L("10.1.0.0/16", "10.2.0.0/16"),
		       L("10.2.0.7[tcp/443]", "10.0.0.0/8"),
		       "10.2.0.0/16 10.1.0.0/16"));
	/* it alone fits */
	EXPECT(narrows(L("10.2.0.0/16[tcp]"),
		       L("10.2.0.7[tcp/443]", "10.9.0.0/16"),
		       "10.2.0.7/32[tcp/443]"));
	EXPECT(narrows(L("10.1.0.0/16", "fd00::/64"), L("0.0.0.0/0", "::/0"),
		       "10.1.0.0/16 fd00::/64"));
}

static void no_selector_stands_twice(void)
{
	EXPECT(narrows(L("10.1.0.0/16", "10.1.2.0/24"),
		       L("10.1.0.0/16", "10.1.0.0/16"), "10.1.0.0/16"));
	EXPECT(narrows(L("10.1.2.0/24", "10.1.4.0/24", "10.1.0.0/16"),
		       L("0.0.0.0/0"), "10.1.0.0/16"));
}

static void opaque_ports(void)
{
	EXPECT(narrows(L("10.0.0.0/8[tcp/opaque]"), L("10.0.0.0/8[tcp]"),
		       "10.0.0.0/8[tcp/opaque]"));
	EXPECT(narrows(L("10.0.0.0/8[tcp/opaque]"), L("10.0.0.0/8[tcp/opaque]"),
		       "10.0.0.0/8[tcp/opaque]"));
	EXPECT(narrows(L("10.0.0.0/8[tcp/opaque]"), L("10.0.0.0/8[tcp/80]"),
		       ""));
	EXPECT(narrows(L("10.0.0.0/8[tcp/0-65534]"),
		       L("10.0.0.0/8[tcp/opaque]"), ""));
}

static void within(void)
{
	struct list a = L("10.1.0.0/24", "fd00::1"),
		    b = L("10.0.0.0/8", "::/0");

	EXPECT(ts_within(a.t, 2, b.t, 2));
	EXPECT(!ts_within(b.t, 2, a.t, 2));
	EXPECT(!ts_within(a.t, 2, b.t, 1));
	EXPECT(ts_within(a.t, 0, b.t, 0));
	EXPECT(!ts_within(a.t, 1, b.t, 0));
	a = L("10.1.0.0/24[tcp]");
	b = L("10.1.0.0/24[tcp/80]");
	EXPECT(!ts_within(a.t, 1, b.t, 1));
	EXPECT(ts_within(b.t, 1, a.t, 1));
}

static void too_many_are_still_a_subset(void)
{
	struct ts ours[TS_MAX], theirs[TS_MAX], out[TS_MAX];
	unsigned int count;
	char s[40];
	bool more;

	/* each of theirs cuts each of ours: 1024 pieces */
	for (unsigned int i = 0; i < TS_MAX; i++) {
		snprintf(s, sizeof(s), "10.0.%u.0/24", 2 * i);
		ours[i] = from(s);
		snprintf(s, sizeof(s), "0.0.0.0/0[tcp/%u]", 2 * i + 1);
		theirs[i] = from(s);
	}
	count = ts_narrow(ours, TS_MAX, theirs, TS_MAX, out, &more);
	EXPECT(more);
	EXPECT_EQ(count, TS_MAX);
	EXPECT(ts_within(out, count, ours, TS_MAX));
	EXPECT(ts_within(out, count, theirs, TS_MAX));
	EXPECT_EQ(out[0].port_lo, 1); /* the first of theirs came first */
	/* as many as there is room for */
	EXPECT_EQ(ts_narrow(ours, TS_MAX, theirs, 1, out, &more), TS_MAX);
	EXPECT(!more);
	/* what covers another needs no room of its own */
	theirs[1] = from("0.0.0.0/0");
	EXPECT_EQ(ts_narrow(ours, TS_MAX, theirs, 2, out, &more), TS_MAX);
	EXPECT(!more);
	EXPECT(ts_within(ours, TS_MAX, out, TS_MAX));
}

/* Any point is in the result if and only if it is in both. */
static void narrowing_agrees_with_points(void)
{
	struct rng r = { 3400 };

	for (int round = 0; round < 3000; round++) {
		struct ts set[2][3], out[TS_MAX];
		unsigned int k, i, count;
		bool more;

		for (k = 0; k < 2; k++) {
			for (i = 0; i < 3; i++) {
				struct ts *t = &set[k][i];

				*t = from("10.0.0.0/24");
				t->lo.bytes[3] = rng_below(&r, 8);
				t->hi.bytes[3] =
					rng_range(&r, t->lo.bytes[3], 8);
				t->proto = rng_below(&r, 3);
				t->port_lo = rng_below(&r, 4);
				t->port_hi = rng_range(&r, t->port_lo, 4);
			}
		}
		count = ts_narrow(set[0], 3, set[1], 3, out, &more);
		for (int p = 0; p < 40; p++) {
			struct ts pt = from("10.0.0.0");

			pt.lo.bytes[3] = pt.hi.bytes[3] = rng_below(&r, 10);
			pt.proto = rng_range(&r, 1, 3);
			pt.port_lo = pt.port_hi = rng_below(&r, 6);
			EXPECT_EQ(ts_within(&pt, 1, out, count),
				  ts_within(&pt, 1, set[0], 3) &&
					  ts_within(&pt, 1, set[1], 3));
		}
	}
}

int main(int argc, char **argv)
{
#define CASE(f)                                                                \
	{                                                                      \
#f, f                                                          \
	}
	static const struct test_case cases[] = {
		CASE(text_of_swanctl),
		CASE(text_that_is_wrong_is_named),
		CASE(what_is_written_is_read),
		CASE(as_many_as_a_payload_can_have),
		CASE(malformed_selectors_are_refused),
		CASE(ike_34_narrowing_is_a_subset),
		CASE(ike_34_the_packets_selector_is_kept),
		CASE(no_selector_stands_twice),
		CASE(opaque_ports),
		CASE(within),
		CASE(too_many_are_still_a_subset),
		CASE(narrowing_agrees_with_points),
		{ NULL, NULL },
	};
	return suite_run("ts", cases, argc, argv);
}
