// SPDX-License-Identifier: Apache-2.0
//
// The dma block against a driver model: random traffic in both directions,
// ring wrap, malformed descriptors, drops, AXI errors, resets in flight,
// registers, and the cycles that frames cost.
#include "tests/rtl/dma/host.h"

namespace {

#ifndef NUM_QUEUES
#define NUM_QUEUES 4
#endif
const unsigned NQ = NUM_QUEUES;

// ------------------------------------------------------------ random traffic

struct Traffic {
	DmaBench &b;
	Arena txm, rxm;
	std::vector<std::unique_ptr<Ring>> tx, rx;
	std::deque<TxExpect> want[NQ];
	std::map<unsigned, RxPosted> posted[NQ];
	std::deque<RxFrame> coming[NQ]; // looped frames in the order in which they were sent
	unsigned tx_done = 0, rx_done = 0, mismatches = 0;
	std::map<unsigned, unsigned> codes;

	Traffic(DmaBench &bench, unsigned log2)
		: b(bench), txm(bench.mem, DmaBench::BASE + 0x480000, DmaBench::BASE + 0x1400000),
		  rxm(bench.mem, DmaBench::BASE + 0x1400000, DmaBench::BASE + 0x4000000)
	{
		for (unsigned q = 0; q < NQ; q++) {
			tx.emplace_back(new Ring(b, q, false, log2));
			rx.emplace_back(new Ring(b, q, true, log2));
		}
	}
	void start()
	{
		for (unsigned q = 0; q < NQ; q++) {
			tx[q]->start((1 + b.rnd(5)) | b.rnd(60) << 8);
			rx[q]->start((1 + b.rnd(5)) | b.rnd(60) << 8);
		}
	}
	// one packet of `len` bytes in up to `parts` segments
	bool send(unsigned q, unsigned len, unsigned parts, unsigned code = ESPALIER_TX_BYPASSED)
	{
		Ring &r = *tx[q];
		if (parts > len)
			parts = len ? len : 1;
		if (r.space() < parts || b.rnd(4) == 0)
			return false;
		TxExpect e;
		e.code = code;
		e.handle = b.rnd(2) ? b.rng() | 1 : 0;
		unsigned left = len;
		unsigned spoil = b.rnd(parts); // the descriptor that is malformed
		for (unsigned i = 0; i < parts; i++) {
			unsigned n = i + 1 == parts ? left : 1 + b.rnd((left - (parts - i - 1)));
			if (n > left - (parts - i - 1) && i + 1 < parts)
				n = left - (parts - i - 1);
			uint64_t a = txm.take(n, 16, b.rnd(16));
			b.mem.allow(a, n, MEM_R);
			for (unsigned k = 0; k < n; k++) {
				*b.mem.at(a + k) = b.rng();
				e.data.push_back(*b.mem.at(a + k));
			}
			e.segs.push_back({ a, n });
			unsigned flags = (i + 1 == parts ? ESPALIER_TXD_EOP : 0) |
					 (i == 0 && e.handle ? ESPALIER_TXD_HANDLE : 0);
			uint32_t h = i == 0 ? e.handle : 0;
			if (code == ESPALIER_TX_DESC_INVALID && i == spoil) {
				if (b.rnd(2))
					flags |= 4u << b.rnd(14);
				else {
					flags &= ~ESPALIER_TXD_HANDLE;
					h = 0x1234;
				}
			}
			e.index = r.push(a, n, flags, h);
			left -= n;
		}
		want[q].push_back(e);
		return true;
	}
	void post(unsigned q, unsigned len)
	{
		Ring &r = *rx[q];
		if (!r.space())
			return;
		uint64_t a = rxm.take(len, 64, 0);
		b.mem.allow(a, len, MEM_W);
		posted[q][r.push(a, len, 0, 0)] = { a, (uint16_t)len };
	}
	// what the transmit stream showed, against what was posted
	void match_sent()
	{
		while (!b.sent.empty()) {
			TxFrame &f = b.sent.front();
			const TxExpect *e = nullptr;
			for (auto &x : want[f.qid])
				if (x.index == f.index)
					e = &x;
			CHECK(e, "frame with index %u of queue %u was not posted", f.index, f.qid);
			if (e && f.terr == 0x3f)
				CHECK(e->data == f.data && e->code == ESPALIER_TX_BYPASSED &&
					      f.handle_valid == (e->handle != 0) && f.handle == e->handle,
				      "frame %u of queue %u differs", f.index, f.qid);
			if (f.terr != 0x3f && f.terr != ESPALIER_TX_DMA_ERROR)
				CHECK(f.data.empty(), "refused frame has data");
			if (f.terr == 0x3f && b.loop)
				coming[f.qid].push_back({ f.data, f.qid, ESPALIER_RX_BYPASSED, f.handle, 0 });
			b.sent.pop_front();
		}
	}
	void poll(bool strict = true)
	{
		match_sent();
		Cpl c;
		for (unsigned q = 0; q < NQ; q++) {
			while (tx[q]->poll(c)) {
				tx_done++;
				codes[c.status]++;
				if (want[q].empty()) {
					CHECK(false, "completion for nothing");
					continue;
				}
				TxExpect &e = want[q].front();
				CHECK(c.index == e.index, "completion %u, expected %u", c.index, e.index);
				if (strict || c.status != ESPALIER_TX_DMA_ERROR)
					CHECK(c.status == e.code, "status 0x%x, expected 0x%x", c.status,
					      e.code);
				for (auto &s : e.segs)
					b.mem.allow(s.first, s.second, 0);
				want[q].pop_front();
			}
			while (rx[q]->poll(c)) {
				rx_done++;
				codes[c.status]++;
				rx_completion(q, c);
			}
		}
	}
	void rx_completion(unsigned q, const Cpl &c)
	{
		auto p = posted[q].find(c.index);
		if (p == posted[q].end()) {
			CHECK(false, "receive completion %u was not posted", c.index);
			return;
		}
		if (c.status == ESPALIER_RX_BYPASSED) {
			// frames between may have been dropped
			while (!coming[q].empty() &&
			       !(coming[q].front().data.size() == c.len &&
				 !memcmp(b.mem.at(p->second.addr), coming[q].front().data.data(), c.len) &&
				 coming[q].front().handle == c.handle))
				coming[q].pop_front();
			CHECK(!coming[q].empty(), "received frame of queue %u is none of those sent", q);
			if (!coming[q].empty())
				coming[q].pop_front();
		}
		b.mem.allow(p->second.addr, p->second.len, 0);
		posted[q].erase(p);
	}
	bool drain(int limit, bool strict = true)
	{
		for (int i = 0; i < limit; i++) {
			b.run(20);
			poll(strict);
			bool left = false;
			for (auto &w : want)
				left |= !w.empty();
			if (!left)
				break;
		}
		bool idle = b.run_idle(limit * 20);
		poll(strict);
		for (auto &w : want)
			if (!w.empty())
				return false;
		return idle;
	}
};

void end(DmaBench &b)
{
	CHECK(b.mem.violations == 0, "%u AXI violations", b.mem.violations);
	CHECK(b.stream_faults == 0, "%u stream faults", b.stream_faults);
}

unsigned some_len(DmaBench &b)
{
	switch (b.rnd(8)) {
	case 0:
		return 14 + b.rnd(4);
	case 1:
		return 9000 + b.rnd(217);
	case 2:
		return 1400 + b.rnd(120);
	default:
		return 60 + b.rnd(200);
	}
}

void random_traffic(unsigned seed, unsigned log2, int stall, int lat_max, bool interleave)
{
	DmaBench b(seed);
	b.mem.stall = stall;
	b.mem.lat_min = stall ? 1 : 20;
	b.mem.lat_max = lat_max;
	b.mem.interleave = interleave;
	b.tx_stall = stall;
	b.loop = true;
	Traffic t(b, log2);
	t.start();
	unsigned sent = 0;
	for (int i = 0; i < 1500; i++) {
		for (unsigned q = 0; q < NQ; q++) {
			for (unsigned k = b.rnd(6); k; k--)
				t.post(q, b.rnd(10) ? 9216 : 64 + b.rnd(400));
			t.rx[q]->doorbell();
			unsigned n = b.rnd(4);
			for (unsigned k = 0; k < n; k++) {
				unsigned code = ESPALIER_TX_BYPASSED, len = some_len(b), parts = 1 + b.rnd(4);
				switch (b.rnd(16)) {
				case 0:
					code = ESPALIER_TX_DESC_INVALID;
					break;
				case 1:
					code = ESPALIER_TX_LEN_INVALID;
					len = b.rnd(2) ? b.rnd(14) : 9217 + b.rnd(3000);
					break;
				case 2:
					parts = 1 + b.rnd(1u << log2 < 32 ? 1u << log2 : 32);
					break;
				}
				sent += t.send(q, len, parts, code);
			}
			t.tx[q]->doorbell();
		}
		b.run(b.rnd(400));
		t.poll();
	}
	CHECK(t.drain(5000), "traffic does not drain");
	CHECK(t.tx_done == sent, "%u sent, %u completed", sent, t.tx_done);
	unsigned looped = t.codes[ESPALIER_TX_BYPASSED];
	unsigned ended = 0;
	for (auto &s : b.stats)
		ended += s.second;
	CHECK(ended == looped, "%u frames came in, %u ended", looped, ended);
	CHECK(b.stats[ESPALIER_RX_BYPASSED] == t.codes[ESPALIER_RX_BYPASSED], "delivered and counted differ");
	CHECK(b.events.empty(), "events without errors");
	printf("random: seed %u log2 %u: %u sent (%u refused), %u received, %u no buffer, %u small\n", seed,
	       log2, sent, sent - looped, b.stats[ESPALIER_RX_BYPASSED], b.stats[ESPALIER_RX_NO_BUFFER],
	       b.stats[ESPALIER_RX_BUFFER_SMALL]);
	end(b);
}

// --------------------------------------------------------------- cycle counts

// cycles a frame of each direction, as the bus allows
struct Cost {
	double tx, rx;
};

// What the two data channels need for frames of `len` bytes: the read channel a
// transmit frame's words (at every alignment in turn) and its descriptor, and the
// descriptor of a receive frame; the write channel a receive frame's words and its
// completion, and the completion of a transmit frame. With both directions at
// once both channels are full: r/tx + 1/rx = 1 and w/rx + 1/tx = 1.
Cost bus_cost(unsigned len, bool duplex)
{
	double r = 1, w = (len + 15) / 16 + 1;

	for (unsigned at = 0; at < 16; at++)
		r += ((at + len + 15) / 16) / 16.0;
	if (!duplex)
		return { r, w };
	return { (r * w - 1) / (w - 1), (r * w - 1) / (r - 1) };
}

// frames of `len` bytes, one segment each at every alignment in turn; cycles
// a frame on the transmit stream when it is never held up. `rx_limit`: for the
// frames of the other direction
double tx_cost(unsigned len, unsigned queues, bool duplex, int lat_min, int lat_max, unsigned frames,
	       unsigned wire, double rx_limit)
{
	DmaBench b(1);
	b.mem.lat_min = lat_min;
	b.mem.lat_max = lat_max;
	b.keep_tx = false;
	Traffic t(b, 12 - (queues > 1) * 4);
	for (unsigned q = 0; q < queues; q++) {
		t.tx[q]->start();
		t.rx[q]->start();
	}
	std::vector<uint64_t> bufs;
	for (int i = 0; i < 64; i++) {
		uint64_t a = t.txm.take(len, 16, i % 16);
		b.mem.allow(a, len, MEM_R);
		bufs.push_back(a);
	}
	uint64_t rxb = t.rxm.take(9216, 64, 0);
	b.mem.allow(rxb, 9216, MEM_W);
	unsigned posted = 0, done = 0, n = 0, rx_done = 0;
	uint64_t first = 0, first_n = 0;
	Cpl c;
	while (done < frames) {
		for (unsigned q = 0; q < queues; q++) {
			Ring &r = *t.tx[q];
			bool bell = false;
			while (r.space() > 0 && posted < frames && (uint16_t)(r.tail - r.freed) < 200) {
				r.push(bufs[n++ % 64], len, ESPALIER_TXD_EOP, 0);
				posted++;
				bell = true;
			}
			if (bell)
				r.doorbell();
			while (r.poll(c))
				done++;
			if (!duplex)
				continue;
			Ring &x = *t.rx[q];
			bell = false;
			while (x.space() > 0 && (uint16_t)(x.tail - x.freed) < 200) {
				x.push(rxb, 9216, 0, 0);
				bell = true;
			}
			if (bell)
				x.doorbell();
			while (x.poll(c))
				rx_done++;
			while (b.rxq.size() < 32)
				b.rxq.push_back({ Bytes(len), q, ESPALIER_RX_BYPASSED, 0, 0 });
			b.rx_gap = wire - (len + 15) / 16;
		}
		b.run(50);
		if (!first && b.tx_frames > frames / 4) {
			first = b.last_tx;
			first_n = b.tx_frames;
		}
	}
	double cost = double(b.last_tx - first) / (b.tx_frames - first_n);
	if (duplex) {
		double rx_cost = double(b.cycle) / rx_done;
		printf("cycles: %u bytes, receive beside it: %.2f a frame, limit %.2f, %u without buffer\n", len,
		       rx_cost, rx_limit, b.stats[ESPALIER_RX_NO_BUFFER]);
		CHECK(rx_cost <= rx_limit, "receive is too slow");
		CHECK(b.stats[ESPALIER_RX_NO_BUFFER] < 40, "buffers run out");
	}
	end(b);
	return cost;
}

void throughput()
{
	struct {
		unsigned len, wire, frames;
	} cases[] = {
		// inner packet and 14 bytes, words on the wire as ESP in IPv4 tunnel mode
		{ 78, 9, 4000 },
		{ 1438, 94, 600 },
		{ 9014, 567, 150 },
		// in clear: the bus is the limit
		{ 60, 4, 4000 },
		{ 1514, 95, 600 },
	};
	for (auto &k : cases)
		for (unsigned queues : { 1u, 4u })
			for (bool duplex : { false, true }) {
				bool clear = k.wire == (k.len + 15) / 16;
				Cost most = { double(k.wire), double(k.wire) };
				if (clear)
					most = bus_cost(k.len, duplex);
				double limit = most.tx / 0.95;
				double c = tx_cost(k.len, queues, duplex, 20, 60, k.frames, k.wire,
						   most.rx / 0.95);
				printf("cycles: %u bytes, %u queues%s: %.2f a frame, limit %.2f\n", k.len, queues,
				       duplex ? ", duplex" : "", c, limit);
				CHECK(c <= limit, "%u bytes cost %.2f", k.len, c);
			}
}

// ------------------------------------------------------------------- directed

void doorbell_bursts()
{
	DmaBench b(3);
	Traffic t(b, 6);
	t.start();
	// a full ring by one doorbell, then one descriptor a doorbell
	unsigned n = 0;
	for (int round = 0; round < 4; round++) {
		while (t.tx[0]->space())
			n += t.send(0, 100, 1);
		t.tx[0]->doorbell();
		CHECK(t.drain(500), "full ring does not drain");
	}
	for (int i = 0; i < 200; i++) {
		if (t.send(0, 64 + b.rnd(30), 1)) {
			n++;
			t.tx[0]->doorbell();
		}
		b.run(b.rnd(20));
		t.poll();
	}
	CHECK(t.drain(500), "single doorbells do not drain");
	CHECK(t.tx_done == n, "%u of %u", t.tx_done, n);
	// doorbell for half a packet: others go on, the packet goes when it is whole
	Ring &r = *t.tx[1];
	uint64_t a = t.txm.take(100, 16, 5);
	b.mem.allow(a, 100, MEM_R);
	Bytes d(b.mem.at(a), b.mem.at(a) + 100);
	r.push(a, 40, 0, 0);
	r.doorbell();
	while (!t.send(2, 300, 3))
		;
	t.tx[2]->doorbell();
	b.run(600);
	t.poll();
	CHECK(t.want[2].empty(), "half a packet holds up another queue");
	CHECK(b.t->idle, "half a packet keeps the device busy");
	TxExpect e;
	e.index = r.push(a + 40, 60, ESPALIER_TXD_EOP, 0);
	e.code = ESPALIER_TX_BYPASSED;
	e.data = d;
	e.handle = 0;
	e.segs = { { a, 100 } };
	t.want[1].push_back(e);
	r.doorbell();
	CHECK(t.drain(500), "second half does not go");
	end(b);
}

// A ring that is kept full is read nine descriptors at a time and more: two bursts of
// 16 to begin with, then what has become free; the ring's end and a 4 KiB boundary in
// it may cut one more each.
void full_ring_reads()
{
	DmaBench b(17);
	Traffic t(b, 8);
	t.start();
	unsigned n = 0;
	while (t.tx[0]->space())
		n += t.send(0, 400, 1);
	uint64_t before = b.mem.ar_of_id[1];
	t.tx[0]->doorbell();
	CHECK(t.drain(2000), "full ring does not drain");
	uint64_t reads = b.mem.ar_of_id[1] - before, most = 2 + (n - 32 + 8) / 9 + 2;
	printf("descriptors: %u in %llu reads, at most %llu\n", n, (unsigned long long)reads,
	       (unsigned long long)most);
	CHECK(t.tx_done == n, "%u of %u", t.tx_done, n);
	CHECK(reads <= most, "%u descriptors in %llu reads", n, (unsigned long long)reads);
	end(b);
}

void long_chain()
{
	DmaBench b(4);
	Traffic t(b, 8);
	t.start();
	for (unsigned parts : { 31u, 32u, 33u, 64u, 65u, 200u }) {
		while (!t.send(0, 1000, parts,
			       parts > 32 ? ESPALIER_TX_DESC_INVALID : ESPALIER_TX_BYPASSED))
			;
		while (!t.send(0, 77, 1))
			;
		while (!t.send(1, 333, 2))
			;
		t.tx[0]->doorbell();
		t.tx[1]->doorbell();
		CHECK(t.drain(1000), "chain of %u does not end", parts);
	}
	end(b);
}

// receive: no buffer, small buffer, malformed descriptors, queue that does not exist or is off
void receive_drops()
{
	DmaBench b(5);
	Traffic t(b, 4);
	auto frame = [&](unsigned q, unsigned len) {
		RxFrame f;
		f.qid = q;
		for (unsigned i = 0; i < len; i++)
			f.data.push_back(b.rng());
		b.rxq.push_back(f);
		if (q < NQ)
			t.coming[q].push_back(f);
	};
	frame(0, 100); // off
	CHECK(b.run_idle(1000), "idle");
	CHECK(b.stats[ESPALIER_RX_NO_BUFFER] == 1, "queue is off");
	t.start();
	frame(0, 100); // nothing posted
	frame(77, 100); // no such queue
	CHECK(b.run_idle(1000), "idle");
	CHECK(b.stats[ESPALIER_RX_NO_BUFFER] == 3, "nothing posted");
	// small buffer stays for the next frame
	t.post(0, 128);
	t.rx[0]->doorbell();
	frame(0, 129);
	frame(0, 128);
	CHECK(b.run_idle(2000), "idle");
	t.poll();
	CHECK(b.stats[ESPALIER_RX_BUFFER_SMALL] == 1 && t.codes[ESPALIER_RX_BYPASSED] == 1, "small buffer");
	// malformed ones are given back, then the good one is used
	uint64_t a = t.rxm.take(64, 64, 0);
	Ring &r = *t.rx[1];
	unsigned bad[5] = { r.push(a + 1, 64, 0, 0), r.push(a + 32, 64, 0, 0), r.push(a, 63, 0, 0),
			    r.push(a, 64, 1, 0), r.push(a, 64, 0, 1) };
	for (unsigned i : bad)
		t.posted[1][i] = { a, 0 };
	t.post(1, 2048);
	r.doorbell();
	frame(1, 1500);
	frame(1, 60);
	CHECK(b.run_idle(2000), "idle");
	t.poll();
	CHECK(t.codes[ESPALIER_RX_DESC_INVALID] == 5, "malformed descriptors: %u",
	      t.codes[ESPALIER_RX_DESC_INVALID]);
	CHECK(t.codes[ESPALIER_RX_BYPASSED] == 2, "good one behind malformed ones");
	CHECK(b.stats[ESPALIER_RX_DESC_INVALID] == 0, "a descriptor is not a frame");
	CHECK(b.stats[ESPALIER_RX_NO_BUFFER] == 4, "nothing left");
	// frames that come while the queue is being reset
	b.mem.lat_min = b.mem.lat_max = 1000;
	for (int i = 0; i < 3; i++)
		t.post(3, 256);
	t.rx[3]->doorbell();
	frame(3, 256);
	b.run(1300);
	b.wr(ESPALIER_REG_Q_RX_CTRL(3), ESPALIER_Q_RX_CTRL_RESET_MASK);
	frame(3, 100);
	frame(3, 200);
	CHECK(b.run_idle(5000), "idle");
	t.poll();
	CHECK(b.stats[ESPALIER_RX_RESET] == 2, "two frames during the reset");
	CHECK(t.codes[ESPALIER_RX_BYPASSED] == 3, "the frame admitted before is delivered");
	CHECK(b.rd(ESPALIER_REG_Q_RX_CTRL(3)) == 0, "reset has ended");
	// a frame that comes while its descriptor is on its way waits for it
	b.mem.lat_min = b.mem.lat_max = 300;
	t.post(2, 256);
	t.rx[2]->doorbell();
	frame(2, 200);
	CHECK(b.run_idle(3000), "idle");
	t.poll();
	CHECK(t.codes[ESPALIER_RX_BYPASSED] == 4, "descriptor on its way");
	end(b);
}

void axi_errors()
{
	for (int id : { 0, 1, 2 }) {
		DmaBench b(10 + id);
		b.mem.stall = 10;
		b.loop = true;
		Traffic t(b, 6);
		t.start();
		b.mem.err_permille = 30;
		b.mem.err_id = id;
		unsigned sent = 0, resets = 0;
		for (int i = 0; i < 600; i++) {
			for (unsigned q = 0; q < NQ; q++) {
				for (unsigned k = b.rnd(4); k; k--)
					t.post(q, 9216);
				t.rx[q]->doorbell();
				for (unsigned k = b.rnd(3); k; k--)
					sent += t.send(q, some_len(b), 1 + b.rnd(3));
				t.tx[q]->doorbell();
			}
			b.run(b.rnd(300));
			t.poll(false);
			for (unsigned q = 0; q < NQ; q++)
				for (bool rx : { false, true }) {
					Ring &r = rx ? *t.rx[q] : *t.tx[q];
					if (!(r.status() & ESPALIER_Q_TX_STATUS_ERROR_MASK))
						continue;
					resets++;
					CHECK(r.reset(), "reset of queue %u does not end", q);
					CHECK(!(r.status() & 3), "error stays");
					if (rx) {
						t.posted[q].clear();
					} else {
						t.match_sent();
						t.want[q].clear();
					}
					r.start();
				}
		}
		b.mem.err_permille = 0;
		for (unsigned q = 0; q < NQ; q++)
			for (bool rx : { false, true }) {
				Ring &r = rx ? *t.rx[q] : *t.tx[q];
				if (r.status() & ESPALIER_Q_TX_STATUS_ERROR_MASK) {
					resets++;
					r.reset();
					if (rx) {
						t.posted[q].clear();
					} else {
						t.match_sent();
						t.want[q].clear();
					}
					r.start();
				}
			}
		CHECK(t.drain(2000, false), "does not drain after errors");
		unsigned ev = 0;
		for (auto &e : b.events)
			ev += e.second;
		printf("errors on ID %d: %u sent, %u TX_DMA_ERROR, %u RX_DMA_ERROR, %u resets, %u events\n", id,
		       sent, t.codes[ESPALIER_TX_DMA_ERROR], t.codes[ESPALIER_RX_DMA_ERROR], resets, ev);
		if (id == 0) {
			CHECK(t.codes[ESPALIER_TX_DMA_ERROR] > 5 && t.codes[ESPALIER_RX_DMA_ERROR] > 5,
			      "payload errors are reported");
			CHECK(resets == 0 && ev == 0, "payload errors stop no queue");
		} else {
			CHECK(resets > 5 && ev == resets, "%u events, %u resets", ev, resets);
			CHECK(t.codes[ESPALIER_TX_DMA_ERROR] == 0 && t.codes[ESPALIER_RX_DMA_ERROR] == 0,
			      "ring errors are not payload errors");
		}
		CHECK(t.tx_done > 300, "traffic goes on: %u", t.tx_done);
		end(b);
	}
}

void overrun()
{
	DmaBench b(20);
	Traffic t(b, 4);
	t.start();
	b.wr(ESPALIER_REG_Q_IRQ_ENABLE(2), 7);
	b.wr(ESPALIER_REG_Q_TX_TAIL(2), 17); // one more than the ring has
	b.run(100);
	CHECK(t.tx[2]->status() == ESPALIER_Q_TX_STATUS_ERROR_MASK, "overrun stops the queue");
	CHECK(b.events[2] == 1 && b.events.size() == 1, "one event");
	CHECK(b.t->irq == 4, "error interrupt");
	CHECK(b.rd(ESPALIER_REG_Q_TX_HEAD(2)) == 0, "nothing was fetched");
	b.wr(ESPALIER_REG_Q_RX_TAIL(3), 0xffff);
	b.run(100);
	CHECK(t.rx[3]->status() == ESPALIER_Q_RX_STATUS_ERROR_MASK, "overrun of receive");
	CHECK(b.events[0x103] == 1, "event of receive");
	while (!t.send(0, 99, 1))
		;
	t.tx[0]->doorbell();
	CHECK(t.drain(500), "others go on");
	CHECK(t.tx[2]->reset() && t.rx[3]->reset(), "reset");
	CHECK(b.rd(ESPALIER_REG_Q_TX_TAIL(2)) == 0, "reset clears the tail");
	t.tx[2]->start();
	while (!t.send(2, 99, 1))
		;
	t.tx[2]->doorbell();
	CHECK(t.drain(500), "works after reset");
	end(b);
}

void resets_in_flight()
{
	DmaBench b(30);
	b.mem.stall = 20;
	b.tx_stall = 40;
	b.loop = true;
	b.done_delay = 100;
	Traffic t(b, 6);
	t.start();
	unsigned flushed = 0;
	for (int i = 0; i < 150; i++) {
		for (unsigned q = 0; q < NQ; q++) {
			for (int k = 0; k < 12; k++) {
				t.post(q, 9216);
				t.send(q, some_len(b), 1 + b.rnd(3));
			}
			t.rx[q]->doorbell();
			t.tx[q]->doorbell();
		}
		b.run(b.rnd(700));
		t.poll();
		unsigned q = b.rnd(NQ);
		Ring &r = *t.tx[q];
		// completions of the reset queue: sent ones, then flushed ones, then silence
		b.wr(r.reg(ESPALIER_REG_Q_TX_CTRL(0)), ESPALIER_Q_TX_CTRL_RESET_MASK);
		unsigned seen = r.seen;
		bool done = false;
		for (int k = 0; k < 4000 && !done; k++) {
			b.run(5);
			done = !(b.rd(r.reg(ESPALIER_REG_Q_TX_CTRL(0))) & ESPALIER_Q_TX_CTRL_RESET_MASK);
		}
		CHECK(done, "reset does not end");
		t.match_sent();
		Cpl c;
		bool flushing = false;
		while (r.poll(c)) {
			TxExpect &e = t.want[q].front();
			CHECK(c.index == e.index, "order at reset");
			if (c.status == ESPALIER_TX_RESET) {
				flushing = true;
				flushed++;
			} else
				CHECK(!flushing && c.status == e.code, "status 0x%x at reset", c.status);
			t.want[q].pop_front();
		}
		(void)seen;
		// no access to this queue's memory any more
		b.mem.allow(r.ring, 16 * r.entries(), 0);
		b.mem.allow(r.cpl, 16 * r.entries(), 0);
		for (auto &e : t.want[q])
			for (auto &s : e.segs)
				b.mem.allow(s.first, s.second, 0);
		t.want[q].clear();
		b.run(200);
		CHECK(b.rd(r.reg(ESPALIER_REG_Q_TX_HEAD(0))) == 0, "head after reset");
		r.tail = r.seen = r.freed = 0;
		r.grant();
		r.start();
		if (i % 5 == 0) {
			// a queue that stays enabled over its reset
			b.wr(r.reg(ESPALIER_REG_Q_TX_CTRL(0)),
			     ESPALIER_Q_TX_CTRL_RESET_MASK | ESPALIER_Q_TX_CTRL_ENABLE_MASK);
			for (int k = 0; k < 100 && b.rd(r.reg(ESPALIER_REG_Q_TX_CTRL(0))) != 1; k++)
				;
			CHECK(b.rd(r.reg(ESPALIER_REG_Q_TX_CTRL(0))) == 1, "enabled after the reset");
			CHECK(b.rd(r.reg(ESPALIER_REG_Q_TX_HEAD(0))) == 0, "head after reset");
		}
		if (i % 3 == 0) {
			Ring &x = *t.rx[q];
			CHECK(x.reset(), "receive reset does not end");
			for (auto &p : t.posted[q])
				b.mem.allow(p.second.addr, p.second.len, 0);
			t.posted[q].clear();
			x.start();
		}
	}
	CHECK(t.drain(4000), "does not drain after resets");
	CHECK(flushed > 100, "%u flushed", flushed);
	unsigned ended = 0;
	for (auto &s : b.stats)
		ended += s.second;
	printf("resets: %u flushed under TX_RESET, %u frames received, %u RX_RESET\n", flushed,
	       b.stats[ESPALIER_RX_BYPASSED], b.stats[ESPALIER_RX_RESET]);
	end(b);
}

void interrupts()
{
	DmaBench b(40);
	Traffic t(b, 6);
	for (unsigned q = 0; q < NQ; q++) {
		t.tx[q]->start(1);
		t.rx[q]->start(1);
	}
	b.wr(ESPALIER_REG_Q_IRQ_ENABLE(1), 1);
	b.wr(ESPALIER_REG_Q_IRQ_COAL(1), 4 | 2000 << 8);
	auto send = [&](int n) {
		for (int i = 0; i < n;)
			i += t.send(1, 100, 1);
		t.tx[1]->doorbell();
	};
	send(3);
	b.run(600);
	t.poll();
	CHECK(t.tx_done == 3 && !b.t->irq, "three are not enough");
	CHECK(!b.t->idle, "an interrupt to come is not idle");
	send(1);
	b.run(400);
	CHECK(b.t->irq == 2, "the fourth raises it");
	CHECK(b.rd(ESPALIER_REG_Q_IRQ_STATUS(1)) == 1, "status");
	b.access(true, ESPALIER_REG_Q_IRQ_STATUS(1), 1, 2); // byte lane not written
	CHECK(b.rd(ESPALIER_REG_Q_IRQ_STATUS(1)) == 1, "strobes of a W1C register");
	b.wr(ESPALIER_REG_Q_IRQ_STATUS(1), 1);
	b.run(4);
	CHECK(!b.t->irq && b.rd(ESPALIER_REG_Q_IRQ_STATUS(1)) == 0, "W1C");
	send(1);
	b.run(1000);
	CHECK(!b.t->irq, "one is not enough");
	b.run(1500);
	CHECK(b.t->irq == 2, "after the time one is");
	// completion visible before the interrupt
	b.wr(ESPALIER_REG_Q_IRQ_STATUS(1), 7);
	b.wr(ESPALIER_REG_Q_IRQ_COAL(1), 1);
	t.poll();
	for (int i = 0; i < 20; i++) {
		send(1);
		while (!b.t->irq)
			b.tick();
		unsigned before = t.tx_done;
		t.poll();
		CHECK(t.tx_done == before + 1, "interrupt before the completion");
		b.wr(ESPALIER_REG_Q_IRQ_STATUS(1), 7);
		b.run(3);
	}
	b.wr(ESPALIER_REG_Q_IRQ_ENABLE(1), 0);
	send(1);
	b.run(500);
	CHECK(!b.t->irq && b.rd(ESPALIER_REG_Q_IRQ_STATUS(1)) == 1, "disabled");
	CHECK(t.drain(100), "drain");
	end(b);
}

void coalescing()
{
	// bursts of the completion writes: full blocks when traffic is dense
	for (unsigned count : { 1u, 2u, 4u }) {
		DmaBench b(50);
		Traffic t(b, 8);
		t.tx[0]->start(count | 3000 << 8);
		for (int i = 0; i < 128;)
			i += t.send(0, 60, 1);
		t.tx[0]->doorbell();
		CHECK(t.drain(400), "drain");
		CHECK(b.mem.aw_count == 128 / count, "%llu writes with a count of %u",
		      (unsigned long long)b.mem.aw_count, count);
		CHECK(b.mem.w_beats == 128, "beats");
		end(b);
	}
}

void registers()
{
	DmaBench b(60);
	for (unsigned q = 0; q < NQ; q++) {
		CHECK(b.rd(ESPALIER_REG_Q_TX_SIZE(q)) == ESPALIER_Q_TX_SIZE_RESET_VALUE, "reset value");
		CHECK(b.rd(ESPALIER_REG_Q_RX_COAL(q)) == ESPALIER_Q_RX_COAL_RESET_VALUE, "reset value");
		CHECK(b.rd(ESPALIER_REG_Q_IRQ_COAL(q)) == ESPALIER_Q_IRQ_COAL_RESET_VALUE, "reset value");
		CHECK(b.rd(ESPALIER_REG_Q_TX_CTRL(q)) == 0 && b.rd(ESPALIER_REG_Q_RX_STATUS(q)) == 0, "zero");
		b.wr(ESPALIER_REG_Q_TX_RING_LO(q), 0xffffffff - q * 64);
		b.wr(ESPALIER_REG_Q_RX_CPL_HI(q), 0x1000 + q);
		b.access(true, ESPALIER_REG_Q_RX_CPL_HI(q), 0xaabbccdd, 4);
	}
	for (unsigned q = 0; q < NQ; q++) {
		CHECK(b.rd(ESPALIER_REG_Q_TX_RING_LO(q)) == 0xffffffc0 - q * 64, "low bits read zero");
		CHECK(b.rd(ESPALIER_REG_Q_RX_CPL_HI(q)) == 0xbb1000 + q, "byte strobes");
	}
	b.wr(ESPALIER_REG_Q_TX_SIZE(0), 15);
	CHECK(b.rd(ESPALIER_REG_Q_TX_SIZE(0)) == 12, "size is clamped");
	b.wr(ESPALIER_REG_Q_TX_SIZE(0), 0);
	CHECK(b.rd(ESPALIER_REG_Q_TX_SIZE(0)) == 3, "size is clamped");
	b.rd(ESPALIER_REG_Q_TX_CTRL(NQ));
	CHECK(b.resp == 3, "queue that was not built");
	b.rd(ESPALIER_REG_Q_TX_CTRL(0) + 0x94);
	CHECK(b.resp == 3, "hole in the map");
	b.wr(ESPALIER_REG_Q_TX_HEAD(0), 1);
	CHECK(b.resp == 2, "write to a read-only register");
	b.wr(ESPALIER_REG_Q_TX_CTRL(3), ESPALIER_Q_TX_CTRL_RESET_MASK);
	b.run(20);
	CHECK(b.rd(ESPALIER_REG_Q_TX_CTRL(3)) == 0, "reset of a quiet queue ends at once");
}

} // namespace

int main()
{
	registers();
	doorbell_bursts();
	full_ring_reads();
	long_chain();
	receive_drops();
	overrun();
	interrupts();
	coalescing();
	random_traffic(1, 3, 0, 60, true);
	random_traffic(2, 5, 30, 40, true);
	random_traffic(3, 8, 50, 200, true);
	random_traffic(4, 6, 10, 5, false);
	axi_errors();
	resets_in_flight();
	throughput();
	return checks_end("rtl-dma");
}
