/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: what has to pass the NIC unprotected so that there can be protection
 *
 * A policy in hardware precedes every one in software, so that IKE needs
 * bypass entries there too (RFC 4301 section 4.4.1), and so does the discovery
 * of IPv6 neighbours (RFC 4861), since a neighbour has to be found before it
 * can be negotiated with. They are as narrow as the kernel's own sockets: of
 * the addresses of the NIC's interface only, so that a host behind the gateway
 * cannot get a packet out in clear by choosing port 500. They follow the
 * addresses as these come and go.
 */
#ifndef ESPALIERD_BYPASS_H
#define ESPALIERD_BYPASS_H

#include "core/sadb.h"

struct bypass;

/** bypass_open() - for the interface @ifname; 0 or a negative errno */
int bypass_open(struct bypass **bp, struct sadb *db, const char *ifname);
void bypass_close(struct bypass *b);
/** bypass_fd() - readable when bypass_dispatch() has something to do */
int bypass_fd(const struct bypass *b);
/** bypass_dispatch() - addresses have changed */
void bypass_dispatch(void *bypass);

#endif /* ESPALIERD_BYPASS_H */
