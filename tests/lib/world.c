// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>
#include "bytes.h"
#include "craft.h"
#include "espalier_regs.h"
#include "suite.h"
#include "world.h"

#define BATCH_BYTES 24000

/* ------------------------------------------------------------------- setup */

static struct espalier_addr inner_host(int family, unsigned int n)
{
	return gen_addr(family, 1, 100 + n);
}

static void setup_out(struct world *w)
{
	struct rng *r = &w->rng;

	w->nout = rng_range(r, 1, WORLD_SAS);
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

	w->nin = rng_range(r, 1, WORLD_SAS);
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

void world_open(struct world *w, uint64_t seed)
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

size_t world_frame(struct world *w, uint8_t *f)
{
	struct rng *r = &w->rng;
	struct gen_frame g = { .dmac = w->nic.caps.mac,
			       .proto = -1,
			       .vlan = 15,
			       .options = 20,
			       .fragment = 8,
			       .padding = 20,
			       .malformed = 5 };

	if (rng_percent(r, 4))
		return non_ip(r, f, w->nic.caps.mac);
	g.len_min = some_len(r);
	g.len_max = g.len_min;
	return gen_frame(r, &g, f);
}

/* ----------------------------------------------------------------- inbound */

static void add(struct world_batch *b, const uint8_t *data, size_t len,
		bool odd)
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

void world_batch(struct world *w, struct world_batch *b)
{
	static uint8_t f[GEN_BUF + 200];
	struct rng *r = &w->rng;

	while (b->n < WORLD_FRAMES && b->bytes < BATCH_BYTES) {
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
			len = world_frame(w, f);
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

void world_batch_free(struct world_batch *b)
{
	for (unsigned int i = 0; i < b->n; i++)
		free(b->frame[i].data);
	b->n = 0;
}

void world_close(struct world *w)
{
	ref_dev_free(&w->peer);
	nic_close(&w->nic);
}
