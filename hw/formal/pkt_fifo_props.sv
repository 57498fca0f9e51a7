// SPDX-License-Identifier: Apache-2.0
//
// pkt_fifo_props: what pkt_fifo promises, for any traffic, any order of commits
// and rollbacks, and a reset at any time. One accepted word, chosen freely by
// `pick`, is followed: committed, it comes out in its turn, whole and once;
// rolled back, it is gone. This holds then for every word.
module pkt_fifo_props #(
    parameter int WIDTH = 2,
    parameter int DEPTH = 4,
    parameter int AW = $clog2(DEPTH)
) (
    input logic             clk,
    input logic             rst,
    input logic             s_valid,
    input logic [WIDTH-1:0] s_data,
    input logic             commit,
    input logic             rollback,
    input logic             m_ready,
    input logic             pick
);
  logic             s_ready, m_valid;
  logic [WIDTH-1:0] m_data;
  logic [AW:0]      used;

  pkt_fifo #(.WIDTH(WIDTH), .DEPTH(DEPTH)) dut (
      .clk(clk), .rst(rst), .s_valid(s_valid), .s_ready(s_ready), .s_data(s_data),
      .commit(commit), .rollback(rollback),
      .m_valid(m_valid), .m_ready(m_ready), .m_data(m_data), .used(used));

  logic started = 1'b0;
  always_ff @(posedge clk) started <= 1'b1;
  always_comb if (!started) assume (rst);

  logic push, pop;
  assign push = s_valid && s_ready;
  assign pop  = m_valid && m_ready;

  // The specification: words since the last commit, committed words not yet
  // read, and of these the ones that were committed 1, 2 and 3 cycles ago.
  localparam int NW = AW + 2;
  logic [NW-1:0] open, open_now, held, held1, held2, held3;
  assign open_now = open + NW'(push);

  always_ff @(posedge clk) begin
    open  <= (commit || rollback) ? '0 : open_now;
    held  <= held - NW'(pop) + ((commit && !rollback) ? open_now : '0);
    held1 <= held - NW'(pop);
    held2 <= held1 - NW'(pop);
    held3 <= held2 - NW'(pop);
    if (rst) begin
      open  <= '0;
      held  <= '0;
      held1 <= '0;
      held2 <= '0;
      held3 <= '0;
    end
  end

  // The followed word: how many unread ones are in front of it, whether it is
  // committed.
  logic             followed, visible;
  logic [NW-1:0]    ahead;
  logic [WIDTH-1:0] word;

  always_ff @(posedge clk) begin
    if (followed) begin
      ahead <= ahead - NW'(pop);
      if (rollback && !visible) followed <= 1'b0;
      if (commit) visible <= 1'b1;
      if (pop && ahead == 0) followed <= 1'b0;
    end else if (push && pick && !rollback) begin
      followed <= 1'b1;
      visible  <= commit;
      ahead    <= held + open - NW'(pop);
      word     <= s_data;
    end
    if (rst) followed <= 1'b0;
  end

  logic             wait_q, room_q;
  logic [WIDTH-1:0] data_q;
  always_ff @(posedge clk) begin
    wait_q <= !rst && m_valid && !m_ready;
    room_q <= !rst && (held + open < DEPTH - 1);
    data_q <= m_data;
  end

  always_comb
    if (started) begin
      // Only what was committed is ever shown (promise 2).
      a_committed: assert (!m_valid || held != 0);
      a_hidden:    assert (!(m_valid && followed && ahead == 0) || visible);
      // In order, unchanged; with a_committed and a_prompt: once, none lost.
      a_word:      assert (!(m_valid && followed && ahead == 0) || m_data == word);
      // Seen 4 cycles after the commit at the latest, and no bubble after that.
      a_prompt:    assert (held3 == 0 || m_valid);
      // Rollback takes back the words since the last commit, and no other.
      a_used:      assert (NW'(used) == held + open);
      a_room:      assert (!s_ready || held + open < DEPTH);
      // Ready unless there was at most one place a cycle ago.
      a_ready:     assert (s_ready == room_q);
      a_valid_stays: assert (!wait_q || m_valid);
      a_data_stays:  assert (!wait_q || m_data == data_q);
    end
endmodule
