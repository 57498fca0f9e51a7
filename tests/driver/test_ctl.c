// SPDX-License-Identifier: Apache-2.0
/* The control socket: the protocol by hand, and requests that are none. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "ctl_fixture.h"
#include "rng.h"

/* Let the server work until @fd has a line, or is closed (NULL). */

static char *line_from(int fd)
{
	size_t n = 0;
	ssize_t got;
	int idle = 0;

	while (idle < 50) {
		espalier_ctl_dispatch(ctl);
		got = recv(fd, reply + n, 1, 0);
		if (got == 0)
			return NULL;
		if (got < 0) {
			idle++;
			continue;
		}
		idle = 0;
		if (reply[n] == '\n') {
			reply[n] = '\0';
			return reply;
		}
		n++;
	}
	CU_FAIL("no answer");
	return NULL;
}

static char *ask(int fd, const char *request)
{
	size_t len = strlen(request);

	EXPECT_EQ(send(fd, request, len, MSG_NOSIGNAL), (ssize_t)len);
	return line_from(fd);
}

static void expect(int fd, const char *request, const char *want)
{
	char *got = ask(fd, request);

	if (!got || !strstr(got, want))
		printf("%.200s: \"%s\", not \"%s\"\n", request,
		       got ? got : "(closed)", want);
	CU_ASSERT(got && strstr(got, want));
}

static void protocol(void)
{
	struct stat st;
	int fd;

	start(true, false);
	EXPECT_EQ(stat(path, &st), 0);
	EXPECT_EQ(st.st_mode & 07777, 0600);
	fd = dial(path);
	expect(fd, "{\"cmd\":\"version\",\"id\":[7,\"x\"]}\n",
	       "{\"ok\":true,\"id\":[7,\"x\"],\"result\":{\"version\":\"");
	expect(fd, "{\"cmd\":\"caps\"}\r\n", "\"sa_entries\":1024");
	expect(fd, "{\"cmd\":\"sa.list\"}\n", "{\"ok\":true,\"result\":[]}");
	/* in pieces */
	EXPECT_EQ(send(fd, "{\"cmd\":", 7, 0), 7);
	espalier_ctl_dispatch(ctl);
	expect(fd, "\"stats\"}\n", "\"XfrmInStateSeqError\":{\"packets\":0");
	/* two at once */
	expect(fd,
	       "{\"cmd\":\"version\",\"id\":1}\n{\"cmd\":\"version\",\"id\":2}"
	       "\n",
	       "\"id\":1");
	CU_ASSERT_PTR_NOT_NULL(strstr(line_from(fd), "\"id\":2"));
	expect(fd,
	       "key 0x000102030405060708090a0b0c0d0e0f10111213\n"
	       "{\"cmd\":\"sa.add\",\"dir\":\"in\",\"spi\":4096,"
	       "\"dst\":\"192.0.2.1\",\"window\":64,\"reqid\":5}\n",
	       "{\"handle\":2147549184}");
	expect(fd, "{\"cmd\":\"sa.get\",\"handle\":\"0x80010000\"}\n",
	       "\"key_bits\":128");
	CU_ASSERT_PTR_NULL(strstr(reply, "0a0b0c"));
	expect(fd,
	       "{\"cmd\":\"sa.update\",\"handle\":2147549184,"
	       "\"hard_packets\":\"18446744073709551615\"}\n",
	       "{\"ok\":true}");
	expect(fd, "{\"cmd\":\"sa.get\",\"handle\":2147549184}\n",
	       "\"hard_packets\":\"18446744073709551615\"");
	expect(fd,
	       "{\"cmd\":\"policy.add\",\"dir\":\"in\",\"action\":"
	       "\"protect\",\"src\":\"10.0.0.0/8\",\"dst\":"
	       "\"10.1.0.1-10.1.0.9\",\"proto\":17,\"dport\":\"53\","
	       "\"reqid\":5,\"priority\":9}\n",
	       "{\"id\":1}");
	expect(fd, "{\"cmd\":\"policy.list\"}\n",
	       "\"src\":\"10.0.0.0/8\",\"dst\":\"10.1.0.1-10.1.0.9\","
	       "\"proto\":17,\"sport\":\"any\",\"dport\":\"53\",\"reqid\":5");
	expect(fd,
	       "{\"cmd\":\"policy.add\",\"dir\":\"out\",\"action\":"
	       "\"bypass\",\"src\":\"::/0\",\"dst\":\"fe80::1\"}\n",
	       "{\"id\":2}");
	expect(fd, "{\"cmd\":\"policy.list\"}\n",
	       "\"src\":\"::/0\",\"dst\":\"fe80::1/128\"");
	expect(fd, "{\"cmd\":\"policy.del\",\"policy\":2}\n", "{\"ok\":true}");
	expect(fd, "{\"cmd\":\"policy.flush\"}\n", "{\"ok\":true}");
	expect(fd, "{\"cmd\":\"sa.del\",\"handle\":2147549184}\n",
	       "{\"ok\":true}");
	expect(fd, "{\"cmd\":\"sa.flush\"}\n", "{\"ok\":true}");
	expect(fd, "{\"cmd\":\"regs\"}\n",
	       "{\"name\":\"ID\",\"offset\":0,\"value\":1163087921}");
	CU_ASSERT_PTR_NULL(strstr(reply, "TBL_DATA"));
	CU_ASSERT_PTR_NOT_NULL(strstr(reply, "Q3_IRQ_ENABLE"));
	CU_ASSERT_PTR_NULL(strstr(reply, "Q4_"));
	close(fd);
	stop();
}

