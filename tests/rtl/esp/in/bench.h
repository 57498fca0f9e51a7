/* SPDX-License-Identifier: Apache-2.0 */
/*
 * esp_in on a bench: plays wire, dma, SPD and host, and holds every frame
 * against what the test expects of it. Frames have to come out in order, each
 * exactly once: at dma with the right bytes and meta data, or under its code.
 */
#ifndef BENCH_H
#define BENCH_H
#include <cstdlib>
#include <deque>
#include <map>
#include <string>

#include "Vesp_in_tb.h"
#include "check.h"
#include "espalier/layout.h"
#include "packets.h"
#include "verilated.h"

struct answer {
	bool match, parity;
	unsigned action, reqid;
};
enum { DISCARD = 0, BYPASS = 1, PROTECT = 2 };

struct expectation {
	unsigned code;
	bytes frame; /* delivered */
	unsigned wire_len;
	uint32_t handle;
	uint32_t hash;
	unsigned qid;
};

struct event_rec {
	unsigned type;
	uint32_t handle, info;
};

static inline uint32_t rol32(uint32_t x, int n)
{
	return n ? x << n | x >> (32 - n) : x;
}
static inline uint32_t crc32c(uint32_t k)
{
	uint32_t c = ~0u;
	for (int b = 0; b < 4; b++) {
		c ^= k >> (8 * b) & 0xff;
		for (int i = 0; i < 8; i++)
			c = c & 1 ? c >> 1 ^ 0x82f63b78u : c >> 1;
	}
	return ~c;
}
static inline uint32_t fold(const bytes &a)
{
	uint32_t w[4] = {};
	for (size_t i = 0; i < a.size(); i++)
		w[(a.size() - 1 - i) / 4] |= (uint32_t)a[i] << 8 * ((a.size() - 1 - i) % 4);
	return w[0] ^ rol32(w[1], 5) ^ rol32(w[2], 11) ^ rol32(w[3], 17);
}

/* What the device should see of a datagram. */
struct selector {
	bytes src, dst;
	unsigned proto = 0, sport = 0, dport = 0;
	bool ports = false;

	std::string key() const
	{
		std::string k(src.begin(), src.end());
		k.append(dst.begin(), dst.end());
		char t[48];
		snprintf(t, sizeof t, "|%u|%u|%u|%u", proto, ports, sport, dport);
		return k + t;
	}
	uint32_t hash() const
	{
		return crc32c(rol32(fold(src), 13) ^ fold(dst) ^ (sport << 16 | dport) ^ proto << 24);
	}
};

static inline selector selector_of(const ip &d)
{
	selector s;
	s.src = d.src;
	s.dst = d.dst;
	s.proto = d.proto;
	bool icmp = d.proto == 1 || d.proto == 58;
	bool has = icmp || d.proto == 6 || d.proto == 17 || d.proto == 132 || d.proto == 33 || d.proto == 136;
	if (has && d.payload.size() >= (icmp ? 2 : 4) && !(d.frag & 0x1fff)) {
		s.ports = true;
		s.sport = icmp ? d.payload[0] : d.payload[0] << 8 | d.payload[1];
		s.dport = icmp ? d.payload[1] : d.payload[2] << 8 | d.payload[3];
	}
	return s;
}

class bench {
    public:
	Vesp_in_tb *d;
	uint64_t cycle = 0;
	rng r;
	unsigned gap = 0, stall = 0; /* percent of cycles without a word, without m_tready */
	unsigned spd_delay = 11, spd_jitter = 0;
	uint8_t mask = 3;
	std::map<std::string, answer> policy;
	std::deque<expectation> want_out, want_drop;
	std::deque<event_rec> events;
	unsigned sent = 0, entered = 0, ended = 0, overflows = 0, commits = 0, counts[64] = {};
	uint64_t first_word = 0, last_out = 0;
	bool strict_spd = true;
	bool free_run = false; /* frames are counted, not compared */

	explicit bench(uint64_t seed) : r(seed)
	{
		d = new Vesp_in_tb;
		d->rst = 1;
		d->m_tready = 1;
		d->spd_req_ready = 1;
		for (int i = 0; i < 4; i++)
			tick();
		d->rst = 0;
		for (int i = 0; i < 6; i++)
			((uint8_t *)&d->mac)[i] = own_mac[i];
		d->nonip_bypass = 1;
		d->arp_bypass = 1;
		d->queue_mask = mask;
		while (!d->init_done)
			tick();
	}
	~bench() { delete d; }

