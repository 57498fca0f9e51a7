/* SPDX-License-Identifier: Apache-2.0 */
/* Counting checks: CHECK() records, check_report() prints the summary line. */
#ifndef CHECK_H
#define CHECK_H
#include <cstdint>
#include <cstdio>

static unsigned check_passed, check_failed;

#define CHECK(cond, ...)                                                \
	do {                                                            \
		if (cond) {                                             \
			check_passed++;                                 \
		} else if (check_failed++ < 30) {                       \
			printf("%s:%d: %s: ", __FILE__, __LINE__, #cond); \
			printf(__VA_ARGS__);                            \
			printf("\n");                                   \
		}                                                       \
	} while (0)

static inline int check_report(const char *name)
{
	printf("%s: %u passed, %u failed\n", name, check_passed, check_failed);
	return check_failed || !check_passed;
}

/* xorshift64*: the same stream on every machine */
struct rng {
	uint64_t s;
	explicit rng(uint64_t seed) : s(seed * 0x9e3779b97f4a7c15ull + 1) {}
	uint64_t next()
	{
		s ^= s >> 12;
		s ^= s << 25;
		s ^= s >> 27;
		return s * 0x2545f4914f6cdd1dull;
	}
	uint64_t below(uint64_t n) { return n ? (next() >> 11) % n : 0; }
	bool chance(unsigned percent) { return below(100) < percent; }
};
#endif
