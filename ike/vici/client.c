/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One client: frames and packets, in and out. Nothing here blocks; who sends
 * what is not VICI, or does not read what is owed, is dropped.
 *
 * A frame is a 32-bit length in network order and a packet; a packet is a
 * type, for some types a name (8-bit length), and for some a message.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <openssl/crypto.h>
#include "vici/internal.h"

enum packet {
	CMD_REQUEST = 0,
	CMD_RESPONSE = 1,
	CMD_UNKNOWN = 2,
	EVENT_REGISTER = 3,
	EVENT_UNREGISTER = 4,
	EVENT_CONFIRM = 5,
	EVENT_UNKNOWN = 6,
	EVENT = 7,
};

static const char *const event_names[EV_COUNT] = {
	[EV_LOG] = "log",
	[EV_CONTROL_LOG] = "control-log",
	[EV_LIST_SA] = "list-sa",
	[EV_LIST_POLICY] = "list-policy",
	[EV_LIST_CONN] = "list-conn",
	[EV_LIST_CERT] = "list-cert",
	[EV_LIST_AUTHORITY] = "list-authority",
	[EV_IKE_UPDOWN] = "ike-updown",
	[EV_IKE_REKEY] = "ike-rekey",
	[EV_CHILD_UPDOWN] = "child-updown",
	[EV_CHILD_REKEY] = "child-rekey",
};

static bool busy(const struct client *c)
{
	return c->stream || c->pending;
}

/* What epoll is to tell of a client. An end of file is told for ever, so that
 * after it only writing matters. */
static void interest(struct client *c)
{
	struct epoll_event ev = { .data.ptr = c };

	if (!busy(c) && !c->eof)
		ev.events |= EPOLLIN;
	if (c->out_len)
		ev.events |= EPOLLOUT;
	epoll_ctl(c->v->epfd, EPOLL_CTL_MOD, c->fd, &ev);
}

void client_drop(struct client *c)
{
	if (c->dead)
		return;
	c->dead = true;
	shutdown(c->fd, SHUT_RDWR);
}

/* ------------------------------------------------------------------- output */

static void send_frame(struct client *c, const uint8_t *frame, size_t len)
{
	size_t cap = c->out_cap ? c->out_cap : 4096;
	uint8_t *more;

	if (c->dead)
		return;
	if (c->out_len + len > VICI_OUT_MAX) {
		client_drop(c);
		return;
	}
	if (c->out_off && c->out_off + c->out_len + len > c->out_cap) {
		memmove(c->out, c->out + c->out_off, c->out_len);
		c->out_off = 0;
	}
	while (cap < c->out_off + c->out_len + len)
		cap *= 2;
	if (cap != c->out_cap) {
		more = realloc(c->out, cap);
		if (!more) {
			client_drop(c);
			return;
		}
		c->out = more;
		c->out_cap = cap;
	}
	memcpy(c->out + c->out_off + c->out_len, frame, len);
	c->out_len += len;
	interest(c);
}

static bool grow_frame(struct vici *v)
{
	size_t cap = v->frame_cap ? 4 * v->frame_cap : 4096;
	uint8_t *more;

	if (cap > VICI_FRAME_MAX + 4)
		cap = VICI_FRAME_MAX + 4;
	if (cap == v->frame_cap)
		return false;
	more = realloc(v->frame, cap);
	if (!more)
		return false;
	v->frame = more;
	v->frame_cap = cap;
	return true;
}

/* Into v->frame; 0 if the message is too long. */
static size_t make_frame(struct vici *v, enum packet type, const char *name,
			 const struct section *msg)
{
	size_t head = 4 + 1 + (name ? 1 + strlen(name) : 0), len;
	int n = -1;

	if (!v->frame && !grow_frame(v))
		return 0;
	do {
		n = msg ? vici_encode(msg, v->frame + head, v->frame_cap - head)
			: 0;
	} while (n < 0 && grow_frame(v));
	if (n < 0)
		return 0;
	v->frame[4] = (uint8_t)type;
	if (name) {
		v->frame[5] = (uint8_t)strlen(name);
		memcpy(v->frame + 6, name, strlen(name));
	}
	len = head - 4 + (size_t)n;
	v->frame[0] = (uint8_t)(len >> 24);
	v->frame[1] = (uint8_t)(len >> 16);
	v->frame[2] = (uint8_t)(len >> 8);
	v->frame[3] = (uint8_t)len;
	return len + 4;
}

