// SPDX-License-Identifier: Apache-2.0
/* Commands that tell about the device. */
#include <errno.h>
#include <stdio.h>
#include "ctl_internal.h"
#include "reg_names.h" /* made from espalier_regs.h */

static json_t *icv_json(uint32_t algs)
{
	json_t *list = json_array();
	int i;

	for (i = 0; i < 3; i++)
		if (algs & 1u << i)
			espi_json_append(&list, json_integer(128 - 32 * i));
	return list;
}

static int caps(struct ctl_req *req, json_t **result)
{
	struct espalier_caps c;
	json_t *keys = json_array();
	char version[32], mac[18];

	espalier_get_caps(req->dev, &c);
	snprintf(version, sizeof(version), "%u.%u", c.version_major,
		 c.version_minor);
	snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x", c.mac[0],
		 c.mac[1], c.mac[2], c.mac[3], c.mac[4], c.mac[5]);
	if (c.key128)
		espi_json_append(&keys, json_integer(128));
	if (c.key256)
		espi_json_append(&keys, json_integer(256));
	*result = json_pack(
		"{s:s, s:s, s:s, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, "
		"s:i, s:o, s:o, s:b, s:b, s:b, s:b, s:b, s:b, s:i, s:i}",
		"version", version, "bus", req->dev->bus->name, "mac", mac,
		"queues", (int)c.queues, "tx_ring", (int)c.tx_ring, "rx_ring",
		(int)c.rx_ring, "buf_size", (int)c.buf_size, "frame_max",
		(int)c.frame_max, "sa_entries", (int)c.sa_entries,
		"policy_entries", (int)c.spd_entries, "flow_cache",
		(int)c.spd_flows, "window_min", (int)c.window_min, "window_max",
		(int)c.window_max, "key_bits", keys, "icv_bits",
		icv_json(c.icv_algs), "esn", (int)c.esn, "tunnel",
		(int)c.tunnel, "transport", (int)c.transport, "ipv4",
		(int)c.ipv4, "ipv6", (int)c.ipv6, "test_hooks",
		(int)c.test_hooks, "lanes", (int)c.lanes, "engines",
		(int)c.engines);
	return *result ? 0 : espi_ctl_no_memory(req);
}

static json_t *queue_json(const struct espalier_queue_stats *q)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "tx_posted",
			 espi_json_u64(q->tx_posted), "tx_done",
			 espi_json_u64(q->tx_done), "tx_doorbells",
			 espi_json_u64(q->tx_doorbells), "rx_frames",
			 espi_json_u64(q->rx_frames), "rx_dropped",
			 espi_json_u64(q->rx_dropped), "rx_doorbells",
			 espi_json_u64(q->rx_doorbells));
}

static int stats(struct ctl_req *req, json_t **result)
{
	struct espalier_queue_stats qs;
	struct espalier_stats s;
	json_t *codes, *queues;
	unsigned int i;
	const char *name;
	int ret;

	ret = espalier_get_stats(req->dev, &s);
	if (ret)
		return espi_ctl_device(req, ret);
	codes = json_object();
	for (i = 0; i < ESPALIER_CODE_COUNT; i++) {
		name = espalier_code_name((enum espalier_code)i);
		if (name)
			espi_json_set(
				&codes, name,
				json_pack("{s:o, s:o}", "packets",
					  espi_json_u64(s.code[i].packets),
					  "bytes",
					  espi_json_u64(s.code[i].bytes)));
	}
	queues = json_array();
	for (i = 0; espalier_get_queue_stats(req->dev, i, &qs) == 0; i++)
		espi_json_append(&queues, queue_json(&qs));
	*result = json_pack(
		"{s:o, s:o, s:o, s:I, s:I, s:I, s:I}", "counters", codes,
		"queues", queues, "cycles", espi_json_u64(s.cycles), "spd_hits",
		(json_int_t)s.spd_hits, "spd_misses", (json_int_t)s.spd_misses,
		"spd_miss_cycles", (json_int_t)s.spd_miss_cycles,
		"sa_install_cycles", (json_int_t)s.sa_install_cycles);
	return *result ? 0 : espi_ctl_no_memory(req);
}

static void add_reg(json_t **list, struct espalier_dev *dev, const char *name,
		    uint32_t off)
{
	uint32_t val;

	if (!espalier_reg_read(dev, off, &val))
		espi_json_append(list, json_pack("{s:s, s:i, s:I}", "name",
						 name, "offset", (int)off,
						 "value", (json_int_t)val));
}

/* All but the staging registers of the table port: those may hold what another
 * caller of the library is just about to write. */
static int regs(struct ctl_req *req, json_t **result)
{
	char name[64];
	unsigned int q;
	size_t i;

	*result = json_array();
	for (i = 0; i < sizeof(reg_names) / sizeof(reg_names[0]); i++)
		add_reg(result, req->dev, reg_names[i].name, reg_names[i].off);
	for (q = 0; q < req->dev->nqueues; q++)
		for (i = 0; i < sizeof(q_reg_names) / sizeof(q_reg_names[0]);
		     i++) {
			snprintf(name, sizeof(name), "Q%u_%s", q,
				 q_reg_names[i].name);
			add_reg(result, req->dev, name,
				q_reg_names[i].off + ESPALIER_Q_STRIDE * q);
		}
	return *result ? 0 : espi_ctl_no_memory(req);
}

static int version(struct ctl_req *req, json_t **result)
{
	*result = json_pack("{s:s}", "version", espalier_version());
	return *result ? 0 : espi_ctl_no_memory(req);
}

static int monitor(struct ctl_req *req, json_t **result)
{
	(void)result;
	*req->monitor = true;
	return 0;
}

static const char *const none[] = { NULL };

const struct ctl_cmd espi_ctl_info[] = {
	{ "version", false, none, version }, { "caps", false, none, caps },
	{ "stats", false, none, stats },     { "regs", false, none, regs },
	{ "monitor", false, none, monitor }, { NULL, false, NULL, NULL },
};
