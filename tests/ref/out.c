// SPDX-License-Identifier: Apache-2.0
/* Outbound processing: RFC 4301 section 5.1, RFC 4303 section 3.3. */
#include <string.h>
#include "ref.h"
#include "bytes.h"

static void drop(struct ref_result *r, enum espalier_code code)
{
	r->code = code;
	r->len = 0;
}

static bool seq_used_up(struct ref_sa *sa)
{
	if (sa->seq >= (sa->cfg.esn ? UINT64_MAX : UINT32_MAX))
		sa->seq_stop = true;
	return sa->seq_stop;
}

/* RFC 4301 section 5.1.2, with RFC 6040 section 4.1 for ECN */
static size_t tunnel_header(const struct espalier_sa *sa,
			    const struct ref_ip *inner, uint8_t *p,
			    size_t payload)
{
	uint8_t ecn = sa->ecn ? inner->tos & 3 : 0;
	uint8_t tos = (sa->dscp < 0 ? inner->tos & 0xfc : sa->dscp << 2) | ecn;
	uint8_t ttl = sa->ttl ? sa->ttl : inner->ttl;
	/* an IPv6 datagram must not be fragmented on the way either */
	bool df = sa->df == ESPALIER_DF_SET ||
		  (sa->df == ESPALIER_DF_COPY &&
		   (inner->df || inner->kind == REF_IPV6));

	if (sa->dst.family == AF_INET) {
		p[0] = 0x45;
		p[1] = tos;
		put16(p + 2, 20 + payload);
		put16(p + 4, 0);
		put16(p + 6, df ? 0x4000 : 0);
		p[8] = ttl;
		p[9] = 50;
		put16(p + 10, 0);
		memcpy(p + 12, sa->src.bytes, 4);
		memcpy(p + 16, sa->dst.bytes, 4);
		put16(p + 10, ref_checksum(p, 20));
		return 20;
	}
	put32(p, 6u << 28 | (uint32_t)tos << 20 | sa->flow_label);
	put16(p + 4, payload);
	p[6] = 50;
	p[7] = ttl;
	memcpy(p + 8, sa->src.bytes, 16);
	memcpy(p + 24, sa->dst.bytes, 16);
	return 40;
}

/* RFC 4303 section 3.1.1: ESP stands behind the headers that routers read,
 * hop-by-hop options, routing and fragment, and before destination options */
static size_t transport_header(const uint8_t *l3, const struct ref_ip *ip,
			       uint8_t *p, size_t payload)
{
	memcpy(p, l3, ip->hdr_len);
	p[ip->nh_off] = 50;
	if (ip->kind == REF_IPV4) {
		put16(p + 2, ip->hdr_len + payload);
		put16(p + 10, 0);
		put16(p + 10, ref_checksum(p, ip->hdr_len));
	} else {
		put16(p + 4, ip->hdr_len - 40 + payload);
	}
	return ip->hdr_len;
}

/* RFC 4303 section 2, RFC 4106 section 3: returns the bytes of the ESP packet
 */
static size_t seal(const struct ref_sa *sa, uint64_t seq, const uint8_t *data,
		   size_t len, uint8_t next_header, uint8_t *p)
{
	uint8_t plain[REF_BUF], aad[12];
	size_t aad_len = 8, n = len;

	memcpy(plain, data, len);
	for (uint8_t i = 1; (n + 2) % 4; i++)
		plain[n++] = i;
	plain[n] = n - len;
	plain[n + 1] = next_header;
	n += 2;

	put32(p, sa->cfg.spi);
	put32(p + 4, seq);
	put64(p + 8, seq);
	memcpy(aad, p, 8);
	if (sa->cfg.esn) { /* RFC 4106 section 5 */
		put64(aad + 4, seq);
		aad_len = 12;
	}
	ref_gcm_seal(&(struct ref_gcm){ .key = sa->cfg.key,
					.key_len = sa->cfg.key_len,
					.icv_len = sa->cfg.icv_len,
					.iv = p + 8,
					.aad = aad,
					.aad_len = aad_len },
		     plain, n, p + 16, p + 16 + n);
	return 16 + n + sa->cfg.icv_len;
}

