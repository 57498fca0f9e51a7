// SPDX-License-Identifier: Apache-2.0
/* Sealed messages, undone with nothing but the ciphers and the RFCs. */
#include <errno.h>
#include <string.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include "crypto/internal.h"
#include "hex.h"
#include "suite.h"
#include "suites.h"

struct pair {
	struct ike_suite suite;
	struct ike_keys i, r;
};

static void pair_up(struct pair *p, unsigned int cipher)
{
	uint8_t secret[32], ni[32], nr[32];
	struct chunk cs = { secret, 32 }, ci = { ni, 32 }, cr = { nr, 32 };

	RAND_bytes(secret, 32);
	RAND_bytes(ni, 32);
	RAND_bytes(nr, 32);
	make_suite(&p->suite, ciphers[cipher].encr, ciphers[cipher].bits,
		   ciphers[cipher].integ, PRF_HMAC_SHA2_256);
	MUST(!ike_keys_derive(&p->i, &p->suite, true, &cs, &ci, &cr, 1, 2,
			      NULL));
	MUST(!ike_keys_derive(&p->r, &p->suite, false, &cs, &ci, &cr, 1, 2,
			      NULL));
}

static void pair_down(struct pair *p)
{
	ike_keys_clear(&p->i);
	ike_keys_clear(&p->r);
}

static const struct ike_hdr header = {
	.spi_i = 0x0102030405060708,
	.spi_r = 0x1112131415161718,
	.version = 0x20,
	.exchange = IKE_INFORMATIONAL,
	.flags = IKE_FLAG_INITIATOR,
	.id = 7,
};

static struct ike_sealed place(const uint8_t *msg, size_t len)
{
	struct ike_sealed s = { .type = msg[16], .aad_len = 32 };

	if (s.type == PL_SKF)
		s.aad_len += 4;
	s.body = (struct chunk){ msg + s.aad_len, len - s.aad_len };
	s.next = msg[28];
	return s;
}

/* Undo a seal with nothing but the cipher and the RFCs. Return: text length. */
static int undo_aead(unsigned int c, const uint8_t *key, const uint8_t *msg,
		     size_t len, size_t aad, uint8_t *text)
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, ciphers[c].cipher, NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	size_t text_len = len - aad - 8 - ciphers[c].icv;
	uint8_t nonce[12];
	int n, ok;

	memcpy(nonce, key + ciphers[c].key - 4, 4);
	memcpy(nonce + 4, msg + aad, 8);
	ok = EVP_DecryptInit_ex(ctx, cipher, NULL, key, nonce) &&
	     EVP_DecryptUpdate(ctx, NULL, &n, msg, aad) &&
	     EVP_DecryptUpdate(ctx, text, &n, msg + aad + 8, text_len) &&
	     EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, ciphers[c].icv,
				 (void *)(msg + len - ciphers[c].icv)) &&
	     EVP_DecryptFinal_ex(ctx, text + text_len, &n) > 0;
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(cipher);
	return ok ? (int)text_len : -1;
}

static int undo_cbc(unsigned int c, const uint8_t *key, const uint8_t *ikey,
		    size_t ikey_len, const uint8_t *msg, size_t len, size_t aad,
		    uint8_t *text)
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, ciphers[c].cipher, NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	size_t icv = ciphers[c].icv, text_len = len - aad - 16 - icv;
	uint8_t want[64];
	int n, ok;

	hmac(ciphers[c].mac, ikey, ikey_len, msg, len - icv, want);
	ok = !memcmp(want, msg + len - icv, icv) && text_len % 16 == 0 &&
	     EVP_DecryptInit_ex(ctx, cipher, NULL, key, msg + aad) &&
	     EVP_CIPHER_CTX_set_padding(ctx, 0) &&
	     EVP_DecryptUpdate(ctx, text, &n, msg + aad + 16, text_len);
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(cipher);
	return ok ? (int)text_len : -1;
}

static int undo(unsigned int c, const struct ike_keys *keys, bool from_i,
		const uint8_t *msg, size_t len, size_t aad, uint8_t *text)
{
	const uint8_t *key = from_i ? keys->ei : keys->er;
	const uint8_t *ikey = from_i ? keys->ai : keys->ar;

	if (ciphers[c].mac)
		return undo_cbc(c, key, ikey, keys->suite.integ_key_len, msg,
				len, aad, text);
	return undo_aead(c, key, msg, len, aad, text);
}

