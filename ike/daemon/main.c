// SPDX-License-Identifier: Apache-2.0
/* espalierd: the gateway daemon. See espalierd(8). */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <espalier/bus_null.h>
#include <espalier/ctl.h>
#include <espalier/sim.h>
#include "gateway.h"
#include "keytab.h"
#include "static.h"
#include "stats.h"

#define DTB_MAX (1 << 20)

struct options {
	const char *config, *device, *dtb, *node, *wire, *tun, *capture;
	const char *wireshark, *ctl, *stats, *pid, *packets, *packets_out;
	unsigned long long count;
	bool has_count;
};

struct daemon {
	struct options opt;
	struct config cfg;
	struct espalier_sim *sim;
	struct espalier_dev *dev;
	struct sadb *db;
	struct pktio *io;
	struct gateway gw;
	struct espalier_ctl *ctl; /* for espctl, NULL without --ctl */
	int ep, sigfd;
	bool io_watched;
	bool stop;
};

static void say(const char *what, int err)
{
	fprintf(stderr, "espalierd: %s%s%s\n", what, err ? ": " : "",
		err ? strerror(err < 0 ? -err : err) : "");
}

static void usage(FILE *f)
{
	fputs("usage: espalierd --config FILE --dtb FILE [option...]\n"
	      "  --config FILE       SAs, policies, addresses\n"
	      "  --dtb FILE          device tree blob that describes the "
	      "device\n"
	      "  --node PATH         path or alias of its node\n"
	      "  --device sim        the simulated device (default)\n"
	      "  --device null       no device: every frame comes back clear\n"
	      "  --wire packet:IF | tap:IF | dgram:FD | pcap:FILE\n"
	      "  --tun NAME          clear packets: TUN device\n"
	      "  --packets FILE      clear packets: from a capture file\n"
	      "  --packets-out FILE  ... and to one\n"
	      "  --count N           end when N packets were delivered and "
	      "the\n"
	      "                      last of --packets was sent\n"
	      "  --capture FILE      record the wire (pcapng)\n"
	      "  --wireshark DIR     write the keys for Wireshark: DIR/esp_sa\n"
	      "  --ctl SOCKET        serve espctl\n"
	      "  --stats FILE        write counters (JSON) at the end and on "
	      "SIGUSR1\n"
	      "  --pid FILE          write the process id when ready\n",
	      f);
}

enum {
	O_CONFIG = 256,
	O_DEVICE,
	O_DTB,
	O_NODE,
	O_WIRE,
	O_TUN,
	O_CAPTURE,
	O_WIRESHARK,
	O_CTL,
	O_STATS,
	O_PID,
	O_PACKETS,
	O_PACKETS_OUT,
	O_COUNT
};

static int parse(struct options *o, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "config", required_argument, NULL, O_CONFIG },
		{ "device", required_argument, NULL, O_DEVICE },
		{ "dtb", required_argument, NULL, O_DTB },
		{ "node", required_argument, NULL, O_NODE },
		{ "wire", required_argument, NULL, O_WIRE },
		{ "tun", required_argument, NULL, O_TUN },
		{ "capture", required_argument, NULL, O_CAPTURE },
		{ "wireshark", required_argument, NULL, O_WIRESHARK },
		{ "ctl", required_argument, NULL, O_CTL },
		{ "stats", required_argument, NULL, O_STATS },
		{ "pid", required_argument, NULL, O_PID },
		{ "packets", required_argument, NULL, O_PACKETS },
		{ "packets-out", required_argument, NULL, O_PACKETS_OUT },
		{ "count", required_argument, NULL, O_COUNT },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	const char **text[] = {
		&o->config, &o->device,	 &o->dtb,	  &o->node, &o->wire,
		&o->tun,    &o->capture, &o->wireshark,	  &o->ctl,  &o->stats,
		&o->pid,    &o->packets, &o->packets_out,
	};
	char *end;
	int c;

	o->device = "sim";
	while ((c = getopt_long(argc, argv, "hV", longs, NULL)) != -1) {
		if (c >= O_CONFIG && c <= O_PACKETS_OUT) {
			*text[c - O_CONFIG] = optarg;
		} else if (c == O_COUNT) {
			o->count = strtoull(optarg, &end, 10);
			o->has_count = true;
			if (*end || end == optarg)
				return -EINVAL;
		} else if (c == 'h') {
			usage(stdout);
			exit(0);
		} else if (c == 'V') {
			printf("espalierd %s\n", espalier_version());
			exit(0);
		} else {
			return -EINVAL;
		}
	}
	if (optind != argc || !o->config || !o->dtb)
		return -EINVAL;
	if (o->tun && (o->packets || o->packets_out)) {
		say("--tun and --packets exclude one another", 0);
		return -EINVAL;
	}
	if (!o->tun && !o->packets && !o->packets_out) {
		say("clear packets: --tun or --packets is needed", 0);
		return -EINVAL;
	}
	return 0;
}

