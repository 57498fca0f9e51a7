/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: the VICI socket, so that the stock swanctl drives this daemon
 *
 * The protocol of strongSwan's src/libcharon/plugins/vici/README.md. A slow
 * or silent client never blocks the daemon: sockets are non-blocking, what is
 * owed is bounded, and who does not read is dropped.
 */
#ifndef IKE_VICI_VICI_H
#define IKE_VICI_VICI_H

#include <sys/epoll.h>
#include "conf/section.h"
#include "core/ike.h"

struct vici;

/**
 * struct vici_opts
 * @path: of the UNIX socket; made with mode 0660
 * @now: the clock of the core
 * @version: of the daemon, for "version"; may be NULL
 * @reload: read the daemon's own settings again; may be NULL
 * @log: a line of the socket's own; may be NULL
 */
struct vici_opts {
	const char *path;
	const char *version;
	uint64_t (*now)(void *ctx);
	int (*reload)(void *ctx);
	void (*log)(void *ctx, const char *line);
	void *ctx;
};

int vici_open(struct vici **vp, const struct vici_opts *opts, struct ike *ike,
	      struct ike_creds *creds);
void vici_close(struct vici *v);
/** vici_fd() - readable (level) when vici_dispatch() has something to do: an
 *  epoll of its own over the listener and the clients */
int vici_fd(const struct vici *v);
void vici_dispatch(struct vici *v);
/** vici_log() - to clients that registered for "log" */
void vici_log(struct vici *v, enum ike_log_level level, const struct ike_sa *sa,
	      const char *line);
/** vici_event() - ike-updown, child-updown, ike-rekey, child-rekey */
void vici_event(struct vici *v, const struct ike_event *ev);

/* codec.c: sections to and from the wire form */
int vici_decode(const uint8_t *msg, size_t len, struct section **out);
/** Return: bytes, or -EMSGSIZE */
int vici_encode(const struct section *s, uint8_t *out, size_t cap);

#endif /* IKE_VICI_VICI_H */
