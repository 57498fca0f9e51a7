// SPDX-License-Identifier: Apache-2.0
/* Messages of IKEv2, read: header, payloads, what is malformed. */
#include <errno.h>
#include "wiremsg.h"
#include "scapy_messages.h"

#define CRITICAL 0x80

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
	begin();
	ike_put_id(&w, PL_IDI, type, bytes, len);
	put_any(PL_AUTH);
	put_any(PL_SA);
	put_any(PL_TSI);
	put_any(PL_TSR);
	return inner_of(IKE_AUTH, false, w.first, w.buf, w.len);
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
		CASE(notify_and_delete_bodies),
		CASE(identity_bodies),
		CASE(next_payload_fields_end_with_the_bytes),
		CASE(ike_45_fragment_headers),
		CASE(names_are_those_of_the_registry),
		{ NULL, NULL },
	};
	return suite_run("wire", cases, argc, argv);
}
