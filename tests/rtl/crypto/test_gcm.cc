// SPDX-License-Identifier: Apache-2.0
//
// gcm_core against NIST CAVP, against OpenSSL with exact cycle counts, and its
// key handling. Built once for every pair of bodies (SBOX, GMUL).
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/aes.h>

#include <cstdio>
#include <string>

#include "cavp.h"
#include "gcm_model.h"
#include "gcm_peek.h"
#include "gcm_random.h"

static const unsigned int KEYS = TEST_KEY_ENTRIES;
static unsigned int passed, failed;

static bool check(bool ok, const char *what, unsigned long n)
{
	if (ok) {
		passed++;
	} else {
		failed++;
		if (failed < 20)
			fprintf(stderr, "FAILED: %s (%lu)\n", what, n);
	}
	return ok;
}

static void test_cavp(gcm_model &m)
{
	static const struct {
		const char *file;
		bool decrypt;
	} files[] = {
		{ "gcmEncryptExtIV128.rsp", false },
		{ "gcmEncryptExtIV256.rsp", false },
		{ "gcmDecrypt128.rsp", true },
		{ "gcmDecrypt256.rsp", true },
	};
	std::string dir = cavp_gcm_dir();

	for (const auto &f : files) {
		std::vector<cavp_case> all =
			cavp_read_gcm(dir + "/" + f.file, f.decrypt, 8);

		check(all.size() >= 2000, f.file, all.size());
		for (size_t base = 0; base < all.size(); base += KEYS) {
			std::vector<gcm_packet> pkts;
			for (size_t i = base; i < all.size() && i < base + KEYS;
			     i++) {
				const cavp_case &c = all[i];
				gcm_key k;
				gcm_packet p;
				k.key = c.key;
				memcpy(k.salt, c.iv.data(), 4);
				m.key_command((unsigned int)(i - base), &k);
				p.key_idx = (unsigned int)(i - base);
				p.decrypt = c.decrypt;
				memcpy(p.iv, c.iv.data() + 4, 8);
				p.aad = c.aad;
				p.in = c.decrypt ? c.ct : c.pt;
				pkts.push_back(p);
			}
			std::vector<gcm_result> res = m.run(pkts, nullptr);
			for (size_t i = 0; i < res.size(); i++) {
				const cavp_case &c = all[base + i];
				bool tag_ok = !memcmp(res[i].icv, c.tag.data(),
						      c.tag.size());
				bool out_ok =
					res[i].out == (c.decrypt ? c.pt : c.ct);
				check(res[i].complete &&
					      (c.fail ? !tag_ok
						      : tag_ok && out_ok),
				      f.file, base + i);
			}
			check(m.stray == 0, "stray output", base);
		}
	}
}

static void test_batch(gcm_model &m, const std::vector<gcm_key> &keys,
		       const std::vector<gcm_packet> &pkts, const char *what,
		       unsigned int gap)
{
	uint64_t first;
	std::vector<gcm_result> res = m.run(pkts, &first, gap);

	for (size_t i = 0; i < pkts.size(); i++)
		check(right(pkts[i], keys[pkts[i].key_idx], res[i]), what, i);
	if (!gap)
		check(on_time(pkts, res, first),
		      "slots contiguous, latency exact", 0);
	check(m.stray == 0, what, m.stray);
}

static void test_random(gcm_model &m, std::vector<gcm_key> &keys)
{
	std::vector<gcm_packet> pkts;

	for (unsigned int i = 0; i < KEYS; i++) {
		keys.push_back(random_key());
		unsigned int n = m.key_command(i, &keys[i]);
		check(n == (keys[i].key.size() == 32 ? GCM_INSTALL_256
						     : GCM_INSTALL_128),
		      "install cycles", n);
	}

	/* every small number of hashed and of data blocks, whole and partial */
	for (size_t aad = 0; aad <= 49; aad += 1 + (aad % 3))
		for (size_t len = 0; len <= 99; len += 1 + (size_t)(rand() % 9))
			pkts.push_back(random_packet(rand() % KEYS, aad, len));
	test_batch(m, keys, pkts, "small packets", 0);

	/* nothing but LEN slots: a packet every other cycle */
	pkts.clear();
	for (int i = 0; i < 100; i++)
		pkts.push_back(random_packet(rand() % KEYS, 0, 0));
	test_batch(m, keys, pkts, "empty packets", 0);

	/* two and three slots, as ESP's shortest */
	pkts.clear();
	for (int i = 0; i < 200; i++)
		pkts.push_back(random_packet(rand() % KEYS, rand() & 1 ? 8 : 12,
					     rand() % 17));
	test_batch(m, keys, pkts, "shortest packets", 0);

	pkts.clear();
	for (int i = 0; i < 12; i++)
		pkts.push_back(
			random_packet(rand() % KEYS, rand() % 40,
				      i == 0 ? 9000 : (size_t)rand() % 3000));
	pkts.push_back(random_packet(1, 0, 16383));
	pkts.push_back(random_packet(2, 16383, 5));
	test_batch(m, keys, pkts, "long packets", 0);

	for (int round = 0; round < 6; round++) {
		pkts.clear();
		for (int i = 0; i < 60; i++)
			pkts.push_back(random_packet(rand() % KEYS, rand() % 33,
						     (size_t)rand() % 130));
		test_batch(m, keys, pkts, "packets with pauses", 1u << round);
	}
}

