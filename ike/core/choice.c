/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SA payload of a peer: what it proposes, and what it chose of ours
 * (RFC 7296 sections 2.7 and 3.3), of an IKE SA and of a child alike.
 */
#include "core/internal.h"

int sa_payload_read(struct ike *ike, const struct ike_payloads *pl,
		    struct proposal *props, unsigned int *n)
{
	const char *why = "";

	*n = PROPOSALS_MAX;
	if (!pl->sa.p || proposals_parse(pl->sa.p, pl->sa.len, props, n, &why))
		return ike_fail(ike, -EBADMSG, "SA payload: %s",
				pl->sa.p ? why : "missing");
	return 0;
}

int proposal_spi_check(struct ike *ike, const struct proposal *p, int err)
{
	/* 0 to 255 are reserved in ESP (RFC 4303 section 2.1) */
	const unsigned int size = p->protocol == PROTO_IKE ? 8 : 4;
	const unsigned int min = p->protocol == PROTO_IKE ? 1 : 256;

	if (p->spi_size == size && p->spi >= min)
		return 0;
	return ike_fail(ike, err,
			"SPI of %u bytes, 0x%llx; supported: %u bytes, %u and "
			"above",
			p->spi_size, (unsigned long long)p->spi, size, min);
}

/* A choice that we could not follow would end the exchange. */
unsigned int ike_offer(const struct conn *c, struct proposal out[PROPOSALS_MAX])
{
	unsigned int n = 0, i, k;

	for (i = 0; i < c->nprops; i++) {
		struct proposal *p = &out[n];
		const struct transform *encr;

		*p = c->props[i];
		p->n = 0;
		for (k = 0; k < c->props[i].n; k++)
			if (ike_suite_can(NULL, PROTO_IKE, &c->props[i].t[k]))
				p->t[p->n++] = c->props[i].t[k];
		encr = proposal_find(p, TT_ENCR);
		if (encr && proposal_find(p, TT_PRF) &&
		    proposal_find(p, TT_KE) &&
		    (encr_is_aead(encr->id) || proposal_find(p, TT_INTEG)))
			p->num = (uint8_t)++n;
	}
	return n;
}

int choice_read(struct ike *ike, const struct ike_payloads *pl,
		const struct proposal *ours, unsigned int n_ours, bool in_auth,
		struct proposal *answer)
{
	struct proposal props[PROPOSALS_MAX];
	const char *why = "";
	unsigned int n;
	int err = sa_payload_read(ike, pl, props, &n);

	if (err)
		return err;
	if (n != 1)
		return ike_fail(ike, -EPROTO, "peer chose %u proposals", n);
	if (proposal_verify(ours, n_ours, props, in_auth, &why))
		return ike_fail(ike, -EPROTO, "choice not offered: %s", why);
	*answer = props[0];
	return 0;
}
