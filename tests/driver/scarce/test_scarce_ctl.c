// SPDX-License-Identifier: Apache-2.0
/* The control socket when memory, descriptors or calls run out: see
 * test_scarce. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <jansson.h>
#include <espalier/ctl.h>
#include "every_call.h"

void *scarce_malloc(size_t size);
void scarce_free(void *p);

static char path[64];
static struct fixture f;

static int give_key(void *arg, uint32_t handle, uint8_t key[36])
{
	(void)arg;
	(void)handle;
	memset(key, 0x5a, 36);
	return 36;
}

static const struct espalier_ctl_opts ctl_opts = { .path = path,
						   .key = give_key };

static int ctl_once(void)
{
	struct espalier_ctl *ctl = NULL;
	int ret;

	ret = espalier_ctl_open(f.dev, &ctl_opts, &ctl, &err);
	if (ret) {
		CU_ASSERT_PTR_NULL(ctl);
		/* what could not be listened on is not there */
		if (access(path, F_OK) == 0) {
			CU_ASSERT(scarce_failed("unlink"));
			EXPECT_EQ(unlink(path), 0);
		}
		return ret;
	}
	espalier_ctl_close(ctl);
	/* the last unlink cannot be told to anybody */
	if (access(path, F_OK) == 0)
		EXPECT_EQ(unlink(path), 0);
	return 0;
}

static void ctl_open_close(void)
{
	fixture_open(&f, &null_opts, 0);
	/* lstat: taken as not being there; bind would know better */
	at_every_call(ctl_once, "lstat unlink");
	fixture_close(&f);
}

static char answer[1 << 18];

/* All lines that come back; 0, or what dispatch says. Empty: hung up on. */
static int ask(struct espalier_ctl *ctl, const char *request, bool arm,
	       unsigned int nth, bool for_good)
{
	size_t n = 0;
	ssize_t got;
	int fd = dial(path), turn, ret = 0, r;

	EXPECT_EQ(send(fd, request, strlen(request), MSG_NOSIGNAL),
		  (ssize_t)strlen(request));
	if (arm)
		scarce_arm(nth, for_good);
	for (turn = 0; turn < 12; turn++) {
		r = espalier_ctl_dispatch(ctl);
		if (r)
			ret = r;
		got = recv(fd, answer + n, sizeof(answer) - 1 - n, 0);
		if (got > 0)
			n += (size_t)got;
		else if (got == 0)
			break;
	}
	answer[n] = '\0';
	/* so that it is seen to go */
	close(fd);
	if (arm)
		scarce_disarm();
	for (turn = 0; turn < 3; turn++)
		espalier_ctl_dispatch(ctl);
	return ret;
}

/* One error line, and it is one. */
static bool is_error(const char *text)
{
	json_t *j = json_loads(text, JSON_DISABLE_EOF_CHECK, NULL);
	bool ok = j && json_is_false(json_object_get(j, "ok")) &&
		  json_string_length(json_object_get(j, "errno")) > 0 &&
		  json_string_length(json_object_get(j, "error")) > 0;

	json_decref(j);
	return ok;
}

struct question {
	const char *request;
	/* brings the device back to where it was */
	void (*undo)(void);
};

static void no_sa(void)
{
	EXPECT_EQ(espalier_sa_flush(f.dev), 0);
}

static void no_policy(void)
{
	EXPECT_EQ(espalier_policy_flush(f.dev), 0);
}

static void table(struct espalier_sa_info *info, unsigned int *sas,
		  unsigned int *policies)
{
	uint32_t at;

	(void)info;
	*sas = *policies = 0;
	for (at = 0; (at = espalier_sa_next(f.dev, at)) != 0;)
		++*sas;
	for (at = 0; (at = espalier_policy_next(f.dev, at)) != 0;)
		++*policies;
}

static char good[1 << 18];

/* Handles and ids are new with every turn. */
static void without_numbers(char *s)
{
	char *out = s, *p;

	for (p = s; *p; p++)
		if (*p < '0' || *p > '9')
			*out++ = *p;
	*out = '\0';
}

