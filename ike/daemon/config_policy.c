// SPDX-License-Identifier: Apache-2.0
/* "policies" of the static configuration. */
#include <errno.h>
#include <stdlib.h>
#include "config_values.h"
#include "wire/text.h"

static const char *get_range(const config_setting_t *s,
			     struct espalier_addr *lo, struct espalier_addr *hi)
{
	const char *t, *why = cfg_text(s, &t);

	return why ? why : addr_range_from_text(t, true, lo, hi);
}

static const char *get_ports(const config_setting_t *s, uint16_t *lo,
			     uint16_t *hi)
{
	const char *t, *why;
	uint64_t v;

	if (config_setting_is_number(s)) {
		why = cfg_number(s, UINT16_MAX, &v);
		*lo = *hi = why ? 0 : (uint16_t)v;
		return why;
	}
	why = cfg_text(s, &t);
	return why ? why : port_range_from_text(t, false, lo, hi);
}

static CFG_SET(set_src)
{
	struct cfg_policy *c = obj;

	(void)k;
	return get_range(s, &c->policy.src_lo, &c->policy.src_hi);
}

static CFG_SET(set_dst)
{
	struct cfg_policy *c = obj;

	(void)k;
	return get_range(s, &c->policy.dst_lo, &c->policy.dst_hi);
}

static CFG_SET(set_sport)
{
	struct cfg_policy *c = obj;

	(void)k;
	return get_ports(s, &c->policy.sport_lo, &c->policy.sport_hi);
}

static CFG_SET(set_dport)
{
	struct cfg_policy *c = obj;

	(void)k;
	return get_ports(s, &c->policy.dport_lo, &c->policy.dport_hi);
}

static CFG_SET(set_proto)
{
	struct cfg_policy *c = obj;
	const char *t, *why;

	if (config_setting_is_number(s))
		return cfg_set_u32(k, obj, s);
	why = cfg_text(s, &t);
	return why ? why : proto_from_text(t, &c->policy.proto);
}

static CFG_SET(set_reqid)
{
	struct cfg_policy *c = obj;
	const char *why = cfg_set_u16(k, obj, s);

	if (!why)
		c->has_reqid = true;
	return why;
}

static const struct cfg_word actions[] = {
	{ "protect", ESPALIER_PROTECT },
	{ "bypass", ESPALIER_BYPASS },
	{ "discard", ESPALIER_DISCARD },
	{ NULL, 0 },
};

#define AT(field) .at = offsetof(struct cfg_policy, field)

static const struct cfg_key keys[] = {
	{ "dir", true, .set = cfg_set_word, AT(policy.dir), .words = cfg_dirs,
	  .allowed = CFG_DIR_ALLOWED },
	{ "action", true, .set = cfg_set_word, AT(policy.action),
	  .words = actions,
	  .allowed = "expected \"protect\", \"bypass\" or \"discard\"" },
	{ "priority", false, .set = cfg_set_u32, AT(policy.priority),
	  .max = UINT32_MAX },
	{ "src", true, .set = set_src },
	{ "dst", true, .set = set_dst },
	{ "proto", false, .set = set_proto, AT(policy.proto), .max = 255 },
	{ "sport", false, .set = set_sport },
	{ "dport", false, .set = set_dport },
	{ "spi", false, .set = cfg_set_u32, AT(spi), .max = UINT32_MAX },
	{ "reqid", false, .set = set_reqid, AT(policy.reqid),
	  .max = UINT16_MAX },
};

static void read_one(struct cfg_parser *p, const config_setting_t *s,
		     struct cfg_policy *c)
{
	struct espalier_policy *pol = &c->policy;

	pol->proto = -1;
	pol->sport_hi = UINT16_MAX;
	pol->dport_hi = UINT16_MAX;
	cfg_read_group(p, s, keys, sizeof(keys) / sizeof(keys[0]), c);
	if (pol->src_lo.family && pol->dst_lo.family &&
	    pol->src_lo.family != pol->dst_lo.family)
		cfg_complain(p, s, "src and dst are of two families", NULL);
	if (pol->action != ESPALIER_PROTECT)
		return;
	if (pol->dir == ESPALIER_DIR_OUT && !c->spi)
		cfg_complain(p, s, "missing key", "spi");
	if (pol->dir == ESPALIER_DIR_IN && !c->has_reqid)
		cfg_complain(p, s, "missing key", "reqid");
}

int cfg_read_policies(struct cfg_parser *p, struct config *cfg,
		      const config_setting_t *list)
{
	int n = config_setting_length(list);

	if (!config_setting_is_list(list)) {
		cfg_complain(p, list, "policies",
			     "expected a list ( {...}, ... )");
		return 0;
	}
	cfg->policies = calloc((size_t)n + 1, sizeof(*cfg->policies));
	if (!cfg->policies)
		return -ENOMEM;
	for (int i = 0; i < n; i++) {
		const config_setting_t *s =
			config_setting_get_elem(list, (unsigned int)i);
		struct cfg_policy *c = &cfg->policies[cfg->npolicies++];

		c->line = (int)config_setting_source_line(s);
		read_one(p, s, c);
	}
	return 0;
}
