// SPDX-License-Identifier: Apache-2.0
/*
 * The simulation library against a small block of its own (stub/espalier.sv),
 * so that a fault here is a fault of the library and not of the device.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <espalier/espalier.h>
#include <espalier/sim.h>
#include "espalier_regs.h"
#include "suite.h"

#define COPY_SRC_LO 0x200
#define COPY_DST_LO 0x208
#define COPY_GO 0x210
#define IRQ 0x220
#define IDLE_BLOCK 0x224
#define MAC_ERRORS 0x228

/* What hangs fails; what is slow does not. */
#define DEADLINE_S 120

static uint8_t blob[65536];
static size_t blob_size;
static const char *dir;

static struct espalier_sim *create(const struct espalier_sim_opts *o)
{
	struct espalier_sim *sim;
	struct espalier_err err = { 0 };

	if (espalier_sim_create(blob, blob_size, "nic", o, &sim, &err)) {
		fprintf(stderr, "create: %s\n", err.text);
		exit(1);
	}
	return sim;
}

static uint32_t rd(struct espalier_sim *sim, uint32_t off)
{
	struct espalier_bus *bus = espalier_sim_bus(sim);

	return bus->ops->read32(bus, off);
}

static void wr(struct espalier_sim *sim, uint32_t off, uint32_t v)
{
	struct espalier_bus *bus = espalier_sim_bus(sim);

	bus->ops->write32(bus, off, v);
}

static time_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

static void alloc(struct espalier_sim *sim, size_t size, struct espalier_dma *d)
{
	struct espalier_bus *bus = espalier_sim_bus(sim);

	if (bus->ops->dma_alloc(bus, size, 64, d))
		abort();
}

/* returns { write errors, read errors } of the engine */
static uint32_t copy(struct espalier_sim *sim, uint64_t src, uint64_t dst,
		     unsigned int beats, unsigned int bursts, uint16_t strb)
{
	wr(sim, COPY_SRC_LO, (uint32_t)src);
	wr(sim, COPY_SRC_LO + 4, (uint32_t)(src >> 32));
	wr(sim, COPY_DST_LO, (uint32_t)dst);
	wr(sim, COPY_DST_LO + 4, (uint32_t)(dst >> 32));
	wr(sim, COPY_GO, beats | bursts << 9 | (uint32_t)strb << 16);
	espalier_sim_run(sim, 100000, true);
	EXPECT(espalier_sim_idle(sim));
	EXPECT(!(rd(sim, COPY_GO) & 1));
	return rd(sim, COPY_GO) >> 8;
}

/* ---------------------------------------------------------------- registers */

static void t_registers(void)
{
	struct espalier_sim *sim = create(NULL);

	EXPECT(rd(sim, ESPALIER_REG_ID) == ESPALIER_ID_RESET_VALUE);
	wr(sim, ESPALIER_REG_SCRATCH, 0x12345678);
	EXPECT(rd(sim, ESPALIER_REG_SCRATCH) == 0x12345678);
	espalier_sim_reset(sim);
	EXPECT(rd(sim, ESPALIER_REG_SCRATCH) == 0);
	espalier_sim_destroy(sim);
}

static void t_device_tree(void)
{
	struct espalier_sim *sim = NULL;
	struct espalier_err err;
	uint8_t bad[64] = { 0 };

	EXPECT(espalier_sim_create(blob, blob_size, "/ethernet@50000000", NULL,
				   &sim, &err) == -EPROTO);
	EXPECT(strstr(err.text, "espalier,num-queues") &&
	       strstr(err.text, "8") && strstr(err.text, "4"));
	EXPECT(espalier_sim_create(blob, blob_size, "/nothing", NULL, &sim,
				   &err) == -EINVAL);
	EXPECT(strstr(err.text, "/nothing"));
	EXPECT(espalier_sim_create(bad, sizeof(bad), NULL, NULL, &sim, &err) ==
	       -EINVAL);
	EXPECT(espalier_sim_create(blob, 40, NULL, NULL, &sim, &err) ==
	       -EINVAL);
	EXPECT(!sim);
}

