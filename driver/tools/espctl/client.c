// SPDX-License-Identifier: Apache-2.0
/* Speaking to the owner of the device. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "espctl.h"

static int open_socket(struct espctl *e)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd;

	if (e->sock)
		return ESPCTL_OK;
	if (strlen(e->path) >= sizeof(addr.sun_path)) {
		fprintf(stderr, "espctl: %s: too long\n", e->path);
		return ESPCTL_NO_OWNER;
	}
	strcpy(addr.sun_path, e->path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    !(e->sock = fdopen(fd, "r"))) {
		fprintf(stderr, "espctl: %s: %s\n", e->path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return ESPCTL_NO_OWNER;
	}
	/* a buffer of our own, which can be zeroed */
	setvbuf(e->sock, e->buf, _IOFBF, sizeof(e->buf));
	return ESPCTL_OK;
}

/* @text ends on its newline. */
static int send_text(struct espctl *e, const char *text, size_t len)
{
	ssize_t n;
	int ret = open_socket(e);

	if (ret)
		return ret;
	for (; len; text += n, len -= (size_t)n) {
		n = send(fileno(e->sock), text, len, MSG_NOSIGNAL);
		/* hung up: what it said before is still to be read */
		if (n < 0 && (errno == EPIPE || errno == ECONNRESET))
			return ESPCTL_OK;
		if (n < 0) {
			fprintf(stderr, "espctl: %s: %s\n", e->path,
				strerror(errno));
			return ESPCTL_NO_OWNER;
		}
	}
	return ESPCTL_OK;
}

int espctl_send_key(struct espctl *e, const char *hex)
{
	char line[96];
	int ret;

	snprintf(line, sizeof(line), "key %s\n", hex);
	ret = send_text(e, line, strlen(line));
	explicit_bzero(line, sizeof(line));
	return ret;
}

static void take_key(struct espctl *e, const char *text)
{
	struct espctl_key *k;

	k = realloc(e->keys, (e->nkeys + 1) * sizeof(*k));
	if (!k)
		return;
	e->keys = k;
	k += e->nkeys;
	if (sscanf(text, "key %x %72[0-9a-f]", &k->handle, k->hex) == 2)
		e->nkeys++;
}

json_t *espctl_read(struct espctl *e)
{
	json_error_t err;
	json_t *j;

	while (getline(&e->line, &e->line_size, e->sock) > 0) {
		if (!strncmp(e->line, "key ", 4)) {
			take_key(e, e->line);
			explicit_bzero(e->line, e->line_size);
			continue;
		}
		j = json_loads(e->line, 0, &err);
		if (!j)
			fprintf(stderr, "espctl: %s: answer is not JSON: %s\n",
				e->path, err.text);
		return j;
	}
	return NULL;
}

int espctl_call(struct espctl *e, json_t *request, json_t **result)
{
	char *text = json_dumps(request, JSON_COMPACT);
	json_t *answer;
	int ret;

	json_decref(request);
	*result = NULL;
	if (!text) {
		fprintf(stderr, "espctl: an argument is not UTF-8\n");
		return ESPCTL_USAGE;
	}
	ret = send_text(e, text, strlen(text));
	if (!ret)
		ret = send_text(e, "\n", 1);
	free(text);
	if (ret)
		return ret;
	e->nkeys = 0;
	answer = espctl_read(e);
	if (!answer) {
		fprintf(stderr, "espctl: %s: no answer\n", e->path);
		return ESPCTL_NO_OWNER;
	}
	if (!json_is_true(json_object_get(answer, "ok"))) {
		fprintf(stderr, "espctl: %s (%s)\n", str(answer, "error"),
			str(answer, "errno"));
		ret = ESPCTL_FAILED;
	} else {
		*result = json_incref(json_object_get(answer, "result"));
	}
	json_decref(answer);
	return ret;
}

void espctl_close(struct espctl *e)
{
	if (e->sock)
		fclose(e->sock);
	if (e->keys)
		explicit_bzero(e->keys, e->nkeys * sizeof(*e->keys));
	free(e->keys);
	free(e->line);
	explicit_bzero(e->buf, sizeof(e->buf));
}
