/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include "duo.h"
#include "duo_wire.h"

/* -------------------------------------------------------- what a core needs */

static void op_send(void *ctx, const struct ike_end *local,
		    const struct ike_end *remote, const uint8_t *msg,
		    size_t len)
{
	struct duo_side *s = ctx;

	if (!s->off)
		wire_send(s->duo, s->who, local, remote, msg, len);
}

#define NONCE_SIZE IKE_NONCE_LEN

static void op_random(void *ctx, void *buf, size_t len)
{
	struct duo_side *s = ctx;

	rng_fill(&s->rng, buf, len);
	if (len == NONCE_SIZE && s->nonce_at < s->nonces)
		*(uint8_t *)buf = s->nonce_first[s->nonce_at++];
}

static time_t op_wall(void *ctx)
{
	struct duo_side *s = ctx;

	return s->duo->wall + s->duo->now / IKE_USEC;
}

static void op_log(void *ctx, enum ike_log_level level, const struct ike_sa *sa,
		   const char *line)
{
	struct duo_side *s = ctx;

	(void)sa;
	if (s->duo->print)
		printf("%10.3f %c %d %s\n", s->duo->now / 1e6, "AB"[s->who],
		       level, line);
	if (s->nlog < DUO_LOG_LINES && !s->duo->forget)
		s->log[s->nlog++] = strdup(line);
}

static void op_event(void *ctx, const struct ike_event *ev)
{
	struct duo_side *s = ctx;

	s->events[ev->type]++;
}

static void op_keymat(void *ctx, const struct espalier_sa *sa)
{
	struct duo_side *s = ctx;

	(void)sa;
	s->keymats++;
}

static int op_route(void *ctx, const struct espalier_addr *remote,
		    struct espalier_addr *local)
{
	struct duo_side *s = ctx;

	if (remote->family != s->ip.family)
		return -EHOSTUNREACH;
	*local = s->ip;
	return 0;
}

static const struct ike_ops ops = {
	.send = op_send,
	.random = op_random,
	.wall = op_wall,
	.log = op_log,
	.event = op_event,
	.keymat = op_keymat,
	.route = op_route,
};

/* ------------------------------------------------------------ begin and end */

void duo_addr(const char *text, struct espalier_addr *a)
{
	memset(a, 0, sizeof(*a));
	a->family = strchr(text, ':') ? AF_INET6 : AF_INET;
	MUST(inet_pton(a->family, text, a->bytes) == 1);
}

static void side_init(struct duo *d, enum duo_who who, uint64_t seed)
{
	struct duo_side *s = &d->side[who];

	s->duo = d;
	s->who = who;
	s->rng.state = seed * 2 + who + 1000;
	duo_addr(who == A ? "192.0.2.1" : "192.0.2.2", &s->ip);
	s->db = fakedb_new(who == A ? "A" : "B", who == A ? 0x1000 : 0x2000);
	s->creds = ike_creds_new();
	MUST(s->db && s->creds);
	MUST(!ike_creds_add_psk(s->creds, "psk", "not so secret", 13, NULL, 0));
	ike_settings_default(&s->set);
}

struct duo *duo_new(uint64_t seed)
{
	struct duo *d = calloc(1, sizeof(*d));

	MUST(d);
	d->way = 10000;
	d->now = IKE_USEC;
	d->wall = 1700000000;
	d->rng.state = seed;
	d->print = getenv("DUO_LOG");
	side_init(d, A, seed);
	side_init(d, B, seed);
	return d;
}

void duo_start(struct duo *d)
{
	int i;

	for (i = 0; i < 2; i++) {
		struct duo_side *s = &d->side[i];

		if (!s->ike)
			s->ike =
				ike_new(&ops, s, &s->set, s->creds, &s->db->db);
		MUST(s->ike);
	}
}

void duo_free(struct duo *d)
{
	unsigned int i, k;

	for (i = 0; i < 2; i++) {
		struct duo_side *s = &d->side[i];

		s->off = true;
		ike_free(s->ike);
		ike_creds_free(s->creds);
		fakedb_free(s->db);
		for (k = 0; k < s->nlog; k++)
			free(s->log[k]);
	}
	wire_free(d);
	free(d);
}

void duo_end(struct duo *d)
{
	int i;

	duo_start(d);
	d->rule = NULL;
	d->watch = NULL;
	d->lose = d->twice = d->late = 0;
	for (i = 0; i < 2; i++)
		ike_shutdown(d->side[i].ike, d->now);
	EXPECT(duo_run_until(d, duo_down, 1000 * IKE_USEC));
	/* last replies are kept for a while */
	duo_run(d, 60 * IKE_USEC);
	for (i = 0; i < 2; i++) {
		struct ike_counters c = duo_counters(d, i);

		fakedb_expect_empty(d->side[i].db);
		EXPECT_EQ(d->side[i].db->broken, 0);
		EXPECT_EQ(c.ike_sas, 0);
		EXPECT_EQ(c.child_sas, 0);
		EXPECT_EQ(c.half_open, 0);
		EXPECT_EQ(c.bytes, 0);
	}
	duo_free(d);
}

/* ------------------------------------------------------------- connections */

static void text_id(const char *text, struct ike_id *id)
{
	MUST(!ike_id_from_text(text, id));
}

static void one_proposal(struct proposal *p, const char *text, uint8_t protocol,
			 unsigned int num)
{
	char why[200] = "";
	int err = proposal_from_text(text, protocol, p, why, sizeof(why));

	if (err)
		printf("    %s: %s\n", text, why);
	MUST(!err);
	p->num = num;
}

void duo_conn_proposal(struct conn *c, const char *text)
{
	c->nprops = 0;
	duo_conn_also(c, text);
}

