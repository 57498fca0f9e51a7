// SPDX-License-Identifier: Apache-2.0
/* Rings: wrap, full, phase, bursts, order, queue reset. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include "fixture.h"

#define RING 8

static struct espalier_dma mem;

static void open_ring(struct fixture *f, enum espalier_null_mode mode,
		      unsigned int ring)
{
	const struct espalier_null_opts o = { .mode = mode };

	fixture_open(f, &o, ring);
	CU_ASSERT_EQUAL_FATAL(espalier_dma_alloc(f->dev, 65536, &mem), 0);
	EXPECT_EQ(mem.iova % 64, 0);
}

static void close_ring(struct fixture *f)
{
	espalier_dma_free(f->dev, &mem);
	fixture_close(f);
}

/* @n frames of 60 bytes in one segment; cookies from @cookie on. */
static int send_n(struct fixture *f, unsigned int queue, unsigned int n,
		  uintptr_t cookie)
{
	static const struct espalier_seg none;
	struct espalier_seg seg[64] = { none };
	struct espalier_txpkt p[64];
	unsigned int i;

	for (i = 0; i < n; i++) {
		seg[i].dma = mem.iova + 64 * i;
		seg[i].len = 60;
		p[i] = (struct espalier_txpkt){ &seg[i], 1, 0,
						(void *)(cookie + i) };
	}
	return espalier_tx_burst(f->dev, queue, p, n);
}

static int done_n(struct fixture *f, unsigned int queue, unsigned int n,
		  uintptr_t cookie, enum espalier_code code)
{
	struct espalier_txdone d[64];
	int got = espalier_tx_done(f->dev, queue, d, n), i;

	for (i = 0; i < got; i++) {
		EXPECT_EQ((uintptr_t)d[i].cookie, cookie + (unsigned int)i);
		EXPECT_EQ(d[i].code, code);
	}
	return got;
}

static void tx_wrap(void)
{
	struct fixture f;
	uintptr_t sent = 0, seen = 0;
	unsigned int n;
	int got;

	/* past the wrap of the ring, of the phase and of the 16-bit index */
	open_ring(&f, ESPALIER_NULL_SINK, RING);
	while (sent < 3 * 65536) {
		n = 1 + sent % 7;
		EXPECT_EQ(send_n(&f, 1, n, sent), (int)n);
		sent += n;
		got = done_n(&f, 1, 64, seen, ESPALIER_TX_PROTECTED);
		EXPECT_EQ(got, (int)n);
		seen += (uintptr_t)got;
		if (sent != seen)
			break;
	}
	EXPECT_EQ(done_n(&f, 1, 64, 0, ESPALIER_TX_PROTECTED), 0);
	close_ring(&f);
}

static void tx_full(void)
{
	struct espalier_null_counts c, before;
	struct fixture f;

	open_ring(&f, ESPALIER_NULL_HOLD, RING);
	espalier_null_counts(f.null, &before);
	EXPECT_EQ(send_n(&f, 0, 20, 100), RING); /* every slot is usable */
	EXPECT_EQ(send_n(&f, 0, 1, 0), 0);
	espalier_null_counts(f.null, &c);
	EXPECT_EQ(c.tx_doorbells - before.tx_doorbells, 1);
	EXPECT_EQ(done_n(&f, 0, 64, 0, 0), 0);
	EXPECT_EQ(espalier_null_complete(f.null, 0, 3, ESPALIER_TX_TOO_BIG), 3);
	EXPECT_EQ(send_n(&f, 0, 1, 0), 0); /* room comes with tx_done only */
	EXPECT_EQ(done_n(&f, 0, 2, 100, ESPALIER_TX_TOO_BIG), 2);
	EXPECT_EQ(send_n(&f, 0, 5, 108), 2);
	EXPECT_EQ(done_n(&f, 0, 64, 102, ESPALIER_TX_TOO_BIG), 1);
	EXPECT_EQ(espalier_null_complete(f.null, 0, 99, ESPALIER_TX_PROTECTED),
		  7);
	EXPECT_EQ(done_n(&f, 0, 64, 103, ESPALIER_TX_PROTECTED), 7);
	close_ring(&f);
}

