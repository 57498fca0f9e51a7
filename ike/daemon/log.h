/* SPDX-License-Identifier: Apache-2.0 */
/* Where lines go: stderr, or syslog once asked for. */
#ifndef ESPALIERD_LOG_H
#define ESPALIERD_LOG_H

/** log_open_syslog() - from now on lines go to syslog, facility daemon */
void log_open_syslog(void);
/** say() - "@what: strerror(@err)", or @what alone when @err is 0 */
void say(const char *what, int err);
void sayf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif /* ESPALIERD_LOG_H */
