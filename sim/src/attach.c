// SPDX-License-Identifier: Apache-2.0
/*
 * What can stand at the other end of the wire: a network interface, a tap, a
 * datagram socket, a capture file. A frame that the other end does not take is
 * counted, never lost silently.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <arpa/inet.h>
#include "internal.h"

#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23
#endif
#define SOCKET_BUFFER (4 << 20)
#define SEND_WAIT_MS 1000 /* without a sign of life */
#define SEND_WAIT_CONNECTED_MS 60000 /* that would tell if it were gone */
#define SEND_TRIES 1000

struct attach {
	int fd;
	bool socket; /* packet and dgram */
	bool stuck; /* the last frame was not taken */
	bool connected; /* of a kind that tells when the other end is gone */
	pcap_t *pcap;
	struct espalier_sim *sim;
};

static void attach_close(void *arg)
{
	struct attach *a = arg;

	if (a->fd >= 0)
		close(a->fd);
	if (a->pcap)
		pcap_close(a->pcap);
	free(a);
}

static int attach_fd(void *arg)
{
	return ((struct attach *)arg)->fd;
}

/* Until the other end can take a frame. It may be a process that shares our
 * processor, and may be waiting for us to take one of its frames: so frames
 * are taken in while we wait. */
static bool attach_wait(struct attach *a)
{
	struct pollfd p = { .fd = a->fd, .events = POLLIN | POLLOUT };

	int limit = a->connected ? SEND_WAIT_CONNECTED_MS : SEND_WAIT_MS;

	for (int ms = 0; ms < limit; ms++) {
		if (poll(&p, 1, 1) < 0 && errno != EINTR)
			return false;
		if (p.revents & POLLIN && wire_pull(a->sim, WIRE_RX_MAX) > 0)
			ms = 0; /* the other end is alive */
		if (p.revents & POLLOUT)
			return true;
		if (p.revents & (POLLERR | POLLHUP | POLLNVAL))
			return false;
	}
	return false;
}

/* The wire of a real NIC has no back-pressure; this one waits a while before
 * a frame is lost. */
static void attach_send(void *arg, const uint8_t *data, size_t len)
{
	struct attach *a = arg;

	for (int tries = 0; tries < SEND_TRIES; tries++) {
		ssize_t n = a->socket ? send(a->fd, data, len,
					     MSG_DONTWAIT | MSG_NOSIGNAL)
				      : write(a->fd, data, len);

		if (n == (ssize_t)len) {
			a->stuck = false;
			return;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == ENOBUFS) &&
		    !a->stuck && attach_wait(a))
			continue;
		break;
	}
	a->stuck = true; /* one wait is enough for one that is gone */
	a->sim->wire.tx_lost++;
}

static int attach_recv(void *arg, uint8_t *buf, size_t size)
{
	struct attach *a = arg;
	ssize_t n;

	if (a->fd < 0)
		return 0;
	do {
		n = a->socket ? recv(a->fd, buf, size, MSG_DONTWAIT)
			      : read(a->fd, buf, size);
	} while (n < 0 && errno == EINTR);
	if (!n && a->connected) { /* not readable for ever */
		close(a->fd);
		a->fd = -1;
	}
	if (n >= 0)
		return (int)n;
	return errno == EAGAIN || errno == ENETDOWN || errno == ECONNRESET
		       ? 0
		       : -errno;
}

static const struct espalier_wire_ops fd_ops = {
	.send = attach_send,
	.recv = attach_recv,
	.fd = attach_fd,
	.close = attach_close,
};

uint64_t attach_drops(struct espalier_sim *sim)
{
	struct wire *w = &sim->wire;
	struct tpacket_stats st;
	socklen_t len = sizeof(st);

	if (w->ops == &fd_ops && !getsockopt(attach_fd(w->arg), SOL_PACKET,
					     PACKET_STATISTICS, &st, &len))
		w->rx_lost += st.tp_drops; /* reading clears it */
	return w->rx_lost;
}

