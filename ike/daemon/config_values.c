// SPDX-License-Identifier: Apache-2.0
/* Groups of the static configuration by tables of their keys. */
#include <stdio.h>
#include <string.h>
#include "config_values.h"
#include "wire/text.h"

void cfg_complain(struct cfg_parser *p, const config_setting_t *s,
		  const char *what, const char *why)
{
	fprintf(stderr, "%s:%u: %s%s%s\n", p->file,
		config_setting_source_line(s), what, why ? ": " : "",
		why ? why : "");
	p->failed = true;
}

void cfg_read_group(struct cfg_parser *p, const config_setting_t *group,
		    const struct cfg_key *keys, size_t nkeys, void *obj)
{
	unsigned int seen = 0;

	if (!config_setting_is_group(group)) {
		cfg_complain(p, group, "expected a group { ... }", NULL);
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
			cfg_complain(p, s, "unknown key", name);
			continue;
		}
		seen |= 1u << k;
		why = keys[k].set(&keys[k], obj, s);
		if (why)
			cfg_complain(p, s, name, why);
	}
	for (size_t k = 0; k < nkeys; k++)
		if (keys[k].required && !(seen & 1u << k))
			cfg_complain(p, group, "missing key", keys[k].name);
}

/* ------------------------------------------------------------------ values */

#define FIELD(type) (*(type *)((char *)obj + k->at))

const struct cfg_word cfg_dirs[] = {
	{ "out", ESPALIER_DIR_OUT },
	{ "in", ESPALIER_DIR_IN },
	{ NULL, 0 },
};

const char *cfg_text(const config_setting_t *s, const char **v)
{
	*v = config_setting_get_string(s);
	return *v ? NULL : "expected a string in quotes";
}

const char *cfg_number(const config_setting_t *s, uint64_t max, uint64_t *v)
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

static const char *number(const struct cfg_key *k, const config_setting_t *s,
			  uint64_t *v)
{
	const char *why = cfg_number(s, INT64_MAX, v);

	if (!why && (*v < k->min || *v > k->max))
		why = k->allowed ? k->allowed : "out of range";
	return why;
}

CFG_SET(cfg_set_u16)
{
	uint64_t v;
	const char *why = number(k, s, &v);

	if (!why)
		FIELD(uint16_t) = (uint16_t)v;
	return why;
}

CFG_SET(cfg_set_u32)
{
	uint64_t v;
	const char *why = number(k, s, &v);

	if (!why)
		FIELD(uint32_t) = (uint32_t)v;
	return why;
}

CFG_SET(cfg_set_u64)
{
	return number(k, s, &FIELD(uint64_t));
}

CFG_SET(cfg_set_bool)
{
	if (config_setting_type(s) != CONFIG_TYPE_BOOL)
		return "expected true or false";
	FIELD(bool) = config_setting_get_bool(s);
	return NULL;
}

CFG_SET(cfg_set_word)
{
	const char *t, *why = cfg_text(s, &t);

	if (why)
		return why;
	for (const struct cfg_word *w = k->words; w->text; w++) {
		if (!strcmp(w->text, t)) {
			FIELD(unsigned int) = w->value;
			return NULL;
		}
	}
	return k->allowed;
}

CFG_SET(cfg_set_addr)
{
	const char *t, *why = cfg_text(s, &t);

	if (why)
		return why;
	return addr_from_text(t, &FIELD(struct espalier_addr))
		       ? "not an IPv4 or IPv6 address"
		       : NULL;
}
