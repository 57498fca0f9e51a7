// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include "casedump.h"

static void hex(const char *name, const uint8_t *p, size_t len)
{
	printf("\"%s\": \"", name);
	for (size_t i = 0; i < len; i++)
		printf("%02x", p[i]);
	printf("\", ");
}

void casedump(unsigned int n, const struct espalier_sa *sa, uint64_t seq,
	      const uint8_t *host, size_t host_len, const uint8_t *wire,
	      size_t wire_len)
{
	size_t alen = sa->dst.family == AF_INET ? 4 : 16;

	printf("{\"tunnel\": %d, \"esn\": %d, \"icv\": %u, \"spi\": %u, "
	       "\"seq\": %llu, \"dscp\": %d, \"ecn\": %d, \"ttl\": %u, "
	       "\"df\": %d, \"flow\": %u, ",
	       sa->mode, sa->esn, sa->icv_len, sa->spi, (unsigned long long)seq,
	       sa->dscp, sa->ecn, sa->ttl, sa->df, sa->flow_label);
	hex("key", sa->key, sa->key_len);
	hex("src", sa->src.bytes, alen);
	hex("dst", sa->dst.bytes, alen);
	hex("host", host, host_len);
	hex("wire", wire, wire_len);
	printf("\"n\": %u}\n", n);
}
