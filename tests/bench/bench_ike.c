// SPDX-License-Identifier: Apache-2.0
/*
 * What setting up an IKE SA with its first child costs each side: two cores in
 * one process that hand each other their messages, a database of SAs that only
 * counts. The limit is the OpenSSL operations that cannot be left out, measured
 * in the same run. CPU time of this thread, the best of several rounds, since
 * the machine is shared.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "bench_ike.h"
#include "core/ike.h"
#include "pki.h"

#define SETUPS 400
#define HELD 2000 /* for bytes an SA */
#define FLOOD 100000

static void print(const char *name, const char *kind, double value,
		  const char *unit, double limit)
{
	printf("{\"name\": \"%s%s\", \"value\": %.6g, \"unit\": \"%s\"", name,
	       kind, value, unit);
	if (limit > 0)
		printf(", \"limit\": %.6g", limit);
	printf("}\n");
}

/* ---------------------------------------------------------------- two sides */

struct side {
	struct ike *ike;
	struct ike_creds *creds;
	struct sadb db;
	struct espalier_addr ip;
	uint8_t msg[8][4096];
	size_t len[8];
	unsigned int n; /* to be heard by the other one */
	double us;
	unsigned int up;
};

static void op_send(void *ctx, const struct ike_end *local,
		    const struct ike_end *remote, const uint8_t *msg,
		    size_t len)
{
	struct side *s = ctx;

	(void)local;
	(void)remote;
	must(s->n < 8 && len <= sizeof(s->msg[0]), "message too long");
	memcpy(s->msg[s->n], msg, len);
	s->len[s->n++] = len;
}

static void op_event(void *ctx, const struct ike_event *ev)
{
	struct side *s = ctx;

	s->up += ev->type == IKE_EV_CHILD_UP;
}

static const struct ike_ops ops = {
	.send = op_send,
	.random = bench_random,
	.wall = bench_wall,
	.log = bench_log,
	.event = op_event,
};

static struct conn *conn(const struct side *s, int who, const char *name,
			 bool psk)
{
	return bench_conn(name, &s[who].ip, &s[!who].ip, who, psk);
}

static void add_cert(struct ike_creds *creds, const struct pki_id *id, bool ca)
{
	char why[200];

	must(!ike_creds_add_cert(creds, id->der, id->len, ca, why, sizeof(why)),
	     "certificate");
}

static struct pki_id root, end[2];

static void make_pki(void)
{
	struct pki_spec ca = { .subject = "CN=root",
			       .usage = "keyCertSign",
			       .ca = true };
	int i;

	if (root.cert)
		return;
	pki_issue(&root, pki_key("p256", 9), NULL, &ca);
	for (i = 0; i < 2; i++) {
		struct pki_spec e = { .subject = i ? "CN=b" : "CN=a",
				      .san = i ? "DNS:b.example.org"
					       : "DNS:a.example.org" };

		pki_issue(&end[i], pki_key("p256", (unsigned int)i), &root, &e);
	}
}

static void creds(struct side *s, bool psk)
{
	int i;

	make_pki();
	for (i = 0; i < 2; i++) {
		char why[200], *pem;

		s[i].creds = ike_creds_new();
		if (psk) {
			must(!ike_creds_add_psk(s[i].creds, "k", "secret", 6,
						NULL, 0),
			     "psk");
			continue;
		}
		add_cert(s[i].creds, &root, true);
		add_cert(s[i].creds, &end[i], false);
		pem = pki_key_pem(end[i].key, NULL);
		must(!ike_creds_add_key(s[i].creds, pem, strlen(pem), NULL,
					NULL, why, sizeof(why)),
		     "key");
		free(pem);
	}
}

static unsigned int cookie_from = 30;

static void open_both(struct side *s, bool psk)
{
	struct ike_settings set;
	int i;

	memset(s, 0, 2 * sizeof(*s));
	ike_settings_default(&set);
	set.cookie_from = cookie_from;
	creds(s, psk);
	for (i = 0; i < 2; i++) {
		s[i].ip.family = AF_INET;
		inet_pton(AF_INET, i ? "192.0.2.2" : "192.0.2.1",
			  s[i].ip.bytes);
		s[i].db.ops = &nulldb_ops;
	}
	for (i = 0; i < 2; i++) {
		s[i].ike = ike_new(&ops, &s[i], &set, s[i].creds, &s[i].db);
		must(s[i].ike && !ike_conn_set(s[i].ike, 1,
					       conn(s, i, "bench", psk)),
		     "core");
	}
}

static void close_both(struct side *s)
{
	int i;

	for (i = 0; i < 2; i++) {
		s[i].n = 0;
		ike_free(s[i].ike);
		ike_creds_free(s[i].creds);
	}
}

