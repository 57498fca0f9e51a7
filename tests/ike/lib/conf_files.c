/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include "conf_files.h"
#include "suite.h"

static char dir[64];

static int rm_one(const char *path, const struct stat *st, int type,
		  struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void rm_dir(void)
{
	nftw(dir, rm_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "conf_files: %s: %s\n", what, strerror(errno));
	exit(1);
}

const char *conf_dir(void)
{
	if (!dir[0]) {
		snprintf(dir, sizeof(dir), "/tmp/espalier-conf-XXXXXX");
		must(mkdtemp(dir), "mkdtemp");
		atexit(rm_dir);
	}
	return dir;
}

const char *conf_write(const char *name, const void *data, size_t len)
{
	static char paths[4][512];
	static unsigned int turn;
	char *path = paths[turn++ % 4], *slash;
	FILE *f;

	snprintf(path, sizeof(paths[0]), "%s/%s", conf_dir(), name);
	for (slash = strchr(path + strlen(conf_dir()) + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = 0;
		must(!mkdir(path, 0700) || errno == EEXIST, path);
		*slash = '/';
	}
	f = fopen(path, "w");
	must(f && fwrite(data, 1, len, f) == len && !fclose(f), path);
	return path;
}

struct section *conf_text(const char *text, char *why, size_t size)
{
	const char *path = conf_write("swanctl.conf", text, strlen(text));
	struct section *s;

	return section_read_file(path, &s, why, size) ? NULL : s;
}

struct conn *conf_conn(const char *text, struct ike_creds *creds, char *why,
		       size_t size)
{
	struct section *root = conf_text(text, why, size);
	const struct section *conns = section_find(root, "connections");
	struct conn *conn = NULL;

	if (conns && conns->child)
		conn_load(conns->child, creds, conf_dir(), &conn, why, size);
	section_free(root);
	return conn;
}

static char *pem_of(BIO *bio)
{
	char *p, *out;
	long len = BIO_get_mem_data(bio, &p);

	out = strndup(p, (size_t)len);
	BIO_free(bio);
	return out;
}

void conf_cert(const char *name, bool ca, char **cert_pem, char **key_pem)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509_EXTENSION *ext;
	X509 *x = X509_new();
	BIO *bio;

	must(key && x, "certificate");
	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), -3600);
	X509_gmtime_adj(X509_getm_notAfter(x), 86400);
	X509_set_pubkey(x, key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN",
				   MBSTRING_UTF8, (const unsigned char *)name,
				   -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(x));
	ext = X509V3_EXT_conf_nid(NULL, NULL, NID_basic_constraints,
				  ca ? "critical,CA:TRUE" : "CA:FALSE");
	must(ext && X509_add_ext(x, ext, -1), "extension");
	X509_EXTENSION_free(ext);
	must(X509_sign(x, key, EVP_sha256()) > 0, "signature");
	bio = BIO_new(BIO_s_mem());
	must(PEM_write_bio_X509(bio, x), "PEM");
	*cert_pem = pem_of(bio);
	bio = BIO_new(BIO_s_mem());
	must(PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL),
	     "PEM");
	*key_pem = pem_of(bio);
	X509_free(x);
	EVP_PKEY_free(key);
}

unsigned char *conf_der(const char *pem, size_t *len)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	X509 *x = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	unsigned char *der = NULL, *out;
	int n = i2d_X509(x, &der);

	must(n > 0, "DER");
	out = malloc((size_t)n);
	memcpy(out, der, (size_t)n);
	OPENSSL_free(der);
	X509_free(x);
	BIO_free(bio);
	*len = (size_t)n;
	return out;
}

void conf_why(const char *why, int line, const char *a, const char *b)
{
	char where[600];
	bool ok;

	snprintf(where, sizeof(where), "%s/swanctl.conf:%d: ", conf_dir(),
		 line);
	ok = !strncmp(why, where, strlen(where)) && strstr(why, a) &&
	     strstr(why, b);
	if (!ok)
		printf("\n    got:  %s\n    want: %s... \"%s\" \"%s\"\n", why,
		       where, a, b);
	CU_ASSERT(ok);
}
