/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: the frame around a test program
 *
 *   test              every case
 *   test --list       their names
 *   test NAME...      these cases
 *
 * Ends on the line `name: N passed, N failed, N skipped` that the runner reads.
 */
#ifndef TESTS_SUITE_H
#define TESTS_SUITE_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <CUnit/CUnit.h>

struct test_case {
	const char *name;
	void (*run)(void);
};

/* The pieces of suite_run(), for cases that are made at run time. */
void suite_begin(const char *name);
/** suite_case() - true if it passed (or was skipped) */
bool suite_case(const char *name, void (*run)(void));
int suite_end(void);

int suite_run(const char *name, const struct test_case *cases, int argc,
	      char **argv);
/** suite_skip() - the case cannot run here; return right after it */
void suite_skip(const char *why);

#define EXPECT(cond)                                                           \
	do {                                                                   \
		CU_ASSERT(!!(cond));                                           \
	} while (0)
/* Both values, so that a failure can be read without a debugger. */
#define EXPECT_EQ(got, want)                                                   \
	do {                                                                   \
		int64_t got_ = (int64_t)(got), want_ = (int64_t)(want);        \
		if (got_ != want_)                                             \
			printf("    %s:%d: %s is %" PRId64 " (0x%" PRIx64      \
			       "), %s is %" PRId64 "\n",                       \
			       __FILE__, __LINE__, #got, got_, (uint64_t)got_, \
			       #want, want_);                                  \
		CU_ASSERT_EQUAL(got_, want_);                                  \
	} while (0)
#define MUST(cond)                                                             \
	do {                                                                   \
		CU_ASSERT_FATAL(!!(cond));                                     \
	} while (0)

#endif /* TESTS_SUITE_H */
