// SPDX-License-Identifier: Apache-2.0
/*
 * The two wire ports: words to frames and back. Frames for the device wait in
 * a ring and are fed at one word a cycle, back to back.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "internal.h"

struct wire_hdr { /* in front of every frame in the ring */
	uint32_t len;
	uint32_t mac_error;
	uint64_t pad;
};
static_assert(sizeof(struct wire_hdr) == 16, "header is one word");

int wire_init(struct wire *w)
{
	w->rx_size = 1 << 20;
	w->rx = aligned_alloc(16, w->rx_size);
	return w->rx ? 0 : -ENOMEM;
}

void wire_fini(struct wire *w)
{
	if (w->ops && w->ops->close)
		w->ops->close(w->arg);
	w->ops = NULL;
	pcapng_close(w->cap);
	w->cap = NULL;
	if (w->rx)
		explicit_bzero(w->rx, w->rx_size);
	free(w->rx);
	w->rx = NULL;
	explicit_bzero(w->tx_buf, sizeof(w->tx_buf));
}

void wire_reset(struct espalier_sim *sim)
{
	struct wire *w = &sim->wire;

	w->tx_len = 0;
	w->tx_over = false;
	w->rx_head = w->rx_tail;
	w->rx_left = 0;
	sim->in.wire_tvalid = 0;
	sim->in.wire_tready = 0;
}

/* ----------------------------------------------------------- to the device */

static int rx_grow(struct wire *w, size_t need)
{
	size_t size = w->rx_size, used = w->rx_head - w->rx_tail;
	size_t off = w->rx_tail & (w->rx_size - 1);
	size_t first = w->rx_size - off;
	uint8_t *p;

	while (size < need)
		size *= 2;
	p = aligned_alloc(16, size);
	if (!p)
		return -ENOMEM;
	if (first > used)
		first = used;
	memcpy(p, w->rx + off, first);
	memcpy(p + first, w->rx, used - first);
	free(w->rx);
	w->rx = p;
	w->rx_size = size;
	w->rx_tail = 0;
	w->rx_head = used;
	return 0;
}

static void rx_put(struct wire *w, const void *data, size_t len)
{
	size_t off = w->rx_head & (w->rx_size - 1), first = w->rx_size - off;

	if (first > len)
		first = len;
	memcpy(w->rx + off, data, first);
	memcpy(w->rx, (const uint8_t *)data + first, len - first);
	w->rx_head += (len + 15) & ~(size_t)15;
}

int wire_inject(struct espalier_sim *sim, const uint8_t *data, size_t len,
		bool mac_error)
{
	struct wire *w = &sim->wire;
	size_t need = w->rx_head - w->rx_tail + sizeof(struct wire_hdr) +
		      ((len + 15) & ~(size_t)15);
	struct wire_hdr h = { .len = (uint32_t)len, .mac_error = mac_error };
	int ret;

	if (!len || len > UINT16_MAX)
		return -EINVAL;
	if (need > w->rx_size) {
		ret = rx_grow(w, need);
		if (ret)
			return ret;
	}
	rx_put(w, &h, sizeof(h));
	rx_put(w, data, len);
	sim->quiet = 0;
	return 0;
}

int wire_pull(struct espalier_sim *sim, size_t limit)
{
	struct wire *w = &sim->wire;
	uint8_t buf[WIRE_FRAME_MAX];
	int n = 0;

	if (!w->ops || !w->ops->recv)
		return 0;
	while (w->rx_head - w->rx_tail < limit) {
		int len = w->ops->recv(w->arg, buf, sizeof(buf));

		if (!len)
			break;
		if (len > 0 && w->filter) {
			len = (int)w->filter->in(w->filter_arg, buf,
						 (size_t)len, sizeof(buf));
			if (!len) {
				w->rx_lost++;
				continue;
			}
		}
		if (len < 0 || wire_inject(sim, buf, (size_t)len, false)) {
			w->rx_errors++;
			break;
		}
		n++;
	}
	return n;
}

/* ----------------------------------------------------------------- capture */

