/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two cores, and a peer that has the right keys and says the wrong things.
 *
 * Input: one byte: how far the two come before (0: nothing was said, 1: INIT is
 * answered, 2: established; more: as 2), then records: a control byte, a length
 * of two bytes, so many bytes. Control: low nibble what, high nibble for whom:
 *
 *   0 the bytes are a datagram
 *   1 .. 4 first payload type and payloads: IKE_SA_INIT, IKE_AUTH,
 *     CREATE_CHILD_SA, INFORMATIONAL; with the ID that is due; a bit of the
 * high nibble makes it a response 5 likewise, in fragments (the first byte:
 * their size) 6 rekey the child, 7 rekey the IKE SA, 8 a child, 9 terminate the
 * child 10 what both have sent is delivered, 11 it is lost, 12 time goes by 13
 * an event of the database
 *
 * Whatever comes: no crash, and when both are gone nothing is left.
 */
#include <arpa/inet.h>
#include <string.h>
#include "core/internal.h"
#include "fuzz.h"

const unsigned long fuzz_slice = 3000;

/* ------------------------------------------------- a database that counts */

struct db {
	struct sadb db;
	uint32_t next;
	unsigned int sas, policies, spis;
};

static struct db *db_of(struct sadb *db)
{
	return (struct db *)db;
}

static void db_caps(struct sadb *db, struct espalier_caps *c)
{
	(void)db;
	*c = (struct espalier_caps){ .sa_entries = 1000,
				     .window_min = 32,
				     .window_max = 1024,
				     .icv_algs = ESPALIER_ALG_GCM16,
				     .key128 = true,
				     .esn = true,
				     .tunnel = true,
				     .transport = true,
				     .ipv4 = true,
				     .ipv6 = true };
}

static int db_get_spi(struct sadb *db, const struct espalier_addr *dst,
		      uint32_t min, uint32_t max, uint32_t *spi)
{
	(void)dst;
	*spi = min + db_of(db)->next++ % (max - min);
	db_of(db)->spis++;
	return 0;
}

static void db_release(struct sadb *db, const struct espalier_addr *dst,
		       uint32_t spi)
{
	(void)dst;
	(void)spi;
	FUZZ_CHECK(db_of(db)->spis);
	db_of(db)->spis--;
}

static int db_sa_add(struct sadb *db, const struct espalier_sa *sa,
		     uint32_t *id)
{
	FUZZ_CHECK(sa->spi >= 256 && sa->key_len == 20 && !sa->seq);
	if (sa->dir == ESPALIER_DIR_IN) {
		FUZZ_CHECK(db_of(db)->spis);
		db_of(db)->spis--;
	}
	*id = ++db_of(db)->next;
	db_of(db)->sas++;
	return 0;
}

static int db_sa_del(struct sadb *db, uint32_t id)
{
	FUZZ_CHECK(id && db_of(db)->sas);
	db_of(db)->sas--;
	return 0;
}

static int db_query(struct sadb *db, uint32_t id, struct espalier_sa_info *info)
{
	(void)db;
	FUZZ_CHECK(id);
	memset(info, 0, sizeof(*info));
	return 0;
}

static int db_policy_add(struct sadb *db, const struct espalier_policy *p,
			 uint32_t *id)
{
	(void)p;
	*id = ++db_of(db)->next;
	db_of(db)->policies++;
	return 0;
}

static int db_policy_set(struct sadb *db, uint32_t id, uint32_t sa)
{
	(void)db;
	(void)sa;
	FUZZ_CHECK(id);
	return 0;
}

static int db_policy_del(struct sadb *db, uint32_t id)
{
	FUZZ_CHECK(id && db_of(db)->policies);
	db_of(db)->policies--;
	return 0;
}

static int db_update(struct sadb *db, uint32_t id,
		     const struct espalier_limits *l, unsigned int mtu)
{
	(void)db;
	(void)id;
	(void)l;
	(void)mtu;
	return 0;
}

static const char *db_error(struct sadb *db)
{
	(void)db;
	return "";
}

static const struct sadb_ops db_ops = {
	.caps = db_caps,
	.get_spi = db_get_spi,
	.release_spi = db_release,
	.sa_add = db_sa_add,
	.sa_update = db_update,
	.sa_del = db_sa_del,
	.sa_query = db_query,
	.policy_add = db_policy_add,
	.policy_set_sa = db_policy_set,
	.policy_del = db_policy_del,
	.error = db_error,
};

/* ---------------------------------------------------------------- two cores */

#define BOX 16
#define LETTER 4096

struct side {
	struct ike *ike;
	struct db db;
	struct espalier_addr ip;
	uint64_t rng;
	struct {
		struct ike_end src, dst;
		size_t len;
		uint8_t data[LETTER];
	} box[BOX]; /* what it has sent */
	unsigned int n;
};

static struct side side[2];
static struct ike_creds *creds;
static uint64_t now;

