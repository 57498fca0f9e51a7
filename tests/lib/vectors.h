/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ESP packets of draft-mcgrew-gcm-test-01 (test cases for AES-GCM in ESP) with
 * the key sizes that the device has. The plaintext ends in the ESP trailer.
 * @seq is the 64-bit sequence number if @esn is set.
 */
#ifndef TESTS_VECTORS_H
#define TESTS_VECTORS_H

#include <stdbool.h>
#include <stdint.h>

struct esp_vector {
	const char *key; /* with salt */
	uint32_t spi;
	bool esn;
	uint64_t seq;
	const char *plain;
	const char *packet; /* SPI, number, IV, ciphertext, ICV */
};

extern const struct esp_vector esp_vectors[];
extern const unsigned int esp_vector_count;

#endif /* TESTS_VECTORS_H */