static uint64_t wire_now(const struct espalier_sim *sim)
{
	struct timespec ts;

	if (!sim->wire.live)
		return sim->cycle * SIM_NS_PER_CYCLE;
	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static void capture_rx(struct espalier_sim *sim, size_t off, size_t len)
{
	struct wire *w = &sim->wire;
	uint8_t buf[UINT16_MAX];
	size_t first = w->rx_size - off;

	if (first > len)
		first = len;
	memcpy(buf, w->rx + off, first);
	memcpy(buf + first, w->rx, len - first);
	pcapng_write(w->cap, wire_now(sim), PCAPNG_IN, buf, len);
}

/* ------------------------------------------------------------------- cycle */

static void rx_next(struct espalier_sim *sim)
{
	struct wire *w = &sim->wire;
	struct shim_in *in = &sim->in;
	size_t mask = w->rx_size - 1, n;

	in->wire_tvalid = 0;
	if (!w->rx_left) {
		const struct wire_hdr *h;

		if (w->rx_tail == w->rx_head)
			return;
		h = (const void *)(w->rx + (w->rx_tail & mask));
		w->rx_left = h->len;
		w->rx_err = h->mac_error;
		w->rx_tail += sizeof(*h);
		if (w->cap)
			capture_rx(sim, w->rx_tail & mask, w->rx_left);
		if (!w->st.rx_frames)
			w->st.rx_first = sim->cycle;
		w->st.rx_frames++;
		w->st.rx_bytes += w->rx_left;
	}
	n = w->rx_left < 16 ? w->rx_left : 16;
	memcpy(in->wire_tdata, w->rx + (w->rx_tail & mask), 16);
	w->rx_tail += 16;
	w->rx_left -= n;
	in->wire_tkeep = (uint16_t)((1u << n) - 1);
	in->wire_tlast = !w->rx_left;
	in->wire_tuser = w->rx_err && !w->rx_left;
	in->wire_tvalid = 1;
	w->st.rx_beats++;
	w->st.rx_last = sim->cycle;
}

/* A whole frame stands in tx_buf. */
static void tx_send(struct wire *w)
{
	size_t len = w->tx_len;

	if (w->filter)
		len = w->filter->out(w->filter_arg, w->tx_buf, len,
				     sizeof(w->tx_buf));
	if (len)
		w->ops->send(w->arg, w->tx_buf, len);
	else
		w->tx_lost++;
}

static void tx_word(struct espalier_sim *sim)
{
	struct wire *w = &sim->wire;
	const struct shim_out *out = &sim->out;
	unsigned int n =
		out->wire_tlast
			? (unsigned int)__builtin_popcount(out->wire_tkeep)
			: 16;

	if (!w->st.tx_beats)
		w->st.tx_first = sim->cycle;
	else
		w->st.tx_stall += w->tx_gap;
	w->tx_gap = 0; /* what follows the last word is no stall */
	w->st.tx_beats++;
	w->st.tx_last = sim->cycle;
	if (unlikely(w->tx_len + 16 > sizeof(w->tx_buf))) {
		w->tx_over = true;
	} else {
		memcpy(w->tx_buf + w->tx_len, out->wire_tdata, 16);
		w->tx_len += n;
	}
	if (!out->wire_tlast)
		return;
	if (w->tx_over) {
		w->tx_oversize++;
	} else {
		w->st.tx_frames++;
		w->st.tx_bytes += w->tx_len;
		if (w->cap)
			pcapng_write(w->cap, wire_now(sim), PCAPNG_OUT,
				     w->tx_buf, w->tx_len);
		if (w->ops && w->ops->send)
			tx_send(w);
	}
	w->tx_len = 0;
	w->tx_over = false;
}

void wire_cycle(struct espalier_sim *sim)
{
	struct shim_in *in = &sim->in;
	const struct shim_out *out = &sim->out;

	if (!in->wire_tvalid || out->wire_tready)
		rx_next(sim);
	if (!out->wire_tvalid)
		sim->wire.tx_gap++;
	else if (in->wire_tready)
		tx_word(sim);
	in->wire_tready = !sim->wire.hold &&
			  !rng_percent(&sim->rng, sim->opts.wire_stall_percent);
}
