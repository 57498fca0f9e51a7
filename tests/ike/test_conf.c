// SPDX-License-Identifier: Apache-2.0
/* What swanctl.conf means: each key, each error. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "conf_files.h"
#include "suite.h"

static char why[1024];

/* --------------------------------------------------------------------- keys */

static struct conn *conn_of(const char *text)
{
	struct conn *c;

	why[0] = 0;
	c = conf_conn(text, NULL, why, sizeof(why));
	if (!c)
		printf("\n    %s\n", why);
	return c;
}

#define MIN (60 * IKE_USEC)
#define HOUR (3600 * IKE_USEC)

static void conf_conn_defaults(void)
{
	struct conn *c = conn_of("connections { a { children { net { } } } }");
	struct child_conf *k;

	MUST(c);
	k = c->children;
	MUST(k && !k->next);
	EXPECT(!strcmp(c->name, "a") && !strcmp(k->name, "net"));
	EXPECT(c->nlocal == 1 && c->local[0].any);
	EXPECT(c->nremote == 1 && c->remote[0].any);
	EXPECT_EQ(c->local_port, 500);
	EXPECT_EQ(c->remote_port, 500);
	EXPECT(c->nprops >= 1 && c->props[0].protocol == PROTO_IKE);
	EXPECT(!c->encap && c->send_certreq);
	EXPECT_EQ(c->send_cert, CERT_IFASKED);
	EXPECT_EQ(c->dpd_delay, 0);
	EXPECT_EQ(c->rekey_time, 4 * HOUR);
	EXPECT_EQ(c->over_time, 24 * MIN);
	EXPECT_EQ(c->rand_time, 24 * MIN);
	EXPECT_EQ(c->keyingtries, 1);
	EXPECT_EQ(c->frag, FRAG_YES);
	EXPECT_EQ(c->unique, UNIQUE_NO);
	EXPECT(!c->auth_local.psk && !c->auth_remote.psk);
	EXPECT_EQ(c->auth_local.id.type, ID_ANY);
	EXPECT_EQ(c->auth_remote.id.type, ID_ANY);
	EXPECT(!c->auth_remote.schemes && !c->auth_remote.require_crl);

	EXPECT(k->nprops >= 1 && k->props[0].protocol == PROTO_ESP);
	EXPECT(k->nlocal == 1 && k->local[0].dynamic);
	EXPECT(k->nremote == 1 && k->remote[0].dynamic);
	EXPECT_EQ(k->rekey_time, HOUR);
	EXPECT_EQ(k->life_time, 66 * MIN);
	EXPECT_EQ(k->rand_time, 6 * MIN);
	EXPECT_EQ(k->rekey_bytes | k->life_bytes | k->rand_bytes, 0);
	EXPECT_EQ(k->rekey_packets | k->life_packets | k->rand_packets, 0);
	EXPECT_EQ(k->mode, ESPALIER_MODE_TUNNEL);
	EXPECT(k->start == ACTION_NONE && k->close == ACTION_NONE &&
	       k->dpd == ACTION_NONE);
	EXPECT_EQ(k->reqid, 0);
	EXPECT_EQ(k->window, 32);
	EXPECT_EQ(k->priority, 0);
	EXPECT_EQ(k->df, ESPALIER_DF_COPY);
	EXPECT(k->ecn && k->dscp == -1);
	conn_put(c);
}

