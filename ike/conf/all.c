/* SPDX-License-Identifier: Apache-2.0 */
/* A whole swanctl.conf with what lies beside it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "conf/creds_file.h"

int conf_load_authority(const struct section *s, struct ike_creds *creds,
			const char *dir, char *why, size_t size)
{
	struct load l = {
		.creds = creds, .dir = dir, .why = why, .size = size
	};
	const struct section *c, *cert = NULL;
	char detail[384] = "";
	int ret;

	snprintf(l.path, sizeof(l.path), "authorities.%s",
		 s->name ? s->name : "");
	if (s->kind != SECTION_SECTION)
		return load_error(&l, s, NULL, "a section is expected");
	for (c = s->child; c; c = c->next) {
		/* Empty lists of addresses ask for nothing. */
		if (c->kind == SECTION_LIST && !c->child)
			continue;
		if (c->kind != SECTION_VALUE || strcmp(c->name, "cacert"))
			return load_error(&l, c, c->name,
					  "unknown or unsupported; allowed: "
					  "cacert");
		cert = c;
	}
	if (!cert)
		return load_error(&l, s, "cacert", "missing");
	ret = conf_read_cert(creds, dir, "x509ca", true,
			     (const char *)cert->value, cert->len, NULL, NULL,
			     detail, sizeof(detail));
	if (ret && ret != -ENOMEM)
		return load_error(&l, cert, "cacert", "%s",
				  detail[0] ? detail : strerror(-ret));
	return ret;
}

struct list {
	struct conn *first, **tail;
	int n;
};

static void drop(struct list *list)
{
	struct conn *c, *next;

	for (c = list->first; c; c = next) {
		next = c->next;
		c->next = NULL;
		conn_put(c);
	}
	list->first = NULL;
	list->tail = &list->first;
	list->n = 0;
}

static int load_conns(struct load *l, const struct section *conns,
		      struct list *list)
{
	const struct section *s;
	struct conn *c;
	int ret;

	for (s = conns ? conns->child : NULL; s; s = s->next) {
		ret = conn_load(s, l->creds, l->dir, &c, l->why, l->size);
		if (ret)
			return ret;
		*list->tail = c;
		list->tail = &c->next;
		list->n++;
	}
	return 0;
}

/* Credentials into l->creds, connections into @list. */
static int load(struct load *l, const struct section *root, struct list *list)
{
	const struct section *s, *secrets = section_find(root, "secrets");
	int ret;

	ret = creds_load_dirs(l, secrets);
	if (!ret)
		ret = creds_load_secrets(l, secrets);
	s = section_find(root, "authorities");
	for (s = s ? s->child : NULL; s && !ret; s = s->next)
		ret = conf_load_authority(s, l->creds, l->dir, l->why, l->size);
	return ret ? ret
		   : load_conns(l, section_find(root, "connections"), list);
}

/* Any other section at the top is there to be inherited from. */
static int check_top(struct load *l, const struct section *root)
{
	static const char sections[][12] = { "connections", "secrets",
					     "authorities", "pools" };
	const struct section *s;
	unsigned int i;

	for (s = root->child; s; s = s->next) {
		for (i = 0; i < 4 && strcmp(s->name, sections[i]); i++)
			;
		snprintf(l->path, sizeof(l->path), "%s", s->name);
		if (s->kind != SECTION_SECTION)
			return load_error(l, s, NULL,
					  i < 4 ? "a section is expected"
						: "unknown key");
		if (i == 3 && s->child)
			return load_error(l, s, NULL,
					  "pools of addresses are not "
					  "supported; allowed: none");
	}
	return 0;
}

int conf_load_all(const char *path, struct ike_creds *creds,
		  void (*conn)(void *arg, struct conn *conn), void *arg,
		  char *why, size_t size)
{
	struct list list = { .tail = &list.first };
	struct load l = { .why = why, .size = size };
	struct section *root = NULL;
	const char *slash = strrchr(path, '/');
	char *dir = NULL;
	struct conn *c, *next;
	int ret;

	if (size)
		why[0] = 0;
	ret = section_read_file(path, &root, why, size);
	if (ret)
		return ret;
	dir = slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path))
		    : strdup(".");
	/* Into a store of its own, so that an error changes nothing; each file
	 * is read once, so that what was checked is what is loaded. */
	l.creds = ike_creds_new();
	l.dir = dir;
	ret = !dir || !l.creds ? -ENOMEM : check_top(&l, root);
	if (!ret)
		ret = load(&l, root, &list);
	if (ret) {
		drop(&list);
		if (ret == -ENOMEM)
			snprintf(why, size, "no memory");
		goto out;
	}
	ike_creds_drop(creds, IKE_CREDS_FILE);
	ike_creds_take(creds, l.creds, IKE_CREDS_FILE);
	ret = list.n;
	for (c = list.first; c; c = next) {
		next = c->next;
		c->next = NULL;
		c->of_file = true;
		conn(arg, c);
	}
out:
	ike_creds_free(l.creds);
	free(dir);
	section_free(root);
	return ret;
}
