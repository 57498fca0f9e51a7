// SPDX-License-Identifier: Apache-2.0
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <CUnit/Basic.h>
#include "suite.h"

static const char *skipped;

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

int suite_run(const char *name, const struct test_case *cases, int argc,
	      char **argv)
{
	unsigned int passed = 0, failed = 0, skips = 0;
	CU_pSuite suite;

	if (argc == 2 && !strcmp(argv[1], "--list")) {
		for (; cases->name; cases++)
			printf("%s\n", cases->name);
		return 0;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (CU_initialize_registry())
		return 2;
	CU_basic_set_mode(CU_BRM_SILENT);
	CU_set_error_action(CUEA_IGNORE);
	suite = CU_add_suite(name, NULL, NULL);
	for (; cases->name; cases++) {
		CU_pTest test;
		double start = now();

		if (!wanted(cases->name, argc, argv))
			continue;
		skipped = NULL;
		test = CU_add_test(suite, cases->name, cases->run);
		CU_basic_run_test(suite, test);
		if (CU_get_number_of_failures()) {
			CU_pFailureRecord f = CU_get_failure_list();
			int left = 10;

			for (; f && left--; f = f->pNext)
				printf("    %s:%u: %s\n", f->strFileName,
				       f->uiLineNumber, f->strCondition);
			failed++;
		} else if (skipped) {
			skips++;
		} else {
			passed++;
		}
		printf("  %-8s%-44s%6.2f s%s%s\n",
		       CU_get_number_of_failures() ? "FAILED"
		       : skipped		   ? "skipped"
						   : "ok",
		       cases->name, now() - start, skipped ? "  " : "",
		       skipped ? skipped : "");
	}
	CU_cleanup_registry();
	printf("%s: %u passed, %u failed, %u skipped\n", name, passed, failed,
	       skips);
	return failed || passed + failed + skips == 0;
}
