// SPDX-License-Identifier: Apache-2.0
//
// esp_in at wire speed: frames without a gap, a different SA each, answered by
// the SPD after 11 cycles. From the first word in to the last word out there
// may be the sum of ceil(frame / 16) and one latency, however many frames.
#include "fixtures.h"

static void rate(const char *what, unsigned inner_len, bool tunnel, bool v6, unsigned icv, unsigned tags, bool clear,
		 bool one_sa = false)
{
	bench b(100 + inner_len);
	std::vector<sa> sas;
	for (unsigned i = 0; i < 48; i++) {
		sa s = random_sa(b.r, i);
		s.v6 = v6;
		s.src = addr(b.r, v6);
		s.dst = addr(b.r, v6);
		s.tunnel = tunnel;
		s.icv = icv;
		if (b.add(s))
			sas.push_back(s);
	}
	unsigned frames = 400, words = 0, longest = 0;
	for (unsigned i = 0; i < frames && words < 30000; i++) {
		sa &s = sas[one_sa ? 0 : i % sas.size()];
		unsigned hdr = v6 ? 40 : 20;
		ip in = datagram(b.r, v6, tunnel || clear ? inner_len - hdr : inner_len);
		if (clear && i % 2)
			clear_frame(b, in, tags);
		else
			good(b, s, ++s.seq, in, tags, false);
		unsigned w = (b.wire.back().first.size() + 15) / 16;
		words += w;
		longest = w > longest ? w : longest;
	}
	uint64_t in_len = b.wire.front().first.size();
	b.first_word = 0;
	b.finish();
	uint64_t took = b.last_out - b.first_word + 1;
	// a frame is stored before it is fed and before it leaves
	uint64_t limit = words + 130 + 2 * longest;
	printf("  %-28s inner %4u: frames of %4llu bytes, %u words in %llu cycles\n", what, inner_len,
	       (unsigned long long)in_len, words, (unsigned long long)took);
	CHECK(took <= limit, "%s, inner %u: %llu cycles for %u words, limit %llu", what, inner_len,
	      (unsigned long long)took, words, (unsigned long long)limit);
	CHECK(!b.overflows, "%u overflows", b.overflows);
	CHECK(!b.d->starved, "the cipher was starved");
}

int main()
{
	static const unsigned sizes[] = { 46, 64, 65, 80, 96, 100, 128, 250, 256, 512, 576, 1024, 1400, 1500, 4096, 9000 };
	for (unsigned n : sizes) {
		rate("tunnel IPv4, ICV 16", n, true, false, 16, 0, false);
		rate("tunnel IPv6, VLAN", n, true, true, 16, 1, false);
		rate("transport IPv4", n, false, false, 16, 0, false);
		rate("tunnel and clear in turn", n, true, false, 16, 0, true);
	}
	rate("transport IPv4, smallest", 2, false, false, 16, 0, false); // 70 bytes, 5 words
	rate("transport IPv4, one SA", 2, false, false, 16, 0, false, true);
	rate("transport IPv6, VLAN", 2, false, true, 16, 1, false);
	rate("transport IPv6, ICV 8", 2, false, true, 8, 0, false);
	rate("tunnel IPv4, one SA", 64, true, false, 16, 0, false, true);
	return check_report("esp_in_rate");
}
