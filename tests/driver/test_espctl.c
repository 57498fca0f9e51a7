// SPDX-License-Identifier: Apache-2.0
/* The espctl binary against a process that owns a null device. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <jansson.h>
#include "ctl_fixture.h"

#define ESPCTL "build/bin/espctl"

/* Run espctl with @args (and @in on its input) while serving it: its exit
 * status, its output in reply. */
static int espctl(const char *args, const char *in)
{
	char cmd[1024], file[80], in_file[80];
	struct pollfd pfd = { .fd = espalier_ctl_fd(ctl), .events = POLLIN };
	FILE *out;
	pid_t pid;
	int status = 0;
	size_t n;

	snprintf(file, sizeof(file), "%s.out", path);
	snprintf(in_file, sizeof(in_file), "%s.in", path);
	out = fopen(in_file, "w");
	fputs(in ? in : "", out);
	fclose(out);
	snprintf(cmd, sizeof(cmd), ESPCTL " -s %s %s >%s 2>&1 <%s", path, args,
		 file, in_file);
	pid = fork();
	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", cmd, (char *)NULL);
		_exit(127);
	}
	while (waitpid(pid, &status, WNOHANG) == 0) {
		poll(&pfd, 1, 5);
		espalier_ctl_dispatch(ctl);
	}
	out = fopen(file, "r");
	n = fread(reply, 1, sizeof(reply) - 1, out);
	reply[n] = '\0';
	fclose(out);
	unlink(file);
	unlink(in_file);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void run(const char *args, const char *in, int status, const char *want)
{
	int got = espctl(args, in);

	if (got != status || !strstr(reply, want))
		printf("espctl %s: %d, \"%s\", not %d, \"%s\"\n", args, got,
		       reply, status, want);
	EXPECT_EQ(got, status);
	CU_ASSERT_PTR_NOT_NULL(strstr(reply, want));
}

#define KEY36                                                                  \
	"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021" \
	"2223"

static void espctl_works(void)
{
	json_t *j;

	start(true, false);
	run("caps", NULL, 0, "sa_entries: 1024");
	run("caps -j", NULL, 0, "\"window_max\": 1024");
	run("sa add dir out spi 0x1000 src 192.0.2.1 dst 192.0.2.2 icv-bits 96 "
	    "esn on reqid 7 hard-bytes 1000000 key-file -",
	    KEY36 "\n", 0, "handle 0x00010000");
	run("sa add dir in spi 0x2000 dst 2001:db8::1 window 64 mode transport "
	    "key 0x" KEY36,
	    NULL, 0, "handle 0x80010000");
	CU_ASSERT(
		!memcmp(espalier_null_entry(f.null, ESPALIER_TBL_KEY_IN, 0) + 2,
			"\0\1\2\3", 4));
	run("sa", NULL, 0,
	    "src 192.0.2.1 dst 192.0.2.2\n\tproto esp spi 0x00001000 reqid 7 "
	    "mode tunnel dir out handle 0x00010000\n");
	CU_ASSERT_PTR_NOT_NULL(strstr(reply, "(hidden) 256 bits, icv 96"));
	CU_ASSERT_PTR_NOT_NULL(strstr(reply, "hard 1000000(bytes)"));
	CU_ASSERT_PTR_NOT_NULL(strstr(reply, "src - dst 2001:db8::1"));
	run("sa list --show-keys", NULL, 0, "rfc4106(gcm(aes)) 0xdeadbeef00");
	run("--show-keys -j sa show 0x80010000", NULL, 0,
	    "key 0x80010000 deadbeef");
	run("sa update 0x00010000 mtu 1400 soft-packets 5", NULL, 0, "");
	run("sa show 65536", NULL, 0, "mtu 1400");
	CU_ASSERT_PTR_NOT_NULL(strstr(reply, "soft 5(packets)"));
	run("policy add dir out action protect src 10.0.0.0/8 dst 10.1.0.0/16 "
	    "proto 17 dport 53 sa 0x00010000 priority 5",
	    NULL, 0, "id 1");
	run("policy add dir in action discard src ::/0 dst ::/0", NULL, 0,
	    "id 2");
	run("policy list", NULL, 0,
	    "src 10.0.0.0/8 dst 10.1.0.0/16 proto 17 dport 53\n\tdir out "
	    "action protect priority 5 id 1 sa 0x00010000\n");
	run("policy set-sa 1 0", NULL, 0, "");
	run("policy del 2", NULL, 0, "");
	run("-j policy", NULL, 0, "\"sa\": 0");
	run("stats", NULL, 0, "NIC statistics:\n");
	CU_ASSERT_PTR_NOT_NULL(
		strstr(reply, "     XfrmInNoStates: 0 (0 bytes)"));
	CU_ASSERT_PTR_NOT_NULL(strstr(reply, "     queue3_tx_posted: 0"));
	run("stats XfrmOutTooBig spd_hits", NULL, 0,
	    "     XfrmOutTooBig: 0 (0 bytes)\n     spd_hits: 0\n");
	EXPECT_EQ(espctl("stats -j", NULL), 0);
	j = json_loads(reply, 0, NULL);
	CU_ASSERT_PTR_NOT_NULL(json_object_get(json_object_get(j, "counters"),
					       "XfrmInTmplMismatch"));
	json_decref(j);
	run("regs ID Q1_TX_SIZE", NULL, 0,
	    "0x0000 ID               0x45535031\n");
	CU_ASSERT_PTR_NOT_NULL(strstr(reply, "Q1_TX_SIZE       0x00000006"));
	run("regs NONE", NULL, 1, "no such register");
	run("sa del 0x00010000", NULL, 0, "");
	run("sa flush", NULL, 0, "");
	run("policy flush", NULL, 0, "");
	EXPECT_EQ(espctl("sa", NULL), 0);
	CU_ASSERT_STRING_EQUAL(reply, "");
	stop();
}

