// SPDX-License-Identifier: Apache-2.0
#include "watch.h"

unsigned int gaps;

void watch_policies(struct duo *d, void *arg)
{
	(void)arg;
	if (!duo_reaches(d, A) || !duo_reaches(d, B))
		gaps++;
}

void watch_packets(struct duo *d, void *arg)
{
	(void)arg;
	if (!duo_packet(d, A) || !duo_packet(d, B))
		gaps++;
}

struct duo *watched_up(uint64_t seed,
		       void (*change)(struct conn *c, enum duo_who who))
{
	struct duo *d = duo_new(seed);

	duo_conns(d, change);
	duo_initiate(d, A, "net", NULL);
	MUST(duo_run_until(d, duo_up, 10 * IKE_USEC));
	gaps = 0;
	d->watch = watch_policies;
	return d;
}

void watched_end(struct duo *d)
{
	EXPECT(duo_run_until(d, duo_up, 300 * IKE_USEC));
	EXPECT(duo_packet(d, A) && duo_packet(d, B));
	EXPECT_EQ(gaps, 0);
	duo_end(d);
}

uint32_t duo_child_id(struct duo *d, enum duo_who who)
{
	struct child_sa_info info;

	child_sa_look(duo_child(d, who), &info);
	return info.id;
}

int duo_rekey(struct duo *d, enum duo_who who, bool child)
{
	struct ike_select sel = { .ike = "duo", .child = child ? "net" : NULL };

	return ike_rekey(d->side[who].ike, d->now, &sel);
}
