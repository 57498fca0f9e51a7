/* SPDX-License-Identifier: Apache-2.0 */
/*
 * swanctl.conf: the format, and whatever connections come out of it. Input: a
 * file. It is read as /proc/self/fd/N, so that "include N" includes itself;
 * other files are not to be touched.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "fuzz.h"
#include "conf/conn.h"

static void load(const struct section *s)
{
	char why[512];
	struct conn *c, *again;

	why[0] = 0;
	if (conn_load(s, NULL, "/nonexistent", &c, why, sizeof(why))) {
		FUZZ_CHECK(!c && why[0] && memchr(why, 0, sizeof(why)));
		return;
	}
	FUZZ_CHECK(c && c->refs == 1 && !strcmp(c->name, s->name));
	FUZZ_CHECK(c->nlocal && c->nremote && c->nprops);
	for (const struct child_conf *k = c->children; k; k = k->next) {
		FUZZ_CHECK(k->nprops && k->nlocal && k->nremote);
		FUZZ_CHECK(k->rand_time <= k->rekey_time);
		FUZZ_CHECK(!k->life_time || k->life_time >= k->rekey_time);
	}
	FUZZ_CHECK(
		!conn_load(s, NULL, "/nonexistent", &again, why, sizeof(why)));
	conn_put(again);
	conn_put(c);
}

static bool touches_files(const uint8_t *data, size_t size)
{
	return memmem(data, size, "include", 7) &&
	       (memchr(data, '/', size) || memchr(data, '*', size) ||
		memchr(data, '?', size) || memchr(data, '[', size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char path[64];
	static int fd = -1;
	const struct section *s;
	struct section *root;
	char why[512];

	if (touches_files(data, size))
		return 0;
	if (fd < 0) {
		fd = memfd_create("swanctl.conf", MFD_CLOEXEC);
		FUZZ_CHECK(fd >= 0);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	FUZZ_CHECK(!ftruncate(fd, 0));
	FUZZ_CHECK(pwrite(fd, data, size, 0) == (ssize_t)size);
	why[0] = 0;
	if (section_read_file(path, &root, why, sizeof(why))) {
		FUZZ_CHECK(!root && why[0] && memchr(why, 0, sizeof(why)));
		return 0;
	}
	FUZZ_CHECK(root);
	s = section_find(root, "connections");
	for (s = s ? s->child : NULL; s; s = s->next)
		load(s);
	section_free(root);
	return 0;
}
