/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: memory and table layouts
 *
 * Everything that host software and the device both look at: descriptors,
 * completions, table entries, verdict codes. Its RTL twin is
 * hw/rtl/espalier_pkg.sv; tests/unit/test_layout proves that they agree.
 *
 * All fields are little-endian and naturally aligned. Reserved fields are
 * written zero; the device refuses a descriptor in which one is not.
 */
#ifndef ESPALIER_LAYOUT_H
#define ESPALIER_LAYOUT_H

#include <assert.h>
#include <stdint.h>

/* ---------------------------------------------------------- descriptors */

#define ESPALIER_TXD_EOP 0x0001u /* last descriptor of the packet */
#define ESPALIER_TXD_HANDLE 0x0002u /* @handle names the SA; no lookup */
#define ESPALIER_TXD_FLAGS 0x0003u /* all flags that exist */
#define ESPALIER_TXD_CHAIN_MAX 32 /* descriptors of one frame */

/**
 * struct espalier_tx_desc - one segment of a frame to send
 * @addr: DMA address of the segment, any alignment
 * @len: bytes in the segment, 1 or more
 * @flags: ESPALIER_TXD_*
 * @handle: SA handle with ESPALIER_TXD_HANDLE (taken from the first segment
 *          of the frame), else zero
 *
 * A frame is an Ethernet frame without FCS, 14 bytes or more, in 1 to
 * ESPALIER_TXD_CHAIN_MAX consecutive descriptors, the last with
 * ESPALIER_TXD_EOP.
 */
struct espalier_tx_desc {
	uint64_t addr;
	uint16_t len;
	uint16_t flags;
	uint32_t handle;
};
static_assert(sizeof(struct espalier_tx_desc) == 16, "tx descriptor size");

#define ESPALIER_CPL_PHASE 0x01u /* flips at every wrap, first pass 1 */

/**
 * struct espalier_tx_cpl - one frame is done with
 * @index: free-running ring index of its EOP descriptor
 * @status: enum espalier_code
 * @flags: ESPALIER_CPL_PHASE
 * @handle: SA used, zero if none
 * @seq: low 32 bits of the ESP sequence number, zero if none
 * @wire_len: bytes put on the wire, zero if dropped
 * @rsvd: zero
 */
struct espalier_tx_cpl {
	uint16_t index;
	uint8_t status;
	uint8_t flags;
	uint32_t handle;
	uint32_t seq;
	uint16_t wire_len;
	uint16_t rsvd;
};
static_assert(sizeof(struct espalier_tx_cpl) == 16, "tx completion size");

#define ESPALIER_RX_ALIGN 64 /* of a receive buffer, in bytes */

/**
 * struct espalier_rx_desc - one buffer to receive into
 * @addr: DMA address, a multiple of ESPALIER_RX_ALIGN
 * @len: bytes that the device may write, 64 or more
 * @flags: zero
 * @rsvd: zero
 */
struct espalier_rx_desc {
	uint64_t addr;
	uint16_t len;
	uint16_t flags;
	uint32_t rsvd;
};
static_assert(sizeof(struct espalier_rx_desc) == 16, "rx descriptor size");

/**
 * struct espalier_rx_cpl - one receive buffer is given back
 * @index: free-running ring index of the descriptor
 * @status: enum espalier_code; ESPALIER_RX_PROTECTED and
 *          ESPALIER_RX_BYPASSED mean that a frame is in the buffer
 * @flags: ESPALIER_CPL_PHASE
 * @handle: SA that protected the frame, zero if it came in clear
 * @hash: hash over the (inner) addresses, protocol and ports
 * @len: bytes of the frame
 * @rsvd: zero
 */
struct espalier_rx_cpl {
	uint16_t index;
	uint8_t status;
	uint8_t flags;
	uint32_t handle;
	uint32_t hash;
	uint16_t len;
	uint16_t rsvd;
};
static_assert(sizeof(struct espalier_rx_cpl) == 16, "rx completion size");

#define ESPALIER_RING_ALIGN 64 /* of a ring's DMA address, in bytes */
#define ESPALIER_RING_LOG2_MIN 3
#define ESPALIER_RING_LOG2_MAX 12
#define ESPALIER_FRAME_MAX 9216 /* bytes on the wire, without FCS */

