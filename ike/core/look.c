/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be seen of SAs from outside: for VICI, statistics and key tables.
 */
#include <stdio.h>
#include <string.h>
#include "core/exchange.h"
#include "core/child.h"

const struct ike_sa *ike_sa_next(const struct ike *ike,
				 const struct ike_sa *prev)
{
	return prev ? prev->next : ike->sas;
}

void ike_sa_look(const struct ike_sa *sa, struct ike_sa_info *info)
{
	static const struct ike_id nobody = { .type = ID_ANY };

	*info = (struct ike_sa_info){
		.id = sa->id,
		.conn = sa->conn,
		.state = sa_state_name(sa),
		.initiator = sa->initiator,
		.spi_i = sa->spi_i,
		.spi_r = sa->spi_r,
		.local = sa->local,
		.remote = sa->remote,
		.id_local = sa->id_local ? sa->id_local : &nobody,
		.id_remote = sa->id_remote ? sa->id_remote : &nobody,
		.suite = sa->keys.suite,
		.nat_local = sa->nat_local,
		.nat_remote = sa->nat_remote,
		.established = sa->established,
		.rekey_at = sa->rekey_at,
	};
}

/* What only comes to be, or is gone, is nobody's business. */
static bool shown(const struct child_sa *c)
{
	return c->state != CHILD_CREATED && c->state != CHILD_DEAD;
}

const struct child_sa *child_sa_next(const struct ike_sa *sa,
				     const struct child_sa *prev)
{
	const struct child_sa *c = prev ? prev->next : sa->children;

	while (c && !shown(c))
		c = c->next;
	return c;
}

static void count(const struct child_sa *c, uint32_t id, uint64_t *bytes,
		  uint64_t *packets)
{
	struct sadb *db = c->sa->ike->db;
	struct espalier_sa_info info;

	if (!id || db->ops->sa_query(db, id, &info))
		return;
	*bytes = info.bytes;
	*packets = info.packets;
}

void child_sa_look(const struct child_sa *c, struct child_sa_info *info)
{
	*info = (struct child_sa_info){
		.id = c->id,
		.conf = c->conf,
		.state = child_state_name(c),
		.mode = c->mode,
		.protocol = c->protocol,
		.encap = c->encap,
		.reqid = c->reqid,
		.spi_in = c->spi_in,
		.spi_out = c->spi_out,
		.local = c->ts,
		.remote = c->ts + c->nlocal,
		.nlocal = c->nlocal,
		.nremote = c->nremote,
		.installed = c->installed,
		.rekey_at = c->rekey_at,
		.expire_at = c->expire_at,
	};
	child_proposal(c, &info->proposal);
	count(c, c->db_in, &info->bytes_in, &info->packets_in);
	count(c, c->db_out, &info->bytes_out, &info->packets_out);
}

void ike_counters(const struct ike *ike, struct ike_counters *c)
{
	*c = ike->cnt;
}

const char *suite_text(const struct ike_suite *s, char *buf, size_t size)
{
	struct proposal p = { .num = 1, .protocol = PROTO_IKE };

	p.t[p.n++] = (struct transform){ TT_ENCR, s->encr, s->encr_bits };
	if (!s->aead)
		p.t[p.n++] = (struct transform){ TT_INTEG, s->integ, 0 };
	p.t[p.n++] = (struct transform){ TT_PRF, s->prf, 0 };
	p.t[p.n++] = (struct transform){ TT_KE, s->ke, 0 };
	return proposal_text(&p, buf, size);
}
