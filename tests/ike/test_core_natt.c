/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NAT: found, passed, kept open, followed.
 */
#include <string.h>
#include "duo.h"

/* ---------------------------------------------------------------------- NAT */

static void nat_on(struct duo *d, unsigned int shift)
{
	d->side[A].nat.on = true;
	duo_addr("203.0.113.77", &d->side[A].nat.ip);
	d->side[A].nat.shift = shift;
}

static void any_remote(struct conn *c, enum duo_who who)
{
	if (who == B)
		c->remote[0].any = true;
}

static void ike_44_nat_is_found_and_passed(void)
{
	struct duo *d = duo_new(40);
	struct child_sa_info ca, cb;
	struct ike_sa_info a, b;
	unsigned int i, kept = 0;

	nat_on(d, 30000);
	duo_conns(d, any_remote);
	duo_initiate(d, A, "net", NULL);
	EXPECT(duo_run_until(d, duo_up, 2 * IKE_USEC));
	ike_sa_look(duo_sa(d, A), &a);
	ike_sa_look(duo_sa(d, B), &b);
	EXPECT(a.nat_local && !a.nat_remote);
	EXPECT(b.nat_remote && !b.nat_local);
	EXPECT_EQ(a.local.port, 4500);
	EXPECT_EQ(a.remote.port, 4500);
	EXPECT_EQ(b.local.port, 4500);
	EXPECT_EQ(b.remote.port, 34500);
	child_sa_look(duo_child(d, A), &ca);
	child_sa_look(duo_child(d, B), &cb);
	EXPECT(ca.encap && cb.encap);
	EXPECT(duo_packet(d, A) && duo_packet(d, B));
	/* Kept open from inside, not from outside. */
	duo_run(d, 105 * IKE_USEC);
	for (i = 0; i < d->nspoken; i++)
		if (d->spoken[i].keepalive) {
			EXPECT(d->spoken[i].from == A);
			EXPECT_EQ(d->spoken[i].len, 1);
			kept++;
		}
	EXPECT_EQ(kept, 5);
	duo_end(d);
}

static void no_nat_no_float(void)
{
	struct duo *d = duo_new(41);
	struct ike_sa_info a;

	duo_conns(d, NULL);
	duo_initiate(d, A, "net", NULL);
	EXPECT(duo_run_until(d, duo_up, 2 * IKE_USEC));
	ike_sa_look(duo_sa(d, A), &a);
	EXPECT(!a.nat_local && !a.nat_remote);
	EXPECT_EQ(a.local.port, 500);
	duo_run(d, 100 * IKE_USEC);
	EXPECT_EQ(d->nspoken, 4);
	duo_end(d);
}

static void encap(struct conn *c, enum duo_who who)
{
	c->encap = who == A;
}

static void encapsulation_without_nat(void)
{
	struct duo *d = duo_new(42);
	struct child_sa_info ca, cb;

	duo_conns(d, encap);
	duo_initiate(d, A, "net", NULL);
	EXPECT(duo_run_until(d, duo_up, 2 * IKE_USEC));
	child_sa_look(duo_child(d, A), &ca);
	child_sa_look(duo_child(d, B), &cb);
	EXPECT(ca.encap && cb.encap);
	duo_end(d);
}

static void dpd(struct conn *c, enum duo_who who)
{
	any_remote(c, who);
	if (who == A)
		c->dpd_delay = 10 * IKE_USEC;
}

/* The NAT forgets and maps anew: B answers to where the request came from, and
 * follows, since the request was authentic. */
static void ike_44_follows_the_peer(void)
{
	struct duo *d = duo_new(43);
	struct ike_sa_info b;

	nat_on(d, 30000);
	duo_conns(d, dpd);
	duo_initiate(d, A, "net", NULL);
	EXPECT(duo_run_until(d, duo_up, 2 * IKE_USEC));
	d->side[A].nat.shift = 40000;
	duo_run(d, 15 * IKE_USEC);
	ike_sa_look(duo_sa(d, B), &b);
	EXPECT_EQ(b.remote.port, 44500);
	EXPECT(duo_logged(d, B, "the NAT has moved the peer"));
	EXPECT_EQ(duo_counters(d, A).retransmits_out, 0);
	duo_end(d);
}

/* Bytes of the past from a wrong address move nothing. */
static void ike_44_replay_moves_nothing(void)
{
	struct duo *d = duo_new(44);
	struct ike_end evil = { .port = 666 }, dst;
	struct ike_sa_info before, after;
	uint8_t buf[64] = { 0 };

	nat_on(d, 30000);
	duo_conns(d, dpd);
	duo_initiate(d, A, "net", NULL);
	EXPECT(duo_run_until(d, duo_up, 2 * IKE_USEC));
	ike_sa_look(duo_sa(d, B), &before);
	duo_addr("203.0.113.99", &evil.ip);
	dst = duo_at(d, B, 4500);
	/* well-formed outside, no key behind it */
	ike_hdr_put(buf, &(struct ike_hdr){ .spi_i = before.spi_i,
					    .spi_r = before.spi_r,
					    .next = PL_SK,
					    .version = 0x20,
					    .exchange = IKE_INFORMATIONAL,
					    .flags = IKE_FLAG_INITIATOR,
					    .id = 2,
					    .len = 64 });
	buf[31] = 36;
	duo_inject(d, A, &evil, &dst, buf, 64);
	duo_run(d, IKE_USEC);
	ike_sa_look(duo_sa(d, B), &after);
	EXPECT_EQ(after.remote.port, before.remote.port);
	EXPECT_EQ(duo_counters(d, B).bad_integrity, 1);
	duo_end(d);
}

static const struct test_case cases[] = {
	{ "ike_44_nat_is_found_and_passed", ike_44_nat_is_found_and_passed },
	{ "no_nat_no_float", no_nat_no_float },
	{ "encapsulation_without_nat", encapsulation_without_nat },
	{ "ike_44_follows_the_peer", ike_44_follows_the_peer },
	{ "ike_44_replay_moves_nothing", ike_44_replay_moves_nothing },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	return suite_run("test_core_natt", cases, argc, argv);
}
