/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: cycle-exact measurements on the simulated device
 *
 * Tunnel mode over IPv4, AES-256, ICV 16, policies decide, every packet under
 * another SA than the one before. Sizes are those of the inner datagram.
 */
#ifndef TESTS_METER_H
#define TESTS_METER_H

#include "nic.h"

#define METER_SAS 128
#define METER_IMIX 0 /* as a size: 64, 576 and 1420 bytes, 7 : 4 : 1 */

/**
 * struct meter - what was measured
 * @frames: on the wire
 * @bytes: of those frames
 * @beats: 16-byte words that they need
 * @cycles: from the first word to the last
 * @stalls: of those, without a word though more was to come
 * @total_cycles: in: until the last completion was there
 * @lost: frames that did not come through
 */
struct meter {
	uint64_t frames, bytes, beats, cycles, stalls, total_cycles, lost;
};

/** meter_wire_out() - frames gathered behind a held wire, then let go: the
 *  datapath alone, no memory in the way */
void meter_wire_out(unsigned int size, struct meter *m);
/** meter_ring_out() - a long run with descriptors, DMA and completions */
void meter_ring_out(unsigned int size, struct meter *m);
/** meter_in() - a long run of frames without a gap; cycles up to the last word
 *  in, total_cycles to the last completion */
void meter_in(unsigned int size, struct meter *m);

/** meter_latency_out() - first beat of payload read to first word on the wire
 */
unsigned int meter_latency_out(unsigned int size);
/** meter_latency_in() - first word from the wire to first beat of payload
 *  written */
unsigned int meter_latency_in(unsigned int size);

/** struct meter_speed - the simulation itself, saturated outbound, 1420 bytes
 */
struct meter_speed {
	double cycles_per_s, packets_per_s, payload_mbit_per_s;
};
void meter_speed(struct meter_speed *s);

/** meter_cpu_s() - processor time of this process, in seconds */
double meter_cpu_s(void);

#endif /* TESTS_METER_H */
