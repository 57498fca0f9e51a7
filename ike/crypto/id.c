// SPDX-License-Identifier: Apache-2.0
/*
 * Identities (RFC 7296 section 3.5) and their text forms, as in swanctl.conf.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include "crypto/creds.h"
#include "wire/text.h"

/* Short names of swanctl.conf where OpenSSL has others. */
static const struct {
	const char *text;
	int nid;
} dn_names[] = {
	{ "E", NID_pkcs9_emailAddress },
	{ "S", NID_surname },
	{ "SN", NID_serialNumber },
	{ "G", NID_givenName },
	{ "I", NID_initials },
	{ "T", NID_title },
	{ "N", NID_name },
	{ "D", NID_description },
};
#define DN_NAMES (sizeof(dn_names) / sizeof(dn_names[0]))

static const struct {
	const char *text;
	uint8_t type;
} prefixes[] = {
	{ "fqdn:", ID_FQDN },	       { "dns:", ID_FQDN },
	{ "email:", ID_RFC822_ADDR },  { "rfc822:", ID_RFC822_ADDR },
	{ "ipv4:", ID_IPV4_ADDR },     { "ipv6:", ID_IPV6_ADDR },
	{ "asn1dn:", ID_DER_ASN1_DN }, { "keyid:", ID_KEY_ID },
};
#define PREFIXES (sizeof(prefixes) / sizeof(prefixes[0]))

static ASN1_OBJECT *dn_type(const char *text)
{
	for (unsigned int i = 0; i < DN_NAMES; i++)
		if (!strcasecmp(text, dn_names[i].text))
			return OBJ_nid2obj(dn_names[i].nid);
	return OBJ_txt2obj(text, 0);
}

static bool dn_add(X509_NAME *name, const char *type, const char *value)
{
	/* "*" is no country and no e-mail address: taken as it stands */
	int as = strcmp(value, "*") ? MBSTRING_UTF8 : V_ASN1_UTF8STRING;
	ASN1_OBJECT *obj = dn_type(type);
	bool ok = obj && *value &&
		  X509_NAME_add_entry_by_OBJ(name, obj, as,
					     (const uint8_t *)value, -1, -1, 0);

	ASN1_OBJECT_free(obj);
	return ok;
}

static char *trim(char *s)
{
	size_t len;

	while (isspace((unsigned char)*s))
		s++;
	for (len = strlen(s); len && isspace((unsigned char)s[len - 1]); len--)
		s[len - 1] = 0;
	return s;
}

static int put_name(struct ike_id *id, X509_NAME *name)
{
	int len = i2d_X509_NAME(name, NULL);
	uint8_t *p = id->data;

	if (len <= 0 || (size_t)len > sizeof(id->data))
		return -EINVAL;
	id->type = ID_DER_ASN1_DN;
	id->len = i2d_X509_NAME(name, &p);
	return 0;
}

/* "C=CH, O=x, CN=y" or "/C=CH/O=x/CN=y"; a backslash quotes */
static int dn_from_text(const char *text, struct ike_id *id)
{
	char sep = *text == '/' ? '/' : ',', part[512];
	X509_NAME *name = X509_NAME_new();
	int rc = -EINVAL;

	if (!name)
		return -ENOMEM;
	text += *text == '/';
	while (*text) {
		char *value, *equals = NULL;
		size_t n = 0;

		for (; *text && *text != sep; text++) {
			if (*text == '\\' && text[1])
				text++;
			else if (*text == '=' && !equals)
				equals = part + n;
			if (n == sizeof(part) - 1)
				goto out;
			part[n++] = *text;
		}
		text += *text == sep;
		part[n] = 0;
		if (!equals)
			goto out;
		*equals = 0;
		value = trim(equals + 1);
		if (!dn_add(name, trim(part), value))
			goto out;
	}
	rc = X509_NAME_entry_count(name) ? put_name(id, name) : -EINVAL;
out:
	X509_NAME_free(name);
	ERR_clear_error();
	return rc;
}

static int put_bytes(struct ike_id *id, uint8_t type, const void *data,
		     size_t len)
{
	if (!len || len > sizeof(id->data))
		return -EINVAL;
	id->type = type;
	id->len = len;
	memcpy(id->data, data, len);
	return 0;
}

static int put_hex(struct ike_id *id, uint8_t type, const char *hex)
{
	size_t len = sizeof(id->data);

	if (hex_from_text(hex, id->data, &len) || !len)
		return -EINVAL;
	id->type = type;
	id->len = len;
	return 0;
}

static int put_ip(struct ike_id *id, uint8_t type, const char *text)
{
	uint8_t ip[16];
	bool v4 = type == ID_IPV4_ADDR;

	if (inet_pton(v4 ? AF_INET : AF_INET6, text, ip) != 1)
		return -EINVAL;
	return put_bytes(id, type, ip, v4 ? 4 : 16);
}

