// SPDX-License-Identifier: Apache-2.0
/* The commands and events of the VICI socket. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "client.h"
#include "suite.h"

static const char *const net[] = { "net", NULL };

/* ----------------------------------------------- initiate, terminate, rekey */

static void wait_dispatch(void)
{
	struct pollfd p = { vici_fd(v), POLLIN, 0 };

	poll(&p, 1, 120000);
	vici_dispatch(v);
}

static void vici_initiate(void)
{
	static const char *const children[] = { "net", "fail-x", "never-x",
						NULL };
	struct section *req;
	struct heard h;
	int fd, other;

	up();
	fd = dial();
	other = dial();
	load_conn(fd, "gw", children);

	/* finished within the call */
	EXPECT(ask_ok(fd, "initiate", with("child", "net")));
	expect_error(fd, "initiate", with("child", "fail-x"),
		     "establishing CHILD_SA \"fail-x\" failed: the peer says");
	expect_error(fd, "initiate", with("child", "nope"),
		     "there is no child \"nope\"");
	req = with("child", "net");
	section_set(req, "ike", "other", 5);
	expect_error(fd, "initiate", req,
		     "no child \"net\" in connection \"other\"");
	expect_error(fd, "initiate", with("ike", "other"),
		     "there is no connection \"other\"");
	expect_error(fd, "initiate", NULL, "child or ike");
	req = with("child", "net");
	section_set(req, "timeout", "soon", 4);
	expect_error(fd, "initiate", req, "timeout: allowed");

	/* later; others are served, and what is behind it waits */
	ike->delay = 1000000;
	say_packet(fd, REQ, "initiate", with("child", "net"));
	say_packet(fd, REQ, "version", NULL);
	EXPECT_EQ(hear_type(fd), -2);
	section_free(ask(other, "version", NULL));
	clock_us += 2000000;
	fake_run(ike, clock_us);
	h = hear(fd);
	EXPECT_EQ(h.type, RESP);
	EXPECT(section_text(h.msg, "success"));
	section_free(h.msg);
	h = hear(fd);
	EXPECT(h.type == RESP && section_text(h.msg, "daemon"));
	section_free(h.msg);

	/* time is over, the core goes on */
	req = with("child", "never-x");
	section_set(req, "timeout", "30", 2);
	say_packet(fd, REQ, "initiate", req);
	wait_dispatch();
	h = hear(fd);
	EXPECT_EQ(h.type, RESP);
	EXPECT(h.msg &&
	       strstr(section_text(h.msg, "errmsg"), "not done in time"));
	section_free(h.msg);
	/* no waiting at all */
	req = with("child", "never-x");
	section_set(req, "timeout", "-1", 2);
	EXPECT(ask_ok(fd, "initiate", req));

	/* nobody waits any more */
	say_packet(fd, REQ, "initiate", with("child", "net"));
	close(fd);
	vici_dispatch(v);
	vici_dispatch(v);
	EXPECT_EQ(v->nclients, 1);
	clock_us += 2000000;
	fake_run(ike, clock_us);
	section_free(ask(other, "version", NULL));
	close(other);
	down();
}

static void vici_terminate_rekey(void)
{
	struct section *r, *req;
	int fd;

	up();
	fd = dial();
	load_conn(fd, "gw", net);
	fake_sa(ike, ike_conn_next(ike, NULL), clock_us, 2);
	fake_sa(ike, ike_conn_next(ike, NULL), clock_us, 1);

	r = ask(fd, "rekey", with("child", "net"));
	EXPECT(!strcmp(section_text(r, "matches"), "3"));
	section_free(r);
	expect_error(fd, "rekey", with("ike", "nope"), "no matching SAs");
	expect_error(fd, "rekey", NULL, "ike, child, ike-id or child-id");
	req = with("ike", "gw");
	section_set(req, "reauth", "yes", 3);
	expect_error(fd, "rekey", req, "reauth: allowed: no");

	expect_error(fd, "terminate", with("ike-id", "x"), "a number");
	expect_error(fd, "list-sas", with("ike-id", "x"), "a number");
	expect_error(fd, "list-sas", with("child-id", "-1"), "a number");
	expect_error(fd, "terminate", with("ike", "nope"),
		     "no matching SAs to terminate found");
	r = ask(fd, "terminate", with("child-id", "2"));
	EXPECT(!strcmp(section_text(r, "terminated"), "1"));
	section_free(r);
	r = ask(fd, "terminate", with("ike", "gw"));
	EXPECT(!strcmp(section_text(r, "success"), "yes"));
	EXPECT(!strcmp(section_text(r, "matches"), "2"));
	section_free(r);
	EXPECT(!ike_sa_next(ike, NULL));
	close(fd);
	down();
}

