// SPDX-License-Identifier: Apache-2.0
/* Commands on policies. */
#include <errno.h>
#include <string.h>
#include "ctl_internal.h"

static const char *const dirs[] = { "out", "in", NULL };
static const char *const actions[] = { "discard", "bypass", "protect", NULL };

static json_t *policy_json(uint32_t id, const struct espalier_policy *p)
{
	json_t *j;

	j = json_pack("{s:I, s:s, s:s, s:I, s:o, s:o, s:o, s:o, s:o}", "id",
		      (json_int_t)id, "dir", dirs[p->dir], "action",
		      actions[p->action], "priority", (json_int_t)p->priority,
		      "src", espi_json_range(&p->src_lo, &p->src_hi), "dst",
		      espi_json_range(&p->dst_lo, &p->dst_hi), "proto",
		      p->proto < 0 ? json_string("any")
				   : json_integer(p->proto),
		      "sport", espi_json_ports(p->sport_lo, p->sport_hi),
		      "dport", espi_json_ports(p->dport_lo, p->dport_hi));
	if (!j || p->action != ESPALIER_PROTECT)
		return j;
	if (p->dir == ESPALIER_DIR_OUT)
		espi_json_set(&j, "sa", json_integer((json_int_t)p->sa));
	else
		espi_json_set(&j, "reqid", json_integer(p->reqid));
	return j;
}

static int policy_list(struct ctl_req *req, json_t **result)
{
	struct espalier_policy p;
	uint32_t id;
	int ret;

	*result = json_array();
	for (id = 0; (id = espalier_policy_next(req->dev, id)) != 0;) {
		ret = espalier_policy_get(req->dev, id, &p);
		if (ret)
			return espi_ctl_device(req, ret);
		espi_json_append(result, policy_json(id, &p));
	}
	return *result ? 0 : espi_ctl_no_memory(req);
}

static int arg_proto(struct ctl_req *req, int *proto)
{
	const char *s = json_string_value(json_object_get(req->args, "proto"));
	uint32_t v = 0;
	int ret;

	*proto = -1;
	if (s && !strcmp(s, "any"))
		return 0;
	ret = espi_arg_u32(req, "proto", false, 255, &v);
	if (ret == 1)
		*proto = (int)v;
	return ret;
}

static int policy_args(struct ctl_req *req, struct espalier_policy *p)
{
	uint32_t reqid = 0;
	int ret, dir = 0, action = 0;

	ret = espi_arg_word(req, "dir", true, dirs, &dir);
	if (ret >= 0)
		ret = espi_arg_word(req, "action", true, actions, &action);
	if (ret >= 0)
		ret = espi_arg_u32(req, "priority", false, UINT32_MAX,
				   &p->priority);
	if (ret >= 0)
		ret = espi_arg_range(req, "src", &p->src_lo, &p->src_hi);
	if (ret >= 0)
		ret = espi_arg_range(req, "dst", &p->dst_lo, &p->dst_hi);
	if (ret >= 0)
		ret = arg_proto(req, &p->proto);
	if (ret >= 0)
		ret = espi_arg_ports(req, "sport", &p->sport_lo, &p->sport_hi);
	if (ret >= 0)
		ret = espi_arg_ports(req, "dport", &p->dport_lo, &p->dport_hi);
	if (ret >= 0)
		ret = espi_arg_u32(req, "sa", false, UINT32_MAX, &p->sa);
	if (ret >= 0)
		ret = espi_arg_u32(req, "reqid", false, 65535, &reqid);
	p->dir = (enum espalier_dir)dir;
	p->action = (enum espalier_action)action;
	p->reqid = (uint16_t)reqid;
	return ret < 0 ? ret : 0;
}

static int policy_add(struct ctl_req *req, json_t **result)
{
	struct espalier_policy p;
	uint32_t id;
	int ret;

	memset(&p, 0, sizeof(p));
	ret = policy_args(req, &p);
	if (ret)
		return ret;
	/* First what the id will be told in. */
	*result = json_pack("{s:I}", "id", (json_int_t)0);
	if (!*result)
		return espi_ctl_no_memory(req);
	ret = espalier_policy_add(req->dev, &p, &id);
	if (ret)
		return espi_ctl_device(req, ret);
	json_integer_set(json_object_get(*result, "id"), id);
	return 0;
}

static int policy_set_sa(struct ctl_req *req, json_t **result)
{
	uint32_t id, sa;
	int ret;

	(void)result;
	ret = espi_arg_u32(req, "policy", true, UINT32_MAX, &id);
	if (ret < 0)
		return ret;
	ret = espi_arg_u32(req, "sa", true, UINT32_MAX, &sa);
	if (ret < 0)
		return ret;
	return espi_ctl_device(req, espalier_policy_set_sa(req->dev, id, sa));
}

static int policy_del(struct ctl_req *req, json_t **result)
{
	uint32_t id;
	int ret;

	(void)result;
	ret = espi_arg_u32(req, "policy", true, UINT32_MAX, &id);
	if (ret < 0)
		return ret;
	return espi_ctl_device(req, espalier_policy_del(req->dev, id));
}

static int policy_flush(struct ctl_req *req, json_t **result)
{
	(void)result;
	return espi_ctl_device(req, espalier_policy_flush(req->dev));
}

static const char *const none[] = { NULL };
static const char *const add_args[] = { "dir", "action", "priority", "src",
					"dst", "proto",	 "sport",    "dport",
					"sa",  "reqid",	 NULL };
static const char *const set_args[] = { "policy", "sa", NULL };
static const char *const del_args[] = { "policy", NULL };

const struct ctl_cmd espi_ctl_policy[] = {
	{ "policy.list", false, none, policy_list },
	{ "policy.add", true, add_args, policy_add },
	{ "policy.set-sa", true, set_args, policy_set_sa },
	{ "policy.del", true, del_args, policy_del },
	{ "policy.flush", true, none, policy_flush },
	{ NULL, false, NULL, NULL },
};
