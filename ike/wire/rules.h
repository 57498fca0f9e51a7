/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: which payload may stand where
 */
#ifndef IKE_WIRE_RULES_H
#define IKE_WIRE_RULES_H

#include "wire/message.h"

#define RULE_TYPES (PL_SKF - PL_SA + 1)

/**
 * struct pl_count - what one message held
 * @n: by payload type, from PL_SA
 * @failure: an error notification or COOKIE was among it
 */
struct pl_count {
	unsigned int n[RULE_TYPES];
	bool failure;
};

/** rules_known() - is @type a payload that this implementation knows? */
bool rules_known(uint8_t type);

/**
 * rules_check() - does @count fit one of the forms of this message?
 * @clear: the payloads stood outside of SK
 * Return: true, or false with @payload and @text
 */
bool rules_check(uint8_t exchange, bool response, bool clear,
		 const struct pl_count *count, uint8_t *payload, char *text,
		 size_t size);

#endif /* IKE_WIRE_RULES_H */
