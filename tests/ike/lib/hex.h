/* SPDX-License-Identifier: Apache-2.0 */
/* Hex of test vectors. */
#ifndef TESTS_IKE_HEX_H
#define TESTS_IKE_HEX_H

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
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

#endif /* TESTS_IKE_HEX_H */