static int from_typed(uint8_t type, const char *text, struct ike_id *id)
{
	if (*text == '#')
		return put_hex(id, type, text + 1);
	switch (type) {
	case ID_IPV4_ADDR:
	case ID_IPV6_ADDR:
		return put_ip(id, type, text);
	case ID_DER_ASN1_DN:
		return dn_from_text(text, id);
	default:
		return put_bytes(id, type, text, strlen(text));
	}
}

int ike_id_from_text(const char *text, struct ike_id *id)
{
	memset(id, 0, sizeof(*id));
	if (!strcmp(text, "%any") || !strcmp(text, "*"))
		return 0;
	for (unsigned int i = 0; i < PREFIXES; i++) {
		size_t n = strlen(prefixes[i].text);

		if (!strncasecmp(text, prefixes[i].text, n))
			return from_typed(prefixes[i].type, text + n, id);
	}
	if (*text == '@') {
		if (text[1] == '#')
			return put_hex(id, ID_KEY_ID, text + 2);
		if (text[1] == '@')
			return from_typed(ID_RFC822_ADDR, text + 2, id);
		return from_typed(ID_FQDN, text + 1, id);
	}
	if (strchr(text, '='))
		return dn_from_text(text, id);
	if (strchr(text, '@'))
		return from_typed(ID_RFC822_ADDR, text, id);
	if (!put_ip(id, ID_IPV4_ADDR, text) || !put_ip(id, ID_IPV6_ADDR, text))
		return 0;
	if (strchr(text, ':'))
		return -EINVAL;
	return from_typed(ID_FQDN, text, id);
}

/* ------------------------------------------------------------------ to text */

struct text {
	char *buf;
	size_t size, len;
};

static void add(struct text *t, const char *s)
{
	size_t left = t->size - t->len;
	int n = snprintf(t->buf + t->len, left, "%s", s);

	t->len += (size_t)n < left ? (size_t)n : left - 1;
}

/* What a peer sent goes into logs and terminals: nothing but print. */
static void add_bytes(struct text *t, const uint8_t *p, size_t len, bool quote)
{
	for (size_t i = 0; i < len; i++) {
		char one[8];

		if (p[i] < 0x20 || p[i] == 0x7f)
			snprintf(one, sizeof(one), "\\x%02x", p[i]);
		else if (quote && strchr(",\\", p[i]))
			snprintf(one, sizeof(one), "\\%c", p[i]);
		else
			snprintf(one, sizeof(one), "%c", p[i]);
		add(t, one);
	}
}

static void add_hex(struct text *t, const uint8_t *p, size_t len)
{
	char one[3];

	for (size_t i = 0; i < len; i++) {
		snprintf(one, sizeof(one), "%02x", p[i]);
		add(t, one);
	}
}

static X509_NAME *name_of(const struct ike_id *id)
{
	const uint8_t *p = id->data;
	X509_NAME *name = d2i_X509_NAME(NULL, &p, id->len);

	if (name && p == id->data + id->len)
		return name;
	X509_NAME_free(name);
	ERR_clear_error();
	return NULL;
}

static void add_dn(struct text *t, const struct ike_id *id)
{
	X509_NAME *name = name_of(id);

	if (!name) {
		add(t, "asn1dn:#");
		add_hex(t, id->data, id->len);
		return;
	}
	for (int i = 0; i < X509_NAME_entry_count(name); i++) {
		X509_NAME_ENTRY *e = X509_NAME_get_entry(name, i);
		ASN1_OBJECT *obj = X509_NAME_ENTRY_get_object(e);
		char type[64];
		uint8_t *value;
		int len;

		OBJ_obj2txt(type, sizeof(type), obj, 1);
		if (OBJ_obj2nid(obj) != NID_undef)
			snprintf(type, sizeof(type), "%s",
				 OBJ_nid2sn(OBJ_obj2nid(obj)));
		for (unsigned int k = 0; k < DN_NAMES; k++)
			if (dn_names[k].nid == OBJ_obj2nid(obj))
				snprintf(type, sizeof(type), "%s",
					 dn_names[k].text);
		if (i)
			add(t, ", ");
		add(t, type);
		add(t, "=");
		len = ASN1_STRING_to_UTF8(&value, X509_NAME_ENTRY_get_data(e));
		if (len > 0)
			add_bytes(t, value, len, true);
		if (len >= 0)
			OPENSSL_free(value);
	}
	X509_NAME_free(name);
	ERR_clear_error();
}

