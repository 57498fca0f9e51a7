// SPDX-License-Identifier: Apache-2.0
/* The VICI socket: frames, and clients that misbehave. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "client.h"
#include "rng.h"
#include "suite.h"

static const char *const net[] = { "net", NULL };

/* ------------------------------------------------------------------- frames */

static void vici_frames(void)
{
	uint8_t buf[256];
	struct section *r;
	size_t n, i;
	int fd;

	up();
	fd = dial();
	r = ask(fd, "version", NULL);
	EXPECT(!strcmp(section_text(r, "daemon"), "espalierd"));
	EXPECT(!strcmp(section_text(r, "version"), "1.2.3"));
	section_free(r);

	say_packet(fd, REQ, "no-such-command", NULL);
	EXPECT_EQ(hear_type(fd), UNKNOWN);
	say_packet(fd, REG, "no-such-event", NULL);
	EXPECT_EQ(hear_type(fd), EV_UNKNOWN);
	subscribe(fd, "log");
	say_packet(fd, UNREG, "log", NULL);
	EXPECT_EQ(hear_type(fd), CONFIRM);

	/* a byte at a time */
	n = frame(buf, sizeof(buf), REQ, "get-conns", NULL);
	for (i = 0; i < n; i++) {
		EXPECT_EQ(hear_type(fd), -2);
		say(fd, buf + i, 1);
	}
	EXPECT_EQ(hear_type(fd), RESP);
	/* three at once, and half of a fourth */
	for (i = 0; i < 3; i++)
		memcpy(buf + (i + 1) * n, buf, n);
	say(fd, buf, 3 * n + 5);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(hear_type(fd), RESP);
	EXPECT_EQ(hear_type(fd), -2);
	say(fd, buf + 5, n - 5);
	EXPECT_EQ(hear_type(fd), RESP);
	/* no answer is owed to who stops speaking */
	say(fd, buf, n);
	shutdown(fd, SHUT_WR);
	EXPECT_EQ(hear_type(fd), RESP);
	EXPECT_EQ(hear_type(fd), -1);
	close(fd);
	vici_dispatch(v);
	EXPECT_EQ(v->nclients, 0);
	down();
}

static void vici_frames_malformed(void)
{
	static const struct {
		size_t len;
		uint8_t bytes[12];
	} closes[] = {
		{ 4, { 0, 0, 0, 0 } }, /* no packet in it */
		{ 5, { 0, 0, 0, 1, 0 } }, /* no name */
		{ 8, { 0, 0, 0, 4, 0, 3, 'a', 'b' } }, /* a longer one */
		{ 8, { 0, 0, 0, 4, 0, 2, 'a', 0 } }, /* NUL in it */
		{ 7, { 0, 0, 0, 3, 1, 1, 'a' } }, /* a response */
		{ 7, { 0, 0, 0, 3, 9, 1, 'a' } }, /* nothing known */
		{ 4, { 0, 8, 0, 1 } }, /* more than 512 KiB */
		{ 4, { 255, 255, 255, 255 } },
	};
	uint8_t bad[] = { 0,   0,   0,	 11,  0,   7, 'v', 'e',
			  'r', 's', 'i', 'o', 'n', 3, 9 };
	struct heard h;
	unsigned int i;
	int fd, other;

	up();
	other = dial();
	for (i = 0; i < sizeof(closes) / sizeof(closes[0]); i++) {
		fd = dial();
		say(fd, closes[i].bytes, closes[i].len);
		EXPECT_EQ(hear_type(fd), -1);
		close(fd);
	}
	/* the frame is whole, the message is not: an answer, and on it goes */
	fd = dial();
	say(fd, bad, sizeof(bad));
	h = hear(fd);
	EXPECT_EQ(h.type, RESP);
	EXPECT(strstr(section_text(h.msg, "errmsg"), "not well-formed"));
	section_free(h.msg);
	section_free(ask(fd, "version", NULL));
	close(fd);
	section_free(ask(other, "version", NULL));
	close(other);
	down();
}

static void vici_frames_random(void)
{
	struct rng rng = { 3 };
	uint8_t buf[300];
	unsigned int i;
	size_t n;
	int fd;

	up();
	for (i = 0; i < 400; i++) {
		fd = dial();
		rng_fill(&rng, buf, sizeof(buf));
		if (i % 2) {
			/* a good header, so that it gets further */
			n = frame(buf, sizeof(buf), REQ,
				  i % 4 == 1 ? "load-conn" : "load-shared",
				  NULL);
			buf[3] = 250;
		}
		say(fd, buf, sizeof(buf));
		close(fd);
		vici_dispatch(v);
	}
	(void)n;
	vici_dispatch(v);
	vici_dispatch(v);
	EXPECT_EQ(v->nclients, 0);
	down();
}

