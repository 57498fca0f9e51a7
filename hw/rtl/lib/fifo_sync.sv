// SPDX-License-Identifier: Apache-2.0
//
// fifo_sync: show-ahead FIFO in distributed RAM, valid/ready on both sides.
//
// Latency 1 cycle, throughput 1 word per cycle. DEPTH is a power of two, at
// most 64. `count` is the number of words held; `s_ready` does not depend on
// `m_ready`, `m_valid` does not depend on `s_valid`; both are flip-flops, and so are the
// lowest EARLY bits of m_data: those that decide when the word is taken, since an address
// that leads to every bit of a wide memory is slow.
module fifo_sync #(
    parameter int WIDTH = 32,
    parameter int DEPTH = 16,
    parameter int EARLY = 0,
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
  logic [AW:0] wptr, rptr, wnext, rnext;
  logic push, pop;

  assign push  = s_valid && s_ready;
  assign pop   = m_valid && m_ready;
  assign wnext = wptr + 1'b1;
  assign rnext = rptr + 1'b1;
  // Without a user of `count` there is no subtraction.
  assign count = wptr - rptr;

  ram_lut #(
      .WIDTH(WIDTH - EARLY),
      .DEPTH(DEPTH)
  ) u_mem (
      .clk  (clk),
      .we   (push),
      .waddr(wptr[AW-1:0]),
      .wdata(s_data[WIDTH-1:EARLY]),
      .raddr(rptr[AW-1:0]),
      .rdata(m_data[WIDTH-1:EARLY])
  );

  generate
    if (EARLY != 0) begin : g_early
      logic [EARLY-1:0] early, next;
      assign m_data[EARLY-1:0] = early;
      ram_lut #(
          .WIDTH(EARLY),
          .DEPTH(DEPTH)
      ) u_next (
          .clk  (clk),
          .we   (push),
          .waddr(wptr[AW-1:0]),
          .wdata(s_data[EARLY-1:0]),
          .raddr(rnext[AW-1:0]),
          .rdata(next)
      );
      always_ff @(posedge clk)
        if (pop || !m_valid)
          early <= (!m_valid || rnext == wptr) ? s_data[EARLY-1:0] : next;
    end
  endgenerate

  always_ff @(posedge clk) begin
    if (push) wptr <= wnext;
    if (pop) rptr <= rnext;
    // What is compared stands early in the cycle, push and pop come late.
    if (push || pop) begin
      m_valid <= push || (rnext != wptr);
      s_ready <= pop || (wnext != {~rptr[AW], rptr[AW-1:0]});
    end
    if (rst) begin
      wptr    <= '0;
      rptr    <= '0;
      m_valid <= 1'b0;
      s_ready <= 1'b1;
    end
  end
endmodule
