/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An IKE SA from its first message to its end: made, authenticated, taken out
 * of every table, freed.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "core/exchange.h"
#include "core/internal.h"

uint64_t sa_fresh_spi(struct ike *ike)
{
	uint64_t spi;

	do
		ike->ops->random(ike->ctx, &spi, sizeof(spi));
	while (!spi || htable_find(&ike->by_spi, spi, NULL));
	return spi;
}

struct ike_sa *sa_new(struct ike *ike, struct conn *conn, bool initiator,
		      const struct ike_end *local, const struct ike_end *remote)
{
	struct ike_sa *sa = mem_get(ike, sizeof(*sa));

	if (!sa)
		return NULL;
	sa->ike = ike;
	sa->id = ++ike->next_sa_id;
	sa->kin = sa;
	sa->state = initiator ? SA_INIT_SENT : SA_HALF_OPEN;
	sa->initiator = initiator;
	sa->conn = conn ? conn_get(conn) : NULL;
	sa->local = *local;
	sa->remote = *remote;
	sa->created = ike->now;
	sa->heard = ike->now;
	timer_init(&sa->t_retry, request_timer);
	timer_init(&sa->t_life, life_timer);
	timer_init(&sa->t_alive, alive_timer);
	timer_init(&sa->t_keepalive, keepalive_timer);

	sa_new_spi(sa);
	/* one that a stranger began is not found before it is established */
	if (initiator)
		htable_add(&ike->by_conn, &sa->h_conn,
			   conn_hash(ike, conn->name));
	sa->prev = ike->sas_tail;
	if (ike->sas_tail)
		ike->sas_tail->next = sa;
	else
		ike->sas = sa;
	ike->sas_tail = sa;
	ike->cnt.ike_sas++;
	return sa;
}

void sa_new_spi(struct ike_sa *sa)
{
	uint64_t spi = sa_fresh_spi(sa->ike);

	if (sa_spi(sa))
		htable_del(&sa->ike->by_spi, &sa->h_spi);
	if (sa->initiator) {
		sa->spi_i = spi;
		sa->spi_r = 0;
	} else {
		sa->spi_r = spi;
	}
	htable_add(&sa->ike->by_spi, &sa->h_spi, spi);
}

struct ike_sa *sa_by_spi(struct ike *ike, uint64_t spi)
{
	struct hnode *n = htable_find(&ike->by_spi, spi, NULL);

	return n ? container_of(n, struct ike_sa, h_spi) : NULL;
}

struct ike_sa *sa_next_conn(const struct ike *ike, const char *conn,
			    const struct ike_sa *prev)
{
	uint64_t key = conn_hash(ike, conn);
	const struct hnode *n = prev ? &prev->h_conn : NULL;
	struct hnode *next;
	struct ike_sa *sa;

	while ((next = htable_find(&ike->by_conn, key, n))) {
		sa = container_of(next, struct ike_sa, h_conn);
		if (!strcmp(sa->conn->name, conn))
			return sa;
		n = next;
	}
	return NULL;
}

/* A connection that is half-way to its first SA counts: the child waits in
 * its queue. */
struct ike_sa *sa_find_conn(const struct ike *ike, const char *conn)
{
	struct ike_sa *sa = NULL, *found = NULL;

	while ((sa = sa_next_conn(ike, conn, sa))) {
		if (sa->state == SA_ESTABLISHED)
			return sa;
		if (sa->state == SA_INIT_SENT || sa->state == SA_HALF_OPEN)
			found = sa;
	}
	return found;
}

/* -------------------------------------------------------------- identities */

static int keep_id(struct ike *ike, const struct ike_id *id,
		   const struct ike_id *configured, const struct ike_id **kept,
		   struct ike_id **own)
{
	mem_put(ike, *own);
	*own = NULL;
	if (configured && configured->type == id->type &&
	    configured->len == id->len &&
	    !memcmp(configured->data, id->data, id->len)) {
		*kept = configured;
		return 0;
	}
	*own = mem_dup(ike, id, sizeof(*id));
	*kept = *own;
	return *own ? 0 : ike_fail(ike, -ENOMEM, "out of memory");
}

