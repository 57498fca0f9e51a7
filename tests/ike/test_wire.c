// SPDX-License-Identifier: Apache-2.0
/* Messages of IKEv2, read and written. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "suite.h"
#include "wire/message.h"
#include "scapy_messages.h"

#define SPI_I 0x1112131415161718ull
#define SPI_R 0x2122232425262728ull
#define CRITICAL 0x80
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

/* A copy that ends where its bytes end, so that a checker sees the next one. */
static uint8_t *copy(const void *p, size_t len)
{
	uint8_t *c = malloc(len ? len : 1);

	MUST(c);
	memcpy(c, p, len);
	return c;
}

static void begin(void)
{
	ike_writer_init(&w, buf + IKE_HDR_LEN, sizeof(buf) - IKE_HDR_LEN);
}

/* Put @h before what was written; Return: length */
static size_t finish(const struct ike_hdr *h)
{
	struct ike_hdr full = *h;

	EXPECT(!w.overflow);
	full.next = w.first;
	full.len = IKE_HDR_LEN + w.len;
	ike_hdr_put(buf, &full);
	return full.len;
}

static int clear_of(const uint8_t *msg, size_t len)
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

static int inner_of(uint8_t exchange, bool response, uint8_t first,
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
static void put_any(uint8_t type)
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

static void put_init(void)
{
	ike_put_sa(&w, &ike_prop, 1);
	put_any(PL_KE);
	put_any(PL_NONCE);
}

/* ------------------------------------------------------------------ header */

static void ike_01_short_or_mismatched_is_dropped(void)
{
	uint8_t m[sizeof(scapy_init_request) + 1] = { 0 };
	size_t len = sizeof(scapy_init_request);

	memcpy(m, scapy_init_request, len);
	EXPECT_EQ(clear_of(m, len), 0);
	for (size_t n = 0; n < len; n++) {
		EXPECT(clear_of(m, n) == -EBADMSG);
		EXPECT_EQ(err.notify, 0);
	}
	EXPECT(clear_of(m, len + 1) == -EBADMSG);
	m[27]++; /* a length beyond the datagram */
	EXPECT(clear_of(m, len) == -EBADMSG);
	EXPECT_EQ(err.notify, 0);
	/* the header says what there is, but the payloads want more or less */
	for (size_t n = IKE_HDR_LEN; n < len; n++) {
		m[26] = n >> 8;
		m[27] = n;
		EXPECT(clear_of(m, n) == -EBADMSG);
	}
	m[26] = (len + 1) >> 8;
	m[27] = len + 1;
	EXPECT(clear_of(m, len + 1) == -EBADMSG);
}

static void ike_02_major_version(void)
{
	uint8_t m[sizeof(scapy_init_request)];

	memcpy(m, scapy_init_request, sizeof(m));
	m[17] = 0x30;
	EXPECT(clear_of(ALL(m)) == -EPROTONOSUPPORT);
	EXPECT_EQ(err.notify, N_INVALID_MAJOR_VERSION);
	m[19] |= IKE_FLAG_RESPONSE; /* a response is never answered */
	EXPECT(clear_of(ALL(m)) == -EPROTONOSUPPORT);
	EXPECT_EQ(err.notify, 0);
	m[19] &= ~IKE_FLAG_RESPONSE;
	m[17] = 0x10; /* IKEv1: nothing to tell it */
	EXPECT(clear_of(ALL(m)) == -EBADMSG);
	EXPECT_EQ(err.notify, 0);
	m[17] = 0x2f; /* minor: ignored */
	EXPECT_EQ(clear_of(ALL(m)), 0);
}

static void ike_03_reserved_is_zero_and_ignored(void)
{
	uint8_t m[sizeof(scapy_init_request)];

	memcpy(m, scapy_init_request, sizeof(m));
	m[19] |= 0xc7 | IKE_FLAG_VERSION; /* flags without a meaning */
	m[29] |= 0x7f; /* after the critical bit of SA */
	m[33] = 0xff; /* in its proposal */
	m[41] = 0xff; /* in a transform */
	m[45] = 0xff;
	EXPECT_EQ(clear_of(ALL(m)), 0);
	EXPECT(ike_has(&pl, PL_SA) && ike_has(&pl, PL_KE));
	/* IDi, AUTH and TS have three reserved bytes each */
	memcpy(buf, scapy_inner_auth_request, sizeof(scapy_inner_auth_request));
	memset(buf + 5, 0xff, 3);
	EXPECT_EQ(inner_of(IKE_AUTH, false, PL_IDI, buf,
			   sizeof(scapy_inner_auth_request)),
		  0);
	EXPECT_EQ(pl.idi.type, ID_FQDN);
	/* AUTH covers them as they came (2.15) */
	EXPECT_EQ(pl.idi.body.p[1], 0xff);
}

static void ike_18_spis_are_not_zero(void)
{
	uint8_t m[sizeof(scapy_init_response)];

	memcpy(m, scapy_init_response, sizeof(m));
	EXPECT_EQ(clear_of(ALL(m)), 0);
	memset(m + 8, 0, 8);
	EXPECT(clear_of(ALL(m)) == -EBADMSG); /* a chosen SA needs one */
	memcpy(m, scapy_init_response, sizeof(m));
	memset(m, 0, 8);
	EXPECT(clear_of(ALL(m)) == -EBADMSG);
	/* a refusal may come without (2.6) or with one */
	EXPECT_EQ(clear_of(ALL(scapy_init_cookie)), 0);
	memcpy(m, scapy_init_cookie, sizeof(scapy_init_cookie));
	m[8] = 1;
	EXPECT_EQ(clear_of(m, sizeof(scapy_init_cookie)), 0);
	/* the first request knows none, every later message does */
	memcpy(buf, ALL(scapy_init_request));
	buf[15] = 1;
	EXPECT(clear_of(buf, sizeof(scapy_init_request)) == -EBADMSG);
	memcpy(buf, ALL(scapy_fragment));
	memset(buf + 8, 0, 8);
	EXPECT(clear_of(buf, sizeof(scapy_fragment)) == -EBADMSG);
	/* and an SPI in a proposal is not zero either */
	begin();
	ike_put_sa(&w,
		   &(struct proposal){ .num = 1,
				       .protocol = PROTO_ESP,
				       .spi_size = 4,
				       .n = 1,
				       .t = { { TT_ENCR, 20, 128 } } },
		   1);
	struct proposal p[2];
	unsigned int n = 2;
	const char *why;
	EXPECT(proposals_parse(w.buf + 4, w.len - 4, p, &n, &why) == -EBADMSG);
}

static void init_header_is_that_of_a_first_message(void)
{
	uint8_t m[sizeof(scapy_init_request)];

	memcpy(m, scapy_init_request, sizeof(m));
	m[23] = 1; /* message ID */
	EXPECT(clear_of(ALL(m)) == -EBADMSG);
	m[23] = 0;
	m[19] = 0; /* not the initiator's */
	EXPECT(clear_of(ALL(m)) == -EBADMSG);
	m[19] = IKE_FLAG_INITIATOR | IKE_FLAG_RESPONSE; /* sent back to us */
	EXPECT(clear_of(ALL(m)) == -EBADMSG);
}

/* ---------------------------------------------------------------- payloads */

static void ike_04_unknown_payloads(void)
{
	size_t len;

	begin();
	put_init();
	put_any(200);
	len = finish(&init_req);
	EXPECT_EQ(clear_of(buf, len), 0); /* not critical: skipped */
	buf[len - 12 + 1] |= CRITICAL;
	EXPECT(clear_of(buf, len) == -EBADMSG);
	EXPECT_EQ(err.notify, N_UNSUPPORTED_CRITICAL_PAYLOAD);
	EXPECT_EQ(err.payload, 200);
	EXPECT(!pl.present);
	buf[19] = IKE_FLAG_RESPONSE;
	buf[15] = 1;
	EXPECT(clear_of(buf, len) == -EBADMSG);
	EXPECT_EQ(err.notify, 0); /* a response is not answered */

	/* types between the known ones are unknown as well */
	for (unsigned int type = 1; type < 256; type++) {
		bool known =
			(type >= PL_SA && type <= PL_EAP) || type == PL_SKF;

		if (known)
			continue;
		begin();
		put_any(type);
		EXPECT_EQ(
			inner_of(IKE_INFORMATIONAL, false, type, w.buf, w.len),
			0);
		w.buf[1] |= CRITICAL;
		EXPECT(inner_of(IKE_INFORMATIONAL, false, type, w.buf, w.len) ==
		       -EBADMSG);
		EXPECT_EQ(err.notify, N_UNSUPPORTED_CRITICAL_PAYLOAD);
		EXPECT_EQ(err.payload, type);
	}
}

static void ike_05_critical_bit_on_known_payloads_is_ignored(void)
{
	uint8_t m[sizeof(scapy_init_request)];
	size_t at = IKE_HDR_LEN;

	memcpy(m, scapy_init_request, sizeof(m));
	while (at < sizeof(m)) {
		m[at + 1] |= CRITICAL;
		at += m[at + 2] << 8 | m[at + 3];
	}
	EXPECT_EQ(clear_of(ALL(m)), 0);
	EXPECT_EQ(pl.nnotifies, 4);
}

static void ike_06_any_order(void)
{
	static const uint8_t types[] = { PL_IDI,    PL_CERT,   PL_IDR,
					 PL_AUTH,   PL_SA,     PL_TSI,
					 PL_TSR,    PL_NOTIFY, PL_VENDOR,
					 PL_CERTREQ };
	unsigned int n = sizeof(types);

	for (unsigned int turn = 0; turn < n; turn++) {
		for (int back = 0; back < 2; back++) {
			begin();
			for (unsigned int i = 0; i < n; i++) {
				unsigned int k = (i + turn) % n;

				put_any(types[back ? n - 1 - k : k]);
			}
			EXPECT_EQ(inner_of(IKE_AUTH, false, w.first, w.buf,
					   w.len),
				  0);
			EXPECT(ike_has(&pl, PL_IDI) && ike_has(&pl, PL_TSR));
			EXPECT_EQ(pl.ncerts, 1);
			EXPECT_EQ(pl.nnotifies, 1);
		}
	}
}

static const struct ike_hdr auth_req = { .spi_i = SPI_I,
					 .spi_r = SPI_R,
					 .version = 0x20,
					 .exchange = IKE_AUTH,
					 .flags = IKE_FLAG_INITIATOR,
					 .id = 1 };

static void ike_06_sk_is_last(void)
{
	size_t len;

	begin();
	put_any(PL_VENDOR);
	put_any(PL_SK);
	len = finish(&auth_req);
	EXPECT_EQ(clear_of(buf, len), 0);
	EXPECT_EQ(sealed.type, PL_SK);
	EXPECT_EQ(sealed.next, PL_NONE);
	EXPECT_EQ(sealed.aad_len, IKE_HDR_LEN + 12 + 4);
	EXPECT_EQ(sealed.body.len, 8);
	EXPECT(sealed.body.p == buf + sealed.aad_len);
	buf[IKE_HDR_LEN + 12] = PL_IDI; /* what is inside */
	EXPECT_EQ(clear_of(buf, len), 0);
	EXPECT_EQ(sealed.next, PL_IDI);

	put_any(PL_NONCE);
	len = finish(&auth_req);
	EXPECT(clear_of(buf, len) == -EBADMSG);
	EXPECT_EQ(err.notify, 0);
	EXPECT_EQ(sealed.type, PL_NONE);
	/* never inside of itself, nor in the first exchange */
	begin();
	put_any(PL_SK);
	EXPECT(inner_of(IKE_INFORMATIONAL, false, PL_SK, w.buf, w.len) ==
	       -EBADMSG);
	begin();
	put_init();
	put_any(PL_SK);
	len = finish(&init_req);
	EXPECT(clear_of(buf, len) == -EBADMSG);
}

static void ike_07_unknown_notifications_are_kept(void)
{
	begin();
	ike_put_notify(&w, 40000, "x", 1);
	ike_put_notify(&w, 12345, NULL, 0);
	EXPECT_EQ(inner_of(IKE_CREATE_CHILD_SA, true, w.first, w.buf, w.len),
		  0);
	EXPECT(ike_find_notify(&pl, 40000) == &pl.notify[0]);
	EXPECT(ike_find_error(&pl) == &pl.notify[1]);
	EXPECT(!ike_find_notify(&pl, N_REKEY_SA));
	/* a status says no failure: nothing was created then, and that is odd
	 */
	begin();
	ike_put_notify(&w, 40000, "x", 1);
	EXPECT(inner_of(IKE_CREATE_CHILD_SA, true, w.first, w.buf, w.len) ==
	       -EBADMSG);
	EXPECT(!ike_find_error(&pl));
}

static void ike_08_no_invalid_syntax_in_clear(void)
{
	size_t len;

	begin();
	put_init();
	put_any(PL_NONCE);
	len = finish(&init_req);
	EXPECT(clear_of(buf, len) == -EBADMSG);
	EXPECT_EQ(err.notify, 0);
	EXPECT_EQ(err.payload, PL_NONCE);
	begin();
	ike_put_sa(&w, &ike_prop, 1);
	ike_put_nonce(&w, bytes, 15);
	put_any(PL_KE);
	len = finish(&init_req);
	EXPECT(clear_of(buf, len) == -EBADMSG);
	EXPECT_EQ(err.notify, 0);
	/* under protection it is said */
	begin();
	ike_put_nonce(&w, bytes, 15);
	EXPECT(inner_of(IKE_CREATE_CHILD_SA, false, w.first, w.buf, w.len) ==
	       -EBADMSG);
	EXPECT_EQ(err.notify, N_INVALID_SYNTAX);
	EXPECT_EQ(err.payload, PL_NONCE);
}

static void ike_28_nonce_of_16_to_256_bytes(void)
{
	for (size_t n = 0; n <= 260; n++) {
		size_t len;

		begin();
		ike_put_sa(&w, &ike_prop, 1);
		put_any(PL_KE);
		ike_put_nonce(&w, bytes, n);
		len = finish(&init_req);
		EXPECT_EQ(clear_of(buf, len) == 0, n >= 16 && n <= 256);
	}
}

static void clear_exchange_forms(void)
{
	size_t len;

	EXPECT_EQ(clear_of(ALL(scapy_init_response)), 0);
	EXPECT_EQ(pl.ncertreqs, 1);
	EXPECT_EQ(clear_of(ALL(scapy_init_cookie)), 0);
	EXPECT(ike_find_notify(&pl, N_COOKIE));
	EXPECT(!ike_find_error(&pl));
	EXPECT_EQ(clear_of(ALL(scapy_init_invalid_ke)), 0);
	EXPECT_EQ(ike_find_error(&pl)->type, N_INVALID_KE_PAYLOAD);
	/* half an SA is no answer, nor is nothing, nor a mere status */
	begin();
	put_any(PL_SA);
	put_any(PL_NONCE);
	len = finish(&init_resp);
	EXPECT(clear_of(buf, len) == -EBADMSG);
	begin();
	len = finish(&init_resp);
	EXPECT(clear_of(buf, len) == -EBADMSG);
	begin();
	put_any(PL_NOTIFY);
	len = finish(&init_resp);
	EXPECT(clear_of(buf, len) == -EBADMSG);
	/* a request with a COOKIE is a whole request */
	begin();
	ike_put_notify(&w, N_COOKIE, bytes, 20);
	len = finish(&init_req);
	EXPECT(clear_of(buf, len) == -EBADMSG);
	put_init();
	len = finish(&init_req);
	EXPECT_EQ(clear_of(buf, len), 0);
}

static void protected_payloads_are_not_taken_in_clear(void)
{
	static const uint8_t exchanges[] = { IKE_AUTH, IKE_CREATE_CHILD_SA,
					     IKE_INFORMATIONAL,
					     IKE_INTERMEDIATE, 99 };
	struct ike_hdr h = auth_req;
	size_t len;

	for (unsigned int i = 0; i < sizeof(exchanges); i++) {
		h.exchange = exchanges[i];
		for (uint8_t type = PL_SA; type <= PL_EAP; type++) {
			if (type == PL_SK)
				continue;
			begin();
			put_any(type);
			len = finish(&h);
			EXPECT_EQ(clear_of(buf, len), 0);
			EXPECT(!pl.present && !pl.nnotifies && !pl.ndeletes &&
			       !pl.ncerts && !pl.ncertreqs && !pl.auth.data.p);
			EXPECT_EQ(sealed.type, PL_NONE);
			/* nor is it in the one exchange that is in clear */
			if (type == PL_SA || type == PL_KE ||
			    type == PL_NONCE || type == PL_NOTIFY ||
			    type == PL_VENDOR)
				continue;
			begin();
			put_init();
			put_any(type);
			len = finish(&init_req);
			EXPECT(clear_of(buf, len) == -EBADMSG);
			EXPECT_EQ(err.payload, type);
		}
	}
	/* an exchange nobody knows has no legal payloads at all */
	EXPECT(inner_of(99, false, PL_NONE, NULL, 0) == -EBADMSG);
	EXPECT_EQ(err.notify, N_INVALID_SYNTAX);
}

/* What the RFC draws (1.2 to 1.5): once, at most once, any number. */
struct shape {
	uint8_t exchange;
	bool response;
	uint8_t need[8], may[8], many[4];
};

static const struct shape shapes[] = {
	{ IKE_AUTH,
	  false,
	  { PL_IDI, PL_AUTH, PL_SA, PL_TSI, PL_TSR },
	  { PL_IDR, PL_CP },
	  { PL_CERT, PL_CERTREQ, PL_NOTIFY, PL_VENDOR } },
	{ IKE_AUTH,
	  true,
	  { PL_IDR, PL_AUTH, PL_SA, PL_TSI, PL_TSR },
	  { PL_CP },
	  { PL_CERT, PL_NOTIFY, PL_VENDOR } },
	{ IKE_CREATE_CHILD_SA,
	  false,
	  { PL_SA, PL_NONCE, PL_TSI, PL_TSR },
	  { PL_KE, PL_CP },
	  { PL_NOTIFY, PL_VENDOR } },
	{ IKE_CREATE_CHILD_SA,
	  true,
	  { PL_SA, PL_NONCE, PL_TSI, PL_TSR },
	  { PL_KE, PL_CP },
	  { PL_NOTIFY, PL_VENDOR } },
	{ IKE_CREATE_CHILD_SA,
	  false,
	  { PL_SA, PL_NONCE, PL_KE },
	  { 0 },
	  { PL_NOTIFY, PL_VENDOR } },
	{ IKE_CREATE_CHILD_SA,
	  true,
	  { PL_SA, PL_NONCE, PL_KE },
	  { 0 },
	  { PL_NOTIFY, PL_VENDOR } },
	{ IKE_INFORMATIONAL,
	  false,
	  { 0 },
	  { PL_CP },
	  { PL_DELETE, PL_NOTIFY, PL_VENDOR } },
	{ IKE_INFORMATIONAL,
	  true,
	  { 0 },
	  { PL_CP },
	  { PL_DELETE, PL_NOTIFY, PL_VENDOR } },
};

static bool in(const uint8_t *set, size_t n, uint8_t type)
{
	return memchr(set, type, n) != NULL;
}

static void put_needed(const struct shape *s, uint8_t without)
{
	begin();
	for (unsigned int i = 0; i < sizeof(s->need) && s->need[i]; i++)
		if (s->need[i] != without)
			put_any(s->need[i]);
}

static int shape_rc(const struct shape *s)
{
	return inner_of(s->exchange, s->response, w.first, w.buf, w.len);
}

static void every_exchange_takes_what_the_rfc_draws(void)
{
	for (unsigned int i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		const struct shape *s = &shapes[i];

		put_needed(s, 0);
		EXPECT_EQ(shape_rc(s), 0);
		for (uint8_t type = PL_SA; type <= PL_SKF; type++) {
			bool need = in(s->need, sizeof(s->need), type);
			bool may = in(s->may, sizeof(s->may), type);
			bool many = in(s->many, sizeof(s->many), type);
			bool asks_eap = s->exchange == IKE_AUTH &&
					!s->response && type == PL_AUTH;

			if (type > PL_EAP && type < PL_SKF)
				continue;
			if (need) {
				put_needed(s, type);
				EXPECT_EQ(shape_rc(s), asks_eap ? 0 : -EBADMSG);
			}
			/* once more, or once */
			put_needed(s, 0);
			put_any(type);
			EXPECT_EQ(shape_rc(s), may || many ? 0 : -EBADMSG);
			if (!may && !many)
				EXPECT_EQ(err.notify, N_INVALID_SYNTAX);
			put_any(type);
			EXPECT_EQ(shape_rc(s), many ? 0 : -EBADMSG);
		}
	}
}

static void failures_have_their_own_forms(void)
{
	/* IKE_AUTH: the child alone failed */
	begin();
	put_any(PL_IDR);
	put_any(PL_CERT);
	put_any(PL_AUTH);
	EXPECT(inner_of(IKE_AUTH, true, w.first, w.buf, w.len) == -EBADMSG);
	ike_put_notify(&w, N_TS_UNACCEPTABLE, NULL, 0);
	EXPECT_EQ(inner_of(IKE_AUTH, true, w.first, w.buf, w.len), 0);
	EXPECT(ike_has(&pl, PL_AUTH));
	/* all of it */
	begin();
	ike_put_notify(&w, N_AUTHENTICATION_FAILED, NULL, 0);
	EXPECT_EQ(inner_of(IKE_AUTH, true, w.first, w.buf, w.len), 0);
	EXPECT(!ike_has(&pl, PL_AUTH));
	/* a request cannot be a failure */
	EXPECT(inner_of(IKE_AUTH, false, w.first, w.buf, w.len) == -EBADMSG);
	EXPECT(inner_of(IKE_CREATE_CHILD_SA, false, w.first, w.buf, w.len) ==
	       -EBADMSG);
	EXPECT_EQ(inner_of(IKE_CREATE_CHILD_SA, true, w.first, w.buf, w.len),
		  0);
	/* a response that lacks TSr does not become one by an SA */
	put_any(PL_SA);
	put_any(PL_NONCE);
	put_any(PL_TSI);
	EXPECT(inner_of(IKE_CREATE_CHILD_SA, true, w.first, w.buf, w.len) ==
	       -EBADMSG);
}

static void more_than_the_bounds_is_refused(void)
{
	static const struct {
		uint8_t type;
		unsigned int max;
	} bounds[] = { { PL_NOTIFY, IKE_MAX_NOTIFIES },
		       { PL_DELETE, IKE_MAX_DELETES } };
	unsigned int i, k;

	for (i = 0; i < 2; i++) {
		begin();
		for (k = 0; k < bounds[i].max; k++)
			put_any(bounds[i].type);
		EXPECT_EQ(inner_of(IKE_INFORMATIONAL, false, w.first, w.buf,
				   w.len),
			  0);
		put_any(bounds[i].type);
		EXPECT(inner_of(IKE_INFORMATIONAL, false, w.first, w.buf,
				w.len) == -EBADMSG);
	}
	for (uint8_t type = PL_CERT; type <= PL_CERTREQ; type++) {
		put_needed(&shapes[0], 0);
		for (k = 0; k < IKE_MAX_CERTS; k++)
			put_any(type);
		EXPECT_EQ(shape_rc(&shapes[0]), 0);
		put_any(type);
		EXPECT(shape_rc(&shapes[0]) == -EBADMSG);
	}
	/* vendor ids are skipped and never too many */
	begin();
	for (k = 0; k < 400; k++)
		put_any(PL_VENDOR);
	EXPECT_EQ(inner_of(IKE_INFORMATIONAL, false, w.first, w.buf, w.len), 0);
}

static int informational(uint8_t type, const void *body, size_t len)
{
	begin();
	ike_pl_begin(&w, type);
	ike_put(&w, body, len);
	ike_pl_end(&w);
	return inner_of(IKE_INFORMATIONAL, false, type, w.buf, w.len);
}

static void notify_and_delete_bodies(void)
{
	EXPECT_EQ(informational(PL_NOTIFY, "\0\0\x40\0", 4), 0);
	EXPECT(informational(PL_NOTIFY, "\0\0\x40", 3) == -EBADMSG);
	EXPECT(informational(PL_NOTIFY, "\3\4\x40\x09\1\2\3", 7) == -EBADMSG);
	EXPECT_EQ(informational(PL_NOTIFY, "\3\4\x40\x09\1\2\3\4x", 9), 0);
	EXPECT_EQ(pl.notify[0].spi.len, 4);
	EXPECT_EQ(pl.notify[0].data.len, 1);
	EXPECT_EQ(informational(PL_DELETE, "\3\4\0\1abcd", 8), 0);
	EXPECT_EQ(pl.del[0].n, 1);
	EXPECT(informational(PL_DELETE, "\3\4\0\2abcd", 8) == -EBADMSG);
	EXPECT(informational(PL_DELETE, "\3\4\0\1abcde", 9) == -EBADMSG);
	EXPECT(informational(PL_DELETE, "\3\4\0", 3) == -EBADMSG);
	EXPECT(informational(PL_DELETE, "\3\10\0\1abcdefgh", 12) == -EBADMSG);
	EXPECT(informational(PL_DELETE, "\3\0\xff\xff", 4) == -EBADMSG);
	EXPECT(informational(PL_DELETE, "\1\4\0\1abcd", 8) == -EBADMSG);
	EXPECT(informational(PL_DELETE, "\0\0\0\0", 4) == -EBADMSG);
	EXPECT_EQ(informational(PL_DELETE, "\1\0\0\0", 4), 0);
	EXPECT_EQ(informational(PL_DELETE, "\2\4\0\1abcd", 8), 0);
}

static int identity(uint8_t type, size_t len)
{
	put_needed(&shapes[0], PL_IDI);
	ike_put_id(&w, PL_IDI, type, bytes, len);
	return shape_rc(&shapes[0]);
}

static void identity_bodies(void)
{
	EXPECT_EQ(identity(ID_IPV4_ADDR, 4), 0);
	EXPECT(identity(ID_IPV4_ADDR, 3) == -EBADMSG);
	EXPECT(identity(ID_IPV4_ADDR, 16) == -EBADMSG);
	EXPECT_EQ(identity(ID_IPV6_ADDR, 16), 0);
	EXPECT(identity(ID_IPV6_ADDR, 4) == -EBADMSG);
	EXPECT(identity(ID_ANY, 4) == -EBADMSG); /* means something to us */
	EXPECT_EQ(identity(ID_KEY_ID, 0), 0);
	EXPECT_EQ(identity(201, 7), 0);
}

static void next_payload_fields_end_with_the_bytes(void)
{
	EXPECT_EQ(inner_of(IKE_INFORMATIONAL, false, PL_NONE, NULL, 0), 0);
	EXPECT(inner_of(IKE_INFORMATIONAL, false, PL_NOTIFY, NULL, 0) ==
	       -EBADMSG);
	EXPECT(inner_of(IKE_INFORMATIONAL, false, PL_NONE, bytes, 1) ==
	       -EBADMSG);
	begin();
	put_any(PL_NOTIFY);
	w.buf[0] = PL_NOTIFY; /* one more is promised */
	EXPECT(inner_of(IKE_INFORMATIONAL, false, PL_NOTIFY, w.buf, w.len) ==
	       -EBADMSG);
	/* lengths below that of a header do not loop */
	for (unsigned int len = 0; len < 4; len++) {
		uint8_t b[8] = { PL_VENDOR, 0, 0, len };

		EXPECT(inner_of(IKE_INFORMATIONAL, false, PL_VENDOR, ALL(b)) ==
		       -EBADMSG);
	}
}

static void ike_45_fragment_headers(void)
{
	uint8_t m[sizeof(scapy_fragment)];
	static const struct {
		uint8_t frag[4];
		bool ok;
	} cases[] = {
		{ { 0, 1, 0, 1 }, true },  { { 0, 1, 0, 3 }, true },
		{ { 0, 3, 0, 3 }, true },  { { 0, 0, 0, 3 }, false },
		{ { 0, 4, 0, 3 }, false }, { { 0, 1, 0, 0 }, false },
		{ { 0, 0, 0, 0 }, false }, { { 255, 255, 255, 255 }, true },
	};

	EXPECT_EQ(clear_of(ALL(scapy_fragment)), 0);
	EXPECT_EQ(sealed.type, PL_SKF);
	EXPECT_EQ(sealed.frag, 1);
	EXPECT_EQ(sealed.frags, 3);
	EXPECT_EQ(sealed.next, PL_IDI);
	EXPECT_EQ(sealed.aad_len, IKE_HDR_LEN + 8);
	EXPECT_EQ(sealed.body.len, 40);
	EXPECT(sealed.body.p == scapy_fragment + sealed.aad_len);
	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memcpy(m, scapy_fragment, sizeof(m));
		memcpy(m + IKE_HDR_LEN + 4, cases[i].frag, 4);
		EXPECT_EQ(clear_of(ALL(m)), cases[i].ok ? 0 : -EBADMSG);
		EXPECT_EQ(sealed.type, cases[i].ok ? PL_SKF : PL_NONE);
	}
	/* only the first one tells what is inside */
	memcpy(m, scapy_fragment, sizeof(m));
	m[IKE_HDR_LEN + 5] = 2;
	EXPECT_EQ(clear_of(ALL(m)), 0);
	EXPECT_EQ(sealed.next, PL_NONE);
	/* too short for its numbers */
	for (unsigned int n = 0; n < 4; n++) {
		begin();
		ike_pl_begin(&w, PL_SKF);
		ike_put(&w, "\0\1\0\1", n);
		ike_pl_end(&w);
		EXPECT(clear_of(buf, finish(&auth_req)) == -EBADMSG);
	}
}

