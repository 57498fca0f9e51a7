// SPDX-License-Identifier: Apache-2.0
#include <stdbool.h>
#include <string.h>
#include <CUnit/TestRun.h>
#include "cunit_main.h"

static bool wanted(const char *name, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!strcmp(argv[i], name))
			return true;
	return argc < 2;
}

/* true when the case held */
static bool run(CU_pSuite suite, const struct cunit_case *c)
{
	CU_pTest test = CU_add_test(suite, c->name, c->run);
	const CU_FailureRecord *f;
	unsigned int n = 0;

	CU_run_test(suite, test);
	for (f = CU_get_failure_list(); f; f = f->pNext, n++)
		if (n < 10)
			printf("%s: %s:%u: %s\n", c->name, f->strFileName,
			       f->uiLineNumber, f->strCondition);
	return n == 0;
}

int cunit_main(const char *name, const struct cunit_case *cases, int argc,
	       char **argv)
{
	unsigned int passed = 0, failed = 0;
	CU_pSuite suite;

	if (argc == 2 && !strcmp(argv[1], "--list")) {
		for (; cases->name; cases++)
			puts(cases->name);
		return 0;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (CU_initialize_registry())
		return 2;
	CU_set_error_action(CUEA_IGNORE);
	suite = CU_add_suite(name, NULL, NULL);
	for (; suite && cases->name; cases++) {
		if (!wanted(cases->name, argc, argv))
			continue;
		if (run(suite, cases)) {
			passed++;
		} else {
			printf("FAILED %s\n", cases->name);
			failed++;
		}
	}
	CU_cleanup_registry();
	if (!passed && !failed) {
		printf("no such test\n");
		failed = 1;
	}
	printf("%s: %u passed, %u failed\n", name, passed, failed);
	return failed != 0;
}
