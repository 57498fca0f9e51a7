/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the library share. Names begin with espi_. */
#ifndef ESPALIER_INTERNAL_H
#define ESPALIER_INTERNAL_H

#include <espalier/espalier.h>
#include <espalier_regs.h>
#include "sa_hash.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "table entries are copied to registers as they lie in memory"
#endif

#define ESPALIER_VERSION_TEXT "0.1.0"
#define ESPI_WINDOW_MIN 32
#define ESPI_QUEUES_MAX 16
#define ESPI_EVENTS_MAX 256 /* translated events held by the library */
#define ESPI_SCRATCH 0x45535031u /* "a driver owns the tables" */

#define REG_GET(val, field) (((val)&field##_MASK) >> field##_SHIFT)
#define REG_PUT(val, field) (((uint32_t)(val) << field##_SHIFT) & field##_MASK)

/* ---- error.c ---- */
int espi_fail(struct espalier_err *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
const char *espi_addr_text(const struct espalier_addr *addr, char buf[64]);

/* ---- dt.c ---- */

/* What the blob says. A field is zero when its property is absent. */
struct espi_dt {
	char node[128]; /* path, for messages */
	uint64_t reg_base, reg_size;
	unsigned int queues, tx_ring, rx_ring, buf_size;
	unsigned int sa_entries, spd_entries, window_max;
	uint8_t mac[6];
	bool has_mac;
};
int espi_dt_read(const void *dtb, size_t size, const char *path,
		 struct espi_dt *dt, struct espalier_err *err);

/* ---- queues ---- */
struct espi_txslot {
	void *cookie;
	uint16_t nsegs; /* on the first descriptor of a frame */
};

struct espi_tx {
	/* touched by tx_burst and tx_done */
	struct espalier_tx_desc *ring;
	struct espalier_tx_cpl *cpl;
	struct espi_txslot *slots;
	uint16_t mask, log2;
	uint16_t tail, head; /* free-running descriptor indices */
	uint16_t cpl_head; /* free-running completion index */
	bool error; /* stopped; queue_reset brings it back */
	uint64_t posted, done, doorbells;
	/* completions that a queue reset has collected */
	struct espalier_txdone *stash;
	unsigned int stash_pos, stash_len;
};

struct espi_rx {
	struct espalier_rx_desc *ring;
	struct espalier_rx_cpl *cpl;
	uint16_t *slot_buf; /* buffer posted in a ring slot */
	uint8_t *held; /* buffer is with the caller */
	uint8_t *va;
	uint64_t iova;
	unsigned int buf_size;
	uint16_t mask, log2;
	uint16_t tail, head;
	bool error;
	uint64_t frames, dropped, doorbells;
	struct espalier_rxpkt *stash;
	unsigned int stash_pos, stash_len;
};

struct espi_queue {
	struct espi_tx tx;
	struct espi_rx rx;
	struct espalier_dma rings, bufs;
	struct espalier_coalesce coal;
} __attribute__((aligned(64)));

/* ---- SAs and policies ---- */
struct espi_sa {
	struct espalier_sa sa; /* key zeroed */
	uint16_t gen;
	bool live;
};

struct espi_sad {
	struct espi_sa *sa;
	uint16_t *free; /* FIFO of free slots, so that reuse is late */
	unsigned int free_head, free_count;
};

struct espi_pol {
	uint32_t id;
	unsigned int at; /* index in the device's table: the lowest copy */
	struct espalier_policy policy;
};

/* The device's table of policies; see spd_table.c. */
struct espi_spd {
	uint32_t *slot; /* policy id at an index, 0: empty */
	int unsure; /* index at which slot[] may be wrong, -1: none */
	bool copies; /* some may stand twice */
	uint32_t last; /* id of who came last */
};

struct espalier_dev {
	struct espalier_bus *bus;
	struct espalier_caps caps;
	struct espi_dt dt;
	uint32_t options;
	bool tbl_busy; /* an operation timed out and may still be under way */
	unsigned int nqueues;
	struct espi_queue *queues;

	struct espi_sad sad[2]; /* by enum espalier_dir */
	struct espi_hash hash;

	struct espi_pol *pol; /* in order of evaluation = table order */
	unsigned int npol;
	struct espi_spd spd;
	uint32_t pol_next_id;

	struct espalier_event events[ESPI_EVENTS_MAX];
	unsigned int ev_head, ev_count;
	bool ev_lost;

	struct espalier_err err;
};

static inline uint32_t espi_rd(struct espalier_dev *dev, uint32_t off)
{
	return dev->bus->ops->read32(dev->bus, off);
}

static inline void espi_wr(struct espalier_dev *dev, uint32_t off, uint32_t val)
{
	dev->bus->ops->write32(dev->bus, off, val);
}

/* ---- wait.c ---- */
/* Wait until (register & @mask) == @want, giving a simulated device time. */
int espi_wait(struct espalier_dev *dev, uint32_t off, uint32_t mask,
	      uint32_t want);

/* ---- caps.c ---- */
int espi_caps_read(struct espalier_dev *dev, struct espalier_err *err);
int espi_caps_check(struct espalier_dev *dev, struct espalier_err *err);

/* ---- table.c ---- */
int espi_tbl_put(struct espalier_dev *dev, enum espalier_tbl_op op,
		 enum espalier_table table, unsigned int index,
		 const void *entry, size_t size);
int espi_tbl_get(struct espalier_dev *dev, enum espalier_table table,
		 unsigned int index, void *entry, size_t size);
int espi_tbl_clear_all(struct espalier_dev *dev);

/* ---- station.c ---- */
void espi_station_program(struct espalier_dev *dev, bool enable);

/* ---- sa.c ---- */
int espi_sad_init(struct espalier_dev *dev);
void espi_sad_exit(struct espalier_dev *dev);
bool espi_sa_live(const struct espalier_dev *dev, uint32_t handle);
int espi_sad_lost(struct espalier_dev *dev,
		  void (*lost)(void *arg, uint32_t handle), void *arg);

/* ---- sa_check.c ---- */
int espi_sa_check(const struct espalier_dev *dev, const struct espalier_sa *sa,
		  struct espalier_err *err);
int espi_limits_check(const struct espalier_limits *limits, unsigned int mtu,
		      enum espalier_dir dir, int family,
		      struct espalier_err *err);

/* ---- sa_entry.c ---- */
void espi_sa_encode(const struct espalier_sa *sa, uint16_t gen,
		    struct espalier_sa_entry *e);
void espi_addr_words(const struct espalier_addr *addr, uint32_t w[4]);

/* ---- policy.c ---- */
/* NULL when there is none of that id */
const struct espi_pol *espi_pol_find(const struct espalier_dev *dev,
				     uint32_t id);

/* ---- spd_table.c ---- */
int espi_spd_init(struct espalier_dev *dev);
void espi_spd_exit(struct espalier_dev *dev);
int espi_spd_restore(struct espalier_dev *dev);
/* A new entry between pol[@pos - 1] and pol[@pos], which may move; there must
 * be an empty place. It stands at *@at then. */
int espi_spd_add(struct espalier_dev *dev, unsigned int pos, uint32_t id,
		 const struct espalier_policy *policy, unsigned int *at);
/* The entry of @pol becomes @next, in one write. */
int espi_spd_change(struct espalier_dev *dev, const struct espi_pol *pol,
		    const struct espalier_policy *next);
int espi_spd_del(struct espalier_dev *dev, const struct espi_pol *pol);
/* Id of the policy at index @at of the device's table, 0: none */
uint32_t espi_spd_id(const struct espalier_dev *dev, uint32_t at);

/* ---- tx.c, rx.c, queue.c ---- */
int espi_tx_poll(struct espi_tx *tx, struct espalier_txdone *done,
		 unsigned int n);
int espi_rx_poll(struct espi_rx *rx, struct espalier_rxpkt *pkts,
		 unsigned int n);
void espi_rx_post(struct espi_rx *rx, unsigned int buf);
int espi_queues_init(struct espalier_dev *dev, struct espalier_err *err);
void espi_queues_exit(struct espalier_dev *dev, bool quiet);
int espi_queues_quiesce(struct espalier_dev *dev, unsigned int count);
void espi_queue_start(struct espalier_dev *dev, unsigned int queue);
void espi_queue_check_error(struct espalier_dev *dev, unsigned int queue);

/* ---- event.c ---- */
/* Take the device's events into the library's queue, translating policy
 * indices while they still mean what they meant. */
void espi_events_drain(struct espalier_dev *dev);

#endif /* ESPALIER_INTERNAL_H */
