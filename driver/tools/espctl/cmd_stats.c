// SPDX-License-Identifier: Apache-2.0
/* espctl stats: in the habit of `ethtool -S`. */
#include <string.h>
#include "espctl.h"

static bool wanted(const char *name, int argc, char **argv)
{
	int i;

	for (i = 0; i < argc; i++)
		if (!strcmp(name, argv[i]))
			return true;
	return !argc;
}

static void print_numbers(const char *prefix, const json_t *obj, int argc,
			  char **argv)
{
	char name[96], buf[24];
	const char *key;
	json_t *val;

	json_object_foreach ((json_t *)obj, key, val) {
		snprintf(name, sizeof(name), "%s%s", prefix, key);
		if (!json_is_object(val) && !json_is_array(val) &&
		    wanted(name, argc, argv))
			printf("     %s: %s\n", name,
			       espctl_u64(obj, key, buf));
	}
}

int cmd_stats(struct espctl *e, int argc, char **argv)
{
	json_t *result, *val;
	char prefix[32], buf[24];
	const char *key;
	size_t i;
	int ret;

	ret = espctl_call(e, json_pack("{s:s}", "cmd", "stats"), &result);
	if (ret)
		return ret;
	if (e->json) {
		espctl_print_json(result);
		json_decref(result);
		return ESPCTL_OK;
	}
	if (!argc)
		printf("NIC statistics:\n");
	json_object_foreach (json_object_get(result, "counters"), key, val) {
		if (!wanted(key, argc, argv))
			continue;
		printf("     %s: %s", key, espctl_u64(val, "packets", buf));
		printf(" (%s bytes)\n", espctl_u64(val, "bytes", buf));
	}
	print_numbers("", result, argc, argv);
	json_array_foreach (json_object_get(result, "queues"), i, val) {
		snprintf(prefix, sizeof(prefix), "queue%zu_", i);
		print_numbers(prefix, val, argc, argv);
	}
	json_decref(result);
	return ESPCTL_OK;
}
