/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "fakedb.h"
#include "suite.h"

static struct fakedb *of(struct sadb *db)
{
	return (struct fakedb *)db;
}

static void broken(struct fakedb *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void broken(struct fakedb *f, const char *fmt, ...)
{
	char text[sizeof(f->broken_text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	printf("    fakedb %s: %s\n", f->name, text);
	if (!f->broken++)
		memcpy(f->broken_text, text, sizeof(text));
}

static bool same(const struct espalier_addr *a, const struct espalier_addr *b)
{
	return a->family == b->family &&
	       !memcmp(a->bytes, b->bytes, a->family == AF_INET6 ? 16 : 4);
}

/* --------------------------------------------------------------------- SPIs */

static struct fakedb_spi *spi_find(struct fakedb *f, uint32_t spi,
				   const struct espalier_addr *dst)
{
	unsigned int i;

	for (i = 0; i < f->spi_top; i++)
		if (f->spi[i].used && f->spi[i].spi == spi &&
		    same(&f->spi[i].dst, dst))
			return &f->spi[i];
	return NULL;
}

static int get_spi(struct sadb *db, const struct espalier_addr *dst,
		   uint32_t min, uint32_t max, uint32_t *spi)
{
	struct fakedb *f = of(db);
	unsigned int i;

	for (i = 0; i < FAKEDB_SAS && f->spi[i].used; i++)
		;
	if (i == FAKEDB_SAS)
		return -ENOSPC;
	do
		*spi = min + f->next_spi++ % (max - min + 1);
	while (fakedb_sa_in(f, *spi, dst) || spi_find(f, *spi, dst));
	f->spi[i] = (struct fakedb_spi){ true, *dst, *spi };
	if (i == f->spi_top)
		f->spi_top++;
	return 0;
}

static void release_spi(struct sadb *db, const struct espalier_addr *dst,
			uint32_t spi)
{
	struct fakedb_spi *s = spi_find(of(db), spi, dst);

	if (!s)
		broken(of(db), "SPI %08x released, but not reserved", spi);
	else
		s->used = false;
}

/* ---------------------------------------------------------------------- SAs */

struct fakedb_sa *fakedb_sa_id(struct fakedb *f, uint32_t id)
{
	unsigned int i;

	for (i = 0; i < f->sa_top; i++)
		if (f->sa[i].used && f->sa[i].id == id)
			return &f->sa[i];
	return NULL;
}

struct fakedb_sa *fakedb_sa_in(struct fakedb *f, uint32_t spi,
			       const struct espalier_addr *dst)
{
	unsigned int i;

	for (i = 0; i < f->sa_top; i++)
		if (f->sa[i].used && f->sa[i].sa.dir == ESPALIER_DIR_IN &&
		    f->sa[i].sa.spi == spi && same(&f->sa[i].sa.dst, dst))
			return &f->sa[i];
	return NULL;
}

struct fakedb_sa *fakedb_sa_of(struct fakedb *f, enum espalier_dir dir)
{
	unsigned int i;

	for (i = 0; i < f->sa_top; i++)
		if (f->sa[i].used && f->sa[i].sa.dir == dir)
			return &f->sa[i];
	MUST(false);
	return NULL;
}

struct fakedb_policy *fakedb_policy_of(struct fakedb *f, enum espalier_dir dir,
				       unsigned int nth)
{
	unsigned int i;

	for (i = 0; i < f->policy_top; i++)
		if (f->policy[i].used && f->policy[i].p.dir == dir && !nth--)
			return &f->policy[i];
	MUST(false);
	return NULL;
}

unsigned int fakedb_sas(const struct fakedb *f, int dir)
{
	unsigned int i, n = 0;

	for (i = 0; i < f->sa_top; i++)
		n += f->sa[i].used && (dir < 0 || (int)f->sa[i].sa.dir == dir);
	return n;
}

static unsigned int of_reqid(const struct fakedb *f, unsigned int reqid,
			     enum espalier_dir dir)
{
	unsigned int i, n = 0;

	for (i = 0; i < f->sa_top; i++)
		n += f->sa[i].used && f->sa[i].sa.dir == dir &&
		     f->sa[i].sa.reqid == reqid;
	return n;
}

static void check_add(struct fakedb *f, const struct espalier_sa *sa)
{
	struct fakedb_spi *s;
	unsigned int i;

	if (sa->spi < 256)
		broken(f, "SPI %u is reserved (RFC 4303)", sa->spi);
	if (sa->seq)
		broken(f, "a new SA begins at sequence number %llu",
		       (unsigned long long)sa->seq);
	for (i = 0; i < f->sa_top; i++)
		if (f->sa[i].used && f->sa[i].sa.key_len == sa->key_len &&
		    !memcmp(f->sa[i].sa.key, sa->key, sa->key_len))
			broken(f, "SPI %08x has the key of SPI %08x", sa->spi,
			       f->sa[i].sa.spi);
	if (sa->dir == ESPALIER_DIR_IN) {
		if (fakedb_sa_in(f, sa->spi, &sa->dst))
			broken(f, "inbound SPI %08x twice", sa->spi);
		s = spi_find(f, sa->spi, &sa->dst);
		if (!s)
			broken(f, "inbound SPI %08x was not reserved", sa->spi);
		else
			s->used = false;
		return;
	}
	/* Whoever hears our first packet may answer: we have to listen. */
	if (of_reqid(f, sa->reqid, ESPALIER_DIR_IN) <=
	    of_reqid(f, sa->reqid, ESPALIER_DIR_OUT))
		broken(f, "outbound SPI %08x before its inbound SA", sa->spi);
}

static int sa_add(struct sadb *db, const struct espalier_sa *sa, uint32_t *id)
{
	struct fakedb *f = of(db);
	unsigned int i;

	if (f->full || (f->room && fakedb_sas(f, -1) >= f->room))
		return -ENOSPC;
	if (!f->fail_sa_add--)
		return -ENOSPC;
	if (f->fail_sa_add < -1)
		f->fail_sa_add = -1;
	check_add(f, sa);
	for (i = 0; i < FAKEDB_SAS && f->sa[i].used; i++)
		;
	if (i == FAKEDB_SAS)
		return -ENOSPC;
	memset(&f->sa[i], 0, sizeof(f->sa[i]));
	f->sa[i].used = true;
	f->sa[i].id = *id = ++f->next_id;
	f->sa[i].sa = *sa;
	if (i == f->sa_top)
		f->sa_top++;
	f->adds++;
	return 0;
}

static int sa_update(struct sadb *db, uint32_t id,
		     const struct espalier_limits *limits, unsigned int mtu)
{
	struct fakedb_sa *s = fakedb_sa_id(of(db), id);

	if (!s) {
		broken(of(db), "update of SA %u, which is not there", id);
		return -ENOENT;
	}
	s->sa.limits = *limits;
	s->sa.mtu = mtu;
	return 0;
}

static int sa_del(struct sadb *db, uint32_t id)
{
	struct fakedb *f = of(db);
	struct fakedb_sa *s = fakedb_sa_id(f, id);
	unsigned int i;

	if (!s) {
		broken(f, "delete of SA %u, which is not there", id);
		return -ENOENT;
	}
	for (i = 0; i < f->policy_top; i++)
		if (f->policy[i].used && f->policy[i].p.sa == id)
			broken(f, "SA %u deleted under policy %u", id,
			       f->policy[i].id);
	s->used = false;
	f->dels++;
	return 0;
}

static int sa_query(struct sadb *db, uint32_t id, struct espalier_sa_info *info)
{
	struct fakedb_sa *s = fakedb_sa_id(of(db), id);

	if (!s) {
		broken(of(db), "query of SA %u, which is not there", id);
		return -ENOENT;
	}
	memset(info, 0, sizeof(*info));
	info->sa = s->sa;
	memset(info->sa.key, 0, sizeof(info->sa.key));
	info->handle = id;
	info->status = ESPALIER_SA_ST_LIVE;
	info->bytes = s->bytes;
	info->packets = s->packets;
	return 0;
}

/* ----------------------------------------------------------------- policies */

static struct fakedb_policy *policy_id(struct fakedb *f, uint32_t id)
{
	unsigned int i;

	for (i = 0; i < f->policy_top; i++)
		if (f->policy[i].used && f->policy[i].id == id)
			return &f->policy[i];
	return NULL;
}

unsigned int fakedb_policies(const struct fakedb *f)
{
	unsigned int i, n = 0;

	for (i = 0; i < f->policy_top; i++)
		n += f->policy[i].used;
	return n;
}

static int policy_add(struct sadb *db, const struct espalier_policy *p,
		      uint32_t *id)
{
	struct fakedb *f = of(db);
	unsigned int i;

	if (p->sa && !fakedb_sa_id(f, p->sa))
		broken(f, "policy with SA %u, which is not there", p->sa);
	for (i = 0; i < FAKEDB_POLICIES && f->policy[i].used; i++)
		;
	if (i == FAKEDB_POLICIES)
		return -ENOSPC;
	f->policy[i] = (struct fakedb_policy){ true, ++f->next_id, *p };
	*id = f->policy[i].id;
	if (i == f->policy_top)
		f->policy_top++;
	return 0;
}

static int policy_set_sa(struct sadb *db, uint32_t id, uint32_t sa)
{
	struct fakedb *f = of(db);
	struct fakedb_policy *p = policy_id(f, id);

	if (!f->fail_set_sa--)
		return -EIO;
	if (f->fail_set_sa < -1)
		f->fail_set_sa = -1;
	if (!p || (sa && !fakedb_sa_id(f, sa))) {
		broken(f, "policy %u to SA %u: one is not there", id, sa);
		return -ENOENT;
	}
	p->p.sa = sa;
	return 0;
}

static int policy_del(struct sadb *db, uint32_t id)
{
	struct fakedb_policy *p = policy_id(of(db), id);

	if (!p) {
		broken(of(db), "delete of policy %u, which is not there", id);
		return -ENOENT;
	}
	p->used = false;
	return 0;
}

/* ------------------------------------------------------------------- events */

static void push(struct fakedb *f, enum espalier_event_type type, uint32_t sa,
		 uint32_t policy)
{
	if (f->nev < FAKEDB_EVENTS)
		f->ev[f->nev++] = (struct espalier_event){ .type = type,
							   .sa = sa,
							   .policy = policy };
}

static int event(struct sadb *db, struct espalier_event *ev)
{
	struct fakedb *f = of(db);

	if (!f->nev)
		return 0;
	*ev = f->ev[0];
	memmove(f->ev, f->ev + 1, --f->nev * sizeof(f->ev[0]));
	return 1;
}

void fakedb_traffic(struct fakedb *f, struct fakedb_sa *s, uint64_t packets,
		    uint64_t bytes)
{
	const struct espalier_limits *l = &s->sa.limits;
	bool soft_b, soft_p, hard_b, hard_p, wrap;

	s->packets += packets;
	s->bytes += bytes;
	soft_b = l->soft_bytes && s->bytes >= l->soft_bytes;
	soft_p = l->soft_packets && s->packets >= l->soft_packets;
	hard_b = l->hard_bytes && s->bytes >= l->hard_bytes;
	hard_p = l->hard_packets && s->packets >= l->hard_packets;
	if ((soft_b || soft_p) && !s->soft) {
		s->soft = true;
		push(f,
		     soft_b ? ESPALIER_EV_SOFT_BYTES : ESPALIER_EV_SOFT_PACKETS,
		     s->id, 0);
	}
	wrap = !s->sa.esn && s->sa.dir == ESPALIER_DIR_OUT &&
	       s->packets >= UINT32_MAX;
	if ((hard_b || hard_p || wrap) && !s->hard) {
		s->hard = true;
		push(f,
		     hard_b   ? ESPALIER_EV_HARD_BYTES
		     : hard_p ? ESPALIER_EV_HARD_PACKETS
			      : ESPALIER_EV_SEQ_OVERFLOW,
		     s->id, 0);
	}
}

void fakedb_acquire(struct fakedb *f, uint32_t policy)
{
	push(f, ESPALIER_EV_ACQUIRE, 0, policy);
}

/* -------------------------------------------------------------------- whole */

unsigned int fakedb_reserved(const struct fakedb *f)
{
	unsigned int i, n = 0;

	for (i = 0; i < f->spi_top; i++)
		n += f->spi[i].used;
	return n;
}

void fakedb_expect_empty(struct fakedb *f)
{
	if (fakedb_sas(f, -1))
		broken(f, "%u SAs are left", fakedb_sas(f, -1));
	if (fakedb_policies(f))
		broken(f, "%u policies are left", fakedb_policies(f));
	if (fakedb_reserved(f))
		broken(f, "%u reserved SPIs are left", fakedb_reserved(f));
}

static void caps(struct sadb *db, struct espalier_caps *c)
{
	*c = of(db)->caps;
}

static const char *error(struct sadb *db)
{
	(void)db;
	return "refused by the test";
}

static void release(struct sadb *db)
{
	fakedb_free(of(db));
}

static const struct sadb_ops ops = {
	.caps = caps,
	.get_spi = get_spi,
	.release_spi = release_spi,
	.sa_add = sa_add,
	.sa_update = sa_update,
	.sa_del = sa_del,
	.sa_query = sa_query,
	.policy_add = policy_add,
	.policy_set_sa = policy_set_sa,
	.policy_del = policy_del,
	.event = event,
	.error = error,
	.free = release,
};

struct fakedb *fakedb_new(const char *name, uint32_t first_spi)
{
	struct fakedb *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->db.ops = &ops;
	f->name = name;
	f->next_spi = first_spi;
	f->fail_sa_add = f->fail_set_sa = -1;
	f->caps = (struct espalier_caps){
		.sa_entries = FAKEDB_SAS,
		.spd_entries = FAKEDB_POLICIES,
		.window_min = 32,
		.window_max = 1024,
		.icv_algs = ESPALIER_ALG_GCM16 | ESPALIER_ALG_GCM12 |
			    ESPALIER_ALG_GCM8,
		.key128 = true,
		.key256 = true,
		.esn = true,
		.tunnel = true,
		.transport = true,
		.ipv4 = true,
		.ipv6 = true,
	};
	return f;
}

void fakedb_free(struct fakedb *f)
{
	free(f);
}
