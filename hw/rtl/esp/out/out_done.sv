// SPDX-License-Identifier: Apache-2.0
//
// out_done: reports the end of every frame, in the order in which the frames
// came: one that was sent once the wire has taken its last word, one that was
// dropped when its turn comes.
//
// Throughput 1 a cycle.
module out_done #(
    parameter int DEPTH = 64,
    parameter int CW = $clog2(DEPTH)
) (
    input  logic                     clk,
    input  logic                     rst,
    input  logic                     end_valid,
    input  espalier_out_pkg::end_t   end_data,
    output logic              [CW:0] count,
    input  logic                     wire_last,  // the wire has taken a last word
    output logic                     moves,      // something happens in this cycle
    output logic                     done_valid,
    input  logic                     done_ready,
    output espalier_pkg::tx_done_t   done,
    output logic                     stat_valid,
    output espalier_pkg::stat_t      stat
);
  logic head_valid, pop, unused_ready;
  espalier_out_pkg::end_t head;
  fifo_block #(
      .WIDTH($bits(end_data)),
      .DEPTH(DEPTH)
  ) u_order (
      .clk    (clk),
      .rst    (rst),
      .s_valid(end_valid),
      .s_ready(unused_ready),
      .s_data (end_data),
      .m_valid(head_valid),
      .m_ready(pop),
      .m_data (head),
      .count  (count)
  );

  logic [CW:0] gone;  // frames taken by the wire and not yet reported
  logic due;
  logic last_q;      // `wire_last` hangs on what is outside of the block
  assign due = head_valid && (!head.sent || (gone != 0));
  assign pop = due && (!done_valid || done_ready);
  assign moves = end_valid || wire_last || last_q || pop || (done_valid && done_ready);

  always_ff @(posedge clk) begin
    stat_valid <= 1'b0;
    last_q     <= wire_last && !rst;
    if (pop) begin
      done.qid      <= head.qid;
      done.index    <= head.index;
      done.code     <= head.code;
      done.handle   <= {1'b0, head.handle};
      done.seq      <= head.seq;
      done.wire_len <= head.sent ? head.len : 14'd0;
      stat_valid    <= 1'b1;
      stat.code     <= head.code;
      stat.bytes    <= head.len;
    end
    if (rst) begin
      gone       <= '0;
      done_valid <= 1'b0;
      stat_valid <= 1'b0;
    end else begin
      if (last_q != (pop && head.sent)) gone <= last_q ? gone + 1'b1 : gone - 1'b1;
      if (pop) done_valid <= 1'b1;
      else if (done_ready) done_valid <= 1'b0;
    end
  end
endmodule
