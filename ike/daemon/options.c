// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <espalier/espalier.h>
#include "config.h"
#include "log.h"
#include "options.h"
#include "tune.h"
#include "wire/text.h"

static const char text[] =
	"usage: espalierd --swanctl FILE --dtb FILE [option...]\n"
	"       espalierd --config FILE --dtb FILE [option...]\n"
	"  --swanctl FILE      connections and secrets; IKEv2\n"
	"  --vici SOCKET       serve swanctl; by default\n"
	"                      " VICI_PATH "\n"
	"  --config FILE       static SAs, policies, addresses; no IKE\n"
	"  --dtb FILE          device tree blob that describes the device\n"
	"  --node PATH         path or alias of its node\n"
	"  --device sim        the simulated device (default)\n"
	"  --device uio:DEV[,MEM]  a board: /dev/uioN and /dev/udmabufM\n"
	"  --device null       no device: every frame comes back clear\n"
	"  --wire packet:IF | tap:IF | dgram:FD | pcap:FILE\n"
	"  --tap NAME          the NIC's interface: TAP device\n"
	"  --mtu N             its MTU, 1500\n"
	"  --tun NAME          clear packets: TUN device (with --config)\n"
	"  --packets FILE      clear packets: from a capture file\n"
	"  --packets-out FILE  ... and to one\n"
	"  --count N           end when N packets were delivered and the\n"
	"                      last of --packets was sent\n"
	"  --capture FILE      record the wire (pcapng)\n"
	"  --wireshark DIR     write the keys for Wireshark: DIR/esp_sa,\n"
	"                      DIR/ikev2_decryption_table\n"
	"  --ctl SOCKET        serve espctl\n"
	"  --stats FILE        write counters (JSON) at the end and on "
	"SIGUSR1\n"
	"  --pid FILE          write the process id when ready\n"
	"  --ike NAME=VALUE    limits and pace of IKE, see espalierd(8)\n"
	"  --user NAME         become that user once everything is open\n"
	"  --sandbox           once everything is open, give up all system\n"
	"                      calls but those of the loop\n"
	"  --syslog            log to syslog instead of stderr\n"
	"  --debug             log details too\n"
	"  -h, --help          this list\n"
	"  -V, --version       the version\n";

void options_usage(void)
{
	fputs(text, stderr);
}

enum {
	O_CONFIG = 256,
	O_SWANCTL,
	O_DEVICE,
	O_DTB,
	O_NODE,
	O_WIRE,
	O_TUN,
	O_TAP,
	O_CAPTURE,
	O_WIRESHARK,
	O_CTL,
	O_VICI,
	O_STATS,
	O_PID,
	O_USER,
	O_PACKETS,
	O_PACKETS_OUT,
	O_COUNT,
	O_MTU,
	O_IKE,
	O_SYSLOG,
	O_DEBUG,
	O_SANDBOX
};

/* What goes together and what does not. */
static int check(struct options *o)
{
	const bool ike = o->swanctl || o->vici;
	const int clear = !!o->tun + !!o->tap + (o->packets || o->packets_out);

	if (!o->dtb) {
		say("--dtb is needed", 0);
		return -EINVAL;
	}
	if (!o->config == !ike) {
		say(ike ? "--config has no IKE: it excludes --swanctl and "
			  "--vici"
			: "one of --swanctl, --vici and --config is needed",
		    0);
		return -EINVAL;
	}
	if (clear > 1) {
		say("--tap, --tun and --packets exclude one another", 0);
		return -EINVAL;
	}
	if (o->config && !clear) {
		say("clear packets: --tap, --tun or --packets is needed", 0);
		return -EINVAL;
	}
	if (ike && clear && !o->tap) {
		say("IKE: clear packets come through --tap", 0);
		return -EINVAL;
	}
	if (ike && !clear && strcmp(o->device, "null")) {
		say("IKE: the NIC needs its interface, --tap", 0);
		return -EINVAL;
	}
	if (o->mtu && !o->tap) {
		say("--mtu is that of --tap", 0);
		return -EINVAL;
	}
	if (ike && !o->vici)
		o->vici = VICI_PATH;
	if (ike && !strncmp(o->vici, "unix://", 7)) /* as swanctl says it */
		o->vici += 7;
	return 0;
}

int options_parse(struct options *o, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "config", required_argument, NULL, O_CONFIG },
		{ "swanctl", required_argument, NULL, O_SWANCTL },
		{ "device", required_argument, NULL, O_DEVICE },
		{ "dtb", required_argument, NULL, O_DTB },
		{ "node", required_argument, NULL, O_NODE },
		{ "wire", required_argument, NULL, O_WIRE },
		{ "tun", required_argument, NULL, O_TUN },
		{ "tap", required_argument, NULL, O_TAP },
		{ "capture", required_argument, NULL, O_CAPTURE },
		{ "wireshark", required_argument, NULL, O_WIRESHARK },
		{ "ctl", required_argument, NULL, O_CTL },
		{ "vici", required_argument, NULL, O_VICI },
		{ "stats", required_argument, NULL, O_STATS },
		{ "pid", required_argument, NULL, O_PID },
		{ "user", required_argument, NULL, O_USER },
		{ "packets", required_argument, NULL, O_PACKETS },
		{ "packets-out", required_argument, NULL, O_PACKETS_OUT },
		{ "count", required_argument, NULL, O_COUNT },
		{ "mtu", required_argument, NULL, O_MTU },
		{ "ike", required_argument, NULL, O_IKE },
		{ "syslog", no_argument, NULL, O_SYSLOG },
		{ "debug", no_argument, NULL, O_DEBUG },
		{ "sandbox", no_argument, NULL, O_SANDBOX },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	const char **strings[] = {
		&o->config,	 &o->swanctl,	&o->device, &o->dtb,
		&o->node,	 &o->wire,	&o->tun,    &o->tap,
		&o->capture,	 &o->wireshark, &o->ctl,    &o->vici,
		&o->stats,	 &o->pid,	&o->user,   &o->packets,
		&o->packets_out,
	};
	uint64_t v;
	int c;

	o->device = "sim";
	ike_settings_default(&o->ike);
	while ((c = getopt_long(argc, argv, "hV", longs, NULL)) != -1) {
		if (c >= O_CONFIG && c <= O_PACKETS_OUT) {
			*strings[c - O_CONFIG] = optarg;
		} else if (c == O_COUNT) {
			if (number_from_text(optarg, UINT64_MAX, &o->count)) {
				fprintf(stderr,
					"espalierd: --count %s: a number\n",
					optarg);
				return -EINVAL;
			}
			o->has_count = true;
		} else if (c == O_MTU) {
			if (number_from_text(optarg, MTU_MAX, &v) ||
			    v < MTU_MIN) {
				fprintf(stderr,
					"espalierd: --mtu %s: %d to %d\n",
					optarg, MTU_MIN, MTU_MAX);
				return -EINVAL;
			}
			o->mtu = (unsigned int)v;
		} else if (c == O_IKE) {
			if (tune(&o->ike, optarg))
				return -EINVAL;
		} else if (c == O_SYSLOG) {
			o->syslog = true;
		} else if (c == O_DEBUG) {
			o->debug = true;
		} else if (c == O_SANDBOX) {
			o->sandbox = true;
		} else if (c == 'h') {
			fputs(text, stdout);
			exit(0);
		} else if (c == 'V') {
			printf("espalierd %s\n", espalier_version());
			exit(0);
		} else {
			return -EINVAL;
		}
	}
	if (optind != argc)
		return -EINVAL;
	return check(o);
}
