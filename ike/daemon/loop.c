// SPDX-License-Identifier: Apache-2.0
/* One thread: packets while there are any, then sleep on all descriptors. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include "daemon.h"
#include "log.h"
#include "stats.h"

/* ---------------------------------------------------------------- sources */

static void device_events(void *daemon)
{
	struct daemon *d = daemon;
	struct espalier_event ev;
	int ret;

	while ((ret = d->db->ops->event(d->db, &ev)) != 0) {
		const char *name;

		if (ret == -EOVERFLOW) {
			say("events were lost", 0);
			continue;
		}
		if (ret < 0) {
			say("events", ret);
			return;
		}
		if (d->ctl)
			espalier_ctl_event(d->ctl, &ev);
		name = espalier_event_name(ev.type);
		sayf("event: %s, SA 0x%08x, info 0x%08x",
		     name ? name : "unknown", ev.sa, ev.info);
	}
}

void loop_write_stats(struct daemon *d)
{
	char path[4096];
	int ret;

	if (!d->opt.stats)
		return;
	ret = stats_write(d->opt.stats, &d->gw);
	if (!ret && d->device.sim &&
	    snprintf(path, sizeof(path), "%s.sim", d->opt.stats) <
		    (int)sizeof(path))
		ret = espalier_sim_counters(d->device.sim, path);
	if (ret)
		say(d->opt.stats, ret);
}

static void signals(void *daemon)
{
	struct daemon *d = daemon;
	struct signalfd_siginfo si;

	while (read(d->sigfd, &si, sizeof(si)) == sizeof(si)) {
		if (si.ssi_signo == SIGUSR1)
			loop_write_stats(d);
		else
			d->stop = true;
	}
}

static void control(void *daemon)
{
	espalier_ctl_dispatch(((struct daemon *)daemon)->ctl);
}

/* ------------------------------------------------------------------- open */

/* First of all: a signal during the start must not end us half way. */
int loop_open(struct daemon *d)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGUSR1);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	signal(SIGPIPE, SIG_IGN);
	d->sigfd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return d->sigfd < 0 ? -errno : watch_open(&d->watch);
}

void loop_close(struct daemon *d)
{
	watch_close(&d->watch);
	if (d->sigfd >= 0)
		close(d->sigfd);
}

int loop_watch(struct daemon *d)
{
	struct espalier_dev *dev = d->device.dev;
	struct watch *w = &d->watch;
	int ret = watch_add(w, d->sigfd, signals, d);

	if (!ret && d->device.sim)
		ret = watch_add(w, espalier_sim_wire_fd(d->device.sim), NULL,
				NULL);
	if (!ret)
		ret = watch_add(w, espalier_event_fd(dev), device_events, d);
	for (unsigned int q = 0; !ret && q < d->gw.queues; q++)
		ret = watch_add(w, espalier_queue_fd(dev, q), NULL, NULL);
	if (!ret)
		ret = watch_add(w, d->io->fd, NULL, NULL);
	if (!ret && d->ctl)
		ret = watch_add(w, espalier_ctl_fd(d->ctl), control, d);
	if (!ret && d->bypass)
		ret = watch_add(w, bypass_fd(d->bypass), bypass_dispatch,
				d->bypass);
	return ret;
}

/* -------------------------------------------------------------------- run */

/* One turn of packets and device; > 0 while there is more to do. */
static int turn(struct daemon *d)
{
	int moved = gw_round(&d->gw), busy;

	if (moved < 0)
		return moved;
	busy = espalier_poll(d->device.dev);
	if (busy < 0)
		return busy;
	return moved || busy;
}

/* About to sleep: interrupts on, then a last look, so that nothing falls
 * between. */
static int last_look(struct daemon *d)
{
	int ret = 0;

	for (unsigned int q = 0; q < d->gw.queues && !ret; q++)
		ret = espalier_queue_irq_arm(d->device.dev, q);
	return ret ? ret : turn(d);
}

int loop_run(struct daemon *d)
{
	int ret, busy;

	while (!d->stop) {
		busy = turn(d);
		if (!busy)
			busy = last_look(d);
		if (busy < 0)
			return busy;
		if (d->opt.has_count && !busy && d->io->eof &&
		    gw_drained(&d->gw) && d->gw.delivered >= d->opt.count)
			break;
		ret = watch_pause(&d->watch, d->io->fd, gw_full(&d->gw));
		if (!ret)
			ret = watch_wait(&d->watch, busy ? 0 : -1);
		if (ret)
			return ret;
	}
	return 0;
}
