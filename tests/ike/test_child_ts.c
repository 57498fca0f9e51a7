/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As many selectors as a payload can have: none is lost without a word. Who
 * answers narrows to what it keeps and says so (RFC 7296 section 2.9); who
 * asked takes whatever pieces of its offer come back.
 */
#include <string.h>
#include "core/internal.h"
#include "duo.h"

/* A message as it would be decrypted. */
struct made {
	uint8_t buf[16384];
	struct ike_writer w;
	struct ike_payloads pl;
};

static struct made m, r;

static void begin(struct made *to)
{
	memset(to, 0, sizeof(*to));
	ike_writer_init(&to->w, to->buf, sizeof(to->buf));
}

static void parse(struct made *to, bool response)
{
	struct ike_hdr hdr = { .exchange = IKE_CREATE_CHILD_SA,
			       .flags = response ? IKE_FLAG_RESPONSE : 0 };
	struct ike_err err = { 0 };

	ike_pl_end(&to->w);
	MUST(!to->w.overflow);
	MUST(!ike_parse_inner(&hdr, to->w.first, to->buf, to->w.len, &to->pl,
			      &err));
}

static struct ts from(const char *text)
{
	struct ts t;
	char why[200];

	MUST(!ts_from_text(text, &t, why, sizeof(why)));
	return t;
}

/* n hosts of 10.@net.0.0/16 */
static const struct ts *hosts(unsigned int net, unsigned int n)
{
	static struct ts ts[TS_WIRE_MAX];
	unsigned int i;

	for (i = 0; i < n; i++) {
		ts[i] = from("10.0.0.0/32");
		ts[i].lo.bytes[1] = ts[i].hi.bytes[1] = (uint8_t)net;
		ts[i].lo.bytes[3] = ts[i].hi.bytes[3] = (uint8_t)(2 * i);
		ts[i].lo.bytes[2] = ts[i].hi.bytes[2] = (uint8_t)(i >> 7);
	}
	return ts;
}

static void put_sa(struct made *to, const struct child_conf *conf, uint32_t spi)
{
	struct proposal p = conf->props[0];

	p.num = 1;
	p.spi_size = 4;
	p.spi = spi;
	ike_put_sa(&to->w, &p, 1);
}

/* An IKE SA alone. */
static struct duo *up(void)
{
	struct duo *d = duo_new(1);

	duo_conns(d, NULL);
	duo_initiate(d, A, NULL, NULL);
	duo_run(d, IKE_USEC);
	MUST(duo_ike_sas(d, B, "ESTABLISHED") == 1);
	return d;
}

static struct ike_sa *sa_of(struct duo *d, enum duo_who who)
{
	return (struct ike_sa *)duo_sa(d, who);
}

/* B is asked for a child with these, and its reply is in @r. */
static int ask(struct duo *d, const struct ts *tsi, unsigned int ni,
	       const struct ts *tsr, unsigned int nr, unsigned int spoil)
{
	struct ike_sa *sa = sa_of(d, B);
	uint8_t nonce[32] = { 1 };
	size_t at;
	int err;

	begin(&m);
	put_sa(&m, sa->conn->children, 0x1000);
	ike_put_nonce(&m.w, nonce, sizeof(nonce));
	at = m.w.len + 8;
	ike_put_ts(&m.w, PL_TSI, tsi, ni);
	for (; spoil; spoil--, at += 16)
		m.buf[at] = 99; /* TS type */
	ike_put_ts(&m.w, PL_TSR, tsr, nr);
	parse(&m, false);
	begin(&r);
	ike_enter(sa->ike, d->now);
	err = child_request(sa, &m.pl, &r.w);
	ike_leave(sa->ike);
	parse(&r, true);
	return err;
}

static unsigned int read_ts(const struct chunk *c, struct ts *ts)
{
	unsigned int n = TS_WIRE_MAX, unknown;
	const char *why;

	EXPECT_EQ(ts_parse(c->p, c->len, ts, &n, &unknown, &why), 0);
	EXPECT_EQ(unknown, 0);
	return n;
}

/* A has no such child: it is B's alone to end it. */
static void finish(struct duo *d)
{
	struct ike_sa *sa = sa_of(d, B);

	ike_enter(sa->ike, d->now);
	while (sa->children)
		child_destroy(sa->children, DOWN_LOCAL, "end of the test");
	ike_leave(sa->ike);
	duo_end(d);
}

static void ike_34_narrowed_to_what_is_kept(void)
{
	struct ts got[TS_WIRE_MAX], to = from("10.2.0.0/16");
	struct duo *d = up();

	EXPECT_EQ(ask(d, hosts(1, TS_WIRE_MAX), TS_WIRE_MAX, &to, 1, 0), 0);
	EXPECT_EQ(read_ts(&r.pl.tsi, got), TS_MAX);
	EXPECT(ts_within(got, TS_MAX, hosts(1, TS_MAX), TS_MAX));
	EXPECT_EQ(read_ts(&r.pl.tsr, got), 1);
	/* and that there is more to be had */
	EXPECT(ike_find_notify(&r.pl, N_ADDITIONAL_TS_POSSIBLE));
	EXPECT(duo_logged(d, B, "TSi: more than 32 selectors"));
	EXPECT(!duo_logged(d, B, "TSr: more than 32 selectors"));
	EXPECT_EQ(fakedb_policies(d->side[B].db), 2 * TS_MAX);
	finish(d);
}