int sa_set_ids(struct ike_sa *sa, const struct ike_id *local,
	       const struct ike_id *remote)
{
	const struct conn *c = sa->conn;
	int err = 0;

	if (local)
		err = keep_id(sa->ike, local, c ? &c->auth_local.id : NULL,
			      &sa->id_local, &sa->own_id_local);
	if (!err && remote)
		err = keep_id(sa->ike, remote, c ? &c->auth_remote.id : NULL,
			      &sa->id_remote, &sa->own_id_remote);
	return err;
}

uint64_t peer_hash(const struct ike *ike, const struct ike_id *id)
{
	uint8_t buf[1 + sizeof(id->data)];

	buf[0] = id->type;
	memcpy(buf + 1, id->data, id->len);
	return ike_hash(ike, buf, 1 + id->len);
}

/* ------------------------------------------------------------------- states */

static const char *const state_names[] = {
	[SA_INIT_SENT] = "CONNECTING",	  [SA_HALF_OPEN] = "CONNECTING",
	[SA_ESTABLISHED] = "ESTABLISHED", [SA_REKEYED] = "REKEYED",
	[SA_DELETING] = "DELETING",	  [SA_DEAD] = "DESTROYING",
};

const char *sa_state_name(const struct ike_sa *sa)
{
	if (sa->state == SA_ESTABLISHED && sa->rekey)
		return "REKEYING";
	return state_names[sa->state];
}

void sa_state(struct ike_sa *sa, enum sa_state state, const char *why)
{
	if (sa->state == state)
		return;
	ike_log(sa->ike, IKE_LOG_CONTROL, sa, "%s -> %s: %s",
		state_names[sa->state], state_names[state], why);
	sa->state = state;
}

static void take_over(struct ike_sa *sa, struct ike_sa *from)
{
	if (!sa->conn)
		sa->conn = conn_get(from->conn);
	sa_set_ids(sa, from->id_local, from->id_remote);
	sa->kin = from->kin;
	from->kin = sa;
	sa->local = from->local;
	sa->remote = from->remote;
	sa->nat_local = from->nat_local;
	sa->nat_remote = from->nat_remote;
	sa->encap = from->encap;
	sa->frag_ok = from->frag_ok;
	sa->childless_ok = from->childless_ok;
	sa->renewal = from->renewal;
	sa->renew_tries = from->renew_tries;
	sa->renew_from = from->renew_from;
}

void sa_establish(struct ike_sa *sa, struct ike_sa *from)
{
	struct ike *ike = sa->ike;
	char end[2][80], id[2][160], suite[160];

	half_open_end(sa);
	if (from)
		take_over(sa, from);
	sa_state(sa, SA_ESTABLISHED, from ? "rekeyed" : "authenticated");
	sa->established = ike->now;
	sa->heard = ike->now;
	if (sa->id_remote)
		htable_add(&ike->by_peer, &sa->h_peer,
			   peer_hash(ike, sa->id_remote));
	if (!sa->initiator)
		htable_add(&ike->by_conn, &sa->h_conn,
			   conn_hash(ike, sa->conn->name));
	life_start(sa);
	natt_start(sa);
	if (from) {
		ike->cnt.rekeys_ike++;
		ike_log(ike, IKE_LOG_AUDIT, sa,
			"established, replaces %016" PRIx64 "_i %016" PRIx64
			"_r",
			from->spi_i, from->spi_r);
		ike_event(ike, IKE_EV_IKE_REKEYED, from, sa, NULL, NULL);
		return;
	}
	ike->cnt.setups++;
	ike_log(ike, IKE_LOG_AUDIT, sa,
		"established between %s '%s' and %s '%s', %s%s%s",
		ike_end_text(&sa->local, end[0], sizeof(end[0])),
		ike_id_text(sa->id_local, id[0], sizeof(id[0])),
		ike_end_text(&sa->remote, end[1], sizeof(end[1])),
		ike_id_text(sa->id_remote, id[1], sizeof(id[1])),
		suite_text(&sa->keys.suite, suite, sizeof(suite)),
		sa->nat_local ? ", we are behind NAT" : "",
		sa->nat_remote ? ", peer is behind NAT" : "");
	ike_event(ike, IKE_EV_IKE_UP, sa, NULL, NULL, NULL);
}