static void conf_conn_every_key(void)
{
	struct conn *c = conn_of(
		"connections { gw {\n"
		"version = 0\n"
		"local_addrs = 192.0.2.1, 2001:db8::1\n"
		"remote_addrs = 192.0.2.2, 198.51.100.0/24, "
		"203.0.113.5-203.0.113.9, %any\n"
		"local_port = 1500\n remote_port = 4500\n"
		"proposals = aes256gcm16-prfsha384-x25519, "
		"aes128-sha256-modp2048\n"
		"encap = yes\n mobike = no\n dpd_delay = 30s\n"
		"dpd_timeout = 2m\n fragmentation = force\n"
		"send_certreq = no\n send_cert = always\n keyingtries = 0\n"
		"unique = replace\n reauth_time = 0\n rekey_time = 1d\n"
		"over_time = 90\n rand_time = 5m\n aggressive = no\n"
		"local-gw { auth = ecdsa-sha256-sha384\n"
		"           id = moon.example.org }\n"
		"remote { auth = psk\n id = \"C=CH, CN=*\" }\n"
		"children { net {\n"
		"esp_proposals = aes128gcm16-x25519-esn, aes256gcm16\n"
		"local_ts = 10.1.0.0/16, fd00::/64[tcp/80]\n"
		"remote_ts = dynamic[udp/53], 10.2.0.1-10.2.0.9\n"
		"rekey_time = 10m\n life_time = 20m\n rand_time = 1m\n"
		"rekey_bytes = 1G\n life_bytes = 1200M\n rand_bytes = 10k\n"
		"rekey_packets = 1000\n life_packets = 2000\n"
		"rand_packets = 3\n"
		"mode = transport\n start_action = trap\n"
		"close_action = start\n dpd_action = restart\n reqid = 7\n"
		"replay_window = 1024\n priority = 0x10\n copy_df = no\n"
		"copy_ecn = no\n copy_dscp = no\n hw_offload = packet\n"
		"policies = yes\n ipcomp = no\n }\n"
		"host { ah_proposals = sha256\n mode = tunnel\n } } } }\n");
	struct child_conf *k;
	char buf[128];

	MUST(c);
	EXPECT_EQ(c->nlocal, 2);
	EXPECT_EQ(c->local[1].lo.family, AF_INET6);
	EXPECT_EQ(c->nremote, 4);
	EXPECT(!strcmp(conf_addr_match_text(&c->remote[1], buf, sizeof(buf)),
		       "198.51.100.0/24"));
	EXPECT(!strcmp(conf_addr_match_text(&c->remote[2], buf, sizeof(buf)),
		       "203.0.113.5-203.0.113.9"));
	EXPECT(c->remote[3].any);
	EXPECT_EQ(c->local_port, 1500);
	EXPECT_EQ(c->remote_port, 4500);
	EXPECT_EQ(c->nprops, 2);
	EXPECT_EQ(c->props[1].num, 2);
	EXPECT_EQ(proposal_find(&c->props[0], TT_ENCR)->id, ENCR_AES_GCM_16);
	EXPECT_EQ(proposal_find(&c->props[1], TT_ENCR)->id, ENCR_AES_CBC);
	EXPECT(c->encap && !c->send_certreq);
	EXPECT_EQ(c->dpd_delay, 30 * IKE_USEC);
	EXPECT_EQ(c->frag, FRAG_FORCE);
	EXPECT_EQ(c->send_cert, CERT_ALWAYS);
	EXPECT_EQ(c->keyingtries, 0);
	EXPECT_EQ(c->unique, UNIQUE_REPLACE);
	EXPECT_EQ(c->rekey_time, 24 * HOUR);
	EXPECT_EQ(c->over_time, 90 * IKE_USEC);
	EXPECT_EQ(c->rand_time, 5 * MIN);
	EXPECT(c->auth_local.schemes &&
	       !strcmp(c->auth_local.schemes, "ecdsa-sha256-sha384"));
	EXPECT_EQ(c->auth_local.id.type, ID_FQDN);
	EXPECT(c->auth_remote.psk);
	EXPECT_EQ(c->auth_remote.id.type, ID_DER_ASN1_DN);

	k = c->children;
	MUST(k && k->next && !k->next->next);
	EXPECT_EQ(k->nprops, 2);
	EXPECT_EQ(proposal_find(&k->props[0], TT_ESN)->id, ESN_YES);
	EXPECT_EQ(k->nlocal, 2);
	EXPECT_EQ(k->local[1].ts.proto, 6);
	EXPECT_EQ(k->local[1].ts.port_lo, 80);
	EXPECT_EQ(k->nremote, 2);
	EXPECT(k->remote[0].dynamic && k->remote[0].ts.port_hi == 53 &&
	       k->remote[0].ts.proto == 17);
	EXPECT(!k->remote[1].dynamic);
	EXPECT_EQ(k->rekey_time, 10 * MIN);
	EXPECT_EQ(k->life_time, 20 * MIN);
	EXPECT_EQ(k->rand_time, MIN);
	EXPECT_EQ(k->rekey_bytes, 1ull << 30);
	EXPECT_EQ(k->life_bytes, 1200ull << 20);
	EXPECT_EQ(k->rand_bytes, 10240);
	EXPECT_EQ(k->rekey_packets, 1000);
	EXPECT_EQ(k->life_packets, 2000);
	EXPECT_EQ(k->rand_packets, 3);
	EXPECT_EQ(k->mode, ESPALIER_MODE_TRANSPORT);
	EXPECT_EQ(k->start, ACTION_TRAP);
	EXPECT_EQ(k->close, ACTION_START);
	EXPECT_EQ(k->dpd, ACTION_START);
	EXPECT_EQ(k->reqid, 7);
	EXPECT_EQ(k->window, 1024);
	EXPECT_EQ(k->priority, 16);
	EXPECT_EQ(k->df, ESPALIER_DF_CLEAR);
	EXPECT(!k->ecn && k->dscp == 0);
	EXPECT_EQ(k->next->nprops, 1);
	EXPECT_EQ(k->next->props[0].protocol, PROTO_AH);
	conn_put(c);
}

