// SPDX-License-Identifier: Apache-2.0
//
// The only C++ of the simulation. Built once for every model (SHIM_TRACE and
// SHIM_COV say what the model has).
#include "shim.h"
#include "Vespalier.h"
#include "Vespalier___024root.h"
#include "verilated.h"
#if SHIM_TRACE
#include "verilated_fst_c.h"
#endif
#if SHIM_COV
#include "verilated_cov.h"
#include <string>
#include <unistd.h>
#endif
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>

// Verilator's runtime asks for it when nobody defines sc_time_stamp().
double sc_time_stamp()
{
	return 0;
}

// One thread: a pool would stand idle, and take signals that are not its own.
struct context : VerilatedContext {
	context()
	{
		threads(1);
	}
};

// ESPALIER_SIM_UNGATED in the environment: clock every room in every cycle. The
// cycles are the same, only slower.
static const uint32_t ROOMS = 0x7fff;
static const unsigned int NROOMS = 15;

// A cycle by way of eval() costs two evaluations, each of which settles what
// depends on inputs and looks for edges of all clocks. Both are known here: the
// inputs change once a cycle, and the edges are those of `clk` and `wake`. With
// the one version of Verilator whose inside is known, a model without traces is
// therefore run by its two parts, which sim/parts.awk takes out of it; with any
// other, with traces, and with ESPALIER_SIM_EVAL in the environment by eval(). The
// cycles are the same, only slower.
#if VERILATOR_VERSION_INTEGER == 5006000 && !SHIM_TRACE
#define SHIM_PARTS 1
#include "Vespalier__Syms.h"
#include "parts.inc"
void Vespalier___024root___eval_ico(Vespalier___024root *);
void Vespalier___024root___eval_triggers__act(Vespalier___024root *);
#else
#define SHIM_PARTS 0
#endif

struct shim {
	context ctx;
	Vespalier top{ &ctx, "espalier" };
	uint64_t cycle = 0;
	bool ungated = getenv("ESPALIER_SIM_UNGATED") != nullptr;
	bool axil = false; // registers were used in the cycle before
#if SHIM_PARTS
	bool whole = getenv("ESPALIER_SIM_EVAL") != nullptr;
	// Triggers of the model, `clk` and those of rooms 0..7 and 8..15
	uint32_t triggers[2][256];
	uint32_t inputs = ~0u; // of the cycle before, without data
#endif
#if SHIM_TRACE
	VerilatedFstC *fst = nullptr;
#endif
};

#if SHIM_PARTS
// Which trigger is whose: one clock at a time is raised, and nothing is run.
static void find_triggers(struct shim *s)
{
	auto *r = s->top.rootp;
	const unsigned int n = sizeof(r->__VactTriggered);
	uint32_t of[NROOMS + 1] = {};

	static_assert(sizeof(r->__VactTriggered) <= 32, "triggers are bits");
	s->top.eval();
	for (unsigned int i = 0; i <= NROOMS; i++) {
		r->clk = i == NROOMS;
		r->clk_room = i == NROOMS ? 0 : 1u << i;
		r->__VicoTriggered.at(0) = true;
		Vespalier___024root___eval_ico(r);
		Vespalier___024root___eval_triggers__act(r);
		for (unsigned int k = 0; k < n; k++)
			if (r->__VactTriggered.at(k))
				of[i] |= 1u << k;
		if (of[i] & (of[i] - 1))
			abort(); // a clock is one trigger
		r->clk = 0;
		r->clk_room = 0;
		Vespalier___024root___eval_ico(r);
		Vespalier___024root___eval_triggers__act(r);
	}
	for (unsigned int v = 0; v < 256; v++) {
		s->triggers[0][v] = of[NROOMS];
		s->triggers[1][v] = 0;
		for (unsigned int i = 0; i < NROOMS; i++)
			if (v >> i % 8 & 1)
				s->triggers[i / 8][v] |= of[i];
	}
}
#endif

struct shim *shim_create(void)
{
	try {
		auto *s = new shim;
#if SHIM_TRACE
		s->ctx.traceEverOn(true);
#endif
#if SHIM_PARTS
		find_triggers(s);
#endif
		return s;
	} catch (const std::bad_alloc &) {
		return nullptr;
	}
}

void shim_destroy(struct shim *s)
{
	if (!s)
		return;
	shim_trace_close(s);
	s->top.final();
#if SHIM_COV
	if (const char *dir = getenv("ESPALIER_COV_DIR")) {
		static int count;
		std::string path = std::string(dir) + "/cov-" +
				   std::to_string(getpid()) + "-" +
				   std::to_string(count++) + ".dat";
		s->ctx.coveragep()->write(path.c_str());
	}
#endif
	// A model takes its scopes from the context of the thread, which is that
	// of the model made or destroyed last.
	Verilated::threadContextp(&s->ctx);
	delete s;
}

