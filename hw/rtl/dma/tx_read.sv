// SPDX-License-Identifier: Apache-2.0
//
// tx_read: reads the words of the segments that tx_sched lets through, many
// bursts ahead, into a buffer from which tx_pack takes them in order.
//
// A burst is asked for only when the buffer has room for one of BURST_MAX words,
// so the read channel never waits. A segment of one burst costs 3 cycles or its words.
// BUF_BEATS bounds what is under way: 512 words are eight bursts, or 80
// frames of 6 words.
module tx_read #(
    parameter int BURST_MAX = 64,
    parameter int BUF_BEATS = 512
) (
    input logic clk,
    input logic rst,

    input  logic        seg_valid,
    output logic        seg_ready,
    input  logic [59:0] seg_word,
    input  logic [ 9:0] seg_beats,

    output logic         ar_valid,
    input  logic         ar_ready,
    output logic [ 63:0] ar_addr,
    output logic [  7:0] ar_len,
    input  logic         beat,
    input  logic [127:0] beat_data,
    input  logic         beat_err,

    output logic         d_valid,
    input  logic         d_ready,
    output logic [127:0] d_data,
    output logic         d_err
);
  localparam int AW = $clog2(BUF_BEATS);

  logic split_ready, empty, unused_last, unused_busy, unused_ready;
  logic [9:0] n;
  logic [AW:0] free, unused_used;
  logic room;  // known a cycle late: two bursts are 2 cycles apart or more

  // A segment of a refused packet has nothing to read.
  assign empty     = (seg_beats == 10'd0);
  assign seg_ready = split_ready || empty;

  burst_split #(.BURST_MAX(BURST_MAX)) u_split (
      .clk(clk), .rst(rst),
      .s_valid(seg_valid && !empty), .s_ready(split_ready), .s_word(seg_word), .s_beats(seg_beats),
      .room(room),
      .m_valid(ar_valid), .m_ready(ar_ready), .m_addr(ar_addr), .m_len(ar_len), .m_beats(n),
      .m_last(unused_last), .busy(unused_busy));

  logic ask, drop;
  assign ask  = ar_valid && ar_ready;
  assign drop = d_valid && d_ready;
  always_ff @(posedge clk) begin
    if (ask || drop) free <= free - (ask ? (AW + 1)'(n) : '0) + {{AW{1'b0}}, drop};
    room <= (free >= (AW + 1)'(BURST_MAX)) && !rst;
    if (rst) free <= (AW + 1)'(BUF_BEATS);
  end

  pkt_fifo #(.WIDTH(129), .DEPTH(BUF_BEATS)) u_buf (
      .clk(clk), .rst(rst),
      .s_valid(beat), .s_ready(unused_ready), .s_data({beat_err, beat_data}),
      .commit(1'b1), .rollback(1'b0),
      .m_valid(d_valid), .m_ready(d_ready), .m_data({d_err, d_data}), .used(unused_used));

  logic unused;
  assign unused = &{1'b0, unused_last, unused_busy, unused_ready, unused_used};
endmodule
