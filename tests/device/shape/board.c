// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <libfdt.h>
#include <stdio.h>
#include <string.h>
#include <espalier/sim.h>
#include "board.h"
#include "suite.h"

static uint8_t blob[16384];
static size_t blob_size;

static void load(const char *name)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "build/dtb/%s.dtb", name);
	f = fopen(path, "rb");
	MUST(f);
	blob_size = fread(blob, 1, sizeof(blob), f);
	fclose(f);
	MUST(blob_size && blob_size < sizeof(blob));
}

void board_opens(const char *name, struct espalier_caps *caps)
{
	struct espalier_err err = { "" };
	struct espalier_sim *sim;
	struct espalier_dev *dev;

	load(name);
	if (espalier_sim_create(blob, blob_size, NULL, NULL, &sim, &err))
		printf("%s\n", err.text);
	MUST(!err.text[0]);
	if (espalier_open(blob, blob_size, NULL, espalier_sim_bus(sim), &dev,
			  &err))
		printf("%s\n", err.text);
	MUST(!err.text[0]);
	espalier_get_caps(dev, caps);
	espalier_close(dev);
	espalier_sim_destroy(sim);
}

static void names(const char *text, const char *prop, unsigned int val,
		  unsigned int gates)
{
	char a[16], b[16];

	snprintf(a, sizeof(a), "%u", val);
	snprintf(b, sizeof(b), "%u", gates);
	if (!strstr(text, prop) || !strstr(text, a) || !strstr(text, b))
		printf("    \"%s\" does not name %s, %s, %s\n", text, prop, a,
		       b);
	EXPECT(strstr(text, prop) && strstr(text, a) && strstr(text, b));
}

/* The interrupts of another number of queue pairs. */
static void rewire(int node, unsigned int queues)
{
	fdt32_t irq[17];
	char list[256];
	unsigned int i;
	int n = sprintf(list, "mgmt") + 1;

	for (i = 0; i <= queues; i++)
		irq[i] = cpu_to_fdt32(i);
	for (i = 0; i < queues; i++)
		n += sprintf(list + n, "queue%u", i) + 1;
	MUST(!fdt_setprop(blob, node, "interrupts", irq, 4 * (queues + 1)));
	node = fdt_path_offset(blob, "ethernet0");
	MUST(!fdt_setprop(blob, node, "interrupt-names", list, n));
}

void board_differs(const char *name, const char *prop, unsigned int val,
		   unsigned int gates)
{
	struct espalier_err err = { "" };
	struct espalier_sim *sim, *other;
	struct espalier_dev *dev;
	int node;

	load(name);
	MUST(!espalier_sim_create(blob, blob_size, NULL, NULL, &sim, &err));
	MUST(!fdt_open_into(blob, blob, sizeof(blob)));
	node = fdt_path_offset(blob, "ethernet0");
	MUST(node >= 0 && !fdt_setprop_u32(blob, node, prop, val));
	if (!strcmp(prop, "espalier,num-queues"))
		rewire(node, val);
	blob_size = fdt_totalsize(blob);
	EXPECT(espalier_sim_create(blob, blob_size, NULL, NULL, &other, &err) <
	       0);
	names(err.text, prop, val, gates);
	EXPECT_EQ(espalier_open(blob, blob_size, NULL, espalier_sim_bus(sim),
				&dev, &err),
		  -EPROTO);
	names(err.text, prop, val, gates);
	espalier_sim_destroy(sim);
}