static unsigned int one_question(struct espalier_ctl *ctl,
				 const struct question *q, bool for_good)
{
	struct scarce_held before = scarce_held();
	unsigned int nth, sas, pols, sas2, pols2, refusals = 0;
	const char *call;
	char *last;
	int ret;

	EXPECT_EQ(ask(ctl, q->request, false, 0, false), 0);
	strcpy(good, answer);
	without_numbers(good);
	CU_ASSERT(strstr(good, "\"ok\":true") != NULL);
	if (q->undo)
		q->undo();
	nothing_held(before, "none", 0);
	for (nth = 0; nth < CALLS_MAX; nth++) {
		table(NULL, &sas, &pols);
		ret = ask(ctl, q->request, true, nth, for_good);
		call = scarce_disarm();
		nothing_held(before, call, nth);
		table(NULL, &sas2, &pols2);
		if (answer[0] && !is_error(answer) &&
		    !strstr(answer, "\"ok\":false")) {
			/* all of it, or that it is not all was told */
			without_numbers(answer);
			if (strcmp(answer, good))
				printf("    %s, call %u of %.40s: %s\n",
				       call ? call : "none", nth, q->request,
				       answer);
			CU_ASSERT(!strcmp(answer, good));
		} else {
			refusals++;
			last = strrchr(answer, '{');
			CU_ASSERT(!answer[0] || (last && is_error(last)));
			if (call && strstr(call, "alloc") && answer[0] &&
			    !strstr(answer, "\"ENOMEM\"")) {
				printf("    %s, call %u of %s: %s\n", call, nth,
				       q->request, answer);
				CU_FAIL("not ENOMEM");
			}
			/* refused, and not done behind the caller's back; what
			 * was done and could not be told says so, or hangs up
			 */
			if (answer[0] && !strstr(answer, "may have been"))
				CU_ASSERT(sas == sas2 && pols == pols2);
		}
		if (ret)
			CU_ASSERT(call && scarce_was(-ret));
		if (q->undo)
			q->undo();
		if (!call)
			break;
		EXPECT_EQ(ask(ctl, q->request, false, 0, false), 0);
		without_numbers(answer);
		CU_ASSERT(!strcmp(answer, good));
		if (q->undo)
			q->undo();
	}
	CU_ASSERT(nth < CALLS_MAX);
	return refusals;
}

#define SA_OUT                                                                 \
	"key 000102030405060708090a0b0c0d0e0f10111213\n"                       \
	"{\"cmd\":\"sa.add\",\"dir\":\"out\",\"spi\":4096,\"src\":"            \
	"\"192.0.2.1\",\"dst\":\"192.0.2.2\",\"id\":7}\n"
#define SA_IN                                                                  \
	"key 000102030405060708090a0b0c0d0e0f10111213\n"                       \
	"{\"cmd\":\"sa.add\",\"dir\":\"in\",\"spi\":4097,\"dst\":"             \
	"\"192.0.2.1\",\"window\":64,\"soft_bytes\":\"18446744073709551615\"}" \
	"\n"
#define POLICY                                                                 \
	"{\"cmd\":\"policy.add\",\"dir\":\"in\",\"action\":\"protect\","       \
	"\"src\":\"10.0.0.0/8\",\"dst\":\"10.0.0.1-10.0.0.9\",\"proto\":17,"   \
	"\"sport\":\"1-2\",\"reqid\":3}\n"

static void questions(void)
{
	static const struct question q[] = {
		{ "{\"cmd\":\"version\",\"id\":\"x\"}\n", NULL },
		{ "{\"cmd\":\"caps\"}\n", NULL },
		{ "{\"cmd\":\"stats\"}\n", NULL },
		{ "{\"cmd\":\"monitor\"}\n", NULL },
		{ SA_OUT, no_sa },
		{ SA_IN, no_sa },
		{ POLICY, no_policy },
		{ "{\"cmd\":\"regs\"}\n", NULL },
	};
	static const struct question lists[] = {
		{ "{\"cmd\":\"sa.list\",\"keys\":true}\n", NULL },
		{ "{\"cmd\":\"policy.list\"}\n", NULL },
	};
	struct scarce_held before = scarce_held();
	unsigned int i, refusals = 0;
	struct espalier_ctl *ctl;

	json_set_alloc_funcs(scarce_malloc, scarce_free);
	fixture_open(&f, &null_opts, 8);
	EXPECT_EQ(espalier_ctl_open(f.dev, &ctl_opts, &ctl, &err), 0);
	for (i = 0; i < sizeof(q) / sizeof(q[0]); i++) {
		refusals += one_question(ctl, &q[i], false);
		if (i < 5)
			one_question(ctl, &q[i], true);
	}
	EXPECT_EQ(ask(ctl, SA_OUT SA_IN POLICY, false, 0, false), 0);
	for (i = 0; i < 2; i++) {
		refusals += one_question(ctl, &lists[i], false);
		one_question(ctl, &lists[i], true);
	}
	CU_ASSERT(refusals > 100);
	espalier_ctl_close(ctl);
	fixture_close(&f);
	nothing_held(before, "none", 0);
	json_set_alloc_funcs(malloc, free);
}

