// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include "bypass.h"
#include "log.h"

#define PORT_IKE 500
#define PORT_NATT 4500
#define ND_FIRST 133 /* router solicitation (RFC 4861 section 4) */
#define ND_LAST 137 /* redirect */
#define RULES_MAX 6
#define ADDRS_MAX 64

struct owned {
	struct espalier_addr addr;
	bool seen;
	unsigned int n;
	uint32_t id[RULES_MAX];
};

struct bypass {
	struct sadb *db;
	int fd;
	unsigned int ifindex, naddrs;
	bool full; /* said so */
	struct owned fixed, addr[ADDRS_MAX];
};

/* --------------------------------------------------------------- policies */

static const struct espalier_policy any_v4 = {
	.action = ESPALIER_BYPASS,
	.src_lo.family = AF_INET,
	.src_hi = { .family = AF_INET, .bytes = { 255, 255, 255, 255 } },
	.dst_lo.family = AF_INET,
	.dst_hi = { .family = AF_INET, .bytes = { 255, 255, 255, 255 } },
	.sport_hi = UINT16_MAX,
	.dport_hi = UINT16_MAX,
};

static struct espalier_policy any(int family)
{
	struct espalier_policy p = any_v4;

	if (family == AF_INET6) {
		p.src_lo.family = p.src_hi.family = AF_INET6;
		p.dst_lo.family = p.dst_hi.family = AF_INET6;
		memset(p.src_hi.bytes, 0xff, 16);
		memset(p.dst_hi.bytes, 0xff, 16);
	}
	return p;
}

static int rule(struct bypass *b, struct owned *o,
		const struct espalier_policy *p)
{
	int ret = b->db->ops->policy_add(b->db, p, &o->id[o->n]);

	if (!ret)
		o->n++;
	else
		sayf("bypass for IKE and neighbours: %s",
		     b->db->ops->error(b->db));
	return ret;
}

static int udp(struct bypass *b, struct owned *o, uint16_t port)
{
	struct espalier_policy out = any(o->addr.family), in = out;
	int ret;

	out.dir = ESPALIER_DIR_OUT;
	out.proto = IPPROTO_UDP;
	out.src_lo = out.src_hi = o->addr;
	out.sport_lo = out.sport_hi = port;
	in.dir = ESPALIER_DIR_IN;
	in.proto = IPPROTO_UDP;
	in.dst_lo = in.dst_hi = o->addr;
	in.dport_lo = in.dport_hi = port;
	ret = rule(b, o, &out);
	return ret ? ret : rule(b, o, &in);
}

/* The type of an ICMP message stands where the source port does. */
static struct espalier_policy neighbour(enum espalier_dir dir)
{
	struct espalier_policy p = any(AF_INET6);

	p.dir = dir;
	p.proto = IPPROTO_ICMPV6;
	p.sport_lo = ND_FIRST;
	p.sport_hi = ND_LAST;
	return p;
}

static int neighbours(struct bypass *b, struct owned *o)
{
	struct espalier_policy out = neighbour(ESPALIER_DIR_OUT);
	struct espalier_policy in = neighbour(ESPALIER_DIR_IN);
	int ret;

	out.src_lo = out.src_hi = o->addr;
	in.dst_lo = in.dst_hi = o->addr;
	ret = rule(b, o, &out);
	return ret ? ret : rule(b, o, &in);
}

/* Without an address of one's own: duplicate address detection and router
 * solicitation go out from ::, and multicast comes in. */
static int fixed(struct bypass *b)
{
	struct espalier_policy out = neighbour(ESPALIER_DIR_OUT);
	struct espalier_policy in = neighbour(ESPALIER_DIR_IN);
	int ret;

	out.src_hi = out.src_lo;
	in.dst_lo.bytes[0] = 0xff;
	in.dst_lo.bytes[1] = 0x02;
	in.dst_hi.bytes[1] = 0x02;
	ret = rule(b, &b->fixed, &out);
	return ret ? ret : rule(b, &b->fixed, &in);
}

static void remove_rules(struct bypass *b, struct owned *o)
{
	while (o->n)
		b->db->ops->policy_del(b->db, o->id[--o->n]);
}

/* -------------------------------------------------------------- addresses */

static struct owned *find(struct bypass *b, const struct espalier_addr *a)
{
	for (unsigned int i = 0; i < b->naddrs; i++)
		if (b->addr[i].addr.family == a->family &&
		    !memcmp(b->addr[i].addr.bytes, a->bytes, 16))
			return &b->addr[i];
	return NULL;
}

