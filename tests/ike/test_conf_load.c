// SPDX-License-Identifier: Apache-2.0
/* swanctl.conf with the certificates and keys beside it. */
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>
#include "conf_files.h"
#include "suite.h"

static char why[1024];

static unsigned int taken;

static void take(void *arg, struct conn *conn)
{
	(void)arg;
	taken++;
	EXPECT(conn->of_file);
	conn_put(conn);
}

static int load_all(const char *text, struct ike_creds *creds)
{
	const char *path = conf_write("swanctl.conf", text, strlen(text));

	why[0] = 0;
	taken = 0;
	return conf_load_all(path, creds, take, NULL, why, sizeof(why));
}

static void count(void *arg, enum ike_cert_kind kind, unsigned int flags,
		  const uint8_t *der, size_t len)
{
	unsigned int *n = arg;

	(void)der;
	(void)len;
	n[0] += kind == IKE_CERT_X509;
	n[1] += !!(flags & IKE_CERT_HAS_KEY);
	n[2] += !!(flags & IKE_CERT_ANCHOR);
}

static void count_name(void *arg, const char *name)
{
	unsigned int *n = arg;

	*n += !strncmp(name, "ike", 3);
}

static void conf_load_everything(void)
{
	static const char good[] =
		"connections { a { }\n b { local { auth = psk } } }\n"
		"secrets {\n"
		"ike-1 { id-1 = moon.example.org\n id-2 = 192.0.2.1\n"
		"        secret = \"p # s\" }\n"
		"ike-2 { secret = 0x0102ff }\n"
		"ike-3 { secret = 0sAQL/ }\n"
		"private-x { file = moon.pem\n secret = unused }\n"
		"}\n"
		"pools { }\n"
		"authorities { r { cacert = root.pem } }\n";
	struct ike_creds *creds = ike_creds_new();
	char *cert, *key, *ca, *ca_key;
	unsigned int certs[3] = { 0 }, psks = 0;

	conf_cert("moon.example.org", false, &cert, &key);
	conf_cert("root", true, &ca, &ca_key);
	conf_write("x509/moon.pem", cert, strlen(cert));
	conf_write("x509ca/root.pem", ca, strlen(ca));
	conf_write("private/moon.pem", key, strlen(key));
	EXPECT_EQ(load_all(good, creds), 2);
	if (why[0])
		printf("\n    %s\n", why);
	EXPECT_EQ(taken, 2);
	ike_creds_each_cert(creds, count, certs);
	EXPECT_EQ(certs[0], 2);
	EXPECT_EQ(certs[1], 1);
	EXPECT_EQ(certs[2], 1);
	ike_creds_each_psk(creds, count_name, &psks);
	EXPECT_EQ(psks, 3);

	/* after an error everything is as it was */
	static const struct {
		const char *text;
		int line;
		const char *what, *more;
	} bad[] = {
		{ "connections { a { }\n b { x = 1 } }", 2,
		  "connections.b.x: unknown", "" },
		{ "connections = 1", 1, "connections: a section", "" },
		{ "\nverison = 2", 2, "verison: unknown key", "" },
		{ "pools { p { addrs = 10.0.0.0/24 } }", 1,
		  "pools of addresses are not supported", "" },
		{ "secrets { eap-1 { secret = x } }", 1,
		  "secrets.eap-1: ", "ike, private, rsa, ecdsa and pkcs8" },
		{ "secrets { ike {\n secrte = x } }", 2,
		  "secrets.ike.secrte: ", "allowed: secret, and id" },
		{ "secrets { ike {\n id = x } }", 1,
		  "secrets.ike.secret: ", "missing" },
		{ "secrets { ike {\n secret = 0xabc } }", 2,
		  "secrets.ike.secret: ", "hex digits" },
		{ "secrets { ike {\n secret = 0s!! } }", 2,
		  "secrets.ike.secret: ", "base64" },
		{ "secrets { ike {\n secret = \"\" } }", 1,
		  "secrets.ike.secret: ", "missing" },
		{ "secrets { rsa1 { file = gone.pem\n secret = x } }", 1,
		  "secrets.rsa1.file: there is no \"gone.pem\"", "" },
		{ "secrets { private { secret = x } }", 1,
		  "secrets.private.file: missing", "" },
		{ "authorities { a { crl_uris = http://x } }", 1,
		  "authorities.a.crl_uris: ", "allowed: cacert" },
		{ "authorities { a {\n cacert = gone.pem } }", 2,
		  "authorities.a.cacert: ", "/x509ca/gone.pem" },
		{ "authorities { a { } }", 1, "authorities.a.cacert: missing",
		  "" },
	};
	unsigned int i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		EXPECT(load_all(bad[i].text, creds) < 0);
		conf_why(why, bad[i].line, bad[i].what, bad[i].more);
		EXPECT_EQ(taken, 0);
	}
	conf_write("x509/junk", "junk", 4);
	EXPECT(load_all(good, creds) < 0);
	EXPECT(strstr(why, "/x509/junk: "));
	unlink(conf_write("x509/junk", "", 0));
	conf_write("x509ac/a.pem", "x", 1);
	EXPECT(load_all(good, creds) < 0);
	EXPECT(strstr(why, "/x509ac/a.pem: attribute certificates are not"));
	unlink(conf_write("x509ac/a.pem", "", 0));
	memset(certs, 0, sizeof(certs));
	psks = 0;
	ike_creds_each_cert(creds, count, certs);
	ike_creds_each_psk(creds, count_name, &psks);
	EXPECT_EQ(certs[0], 2);
	EXPECT_EQ(certs[1], 1);
	EXPECT_EQ(psks, 3);
	ike_creds_free(creds);
	free(cert);
	free(key);
	free(ca);
	free(ca_key);
}

