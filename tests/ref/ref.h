/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: an ESP device in slow motion
 *
 * What an inline-IPsec device has to make of a frame, written from RFC 4301,
 * 4303, 4106, 6040 and 6479 on OpenSSL and the plainest data structures that
 * do: lists instead of caches, a set of numbers instead of a bitmap, one
 * packet at a time. It shares the names of the public headers with the device
 * (SA and policy as the user writes them, verdict codes) and nothing else.
 */
#ifndef REF_H
#define REF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <espalier/espalier.h>

#define REF_FRAME_MAX ESPALIER_FRAME_MAX
#define REF_BUF 12288 /* room for any result, also one that is too big */

/* ---------------------------------------------------------------- parsing */

enum ref_kind { REF_OTHER, REF_IPV4, REF_IPV6, REF_ARP };

/** struct ref_ip - what a device looks at in a datagram */
struct ref_ip {
	enum ref_kind kind; /* REF_IPV4 or REF_IPV6 */
	bool bad; /* header, length or checksum wrong */
	size_t len; /* of the datagram, from its header */
	size_t upper; /* bytes before the upper-layer protocol */
	size_t hdr_len; /* bytes before the place of an ESP header */
	size_t nh_off; /* what follows that place is named here */
	bool too_long; /* headers reach beyond the parse window */
	bool frag; /* one of several fragments */
	bool first; /* holds the start of the upper layer */
	bool df;
	uint8_t tos, ttl, proto;
	uint8_t src[16], dst[16];
	bool ports_ok;
	uint16_t sport, dport;
};

/** struct ref_eth - layer 2 */
struct ref_eth {
	size_t hdr_len; /* 14, 18 or 22 */
	enum ref_kind kind; /* from the ethertype */
};

/** ref_eth_parse() - -EINVAL if @len is too short for a layer-2 header */
int ref_eth_parse(const uint8_t *frame, size_t len, struct ref_eth *eth);
/** ref_ip_parse() - @len bytes are there, the datagram may be shorter */
void ref_ip_parse(const uint8_t *p, size_t len, enum ref_kind kind,
		  struct ref_ip *ip);
/** ref_checksum() - RFC 1071 over an even number of bytes, to be stored */
uint16_t ref_checksum(const uint8_t *p, size_t len);

/* ----------------------------------------------------------------- AES-GCM */

/**
 * struct ref_gcm - one RFC 4106 operation
 * @key: AES key and 4 bytes of salt
 */
struct ref_gcm {
	const uint8_t *key;
	size_t key_len;
	size_t icv_len;
	const uint8_t *iv;
	const uint8_t *aad;
	size_t aad_len;
};
void ref_gcm_seal(const struct ref_gcm *g, const uint8_t *in, size_t len,
		  uint8_t *out, uint8_t *icv);
/** ref_gcm_open() - false if the ICV is wrong; @out is undefined then */
bool ref_gcm_open(const struct ref_gcm *g, const uint8_t *in, size_t len,
		  uint8_t *out, const uint8_t *icv);

/* ----------------------------------------------------------- replay window */

/** struct ref_window - all the numbers ever accepted, and the highest */
struct ref_window {
	unsigned int size; /* 0: anti-replay is off */
	uint64_t start; /* up to here everything counts as received */
	uint64_t top;
	uint64_t *seen; /* hash set, zero = empty place */
	size_t room, used;
};
void ref_window_init(struct ref_window *w, unsigned int size, uint64_t top);
void ref_window_free(struct ref_window *w);
bool ref_window_ok(const struct ref_window *w, uint64_t n);
void ref_window_commit(struct ref_window *w, uint64_t n);
/** ref_esn_infer() - RFC 4303 appendix A2; false where no number fits */
bool ref_esn_infer(uint64_t top, unsigned int window, uint32_t low,
		   uint64_t *n);

/* ------------------------------------------------------------------ device */

struct ref_sa {
	struct espalier_sa cfg;
	uint32_t handle;
	uint64_t seq; /* out: last number used */
	bool hard; /* a hard limit has been reached; stays */
	bool seq_stop; /* out: the numbers were used up first; stays */
	struct ref_window window; /* in */
	uint64_t bytes, packets;
	uint32_t replays, auth_failures;
	struct ref_sa *next;
};

struct ref_policy {
	struct espalier_policy cfg;
	uint32_t id;
	struct ref_policy *next; /* in order of evaluation */
};

struct ref_dev {
	struct ref_sa *sas;
	struct ref_policy *policies;
	bool out_nonip_bypass, in_nonip_bypass;
	bool out_arp_bypass, in_arp_bypass;
	bool promisc;
	uint8_t mac[6];
};

/**
 * struct ref_result - what becomes of a frame
 * @code: verdict
 * @sa: handle of the SA that applies, zero if none
 * @seq: sequence number, zero if none
 * @frame: what leaves (out: on the wire, in: to the host)
 * @len: bytes of it, zero if dropped
 * @queue: in: -1 by hash
 * @free_id: out: the identification of the outer header is the device's choice
 */
struct ref_result {
	enum espalier_code code;
	uint32_t sa;
	uint64_t seq;
	size_t len;
	int queue;
	bool free_id;
	uint8_t frame[REF_BUF];
};

void ref_dev_init(struct ref_dev *dev, const uint8_t mac[6]);
void ref_dev_free(struct ref_dev *dev);
struct ref_sa *ref_sa_add(struct ref_dev *dev, const struct espalier_sa *sa,
			  uint32_t handle);
struct ref_sa *ref_sa_find(struct ref_dev *dev, uint32_t handle);
void ref_sa_del(struct ref_dev *dev, uint32_t handle);
/** ref_sa_count() - a datagram of @len bytes was protected or delivered */
void ref_sa_count(struct ref_sa *sa, size_t len);
void ref_policy_add(struct ref_dev *dev, const struct espalier_policy *policy,
		    uint32_t id);
void ref_policy_set_sa(struct ref_dev *dev, uint32_t id, uint32_t handle);
void ref_policy_del(struct ref_dev *dev, uint32_t id);
/** ref_policy_match() - first policy of @dir whose selectors hold */
const struct ref_policy *ref_policy_match(const struct ref_dev *dev,
					  enum espalier_dir dir,
					  const struct ref_ip *ip);

/** ref_out() - @handle as in the descriptor, zero: policy decides */
void ref_out(struct ref_dev *dev, const uint8_t *frame, size_t len,
	     uint32_t handle, struct ref_result *r);
void ref_in(struct ref_dev *dev, const uint8_t *frame, size_t len,
	    struct ref_result *r);

/**
 * ref_same() - is @got the frame that @want describes?
 *
 * The identification of an outer IPv4 header is the sender's choice (RFC
 * 6864), so with @outer_id it is taken from @got; the checksum still has to
 * be right for it.
 */
bool ref_same(const uint8_t *want, size_t want_len, const uint8_t *got,
	      size_t got_len, bool outer_id);

#endif /* REF_H */