/* -------------------------------------------------------------------- idle */

static void t_idle(void)
{
	struct espalier_sim *sim = create(NULL);
	struct espalier_bus *bus = espalier_sim_bus(sim);
	uint64_t c;

	espalier_sim_run(sim, 1000, true);
	EXPECT(espalier_sim_idle(sim));
	c = espalier_sim_cycles(sim);
	EXPECT(c < 100);
	EXPECT(bus->ops->poll(bus) == 0);
	EXPECT(espalier_sim_cycles(sim) == c); /* no cycle for nothing */
	EXPECT(espalier_sim_run(sim, 777, false) == 777);
	wr(sim, IDLE_BLOCK, 1);
	EXPECT(bus->ops->poll(bus) > 0);
	wr(sim, IDLE_BLOCK, 0);
	EXPECT(bus->ops->poll(bus) == 0);
	espalier_sim_destroy(sim);
}

static void t_interrupts(void)
{
	struct espalier_sim *sim = create(NULL);
	struct espalier_bus *bus = espalier_sim_bus(sim);
	struct pollfd p = { .events = POLLIN };

	p.fd = bus->ops->irq_fd(bus, 2);
	EXPECT(p.fd >= 0 && bus->ops->irq_fd(bus, 17) == -EINVAL);
	EXPECT(poll(&p, 1, 0) == 0);
	wr(sim, IRQ, 1 << 2);
	espalier_sim_run(sim, 4, false);
	EXPECT(poll(&p, 1, 0) == 1);
	/* acknowledged without its cause cleared: comes again */
	EXPECT(bus->ops->irq_ack(bus, 2) == 0);
	EXPECT(poll(&p, 1, 0) == 1);
	wr(sim, IRQ, 0);
	espalier_sim_run(sim, 4, false);
	EXPECT(bus->ops->irq_ack(bus, 2) == 0);
	EXPECT(poll(&p, 1, 0) == 0);
	p.fd = bus->ops->irq_fd(bus, 0);
	EXPECT(poll(&p, 1, 0) == 0);
	wr(sim, IRQ, 1);
	espalier_sim_run(sim, 4, false);
	EXPECT(poll(&p, 1, 0) == 1);
	espalier_sim_destroy(sim);
}

/* ------------------------------------------------------------------ memory */

static void t_copy(void)
{
	struct espalier_sim *sim = create(NULL);
	struct espalier_dma a, b;
	uint64_t c;

	alloc(sim, 65536, &a);
	alloc(sim, 65536, &b);
	EXPECT(b.iova >= a.iova + a.size + 4096);
	for (size_t i = 0; i < a.size; i++)
		((uint8_t *)a.va)[i] = (uint8_t)(i * 7 + (i >> 8));
	c = espalier_sim_cycles(sim);
	EXPECT(copy(sim, a.iova, b.iova, 64, 64, 0xffff) == 0);
	c = espalier_sim_cycles(sim) - c;
	EXPECT(!memcmp(a.va, b.va, a.size));
	/* a word a cycle each way, and one latency at each end */
	EXPECT(c < 4096 + 200);
	EXPECT(espalier_sim_violations(sim) == 0);
	EXPECT(espalier_sim_mem(sim, b.iova + 10, 100) == (uint8_t *)b.va + 10);
	EXPECT(!espalier_sim_mem(sim, b.iova + 10, b.size));
	EXPECT(!espalier_sim_mem(sim, b.iova - 1, 1));
	espalier_sim_destroy(sim);
}

