/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DOC: libespalier, the host driver of the Espalier inline-IPsec NIC
 *
 * All functions return 0 or a count, or a negative errno. Where something is
 * refused, espalier_error() gives a sentence that names the field and what is
 * supported; the packet functions return their errno alone. One thread a queue
 * may use the packet functions at the same time; everything else is for one
 * thread per device, and so is all of a device whose bus has to be polled (the
 * simulation).
 */
#ifndef ESPALIER_ESPALIER_H
#define ESPALIER_ESPALIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <netinet/in.h>
#include <espalier/bus.h>
#include <espalier/layout.h>

#ifdef __cplusplus
extern "C" {
#endif

struct espalier_dev;

/* ------------------------------------------------------------ open, close */

/**
 * struct espalier_err - where a refusal is explained
 * @text: one sentence, no newline, always terminated
 */
struct espalier_err {
	char text[256];
};

/**
 * espalier_open() - bring up a device
 * @dtb: flattened device tree blob; read only during the call
 * @dtb_size: bytes at @dtb
 * @path: path or alias of the node, NULL for the first compatible one
 * @bus: backend; owned by the device from a successful return on
 * @devp: result
 * @err: filled on failure, may be NULL
 *
 * Checks the blob against the capability registers; a disagreement is -EPROTO
 * and names both values; a broken blob is -EINVAL and names node and property.
 * Rings and buffers are allocated, queues are enabled; the datapath starts.
 */
int espalier_open(const void *dtb, size_t dtb_size, const char *path,
		  struct espalier_bus *bus, struct espalier_dev **devp,
		  struct espalier_err *err);
void espalier_close(struct espalier_dev *dev);

/** espalier_error() - explanation of the last refusal on @dev, never NULL */
const char *espalier_error(const struct espalier_dev *dev);

/** espalier_version() - "major.minor.patch" of the library */
const char *espalier_version(void);

/* ----------------------------------------------------------- capabilities */

#define ESPALIER_ALG_GCM16 (1u << 0)
#define ESPALIER_ALG_GCM12 (1u << 1)
#define ESPALIER_ALG_GCM8 (1u << 2)

struct espalier_caps {
	uint16_t version_major, version_minor;
	unsigned int queues;
	unsigned int tx_ring, rx_ring; /* entries as opened */
	unsigned int buf_size; /* bytes of a receive buffer */
	unsigned int frame_max; /* bytes on the wire */
	unsigned int sa_entries; /* in each direction */
	unsigned int spd_entries;
	unsigned int spd_flows;
	unsigned int window_min, window_max;
	uint32_t icv_algs; /* ESPALIER_ALG_* */
	bool key128, key256, esn, tunnel, transport, ipv4, ipv6;
	bool mgmt_core, test_hooks;
	unsigned int lanes, engines, cycles; /* cycles of an engine's block */
	uint8_t mac[6];
};
void espalier_get_caps(const struct espalier_dev *dev,
		       struct espalier_caps *caps);

/* ------------------------------------------------------ station, coalescing */

#define ESPALIER_OPT_OUT_NONIP_BYPASS (1u << 2) /* else TX_NONIP_DISCARD */
#define ESPALIER_OPT_IN_NONIP_BYPASS (1u << 3) /* else RX_NONIP_DISCARD */
#define ESPALIER_OPT_OUT_ARP_BYPASS (1u << 4)
#define ESPALIER_OPT_IN_ARP_BYPASS (1u << 5)
#define ESPALIER_OPT_PROMISC (1u << 6) /* frames for other stations too */

/** espalier_set_options() - ESPALIER_OPT_*; none are set after open */
int espalier_set_options(struct espalier_dev *dev, uint32_t options);
uint32_t espalier_get_options(const struct espalier_dev *dev);
/** espalier_set_mac() - station address; after open it is that of the blob */
int espalier_set_mac(struct espalier_dev *dev, const uint8_t mac[6]);

/**
 * struct espalier_coalesce - how long a queue holds back news
 * @tx_count: completions written at once, 1 to 4
 * @tx_cycles: device cycles after which fewer are written
 * @rx_count: likewise
 * @rx_cycles: likewise
 * @irq_count: completions before an interrupt, 1 to 255
 * @irq_cycles: device cycles after which it is raised for fewer
 */
struct espalier_coalesce {
	unsigned int tx_count, tx_cycles;
	unsigned int rx_count, rx_cycles;
	unsigned int irq_count, irq_cycles;
};
int espalier_queue_coalesce(struct espalier_dev *dev, unsigned int queue,
			    const struct espalier_coalesce *coal);

/* -------------------------------------------------------------------- SAs */

enum espalier_dir { ESPALIER_DIR_OUT = 0, ESPALIER_DIR_IN = 1 };
enum espalier_mode { ESPALIER_MODE_TRANSPORT = 0, ESPALIER_MODE_TUNNEL = 1 };
enum espalier_df { ESPALIER_DF_COPY, ESPALIER_DF_SET, ESPALIER_DF_CLEAR };

/** struct espalier_addr - family AF_INET or AF_INET6, bytes in network order */
struct espalier_addr {
	int family;
	union {
		struct in_addr v4;
		struct in6_addr v6;
		uint8_t bytes[16];
	};
};

/**
 * struct espalier_limits - lifetime of an SA (RFC 4301 section 4.4.2.1)
 *
 * Bytes are those of the layer-3 datagrams protected or delivered. When a soft
 * limit is reached or passed there is an event, and the SA goes on. The packet
 * with which a hard limit is reached or passed is the last one: it still goes
 * through, the event follows, and from then on packets end as
 * ESPALIER_TX_STATE_EXPIRED or ESPALIER_RX_STATE_EXPIRED. So up to one packet
 * more than hard_bytes can pass, and both ends stop behind the same one.
 */
struct espalier_limits {
	uint64_t soft_bytes, hard_bytes; /* 0 = none */
	uint64_t soft_packets, hard_packets;
};

/**
 * struct espalier_sa - an SA as asked for, or as queried
 * @spi: host byte order, 256 or more
 * @key: AES key, then the 4 bytes of salt (RFC 4106 section 8.1); the driver
 *       zeroes its copies; never filled by a query
 * @key_len: 20 or 36
 * @icv_len: 16, 12 or 8
 * @seq: out: last number used; in: highest number verified (0 for a new SA)
 * @src: outer source, @dst: outer destination
 * @window: in: packets, 0 = anti-replay off (refused with @esn, which needs
 *          the window: RFC 4303 section 3.4.3)
 * @mtu: out: path MTU of the outer datagram, 0 = none
 * @dscp: out: -1 copies, else 0..63
 * @ttl: out: 0 copies
 * @queue: in: -1 by hash, else the queue to deliver to
 * @reqid: ties inbound SAs to inbound policies
 * @encap_sport: ESP in UDP (RFC 3948): ports of packets of this SA, 0 = plain
 *               ESP; refused where the hardware has no UDP encapsulation,
 *               which is everywhere at present
 * @encap_dport: likewise
 */
struct espalier_sa {
	enum espalier_dir dir;
	enum espalier_mode mode;
	uint32_t spi;
	struct espalier_addr src, dst;
	uint8_t key[36];
	unsigned int key_len;
	unsigned int icv_len;
	bool esn;
	uint64_t seq;
	unsigned int window;
	unsigned int mtu;
	enum espalier_df df;
	int dscp;
	unsigned int ttl;
	bool ecn;
	uint32_t flow_label;
	int queue;
	uint16_t reqid;
	uint16_t encap_sport, encap_dport;
	struct espalier_limits limits;
};

struct espalier_sa_info {
	struct espalier_sa sa; /* without the key */
	uint32_t handle;
	uint32_t status; /* ESPALIER_SA_ST_* */
	uint64_t bytes, packets;
	uint32_t replays, auth_failures;
};

/**
 * espalier_sa_add() - install an SA
 * Return: 0 and *@handle; -EINVAL a field is not meaningful, -EOPNOTSUPP the
 * hardware cannot carry it, -EEXIST the inbound (SPI, destination) is taken,
 * -ENOSPC table full; espalier_error() names the field. Whatever writes or
 * reads a table may return -ETIMEDOUT, and -EBUSY until what timed out has
 * ended.
 */
int espalier_sa_add(struct espalier_dev *dev, const struct espalier_sa *sa,
		    uint32_t *handle);
/** espalier_sa_update() - change the limits and the path MTU; -ENOENT stale,
 *  -EBADMSG when the limits are corrupted */
int espalier_sa_update(struct espalier_dev *dev, uint32_t handle,
		       const struct espalier_limits *limits, unsigned int mtu);
/** espalier_sa_del() - returns when no packet of the SA is in flight */
int espalier_sa_del(struct espalier_dev *dev, uint32_t handle);
/** espalier_sa_query() - -ENOENT stale. Of an SA whose entry is corrupted there
 *  is ESPALIER_SA_ST_PARITY alone, and all figures are 0 */
int espalier_sa_query(struct espalier_dev *dev, uint32_t handle,
		      struct espalier_sa_info *info);
/** espalier_sa_next() - walk: handle after @prev (0 = first), 0 at the end */
uint32_t espalier_sa_next(struct espalier_dev *dev, uint32_t prev);
/** espalier_sa_flush() - delete all; after an error some are left */
int espalier_sa_flush(struct espalier_dev *dev);

/* ---------------------------------------------------------------- policies */

enum espalier_action {
	ESPALIER_DISCARD = 0,
	ESPALIER_BYPASS = 1,
	ESPALIER_PROTECT = 2,
};

/**
 * struct espalier_policy - one line of the SPD
 * @priority: lower is looked at first; equal priorities in order of addition
 * @src_lo: inclusive range, both of one family
 * @proto: 0..255, or -1 for any
 * @sport_lo: inclusive range, 0..65535 = any; ICMP: type (ports of the
 *            protocol's own kind only)
 * @sa: outbound PROTECT: handle of the SA; 0: none yet, packets end as
 *      ESPALIER_TX_NO_STATE and raise ESPALIER_EV_ACQUIRE
 * @reqid: inbound PROTECT: reqid of the SAs
 */
struct espalier_policy {
	enum espalier_dir dir;
	enum espalier_action action;
	uint32_t priority;
	struct espalier_addr src_lo, src_hi, dst_lo, dst_hi;
	int proto;
	uint16_t sport_lo, sport_hi, dport_lo, dport_hi;
	uint32_t sa;
	uint16_t reqid;
};

/** espalier_policy_add() - *@id names the policy until it is deleted; -EINVAL,
 *  -EOPNOTSUPP as for an SA, -ENOENT no live outbound SA, -ENOSPC table full */
int espalier_policy_add(struct espalier_dev *dev,
			const struct espalier_policy *policy, uint32_t *id);
/** espalier_policy_set_sa() - move an outbound policy to another SA (rekey), 0
 *  for none; -ENOENT no such policy or SA, -EINVAL the policy takes none */
int espalier_policy_set_sa(struct espalier_dev *dev, uint32_t id, uint32_t sa);
int espalier_policy_del(struct espalier_dev *dev, uint32_t id);
int espalier_policy_get(struct espalier_dev *dev, uint32_t id,
			struct espalier_policy *policy);
/** espalier_policy_next() - walk in order of evaluation; 0 = first / end */
uint32_t espalier_policy_next(struct espalier_dev *dev, uint32_t prev);
int espalier_policy_flush(struct espalier_dev *dev);

/* ----------------------------------------------------------------- packets */

/**
 * struct espalier_seg - one piece of a frame to send, in DMA memory
 * @dma: DMA address, any alignment
 */
struct espalier_seg {
	uint64_t dma;
	uint32_t len;
};

/**
 * struct espalier_txpkt - a frame to send
 * @segs: segments, valid until tx_burst returns; the memory that they point
 *        to belongs to the device until the completion
 * @sa: 0: policy decides; else the SA handle
 * @cookie: given back with the completion
 */
struct espalier_txpkt {
	const struct espalier_seg *segs;
	unsigned int nsegs;
	uint32_t sa;
	void *cookie;
};

/** struct espalier_txdone - what became of a frame */
struct espalier_txdone {
	void *cookie;
	enum espalier_code code;
	uint32_t sa;
	uint32_t seq;
	unsigned int wire_len;
};

/**
 * struct espalier_rxpkt - a frame received
 * @data: belongs to the caller until espalier_rx_release()
 * @code: ESPALIER_RX_PROTECTED or ESPALIER_RX_BYPASSED; other codes are
 *        counted by the library and not returned
 * @buf: buffer to release
 */
struct espalier_rxpkt {
	uint8_t *data;
	unsigned int len;
	enum espalier_code code;
	uint32_t sa;
	uint32_t hash;
	uint32_t buf;
};

/**
 * espalier_tx_burst() - post up to @n frames with one doorbell
 * Return: frames posted: fewer than @n when the ring is full, or when the next
 * frame cannot be described (no segment, more than ESPALIER_TXD_CHAIN_MAX, a
 * segment of 0 or more than 65535 bytes); -EINVAL when that is the first one
 * or @queue does not exist, -EIO when the queue has to be reset.
 */
int espalier_tx_burst(struct espalier_dev *dev, unsigned int queue,
		      const struct espalier_txpkt *pkts, unsigned int n);
/** espalier_tx_done() - collect up to @n completions, in order; their number,
 *  -EINVAL no such queue, -EIO when none is left and the queue has to be reset
 */
int espalier_tx_done(struct espalier_dev *dev, unsigned int queue,
		     struct espalier_txdone *done, unsigned int n);
/** espalier_rx_burst() - collect up to @n frames; returns as
 *  espalier_tx_done() */
int espalier_rx_burst(struct espalier_dev *dev, unsigned int queue,
		      struct espalier_rxpkt *pkts, unsigned int n);
/** espalier_rx_release() - give buffers back to the device; -EINVAL at the
 *  first one that is not held, or for no such queue */
int espalier_rx_release(struct espalier_dev *dev, unsigned int queue,
			const struct espalier_rxpkt *pkts, unsigned int n);

/** espalier_dma_alloc() - zeroed memory for frames to send, aligned to 64;
 *  -EINVAL for 0 bytes, -ENOMEM */
int espalier_dma_alloc(struct espalier_dev *dev, size_t size,
		       struct espalier_dma *dma);
void espalier_dma_free(struct espalier_dev *dev, struct espalier_dma *dma);

/** espalier_queue_fd() - readable when queue has completions; see irq_arm.
 *  -ENOTSUP when the backend cannot tell queues apart */
int espalier_queue_fd(struct espalier_dev *dev, unsigned int queue);
/** espalier_queue_irq_arm() - clear and re-enable the queue's interrupt */
int espalier_queue_irq_arm(struct espalier_dev *dev, unsigned int queue);
/** espalier_poll() - give a simulated device time; 0 when it is idle */
int espalier_poll(struct espalier_dev *dev);

/** espalier_queue_reset() - frames in flight complete or end as TX_RESET;
 *  completions and frames received until then can still be collected */
int espalier_queue_reset(struct espalier_dev *dev, unsigned int queue);

/* ------------------------------------------------------------------ events */

struct espalier_event {
	enum espalier_event_type type;
	uint32_t sa;
	uint32_t info;
	uint32_t
		policy; /* ESPALIER_EV_ACQUIRE: policy id, 0 if deleted since */
};
/** espalier_event_fd() - readable when espalier_event_get() has something */
int espalier_event_fd(struct espalier_dev *dev);
/** espalier_event_get() - 1 and *@ev, 0 when there is none, -EOVERFLOW once
 *  when events were lost (query the SAs then) */
int espalier_event_get(struct espalier_dev *dev, struct espalier_event *ev);
/** espalier_event_name() - "soft-bytes" and the like; NULL if undefined */
const char *espalier_event_name(enum espalier_event_type type);

/* -------------------------------------------------------------- statistics */

struct espalier_stats {
	struct espalier_counter_entry code[ESPALIER_CODE_COUNT];
	uint64_t cycles;
	uint32_t spd_hits, spd_misses, spd_miss_cycles;
	uint32_t sa_install_cycles;
};
int espalier_get_stats(struct espalier_dev *dev, struct espalier_stats *stats);

/**
 * struct espalier_queue_stats - kept by the library, since open
 * @rx_dropped: buffers that came back without a frame
 */
struct espalier_queue_stats {
	uint64_t tx_posted, tx_done, tx_doorbells;
	uint64_t rx_frames, rx_dropped, rx_doorbells;
};
int espalier_get_queue_stats(const struct espalier_dev *dev, unsigned int queue,
			     struct espalier_queue_stats *stats);
/** espalier_code_name() - "XfrmInNoStates" and the like; NULL if undefined */
const char *espalier_code_name(enum espalier_code code);

/* ------------------------------------------------------------------- reset */

/**
 * espalier_stop() - let nothing move any more
 *
 * The receive port is shut between two frames, queues are stopped (frames that
 * the device has not taken end as ESPALIER_TX_RESET), and when this returns the
 * device is idle: what espalier_sa_query() says is final. espalier_reset()
 * opens it again; until then the queues answer -EIO.
 *
 * With this an SA can outlive a reset that empties the tables, if the caller
 * has its key: stop, query every SA, reset the hardware, espalier_reset(), and
 * espalier_sa_add() each of them with the number that was read. An outbound SA
 * goes on behind its last number, so no IV comes twice. An inbound one takes
 * all numbers up to the highest verified one as seen: nothing is taken twice,
 * and packets that were late are lost. Without a query in between an SA that
 * was lost must be negotiated anew.
 *
 * Return: 0, or -ETIMEDOUT.
 */
int espalier_stop(struct espalier_dev *dev);

/**
 * espalier_reset() - reset the queues and bring the device back
 *
 * @dev: device
 * @lost: called with the handle of each SA that is gone; may be NULL
 * @arg: given to @lost
 *
 * Every queue is reset as by espalier_queue_reset(). Tables survive that. When
 * the device lost its tables (power, a board reset), policies, options,
 * station address and coalescing are written again. SAs are not: the driver
 * has zeroed its copies of their keys, the last sequence number of an outbound
 * SA is unknown and a (key, IV) pair must never be used twice, and the place
 * of an inbound replay window is unknown and an old packet must not be taken
 * again (but see espalier_stop()). Each of them is reported, none is half
 * there: @lost names them; their handles are stale from then on, and policies
 * that named one answer with ESPALIER_TX_NO_STATE until
 * espalier_policy_set_sa() gives them another.
 *
 * Return: number of SAs lost, or a negative errno.
 */
int espalier_reset(struct espalier_dev *dev,
		   void (*lost)(void *arg, uint32_t handle), void *arg);

/* ------------------------------------------------------------ raw registers */

int espalier_reg_read(struct espalier_dev *dev, uint32_t off, uint32_t *val);

#ifdef __cplusplus
}
#endif
#endif /* ESPALIER_ESPALIER_H */
