/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: reading sections by tables of keys (inside ike/conf)
 *
 * What a key is called, what it may be, what it is when it is absent and where
 * it goes stands in one row of keys.c: the loader reads by it, errors quote
 * it, and the documentation is checked against it.
 */
#ifndef IKE_CONF_LOAD_H
#define IKE_CONF_LOAD_H

#include "conf/conn.h"

/** struct load - a connection being read; @path: "connections.a.children.b" */
struct load {
	struct ike_creds *creds;
	const char *dir;
	char path[1024];
	char *why;
	size_t size;
};

/* "Not given", for keys whose default follows from others. */
#define UNSET UINT64_MAX

struct word {
	const char *text;
	int value;
};

/**
 * struct key - a row
 * @def: default; read like a value unless @derived
 * @read: of one value, or of each item of a @list, into @obj at @at; may put a
 *        sentence of its own at @detail, else the error is @allowed
 * @bytes: the value need not be text
 */
struct key {
	const char *name, *def, *allowed, *what;
	int (*read)(struct load *l, const struct key *k, void *obj,
		    const char *text, size_t len, char *detail, size_t size);
	size_t at;
	const struct word *words;
	uint64_t lo, hi;
	bool list, derived, bytes;
};

struct key_table {
	const char *section;
	const struct key *keys;
	unsigned int n;
};

extern const struct key_table conn_keys, auth_keys_local, auth_keys_remote,
	child_keys;

/** load_error() - "file:line: path.name: ..."; @name may be NULL */
int load_error(struct load *l, const struct section *at, const char *name,
	       const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/** load_keys() - all values of @s by @table, and the defaults of those that
 *  are not there; sections are left alone */
int load_keys(struct load *l, const struct key_table *table,
	      const struct section *s, void *obj);

/* readers.c, but for certificates */
#define READER(name)                                                           \
	int name(struct load *l, const struct key *k, void *obj,               \
		 const char *text, size_t len, char *detail, size_t size)
READER(read_bool);
READER(read_word);
READER(read_fixed);
READER(read_time);
READER(read_zero_time);
READER(read_any_time);
READER(read_bytes);
READER(read_u64);
READER(read_u16);
READER(read_u32);
READER(read_local_addrs);
READER(read_remote_addrs);
READER(read_ike_props);
READER(read_esp_props);
READER(read_ah_props);
READER(read_local_ts);
READER(read_remote_ts);
READER(read_id);
READER(read_auth);
READER(read_dscp);
READER(read_revocation);
READER(read_certs); /* certs.c */
READER(read_cacerts);

/** conf_read_cert() - add one certificate to a side's list and to the store
 *  (certs.c); @sub: "x509" or "x509ca", below @dir */
int conf_read_cert(struct ike_creds *creds, const char *dir, const char *sub,
		   bool ca, const char *text, size_t len, char (**list)[41],
		   unsigned int *n, char *detail, size_t size);
/** conf_read_whole() - a file of at most @cap bytes; *@data is the caller's */
int conf_read_whole(const char *path, size_t cap, uint8_t **data, size_t *len);

int conf_number(const char *text, uint64_t *value);

#endif /* IKE_CONF_LOAD_H */
