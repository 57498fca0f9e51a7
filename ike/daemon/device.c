// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <espalier/bus_null.h>
#include <espalier/bus_uio.h>
#include "device.h"
#include "log.h"

#define DTB_MAX (1 << 20)
#define COMPATIBLE "espalier,inline-ipsec-1.0"
#define NAME_MAX_LEN 64

/* ------------------------------------------------------------- simulation */

int device_attach_wire(struct device *d, const char *wire)
{
	const char *arg = wire ? strchr(wire, ':') : NULL;
	int ret = -EINVAL;
	char *end;
	long fd;

	if (!wire)
		return 0;
	if (!d->sim || !arg || !*++arg)
		goto out;
	if (!strncmp(wire, "packet:", 7)) {
		ret = espalier_sim_wire_packet(d->sim, arg);
	} else if (!strncmp(wire, "tap:", 4)) {
		ret = espalier_sim_wire_tap(d->sim, arg);
	} else if (!strncmp(wire, "dgram:", 6)) {
		fd = strtol(arg, &end, 10);
		if (!*end && fd >= 0 && fd < 65536)
			ret = espalier_sim_wire_dgram(d->sim, (int)fd);
	} else if (!strncmp(wire, "pcap:", 5)) {
		ret = espalier_sim_wire_pcap(d->sim, arg);
	}
out:
	if (ret)
		sayf("--wire %s: %s", wire,
		     !d->sim ? "only the simulated device has one"
			     : strerror(-ret));
	return ret;
}

static int open_sim(struct device *d, const struct options *o, const void *dtb,
		    size_t size, struct espalier_bus **bus,
		    struct espalier_err *err)
{
	int ret = espalier_sim_create(dtb, size, o->node, NULL, &d->sim, err);

	if (ret)
		return ret;
	*bus = espalier_sim_bus(d->sim);
	if (!o->capture)
		return 0;
	ret = espalier_sim_capture(d->sim, o->capture);
	if (ret)
		snprintf(err->text, sizeof(err->text), "%s: %s", o->capture,
			 strerror(-ret));
	return ret;
}

/* -------------------------------------------------------------- no device */

static unsigned int cell(const void *dtb, int node, const char *prop)
{
	int len;
	const fdt32_t *p = fdt_getprop(dtb, node, prop, &len);

	return p && len == 4 ? fdt32_to_cpu(*p) : 0;
}

/* It has no gates to disagree with: it is as large as the blob says. */
static int open_null(const struct options *o, const void *dtb, size_t size,
		     struct espalier_bus **bus, struct espalier_err *err)
{
	struct espalier_null_opts opts = { .mode = ESPALIER_NULL_LOOPBACK };
	struct espalier_null *null;
	int node = -1, ret;

	if (!fdt_check_full(dtb, size))
		node = o->node ? fdt_path_offset(dtb, o->node)
			       : fdt_node_offset_by_compatible(dtb, -1,
							       COMPATIBLE);
	if (node >= 0) { /* espalier_open() says what is wrong otherwise */
		opts.queues = cell(dtb, node, "espalier,num-queues");
		opts.sa_entries = cell(dtb, node, "espalier,sa-entries");
		opts.spd_entries = cell(dtb, node, "espalier,policy-entries");
		opts.window_max = cell(dtb, node, "espalier,replay-window-max");
	}
	ret = espalier_null_create(&opts, &null);
	if (ret)
		snprintf(err->text, sizeof(err->text),
			 "--device null: %u queues, %u SAs, %u policies: %s",
			 opts.queues, opts.sa_entries, opts.spd_entries,
			 strerror(-ret));
	else
		*bus = espalier_null_bus(null);
	return ret;
}

/* ---------------------------------------------------------------- a board */

/* "/dev/uio0" -> "/sys/class/uio/uio0" */
static int in_sysfs(char *out, size_t size, const char *class, const char *dev)
{
	const char *base = strrchr(dev, '/');
	int n = snprintf(out, size, "/sys/class/%s/%s", class,
			 base ? base + 1 : dev);

	return n < (int)size ? 0 : -ENAMETOOLONG;
}

static int open_uio(const char *arg, struct espalier_bus **bus,
		    struct espalier_err *err)
{
	char uio[NAME_MAX_LEN], mem[NAME_MAX_LEN] = "/dev/udmabuf0";
	char uio_sys[2 * NAME_MAX_LEN], mem_sys[2 * NAME_MAX_LEN];
	const struct espalier_uio_opts opts = {
		.uio = uio,
		.uio_sysfs = uio_sys,
		.udmabuf = mem,
		.udmabuf_sysfs = mem_sys,
	};
	size_t n = strcspn(arg, ",");

	if (!n || n >= sizeof(uio) || strlen(arg + n) > sizeof(mem) ||
	    (arg[n] && !arg[n + 1])) {
		snprintf(err->text, sizeof(err->text),
			 "--device uio:%s: supported: "
			 "uio:/dev/uioN or uio:/dev/uioN,/dev/udmabufM",
			 arg);
		return -EINVAL;
	}
	memcpy(uio, arg, n);
	uio[n] = '\0';
	if (arg[n])
		strcpy(mem, arg + n + 1);
	if (in_sysfs(uio_sys, sizeof(uio_sys), "uio", uio) ||
	    in_sysfs(mem_sys, sizeof(mem_sys), "u-dma-buf", mem))
		return -ENAMETOOLONG;
	return espalier_uio_open(&opts, bus, err);
}

/* ------------------------------------------------------------------- open */

static int read_blob(const char *path, uint8_t *dtb, size_t *size)
{
	FILE *f = fopen(path, "rb");
	int ret;

	*size = 0;
	errno = 0;
	if (f) {
		*size = fread(dtb, 1, DTB_MAX, f);
		fclose(f);
	}
	if (*size)
		return 0;
	ret = errno ? -errno : -ENODATA;
	say(path, ret);
	return ret;
}

int device_open(struct device *d, const struct options *o)
{
	struct espalier_bus *bus = NULL;
	struct espalier_err err = { "" };
	uint8_t *dtb = malloc(DTB_MAX);
	size_t size;
	int ret;

	if (!dtb)
		return -ENOMEM;
	ret = read_blob(o->dtb, dtb, &size);
	if (ret)
		goto out;
	if (!strcmp(o->device, "sim")) {
		ret = open_sim(d, o, dtb, size, &bus, &err);
	} else if (!strcmp(o->device, "null")) {
		ret = open_null(o, dtb, size, &bus, &err);
	} else if (!strncmp(o->device, "uio:", 4)) {
		ret = open_uio(o->device + 4, &bus, &err);
	} else {
		ret = -ENODEV;
		snprintf(err.text, sizeof(err.text),
			 "--device %s: there are \"sim\", \"uio:DEV\" and "
			 "\"null\"",
			 o->device);
	}
	if (!ret) {
		ret = espalier_open(dtb, size, o->node, bus, &d->dev, &err);
		if (ret)
			bus->ops->close(bus);
	}
	if (ret)
		say(err.text[0] ? err.text : strerror(-ret), 0);
out:
	free(dtb);
	return ret;
}

void device_close(struct device *d)
{
	espalier_close(d->dev);
	espalier_sim_destroy(d->sim);
	d->dev = NULL;
	d->sim = NULL;
}