/* Defaults that follow from other keys. */
static void conf_conn_limits(void)
{
	static const struct {
		const char *keys;
		uint64_t soft, hard, rnd; /* minutes */
	} cases[] = {
		{ "rekey_time = 100m", 100, 110, 10 },
		{ "rekey_time = 0", 0, 0, 0 },
		{ "rekey_time = 0\nlife_time = 10m", 0, 10, 0 },
		{ "rekey_time = 10m\nlife_time = 0", 10, 0, 0 },
		{ "rekey_time = 10m\nlife_time = 12m", 10, 12, 2 },
		{ "rekey_time = 10m\nlife_time = 60m", 10, 60, 5 },
		{ "rekey_time = 10m\nrand_time = 10m", 10, 11, 10 },
	};
	char text[256];
	unsigned int i;
	struct conn *c;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text),
			 "connections { a { children { b {\n%s\n} } } }",
			 cases[i].keys);
		c = conn_of(text);
		MUST(c);
		EXPECT_EQ(c->children->rekey_time, cases[i].soft * MIN);
		EXPECT_EQ(c->children->life_time, cases[i].hard * MIN);
		EXPECT_EQ(c->children->rand_time, cases[i].rnd * MIN);
		conn_put(c);
	}
	c = conn_of("connections { a { rekey_time = 10m\n over_time = 9m } }");
	MUST(c);
	EXPECT_EQ(c->over_time, 9 * MIN);
	EXPECT_EQ(c->rand_time, 5 * MIN);
	conn_put(c);
}

/* Where the rows of a table stand in a file; line 5 holds the key. */
static void wrap(char *text, size_t size, const char *section, const char *line)
{
	if (!strcmp(section, "connections.<conn>"))
		snprintf(text, size, "\n\nconnections {\ngw {\n%s\n} }\n",
			 line);
	else if (strstr(section, "<child>"))
		snprintf(
			text, size,
			"\nconnections { gw { \nchildren {\nc {\n%s\n} } } }\n",
			line);
	else
		snprintf(text, size,
			 "\n\nconnections { gw { \n%s-x {\n%s\n} } }\n",
			 strstr(section, "local") ? "local" : "remote", line);
}

/* "connections.<conn>.local<suffix>" as wrap() made it */
static void full_key(char *out, size_t size, const struct conf_key_info *k)
{
	snprintf(out, size, "connections.gw%s.%s",
		 strstr(k->section, "<child>")	 ? ".children.c"
		 : strstr(k->section, ".local")	 ? ".local-x"
		 : strstr(k->section, ".remote") ? ".remote-x"
						 : "",
		 k->name);
}