	/* ---------------------------------------------------------- tables */
	unsigned op(unsigned o, unsigned table, unsigned index, const uint32_t *in = nullptr, uint32_t *out = nullptr)
	{
		for (int i = 0; i < 32; i++)
			d->tbl_wdata[i] = in ? in[i] : 0;
		d->tbl_op = o;
		d->tbl_table = table;
		d->tbl_index = index;
		d->tbl_valid = 1;
		uint64_t t0 = cycle;
		do {
			tick();
			if (cycle - t0 > 20000) {
				CHECK(false, "table operation %u hangs", o);
				break;
			}
		} while (!d->tbl_ack);
		d->tbl_valid = 0;
		if (out)
			for (int i = 0; i < 32; i++)
				out[i] = d->tbl_rdata[i];
		unsigned res = d->tbl_res;
		tick();
		return res;
	}
	static void entry(const sa &s, uint32_t w[32])
	{
		memset(w, 0, 128);
		w[0] = (s.tunnel ? ESPALIER_SA_TUNNEL : 0) | (s.v6 ? ESPALIER_SA_V6 : 0) |
		       (s.esn ? ESPALIER_SA_ESN : 0) | (s.ecn ? ESPALIER_SA_ECN : 0) |
		       (s.replay ? ESPALIER_SA_REPLAY : 0) | (s.icv == 16 ? 0 : s.icv == 12 ? 1 : 2) << 3;
		w[1] = s.spi;
		w[2] = s.gen | s.reqid << 16;
		w[3] = s.window;
		w[4] = s.queue;
		for (size_t i = 0; i < s.dst.size(); i++)
			w[9 + (s.dst.size() - 1 - i) / 4] |= (uint32_t)s.dst[i]
							     << 8 * ((s.dst.size() - 1 - i) % 4);
		w[13] = (uint32_t)s.start;
		w[14] = s.start >> 32;
		for (int i = 0; i < 4; i++) {
			w[15 + 2 * i] = (uint32_t)s.limits[i];
			w[16 + 2 * i] = s.limits[i] >> 32;
		}
	}
	unsigned hash_index(const sa &s, unsigned table, unsigned way)
	{
		uint32_t h = crc32c(s.spi ^ fold(s.dst) ^ 50u << 24);
		return table * 64 + ((table ? h >> 16 : h) & 31) * 2 + way;
	}
	std::map<unsigned, bool> places;
	std::map<unsigned, unsigned> place_of; /* by slot */
	bool add_hash(const sa &s)
	{
		for (unsigned p = 0; p < 4; p++) {
			unsigned i = hash_index(s, p / 2, p % 2);
			if (places[i])
				continue;
			uint32_t w[32] = { s.spi, 1u << 31 | 50u << 16 | s.slot };
			CHECK(op(ESPALIER_OP_ADD, ESPALIER_TBL_SA_HASH, i, w) == ESPALIER_RES_OK, "hash add");
			places[i] = true;
			place_of[s.slot] = i;
			return true;
		}
		return false;
	}
	void key(const sa &s)
	{
		d->key_valid = 1;
		d->key_idx = s.slot;
		d->key_aes256 = s.key_len == 32;
		for (int i = 0; i < 8; i++)
			memcpy(&d->key_data[i], s.key + 4 * i, 4);
		memcpy(&d->key_salt, s.salt, 4);
		while (true) {
			d->eval();
			bool ready = d->key_ready;
			tick();
			if (ready)
				break;
		}
		d->key_valid = 0;
		while (!d->key_done)
			tick();
	}
	bool add(sa &s)
	{
		uint32_t w[32];
		if (!add_hash(s))
			return false;
		key(s);
		entry(s, w);
		unsigned res = op(ESPALIER_OP_ADD, ESPALIER_TBL_SA_IN, s.slot, w);
		CHECK(res == ESPALIER_RES_OK, "SA add: %u", res);
		s.seq = s.start;
		return true;
	}
	void remove(const sa &s)
	{
		CHECK(op(ESPALIER_OP_DELETE, ESPALIER_TBL_SA_IN, s.slot) == ESPALIER_RES_OK, "SA delete");
		unsigned i = place_of[s.slot];
		CHECK(op(ESPALIER_OP_DELETE, ESPALIER_TBL_SA_HASH, i) == ESPALIER_RES_OK, "hash delete");
		places[i] = false;
	}

