// SPDX-License-Identifier: Apache-2.0
//
// ram_lut: small distributed RAM, one synchronous write port and one
// combinational read port. For FIFOs and delay lines of up to 64 entries.
module ram_lut #(
    parameter int WIDTH = 32,
    parameter int DEPTH = 16,
    parameter int AW = (DEPTH > 1) ? $clog2(DEPTH) : 1
) (
    input  logic             clk,
    input  logic             we,
    input  logic [AW-1:0]    waddr,
    input  logic [WIDTH-1:0] wdata,
    input  logic [AW-1:0]    raddr,
    output logic [WIDTH-1:0] rdata
);
  generate
    if (DEPTH == 1) begin : g_register
      logic [WIDTH-1:0] word;
      always_ff @(posedge clk) if (we) word <= wdata;
      assign rdata = word;
      logic unused;
      assign unused = &{1'b0, waddr, raddr};
    end else begin : g_memory
      (* ram_style = "distributed" *)
      logic [WIDTH-1:0] mem[0:DEPTH-1];

      always_ff @(posedge clk) begin
        if (we) mem[waddr] <= wdata;
      end

      assign rdata = mem[raddr];
    end
  endgenerate
endmodule
