// SPDX-License-Identifier: Apache-2.0
/* Which payload may come how often, where, in clear or not. */
#include <errno.h>
#include "wiremsg.h"
#include "scapy_messages.h"

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
	/* IKE_AUTH: the child alone failed, or none was asked for (RFC 6023) */
	begin();
	put_any(PL_IDR);
	put_any(PL_CERT);
	put_any(PL_AUTH);
	EXPECT_EQ(inner_of(IKE_AUTH, true, w.first, w.buf, w.len), 0);
	EXPECT(!ike_has(&pl, PL_SA) && !ike_find_error(&pl));
	ike_put_notify(&w, N_TS_UNACCEPTABLE, NULL, 0);
	EXPECT_EQ(inner_of(IKE_AUTH, true, w.first, w.buf, w.len), 0);
	EXPECT(ike_has(&pl, PL_AUTH) && ike_find_error(&pl));
	/* half a child is none */
	put_any(PL_SA);
	EXPECT(inner_of(IKE_AUTH, true, w.first, w.buf, w.len) == -EBADMSG);
	begin();
	put_any(PL_IDI);
	put_any(PL_AUTH);
	EXPECT_EQ(inner_of(IKE_AUTH, false, w.first, w.buf, w.len), 0);
	put_any(PL_TSI);
	put_any(PL_TSR);
	EXPECT(inner_of(IKE_AUTH, false, w.first, w.buf, w.len) == -EBADMSG);
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

int main(int argc, char **argv)
{
#define CASE(f)                                                                \
	{                                                                      \
#f, f                                                          \
	}
	static const struct test_case cases[] = {
		CASE(clear_exchange_forms),
		CASE(protected_payloads_are_not_taken_in_clear),
		CASE(every_exchange_takes_what_the_rfc_draws),
		CASE(failures_have_their_own_forms),
		CASE(more_than_the_bounds_is_refused),
		{ NULL, NULL },
	};
	return suite_run("wire_rules", cases, argc, argv);
}
