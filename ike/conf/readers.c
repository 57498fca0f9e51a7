/* SPDX-License-Identifier: Apache-2.0 */
/* How each kind of value of a connection is read. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "conf/load.h"

#define FIELD(type) (*(type *)(void *)((char *)obj + k->at))
#define UNUSED (void)l, (void)k, (void)obj, (void)len, (void)detail, (void)size

READER(read_bool)
{
	static const char yes[][9] = { "yes", "true", "enabled", "1" };
	static const char no[][9] = { "no", "false", "disabled", "0" };
	unsigned int i;

	UNUSED;
	for (i = 0; i < 4; i++) {
		if (strcasecmp(text, yes[i]) && strcasecmp(text, no[i]))
			continue;
		FIELD(bool) = !strcasecmp(text, yes[i]);
		return 0;
	}
	return -EINVAL;
}

READER(read_word)
{
	const struct word *w;

	UNUSED;
	for (w = k->words; w->text; w++) {
		if (strcasecmp(text, w->text))
			continue;
		FIELD(int) = w->value;
		return 0;
	}
	return -EINVAL;
}

/* A key that is accepted as long as it says what is done anyway. */
READER(read_fixed)
{
	const struct word *w;

	UNUSED;
	for (w = k->words; w->text; w++)
		if (!strcasecmp(text, w->text))
			return 0;
	return -EINVAL;
}

READER(read_time)
{
	UNUSED;
	return conf_time(text, &FIELD(uint64_t));
}

READER(read_zero_time)
{
	uint64_t t;

	UNUSED;
	return conf_time(text, &t) || t ? -EINVAL : 0;
}

READER(read_any_time)
{
	uint64_t t;

	UNUSED;
	return conf_time(text, &t);
}

READER(read_bytes)
{
	UNUSED;
	return conf_bytes(text, &FIELD(uint64_t));
}

READER(read_u64)
{
	UNUSED;
	if (conf_number(text, &FIELD(uint64_t)) ||
	    FIELD(uint64_t) > UINT64_MAX / 4)
		return -EINVAL;
	return 0;
}

static int in_range(const struct key *k, const char *text, uint64_t *v)
{
	if (conf_number(text, v) || *v < k->lo || *v > k->hi)
		return -EINVAL;
	return 0;
}

READER(read_u16)
{
	uint64_t v;

	UNUSED;
	if (in_range(k, text, &v))
		return -EINVAL;
	FIELD(uint16_t) = (uint16_t)v;
	return 0;
}

READER(read_u32)
{
	uint64_t v;

	UNUSED;
	if (in_range(k, text, &v))
		return -EINVAL;
	FIELD(uint32_t) = (uint32_t)v;
	return 0;
}

static int full(char *detail, size_t size, unsigned int max)
{
	snprintf(detail, size, "more than %u", max);
	return -EINVAL;
}

static int read_addr(struct addr_match *list, unsigned int *n, const char *text,
		     char *detail, size_t size)
{
	if (*n == CONN_ADDRS_MAX)
		return full(detail, size, CONN_ADDRS_MAX);
	if (conf_addr_match(text, &list[*n]))
		return -EINVAL;
	++*n;
	return 0;
}

READER(read_local_addrs)
{
	struct conn *c = obj;

	UNUSED;
	return read_addr(c->local, &c->nlocal, text, detail, size);
}

READER(read_remote_addrs)
{
	struct conn *c = obj;

	UNUSED;
	return read_addr(c->remote, &c->nremote, text, detail, size);
}

static int read_props(struct proposal *list, unsigned int *n, uint8_t protocol,
		      const char *text, char *detail, size_t size)
{
	int pass, ret;

	/* Two: a cipher of each kind needs a proposal of its own. */
	for (pass = 0; pass < 2; pass++) {
		struct proposal *p = &list[*n];

		if (*n == PROPOSALS_MAX)
			return full(detail, size, PROPOSALS_MAX);
		if (strcasecmp(text, "default")) {
			ret = proposal_from_text(text, protocol, p, detail,
						 size);
			if (ret)
				return ret;
			pass = 1;
		} else {
			proposal_default(protocol, pass == 0, p);
			if (!p->n)
				continue;
		}
		p->num = (uint8_t)++ * n;
	}
	return 0;
}

READER(read_ike_props)
{
	struct conn *c = obj;

	UNUSED;
	return read_props(c->props, &c->nprops, PROTO_IKE, text, detail, size);
}

READER(read_esp_props)
{
	struct child_conf *c = obj;

	UNUSED;
	return read_props(c->props, &c->nprops, PROTO_ESP, text, detail, size);
}

READER(read_ah_props)
{
	struct child_conf *c = obj;

	UNUSED;
	return read_props(c->props, &c->nprops, PROTO_AH, text, detail, size);
}

static int read_ts(struct child_ts *list, unsigned int *n, const char *text,
		   char *detail, size_t size)
{
	struct child_ts *t = &list[*n];
	char buf[128];
	int ret;

	if (*n == TS_MAX)
		return full(detail, size, TS_MAX);
	memset(t, 0, sizeof(*t));
	if (!strncmp(text, "dynamic", 7) && (!text[7] || text[7] == '[')) {
		/* Any address will do to have ports and protocol read. */
		if ((size_t)snprintf(buf, sizeof(buf), "0.0.0.0/0%s",
				     text + 7) >= sizeof(buf))
			return -EINVAL;
		ret = ts_from_text(buf, &t->ts, detail, size);
		memset(&t->ts.lo, 0, sizeof(t->ts.lo));
		memset(&t->ts.hi, 0, sizeof(t->ts.hi));
		t->dynamic = true;
	} else {
		ret = ts_from_text(text, &t->ts, detail, size);
	}
	if (!ret)
		++*n;
	return ret;
}

READER(read_local_ts)
{
	struct child_conf *c = obj;

	UNUSED;
	return read_ts(c->local, &c->nlocal, text, detail, size);
}

READER(read_remote_ts)
{
	struct child_conf *c = obj;

	UNUSED;
	return read_ts(c->remote, &c->nremote, text, detail, size);
}

READER(read_id)
{
	UNUSED;
	return ike_id_from_text(text, &FIELD(struct ike_id)) ? -EINVAL : 0;
}

/* psk, or kinds of keys and hashes joined by dashes. */
READER(read_auth)
{
	struct ike_auth_conf *a = obj;
	char why[256];

	UNUSED;
	free(a->schemes);
	a->schemes = NULL;
	a->psk = !strcasecmp(text, "psk");
	if (a->psk)
		return 0;
	if (!strncmp(text, "ike:", 4))
		text += 4;
	if (ike_auth_schemes_check(text, why, sizeof(why)))
		return -EINVAL;
	if (!strcmp(text, "pubkey"))
		return 0;
	a->schemes = strdup(text);
	return a->schemes ? 0 : -ENOMEM;
}

READER(read_dscp)
{
	UNUSED;
	if (strcasecmp(text, "out") && strcasecmp(text, "no"))
		return -EINVAL;
	FIELD(int) = strcasecmp(text, "no") ? -1 : 0;
	return 0;
}

READER(read_revocation)
{
	UNUSED;
	FIELD(bool) = !strcasecmp(text, "strict");
	return FIELD(bool) || !strcasecmp(text, "relaxed") ? 0 : -EINVAL;
}
