// SPDX-License-Identifier: Apache-2.0
/*
 * Memory behind the AXI4 master port.
 *
 * Every allocation has its own addresses, with a guard gap before the next,
 * and addresses are never used twice: an access after free is a violation
 * like any other access outside. A burst is looked up once, when its address
 * is accepted; a burst that lies inside an allocation and touches no range
 * that was told to fail is then served without further checks.
 *
 * Reads are answered in order for each ID, one burst at a time, not
 * necessarily in the order of acceptance when latencies differ. Written data
 * becomes visible when its response is given, no earlier: a device that
 * reports completion before its data has been acknowledged is found out.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "internal.h"

#define MEM_BASE 0x100000000ull
#define MEM_PAGE 4096ull
#define AXI_OKAY 0
#define AXI_SLVERR 2
#define AXI_INCR 1
#define BEAT 16

int mem_init(struct mem *m)
{
	m->next_iova = MEM_BASE;
	m->rcur = -1;
	for (unsigned int i = 0; i < MEM_OUTSTANDING; i++) {
		m->wq[i] = calloc(1, sizeof(*m->wq[i]));
		if (!m->wq[i])
			return -ENOMEM;
	}
	return 0;
}

void mem_fini(struct mem *m)
{
	for (size_t i = 0; i < m->nregions; i++) {
		explicit_bzero(m->regions[i].va, m->regions[i].size);
		free(m->regions[i].va);
	}
	for (unsigned int i = 0; i < MEM_OUTSTANDING; i++) {
		if (m->wq[i])
			explicit_bzero(m->wq[i], sizeof(*m->wq[i]));
		free(m->wq[i]);
	}
	free(m->regions);
	free(m->fails);
}

void mem_reset(struct espalier_sim *sim)
{
	struct mem *m = &sim->mem;

	m->nrq = 0;
	m->rcur = -1;
	m->nwq = 0;
	m->nwdata = 0;
	sim->in.axi_rvalid = 0;
	sim->in.axi_bvalid = 0;
	sim->in.axi_arready = 0;
	sim->in.axi_awready = 0;
	sim->in.axi_wready = 0;
}

/* ------------------------------------------------------------- allocations */

int mem_alloc(struct mem *m, size_t size, size_t align,
	      struct espalier_dma *dma)
{
	struct mem_region *r;
	uint64_t iova;
	size_t room;
	void *va;

	if (!size || !align || align & (align - 1) || align > MEM_PAGE)
		return -EINVAL;
	if (m->nregions == m->cap) {
		size_t cap = m->cap ? 2 * m->cap : 64;

		r = realloc(m->regions, cap * sizeof(*r));
		if (!r)
			return -ENOMEM;
		m->regions = r;
		m->cap = cap;
		m->last = NULL;
	}
	/* the last beat of a read may go beyond the last byte */
	room = (size + BEAT - 1) & ~(size_t)(BEAT - 1);
	if (posix_memalign(&va, MEM_PAGE, room))
		return -ENOMEM;
	memset(va, 0, room);
	iova = (m->next_iova + align - 1) & ~(uint64_t)(align - 1);
	m->next_iova =
		((iova + room + MEM_PAGE - 1) & ~(MEM_PAGE - 1)) + MEM_PAGE;
	m->regions[m->nregions++] = (struct mem_region){
		.iova = iova,
		.size = size,
		.va = va,
	};
	*dma = (struct espalier_dma){ .va = va, .iova = iova, .size = size };
	return 0;
}

/* the region that holds @iova, or NULL */
static const struct mem_region *mem_find(struct mem *m, uint64_t iova)
{
	const struct mem_region *r = m->last;
	size_t lo = 0, hi = m->nregions;

	if (r && iova - r->iova < r->size)
		return r;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		r = &m->regions[mid];
		if (iova < r->iova) {
			hi = mid;
		} else if (iova - r->iova < r->size) {
			m->last = r;
			return r;
		} else {
			lo = mid + 1;
		}
	}
	return NULL;
}