/* ----------------------------------------------------------------- device */

static int attach_wire(struct daemon *d)
{
	const char *w = d->opt.wire, *arg = w ? strchr(w, ':') : NULL;
	int ret = -EINVAL;
	char *end;
	long fd;

	if (!w)
		return 0;
	if (!d->sim)
		goto out;
	if (!arg || !*++arg)
		goto out;
	if (!strncmp(w, "packet:", 7)) {
		ret = espalier_sim_wire_packet(d->sim, arg);
	} else if (!strncmp(w, "tap:", 4)) {
		ret = espalier_sim_wire_tap(d->sim, arg);
	} else if (!strncmp(w, "dgram:", 6)) {
		fd = strtol(arg, &end, 10);
		if (!*end && fd >= 0 && fd < 65536)
			ret = espalier_sim_wire_dgram(d->sim, (int)fd);
	} else if (!strncmp(w, "pcap:", 5)) {
		ret = espalier_sim_wire_pcap(d->sim, arg);
	}
out:
	if (ret)
		fprintf(stderr, "espalierd: --wire %s: %s\n", w,
			strerror(-ret));
	return ret;
}

static int open_sim(struct daemon *d, const void *dtb, size_t size,
		    struct espalier_bus **bus, struct espalier_err *err)
{
	int ret =
		espalier_sim_create(dtb, size, d->opt.node, NULL, &d->sim, err);

	if (ret)
		return ret;
	*bus = espalier_sim_bus(d->sim);
	if (!d->opt.capture)
		return 0;
	ret = espalier_sim_capture(d->sim, d->opt.capture);
	if (ret)
		snprintf(err->text, sizeof(err->text), "%s: %s", d->opt.capture,
			 strerror(-ret));
	return ret;
}

static int open_device(struct daemon *d)
{
	static const struct espalier_null_opts loopback = {
		.mode = ESPALIER_NULL_LOOPBACK,
	};
	struct espalier_null *null;
	struct espalier_bus *bus = NULL;
	struct espalier_err err = { "" };
	uint8_t *dtb = malloc(DTB_MAX);
	size_t size = 0;
	FILE *f;
	int ret;

	if (!dtb)
		return -ENOMEM;
	f = fopen(d->opt.dtb, "rb");
	if (f) {
		size = fread(dtb, 1, DTB_MAX, f);
		fclose(f);
	}
	if (!size) {
		ret = -errno;
		fprintf(stderr, "espalierd: %s: %s\n", d->opt.dtb,
			strerror(errno));
		goto out;
	}
	if (!strcmp(d->opt.device, "sim")) {
		ret = open_sim(d, dtb, size, &bus, &err);
	} else if (!strcmp(d->opt.device, "null")) {
		ret = espalier_null_create(&loopback, &null);
		bus = ret ? NULL : espalier_null_bus(null);
	} else {
		ret = -ENODEV;
		snprintf(err.text, sizeof(err.text),
			 "--device %s: there are \"sim\" and \"null\"",
			 d->opt.device);
	}
	if (!ret) {
		ret = espalier_open(dtb, size, d->opt.node, bus, &d->dev, &err);
		if (ret)
			bus->ops->close(bus);
	}
	if (ret)
		fprintf(stderr, "espalierd: %s\n",
			err.text[0] ? err.text : strerror(-ret));
	else if (d->cfg.has_local_mac)
		ret = espalier_set_mac(d->dev, d->cfg.local_mac);
out:
	free(dtb);
	return ret;
}

