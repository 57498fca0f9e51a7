/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NAT (RFC 7296 section 2.23): found by hashes over what each side believes
 * its addresses to be, passed by UDP port 4500, kept open by keepalives, and
 * followed when it gives the peer another address.
 */
#include <string.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>
#include "core/exchange.h"
#include "core/internal.h"

static void put64(uint8_t *p, uint64_t v)
{
	int i;

	for (i = 7; i >= 0; i--, v >>= 8)
		p[i] = v;
}

static void nat_hash(uint64_t spi_i, uint64_t spi_r, const struct ike_end *e,
		     uint8_t out[SHA_DIGEST_LENGTH])
{
	uint8_t buf[8 + 8 + 16 + 2];
	unsigned int n = addr_len(&e->ip);

	put64(buf, spi_i);
	put64(buf + 8, spi_r);
	memcpy(buf + 16, e->ip.bytes, n);
	buf[16 + n] = e->port >> 8;
	buf[17 + n] = e->port;
	SHA1(buf, 18 + n, out);
}

void natt_put(struct ike_sa *sa, struct ike_writer *w)
{
	uint8_t hash[SHA_DIGEST_LENGTH];
	struct ike_end source = sa->local;

	/* A source that is not ours makes the peer believe in a NAT, and so
	 * encapsulate (encap = yes). */
	if (sa->conn && sa->conn->encap)
		source.port = 0;
	nat_hash(sa->spi_i, sa->spi_r, &source, hash);
	ike_put_notify(w, N_NAT_DETECTION_SOURCE_IP, hash, sizeof(hash));
	nat_hash(sa->spi_i, sa->spi_r, &sa->remote, hash);
	ike_put_notify(w, N_NAT_DETECTION_DESTINATION_IP, hash, sizeof(hash));
}

/* There may be several: one for each address that the sender might use. */
static bool one_matches(const struct ike_payloads *pl, enum ike_notify type,
			const uint8_t hash[SHA_DIGEST_LENGTH], bool *any)
{
	unsigned int i;

	*any = false;
	for (i = 0; i < pl->nnotifies; i++) {
		if (pl->notify[i].type != type)
			continue;
		*any = true;
		if (pl->notify[i].data.len == SHA_DIGEST_LENGTH &&
		    !memcmp(pl->notify[i].data.p, hash, SHA_DIGEST_LENGTH))
			return true;
	}
	return false;
}

void natt_detect(struct ike_sa *sa, const struct ike_payloads *pl,
		 uint64_t spi_i, uint64_t spi_r)
{
	uint8_t hash[SHA_DIGEST_LENGTH];
	bool any_s, any_d, match_s, match_d;

	nat_hash(spi_i, spi_r, &sa->remote, hash);
	match_s = one_matches(pl, N_NAT_DETECTION_SOURCE_IP, hash, &any_s);
	nat_hash(spi_i, spi_r, &sa->local, hash);
	match_d = one_matches(pl, N_NAT_DETECTION_DESTINATION_IP, hash, &any_d);
	if (!any_s || !any_d)
		return; /* the peer does not know NAT traversal */
	sa->nat_remote = !match_s;
	sa->nat_local = !match_d;
	sa->encap = sa->nat_remote || sa->nat_local ||
		    (sa->conn && sa->conn->encap);
	if (sa->nat_local || sa->nat_remote)
		ike_log(sa->ike, IKE_LOG_CONTROL, sa, "NAT found:%s%s",
			sa->nat_local ? " we are behind one" : "",
			sa->nat_remote ? " the peer is behind one" : "");
}

void natt_float(struct ike_sa *sa)
{
	if (!sa->encap)
		return;
	if (sa->local.port == IKE_PORT)
		sa->local.port = IKE_PORT_NATT;
	if (sa->remote.port == IKE_PORT)
		sa->remote.port = IKE_PORT_NATT;
}

void natt_start(struct ike_sa *sa)
{
	struct ike *ike = sa->ike;

	if (sa->nat_local && ike->set.nat_keepalive)
		timer_set(ike, &sa->t_keepalive,
			  ike->now + ike->set.nat_keepalive);
}

void keepalive_timer(struct ike *ike, struct timer *t)
{
	struct ike_sa *sa = container_of(t, struct ike_sa, t_keepalive);
	static const uint8_t keepalive = 0xff;

	if (sa->state != SA_ESTABLISHED)
		return;
	if (sa->said + ike->set.nat_keepalive <= ike->now) {
		ike->ops->send(ike->ctx, &sa->local, &sa->remote, &keepalive,
			       1);
		sa->said = ike->now;
	}
	timer_set(ike, t, sa->said + ike->set.nat_keepalive);
}

static bool end_equal(const struct ike_end *a, const struct ike_end *b)
{
	return a->port == b->port && addr_equal(&a->ip, &b->ip);
}

void natt_heard(struct ike_sa *sa, const struct ike_end *local,
		const struct ike_end *remote)
{
	struct child_sa *c, *next;
	char was[80], is[80];

	/* IKE_AUTH comes to port 4500 when the initiator has found a NAT. */
	if (sa->state == SA_HALF_OPEN && !sa->initiator) {
		sa->local = *local;
		sa->remote = *remote;
		return;
	}
	if (end_equal(&sa->remote, remote))
		return;
	/* Only who is not behind one follows a peer that is: else anybody on
	 * the way could move the SA. */
	if (!sa->nat_remote || sa->nat_local)
		return;
	ike_log(sa->ike, IKE_LOG_AUDIT, sa,
		"the NAT has moved the peer from %s to %s",
		ike_end_text(&sa->remote, was, sizeof(was)),
		ike_end_text(remote, is, sizeof(is)));
	sa->remote = *remote;
	/* What is installed names the old address; its place in the sequence
	 * cannot be taken along, so new SAs follow. */
	for (c = sa->children; c; c = next) {
		next = c->next;
		if (c->state == CHILD_INSTALLED)
			rekey_child_start(c, NULL);
	}
}
