// SPDX-License-Identifier: Apache-2.0
//
// tx_pack: packs the bytes of a packet's segments, each at any alignment and
// of any length, into a stream of full words: only the last word of a frame
// may be short.
//
// The rotation of a segment is constant: if `fill` bytes of the word under
// construction are there when it begins, its byte at bus position p belongs
// at (p - offset + fill) mod 16. Stages: issue (which bytes, how far),
// rotate by 4s, rotate by 1s, merge with the bytes kept from before, output
// buffer. Throughput: a word read per cycle, and one cycle more for a frame
// that needs more words out than its last word in can give. Latency 5 cycles.
//
// A frame that must not go out (code of its only segment, or a read that met
// an AXI error) carries the code in m_terr with m_tlast; a frame without
// data is one word with m_tkeep = 0.
module tx_pack (
    input logic clk,
    input logic rst,

    input  logic                      pk_valid,
    output logic                      pk_ready,
    input  logic [               3:0] pk_off,
    input  logic [               9:0] pk_beats,
    input  logic                      pk_none,   // no beats
    input  logic                      pk_one,    // one beat or none
    input  logic [               4:0] pk_first,  // bytes in the first beat
    input  logic [               4:0] pk_last,   // in the last one of several
    input  logic                      pk_eop,
    input  logic [               5:0] pk_code,
    input  logic                      user_valid,
    output logic                      user_ready,
    input  espalier_pkg::tx_user_t    user,
    input  logic                      d_valid,
    output logic                      d_ready,
    input  logic [             127:0] d_data,
    input  logic                      d_err,

    output logic                      m_tvalid,
    input  logic                      m_tready,
    output logic [             127:0] m_tdata,
    output logic [              15:0] m_tkeep,
    output logic                      m_tlast,
    output logic [               5:0] m_terr,
    output espalier_pkg::tx_user_t    m_user,
    output logic                      busy
);
  // ------------------------------------------------------------------- issue
  logic go;  // the pipeline moves
  logic [9:0] left, left_q;  // words of the segment, this one included
  logic [3:0] fill, rot_q, rot;
  logic [4:0] n, total;
  logic first, last_q, last_word, flush, end_frame, issue;
  logic [4:0] flush_keep;

  assign last_word = first ? pk_one : last_q;
  assign left      = first ? pk_beats : left_q;
  assign n         = first ? pk_first : last_q ? pk_last : 5'd16;
  assign total     = {1'b0, fill} + n;
  assign rot       = first ? fill - pk_off : rot_q;
  assign issue     = go && !flush && pk_valid && (d_valid || pk_none);
  assign d_ready   = go && !flush && pk_valid && !pk_none;
  assign pk_ready  = issue && last_word;
  assign end_frame = last_word && pk_eop;

  logic a_valid, a_emit, a_last, a_err, a_flush;
  logic [127:0] a_data;
  logic [3:0] a_rot, a_fill;
  logic [4:0] a_keep;
  logic [5:0] a_code;

  always_ff @(posedge clk) begin
    if (go) begin
      a_valid <= issue || flush;
      if (flush) begin
        flush   <= 1'b0;
        a_flush <= 1'b1;
        a_emit  <= 1'b1;
        a_last  <= 1'b1;
        a_keep  <= flush_keep;
        a_err   <= 1'b0;
      end else if (issue) begin
        first      <= last_word;
        last_q     <= (left == 10'd2);
        left_q     <= left - 10'd1;
        fill       <= end_frame ? 4'd0 : total[3:0];
        rot_q      <= rot;
        flush      <= end_frame && (total > 5'd16);
        flush_keep <= total - 5'd16;
        a_flush    <= 1'b0;
        a_emit     <= end_frame || total[4];
        a_last     <= end_frame && (total <= 5'd16);
        a_keep     <= (end_frame && !total[4]) ? total : 5'd16;
        a_fill     <= fill;
        a_rot      <= rot;
        a_data     <= d_data;
        a_err      <= d_err && !pk_none;
        a_code     <= pk_code;
      end
    end
    if (rst) begin
      a_valid <= 1'b0;
      flush   <= 1'b0;
      first   <= 1'b1;
      fill    <= 4'd0;
    end
  end

  // ------------------------------------------------------------------ rotate
  logic b_valid, b_emit, b_last, b_err, b_flush;
  logic c_valid, c_emit, c_last, c_err, c_flush;
  logic [127:0] b_data, c_data;
  logic [1:0] b_rot;
  logic [3:0] b_fill, c_fill;
  logic [4:0] b_keep, c_keep;
  logic [5:0] b_code, c_code;

  always_ff @(posedge clk) begin
    if (go) begin
      b_valid <= a_valid;
      if (a_valid) begin
        case (a_rot[3:2])
          2'd0: b_data <= a_data;
          2'd1: b_data <= {a_data[95:0], a_data[127:96]};
          2'd2: b_data <= {a_data[63:0], a_data[127:64]};
          default: b_data <= {a_data[31:0], a_data[127:32]};
        endcase
        b_rot   <= a_rot[1:0];
        b_fill  <= a_fill;
        b_keep  <= a_keep;
        b_code  <= a_code;
        b_emit  <= a_emit;
        b_last  <= a_last;
        b_err   <= a_err;
        b_flush <= a_flush;
      end
      c_valid <= b_valid;
      if (b_valid) begin
        case (b_rot)
          2'd0: c_data <= b_data;
          2'd1: c_data <= {b_data[119:0], b_data[127:120]};
          2'd2: c_data <= {b_data[111:0], b_data[127:112]};
          default: c_data <= {b_data[103:0], b_data[127:104]};
        endcase
        c_fill  <= b_fill;
        c_keep  <= b_keep;
        c_code  <= b_code;
        c_emit  <= b_emit;
        c_last  <= b_last;
        c_err   <= b_err;
        c_flush <= b_flush;
      end
    end
    if (rst) begin
      b_valid <= 1'b0;
      c_valid <= 1'b0;
    end
  end

  // ------------------------------------------------------------------- merge
  logic [127:0] kept, mask, merged;
  logic err_before, out_valid, out_ready;
  always_comb begin
    case (c_fill)
      4'd1: mask = {120'd0, {8{1'b1}}};
      4'd2: mask = {112'd0, {16{1'b1}}};
      4'd3: mask = {104'd0, {24{1'b1}}};
      4'd4: mask = {96'd0, {32{1'b1}}};
      4'd5: mask = {88'd0, {40{1'b1}}};
      4'd6: mask = {80'd0, {48{1'b1}}};
      4'd7: mask = {72'd0, {56{1'b1}}};
      4'd8: mask = {64'd0, {64{1'b1}}};
      4'd9: mask = {56'd0, {72{1'b1}}};
      4'd10: mask = {48'd0, {80{1'b1}}};
      4'd11: mask = {40'd0, {88{1'b1}}};
      4'd12: mask = {32'd0, {96{1'b1}}};
      4'd13: mask = {24'd0, {104{1'b1}}};
      4'd14: mask = {16'd0, {112{1'b1}}};
      4'd15: mask = {8'd0, {120{1'b1}}};
      default: mask = 128'd0;
    endcase
    if (c_flush) mask = {128{1'b1}};
  end
  assign merged = (kept & mask) | (c_data & ~mask);
  assign out_valid = c_valid && c_emit;
  assign go     = !out_valid || out_ready;

  always_ff @(posedge clk) begin
    if (go && c_valid) begin
      kept       <= c_emit ? c_data : merged;
      err_before <= !c_last && (err_before || c_err);
    end
    if (rst) err_before <= 1'b0;
  end

  logic [5:0] terr;
  logic [15:0] keep;
  assign terr = !c_last ? espalier_pkg::CODE_NONE :
                (c_code != espalier_pkg::CODE_NONE) ? c_code :
                (err_before || c_err) ? espalier_pkg::TX_DMA_ERROR : espalier_pkg::CODE_NONE;
  assign keep = ~(16'hffff << c_keep);

  skid_buffer #(.WIDTH(128 + 16 + 1 + 6 + 57)) u_out (
      .clk(clk), .rst(rst),
      .s_valid(out_valid), .s_ready(out_ready), .s_data({merged, keep, c_last, terr, user}),
      .m_valid(m_tvalid), .m_ready(m_tready),
      .m_data({m_tdata, m_tkeep, m_tlast, m_terr, m_user}));

  assign user_ready = out_valid && out_ready && c_last;
  assign busy       = pk_valid || flush || a_valid || b_valid || c_valid || m_tvalid;

  logic unused;
  assign unused = &{1'b0, user_valid};
endmodule
