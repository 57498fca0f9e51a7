// SPDX-License-Identifier: Apache-2.0
/*
 * Messages as they come from the network, and payloads as they come out of SK.
 *
 * Input: one byte, its low bit: 0 = the rest is a message; 1 = exchange, flags
 * and first payload type follow, then decrypted payloads.
 */
#include <string.h>
#include "fuzz.h"
#include "wire/message.h"

static struct ike_payloads pl;

static void touch(struct chunk c)
{
	if (c.len)
		fuzz_touch(c.p, c.len);
}

static void touch_all(void)
{
	FUZZ_CHECK(pl.nnotifies <= IKE_MAX_NOTIFIES);
	FUZZ_CHECK(pl.ncerts <= IKE_MAX_CERTS);
	FUZZ_CHECK(pl.ncertreqs <= IKE_MAX_CERTS);
	FUZZ_CHECK(pl.ndeletes <= IKE_MAX_DELETES);
	touch(pl.sa);
	touch(pl.ke.data);
	touch(pl.nonce);
	touch(pl.idi.body);
	touch(pl.idi.data);
	touch(pl.idr.body);
	touch(pl.idr.data);
	touch(pl.auth.data);
	touch(pl.tsi);
	touch(pl.tsr);
	touch(pl.cp);
	touch(pl.eap);
	for (unsigned int i = 0; i < pl.ncerts; i++)
		touch(pl.cert[i].data);
	for (unsigned int i = 0; i < pl.ncertreqs; i++)
		touch(pl.certreq[i].data);
	for (unsigned int i = 0; i < pl.nnotifies; i++) {
		touch(pl.notify[i].spi);
		touch(pl.notify[i].data);
	}
	for (unsigned int i = 0; i < pl.ndeletes; i++) {
		touch(pl.del[i].spis);
		FUZZ_CHECK(pl.del[i].spis.len ==
			   (size_t)pl.del[i].n * pl.del[i].spi_size);
	}
	if (ike_has(&pl, PL_NONCE))
		FUZZ_CHECK(pl.nonce.len >= 16 && pl.nonce.len <= 256);
}

static bool is_empty(void)
{
	static const struct ike_payloads none;

	return !memcmp(&pl, &none, sizeof(none));
}

static void check_error(const struct ike_err *err)
{
	FUZZ_CHECK(is_empty());
	FUZZ_CHECK(err->text[0]);
	FUZZ_CHECK(memchr(err->text, 0, sizeof(err->text)));
}

static void one_message(const uint8_t *msg, size_t len)
{
	struct ike_sealed sealed;
	struct ike_err err;
	struct ike_hdr hdr;
	uint8_t again[IKE_HDR_LEN];
	int rc;

	rc = ike_hdr_parse(&hdr, msg, len, &err);
	if (rc) {
		FUZZ_CHECK(err.text[0]);
		FUZZ_CHECK(!err.notify || !(hdr.flags & IKE_FLAG_RESPONSE));
		return;
	}
	FUZZ_CHECK(hdr.len == len && hdr.spi_i);
	ike_hdr_put(again, &hdr);
	FUZZ_CHECK(!memcmp(again, msg, IKE_HDR_LEN));
	rc = ike_parse_clear(&hdr, msg, &pl, &sealed, &err);
	if (rc) {
		check_error(&err);
		FUZZ_CHECK(!sealed.type);
		FUZZ_CHECK(!err.notify ||
			   err.notify == N_UNSUPPORTED_CRITICAL_PAYLOAD);
		return;
	}
	touch_all();
	touch(sealed.body);
	if (hdr.exchange != IKE_SA_INIT) {
		FUZZ_CHECK(is_empty());
		if (sealed.type) {
			FUZZ_CHECK(sealed.body.p == msg + sealed.aad_len);
			FUZZ_CHECK(sealed.aad_len + sealed.body.len == len);
		}
		return;
	}
	FUZZ_CHECK(!sealed.type);
	FUZZ_CHECK(!ike_has(&pl, PL_AUTH) && !ike_has(&pl, PL_IDI) &&
		   !ike_has(&pl, PL_TSI) && !pl.ndeletes && !pl.ncerts);
	FUZZ_CHECK(ike_has(&pl, PL_SA) == ike_has(&pl, PL_NONCE));
	FUZZ_CHECK(ike_has(&pl, PL_SA) || ike_find_error(&pl) ||
		   ike_find_notify(&pl, N_COOKIE));
}

static void one_chain(const uint8_t *data, size_t size)
{
	struct ike_hdr hdr = { .exchange = data[0], .flags = data[1] };
	struct ike_err err;

	if (ike_parse_inner(&hdr, data[2], data + 3, size - 3, &pl, &err)) {
		check_error(&err);
		FUZZ_CHECK(err.notify == N_INVALID_SYNTAX ||
			   err.notify == N_UNSUPPORTED_CRITICAL_PAYLOAD);
		return;
	}
	touch_all();
	FUZZ_CHECK(!ike_has(&pl, PL_SK) && !ike_has(&pl, PL_SKF));
	FUZZ_CHECK(ike_has(&pl, PL_TSI) == ike_has(&pl, PL_TSR));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size && !(data[0] & 1))
		one_message(data + 1, size - 1);
	else if (size >= 4)
		one_chain(data + 1, size - 1);
	return 0;
}
