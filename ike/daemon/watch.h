/* SPDX-License-Identifier: Apache-2.0 */
/* The descriptors that the daemon sleeps on, and what each one wakes. */
#ifndef ESPALIERD_WATCH_H
#define ESPALIERD_WATCH_H

#include <stdbool.h>

#define WATCH_MAX 64

struct watch {
	int ep;
	unsigned int n;
	struct watch_source {
		int fd;
		bool paused;
		void (*ready)(void *arg); /* NULL: waking up is enough */
		void *arg;
	} source[WATCH_MAX];
};

/* All return 0 or a negative errno. */
int watch_open(struct watch *w);
void watch_close(struct watch *w);
/** watch_add() - a descriptor below 0 is one that there is not: nothing done */
int watch_add(struct watch *w, int fd, void (*ready)(void *arg), void *arg);
/** watch_pause() - do not wake for @fd, or do so again */
int watch_pause(struct watch *w, int fd, bool pause);
/** watch_wait() - sleep and dispatch; @ms -1: for ever */
int watch_wait(struct watch *w, int ms);

#endif /* ESPALIERD_WATCH_H */
