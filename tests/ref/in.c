// SPDX-License-Identifier: Apache-2.0
/* Inbound processing: RFC 4301 section 5.2, RFC 4303 section 3.4. */
#include <string.h>
#include "ref.h"
#include "bytes.h"

static void drop(struct ref_result *r, enum espalier_code code)
{
	r->code = code;
	r->len = 0;
}

static struct ref_sa *lookup(struct ref_dev *dev, uint32_t spi,
			     const struct ref_ip *ip)
{
	int family = ip->kind == REF_IPV4 ? AF_INET : AF_INET6;
	size_t n = family == AF_INET ? 4 : 16;

	for (struct ref_sa *sa = dev->sas; sa; sa = sa->next)
		if (sa->cfg.dir == ESPALIER_DIR_IN && sa->cfg.spi == spi &&
		    sa->cfg.dst.family == family &&
		    !memcmp(sa->cfg.dst.bytes, ip->dst, n))
			return sa;
	return NULL;
}

static bool for_us(const struct ref_dev *dev, const uint8_t *frame)
{
	return dev->promisc || (frame[0] & 1) || !memcmp(frame, dev->mac, 6);
}

/* Decide over a datagram in clear (@sa NULL) or one that @sa has protected. */
static void policy(struct ref_dev *dev, const struct ref_sa *sa,
		   const struct ref_ip *ip, struct ref_result *r)
{
	const struct ref_policy *pol =
		ref_policy_match(dev, ESPALIER_DIR_IN, ip);

	if (!pol) /* section 5.2 step 4: not this SA's selectors */
		return drop(r, sa ? ESPALIER_RX_TMPL_MISMATCH
				  : ESPALIER_RX_NO_POLICY);
	switch (pol->cfg.action) {
	case ESPALIER_DISCARD:
		return drop(r, ESPALIER_RX_POL_BLOCK);
	case ESPALIER_BYPASS:
		if (sa)
			return drop(r, ESPALIER_RX_TMPL_MISMATCH);
		r->code = ESPALIER_RX_BYPASSED;
		return;
	case ESPALIER_PROTECT:
		if (!sa || sa->cfg.reqid != pol->cfg.reqid)
			return drop(r, ESPALIER_RX_TMPL_MISMATCH);
		r->code = ESPALIER_RX_PROTECTED;
		return;
	}
}

/* RFC 6040 section 4.2, figure 4: the inner field to forward, -1 to drop */
static int ecn_out(int inner, int outer)
{
	enum { NOT_ECT = 0, ECT1 = 1, ECT0 = 2, CE = 3 };

	if (inner == NOT_ECT)
		return outer == CE ? -1 : NOT_ECT;
	if (outer == CE)
		return CE;
	if (inner == ECT0 && outer == ECT1)
		return ECT1;
	return inner;
}

static void set_ecn(uint8_t *p, enum ref_kind kind, int ecn)
{
	if (kind == REF_IPV6) {
		p[1] = (p[1] & 0xcf) | ecn << 4;
		return;
	}
	p[1] = (p[1] & 0xfc) | ecn;
	put16(p + 10, 0);
	put16(p + 10, ref_checksum(p, 4 * (p[0] & 15)));
}

/* The tunnel ends here: @p holds @len bytes of inner datagram and perhaps
 * traffic flow padding (RFC 4303 section 2.7). */
static void tunnel_end(struct ref_dev *dev, const struct ref_sa *sa,
		       const struct ref_ip *outer, size_t l2, uint8_t nh,
		       const uint8_t *p, size_t len, struct ref_result *r)
{
	enum ref_kind kind = nh == 4 ? REF_IPV4 : REF_IPV6;
	struct ref_ip ip;
	int ecn;

	ref_ip_parse(p, len, kind, &ip);
	if (ip.bad)
		return drop(r, ESPALIER_RX_INNER_ERROR);
	ecn = sa->cfg.ecn ? ecn_out(ip.tos & 3, outer->tos & 3) : ip.tos & 3;
	if (ecn < 0)
		return drop(r, ESPALIER_RX_ECN_DROP);
	put16(r->frame + l2 - 2, kind == REF_IPV4 ? 0x0800 : 0x86dd);
	memcpy(r->frame + l2, p, ip.len);
	if (ecn != (ip.tos & 3))
		set_ecn(r->frame + l2, kind, ecn);
	r->len = l2 + ip.len;
	policy(dev, sa, &ip, r);
}

/* The selectors are those of the datagram as it was before ESP: extension
 * headers inside the protected part (RFC 4303 section 3.1.1) are looked through
 * like any others. */
static void transport_end(struct ref_dev *dev, const struct ref_sa *sa,
			  const struct ref_ip *outer, size_t l2, uint8_t nh,
			  const uint8_t *p, size_t len, struct ref_result *r)
{
	uint8_t *l3 = r->frame + l2;
	struct ref_ip ip;

	/* r->frame still starts with the headers as they came */
	l3[outer->nh_off] = nh;
	if (outer->kind == REF_IPV4) {
		put16(l3 + 2, outer->hdr_len + len);
		put16(l3 + 10, 0);
		put16(l3 + 10, ref_checksum(l3, outer->hdr_len));
	} else {
		put16(l3 + 4, outer->hdr_len - 40 + len);
	}
	memcpy(l3 + outer->hdr_len, p, len);
	r->len = l2 + outer->hdr_len + len;
	ref_ip_parse(l3, outer->hdr_len + len, outer->kind, &ip);
	if (ip.bad)
		return drop(r, ESPALIER_RX_INNER_ERROR);
	policy(dev, sa, &ip, r);
}