/* ---------------------------------------------------------------------- end */

static void leave_kin(struct ike_sa *sa)
{
	struct ike_sa *p = sa;

	while (p->kin != sa)
		p = p->kin;
	p->kin = sa->kin;
	sa->kin = sa;
}

void sa_destroy_after_reply(struct ike_sa *sa, enum down_reason reason)
{
	sa->last_words = true;
	sa->last_reason = reason;
}

void sa_destroy(struct ike_sa *sa, enum down_reason reason, const char *fmt,
		...)
{
	struct ike *ike = sa->ike;
	char why[sizeof(ike->why)];
	va_list ap;

	if (sa->state == SA_DEAD)
		return;
	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	sa->last_reason = reason;
	ike_log(ike, IKE_LOG_AUDIT, sa, "down: %s", why);
	half_open_end(sa);
	sa->state = SA_DEAD;
	if (sa->established && reason != DOWN_REKEYED)
		ike_event(ike, IKE_EV_IKE_DOWN, sa, NULL, NULL, NULL);

	/* Nothing finds it from here on; what is called below may start anew.
	 */
	htable_del(&ike->by_spi, &sa->h_spi);
	htable_del(&ike->by_init, &sa->h_init);
	htable_del(&ike->by_peer, &sa->h_peer);
	htable_del(&ike->by_conn, &sa->h_conn);
	leave_kin(sa);
	if (sa->prev)
		sa->prev->next = sa->next;
	else
		ike->sas = sa->next;
	if (sa->next)
		sa->next->prev = sa->prev;
	else
		ike->sas_tail = sa->prev;
	ike->cnt.ike_sas--;
	timer_stop(ike, &sa->t_retry);
	timer_stop(ike, &sa->t_life);
	timer_stop(ike, &sa->t_alive);
	timer_stop(ike, &sa->t_keepalive);

	tasks_cancel(sa, reason == DOWN_TIMEOUT ? -ETIMEDOUT : -ECANCELED, why);
	while (sa->children)
		child_destroy(sa->children, reason, why);
	handshake_free(sa);
	rekey_ike_free(sa);
	sa->next_dead = ike->dead;
	ike->dead = sa;
}

/* The first three retransmissions of usual peers */
#define LINGER (30 * IKE_USEC)

void sa_linger(struct ike_sa *sa, enum down_reason reason, const char *why)
{
	struct ike *ike = sa->ike;
	struct ike_sa **p = &ike->dead;

	sa_destroy(sa, reason, "%s", why);
	if (!sa->established || !sa->reply || ike->shutdown)
		return;
	while (*p != sa)
		p = &(*p)->next_dead;
	*p = sa->next_dead;
	if (sa->has_keys)
		ike_keys_clear(&sa->keys);
	sa->has_keys = false;
	sa->prev = NULL;
	sa->next = ike->lingering;
	if (sa->next)
		sa->next->prev = sa;
	ike->lingering = sa;
	htable_add(&ike->by_spi, &sa->h_spi, sa_spi(sa));
	timer_set(ike, &sa->t_life, ike->now + LINGER);
}

void sa_forget(struct ike_sa *sa)
{
	struct ike *ike = sa->ike;

	htable_del(&ike->by_spi, &sa->h_spi);
	timer_stop(ike, &sa->t_life);
	if (sa->prev)
		sa->prev->next = sa->next;
	else
		ike->lingering = sa->next;
	if (sa->next)
		sa->next->prev = sa->prev;
	sa->next_dead = ike->dead;
	ike->dead = sa;
}

void sa_free(struct ike_sa *sa)
{
	struct ike *ike = sa->ike;

	packets_free(ike, &sa->request);
	packets_free(ike, &sa->reply);
	frags_free(ike, &sa->frags_in);
	frags_free(ike, &sa->frags_re);
	mem_put(ike, sa->own_id_local);
	mem_put(ike, sa->own_id_remote);
	if (sa->has_keys)
		ike_keys_clear(&sa->keys);
	if (sa->conn)
		conn_put(sa->conn);
	mem_put(ike, sa);
}
