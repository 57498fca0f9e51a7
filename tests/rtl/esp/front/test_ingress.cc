// SPDX-License-Identifier: Apache-2.0
//
// ingress, transmit side (back-pressure): random frames against the model with
// random pauses on every port, and the cycle count, which is exact.
#include <fstream>
#include <map>
#include <sstream>

#include "ingress_test.h"

enum { IN_CODE = 0x02, SHORT_CODE = 0x09 };

static void speed(size_t size, size_t n, const char *name)
{
	maker m(size);
	std::vector<job> v(n);
	for (auto &j : v) {
		j.frame = m.fill(size);
		j.frame[12] = 0x86;
		j.frame[13] = 0xdd;
		j.frame[14] = 0x60;
		m.put16(j.frame, 18, size - 54);
	}
	outcome o = run(v, pace(), 1, SHORT_CODE, IN_CODE, false);
	uint64_t best = n * ((size + 15) / 16);
	// every word in a cycle of its own, plus the latency of the last frame
	check(!o.errors && o.cycles <= best + (size + 15) / 16 + 12, name);
	if (o.cycles > best + (size + 15) / 16 + 12)
		printf("  %zu frames of %zu bytes: %llu cycles, %llu words\n",
		       n, size, (unsigned long long)o.cycles,
		       (unsigned long long)best);
}

// Frames that scapy made, and what scapy reads in them (scapy_frames.py): the
// model must agree with it, and ingress with the model.
static void scapy(const char *path)
{
	std::ifstream file(path);
	std::string line;
	std::vector<job> v;

	while (std::getline(file, line)) {
		std::istringstream is(line);
		std::string name, hex, kv, why;
		is >> name >> hex;
		job j;
		for (size_t i = 0; i + 1 < hex.size(); i += 2)
			j.frame.push_back(
				std::stoul(hex.substr(i, 2), nullptr, 16));
		v.push_back(j);
		bytes data;
		frame_rec r = model_frame(j.frame, CODE_NONE, SHORT_CODE, data);
		const l3 &l = r.l3;
		auto hex_of = [](const addr_t &a) {
			std::string s;
			char b[3];
			for (uint8_t x : a) {
				snprintf(b, sizeof b, "%02x", x);
				s += b;
			}
			return s;
		};
		std::map<std::string, uint64_t> have = {
			{ "kind", l.kind },
			{ "l2_words", r.l2_words },
			{ "data_len", r.data_len },
			{ "bad", l.bad },
			{ "hdr_len", l.hdr_len },
			{ "nh_off", l.nh_off },
			{ "too_long", l.too_long },
			{ "frag", l.frag },
			{ "df", l.df },
			{ "tos", l.tos },
			{ "ttl", l.ttl },
			{ "id", l.id },
			{ "flow", l.flow },
			{ "word0", l.word0 },
			{ "word1", l.word1 },
			{ "v6", l.sel.v6 },
			{ "proto", l.sel.proto },
			{ "ports_ok", l.sel.ports_ok },
			{ "sport", l.sel.sport },
			{ "dport", l.sel.dport }
		};
		while (is >> kv) {
			size_t eq = kv.find('=');
			std::string k = kv.substr(0, eq), x = kv.substr(eq + 1);
			if (k == "src" || k == "dst") {
				if (hex_of(k == "src" ? l.sel.src
						      : l.sel.dst) != x)
					why += " " + kv;
			} else if (!have.count(k) ||
				   have[k] != std::stoull(x)) {
				why += " " + kv;
			}
		}
		if (!why.empty())
			printf("  %s: scapy says%s\n", name.c_str(),
			       why.c_str());
		check(why.empty(), "frame by scapy");
	}
	check(v.size() > 100, "scapy_frames.txt");
	outcome o = run(v, pace(), 1, SHORT_CODE, IN_CODE, false);
	check(!o.errors && o.records == v.size(),
	      "frames by scapy through ingress");
}

int main(int argc, char **argv)
{
	unsigned seeds = argc > 1 ? atoi(argv[1]) : 12;

	for (unsigned s = 1; s <= seeds; s++) {
		pace p;
		char name[80];
		if (s % 3) {
			p.in = s * 37 % 200;
			p.f = s * 53 % 250;
			p.d = s * 71 % 250;
			p.release = s * 29 % 256;
		}
		outcome o = run(random_jobs(s, 1500, s % 2), p, s, SHORT_CODE,
				IN_CODE, false);
		snprintf(name, sizeof name, "random frames, seed %u", s);
		check(!o.errors && o.drops == 0 && o.records == 1500, name);
	}
	scapy(argc > 2 ? argv[2] : "tests/rtl/esp/front/scapy_frames.txt");
	for (size_t n = 60; n <= 160; n++)
		speed(n, 300, "one word per cycle, short frames");
	speed(1514, 100, "one word per cycle, 1514 bytes");
	speed(9216, 20, "one word per cycle, 9216 bytes");

	printf("test_ingress: %d passed, %d failed\n", passed, failed);
	return failed != 0;
}
