/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A child SA as a thing: made with an SPI reserved, put into the database
 * with the keys that an exchange gave, moved out of it again.
 */
#include <openssl/crypto.h>
#include <string.h>
#include "core/child.h"
#include "core/internal.h"

/* A rekey has to come before 32-bit sequence numbers run out (RFC 4303
 * section 3.3.3), whatever the configuration says. */
#define SOFT_PACKETS_32 0xf0000000ull
#define SOFT_PACKETS_RAND 0x08000000ull

#define SALT_LEN 4 /* RFC 4106 section 8.1 */

/* ---------------------------------------------------------------- selectors */

static void one_address(struct ts *ts, const struct espalier_addr *a)
{
	memset(ts, 0, sizeof(*ts));
	ts->lo = *a;
	ts->hi = *a;
	ts->port_hi = 65535;
}

unsigned int child_selectors(const struct ike_sa *sa, const struct child_ts *c,
			     unsigned int n, bool local, struct ts *out)
{
	const struct espalier_addr *end =
		local ? &sa->local.ip : &sa->remote.ip;
	unsigned int i;

	for (i = 0; i < n; i++) {
		out[i] = c[i].ts;
		if (!c[i].dynamic)
			continue;
		one_address(&out[i], end);
		out[i].proto = c[i].ts.proto;
		out[i].port_lo = c[i].ts.port_lo;
		out[i].port_hi = c[i].ts.port_hi;
	}
	return n;
}

int child_set_selectors(struct child_sa *child, const struct ts *local,
			unsigned int nlocal, const struct ts *remote,
			unsigned int nremote)
{
	struct ike *ike = child->sa->ike;
	struct ts *ts = mem_get(ike, (nlocal + nremote) * sizeof(*ts));

	if (!ts)
		return ike_fail(ike, -ENOMEM, "out of memory");
	memcpy(ts, local, nlocal * sizeof(*ts));
	memcpy(ts + nlocal, remote, nremote * sizeof(*ts));
	mem_put(ike, child->ts);
	child->ts = ts;
	child->nlocal = nlocal;
	child->nremote = nremote;
	return 0;
}

/* ------------------------------------------------------------ begin and end */

/* Policies let in what has their reqid: none may serve two peers, however
 * long one of them stays. */
static uint16_t fresh_reqid(struct ike *ike)
{
	unsigned int i;

	for (i = REQID_FREE; i <= UINT16_MAX; i++) {
		if (ike->next_reqid < REQID_FREE)
			ike->next_reqid = REQID_FREE;
		if (!ike->reqid_users[ike->next_reqid++ - REQID_FREE])
			return ike->next_reqid - 1;
	}
	return 0;
}

void child_set_reqid(struct child_sa *child, uint16_t reqid)
{
	uint16_t *users = child->sa->ike->reqid_users;

	if (child->reqid >= REQID_FREE)
		users[child->reqid - REQID_FREE]--;
	child->reqid = reqid;
	if (reqid >= REQID_FREE)
		users[reqid - REQID_FREE]++;
}

struct child_sa *child_new(struct ike_sa *sa, const struct child_conf *conf,
			   bool initiator)
{
	struct ike *ike = sa->ike;
	struct child_sa *child = mem_get(ike, sizeof(*child));
	int err;

	if (!child) {
		ike_fail(ike, -ENOMEM, "out of memory");
		return NULL;
	}
	err = ike->db->ops->get_spi(ike->db, &sa->local.ip, 0xc0000000,
				    0xcfffffff, &child->spi_in);
	if (err) {
		ike_fail(ike, err, "no SPI: %s", ike->db->ops->error(ike->db));
		mem_put(ike, child);
		return NULL;
	}
	child->sa = sa;
	child->id = ++ike->next_child_id;
	child->state = CHILD_CREATED;
	child->initiator = initiator;
	child->conf = conf;
	child->protocol = PROTO_ESP;
	child->mode = ESPALIER_MODE_TUNNEL;
	child->encap = sa->encap;
	child->local_ip = sa->local.ip;
	timer_init(&child->t_rekey, child_rekey_timer);
	timer_init(&child->t_expire, child_expire_timer);
	timer_init(&child->t_switch, child_switch_timer);
	child->next = sa->children;
	if (child->next)
		child->next->prev = child;
	sa->children = child;
	sa->nchildren++;
	ike->cnt.child_sas++;
	child_set_reqid(child, renew_reqid(sa, conf));
	return child;
}

