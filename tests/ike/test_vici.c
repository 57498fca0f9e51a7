/* SPDX-License-Identifier: Apache-2.0 */
/* The VICI socket: codec, frames, clients that misbehave, commands. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include "suite.h"
#include "rng.h"
#include "conf_files.h"
#include "fake_core.h"
#include "vici/internal.h"

/* -------------------------------------------------------------------- codec */

static const uint8_t wire[] = {
	3, 1, 'k', 0,	1,   'v', /* k = v */
	1, 2, 's', '1', /* s1 { */
	1, 2, 's', '2', /*   s2 { */
	3, 0, 0,   0, /*     "" = "" */
	2, /*   } */
	4, 1, 'l', /*   l = [ */
	5, 0, 2,   0,	255, /*     two bytes */
	5, 0, 0, /*     none */
	6, /*   ] */
	4, 1, 'e', 6, /*   e = [ ] */
	2, /* } */
};

static struct section *sample(void)
{
	struct section *s = section_new(), *a, *l;

	section_set(s, "k", "v", 1);
	a = section_add(s, "s1");
	section_set(section_add(a, "s2"), "", "", 0);
	l = section_list(a, "l");
	section_item(l, "\0\xff", 2);
	section_item(l, "", 0);
	section_list(a, "e");
	return s;
}

static void vici_codec_known_bytes(void)
{
	struct section *s = sample(), *t;
	uint8_t out[sizeof(wire)];
	size_t cap;

	EXPECT_EQ(vici_encode(s, out, sizeof(out)), sizeof(wire));
	EXPECT(!memcmp(out, wire, sizeof(wire)));
	for (cap = 0; cap < sizeof(wire); cap++)
		EXPECT_EQ(-vici_encode(s, out, cap), EMSGSIZE);
	section_free(s);

	EXPECT_EQ(vici_decode(wire, sizeof(wire), &t), 0);
	MUST(t);
	EXPECT(!strcmp(section_text(t, "k"), "v"));
	s = section_find(section_find(t, "s1"), "l");
	MUST(s && s->kind == SECTION_LIST);
	EXPECT(s->child->len == 2 && s->child->value[1] == 0xff);
	EXPECT(s->last->len == 0 && s->last->value[0] == 0);
	EXPECT(!section_text(section_find(t, "s1"), "l"));
	section_free(t);
}

static void vici_codec_malformed(void)
{
	static const struct {
		size_t len;
		uint8_t msg[8];
	} cases[] = {
		{ 1, { 0 } },
		{ 1, { 7 } },
		{ 1, { 2 } }, /* ends what did not begin */
		{ 1, { 6 } },
		{ 1, { 3 } },
		{ 2, { 3, 1 } },
		{ 3, { 3, 1, 'a' } },
		{ 5, { 3, 1, 'a', 0, 1 } },
		{ 3, { 1, 1, 'a' } }, /* not ended */
		{ 3, { 4, 1, 'a' } },
		{ 4, { 4, 1, 'a', 2 } }, /* ended as the other */
		{ 4, { 1, 1, 'a', 6 } },
		{ 3, { 5, 0, 0 } }, /* item without list */
		{ 7, { 4, 1, 'a', 1, 1, 'b', 2 } }, /* section in a list */
		{ 7, { 4, 1, 'a', 4, 1, 'b', 6 } },
		{ 8, { 3, 1, 'a', 0, 0, 1, 1, 'a' } }, /* twice */
		{ 5, { 3, 1, 0, 0, 0 } }, /* NUL in a name */
	};
	struct section *s;
	struct rng rng = { 7 };
	uint8_t msg[sizeof(wire)], out[sizeof(wire)];
	unsigned int i, refused = 0;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (vici_decode(cases[i].msg, cases[i].len, &s) != -EBADMSG)
			printf("\n    case %u is accepted\n", i);
		EXPECT_EQ(-vici_decode(cases[i].msg, cases[i].len, &s),
			  EBADMSG);
		EXPECT(!s);
	}
	/* cut off anywhere behind the first element, it is not complete */
	for (i = 7; i < sizeof(wire); i++)
		EXPECT_EQ(-vici_decode(wire, i, &s), EBADMSG);
	/* what is accepted is written again as it was read */
	for (i = 0; i < 20000; i++) {
		memcpy(msg, wire, sizeof(wire));
		msg[rng_below(&rng, sizeof(wire))] = (uint8_t)rng_next(&rng);
		msg[rng_below(&rng, sizeof(wire))] =
			(uint8_t)rng_below(&rng, 7);
		if (vici_decode(msg, sizeof(msg), &s)) {
			refused++;
			continue;
		}
		EXPECT_EQ(vici_encode(s, out, sizeof(out)), sizeof(msg));
		EXPECT(!memcmp(out, msg, sizeof(msg)));
		section_free(s);
	}
	EXPECT(refused > 1000 && refused < 20000);
}

static void vici_codec_bounds(void)
{
	static uint8_t big[VICI_FRAME_MAX];
	char name[257];
	struct section *s, *at;
	unsigned int i;

	for (i = 0; i < 17; i++) {
		memcpy(big + 3 * i, "\1\1a", 3);
		big[3 * 17 + i] = 2;
	}
	EXPECT_EQ(-vici_decode(big, 17 * 4, &s), EBADMSG);
	EXPECT_EQ(vici_decode(big + 3, 16 * 4, &s), 0);
	section_free(s);

	memcpy(big, "\4\1l", 3);
	for (i = 0; i < 8192; i++)
		memcpy(big + 3 + 3 * i, "\5\0\0", 3);
	big[3 + 3 * 8192] = 6;
	EXPECT_EQ(-vici_decode(big, 4 + 3 * 8192, &s), EBADMSG);
	big[3 * 8192] = 6;
	EXPECT_EQ(vici_decode(big, 3 * 8192 + 1, &s), 0);
	section_free(s);

	memset(name, 'n', 256);
	name[256] = 0;
	s = section_new();
	section_set(s, name, "x", 1);
	EXPECT_EQ(-vici_encode(s, big, sizeof(big)), EMSGSIZE);
	section_free(s);
	name[255] = 0;
	s = section_new();
	at = section_add(s, name);
	section_set(at, "v", big, 65535);
	EXPECT_EQ(vici_encode(s, big, sizeof(big)), 2 + 255 + 5 + 65535 + 1);
	section_set(at, "w", big, 65536);
	EXPECT_EQ(-vici_encode(s, big, sizeof(big)), EMSGSIZE);
	section_free(s);
}

