/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nonces and a key exchange of their own, as CREATE_CHILD_SA has them for a
 * child (optional) and for a new IKE SA (RFC 7296 sections 1.3.1 to 1.3.3).
 */
#ifndef IKE_CORE_KEX_H
#define IKE_CORE_KEX_H

#include "core/internal.h"

/* After TEMPORARY_FAILURE (RFC 7296 section 2.25): so long, so often */
#define CHILD_RETRY (5 * IKE_USEC)
#define CHILD_TRIES_MAX 10
/* of rekeys that fail for another reason than TEMPORARY_FAILURE */
#define CHILD_RETRY_MAX (320 * IKE_USEC)

/**
 * struct kex - our half, and the peer's once it came
 * @group: KE_NONE: nonces only
 * @ke: our private value, while it is needed
 */
struct kex {
	uint16_t group;
	struct ike_ke *ke;
	uint8_t pub[IKE_PUB_MAX];
	size_t pub_len;
	uint8_t nonce[IKE_NONCE_LEN];
	uint8_t peer[IKE_NONCE_MAX];
	size_t peer_len;
	uint8_t secret[IKE_SECRET_MAX];
	size_t secret_len;
};

/** kex_begin() - fresh nonce and value; again after INVALID_KE_PAYLOAD */
int kex_begin(struct ike *ike, struct kex *kex, uint16_t group);
void kex_put(const struct kex *kex, struct ike_writer *w);
/**
 * kex_chosen() - the answer to kex_put(): the peer's nonce and value; derives
 * @group: as chosen: the one that was sent, or KE_NONE if that was offered
 * Return: 0; -EBADMSG with ike_fail()
 */
int kex_chosen(struct ike_sa *sa, struct kex *kex, uint16_t group,
	       const struct ike_payloads *pl);
/**
 * kex_answer() - the peer's half came first: make ours and derive
 * @group: as chosen from its proposal
 * @reply: gets what is to be said when it fails
 * Return: 0; -EAGAIN: it used another group or none; -EBADMSG
 */
int kex_answer(struct ike_sa *sa, struct kex *kex, uint16_t group,
	       const struct ike_payloads *pl, struct ike_writer *reply);
/** kex_keep_nonces() - what kex_compare() will need, without the secret */
void kex_keep_nonces(struct kex *to, const struct kex *from);
/** as child_kex wants it; @secret: room for the chunk it points to */
void kex_of_child(const struct kex *kex, bool initiator, struct chunk *secret,
		  struct child_kex *out);
/**
 * kex_again() - is the refusal @pl one after which to ask again: with the group
 * that INVALID_KE_PAYLOAD wants (in *@group then), or later, after
 * TEMPORARY_FAILURE (@t says when)?
 * @groups: wanted so far
 */
bool kex_again(struct task *t, uint16_t *group, unsigned int *groups,
	       const struct ike_payloads *pl);
/** lower nonce of the exchange (2.8.1): -1, 0, 1 as by memcmp of two
 *  exchanges' lowest nonces */
int kex_compare(const struct kex *a, const struct kex *b);
void kex_end(struct kex *kex);

#endif /* IKE_CORE_KEX_H */
