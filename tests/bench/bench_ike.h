/* SPDX-License-Identifier: Apache-2.0 */
/* The IKE benches: sides (ike_side.c) and what they are measured against
 * (ike_limit.c). */
#ifndef TESTS_BENCH_IKE_H
#define TESTS_BENCH_IKE_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "core/ike.h"
#include "nulldb.h"
#include "pki.h"

#define ROUNDS 5 /* the best one counts: the machine is shared */

static inline double now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static inline void must(int cond, const char *what)
{
	if (cond)
		return;
	fprintf(stderr, "bench_ike: %s\n", what);
	exit(1);
}

/** of struct ike_ops; lines are shown if BENCH_LOG is in the environment */
void bench_random(void *ctx, void *buf, size_t len);
time_t bench_wall(void *ctx);
void bench_log(void *ctx, enum ike_log_level level, const struct ike_sa *sa,
	       const char *line);

/** bench_conn() - @who 0: a.example.org, 1: b.example.org; child "net" */
struct conn *bench_conn(const char *name, const struct espalier_addr *local,
			const struct espalier_addr *remote, int who, bool psk);

/** CPU time of one side, microseconds, of what OpenSSL has to do in a set-up:
 *  a pair of keys and a shared secret; keys, AUTH and NAT hashes; a message
 *  sealed and one opened; and with certificates: a signature made, one checked,
 *  and the peer's certificate read and its chain checked */
double limit_x25519_us(void);
double limit_macs_us(void);
double limit_gcm_us(void);
double limit_cert_us(const struct pki_id *root, const struct pki_id *end);

#endif /* TESTS_BENCH_IKE_H */
