// SPDX-License-Identifier: Apache-2.0
//
// sa_lookup: random tables, look-ups of what is there and what is not, all
// table operations, rate. The hash is written here again, bit by bit.
#include <cstdlib>
#include <vector>

#include "Vsa_lookup.h"
#include "check.h"
#include "espalier/layout.h"
#include "verilated.h"

static Vsa_lookup *d;
static uint64_t cycle;
static const unsigned LOG2 = 8; // SA_ENTRIES = 256

struct entry {
	uint32_t spi = 0, slot = 0;
	bool corrupt = false;
};
static entry table[2u << LOG2];

static void tick()
{
	d->clk = 0;
	d->eval();
	d->clk = 1;
	d->eval();
	cycle++;
}

static uint32_t rol(uint32_t x, int n)
{
	return n ? x << n | x >> (32 - n) : x;
}

static uint32_t hash(uint32_t spi, const uint32_t dst[4], uint8_t proto)
{
	uint32_t k = spi ^ dst[0] ^ rol(dst[1], 5) ^ rol(dst[2], 11) ^ rol(dst[3], 17) ^ (uint32_t)proto << 24;
	uint32_t crc = ~0u;
	for (int byte = 0; byte < 4; byte++) {
		crc ^= (k >> (8 * byte)) & 0xff;
		for (int i = 0; i < 8; i++)
			crc = crc & 1 ? crc >> 1 ^ 0x82f63b78u : crc >> 1;
	}
	return ~crc;
}

static unsigned op(unsigned o, unsigned index, uint32_t spi, uint32_t slot, uint64_t *rd = nullptr)
{
	d->t_valid = 1;
	d->t_op = o;
	d->t_index = index;
	d->t_spi = spi;
	d->t_slot = slot;
	do
		tick();
	while (!d->t_done);
	d->t_valid = 0;
	if (rd)
		*rd = d->t_rdata;
	unsigned r = d->t_result;
	tick();
	return r;
}

static void ask(uint32_t spi, const uint32_t dst[4], uint8_t proto)
{
	d->l_valid = 1;
	d->l_spi = spi;
	for (int i = 0; i < 4; i++)
		d->l_dst[i] = dst[i];
	d->l_proto = proto;
	for (;;) {
		d->eval();
		bool r = d->l_ready;
		tick();
		if (r)
			break;
	}
	d->l_valid = 0;
	d->m_ready = 1;
	for (;;) {
		d->eval();
		if (d->m_valid)
			break;
		tick();
	}
	uint32_t h = hash(spi, dst, proto);
	unsigned half = 1u << LOG2, mask = half / 2 - 1;
	unsigned match = 0, parity = 0;
	for (unsigned p = 0; p < 4; p++) {
		unsigned b = (p / 2 ? h >> 16 : h) & mask;
		entry &e = table[(p / 2) * half + b * 2 + p % 2];
		if (e.corrupt)
			parity = 1;
		else if (e.slot >> 31 && e.spi == spi && (e.slot >> 16 & 0xff) == proto) {
			match |= 1u << p;
			unsigned got = (d->m_slots >> (p * LOG2)) & (half - 1);
			CHECK(got == (e.slot & 0xffff), "slot of place %u", p);
		}
	}
	CHECK(d->m_match == match, "match %x, expected %x", d->m_match, match);
	CHECK(d->m_parity == parity, "parity %d", d->m_parity);
	tick();
	d->m_ready = 0;
}

