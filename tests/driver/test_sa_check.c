// SPDX-License-Identifier: Apache-2.0
/* Which security associations are refused, and by which name, and which are
 * not. */
#include <errno.h>
#include <string.h>
#include <espalier_regs.h>
#include "fixture.h"

#define OUT ESPALIER_DIR_OUT
#define IN ESPALIER_DIR_IN

/* Each changes one good SA; @field must be named. */
#define BAD(n, d, f, r, stmt)                                                  \
	static void bad_##n(struct espalier_sa *s)                             \
	{                                                                      \
		stmt;                                                          \
	}
#define BAD_LIST(X)                                                            \
	X(dir, OUT, "dir", -EINVAL, s->dir = (enum espalier_dir)2)             \
	X(mode, OUT, "mode", -EINVAL, s->mode = (enum espalier_mode)7)         \
	X(spi0, OUT, "spi", -EINVAL, s->spi = 0)                               \
	X(spi255, IN, "spi", -EINVAL, s->spi = 255)                            \
	X(key0, OUT, "key_len", -EINVAL, s->key_len = 0)                       \
	X(key16, OUT, "key_len", -EINVAL, s->key_len = 16)                     \
	X(key28, OUT, "key_len", -EINVAL, s->key_len = 28)                     \
	X(key37, IN, "key_len", -EINVAL, s->key_len = 37)                      \
	X(icv0, OUT, "icv_len", -EINVAL, s->icv_len = 0)                       \
	X(icv4, OUT, "icv_len", -EINVAL, s->icv_len = 4)                       \
	X(icv17, IN, "icv_len", -EINVAL, s->icv_len = 17)                      \
	X(nodst, OUT, "dst", -EINVAL, s->dst.family = 0)                       \
	X(fam, OUT, "dst", -EINVAL, s->dst.family = AF_UNIX)                   \
	X(mix, OUT, "src", -EINVAL, s->src = addr6("2001:db8::1"))             \
	X(mixin, IN, "src", -EINVAL, s->src = addr6("2001:db8::1"))            \
	X(nosrc, OUT, "src", -EINVAL, s->src.family = 0)                       \
	X(anysrc, OUT, "src", -EINVAL, s->src = addr4("0.0.0.0"))              \
	X(mcsrc, OUT, "src", -EINVAL, s->src = addr4("224.0.0.1"))             \
	X(anydst, IN, "dst", -EINVAL, s->dst = addr4("0.0.0.0"))               \
	X(seq, OUT, "seq", -EINVAL, s->seq = 1ull << 32)                       \
	X(seqin, IN, "seq", -EINVAL, s->seq = 1ull << 32)                      \
	X(win31, IN, "window", -EOPNOTSUPP, s->window = 31)                    \
	X(win1, IN, "window", -EOPNOTSUPP, s->window = 1)                      \
	X(winbig, IN, "window", -EOPNOTSUPP, s->window = 1025)                 \
	X(esnwin, IN, "window", -EINVAL, s->esn = true; s->window = 0)         \
	X(df, OUT, "df", -EINVAL, s->df = (enum espalier_df)3)                 \
	X(dscp64, OUT, "dscp", -EINVAL, s->dscp = 64)                          \
	X(dscpneg, OUT, "dscp", -EINVAL, s->dscp = -2)                         \
	X(ttl, OUT, "ttl", -EINVAL, s->ttl = 256)                              \
	X(flow, OUT, "flow_label", -EINVAL, s->flow_label = 1)                 \
	X(flow6, OUT, "flow_label", -EINVAL, s->flow_label = 0x100000;         \
	  s->src = addr6("2001:db8::1"); s->dst = addr6("2001:db8::2"))        \
	X(encap, OUT, "encap_dport", -EOPNOTSUPP, s->encap_dport = 4500)       \
	X(encapin, IN, "encap_sport", -EOPNOTSUPP, s->encap_sport = 4500)      \
	X(mtu, OUT, "mtu", -EINVAL, s->mtu = 67)                               \
	X(mtubig, OUT, "mtu", -EINVAL, s->mtu = 65536)                         \
	X(mtu6, OUT, "mtu", -EINVAL, s->mtu = 1279;                            \
	  s->src = addr6("2001:db8::1"); s->dst = addr6("2001:db8::2"))        \
	X(queue, IN, "queue", -EINVAL, s->queue = 4)                           \
	X(queueneg, IN, "queue", -EINVAL, s->queue = -2)                       \
	X(bytes, OUT, "soft_bytes", -EINVAL, s->limits.soft_bytes = 2;         \
	  s->limits.hard_bytes = 1)                                            \
	X(packets, IN, "soft_packets", -EINVAL, s->limits.soft_packets = 2;    \
	  s->limits.hard_packets = 1)

BAD_LIST(BAD)

#define ROW(n, d, f, r, stmt) { #n, d, f, r, bad_##n },
static const struct {
	const char *name;
	enum espalier_dir dir;
	const char *field;
	int ret;
	void (*change)(struct espalier_sa *s);
} bad[] = { BAD_LIST(ROW) };

static void refusals(void)
{
	struct espalier_null_counts before, after;
	struct espalier_sa sa;
	struct fixture f;
	uint32_t h = 0x1234;
	size_t i;
	int ret;

	fixture_open(&f, NULL, 0);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		sa = sa_good(bad[i].dir, 0x1000);
		bad[i].change(&sa);
		espalier_null_counts(f.null, &before);
		ret = espalier_sa_add(f.dev, &sa, &h);
		espalier_null_counts(f.null, &after);
		if (ret != bad[i].ret)
			printf("%s: %d, %s\n", bad[i].name, ret,
			       espalier_error(f.dev));
		EXPECT_EQ(ret, bad[i].ret);
		CU_ASSERT(!strncmp(espalier_error(f.dev), bad[i].field,
				   strlen(bad[i].field)));
		CU_ASSERT_PTR_NOT_NULL(
			strstr(espalier_error(f.dev), "support"));
		/* refused before anything was touched */
		EXPECT_EQ(after.writes, before.writes);
	}
	EXPECT_EQ(h, 0x1234);
	EXPECT_EQ(espalier_sa_next(f.dev, 0), 0);
	fixture_close(&f);
}