/* -------------------------------------------------------------- verdicts */

/**
 * enum espalier_code - how a packet ended
 *
 * Status of a completion and index of a counter. The names in
 * espalier_code_name() follow /proc/net/xfrm_stat where Linux has one.
 */
enum espalier_code {
	ESPALIER_TX_PROTECTED = 0x00,
	ESPALIER_TX_BYPASSED = 0x01,
	ESPALIER_TX_IN = 0x02, /* counter only: frames that entered */
	ESPALIER_TX_DESC_INVALID = 0x08,
	ESPALIER_TX_LEN_INVALID = 0x09,
	ESPALIER_TX_DMA_ERROR = 0x0a,
	ESPALIER_TX_HANDLE_STALE = 0x0b,
	ESPALIER_TX_POL_BLOCK = 0x0c,
	ESPALIER_TX_NO_POLICY = 0x0d,
	ESPALIER_TX_NO_STATE = 0x0e,
	ESPALIER_TX_STATE_EXPIRED = 0x0f,
	ESPALIER_TX_SEQ_OVERFLOW = 0x10,
	ESPALIER_TX_HDR_ERROR = 0x11,
	ESPALIER_TX_MODE_ERROR = 0x12,
	ESPALIER_TX_TOO_BIG = 0x13,
	ESPALIER_TX_PARITY = 0x14,
	ESPALIER_TX_NONIP_DISCARD = 0x15,
	ESPALIER_TX_RESET = 0x16,

	ESPALIER_RX_PROTECTED = 0x20,
	ESPALIER_RX_BYPASSED = 0x21,
	ESPALIER_RX_IN = 0x22, /* counter only: frames that entered */
	ESPALIER_RX_DUMMY = 0x23,
	ESPALIER_RX_FRAME_ERROR = 0x28,
	ESPALIER_RX_OVERFLOW = 0x29,
	ESPALIER_RX_MAC_FILTER = 0x2a,
	ESPALIER_RX_HDR_ERROR = 0x2b,
	ESPALIER_RX_NO_STATE = 0x2c,
	ESPALIER_RX_FRAGMENT = 0x2d,
	ESPALIER_RX_REPLAY = 0x2e,
	ESPALIER_RX_AUTH_FAILED = 0x2f,
	ESPALIER_RX_STATE_EXPIRED = 0x30,
	ESPALIER_RX_PAD_ERROR = 0x31,
	ESPALIER_RX_MODE_ERROR = 0x32,
	ESPALIER_RX_INNER_ERROR = 0x33,
	ESPALIER_RX_TMPL_MISMATCH = 0x34,
	ESPALIER_RX_POL_BLOCK = 0x35,
	ESPALIER_RX_NO_POLICY = 0x36,
	ESPALIER_RX_NONIP_DISCARD = 0x37,
	ESPALIER_RX_ECN_DROP = 0x38,
	ESPALIER_RX_NO_BUFFER = 0x39,
	ESPALIER_RX_BUFFER_SMALL = 0x3a,
	ESPALIER_RX_DMA_ERROR = 0x3b,
	ESPALIER_RX_PARITY = 0x3c,
	ESPALIER_RX_DESC_INVALID = 0x3d,
	ESPALIER_RX_RESET = 0x3e,
	ESPALIER_CODE_COUNT = 0x40,
};

/* ---------------------------------------------------------- table access */

#define ESPALIER_TBL_WORDS 32

enum espalier_table {
	ESPALIER_TBL_SA_OUT = 0,
	ESPALIER_TBL_SA_IN = 1,
	ESPALIER_TBL_SA_HASH = 2,
	ESPALIER_TBL_SPD = 3,
	ESPALIER_TBL_KEY_OUT = 4,
	ESPALIER_TBL_KEY_IN = 5,
	ESPALIER_TBL_COUNTERS = 6,
};

enum espalier_tbl_op {
	ESPALIER_OP_READ = 1,
	ESPALIER_OP_ADD = 2,
	ESPALIER_OP_UPDATE = 3,
	ESPALIER_OP_DELETE = 4,
	ESPALIER_OP_FLUSH = 5,
	ESPALIER_OP_CORRUPT = 6,
};

