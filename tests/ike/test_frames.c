// SPDX-License-Identifier: Apache-2.0
/* What the daemon does to frames itself: UDP headers, ICMP errors. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <sys/mman.h>
#include <unistd.h>
#include "checksum.h"
#include "icmp.h"
#include "udpencap.h"
#include "rng.h"
#include "suite.h"

#define ROOM 4096

static struct rng rng = { 1 };

/* @len bytes whose end is the end of the world: a page that cannot be touched
 * follows. */
static uint8_t *at_the_edge(size_t len)
{
	static uint8_t *map;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (!map) {
		map = mmap(NULL, ROOM + page, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		MUST(map != MAP_FAILED);
		MUST(!mprotect(map + ROOM, page, PROT_NONE));
	}
	return map + ROOM - len;
}

static void put16(uint8_t *p, size_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

/* A frame of @tags VLAN tags, from 192.0.2.1 or 2001:db8::1 to .2 or ::2, with
 * @len bytes behind the IP header. Returns its length. */
static size_t frame(uint8_t *f, unsigned int tags, bool v6, uint8_t proto,
		    size_t len)
{
	uint8_t *p = f + 12, *ip;

	memcpy(f, "\x02\0\0\0\0\x02\x02\0\0\0\0\x01", 12);
	for (unsigned int i = 0; i < tags; i++, p += 4)
		memcpy(p, "\x81\0\0\7", 4);
	put16(p, v6 ? 0x86dd : 0x0800);
	ip = p + 2;
	if (v6) {
		memset(ip, 0, 40);
		ip[0] = 0x60;
		put16(ip + 4, len);
		ip[6] = proto;
		ip[7] = 64;
		inet_pton(AF_INET6, "2001:db8::1", ip + 8);
		inet_pton(AF_INET6, "2001:db8::2", ip + 24);
		p = ip + 40;
	} else {
		memset(ip, 0, 20);
		ip[0] = 0x45;
		put16(ip + 2, 20 + len);
		ip[8] = 64;
		ip[9] = proto;
		inet_pton(AF_INET, "192.0.2.1", ip + 12);
		inet_pton(AF_INET, "192.0.2.2", ip + 16);
		put16(ip + 10, checksum(checksum_add(0, ip, 20)));
		p = ip + 20;
	}
	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)(i * 11 + 5);
	return (size_t)(p - f) + len;
}

static struct espalier_sa sa(enum espalier_dir dir, bool v6)
{
	struct espalier_sa s = {
		.dir = dir,
		.spi = 0x05101b26, /* the first four bytes of frame() */
		.dst.family = v6 ? AF_INET6 : AF_INET,
		.encap_sport = 4500,
		.encap_dport = 14500,
	};

	inet_pton(s.dst.family, v6 ? "2001:db8::2" : "192.0.2.2", s.dst.bytes);
	return s;
}

/* One header more, one header less: the frame is what it was. */
static void nat_1_there_and_back(void)
{
	uint8_t was[ROOM], f[ROOM];
	struct udpencap *u = udpencap_new();
	struct udpencap_counters c;
	unsigned int n = 0;

	MUST(u);
	for (unsigned int v6 = 0; v6 < 2; v6++) {
		struct espalier_sa out = sa(ESPALIER_DIR_OUT, v6);
		struct espalier_sa in = sa(ESPALIER_DIR_IN, v6);

		MUST(!udpencap_add(u, 10 + v6, &out));
		MUST(!udpencap_add(u, 20 + v6, &in));
	}
	for (unsigned int v6 = 0; v6 < 2; v6++) {
		for (unsigned int tags = 0; tags < 3; tags++) {
			size_t l4 = 14 + 4 * tags + (v6 ? 40 : 20);

			for (size_t len = 16; len < 1400; len += 97, n++) {
				size_t all = frame(was, tags, v6, 50, len), got;
				uint8_t *ip = f + 14 + 4 * tags;

				memcpy(f, was, all);
				got = udpencap_out(u, f, all, sizeof(f));
				EXPECT_EQ(got, all + 8);
				EXPECT(!memcmp(f + l4, "\x11\x94\x38\xa4", 4));
				EXPECT_EQ(f[l4 + 4] << 8 | f[l4 + 5], len + 8);
				EXPECT(!memcmp(f + l4 + 8, was + l4, len));
				EXPECT_EQ(v6 ? ip[6] : ip[9], IPPROTO_UDP);
				if (v6) { /* RFC 8200: not without */
					uint32_t s = checksum_add(
						(uint32_t)len + 8 + IPPROTO_UDP,
						ip + 8, 32);

					s = checksum_add(s, f + l4, len + 8);
					EXPECT_EQ(checksum(s), 0);
				} else { /* NAT-2 */
					EXPECT_EQ(f[l4 + 6] | f[l4 + 7], 0);
					EXPECT_EQ(checksum(checksum_add(0, ip,
									20)),
						  0);
				}
				got = udpencap_in(u, f, got, sizeof(f));
				EXPECT_EQ(got, all);
				EXPECT(!memcmp(f, was, all));
			}
		}
	}
	udpencap_counters(u, &c);
	EXPECT_EQ(c.out, n);
	EXPECT_EQ(c.in, n);
	udpencap_free(u);
}

static void unchanged(struct udpencap *u, bool out, const uint8_t *f,
		      size_t len)
{
	uint8_t copy[ROOM];

	memcpy(copy, f, len);
	EXPECT_EQ(out ? udpencap_out(u, copy, len, ROOM)
		      : udpencap_in(u, copy, len, ROOM),
		  len);
	EXPECT(!memcmp(copy, f, len));
}

static void what_is_not_meant_stays(void)
{
	struct udpencap *u = udpencap_new();
	struct espalier_sa out = sa(ESPALIER_DIR_OUT, false);
	struct espalier_sa in = sa(ESPALIER_DIR_IN, false);
	uint8_t f[ROOM], g[ROOM];
	size_t len, n;

	MUST(u);
	len = frame(f, 0, false, 50, 100);
	unchanged(u, true, f, len); /* no SA at all */
	MUST(!udpencap_add(u, 1, &out));
	MUST(!udpencap_add(u, 2, &in));
	memcpy(g, f, len);
	n = udpencap_out(u, g, len, sizeof(g));
	EXPECT_EQ(n, len + 8);
	/* another SPI, destination, protocol; a fragment; not IP */
	f[37]++;
	unchanged(u, true, f, len);
	f[37]--;
	f[33]++;
	unchanged(u, true, f, len);
	f[33]--;
	f[20] = 0x20;
	unchanged(u, true, f, len);
	f[20] = 0;
	f[21] = 1;
	unchanged(u, true, f, len);
	f[21] = 0;
	f[13] = 6;
	unchanged(u, true, f, len);
	f[13] = 0;
	len = frame(f, 0, false, 51, 100);
	unchanged(u, true, f, len);
	/* inbound: another port, SPI, the non-ESP marker, a keepalive, lengths
	 * that do not agree */
	g[37]++;
	unchanged(u, false, g, n);
	g[37]--;
	g[45]++;
	unchanged(u, false, g, n);
	g[45]--;
	g[39]++;
	unchanged(u, false, g, n);
	g[39]--;
	memset(g + 42, 0, 4);
	unchanged(u, false, g, n);
	memcpy(g + 42, "\x05\x10\x1b\x26", 4);
	n = udpencap_in(u, g, n, sizeof(g)); /* it was the right one */
	EXPECT_EQ(n, 14 + 20 + 100);
	len = frame(f, 0, false, 17, 9);
	unchanged(u, false, f, len);
	/* gone is gone */
	udpencap_del(u, 1);
	udpencap_del(u, 1);
	udpencap_del(u, 77);
	len = frame(f, 0, false, 50, 100);
	unchanged(u, true, f, len);
	udpencap_free(u);
}

static void no_room_is_no_frame(void)
{
	struct udpencap *u = udpencap_new();
	struct espalier_sa out = sa(ESPALIER_DIR_OUT, false);
	size_t len = frame(at_the_edge(14 + 20 + 100), 0, false, 50, 100);

	MUST(u && !udpencap_add(u, 1, &out));
	EXPECT_EQ(udpencap_out(u, at_the_edge(len), len, len), 0);
	EXPECT_EQ(udpencap_out(u, at_the_edge(len), len, len + 7), 0);
	udpencap_free(u);
}

/* Ethernet pads to 60 bytes: padding is not part of the datagram. */
static void padding_is_cut_off(void)
{
	struct udpencap *u = udpencap_new();
	struct espalier_sa in = sa(ESPALIER_DIR_IN, false);
	uint8_t f[ROOM] = { 0 };
	size_t len = frame(f, 0, false, 17, 8 + 16);

	MUST(u && !udpencap_add(u, 1, &in));
	memcpy(f + 34, "\x11\x94\x38\xa4\0\x18\0\0\x05\x10\x1b\x26", 12);
	EXPECT_EQ(len, 58);
	EXPECT_EQ(udpencap_in(u, f, 60, ROOM), 14 + 20 + 16);
	udpencap_free(u);
}

/* Nothing is read or written beyond the frame, whatever it says of itself. */
static void promise_7_no_frame_does_harm(void)
{
	struct udpencap *u = udpencap_new();
	uint8_t good[ROOM], out[ICMP_FRAME_MAX];

	MUST(u);
	for (unsigned int v6 = 0; v6 < 2; v6++) {
		struct espalier_sa o = sa(ESPALIER_DIR_OUT, v6);
		struct espalier_sa i = sa(ESPALIER_DIR_IN, v6);

		MUST(!udpencap_add(u, 10 + v6, &o));
		MUST(!udpencap_add(u, 20 + v6, &i));
	}
	for (int round = 0; round < 200000; round++) {
		size_t all = frame(good, rng_below(&rng, 3), rng_next(&rng) & 1,
				   rng_next(&rng) & 1 ? 50 : 17,
				   rng_below(&rng, 200));
		size_t len = rng_below(&rng, all + 1);
		uint8_t *f = at_the_edge(len);

		memcpy(f, good, len);
		for (unsigned int n = rng_below(&rng, 4); n && len; n--)
			f[rng_below(&rng, len)] = (uint8_t)rng_next(&rng);
		EXPECT(udpencap_out(u, f, len, len) <= len);
		EXPECT(udpencap_in(u, f, len, len) <= len);
		if (len > 14)
			EXPECT(icmp_too_big(f, (unsigned int)len,
					    14 + 4 * (rng_below(&rng, 3)),
					    rng_next(&rng) & 0xffff,
					    out) <= sizeof(out));
	}
	udpencap_free(u);
}

static void esp_29_icmp_is_well_formed(void)
{
	uint8_t f[ROOM], out[ICMP_FRAME_MAX];

	for (unsigned int v6 = 0; v6 < 2; v6++) {
		for (unsigned int tags = 0; tags < 3; tags++) {
			unsigned int l3 = 14 + 4 * tags;
			unsigned int head = v6 ? 40 : 20, n;
			size_t len = frame(f, tags, v6, 17, 1400);
			uint8_t *ip = out + l3, *icmp = ip + head;
			uint32_t sum = 0;

			n = icmp_too_big(f, (unsigned int)len, l3, 1446, out);
			MUST(n > l3 + head + 8);
			EXPECT(!memcmp(out, f + 6, 6) &&
			       !memcmp(out + 6, f, 6));
			EXPECT(!memcmp(out + 12, f + 12, l3 - 12));
			/* from the destination to the source */
			EXPECT(!memcmp(ip + (v6 ? 8 : 12),
				       f + l3 + (v6 ? 24 : 16), v6 ? 16 : 4));
			EXPECT(!memcmp(ip + (v6 ? 24 : 16),
				       f + l3 + (v6 ? 8 : 12), v6 ? 16 : 4));
			EXPECT_EQ(icmp[0], v6 ? 2 : 3);
			EXPECT_EQ(icmp[1], v6 ? 0 : 4);
			EXPECT_EQ(icmp[6] << 8 | icmp[7], 1446);
			EXPECT(!memcmp(icmp + 8, f + l3, n - l3 - head - 8));
			if (v6)
				sum = checksum_add(n - l3 - 40 + 58, ip + 8,
						   32);
			else
				EXPECT_EQ(checksum(checksum_add(0, ip, 20)), 0);
			EXPECT_EQ(checksum(checksum_add(sum, icmp,
							n - l3 - head)),
				  0);
			EXPECT(n - l3 <= (v6 ? 1280 : 576));
		}
	}
}

static void no_icmp_about_icmp_or_groups(void)
{
	uint8_t f[ROOM], out[ICMP_FRAME_MAX];
	unsigned int len = (unsigned int)frame(f, 0, false, 1, 1400);

	f[34] = 3; /* an error */
	EXPECT_EQ(icmp_too_big(f, len, 14, 1446, out), 0);
	f[34] = 8; /* an echo */
	EXPECT(icmp_too_big(f, len, 14, 1446, out) > 0);
	f[21] = 1; /* a later fragment */
	EXPECT_EQ(icmp_too_big(f, len, 14, 1446, out), 0);
	f[21] = 0;
	f[30] = 224; /* to a group */
	EXPECT_EQ(icmp_too_big(f, len, 14, 1446, out), 0);
	f[30] = 192;
	f[26] = 0; /* from nobody */
	EXPECT_EQ(icmp_too_big(f, len, 14, 1446, out), 0);
	len = (unsigned int)frame(f, 0, true, 58, 1400);
	f[54] = 1;
	EXPECT_EQ(icmp_too_big(f, len, 14, 1446, out), 0);
	f[54] = 128;
	EXPECT(icmp_too_big(f, len, 14, 1446, out) > 0);
	f[22] = 0xff;
	EXPECT_EQ(icmp_too_big(f, len, 14, 1446, out), 0);
}

static void esp_29_what_fits(void)
{
	struct espalier_sa s = {
		.mode = ESPALIER_MODE_TUNNEL,
		.icv_len = 16,
		.mtu = 1500,
		.dst.family = AF_INET,
	};

	/* 1500 - 20 - 8 - 8 - 16 = 1448, minus pad length and next header */
	EXPECT_EQ(icmp_inner_mtu(&s, AF_INET), 1446);
	EXPECT_EQ(icmp_inner_mtu(&s, AF_INET6), 1446);
	s.dst.family = AF_INET6;
	EXPECT_EQ(icmp_inner_mtu(&s, AF_INET), 1426);
	s.icv_len = 8;
	EXPECT_EQ(icmp_inner_mtu(&s, AF_INET), 1434);
	s.mode = ESPALIER_MODE_TRANSPORT;
	s.icv_len = 16;
	EXPECT_EQ(icmp_inner_mtu(&s, AF_INET), 1466);
	EXPECT_EQ(icmp_inner_mtu(&s, AF_INET6), 1466);
	s.mtu = 0;
	EXPECT_EQ(icmp_inner_mtu(&s, AF_INET), 0);
	s.mtu = 50;
	EXPECT_EQ(icmp_inner_mtu(&s, AF_INET), 0);
}

static const struct test_case cases[] = {
	{ "nat_1_there_and_back", nat_1_there_and_back },
	{ "what_is_not_meant_stays", what_is_not_meant_stays },
	{ "no_room_is_no_frame", no_room_is_no_frame },
	{ "padding_is_cut_off", padding_is_cut_off },
	{ "promise_7_no_frame_does_harm", promise_7_no_frame_does_harm },
	{ "esp_29_icmp_is_well_formed", esp_29_icmp_is_well_formed },
	{ "no_icmp_about_icmp_or_groups", no_icmp_about_icmp_or_groups },
	{ "esp_29_what_fits", esp_29_what_fits },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	return suite_run("test_frames", cases, argc, argv);
}
