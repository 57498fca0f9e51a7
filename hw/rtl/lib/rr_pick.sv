// SPDX-License-Identifier: Apache-2.0
//
// rr_pick: round-robin choice: the first requester after `last`, going up
// and around (rr_grant), as a number. Combinational.
module rr_pick #(
    parameter int N  = 4,
    parameter int NW = (N > 1) ? $clog2(N) : 1
) (
    input  logic [ N-1:0] req,
    input  logic [NW-1:0] last,
    output logic          any,
    output logic [NW-1:0] pick
);
  logic [N-1:0] after, grant;

  assign any = (req != '0);

  always_comb begin
    for (int i = 0; i < N; i++) after[i] = (NW'(i) > last);
  end

  rr_grant #(.N(N)) u_grant (.req(req), .after(after), .grant(grant));

  always_comb begin
    pick = '0;
    for (int i = 0; i < N; i++) pick |= NW'(i) & {NW{grant[i]}};
  end
endmodule
