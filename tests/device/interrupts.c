// SPDX-License-Identifier: Apache-2.0
/* Interrupts, coalesced and not, and the events behind them. */
#include <errno.h>
#include <poll.h>
#include "espalier_regs.h"
#include "nic.h"
#include "suite.h"

static struct nic nic;
static uint8_t frame[GEN_BUF];

static bool readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

static void interrupt_per_queue(void)
{
	nic_open_clear(&nic, NULL);
	for (unsigned int q = 0; q < nic.caps.queues; q++)
		MUST(espalier_queue_irq_arm(nic.dev, q) == 0);
	for (unsigned int q = 0; q < nic.caps.queues; q++) {
		struct espalier_coalesce one = { 1, 0, 1, 0, 1, 0 };

		MUST(espalier_queue_coalesce(nic.dev, q, &one) == 0);
		for (unsigned int o = 0; o < nic.caps.queues; o++)
			EXPECT(!readable(espalier_queue_fd(nic.dev, o)));
		MUST(nic_post(&nic, q, frame, gen_host_udp(frame, AF_INET, 90),
			      0, 0));
		espalier_sim_run(nic.sim, 5000, true);
		for (unsigned int o = 0; o < nic.caps.queues; o++)
			EXPECT_EQ(readable(espalier_queue_fd(nic.dev, o)),
				  o == q);
		nic_collect(&nic);
		MUST(espalier_queue_irq_arm(nic.dev, q) == 0);
		EXPECT(!readable(espalier_queue_fd(nic.dev, q)));
	}
	nic_close(&nic);
}

static void interrupt_coalescing_count(void)
{
	struct espalier_coalesce c = { .tx_count = 1,
				       .rx_count = 1,
				       .irq_count = 8,
				       .irq_cycles = 100000 };

	nic_open_clear(&nic, NULL);
	MUST(espalier_queue_coalesce(nic.dev, 0, &c) == 0);
	MUST(espalier_queue_irq_arm(nic.dev, 0) == 0);
	for (int i = 0; i < 7; i++) {
		MUST(nic_post(&nic, 0, frame, gen_host_udp(frame, AF_INET, 90),
			      0, 0));
		espalier_sim_run(nic.sim, 1000, false);
		nic_collect(&nic);
	}
	EXPECT_EQ(nic.ndone, 7);
	EXPECT(!readable(espalier_queue_fd(nic.dev, 0)));
	MUST(nic_post(&nic, 0, frame, gen_host_udp(frame, AF_INET, 90), 0, 0));
	espalier_sim_run(nic.sim, 1000, false);
	EXPECT(readable(espalier_queue_fd(nic.dev, 0)));
	nic_close(&nic);
}

static void interrupt_coalescing_time(void)
{
	struct espalier_coalesce c = { .tx_count = 1,
				       .rx_count = 1,
				       .irq_count = 64,
				       .irq_cycles = 5000 };

	nic_open_clear(&nic, NULL);
	MUST(espalier_queue_coalesce(nic.dev, 0, &c) == 0);
	MUST(espalier_queue_irq_arm(nic.dev, 0) == 0);
	MUST(nic_post(&nic, 0, frame, gen_host_udp(frame, AF_INET, 90), 0, 0));
	espalier_sim_run(nic.sim, 3000, false);
	EXPECT(!readable(espalier_queue_fd(nic.dev, 0)));
	espalier_sim_run(nic.sim, 4000, false);
	EXPECT(readable(espalier_queue_fd(nic.dev, 0)));
	nic_close(&nic);
}