/* --------------------------------------------------------------- strangers */

static void a_strangers_init_is_read(void)
{
	struct proposal p[PROPOSALS_MAX];
	unsigned int n = PROPOSALS_MAX;
	const struct ike_notify_pl *hash;
	char text[200];
	const char *why;

	EXPECT_EQ(clear_of(ALL(scapy_init_request)), 0);
	EXPECT_EQ(hdr.spi_i, SPI_I);
	EXPECT_EQ(hdr.spi_r, 0);
	EXPECT_EQ(pl.ke.method, KE_CURVE25519);
	EXPECT_EQ(pl.ke.data.len, 32);
	EXPECT_EQ(pl.ke.data.p[0], 0x80);
	EXPECT_EQ(pl.nonce.len, 32);
	EXPECT_EQ(pl.nonce.p[31], 0x5f);
	EXPECT_EQ(pl.nnotifies, 4);
	EXPECT(ike_find_notify(&pl, N_IKEV2_FRAGMENTATION_SUPPORTED));
	hash = ike_find_notify(&pl, N_SIGNATURE_HASH_ALGORITHMS);
	MUST(hash);
	EXPECT_EQ(hash->data.len, 8);
	EXPECT_EQ(proposals_parse(pl.sa.p, pl.sa.len, p, &n, &why), 0);
	EXPECT_EQ(n, 2);
	EXPECT(!strcmp(proposal_text(&p[0], text, sizeof(text)),
		       "AES_GCM_16_256/CHACHA20_POLY1305/PRF_HMAC_SHA2_256/"
		       "CURVE_25519/ECP_256"));
	EXPECT(!strcmp(proposal_text(&p[1], text, sizeof(text)),
		       "AES_CBC_128/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/"
		       "MODP_2048"));
	EXPECT_EQ(p[1].num, 2);
	EXPECT_EQ(sealed.type, PL_NONE);
}

