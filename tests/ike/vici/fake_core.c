/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "fake_core.h"

struct ike *fake_new(void)
{
	struct ike *ike = calloc(1, sizeof(*ike));

	ike->next_id = 1;
	return ike;
}

static void sa_free(struct ike_sa *sa)
{
	struct child_sa *c;

	while ((c = sa->children)) {
		sa->children = c->next;
		free(c);
	}
	conn_put((struct conn *)(uintptr_t)sa->info.conn);
	free(sa);
}

void fake_free(struct ike *ike)
{
	struct ike_sa *sa;
	struct fake_job *job;
	struct conn *conn;

	while ((job = ike->jobs)) {
		ike->jobs = job->next;
		job->done(job->arg, -ECANCELED, "the daemon stops");
		free(job);
	}
	while ((sa = ike->sas)) {
		ike->sas = sa->next;
		sa_free(sa);
	}
	while ((conn = ike->conns)) {
		ike->conns = conn->next;
		conn_put(conn);
	}
	free(ike);
}

static void say(struct ike *ike, enum ike_log_level level,
		const struct ike_sa *sa, const char *line)
{
	if (ike->log)
		ike->log(ike->ctx, level, sa, line);
}

static void report(struct ike *ike, enum ike_event_type type,
		   const struct ike_sa *sa, const struct ike_sa *sa2,
		   const struct child_sa *child, const struct child_sa *child2)
{
	struct ike_event ev = { type, sa, sa2, child, child2 };

	if (ike->event)
		ike->event(ike->ctx, &ev);
}

/* -------------------------------------------------------------- connections */

int ike_conn_set(struct ike *ike, uint64_t now, struct conn *conn)
{
	struct conn **at = &ike->conns, *old;

	(void)now;
	if (ike->refuse) {
		conn_put(conn);
		return ike->refuse;
	}
	while (*at && strcmp((*at)->name, conn->name))
		at = &(*at)->next;
	old = *at;
	conn->next = old ? old->next : NULL;
	*at = conn;
	conn_put(old);
	return 0;
}

int ike_conn_del(struct ike *ike, uint64_t now, const char *name)
{
	struct conn **at = &ike->conns, *old;

	(void)now;
	while (*at && strcmp((*at)->name, name))
		at = &(*at)->next;
	old = *at;
	if (!old)
		return -ENOENT;
	*at = old->next;
	conn_put(old);
	return 0;
}

const struct conn *ike_conn_next(const struct ike *ike, const struct conn *prev)
{
	return prev ? prev->next : ike->conns;
}

/* ---------------------------------------------------------------------- SAs */

static struct espalier_addr addr(const char *text)
{
	struct espalier_addr a = { .family = AF_INET };

	inet_pton(AF_INET, text, &a.v4);
	return a;
}

static struct child_sa *child_new(struct ike *ike, struct ike_sa *sa,
				  const struct child_conf *conf, uint64_t now)
{
	struct child_sa *c = calloc(1, sizeof(*c)), **at = &sa->children;
	char why[128];

	if (conf->local[0].dynamic)
		ts_from_text("192.0.2.1/32", &c->local, why, sizeof(why));
	else
		c->local = conf->local[0].ts;
	if (conf->remote[0].dynamic)
		ts_from_text("192.0.2.2/32", &c->remote, why, sizeof(why));
	else
		c->remote = conf->remote[0].ts;
	c->info = (struct child_sa_info){
		.id = ike->next_id++,
		.conf = conf,
		.state = "INSTALLED",
		.mode = conf->mode,
		.protocol = conf->props[0].protocol,
		.reqid = 1,
		.spi_in = 0xc0000001,
		.spi_out = 0x0badcafe,
		.proposal = conf->props[0],
		.local = &c->local,
		.remote = &c->remote,
		.nlocal = 1,
		.nremote = 1,
		.installed = now,
		.rekey_at = now + conf->rekey_time,
		.expire_at = now + conf->life_time,
		.bytes_in = 4096,
		.packets_in = 4,
		.bytes_out = 1024,
		.packets_out = 1,
	};
	while (*at)
		at = &(*at)->next;
	*at = c;
	return c;
}

