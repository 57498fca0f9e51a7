/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: messages made and read by the tests of ike/wire
 *
 * One message at a time: begin(), payloads into @w, finish(); or bytes from
 * elsewhere. What was read stands in @hdr, @pl, @sealed and @err. Included once
 * in a program.
 */
#ifndef TESTS_IKE_WIREMSG_H
#define TESTS_IKE_WIREMSG_H

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "suite.h"
#include "wire/message.h"

#define SPI_I 0x1112131415161718ull
#define SPI_R 0x2122232425262728ull
#define ALL(a) (a), sizeof(a)

static struct ike_payloads pl;
static struct ike_sealed sealed;
static struct ike_err err;
static struct ike_hdr hdr;
static uint8_t buf[16384];
static struct ike_writer w;

static const struct ike_hdr init_req = { .spi_i = SPI_I,
					 .version = 0x20,
					 .exchange = IKE_SA_INIT,
					 .flags = IKE_FLAG_INITIATOR };
static const struct ike_hdr init_resp = { .spi_i = SPI_I,
					  .spi_r = SPI_R,
					  .version = 0x20,
					  .exchange = IKE_SA_INIT,
					  .flags = IKE_FLAG_RESPONSE };

static const struct ike_hdr auth_req = { .spi_i = SPI_I,
					 .spi_r = SPI_R,
					 .version = 0x20,
					 .exchange = IKE_AUTH,
					 .flags = IKE_FLAG_INITIATOR,
					 .id = 1 };

/* A copy that ends where its bytes end, so that a checker sees the next one. */
static inline uint8_t *copy(const void *p, size_t len)
{
	uint8_t *c = malloc(len ? len : 1);

	MUST(c);
	memcpy(c, p, len);
	return c;
}

static inline void begin(void)
{
	ike_writer_init(&w, buf + IKE_HDR_LEN, sizeof(buf) - IKE_HDR_LEN);
}

/* Put @h before what was written; Return: length */
static inline size_t finish(const struct ike_hdr *h)
{
	struct ike_hdr full = *h;

	EXPECT(!w.overflow);
	full.next = w.first;
	full.len = IKE_HDR_LEN + w.len;
	ike_hdr_put(buf, &full);
	return full.len;
}

static inline int clear_of(const uint8_t *msg, size_t len)
{
	uint8_t *c = copy(msg, len);
	int rc;

	rc = ike_hdr_parse(&hdr, c, len, &err);
	if (!rc)
		rc = ike_parse_clear(&hdr, c, &pl, &sealed, &err);
	/* whoever keeps pointers keeps the message: these tests look into buf
	 */
	if (!rc) {
		rc = ike_hdr_parse(&hdr, msg, len, &err);
		rc = rc ? rc : ike_parse_clear(&hdr, msg, &pl, &sealed, &err);
	}
	free(c);
	return rc;
}

static inline int inner_of(uint8_t exchange, bool response, uint8_t first,
			   const uint8_t *plain, size_t len)
{
	struct ike_hdr h = { .exchange = exchange,
			     .flags = response ? IKE_FLAG_RESPONSE : 0 };
	uint8_t *c = copy(plain, len);
	int rc;

	rc = ike_parse_inner(&h, first, c, len, &pl, &err);
	free(c);
	if (rc)
		return rc;
	return ike_parse_inner(&h, first, plain, len, &pl, &err);
}

static const uint8_t bytes[300] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };

static const struct proposal ike_prop = {
	.num = 1,
	.protocol = PROTO_IKE,
	.n = 3,
	.t = { { TT_ENCR, ENCR_AES_GCM_16, 256 },
	       { TT_PRF, PRF_HMAC_SHA2_256, 0 },
	       { TT_KE, KE_CURVE25519, 0 } },
};
static const struct proposal esp_prop = {
	.num = 1,
	.protocol = PROTO_ESP,
	.spi_size = 4,
	.spi = 0xc0ffee01,
	.n = 3,
	.t = { { TT_ENCR, ENCR_AES_GCM_16, 128 },
	       { TT_ESN, ESN_NO, 0 },
	       { TT_ESN, ESN_YES, 0 } },
};

static const struct ts ts_all = {
	.lo = { .family = AF_INET },
	.hi = { .family = AF_INET, .bytes = { 255, 255, 255, 255 } },
	.port_hi = 65535,
};

/* One well-formed payload of any known type. */
static inline void put_any(uint8_t type)
{
	switch (type) {
	case PL_SA:
		ike_put_sa(&w, &esp_prop, 1);
		break;
	case PL_KE:
		ike_put_ke(&w, KE_CURVE25519, bytes, 32);
		break;
	case PL_IDI:
	case PL_IDR:
		ike_put_id(&w, type, ID_FQDN, "moon", 4);
		break;
	case PL_CERT:
	case PL_CERTREQ:
		ike_put_cert(&w, type, CERT_X509_SIGNATURE, bytes, 20);
		break;
	case PL_AUTH:
		ike_put_auth(&w, AUTH_PSK, bytes, 32);
		break;
	case PL_NONCE:
		ike_put_nonce(&w, bytes, 32);
		break;
	case PL_NOTIFY:
		ike_put_notify(&w, N_INITIAL_CONTACT, NULL, 0);
		break;
	case PL_DELETE:
		ike_put_delete(&w, PROTO_IKE, NULL, 0);
		break;
	case PL_TSI:
	case PL_TSR:
		ike_put_ts(&w, type, &ts_all, 1);
		break;
	default:
		ike_pl_begin(&w, type);
		ike_put(&w, bytes, 8);
		ike_pl_end(&w);
	}
}

static inline void put_init(void)
{
	ike_put_sa(&w, &ike_prop, 1);
	put_any(PL_KE);
	put_any(PL_NONCE);
}

#endif /* TESTS_IKE_WIREMSG_H */
