// SPDX-License-Identifier: Apache-2.0
#include <string.h>
#include <espalier/ctl.h>
#include "espctl.h"

const struct espctl_command espctl_commands[] = {
	{ "sa",
	  "  sa [list]\n"
	  "  sa show HANDLE\n"
	  "  sa add dir out|in spi SPI dst ADDR key-file FILE [src ADDR]\n"
	  "         [mode tunnel|transport] [icv-bits 128|96|64] [esn on|off]\n"
	  "         [seq N] [window N] [mtu N] [df copy|set|clear] [dscp N]\n"
	  "         [ttl N] [ecn on|off] [flow-label N] [queue N] [reqid N]\n"
	  "         [soft-bytes N] [hard-bytes N] [soft-packets N]\n"
	  "         [hard-packets N]\n"
	  "  sa update HANDLE [mtu N] [soft-bytes N] [hard-bytes N]\n"
	  "         [soft-packets N] [hard-packets N]\n"
	  "  sa del HANDLE\n"
	  "  sa flush\n",
	  cmd_sa },
	{ "policy",
	  "  policy [list]\n"
	  "  policy add dir out|in action protect|bypass|discard src RANGE\n"
	  "         dst RANGE [proto N|any] [sport PORTS] [dport PORTS]\n"
	  "         [priority N] [sa HANDLE] [reqid N]\n"
	  "  policy set-sa ID HANDLE\n"
	  "  policy del ID\n"
	  "  policy flush\n",
	  cmd_policy },
	{ "stats", "  stats [NAME...]\n", cmd_stats },
	{ "caps", "  caps\n", cmd_caps },
	{ "regs", "  regs [NAME...]\n", cmd_regs },
	{ "monitor", "  monitor\n", cmd_monitor },
	{ NULL, NULL, NULL },
};

/* Options may stand anywhere before a value that begins with '-' (the file
 * "-" alone): they are taken out of argv. 0, or an exit code. */
static int options(struct espctl *e, int *argc, char **argv)
{
	int i, n = 1;

	for (i = 1; i < *argc; i++) {
		if (!strcmp(argv[i], "-j") || !strcmp(argv[i], "--json")) {
			e->json = true;
		} else if (!strcmp(argv[i], "--show-keys")) {
			e->show_keys = true;
		} else if (!strcmp(argv[i], "-s") && i + 1 < *argc) {
			e->path = argv[++i];
		} else if (!strcmp(argv[i], "-V") ||
			   !strcmp(argv[i], "--version")) {
			printf("espctl %s\n", espalier_version());
			return -1;
		} else if (!strcmp(argv[i], "-h") ||
			   !strcmp(argv[i], "--help")) {
			espctl_print_usage(stdout, NULL);
			return -1;
		} else if (argv[i][0] == '-' && argv[i][1]) {
			fprintf(stderr, "espctl: %s: unknown option\n",
				argv[i]);
			return espctl_usage(NULL);
		} else {
			argv[n++] = argv[i];
		}
	}
	*argc = n;
	return 0;
}

int main(int argc, char **argv)
{
	static struct espctl e = { .path = ESPALIER_CTL_PATH };
	const struct espctl_command *c;
	int ret;

	ret = options(&e, &argc, argv);
	if (ret)
		return ret < 0 ? ESPCTL_OK : ret;
	if (argc < 2)
		return espctl_usage(NULL);
	for (c = espctl_commands; c->name; c++)
		if (!strcmp(c->name, argv[1]))
			break;
	if (!c->name) {
		fprintf(stderr, "espctl: %s: unknown command\n", argv[1]);
		return espctl_usage(NULL);
	}
	ret = c->run(&e, argc - 2, argv + 2);
	espctl_close(&e);
	return ret;
}
