// SPDX-License-Identifier: Apache-2.0
#include <string.h>
#include "bytes.h"
#include "gen.h"
#include "ref.h"

static const uint8_t broadcast[6] = { 255, 255, 255, 255, 255, 255 };

struct espalier_addr gen_addr(int family, unsigned int net, unsigned int host)
{
	struct espalier_addr a = { .family = family };

	if (family == AF_INET) {
		put32(a.bytes, 0x0a000000 | net << 16 | (host & 0xffff));
	} else {
		put32(a.bytes, 0x20010db8);
		put16(a.bytes + 4, net);
		put16(a.bytes + 14, host);
	}
	return a;
}

struct espalier_addr gen_gateway(int family, unsigned int n)
{
	struct espalier_addr a = gen_addr(family, 0xff, n);

	if (family == AF_INET)
		put32(a.bytes, 0xc0000000 | (n & 0xffffff));
	return a;
}

/* ---------------------------------------------------------------- frames */

static size_t ether(struct rng *r, const struct gen_frame *g, uint8_t *p,
		    uint16_t type)
{
	size_t n = 12;

	rng_fill(r, p, 12);
	p[0] &= 0xfe;
	p[6] &= 0xfe;
	if (g->dmac)
		memcpy(p, g->dmac, 6);
	else if (rng_percent(r, 5))
		memcpy(p, broadcast, 6);
	for (int i = 0; i < 2 && rng_percent(r, g->vlan); i++) {
		put16(p + n, rng_percent(r, 50) ? 0x8100 : 0x88a8);
		put16(p + n + 2, rng_next(r));
		n += 4;
	}
	put16(p + n, type);
	return n + 2;
}

static int pick_proto(struct rng *r, const struct gen_frame *g, bool v6)
{
	static const uint8_t common[] = { 6, 17, 17, 6, 1, 132, 136, 47, 89 };
	uint8_t p;

	if (g->proto >= 0)
		return g->proto;
	if (rng_percent(r, 5)) {
		do
			p = rng_next(r);
		while (p == 0 || p == 43 || p == 44 || p == 50 || p == 51 ||
		       p == 60 || p == 135 || p == 139 || p == 140 ||
		       p == 253 || p == 254 || p == 59);
		return p;
	}
	p = common[rng_below(r, sizeof(common))];
	return v6 && p == 1 ? 58 : p;
}

/* Random content, with ports from a small set so that policies meet them. */
static void upper(struct rng *r, uint8_t *p, size_t len, int proto)
{
	rng_fill(r, p, len);
	if (len >= 4 &&
	    (proto == 6 || proto == 17 || proto == 132 || proto == 136)) {
		put16(p, rng_range(r, 1000, 1010));
		put16(p + 2, rng_range(r, 2000, 2010));
	}
	if (len >= 2 && (proto == 1 || proto == 58)) {
		p[0] = rng_below(r, 16);
		p[1] = rng_below(r, 4);
	}
}

static void address(struct rng *r, const struct espalier_addr *a, int family,
		    uint8_t *p)
{
	struct espalier_addr b;

	if (!a) {
		b = gen_addr(family, rng_below(r, 4), rng_below(r, 32));
		a = &b;
	}
	memcpy(p, a->bytes, family == AF_INET ? 4 : 16);
}

static size_t datagram4(struct rng *r, const struct gen_frame *g, uint8_t *p,
			size_t len)
{
	size_t hl = 20;
	uint16_t frag = rng_percent(r, 50) ? 0x4000 : 0;
	int proto = pick_proto(r, g, false);

	if (rng_percent(r, g->options))
		hl += 4 * rng_range(r, 1, 10);
	if (len < hl)
		len = hl;
	if (rng_percent(r, g->fragment))
		frag = rng_percent(r, 50) ? 0x2000 : rng_below(r, 0x2000) + 1;
	memset(p, 0, hl);
	p[0] = 0x40 | hl / 4;
	p[1] = rng_next(r);
	put16(p + 2, len);
	put16(p + 4, rng_next(r));
	put16(p + 6, frag & 0x7fff);
	p[8] = rng_range(r, 1, 255);
	p[9] = proto;
	address(r, g->src, AF_INET, p + 12);
	address(r, g->dst, AF_INET, p + 16);
	for (size_t i = 20; i < hl; i++)
		p[i] = 1; /* no operation */
	put16(p + 10, ref_checksum(p, hl));
	upper(r, p + hl, len - hl, proto);
	return len;
}

