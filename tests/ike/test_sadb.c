// SPDX-License-Identifier: Apache-2.0
/* The database of SAs and policies over the null device. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <espalier/bus_null.h>
#include "core/sadb.h"
#include "suite.h"

#define DTB "build/dtb/sim-site-a.dtb"

static struct espalier_null *null;
static struct espalier_dev *dev;
static struct sadb *db;

static struct espalier_addr ip(const char *text)
{
	struct espalier_addr a = { 0 };

	if (inet_pton(AF_INET, text, a.bytes) == 1)
		a.family = AF_INET;
	else if (inet_pton(AF_INET6, text, a.bytes) == 1)
		a.family = AF_INET6;
	MUST(a.family);
	return a;
}

static struct espalier_dev *open_on(struct espalier_null *n)
{
	static uint8_t dtb[65536];
	struct espalier_err err;
	struct espalier_dev *d;
	FILE *f = fopen(DTB, "rb");
	size_t size;

	MUST(f);
	size = fread(dtb, 1, sizeof(dtb), f);
	fclose(f);
	if (espalier_open(dtb, size, NULL, espalier_null_bus(n), &d, &err))
		printf("\n    %s\n", err.text);
	MUST(d);
	return d;
}

static void begin(void)
{
	const struct espalier_null_opts opts = { 0 };

	MUST(!espalier_null_create(&opts, &null));
	dev = open_on(null);
	db = sadb_espalier(dev);
	MUST(db);
}

static void end(void)
{
	db->ops->free(db);
	espalier_close(dev);
}

static struct espalier_sa sa(enum espalier_dir dir, uint32_t spi,
			     const char *dst)
{
	struct espalier_sa s = {
		.dir = dir,
		.mode = ESPALIER_MODE_TUNNEL,
		.spi = spi,
		.src = ip(strchr(dst, ':') ? "2001:db8::1" : "192.0.2.1"),
		.dst = ip(dst),
		.key_len = 20,
		.icv_len = 16,
		.dscp = -1,
		.queue = -1,
		.window = dir == ESPALIER_DIR_IN ? 64 : 0,
	};

	memset(s.key, 0x5a, s.key_len);
	return s;
}

static void spis_are_reserved(void)
{
	struct espalier_addr a = ip("192.0.2.2"), b = ip("192.0.2.3");
	struct espalier_addr six = ip("2001:db8::2");
	uint32_t spi[4], again;
	unsigned int seen = 0;

	begin();
	for (int i = 0; i < 4; i++) {
		MUST(!db->ops->get_spi(db, &a, 256, 259, &spi[i]));
		MUST(spi[i] >= 256 && spi[i] <= 259);
		seen |= 1u << (spi[i] - 256);
	}
	EXPECT_EQ(seen, 15);
	EXPECT(db->ops->get_spi(db, &a, 256, 259, &again) == -EADDRINUSE);
	/* another destination has SPIs of its own */
	EXPECT(!db->ops->get_spi(db, &b, 256, 256, &again));
	EXPECT(!db->ops->get_spi(db, &six, 256, 256, &again));
	EXPECT(db->ops->get_spi(db, &six, 256, 256, &again) == -EADDRINUSE);
	/* and releasing one makes it free, for its destination alone */
	db->ops->release_spi(db, &a, spi[2]);
	EXPECT(!db->ops->get_spi(db, &a, 256, 259, &again));
	EXPECT_EQ(again, spi[2]);
	db->ops->release_spi(db, &b, 257); /* never given out */
	EXPECT(db->ops->get_spi(db, &a, 256, 259, &again) == -EADDRINUSE);
	end();
}

