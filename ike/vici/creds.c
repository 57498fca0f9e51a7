/* SPDX-License-Identifier: Apache-2.0 */
/* Commands about certificates, keys, secrets and authorities. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "vici/internal.h"

#define OWNERS_MAX 64
#define KEYS_MAX 1024

void names_free(struct name **list)
{
	struct name *n;

	while ((n = *list)) {
		*list = n->next;
		free(n->name);
		free(n);
	}
}

static struct name **name_find(struct name **list, const char *name)
{
	while (*list && strcmp((*list)->name, name))
		list = &(*list)->next;
	return list;
}

static void name_del(struct name **list, const char *name)
{
	struct name **at = name_find(list, name), *n = *at;

	if (!n)
		return;
	*at = n->next;
	n->next = NULL;
	names_free(&n);
}

static bool handle_named(const struct name *n, const char *handle)
{
	while (n && strcmp(n->handle, handle))
		n = n->next;
	return n;
}

/* At the end; one of the same name is replaced. */
static int name_add(struct name **list, const char *name,
		    const struct section *cert)
{
	struct name *n = calloc(1, sizeof(*n));

	if (!n)
		return -ENOMEM;
	n->name = strdup(name);
	if (cert)
		ike_creds_cert_handle(cert->value, cert->len, n->handle);
	if (!n->name) {
		names_free(&n);
		return -ENOMEM;
	}
	name_del(list, name);
	while (*list)
		list = &(*list)->next;
	*list = n;
	return 0;
}

static const struct section *data_of(const struct section *req)
{
	const struct section *data = section_find(req, "data");

	return data && data->kind == SECTION_VALUE && data->len ? data : NULL;
}

static int outcome(struct section *reply, int ret, const char *what,
		   const char *why)
{
	if (!ret)
		return reply_ok(reply);
	return reply_error(reply, "%s: %s", what,
			   why[0] ? why : strerror(-ret));
}

/* ------------------------------------------------------- certificates, keys */

static int load_cert(struct vici *v, struct client *c,
		     const struct section *req, struct section *reply)
{
	const char *type = section_text(req, "type");
	const char *flag = section_text(req, "flag");
	const struct section *data = data_of(req);
	char why[384] = "";
	int ret;

	(void)c;
	if (!type || (strcasecmp(type, "X509") && strcasecmp(type, "X509_CRL")))
		return reply_error(reply,
				   "type: \"%s\"; allowed: X509, X509_CRL",
				   type ? type : "");
	if (flag && strcasecmp(flag, "NONE") && strcasecmp(flag, "CA"))
		return reply_error(reply, "flag: \"%s\"; allowed: NONE, CA",
				   flag);
	if (!data)
		return reply_error(reply, "data: missing");
	if (!strcasecmp(type, "X509_CRL"))
		ret = ike_creds_add_crl(v->creds, data->value, data->len, why,
					sizeof(why));
	else
		ret = ike_creds_add_cert(v->creds, data->value, data->len,
					 flag && !strcasecmp(flag, "CA"), why,
					 sizeof(why));
	return outcome(reply, ret,
		       strcasecmp(type, "X509") ? "CRL" : "certificate", why);
}

static int load_key(struct vici *v, struct client *c, const struct section *req,
		    struct section *reply)
{
	const struct section *data = data_of(req);
	char why[384] = "", keyid[41] = "";
	int ret;

	(void)c;
	if (!data)
		return reply_error(reply, "data: missing");
	ret = ike_creds_add_key(v->creds, data->value, data->len, NULL, keyid,
				why, sizeof(why));
	if (!ret)
		section_setf(reply, "id", "%s", keyid);
	return outcome(reply, ret, "private key", why);
}

static int unload_key(struct vici *v, struct client *c,
		      const struct section *req, struct section *reply)
{
	const char *id = section_text(req, "id");

	(void)c;
	if (!id)
		return reply_error(reply, "id: missing");
	if (ike_creds_del_key(v->creds, id))
		return reply_error(reply, "there is no private key \"%s\"", id);
	return reply_ok(reply);
}

static int get_keys(struct vici *v, struct client *c, const struct section *req,
		    struct section *reply)
{
	struct section *list = section_list(reply, "keys");
	char(*ids)[41] = calloc(KEYS_MAX, sizeof(*ids));
	unsigned int n, i;

	(void)c;
	(void)req;
	if (!ids)
		return reply_error(reply, "no memory");
	n = ike_creds_keys(v->creds, ids, KEYS_MAX);
	for (i = 0; i < n && i < KEYS_MAX; i++)
		section_item(list, ids[i], strlen(ids[i]));
	free(ids);
	return CMD_REPLY;
}

static int load_token(struct vici *v, struct client *c,
		      const struct section *req, struct section *reply)
{
	(void)v;
	(void)c;
	(void)req;
	return reply_error(reply, "keys on tokens are not supported");
}

/* ------------------------------------------------------------------ secrets */

