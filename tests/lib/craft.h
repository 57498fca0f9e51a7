/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: ESP packets that a proper sender would not send
 *
 * An outer datagram with ESP under a given inbound SA, where every field that
 * a receiver has to judge can be chosen.
 */
#ifndef TESTS_CRAFT_H
#define TESTS_CRAFT_H

#include <espalier/espalier.h>

/**
 * struct craft - zero is the proper choice, but for @seq and @next_header
 * @sa: inbound SA at the receiver
 * @dmac: destination station
 * @seq: full sequence number
 * @next_header: in the trailer
 * @tfc: zero bytes behind the payload (traffic flow padding)
 * @pad: padding in blocks of 4 bytes beyond the least
 * @pad_len_add: added to the pad length field alone
 * @pad_junk: padding is not 1, 2, 3...
 * @tos: of the outer header
 * @frag: IPv4: flags and offset; IPv6: not 0 adds a fragment header
 * @flip: 1 + byte of ESP packet to damage after protection
 * @options: bytes of IPv4 options, a multiple of 4; IPv6: of a header with
 *           hop-by-hop options, a multiple of 8
 */
struct craft {
	const struct espalier_sa *sa;
	const uint8_t *dmac;
	uint64_t seq;
	uint8_t next_header;
	size_t tfc, pad;
	unsigned int pad_len_add;
	bool pad_junk;
	uint8_t tos;
	uint16_t frag;
	size_t flip;
	size_t options;
};

/** craft_esp() - returns the length of the Ethernet frame */
size_t craft_esp(uint8_t *frame, const struct craft *c, const uint8_t *payload,
		 size_t len);

#endif /* TESTS_CRAFT_H */
