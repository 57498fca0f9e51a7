// SPDX-License-Identifier: Apache-2.0
//
// Registers, table port, counters and events through AXI4-Lite, with the
// owners of the tables, the key unit and the sources of records played by
// software.
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "Vmgmt_top.h"
#include "espalier/layout.h"
#include "espalier_regs.h"
#include "tests/rtl/common/check.h"

namespace {

struct Stat {
	unsigned code, bytes; // code 64: nothing in this cycle
};

class Bench
{
      public:
	std::unique_ptr<Vmgmt_top> top{ new Vmgmt_top };
	Vmgmt_top *t = top.get();
	std::mt19937 rng;
	uint64_t cycle = 0;
	unsigned faults = 0;

	// AXI4-Lite master: distance of W from AW, and unwillingness to take answers
	int w_late = 0, slow = 0;

	// what the sources will raise, one a cycle
	std::deque<Stat> stat[6];
	std::deque<uint32_t> ev[4];

	// owner of the tables
	int owner_delay = 3;
	unsigned owner_res = 0;
	std::vector<uint32_t> owner_data = std::vector<uint32_t>(32);
	struct Op {
		unsigned owner, op, table, index;
		uint32_t data[32];
		uint64_t cycle;
	};
	std::vector<Op> ops;
	// key unit
	struct Key {
		bool client, zeroize, aes256;
		unsigned idx;
		uint32_t salt, key[8];
		uint64_t cycle;
	};
	std::vector<Key> keys;
	int key_wait = -1;
	bool live_out = false, live_in = false;

	explicit Bench(unsigned seed) : rng(seed)
	{
		t->init_done = 1;
		t->device_idle = 1;
		t->rst = 1;
		for (int i = 0; i < 4; i++)
			tick();
		t->rst = 0;
		for (int i = 0; i < 80; i++)
			tick();
	}
	unsigned rnd(unsigned n) { return rng() % n; }
	void run(int n)
	{
		while (n--)
			tick();
	}

	void tick()
	{
		drive();
		t->clk = 0;
		t->eval();
		if (!t->rst)
			sample();
		t->clk = 1;
		t->eval();
		cycle++;
	}

	unsigned resp = 0;
	void wr(uint32_t addr, uint32_t v, unsigned strb = 15)
	{
		int aw = w_late < 0 ? -w_late : 0, w = w_late > 0 ? w_late : 0;
		bool aw_done = false, w_done = false;
		t->s_axil_awaddr = addr;
		t->s_axil_wdata = v;
		t->s_axil_wstrb = strb;
		for (int i = 0; i < 10000; i++) {
			t->s_axil_awvalid = !aw_done && i >= aw;
			t->s_axil_wvalid = !w_done && i >= w;
			t->s_axil_bready = rnd(100) >= (unsigned)slow;
			settle();
			bool a = t->s_axil_awvalid && t->s_axil_awready;
			bool d = t->s_axil_wvalid && t->s_axil_wready;
			bool b = t->s_axil_bvalid && t->s_axil_bready;
			if (b && !(aw_done && w_done))
				faults++;
			resp = t->s_axil_bresp;
			tick();
			aw_done |= a;
			w_done |= d;
			if (b) {
				t->s_axil_bready = 0;
				return;
			}
		}
		CHECK(false, "write to 0x%x hangs", addr);
	}
	uint32_t rd(uint32_t addr)
	{
		bool ar_done = false;
		t->s_axil_araddr = addr;
		for (int i = 0; i < 10000; i++) {
			t->s_axil_arvalid = !ar_done;
			t->s_axil_rready = rnd(100) >= (unsigned)slow;
			settle();
			bool a = t->s_axil_arvalid && t->s_axil_arready;
			bool r = t->s_axil_rvalid && t->s_axil_rready;
			uint32_t v = t->s_axil_rdata;
			resp = t->s_axil_rresp;
			tick();
			ar_done |= a;
			t->s_axil_arvalid = 0;
			if (r) {
				t->s_axil_rready = 0;
				return v;
			}
		}
		CHECK(false, "read of 0x%x hangs", addr);
		return 0;
	}
	void settle()
	{
		t->clk = 0;
		t->eval();
	}
	// one table command, with `n` words of data; the result code
	unsigned command(unsigned table, unsigned op, unsigned index, const uint32_t *data = nullptr,
			 unsigned n = 0)
	{
		for (unsigned i = 0; i < n; i++)
			wr(ESPALIER_REG_TBL_DATA(i), data[i]);
		wr(ESPALIER_REG_TBL_CMD, op | table << 8 | index << 16);
		CHECK(resp == 0, "command refused");
		for (int i = 0; i < 5000; i++) {
			uint32_t s = rd(ESPALIER_REG_TBL_STATUS);
			if (!(s & ESPALIER_TBL_STATUS_BUSY_MASK))
				return (s & ESPALIER_TBL_STATUS_RESULT_MASK) >> ESPALIER_TBL_STATUS_RESULT_SHIFT;
		}
		CHECK(false, "command hangs");
		return 99;
	}
	bool staging_is_zero()
	{
		uint32_t any = 0;
		for (int i = 0; i < 32; i++)
			any |= rd(ESPALIER_REG_TBL_DATA(i));
		return any == 0;
	}
	struct espalier_counter_entry counter(unsigned code)
	{
		struct espalier_counter_entry e;
		CHECK(command(ESPALIER_TBL_COUNTERS, ESPALIER_OP_READ, code) == 0, "counter read");
		uint32_t w[4];
		for (int i = 0; i < 4; i++)
			w[i] = rd(ESPALIER_REG_TBL_DATA(i));
		memcpy(&e, w, 16);
		return e;
	}

