/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many at once: one hub with 400 sites, held and rekeyed; floods of requests by
 * senders that do not exist, and by some that do, with peers who are served
 * meanwhile. Prints what it costs; it expects bounds of memory and that all are
 * served, never a time.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "craft_init.h"
#include "duo.h"

#define SITES 400

static double wall_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* ------------------------------- one hub (B), sites (all of them in core A) */

static void site_addr(unsigned int i, struct espalier_addr *a)
{
	char text[32];

	snprintf(text, sizeof(text), "198.18.%u.%u", i >> 8, i & 255);
	duo_addr(text, a);
}

static struct conn *site_conn(struct duo *d, enum duo_who who, unsigned int i)
{
	struct conn *c = duo_conn(d, who);
	struct ike_id *site = who == A ? &c->auth_local.id : &c->auth_remote.id;
	struct addr_match *at = who == A ? &c->local[0] : &c->remote[0];
	char text[64], lan[32];

	free(c->name);
	snprintf(text, sizeof(text), "site-%u", i);
	c->name = strdup(text);
	snprintf(text, sizeof(text), "site-%u.example.org", i);
	MUST(!ike_id_from_text(text, site));
	site_addr(i, &at->lo);
	at->hi = at->lo;
	snprintf(lan, sizeof(lan), "10.%u.%u.0/24", 100 + (i >> 8), i & 255);
	duo_child_ts(c->children, who == A ? lan : "10.1.0.0/16",
		     who == A ? "10.1.0.0/16" : lan);
	c->dpd_delay = 60 * IKE_USEC;
	return c;
}

static struct duo *hub_new(uint64_t seed, unsigned int sites,
			   void (*change)(struct conn *c, enum duo_who who))
{
	struct duo *d = duo_new(seed);
	unsigned int i, w;

	d->forget = true;
	d->side[A].everywhere = true;
	for (i = 0; i < sites; i++)
		for (w = 0; w < 2; w++) {
			struct conn *c = site_conn(d, w, i);

			if (change)
				change(c, w);
			duo_load(d, w, c);
		}
	return d;
}

static void initiate(struct duo *d, unsigned int i)
{
	char name[32];

	snprintf(name, sizeof(name), "site-%u", i);
	MUST(!ike_initiate(d->side[A].ike, d->now, name, "net", NULL, NULL));
}

static unsigned int wanted; /* children that are to be up */

static bool settled(struct duo *d)
{
	return fakedb_sas(d->side[A].db, -1) == 2 * wanted &&
	       fakedb_sas(d->side[B].db, -1) == 2 * wanted &&
	       duo_ike_sas(d, B, "ESTABLISHED") == duo_ike_sas(d, B, NULL) &&
	       duo_ike_sas(d, B, NULL) == wanted &&
	       duo_child_sas(d, B, "INSTALLED") == wanted;
}

/* In steps, so that looking costs nothing. */
static bool run_until_settled(struct duo *d, unsigned int seconds)
{
	unsigned int i;

	for (i = 0; i < seconds && !settled(d); i++)
		duo_run(d, IKE_USEC);
	return settled(d);
}

struct mark {
	double cpu, wall;
};

static struct mark mark(struct duo *d)
{
	return (struct mark){ d->side[B].cpu, wall_now() };
}

static void report(struct duo *d, const struct mark *m, const char *what,
		   unsigned int n, const char *unit)
{
	double cpu = d->side[B].cpu - m->cpu;

	printf("    %s: %.0f us of CPU in the hub %s, %.2f s by the wall\n",
	       what, cpu * 1e6 / n, unit, wall_now() - m->wall);
}

static void lifetimes(struct conn *c, enum duo_who who)
{
	/* the hub has to do the work */
	if (who == A)
		return;
	c->children->rekey_time = 1200 * IKE_USEC;
	c->children->rand_time = 300 * IKE_USEC;
	c->children->life_time = 1500 * IKE_USEC;
	c->rekey_time = 3000 * IKE_USEC;
	c->rand_time = 600 * IKE_USEC;
	c->over_time = 300 * IKE_USEC;
}