/* The fast path: one doorbell a burst, no register read, ever. */
static void burst_cost(void)
{
	struct espalier_null_counts a, b;
	struct espalier_queue_stats s;
	struct espalier_rxpkt p[64];
	struct fixture f;
	int n;

	open_ring(&f, ESPALIER_NULL_LOOPBACK, 64);
	espalier_null_counts(f.null, &a);
	EXPECT_EQ(send_n(&f, 2, 32, 0), 32);
	EXPECT_EQ(done_n(&f, 2, 32, 0, ESPALIER_TX_PROTECTED), 32);
	n = espalier_rx_burst(f.dev, 2, p, 64);
	EXPECT_EQ(n, 32);
	EXPECT_EQ(espalier_rx_release(f.dev, 2, p, 32), 0);
	espalier_null_counts(f.null, &b);
	EXPECT_EQ(b.reads, a.reads);
	EXPECT_EQ(b.writes - a.writes, 2);
	EXPECT_EQ(b.tx_doorbells - a.tx_doorbells, 1);
	EXPECT_EQ(b.rx_doorbells - a.rx_doorbells, 1);
	/* empty calls touch nothing */
	EXPECT_EQ(espalier_rx_burst(f.dev, 2, p, 64), 0);
	EXPECT_EQ(done_n(&f, 2, 32, 0, 0), 0);
	EXPECT_EQ(send_n(&f, 2, 0, 0), 0);
	EXPECT_EQ(espalier_rx_release(f.dev, 2, p, 0), 0);
	espalier_null_counts(f.null, &a);
	EXPECT_EQ(b.reads, a.reads);
	EXPECT_EQ(b.writes, a.writes);
	EXPECT_EQ(espalier_get_queue_stats(f.dev, 2, &s), 0);
	EXPECT_EQ(s.tx_posted, 32);
	EXPECT_EQ(s.tx_done, 32);
	EXPECT_EQ(s.rx_frames, 32);
	EXPECT_EQ(s.tx_doorbells, 1);
	close_ring(&f);
}

static void scatter_gather(void)
{
	struct espalier_seg seg[16];
	struct espalier_txpkt p[3];
	struct espalier_txdone d[4];
	struct espalier_rxpkt r[4];
	uint8_t *m;
	struct fixture f;
	unsigned int i, len = 0;

	open_ring(&f, ESPALIER_NULL_LOOPBACK, RING);
	m = mem.va;
	for (i = 0; i < 65536; i++)
		m[i] = (uint8_t)(i * 7 + i / 256);
	/* odd addresses and lengths, 3 + 5 segments fill the ring */
	for (i = 0; i < 8; i++) {
		seg[i].dma = mem.iova + 1000 * i + i;
		seg[i].len = 1 + 37 * i;
	}
	p[0] = (struct espalier_txpkt){ seg, 3, 0x00050007, (void *)1 };
	p[1] = (struct espalier_txpkt){ seg + 3, 5, 0, (void *)2 };
	p[2] = (struct espalier_txpkt){ seg, 1, 0, (void *)3 };
	EXPECT_EQ(espalier_tx_burst(f.dev, 0, p, 3), 2);
	EXPECT_EQ(espalier_tx_done(f.dev, 0, d, 4), 2);
	EXPECT_EQ((uintptr_t)d[0].cookie, 1);
	EXPECT_EQ(d[0].sa, 0x00050007);
	EXPECT_EQ(d[1].sa, 0);
	EXPECT_EQ(espalier_rx_burst(f.dev, 0, r, 4), 2);
	for (i = 0; i < 3; i++) {
		CU_ASSERT(!memcmp(r[0].data + len, m + 1001 * i, seg[i].len));
		len += seg[i].len;
	}
	EXPECT_EQ(r[0].len, len);
	EXPECT_EQ(d[0].wire_len, len);
	for (i = 3, len = 0; i < 8; i++) {
		CU_ASSERT(!memcmp(r[1].data + len, m + 1001 * i, seg[i].len));
		len += seg[i].len;
	}
	EXPECT_EQ(r[1].len, len);
	EXPECT_EQ(espalier_rx_release(f.dev, 0, r, 2), 0);
	close_ring(&f);
}

