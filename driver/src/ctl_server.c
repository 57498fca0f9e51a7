// SPDX-License-Identifier: Apache-2.0
/* The socket: clients, lines in, lines out. Nothing here ever blocks. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "ctl_internal.h"

#define OUT_MAX (8u << 20) /* a client that does not read is dropped */

struct client {
	int fd;
	bool monitor, closing;
	char *in;
	size_t in_len;
	char *out;
	size_t out_len, out_size;
	uint8_t key[36];
	unsigned int key_len;
	bool key_bad;
};

struct espalier_ctl {
	struct espalier_dev *dev;
	struct espalier_ctl_opts opts;
	struct sockaddr_un addr;
	int listen_fd, epoll_fd, spare_fd;
	struct client client[ESPALIER_CTL_CLIENTS_MAX];
};

/* --------------------------------------------------------------- clients */

static int watch(struct espalier_ctl *ctl, struct client *c, int op)
{
	struct epoll_event ev = {
		.events = (c->closing ? 0u : EPOLLIN) |
			  (c->out_len ? EPOLLOUT : 0u),
		.data.u32 = (uint32_t)(c - ctl->client),
	};

	return epoll_ctl(ctl->epoll_fd, op, c->fd, &ev);
}

static void drop(struct client *c)
{
	close(c->fd); /* leaves the epoll set by itself */
	if (c->in)
		explicit_bzero(c->in, ESPALIER_CTL_LINE_MAX);
	if (c->out)
		explicit_bzero(c->out, c->out_size);
	free(c->in);
	free(c->out);
	explicit_bzero(c, sizeof(*c));
	c->fd = -1;
}

static void flush_out(struct client *c)
{
	ssize_t n;

	while (c->out_len) {
		n = send(c->fd, c->out, c->out_len,
			 MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0) {
			if (errno != EAGAIN && errno != EINTR) {
				c->closing = true;
				c->out_len = 0;
			}
			return;
		}
		memmove(c->out, c->out + n, c->out_len - (size_t)n);
		c->out_len -= (size_t)n;
		/* it may have been a key */
		explicit_bzero(c->out + c->out_len, (size_t)n);
	}
}

/* Append a line. The buffer moves by hand, so that an old one is zeroed. */
static void put_line(struct client *c, const char *text, size_t len)
{
	size_t need = c->out_len + len + 1, size = c->out_size;
	char *p;

	/* a line was lost: none may follow it */
	if (c->closing)
		return;
	if (need > OUT_MAX) {
		c->closing = true;
		c->out_len = 0;
		return;
	}
	if (need > size) {
		for (size = size ? size : 4096; size < need; size *= 2)
			;
		p = calloc(1, size);
		if (!p) {
			c->closing = true;
			return;
		}
		if (c->out) {
			memcpy(p, c->out, c->out_len);
			explicit_bzero(c->out, c->out_size);
			free(c->out);
		}
		c->out = p;
		c->out_size = size;
	}
	memcpy(c->out + c->out_len, text, len);
	c->out[c->out_len + len] = '\n';
	c->out_len = need;
}

static void key_line(void *arg, const char *text)
{
	put_line(arg, text, strlen(text));
}

/* Not json_dumps(), which leaves out the name of a member when its buffer
 * cannot grow there (jansson 2.14). */
static bool put_json(struct client *c, json_t *j)
{
	const size_t len = json_dumpb(j, NULL, 0, JSON_COMPACT);
	char *text = len ? malloc(len) : NULL;
	const bool ok = text && json_dumpb(j, text, len, JSON_COMPACT) == len;

	if (ok)
		put_line(c, text, len);
	free(text);
	json_decref(j);
	return ok;
}

/* What was asked for is done, or not, before the answer is written down: then
 * this is what can be said without memory. */
static void put_answer(struct client *c, json_t *j)
{
	static const char text[] =
		"{\"ok\":false,\"errno\":\"ENOMEM\",\"error\":\"answer: out "
		"of memory; what was asked for may have been done\"}";

	if (!put_json(c, j))
		put_line(c, text, sizeof(text) - 1);
}

/* ----------------------------------------------------------------- lines */

static int hex_digit(char ch)
{
	if (ch >= '0' && ch <= '9')
		return ch - '0';
	ch |= 0x20;
	return ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
}

/* `key HEX`, for the next request. */
static void take_key(struct client *c, const char *s, size_t len)
{
	unsigned int i;
	int hi, lo;

	c->key_bad = true;
	c->key_len = 0;
	if (len >= 2 && s[0] == '0' && s[1] == 'x') {
		s += 2;
		len -= 2;
	}
	if (len == 0 || len % 2 || len > 2 * sizeof(c->key))
		return;
	for (i = 0; i < len / 2; i++) {
		hi = hex_digit(s[2 * i]);
		lo = hex_digit(s[2 * i + 1]);
		if (hi < 0 || lo < 0)
			return;
		c->key[i] = (uint8_t)(hi << 4 | lo);
	}
	c->key_len = (unsigned int)(len / 2);
	c->key_bad = false;
}

