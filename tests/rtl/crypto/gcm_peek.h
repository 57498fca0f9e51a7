/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks into the memories of the model: how many 32-bit words of key material a
 * context or the install unit still holds. See peek.vlt.
 */
#ifndef GCM_PEEK_H
#define GCM_PEEK_H

#include "Vgcm_core___024root.h"
#include "gcm_model.h"

template <class W> unsigned int words_set(const W &wide)
{
	unsigned int n = 0;
	for (int i = 0; i < 4; i++)
		n += wide[i] != 0;
	return n;
}

/* 32-bit words of one context that are set in the RAM of a round unit, from a
 * pass on. */
template <class M>
unsigned int keys_set(const M &mem, unsigned int idx, unsigned int p)
{
	unsigned int n = 0;
	for (; p < GCM_CYCLES; p++)
		n += words_set(mem[p * TEST_KEY_ENTRIES + idx]);
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
#define UNIT(U)                                                                                                                         \
	keys_set(                                                                                                                       \
		r->gcm_core__DOT__u_aes__DOT__g_small__DOT__u_aes__DOT__g_unit__BRA__##U##__KET____DOT__u_round__DOT__u_keys__DOT__mem, \
		idx, (U) == 0 && GCM_CYCLES > 1)
	/* unit 0 has no key of the first of several passes */
	n += UNIT(0) + UNIT(1) + UNIT(2) + UNIT(3);
#if TEST_CYCLES < 4
	n += UNIT(4) + UNIT(5) + UNIT(6) + UNIT(7);
#endif
#if TEST_CYCLES < 2
	n += UNIT(8) + UNIT(9) + UNIT(10) + UNIT(11) + UNIT(12) + UNIT(13) +
	     UNIT(14);
#endif
#undef UNIT
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
