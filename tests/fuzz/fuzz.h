/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: what fuzz targets share
 *
 * A target is called with bytes that nobody checked. Beyond not crashing, it
 * says what has to hold: FUZZ_CHECK() ends the run and names the condition.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** a target that is slow says how many inputs a slice of `make test` has */
extern const unsigned long fuzz_slice __attribute__((weak));

#define FUZZ_CHECK(cond)                                                       \
	do {                                                                   \
		if (!(cond)) {                                                 \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__,     \
				#cond);                                        \
			abort();                                               \
		}                                                              \
	} while (0)

/** fuzz_touch() - read every byte, so that a wrong bound is noticed */
static inline void fuzz_touch(const void *p, size_t len)
{
	const volatile uint8_t *b = p;

	for (size_t i = 0; i < len; i++)
		(void)b[i];
}

#endif /* TESTS_FUZZ_H */
