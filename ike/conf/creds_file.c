/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets of a swanctl.conf, and the folders of certificates and keys beside
 * it. A file that cannot be used is an error: a gateway that comes up without
 * one of its keys is worse than one that says which.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <openssl/crypto.h>
#include "conf/creds_file.h"

#define CRED_FILE_MAX (1 << 20) /* a CRL may be long */
#define SECRET_MAX 1024
#define OWNERS_MAX 64

enum kind { CERT, CA, CRL, KEY, NONE };
static const struct folder {
	const char *name;
	enum kind kind;
	const char *what;
} folders[] = {
	{ "x509", CERT, "" },
	{ "x509ca", CA, "" },
	{ "x509crl", CRL, "" },
	{ "private", KEY, "" },
	{ "rsa", KEY, "" },
	{ "ecdsa", KEY, "" },
	{ "pkcs8", KEY, "" },
	{ "x509ocsp", NONE, "certificates of OCSP responders" },
	{ "x509aa", NONE, "certificates of attribute authorities" },
	{ "x509ac", NONE, "attribute certificates" },
	{ "pkcs12", NONE, "PKCS#12 containers" },
	{ "pubkey", NONE, "bare public keys" },
	{ "bliss", NONE, "BLISS keys" },
};
#define FOLDERS (sizeof(folders) / sizeof(folders[0]))

static bool begins(const char *name, const char *with)
{
	return !strncmp(name, with, strlen(with));
}

static const struct folder *key_folder(const char *section)
{
	unsigned int i;

	for (i = 0; i < FOLDERS; i++)
		if (folders[i].kind == KEY && begins(section, folders[i].name))
			return &folders[i];
	return NULL;
}

/* ------------------------------------------------------------------ secrets */

static int load_psk(struct load *l, const struct section *s)
{
	struct ike_id *owners;
	const struct section *c;
	const char *text = NULL;
	uint8_t secret[SECRET_MAX];
	size_t len = sizeof(secret);
	unsigned int n = 0;
	int ret = 0;

	owners = calloc(OWNERS_MAX, sizeof(*owners));
	if (!owners)
		return -ENOMEM;
	for (c = s->child; c && !ret; c = c->next) {
		if (c->kind == SECTION_VALUE && !strcmp(c->name, "secret")) {
			text = section_text(s, "secret");
		} else if (c->kind == SECTION_VALUE && begins(c->name, "id")) {
			if (n == OWNERS_MAX)
				ret = load_error(l, c, c->name,
						 "more than %d identities",
						 OWNERS_MAX);
			else if (memchr(c->value, 0, c->len) ||
				 ike_id_from_text((char *)c->value,
						  &owners[n++]))
				ret = load_error(l, c, c->name,
						 "not an identity; allowed: an "
						 "address, a host name, an "
						 "e-mail address, a DN, @#hex "
						 "or %%any");
		} else {
			ret = load_error(l, c, c->name,
					 "unknown or unsupported; allowed: "
					 "secret, and id with any suffix");
		}
	}
	if (!ret && !text)
		ret = load_error(l, s, "secret",
				 "missing; allowed: text, 0x and hex digits, "
				 "0s and base64");
	if (!ret && (conf_secret(text, secret, &len) || !len))
		ret = load_error(l, section_find(s, "secret"), "secret",
				 "allowed: 1 to %d bytes as text, 0x and hex "
				 "digits, 0s and base64",
				 SECRET_MAX);
	if (!ret)
		ret = ike_creds_add_psk(l->creds, s->name, secret, len, owners,
					n);
	OPENSSL_cleanse(secret, sizeof(secret));
	free(owners);
	return ret;
}

/* "file" and the passphrase for it; used when the file is read. */
static int check_passphrase(struct load *l, const struct section *s,
			    const struct folder *f)
{
	const char *name = section_text(s, "file");
	const struct section *c;
	char path[PATH_MAX];
	struct stat st;

	for (c = s->child; c; c = c->next)
		if (strcmp(c->name, "file") && strcmp(c->name, "secret"))
			return load_error(l, c, c->name,
					  "unknown or unsupported; allowed: "
					  "file and secret");
	if (!name || !section_text(s, "secret"))
		return load_error(l, s, name ? "secret" : "file", "missing");
	if (snprintf(path, sizeof(path), "%s/%s/%s", l->dir, f->name, name) >=
		    (int)sizeof(path) ||
	    stat(path, &st))
		return load_error(l, section_find(s, "file"), "file",
				  "there is no \"%s\" in %s/%s", name, l->dir,
				  f->name);
	return 0;
}