/* What both have to say to each other, until nobody has anything. */
static void talk(struct side *s)
{
	struct ike_end e[2] = { { s[0].ip, 500 }, { s[1].ip, 500 } };
	static uint8_t msg[8][4096];
	size_t len[8];
	unsigned int n, k;
	double start;
	int from;

	while (s[0].n || s[1].n) {
		from = s[0].n ? 0 : 1;
		n = s[from].n;
		memcpy(len, s[from].len, sizeof(len));
		for (k = 0; k < n; k++)
			memcpy(msg[k], s[from].msg[k], len[k]);
		s[from].n = 0;
		start = now_us();
		for (k = 0; k < n; k++)
			ike_input(s[!from].ike, 1, &e[!from], &e[from], msg[k],
				  len[k]);
		s[!from].us += now_us() - start;
	}
}

static void set_up(struct side *s)
{
	unsigned int up = s[1].up;
	double start = now_us();

	must(!ike_initiate(s[0].ike, 1, "bench", "net", NULL, NULL),
	     "initiate");
	s[0].us += now_us() - start;
	talk(s);
	must(s[1].up == up + 1, "no child came up");
}

/* Gone again, and not counted: only what was set up is measured. */
static void take_down(struct side *s)
{
	struct ike_select all = { 0 };
	double us[2] = { s[0].us, s[1].us };

	ike_terminate(s[0].ike, 1, &all, NULL, NULL);
	talk(s);
	s[0].us = us[0];
	s[1].us = us[1];
}

/* -------------------------------------------------------------- the figures */

static void setups(bool psk, const char *kind, double limit)
{
	static struct side s[2];
	double best[2] = { 1e9, 1e9 }, both;
	int r, i;

	open_both(s, psk);
	for (r = 0; r < ROUNDS; r++) {
		s[0].us = s[1].us = 0;
		for (i = 0; i < SETUPS / ROUNDS; i++) {
			set_up(s);
			take_down(s);
		}
		for (i = 0; i < 2; i++)
			if (s[i].us / (SETUPS / ROUNDS) < best[i])
				best[i] = s[i].us / (SETUPS / ROUNDS);
	}
	both = best[0] > best[1] ? best[0] : best[1];
	print("ike_cpu_ms_initiator", kind, best[0] / 1e3, "ms", limit / 1e3);
	print("ike_cpu_ms_responder", kind, best[1] / 1e3, "ms", limit / 1e3);
	print("ike_setups_per_s", kind, 1e6 / both, "1/s", 1e6 / limit);
	close_both(s);
}

/* An IKE SA and its child, established and silent: what the heap holds more,
 * OpenSSL's contexts among it, of both sides together. A core keeps one SA a
 * connection, so a connection each; those are not counted. */
static void bytes(void)
{
	static struct side s[2];
	struct ike_counters c;
	size_t before;
	char name[20];
	int i;

	open_both(s, true);
	for (i = 0; i < HELD; i++) {
		snprintf(name, sizeof(name), "c%d", i);
		must(!ike_conn_set(s[0].ike, 1, conn(s, 0, name, true)),
		     "connection");
	}
	before = mallinfo2().uordblks;
	for (i = 0; i < HELD; i++) {
		snprintf(name, sizeof(name), "c%d", i);
		must(!ike_initiate(s[0].ike, 1, name, "net", NULL, NULL),
		     "initiate");
		talk(s);
	}
	ike_counters(s[1].ike, &c);
	must(c.ike_sas == HELD && c.child_sas == HELD, "SAs are held");
	print("ike_bytes_per_sa", "",
	      (double)(mallinfo2().uordblks - before) / HELD / 2, "bytes", 0);
	close_both(s);
}

/* Spoofed IKE_SA_INITs that are answered by a cookie. */
static void flood(void)
{
	static struct side s[2];
	struct ike_end from = { { 0 }, 500 }, to;
	struct ike_counters c;
	uint8_t msg[4096];
	double best = 1e9, start;
	size_t len;
	int r;
	uint32_t i, n = 0;

	open_both(s, true);
	must(!ike_initiate(s[0].ike, 1, "bench", "net", NULL, NULL) &&
		     s[0].n == 1,
	     "initiate");
	len = s[0].len[0];
	memcpy(msg, s[0].msg[0], len);
	close_both(s);
	cookie_from = 0;
	open_both(s, true);
	to = (struct ike_end){ s[1].ip, 500 };
	from.ip.family = AF_INET;
	for (r = 0; r < ROUNDS; r++) {
		start = now_us();
		for (i = 0; i < FLOOD / ROUNDS; i++, n++) {
			memcpy(msg, &n, sizeof(n));
			from.ip.v4.s_addr = htonl(0x0a000000 + n);
			s[1].n = 0;
			ike_input(s[1].ike, 1, &to, &from, msg, len);
		}
		start = (now_us() - start) / (FLOOD / ROUNDS);
		if (start < best)
			best = start;
	}
	ike_counters(s[1].ike, &c);
	must(c.cookies_sent == FLOOD && !c.ike_sas, "only cookies");
	print("ike_cookies_per_s", "", 1e6 / best, "1/s", 0);
	close_both(s);
}

int main(void)
{
	double base = limit_x25519_us() + limit_macs_us() + limit_gcm_us();

	setups(true, "", base);
	make_pki();
	setups(false, "_cert", base + limit_cert_us(&root, &end[0]));
	bytes();
	flood();
	return 0;
}
