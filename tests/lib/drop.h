/* SPDX-License-Identifier: Apache-2.0 */
/* One device and one frame, to see how it ends. */
#ifndef TESTS_DROP_H
#define TESTS_DROP_H

#include "nic.h"

extern struct nic nic;
extern uint8_t frame[GEN_BUF + 200];
extern size_t frame_len;

/** clear_frame() - a datagram of @len bytes for this station, in clear */
void clear_frame(size_t len);
/** fix_checksum() - after a change of its IPv4 header */
void fix_checksum(void);
/**
 * drop_ready() - open the device, with one SA and a policy for all traffic that
 * way, and make a frame
 * Return: the SA's handle
 */
uint32_t drop_ready(const struct nic_opts *opts, enum espalier_dir dir);
/** drop_counted() - since @before the counters moved by one frame under @code
 */
void drop_counted(const struct espalier_stats *before, enum espalier_code code);

#endif /* TESTS_DROP_H */
