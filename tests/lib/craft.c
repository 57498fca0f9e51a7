// SPDX-License-Identifier: Apache-2.0
#include <string.h>
#include "bytes.h"
#include "craft.h"
#include "ref.h"

static size_t outer(uint8_t *p, const struct craft *c, size_t len)
{
	const struct espalier_sa *sa = c->sa;
	size_t hl = 20 + c->options;
	uint8_t *nh;

	if (sa->dst.family == AF_INET) {
		memset(p, 0, hl);
		memset(p + 20, 1, c->options);
		p[0] = 0x40 | hl / 4;
		p[1] = c->tos;
		put16(p + 2, hl + len);
		put16(p + 6, c->frag);
		p[8] = 64;
		p[9] = 50;
		put32(p + 12, 0xc0a80101);
		memcpy(p + 16, sa->dst.bytes, 4);
		put16(p + 10, ref_checksum(p, hl));
		return hl;
	}
	hl = 40 + c->options + (c->frag ? 8 : 0);
	memset(p, 0, hl);
	put32(p, 6u << 28 | (uint32_t)c->tos << 20);
	put16(p + 4, hl - 40 + len);
	p[7] = 64;
	p[8] = 0xfe;
	p[9] = 0x80;
	p[23] = 1;
	memcpy(p + 24, sa->dst.bytes, 16);
	nh = &p[6];
	if (c->options) {
		*nh = 0;
		nh = &p[40];
		p[41] = c->options / 8 - 1;
		p[42] = 1; /* PadN */
		p[43] = c->options - 4;
	}
	if (c->frag) {
		*nh = 44;
		nh = &p[hl - 8];
		put16(p + hl - 6, c->frag);
	}
	*nh = 50;
	return hl;
}

size_t craft_esp(uint8_t *frame, const struct craft *c, const uint8_t *payload,
		 size_t len)
{
	static uint8_t plain[REF_BUF];
	const struct espalier_sa *sa = c->sa;
	uint8_t aad[12], *p;
	size_t n = len + c->tfc, total, hl;

	memcpy(plain, payload, len);
	memset(plain + len, 0, c->tfc);
	for (uint8_t i = 1; (n + 2) % 4 || i <= 4 * c->pad; i++)
		plain[n++] = c->pad_junk ? 0xa5 : i;
	plain[n] = n - len - c->tfc + c->pad_len_add;
	plain[n + 1] = c->next_header;
	n += 2;
	total = 16 + n + sa->icv_len;

	memset(frame, 0, 14);
	if (c->dmac)
		memcpy(frame, c->dmac, 6);
	frame[6] = 2;
	put16(frame + 12, sa->dst.family == AF_INET ? 0x0800 : 0x86dd);
	hl = outer(frame + 14, c, total);
	p = frame + 14 + hl;
	put32(p, sa->spi);
	put32(p + 4, c->seq);
	put64(p + 8, c->seq);
	memcpy(aad, p, 8);
	if (sa->esn)
		put64(aad + 4, c->seq);
	ref_gcm_seal(&(struct ref_gcm){ .key = sa->key,
					.key_len = sa->key_len,
					.icv_len = sa->icv_len,
					.iv = p + 8,
					.aad = aad,
					.aad_len = sa->esn ? 12 : 8 },
		     plain, n, p + 16, p + 16 + n);
	if (c->flip)
		p[(c->flip - 1) % total] ^= 0x20;
	return 14 + hl + total;
}