/* ------------------------------------------------------------------- events */

static unsigned int drain(int fd, const char *event, const char *text)
{
	unsigned int n = 0;
	struct heard h;
	const char *msg;

	while ((h = hear(fd)).type == EVENT) {
		msg = section_text(h.msg, "msg");
		n += !strcmp(h.name, event) &&
		     (!text || (msg && strstr(msg, text)));
		section_free(h.msg);
	}
	section_free(h.msg);
	return n;
}

static void vici_control_log(void)
{
	const struct conn *gw, *other;
	struct ike_sa *sa;
	struct section *req;
	int fd, log;

	up();
	fd = dial();
	log = dial();
	load_conn(fd, "gw", net);
	load_conn(fd, "zz", net);
	gw = ike_conn_next(ike, NULL);
	other = ike_conn_next(ike, gw);
	sa = fake_sa(ike, other, clock_us, 1);
	subscribe(fd, "control-log");
	subscribe(log, "log");

	/* without a command there is none */
	on_log(NULL, IKE_LOG_AUDIT, sa, "of another");
	EXPECT_EQ(drain(fd, "control-log", NULL), 0);
	EXPECT_EQ(drain(log, "log", "of another"), 1);

	ike->delay = 1000;
	req = with("ike", "gw");
	section_set(req, "loglevel", "1", 1);
	say_packet(fd, REQ, "initiate", req);
	vici_dispatch(v);
	on_log(NULL, IKE_LOG_AUDIT, sa, "of another");
	on_log(NULL, IKE_LOG_AUDIT, NULL, "of none");
	clock_us += 1000;
	fake_run(ike, clock_us);
	/* "initiating" in the call, "established" of its SA; no detail */
	EXPECT_EQ(drain(fd, "control-log", NULL), 2);
	EXPECT_EQ(drain(log, "log", NULL), 5);
	say_packet(log, UNREG, "log", NULL);
	EXPECT_EQ(hear_type(log), CONFIRM);
	on_log(NULL, IKE_LOG_AUDIT, NULL, "of none");
	EXPECT_EQ(hear_type(log), -2);
	close(fd);
	close(log);
	down();
}

static void vici_events(void)
{
	static const char *const names[] = { "ike-updown", "child-updown",
					     "ike-rekey", "child-rekey" };
	struct ike_select sel = { .ike = "gw" }, kids = { .child = "net" };
	const struct section *s;
	struct heard h;
	unsigned int i;
	int fd;

	up();
	fd = dial();
	load_conn(fd, "gw", net);
	for (i = 0; i < 4; i++)
		subscribe(fd, names[i]);
	EXPECT_EQ(ike_initiate(ike, clock_us, "gw", "net", ignore, NULL), 0);
	h = hear(fd);
	EXPECT(h.type == EVENT && !strcmp(h.name, "ike-updown"));
	EXPECT(!strcmp(section_text(h.msg, "up"), "yes"));
	s = section_find(h.msg, "gw");
	MUST(s);
	EXPECT(!strcmp(section_text(s, "state"), "ESTABLISHED"));
	EXPECT(!section_find(s, "child-sas"));
	section_free(h.msg);
	h = hear(fd);
	EXPECT(h.type == EVENT && !strcmp(h.name, "child-updown"));
	s = section_find(section_find(section_find(h.msg, "gw"), "child-sas"),
			 "net-2");
	MUST(s);
	EXPECT(!strcmp(section_text(s, "spi-in"), "c0000001"));
	section_free(h.msg);

	EXPECT_EQ(ike_rekey(ike, clock_us, &sel), 1);
	h = hear(fd);
	EXPECT(h.type == EVENT && !strcmp(h.name, "ike-rekey"));
	s = section_find(h.msg, "gw");
	EXPECT(section_find(s, "old") && section_find(s, "new"));
	section_free(h.msg);
	EXPECT_EQ(ike_rekey(ike, clock_us, &kids), 1);
	h = hear(fd);
	EXPECT(h.type == EVENT && !strcmp(h.name, "child-rekey"));
	s = section_find(section_find(section_find(h.msg, "gw"), "child-sas"),
			 "net");
	EXPECT(section_find(s, "old") && section_find(s, "new"));
	section_free(h.msg);

	EXPECT_EQ(ike_terminate(ike, clock_us, &sel, ignore, NULL), 1);
	h = hear(fd);
	EXPECT(h.type == EVENT && !strcmp(h.name, "ike-updown"));
	EXPECT(!section_text(h.msg, "up"));
	section_free(h.msg);
	close(fd);
	down();
}

