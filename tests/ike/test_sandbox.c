// SPDX-License-Identifier: Apache-2.0
/* What the system call filter of the daemon leaves, and what it does not. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include "process.h"
#include "suite.h"

/* Runs @f in a process with the filter; true if it returned true. */
static bool inside(bool (*f)(void))
{
	int status;
	pid_t pid = fork();

	MUST(pid >= 0);
	if (!pid) {
		int ret = process_sandbox();

		_exit(ret == -ENOTSUP ? 77 : ret ? 2 : f() ? 0 : 1);
	}
	MUST(waitpid(pid, &status, 0) == pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		suite_skip("no filter for this kind of machine");
		return true;
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool no_process(void)
{
	return fork() < 0 && errno == ENOSYS;
}

static bool no_program(void)
{
	execl("/bin/true", "true", (char *)NULL);
	return errno == ENOSYS;
}

static bool no_other(void)
{
	return kill(getppid(), 0) < 0 &&
	       ptrace(PTRACE_ATTACH, getppid(), 0, 0) < 0 && errno == ENOSYS;
}

static bool no_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p != MAP_FAILED &&
	       mprotect(p, 4096, PROT_READ | PROT_EXEC) < 0 &&
	       !mprotect(p, 4096, PROT_READ) &&
	       mmap(NULL, 4096, PROT_READ | PROT_EXEC,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED;
}

static bool few_sockets(void)
{
	return socket(AF_PACKET, SOCK_RAW, 0) < 0 && errno == ENOSYS &&
	       socket(AF_NETLINK, SOCK_RAW, 0) < 0 && errno == ENOSYS &&
	       socket(AF_INET, SOCK_DGRAM, 0) >= 0 &&
	       socket(AF_UNIX, SOCK_DGRAM, 0) >= 0;
}

static bool no_identity(void)
{
	return setresuid(1, 1, 1) < 0 && errno == ENOSYS && chroot("/") < 0 &&
	       errno == ENOSYS;
}

static bool files(void)
{
	char buf[16];
	FILE *f = fopen("/proc/self/stat", "r");
	void *p = malloc(1 << 24);

	return f && fgets(buf, sizeof(buf), f) && !fclose(f) && p;
}

static void promise_7_little_is_left(void)
{
	EXPECT(inside(no_process));
	EXPECT(inside(no_program));
	EXPECT(inside(no_other));
	EXPECT(inside(no_code));
	EXPECT(inside(few_sockets));
	EXPECT(inside(no_identity));
}

static void enough_is_left(void)
{
	EXPECT(inside(files));
}

static const struct test_case cases[] = {
	{ "promise_7_little_is_left", promise_7_little_is_left },
	{ "enough_is_left", enough_is_left },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	return suite_run("test_sandbox", cases, argc, argv);
}