static void completions_coalesce(void)
{
	struct espalier_coalesce c = {
		.tx_count = 4, .tx_cycles = 8000, .rx_count = 1, .irq_count = 1
	};

	nic_open_clear(&nic, NULL);
	MUST(espalier_queue_coalesce(nic.dev, 0, &c) == 0);
	for (int i = 0; i < 3; i++)
		MUST(nic_post(&nic, 0, frame, gen_host_udp(frame, AF_INET, 90),
			      0, 0));
	espalier_sim_run(nic.sim, 2000, false);
	nic_collect(&nic);
	EXPECT_EQ(nic.ndone, 0); /* held back */
	MUST(nic_post(&nic, 0, frame, gen_host_udp(frame, AF_INET, 90), 0, 0));
	espalier_sim_run(nic.sim, 1000, false);
	nic_collect(&nic);
	EXPECT_EQ(nic.ndone, 4);
	MUST(nic_post(&nic, 0, frame, gen_host_udp(frame, AF_INET, 90), 0, 0));
	espalier_sim_run(nic.sim, 10000, false);
	nic_collect(&nic);
	EXPECT_EQ(nic.ndone, 5);
	nic_close(&nic);
}

static void interrupt_for_received(void)
{
	struct espalier_coalesce one = { 1, 0, 1, 0, 1, 0 };

	nic_open_clear(&nic, NULL);
	nic_reg_write(&nic, ESPALIER_REG_RSS, 0);
	MUST(espalier_queue_coalesce(nic.dev, 0, &one) == 0);
	MUST(espalier_queue_irq_arm(nic.dev, 0) == 0);
	EXPECT(!readable(espalier_queue_fd(nic.dev, 0)));
	nic_inject(&nic, frame, gen_host_udp(frame, AF_INET, 90));
	espalier_sim_run(nic.sim, 5000, true);
	EXPECT(readable(espalier_queue_fd(nic.dev, 0)));
	nic_collect(&nic);
	EXPECT_EQ(nic.nrx, 1);
	nic_close(&nic);
}

static void interrupt_for_event(void)
{
	struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_OUT, 0);
	struct espalier_event ev;
	uint32_t h;

	nic_open(&nic, NULL);
	sa.limits.soft_packets = 1;
	h = nic_sa_add(&nic, &sa);
	EXPECT(!nic_event(&nic, &ev));
	EXPECT(!readable(espalier_event_fd(nic.dev)));
	nic_out(&nic, frame, gen_host_udp(frame, AF_INET, 90), h);
	EXPECT(readable(espalier_event_fd(nic.dev)));
	MUST(nic_event(&nic, &ev));
	EXPECT_EQ(ev.type, ESPALIER_EV_SOFT_PACKETS);
	EXPECT_EQ(ev.sa, h);
	EXPECT(!nic_event(&nic, &ev));
	EXPECT(!readable(espalier_event_fd(nic.dev)));
	nic_close(&nic);
}

static void events_lost_are_told(void)
{
	struct espalier_event ev;
	int ret = 0, told = 0;

	nic_open(&nic, NULL);
	for (int i = 0; i < 200; i++) {
		struct espalier_sa sa = gen_plain_sa(ESPALIER_DIR_OUT, i);
		uint32_t h;

		sa.limits.soft_packets = 1;
		MUST(espalier_sa_add(nic.dev, &sa, &h) == 0);
		MUST(nic_post(&nic, 0, frame, gen_host_udp(frame, AF_INET, 64),
			      h, 0));
	}
	nic_settle(&nic);
	for (int i = 0; i < 400; i++) {
		ret = espalier_event_get(nic.dev, &ev);
		told += ret == -EOVERFLOW;
		if (ret == 0)
			break;
	}
	EXPECT_EQ(ret, 0);
	EXPECT_EQ(told, 1);
	nic_close(&nic);
}

static const struct test_case cases[] = {
	{ "interrupt_per_queue", interrupt_per_queue },
	{ "interrupt_coalescing_count", interrupt_coalescing_count },
	{ "interrupt_coalescing_time", interrupt_coalescing_time },
	{ "completions_coalesce", completions_coalesce },
	{ "interrupt_for_received", interrupt_for_received },
	{ "drv_9_interrupt_for_event", interrupt_for_event },
	{ "events_lost_are_told", events_lost_are_told },
	{ 0 },
};

int main(int argc, char **argv)
{
	return suite_run("interrupts", cases, argc, argv);
}
