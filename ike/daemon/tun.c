// SPDX-License-Identifier: Apache-2.0
/*
 * TUN and TAP. They ask for no offloads, so that the kernel hands over whole
 * packets with complete checksums and no larger than the MTU.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/if_arp.h>
#include <linux/if_tun.h>
#include "pktio.h"

struct tun {
	struct pktio io;
	char name[IFNAMSIZ];
};

static int tun_read(struct pktio *io, uint8_t *buf, size_t size)
{
	ssize_t n;

	do {
		n = read(io->fd, buf, size);
	} while (n < 0 && errno == EINTR);
	if (n >= 0)
		return (int)n;
	/* EIO: the interface is down; it may come up again */
	return errno == EAGAIN || errno == EIO ? 0 : -errno;
}

static int tun_write(struct pktio *io, const uint8_t *data, size_t len)
{
	ssize_t n;

	do {
		n = write(io->fd, data, len);
	} while (n < 0 && errno == EINTR);
	return n == (ssize_t)len ? 0 : n < 0 ? -errno : -EIO;
}

/* The transmit queue of the interface is what waits for us; what it drops is
 * in the kernel's own statistics. */
static uint64_t tun_dropped(struct pktio *io)
{
	struct tun *t = (struct tun *)io;
	unsigned long long drop = 0, v;
	char line[512], name[64];
	FILE *f = fopen("/proc/self/net/dev", "r");

	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line,
			   " %63[^:]: %*u %*u %*u %*u %*u %*u %*u %*u "
			   "%*u %*u %*u %llu",
			   name, &v) == 2 &&
		    !strcmp(name, t->name))
			drop = v;
	}
	fclose(f);
	return drop;
}

static int tun_close(struct pktio *io)
{
	close(io->fd);
	free(io);
	return 0;
}

/* @s: any socket, to ask interfaces of */
static int set_up(int s, const char *name, unsigned int mtu, const uint8_t *mac)
{
	struct ifreq ifr = { 0 };

	strcpy(ifr.ifr_name, name);
	ifr.ifr_mtu = (int)mtu;
	if (ioctl(s, SIOCSIFMTU, &ifr))
		return -errno;
	if (mac) {
		ifr.ifr_hwaddr.sa_family = ARPHRD_ETHER;
		memcpy(ifr.ifr_hwaddr.sa_data, mac, 6);
		if (ioctl(s, SIOCSIFHWADDR, &ifr))
			return -errno;
	}
	if (ioctl(s, SIOCGIFFLAGS, &ifr))
		return -errno;
	ifr.ifr_flags |= IFF_UP;
	return ioctl(s, SIOCSIFFLAGS, &ifr) ? -errno : 0;
}

/* @mac: TAP, else TUN */
static int open_tuntap(struct pktio **iop, const char *name, unsigned int mtu,
		       const uint8_t *mac)
{
	struct tun *t = calloc(1, sizeof(*t));
	struct ifreq ifr = { .ifr_flags = IFF_NO_PI };
	int s = -1, ret;

	if (!t)
		return -ENOMEM;
	t->io.fd = -1;
	if (strlen(name) >= sizeof(ifr.ifr_name)) {
		ret = -EINVAL;
		goto fail;
	}
	strcpy(ifr.ifr_name, name);
	ifr.ifr_flags |= mac ? IFF_TAP : IFF_TUN;
	t->io.fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (t->io.fd < 0 || s < 0 || ioctl(t->io.fd, TUNSETIFF, &ifr)) {
		ret = -errno;
		goto fail;
	}
	strcpy(t->name, ifr.ifr_name);
	ret = set_up(s, t->name, mtu, mac);
	if (ret)
		goto fail;
	close(s);
	t->io.frames = mac;
	t->io.read = tun_read;
	t->io.write = tun_write;
	t->io.dropped = tun_dropped;
	t->io.close = tun_close;
	*iop = &t->io;
	return 0;
fail:
	if (s >= 0)
		close(s);
	if (t->io.fd >= 0)
		close(t->io.fd);
	free(t);
	return ret;
}

int pktio_tun(struct pktio **iop, const char *name, unsigned int mtu)
{
	return open_tuntap(iop, name, mtu, NULL);
}

int pktio_tap(struct pktio **iop, const char *name, unsigned int mtu,
	      const uint8_t mac[6])
{
	return open_tuntap(iop, name, mtu, mac);
}