static size_t datagram6(struct rng *r, const struct gen_frame *g, uint8_t *p,
			size_t len)
{
	int proto = pick_proto(r, g, true);
	size_t o = 40, nh = 6;
	uint8_t opts[3];
	size_t n = 0;

	if (rng_percent(r, g->options)) {
		/* in the order that RFC 8200 section 4.1 recommends */
		if (rng_percent(r, 60))
			opts[n++] = 0;
		if (rng_percent(r, 30))
			opts[n++] = 43;
		if (rng_percent(r, 40))
			opts[n++] = 60;
	}
	memset(p, 0, 40);
	put32(p, 6u << 28 | (rng_next(r) & 0x0fffffff));
	p[7] = rng_range(r, 1, 255);
	address(r, g->src, AF_INET6, p + 8);
	address(r, g->dst, AF_INET6, p + 24);
	for (size_t i = 0; i < n; i++) {
		size_t ext = 8 * (rng_percent(r, 80) ? 1 : rng_range(r, 1, 4));

		p[nh] = opts[i];
		nh = o;
		memset(p + o, 0, ext);
		p[o + 1] = ext / 8 - 1;
		if (opts[i] != 43) { /* one PadN */
			p[o + 2] = 1;
			p[o + 3] = ext - 4;
		}
		o += ext;
	}
	if (rng_percent(r, g->fragment)) {
		p[nh] = 44;
		nh = o;
		memset(p + o, 0, 8);
		switch (rng_below(r, 3)) {
		case 0: /* first */
			put16(p + o + 2, 1);
			break;
		case 1: /* later */
			put16(p + o + 2,
			      (rng_below(r, 1000) + 1) << 3 | rng_below(r, 2));
			break;
		case 2: /* atomic, RFC 6946 */
			break;
		}
		put32(p + o + 4, rng_next(r));
		o += 8;
	}
	p[nh] = proto;
	if (len <= o)
		len = o + 1; /* a payload length of 0 means something else */
	put16(p + 4, len - 40);
	upper(r, p + o, len - o, proto);
	return len;
}

/* Break the datagram of *@len bytes at @p; it may become shorter. */
static void spoil(struct rng *r, uint8_t *p, size_t *len, bool v6)
{
	size_t hl = v6 ? 40 : 4 * (p[0] & 15);

	switch (rng_below(r, v6 ? 4 : 7)) {
	case 0: /* another version */
		p[0] ^= 1 << rng_range(r, 4, 7);
		break;
	case 1: /* shorter than its header says */
		*len = rng_below(r, *len);
		break;
	case 2: /* header cut */
		*len = rng_below(r, hl);
		break;
	case 3: /* more than is there */
		if (v6)
			put16(p + 4, *len - 40 + rng_range(r, 1, 500));
		else
			put16(p + 2, *len + rng_range(r, 1, 500));
		break;
	case 4: /* header length too small */
		p[0] = 0x40 | rng_below(r, 5);
		break;
	case 5: /* total length below the header's */
		put16(p + 2, rng_below(r, hl));
		break;
	case 6: /* checksum */
		p[rng_below(r, hl)] ^= 1 << rng_below(r, 8);
		return;
	}
	if (!v6 && *len >= hl && rng_percent(r, 80)) {
		/* let the checksum be right, so that the other check counts */
		size_t n = 4 * (p[0] & 15);

		if (n >= 20 && n <= *len) {
			put16(p + 10, 0);
			put16(p + 10, ref_checksum(p, n));
		}
	}
}

size_t gen_frame(struct rng *r, const struct gen_frame *g, uint8_t *buf)
{
	bool v6 = g->family ? g->family == AF_INET6 : rng_percent(r, 50);
	size_t len = rng_range(r, g->len_min, g->len_max), l2;

	l2 = ether(r, g, buf, v6 ? 0x86dd : 0x0800);
	len = v6 ? datagram6(r, g, buf + l2, len)
		 : datagram4(r, g, buf + l2, len);
	if (rng_percent(r, g->malformed)) {
		spoil(r, buf + l2, &len, v6);
	} else if (rng_percent(r, g->padding) && len < g->len_max) {
		size_t pad =
			l2 + len < 60 ? 60 - l2 - len : rng_range(r, 1, 32);

		rng_fill(r, buf + l2 + len, pad);
		len += pad;
	}
	return l2 + len;
}

