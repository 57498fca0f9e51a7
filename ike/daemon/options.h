/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of espalierd: see espalierd(8). */
#ifndef ESPALIERD_OPTIONS_H
#define ESPALIERD_OPTIONS_H

#include <stdbool.h>
#include "core/ike.h"

#define VICI_DIR "/run/espalierd"
#define VICI_PATH VICI_DIR "/vici.sock"

/**
 * struct options - as given; strings live as long as argv
 * @config: static keys; else IKE, from @swanctl or over @vici
 * @count: of packets delivered, after which to end; valid with @has_count
 * @mtu: of the TAP device, 0 when not given
 * @ike: limits and pace, the defaults changed by --ike
 */
struct options {
	const char *config, *swanctl, *device, *dtb, *node, *wire, *tun, *tap;
	const char *capture, *wireshark, *ctl, *vici, *stats, *pid, *user;
	const char *packets, *packets_out;
	uint64_t count;
	unsigned int mtu;
	struct ike_settings ike;
	bool has_count, syslog, debug, sandbox;
};

/** options_parse() - 0, or -EINVAL: usage is due; ends on --help, --version */
int options_parse(struct options *o, int argc, char **argv);
void options_usage(void);

#endif /* ESPALIERD_OPTIONS_H */
