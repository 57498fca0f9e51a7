// SPDX-License-Identifier: Apache-2.0
/*
 * The configuration file. Every group is read by a table of its keys, so that
 * an unknown key, a wrong type and a missing key are all found here, and named
 * with file and line.
 */
#include <errno.h>
#include <libconfig.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "config.h"
#include "wire/addr.h"

#define MTU_MIN 1280 /* RFC 8200 section 5 */
#define MTU_MAX 9000

struct key {
	const char *name;
	bool required;
	/* NULL or what was wrong with the value */
	const char *(*set)(void *obj, const config_setting_t *s);
};

struct parser {
	const char *file;
	bool failed;
};

static void complain(struct parser *p, const config_setting_t *s,
		     const char *what, const char *why)
{
	fprintf(stderr, "%s:%u: %s%s%s\n", p->file,
		config_setting_source_line(s), what, why ? ": " : "",
		why ? why : "");
	p->failed = true;
}

static void read_group(struct parser *p, const config_setting_t *group,
		       const struct key *keys, size_t nkeys, void *obj)
{
	unsigned int seen = 0;

	if (!config_setting_is_group(group)) {
		complain(p, group, "expected a group { ... }", NULL);
		return;
	}
	for (int i = 0; i < config_setting_length(group); i++) {
		const config_setting_t *s =
			config_setting_get_elem(group, (unsigned int)i);
		const char *name = config_setting_name(s), *why;
		size_t k;

		for (k = 0; k < nkeys; k++)
			if (!strcmp(keys[k].name, name))
				break;
		if (k == nkeys) {
			complain(p, s, "unknown key", name);
			continue;
		}
		seen |= 1u << k;
		why = keys[k].set(obj, s);
		if (why)
			complain(p, s, name, why);
	}
	for (size_t k = 0; k < nkeys; k++)
		if (keys[k].required && !(seen & 1u << k))
			complain(p, group, "missing key", keys[k].name);
}

/* ------------------------------------------------------------------ values */

static const char *get_text(const config_setting_t *s, const char **v)
{
	*v = config_setting_get_string(s);
	return *v ? NULL : "expected a string in quotes";
}

static const char *get_u64(const config_setting_t *s, uint64_t max, uint64_t *v)
{
	long long x;

	if (config_setting_type(s) == CONFIG_TYPE_INT)
		/* 0xffffffff without the L suffix arrives as a negative int */
		x = config_setting_get_format(s) == CONFIG_FORMAT_HEX
			    ? (long long)(unsigned int)config_setting_get_int(s)
			    : config_setting_get_int(s);
	else if (config_setting_type(s) == CONFIG_TYPE_INT64)
		x = config_setting_get_int64(s);
	else
		return "expected a number";
	if (x < 0 || (uint64_t)x > max)
		return "out of range";
	*v = (uint64_t)x;
	return NULL;
}

static const char *get_uint(const config_setting_t *s, unsigned int max,
			    unsigned int *v)
{
	uint64_t x;
	const char *why = get_u64(s, max, &x);

	if (!why)
		*v = (unsigned int)x;
	return why;
}

static const char *get_bool(const config_setting_t *s, bool *v)
{
	if (config_setting_type(s) != CONFIG_TYPE_BOOL)
		return "expected true or false";
	*v = config_setting_get_bool(s);
	return NULL;
}

static const char *get_addr(const config_setting_t *s, struct espalier_addr *a)
{
	const char *t, *why = get_text(s, &t);

	if (why)
		return why;
	return addr_from_text(t, a) ? "not an IPv4 or IPv6 address" : NULL;
}

static const char *get_range(const config_setting_t *s,
			     struct espalier_addr *lo, struct espalier_addr *hi)
{
	const char *t, *why = get_text(s, &t);

	if (why)
		return why;
	return text_addr_range(t, lo, hi)
		       ? "expected ADDRESS, ADDRESS/LENGTH or LOW-HIGH"
		       : NULL;
}

