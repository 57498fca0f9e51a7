// SPDX-License-Identifier: Apache-2.0
//
// gf128_mul: product in GF(2^128), modulus x^128 + x^7 + x^2 + x + 1, bit k the
// coefficient of x^k.
//
// Latency STAGES cycles (4 or 8), throughput one product per cycle with 4 stages,
// one in four cycles with 8. `p` is defined in the cycle in which a product arrives,
// only. GMUL = 0: integer multiplications, fast to simulate. GMUL = 1: pipelined
// Karatsuba, small in gates.
module gf128_mul #(
    parameter int GMUL = 0,
    parameter int STAGES = 4
) (
    input  logic         clk,
    input  logic         rst,
    input  logic         s_valid,
    input  logic [127:0] a,
    input  logic [127:0] b,
    output logic [127:0] p
);
  generate
    if (GMUL == 0) begin : g_fast
      gf128_mul_int #(
          .STAGES(STAGES)
      ) u_mul (
          .clk    (clk),
          .rst    (rst),
          .s_valid(s_valid),
          .a      (a),
          .b      (b),
          .p      (p)
      );
    end else if (STAGES == 4) begin : g_small
      gf128_mul_karatsuba u_mul (
          .clk    (clk),
          .rst    (rst),
          .s_valid(s_valid),
          .a      (a),
          .b      (b),
          .p      (p)
      );
    end else begin : g_serial
      gf128_mul_serial u_mul (
          .clk    (clk),
          .rst    (rst),
          .s_valid(s_valid),
          .a      (a),
          .b      (b),
          .p      (p)
      );
    end
  endgenerate
endmodule