enum espalier_tbl_result {
	ESPALIER_RES_OK = 0,
	ESPALIER_RES_EXISTS = 1,
	ESPALIER_RES_ABSENT = 2,
	ESPALIER_RES_INDEX = 3,
	ESPALIER_RES_OP = 4,
	ESPALIER_RES_VALUE = 5,
	ESPALIER_RES_PARITY = 6,
};

/* A handle: direction, generation (1..32767), slot. Zero names nothing. */
#define ESPALIER_HANDLE(dir, gen, slot)                                        \
	(((uint32_t)(dir) << 31) | ((uint32_t)(gen) << 16) | (uint32_t)(slot))
#define ESPALIER_HANDLE_DIR(h) ((h) >> 31)
#define ESPALIER_HANDLE_GEN(h) (((h) >> 16) & 0x7fffu)
#define ESPALIER_HANDLE_SLOT(h) ((h)&0xffffu)

/* SA flags, word 0 of struct espalier_sa_entry */
#define ESPALIER_SA_TUNNEL (1u << 0) /* else transport mode */
#define ESPALIER_SA_V6 (1u << 1) /* family of the outer header */
#define ESPALIER_SA_ESN (1u << 2)
#define ESPALIER_SA_ICV_SHIFT 3 /* 2 bits: 0 = 16 bytes, 1 = 12, 2 = 8 */
#define ESPALIER_SA_DF_SHIFT 5 /* out, 2 bits: 0 copy, 1 set, 2 clear */
#define ESPALIER_SA_DSCP_COPY (1u << 7) /* out: else @dscp */
#define ESPALIER_SA_DSCP_SHIFT 8 /* out, 6 bits */
#define ESPALIER_SA_ECN (1u << 14) /* RFC 6040 normal mode, else clear */
#define ESPALIER_SA_REPLAY (1u << 15) /* in: anti-replay on */
#define ESPALIER_SA_TTL_SHIFT 24 /* out, 8 bits: TTL / hop limit, 0 = copy */

/**
 * struct espalier_sa_entry - tables SA_OUT and SA_IN
 * @flags: ESPALIER_SA_*
 * @spi: SPI as a number
 * @gen_reqid: generation in bits 14:0, reqid in bits 31:16
 * @flow_window: out: IPv6 flow label in bits 19:0;
 *               in: replay window in packets in bits 12:0
 * @mtu_queue: out: path MTU in bytes in bits 15:0, 0 = frame limit only;
 *             in: bit 8 set: deliver to queue bits 7:0, else by hash
 * @src: outer source address (out), zero (in); word 0 is the least
 *       significant word of the 128-bit number, IPv4 in word 0
 * @dst: outer destination address
 * @seq: last number used (out) or highest number verified (in); 64 bits, also
 *       without ESN. OP_UPDATE never writes it.
 * @soft_bytes: event when reached, 0 = none
 * @hard_bytes: SA stops behind the packet that reaches or passes it, 0 = none
 * @soft_packets: as above
 * @hard_packets: as above
 * @bytes: read only: bytes of layer-3 datagrams protected or delivered
 * @packets: read only
 * @status: read only, ESPALIER_SA_ST_*
 * @replays: read only, in: packets dropped by the replay window
 * @auth_failures: read only, in
 * @rsvd: zero
 */
struct espalier_sa_entry {
	uint32_t flags;
	uint32_t spi;
	uint32_t gen_reqid;
	uint32_t flow_window;
	uint32_t mtu_queue;
	uint32_t src[4];
	uint32_t dst[4];
	uint32_t seq[2];
	uint32_t soft_bytes[2];
	uint32_t hard_bytes[2];
	uint32_t soft_packets[2];
	uint32_t hard_packets[2];
	uint32_t bytes[2];
	uint32_t packets[2];
	uint32_t status;
	uint32_t replays;
	uint32_t auth_failures;
	uint32_t rsvd[2];
};
static_assert(sizeof(struct espalier_sa_entry) == 4 * ESPALIER_TBL_WORDS,
	      "SA entry fills the staging registers");

