// SPDX-License-Identifier: Apache-2.0
/*
 * Traffic selectors. Input: one byte, its low bit: 0 = the rest is text; 1 = it
 * is two bodies, as long as the second byte says and what is left.
 */
#include <string.h>
#include "fuzz.h"
#include "wire/message.h"

static struct ts a[TS_WIRE_MAX], b[TS_WIRE_MAX], out[TS_WIRE_MAX];

static void one_text(const uint8_t *data, size_t size)
{
	char text[1024], why[300], back[100];
	struct ts t, u;

	if (size >= sizeof(text))
		return;
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	memset(why, 0, sizeof(why));
	if (ts_from_text(text, &t, why, sizeof(why))) {
		FUZZ_CHECK(why[0] && memchr(why, 0, sizeof(why)));
		return;
	}
	ts_text(&t, back, sizeof(back));
	FUZZ_CHECK(!ts_from_text(back, &u, why, sizeof(why)));
	FUZZ_CHECK(ts_equal(&t, &u));
	FUZZ_CHECK(ts_within(&t, 1, &u, 1));
}

static bool read_one(const uint8_t *body, size_t len, struct ts *ts,
		     unsigned int *n)
{
	static uint8_t buf[16384];
	unsigned int unknown, again = TS_WIRE_MAX;
	struct ike_writer w;
	const char *why;

	*n = TS_WIRE_MAX;
	if (ts_parse(body, len, ts, n, &unknown, &why)) {
		FUZZ_CHECK(why && *n == 0);
		return false;
	}
	FUZZ_CHECK(*n + unknown == body[0]);
	if (!*n)
		return true;
	ike_writer_init(&w, buf, sizeof(buf));
	ike_put_ts(&w, PL_TSI, ts, *n);
	FUZZ_CHECK(!w.overflow);
	FUZZ_CHECK(!ts_parse(buf + 4, w.len - 4, out, &again, &unknown, &why));
	FUZZ_CHECK(again == *n && !unknown);
	for (unsigned int i = 0; i < *n; i++)
		FUZZ_CHECK(ts_equal(&ts[i], &out[i]));
	return true;
}

static void two_bodies(const uint8_t *data, size_t size)
{
	size_t first = data[0];
	unsigned int na, nb, n;
	bool more;

	data++;
	size--;
	if (first > size)
		first = size;
	if (!read_one(data, first, a, &na) ||
	    !read_one(data + first, size - first, b, &nb))
		return;
	n = ts_narrow(a, na, b, nb, out, &more);
	FUZZ_CHECK(n <= TS_MAX);
	FUZZ_CHECK(ts_within(out, n, a, na));
	FUZZ_CHECK(ts_within(out, n, b, nb));
	/* nobody who is inside of the other one loses anything */
	if (!more && ts_within(a, na, b, nb))
		FUZZ_CHECK(ts_within(a, na, out, n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size && !(data[0] & 1))
		one_text(data + 1, size - 1);
	else if (size >= 2)
		two_bodies(data + 1, size - 1);
	return 0;
}