static void a_strangers_auth_is_read(void)
{
	struct ts ts[TS_MAX];
	unsigned int n = TS_MAX;
	char text[80];
	const char *why;

	EXPECT_EQ(inner_of(IKE_AUTH, false, PL_IDI,
			   ALL(scapy_inner_auth_request)),
		  0);
	EXPECT_EQ(pl.idi.type, ID_FQDN);
	EXPECT(pl.idi.data.len == 16 &&
	       !memcmp(pl.idi.data.p, "moon.example.org", 16));
	EXPECT_EQ(pl.idi.body.len, 20);
	EXPECT(pl.idi.body.p == scapy_inner_auth_request + 4);
	EXPECT_EQ(pl.idr.type, ID_IPV6_ADDR);
	EXPECT_EQ(pl.auth.method, AUTH_PSK);
	EXPECT_EQ(pl.auth.data.len, 32);
	EXPECT_EQ(pl.ncertreqs, 1);
	EXPECT_EQ(pl.certreq[0].data.len, 40);
	EXPECT_EQ(ts_parse(pl.tsi.p, pl.tsi.len, ts, &n, &why), 0);
	EXPECT_EQ(n, 2);
	EXPECT(!strcmp(ts_text(&ts[0], text, sizeof(text)),
		       "10.1.0.7/32[tcp/443]"));
	EXPECT(!strcmp(ts_text(&ts[1], text, sizeof(text)), "10.1.0.0/16"));
	n = TS_MAX;
	EXPECT_EQ(ts_parse(pl.tsr.p, pl.tsr.len, ts, &n, &why), 0);
	EXPECT(!strcmp(ts_text(&ts[0], text, sizeof(text)), "2001:db8:2::/48"));
	/* cut short anywhere, it is refused */
	for (size_t len = 0; len < sizeof(scapy_inner_auth_request); len++)
		EXPECT(inner_of(IKE_AUTH, false, PL_IDI,
				scapy_inner_auth_request, len) == -EBADMSG);
	EXPECT_EQ(inner_of(IKE_INFORMATIONAL, false, PL_DELETE,
			   ALL(scapy_inner_delete)),
		  0);
	EXPECT_EQ(pl.del[0].n, 2);
	EXPECT_EQ(pl.del[0].protocol, PROTO_ESP);
	EXPECT_EQ(inner_of(IKE_CREATE_CHILD_SA, false, PL_NOTIFY,
			   ALL(scapy_inner_rekey)),
		  0);
	EXPECT_EQ(pl.notify[0].type, N_REKEY_SA);
	EXPECT(!memcmp(pl.notify[0].spi.p, "\xca\xfe\0\1", 4));
}