static void lesser_devices(void)
{
	static const struct {
		uint32_t caps_clear, alg_clear;
		const char *field;
		void (*change)(struct espalier_sa *s);
	} lesser[] = {
		{ ESPALIER_CAPS_TUNNEL_MASK, 0, "mode", NULL },
		{ ESPALIER_CAPS_IPV4_MASK, 0, "dst", NULL },
		{ 0, ESPALIER_CAPS_ALG_AES256_MASK, "key_len", NULL },
		{ 0, ESPALIER_CAPS_ALG_GCM16_MASK, "icv_len", NULL },
	};
	struct espalier_null_opts o;
	struct espalier_sa sa;
	struct fixture f;
	uint32_t h;
	size_t i;

	for (i = 0; i < 4; i++) {
		memset(&o, 0, sizeof(o));
		o.caps_clear = lesser[i].caps_clear;
		o.alg_clear = lesser[i].alg_clear;
		fixture_open(&f, &o, 0);
		sa = sa_good(OUT, 0x1000);
		EXPECT_EQ(espalier_sa_add(f.dev, &sa, &h), -EOPNOTSUPP);
		CU_ASSERT(!strncmp(espalier_error(f.dev), lesser[i].field,
				   strlen(lesser[i].field)));
		fixture_close(&f);
	}
	memset(&o, 0, sizeof(o));
	o.caps_clear = ESPALIER_CAPS_TRANSPORT_MASK | ESPALIER_CAPS_IPV6_MASK |
		       ESPALIER_CAPS_ESN_MASK;
	o.alg_clear = ESPALIER_CAPS_ALG_AES128_MASK |
		      ESPALIER_CAPS_ALG_GCM8_MASK |
		      ESPALIER_CAPS_ALG_GCM12_MASK;
	fixture_open(&f, &o, 0);
	sa = sa_good(OUT, 0x1000);
	EXPECT_EQ(espalier_sa_add(f.dev, &sa, &h), 0);
	sa.mode = ESPALIER_MODE_TRANSPORT;
	EXPECT_EQ(espalier_sa_add(f.dev, &sa, &h), -EOPNOTSUPP);
	sa = sa_good(OUT, 0x1001);
	sa.esn = true;
	EXPECT_EQ(espalier_sa_add(f.dev, &sa, &h), -EOPNOTSUPP);
	sa = sa_good(OUT, 0x1001);
	sa.key_len = 20;
	EXPECT_EQ(espalier_sa_add(f.dev, &sa, &h), -EOPNOTSUPP);
	CU_ASSERT_STRING_EQUAL(espalier_error(f.dev),
			       "key_len: 20; the device supports 36");
	sa = sa_good(OUT, 0x1001);
	sa.icv_len = 8;
	EXPECT_EQ(espalier_sa_add(f.dev, &sa, &h), -EOPNOTSUPP);
	sa = sa_good(OUT, 0x1001);
	sa.src = addr6("2001:db8::1");
	sa.dst = addr6("2001:db8::2");
	EXPECT_EQ(espalier_sa_add(f.dev, &sa, &h), -EOPNOTSUPP);
	fixture_close(&f);
}

/* One of the 96 combinations that the capabilities promise. */
static struct espalier_sa combination(unsigned int n)
{
	struct espalier_sa sa = sa_good((enum espalier_dir)(n & 1), 0x1000 + n);

	sa.mode = (enum espalier_mode)(n >> 1 & 1);
	sa.esn = n >> 2 & 1;
	sa.key_len = n >> 3 & 1 ? 36 : 20;
	if (n >> 4 & 1) {
		sa.src = addr6("2001:db8::1");
		sa.dst = addr6("2001:db8::2");
	}
	sa.icv_len = 8 + 4 * (n >> 5);
	return sa;
}

static void accepted(void)
{
	struct espalier_sa sa;
	struct fixture f;
	uint32_t h, n;

	fixture_open(&f, NULL, 0);
	for (n = 0; n < 96; n++) {
		sa = combination(n);
		EXPECT_EQ(espalier_sa_add(f.dev, &sa, &h), 0);
	}
	sa = sa_good(IN, 256);
	sa.window = 32;
	EXPECT_EQ(espalier_sa_add(f.dev, &sa, &h), 0);
	sa = sa_good(IN, 257);
	sa.window = 1024;
	sa.src.family = AF_UNSPEC;
	EXPECT_EQ(espalier_sa_add(f.dev, &sa, &h), 0);
	sa = sa_good(IN, 0xffffffff);
	sa.window = 0;
	sa.queue = 3;
	EXPECT_EQ(espalier_sa_add(f.dev, &sa, &h), 0);
	sa = sa_good(OUT, 256);
	sa.mode = ESPALIER_MODE_TRANSPORT;
	sa.src.family = AF_UNSPEC;
	sa.seq = 0xffffffff;
	sa.limits.soft_bytes = sa.limits.hard_bytes = 5;
	sa.limits.soft_packets = 9; /* without a hard one */
	EXPECT_EQ(espalier_sa_add(f.dev, &sa, &h), 0);
	fixture_close(&f);
}

static const struct test_case cases[] = {
	{ "refusals", refusals },
	{ "lesser_devices", lesser_devices },
	{ "accepted", accepted },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	return suite_run("test_sa_check", cases, argc, argv);
}