/* ------------------------------------------------------------------- events */

static int watch(struct daemon *d, int fd, bool on)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

	if (fd < 0)
		return 0;
	if (epoll_ctl(d->ep, on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, fd, &ev))
		return -errno;
	return 0;
}

/* First of all: a signal during the start must not end us half way. */
static int catch_signals(struct daemon *d)
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
	return d->sigfd < 0 ? -errno : 0;
}

static int watch_all(struct daemon *d)
{
	int ret;

	d->ep = epoll_create1(EPOLL_CLOEXEC);
	if (d->ep < 0)
		return -errno;
	ret = watch(d, d->sigfd, true);
	if (!ret && d->sim)
		ret = watch(d, espalier_sim_wire_fd(d->sim), true);
	if (!ret)
		ret = watch(d, espalier_event_fd(d->dev), true);
	for (unsigned int q = 0; !ret && q < d->gw.queues; q++)
		ret = watch(d, espalier_queue_fd(d->dev, q), true);
	return ret;
}

/* The keys of the configuration are zeroed by now: espctl cannot show them. */
static int serve_ctl(struct daemon *d)
{
	const struct espalier_ctl_opts opts = { .path = d->opt.ctl };
	struct espalier_err err = { "" };
	int ret;

	if (!d->opt.ctl)
		return 0;
	ret = espalier_ctl_open(d->dev, &opts, &d->ctl, &err);
	if (ret) {
		say(err.text, 0);
		return ret;
	}
	return watch(d, espalier_ctl_fd(d->ctl), true);
}

static void device_events(struct daemon *d)
{
	static const char *const names[] = {
		[ESPALIER_EV_SOFT_BYTES] = "soft byte limit",
		[ESPALIER_EV_HARD_BYTES] = "hard byte limit",
		[ESPALIER_EV_SOFT_PACKETS] = "soft packet limit",
		[ESPALIER_EV_HARD_PACKETS] = "hard packet limit",
		[ESPALIER_EV_SEQ_OVERFLOW] = "sequence numbers used up",
		[ESPALIER_EV_ACQUIRE] = "policy without SA",
		[ESPALIER_EV_PARITY] = "parity error",
		[ESPALIER_EV_DMA_ERROR] = "DMA error",
	};
	struct espalier_event ev;
	int ret;

	while ((ret = d->db->ops->event(d->db, &ev)) != 0) {
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
		fprintf(stderr,
			"espalierd: event: %s, SA 0x%08x, info 0x%08x\n",
			(unsigned int)ev.type < sizeof(names) /
							sizeof(*names) &&
					names[ev.type]
				? names[ev.type]
				: "unknown",
			ev.sa, ev.info);
	}
}

static void write_stats(struct daemon *d)
{
	char path[4096];
	int ret;

	if (!d->opt.stats)
		return;
	ret = stats_write(d->opt.stats, &d->gw, d->db, &d->cfg);
	if (!ret && d->sim &&
	    snprintf(path, sizeof(path), "%s.sim", d->opt.stats) <
		    (int)sizeof(path))
		ret = espalier_sim_counters(d->sim, path);
	if (ret)
		say(d->opt.stats, ret);
}

static void signals(struct daemon *d)
{
	struct signalfd_siginfo si;

	while (read(d->sigfd, &si, sizeof(si)) == sizeof(si)) {
		if (si.ssi_signo == SIGUSR1)
			write_stats(d);
		else
			d->stop = true;
	}
}

/* -------------------------------------------------------------------- loop */

/* One turn of packets and device; > 0 while there is more to do. */
static int turn(struct daemon *d)
{
	int moved = gw_round(&d->gw), busy;

	if (moved < 0)
		return moved;
	busy = espalier_poll(d->dev);
	if (busy < 0)
		return busy;
	return moved || busy;
}

static int watch_io(struct daemon *d)
{
	bool want = !gw_full(&d->gw);
	int ret = 0;

	if (want != d->io_watched)
		ret = watch(d, d->io->fd, want);
	d->io_watched = want;
	return ret;
}