static void ike_34_all_that_fit_are_kept(void)
{
	struct ts got[TS_WIRE_MAX], to = from("10.2.0.0/16");
	struct duo *d = up();

	EXPECT_EQ(ask(d, hosts(1, TS_MAX), TS_MAX, &to, 1, 0), 0);
	EXPECT_EQ(read_ts(&r.pl.tsi, got), TS_MAX);
	EXPECT(!ike_find_notify(&r.pl, N_ADDITIONAL_TS_POSSIBLE));
	EXPECT(!duo_logged(d, B, "selectors are common"));
	finish(d);
}

/* The one that counts may be the last. */
static void ike_34_the_last_is_read_too(void)
{
	struct ts offer[TS_WIRE_MAX], got[TS_WIRE_MAX];
	struct ts to = from("10.2.0.0/16");
	struct duo *d = up();

	memcpy(offer, hosts(9, TS_WIRE_MAX), sizeof(offer));
	offer[TS_WIRE_MAX - 1] = from("10.1.0.0/16");
	EXPECT_EQ(ask(d, offer, TS_WIRE_MAX, &to, 1, 0), 0);
	EXPECT_EQ(read_ts(&r.pl.tsi, got), 1);
	EXPECT(ts_equal(&got[0], &offer[TS_WIRE_MAX - 1]));
	EXPECT(!ike_find_notify(&r.pl, N_ADDITIONAL_TS_POSSIBLE));
	finish(d);
}

static void ike_34_nothing_fits_is_told_in_few_lines(void)
{
	struct ts to = from("10.2.0.0/16");
	struct duo *d = up();
	unsigned int lines = d->side[B].nlog;

	EXPECT(ask(d, hosts(9, TS_WIRE_MAX), TS_WIRE_MAX, &to, 1, 0));
	EXPECT(ike_find_notify(&r.pl, N_TS_UNACCEPTABLE));
	EXPECT(duo_logged(d, B, "and 239 more"));
	EXPECT(d->side[B].nlog - lines < 25);
	finish(d);
}

static void ike_34_unknown_types_are_named(void)
{
	struct ts got[TS_WIRE_MAX], to = from("10.2.0.0/16");
	struct duo *d = up();

	EXPECT_EQ(ask(d, hosts(1, 5), 5, &to, 1, 2), 0);
	EXPECT_EQ(read_ts(&r.pl.tsi, got), 3);
	EXPECT(duo_logged(d, B, "TSi: 2 selectors of a type"));
	finish(d);
}

/* A has asked for its child, and this is the choice that comes back. */
static int take(struct duo *d, const struct ts *tsi, unsigned int ni,
		bool spoil)
{
	struct ike_sa *sa = sa_of(d, A);
	struct ts to = from("10.2.0.0/16");
	struct child_sa *child;
	uint8_t nonce[32] = { 1 };
	size_t at;
	int err;

	begin(&m);
	put_sa(&m, sa->conn->children, 0x2000);
	ike_put_nonce(&m.w, nonce, sizeof(nonce));
	at = m.w.len + 8;
	ike_put_ts(&m.w, PL_TSI, tsi, ni);
	if (spoil)
		m.buf[at] = 99;
	ike_put_ts(&m.w, PL_TSR, &to, 1);
	parse(&m, true);
	ike_enter(sa->ike, d->now);
	child = child_new(sa, sa->conn->children, true);
	MUST(child);
	err = child_take_answer(
		child, &m.pl, false,
		&(struct child_kex){ { nonce, 32 }, { nonce, 32 }, NULL });
	if (!err) {
		EXPECT_EQ(child->nlocal, ni);
		EXPECT(!memcmp(child->ts, tsi, ni * sizeof(*tsi)));
	}
	child_destroy(child, DOWN_LOCAL, "end of the test");
	ike_leave(sa->ike);
	return err;
}

static void ike_34_the_answer_may_be_in_pieces(void)
{
	struct ts outside[TS_WIRE_MAX];
	struct duo *d = up();

	EXPECT_EQ(take(d, hosts(1, TS_WIRE_MAX), TS_WIRE_MAX, false), 0);
	EXPECT_EQ(fakedb_policies(d->side[A].db), 0);
	/* the last one is looked at as well as the first */
	memcpy(outside, hosts(1, TS_WIRE_MAX), sizeof(outside));
	outside[TS_WIRE_MAX - 1] = from("10.3.0.0/16");
	EXPECT_EQ(take(d, outside, TS_WIRE_MAX, false), -EPROTO);
	EXPECT(strstr(sa_of(d, A)->ike->why, "TSi of the answer is not"));
	EXPECT_EQ(take(d, hosts(1, 5), 5, true), -EPROTO);
	duo_end(d);
}

static const struct test_case cases[] = {
	{ "ike_34_narrowed_to_what_is_kept", ike_34_narrowed_to_what_is_kept },
	{ "ike_34_all_that_fit_are_kept", ike_34_all_that_fit_are_kept },
	{ "ike_34_the_last_is_read_too", ike_34_the_last_is_read_too },
	{ "ike_34_nothing_fits_is_told_in_few_lines",
	  ike_34_nothing_fits_is_told_in_few_lines },
	{ "ike_34_unknown_types_are_named", ike_34_unknown_types_are_named },
	{ "ike_34_the_answer_may_be_in_pieces",
	  ike_34_the_answer_may_be_in_pieces },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	return suite_run("test_child_ts", cases, argc, argv);
}