static void send_packet(struct client *c, enum packet type,
			const struct section *msg)
{
	size_t len = make_frame(c->v, type, NULL, msg);

	if (len)
		send_frame(c, c->v->frame, len);
	else
		client_drop(c); /* it would wait for ever */
}

int client_event(struct client *c, enum vici_event_id ev,
		 const struct section *msg)
{
	size_t len;

	if (!client_wants(c, ev))
		return 0;
	len = make_frame(c->v, EVENT, event_names[ev], msg);
	if (!len)
		return -EMSGSIZE;
	send_frame(c, c->v->frame, len);
	return 0;
}

void vici_broadcast(struct vici *v, enum vici_event_id ev,
		    const struct section *msg)
{
	struct client *c;
	size_t len = 0;

	for (c = v->clients; c; c = c->next) {
		if (!client_wants(c, ev))
			continue;
		if (!len)
			len = make_frame(v, EVENT, event_names[ev], msg);
		if (!len)
			return;
		send_frame(c, v->frame, len);
	}
}

static void end_command(struct client *c)
{
	c->stream = NULL;
	section_free(c->req);
	c->req = NULL;
	free(c->cur.ids);
	memset(&c->cur, 0, sizeof(c->cur));
	if (c->pending)
		c->pending->c = NULL;
	c->pending = NULL;
	if (c->timer_fd >= 0)
		close(c->timer_fd);
	c->timer_fd = -1;
}

void client_reply(struct client *c, const struct section *msg)
{
	end_command(c);
	send_packet(c, CMD_RESPONSE, msg);
}

