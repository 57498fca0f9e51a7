/* SPDX-License-Identifier: Apache-2.0 */
/*
 * INFORMATIONAL and the message IDs of an established SA: liveness, windows,
 * what nobody has signed.
 */
#include <string.h>
#include "craft_init.h"
#include "duo.h"

static void dpd_a(struct conn *c, enum duo_who who)
{
	if (who == A)
		c->dpd_delay = 10 * IKE_USEC;
}

static struct duo *established(uint64_t seed,
			       void (*change)(struct conn *, enum duo_who))
{
	struct duo *d = duo_new(seed);

	duo_conns(d, change);
	duo_initiate(d, A, "net", NULL);
	MUST(duo_run_until(d, duo_up, IKE_USEC));
	return d;
}

static void liveness_is_asked_and_answered(void)
{
	struct duo *d = established(1, dpd_a);

	duo_run(d, 95 * IKE_USEC);
	EXPECT_EQ(duo_said(d, A, IKE_INFORMATIONAL, false, -1), 9);
	EXPECT_EQ(duo_said(d, B, IKE_INFORMATIONAL, true, -1), 9);
	EXPECT(duo_up(d));
	duo_end(d);
}

static void dead_peer_is_found(void)
{
	struct duo *d = established(2, dpd_a);

	d->side[B].off = true;
	duo_run(d, 20 * IKE_USEC);
	EXPECT_EQ(duo_ike_sas(d, A, "ESTABLISHED"), 1);
	duo_run(d, 200 * IKE_USEC);
	EXPECT(ike_idle(d->side[A].ike));
	EXPECT_EQ(fakedb_sas(d->side[A].db, -1), 0);
	EXPECT_EQ(fakedb_policies(d->side[A].db), 0);
	EXPECT_EQ(d->side[A].events[IKE_EV_IKE_DOWN], 1);
	EXPECT_EQ(d->side[A].events[IKE_EV_CHILD_DOWN], 1);
	EXPECT(duo_logged(d, A, "no answer to INFORMATIONAL request 2"));
	duo_free(d);
}

static void dpd_restart(struct conn *c, enum duo_who who)
{
	dpd_a(c, who);
	c->children->dpd = ACTION_START;
	c->keyingtries = 0;
}

static void dead_peer_comes_back(void)
{
	struct duo *d = established(3, dpd_restart);

	d->side[B].off = true;
	duo_run(d, 400 * IKE_USEC);
	EXPECT_EQ(duo_child_sas(d, A, NULL), 0);
	d->side[B].off = false;
	duo_run(d, 200 * IKE_USEC);
	EXPECT_EQ(duo_child_sas(d, A, "INSTALLED"), 1);
	EXPECT(duo_packet(d, A));
	duo_end(d);
}

static void start_a(struct conn *c, enum duo_who who)
{
	if (who == A)
		c->children->start = ACTION_START;
}

/* swanctl --load-all loads everything each time: what is up is not made twice.
 */
static void loaded_again_is_not_started_again(void)
{
	struct duo *d = duo_new(9);

	duo_conns(d, start_a);
	MUST(duo_run_until(d, duo_up, IKE_USEC));
	duo_conns(d, start_a);
	duo_run(d, 5 * IKE_USEC);
	EXPECT_EQ(duo_child_sas(d, A, "INSTALLED"), 1);
	duo_end(d);
}

static void ike_42_traffic_is_evidence(void)
{
	struct duo *d = established(4, dpd_a);
	int i;

	for (i = 0; i < 20; i++) {
		duo_run(d, 5 * IKE_USEC);
		EXPECT(duo_packet(d, B));
	}
	EXPECT_EQ(duo_said(d, A, IKE_INFORMATIONAL, false, -1), 0);
	duo_run(d, 25 * IKE_USEC);
	EXPECT(duo_said(d, A, IKE_INFORMATIONAL, false, -1) > 0);
	duo_end(d);
}

static void header_of(struct duo *d, struct ike_hdr *hdr, enum duo_who from)
{
	struct ike_sa_info i;

	ike_sa_look(duo_sa(d, from), &i);
	*hdr = (struct ike_hdr){ .spi_i = i.spi_i,
				 .spi_r = i.spi_r,
				 .exchange = IKE_INFORMATIONAL,
				 .flags = from == A ? IKE_FLAG_INITIATOR : 0 };
}

/* Clear messages with the right SPIs: neither a sign of life nor of death. */
static void ike_42_forgeries_are_no_evidence(void)
{
	struct duo *d = established(5, dpd_a);
	struct ike_end a = duo_at(d, A, 500), b = duo_at(d, B, 500);
	struct ike_hdr hdr;
	uint8_t buf[100];
	size_t len;
	int i;

	header_of(d, &hdr, B);
	d->side[B].off = true;
	for (i = 0; i < 60; i++) {
		hdr.flags = i & 1 ? IKE_FLAG_RESPONSE : 0;
		hdr.id = 2;
		len = craft_notify(&hdr, N_INVALID_IKE_SPI, NULL, 0, buf,
				   sizeof(buf));
		duo_inject(d, B, &b, &a, buf, len);
		duo_run(d, 4 * IKE_USEC);
	}
	/* Held to be alive it would still be there; killed by the first of
	 * them it would have gone at once. */
	EXPECT(ike_idle(d->side[A].ike));
	EXPECT(duo_logged(d, A, "came without protection"));
	EXPECT(duo_logged(d, A, "sent 6 times"));
	duo_free(d);
}