/* ------------------------------------------------------- a server, a client */

enum { REQ, RESP, UNKNOWN, REG, UNREG, CONFIRM, EV_UNKNOWN, EVENT };

static struct vici *v;
static struct ike *ike;
static struct ike_creds *creds;
static uint64_t clock_us = 1000000;
static char path[128];
static int reloads;

static uint64_t test_now(void *ctx)
{
	(void)ctx;
	return clock_us;
}

static int test_reload(void *ctx)
{
	(void)ctx;
	return reloads++ ? -EINVAL : 0;
}

static void on_log(void *ctx, enum ike_log_level level, const struct ike_sa *sa,
		   const char *line)
{
	(void)ctx;
	vici_log(v, level, sa, line);
}

static void on_event(void *ctx, const struct ike_event *ev)
{
	(void)ctx;
	vici_event(v, ev);
}

static char said[10][256];
static unsigned int nsaid;

static void test_say(void *ctx, const char *line)
{
	(void)ctx;
	if (nsaid < 10)
		snprintf(said[nsaid++], sizeof(said[0]), "%s", line);
}

static int try_open(struct vici **vp)
{
	struct vici_opts opts = { .path = path,
				  .version = "1.2.3",
				  .now = test_now,
				  .reload = test_reload,
				  .log = test_say };

	return vici_open(vp, &opts, ike, creds);
}

static void up(void)
{
	snprintf(path, sizeof(path), "%s/vici.sock", conf_dir());
	ike = fake_new();
	ike->log = on_log;
	ike->event = on_event;
	creds = ike_creds_new();
	reloads = 0;
	nsaid = 0;
	MUST(!try_open(&v));
}

static void down(void)
{
	vici_close(v);
	fake_free(ike);
	ike_creds_free(creds);
}

/* At the door; the server has not looked yet. */
static int knock(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(sun.sun_path, path);
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun))) {
		close(fd);
		return -1;
	}
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

static int dial(void)
{
	int fd = knock();

	if (fd >= 0)
		vici_dispatch(v);
	return fd;
}

/* All that @fd is told to say, while the server listens. */
static bool say(int fd, const void *data, size_t len)
{
	const uint8_t *p = data;
	unsigned int idle = 0;
	ssize_t n;

	while (len) {
		n = send(fd, p, len, MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN)
			return false;
		if (n > 0) {
			p += n;
			len -= (size_t)n;
			idle = 0;
		} else if (++idle > 1000) {
			return false;
		}
		vici_dispatch(v);
	}
	return true;
}

static size_t frame(uint8_t *out, size_t cap, int type, const char *name,
		    const struct section *msg)
{
	size_t n = 4;
	int len = 0;

	out[n++] = (uint8_t)type;
	if (name) {
		out[n++] = (uint8_t)strlen(name);
		memcpy(out + n, name, strlen(name));
		n += strlen(name);
	}
	if (msg)
		len = vici_encode(msg, out + n, cap - n);
	MUST(len >= 0);
	n += (size_t)len;
	out[0] = (uint8_t)((n - 4) >> 24);
	out[1] = (uint8_t)((n - 4) >> 16);
	out[2] = (uint8_t)((n - 4) >> 8);
	out[3] = (uint8_t)(n - 4);
	return n;
}

static uint8_t scratch[VICI_FRAME_MAX + 4];

/* takes over @msg */
static bool say_packet(int fd, int type, const char *name, struct section *msg)
{
	size_t len = frame(scratch, sizeof(scratch), type, name, msg);

	section_free(msg);
	return say(fd, scratch, len);
}

/* @len bytes; -1: the server closed, 0: they do not come */
static int hear_bytes(int fd, uint8_t *out, size_t len)
{
	time_t end = time(NULL) + 30;
	unsigned int idle = 0;
	ssize_t n;

	while (len) {
		vici_dispatch(v);
		n = recv(fd, out, len, 0);
		if (n == 0 || (n < 0 && errno != EAGAIN))
			return -1;
		if (n > 0) {
			out += n;
			len -= (size_t)n;
			idle = 0;
		} else if (++idle > 200 &&
			   (!poll(&(struct pollfd){ vici_fd(v), POLLIN, 0 }, 1,
				  0) ||
			    time(NULL) > end)) {
			return 0; /* and the server has nothing to do */
		}
	}
	return 1;
}

/**
 * struct heard - a packet
 * @type: -1 closed, -2 nothing
 */
struct heard {
	int type;
	char name[256];
	struct section *msg;
};

static struct heard hear(int fd)
{
	static uint8_t buf[VICI_FRAME_MAX];
	struct heard h = { .type = -2 };
	uint8_t head[4];
	size_t len, at = 1;
	int got = hear_bytes(fd, head, 4);

	if (got <= 0) {
		h.type = got ? -1 : -2;
		return h;
	}
	len = (size_t)head[0] << 24 | (size_t)head[1] << 16 |
	      (size_t)head[2] << 8 | head[3];
	MUST(len && len <= sizeof(buf));
	MUST(hear_bytes(fd, buf, len) == 1);
	h.type = buf[0];
	if (h.type == EVENT) {
		memcpy(h.name, buf + 2, buf[1]);
		at += 1u + buf[1];
	}
	EXPECT_EQ(vici_decode(buf + at, len - at, &h.msg), 0);
	return h;
}

static int hear_type(int fd)
{
	struct heard h = hear(fd);

	section_free(h.msg);
	return h.type;
}

/* A command and its answer, events on the way left out. */
static struct section *ask(int fd, const char *name, struct section *req)
{
	struct heard h;

	say_packet(fd, REQ, name, req);
	for (;;) {
		h = hear(fd);
		if (h.type != EVENT)
			break;
		section_free(h.msg);
	}
	if (h.type != RESP)
		printf("\n    %s: packet %d\n", name, h.type);
	EXPECT_EQ(h.type, RESP);
	return h.msg;
}

