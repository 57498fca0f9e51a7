// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include "stats.h"

static void set(json_t *o, const char *key, uint64_t v)
{
	json_object_set_new(o, key, json_integer((json_int_t)v));
}

static json_t *clear_side(struct gateway *gw)
{
	json_t *o = json_object();

	set(o, "in_packets", gw->io->in_packets);
	set(o, "in_bytes", gw->io->in_bytes);
	set(o, "in_not_ip", gw->not_ip);
	set(o, "in_dropped", gw->io->dropped(gw->io));
	set(o, "in_too_big", gw->too_big);
	set(o, "out_packets", gw->io->out_packets);
	set(o, "out_bytes", gw->io->out_bytes);
	set(o, "out_errors", gw->io->out_errors);
	return o;
}

static json_t *queues(struct gateway *gw)
{
	json_t *a = json_array();

	for (unsigned int q = 0; q < gw->queues; q++) {
		json_t *o = json_object();

		set(o, "tx", gw->queue[q].tx);
		set(o, "rx", gw->queue[q].rx);
		json_array_append_new(a, o);
	}
	return a;
}

static json_t *tx_ended(struct gateway *gw)
{
	json_t *o = json_object();

	for (unsigned int i = 0; i < ESPALIER_CODE_COUNT; i++) {
		const char *name = espalier_code_name((enum espalier_code)i);

		if (gw->tx_ended[i])
			set(o, name ? name : "?", gw->tx_ended[i]);
	}
	return o;
}

static json_t *device(struct gateway *gw)
{
	struct espalier_stats st;
	json_t *o = json_object(), *codes = json_object();

	if (espalier_get_stats(gw->dev, &st)) {
		json_decref(o);
		json_decref(codes);
		return json_null();
	}
	for (unsigned int i = 0; i < ESPALIER_CODE_COUNT; i++) {
		const char *name = espalier_code_name((enum espalier_code)i);
		json_t *c;

		if (!name || !st.code[i].packets)
			continue;
		c = json_object();
		set(c, "packets", st.code[i].packets);
		set(c, "bytes", st.code[i].bytes);
		json_object_set_new(codes, name, c);
	}
	set(o, "cycles", st.cycles);
	set(o, "spd_hits", st.spd_hits);
	set(o, "spd_misses", st.spd_misses);
	set(o, "spd_miss_cycles", st.spd_miss_cycles);
	set(o, "sa_install_cycles", st.sa_install_cycles);
	json_object_set_new(o, "codes", codes);
	return o;
}

static json_t *sas(struct gateway *gw)
{
	json_t *a = json_array();

	for (uint32_t h = espalier_sa_next(gw->dev, 0); h;
	     h = espalier_sa_next(gw->dev, h)) {
		struct espalier_sa_info info;
		char spi[16];
		json_t *o;

		if (espalier_sa_query(gw->dev, h, &info))
			continue;
		o = json_object();
		snprintf(spi, sizeof(spi), "0x%08x", info.sa.spi);
		json_object_set_new(o, "spi", json_string(spi));
		json_object_set_new(o, "dir",
				    json_string(info.sa.dir == ESPALIER_DIR_IN
							? "in"
							: "out"));
		set(o, "seq", info.sa.seq);
		set(o, "packets", info.packets);
		set(o, "bytes", info.bytes);
		set(o, "replays", info.replays);
		set(o, "auth_failures", info.auth_failures);
		json_array_append_new(a, o);
	}
	return a;
}

static json_t *encapsulated(const struct udpencap *u)
{
	struct udpencap_counters c;
	json_t *o = json_object();

	udpencap_counters(u, &c);
	set(o, "out", c.out);
	set(o, "in", c.in);
	return o;
}

int stats_write(const char *path, struct gateway *gw, const struct world *w,
		const struct udpencap *u)
{
	json_t *o = json_object();
	char tmp[4096];
	int ret = 0;

	if (!o)
		return -ENOMEM;
	json_object_set_new(o, "clear", clear_side(gw));
	json_object_set_new(o, "queues", queues(gw));
	json_object_set_new(o, "tx_ended", tx_ended(gw));
	json_object_set_new(o, "device", device(gw));
	json_object_set_new(o, "sas", sas(gw));
	if (u)
		json_object_set_new(o, "udp_encapsulation", encapsulated(u));
	if (w)
		json_object_set_new(o, "ike", world_stats(w));
	/* a reader never sees half a file */
	if (snprintf(tmp, sizeof(tmp), "%s.tmp", path) >= (int)sizeof(tmp))
		ret = -ENAMETOOLONG;
	else if (json_dump_file(o, tmp, JSON_INDENT(2)) || rename(tmp, path))
		ret = -EIO;
	json_decref(o);
	return ret;
}
