// SPDX-License-Identifier: Apache-2.0
/*
 * What the driver costs by itself: packets in bursts of 32 through the null
 * device, and SA installations. The limit of a packet is the same traffic on
 * the same device by a bare loop that writes descriptors, rings the doorbell
 * and looks at phase bits, measured in the same run. Times are CPU time of
 * this thread, the best of several rounds, since the machine is shared.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <espalier/bus_null.h>
#include <espalier/espalier.h>
#include <espalier_regs.h>
#include "blob.h"

#define BURST 32
#define RING_LOG2 8
#define RING (1u << RING_LOG2)
#define BURSTS 20000
#define ROUNDS 9

static double now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static void must(int cond, const char *what)
{
	if (cond)
		return;
	fprintf(stderr, "bench_driver: %s\n", what);
	exit(1);
}

static struct espalier_null *device(enum espalier_null_mode mode)
{
	const struct espalier_null_opts o = { .mode = mode, .no_irq = true };
	struct espalier_null *null;

	must(espalier_null_create(&o, &null) == 0, "null device");
	return null;
}

static struct espalier_dev *driver(enum espalier_null_mode mode)
{
	static const uint8_t ring[4] = { 0, 0, RING >> 8, RING & 0xff };
	const struct blob_change c[] = {
		{ "espalier,tx-ring-size", ring, 4 },
		{ "espalier,rx-ring-size", ring, 4 },
		{ NULL, NULL, 0 },
	};
	struct espalier_err err = { "" };
	struct espalier_dev *dev;
	struct blob b;

	blob_make(&b, 4, c);
	must(espalier_open(b.data, b.size, NULL,
			   espalier_null_bus(device(mode)), &dev, &err) == 0,
	     err.text);
	return dev;
}

/* ---- with the driver ---- */

static double tx_round(struct espalier_dev *dev, const struct espalier_dma *mem)
{
	struct espalier_txpkt pkt[BURST];
	struct espalier_txdone done[BURST];
	struct espalier_seg seg[BURST];
	unsigned int i, b;
	double start;

	for (i = 0; i < BURST; i++) {
		seg[i].dma = mem->iova + 2048 * i;
		seg[i].len = 64;
		pkt[i] = (struct espalier_txpkt){ &seg[i], 1, 0, NULL };
	}
	start = now_ns();
	for (b = 0; b < BURSTS; b++) {
		must(espalier_tx_burst(dev, 0, pkt, BURST) == BURST, "tx");
		must(espalier_tx_done(dev, 0, done, BURST) == BURST, "done");
	}
	return (now_ns() - start) / (BURSTS * BURST);
}

static double rx_round(struct espalier_dev *dev)
{
	struct espalier_rxpkt pkt[BURST];
	double start = now_ns();
	unsigned int b;

	for (b = 0; b < BURSTS; b++) {
		must(espalier_rx_burst(dev, 0, pkt, BURST) == BURST, "rx");
		must(espalier_rx_release(dev, 0, pkt, BURST) == 0, "release");
	}
	return (now_ns() - start) / (BURSTS * BURST);
}

/* ---- by a bare loop ---- */

struct bare {
	struct espalier_bus *bus;
	struct espalier_dma ring, cpl, mem;
	uint16_t tail, seen;
};

static void wr(struct bare *b, uint32_t off, uint32_t val)
{
	b->bus->ops->write32(b->bus, off, val);
}

static void bare_open(struct bare *b, enum espalier_null_mode mode, bool rx)
{
	const uint32_t base =
		rx ? ESPALIER_REG_Q_RX_CTRL(0) - ESPALIER_REG_Q_TX_CTRL(0) : 0;

	memset(b, 0, sizeof(*b));
	b->bus = espalier_null_bus(device(mode));
	must(!b->bus->ops->dma_alloc(b->bus, 16 * RING, 64, &b->ring) &&
		     !b->bus->ops->dma_alloc(b->bus, 16 * RING, 64, &b->cpl) &&
		     !b->bus->ops->dma_alloc(b->bus, 2048 * RING, 64, &b->mem),
	     "memory");
	wr(b, ESPALIER_REG_Q_TX_RING_LO(0) + base, (uint32_t)b->ring.iova);
	wr(b, ESPALIER_REG_Q_TX_RING_HI(0) + base,
	   (uint32_t)(b->ring.iova >> 32));
	wr(b, ESPALIER_REG_Q_TX_CPL_LO(0) + base, (uint32_t)b->cpl.iova);
	wr(b, ESPALIER_REG_Q_TX_CPL_HI(0) + base,
	   (uint32_t)(b->cpl.iova >> 32));
	wr(b, ESPALIER_REG_Q_TX_SIZE(0) + base, RING_LOG2);
	wr(b, ESPALIER_REG_Q_TX_CTRL(0) + base, 1);
}

