/* SPDX-License-Identifier: Apache-2.0 */
/* Names of the counters; those that charon has too are called as there. */
#include <stddef.h>
#include "core/ike.h"

#define AT(field) offsetof(struct ike_counters, field)

static const struct {
	const char *name;
	size_t at;
} rows[] = {
	{ "ike-init-in", AT(in_init) },
	{ "ike-init-out", AT(out_init) },
	{ "ike-auth-in", AT(in_auth) },
	{ "ike-auth-out", AT(out_auth) },
	{ "create-child-in", AT(in_create) },
	{ "create-child-out", AT(out_create) },
	{ "informational-in", AT(in_info) },
	{ "informational-out", AT(out_info) },
	{ "short-message", AT(short_message) },
	{ "bad-version", AT(bad_version) },
	{ "unknown-spi", AT(unknown_spi) },
	{ "bad-integrity", AT(bad_integrity) },
	{ "bad-syntax", AT(bad_syntax) },
	{ "out-of-window", AT(out_of_window) },
	{ "retransmits-in", AT(retransmits_in) },
	{ "retransmits-out", AT(retransmits_out) },
	{ "cookies-sent", AT(cookies_sent) },
	{ "half-open-refused", AT(half_open_refused) },
	{ "unknown-peer", AT(unknown_peer) },
	{ "setups", AT(setups) },
	{ "ike-rekeys", AT(rekeys_ike) },
	{ "child-rekeys", AT(rekeys_child) },
	{ "auth-failures", AT(auth_failures) },
};

const char *ike_counter(const struct ike_counters *c, unsigned int i,
			uint64_t *value)
{
	if (i >= sizeof(rows) / sizeof(rows[0]))
		return NULL;
	*value = *(const uint64_t *)((const char *)c + rows[i].at);
	return rows[i].name;
}
