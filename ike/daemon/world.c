// SPDX-License-Identifier: Apache-2.0
#include "world.h"
#include "conf/conn.h"
#include "keytab.h"
#include "log.h"
#include "sockets.h"
#include "vici/vici.h"
#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define SHUTDOWN_USEC (5 * IKE_USEC)
#define NEVER UINT64_MAX

struct world {
	const struct options *opt;
	struct ike *ike;
	struct ike_creds *creds;
	struct sockets *sockets;
	struct vici *vici;
	int timer;
	uint64_t armed; /* what the timer is set to */
	uint64_t deadline; /* of the shutdown */
	size_t random_left; /* at the end of @random */
	uint8_t random[1024];
	bool keytab_failed; /* said so */
};

/* Time that a suspended machine sleeps through counts: peers have not
 * waited. */
static uint64_t now_usec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (uint64_t)ts.tv_sec * IKE_USEC + (uint64_t)ts.tv_nsec / 1000;
}

/* ------------------------------------------------- what the core asks for */

static void op_send(void *ctx, const struct ike_end *local,
		    const struct ike_end *remote, const uint8_t *msg,
		    size_t len)
{
	sockets_send(((struct world *)ctx)->sockets, local, remote, msg, len);
}

static void fill_random(void *buf, size_t len)
{
	uint8_t *p = buf;

	while (len) {
		ssize_t n = getrandom(p, len, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) { /* nothing of ours is worth going on without */
			say("getrandom", errno);
			abort();
		}
		p += n;
		len -= (size_t)n;
	}
}

/* A system call for many: SPIs and IVs are short. What has been given out is
 * not kept. */
static void op_random(void *ctx, void *buf, size_t len)
{
	struct world *w = ctx;
	uint8_t *p;

	if (len > sizeof(w->random)) {
		fill_random(buf, len);
		return;
	}
	if (len > w->random_left) {
		fill_random(w->random, sizeof(w->random));
		w->random_left = sizeof(w->random);
	}
	p = w->random + sizeof(w->random) - w->random_left;
	memcpy(buf, p, len);
	OPENSSL_cleanse(p, len);
	w->random_left -= len;
}

static time_t op_wall(void *ctx)
{
	(void)ctx;
	return time(NULL);
}

static void op_log(void *ctx, enum ike_log_level level, const struct ike_sa *sa,
		   const char *line)
{
	struct world *w = ctx;

	if (level <= IKE_LOG_CONTROL || w->opt->debug)
		say(line, 0); /* it names its SA itself */
	if (w->vici)
		vici_log(w->vici, level, sa, line);
}

static void op_event(void *ctx, const struct ike_event *ev)
{
	struct world *w = ctx;

	if (w->vici)
		vici_event(w->vici, ev);
}

static void tabled(struct world *w, int ret)
{
	if (!ret || w->keytab_failed)
		return;
	w->keytab_failed = true;
	say("--wireshark: a key could not be written", ret);
}

static void op_keymat(void *ctx, const struct espalier_sa *sa)
{
	tabled(ctx, keytab_add(sa));
}

static void op_ike_keys(void *ctx, uint64_t spi_i, uint64_t spi_r,
			const struct ike_keys *keys)
{
	tabled(ctx, keytab_add_ike(spi_i, spi_r, keys));
}

static int op_route(void *ctx, const struct espalier_addr *remote,
		    struct espalier_addr *local)
{
	(void)ctx;
	return sockets_route(remote, local) ? -EHOSTUNREACH : 0;
}

static const struct ike_ops ops = {
	.send = op_send,
	.random = op_random,
	.wall = op_wall,
	.log = op_log,
	.event = op_event,
	.keymat = op_keymat,
	.ike_keys = op_ike_keys,
	.route = op_route,
};

/* --------------------------------------------------- what comes to the core */

static void input(void *arg, const struct ike_end *local,
		  const struct ike_end *remote, const uint8_t *msg, size_t len)
{
	ike_input(((struct world *)arg)->ike, now_usec(), local, remote, msg,
		  len);
}

static void timer(void *world)
{
	struct world *w = world;
	uint64_t ticks;

	if (read(w->timer, &ticks, sizeof(ticks)) < 0 && errno != EAGAIN)
		say("timer", errno);
	w->armed = NEVER; /* it has gone off */
	ike_run(w->ike, now_usec());
}

int world_arm(struct world *w)
{
	struct itimerspec it = { 0 };
	uint64_t next = ike_next(w->ike);

	if (w->deadline && w->deadline < next)
		next = w->deadline;
	if (next == w->armed)
		return 0;
	if (next != NEVER) { /* a time of zero would stop the timer */
		it.it_value.tv_sec = (time_t)(next / IKE_USEC);
		it.it_value.tv_nsec = (long)(next % IKE_USEC) * 1000 + 1;
	}
	if (timerfd_settime(w->timer, TFD_TIMER_ABSTIME, &it, NULL))
		return -errno;
	w->armed = next;
	return 0;
}

void world_device_event(struct world *w, const struct espalier_event *ev)
{
	ike_sadb_event(w->ike, now_usec(), ev);
}

static uint64_t vici_now(void *ctx)
{
	(void)ctx;
	return now_usec();
}

static void vici_say(void *ctx, const char *line)
{
	(void)ctx;
	say(line, 0);
}

static void dispatch_vici(void *world)
{
	vici_dispatch(((struct world *)world)->vici);
}

/* ------------------------------------------------------------ configuration */

static void collect(void *arg, struct conn *conn)
{
	struct conn **list = arg;

	conn->next = *list;
	*list = conn;
}

static bool listed(const struct conn *list, const char *name)
{
	for (; list; list = list->next)
		if (!strcmp(list->name, name))
			return true;
	return false;
}