static void sites_held_and_rekeyed(void)
{
	struct ike_select all = { .child = "net" };
	struct ike_counters c;
	struct duo *d = hub_new(1, SITES, lifetimes);
	struct mark m = mark(d);
	unsigned int i;

	/* all at the same moment: the hub asks for cookies and serves them */
	wanted = SITES;
	for (i = 0; i < SITES; i++)
		initiate(d, i);
	EXPECT(run_until_settled(d, 60));
	c = duo_counters(d, B);
	report(d, &m, "400 sites set up", SITES, "each");
	printf("    %u SAs in the database, %.0f bytes an IKE SA with its "
	       "child, %u cookies sent\n",
	       fakedb_sas(d->side[B].db, -1), (double)c.bytes / SITES,
	       (unsigned int)c.cookies_sent);
	EXPECT(c.bytes / SITES < 8192);

	m = mark(d);
	duo_run(d, 600 * IKE_USEC);
	EXPECT(settled(d));
	report(d, &m, "held for 10 minutes with DPD every minute", SITES,
	       "a site");

	/* by the clock, spread by the jitter: each child once or twice, each
	 * IKE SA once */
	m = mark(d);
	duo_run(d, 2500 * IKE_USEC);
	EXPECT(run_until_settled(d, 600));
	c = duo_counters(d, B);
	EXPECT(c.rekeys_child >= SITES);
	EXPECT(c.rekeys_ike >= SITES);
	report(d, &m, "all rekeyed in time", c.rekeys_child + c.rekeys_ike,
	       "a rekey");

	/* and all at once, by both sides */
	m = mark(d);
	i = ike_rekey(d->side[B].ike, d->now, &all);
	EXPECT_EQ(i, SITES);
	ike_rekey(d->side[A].ike, d->now, &all);
	EXPECT(run_until_settled(d, 120));
	report(d, &m, "all rekeyed at once, both sides colliding", SITES,
	       "a child");

	EXPECT_EQ(d->side[A].events[IKE_EV_CHILD_DOWN], 0);
	EXPECT_EQ(d->side[B].events[IKE_EV_CHILD_DOWN], 0);
	EXPECT_EQ(d->side[B].events[IKE_EV_IKE_DOWN], 0);
	EXPECT(duo_paired(d));
	EXPECT(duo_reaches(d, A) && duo_reaches(d, B));
	duo_end(d);
}

/* 400 children under one IKE SA: lists of them are walked, and it does not
 * matter. */
static void many_children_of_one_sa(void)
{
	struct ike_select all = { .ike = "duo" };
	struct duo *d = duo_new(2);
	struct mark m = mark(d);
	char name[16], a[32], b[32];
	unsigned int i, w;

	d->forget = true;
	for (w = 0; w < 2; w++) {
		struct conn *c = duo_conn(d, w);

		for (i = 1; i < SITES; i++) {
			snprintf(name, sizeof(name), "c%u", i);
			snprintf(a, sizeof(a), "10.%u.%u.0/25", 100 + (i >> 8),
				 i & 255);
			snprintf(b, sizeof(b), "10.%u.%u.128/25",
				 100 + (i >> 8), i & 255);
			duo_child_add(c, name, w == A ? a : b, w == A ? b : a);
		}
		duo_load(d, w, c);
	}
	duo_initiate(d, A, "net", NULL);
	for (i = 1; i < SITES; i++) {
		snprintf(name, sizeof(name), "c%u", i);
		duo_initiate(d, A, name, NULL);
	}
	for (i = 0; i < 60 && duo_child_sas(d, B, "INSTALLED") < SITES; i++)
		duo_run(d, IKE_USEC);
	EXPECT_EQ(duo_child_sas(d, B, "INSTALLED"), SITES);
	EXPECT_EQ(fakedb_sas(d->side[B].db, -1), 2 * SITES);
	report(d, &m, "400 children of one IKE SA", SITES, "each");
	m = mark(d);
	EXPECT_EQ(ike_rekey(d->side[A].ike, d->now, &all), 1);
	duo_run(d, 10 * IKE_USEC);
	EXPECT_EQ(duo_child_sas(d, B, "INSTALLED"), SITES);
	EXPECT_EQ(d->side[B].events[IKE_EV_IKE_REKEYED], 1);
	for (i = 0; i < SITES; i++) {
		struct ike_select one = { .child = name };

		snprintf(name, sizeof(name), i ? "c%u" : "net", i);
		EXPECT_EQ(ike_rekey(d->side[B].ike, d->now, &one), 1);
	}
	for (i = 0; i < 60 && duo_counters(d, B).rekeys_child < SITES; i++)
		duo_run(d, IKE_USEC);
	/* the deletes of the old ones, one at a time */
	duo_run(d, 30 * IKE_USEC);
	EXPECT_EQ(duo_counters(d, B).rekeys_child, SITES);
	EXPECT_EQ(duo_child_sas(d, B, "INSTALLED"), SITES);
	EXPECT_EQ(fakedb_sas(d->side[B].db, -1), 2 * SITES);
	EXPECT(duo_reaches(d, A) && duo_reaches(d, B));
	report(d, &m, "moved to a new IKE SA and all rekeyed", SITES,
	       "a child");
	duo_end(d);
}

/* ------------------------------------------------------------------- floods */

#define FLOOD 100000
#define PEERS 20

/* The one template with other SPIs and nonces: no message is that before. */
struct flood {
	uint8_t msg[1024];
	size_t len;
	struct ike_end src, dst;
};

static void flood_begin(struct duo *d, struct flood *f)
{
	struct craft_init c = { .spi_i = 1 };

	f->len = craft_init(&c, f->msg, sizeof(f->msg));
	f->dst = duo_at(d, B, 500);
	f->src = (struct ike_end){ .port = 500 };
	f->src.ip.family = AF_INET;
}

