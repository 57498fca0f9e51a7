/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: proposals of algorithms (RFC 7296 sections 2.7 and 3.3)
 */
#ifndef IKE_WIRE_PROPOSAL_H
#define IKE_WIRE_PROPOSAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "wire/ids.h"

#define PROPOSAL_TRANSFORMS_MAX 48
#define PROPOSALS_MAX 16

/** @bits: Key Length attribute, 0 = the attribute is absent */
struct transform {
	uint8_t type;
	uint16_t id;
	uint16_t bits;
};

/**
 * struct proposal - one proposal, offered or chosen
 * @num: number on the wire, from 1
 * @spi: 4 bytes (host order) for ESP and AH; IKE rekey: 8 bytes; IKE_SA_INIT: 0
 * @spi_size: 0, 4 or 8
 * @t: in order of preference within a type
 */
struct proposal {
	uint8_t num;
	uint8_t protocol;
	uint8_t spi_size;
	uint64_t spi;
	unsigned int n;
	struct transform t[PROPOSAL_TRANSFORMS_MAX];
};

/**
 * proposals_parse() - read the body of an SA payload
 * @n: in: room at @props; out: proposals read; those of unknown protocols and
 *     transforms with unknown attributes are left out (RFC 7296 3.3.6: they
 *     void only themselves)
 * Return: 0 or -EBADMSG and *@why
 */
int proposals_parse(const uint8_t *sa, size_t len, struct proposal *props,
		    unsigned int *n, const char **why);

/**
 * struct proposal_pick - rules of a choice
 * @prefer_ours: order of the configured list wins, else that of the peer
 * @skip_ke: leave out TT_KE (a child made in IKE_AUTH has none: 1.2)
 * @can: can the implementation carry it; NULL: yes
 */
struct proposal_pick {
	bool prefer_ours;
	bool skip_ke;
	bool (*can)(void *arg, uint8_t protocol, const struct transform *t);
	void *arg;
};

/**
 * proposal_choose() - pick one proposal, one transform of each type
 * @chosen: number, protocol and SPI of the peer's proposal
 * @diff: on failure, the first difference in words: "group: offered
 *        MODP_2048, configured CURVE_25519 or ECP_256" (IKE-26)
 * Return: 0, -ENOENT
 *
 * A type absent on one side matches only if it is absent or NONE is there on
 * the other; with an AEAD cipher INTEG must be absent or NONE.
 */
int proposal_choose(const struct proposal *ours, unsigned int n_ours,
		    const struct proposal *theirs, unsigned int n_theirs,
		    const struct proposal_pick *pick, struct proposal *chosen,
		    char *diff, size_t diff_size);

/** proposal_verify() - is @answer a choice that @ours allows (IKE-23)?
 *  Return: 0 or -EPROTO and *@why */
int proposal_verify(const struct proposal *ours, unsigned int n_ours,
		    const struct proposal *answer, bool skip_ke,
		    const char **why);

/** proposal_find() - the first transform of @type, NULL if there is none; NONE
 *  of INTEG or KE, which a choice may carry to the wire, is none */
const struct transform *proposal_find(const struct proposal *p, uint8_t type);
bool encr_is_aead(uint16_t encr);

/* ---------------------------------------------------------- keywords, names */

/**
 * proposal_from_text() - "aes256gcm16-prfsha256-x25519" and the like, the
 * keywords of swanctl.conf (esn, noesn among them); "default" and "default-
 * aead" are the lists below; @p->num is 1
 * @protocol: PROTO_IKE, PROTO_ESP, PROTO_AH
 * IKE without a PRF takes the one of the integrity algorithm, with an AEAD as
 * well, which has no other use for it. Without esn or noesn: noesn. AEAD and
 * other ciphers are two proposals (RFC 7296 3.3).
 * Return: 0 or -EINVAL and @why names the keyword and what is allowed
 */
int proposal_from_text(const char *text, uint8_t protocol, struct proposal *p,
		       char *why, size_t size);
/** proposal_default() - what is offered when nothing is configured; @aead:
 *  the AEAD half (IKE needs two proposals, RFC 7296 3.3); of AH it is empty */
void proposal_default(uint8_t protocol, bool aead, struct proposal *p);
/** proposal_text() - the other way, "AES_GCM_16_256/PRF_HMAC_SHA2_256/..." */
const char *proposal_text(const struct proposal *p, char *buf, size_t size);
/** transform_name() - "AES_GCM_16", "CURVE_25519": as swanctl prints them;
 *  NULL if unknown */
const char *transform_name(uint8_t type, uint16_t id);

#endif /* IKE_WIRE_PROPOSAL_H */