static void bad_frames(void)
{
	struct espalier_seg seg[10] = { { mem.iova, 60 } };
	struct espalier_seg chain[ESPALIER_TXD_CHAIN_MAX + 1];
	struct espalier_txpkt p[2] = { { seg, 1, 0, NULL },
				       { seg, 1, 0, NULL } };
	struct espalier_txdone d[2];
	struct espalier_rxpkt r;
	struct fixture f;
	unsigned int i;

	open_ring(&f, ESPALIER_NULL_SINK, RING);
	for (i = 0; i < 10; i++)
		seg[i] = (struct espalier_seg){ mem.iova, 60 };
	for (i = 0; i < ESPALIER_TXD_CHAIN_MAX + 1; i++)
		chain[i] = seg[1];
	p[0].nsegs = 0;
	EXPECT_EQ(espalier_tx_burst(f.dev, 0, p, 2), -EINVAL);
	p[0].nsegs = RING + 1;
	EXPECT_EQ(espalier_tx_burst(f.dev, 0, p, 2), -EINVAL);
	p[0].nsegs = 1;
	seg[0].len = 0;
	EXPECT_EQ(espalier_tx_burst(f.dev, 0, p, 2), -EINVAL);
	seg[0].len = 65536;
	EXPECT_EQ(espalier_tx_burst(f.dev, 0, p, 2), -EINVAL);
	close_ring(&f);

	/* a chain that fits the ring, but not the device */
	open_ring(&f, ESPALIER_NULL_SINK, 64);
	seg[0].len = 60;
	p[0].segs = chain;
	p[0].nsegs = ESPALIER_TXD_CHAIN_MAX + 1;
	EXPECT_EQ(espalier_tx_burst(f.dev, 0, p, 2), -EINVAL);
	p[0].nsegs = ESPALIER_TXD_CHAIN_MAX;
	EXPECT_EQ(espalier_tx_burst(f.dev, 0, p, 1), 1);
	p[0].segs = seg;
	p[0].nsegs = 1;
	close_ring(&f);

	open_ring(&f, ESPALIER_NULL_SINK, RING);
	/* what is good in front of it goes */
	seg[0].len = 60;
	p[1].nsegs = 0;
	EXPECT_EQ(espalier_tx_burst(f.dev, 0, p, 2), 1);
	EXPECT_EQ(espalier_tx_done(f.dev, 0, d, 2), 1);
	EXPECT_EQ(espalier_tx_burst(f.dev, 4, p, 1), -EINVAL);
	EXPECT_EQ(espalier_tx_done(f.dev, 4, d, 1), -EINVAL);
	EXPECT_EQ(espalier_rx_burst(f.dev, 4, &r, 1), -EINVAL);
	EXPECT_EQ(espalier_rx_release(f.dev, 4, &r, 1), -EINVAL);
	EXPECT_EQ(espalier_queue_reset(f.dev, 4), -EINVAL);
	/* frames that the device refuses: its status, the queue goes on */
	seg[0].len = 60000;
	EXPECT_EQ(espalier_tx_burst(f.dev, 0, p, 1), 1);
	EXPECT_EQ(espalier_tx_done(f.dev, 0, d, 2), 1);
	EXPECT_EQ(d[0].code, ESPALIER_TX_LEN_INVALID);
	EXPECT_EQ(d[0].wire_len, 0);
	close_ring(&f);
}

static int receive(struct fixture *f, unsigned int queue, unsigned int v)
{
	uint8_t frame[60];

	memset(frame, (int)(v & 0xff), sizeof(frame));
	return espalier_null_receive(f->null, queue, frame, sizeof(frame),
				     ESPALIER_RX_PROTECTED, 0x80010000 + v);
}

static void rx_wrap(void)
{
	struct espalier_rxpkt p[64];
	unsigned int sent = 0, seen = 0, i;
	struct fixture f;
	int n;

	open_ring(&f, ESPALIER_NULL_SINK, RING);
	while (seen < 140000) {
		for (i = 0; i < 1 + seen % RING; i++, sent++)
			if (receive(&f, 0, sent & 0xff))
				break;
		n = espalier_rx_burst(f.dev, 0, p, 64);
		EXPECT_EQ(n, (int)(sent - seen));
		if (n <= 0)
			break;
		for (i = 0; i < (unsigned int)n; i++, seen++) {
			if (p[i].len != 60 || p[i].data[59] != (seen & 0xff) ||
			    p[i].sa != 0x80010000 + (seen & 0xff) ||
			    p[i].code != ESPALIER_RX_PROTECTED)
				CU_FAIL("frame");
		}
		EXPECT_EQ(espalier_rx_release(f.dev, 0, p, (unsigned int)n), 0);
	}
	close_ring(&f);
}