int main()
{
	d = new Vsa_lookup;
	d->rst = 1;
	for (int i = 0; i < 3; i++)
		tick();
	d->rst = 0;
	CHECK(!d->init_done, "clearing");
	while (!d->init_done)
		tick();
	const uint32_t zero[4] = {};
	ask(1, zero, 50);

	struct sa {
		uint32_t spi, dst[4];
		uint8_t proto;
		unsigned index;
	};
	std::vector<sa> live;
	rng r(7);
	for (int i = 0; i < 3000; i++) {
		if (r.chance(50)) {
			sa s = {};
			s.spi = live.size() && r.chance(20) ? live[r.below(live.size())].spi : (uint32_t)r.next() | 1;
			bool v6 = r.chance(50);
			for (int k = 0; k < (v6 ? 4 : 1); k++)
				s.dst[k] = (uint32_t)r.next();
			s.proto = r.chance(80) ? 50 : 51;
			uint32_t h = hash(s.spi, s.dst, s.proto);
			unsigned t = r.below(2), w = r.below(2);
			s.index = t << LOG2 | ((t ? h >> 16 : h) & ((1u << LOG2) / 2 - 1)) << 1 | w;
			uint32_t slot = 1u << 31 | (uint32_t)s.proto << 16 | (uint32_t)r.below(1u << LOG2);
			CHECK(op(ESPALIER_OP_ADD, s.index, s.spi, slot) == ESPALIER_RES_OK, "add");
			table[s.index] = { s.spi, slot, false };
			live.push_back(s);
		} else if (live.size() && r.chance(40)) {
			unsigned k = r.below(live.size());
			CHECK(op(ESPALIER_OP_DELETE, live[k].index, 0, 0) == ESPALIER_RES_OK, "delete");
			table[live[k].index] = {};
			live.erase(live.begin() + k);
		} else if (live.size() && r.chance(10)) {
			entry &e = table[live[r.below(live.size())].index];
			CHECK(op(ESPALIER_OP_CORRUPT, &e - table, 0, 0) == ESPALIER_RES_OK, "corrupt");
			e.corrupt = !e.corrupt;
		}
		if (live.size()) {
			sa &s = live[r.below(live.size())];
			uint64_t rd;
			unsigned res = op(ESPALIER_OP_READ, s.index, 0, 0, &rd);
			entry &e = table[s.index];
			CHECK(res == (e.corrupt ? ESPALIER_RES_PARITY : ESPALIER_RES_OK), "read %u", res);
			CHECK(rd == ((uint64_t)e.slot << 32 | e.spi), "read back");
			ask(s.spi, s.dst, s.proto);
			uint32_t other[4] = { s.dst[0], s.dst[1] ^ 1, s.dst[2], s.dst[3] };
			ask(s.spi, other, s.proto);
			ask(s.spi, s.dst, s.proto ^ 1);
		}
		uint32_t any[4] = { (uint32_t)r.next(), 0, 0, 0 };
		ask((uint32_t)r.next(), any, 50);
	}
	CHECK(op(ESPALIER_OP_ADD, 2u << LOG2, 5, 1u << 31) == ESPALIER_RES_INDEX, "index");
	CHECK(op(ESPALIER_OP_UPDATE, 0, 5, 1u << 31) == ESPALIER_RES_OP, "op");
	CHECK(op(ESPALIER_OP_ADD, 0, 5, 0) == ESPALIER_RES_VALUE, "not valid");
	CHECK(op(ESPALIER_OP_ADD, 0, 0, 1u << 31) == ESPALIER_RES_VALUE, "SPI 0");
	CHECK(op(ESPALIER_OP_ADD, 0, 5, 1u << 31 | 1u << LOG2) == ESPALIER_RES_VALUE, "slot");
	CHECK(op(ESPALIER_OP_ADD, 0, 5, 0xc0000000u) == ESPALIER_RES_VALUE, "reserved bit");

	// a look-up every other cycle
	uint64_t t0 = cycle;
	unsigned asked = 0, got = 0;
	d->l_valid = 1;
	d->m_ready = 1;
	while (got < 1000 && cycle - t0 < 5000) {
		d->eval();
		asked += d->l_valid && d->l_ready;
		got += d->m_valid;
		tick();
		d->l_valid = asked < 1000;
	}
	CHECK(cycle - t0 < 2020, "%llu cycles for 1000", (unsigned long long)(cycle - t0));
	delete d;
	return check_report("sa_lookup");
}
