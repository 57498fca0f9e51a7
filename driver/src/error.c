// SPDX-License-Identifier: Apache-2.0
/* Sentences that explain a refusal. */
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include "internal.h"

int espi_fail(struct espalier_err *err, int code, const char *fmt, ...)
{
	va_list ap;
	char *p;

	if (!err)
		return code;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	/* A blob may put anything into a name; a sentence is one line. */
	for (p = err->text; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	return code;
}

const char *espi_addr_text(const struct espalier_addr *addr, char buf[64])
{
	if (!inet_ntop(addr->family, addr->bytes, buf, 64))
		snprintf(buf, 64, "(family %d)", addr->family);
	return buf;
}

const char *espalier_error(const struct espalier_dev *dev)
{
	return dev ? dev->err.text : "";
}

const char *espalier_version(void)
{
	return ESPALIER_VERSION_TEXT;
}
