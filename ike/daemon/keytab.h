/* SPDX-License-Identifier: Apache-2.0 */
/* Wireshark's table of ESP keys, for who wants to look into a capture. */
#ifndef ESPALIERD_KEYTAB_H
#define ESPALIERD_KEYTAB_H

#include <espalier/espalier.h>

/* Writes DIR/esp_sa, readable by its owner only; 0 or negative errno. */
int keytab_open(const char *dir);
int keytab_add(const struct espalier_sa *sa);
void keytab_close(void);

#endif /* ESPALIERD_KEYTAB_H */