struct ike_sa *fake_sa(struct ike *ike, const struct conn *conn, uint64_t now,
		       unsigned int times)
{
	struct ike_sa *sa = calloc(1, sizeof(*sa)), **at = &ike->sas;
	const struct child_conf *conf;

	sa->id_local = conn->auth_local.id;
	sa->id_remote = conn->auth_remote.id;
	sa->info = (struct ike_sa_info){
		.id = ike->next_id++,
		.conn = conn_get((struct conn *)(uintptr_t)conn),
		.state = "ESTABLISHED",
		.initiator = true,
		.spi_i = 0x0123456789abcdef,
		.spi_r = 0xfedcba9876543210,
		.local = { addr("192.0.2.1"), 500 },
		.remote = { addr("192.0.2.2"), 4500 },
		.id_local = &sa->id_local,
		.id_remote = &sa->id_remote,
		.suite = { .encr = ENCR_AES_GCM_16,
			   .encr_bits = 256,
			   .prf = PRF_HMAC_SHA2_384,
			   .ke = KE_CURVE25519,
			   .aead = true },
		.nat_remote = true,
		.established = now,
		.rekey_at = now + conn->rekey_time,
	};
	for (; times; times--)
		for (conf = conn->children; conf; conf = conf->next)
			child_new(ike, sa, conf, now);
	while (*at)
		at = &(*at)->next;
	*at = sa;
	return sa;
}

const struct ike_sa *ike_sa_next(const struct ike *ike,
				 const struct ike_sa *prev)
{
	return prev ? prev->next : ike->sas;
}

void ike_sa_look(const struct ike_sa *sa, struct ike_sa_info *info)
{
	*info = sa->info;
}

const struct child_sa *child_sa_next(const struct ike_sa *sa,
				     const struct child_sa *prev)
{
	return prev ? prev->next : sa->children;
}

void child_sa_look(const struct child_sa *child, struct child_sa_info *info)
{
	*info = child->info;
}

uint64_t ike_next(const struct ike *ike)
{
	return ike->jobs ? ike->jobs->at : UINT64_MAX;
}

void ike_counters(const struct ike *ike, struct ike_counters *c)
{
	const struct ike_sa *sa;
	const struct child_sa *child;

	memset(c, 0, sizeof(*c));
	c->in_init = 7;
	c->half_open = 2;
	for (sa = ike->sas; sa; sa = sa->next) {
		c->ike_sas++;
		for (child = sa->children; child; child = child->next)
			c->child_sas++;
	}
}

/* ----------------------------------------------------------------- commands */

static void job_add(struct ike *ike, uint64_t now, const char *conn,
		    const char *child, int err, const char *why,
		    ike_done_fn done, void *arg)
{
	struct fake_job *job = calloc(1, sizeof(*job)), **at = &ike->jobs;

	job->at = now + ike->delay;
	job->err = err;
	job->why = why;
	job->done = done;
	job->arg = arg;
	snprintf(job->conn, sizeof(job->conn), "%s", conn ? conn : "");
	snprintf(job->child, sizeof(job->child), "%s", child ? child : "");
	if (!strncmp(job->child, "never", 5))
		job->at = UINT64_MAX;
	while (*at && (*at)->at <= job->at)
		at = &(*at)->next;
	job->next = *at;
	*at = job;
	if (!ike->delay)
		fake_run(ike, now);
}

static const struct conn *conn_find(const struct ike *ike, const char *name)
{
	const struct conn *c = ike->conns;

	while (c && strcmp(c->name, name))
		c = c->next;
	return c;
}

