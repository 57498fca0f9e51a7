// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <net/ethernet.h>
#include <linux/if_ether.h>
#include "checksum.h"
#include "udpencap.h"

#define BUCKETS 1024u
#define V4_HLEN 20
#define V6_HLEN 40
#define VLAN_HLEN 4
#define VLANS_MAX 2

struct entry {
	struct entry *next;
	uint32_t id, spi;
	enum espalier_dir dir;
	struct espalier_addr dst;
	uint16_t sport, dport;
};

struct udpencap {
	struct entry *bucket[BUCKETS]; /* by SPI, both directions */
	unsigned int n;
	struct udpencap_counters count;
};

struct udpencap *udpencap_new(void)
{
	return calloc(1, sizeof(struct udpencap));
}

void udpencap_free(struct udpencap *u)
{
	for (unsigned int i = 0; u && i < BUCKETS; i++) {
		while (u->bucket[i]) {
			struct entry *e = u->bucket[i];

			u->bucket[i] = e->next;
			free(e);
		}
	}
	free(u);
}

int udpencap_add(void *udpencap, uint32_t id, const struct espalier_sa *sa)
{
	struct udpencap *u = udpencap;
	struct entry **b = &u->bucket[sa->spi % BUCKETS];
	struct entry *e = malloc(sizeof(*e));

	if (!e)
		return -ENOMEM;
	*e = (struct entry){
		.next = *b,
		.id = id,
		.spi = sa->spi,
		.dir = sa->dir,
		.dst = sa->dst,
		.sport = sa->encap_sport,
		.dport = sa->encap_dport,
	};
	*b = e;
	u->n++;
	return 0;
}

void udpencap_del(void *udpencap, uint32_t id)
{
	struct udpencap *u = udpencap;

	if (!u->n)
		return;
	for (unsigned int i = 0; i < BUCKETS; i++) {
		for (struct entry **p = &u->bucket[i]; *p; p = &(*p)->next) {
			struct entry *e = *p;

			if (e->id != id)
				continue;
			*p = e->next;
			free(e);
			u->n--;
			return;
		}
	}
}

void udpencap_counters(const struct udpencap *u, struct udpencap_counters *c)
{
	*c = u->count;
}

/* ------------------------------------------------------------------ frames */

/* What lies where in a frame that carries @proto right behind its IP header. */
struct view {
	uint8_t *ip, *l4;
	size_t l4_len; /* by the IP header: Ethernet pads short frames */
	int family;
};

static unsigned int get16(const uint8_t *p)
{
	return (unsigned int)p[0] << 8 | p[1];
}

static void put16(uint8_t *p, size_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static bool look(uint8_t *frame, size_t len, uint8_t proto, struct view *v)
{
	size_t off = ETH_HLEN - 2, head, total;
	unsigned int type = 0;

	for (int tags = 0; off + 2 + V4_HLEN <= len; tags++, off += VLAN_HLEN) {
		type = get16(frame + off);
		if ((type != ETH_P_8021Q && type != ETH_P_8021AD) ||
		    tags == VLANS_MAX)
			break;
	}
	off += 2;
	v->ip = frame + off;
	if (type == ETH_P_IP && len >= off + V4_HLEN) {
		v->family = AF_INET;
		head = (v->ip[0] & 15u) * 4;
		total = get16(v->ip + 2);
		if (v->ip[9] != proto || (get16(v->ip + 6) & 0x3fff))
			return false; /* or a fragment, which has no header */
	} else if (type == ETH_P_IPV6 && len >= off + V6_HLEN) {
		v->family = AF_INET6;
		head = V6_HLEN;
		total = V6_HLEN + get16(v->ip + 4);
		if (v->ip[6] != proto)
			return false;
	} else {
		return false;
	}
	if (head < V4_HLEN || total < head + UDPENCAP_BYTES ||
	    off + total > len)
		return false;
	v->l4 = v->ip + head;
	v->l4_len = total - head;
	return true;
}

static struct entry *find(struct udpencap *u, enum espalier_dir dir,
			  const struct view *v, const uint8_t *esp)
{
	const uint8_t *dst = v->ip + (v->family == AF_INET ? 16 : 24);
	const size_t size = v->family == AF_INET ? 4 : 16;
	uint32_t spi = (uint32_t)get16(esp) << 16 | get16(esp + 2);
	struct entry *e;

	for (e = u->bucket[spi % BUCKETS]; e; e = e->next)
		if (e->spi == spi && e->dir == dir &&
		    e->dst.family == v->family &&
		    !memcmp(e->dst.bytes, dst, size))
			return e;
	return NULL;
}

/* Length, protocol and checksum of the IP header. */
static void set_header(const struct view *v, size_t l4_len, uint8_t proto)
{
	if (v->family == AF_INET) {
		const size_t head = (size_t)(v->l4 - v->ip);

		v->ip[9] = proto;
		put16(v->ip + 2, head + l4_len);
		put16(v->ip + 10, 0);
		put16(v->ip + 10, checksum(checksum_add(0, v->ip, head)));
	} else {
		v->ip[6] = proto;
		put16(v->ip + 4, l4_len);
	}
}

/* Zero over IPv4 (RFC 3948 section 2.1); IPv6 has to have one (RFC 8200
 * section 8.1). */
static unsigned int udp_checksum(const struct view *v, size_t len)
{
	uint32_t sum;
	unsigned int c;

	if (v->family == AF_INET)
		return 0;
	sum = checksum_add((uint32_t)len + IPPROTO_UDP, v->ip + 8, 32);
	c = checksum(checksum_add(sum, v->l4, len));
	return c ? c : 0xffff;
}

size_t udpencap_out(void *udpencap, uint8_t *frame, size_t len, size_t cap)
{
	struct udpencap *u = udpencap;
	const struct entry *e;
	struct view v;
	size_t n;

	if (!u->n || !look(frame, len, IPPROTO_ESP, &v))
		return len;
	e = find(u, ESPALIER_DIR_OUT, &v, v.l4);
	if (!e)
		return len;
	if (len + UDPENCAP_BYTES > cap)
		return 0;
	n = v.l4_len + UDPENCAP_BYTES;
	memmove(v.l4 + UDPENCAP_BYTES, v.l4, v.l4_len);
	put16(v.l4, e->sport);
	put16(v.l4 + 2, e->dport);
	put16(v.l4 + 4, n);
	put16(v.l4 + 6, 0);
	set_header(&v, n, IPPROTO_UDP);
	put16(v.l4 + 6, udp_checksum(&v, n));
	u->count.out++;
	return (size_t)(v.l4 - frame) + n;
}

size_t udpencap_in(void *udpencap, uint8_t *frame, size_t len, size_t cap)
{
	struct udpencap *u = udpencap;
	const struct entry *e;
	struct view v;
	size_t n;

	(void)cap;
	if (!u->n || !look(frame, len, IPPROTO_UDP, &v) ||
	    v.l4_len < UDPENCAP_BYTES + 8 || get16(v.l4 + 4) != v.l4_len)
		return len;
	/* the peer's port is what a NAT has made of it; the ICV decides who it
	 * is from (RFC 3948 section 3.1: no checksum is asked for) */
	e = find(u, ESPALIER_DIR_IN, &v, v.l4 + UDPENCAP_BYTES);
	if (!e || get16(v.l4 + 2) != e->dport)
		return len;
	n = v.l4_len - UDPENCAP_BYTES;
	memmove(v.l4, v.l4 + UDPENCAP_BYTES, n);
	set_header(&v, n, IPPROTO_ESP);
	u->count.in++;
	return (size_t)(v.l4 - frame) + n;
}
