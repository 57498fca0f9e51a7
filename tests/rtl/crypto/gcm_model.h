/* SPDX-License-Identifier: Apache-2.0 */
/* A Verilated gcm_core with one client. */
#ifndef GCM_MODEL_H
#define GCM_MODEL_H

#include "Vgcm_core.h"
#include "gcm_client.h"

GCM_PORT(gcm_core_port, Vgcm_core, );

class gcm_model
{
      public:
	Vgcm_core top;
	uint64_t cycle = 0;
	unsigned int stray = 0; /* of the last run */
	gcm_client<gcm_core_port> client;

	gcm_model() : client(gcm_core_port{ &top })
	{
		top.clk = 0;
		top.key_valid = 0;
		top.rst = 1;
		for (int i = 0; i < 4; i++)
			tick();
		top.rst = 0;
		tick();
	}

	void tick()
	{
		top.clk = 1;
		top.eval();
		top.clk = 0;
		top.eval();
		cycle++;
	}

	unsigned int key_command(unsigned int idx, const gcm_key *key)
	{
		return gcm_key_command(*this, idx, key);
	}

	/* Runs packets back to back, or with random pauses below gap cycles. */
	std::vector<gcm_result> run(const std::vector<gcm_packet> &pkts,
				    uint64_t *first_slot, unsigned int gap = 0)
	{
		client.start(pkts, gap, cycle);
		while (!client.finished() &&
		       cycle - client.moved < 3000 * GCM_CYCLES) {
			client.drive();
			top.eval();
			client.before_edge(cycle);
			tick();
			client.collect(cycle);
		}
		client.drive();
		tick();
		stray = client.stray + !top.idle;
		if (first_slot)
			*first_slot = gcm_first_slot(client.first_cmd);
		return client.res;
	}
};

#endif
