/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: calls of libespalier that fail on demand
 *
 * The library under test is a copy in which calls of the C library go to
 * scarce_*() instead (objcopy, see module.mk), and jansson takes its memory
 * there too. The test's own calls are not touched. What the library holds is
 * counted exactly, so that a leak is seen without other tools.
 */
#ifndef TESTS_SCARCE_H
#define TESTS_SCARCE_H

#include <stdbool.h>

/** scarce_arm() - the @nth call from now on fails, 0 the next one; all behind
 *  it too with @for_good */
void scarce_arm(unsigned int nth, bool for_good);
/** scarce_disarm() - name of the call that failed first, NULL: none did */
const char *scarce_disarm(void);
/** scarce_was() - a call has failed with @err; calls for memory: ENOMEM */
bool scarce_was(int err);
/** scarce_failed() - a call of @name has failed */
bool scarce_failed(const char *name);

/** struct scarce_held - what the library has and has not given back */
struct scarce_held {
	long blocks, fds, maps;
};
struct scarce_held scarce_held(void);

#endif /* TESTS_SCARCE_H */