static void esp(struct ref_dev *dev, const uint8_t *frame, size_t l2,
		const struct ref_ip *outer, struct ref_result *r)
{
	const uint8_t *p = frame + l2 + outer->hdr_len;
	size_t len = outer->len - outer->hdr_len, text, pad;
	uint8_t plain[REF_BUF], aad[12], nh;
	struct ref_sa *sa;
	uint64_t seq;
	bool tunnel;

	/* RFC 4303 section 3.4.1 */
	if (outer->frag)
		return drop(r, ESPALIER_RX_FRAGMENT);
	/* section 2: ESP header, IV, trailer, at least the shortest ICV;
	 * aligned to 4; SPI 0 is not for the wire */
	if (outer->too_long || len % 4 || len < 16 + 4 + 8 || !get32(p))
		return drop(r, ESPALIER_RX_HDR_ERROR);
	sa = lookup(dev, get32(p), outer);
	if (!sa)
		return drop(r, ESPALIER_RX_NO_STATE);
	r->sa = sa->handle;
	if (sa->hard)
		return drop(r, ESPALIER_RX_STATE_EXPIRED);
	if (len < 16 + 4 + sa->cfg.icv_len)
		return drop(r, ESPALIER_RX_HDR_ERROR);
	r->queue = sa->cfg.queue;

	seq = get32(p + 4);
	if (sa->cfg.esn &&
	    !ref_esn_infer(sa->window.top, sa->cfg.window, seq, &seq)) {
		sa->replays++;
		return drop(r, ESPALIER_RX_REPLAY);
	}
	r->seq = seq;
	if (!ref_window_ok(&sa->window, seq)) {
		sa->replays++;
		return drop(r, ESPALIER_RX_REPLAY);
	}

	text = len - 16 - sa->cfg.icv_len;
	put32(aad, sa->cfg.spi);
	if (sa->cfg.esn)
		put64(aad + 4, seq);
	else
		put32(aad + 4, seq);
	if (!ref_gcm_open(&(struct ref_gcm){ .key = sa->cfg.key,
					     .key_len = sa->cfg.key_len,
					     .icv_len = sa->cfg.icv_len,
					     .iv = p + 8,
					     .aad = aad,
					     .aad_len = sa->cfg.esn ? 12 : 8 },
			  p + 16, text, plain, p + 16 + text)) {
		sa->auth_failures++;
		return drop(r, ESPALIER_RX_AUTH_FAILED);
	}
	ref_window_commit(&sa->window, seq);

	nh = plain[text - 1];
	pad = plain[text - 2];
	if (pad + 2 > text)
		return drop(r, ESPALIER_RX_PAD_ERROR);
	text -= pad + 2;
	/* section 3.4.4.1: the default padding is checked */
	for (size_t i = 0; i < pad; i++)
		if (plain[text + i] != i + 1)
			return drop(r, ESPALIER_RX_PAD_ERROR);
	if (nh == 59) /* RFC 4303 section 2.6 */
		return drop(r, ESPALIER_RX_DUMMY);
	tunnel = sa->cfg.mode == ESPALIER_MODE_TUNNEL;
	if (tunnel && nh != 4 && nh != 41)
		return drop(r, ESPALIER_RX_MODE_ERROR);

	memcpy(r->frame, frame, l2 + outer->hdr_len);
	if (tunnel)
		tunnel_end(dev, sa, outer, l2, nh, plain, text, r);
	else
		transport_end(dev, sa, outer, l2, nh, plain, text, r);
	if (r->code == ESPALIER_RX_PROTECTED)
		ref_sa_count(sa, r->len - l2);
}

void ref_in(struct ref_dev *dev, const uint8_t *frame, size_t len,
	    struct ref_result *r)
{
	struct ref_eth eth;
	struct ref_ip ip;

	r->sa = 0;
	r->seq = 0;
	r->queue = -1;
	r->free_id = false;
	if (len > REF_FRAME_MAX || ref_eth_parse(frame, len, &eth))
		return drop(r, ESPALIER_RX_FRAME_ERROR);
	if (!for_us(dev, frame))
		return drop(r, ESPALIER_RX_MAC_FILTER);
	if (eth.kind == REF_ARP || eth.kind == REF_OTHER) {
		if (!(eth.kind == REF_ARP ? dev->in_arp_bypass
					  : dev->in_nonip_bypass))
			return drop(r, ESPALIER_RX_NONIP_DISCARD);
		memcpy(r->frame, frame, len);
		r->len = len;
		r->code = ESPALIER_RX_BYPASSED;
		return;
	}
	ref_ip_parse(frame + eth.hdr_len, len - eth.hdr_len, eth.kind, &ip);
	if (ip.bad)
		return drop(r, ESPALIER_RX_HDR_ERROR);
	if (ip.proto == 50)
		return esp(dev, frame, eth.hdr_len, &ip, r);
	memcpy(r->frame, frame, eth.hdr_len + ip.len);
	r->len = eth.hdr_len + ip.len;
	policy(dev, NULL, &ip, r);
}

bool ref_same(const uint8_t *want, size_t want_len, const uint8_t *got,
	      size_t got_len, bool outer_id)
{
	uint8_t copy[REF_BUF];
	struct ref_eth eth;
	uint8_t *p;

	if (want_len != got_len)
		return false;
	memcpy(copy, want, want_len);
	if (outer_id && !ref_eth_parse(copy, want_len, &eth) &&
	    eth.kind == REF_IPV4) {
		p = copy + eth.hdr_len;
		memcpy(p + 4, got + eth.hdr_len + 4, 2);
		put16(p + 10, 0);
		put16(p + 10, ref_checksum(p, 4 * (p[0] & 15)));
	}
	return !memcmp(copy, got, want_len);
}
