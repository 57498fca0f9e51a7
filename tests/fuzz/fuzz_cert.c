// SPDX-License-Identifier: Apache-2.0
/*
 * Certificates, as a peer or a user gives them. Input: one byte, its low two
 * bits: 0 = a certificate in the CERT payload of a peer that claims an identity
 * and a signature; 1 = one to be stored; 2 = a CA; 3 = a CRL. The rest is DER
 * or PEM.
 */
#include <string.h>
#include "crypto/creds.h"
#include "fuzz.h"

const unsigned long fuzz_slice = 5000;

static void of_peer(struct ike_creds *creds, const uint8_t *data, size_t size)
{
	static const uint8_t bytes[64], sk_p[IKE_KEY_MAX];
	static struct ike_payloads pl;
	static struct ike_auth_conf conf;
	struct ike_id id = { 0 }, me = { 0 };
	struct ike_auth_in in = {
		.prf = PRF_HMAC_SHA2_256,
		.msg = { bytes, sizeof(bytes) },
		.nonce = { bytes, 32 },
		.id_body = { bytes, 8 },
		.sk_p = sk_p,
	};
	char why[256] = "";

	memset(&pl, 0, sizeof(pl));
	pl.present = 1ull << (PL_AUTH - PL_SA) | 1ull << (PL_CERT - PL_SA);
	pl.auth.method = AUTH_DIGITAL_SIG;
	pl.auth.data = (struct chunk){ bytes, sizeof(bytes) };
	pl.cert[0].encoding = CERT_X509_SIGNATURE;
	pl.cert[0].data = (struct chunk){ data, size };
	pl.ncerts = 1;
	FUZZ_CHECK(!ike_id_from_text("a.example.org", &id));
	FUZZ_CHECK(!ike_id_from_text("b.example.org", &me));
	/* no CA is there: nobody is believed, and it is said why */
	FUZZ_CHECK(ike_auth_check(creds, &conf, &id, &me, &in, &pl, 1700000000,
				  why, sizeof(why)) < 0);
	FUZZ_CHECK(why[0] && memchr(why, 0, sizeof(why)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ike_creds *creds;
	char why[256] = "";
	int err = 0;

	if (!size)
		return 0;
	creds = ike_creds_new();
	FUZZ_CHECK(creds);
	if ((data[0] & 3) == 0)
		of_peer(creds, data + 1, size - 1);
	else if ((data[0] & 3) == 3)
		err = ike_creds_add_crl(creds, data + 1, size - 1, why,
					sizeof(why));
	else
		err = ike_creds_add_cert(creds, data + 1, size - 1,
					 (data[0] & 3) == 2, why, sizeof(why));
	FUZZ_CHECK(!err || (why[0] && memchr(why, 0, sizeof(why))));
	ike_creds_free(creds);
	return 0;
}