/* ------------------------------------------------------------------ windows */

struct tape {
	struct duo_msg m[32];
	unsigned int n;
	enum duo_who from;
};

static void record(struct duo *d, struct duo_msg *m, struct duo_fate *f,
		   void *arg)
{
	struct tape *t = arg;

	(void)d;
	(void)f;
	if (m->from == t->from && t->n < 32)
		t->m[t->n++] = *m;
}

/* Two cores that have talked for @usec since they were up, and what @from
 * said. */
static struct duo *taped(struct tape *t, uint64_t seed, enum duo_who from,
			 uint64_t usec)
{
	struct duo *d = duo_new(seed);

	memset(t, 0, sizeof(*t));
	t->from = from;
	duo_conns(d, dpd_a);
	d->rule = record;
	d->rule_arg = t;
	duo_initiate(d, A, "net", NULL);
	MUST(duo_run_until(d, duo_up, IKE_USEC));
	duo_run(d, usec);
	d->rule = NULL;
	return d;
}

static void play(struct duo *d, const struct duo_msg *m)
{
	duo_inject(d, m->from, &m->src, &m->dst, m->data, m->len);
	duo_run(d, 50000);
}

static void ike_12_outside_the_window_is_nothing(void)
{
	static struct tape t;
	struct duo *d = taped(&t, 6, A, 35 * IKE_USEC);
	struct ike_counters before, after;
	unsigned int said, i;

	MUST(t.n == 5); /* IDs 0 to 4 */
	before = duo_counters(d, B);
	said = d->nspoken;
	/* 1, 2, 3: long answered. 4: the last one, from the cache. */
	for (i = 1; i < 4; i++)
		play(d, &t.m[i]);
	after = duo_counters(d, B);
	EXPECT_EQ(d->nspoken, said);
	EXPECT_EQ(after.out_of_window - before.out_of_window, 3);
	EXPECT_EQ(after.retransmits_in, before.retransmits_in);
	play(d, &t.m[4]);
	EXPECT_EQ(d->nspoken, said + 1);
	EXPECT_EQ(duo_counters(d, B).retransmits_in, before.retransmits_in + 1);
	/* The future: an ID that is not due. */
	t.m[4].data[23] += 2;
	play(d, &t.m[4]);
	EXPECT_EQ(d->nspoken, said + 1);
	EXPECT(duo_up(d));
	duo_end(d);
}

/* A doubled response, and one to a question that nobody asked. */
static void ike_12_stray_responses(void)
{
	static struct tape t;
	struct duo *d = taped(&t, 7, B, 15 * IKE_USEC);
	unsigned int i;

	for (i = 0; i < t.n; i++)
		play(d, &t.m[i]);
	EXPECT(duo_up(d));
	EXPECT_EQ(duo_counters(d, A).setups, 1);
	duo_end(d);
}

/* The flag says whose SPI is whose: a message turned round is nobody's. */
static void reflected_messages(void)
{
	static struct tape t;
	struct duo *d = taped(&t, 8, A, 15 * IKE_USEC);
	unsigned int i;

	for (i = 0; i < t.n; i++) {
		struct duo_msg m = t.m[i];

		m.src = t.m[i].dst;
		m.dst = t.m[i].src;
		play(d, &m);
		m.data[19] ^= IKE_FLAG_INITIATOR;
		play(d, &m);
	}
	EXPECT(duo_up(d));
	duo_end(d);
}

static unsigned int sealed_replies(struct duo *d, uint32_t id)
{
	unsigned int i, n = 0;

	for (i = 0; i < d->nspoken; i++)
		n += d->spoken[i].from == B && d->spoken[i].id == id &&
		     d->spoken[i].first == PL_SK;
	return n;
}

/* Every bit of a protected message matters. */
static void ike_17_any_flip_is_dropped(void)
{
	static struct tape t;
	struct duo *d = duo_new(9);
	struct duo_msg m;
	unsigned int bit;

	memset(&t, 0, sizeof(t));
	t.from = A;
	duo_conns(d, dpd_a);
	duo_initiate(d, A, "net", NULL);
	MUST(duo_run_until(d, duo_up, IKE_USEC));
	d->rule = record;
	d->rule_arg = &t;
	d->side[B].off = true; /* the request is only heard by us */
	duo_run(d, 10500000);
	d->side[B].off = false;
	MUST(t.n >= 1);
	d->rule = NULL;
	for (bit = 0; bit < t.m[0].len * 8; bit++) {
		m = t.m[0];
		m.data[bit / 8] ^= 1 << bit % 8;
		ike_input(d->side[B].ike, d->now, &m.dst, &m.src, m.data,
			  m.len);
	}
	EXPECT_EQ(sealed_replies(d, 2), 0);
	EXPECT(duo_counters(d, B).bad_integrity > 200);
	/* ... and the request is still good. */
	play(d, &t.m[0]);
	EXPECT_EQ(sealed_replies(d, 2), 1);
	EXPECT(duo_run_until(d, duo_up, 10 * IKE_USEC));
	duo_end(d);
}