/* Buffers are given back out of order, or kept: the ring lives on the rest. */
static void rx_hold(void)
{
	struct espalier_rxpkt kept[3], p[RING];
	struct fixture f;
	unsigned int turn, i;

	open_ring(&f, ESPALIER_NULL_SINK, RING);
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(receive(&f, 0, i), 0);
		EXPECT_EQ(espalier_rx_burst(f.dev, 0, &kept[i], 1), 1);
	}
	for (turn = 0; turn < 1000; turn++) {
		for (i = 0; i < 5; i++)
			EXPECT_EQ(receive(&f, 0, 100 + i), 0);
		EXPECT_EQ(receive(&f, 0, 0), -ENOBUFS);
		EXPECT_EQ(espalier_rx_burst(f.dev, 0, p, RING), 5);
		for (i = 5; i-- > 0;) {
			EXPECT_EQ(p[i].data[0], 100 + i);
			EXPECT_EQ(espalier_rx_release(f.dev, 0, &p[i], 1), 0);
		}
	}
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(kept[i].data[0], i);
		EXPECT_EQ(kept[i].data[59], i);
	}
	/* twice, and what was never ours */
	EXPECT_EQ(espalier_rx_release(f.dev, 0, kept, 3), 0);
	EXPECT_EQ(espalier_rx_release(f.dev, 0, kept, 3), -EINVAL);
	kept[0].buf = 12345;
	EXPECT_EQ(espalier_rx_release(f.dev, 0, kept, 1), -EINVAL);
	for (i = 0; i < RING; i++)
		EXPECT_EQ(receive(&f, 0, i), 0);
	EXPECT_EQ(receive(&f, 0, 0), -ENOBUFS);
	close_ring(&f);
}

/* Buffers that come back without a frame are not the caller's business. */
static void rx_without_frame(void)
{
	struct espalier_queue_stats s;
	struct espalier_rxpkt p[RING];
	uint8_t big[4096] = { 0 };
	struct fixture f;
	unsigned int turn;

	open_ring(&f, ESPALIER_NULL_SINK, RING);
	for (turn = 0; turn < 100; turn++) {
		espalier_null_receive(f.null, 0, big, sizeof(big),
				      ESPALIER_RX_PROTECTED, 0);
		EXPECT_EQ(receive(&f, 0, turn), 0);
		espalier_null_receive(f.null, 0, big, 60,
				      ESPALIER_RX_DESC_INVALID, 0);
		EXPECT_EQ(espalier_rx_burst(f.dev, 0, p, RING), 1);
		EXPECT_EQ(p[0].data[0], turn);
		EXPECT_EQ(espalier_rx_release(f.dev, 0, p, 1), 0);
	}
	EXPECT_EQ(espalier_get_queue_stats(f.dev, 0, &s), 0);
	EXPECT_EQ(s.rx_dropped, 200);
	EXPECT_EQ(s.rx_frames, 100);
	close_ring(&f);
}

/* A device that breaks its word stops the queue; it does not take us along. */
static void broken_device(void)
{
	struct espalier_txdone d[4];
	struct espalier_rxpkt p[4];
	struct fixture f;

	open_ring(&f, ESPALIER_NULL_SINK, RING);
	espalier_null_break(f.null, 0);
	EXPECT_EQ(send_n(&f, 0, 1, 5), 1);
	EXPECT_EQ(espalier_tx_done(f.dev, 0, d, 4), -EIO);
	EXPECT_EQ(send_n(&f, 0, 1, 6), -EIO);
	EXPECT_EQ(receive(&f, 0, 1), 0);
	EXPECT_EQ(espalier_rx_burst(f.dev, 0, p, 4), -EIO);
	EXPECT_EQ(send_n(&f, 1, 1, 7), 1); /* the others do not mind */
	EXPECT_EQ(espalier_queue_reset(f.dev, 0), 0);
	EXPECT_EQ(done_n(&f, 0, 4, 5, ESPALIER_TX_RESET), 1);
	EXPECT_EQ(send_n(&f, 0, 1, 8), 1);
	EXPECT_EQ(done_n(&f, 0, 4, 8, ESPALIER_TX_PROTECTED), 1);
	EXPECT_EQ(receive(&f, 0, 9), 0);
	EXPECT_EQ(espalier_rx_burst(f.dev, 0, p, 4), 1);
	EXPECT_EQ(p[0].data[0], 9);
	close_ring(&f);
}