      private:
	int owner_wait = -1;
	int q_wait = -1;
	bool pb = false, pr = false;
	uint32_t pr_data = 0;

	void drive()
	{
		t->stat_valid = 0;
		uint32_t s[6] = {};
		for (int i = 0; i < 6; i++)
			if (!stat[i].empty()) {
				t->stat_valid |= (stat[i].front().code < 64) << i;
				s[i] = stat[i].front().code << 14 | stat[i].front().bytes;
				stat[i].pop_front();
			}
		t->stat0 = s[0];
		t->stat1 = s[1];
		t->stat2 = s[2];
		t->stat3 = s[3];
		t->stat4 = s[4];
		t->stat5 = s[5];
		t->ev_valid = 0;
		uint32_t e[4] = {};
		for (int i = 0; i < 4; i++)
			if (!ev[i].empty()) {
				t->ev_valid |= 1 << i;
				e[i] = ev[i].front();
				ev[i].pop_front();
			}
		t->ev_info0 = e[0];
		t->ev_info1 = e[1];
		t->ev_info2 = e[2];
		t->ev_info3 = e[3];

		t->tbl_ack = 0;
		if (owner_wait == 0) {
			t->tbl_ack = t->tbl_valid_spd << 2 | t->tbl_valid_in << 1 | t->tbl_valid_out;
			t->tbl_res = owner_res;
		}
		for (int i = 0; i < 32; i++)
			t->tbl_rdata[i] = t->tbl_ack && t->tbl_op == ESPALIER_OP_READ ? owner_data[i] : 0;
		t->key_ready = key_wait < 0;
		t->key_done = key_wait == 0;
		// the answer comes two cycles after the slot
		t->live_out = live_pipe[1] & 1;
		t->live_in = live_pipe[1] >> 1;
		t->q_ack = q_wait == 0;
		t->q_rdata = 0xabc00000 | t->q_addr;
		t->q_resp = t->q_addr == 0xffc ? 3 : 0;
	}
	unsigned live_pipe[2] = {};