static void t_strobes(void)
{
	struct espalier_sim *sim = create(NULL);
	struct espalier_dma a, b;

	alloc(sim, 64, &a);
	alloc(sim, 59, &b);
	memset(a.va, 0x55, 64);
	EXPECT(copy(sim, a.iova, b.iova, 2, 2, 0x07ff) == 0);
	EXPECT(!memcmp(a.va, b.va, 59) && ((uint8_t *)b.va)[59] == 0);
	EXPECT(espalier_sim_violations(sim) == 0);
	/* one strobed byte beyond the last */
	EXPECT(copy(sim, a.iova, b.iova, 2, 2, 0x0fff) >> 8 == 1);
	EXPECT(espalier_sim_violations(sim) == 1);
	espalier_sim_destroy(sim);
}

static void t_violations(void)
{
	struct espalier_sim *sim = create(NULL);
	struct espalier_bus *bus = espalier_sim_bus(sim);
	struct espalier_dma a, b, c;
	uint64_t v;

	alloc(sim, 8000, &a);
	alloc(sim, 8000, &b);
	/* read beyond: one bad word in a burst of two */
	EXPECT(copy(sim, a.iova + 8000 - 16, b.iova, 2, 1, 0xffff) == 0x0001);
	EXPECT(espalier_sim_violations(sim) == 1);
	/* write beyond */
	EXPECT(copy(sim, a.iova, b.iova + 8000 - 16, 2, 1, 0xffff) == 0x0100);
	v = espalier_sim_violations(sim);
	EXPECT(v == 2);
	/* 4 KiB crossed by the read (both words refused) */
	EXPECT(copy(sim, a.iova + 4096 - 16, b.iova, 2, 1, 0xffff) == 0x0002);
	EXPECT(espalier_sim_violations(sim) == v + 1);
	/* ... and by the write: nothing is written */
	memset(a.va, 0x11, 64);
	memset((uint8_t *)b.va + 4080, 0xee, 32);
	EXPECT(copy(sim, a.iova, b.iova + 4080, 2, 1, 0xffff) == 0x0100);
	EXPECT(((uint8_t *)b.va)[4080] == 0xee &&
	       ((uint8_t *)b.va)[4096] == 0xee);
	EXPECT(espalier_sim_violations(sim) == v + 2);
	/* after free, also when something new was allocated since */
	c = a;
	bus->ops->dma_free(bus, &c);
	alloc(sim, 8192, &c);
	EXPECT(copy(sim, a.iova, b.iova, 1, 1, 0xffff) == 0x0001);
	EXPECT(espalier_sim_violations(sim) == v + 3);
	espalier_sim_destroy(sim);
}

static void t_faults(void)
{
	struct espalier_sim_opts o = { .seed = 3, .axi_error_ppm = 1000000 };
	struct espalier_sim *sim = create(NULL);
	struct espalier_dma a, b;

	alloc(sim, 4096, &a);
	alloc(sim, 4096, &b);
	espalier_sim_fail_at(sim, a.iova + 100, 8);
	EXPECT(copy(sim, a.iova, b.iova, 4, 8, 0xffff) == 0x0001);
	espalier_sim_fail_at(sim, b.iova, 4096);
	EXPECT(copy(sim, a.iova, b.iova, 4, 8, 0xffff) == 0x0801);
	espalier_sim_fail_at(sim, 0, 0);
	EXPECT(copy(sim, a.iova, b.iova, 4, 8, 0xffff) == 0);
	EXPECT(espalier_sim_violations(sim) == 0);
	espalier_sim_destroy(sim);
	sim = create(&o);
	alloc(sim, 4096, &a);
	alloc(sim, 4096, &b);
	EXPECT(copy(sim, a.iova, b.iova, 4, 8, 0xffff) == 0x0820);
	EXPECT(espalier_sim_violations(sim) == 0);
	espalier_sim_destroy(sim);
}