/* A client that wants events and cannot be told one is hung up on. */
static void events(void)
{
	const struct espalier_event ev = { .type = ESPALIER_EV_SOFT_BYTES,
					   .sa = 0x10001 };
	unsigned int nth, hung_up = 0, i;
	struct espalier_ctl *ctl;
	const char *call;
	ssize_t got;
	int fd;

	json_set_alloc_funcs(scarce_malloc, scarce_free);
	fixture_open(&f, &null_opts, 8);
	EXPECT_EQ(espalier_ctl_open(f.dev, &ctl_opts, &ctl, &err), 0);
	for (nth = 0; nth < 200; nth++) {
		struct scarce_held before = scarce_held();

		fd = dial(path);
		EXPECT_EQ(send(fd, "{\"cmd\":\"monitor\"}\n", 18, 0), 18);
		for (i = 0; i < 3; i++)
			EXPECT_EQ(espalier_ctl_dispatch(ctl), 0);
		CU_ASSERT(recv(fd, answer, sizeof(answer), 0) > 0);
		scarce_arm(nth, false);
		espalier_ctl_event(ctl, &ev);
		call = scarce_disarm();
		espalier_ctl_dispatch(ctl);
		got = recv(fd, answer, sizeof(answer) - 1, 0);
		CU_ASSERT(got >= 0); /* the event, or the end */
		hung_up += got == 0;
		if (got > 0) {
			answer[got] = '\0';
			CU_ASSERT(strstr(answer, "soft-bytes") != NULL);
		}
		close(fd);
		for (i = 0; i < 3; i++)
			espalier_ctl_dispatch(ctl);
		nothing_held(before, call, nth);
		if (!call)
			break;
	}
	CU_ASSERT(hung_up > 2 && nth < 200);
	espalier_ctl_close(ctl);
	fixture_close(&f);
	json_set_alloc_funcs(malloc, free);
}

/* Descriptors have run out: who comes is turned away, not left in the queue,
 * for which the owner would wake up again and again. */
static void no_descriptors(void)
{
	struct espalier_ctl *ctl;
	int fd;

	fixture_open(&f, &null_opts, 8);
	EXPECT_EQ(espalier_ctl_open(f.dev, &ctl_opts, &ctl, &err), 0);
	fd = dial(path);
	scarce_arm(1, false); /* behind epoll_wait */
	EXPECT_EQ(espalier_ctl_dispatch(ctl), -EMFILE);
	CU_ASSERT_STRING_EQUAL(scarce_disarm(), "accept4");
	EXPECT_EQ(espalier_ctl_dispatch(ctl), 0);
	memset(answer, 0, sizeof(answer));
	CU_ASSERT(recv(fd, answer, sizeof(answer) - 1, 0) > 0);
	CU_ASSERT(strstr(answer, "out of file descriptors") != NULL);
	EXPECT_EQ(recv(fd, answer, sizeof(answer), 0), 0);
	close(fd);
	EXPECT_EQ(ask(ctl, "{\"cmd\":\"version\"}\n", false, 0, false), 0);
	CU_ASSERT(strstr(answer, "\"ok\":true") != NULL);
	espalier_ctl_close(ctl);
	fixture_close(&f);
}

static const struct test_case cases[] = {
	{ "ctl_open_close", ctl_open_close },
	{ "questions", questions },
	{ "events", events },
	{ "no_descriptors", no_descriptors },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	snprintf(path, sizeof(path), "/tmp/espalier-scarce-%d.sock",
		 (int)getpid());
	return suite_run("test_scarce_ctl", cases, argc, argv);
}
