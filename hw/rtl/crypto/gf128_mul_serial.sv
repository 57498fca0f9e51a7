// SPDX-License-Identifier: Apache-2.0
//
// gf128_mul_serial: body of gf128_mul that is smallest in gates and takes a product
// every fourth cycle: the four products of 64-bit halves go through one clmul64, the
// most significant first, and are summed by Horner's rule in x^64.
module gf128_mul_serial (
    input  logic         clk,
    input  logic         rst,
    input  logic         s_valid,
    input  logic [127:0] a,
    input  logic [127:0] b,
    output logic [127:0] p
);
  logic [7:1]   v;  // v[k]: operands came k cycles ago
  logic [127:0] x, y;
  logic [63:0]  x_half, y_half;
  logic [126:0] part;

  // high * high, low * high, high * low, low * low
  assign x_half = (v[1] || v[3]) ? x[127:64] : x[63:0];
  assign y_half = (v[1] || v[2]) ? y[127:64] : y[63:0];

  clmul64 u_mul (
      .clk    (clk),
      .rst    (rst),
      .s_valid(v[4:1] != '0),
      .a      (x_half),
      .b      (y_half),
      .p      (part)
  );

  // t * x^64, x^128 = x^7 + x^2 + x + 1
  function logic [127:0] up(input logic [127:0] t);
    logic [70:0] over;
    over = {7'd0, t[127:64]};
    up = {t[63:0], 64'd0} ^ {57'd0, over ^ (over << 1) ^ (over << 2) ^ (over << 7)};
  endfunction

  always_ff @(posedge clk) begin
    v <= {v[6:1], s_valid};
    if (s_valid) begin
      x <= a;
      y <= b;
    end
    if (v[4]) p <= {1'b0, part};
    else if (v[5] || v[7]) p <= up(p) ^ {1'b0, part};
    else if (v[6]) p <= p ^ {1'b0, part};
    if (rst) v <= '0;
  end

`ifndef SYNTHESIS
  always_ff @(posedge clk) begin
    if (s_valid && !rst) assert (v[3:1] == '0);
  end
`endif
endmodule
