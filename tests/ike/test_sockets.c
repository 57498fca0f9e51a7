// SPDX-License-Identifier: Apache-2.0
/* The UDP sockets of IKE, over the loopback interface. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <sys/socket.h>
#include "sockets.h"
#include "suite.h"

#define MSG_MAX 65536

static struct watch watch;
static struct sockets *sockets;
static uint16_t port, natt_port;

static unsigned int inputs;
static struct ike_end last_local, last_remote;
static uint8_t last[MSG_MAX];
static size_t last_len;

static void input(void *arg, const struct ike_end *local,
		  const struct ike_end *remote, const uint8_t *msg, size_t len)
{
	(void)arg;
	inputs++;
	last_local = *local;
	last_remote = *remote;
	memcpy(last, msg, len);
	last_len = len;
}

static void begin(void)
{
	struct sockets_opts opts = { .input = input };

	inputs = 0;
	last_len = 0;
	MUST(!watch_open(&watch));
	/* any two ports that happen to be free */
	for (int tries = 0; tries < 50; tries++) {
		opts.port = (uint16_t)(20000 + rand() % 30000);
		opts.natt_port = opts.port + 1;
		if (!sockets_open(&sockets, &opts))
			break;
		sockets = NULL;
	}
	MUST(sockets);
	MUST(!sockets_watch(sockets, &watch));
	port = opts.port;
	natt_port = opts.natt_port;
}

static void end(void)
{
	sockets_close(sockets);
	watch_close(&watch);
}

static struct ike_end at(const char *text, uint16_t p)
{
	struct ike_end e = { .port = p };

	e.ip.family = strchr(text, ':') ? AF_INET6 : AF_INET;
	MUST(inet_pton(e.ip.family, text, e.ip.bytes) == 1);
	return e;
}

/* A peer's socket; -1 without that family. */
static int peer(int family)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct timeval tv = { .tv_sec = 20 };

	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	return fd;
}

static int say_to(int fd, const char *text, uint16_t p, const void *data,
		  size_t len)
{
	struct ike_end e = at(text, p);
	struct sockaddr_in v4 = { .sin_family = AF_INET,
				  .sin_port = htons(p),
				  .sin_addr = e.ip.v4 };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
				   .sin6_port = htons(p),
				   .sin6_addr = e.ip.v6 };
	ssize_t n = e.ip.family == AF_INET
			    ? sendto(fd, data, len, 0, (struct sockaddr *)&v4,
				     sizeof(v4))
			    : sendto(fd, data, len, 0, (struct sockaddr *)&v6,
				     sizeof(v6));

	return n == (ssize_t)len ? 0 : -errno;
}

static void serve(unsigned int want)
{
	for (int i = 0; i < 200 && inputs < want; i++)
		MUST(!watch_wait(&watch, 100));
	EXPECT_EQ(inputs, want);
}

/* The datagram that comes back, and where from. */
static ssize_t answer(int fd, void *buf, size_t size, char from[64],
		      uint16_t *from_port)
{
	union {
		struct sockaddr sa;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} u;
	socklen_t len = sizeof(u);
	ssize_t n = recvfrom(fd, buf, size, 0, &u.sa, &len);

	if (n < 0)
		return n;
	if (u.sa.sa_family == AF_INET) {
		inet_ntop(AF_INET, &u.v4.sin_addr, from, 64);
		*from_port = ntohs(u.v4.sin_port);
	} else {
		inet_ntop(AF_INET6, &u.v6.sin6_addr, from, 64);
		*from_port = ntohs(u.v6.sin6_port);
	}
	return n;
}