/* ------------------------------------------------------------------ clients */

static void vici_clients_too_many(void)
{
	int fds[VICI_CLIENTS_MAX + 1], i;

	up();
	for (i = 0; i <= VICI_CLIENTS_MAX; i++) {
		fds[i] = dial();
		MUST(fds[i] >= 0);
	}
	EXPECT_EQ(v->nclients, VICI_CLIENTS_MAX);
	EXPECT_EQ(hear_type(fds[VICI_CLIENTS_MAX]), -1);
	section_free(ask(fds[0], "version", NULL));
	section_free(ask(fds[VICI_CLIENTS_MAX - 1], "version", NULL));
	close(fds[VICI_CLIENTS_MAX]);
	/* the log says so, once for all that come meanwhile */
	fds[VICI_CLIENTS_MAX] = dial();
	EXPECT_EQ(hear_type(fds[VICI_CLIENTS_MAX]), -1);
	close(fds[VICI_CLIENTS_MAX]);
	EXPECT_EQ(nsaid, 1);
	EXPECT(strstr(said[0], "turned away: 32 are there"));
	close(fds[5]);
	vici_dispatch(v);
	fds[5] = dial();
	section_free(ask(fds[5], "version", NULL));
	EXPECT_EQ(nsaid, 1);
	for (i = 0; i < VICI_CLIENTS_MAX; i++)
		close(fds[i]);
	down();
}

static bool ready(int ms)
{
	struct pollfd p = { .fd = vici_fd(v), .events = POLLIN };

	return poll(&p, 1, ms) > 0;
}

/* Without a descriptor for a client that waits, the listener would be readable
 * for ever. */
static void vici_clients_without_descriptors(void)
{
	struct rlimit was, few;
	int first, second, third, again;

	up();
	first = dial();
	section_free(ask(first, "version", NULL));
	MUST(!getrlimit(RLIMIT_NOFILE, &was));
	for (again = 0; again < 2; again++) {
		second = knock();
		few = was;
		few.rlim_cur = (rlim_t)second + 1;
		MUST(!setrlimit(RLIMIT_NOFILE, &few));
		while (ready(0) && v->nclients == 1 && !v->paused)
			vici_dispatch(v);
		EXPECT(v->paused);
		EXPECT(!ready(0));
		EXPECT_EQ(nsaid, again + 1);
		EXPECT(strstr(said[again], "no client can be taken"));
		/* after a second it is tried again, without another line */
		MUST(ready(60000));
		vici_dispatch(v);
		MUST(ready(0));
		vici_dispatch(v);
		EXPECT(v->paused);
		EXPECT_EQ(nsaid, again + 1);
		/* first, a second brings it; then, a client that leaves */
		if (again) {
			close(first);
			third = second;
		} else {
			third = -1;
		}
		MUST(!setrlimit(RLIMIT_NOFILE, &was));
		MUST(ready(60000));
		vici_dispatch(v);
		EXPECT(!v->paused);
		vici_dispatch(v);
		section_free(ask(second, "version", NULL));
		EXPECT_EQ(v->nclients, again ? 1 : 2);
		if (third < 0)
			close(second);
		while (v->nclients > 1 && ready(60000))
			vici_dispatch(v);
	}
	close(third);
	down();
}

/* Who asked for events and does not read them is dropped; nobody else is. */
static void vici_clients_slow_listener(void)
{
	char line[1024];
	int slow, good, i, lines = 0;
	struct heard h;

	up();
	slow = dial();
	good = dial();
	subscribe(slow, "log");
	subscribe(good, "log");
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = 0;
	for (i = 0; i < 4000 && v->nclients == 2; i++) {
		vici_log(v, IKE_LOG_AUDIT, NULL, line);
		h = hear(good);
		EXPECT_EQ(h.type, EVENT);
		lines += h.type == EVENT &&
			 !strcmp(section_text(h.msg, "msg"), line);
		section_free(h.msg);
	}
	EXPECT_EQ(v->nclients, 1);
	EXPECT_EQ(lines, i);
	EXPECT(i > 1000 && i < 4000);
	section_free(ask(good, "version", NULL));
	close(slow);
	close(good);
	down();
}

static size_t owed(void)
{
	return v->clients ? v->clients->out_len : 0;
}