/* ---------------------------------------------------- connections and
 * credentials */

static void vici_conns(void)
{
	struct section *r, *req;
	const struct section *s;
	struct heard h;
	int fd;

	up();
	fd = dial();
	load_conn(fd, "gw", net);
	load_conn(fd, "gw", net); /* replaced */
	load_conn(fd, "b", net);
	r = ask(fd, "get-conns", NULL);
	s = section_find(r, "conns");
	MUST(s && s->child);
	EXPECT(!strcmp((char *)s->child->value, "gw"));
	EXPECT(s->child->next == s->last);
	section_free(r);

	req = section_new();
	section_set(section_add(req, "x"), "dpd_delay", "5x", 2);
	expect_error(fd, "load-conn", req,
		     "connections.x.dpd_delay: \"5x\": allowed: a number");
	req = section_new();
	section_set(section_add(req, "x"), "vips", "::", 2);
	expect_error(fd, "load-conn", req, "connections.x.vips: unknown");
	expect_error(fd, "load-conn", NULL, "one section");
	expect_error(fd, "load-conn", with("x", "y"), "one section");
	req = section_new();
	section_add(req, "x");
	section_add(req, "y");
	expect_error(fd, "load-conn", req, "one section");
	ike->refuse = -ENOSPC;
	req = section_new();
	section_add(req, "x");
	expect_error(fd, "load-conn", req, "x: No space left");

	subscribe(fd, "list-conn");
	say_packet(fd, REQ, "list-conns", with("ike", "b"));
	h = hear(fd);
	EXPECT_EQ(h.type, EVENT);
	s = section_find(h.msg, "b");
	MUST(s);
	EXPECT(!strcmp(section_text(s, "version"), "IKEv2"));
	EXPECT(!strcmp(section_text(section_find(s, "local-1"), "class"),
		       "pre-shared key"));
	section_free(h.msg);
	EXPECT_EQ(hear_type(fd), RESP);

	EXPECT(ask_ok(fd, "unload-conn", with("name", "gw")));
	expect_error(fd, "unload-conn", with("name", "gw"),
		     "there is no connection \"gw\"");
	expect_error(fd, "unload-conn", NULL, "name: missing");
	close(fd);
	down();
}

static struct section *data(const char *type, const char *flag,
			    const void *bytes, size_t len)
{
	struct section *s = with("type", type);

	if (flag)
		section_set(s, "flag", flag, strlen(flag));
	if (len)
		section_set(s, "data", bytes, len);
	return s;
}

static unsigned int items(struct section *r, const char *list)
{
	const struct section *l = section_find(r, list), *i;
	unsigned int n = 0;

	for (i = l ? l->child : NULL; i; i = i->next)
		n++;
	section_free(r);
	return n;
}

static void one_anchor(void *arg, enum ike_cert_kind kind, unsigned int flags,
		       const uint8_t *der, size_t len)
{
	(void)der;
	(void)len;
	*(unsigned int *)arg +=
		kind == IKE_CERT_X509 && flags & IKE_CERT_ANCHOR;
}

static unsigned int anchors(void)
{
	unsigned int n = 0;

	ike_creds_each_cert(creds, one_anchor, &n);
	return n;
}

static struct section *authority(const char *name, const char *cert)
{
	struct section *req = section_new();

	section_set(section_add(req, name), "cacert", cert, strlen(cert));
	return req;
}