static double bare_tx(struct bare *b)
{
	struct espalier_tx_desc *d = b->ring.va;
	volatile struct espalier_tx_cpl *c = b->cpl.va;
	unsigned int i, n, sum = 0;
	double start = now_ns();

	for (n = 0; n < BURSTS; n++) {
		for (i = 0; i < BURST; i++, b->tail++)
			d[b->tail % RING] = (struct espalier_tx_desc){
				b->mem.iova + 2048 * i, 64, ESPALIER_TXD_EOP, 0
			};
		wr(b, ESPALIER_REG_Q_TX_TAIL(0), b->tail);
		while ((c[b->seen % RING].flags & 1) !=
		       (b->seen >> RING_LOG2 & 1)) {
			sum += c[b->seen % RING].status;
			b->seen++;
		}
		must(b->seen == b->tail && !sum, "bare tx");
	}
	return (now_ns() - start) / (BURSTS * BURST);
}

static double bare_rx(struct bare *b)
{
	struct espalier_rx_desc *d = b->ring.va;
	volatile struct espalier_rx_cpl *c = b->cpl.va;
	unsigned int i, n, sum = 0;
	double start = now_ns();

	for (n = 0; n < BURSTS; n++) {
		for (i = 0; i < BURST; i++, b->tail++)
			d[b->tail % RING] = (struct espalier_rx_desc){
				b->mem.iova + 2048 * i, 2048, 0, 0
			};
		wr(b, ESPALIER_REG_Q_RX_TAIL(0), b->tail);
		while ((c[b->seen % RING].flags & 1) !=
		       (b->seen >> RING_LOG2 & 1)) {
			sum += c[b->seen % RING].len;
			b->seen++;
		}
		must(b->seen == b->tail && sum, "bare rx");
	}
	return (now_ns() - start) / (BURSTS * BURST);
}

/* ---- SAs ---- */

static double sa_round(struct espalier_dev *dev)
{
	struct espalier_sa sa = {
		.dir = ESPALIER_DIR_IN,
		.mode = ESPALIER_MODE_TUNNEL,
		.dst = { .family = AF_INET },
		.key_len = 36,
		.icv_len = 16,
		.window = 64,
		.queue = -1,
	};
	double start;
	uint32_t h;
	unsigned int i;

	memset(sa.key, 0xa5, sizeof(sa.key));
	sa.dst.v4.s_addr = htonl(0xc0000201);
	start = now_ns();
	for (i = 0; i < 1024; i++) {
		sa.spi = 0x10000 + i * 2654435761u % 0xfffffff;
		must(espalier_sa_add(dev, &sa, &h) == 0, espalier_error(dev));
	}
	start = now_ns() - start;
	must(espalier_sa_flush(dev) == 0, "flush");
	return 1024e9 / start;
}

static void print(const char *name, double value, const char *unit,
		  double limit)
{
	char text[32] = "null";

	if (limit > 0)
		snprintf(text, sizeof(text), "%.2f", limit);
	printf("{\"name\": \"%s\", \"value\": %.2f, \"unit\": \"%s\", "
	       "\"limit\": %s}\n",
	       name, value, unit, text);
}

#define BEST(best, expr)                                                       \
	do {                                                                   \
		double v_ = (expr);                                            \
		if (!(best) || v_ < (best))                                    \
			(best) = v_;                                           \
	} while (0)

int main(void)
{
	double tx = 0, rx = 0, btx = 0, brx = 0, sa = 0, v;
	struct espalier_dev *sink = driver(ESPALIER_NULL_SINK);
	struct espalier_dev *source = driver(ESPALIER_NULL_SOURCE);
	struct espalier_dma mem;
	struct bare bt, br;
	int i;

	must(espalier_dma_alloc(sink, 65536, &mem) == 0, "memory");
	bare_open(&bt, ESPALIER_NULL_SINK, false);
	bare_open(&br, ESPALIER_NULL_SOURCE, true);
	for (i = 0; i < ROUNDS; i++) {
		BEST(tx, tx_round(sink, &mem));
		BEST(btx, bare_tx(&bt));
		BEST(rx, rx_round(source));
		BEST(brx, bare_rx(&br));
		v = sa_round(sink);
		if (v > sa)
			sa = v;
	}
	print("driver_tx_ns", tx, "ns/packet", btx);
	print("driver_rx_ns", rx, "ns/packet", brx);
	print("driver_sa_install_per_s", sa, "1/s", 0);
	espalier_dma_free(sink, &mem);
	espalier_close(sink);
	espalier_close(source);
	bt.bus->ops->close(bt.bus);
	br.bus->ops->close(br.bus);
	return 0;
}
