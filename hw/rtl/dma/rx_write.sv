// SPDX-License-Identifier: Apache-2.0
//
// rx_write: writes received frames to their buffers and gives each its
// completion once every write of it was answered.
//
// Bursts of at most BURST_MAX beats, none across 4 KiB; the last word of a
// frame has strobes for its bytes only. Words of dropped frames are thrown
// away at one a cycle. Throughput: a word a cycle, no bubble between frames.
// Up to 32 frames wait for responses.
module rx_write #(
    parameter int NUM_QUEUES = 4,
    parameter int BURST_MAX = 64,
    parameter int QW = (NUM_QUEUES > 1) ? $clog2(NUM_QUEUES) : 1
) (
    input logic clk,
    input logic rst,

    input  logic                      c_valid,
    output logic                      c_ready,
    input  logic                      c_frame,
    input  logic                      c_drop,
    input  logic [              59:0] c_word,
    input  logic [              15:0] c_index,
    input  espalier_pkg::rx_meta_t    c_meta,
    input  logic                      d_valid,
    output logic                      d_ready,
    input  logic [             127:0] d_data,

    output logic         aw_valid,
    input  logic         aw_ready,
    output logic [ 63:0] aw_addr,
    output logic [  7:0] aw_len,
    output logic         w_valid,
    input  logic         w_ready,
    output logic [127:0] w_data,
    output logic [ 15:0] w_strb,
    input  logic         resp,
    input  logic         resp_err,

    // completions
    output logic                      cpl_valid,
    input  logic                      cpl_ready,
    output logic [            QW-1:0] cpl_q,
    output logic [              15:0] cpl_index,
    output logic [               5:0] cpl_code,
    output logic [              31:0] cpl_handle,
    output logic [              31:0] cpl_hash,
    output logic [              13:0] cpl_len,
    output logic                      stat_valid,
    output espalier_pkg::stat_t       stat,
    output logic                      idle
);
  logic payload;
  logic [13:0] span;
  logic [9:0] beats;
  assign payload = c_frame && !c_drop;
  assign span    = c_meta.len + 14'd15;
  assign beats   = span[13:4];

  logic run_ready, word_ready, rec_ready, go;
  assign c_ready = run_ready && word_ready && rec_ready;
  assign go      = c_valid && c_ready;

  // --------------------------------------------------------------- addresses
  logic run_valid, run_pop, burst_valid, burst_last, mark_ready, unused_busy;
  logic [59:0] run_word;
  logic [9:0] run_beats, unused_n;
  logic [4:0] unused_run_count, unused_word_count;
  fifo_sync #(.WIDTH(70), .DEPTH(16)) u_runs (
      .clk(clk), .rst(rst),
      .s_valid(go && payload), .s_ready(run_ready), .s_data({c_word, beats}),
      .m_valid(run_valid), .m_ready(run_pop), .m_data({run_word, run_beats}),
      .count(unused_run_count));

  burst_split #(.BURST_MAX(BURST_MAX)) u_split (
      .clk(clk), .rst(rst),
      .s_valid(run_valid), .s_ready(run_pop), .s_word(run_word), .s_beats(run_beats),
      .room(1'b1),
      .m_valid(burst_valid), .m_ready(aw_ready && mark_ready), .m_addr(aw_addr), .m_len(aw_len),
      .m_beats(unused_n), .m_last(burst_last), .busy(unused_busy));
  assign aw_valid = burst_valid && mark_ready;

  // -------------------------------------------------------------------- data
  logic word_valid, word_take, in_drop, have, drop, end_word, word_go;
  logic [9:0] word_beats, left;  // left: words of the frame in hand, with this one
  logic [3:0] word_tail, tail;   // bytes in the last word, 0 = 16
  fifo_sync #(.WIDTH(15), .DEPTH(16)) u_words (
      .clk(clk), .rst(rst),
      .s_valid(go && c_frame), .s_ready(word_ready), .s_data({c_drop, beats, c_meta.len[3:0]}),
      .m_valid(word_valid), .m_ready(word_take),
      .m_data({in_drop, word_beats, word_tail}), .count(unused_word_count));

  assign word_go   = d_valid && d_ready;
  assign word_take = !have || (word_go && end_word);
  assign d_ready   = have && (drop || w_ready);
  assign w_valid   = d_valid && have && !drop;
  assign w_data    = d_data;
  assign w_strb    = (end_word && tail != 4'd0) ? ~(16'hffff << tail) : 16'hffff;

  always_ff @(posedge clk) begin
    if (word_go) begin
      left     <= left - 10'd1;
      end_word <= (left == 10'd2);
    end
    if (word_take) begin
      have     <= word_valid;
      drop     <= in_drop;
      left     <= word_beats;
      tail     <= word_tail;
      end_word <= (word_beats == 10'd1);
    end
    if (rst) have <= 1'b0;
  end

  // --------------------------------------------------------------- responses
  // One mark a burst: does it end a frame? One verdict a frame: any error?
  logic mark_valid, mark_last, err_before, done_valid, done_err, done_pop, unused_done_ready;
  logic [6:0] unused_mark_count;
  logic [5:0] unused_done_count;
  fifo_sync #(.WIDTH(1), .DEPTH(64)) u_marks (
      .clk(clk), .rst(rst),
      .s_valid(burst_valid && aw_ready && mark_ready), .s_ready(mark_ready), .s_data(burst_last),
      .m_valid(mark_valid), .m_ready(resp), .m_data(mark_last), .count(unused_mark_count));
  fifo_sync #(.WIDTH(1), .DEPTH(32)) u_done (
      .clk(clk), .rst(rst),
      .s_valid(resp && mark_last), .s_ready(unused_done_ready), .s_data(err_before || resp_err),
      .m_valid(done_valid), .m_ready(done_pop), .m_data(done_err), .count(unused_done_count));

  always_ff @(posedge clk) begin
    if (resp) err_before <= !mark_last && (err_before || resp_err);
    if (rst) err_before <= 1'b0;
  end

  // ----------------------------------------------------------------- records
  logic rec_valid, rec_pop, rec_frame, rec_drop, rec_payload;
  logic [15:0] rec_index;
  logic [5:0] rec_count, end_code;
  espalier_pkg::rx_meta_t rec;
  fifo_block #(.WIDTH(2 + 16 + 92), .DEPTH(32), .WORDS(2)) u_records (
      .clk(clk), .rst(rst),
      .s_valid(go), .s_ready(rec_ready), .s_data({c_frame, c_drop, c_index, c_meta}),
      .m_valid(rec_valid), .m_ready(rec_pop), .m_data({rec_frame, rec_drop, rec_index, rec}),
      .count(rec_count));

  assign rec_payload = rec_frame && !rec_drop;
  assign end_code    = (rec_payload && done_err) ? espalier_pkg::RX_DMA_ERROR : rec.code;
  assign cpl_valid   = rec_valid && !rec_drop && (!rec_payload || done_valid);
  assign cpl_q       = rec.qid[QW-1:0];
  assign cpl_index   = rec_index;
  assign cpl_code    = end_code;
  assign cpl_handle  = rec.handle;
  assign cpl_hash    = rec.hash;
  assign cpl_len     = rec.len;
  assign rec_pop     = rec_drop || (cpl_valid && cpl_ready);
  assign done_pop    = cpl_valid && cpl_ready && rec_payload;
  assign idle        = (rec_count == 6'd0) && !word_valid && !have;

  always_ff @(posedge clk) begin
    stat_valid <= rec_valid && rec_pop && rec_frame;
    if (rec_valid) begin
      stat.code  <= end_code;
      stat.bytes <= rec.len;
    end
    if (rst) stat_valid <= 1'b0;
  end

  logic unused;
  assign unused = &{1'b0, unused_busy, unused_n, unused_run_count, unused_word_count, mark_valid,
                    unused_mark_count, unused_done_ready, unused_done_count, span[3:0]};
endmodule
