// SPDX-License-Identifier: Apache-2.0
/* Words of the command line, and JSON out. */
#include <errno.h>
#include <string.h>
#include "espctl.h"

static int key_from_file(const char *path, char key[80])
{
	FILE *f = strcmp(path, "-") ? fopen(path, "r") : stdin;
	int ret = ESPCTL_USAGE;

	if (!f) {
		fprintf(stderr, "espctl: %s: %s\n", path, strerror(errno));
		return ret;
	}
	setvbuf(f, NULL, _IONBF, 0);
	if (fgets(key, 80, f)) {
		key[strcspn(key, "\r\n \t")] = '\0';
		ret = ESPCTL_OK;
	} else {
		fprintf(stderr, "espctl: %s: no key in it\n", path);
	}
	if (f != stdin)
		fclose(f);
	return ret;
}

int espctl_pairs(json_t *request, int argc, char **argv, char key[80])
{
	char name[40];
	char *p;
	int i, ret;

	for (i = 0; i < argc; i += 2) {
		if (i + 1 == argc) {
			fprintf(stderr, "espctl: %s: a value is missing\n",
				argv[i]);
			return ESPCTL_USAGE;
		}
		if (key && !strcmp(argv[i], "key")) {
			snprintf(key, 80, "%s", argv[i + 1]);
			/* and out of sight of ps */
			explicit_bzero(argv[i + 1], strlen(argv[i + 1]));
			continue;
		}
		if (key && !strcmp(argv[i], "key-file")) {
			ret = key_from_file(argv[i + 1], key);
			if (ret)
				return ret;
			continue;
		}
		snprintf(name, sizeof(name), "%s", argv[i]);
		for (p = name; *p; p++)
			if (*p == '-')
				*p = '_';
		if (json_object_set_new(request, name,
					json_string(argv[i + 1]))) {
			fprintf(stderr, "espctl: %s: not UTF-8\n", argv[i]);
			return ESPCTL_USAGE;
		}
	}
	return ESPCTL_OK;
}

void espctl_print_json(const json_t *j)
{
	json_dumpf(j, stdout, JSON_INDENT(2));
	putchar('\n');
}

const char *espctl_u64(const json_t *j, const char *name, char buf[24])
{
	const json_t *v = json_object_get(j, name);

	if (json_is_string(v))
		snprintf(buf, 24, "%s", json_string_value(v));
	else
		snprintf(buf, 24, "%lld", (long long)json_integer_value(v));
	return buf;
}

void espctl_print_usage(FILE *to, const char *command)
{
	const struct espctl_command *c;

	fputs("usage: espctl [-j] [-s SOCKET] [--show-keys] COMMAND ...\n"
	      "       espctl -h | -V\n",
	      to);
	for (c = espctl_commands; c->name; c++)
		if (!command || !strcmp(command, c->name))
			fputs(c->usage, to);
}

int espctl_usage(const char *command)
{
	espctl_print_usage(stderr, command);
	return ESPCTL_USAGE;
}
