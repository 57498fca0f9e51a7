// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include "client.h"
#include "suite.h"

struct vici *v;
struct ike *ike;
struct ike_creds *creds;
uint64_t clock_us = 1000000;
char path[128];
int reloads;

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

void on_log(void *ctx, enum ike_log_level level, const struct ike_sa *sa,
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

char said[10][256];
unsigned int nsaid;

static void test_say(void *ctx, const char *line)
{
	(void)ctx;
	if (nsaid < 10)
		snprintf(said[nsaid++], sizeof(said[0]), "%s", line);
}

int try_open(struct vici **vp)
{
	struct vici_opts opts = { .path = path,
				  .version = "1.2.3",
				  .now = test_now,
				  .reload = test_reload,
				  .log = test_say };

	return vici_open(vp, &opts, ike, creds);
}

void up(void)
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

void down(void)
{
	vici_close(v);
	fake_free(ike);
	ike_creds_free(creds);
}

int knock(void)
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

int dial(void)
{
	int fd = knock();

	if (fd >= 0)
		vici_dispatch(v);
	return fd;
}

bool say(int fd, const void *data, size_t len)
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

size_t frame(uint8_t *out, size_t cap, int type, const char *name,
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

uint8_t scratch[VICI_FRAME_MAX + 4];

bool say_packet(int fd, int type, const char *name, struct section *msg)
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

struct heard hear(int fd)
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

int hear_type(int fd)
{
	struct heard h = hear(fd);

	section_free(h.msg);
	return h.type;
}

struct section *ask(int fd, const char *name, struct section *req)
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

bool ask_ok(int fd, const char *name, struct section *req)
{
	struct section *r = ask(fd, name, req);
	const char *ok = section_text(r, "success");
	bool yes = ok && !strcmp(ok, "yes");

	if (!yes)
		printf("\n    %s: %s\n", name, section_text(r, "errmsg"));
	section_free(r);
	return yes;
}

void expect_error(int fd, const char *name, struct section *req,
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

struct section *with(const char *key, const char *value)
{
	struct section *s = section_new();

	section_set(s, key, value, strlen(value));
	return s;
}

void subscribe(int fd, const char *event)
{
	say_packet(fd, REG, event, NULL);
	EXPECT_EQ(hear_type(fd), CONFIRM);
}

void load_conn(int fd, const char *name, const char *const *children)
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

void ignore(void *arg, int err, const char *why)
{
	(void)arg;
	(void)err;
	(void)why;
}
