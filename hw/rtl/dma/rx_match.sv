// SPDX-License-Identifier: Apache-2.0
//
// rx_match: finds the receive buffer for each frame that comes from the
// inbound pipeline, or decides that it is dropped.
//
// Frame data goes into a buffer of its own (BUF_BEATS words), so that the
// next frame is decided upon while the one before is still being written.
// Dropped: the queue does not run or has nothing posted (RX_NO_BUFFER), is
// being reset (RX_RESET), or its next buffer is too small (RX_BUFFER_SMALL;
// the buffer stays for the next frame). A frame waits while descriptors are
// posted but still on their way. A malformed descriptor is given back with
// RX_DESC_INVALID and the next one is tried.
// `s_tready` is a register: the buffers keep room for the word that it lags.
// Throughput: a decision every 4 cycles. Latency 4 cycles.
module rx_match #(
    parameter int NUM_QUEUES = 4,
    parameter int BUF_BEATS = 512,
    parameter int QW = (NUM_QUEUES > 1) ? $clog2(NUM_QUEUES) : 1
) (
    input logic clk,
    input logic rst,

    input  logic                      s_tvalid,
    output logic                      s_tready,
    input  logic [             127:0] s_tdata,
    input  logic                      s_tlast,
    input  espalier_pkg::rx_meta_t    s_meta,

    input  logic [NUM_QUEUES-1:0] run,
    input  logic [NUM_QUEUES-1:0] halt,
    input  logic [NUM_QUEUES-1:0] avail,
    input  logic [NUM_QUEUES-1:0] posted,
    output logic [        QW-1:0] look_q,
    input  logic [          15:0] look_taken,
    output logic                  rd_en,
    output logic [        QW-1:0] rd_q,
    output logic [           4:0] rd_place,
    input  logic [         127:0] rd_data,
    output logic                  take,
    output logic [        QW-1:0] take_q,
    output logic                  admit,
    output logic [        QW-1:0] admit_q,
    output logic [NUM_QUEUES-1:0] busy,

    // decisions, in order of the frames
    output logic                      c_valid,
    input  logic                      c_ready,
    output logic                      c_frame,  // ends a frame (else: a descriptor is given back)
    output logic                      c_drop,
    output logic [              59:0] c_word,   // where it goes: address / 16
    output logic [              15:0] c_index,
    output espalier_pkg::rx_meta_t    c_meta,   // code: how it ends

    output logic         d_valid,
    input  logic         d_ready,
    output logic [127:0] d_data,
    output logic         idle
);
  // ------------------------------------------------------------------- input
  logic begin_frame, unused_data_ready, unused_meta_ready;
  logic [$clog2(BUF_BEATS):0] data_used;
  logic [4:0] meta_used;
  logic meta_valid, meta_pop;
  espalier_pkg::rx_meta_t meta;

  always_ff @(posedge clk) begin
    s_tready <= (data_used < ($clog2(BUF_BEATS) + 1)'(BUF_BEATS - 1)) && (meta_used < 5'd15);
    if (s_tvalid && s_tready) begin_frame <= s_tlast;
    if (rst) begin
      s_tready    <= 1'b0;
      begin_frame <= 1'b1;
    end
  end

  pkt_fifo #(.WIDTH(128), .DEPTH(BUF_BEATS)) u_data (
      .clk(clk), .rst(rst),
      .s_valid(s_tvalid && s_tready), .s_ready(unused_data_ready), .s_data(s_tdata),
      .commit(1'b1), .rollback(1'b0),
      .m_valid(d_valid), .m_ready(d_ready), .m_data(d_data), .used(data_used));

  fifo_sync #(.WIDTH(92), .DEPTH(16)) u_meta (
      .clk(clk), .rst(rst),
      .s_valid(s_tvalid && s_tready && begin_frame), .s_ready(unused_meta_ready), .s_data(s_meta),
      .m_valid(meta_valid), .m_ready(meta_pop), .m_data(meta), .count(meta_used));

  // ---------------------------------------------------------------- decision
  typedef enum logic [1:0] {LOOK, WAIT, CHECK, SAY} state_t;
  state_t state;
  logic [QW-1:0] q, q_in;
  logic exists, running, halted;
  logic drop, bad;
  logic [5:0] code;
  logic [59:0] word;
  logic [15:0] index;

  assign q_in    = meta.qid[QW-1:0];
  assign exists  = (meta.qid < 8'(NUM_QUEUES));
  assign running = exists && run[q_in];
  assign halted  = exists && halt[q_in];

  assign look_q   = q_in;
  assign rd_q     = q_in;
  assign rd_place = look_taken[4:0];
  assign rd_en    = (state == LOOK) && meta_valid && running && avail[q_in];

  always_ff @(posedge clk) begin
    case (state)
      LOOK:
      if (meta_valid) begin
        q     <= q_in;
        index <= look_taken;
        drop  <= 1'b0;
        bad   <= 1'b0;
        if (running && avail[q_in]) state <= WAIT;
        else if (!(running && posted[q_in])) begin
          drop  <= 1'b1;
          code  <= halted ? espalier_pkg::RX_RESET : espalier_pkg::RX_NO_BUFFER;
          state <= SAY;
        end
      end
      WAIT: state <= CHECK;
      CHECK: begin
        word  <= rd_data[63:4];
        code  <= meta.code;
        state <= SAY;
        if (rd_data[127:80] != 48'd0 || rd_data[5:0] != 6'd0 || rd_data[79:64] < 16'd64) begin
          bad  <= 1'b1;
          code <= espalier_pkg::RX_DESC_INVALID;
        end else if ({2'b00, meta.len} > rd_data[79:64]) begin
          drop <= 1'b1;
          code <= espalier_pkg::RX_BUFFER_SMALL;
        end
      end
      default: if (c_ready) state <= LOOK;
    endcase
    if (rst) state <= LOOK;
  end

  assign c_valid  = (state == SAY);
  assign c_frame  = !bad;
  assign c_drop   = drop;
  assign c_word   = word;
  assign c_index  = index;
  always_comb begin
    c_meta      = meta;
    c_meta.code = code;
    if (bad) begin
      c_meta.handle = '0;
      c_meta.hash   = '0;
      c_meta.len    = '0;
    end
  end
  assign meta_pop = c_valid && c_ready && !bad;
  assign take     = c_valid && c_ready && !drop;
  assign take_q   = q;
  assign admit    = take;
  assign admit_q  = q;

  always_comb for (int i = 0; i < NUM_QUEUES; i++) busy[i] = state != LOOK && q == QW'(i);
  assign idle = (state == LOOK) && !meta_valid && (data_used == '0) && !s_tvalid;

  logic unused;
  assign unused = &{1'b0, unused_data_ready, unused_meta_ready};
endmodule
