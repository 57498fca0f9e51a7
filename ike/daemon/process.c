// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "log.h"
#include "process.h"

int process_become(const char *name, const char *const keep[])
{
	const struct passwd *pw;
	int ret;

	errno = 0;
	pw = getpwnam(name);
	if (!pw) {
		ret = errno ? -errno : -ENOENT;
		sayf("--user %s: %s", name,
		     errno ? strerror(errno) : "no such user");
		return ret;
	}
	for (; *keep; keep++)
		if (chown(*keep, pw->pw_uid, pw->pw_gid))
			say(*keep, errno);
	/* leaving user 0 takes all capabilities along (capabilities(7)) */
	if (initgroups(name, pw->pw_gid) ||
	    setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) ||
	    setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) {
		ret = -errno;
		sayf("--user %s: %s", name, strerror(-ret));
		return ret;
	}
	return 0;
}

int process_write_pid(const char *path)
{
	FILE *f = path ? fopen(path, "w") : NULL;

	if (!path)
		return 0;
	if (!f || fprintf(f, "%d\n", (int)getpid()) < 0 || fclose(f))
		return -errno;
	return 0;
}

void process_notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	size_t len = path ? strlen(path) : 0;
	int fd;

	if (!len || len >= sizeof(sa.sun_path))
		return;
	memcpy(sa.sun_path, path, len);
	if (path[0] == '@') /* an abstract name */
		sa.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (sendto(fd, state, strlen(state), MSG_NOSIGNAL,
		   (struct sockaddr *)&sa,
		   (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) <
	    0)
		say("NOTIFY_SOCKET", errno);
	close(fd);
}
