// SPDX-License-Identifier: Apache-2.0
/* Tables of the null device, and its table port. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "null_internal.h"

int espi_null_tables_init(struct espalier_null *n)
{
	const unsigned int sa = n->opts.sa_entries;
	const struct {
		unsigned int entries, words;
	} shape[] = {
		[ESPALIER_TBL_SA_OUT] = { sa, 32 },
		[ESPALIER_TBL_SA_IN] = { sa, 32 },
		[ESPALIER_TBL_SA_HASH] = { 2 * sa, 2 },
		[ESPALIER_TBL_SPD] = { n->opts.spd_entries, 20 },
		[ESPALIER_TBL_KEY_OUT] = { sa, 10 },
		[ESPALIER_TBL_KEY_IN] = { sa, 10 },
		[ESPALIER_TBL_COUNTERS] = { ESPALIER_CODE_COUNT, 4 },
	};
	struct table *t;
	unsigned int i;

	for (i = 0; i < 7; i++) {
		t = &n->table[i];
		t->entries = shape[i].entries;
		t->words = shape[i].words;
		t->w = calloc((size_t)t->entries * t->words, 4);
		t->live = calloc(t->entries, 1);
		if (!t->w || !t->live)
			return -ENOMEM;
	}
	return 0;
}

void espi_null_tables_clear(struct espalier_null *n)
{
	unsigned int i;

	for (i = 0; i < 7; i++) {
		memset(n->table[i].w, 0,
		       4 * (size_t)n->table[i].entries * n->table[i].words);
		memset(n->table[i].live, 0, n->table[i].entries);
	}
}

const uint32_t *espalier_null_entry(const struct espalier_null *n,
				    enum espalier_table table,
				    unsigned int index)
{
	const struct table *t;

	if ((unsigned int)table > ESPALIER_TBL_COUNTERS)
		return NULL;
	t = &n->table[table];
	return index < t->entries ? t->w + (size_t)index * t->words : NULL;
}

static unsigned int sa_op(struct espalier_null *n, unsigned int op,
			  unsigned int table, unsigned int index,
			  const uint32_t *in)
{
	struct table *t = &n->table[table];
	struct table *key =
		&n->table[table == ESPALIER_TBL_SA_OUT ? ESPALIER_TBL_KEY_OUT
						       : ESPALIER_TBL_KEY_IN];
	struct espalier_sa_entry *e = (void *)(t->w + 32 * index);
	const struct espalier_sa_entry *i = (const void *)in;

	switch (op) {
	case ESPALIER_OP_ADD:
		if (t->live[index])
			return ESPALIER_RES_EXISTS;
		memcpy(e, in, sizeof(*e));
		e->status = ESPALIER_SA_ST_LIVE;
		t->live[index] = 1;
		return ESPALIER_RES_OK;
	case ESPALIER_OP_UPDATE:
		if (!t->live[index])
			return ESPALIER_RES_ABSENT;
		memcpy(e->soft_bytes, i->soft_bytes, 32);
		if (table == ESPALIER_TBL_SA_OUT)
			e->mtu_queue = i->mtu_queue;
		return ESPALIER_RES_OK;
	case ESPALIER_OP_DELETE:
		if (!t->live[index])
			return ESPALIER_RES_ABSENT;
		t->live[index] = 0;
		e->status &= ~ESPALIER_SA_ST_LIVE;
		explicit_bzero(key->w + 10 * index, 40);
		return ESPALIER_RES_OK;
	default:
		return ESPALIER_RES_OP;
	}
}

static unsigned int table_op(struct espalier_null *n, unsigned int op,
			     unsigned int table, unsigned int index,
			     const uint32_t *in)
{
	struct table *t;
	bool key;

	if (table > ESPALIER_TBL_COUNTERS)
		return ESPALIER_RES_OP;
	t = &n->table[table];
	if (index >= t->entries)
		return ESPALIER_RES_INDEX;
	key = table == ESPALIER_TBL_KEY_OUT || table == ESPALIER_TBL_KEY_IN;
	if (op == ESPALIER_OP_READ) {
		if (key)
			return ESPALIER_RES_OP;
		memcpy(n->result, t->w + (size_t)index * t->words,
		       4 * t->words);
		return ESPALIER_RES_OK;
	}
	if (table == ESPALIER_TBL_SA_OUT || table == ESPALIER_TBL_SA_IN)
		return sa_op(n, op, table, index, in);
	if (table == ESPALIER_TBL_SPD && op == ESPALIER_OP_FLUSH)
		return ESPALIER_RES_OK;
	if (op == ESPALIER_OP_DELETE &&
	    (table == ESPALIER_TBL_SPD || table == ESPALIER_TBL_SA_HASH)) {
		memset(t->w + (size_t)index * t->words, 0, 4 * t->words);
		return ESPALIER_RES_OK;
	}
	if (op != ESPALIER_OP_ADD || table == ESPALIER_TBL_COUNTERS)
		return ESPALIER_RES_OP;
	/* zeros empty the place, anything else has to be valid */
	if (table == ESPALIER_TBL_SA_HASH && (in[0] | in[1]) && !(in[1] >> 31))
		return ESPALIER_RES_VALUE;
	if (key && n->table[table - ESPALIER_TBL_KEY_OUT].live[index])
		return ESPALIER_RES_EXISTS;
	memcpy(t->w + (size_t)index * t->words, in, 4 * t->words);
	return ESPALIER_RES_OK;
}

