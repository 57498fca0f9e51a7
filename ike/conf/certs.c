/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates that a connection names: files, or the bytes themselves. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <openssl/crypto.h>
#include "conf/load.h"

#define CERT_MAX 65535

int conf_read_whole(const char *path, size_t cap, uint8_t **data, size_t *len)
{
	struct stat st;
	FILE *f = fopen(path, "re");
	int ret = 0;

	*data = NULL;
	*len = 0;
	if (!f)
		return -errno;
	if (fstat(fileno(f), &st))
		ret = -errno;
	else if (!S_ISREG(st.st_mode))
		ret = -EINVAL;
	else
		*data = malloc(cap + 1);
	if (!ret && !*data)
		ret = -ENOMEM;
	if (!ret) {
		setvbuf(f, NULL, _IONBF, 0);
		*len = fread(*data, 1, cap + 1, f);
		if (ferror(f))
			ret = -EIO;
		else if (*len > cap)
			ret = -EFBIG;
	}
	fclose(f);
	if (ret && *data) {
		OPENSSL_cleanse(*data, *len);
		free(*data);
		*data = NULL;
	}
	return ret;
}

int conf_read_cert(struct ike_creds *creds, const char *dir, const char *sub,
		   bool ca, const char *text, size_t len, char (**list)[41],
		   unsigned int *n, char *detail, size_t size)
{
	const uint8_t *data = (const uint8_t *)text;
	uint8_t *file = NULL;
	char path[PATH_MAX], hex[41];
	char(*more)[41];
	int ret;

	if (dir) {
		if (memchr(text, 0, len))
			return -EINVAL;
		if (text[0] == '/')
			ret = snprintf(path, sizeof(path), "%s", text);
		else
			ret = snprintf(path, sizeof(path), "%s/%s/%s", dir, sub,
				       text);
		if (ret < 0 || (size_t)ret >= sizeof(path))
			return -ENAMETOOLONG;
		ret = conf_read_whole(path, CERT_MAX, &file, &len);
		if (ret) {
			snprintf(detail, size, "cannot read \"%s\": %s", path,
				 strerror(-ret));
			return ret;
		}
		data = file;
	}
	ret = ike_creds_cert_handle(data, len, hex);
	if (ret) {
		snprintf(detail, size,
			 "%s%s%sis not an X.509 certificate in DER or PEM",
			 dir ? "\"" : "", dir ? path : "", dir ? "\" " : "");
		goto out;
	}
	if (creds)
		ret = ike_creds_add_cert(creds, data, len, ca, detail, size);
	if (ret || !list)
		goto out;
	more = realloc(*list, (*n + 1) * sizeof(**list));
	if (!more) {
		ret = -ENOMEM;
		goto out;
	}
	memcpy(more[*n], hex, sizeof(hex));
	*list = more;
	++*n;
out:
	free(file);
	return ret;
}

int read_certs(struct load *l, const struct key *k, void *obj, const char *text,
	       size_t len, char *detail, size_t size)
{
	struct ike_auth_conf *a = obj;

	(void)k;
	return conf_read_cert(l->creds, l->dir, "x509", false, text, len,
			      &a->certs, &a->ncerts, detail, size);
}

int read_cacerts(struct load *l, const struct key *k, void *obj,
		 const char *text, size_t len, char *detail, size_t size)
{
	struct ike_auth_conf *a = obj;

	(void)k;
	return conf_read_cert(l->creds, l->dir, "x509ca", true, text, len,
			      &a->cacerts, &a->ncacerts, detail, size);
}