/* -------------------------------------------------------------- message IDs */

static void three_more(struct conn *c, enum duo_who who)
{
	static const char *const nets[][2] = {
		{ "10.11.0.0/16", "10.12.0.0/16" },
		{ "10.21.0.0/16", "10.22.0.0/16" },
		{ "10.31.0.0/16", "10.32.0.0/16" },
	};
	static const char *const names[] = { "one", "two", "three" };
	int i;

	for (i = 0; i < 3; i++)
		duo_child_add(c, names[i], nets[i][who == B],
			      nets[i][who == A]);
}

/* Who has asked and not been answered; more than one request at a time is a
 * breach of the window (2.3). */
struct window {
	int64_t open[2], last[2];
	bool answered[2];
	unsigned int breaches, gaps;
};

static void watch_window(struct duo *d, struct duo_msg *m, struct duo_fate *f,
			 void *arg)
{
	struct window *w = arg;

	(void)f;
	(void)d;
	if (m->response) {
		if (w->open[!m->from] == m->id)
			w->answered[!m->from] = true;
		return;
	}
	if (m->id == w->last[m->from])
		return; /* once more */
	w->gaps += m->id != w->last[m->from] + 1;
	w->breaches += w->last[m->from] >= 0 && !w->answered[m->from];
	w->last[m->from] = w->open[m->from] = m->id;
	w->answered[m->from] = false;
}

static bool all_four(struct duo *d)
{
	return duo_child_sas(d, A, "INSTALLED") == 4 &&
	       duo_child_sas(d, B, "INSTALLED") == 4;
}

static void ike_10_11_ids_from_zero_one_at_a_time(void)
{
	struct window w = { { -1, -1 }, { -1, -1 }, { false, false }, 0, 0 };
	struct ike_select two = { .child = "two" };
	struct duo *d = duo_new(20);

	d->side[B].set.cookie_from = 0;
	d->lose = 20;
	duo_conns(d, three_more);
	d->rule = watch_window;
	d->rule_arg = &w;
	duo_initiate(d, A, "net", NULL);
	duo_initiate(d, A, "one", NULL);
	duo_initiate(d, A, "two", NULL);
	duo_initiate(d, A, "three", NULL);
	EXPECT(duo_run_until(d, all_four, 600 * IKE_USEC));
	/* B's own requests begin at 0, whatever A's have come to. */
	EXPECT(ike_rekey(d->side[B].ike, d->now, &two) == 1);
	EXPECT(ike_rekey(d->side[A].ike, d->now, &two) >= 0);
	duo_run(d, 60 * IKE_USEC);
	d->lose = 0;
	duo_run(d, 200 * IKE_USEC);
	EXPECT(all_four(d));
	EXPECT_EQ(w.breaches, 0);
	EXPECT_EQ(w.gaps, 0);
	EXPECT(w.last[A] >= 4);
	EXPECT(w.last[B] >= 0);
	EXPECT(duo_said(d, B, IKE_CREATE_CHILD_SA, false, 0) >= 1);
	duo_end(d);
}

static void rekeyed_late(struct conn *c, enum duo_who who)
{
	(void)who;
	c->rekey_time = 3600 * IKE_USEC;
	c->over_time = 360 * IKE_USEC;
	c->rand_time = 360 * IKE_USEC;
}

static void lifetime_is_jittered(void)
{
	struct ike_sa_info a, b;
	struct duo *d = established(10, rekeyed_late);

	ike_sa_look(duo_sa(d, A), &a);
	ike_sa_look(duo_sa(d, B), &b);
	EXPECT(a.rekey_at > a.established + 3239 * IKE_USEC);
	EXPECT(a.rekey_at <= a.established + 3600 * IKE_USEC);
	EXPECT(a.rekey_at != b.rekey_at);
	duo_end(d);
}

static const struct test_case cases[] = {
	{ "liveness_is_asked_and_answered", liveness_is_asked_and_answered },
	{ "dead_peer_is_found", dead_peer_is_found },
	{ "dead_peer_comes_back", dead_peer_comes_back },
	{ "loaded_again_is_not_started_again",
	  loaded_again_is_not_started_again },
	{ "ike_42_traffic_is_evidence", ike_42_traffic_is_evidence },
	{ "ike_42_forgeries_are_no_evidence",
	  ike_42_forgeries_are_no_evidence },
	{ "ike_12_outside_the_window_is_nothing",
	  ike_12_outside_the_window_is_nothing },
	{ "ike_12_stray_responses", ike_12_stray_responses },
	{ "reflected_messages", reflected_messages },
	{ "ike_17_any_flip_is_dropped", ike_17_any_flip_is_dropped },
	{ "ike_10_11_ids_from_zero_one_at_a_time",
	  ike_10_11_ids_from_zero_one_at_a_time },
	{ "lifetime_is_jittered", lifetime_is_jittered },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	return suite_run("test_core_info", cases, argc, argv);
}
