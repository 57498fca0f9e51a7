// SPDX-License-Identifier: Apache-2.0
/*
 * The device tree node against the model. A Verilated model has its
 * parameters built in, so the blob cannot shape it; it must agree with what
 * the capability registers say.
 */
#include <errno.h>
#include <libfdt.h>
#include <string.h>
#include "espalier_regs.h"
#include "internal.h"

#define COMPATIBLE "espalier,inline-ipsec-1.0"

/* Each names a field of a capability register. */
static const struct {
	const char *prop;
	uint32_t reg, mask;
	unsigned int shift;
} props[] = {
	{ "espalier,num-queues", ESPALIER_REG_CAPS_QUEUE,
	  ESPALIER_CAPS_QUEUE_QUEUES_MASK, ESPALIER_CAPS_QUEUE_QUEUES_SHIFT },
	{ "espalier,sa-entries", ESPALIER_REG_CAPS_SA,
	  ESPALIER_CAPS_SA_ENTRIES_MASK, ESPALIER_CAPS_SA_ENTRIES_SHIFT },
	{ "espalier,replay-window-max", ESPALIER_REG_CAPS_SA,
	  ESPALIER_CAPS_SA_WINDOW_MAX_MASK, ESPALIER_CAPS_SA_WINDOW_MAX_SHIFT },
	{ "espalier,policy-entries", ESPALIER_REG_CAPS_SPD,
	  ESPALIER_CAPS_SPD_ENTRIES_MASK, ESPALIER_CAPS_SPD_ENTRIES_SHIFT },
};

int sim_check_dt(struct espalier_sim *sim, const void *dtb, size_t size,
		 const char *path, struct espalier_err *err)
{
	struct espalier_bus *bus = &sim->bus;
	char name[256];
	uint32_t id;
	int node, ret;

	ret = fdt_check_full(dtb, size);
	if (ret) {
		sim_err(err, "device tree blob: %s", fdt_strerror(ret));
		return -EINVAL;
	}
	node = path ? fdt_path_offset(dtb, path)
		    : fdt_node_offset_by_compatible(dtb, -1, COMPATIBLE);
	if (node < 0) {
		sim_err(err, "device tree: no node %s: %s",
			path ? path : "compatible with " COMPATIBLE,
			fdt_strerror(node));
		return -EINVAL;
	}
	if (fdt_get_path(dtb, node, name, sizeof(name)))
		strcpy(name, "(long path)");
	id = bus->ops->read32(bus, ESPALIER_REG_ID);
	if (id != ESPALIER_ID_RESET_VALUE) {
		sim_err(err, "%s: ID register of the model reads 0x%08x", name,
			id);
		return -ENODEV;
	}
	for (size_t i = 0; i < sizeof(props) / sizeof(props[0]); i++) {
		const fdt32_t *p;
		uint32_t want, have;
		int len;

		p = fdt_getprop(dtb, node, props[i].prop, &len);
		if (!p)
			continue;
		if (len != 4) {
			sim_err(err, "%s: %s is not one cell", name,
				props[i].prop);
			return -EINVAL;
		}
		want = fdt32_to_cpu(*p);
		have = (bus->ops->read32(bus, props[i].reg) & props[i].mask) >>
		       props[i].shift;
		if (want != have) {
			sim_err(err,
				"%s: %s is %u, but the Verilated model has %u",
				name, props[i].prop, want, have);
			return -EPROTO;
		}
	}
	return 0;
}
