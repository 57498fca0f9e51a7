/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: a random world
 *
 * What a seed makes: a device with latencies and stalls, SAs and policies of
 * all kinds, a peer, and frames both ways, proper and not.
 */
#ifndef TESTS_WORLD_H
#define TESTS_WORLD_H

#include "nic.h"

#define WORLD_SAS 12
#define WORLD_FRAMES 32

/**
 * struct world - @peer: sends to the device
 * @out: handles, @nout of them; some may be deleted; @in likewise
 */
struct world {
	struct rng rng;
	struct nic nic;
	struct ref_dev peer;
	uint32_t out[WORLD_SAS], in[WORLD_SAS];
	struct espalier_sa in_cfg[WORLD_SAS];
	unsigned int nout, nin;
};

/** struct world_batch - frames from the wire; @odd: damaged */
struct world_batch {
	struct nic_frame frame[WORLD_FRAMES];
	bool odd[WORLD_FRAMES];
	unsigned int n;
	size_t bytes;
};

void world_open(struct world *w, uint64_t seed);
void world_close(struct world *w);
/** world_frame() - a frame of a host, to @f; returns its length */
size_t world_frame(struct world *w, uint8_t *f);
/** world_batch() - frames of the peer, of others, again, damaged, out of order
 */
void world_batch(struct world *w, struct world_batch *b);
void world_batch_free(struct world_batch *b);

#endif /* TESTS_WORLD_H */
