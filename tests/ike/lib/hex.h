/* SPDX-License-Identifier: Apache-2.0 */
/* Hex of test vectors. */
#ifndef TESTS_IKE_HEX_H
#define TESTS_IKE_HEX_H

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "wire/message.h"

/** hex_bytes() - spaces are skipped; more than @cap ends the program */
static inline size_t hex_bytes(const char *hex, uint8_t *out, size_t cap)
{
	size_t n = 0;

	for (; *hex; hex++) {
		unsigned int byte;

		if (isspace((unsigned char)*hex))
			continue;
		if (n == cap || sscanf(hex, "%2x", &byte) != 1 || !hex[1]) {
			fprintf(stderr, "bad hex in a test\n");
			abort();
		}
		out[n++] = byte;
		hex++;
	}
	return n;
}

struct bytes {
	uint8_t b[512];
	size_t len;
};

static inline struct bytes hex(const char *s)
{
	struct bytes v;

	v.len = hex_bytes(s, v.b, sizeof(v.b));
	return v;
}

static inline struct chunk chunk(const struct bytes *v)
{
	return (struct chunk){ v->b, v->len };
}

static inline bool same(const uint8_t *got, const struct bytes *want)
{
	return !memcmp(got, want->b, want->len);
}

#endif /* TESTS_IKE_HEX_H */
