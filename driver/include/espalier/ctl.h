/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: the control socket
 *
 * The process that owns a device serves espctl and its like on a UNIX stream
 * socket. A request is a line with a JSON object, `{"cmd": "sa.list"}`, and so
 * is its answer: `{"ok": true, "result": ...}` or `{"ok": false, "errno":
 * "EINVAL", "error": "sentence"}`; "id" of the request comes back with it.
 * After "monitor" there come lines `{"event": ...}` as well.
 *
 * Keys never stand in JSON, so that no copy of them stays in a parser: a line
 * `key HEX` goes before the request "sa.add", and lines `key HANDLE HEX` come
 * before the answer to "sa.list" and "sa.get" with "keys": true.
 */
#ifndef ESPALIER_CTL_H
#define ESPALIER_CTL_H

#include <stdbool.h>
#include <espalier/espalier.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ESPALIER_CTL_PATH "/run/espalier/ctl.sock"
#define ESPALIER_CTL_LINE_MAX 65536 /* bytes of a request */
#define ESPALIER_CTL_CLIENTS_MAX 16 /* at a time; one more is told so */

struct espalier_ctl;

/**
 * struct espalier_ctl_opts - how to serve
 * @path: of the socket, made with permission 0600; NULL: ESPALIER_CTL_PATH
 * @read_only: requests that change anything answer EPERM
 * @key: gives out the key of an SA (with its salt, up to 36 bytes) and returns
 *       its length, or a negative errno; NULL: keys are never shown. The
 *       library has none itself.
 * @arg: given to @key
 */
struct espalier_ctl_opts {
	const char *path;
	bool read_only;
	int (*key)(void *arg, uint32_t handle, uint8_t key[36]);
	void *arg;
};

int espalier_ctl_open(struct espalier_dev *dev,
		      const struct espalier_ctl_opts *opts,
		      struct espalier_ctl **ctlp, struct espalier_err *err);
/** espalier_ctl_fd() - readable when espalier_ctl_dispatch() has work */
int espalier_ctl_fd(const struct espalier_ctl *ctl);
/** espalier_ctl_dispatch() - serve what has come; never blocks. Call it from
 *  the thread that makes the device's other calls. A negative errno: somebody
 *  was turned away, with a sentence (-EUSERS: clients enough, -EMFILE, -ENOMEM
 *  ...); the others were served. */
int espalier_ctl_dispatch(struct espalier_ctl *ctl);
/** espalier_ctl_event() - pass on what espalier_event_get() gave */
void espalier_ctl_event(struct espalier_ctl *ctl,
			const struct espalier_event *ev);
/** espalier_ctl_close() - removes the socket */
void espalier_ctl_close(struct espalier_ctl *ctl);

#ifdef __cplusplus
}
#endif
#endif /* ESPALIER_CTL_H */
