/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: IKEv2 messages, in and out (RFC 7296 section 3)
 *
 * Reading: one bounded cursor; nothing is copied, a parsed message points into
 * the bytes that it was parsed from. Which payload may come how often, in
 * clear or encrypted, in which exchange, request or response, is one table
 * (rules.c). Cleartext and decrypted payloads are read by two different calls
 * into two different sets, so that a payload legal only when encrypted cannot
 * be taken in clear.
 *
 * Writing: a bounded buffer that remembers overflow; lengths and next-payload
 * fields are filled in behind the writer.
 *
 * Numbers are in host byte order in these structures; SPIs of IKE SAs are 8
 * bytes as on the wire, read as a big-endian number.
 */
#ifndef IKE_WIRE_MESSAGE_H
#define IKE_WIRE_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "wire/ids.h"
#include "wire/proposal.h"
#include "wire/ts.h"

#define IKE_HDR_LEN 28
#define IKE_MSG_MAX 65535

/** struct chunk - bytes that belong to somebody else */
struct chunk {
	const uint8_t *p;
	size_t len;
};

struct ike_hdr {
	uint64_t spi_i, spi_r;
	uint8_t next, version, exchange, flags;
	uint32_t id;
	uint32_t len;
};

/**
 * struct ike_err - why a message was refused
 * @notify: what to answer, 0 = say nothing (RFC 7296 section 2.21)
 * @payload: type of the payload at fault, 0 = the header
 * @text: a sentence for the log
 */
struct ike_err {
	uint16_t notify;
	uint8_t payload;
	char text[160];
};

/* Bounds on what one message may hold; more is INVALID_SYNTAX. */
#define IKE_MAX_NOTIFIES 32
#define IKE_MAX_CERTS 16
#define IKE_MAX_DELETES 16

struct ike_notify_pl {
	uint8_t protocol;
	uint16_t type;
	struct chunk spi, data;
};

struct ike_id_pl {
	uint8_t type; /* enum ike_id_type */
	struct chunk data;
	struct chunk
		body; /* type, reserved, data: what AUTH is computed over */
};

struct ike_delete_pl {
	uint8_t protocol;
	uint8_t spi_size; /* 0 for IKE */
	unsigned int n;
	struct chunk spis; /* @n times @spi_size */
};

/**
 * struct ike_payloads - the payloads of one message, of one protection
 * @present: bit n: payload type 33 + n was there (one_of types only)
 * @sa: the whole SA body, for proposal_next()
 */
struct ike_payloads {
	uint64_t present;
	struct chunk sa;
	struct {
		uint16_t method;
		struct chunk data;
	} ke;
	struct chunk nonce;
	struct ike_id_pl idi, idr;
	struct {
		uint8_t method;
		struct chunk data;
	} auth;
	struct chunk tsi, tsr; /* whole body, for ts_parse() */
	struct {
		uint8_t encoding;
		struct chunk data;
	} cert[IKE_MAX_CERTS], certreq[IKE_MAX_CERTS];
	unsigned int ncerts, ncertreqs;
	struct ike_notify_pl notify[IKE_MAX_NOTIFIES];
	unsigned int nnotifies;
	struct ike_delete_pl del[IKE_MAX_DELETES];
	unsigned int ndeletes;
	struct chunk cp, eap; /* for those who come next */
};

static inline bool ike_has(const struct ike_payloads *pl, enum ike_payload type)
{
	return pl->present >> (type - PL_SA) & 1;
}

/** ike_find_notify() - the first of @type, NULL when there is none */
const struct ike_notify_pl *ike_find_notify(const struct ike_payloads *pl,
					    enum ike_notify type);
/** ike_find_error() - the first error notification (type < 16384), or NULL */
const struct ike_notify_pl *ike_find_error(const struct ike_payloads *pl);

/**
 * ike_hdr_parse() - read and check the fixed header
 * Return: 0; -EBADMSG shorter than 28 bytes or length mismatch (drop it, no
 * answer); -EPROTONOSUPPORT major version above 2 (@err->notify says so).
 */
int ike_hdr_parse(struct ike_hdr *hdr, const uint8_t *msg, size_t len,
		  struct ike_err *err);

/**
 * struct ike_sealed - where the SK or SKF payload of a message stands
 * @type: PL_SK, PL_SKF, or PL_NONE when the message has neither
 * @body: IV, ciphertext, padding, ICV
 * @aad_len: bytes from the start of the message to the body: the AAD of AEAD
 * @next: type of the first payload inside
 */