static void serve_line(struct espalier_ctl *ctl, struct client *c,
		       const char *line, size_t len)
{
	struct ctl_req req = {
		.dev = ctl->dev,
		.opts = &ctl->opts,
		.key = c->key_len ? c->key : NULL,
		.key_len = c->key_len,
		.monitor = &c->monitor,
		.line = key_line,
		.line_arg = c,
	};

	if (len && line[len - 1] == '\r')
		len--;
	if (len >= 4 && !memcmp(line, "key ", 4)) {
		take_key(c, line + 4, len - 4);
		return;
	}
	if (c->key_bad)
		put_answer(c, espi_ctl_failure(-EINVAL,
					       "key: not an even number of "
					       "hexadecimal digits, at most 72",
					       NULL));
	else
		put_answer(c, espi_ctl_answer(&req, line, len));
	c->key_bad = false;
	c->key_len = 0;
	explicit_bzero(c->key, sizeof(c->key));
}

static void serve_input(struct espalier_ctl *ctl, struct client *c)
{
	size_t start = 0, len;
	char *end;

	while (!c->closing &&
	       (end = memchr(c->in + start, '\n', c->in_len - start))) {
		len = (size_t)(end - c->in) - start;
		serve_line(ctl, c, c->in + start, len);
		start += len + 1;
	}
	c->in_len -= start;
	memmove(c->in, c->in + start, c->in_len);
	explicit_bzero(c->in + c->in_len, start);
	if (c->in_len == ESPALIER_CTL_LINE_MAX) {
		put_answer(c, espi_ctl_failure(-EMSGSIZE,
					       "request: line too long", NULL));
		c->closing = true;
		c->in_len = 0;
	}
}

static void client_ready(struct espalier_ctl *ctl, struct client *c,
			 uint32_t events)
{
	ssize_t n;

	if (events & EPOLLERR) {
		drop(c);
		return;
	}
	if ((events & (EPOLLIN | EPOLLHUP)) && !c->closing) {
		n = recv(c->fd, c->in + c->in_len,
			 ESPALIER_CTL_LINE_MAX - c->in_len, MSG_DONTWAIT);
		if (n > 0) {
			c->in_len += (size_t)n;
			serve_input(ctl, c);
		} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
			c->closing = true; /* what is owed still goes out */
		}
	} else if (events & EPOLLHUP) {
		c->out_len = 0; /* nobody reads it any more */
	}
	flush_out(c);
	/* one that could not be watched would never be served again */
	if ((c->closing && !c->out_len) || watch(ctl, c, EPOLL_CTL_MOD))
		drop(c);
}

/* Not served, but told why; it has just come, so there is room for a line. */
static void refuse(int fd, int err, const char *sentence)
{
	char line[160];
	const int len =
		snprintf(line, sizeof(line),
			 "{\"ok\":false,\"errno\":\"%s\",\"error\":\"%s\"}\n",
			 strerrorname_np(-err), sentence);

	send(fd, line, (size_t)len, MSG_NOSIGNAL | MSG_DONTWAIT);
	close(fd);
}

