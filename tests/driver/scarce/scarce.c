// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "scarce.h"

static struct {
	bool armed, for_good;
	unsigned int left;
	const char *name;
	/* since the last scarce_arm() */
	const char *names[32];
	bool errs[256];
	unsigned int n;
} next;

static struct scarce_held held;

void scarce_arm(unsigned int nth, bool for_good)
{
	next.armed = true;
	next.for_good = for_good;
	next.left = nth;
	next.name = NULL;
	next.n = 0;
	memset(next.errs, 0, sizeof(next.errs));
}

const char *scarce_disarm(void)
{
	next.armed = false;
	return next.name;
}

bool scarce_was(int err)
{
	return err > 0 && err < 256 && next.errs[err];
}

bool scarce_failed(const char *name)
{
	unsigned int i;

	for (i = 0; i < next.n; i++)
		if (!strcmp(next.names[i], name))
			return true;
	return false;
}

struct scarce_held scarce_held(void)
{
	return held;
}

static bool fails(const char *name, int err)
{
	if (!next.armed)
		return false;
	if (next.name ? !next.for_good : next.left-- > 0)
		return false;
	if (!next.name)
		next.name = name;
	if (next.n < 32 && !scarce_failed(name))
		next.names[next.n++] = name;
	next.errs[err] = true;
	errno = err;
	return true;
}

/* ---------------------------------------------------------------- memory */

void *scarce_malloc(size_t size)
{
	void *p = fails("malloc", ENOMEM) ? NULL : malloc(size);

	held.blocks += p != NULL;
	return p;
}

void *scarce_calloc(size_t n, size_t size)
{
	void *p = fails("calloc", ENOMEM) ? NULL : calloc(n, size);

	held.blocks += p != NULL;
	return p;
}

void *scarce_aligned_alloc(size_t align, size_t size)
{
	void *p = fails("aligned_alloc", ENOMEM) ? NULL
						 : aligned_alloc(align, size);

	held.blocks += p != NULL;
	return p;
}

void scarce_free(void *p)
{
	held.blocks -= p != NULL;
	free(p);
}

void *scarce_mmap(void *addr, size_t len, int prot, int flags, int fd,
		  off_t off)
{
	void *p = fails("mmap", ENOMEM) ? MAP_FAILED
					: mmap(addr, len, prot, flags, fd, off);

	held.maps += p != MAP_FAILED;
	return p;
}

int scarce_munmap(void *addr, size_t len)
{
	held.maps--;
	return munmap(addr, len);
}

/* ----------------------------------------------------------- descriptors */

static int fd_made(int fd)
{
	held.fds += fd >= 0;
	return fd;
}

int scarce_open(const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = flags & O_CREAT ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	return fails("open", EMFILE) ? -1 : fd_made(open(path, flags, mode));
}

int scarce_eventfd(unsigned int count, int flags)
{
	return fails("eventfd", EMFILE) ? -1 : fd_made(eventfd(count, flags));
}

int scarce_socket(int domain, int type, int proto)
{
	return fails("socket", EMFILE) ? -1
				       : fd_made(socket(domain, type, proto));
}

int scarce_accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags)
{
	return fails("accept4", EMFILE)
		       ? -1
		       : fd_made(accept4(fd, addr, len, flags));
}

int scarce_epoll_create1(int flags)
{
	return fails("epoll_create1", EMFILE) ? -1
					      : fd_made(epoll_create1(flags));
}

int scarce_close(int fd)
{
	held.fds--;
	return close(fd);
}

/* ------------------------------------------------------------ other calls */

ssize_t scarce_read(int fd, void *buf, size_t n)
{
	return fails("read", EIO) ? -1 : read(fd, buf, n);
}

ssize_t scarce_write(int fd, const void *buf, size_t n)
{
	return fails("write", EIO) ? -1 : write(fd, buf, n);
}

ssize_t scarce_recv(int fd, void *buf, size_t n, int flags)
{
	return fails("recv", ECONNRESET) ? -1 : recv(fd, buf, n, flags);
}

ssize_t scarce_send(int fd, const void *buf, size_t n, int flags)
{
	return fails("send", EPIPE) ? -1 : send(fd, buf, n, flags);
}

int scarce_bind(int fd, const struct sockaddr *addr, socklen_t len)
{
	return fails("bind", EACCES) ? -1 : bind(fd, addr, len);
}

int scarce_listen(int fd, int backlog)
{
	return fails("listen", ENOBUFS) ? -1 : listen(fd, backlog);
}

int scarce_epoll_ctl(int epfd, int op, int fd, struct epoll_event *ev)
{
	return fails("epoll_ctl", ENOSPC) ? -1 : epoll_ctl(epfd, op, fd, ev);
}

int scarce_epoll_wait(int epfd, struct epoll_event *ev, int n, int timeout)
{
	return fails("epoll_wait", EBADF) ? -1
					  : epoll_wait(epfd, ev, n, timeout);
}

int scarce_unlink(const char *path)
{
	return fails("unlink", EPERM) ? -1 : unlink(path);
}

int scarce_lstat(const char *path, struct stat *st)
{
	return fails("lstat", EACCES) ? -1 : lstat(path, st);
}