static void mistakes(void)
{
	static const char *const bad[][2] = {
		{ "\n", "EPROTO" },
		{ "hello\n", "not JSON" },
		{ "{\"cmd\":\"caps\"\n", "not JSON" },
		{ "[]\n", "not a JSON object" },
		{ "\"caps\"\n", "EPROTO" },
		{ "{}\n", "cmd: missing" },
		{ "{\"cmd\":7}\n", "cmd: missing, or not a string" },
		{ "{\"cmd\":\"caps\",\"cmd\":\"caps\"}\n", "duplicate" },
		{ "{\"cmd\":\"reboot\",\"id\":3}\n", "\"id\":3" },
		{ "{\"cmd\":\"reboot\"}\n", "EOPNOTSUPP" },
		{ "{\"cmd\":\"caps\",\"verbose\":true}\n", "verbose: unknown" },
		{ "{\"cmd\":\"sa.get\"}\n", "handle: missing" },
		{ "{\"cmd\":\"sa.get\",\"handle\":-1}\n", "handle: not a" },
		{ "{\"cmd\":\"sa.get\",\"handle\":1.5}\n", "handle: not a" },
		{ "{\"cmd\":\"sa.get\",\"handle\":4294967296}\n",
		  "handle: not a" },
		{ "{\"cmd\":\"sa.get\",\"handle\":\"0x\"}\n", "handle: not" },
		{ "{\"cmd\":\"sa.get\",\"handle\":\" 1\"}\n", "handle: not" },
		{ "{\"cmd\":\"sa.get\",\"handle\":1}\n", "ENOENT" },
		{ "{\"cmd\":\"sa.list\",\"keys\":3}\n", "keys: not one of" },
		{ "{\"cmd\":\"sa.add\",\"dir\":\"up\"}\n",
		  "dir: not one of out, in" },
		{ "{\"cmd\":\"sa.add\",\"dir\":\"out\",\"spi\":4096,"
		  "\"dst\":\"10.0.0.256\"}\n",
		  "dst: not an" },
		{ "{\"cmd\":\"sa.add\",\"dir\":\"in\",\"spi\":4096,"
		  "\"dst\":\"10.0.0.1\"}\n",
		  "key: missing" },
		{ "key 00\n{\"cmd\":\"sa.add\",\"dir\":\"in\",\"spi\":4096,"
		  "\"dst\":\"10.0.0.1\"}\n",
		  "key_len: 1" },
		{ "key 0\n{\"cmd\":\"version\"}\n", "key: not an even" },
		{ "key 0g\n{\"cmd\":\"version\"}\n", "key: not an even" },
		{ "key \n{\"cmd\":\"version\"}\n", "key: not an even" },
		{ "key 000000000000000000000000000000000000000000000000000000"
		  "0000000000000000000000\n{\"cmd\":\"version\"}\n",
		  "key: not an even" },
		{ "{\"cmd\":\"policy.add\",\"dir\":\"in\",\"action\":"
		  "\"bypass\",\"src\":\"10.0.0.0/33\",\"dst\":\"::\"}\n",
		  "src: not an address" },
		{ "{\"cmd\":\"policy.add\",\"dir\":\"in\",\"action\":"
		  "\"bypass\",\"src\":\"10.0.0.0/8\",\"dst\":\"::/0\"}\n",
		  "one family" },
		{ "{\"cmd\":\"policy.add\",\"dir\":\"in\",\"action\":"
		  "\"bypass\",\"src\":\"10.0.0.0/8\",\"dst\":\"10.0.0.0/8\","
		  "\"sport\":\"1-\"}\n",
		  "sport: not a port" },
		{ "{\"cmd\":\"policy.set-sa\",\"policy\":1,\"sa\":0}\n",
		  "id: no policy 1" },
	};
	size_t i;
	int fd;

	start(false, false);
	fd = dial(path);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		expect(fd, bad[i][0], bad[i][1]);
		CU_ASSERT_PTR_NOT_NULL(strstr(reply, "\"ok\":false"));
		/* and the next is served */
		expect(fd, "{\"cmd\":\"version\"}\n", "\"ok\":true");
	}
	close(fd);
	stop();
}

