// SPDX-License-Identifier: Apache-2.0
//
// A driver's view of one queue pair in the dma bench: posts descriptors,
// reads completions, and takes memory grants back as soon as a completion
// says that the device is done with a buffer.
#pragma once
#include "tests/rtl/dma/dma_bench.h"

// Buffers in the bench's memory
struct Arena {
	AxiMem<Vdma> &mem;
	uint64_t next, end, start;
	Arena(AxiMem<Vdma> &m, uint64_t from, uint64_t to) : mem(m), next(from), end(to), start(from) {}
	// round the ring: the caller never holds more than a fraction
	uint64_t take(size_t len, unsigned align, unsigned off)
	{
		if (next + len + 2 * align + 64 > end)
			next = start;
		next = (next + align - 1) / align * align + off;
		uint64_t a = next;
		next += len;
		return a;
	}
};

struct TxExpect {
	unsigned index; // of the EOP descriptor
	unsigned code;
	Bytes data;
	uint32_t handle;
	std::vector<std::pair<uint64_t, size_t>> segs;
};

struct RxPosted {
	uint64_t addr;
	uint16_t len;
};

struct Cpl {
	unsigned index, status, len;
	uint32_t handle, word;
};

class Ring
{
      public:
	DmaBench &b;
	unsigned q, log2;
	bool rx;
	uint64_t ring, cpl;
	unsigned tail = 0, seen = 0, freed = 0; // free-running

	Ring(DmaBench &bench, unsigned queue, bool is_rx, unsigned l2) : b(bench), q(queue), log2(l2), rx(is_rx)
	{
		// 68 KiB each: the largest ring, and an offset so that small ones cross pages
		unsigned n = 2 * q + rx;
		ring = DmaBench::BASE + 0x11000 * (2 * n) + 0xf00 + 64 * (n % 4);
		cpl = DmaBench::BASE + 0x11000 * (2 * n + 1) + 64 * (n % 3);
		grant();
	}
	unsigned entries() const { return 1u << log2; }
	unsigned reg(unsigned r) const { return r + (rx ? 0x40 : 0) + 0x100 * q; }
	void grant()
	{
		b.mem.allow(ring, 16 * entries(), MEM_R);
		b.mem.allow(cpl, 16 * entries(), MEM_W);
		memset(b.mem.at(cpl), 0, 16 * entries());
	}
	void start(unsigned coal = 4 | 32 << 8)
	{
		b.wr(reg(ESPALIER_REG_Q_TX_RING_LO(0)), (uint32_t)ring);
		b.wr(reg(ESPALIER_REG_Q_TX_RING_HI(0)), ring >> 32);
		b.wr(reg(ESPALIER_REG_Q_TX_CPL_LO(0)), (uint32_t)cpl);
		b.wr(reg(ESPALIER_REG_Q_TX_CPL_HI(0)), cpl >> 32);
		b.wr(reg(ESPALIER_REG_Q_TX_SIZE(0)), log2);
		b.wr((rx ? ESPALIER_REG_Q_RX_COAL(0) : ESPALIER_REG_Q_TX_COAL(0)) + 0x100 * q, coal);
		b.wr(reg(ESPALIER_REG_Q_TX_CTRL(0)), ESPALIER_Q_TX_CTRL_ENABLE_MASK);
	}
	unsigned status() { return b.rd(reg(ESPALIER_REG_Q_TX_STATUS(0))); }
	bool reset(int limit = 20000)
	{
		b.wr(reg(ESPALIER_REG_Q_TX_CTRL(0)), ESPALIER_Q_TX_CTRL_RESET_MASK);
		for (int i = 0; i < limit / 10; i++) {
			if (!(b.rd(reg(ESPALIER_REG_Q_TX_CTRL(0))) & ESPALIER_Q_TX_CTRL_RESET_MASK)) {
				tail = seen = freed = 0;
				memset(b.mem.at(cpl), 0, 16 * entries());
				return true;
			}
			b.run(10);
		}
		return false;
	}
	unsigned space() const { return entries() - (uint16_t)(tail - freed); }
	unsigned push(uint64_t addr, unsigned len, unsigned flags, uint32_t handle)
	{
		struct espalier_tx_desc d = { addr, (uint16_t)len, (uint16_t)flags, handle };
		memcpy(b.mem.at(ring + 16 * (tail & (entries() - 1))), &d, 16);
		return (uint16_t)tail++;
	}
	void doorbell() { b.wr(reg(ESPALIER_REG_Q_TX_TAIL(0)), tail & 0xffff); }
	bool poll(Cpl &c)
	{
		struct espalier_tx_cpl e;
		memcpy(&e, b.mem.at(cpl + 16 * (seen & (entries() - 1))), 16);
		bool phase = !(seen >> log2 & 1);
		if ((e.flags & ESPALIER_CPL_PHASE) != phase)
			return false;
		CHECK(e.rsvd == 0 && (e.flags & ~ESPALIER_CPL_PHASE) == 0, "reserved fields of a completion");
		c = { e.index, e.status, e.wire_len, e.handle, e.seq };
		seen++;
		freed = freed + (uint16_t)(c.index + 1 - freed);
		return true;
	}
};
