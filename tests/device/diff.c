// SPDX-License-Identifier: Apache-2.0
/*
 * The whole device against the reference model on random packets.
 *
 *   diff                    the slice of `make test`
 *   diff --seed N           replay one seed
 *   diff --seconds S        as many seeds as fit
 *   diff --first N --count C
 *
 * A seed makes a world (latencies, stalls), SAs and policies of all kinds, and
 * then rounds of frames both ways. What leaves, what is delivered, how each
 * frame ended and what the SAs counted must be what the model says.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "bytes.h"
#include "craft.h"
#include "espalier_regs.h"
#include "nic.h"
#include "suite.h"

#define SAS 12
#define FRAMES 32
#define ROUNDS 5
#define BATCH_BYTES 24000

static uint64_t seed;

struct world {
	struct rng rng;
	struct nic nic;
	struct ref_dev peer; /* sends to the device */
	uint32_t out[SAS], in[SAS]; /* handles */
	struct espalier_sa in_cfg[SAS];
	unsigned int nout, nin;
};

struct expected {
	enum espalier_code code;
	uint32_t sa, seq;
	bool free_id, ambiguous;
	int queue;
	struct nic_frame frame;
};

static struct expected want[FRAMES];
static unsigned int nwant;

static void expect_clear(void)
{
	for (unsigned int i = 0; i < nwant; i++)
		free(want[i].frame.data);
	nwant = 0;
}

static void expect(const struct ref_result *r, bool ambiguous)
{
	struct expected *e = &want[nwant++];

	*e = (struct expected){ .code = r->code,
				.sa = r->sa,
				.seq = r->seq,
				.free_id = r->free_id,
				.ambiguous = ambiguous,
				.queue = r->queue };
	e->frame.data = malloc(r->len ? r->len : 1);
	MUST(e->frame.data);
	memcpy(e->frame.data, r->frame, r->len);
	e->frame.len = r->len;
}

static void dump(const char *what, const uint8_t *p, size_t len)
{
	printf("    %s (%zu bytes):", what, len);
	for (size_t i = 0; i < len && i < 160; i++)
		printf("%s%02x", i % 4 ? "" : " ", p[i]);
	printf("\n");
}

/* ------------------------------------------------------------------- setup */

static struct espalier_addr inner_host(int family, unsigned int n)
{
	return gen_addr(family, 1, 100 + n);
}

static void setup_out(struct world *w)
{
	struct rng *r = &w->rng;

	w->nout = rng_range(r, 1, SAS);
	for (unsigned int i = 0; i < w->nout; i++) {
		struct espalier_sa sa =
			gen_sa(r, ESPALIER_DIR_OUT, i, w->nic.caps.window_max);

		if (rng_percent(r, 10))
			sa.limits.hard_packets = rng_range(r, 1, 40);
		if (rng_percent(r, 10))
			sa.limits.hard_bytes = rng_range(r, 500, 20000);
		if (rng_percent(r, 10))
			sa.limits.soft_packets = sa.limits.hard_packets;
		if (rng_percent(r, 10))
			sa.seq = sa.esn ? UINT64_MAX - rng_below(r, 20)
					: UINT32_MAX - rng_below(r, 20);
		w->out[i] = nic_sa_add(&w->nic, &sa);
	}
	for (int i = rng_range(r, 2, 24); i; i--) {
		struct espalier_policy p = gen_policy(r, ESPALIER_DIR_OUT);

		if (rng_percent(r, 40))
			p.action = rng_below(r, 2);
		p.sa = p.action == ESPALIER_PROTECT
			       ? w->out[rng_below(r, w->nout)]
			       : 0;
		nic_policy_add(&w->nic, &p);
	}
	for (int v6 = 0; v6 < 2; v6++) {
		struct espalier_policy p =
			gen_any(ESPALIER_DIR_OUT, v6 ? AF_INET6 : AF_INET,
				ESPALIER_PROTECT, 2000);

		if (rng_percent(r, 20))
			continue;
		p.sa = w->out[rng_below(r, w->nout)];
		nic_policy_add(&w->nic, &p);
	}
	/* its policies stay and answer that there is no state */
	if (w->nout > 1 && rng_percent(r, 30)) {
		unsigned int i = rng_below(r, w->nout);

		nic_sa_del(&w->nic, w->out[i]);
	}
}

