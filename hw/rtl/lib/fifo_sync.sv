// SPDX-License-Identifier: Apache-2.0
//
// fifo_sync: show-ahead FIFO in distributed RAM, valid/ready on both sides.
//
// Latency 1 cycle, throughput 1 word per cycle. DEPTH is a power of two, at
// most 64. `count` is the number of words held; `s_ready` and `m_valid` are
// registers, so that no comparison of pointers stands in a handshake.
module fifo_sync #(
    parameter int WIDTH = 32,
    parameter int DEPTH = 16,
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
  logic        push, pop;

  // Without a user of `count` there is no subtractor.
  assign count = wptr - rptr;
  assign wnext = wptr + 1'b1;
  assign rnext = rptr + 1'b1;
  assign push  = s_valid && s_ready;
  assign pop   = m_valid && m_ready;

  ram_lut #(
      .WIDTH(WIDTH),
      .DEPTH(DEPTH)
  ) u_mem (
      .clk  (clk),
      .we   (push),
      .waddr(wptr[AW-1:0]),
      .wdata(s_data),
      .raddr(rptr[AW-1:0]),
      .rdata(m_data)
  );

  always_ff @(posedge clk) begin
    if (push) wptr <= wnext;
    if (pop) rptr <= rnext;
    if (push != pop) begin
      m_valid <= push || rnext != wptr;
      s_ready <= pop || wnext != {~rptr[AW], rptr[AW-1:0]};
    end
    if (rst) begin
      wptr    <= '0;
      rptr    <= '0;
      m_valid <= 1'b0;
      s_ready <= 1'b1;
    end
  end
endmodule
