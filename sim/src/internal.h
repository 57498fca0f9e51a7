/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the simulation know of each other. */
#ifndef ESPALIER_SIM_INTERNAL_H
#define ESPALIER_SIM_INTERNAL_H

#include <espalier/espalier.h>
#include <espalier/sim.h>
#include "shim.h"

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#define SIM_NS_PER_CYCLE 10 /* the clock is taken as 100 MHz */
#define SIM_IRQS 17 /* management and 16 queue pairs */

/* ------------------------------------------------------------------ random */

struct rng {
	uint64_t s[4];
};
void rng_seed(struct rng *r, uint64_t seed);

static inline uint64_t rng_next(struct rng *r) /* xoshiro256** */
{
	uint64_t *s = r->s, x = s[1] * 5, t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = s[3] << 45 | s[3] >> 19;
	return (x << 7 | x >> 57) * 9;
}

static inline uint32_t rng_below(struct rng *r, uint32_t n)
{
	return (uint32_t)(((rng_next(r) >> 32) * n) >> 32);
}

/* true in @percent of all cases; draws nothing for 0 */
static inline bool rng_percent(struct rng *r, unsigned int percent)
{
	return percent && rng_below(r, 100) < percent;
}

/* ------------------------------------------------------------------ memory */

#define MEM_OUTSTANDING 16 /* bursts accepted in each direction */
#define MEM_BURST_MAX 4096 /* bytes: 256 beats of 16 */

struct mem_region {
	uint64_t iova;
	size_t size;
	uint8_t *va;
};

struct mem_range {
	uint64_t iova;
	size_t len;
};

struct mem_burst {
	uint64_t addr; /* aligned down to 16: address of the first beat */
	uint64_t ready; /* cycle from which it may be answered */
	uint8_t *va; /* of addr, when all of it is good; else NULL */
	uint16_t beats, pos;
	uint8_t id, resp;
	bool failed; /* an injected error: the whole burst answers SLVERR */
};

struct mem_wburst {
	struct mem_burst b;
	uint16_t strb[256];
	uint8_t data[MEM_BURST_MAX];
};

struct mem_stats {
	uint64_t read_bursts, read_beats, write_bursts, write_beats;
	uint64_t slverr, violations;
};

struct mem {
	struct mem_region *regions; /* sorted, as addresses only grow */
	size_t nregions, cap;
	uint64_t next_iova;
	struct mem_range *fails;
	size_t nfails;
	const struct mem_region *last;
	struct mem_burst rq[MEM_OUTSTANDING]; /* oldest first */
	unsigned int nrq;
	int rcur; /* being answered, -1: none */
	struct mem_wburst *wq[MEM_OUTSTANDING]; /* oldest first */
	unsigned int nwq; /* addresses accepted */
	unsigned int nwdata; /* of those, with all their data */
	uint64_t watch_iova;
	size_t watch_len;
	struct espalier_sim_watch watch;
	struct mem_stats st;
};

struct espalier_sim;

int mem_init(struct mem *m);
void mem_fini(struct mem *m);
/* bursts under way are forgotten; memory stays */
void mem_reset(struct espalier_sim *sim);
int mem_alloc(struct mem *m, size_t size, size_t align,
	      struct espalier_dma *dma);
void mem_free(struct mem *m, struct espalier_dma *dma);
void *mem_va(struct mem *m, uint64_t iova, size_t len);
int mem_fail_at(struct mem *m, uint64_t iova, size_t len);
void mem_cycle(struct espalier_sim *sim);

static inline bool mem_busy(const struct mem *m)
{
	return m->nrq || m->nwq;
}

/* -------------------------------------------------------------------- wire */

#define WIRE_FRAME_MAX 16384 /* more than the device ever sends */
#define WIRE_RX_LOW (1u << 16) /* bytes queued below which recv is asked */
#define WIRE_RX_MAX (1u << 26) /* ... while the other end must be relieved */

struct pcapng;

struct wire {
	const struct espalier_wire_ops *ops;
	void *arg;
	const struct espalier_wire_filter *filter;
	void *filter_arg;
	bool live; /* a real network: capture shows wall clock time */

	uint8_t tx_buf[WIRE_FRAME_MAX];
	size_t tx_len;
	bool tx_over;

	uint8_t *rx; /* ring of [struct wire_hdr, words] */
	size_t rx_size, rx_head, rx_tail; /* free running, multiples of 16 */
	size_t rx_left; /* bytes of the current frame not yet presented */
	bool rx_err; /* current frame */

	bool hold; /* the other end takes nothing */
	struct espalier_sim_wire_stats st;
	uint64_t tx_gap; /* cycles without a word since the last one */
	uint64_t tx_oversize; /* frames longer than WIRE_FRAME_MAX */
	uint64_t tx_lost; /* the other end did not take the frame */
	uint64_t rx_errors; /* recv failed */
	uint64_t rx_lost; /* filtered out, or the socket was full:
			     attach_drops() */
	struct pcapng *cap;
};

int wire_init(struct wire *w);
void wire_fini(struct wire *w);
void wire_reset(struct espalier_sim *sim);
int wire_inject(struct espalier_sim *sim, const uint8_t *data, size_t len,
		bool mac_error);
/* asks the attachment for frames until @limit bytes are queued; returns how
 * many frames came */
int wire_pull(struct espalier_sim *sim, size_t limit);
void wire_cycle(struct espalier_sim *sim);
/* frames that the kernel dropped in front of an attached interface */
uint64_t attach_drops(struct espalier_sim *sim);

/* ---------------------------------------------------------------- capture */

enum pcapng_dir { PCAPNG_IN = 1, PCAPNG_OUT = 2 };
struct pcapng *pcapng_open(const char *path, const char *ifname);
int pcapng_write(struct pcapng *p, uint64_t ns, enum pcapng_dir dir,
		 const uint8_t *data, size_t len);
int pcapng_close(struct pcapng *p);

/* ------------------------------------------------------------------- device */

struct espalier_sim {
	struct espalier_bus bus;
	struct shim *shim;
	struct shim_in in;
	struct shim_out out;
	uint64_t cycle;
	uint32_t irq_seen;
	unsigned int quiet; /* cycles in a row without any activity */
	struct espalier_sim_opts opts;
	struct rng rng;
	struct mem mem;
	struct wire wire;
	int irq_fd[SIM_IRQS];
	uint64_t axil_timeouts;
	char *trace_path;
	uint64_t trace_from, trace_to;
};

/* compares what the blob says with what the gates have */
int sim_check_dt(struct espalier_sim *sim, const void *dtb, size_t size,
		 const char *path, struct espalier_err *err);
__attribute__((format(printf, 2, 3))) void sim_err(struct espalier_err *err,
						   const char *fmt, ...);

#endif /* ESPALIER_SIM_INTERNAL_H */