static bool ask_ok(int fd, const char *name, struct section *req)
{
	struct section *r = ask(fd, name, req);
	const char *ok = section_text(r, "success");
	bool yes = ok && !strcmp(ok, "yes");

	if (!yes)
		printf("\n    %s: %s\n", name, section_text(r, "errmsg"));
	section_free(r);
	return yes;
}

static void expect_error(int fd, const char *name, struct section *req,
			 const char *what)
{
	struct section *r = ask(fd, name, req);
	const char *ok = section_text(r, "success");
	const char *err = section_text(r, "errmsg");

	if (!err || !strstr(err, what))
		printf("\n    %s: \"%s\", not \"%s\"\n", name, err ? err : "",
		       what);
	EXPECT(ok && !strcmp(ok, "no"));
	EXPECT(err && strstr(err, what));
	section_free(r);
}

static struct section *with(const char *key, const char *value)
{
	struct section *s = section_new();

	section_set(s, key, value, strlen(value));
	return s;
}

static void subscribe(int fd, const char *event)
{
	say_packet(fd, REG, event, NULL);
	EXPECT_EQ(hear_type(fd), CONFIRM);
}

/* load-conn of a connection with these children */
static void load_conn(int fd, const char *name, const char *const *children)
{
	struct section *s = section_new(), *c = section_add(s, name), *k, *l;

	l = section_list(c, "remote_addrs");
	section_item(l, "192.0.2.2", 9);
	section_set(section_add(c, "local"), "auth", "psk", 3);
	k = section_add(c, "children");
	for (; *children; children++)
		section_add(k, *children);
	EXPECT(ask_ok(fd, "load-conn", s));
}

static const char *const net[] = { "net", NULL };

/* ------------------------------------------------------------------- frames */

static void vici_frames(void)
{
	uint8_t buf[256];
	struct section *r;
	size_t n, i;
	int fd;

	up();
	fd = dial();
	r = ask(fd, "version", NULL);
	EXPECT(!strcmp(section_text(r, "daemon"), "espalierd"));
	EXPECT(!strcmp(section_text(r, "version"), "1.2.3"));
	section_free(r);

	say_packet(fd, REQ, "no-such-command", NULL);
	EXPECT_EQ(hear_type(fd), UNKNOWN);
	say_packet(fd, REG, "no-such-event", NULL);
	EXPECT_EQ(hear_type(fd), EV_UNKNOWN);
	subscribe(fd, "log");
	say_packet(fd, UNREG, "log", NULL);
	EXPECT_EQ(hear_type(fd), CONFIRM);

	/* a byte at a time */
	n = frame(buf, sizeof(buf), REQ, "get-conns", NULL);
	for (i = 0; i < n; i++) {
		EXPECT_EQ(hear_type(fd), -2);
		say(fd, buf + i, 1);
	}
	EXPECT_EQ(hear_type(fd), RESP);
	/* three at once, and half of a fourth */
	for (i = 0; i < 3; i++)
		memcpy(buf + (i + 1) * n, buf, n);
	say(fd, buf, 3 * n + 5);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(hear_type(fd), RESP);
	EXPECT_EQ(hear_type(fd), -2);
	say(fd, buf + 5, n - 5);
	EXPECT_EQ(hear_type(fd), RESP);
	/* no answer is owed to who stops speaking */
	say(fd, buf, n);
	shutdown(fd, SHUT_WR);
	EXPECT_EQ(hear_type(fd), RESP);
	EXPECT_EQ(hear_type(fd), -1);
	close(fd);
	vici_dispatch(v);
	EXPECT_EQ(v->nclients, 0);
	down();
}

static void vici_frames_malformed(void)
{
	static const struct {
		size_t len;
		uint8_t bytes[12];
	} closes[] = {
		{ 4, { 0, 0, 0, 0 } }, /* no packet in it */
		{ 5, { 0, 0, 0, 1, 0 } }, /* no name */
		{ 8, { 0, 0, 0, 4, 0, 3, 'a', 'b' } }, /* a longer one */
		{ 8, { 0, 0, 0, 4, 0, 2, 'a', 0 } }, /* NUL in it */
		{ 7, { 0, 0, 0, 3, 1, 1, 'a' } }, /* a response */
		{ 7, { 0, 0, 0, 3, 9, 1, 'a' } }, /* nothing known */
		{ 4, { 0, 8, 0, 1 } }, /* more than 512 KiB */
		{ 4, { 255, 255, 255, 255 } },
	};
	uint8_t bad[] = { 0,   0,   0,	 11,  0,   7, 'v', 'e',
			  'r', 's', 'i', 'o', 'n', 3, 9 };
	struct heard h;
	unsigned int i;
	int fd, other;

	up();
	other = dial();
	for (i = 0; i < sizeof(closes) / sizeof(closes[0]); i++) {
		fd = dial();
		say(fd, closes[i].bytes, closes[i].len);
		EXPECT_EQ(hear_type(fd), -1);
		close(fd);
	}
	/* the frame is whole, the message is not: an answer, and on it goes */
	fd = dial();
	say(fd, bad, sizeof(bad));
	h = hear(fd);
	EXPECT_EQ(h.type, RESP);
	EXPECT(strstr(section_text(h.msg, "errmsg"), "not well-formed"));
	section_free(h.msg);
	section_free(ask(fd, "version", NULL));
	close(fd);
	section_free(ask(other, "version", NULL));
	close(other);
	down();
}

static void vici_frames_random(void)
{
	struct rng rng = { 3 };
	uint8_t buf[300];
	unsigned int i;
	size_t n;
	int fd;

	up();
	for (i = 0; i < 400; i++) {
		fd = dial();
		rng_fill(&rng, buf, sizeof(buf));
		if (i % 2) {
			/* a good header, so that it gets further */
			n = frame(buf, sizeof(buf), REQ,
				  i % 4 == 1 ? "load-conn" : "load-shared",
				  NULL);
			buf[3] = 250;
		}
		say(fd, buf, sizeof(buf));
		close(fd);
		vici_dispatch(v);
	}
	(void)n;
	vici_dispatch(v);
	vici_dispatch(v);
	EXPECT_EQ(v->nclients, 0);
	down();
}

