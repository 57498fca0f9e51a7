/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every side of an IKE bench has: a connection, randomness that costs
 * nothing.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench_ike.h"

/* ---------------------------------------------------------- the world of it */

void bench_random(void *ctx, void *buf, size_t len)
{
	static uint64_t state = 1;
	uint8_t *p = buf;

	(void)ctx;
	while (len--) {
		state = state * 6364136223846793005ull + 1442695040888963407ull;
		*p++ = (uint8_t)(state >> 56);
	}
}

time_t bench_wall(void *ctx)
{
	(void)ctx;
	return PKI_NOW;
}

void bench_log(void *ctx, enum ike_log_level level, const struct ike_sa *sa,
	       const char *line)
{
	(void)ctx;
	(void)sa;
	if (getenv("BENCH_LOG"))
		fprintf(stderr, "%d %s\n", level, line);
}

struct conn *bench_conn(const char *name, const struct espalier_addr *local,
			const struct espalier_addr *remote, int who, bool psk)
{
	struct conn *c = calloc(1, sizeof(*c));
	struct child_conf *child = calloc(1, sizeof(*child));
	char why[100];

	must(c && child, "memory");
	c->refs = 1;
	c->name = strdup(name);
	c->local[0].lo = c->local[0].hi = *local;
	c->remote[0].lo = c->remote[0].hi = *remote;
	c->nlocal = c->nremote = 1;
	must(!proposal_from_text("aes128gcm16-prfsha256-x25519", PROTO_IKE,
				 &c->props[0], why, sizeof(why)),
	     "proposal");
	c->props[0].num = 1;
	c->nprops = 1;
	c->auth_local.psk = c->auth_remote.psk = psk;
	must(!ike_id_from_text(who ? "b.example.org" : "a.example.org",
			       &c->auth_local.id) &&
		     !ike_id_from_text(who ? "a.example.org" : "b.example.org",
				       &c->auth_remote.id),
	     "identity");
	c->send_cert = CERT_IFASKED;
	c->send_certreq = true;
	c->keyingtries = 1;
	c->frag = FRAG_YES;
	c->unique = UNIQUE_NEVER;
	child->name = strdup("net");
	must(!proposal_from_text("aes128gcm16-noesn", PROTO_ESP,
				 &child->props[0], why, sizeof(why)),
	     "proposal");
	child->props[0].num = 1;
	child->nprops = 1;
	must(!ts_from_text(who ? "10.2.0.0/16" : "10.1.0.0/16",
			   &child->local[0].ts, why, sizeof(why)) &&
		     !ts_from_text(who ? "10.1.0.0/16" : "10.2.0.0/16",
				   &child->remote[0].ts, why, sizeof(why)),
	     "selectors");
	child->nlocal = child->nremote = 1;
	child->mode = ESPALIER_MODE_TUNNEL;
	child->window = 64;
	child->dscp = -1;
	c->children = child;
	return c;
}
