// SPDX-License-Identifier: Apache-2.0
//
// sbox_equal: both bodies of aes_sbox on the same byte. For `sat -tempinduct`:
// from any state, one cycle later the outputs are equal for every byte.
module sbox_equal (
    input logic       clk,
    input logic [7:0] x
);
  logic [7:0] y0, y1;
  logic       started = 1'b0;

  aes_sbox #(.SBOX(0)) u_table (.clk(clk), .en(1'b1), .x(x), .y(y0));
  aes_sbox #(.SBOX(1)) u_tower (.clk(clk), .en(1'b1), .x(x), .y(y1));

  always_ff @(posedge clk) started <= 1'b1;
  always_comb if (started) assert (y0 == y1);
endmodule
