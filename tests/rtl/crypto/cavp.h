/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reader of the NIST CAVP GCM response files, as installed by the package
 * cryptography-vectors.
 */
#ifndef CAVP_H
#define CAVP_H

#include <cstdint>
#include <string>
#include <vector>

struct cavp_case {
	unsigned int count;
	bool decrypt;
	bool fail; /* decryption must refuse the tag */
	std::vector<uint8_t> key, iv, aad, pt, ct, tag;
};

/* The folder that holds the .rsp files, empty when there is none. */
std::string cavp_gcm_dir();

/* Cases with a 96-bit IV and a tag of at least min_tag bytes. */
std::vector<cavp_case> cavp_read_gcm(const std::string &path, bool decrypt,
				     size_t min_tag);

#endif
