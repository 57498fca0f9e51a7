// SPDX-License-Identifier: Apache-2.0
//
// gf128_mul_karatsuba: body of gf128_mul that is small in gates: three levels
// of Karatsuba, 27 products of 16 x 16 bits. Stages: sums of the operands down
// to 9 x 32 bits; products with the last level's sums before and after; second
// level; first level and reduction.
module gf128_mul_karatsuba (
    input  logic         clk,
    input  logic         rst,
    input  logic         s_valid,
    input  logic [127:0] a,
    input  logic [127:0] b,
    output logic [127:0] p
);
  // Carry-less 16 x 16.
  function logic [30:0] clmul16(input logic [15:0] x, input logic [15:0] y);
    logic [30:0] r;
    r = '0;
    for (int k = 0; k < 16; k++) r = r ^ ({15'd0, x & {16{y[k]}}} << k);
    clmul16 = r;
  endfunction

  // The nine 32-bit operands of two Karatsuba levels, three for each of the low,
  // high and middle 64-bit operand: low, high, sum.
  function logic [287:0] split(input logic [127:0] x);
    logic [63:0] m;
    m = x[63:0] ^ x[127:64];
    split = {
      m[31:0] ^ m[63:32], m[63:32], m[31:0],
      x[95:64] ^ x[127:96], x[127:96], x[95:64],
      x[31:0] ^ x[63:32], x[63:32], x[31:0]
    };
  endfunction

  logic [287:0] a1, b1;
  logic [836:0] p2;  // 27 products of 31 bits
  logic [380:0] p3;  // 3 products of 127 bits
  logic [836:0] p2_next;
  logic [380:0] p3_next;
  logic [566:0] k3;  // 9 products of 63 bits
  logic [254:0] full;
  logic [127:0] p_next;
  logic         v1, v2, v3;

  always_comb begin
    for (int i = 0; i < 9; i++) begin
      p2_next[93*i+:31]    = clmul16(a1[32*i+:16], b1[32*i+:16]);
      p2_next[93*i+31+:31] = clmul16(a1[32*i+16+:16], b1[32*i+16+:16]);
      p2_next[93*i+62+:31] = clmul16(a1[32*i+:16] ^ a1[32*i+16+:16],
                                     b1[32*i+:16] ^ b1[32*i+16+:16]);
    end
  end

  always_comb begin
    for (int i = 0; i < 9; i++) begin
      k3[63*i+:63] = {p2[93*i+31+:31], 1'b0, p2[93*i+:31]} ^
                     ({32'd0, p2[93*i+:31] ^ p2[93*i+31+:31] ^ p2[93*i+62+:31]} << 16);
    end
    for (int i = 0; i < 3; i++) begin
      p3_next[127*i+:127] = {k3[189*i+63+:63], 1'b0, k3[189*i+:63]} ^
                            ({64'd0, k3[189*i+:63] ^ k3[189*i+63+:63] ^ k3[189*i+126+:63]} << 32);
    end
  end

  always_comb begin
    full = {p3[127+:127], 1'b0, p3[0+:127]} ^
           ({128'd0, p3[0+:127] ^ p3[127+:127] ^ p3[254+:127]} << 64);
    p_next = full[127:0] ^ {1'b0, full[254:128]} ^ {full[254:128], 1'b0} ^
             {full[253:128], 2'b0} ^ {full[248:128], 7'b0};
    // Bits 121..126 of the upper part pass bit 127 again.
    p_next[12:0] = p_next[12:0] ^ fold(full[254:249]);
  end

  // Second reduction of what the first one shifted beyond x^127: the upper
  // coefficients x^249..x^254 times x^7, x^254 times x^2 (and x).
  function logic [12:0] fold(input logic [5:0] t);
    logic [5:0] over;
    over = {t[5:1], t[0] ^ t[5]};
    fold = {7'b0, over} ^ {6'b0, over, 1'b0} ^ {5'b0, over, 2'b0} ^ {over, 7'b0};
  endfunction

  always_ff @(posedge clk) begin
    v1 <= s_valid && !rst;
    v2 <= v1;
    v3 <= v2;
    if (s_valid) begin
      a1 <= split(a);
      b1 <= split(b);
    end
    if (v1) p2 <= p2_next;
    if (v2) p3 <= p3_next;
    if (v3) p <= p_next;
  end
endmodule