static const char *get_ports(const config_setting_t *s, uint16_t *lo,
			     uint16_t *hi)
{
	const char *t, *why;
	unsigned int v;

	if (config_setting_is_number(s)) {
		why = get_uint(s, UINT16_MAX, &v);
		*lo = *hi = why ? 0 : (uint16_t)v;
		return why;
	}
	why = get_text(s, &t);
	if (why)
		return why;
	return text_port_range(t, lo, hi)
		       ? "expected a port, \"LOW-HIGH\" or \"any\""
		       : NULL;
}

static const char *get_dir(const config_setting_t *s, enum espalier_dir *dir)
{
	const char *t, *why = get_text(s, &t);

	if (why)
		return why;
	if (!strcmp(t, "out"))
		*dir = ESPALIER_DIR_OUT;
	else if (!strcmp(t, "in"))
		*dir = ESPALIER_DIR_IN;
	else
		return "expected \"in\" or \"out\"";
	return NULL;
}

/* ---------------------------------------------------------------- SAs */

static const char *sa_dir(void *o, const config_setting_t *s)
{
	return get_dir(s, &((struct cfg_sa *)o)->sa.dir);
}

static const char *sa_mode(void *o, const config_setting_t *s)
{
	struct cfg_sa *c = o;
	const char *t, *why = get_text(s, &t);

	if (why)
		return why;
	if (!strcmp(t, "tunnel"))
		c->sa.mode = ESPALIER_MODE_TUNNEL;
	else if (!strcmp(t, "transport"))
		c->sa.mode = ESPALIER_MODE_TRANSPORT;
	else
		return "expected \"tunnel\" or \"transport\"";
	return NULL;
}

static const char *sa_spi(void *o, const config_setting_t *s)
{
	const char *why =
		get_uint(s, UINT32_MAX, &((struct cfg_sa *)o)->sa.spi);

	if (!why && ((struct cfg_sa *)o)->sa.spi < 256)
		return "an SPI is 256 or more (RFC 4303 section 2.1)";
	return why;
}

static const char *sa_src(void *o, const config_setting_t *s)
{
	return get_addr(s, &((struct cfg_sa *)o)->sa.src);
}

static const char *sa_dst(void *o, const config_setting_t *s)
{
	return get_addr(s, &((struct cfg_sa *)o)->sa.dst);
}

static const char *sa_key(void *o, const config_setting_t *s)
{
	struct cfg_sa *c = o;
	const char *t, *why = get_text(s, &t);
	int n;

	if (why)
		return why;
	n = text_hex(t, c->sa.key, sizeof(c->sa.key));
	/* the library's copy of the text is not needed any more */
	explicit_bzero((char *)t, strlen(t));
	if (n != 20 && n != 36)
		return "expected 20 or 36 bytes in hex: AES key, then the 4 "
		       "bytes of salt (RFC 4106 section 8.1)";
	c->sa.key_len = (unsigned int)n;
	return NULL;
}

static const char *sa_icv(void *o, const config_setting_t *s)
{
	return get_uint(s, 255, &((struct cfg_sa *)o)->sa.icv_len);
}

static const char *sa_esn(void *o, const config_setting_t *s)
{
	return get_bool(s, &((struct cfg_sa *)o)->sa.esn);
}

static const char *sa_seq(void *o, const config_setting_t *s)
{
	return get_u64(s, INT64_MAX, &((struct cfg_sa *)o)->sa.seq);
}

static const char *sa_window(void *o, const config_setting_t *s)
{
	return get_uint(s, UINT16_MAX, &((struct cfg_sa *)o)->sa.window);
}

static const char *sa_mtu(void *o, const config_setting_t *s)
{
	return get_uint(s, UINT16_MAX, &((struct cfg_sa *)o)->sa.mtu);
}

static const char *sa_df(void *o, const config_setting_t *s)
{
	struct cfg_sa *c = o;
	const char *t, *why = get_text(s, &t);

	if (why)
		return why;
	if (!strcmp(t, "copy"))
		c->sa.df = ESPALIER_DF_COPY;
	else if (!strcmp(t, "set"))
		c->sa.df = ESPALIER_DF_SET;
	else if (!strcmp(t, "clear"))
		c->sa.df = ESPALIER_DF_CLEAR;
	else
		return "expected \"copy\", \"set\" or \"clear\"";
	return NULL;
}

