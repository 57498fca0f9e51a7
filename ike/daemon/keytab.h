/* SPDX-License-Identifier: Apache-2.0 */
/* Wireshark's tables of ESP and IKE keys, for who wants to look into a
 * capture. */
#ifndef ESPALIERD_KEYTAB_H
#define ESPALIERD_KEYTAB_H

#include <stdbool.h>
#include <espalier/espalier.h>
#include "crypto/suite.h"

/**
 * keytab_open() - write DIR/esp_sa, and with @ike DIR/ikev2_decryption_table,
 * readable by their owner only; 0 or negative errno, as the others
 */
int keytab_open(const char *dir, bool ike);
int keytab_add(const struct espalier_sa *sa);
int keytab_add_ike(uint64_t spi_i, uint64_t spi_r, const struct ike_keys *keys);
void keytab_close(void);

#endif /* ESPALIERD_KEYTAB_H */
