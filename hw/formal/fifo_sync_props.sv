// SPDX-License-Identifier: Apache-2.0
//
// fifo_sync_props: what fifo_sync promises, for any traffic and a reset at any
// time. One accepted word, chosen freely by `pick`, is followed on its way:
// that it comes out in its turn, whole and once, says the same of every word.
module fifo_sync_props #(
    parameter int WIDTH = 2,
    parameter int DEPTH = 4,
    parameter int EARLY = 0,
    parameter int AW = $clog2(DEPTH)
) (
    input logic             clk,
    input logic             rst,
    input logic             s_valid,
    input logic [WIDTH-1:0] s_data,
    input logic             m_ready,
    input logic             pick
);
  logic             s_ready, m_valid;
  logic [WIDTH-1:0] m_data;
  logic [AW:0]      count;

  fifo_sync #(.WIDTH(WIDTH), .DEPTH(DEPTH), .EARLY(EARLY)) dut (
      .clk(clk), .rst(rst), .s_valid(s_valid), .s_ready(s_ready), .s_data(s_data),
      .m_valid(m_valid), .m_ready(m_ready), .m_data(m_data), .count(count));

  logic started = 1'b0;
  always_ff @(posedge clk) started <= 1'b1;
  always_comb if (!started) assume (rst);

  // Words held, and those of them in front of the followed one.
  logic             push, pop, followed;
  localparam int NW = AW + 2;
  logic [NW-1:0]    held, ahead;
  logic [WIDTH-1:0] word;
  assign push = s_valid && s_ready;
  assign pop  = m_valid && m_ready;

  always_ff @(posedge clk) begin
    held <= held + NW'(push) - NW'(pop);
    if (followed) begin
      ahead <= ahead - NW'(pop);
      if (pop && ahead == 0) followed <= 1'b0;
    end else if (push && pick) begin
      followed <= 1'b1;
      ahead    <= held - NW'(pop);
      word     <= s_data;
    end
    if (rst) begin
      held     <= 0;
      followed <= 1'b0;
    end
  end

  // What waits, stays.
  logic             wait_q;
  logic [WIDTH-1:0] data_q;
  always_ff @(posedge clk) begin
    wait_q <= !rst && m_valid && !m_ready;
    data_q <= m_data;
  end

  always_comb
    if (started) begin
      a_count:  assert (NW'(count) == held);
      a_room:   assert (s_ready == (held < DEPTH));        // never more than DEPTH, never stalled before
      a_shown:  assert (m_valid == (held > 0));            // none lost, none from nowhere, latency 1
      a_order:  assert (!followed || ahead < held);
      a_word:   assert (!(followed && ahead == 0) || m_data == word);
      a_valid_stays: assert (!wait_q || m_valid);
      a_data_stays:  assert (!wait_q || m_data == data_q);
    end
endmodule
