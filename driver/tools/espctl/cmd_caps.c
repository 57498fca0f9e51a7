// SPDX-License-Identifier: Apache-2.0
/* espctl caps: what the device can do. */
#include "espctl.h"

static void print_value(const json_t *v)
{
	const json_t *item;
	size_t i;

	if (json_is_array(v))
		json_array_foreach (v, i, item) {
			putchar(' ');
			printf("%lld", (long long)json_integer_value(item));
		}
	else if (json_is_boolean(v))
		printf(" %s", json_is_true(v) ? "yes" : "no");
	else if (json_is_string(v))
		printf(" %s", json_string_value(v));
	else
		printf(" %lld", (long long)json_integer_value(v));
	putchar('\n');
}

int cmd_caps(struct espctl *e, int argc, char **argv)
{
	json_t *result, *v;
	const char *key;
	int ret;

	(void)argv;
	if (argc)
		return espctl_usage("caps");
	ret = espctl_call(e, json_pack("{s:s}", "cmd", "caps"), &result);
	if (ret)
		return ret;
	if (e->json) {
		espctl_print_json(result);
	} else {
		json_object_foreach (result, key, v) {
			printf("%s:", key);
			print_value(v);
		}
	}
	json_decref(result);
	return ESPCTL_OK;
}
