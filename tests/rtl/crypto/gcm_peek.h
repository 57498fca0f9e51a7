/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks into the memories of the model: how many 32-bit words of key material a
 * context or the install unit still holds. See peek.vlt.
 */
#ifndef GCM_PEEK_H
#define GCM_PEEK_H

#include "Vgcm_core___024root.h"
#include "gcm_model.h"

/* 32-bit words of one context that are set in a RAM of half keys of each pass. */
template <class M>
unsigned int halves_set(const M &mem, unsigned int idx, unsigned int passes)
{
	unsigned int n = 0;
	for (unsigned int p = 0; p < passes; p++)
		for (unsigned int i = 0; i < 2; i++) {
			uint64_t w = mem[2 * (p * TEST_KEY_ENTRIES + idx) + i];
			n += ((uint32_t)w != 0) + (w >> 32 != 0);
		}
	return n;
}

template <class W> unsigned int words_set(const W &wide)
{
	unsigned int n = 0;
	for (int i = 0; i < 4; i++)
		n += wide[i] != 0;
	return n;
}

/* Words that are not zero in the round keys of one context. */
inline unsigned int round_keys_set(gcm_model &m, unsigned int idx)
{
	Vgcm_core___024root *r = m.top.rootp;
	unsigned int n = 0;
#if TEST_SBOX == 0
	for (unsigned int i = 0; i < 15; i++)
		n += words_set(
			r->gcm_core__DOT__u_aes__DOT__g_fast__DOT__u_aes__DOT__keys
				[16 * idx + i]);
#else
	/* a unit holds the keys of round R and, passed twice, of R + 7 */
#define ROUND_KEY(R)                                                                                                                                   \
	halves_set(                                                                                                                                    \
		r->gcm_core__DOT__u_aes__DOT__g_small__DOT__u_aes__DOT__g_round__BRA__##R##__KET____DOT__u_round__DOT__u_keys__DOT__u_mem__DOT__mem, \
		idx, GCM_CYCLES)
	n += halves_set(
		r->gcm_core__DOT__u_aes__DOT__g_small__DOT__u_aes__DOT__u_first_key__DOT__u_mem__DOT__mem,
		idx, 1);
	n += ROUND_KEY(1) + ROUND_KEY(2) + ROUND_KEY(3) + ROUND_KEY(4) +
	     ROUND_KEY(5) + ROUND_KEY(6) + ROUND_KEY(7);
#if TEST_CYCLES == 1
	n += ROUND_KEY(8) + ROUND_KEY(9) + ROUND_KEY(10) + ROUND_KEY(11) +
	     ROUND_KEY(12) + ROUND_KEY(13) + ROUND_KEY(14);
#endif
#undef ROUND_KEY
#endif
	return n;
}

/* The same of H powers and salt. */
inline unsigned int hash_keys_set(gcm_model &m, unsigned int idx)
{
	unsigned int n =
		m.top.rootp->gcm_core__DOT__u_seq__DOT__u_ctx__DOT__mem[idx] !=
		0;
	for (unsigned int i = 0; i < GCM_POWERS; i++)
		n += words_set(m.top.rootp->gcm_core__DOT__u_powers__DOT__mem
				       [GCM_POWERS * idx + i]);
	return n;
}

/* Working registers of the install unit that are not clean. */
inline unsigned int install_unit_set(gcm_model &m)
{
	Vgcm_core___024root *r = m.top.rootp;
	return (r->gcm_core__DOT__u_keys__DOT__salt != 0) +
	       words_set(r->gcm_core__DOT__u_keys__DOT__ka) +
	       words_set(r->gcm_core__DOT__u_keys__DOT__kb) +
	       words_set(r->gcm_core__DOT__u_keys__DOT__s) +
	       words_set(r->gcm_core__DOT__u_keys__DOT__n) +
	       words_set(r->gcm_core__DOT__u_keys__DOT__x) +
	       words_set(r->gcm_core__DOT__rk_data) +
	       /* the S-boxes were fed with zeros last */
	       (r->gcm_core__DOT__u_keys__DOT__sub != 0x63636363);
}

#endif