static void expect_bytes(const uint8_t *got, size_t len, const uint8_t *want,
			 size_t want_len)
{
	size_t at = 0;

	EXPECT_EQ(len, want_len);
	while (at < len && at < want_len && got[at] == want[at])
		at++;
	EXPECT_EQ(at, want_len);
}

static void the_writer_makes_the_strangers_bytes(void)
{
	static const struct proposal two[] = {
		{ .num = 1,
		  .protocol = PROTO_IKE,
		  .n = 5,
		  .t = { { TT_ENCR, ENCR_AES_GCM_16, 256 },
			 { TT_ENCR, ENCR_CHACHA20_POLY1305, 0 },
			 { TT_PRF, PRF_HMAC_SHA2_256, 0 },
			 { TT_KE, KE_CURVE25519, 0 },
			 { TT_KE, KE_ECP_256, 0 } } },
		{ .num = 2,
		  .protocol = PROTO_IKE,
		  .n = 4,
		  .t = { { TT_ENCR, ENCR_AES_CBC, 128 },
			 { TT_INTEG, INTEG_HMAC_SHA2_256_128, 0 },
			 { TT_PRF, PRF_HMAC_SHA2_256, 0 },
			 { TT_KE, KE_MODP_2048, 0 } } },
	};
	static const uint32_t spis[] = { 0x0a0b0c0d, 0x0e0f1011 };
	uint8_t count[0xa0];
	struct ts ts[3];
	char why[200];
	size_t len;

	for (unsigned int i = 0; i < sizeof(count); i++)
		count[i] = i;
	begin();
	ike_put_sa(&w, two, 2);
	ike_put_ke(&w, KE_CURVE25519, count + 0x80, 32);
	ike_put_nonce(&w, count + 0x40, 32);
	ike_put_notify(&w, N_NAT_DETECTION_SOURCE_IP, count, 20);
	ike_put_notify(&w, N_NAT_DETECTION_DESTINATION_IP, count + 20, 20);
	ike_put_notify(&w, N_IKEV2_FRAGMENTATION_SUPPORTED, NULL, 0);
	ike_pl_begin(&w, PL_NOTIFY); /* by hand, left open */
	ike_put_u16(&w, 0);
	ike_put_u16(&w, N_SIGNATURE_HASH_ALGORITHMS);
	ike_put_u64(&w, 0x0002000300040005);
	ike_pl_begin(&w, PL_VENDOR);
	ike_put(&w, "a stranger", 10);
	ike_pl_end(&w);
	len = finish(&init_req);
	expect_bytes(buf, len, ALL(scapy_init_request));

	begin();
	ike_put_id(&w, PL_IDI, ID_FQDN, "moon.example.org", 16);
	ike_put_cert(&w, PL_CERTREQ, CERT_X509_SIGNATURE, count, 40);
	ike_put_id(&w, PL_IDR, ID_IPV6_ADDR,
		   "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\2", 16);
	ike_put_auth(&w, AUTH_PSK, count, 32);
	ike_put_sa(&w, &esp_prop, 1);
	MUST(!ts_from_text("10.1.0.7[tcp/443]", &ts[0], why, sizeof(why)));
	MUST(!ts_from_text("10.1.0.0/16", &ts[1], why, sizeof(why)));
	MUST(!ts_from_text("2001:db8:2::/48", &ts[2], why, sizeof(why)));
	ike_put_ts(&w, PL_TSI, ts, 2);
	ike_put_ts(&w, PL_TSR, ts + 2, 1);
	ike_put_notify(&w, N_INITIAL_CONTACT, NULL, 0);
	EXPECT_EQ(w.first, PL_IDI);
	expect_bytes(w.buf, w.len, ALL(scapy_inner_auth_request));

	begin();
	ike_put_delete(&w, PROTO_ESP, spis, 2);
	expect_bytes(w.buf, w.len, ALL(scapy_inner_delete));

	begin();
	MUST(!ts_from_text("192.168.0.1-192.168.0.255", &ts[0], why,
			   sizeof(why)));
	ike_put_notify_spi(&w, N_REKEY_SA, PROTO_ESP, 0xcafe0001, NULL, 0);
	ike_put_sa(&w, &esp_prop, 1);
	ike_put_nonce(&w, count + 0x40, 32);
	ike_put_ts(&w, PL_TSI, ts, 1);
	ike_put_ts(&w, PL_TSR, ts, 1);
	expect_bytes(w.buf, w.len, ALL(scapy_inner_rekey));
}