static void espctl_fails(void)
{
	start(false, false);
	run("", NULL, 2, "usage");
	run("fly", NULL, 2, "unknown command");
	run("-x caps", NULL, 2, "unknown option");
	run("caps now", NULL, 2, "usage");
	run("sa add dir", NULL, 2, "a value is missing");
	run("sa add dir out key-file /nonexistent", NULL, 2, "No such file");
	run("sa add dir out key-file -", "", 2, "no key in it");
	run("sa frobnicate", NULL, 2, "sa add");
	run("policy del", NULL, 2, "policy del ID");
	run("sa del 0x123", NULL, 1,
	    "handle: 0x00000123 names no live SA (ENOENT)");
	run("sa add dir in spi 4096 dst 10.0.0.1", NULL, 1, "key: missing");
	run("sa add dir in spi 4096 dst 10.0.0.1 colour red key 00", NULL, 1,
	    "colour: unknown argument of sa.add");
	run("sa add dir in spi 99 dst 10.0.0.1 key " KEY36, NULL, 1,
	    "spi: 99; supported: 256 and above");
	/* with no SA there is no key to show; with one it is refused */
	run("sa add dir in spi 4096 dst 10.0.0.1 key " KEY36, NULL, 0,
	    "handle");
	run("sa --show-keys", NULL, 1, "does not give them out (EPERM)");
	run("--version", NULL, 0, "espctl 0.");
	run("-h", NULL, 0, "usage: espctl");
	stop();
	EXPECT_EQ(system(ESPCTL " -s /nonexistent caps 2>/dev/null") >> 8, 3);
}

/* Whether the owner hangs up before the request is sent, or behind it. */
static void espctl_turned_away(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd[ESPALIER_CTL_CLIENTS_MAX], i;

	start(false, false);
	strcpy(a.sun_path, path);
	for (i = 0; i < ESPALIER_CTL_CLIENTS_MAX; i++) {
		fd[i] = socket(AF_UNIX, SOCK_STREAM, 0);
		CU_ASSERT_EQUAL_FATAL(
			connect(fd[i], (struct sockaddr *)&a, sizeof(a)), 0);
		EXPECT_EQ(espalier_ctl_dispatch(ctl), 0);
	}
	for (i = 0; i < 20; i++) {
		run("caps", NULL, 1,
		    "espctl: clients: 16 are connected; supported: at most 16 "
		    "(EUSERS)\n");
		run("sa add dir in spi 4096 dst 10.0.0.1 key " KEY36, NULL, 1,
		    "supported: at most 16");
		run("monitor", NULL, 1, "supported: at most 16");
	}
	close(fd[3]);
	run("caps", NULL, 0, "sa_entries: 1024");
	for (i = 0; i < ESPALIER_CTL_CLIENTS_MAX; i++)
		if (i != 3)
			close(fd[i]);
	stop();
}

static void espctl_monitor(void)
{
	const struct espalier_event ev = { ESPALIER_EV_SOFT_BYTES, 0x00010000,
					   0, 0 };
	struct pollfd pfd = { .events = POLLIN };
	char cmd[128];
	FILE *p;
	int i;

	start(false, false);
	snprintf(cmd, sizeof(cmd), "exec " ESPCTL " -s %s monitor", path);
	p = popen(cmd, "r");
	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	pfd.fd = fileno(p);
	for (i = 0; i < 24000 && poll(&pfd, 1, 5) == 0; i++) { /* 120 s */
		espalier_ctl_dispatch(ctl);
		espalier_ctl_event(ctl, &ev);
	}
	CU_ASSERT_PTR_NOT_NULL_FATAL(fgets(reply, sizeof(reply), p));
	CU_ASSERT_STRING_EQUAL(reply, "soft-bytes sa 0x00010000 info 0\n");
	stop();
	EXPECT_EQ(pclose(p) >> 8, 3); /* the owner has gone */
}

static const struct test_case cases[] = {
	{ "espctl_works", espctl_works },
	{ "espctl_fails", espctl_fails },
	{ "espctl_turned_away", espctl_turned_away },
	{ "espctl_monitor", espctl_monitor },
	{ 0 },
};

int main(int argc, char **argv)
{
	return suite_run("test_espctl", cases, argc, argv);
}
