/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: groups of the static configuration, read by tables of their keys
 *
 * An unknown key, a wrong type, a value that is not allowed and a missing key
 * are all found here, and named with file and line.
 */
#ifndef ESPALIERD_CONFIG_VALUES_H
#define ESPALIERD_CONFIG_VALUES_H

#include <libconfig.h>
#include <stddef.h>
#include "config.h"

struct cfg_word {
	const char *text;
	unsigned int value;
};

/**
 * struct cfg_key - a row
 * @set: the value of @s into @obj, mostly at @at; NULL or what was wrong with
 * it
 * @min: @max: of a number
 * @words: ends with one without text
 * @allowed: what is said of a number or word that is not; NULL: "out of range"
 */
struct cfg_key {
	const char *name;
	bool required;
	const char *(*set)(const struct cfg_key *k, void *obj,
			   const config_setting_t *s);
	size_t at;
	uint64_t min, max;
	const struct cfg_word *words;
	const char *allowed;
};

struct cfg_parser {
	const char *file;
	bool failed;
};

/** cfg_complain() - "file:line: what: why"; @why may be NULL */
void cfg_complain(struct cfg_parser *p, const config_setting_t *s,
		  const char *what, const char *why);
void cfg_read_group(struct cfg_parser *p, const config_setting_t *group,
		    const struct cfg_key *keys, size_t nkeys, void *obj);

/* what the rows of all tables read by; @at: the type in the name */
#define CFG_SET(name)                                                          \
	const char *name(const struct cfg_key *k, void *obj,                   \
			 const config_setting_t *s)
CFG_SET(cfg_set_u16);
CFG_SET(cfg_set_u32); /* or an int */
CFG_SET(cfg_set_u64);
CFG_SET(cfg_set_bool);
CFG_SET(cfg_set_word); /* an enum */
CFG_SET(cfg_set_addr);

/* and what those of one table are made of: NULL or what was wrong */
const char *cfg_text(const config_setting_t *s, const char **v);
const char *cfg_number(const config_setting_t *s, uint64_t max, uint64_t *v);

extern const struct cfg_word cfg_dirs[];
#define CFG_DIR_ALLOWED "expected \"in\" or \"out\""

/* config_sa.c, config_policy.c: "sas" and "policies" into @cfg; 0 or -ENOMEM */
int cfg_read_sas(struct cfg_parser *p, struct config *cfg,
		 const config_setting_t *list);
int cfg_read_policies(struct cfg_parser *p, struct config *cfg,
		      const config_setting_t *list);

#endif /* ESPALIERD_CONFIG_VALUES_H */
