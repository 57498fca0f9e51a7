// SPDX-License-Identifier: Apache-2.0
/*
 * An initiator for any responder: our core over the daemon's sockets.
 *
 *   ike_initiator LOCAL REMOTE N      (IPv4 addresses, of ports 500 and 4500)
 *
 * For each line "up" on stdin it sets up N IKE SAs with a child each, one after
 * the other, for each line "down" it deletes all of them, and answers on stdout
 * with the line that it was given once that is through.
 */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "bench_ike.h"
#include "sockets.h"

static struct watch watch;
static struct sockets *sockets;
static struct ike *ike;

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static void op_send(void *ctx, const struct ike_end *local,
		    const struct ike_end *remote, const uint8_t *msg,
		    size_t len)
{
	(void)ctx;
	sockets_send(sockets, local, remote, msg, len);
}

static void input(void *arg, const struct ike_end *local,
		  const struct ike_end *remote, const uint8_t *msg, size_t len)
{
	(void)arg;
	ike_input(ike, now(), local, remote, msg, len);
}

static void done(void *arg, int err, const char *why)
{
	if (err)
		fprintf(stderr, "ike_initiator: %s\n", why);
	must(!err, "an exchange has failed");
	*(bool *)arg = true;
}

static void wait_until(const bool *is_done)
{
	while (!*is_done) {
		uint64_t next = ike_next(ike), t = now();

		must(!watch_wait(&watch,
				 next == UINT64_MAX ? -1
				 : next <= t	    ? 0
					     : (int)((next - t) / 1000 + 1)),
		     "sockets");
		ike_run(ike, now());
	}
}

static void all_up(int n)
{
	char name[20];
	int i;

	for (i = 0; i < n; i++) {
		bool up = false;

		snprintf(name, sizeof(name), "c%d", i);
		must(!ike_initiate(ike, now(), name, "net", done, &up),
		     "initiate");
		wait_until(&up);
	}
}

static void all_down(void)
{
	struct ike_select all = { 0 };
	bool down = false;

	if (ike_terminate(ike, now(), &all, done, &down))
		wait_until(&down);
}

static void open_all(const char *local, const char *remote, int n)
{
	static const struct ike_ops ops = {
		.send = op_send,
		.random = bench_random,
		.wall = bench_wall,
		.log = bench_log,
	};
	static struct sadb db = { .ops = &nulldb_ops };
	struct sockets_opts opts = { .port = IKE_PORT,
				     .natt_port = IKE_NATT_PORT,
				     .input = input };
	struct espalier_addr ip[2] = { { .family = AF_INET },
				       { .family = AF_INET } };
	struct ike_creds *creds = ike_creds_new();
	struct ike_settings set;
	char name[20];
	int i;

	must(inet_pton(AF_INET, local, ip[0].bytes) == 1 &&
		     inet_pton(AF_INET, remote, ip[1].bytes) == 1,
	     "LOCAL, REMOTE: IPv4 addresses");
	must(!watch_open(&watch) && !sockets_open(&sockets, &opts) &&
		     !sockets_watch(sockets, &watch),
	     "sockets");
	must(creds && !ike_creds_add_psk(creds, "k", "secret", 6, NULL, 0),
	     "psk");
	ike_settings_default(&set);
	ike = ike_new(&ops, NULL, &set, creds, &db);
	must(ike != NULL, "core");
	for (i = 0; i < n; i++) {
		/* a connection each: a core keeps one IKE SA of each */
		snprintf(name, sizeof(name), "c%d", i);
		must(!ike_conn_set(ike, now(),
				   bench_conn(name, &ip[0], &ip[1], 0, true)),
		     "connection");
	}
}

int main(int argc, char **argv)
{
	char line[20];
	int n;

	must(argc == 4 && (n = atoi(argv[3])) > 0, "usage: LOCAL REMOTE N");
	open_all(argv[1], argv[2], n);
	while (fgets(line, sizeof(line), stdin)) {
		if (!strcmp(line, "up\n"))
			all_up(n);
		else if (!strcmp(line, "down\n"))
			all_down();
		else
			must(0, "there are: up, down");
		fputs(line, stdout);
		fflush(stdout);
	}
	return 0;
}