/* A list waits for who does not read: it is neither kept in memory nor lost. */
static void vici_clients_slow_list(void)
{
	enum { SAS = 3000 };
	const struct conn *conn;
	struct ike_select one = { 0 };
	unsigned int n = 0, i;
	struct heard h;
	int fd;

	up();
	fd = dial();
	load_conn(fd, "gw", net);
	conn = ike_conn_next(ike, NULL);
	for (i = 0; i < SAS; i++)
		fake_sa(ike, conn, clock_us, 1);
	subscribe(fd, "list-sa");
	say_packet(fd, REQ, "list-sas", NULL);
	for (i = 0; i < 50; i++) {
		vici_dispatch(v);
		EXPECT(owed() < VICI_OUT_LOW + 8192);
	}
	EXPECT(owed() > 0);
	/* meanwhile one that is still to come goes away */
	one.ike_id = ike->next_id - 2;
	EXPECT_EQ(ike_terminate(ike, clock_us, &one, ignore, NULL), 1);
	while ((h = hear(fd)).type == EVENT) {
		n++;
		section_free(h.msg);
	}
	EXPECT_EQ(h.type, RESP);
	section_free(h.msg);
	EXPECT_EQ(n, SAS - 1);
	section_free(ask(fd, "version", NULL));
	close(fd);
	down();
}

/* An IKE SA with more children than a message can hold. */
static void vici_list_many_children(void)
{
	const struct section *sa, *c;
	unsigned int n = 0, events = 0;
	struct heard h;
	int fd;

	up();
	fd = dial();
	load_conn(fd, "gw", net);
	fake_sa(ike, ike_conn_next(ike, NULL), clock_us, 1000);
	subscribe(fd, "list-sa");
	say_packet(fd, REQ, "list-sas", NULL);
	while ((h = hear(fd)).type == EVENT) {
		events++;
		sa = section_find(h.msg, "gw");
		MUST(sa);
		for (c = section_find(sa, "child-sas")->child; c; c = c->next)
			n++;
		section_free(h.msg);
	}
	EXPECT_EQ(h.type, RESP);
	EXPECT(!section_find(h.msg, "omitted"));
	section_free(h.msg);
	EXPECT_EQ(n, 1000);
	EXPECT_EQ(events, 8);
	close(fd);
	down();
}

static void vici_socket(void)
{
	struct vici *second = NULL;
	struct stat st;
	int fd;

	up();
	EXPECT(!stat(path, &st) && (st.st_mode & 0777) == 0660);
	EXPECT_EQ(-try_open(&second), EADDRINUSE);
	EXPECT(!second);
	/* asked and gone: it is done all the same */
	fd = dial();
	say(fd, scratch,
	    frame(scratch, sizeof(scratch), REQ, "reload-settings", NULL));
	close(fd);
	vici_dispatch(v);
	vici_dispatch(v);
	EXPECT_EQ(reloads, 1);
	EXPECT_EQ(v->nclients, 0);
	/* a client that is there when the daemon ends */
	fd = dial();
	down();
	EXPECT(stat(path, &st) && errno == ENOENT);
	close(fd);

	/* a socket that a crash left behind is taken over */
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	strcpy(sun.sun_path, path);
	EXPECT(!bind(fd, (struct sockaddr *)&sun, sizeof(sun)));
	close(fd);
	up();
	fd = dial();
	section_free(ask(fd, "version", NULL));
	close(fd);
	down();
	/* any other file is not */
	close(open(path, O_CREAT | O_WRONLY, 0600));
	ike = fake_new();
	creds = ike_creds_new();
	EXPECT(try_open(&second) < 0);
	EXPECT(!stat(path, &st));
	fake_free(ike);
	ike_creds_free(creds);
	unlink(path);
}

static const struct test_case cases[] = {
	{ "vici_frames", vici_frames },
	{ "vici_frames_malformed", vici_frames_malformed },
	{ "vici_frames_random", vici_frames_random },
	{ "vici_clients_too_many", vici_clients_too_many },
	{ "vici_clients_without_descriptors",
	  vici_clients_without_descriptors },
	{ "vici_clients_slow_listener", vici_clients_slow_listener },
	{ "vici_clients_slow_list", vici_clients_slow_list },
	{ "vici_list_many_children", vici_list_many_children },
	{ "vici_socket", vici_socket },
	{ 0 },
};

int main(int argc, char **argv)
{
	return suite_run("test_vici", cases, argc, argv);
}