static void seal_one(unsigned int c, size_t len, uint16_t frag, uint16_t frags)
{
	uint8_t plain[700], msg[1000], text[1000], got[1000];
	size_t aad = frags ? 36 : 32;
	struct ike_sealed sealed;
	struct pair p;
	int n, m;

	pair_up(&p, c);
	EXPECT_EQ(p.suite.key_len, ciphers[c].key);
	EXPECT_EQ(p.suite.iv_len, ciphers[c].iv);
	EXPECT_EQ(p.suite.icv_len, ciphers[c].icv);
	RAND_bytes(plain, sizeof(plain));
	for (int dir = 0; dir < 2; dir++) {
		struct ike_keys *from = dir ? &p.r : &p.i;
		struct ike_keys *to = dir ? &p.i : &p.r;

		n = ike_seal(from, &header, PL_NOTIFY, plain, len, frag, frags,
			     msg, sizeof(msg));
		MUST(n > 0);
		EXPECT((size_t)n <=
		       len + ike_seal_overhead(&p.suite, frags > 0));
		EXPECT_EQ(msg[16], frags ? PL_SKF : PL_SK);
		EXPECT_EQ(msg[26] << 8 | msg[27], n);
		EXPECT_EQ(msg[28], frag > 1 ? PL_NONE : PL_NOTIFY);
		EXPECT_EQ(msg[29], 0);
		EXPECT_EQ(msg[30] << 8 | msg[31], n - 28);
		if (frags) {
			EXPECT_EQ(msg[32] << 8 | msg[33], frag);
			EXPECT_EQ(msg[34] << 8 | msg[35], frags);
		}
		m = undo(c, &p.i, !dir, msg, n, aad, text);
		MUST(m > 0);
		/* no more padding than the block needs */
		EXPECT_EQ(text[m - 1], (size_t)m - 1 - len);
		EXPECT(text[m - 1] < (ciphers[c].mac ? 16 : 1));
		EXPECT(!memcmp(text, plain, len));

		sealed = place(msg, n);
		EXPECT_EQ(ike_open(to, msg, &sealed, got), len);
		EXPECT(!memcmp(got, plain, len));
		/* the other direction has other keys */
		EXPECT_EQ(ike_open(from, msg, &sealed, got),
			  (uint64_t)-EBADMSG);
	}
	pair_down(&p);
}

static void sealed_as_the_rfcs_say(void)
{
	static const size_t lens[] = { 0, 1, 12, 15, 16, 17, 200, 700 };

	for (unsigned int c = 0; c < CIPHERS; c++)
		for (unsigned int i = 0; i < sizeof(lens) / sizeof(lens[0]);
		     i++)
			seal_one(c, lens[i], 0, 0);
}

static void ike_45_fragments_sealed(void)
{
	for (unsigned int c = 0; c < CIPHERS; c++)
		for (uint16_t frag = 1; frag <= 3; frag++)
			seal_one(c, 100, frag, 3);
	seal_one(0, 10, 300, 65535);
}

/* RFC 7634 appendix B: an INFORMATIONAL with one notification */
static void rfc7634_appendix_b(void)
{
	struct ike_keys keys = { 0 };
	struct bytes key = hex("808182838485868788898a8b8c8d8e8f"
			       "909192939495969798999a9b9c9d9e9f a0a1a2a3");
	struct bytes msg =
		hex("c0c1c2c3c4c5c6c7 d0d1d2d3d4d5d6d7 2e202500 00000009"
		    "00000045 29000029 1011121314151617"
		    "610394701f8d017f7c12924889"
		    "6b71bfe25236efd7cdc67066906315b2");
	struct bytes plain = hex("0000000c 00004001 0000000a");
	struct ike_sealed sealed = place(msg.b, msg.len);
	uint8_t got[128];

	EXPECT_EQ(msg.len, 0x45);
	make_suite(&keys.suite, ENCR_CHACHA20_POLY1305, 0, 0,
		   PRF_HMAC_SHA2_256);
	keys.open = ike_cipher_new(&keys.suite, false, key.b, NULL);
	MUST(keys.open);
	EXPECT_EQ(ike_open(&keys, msg.b, &sealed, got), 12);
	EXPECT(same(got, &plain));
	ike_keys_clear(&keys);
}

static void ike_17_tampered_messages(void)
{
	uint8_t plain[50], msg[200], got[200];
	struct ike_sealed sealed;
	struct pair p;
	int n;

	for (unsigned int c = 0; c < CIPHERS; c++) {
		pair_up(&p, c);
		RAND_bytes(plain, sizeof(plain));
		n = ike_seal(&p.i, &header, PL_NOTIFY, plain, sizeof(plain), 0,
			     0, msg, sizeof(msg));
		MUST(n > 0);
		for (int i = 0; i < n; i++) {
			sealed = place(msg, n);
			msg[i] ^= 1 << i % 8;
			memset(got, 0xee, sizeof(got));
			EXPECT_EQ(ike_open(&p.r, msg, &sealed, got),
				  (uint64_t)-EBADMSG);
			/* and nothing of it is left */
			EXPECT(memcmp(got, plain, 16));
			msg[i] ^= 1 << i % 8;
		}
		for (int i = 32; i < n; i++) {
			sealed = place(msg, i);
			EXPECT_EQ(ike_open(&p.r, msg, &sealed, got),
				  (uint64_t)-EBADMSG);
		}
		sealed = place(msg, n);
		EXPECT_EQ(ike_open(&p.r, msg, &sealed, got), sizeof(plain));
		EXPECT(!memcmp(got, plain, sizeof(plain)));
		pair_down(&p);
	}
}

