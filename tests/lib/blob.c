// SPDX-License-Identifier: Apache-2.0
#include <libfdt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "blob.h"

static void must(int err)
{
	if (!err)
		return;
	fprintf(stderr, "blob: %s\n", fdt_strerror(err));
	abort();
}

static bool changed(void *fdt, const struct blob_change *c, const char *name)
{
	for (; c && c->name; c++) {
		if (strcmp(c->name, name))
			continue;
		if (c->val)
			must(fdt_property(fdt, name, c->val, c->len));
		return true;
	}
	return false;
}

static void prop(void *fdt, const struct blob_change *c, const char *name,
		 const void *val, int len)
{
	if (!changed(fdt, c, name))
		must(fdt_property(fdt, name, val, len));
}

static void prop_u32(void *fdt, const struct blob_change *c, const char *name,
		     uint32_t val)
{
	fdt32_t cell = cpu_to_fdt32(val);

	prop(fdt, c, name, &cell, 4);
}

static const char *const known[] = {
	"compatible",
	"reg",
	"reg-names",
	"interrupts",
	"interrupt-names",
	"memory-region",
	"dma-coherent",
	"local-mac-address",
	"espalier,num-queues",
	"espalier,tx-ring-size",
	"espalier,rx-ring-size",
	"espalier,buffer-size",
};

static void extras(void *fdt, const struct blob_change *c)
{
	size_t i;

	for (; c && c->name; c++) {
		for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			if (!strcmp(known[i], c->name))
				break;
		if (i == sizeof(known) / sizeof(known[0]) && c->val)
			must(fdt_property(fdt, c->name, c->val, c->len));
	}
}

static void node(void *fdt, unsigned int queues, const struct blob_change *c)
{
	static const uint8_t mac[6] = { 2, 0x45, 0x53, 0x50, 0, 1 };
	fdt32_t irq[17], reg[2];
	char names[256];
	unsigned int i;
	int n;

	for (i = 0; i <= queues; i++)
		irq[i] = cpu_to_fdt32(i);
	n = sprintf(names, "mgmt") + 1;
	for (i = 0; i < queues; i++)
		n += sprintf(names + n, "queue%u", i) + 1;
	reg[0] = cpu_to_fdt32(0x40000000);
	reg[1] = cpu_to_fdt32(0x10000);
	prop(fdt, c, "compatible", "espalier,inline-ipsec-1.0", 26);
	prop(fdt, c, "reg", reg, sizeof(reg));
	prop(fdt, c, "reg-names", "regs", 5);
	prop(fdt, c, "interrupts", irq, 4 * ((int)queues + 1));
	prop(fdt, c, "interrupt-names", names, n);
	prop_u32(fdt, c, "memory-region", 2);
	prop(fdt, c, "dma-coherent", NULL, 0);
	prop(fdt, c, "local-mac-address", mac, 6);
	prop_u32(fdt, c, "espalier,num-queues", queues);
	prop_u32(fdt, c, "espalier,tx-ring-size", 64);
	prop_u32(fdt, c, "espalier,rx-ring-size", 64);
	prop_u32(fdt, c, "espalier,buffer-size", 2048);
	extras(fdt, c);
}

void blob_make(struct blob *blob, unsigned int queues,
	       const struct blob_change *changes)
{
	fdt32_t region[2] = { cpu_to_fdt32(0x80000000),
			      cpu_to_fdt32(0x100000) };
	void *fdt = blob->data;

	memset(blob, 0, sizeof(*blob));
	must(fdt_create(fdt, sizeof(blob->data)));
	must(fdt_finish_reservemap(fdt));
	must(fdt_begin_node(fdt, ""));
	must(fdt_property_u32(fdt, "#address-cells", 1));
	must(fdt_property_u32(fdt, "#size-cells", 1));
	must(fdt_property_u32(fdt, "interrupt-parent", 1));
	must(fdt_begin_node(fdt, "aliases"));
	must(fdt_property_string(fdt, "ethernet0", BLOB_PATH));
	must(fdt_end_node(fdt));
	must(fdt_begin_node(fdt, "interrupt-controller"));
	must(fdt_property(fdt, "interrupt-controller", NULL, 0));
	must(fdt_property_u32(fdt, "#interrupt-cells", 1));
	must(fdt_property_u32(fdt, "phandle", 1));
	must(fdt_end_node(fdt));
	must(fdt_begin_node(fdt, "reserved-memory"));
	must(fdt_property_u32(fdt, "#address-cells", 1));
	must(fdt_property_u32(fdt, "#size-cells", 1));
	must(fdt_begin_node(fdt, "packets@80000000"));
	must(fdt_property(fdt, "reg", region, sizeof(region)));
	must(fdt_property_u32(fdt, "phandle", 2));
	must(fdt_end_node(fdt));
	must(fdt_end_node(fdt));
	must(fdt_begin_node(fdt, "soc"));
	must(fdt_property_u32(fdt, "#address-cells", 1));
	must(fdt_property_u32(fdt, "#size-cells", 1));
	must(fdt_begin_node(fdt, "ethernet@40000000"));
	node(fdt, queues, changes);
	must(fdt_end_node(fdt));
	must(fdt_end_node(fdt));
	must(fdt_end_node(fdt));
	must(fdt_finish(fdt));
	blob->size = fdt_totalsize(fdt);
}
