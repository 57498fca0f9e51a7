/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The face of the Verilated class: the ports of `espalier` as two plain
 * structures, and one call per clock cycle. Everything else is C.
 *
 * A cycle: the inputs are applied with the clock low and evaluated, so that
 * outputs which depend on them settle; the outputs are copied; then the
 * rising edge is evaluated with the same inputs. The caller computes the next
 * inputs from the inputs and outputs of this cycle, as registers would. No
 * other evaluation takes place.
 */
#ifndef ESPALIER_SIM_SHIM_H
#define ESPALIER_SIM_SHIM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct shim_in {
	uint32_t axi_rdata[4];
	uint32_t wire_tdata[4];
	uint32_t axil_wdata;
	uint16_t axil_awaddr, axil_araddr;
	uint16_t wire_tkeep;
	uint8_t rst;
	uint8_t axil_awvalid, axil_wvalid, axil_bready;
	uint8_t axil_arvalid, axil_rready;
	uint8_t axi_awready, axi_wready;
	uint8_t axi_bvalid, axi_bid, axi_bresp;
	uint8_t axi_arready;
	uint8_t axi_rvalid, axi_rid, axi_rresp, axi_rlast;
	uint8_t wire_tvalid, wire_tlast, wire_tuser; /* into the device */
	uint8_t wire_tready; /* for what leaves the device */
};

struct shim_out {
	uint32_t axi_wdata[4];
	uint32_t wire_tdata[4];
	uint64_t axi_awaddr, axi_araddr;
	uint32_t axil_rdata;
	uint32_t irq;
	uint16_t axi_wstrb;
	uint16_t wire_tkeep;
	uint8_t axil_awready, axil_wready, axil_bvalid, axil_bresp;
	uint8_t axil_arready, axil_rvalid, axil_rresp;
	uint8_t axi_awvalid, axi_awid, axi_awlen, axi_awsize, axi_awburst;
	uint8_t axi_wvalid, axi_wlast, axi_bready;
	uint8_t axi_arvalid, axi_arid, axi_arlen, axi_arsize, axi_arburst;
	uint8_t axi_rready;
	uint8_t wire_tvalid, wire_tlast; /* out of the device */
	uint8_t wire_tready; /* for what enters the device */
	uint8_t idle;
};

struct shim;

struct shim *shim_create(void);
void shim_destroy(struct shim *shim);
/* Data outputs are copied only while their valid is high, and those of the
 * register port only in cycles in which it is used: one of its valids is high,
 * or a ready. */
void shim_cycle(struct shim *shim, const struct shim_in *in,
		struct shim_out *out);
/* 0, or -ENOTSUP when the model was built without traces */
int shim_trace_open(struct shim *shim, const char *path);
void shim_trace_close(struct shim *shim);

#ifdef __cplusplus
}
#endif
#endif /* ESPALIER_SIM_SHIM_H */
