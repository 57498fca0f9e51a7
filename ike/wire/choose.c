// SPDX-License-Identifier: Apache-2.0
/*
 * One proposal and one transform of each type out of two lists (RFC 7296
 * sections 2.7 and 3.3.3), and what stood in the way when there is none.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "wire/proposal.h"

/* The order in which a difference is looked for and named. */
static const struct {
	uint8_t type;
	const char *word;
} types[] = {
	{ TT_ENCR, "encryption" },
	{ TT_PRF, "prf" },
	{ TT_INTEG, "integrity" },
	{ TT_KE, "group" },
	{ TT_ESN, "esn" },
	{ 6, "additional key exchange 1" },
	{ 7, "additional key exchange 2" },
	{ 8, "additional key exchange 3" },
	{ 9, "additional key exchange 4" },
	{ 10, "additional key exchange 5" },
	{ 11, "additional key exchange 6" },
	{ 12, "additional key exchange 7" },
};
#define NTYPES (sizeof(types) / sizeof(types[0]))

static bool may_be_none(uint8_t type)
{
	return type == TT_INTEG || type == TT_KE || type >= TT_ADDKE1;
}

static bool is_none(const struct transform *t)
{
	return t->id == 0 && may_be_none(t->type);
}

const struct transform *proposal_find(const struct proposal *p, uint8_t type)
{
	for (unsigned int i = 0; i < p->n; i++)
		if (p->t[i].type == type && !is_none(&p->t[i]))
			return &p->t[i];
	return NULL;
}

bool encr_is_aead(uint16_t encr)
{
	switch (encr) {
	case ENCR_AES_CCM_8:
	case ENCR_AES_CCM_12:
	case ENCR_AES_CCM_16:
	case ENCR_AES_GCM_8:
	case ENCR_AES_GCM_12:
	case ENCR_AES_GCM_16:
	case ENCR_NULL_AES_GMAC:
	case ENCR_CHACHA20_POLY1305:
		return true;
	default:
		return false;
	}
}

static bool has_type(const struct proposal *p, uint8_t type)
{
	for (unsigned int i = 0; i < p->n; i++)
		if (p->t[i].type == type)
			return true;
	return false;
}

static bool has(const struct proposal *p, const struct transform *t)
{
	for (unsigned int i = 0; i < p->n; i++)
		if (p->t[i].type == t->type && p->t[i].id == t->id &&
		    p->t[i].bits == t->bits)
			return true;
	return false;
}

/*
 * What stands for a type that a proposal does not have: NONE, and sequence
 * numbers of 32 bits, which is what those who leave it out mean.
 */
static bool implied(uint8_t protocol, uint8_t type, struct transform *t)
{
	*t = (struct transform){ .type = type };
	return may_be_none(type) || (type == TT_ESN && protocol != PROTO_IKE);
}

static bool has_or_implies(const struct proposal *p, const struct transform *t)
{
	struct transform def;

	if (has_type(p, t->type))
		return has(p, t);
	return implied(p->protocol, t->type, &def) && def.id == t->id &&
	       def.bits == t->bits;
}

/* struct attempt - one of ours against one of theirs */
struct attempt {
	const struct proposal *first, *second; /* who prefers, who follows */
	const struct proposal *theirs;
	const struct proposal_pick *pick;
	struct transform t[NTYPES];
	bool chosen[NTYPES];
};

/* INTEG has to go with the cipher: absent with AEAD, there without. */
static bool integ_fits(const struct attempt *a, const struct transform *t)
{
	bool none_wanted =
		a->first->protocol != PROTO_AH && encr_is_aead(a->t[0].id);

	return t->type != TT_INTEG || is_none(t) == none_wanted;
}

static bool acceptable(const struct attempt *a, const struct transform *t)
{
	const struct proposal_pick *pick = a->pick;

	if (!has_or_implies(a->second, t) || !integ_fits(a, t))
		return false;
	return is_none(t) || !pick->can ||
	       pick->can(pick->arg, a->first->protocol, t);
}

