// SPDX-License-Identifier: Apache-2.0
/*
 * DIR/esp_sa has the eight fields of Wireshark's "esp_sa" table. Without a
 * call of keytab_open() nothing is written anywhere.
 *
 * Wireshark 4.0 decrypts SAs with extended sequence numbers, but cannot check
 * their ICV: the high half of the number is not on the wire.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "config.h"
#include "keytab.h"

static int fd = -1;

int keytab_open(const char *dir)
{
	char path[4096];

	if (snprintf(path, sizeof(path), "%s/esp_sa", dir) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	return fd < 0 ? -errno : 0;
}

int keytab_add(const struct espalier_sa *sa)
{
	char src[64], dst[64], hex[2 * sizeof(sa->key) + 1], line[512];
	static const char digits[] = "0123456789abcdef";
	int n, ret = 0;

	if (fd < 0)
		return 0;
	for (unsigned int i = 0; i < sa->key_len; i++) {
		hex[2 * i] = digits[sa->key[i] >> 4];
		hex[2 * i + 1] = digits[sa->key[i] & 15];
	}
	hex[2 * sa->key_len] = '\0';
	n = snprintf(line, sizeof(line),
		     "\"%s\",\"%s\",\"%s\",\"0x%08x\","
		     "\"AES-GCM with %u octet ICV [RFC4106]\",\"0x%s\","
		     "\"NULL\",\"\"\n",
		     sa->dst.family == AF_INET ? "IPv4" : "IPv6",
		     text_from_addr(&sa->src, src, sizeof(src)),
		     text_from_addr(&sa->dst, dst, sizeof(dst)), sa->spi,
		     sa->icv_len, hex);
	if (write(fd, line, (size_t)n) != n)
		ret = -EIO;
	explicit_bzero(hex, sizeof(hex));
	explicit_bzero(line, sizeof(line));
	return ret;
}

void keytab_close(void)
{
	if (fd >= 0)
		close(fd);
	fd = -1;
}
