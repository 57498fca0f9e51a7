// SPDX-License-Identifier: Apache-2.0
/* Commands on security associations. */
#include <errno.h>
#include <string.h>
#include "ctl_internal.h"

static const char *const dirs[] = { "out", "in", NULL };
static const char *const modes[] = { "transport", "tunnel", NULL };
static const char *const dfs[] = { "copy", "set", "clear", NULL };

static const struct {
	uint32_t bit;
	const char *name;
} states[] = {
	{ ESPALIER_SA_ST_LIVE, "live" },
	{ ESPALIER_SA_ST_SEQ_STOP, "sequence-stop" },
	{ ESPALIER_SA_ST_HARD, "hard-limit" },
	{ ESPALIER_SA_ST_SOFT_BYTES, "soft-bytes" },
	{ ESPALIER_SA_ST_SOFT_PACKETS, "soft-packets" },
	{ ESPALIER_SA_ST_PARITY, "parity" },
};

static json_t *status_json(uint32_t status)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (status & states[i].bit)
			espi_json_append(&list, json_string(states[i].name));
	return list;
}

static json_t *limits_json(const struct espalier_limits *l)
{
	return json_pack("{s:o, s:o, s:o, s:o}", "soft_bytes",
			 espi_json_u64(l->soft_bytes), "hard_bytes",
			 espi_json_u64(l->hard_bytes), "soft_packets",
			 espi_json_u64(l->soft_packets), "hard_packets",
			 espi_json_u64(l->hard_packets));
}

static json_t *sa_json(const struct espalier_sa_info *info)
{
	const struct espalier_sa *sa = &info->sa;
	json_t *j;

	j = json_pack("{s:I, s:s, s:s, s:I, s:o, s:o, s:i, s:i, s:b, s:o, s:i}",
		      "handle", (json_int_t)info->handle, "dir", dirs[sa->dir],
		      "mode", modes[sa->mode], "spi", (json_int_t)sa->spi,
		      "src", espi_json_addr(&sa->src), "dst",
		      espi_json_addr(&sa->dst), "key_bits",
		      (int)(sa->key_len - 4) * 8, "icv_bits",
		      (int)sa->icv_len * 8, "esn", (int)sa->esn, "seq",
		      espi_json_u64(sa->seq), "reqid", (int)sa->reqid);
	if (!j)
		return NULL;
	if (sa->dir == ESPALIER_DIR_IN) {
		espi_json_set(&j, "window",
			      json_integer((json_int_t)sa->window));
		espi_json_set(&j, "queue", json_integer(sa->queue));
		espi_json_set(&j, "replays",
			      json_integer((json_int_t)info->replays));
		espi_json_set(&j, "auth_failures",
			      json_integer((json_int_t)info->auth_failures));
	} else {
		espi_json_set(&j, "mtu", json_integer((json_int_t)sa->mtu));
		espi_json_set(&j, "df", json_string(dfs[sa->df]));
		espi_json_set(&j, "dscp", json_integer(sa->dscp));
		espi_json_set(&j, "ttl", json_integer((json_int_t)sa->ttl));
		espi_json_set(&j, "flow_label",
			      json_integer((json_int_t)sa->flow_label));
	}
	espi_json_set(&j, "ecn", json_boolean(sa->ecn));
	espi_json_set(&j, "limits", limits_json(&sa->limits));
	espi_json_set(&j, "bytes", espi_json_u64(info->bytes));
	espi_json_set(&j, "packets", espi_json_u64(info->packets));
	espi_json_set(&j, "status", status_json(info->status));
	return j;
}

/* A line of its own, built here and zeroed here. */
static int show_key(struct ctl_req *req, uint32_t handle)
{
	static const char hex[] = "0123456789abcdef";
	char line[32 + 2 * 36];
	uint8_t key[36];
	int i, n, ret;

	if (!req->opts->key)
		return espi_fail(
			&req->err, -EPERM,
			"keys: the owner of the device does not give them out");
	ret = req->opts->key(req->opts->arg, handle, key);
	if (ret >= 0 && ret <= 36) {
		n = sprintf(line, "key 0x%08x ", handle);
		for (i = 0; i < ret; i++) {
			line[n++] = hex[key[i] >> 4];
			line[n++] = hex[key[i] & 15];
		}
		line[n] = '\0';
		req->line(req->line_arg, line);
		explicit_bzero(line, sizeof(line));
		ret = 0;
	} else {
		ret = espi_fail(&req->err, ret < 0 ? ret : -EIO,
				"keys: the owner has none for handle 0x%08x",
				handle);
	}
	explicit_bzero(key, sizeof(key));
	return ret;
}

