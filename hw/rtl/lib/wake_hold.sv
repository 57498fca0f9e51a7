// SPDX-License-Identifier: Apache-2.0
//
// wake_hold: when N rooms need their clocks. `wake` is high in the cycles of
// `need` and in the 3 behind them (7 for the rooms in MID, 15 for those in
// LONG), in which what a room began comes to its end. It is combinational from
// `need`, so that no first word is lost: whoever leaves out clock edges decides
// between two of them.
//
// One counter a room, bit by bit: bit k of all counters stands in one word, so
// that a simulator counts for all rooms at once.
module wake_hold #(
    parameter int N = 1,
    parameter logic [N-1:0] MID = '0,
    parameter logic [N-1:0] LONG = '0
) (
    input  logic         clk,
    input  logic         rst,
    input  logic [N-1:0] need,
    output logic [N-1:0] wake
);
  logic [N-1:0] c0, c1, c2, c3, live, set;

  assign live = c0 | c1 | c2 | c3;
  assign set  = need | {N{rst}};
  assign wake = set | live;

  always_ff @(posedge clk) begin
    c0 <= set | (live & ~c0);
    c1 <= set | (live & ~(c1 ^ c0));
    c2 <= (set & (MID | LONG)) | (~set & live & (c2 ^ (~c1 & ~c0)));
    c3 <= (set & LONG) | (~set & c3 & (c2 | c1 | c0));
  end
endmodule
