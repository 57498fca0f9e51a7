/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Verilated gcm_core with the client that the contract asks for: commands as
 * early as possible, data whenever s_tready is high, every output recorded with
 * its cycle.
 */
#ifndef GCM_MODEL_H
#define GCM_MODEL_H

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <vector>

#include "Vgcm_core.h"
#include "verilated.h"

typedef std::vector<uint8_t> bytes;

struct gcm_key {
	bytes key; /* 16 or 32 bytes */
	uint8_t salt[4];
};

struct gcm_packet {
	unsigned int key_idx;
	bool decrypt;
	uint8_t iv[8];
	bytes aad;
	bytes in;
};

struct gcm_result {
	bytes out;
	uint8_t icv[16];
	bool complete;
	std::vector<uint64_t> data_cycles;
	uint64_t icv_cycle;
};

inline void words_from_bytes(uint32_t *w, const uint8_t *b, size_t n)
{
	memcpy(w, b, n); /* stream order on a little-endian host */
}

class gcm_model
{
      public:
	static const unsigned int latency = 52;     /* slot to data */
	static const unsigned int icv_latency = 51; /* LEN slot to ICV */
	static const unsigned int cmd_latency = 4;  /* command to first slot */

	Vgcm_core top;
	uint64_t cycle = 0;

	gcm_model()
	{
		top.clk = 0;
		top.key_valid = 0;
		top.cmd_valid = 0;
		top.s_tvalid = 0;
		top.rst = 1;
		for (int i = 0; i < 4; i++)
			tick();
		top.rst = 0;
		tick();
	}

	void tick()
	{
		top.clk = 1;
		top.eval();
		top.clk = 0;
		top.eval();
		cycle++;
	}

	/* Returns the cycles from the accepting cycle to key_done. */
	unsigned int key_command(unsigned int idx, const gcm_key *key)
	{
		top.key_valid = 1;
		top.key_idx = idx;
		top.key_zeroize = key == nullptr;
		if (key) {
			uint8_t buf[32];
			for (uint8_t &b : buf) /* bytes beyond an AES-128 key: don't care */
				b = rand();
			memcpy(buf, key->key.data(), key->key.size());
			top.key_aes256 = key->key.size() == 32;
			words_from_bytes(&top.key_data[0], buf, 32);
			memcpy(&top.key_salt, key->salt, 4);
		}
		top.eval();
		while (!top.key_ready)
			tick();
		tick();
		top.key_valid = 0;
		unsigned int n = 1;
		while (!top.key_done && n < 2000) {
			tick();
			n++;
		}
		return n;
	}

	/*
	 * Runs packets back to back; with gap > 0 commands come with random
	 * pauses. first_slot is the cycle of the first slot; result i belongs to
	 * packet i.
	 */
	std::vector<gcm_result> run(const std::vector<gcm_packet> &pkts, uint64_t *first_slot,
				    unsigned int gap = 0)
	{
		std::vector<gcm_result> res(pkts.size());
		size_t cmd = 0, done = 0, feed = 0, block = 0;
		unsigned int wait = 0;
		uint64_t started = 0, quiet = 0;

		stray = 0;
		while (done < pkts.size() && quiet < 3000) {
			/* inputs of this cycle */
			top.cmd_valid = cmd < pkts.size() && wait == 0;
			if (top.cmd_valid) {
				const gcm_packet &p = pkts[cmd];
				top.cmd_key = p.key_idx;
				top.cmd_decrypt = p.decrypt;
				memcpy(&top.cmd_iv, p.iv, 8);
				top.cmd_aad_len = p.aad.size();
				top.cmd_len = p.in.size();
				top.cmd_user = (uint32_t)cmd;
			}
			top.s_tvalid = 0;
			if (top.s_tready) {
				while (feed < pkts.size() && block == blocks(pkts[feed])) {
					feed++;
					block = 0;
				}
				if (feed < pkts.size()) {
					if (top.s_user != feed)
						stray++;
					put_block(pkts[feed], block++);
					top.s_tvalid = 1;
				}
			}
			top.eval();
			bool fire = top.cmd_valid && top.cmd_ready;
			if (fire && cmd == 0)
				started = cycle + cmd_latency;
			tick();
			quiet++;
			if (wait)
				wait--;
			if (fire) {
				cmd++;
				quiet = 0;
				if (gap)
					wait = rand() % gap;
			}
			/* outputs of the cycle that has begun */
			if (top.m_valid || top.m_icv_valid) {
				quiet = 0;
				if (top.m_user >= pkts.size()) {
					stray++;
					continue;
				}
				gcm_result &r = res[top.m_user];
				size_t want = pkts[top.m_user].in.size();
				if (top.m_valid) {
					const uint8_t *d = (const uint8_t *)&top.m_data[0];
					size_t n = want - r.out.size() < 16 ? want - r.out.size() : 16;
					bool last = r.out.size() + n == want;
					for (size_t i = n; i < 16; i++)
						if (d[i])
							stray++; /* bytes past the end must be 0 */
					if (last != (bool)top.m_last || n == 0)
						stray++;
					r.out.insert(r.out.end(), d, d + n);
					r.data_cycles.push_back(cycle);
				}
				if (top.m_icv_valid) {
					memcpy(r.icv, &top.m_icv[0], 16);
					r.icv_cycle = cycle;
					r.complete = r.out.size() == want;
					done++;
				}
			}
		}
		top.cmd_valid = 0;
		top.s_tvalid = 0;
		tick();
		if (!top.idle)
			stray++;
		if (first_slot)
			*first_slot = started;
		return res;
	}

	unsigned int stray = 0; /* outputs that nobody asked for, in the last run */

	static size_t blocks(const gcm_packet &p)
	{
		return (p.aad.size() + 15) / 16 + (p.in.size() + 15) / 16;
	}

      private:
	void put_block(const gcm_packet &p, size_t block)
	{
		size_t na = (p.aad.size() + 15) / 16;
		const bytes &src = block < na ? p.aad : p.in;
		size_t off = 16 * (block < na ? block : block - na);
		size_t n = src.size() - off < 16 ? src.size() - off : 16;
		uint8_t buf[16];

		for (uint8_t &b : buf) /* bytes past the end: don't care */
			b = rand();
		memcpy(buf, src.data() + off, n);
		words_from_bytes(&top.s_tdata[0], buf, 16);
	}
};

#endif
