/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/crypto.h>
#include <string.h>
#include "core/child.h"
#include "core/init.h"
#include "core/kex.h"

int kex_begin(struct ike *ike, struct kex *kex, uint16_t group)
{
	int err;

	kex_end(kex);
	ike->ops->random(ike->ctx, kex->nonce, sizeof(kex->nonce));
	kex->group = group;
	if (group == KE_NONE)
		return 0;
	err = ike_ke_new(group, &kex->ke, kex->pub, &kex->pub_len);
	return err ? ike_fail(ike, err, "key exchange %u: no value", group) : 0;
}

void kex_put(const struct kex *kex, struct ike_writer *w)
{
	ike_put_nonce(w, kex->nonce, sizeof(kex->nonce));
	if (kex->group != KE_NONE)
		ike_put_ke(w, kex->group, kex->pub, kex->pub_len);
}

static int peer(struct ike_sa *sa, struct kex *kex,
		const struct ike_payloads *pl)
{
	struct ike *ike = sa->ike;
	int err = nonce_check(ike, &pl->nonce, sa->keys.suite.prf_len);

	if (err)
		return err;
	memcpy(kex->peer, pl->nonce.p, pl->nonce.len);
	kex->peer_len = pl->nonce.len;
	if (kex->group == KE_NONE)
		return 0;
	if (!ike_has(pl, PL_KE) || pl->ke.method != kex->group)
		return ike_fail(ike, -EBADMSG, "key exchange: %s",
				ike_has(pl, PL_KE) ? "not of the group chosen"
						   : "missing");
	if (ike_ke_derive(kex->ke, &pl->ke.data, kex->secret, &kex->secret_len))
		return ike_fail(ike, -EBADMSG,
				"key exchange: public value refused");
	ike_ke_free(kex->ke);
	kex->ke = NULL;
	return 0;
}

int kex_chosen(struct ike_sa *sa, struct kex *kex, uint16_t group,
	       const struct ike_payloads *pl)
{
	if (group != KE_NONE && group != kex->group)
		return ike_fail(sa->ike, -EBADMSG,
				"key exchange: group %u chosen, %u was sent",
				group, kex->group);
	kex->group = group;
	return peer(sa, kex, pl);
}

static void put_wanted(struct ike_writer *w, uint16_t group)
{
	uint8_t data[2] = { (uint8_t)(group >> 8), (uint8_t)group };

	ike_put_notify(w, N_INVALID_KE_PAYLOAD, data, sizeof(data));
}

int kex_answer(struct ike_sa *sa, struct kex *kex, uint16_t group,
	       const struct ike_payloads *pl, struct ike_writer *reply)
{
	uint16_t came = ike_has(pl, PL_KE) ? pl->ke.method : KE_NONE;
	int err;

	if (group != KE_NONE && came != group) {
		put_wanted(reply, group);
		return ike_fail(sa->ike, -EAGAIN,
				"key exchange: group %u came, %u was chosen",
				came, group);
	}
	err = kex_begin(sa->ike, kex, group);
	if (!err)
		err = peer(sa, kex, pl);
	if (err)
		child_bad_syntax(sa, reply);
	return err;
}

void kex_keep_nonces(struct kex *to, const struct kex *from)
{
	memcpy(to->nonce, from->nonce, sizeof(from->nonce));
	memcpy(to->peer, from->peer, from->peer_len);
	to->peer_len = from->peer_len;
}

void kex_of_child(const struct kex *kex, bool initiator, struct chunk *secret,
		  struct child_kex *out)
{
	struct chunk ours = { kex->nonce, sizeof(kex->nonce) };
	struct chunk theirs = { kex->peer, kex->peer_len };

	out->ni = initiator ? ours : theirs;
	out->nr = initiator ? theirs : ours;
	*secret = (struct chunk){ kex->secret, kex->secret_len };
	out->secret = kex->group == KE_NONE ? NULL : secret;
}

/* The group that INVALID_KE_PAYLOAD asks for; none that we can: KE_NONE */
static uint16_t kex_wanted(const struct ike_payloads *pl)
{
	const struct ike_notify_pl *n =
		ike_find_notify(pl, N_INVALID_KE_PAYLOAD);
	uint16_t group;

	if (!n || n->data.len != 2)
		return KE_NONE;
	group = (uint16_t)(n->data.p[0] << 8 | n->data.p[1]);
	return ike_ke_supported(group) ? group : KE_NONE;
}

#define GROUPS_TRIED_MAX 3 /* INVALID_KE_PAYLOAD in a row */

bool kex_again(struct task *t, uint16_t *group, unsigned int *groups,
	       const struct ike_payloads *pl)
{
	struct ike *ike = t->sa->ike;
	uint16_t wanted = kex_wanted(pl);

	if (wanted && wanted != *group && ++*groups <= GROUPS_TRIED_MAX) {
		*group = wanted;
		return true;
	}
	/* the peer is about to rekey or delete */
	if (!ike_find_notify(pl, N_TEMPORARY_FAILURE) ||
	    t->tries >= CHILD_TRIES_MAX)
		return false;
	t->not_before = ike->now + timer_jitter(ike, CHILD_RETRY, CHILD_RETRY);
	return true;
}

static struct chunk lowest(const struct kex *k)
{
	size_t n =
		k->peer_len < sizeof(k->nonce) ? k->peer_len : sizeof(k->nonce);
	int c = memcmp(k->nonce, k->peer, n);

	if (!c)
		c = k->peer_len < sizeof(k->nonce) ? 1 : -1;
	return c < 0 ? (struct chunk){ k->nonce, sizeof(k->nonce) }
		     : (struct chunk){ k->peer, k->peer_len };
}

int kex_compare(const struct kex *a, const struct kex *b)
{
	struct chunk x = lowest(a), y = lowest(b);
	int c = memcmp(x.p, y.p, x.len < y.len ? x.len : y.len);

	if (c)
		return c;
	return x.len < y.len ? -1 : x.len > y.len;
}

void kex_end(struct kex *kex)
{
	ike_ke_free(kex->ke);
	OPENSSL_cleanse(kex, sizeof(*kex));
}
