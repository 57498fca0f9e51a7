// SPDX-License-Identifier: Apache-2.0
/* The JSON of cycles, wire and memory counters. */
#include <errno.h>
#include <jansson.h>
#include "internal.h"

int espalier_sim_counters(struct espalier_sim *sim, const char *json)
{
	const struct espalier_sim_wire_stats *w = &sim->wire.st;
	const struct mem_stats *m = &sim->mem.st;
	json_t *j;
	int ret;

	j = json_pack(
		"{s:I, s:I, s:{s:{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I},"
		"s:{s:I,s:I,s:I,s:I,s:I,s:I,s:I}},"
		"s:{s:I,s:I,s:I,s:I,s:I,s:I}}",
		"cycles", (json_int_t)sim->cycle, "axil_timeouts",
		(json_int_t)sim->axil_timeouts, "wire", "tx", "frames",
		(json_int_t)w->tx_frames, "bytes", (json_int_t)w->tx_bytes,
		"beats", (json_int_t)w->tx_beats, "first",
		(json_int_t)w->tx_first, "last", (json_int_t)w->tx_last,
		"stall", (json_int_t)w->tx_stall, "lost",
		(json_int_t)sim->wire.tx_lost, "oversize",
		(json_int_t)sim->wire.tx_oversize, "rx", "frames",
		(json_int_t)w->rx_frames, "bytes", (json_int_t)w->rx_bytes,
		"beats", (json_int_t)w->rx_beats, "first",
		(json_int_t)w->rx_first, "last", (json_int_t)w->rx_last,
		"errors", (json_int_t)sim->wire.rx_errors, "lost",
		(json_int_t)attach_drops(sim), "memory", "read_bursts",
		(json_int_t)m->read_bursts, "read_beats",
		(json_int_t)m->read_beats, "write_bursts",
		(json_int_t)m->write_bursts, "write_beats",
		(json_int_t)m->write_beats, "slverr", (json_int_t)m->slverr,
		"violations", (json_int_t)m->violations);
	if (!j)
		return -ENOMEM;
	ret = json_dump_file(j, json, JSON_INDENT(2)) ? -EIO : 0;
	json_decref(j);
	return ret;
}