	/* ---------------------------------------------------------- frames */
	std::deque<std::pair<bytes, unsigned>> wire;

	void send(const bytes &f, const expectation &e, unsigned err = 0x3f)
	{
		wire.push_back({ f, err });
		sent++;
		expectation x = e;
		if (free_run)
			return;
		x.wire_len = f.size();
		if (e.code == ESPALIER_RX_PROTECTED || e.code == ESPALIER_RX_BYPASSED)
			want_out.push_back(x);
		else
			want_drop.push_back(x);
	}
	void drop(const bytes &f, unsigned code, unsigned err = 0x3f) { send(f, { code, {}, 0, 0, 0, 0 }, err); }
	void pass(const bytes &f, unsigned code, const bytes &out, const sa *s, const selector *sel)
	{
		expectation e = { code, out, 0, s ? s->handle() : 0, sel ? sel->hash() : 0, 0 };
		e.qid = s && s->queue >> 8 ? s->queue & 0xff : e.hash & mask;
		send(f, e);
	}
	/* Runs until everything sent has come to its end. */
	void finish(uint64_t limit = 200000)
	{
		uint64_t t0 = cycle;
		while ((wire.size() || in_frame || want_out.size() || want_drop.size() || ended < sent) && cycle - t0 < limit)
			tick();
		CHECK(wire.empty() && want_out.empty() && want_drop.empty(),
		      "%zu frames not sent, %zu not delivered, %zu not dropped (code %02x first)", wire.size(),
		      want_out.size(), want_drop.size(), want_drop.empty() ? 0 : want_drop.front().code);
		wire.clear();
		want_out.clear();
		want_drop.clear();
		/* words of dropped frames are thrown away one a cycle */
		for (int i = 0; i < 400 || (!d->idle && i < 10000); i++)
			tick();
		CHECK(d->idle, "not idle");
		CHECK(entered == sent && ended == sent, "%u sent, %u entered, %u ended", sent, entered, ended);
	}

	/* ----------------------------------------------------------- a cycle */
	void tick()
	{
		bool offer = !d->rst && d->init_done && (in_frame || !wire.empty()) && !(gap && r.chance(gap));
		d->s_tvalid = offer;
		if (offer) {
			const bytes &f = wire.front().first;
			size_t n = f.size() - at < 16 ? f.size() - at : 16;
			uint8_t w[16] = {};
			memcpy(w, f.data() + at, n);
			memcpy(&d->s_tdata[0], w, 16);
			d->s_tkeep = n == 16 ? 0xffff : (1u << n) - 1;
			d->s_tlast = at + n == f.size();
			d->s_terr = wire.front().second;
		}
		d->m_tready = !(stall && r.chance(stall));
		d->spd_req_ready = !spd_jitter || r.chance(80);
		d->spd_res_valid = !spd.empty() && spd.front().first <= cycle;
		if (d->spd_res_valid) {
			answer &a = spd.front().second;
			d->spd_match = a.match;
			d->spd_parity = a.parity;
			d->spd_action = a.action;
			d->spd_reqid = a.reqid;
		}
		d->clk = 0;
		d->eval();
		if (!d->rst)
			watch();
		bool took = d->s_tvalid && d->s_tready;
		if (!d->rst && d->init_done && d->idle && !d->s_tvalid && !took_before && !in_frame)
			CHECK(sent - wire.size() == ended, "idle with %zu frames inside", sent - wire.size() - ended);
		took_before = took;
		if (d->s_tvalid && !d->s_tready)
			CHECK(false, "s_tready low");
		d->clk = 1;
		d->eval();
		if (took) {
			if (!first_word)
				first_word = cycle;
			in_frame = true;
			at += 16;
			if (at >= wire.front().first.size()) {
				at = 0;
				in_frame = false;
				wire.pop_front();
			}
		}
		cycle++;
	}

