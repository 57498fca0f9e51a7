// SPDX-License-Identifier: Apache-2.0
//
// Host memory behind an AXI4 slave port, as unkind as the specification
// allows: random latency, back-pressure on every channel, bursts of different
// IDs interleaved, error responses; writes reach memory only when their
// response goes out. It checks the master: 4 KiB, alignment, stable valid,
// WLAST, and that no byte outside of what was granted is touched.
#pragma once
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <deque>
#include <random>
#include <vector>

enum { MEM_R = 1, MEM_W = 2 };

template <class V> class AxiMem
{
      public:
	const uint64_t base;
	std::vector<uint8_t> bytes, grant;
	std::mt19937 rng;
	// behaviour
	int lat_min = 20, lat_max = 60; // cycles from address to data or response
	int stall = 0; // percent of cycles in which a ready or valid is held back
	bool interleave = true;
	int err_permille = 0; // bursts answered with SLVERR
	int err_id = -1; // only bursts with this ID, -1: all
	// what happened
	unsigned violations = 0;
	uint64_t ar_count = 0, ar_of_id[16] = {};
	uint64_t aw_count = 0, r_beats = 0, w_beats = 0, r_errors = 0, w_errors = 0;

	AxiMem(uint64_t base_, size_t size, unsigned seed)
		: base(base_), bytes(size), grant(size), rng(seed)
	{
	}

	uint8_t *at(uint64_t addr) { return &bytes.at(addr - base); }
	void allow(uint64_t addr, size_t len, int mode)
	{
		memset(&grant.at(addr - base), mode, len);
	}
	bool quiet() const { return reads.empty() && writes.empty() && wdata.empty(); }

	// before the clock edge: what the port shows in this cycle
	void drive(V *t)
	{
		t->m_axi_arready = !held();
		t->m_axi_awready = !held();
		t->m_axi_wready = !held();
		if (!r_hold)
			pick_read();
		t->m_axi_rvalid = r_hold;
		if (r_hold) {
			Read &b = *r_cur();
			t->m_axi_rid = b.id;
			t->m_axi_rresp = b.err ? 2 : 0;
			fetch(b, t);
		}
		if (!b_hold)
			pick_write();
		t->m_axi_bvalid = b_hold;
		if (b_hold) {
			t->m_axi_bid = writes[b_index].id;
			t->m_axi_bresp = writes[b_index].err ? 2 : 0;
		}
	}

	// the same cycle, after evaluation: take what was handed over
	void sample(V *t)
	{
		now++;
		stable(t);
		if (t->m_axi_arvalid && t->m_axi_arready)
			take_ar(t);
		if (t->m_axi_awvalid && t->m_axi_awready)
			take_aw(t);
		if (t->m_axi_wvalid && t->m_axi_wready)
			take_w(t);
		if (t->m_axi_rvalid && t->m_axi_rready)
			give_r();
		if (t->m_axi_bvalid && t->m_axi_bready)
			give_b();
	}

      private:
	struct Read {
		int id, len, beat;
		uint64_t addr, due;
		bool err;
	};
	struct Beat {
		uint8_t d[16];
		uint16_t strb;
	};
	struct Write {
		int id, len;
		uint64_t addr, due;
		bool err, full;
		std::vector<Beat> data;
	};
	std::deque<Read> reads;
	std::deque<Write> writes;
	std::deque<Beat> wdata;
	uint64_t now = 0;
	bool r_hold = false, b_hold = false;
	size_t r_index = 0, b_index = 0;
	// last cycle's offers, for the stability rule
	bool pa = false, pw = false, pd = false;
	uint64_t pa_addr = 0, pw_addr = 0;
	uint8_t pa_len = 0, pw_len = 0;
	uint32_t pd_data[4] = {};
	uint16_t pd_strb = 0;
	bool pd_last = false;

	bool held() { return stall && (int)(rng() % 100) < stall; }
	unsigned latency() { return lat_min + rng() % (lat_max - lat_min + 1); }
	void bad(const char *what, uint64_t addr)
	{
		if (violations++ < 10)
			printf("axi: %s at 0x%llx (cycle %llu)\n", what, (unsigned long long)addr,
			       (unsigned long long)now);
	}
	typename std::deque<Read>::iterator r_cur() { return reads.begin() + r_index; }

	void pick_read()
	{
		// the oldest burst of each ID may go on
		bool seen[16] = {};
		std::vector<size_t> can;
		for (size_t i = 0; i < reads.size() && i < 64; i++) {
			if (seen[reads[i].id])
				continue;
			seen[reads[i].id] = true;
			if (reads[i].due <= now)
				can.push_back(i);
			if (!interleave)
				break;
		}
		if (can.empty() || held())
			return;
		r_index = can[interleave ? rng() % can.size() : 0];
		r_hold = true;
	}
	void fetch(Read &b, V *t)
	{
		uint64_t a = b.addr + 16 * b.beat;
		bool any = false;
		uint8_t d[16] = {};
		for (int i = 0; i < 16; i++) {
			if (a + i < base || a + i >= base + bytes.size())
				continue;
			any |= grant[a + i - base] & MEM_R;
			d[i] = bytes[a + i - base];
		}
		if (!any && !b.err)
			bad("read outside of what was granted", a);
		if (b.err) // what comes with an error is worth nothing
			memset(d, 0xbd, sizeof(d));
		for (int i = 0; i < 4; i++)
			memcpy(&t->m_axi_rdata[i], d + 4 * i, 4);
	}
	void give_r()
	{
		Read &b = *r_cur();
		r_beats++;
		r_hold = false;
		if (b.beat++ == b.len)
			reads.erase(r_cur());
	}
	void pick_write()
	{
		bool seen[16] = {};
		std::vector<size_t> can;
		for (size_t i = 0; i < writes.size(); i++) {
			if (seen[writes[i].id])
				continue;
			seen[writes[i].id] = true;
			if (writes[i].full && writes[i].due <= now)
				can.push_back(i);
		}
		if (can.empty() || held())
			return;
		b_index = can[rng() % can.size()];
		b_hold = true;
	}
	void give_b()
	{
		Write &b = writes[b_index];
		b_hold = false;
		for (size_t i = 0; i < b.data.size(); i++)
			for (int k = 0; k < 16; k++) {
				uint64_t a = b.addr + 16 * i + k;
				if (!(b.data[i].strb >> k & 1))
					continue;
				if (a < base || a >= base + bytes.size() ||
				    !(grant[a - base] & MEM_W)) {
					if (!b.err)
						bad("write outside of what was granted", a);
					continue;
				}
				if (!b.err)
					bytes[a - base] = b.data[i].d[k];
			}
		writes.erase(writes.begin() + b_index);
	}
	bool fails(int id)
	{
		return err_permille && (err_id < 0 || err_id == id) &&
		       (int)(rng() % 1000) < err_permille;
	}
	void check_burst(uint64_t addr, int len, int size, int burst)
	{
		if (size != 4 || burst != 1)
			bad("size or type of burst", addr);
		if (addr & 15)
			bad("address not aligned", addr);
		if ((addr & 4095) + 16 * (len + 1) > 4096)
			bad("burst crosses 4 KiB", addr);
	}
	void take_ar(V *t)
	{
		Read b{ (int)t->m_axi_arid, (int)t->m_axi_arlen, 0, t->m_axi_araddr,
			now + latency(), fails(t->m_axi_arid) };
		check_burst(b.addr, b.len, t->m_axi_arsize, t->m_axi_arburst);
		r_errors += b.err;
		ar_count++;
		ar_of_id[t->m_axi_arid & 15]++;
		reads.push_back(b);
	}
	void take_aw(V *t)
	{
		Write b{ (int)t->m_axi_awid, (int)t->m_axi_awlen, t->m_axi_awaddr, 0,
			 fails(t->m_axi_awid), false, {} };
		check_burst(b.addr, b.len, t->m_axi_awsize, t->m_axi_awburst);
		w_errors += b.err;
		aw_count++;
		writes.push_back(b);
	}
	void take_w(V *t)
	{
		Beat d;
		for (int i = 0; i < 4; i++)
			memcpy(d.d + 4 * i, &t->m_axi_wdata[i], 4);
		d.strb = t->m_axi_wstrb;
		w_beats++;
		for (auto &b : writes) {
			if (b.full)
				continue;
			b.data.push_back(d);
			b.full = (int)b.data.size() == b.len + 1;
			b.due = now + latency();
			if (b.full != (bool)t->m_axi_wlast)
				bad("WLAST", b.addr);
			return;
		}
		bad("data without an address", 0);
	}
	void stable(V *t)
	{
		if (pa && (!t->m_axi_arvalid || t->m_axi_araddr != pa_addr || t->m_axi_arlen != pa_len))
			bad("AR taken back", pa_addr);
		if (pw && (!t->m_axi_awvalid || t->m_axi_awaddr != pw_addr || t->m_axi_awlen != pw_len))
			bad("AW taken back", pw_addr);
		if (pd && (!t->m_axi_wvalid || memcmp(pd_data, &t->m_axi_wdata[0], 16) ||
			   t->m_axi_wstrb != pd_strb || (bool)t->m_axi_wlast != pd_last))
			bad("W taken back", 0);
		pa = t->m_axi_arvalid && !t->m_axi_arready;
		pa_addr = t->m_axi_araddr;
		pa_len = t->m_axi_arlen;
		pw = t->m_axi_awvalid && !t->m_axi_awready;
		pw_addr = t->m_axi_awaddr;
		pw_len = t->m_axi_awlen;
		pd = t->m_axi_wvalid && !t->m_axi_wready;
		memcpy(pd_data, &t->m_axi_wdata[0], 16);
		pd_strb = t->m_axi_wstrb;
		pd_last = t->m_axi_wlast;
	}
};
