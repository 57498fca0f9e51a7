/* SPDX-License-Identifier: Apache-2.0 */
/* Proposals from their keywords, for tests. */
#ifndef TESTS_IKE_PROPOSALS_H
#define TESTS_IKE_PROPOSALS_H

#include "wire/message.h"

/** struct proposals - a list, numbered as it stands */
struct proposals {
	struct proposal p[PROPOSALS_MAX];
	unsigned int n;
};

/** proposal_of() - @words have to be good; with an SPI unless it is of IKE */
struct proposal proposal_of(const char *words, uint8_t protocol);
/** proposals_of() - one or two; @b may be NULL */
struct proposals proposals_of(uint8_t protocol, const char *a, const char *b);
/** prints() - is @want what proposal_text() makes of it? */
bool prints(const struct proposal *p, const char *want);

#endif /* TESTS_IKE_PROPOSALS_H */