const char *ike_id_text(const struct ike_id *id, char *buf, size_t size)
{
	struct text t = { buf, size, 0 };
	char num[INET6_ADDRSTRLEN];

	if (!size)
		return "";
	*buf = 0;
	switch (id->type) {
	case ID_ANY:
		add(&t, "%any");
		break;
	case ID_IPV4_ADDR:
	case ID_IPV6_ADDR:
		if (id->len == (id->type == ID_IPV4_ADDR ? 4 : 16)) {
			inet_ntop(id->len == 4 ? AF_INET : AF_INET6, id->data,
				  num, sizeof(num));
			add(&t, num);
			break;
		}
		add(&t, "bad address #");
		add_hex(&t, id->data, id->len);
		break;
	case ID_FQDN:
	case ID_RFC822_ADDR:
		add_bytes(&t, id->data, id->len, false);
		break;
	case ID_DER_ASN1_DN:
		add_dn(&t, id);
		break;
	default:
		if (id->type != ID_KEY_ID) {
			snprintf(num, sizeof(num), "type %u ", id->type);
			add(&t, num);
		}
		add(&t, "@#");
		add_hex(&t, id->data, id->len);
	}
	return buf;
}

/* ---------------------------------------------------------------- comparing */

static bool same_case(const uint8_t *a, const uint8_t *b, size_t len)
{
	return !strncasecmp((const char *)a, (const char *)b, len) &&
	       !memchr(a, 0, len);
}

/* Host names have no case; the local part of a mail address has. */
static bool same_mail(const struct ike_id *a, const struct ike_id *b)
{
	const uint8_t *at = memrchr(a->data, '@', a->len);
	size_t local = at ? (size_t)(at - a->data) : a->len;

	return a->len == b->len && !memcmp(a->data, b->data, local) &&
	       same_case(a->data + local, b->data + local, a->len - local);
}

static bool same_name(const struct ike_id *a, const struct ike_id *b)
{
	X509_NAME *na = name_of(a), *nb = name_of(b);
	bool same = na && nb && !X509_NAME_cmp(na, nb);

	X509_NAME_free(na);
	X509_NAME_free(nb);
	return same;
}

bool ike_id_equal(const struct ike_id *a, const struct ike_id *b)
{
	if (a->type != b->type)
		return false;
	if (a->type == ID_ANY)
		return true;
	switch (a->type) {
	case ID_FQDN:
		return a->len == b->len && same_case(a->data, b->data, a->len);
	case ID_RFC822_ADDR:
		return same_mail(a, b);
	case ID_DER_ASN1_DN:
		/* the same name can be written as different string types */
		return (a->len == b->len &&
			!memcmp(a->data, b->data, a->len)) ||
		       same_name(a, b);
	default:
		return a->len == b->len && !memcmp(a->data, b->data, a->len);
	}
}

static bool same_entry(X509_NAME_ENTRY *a, X509_NAME_ENTRY *b)
{
	X509_NAME *na = X509_NAME_new(), *nb = X509_NAME_new();
	bool same = na && nb && X509_NAME_add_entry(na, a, -1, 0) &&
		    X509_NAME_add_entry(nb, b, -1, 0) && !X509_NAME_cmp(na, nb);

	X509_NAME_free(na);
	X509_NAME_free(nb);
	return same;
}

/* Part by part, in order; a part of the pattern whose value is "*" fits any
 * value of its type. */
static bool match_name(const struct ike_id *id, const struct ike_id *pattern)
{
	X509_NAME *name = name_of(id), *pat = name_of(pattern);
	int n = pat ? X509_NAME_entry_count(pat) : 0;
	bool ok = name && n && X509_NAME_entry_count(name) == n;

	for (int i = 0; ok && i < n; i++) {
		X509_NAME_ENTRY *a = X509_NAME_get_entry(name, i);
		X509_NAME_ENTRY *b = X509_NAME_get_entry(pat, i);
		const ASN1_STRING *v = X509_NAME_ENTRY_get_data(b);

		if (ASN1_STRING_length(v) == 1 &&
		    *ASN1_STRING_get0_data(v) == '*')
			ok = !OBJ_cmp(X509_NAME_ENTRY_get_object(a),
				      X509_NAME_ENTRY_get_object(b));
		else
			ok = same_entry(a, b);
	}
	X509_NAME_free(name);
	X509_NAME_free(pat);
	return ok;
}

bool ike_id_match(const struct ike_id *id, const struct ike_id *pattern)
{
	if (pattern->type == ID_ANY)
		return true;
	if (ike_id_equal(id, pattern))
		return true;
	if (id->type != pattern->type)
		return false;
	if (id->type == ID_DER_ASN1_DN)
		return match_name(id, pattern);
	if ((id->type == ID_FQDN || id->type == ID_RFC822_ADDR) &&
	    pattern->len && pattern->data[0] == '*') {
		size_t tail = pattern->len - 1;

		return id->len > tail &&
		       same_case(id->data + id->len - tail, pattern->data + 1,
				 tail) &&
		       !memchr(id->data, 0, id->len);
	}
	return false;
}