void child_move(struct child_sa *child, struct ike_sa *to)
{
	struct ike_sa *from = child->sa;

	if (child->prev)
		child->prev->next = child->next;
	else
		from->children = child->next;
	if (child->next)
		child->next->prev = child->prev;
	from->nchildren--;
	child->sa = to;
	child->prev = NULL;
	child->next = to->children;
	if (child->next)
		child->next->prev = child;
	to->children = child;
	to->nchildren++;
}

static struct child_sa *by_peer_spi(struct ike_sa *sa, uint8_t protocol,
				    uint32_t spi)
{
	struct child_sa *c;

	for (c = sa->children; c; c = c->next)
		if (c->spi_out == spi && c->protocol == protocol &&
		    c->state != CHILD_CREATED && c->state != CHILD_DRAINING)
			return c;
	return NULL;
}

struct child_sa *child_by_peer_spi(struct ike_sa *sa, uint8_t protocol,
				   uint32_t spi)
{
	struct child_sa *c = by_peer_spi(sa, protocol, spi);
	struct ike_sa *other;

	/* While the IKE SA is replaced, by both sides maybe, the peer may
	 * still have it there, or already. */
	for (other = sa->kin; other != sa && !c; other = other->kin)
		c = by_peer_spi(other, protocol, spi);
	return c;
}

static const char *const state_names[] = {
	[CHILD_CREATED] = "CREATED",   [CHILD_INSTALLED] = "INSTALLED",
	[CHILD_REKEYING] = "REKEYING", [CHILD_REKEYED] = "REKEYED",
	[CHILD_DELETING] = "DELETING", [CHILD_DRAINING] = "DELETED",
	[CHILD_DEAD] = "DESTROYING",
};

const char *child_state_name(const struct child_sa *child)
{
	return state_names[child->state];
}

void child_state(struct child_sa *child, enum child_state state,
		 const char *why)
{
	if (child->state == state)
		return;
	child_log(child, IKE_LOG_CONTROL, "%s -> %s: %s",
		  state_names[child->state], state_names[state], why);
	child->state = state;
}

static void db_remove(struct child_sa *child, struct hnode *h, uint32_t *id)
{
	struct ike *ike = child->sa->ike;
	int err;

	if (!*id)
		return;
	htable_del(&ike->by_db, h);
	err = ike->db->ops->sa_del(ike->db, *id);
	if (err)
		child_log(child, IKE_LOG_AUDIT,
			  "SA not removed from the database: %s",
			  ike->db->ops->error(ike->db));
	*id = 0;
}

int child_start_out(struct child_sa *child)
{
	int err = child_install_out(child);

	if (!err)
		return 0;
	child_log(child, IKE_LOG_AUDIT, "%s", child->sa->ike->why);
	/* one that only receives is of no use */
	if (child->sa->state == SA_ESTABLISHED)
		child_delete(child, DOWN_ERROR, NULL);
	return err;
}

void child_stop_out(struct child_sa *child)
{
	/* what comes after it takes over the policies, if it has not yet */
	if (child->heir)
		child_start_out(child->heir);
	child_policies_remove(child);
	db_remove(child, &child->h_out, &child->db_out);
}