size_t gen_chain(struct rng *r, uint8_t *buf, uint8_t *first)
{
	static const uint8_t types[] = { 60, 60, 60, 0, 43, 44, 135, 139, 140 };
	static const struct gen_frame any = { .proto = -1 };
	size_t n = 0, len = rng_range(r, 0, 60);
	uint8_t *nh = first;

	for (int left = rng_below(r, 6); left; left--) {
		size_t units = rng_percent(r, 80) ? 1 : rng_range(r, 2, 4);

		*nh = types[rng_below(r, sizeof(types))];
		if (*nh == 44)
			units = 1;
		memset(buf + n, 0, 8 * units);
		buf[n + 1] = units - 1;
		if (*nh == 44) {
			buf[n + 1] = 0;
			put16(buf + n + 2,
			      rng_percent(r, 50)
				      ? 0
				      : rng_below(r, 3) << 3 | rng_below(r, 2));
		} else if (rng_percent(r, 3)) {
			buf[n + 1] = rng_next(r);
		}
		nh = &buf[n];
		n += 8 * units;
	}
	*nh = pick_proto(r, &any, true);
	upper(r, buf + n, len, *nh);
	n += len;
	return rng_percent(r, 5) ? rng_below(r, n + 1) : n;
}

size_t gen_udp(uint8_t *buf, const struct espalier_addr *src,
	       const struct espalier_addr *dst, size_t len)
{
	struct rng r = { len };
	struct gen_frame g = {
		.family = src->family,
		.src = src,
		.dst = dst,
		.proto = 17,
		.len_min = len,
		.len_max = len,
	};

	size_t n = gen_frame(&r, &g, buf);
	uint8_t *ports = buf + 14 + (src->family == AF_INET ? 20 : 40);

	if (buf + n >= ports + 4) { /* one flow, whatever the size */
		put16(ports, 1000);
		put16(ports + 2, 2000);
	}
	return n;
}

size_t gen_host_udp(uint8_t *buf, int family, size_t len)
{
	struct espalier_addr s = gen_addr(family, 0, 1);
	struct espalier_addr d = gen_addr(family, 1, 1);
	size_t n = gen_udp(buf, &s, &d, len);

	memcpy(buf, "\x02\x45\x53\x50\x00\x01", 6);
	return n;
}

/* ------------------------------------------------------- SAs and policies */

struct espalier_sa gen_sa(struct rng *r, enum espalier_dir dir, unsigned int n,
			  unsigned int window_max)
{
	static const uint8_t icv[] = { 16, 16, 12, 8 };
	static const uint16_t windows[] = { 0, 32, 64, 128, 1024 };
	struct espalier_sa sa = {
		.dir = dir,
		.mode = rng_percent(r, 60) ? ESPALIER_MODE_TUNNEL
					   : ESPALIER_MODE_TRANSPORT,
		.spi = 0x10000000 | (uint32_t)(rng_below(r, 4096) << 16) | n,
		.key_len = rng_percent(r, 50) ? 36 : 20,
		.icv_len = icv[rng_below(r, sizeof(icv))],
		.esn = rng_percent(r, 50),
		.df = rng_below(r, 3),
		.dscp = rng_percent(r, 50) ? -1 : (int)rng_below(r, 64),
		.ttl = rng_percent(r, 50) ? 0 : rng_range(r, 1, 255),
		.ecn = rng_percent(r, 70),
		.queue = -1,
		.reqid = n + 1,
	};
	unsigned int mtu_min;
	int family = rng_percent(r, 50) ? AF_INET : AF_INET6;

	sa.src = gen_gateway(family, 2 * n + 1);
	sa.dst = gen_gateway(family, 2 * n + 2);
	rng_fill(r, sa.key, sa.key_len);
	if (family == AF_INET6 && rng_percent(r, 50))
		sa.flow_label = rng_below(r, 1 << 20);
	if (dir == ESPALIER_DIR_IN) {
		do
			sa.window = windows[rng_below(r, 5)];
		while (sa.window > window_max || (sa.esn && !sa.window));
	} else if (rng_percent(r, 10)) {
		mtu_min = family == AF_INET ? 576 : 1280;
		sa.mtu = rng_range(r, mtu_min, 1600);
	}
	if (rng_percent(r, 25)) {
		if (sa.esn)
			sa.seq = (rng_below(r, 3) << 32) + 0xffffffe0u +
				 rng_below(r, 32);
		else
			sa.seq = rng_below(r, 1u << 31);
	}
	return sa;
}

