// SPDX-License-Identifier: Apache-2.0
#include <string.h>
#include <sys/socket.h>
#include "checksum.h"
#include "icmp.h"

#define V4_HLEN 20
#define V6_HLEN 40
#define ICMP_HLEN 8
#define V4_QUOTE 548 /* RFC 1812 section 4.3.2.3: 576 bytes in all */
#define V6_MIN_MTU 1280
#define ESP_BYTES (8 + 8) /* SPI and sequence number, IV */
#define TTL 64

static void put16(uint8_t *p, unsigned int v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

unsigned int icmp_inner_mtu(const struct espalier_sa *sa, int family)
{
	/* in transport mode the header stays outside */
	const bool tunnel = sa->mode == ESPALIER_MODE_TUNNEL;
	const int outer = tunnel ? sa->dst.family : family;
	const unsigned int head = outer == AF_INET ? V4_HLEN : V6_HLEN;
	const unsigned int over = head + ESP_BYTES + sa->icv_len;

	if (!sa->mtu || sa->mtu < over + 4)
		return 0;
	/* what is encrypted ends on 4 bytes, the last two of which are pad
	 * length and next header (RFC 4303 section 2.4) */
	return ((sa->mtu - over) & ~3u) - 2 + (tunnel ? 0 : head);
}

/* No error about an error, a fragment, a group or nobody. */
static bool v4_may_be_told(const uint8_t *ip, unsigned int len)
{
	const unsigned int hlen = (ip[0] & 15u) * 4;

	if (len < V4_HLEN || hlen < V4_HLEN || hlen > len)
		return false;
	if ((ip[6] & 0x1f) | ip[7])
		return false;
	if (ip[9] == IPPROTO_ICMP &&
	    (len <= hlen || (ip[hlen] != 8 && ip[hlen] != 0)))
		return false; /* only of echoes it is certain */
	return ip[12] && ip[12] < 224 && ip[16] < 224;
}

static bool v6_may_be_told(const uint8_t *ip, unsigned int len)
{
	static const uint8_t zero[16];

	if (len < V6_HLEN || ip[8] == 0xff || !memcmp(ip + 8, zero, 16))
		return false;
	return ip[6] != IPPROTO_ICMPV6 || (len > V6_HLEN && ip[V6_HLEN] & 0x80);
}

static unsigned int v4_message(const uint8_t *ip, unsigned int len,
			       unsigned int mtu, uint8_t *out)
{
	uint8_t *icmp = out + V4_HLEN;
	unsigned int quote = len < V4_QUOTE ? len : V4_QUOTE;

	if (!v4_may_be_told(ip, len))
		return 0;
	memset(out, 0, V4_HLEN + ICMP_HLEN);
	out[0] = 0x45;
	put16(out + 2, V4_HLEN + ICMP_HLEN + quote);
	out[8] = TTL;
	out[9] = IPPROTO_ICMP;
	memcpy(out + 12, ip + 16, 4);
	memcpy(out + 16, ip + 12, 4);
	put16(out + 10, checksum(checksum_add(0, out, V4_HLEN)));
	icmp[0] = 3; /* destination unreachable */
	icmp[1] = 4; /* fragmentation needed */
	put16(icmp + 6, mtu);
	memcpy(icmp + ICMP_HLEN, ip, quote);
	put16(icmp + 2, checksum(checksum_add(0, icmp, ICMP_HLEN + quote)));
	return V4_HLEN + ICMP_HLEN + quote;
}

static unsigned int v6_message(const uint8_t *ip, unsigned int len,
			       unsigned int mtu, uint8_t *out)
{
	const unsigned int room = V6_MIN_MTU - V6_HLEN - ICMP_HLEN;
	unsigned int quote = len < room ? len : room;
	uint8_t *icmp = out + V6_HLEN;
	uint32_t sum;

	if (!v6_may_be_told(ip, len))
		return 0;
	memset(out, 0, V6_HLEN + ICMP_HLEN);
	out[0] = 0x60;
	put16(out + 4, ICMP_HLEN + quote);
	out[6] = IPPROTO_ICMPV6;
	out[7] = TTL;
	memcpy(out + 8, ip + 24, 16);
	memcpy(out + 24, ip + 8, 16);
	icmp[0] = 2; /* packet too big */
	put16(icmp + 6, mtu < V6_MIN_MTU ? V6_MIN_MTU : mtu);
	memcpy(icmp + ICMP_HLEN, ip, quote);
	sum = checksum_add(ICMP_HLEN + quote + IPPROTO_ICMPV6, out + 8, 32);
	put16(icmp + 2, checksum(checksum_add(sum, icmp, ICMP_HLEN + quote)));
	return V6_HLEN + ICMP_HLEN + quote;
}

unsigned int icmp_too_big(const uint8_t *frame, unsigned int len,
			  unsigned int l3, unsigned int mtu, uint8_t *out)
{
	const uint8_t *ip = frame + l3;
	unsigned int n;

	if (l3 >= len)
		return 0;
	n = ip[0] >> 4 == 4 ? v4_message(ip, len - l3, mtu, out + l3)
			    : v6_message(ip, len - l3, mtu, out + l3);
	if (!n)
		return 0;
	/* back where it came from; type and tags as they were */
	memcpy(out, frame + 6, 6);
	memcpy(out + 6, frame, 6);
	memcpy(out + 12, frame + 12, l3 - 12);
	return l3 + n;
}