/* Any stalls and latencies: the same data; the same seed: the same cycles. */
static void t_stress(void)
{
	uint64_t cycles[2];

	for (uint64_t seed = 1; seed <= 20; seed++) {
		for (int pass = 0; pass < 2; pass++) {
			struct espalier_sim_opts o = {
				.seed = seed,
				.mem_latency_min = 1,
				.mem_latency_max = (unsigned int)seed * 10,
				.stall_percent = (unsigned int)seed * 4,
			};
			struct espalier_sim *sim = create(&o);
			struct espalier_dma a, b;

			alloc(sim, 16384, &a);
			alloc(sim, 16384, &b);
			for (size_t i = 0; i < a.size; i++)
				((uint8_t *)a.va)[i] = (uint8_t)(i ^ i >> 7);
			EXPECT(copy(sim, a.iova, b.iova, 16, 64, 0xffff) == 0);
			EXPECT(!memcmp(a.va, b.va, a.size));
			EXPECT(espalier_sim_violations(sim) == 0);
			cycles[pass] = espalier_sim_cycles(sim);
			espalier_sim_destroy(sim);
		}
		EXPECT(cycles[0] == cycles[1]);
	}
}

/* -------------------------------------------------------------------- wire */

struct sink {
	unsigned int frames, bad;
	size_t expect_len;
};

static void fill(uint8_t *buf, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf[i] = (uint8_t)(len + i * 3);
}

static void sink_send(void *arg, const uint8_t *data, size_t len)
{
	struct sink *s = arg;
	uint8_t want[9216];

	fill(want, len);
	if (len != s->expect_len || memcmp(want, data, len))
		s->bad++;
	s->frames++;
	s->expect_len++;
}

static const struct espalier_wire_ops sink_ops = { .send = sink_send };

static void t_wire_loop(unsigned int stall)
{
	struct espalier_sim_opts o = { .seed = 9, .wire_stall_percent = stall };
	struct espalier_sim *sim = create(&o);
	struct espalier_sim_wire_stats st;
	struct sink sink = { .expect_len = 14 };
	uint8_t buf[9216];
	uint64_t words = 0;

	espalier_sim_wire(sim, &sink_ops, &sink);
	for (size_t len = 14; len <= 2000; len++) {
		fill(buf, len);
		EXPECT(!espalier_sim_inject(sim, buf, len, false));
		words += (len + 15) / 16;
	}
	espalier_sim_run(sim, 10000000, true);
	EXPECT(espalier_sim_idle(sim));
	EXPECT(sink.frames == 1987 && !sink.bad);
	espalier_sim_wire_stats(sim, &st, true);
	EXPECT(st.tx_frames == 1987 && st.rx_frames == 1987);
	EXPECT(st.tx_beats == words && st.rx_beats == words);
	EXPECT(st.tx_bytes == st.rx_bytes);
	EXPECT(st.rx_last - st.rx_first + 1 >= words);
	if (!stall) { /* back to back, not one cycle lost */
		EXPECT(st.tx_last - st.tx_first + 1 == words);
		EXPECT(st.tx_stall == 0);
		EXPECT(st.rx_last - st.rx_first + 1 == words);
	} else {
		EXPECT(st.tx_last - st.tx_first + 1 > words);
	}
	EXPECT(espalier_sim_inject(sim, buf, 100, true) == 0);
	sink.expect_len = 100;
	fill(buf, 100);
	espalier_sim_run(sim, 1000, true);
	EXPECT(rd(sim, MAC_ERRORS) == 1);
	EXPECT(espalier_sim_inject(sim, buf, 0, false) == -EINVAL);
	espalier_sim_destroy(sim);
}

static void t_wire(void)
{
	t_wire_loop(0);
	t_wire_loop(60);
}

