// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include "log.h"

static bool to_syslog;

void log_open_syslog(void)
{
	openlog("espalierd", LOG_PID, LOG_DAEMON);
	to_syslog = true;
}

static void line(const char *text)
{
	if (to_syslog)
		syslog(LOG_NOTICE, "%s", text);
	else
		fprintf(stderr, "espalierd: %s\n", text);
}

void say(const char *what, int err)
{
	if (err)
		sayf("%s: %s", what, strerror(abs(err)));
	else
		line(what);
}

void sayf(const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	line(text);
}