void mem_free(struct mem *m, struct espalier_dma *dma)
{
	const struct mem_region *r = mem_find(m, dma->iova);
	size_t i;

	if (!dma->va || !r || r->iova != dma->iova)
		return;
	i = (size_t)(r - m->regions);
	/* a burst under way may still hold a pointer into it */
	for (unsigned int k = 0; k < m->nrq; k++)
		if (m->rq[k].addr - r->iova < r->size)
			m->rq[k].va = NULL;
	for (unsigned int k = 0; k < m->nwq; k++)
		if (m->wq[k]->b.addr - r->iova < r->size)
			m->wq[k]->b.va = NULL;
	explicit_bzero(r->va, r->size);
	free(r->va);
	memmove(&m->regions[i], &m->regions[i + 1],
		(m->nregions - i - 1) * sizeof(*m->regions));
	m->nregions--;
	m->last = NULL;
	*dma = (struct espalier_dma){ 0 };
}

void *mem_va(struct mem *m, uint64_t iova, size_t len)
{
	const struct mem_region *r = mem_find(m, iova);

	if (!r || len > r->size - (iova - r->iova))
		return NULL;
	return r->va + (iova - r->iova);
}

int mem_fail_at(struct mem *m, uint64_t iova, size_t len)
{
	struct mem_range *f;

	if (!len) {
		m->nfails = 0;
		return 0;
	}
	f = realloc(m->fails, (m->nfails + 1) * sizeof(*f));
	if (!f)
		return -ENOMEM;
	m->fails = f;
	m->fails[m->nfails++] = (struct mem_range){ iova, len };
	return 0;
}

static bool mem_fails(const struct mem *m, uint64_t addr, size_t len)
{
	for (size_t i = 0; i < m->nfails; i++)
		if (addr < m->fails[i].iova + m->fails[i].len &&
		    m->fails[i].iova < addr + len)
			return true;
	return false;
}

/* ------------------------------------------------------------------ bursts */

/* A beat of @b has been transferred. */
static void mem_watch(struct espalier_sim *sim, const struct mem_burst *b,
		      uint64_t *first)
{
	const struct mem *m = &sim->mem;

	if (!*first && b->addr < m->watch_iova + m->watch_len &&
	    m->watch_iova < b->addr + (uint64_t)b->beats * BEAT)
		*first = sim->cycle;
}

static void mem_accept(struct espalier_sim *sim, struct mem_burst *b,
		       uint64_t addr, unsigned int len, unsigned int size,
		       unsigned int burst, unsigned int id)
{
	struct mem *m = &sim->mem;
	const struct espalier_sim_opts *o = &sim->opts;
	const struct mem_region *r;
	size_t bytes = ((size_t)len + 1) * BEAT, room;
	uint64_t base = addr & ~(uint64_t)(BEAT - 1);

	*b = (struct mem_burst){ .addr = base, .beats = (uint16_t)(len + 1) };
	b->id = (uint8_t)id;
	b->ready = sim->cycle + o->mem_latency_min;
	if (o->mem_latency_max > o->mem_latency_min)
		b->ready += rng_below(
			&sim->rng, o->mem_latency_max - o->mem_latency_min + 1);
	if (o->axi_error_ppm)
		b->failed = rng_below(&sim->rng, 1000000) < o->axi_error_ppm;
	if (size != 4 || burst != AXI_INCR ||
	    base / MEM_PAGE != (base + bytes - 1) / MEM_PAGE) {
		m->st.violations++;
		b->failed = true;
	}
	r = mem_find(m, base);
	room = r ? (r->size + BEAT - 1) & ~(size_t)(BEAT - 1) : 0;
	if (likely(r && bytes <= room - (base - r->iova)) && !b->failed &&
	    (!m->nfails || !mem_fails(m, base, bytes)))
		b->va = r->va + (base - r->iova);
	if (b->failed) {
		b->resp = AXI_SLVERR;
		m->st.slverr++;
	}
}