static void t_dgram(void)
{
	struct espalier_sim *sim = create(NULL);
	struct espalier_bus *bus = espalier_sim_bus(sim);
	struct pollfd p = { .events = POLLIN };
	uint8_t out[1500], in[2000];
	int fd[2];

	EXPECT(!socketpair(AF_UNIX, SOCK_DGRAM, 0, fd));
	EXPECT(!espalier_sim_wire_dgram(sim, fd[0]));
	while (bus->ops->poll(bus) > 0)
		;
	p.fd = espalier_sim_wire_fd(sim);
	EXPECT(poll(&p, 1, 0) == 0);
	for (size_t len = 14; len <= 1500; len += 31) {
		fill(out, len);
		EXPECT(send(fd[1], out, len, 0) == (ssize_t)len);
		EXPECT(poll(&p, 1, 0) == 1);
		while (bus->ops->poll(bus) > 0)
			;
		EXPECT(recv(fd[1], in, sizeof(in), MSG_DONTWAIT) ==
		       (ssize_t)len);
		EXPECT(!memcmp(in, out, len));
	}
	EXPECT(poll(&p, 1, 0) == 0);
	espalier_sim_destroy(sim);
	EXPECT(recv(fd[1], in, sizeof(in), MSG_DONTWAIT) <= 0);
	close(fd[1]);
	EXPECT(!socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
	sim = create(NULL);
	EXPECT(espalier_sim_wire_dgram(sim, fd[0]) == -EPROTOTYPE);
	espalier_sim_destroy(sim);
	close(fd[0]);
	close(fd[1]);
}

/* A network namespace of our own: false when that is not allowed here. */
static bool own_network(void)
{
	if (unshare(CLONE_NEWNET))
		return false;
	return !system("ip link set lo up && "
		       "ip link add v0 type veth peer name v1 && "
		       "for i in v0 v1; do "
		       "sysctl -qw net.ipv6.conf.$i.disable_ipv6=1; "
		       "ip link set $i arp off up; done");
}

/* An interface that was told to be up drops what is sent through it until the
 * kernel has found time to give it a queue. */
static bool link_ready(const char *ifname)
{
	time_t end = now() + DEADLINE_S;
	char cmd[128];

	snprintf(cmd, sizeof(cmd),
		 "ip -o link show dev %s up | grep -qv 'qdisc noop '", ifname);
	while (system(cmd))
		if (now() > end)
			return false;
	return true;
}

static int raw_socket(const char *ifname)
{
	struct sockaddr_ll sll = { .sll_family = AF_PACKET,
				   .sll_protocol = htons(ETH_P_ALL),
				   .sll_ifindex = (int)if_nametoindex(ifname) };
	static const int one = 1;
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	EXPECT(!setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one,
			   sizeof(one)));
	EXPECT(!bind(fd, (struct sockaddr *)&sll, sizeof(sll)));
	return fd;
}

/* A frame crosses the kernel when the kernel finds time for it: give the
 * device time until @peer has its answer. */
static ssize_t answer(struct espalier_bus *bus, int peer, uint8_t *in,
		      size_t size)
{
	struct pollfd p = { .fd = peer, .events = POLLIN };
	time_t end = now() + DEADLINE_S;

	while (now() < end) {
		while (bus->ops->poll(bus) > 0)
			;
		if (poll(&p, 1, 1) > 0)
			return recv(peer, in, size, MSG_DONTWAIT);
	}
	return -1;
}

/* What leaves through the interface must not come back in: the block loops
 * every frame, so one that did would go round for ever. */
static void interface_loop(struct espalier_sim *sim, int peer)
{
	struct espalier_bus *bus = espalier_sim_bus(sim);
	struct espalier_sim_wire_stats st;
	uint8_t out[1514], in[2000];

	for (size_t len = 60; len <= 1514; len += 101) {
		fill(out, len);
		memcpy(out, "\x02\0\0\0\0\x09\x02\0\0\0\0\x08\x08\0", 14);
		EXPECT(write(peer, out, len) == (ssize_t)len);
		EXPECT(answer(bus, peer, in, sizeof(in)) == (ssize_t)len);
		EXPECT(!memcmp(in, out, len));
	}
	EXPECT(bus->ops->poll(bus) == 0);
	espalier_sim_wire_stats(sim, &st, false);
	EXPECT(st.rx_frames == 15 && st.tx_frames == 15);
}