static void answered_from(const char *addr, uint16_t p, bool marked)
{
	static const uint8_t marker[4];
	uint8_t msg[40], got[100];
	struct ike_end want = at(addr, p);
	char from[64] = "";
	uint16_t from_port = 0;
	int fd = peer(want.ip.family);
	ssize_t n;

	if (fd < 0)
		return;
	inputs = 0;
	memset(msg, 0, sizeof(msg));
	memcpy(msg + (marked ? 4 : 0), "request", 7);
	if (say_to(fd, addr, p, msg, marked ? 11 : 7)) {
		close(fd); /* no such address here */
		return;
	}
	serve(1);
	EXPECT_EQ(last_len, 7);
	EXPECT(!memcmp(last, "request", 7));
	EXPECT_EQ(last_local.port, p);
	EXPECT_EQ(last_local.ip.family, want.ip.family);
	EXPECT(!memcmp(last_local.ip.bytes, want.ip.bytes,
		       want.ip.family == AF_INET ? 4 : 16));
	EXPECT(!sockets_send(sockets, &last_local, &last_remote,
			     (const uint8_t *)"response", 8));
	n = answer(fd, got, sizeof(got), from, &from_port);
	EXPECT_EQ(n, marked ? 12 : 8);
	EXPECT(!marked || !memcmp(got, marker, 4));
	EXPECT(n > 0 && !memcmp(got + (marked ? 4 : 0), "response", 8));
	CU_ASSERT_STRING_EQUAL(from, addr);
	EXPECT_EQ(from_port, p);
	close(fd);
}

static void ike_44_answers_leave_from_where_they_were_asked(void)
{
	begin();
	answered_from("127.0.0.1", port, false);
	answered_from("127.0.0.5", port, false);
	answered_from("127.7.0.9", natt_port, true);
	answered_from("::1", port, false);
	answered_from("::1", natt_port, true);
	end();
}

static void nat_3_marker_keepalive_and_esp(void)
{
	static const uint8_t ike[] = { 0, 0, 0, 0, 'i', 'k', 'e' };
	static const uint8_t esp[] = { 0, 0, 16, 1, 0, 0, 0, 1 };
	struct sockets_counters c;
	int fd = peer(AF_INET);

	begin();
	MUST(!say_to(fd, "127.0.0.1", natt_port, "\xff", 1));
	MUST(!say_to(fd, "127.0.0.1", natt_port, "\xff", 1));
	MUST(!say_to(fd, "127.0.0.1", natt_port, esp, sizeof(esp)));
	MUST(!say_to(fd, "127.0.0.1", natt_port, ike, 4)); /* marker alone */
	MUST(!say_to(fd, "127.0.0.1", natt_port, ike, 3));
	MUST(!say_to(fd, "127.0.0.1", natt_port, ike, 0));
	MUST(!say_to(fd, "127.0.0.1", natt_port, "\xfe", 1));
	MUST(!say_to(fd, "127.0.0.1", natt_port, ike, sizeof(ike)));
	serve(1);
	EXPECT_EQ(last_len, 3);
	EXPECT(!memcmp(last, "ike", 3));
	sockets_counters(sockets, &c);
	EXPECT_EQ(c.keepalives, 2);
	EXPECT_EQ(c.esp, 1);
	EXPECT_EQ(c.short_datagrams, 4);
	EXPECT_EQ(c.in, 1);
	/* on the other port none of it has a meaning */
	MUST(!say_to(fd, "127.0.0.1", port, "\xff", 1));
	serve(2);
	EXPECT_EQ(last_len, 1);
	close(fd);
	end();
}

static void nat_3_our_keepalive_has_no_marker(void)
{
	struct ike_end local, remote;
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	socklen_t len = sizeof(v4);
	int fd = peer(AF_INET);
	uint8_t got[16];

	begin();
	v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	MUST(!bind(fd, (struct sockaddr *)&v4, sizeof(v4)));
	MUST(!getsockname(fd, (struct sockaddr *)&v4, &len));
	local = at("127.0.0.1", natt_port);
	remote = at("127.0.0.1", ntohs(v4.sin_port));
	EXPECT(!sockets_send(sockets, &local, &remote, (uint8_t *)"\xff", 1));
	EXPECT_EQ(recv(fd, got, sizeof(got), 0), 1);
	EXPECT_EQ(got[0], 0xff);
	close(fd);
	end();
}