static int one_sa(struct ctl_req *req, uint32_t handle, bool keys, json_t **j)
{
	struct espalier_sa_info info;
	int ret;

	ret = espalier_sa_query(req->dev, handle, &info);
	if (ret)
		return espi_ctl_device(req, ret);
	if (keys) {
		ret = show_key(req, handle);
		if (ret)
			return ret;
	}
	*j = sa_json(&info);
	return *j ? 0 : espi_ctl_no_memory(req);
}

static int sa_list(struct ctl_req *req, json_t **result)
{
	bool keys = false;
	uint32_t handle;
	json_t *j;
	int ret;

	ret = espi_arg_bool(req, "keys", &keys);
	if (ret < 0)
		return ret;
	*result = json_array();
	for (handle = 0; (handle = espalier_sa_next(req->dev, handle)) != 0;) {
		ret = one_sa(req, handle, keys, &j);
		if (ret)
			return ret;
		espi_json_append(result, j);
	}
	return *result ? 0 : espi_ctl_no_memory(req);
}

static int sa_get(struct ctl_req *req, json_t **result)
{
	bool keys = false;
	uint32_t handle;
	int ret;

	ret = espi_arg_u32(req, "handle", true, UINT32_MAX, &handle);
	if (ret < 0)
		return ret;
	ret = espi_arg_bool(req, "keys", &keys);
	if (ret < 0)
		return ret;
	return one_sa(req, handle, keys, result);
}

static int args_limits(struct ctl_req *req, struct espalier_limits *l)
{
	const struct {
		const char *name;
		uint64_t *val;
	} f[] = {
		{ "soft_bytes", &l->soft_bytes },
		{ "hard_bytes", &l->hard_bytes },
		{ "soft_packets", &l->soft_packets },
		{ "hard_packets", &l->hard_packets },
	};
	size_t i;
	int ret;

	for (i = 0; i < 4; i++) {
		ret = espi_arg_u64(req, f[i].name, false, UINT64_MAX, f[i].val);
		if (ret < 0)
			return ret;
	}
	return 0;
}

static int args_numbers(struct ctl_req *req, struct espalier_sa *sa)
{
	uint32_t queue = 0, dscp = 0, icv = 128, reqid = 0;
	const struct {
		const char *name;
		uint32_t max, *val;
	} f[] = {
		{ "icv_bits", 128, &icv },
		{ "window", 65535, &sa->window },
		{ "mtu", 65535, &sa->mtu },
		{ "ttl", 255, &sa->ttl },
		{ "flow_label", 0xfffff, &sa->flow_label },
		{ "reqid", 65535, &reqid },
	};
	size_t i;
	int ret;

	for (i = 0; i < sizeof(f) / sizeof(f[0]); i++) {
		ret = espi_arg_u32(req, f[i].name, false, f[i].max, f[i].val);
		if (ret < 0)
			return ret;
	}
	sa->icv_len = icv % 8 ? 0 : icv / 8;
	sa->reqid = (uint16_t)reqid;
	/* absent: copied, and by hash */
	ret = espi_arg_u32(req, "dscp", false, 63, &dscp);
	if (ret < 0)
		return ret;
	sa->dscp = ret ? (int)dscp : -1;
	ret = espi_arg_u32(req, "queue", false, 255, &queue);
	if (ret < 0)
		return ret;
	sa->queue = ret ? (int)queue : -1;
	return espi_arg_u64(req, "seq", false, UINT64_MAX, &sa->seq);
}