static void setup_in(struct world *w)
{
	struct rng *r = &w->rng;

	w->nin = rng_range(r, 1, SAS);
	for (unsigned int i = 0; i < w->nin; i++) {
		struct espalier_sa sa =
			gen_sa(r, ESPALIER_DIR_IN, i, w->nic.caps.window_max);
		struct espalier_sa out;

		if (sa.mode == ESPALIER_MODE_TRANSPORT) {
			sa.src = gen_addr(sa.dst.family, 0, i);
			sa.dst = inner_host(sa.dst.family, i);
		}
		sa.flow_label = 0;
		sa.ttl = 0;
		sa.dscp = -1;
		if (rng_percent(r, 20))
			sa.queue = rng_below(r, w->nic.caps.queues);
		w->in[i] = nic_sa_add(&w->nic, &sa);
		w->in_cfg[i] = sa;
		out = gen_mirror(&sa, 0);
		out.ecn = rng_percent(r, 70);
		ref_sa_add(&w->peer, &out, w->in[i]);
		for (int v6 = 0; v6 < 2; v6++) {
			int family = v6 ? AF_INET6 : AF_INET;
			struct espalier_policy p = gen_any(
				ESPALIER_DIR_IN, family, ESPALIER_PROTECT, 500);

			p.dst_lo = inner_host(family, i);
			p.dst_hi = p.dst_lo;
			p.reqid = sa.reqid;
			nic_policy_add(&w->nic, &p);
		}
	}
	for (int i = rng_range(r, 0, 24); i; i--) {
		struct espalier_policy p = gen_policy(r, ESPALIER_DIR_IN);

		if (rng_percent(r, 50))
			p.action = rng_below(r, 2);
		if (p.action == ESPALIER_PROTECT)
			p.reqid = rng_below(r, w->nin) + 1;
		nic_policy_add(&w->nic, &p);
	}
	for (int v6 = 0; v6 < 2; v6++)
		if (rng_percent(r, 50)) {
			struct espalier_policy p = gen_any(
				ESPALIER_DIR_IN, v6 ? AF_INET6 : AF_INET,
				ESPALIER_BYPASS, 2000);

			nic_policy_add(&w->nic, &p);
		}
}

static void setup(struct world *w)
{
	struct nic_opts opts = { .sim.seed = seed };
	struct rng *r = &w->rng;

	memset(w, 0, sizeof(*w));
	r->state = seed * 0x1000003;
	if (rng_percent(r, 50)) {
		opts.sim.mem_latency_min = rng_range(r, 5, 60);
		opts.sim.mem_latency_max =
			opts.sim.mem_latency_min + rng_below(r, 150);
	}
	if (rng_percent(r, 40))
		opts.sim.stall_percent = rng_range(r, 1, 60);
	if (rng_percent(r, 30))
		opts.sim.wire_stall_percent = rng_range(r, 1, 60);
	opts.tx_ring = 8 << rng_below(r, 6);
	opts.rx_ring = 64 << rng_below(r, 3);
	nic_open(&w->nic, &opts);
	ref_dev_init(&w->peer, w->nic.caps.mac);
	nic_options(&w->nic, rng_next(r) & 0x7c);
	nic_reg_write(&w->nic, ESPALIER_REG_RSS,
		      rng_percent(r, 50) ? 0 : w->nic.caps.queues - 1);
	setup_out(w);
	setup_in(w);
}

/* ------------------------------------------------------------------ frames */

static size_t some_len(struct rng *r)
{
	unsigned int d = rng_below(r, 100);

	if (d < 55)
		return rng_range(r, 28, 300);
	if (d < 85)
		return rng_range(r, 300, 1600);
	if (d < 96)
		return rng_range(r, 1600, 4000);
	return rng_range(r, 8000, 9190);
}

