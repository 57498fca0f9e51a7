/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates that a connection names: files, or the bytes themselves. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
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

/* SHA-1 over the DER form, as VICI names certificates. */
static int fingerprint(const uint8_t *data, size_t len, char hex[41])
{
	uint8_t md[EVP_MAX_MD_SIZE], *der = NULL;
	const uint8_t *p = data;
	unsigned int i, n = 0;
	X509 *x = NULL;
	BIO *bio;
	int size, ret = -EBADMSG;

	if (len > INT_MAX)
		return -EFBIG;
	ERR_set_mark();
	if (len && data[0] == 0x30) {
		x = d2i_X509(NULL, &p, (long)len);
	} else {
		bio = BIO_new_mem_buf(data, (int)len);
		if (bio)
			x = PEM_read_bio_X509(bio, NULL, NULL, NULL);
		BIO_free(bio);
	}
	size = x ? i2d_X509(x, &der) : -1;
	if (size > 0 &&
	    EVP_Digest(der, (size_t)size, md, &n, EVP_sha1(), NULL) == 1 &&
	    n == 20) {
		for (i = 0; i < n; i++)
			snprintf(hex + 2 * i, 3, "%02x", md[i]);
		ret = 0;
	}
	ERR_pop_to_mark();
	OPENSSL_free(der);
	X509_free(x);
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
	ret = fingerprint(data, len, hex);
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