/* The @i-th type; Return: one was found, or neither side has it. */
static bool choose_type(struct attempt *a, unsigned int i)
{
	uint8_t type = types[i].type;
	struct transform def;

	a->chosen[i] = false;
	if (type == TT_KE && a->pick->skip_ke)
		return true;
	for (unsigned int k = 0; k < a->first->n; k++) {
		if (a->first->t[k].type != type ||
		    !acceptable(a, &a->first->t[k]))
			continue;
		a->t[i] = a->first->t[k];
		a->chosen[i] = has_type(a->theirs, type);
		return true;
	}
	if (has_type(a->first, type))
		return false;
	/* AH has no cipher, ESP no PRF: nothing on either side */
	if (!implied(a->first->protocol, type, &def))
		return !has_type(a->second, type);
	a->t[i] = def;
	a->chosen[i] = has_type(a->theirs, type);
	/* with no INTEG on either side there is nothing to accept */
	return acceptable(a, &def);
}

/* Every type after the cipher. Return: types that went well, NTYPES = all. */
static unsigned int choose_rest(struct attempt *a)
{
	unsigned int i;

	for (i = 1; i < NTYPES; i++)
		if (!choose_type(a, i))
			break;
	return i;
}

/* Every cipher is tried: INTEG may fit a later one only. */
static unsigned int attempt(struct attempt *a)
{
	unsigned int depth, best = 0;

	if (!has_type(a->first, TT_ENCR)) {
		a->t[0] = (struct transform){ 0 };
		return choose_type(a, 0) ? choose_rest(a) : 0;
	}
	for (unsigned int k = 0; k < a->first->n; k++) {
		const struct transform *t = &a->first->t[k];

		if (t->type != TT_ENCR || !acceptable(a, t))
			continue;
		a->t[0] = *t;
		a->chosen[0] = true;
		depth = choose_rest(a);
		if (depth == NTYPES)
			return depth;
		if (depth > best)
			best = depth;
	}
	return best;
}

/* ---------------------------------------------------------------- in words */

struct text {
	char *buf;
	size_t size, len;
};

static void add(struct text *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void add(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (t->len >= t->size)
		return;
	va_start(ap, fmt);
	n = vsnprintf(t->buf + t->len, t->size - t->len, fmt, ap);
	va_end(ap);
	if (n > 0)
		t->len += n;
}

static void add_transform(struct text *s, const struct transform *t)
{
	const char *name = transform_name(t->type, t->id);

	if (name)
		add(s, "%s", name);
	else
		add(s, "unknown(%u)", t->id);
	if (t->bits)
		add(s, "_%u", t->bits);
}

/* "A or B"; @pick: only what cannot be carried */
static unsigned int add_list(struct text *s, const struct proposal *p,
			     uint8_t type, const struct proposal_pick *pick)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < p->n; i++) {
		const struct transform *t = &p->t[i];

		if (t->type != type)
			continue;
		if (pick && (is_none(t) || !pick->can ||
			     pick->can(pick->arg, p->protocol, t)))
			continue;
		add(s, "%s", n++ ? " or " : pick ? "; not carried here: " : "");
		add_transform(s, t);
	}
	if (!n && !pick)
		add(s, "nothing");
	return n;
}

static const char *protocol_name(uint8_t protocol)
{
	return protocol == PROTO_IKE  ? "IKE"
	       : protocol == PROTO_AH ? "AH"
				      : "ESP";
}

static void tell(char *diff, size_t size, const struct proposal *ours,
		 const struct proposal *theirs, unsigned int depth,
		 const struct proposal_pick *pick)
{
	struct text s = { diff, size, 0 };
	uint8_t type;

	if (!size)
		return;
	diff[0] = '\0';
	if (!ours || !theirs) {
		add(&s, "%s: no proposal that can be read",
		    ours ? "offered" : "configured");
		return;
	}
	if (ours->protocol != theirs->protocol) {
		add(&s, "protocol: offered %s, configured %s",
		    protocol_name(theirs->protocol),
		    protocol_name(ours->protocol));
		return;
	}
	type = types[depth].type;
	add(&s, "%s: offered ", types[depth].word);
	add_list(&s, theirs, type, NULL);
	add(&s, ", configured ");
	add_list(&s, ours, type, NULL);
	add_list(&s, ours, type, pick);
}

