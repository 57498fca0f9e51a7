// SPDX-License-Identifier: Apache-2.0
//
// What esp_out should do, written without looking at how it does it: frames
// as byte vectors, SAs as plain structures, OpenSSL for the cipher.
#ifndef OUT_MODEL_H
#define OUT_MODEL_H

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

typedef std::vector<uint8_t> bytes;

enum {
	TX_PROTECTED = 0x00,
	TX_BYPASSED = 0x01,
	TX_IN = 0x02,
	TX_LEN_INVALID = 0x09,
	TX_DMA_ERROR = 0x0a,
	TX_HANDLE_STALE = 0x0b,
	TX_POL_BLOCK = 0x0c,
	TX_NO_POLICY = 0x0d,
	TX_NO_STATE = 0x0e,
	TX_STATE_EXPIRED = 0x0f,
	TX_SEQ_OVERFLOW = 0x10,
	TX_HDR_ERROR = 0x11,
	TX_MODE_ERROR = 0x12,
	TX_TOO_BIG = 0x13,
	TX_PARITY = 0x14,
	TX_NONIP_DISCARD = 0x15,
	CODE_NONE = 0x3f,
};

enum { EV_SOFT_BYTES = 1, EV_HARD_BYTES, EV_SOFT_PACKETS, EV_HARD_PACKETS, EV_SEQ_OVERFLOW,
       EV_ACQUIRE, EV_PARITY };

enum { ST_LIVE = 1, ST_SEQ_STOP = 2, ST_HARD = 4, ST_SOFT_BYTES = 8, ST_SOFT_PACKETS = 16,
       ST_PARITY = 32 };

struct sa {
	bool tunnel = true, v6 = false, esn = false, dscp_copy = true, ecn = true;
	unsigned icv = 0, df = 0, dscp = 0, ttl = 64;
	uint32_t spi = 0x1000, flow = 0;
	unsigned gen = 1, reqid = 0, mtu = 0, slot = 0;
	uint8_t src[16] = {}, dst[16] = {}; // network order; IPv4: first four bytes
	uint64_t seq = 0, soft_bytes = 0, hard_bytes = 0, soft_packets = 0, hard_packets = 0;
	bool aes256 = false;
	uint8_t key[32] = {}, salt[4] = {};
	// state
	uint64_t bytes_done = 0, packets = 0;
	unsigned status = ST_LIVE;

	uint32_t handle() const { return gen << 16 | slot; }
	unsigned icv_len() const { return 16 - 4 * icv; }
	void entry(uint32_t w[32]) const; // as the table port takes it
};

// What the policy lookup answers.
struct verdict {
	bool match = true, parity = false;
	unsigned action = 2; // PROTECT
	unsigned index = 0;
	uint32_t handle = 0;
};

struct frame {
	bytes data;
	unsigned qid = 0, index = 0, terr = CODE_NONE;
	bool handle_valid = false;
	uint32_t handle = 0;
	verdict policy;
	// what the maker knows
	unsigned l2_len = 14;
	enum { OTHER, IPV4, IPV6, ARP } kind = OTHER;
	bool bad = false, frag = false, too_long = false, df = false;
	unsigned l3_len = 0, hdr_len = 0, nh_off = 0;
};

struct ip_options {
	bool v6 = false, bad = false, frag = false;
	unsigned vlans = 0, payload = 64, opt_words = 0; // IPv4 options
	bool hop = false, routing = false, dest = false; // IPv6 extension headers
	bool df = false;
	bool pad60 = false; // Ethernet padding to 60 bytes
	uint8_t proto = 17;
};

frame make_ip(std::mt19937 &rng, const ip_options &o);
frame make_other(std::mt19937 &rng, uint16_t ethertype, unsigned len, unsigned vlans = 0);
sa make_sa(std::mt19937 &rng, unsigned slot);

struct event {
	unsigned type;
	uint32_t handle, info;
	bool operator==(const event &o) const
	{
		return type == o.type && handle == o.handle && info == o.info;
	}
};

struct outcome {
	unsigned code;
	uint32_t handle, seq;
	bytes wire; // empty if dropped
};

class model
{
public:
	std::map<unsigned, sa> sas;
	bool nonip_bypass = false, arp_bypass = false;
	uint16_t ip_id = 0;
	std::vector<event> events;

	outcome send(const frame &f);

private:
	bytes protect(sa &s, const frame &f);
};

// Takes a protected frame apart with the key: true if the ICV is right.
// `plain` is what was encrypted, with its trailer.
bool unprotect(const sa &s, const bytes &wire, unsigned l2_len, bool v6, unsigned hdr_len,
	       uint32_t seq_high, bytes &plain, uint64_t &iv);

#endif
