/* SPDX-License-Identifier: Apache-2.0 */
/* What SAs and connections look like in a message: the keys are those that
 * swanctl prints. */
#include <inttypes.h>
#include <string.h>
#include "vici/internal.h"
#include "wire/text.h"

static const char yes[] = "yes";

static void put_yes(struct section *to, const char *name, bool on)
{
	if (on)
		section_set(to, name, yes, 3);
}

static void put_text(struct section *to, const char *name, const char *text)
{
	if (text)
		section_set(to, name, text, strlen(text));
}

/* Whole seconds between two times, 0 when they are the other way round. */
static void put_span(struct section *to, const char *name, uint64_t from,
		     uint64_t until)
{
	section_setf(to, name, "%" PRIu64,
		     until > from ? (uint64_t)((until - from) / IKE_USEC) : 0);
}

const char *mode_name(enum espalier_mode mode)
{
	return mode == ESPALIER_MODE_TUNNEL ? "TUNNEL" : "TRANSPORT";
}

static void put_alg(struct section *to, const char *name, uint8_t type,
		    uint16_t id)
{
	const char *text = transform_name(type, id);

	if (text)
		put_text(to, name, text);
	else
		section_setf(to, name, "UNKNOWN_%u", id);
}

static void put_end(struct section *to, const char *side,
		    const struct ike_end *end, const struct ike_id *id)
{
	char name[32], text[1024];

	snprintf(name, sizeof(name), "%s-host", side);
	put_text(to, name, addr_text(&end->ip, text, sizeof(text)));
	snprintf(name, sizeof(name), "%s-port", side);
	section_setf(to, name, "%u", end->port);
	snprintf(name, sizeof(name), "%s-id", side);
	put_text(to, name, id ? ike_id_text(id, text, sizeof(text)) : "%any");
}

struct section *put_ike_sa(struct section *to, const char *name,
			   const struct ike_sa *sa, uint64_t now)
{
	struct ike_sa_info i = { 0 };
	struct section *s;

	ike_sa_look(sa, &i);
	s = section_add(to, name ? name : sa_name(&i));
	section_setf(s, "uniqueid", "%" PRIu32, i.id);
	put_text(s, "version", "2");
	put_text(s, "state", i.state);
	put_end(s, "local", &i.local, i.id_local);
	put_end(s, "remote", &i.remote, i.id_remote);
	put_yes(s, "initiator", i.initiator);
	section_setf(s, "initiator-spi", "%016" PRIx64, i.spi_i);
	section_setf(s, "responder-spi", "%016" PRIx64, i.spi_r);
	put_yes(s, "nat-local", i.nat_local);
	put_yes(s, "nat-remote", i.nat_remote);
	put_yes(s, "nat-any", i.nat_local || i.nat_remote);
	if (i.suite.encr) {
		put_alg(s, "encr-alg", TT_ENCR, i.suite.encr);
		if (i.suite.encr_bits)
			section_setf(s, "encr-keysize", "%u",
				     i.suite.encr_bits);
		if (i.suite.integ)
			put_alg(s, "integ-alg", TT_INTEG, i.suite.integ);
		put_alg(s, "prf-alg", TT_PRF, i.suite.prf);
		put_alg(s, "dh-group", TT_KE, i.suite.ke);
	}
	if (i.established)
		put_span(s, "established", i.established, now);
	if (i.established && i.rekey_at)
		put_span(s, "rekey-time", now, i.rekey_at);
	return s;
}

static void put_ts_list(struct section *to, const char *name,
			const struct ts *ts, unsigned int n)
{
	struct section *list = section_list(to, name);
	char text[160];
	unsigned int i;

	for (i = 0; i < n; i++) {
		ts_text(&ts[i], text, sizeof(text));
		section_item(list, text, strlen(text));
	}
}

void put_child_sa(struct section *to, const char *name,
		  const struct child_sa *child, uint64_t now)
{
	const struct transform *t;
	struct child_sa_info i = { 0 };
	struct section *s;
	char unique[256];

	child_sa_look(child, &i);
	/* Several children of one name are told apart by their number. */
	snprintf(unique, sizeof(unique), "%.200s-%" PRIu32, i.conf->name, i.id);
	s = section_add(to, name ? name : unique);
	put_text(s, "name", i.conf->name);
	section_setf(s, "uniqueid", "%" PRIu32, i.id);
	section_setf(s, "reqid", "%u", i.reqid);
	put_text(s, "state", i.state);
	put_text(s, "mode", mode_name(i.mode));
	put_text(s, "protocol", i.protocol == PROTO_AH ? "AH" : "ESP");
	put_yes(s, "encap", i.encap);
	section_setf(s, "spi-in", "%08" PRIx32, i.spi_in);
	section_setf(s, "spi-out", "%08" PRIx32, i.spi_out);
	t = proposal_find(&i.proposal, TT_ENCR);
	if (t) {
		put_alg(s, "encr-alg", TT_ENCR, t->id);
		if (t->bits)
			section_setf(s, "encr-keysize", "%u", t->bits);
	}
	t = proposal_find(&i.proposal, TT_INTEG);
	if (t && t->id != INTEG_NONE)
		put_alg(s, "integ-alg", TT_INTEG, t->id);
	t = proposal_find(&i.proposal, TT_KE);
	if (t && t->id != KE_NONE)
		put_alg(s, "dh-group", TT_KE, t->id);
	t = proposal_find(&i.proposal, TT_ESN);
	if (t && t->id == ESN_YES)
		put_text(s, "esn", "1");
	section_setf(s, "bytes-in", "%" PRIu64, i.bytes_in);
	section_setf(s, "packets-in", "%" PRIu64, i.packets_in);
	section_setf(s, "bytes-out", "%" PRIu64, i.bytes_out);
	section_setf(s, "packets-out", "%" PRIu64, i.packets_out);
	if (i.rekey_at)
		put_span(s, "rekey-time", now, i.rekey_at);
	if (i.expire_at)
		put_span(s, "life-time", now, i.expire_at);
	put_span(s, "install-time", i.installed, now);
	put_ts_list(s, "local-ts", i.local, i.nlocal);
	put_ts_list(s, "remote-ts", i.remote, i.nremote);
}

