// SPDX-License-Identifier: Apache-2.0
//
// The dma block with host memory on one side and, on the other, a stand-in
// for the packet pipelines: what comes out of the transmit stream is given
// back as done and, if asked for, goes into the receive stream.
#pragma once
#include <algorithm>
#include <map>
#include <memory>
#include <string>

#include "Vdma.h"
#include "espalier/layout.h"
#include "espalier_regs.h"
#include "tests/rtl/common/axi_mem.h"
#include "tests/rtl/common/check.h"

using Bytes = std::vector<uint8_t>;

struct TxFrame {
	Bytes data;
	uint8_t terr = 0x3f;
	unsigned qid = 0, index = 0;
	bool handle_valid = false;
	uint32_t handle = 0;
	uint64_t end_cycle = 0;
};

struct RxFrame {
	Bytes data;
	unsigned qid = 0, code = ESPALIER_RX_BYPASSED;
	uint32_t handle = 0, hash = 0;
};

struct Done {
	unsigned qid, index, code, wire_len;
	uint32_t handle, seq;
	uint64_t due;
};

// Fields of flat vectors, little end first
struct Bits {
	uint32_t w[8] = {};
	int at = 0;
	void put(uint64_t v, int n)
	{
		for (int i = 0; i < n; i++, at++)
			if (v >> i & 1)
				w[at / 32] |= 1u << (at % 32);
	}
};

class DmaBench
{
      public:
	static constexpr uint64_t BASE = 0xfff80000ull; // crosses the 4 GiB line
	std::unique_ptr<Vdma> top{ new Vdma };
	Vdma *t = top.get();
	AxiMem<Vdma> mem;
	std::mt19937 rng;
	uint64_t cycle = 0;

	// stand-in pipelines
	int tx_stall = 0, done_delay = 20; // percent; cycles
	bool loop = false; // transmit frames come back as receive frames
	bool keep_tx = true;
	std::deque<TxFrame> sent; // frames seen on the transmit stream
	uint64_t tx_frames = 0, tx_bytes = 0, last_tx = 0;
	std::deque<RxFrame> rxq;
	int rx_gap = 0; // cycles between receive frames
	std::map<unsigned, unsigned> stats, events;
	unsigned stream_faults = 0;

	explicit DmaBench(unsigned seed) : mem(BASE, 64 << 20, seed), rng(seed)
	{
		t->rst = 1;
		for (int i = 0; i < 5; i++)
			tick();
		t->rst = 0;
		while (!t->ready)
			tick();
	}

	unsigned rnd(unsigned n) { return rng() % n; }

	// as wake_hold does it in the block
	unsigned left[4] = {};
	bool wakes(unsigned room, bool need, unsigned hold)
	{
		bool wake = t->rst || need || left[room];

		if (t->rst || need)
			left[room] = hold;
		else if (left[room])
			left[room]--;
		return wake;
	}
	void tick()
	{
		mem.drive(t);
		drive();
		t->clk = 0;
		t->clk_desc = 0;
		t->clk_tx = 0;
		t->clk_rx = 0;
		t->clk_cpl = 0;
		t->eval();
		if (!t->rst) {
			mem.sample(t);
			sample();
		}
		t->clk = 1;
		t->clk_desc = wakes(0, t->need_desc, 3);
		t->clk_tx = wakes(1, t->need_tx, 15);
		t->clk_rx = wakes(2, t->need_rx, 15);
		t->clk_cpl = wakes(3, t->need_cpl, 3);
		t->eval();
		cycle++;
	}
	void run(int n)
	{
		while (n--)
			tick();
	}
	bool run_idle(int limit)
	{
		for (int i = 0; i < limit; i++) {
			tick();
			if (t->idle && mem.quiet() && dones.empty() && rxq.empty() && !rx_busy)
				return true;
		}
		return false;
	}

	unsigned resp = 0;
	uint32_t access(bool write, uint32_t addr, uint32_t v, unsigned strb = 15)
	{
		t->reg_valid = 1;
		t->reg_write = write;
		t->reg_addr = addr - ESPALIER_Q_BASE;
		t->reg_wdata = v;
		t->reg_wstrb = strb;
		do
			tick();
		while (!t->reg_ack);
		t->reg_valid = 0;
		resp = t->reg_resp;
		return t->reg_rdata;
	}
	void wr(uint32_t addr, uint32_t v) { access(true, addr, v); }
	uint32_t rd(uint32_t addr) { return access(false, addr, 0); }

      private:
	std::deque<Done> dones;
	TxFrame cur;
	uint32_t seq = 0;
	bool rx_busy = false;
	size_t rx_pos = 0;
	int gap = 0;
	// stability of the transmit stream
	bool pt = false;
	uint32_t pt_data[4];
	uint32_t pt_rest;

