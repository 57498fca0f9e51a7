/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One binary heap of timers; each knows its place in it, so that moving and
 * stopping one costs log n as well.
 */
#include <stdlib.h>
#include "core/internal.h"

void timer_init(struct timer *t, void (*fire)(struct ike *, struct timer *))
{
	t->at = IKE_USEC_NEVER;
	t->pos = 0;
	t->fire = fire;
}

static void put(struct heap *h, unsigned int pos, struct timer *t)
{
	h->t[pos] = t;
	t->pos = pos;
}

static void sift_up(struct heap *h, unsigned int pos, struct timer *t)
{
	while (pos) {
		unsigned int up = (pos - 1) / 2;

		if (h->t[up]->at <= t->at)
			break;
		put(h, pos, h->t[up]);
		pos = up;
	}
	put(h, pos, t);
}

static void sift_down(struct heap *h, unsigned int pos, struct timer *t)
{
	for (;;) {
		unsigned int kid = pos * 2 + 1;

		if (kid >= h->n)
			break;
		if (kid + 1 < h->n && h->t[kid + 1]->at < h->t[kid]->at)
			kid++;
		if (h->t[kid]->at >= t->at)
			break;
		put(h, pos, h->t[kid]);
		pos = kid;
	}
	put(h, pos, t);
}

static void settle(struct heap *h, unsigned int pos, struct timer *t)
{
	if (pos && h->t[(pos - 1) / 2]->at > t->at)
		sift_up(h, pos, t);
	else
		sift_down(h, pos, t);
}

int timer_set(struct ike *ike, struct timer *t, uint64_t at)
{
	struct heap *h = &ike->timers;

	if (at == IKE_USEC_NEVER) {
		timer_stop(ike, t);
		return 0;
	}
	if (t->at != IKE_USEC_NEVER) {
		t->at = at;
		settle(h, t->pos, t);
		return 0;
	}
	if (h->n == h->cap) {
		unsigned int cap = h->cap ? h->cap * 2 : 64;
		struct timer **bigger = realloc(h->t, cap * sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		h->t = bigger;
		h->cap = cap;
	}
	t->at = at;
	sift_up(h, h->n++, t);
	return 0;
}

void timer_stop(struct ike *ike, struct timer *t)
{
	struct heap *h = &ike->timers;
	struct timer *last;

	if (t->at == IKE_USEC_NEVER)
		return;
	t->at = IKE_USEC_NEVER;
	last = h->t[--h->n];
	if (last != t)
		settle(h, t->pos, last);
}

uint64_t timer_jitter(struct ike *ike, uint64_t base, uint64_t rand)
{
	uint64_t r;

	if (rand > base / 2)
		rand = base / 2;
	if (!rand)
		return base;
	ike->ops->random(ike->ctx, &r, sizeof(r));
	return base - r % (rand + 1);
}

uint64_t timer_backoff(struct ike *ike, uint64_t first, uint64_t max,
		       unsigned int tries)
{
	uint64_t pause = first;

	while (tries-- && pause < max)
		pause *= 2;
	if (pause > max)
		pause = max;
	return timer_jitter(ike, pause, pause / 8);
}

uint64_t ike_next(const struct ike *ike)
{
	return ike->timers.n ? ike->timers.t[0]->at : IKE_USEC_NEVER;
}

void ike_run(struct ike *ike, uint64_t now)
{
	ike_enter(ike, now);
	while (ike->timers.n && ike->timers.t[0]->at <= ike->now) {
		struct timer *t = ike->timers.t[0];

		timer_stop(ike, t);
		t->fire(ike, t);
	}
	ike_leave(ike);
}