static void t_interfaces(void)
{
	struct espalier_sim *sim;
	int fd;

	if (!own_network()) {
		suite_skip("no network namespaces here");
		return;
	}
	sim = create(NULL);
	EXPECT(espalier_sim_wire_packet(sim, "nothing") == -ENODEV);
	EXPECT(link_ready("v0") && link_ready("v1"));
	EXPECT(!espalier_sim_wire_packet(sim, "v0"));
	fd = raw_socket("v1");
	interface_loop(sim, fd);
	close(fd);
	espalier_sim_destroy(sim);

	sim = create(NULL);
	if (espalier_sim_wire_tap(sim, "t0")) {
		suite_skip("no /dev/net/tun here");
	} else {
		EXPECT(!system("sysctl -qw net.ipv6.conf.t0.disable_ipv6=1; "
			       "ip link set t0 arp off up"));
		EXPECT(link_ready("t0"));
		fd = raw_socket("t0");
		interface_loop(sim, fd);
		close(fd);
	}
	espalier_sim_destroy(sim);
}

#define PRESSURE_FRAMES 500
#define PRESSURE_PASSED 4000

/* Shared by the two ends. Either may be starved for as long as the machine
 * likes: each goes on, and keeps its socket open, until both are through. */
struct pressure {
	atomic_bool through[2];
};

/* The counters of the wire say that the other end took every frame. */
static bool none_lost(struct espalier_sim *sim, int end)
{
	char path[512], text[4096] = "";
	bool ok;
	FILE *f;

	snprintf(path, sizeof(path), "%s/pressure%d.json", dir, end);
	ok = !espalier_sim_counters(sim, path);
	f = fopen(path, "r");
	ok = ok && f && fread(text, 1, sizeof(text) - 1, f) > 100 &&
	     strstr(text, "\"lost\": 0,\n      \"oversize\": 0");
	if (f)
		fclose(f);
	return ok;
}

/* One end of a wire that holds a few frames only; both ends loop, so that both
 * send and receive all the time. Returns true when nothing was lost. */
static bool pressure_end(int fd, int end, struct pressure *both)
{
	struct espalier_sim *sim = create(NULL);
	struct espalier_sim_wire_stats st;
	time_t late = now() + DEADLINE_S;
	int small = 8192;
	uint8_t buf[1500];
	bool ok;

	ok = !espalier_sim_wire_dgram(sim, fd) &&
	     !setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	fill(buf, sizeof(buf));
	for (int i = 0; end == 0 && i < PRESSURE_FRAMES; i++)
		ok = ok && !espalier_sim_inject(sim, buf, sizeof(buf), false);
	do {
		espalier_sim_run(sim, 1000, false);
		espalier_sim_wire_stats(sim, &st, false);
		if (st.rx_frames > PRESSURE_PASSED && !both->through[end]) {
			ok = ok && none_lost(sim, end);
			both->through[end] = true;
		}
	} while (!(both->through[0] && both->through[1]) && now() < late);
	ok = ok && both->through[end];
	espalier_sim_destroy(sim);
	return ok;
}

static void t_pressure(void)
{
	struct pressure *both =
		mmap(NULL, sizeof(*both), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int fd[2], status;
	pid_t child;

	EXPECT(both != MAP_FAILED);
	EXPECT(!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fd));
	child = fork();
	close(fd[child ? 1 : 0]);
	if (!child)
		_exit(!pressure_end(fd[1], 1, both));
	EXPECT(pressure_end(fd[0], 0, both));
	EXPECT(waitpid(child, &status, 0) == child && !status);
	munmap(both, sizeof(*both));
}

/* Frames of a capture go in, come back, and the capture of that has both
 * directions, readable by libpcap. */