static size_t non_ip(struct rng *r, uint8_t *f, const uint8_t *mac)
{
	size_t len = rng_range(r, 14, 200);

	rng_fill(r, f, len);
	memcpy(f, mac, 6);
	put16(f + 12, rng_percent(r, 50)   ? 0x0806
		      : rng_percent(r, 50) ? 0x88cc
					   : 0x8847);
	if (rng_percent(r, 20) && len >= 26) { /* one tag too many */
		put16(f + 12, 0x8100);
		put16(f + 16, 0x88a8);
		put16(f + 20, 0x8100);
	}
	return len;
}

static size_t some_frame(struct world *w, uint8_t *f, const uint8_t *mac)
{
	struct rng *r = &w->rng;
	struct gen_frame g = { .dmac = mac,
			       .proto = -1,
			       .vlan = 15,
			       .options = 20,
			       .fragment = 8,
			       .padding = 20,
			       .malformed = 5 };

	if (rng_percent(r, 4))
		return non_ip(r, f, mac);
	g.len_min = some_len(r);
	g.len_max = g.len_min;
	return gen_frame(r, &g, f);
}

/* ---------------------------------------------------------------- outbound */

static void check_out(struct world *w)
{
	struct nic *nic = &w->nic;
	unsigned int k = 0;

	EXPECT_EQ(nic->ndone, nwant);
	for (unsigned int i = 0; i < nwant && i < nic->ndone; i++) {
		const struct expected *e = &want[i];
		const struct nic_done *d = &nic->done[i];
		const struct nic_frame *f;

		EXPECT_EQ(d->code, e->code);
		EXPECT_EQ(d->sa, e->sa);
		EXPECT_EQ(d->seq, e->seq);
		EXPECT_EQ(d->wire_len, e->frame.len);
		if (!e->frame.len)
			continue;
		MUST(k < nic->wire.n);
		f = &nic->wire.v[k++];
		if (!ref_same(e->frame.data, e->frame.len, f->data, f->len,
			      e->free_id)) {
			printf("    frame %u of the round, code %s\n", i,
			       espalier_code_name(e->code));
			dump("want", e->frame.data, e->frame.len);
			dump("got ", f->data, f->len);
			CU_FAIL("wire frame");
		}
	}
	EXPECT_EQ(nic->wire.n, k);
}

static void round_out(struct world *w)
{
	static struct ref_result r;
	static uint8_t frame[GEN_BUF];
	struct rng *rng = &w->rng;
	unsigned int queue = rng_below(rng, w->nic.caps.queues);

	nic_forget(&w->nic);
	while (nwant < FRAMES) {
		uint32_t handle = 0;
		size_t len = some_frame(w, frame, w->nic.caps.mac);

		if (rng_percent(rng, 25))
			handle = w->out[rng_below(rng, w->nout)];
		else if (rng_percent(rng, 3))
			handle = w->out[0] ^ 1u << rng_below(rng, 31);
		ref_out(&w->nic.ref, frame, len, handle, &r);
		expect(&r, false);
		while (!nic_post_random(&w->nic, queue, rng, frame, len,
					handle))
			nic_settle(&w->nic);
	}
	nic_settle(&w->nic);
	check_out(w);
	expect_clear();
}

/* ----------------------------------------------------------------- inbound */

struct batch {
	struct nic_frame frame[FRAMES];
	bool odd[FRAMES]; /* damaged */
	unsigned int n;
	size_t bytes;
};

static void add(struct batch *b, const uint8_t *data, size_t len, bool odd)
{
	struct nic_frame *f = &b->frame[b->n];

	f->data = malloc(len);
	MUST(f->data);
	memcpy(f->data, data, len);
	f->len = len;
	b->odd[b->n++] = odd;
	b->bytes += len;
}

