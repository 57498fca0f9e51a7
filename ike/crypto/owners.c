// SPDX-License-Identifier: Apache-2.0
/*
 * Who loaded what is in the store: the daemon's own file may be read again
 * without touching what came over VICI, and an authority may be taken back
 * without touching a certificate that somebody else has loaded too.
 */
#include <stdlib.h>
#include <string.h>
#include <openssl/crypto.h>
#include "crypto/store.h"

/* Lists have the newest first: they go over from the last to the first. */
#define REVERSE(list)                                                          \
	do {                                                                   \
		__typeof__(list) old_ = (list), one_;                          \
		(list) = NULL;                                                 \
		while ((one_ = old_)) {                                        \
			old_ = one_->next;                                     \
			one_->next = (list);                                   \
			(list) = one_;                                         \
		}                                                              \
	} while (0)

#define PUSH(list, e)                                                          \
	do {                                                                   \
		(e)->next = (list);                                            \
		(list) = (e);                                                  \
	} while (0)

static bool same_secret(const struct psk_entry *a, const struct psk_entry *b)
{
	return a->len == b->len && a->n == b->n &&
	       !CRYPTO_memcmp(a->secret, b->secret, a->len) &&
	       !memcmp(a->owners, b->owners, a->n * sizeof(*a->owners));
}

static void take_psks(struct ike_creds *creds, struct ike_creds *from,
		      unsigned int by)
{
	struct psk_entry *e, *old;

	REVERSE(from->psks);
	while ((e = from->psks)) {
		from->psks = e->next;
		e->by = by;
		for (old = creds->psks; old && strcmp(old->name, e->name);)
			old = old->next;
		if (old && same_secret(old, e))
			e->by |= old->by;
		ike_creds_del_psk(creds, e->name);
		PUSH(creds->psks, e);
	}
}

static void take_certs(struct ike_creds *creds, struct ike_creds *from,
		       unsigned int by)
{
	struct cert_entry *e;

	REVERSE(from->certs);
	while ((e = from->certs)) {
		from->certs = e->next;
		e->by = by;
		e->anchor = e->anchor ? by : 0;
		creds_keep_cert(creds, e);
	}
}

static void take_crls(struct ike_creds *creds, struct ike_creds *from,
		      unsigned int by)
{
	struct crl_entry *e;

	REVERSE(from->crls);
	while ((e = from->crls)) {
		from->crls = e->next;
		e->by = by;
		creds_keep_crl(creds, e);
	}
}

static void take_keys(struct ike_creds *creds, struct ike_creds *from,
		      unsigned int by)
{
	struct key_entry *e, *old;

	REVERSE(from->keys);
	while ((e = from->keys)) {
		from->keys = e->next;
		e->by = by;
		for (old = creds->keys; old && strcmp(old->keyid, e->keyid);)
			old = old->next;
		if (old)
			e->by |= old->by;
		ike_creds_del_key(creds, e->keyid);
		PUSH(creds->keys, e);
	}
}

void ike_creds_take(struct ike_creds *creds, struct ike_creds *from,
		    enum ike_creds_by by)
{
	cert_cache_flush(creds->cache);
	take_psks(creds, from, by);
	take_certs(creds, from, by);
	take_crls(creds, from, by);
	take_keys(creds, from, by);
}

#define DROP(list, who, free_one)                                              \
	do {                                                                   \
		__typeof__(&(list)) at_ = &(list);                             \
		__typeof__(list) one_;                                         \
		while ((one_ = *at_)) {                                        \
			one_->by &= ~(unsigned int)(who);                      \
			if (one_->by) {                                        \
				at_ = &one_->next;                             \
				continue;                                      \
			}                                                      \
			*at_ = one_->next;                                     \
			free_one(one_);                                        \
		}                                                              \
	} while (0)

void ike_creds_drop(struct ike_creds *creds, enum ike_creds_by by)
{
	struct cert_entry *e;

	cert_cache_flush(creds->cache);
	for (e = creds->certs; e; e = e->next)
		e->anchor &= ~(unsigned int)by;
	DROP(creds->psks, by, creds_psk_free);
	DROP(creds->certs, by, creds_cert_free);
	DROP(creds->crls, by, creds_crl_free);
	DROP(creds->keys, by, creds_key_free);
}

void ike_creds_drop_cert(struct ike_creds *creds, const char *handle,
			 enum ike_creds_by by)
{
	struct cert_entry **at = &creds->certs, *e;

	while ((e = *at) && strcmp(e->handle, handle))
		at = &e->next;
	if (!e)
		return;
	e->anchor &= ~(unsigned int)by;
	e->by &= ~(unsigned int)by;
	if (e->by)
		return;
	*at = e->next;
	creds_cert_free(e);
}