void child_destroy(struct child_sa *child, enum down_reason reason,
		   const char *why)
{
	struct ike_sa *sa = child->sa;
	struct ike *ike = sa->ike;

	if (child->state == CHILD_DEAD)
		return;
	child_log(child, IKE_LOG_AUDIT, "down: %s", why);
	child->state = CHILD_DEAD;
	timer_stop(ike, &child->t_rekey);
	timer_stop(ike, &child->t_expire);
	timer_stop(ike, &child->t_switch);
	/* Policies first: from here on no packet finds the SA, and what it
	 * has in flight leaves before sa_del() returns. */
	child_stop_out(child);
	if (!child->db_in)
		ike->db->ops->release_spi(ike->db, &child->local_ip,
					  child->spi_in);
	db_remove(child, &child->h_in, &child->db_in);
	if (child->installed && !child->replaced)
		ike_event(ike, IKE_EV_CHILD_DOWN, sa, NULL, child, NULL);

	if (child->prev)
		child->prev->next = child->next;
	else
		sa->children = child->next;
	if (child->next)
		child->next->prev = child->prev;
	sa->nchildren--;
	ike->cnt.child_sas--;
	child_set_reqid(child, 0);
	child_rekey_gone(child);
	child->prev = NULL;
	child->next = ike->dead_children;
	ike->dead_children = child;
	if (child->installed && !child->replaced)
		child_again(sa, child->conf, reason);
}

void child_free(struct ike *ike, struct child_sa *child)
{
	mem_put(ike, child->policies);
	mem_put(ike, child->ts);
	OPENSSL_cleanse(child, sizeof(*child));
	mem_put(ike, child);
}

/* ------------------------------------------------------------------ install */

static void set_limits(struct child_sa *child, struct espalier_limits *l)
{
	const struct child_conf *c = child->conf;
	struct ike *ike = child->sa->ike;
	uint64_t seq = child->esn ? 0
				  : timer_jitter(ike, SOFT_PACKETS_32,
						 SOFT_PACKETS_RAND);

	l->hard_bytes = c->life_bytes;
	l->hard_packets = c->life_packets;
	l->soft_bytes = c->rekey_bytes ? timer_jitter(ike, c->rekey_bytes,
						      c->rand_bytes)
				       : 0;
	l->soft_packets = c->rekey_packets ? timer_jitter(ike, c->rekey_packets,
							  c->rand_packets)
					   : 0;
	if (seq && (!l->soft_packets || l->soft_packets > seq) &&
	    (!l->hard_packets || l->hard_packets > seq))
		l->soft_packets = seq;
}

static void describe(struct child_sa *child, bool in, const uint8_t *key,
		     unsigned int key_len, struct espalier_sa *s)
{
	const struct child_conf *c = child->conf;
	const struct ike_sa *sa = child->sa;

	memset(s, 0, sizeof(*s));
	s->dir = in ? ESPALIER_DIR_IN : ESPALIER_DIR_OUT;
	s->mode = child->mode;
	s->spi = in ? child->spi_in : child->spi_out;
	s->src = in ? sa->remote.ip : child->local_ip;
	s->dst = in ? child->local_ip : sa->remote.ip;
	memcpy(s->key, key, key_len);
	s->key_len = key_len;
	s->icv_len = child_icv_len(child->t[0].id);
	s->esn = child->esn;
	s->window = in ? child_window(sa->ike, c) : 0;
	s->df = c->df;
	s->ecn = c->ecn;
	s->dscp = c->dscp;
	s->queue = -1;
	s->reqid = child->reqid;
	if (child->encap) {
		s->encap_sport = in ? sa->remote.port : sa->local.port;
		s->encap_dport = in ? sa->local.port : sa->remote.port;
	}
	set_limits(child, &s->limits);
}

static int add(struct child_sa *child, bool in)
{
	struct ike *ike = child->sa->ike;
	uint32_t *id = in ? &child->db_in : &child->db_out;
	struct hnode *h = in ? &child->h_in : &child->h_out;
	struct espalier_sa s;
	int err;

	describe(child, in, in ? child->key_in : child->key_out, child->key_len,
		 &s);
	err = ike->db->ops->sa_add(ike->db, &s, id);
	if (err)
		err = ike_fail(ike, err, "%s SA refused: %s",
			       in ? "inbound" : "outbound",
			       ike->db->ops->error(ike->db));
	else if (ike->ops->keymat)
		ike->ops->keymat(ike->ctx, &s);
	OPENSSL_cleanse(&s, sizeof(s));
	OPENSSL_cleanse(in ? child->key_in : child->key_out, IKE_KEY_MAX);
	if (!err)
		htable_add(&ike->by_db, h, child_db_key(*id, in));
	return err;
}

