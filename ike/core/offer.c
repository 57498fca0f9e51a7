/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A child is negotiated: SA, TSi, TSr and what the notifications beside them
 * mean, in IKE_AUTH and in CREATE_CHILD_SA alike (RFC 7296 sections 1.2, 1.3,
 * 2.7, 2.9). Only what the database can carry is offered or chosen.
 */
#include <stdio.h>
#include <string.h>
#include "core/child.h"
#include "core/internal.h"

/* ------------------------------------------------- what can be carried */

unsigned int child_icv_len(uint16_t encr)
{
	switch (encr) {
	case ENCR_AES_GCM_8:
		return 8;
	case ENCR_AES_GCM_12:
		return 12;
	default:
		return 16;
	}
}

unsigned int child_window(const struct ike *ike, const struct child_conf *c)
{
	if (!c->window)
		return 0;
	if (c->window < ike->caps.window_min)
		return ike->caps.window_min;
	if (c->window > ike->caps.window_max)
		return ike->caps.window_max;
	return c->window;
}

struct carry {
	const struct espalier_caps *caps;
	const struct child_conf *conf;
};

static bool can_encr(const struct espalier_caps *caps,
		     const struct transform *t)
{
	uint32_t alg = t->id == ENCR_AES_GCM_16	  ? ESPALIER_ALG_GCM16
		       : t->id == ENCR_AES_GCM_12 ? ESPALIER_ALG_GCM12
		       : t->id == ENCR_AES_GCM_8  ? ESPALIER_ALG_GCM8
						  : 0;

	return caps->icv_algs & alg && ((t->bits == 128 && caps->key128) ||
					(t->bits == 256 && caps->key256));
}

static bool can(void *arg, uint8_t protocol, const struct transform *t)
{
	const struct carry *c = arg;

	if (protocol != PROTO_ESP)
		return false;
	switch (t->type) {
	case TT_ENCR:
		return can_encr(c->caps, t);
	case TT_INTEG:
		return t->id == INTEG_NONE;
	case TT_KE:
		return t->id == KE_NONE || ike_ke_supported(t->id);
	case TT_ESN:
		/* the high half is inferred from the window: RFC 4303 3.4.3 */
		return t->id == ESN_NO ||
		       (t->id == ESN_YES && c->caps->esn && c->conf->window);
	default:
		return false;
	}
}

/* The configured proposals less what cannot be carried. */
static unsigned int usable(struct ike *ike, const struct child_conf *conf,
			   bool in_auth, struct proposal *out)
{
	struct carry carry = { &ike->caps, conf };
	unsigned int n = 0, i, k;

	for (i = 0; i < conf->nprops; i++) {
		const struct proposal *p = &conf->props[i];
		struct proposal *o = &out[n];

		*o = *p;
		o->n = 0;
		for (k = 0; k < p->n; k++)
			if ((!in_auth || p->t[k].type != TT_KE) &&
			    can(&carry, p->protocol, &p->t[k]))
				o->t[o->n++] = p->t[k];
		if (!proposal_find(o, TT_ENCR) || !proposal_find(o, TT_ESN))
			continue;
		/* a group was wanted and none is left: not without one */
		if (!in_auth && proposal_find(p, TT_KE) &&
		    !proposal_find(o, TT_KE))
			continue;
		o->num = (uint8_t)++n;
	}
	if (!n)
		ike_fail(ike, -EOPNOTSUPP,
			 "child %s: the device carries none of its "
			 "proposals; supported: ESP with AES_GCM_16, 12 or 8",
			 conf->name);
	return n;
}

uint16_t child_group(const struct child_sa *child)
{
	struct proposal props[PROPOSALS_MAX];
	const struct transform *t;

	if (!usable(child->sa->ike, child->conf, false, props))
		return KE_NONE;
	t = proposal_find(&props[0], TT_KE);
	return t ? t->id : KE_NONE;
}

void child_proposal(const struct child_sa *child, struct proposal *p)
{
	unsigned int i;

	memset(p, 0, sizeof(*p));
	p->num = child->prop_num;
	p->protocol = child->protocol;
	p->spi_size = 4;
	p->spi = child->spi_in;
	for (i = 0; i < sizeof(child->t) / sizeof(child->t[0]); i++)
		if (child->t[i].type)
			p->t[p->n++] = child->t[i];
}

static void take_transforms(struct child_sa *child, const struct proposal *p)
{
	static const uint8_t types[] = { TT_ENCR, TT_INTEG, TT_KE, TT_ESN };
	unsigned int i;

	for (i = 0; i < sizeof(types); i++) {
		const struct transform *t = proposal_find(p, types[i]);

		child->t[i] = t ? *t : (struct transform){ 0 };
	}
	child->protocol = p->protocol;
	child->prop_num = p->num;
	child->spi_out = (uint32_t)p->spi;
	child->esn = child->t[3].id == ESN_YES;
}

