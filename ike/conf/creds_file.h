/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: credentials that lie beside a swanctl.conf (inside ike/conf)
 */
#ifndef IKE_CONF_CREDS_FILE_H
#define IKE_CONF_CREDS_FILE_H

#include "conf/load.h"

/** creds_load_secrets() - the section "secrets": PSKs are added, passphrases
 *  are checked to belong to a file that is there */
int creds_load_secrets(struct load *l, const struct section *secrets);
/** creds_load_dirs() - x509, x509ca, x509crl, private, rsa, ecdsa, pkcs8 */
int creds_load_dirs(struct load *l, const struct section *secrets);

#endif /* IKE_CONF_CREDS_FILE_H */
