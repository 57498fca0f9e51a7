// SPDX-License-Identifier: Apache-2.0
#include "pair.h"
#include "suite.h"

void pair_open(struct pair *p, const struct nic_opts *opts,
	       const struct espalier_sa *sa, unsigned int window)
{
	struct espalier_sa out = sa ? *sa : gen_plain_sa(ESPALIER_DIR_OUT, 0);
	struct espalier_sa in = gen_mirror(&out, window);

	nic_open(&p->a, opts);
	nic_open(&p->b, opts);
	nic_link(&p->a, &p->b);
	p->out = nic_sa_add(&p->a, &out);
	p->in = nic_sa_add(&p->b, &in);
	nic_any(&p->a, ESPALIER_DIR_OUT, ESPALIER_PROTECT, 100, p->out,
		p->policy);
	nic_any(&p->b, ESPALIER_DIR_IN, ESPALIER_PROTECT, 100, in.reqid, NULL);
}

void pair_close(struct pair *p)
{
	nic_close(&p->a);
	nic_close(&p->b);
}

void pair_settle(struct pair *p)
{
	bool busy;

	do {
		busy = nic_step(&p->a);
		busy |= nic_step(&p->b);
	} while (busy || !espalier_sim_idle(p->a.sim) ||
		 !espalier_sim_idle(p->b.sim));
	nic_collect(&p->a);
	nic_collect(&p->b);
}

bool pair_through(const struct pair *p, size_t i, const uint8_t *frame,
		  size_t len)
{
	return i < p->b.nrx && ref_same(frame, len, p->b.rx[i].frame.data,
					p->b.rx[i].frame.len, false);
}