/* Each file is opened once: what was checked is what is loaded. */
static unsigned int opened(int fd)
{
	char buf[4096] __attribute__((aligned(8)));
	ssize_t n = read(fd, buf, sizeof(buf)), at = 0;
	unsigned int opens = 0;

	while (at < n) {
		struct inotify_event *ev = (struct inotify_event *)(buf + at);

		opens += !!(ev->mask & IN_OPEN);
		at += (ssize_t)(sizeof(*ev) + ev->len);
	}
	return opens;
}

static void conf_is_read_once(void)
{
	static const char text[] = "connections { a { } }\n"
				   "authorities { r { cacert = root.pem } }\n";
	struct ike_creds *creds = ike_creds_new();
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	unsigned int psks = 0, certs[3] = { 0 };
	char *ca, *ca_key, path[300];

	MUST(fd >= 0);
	conf_cert("root", true, &ca, &ca_key);
	conf_write("x509ca/root.pem", ca, strlen(ca));
	EXPECT_EQ(load_all(text, creds), 1);
	/* by the folder it is read once, and once for the authority */
	snprintf(path, sizeof(path), "%s/x509ca/root.pem", conf_dir());
	MUST(inotify_add_watch(fd, path, IN_OPEN | IN_CLOSE_NOWRITE) >= 0);
	EXPECT_EQ(load_all(text, creds), 1);
	EXPECT_EQ(opened(fd), 2);
	/* what somebody else has loaded is not touched, by an error neither */
	MUST(!ike_creds_add_psk(creds, "ike-vici", "x", 1, NULL, 0));
	EXPECT_EQ(load_all(text, creds), 1);
	EXPECT(load_all("connections { a { x = 1 } }", creds) < 0);
	ike_creds_each_psk(creds, count_name, &psks);
	ike_creds_each_cert(creds, count, certs);
	EXPECT_EQ(psks, 1);
	EXPECT_EQ(certs[2], 1);
	close(fd);
	free(ca);
	free(ca_key);
	ike_creds_free(creds);
}

static const struct test_case cases[] = {
	{ "conf_load_everything", conf_load_everything },
	{ "conf_is_read_once", conf_is_read_once },
	{ 0 },
};

int main(int argc, char **argv)
{
	return suite_run("test_conf_load", cases, argc, argv);
}