static int attach(struct espalier_sim *sim, int fd, bool socket, bool connected)
{
	struct attach *a = calloc(1, sizeof(*a));
	int flags = fcntl(fd, F_GETFL);

	if (!a || flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK)) {
		free(a);
		return -ENOMEM;
	}
	a->fd = fd;
	a->socket = socket;
	a->connected = connected;
	a->sim = sim;
	espalier_sim_wire(sim, &fd_ops, a);
	sim->wire.live = true;
	return 0;
}

static void socket_buffers(int fd)
{
	static const int size = SOCKET_BUFFER;

	/* FORCE needs privileges; the plain form is cut to the limit */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

int espalier_sim_wire_packet(struct espalier_sim *sim, const char *ifname)
{
	struct sockaddr_ll sll = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)if_nametoindex(ifname),
	};
	struct packet_mreq mr = {
		.mr_ifindex = sll.sll_ifindex,
		.mr_type = PACKET_MR_PROMISC,
	};
	static const int one = 1;
	int fd, ret;

	if (!sll.sll_ifindex)
		return -errno;
	/* protocol 0 until it is bound, so that no foreign frame slips in */
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	socket_buffers(fd);
	if (setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one,
		       sizeof(one)) ||
	    bind(fd, (struct sockaddr *)&sll, sizeof(sll)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &mr,
		       sizeof(mr))) {
		ret = -errno;
		close(fd);
		return ret;
	}
	ret = attach(sim, fd, true, false);
	if (ret)
		close(fd);
	return ret;
}

int espalier_sim_wire_tap(struct espalier_sim *sim, const char *ifname)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	int fd, ret;

	if (strlen(ifname) >= sizeof(ifr.ifr_name))
		return -EINVAL;
	strcpy(ifr.ifr_name, ifname);
	fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = ioctl(fd, TUNSETIFF, &ifr) ? -errno
					 : attach(sim, fd, false, false);
	if (ret)
		close(fd);
	return ret;
}

int espalier_sim_wire_dgram(struct espalier_sim *sim, int fd)
{
	int type;
	socklen_t len = sizeof(type);

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len))
		return -errno;
	if (type != SOCK_DGRAM && type != SOCK_SEQPACKET)
		return -EPROTOTYPE;
	socket_buffers(fd);
	return attach(sim, fd, true, type == SOCK_SEQPACKET);
}

/* ------------------------------------------------------------ capture file */

static int pcap_recv(void *arg, uint8_t *buf, size_t size)
{
	struct attach *a = arg;
	struct pcap_pkthdr *h;
	const u_char *data;
	int ret;

	if (!a->pcap)
		return 0;
	ret = pcap_next_ex(a->pcap, &h, &data);
	if (ret == 1 && h->caplen == h->len && h->len && h->len <= size) {
		memcpy(buf, data, h->len);
		return (int)h->len;
	}
	pcap_close(a->pcap);
	a->pcap = NULL;
	return ret == PCAP_ERROR_BREAK ? 0 : -EBADMSG;
}

static const struct espalier_wire_ops pcap_ops = {
	.recv = pcap_recv,
	.fd = attach_fd,
	.close = attach_close,
};

int espalier_sim_wire_pcap(struct espalier_sim *sim, const char *in)
{
	char errbuf[PCAP_ERRBUF_SIZE];
	struct attach *a = calloc(1, sizeof(*a));

	if (!a)
		return -ENOMEM;
	a->fd = -1;
	a->sim = sim;
	if (in) {
		a->pcap = pcap_open_offline(in, errbuf);
		if (!a->pcap) {
			free(a);
			return access(in, R_OK) ? -errno : -EBADMSG;
		}
		if (pcap_datalink(a->pcap) != DLT_EN10MB) {
			attach_close(a);
			return -EPROTONOSUPPORT;
		}
	}
	espalier_sim_wire(sim, &pcap_ops, a);
	return 0;
}
