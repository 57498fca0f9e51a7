// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "log.h"
#include "tune.h"

enum kind { COUNT, SECONDS, TENTHS };

#define AT(field) offsetof(struct ike_settings, field)

static const struct knob {
	const char *name;
	enum kind kind;
	size_t at;
	double min, max;
} knobs[] = {
	{ "cookie_from", COUNT, AT(cookie_from), 0, 1000000 },
	{ "half_open_max", COUNT, AT(half_open_max), 1, 1000000 },
	{ "half_open_source", COUNT, AT(half_open_source), 1, 1000000 },
	{ "half_open_timeout", SECONDS, AT(half_open_timeout), 1, 3600 },
	{ "retransmit_timeout", SECONDS, AT(retransmit_timeout), 0.1, 60 },
	{ "retransmit_base", TENTHS, AT(retransmit_base_x10), 1, 3 },
	{ "retransmit_tries", COUNT, AT(retransmit_tries), 1, 20 },
	{ "nat_keepalive", SECONDS, AT(nat_keepalive), 0, 3600 },
	/* IPv6 carries 1280 everywhere, IPv4 no less than 576 */
	{ "fragment_size", COUNT, AT(fragment_size), 576, 65535 },
};

static void put(struct ike_settings *set, const struct knob *k, double v)
{
	void *field = (char *)set + k->at;

	if (k->kind == SECONDS)
		*(uint64_t *)field = (uint64_t)(v * IKE_USEC + 0.5);
	else
		*(unsigned int *)field =
			(unsigned int)(k->kind == TENTHS ? v * 10 + 0.5 : v);
}

int tune(struct ike_settings *set, const char *arg)
{
	const char *value = strchr(arg, '=');
	const size_t len = value ? (size_t)(value - arg) : strlen(arg);
	const struct knob *k = NULL;
	char *end = NULL;
	double v = 0;

	for (size_t i = 0; i < sizeof(knobs) / sizeof(*knobs); i++)
		if (strlen(knobs[i].name) == len &&
		    !memcmp(knobs[i].name, arg, len))
			k = &knobs[i];
	if (!k) {
		sayf("--ike %s: there are:", arg);
		for (size_t i = 0; i < sizeof(knobs) / sizeof(*knobs); i++)
			say(knobs[i].name, 0);
		return -EINVAL;
	}
	if (value)
		v = strtod(++value, &end);
	/* said this way round, it also refuses what is not a number */
	if (!value || end == value || *end || !(v >= k->min && v <= k->max) ||
	    (k->kind == COUNT && v != (unsigned int)v)) {
		sayf("--ike %s: allowed: %s=%g to %g%s", arg, k->name, k->min,
		     k->max, k->kind == SECONDS ? ", in seconds" : "");
		return -EINVAL;
	}
	put(set, k, v);
	return 0;
}
