// SPDX-License-Identifier: Apache-2.0
/*
 * layout.h and espalier_pkg.sv say the same. The package is read as text: each
 * `localparam ... NAME = value;` of the shared groups must have its twin in
 * layout.h with the same value, in both directions, and every structure that
 * software lays out has its fields where the device looks for them.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <espalier/espalier.h>
#include "suite.h"
#include "sa_hash.h"

#define PKG "hw/rtl/espalier_pkg.sv"

/* What layout.h has; NAME is ESPALIER_NAME there and NAME in the package. */
#define V(n)                                                                   \
	{                                                                      \
#n, ESPALIER_##n                                               \
	}
static const struct value {
	const char *name;
	unsigned long val;
} values[] = {
	V(TX_PROTECTED),
	V(TX_BYPASSED),
	V(TX_IN),
	V(TX_DESC_INVALID),
	V(TX_LEN_INVALID),
	V(TX_DMA_ERROR),
	V(TX_HANDLE_STALE),
	V(TX_POL_BLOCK),
	V(TX_NO_POLICY),
	V(TX_NO_STATE),
	V(TX_STATE_EXPIRED),
	V(TX_SEQ_OVERFLOW),
	V(TX_HDR_ERROR),
	V(TX_MODE_ERROR),
	V(TX_TOO_BIG),
	V(TX_PARITY),
	V(TX_NONIP_DISCARD),
	V(TX_RESET),
	V(RX_PROTECTED),
	V(RX_BYPASSED),
	V(RX_IN),
	V(RX_DUMMY),
	V(RX_FRAME_ERROR),
	V(RX_OVERFLOW),
	V(RX_MAC_FILTER),
	V(RX_HDR_ERROR),
	V(RX_NO_STATE),
	V(RX_FRAGMENT),
	V(RX_REPLAY),
	V(RX_AUTH_FAILED),
	V(RX_STATE_EXPIRED),
	V(RX_PAD_ERROR),
	V(RX_MODE_ERROR),
	V(RX_INNER_ERROR),
	V(RX_TMPL_MISMATCH),
	V(RX_POL_BLOCK),
	V(RX_NO_POLICY),
	V(RX_NONIP_DISCARD),
	V(RX_ECN_DROP),
	V(RX_NO_BUFFER),
	V(RX_BUFFER_SMALL),
	V(RX_DMA_ERROR),
	V(RX_PARITY),
	V(RX_DESC_INVALID),
	V(RX_RESET),
	V(TBL_WORDS),
	V(TBL_SA_OUT),
	V(TBL_SA_IN),
	V(TBL_SA_HASH),
	V(TBL_SPD),
	V(TBL_KEY_OUT),
	V(TBL_KEY_IN),
	V(TBL_COUNTERS),
	V(OP_READ),
	V(OP_ADD),
	V(OP_UPDATE),
	V(OP_DELETE),
	V(OP_FLUSH),
	V(OP_CORRUPT),
	V(RES_OK),
	V(RES_EXISTS),
	V(RES_ABSENT),
	V(RES_INDEX),
	V(RES_OP),
	V(RES_VALUE),
	V(RES_PARITY),
	V(EV_SOFT_BYTES),
	V(EV_HARD_BYTES),
	V(EV_SOFT_PACKETS),
	V(EV_HARD_PACKETS),
	V(EV_SEQ_OVERFLOW),
	V(EV_ACQUIRE),
	V(EV_PARITY),
	V(EV_DMA_ERROR),
	{ "ACT_DISCARD", ESPALIER_DISCARD },
	{ "ACT_BYPASS", ESPALIER_BYPASS },
	{ "ACT_PROTECT", ESPALIER_PROTECT },
};
#define VALUES (sizeof(values) / sizeof(values[0]))

/* In the package alone: of no concern to software. */
static bool inner(const char *name)
{
	return !strncmp(name, "KIND_", 5) || !strcmp(name, "CODE_W") ||
	       !strcmp(name, "CODE_NONE") || !strncmp(name, "ROOM", 4) ||
	       !strncmp(name, "STAGE_", 6);
}

static char *text;

static bool read_pkg(void)
{
	FILE *f = fopen(PKG, "r");
	size_t n;

	if (!f)
		return false;
	text = calloc(1, 1 << 20);
	n = text ? fread(text, 1, (1 << 20) - 1, f) : 0;
	fclose(f);
	return n > 0;
}

