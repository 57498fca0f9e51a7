// SPDX-License-Identifier: Apache-2.0
/* "sas" of the static configuration. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "config_values.h"
#include "wire/text.h"

static CFG_SET(set_key)
{
	struct espalier_sa *sa = obj;
	const char *t, *why = cfg_text(s, &t);
	size_t n = sizeof(sa->key);
	int err;

	(void)k;
	if (why)
		return why;
	err = hex_from_text(t + (strncasecmp(t, "0x", 2) ? 0 : 2), sa->key, &n);
	/* the library's copy of the text is not needed any more */
	explicit_bzero((char *)t, strlen(t));
	if (err || (n != 20 && n != 36))
		return "expected 20 or 36 bytes in hex: AES key, then the 4 "
		       "bytes of salt (RFC 4106 section 8.1)";
	sa->key_len = (unsigned int)n;
	return NULL;
}

static const struct cfg_word modes[] = {
	{ "tunnel", ESPALIER_MODE_TUNNEL },
	{ "transport", ESPALIER_MODE_TRANSPORT },
	{ NULL, 0 },
};

static const struct cfg_word dfs[] = {
	{ "copy", ESPALIER_DF_COPY },
	{ "set", ESPALIER_DF_SET },
	{ "clear", ESPALIER_DF_CLEAR },
	{ NULL, 0 },
};

#define AT(field) .at = offsetof(struct espalier_sa, field)
#define U32(field, most) .set = cfg_set_u32, AT(field), .max = (most)
#define U64(field) .set = cfg_set_u64, AT(field), .max = INT64_MAX
#define BOOL(field) .set = cfg_set_bool, AT(field)
#define WORD(field, list, text)                                                \
	.set = cfg_set_word, AT(field), .words = (list), .allowed = text

static const struct cfg_key keys[] = {
	{ "dir", true, WORD(dir, cfg_dirs, CFG_DIR_ALLOWED) },
	{ "mode", true,
	  WORD(mode, modes, "expected \"tunnel\" or \"transport\"") },
	{ "spi", true, U32(spi, UINT32_MAX), .min = 256,
	  .allowed = "an SPI is 256 or more (RFC 4303 section 2.1)" },
	{ "src", true, .set = cfg_set_addr, AT(src) },
	{ "dst", true, .set = cfg_set_addr, AT(dst) },
	{ "key", true, .set = set_key },
	{ "icv", false, U32(icv_len, 255) },
	{ "esn", false, BOOL(esn) },
	{ "seq", false, U64(seq) },
	{ "window", false, U32(window, UINT16_MAX) },
	{ "mtu", false, U32(mtu, UINT16_MAX) },
	{ "df", false,
	  WORD(df, dfs, "expected \"copy\", \"set\" or \"clear\"") },
	{ "dscp", false, U32(dscp, 63) },
	{ "ttl", false, U32(ttl, 255) },
	{ "ecn", false, BOOL(ecn) },
	{ "flow_label", false, U32(flow_label, 0xfffff) },
	{ "reqid", false, .set = cfg_set_u16, AT(reqid), .max = UINT16_MAX },
	{ "queue", false, U32(queue, 15) },
	{ "soft_bytes", false, U64(limits.soft_bytes) },
	{ "hard_bytes", false, U64(limits.hard_bytes) },
	{ "soft_packets", false, U64(limits.soft_packets) },
	{ "hard_packets", false, U64(limits.hard_packets) },
};

static void read_one(struct cfg_parser *p, const config_setting_t *s,
		     struct espalier_sa *sa)
{
	sa->icv_len = 16;
	sa->dscp = -1;
	sa->queue = -1;
	sa->ecn = true;
	sa->window = 64; /* RFC 4303 section 3.4.3 */
	cfg_read_group(p, s, keys, sizeof(keys) / sizeof(keys[0]), sa);
	if (sa->src.family && sa->dst.family &&
	    sa->src.family != sa->dst.family)
		cfg_complain(p, s, "src and dst are of two families", NULL);
	if (sa->dir == ESPALIER_DIR_OUT)
		sa->window = 0;
}

int cfg_read_sas(struct cfg_parser *p, struct config *cfg,
		 const config_setting_t *list)
{
	int n = config_setting_length(list);

	if (!config_setting_is_list(list)) {
		cfg_complain(p, list, "sas", "expected a list ( {...}, ... )");
		return 0;
	}
	cfg->sas = calloc((size_t)n + 1, sizeof(*cfg->sas));
	if (!cfg->sas)
		return -ENOMEM;
	for (int i = 0; i < n; i++) {
		const config_setting_t *s =
			config_setting_get_elem(list, (unsigned int)i);
		struct cfg_sa *c = &cfg->sas[cfg->nsas++];

		c->line = (int)config_setting_source_line(s);
		read_one(p, s, &c->sa);
	}
	return 0;
}