	void sample()
	{
		live_pipe[1] = live_pipe[0];
		live_pipe[0] = live_out | live_in << 1;
		int valid = t->tbl_valid_out + t->tbl_valid_in + t->tbl_valid_spd;
		if (valid > 1)
			faults++;
		if (valid && owner_wait < 0) {
			owner_wait = owner_delay + 1;
			Op o;
			o.owner = t->tbl_valid_out ? 0 : t->tbl_valid_in ? 1 : 2;
			o.op = t->tbl_op;
			o.table = t->tbl_table;
			o.index = t->tbl_index;
			o.cycle = cycle;
			for (int i = 0; i < 32; i++)
				o.data[i] = t->tbl_wdata[i];
			ops.push_back(o);
		}
		if (t->tbl_ack) {
			owner_wait = -1;
			ops.back().cycle = cycle;
		} else if (owner_wait > 0)
			owner_wait--;
		if (key_wait >= 0)
			key_wait--;
		if (t->key_valid && t->key_ready) {
			Key k;
			k.client = t->key_client;
			k.zeroize = t->key_zeroize;
			k.aes256 = t->key_aes256;
			k.idx = t->key_idx;
			k.salt = t->key_salt;
			k.cycle = cycle;
			for (int i = 0; i < 8; i++)
				k.key[i] = t->key_data[i];
			keys.push_back(k);
			key_wait = 40;
		}
		if (t->q_ack)
			q_wait = -1;
		else if (t->q_valid && q_wait < 0)
			q_wait = 5;
		else if (q_wait > 0)
			q_wait--;
		// answers stay until they are taken
		if ((pb && !t->s_axil_bvalid) || (pr && (!t->s_axil_rvalid || t->s_axil_rdata != pr_data)))
			faults++;
		pb = t->s_axil_bvalid && !t->s_axil_bready;
		pr = t->s_axil_rvalid && !t->s_axil_rready;
		pr_data = t->s_axil_rdata;
	}
};

void registers()
{
	for (int late : { 0, 3, -3, 1, -1 })
		for (int slow : { 0, 70 }) {
			Bench b(1);
			b.w_late = late;
			b.slow = slow;
			CHECK(b.rd(ESPALIER_REG_ID) == ESPALIER_ID_RESET_VALUE, "ID");
			CHECK(b.rd(ESPALIER_REG_VERSION) == ESPALIER_VERSION_RESET_VALUE, "VERSION");
			CHECK(b.rd(ESPALIER_REG_CAPS) == 0x7e, "CAPS");
			CHECK(b.rd(ESPALIER_REG_CAPS_ALG) ==
				      (ESPALIER_CAPS_ALG_GCM16_MASK | ESPALIER_CAPS_ALG_GCM12_MASK |
				       ESPALIER_CAPS_ALG_GCM8_MASK | ESPALIER_CAPS_ALG_AES128_MASK |
				       ESPALIER_CAPS_ALG_AES256_MASK),
			      "CAPS_ALG");
			CHECK(b.rd(ESPALIER_REG_CAPS_SA) == (1024 | 1024 << 16), "CAPS_SA");
			CHECK(b.rd(ESPALIER_REG_CAPS_SPD) == (256 | 2048 << 16), "CAPS_SPD");
			CHECK(b.rd(ESPALIER_REG_CAPS_QUEUE) == (4 | 12 << 8 | 9216u << 16), "CAPS_QUEUE");
			CHECK(b.rd(ESPALIER_REG_CAPS_CORE) == (1 | 2 << 8 | 1 << 24), "CAPS_CORE");
			CHECK(b.rd(ESPALIER_REG_STATUS) == 3, "STATUS");
			b.t->device_idle = 0;
			CHECK(b.rd(ESPALIER_REG_STATUS) == 2, "STATUS, busy");
			CHECK(b.rd(ESPALIER_REG_SCRATCH) == 0, "SCRATCH after reset");
			b.wr(ESPALIER_REG_SCRATCH, 0x11223344);
			b.wr(ESPALIER_REG_SCRATCH, 0xaabbccdd, 5);
			CHECK(b.rd(ESPALIER_REG_SCRATCH) == 0x11bb33dd, "byte strobes");
			b.wr(ESPALIER_REG_SCRATCH, 0, 0);
			CHECK(b.rd(ESPALIER_REG_SCRATCH) == 0x11bb33dd, "no strobe");
			b.wr(ESPALIER_REG_CTRL, 0xffffffff);
			CHECK(b.rd(ESPALIER_REG_CTRL) == 0x7d, "CTRL holds what it has");
			CHECK(b.t->cfg_enable && b.t->cfg_promisc && b.t->cfg_bypass == 15, "CTRL");
			b.wr(ESPALIER_REG_CTRL, ESPALIER_CTRL_OUT_NONIP_BYPASS_MASK);
			CHECK(!b.t->cfg_enable && b.t->cfg_bypass == 1, "CTRL");
			b.wr(ESPALIER_REG_CTRL, ESPALIER_CTRL_IN_ARP_BYPASS_MASK);
			CHECK(b.t->cfg_bypass == 8, "CTRL");
			b.wr(ESPALIER_REG_MAC_LO, 0x33221102);
			b.wr(ESPALIER_REG_MAC_HI, 0x5544);
			CHECK(b.t->cfg_mac == 0x554433221102ull, "MAC address");
			b.wr(ESPALIER_REG_RSS, 3);
			CHECK(b.t->cfg_queue_mask == 3 && b.rd(ESPALIER_REG_RSS) == 3, "RSS");
			uint32_t c0 = b.rd(ESPALIER_REG_CYCLES_LO), c1 = b.rd(ESPALIER_REG_CYCLES_LO);
			CHECK(c1 > c0 && c1 - c0 < 60 && b.rd(ESPALIER_REG_CYCLES_HI) == 0, "cycles");
			CHECK(b.rd(ESPALIER_REG_SPD_MISS_CYCLES) == 0x1234 &&
				      b.rd(ESPALIER_REG_SPD_HITS) == 0x11112222 &&
				      b.rd(ESPALIER_REG_SPD_MISSES) == 0x33334444,
			      "SPD counts");
			// answers for what is not there
			b.rd(0x07c);
			CHECK(b.resp == 3, "hole: DECERR");
			b.wr(0x07c, 1);
			CHECK(b.resp == 3, "hole: DECERR");
			b.rd(0x180);
			CHECK(b.resp == 3, "behind the staging registers: DECERR");
			b.rd(0x2000);
			CHECK(b.resp == 3, "beyond: DECERR");
			b.wr(0xfffc, 1);
			CHECK(b.resp == 3, "beyond: DECERR");
			b.wr(ESPALIER_REG_ID, 1);
			CHECK(b.resp == 2 && b.rd(ESPALIER_REG_ID) == ESPALIER_ID_RESET_VALUE,
			      "read only: SLVERR");
			CHECK(b.rd(ESPALIER_REG_Q_TX_TAIL(3)) == 0xabc0031c && b.resp == 0, "queue registers");
			b.wr(ESPALIER_REG_Q_TX_TAIL(2), 77);
			CHECK(b.resp == 0, "queue registers");
			b.rd(0x1ffc);
			CHECK(b.resp == 3, "queue registers: their answer");
			CHECK(b.faults == 0, "%u AXI4-Lite faults", b.faults);
		}
	// both kinds at once: neither starves
	Bench b(2);
	b.t->s_axil_awvalid = b.t->s_axil_wvalid = b.t->s_axil_arvalid = 1;
	b.t->s_axil_awaddr = b.t->s_axil_araddr = ESPALIER_REG_SCRATCH;
	b.t->s_axil_wstrb = 15;
	b.t->s_axil_bready = b.t->s_axil_rready = 1;
	unsigned r = 0, w = 0;
	for (int i = 0; i < 1000; i++) {
		b.settle();
		r += b.t->s_axil_rvalid;
		w += b.t->s_axil_bvalid;
		b.tick();
	}
	CHECK(r > 80 && w > 80 && r - w + 2 < 5, "%u reads, %u writes", r, w);
}

void tables()
{
	Bench b(3);
	uint32_t data[32];
	for (auto &d : data)
		d = b.rng();
	// data reaches the right owner, as many words as it has, and is gone afterwards
	struct {
		unsigned table, owner, words;
	} owners[] = { { ESPALIER_TBL_SA_OUT, 0, 28 },
		       { ESPALIER_TBL_SA_IN, 1, 30 },
		       { ESPALIER_TBL_SA_HASH, 1, 30 },
		       { ESPALIER_TBL_SPD, 2, 20 } };
	for (auto &o : owners)
		for (unsigned op : { ESPALIER_OP_ADD, ESPALIER_OP_UPDATE, ESPALIER_OP_FLUSH, ESPALIER_OP_CORRUPT })
			for (unsigned res : { 0u, 1u, 5u }) {
				b.owner_res = res;
				b.owner_delay = b.rnd(30);
				b.ops.clear();
				CHECK(b.command(o.table, op, 0x345, data, 32) == res, "result");
				CHECK(b.ops.size() == 1 && b.ops[0].owner == o.owner && b.ops[0].op == op &&
					      b.ops[0].table == o.table && b.ops[0].index == 0x345 &&
					      !memcmp(b.ops[0].data, data, 4 * o.words),
				      "table %u, op %u: what the owner saw", o.table, op);
				CHECK(b.staging_is_zero(), "staging can be read after a write");
				b.ops.clear();
				b.command(o.table, op, 1);
				uint32_t any = 0;
				for (uint32_t d : b.ops[0].data)
					any |= d;
				CHECK(any == 0, "staging is not cleared by a command");
			}
	b.owner_res = 0;
	// what is staged cannot be read before the command either
	b.wr(ESPALIER_REG_TBL_DATA(3), 0x5ec4e7);
	CHECK(b.rd(ESPALIER_REG_TBL_DATA(3)) == 0, "staged data can be read");
	// reads
	for (auto &d : b.owner_data)
		d = b.rng();
	for (auto &o : owners) {
		b.owner_delay = b.rnd(30);
		CHECK(b.command(o.table, ESPALIER_OP_READ, 9) == 0, "read");
		bool same = true;
		for (unsigned i = 0; i < 32; i++)
			same &= b.rd(ESPALIER_REG_TBL_DATA(i)) == (i < o.words ? b.owner_data[i] : 0);
		CHECK(same, "result of a read of table %u", o.table);
	}
	// the first write behind a read starts a new entry
	b.wr(ESPALIER_REG_TBL_DATA(5), 0xffff, 1);
	CHECK(b.staging_is_zero(), "result stays after a write");
	b.ops.clear();
	b.command(ESPALIER_TBL_SA_OUT, ESPALIER_OP_ADD, 0);
	uint32_t others = 0;
	for (int i = 0; i < 32; i++)
		if (i != 5)
			others |= b.ops[0].data[i];
	CHECK(others == 0 && b.ops[0].data[5] == 0xff, "entry after a read");
	CHECK(b.command(ESPALIER_TBL_SPD, ESPALIER_OP_READ, 9) == 0, "read");
	b.ops.clear();
	b.command(ESPALIER_TBL_SA_OUT, ESPALIER_OP_ADD, 0);
	others = 0;
	for (int i = 0; i < 32; i++)
		others |= b.ops[0].data[i];
	CHECK(others == 0, "result of a read goes into the next command");
	// a failed read gives nothing
	b.owner_res = ESPALIER_RES_PARITY;
	CHECK(b.command(ESPALIER_TBL_SA_IN, ESPALIER_OP_READ, 9) == ESPALIER_RES_PARITY, "read");
	CHECK(b.staging_is_zero(), "failed read gives data");
	b.owner_res = 0;
	// busy: no second command, no staging
	b.owner_delay = 400;
	b.wr(ESPALIER_REG_TBL_CMD, ESPALIER_OP_READ);
	CHECK(b.rd(ESPALIER_REG_TBL_STATUS) & 1, "busy");
	b.wr(ESPALIER_REG_TBL_CMD, ESPALIER_OP_ADD | 3 << 8);
	CHECK(b.resp == 2, "second command");
	b.wr(ESPALIER_REG_TBL_DATA(0), 1);
	CHECK(b.resp == 2, "staging while busy");
	CHECK(b.rd(ESPALIER_REG_TBL_DATA(0)) == 0, "read while busy");
	CHECK(!b.t->idle, "busy is not idle");
	b.run(500);
	CHECK(!(b.rd(ESPALIER_REG_TBL_STATUS) & 1) && b.ops.back().op == ESPALIER_OP_READ, "end");
	b.owner_delay = 3;
	CHECK(b.command(7, ESPALIER_OP_READ, 0) == ESPALIER_RES_OP, "no such table");
	CHECK(b.command(15, ESPALIER_OP_ADD, 0) == ESPALIER_RES_OP, "no such table");
	CHECK(b.command(ESPALIER_TBL_COUNTERS, ESPALIER_OP_ADD, 0) == ESPALIER_RES_OP, "counters are read only");
	CHECK(b.command(ESPALIER_TBL_COUNTERS, ESPALIER_OP_READ, 64) == ESPALIER_RES_INDEX, "code");
	// not served before the tables are cleared
	b.t->init_done = 0;
	b.ops.clear();
	b.wr(ESPALIER_REG_TBL_CMD, ESPALIER_OP_READ);
	b.run(200);
	CHECK(b.ops.empty() && (b.rd(ESPALIER_REG_TBL_STATUS) & 1), "served too early");
	b.t->init_done = 1;
	b.run(50);
	CHECK(b.ops.size() == 1, "served");
	CHECK(b.faults == 0, "faults");
}

void keys()
{
	Bench b(4);
	struct espalier_key_entry k = {};
	for (unsigned dir : { 0u, 1u })
		for (unsigned big : { 0u, 1u }) {
			k.flags = big;
			k.salt = b.rng();
			for (auto &x : k.key)
				x = b.rng();
			b.keys.clear();
			b.ops.clear();
			CHECK(b.command(ESPALIER_TBL_KEY_OUT + dir, ESPALIER_OP_ADD, 0x2aa, (uint32_t *)&k, 10) == 0,
			      "install");
			CHECK(b.keys.size() == 1 && b.keys[0].client == dir && !b.keys[0].zeroize &&
				      b.keys[0].aes256 == big && b.keys[0].idx == 0x2aa &&
				      b.keys[0].salt == k.salt && !memcmp(b.keys[0].key, k.key, 32),
			      "what the key unit saw");
			CHECK(b.staging_is_zero(), "key can be read");
			uint32_t any = 0;
			for (int i = 0; i < 32; i++)
				any |= b.t->tbl_wdata[i];
			CHECK(any == 0, "key stays in the staging register");
			CHECK(b.rd(ESPALIER_REG_INSTALL_CYCLES) > 38 && b.rd(ESPALIER_REG_INSTALL_CYCLES) < 44,
			      "install cycles %u", b.rd(ESPALIER_REG_INSTALL_CYCLES));
			// live SA in this direction: refused; in the other: no matter
			(dir ? b.live_in : b.live_out) = true;
			b.keys.clear();
			CHECK(b.command(ESPALIER_TBL_KEY_OUT + dir, ESPALIER_OP_ADD, 1, (uint32_t *)&k, 10) ==
				      ESPALIER_RES_EXISTS,
			      "key under a live SA");
			CHECK(b.keys.empty() && b.staging_is_zero(), "key under a live SA");
			b.live_in = !dir;
			b.live_out = dir;
			CHECK(b.command(ESPALIER_TBL_KEY_OUT + dir, ESPALIER_OP_ADD, 1, (uint32_t *)&k, 10) == 0,
			      "other direction");
			b.live_in = b.live_out = false;
			for (unsigned op : { ESPALIER_OP_READ, ESPALIER_OP_UPDATE, ESPALIER_OP_DELETE,
					     ESPALIER_OP_FLUSH, ESPALIER_OP_CORRUPT })
				CHECK(b.command(ESPALIER_TBL_KEY_OUT + dir, op, 1) == ESPALIER_RES_OP, "op %u", op);
			CHECK(b.command(ESPALIER_TBL_KEY_OUT + dir, ESPALIER_OP_ADD, 1024, (uint32_t *)&k, 10) ==
				      ESPALIER_RES_INDEX,
			      "index");
			CHECK(b.staging_is_zero() && b.t->tbl_wdata[2] == 0, "key stays after a refusal");
			k.flags |= 2;
			CHECK(b.command(ESPALIER_TBL_KEY_OUT + dir, ESPALIER_OP_ADD, 1, (uint32_t *)&k, 10) ==
				      ESPALIER_RES_VALUE,
			      "flags");
		}
	// delete: owner first, then the key, then the end
	for (unsigned dir : { 0u, 1u })
		for (unsigned res : { ESPALIER_RES_OK, ESPALIER_RES_ABSENT, ESPALIER_RES_PARITY, ESPALIER_RES_INDEX }) {
			b.keys.clear();
			b.ops.clear();
			b.owner_res = res;
			b.owner_delay = 200;
			CHECK(b.command(ESPALIER_TBL_SA_OUT + dir, ESPALIER_OP_DELETE, 0x155) == res, "delete");
			if (res == ESPALIER_RES_INDEX) {
				CHECK(b.keys.empty(), "key of no slot");
				continue;
			}
			CHECK(b.ops.size() == 1 && b.keys.size() == 1 && b.keys[0].zeroize &&
				      b.keys[0].client == dir && b.keys[0].idx == 0x155 &&
				      b.keys[0].cycle > b.ops[0].cycle && b.key_wait < 0,
			      "delete zeroizes after the owner's answer");
		}
	b.owner_res = 0;
	b.keys.clear();
	b.command(ESPALIER_TBL_SA_HASH, ESPALIER_OP_DELETE, 3);
	b.command(ESPALIER_TBL_SPD, ESPALIER_OP_DELETE, 3);
	CHECK(b.keys.empty(), "delete in other tables leaves keys alone");
	CHECK(b.faults == 0, "faults");
}

void counters()
{
	Bench b(5);
	for (unsigned c = 0; c < 64; c++) {
		auto e = b.counter(c);
		CHECK(e.packets == 0 && e.bytes == 0, "counter %u after reset", c);
	}
	std::map<unsigned, uint64_t> packets, bytes;
	// Three ports with a record of one code in every cycle, one with another
	// code in every cycle for 50 cycles, then in every fourth, two with
	// random codes in every eighth: more than the pipelines can raise.
	for (int round = 0; round < 5; round++) {
		for (int i = 0; i < 20000; i++)
			for (int p = 0; p < 6; p++) {
				Stat s;
				s.code = p < 3 ? 2 + 20 * p : p == 3 ? b.rnd(64) : b.rnd(2) + 40 + p;
				s.bytes = b.rnd(16384);
				if ((p > 3 && i % 8) || (p == 3 && i % 150 > 50 && i % 4))
					s.code = 64;
				b.stat[p].push_back(s);
				if (s.code == 64)
					continue;
				packets[s.code]++;
				bytes[s.code] += s.bytes;
			}
		b.run(20100);
		CHECK(b.t->idle, "counters are not done");
		for (unsigned c = 0; c < 64; c++) {
			auto e = b.counter(c);
			CHECK(e.packets == packets[c] && e.bytes == bytes[c],
			      "code %u: %llu packets, expected %llu", c, (unsigned long long)e.packets,
			      (unsigned long long)packets[c]);
		}
	}
	// beyond 32 bits of bytes
	for (int i = 0; i < 300000; i++)
		b.stat[0].push_back({ 2, 16383 });
	b.run(300100);
	CHECK(b.counter(2).bytes == bytes[2] + 300000ull * 16383, "64-bit bytes");
	// a read under load comes back
	for (int i = 0; i < 3000; i++)
		for (int p = 0; p < 6; p++)
			b.stat[p].push_back({ 2, 60 });
	b.counter(2);
	CHECK(!b.stat[0].empty(), "read under load waits for its end");
	b.run(3000);
	CHECK(b.faults == 0, "faults");
}

void events()
{
	Bench b(6);
	CHECK(b.rd(ESPALIER_REG_EVENT_STATUS) == 0 && b.rd(ESPALIER_REG_EVENT_TYPE) == 0, "empty");
	b.wr(ESPALIER_REG_EVENT_POP, 1);
	CHECK(b.rd(ESPALIER_REG_EVENT_STATUS) == 0, "pop of nothing");
	b.wr(ESPALIER_REG_IRQ_ENABLE, 1);
	// all four in one cycle
	for (int s = 0; s < 4; s++)
		b.ev[s].push_back(100 + s);
	b.run(20);
	CHECK(b.t->irq, "interrupt");
	CHECK(b.rd(ESPALIER_REG_EVENT_STATUS) == (1 | 4 << 8), "four events");
	unsigned seen = 0;
	for (int i = 0; i < 4; i++) {
		unsigned type = b.rd(ESPALIER_REG_EVENT_TYPE), h = b.rd(ESPALIER_REG_EVENT_HANDLE);
		CHECK(type == h + 1 && b.rd(ESPALIER_REG_EVENT_INFO) == 100 + h, "event");
		seen |= 1 << h;
		b.wr(ESPALIER_REG_EVENT_POP, 1);
	}
	CHECK(seen == 15 && b.rd(ESPALIER_REG_EVENT_STATUS) == 0, "each once");
	CHECK(b.rd(ESPALIER_REG_IRQ_STATUS) == 1, "IRQ status");
	b.wr(ESPALIER_REG_IRQ_STATUS, 1);
	b.run(3);
	CHECK(!b.t->irq, "W1C");
	// more than there is room for: held + lost = raised, order per source kept
	for (unsigned burst : { 10u, 40u, 300u }) {
		b.wr(ESPALIER_REG_EVENT_STATUS, 0);
		b.wr(ESPALIER_REG_IRQ_STATUS, 3);
		for (unsigned i = 0; i < burst; i++)
			for (int s = 0; s < 4; s++)
				b.ev[s].push_back(i);
		b.run(burst + 100); // sixteen of each source wait for their turn
		uint32_t st = b.rd(ESPALIER_REG_EVENT_STATUS);
		unsigned held = st >> 8 & 0xff, lost = st >> 16;
		CHECK(held + lost == 4 * burst && held <= 64, "%u held, %u lost of %u", held, lost, 4 * burst);
		CHECK((lost != 0) == (b.rd(ESPALIER_REG_IRQ_STATUS) >> 1), "lost is in the IRQ status");
		if (burst == 10)
			CHECK(lost == 0, "%u lost of 40", lost);
		int last[4] = { -1, -1, -1, -1 };
		bool order = true;
		while (b.rd(ESPALIER_REG_EVENT_STATUS) & 1) {
			unsigned s = b.rd(ESPALIER_REG_EVENT_HANDLE);
			int i = b.rd(ESPALIER_REG_EVENT_INFO);
			order &= i > last[s];
			last[s] = i;
			b.wr(ESPALIER_REG_EVENT_POP, 1);
		}
		CHECK(order, "order of a source");
	}
	// saturation
	for (int i = 0; i < 20000; i++)
		for (int s = 0; s < 4; s++)
			b.ev[s].push_back(i);
	b.run(20100);
	CHECK(b.rd(ESPALIER_REG_EVENT_STATUS) >> 16 == 0xffff, "lost saturates");
	b.wr(ESPALIER_REG_EVENT_STATUS, 0xffffffff);
	CHECK(b.rd(ESPALIER_REG_EVENT_STATUS) == (1 | 64 << 8), "write clears lost");
	b.wr(ESPALIER_REG_IRQ_ENABLE, 2);
	b.run(3);
	CHECK(b.t->irq, "LOST raises the interrupt");
	CHECK(b.faults == 0, "faults");
}

} // namespace

int main()
{
	registers();
	tables();
	keys();
	counters();
	events();
	return checks_end("rtl-mgmt");
}
