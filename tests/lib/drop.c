// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <string.h>
#include "bytes.h"
#include "drop.h"
#include "ref.h"
#include "suite.h"

struct nic nic;
uint8_t frame[GEN_BUF + 200];
size_t frame_len;

void clear_frame(size_t len)
{
	frame_len = gen_host_udp(frame, AF_INET, len);
	memcpy(frame, nic.caps.mac, 6);
}

void fix_checksum(void)
{
	put16(frame + 24, 0);
	put16(frame + 24, ref_checksum(frame + 14, 20));
}

uint32_t drop_ready(const struct nic_opts *opts, enum espalier_dir dir)
{
	struct espalier_sa sa = gen_plain_sa(dir, 0);
	uint32_t handle;

	nic_open(&nic, opts);
	handle = nic_sa_add(&nic, &sa);
	nic_any(&nic, dir, ESPALIER_PROTECT, 100,
		dir == ESPALIER_DIR_OUT ? handle : sa.reqid, NULL);
	clear_frame(200);
	return handle;
}

void drop_counted(const struct espalier_stats *before, enum espalier_code code)
{
	enum espalier_code in =
		code < ESPALIER_RX_PROTECTED ? ESPALIER_TX_IN : ESPALIER_RX_IN;
	struct espalier_stats after;

	nic_stats(&nic, &after);
	for (int c = 0; c < ESPALIER_CODE_COUNT; c++) {
		uint64_t d = after.code[c].packets - before->code[c].packets;

		if (d != (c == (int)code || c == (int)in))
			printf("    %s moved by %llu\n", espalier_code_name(c),
			       (unsigned long long)d);
		EXPECT_EQ(d, c == (int)code || c == (int)in);
	}
}
