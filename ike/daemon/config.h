/* SPDX-License-Identifier: Apache-2.0 */
/* The static configuration of espalierd: see espalierd(8). */
#ifndef ESPALIERD_CONFIG_H
#define ESPALIERD_CONFIG_H

#include <stdbool.h>
#include <espalier/espalier.h>

#define MTU_MIN 1280 /* RFC 8200 section 5 */
#define MTU_MAX 9000

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

#endif /* ESPALIERD_CONFIG_H */
