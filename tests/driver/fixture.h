/* SPDX-License-Identifier: Apache-2.0 */
/* The library on a null device, opened and closed by each test. */
#ifndef TESTS_DRIVER_FIXTURE_H
#define TESTS_DRIVER_FIXTURE_H

#include <espalier/bus_null.h>
#include <espalier/espalier.h>
#include "blob.h"
#include "suite.h"

struct fixture {
	struct espalier_null *null;
	struct espalier_dev *dev;
};

/** fixture_open() - a device as @opts, rings of @ring (0: 64) entries */
void fixture_open(struct fixture *f, const struct espalier_null_opts *opts,
		  unsigned int ring);
/** fixture_close() - and nothing may be left allocated or have been violated */
void fixture_close(struct fixture *f);

struct espalier_addr addr4(const char *text);
struct espalier_addr addr6(const char *text);
/** sa_good() - tunnel mode, AES-256, addresses by @dir */
struct espalier_sa sa_good(enum espalier_dir dir, uint32_t spi);
/** policy_any() - everything IPv4 */
struct espalier_policy policy_any(enum espalier_dir dir,
				  enum espalier_action action,
				  uint32_t priority);

/** dial() - a connection to the control socket at @path, not blocking */
int dial(const char *path);

#endif /* TESTS_DRIVER_FIXTURE_H */