void shim_cycle(struct shim *s, const struct shim_in *in, struct shim_out *out)
{
	// Members of the root are reached directly; those of the class are
	// references, one more load for each.
	auto *r = s->top.rootp;

	r->rst = in->rst;
	// Registers are hardly ever used.
	const bool axil = in->axil_awvalid | in->axil_wvalid | in->axil_bready |
			  in->axil_arvalid | in->axil_rready;
	const bool axil_changed = axil || s->axil;
	if (axil_changed) {
		r->s_axil_awvalid = in->axil_awvalid;
		r->s_axil_awaddr = in->axil_awaddr;
		r->s_axil_wvalid = in->axil_wvalid;
		r->s_axil_wdata = in->axil_wdata;
		r->s_axil_wstrb = 0xf;
		r->s_axil_bready = in->axil_bready;
		r->s_axil_arvalid = in->axil_arvalid;
		r->s_axil_araddr = in->axil_araddr;
		r->s_axil_rready = in->axil_rready;
		s->axil = axil;
	}
	r->m_axi_awready = in->axi_awready;
	r->m_axi_wready = in->axi_wready;
	r->m_axi_bvalid = in->axi_bvalid;
	r->m_axi_bid = in->axi_bid;
	r->m_axi_bresp = in->axi_bresp;
	r->m_axi_arready = in->axi_arready;
	r->m_axi_rvalid = in->axi_rvalid;
	if (in->axi_rvalid) {
		r->m_axi_rid = in->axi_rid;
		r->m_axi_rresp = in->axi_rresp;
		r->m_axi_rlast = in->axi_rlast;
		memcpy(&r->m_axi_rdata[0], in->axi_rdata, 16);
	}
	r->s_axis_wire_tvalid = in->wire_tvalid;
	if (in->wire_tvalid) {
		r->s_axis_wire_tlast = in->wire_tlast;
		r->s_axis_wire_tuser = in->wire_tuser;
		r->s_axis_wire_tkeep = in->wire_tkeep;
		memcpy(&r->s_axis_wire_tdata[0], in->wire_tdata, 16);
	}
	r->m_axis_wire_tready = in->wire_tready;

	bool parts = false;
#if SHIM_PARTS
	const uint32_t inputs = in->rst | in->axi_awready << 1 |
				in->axi_wready << 2 | in->axi_arready << 3 |
				in->wire_tready << 4 | in->axi_bvalid << 5 |
				in->axi_rvalid << 6 | in->wire_tvalid << 7;
	const bool changed = inputs != s->inputs || axil_changed ||
			     in->axi_bvalid || in->wire_tvalid ||
			     (parts_ico_rdata && in->axi_rvalid);
	s->inputs = inputs;
	parts = !s->whole;
	if (parts)
		parts_ico(r, changed);
#endif
	if (!parts) {
		r->look = 1;
		r->clk = 0;
		r->clk_room = 0;
		s->top.eval();
	}
#if SHIM_TRACE
	if (s->fst)
		s->fst->dump(s->cycle * 10);
#endif

	out->irq = r->irq;
	out->idle = r->idle;
	if (axil) {
		out->axil_awready = r->s_axil_awready;
		out->axil_wready = r->s_axil_wready;
		out->axil_bvalid = r->s_axil_bvalid;
		out->axil_bresp = r->s_axil_bresp;
		out->axil_arready = r->s_axil_arready;
		out->axil_rvalid = r->s_axil_rvalid;
		out->axil_rdata = r->s_axil_rdata;
		out->axil_rresp = r->s_axil_rresp;
	}
	out->axi_awvalid = r->m_axi_awvalid;
	if (out->axi_awvalid) {
		out->axi_awid = r->m_axi_awid;
		out->axi_awaddr = r->m_axi_awaddr;
		out->axi_awlen = r->m_axi_awlen;
		out->axi_awsize = r->m_axi_awsize;
		out->axi_awburst = r->m_axi_awburst;
	}
	out->axi_wvalid = r->m_axi_wvalid;
	if (out->axi_wvalid) {
		memcpy(out->axi_wdata, &r->m_axi_wdata[0], 16);
		out->axi_wstrb = r->m_axi_wstrb;
		out->axi_wlast = r->m_axi_wlast;
	}
	out->axi_bready = r->m_axi_bready;
	out->axi_arvalid = r->m_axi_arvalid;
	if (out->axi_arvalid) {
		out->axi_arid = r->m_axi_arid;
		out->axi_araddr = r->m_axi_araddr;
		out->axi_arlen = r->m_axi_arlen;
		out->axi_arsize = r->m_axi_arsize;
		out->axi_arburst = r->m_axi_arburst;
	}
	out->axi_rready = r->m_axi_rready;
	out->wire_tvalid = r->m_axis_wire_tvalid;
	if (out->wire_tvalid) {
		memcpy(out->wire_tdata, &r->m_axis_wire_tdata[0], 16);
		out->wire_tkeep = r->m_axis_wire_tkeep;
		out->wire_tlast = r->m_axis_wire_tlast;
	}
	out->wire_tready = r->s_axis_wire_tready;

	// A room that has nothing to do gets no edge, and costs nothing.
	const uint32_t edges = s->ungated ? ROOMS : r->wake;
#if SHIM_PARTS
	// `look` stays low: `wake` is settled, and will be again before it is read.
	if (parts)
		parts_nba(r, s->triggers[0][edges & 0xff] |
				     s->triggers[1][edges >> 8]);
#endif
	if (!parts) {
		r->clk = 1;
		r->clk_room = edges;
		s->top.eval();
	}
#if SHIM_TRACE
	if (s->fst)
		s->fst->dump(s->cycle * 10 + 5);
#endif
	s->cycle++;
}

int shim_trace_open(struct shim *s, const char *path)
{
#if SHIM_TRACE
	if (s->fst)
		return -EBUSY;
	s->fst = new VerilatedFstC;
	s->top.trace(s->fst, 99);
	s->fst->open(path);
	if (!s->fst->isOpen()) {
		delete s->fst;
		s->fst = nullptr;
		return -EIO;
	}
	return 0;
#else
	(void)s;
	(void)path;
	return -ENOTSUP;
#endif
}

void shim_trace_close(struct shim *s)
{
#if SHIM_TRACE
	if (!s->fst)
		return;
	s->fst->close();
	delete s->fst;
	s->fst = nullptr;
#else
	(void)s;
#endif
}
