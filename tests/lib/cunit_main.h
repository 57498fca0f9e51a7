/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: main() for CUnit programs
 *
 *   prog             every test
 *   prog --list      their names
 *   prog NAME...     these
 *
 * Ends on `name: N passed, N failed` and exits with 1 when something failed.
 */
#ifndef TESTS_CUNIT_MAIN_H
#define TESTS_CUNIT_MAIN_H

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <CUnit/CUnit.h>

struct cunit_case {
	const char *name;
	void (*run)(void);
};

/** cunit_main() - @cases ends on a NULL name */
int cunit_main(const char *name, const struct cunit_case *cases, int argc,
	       char **argv);

/* Both values, so that a failure says what was there. */
#define CHECK_EQ(got, want)                                                    \
	do {                                                                   \
		int64_t got_ = (int64_t)(got), want_ = (int64_t)(want);        \
		if (got_ != want_)                                             \
			printf("%s:%d: %s is %" PRId64 " (0x%" PRIx64          \
			       "), not %" PRId64 "\n",                         \
			       __FILE__, __LINE__, #got, got_, (uint64_t)got_, \
			       want_);                                         \
		CU_ASSERT_EQUAL(got_, want_);                                  \
	} while (0)

#endif /* TESTS_CUNIT_MAIN_H */
