/* SPDX-License-Identifier: Apache-2.0 */
/* A device tree blob made to order, right or wrong. */
#ifndef TESTS_BLOB_H
#define TESTS_BLOB_H

#include <stddef.h>
#include <stdint.h>

#define BLOB_PATH "/soc/ethernet@40000000"

/**
 * struct blob_change - one property of the node, other than it should be
 * @name: NULL ends a list
 * @val: NULL leaves the property out
 */
struct blob_change {
	const char *name;
	const void *val;
	int len;
};

struct blob {
	uint8_t data[4096];
	size_t size;
};

/** blob_make() - a good blob of @queues queue pairs with @changes in it;
 *  a change of a property that is not there adds it */
void blob_make(struct blob *blob, unsigned int queues,
	       const struct blob_change *changes);

#endif /* TESTS_BLOB_H */
