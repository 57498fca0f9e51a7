// SPDX-License-Identifier: Apache-2.0
//
// gf128_mul_int: body of gf128_mul that is fast to simulate.
//
// A carry-less product of 32-bit words is made of integer multiplications of
// operands with three holes between any two bits: at most eight ones meet in a
// column, so a carry never reaches the next bit that is kept. The product is
// computed in one cycle and waits in a ring of STAGES entries.
module gf128_mul_int #(
    parameter int STAGES = 4
) (
    input  logic         clk,
    input  logic         rst,
    input  logic         s_valid,
    input  logic [127:0] a,
    input  logic [127:0] b,
    output logic [127:0] p
);
  localparam logic [31:0] M0 = 32'h11111111;
  localparam logic [63:0] W0 = 64'h1111111111111111;

  // Carry-less 32 x 32.
  function logic [63:0] clmul32(input logic [31:0] x, input logic [31:0] y);
    logic [63:0] x0, x1, x2, x3, y0, y1, y2, y3;
    x0 = {32'd0, x & M0};
    x1 = {32'd0, x & (M0 << 1)};
    x2 = {32'd0, x & (M0 << 2)};
    x3 = {32'd0, x & (M0 << 3)};
    y0 = {32'd0, y & M0};
    y1 = {32'd0, y & (M0 << 1)};
    y2 = {32'd0, y & (M0 << 2)};
    y3 = {32'd0, y & (M0 << 3)};
    clmul32 = (((x0 * y0) ^ (x1 * y3) ^ (x2 * y2) ^ (x3 * y1)) & W0) |
              (((x0 * y1) ^ (x1 * y0) ^ (x2 * y3) ^ (x3 * y2)) & (W0 << 1)) |
              (((x0 * y2) ^ (x1 * y1) ^ (x2 * y0) ^ (x3 * y3)) & (W0 << 2)) |
              (((x0 * y3) ^ (x1 * y2) ^ (x2 * y1) ^ (x3 * y0)) & (W0 << 3));
  endfunction

  // Three products of 64 bits, low halves, high halves and their sums. For Verilator
  // their number is a signal, so that it leaves the loop one: the code of a cycle is
  // what its speed hangs on.
  function logic [127:0] mul(input logic [1:0] turns, input logic [127:0] x,
                             input logic [127:0] y);
    logic [63:0] lo, hi, mid, l0, l1, h0, h1, m0, m1, r0, r1, r2;
    logic [63:0] u, v, u_next, v_next;
    u      = x[63:0];
    v      = y[63:0];
    u_next = x[127:64];
    v_next = y[127:64];
    {l0, l1, h0, h1, m0, m1} = '0;
`ifdef VERILATOR
    for (int turn = 0; turn < 32'(turns); turn++) begin
`else
    for (int turn = 0; turn < 3; turn++) begin
`endif
      lo     = clmul32(u[31:0], v[31:0]);
      hi     = clmul32(u[63:32], v[63:32]);
      mid    = clmul32(u[31:0] ^ u[63:32], v[31:0] ^ v[63:32]) ^ lo ^ hi;
      l0     = h0;
      l1     = h1;
      h0     = m0;
      h1     = m1;
      m0     = lo ^ (mid << 32);
      m1     = hi ^ (mid >> 32);
      mid    = u ^ u_next;
      u      = u_next;
      u_next = mid;
      mid    = v ^ v_next;
      v      = v_next;
      v_next = mid;
    end
    m0  = m0 ^ l0 ^ h0;
    m1  = m1 ^ l1 ^ h1;
    r1  = l1 ^ m0;
    r2  = h0 ^ m1;
    // x^128 = x^7 + x^2 + x + 1, upper word first
    r1  = r1 ^ h1 ^ (h1 << 1) ^ (h1 << 2) ^ (h1 << 7);
    r2  = r2 ^ (h1 >> 63) ^ (h1 >> 62) ^ (h1 >> 57);
    r0  = l0 ^ r2 ^ (r2 << 1) ^ (r2 << 2) ^ (r2 << 7);
    r1  = r1 ^ (r2 >> 63) ^ (r2 >> 62) ^ (r2 >> 57);
    mul = {r1, r0};
  endfunction

  logic [127:0] ring[0:STAGES-1];
  logic [$clog2(STAGES)-1:0] ptr;

  // The function is called in the clocked block, so that a simulator runs it
  // only for a product and keeps what it computes in machine registers.
  always_ff @(posedge clk) begin
    if (s_valid) ring[ptr] <= mul({2{s_valid}}, a, b);
    ptr <= ptr + 1'b1;
    if (rst) ptr <= '0;
  end
  assign p = ring[ptr];
endmodule