static void vici_credentials(void)
{
	char *cert, *key, *ca, *ca_key, id[64];
	struct section *r, *req;
	unsigned int n = 0, keys = 0;
	struct heard h;
	int fd;

	up();
	fd = dial();
	conf_cert("moon.example.org", false, &cert, &key);
	conf_cert("root", true, &ca, &ca_key);
	EXPECT(ask_ok(fd, "load-cert",
		      data("X509", "NONE", cert, strlen(cert))));
	EXPECT(ask_ok(fd, "load-cert", data("X509", "CA", ca, strlen(ca))));
	expect_error(fd, "load-cert", data("X509", "CA", "junk", 4),
		     "certificate: ");
	expect_error(fd, "load-cert", data("X509_AC", NULL, "x", 1),
		     "type: \"X509_AC\"; allowed: X509, X509_CRL");
	expect_error(fd, "load-cert", data("X509", "AA", "x", 1),
		     "flag: \"AA\"");
	expect_error(fd, "load-cert", data("X509", NULL, "", 0),
		     "data: missing");

	r = ask(fd, "load-key", data("any", NULL, key, strlen(key)));
	EXPECT(!strcmp(section_text(r, "success"), "yes"));
	snprintf(id, sizeof(id), "%s", section_text(r, "id"));
	EXPECT_EQ(strlen(id), 40);
	section_free(r);
	expect_error(fd, "load-key", data("any", NULL, "junk", 4),
		     "private key: ");
	EXPECT_EQ(items(ask(fd, "get-keys", NULL), "keys"), 1);

	subscribe(fd, "list-cert");
	say_packet(fd, REQ, "list-certs", with("type", "X509"));
	while ((h = hear(fd)).type == EVENT) {
		n++;
		keys += section_text(h.msg, "has_privkey") != NULL;
		EXPECT(section_find(h.msg, "data")->len > 100);
		section_free(h.msg);
	}
	section_free(h.msg);
	EXPECT_EQ(n, 2);
	EXPECT_EQ(keys, 1);
	EXPECT(ask_ok(fd, "unload-key", with("id", id)));
	expect_error(fd, "unload-key", with("id", id), "no private key");

	req = data("IKE", NULL, "secret", 6);
	section_set(req, "id", "ike-1", 5);
	section_item(section_list(req, "owners"), "moon.example.org", 16);
	EXPECT(ask_ok(fd, "load-shared", req));
	EXPECT(ask_ok(fd, "load-shared", data("ike", NULL, "unnamed", 7)));
	EXPECT_EQ(items(ask(fd, "get-shared", NULL), "keys"), 2);
	EXPECT(ask_ok(fd, "unload-shared", with("id", "ike-1")));
	expect_error(fd, "unload-shared", with("id", "ike-1"), "no secret");
	expect_error(fd, "load-shared", data("EAP", NULL, "x", 1),
		     "type: \"EAP\"; allowed: IKE");
	req = data("IKE", NULL, "secret", 6);
	section_item(section_list(req, "owners"), "@#zz", 4);
	expect_error(fd, "load-shared", req, "\"@#zz\" is not an identity");
	expect_error(fd, "load-token", NULL, "tokens are not supported");

	req = section_new();
	section_set(section_add(req, "r"), "cacert", ca, strlen(ca));
	EXPECT(ask_ok(fd, "load-authority", req));
	EXPECT_EQ(items(ask(fd, "get-authorities", NULL), "authorities"), 1);
	req = section_new();
	section_set(section_add(req, "r"), "cacert", cert, strlen(cert));
	expect_error(fd, "load-authority", req, "authorities.r.cacert: ");
	expect_error(fd, "unload-authority", with("name", "q"),
		     "no authority \"q\"");
	EXPECT(ask_ok(fd, "unload-authority", with("name", "r")));
	expect_error(fd, "unload-authority", with("name", "r"),
		     "no authority \"r\"");
	/* it was loaded as a CA by itself too */
	EXPECT_EQ(anchors(), 1);
	EXPECT(ask_ok(fd, "flush-certs", NULL));
	EXPECT(ask_ok(fd, "clear-creds", NULL));
	EXPECT_EQ(items(ask(fd, "get-shared", NULL), "keys"), 0);
	EXPECT_EQ(items(ask(fd, "get-authorities", NULL), "authorities"), 0);

	req = section_new();
	section_set(section_add(req, "p"), "addrs", "10.0.0.0/8", 10);
	expect_error(fd, "load-pool", req, "pools of addresses");
	expect_error(fd, "unload-pool", with("name", "p"), "no pool \"p\"");
	section_free(ask(fd, "get-pools", NULL));
	free(cert);
	free(key);
	free(ca);
	free(ca_key);
	close(fd);
	down();
}

/* What an authority alone has loaded is trusted as long as one of them has it.
 */
