// SPDX-License-Identifier: Apache-2.0
//
// rr_pick: round-robin choice: the first requester after `last`, going up
// and around. Combinational; each requester looks at those before it at once, not
// one after the other.
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
  logic [N-1:0] grant;
  logic [N-1:0] below;  // all below the bit in turn
  logic         any_after;

  assign any       = (req != '0);
  assign any_after = (after != '0);

  always_comb begin
    for (int i = 0; i < N; i++) after[i] = req[i] && (NW'(i) > last);
  end

  always_comb begin
    below = '0;
    for (int i = 0; i < N; i++) begin
      below    = N'((1 << i) - 1);
      grant[i] = any_after ? after[i] && (after & below) == '0 : req[i] && (req & below) == '0;
    end
  end

  always_comb begin
    pick = '0;
    for (int i = 0; i < N; i++) pick |= NW'(i) & {NW{grant[i]}};
  end
endmodule
