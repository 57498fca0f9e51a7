// SPDX-License-Identifier: Apache-2.0
//
// gf128_mul_karatsuba: body of gf128_mul that is small in gates and takes a product
// every cycle: a level of Karatsuba over three clmul64, and the reduction in the
// fourth stage.
module gf128_mul_karatsuba (
    input  logic         clk,
    input  logic         rst,
    input  logic         s_valid,
    input  logic [127:0] a,
    input  logic [127:0] b,
    output logic [127:0] p
);
  logic [126:0] low, high, mid;
  logic [254:0] full;
  logic [127:0] p_next;
  logic         v1, v2, v3;

  clmul64 u_low (
      .clk    (clk),
      .rst    (rst),
      .s_valid(s_valid),
      .a      (a[63:0]),
      .b      (b[63:0]),
      .p      (low)
  );
  clmul64 u_high (
      .clk    (clk),
      .rst    (rst),
      .s_valid(s_valid),
      .a      (a[127:64]),
      .b      (b[127:64]),
      .p      (high)
  );
  clmul64 u_mid (
      .clk    (clk),
      .rst    (rst),
      .s_valid(s_valid),
      .a      (a[63:0] ^ a[127:64]),
      .b      (b[63:0] ^ b[127:64]),
      .p      (mid)
  );

  always_comb begin
    full = {high, 1'b0, low} ^ ({128'd0, low ^ high ^ mid} << 64);
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
    if (v3) p <= p_next;
  end
endmodule
