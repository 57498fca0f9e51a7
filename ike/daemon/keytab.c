// SPDX-License-Identifier: Apache-2.0
/*
 * A line of DIR/esp_sa has the eight fields of Wireshark's "esp_sa" table, one
 * of DIR/ikev2_decryption_table those of the table of that name. Without a
 * call of keytab_open() nothing is written anywhere.
 *
 * Wireshark 4.0 decrypts SAs with extended sequence numbers, but cannot check
 * their ICV: the high half of the number is not on the wire.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "keytab.h"
#include "wire/ids.h"
#include "wire/text.h"

static int esp_fd = -1, ike_fd = -1;

static int create(const char *dir, const char *name)
{
	char path[4096];
	int fd;

	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >=
	    (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	return fd < 0 ? -errno : fd;
}

int keytab_open(const char *dir, bool ike)
{
	esp_fd = create(dir, "esp_sa");
	if (esp_fd >= 0 && ike)
		ike_fd = create(dir, "ikev2_decryption_table");
	return esp_fd < 0 ? esp_fd : ike && ike_fd < 0 ? ike_fd : 0;
}

static const char *hex(const uint8_t *p, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		out[2 * i] = digits[p[i] >> 4];
		out[2 * i + 1] = digits[p[i] & 15];
	}
	out[2 * len] = '\0';
	return out;
}

static int put(int fd, char *line, size_t size, int n)
{
	int ret = n > 0 && (size_t)n < size && write(fd, line, (size_t)n) == n
			  ? 0
			  : -EIO;

	explicit_bzero(line, size);
	return ret;
}

int keytab_add(const struct espalier_sa *sa)
{
	char src[64], dst[64], key[2 * sizeof(sa->key) + 1], line[512];
	int n;

	if (esp_fd < 0)
		return 0;
	n = snprintf(line, sizeof(line),
		     "\"%s\",\"%s\",\"%s\",\"0x%08x\","
		     "\"AES-GCM with %u octet ICV [RFC4106]\",\"0x%s\","
		     "\"NULL\",\"\"\n",
		     sa->dst.family == AF_INET ? "IPv4" : "IPv6",
		     addr_text(&sa->src, src, sizeof(src)),
		     addr_text(&sa->dst, dst, sizeof(dst)), sa->spi,
		     sa->icv_len, hex(sa->key, sa->key_len, key));
	explicit_bzero(key, sizeof(key));
	return put(esp_fd, line, sizeof(line), n);
}

/* As Wireshark calls it; false: it has no name for it. */
static bool encr_name(const struct ike_suite *s, char *out, size_t size)
{
	switch (s->encr) {
	case ENCR_AES_CBC:
		snprintf(out, size, "AES-CBC-%u [RFC3602]", s->encr_bits);
		return true;
	case ENCR_AES_GCM_8:
	case ENCR_AES_GCM_12:
	case ENCR_AES_GCM_16:
		snprintf(out, size, "AES-GCM-%u with %u octet ICV [RFC5282]",
			 s->encr_bits, s->icv_len);
		return true;
	default:
		return false;
	}
}

static const char *integ_name(const struct ike_suite *s)
{
	switch (s->aead ? INTEG_NONE : s->integ) {
	case INTEG_NONE:
		return "NONE [RFC4306]";
	case INTEG_HMAC_SHA1_96:
		return "HMAC_SHA1_96 [RFC2404]";
	case INTEG_HMAC_SHA2_256_128:
		return "HMAC_SHA2_256_128 [RFC4868]";
	case INTEG_HMAC_SHA2_384_192:
		return "HMAC_SHA2_384_192 [RFC4868]";
	case INTEG_HMAC_SHA2_512_256:
		return "HMAC_SHA2_512_256 [RFC4868]";
	default:
		return NULL;
	}
}

int keytab_add_ike(uint64_t spi_i, uint64_t spi_r, const struct ike_keys *keys)
{
	const struct ike_suite *s = &keys->suite;
	const size_t integ_len = s->aead ? 0 : s->integ_key_len;
	char ei[2 * IKE_KEY_MAX + 1], er[2 * IKE_KEY_MAX + 1];
	char ai[2 * IKE_KEY_MAX + 1], ar[2 * IKE_KEY_MAX + 1];
	const char *integ = integ_name(s);
	char encr[64], line[1024];
	int n;

	if (ike_fd < 0)
		return 0;
	if (!encr_name(s, encr, sizeof(encr)) || !integ)
		n = snprintf(line, sizeof(line),
			     "# %016" PRIx64 ",%016" PRIx64
			     ": no name for encryption %u, integrity %u\n",
			     spi_i, spi_r, s->encr, s->integ);
	else
		n = snprintf(line, sizeof(line),
			     "%016" PRIx64 ",%016" PRIx64
			     ",%s,%s,\"%s\",%s,%s,\"%s\"\n",
			     spi_i, spi_r, hex(keys->ei, s->key_len, ei),
			     hex(keys->er, s->key_len, er), encr,
			     hex(keys->ai, integ_len, ai),
			     hex(keys->ar, integ_len, ar), integ);
	explicit_bzero(ei, sizeof(ei));
	explicit_bzero(er, sizeof(er));
	explicit_bzero(ai, sizeof(ai));
	explicit_bzero(ar, sizeof(ar));
	return put(ike_fd, line, sizeof(line), n);
}

void keytab_close(void)
{
	if (esp_fd >= 0)
		close(esp_fd);
	if (ike_fd >= 0)
		close(ike_fd);
	esp_fd = ike_fd = -1;
}
