// SPDX-License-Identifier: Apache-2.0
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <CUnit/TestRun.h>
#include "suite.h"

static const char *skipped, *suite_name;
static unsigned int passed, failed, skips;
static CU_pSuite suite;

void suite_skip(const char *why)
{
	skipped = why;
}

static bool wanted(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], name))
			return true;
	return argc < 2;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

void suite_begin(const char *name)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (CU_initialize_registry())
		exit(2);
	CU_set_error_action(CUEA_IGNORE);
	suite_name = name;
	suite = CU_add_suite(name, NULL, NULL);
}

bool suite_case(const char *name, void (*run)(void))
{
	CU_pTest test = CU_add_test(suite, name, run);
	double start = now();
	const char *result = "ok";

	skipped = NULL;
	CU_run_test(suite, test);
	if (CU_get_number_of_failures()) {
		CU_pFailureRecord f = CU_get_failure_list();

		for (int left = 10; f && left; f = f->pNext, left--)
			printf("    %s:%u: %s\n", f->strFileName,
			       f->uiLineNumber, f->strCondition);
		failed++;
		skipped = NULL;
		result = "FAILED";
	} else if (skipped) {
		skips++;
		result = "skipped";
	} else {
		passed++;
	}
	printf("  %-8s%-46s%6.2f s%s%s\n", result, name, now() - start,
	       skipped ? "  " : "", skipped ? skipped : "");
	return strcmp(result, "FAILED") != 0;
}

int suite_end(void)
{
	CU_cleanup_registry();
	printf("%s: %u passed, %u failed, %u skipped\n", suite_name, passed,
	       failed, skips);
	return failed || passed + skips == 0;
}

int suite_run(const char *name, const struct test_case *cases, int argc,
	      char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "--list")) {
		for (; cases->name; cases++)
			printf("%s\n", cases->name);
		return 0;
	}
	suite_begin(name);
	for (; cases->name; cases++)
		if (wanted(cases->name, argc, argv))
			suite_case(cases->name, cases->run);
	return suite_end();
}
