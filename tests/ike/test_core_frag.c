/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fragments (RFC 7383): both ways, with each of them lost, doubled, late,
 * spoiled.
 */
#include <string.h>
#include "duo.h"

#define SMALL 220 /* IKE_AUTH needs three or four datagrams of it */

static struct duo *small(uint64_t seed)
{
	struct duo *d = duo_new(seed);

	d->side[A].set.fragment_size = d->side[B].set.fragment_size = SMALL;
	d->side[B].set.half_open_timeout = 300 * IKE_USEC;
	return d;
}

static unsigned int pieces(struct duo *d, enum duo_who who)
{
	unsigned int i, n = 0;

	for (i = 0; i < d->nspoken; i++)
		n += d->spoken[i].from == who && d->spoken[i].frag;
	return n;
}

static void long_id(struct conn *c, enum duo_who who)
{
	struct ike_id *id = who == A ? &c->auth_local.id : &c->auth_remote.id;

	MUST(!ike_id_from_text(
		"a-very-long-name-of-a-gateway-that-fills-its-message.somewhere"
		".in.a.zone.with.many.labels.so.that.it.takes.more.room.still."
		"and.more.than.one.datagram.of.a.small.path.example.org",
		id));
}

static void ike_45_long_messages_are_cut(void)
{
	struct duo *d = small(1);
	unsigned int i;

	duo_conns(d, long_id);
	duo_initiate(d, A, "net", NULL);
	EXPECT(duo_run_until(d, duo_up, IKE_USEC));
	EXPECT(pieces(d, A) >= 3);
	EXPECT(pieces(d, B) >= 2);
	for (i = 0; i < d->nspoken; i++)
		if (d->spoken[i].exchange == IKE_AUTH)
			EXPECT(d->spoken[i].len + 28 <= SMALL);
	duo_end(d);
}

static void no_frag_b(struct conn *c, enum duo_who who)
{
	long_id(c, who);
	if (who == B)
		c->frag = FRAG_NO;
}

static void accept_a(struct conn *c, enum duo_who who)
{
	long_id(c, who);
	if (who == A)
		c->frag = FRAG_ACCEPT;
}

static void only_if_both_want_it(void)
{
	struct duo *d = small(2);

	duo_conns(d, no_frag_b);
	duo_initiate(d, A, "net", NULL);
	EXPECT(duo_run_until(d, duo_up, IKE_USEC));
	EXPECT_EQ(pieces(d, A) + pieces(d, B), 0);
	duo_end(d);

	d = small(3);
	duo_conns(d, accept_a);
	duo_initiate(d, A, "net", NULL);
	EXPECT(duo_run_until(d, duo_up, IKE_USEC));
	EXPECT_EQ(pieces(d, A), 0);
	EXPECT(pieces(d, B) >= 2);
	duo_end(d);
}

/* ------------------------------------------------------------------- losses */

struct hit {
	enum duo_who from;
	unsigned int frag;
	unsigned int copies;
	uint64_t delay;
	bool spoil;
	unsigned int hits;
};

static void hit(struct duo *d, struct duo_msg *m, struct duo_fate *f, void *arg)
{
	struct hit *h = arg;

	(void)d;
	if (m->from != h->from || m->frag != h->frag || m->n)
		return;
	h->hits++;
	f->copies = h->copies;
	f->delay = h->delay;
	if (h->spoil)
		m->data[m->len - 3] ^= 4;
}

static void each_fragment(unsigned int copies, uint64_t delay, bool spoil)
{
	unsigned int from, frag;

	for (from = A; from <= B; from++)
		for (frag = 1; frag <= 3; frag++) {
			struct hit h = { from, frag, copies, delay, spoil, 0 };
			struct duo *d = small(10 + from * 3 + frag);

			duo_conns(d, long_id);
			d->rule = hit;
			d->rule_arg = &h;
			duo_initiate(d, A, "net", NULL);
			EXPECT(duo_run_until(d, duo_up, 60 * IKE_USEC));
			EXPECT(h.hits || (from == B && frag == 3));
			EXPECT_EQ(duo_counters(d, B).setups, 1);
			duo_end(d);
		}
}

static void each_one_lost(void)
{
	each_fragment(0, 0, false);
}

static void each_one_doubled(void)
{
	each_fragment(3, 0, false);
}

static void each_one_late(void)
{
	each_fragment(1, 100000, false);
	/* later than a whole retransmission */
	each_fragment(1, 5 * IKE_USEC, false);
}

/* Verified before it is stored: the spoiled one takes no place. */
static void ike_45_spoiled_ones_are_not_kept(void)
{
	each_fragment(1, 0, true);
}

static void ike_45_first_fragment_asks_for_the_reply_again(void)
{
	/* The reply is lost as a whole: 3 or more pieces come again, and
	 * cause one reply. */
	struct hit h = { B, 1, 0, 0, false, 0 };
	struct duo *d = small(20);

	duo_conns(d, long_id);
	d->rule = hit;
	d->rule_arg = &h;
	duo_initiate(d, A, "net", NULL);
	EXPECT(duo_run_until(d, duo_up, 60 * IKE_USEC));
	EXPECT_EQ(duo_counters(d, B).retransmits_in, 1);
	EXPECT_EQ(pieces(d, B) % 2, 0);
	duo_end(d);
}

/* ---------------------------------------------------------------- the store */

static void keep_first(struct duo *d, struct duo_msg *m, struct duo_fate *f,
		       void *arg)
{
	size_t *most = arg;
	struct ike_counters c = duo_counters(d, B);

	if (m->from == A && m->frag > 1)
		f->copies = 0;
	if (c.bytes > *most)
		*most = c.bytes;
}

/* A peer that never finishes: bounded, and gone with the half-open SA. */
static void ike_45_store_is_bounded(void)
{
	struct duo *d = small(21);
	size_t most = 0, idle;

	duo_conns(d, long_id);
	idle = duo_counters(d, B).bytes;
	d->rule = keep_first;
	d->rule_arg = &most;
	duo_initiate(d, A, "net", NULL);
	duo_run(d, 400 * IKE_USEC);
	EXPECT(most > idle);
	EXPECT(most < idle + 20000);
	EXPECT_EQ(duo_counters(d, B).bytes, idle);
	EXPECT(duo_down(d));
	duo_end(d);
}

static void random_networks(void)
{
	uint64_t seed;

	for (seed = 0; seed < 40; seed++) {
		struct duo *d = small(1000 + seed);

		d->lose = 15;
		d->twice = 20;
		d->late = 20;
		duo_conns(d, long_id);
		duo_initiate(d, A, "net", NULL);
		duo_run(d, 400 * IKE_USEC);
		/* Up on both sides or on none. */
		if (duo_ike_sas(d, A, "ESTABLISHED"))
			EXPECT(duo_up(d));
		duo_end(d);
	}
}

static const struct test_case cases[] = {
	{ "ike_45_long_messages_are_cut", ike_45_long_messages_are_cut },
	{ "only_if_both_want_it", only_if_both_want_it },
	{ "each_one_lost", each_one_lost },
	{ "each_one_doubled", each_one_doubled },
	{ "each_one_late", each_one_late },
	{ "ike_45_spoiled_ones_are_not_kept",
	  ike_45_spoiled_ones_are_not_kept },
	{ "ike_45_first_fragment_asks_for_the_reply_again",
	  ike_45_first_fragment_asks_for_the_reply_again },
	{ "ike_45_store_is_bounded", ike_45_store_is_bounded },
	{ "random_networks", random_networks },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	return suite_run("test_core_frag", cases, argc, argv);
}
