/* SPDX-License-Identifier: Apache-2.0 */
/* A database of SAs and policies that takes everything and keeps nothing, for
 * benches and for fuzzing of what is ahead of it. */
#ifndef TESTS_IKE_NULLDB_H
#define TESTS_IKE_NULLDB_H

#include "core/sadb.h"

extern const struct sadb_ops nulldb_ops;

#endif /* TESTS_IKE_NULLDB_H */
