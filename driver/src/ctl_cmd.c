// SPDX-License-Identifier: Apache-2.0
/* From a line to an answer. */
#include <errno.h>
#include <string.h>
#include "ctl_internal.h"

json_t *espi_ctl_failure(int err, const char *text, json_t *id)
{
	const char *name = strerrorname_np(-err);
	json_t *j = json_pack("{s:b, s:s, s:s}", "ok", 0, "errno",
			      name ? name : "EIO", "error",
			      *text ? text : strerror(-err));

	if (!j) /* a sentence that is not UTF-8 */
		j = json_pack("{s:b, s:s, s:s}", "ok", 0, "errno", "EINVAL",
			      "error", "request: not understood");
	if (id)
		espi_json_set(&j, "id", json_incref(id));
	return j;
}

int espi_ctl_no_memory(struct ctl_req *req)
{
	return espi_fail(&req->err, -ENOMEM, "answer: out of memory");
}

int espi_ctl_device(struct ctl_req *req, int ret)
{
	return ret ? espi_fail(&req->err, ret, "%s", espalier_error(req->dev))
		   : 0;
}

static const struct ctl_cmd *find(const char *name)
{
	const struct ctl_cmd *const tables[] = { espi_ctl_info, espi_ctl_sa,
						 espi_ctl_policy };
	const struct ctl_cmd *c;
	size_t i;

	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (c = tables[i]; c->name; c++)
			if (!strcmp(c->name, name))
				return c;
	return NULL;
}

/* An argument that nobody reads is a mistake of the caller's. */
static int check_args(struct ctl_req *req, const struct ctl_cmd *cmd)
{
	const char *key;
	json_t *val;
	int i;

	json_object_foreach ((json_t *)req->args, key, val) {
		if (!strcmp(key, "cmd") || !strcmp(key, "id"))
			continue;
		for (i = 0; cmd->args[i] && strcmp(cmd->args[i], key); i++)
			;
		if (!cmd->args[i])
			return espi_fail(&req->err, -EINVAL,
					 "%.40s: unknown argument of %s", key,
					 cmd->name);
	}
	return 0;
}

static int serve(struct ctl_req *req, json_t **result)
{
	const struct ctl_cmd *cmd;
	const json_t *name;
	int ret;

	name = json_object_get(req->args, "cmd");
	if (!json_is_string(name))
		return espi_fail(&req->err, -EINVAL,
				 "cmd: missing, or not a string");
	cmd = find(json_string_value(name));
	if (!cmd)
		return espi_fail(&req->err, -EOPNOTSUPP,
				 "cmd: \"%.40s\" is not known",
				 json_string_value(name));
	ret = check_args(req, cmd);
	if (ret)
		return ret;
	if (cmd->writes && req->opts->read_only)
		return espi_fail(
			&req->err, -EPERM,
			"cmd: %s: the owner lets nobody change the device",
			cmd->name);
	return cmd->run(req, result);
}

/*
 * When memory runs out jansson (2.14) may call a good line a mistake, and may
 * even leave a character out of a string, which would be another address then.
 * So a line is read twice, and has to say the same.
 */
static int read_request(struct ctl_req *req, const char *line, size_t len,
			json_t **args)
{
	json_error_t e1 = { 0 }, e2 = { 0 };
	json_t *again;
	int ret = 0;

	*args = json_loadb(line, len, JSON_REJECT_DUPLICATES, &e1);
	again = json_loadb(line, len, JSON_REJECT_DUPLICATES, &e2);
	if (!*args && !again && e1.text[0] && !strcmp(e1.text, e2.text))
		ret = espi_fail(&req->err, -EPROTO, "request: not JSON: %.120s",
				e1.text);
	else if (!json_equal(*args, again))
		ret = espi_fail(&req->err, -ENOMEM, "request: out of memory");
	json_decref(again);
	if (ret) {
		json_decref(*args);
		*args = NULL;
	}
	return ret;
}

json_t *espi_ctl_answer(struct ctl_req *req, const char *line, size_t len)
{
	json_t *args, *id = NULL, *answer, *result = NULL;
	int ret;

	ret = read_request(req, line, len, &args);
	if (ret)
		return espi_ctl_failure(ret, req->err.text, NULL);
	if (!json_is_object(args)) {
		json_decref(args);
		return espi_ctl_failure(-EPROTO, "request: not a JSON object",
					NULL);
	}
	req->args = args;
	id = json_object_get(args, "id");
	/* All of the frame before anything is done: behind that it only has to
	 * be filled. */
	answer = json_pack("{s:b}", "ok", 1);
	if (id)
		espi_json_set(&answer, "id", json_incref(id));
	espi_json_set(&answer, "result", json_null());
	ret = answer ? serve(req, &result) : espi_ctl_no_memory(req);
	if (ret) {
		json_decref(answer);
		answer = espi_ctl_failure(ret, req->err.text, id);
		json_decref(result);
	} else if (result) {
		espi_json_set(&answer, "result", result);
	} else {
		json_object_del(answer, "result");
	}
	json_decref(args);
	return answer;
}

json_t *espi_ctl_event_json(const struct espalier_event *ev)
{
	const char *name = espalier_event_name(ev->type);

	return json_pack("{s:{s:s, s:i, s:I, s:I, s:I}}", "event", "type",
			 name ? name : "unknown", "code", (int)ev->type, "sa",
			 (json_int_t)ev->sa, "info", (json_int_t)ev->info,
			 "policy", (json_int_t)ev->policy);
}
