// SPDX-License-Identifier: Apache-2.0
/*
 * Header and payloads of a message, read (RFC 7296 sections 3.1 to 3.16).
 *
 * Whatever is wrong in clear gets no answer, but for a version too high and an
 * unknown critical payload in an IKE_SA_INIT request (2.5): INVALID_SYNTAX may
 * be said only under a checksum that was good (3.10.1).
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "wire/cursor.h"
#include "wire/rules.h"

#define NONCE_MIN 16 /* RFC 7296 section 3.9 */
#define NONCE_MAX 256

static int refuse(struct ike_err *err, uint16_t notify, uint8_t payload,
		  const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static int refuse(struct ike_err *err, uint16_t notify, uint8_t payload,
		  const char *fmt, ...)
{
	va_list ap;

	err->notify = notify;
	err->payload = payload;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return -EBADMSG;
}

/* ------------------------------------------------------------------- header */

/* What the header of the first two messages has to look like. */
static int init_hdr_check(const struct ike_hdr *h, struct ike_err *err)
{
	bool response = h->flags & IKE_FLAG_RESPONSE;
	bool initiator = h->flags & IKE_FLAG_INITIATOR;

	if (h->id)
		return refuse(err, 0, 0,
			      "IKE_SA_INIT with message ID %u, not 0", h->id);
	if (response == initiator)
		return refuse(err, 0, 0, "IKE_SA_INIT %s %s the initiator flag",
			      response ? "response" : "request",
			      initiator ? "with" : "without");
	if (!response && h->spi_r)
		return refuse(err, 0, 0,
			      "IKE_SA_INIT request with a responder SPI");
	return 0;
}

int ike_hdr_parse(struct ike_hdr *hdr, const uint8_t *msg, size_t len,
		  struct ike_err *err)
{
	struct cursor c = cursor_of(msg, len);
	bool response;

	memset(err, 0, sizeof(*err));
	*hdr = (struct ike_hdr){
		.spi_i = cursor_u64(&c),
	};
	hdr->spi_r = cursor_u64(&c);
	hdr->next = cursor_u8(&c);
	hdr->version = cursor_u8(&c);
	hdr->exchange = cursor_u8(&c);
	hdr->flags = cursor_u8(&c);
	hdr->id = cursor_u32(&c);
	hdr->len = cursor_u32(&c);
	if (c.bad)
		return refuse(err, 0, 0, "%zu bytes, a header has %d", len,
			      IKE_HDR_LEN);
	response = hdr->flags & IKE_FLAG_RESPONSE;
	/* before anything else: a later version may mean it differently */
	if (hdr->version >> 4 > 2) {
		/* a response is never answered, or two peers talk for ever */
		refuse(err, response ? 0 : N_INVALID_MAJOR_VERSION, 0,
		       "version %u.%u, 2.x is spoken", hdr->version >> 4,
		       hdr->version & 15);
		return -EPROTONOSUPPORT;
	}
	if (hdr->version >> 4 < 2)
		return refuse(err, 0, 0, "version %u.%u, 2.x is spoken",
			      hdr->version >> 4, hdr->version & 15);
	if (hdr->len != len)
		return refuse(err, 0, 0, "length %u in a message of %zu bytes",
			      hdr->len, len);
	if (!hdr->spi_i)
		return refuse(err, 0, 0, "initiator SPI is zero");
	if (hdr->exchange == IKE_SA_INIT)
		return init_hdr_check(hdr, err);
	if (!hdr->spi_r)
		return refuse(err, 0, 0, "responder SPI is zero");
	return 0;
}

/* ----------------------------------------------------------------- payloads */

static bool parse_ke(struct cursor *c, struct ike_payloads *pl)
{
	pl->ke.method = cursor_u16(c);
	cursor_u16(c);
	pl->ke.data = cursor_rest(c);
	return pl->ke.data.len > 0;
}

static bool parse_nonce(struct cursor *c, struct ike_payloads *pl)
{
	pl->nonce = cursor_rest(c);
	return pl->nonce.len >= NONCE_MIN && pl->nonce.len <= NONCE_MAX;
}

static bool parse_id(struct cursor *c, struct ike_id_pl *id)
{
	id->body = (struct chunk){ c->p, cursor_left(c) };
	id->type = cursor_u8(c);
	cursor_take(c, 3);
	id->data = cursor_rest(c);
	switch (id->type) {
	case ID_ANY: /* reserved on the wire */
		return false;
	case ID_IPV4_ADDR:
		return id->data.len == 4;
	case ID_IPV6_ADDR:
		return id->data.len == 16;
	default:
		return true;
	}
}

static bool parse_auth(struct cursor *c, struct ike_payloads *pl)
{
	pl->auth.method = cursor_u8(c);
	cursor_take(c, 3);
	pl->auth.data = cursor_rest(c);
	return pl->auth.method != 0;
}

static bool parse_cert(struct cursor *c, struct ike_payloads *pl)
{
	/* one too many: counted, and refused by the rules */
	if (pl->ncerts == IKE_MAX_CERTS)
		return true;
	pl->cert[pl->ncerts].encoding = cursor_u8(c);
	pl->cert[pl->ncerts].data = cursor_rest(c);
	return pl->cert[pl->ncerts++].data.len > 0;
}

static bool parse_certreq(struct cursor *c, struct ike_payloads *pl)
{
	if (pl->ncertreqs == IKE_MAX_CERTS)
		return true;
	pl->certreq[pl->ncertreqs].encoding = cursor_u8(c);
	pl->certreq[pl->ncertreqs++].data = cursor_rest(c);
	return true;
}

static bool parse_notify(struct cursor *c, struct ike_payloads *pl,
			 bool *failure)
{
	struct ike_notify_pl n = { .protocol = cursor_u8(c) };
	uint8_t spi_size = cursor_u8(c);

	n.type = cursor_u16(c);
	n.spi = cursor_take(c, spi_size);
	n.data = cursor_rest(c);
	if (n.type < IKE_NOTIFY_STATUS_MIN || n.type == N_COOKIE)
		*failure = true;
	if (pl->nnotifies < IKE_MAX_NOTIFIES)
		pl->notify[pl->nnotifies++] = n;
	return true;
}

static bool parse_delete(struct cursor *c, struct ike_payloads *pl)
{
	struct ike_delete_pl d = { .protocol = cursor_u8(c) };

	d.spi_size = cursor_u8(c);
	d.n = cursor_u16(c);
	d.spis = cursor_rest(c);
	if (d.spis.len != (size_t)d.n * d.spi_size)
		return false;
	switch (d.protocol) {
	case PROTO_IKE:
		if (d.spi_size || d.n)
			return false;
		break;
	case PROTO_AH:
	case PROTO_ESP:
		if (d.spi_size != 4)
			return false;
		break;
	default:
		return false;
	}
	if (pl->ndeletes < IKE_MAX_DELETES)
		pl->del[pl->ndeletes++] = d;
	return true;
}

/* One payload of a known type that is not SK or SKF. */
static bool parse_payload(uint8_t type, struct cursor *c,
			  struct ike_payloads *pl, bool *failure)
{
	switch (type) {
	case PL_SA:
		pl->sa = cursor_rest(c);
		return pl->sa.len > 0;
	case PL_KE:
		return parse_ke(c, pl);
	case PL_IDI:
		return parse_id(c, &pl->idi);
	case PL_IDR:
		return parse_id(c, &pl->idr);
	case PL_CERT:
		return parse_cert(c, pl);
	case PL_CERTREQ:
		return parse_certreq(c, pl);
	case PL_AUTH:
		return parse_auth(c, pl);
	case PL_NONCE:
		return parse_nonce(c, pl);
	case PL_NOTIFY:
		return parse_notify(c, pl, failure);
	case PL_DELETE:
		return parse_delete(c, pl);
	case PL_TSI:
		pl->tsi = cursor_rest(c);
		return pl->tsi.len > 0;
	case PL_TSR:
		pl->tsr = cursor_rest(c);
		return pl->tsr.len > 0;
	case PL_CP:
		pl->cp = cursor_rest(c);
		return pl->cp.len > 0;
	case PL_EAP:
		pl->eap = cursor_rest(c);
		return pl->eap.len > 0;
	case PL_VENDOR: /* nobody's is known here */
		return true;
	default:
		return false;
	}
}

static bool is_single(uint8_t type)
{
	return type != PL_CERT && type != PL_CERTREQ && type != PL_NOTIFY &&
	       type != PL_DELETE && type != PL_VENDOR;
}

/**
 * struct walk - a chain of payloads being read
 * @notify: INVALID_SYNTAX where it may be said, else 0
 * @critical: likewise UNSUPPORTED_CRITICAL_PAYLOAD
 */
struct walk {
	struct cursor c;
	uint8_t next;
	uint16_t notify, critical;
	struct ike_err *err;
};

/* The next payload of the chain: its type and its body. */
static int walk_next(struct walk *w, uint8_t *type, struct cursor *body)
{
	bool critical;
	uint16_t len;

	*type = w->next;
	w->next = cursor_u8(&w->c);
	critical = cursor_u8(&w->c) & 0x80; /* reserved bits: ignored */
	len = cursor_u16(&w->c);
	if (w->c.bad || len < 4 || len - 4u > cursor_left(&w->c))
		return refuse(w->err, w->notify, *type,
			      "payload %u: length does not fit the message",
			      *type);
	*body = cursor_of(w->c.p, len - 4);
	cursor_take(&w->c, len - 4);
	if (!rules_known(*type) && critical)
		return refuse(w->err, w->critical, *type,
			      "critical payload %u is not known", *type);
	return 0;
}

/* Payloads up to the end of the chain or to SK or SKF. */
static int walk_payloads(struct walk *w, struct ike_payloads *pl,
			 struct pl_count *count, struct ike_sealed *sealed,
			 const uint8_t *msg)
{
	struct cursor body;
	uint8_t type;
	int rc;

	while (w->next != PL_NONE) {
		rc = walk_next(w, &type, &body);
		if (rc)
			return rc;
		if (!rules_known(type))
			continue;
		count->n[type - PL_SA]++;
		if (sealed && (type == PL_SK || type == PL_SKF)) {
			sealed->type = type;
			sealed->next = w->next;
			sealed->body = cursor_rest(&body);
			sealed->aad_len = sealed->body.p - msg;
			break;
		}
		if (!parse_payload(type, &body, pl, &count->failure) ||
		    body.bad)
			return refuse(w->err, w->notify, type,
				      "%s payload is malformed",
				      ike_payload_name(type));
		if (is_single(type))
			pl->present |= 1ull << (type - PL_SA);
	}
	if (cursor_left(&w->c))
		return refuse(w->err, w->notify, 0,
			      "%zu bytes after the last payload",
			      cursor_left(&w->c));
	return 0;
}

/* RFC 7383 section 2.5; the fragment's number stands before its IV */
static int parse_skf(struct ike_sealed *s, struct ike_err *err)
{
	struct cursor c = cursor_of(s->body.p, s->body.len);

	s->frag = cursor_u16(&c);
	s->frags = cursor_u16(&c);
	if (c.bad || !s->frag || s->frag > s->frags)
		return refuse(err, 0, PL_SKF, "fragment %u of %u", s->frag,
			      s->frags);
	s->body = cursor_rest(&c);
	s->aad_len += 4;
	if (s->frag > 1)
		s->next = PL_NONE; /* only the first one knows */
	return 0;
}

int ike_parse_clear(const struct ike_hdr *hdr, const uint8_t *msg,
		    struct ike_payloads *pl, struct ike_sealed *sealed,
		    struct ike_err *err)
{
	bool response = hdr->flags & IKE_FLAG_RESPONSE;
	bool init = hdr->exchange == IKE_SA_INIT;
	struct pl_count count = { 0 };
	struct walk w = {
		.c = cursor_of(msg + IKE_HDR_LEN, hdr->len - IKE_HDR_LEN),
		.next = hdr->next,
		.critical =
			init && !response ? N_UNSUPPORTED_CRITICAL_PAYLOAD : 0,
		.err = err,
	};
	int rc;

	memset(err, 0, sizeof(*err));
	memset(pl, 0, sizeof(*pl));
	memset(sealed, 0, sizeof(*sealed));
	rc = walk_payloads(&w, pl, &count, sealed, msg);
	if (!rc && init &&
	    !rules_check(hdr->exchange, response, true, &count, &err->payload,
			 err->text, sizeof(err->text)))
		rc = -EBADMSG;
	if (!rc && init && response && pl->present && !hdr->spi_r)
		rc = refuse(err, 0, 0, "responder SPI is zero");
	if (!rc && sealed->type == PL_SKF)
		rc = parse_skf(sealed, err);
	if (rc)
		memset(sealed, 0, sizeof(*sealed));
	/* what needs protection is not taken in clear, be it well-formed */
	if (rc || !init)
		memset(pl, 0, sizeof(*pl));
	return rc;
}

int ike_parse_inner(const struct ike_hdr *hdr, uint8_t first,
		    const uint8_t *plain, size_t len, struct ike_payloads *pl,
		    struct ike_err *err)
{
	struct pl_count count = { 0 };
	struct walk w = {
		.c = cursor_of(plain, len),
		.next = first,
		.notify = N_INVALID_SYNTAX,
		.critical = N_UNSUPPORTED_CRITICAL_PAYLOAD,
		.err = err,
	};
	int rc;

	memset(err, 0, sizeof(*err));
	memset(pl, 0, sizeof(*pl));
	rc = walk_payloads(&w, pl, &count, NULL, NULL);
	if (!rc &&
	    !rules_check(hdr->exchange, hdr->flags & IKE_FLAG_RESPONSE, false,
			 &count, &err->payload, err->text, sizeof(err->text))) {
		err->notify = N_INVALID_SYNTAX;
		rc = -EBADMSG;
	}
	if (rc)
		memset(pl, 0, sizeof(*pl));
	return rc;
}

/* ----------------------------------------------------------------- look-ups */

const struct ike_notify_pl *ike_find_notify(const struct ike_payloads *pl,
					    enum ike_notify type)
{
	for (unsigned int i = 0; i < pl->nnotifies; i++)
		if (pl->notify[i].type == type)
			return &pl->notify[i];
	return NULL;
}

const struct ike_notify_pl *ike_find_error(const struct ike_payloads *pl)
{
	for (unsigned int i = 0; i < pl->nnotifies; i++)
		if (pl->notify[i].type < IKE_NOTIFY_STATUS_MIN)
			return &pl->notify[i];
	return NULL;
}
