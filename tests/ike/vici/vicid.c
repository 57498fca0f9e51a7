/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vicid SOCKET: the VICI socket over a scripted core, for test_swanctl. It
 * answers until it gets SIGTERM, and says so on its output.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "fake_core.h"
#include "vici/vici.h"

static volatile sig_atomic_t stop;
static struct vici *vici;

static void on_term(int sig)
{
	(void)sig;
	stop = 1;
}

static uint64_t now(void *ctx)
{
	struct timespec ts;

	(void)ctx;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static int reload(void *ctx)
{
	(void)ctx;
	vici_log(vici, IKE_LOG_CONTROL, NULL, "settings were read again");
	return 0;
}

static void on_log(void *ctx, enum ike_log_level level, const struct ike_sa *sa,
		   const char *line)
{
	(void)ctx;
	vici_log(vici, level, sa, line);
}

static void on_event(void *ctx, const struct ike_event *ev)
{
	(void)ctx;
	vici_event(vici, ev);
}

int main(int argc, char **argv)
{
	struct sigaction sa = { .sa_handler = on_term };
	struct vici_opts opts = { .now = now,
				  .reload = reload,
				  .version = "1.2.3" };
	struct ike_creds *creds = ike_creds_new();
	struct ike *ike = fake_new();
	struct pollfd pfd;
	int ret;

	if (argc != 2)
		return 2;
	sigaction(SIGTERM, &sa, NULL);
	opts.path = argv[1];
	ike->log = on_log;
	ike->event = on_event;
	ike->delay = 20000;
	ret = vici_open(&vici, &opts, ike, creds);
	if (ret) {
		fprintf(stderr, "vicid: %s: %s\n", argv[1], strerror(-ret));
		return 1;
	}
	printf("ready\n");
	fflush(stdout);
	pfd.fd = vici_fd(vici);
	pfd.events = POLLIN;
	while (!stop) {
		poll(&pfd, 1, 10);
		vici_dispatch(vici);
		fake_run(ike, now(NULL));
	}
	vici_close(vici);
	fake_free(ike);
	ike_creds_free(creds);
	printf("stopped\n");
	return 0;
}
