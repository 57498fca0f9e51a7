// SPDX-License-Identifier: Apache-2.0
/* Messages written, and those of a stranger: the same bytes both ways. */
#include <errno.h>
#include "wiremsg.h"
#include "scapy_messages.h"

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
	unsigned int n = TS_MAX, unknown;
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
	EXPECT_EQ(ts_parse(pl.tsi.p, pl.tsi.len, ts, &n, &unknown, &why), 0);
	EXPECT_EQ(n, 2);
	EXPECT(!strcmp(ts_text(&ts[0], text, sizeof(text)),
		       "10.1.0.7/32[tcp/443]"));
	EXPECT(!strcmp(ts_text(&ts[1], text, sizeof(text)), "10.1.0.0/16"));
	n = TS_MAX;
	EXPECT_EQ(ts_parse(pl.tsr.p, pl.tsr.len, ts, &n, &unknown, &why), 0);
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
	uint8_t *b = calloc(2, cap); /* to write to, and to copy from */
	struct ike_writer o;

	MUST(b);
	ike_writer_init(&o, b, cap);
	ike_put_cert(&o, PL_CERT, CERT_X509_SIGNATURE, b + cap, 65530);
	EXPECT(!o.overflow);
	ike_writer_init(&o, b, cap);
	ike_put_cert(&o, PL_CERT, CERT_X509_SIGNATURE, b + cap, 65531);
	EXPECT(o.overflow);
	free(b);
}

int main(int argc, char **argv)
{
#define CASE(f)                                                                \
	{                                                                      \
#f, f                                                          \
	}
	static const struct test_case cases[] = {
		CASE(a_strangers_init_is_read),
		CASE(a_strangers_auth_is_read),
		CASE(the_writer_makes_the_strangers_bytes),
		CASE(the_writer_never_leaves_its_buffer),
		CASE(a_payload_too_long_is_an_overflow),
		{ NULL, NULL },
	};
	return suite_run("wire_writer", cases, argc, argv);
}
