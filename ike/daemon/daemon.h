/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPALIERD_DAEMON_H
#define ESPALIERD_DAEMON_H

#include <time.h>
#include <espalier/ctl.h>
#include "bypass.h"
#include "config.h"
#include "device.h"
#include "gateway.h"
#include "options.h"
#include "udpencap.h"
#include "watch.h"
#include "world.h"
#include "core/sadb.h"

/** struct daemon - everything; what is NULL is not in use */
struct daemon {
	struct options opt;
	struct config cfg; /* of --config */
	struct device device;
	struct sadb *db;
	struct pktio *io;
	struct gateway gw;
	struct bypass *bypass; /* with --tap */
	struct udpencap *udpencap; /* where the device has none */
	struct sadb_encap encap;
	struct world *world; /* IKE; without --config */
	struct espalier_ctl *ctl; /* with --ctl */
	unsigned int turned_away; /* by ctl, since that was last logged */
	time_t turned_away_told; /* s, 0: never */
	struct watch watch;
	int sigfd;
	bool stopping; /* good-bye is being said */
	bool stop; /* now */
};

/* loop.c */
/** loop_open() - signals are caught from now on */
int loop_open(struct daemon *d);
/** loop_watch() - all that is open by now is watched */
int loop_watch(struct daemon *d);
int loop_run(struct daemon *d);
void loop_close(struct daemon *d);
void loop_write_stats(struct daemon *d);

#endif /* ESPALIERD_DAEMON_H */
