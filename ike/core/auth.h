/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What both sides of IKE_AUTH need (auth.c), and who may be there only once
 * (unique.c).
 */
#ifndef IKE_CORE_AUTH_H
#define IKE_CORE_AUTH_H

#include "core/exchange.h"

#define ID_BODY_MAX (4 + sizeof(((struct ike_id *)0)->data))

void id_from_addr(const struct espalier_addr *a, struct ike_id *id);
int id_from_payload(struct ike *ike, const struct ike_id_pl *pl,
		    struct ike_id *id);
struct chunk id_body(const struct ike_id *id, uint8_t buf[ID_BODY_MAX]);
/** what the AUTH of the initiator (or of the responder) is computed over */
void auth_covers(const struct ike_sa *sa, bool by_initiator,
		 const struct chunk *body, struct ike_auth_in *in);
/** configured, from the certificate, or the address for a bare secret */
int our_identity(struct ike_sa *sa, struct ike_id *id);
/** ID, CERTs, AUTH */
int put_proof(struct ike_sa *sa, enum ike_payload type, const struct ike_id *id,
	      const struct ike_id *peer, struct ike_writer *w);

/** before a peer is let in: -EEXIST when it is here and stays (unique=keep) */
int unique_admit(struct ike_sa *sa);
/** after: others of the same peer go, as configured or as it asks (IKE-43) */
void unique_responder(struct ike_sa *sa, bool initial_contact);
void unique_initiator(struct ike_sa *sa);

#endif /* IKE_CORE_AUTH_H */