static void spis_of_sas_are_taken(void)
{
	struct espalier_addr a = ip("192.0.2.2");
	struct espalier_sa s;
	uint32_t spi, id, other;

	begin();
	MUST(!db->ops->get_spi(db, &a, 300, 300, &spi));
	s = sa(ESPALIER_DIR_IN, spi, "192.0.2.2");
	MUST(!db->ops->sa_add(db, &s, &id));
	/* the reservation has become the SA's: it cannot be given back */
	db->ops->release_spi(db, &a, spi);
	EXPECT(db->ops->get_spi(db, &a, 300, 300, &spi) == -EADDRINUSE);
	/* an SA without a reservation counts as well */
	s = sa(ESPALIER_DIR_IN, 301, "192.0.2.2");
	MUST(!db->ops->sa_add(db, &s, &other));
	EXPECT(db->ops->get_spi(db, &a, 301, 301, &spi) == -EADDRINUSE);
	EXPECT(db->ops->sa_add(db, &s, &other) == -EEXIST);
	EXPECT(strlen(db->ops->error(db)) > 0);
	/* an outbound SPI is the peer's, and of no concern here */
	s = sa(ESPALIER_DIR_OUT, 302, "192.0.2.2");
	MUST(!db->ops->sa_add(db, &s, &other));
	EXPECT(!db->ops->get_spi(db, &a, 302, 302, &spi));
	MUST(!db->ops->sa_del(db, id));
	EXPECT(!db->ops->get_spi(db, &a, 300, 300, &spi));
	EXPECT(db->ops->sa_del(db, id) == -ENOENT);
	EXPECT(db->ops->get_spi(db, &a, 300, 300, &spi) == -EADDRINUSE);
	end();
}

static void esp_29_outbound_sas_have_the_path_mtu(void)
{
	struct espalier_sa_info info;
	struct espalier_sa s;
	uint32_t id;

	begin();
	s = sa(ESPALIER_DIR_OUT, 300, "192.0.2.2");
	MUST(!db->ops->sa_add(db, &s, &id));
	MUST(!db->ops->sa_query(db, id, &info));
	EXPECT_EQ(info.sa.mtu, 0);
	sadb_espalier_mtu(db, 1500);
	MUST(!db->ops->sa_add(db, &s, &id));
	MUST(!db->ops->sa_query(db, id, &info));
	EXPECT_EQ(info.sa.mtu, 1500);
	s.mtu = 1400; /* its own */
	MUST(!db->ops->sa_add(db, &s, &id));
	MUST(!db->ops->sa_query(db, id, &info));
	EXPECT_EQ(info.sa.mtu, 1400);
	end();
}

static void a_refused_sa_keeps_the_reservation(void)
{
	struct espalier_addr a = ip("192.0.2.2");
	struct espalier_sa s = sa(ESPALIER_DIR_IN, 300, "192.0.2.2");
	uint32_t spi, id;

	begin();
	MUST(!db->ops->get_spi(db, &a, 300, 300, &spi));
	s.icv_len = 10;
	EXPECT(db->ops->sa_add(db, &s, &id) < 0);
	EXPECT(db->ops->get_spi(db, &a, 300, 300, &spi) == -EADDRINUSE);
	db->ops->release_spi(db, &a, 300);
	EXPECT(!db->ops->get_spi(db, &a, 300, 300, &spi));
	end();
}

static void ike_18_reserved_spis_are_refused(void)
{
	struct espalier_addr a = ip("192.0.2.2");
	uint32_t spi;

	begin();
	EXPECT(db->ops->get_spi(db, &a, 0, 1000, &spi) == -EINVAL);
	EXPECT(db->ops->get_spi(db, &a, 255, 1000, &spi) == -EINVAL);
	EXPECT(db->ops->get_spi(db, &a, 1000, 999, &spi) == -EINVAL);
	EXPECT(!db->ops->get_spi(db, &a, UINT32_MAX, UINT32_MAX, &spi));
	EXPECT_EQ(spi, UINT32_MAX);
	end();
}

static void a_thousand_sas(void)
{
	struct espalier_addr a = ip("2001:db8::2");
	struct espalier_sa_info info;
	struct espalier_caps caps;
	uint32_t spi, *id, one;
	struct espalier_sa s;

	begin();
	db->ops->caps(db, &caps);
	id = calloc(caps.sa_entries, sizeof(*id));
	for (unsigned int i = 0; i < caps.sa_entries; i++) {
		MUST(!db->ops->get_spi(db, &a, 256, UINT32_MAX, &spi));
		s = sa(ESPALIER_DIR_IN, spi, "2001:db8::2");
		MUST(!db->ops->sa_add(db, &s, &id[i]));
	}
	MUST(!db->ops->get_spi(db, &a, 256, UINT32_MAX, &spi));
	s = sa(ESPALIER_DIR_IN, spi, "2001:db8::2");
	EXPECT(db->ops->sa_add(db, &s, &one) == -ENOSPC);
	for (unsigned int i = 0; i < caps.sa_entries; i++) {
		MUST(!db->ops->sa_query(db, id[i], &info));
		EXPECT_EQ(info.sa.key_len ? info.sa.key[0] : 0, 0);
		MUST(!db->ops->sa_del(db, id[i]));
	}
	free(id);
	end();
}