/* A host frame protected by the peer under inbound SA @i; 0 if it cannot be. */
static size_t protect(struct world *w, unsigned int i, uint8_t *out)
{
	static struct ref_result res;
	static uint8_t frame[GEN_BUF];
	const struct espalier_sa *sa = &w->in_cfg[i];
	struct rng *r = &w->rng;
	struct ref_sa *peer = ref_sa_find(&w->peer, w->in[i]);
	struct gen_frame g = {
		.dmac = w->nic.caps.mac, .proto = -1, .vlan = 15, .options = 20
	};
	struct espalier_addr dst;
	size_t len;

	g.len_min = some_len(r);
	if (g.len_min > 9000)
		g.len_min = 9000;
	g.len_max = g.len_min;
	if (sa->mode == ESPALIER_MODE_TRANSPORT)
		g.family = sa->dst.family;
	else
		g.family = rng_percent(r, 50) ? AF_INET : AF_INET6;
	dst = inner_host(g.family, i);
	if (sa->mode == ESPALIER_MODE_TRANSPORT || rng_percent(r, 85))
		g.dst = &dst;
	if (sa->mode == ESPALIER_MODE_TUNNEL)
		g.fragment = 8;
	len = gen_frame(r, &g, frame);
	if (rng_percent(r, 10)) /* some were lost on the way */
		peer->seq += rng_below(r, sa->window ? 2 * sa->window : 50);
	if (!sa->esn && peer->seq > UINT32_MAX - 10)
		return 0;
	ref_out(&w->peer, frame, len, w->in[i], &res);
	memcpy(out, res.frame, res.len);
	return res.len;
}

static void set_tos(uint8_t *f, uint8_t tos)
{
	struct ref_eth eth;
	uint8_t *p;

	ref_eth_parse(f, 64, &eth);
	p = f + eth.hdr_len;
	if (eth.kind == REF_IPV6) {
		put16(p, 6 << 12 | tos << 4 | (p[1] & 15));
		return;
	}
	p[1] = tos;
	put16(p + 10, 0);
	put16(p + 10, ref_checksum(p, 4 * (p[0] & 15)));
}

/* An ESP packet of a kind that the peer would not send. */
static size_t odd_esp(struct world *w, unsigned int i, uint8_t *out, bool *odd)
{
	static const uint8_t headers[] = { 59, 4, 41, 17, 6, 50, 60 };
	static uint8_t inner[GEN_BUF];
	const struct espalier_sa *sa = &w->in_cfg[i];
	struct rng *r = &w->rng;
	struct ref_sa *peer = ref_sa_find(&w->peer, w->in[i]);
	struct espalier_addr dst;
	struct gen_frame g = { .proto = -1, .malformed = 10, .padding = 30 };
	struct craft c = { .sa = sa,
			   .dmac = w->nic.caps.mac,
			   .seq = ++peer->seq,
			   .tos = rng_next(r) };
	size_t l2 = 14, len;

	g.family = rng_percent(r, 50) ? AF_INET : AF_INET6;
	g.len_min = rng_range(r, 28, 400);
	g.len_max = g.len_min + 40;
	dst = inner_host(g.family, i);
	g.dst = &dst;
	len = gen_frame(r, &g, inner) - l2;
	c.next_header = g.family == AF_INET ? 4 : 41;
	if (rng_percent(r, 30))
		c.next_header = headers[rng_below(r, sizeof(headers))];
	switch (rng_below(r, 9)) {
	case 0:
		c.pad = rng_below(r, 60);
		break;
	case 1:
		c.pad_junk = true;
		c.pad = rng_below(r, 10);
		break;
	case 2:
		c.pad_len_add = rng_range(r, 1, 255);
		break;
	case 3:
		c.tfc = rng_below(r, 300);
		break;
	case 4:
		c.frag = sa->dst.family == AF_INET ? 0x2000 : 1;
		break;
	case 5:
		c.options = 4 * rng_range(r, 1, 10);
		break;
	case 6:
		c.flip = rng_range(r, 9, 100000);
		*odd = true;
		break;
	case 7:
		len = rng_below(r, 8);
		break;
	}
	if (sa->dst.family == AF_INET6) {
		c.options = rng_percent(r, 30) ? 8 * rng_range(r, 1, 3) : 0;
		if (sa->mode == ESPALIER_MODE_TRANSPORT && rng_percent(r, 70))
			len = gen_chain(r, inner + l2, &c.next_header);
	}
	if (!sa->esn && c.seq > UINT32_MAX)
		return 0;
	return craft_esp(out, &c, inner + l2, len);
}