/* Each key: nonsense is refused by file, line, full name and what is allowed;
 * the default, written down, is what the default is. */
static void conf_conn_each_key_refuses(void)
{
	struct conf_key_info k;
	char text[512], line[256], key[128], show[300];
	unsigned int i, n = 0;
	const char *bad;
	struct conn *c;
	bool said;

	for (i = 0; conf_key(i, &k); i++, n++) {
		/* nearly everything is an identity */
		bad = strcmp(k.name, "id") ? "?*!" : "@#xyz";
		snprintf(line, sizeof(line), "%s = \"%s\"", k.name, bad);
		wrap(text, sizeof(text), k.section, line);
		why[0] = 0;
		c = conf_conn(text, NULL, why, sizeof(why));
		if (c)
			printf("\n    %s took \"%s\"\n", k.name, bad);
		EXPECT(!c);
		conn_put(c);
		full_key(key, sizeof(key), &k);
		strcat(key, ": ");
		conf_why(why, 5, key, "");
		/* readers with more to say than the row say it */
		snprintf(show, sizeof(show), "\"%s\": allowed: %s", bad,
			 k.allowed);
		said = strstr(why, show) || strstr(k.name, "proposals") ||
		       strstr(k.name, "_ts") || strstr(k.name, "certs");
		if (!said)
			printf("\n    %s\n", why);
		EXPECT(said);

		if (strchr(k.def, ' ') || !k.def[0])
			continue;
		snprintf(line, sizeof(line), "%s = %s", k.name, k.def);
		wrap(text, sizeof(text), k.section, line);
		c = conn_of(text);
		EXPECT(c != NULL);
		conn_put(c);

		/* a section of that name is not a value */
		if (strchr(k.section, 'l') && !strcmp(k.name, "id")) {
			wrap(text, sizeof(text), k.section, "id { }");
			EXPECT(!conf_conn(text, NULL, why, sizeof(why)));
			conf_why(why, 5, key, "a value, not a section");
		}
	}
	EXPECT(n > 60);
}