static const char *sa_dscp(void *o, const config_setting_t *s)
{
	unsigned int v;
	const char *why = get_uint(s, 63, &v);

	if (!why)
		((struct cfg_sa *)o)->sa.dscp = (int)v;
	return why;
}

static const char *sa_ttl(void *o, const config_setting_t *s)
{
	return get_uint(s, 255, &((struct cfg_sa *)o)->sa.ttl);
}

static const char *sa_ecn(void *o, const config_setting_t *s)
{
	return get_bool(s, &((struct cfg_sa *)o)->sa.ecn);
}

static const char *sa_flow_label(void *o, const config_setting_t *s)
{
	return get_uint(s, 0xfffff, &((struct cfg_sa *)o)->sa.flow_label);
}

static const char *sa_reqid(void *o, const config_setting_t *s)
{
	unsigned int v;
	const char *why = get_uint(s, UINT16_MAX, &v);

	if (!why)
		((struct cfg_sa *)o)->sa.reqid = (uint16_t)v;
	return why;
}

static const char *sa_queue(void *o, const config_setting_t *s)
{
	unsigned int v;
	const char *why = get_uint(s, 15, &v);

	if (!why)
		((struct cfg_sa *)o)->sa.queue = (int)v;
	return why;
}

static const char *sa_soft_bytes(void *o, const config_setting_t *s)
{
	return get_u64(s, INT64_MAX,
		       &((struct cfg_sa *)o)->sa.limits.soft_bytes);
}

static const char *sa_hard_bytes(void *o, const config_setting_t *s)
{
	return get_u64(s, INT64_MAX,
		       &((struct cfg_sa *)o)->sa.limits.hard_bytes);
}

static const char *sa_soft_packets(void *o, const config_setting_t *s)
{
	return get_u64(s, INT64_MAX,
		       &((struct cfg_sa *)o)->sa.limits.soft_packets);
}

static const char *sa_hard_packets(void *o, const config_setting_t *s)
{
	return get_u64(s, INT64_MAX,
		       &((struct cfg_sa *)o)->sa.limits.hard_packets);
}

static const struct key sa_keys[] = {
	{ "dir", true, sa_dir },
	{ "mode", true, sa_mode },
	{ "spi", true, sa_spi },
	{ "src", true, sa_src },
	{ "dst", true, sa_dst },
	{ "key", true, sa_key },
	{ "icv", false, sa_icv },
	{ "esn", false, sa_esn },
	{ "seq", false, sa_seq },
	{ "window", false, sa_window },
	{ "mtu", false, sa_mtu },
	{ "df", false, sa_df },
	{ "dscp", false, sa_dscp },
	{ "ttl", false, sa_ttl },
	{ "ecn", false, sa_ecn },
	{ "flow_label", false, sa_flow_label },
	{ "reqid", false, sa_reqid },
	{ "queue", false, sa_queue },
	{ "soft_bytes", false, sa_soft_bytes },
	{ "hard_bytes", false, sa_hard_bytes },
	{ "soft_packets", false, sa_soft_packets },
	{ "hard_packets", false, sa_hard_packets },
};

/* ----------------------------------------------------------------- policies */

static const char *pol_dir(void *o, const config_setting_t *s)
{
	return get_dir(s, &((struct cfg_policy *)o)->policy.dir);
}

static const char *pol_action(void *o, const config_setting_t *s)
{
	struct cfg_policy *c = o;
	const char *t, *why = get_text(s, &t);

	if (why)
		return why;
	if (!strcmp(t, "protect"))
		c->policy.action = ESPALIER_PROTECT;
	else if (!strcmp(t, "bypass"))
		c->policy.action = ESPALIER_BYPASS;
	else if (!strcmp(t, "discard"))
		c->policy.action = ESPALIER_DISCARD;
	else
		return "expected \"protect\", \"bypass\" or \"discard\"";
	return NULL;
}

static const char *pol_priority(void *o, const config_setting_t *s)
{
	return get_uint(s, UINT32_MAX,
			&((struct cfg_policy *)o)->policy.priority);
}

static const char *pol_src(void *o, const config_setting_t *s)
{
	struct espalier_policy *p = &((struct cfg_policy *)o)->policy;

	return get_range(s, &p->src_lo, &p->src_hi);
}