    private:
	size_t at = 0;
	bool in_frame = false, m_in_frame = false, took_before = false;
	bytes got;
	std::deque<std::pair<uint64_t, answer>> spd;
	uint32_t meta[5];

	static bytes address(const uint32_t *w, bool v6)
	{
		bytes b;
		for (int i = v6 ? 3 : 0; i >= 0; i--)
			put32(b, w[i]);
		return b;
	}
	void watch()
	{
		if (d->spd_res_valid && d->spd_res_ready)
			spd.pop_front();
		if (d->spd_req_valid && d->spd_req_ready) {
			selector s;
			s.src = address(&d->spd_src[0], d->spd_v6);
			s.dst = address(&d->spd_dst[0], d->spd_v6);
			s.proto = d->spd_proto;
			s.ports = d->spd_ports_ok;
			s.sport = d->spd_sport;
			s.dport = d->spd_dport;
			auto it = policy.find(s.key());
			CHECK(it != policy.end() || !strict_spd, "unknown selector: proto %u ports %u %u %u", s.proto,
			      s.ports, s.sport, s.dport);
			answer a = it != policy.end() ? it->second : answer{ false, false, 0, 0 };
			spd.push_back({ cycle + spd_delay + r.below(spd_jitter + 1), a });
		}
		if (d->ev_valid)
			events.push_back({ d->ev_type, d->ev_handle, d->ev_info });
		commits += d->committed;
		entered += d->stat_in_valid;
		if (d->stat_ovf_valid)
			ended++, overflows++, counts[ESPALIER_RX_OVERFLOW]++;
		if (d->stat_valid) {
			ended++;
			counts[d->stat_code]++;
			if (free_run) {
				;
			} else if (want_drop.empty()) {
				CHECK(false, "unexpected drop, code %02x", d->stat_code);
			} else {
				expectation e = want_drop.front();
				want_drop.pop_front();
				CHECK(e.code == d->stat_code, "dropped with %02x, expected %02x", d->stat_code, e.code);
				CHECK(e.wire_len == d->stat_bytes, "drop of %u bytes, sent %u", d->stat_bytes,
				      e.wire_len);
			}
		}
		if (m_in_frame)
			CHECK(d->m_tvalid, "bubble inside a frame, cycle %llu after %zu bytes, %zu more", (unsigned long long)cycle, got.size(), want_out.size() ? want_out.front().frame.size() - got.size() : 0);
		if (d->m_tvalid)
			m_in_frame = true;
		if (d->m_tvalid && d->m_tready) {
			uint32_t m[5] = { d->m_qid, d->m_code, d->m_handle, d->m_len, d->m_hash };
			if (got.size())
				CHECK(!memcmp(m, meta, sizeof m), "meta data changes inside a frame");
			memcpy(meta, m, sizeof m);
			uint8_t w[16];
			memcpy(w, &d->m_tdata[0], 16);
			for (int i = 0; i < 16; i++)
				if (d->m_tkeep >> i & 1)
					got.push_back(w[i]);
			if (d->m_tlast) {
				delivered();
				m_in_frame = false;
			}
		}
	}
	void delivered()
	{
		ended++;
		last_out = cycle;
		counts[meta[1]]++;
		if (free_run) {
			;
		} else if (want_out.empty()) {
			CHECK(false, "unexpected frame of %zu bytes, code %02x", got.size(), meta[1]);
		} else {
			expectation e = want_out.front();
			want_out.pop_front();
			CHECK(e.code == meta[1], "code %02x, expected %02x", meta[1], e.code);
			CHECK(got.size() == e.frame.size() && meta[3] == got.size(), "%zu bytes, meta %u, expected %zu",
			      got.size(), meta[3], e.frame.size());
			size_t i = 0;
			while (i < got.size() && i < e.frame.size() && got[i] == e.frame[i])
				i++;
			CHECK(i == got.size(), "byte %zu is %02x, expected %02x", i, got[i], e.frame[i]);
			CHECK(e.handle == meta[2], "handle %08x, expected %08x", meta[2], e.handle);
			CHECK(e.hash == meta[4], "hash %08x, expected %08x", meta[4], e.hash);
			CHECK(e.qid == meta[0], "queue %u, expected %u", meta[0], e.qid);
		}
		got.clear();
	}
};
#endif
