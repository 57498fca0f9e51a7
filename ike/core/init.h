/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What both sides of IKE_SA_INIT need (init.c).
 */
#ifndef IKE_CORE_INIT_H
#define IKE_CORE_INIT_H

#include "core/exchange.h"

/** -EBADMSG with ike_fail(): length (RFC 7296 section 2.10) */
int nonce_check(struct ike *ike, const struct chunk *nonce,
		unsigned int prf_len);
/** NAT detection, fragmentation, hashes of signatures: ours and the peer's */
void put_announcements(struct ike_sa *sa, struct ike_writer *w);
void take_announcements(struct ike_sa *sa, const struct ike_payloads *pl);
/** keys of the SA from hs->ke and the peer's public value */
int derive(struct ike_sa *sa, const struct ike_suite *suite,
	   const struct chunk *peer_pub);

#endif /* IKE_CORE_INIT_H */