static void too_long(void)
{
	char *big = malloc(ESPALIER_CTL_LINE_MAX + 1);
	size_t sent = 0;
	ssize_t n;
	int fd;

	start(false, false);
	memset(big, 'x', ESPALIER_CTL_LINE_MAX);
	fd = dial(path);
	while (sent < ESPALIER_CTL_LINE_MAX) {
		n = send(fd, big, ESPALIER_CTL_LINE_MAX - sent, MSG_NOSIGNAL);
		if (n > 0)
			sent += (size_t)n;
		espalier_ctl_dispatch(ctl);
	}
	CU_ASSERT_PTR_NOT_NULL(strstr(line_from(fd), "EMSGSIZE"));
	CU_ASSERT_PTR_NULL(line_from(fd));
	close(fd);
	fd = dial(path);
	expect(fd, "{\"cmd\":\"version\"}\n", "\"ok\":true");
	close(fd);
	free(big);
	stop();
}

static void keys(void)
{
	struct espalier_sa sa = sa_good(ESPALIER_DIR_OUT, 0x1000);
	uint32_t h;
	int fd;

	start(true, false);
	EXPECT_EQ(espalier_sa_add(f.dev, &sa, &h), 0);
	fd = dial(path);
	expect(fd, "{\"cmd\":\"sa.list\"}\n", "\"ok\":true");
	CU_ASSERT_PTR_NULL(strstr(reply, "deadbeef"));
	expect(fd, "{\"cmd\":\"sa.list\",\"keys\":true}\n",
	       "key 0x00010000 deadbeef00");
	CU_ASSERT_PTR_NULL(strstr(line_from(fd), "deadbeef"));
	expect(fd, "{\"cmd\":\"sa.get\",\"handle\":65536,\"keys\":\"on\"}\n",
	       "key 0x00010000 deadbeef00");
	line_from(fd);
	close(fd);
	stop();

	start(false, true);
	EXPECT_EQ(espalier_sa_add(f.dev, &sa, &h), 0);
	fd = dial(path);
	expect(fd, "{\"cmd\":\"sa.list\",\"keys\":true}\n", "EPERM");
	expect(fd, "{\"cmd\":\"sa.flush\"}\n", "EPERM");
	expect(fd, "{\"cmd\":\"policy.flush\"}\n", "EPERM");
	expect(fd, "{\"cmd\":\"sa.list\"}\n", "\"ok\":true");
	close(fd);
	stop();
}

static void events(void)
{
	const struct espalier_event ev = { ESPALIER_EV_ACQUIRE, 0, 3, 9 };
	int fd[3], i;

	start(false, false);
	for (i = 0; i < 3; i++)
		fd[i] = dial(path);
	expect(fd[0], "{\"cmd\":\"monitor\"}\n", "{\"ok\":true}");
	expect(fd[1], "{\"cmd\":\"monitor\"}\n", "{\"ok\":true}");
	expect(fd[2], "{\"cmd\":\"version\"}\n", "\"ok\":true");
	espalier_ctl_event(ctl, &ev);
	for (i = 0; i < 2; i++)
		CU_ASSERT_STRING_EQUAL(
			line_from(fd[i]),
			"{\"event\":{\"type\":\"acquire\",\"code\":6,\"sa\":0,"
			"\"info\":3,\"policy\":9}}");
	EXPECT_EQ(recv(fd[2], reply, 1, 0), -1);
	close(fd[0]);
	espalier_ctl_event(ctl, &ev); /* one has gone */
	CU_ASSERT_PTR_NOT_NULL(strstr(line_from(fd[1]), "acquire"));
	/* one that does not read is dropped, and nothing waits for it */
	for (i = 0; i < 200000; i++)
		espalier_ctl_event(ctl, &ev);
	expect(fd[2], "{\"cmd\":\"version\"}\n", "\"ok\":true");
	close(fd[1]);
	close(fd[2]);
	stop();
}

