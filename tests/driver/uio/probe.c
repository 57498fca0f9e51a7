// SPDX-License-Identifier: Apache-2.0
/*
 * The uio backend on a /dev/uio0 of the kernel's: argument 1 is a folder in
 * which uio0 is the sysfs folder of the device, and udmabuf0 and its numbers
 * are files. Says what it found, a line a check; the last line is the verdict.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <espalier/bus_uio.h>
#include <espalier/espalier.h>

static unsigned int passed, failed;

static void check(bool ok, const char *what)
{
	printf("  %-8s%s\n", ok ? "ok" : "FAILED", what);
	passed += ok;
	failed += !ok;
}

int main(int argc, char **argv)
{
	char sysfs[128], mem[128];
	struct espalier_uio_opts o = {
		.uio = "/dev/uio0",
		.uio_sysfs = sysfs,
		.udmabuf = mem,
		.udmabuf_sysfs = argc > 1 ? argv[1] : "",
	};
	struct espalier_bus *bus;
	struct espalier_err err = { "" };
	struct pollfd p = { .events = POLLIN };
	int ret, i;

	snprintf(sysfs, sizeof(sysfs), "/sys/class/uio/uio0");
	snprintf(mem, sizeof(mem), "%s/udmabuf0", o.udmabuf_sysfs);
	ret = espalier_uio_open(&o, &bus, &err);
	if (ret)
		printf("  %d %s\n", ret, err.text);
	check(!ret, "opens with the kernel's sysfs and map");
	if (ret)
		goto end;
	/* behind what the owner of this map uses */
	for (i = 0; i < 64; i++)
		bus->ops->write32(bus, 0x80000 + 4 * (unsigned int)i,
				  0x5a000000u + (unsigned int)i);
	bus->ops->close(bus);
	ret = espalier_uio_open(&o, &bus, &err);
	check(!ret, "opens again when it was closed");
	if (ret)
		goto end;
	for (i = 0; i < 64; i++)
		if (bus->ops->read32(bus, 0x80000 + 4 * (unsigned int)i) !=
		    0x5a000000u + (unsigned int)i)
			break;
	check(i == 64, "what one map wrote the next one reads");
	p.fd = bus->ops->irq_fd(bus, 0);
	check(p.fd >= 0, "has a descriptor for vector 0");
	check(bus->ops->irq_fd(bus, 1) == -ENOTSUP, "and none for others");
	check(poll(&p, 1, 60000) == 1, "an interrupt makes it readable");
	check(bus->ops->irq_ack(bus, 0) == 0, "is acknowledged");
	check(poll(&p, 1, 0) == 0, "and is not readable any more");
	check(bus->ops->irq_ack(bus, 0) == 0,
	      "acknowledging none is no mistake, and does not block");
	bus->ops->close(bus);
end:
	printf("test_uml: %u passed, %u failed, 0 skipped\n", passed, failed);
	return failed != 0;
}
