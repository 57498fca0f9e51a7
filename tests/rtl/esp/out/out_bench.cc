// SPDX-License-Identifier: Apache-2.0
#include "out_bench.h"

#include <cstdio>
#include <cstring>

namespace {

// bits [lo +: n] of a wide port, n up to 64
template <typename W> uint64_t bits(const W &w, unsigned lo, unsigned n)
{
	uint64_t v = 0;
	for (unsigned i = 0; i < n; i++)
		v |= (uint64_t)((w[(lo + i) / 32] >> ((lo + i) % 32)) & 1) << i;
	return v;
}

template <typename W> void put(W &w, unsigned lo, unsigned n, uint64_t v)
{
	for (unsigned i = 0; i < n; i++) {
		uint32_t m = 1u << ((lo + i) % 32);
		w[(lo + i) / 32] = (w[(lo + i) / 32] & ~m) | (((v >> i) & 1) ? m : 0);
	}
}

} // namespace

bench::bench(uint32_t seed) : top(new Vesp_out_tb), rng(seed)
{
	top->clk = 0;
	top->rst = 1;
	top->cfg_nonip_bypass = top->cfg_arp_bypass = 0;
	top->s_tvalid = top->spd_res_valid = top->tbl_valid = top->key_valid = 0;
	for (int i = 0; i < 4; i++) {
		top->clk = 1;
		top->eval();
		top->clk = 0;
		top->eval();
	}
	top->rst = 0;
	for (int i = 0; i < 1000; i++)
		step();
}

void bench::fail(const char *what)
{
	if (errors++ < 5)
		printf("cycle %llu: %s\n", (unsigned long long)cycle, what);
}

void bench::send(const frame &f)
{
	for (size_t at = 0; at < f.data.size(); at += 16) {
		word w;
		size_t n = f.data.size() - at < 16 ? f.data.size() - at : 16;
		memset(w.data, 0xa5, 16);
		memcpy(w.data, &f.data[at], n);
		w.keep = (1u << n) - 1;
		w.last = at + n == f.data.size();
		w.terr = w.last ? f.terr : (unsigned)CODE_NONE;
		w.user = (uint64_t)f.qid << 49 | (uint64_t)f.index << 33 |
			 (uint64_t)f.handle << 1 | f.handle_valid;
		input.push_back(w);
	}
	bool ip = f.kind == frame::IPV4 || f.kind == frame::IPV6;
	if (ip && !f.bad && !f.handle_valid && f.terr == CODE_NONE)
		lookups.push_back(f);
	sent++;
}