/* ------------------------------------------------------------------ clients */

static void vici_clients_too_many(void)
{
	int fds[VICI_CLIENTS_MAX + 1], i;

	up();
	for (i = 0; i <= VICI_CLIENTS_MAX; i++) {
		fds[i] = dial();
		MUST(fds[i] >= 0);
	}
	EXPECT_EQ(v->nclients, VICI_CLIENTS_MAX);
	EXPECT_EQ(hear_type(fds[VICI_CLIENTS_MAX]), -1);
	section_free(ask(fds[0], "version", NULL));
	section_free(ask(fds[VICI_CLIENTS_MAX - 1], "version", NULL));
	close(fds[VICI_CLIENTS_MAX]);
	/* the log says so, once for all that come meanwhile */
	fds[VICI_CLIENTS_MAX] = dial();
	EXPECT_EQ(hear_type(fds[VICI_CLIENTS_MAX]), -1);
	close(fds[VICI_CLIENTS_MAX]);
	EXPECT_EQ(nsaid, 1);
	EXPECT(strstr(said[0], "turned away: 32 are there"));
	close(fds[5]);
	vici_dispatch(v);
	fds[5] = dial();
	section_free(ask(fds[5], "version", NULL));
	EXPECT_EQ(nsaid, 1);
	for (i = 0; i < VICI_CLIENTS_MAX; i++)
		close(fds[i]);
	down();
}

static bool ready(int ms)
{
	struct pollfd p = { .fd = vici_fd(v), .events = POLLIN };

	return poll(&p, 1, ms) > 0;
}

/* Without a descriptor for a client that waits, the listener would be readable
 * for ever. */
static void vici_clients_without_descriptors(void)
{
	struct rlimit was, few;
	int first, second, third, again;

	up();
	first = dial();
	section_free(ask(first, "version", NULL));
	MUST(!getrlimit(RLIMIT_NOFILE, &was));
	for (again = 0; again < 2; again++) {
		second = knock();
		few = was;
		few.rlim_cur = (rlim_t)second + 1;
		MUST(!setrlimit(RLIMIT_NOFILE, &few));
		while (ready(0) && v->nclients == 1 && !v->paused)
			vici_dispatch(v);
		EXPECT(v->paused);
		EXPECT(!ready(0));
		EXPECT_EQ(nsaid, again + 1);
		EXPECT(strstr(said[again], "no client can be taken"));
		/* after a second it is tried again, without another line */
		MUST(ready(60000));
		vici_dispatch(v);
		MUST(ready(0));
		vici_dispatch(v);
		EXPECT(v->paused);
		EXPECT_EQ(nsaid, again + 1);
		/* first, a second brings it; then, a client that leaves */
		if (again) {
			close(first);
			third = second;
		} else {
			third = -1;
		}
		MUST(!setrlimit(RLIMIT_NOFILE, &was));
		MUST(ready(60000));
		vici_dispatch(v);
		EXPECT(!v->paused);
		vici_dispatch(v);
		section_free(ask(second, "version", NULL));
		EXPECT_EQ(v->nclients, again ? 1 : 2);
		if (third < 0)
			close(second);
		while (v->nclients > 1 && ready(60000))
			vici_dispatch(v);
	}
	close(third);
	down();
}

/* Who asked for events and does not read them is dropped; nobody else is. */
static void vici_clients_slow_listener(void)
{
	char line[1024];
	int slow, good, i, lines = 0;
	struct heard h;

	up();
	slow = dial();
	good = dial();
	subscribe(slow, "log");
	subscribe(good, "log");
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = 0;
	for (i = 0; i < 4000 && v->nclients == 2; i++) {
		vici_log(v, IKE_LOG_AUDIT, NULL, line);
		h = hear(good);
		EXPECT_EQ(h.type, EVENT);
		lines += h.type == EVENT &&
			 !strcmp(section_text(h.msg, "msg"), line);
		section_free(h.msg);
	}
	EXPECT_EQ(v->nclients, 1);
	EXPECT_EQ(lines, i);
	EXPECT(i > 1000 && i < 4000);
	section_free(ask(good, "version", NULL));
	close(slow);
	close(good);
	down();
}

static void ignore(void *arg, int err, const char *why)
{
	(void)arg;
	(void)err;
	(void)why;
}

static size_t owed(void)
{
	return v->clients ? v->clients->out_len : 0;
}

/* A list waits for who does not read: it is neither kept in memory nor lost. */
static void vici_clients_slow_list(void)
{
	enum { SAS = 3000 };
	const struct conn *conn;
	struct ike_select one = { 0 };
	unsigned int n = 0, i;
	struct heard h;
	int fd;

	up();
	fd = dial();
	load_conn(fd, "gw", net);
	conn = ike_conn_next(ike, NULL);
	for (i = 0; i < SAS; i++)
		fake_sa(ike, conn, clock_us, 1);
	subscribe(fd, "list-sa");
	say_packet(fd, REQ, "list-sas", NULL);
	for (i = 0; i < 50; i++) {
		vici_dispatch(v);
		EXPECT(owed() < VICI_OUT_LOW + 8192);
	}
	EXPECT(owed() > 0);
	/* meanwhile one that is still to come goes away */
	one.ike_id = ike->next_id - 2;
	EXPECT_EQ(ike_terminate(ike, clock_us, &one, ignore, NULL), 1);
	while ((h = hear(fd)).type == EVENT) {
		n++;
		section_free(h.msg);
	}
	EXPECT_EQ(h.type, RESP);
	section_free(h.msg);
	EXPECT_EQ(n, SAS - 1);
	section_free(ask(fd, "version", NULL));
	close(fd);
	down();
}