/* One beat of a burst that is not wholly good: its memory, or NULL. */
static uint8_t *mem_beat(struct mem *m, const struct mem_burst *b,
			 uint16_t strb, unsigned int pos)
{
	uint64_t addr = b->addr + (uint64_t)pos * BEAT;
	const struct mem_region *r = mem_find(m, addr);

	if (b->failed)
		return NULL;
	if (!r) {
		if (strb)
			m->st.violations++;
		return NULL;
	}
	if (mem_fails(m, addr, BEAT))
		return NULL;
	return r->va + (addr - r->iova);
}

static void read_present(struct espalier_sim *sim, struct mem_burst *b)
{
	struct shim_in *in = &sim->in;
	struct mem *m = &sim->mem;

	in->axi_rvalid = 1;
	in->axi_rid = b->id;
	in->axi_rlast = b->pos + 1 == b->beats;
	if (likely(b->va)) {
		memcpy(in->axi_rdata, b->va + (size_t)b->pos * BEAT, BEAT);
		in->axi_rresp = AXI_OKAY;
	} else {
		const uint8_t *va = mem_beat(m, b, 0xffff, b->pos);

		if (va) {
			memcpy(in->axi_rdata, va, BEAT);
		} else {
			memset(in->axi_rdata, 0xde, BEAT);
			if (!b->failed)
				m->st.slverr++;
		}
		in->axi_rresp = va ? AXI_OKAY : AXI_SLVERR;
	}
}

/* Which of the oldest @count bursts is answered next: the first of its ID, and
 * its time has come. With jitter, any of those; without, the oldest. */
static inline int choose(struct espalier_sim *sim, unsigned int count,
			 const struct mem_burst *(*at)(const struct mem *m,
						       unsigned int i))
{
	unsigned int ids = 0, n = 0, cand[MEM_OUTSTANDING];

	for (unsigned int i = 0; i < count; i++) {
		const struct mem_burst *b = at(&sim->mem, i);
		unsigned int bit = 1u << b->id;

		if (!(ids & bit) && b->ready <= sim->cycle)
			cand[n++] = i;
		ids |= bit;
	}
	if (!n)
		return -1;
	if (sim->opts.mem_latency_max > sim->opts.mem_latency_min && n > 1)
		return (int)cand[rng_below(&sim->rng, n)];
	return (int)cand[0];
}

static const struct mem_burst *read_at(const struct mem *m, unsigned int i)
{
	return &m->rq[i];
}

static const struct mem_burst *write_at(const struct mem *m, unsigned int i)
{
	return &m->wq[i]->b;
}

static void read_cycle(struct espalier_sim *sim)
{
	struct shim_in *in = &sim->in;
	const struct shim_out *out = &sim->out;
	struct mem *m = &sim->mem;

	if (in->axi_rvalid) {
		struct mem_burst *b = &m->rq[m->rcur];

		if (!out->axi_rready)
			goto address;
		in->axi_rvalid = 0;
		m->st.read_beats++;
		if (unlikely(m->watch_len))
			mem_watch(sim, b, &m->watch.read_first);
		if (++b->pos == b->beats) {
			m->nrq--;
			memmove(b, b + 1,
				(m->nrq - (unsigned int)m->rcur) * sizeof(*b));
			m->rcur = -1;
		}
	}
	if (m->nrq) {
		if (m->rcur < 0)
			m->rcur = choose(sim, m->nrq, read_at);
		if (m->rcur >= 0 &&
		    !rng_percent(&sim->rng, sim->opts.stall_percent))
			read_present(sim, &m->rq[m->rcur]);
	}
address:
	if (in->axi_arready && out->axi_arvalid) {
		mem_accept(sim, &m->rq[m->nrq++], out->axi_araddr,
			   out->axi_arlen, out->axi_arsize, out->axi_arburst,
			   out->axi_arid);
		m->st.read_bursts++;
	}
	in->axi_arready = m->nrq < MEM_OUTSTANDING &&
			  !rng_percent(&sim->rng, sim->opts.stall_percent);
}