static void t_pcap(void)
{
	char src[512], cap[512], err[PCAP_ERRBUF_SIZE];
	struct espalier_sim *sim = create(NULL);
	pcap_t *p = pcap_open_dead(DLT_EN10MB, 65535);
	struct pcap_pkthdr h, *hp;
	unsigned int n = 0, of_len[120] = { 0 };
	uint8_t buf[256];
	const u_char *data;
	pcap_dumper_t *d;

	snprintf(src, sizeof(src), "%s/in.pcap", dir);
	snprintf(cap, sizeof(cap), "%s/out.pcapng", dir);
	d = pcap_dump_open(p, src);
	EXPECT(d != NULL);
	for (size_t len = 20; len < 120; len++) {
		h = (struct pcap_pkthdr){ .caplen = (bpf_u_int32)len,
					  .len = (bpf_u_int32)len };
		fill(buf, len);
		pcap_dump((u_char *)d, &h, buf);
	}
	pcap_dump_close(d);
	pcap_close(p);
	EXPECT(espalier_sim_wire_pcap(sim, "/nonexistent") == -ENOENT);
	EXPECT(!espalier_sim_wire_pcap(sim, src));
	EXPECT(!espalier_sim_capture(sim, cap));
	while (espalier_sim_bus(sim)->ops->poll(espalier_sim_bus(sim)) > 0)
		;
	EXPECT(!espalier_sim_capture(sim, NULL));
	espalier_sim_destroy(sim);
	p = pcap_open_offline(cap, err);
	EXPECT(p != NULL);
	while (p && pcap_next_ex(p, &hp, &data) == 1) {
		fill(buf, hp->len);
		EXPECT(hp->caplen == hp->len && !memcmp(buf, data, hp->len));
		n++;
		if (hp->len < 120)
			of_len[hp->len]++;
	}
	EXPECT(n == 200);
	for (size_t len = 20; len < 120; len++) /* in, then out again */
		EXPECT(of_len[len] == 2);
	if (p)
		pcap_close(p);
}

static void t_counters_trace(void)
{
	struct espalier_sim *sim = create(NULL);
	char path[512], text[4096] = "";
	FILE *f;

	snprintf(path, sizeof(path), "%s/counters.json", dir);
	EXPECT(!espalier_sim_counters(sim, path));
	f = fopen(path, "r");
	EXPECT(f && fread(text, 1, sizeof(text) - 1, f) > 100);
	if (f)
		fclose(f);
	EXPECT(strstr(text, "\"violations\": 0"));
	EXPECT(espalier_sim_counters(sim, "/nonexistent/x") == -EIO);
	snprintf(path, sizeof(path), "%s/x.fst", dir);
	unlink(path);
#ifdef TRACE
	EXPECT(espalier_sim_trace(sim, path, 100, 90) == -EINVAL);
	EXPECT(!espalier_sim_trace(sim, path, 100, 200));
	espalier_sim_run(sim, 300, false);
	f = fopen(path, "r");
	EXPECT(f && fread(text, 1, sizeof(text), f) > 100);
	if (f)
		fclose(f);
#else
	EXPECT(espalier_sim_trace(sim, path, 100, 200) == -ENOTSUP);
#endif
	espalier_sim_destroy(sim);
}

static const struct test_case cases[] = {
	{ "registers", t_registers },
	{ "device_tree", t_device_tree },
	{ "idle", t_idle },
	{ "interrupts", t_interrupts },
	{ "copy", t_copy },
	{ "strobes", t_strobes },
	{ "violations", t_violations },
	{ "faults", t_faults },
	{ "stress", t_stress },
	{ "wire", t_wire },
	{ "dgram", t_dgram },
	{ "pressure", t_pressure },
	{ "interfaces", t_interfaces },
	{ "pcap", t_pcap },
	{ "counters_trace", t_counters_trace },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	char path[] = "/tmp/test_sim.XXXXXX", cmd[64];
	FILE *f = fopen(STUB_DTB, "rb");
	int ret;

	if (!f) {
		fprintf(stderr, "no device tree blob %s\n", STUB_DTB);
		return 1;
	}
	blob_size = fread(blob, 1, sizeof(blob), f);
	fclose(f);
	dir = mkdtemp(path);
	if (!dir)
		return 1;
	ret = suite_run("test_sim", cases, argc, argv);
	snprintf(cmd, sizeof(cmd), "rm -r %s", path);
	if (!ret && system(cmd))
		ret = 1;
	return ret;
}