static void vici_authorities(void)
{
	char *ca, *ca_key, *next, *next_key;
	int fd;

	up();
	fd = dial();
	conf_cert("root", true, &ca, &ca_key);
	conf_cert("next", true, &next, &next_key);
	EXPECT(ask_ok(fd, "load-authority", authority("a", ca)));
	EXPECT(ask_ok(fd, "load-authority", authority("b", ca)));
	EXPECT_EQ(anchors(), 1);
	EXPECT(ask_ok(fd, "unload-authority", with("name", "a")));
	EXPECT_EQ(anchors(), 1);
	EXPECT(ask_ok(fd, "unload-authority", with("name", "b")));
	EXPECT_EQ(anchors(), 0);
	EXPECT_EQ(items(ask(fd, "get-authorities", NULL), "authorities"), 0);
	/* another certificate under the same name takes the place of the first
	 */
	EXPECT(ask_ok(fd, "load-authority", authority("a", ca)));
	EXPECT(ask_ok(fd, "load-authority", authority("a", next)));
	EXPECT_EQ(anchors(), 1);
	EXPECT_EQ(items(ask(fd, "get-authorities", NULL), "authorities"), 1);
	expect_error(fd, "load-authority", authority("a", "junk"),
		     "authorities.a.cacert: ");
	EXPECT_EQ(anchors(), 1);
	/* what the daemon's own file trusts is not the user's to take back */
	EXPECT(ask_ok(fd, "load-authority", authority("a", ca)));
	MUST(!ike_creds_add_cert(creds, ca, strlen(ca), true, said[0],
				 sizeof(said[0])));
	EXPECT(ask_ok(fd, "unload-authority", with("name", "a")));
	EXPECT_EQ(anchors(), 1);
	EXPECT(ask_ok(fd, "clear-creds", NULL));
	EXPECT_EQ(anchors(), 0);
	free(ca);
	free(ca_key);
	free(next);
	free(next_key);
	close(fd);
	down();
}

static void vici_daemon_commands(void)
{
	struct section *r;
	struct heard h;
	int fd;

	up();
	fd = dial();
	load_conn(fd, "gw", net);
	fake_sa(ike, ike_conn_next(ike, NULL), clock_us, 3);
	clock_us += 5 * IKE_USEC;
	r = ask(fd, "stats", NULL);
	EXPECT(!strcmp(section_text(section_find(r, "uptime"), "running"),
		       "5 seconds"));
	EXPECT(!strcmp(section_text(section_find(r, "ikesas"), "total"), "1"));
	EXPECT(!strcmp(section_text(section_find(r, "ikesas"), "half-open"),
		       "2"));
	EXPECT(!strcmp(section_text(section_find(r, "childsas"), "total"),
		       "3"));
	section_free(r);
	/* an SA of which it is not yet known whose it is */
	ike->sas->info.conn = NULL;
	subscribe(fd, "list-sa");
	say_packet(fd, REQ, "list-sas", NULL);
	h = hear(fd);
	EXPECT(h.type == EVENT && section_find(h.msg, "(unnamed)"));
	section_free(h.msg);
	EXPECT_EQ(hear_type(fd), RESP);
	on_log(NULL, IKE_LOG_AUDIT, ike->sas, "half-open");
	conn_put((struct conn *)(uintptr_t)ike_conn_next(ike, NULL));
	r = ask(fd, "get-counters", NULL);
	EXPECT(!strcmp(
		section_text(section_find(section_find(r, "counters"), ""),
			     "ike-init-in"),
		"7"));
	section_free(r);
	expect_error(fd, "get-counters", with("name", "gw"), "together");
	expect_error(fd, "reset-counters", NULL, "never reset");
	r = ask(fd, "get-algorithms", NULL);
	EXPECT(section_text(section_find(r, "encryption"), "AES_GCM_16"));
	EXPECT(section_text(section_find(r, "ke"), "CURVE_25519"));
	section_free(r);
	EXPECT(ask_ok(fd, "reload-settings", NULL));
	expect_error(fd, "reload-settings", NULL, "Invalid argument");
	expect_error(fd, "redirect", NULL, "not supported");
	expect_error(fd, "install", with("child", "net"), "start_action");
	expect_error(fd, "uninstall", with("child", "net"), "start_action");
	close(fd);
	down();
}

static const struct test_case cases[] = {
	{ "vici_initiate", vici_initiate },
	{ "vici_terminate_rekey", vici_terminate_rekey },
	{ "vici_control_log", vici_control_log },
	{ "vici_events", vici_events },
	{ "vici_conns", vici_conns },
	{ "vici_credentials", vici_credentials },
	{ "vici_authorities", vici_authorities },
	{ "vici_daemon_commands", vici_daemon_commands },
	{ 0 },
};

int main(int argc, char **argv)
{
	return suite_run("test_vici_commands", cases, argc, argv);
}