static const char *pol_dst(void *o, const config_setting_t *s)
{
	struct espalier_policy *p = &((struct cfg_policy *)o)->policy;

	return get_range(s, &p->dst_lo, &p->dst_hi);
}

static const char *pol_proto(void *o, const config_setting_t *s)
{
	struct espalier_policy *p = &((struct cfg_policy *)o)->policy;
	const char *t, *why;
	unsigned int v;

	if (config_setting_is_number(s)) {
		why = get_uint(s, 255, &v);
		if (!why)
			p->proto = (int)v;
		return why;
	}
	why = get_text(s, &t);
	if (why)
		return why;
	return text_proto(t, &p->proto) ? "unknown protocol" : NULL;
}

static const char *pol_sport(void *o, const config_setting_t *s)
{
	struct espalier_policy *p = &((struct cfg_policy *)o)->policy;

	return get_ports(s, &p->sport_lo, &p->sport_hi);
}

static const char *pol_dport(void *o, const config_setting_t *s)
{
	struct espalier_policy *p = &((struct cfg_policy *)o)->policy;

	return get_ports(s, &p->dport_lo, &p->dport_hi);
}

static const char *pol_spi(void *o, const config_setting_t *s)
{
	return get_uint(s, UINT32_MAX, &((struct cfg_policy *)o)->spi);
}

static const char *pol_reqid(void *o, const config_setting_t *s)
{
	struct cfg_policy *c = o;
	unsigned int v;
	const char *why = get_uint(s, UINT16_MAX, &v);

	if (!why) {
		c->policy.reqid = (uint16_t)v;
		c->has_reqid = true;
	}
	return why;
}

static const struct key policy_keys[] = {
	{ "dir", true, pol_dir },
	{ "action", true, pol_action },
	{ "priority", false, pol_priority },
	{ "src", true, pol_src },
	{ "dst", true, pol_dst },
	{ "proto", false, pol_proto },
	{ "sport", false, pol_sport },
	{ "dport", false, pol_dport },
	{ "spi", false, pol_spi },
	{ "reqid", false, pol_reqid },
};

/* ------------------------------------------------------------------ gateway */

static const char *gw_local_mac(void *o, const config_setting_t *s)
{
	struct config *c = o;
	const char *t, *why = get_text(s, &t);

	if (!why && text_mac(t, c->local_mac))
		why = "expected six bytes in hex with colons";
	c->has_local_mac = !why;
	return why;
}

static const char *gw_peer_mac(void *o, const config_setting_t *s)
{
	struct config *c = o;
	const char *t, *why = get_text(s, &t);

	if (!why && text_mac(t, c->peer_mac))
		why = "expected six bytes in hex with colons";
	c->has_peer_mac = !why;
	return why;
}

static const char *gw_mtu(void *o, const config_setting_t *s)
{
	struct config *c = o;
	const char *why = get_uint(s, MTU_MAX, &c->mtu);

	if (!why && c->mtu < MTU_MIN)
		return "an MTU is 1280 to 9000";
	return why;
}

static const struct key gateway_keys[] = {
	{ "local_mac", false, gw_local_mac },
	{ "peer_mac", false, gw_peer_mac },
	{ "mtu", false, gw_mtu },
};

/* --------------------------------------------------------------- whole file */

#define NKEYS(k) (sizeof(k) / sizeof((k)[0]))

static int read_sas(struct parser *p, struct config *cfg,
		    const config_setting_t *list)
{
	int n = config_setting_length(list);

	if (!config_setting_is_list(list)) {
		complain(p, list, "sas", "expected a list ( {...}, ... )");
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
		c->sa.icv_len = 16;
		c->sa.dscp = -1;
		c->sa.queue = -1;
		c->sa.ecn = true;
		c->sa.window = 64; /* RFC 4303 section 3.4.3 */
		read_group(p, s, sa_keys, NKEYS(sa_keys), c);
		if (c->sa.src.family && c->sa.dst.family &&
		    c->sa.src.family != c->sa.dst.family)
			complain(p, s, "src and dst are of two families", NULL);
		if (c->sa.dir == ESPALIER_DIR_OUT)
			c->sa.window = 0;
	}
	return 0;
}