/* ------------------------------------------------------------- whole lists */

static void take(struct proposal *chosen, const struct attempt *a)
{
	*chosen = (struct proposal){
		.num = a->theirs->num,
		.protocol = a->theirs->protocol,
		.spi_size = a->theirs->spi_size,
		.spi = a->theirs->spi,
	};
	for (unsigned int i = 0; i < NTYPES; i++)
		if (a->chosen[i])
			chosen->t[chosen->n++] = a->t[i];
}

int proposal_choose(const struct proposal *ours, unsigned int n_ours,
		    const struct proposal *theirs, unsigned int n_theirs,
		    const struct proposal_pick *pick, struct proposal *chosen,
		    char *diff, size_t diff_size)
{
	unsigned int outer = pick->prefer_ours ? n_ours : n_theirs;
	unsigned int inner = pick->prefer_ours ? n_theirs : n_ours;
	const struct proposal *near_ours = n_ours ? ours : NULL;
	const struct proposal *near_theirs = n_theirs ? theirs : NULL;
	unsigned int depth, nearest = 0;
	bool near = false;

	for (unsigned int i = 0; i < outer * inner; i++) {
		const struct proposal *o, *t;
		struct attempt a = { .pick = pick };

		o = &ours[pick->prefer_ours ? i / inner : i % inner];
		t = &theirs[pick->prefer_ours ? i % inner : i / inner];
		if (o->protocol != t->protocol)
			continue;
		a.first = pick->prefer_ours ? o : t;
		a.second = pick->prefer_ours ? t : o;
		a.theirs = t;
		depth = attempt(&a);
		if (depth == NTYPES) {
			take(chosen, &a);
			return 0;
		}
		/* the pair that went furthest is the one to talk about */
		if (!near || depth > nearest) {
			near = true;
			nearest = depth;
			near_ours = o;
			near_theirs = t;
		}
	}
	tell(diff, diff_size, near_ours, near_theirs, nearest, pick);
	return -ENOENT;
}

/* ------------------------------------------------------------ verification */

static int forged(const char **why, const char *text)
{
	*why = text;
	return -EPROTO;
}

int proposal_verify(const struct proposal *ours, unsigned int n_ours,
		    const struct proposal *answer, bool skip_ke,
		    const char **why)
{
	const struct transform *encr = NULL;
	const struct proposal *p = NULL;
	uint32_t seen = 0;
	bool integ;

	*why = NULL;
	for (unsigned int i = 0; i < n_ours; i++)
		if (ours[i].num == answer->num)
			p = &ours[i];
	if (!p)
		return forged(why, "no proposal of that number was offered");
	if (p->protocol != answer->protocol)
		return forged(why, "protocol differs from the one offered");
	for (unsigned int i = 0; i < answer->n; i++) {
		const struct transform *t = &answer->t[i];

		if (seen & 1u << t->type)
			return forged(why, "two transforms of one type");
		seen |= 1u << t->type;
		if (t->type == TT_KE && skip_ke && is_none(t))
			continue;
		if (t->type == TT_KE && skip_ke)
			return forged(why, "key exchange where there is none");
		if (!has_or_implies(p, t))
			return forged(why, "transform that was not offered");
	}
	for (unsigned int i = 0; i < NTYPES; i++) {
		struct transform def;

		if (seen & 1u << types[i].type || !has_type(p, types[i].type) ||
		    (types[i].type == TT_KE && skip_ke))
			continue;
		if (!implied(p->protocol, types[i].type, &def) || !has(p, &def))
			return forged(why, "a transform type is missing");
	}
	encr = proposal_find(answer, TT_ENCR);
	integ = proposal_find(answer, TT_INTEG);
	if (encr && encr_is_aead(encr->id) == integ)
		return forged(why, integ ? "integrity beside an AEAD cipher"
					 : "cipher without integrity");
	return 0;
}
