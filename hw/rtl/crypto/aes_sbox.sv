// SPDX-License-Identifier: Apache-2.0
//
// aes_sbox: SubBytes of one byte with one register inside.
//
// Latency 1 cycle (y belongs to the x of the last cycle with en = 1; y is not
// registered at the output), throughput 1 byte per cycle. SBOX = 0: table,
// fast to simulate. SBOX = 1: inversion in GF((2^4)^2), small in gates, with the
// register between the inversion in GF(2^4) and the last multiplications.
module aes_sbox #(
    parameter int SBOX = 0
) (
    input  logic       clk,
    input  logic       en,
    input  logic [7:0] x,
    output logic [7:0] y
);
  generate
    if (SBOX == 0) begin : g_table
      logic [7:0] rom[0:255];
      initial begin
        for (int i = 0; i < 256; i++) rom[i] = gcm_pkg::SBOX_TABLE[8*i+:8];
      end
      always_ff @(posedge clk) if (en) y <= rom[x];
    end else begin : g_tower
      logic [7:0] t;
      logic [3:0] hi, sum, inv;

      assign t = gcm_pkg::to_tower(x);

      // (h Y + l)^-1 = (h d^-1) Y + (h + l) d^-1, d = 15 h^2 + h l + l^2
      always_ff @(posedge clk) begin
        if (en) begin
          hi  <= t[7:4];
          sum <= t[7:4] ^ t[3:0];
          inv <= gcm_pkg::gf16_inv(gcm_pkg::gf16_mul(gcm_pkg::gf16_mul(t[7:4], t[7:4]), 4'hf)
                                   ^ gcm_pkg::gf16_mul(t[7:4] ^ t[3:0], t[3:0]));
        end
      end
      assign y = gcm_pkg::from_tower({gcm_pkg::gf16_mul(hi, inv), gcm_pkg::gf16_mul(sum, inv)});
    end
  endgenerate
endmodule