/* An IKE SA with more children than a message can hold. */
static void vici_list_many_children(void)
{
	const struct section *sa, *c;
	unsigned int n = 0, events = 0;
	struct heard h;
	int fd;

	up();
	fd = dial();
	load_conn(fd, "gw", net);
	fake_sa(ike, ike_conn_next(ike, NULL), clock_us, 1000);
	subscribe(fd, "list-sa");
	say_packet(fd, REQ, "list-sas", NULL);
	while ((h = hear(fd)).type == EVENT) {
		events++;
		sa = section_find(h.msg, "gw");
		MUST(sa);
		for (c = section_find(sa, "child-sas")->child; c; c = c->next)
			n++;
		section_free(h.msg);
	}
	EXPECT_EQ(h.type, RESP);
	EXPECT(!section_find(h.msg, "omitted"));
	section_free(h.msg);
	EXPECT_EQ(n, 1000);
	EXPECT_EQ(events, 8);
	close(fd);
	down();
}

static void vici_socket(void)
{
	struct vici *second = NULL;
	struct stat st;
	int fd;

	up();
	EXPECT(!stat(path, &st) && (st.st_mode & 0777) == 0660);
	EXPECT_EQ(-try_open(&second), EADDRINUSE);
	EXPECT(!second);
	/* asked and gone: it is done all the same */
	fd = dial();
	say(fd, scratch,
	    frame(scratch, sizeof(scratch), REQ, "reload-settings", NULL));
	close(fd);
	vici_dispatch(v);
	vici_dispatch(v);
	EXPECT_EQ(reloads, 1);
	EXPECT_EQ(v->nclients, 0);
	/* a client that is there when the daemon ends */
	fd = dial();
	down();
	EXPECT(stat(path, &st) && errno == ENOENT);
	close(fd);

	/* a socket that a crash left behind is taken over */
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	strcpy(sun.sun_path, path);
	EXPECT(!bind(fd, (struct sockaddr *)&sun, sizeof(sun)));
	close(fd);
	up();
	fd = dial();
	section_free(ask(fd, "version", NULL));
	close(fd);
	down();
	/* any other file is not */
	close(open(path, O_CREAT | O_WRONLY, 0600));
	ike = fake_new();
	creds = ike_creds_new();
	EXPECT(try_open(&second) < 0);
	EXPECT(!stat(path, &st));
	fake_free(ike);
	ike_creds_free(creds);
	unlink(path);
}

/* ----------------------------------------------- initiate, terminate, rekey */

static void wait_dispatch(void)
{
	struct pollfd p = { vici_fd(v), POLLIN, 0 };

	poll(&p, 1, 120000);
	vici_dispatch(v);
}

static void vici_initiate(void)
{
	static const char *const children[] = { "net", "fail-x", "never-x",
						NULL };
	struct section *req;
	struct heard h;
	int fd, other;

	up();
	fd = dial();
	other = dial();
	load_conn(fd, "gw", children);

	/* finished within the call */
	EXPECT(ask_ok(fd, "initiate", with("child", "net")));
	expect_error(fd, "initiate", with("child", "fail-x"),
		     "establishing CHILD_SA \"fail-x\" failed: the peer says");
	expect_error(fd, "initiate", with("child", "nope"),
		     "there is no child \"nope\"");
	req = with("child", "net");
	section_set(req, "ike", "other", 5);
	expect_error(fd, "initiate", req,
		     "no child \"net\" in connection \"other\"");
	expect_error(fd, "initiate", with("ike", "other"),
		     "there is no connection \"other\"");
	expect_error(fd, "initiate", NULL, "child or ike");
	req = with("child", "net");
	section_set(req, "timeout", "soon", 4);
	expect_error(fd, "initiate", req, "timeout: allowed");

	/* later; others are served, and what is behind it waits */
	ike->delay = 1000000;
	say_packet(fd, REQ, "initiate", with("child", "net"));
	say_packet(fd, REQ, "version", NULL);
	EXPECT_EQ(hear_type(fd), -2);
	section_free(ask(other, "version", NULL));
	clock_us += 2000000;
	fake_run(ike, clock_us);
	h = hear(fd);
	EXPECT_EQ(h.type, RESP);
	EXPECT(section_text(h.msg, "success"));
	section_free(h.msg);
	h = hear(fd);
	EXPECT(h.type == RESP && section_text(h.msg, "daemon"));
	section_free(h.msg);

	/* time is over, the core goes on */
	req = with("child", "never-x");
	section_set(req, "timeout", "30", 2);
	say_packet(fd, REQ, "initiate", req);
	wait_dispatch();
	h = hear(fd);
	EXPECT_EQ(h.type, RESP);
	EXPECT(h.msg &&
	       strstr(section_text(h.msg, "errmsg"), "not done in time"));
	section_free(h.msg);
	/* no waiting at all */
	req = with("child", "never-x");
	section_set(req, "timeout", "-1", 2);
	EXPECT(ask_ok(fd, "initiate", req));

	/* nobody waits any more */
	say_packet(fd, REQ, "initiate", with("child", "net"));
	close(fd);
	vici_dispatch(v);
	vici_dispatch(v);
	EXPECT_EQ(v->nclients, 1);
	clock_us += 2000000;
	fake_run(ike, clock_us);
	section_free(ask(other, "version", NULL));
	close(other);
	down();
}

static void vici_terminate_rekey(void)
{
	struct section *r, *req;
	int fd;

	up();
	fd = dial();
	load_conn(fd, "gw", net);
	fake_sa(ike, ike_conn_next(ike, NULL), clock_us, 2);
	fake_sa(ike, ike_conn_next(ike, NULL), clock_us, 1);

	r = ask(fd, "rekey", with("child", "net"));
	EXPECT(!strcmp(section_text(r, "matches"), "3"));
	section_free(r);
	expect_error(fd, "rekey", with("ike", "nope"), "no matching SAs");
	expect_error(fd, "rekey", NULL, "ike, child, ike-id or child-id");
	req = with("ike", "gw");
	section_set(req, "reauth", "yes", 3);
	expect_error(fd, "rekey", req, "reauth: allowed: no");

	expect_error(fd, "terminate", with("ike-id", "x"), "a number");
	expect_error(fd, "terminate", with("ike", "nope"),
		     "no matching SAs to terminate found");
	r = ask(fd, "terminate", with("child-id", "2"));
	EXPECT(!strcmp(section_text(r, "terminated"), "1"));
	section_free(r);
	r = ask(fd, "terminate", with("ike", "gw"));
	EXPECT(!strcmp(section_text(r, "success"), "yes"));
	EXPECT(!strcmp(section_text(r, "matches"), "2"));
	section_free(r);
	EXPECT(!ike_sa_next(ike, NULL));
	close(fd);
	down();
}