void client_flush(struct client *c)
{
	ssize_t n;

	while (c->out_len && !c->dead) {
		n = send(c->fd, c->out + c->out_off, c->out_len,
			 MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
			client_drop(c);
		if (n <= 0)
			break;
		c->out_off += (size_t)n;
		c->out_len -= (size_t)n;
	}
	if (!c->out_len) {
		c->out_off = 0;
		if (c->out_cap > VICI_OUT_LOW) {
			free(c->out);
			c->out = NULL;
			c->out_cap = 0;
		}
	}
}

static void stream(struct client *c)
{
	struct section *reply;

	if (!c->stream || client_full(c))
		return;
	reply = section_new();
	if (!reply)
		client_drop(c);
	else if (c->stream(c->v, c, reply))
		client_reply(c, reply);
	section_free(reply);
}

/* -------------------------------------------------------------------- input */

static void run(struct client *c, const struct command *cmd,
		struct section *req)
{
	struct vici *v = c->v;
	struct section *reply;

	if (cmd->stream) {
		c->req = req;
		c->stream = cmd->stream;
		if (cmd->begin && !cmd->begin(v, c))
			client_drop(c);
		stream(c);
		return;
	}
	reply = section_new();
	v->running = c;
	if (!reply)
		client_drop(c);
	else if (cmd->run(v, c, req, reply) == CMD_REPLY)
		client_reply(c, reply);
	v->running = NULL;
	section_free(reply);
	section_free(req);
}

static void request(struct client *c, const char *name, const uint8_t *msg,
		    size_t len)
{
	const struct command *cmd = command_find(name);
	struct section *req, *reply;
	int ret;

	if (!cmd) {
		send_packet(c, CMD_UNKNOWN, NULL);
		return;
	}
	ret = vici_decode(msg, len, &req);
	if (!ret) {
		run(c, cmd, req);
		return;
	}
	reply = section_new();
	if (!reply) {
		client_drop(c);
		return;
	}
	reply_error(reply, "%s: the message is %s", name,
		    ret == -ENOMEM ? "too long for the memory"
				   : "not well-formed");
	client_reply(c, reply);
	section_free(reply);
}

static void subscribe(struct client *c, const char *name, bool on)
{
	unsigned int i;

	for (i = 0; i < EV_COUNT; i++)
		if (!strcmp(event_names[i], name))
			break;
	if (i == EV_COUNT) {
		send_packet(c, EVENT_UNKNOWN, NULL);
		return;
	}
	if (on)
		c->events |= 1u << i;
	else
		c->events &= ~(1u << i);
	send_packet(c, EVENT_CONFIRM, NULL);
}

static void packet(struct client *c, const uint8_t *p, size_t len)
{
	char name[256];

	if (len < 2 || len < 2u + p[1] || memchr(p + 2, 0, p[1])) {
		client_drop(c);
		return;
	}
	memcpy(name, p + 2, p[1]);
	name[p[1]] = 0;
	if (p[0] == CMD_REQUEST)
		request(c, name, p + 2 + p[1], len - 2 - p[1]);
	else if (p[0] == EVENT_REGISTER || p[0] == EVENT_UNREGISTER)
		subscribe(c, name, p[0] == EVENT_REGISTER);
	else
		client_drop(c);
}

/* Bytes of the frame at the head of the input, 0: its length is not there. */
static size_t frame_len(const uint8_t *p, size_t len)
{
	if (len < 4)
		return 0;
	return ((size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 |
		p[3]) +
	       4;
}

/* The frames that are there, as long as no command is at work. */
static void process(struct client *c)
{
	size_t at = 0, len;

	while (!busy(c) && !c->dead) {
		len = frame_len(c->in + at, c->in_len - at);
		if (len > VICI_FRAME_MAX + 4) {
			client_drop(c);
			break;
		}
		if (!len || c->in_len - at < len)
			break;
		packet(c, c->in + at + 4, len - 4);
		at += len;
	}
	if (!at)
		return;
	/* Keys and secrets pass through here. */
	memmove(c->in, c->in + at, c->in_len - at);
	OPENSSL_cleanse(c->in + c->in_len - at, at);
	c->in_len -= at;
}

static bool room(struct client *c)
{
	size_t want = frame_len(c->in, c->in_len), cap = 4096;
	uint8_t *more;

	if (want > VICI_FRAME_MAX + 4)
		want = 0; /* process() drops it */
	while (cap < want || cap <= c->in_len)
		cap *= 2;
	if (cap <= c->in_cap)
		return true;
	more = malloc(cap);
	if (!more)
		return false;
	if (c->in_len)
		memcpy(more, c->in, c->in_len);
	if (c->in)
		OPENSSL_cleanse(c->in, c->in_cap);
	free(c->in);
	c->in = more;
	c->in_cap = cap;
	return true;
}

static void receive(struct client *c)
{
	ssize_t n;

	if (c->eof || busy(c))
		return;
	if (!room(c)) {
		client_drop(c);
		return;
	}
	n = recv(c->fd, c->in + c->in_len, c->in_cap - c->in_len, MSG_DONTWAIT);
	if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
		client_drop(c);
	if (n == 0)
		c->eof = true;
	if (n > 0)
		c->in_len += (size_t)n;
}

/* ---------------------------------------------------------------- life */

int client_timer(struct client *c, unsigned int ms)
{
	struct itimerspec its = { .it_value = { ms / 1000,
						(long)(ms % 1000) * 1000000 } };
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = c };

	c->timer_fd =
		timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (c->timer_fd < 0)
		return -errno;
	if (timerfd_settime(c->timer_fd, 0, &its, NULL) ||
	    epoll_ctl(c->v->epfd, EPOLL_CTL_ADD, c->timer_fd, &ev)) {
		int ret = -errno;

		close(c->timer_fd);
		c->timer_fd = -1;
		return ret;
	}
	return 0;
}

void client_free(struct client *c)
{
	end_command(c);
	close(c->fd);
	if (c->in)
		OPENSSL_cleanse(c->in, c->in_cap);
	free(c->in);
	free(c->out);
	free(c);
}

/* Both the socket and the timer of a client lead here. */
void client_serve(struct client *c, uint32_t events)
{
	uint64_t ticks;

	if (c->dead)
		return;
	if (c->timer_fd >= 0 &&
	    read(c->timer_fd, &ticks, sizeof(ticks)) == sizeof(ticks))
		command_timeout(c);
	if (events & EPOLLERR || (events & EPOLLHUP && (c->eof || busy(c)))) {
		/* Nobody is left who would read; what was sent is done. */
		client_drop(c);
		return;
	}
	receive(c);
	process(c);
	do {
		client_flush(c);
		stream(c);
	} while (c->stream && !client_full(c));
	/* What a finished command let wait in the input. */
	process(c);
	if (c->eof && !busy(c) && !c->out_len)
		client_drop(c);
	if (!c->dead)
		interest(c);
}
