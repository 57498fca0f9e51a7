// SPDX-License-Identifier: Apache-2.0
/* One thread: packets while there are any, then sleep on all descriptors. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>
#include "daemon.h"
#include "log.h"
#include "stats.h"

/* ---------------------------------------------------------------- sources */

static void tell(struct daemon *d, const struct espalier_event *ev)
{
	const char *name = espalier_event_name(ev->type);

	if (d->ctl)
		espalier_ctl_event(d->ctl, ev);
	if (d->world)
		world_device_event(d->world, ev);
	else
		sayf("event: %s, SA 0x%08x, info 0x%08x",
		     name ? name : "unknown", ev->sa, ev->info);
}

/* What the SAs themselves remember of events that nobody has heard. */
static void events_lost(struct daemon *d)
{
	static const struct {
		uint32_t status;
		enum espalier_event_type type;
	} from[] = {
		{ ESPALIER_SA_ST_SOFT_BYTES, ESPALIER_EV_SOFT_BYTES },
		{ ESPALIER_SA_ST_SOFT_PACKETS, ESPALIER_EV_SOFT_PACKETS },
		{ ESPALIER_SA_ST_HARD, ESPALIER_EV_HARD_PACKETS },
		{ ESPALIER_SA_ST_SEQ_STOP, ESPALIER_EV_SEQ_OVERFLOW },
		{ ESPALIER_SA_ST_PARITY, ESPALIER_EV_PARITY },
	};
	uint32_t handle, next = espalier_sa_next(d->device.dev, 0);
	struct espalier_sa_info info;

	say("events were lost: all SAs are looked at", 0);
	while ((handle = next)) {
		/* the event may take this one away */
		next = espalier_sa_next(d->device.dev, handle);
		if (espalier_sa_query(d->device.dev, handle, &info))
			continue;
		for (size_t i = 0; i < sizeof(from) / sizeof(*from); i++) {
			const struct espalier_event ev = {
				.type = from[i].type,
				.sa = handle,
			};

			if (info.status & from[i].status)
				tell(d, &ev);
		}
	}
}

static void device_events(void *daemon)
{
	struct daemon *d = daemon;
	struct espalier_event ev;
	int ret;

	while ((ret = d->db->ops->event(d->db, &ev)) != 0) {
		if (ret == -EOVERFLOW) {
			events_lost(d);
		} else if (ret < 0) {
			say("events", ret);
			return;
		} else {
			tell(d, &ev);
		}
	}
}

void loop_write_stats(struct daemon *d)
{
	char path[4096];
	int ret;

	if (!d->opt.stats)
		return;
	ret = stats_write(d->opt.stats, &d->gw, d->world, d->udpencap);
	if (!ret && d->device.sim &&
	    snprintf(path, sizeof(path), "%s.sim", d->opt.stats) <
		    (int)sizeof(path))
		ret = espalier_sim_counters(d->device.sim, path);
	if (ret)
		say(d->opt.stats, ret);
}

/* The first asks for an end in order, the second for an end. */
static void terminate(struct daemon *d)
{
	if (!d->world || d->stopping) {
		d->stop = true;
		return;
	}
	d->stopping = true;
	world_shutdown(d->world);
}

static void reload(struct daemon *d)
{
	if (d->world)
		world_reload(d->world);
	else
		say("SIGHUP: --config is read at the start only", 0);
}

static void signals(void *daemon)
{
	struct daemon *d = daemon;
	struct signalfd_siginfo si;

	while (read(d->sigfd, &si, sizeof(si)) == sizeof(si)) {
		if (si.ssi_signo == SIGUSR1)
			loop_write_stats(d);
		else if (si.ssi_signo == SIGHUP)
			reload(d);
		else
			terminate(d);
	}
}

/* Whoever may open the socket can be turned away as often as they like: a line
 * a minute, with how many there were. */
static void control(void *daemon)
{
	struct daemon *d = daemon;
	const int ret = espalier_ctl_dispatch(d->ctl);
	struct timespec now;

	if (!ret)
		return;
	d->turned_away++;
	clock_gettime(CLOCK_BOOTTIME, &now);
	if (d->turned_away_told && now.tv_sec - d->turned_away_told < 60)
		return;
	d->turned_away_told = now.tv_sec;
	sayf("control socket: %u turned away, the last one: %s", d->turned_away,
	     ret == -EUSERS ? "all places for clients are taken"
			    : strerror(-ret));
	d->turned_away = 0;
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
	sigaddset(&set, SIGHUP);
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
	if (!ret && d->world)
		ret = world_watch(d->world, w);
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

/* With a good-bye, the last message of it has left the NIC too. */
static bool ended(const struct daemon *d, bool busy)
{
	if (d->stopping)
		return world_late(d->world) || (!busy && world_idle(d->world));
	return d->opt.has_count && !busy && d->io->eof && gw_drained(&d->gw) &&
	       d->gw.delivered >= d->opt.count;
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
		if (ended(d, busy))
			break;
		ret = watch_pause(&d->watch, d->io->fd, gw_full(&d->gw));
		if (!ret && d->world)
			ret = world_arm(d->world);
		if (!ret)
			ret = watch_wait(&d->watch, busy ? 0 : -1);
		if (ret)
			return ret;
	}
	return 0;
}