/* Those of the file that it no longer has. SAs made from them stay, and so does
 * what was loaded over VICI, as with charon. */
static void forget_others(struct world *w, const struct conn *list)
{
	const struct conn *c = ike_conn_next(w->ike, NULL);

	while (c) {
		const struct conn *next = ike_conn_next(w->ike, c);

		if (c->of_file && !listed(list, c->name))
			ike_conn_del(w->ike, now_usec(), c->name);
		c = next;
	}
}

int world_reload(void *world)
{
	struct world *w = world;
	struct conn *list = NULL, *ordered = NULL, *c;
	char why[512];
	int ret, first = 0, n;

	if (!w->opt->swanctl)
		return 0;
	n = conf_load_all(w->opt->swanctl, w->creds, collect, &list, why,
			  sizeof(why));
	if (n < 0) {
		say(why, 0);
		return n;
	}
	while (list) { /* in the order of the file again */
		c = list;
		list = c->next;
		c->next = ordered;
		ordered = c;
	}
	forget_others(w, ordered);
	while (ordered) {
		c = ordered;
		ordered = c->next;
		c->next = NULL;
		ret = ike_conn_set(w->ike, now_usec(), conn_get(c));
		if (ret)
			sayf("connection %s: %s", c->name, strerror(-ret));
		if (ret && !first)
			first = ret;
		conn_put(c);
	}
	sayf("%s: %d connections", w->opt->swanctl, n);
	return first;
}

/* -------------------------------------------------------------- open, close */

/* The folder of the default socket is ours to make. */
static int open_vici(struct world *w)
{
	const struct vici_opts opts = {
		.path = w->opt->vici,
		.version = espalier_version(),
		.now = vici_now,
		.reload = world_reload,
		.log = vici_say,
		.ctx = w,
	};
	int ret;

	if (!strcmp(opts.path, VICI_PATH))
		mkdir(VICI_DIR, 0755);
	ret = vici_open(&w->vici, &opts, w->ike, w->creds);
	if (ret)
		sayf("--vici %s: %s", opts.path, strerror(-ret));
	return ret;
}

int world_open(struct world **wp, const struct options *o, struct sadb *db)
{
	struct sockets_opts so = {
		.port = IKE_PORT,
		.natt_port = IKE_NATT_PORT,
		.ifname = o->tap,
		.input = input,
	};
	struct world *w = calloc(1, sizeof(*w));
	int ret = -ENOMEM;

	if (!w)
		return -ENOMEM;
	w->opt = o;
	w->armed = NEVER;
	w->timer = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	if (w->timer < 0) {
		ret = -errno;
		goto fail;
	}
	w->creds = ike_creds_new();
	if (w->creds)
		w->ike = ike_new(&ops, w, &o->ike, w->creds, db);
	if (!w->ike)
		goto fail;
	so.arg = w;
	ret = open_vici(w);
	if (!ret)
		ret = sockets_open(&w->sockets, &so);
	if (ret)
		goto fail;
	*wp = w;
	return 0;
fail:
	world_close(w);
	return ret;
}

int world_begin(struct world *w)
{
	return world_reload(w);
}

int world_watch(struct world *w, struct watch *watch)
{
	int ret = sockets_watch(w->sockets, watch);

	if (!ret)
		ret = watch_add(watch, w->timer, timer, w);
	if (!ret)
		ret = watch_add(watch, vici_fd(w->vici), dispatch_vici, w);
	return ret;
}

void world_close(struct world *w)
{
	struct vici *vici;

	if (!w)
		return;
	vici = w->vici;
	w->vici = NULL; /* nobody is told of the end any more */
	if (vici)
		vici_close(vici);
	if (w->ike)
		ike_free(w->ike);
	if (w->creds)
		ike_creds_free(w->creds);
	sockets_close(w->sockets);
	if (w->timer >= 0)
		close(w->timer);
	OPENSSL_cleanse(w->random, sizeof(w->random));
	free(w);
}

void world_shutdown(struct world *w)
{
	if (w->deadline)
		return;
	w->deadline = now_usec() + SHUTDOWN_USEC;
	ike_shutdown(w->ike, now_usec());
}

bool world_idle(const struct world *w)
{
	return ike_idle(w->ike);
}

bool world_late(const struct world *w)
{
	return w->deadline && now_usec() >= w->deadline;
}

/* --------------------------------------------------------------- statistics */

static void put(json_t *o, const char *name, uint64_t value)
{
	json_object_set_new(o, name, json_integer((json_int_t)value));
}

json_t *world_stats(const struct world *w)
{
	struct sockets_counters sc;
	struct ike_counters c;
	json_t *o = json_object();
	const char *name;
	uint64_t value;

	ike_counters(w->ike, &c);
	for (unsigned int i = 0; (name = ike_counter(&c, i, &value)); i++) {
		char key[32];

		snprintf(key, sizeof(key), "%s", name);
		for (char *p = key; (p = strchr(p, '-')); p++)
			*p = '_';
		put(o, key, value);
	}
	put(o, "half_open", c.half_open);
	put(o, "ike_sas", c.ike_sas);
	put(o, "child_sas", c.child_sas);
	put(o, "bytes", c.bytes);
	sockets_counters(w->sockets, &sc);
	put(o, "datagrams_in", sc.in);
	put(o, "datagrams_out", sc.out);
	put(o, "keepalives", sc.keepalives);
	put(o, "esp_in_udp", sc.esp);
	put(o, "short_datagrams", sc.short_datagrams);
	put(o, "errors_in", sc.errors_in);
	put(o, "errors_out", sc.errors_out);
	return o;
}