static void large_messages_come_whole(void)
{
	static uint8_t big[60000];
	int fd = peer(AF_INET);

	begin();
	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (uint8_t)(i * 7 + i / 256);
	MUST(!say_to(fd, "127.0.0.1", port, big, sizeof(big)));
	serve(1);
	EXPECT_EQ(last_len, sizeof(big));
	EXPECT(!memcmp(last, big, sizeof(big)));
	close(fd);
	end();
}

/* A flood on one port does not keep the others from being served. */
static void reads_of_one_turn_are_bounded(void)
{
	struct pollfd p;
	int fd = peer(AF_INET);

	begin();
	for (int i = 0; i < 300; i++)
		MUST(!say_to(fd, "127.0.0.1", port, "x", 1));
	p.fd = watch.ep;
	p.events = POLLIN;
	MUST(poll(&p, 1, 120000) == 1);
	MUST(!watch_wait(&watch, 0));
	EXPECT(inputs > 0 && inputs < 300);
	serve(300);
	close(fd);
	end();
}

static void send_errors_are_logged_once(void)
{
	struct ike_end local, to = at("192.0.2.1", 500);
	struct sockets_counters c;
	char text[4096] = "";
	int saved, pipefd[2], lines = 0;
	ssize_t n;

	begin();
	local = at("203.0.113.77", port); /* not an address of ours */
	MUST(!pipe2(pipefd, O_NONBLOCK));
	fflush(stderr);
	saved = dup(STDERR_FILENO);
	dup2(pipefd[1], STDERR_FILENO);
	for (int i = 0; i < 5; i++)
		EXPECT(sockets_send(sockets, &local, &to, (uint8_t *)"x", 1) <
		       0);
	dup2(saved, STDERR_FILENO);
	n = read(pipefd[0], text, sizeof(text) - 1);
	for (ssize_t i = 0; i < n; i++)
		lines += text[i] == '\n';
	EXPECT_EQ(lines, 1);
	EXPECT(strstr(text, "203.0.113.77") && strstr(text, "192.0.2.1"));
	sockets_counters(sockets, &c);
	EXPECT_EQ(c.errors_out, 5);
	EXPECT_EQ(c.out, 0);
	/* a port that is not ours */
	local = at("127.0.0.1", (uint16_t)(natt_port + 1));
	EXPECT(sockets_send(sockets, &local, &to, (uint8_t *)"x", 1) ==
	       -EADDRNOTAVAIL);
	close(saved);
	close(pipefd[0]);
	close(pipefd[1]);
	end();
}

static void routes_are_looked_up(void)
{
	struct ike_end lo = at("127.0.0.1", 0), six = at("::1", 0);
	struct espalier_addr local;

	MUST(!sockets_route(&lo.ip, &local));
	EXPECT_EQ(local.family, AF_INET);
	EXPECT(!memcmp(local.bytes, lo.ip.bytes, 4));
	if (!sockets_route(&six.ip, &local))
		EXPECT(!memcmp(local.bytes, six.ip.bytes, 16));
	lo.ip.family = 12345;
	EXPECT(sockets_route(&lo.ip, &local) < 0);
}

static const struct test_case cases[] = {
	{ "ike_44_answers_leave_from_where_they_were_asked",
	  ike_44_answers_leave_from_where_they_were_asked },
	{ "nat_3_marker_keepalive_and_esp", nat_3_marker_keepalive_and_esp },
	{ "nat_3_our_keepalive_has_no_marker",
	  nat_3_our_keepalive_has_no_marker },
	{ "large_messages_come_whole", large_messages_come_whole },
	{ "reads_of_one_turn_are_bounded", reads_of_one_turn_are_bounded },
	{ "send_errors_are_logged_once", send_errors_are_logged_once },
	{ "routes_are_looked_up", routes_are_looked_up },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	srand((unsigned int)getpid());
	return suite_run("test_sockets", cases, argc, argv);
}