static void clients(void)
{
	struct espalier_ctl_opts o = { .path = path };
	struct espalier_ctl *second;
	struct espalier_err err;
	int fd[17], i, served = 0;
	FILE *file;

	start(false, false);
	EXPECT_EQ(ESPALIER_CTL_CLIENTS_MAX, 16);
	for (i = 0; i < 16; i++) {
		fd[i] = dial(path);
		EXPECT_EQ(espalier_ctl_dispatch(ctl), 0);
	}
	/* more than there is room for: turned away and told so, not hung */
	for (i = 0; i < 3; i++) {
		fd[16] = dial(path);
		EXPECT_EQ(espalier_ctl_dispatch(ctl), -EUSERS);
		CU_ASSERT_STRING_EQUAL(
			line_from(fd[16]),
			"{\"ok\":false,\"errno\":\"EUSERS\",\"error\":"
			"\"clients: "
			"16 are connected; supported: at most 16\"}");
		CU_ASSERT_PTR_NULL(line_from(fd[16]));
		close(fd[16]);
	}
	for (i = 0; i < 16; i++) {
		expect(fd[i], "{\"cmd\":\"version\"}\n", "\"ok\":true");
		served++;
		close(fd[i]);
	}
	EXPECT_EQ(served, 16);
	EXPECT_EQ(espalier_ctl_dispatch(ctl), 0);
	/* and there is room again */
	fd[0] = dial(path);
	expect(fd[0], "{\"cmd\":\"version\"}\n", "\"ok\":true");
	close(fd[0]);
	/* the socket is taken */
	EXPECT_EQ(espalier_ctl_open(f.dev, &o, &second, &err), -EADDRINUSE);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, path));
	stop();
	/* a file that is not ours is left alone, a dead socket is not */
	file = fopen(path, "w");
	fclose(file);
	fixture_open(&f, NULL, 0);
	EXPECT_EQ(espalier_ctl_open(f.dev, &o, &second, &err), -EEXIST);
	unlink(path);
	i = socket(AF_UNIX, SOCK_STREAM, 0);
	{
		struct sockaddr_un a = { .sun_family = AF_UNIX };

		strcpy(a.sun_path, path);
		EXPECT_EQ(bind(i, (struct sockaddr *)&a, sizeof(a)), 0);
	}
	close(i);
	EXPECT_EQ(espalier_ctl_open(f.dev, &o, &second, &err), 0);
	espalier_ctl_close(second);
	fixture_close(&f);
}

/* Pieces of requests, shuffled and damaged: each line gets one answer or ends
 * the connection, and an honest client is served afterwards. */
static void fuzz(void)
{
	static const char *const seeds[] = {
		"{\"cmd\":\"sa.add\",\"dir\":\"in\",\"spi\":4096,\"dst\":\"192."
		"0.2.1\",\"window\":64}\n",
		"{\"cmd\":\"policy.add\",\"dir\":\"out\",\"action\":\"bypass\","
		"\"src\":\"10.0.0.0/"
		"8\",\"dst\":\"10.0.0.1-10.0.0.9\",\"proto\":17,\"sport\":\"1-"
		"2\"}\n",
		"{\"cmd\":\"sa.get\",\"handle\":\"0x80010000\",\"keys\":true}"
		"\n",
		"key 000102030405060708090a0b0c0d0e0f10111213\n",
		"{\"cmd\":\"policy.list\",\"id\":{\"a\":[1,2,[3]]}}\n",
		"{\"cmd\":\"monitor\"}\n{\"cmd\":\"regs\"}\n",
		"{\"cmd\":\"sa.update\",\"handle\":2147549184,\"soft_bytes\":"
		"\"9\"}\n",
		"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\n",
	};
	struct rng r = { 42 };
	unsigned int turn, i, n;
	char msg[512];
	size_t len;
	int fd;

	start(true, false);
	fd = dial(path);
	for (turn = 0; turn < 20000; turn++) {
		strcpy(msg, seeds[rng_below(&r, 8)]);
		len = strlen(msg);
		for (i = 0, n = rng_below(&r, 4); i < n; i++) {
			switch (rng_below(&r, 4)) {
			case 0:
				msg[rng_below(&r, len)] = (char)rng_next(&r);
				break;
			case 1:
				msg[rng_below(&r, len)] =
					"{}[]\",:\\0189-\n"[rng_below(&r, 15)];
				break;
			case 2:
				len = 1 + rng_below(&r, len);
				break;
			default:
				memmove(msg + len / 2, msg + len / 3,
					len - len / 2);
			}
		}
		if (send(fd, msg, len, MSG_NOSIGNAL) < 0 && errno != EAGAIN) {
			close(fd);
			fd = dial(path);
		}
		espalier_ctl_dispatch(ctl);
		while (recv(fd, reply, sizeof(reply), 0) > 0)
			;
	}
	close(fd);
	fd = dial(path);
	expect(fd, "{\"cmd\":\"version\"}\n", "\"ok\":true");
	close(fd);
	stop();
}

static const struct test_case cases[] = {
	{ "protocol", protocol }, { "mistakes", mistakes },
	{ "too_long", too_long }, { "keys", keys },
	{ "events", events },	  { "clients", clients },
	{ "fuzz", fuzz },	  { 0 },
};

int main(int argc, char **argv)
{
	return suite_run("test_ctl", cases, argc, argv);
}
