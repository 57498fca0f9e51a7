// SPDX-License-Identifier: Apache-2.0
/*
 * What the device puts on the wire, for the judgement of others: N random
 * frames, each under a random SA of its own, as JSON lines.
 *
 *   wiredump N SEED
 */
#include <stdio.h>
#include <stdlib.h>
#include "casedump.h"
#include "nic.h"
#include "suite.h"

static unsigned int count;
static struct rng rng;

static void dump(void)
{
	struct gen_frame g = { .proto = -1,
			       .len_min = 28,
			       .len_max = 1600,
			       .vlan = 10,
			       .options = 20,
			       .padding = 20 };
	static uint8_t frame[GEN_BUF];
	static struct nic nic;

	nic_open(&nic, NULL);
	for (unsigned int n = count; n;) {
		struct espalier_sa sa = gen_sa(&rng, ESPALIER_DIR_OUT, n, 64);
		size_t len = gen_frame(&rng, &g, frame);
		uint32_t h = nic_sa_add(&nic, &sa);
		struct nic_done d = nic_out(&nic, frame, len, h);

		if (d.code == ESPALIER_TX_PROTECTED)
			casedump(n--, &sa, sa.seq + 1, frame, len,
				 nic.wire.v[0].data, nic.wire.v[0].len);
		nic_sa_del(&nic, h);
	}
	nic_close(&nic);
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: wiredump N SEED\n");
		return 2;
	}
	count = strtoul(argv[1], NULL, 0);
	rng.state = strtoull(argv[2], NULL, 0);
	suite_begin("wiredump");
	suite_case("dump", dump);
	return suite_end();
}