	void drive()
	{
		t->tx_tready = !(tx_stall && (int)rnd(100) < tx_stall);
		t->done_valid = !dones.empty() && dones.front().due <= cycle;
		if (t->done_valid) {
			Done &d = dones.front();
			Bits b;
			b.put(d.wire_len, 14);
			b.put(d.seq, 32);
			b.put(d.handle, 32);
			b.put(d.code, 6);
			b.put(d.index, 16);
			b.put(d.qid, 8);
			for (int i = 0; i < 4; i++)
				t->done[i] = b.w[i];
		}
		if (!rx_busy && !rxq.empty() && gap == 0) {
			rx_busy = true;
			rx_pos = 0;
		}
		if (gap)
			gap--;
		t->rx_tvalid = rx_busy;
		if (rx_busy) {
			RxFrame &f = rxq.front();
			for (int i = 0; i < 4; i++) {
				uint32_t w = 0;
				for (int k = 0; k < 4; k++)
					if (rx_pos + 4 * i + k < f.data.size())
						w |= (uint32_t)f.data[rx_pos + 4 * i + k] << 8 * k;
				t->rx_tdata[i] = w;
			}
			t->rx_tlast = rx_pos + 16 >= f.data.size();
			Bits b;
			b.put(f.hash, 32);
			b.put(f.data.size(), 14);
			b.put(f.handle, 32);
			b.put(f.code, 6);
			b.put(f.qid, 8);
			for (int i = 0; i < 3; i++)
				t->rx_meta[i] = b.w[i];
		}
	}

	void fault(const char *what)
	{
		if (stream_faults++ < 10)
			printf("stream: %s (cycle %llu)\n", what, (unsigned long long)cycle);
	}

	void sample()
	{
		uint32_t rest = t->tx_tkeep | t->tx_tlast << 16 | t->tx_terr << 17;
		uint32_t data[4];
		for (int i = 0; i < 4; i++)
			data[i] = t->tx_tdata[i];
		if (pt && (!t->tx_tvalid || memcmp(pt_data, data, 16) || rest != pt_rest))
			fault("word taken back");
		pt = t->tx_tvalid && !t->tx_tready;
		memcpy(pt_data, data, 16);
		pt_rest = rest;

		if (t->tx_tvalid && t->tx_tready)
			tx_word(data);
		if (t->done_valid && t->done_ready)
			dones.pop_front();
		if (t->rx_tvalid && t->rx_tready) {
			rx_pos += 16;
			if (t->rx_tlast) {
				rx_busy = false;
				gap = rx_gap;
				rxq.pop_front();
			}
		}
		if (t->stat_valid)
			stats[t->stat >> 14]++;
		if (t->ev_valid) {
			// etype 71:64, handle 63:32, info 31:0
			events[t->ev[0]]++;
			if ((t->ev[2] & 0xff) != ESPALIER_EV_DMA_ERROR || t->ev[1])
				fault("event");
		}
	}

	void tx_word(const uint32_t *data)
	{
		unsigned keep = t->tx_tkeep;
		int n = __builtin_popcount(keep);
		if (keep & (keep + 1))
			fault("hole in tkeep");
		if (n != 16 && !t->tx_tlast)
			fault("short word inside a frame");
		if (!t->tx_tlast && t->tx_terr != 0x3f)
			fault("terr without tlast");
		uint64_t u = t->tx_user;
		if (cur.data.empty()) {
			cur.handle = u >> 1;
			cur.handle_valid = u & 1;
			cur.index = u >> 33 & 0xffff;
			cur.qid = u >> 49;
		}
		if (cur.handle != (uint32_t)(u >> 1) || cur.index != (u >> 33 & 0xffff) || cur.qid != u >> 49)
			fault("user changes inside a frame");
		for (int i = 0; i < n; i++)
			cur.data.push_back(data[i / 4] >> 8 * (i % 4));
		if (!t->tx_tlast)
			return;
		cur.terr = t->tx_terr;
		cur.end_cycle = cycle;
		tx_frames++;
		tx_bytes += cur.data.size();
		last_tx = cycle;
		bool ok = cur.terr == 0x3f;
		dones.push_back({ cur.qid, cur.index, ok ? (unsigned)ESPALIER_TX_BYPASSED : cur.terr,
				  ok ? (unsigned)cur.data.size() : 0, cur.handle, seq++,
				  cycle + done_delay });
		if (ok && loop)
			rxq.push_back({ cur.data, cur.qid, ESPALIER_RX_BYPASSED, cur.handle, seq });
		if (keep_tx)
			sent.push_back(cur);
		cur = TxFrame();
	}
};
