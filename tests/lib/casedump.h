/* SPDX-License-Identifier: Apache-2.0 */
/* One protected frame as a JSON line, for tests/lib/strangers.py. */
#ifndef TESTS_CASEDUMP_H
#define TESTS_CASEDUMP_H

#include <espalier/espalier.h>

void casedump(unsigned int n, const struct espalier_sa *sa, uint64_t seq,
	      const uint8_t *host, size_t host_len, const uint8_t *wire,
	      size_t wire_len);

#endif /* TESTS_CASEDUMP_H */
