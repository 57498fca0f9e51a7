// SPDX-License-Identifier: Apache-2.0
//
// Drives esp_out_tb: frames in, frames, ends, counts and events out; table
// and key operations; the part of the SPD.
#ifndef OUT_BENCH_H
#define OUT_BENCH_H

#include <deque>
#include <memory>

#include "Vesp_out_tb.h"
#include "out_model.h"

struct end {
	unsigned qid, index, code, wire_len;
	uint32_t handle, seq;
	uint64_t cycle;
};

class bench
{
public:
	explicit bench(uint32_t seed);

	// chances in 256 that a port stalls in a cycle
	unsigned in_stall = 0, out_stall = 0, done_stall = 0;
	unsigned spd_latency = 11, spd_retry = 0;

	void send(const frame &f);
	void step();
	bool run(uint64_t limit = 200000); // until everything sent has ended
	unsigned table(unsigned op, unsigned index, const uint32_t *w = nullptr);
	void table_start(unsigned op, unsigned index, const uint32_t *w = nullptr);
	bool table_busy() const { return top->tbl_valid; }
	void key(const sa &s);
	unsigned add(const sa &s); // key, then entry
	bool live(unsigned slot);

	std::unique_ptr<Vesp_out_tb> top;
	uint64_t cycle = 0;
	std::vector<bytes> wire;
	std::vector<std::pair<uint64_t, uint64_t>> wire_cycles; // first and last word
	std::vector<end> ends;
	std::vector<event> events;
	uint32_t rdata[32];
	unsigned res = 0;
	uint64_t in_count = 0, stat_count[64] = {}, stat_bytes[64] = {}, in_bytes = 0;
	std::vector<uint64_t> in_first; // cycle of a frame's first word
	unsigned errors = 0;            // protocol violations seen
	unsigned core_packets = 0;
	unsigned max_gap = 0; // longest pause inside a frame while the wire was ready

private:
	struct word {
		uint8_t data[16];
		unsigned keep, terr;
		bool last;
		uint64_t user;
	};
	struct answer {
		uint64_t due;
		verdict v;
	};
	std::mt19937 rng;
	std::deque<word> input;
	std::deque<frame> lookups; // frames that will ask the SPD, in order
	std::deque<answer> answers;
	bool hold_in = false, first_in = true;
	bytes out;
	uint64_t out_first = 0;
	size_t sent = 0;
	bool stalled = false;
	uint32_t stalled_data[4];
	unsigned gap = 0;
	void fail(const char *what);
};

#endif
