// SPDX-License-Identifier: Apache-2.0
//
// skid_buffer_props: what skid_buffer promises, for any traffic and a reset at
// any time. One accepted word, chosen freely by `pick`, is followed.
module skid_buffer_props #(
    parameter int WIDTH = 4
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

  skid_buffer #(.WIDTH(WIDTH)) dut (
      .clk(clk), .rst(rst), .s_valid(s_valid), .s_ready(s_ready), .s_data(s_data),
      .m_valid(m_valid), .m_ready(m_ready), .m_data(m_data));

  logic started = 1'b0;
  always_ff @(posedge clk) started <= 1'b1;
  always_comb if (!started) assume (rst);

  logic             push, pop, followed;
  logic [2:0]      held, ahead;
  logic [WIDTH-1:0] word;
  assign push = s_valid && s_ready;
  assign pop  = m_valid && m_ready;

  logic             wait_q, stall_q;
  logic [WIDTH-1:0] data_q;

  always_ff @(posedge clk) begin
    held <= held + 3'(push) - 3'(pop);
    if (followed) begin
      ahead <= ahead - 3'(pop);
      if (pop && ahead == 0) followed <= 1'b0;
    end else if (push && pick) begin
      followed <= 1'b1;
      ahead    <= held - 3'(pop);
      word     <= s_data;
    end
    wait_q  <= !rst && m_valid && !m_ready;
    stall_q <= m_valid && !m_ready;
    data_q  <= m_data;
    if (rst) begin
      held     <= 0;
      followed <= 1'b0;
    end
  end

  always_comb
    if (started) begin
      a_shown:  assert (m_valid == (held > 0));            // none lost, none from nowhere, latency 1
      a_two:    assert (held <= 2);
      a_room:   assert (s_ready == (held < 2));
      a_flow:   assert (s_ready || stall_q);               // stalls only behind a reader that did
      a_order:  assert (!followed || ahead < held);
      a_word:   assert (!(followed && ahead == 0) || m_data == word);
      a_valid_stays: assert (!wait_q || m_valid);
      a_data_stays:  assert (!wait_q || m_data == data_q);
    end
endmodule