int creds_load_secrets(struct load *l, const struct section *secrets)
{
	const struct folder *f;
	const struct section *s;
	int ret = 0;

	snprintf(l->path, sizeof(l->path), "secrets");
	for (s = secrets ? secrets->child : NULL; s && !ret; s = s->next) {
		f = key_folder(s->name);
		if (s->kind != SECTION_SECTION ||
		    (!begins(s->name, "ike") && !f))
			return load_error(l, s, s->name,
					  "unknown or unsupported; allowed: "
					  "sections ike, private, rsa, ecdsa "
					  "and pkcs8 with any suffix");
		snprintf(l->path, sizeof(l->path), "secrets.%s", s->name);
		ret = f ? check_passphrase(l, s, f) : load_psk(l, s);
		if (!ret)
			snprintf(l->path, sizeof(l->path), "secrets");
	}
	return ret;
}

/* ------------------------------------------------------------------ folders */

static const char *passphrase(const struct section *secrets,
			      const struct folder *f, const char *name)
{
	const struct section *s;
	const char *file;

	for (s = secrets ? secrets->child : NULL; s; s = s->next) {
		file = section_text(s, "file");
		if (key_folder(s->name) == f && file && !strcmp(file, name))
			return section_text(s, "secret");
	}
	return NULL;
}

static int load_file(struct load *l, const struct folder *f, const char *path,
		     const char *pass)
{
	char detail[384] = "";
	uint8_t *data;
	size_t len;
	int ret;

	if (f->kind == NONE) {
		snprintf(l->why, l->size, "%s: %s are not supported", path,
			 f->what);
		return -EINVAL;
	}
	ret = conf_read_whole(path, CRED_FILE_MAX, &data, &len);
	if (ret) {
		snprintf(l->why, l->size, "%s: %s", path, strerror(-ret));
		return ret;
	}
	if (f->kind == KEY)
		ret = ike_creds_add_key(l->creds, data, len, pass, NULL, detail,
					sizeof(detail));
	else if (f->kind == CRL)
		ret = ike_creds_add_crl(l->creds, data, len, detail,
					sizeof(detail));
	else
		ret = ike_creds_add_cert(l->creds, data, len, f->kind == CA,
					 detail, sizeof(detail));
	OPENSSL_cleanse(data, len);
	free(data);
	if (ret)
		snprintf(l->why, l->size, "%s: %s", path,
			 detail[0] ? detail : strerror(-ret));
	return ret;
}

static int no_dots(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

static int load_folder(struct load *l, const struct folder *f,
		       const struct section *secrets)
{
	char dir[PATH_MAX], path[PATH_MAX + NAME_MAX + 1];
	struct dirent **list;
	struct stat st;
	int n, i, ret = 0;

	if (snprintf(dir, sizeof(dir), "%s/%s", l->dir, f->name) >=
	    (int)sizeof(dir)) {
		snprintf(l->why, l->size, "%s: %s", l->dir,
			 strerror(ENAMETOOLONG));
		return -ENAMETOOLONG;
	}
	n = scandir(dir, &list, no_dots, alphasort);
	if (n < 0 && errno == ENOENT)
		return 0;
	if (n < 0) {
		ret = -errno;
		snprintf(l->why, l->size, "%s: %s", dir, strerror(-ret));
		return ret;
	}
	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, list[i]->d_name);
		if (!ret && (stat(path, &st) || S_ISREG(st.st_mode)))
			ret = load_file(
				l, f, path,
				passphrase(secrets, f, list[i]->d_name));
		free(list[i]);
	}
	free(list);
	return ret;
}

int creds_load_dirs(struct load *l, const struct section *secrets)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < FOLDERS && !ret; i++)
		ret = load_folder(l, &folders[i], secrets);
	return ret;
}
