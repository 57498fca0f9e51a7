/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: the UDP sockets of IKE
 *
 * Ports 500 and 4500 over IPv4 and IPv6, open to every local address: a
 * message is answered from the address and the port to which it was sent
 * (RFC 7296 section 2.11). On port 4500 an IKE message has four zero bytes in
 * front, the non-ESP marker, which is put there and taken off here; a single
 * byte 0xff keeps a NAT mapping alive and is consumed (RFC 3948).
 */
#ifndef ESPALIERD_SOCKETS_H
#define ESPALIERD_SOCKETS_H

#include "core/ike.h"
#include "watch.h"

#define IKE_PORT 500
#define IKE_NATT_PORT 4500

struct sockets;

/**
 * struct sockets_opts
 * @port: without and @natt_port: with the marker
 * @ifname: interface of link-local addresses; may be NULL
 * @input: one IKE message; @local: as addressed
 */
struct sockets_opts {
	uint16_t port, natt_port;
	const char *ifname;
	void (*input)(void *arg, const struct ike_end *local,
		      const struct ike_end *remote, const uint8_t *msg,
		      size_t len);
	void *arg;
};

/**
 * struct sockets_counters
 * @keepalives: consumed
 * @esp: ESP in UDP, which the device does not carry: dropped
 * @short_datagrams: empty, or on the marker's port without room for it
 */
struct sockets_counters {
	uint64_t in, out, keepalives, esp, short_datagrams, errors_in,
		errors_out;
};

/* All return 0 or a negative errno. */
int sockets_open(struct sockets **sp, const struct sockets_opts *opts);
void sockets_close(struct sockets *s);
int sockets_watch(struct sockets *s, struct watch *w);
/** sockets_send() - one byte: a NAT keepalive, without marker. A failure is
 *  counted, and logged once per reason and minute: IKE sends again by itself */
int sockets_send(struct sockets *s, const struct ike_end *local,
		 const struct ike_end *remote, const uint8_t *msg, size_t len);
void sockets_counters(const struct sockets *s, struct sockets_counters *c);

/** sockets_route() - the address that the kernel would send to @remote from */
int sockets_route(const struct espalier_addr *remote,
		  struct espalier_addr *local);

#endif /* ESPALIERD_SOCKETS_H */
