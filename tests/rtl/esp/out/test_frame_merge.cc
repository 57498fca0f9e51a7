// SPDX-License-Identifier: Apache-2.0
//
// frame_merge against byte concatenation: every prefix length with every
// payload length near the word boundaries, random lengths up to the largest
// frame, inputs and output stalled at random; and the cycle count without
// stalls, which is exact.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <random>
#include <vector>

#include "Vframe_merge.h"

namespace {

typedef std::vector<uint8_t> bytes;

struct frame {
	bytes prefix; // 4-byte words, two bytes of padding first
	bytes payload;
	uint16_t user;
};

int passed, failed;

void check(bool ok, const char *name)
{
	if (ok) {
		passed++;
	} else {
		failed++;
		printf("not ok: %s\n", name);
	}
}

void set128(VlWide<4> &w, const bytes &b, size_t at, std::mt19937 &rng)
{
	for (int i = 0; i < 4; i++) {
		uint32_t v = rng();
		for (int j = 0; j < 4; j++) {
			size_t k = at + 4 * i + j;
			if (k < b.size())
				v = (v & ~(0xffu << (8 * j))) | (uint32_t)b[k] << (8 * j);
		}
		w[i] = v;
	}
}

struct word {
	size_t frame, at;
};

// stall: chance in 256 that a port idles in a cycle. Returns the cycles from
// the first to the last word out, or 0 after an error.
uint64_t run(const std::vector<frame> &frames, unsigned stall, uint32_t seed)
{
	std::mt19937 rng(seed);
	Vframe_merge top;
	std::deque<size_t> cmds;
	std::deque<word> pre, pay;
	for (size_t i = 0; i < frames.size(); i++) {
		cmds.push_back(i);
		for (size_t k = 0; k < frames[i].prefix.size(); k += 16)
			pre.push_back({ i, k });
		for (size_t k = 0; k < frames[i].payload.size(); k += 16)
			pay.push_back({ i, k });
	}
	size_t out = 0, at = 0;
	uint64_t first = 0, cycle = 0, quiet = 0;
	bytes want;
	bool hold_c = false, hold_p = false, hold_d = false;

	top.clk = 0;
	top.rst = 1;
	for (int i = 0; i < 4; i++) {
		top.clk = 1;
		top.eval();
		top.clk = 0;
		top.eval();
	}
	top.rst = 0;
	while (out < frames.size()) {
		auto chance = [&] { return (rng() & 255) >= stall; };
		// a source keeps valid until it is taken
		hold_c = !cmds.empty() && (hold_c || chance());
		hold_p = !pre.empty() && (hold_p || chance());
		hold_d = !pay.empty() && (hold_d || chance());
		top.c_valid = hold_c;
		top.p_valid = hold_p;
		top.d_valid = hold_d;
		if (hold_c) {
			const frame &f = frames[cmds.front()];
			top.c_prefix_words = f.prefix.size() / 4;
			top.c_payload_len = f.payload.size();
			top.c_user = f.user;
		}
		if (hold_p)
			set128(top.p_data, frames[pre.front().frame].prefix, pre.front().at, rng);
		if (hold_d)
			set128(top.d_data, frames[pay.front().frame].payload, pay.front().at, rng);
		top.m_tready = chance();
		top.eval();
		if (top.m_tvalid && top.m_tready) {
			const frame &f = frames[out];
			if (at == 0) {
				want.assign(f.prefix.begin() + 2, f.prefix.end());
				want.insert(want.end(), f.payload.begin(), f.payload.end());
				if (!first)
					first = cycle;
			}
			size_t n = want.size() - at < 16 ? want.size() - at : 16;
			bool last = at + n == want.size();
			bool bad = top.m_tkeep != (1u << n) - 1 || top.m_tlast != last ||
				   top.m_tuser != f.user;
			for (size_t i = 0; i < n; i++)
				bad |= want[at + i] != (uint8_t)(top.m_tdata[i / 4] >> (8 * (i % 4)));
			if (bad) {
				printf("frame %zu (prefix %zu, payload %zu) differs at %zu\n", out,
				       f.prefix.size(), f.payload.size(), at);
				return 0;
			}
			at += n;
			if (last) {
				at = 0;
				out++;
			}
			quiet = 0;
		} else if (++quiet > 4000) {
			printf("stuck at frame %zu\n", out);
			return 0;
		}
		bool c = top.c_valid && top.c_ready, p = top.p_valid && top.p_ready,
		     d = top.d_valid && top.d_ready;
		top.clk = 1;
		top.eval();
		top.clk = 0;
		if (c) {
			cmds.pop_front();
			hold_c = false;
		}
		if (p) {
			pre.pop_front();
			hold_p = false;
		}
		if (d) {
			pay.pop_front();
			hold_d = false;
		}
		cycle++;
	}
	// nothing is left over
	for (int i = 0; i < 8; i++) {
		top.eval();
		if (top.m_tvalid && i)
			return 0;
		top.c_valid = top.p_valid = top.d_valid = 0;
		top.clk = 1;
		top.eval();
		top.clk = 0;
	}
	if (!cmds.empty() || !pre.empty() || !pay.empty()) {
		printf("inputs left over\n");
		return 0;
	}
	return cycle - first;
}

frame make(std::mt19937 &rng, size_t words, size_t len)
{
	frame f;
	f.prefix.resize(4 * words);
	f.payload.resize(len);
	for (auto &b : f.prefix)
		b = rng();
	for (auto &b : f.payload)
		b = rng();
	f.user = rng();
	return f;
}

uint64_t cost(const std::vector<frame> &frames)
{
	uint64_t n = 0;
	for (auto &f : frames)
		n += (f.prefix.size() - 2 + f.payload.size() + 15) / 16;
	return n;
}

} // namespace

int main()
{
	std::mt19937 rng(1);
	std::vector<frame> all;
	char name[64];

	for (size_t w = 4; w <= 31; w++)
		for (size_t len = 0; len <= 70; len++)
			all.push_back(make(rng, w, len));
	uint64_t n = run(all, 0, 1);
	check(n == cost(all), "all prefix and payload lengths, in order: exact cycles");
	for (uint32_t seed = 0; seed < 6; seed++) {
		std::shuffle(all.begin(), all.end(), rng);
		n = run(all, 0, seed);
		snprintf(name, sizeof(name), "shuffled, exact cycles, seed %u", seed);
		check(n == cost(all), name);
		snprintf(name, sizeof(name), "shuffled, stalls, seed %u", seed);
		check(run(all, 20 + 40 * seed, seed) >= cost(all), name);
	}
	std::vector<frame> big;
	for (int i = 0; i < 200; i++)
		big.push_back(make(rng, 4 + rng() % 21, i % 3 ? rng() % 200 : rng() % 9217));
	big.push_back(make(rng, 24, 9216));
	check(run(big, 0, 1) == cost(big), "large frames, exact cycles");
	for (uint32_t seed = 0; seed < 4; seed++) {
		snprintf(name, sizeof(name), "large frames, stalls, seed %u", seed);
		check(run(big, 30 + 60 * seed, seed) >= cost(big), name);
	}
	std::vector<frame> tiny;
	for (int i = 0; i < 2000; i++)
		tiny.push_back(make(rng, 4, 0));
	check(run(tiny, 0, 1) == 2000, "one word a frame, a frame every cycle");
	printf("test_frame_merge: %d passed, %d failed\n", passed, failed);
	return failed != 0;
}
