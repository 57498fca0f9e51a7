// SPDX-License-Identifier: Apache-2.0
/*
 * The model on the command line, for comparison with programs of others.
 *
 *   refdump out N SEED   N random frames through random outbound SAs: a JSON
 *                        object a line, with SA, host frame and wire frame
 *   refdump in           reads lines "mode esn icv spi window seq key dst
 *                        frame" and answers each with "code frame"
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "casedump.h"
#include "gen.h"
#include "ref.h"

static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 1 };
static struct ref_result r;
static uint8_t frame[GEN_BUF];

static size_t unhex(const char *s, uint8_t *out, size_t room)
{
	size_t n = strlen(s) / 2;

	for (size_t i = 0; i < n && i < room; i++)
		sscanf(s + 2 * i, "%2hhx", &out[i]);
	return n;
}

static int out(unsigned int n, uint64_t seed)
{
	struct gen_frame g = { .proto = -1,
			       .len_min = 28,
			       .len_max = 1600,
			       .vlan = 10,
			       .options = 20,
			       .padding = 20 };
	struct rng rng = { seed };

	while (n) {
		struct espalier_sa sa = gen_sa(&rng, ESPALIER_DIR_OUT, n, 64);
		size_t len = gen_frame(&rng, &g, frame);
		struct ref_dev dev;

		ref_dev_init(&dev, mac);
		ref_sa_add(&dev, &sa, 1);
		ref_out(&dev, frame, len, 1, &r);
		ref_dev_free(&dev);
		if (r.code != ESPALIER_TX_PROTECTED)
			continue;
		casedump(n--, &sa, r.seq, frame, len, r.frame, r.len);
	}
	return 0;
}

static int in(void)
{
	static char key[80], dst[40], text[2 * GEN_BUF];
	unsigned int mode, esn;
	struct espalier_sa sa = { .dir = ESPALIER_DIR_IN, .queue = -1 };
	unsigned long long seq;

	while (scanf("%u %u %u %u %u %llu %79s %39s %18599s", &mode, &esn,
		     &sa.icv_len, &sa.spi, &sa.window, &seq, key, dst,
		     text) == 9) {
		size_t len = unhex(text, frame, sizeof(frame));
		struct espalier_policy p4 =
			gen_any(ESPALIER_DIR_IN, AF_INET, ESPALIER_PROTECT, 0);
		struct espalier_policy p6 =
			gen_any(ESPALIER_DIR_IN, AF_INET6, ESPALIER_PROTECT, 0);
		struct ref_dev dev;

		sa.mode = mode;
		sa.esn = esn;
		sa.seq = seq;
		sa.key_len = unhex(key, sa.key, sizeof(sa.key));
		sa.dst.family =
			unhex(dst, sa.dst.bytes, 16) == 4 ? AF_INET : AF_INET6;
		ref_dev_init(&dev, mac);
		dev.promisc = true;
		ref_sa_add(&dev, &sa, 1);
		ref_policy_add(&dev, &p4, 1);
		ref_policy_add(&dev, &p6, 2);
		ref_in(&dev, frame, len, &r);
		ref_dev_free(&dev);
		printf("%u ", r.code);
		for (size_t i = 0; i < r.len; i++)
			printf("%02x", r.frame[i]);
		printf("\n");
		fflush(stdout);
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "out"))
		return out(strtoul(argv[2], NULL, 0),
			   strtoull(argv[3], NULL, 0));
	if (argc == 2 && !strcmp(argv[1], "in"))
		return in();
	fprintf(stderr, "usage: refdump out N SEED | refdump in\n");
	return 2;
}