static int owners(const struct section *req, struct ike_id *ids,
		  unsigned int *n, struct section *reply)
{
	const struct section *list = section_find(req, "owners"), *s;

	for (s = list && list->kind == SECTION_LIST ? list->child : NULL; s;
	     s = s->next) {
		if (*n == OWNERS_MAX) {
			reply_error(reply, "owners: more than %d", OWNERS_MAX);
			return -EINVAL;
		}
		if (memchr(s->value, 0, s->len) ||
		    ike_id_from_text((const char *)s->value, &ids[*n])) {
			reply_error(reply, "owners: \"%s\" is not an identity",
				    (const char *)s->value);
			return -EINVAL;
		}
		++*n;
	}
	return 0;
}

static int load_shared(struct vici *v, struct client *c,
		       const struct section *req, struct section *reply)
{
	const char *type = section_text(req, "type");
	const char *id = section_text(req, "id");
	const struct section *data = data_of(req);
	struct ike_id *ids;
	unsigned int n = 0;
	char name[256];
	int ret;

	(void)c;
	if (!type || strcasecmp(type, "ike"))
		return reply_error(reply, "type: \"%s\"; allowed: IKE",
				   type ? type : "");
	if (!data)
		return reply_error(reply, "data: missing");
	if (id)
		snprintf(name, sizeof(name), "%s", id);
	else
		snprintf(name, sizeof(name), "vici-%u", v->next_psk++);
	ids = calloc(OWNERS_MAX, sizeof(*ids));
	if (!ids)
		return reply_error(reply, "no memory");
	if (owners(req, ids, &n, reply)) {
		free(ids);
		return CMD_REPLY;
	}
	ret = ike_creds_add_psk(v->creds, name, data->value, data->len, ids, n);
	free(ids);
	return outcome(reply, ret, "secret", "");
}

static int unload_shared(struct vici *v, struct client *c,
			 const struct section *req, struct section *reply)
{
	const char *id = section_text(req, "id");

	(void)c;
	if (!id)
		return reply_error(reply, "id: missing");
	if (ike_creds_del_psk(v->creds, id))
		return reply_error(reply, "there is no secret \"%s\"", id);
	return reply_ok(reply);
}

static void one_psk(void *arg, const char *name)
{
	section_item(arg, name, strlen(name));
}

static int get_shared(struct vici *v, struct client *c,
		      const struct section *req, struct section *reply)
{
	struct section *list = section_list(reply, "keys");

	(void)c;
	(void)req;
	if (list)
		ike_creds_each_psk(v->creds, one_psk, list);
	return CMD_REPLY;
}

static int clear_creds(struct vici *v, struct client *c,
		       const struct section *req, struct section *reply)
{
	(void)c;
	(void)req;
	ike_creds_clear(v->creds);
	names_free(&v->authorities);
	return reply_ok(reply);
}

/* Nothing that was fetched or received is kept, so nothing is to be flushed. */
static int flush_certs(struct vici *v, struct client *c,
		       const struct section *req, struct section *reply)
{
	(void)v;
	(void)c;
	(void)req;
	return reply_ok(reply);
}

/* -------------------------------------------------------------- authorities */

/* No authority has it any more: what it signed is not believed from now on.
 * SAs that are up stay. */
static void distrust(struct vici *v, const char *handle)
{
	if (*handle && !handle_named(v->authorities, handle))
		ike_creds_drop_cert(v->creds, handle, IKE_CREDS_AUTHORITY);
}

static int load_authority(struct vici *v, struct client *c,
			  const struct section *req, struct section *reply)
{
	const struct section *s = req->child;
	char why[512] = "", before[41] = "";
	struct ike_creds *fresh;
	const struct name *n;
	int ret;

	(void)c;
	if (!s || s->kind != SECTION_SECTION || s->next)
		return reply_error(reply, "one section with the name of an "
					  "authority is expected");
	/* as it may fail after the certificate was taken */
	fresh = ike_creds_new();
	if (!fresh)
		return reply_error(reply, "no memory");
	ret = conf_load_authority(s, fresh, NULL, why, sizeof(why));
	n = *name_find(&v->authorities, s->name ? s->name : "");
	if (n)
		memcpy(before, n->handle, sizeof(before));
	if (!ret)
		ret = name_add(&v->authorities, s->name,
			       section_find(s, "cacert"));
	if (!ret) {
		ike_creds_take(v->creds, fresh, IKE_CREDS_AUTHORITY);
		distrust(v, before);
	}
	ike_creds_free(fresh);
	if (ret)
		return reply_error(reply, "%s", why[0] ? why : strerror(-ret));
	return reply_ok(reply);
}

static int unload_authority(struct vici *v, struct client *c,
			    const struct section *req, struct section *reply)
{
	const char *name = section_text(req, "name");
	const struct name *n = name ? *name_find(&v->authorities, name) : NULL;
	char handle[41];

	(void)c;
	if (!n)
		return reply_error(reply, "there is no authority \"%s\"",
				   name ? name : "");
	memcpy(handle, n->handle, sizeof(handle));
	name_del(&v->authorities, name);
	distrust(v, handle);
	return reply_ok(reply);
}

