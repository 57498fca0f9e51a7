// SPDX-License-Identifier: Apache-2.0
//
// burst_split: cuts a run of 16-byte words into AXI bursts of at most
// BURST_MAX beats that do not cross a 4 KiB boundary.
//
// One run at a time. Latency 2 cycles to the first burst; a burst every 2
// cycles, a run of one burst every 3. A burst is shown only while there is
// `room` for one of BURST_MAX beats.
module burst_split #(
    parameter int BURST_MAX = 64
) (
    input logic clk,
    input logic rst,

    input  logic        s_valid,
    output logic        s_ready,
    input  logic [59:0] s_word,   // address / 16
    input  logic [ 9:0] s_beats,  // 1 or more
    input  logic        room,

    output logic        m_valid,
    input  logic        m_ready,
    output logic [63:0] m_addr,
    output logic [ 7:0] m_len,    // beats - 1
    output logic [ 9:0] m_beats,
    output logic        m_last,   // last burst of the run
    output logic        busy
);
  localparam logic [9:0] MAX = 10'(BURST_MAX);

  logic [51:0] page;
  logic [7:0] word;
  logic [9:0] to_page;  // words to the page's end: 256 - word
  logic [9:0] left, n;
  logic active, ready_n;  // ready_n: n and m_last stand for (page, word, left)
  logic last, near, rest;

  // The page's end or the burst limit, whichever is nearer
  assign near = (to_page < MAX);
  assign rest = (left <= MAX) && (left <= to_page);

  assign s_ready = !active;
  assign m_valid = ready_n && room;
  assign m_addr  = {page, word, 4'b0};
  assign m_len   = 8'(n - 10'd1);
  assign m_beats = n;
  assign m_last  = last;
  assign busy    = active;

  always_ff @(posedge clk) begin
    if (!active) begin
      if (s_valid) begin
        active       <= 1'b1;
        {page, word} <= s_word;
        to_page      <= 10'd256 - {2'b00, s_word[7:0]};
        left         <= s_beats;
      end
    end else if (!ready_n) begin
      ready_n <= 1'b1;
      last    <= rest;
      n       <= rest ? left : near ? to_page : MAX;
    end else if (m_valid && m_ready) begin
      ready_n <= 1'b0;
      active  <= !last;
      left    <= left - n;
      word    <= word + n[7:0];
      to_page <= (to_page == n) ? 10'd256 : to_page - n;
      if (to_page == n) page <= page + 52'd1;
    end
    if (rst) begin
      active  <= 1'b0;
      ready_n <= 1'b0;
    end
  end
endmodule
