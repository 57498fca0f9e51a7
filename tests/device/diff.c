// SPDX-License-Identifier: Apache-2.0
/*
 * The whole device against the reference model on random packets.
 *
 *   diff                    the slice of `make test`
 *   diff --seed N           replay one seed
 *   diff --seconds S        as many seeds as fit
 *   diff --first N --count C
 *
 * A seed makes a world (world.h), and then rounds of frames both ways. What
 * leaves, what is delivered, how each frame ended and what the SAs counted must
 * be what the model says.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "suite.h"
#include "world.h"

#define ROUNDS 5

static uint64_t seed;

struct expected {
	enum espalier_code code;
	uint32_t sa, seq;
	bool free_id, ambiguous;
	int queue;
	struct nic_frame frame;
};

static struct expected want[WORLD_FRAMES];
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
	while (nwant < WORLD_FRAMES) {
		uint32_t handle = 0;
		size_t len = world_frame(w, frame);

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

static void check_in(struct world *w, const struct world_batch *b,
		     const struct espalier_stats *before)
{
	struct espalier_stats after;
	bool taken[4 * WORLD_FRAMES] = { false };
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
	struct world_batch b = { .n = 0 };
	const struct ref_sa *sa;

	nic_forget(&w->nic);
	nic_stats(&w->nic, &before);
	world_batch(w, &b);
	for (unsigned int i = 0; i < b.n; i++) {
		ref_in(&w->nic.ref, b.frame[i].data, b.frame[i].len, &r);
		sa = ref_sa_find(&w->nic.ref, r.sa);
		expect(&r, b.odd[i] || (r.code == ESPALIER_RX_AUTH_FAILED &&
					sa && sa->cfg.esn));
		nic_inject(&w->nic, b.frame[i].data, b.frame[i].len);
	}
	nic_settle(&w->nic);
	check_in(w, &b, &before);
	world_batch_free(&b);
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

	world_open(&w, seed);
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
	world_close(&w);
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
