// SPDX-License-Identifier: Apache-2.0
/* espalierd: the gateway daemon. See espalierd(8). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "daemon.h"
#include "keytab.h"
#include "log.h"
#include "process.h"
#include "static.h"

#define TAP_MTU 1500

/* The keys of the configuration are zeroed by now: espctl cannot show them. */
static int serve_ctl(struct daemon *d)
{
	const struct espalier_ctl_opts opts = { .path = d->opt.ctl };
	struct espalier_err err = { "" };
	int ret;

	if (!d->opt.ctl)
		return 0;
	ret = espalier_ctl_open(d->device.dev, &opts, &d->ctl, &err);
	if (ret)
		say(err.text, 0);
	return ret;
}

static int open_clear_side(struct daemon *d)
{
	const struct options *o = &d->opt;
	struct espalier_caps caps;
	const char *what = o->tap ? o->tap : o->tun ? o->tun : "packet files";
	unsigned int mtu = o->mtu ? o->mtu : d->cfg.mtu ? d->cfg.mtu : TAP_MTU;
	int ret;

	espalier_get_caps(d->device.dev, &caps);
	if (o->tap)
		ret = pktio_tap(&d->io, o->tap, mtu, caps.mac);
	else if (o->tun)
		ret = pktio_tun(&d->io, o->tun, mtu);
	else
		ret = pktio_files(&d->io, o->packets, o->packets_out);
	if (ret) {
		say(what, ret);
		return ret;
	}
	ret = gw_init(&d->gw, d->device.dev, d->io, mtu, d->cfg.peer_mac);
	if (ret || !o->tap)
		return ret;
	sadb_espalier_mtu(d->db, mtu); /* the wire is no wider */
	/* the kernel asks for its neighbours, and so do theirs */
	ret = espalier_set_options(d->device.dev,
				   ESPALIER_OPT_OUT_ARP_BYPASS |
					   ESPALIER_OPT_IN_ARP_BYPASS);
	return ret ? ret : bypass_open(&d->bypass, d->db, o->tap);
}

/* Where the host sees both sides of the wire, it can do what the device cannot;
 * without a wire there is nothing to do. */
static int help_with_udp(struct daemon *d)
{
	static const struct espalier_wire_filter filter = {
		.out = udpencap_out,
		.in = udpencap_in,
	};

	if (!d->device.sim && strcmp(d->opt.device, "null"))
		return 0;
	d->udpencap = udpencap_new();
	if (!d->udpencap)
		return -ENOMEM;
	if (d->device.sim)
		espalier_sim_wire_filter(d->device.sim, &filter, d->udpencap);
	d->encap =
		(struct sadb_encap){ udpencap_add, udpencap_del, d->udpencap };
	sadb_espalier_encap(d->db, &d->encap);
	return 0;
}

/* What is open stays open; what has to be removed at the end becomes the
 * user's. */
static int become_user(const struct options *o)
{
	const char *keep[4] = { NULL };
	unsigned int n = 0;

	if (!o->user)
		return 0;
	if (o->ctl)
		keep[n++] = o->ctl;
	if (o->vici)
		keep[n++] = o->vici;
	if (o->vici && !strcmp(o->vici, VICI_PATH))
		keep[n++] = VICI_DIR;
	return process_become(o->user, keep);
}

static int start(struct daemon *d)
{
	const struct options *o = &d->opt;
	int ret = loop_open(d);

	if (!ret && o->config)
		ret = cfg_read(&d->cfg, o->config, o->tap);
	if (ret)
		return ret;
	if (o->wireshark) {
		ret = keytab_open(o->wireshark, !o->config);
		if (ret) {
			say(o->wireshark, ret);
			return ret;
		}
	}
	ret = device_open(&d->device, o);
	if (!ret && d->cfg.has_local_mac)
		ret = espalier_set_mac(d->device.dev, d->cfg.local_mac);
	if (ret)
		return ret;
	d->db = sadb_espalier(d->device.dev);
	if (!d->db)
		return -ENOMEM;
	/* policies stand before the first packet can come */
	ret = static_load(d->db, &d->cfg);
	if (!ret)
		ret = open_clear_side(d);
	if (!ret)
		ret = device_attach_wire(&d->device, o->wire);
	if (!ret)
		ret = serve_ctl(d);
	if (!ret && !o->config)
		ret = help_with_udp(d);
	if (!ret && !o->config)
		ret = world_open(&d->world, o, d->db);
	if (!ret)
		ret = loop_watch(d);
	if (!ret)
		ret = become_user(o);
	if (!ret && d->world)
		ret = world_begin(d->world);
	if (!ret)
		ret = process_write_pid(o->pid);
	if (!ret)
		process_notify("READY=1");
	if (!ret && o->sandbox) {
		ret = process_sandbox();
		if (ret)
			say("--sandbox", ret);
	}
	return ret;
}

static int finish(struct daemon *d)
{
	int ret = 0;

	if (d->gw.dev)
		loop_write_stats(d);
	espalier_ctl_close(d->ctl);
	world_close(d->world);
	bypass_close(d->bypass);
	if (d->db) {
		static_unload(d->db, &d->cfg);
		d->db->ops->free(d->db);
	}
	gw_fini(&d->gw);
	device_close(&d->device);
	udpencap_free(d->udpencap);
	if (d->io)
		ret = d->io->close(d->io);
	keytab_close();
	cfg_free(&d->cfg);
	loop_close(d);
	return ret;
}

int main(int argc, char **argv)
{
	struct daemon d = { .watch.ep = -1, .sigfd = -1 };
	int ret, end;

	if (options_parse(&d.opt, argc, argv)) {
		options_usage();
		return 2;
	}
	if (d.opt.syslog)
		log_open_syslog();
	ret = start(&d);
	if (!ret) {
		ret = loop_run(&d);
		if (ret)
			say("device", ret);
	}
	process_notify("STOPPING=1");
	end = finish(&d);
	if (end)
		say("output", end);
	return ret || end ? EXIT_FAILURE : EXIT_SUCCESS;
}
