// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "keytab.h"
#include "static.h"

static const char warning[] =
	"espalierd: WARNING: manual keys with AES-GCM are for demonstrations "
	"only.\n"
	"espalierd: A restart begins again at the same IV under the same key, "
	"which gives\n"
	"espalierd: the key stream away (RFC 4106 section 3.1); RFC 8221 "
	"section 3 forbids it.\n"
	"espalierd: Use fresh keys for every start.\n";

static int refused(struct sadb *db, const struct config *cfg, int line,
		   const char *what, int ret)
{
	const char *why = db->ops->error(db);

	fprintf(stderr, "%s:%d: %s: %s\n", cfg->file, line, what,
		*why ? why : strerror(-ret));
	return ret;
}

static int load_sas(struct sadb *db, struct config *cfg)
{
	for (unsigned int i = 0; i < cfg->nsas; i++) {
		struct cfg_sa *c = &cfg->sas[i];
		int ret = db->ops->sa_add(db, &c->sa, &c->handle);

		if (ret)
			return refused(db, cfg, c->line, "SA", ret);
		ret = keytab_add(&c->sa);
		if (ret) {
			fprintf(stderr, "espalierd: key table: %s\n",
				strerror(-ret));
			return ret;
		}
	}
	return 0;
}

static int load_policies(struct sadb *db, struct config *cfg)
{
	for (unsigned int i = 0; i < cfg->npolicies; i++) {
		struct cfg_policy *c = &cfg->policies[i];
		int ret;

		if (c->policy.dir == ESPALIER_DIR_OUT && c->spi) {
			for (unsigned int k = 0; k < cfg->nsas; k++)
				if (cfg->sas[k].sa.spi == c->spi &&
				    cfg->sas[k].sa.dir == ESPALIER_DIR_OUT)
					c->policy.sa = cfg->sas[k].handle;
			if (!c->policy.sa) {
				fprintf(stderr,
					"%s:%d: policy: no outbound SA has "
					"SPI 0x%08x\n",
					cfg->file, c->line, c->spi);
				return -ENOENT;
			}
		}
		ret = db->ops->policy_add(db, &c->policy, &c->id);
		if (ret)
			return refused(db, cfg, c->line, "policy", ret);
	}
	return 0;
}

int static_load(struct sadb *db, struct config *cfg)
{
	int ret;

	if (cfg->nsas)
		fputs(warning, stderr);
	ret = load_sas(db, cfg);
	cfg_zero_keys(cfg);
	if (!ret)
		ret = load_policies(db, cfg);
	if (ret)
		static_unload(db, cfg);
	return ret;
}

void static_unload(struct sadb *db, struct config *cfg)
{
	/* SAs first: a policy without an SA stops packets, while a packet
	 * without a policy would at best be stopped too */
	for (unsigned int i = 0; i < cfg->nsas; i++) {
		if (cfg->sas[i].handle)
			db->ops->sa_del(db, cfg->sas[i].handle);
		cfg->sas[i].handle = 0;
	}
	for (unsigned int i = 0; i < cfg->npolicies; i++) {
		if (cfg->policies[i].id)
			db->ops->policy_del(db, cfg->policies[i].id);
		cfg->policies[i].id = 0;
	}
}
