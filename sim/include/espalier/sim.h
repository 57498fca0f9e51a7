/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: the simulated device
 *
 * The Verilated block behind a C API. Deterministic under a seed; it makes
 * progress only inside espalier_sim_run() (or the bus operations that need
 * it), and it does not burn cycles when nothing moves.
 */
#ifndef ESPALIER_SIM_H
#define ESPALIER_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <espalier/bus.h>

#ifdef __cplusplus
extern "C" {
#endif

struct espalier_sim;
struct espalier_err;

/**
 * struct espalier_sim_opts - how the world around the block behaves
 * @seed: of every random choice
 * @mem_latency_min: cycles from a read address to its first data
 * @mem_latency_max: likewise; random in between
 * @stall_percent: AXI back-pressure: chance that a channel is not ready
 * @wire_stall_percent: chance that the wire does not take a word
 * @axi_error_ppm: chance that a burst is answered with SLVERR, in millionths
 */
struct espalier_sim_opts {
	uint64_t seed;
	unsigned int mem_latency_min, mem_latency_max;
	unsigned int stall_percent;
	unsigned int wire_stall_percent;
	unsigned int axi_error_ppm;
};

/** espalier_sim_create() - build the device that @path in the blob describes
 *  @opts: NULL for latency 30, no stalls, no errors, seed 1 */
int espalier_sim_create(const void *dtb, size_t dtb_size, const char *path,
			const struct espalier_sim_opts *opts,
			struct espalier_sim **simp, struct espalier_err *err);
void espalier_sim_destroy(struct espalier_sim *sim);

/** espalier_sim_bus() - the bus backend; its close() does not destroy the sim
 */
struct espalier_bus *espalier_sim_bus(struct espalier_sim *sim);

/* ----------------------------------------------------------------- time */

/** espalier_sim_run() - advance @cycles; returns cycles advanced, less when
 *  the device became idle and @stop_idle is set */
uint64_t espalier_sim_run(struct espalier_sim *sim, uint64_t cycles,
			  bool stop_idle);
uint64_t espalier_sim_cycles(const struct espalier_sim *sim);
bool espalier_sim_idle(const struct espalier_sim *sim);
/** espalier_sim_reset() - pull the hardware reset: tables are lost */
void espalier_sim_reset(struct espalier_sim *sim);

/* ----------------------------------------------------------------- wire */

/**
 * struct espalier_wire_ops - what stands at the other end of the wire
 * @send: a frame left the device; @data is valid during the call
 * @recv: next frame for the device: copies it to @buf, returns its length, 0
 *        when there is none now, negative errno
 * @fd: descriptor that becomes readable when recv has something, or -1
 */
struct espalier_wire_ops {
	void (*send)(void *arg, const uint8_t *data, size_t len);
	int (*recv)(void *arg, uint8_t *buf, size_t size);
	int (*fd)(void *arg);
	void (*close)(void *arg);
};
void espalier_sim_wire(struct espalier_sim *sim,
		       const struct espalier_wire_ops *ops, void *arg);

/**
 * struct espalier_wire_filter - changes frames between the device and what is
 * attached to its wire; captures show them as the device does
 * @out: a frame that leaves the device, @in: one for it, in place, with room
 *       for @cap bytes; returns its new length, 0 to drop it
 */
struct espalier_wire_filter {
	size_t (*out)(void *arg, uint8_t *frame, size_t len, size_t cap);
	size_t (*in)(void *arg, uint8_t *frame, size_t len, size_t cap);
};
/** espalier_sim_wire_filter() - @filter: stays the caller's; NULL: none */
void espalier_sim_wire_filter(struct espalier_sim *sim,
			      const struct espalier_wire_filter *filter,
			      void *arg);

/** espalier_sim_wire_fd() - descriptor to sleep on while the device is idle,
 *  -1 when the attachment has none */
int espalier_sim_wire_fd(const struct espalier_sim *sim);

/* Ready-made ends. Each attaches itself and is closed with the device. */
int espalier_sim_wire_packet(struct espalier_sim *sim, const char *ifname);
int espalier_sim_wire_tap(struct espalier_sim *sim, const char *ifname);
/** one Ethernet frame a datagram, on an inherited socket; closed at destroy */
int espalier_sim_wire_dgram(struct espalier_sim *sim, int fd);
/** frames of @in (pcap or pcapng) go to the device; NULL for none */
int espalier_sim_wire_pcap(struct espalier_sim *sim, const char *in);
/** record both directions of the wire, whatever is attached, as pcapng */
int espalier_sim_capture(struct espalier_sim *sim, const char *pcapng);

/* For benchmarks and tests: frame queued straight at the wire port. A queued
 * frame is fed at one word per cycle, back to back. */
int espalier_sim_inject(struct espalier_sim *sim, const uint8_t *data,
			size_t len, bool mac_error);

/**
 * struct espalier_sim_wire_stats - cycle-exact view of the two wire ports
 * @tx_first: cycle of the first word of the first frame since the last clear
 * @tx_last: cycle of the last word of the last frame
 * @tx_stall: cycles in between in which the port had no word to send
 */
struct espalier_sim_wire_stats {
	uint64_t tx_frames, tx_bytes, tx_beats, tx_first, tx_last, tx_stall;
	uint64_t rx_frames, rx_bytes, rx_beats, rx_first, rx_last;
};
void espalier_sim_wire_stats(struct espalier_sim *sim,
			     struct espalier_sim_wire_stats *st, bool clear);

/** espalier_sim_wire_hold() - the wire takes no word until it is let go, so
 *  that frames gather inside the device */
void espalier_sim_wire_hold(struct espalier_sim *sim, bool hold);

/* ------------------------------------------------------- memory and faults */

/** espalier_sim_mem() - host view of @len bytes at device address @iova, NULL
 *  when any of them is not allocated */
void *espalier_sim_mem(struct espalier_sim *sim, uint64_t iova, size_t len);
/** espalier_sim_fail_at() - AXI accesses that touch the @len bytes at @iova
 *  answer SLVERR, in addition to earlier ranges; @len 0 forgets all ranges */
int espalier_sim_fail_at(struct espalier_sim *sim, uint64_t iova, size_t len);
/** espalier_sim_violations() - accesses outside allocated memory, bursts that
 *  cross 4 KiB or are not made of whole words: each is a bug in the RTL */
uint64_t espalier_sim_violations(const struct espalier_sim *sim);

/**
 * struct espalier_sim_watch - when the device touched a range of memory
 * @read_first: cycle of the first beat of data read from it, 0 if none
 * @write_first: cycle of the first beat of data written to it, 0 if none
 */
struct espalier_sim_watch {
	uint64_t read_first, write_first;
};
/** espalier_sim_watch_set() - watch @len bytes at @iova from now on */
void espalier_sim_watch_set(struct espalier_sim *sim, uint64_t iova,
			    size_t len);
void espalier_sim_watch_get(const struct espalier_sim *sim,
			    struct espalier_sim_watch *watch);

/* ------------------------------------------------------------------ traces */

/** espalier_sim_trace() - FST of cycles [@from, @to); only in the trace build
 *  (-ENOTSUP otherwise). A trace shows keys: it is for debugging only. */
int espalier_sim_trace(struct espalier_sim *sim, const char *fst, uint64_t from,
		       uint64_t to);
/** espalier_sim_counters() - JSON of cycles, wire and memory counters */
int espalier_sim_counters(struct espalier_sim *sim, const char *json);

#ifdef __cplusplus
}
#endif
#endif /* ESPALIER_SIM_H */
