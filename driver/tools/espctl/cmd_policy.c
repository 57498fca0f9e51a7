// SPDX-License-Identifier: Apache-2.0
/* espctl policy: in the habit of `ip xfrm policy`. */
#include <string.h>
#include "espctl.h"

static void print_proto(const json_t *p)
{
	const json_t *proto = json_object_get(p, "proto");

	if (json_is_integer(proto))
		printf(" proto %lld", num(p, "proto"));
	if (strcmp(str(p, "sport"), "any"))
		printf(" sport %s", str(p, "sport"));
	if (strcmp(str(p, "dport"), "any"))
		printf(" dport %s", str(p, "dport"));
}

static void print_policy(const json_t *p)
{
	printf("src %s dst %s", str(p, "src"), str(p, "dst"));
	print_proto(p);
	printf("\n\tdir %s action %s priority %lld id %lld", str(p, "dir"),
	       str(p, "action"), num(p, "priority"), num(p, "id"));
	if (json_object_get(p, "sa"))
		printf(" sa 0x%08llx", num(p, "sa"));
	if (json_object_get(p, "reqid"))
		printf(" reqid %lld", num(p, "reqid"));
	putchar('\n');
}

static int list(struct espctl *e)
{
	json_t *result, *p;
	size_t i;
	int ret;

	ret = espctl_call(e, json_pack("{s:s}", "cmd", "policy.list"), &result);
	if (ret)
		return ret;
	if (e->json)
		espctl_print_json(result);
	else
		json_array_foreach (result, i, p)
			print_policy(p);
	json_decref(result);
	return ESPCTL_OK;
}

static json_t *request_of(int argc, char **argv)
{
	const char *verb = argv[0];

	if (!strcmp(verb, "add"))
		return json_pack("{s:s}", "cmd", "policy.add");
	if (!strcmp(verb, "flush") && argc == 1)
		return json_pack("{s:s}", "cmd", "policy.flush");
	if (!strcmp(verb, "del") && argc == 2)
		return json_pack("{s:s, s:s}", "cmd", "policy.del", "policy",
				 argv[1]);
	if (!strcmp(verb, "set-sa") && argc == 3)
		return json_pack("{s:s, s:s, s:s}", "cmd", "policy.set-sa",
				 "policy", argv[1], "sa", argv[2]);
	return NULL;
}

int cmd_policy(struct espctl *e, int argc, char **argv)
{
	json_t *request, *result = NULL;
	int ret = ESPCTL_OK;

	if (!argc || (!strcmp(argv[0], "list") && argc == 1))
		return list(e);
	request = request_of(argc, argv);
	if (!request)
		return espctl_usage("policy");
	if (!strcmp(argv[0], "add"))
		ret = espctl_pairs(request, argc - 1, argv + 1, NULL);
	if (ret) {
		json_decref(request);
		return ret;
	}
	ret = espctl_call(e, request, &result);
	if (!ret && result && e->json)
		espctl_print_json(result);
	else if (!ret && result)
		printf("id %lld\n", num(result, "id"));
	json_decref(result);
	return ret;
}
