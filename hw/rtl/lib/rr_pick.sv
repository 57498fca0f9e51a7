// SPDX-License-Identifier: Apache-2.0
//
// rr_pick: round-robin choice: the first requester after `last`, going up
// and around. Combinational.
module rr_pick #(
    parameter int N  = 4,
    parameter int NW = (N > 1) ? $clog2(N) : 1
) (
    input  logic [ N-1:0] req,
    input  logic [NW-1:0] last,
    output logic          any,
    output logic [NW-1:0] pick
);
  logic [N-1:0] after;  // requesters above last
  logic [NW-1:0] lo, hi;

  assign any  = (req != '0);
  assign pick = (after != '0) ? hi : lo;

  always_comb begin
    lo = '0;
    hi = '0;
    for (int i = N - 1; i >= 0; i--) begin
      after[i] = req[i] && (NW'(i) > last);
      if (req[i]) lo = NW'(i);
      if (after[i]) hi = NW'(i);
    end
  end
endmodule