static void protect(struct ref_sa *sa, const uint8_t *frame,
		    const struct ref_eth *eth, const struct ref_ip *ip,
		    struct ref_result *r)
{
	bool tunnel = sa->cfg.mode == ESPALIER_MODE_TUNNEL;
	const uint8_t *l3 = frame + eth->hdr_len;
	size_t skip = tunnel ? 0 : ip->hdr_len;
	size_t data = ip->len - skip;
	size_t esp = 16 + (data + 2 + 3) / 4 * 4 + sa->cfg.icv_len;
	bool outer4 =
		tunnel ? sa->cfg.dst.family == AF_INET : ip->kind == REF_IPV4;
	size_t hdr = tunnel ? (outer4 ? 20 : 40) : ip->hdr_len;
	uint8_t nh = l3[ip->nh_off];
	uint8_t *p = r->frame;

	r->sa = sa->handle;
	if (!tunnel && (ip->frag || ip->too_long))
		return drop(r, ESPALIER_TX_MODE_ERROR);
	if ((sa->cfg.mtu && hdr + esp > sa->cfg.mtu) ||
	    eth->hdr_len + hdr + esp > REF_FRAME_MAX)
		return drop(r, ESPALIER_TX_TOO_BIG);
	if (sa->hard)
		return drop(r, ESPALIER_TX_STATE_EXPIRED);
	if (seq_used_up(sa))
		return drop(r, ESPALIER_TX_SEQ_OVERFLOW);

	r->seq = ++sa->seq;
	ref_sa_count(sa, ip->len);

	memcpy(p, frame, eth->hdr_len);
	put16(p + eth->hdr_len - 2, outer4 ? 0x0800 : 0x86dd);
	p += eth->hdr_len;
	if (tunnel) {
		r->free_id = outer4;
		p += tunnel_header(&sa->cfg, ip, p, esp);
		nh = ip->kind == REF_IPV4 ? 4 : 41;
	} else {
		p += transport_header(l3, ip, p, esp);
	}
	p += seal(sa, r->seq, l3 + skip, data, nh, p);
	r->len = p - r->frame;
	r->code = ESPALIER_TX_PROTECTED;
}

static void bypass(struct ref_result *r, const uint8_t *frame, size_t len)
{
	memcpy(r->frame, frame, len);
	r->len = len;
	r->code = ESPALIER_TX_BYPASSED;
}

void ref_out(struct ref_dev *dev, const uint8_t *frame, size_t len,
	     uint32_t handle, struct ref_result *r)
{
	const struct ref_policy *pol;
	struct ref_eth eth;
	struct ref_ip ip;
	struct ref_sa *sa;

	r->sa = 0;
	r->seq = 0;
	r->queue = -1;
	r->free_id = false;
	if (len > REF_FRAME_MAX || ref_eth_parse(frame, len, &eth))
		return drop(r, ESPALIER_TX_LEN_INVALID);
	if (eth.kind == REF_ARP || eth.kind == REF_OTHER) {
		if (eth.kind == REF_ARP ? dev->out_arp_bypass
					: dev->out_nonip_bypass)
			return bypass(r, frame, len);
		return drop(r, ESPALIER_TX_NONIP_DISCARD);
	}
	ref_ip_parse(frame + eth.hdr_len, len - eth.hdr_len, eth.kind, &ip);
	if (ip.bad)
		return drop(r, ESPALIER_TX_HDR_ERROR);

	if (handle) {
		sa = ref_sa_find(dev, handle);
		if (!sa || sa->cfg.dir != ESPALIER_DIR_OUT)
			return drop(r, ESPALIER_TX_HANDLE_STALE);
		return protect(sa, frame, &eth, &ip, r);
	}
	pol = ref_policy_match(dev, ESPALIER_DIR_OUT, &ip);
	if (!pol)
		return drop(r, ESPALIER_TX_NO_POLICY);
	switch (pol->cfg.action) {
	case ESPALIER_DISCARD:
		return drop(r, ESPALIER_TX_POL_BLOCK);
	case ESPALIER_BYPASS:
		return bypass(r, frame, eth.hdr_len + ip.len);
	case ESPALIER_PROTECT:
		sa = ref_sa_find(dev, pol->cfg.sa);
		if (!sa || sa->cfg.dir != ESPALIER_DIR_OUT)
			return drop(r, ESPALIER_TX_NO_STATE);
		return protect(sa, frame, &eth, &ip, r);
	}
}