/* Next `localparam ... NAME = value;` at or behind @p: where to go on. */
static const char *next_param(const char *p, char name[64], unsigned long *val)
{
	const char *eq, *end, *s, *v;
	size_t n;

	p = strstr(p, "\n  localparam ");
	if (!p)
		return NULL;
	p += 3;
	eq = strchr(p, '=');
	end = strchr(p, ';');
	if (!eq || !end || eq > end)
		return NULL;
	for (s = eq; s[-1] == ' '; s--)
		;
	for (v = s; v[-1] != ' ' && v[-1] != ']'; v--)
		;
	n = (size_t)(s - v);
	if (n > 63)
		return NULL;
	memcpy(name, v, n);
	name[n] = '\0';
	v = eq + 1 + strspn(eq + 1, " ");
	s = memchr(v, '\'', (size_t)(end - v));
	if (s)
		*val = strtoul(s + 2, NULL,
			       s[1] == 'h'   ? 16
			       : s[1] == 'b' ? 2
					     : 10);
	else
		*val = strtoul(v, NULL, 10);
	return end;
}

static void constants_agree(void)
{
	bool seen[VALUES] = { false };
	const char *p = text;
	unsigned long val;
	char name[64];
	size_t i;
	int n = 0;

	while ((p = next_param(p, name, &val)) != NULL) {
		n++;
		for (i = 0; i < VALUES && strcmp(values[i].name, name); i++)
			;
		if (i == VALUES) {
			if (!inner(name))
				printf("%s is not in layout.h\n", name);
			CU_ASSERT(inner(name));
			continue;
		}
		if (values[i].val != val)
			printf("%s: package %lu, layout.h %lu\n", name, val,
			       values[i].val);
		CU_ASSERT_EQUAL(values[i].val, val);
		seen[i] = true;
	}
	CU_ASSERT(n > 60); /* the parser sees the file */
	for (i = 0; i < VALUES; i++) {
		if (!seen[i])
			printf("%s is not in the package\n", values[i].name);
		CU_ASSERT(seen[i]);
	}
}

/* Width of @field in `typedef struct packed { ... } @type;`, or -1; *@pos gets
 * the bits below it. */
static int field_bits(const char *type, const char *field, int *pos)
{
	char closing[64], decl[96];
	const char *end, *p, *line;
	int width = -1, msb, below = 0;
	char fname[64];

	snprintf(closing, sizeof(closing), "\n  } %s;", type);
	end = strstr(text, closing);
	if (!end)
		return -1;
	for (p = end; strncmp(p, "typedef struct packed {", 23); p--)
		if (p == text)
			return -1;
	for (line = strchr(p, '\n') + 1; line < end + 1;
	     line = strchr(line, '\n') + 1) {
		size_t n = strcspn(line, "\n");

		if (n >= sizeof(decl))
			n = sizeof(decl) - 1;
		memcpy(decl, line, n);
		decl[n] = '\0';
		if (sscanf(decl, " logic [%d:0] %63[a-z0-9_];", &msb, fname) ==
		    2)
			msb++;
		else if (sscanf(decl, " logic %63[a-z0-9_];", fname) == 1)
			msb = 1;
		else
			continue;
		if (width >= 0)
			below += msb;
		if (!strcmp(fname, field))
			width = msb;
	}
	*pos = below;
	return width;
}

static void handles_agree(void)
{
	int pos;

	EXPECT_EQ(field_bits("handle_t", "dir", &pos), 1);
	EXPECT_EQ(pos, 31);
	EXPECT_EQ(field_bits("handle_t", "gen", &pos), 15);
	EXPECT_EQ(pos, 16);
	EXPECT_EQ(field_bits("handle_t", "slot", &pos), 16);
	EXPECT_EQ(pos, 0);
	EXPECT_EQ(field_bits("handle_t", "none", &pos), -1);
	EXPECT_EQ(ESPALIER_HANDLE(1, 0x7fff, 0x1234), 0xffff1234);
	EXPECT_EQ(ESPALIER_HANDLE_DIR(0x80010002u), 1);
	EXPECT_EQ(ESPALIER_HANDLE_GEN(0x80010002u), 1);
	EXPECT_EQ(ESPALIER_HANDLE_SLOT(0x80010002u), 2);
}

#define AT(type, field, off) EXPECT_EQ(offsetof(struct type, field), off)

