/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ingress against the model. The two values of DROP_FULL are two Verilator
 * models of the same name, so this is compiled into two programs.
 */
#include <algorithm>
#include <deque>

#include "Vingress.h"
#include "front_model.h"

static int passed, failed;

static void check(bool ok, const char *name)
{
	if (ok) {
		passed++;
	} else {
		failed++;
		printf("not ok: %s\n", name);
	}
}

struct job {
	bytes frame;
	unsigned err = CODE_NONE;
	uint16_t user = 0;
};

struct pace {
	unsigned in = 0, f = 0, d = 0,
		 release = 0; /* chance in 256 to pause in a cycle */
};

struct outcome {
	uint64_t cycles = 0; /* from the first word in to the last record out */
	unsigned records = 0, drops = 0, errors = 0;
	uint64_t words = 0; /* words in */
};

/*
 * Feeds the frames, takes what comes, compares. Frames that are reported lost
 * (drop_valid) are taken out of the expectation; everything else must come in
 * order, words and header windows included.
 */
static outcome run(const std::vector<job> &jobs, pace p, uint32_t seed,
		   unsigned short_code, unsigned in_code, bool drop_full)
{
	struct want {
		frame_rec rec;
		bytes data;
		uint16_t user;
		size_t job;
	};
	Vingress *t = new Vingress;
	std::mt19937 rng(seed);
	outcome o;
	std::deque<want> expect,
		words; /* records, and frames whose words are due */
	std::deque<std::pair<unsigned, want>> windows; /* slots held */
	size_t ji = 0, at = 0, entered = 0, d_at = 0;
	uint64_t cycle = 0, start = 0, last = 0, idle = 0;
	int h_phase = 0;
	bool window_ok = true, held = false;

	auto pause = [&](unsigned chance) { return (rng() & 255) < chance; };
	auto fail = [&](const char *what, size_t job, const std::string &why) {
		if (o.errors++ < 5)
			printf("  frame %zu (%zu bytes): %s%s\n", job,
			       jobs[job].frame.size(), what, why.c_str());
	};

	t->clk = t->clk_parse = 0;
	t->rst = 1;
	t->s_tvalid = 0;
	t->f_ready = t->d_ready = t->h_release = 0;
	for (int i = 0; i < 4; i++) {
		t->clk = t->clk_parse = 1;
		t->eval();
		t->clk = t->clk_parse = 0;
		t->eval();
	}
	t->rst = 0;
	t->eval();

	while (idle < 20000) {
		/* inputs of this cycle */
		bool offer = ji < jobs.size() &&
			     (held || !pause(p.in)); /* valid stays */
		held = offer;
		if (offer) {
			const job &j = jobs[ji];
			uint32_t keep = 0;
			for (int i = 0; i < 16; i++) {
				uint8_t b = at + i < j.frame.size()
						    ? j.frame[at + i]
						    : rng();
				if (at + i < j.frame.size())
					keep |= 1u << i;
				t->s_tdata[i / 4] =
					(i % 4 ? t->s_tdata[i / 4] : 0) |
					(uint32_t)b << 8 * (i % 4);
			}
			t->s_tvalid = 1;
			t->s_tkeep = keep;
			t->s_tlast = at + 16 >= j.frame.size();
			t->s_terr = t->s_tlast ? j.err : rng() & 63;
			t->s_user = j.user;
		} else {
			t->s_tvalid = 0;
		}
		t->f_ready = !pause(p.f);
		t->d_ready = !words.empty() && !pause(p.d);
		t->h_release = 0;
		/* read the oldest window word by word, then release it */
		if (!windows.empty()) {
			auto &w = windows.front();
			if (h_phase >= 1 && h_phase <= 4) {
				size_t base = 16 * (h_phase - 1);
				for (size_t i = 0;
				     i < 16 && base + i < w.second.data.size();
				     i++) {
					uint8_t b =
						t->h_data[i / 4] >> 8 * (i % 4);
					window_ok &=
						b == w.second.data[base + i];
				}
			}
			t->h_slot = w.first;
			t->h_beat = h_phase & 3;
			if (h_phase < 5)
				h_phase++;
			else if (!pause(p.release)) {
				if (!window_ok)
					fail("header window", w.second.job, "");
				t->h_release = 1;
			}
			/* nothing to read: as quick as can be */
			if (p.release == 0 && h_phase < 5)
				t->h_release = 1;
		}
		t->eval();
		if (drop_full && !t->s_tready)
			fail("s_tready low", ji < jobs.size() ? ji : 0, "");
		bool took = t->s_tvalid && t->s_tready;
		bool f = t->f_valid && t->f_ready, d = t->d_valid && t->d_ready;

		if (t->in_valid) {
			if (entered >= jobs.size()) {
				o.errors++;
				break;
			}
			want w;
			w.job = entered;
			w.user = jobs[entered].user;
			w.rec = model_frame(jobs[entered].frame,
					    jobs[entered].err, short_code,
					    w.data);
			if (w.rec.frame_len > 16383)
				w.rec.frame_len = 16383;
			if (t->in_stat >> 14 != in_code ||
			    (t->in_stat & 0x3fff) != w.rec.frame_len)
				fail("in_stat", entered, "");
			if (t->drop_valid) {
				o.drops++;
				if (t->drop_bytes != w.rec.frame_len)
					fail("drop_bytes", entered, "");
			} else {
				expect.push_back(w);
			}
			entered++;
			idle = 0;
		} else if (t->drop_valid) {
			fail("drop without in", entered, "");
		}
		if (f) {
			if (expect.empty()) {
				o.errors++;
				printf("  record without frame\n");
				break;
			}
			want w = expect.front();
			std::string why;
			expect.pop_front();
			if (!same_frame(unpack_frame(t->f_frame.data()), w.rec,
					why))
				fail("record", w.job, why);
			if (t->f_user != w.user)
				fail("user", w.job, "");
			windows.push_back({ t->f_slot, w });
			if (!w.data.empty())
				words.push_back(w);
			o.records++;
			last = cycle;
			idle = 0;
		}
		if (d) {
			const want &w = words.front();
			for (size_t i = 0; i < 16 && d_at + i < w.data.size();
			     i++)
				if ((uint8_t)(t->d_data[i / 4] >>
					      8 * (i % 4)) !=
				    w.data[d_at + i]) {
					fail("data", w.job, "");
					break;
				}
			d_at += 16;
			if (d_at >= w.data.size()) {
				words.pop_front();
				d_at = 0;
			}
			last = std::max(last, cycle);
			idle = 0;
		}
		if (t->h_release) {
			windows.pop_front();
			h_phase = 0;
			window_ok = true;
		}
		if (took) {
			held = false;
			if (!o.words++)
				start = cycle;
			at += 16;
			if (t->s_tlast) {
				at = 0;
				ji++;
			}
			idle = 0;
		}
		t->clk = t->clk_parse = 1;
		t->eval();
		t->clk = t->clk_parse = 0;
		t->eval();
		cycle++;
		idle++;
		if (ji == jobs.size() && entered == ji && expect.empty() &&
		    words.empty() && windows.empty() && idle > 40)
			break;
	}
	if (ji != jobs.size() || entered != ji || !expect.empty() ||
	    !words.empty()) {
		printf("  stuck: %zu of %zu frames in, %zu seen, %zu records, "
		       "%zu data due\n",
		       ji, jobs.size(), entered, expect.size(), words.size());
		o.errors++;
	}
	if (t->d_valid || t->f_valid) {
		printf("  something left over\n");
		o.errors++;
	}
	o.cycles = last - start + 1;
	t->final();
	delete t;
	return o;
}

static std::vector<job> random_jobs(uint32_t seed, size_t n, bool errs)
{
	maker m(seed);
	std::vector<job> v(n);
	for (auto &j : v) {
		j.frame = m.frame();
		j.user = m.below(65536);
		if (errs && m.chance(10))
			j.err = m.below(63);
	}
	return v;
}
