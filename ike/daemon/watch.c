// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>
#include "watch.h"

int watch_open(struct watch *w)
{
	w->n = 0;
	w->ep = epoll_create1(EPOLL_CLOEXEC);
	return w->ep < 0 ? -errno : 0;
}

void watch_close(struct watch *w)
{
	if (w->ep >= 0)
		close(w->ep);
	w->ep = -1;
}

static int control(struct watch *w, unsigned int i, int op)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.u32 = i };

	return epoll_ctl(w->ep, op, w->source[i].fd, &ev) ? -errno : 0;
}

int watch_add(struct watch *w, int fd, void (*ready)(void *arg), void *arg)
{
	if (fd < 0)
		return 0;
	if (w->n == WATCH_MAX)
		return -ENOSPC;
	w->source[w->n] = (struct watch_source){
		.fd = fd,
		.ready = ready,
		.arg = arg,
	};
	return control(w, w->n++, EPOLL_CTL_ADD);
}

int watch_pause(struct watch *w, int fd, bool pause)
{
	unsigned int i;

	if (fd < 0)
		return 0;
	for (i = 0; i < w->n && w->source[i].fd != fd; i++)
		;
	if (i == w->n)
		return -ENOENT;
	if (w->source[i].paused == pause)
		return 0;
	w->source[i].paused = pause;
	return control(w, i, pause ? EPOLL_CTL_DEL : EPOLL_CTL_ADD);
}

int watch_wait(struct watch *w, int ms)
{
	struct epoll_event ev[16];
	int n = epoll_wait(w->ep, ev, 16, ms);

	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	for (int i = 0; i < n; i++) {
		const struct watch_source *s = &w->source[ev[i].data.u32];

		if (s->ready)
			s->ready(s->arg);
	}
	return 0;
}