static void job_run(struct ike *ike, struct fake_job *job, uint64_t now)
{
	const struct conn *conn = conn_find(ike, job->conn);
	struct ike_sa *sa;

	if (job->err) {
		say(ike, IKE_LOG_CONTROL, NULL, "received NO_PROPOSAL_CHOSEN");
	} else if (conn) {
		sa = fake_sa(ike, conn, now, 1);
		say(ike, IKE_LOG_AUDIT, sa, "IKE_SA established");
		say(ike, IKE_LOG_DETAIL, sa, "a detail");
		report(ike, IKE_EV_IKE_UP, sa, NULL, NULL, NULL);
		if (sa->children)
			report(ike, IKE_EV_CHILD_UP, sa, NULL, sa->children,
			       NULL);
	}
	job->done(job->arg, job->err, job->why);
}

void fake_run(struct ike *ike, uint64_t now)
{
	struct fake_job *job;

	while ((job = ike->jobs) && job->at <= now) {
		ike->jobs = job->next;
		job_run(ike, job, now);
		free(job);
	}
}

int ike_initiate(struct ike *ike, uint64_t now, const char *conn,
		 const char *child, ike_done_fn done, void *arg)
{
	const struct child_conf *cc = NULL;
	const struct conn *c;
	bool fails;

	for (c = ike->conns; c; c = c->next) {
		if (conn && strcmp(c->name, conn))
			continue;
		for (cc = c->children; cc && child; cc = cc->next)
			if (!strcmp(cc->name, child))
				break;
		if (!child || cc)
			break;
	}
	if (!c)
		return -ENOENT;
	say(ike, IKE_LOG_CONTROL, NULL, "initiating");
	fails = child && !strncmp(child, "fail", 4);
	job_add(ike, now, c->name, child, fails ? -ECONNREFUSED : 0,
		fails ? "the peer says NO_PROPOSAL_CHOSEN" : "", done, arg);
	return 0;
}

static bool fits(const struct ike_sa *sa, const struct child_sa *c,
		 const struct ike_select *sel)
{
	if ((sel->ike && strcmp(sel->ike, sa->info.conn->name)) ||
	    (sel->ike_id && sel->ike_id != sa->info.id))
		return false;
	if (!c)
		return true;
	return (!sel->child || !strcmp(sel->child, c->info.conf->name)) &&
	       (!sel->child_id || sel->child_id == c->info.id);
}

int ike_terminate(struct ike *ike, uint64_t now, const struct ike_select *sel,
		  ike_done_fn done, void *arg)
{
	bool children = sel->child || sel->child_id;
	struct ike_sa **at = &ike->sas, *sa;
	struct child_sa **cat, *c;
	int n = 0;

	while ((sa = *at)) {
		cat = &sa->children;
		while (children && (c = *cat)) {
			if (!fits(sa, c, sel)) {
				cat = &c->next;
				continue;
			}
			report(ike, IKE_EV_CHILD_DOWN, sa, NULL, c, NULL);
			*cat = c->next;
			free(c);
			n++;
		}
		if (children || !fits(sa, NULL, sel)) {
			at = &sa->next;
			continue;
		}
		say(ike, IKE_LOG_AUDIT, sa, "deleting IKE_SA");
		report(ike, IKE_EV_IKE_DOWN, sa, NULL, NULL, NULL);
		*at = sa->next;
		sa_free(sa);
		n++;
	}
	if (n)
		job_add(ike, now, NULL, NULL, 0, "", done, arg);
	return n;
}

int ike_rekey(struct ike *ike, uint64_t now, const struct ike_select *sel)
{
	bool children = sel->child || sel->child_id;
	struct child_sa *c;
	struct ike_sa *sa;
	int n = 0;

	(void)now;
	for (sa = ike->sas; sa; sa = sa->next) {
		if (!children && fits(sa, NULL, sel)) {
			report(ike, IKE_EV_IKE_REKEYED, sa, sa, NULL, NULL);
			n++;
		}
		for (c = sa->children; c && children; c = c->next) {
			if (!fits(sa, c, sel))
				continue;
			report(ike, IKE_EV_CHILD_REKEYED, sa, NULL, c, c);
			n++;
		}
	}
	return n;
}
