/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: a simulated NIC with its driver and its model, for tests
 *
 * A struct nic is the Verilated device, libespalier on it, and beside it the
 * reference model that gets the same SAs and policies. Frames that leave are
 * kept; frames may be handed to a peer. Functions here end the test program's
 * case (MUST) when the machinery itself fails.
 */
#ifndef TESTS_NIC_H
#define TESTS_NIC_H

#include <espalier/espalier.h>
#include <espalier/sim.h>
#include "gen.h"
#include "ref.h"

struct nic_frame {
	uint8_t *data;
	size_t len;
};

/** struct nic_frames - frames in order of arrival */
struct nic_frames {
	struct nic_frame *v;
	size_t n, room;
};
void nic_frames_add(struct nic_frames *f, const uint8_t *data, size_t len);
void nic_frames_clear(struct nic_frames *f);

struct nic_done {
	enum espalier_code code;
	uint32_t sa, seq;
	unsigned int wire_len;
	uintptr_t cookie;
};

struct nic_rx {
	struct nic_frame frame;
	enum espalier_code code;
	uint32_t sa, hash;
	unsigned int queue;
};

/**
 * struct nic_opts - zero means the default
 * @sim: behaviour of the simulated world; seed 0 = 1
 * @tx_ring: descriptors (256), @rx_ring likewise
 * @buf_size: bytes of a receive buffer (9216)
 * @queues: pairs that the device tree names (4)
 * @unchecked: nic_close() does not ask for conservation and violations
 */
struct nic_opts {
	struct espalier_sim_opts sim;
	unsigned int tx_ring, rx_ring, buf_size, queues;
	bool unchecked;
};

struct nic;
/**
 * nic_hook_fn - sees every register write before the device does
 * Return: false to swallow it.
 */
typedef bool nic_hook_fn(struct nic *nic, void *arg, uint32_t off,
			 uint32_t val);

struct nic {
	struct espalier_bus bus; /* stands between driver and simulation */
	struct espalier_bus *inner;
	struct espalier_sim *sim;
	struct espalier_dev *dev;
	struct espalier_caps caps;
	struct ref_dev ref;
	struct nic_opts opts;

	struct nic_frames wire; /* left the device, unless there is a peer */
	struct nic *peer;
	size_t sent; /* frames that left */

	struct nic_done *done;
	size_t ndone, done_room;
	struct nic_rx *rx;
	size_t nrx, rx_room;

	struct espalier_dma arena; /* frames to send */
	size_t arena_used;
	uintptr_t next_cookie;
	size_t in_flight;

	nic_hook_fn *hook;
	void *hook_arg;
};

void nic_open(struct nic *nic, const struct nic_opts *opts);
/** nic_open_clear() - and let everything pass in clear, both ways */
void nic_open_clear(struct nic *nic, const struct nic_opts *opts);
/** nic_close() - also checks conservation and AXI violations */
void nic_close(struct nic *nic);
/** nic_link() - two devices back to back */
void nic_link(struct nic *a, struct nic *b);

uint32_t nic_reg(struct nic *nic, uint32_t off);
void nic_reg_write(struct nic *nic, uint32_t off, uint32_t val);
/** nic_options() - ESPALIER_OPT_*, in device and model */
void nic_options(struct nic *nic, uint32_t options);

/* SAs and policies, in device and model; handle or id */
uint32_t nic_sa_add(struct nic *nic, const struct espalier_sa *sa);
void nic_sa_del(struct nic *nic, uint32_t handle);
uint32_t nic_policy_add(struct nic *nic, const struct espalier_policy *p);
void nic_policy_set_sa(struct nic *nic, uint32_t id, uint32_t sa);
void nic_policy_del(struct nic *nic, uint32_t id);
/** nic_any() - one policy for all traffic of each family; @ids may be NULL */
void nic_any(struct nic *nic, enum espalier_dir dir,
	     enum espalier_action action, uint32_t priority,
	     uint32_t sa_or_reqid, uint32_t ids[2]);

/**
 * nic_post() - hand a frame to the driver in pieces of @seg bytes (0 = one)
 * Return: cookie, or 0 when the ring is full.
 */
uintptr_t nic_post(struct nic *nic, unsigned int queue, const uint8_t *frame,
		   size_t len, uint32_t handle, size_t seg);
/** nic_post_segs() - pieces of random size, at random alignments */
uintptr_t nic_post_random(struct nic *nic, unsigned int queue, struct rng *r,
			  const uint8_t *frame, size_t len, uint32_t handle);
/** nic_inject() - a frame comes from the wire */
void nic_inject(struct nic *nic, const uint8_t *frame, size_t len);
/** nic_collect() - take completions and received frames from the driver */
void nic_collect(struct nic *nic);
/** nic_step() - some hundred cycles, then collects; false when idle */
bool nic_step(struct nic *nic);
/** nic_settle() - until nothing moves; collects */
void nic_settle(struct nic *nic);
/** nic_forget() - drop collected frames and completions */
void nic_forget(struct nic *nic);

/* One frame from end to end; what was collected before is dropped. */
struct nic_done nic_out(struct nic *nic, const uint8_t *frame, size_t len,
			uint32_t handle);
/** nic_in() - the code comes from the counters; frame in nic->rx[0] if any */
enum espalier_code nic_in(struct nic *nic, const uint8_t *frame, size_t len);

void nic_stats(struct nic *nic, struct espalier_stats *st);
uint64_t nic_count(struct nic *nic, enum espalier_code code);
/** nic_conserved() - entered = ended, both directions */
bool nic_conserved(struct nic *nic);
/** nic_event() - next event of any kind, false if there is none */
bool nic_event(struct nic *nic, struct espalier_event *ev);

#endif /* TESTS_NIC_H */