static int read_policies(struct parser *p, struct config *cfg,
			 const config_setting_t *list)
{
	int n = config_setting_length(list);

	if (!config_setting_is_list(list)) {
		complain(p, list, "policies", "expected a list ( {...}, ... )");
		return 0;
	}
	cfg->policies = calloc((size_t)n + 1, sizeof(*cfg->policies));
	if (!cfg->policies)
		return -ENOMEM;
	for (int i = 0; i < n; i++) {
		const config_setting_t *s =
			config_setting_get_elem(list, (unsigned int)i);
		struct cfg_policy *c = &cfg->policies[cfg->npolicies++];
		struct espalier_policy *pol = &c->policy;

		c->line = (int)config_setting_source_line(s);
		pol->proto = -1;
		pol->sport_hi = UINT16_MAX;
		pol->dport_hi = UINT16_MAX;
		read_group(p, s, policy_keys, NKEYS(policy_keys), c);
		if (pol->src_lo.family && pol->dst_lo.family &&
		    pol->src_lo.family != pol->dst_lo.family)
			complain(p, s, "src and dst are of two families", NULL);
		if (pol->action != ESPALIER_PROTECT)
			continue;
		if (pol->dir == ESPALIER_DIR_OUT && !c->spi)
			complain(p, s, "missing key", "spi");
		if (pol->dir == ESPALIER_DIR_IN && !c->has_reqid)
			complain(p, s, "missing key", "reqid");
	}
	return 0;
}

static int read_file(struct config *cfg, const char *path, bool l2)
{
	struct parser p = { .file = path };
	const config_setting_t *root;
	bool gateway = false;
	config_t lc;
	FILE *f;
	int ret = 0;

	memset(cfg, 0, sizeof(*cfg));
	cfg->mtu = 1400;
	cfg->file = strdup(path);
	f = fopen(path, "r");
	if (!f || !cfg->file) {
		ret = -errno;
		fprintf(stderr, "%s: %s\n", path, strerror(-ret));
		if (f)
			fclose(f);
		return ret;
	}
	config_init(&lc);
	if (!config_read(&lc, f)) {
		fprintf(stderr, "%s:%d: %s\n", path, config_error_line(&lc),
			config_error_text(&lc));
		ret = -EINVAL;
		goto out;
	}
	root = config_root_setting(&lc);
	for (int i = 0; !ret && i < config_setting_length(root); i++) {
		const config_setting_t *s =
			config_setting_get_elem(root, (unsigned int)i);
		const char *name = config_setting_name(s);

		if (!strcmp(name, "gateway")) {
			gateway = true;
			read_group(&p, s, gateway_keys, NKEYS(gateway_keys),
				   cfg);
			if (!cfg->has_peer_mac && !l2)
				complain(&p, s, "missing key", "peer_mac");
		} else if (!strcmp(name, "sas")) {
			ret = read_sas(&p, cfg, s);
		} else if (!strcmp(name, "policies")) {
			ret = read_policies(&p, cfg, s);
		} else {
			complain(&p, s, "unknown key", name);
		}
	}
	if (!ret && !gateway)
		complain(&p, root, "missing key", "gateway");
	if (!ret && p.failed)
		ret = -EINVAL;
out:
	config_destroy(&lc);
	fclose(f);
	return ret;
}

/* Parser and stdio keep copies of the keys' digits in buffers of their own;
 * freed memory is overwritten while they work. */
int cfg_read(struct config *cfg, const char *path, bool l2)
{
	int ret;

	mallopt(M_PERTURB, 0x5a);
	ret = read_file(cfg, path, l2);
	mallopt(M_PERTURB, 0);
	return ret;
}

void cfg_zero_keys(struct config *cfg)
{
	for (unsigned int i = 0; i < cfg->nsas; i++)
		explicit_bzero(cfg->sas[i].sa.key, sizeof(cfg->sas[i].sa.key));
}

void cfg_free(struct config *cfg)
{
	cfg_zero_keys(cfg);
	free(cfg->sas);
	free(cfg->policies);
	free(cfg->file);
	memset(cfg, 0, sizeof(*cfg));
}
