// SPDX-License-Identifier: Apache-2.0
//
// rr_grant: round-robin choice, one bit a requester: the lowest requester in
// `after`, if there is one, else the lowest of all. With after = those above the
// one served last that is the next one, going up and around. Combinational; each
// requester looks at those before it at once, not one after the other.
module rr_grant #(
    parameter int N = 4
) (
    input  logic [N-1:0] req,
    input  logic [N-1:0] after,
    output logic [N-1:0] grant
);
  logic [N-1:0] first;  // requesters in `after`
  logic [N-1:0] below;  // all below the bit in turn
  logic         any_first;

  assign first     = req & after;
  assign any_first = (first != '0);

  always_comb begin
    below = '0;
    for (int i = 0; i < N; i++) begin
      below    = N'((1 << i) - 1);
      grant[i] = any_first ? first[i] && (first & below) == '0 : req[i] && (req & below) == '0;
    end
  end
endmodule
