// SPDX-License-Identifier: Apache-2.0
/*
 * A seccomp filter: what the daemon does once everything is open, and nothing
 * else. What is not on the list answers ENOSYS, as in a kernel that does not
 * know it: no new program, no new process, no trace of another, no memory that
 * can be executed, no socket but for routes, messages and clients.
 */
#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include "process.h"

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#endif

#ifndef ARCH
int process_sandbox(void)
{
	return -ENOTSUP;
}
#else

#define DATA(field) ((unsigned int)offsetof(struct seccomp_data, field))
#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, DATA(field))
#define EQUAL(v, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, v, yes, no)
#define SET(v, yes, no) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, v, yes, no)
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define DENY BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS)
#define CALL(name) EQUAL(__NR_##name, 0, 1), ALLOW

static struct sock_filter program[] = {
	LOAD(arch),
	EQUAL(ARCH, 1, 0),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	LOAD(nr),
	/* packets, sockets, timers */
	CALL(read),
	CALL(write),
	CALL(epoll_pwait),
	CALL(recvfrom),
	CALL(sendto),
	CALL(recvmsg),
	CALL(sendmsg),
	CALL(clock_gettime),
	CALL(timerfd_settime),
	CALL(epoll_ctl),
	CALL(getrandom),
	CALL(ppoll),
	CALL(readv),
	CALL(writev),
	CALL(accept4),
	CALL(accept),
	CALL(connect),
	CALL(getsockname),
	CALL(getsockopt),
	CALL(setsockopt),
	CALL(shutdown),
	CALL(close),
	CALL(fcntl),
	/* memory */
	CALL(brk),
	CALL(munmap),
	CALL(mremap),
	CALL(madvise),
	CALL(futex),
	/* files: swanctl.conf again, statistics, key tables, captures */
	CALL(openat),
	CALL(fstat),
	CALL(newfstatat),
	CALL(lseek),
	CALL(pread64),
	CALL(getdents64),
	CALL(renameat),
	CALL(unlinkat),
	CALL(faccessat),
	CALL(ftruncate),
	/* what the C library does by itself, and the end */
	CALL(rt_sigprocmask),
	CALL(rt_sigaction),
	CALL(rt_sigreturn),
	CALL(restart_syscall),
	CALL(getpid),
	CALL(gettid),
	CALL(tgkill),
	CALL(geteuid),
	CALL(getuid),
	CALL(getegid),
	CALL(getgid),
	CALL(clock_nanosleep),
	CALL(sched_yield),
	CALL(exit),
	CALL(exit_group),
#ifdef __NR_open /* older calls that only some machines have */
	CALL(epoll_wait),
	CALL(poll),
	CALL(open),
	CALL(stat),
	CALL(lstat),
	CALL(access),
	CALL(rename),
	CALL(unlink),
	CALL(time),
	CALL(gettimeofday),
#endif
	/* mmap and mprotect: nothing that can be executed */
	EQUAL(__NR_mmap, 1, 0),
	EQUAL(__NR_mprotect, 0, 4),
	LOAD(args[2]),
	SET(PROT_EXEC, 0, 1),
	DENY,
	ALLOW,
	/* socket: a route is looked up, syslog is found again */
	EQUAL(__NR_socket, 0, 5),
	LOAD(args[0]),
	EQUAL(AF_INET, 2, 0),
	EQUAL(AF_INET6, 1, 0),
	EQUAL(AF_UNIX, 0, 1),
	ALLOW,
	DENY,
};

int process_sandbox(void)
{
	const struct sock_fprog prog = {
		.len = sizeof(program) / sizeof(program[0]),
		.filter = program,
	};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog))
		return -errno;
	return 0;
}
#endif