static void flood_one(struct duo *d, struct flood *f, uint32_t n, uint32_t from)
{
	uint32_t addr = htonl(0x0a000000 | (from & 0xffffff));

	memcpy(f->msg + 4, &n, sizeof(n));
	f->msg[0] = 0x80;
	memcpy(f->msg + f->len - sizeof(n), &n, sizeof(n));
	memcpy(&f->src.ip.v4.s_addr, &addr, sizeof(addr));
	duo_input(d, B, &f->dst, &f->src, f->msg, f->len);
}

/* What is said to those that do not exist goes nowhere. */
static void to_nowhere(struct duo *d, struct duo_msg *m, struct duo_fate *fate,
		       void *arg)
{
	(void)d;
	(void)arg;
	if (m->from == B && m->dst.ip.bytes[0] == 10)
		fate->copies = 0;
}

static void anybody(struct conn *c, enum duo_who who)
{
	if (who == B)
		c->remote[0].any = true;
}

static void ike_20_flood_of_spoofed_senders(void)
{
	struct duo *d = hub_new(3, PEERS, anybody);
	size_t idle = duo_counters(d, B).bytes, peak = 0;
	struct mark m = mark(d);
	struct ike_counters c;
	unsigned int most = 0, peers = 0;
	struct flood f;
	uint32_t i;

	wanted = PEERS;
	d->rule = to_nowhere;
	flood_begin(d, &f);
	for (i = 0; i < FLOOD; i++) {
		flood_one(d, &f, i, i * 2654435761u);
		if (!(i % (FLOOD / PEERS)))
			initiate(d, peers++);
		/* 20,000 a second */
		if (!(i % 20))
			duo_run(d, 1000);
		c = duo_counters(d, B);
		peak = c.bytes > peak ? c.bytes : peak;
		most = c.half_open > most ? c.half_open : most;
	}
	/* while the flood goes on: whoever began a second before its end is up
	 */
	EXPECT(duo_child_sas(d, B, "INSTALLED") >= PEERS - 1);
	EXPECT(run_until_settled(d, 60));
	c = duo_counters(d, B);
	report(d, &m, "100000 spoofed IKE_SA_INITs", FLOOD, "each");
	printf("    at most %u half-open, %zu KiB of memory for all SAs, "
	       "%u cookies sent, %u of %u peers served\n",
	       most, (peak - idle) / 1024, (unsigned int)c.cookies_sent,
	       duo_child_sas(d, B, "INSTALLED"), PEERS);
	EXPECT(c.cookies_sent > FLOOD - 1000);
	EXPECT(most <= d->side[B].set.cookie_from + PEERS);
	EXPECT(peak - idle < (most + PEERS) * 8192);
	duo_end(d);
}

/* Senders that exist can answer a cookie; without it here, which costs the same
 * memory. The limits of half-open SAs are what holds. */
static void ike_22_flood_of_real_senders(void)
{
	struct duo *d = duo_new(4);
	size_t idle, peak;
	struct ike_counters c;
	struct flood f;
	struct mark m;
	uint32_t i;

	d->forget = true;
	d->rule = to_nowhere;
	d->side[B].set.cookie_from = UINT32_MAX;
	duo_conns(d, anybody);
	idle = duo_counters(d, B).bytes;
	m = mark(d);
	flood_begin(d, &f);
	/* 300 senders, 20 each are let in, 4096 together */
	for (i = 0; i < 20000; i++)
		flood_one(d, &f, i, i % 300);
	c = duo_counters(d, B);
	peak = c.bytes;
	report(d, &m, "20000 IKE_SA_INITs without cookies", 20000, "each");
	printf("    %u half-open, %zu KiB of memory, %u refused\n", c.half_open,
	       (peak - idle) / 1024, (unsigned int)c.half_open_refused);
	EXPECT_EQ(c.half_open, d->side[B].set.half_open_max);
	EXPECT_EQ(c.half_open_refused, 20000 - c.half_open);
	EXPECT((peak - idle) / c.half_open < 8192);
	/* full: a peer waits until their time is over, no longer */
	duo_initiate(d, A, "net", NULL);
	EXPECT(duo_run_until(d, duo_up, 60 * IKE_USEC));
	EXPECT_EQ(duo_counters(d, B).half_open, 0);
	duo_end(d);
}

static const struct test_case cases[] = {
	{ "sites_held_and_rekeyed", sites_held_and_rekeyed },
	{ "many_children_of_one_sa", many_children_of_one_sa },
	{ "ike_20_flood_of_spoofed_senders", ike_20_flood_of_spoofed_senders },
	{ "ike_22_flood_of_real_senders", ike_22_flood_of_real_senders },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	return suite_run("test_load", cases, argc, argv);
}
