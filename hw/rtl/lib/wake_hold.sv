// SPDX-License-Identifier: Apache-2.0
//
// wake_hold: when a room needs its clock. `wake` is high in the cycles of `need`
// and in HOLD cycles behind them, in which pulses that the room began come to
// their end. It is combinational from `need`, so that no first word is lost:
// whoever leaves out clock edges decides between two of them.
module wake_hold #(
    parameter int HOLD = 15,
    parameter int W = $clog2(HOLD + 1)
) (
    input  logic clk,
    input  logic rst,
    input  logic need,
    output logic wake
);
  logic [W-1:0] left;

  assign wake = rst || need || (left != '0);
  always_ff @(posedge clk) begin
    if (rst || need) left <= W'(HOLD);
    else if (left != '0) left <= left - 1'b1;
  end
endmodule
