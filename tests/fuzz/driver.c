// SPDX-License-Identifier: Apache-2.0
/*
 * A fuzzer's main for compilers without libFuzzer, and for tests that have to
 * do the same every time: the corpus as it is, then inputs made of it by a
 * generator with a fixed seed.
 *
 *   fuzz_NAME                          tests/fuzz/corpus/NAME, 50000 inputs
 *                                      or the target's fuzz_slice
 *   fuzz_NAME -n COUNT -s SEED [-c DIR]
 *   fuzz_NAME FILE...                  these inputs only: to repeat a failure
 *
 * An input that ends the program was written to build/fuzz/NAME-crash first.
 */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>
#include "fuzz.h"
#include "rng.h"

#define INPUT_MAX 4096 /* longest input that is made */
#define INPUTS_MAX 4096

static struct input {
	uint8_t *data;
	size_t size;
} corpus[INPUTS_MAX];
static unsigned int ninputs;

static const uint8_t *current;
static size_t current_size;
static char crash_path[256];

/* Leave the input behind: called by the sanitizers and by abort(). */
void __asan_on_error(void);
void __asan_on_error(void)
{
	FILE *f = current ? fopen(crash_path, "wb") : NULL;

	if (!f)
		return;
	fwrite(current, 1, current_size, f);
	fclose(f);
	fprintf(stderr, "input written to %s\n", crash_path);
	current = NULL;
}

static void on_abort(int sig)
{
	__asan_on_error();
	signal(sig, SIG_DFL);
	raise(sig);
}

/* Undefined behaviour ends the program like any other fault. */
const char *__ubsan_default_options(void);
const char *__ubsan_default_options(void)
{
	return "print_stacktrace=1:abort_on_error=1";
}

/* A block of exactly its size: one byte beyond is a fault. */
static void run_one(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	FUZZ_CHECK(copy);
	if (size)
		memcpy(copy, data, size);
	current = data;
	current_size = size;
	LLVMFuzzerTestOneInput(copy, size);
	current = NULL;
	free(copy);
}

static int load(const char *path)
{
	struct input *in = &corpus[ninputs];
	FILE *f = fopen(path, "rb");
	long size;

	if (!f || fseek(f, 0, SEEK_END) || (size = ftell(f)) < 0) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -EIO;
	}
	rewind(f);
	in->data = malloc(size ? size : 1);
	in->size = size;
	if (!in->data || fread(in->data, 1, size, f) != (size_t)size) {
		fprintf(stderr, "%s: cannot be read\n", path);
		fclose(f);
		return -EIO;
	}
	fclose(f);
	ninputs++;
	return 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int load_dir(const char *dir)
{
	struct dirent **names;
	int n = scandir(dir, &names, NULL, by_name), rc = 0;
	char path[1024];

	if (n < 0) {
		fprintf(stderr, "%s: %s\n", dir, strerror(errno));
		return -errno;
	}
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name);
		if (names[i]->d_name[0] != '.' && ninputs < INPUTS_MAX && !rc)
			rc = load(path);
		free(names[i]);
	}
	free(names);
	return rc;
}

/* ----------------------------------------------------------------- mutation */

static uint8_t work[INPUT_MAX];
static size_t work_len;

static void cut(size_t at, size_t len)
{
	memmove(work + at, work + at + len, work_len - at - len);
	work_len -= len;
}

static void insert(size_t at, const uint8_t *data, size_t len)
{
	if (len > INPUT_MAX - work_len)
		len = INPUT_MAX - work_len;
	memmove(work + at + len, work + at, work_len - at);
	memcpy(work + at, data, len);
	work_len += len;
}

static void mutate(struct rng *r)
{
	static const uint8_t edges[] = { 0,  1,	 2,  3,	 4,   7,   8,	16, 32,
					 33, 41, 46, 53, 127, 128, 254, 255 };
	size_t at = work_len ? rng_below(r, work_len) : 0;
	size_t left = work_len - at, len;
	const struct input *other = &corpus[rng_below(r, ninputs)];
	uint8_t bytes[64];

	switch (rng_below(r, work_len ? 9 : 1)) {
	case 0: /* random bytes in between */
		len = rng_range(r, 1, 8);
		rng_fill(r, bytes, len);
		insert(at, bytes, len);
		break;
	case 1:
		work[at] ^= 1 << rng_below(r, 8);
		break;
	case 2:
		work[at] = rng_next(r);
		break;
	case 3:
		work[at] = edges[rng_below(r, sizeof(edges))];
		break;
	case 4: /* a number that is a little off */
		work[at] += rng_range(r, 0, 8) - 4;
		break;
	case 5:
		cut(at, rng_range(r, 1, left < 16 ? left : 16));
		break;
	case 6: /* once more */
		len = rng_range(r, 1, left < 64 ? left : 64);
		memcpy(bytes, work + at, len);
		insert(at, bytes, len);
		break;
	case 7: /* the tail of another one */
		work_len = at;
		if (other->size) {
			len = rng_below(r, other->size);
			insert(at, other->data + len, other->size - len);
		}
		break;
	case 8:
		work_len = at;
		break;
	}
}

static void generate(struct rng *r)
{
	const struct input *in = &corpus[rng_below(r, ninputs)];

	work_len = in->size < INPUT_MAX ? in->size : INPUT_MAX;
	memcpy(work, in->data, work_len);
	for (unsigned int n = rng_range(r, 1, 6); n; n--)
		mutate(r);
}

int main(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/'), *dir = NULL;
	unsigned long count = &fuzz_slice ? fuzz_slice : 50000, n;
	struct rng r = { 7296 };
	char path[256];
	int opt;

	name = name ? name + 1 : argv[0];
	if (!strncmp(name, "fuzz_", 5))
		name += 5;
	while ((opt = getopt(argc, argv, "n:s:c:")) != -1) {
		if (opt == 'n')
			count = strtoul(optarg, NULL, 0);
		else if (opt == 's')
			r.state = strtoull(optarg, NULL, 0);
		else if (opt == 'c')
			dir = optarg;
		else
			return 2;
	}
	snprintf(path, sizeof(path), "tests/fuzz/corpus/%s", name);
	snprintf(crash_path, sizeof(crash_path), "build/fuzz/%s-crash", name);
	signal(SIGABRT, on_abort);
	if (optind < argc) {
		count = 0;
		for (; optind < argc; optind++)
			if (load(argv[optind]))
				return 2;
	} else if (load_dir(dir ? dir : path)) {
		return 2;
	}
	if (!ninputs) {
		fprintf(stderr, "%s: no seed to begin with\n", path);
		return 2;
	}
	for (n = 0; n < ninputs; n++)
		run_one(corpus[n].data, corpus[n].size);
	for (n = 0; n < count; n++) {
		generate(&r);
		run_one(work, work_len);
	}
	for (n = 0; n < ninputs; n++)
		free(corpus[n].data);
	printf("%u inputs of the corpus, %lu made of them\n", ninputs, count);
	printf("fuzz_%s: 1 passed, 0 failed, 0 skipped\n", name);
	return 0;
}