/* A peer's own padding: text as given, sealed with the primitives. */
static size_t seal_text(struct ike_keys *k, const uint8_t *text, size_t len,
			uint8_t *msg)
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "AES-128-CBC", NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	size_t total = 32 + 16 + len + 16;
	uint8_t mac[64];
	int n;

	memset(msg, 0, 48);
	msg[16] = PL_SK;
	MUST(EVP_EncryptInit_ex(ctx, cipher, NULL, k->ei, msg + 32));
	EVP_CIPHER_CTX_set_padding(ctx, 0);
	MUST(EVP_EncryptUpdate(ctx, msg + 48, &n, text, len));
	hmac("SHA256", k->ai, 32, msg, total - 16, mac);
	memcpy(msg + total - 16, mac, 16);
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(cipher);
	return total;
}

static void any_padding_is_taken(void)
{
	uint8_t text[256], msg[400], got[400];
	struct ike_sealed sealed;
	struct pair p;
	size_t n;

	pair_up(&p, 10);
	RAND_bytes(text, sizeof(text));
	for (unsigned int pad = 0; pad < 256; pad++) {
		text[255] = pad;
		n = seal_text(&p.i, text, sizeof(text), msg);
		sealed = place(msg, n);
		EXPECT_EQ(ike_open(&p.r, msg, &sealed, got), 255 - pad);
		EXPECT(!memcmp(got, text, 255 - pad));
	}
	/* more padding than there is */
	for (unsigned int pad = 16; pad < 256; pad++) {
		text[15] = pad;
		n = seal_text(&p.i, text, 16, msg);
		sealed = place(msg, n);
		EXPECT_EQ(ike_open(&p.r, msg, &sealed, got),
			  (uint64_t)-EBADMSG);
	}
	pair_down(&p);
}

static void ivs_do_not_repeat(void)
{
	enum { MANY = 2000 };
	static uint8_t ivs[MANY][16];
	uint8_t msg[200];
	struct pair p;

	for (unsigned int c = 0; c < CIPHERS; c++) {
		pair_up(&p, c);
		for (unsigned int i = 0; i < MANY; i++) {
			/* fragments among whole messages */
			uint16_t frags = i % 3 ? 2 : 0;

			MUST(ike_seal(&p.i, &header, PL_NOTIFY, msg, 4,
				      frags ? 1 : 0, frags, msg,
				      sizeof(msg)) > 0);
			memset(ivs[i], 0, 16);
			memcpy(ivs[i], msg + (frags ? 36 : 32), ciphers[c].iv);
		}
		qsort(ivs, MANY, 16,
		      (int (*)(const void *, const void *))(void *)memcmp);
		for (unsigned int i = 1; i < MANY; i++)
			EXPECT(memcmp(ivs[i], ivs[i - 1], 16));
		pair_down(&p);
	}
}

static void room_is_kept_to(void)
{
	static uint8_t big[IKE_MSG_MAX + 10], out[IKE_MSG_MAX + 1000];
	struct pair p;
	int n;

	for (unsigned int c = 0; c < CIPHERS; c++) {
		pair_up(&p, c);
		n = ike_seal(&p.i, &header, PL_NOTIFY, big, 100, 0, 0, out,
			     sizeof(out));
		MUST(n > 0);
		out[n - 1] = 0xee;
		EXPECT_EQ(ike_seal(&p.i, &header, PL_NOTIFY, big, 100, 0, 0,
				   out, n - 1),
			  (uint64_t)-EMSGSIZE);
		EXPECT_EQ(out[n - 1], 0xee);
		EXPECT_EQ(ike_seal(&p.i, &header, PL_NOTIFY, big, 100, 0, 0,
				   out, n),
			  (uint64_t)n);
		EXPECT_EQ(ike_seal(&p.i, &header, PL_NOTIFY, big, IKE_MSG_MAX,
				   0, 0, out, sizeof(out)),
			  (uint64_t)-EMSGSIZE);
		EXPECT_EQ(ike_seal(&p.i, &header, PL_NOTIFY, big, 65536, 0, 0,
				   out, sizeof(out)),
			  (uint64_t)-EMSGSIZE);
		pair_down(&p);
	}
}

static void secrets_are_cleared(void)
{
	static const uint8_t zero[sizeof(struct ike_keys)];
	struct pair p;

	pair_up(&p, 0);
	EXPECT(memcmp(&p.i, zero, sizeof(p.i)));
	ike_keys_clear(&p.i);
	EXPECT(!memcmp(&p.i, zero, sizeof(p.i)));
	ike_keys_clear(&p.i); /* twice does no harm */
	ike_keys_clear(&p.r);
}

static const struct test_case cases[] = {
	{ "sealed_as_the_rfcs_say", sealed_as_the_rfcs_say },
	{ "ike_45_fragments_sealed", ike_45_fragments_sealed },
	{ "rfc7634_appendix_b", rfc7634_appendix_b },
	{ "ike_17_tampered_messages", ike_17_tampered_messages },
	{ "any_padding_is_taken", any_padding_is_taken },
	{ "ivs_do_not_repeat", ivs_do_not_repeat },
	{ "room_is_kept_to", room_is_kept_to },
	{ "secrets_are_cleared", secrets_are_cleared },
	{ 0 },
};

int main(int argc, char **argv)
{
	return suite_run("test_seal", cases, argc, argv);
}
