/* SPDX-License-Identifier: Apache-2.0 */
/* What a service owes the system: identity, readiness, process id. */
#ifndef ESPALIERD_PROCESS_H
#define ESPALIERD_PROCESS_H

/* All return 0 or a negative errno. */

/**
 * process_become() - drop to user @name, with that user's groups and no
 * capability, for good. @keep: files that the user has to be able to remove
 * later (sockets), up to a NULL
 */
int process_become(const char *name, const char *const keep[]);
/** process_sandbox() - from now on only the system calls of the loop are
 *  answered (sandbox.c); -ENOTSUP: not on this kind of machine */
int process_sandbox(void);
/** process_write_pid() - @path NULL: nowhere */
int process_write_pid(const char *path);
/** process_notify() - tell systemd (sd_notify(3)), when it has started us */
void process_notify(const char *state);

#endif /* ESPALIERD_PROCESS_H */
