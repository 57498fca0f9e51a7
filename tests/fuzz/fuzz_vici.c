/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VICI. Input: one byte and the rest. Its low three bits: not 7 = the rest is a
 * message: what is read is written again as it was, and is a connection to be
 * loaded; 7 = it is what a client sends to a server over a core without peers
 * or device.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "fuzz.h"
#include "nulldb.h"
#include "vici/vici.h"

/* a server, a client and a core are made for each input */
const unsigned long fuzz_slice = 5000;

static void message(const uint8_t *data, size_t size)
{
	static uint8_t out[1 << 16];
	struct section *root;
	struct conn *c;
	char why[512];
	int n;

	if (size > sizeof(out) || vici_decode(data, size, &root))
		return;
	n = vici_encode(root, out, sizeof(out));
	FUZZ_CHECK(n == (int)size && !memcmp(out, data, size));
	why[0] = 0;
	if (root->child && root->child->kind == SECTION_SECTION &&
	    conn_load(root->child, NULL, NULL, &c, why, sizeof(why)))
		FUZZ_CHECK(!c && why[0] && memchr(why, 0, sizeof(why)));
	else if (root->child && root->child->kind == SECTION_SECTION)
		conn_put(c);
	section_free(root);
}

/* ------------------------------------- a core without peers, without device */

static uint64_t now(void *ctx)
{
	(void)ctx;
	return 1000000;
}

static void op_send(void *ctx, const struct ike_end *local,
		    const struct ike_end *remote, const uint8_t *msg,
		    size_t len)
{
	(void)ctx;
	(void)local;
	(void)remote;
	fuzz_touch(msg, len);
}

static void op_random(void *ctx, void *buf, size_t len)
{
	static uint8_t n;

	(void)ctx;
	memset(buf, ++n, len);
}

static time_t op_wall(void *ctx)
{
	(void)ctx;
	return 1700000000;
}

static void op_log(void *ctx, enum ike_log_level level, const struct ike_sa *sa,
		   const char *line)
{
	struct vici **v = ctx;

	if (*v)
		vici_log(*v, level, sa, line);
}

static void op_event(void *ctx, const struct ike_event *ev)
{
	struct vici **v = ctx;

	if (*v)
		vici_event(*v, ev);
}

static int op_route(void *ctx, const struct espalier_addr *remote,
		    struct espalier_addr *local)
{
	(void)ctx;
	*local = *remote;
	return 0;
}

/* --------------------------------------------------------------- its client */

static char dir[64];

static void remove_dir(void)
{
	rmdir(dir);
}

/* Frames that are whole, and have a packet in them that a server sends. */
static void answers(int fd)
{
	static uint8_t buf[1 << 20];
	size_t len = 0, at = 0, size;
	ssize_t n;

	while (len < sizeof(buf) &&
	       (n = recv(fd, buf + len, sizeof(buf) - len, MSG_DONTWAIT)) > 0)
		len += (size_t)n;
	while (len - at >= 5) {
		size = (size_t)buf[at] << 24 | (size_t)buf[at + 1] << 16 |
		       (size_t)buf[at + 2] << 8 | buf[at + 3];
		FUZZ_CHECK(size && size <= 512 << 10);
		FUZZ_CHECK(buf[at + 4] == 1 || buf[at + 4] == 2 ||
			   (buf[at + 4] >= 5 && buf[at + 4] <= 7));
		if (len - at - 4 < size)
			break;
		at += 4 + size;
	}
}

static void server(const uint8_t *data, size_t size)
{
	static const struct ike_ops ops = {
		.send = op_send,
		.random = op_random,
		.wall = op_wall,
		.log = op_log,
		.event = op_event,
		.route = op_route,
	};
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct vici_opts opts = { .path = sun.sun_path, .now = now };
	struct sadb db = { &nulldb_ops };
	struct ike_settings set;
	struct ike_creds *creds = ike_creds_new();
	struct vici *v = NULL;
	struct ike *ike;
	unsigned int i;
	int fd;

	if (!dir[0]) {
		strcpy(dir, "/tmp/espalier-fuzz-XXXXXX");
		FUZZ_CHECK(mkdtemp(dir));
		atexit(remove_dir);
	}
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s/s", dir);
	ike_settings_default(&set);
	ike = ike_new(&ops, &v, &set, creds, &db);
	FUZZ_CHECK(ike && creds);
	FUZZ_CHECK(!vici_open(&v, &opts, ike, creds));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	FUZZ_CHECK(!connect(fd, (struct sockaddr *)&sun, sizeof(sun)));
	vici_dispatch(v);
	FUZZ_CHECK(send(fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL) ==
		   (ssize_t)size);
	for (i = 0; i < 4; i++)
		vici_dispatch(v);
	answers(fd);
	close(fd);
	for (i = 0; i < 3; i++)
		vici_dispatch(v);
	vici_close(v);
	v = NULL;
	ike_free(ike);
	ike_creds_free(creds);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size && (data[0] & 7) != 7)
		message(data + 1, size - 1);
	else if (size > 1 && size <= 16384)
		server(data + 1, size - 1);
	return 0;
}
