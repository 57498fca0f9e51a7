// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <libfdt.h>
#include "nic.h"
#include "suite.h"

#define QUEUES 4

static const uint8_t mac[6] = { 0x02, 0x45, 0x53, 0x50, 0x00, 0x01 };

void *nic_blob(const struct nic_opts *opts, size_t *size)
{
	static const char names[] = "mgmt\0queue0\0queue1\0queue2\0queue3";
	fdt32_t irq[QUEUES + 1], reg[2];
	void *fdt = malloc(4096);
	int err = 0;

	MUST(fdt);
	for (int i = 0; i <= QUEUES; i++)
		irq[i] = cpu_to_fdt32(i);
	reg[0] = cpu_to_fdt32(0x40000000);
	reg[1] = cpu_to_fdt32(0x10000);
	err |= fdt_create(fdt, 4096);
	err |= fdt_finish_reservemap(fdt);
	err |= fdt_begin_node(fdt, "");
	err |= fdt_property_u32(fdt, "#address-cells", 1);
	err |= fdt_property_u32(fdt, "#size-cells", 1);
	err |= fdt_property_u32(fdt, "interrupt-parent", 1);
	err |= fdt_begin_node(fdt, "interrupt-controller");
	err |= fdt_property(fdt, "interrupt-controller", NULL, 0);
	err |= fdt_property_u32(fdt, "#interrupt-cells", 1);
	err |= fdt_property_u32(fdt, "phandle", 1);
	err |= fdt_end_node(fdt);
	err |= fdt_begin_node(fdt, "ethernet@40000000");
	err |= fdt_property_string(fdt, "compatible",
				   "espalier,inline-ipsec-1.0");
	err |= fdt_property(fdt, "reg", reg, sizeof(reg));
	err |= fdt_property(fdt, "interrupts", irq, sizeof(irq));
	err |= fdt_property(fdt, "interrupt-names", names, sizeof(names));
	err |= fdt_property(fdt, "dma-coherent", NULL, 0);
	err |= fdt_property(fdt, "local-mac-address", mac, sizeof(mac));
	err |= fdt_property_u32(fdt, "espalier,num-queues", QUEUES);
	err |= fdt_property_u32(fdt, "espalier,tx-ring-size", opts->tx_ring);
	err |= fdt_property_u32(fdt, "espalier,rx-ring-size", opts->rx_ring);
	err |= fdt_property_u32(fdt, "espalier,buffer-size", opts->buf_size);
	err |= fdt_end_node(fdt);
	err |= fdt_end_node(fdt);
	err |= fdt_finish(fdt);
	MUST(err == 0);
	*size = fdt_totalsize(fdt);
	return fdt;
}