struct espalier_sa gen_plain_sa(enum espalier_dir dir, unsigned int n)
{
	struct rng key = { 0x5a5a0000 + n };
	struct espalier_sa sa = {
		.dir = dir,
		.mode = ESPALIER_MODE_TUNNEL,
		.spi = 0x1000 + n,
		.src = gen_gateway(AF_INET, 1),
		.dst = gen_gateway(AF_INET, 2),
		.key_len = 36,
		.icv_len = 16,
		.dscp = -1,
		.ttl = dir == ESPALIER_DIR_OUT ? 64 : 0,
		.ecn = true,
		.queue = -1,
		.reqid = n + 1,
		.window = dir == ESPALIER_DIR_IN ? 64 : 0,
	};

	rng_fill(&key, sa.key, sa.key_len);
	return sa;
}

struct espalier_sa gen_mirror(const struct espalier_sa *sa, unsigned int window)
{
	struct espalier_sa m = *sa;

	m.dir = sa->dir == ESPALIER_DIR_OUT ? ESPALIER_DIR_IN
					    : ESPALIER_DIR_OUT;
	m.window = m.dir == ESPALIER_DIR_IN ? window : 0;
	if (m.dir == ESPALIER_DIR_IN) {
		m.mtu = 0;
		m.ttl = 0;
		m.dscp = -1;
		m.df = ESPALIER_DF_COPY;
		m.flow_label = 0;
	}
	memset(&m.limits, 0, sizeof(m.limits));
	return m;
}

struct espalier_policy gen_any(enum espalier_dir dir, int family,
			       enum espalier_action action, uint32_t priority)
{
	struct espalier_policy p = {
		.dir = dir,
		.action = action,
		.priority = priority,
		.src_lo.family = family,
		.src_hi.family = family,
		.dst_lo.family = family,
		.dst_hi.family = family,
		.proto = -1,
		.sport_hi = 65535,
		.dport_hi = 65535,
	};
	size_t n = family == AF_INET ? 4 : 16;

	memset(p.src_hi.bytes, 255, n);
	memset(p.dst_hi.bytes, 255, n);
	return p;
}

static void net_range(struct rng *r, int family, struct espalier_addr *lo,
		      struct espalier_addr *hi)
{
	unsigned int net = rng_below(r, 4), a = rng_below(r, 32), b;

	b = rng_percent(r, 50) ? rng_range(r, a, 31) : 0xffff;
	if (b == 0xffff)
		a = 0;
	*lo = gen_addr(family, net, a);
	*hi = gen_addr(family, rng_percent(r, 30) ? 3 : net, b);
}

struct espalier_policy gen_policy(struct rng *r, enum espalier_dir dir)
{
	static const uint8_t protos[] = { 6, 17, 1, 58, 132, 47 };
	int family = rng_percent(r, 50) ? AF_INET : AF_INET6;
	struct espalier_policy p =
		gen_any(dir, family, ESPALIER_PROTECT, rng_below(r, 1000));

	if (rng_percent(r, 80))
		net_range(r, family, &p.src_lo, &p.src_hi);
	if (rng_percent(r, 80))
		net_range(r, family, &p.dst_lo, &p.dst_hi);
	if (rng_percent(r, 40))
		p.proto = protos[rng_below(r, sizeof(protos))];
	if (p.proto == 6 || p.proto == 17 || p.proto == 132) {
		if (rng_percent(r, 50)) {
			p.sport_lo = rng_range(r, 1000, 1010);
			p.sport_hi = rng_range(r, p.sport_lo, 1012);
		}
		if (rng_percent(r, 50)) {
			p.dport_lo = rng_range(r, 2000, 2010);
			p.dport_hi = rng_range(r, p.dport_lo, 2012);
		}
	}
	if ((p.proto == 1 || p.proto == 58) && rng_percent(r, 50)) {
		p.sport_lo = rng_below(r, 8);
		p.sport_hi = rng_range(r, p.sport_lo, 12);
	}
	return p;
}
