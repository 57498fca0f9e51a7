/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include "duo.h"

const struct ike_sa *duo_sa(struct duo *d, enum duo_who who)
{
	return ike_sa_next(d->side[who].ike, NULL);
}

const struct child_sa *duo_child(struct duo *d, enum duo_who who)
{
	const struct ike_sa *sa = NULL;
	const struct child_sa *c = NULL;

	while (!c && (sa = ike_sa_next(d->side[who].ike, sa)))
		c = child_sa_next(sa, NULL);
	return c;
}

unsigned int duo_ike_sas(struct duo *d, enum duo_who who, const char *state)
{
	const struct ike_sa *sa = NULL;
	struct ike_sa_info info;
	unsigned int n = 0;

	while ((sa = ike_sa_next(d->side[who].ike, sa))) {
		ike_sa_look(sa, &info);
		n += !state || !strcmp(info.state, state);
	}
	return n;
}

unsigned int duo_child_sas(struct duo *d, enum duo_who who, const char *state)
{
	const struct ike_sa *sa = NULL;
	const struct child_sa *c;
	struct child_sa_info info;
	unsigned int n = 0;

	while ((sa = ike_sa_next(d->side[who].ike, sa)))
		for (c = child_sa_next(sa, NULL); c; c = child_sa_next(sa, c)) {
			child_sa_look(c, &info);
			n += !state || !strcmp(info.state, state);
		}
	return n;
}

/* ------------------------------------------------------------------ the two */

static bool same_addr(const struct espalier_addr *a,
		      const struct espalier_addr *b)
{
	return a->family == b->family &&
	       !memcmp(a->bytes, b->bytes, a->family == AF_INET6 ? 16 : 4);
}

/* Through a NAT the addresses differ. */
struct fakedb_sa *duo_ear(struct duo *d, enum duo_who of,
			  const struct fakedb_sa *out)
{
	struct duo_side *s = &d->side[of];
	const struct espalier_addr *dst = &out->sa.dst;

	if (s->nat.on && same_addr(dst, &s->nat.ip))
		dst = &s->ip;
	return fakedb_sa_in(s->db, out->sa.spi, dst);
}

static bool fits(const struct espalier_sa *out, const struct espalier_sa *in)
{
	return out->key_len == in->key_len && out->key_len &&
	       !memcmp(out->key, in->key, in->key_len) &&
	       out->icv_len == in->icv_len && out->esn == in->esn &&
	       out->mode == in->mode;
}

static bool heard(struct duo *d, enum duo_who from)
{
	struct fakedb *f = d->side[from].db;
	struct fakedb_sa *in;
	unsigned int i;

	for (i = 0; i < f->sa_top; i++) {
		if (!f->sa[i].used || f->sa[i].sa.dir != ESPALIER_DIR_OUT)
			continue;
		in = duo_ear(d, !from, &f->sa[i]);
		if (!in || !fits(&f->sa[i].sa, &in->sa))
			return false;
	}
	return true;
}

bool duo_paired(struct duo *d)
{
	return fakedb_sas(d->side[A].db, ESPALIER_DIR_OUT) ==
		       fakedb_sas(d->side[B].db, ESPALIER_DIR_IN) &&
	       fakedb_sas(d->side[B].db, ESPALIER_DIR_OUT) ==
		       fakedb_sas(d->side[A].db, ESPALIER_DIR_IN) &&
	       heard(d, A) && heard(d, B);
}

bool duo_up(struct duo *d)
{
	int i;

	for (i = 0; i < 2; i++)
		if (duo_ike_sas(d, i, NULL) != 1 ||
		    duo_ike_sas(d, i, "ESTABLISHED") != 1 ||
		    duo_child_sas(d, i, NULL) != 1 ||
		    duo_child_sas(d, i, "INSTALLED") != 1)
			return false;
	return duo_paired(d);
}

bool duo_down(struct duo *d)
{
	return ike_idle(d->side[A].ike) && ike_idle(d->side[B].ike);
}

static bool lets_in(const struct fakedb *f, const struct fakedb_sa *in)
{
	unsigned int i;

	for (i = 0; i < f->policy_top; i++)
		if (f->policy[i].used &&
		    f->policy[i].p.dir == ESPALIER_DIR_IN &&
		    f->policy[i].p.action == ESPALIER_PROTECT &&
		    f->policy[i].p.reqid == in->sa.reqid)
			return true;
	return false;
}

static bool way(struct duo *d, enum duo_who from, const struct fakedb_policy *p,
		struct fakedb_sa **out, struct fakedb_sa **in)
{
	*out = fakedb_sa_id(d->side[from].db, p->p.sa);
	if (!*out || (*out)->hard)
		return false;
	*in = duo_ear(d, !from, *out);
	return *in && !(*in)->hard && fits(&(*out)->sa, &(*in)->sa) &&
	       lets_in(d->side[!from].db, *in);
}

bool duo_packet(struct duo *d, enum duo_who from)
{
	struct fakedb *f = d->side[from].db;
	const struct fakedb_policy *p = NULL;
	struct fakedb_sa *out, *in;
	unsigned int i;

	/* of equal ones, the one that was added first */
	for (i = 0; i < f->policy_top; i++)
		if (f->policy[i].used && f->policy[i].p.sa &&
		    (!p || f->policy[i].id < p->id))
			p = &f->policy[i];
	if (!p || !way(d, from, p, &out, &in))
		return false;
	fakedb_traffic(f, out, 1, 1000);
	fakedb_traffic(d->side[!from].db, in, 1, 1000);
	return true;
}

bool duo_reaches(struct duo *d, enum duo_who from)
{
	struct fakedb *f = d->side[from].db;
	struct fakedb_sa *out, *in;
	unsigned int i, n = 0;

	for (i = 0; i < f->policy_top; i++) {
		if (!f->policy[i].used || !f->policy[i].p.sa)
			continue;
		if (!way(d, from, &f->policy[i], &out, &in))
			return false;
		n++;
	}
	return n;
}

/* -------------------------------------------------------------------- looks */

struct ike_counters duo_counters(struct duo *d, enum duo_who who)
{
	struct ike_counters c;

	ike_counters(d->side[who].ike, &c);
	return c;
}

bool duo_logged(struct duo *d, enum duo_who who, const char *text)
{
	struct duo_side *s = &d->side[who];
	unsigned int i;

	for (i = 0; i < s->nlog; i++)
		if (strstr(s->log[i], text))
			return true;
	return false;
}

void duo_print_log(struct duo *d)
{
	unsigned int i, k;

	for (i = 0; i < 2; i++)
		for (k = 0; k < d->side[i].nlog; k++)
			printf("    %c %s\n", "AB"[i], d -> side[i].log[k]);
}

unsigned int duo_said(struct duo *d, enum duo_who who, unsigned int exchange,
		      bool response, int64_t id)
{
	unsigned int i, n = 0;

	for (i = 0; i < d->nspoken; i++) {
		const struct duo_spoken *s = &d->spoken[i];

		n += s->from == who && s->exchange == exchange &&
		     s->response == response && !s->keepalive &&
		     (id < 0 || s->id == id);
	}
	return n;
}

struct ike_end duo_at(struct duo *d, enum duo_who who, uint16_t port)
{
	return (struct ike_end){ d->side[who].ip, port };
}