static void conf_conn_errors(void)
{
	static const struct {
		const char *section, *line, *what, *more;
	} cases[] = {
		{ "connections.<conn>", "versoin = 2",
		  "gw.versoin: ", "unknown" },
		{ "connections.<conn>", "vips = 0.0.0.0",
		  "gw.vips: ", "unsupported" },
		{ "connections.<conn>", "version = 1", "\"1\": allowed: 2",
		  "" },
		{ "connections.<conn>", "remote_addrs = moon.example.org",
		  "\"moon.example.org\"", "no host names" },
		{ "connections.<conn>", "local_addrs = 10.0.0.0/33",
		  "\"10.0.0.0/33\"", "allowed" },
		{ "connections.<conn>", "local_addrs = 10.0.0.9-10.0.0.1",
		  "allowed", "" },
		{ "connections.<conn>",
		  "local_addrs = 1.1.1.1,2.2.2.2,3.3.3.3,4.4.4.4,5.5.5.5,"
		  "6.6.6.6,7.7.7.7,8.8.8.8,9.9.9.9",
		  "\"9.9.9.9\": more than 8", "" },
		{ "connections.<conn>", "local_port = 0", "1 to 65535", "" },
		{ "connections.<conn>", "local_port = 65536", "1 to 65535",
		  "" },
		{ "connections.<conn>", "dpd_delay = 5x", "\"5x\"",
		  "s, m, h or d" },
		{ "connections.<conn>", "dpd_delay = -1", "\"-1\"", "" },
		{ "connections.<conn>", "dpd_delay = 99999999999999999999",
		  "gw.dpd_delay", "" },
		{ "connections.<conn>", "rekey_time = 400000000000000d",
		  "gw.rekey_time", "" },
		{ "connections.<conn>", "reauth_time = 1h",
		  "there is no reauthentication", "" },
		{ "connections.<conn>", "rand_time = 5h",
		  "gw.rand_time: more than rekey_time", "allowed" },
		{ "connections.<conn>", "children = x",
		  "gw.children: ", "unknown" },
		{ "connections.<conn>", "children { x = y }",
		  "gw.children.x: ", "a section with the name of a child" },
		{ "connections.<conn>", "pools { }",
		  "gw.pools: ", "unsupported section" },
		{ "connections.<conn>", "local-1 { }\nlocal-2 { }",
		  "gw.local-2: a second round", "" },
		{ "connections.<conn>.remote<suffix>", "auth = eap-md5",
		  "gw.remote-x.auth: \"eap-md5\"", "allowed: psk, pubkey" },
		{ "connections.<conn>.remote<suffix>", "revocation = ifuri",
		  "gw.remote-x.revocation", "relaxed, or strict" },
		{ "connections.<conn>.local<suffix>", "revocation = strict",
		  "gw.local-x.revocation", "unknown" },
		{ "connections.<conn>.local<suffix>", "certs = nothere.pem",
		  "/x509/nothere.pem\": No such file", "local-x.certs" },
		{ "connections.<conn>.local<suffix>", "cert-1 { file = x }",
		  "gw.local-x.cert-1: ", "unsupported section" },
		{ "connections.<conn>.children.<child>", "life_time = 30m",
		  "c.life_time: less than rekey_time", "allowed" },
		{ "connections.<conn>.children.<child>", "rand_time = 2h",
		  "c.rand_time: more than rekey_time", "" },
		{ "connections.<conn>.children.<child>",
		  "rekey_bytes = 100\nlife_bytes = 50",
		  "c.life_bytes: less than rekey_bytes", "" },
		{ "connections.<conn>.children.<child>", "mode = beet",
		  "\"beet\": allowed: tunnel or transport", "" },
		{ "connections.<conn>.children.<child>",
		  "start_action = trap|start", "allowed: none, trap or start",
		  "" },
		{ "connections.<conn>.children.<child>", "reqid = 32768",
		  "0 to 32767", "" },
		{ "connections.<conn>.children.<child>", "copy_dscp = yes",
		  "RFC 4301", "" },
		{ "connections.<conn>.children.<child>", "hw_offload = crypto",
		  "no, yes, packet or auto", "" },
		{ "connections.<conn>.children.<child>",
		  "esp_proposals = aes128gcm16,rot13",
		  "esp_proposals: ", "rot13" },
		{ "connections.<conn>.children.<child>",
		  "local_ts = 10.0.0.0/8[tcp", "c.local_ts: ", "" },
		{ "connections.<conn>.children.<child>", "updown = /bin/x",
		  "c.updown: ", "unsupported" },
	};
	char text[600];
	unsigned int i;
	struct conn *c;
	int line;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		wrap(text, sizeof(text), cases[i].section, cases[i].line);
		why[0] = 0;
		c = conf_conn(text, NULL, why, sizeof(why));
		if (c)
			printf("\n    accepted: %s\n", cases[i].line);
		EXPECT(!c);
		conn_put(c);
		line = 5 + (strchr(cases[i].line, '\n') != NULL);
		conf_why(why, line, cases[i].what, cases[i].more);
	}

	EXPECT(!conf_conn("connections { a {\n children {\n"
			  "net { start_action = start } } } }",
			  NULL, why, sizeof(why)));
	conf_why(why, 3, "children.net.start_action: there is nobody",
		 "remote_addrs");
}

