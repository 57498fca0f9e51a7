// SPDX-License-Identifier: Apache-2.0
//
// fifo_block_props: what fifo_block promises, for any traffic and a reset at any
// time. One accepted word, chosen freely by `pick`, is followed on its way:
// that it comes out in its turn, whole and once, says the same of every word.
module fifo_block_props #(
    parameter int WIDTH = 2,
    parameter int DEPTH = 4,
    parameter int WORDS = 1,
    parameter int HOLD = 0,
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

  fifo_block #(.WIDTH(WIDTH), .DEPTH(DEPTH), .WORDS(WORDS), .HOLD(HOLD)) dut (
      .clk(clk), .rst(rst), .s_valid(s_valid), .s_ready(s_ready), .s_data(s_data),
      .m_valid(m_valid), .m_ready(m_ready), .m_data(m_data), .count(count));

  logic started = 1'b0;
  always_ff @(posedge clk) started <= 1'b1;
  always_comb if (!started) assume (rst);

  // Words held, those that were held 1, 2 ... cycles ago and still are, and those
  // in front of the followed one.
  logic             push, pop, followed;
  localparam int PARTS = (WORDS > 1) ? WORDS : 2;
  logic [PARTS-2:0] pushed, popped;  // 1, 2 ... cycles ago
  localparam int NW = AW + 2;
  logic [NW-1:0]    held, held1, held2, held3, held4, held5, ahead;
  logic [WIDTH-1:0] word;
  assign push = s_valid && s_ready;
  assign pop  = m_valid && m_ready;

  always_ff @(posedge clk) begin
    pushed <= rst ? '0 : (PARTS-1)'({pushed, push});
    popped <= rst ? '0 : (PARTS-1)'({popped, pop});
    held   <= held + NW'(push) - NW'(pop);
    held1  <= held - NW'(pop);
    held2  <= held1 - NW'(pop);
    held3  <= held2 - NW'(pop);
    held4  <= held3 - NW'(pop);
    held5  <= held4 - NW'(pop);
    if (followed) begin
      ahead <= ahead - NW'(pop);
      if (pop && ahead == 0) followed <= 1'b0;
    end else if (push && pick) begin
      followed <= 1'b1;
      ahead    <= held - NW'(pop);
      word     <= s_data;
    end
    if (rst) begin
      held     <= '0;
      held1    <= '0;
      held2    <= '0;
      held3    <= '0;
      held4    <= '0;
      held5    <= '0;
      followed <= 1'b0;
    end
  end

  // What waits, stays.
  logic             wait_q, late;
  logic [WIDTH-1:0] data_q, s_data_q;
  logic [NW-1:0]    due;
  // Behind a word others follow in WORDS cycles.
  assign late = WORDS > 1 && popped != '0;
  assign due  = (WORDS == 1) ? held2 : (WORDS == 2) ? held3 : held5;
  always_comb
    if (HOLD != 0 && started && pushed != '0) assume (s_data == s_data_q);
  always_ff @(posedge clk) begin
    wait_q <= !rst && m_valid && !m_ready;
    data_q <= m_data;
    s_data_q <= s_data;
  end

  always_comb
    if (started) begin
      a_count:  assert (NW'(count) == held);
      // Never more than DEPTH, and stalled only when full or behind a word of many parts.
      a_room:   assert (s_ready == (held < DEPTH && !(WORDS > 1 && pushed != '0)));
      a_shown:  assert (!m_valid || held > 0);
      // Latency 3, without a bubble; in parts 2 more than there are parts.
      a_prompt: assert (m_valid || due == 0 || late);
      a_order:  assert (!followed || ahead < held);
      a_word:   assert (!(m_valid && followed && ahead == 0) || m_data == word);
      a_valid_stays: assert (!wait_q || m_valid);
      a_data_stays:  assert (!wait_q || m_data == data_q);
    end
endmodule
