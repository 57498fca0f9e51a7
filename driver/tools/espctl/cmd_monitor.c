// SPDX-License-Identifier: Apache-2.0
/* espctl monitor: events as they come, in the habit of `ip xfrm monitor`. */
#include "espctl.h"

static void print_event(const struct espctl *e, const json_t *line)
{
	const json_t *ev = json_object_get(line, "event");

	if (e->json) {
		json_dumpf(line, stdout, JSON_COMPACT);
		putchar('\n');
	} else {
		printf("%s sa 0x%08llx info %lld", str(ev, "type"),
		       num(ev, "sa"), num(ev, "info"));
		if (num(ev, "policy"))
			printf(" policy %lld", num(ev, "policy"));
		putchar('\n');
	}
	fflush(stdout);
}

int cmd_monitor(struct espctl *e, int argc, char **argv)
{
	json_t *line, *result;
	int ret;

	(void)argv;
	if (argc)
		return espctl_usage("monitor");
	ret = espctl_call(e, json_pack("{s:s}", "cmd", "monitor"), &result);
	if (ret)
		return ret;
	json_decref(result);
	while ((line = espctl_read(e)) != NULL) {
		print_event(e, line);
		json_decref(line);
	}
	fprintf(stderr, "espctl: %s: hung up\n", e->path);
	return ESPCTL_NO_OWNER;
}