void espi_null_table_command(struct espalier_null *n, uint32_t cmd)
{
	unsigned int op = REG_GET(cmd, ESPALIER_TBL_CMD_OP);
	unsigned int table = REG_GET(cmd, ESPALIER_TBL_CMD_TABLE);
	unsigned int index = REG_GET(cmd, ESPALIER_TBL_CMD_INDEX);
	uint32_t *in = &R(n, ESPALIER_REG_TBL_DATA(0));
	unsigned int res;

	n->counts.table_ops++;
	memset(n->result, 0, sizeof(n->result));
	if (n->refuse_armed && n->refuse_after-- == 0) {
		n->refuse_armed = false;
		n->stuck = n->refuse_result < 0;
		res = n->stuck ? 0 : (unsigned int)n->refuse_result;
	} else {
		res = table_op(n, op, table, index, in);
	}
	memset(in, 0, 4 * ESPALIER_TBL_WORDS);
	R(n, ESPALIER_REG_TBL_STATUS) =
		REG_PUT(res, ESPALIER_TBL_STATUS_RESULT) |
		(n->stuck ? ESPALIER_TBL_STATUS_BUSY_MASK : 0);
	if (n->opts.on_table)
		n->opts.on_table(n->opts.on_table_arg, (enum espalier_tbl_op)op,
				 (enum espalier_table)table, index);
}

void espalier_null_refuse(struct espalier_null *n, unsigned int after,
			  int result)
{
	n->refuse_armed = true;
	n->refuse_after = after;
	n->refuse_result = result;
	n->stuck = false;
	R(n, ESPALIER_REG_TBL_STATUS) &= ~ESPALIER_TBL_STATUS_BUSY_MASK;
}

bool espalier_null_staging_clear(const struct espalier_null *n)
{
	unsigned int i;

	for (i = 0; i < ESPALIER_TBL_WORDS; i++)
		if (R(n, ESPALIER_REG_TBL_DATA(i)))
			return false;
	return true;
}

void espi_null_tables_exit(struct espalier_null *n)
{
	unsigned int i;

	for (i = 0; i < 7; i++) {
		if (n->table[i].w)
			explicit_bzero(n->table[i].w,
				       4 * (size_t)n->table[i].entries *
					       n->table[i].words);
		free(n->table[i].w);
		free(n->table[i].live);
	}
}
