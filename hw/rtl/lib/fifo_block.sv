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
// WORDS = 2 or 4: a word is kept as so many parts, which takes so much less block
// RAM; then throughput is one word in WORDS cycles (`s_ready` is low for WORDS - 1
// cycles behind a word), latency 2 + WORDS. The parts that wait are kept here, or,
// with HOLD = 1, by the source: s_data stays for WORDS cycles from the handshake on.
module fifo_block #(
    parameter int WIDTH = 32,
    parameter int DEPTH = 32,
    parameter int WORDS = 1,
    parameter int HOLD = 0,
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
    end else begin : g_parts
      localparam int LW = $clog2(WORDS);
      localparam int PW = (WIDTH + WORDS - 1) / WORDS;
      logic [AW+LW:0] wptr, rptr;  // parts
      logic q_valid, move, rd, more;
      logic [LW-1:0] part, q_part;
      logic [PW-1:0] q, w_part;
      logic [WORDS*PW-1:0] s_wide, word;

      assign s_wide  = (WORDS * PW)'(s_data);
      assign part    = wptr[LW-1:0];
      assign more    = part != '0;
      assign s_ready = !count[AW] && !more;
      // The first parts go to their place as soon as that is free.
      assign move    = !m_valid || m_ready;
      assign rd      = (wptr != rptr) && (!q_valid || move);
      assign m_data  = word[WIDTH-1:0];

      if (HOLD != 0) begin : g_hold
        always_comb begin
          w_part = s_wide[PW-1:0];
          for (int i = 1; i < WORDS; i++) if (part == LW'(i)) w_part = s_wide[i*PW+:PW];
        end
      end else begin : g_keep
        logic [(WORDS-1)*PW-1:0] rest;
        assign w_part = more ? rest[PW-1:0] : s_wide[PW-1:0];
        always_ff @(posedge clk)
          if (push) rest <= s_wide[WORDS*PW-1:PW];
          else if (more) rest <= rest >> PW;
      end

      ram_1r1w #(
          .WIDTH(PW),
          .DEPTH(WORDS * DEPTH),
          .OUTREG(0)
      ) u_mem (
          .clk  (clk),
          .we   (push || more),
          .waddr(wptr[AW+LW-1:0]),
          .wdata(w_part),
          .re   (rd),
          .raddr(rptr[AW+LW-1:0]),
          .rdata(q)
      );

      always_ff @(posedge clk) begin
        if (push || more) wptr <= wptr + 1'b1;
        if (rd) begin
          rptr   <= rptr + 1'b1;
          q_part <= rptr[LW-1:0];
        end
        q_valid <= rd || (q_valid && !move);
        if (move) begin
          m_valid <= q_valid && (&q_part);
          for (int i = 0; i < WORDS; i++)
            if (q_valid && q_part == LW'(i)) word[i*PW+:PW] <= q;
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