/* -------------------------------------------------------------- the writer */

static void put_everything(struct ike_writer *o)
{
	struct ike_writer keep = w;

	w = *o;
	for (uint8_t type = PL_SA; type <= PL_EAP; type++)
		put_any(type);
	ike_put_notify_spi(&w, N_REKEY_SA, PROTO_ESP, 1, "data", 4);
	*o = w;
	w = keep;
}

static void the_writer_never_leaves_its_buffer(void)
{
	struct ike_writer o;
	size_t need;

	ike_writer_init(&o, buf, sizeof(buf));
	put_everything(&o);
	MUST(!o.overflow);
	need = o.len;
	for (size_t cap = 0; cap <= need; cap++) {
		uint8_t *b = malloc(cap + 16);

		MUST(b);
		memset(b, 0xa5, cap + 16);
		ike_writer_init(&o, b, cap);
		put_everything(&o);
		EXPECT_EQ(o.overflow, cap < need);
		EXPECT(o.len <= cap);
		for (unsigned int i = 0; i < 16; i++)
			EXPECT_EQ(b[cap + i], 0xa5);
		/* what overflowed stays so */
		ike_put_u8(&o, 1);
		EXPECT(o.overflow);
		EXPECT(!ike_put_space(&o, 0) || cap == need);
		free(b);
	}
}