static void structures_lie_right(void)
{
	AT(espalier_tx_desc, addr, 0);
	AT(espalier_tx_desc, len, 8);
	AT(espalier_tx_desc, flags, 10);
	AT(espalier_tx_desc, handle, 12);
	AT(espalier_tx_cpl, index, 0);
	AT(espalier_tx_cpl, status, 2);
	AT(espalier_tx_cpl, flags, 3);
	AT(espalier_tx_cpl, handle, 4);
	AT(espalier_tx_cpl, seq, 8);
	AT(espalier_tx_cpl, wire_len, 12);
	AT(espalier_rx_desc, len, 8);
	AT(espalier_rx_cpl, handle, 4);
	AT(espalier_rx_cpl, hash, 8);
	AT(espalier_rx_cpl, len, 12);
	/* 32-bit words of the staging registers */
	AT(espalier_sa_entry, src, 4 * 5);
	AT(espalier_sa_entry, dst, 4 * 9);
	AT(espalier_sa_entry, seq, 4 * 13);
	AT(espalier_sa_entry, soft_bytes, 4 * 15);
	AT(espalier_sa_entry, hard_packets, 4 * 21);
	AT(espalier_sa_entry, bytes, 4 * 23);
	AT(espalier_sa_entry, packets, 4 * 25);
	AT(espalier_sa_entry, status, 4 * 27);
	AT(espalier_sa_entry, replays, 4 * 28);
	AT(espalier_sa_entry, auth_failures, 4 * 29);
	AT(espalier_spd_entry, src_lo, 4 * 4);
	AT(espalier_spd_entry, dst_hi, 4 * 16);
	AT(espalier_key_entry, key, 8);
	EXPECT_EQ(sizeof(struct espalier_counter_entry), 16);
	EXPECT_EQ(sizeof(struct espalier_hash_entry), 8);
}

/* The hash is written twice; this is the third, word for word the package's:
 * concatenations as there, CRC-32C by the definition. */
static uint32_t pkg_hash(uint32_t spi, const uint32_t d[4], uint8_t proto)
{
	uint32_t k, c, i;

	k = spi ^ d[0];
	k ^= (d[1] & 0x07ffffff) << 5 | d[1] >> 27; /* {[58:32],[63:59]} */
	k ^= (d[2] & 0x001fffff) << 11 | d[2] >> 21; /* {[84:64],[95:85]} */
	k ^= (d[3] & 0x00007fff) << 17 | d[3] >> 15; /* {[110:96],[127:111]} */
	k ^= (uint32_t)proto << 24;
	c = 0xffffffffu ^ k;
	for (i = 0; i < 32; i++)
		c = c & 1 ? (c >> 1) ^ 0x82f63b78u : c >> 1;
	return ~c;
}

static void hash_agrees(void)
{
	const uint32_t zero[4] = { 0, 0, 0, 0 };
	uint32_t d[4], x = 1, i, j;

	CU_ASSERT_PTR_NOT_NULL(strstr(text, "{dst[58:32], dst[63:59]}"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "{dst[84:64], dst[95:85]}"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "{dst[110:96], dst[127:111]}"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "{proto, 24'd0}"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "32'h82f6_3b78"));
	/* CRC-32C of the four zero bytes, known from elsewhere */
	EXPECT_EQ(espi_sa_hash(0, zero, 0), 0x48674bc7);
	for (i = 0; i < 1000; i++) {
		for (j = 0; j < 4; j++)
			d[j] = x = x * 1664525 + 1013904223;
		EXPECT_EQ(espi_sa_hash(x ^ i, d, 50), pkg_hash(x ^ i, d, 50));
	}
}

static void names_are_unique(void)
{
	unsigned int i, j, n = 0;
	const char *a, *b;

	for (i = 0; i < ESPALIER_CODE_COUNT; i++) {
		a = espalier_code_name((enum espalier_code)i);
		if (!a)
			continue;
		n++;
		CU_ASSERT(!strncmp(a, i < 0x20 ? "XfrmOut" : "XfrmIn",
				   i < 0x20 ? 7 : 6));
		for (j = i + 1; j < ESPALIER_CODE_COUNT; j++) {
			b = espalier_code_name((enum espalier_code)j);
			CU_ASSERT(!b || strcmp(a, b));
		}
	}
	/* every code of layout.h has one */
	EXPECT_EQ(n, 45);
	for (i = 0; i < 45; i++)
		CU_ASSERT_PTR_NOT_NULL(
			espalier_code_name((enum espalier_code)values[i].val));
	CU_ASSERT_PTR_NULL(espalier_code_name(ESPALIER_CODE_COUNT));
	CU_ASSERT_PTR_NULL(espalier_code_name((enum espalier_code)0x3f));
}

static const struct test_case cases[] = {
	{ "constants_agree", constants_agree },
	{ "handles_agree", handles_agree },
	{ "structures_lie_right", structures_lie_right },
	{ "hash_agrees", hash_agrees },
	{ "names_are_unique", names_are_unique },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	int ret;

	if (!read_pkg()) {
		printf("%s cannot be read: run this from the top\n", PKG);
		printf("test_layout: 0 passed, 1 failed\n");
		return 1;
	}
	ret = suite_run("test_layout", cases, argc, argv);
	free(text);
	return ret;
}