/* ------------------------------------------------------------------- events */

static unsigned int drain(int fd, const char *event, const char *text)
{
	unsigned int n = 0;
	struct heard h;
	const char *msg;

	while ((h = hear(fd)).type == EVENT) {
		msg = section_text(h.msg, "msg");
		n += !strcmp(h.name, event) &&
		     (!text || (msg && strstr(msg, text)));
		section_free(h.msg);
	}
	section_free(h.msg);
	return n;
}

static void vici_control_log(void)
{
	const struct conn *gw, *other;
	struct ike_sa *sa;
	struct section *req;
	int fd, log;

	up();
	fd = dial();
	log = dial();
	load_conn(fd, "gw", net);
	load_conn(fd, "zz", net);
	gw = ike_conn_next(ike, NULL);
	other = ike_conn_next(ike, gw);
	sa = fake_sa(ike, other, clock_us, 1);
	subscribe(fd, "control-log");
	subscribe(log, "log");

	/* without a command there is none */
	on_log(NULL, IKE_LOG_AUDIT, sa, "of another");
	EXPECT_EQ(drain(fd, "control-log", NULL), 0);
	EXPECT_EQ(drain(log, "log", "of another"), 1);

	ike->delay = 1000;
	req = with("ike", "gw");
	section_set(req, "loglevel", "1", 1);
	say_packet(fd, REQ, "initiate", req);
	vici_dispatch(v);
	on_log(NULL, IKE_LOG_AUDIT, sa, "of another");
	on_log(NULL, IKE_LOG_AUDIT, NULL, "of none");
	clock_us += 1000;
	fake_run(ike, clock_us);
	/* "initiating" in the call, "established" of its SA; no detail */
	EXPECT_EQ(drain(fd, "control-log", NULL), 2);
	EXPECT_EQ(drain(log, "log", NULL), 5);
	say_packet(log, UNREG, "log", NULL);
	EXPECT_EQ(hear_type(log), CONFIRM);
	on_log(NULL, IKE_LOG_AUDIT, NULL, "of none");
	EXPECT_EQ(hear_type(log), -2);
	close(fd);
	close(log);
	down();
}

static void vici_events(void)
{
	static const char *const names[] = { "ike-updown", "child-updown",
					     "ike-rekey", "child-rekey" };
	struct ike_select sel = { .ike = "gw" }, kids = { .child = "net" };
	const struct section *s;
	struct heard h;
	unsigned int i;
	int fd;

	up();
	fd = dial();
	load_conn(fd, "gw", net);
	for (i = 0; i < 4; i++)
		subscribe(fd, names[i]);
	EXPECT_EQ(ike_initiate(ike, clock_us, "gw", "net", ignore, NULL), 0);
	h = hear(fd);
	EXPECT(h.type == EVENT && !strcmp(h.name, "ike-updown"));
	EXPECT(!strcmp(section_text(h.msg, "up"), "yes"));
	s = section_find(h.msg, "gw");
	MUST(s);
	EXPECT(!strcmp(section_text(s, "state"), "ESTABLISHED"));
	EXPECT(!section_find(s, "child-sas"));
	section_free(h.msg);
	h = hear(fd);
	EXPECT(h.type == EVENT && !strcmp(h.name, "child-updown"));
	s = section_find(section_find(section_find(h.msg, "gw"), "child-sas"),
			 "net-2");
	MUST(s);
	EXPECT(!strcmp(section_text(s, "spi-in"), "c0000001"));
	section_free(h.msg);

	EXPECT_EQ(ike_rekey(ike, clock_us, &sel), 1);
	h = hear(fd);
	EXPECT(h.type == EVENT && !strcmp(h.name, "ike-rekey"));
	s = section_find(h.msg, "gw");
	EXPECT(section_find(s, "old") && section_find(s, "new"));
	section_free(h.msg);
	EXPECT_EQ(ike_rekey(ike, clock_us, &kids), 1);
	h = hear(fd);
	EXPECT(h.type == EVENT && !strcmp(h.name, "child-rekey"));
	s = section_find(section_find(section_find(h.msg, "gw"), "child-sas"),
			 "net");
	EXPECT(section_find(s, "old") && section_find(s, "new"));
	section_free(h.msg);

	EXPECT_EQ(ike_terminate(ike, clock_us, &sel, ignore, NULL), 1);
	h = hear(fd);
	EXPECT(h.type == EVENT && !strcmp(h.name, "ike-updown"));
	EXPECT(!section_text(h.msg, "up"));
	section_free(h.msg);
	close(fd);
	down();
}

/* ---------------------------------------------------- connections and
 * credentials */

static void vici_conns(void)
{
	struct section *r, *req;
	const struct section *s;
	struct heard h;
	int fd;

	up();
	fd = dial();
	load_conn(fd, "gw", net);
	load_conn(fd, "gw", net); /* replaced */
	load_conn(fd, "b", net);
	r = ask(fd, "get-conns", NULL);
	s = section_find(r, "conns");
	MUST(s && s->child);
	EXPECT(!strcmp((char *)s->child->value, "gw"));
	EXPECT(s->child->next == s->last);
	section_free(r);

	req = section_new();
	section_set(section_add(req, "x"), "dpd_delay", "5x", 2);
	expect_error(fd, "load-conn", req,
		     "connections.x.dpd_delay: \"5x\": allowed: a number");
	req = section_new();
	section_set(section_add(req, "x"), "vips", "::", 2);
	expect_error(fd, "load-conn", req, "connections.x.vips: unknown");
	expect_error(fd, "load-conn", NULL, "one section");
	expect_error(fd, "load-conn", with("x", "y"), "one section");
	req = section_new();
	section_add(req, "x");
	section_add(req, "y");
	expect_error(fd, "load-conn", req, "one section");
	ike->refuse = -ENOSPC;
	req = section_new();
	section_add(req, "x");
	expect_error(fd, "load-conn", req, "x: No space left");

	subscribe(fd, "list-conn");
	say_packet(fd, REQ, "list-conns", with("ike", "b"));
	h = hear(fd);
	EXPECT_EQ(h.type, EVENT);
	s = section_find(h.msg, "b");
	MUST(s);
	EXPECT(!strcmp(section_text(s, "version"), "IKEv2"));
	EXPECT(!strcmp(section_text(section_find(s, "local-1"), "class"),
		       "pre-shared key"));
	section_free(h.msg);
	EXPECT_EQ(hear_type(fd), RESP);

	EXPECT(ask_ok(fd, "unload-conn", with("name", "gw")));
	expect_error(fd, "unload-conn", with("name", "gw"),
		     "there is no connection \"gw\"");
	expect_error(fd, "unload-conn", NULL, "name: missing");
	close(fd);
	down();
}

