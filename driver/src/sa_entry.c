// SPDX-License-Identifier: Apache-2.0
/* An SA as the device's table has it. */
#include <string.h>
#include "internal.h"

/* The 128-bit number of an address, least significant word first. */
void espi_addr_words(const struct espalier_addr *addr, uint32_t w[4])
{
	const uint8_t *b = addr->bytes;
	int i, n = addr->family == AF_INET6 ? 4 : addr->family == AF_INET;

	memset(w, 0, 16);
	for (i = 0; i < n; i++, b += 4)
		w[n - 1 - i] =
			(uint32_t)b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3];
}

static void split(uint32_t w[2], uint64_t v)
{
	w[0] = (uint32_t)v;
	w[1] = (uint32_t)(v >> 32);
}

static uint32_t icv_code(unsigned int icv_len)
{
	return icv_len == 16 ? 0 : icv_len == 12 ? 1 : 2;
}

static uint32_t out_flags(const struct espalier_sa *sa)
{
	uint32_t f = (uint32_t)sa->df << ESPALIER_SA_DF_SHIFT |
		     (uint32_t)sa->ttl << ESPALIER_SA_TTL_SHIFT;

	if (sa->dscp < 0)
		return f | ESPALIER_SA_DSCP_COPY;
	return f | (uint32_t)sa->dscp << ESPALIER_SA_DSCP_SHIFT;
}

void espi_sa_encode(const struct espalier_sa *sa, uint16_t gen,
		    struct espalier_sa_entry *e)
{
	memset(e, 0, sizeof(*e));
	e->flags = icv_code(sa->icv_len) << ESPALIER_SA_ICV_SHIFT;
	if (sa->mode == ESPALIER_MODE_TUNNEL)
		e->flags |= ESPALIER_SA_TUNNEL;
	if (sa->dst.family == AF_INET6)
		e->flags |= ESPALIER_SA_V6;
	if (sa->esn)
		e->flags |= ESPALIER_SA_ESN;
	if (sa->ecn)
		e->flags |= ESPALIER_SA_ECN;
	e->spi = sa->spi;
	e->gen_reqid = gen | (uint32_t)sa->reqid << 16;
	espi_addr_words(&sa->dst, e->dst);
	split(e->seq, sa->seq);
	split(e->soft_bytes, sa->limits.soft_bytes);
	split(e->hard_bytes, sa->limits.hard_bytes);
	split(e->soft_packets, sa->limits.soft_packets);
	split(e->hard_packets, sa->limits.hard_packets);
	if (sa->dir == ESPALIER_DIR_OUT) {
		e->flags |= out_flags(sa);
		e->flow_window = sa->flow_label;
		e->mtu_queue = sa->mtu;
		espi_addr_words(&sa->src, e->src);
	} else {
		if (sa->window)
			e->flags |= ESPALIER_SA_REPLAY;
		e->flow_window = sa->window;
		if (sa->queue >= 0)
			e->mtu_queue = 0x100 | (uint32_t)sa->queue;
	}
}
