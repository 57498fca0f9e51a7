/* SPDX-License-Identifier: Apache-2.0 */
/* A control socket of a null device, served by the test itself. */
#ifndef TESTS_DRIVER_CTL_FIXTURE_H
#define TESTS_DRIVER_CTL_FIXTURE_H

#include <espalier/ctl.h>
#include "fixture.h"

/* between start() and stop() */
extern char path[64];
extern struct fixture f;
extern struct espalier_ctl *ctl;

extern const uint8_t the_key[36]; /* of every SA but those above slot 100 */
extern char reply[1 << 20]; /* what came back last */

/** start() - @keys: it shows them to whoever asks */
void start(bool keys, bool read_only);
void stop(void);

#endif /* TESTS_DRIVER_CTL_FIXTURE_H */