static struct section *data(const char *type, const char *flag,
			    const void *bytes, size_t len)
{
	struct section *s = with("type", type);

	if (flag)
		section_set(s, "flag", flag, strlen(flag));
	if (len)
		section_set(s, "data", bytes, len);
	return s;
}

static unsigned int items(struct section *r, const char *list)
{
	const struct section *l = section_find(r, list), *i;
	unsigned int n = 0;

	for (i = l ? l->child : NULL; i; i = i->next)
		n++;
	section_free(r);
	return n;
}

static void one_anchor(void *arg, enum ike_cert_kind kind, unsigned int flags,
		       const uint8_t *der, size_t len)
{
	(void)der;
	(void)len;
	*(unsigned int *)arg +=
		kind == IKE_CERT_X509 && flags & IKE_CERT_ANCHOR;
}

static unsigned int anchors(void)
{
	unsigned int n = 0;

	ike_creds_each_cert(creds, one_anchor, &n);
	return n;
}

static struct section *authority(const char *name, const char *cert)
{
	struct section *req = section_new();

	section_set(section_add(req, name), "cacert", cert, strlen(cert));
	return req;
}

static void vici_credentials(void)
{
	char *cert, *key, *ca, *ca_key, id[64];
	struct section *r, *req;
	unsigned int n = 0, keys = 0;
	struct heard h;
	int fd;

	up();
	fd = dial();
	conf_cert("moon.example.org", false, &cert, &key);
	conf_cert("root", true, &ca, &ca_key);
	EXPECT(ask_ok(fd, "load-cert",
		      data("X509", "NONE", cert, strlen(cert))));
	EXPECT(ask_ok(fd, "load-cert", data("X509", "CA", ca, strlen(ca))));
	expect_error(fd, "load-cert", data("X509", "CA", "junk", 4),
		     "certificate: ");
	expect_error(fd, "load-cert", data("X509_AC", NULL, "x", 1),
		     "type: \"X509_AC\"; allowed: X509, X509_CRL");
	expect_error(fd, "load-cert", data("X509", "AA", "x", 1),
		     "flag: \"AA\"");
	expect_error(fd, "load-cert", data("X509", NULL, "", 0),
		     "data: missing");

	r = ask(fd, "load-key", data("any", NULL, key, strlen(key)));
	EXPECT(!strcmp(section_text(r, "success"), "yes"));
	snprintf(id, sizeof(id), "%s", section_text(r, "id"));
	EXPECT_EQ(strlen(id), 40);
	section_free(r);
	expect_error(fd, "load-key", data("any", NULL, "junk", 4),
		     "private key: ");
	EXPECT_EQ(items(ask(fd, "get-keys", NULL), "keys"), 1);

	subscribe(fd, "list-cert");
	say_packet(fd, REQ, "list-certs", with("type", "X509"));
	while ((h = hear(fd)).type == EVENT) {
		n++;
		keys += section_text(h.msg, "has_privkey") != NULL;
		EXPECT(section_find(h.msg, "data")->len > 100);
		section_free(h.msg);
	}
	section_free(h.msg);
	EXPECT_EQ(n, 2);
	EXPECT_EQ(keys, 1);
	EXPECT(ask_ok(fd, "unload-key", with("id", id)));
	expect_error(fd, "unload-key", with("id", id), "no private key");

	req = data("IKE", NULL, "secret", 6);
	section_set(req, "id", "ike-1", 5);
	section_item(section_list(req, "owners"), "moon.example.org", 16);
	EXPECT(ask_ok(fd, "load-shared", req));
	EXPECT(ask_ok(fd, "load-shared", data("ike", NULL, "unnamed", 7)));
	EXPECT_EQ(items(ask(fd, "get-shared", NULL), "keys"), 2);
	EXPECT(ask_ok(fd, "unload-shared", with("id", "ike-1")));
	expect_error(fd, "unload-shared", with("id", "ike-1"), "no secret");
	expect_error(fd, "load-shared", data("EAP", NULL, "x", 1),
		     "type: \"EAP\"; allowed: IKE");
	req = data("IKE", NULL, "secret", 6);
	section_item(section_list(req, "owners"), "@#zz", 4);
	expect_error(fd, "load-shared", req, "\"@#zz\" is not an identity");
	expect_error(fd, "load-token", NULL, "tokens are not supported");

	req = section_new();
	section_set(section_add(req, "r"), "cacert", ca, strlen(ca));
	EXPECT(ask_ok(fd, "load-authority", req));
	EXPECT_EQ(items(ask(fd, "get-authorities", NULL), "authorities"), 1);
	req = section_new();
	section_set(section_add(req, "r"), "cacert", cert, strlen(cert));
	expect_error(fd, "load-authority", req, "authorities.r.cacert: ");
	expect_error(fd, "unload-authority", with("name", "q"),
		     "no authority \"q\"");
	EXPECT(ask_ok(fd, "unload-authority", with("name", "r")));
	expect_error(fd, "unload-authority", with("name", "r"),
		     "no authority \"r\"");
	/* it was loaded as a CA by itself too */
	EXPECT_EQ(anchors(), 1);
	EXPECT(ask_ok(fd, "flush-certs", NULL));
	EXPECT(ask_ok(fd, "clear-creds", NULL));
	EXPECT_EQ(items(ask(fd, "get-shared", NULL), "keys"), 0);
	EXPECT_EQ(items(ask(fd, "get-authorities", NULL), "authorities"), 0);

	req = section_new();
	section_set(section_add(req, "p"), "addrs", "10.0.0.0/8", 10);
	expect_error(fd, "load-pool", req, "pools of addresses");
	expect_error(fd, "unload-pool", with("name", "p"), "no pool \"p\"");
	section_free(ask(fd, "get-pools", NULL));
	free(cert);
	free(key);
	free(ca);
	free(ca_key);
	close(fd);
	down();
}