static int sa_args(struct ctl_req *req, struct espalier_sa *sa)
{
	int ret, dir = 0, mode = ESPALIER_MODE_TUNNEL, df = 0;

	ret = espi_arg_word(req, "dir", true, dirs, &dir);
	if (ret >= 0)
		ret = espi_arg_word(req, "mode", false, modes, &mode);
	if (ret >= 0)
		ret = espi_arg_word(req, "df", false, dfs, &df);
	if (ret >= 0)
		ret = espi_arg_u32(req, "spi", true, UINT32_MAX, &sa->spi);
	if (ret >= 0)
		ret = espi_arg_addr(req, "src", false, &sa->src);
	if (ret >= 0)
		ret = espi_arg_addr(req, "dst", true, &sa->dst);
	if (ret >= 0)
		ret = espi_arg_bool(req, "esn", &sa->esn);
	if (ret >= 0)
		ret = espi_arg_bool(req, "ecn", &sa->ecn);
	if (ret >= 0)
		ret = args_numbers(req, sa);
	if (ret >= 0)
		ret = args_limits(req, &sa->limits);
	sa->dir = (enum espalier_dir)dir;
	sa->mode = (enum espalier_mode)mode;
	sa->df = (enum espalier_df)df;
	return ret < 0 ? ret : 0;
}

static int sa_add(struct ctl_req *req, json_t **result)
{
	struct espalier_sa sa;
	uint32_t handle;
	int ret;

	memset(&sa, 0, sizeof(sa));
	ret = sa_args(req, &sa);
	if (ret)
		return ret;
	if (!req->key)
		return espi_fail(&req->err, -EINVAL,
				 "key: missing; a line `key HEX` goes before "
				 "the request");
	/* First what the handle will be told in. */
	*result = json_pack("{s:I}", "handle", (json_int_t)0);
	if (!*result)
		return espi_ctl_no_memory(req);
	memcpy(sa.key, req->key, req->key_len);
	sa.key_len = req->key_len;
	ret = espalier_sa_add(req->dev, &sa, &handle);
	explicit_bzero(sa.key, sizeof(sa.key));
	if (ret)
		return espi_ctl_device(req, ret);
	json_integer_set(json_object_get(*result, "handle"), handle);
	return 0;
}

/* What is not named stays as it is. */
static int sa_update(struct ctl_req *req, json_t **result)
{
	struct espalier_sa_info info;
	uint32_t handle;
	int ret;

	(void)result;
	ret = espi_arg_u32(req, "handle", true, UINT32_MAX, &handle);
	if (ret < 0)
		return ret;
	ret = espalier_sa_query(req->dev, handle, &info);
	if (ret)
		return espi_ctl_device(req, ret);
	ret = args_limits(req, &info.sa.limits);
	if (ret < 0)
		return ret;
	ret = espi_arg_u32(req, "mtu", false, 65535, &info.sa.mtu);
	if (ret < 0)
		return ret;
	return espi_ctl_device(req, espalier_sa_update(req->dev, handle,
						       &info.sa.limits,
						       info.sa.mtu));
}

static int sa_del(struct ctl_req *req, json_t **result)
{
	uint32_t handle;
	int ret;

	(void)result;
	ret = espi_arg_u32(req, "handle", true, UINT32_MAX, &handle);
	if (ret < 0)
		return ret;
	return espi_ctl_device(req, espalier_sa_del(req->dev, handle));
}

static int sa_flush(struct ctl_req *req, json_t **result)
{
	(void)result;
	return espi_ctl_device(req, espalier_sa_flush(req->dev));
}

static const char *const none[] = { NULL };
static const char *const list_args[] = { "keys", NULL };
static const char *const get_args[] = { "handle", "keys", NULL };
static const char *const del_args[] = { "handle", NULL };
static const char *const update_args[] = {
	"handle",	"mtu",		"soft_bytes", "hard_bytes",
	"soft_packets", "hard_packets", NULL
};
static const char *const add_args[] = {
	"dir",		"mode",	      "spi",	    "src",
	"dst",		"esn",	      "ecn",	    "icv_bits",
	"window",	"mtu",	      "ttl",	    "flow_label",
	"reqid",	"dscp",	      "queue",	    "seq",
	"df",		"soft_bytes", "hard_bytes", "soft_packets",
	"hard_packets", NULL
};

const struct ctl_cmd espi_ctl_sa[] = {
	{ "sa.list", false, list_args, sa_list },
	{ "sa.get", false, get_args, sa_get },
	{ "sa.add", true, add_args, sa_add },
	{ "sa.update", true, update_args, sa_update },
	{ "sa.del", true, del_args, sa_del },
	{ "sa.flush", true, none, sa_flush },
	{ NULL, false, NULL, NULL },
};