/* ---------------------------------------------------------------- our offer */

static void put_flags(const struct child_sa *child, struct ike_writer *w)
{
	if (child->mode == ESPALIER_MODE_TRANSPORT)
		ike_put_notify(w, N_USE_TRANSPORT_MODE, NULL, 0);
	/* the device takes no padding away but that of ESP: RFC 4303 2.7 */
	ike_put_notify(w, N_ESP_TFC_PADDING_NOT_SUPPORTED, NULL, 0);
}

int child_put_offer(struct child_sa *child, struct ike_writer *w, bool in_auth)
{
	const struct child_conf *conf = child->conf;
	struct ike *ike = child->sa->ike;
	struct proposal props[PROPOSALS_MAX];
	struct ts ts[TS_MAX];
	unsigned int n = usable(ike, conf, in_auth, props), i;

	if (!n)
		return -EOPNOTSUPP;
	child->mode = conf->mode;
	for (i = 0; i < n; i++) {
		props[i].spi_size = 4;
		props[i].spi = child->spi_in;
	}
	ike_put_sa(w, props, n);
	n = child_selectors(child->sa, conf->local, conf->nlocal, true, ts);
	ike_put_ts(w, PL_TSI, ts, n);
	n = child_selectors(child->sa, conf->remote, conf->nremote, false, ts);
	ike_put_ts(w, PL_TSR, ts, n);
	put_flags(child, w);
	return 0;
}

/* @ts: room for TS_WIRE_MAX */
static int read_ts(struct ike *ike, const char *what, const struct chunk *c,
		   struct ts *ts, unsigned int *n, unsigned int *unknown)
{
	const char *why = "";

	*n = TS_WIRE_MAX;
	if (!c->p || ts_parse(c->p, c->len, ts, n, unknown, &why))
		return ike_fail(ike, -EBADMSG, "%s: %s", what,
				c->p ? why : "missing");
	return 0;
}

static int take_choice(struct child_sa *child, const struct ike_payloads *pl,
		       bool in_auth)
{
	struct ike *ike = child->sa->ike;
	struct proposal ours[PROPOSALS_MAX], answer;
	unsigned int n = usable(ike, child->conf, in_auth, ours);
	int err = choice_read(ike, pl, ours, n, in_auth, &answer);

	if (!err)
		err = proposal_spi_check(ike, &answer, -EPROTO);
	if (!err)
		take_transforms(child, &answer);
	return err;
}

/* The peer may narrow, never widen (RFC 7296 section 2.9), and it may cut what
 * was offered into more pieces than that had. */
static int read_chosen(struct child_sa *child, const char *what,
		       const struct chunk *body, bool local, struct ts *ts,
		       unsigned int *n)
{
	const struct child_conf *c = child->conf;
	struct ike *ike = child->sa->ike;
	struct ts offered[TS_MAX];
	unsigned int unknown, n_offered;
	int err = read_ts(ike, what, body, ts, n, &unknown);

	if (err)
		return err;
	n_offered = local ? child_selectors(child->sa, c->local, c->nlocal,
					    true, offered)
			  : child_selectors(child->sa, c->remote, c->nremote,
					    false, offered);
	if (!*n || unknown || !ts_within(ts, *n, offered, n_offered))
		return ike_fail(ike, -EPROTO,
				"%s of the answer is not within the offer",
				what);
	return 0;
}

static int take_selectors(struct child_sa *child, const struct ike_payloads *pl)
{
	struct ts local[TS_WIRE_MAX], remote[TS_WIRE_MAX];
	unsigned int nlocal, nremote;
	int err = read_chosen(child, "TSi", &pl->tsi, true, local, &nlocal);

	if (!err)
		err = read_chosen(child, "TSr", &pl->tsr, false, remote,
				  &nremote);
	return err ? err
		   : child_set_selectors(child, local, nlocal, remote, nremote);
}

static bool deleted_early(struct child_sa *child)
{
	struct ike_sa *sa = child->sa;
	unsigned int n = sa->nearly, i;

	sa->nearly = 0;
	for (i = 0; i < n && i < 4; i++)
		if (sa->early[i] == child->spi_out) {
			child->spi_out = 0; /* nothing to delete there */
			return true;
		}
	return false;
}