static void fill_batch(struct world *w, struct batch *b)
{
	static uint8_t f[GEN_BUF + 200];
	struct rng *r = &w->rng;

	while (b->n < FRAMES && b->bytes < BATCH_BYTES) {
		unsigned int d = rng_below(r, 100), i = rng_below(r, w->nin);
		bool odd = false;
		size_t len;

		if (d < 50) {
			len = protect(w, i, f);
			if (len && rng_percent(r, 15))
				set_tos(f, rng_next(r));
		} else if (d < 70) {
			len = odd_esp(w, i, f, &odd);
		} else if (d < 78 && b->n) { /* once more */
			i = rng_below(r, b->n);
			len = b->frame[i].len;
			memcpy(f, b->frame[i].data, len);
			if (len > 60 && rng_percent(r, 40)) { /* and damaged */
				f[rng_range(r, 14, len - 1)] ^=
					1 << rng_below(r, 8);
				odd = true;
			}
		} else if (d < 80) { /* short, or longer than any frame */
			len = rng_percent(r, 50) ? rng_range(r, 1, 13)
						 : rng_range(r, 9217, 9300);
			rng_fill(r, f, len);
		} else {
			len = some_frame(w, f, w->nic.caps.mac);
			if (rng_percent(r, 5))
				f[5] ^= 1; /* for another station */
		}
		if (len)
			add(b, f, len, odd);
	}
	for (unsigned int i = b->n - 1; i && rng_percent(r, 90); i--) {
		unsigned int j = rng_percent(r, 70) ? i : rng_below(r, i + 1);
		struct nic_frame t = b->frame[i];
		bool o = b->odd[i];

		b->frame[i] = b->frame[j];
		b->frame[j] = t;
		b->odd[i] = b->odd[j];
		b->odd[j] = o;
	}
}

static bool delivered(const struct world *w, bool *taken,
		      const struct expected *e)
{
	for (size_t k = 0; k < w->nic.nrx; k++) {
		const struct nic_rx *rx = &w->nic.rx[k];

		if (taken[k] || rx->code != e->code || rx->sa != e->sa ||
		    (e->queue >= 0 && rx->queue != (unsigned int)e->queue) ||
		    rx->frame.len != e->frame.len ||
		    memcmp(rx->frame.data, e->frame.data, e->frame.len))
			continue;
		taken[k] = true;
		return true;
	}
	return false;
}

static void check_in(struct world *w, const struct batch *b,
		     const struct espalier_stats *before)
{
	struct espalier_stats after;
	bool taken[4 * FRAMES] = { false };
	uint64_t count[ESPALIER_CODE_COUNT] = { 0 };
	unsigned int expected_rx = 0;
	bool odd = false;

	nic_stats(&w->nic, &after);
	for (unsigned int i = 0; i < nwant; i++) {
		const struct expected *e = &want[i];

		count[e->code]++;
		odd |= e->ambiguous;
		if (!e->frame.len)
			continue;
		expected_rx++;
		if (!delivered(w, taken, e)) {
			printf("    frame %u of the round, code %s, not "
			       "delivered so\n",
			       i, espalier_code_name(e->code));
			dump("sent", b->frame[i].data, b->frame[i].len);
			dump("want", e->frame.data, e->frame.len);
			for (size_t k = 0; k < w->nic.nrx; k++)
				if (!taken[k] &&
				    w->nic.rx[k].frame.len == e->frame.len)
					dump("got ", w->nic.rx[k].frame.data,
					     e->frame.len);
			CU_FAIL("delivered frame");
		}
	}
	EXPECT_EQ(w->nic.nrx, expected_rx);
	count[ESPALIER_RX_IN] = nwant;
	for (int c = ESPALIER_RX_PROTECTED; c < ESPALIER_CODE_COUNT; c++) {
		uint64_t got = after.code[c].packets - before->code[c].packets;
		uint64_t should = count[c];

		/* a damaged copy may be refused by the window or by its ICV,
		 * as the first one is through or still in flight; and so may
		 * an old number with ESN, which is taken for one of the next
		 * subspace once the window has moved on */
		if (odd && c == ESPALIER_RX_AUTH_FAILED)
			continue;
		if (odd && c == ESPALIER_RX_REPLAY) {
			int f = ESPALIER_RX_AUTH_FAILED;

			got += after.code[f].packets - before->code[f].packets;
			should += count[f];
		}
		if (got != should)
			printf("    %s: %llu, should be %llu\n",
			       espalier_code_name(c), (unsigned long long)got,
			       (unsigned long long)should);
		CU_ASSERT_EQUAL(got, should);
	}
	if (CU_get_number_of_failures())
		for (unsigned int i = 0; i < nwant; i++) {
			printf("    %u: %s ", i,
			       espalier_code_name(want[i].code));
			dump("sent", b->frame[i].data, b->frame[i].len);
		}
}

