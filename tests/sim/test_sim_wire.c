// SPDX-License-Identifier: Apache-2.0
/* The wire of the simulated device, and everything that can stand at its end.
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
#include "stub_sim.h"

/* What hangs fails; what is slow does not. */
#define DEADLINE_S 120

static time_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

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

static const struct test_case cases[] = {
	{ "wire", t_wire },	    { "dgram", t_dgram },
	{ "pressure", t_pressure }, { "interfaces", t_interfaces },
	{ "pcap", t_pcap },	    { NULL, NULL },
};

int main(int argc, char **argv)
{
	return stub_run("test_sim_wire", cases, argc, argv);
}
