// SPDX-License-Identifier: Apache-2.0
/*
 * A small pcapng writer (draft-ietf-opsawg-pcapng): one section, one Ethernet
 * interface with nanosecond time stamps, enhanced packet blocks that carry
 * the direction. libpcap writes the older format only.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "internal.h"

#define BLOCK_SHB 0x0a0d0d0au
#define BLOCK_IDB 0x00000001u
#define BLOCK_EPB 0x00000006u
#define BYTE_ORDER_MAGIC 0x1a2b3c4du
#define LINKTYPE_ETHERNET 1
#define OPT_IF_NAME 2
#define OPT_IF_TSRESOL 9
#define OPT_EPB_FLAGS 2

struct pcapng {
	FILE *f;
	int error;
};

static void put(struct pcapng *p, const void *data, size_t len)
{
	static const uint8_t zero[4];
	size_t pad = -len & 3;

	if (fwrite(data, 1, len, p->f) != len ||
	    fwrite(zero, 1, pad, p->f) != pad)
		p->error = -EIO;
}

static void put32(struct pcapng *p, uint32_t v)
{
	put(p, &v, sizeof(v));
}

static void put_option(struct pcapng *p, uint16_t code, const void *val,
		       uint16_t len)
{
	uint16_t head[2] = { code, len };

	put(p, head, sizeof(head));
	put(p, val, len);
}

static uint32_t option_size(size_t len)
{
	return 4 + (uint32_t)((len + 3) & ~(size_t)3);
}

struct pcapng *pcapng_open(const char *path, const char *ifname)
{
	struct pcapng *p = calloc(1, sizeof(*p));
	const uint64_t unknown = UINT64_MAX;
	const uint8_t tsresol = 9;
	uint16_t link[2] = { LINKTYPE_ETHERNET, 0 }, version[2] = { 1, 0 };
	uint32_t len;

	if (!p)
		return NULL;
	p->f = fopen(path, "wb");
	if (!p->f) {
		free(p);
		return NULL;
	}
	put32(p, BLOCK_SHB);
	put32(p, 28);
	put32(p, BYTE_ORDER_MAGIC);
	put(p, version, sizeof(version));
	put(p, &unknown, sizeof(unknown));
	put32(p, 28);

	len = 20 + option_size(strlen(ifname)) + option_size(1) + 4;
	put32(p, BLOCK_IDB);
	put32(p, len);
	put(p, link, sizeof(link));
	put32(p, 0); /* no snap length */
	put_option(p, OPT_IF_NAME, ifname, (uint16_t)strlen(ifname));
	put_option(p, OPT_IF_TSRESOL, &tsresol, 1);
	put32(p, 0);
	put32(p, len);
	if (fflush(p->f))
		p->error = -EIO;
	return p;
}

int pcapng_write(struct pcapng *p, uint64_t ns, enum pcapng_dir dir,
		 const uint8_t *data, size_t len)
{
	uint32_t flags = dir;
	uint32_t total = 32 + (uint32_t)((len + 3) & ~(size_t)3) +
			 option_size(sizeof(flags)) + 4;

	put32(p, BLOCK_EPB);
	put32(p, total);
	put32(p, 0); /* interface */
	put32(p, (uint32_t)(ns >> 32));
	put32(p, (uint32_t)ns);
	put32(p, (uint32_t)len);
	put32(p, (uint32_t)len);
	put(p, data, len);
	put_option(p, OPT_EPB_FLAGS, &flags, sizeof(flags));
	put32(p, 0);
	put32(p, total);
	return p->error;
}

int pcapng_close(struct pcapng *p)
{
	int ret;

	if (!p)
		return 0;
	ret = p->error;
	if (fclose(p->f) && !ret)
		ret = -errno;
	free(p);
	return ret;
}
