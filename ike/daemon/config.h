/* SPDX-License-Identifier: Apache-2.0 */
/* The static configuration of espalierd: see espalierd(8). */
#ifndef ESPALIERD_CONFIG_H
#define ESPALIERD_CONFIG_H

#include <stdbool.h>
#include <espalier/espalier.h>

struct cfg_sa {
	struct espalier_sa sa;
	int line;
	uint32_t handle; /* once it is installed */
};

struct cfg_policy {
	struct espalier_policy policy;
	uint32_t spi; /* outbound PROTECT: names the SA */
	bool has_reqid;
	int line;
	uint32_t id; /* once it is installed */
};

struct config {
	char *file;
	bool has_local_mac, has_peer_mac;
	uint8_t local_mac[6], peer_mac[6];
	unsigned int mtu; /* of the TUN device or the TAP */
	struct cfg_sa *sas;
	unsigned int nsas;
	struct cfg_policy *policies;
	unsigned int npolicies;
};

/* Reads and checks @path. On failure prints "file:line: what" on stderr and
 * returns a negative errno. @l2: the kernel makes the Ethernet headers, so
 * that peer_mac is not needed. */
int cfg_read(struct config *cfg, const char *path, bool l2);
/* the keys are not needed once they are installed */
void cfg_zero_keys(struct config *cfg);
void cfg_free(struct config *cfg);

/* text.c: 0 or -EINVAL */
/* ADDR, ADDR/LEN, ADDR-ADDR */
int text_addr_range(const char *s, struct espalier_addr *lo,
		    struct espalier_addr *hi);
/* N, N-N, any */
int text_port_range(const char *s, uint16_t *lo, uint16_t *hi);
/* 0..255, a name, any (-1) */
int text_proto(const char *s, int *proto);
int text_mac(const char *s, uint8_t mac[6]);
/* returns bytes written or -EINVAL; constant time in the digits */
int text_hex(const char *s, uint8_t *out, size_t size);
const char *text_from_addr(const struct espalier_addr *a, char *buf,
			   size_t size);

#endif /* ESPALIERD_CONFIG_H */
