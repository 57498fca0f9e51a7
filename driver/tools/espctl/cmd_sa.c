// SPDX-License-Identifier: Apache-2.0
/* espctl sa: in the habit of `ip xfrm state`. */
#include <string.h>
#include "espctl.h"

static const char *key_of(const struct espctl *e, long long handle)
{
	unsigned int i;

	for (i = 0; i < e->nkeys; i++)
		if (e->keys[i].handle == (uint32_t)handle)
			return e->keys[i].hex;
	return NULL;
}

/* 0 is no limit */
static const char *limit(const json_t *l, const char *name, char buf[24])
{
	espctl_u64(l, name, buf);
	return strcmp(buf, "0") ? buf : "(INF)";
}

static void print_life(const json_t *sa)
{
	const json_t *l = json_object_get(sa, "limits"), *v;
	char a[24], b[24];
	size_t i;

	printf("\tlifetime config:\n");
	printf("\t  limit: soft %s(bytes), hard %s(bytes)\n",
	       limit(l, "soft_bytes", a), limit(l, "hard_bytes", b));
	printf("\t  limit: soft %s(packets), hard %s(packets)\n",
	       limit(l, "soft_packets", a), limit(l, "hard_packets", b));
	printf("\tlifetime current:\n\t  %s(bytes), %s(packets)\n",
	       espctl_u64(sa, "bytes", a), espctl_u64(sa, "packets", b));
	printf("\tstatus");
	json_array_foreach (json_object_get(sa, "status"), i, v)
		printf(" %s", json_string_value(v));
	putchar('\n');
}

static void print_sa(const struct espctl *e, const json_t *sa)
{
	const char *key = key_of(e, num(sa, "handle"));
	const bool in = !strcmp(str(sa, "dir"), "in");
	char seq[24];

	printf("src %s dst %s\n", str(sa, "src"), str(sa, "dst"));
	printf("\tproto esp spi 0x%08llx reqid %lld mode %s dir %s handle "
	       "0x%08llx\n",
	       num(sa, "spi"), num(sa, "reqid"), str(sa, "mode"),
	       str(sa, "dir"), num(sa, "handle"));
	printf("\taead rfc4106(gcm(aes)) %s%s %lld bits, icv %lld\n",
	       key ? "0x" : "", key ? key : "(hidden)", num(sa, "key_bits"),
	       num(sa, "icv_bits"));
	printf("\tseq %s esn %s ecn %s", espctl_u64(sa, "seq", seq),
	       json_is_true(json_object_get(sa, "esn")) ? "on" : "off",
	       json_is_true(json_object_get(sa, "ecn")) ? "on" : "off");
	if (in) {
		printf(" replay-window %lld queue %lld\n", num(sa, "window"),
		       num(sa, "queue"));
		printf("\tstats: replay %lld failed %lld\n", num(sa, "replays"),
		       num(sa, "auth_failures"));
	} else {
		printf(" mtu %lld df %s dscp %lld ttl %lld flow-label "
		       "0x%05llx\n",
		       num(sa, "mtu"), str(sa, "df"), num(sa, "dscp"),
		       num(sa, "ttl"), num(sa, "flow_label"));
	}
	print_life(sa);
}

static int list(struct espctl *e, json_t *request)
{
	json_t *result, *sa;
	size_t i;
	int ret;

	if (e->show_keys)
		json_object_set_new(request, "keys", json_true());
	ret = espctl_call(e, request, &result);
	if (ret)
		return ret;
	if (e->json) {
		espctl_print_json(result);
		for (i = 0; i < e->nkeys; i++)
			printf("key 0x%08x %s\n", e->keys[i].handle,
			       e->keys[i].hex);
	} else if (json_is_array(result)) {
		json_array_foreach (result, i, sa)
			print_sa(e, sa);
	} else {
		print_sa(e, result);
	}
	json_decref(result);
	return ESPCTL_OK;
}

static int add(struct espctl *e, json_t *request, int argc, char **argv)
{
	char key[80] = "";
	json_t *result = NULL;
	int ret;

	ret = espctl_pairs(request, argc, argv, key);
	if (!ret && *key)
		ret = espctl_send_key(e, key);
	explicit_bzero(key, sizeof(key));
	if (ret) {
		json_decref(request);
		return ret;
	}
	ret = espctl_call(e, request, &result);
	if (!ret && e->json)
		espctl_print_json(result);
	else if (!ret)
		printf("handle 0x%08llx\n", num(result, "handle"));
	json_decref(result);
	return ret;
}

int cmd_sa(struct espctl *e, int argc, char **argv)
{
	const char *verb = argc ? argv[0] : "list";
	json_t *request, *result = NULL;
	int ret;

	if (!strcmp(verb, "list") && argc <= 1)
		return list(e, json_pack("{s:s}", "cmd", "sa.list"));
	if (!strcmp(verb, "show") && argc == 2)
		return list(e, json_pack("{s:s, s:s}", "cmd", "sa.get",
					 "handle", argv[1]));
	if (!strcmp(verb, "add"))
		return add(e, json_pack("{s:s}", "cmd", "sa.add"), argc - 1,
			   argv + 1);
	if (!strcmp(verb, "flush") && argc == 1) {
		request = json_pack("{s:s}", "cmd", "sa.flush");
	} else if (!strcmp(verb, "del") && argc == 2) {
		request = json_pack("{s:s, s:s}", "cmd", "sa.del", "handle",
				    argv[1]);
	} else if (!strcmp(verb, "update") && argc >= 2) {
		request = json_pack("{s:s, s:s}", "cmd", "sa.update", "handle",
				    argv[1]);
		ret = espctl_pairs(request, argc - 2, argv + 2, NULL);
		if (ret) {
			json_decref(request);
			return ret;
		}
	} else {
		return espctl_usage("sa");
	}
	ret = espctl_call(e, request, &result);
	json_decref(result);
	return ret;
}