static int get_authorities(struct vici *v, struct client *c,
			   const struct section *req, struct section *reply)
{
	struct section *list = section_list(reply, "authorities");
	const struct name *n;

	(void)c;
	(void)req;
	for (n = v->authorities; n; n = n->next)
		section_item(list, n->name, strlen(n->name));
	return CMD_REPLY;
}

static bool list_authorities(struct vici *v, struct client *c,
			     struct section *reply)
{
	const char *only = section_text(c->req, "name");
	struct section *msg, *s;
	const struct name *n;
	size_t i;

	(void)reply;
	n = v->authorities;
	for (i = 0; n && i < c->cur.pos; i++)
		n = n->next;
	for (; n; n = n->next, c->cur.pos++) {
		if (client_full(c))
			return false;
		if (only && strcmp(only, n->name))
			continue;
		msg = section_new();
		s = section_add(msg, n->name);
		section_setf(s, "cacert", "%s", n->handle);
		section_list(s, "crl_uris");
		section_list(s, "ocsp_uris");
		if (msg)
			client_event(c, EV_LIST_AUTHORITY, msg);
		section_free(msg);
	}
	return true;
}

/* -------------------------------------------------------- list of what is
 * there */

struct cert_list {
	struct client *c;
	size_t at;
	bool full;
};

static bool cert_wanted(const struct section *req, enum ike_cert_kind kind,
			unsigned int flags)
{
	const char *type = section_text(req, "type");
	const char *flag = section_text(req, "flag");

	if (type && strcasecmp(type, "ANY") &&
	    strcasecmp(type, kind == IKE_CERT_X509 ? "X509" : "X509_CRL"))
		return false;
	return kind != IKE_CERT_X509 || !flag || !strcasecmp(flag, "ANY") ||
	       !strcasecmp(flag, flags & IKE_CERT_CA ? "CA" : "NONE");
}

static void one_cert(void *arg, enum ike_cert_kind kind, unsigned int flags,
		     const uint8_t *der, size_t len)
{
	struct cert_list *l = arg;
	struct client *c = l->c;
	struct section *msg;

	if (l->full || l->at++ < c->cur.pos)
		return;
	if (client_full(c)) {
		l->full = true;
		return;
	}
	c->cur.pos++;
	if (!cert_wanted(c->req, kind, flags))
		return;
	msg = section_new();
	section_setf(msg, "type", "%s",
		     kind == IKE_CERT_X509 ? "X509" : "X509_CRL");
	if (kind == IKE_CERT_X509)
		section_setf(msg, "flag", "%s",
			     flags & IKE_CERT_CA ? "CA" : "NONE");
	if (flags & IKE_CERT_HAS_KEY)
		section_set(msg, "has_privkey", "yes", 3);
	section_set(msg, "data", der, len);
	if (!msg || client_event(c, EV_LIST_CERT, msg))
		c->cur.omitted++; /* a CRL of more than 64 KiB */
	section_free(msg);
}

static bool list_certs(struct vici *v, struct client *c, struct section *reply)
{
	struct cert_list l = { .c = c };

	ike_creds_each_cert(v->creds, one_cert, &l);
	if (!l.full && c->cur.omitted)
		section_setf(reply, "omitted", "%u", c->cur.omitted);
	return !l.full;
}

/* -------------------------------------------------------------------- pools */

static int load_pool(struct vici *v, struct client *c,
		     const struct section *req, struct section *reply)
{
	(void)v;
	(void)c;
	(void)req;
	return reply_error(reply, "pools of addresses are not supported");
}

static int unload_pool(struct vici *v, struct client *c,
		       const struct section *req, struct section *reply)
{
	const char *name = section_text(req, "name");

	(void)v;
	(void)c;
	return reply_error(reply, "there is no pool \"%s\"", name ? name : "");
}

static int get_pools(struct vici *v, struct client *c,
		     const struct section *req, struct section *reply)
{
	(void)v;
	(void)c;
	(void)req;
	(void)reply;
	return CMD_REPLY;
}

const struct command creds_commands[] = {
	{ .name = "load-cert", .run = load_cert },
	{ .name = "load-key", .run = load_key },
	{ .name = "unload-key", .run = unload_key },
	{ .name = "get-keys", .run = get_keys },
	{ .name = "load-token", .run = load_token },
	{ .name = "load-shared", .run = load_shared },
	{ .name = "unload-shared", .run = unload_shared },
	{ .name = "get-shared", .run = get_shared },
	{ .name = "clear-creds", .run = clear_creds },
	{ .name = "flush-certs", .run = flush_certs },
	{ .name = "load-authority", .run = load_authority },
	{ .name = "unload-authority", .run = unload_authority },
	{ .name = "get-authorities", .run = get_authorities },
	{ .name = "list-authorities", .stream = list_authorities },
	{ .name = "list-certs", .stream = list_certs },
	{ .name = "load-pool", .run = load_pool },
	{ .name = "unload-pool", .run = unload_pool },
	{ .name = "get-pools", .run = get_pools },
};
const unsigned int ncreds_commands =
	sizeof(creds_commands) / sizeof(creds_commands[0]);