static void op_send(void *ctx, const struct ike_end *local,
		    const struct ike_end *remote, const uint8_t *msg,
		    size_t len)
{
	struct side *s = ctx;

	fuzz_touch(msg, len);
	if (s->n == BOX || len > LETTER)
		return;
	s->box[s->n].src = *local;
	s->box[s->n].dst = *remote;
	s->box[s->n].len = len;
	memcpy(s->box[s->n++].data, msg, len);
}

static void op_random(void *ctx, void *buf, size_t len)
{
	struct side *s = ctx;
	uint8_t *p = buf;

	while (len--) {
		s->rng = s->rng * 6364136223846793005ull +
			 1442695040888963407ull;
		*p++ = (uint8_t)(s->rng >> 56);
	}
}

static time_t op_wall(void *ctx)
{
	(void)ctx;
	return 1700000000;
}

static void op_log(void *ctx, enum ike_log_level level, const struct ike_sa *sa,
		   const char *line)
{
	static int print = -1;

	(void)sa;
	if (print < 0)
		print = getenv("FUZZ_LOG") != NULL;
	if (print)
		fprintf(stderr, "%c %d %s\n", "AB"[ctx == &side[1]], level,
			line);
	fuzz_touch(line, strlen(line));
}

static const struct ike_ops ops = {
	.send = op_send,
	.random = op_random,
	.wall = op_wall,
	.log = op_log,
};

static struct conn *conn(int who)
{
	struct conn *c = calloc(1, sizeof(*c));
	struct child_conf *child = calloc(1, sizeof(*child));
	const char *ts[] = { "10.1.0.0/16", "10.2.0.0/16" };
	const char *id[] = { "a.example.org", "b.example.org" };
	char why[100];

	FUZZ_CHECK(c && child);
	c->refs = 1;
	c->name = strdup("fuzz");
	c->local[0].lo = c->local[0].hi = side[who].ip;
	c->remote[0].lo = c->remote[0].hi = side[!who].ip;
	c->nlocal = c->nremote = 1;
	FUZZ_CHECK(!proposal_from_text("aes128gcm16-prfsha256-x25519",
				       PROTO_IKE, &c->props[0], why,
				       sizeof(why)));
	c->props[0].num = 1;
	c->nprops = 1;
	c->auth_local.psk = c->auth_remote.psk = true;
	FUZZ_CHECK(!ike_id_from_text(id[who], &c->auth_local.id) &&
		   !ike_id_from_text(id[!who], &c->auth_remote.id));
	c->keyingtries = 1;
	c->frag = FRAG_YES;
	c->dpd_delay = 60 * IKE_USEC;
	c->rekey_time = 3600 * IKE_USEC;
	c->over_time = 360 * IKE_USEC;
	child->name = strdup("net");
	FUZZ_CHECK(!proposal_from_text("aes128gcm16-esn", PROTO_ESP,
				       &child->props[0], why, sizeof(why)));
	child->props[0].num = 1;
	child->nprops = 1;
	FUZZ_CHECK(
		!ts_from_text(ts[who], &child->local[0].ts, why, sizeof(why)) &&
		!ts_from_text(ts[!who], &child->remote[0].ts, why,
			      sizeof(why)));
	child->nlocal = child->nremote = 1;
	child->mode = ESPALIER_MODE_TUNNEL;
	child->window = 64;
	child->dscp = -1;
	child->rekey_time = 600 * IKE_USEC;
	child->life_time = 660 * IKE_USEC;
	c->children = child;
	return c;
}

static void begin(void)
{
	struct ike_settings set;
	int i;

	if (!creds) {
		creds = ike_creds_new();
		FUZZ_CHECK(creds && !ike_creds_add_psk(creds, "k", "secret", 6,
						       NULL, 0));
	}
	ike_settings_default(&set);
	set.fragment_size = 600;
	now = IKE_USEC;
	memset(side, 0, sizeof(side));
	for (i = 0; i < 2; i++) {
		side[i].ip.family = AF_INET;
		inet_pton(AF_INET, i ? "192.0.2.2" : "192.0.2.1",
			  side[i].ip.bytes);
		side[i].rng = (uint64_t)i + 1;
		side[i].db.db.ops = &db_ops;
		side[i].db.next = 0x1000;
	}
	for (i = 0; i < 2; i++) {
		side[i].ike =
			ike_new(&ops, &side[i], &set, creds, &side[i].db.db);
		FUZZ_CHECK(side[i].ike &&
			   !ike_conn_set(side[i].ike, now, conn(i)));
	}
}

static void deliver(int from)
{
	struct side *s = &side[from];
	unsigned int i, n = s->n;

	s->n = 0;
	for (i = 0; i < n; i++)
		ike_input(side[!from].ike, now, &s->box[i].dst, &s->box[i].src,
			  s->box[i].data, s->box[i].len);
}

static void later(uint64_t usec)
{
	now += usec;
	ike_run(side[0].ike, now);
	ike_run(side[1].ike, now);
}

