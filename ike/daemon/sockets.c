// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include "log.h"
#include "sockets.h"
#include "wire/text.h"

#define MARKER 4
#define KEEPALIVE 0xff
#define READS_MAX 64 /* of one socket before others have their turn */
#define RCVBUF (4 << 20) /* what a flood fills before anything else is lost */
#define ERRNOS 134
#define LOG_AGAIN 60 /* seconds */

struct sock {
	struct sockets *all;
	int fd, family;
	uint16_t port;
	bool natt;
};

struct sockets {
	struct sockets_opts opts;
	unsigned int n, ifindex;
	struct sock sock[4];
	struct sockets_counters count;
	time_t logged[ERRNOS]; /* of each reason: when it was logged last */
	uint8_t buf[65536];
};

union any_addr {
	struct sockaddr sa;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

union control {
	struct cmsghdr align;
	char buf[CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

static socklen_t to_sockaddr(union any_addr *u, const struct espalier_addr *ip,
			     uint16_t port, unsigned int ifindex)
{
	memset(u, 0, sizeof(*u));
	u->sa.sa_family = (sa_family_t)ip->family;
	if (ip->family == AF_INET) {
		u->v4.sin_port = htons(port);
		u->v4.sin_addr = ip->v4;
		return sizeof(u->v4);
	}
	u->v6.sin6_port = htons(port);
	u->v6.sin6_addr = ip->v6;
	if (IN6_IS_ADDR_LINKLOCAL(&ip->v6))
		u->v6.sin6_scope_id = ifindex;
	return sizeof(u->v6);
}

static void from_sockaddr(struct ike_end *end, const union any_addr *u)
{
	memset(end, 0, sizeof(*end));
	end->ip.family = u->sa.sa_family;
	if (u->sa.sa_family == AF_INET) {
		end->ip.v4 = u->v4.sin_addr;
		end->port = ntohs(u->v4.sin_port);
	} else {
		end->ip.v6 = u->v6.sin6_addr;
		end->port = ntohs(u->v6.sin6_port);
	}
}

/* Once a minute for each errno. */
static bool worth_a_line(struct sockets *s, int err)
{
	struct timespec now;
	time_t *last = &s->logged[err < ERRNOS ? err : 0];

	clock_gettime(CLOCK_BOOTTIME, &now);
	if (*last && now.tv_sec - *last < LOG_AGAIN)
		return false;
	*last = now.tv_sec + !now.tv_sec;
	return true;
}

/* ---------------------------------------------------------------- receive */

/* The address that a datagram was sent to: 0, or it cannot be answered. */
static int addressed(struct msghdr *m, struct espalier_addr *to)
{
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof(info));
			to->family = AF_INET;
			to->v4 = info.ipi_addr;
			return 0;
		}
		if (c->cmsg_level == IPPROTO_IPV6 &&
		    c->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof(info));
			to->family = AF_INET6;
			to->v6 = info.ipi6_addr;
			return 0;
		}
	}
	return -ENOMSG;
}

static void datagram(struct sock *k, const struct ike_end *local,
		     const struct ike_end *remote, size_t len)
{
	static const uint8_t zero[MARKER];
	struct sockets *s = k->all;
	const uint8_t *msg = s->buf;

	if (k->natt) {
		if (len == 1 && msg[0] == KEEPALIVE) {
			s->count.keepalives++;
			return;
		}
		if (len >= MARKER && memcmp(msg, zero, MARKER)) {
			s->count.esp++;
			return;
		}
		if (len <= MARKER) {
			s->count.short_datagrams++;
			return;
		}
		msg += MARKER;
		len -= MARKER;
	} else if (!len) {
		s->count.short_datagrams++;
		return;
	}
	s->count.in++;
	s->opts.input(s->opts.arg, local, remote, msg, len);
}

static void readable(void *sock)
{
	struct sock *k = sock;
	struct sockets *s = k->all;

	for (unsigned int i = 0; i < READS_MAX; i++) {
		struct iovec iov = { s->buf, sizeof(s->buf) };
		struct ike_end local = { .port = k->port }, remote;
		union any_addr from = { 0 };
		union control control;
		struct msghdr m = {
			.msg_name = &from,
			.msg_namelen = sizeof(from),
			.msg_iov = &iov,
			.msg_iovlen = 1,
			.msg_control = &control,
			.msg_controllen = sizeof(control),
		};
		ssize_t n = recvmsg(k->fd, &m, MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			if (errno == EAGAIN)
				return;
			s->count.errors_in++;
			if (worth_a_line(s, errno))
				say("IKE socket: receive", errno);
			return;
		}
		if (from.sa.sa_family != k->family ||
		    addressed(&m, &local.ip)) {
			s->count.errors_in++;
			continue;
		}
		from_sockaddr(&remote, &from);
		datagram(k, &local, &remote, (size_t)n);
	}
}

/* ------------------------------------------------------------------- send */

static void put_source(struct msghdr *m, union control *control,
		       const struct espalier_addr *ip, unsigned int ifindex)
{
	struct cmsghdr *c = &control->align;

	memset(control, 0, sizeof(*control));
	m->msg_control = control;
	if (ip->family == AF_INET) {
		const struct in_pktinfo info = { .ipi_spec_dst = ip->v4 };

		m->msg_controllen = CMSG_SPACE(sizeof(info));
		c->cmsg_level = IPPROTO_IP;
		c->cmsg_type = IP_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof(info));
		memcpy(CMSG_DATA(c), &info, sizeof(info));
	} else {
		const struct in6_pktinfo info = {
			.ipi6_addr = ip->v6,
			.ipi6_ifindex =
				IN6_IS_ADDR_LINKLOCAL(&ip->v6) ? ifindex : 0,
		};

		m->msg_controllen = CMSG_SPACE(sizeof(info));
		c->cmsg_level = IPPROTO_IPV6;
		c->cmsg_type = IPV6_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof(info));
		memcpy(CMSG_DATA(c), &info, sizeof(info));
	}
}

