/* SPDX-License-Identifier: Apache-2.0 */
/* espctl: a command line for the process that owns a device. */
#ifndef ESPCTL_H
#define ESPCTL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <jansson.h>

/* Exit codes. */
#define ESPCTL_OK 0
#define ESPCTL_FAILED 1 /* the owner refused */
#define ESPCTL_USAGE 2
#define ESPCTL_NO_OWNER 3 /* nobody answers */

struct espctl {
	const char *path; /* of the socket */
	bool json, show_keys;
	FILE *sock;
	char buf[65536]; /* of sock */
	char *line; /* of the socket */
	size_t line_size;
	/* `key` lines in front of the last answer */
	struct espctl_key {
		uint32_t handle;
		char hex[73];
	} * keys;
	unsigned int nkeys;
};

/* A command: its words after the name in argv. */
struct espctl_command {
	const char *name;
	const char *usage; /* lines of arguments */
	int (*run)(struct espctl *e, int argc, char **argv);
};
extern const struct espctl_command espctl_commands[];

int cmd_sa(struct espctl *e, int argc, char **argv);
int cmd_policy(struct espctl *e, int argc, char **argv);
int cmd_stats(struct espctl *e, int argc, char **argv);
int cmd_caps(struct espctl *e, int argc, char **argv);
int cmd_regs(struct espctl *e, int argc, char **argv);
int cmd_monitor(struct espctl *e, int argc, char **argv);

/* ---- client.c ---- */
/* Send @request (reference taken) and wait: an exit code. On ESPCTL_OK *result
 * is a new reference, NULL if there is none; refusals are printed. */
int espctl_call(struct espctl *e, json_t *request, json_t **result);
/* @hex goes in front of the next request. */
int espctl_send_key(struct espctl *e, const char *hex);
/* Next line of the socket as JSON (new reference), NULL at its end. */
json_t *espctl_read(struct espctl *e);
void espctl_close(struct espctl *e);

/* ---- args.c ---- */
/* `NAME VALUE` pairs into @request as strings; '-' in a name becomes '_'.
 * The value of key and key-file is kept out of it and put into @key. */
int espctl_pairs(json_t *request, int argc, char **argv, char key[80]);
/* JSON as it came. */
void espctl_print_json(const json_t *j);
/* The usage of @command, NULL: of all. */
void espctl_print_usage(FILE *to, const char *command);
/* ... on stderr; ESPCTL_USAGE. */
int espctl_usage(const char *command);

/* Members of an object, or what stands for nothing. */
static inline long long num(const json_t *j, const char *name)
{
	return json_integer_value(json_object_get(j, name));
}

static inline const char *str(const json_t *j, const char *name)
{
	const char *s = json_string_value(json_object_get(j, name));

	return s ? s : "-";
}

/* A 64-bit number as text: JSON integers are signed, the rest are strings. */
const char *espctl_u64(const json_t *j, const char *name, char buf[24]);

#endif /* ESPCTL_H */
