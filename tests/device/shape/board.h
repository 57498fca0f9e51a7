/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_SHAPE_BOARD_H
#define TESTS_SHAPE_BOARD_H

#include <espalier/espalier.h>

/** board_opens() - the blob of sim/boards/@name.dts opens the model that is
 *  linked in; *@caps is what it has */
void board_opens(const char *name, struct espalier_caps *caps);
/**
 * board_differs() - with @prop changed to @val neither the simulation nor the
 * driver takes it, and both name the property and both values
 */
void board_differs(const char *name, const char *prop, unsigned int val,
		   unsigned int gates);

#endif /* TESTS_SHAPE_BOARD_H */
