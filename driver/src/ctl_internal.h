/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the control server share. */
#ifndef ESPALIER_CTL_INTERNAL_H
#define ESPALIER_CTL_INTERNAL_H

#include <jansson.h>
#include <espalier/ctl.h>
#include "internal.h"

/* One request while it is served. */
struct ctl_req {
	struct espalier_dev *dev;
	const struct espalier_ctl_opts *opts;
	const json_t *args; /* the whole object */
	const uint8_t *key; /* from a `key` line, else NULL */
	unsigned int key_len;
	bool *monitor; /* set: the client wants events */
	/* a line that goes out before the answer */
	void (*line)(void *arg, const char *text);
	void *line_arg;
	struct espalier_err err;
};

/* A command: what it is called, what it takes, what it does. */
struct ctl_cmd {
	const char *name;
	bool writes;
	const char *const *args; /* NULL-terminated; besides cmd and id */
	/* 0 and *result (a new reference; NULL: the answer has none), or
	 * negative errno with a sentence in req->err */
	int (*run)(struct ctl_req *req, json_t **result);
};
extern const struct ctl_cmd espi_ctl_sa[], espi_ctl_policy[], espi_ctl_info[];

/* ---- ctl_cmd.c ---- */
/* A new reference: the answer to one line; NULL when it cannot be built. */
json_t *espi_ctl_answer(struct ctl_req *req, const char *line, size_t len);
/* -ENOMEM, and its sentence */
int espi_ctl_no_memory(struct ctl_req *req);
/* @ret of a call of the device; unless 0, with the device's sentence */
int espi_ctl_device(struct ctl_req *req, int ret);
json_t *espi_ctl_failure(int err, const char *text, json_t *id);
json_t *espi_ctl_event_json(const struct espalier_event *ev);

/* ---- ctl_json.c: arguments ----
 * Each returns 1 when the argument is there, 0 when it is absent (and not
 * required), negative errno when it is not what it should be. A number may
 * come as a string, so that a command line can be passed on as it is. */
int espi_arg_u64(struct ctl_req *req, const char *name, bool required,
		 uint64_t max, uint64_t *val);
int espi_arg_u32(struct ctl_req *req, const char *name, bool required,
		 uint32_t max, uint32_t *val);
int espi_arg_bool(struct ctl_req *req, const char *name, bool *val);
/* One of @words (NULL-terminated): its index. */
int espi_arg_word(struct ctl_req *req, const char *name, bool required,
		  const char *const *words, int *index);
int espi_arg_addr(struct ctl_req *req, const char *name, bool required,
		  struct espalier_addr *addr);
/* "a", "a/prefix" or "a-b" */
int espi_arg_range(struct ctl_req *req, const char *name,
		   struct espalier_addr *lo, struct espalier_addr *hi);
/* "any", "n" or "n-m" */
int espi_arg_ports(struct ctl_req *req, const char *name, uint16_t *lo,
		   uint16_t *hi);

/* Values of an answer. NULL when memory has run out; the setters then give up
 * the whole object or list, which is NULL from there on, so that nothing is
 * ever left out of an answer. They take over the reference to @val. */
void espi_json_set(json_t **object, const char *key, json_t *val);
void espi_json_append(json_t **list, json_t *val);
json_t *espi_json_u64(uint64_t val);
json_t *espi_json_addr(const struct espalier_addr *addr);
json_t *espi_json_range(const struct espalier_addr *lo,
			const struct espalier_addr *hi);
json_t *espi_json_ports(uint16_t lo, uint16_t hi);

#endif /* ESPALIER_CTL_INTERNAL_H */
