/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client that the contract of gcm_core asks for: commands as early as
 * possible, data whenever s_tready is high, every output recorded with its
 * cycle.
 */
#ifndef GCM_CLIENT_H
#define GCM_CLIENT_H

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

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

	size_t blocks() const
	{
		return (aad.size() + 15) / 16 + (in.size() + 15) / 16;
	}
};

struct gcm_result {
	bytes out;
	uint8_t icv[16];
	bool complete;
	std::vector<uint64_t> data_cycles;
	uint64_t icv_cycle;
};

#ifndef TEST_CYCLES
#define TEST_CYCLES 1
#endif
static const unsigned int GCM_CYCLES = TEST_CYCLES; /* of a slot */
static const unsigned int GCM_STAGES = GCM_CYCLES == 4 ? 8 : 4; /* of GHASH */
static const unsigned int GCM_ICV_LATENCY =
	46 + GCM_CYCLES + GCM_STAGES; /* LEN slot to ICV */
static const unsigned int GCM_LATENCY =
	GCM_ICV_LATENCY + GCM_CYCLES; /* slot to data */

/* Cycles of the key commands. */
static const unsigned int GCM_POWERS = GCM_STAGES / GCM_CYCLES; /* of H */
static const unsigned int GCM_DIGIT = GCM_CYCLES == 4 ? 1 : 4; /* of a power */
static const unsigned int GCM_RAISE =
	GCM_POWERS + (GCM_POWERS - 1) * 128 / GCM_DIGIT;
static const unsigned int GCM_INSTALL_256 = 131 + GCM_RAISE;
static const unsigned int GCM_INSTALL_128 = 106 + GCM_RAISE;
static const unsigned int GCM_ZEROIZE = 18;

/* Slots are in every GCM_CYCLES-th cycle, counted from the last one of reset.
 */
static const unsigned int GCM_PHASE = 0;

/*
 * Cycle of the first slot of a command accepted in `cycle` when nothing else is
 * there: 4 later, or in the next cycle that has slots.
 */
static inline uint64_t gcm_first_slot(uint64_t cycle)
{
	uint64_t slot = cycle + 4;
	return slot +
	       (GCM_CYCLES - (slot + GCM_PHASE) % GCM_CYCLES) % GCM_CYCLES;
}

/* The client ports of a model whose names begin with PRE. */
#define GCM_PORT(NAME, TOP, PRE)                                               \
	struct NAME {                                                          \
		TOP *t;                                                        \
		GCM_PORT_SIGNAL(PRE, cmd_valid)                                \
		GCM_PORT_SIGNAL(PRE, cmd_ready)                                \
		GCM_PORT_SIGNAL(PRE, cmd_key)                                  \
		GCM_PORT_SIGNAL(PRE, cmd_decrypt)                              \
		GCM_PORT_SIGNAL(PRE, cmd_iv)                                   \
		GCM_PORT_SIGNAL(PRE, cmd_aad_len)                              \
		GCM_PORT_SIGNAL(PRE, cmd_len)                                  \
		GCM_PORT_SIGNAL(PRE, cmd_user)                                 \
		GCM_PORT_SIGNAL(PRE, s_tvalid)                                 \
		GCM_PORT_SIGNAL(PRE, s_tready)                                 \
		GCM_PORT_SIGNAL(PRE, s_tdata)                                  \
		GCM_PORT_SIGNAL(PRE, m_valid)                                  \
		GCM_PORT_SIGNAL(PRE, m_data)                                   \
		GCM_PORT_SIGNAL(PRE, m_last)                                   \
		GCM_PORT_SIGNAL(PRE, m_icv_valid)                              \
		GCM_PORT_SIGNAL(PRE, m_icv)                                    \
		GCM_PORT_SIGNAL(PRE, m_user)                                   \
	}
#define GCM_PORT_SIGNAL(PRE, SIG)                                              \
	auto &SIG()                                                            \
	{                                                                      \
		return t->PRE##SIG;                                            \
	}

