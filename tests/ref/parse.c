// SPDX-License-Identifier: Apache-2.0
/* Layer 2 and layer 3 of a frame (RFC 791, 8200), as far as IPsec looks. */
#include <errno.h>
#include <string.h>
#include "ref.h"
#include "bytes.h"

enum {
	ETH_IPV4 = 0x0800,
	ETH_ARP = 0x0806,
	ETH_IPV6 = 0x86dd,
	ETH_CTAG = 0x8100,
	ETH_STAG = 0x88a8,
};

/* Extension headers are followed while they start in the first 64 bytes. */
#define PARSE_WINDOW 64

int ref_eth_parse(const uint8_t *frame, size_t len, struct ref_eth *eth)
{
	size_t off = 12;
	int tags = 0;

	if (len < 14)
		return -EINVAL;
	while (tags < 2 && off + 6 <= len &&
	       (get16(frame + off) == ETH_CTAG ||
		get16(frame + off) == ETH_STAG)) {
		off += 4;
		tags++;
	}
	eth->hdr_len = off + 2;
	switch (get16(frame + off)) {
	case ETH_IPV4:
		eth->kind = REF_IPV4;
		break;
	case ETH_IPV6:
		eth->kind = REF_IPV6;
		break;
	case ETH_ARP:
		eth->kind = REF_ARP;
		break;
	default:
		eth->kind = REF_OTHER;
	}
	return 0;
}

uint16_t ref_checksum(const uint8_t *p, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i += 2)
		sum += get16(p + i);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

static bool has_ports(uint8_t proto)
{
	switch (proto) {
	case 6: /* TCP */
	case 17: /* UDP */
	case 33: /* DCCP */
	case 132: /* SCTP */
	case 136: /* UDP-Lite */
		return true;
	}
	return false;
}

/* What the selectors of RFC 4301 section 4.4.1.1 see. */
static void upper_layer(uint8_t proto, const uint8_t *p, size_t len,
			struct ref_ip *ip)
{
	ip->proto = proto;
	ip->ports_ok = false;
	if (has_ports(proto) && len >= 4) {
		ip->ports_ok = true;
		ip->sport = get16(p);
		ip->dport = get16(p + 2);
	}
	if ((proto == 1 || proto == 58) && len >= 2) { /* ICMP type, code */
		ip->ports_ok = true;
		ip->sport = p[0];
		ip->dport = p[1];
	}
}

static void parse_v4(const uint8_t *p, size_t len, struct ref_ip *ip)
{
	size_t hl, tl;

	ip->bad = true;
	if (len < 20 || p[0] >> 4 != 4)
		return;
	hl = 4 * (p[0] & 15);
	tl = get16(p + 2);
	if (hl < 20 || tl < hl || tl > len || ref_checksum(p, hl) != 0)
		return;
	ip->bad = false;
	ip->len = tl;
	ip->upper = hl;
	ip->hdr_len = hl;
	ip->nh_off = 9;
	ip->tos = p[1];
	ip->ttl = p[8];
	ip->proto = p[9];
	ip->df = p[6] & 0x40;
	ip->frag = (get16(p + 6) & 0x3fff) != 0;
	ip->first = (get16(p + 6) & 0x1fff) == 0;
	memcpy(ip->src, p + 12, 4);
	memcpy(ip->dst, p + 16, 4);
}

static bool is_extension(uint8_t proto)
{
	switch (proto) {
	case 0: /* hop-by-hop options */
	case 43: /* routing */
	case 44: /* fragment */
	case 60: /* destination options */
	case 135: /* mobility */
	case 139: /* host identity */
	case 140: /* shim6 */
		return true;
	}
	return false;
}

static void parse_v6(const uint8_t *p, size_t len, struct ref_ip *ip)
{
	size_t o = 40, named = 6;

	ip->bad = true;
	if (len < 40 || p[0] >> 4 != 6)
		return;
	ip->len = 40 + get16(p + 4);
	/* a payload length of 0 would be a jumbogram (RFC 2675) */
	if (ip->len > len || ip->len == 40)
		return;
	ip->tos = get16(p) >> 4;
	ip->ttl = p[7];
	ip->proto = p[6];
	ip->first = true;
	ip->hdr_len = 40;
	ip->nh_off = 6;
	memcpy(ip->src, p + 8, 16);
	memcpy(ip->dst, p + 24, 16);

	while (ip->first && is_extension(ip->proto) && o < PARSE_WINDOW) {
		size_t at = o, ext = 8;
		uint8_t kind = ip->proto;

		if (o + 8 > ip->len)
			return;
		if (kind == 44) {
			ip->first = (get16(p + o + 2) & 0xfff8) == 0;
			ip->frag |= (get16(p + o + 2) & 0xfff9) != 0;
		} else {
			ext = 8 * (p[o + 1] + 1);
		}
		ip->proto = p[o];
		named = at;
		o += ext;
		if (kind == 0 || kind == 43 || kind == 44) {
			ip->hdr_len = o;
			ip->nh_off = at;
		}
	}
	if (o > ip->len)
		return;
	ip->bad = false;
	ip->upper = o;
	ip->too_long =
		o > PARSE_WINDOW || (ip->first && is_extension(ip->proto));
	if (ip->proto == 50) { /* there it is already */
		ip->hdr_len = o;
		ip->nh_off = named;
	}
}

void ref_ip_parse(const uint8_t *p, size_t len, enum ref_kind kind,
		  struct ref_ip *ip)
{
	memset(ip, 0, sizeof(*ip));
	ip->kind = kind;
	if (kind == REF_IPV4)
		parse_v4(p, len, ip);
	else
		parse_v6(p, len, ip);
	if (!ip->bad && ip->first && !ip->too_long)
		upper_layer(ip->proto, p + ip->upper, ip->len - ip->upper, ip);
}