/* What an authority alone has loaded is trusted as long as one of them has it.
 */
static void vici_authorities(void)
{
	char *ca, *ca_key, *next, *next_key;
	int fd;

	up();
	fd = dial();
	conf_cert("root", true, &ca, &ca_key);
	conf_cert("next", true, &next, &next_key);
	EXPECT(ask_ok(fd, "load-authority", authority("a", ca)));
	EXPECT(ask_ok(fd, "load-authority", authority("b", ca)));
	EXPECT_EQ(anchors(), 1);
	EXPECT(ask_ok(fd, "unload-authority", with("name", "a")));
	EXPECT_EQ(anchors(), 1);
	EXPECT(ask_ok(fd, "unload-authority", with("name", "b")));
	EXPECT_EQ(anchors(), 0);
	EXPECT_EQ(items(ask(fd, "get-authorities", NULL), "authorities"), 0);
	/* another certificate under the same name takes the place of the first
	 */
	EXPECT(ask_ok(fd, "load-authority", authority("a", ca)));
	EXPECT(ask_ok(fd, "load-authority", authority("a", next)));
	EXPECT_EQ(anchors(), 1);
	EXPECT_EQ(items(ask(fd, "get-authorities", NULL), "authorities"), 1);
	expect_error(fd, "load-authority", authority("a", "junk"),
		     "authorities.a.cacert: ");
	EXPECT_EQ(anchors(), 1);
	/* what the daemon's own file trusts is not the user's to take back */
	EXPECT(ask_ok(fd, "load-authority", authority("a", ca)));
	MUST(!ike_creds_add_cert(creds, ca, strlen(ca), true, said[0],
				 sizeof(said[0])));
	EXPECT(ask_ok(fd, "unload-authority", with("name", "a")));
	EXPECT_EQ(anchors(), 1);
	EXPECT(ask_ok(fd, "clear-creds", NULL));
	EXPECT_EQ(anchors(), 0);
	free(ca);
	free(ca_key);
	free(next);
	free(next_key);
	close(fd);
	down();
}

static void vici_daemon_commands(void)
{
	struct section *r;
	struct heard h;
	int fd;

	up();
	fd = dial();
	load_conn(fd, "gw", net);
	fake_sa(ike, ike_conn_next(ike, NULL), clock_us, 3);
	clock_us += 5 * IKE_USEC;
	r = ask(fd, "stats", NULL);
	EXPECT(!strcmp(section_text(section_find(r, "uptime"), "running"),
		       "5 seconds"));
	EXPECT(!strcmp(section_text(section_find(r, "ikesas"), "total"), "1"));
	EXPECT(!strcmp(section_text(section_find(r, "ikesas"), "half-open"),
		       "2"));
	EXPECT(!strcmp(section_text(section_find(r, "childsas"), "total"),
		       "3"));
	section_free(r);
	/* an SA of which it is not yet known whose it is */
	ike->sas->info.conn = NULL;
	subscribe(fd, "list-sa");
	say_packet(fd, REQ, "list-sas", NULL);
	h = hear(fd);
	EXPECT(h.type == EVENT && section_find(h.msg, "(unnamed)"));
	section_free(h.msg);
	EXPECT_EQ(hear_type(fd), RESP);
	on_log(NULL, IKE_LOG_AUDIT, ike->sas, "half-open");
	conn_put((struct conn *)(uintptr_t)ike_conn_next(ike, NULL));
	r = ask(fd, "get-counters", NULL);
	EXPECT(!strcmp(
		section_text(section_find(section_find(r, "counters"), ""),
			     "ike-init-in"),
		"7"));
	section_free(r);
	expect_error(fd, "get-counters", with("name", "gw"), "together");
	expect_error(fd, "reset-counters", NULL, "never reset");
	r = ask(fd, "get-algorithms", NULL);
	EXPECT(section_text(section_find(r, "encryption"), "AES_GCM_16"));
	EXPECT(section_text(section_find(r, "ke"), "CURVE_25519"));
	section_free(r);
	EXPECT(ask_ok(fd, "reload-settings", NULL));
	expect_error(fd, "reload-settings", NULL, "Invalid argument");
	expect_error(fd, "redirect", NULL, "not supported");
	expect_error(fd, "install", with("child", "net"), "start_action");
	expect_error(fd, "uninstall", with("child", "net"), "start_action");
	close(fd);
	down();
}

static const struct test_case cases[] = {
	{ "vici_codec_known_bytes", vici_codec_known_bytes },
	{ "vici_codec_malformed", vici_codec_malformed },
	{ "vici_codec_bounds", vici_codec_bounds },
	{ "vici_frames", vici_frames },
	{ "vici_frames_malformed", vici_frames_malformed },
	{ "vici_frames_random", vici_frames_random },
	{ "vici_clients_too_many", vici_clients_too_many },
	{ "vici_clients_without_descriptors",
	  vici_clients_without_descriptors },
	{ "vici_clients_slow_listener", vici_clients_slow_listener },
	{ "vici_clients_slow_list", vici_clients_slow_list },
	{ "vici_list_many_children", vici_list_many_children },
	{ "vici_socket", vici_socket },
	{ "vici_initiate", vici_initiate },
	{ "vici_terminate_rekey", vici_terminate_rekey },
	{ "vici_control_log", vici_control_log },
	{ "vici_events", vici_events },
	{ "vici_conns", vici_conns },
	{ "vici_credentials", vici_credentials },
	{ "vici_authorities", vici_authorities },
	{ "vici_daemon_commands", vici_daemon_commands },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	return suite_run("test_vici", cases, argc, argv);
}
