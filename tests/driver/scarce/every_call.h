/* SPDX-License-Identifier: Apache-2.0 */
/* A scenario at every call that can fail. */
#ifndef TESTS_EVERY_CALL_H
#define TESTS_EVERY_CALL_H

#include "fixture.h"
#include "scarce.h"

#define CALLS_MAX 20000u /* no scenario has more */

/** the device of these tests, and the last sentence of the library */
extern const struct espalier_null_opts null_opts;
extern struct espalier_err err;

/** nothing_held() - what the library holds is what it held @before */
void nothing_held(struct scarce_held before, const char *call,
		  unsigned int nth);
/**
 * at_every_call() - @run with each of its calls failing in turn, once and for
 * good, and then without
 * @run: does its work and gives back all that it took; its result is that of
 *       the first call that was refused
 * @may: names of calls whose failure is made up for
 */
void at_every_call(int (*run)(void), const char *may);

#endif /* TESTS_EVERY_CALL_H */