static struct sock *find(struct sockets *s, int family, uint16_t port)
{
	for (unsigned int i = 0; i < s->n; i++)
		if (s->sock[i].family == family && s->sock[i].port == port)
			return &s->sock[i];
	return NULL;
}

static int send_now(struct sockets *s, const struct ike_end *local,
		    const struct ike_end *remote, const uint8_t *msg,
		    size_t len)
{
	static uint8_t marker[MARKER];
	struct sock *k = find(s, remote->ip.family, local->port);
	struct iovec iov[2] = { { marker, sizeof(marker) },
				{ (void *)msg, len } };
	union any_addr to;
	union control control;
	struct msghdr m = { .msg_name = &to };
	bool marked;
	ssize_t n;

	if (local->ip.family && local->ip.family != remote->ip.family)
		return -EAFNOSUPPORT;
	if (!k)
		return -EADDRNOTAVAIL;
	marked = k->natt && len > 1; /* a keepalive is one byte alone */
	m.msg_iov = marked ? iov : iov + 1;
	m.msg_iovlen = marked ? 2 : 1;
	m.msg_namelen = to_sockaddr(&to, &remote->ip, remote->port, s->ifindex);
	if (local->ip.family)
		put_source(&m, &control, &local->ip, s->ifindex);
	do {
		n = sendmsg(k->fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

int sockets_send(struct sockets *s, const struct ike_end *local,
		 const struct ike_end *remote, const uint8_t *msg, size_t len)
{
	int ret = send_now(s, local, remote, msg, len);
	char from[INET6_ADDRSTRLEN], to[INET6_ADDRSTRLEN];

	if (!ret) {
		s->count.out++;
		return 0;
	}
	s->count.errors_out++;
	if (worth_a_line(s, -ret))
		sayf("IKE socket: send from %s port %u to %s port %u: %s",
		     addr_text(&local->ip, from, sizeof(from)), local->port,
		     addr_text(&remote->ip, to, sizeof(to)), remote->port,
		     strerror(-ret));
	return ret;
}

/* ------------------------------------------------------------------- open */

static int open_one(struct sockets *s, int family, uint16_t port, bool natt)
{
	static const int one = 1, rcvbuf = RCVBUF;
	struct espalier_addr any = { .family = family };
	struct sock *k = &s->sock[s->n];
	union any_addr u;
	socklen_t len = to_sockaddr(&u, &any, port, 0);
	int fd, ret;

	fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno == EAFNOSUPPORT && family == AF_INET6 ? 0 : -errno;
	if (family == AF_INET
		    ? setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &one, sizeof(one))
		    : setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one,
				 sizeof(one)) ||
			      setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO,
					 &one, sizeof(one)))
		goto fail;
	/* FORCE needs privileges; the plain form is cut to the limit */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &rcvbuf, sizeof(rcvbuf)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &rcvbuf, sizeof(rcvbuf));
	if (bind(fd, &u.sa, len) || getsockname(fd, &u.sa, &len))
		goto fail;
	*k = (struct sock){
		.all = s,
		.fd = fd,
		.family = family,
		.port = family == AF_INET ? ntohs(u.v4.sin_port)
					  : ntohs(u.v6.sin6_port),
		.natt = natt,
	};
	s->n++;
	return 0;
fail:
	ret = -errno;
	close(fd);
	return ret;
}

int sockets_open(struct sockets **sp, const struct sockets_opts *opts)
{
	struct sockets *s = calloc(1, sizeof(*s));
	int ret = 0;

	if (!s)
		return -ENOMEM;
	s->opts = *opts;
	s->ifindex = opts->ifname ? if_nametoindex(opts->ifname) : 0;
	for (unsigned int i = 0; i < 4 && !ret; i++) {
		int family = i & 1 ? AF_INET6 : AF_INET;
		uint16_t port = i & 2 ? opts->natt_port : opts->port;

		ret = open_one(s, family, port, i & 2);
		if (ret)
			sayf("IKE socket: %s port %u: %s",
			     family == AF_INET ? "IPv4" : "IPv6", port,
			     strerror(-ret));
	}
	if (ret) {
		sockets_close(s);
		return ret;
	}
	*sp = s;
	return 0;
}

void sockets_close(struct sockets *s)
{
	if (!s)
		return;
	while (s->n)
		close(s->sock[--s->n].fd);
	free(s);
}

int sockets_watch(struct sockets *s, struct watch *w)
{
	int ret = 0;

	for (unsigned int i = 0; i < s->n && !ret; i++)
		ret = watch_add(w, s->sock[i].fd, readable, &s->sock[i]);
	return ret;
}

void sockets_counters(const struct sockets *s, struct sockets_counters *c)
{
	*c = s->count;
}

int sockets_route(const struct espalier_addr *remote,
		  struct espalier_addr *local)
{
	struct ike_end end;
	union any_addr u;
	socklen_t len = to_sockaddr(&u, remote, IKE_PORT, 0);
	int fd = socket(remote->family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int ret = 0;

	if (fd < 0)
		return -errno;
	/* connect() of a UDP socket sends nothing, it looks up the route */
	if (connect(fd, &u.sa, len)) {
		ret = -errno;
	} else {
		len = sizeof(u);
		if (getsockname(fd, &u.sa, &len))
			ret = -errno;
	}
	close(fd);
	if (!ret) {
		from_sockaddr(&end, &u);
		*local = end.ip;
	}
	return ret;
}