void bench::step()
{
	auto chance = [&](unsigned stall) { return stall == 0 || (rng() & 255) >= stall; };

	hold_in = !input.empty() && (hold_in || chance(in_stall));
	top->s_tvalid = hold_in;
	if (hold_in) {
		const word &w = input.front();
		memcpy(&top->s_tdata, w.data, 16);
		top->s_tkeep = w.keep;
		top->s_tlast = w.last;
		top->s_terr = w.terr;
		top->s_user = w.user;
	}
	top->m_tready = chance(out_stall);
	top->done_ready = chance(done_stall);
	top->spd_req_ready = answers.size() < 8;
	// the SPD may take an answer back and find it again
	if (!answers.empty() && answers.front().due <= cycle && (rng() & 255) < spd_retry)
		answers.front().due = cycle + spd_latency;
	top->spd_res_valid = !answers.empty() && answers.front().due <= cycle;
	if (top->spd_res_valid) {
		const verdict &v = answers.front().v;
		// match 67, parity 66, action 65:64, index 63:48, handle 47:16, reqid 15:0
		put(top->spd_res, 67, 1, v.match);
		put(top->spd_res, 66, 1, v.parity);
		put(top->spd_res, 64, 2, v.action);
		put(top->spd_res, 48, 16, v.index);
		put(top->spd_res, 16, 32, v.handle);
		put(top->spd_res, 0, 16, 0x5a5a);
	}
	top->eval();

	if (top->s_tvalid && top->s_tready) {
		if (first_in)
			in_first.push_back(cycle);
		first_in = input.front().last;
		hold_in = false;
		input.pop_front();
	}
	if (top->spd_res_valid && top->spd_res_ready)
		answers.pop_front();
	if (top->spd_req_valid && top->spd_req_ready) {
		if (lookups.empty()) {
			fail("a lookup too many");
		} else {
			const frame &f = lookups.front();
			const uint8_t *l3 = &f.data[f.l2_len];
			bool v6 = f.kind == frame::IPV6;
			uint32_t d = v6 ? (uint32_t)l3[36] << 24 | l3[37] << 16 | l3[38] << 8 | l3[39] :
					  (uint32_t)l3[16] << 24 | l3[17] << 16 | l3[18] << 8 | l3[19];
			// dst stands above proto (8), ports_ok (1), ports (32)
			if (bits(top->spd_req, 41, 32) != d || bits(top->spd_req, 297, 1) != v6)
				fail("lookup of another frame");
			answers.push_back({ cycle + spd_latency, f.policy });
			lookups.pop_front();
		}
	}
	if (top->m_tvalid) {
		if (stalled && memcmp(stalled_data, &top->m_tdata, 16))
			fail("m_tdata changed while it waited");
		memcpy(stalled_data, &top->m_tdata, 16);
	} else if (stalled) {
		fail("m_tvalid was taken back");
	}
	stalled = top->m_tvalid && !top->m_tready;
	if (top->m_tvalid && top->m_tready) {
		unsigned n = 0;
		while (n < 16 && (top->m_tkeep >> n & 1))
			n++;
		if (top->m_tkeep != (1u << n) - 1 || n == 0 || (!top->m_tlast && n != 16))
			fail("m_tkeep");
		if (out.empty())
			out_first = cycle;
		else if (gap > max_gap)
			max_gap = gap;
		const uint8_t *d = (const uint8_t *)&top->m_tdata;
		out.insert(out.end(), d, d + n);
		gap = 0;
		if (top->m_tlast) {
			wire.push_back(out);
			wire_cycles.push_back({ out_first, cycle });
			out.clear();
		}
	} else if (!top->m_tvalid && !out.empty()) {
		gap++;
	}
	if (top->done_valid && top->done_ready) {
		// qid 107:100, index 99:84, code 83:78, handle 77:46, seq 45:14, wire_len 13:0
		end e = { (unsigned)bits(top->done, 100, 8),  (unsigned)bits(top->done, 84, 16),
			  (unsigned)bits(top->done, 78, 6),   (unsigned)bits(top->done, 0, 14),
			  (uint32_t)bits(top->done, 46, 32), (uint32_t)bits(top->done, 14, 32),
			  cycle };
		ends.push_back(e);
	}
	if (top->stat_in_valid) {
		in_count++;
		in_bytes += top->stat_in & 0x3fff;
		if (top->stat_in >> 14 != TX_IN)
			fail("stat_in code");
	}
	if (top->stat_valid) {
		stat_count[top->stat >> 14]++;
		stat_bytes[top->stat >> 14] += top->stat & 0x3fff;
	}
	if (top->ev_valid)
		events.push_back({ (unsigned)bits(top->ev, 64, 8), (uint32_t)bits(top->ev, 32, 32),
				   (uint32_t)bits(top->ev, 0, 32) });
	if (top->core_m_valid && top->core_m_last)
		core_packets++;
	if (top->starved)
		fail("the cipher starved");
	bool ack = top->tbl_ack;
	if (ack) {
		if (!top->tbl_valid)
			fail("tbl_ack without tbl_valid");
		res = top->tbl_res;
		for (int i = 0; i < 32; i++)
			rdata[i] = top->tbl_rdata[i];
	}
	top->clk = 1;
	top->eval();
	top->clk = 0;
	if (ack)
		top->tbl_valid = 0;
	cycle++;
}

bool bench::run(uint64_t limit)
{
	for (uint64_t i = 0; i < limit; i++) {
		if (ends.size() == sent && top->idle)
			return true;
		step();
	}
	printf("stuck: %zu of %zu frames ended\n", ends.size(), sent);
	return false;
}

void bench::table_start(unsigned op, unsigned index, const uint32_t *w)
{
	top->tbl_valid = 1;
	top->tbl_op = op;
	top->tbl_index = index;
	for (int i = 0; i < 32; i++)
		top->tbl_wdata[i] = w ? w[i] : 0;
}

unsigned bench::table(unsigned op, unsigned index, const uint32_t *w)
{
	table_start(op, index, w);
	for (int i = 0; i < 20000 && top->tbl_valid; i++)
		step();
	if (top->tbl_valid) {
		fail("table operation without an end");
		top->tbl_valid = 0;
	}
	return res;
}

void bench::key(const sa &s)
{
	top->key_valid = 1;
	top->key_zeroize = 0;
	top->key_idx = s.slot;
	top->key_aes256 = s.aes256;
	memcpy(&top->key_data, s.key, 32);
	memcpy(&top->key_salt, s.salt, 4);
	bool taken = false;
	for (int i = 0; i < 4000; i++) {
		top->eval();
		bool r = top->key_valid && top->key_ready, d = top->key_done;
		step();
		if (r) {
			top->key_valid = 0;
			taken = true;
		}
		if (taken && d)
			return;
	}
	fail("key install without an end");
}

unsigned bench::add(const sa &s)
{
	uint32_t w[32];
	key(s);
	s.entry(w);
	return table(2, s.slot, w);
}

bool bench::live(unsigned slot)
{
	top->live_idx = slot;
	step();
	step();
	top->eval();
	return top->live_q;
}