/* RFC 7296 section 2.17: what the initiator sends with comes first. */
static int derive(struct child_sa *child, const struct child_kex *kex)
{
	uint8_t mat[2 * IKE_KEY_MAX], *out = child->initiator ? mat : NULL;
	unsigned int len = child->t[0].bits / 8 + SALT_LEN;
	int err;

	if (!out)
		out = mat + len;
	child->key_len = len;
	err = ike_child_keymat(&child->sa->keys, kex->secret, &kex->ni,
			       &kex->nr, mat, 2 * len);
	if (err) {
		err = ike_fail(child->sa->ike, err, "no key material");
	} else {
		memcpy(child->key_out, out, len);
		memcpy(child->key_in, out == mat ? mat + len : mat, len);
	}
	OPENSSL_cleanse(mat, sizeof(mat));
	return err;
}

static void start_timers(struct child_sa *child)
{
	const struct child_conf *c = child->conf;
	struct ike *ike = child->sa->ike;

	child->installed = ike->now;
	if (c->rekey_time) {
		child->rekey_at = ike->now + timer_jitter(ike, c->rekey_time,
							  c->rand_time);
		timer_set(ike, &child->t_rekey, child->rekey_at);
	}
	if (c->life_time) {
		child->expire_at = ike->now + c->life_time;
		timer_set(ike, &child->t_expire, child->expire_at);
	}
}

int child_install(struct child_sa *child, const struct child_kex *kex,
		  bool in_only)
{
	struct ike *ike = child->sa->ike;
	int err;

	if (!child->reqid)
		child_set_reqid(child, child->conf->reqid ? child->conf->reqid
							  : fresh_reqid(ike));
	err = child->reqid ? derive(child, kex)
			   : ike_fail(ike, -ENOSPC, "all reqids are in use");
	if (!err)
		err = add(child, true);
	if (!err && !in_only)
		err = child_install_out(child);
	if (!err)
		start_timers(child);
	else
		OPENSSL_cleanse(child->key_out, sizeof(child->key_out));
	return err;
}

int child_install_out(struct child_sa *child)
{
	struct child_sa *old = child->replaces;
	int err;

	if (child->has_sent)
		return 0;
	child->has_sent = true;
	timer_stop(child->sa->ike, &child->t_switch);
	err = add(child, false);
	if (!err)
		err = old && old->npolicies && child_same_selectors(old, child)
			      ? child_policies_take(child, old)
			      : child_policies_add(child);
	return err;
}

bool child_same_selectors(const struct child_sa *a, const struct child_sa *b)
{
	unsigned int i;

	if (a->nlocal != b->nlocal || a->nremote != b->nremote)
		return false;
	for (i = 0; i < a->nlocal + a->nremote; i++)
		if (!ts_equal(&a->ts[i], &b->ts[i]))
			return false;
	return true;
}

void child_up(struct child_sa *child)
{
	char ts[2][128], prop[200];
	struct proposal p;

	child_state(child, CHILD_INSTALLED,
		    child->replaces ? "replaces another" : "agreed");
	child_proposal(child, &p);
	child_log(child, IKE_LOG_AUDIT, "up, %s, %s, %s === %s%s",
		  child->mode == ESPALIER_MODE_TUNNEL ? "tunnel" : "transport",
		  proposal_text(&p, prop, sizeof(prop)),
		  ts_text(&child->ts[0], ts[0], sizeof(ts[0])),
		  ts_text(&child->ts[child->nlocal], ts[1], sizeof(ts[1])),
		  child->nlocal + child->nremote > 2 ? " and more" : "");
	if (!child->replaces)
		ike_event(child->sa->ike, IKE_EV_CHILD_UP, child->sa, NULL,
			  child, NULL);
}
