// SPDX-License-Identifier: Apache-2.0
/*
 * The replay window without bitmaps: every number accepted is kept for good.
 * A number is acceptable if it was never accepted and is not more than
 * size - 1 below the highest (RFC 4303 section 3.4.3, RFC 6479 section 3).
 */
#include <stdlib.h>
#include "ref.h"

void ref_window_init(struct ref_window *w, unsigned int size, uint64_t top)
{
	*w = (struct ref_window){ .size = size, .start = top, .top = top };
}

void ref_window_free(struct ref_window *w)
{
	free(w->seen);
	w->seen = NULL;
}

static uint64_t *place(const struct ref_window *w, uint64_t n)
{
	size_t i = (n * 0x9e3779b97f4a7c15ull) >> 20;

	for (;; i++) {
		uint64_t *p = &w->seen[i % w->room];

		if (*p == n || *p == 0)
			return p;
	}
}

static bool seen(const struct ref_window *w, uint64_t n)
{
	if (n <= w->start)
		return true;
	return w->room && *place(w, n) == n;
}

/*
 * An SA that starts with a highest number verified (takeover from another
 * host) has no memory of what came before: everything up to it counts as
 * received, otherwise an old packet could be played to the new host.
 */
bool ref_window_ok(const struct ref_window *w, uint64_t n)
{
	if (w->size == 0)
		return true;
	if (n == 0) /* the first number sent is 1 (RFC 4303 section 3.3.3) */
		return false;
	if (n > w->top)
		return true;
	return w->top - n < w->size && !seen(w, n);
}

void ref_window_commit(struct ref_window *w, uint64_t n)
{
	if (n > w->top)
		w->top = n;
	if (n == 0)
		return;
	if (2 * (w->used + 1) > w->room) {
		struct ref_window old = *w;

		w->room = old.room ? 2 * old.room : 1024;
		w->seen = calloc(w->room, sizeof(*w->seen));
		if (!w->seen)
			abort();
		for (size_t i = 0; i < old.room; i++)
			if (old.seen[i])
				*place(w, old.seen[i]) = old.seen[i];
		free(old.seen);
	}
	*place(w, n) = n;
	w->used++;
}

/* The names are those of RFC 4303 appendix A2.1. */
bool ref_esn_infer(uint64_t top, unsigned int window, uint32_t low, uint64_t *n)
{
	uint32_t tl = top, th = top >> 32, w = window, sl = low, sh;
	uint32_t bl = tl - w + 1;

	if (tl >= w - 1) { /* case A: the window lies in one subspace */
		sh = sl >= bl ? th : th + 1;
		if (sh < th) /* all 2^64 numbers are used up */
			return false;
	} else { /* case B: it spans two */
		sh = sl >= bl ? th - 1 : th;
		if (sh > th) /* before the first number of all */
			return false;
	}
	*n = (uint64_t)sh << 32 | sl;
	return true;
}