void duo_conn_also(struct conn *c, const char *text)
{
	MUST(c->nprops < PROPOSALS_MAX);
	one_proposal(&c->props[c->nprops], text, PROTO_IKE, c->nprops + 1);
	c->nprops++;
}

void duo_child_proposal(struct child_conf *c, const char *text)
{
	one_proposal(&c->props[0], text, PROTO_ESP, 1);
	c->nprops = 1;
}

static void one_ts(struct child_ts *t, const char *text)
{
	char why[200];

	memset(t, 0, sizeof(*t));
	MUST(!ts_from_text(text, &t->ts, why, sizeof(why)));
}

void duo_child_ts(struct child_conf *c, const char *local, const char *remote)
{
	one_ts(&c->local[0], local);
	one_ts(&c->remote[0], remote);
	c->nlocal = c->nremote = 1;
}

struct child_conf *duo_child_add(struct conn *c, const char *name,
				 const char *local, const char *remote)
{
	struct child_conf *child = calloc(1, sizeof(*child)), **p;

	MUST(child);
	child->name = strdup(name);
	duo_child_proposal(child, "aes128gcm16-esn");
	duo_child_ts(child, local, remote);
	child->mode = ESPALIER_MODE_TUNNEL;
	child->window = 64;
	child->priority = 1000;
	child->dscp = -1;
	for (p = &c->children; *p; p = &(*p)->next)
		;
	*p = child;
	return child;
}

static void one_addr(struct addr_match *m, const struct espalier_addr *a)
{
	m->any = false;
	m->lo = m->hi = *a;
}

struct conn *duo_conn(struct duo *d, enum duo_who who)
{
	struct conn *c = calloc(1, sizeof(*c));

	MUST(c);
	c->refs = 1;
	c->name = strdup("duo");
	one_addr(&c->local[0], &d->side[who].ip);
	one_addr(&c->remote[0], &d->side[!who].ip);
	c->nlocal = c->nremote = 1;
	duo_conn_proposal(c, "aes128gcm16-prfsha256-x25519");
	c->auth_local.psk = c->auth_remote.psk = true;
	text_id(who == A ? "a.example.org" : "b.example.org",
		&c->auth_local.id);
	text_id(who == A ? "b.example.org" : "a.example.org",
		&c->auth_remote.id);
	c->send_cert = CERT_IFASKED;
	c->send_certreq = true;
	c->keyingtries = 1;
	c->frag = FRAG_YES;
	duo_child_add(c, "net", who == A ? "10.1.0.0/16" : "10.2.0.0/16",
		      who == A ? "10.2.0.0/16" : "10.1.0.0/16");
	return c;
}

void duo_load(struct duo *d, enum duo_who who, struct conn *c)
{
	duo_start(d);
	MUST(!ike_conn_set(d->side[who].ike, d->now, c));
}

void duo_conns(struct duo *d, void (*change)(struct conn *c, enum duo_who who))
{
	int i;

	for (i = 0; i < 2; i++) {
		struct conn *c = duo_conn(d, i);

		if (change)
			change(c, i);
		duo_load(d, i, c);
	}
}

void duo_done(void *arg, int err, const char *why)
{
	struct duo_done *done = arg;

	done->calls++;
	done->err = err;
	snprintf(done->why, sizeof(done->why), "%s", why ? why : "");
}

void duo_initiate(struct duo *d, enum duo_who who, const char *child,
		  struct duo_done *done)
{
	if (done)
		memset(done, 0, sizeof(*done));
	MUST(!ike_initiate(d->side[who].ike, d->now, "duo", child,
			   done ? duo_done : NULL, done));
}

/* --------------------------------------------------------------------- time */

static double cpu_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

void duo_input(struct duo *d, enum duo_who to, const struct ike_end *local,
	       const struct ike_end *remote, const uint8_t *msg, size_t len)
{
	double from = cpu_now();

	ike_input(d->side[to].ike, d->now, local, remote, msg, len);
	d->side[to].cpu += cpu_now() - from;
}

void duo_tick(struct duo *d, enum duo_who who)
{
	double from = cpu_now();

	ike_run(d->side[who].ike, d->now);
	d->side[who].cpu += cpu_now() - from;
}

static void sadb_events(struct duo *d)
{
	struct espalier_event ev;
	int i;

	for (i = 0; i < 2; i++) {
		struct duo_side *s = &d->side[i];

		while (s->ike && !s->off &&
		       s->db->db.ops->event(&s->db->db, &ev))
			ike_sadb_event(s->ike, d->now, &ev);
	}
}

bool duo_step(struct duo *d, uint64_t until)
{
	uint64_t at = wire_next(d), t;
	int i, who = -1;

	sadb_events(d);
	at = wire_next(d);
	for (i = 0; i < 2; i++) {
		t = d->side[i].off ? UINT64_MAX : ike_next(d->side[i].ike);
		if (t < at) {
			at = t;
			who = i;
		}
	}
	if (at == UINT64_MAX || at > until)
		return false;
	if (at > d->now)
		d->now = at;
	if (who >= 0)
		duo_tick(d, who);
	else
		wire_deliver(d);
	sadb_events(d);
	if (d->watch)
		d->watch(d, d->watch_arg);
	return true;
}

void duo_run(struct duo *d, uint64_t usec)
{
	uint64_t until = d->now + usec;

	while (duo_step(d, until))
		;
	d->now = until;
}

bool duo_run_until(struct duo *d, bool (*cond)(struct duo *d), uint64_t usec)
{
	uint64_t until = d->now + usec;

	while (!cond(d))
		if (!duo_step(d, until))
			return cond(d);
	return true;
}