/* Lists as VICI has them mean what commas mean in a file. */
static void conf_conn_lists(void)
{
	struct section *s = section_new(), *c = section_add(s, "gw"), *l;
	struct conn *conn = NULL;

	l = section_list(c, "remote_addrs");
	section_item(l, "192.0.2.1", 9);
	section_item(l, "192.0.2.2", 9);
	section_list(c, "local_addrs"); /* empty: as if it were not there */
	section_set(c, "version", "2", 1);
	EXPECT_EQ(conn_load(c, NULL, NULL, &conn, why, sizeof(why)), 0);
	MUST(conn);
	EXPECT_EQ(conn->nremote, 2);
	EXPECT(conn->nlocal == 1 && conn->local[0].any);
	conn_put(conn);

	/* no file, no line: the key alone */
	section_item(l, "x\0y", 3);
	EXPECT_EQ(-conn_load(c, NULL, NULL, &conn, why, sizeof(why)), EINVAL);
	EXPECT(!strncmp(why, "connections.gw.remote_addrs: \"x?y\": ", 36));
	section_free(s);

	s = section_new();
	c = section_add(s, "gw");
	section_item(section_list(c, "version"), "2", 1);
	EXPECT_EQ(-conn_load(c, NULL, NULL, &conn, why, sizeof(why)), EINVAL);
	EXPECT(strstr(why, "gw.version: one value, not a list"));
	section_free(s);
	s = section_new();
	c = section_add(s, "");
	EXPECT_EQ(-conn_load(c, NULL, NULL, &conn, why, sizeof(why)), EINVAL);
	EXPECT(strstr(why, "a name of 0 characters"));
	section_free(s);
}

static void conf_conn_certificates(void)
{
	struct ike_creds *creds = ike_creds_new();
	char *cert, *key, *ca, *ca_key, handle[41];
	struct section *s, *c;
	struct conn *conn;
	unsigned char *der;
	size_t len;

	conf_cert("moon.example.org", false, &cert, &key);
	conf_cert("root", true, &ca, &ca_key);
	conf_write("x509/moon.pem", cert, strlen(cert));
	conf_write("x509ca/root.pem", ca, strlen(ca));
	EXPECT_EQ(ike_creds_cert_handle(cert, strlen(cert), handle), 0);

	why[0] = 0;
	conn = conf_conn("connections { a { local { certs = moon.pem }\n"
			 "remote { cacerts = root.pem\n"
			 "         revocation = strict } } }",
			 creds, why, sizeof(why));
	if (!conn)
		printf("\n    %s\n", why);
	MUST(conn);
	EXPECT_EQ(conn->auth_local.ncerts, 1);
	EXPECT(!strcmp(conn->auth_local.certs[0], handle));
	EXPECT_EQ(conn->auth_remote.ncacerts, 1);
	EXPECT(conn->auth_remote.require_crl);
	conn_put(conn);

	/* the same as bytes, DER */
	der = conf_der(cert, &len);
	s = section_new();
	c = section_add(s, "a");
	section_item(section_list(section_add(c, "local"), "certs"), der, len);
	EXPECT_EQ(conn_load(c, creds, NULL, &conn, why, sizeof(why)), 0);
	MUST(conn);
	EXPECT_EQ(conn->auth_local.ncerts, 1);
	EXPECT(!strcmp(conn->auth_local.certs[0], handle));
	conn_put(conn);
	section_free(s);
	/* a file name is not a certificate, and is not opened */
	s = section_new();
	c = section_add(s, "a");
	section_item(section_list(section_add(c, "local"), "certs"),
		     "/etc/passwd", 11);
	EXPECT_EQ(-conn_load(c, creds, NULL, &conn, why, sizeof(why)), EINVAL);
	EXPECT(strstr(why, "a.local.certs: is not an X.509 certificate"));
	section_free(s);

	EXPECT(!conf_conn("connections { a { local { auth = psk\n"
			  "certs = moon.pem } } }",
			  creds, why, sizeof(why)));
	conf_why(why, 2, "local.certs: certificates, but auth = psk", "");
	conf_write("x509/junk.pem", "junk", 4);
	EXPECT(!conf_conn("connections { a { local { certs = junk.pem } } }",
			  creds, why, sizeof(why)));
	conf_why(why, 1, "x509/junk.pem\" is not an X.509 certificate",
		 "local.certs");
	unlink(conf_write("x509/junk.pem", "", 0));
	free(der);
	free(cert);
	free(key);
	free(ca);
	free(ca_key);
	ike_creds_free(creds);
}