static void end(void)
{
	struct ike_counters c;
	int i;

	for (i = 0; i < 2; i++)
		ike_shutdown(side[i].ike, now);
	/* Nobody hears: all retransmissions go by. */
	for (i = 0; i < 40; i++) {
		side[0].n = side[1].n = 0;
		later(10 * IKE_USEC);
	}
	for (i = 0; i < 2; i++) {
		ike_counters(side[i].ike, &c);
		FUZZ_CHECK(ike_idle(side[i].ike));
		FUZZ_CHECK(!c.ike_sas && !c.child_sas && !c.half_open);
		FUZZ_CHECK(!c.bytes);
		FUZZ_CHECK(!side[i].db.sas && !side[i].db.policies &&
			   !side[i].db.spis);
		ike_free(side[i].ike);
	}
}

/* -------------------------------------------------------------- the records */

/* The newest SA that both have. */
static bool common(int to, struct ike_sa **me, struct ike_sa **peer)
{
	struct ike_sa *a, *b;

	for (a = side[to].ike->sas_tail; a; a = a->prev)
		for (b = side[!to].ike->sas_tail; b; b = b->prev)
			if (a->has_keys && b->has_keys &&
			    a->spi_i == b->spi_i && a->spi_r == b->spi_r) {
				*me = a;
				*peer = b;
				return true;
			}
	return false;
}

static const uint8_t exchanges[] = { IKE_SA_INIT, IKE_AUTH, IKE_CREATE_CHILD_SA,
				     IKE_INFORMATIONAL };

static void give(int to, const uint8_t *msg, size_t len)
{
	struct ike_end dst = { side[to].ip, 500 }, src = { side[!to].ip, 500 };

	ike_input(side[to].ike, now, &dst, &src, msg, len);
}

static void sealed(int to, uint8_t exchange, bool response, unsigned int cut,
		   const uint8_t *data, size_t len)
{
	static uint8_t msg[LETTER];
	struct ike_sa *me, *peer;
	struct ike_hdr hdr;
	unsigned int i, n;
	size_t at, part;
	int size;

	if (!len || !common(to, &me, &peer))
		return;
	hdr = (struct ike_hdr){
		.spi_i = me->spi_i,
		.spi_r = me->spi_r,
		.version = 0x20,
		.exchange = response && me->busy ? me->busy->ops->exchange
						 : exchange,
		.flags = (peer->initiator ? IKE_FLAG_INITIATOR : 0) |
			 (response ? IKE_FLAG_RESPONSE : 0),
		.id = response ? me->out_id : me->in_id,
	};
	if (!cut) {
		size = ike_seal(&peer->keys, &hdr, data[0], data + 1, len - 1,
				0, 0, msg, sizeof(msg));
		if (size > 0)
			give(to, msg, (size_t)size);
		return;
	}
	n = (unsigned int)((len - 1 + cut - 1) / cut);
	for (i = 0, at = 1; i < n && i < 80; i++, at += cut) {
		part = len - at < cut ? len - at : cut;
		size = ike_seal(&peer->keys, &hdr, i ? 0 : data[0], data + at,
				part, (uint16_t)(i + 1), (uint16_t)n, msg,
				sizeof(msg));
		if (size > 0)
			give(to, msg, (size_t)size);
	}
}

static void record(unsigned int what, unsigned int how, const uint8_t *data,
		   size_t len)
{
	struct ike_select sel = { .child = "net" };
	struct espalier_event ev = { 0 };
	int to = how & 1;

	switch (what) {
	case 0:
		give(to, data, len);
		break;
	case 1:
	case 2:
	case 3:
	case 4:
		sealed(to, exchanges[what - 1], how & 2, 0, data, len);
		break;
	case 5:
		if (len > 1)
			sealed(to, exchanges[how >> 2], how & 2,
			       (unsigned int)data[0] + 1, data + 1, len - 1);
		break;
	case 6:
		ike_rekey(side[to].ike, now, &sel);
		break;
	case 7:
		sel.child = NULL;
		ike_rekey(side[to].ike, now, &sel);
		break;
	case 8:
		ike_initiate(side[to].ike, now, "fuzz", "net", NULL, NULL);
		break;
	case 9:
		ike_terminate(side[to].ike, now, &sel, NULL, NULL);
		break;
	case 10:
		deliver(to);
		deliver(!to);
		break;
	case 11:
		side[to].n = 0;
		break;
	case 12:
		later((how + 1) * 5 * IKE_USEC);
		break;
	case 13:
		ev.type = 1 + how % 8;
		ev.sa = ev.policy = 0x1000 + (len ? data[0] : 0u);
		ike_sadb_event(side[to].ike, now, &ev);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned int stage, i, records = 0;
	size_t len;

	if (!size)
		return 0;
	begin();
	stage = *data++;
	size--;
	if (stage)
		ike_initiate(side[0].ike, now, "fuzz", "net", NULL, NULL);
	for (i = 0; stage && i < (stage == 1 ? 1 : 2); i++) {
		deliver(0);
		deliver(1);
	}
	while (size >= 3 && records++ < 64) {
		len = (size_t)data[1] << 8 | data[2];
		if (len > size - 3)
			len = size - 3;
		record(data[0] & 15, data[0] >> 4, data + 3, len);
		data += 3 + len;
		size -= 3 + len;
	}
	end();
	return 0;
}
