// SPDX-License-Identifier: Apache-2.0
/*
 * Payloads written (RFC 7296 sections 3.1 to 3.14). The header of a payload is
 * completed from behind: its length when the next one begins or at the end, the
 * type of its successor when there is one. Reserved fields are zero.
 */
#include <string.h>
#include "wire/message.h"

#define PL_HDR_LEN 4

void ike_writer_init(struct ike_writer *w, uint8_t *buf, size_t cap)
{
	*w = (struct ike_writer){
		.buf = buf,
		.cap = cap,
		.next_at = SIZE_MAX,
	};
}

uint8_t *ike_put_space(struct ike_writer *w, size_t len)
{
	uint8_t *p;

	if (w->overflow || len > w->cap - w->len) {
		w->overflow = true;
		return NULL;
	}
	p = w->buf + w->len;
	w->len += len;
	return p;
}

void ike_put(struct ike_writer *w, const void *data, size_t len)
{
	uint8_t *p = ike_put_space(w, len);

	if (p && len)
		memcpy(p, data, len);
}

static void put_uint(struct ike_writer *w, uint64_t v, unsigned int bytes)
{
	uint8_t *p = ike_put_space(w, bytes);

	while (p && bytes--) {
		p[bytes] = v;
		v >>= 8;
	}
}

void ike_put_u8(struct ike_writer *w, uint8_t v)
{
	put_uint(w, v, 1);
}

void ike_put_u16(struct ike_writer *w, uint16_t v)
{
	put_uint(w, v, 2);
}

void ike_put_u32(struct ike_writer *w, uint32_t v)
{
	put_uint(w, v, 4);
}

void ike_put_u64(struct ike_writer *w, uint64_t v)
{
	put_uint(w, v, 8);
}

void ike_pl_end(struct ike_writer *w)
{
	size_t len;

	if (w->overflow || w->next_at == SIZE_MAX)
		return;
	len = w->len - w->next_at;
	if (len > UINT16_MAX) {
		w->overflow = true;
		return;
	}
	w->buf[w->next_at + 2] = len >> 8;
	w->buf[w->next_at + 3] = len;
}

void ike_pl_begin(struct ike_writer *w, enum ike_payload type)
{
	size_t at = w->len;
	uint8_t *p;

	ike_pl_end(w);
	p = ike_put_space(w, PL_HDR_LEN);
	if (!p)
		return;
	memset(p, 0, PL_HDR_LEN);
	if (w->next_at == SIZE_MAX)
		w->first = type;
	else
		w->buf[w->next_at] = type;
	w->next_at = at;
}

void ike_put_ke(struct ike_writer *w, uint16_t method, const void *pub,
		size_t len)
{
	ike_pl_begin(w, PL_KE);
	ike_put_u16(w, method);
	ike_put_u16(w, 0);
	ike_put(w, pub, len);
	ike_pl_end(w);
}

void ike_put_nonce(struct ike_writer *w, const void *nonce, size_t len)
{
	ike_pl_begin(w, PL_NONCE);
	ike_put(w, nonce, len);
	ike_pl_end(w);
}

void ike_put_id(struct ike_writer *w, enum ike_payload type, uint8_t id_type,
		const void *data, size_t len)
{
	ike_pl_begin(w, type);
	ike_put_u32(w, (uint32_t)id_type << 24);
	ike_put(w, data, len);
	ike_pl_end(w);
}

void ike_put_auth(struct ike_writer *w, uint8_t method, const void *data,
		  size_t len)
{
	ike_pl_begin(w, PL_AUTH);
	ike_put_u32(w, (uint32_t)method << 24);
	ike_put(w, data, len);
	ike_pl_end(w);
}

void ike_put_cert(struct ike_writer *w, enum ike_payload type, uint8_t encoding,
		  const void *data, size_t len)
{
	ike_pl_begin(w, type);
	ike_put_u8(w, encoding);
	ike_put(w, data, len);
	ike_pl_end(w);
}

void ike_put_notify(struct ike_writer *w, enum ike_notify type,
		    const void *data, size_t len)
{
	ike_pl_begin(w, PL_NOTIFY);
	ike_put_u8(w, PROTO_NONE);
	ike_put_u8(w, 0);
	ike_put_u16(w, type);
	ike_put(w, data, len);
	ike_pl_end(w);
}

void ike_put_notify_spi(struct ike_writer *w, enum ike_notify type,
			uint8_t protocol, uint32_t spi, const void *data,
			size_t len)
{
	ike_pl_begin(w, PL_NOTIFY);
	ike_put_u8(w, protocol);
	ike_put_u8(w, sizeof(spi));
	ike_put_u16(w, type);
	ike_put_u32(w, spi);
	ike_put(w, data, len);
	ike_pl_end(w);
}

void ike_put_delete(struct ike_writer *w, uint8_t protocol,
		    const uint32_t *spis, unsigned int n)
{
	ike_pl_begin(w, PL_DELETE);
	ike_put_u8(w, protocol);
	ike_put_u8(w, protocol == PROTO_IKE ? 0 : sizeof(*spis));
	ike_put_u16(w, n);
	for (unsigned int i = 0; i < n; i++)
		ike_put_u32(w, spis[i]);
	ike_pl_end(w);
}

void ike_hdr_put(uint8_t buf[IKE_HDR_LEN], const struct ike_hdr *hdr)
{
	struct ike_writer w;

	ike_writer_init(&w, buf, IKE_HDR_LEN);
	ike_put_u64(&w, hdr->spi_i);
	ike_put_u64(&w, hdr->spi_r);
	ike_put_u8(&w, hdr->next);
	ike_put_u8(&w, hdr->version);
	ike_put_u8(&w, hdr->exchange);
	ike_put_u8(&w, hdr->flags);
	ike_put_u32(&w, hdr->id);
	ike_put_u32(&w, hdr->len);
}