/* -------------------------------------------------------------- connections */

/* "dynamic" with protocol and ports, as ts_text() writes those. */
static const char *dynamic_text(const struct ts *ts, char *buf, size_t size)
{
	struct ts any = *ts;
	char text[160];
	const char *ports;

	memset(&any.lo, 0, sizeof(any.lo));
	any.lo.family = AF_INET;
	any.hi = any.lo;
	ports = strchr(ts_text(&any, text, sizeof(text)), '[');
	snprintf(buf, size, "dynamic%s", ports ? ports : "");
	return buf;
}

void put_ts_conf(struct section *to, const char *name,
		 const struct child_ts *ts, unsigned int n)
{
	struct section *list = section_list(to, name);
	char text[192];
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (ts[i].dynamic)
			dynamic_text(&ts[i].ts, text, sizeof(text));
		else
			ts_text(&ts[i].ts, text, sizeof(text));
		section_item(list, text, strlen(text));
	}
}

static void put_addrs(struct section *to, const char *name,
		      const struct addr_match *m, unsigned int n)
{
	struct section *list = section_list(to, name);
	char text[128];
	unsigned int i;

	for (i = 0; i < n; i++) {
		conf_addr_match_text(&m[i], text, sizeof(text));
		section_item(list, text, strlen(text));
	}
}

static void put_seconds(struct section *to, const char *name, uint64_t usec)
{
	section_setf(to, name, "%" PRIu64, (uint64_t)(usec / IKE_USEC));
}

static void put_hashes(struct section *to, const char *name, char (*hex)[41],
		       unsigned int n)
{
	struct section *list;
	unsigned int i;

	if (!n)
		return;
	list = section_list(to, name);
	for (i = 0; i < n; i++)
		section_item(list, hex[i], strlen(hex[i]));
}

static void put_auth(struct section *to, const char *name,
		     const struct ike_auth_conf *a, bool peer)
{
	struct section *s = section_add(to, name);
	char text[1024];

	put_text(s, "class", a->psk ? "pre-shared key" : "public key");
	if (a->id.type != ID_ANY)
		put_text(s, "id", ike_id_text(&a->id, text, sizeof(text)));
	put_text(s, "constraints", a->schemes);
	if (peer && !a->psk)
		put_text(s, "revocation",
			 a->require_crl ? "strict" : "relaxed");
	put_hashes(s, "certs", a->certs, a->ncerts);
	put_hashes(s, "cacerts", a->cacerts, a->ncacerts);
}

static const char *action_name(enum conn_action action)
{
	static const char *const names[] = { "none", "trap", "start" };

	return names[action];
}

static void put_child_conf(struct section *to, const struct child_conf *c)
{
	struct section *s = section_add(to, c->name);

	put_text(s, "mode", mode_name(c->mode));
	put_seconds(s, "rekey_time", c->rekey_time);
	section_setf(s, "rekey_bytes", "%" PRIu64, c->rekey_bytes);
	section_setf(s, "rekey_packets", "%" PRIu64, c->rekey_packets);
	put_text(s, "start_action", action_name(c->start));
	put_text(s, "dpd_action", action_name(c->dpd));
	put_text(s, "close_action", action_name(c->close));
	if (c->priority)
		section_setf(s, "priority", "%" PRIu32, c->priority);
	put_ts_conf(s, "local-ts", c->local, c->nlocal);
	put_ts_conf(s, "remote-ts", c->remote, c->nremote);
}

void put_conn(struct section *to, const struct conn *conn)
{
	static const char *const unique[] = { "UNIQUE_NO", "UNIQUE_NEVER",
					      "UNIQUE_KEEP", "UNIQUE_REPLACE" };
	struct section *s = section_add(to, conn->name), *children;
	const struct child_conf *c;

	put_addrs(s, "local_addrs", conn->local, conn->nlocal);
	put_addrs(s, "remote_addrs", conn->remote, conn->nremote);
	put_text(s, "version", "IKEv2");
	put_seconds(s, "reauth_time", 0);
	put_seconds(s, "rekey_time", conn->rekey_time);
	if (conn->dpd_delay)
		put_seconds(s, "dpd_delay", conn->dpd_delay);
	put_text(s, "unique", unique[conn->unique]);
	put_auth(s, "local-1", &conn->auth_local, false);
	put_auth(s, "remote-1", &conn->auth_remote, true);
	children = section_add(s, "children");
	for (c = conn->children; c; c = c->next)
		put_child_conf(children, c);
}
