// SPDX-License-Identifier: Apache-2.0
//
// queue_count: packets of each queue between admission and the answer to
// their completion's write. A queue's reset waits for zero.
module queue_count #(
    parameter int NUM_QUEUES = 4,
    parameter int QW = (NUM_QUEUES > 1) ? $clog2(NUM_QUEUES) : 1
) (
    input  logic                  clk,
    input  logic                  rst,
    input  logic                  inc,
    input  logic [        QW-1:0] inc_q,
    input  logic                  dec_a,
    input  logic [        QW-1:0] dec_a_q,
    input  logic [           2:0] dec_a_n,
    input  logic                  dec_b,
    input  logic [        QW-1:0] dec_b_q,
    input  logic [           2:0] dec_b_n,
    output logic [NUM_QUEUES-1:0] busy
);
  // A ring has 4096 entries at most, but its slots can be used again as soon
  // as their completion was read.
  logic [15:0] count[0:NUM_QUEUES-1];

  // Counted a cycle late, by what a queue has won or lost in a cycle.
  logic moved;
  logic [4:0] change[0:NUM_QUEUES-1];

  always_comb
    for (int q = 0; q < NUM_QUEUES; q++) busy[q] = (count[q] != 16'd0) || (moved && change[q] != 5'd0);

  always_ff @(posedge clk) begin
    moved <= (inc || dec_a || dec_b) && !rst;
    if (inc || dec_a || dec_b)
      for (int q = 0; q < NUM_QUEUES; q++)
        change[q] <= {4'b0, inc && inc_q == QW'(q)} -
                     ((dec_a && dec_a_q == QW'(q)) ? {2'b0, dec_a_n} : 5'd0) -
                     ((dec_b && dec_b_q == QW'(q)) ? {2'b0, dec_b_n} : 5'd0);
    if (moved)
      for (int q = 0; q < NUM_QUEUES; q++) count[q] <= count[q] + {{11{change[q][4]}}, change[q]};
    if (rst) for (int q = 0; q < NUM_QUEUES; q++) count[q] <= 16'd0;
  end
endmodule