#define ESPALIER_SA_ST_LIVE (1u << 0)
#define ESPALIER_SA_ST_SEQ_STOP (1u << 1) /* sequence numbers used up */
#define ESPALIER_SA_ST_HARD (1u << 2) /* hard limit reached */
#define ESPALIER_SA_ST_SOFT_BYTES (1u << 3) /* event was sent */
#define ESPALIER_SA_ST_SOFT_PACKETS (1u << 4)
#define ESPALIER_SA_ST_PARITY (1u << 5) /* entry or replay window corrupted */

/**
 * struct espalier_hash_entry - table SA_HASH, two tables of two-way buckets
 * @spi: SPI as a number
 * @slot: bit 31 valid, bits 23:16 protocol, bits 15:0 slot in SA_IN
 *
 * Index = table << (log2(SA entries)) | bucket << 1 | way, with SA entries/2
 * buckets in each table. h = espalier_sa_hash(): table 0 uses the low bits of
 * h as its bucket, table 1 the bits from 16 up.
 */
struct espalier_hash_entry {
	uint32_t spi;
	uint32_t slot;
};

/* Policy flags, word 0 of struct espalier_spd_entry */
#define ESPALIER_SPD_VALID (1u << 0)
#define ESPALIER_SPD_IN (1u << 1) /* direction inbound */
#define ESPALIER_SPD_V6 (1u << 2)
#define ESPALIER_SPD_ACTION_SHIFT 3 /* 2 bits, enum espalier_action */
#define ESPALIER_SPD_PROTO_ANY (1u << 5)
#define ESPALIER_SPD_PROTO_SHIFT 8 /* 8 bits */
#define ESPALIER_SPD_REQID_SHIFT 16 /* 16 bits */

/**
 * struct espalier_spd_entry - table SPD; the lowest index that matches wins
 * @flags: ESPALIER_SPD_*. Inbound PROTECT matches only packets that an SA
 *         with the same reqid has decapsulated.
 * @handle: outbound PROTECT: the SA
 * @sport: low end in bits 15:0, high end in bits 31:16; 0..65535 = ANY, which
 *         also matches OPAQUE. ICMP: type.
 * @dport: likewise. ICMP: code.
 * @src_lo: inclusive range of source addresses, word 0 least significant
 * @src_hi: likewise
 * @dst_lo: likewise
 * @dst_hi: likewise
 */
struct espalier_spd_entry {
	uint32_t flags;
	uint32_t handle;
	uint32_t sport;
	uint32_t dport;
	uint32_t src_lo[4];
	uint32_t src_hi[4];
	uint32_t dst_lo[4];
	uint32_t dst_hi[4];
};
static_assert(sizeof(struct espalier_spd_entry) == 80, "SPD entry size");

/**
 * struct espalier_key_entry - tables KEY_OUT and KEY_IN, write only
 * @flags: bit 0: AES-256, else AES-128
 * @salt: RFC 4106 salt, first byte least significant
 * @key: key bytes in order
 */
struct espalier_key_entry {
	uint32_t flags;
	uint32_t salt;
	uint8_t key[32];
};
static_assert(sizeof(struct espalier_key_entry) == 40, "key entry size");

/**
 * struct espalier_counter_entry - table COUNTERS, index enum espalier_code
 * @packets: packets that ended under the code
 * @bytes: their frame bytes (on the wire side for what was sent)
 */
struct espalier_counter_entry {
	uint64_t packets;
	uint64_t bytes;
};

/* ----------------------------------------------------------------- events */

enum espalier_event_type {
	ESPALIER_EV_SOFT_BYTES = 1,
	ESPALIER_EV_HARD_BYTES = 2,
	ESPALIER_EV_SOFT_PACKETS = 3,
	ESPALIER_EV_HARD_PACKETS = 4,
	ESPALIER_EV_SEQ_OVERFLOW = 5,
	ESPALIER_EV_ACQUIRE = 6,
	ESPALIER_EV_PARITY = 7,
	ESPALIER_EV_DMA_ERROR = 8,
};

/* Info of ESPALIER_EV_DMA_ERROR: number of the queue, and which half of it. */
#define ESPALIER_EV_DMA_QUEUE(info) (0xffu & (info))
#define ESPALIER_EV_DMA_RX (1u << 8)

#endif /* ESPALIER_LAYOUT_H */
