// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>
#include "stub_sim.h"

uint8_t blob[65536];
size_t blob_size;
const char *dir;

struct espalier_sim *create(const struct espalier_sim_opts *o)
{
	struct espalier_sim *sim;
	struct espalier_err err = { 0 };

	if (espalier_sim_create(blob, blob_size, "nic", o, &sim, &err)) {
		fprintf(stderr, "create: %s\n", err.text);
		exit(1);
	}
	return sim;
}

uint32_t rd(struct espalier_sim *sim, uint32_t off)
{
	struct espalier_bus *bus = espalier_sim_bus(sim);

	return bus->ops->read32(bus, off);
}

void wr(struct espalier_sim *sim, uint32_t off, uint32_t v)
{
	struct espalier_bus *bus = espalier_sim_bus(sim);

	bus->ops->write32(bus, off, v);
}

int stub_run(const char *name, const struct test_case *cases, int argc,
	     char **argv)
{
	char path[] = "/tmp/test_sim.XXXXXX", cmd[64];
	FILE *f = fopen(STUB_DTB, "rb");
	int ret;

	if (!f) {
		fprintf(stderr, "no device tree blob %s\n", STUB_DTB);
		return 1;
	}
	blob_size = fread(blob, 1, sizeof(blob), f);
	fclose(f);
	dir = mkdtemp(path);
	if (!dir)
		return 1;
	ret = suite_run(name, cases, argc, argv);
	snprintf(cmd, sizeof(cmd), "rm -r %s", path);
	if (!ret && system(cmd))
		ret = 1;
	return ret;
}
