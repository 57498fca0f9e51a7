// SPDX-License-Identifier: Apache-2.0
//
// rr_pick_props: the choice is a requester, and none of the others, `other`
// being any, comes sooner on the way up and around from `last`.
module rr_pick_props #(
    parameter int N  = 5,
    parameter int NW = (N > 1) ? $clog2(N) : 1
) (
    input logic          clk,
    input logic [ N-1:0] req,
    input logic [NW-1:0] last,
    input logic [NW-1:0] other
);
  logic          any;
  logic [NW-1:0] pick;
  rr_pick #(.N(N)) dut (.req(req), .last(last), .any(any), .pick(pick));

  // Steps from the one behind `last` to i.
  function logic [NW:0] steps(input logic [NW-1:0] i, input logic [NW-1:0] from);
    steps = (i > from) ? {1'b0, i} - {1'b0, from} : {1'b0, i} + (NW + 1)'(N) - {1'b0, from};
  endfunction

  always_comb begin
    assume (32'(last) < N && 32'(other) < N);
    a_any:  assert (any == (req != '0));
    a_req:  assert (!any || (32'(pick) < N && req[pick]));
    a_next: assert (!any || !req[other] || steps(pick, last) <= steps(other, last));
  end
endmodule