static void round_in(struct world *w)
{
	static struct ref_result r;
	struct espalier_stats before;
	struct batch b = { .n = 0 };
	const struct ref_sa *sa;

	nic_forget(&w->nic);
	nic_stats(&w->nic, &before);
	fill_batch(w, &b);
	for (unsigned int i = 0; i < b.n; i++) {
		ref_in(&w->nic.ref, b.frame[i].data, b.frame[i].len, &r);
		sa = ref_sa_find(&w->nic.ref, r.sa);
		expect(&r, b.odd[i] || (r.code == ESPALIER_RX_AUTH_FAILED &&
					sa && sa->cfg.esn));
		nic_inject(&w->nic, b.frame[i].data, b.frame[i].len);
	}
	nic_settle(&w->nic);
	check_in(w, &b, &before);
	for (unsigned int i = 0; i < b.n; i++)
		free(b.frame[i].data);
	expect_clear();
}

/* -------------------------------------------------------------------- seed */

static void check_sas(struct world *w)
{
	for (unsigned int i = 0; i < w->nout + w->nin; i++) {
		uint32_t h = i < w->nout ? w->out[i] : w->in[i - w->nout];
		const struct ref_sa *ref = ref_sa_find(&w->nic.ref, h);
		struct espalier_sa_info info;
		int ret = espalier_sa_query(w->nic.dev, h, &info);

		EXPECT_EQ(ret == 0, ref != NULL);
		if (ret || !ref)
			continue;
		EXPECT_EQ(info.packets, ref->packets);
		EXPECT_EQ(info.bytes, ref->bytes);
		EXPECT_EQ(info.replays + info.auth_failures,
			  ref->replays + ref->auth_failures);
		EXPECT_EQ(info.sa.seq,
			  i < w->nout ? ref->seq : ref->window.top);
	}
}

static void run_seed(void)
{
	static struct world w;

	setup(&w);
	for (int i = 0; i < ROUNDS && !CU_get_number_of_failures(); i++) {
		round_out(&w);
		if (!CU_get_number_of_failures())
			round_in(&w);
		if (rng_percent(&w.rng, 30)) { /* a policy comes in between */
			struct espalier_policy p =
				gen_policy(&w.rng, ESPALIER_DIR_OUT);

			p.action = ESPALIER_DISCARD;
			nic_policy_add(&w.nic, &p);
		}
	}
	check_sas(&w);
	ref_dev_free(&w.peer);
	nic_close(&w.nic);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	uint64_t first = 1, count = UINT64_MAX;
	double seconds = 60, start = now();

	for (int i = 1; i + 1 < argc; i += 2) {
		if (!strcmp(argv[i], "--seed")) {
			first = strtoull(argv[i + 1], NULL, 0);
			count = 1;
			seconds = 1e9;
		} else if (!strcmp(argv[i], "--first")) {
			first = strtoull(argv[i + 1], NULL, 0);
		} else if (!strcmp(argv[i], "--count")) {
			count = strtoull(argv[i + 1], NULL, 0);
			seconds = 1e9;
		} else if (!strcmp(argv[i], "--seconds")) {
			seconds = strtod(argv[i + 1], NULL);
		} else {
			fprintf(stderr, "usage: diff [--seed N | --first N] "
					"[--count N] [--seconds S]\n");
			return 2;
		}
	}
	suite_begin("diff");
	for (seed = first; seed - first < count && now() - start < seconds;
	     seed++) {
		char name[40];

		snprintf(name, sizeof(name), "seed_%llu",
			 (unsigned long long)seed);
		if (!suite_case(name, run_seed))
			printf("    replay: build/tests/device/diff --seed "
			       "%llu\n",
			       (unsigned long long)seed);
	}
	return suite_end();
}