int child_take_choice(struct child_sa *child, const struct ike_payloads *pl,
		      bool in_auth)
{
	struct ike *ike = child->sa->ike;
	const struct ike_notify_pl *n = ike_find_error(pl);
	char text[64];
	int err;

	if (n)
		return ike_fail(ike, -ECONNREFUSED, "peer refused: %s",
				notify_text(n->type, text, sizeof(text)));
	err = take_choice(child, pl, in_auth);
	if (!err)
		err = take_selectors(child, pl);
	if (!err && deleted_early(child))
		err = ike_fail(ike, -ECONNRESET,
			       "the peer deleted it before its answer came");
	if (err)
		return err;
	if (child->mode == ESPALIER_MODE_TRANSPORT &&
	    !ike_find_notify(pl, N_USE_TRANSPORT_MODE)) {
		child_log(child, IKE_LOG_CONTROL,
			  "peer did not take transport mode: tunnel mode");
		child->mode = ESPALIER_MODE_TUNNEL;
	}
	return 0;
}

int child_take_answer(struct child_sa *child, const struct ike_payloads *pl,
		      bool in_auth, const struct child_kex *kex)
{
	int err = child_take_choice(child, pl, in_auth);

	if (!err)
		err = child_install(child, kex, false);
	if (!err)
		child_up(child);
	return err;
}

/* -------------------------------------------------------------- their offer */

/* What the peer proposes. */
struct offer {
	struct proposal props[PROPOSALS_MAX];
	unsigned int nprops;
	struct ts local[TS_WIRE_MAX], remote[TS_WIRE_MAX];
	unsigned int nlocal, nremote;
};

/* What is agreed on; @l_more, @r_more: less than could have been. */
struct narrowed {
	struct ts l[TS_MAX], r[TS_MAX];
	unsigned int nl, nr;
	bool l_more, r_more;
};

/* One configured child against the peer's selectors: @exact: nothing of what
 * is configured is lost. */
static bool fits(const struct ike_sa *sa, const struct child_conf *conf,
		 const struct offer *o, bool exact, struct narrowed *out)
{
	struct ts ours[TS_MAX];
	unsigned int n;

	n = child_selectors(sa, conf->local, conf->nlocal, true, ours);
	out->nl = ts_narrow(ours, n, o->local, o->nlocal, out->l, &out->l_more);
	if (!out->nl || (exact && !ts_within(ours, n, out->l, out->nl)))
		return false;
	n = child_selectors(sa, conf->remote, conf->nremote, false, ours);
	out->nr =
		ts_narrow(ours, n, o->remote, o->nremote, out->r, &out->r_more);
	return out->nr && (!exact || ts_within(ours, n, out->r, out->nr));
}

#define LOGGED_MAX 16

static void log_no_ts(struct ike_sa *sa, const struct offer *o)
{
	unsigned int most = o->nlocal > o->nremote ? o->nlocal : o->nremote;
	const struct child_conf *c;
	char text[2][128];
	struct ts ours[TS_MAX];
	unsigned int i;

	for (i = 0; i < most && i < LOGGED_MAX; i++)
		ike_log(sa->ike, IKE_LOG_CONTROL, sa,
			"selectors received: local %s remote %s",
			i < o->nlocal ? ts_text(&o->local[i], text[0], 128)
				      : "-",
			i < o->nremote ? ts_text(&o->remote[i], text[1], 128)
				       : "-");
	if (i < most)
		ike_log(sa->ike, IKE_LOG_CONTROL, sa,
			"selectors received: and %u more", most - i);
	for (c = sa->conn->children; c; c = c->next) {
		text[0][0] = text[1][0] = 0;
		if (child_selectors(sa, c->local, c->nlocal, true, ours))
			ts_text(&ours[0], text[0], 128);
		if (child_selectors(sa, c->remote, c->nremote, false, ours))
			ts_text(&ours[0], text[1], 128);
		ike_log(sa->ike, IKE_LOG_CONTROL, sa,
			"selectors configured: child %s local %s%s remote "
			"%s%s",
			c->name, text[0], c->nlocal > 1 ? " and more" : "",
			text[1], c->nremote > 1 ? " and more" : "");
	}
}

static int refuse(struct ike_sa *sa, struct ike_writer *reply,
		  enum ike_notify type, int err)
{
	ike_log(sa->ike, IKE_LOG_AUDIT, sa, "child refused, %s: %s",
		ike_notify_name(type), sa->ike->why);
	if (type == N_INVALID_SYNTAX)
		child_bad_syntax(sa, reply);
	else
		ike_put_notify(reply, type, NULL, 0);
	return err;
}

/* A type that is not known here is as one that is not wanted (2.9). */
static int read_offered(struct ike_sa *sa, const char *what,
			const struct chunk *body, struct ts *ts,
			unsigned int *n)
{
	unsigned int unknown;
	int err = read_ts(sa->ike, what, body, ts, n, &unknown);

	if (!err && unknown)
		ike_log(sa->ike, IKE_LOG_CONTROL, sa,
			"%s: %u selectors of a type that is not known are "
			"narrowed away; known: ranges of IPv4 and of IPv6 "
			"addresses",
			what, unknown);
	return err;
}