static int loop(struct daemon *d)
{
	const int event_fd = espalier_event_fd(d->dev);
	struct epoll_event ev[16];
	int ret = 0, n;

	while (!d->stop) {
		ret = turn(d);
		if (ret == 0) {
			/* about to sleep: interrupts on, then a last look, so
			 * that nothing falls between */
			for (unsigned int q = 0; q < d->gw.queues && !ret; q++)
				ret = espalier_queue_irq_arm(d->dev, q);
			if (!ret)
				ret = turn(d);
		}
		if (ret < 0)
			return ret;
		if (d->opt.has_count && !ret && d->io->eof &&
		    gw_drained(&d->gw) && d->gw.delivered >= d->opt.count)
			break;
		n = watch_io(d);
		if (n < 0)
			return n;
		n = epoll_wait(d->ep, ev, 16, ret ? 0 : -1);
		if (n < 0 && errno != EINTR)
			return -errno;
		for (int i = 0; i < n; i++) {
			if (ev[i].data.fd == d->sigfd)
				signals(d);
			else if (ev[i].data.fd == event_fd)
				device_events(d);
			else if (d->ctl &&
				 ev[i].data.fd == espalier_ctl_fd(d->ctl))
				espalier_ctl_dispatch(d->ctl);
		}
	}
	return 0;
}

static int write_pid(const char *path)
{
	FILE *f = path ? fopen(path, "w") : NULL;

	if (!path)
		return 0;
	if (!f || fprintf(f, "%d\n", (int)getpid()) < 0 || fclose(f))
		return -errno;
	return 0;
}

static int start(struct daemon *d)
{
	int ret = catch_signals(d);

	if (!ret)
		ret = cfg_read(&d->cfg, d->opt.config);
	if (ret)
		return ret;
	if (d->opt.wireshark) {
		ret = keytab_open(d->opt.wireshark);
		if (ret) {
			say(d->opt.wireshark, ret);
			return ret;
		}
	}
	ret = open_device(d);
	if (ret)
		return ret;
	d->db = sadb_espalier(d->dev);
	if (!d->db)
		return -ENOMEM;
	/* policies stand before the first packet can come */
	ret = static_load(d->db, &d->cfg);
	if (ret)
		return ret;
	ret = d->opt.tun
		      ? pktio_tun(&d->io, d->opt.tun, d->cfg.mtu)
		      : pktio_files(&d->io, d->opt.packets, d->opt.packets_out);
	if (ret) {
		say(d->opt.tun ? d->opt.tun : "packet files", ret);
		return ret;
	}
	ret = gw_init(&d->gw, d->dev, d->io, &d->cfg);
	if (!ret)
		ret = attach_wire(d);
	if (!ret)
		ret = watch_all(d);
	if (!ret)
		ret = serve_ctl(d);
	if (!ret)
		ret = write_pid(d->opt.pid);
	return ret;
}

static int finish(struct daemon *d)
{
	int ret = 0;

	if (d->gw.dev)
		write_stats(d);
	espalier_ctl_close(d->ctl);
	if (d->db) {
		static_unload(d->db, &d->cfg);
		d->db->ops->free(d->db);
	}
	gw_fini(&d->gw);
	espalier_close(d->dev);
	espalier_sim_destroy(d->sim);
	if (d->io)
		ret = d->io->close(d->io);
	keytab_close();
	cfg_free(&d->cfg);
	if (d->ep >= 0)
		close(d->ep);
	if (d->sigfd >= 0)
		close(d->sigfd);
	return ret;
}

int main(int argc, char **argv)
{
	struct daemon d = { .ep = -1, .sigfd = -1 };
	int ret, end;

	if (parse(&d.opt, argc, argv)) {
		usage(stderr);
		return 2;
	}
	ret = start(&d);
	if (!ret) {
		ret = loop(&d);
		if (ret)
			say("device", ret);
	}
	end = finish(&d);
	if (end)
		say("output", end);
	return ret || end ? EXIT_FAILURE : EXIT_SUCCESS;
}