/* A live SA, a byte of a key, a policy? */
static bool anything(enum espalier_table table, unsigned int n)
{
	const bool is_sa =
		table == ESPALIER_TBL_SA_OUT || table == ESPALIER_TBL_SA_IN;
	const unsigned int status =
		offsetof(struct espalier_sa_entry, status) / 4;

	for (unsigned int i = 0; i < n; i++) {
		const uint32_t *e = espalier_null_entry(null, table, i);

		MUST(e);
		if (is_sa && e[status] & ESPALIER_SA_ST_LIVE)
			return true;
		for (unsigned int w = 0; !is_sa && w < 10; w++)
			if (e[w])
				return true;
	}
	return false;
}

/* The process is gone without a word; the gates are as it left them. */
static void a_restart_leaves_no_sa_behind(void)
{
	const enum espalier_table tables[] = {
		ESPALIER_TBL_SA_OUT, ESPALIER_TBL_SA_IN, ESPALIER_TBL_KEY_OUT,
		ESPALIER_TBL_KEY_IN, ESPALIER_TBL_SPD,
	};
	struct espalier_policy pol = {
		.dir = ESPALIER_DIR_OUT,
		.action = ESPALIER_BYPASS,
		.src_lo = ip("10.0.0.0"),
		.src_hi = ip("10.255.255.255"),
		.dst_lo = ip("10.0.0.0"),
		.dst_hi = ip("10.255.255.255"),
		.proto = -1,
		.sport_hi = 65535,
		.dport_hi = 65535,
	};
	struct espalier_dev *gone;
	struct espalier_caps caps;
	struct espalier_sa s;
	uint32_t id;

	begin();
	db->ops->caps(db, &caps);
	s = sa(ESPALIER_DIR_IN, 300, "192.0.2.2");
	MUST(!db->ops->sa_add(db, &s, &id));
	s = sa(ESPALIER_DIR_OUT, 301, "192.0.2.2");
	MUST(!db->ops->sa_add(db, &s, &id));
	MUST(!db->ops->policy_add(db, &pol, &id));
	for (unsigned int i = 0; i < 5; i++)
		EXPECT(anything(tables[i],
				i == 4 ? caps.spd_entries : caps.sa_entries));
	db->ops->free(db);
	gone = dev; /* never closed; freed below */
	espalier_null_keep(null);
	dev = open_on(null);
	for (unsigned int i = 0; i < 5; i++)
		EXPECT(!anything(tables[i],
				 i == 4 ? caps.spd_entries : caps.sa_entries));
	EXPECT_EQ(espalier_sa_next(dev, 0), 0);
	EXPECT_EQ(espalier_policy_next(dev, 0), 0);
	espalier_close(dev);
	espalier_close(gone);
	espalier_null_destroy(null);
}

static const struct test_case cases[] = {
	{ "spis_are_reserved", spis_are_reserved },
	{ "spis_of_sas_are_taken", spis_of_sas_are_taken },
	{ "esp_29_outbound_sas_have_the_path_mtu",
	  esp_29_outbound_sas_have_the_path_mtu },
	{ "a_refused_sa_keeps_the_reservation",
	  a_refused_sa_keeps_the_reservation },
	{ "ike_18_reserved_spis_are_refused",
	  ike_18_reserved_spis_are_refused },
	{ "a_thousand_sas", a_thousand_sas },
	{ "a_restart_leaves_no_sa_behind", a_restart_leaves_no_sa_behind },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	return suite_run("test_sadb", cases, argc, argv);
}