static void reset_in_flight(void)
{
	struct espalier_rxpkt p[RING], kept;
	struct espalier_txdone d[64];
	struct fixture f;
	unsigned int turn;
	int i, n;

	open_ring(&f, ESPALIER_NULL_HOLD, RING);
	EXPECT_EQ(receive(&f, 1, 77), 0);
	EXPECT_EQ(espalier_rx_burst(f.dev, 1, &kept, 1), 1);
	for (turn = 0; turn < 50; turn++) {
		/* 2 of 6 are through, 4 are flushed; 3 frames are in */
		EXPECT_EQ(send_n(&f, 1, 6, 10 * turn), 6);
		espalier_null_complete(f.null, 1, 2, ESPALIER_TX_PROTECTED);
		for (i = 0; i < 3; i++)
			EXPECT_EQ(receive(&f, 1, turn), 0);
		EXPECT_EQ(espalier_queue_reset(f.dev, 1), 0);
		n = espalier_tx_done(f.dev, 1, d, 64);
		EXPECT_EQ(n, 6);
		for (i = 0; i < n; i++) {
			EXPECT_EQ((uintptr_t)d[i].cookie,
				  10 * turn + (unsigned int)i);
			EXPECT_EQ(d[i].code, i < 2 ? ESPALIER_TX_PROTECTED
						   : ESPALIER_TX_RESET);
		}
		EXPECT_EQ(espalier_rx_burst(f.dev, 1, p, 2), 2);
		EXPECT_EQ(espalier_rx_burst(f.dev, 1, p + 2, RING), 1);
		for (i = 0; i < 3; i++)
			EXPECT_EQ(p[i].data[0], turn);
		EXPECT_EQ(espalier_rx_release(f.dev, 1, p, 3), 0);
		/* all buffers but the kept one are posted again */
		for (i = 0; i < RING - 1; i++)
			EXPECT_EQ(receive(&f, 1, i), 0);
		EXPECT_EQ(receive(&f, 1, 0), -ENOBUFS);
		EXPECT_EQ(espalier_rx_burst(f.dev, 1, p, RING), RING - 1);
		EXPECT_EQ(espalier_rx_release(f.dev, 1, p, RING - 1), 0);
	}
	/* two resets without a look in between lose nothing */
	EXPECT_EQ(send_n(&f, 1, 5, 500), 5);
	EXPECT_EQ(espalier_queue_reset(f.dev, 1), 0);
	EXPECT_EQ(send_n(&f, 1, RING, 505), RING);
	EXPECT_EQ(espalier_queue_reset(f.dev, 1), 0);
	EXPECT_EQ(done_n(&f, 1, 64, 500, ESPALIER_TX_RESET), 5 + RING);
	EXPECT_EQ(kept.data[0], 77);
	close_ring(&f);
}

static void interrupts(void)
{
	const struct espalier_null_opts dumb = { .no_irq = true };
	struct espalier_txdone d[4];
	struct pollfd pfd = { .events = POLLIN };
	struct fixture f;

	open_ring(&f, ESPALIER_NULL_SINK, RING);
	pfd.fd = espalier_queue_fd(f.dev, 0);
	CU_ASSERT_FATAL(pfd.fd >= 0);
	EXPECT_EQ(espalier_queue_irq_arm(f.dev, 0), 0);
	EXPECT_EQ(poll(&pfd, 1, 0), 0);
	EXPECT_EQ(send_n(&f, 0, 1, 0), 1);
	EXPECT_EQ(poll(&pfd, 1, 0), 1);
	EXPECT_EQ(espalier_tx_done(f.dev, 0, d, 4), 1);
	EXPECT_EQ(espalier_queue_irq_arm(f.dev, 0), 0);
	EXPECT_EQ(poll(&pfd, 1, 0), 0);
	EXPECT_EQ(espalier_queue_fd(f.dev, 4), -EINVAL);
	EXPECT_EQ(espalier_poll(f.dev), 0);
	close_ring(&f);
	fixture_open(&f, &dumb, 0);
	EXPECT_EQ(espalier_queue_fd(f.dev, 0), -ENOTSUP);
	fixture_close(&f);
}

static const struct test_case cases[] = {
	{ "tx_wrap", tx_wrap },
	{ "tx_full", tx_full },
	{ "burst_cost", burst_cost },
	{ "scatter_gather", scatter_gather },
	{ "bad_frames", bad_frames },
	{ "rx_wrap", rx_wrap },
	{ "rx_hold", rx_hold },
	{ "rx_without_frame", rx_without_frame },
	{ "broken_device", broken_device },
	{ "reset_in_flight", reset_in_flight },
	{ "interrupts", interrupts },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	return suite_run("test_ring", cases, argc, argv);
}