static void conf_values(void)
{
	uint64_t v;
	uint8_t out[8];
	size_t len;

	EXPECT(!conf_time("0", &v) && v == 0);
	EXPECT(!conf_time("5", &v) && v == 5 * IKE_USEC);
	EXPECT(!conf_time("5 m", &v) && v == 5 * MIN);
	EXPECT(!conf_time("4H", &v) && v == 4 * HOUR);
	EXPECT(!conf_time("0x10s", &v) && v == 16 * IKE_USEC);
	EXPECT(conf_time("", &v) && conf_time("s", &v) && conf_time("1w", &v) &&
	       conf_time("1hh", &v) && conf_time("+1", &v) &&
	       conf_time("1.5h", &v));
	EXPECT(!conf_bytes("10K", &v) && v == 10240);
	EXPECT(conf_bytes("17179869184g", &v) && conf_bytes("1t", &v));
	len = sizeof(out);
	EXPECT(!conf_secret("0x00fF", out, &len) && len == 2 && out[1] == 255);
	len = sizeof(out);
	EXPECT(!conf_secret("0sAQIDBA==", out, &len) && len == 4 &&
	       out[3] == 4);
	len = sizeof(out);
	EXPECT(!conf_secret("0sAQI=", out, &len) && len == 2);
	len = sizeof(out);
	EXPECT(conf_secret("0sA", out, &len));
	len = sizeof(out);
	EXPECT(conf_secret("0sAQI==", out, &len));
	len = sizeof(out);
	EXPECT_EQ(-conf_secret("nine bytes", out, &len), ERANGE);
	len = sizeof(out);
	EXPECT_EQ(-conf_secret("0x000102030405060708", out, &len), ERANGE);
	len = sizeof(out);
	EXPECT(!conf_secret("text", out, &len) && len == 4);
}

/* @row, somewhere behind @head: sections have keys of the same name. */
static void expect_row(const char *doc, const char *head, const char *row)
{
	const char *at_head, *at_row = NULL;

	for (at_head = strstr(doc, head); at_head && !at_row;
	     at_head = strstr(at_head + 1, head))
		at_row = strstr(at_head, row);
	if (!at_row)
		printf("\n    %s: no row %s\n", head, row);
	EXPECT(at_row != NULL);
}

static char *whole(const char *path)
{
	char *text = calloc(1, 1 << 20);
	FILE *f = fopen(path, "r");

	if (!f || !fread(text, 1, (1 << 20) - 1, f))
		printf("\n    %s: %s\n", path, strerror(errno));
	if (f)
		fclose(f);
	return text;
}

/* Page and man page have a row for every key, with its default. */
static void conf_keys_are_documented(void)
{
	char *page = whole("docs/espalierd.md"), row[400];
	char *man = whole("ike/man/espalierd-swanctl.conf.5");
	struct conf_key_info k;
	unsigned int i;

	for (i = 0; conf_key(i, &k); i++) {
		snprintf(row, sizeof(row), "| `%s` | %s | %s |", k.name, k.def,
			 k.allowed);
		expect_row(page, k.section, row);
		snprintf(row, sizeof(row), ".B %s \\fR[%s", k.name, k.def);
		row[strcspn(row, "-")] = 0; /* escaped in a man page */
		expect_row(man, k.section, row);
	}
	free(page);
	free(man);
}

static const struct test_case cases[] = {
	{ "conf_conn_defaults", conf_conn_defaults },
	{ "conf_conn_every_key", conf_conn_every_key },
	{ "conf_conn_limits", conf_conn_limits },
	{ "conf_conn_each_key_refuses", conf_conn_each_key_refuses },
	{ "conf_conn_errors", conf_conn_errors },
	{ "conf_conn_lists", conf_conn_lists },
	{ "conf_conn_certificates", conf_conn_certificates },
	{ "conf_values", conf_values },
	{ "conf_keys_are_documented", conf_keys_are_documented },
	{ 0 },
};

int main(int argc, char **argv)
{
	return suite_run("test_conf", cases, argc, argv);
}
