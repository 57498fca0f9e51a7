// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "ctl_fixture.h"

char path[64];
struct fixture f;
struct espalier_ctl *ctl;
char reply[1 << 20];
const uint8_t the_key[36] = { 0xde, 0xad, 0xbe, 0xef };

static int give_key(void *arg, uint32_t handle, uint8_t key[36])
{
	(void)arg;
	if (ESPALIER_HANDLE_SLOT(handle) > 100)
		return -ENOENT;
	memcpy(key, the_key, 36);
	return 36;
}

void start(bool keys, bool read_only)
{
	struct espalier_ctl_opts o = {
		.path = path,
		.read_only = read_only,
		.key = keys ? give_key : NULL,
	};
	struct espalier_err err;
	int ret;

	snprintf(path, sizeof(path), "/tmp/espalier-ctl-%d.sock",
		 (int)getpid());
	fixture_open(&f, NULL, 0);
	ret = espalier_ctl_open(f.dev, &o, &ctl, &err);
	if (ret)
		printf("%s\n", err.text);
	CU_ASSERT_EQUAL_FATAL(ret, 0);
}

void stop(void)
{
	espalier_ctl_close(ctl);
	EXPECT_EQ(access(path, F_OK), -1);
	fixture_close(&f);
}
