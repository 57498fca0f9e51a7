/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: a folder with a swanctl.conf in it, made and removed by a test
 */
#ifndef TESTS_IKE_CONF_FILES_H
#define TESTS_IKE_CONF_FILES_H

#include <stddef.h>
#include "conf/conn.h"

/** conf_dir() - of this process, made at the first call, removed at exit */
const char *conf_dir(void);
/** conf_write() - a file below it; folders are made; returns its path in a
 *  buffer of which four are there */
const char *conf_write(const char *name, const void *data, size_t len);
/** conf_text() - write swanctl.conf and read it; NULL: @why says so */
struct section *conf_text(const char *text, char *why, size_t size);
/** conf_why() - a case fails unless @why is about @line of that file, and has
 *  @a and @b in it */
void conf_why(const char *why, int line, const char *a, const char *b);
/** conf_conn() - the only connection of such a file; @creds may be NULL */
struct conn *conf_conn(const char *text, struct ike_creds *creds, char *why,
		       size_t size);

/** conf_cert() - a self-signed P-256 certificate for @name and its key; PEM,
 *  to be freed with free() */
void conf_cert(const char *name, bool ca, char **cert_pem, char **key_pem);
/** conf_der() - DER of a PEM certificate, free() */
unsigned char *conf_der(const char *pem, size_t *len);

#endif /* TESTS_IKE_CONF_FILES_H */
