// SPDX-License-Identifier: Apache-2.0
//
// ram_narrow: ram_1r1w for a bit or two a word: the tool says whether block RAM is
// worth it. Latency: rdata is valid 2 cycles after a cycle with re = 1.
module ram_narrow #(
    parameter int WIDTH = 1,
    parameter int DEPTH = 128,
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
  (* no_rw_check *)
  logic [WIDTH-1:0] mem[0:DEPTH-1];
  logic [WIDTH-1:0] q;

  always_ff @(posedge clk) begin
    if (we) mem[waddr] <= wdata;
  end

  always_ff @(posedge clk) begin
    if (re) q <= mem[raddr];
    rdata <= q;
  end
endmodule