struct ike_sealed {
	enum ike_payload type;
	size_t aad_len;
	struct chunk body;
	uint8_t next;
	uint16_t frag, frags; /* SKF only: number from 1, and total */
};

/**
 * ike_parse_clear() - read the payloads that are not encrypted
 * @hdr: from ike_hdr_parse()
 * @pl: what may be taken in clear in this exchange
 * @sealed: where the encrypted payload begins; always the last one
 *
 * Return: 0 or -EBADMSG with @err. In an exchange that has to be encrypted,
 * @pl stays empty whatever stands there.
 */
int ike_parse_clear(const struct ike_hdr *hdr, const uint8_t *msg,
		    struct ike_payloads *pl, struct ike_sealed *sealed,
		    struct ike_err *err);

/**
 * ike_parse_inner() - read the decrypted payloads
 * @first: type of the first one
 * @plain: without padding and pad length
 * An IKE_AUTH request may come without AUTH, which asks for EAP (2.16), or
 * without SA, TSi and TSr, for no child (RFC 6023); an answer that has an error
 * notification, without what it refuses: ike_has() tells.
 *
 * Return: 0, or -EBADMSG with @err->notify INVALID_SYNTAX or
 * UNSUPPORTED_CRITICAL_PAYLOAD
 */
int ike_parse_inner(const struct ike_hdr *hdr, uint8_t first,
		    const uint8_t *plain, size_t len, struct ike_payloads *pl,
		    struct ike_err *err);

/* ------------------------------------------------------------------ writing */

/**
 * struct ike_writer - payloads into a caller's buffer
 * @first: type of the first payload, known once it was begun
 * @overflow: something did not fit; the buffer is not to be used
 */
struct ike_writer {
	uint8_t *buf;
	size_t cap, len;
	uint8_t first;
	size_t next_at; /* offset of the last payload header, SIZE_MAX: none */
	bool overflow;
};

void ike_writer_init(struct ike_writer *w, uint8_t *buf, size_t cap);
/** ike_put() - raw bytes; ike_put_u8/16/32() - in network byte order */
void ike_put(struct ike_writer *w, const void *data, size_t len);
void ike_put_u8(struct ike_writer *w, uint8_t v);
void ike_put_u16(struct ike_writer *w, uint16_t v);
void ike_put_u32(struct ike_writer *w, uint32_t v);
void ike_put_u64(struct ike_writer *w, uint64_t v);
/** ike_put_space() - @len bytes to be filled in, NULL on overflow */
uint8_t *ike_put_space(struct ike_writer *w, size_t len);

/** ike_pl_begin() - generic header of a payload; its length is patched by the
 *  next begin or by ike_pl_end() */
void ike_pl_begin(struct ike_writer *w, enum ike_payload type);
void ike_pl_end(struct ike_writer *w);

void ike_put_ke(struct ike_writer *w, uint16_t method, const void *pub,
		size_t len);
void ike_put_nonce(struct ike_writer *w, const void *nonce, size_t len);
/** @type: PL_IDI or PL_IDR */
void ike_put_id(struct ike_writer *w, enum ike_payload type, uint8_t id_type,
		const void *data, size_t len);
void ike_put_auth(struct ike_writer *w, uint8_t method, const void *data,
		  size_t len);
/** @type: PL_CERT or PL_CERTREQ */
void ike_put_cert(struct ike_writer *w, enum ike_payload type, uint8_t encoding,
		  const void *data, size_t len);
void ike_put_notify(struct ike_writer *w, enum ike_notify type,
		    const void *data, size_t len);
/** with protocol and SPI: REKEY_SA, CHILD_SA_NOT_FOUND */
void ike_put_notify_spi(struct ike_writer *w, enum ike_notify type,
			uint8_t protocol, uint32_t spi, const void *data,
			size_t len);
/** @n SPIs of 4 bytes, host order; PROTO_IKE: @n is 0 */
void ike_put_delete(struct ike_writer *w, uint8_t protocol,
		    const uint32_t *spis, unsigned int n);
/** SA payload of @n proposals, numbered as they say (proposal.c) */
void ike_put_sa(struct ike_writer *w, const struct proposal *props,
		unsigned int n);
/** @type: PL_TSI or PL_TSR (ts.c) */
void ike_put_ts(struct ike_writer *w, enum ike_payload type,
		const struct ts *ts, unsigned int n);

/** ike_hdr_put() - 28 bytes at @buf, from @hdr with its lengths as they are */
void ike_hdr_put(uint8_t buf[IKE_HDR_LEN], const struct ike_hdr *hdr);

#endif /* IKE_WIRE_MESSAGE_H */
