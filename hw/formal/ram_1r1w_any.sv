// SPDX-License-Identifier: Apache-2.0
//
// ram_1r1w for proofs: like the real one, and a read of an address that is
// written in the same cycle gives any value at all, as its header warns. What
// is proven with it does not depend on how a block RAM settles that.
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
  logic [WIDTH-1:0] mem[0:DEPTH-1];
  logic [WIDTH-1:0] q, qq;
  (* anyseq *) logic [WIDTH-1:0] any;

  always_ff @(posedge clk) begin
    if (we) mem[waddr] <= wdata;
    if (re) q <= (we && waddr == raddr) ? any : mem[raddr];
    qq <= q;
  end
  assign rdata = (OUTREG != 0) ? qq : q;
endmodule