static int spare(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* Out of descriptors: take the spare one to turn away who waits, for whom the
 * owner would be woken again and again. */
static void turn_away(struct espalier_ctl *ctl)
{
	int fd;

	if (ctl->spare_fd >= 0)
		close(ctl->spare_fd);
	fd = accept4(ctl->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd >= 0)
		refuse(fd, -EMFILE, "owner: out of file descriptors");
	ctl->spare_fd = spare();
}

static int accept_client(struct espalier_ctl *ctl)
{
	struct client *c;
	char text[80];
	int fd, i, ret;

	fd = accept4(ctl->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0) {
		ret = -errno;
		if (ret == -EMFILE || ret == -ENFILE)
			turn_away(ctl);
		return ret == -EAGAIN || ret == -EINTR || ret == -ECONNABORTED
			       ? 0
			       : ret;
	}
	for (i = 0; i < ESPALIER_CTL_CLIENTS_MAX && ctl->client[i].fd >= 0; i++)
		;
	if (i == ESPALIER_CTL_CLIENTS_MAX) {
		snprintf(text, sizeof(text),
			 "clients: %d are connected; supported: at most %d", i,
			 ESPALIER_CTL_CLIENTS_MAX);
		refuse(fd, -EUSERS, text);
		return -EUSERS;
	}
	c = &ctl->client[i];
	c->in = calloc(1, ESPALIER_CTL_LINE_MAX);
	if (!c->in) {
		refuse(fd, -ENOMEM, "owner: out of memory");
		return -ENOMEM;
	}
	c->fd = fd;
	if (watch(ctl, c, EPOLL_CTL_ADD)) {
		ret = -errno;
		drop(c);
		return ret;
	}
	return 0;
}

int espalier_ctl_dispatch(struct espalier_ctl *ctl)
{
	struct epoll_event ev[ESPALIER_CTL_CLIENTS_MAX + 1];
	int i, n, ret = 0;

	if (ctl->spare_fd < 0)
		ctl->spare_fd = spare();
	n = epoll_wait(ctl->epoll_fd, ev, ESPALIER_CTL_CLIENTS_MAX + 1, 0);
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	for (i = 0; i < n; i++) {
		if (ev[i].data.u32 == ESPALIER_CTL_CLIENTS_MAX)
			ret = accept_client(ctl);
		else if (ctl->client[ev[i].data.u32].fd >= 0)
			client_ready(ctl, &ctl->client[ev[i].data.u32],
				     ev[i].events);
	}
	return ret;
}

void espalier_ctl_event(struct espalier_ctl *ctl,
			const struct espalier_event *ev)
{
	struct client *c;
	int i;

	for (i = 0; i < ESPALIER_CTL_CLIENTS_MAX; i++) {
		c = &ctl->client[i];
		if (c->fd < 0 || !c->monitor || c->closing)
			continue;
		/* who misses an event is hung up on, and so knows */
		if (!put_json(c, espi_ctl_event_json(ev)))
			c->closing = true;
		flush_out(c);
		if (c->closing || watch(ctl, c, EPOLL_CTL_MOD))
			drop(c);
	}
}

/* ---------------------------------------------------------- open, close */

/* A socket whose owner has gone is in the way; one that answers is not ours. */
static int make_way(const struct sockaddr_un *addr)
{
	struct stat st;
	int fd, ret;

	if (lstat(addr->sun_path, &st))
		return 0;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	ret = connect(fd, (const struct sockaddr *)addr, sizeof(*addr));
	ret = ret ? errno : 0;
	close(fd);
	if (ret != ECONNREFUSED)
		return -EADDRINUSE;
	return unlink(addr->sun_path) ? -errno : 0;
}

static int make_socket(struct espalier_ctl *ctl)
{
	mode_t old;
	int ret;

	ctl->listen_fd =
		socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (ctl->listen_fd < 0)
		return -errno;
	ret = make_way(&ctl->addr);
	if (ret)
		return ret;
	/* 0600 from the first moment on */
	old = umask(0177);
	ret = bind(ctl->listen_fd, (const struct sockaddr *)&ctl->addr,
		   sizeof(ctl->addr));
	ret = ret ? -errno : 0;
	umask(old);
	if (!ret && listen(ctl->listen_fd, ESPALIER_CTL_CLIENTS_MAX)) {
		ret = -errno;
		unlink(ctl->addr.sun_path);
	}
	return ret;
}

static int make_epoll(struct espalier_ctl *ctl)
{
	struct epoll_event ev = { .events = EPOLLIN,
				  .data.u32 = ESPALIER_CTL_CLIENTS_MAX };

	ctl->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	ctl->spare_fd = spare();
	if (ctl->epoll_fd < 0 || ctl->spare_fd < 0 ||
	    epoll_ctl(ctl->epoll_fd, EPOLL_CTL_ADD, ctl->listen_fd, &ev))
		return -errno;
	return 0;
}

int espalier_ctl_open(struct espalier_dev *dev,
		      const struct espalier_ctl_opts *opts,
		      struct espalier_ctl **ctlp, struct espalier_err *err)
{
	const char *path = opts && opts->path ? opts->path : ESPALIER_CTL_PATH;
	struct espalier_ctl *ctl;
	int ret, i;

	if (strlen(path) >= sizeof(ctl->addr.sun_path))
		return espi_fail(err, -ENAMETOOLONG, "%.100s: too long", path);
	ctl = calloc(1, sizeof(*ctl));
	if (!ctl)
		return espi_fail(err, -ENOMEM, "out of memory");
	if (opts)
		ctl->opts = *opts;
	ctl->dev = dev;
	ctl->epoll_fd = ctl->spare_fd = -1;
	ctl->addr.sun_family = AF_UNIX;
	strcpy(ctl->addr.sun_path, path);
	ctl->opts.path = ctl->addr.sun_path;
	for (i = 0; i < ESPALIER_CTL_CLIENTS_MAX; i++)
		ctl->client[i].fd = -1;
	if (!strcmp(path, ESPALIER_CTL_PATH))
		mkdir("/run/espalier", 0755); /* may be there */
	ret = make_socket(ctl);
	if (!ret) {
		ret = make_epoll(ctl);
		if (ret)
			unlink(path);
	}
	if (ret) {
		espi_fail(err, ret, "%.100s: %s", path, strerror(-ret));
		if (ctl->spare_fd >= 0)
			close(ctl->spare_fd);
		if (ctl->epoll_fd >= 0)
			close(ctl->epoll_fd);
		if (ctl->listen_fd >= 0)
			close(ctl->listen_fd);
		free(ctl);
		return ret;
	}
	*ctlp = ctl;
	return 0;
}

int espalier_ctl_fd(const struct espalier_ctl *ctl)
{
	return ctl->epoll_fd;
}

void espalier_ctl_close(struct espalier_ctl *ctl)
{
	int i;

	if (!ctl)
		return;
	for (i = 0; i < ESPALIER_CTL_CLIENTS_MAX; i++)
		if (ctl->client[i].fd >= 0)
			drop(&ctl->client[i]);
	unlink(ctl->addr.sun_path);
	close(ctl->listen_fd);
	close(ctl->epoll_fd);
	if (ctl->spare_fd >= 0)
		close(ctl->spare_fd);
	free(ctl);
}
