/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files that move messages and keep IKE SAs share among each other.
 * What children and rekeys need is in internal.h.
 */
#ifndef IKE_CORE_EXCHANGE_H
#define IKE_CORE_EXCHANGE_H

#include "core/internal.h"

/* sa.c */
uint64_t sa_fresh_spi(struct ike *ike);
void sa_new_spi(struct ike_sa *sa);
struct ike_sa *sa_by_spi(struct ike *ike, uint64_t spi);
uint64_t peer_hash(const struct ike *ike, const struct ike_id *id);
const char *sa_state_name(const struct ike_sa *sa);
void sa_free(struct ike_sa *sa);

/* look.c */
const char *suite_text(const struct ike_suite *suite, char *buf, size_t size);

/* life.c */
void life_start(struct ike_sa *sa);
/** its rekey has failed: once more, until its lifetime is over */
void life_again(struct ike_sa *sa);
void life_timer(struct ike *ike, struct timer *t);
void alive_timer(struct ike *ike, struct timer *t);

/* natt.c */
void keepalive_timer(struct ike *ike, struct timer *t);

/* request.c */
void request_timer(struct ike *ike, struct timer *t);
/** next task that may go; by ike_leave() */
void request_next(struct ike_sa *sa);
/** the answer to sa->busy, authenticated (or that of IKE_SA_INIT) */
void request_answered(struct ike_sa *sa, const struct ike_payloads *pl);
/** false: it was not in the queue */
bool task_unqueue(struct ike_sa *sa, struct task *t);
/** the one under way is dropped as if it had never been; INIT and AUTH only,
 *  for which nobody waits */
void request_forget(struct ike_sa *sa);
void tasks_cancel(struct ike_sa *sa, int err, const char *why);

/* packet.c */
/** header and payloads of @w, not encrypted; @w is at ike->out + IKE_HDR_LEN */
int packet_plain(struct ike *ike, struct ike_hdr *hdr,
		 const struct ike_writer *w, struct packet **out);
/** encrypted; in fragments if it is too long and the peer knows them */
int packet_sealed(struct ike_sa *sa, uint8_t exchange, bool response,
		  uint32_t id, const struct ike_writer *w, struct packet **out);
void packets_send(struct ike_sa *sa, const struct ike_end *local,
		  const struct ike_end *remote, const struct packet *p);
void packets_free(struct ike *ike, struct packet **list);
void count_out(struct ike *ike, uint8_t exchange);
void count_in(struct ike *ike, uint8_t exchange);

/* fragment.c */
/**
 * frags_take() - a piece that was verified and decrypted
 * Return: 0: more are missing; 1: complete, in @plain with *@len and *@first;
 * negative: the piece was refused (ike_fail())
 */
int frags_take(struct ike_sa *sa, struct frags **list, uint32_t id,
	       const struct ike_sealed *sealed, const uint8_t *piece,
	       size_t piece_len, uint8_t *plain, size_t *len, uint8_t *first);
void frags_free(struct ike *ike, struct frags **list);

/* input.c */
/** one unprotected notification in answer to @hdr; not rate-limited */
void plain_notify(struct ike *ike, const struct ike_end *local,
		  const struct ike_end *remote, const struct ike_hdr *hdr,
		  uint64_t spi_r, enum ike_notify type, const void *data,
		  size_t len);

/* handshake: init.c, auth.c */
/**
 * struct handshake - what INIT and AUTH have to remember
 * @ni, @nr: nonces, @msg_i, @msg_r: the first messages as AUTH covers them
 * @cookie: to send along, @cookies, @groups: rounds so far (IKE-21)
 * @peer_hashes: bits of RFC 7427, 0: not announced
 * @certs_wanted: the peer has sent CERTREQ
 * @error: last unprotected refusal, @errors: how many (IKE-9)
 * @task, @child: what IKE_AUTH takes along
 */
struct handshake {
	struct ike_ke *ke;
	uint16_t group;
	struct chunk pub, ni, nr, msg_i, msg_r, cookie;
	unsigned int cookies, groups;
	uint32_t peer_hashes;
	bool certs_wanted;
	uint16_t error;
	unsigned int errors;
	struct task *task;
	struct child_sa *child;
};
int chunk_set(struct ike *ike, struct chunk *c, const void *data, size_t len);
void chunk_clear(struct ike *ike, struct chunk *c);
/** an IKE_SA_INIT response: is it an answer to be taken? */
bool init_accept(struct ike_sa *sa, const struct ike_hdr *hdr,
		 const uint8_t *msg, const struct ike_payloads *pl);
/** IKE_SA_INIT was refused without protection: true when that is believed by
 *  now and the attempt has ended; pace: the next try comes sooner (IKE-9) */
bool init_refused(struct ike_sa *sa);
void init_refused_pace(struct ike_sa *sa);
/** no (more) answer to INIT or AUTH: once again, or the end */
void init_timeout(struct ike_sa *sa, const char *why);

/* select.c: which connection */
/** by addresses, the best match whose proposals fit; @chosen, NULL: none */
struct conn *select_init(struct ike *ike, const struct ike_end *local,
			 const struct ike_end *remote,
			 const struct proposal *theirs, unsigned int n,
			 uint16_t group, struct proposal *chosen);
/** by addresses, identities and kind of proof */
struct conn *select_auth(struct ike_sa *sa, const struct ike_id *idi,
			 const struct ike_id *idr, bool psk);
bool addr_matches(const struct addr_match *m, unsigned int n,
		  const struct espalier_addr *a);

/* cookie.c */
int cookies_init(struct ike *ike);
void cookies_free(struct ike *ike);
bool cookie_wanted(const struct ike *ike);
size_t cookie_make(struct ike *ike, const struct ike_end *remote,
		   uint64_t spi_i, const struct chunk *ni, uint8_t out[64]);
bool cookie_good(struct ike *ike, const struct ike_end *remote, uint64_t spi_i,
		 const struct chunk *ni, const struct chunk *cookie);
/** half-open limits: -EBUSY names the limit in ike->why */
int half_open_check(struct ike *ike, const struct ike_end *remote);
int half_open_begin(struct ike_sa *sa);
void half_open_end(struct ike_sa *sa);

/* natt.c, keepalive and detection: internal.h */

#endif /* IKE_CORE_EXCHANGE_H */