static void add(struct bypass *b, const struct espalier_addr *a)
{
	struct owned *o = find(b, a);

	if (o) {
		o->seen = true;
		return;
	}
	if (b->naddrs == ADDRS_MAX) {
		if (!b->full)
			sayf("bypass: more than %u addresses: IKE is served "
			     "on the first ones",
			     ADDRS_MAX);
		b->full = true;
		return;
	}
	o = &b->addr[b->naddrs++];
	*o = (struct owned){ .addr = *a, .seen = true };
	if (udp(b, o, PORT_IKE) || udp(b, o, PORT_NATT) ||
	    (a->family == AF_INET6 && neighbours(b, o)))
		remove_rules(b, o); /* all or none; it was said why */
}

static void del(struct bypass *b, struct owned *o)
{
	if (!o)
		return;
	remove_rules(b, o);
	*o = b->addr[--b->naddrs];
}

static void message(struct bypass *b, const struct nlmsghdr *h)
{
	const struct ifaddrmsg *m = NLMSG_DATA(h);
	struct espalier_addr a = { .family = m->ifa_family };
	size_t len = m->ifa_family == AF_INET ? 4 : 16;
	const struct rtattr *r;
	int left;

	if ((h->nlmsg_type != RTM_NEWADDR && h->nlmsg_type != RTM_DELADDR) ||
	    h->nlmsg_len < NLMSG_LENGTH(sizeof(*m)) ||
	    m->ifa_index != b->ifindex ||
	    (m->ifa_family != AF_INET && m->ifa_family != AF_INET6))
		return;
	left = (int)IFA_PAYLOAD(h);
	for (r = IFA_RTA(m); RTA_OK(r, left); r = RTA_NEXT(r, left)) {
		/* of a point-to-point pair LOCAL is ours; IPv6 has it only
		 * there */
		if (RTA_PAYLOAD(r) == len &&
		    (r->rta_type == IFA_LOCAL ||
		     (r->rta_type == IFA_ADDRESS && m->ifa_family == AF_INET6)))
			memcpy(a.bytes, RTA_DATA(r), len);
	}
	if (h->nlmsg_type == RTM_NEWADDR)
		add(b, &a);
	else
		del(b, find(b, &a));
}

/* 1: the end of a list, 0: nothing more now, -ENOBUFS: some were lost */
static int receive(struct bypass *b, int flags)
{
	union {
		struct nlmsghdr h;
		char buf[16384];
	} u;
	ssize_t n;

	for (;;) {
		n = recv(b->fd, &u, sizeof(u), flags);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -errno;
		for (struct nlmsghdr *h = &u.h; NLMSG_OK(h, (size_t)n);
		     h = NLMSG_NEXT(h, n)) {
			if (h->nlmsg_type == NLMSG_DONE ||
			    h->nlmsg_type == NLMSG_ERROR)
				return 1;
			message(b, h);
		}
	}
}

/* All of them, and none that is gone. */
static int list(struct bypass *b)
{
	struct {
		struct nlmsghdr h;
		struct ifaddrmsg m;
	} req = {
		.h = { .nlmsg_len = sizeof(req),
		       .nlmsg_type = RTM_GETADDR,
		       .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.m.ifa_family = AF_UNSPEC,
	};
	unsigned int i;
	int ret;

	for (i = 0; i < b->naddrs; i++)
		b->addr[i].seen = false;
	do {
		if (send(b->fd, &req, sizeof(req), 0) < 0)
			return -errno;
		ret = receive(b, 0);
	} while (ret == -ENOBUFS);
	if (ret < 0)
		return ret;
	for (i = b->naddrs; i-- > 0;)
		if (!b->addr[i].seen)
			del(b, &b->addr[i]);
	return 0;
}

void bypass_dispatch(void *bypass)
{
	struct bypass *b = bypass;
	int ret = receive(b, MSG_DONTWAIT);

	if (ret == -ENOBUFS)
		ret = list(b);
	if (ret < 0)
		say("addresses of the interface", ret);
}

int bypass_fd(const struct bypass *b)
{
	return b->fd;
}

int bypass_open(struct bypass **bp, struct sadb *db, const char *ifname)
{
	struct sockaddr_nl sa = {
		.nl_family = AF_NETLINK,
		.nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR,
	};
	struct bypass *b = calloc(1, sizeof(*b));
	int ret;

	if (!b)
		return -ENOMEM;
	b->db = db;
	b->ifindex = if_nametoindex(ifname);
	b->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (!b->ifindex || b->fd < 0 ||
	    bind(b->fd, (struct sockaddr *)&sa, sizeof(sa))) {
		ret = -errno;
		goto fail;
	}
	ret = fixed(b);
	if (!ret)
		ret = list(b);
	if (ret)
		goto fail;
	*bp = b;
	return 0;
fail:
	say(ifname, ret);
	bypass_close(b);
	return ret;
}

void bypass_close(struct bypass *b)
{
	if (!b)
		return;
	while (b->naddrs)
		del(b, &b->addr[b->naddrs - 1]);
	remove_rules(b, &b->fixed);
	if (b->fd >= 0)
		close(b->fd);
	free(b);
}