/* Bytes under their strobes; those outside the allocation are violations. */
static void write_commit(struct espalier_sim *sim, struct mem_wburst *w)
{
	struct mem *m = &sim->mem;
	struct mem_burst *b = &w->b;
	bool bad = false;

	if (b->failed)
		return;
	for (unsigned int i = 0; i < b->beats; i++) {
		const uint8_t *src = w->data + (size_t)i * BEAT;
		uint16_t strb = w->strb[i];
		uint64_t addr = b->addr + (uint64_t)i * BEAT;
		uint8_t *va;

		if (likely(b->va && strb == 0xffff)) {
			const struct mem_region *r = mem_find(m, addr);

			/* whole beat inside, not just the rounded size */
			if (likely(r && addr - r->iova + BEAT <= r->size)) {
				memcpy(b->va + (size_t)i * BEAT, src, BEAT);
				continue;
			}
		}
		if (!strb)
			continue;
		va = mem_beat(m, b, strb, i);
		if (!va) {
			bad = true;
			continue;
		}
		for (unsigned int k = 0; k < BEAT; k++) {
			if (!(strb >> k & 1))
				continue;
			if (mem_va(m, addr + k, 1)) {
				va[k] = src[k];
			} else {
				m->st.violations++;
				bad = true;
			}
		}
	}
	if (bad) {
		b->resp = AXI_SLVERR;
		m->st.slverr++;
	}
}

static void write_cycle(struct espalier_sim *sim)
{
	struct shim_in *in = &sim->in;
	const struct shim_out *out = &sim->out;
	struct mem *m = &sim->mem;

	if (in->axi_wready && out->axi_wvalid) {
		struct mem_wburst *w = m->wq[m->nwdata];
		unsigned int pos = w->b.pos++;

		memcpy(w->data + (size_t)pos * BEAT, out->axi_wdata, BEAT);
		w->strb[pos] = out->axi_wstrb;
		m->st.write_beats++;
		if (unlikely(m->watch_len))
			mem_watch(sim, &w->b, &m->watch.write_first);
		if (out->axi_wlast != (w->b.pos == w->b.beats)) {
			m->st.violations++;
			w->b.failed = true;
			w->b.resp = AXI_SLVERR;
		}
		if (w->b.pos == w->b.beats)
			m->nwdata++;
	}
	if (in->axi_bvalid && out->axi_bready)
		in->axi_bvalid = 0;
	if (!in->axi_bvalid && m->nwdata) {
		int i = choose(sim, m->nwdata, write_at);

		if (i >= 0 &&
		    !rng_percent(&sim->rng, sim->opts.stall_percent)) {
			struct mem_wburst *w = m->wq[i];

			write_commit(sim, w);
			in->axi_bvalid = 1;
			in->axi_bid = w->b.id;
			in->axi_bresp = w->b.resp;
			m->nwq--;
			m->nwdata--;
			memmove(&m->wq[i], &m->wq[i + 1],
				(m->nwq - (unsigned int)i) * sizeof(w));
			m->wq[m->nwq] = w;
		}
	}
	if (in->axi_awready && out->axi_awvalid) {
		mem_accept(sim, &m->wq[m->nwq++]->b, out->axi_awaddr,
			   out->axi_awlen, out->axi_awsize, out->axi_awburst,
			   out->axi_awid);
		m->st.write_bursts++;
	}
	in->axi_awready = m->nwq < MEM_OUTSTANDING &&
			  !rng_percent(&sim->rng, sim->opts.stall_percent);
	in->axi_wready = m->nwdata < m->nwq &&
			 !rng_percent(&sim->rng, sim->opts.stall_percent);
}

void mem_cycle(struct espalier_sim *sim)
{
	read_cycle(sim);
	write_cycle(sim);
}
