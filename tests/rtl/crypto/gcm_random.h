/* SPDX-License-Identifier: Apache-2.0 */
/* Random keys and packets, and the judgement of results by OpenSSL. */
#ifndef GCM_RANDOM_H
#define GCM_RANDOM_H

#include "gcm_client.h"
#include "ref_gcm.h"

static inline bytes random_bytes(size_t n)
{
	bytes b(n);
	for (uint8_t &x : b)
		x = (uint8_t)(rand() >> 7);
	return b;
}

static inline gcm_key random_key()
{
	gcm_key k;
	k.key = random_bytes(rand() & 1 ? 16 : 32);
	for (uint8_t &x : k.salt)
		x = (uint8_t)(rand() >> 7);
	return k;
}

static inline gcm_packet random_packet(unsigned int idx, size_t aad, size_t len)
{
	gcm_packet p;
	p.key_idx = idx;
	p.decrypt = rand() & 1;
	memcpy(p.iv, random_bytes(8).data(), 8);
	p.aad = random_bytes(aad);
	p.in = random_bytes(len);
	return p;
}

/* Output and ICV equal to OpenSSL's? */
static inline bool right(const gcm_packet &p, const gcm_key &k,
			 const gcm_result &r)
{
	uint8_t icv[16];
	bytes out = ref_gcm(k.key, k.salt, p.iv, p.aad, p.in, p.decrypt, icv);
	return r.complete && r.out == out && !memcmp(icv, r.icv, 16);
}

/* All slots, of GCM_CYCLES cycles each, contiguous from `slot` on, every output
 * in the cycle promised? */
static inline bool on_time(const std::vector<gcm_packet> &pkts,
			   const std::vector<gcm_result> &res, uint64_t slot)
{
	for (size_t i = 0; i < pkts.size(); i++) {
		slot += GCM_CYCLES * ((pkts[i].aad.size() + 15) / 16);
		for (uint64_t c : res[i].data_cycles) {
			if (c != slot + GCM_LATENCY)
				return false;
			slot += GCM_CYCLES;
		}
		if (res[i].icv_cycle != slot + GCM_ICV_LATENCY)
			return false;
		slot += GCM_CYCLES;
	}
	return true;
}

#endif
