// SPDX-License-Identifier: Apache-2.0
/* The static configuration: the gateway, and the whole file. */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "config_values.h"

static const char *get_mac(const config_setting_t *s, uint8_t mac[6])
{
	const char *t, *why = cfg_text(s, &t);
	unsigned int b[6];
	int end = 0;

	if (why)
		return why;
	if (sscanf(t, "%2x:%2x:%2x:%2x:%2x:%2x%n", &b[0], &b[1], &b[2], &b[3],
		   &b[4], &b[5], &end) != 6 ||
	    t[end])
		return "expected six bytes in hex with colons";
	for (int i = 0; i < 6; i++)
		mac[i] = (uint8_t)b[i];
	return NULL;
}

static CFG_SET(set_local_mac)
{
	struct config *c = obj;
	const char *why = get_mac(s, c->local_mac);

	(void)k;
	c->has_local_mac = !why;
	return why;
}

static CFG_SET(set_peer_mac)
{
	struct config *c = obj;
	const char *why = get_mac(s, c->peer_mac);

	(void)k;
	c->has_peer_mac = !why;
	return why;
}

static const struct cfg_key gateway_keys[] = {
	{ "local_mac", false, .set = set_local_mac },
	{ "peer_mac", false, .set = set_peer_mac },
	{ "mtu", false, .set = cfg_set_u32, .at = offsetof(struct config, mtu),
	  .min = MTU_MIN, .max = MTU_MAX, .allowed = "an MTU is 1280 to 9000" },
};

static int read_file(struct config *cfg, const char *path, bool l2)
{
	struct cfg_parser p = { .file = path };
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
			cfg_read_group(&p, s, gateway_keys,
				       sizeof(gateway_keys) /
					       sizeof(gateway_keys[0]),
				       cfg);
			if (!cfg->has_peer_mac && !l2)
				cfg_complain(&p, s, "missing key", "peer_mac");
		} else if (!strcmp(name, "sas")) {
			ret = cfg_read_sas(&p, cfg, s);
		} else if (!strcmp(name, "policies")) {
			ret = cfg_read_policies(&p, cfg, s);
		} else {
			cfg_complain(&p, s, "unknown key", name);
		}
	}
	if (!ret && !gateway)
		cfg_complain(&p, root, "missing key", "gateway");
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
