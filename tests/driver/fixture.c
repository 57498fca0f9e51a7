// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <libfdt.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include "fixture.h"

void fixture_open(struct fixture *f, const struct espalier_null_opts *opts,
		  unsigned int ring)
{
	fdt32_t size = cpu_to_fdt32(ring ? ring : 64);
	const struct blob_change rings[] = {
		{ "espalier,tx-ring-size", &size, 4 },
		{ "espalier,rx-ring-size", &size, 4 },
		{ NULL, NULL, 0 },
	};
	struct espalier_err err;
	struct blob blob;
	int ret;

	memset(f, 0, sizeof(*f));
	ret = espalier_null_create(opts, &f->null);
	CU_ASSERT_EQUAL_FATAL(ret, 0);
	espalier_null_keep(f->null);
	blob_make(&blob, opts && opts->queues ? opts->queues : 4, rings);
	ret = espalier_open(blob.data, blob.size, NULL,
			    espalier_null_bus(f->null), &f->dev, &err);
	if (ret)
		printf("open: %s\n", err.text);
	CU_ASSERT_EQUAL_FATAL(ret, 0);
}

void fixture_close(struct fixture *f)
{
	struct espalier_null_counts counts;

	espalier_close(f->dev);
	espalier_null_counts(f->null, &counts);
	EXPECT_EQ(counts.dma_live, 0);
	EXPECT_EQ(counts.violations, 0);
	espalier_null_destroy(f->null);
}

struct espalier_addr addr4(const char *text)
{
	struct espalier_addr a = { .family = AF_INET };

	CU_ASSERT_EQUAL_FATAL(inet_pton(AF_INET, text, &a.v4), 1);
	return a;
}

struct espalier_addr addr6(const char *text)
{
	struct espalier_addr a = { .family = AF_INET6 };

	CU_ASSERT_EQUAL_FATAL(inet_pton(AF_INET6, text, &a.v6), 1);
	return a;
}

struct espalier_sa sa_good(enum espalier_dir dir, uint32_t spi)
{
	struct espalier_sa sa = {
		.dir = dir,
		.mode = ESPALIER_MODE_TUNNEL,
		.spi = spi,
		.src = addr4(dir == ESPALIER_DIR_OUT ? "192.0.2.1"
						     : "192.0.2.2"),
		.dst = addr4(dir == ESPALIER_DIR_OUT ? "192.0.2.2"
						     : "192.0.2.1"),
		.key_len = 36,
		.icv_len = 16,
		.window = dir == ESPALIER_DIR_IN ? 64 : 0,
		.dscp = -1,
		.queue = -1,
	};
	unsigned int i;

	for (i = 0; i < sizeof(sa.key); i++)
		sa.key[i] = (uint8_t)(0x80 + i);
	return sa;
}

struct espalier_policy policy_any(enum espalier_dir dir,
				  enum espalier_action action,
				  uint32_t priority)
{
	struct espalier_policy p = {
		.dir = dir,
		.action = action,
		.priority = priority,
		.src_lo = addr4("0.0.0.0"),
		.src_hi = addr4("255.255.255.255"),
		.dst_lo = addr4("0.0.0.0"),
		.dst_hi = addr4("255.255.255.255"),
		.proto = -1,
		.sport_hi = 65535,
		.dport_hi = 65535,
	};

	return p;
}

int dial(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	strcpy(a.sun_path, path);
	CU_ASSERT_EQUAL_FATAL(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}
