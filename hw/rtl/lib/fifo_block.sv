// SPDX-License-Identifier: Apache-2.0
//
// fifo_block: show-ahead FIFO in block RAM, valid/ready on both sides, for words
// too wide and queues too deep for the distributed RAM of fifo_sync.
//
// Throughput 1 word per cycle, latency 3 cycles: memory, its output latch, output
// register. DEPTH is a power of two. `count` is the number of words held, those
// on their way out included; `s_ready` does not depend on `m_ready`, `m_valid`
// does not depend on `s_valid`.
//
// WORDS = 2: a word is kept as two of half its width, which takes half the block
// RAM; then throughput is one word in two cycles (`s_ready` is low for a cycle
// behind a word), latency 4.
module fifo_block #(
    parameter int WIDTH = 32,
    parameter int DEPTH = 32,
    parameter int WORDS = 1,
    parameter int AW = $clog2(DEPTH)
) (
    input  logic             clk,
    input  logic             rst,
    input  logic             s_valid,
    output logic             s_ready,
    input  logic [WIDTH-1:0] s_data,
    output logic             m_valid,
    input  logic             m_ready,
    output logic [WIDTH-1:0] m_data,
    output logic [AW:0]      count
);
  logic push, pop;
  assign push = s_valid && s_ready;
  assign pop  = m_valid && m_ready;

  always_ff @(posedge clk) begin
    if (push != pop) count <= push ? count + 1'b1 : count - 1'b1;
    if (rst) count <= '0;
  end

  generate
    if (WORDS == 1) begin : g_one
      logic [AW:0] wptr, rptr;
      logic q_valid, move, rd;
      logic [WIDTH-1:0] q;

      assign s_ready = !count[AW];
      assign move    = !m_valid || m_ready;
      assign rd      = (wptr != rptr) && (!q_valid || move);

      ram_1r1w #(
          .WIDTH(WIDTH),
          .DEPTH(DEPTH),
          .OUTREG(0)
      ) u_mem (
          .clk  (clk),
          .we   (push),
          .waddr(wptr[AW-1:0]),
          .wdata(s_data),
          .re   (rd),
          .raddr(rptr[AW-1:0]),
          .rdata(q)
      );

      always_ff @(posedge clk) begin
        if (push) wptr <= wptr + 1'b1;
        if (rd) rptr <= rptr + 1'b1;
        q_valid <= rd || (q_valid && !move);
        if (move) begin
          m_valid <= q_valid;
          if (q_valid) m_data <= q;
        end
        if (rst) begin
          wptr    <= '0;
          rptr    <= '0;
          q_valid <= 1'b0;
          m_valid <= 1'b0;
        end
      end
    end else begin : g_two
      localparam int HW = (WIDTH + 1) / 2;
      logic [AW+1:0] wptr, rptr;  // halves
      logic q_valid, q_high, move, rd;
      logic [HW-1:0] q;
      logic [2*HW-1:0] s_wide, word;
      logic [HW-1:0] high;

      // The upper half waits here for a cycle.
      assign s_wide  = (2 * HW)'(s_data);
      assign s_ready = !count[AW] && !wptr[0];
      // A lower half goes to its place at once when that is free.
      assign move    = !m_valid || m_ready;
      assign rd      = (wptr != rptr) && (!q_valid || move);
      assign m_data  = word[WIDTH-1:0];

      ram_1r1w #(
          .WIDTH(HW),
          .DEPTH(2 * DEPTH),
          .OUTREG(0)
      ) u_mem (
          .clk  (clk),
          .we   (push || wptr[0]),
          .waddr(wptr[AW:0]),
          .wdata(wptr[0] ? high : s_wide[HW-1:0]),
          .re   (rd),
          .raddr(rptr[AW:0]),
          .rdata(q)
      );

      always_ff @(posedge clk) begin
        if (push || wptr[0]) wptr <= wptr + 1'b1;
        if (push) high <= s_wide[2*HW-1:HW];
        if (rd) begin
          rptr   <= rptr + 1'b1;
          q_high <= rptr[0];
        end
        q_valid <= rd || (q_valid && !move);
        if (move) begin
          m_valid <= q_valid && q_high;
          if (q_valid && !q_high) word[HW-1:0] <= q;
          if (q_valid && q_high) word[2*HW-1:HW] <= q;
        end
        if (rst) begin
          wptr    <= '0;
          rptr    <= '0;
          q_valid <= 1'b0;
          m_valid <= 1'b0;
        end
      end
      logic unused;
      assign unused = ^word;
    end
  endgenerate
endmodule
