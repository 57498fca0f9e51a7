// SPDX-License-Identifier: Apache-2.0
/* espctl regs: registers by name. */
#include <string.h>
#include "espctl.h"

int cmd_regs(struct espctl *e, int argc, char **argv)
{
	json_t *result, *r;
	int ret, i, hits = 0;
	size_t n;

	ret = espctl_call(e, json_pack("{s:s}", "cmd", "regs"), &result);
	if (ret)
		return ret;
	if (e->json && !argc) {
		espctl_print_json(result);
		json_decref(result);
		return ESPCTL_OK;
	}
	json_array_foreach (result, n, r) {
		for (i = 0; i < argc && strcmp(argv[i], str(r, "name")); i++)
			;
		if (argc && i == argc)
			continue;
		hits++;
		if (e->json)
			espctl_print_json(r);
		else
			printf("0x%04llx %-16s 0x%08llx\n", num(r, "offset"),
			       str(r, "name"), num(r, "value"));
	}
	json_decref(result);
	if (!hits) {
		fprintf(stderr, "espctl: no such register\n");
		return ESPCTL_FAILED;
	}
	return ESPCTL_OK;
}
