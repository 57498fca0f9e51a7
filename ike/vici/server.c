/* SPDX-License-Identifier: Apache-2.0 */
/* The socket that clients come to. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>
#include "vici/internal.h"

#define PAUSE_SEC 1

static void say(const struct vici *v, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void say(const struct vici *v, const char *fmt, ...)
{
	char line[256];
	va_list ap;

	if (!v->opts.log)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	v->opts.log(v->opts.ctx, line);
}

/* ---------------------------------------------------- who may come, and when
 */

/* A listener that cannot be served is readable for ever: while it lasts it is
 * not looked at. Until a client leaves, or for a second. */
static void pause_accept(struct vici *v, int err)
{
	struct itimerspec it = { .it_value.tv_sec = PAUSE_SEC };

	if (!v->failing)
		say(v,
		    "%s: no client can be taken: %s; tried again each second "
		    "and when a client leaves",
		    v->opts.path, strerror(err));
	v->failing = v->paused = true;
	epoll_ctl(v->epfd, EPOLL_CTL_DEL, v->listen_fd, NULL);
	timerfd_settime(v->pause_fd, 0, &it, NULL);
}

static void resume_accept(struct vici *v)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = v };
	struct itimerspec off = { 0 }, again = { .it_value.tv_sec = PAUSE_SEC };

	if (!v->paused)
		return;
	/* without memory for it, in a second */
	v->paused = epoll_ctl(v->epfd, EPOLL_CTL_ADD, v->listen_fd, &ev);
	timerfd_settime(v->pause_fd, 0, v->paused ? &again : &off, NULL);
}

static void pause_over(struct vici *v)
{
	uint64_t ticks;

	if (read(v->pause_fd, &ticks, sizeof(ticks)) == sizeof(ticks))
		resume_accept(v);
}

static void sweep(struct vici *v)
{
	struct client **at = &v->clients, *c;

	while ((c = *at)) {
		if (!c->dead) {
			at = &c->next;
			continue;
		}
		*at = c->next;
		v->nclients--;
		client_free(c);
		v->full = false;
		resume_accept(v);
	}
}

static void accept_client(struct vici *v)
{
	struct epoll_event ev = { .events = EPOLLIN };
	struct client *c;
	int fd;

	fd = accept4(v->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0) {
		/* anything else is of that client alone */
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
		    errno == ENOBUFS)
			pause_accept(v, errno);
		return;
	}
	v->failing = false;
	if (v->nclients >= VICI_CLIENTS_MAX) {
		if (!v->full)
			say(v,
			    "%s: a client is turned away: %d are there, no "
			    "more are served; likewise others until one leaves",
			    v->opts.path, VICI_CLIENTS_MAX);
		v->full = true;
		close(fd);
		return;
	}
	c = calloc(1, sizeof(*c));
	if (!c) {
		say(v, "%s: a client is turned away: no memory", v->opts.path);
		close(fd);
		return;
	}
	c->v = v;
	c->fd = fd;
	c->timer_fd = -1;
	ev.data.ptr = c;
	if (epoll_ctl(v->epfd, EPOLL_CTL_ADD, fd, &ev)) {
		client_free(c);
		return;
	}
	c->next = v->clients;
	v->clients = c;
	v->nclients++;
}

void vici_dispatch(struct vici *v)
{
	struct epoll_event ev[VICI_CLIENTS_MAX + 2];
	int n, i;

	n = epoll_wait(v->epfd, ev, VICI_CLIENTS_MAX + 2, 0);
	for (i = 0; i < n; i++) {
		if (ev[i].data.ptr == v)
			accept_client(v);
		else if (ev[i].data.ptr == &v->pause_fd)
			pause_over(v);
		else
			client_serve(ev[i].data.ptr, ev[i].events);
	}
	sweep(v);
}

/* -------------------------------------------------------------- open, close */

/* A socket that nobody listens on was left behind by a crash; whatever else is
 * there is not ours to remove. */
static int clear_path(const struct sockaddr_un *sun)
{
	struct stat st;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int ret = 0;

	if (fd < 0)
		return -errno;
	if (!connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) ||
	    errno == EAGAIN)
		ret = -EADDRINUSE;
	else if (errno == ECONNREFUSED && !lstat(sun->sun_path, &st) &&
		 S_ISSOCK(st.st_mode) && unlink(sun->sun_path))
		ret = -errno;
	close(fd);
	return ret;
}

static int listen_at(struct vici *v)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = v };
	struct epoll_event over = { .events = EPOLLIN,
				    .data.ptr = &v->pause_fd };
	mode_t mask;
	int ret;

	if (strlen(v->opts.path) >= sizeof(sun.sun_path))
		return -ENAMETOOLONG;
	strcpy(sun.sun_path, v->opts.path);
	ret = clear_path(&sun);
	if (ret)
		return ret;
	v->listen_fd =
		socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (v->listen_fd < 0)
		return -errno;
	mask = umask(0117); /* never open wider than it will be */
	ret = bind(v->listen_fd, (struct sockaddr *)&sun, sizeof(sun)) ? -errno
								       : 0;
	umask(mask);
	if (!ret && (listen(v->listen_fd, 16) ||
		     epoll_ctl(v->epfd, EPOLL_CTL_ADD, v->listen_fd, &ev) ||
		     epoll_ctl(v->epfd, EPOLL_CTL_ADD, v->pause_fd, &over)))
		ret = -errno;
	return ret;
}

int vici_open(struct vici **vp, const struct vici_opts *opts, struct ike *ike,
	      struct ike_creds *creds)
{
	struct vici *v = calloc(1, sizeof(*v));
	int ret = 0;

	*vp = NULL;
	if (!v)
		return -ENOMEM;
	v->opts = *opts;
	v->ike = ike;
	v->creds = creds;
	v->listen_fd = -1;
	v->started = vici_now(v);
	v->started_wall = time(NULL);
	v->opts.path = strdup(opts->path);
	v->epfd = epoll_create1(EPOLL_CLOEXEC);
	v->pause_fd =
		timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (v->epfd < 0 || v->pause_fd < 0)
		ret = -errno;
	else if (!v->opts.path)
		ret = -ENOMEM;
	else
		ret = listen_at(v);
	if (ret) {
		if (v->listen_fd >= 0)
			close(v->listen_fd);
		if (v->epfd >= 0)
			close(v->epfd);
		if (v->pause_fd >= 0)
			close(v->pause_fd);
		free((char *)(uintptr_t)v->opts.path);
		free(v);
		return ret;
	}
	*vp = v;
	return 0;
}

void vici_close(struct vici *v)
{
	struct client *c;

	if (!v)
		return;
	for (c = v->clients; c; c = c->next) {
		client_flush(c);
		client_drop(c);
	}
	sweep(v);
	close(v->listen_fd);
	unlink(v->opts.path);
	close(v->pause_fd);
	close(v->epfd);
	names_free(&v->authorities);
	free(v->frame);
	free((char *)(uintptr_t)v->opts.path);
	free(v);
}

int vici_fd(const struct vici *v)
{
	return v->epfd;
}