static int read_offer(struct ike_sa *sa, const struct ike_payloads *pl,
		      struct offer *o)
{
	int err = sa_payload_read(sa->ike, pl, o->props, &o->nprops);

	if (!err)
		err = read_offered(sa, "TSi", &pl->tsi, o->remote, &o->nremote);
	if (!err)
		err = read_offered(sa, "TSr", &pl->tsr, o->local, &o->nlocal);
	return err;
}

static int choose(struct ike_sa *sa, const struct child_conf *conf,
		  const struct offer *o, bool in_auth, struct proposal *chosen)
{
	struct carry carry = { &sa->ike->caps, conf };
	struct proposal ours[PROPOSALS_MAX];
	unsigned int n = usable(sa->ike, conf, in_auth, ours);
	struct proposal_pick pick = {
		.prefer_ours = true,
		.skip_ke = in_auth,
		.can = can,
		.arg = &carry,
	};
	char diff[160] = "";

	if (!n)
		return -ENOENT;
	if (proposal_choose(ours, n, o->props, o->nprops, &pick, chosen, diff,
			    sizeof(diff))) {
		log_no_proposal(sa->ike, sa, "child", o->props, o->nprops, ours,
				n, diff);
		return ike_fail(sa->ike, -ENOENT, "%s", diff);
	}
	return proposal_spi_check(sa->ike, chosen, -ENOENT);
}

/* The first configuration whose selectors fit, exactly if there is one. */
static const struct child_conf *find_conf(struct ike_sa *sa,
					  const struct child_conf *only,
					  const struct offer *o,
					  struct narrowed *out)
{
	const struct child_conf *c;
	int exact;

	for (exact = 1; exact >= 0; exact--)
		for (c = only ? only : sa->conn->children; c;
		     c = only ? NULL : c->next)
			if (fits(sa, c, o, exact, out))
				return c;
	return NULL;
}

static void log_more(const struct child_sa *child, const char *what, bool more)
{
	if (more)
		child_log(child, IKE_LOG_CONTROL,
			  "%s: more than %u selectors are common to both "
			  "sides: narrowed to the first %u",
			  what, TS_MAX, TS_MAX);
}

int child_take_offer(struct ike_sa *sa, const struct ike_payloads *pl,
		     bool in_auth, struct child_sa *reqd,
		     struct ike_writer *reply, struct child_sa **out)
{
	struct ike *ike = sa->ike;
	const struct child_conf *conf;
	struct proposal chosen;
	struct child_sa *child;
	struct narrowed ts;
	struct offer o;
	int err;

	err = read_offer(sa, pl, &o);
	if (err)
		return refuse(sa, reply, N_INVALID_SYNTAX, err);
	conf = find_conf(sa, reqd ? reqd->conf : NULL, &o, &ts);
	if (!conf) {
		log_no_ts(sa, &o);
		err = ike_fail(ike, -ENOENT, "no child has such selectors");
		return refuse(sa, reply, N_TS_UNACCEPTABLE, err);
	}
	err = choose(sa, conf, &o, in_auth, &chosen);
	if (err)
		return refuse(sa, reply, N_NO_PROPOSAL_CHOSEN, err);
	child = child_new(sa, conf, false);
	if (!child)
		return refuse(sa, reply, N_NO_ADDITIONAL_SAS, -ENOSPC);
	if (reqd)
		child_set_reqid(child, reqd->reqid);
	take_transforms(child, &chosen);
	if (conf->mode == ESPALIER_MODE_TRANSPORT &&
	    ike_find_notify(pl, N_USE_TRANSPORT_MODE))
		child->mode = ESPALIER_MODE_TRANSPORT;
	log_more(child, "TSi", ts.r_more);
	log_more(child, "TSr", ts.l_more);
	child->more_ts = ts.l_more || ts.r_more;
	err = child_set_selectors(child, ts.l, ts.nl, ts.r, ts.nr);
	if (err) {
		refuse(sa, reply, N_TEMPORARY_FAILURE, err);
		child_destroy(child, DOWN_ERROR, ike->why);
		return err;
	}
	*out = child;
	return 0;
}

void child_put_answer(struct child_sa *child, struct ike_writer *reply)
{
	struct proposal p;

	child_proposal(child, &p);
	ike_put_sa(reply, &p, 1);
	ike_put_ts(reply, PL_TSI, child->ts + child->nlocal, child->nremote);
	ike_put_ts(reply, PL_TSR, child->ts, child->nlocal);
	if (child->more_ts)
		ike_put_notify(reply, N_ADDITIONAL_TS_POSSIBLE, NULL, 0);
	put_flags(child, reply);
}