template <class PORT> class gcm_client
{
      public:
	std::vector<gcm_packet> pkts;
	std::vector<gcm_result> res; /* result i belongs to packet i */
	unsigned int stray = 0; /* outputs that nobody asked for */
	unsigned int gap = 0; /* > 0: random pauses between commands */
	uint64_t first_cmd = 0; /* cycle in which the first command was taken */
	uint64_t moved = 0; /* last cycle in which something happened */

	explicit gcm_client(PORT port) : p(port)
	{
		p.cmd_valid() = 0;
		p.s_tvalid() = 0;
	}

	void start(const std::vector<gcm_packet> &packets, unsigned int pause,
		   uint64_t cycle)
	{
		pkts = packets;
		res.assign(pkts.size(), gcm_result());
		cmd = done = feed = block = 0;
		wait = stray = 0;
		gap = pause;
		moved = cycle;
	}

	bool finished() const
	{
		return done == pkts.size();
	}

	/* Drives the inputs of this cycle from the registered outputs. */
	void drive()
	{
		p.cmd_valid() = cmd < pkts.size() && wait == 0;
		if (p.cmd_valid()) {
			const gcm_packet &k = pkts[cmd];
			p.cmd_key() = k.key_idx;
			p.cmd_decrypt() = k.decrypt;
			memcpy(&p.cmd_iv(), k.iv, 8);
			p.cmd_aad_len() = k.aad.size();
			p.cmd_len() = k.in.size();
			p.cmd_user() = (uint32_t)cmd;
		}
		p.s_tvalid() = 0;
		if (p.s_tready()) {
			while (feed < pkts.size() &&
			       block == pkts[feed].blocks()) {
				feed++;
				block = 0;
			}
			if (feed < pkts.size()) {
				put_block(pkts[feed], block++);
				p.s_tvalid() = 1;
			} else {
				stray++;
			}
		}
		if (wait)
			wait--;
	}

	/* After the inputs have settled, before the clock edge. */
	void before_edge(uint64_t cycle)
	{
		if (!p.cmd_valid() || !p.cmd_ready())
			return;
		if (cmd == 0)
			first_cmd = cycle;
		cmd++;
		moved = cycle;
		if (gap)
			wait = (unsigned int)rand() % gap;
	}

	/* Outputs of the cycle that has begun. */
	void collect(uint64_t cycle)
	{
		if (!p.m_valid() && !p.m_icv_valid())
			return;
		moved = cycle;
		if (p.m_user() >= pkts.size()) {
			stray++;
			return;
		}
		gcm_result &r = res[p.m_user()];
		size_t want = pkts[p.m_user()].in.size();
		if (p.m_valid()) {
			const uint8_t *d = (const uint8_t *)&p.m_data()[0];
			size_t n = want - r.out.size() < 16
					   ? want - r.out.size()
					   : 16;
			bool last = r.out.size() + n == want;
			for (size_t i = n; i < 16; i++)
				if (d[i])
					stray++; /* bytes past the end must be 0
						  */
			if (last != (bool)p.m_last() || n == 0)
				stray++;
			r.out.insert(r.out.end(), d, d + n);
			r.data_cycles.push_back(cycle);
		}
		if (p.m_icv_valid()) {
			memcpy(r.icv, &p.m_icv()[0], 16);
			r.icv_cycle = cycle;
			r.complete = r.out.size() == want;
			done++;
		}
	}

      private:
	PORT p;
	size_t cmd = 0, done = 0, feed = 0, block = 0;
	unsigned int wait = 0;

	void put_block(const gcm_packet &k, size_t n)
	{
		size_t na = (k.aad.size() + 15) / 16;
		const bytes &src = n < na ? k.aad : k.in;
		size_t off = 16 * (n < na ? n : n - na);
		size_t len = src.size() - off < 16 ? src.size() - off : 16;
		uint8_t buf[16];

		for (uint8_t &b : buf) /* bytes past the end: don't care */
			b = (uint8_t)rand();
		memcpy(buf, src.data() + off, len);
		memcpy(&p.s_tdata()[0], buf, 16);
	}
};

/* Gives a key command; returns the cycles from the accepting one to key_done.
 */
template <class MODEL>
unsigned int gcm_key_command(MODEL &m, unsigned int idx, const gcm_key *key)
{
	auto &t = m.top;
	t.key_valid = 1;
	t.key_idx = idx;
	t.key_zeroize = key == nullptr;
	if (key) {
		uint8_t buf[32];
		for (uint8_t &b :
		     buf) /* bytes beyond an AES-128 key: don't care */
			b = (uint8_t)rand();
		memcpy(buf, key->key.data(), key->key.size());
		t.key_aes256 = key->key.size() == 32;
		memcpy(&t.key_data[0], buf, 32);
		memcpy(&t.key_salt, key->salt, 4);
	}
	t.eval();
	while (!t.key_ready)
		m.tick();
	m.tick();
	t.key_valid = 0;
	unsigned int n = 1;
	while (!t.key_done && n < 2000) {
		m.tick();
		n++;
	}
	return n;
}

#endif