/* Traffic goes on undisturbed while another context is installed. */
static void test_install_under_traffic(gcm_model &m, std::vector<gcm_key> &keys)
{
	std::vector<gcm_packet> pkts;
	gcm_key k = random_key();
	uint8_t buf[32] = { 0 };

	for (int i = 0; i < 40; i++)
		pkts.push_back(random_packet(1 + rand() % (KEYS - 1), 8, 200));
	memcpy(buf, k.key.data(), k.key.size());
	m.top.key_valid = 1;
	m.top.key_zeroize = 0;
	m.top.key_idx = 0;
	m.top.key_aes256 = k.key.size() == 32;
	memcpy(&m.top.key_data[0], buf, 32);
	memcpy(&m.top.key_salt, k.salt, 4);
	m.tick();
	m.top.key_valid = 0;
	test_batch(m, keys, pkts, "traffic during install", 0);
	keys[0] = k;
	pkts.assign(1, random_packet(0, 8, 100));
	test_batch(m, keys, pkts, "installed under traffic", 0);
}

/*
 * A zeroized context is AES-128 with round keys of zeros, salt 0 and H = 0: the
 * ICV is then the encrypted J0 alone.
 */
static void test_zeroize(gcm_model &m, std::vector<gcm_key> &keys)
{
	AES_KEY zero;
	memset(&zero, 0, sizeof(zero));
	zero.rounds = 10;

	for (unsigned int idx = 0; idx < 8; idx++) {
		gcm_packet p = random_packet(idx, 8, 40);
		std::vector<gcm_packet> pkts(1, p);
		uint8_t j[16] = { 0 }, e[16];

		check(right(p, keys[idx], m.run(pkts, nullptr)[0]), "key lives",
		      idx);
		check(round_keys_set(m, idx) > 40 &&
			      hash_keys_set(m, idx) > 3 * GCM_POWERS,
		      "key is seen", idx);
		unsigned int n = m.key_command(idx, nullptr);
		check(n == GCM_ZEROIZE, "zeroize cycles", n);
		check(round_keys_set(m, idx) + hash_keys_set(m, idx) == 0,
		      "memory is zero", idx);
		check(install_unit_set(m) == 0, "install unit is clean", idx);
		gcm_result r = m.run(pkts, nullptr)[0];
		memcpy(j + 4, p.iv, 8);
		j[15] = 1;
		AES_encrypt(j, e, &zero);
		check(!memcmp(e, r.icv, 16), "ICV of a zeroized context", idx);
		bytes want = p.in;
		for (size_t i = 0; i < want.size(); i++) {
			if (i % 16 == 0) {
				j[15]++;
				AES_encrypt(j, e, &zero);
			}
			want[i] ^= e[i % 16];
		}
		check(r.out == want, "output of a zeroized context", idx);
		check(!right(p, keys[idx], r), "old key is gone", idx);
		/* the neighbour is untouched */
		p.key_idx = idx + 1;
		pkts[0] = p;
		check(right(p, keys[idx + 1], m.run(pkts, nullptr)[0]),
		      "neighbour", idx);
	}
	/* reinstall with the other key size; of a longer key nothing survives
	 */
	for (unsigned int idx = 8; idx < 12; idx++) {
		keys[idx].key = random_bytes(32);
		m.key_command(idx, &keys[idx]);
		check(round_keys_set(m, idx) > 56, "15 round keys", idx);
		keys[idx].key = random_bytes(16);
		m.key_command(idx, &keys[idx]);
		check(round_keys_set(m, idx) <= 44, "11 round keys", idx);
	}
	for (unsigned int idx = 0; idx < 12; idx++) {
		keys[idx].key =
			random_bytes(keys[idx].key.size() == 16 ? 32 : 16);
		m.key_command(idx, &keys[idx]);
		check(install_unit_set(m) == 0, "install unit is clean", idx);
		std::vector<gcm_packet> pkts(1, random_packet(idx, 12, 33));
		test_batch(m, keys, pkts, "reinstalled", 0);
	}
}

int main(int argc, char **argv)
{
	Verilated::commandArgs(argc, argv);
	Verilated::randReset(2);
	Verilated::randSeed(argc > 1 ? atoi(argv[1]) : 1);
	srand(argc > 1 ? (unsigned int)atoi(argv[1]) : 1);

	gcm_model *m = new gcm_model;
	std::vector<gcm_key> keys;

	test_random(*m, keys);
	test_install_under_traffic(*m, keys);
	test_zeroize(*m, keys);
	test_cavp(*m);
	delete m;
	printf("%s: %u passed, %u failed\n", TEST_NAME, passed, failed);
	return failed != 0;
}
