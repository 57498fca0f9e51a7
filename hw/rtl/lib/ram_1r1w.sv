// SPDX-License-Identifier: Apache-2.0
//
// ram_1r1w: simple dual-port block RAM, one write and one read port, one clock.
//
// Latency: rdata is valid 1 + OUTREG cycles after a cycle with re = 1. With
// OUTREG = 1 the array output goes straight into a register, which keeps the
// slow block-RAM clock-to-out away from any logic: keep it unless the consumer
// registers at once. Throughput: one read and one write per cycle.
//
// A read of an address that is written in the same cycle returns an undefined
// value: the user excludes it or forwards.
module ram_1r1w #(
    parameter int WIDTH = 32,
    parameter int DEPTH = 512,
    parameter int OUTREG = 1,
    parameter int AW = (DEPTH > 1) ? $clog2(DEPTH) : 1
) (
    input  logic             clk,
    input  logic             we,
    input  logic [AW-1:0]    waddr,
    input  logic [WIDTH-1:0] wdata,
    input  logic             re,
    input  logic [AW-1:0]    raddr,
    output logic [WIDTH-1:0] rdata
);
  (* ram_style = "block", no_rw_check *)
  logic [WIDTH-1:0] mem[0:DEPTH-1];
  logic [WIDTH-1:0] q;

  always_ff @(posedge clk) begin
    if (we) mem[waddr] <= wdata;
  end

  always_ff @(posedge clk) begin
    if (re) q <= mem[raddr];
  end

  generate
    if (OUTREG != 0) begin : g_outreg
      logic [WIDTH-1:0] qq;
      always_ff @(posedge clk) qq <= q;
      assign rdata = qq;
    end else begin : g_direct
      assign rdata = q;
    end
  endgenerate
endmodule
