/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "craft_init.h"
#include "crypto/suite.h"
#include "suite.h"

static size_t finish(struct ike_hdr hdr, struct ike_writer *w, uint8_t *out)
{
	ike_pl_end(w);
	MUST(!w->overflow);
	hdr.version = 0x20;
	hdr.next = w->first;
	hdr.len = IKE_HDR_LEN + w->len;
	ike_hdr_put(out, &hdr);
	return hdr.len;
}

size_t craft_init(const struct craft_init *c, uint8_t *out, size_t cap)
{
	struct ike_hdr hdr = { .spi_i = c->spi_i,
			       .exchange = IKE_SA_INIT,
			       .flags = IKE_FLAG_INITIATOR };
	static uint8_t pub[IKE_PUB_MAX];
	static size_t pub_len;
	static uint16_t pub_group;
	uint16_t group = c->group ? c->group : KE_CURVE25519;
	uint8_t nonce[300], zeros[IKE_PUB_MAX] = { 0 };
	char why[200];
	struct ike_writer w;
	struct proposal p;
	struct ike_ke *ke;

	/* One pair for all: a flood does not compute. */
	if (pub_group != group) {
		pub_len = sizeof(pub);
		MUST(!ike_ke_new(group, &ke, pub, &pub_len));
		ike_ke_free(ke);
		pub_group = group;
	}
	MUST(!proposal_from_text(c->proposal ? c->proposal
					     : "aes128gcm16-prfsha256-x25519",
				 PROTO_IKE, &p, why, sizeof(why)));
	p.num = 1;
	memset(nonce, c->nonce_fill, sizeof(nonce));
	ike_writer_init(&w, out + IKE_HDR_LEN, cap - IKE_HDR_LEN);
	if (c->cookie.p)
		ike_put_notify(&w, N_COOKIE, c->cookie.p, c->cookie.len);
	ike_put_sa(&w, &p, 1);
	ike_put_ke(&w, group, c->pub_zero ? zeros : pub, pub_len);
	ike_put_nonce(&w, nonce, c->nonce_len ? c->nonce_len : 32);
	return finish(hdr, &w, out);
}

size_t craft_notify(const struct ike_hdr *hdr, enum ike_notify type,
		    const void *data, size_t len, uint8_t *out, size_t cap)
{
	struct ike_writer w;

	ike_writer_init(&w, out + IKE_HDR_LEN, cap - IKE_HDR_LEN);
	ike_put_notify(&w, type, data, len);
	return finish(*hdr, &w, out);
}

void inject_init(struct duo *d, const struct craft_init *c, const char *from)
{
	struct ike_end src = { .port = 500 }, dst = duo_at(d, B, 500);
	uint8_t buf[1024];

	duo_addr(from, &src.ip);
	duo_inject(d, A, &src, &dst, buf, craft_init(c, buf, sizeof(buf)));
	duo_run(d, 20000);
}
