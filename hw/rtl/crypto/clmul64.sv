// SPDX-License-Identifier: Apache-2.0
//
// clmul64: carry-less product of 64-bit operands by two levels of Karatsuba, nine
// products of 16 x 16 bits and their sums.
//
// Latency 3 cycles (sums of the operands; products; sums of the products),
// throughput one product per cycle.
module clmul64 (
    input  logic         clk,
    input  logic         rst,
    input  logic         s_valid,
    input  logic [63:0]  a,
    input  logic [63:0]  b,
    output logic [126:0] p
);
  // Carry-less 16 x 16.
  function logic [30:0] clmul16(input logic [15:0] x, input logic [15:0] y);
    logic [30:0] r;
    r = '0;
    for (int k = 0; k < 16; k++) r = r ^ ({15'd0, x & {16{y[k]}}} << k);
    clmul16 = r;
  endfunction

  // Fields: low half, high half, their sum.
  logic [95:0]  a1, b1;
  logic [278:0] p2, p2_next;  // for each of them low, high, sum again
  logic [188:0] k3;
  logic [126:0] p_next;
  logic         v1, v2;

  always_comb begin
    for (int i = 0; i < 3; i++) begin
      p2_next[93*i+:31]    = clmul16(a1[32*i+:16], b1[32*i+:16]);
      p2_next[93*i+31+:31] = clmul16(a1[32*i+16+:16], b1[32*i+16+:16]);
      p2_next[93*i+62+:31] = clmul16(a1[32*i+:16] ^ a1[32*i+16+:16],
                                     b1[32*i+:16] ^ b1[32*i+16+:16]);
    end
  end

  always_comb begin
    for (int i = 0; i < 3; i++) begin
      k3[63*i+:63] = {p2[93*i+31+:31], 1'b0, p2[93*i+:31]} ^
                     ({32'd0, p2[93*i+:31] ^ p2[93*i+31+:31] ^ p2[93*i+62+:31]} << 16);
    end
    p_next = {k3[63+:63], 1'b0, k3[0+:63]} ^
             ({64'd0, k3[0+:63] ^ k3[63+:63] ^ k3[126+:63]} << 32);
  end

  always_ff @(posedge clk) begin
    v1 <= s_valid && !rst;
    v2 <= v1;
    if (s_valid) begin
      a1 <= {a[31:0] ^ a[63:32], a};
      b1 <= {b[31:0] ^ b[63:32], b};
    end
    if (v1) p2 <= p2_next;
    if (v2) p <= p_next;
  end
endmodule
