// SPDX-License-Identifier: Apache-2.0
//
// Counting checks for RTL tests.
#pragma once
#include <cstdio>

static unsigned checks_passed, checks_failed;

#define CHECK(cond, ...)                                                         \
	do {                                                                     \
		if (cond) {                                                      \
			checks_passed++;                                         \
		} else if (checks_failed++ < 20) {                               \
			printf("%s:%d: %s: ", __FILE__, __LINE__, #cond);        \
			printf(__VA_ARGS__);                                     \
			printf("\n");                                            \
		}                                                                \
	} while (0)

static inline int checks_end(const char *name)
{
	printf("%s: %u passed, %u failed\n", name, checks_passed, checks_failed);
	return checks_failed || !checks_passed;
}
