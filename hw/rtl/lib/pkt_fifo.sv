// SPDX-License-Identifier: Apache-2.0
//
// pkt_fifo: packet buffer in block RAM. Words become visible to the reader
// only when the writer commits the packet; a packet can be taken back whole.
// The reader therefore never sees a bubble inside a packet.
//
// Write side: `s_valid`/`s_ready` handshake; with the word or at any later
// time `commit` makes all words written so far visible, `rollback` discards
// all words since the last commit (a word accepted in that same cycle is
// included in either). `s_ready` is low when the buffer is full, or had one place left
// a cycle ago: a packet as large as the buffer must be rolled back by the writer, which
// sees `s_ready` low while `m_valid` is low.
// Read side: show-ahead, throughput 1 word per cycle. Latency from commit to
// m_valid: 3 cycles (block RAM, its output latch, output register).
// `used` counts words from the oldest unread word to the newest written one.
module pkt_fifo #(
    parameter int WIDTH = 128,
    parameter int DEPTH = 1024,
    parameter int AW = $clog2(DEPTH)
) (
    input  logic             clk,
    input  logic             rst,
    input  logic             s_valid,
    output logic             s_ready,
    input  logic [WIDTH-1:0] s_data,
    input  logic             commit,
    input  logic             rollback,
    output logic             m_valid,
    input  logic             m_ready,
    output logic [WIDTH-1:0] m_data,
    output logic [AW:0]      used
);
  logic [AW:0] wptr, wptr_next, committed, rptr, freed;
  logic q_valid;  // a word stands at the memory's output
  logic move;     // the output register is free, or becomes so
  logic rd;
  logic [WIDTH-1:0] q;

  assign used      = wptr - freed;
  assign wptr_next = (s_valid && s_ready) ? wptr + 1'b1 : wptr;

  assign move = !m_valid || m_ready;
  assign rd = (committed != rptr) && (!q_valid || move);

  ram_1r1w #(
      .WIDTH(WIDTH),
      .DEPTH(DEPTH),
      .OUTREG(0)
  ) u_mem (
      .clk  (clk),
      .we   (s_valid && s_ready),
      .waddr(wptr[AW-1:0]),
      .wdata(s_data),
      .re   (rd),
      .raddr(rptr[AW-1:0]),
      .rdata(q)
  );

  always_ff @(posedge clk) begin
    s_ready <= (used < (AW + 1)'(DEPTH - 1)) && !rst;
    if (move) begin
      m_valid <= q_valid;
      if (q_valid) m_data <= q;
    end
    q_valid <= rd || (q_valid && !move);
    if (rst) begin
      wptr      <= '0;
      committed <= '0;
      rptr      <= '0;
      freed     <= '0;
      q_valid   <= 1'b0;
      m_valid   <= 1'b0;
    end else begin
      wptr <= rollback ? committed : wptr_next;
      if (commit && !rollback) committed <= wptr_next;
      if (rd) rptr <= rptr + 1'b1;
      if (m_valid && m_ready) freed <= freed + 1'b1;
    end
  end
endmodule