static void a_payload_too_long_is_an_overflow(void)
{
	size_t cap = 70000;
	uint8_t *b = calloc(1, cap);
	struct ike_writer o;

	MUST(b);
	ike_writer_init(&o, b, cap);
	ike_put_cert(&o, PL_CERT, CERT_X509_SIGNATURE, b, 65530);
	EXPECT(!o.overflow);
	ike_writer_init(&o, b, cap);
	ike_put_cert(&o, PL_CERT, CERT_X509_SIGNATURE, b, 65531);
	EXPECT(o.overflow);
	free(b);
}

static void names_are_those_of_the_registry(void)
{
	EXPECT(!strcmp(ike_exchange_name(IKE_CREATE_CHILD_SA),
		       "CREATE_CHILD_SA"));
	EXPECT(!strcmp(ike_payload_name(PL_TSI), "TSi"));
	EXPECT(!strcmp(ike_notify_name(38), "TS_UNACCEPTABLE"));
	EXPECT(!strcmp(ike_notify_name(16431), "SIGNATURE_HASH_ALGORITHMS"));
	EXPECT(!ike_exchange_name(33) && !ike_payload_name(0) &&
	       !ike_payload_name(49) && !ike_notify_name(6));
}

int main(int argc, char **argv)
{
#define CASE(f)                                                                \
	{                                                                      \
#f, f                                                          \
	}
	static const struct test_case cases[] = {
		CASE(ike_01_short_or_mismatched_is_dropped),
		CASE(ike_02_major_version),
		CASE(ike_03_reserved_is_zero_and_ignored),
		CASE(ike_04_unknown_payloads),
		CASE(ike_05_critical_bit_on_known_payloads_is_ignored),
		CASE(ike_06_any_order),
		CASE(ike_06_sk_is_last),
		CASE(ike_07_unknown_notifications_are_kept),
		CASE(ike_08_no_invalid_syntax_in_clear),
		CASE(ike_18_spis_are_not_zero),
		CASE(init_header_is_that_of_a_first_message),
		CASE(ike_28_nonce_of_16_to_256_bytes),
		CASE(clear_exchange_forms),
		CASE(protected_payloads_are_not_taken_in_clear),
		CASE(every_exchange_takes_what_the_rfc_draws),
		CASE(failures_have_their_own_forms),
		CASE(more_than_the_bounds_is_refused),
		CASE(notify_and_delete_bodies),
		CASE(identity_bodies),
		CASE(next_payload_fields_end_with_the_bytes),
		CASE(ike_45_fragment_headers),
		CASE(a_strangers_init_is_read),
		CASE(a_strangers_auth_is_read),
		CASE(the_writer_makes_the_strangers_bytes),
		CASE(the_writer_never_leaves_its_buffer),
		CASE(a_payload_too_long_is_an_overflow),
		CASE(names_are_those_of_the_registry),
		{ NULL, NULL },
	};
	return suite_run("wire", cases, argc, argv);
}
