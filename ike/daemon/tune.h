/* SPDX-License-Identifier: Apache-2.0 */
/* Limits and pace of IKE from the command line: --ike NAME=VALUE. */
#ifndef ESPALIERD_TUNE_H
#define ESPALIERD_TUNE_H

#include "core/ike.h"

/** tune() - set what @arg, NAME=VALUE, says. Return: 0, or -EINVAL, and what
 *  is allowed was said */
int tune(struct ike_settings *set, const char *arg);

#endif /* ESPALIERD_TUNE_H */
