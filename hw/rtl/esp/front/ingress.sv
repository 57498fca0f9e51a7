// SPDX-License-Identifier: Apache-2.0
//
// ingress: takes Ethernet frames, hands over whole parsed ones.
//
// The layer-2 header is stripped and kept (l2_strip), layer 3 stands aligned
// in the packet buffer, cut to the length that its header says, and its header
// is parsed (l3_parse). Every frame gives one f_* record, in order, and
// ceil(data_len/16) words on d_*, which never have a bubble inside a frame.
//
// Throughput: one word per cycle in and out, so a frame costs ceil(bytes/16)
// cycles. Latency from a frame's last word to f_valid: 7 or 8 cycles. The words of
// a frame may show on d_* before its record does. Bytes of the last word
// behind data_len are undefined.
//
// A frame whose s_terr is not CODE_NONE ends with that code, else one shorter
// than 14 bytes or longer than FRAME_MAX with SHORT_CODE: such a record has
// data_len = 0 and brings no words, and only its lengths and f_user hold.
//
// Every record names a slot of the header window, where the first four words
// of layer 3 (as far as they exist) can be read until h_release; each record,
// also one with a code, has one slot and needs one h_release, in order. There
// are 16 slots, counted from the first word of a frame on.
//
// DROP_FULL = 0: s_tready goes low when the buffer or the slots are full.
// DROP_FULL = 1: s_tready is always high; a frame that finds no room is
// dropped whole and reported by drop_*. in_* is raised for it all the same.
//
// clk_parse clocks the parser and the records: `clk`, or that clock without the
// edges that do not matter there. It is wanted in the cycles of parse_due and 7
// more.
module ingress #(
    parameter int BUF_BEATS = 2048,
    parameter int USER_W = 1,
    parameter int DROP_FULL = 0,
    parameter logic [5:0] IN_CODE = espalier_pkg::TX_IN,
    parameter logic [5:0] SHORT_CODE = espalier_pkg::TX_LEN_INVALID,
    parameter int FRAME_MAX = 9216
) (
    input  logic                   clk,
    input  logic                   clk_parse,
    input  logic                   rst,
    output logic                   parse_due,
    input  logic                   s_tvalid,
    output logic                   s_tready,
    input  logic [127:0]           s_tdata,
    input  logic [15:0]            s_tkeep,
    input  logic                   s_tlast,
    input  logic [5:0]             s_terr,
    input  logic [USER_W-1:0]      s_user,
    output logic                   f_valid,
    input  logic                   f_ready,
    output espalier_pkg::frame_t   f_frame,
    output logic [USER_W-1:0]      f_user,
    output logic [3:0]             f_slot,
    output logic                   d_valid,
    input  logic                   d_ready,
    output logic [127:0]           d_data,
    input  logic [3:0]             h_slot,
    input  logic [1:0]             h_beat,
    output logic [127:0]           h_data,
    input  logic                   h_release,
    output logic                   in_valid,
    output espalier_pkg::stat_t    in_stat,
    output logic                   drop_valid,
    output logic [13:0]            drop_bytes
);
  localparam logic [5:0] CODE_NONE = espalier_pkg::CODE_NONE;
  localparam int BUF_AW = $clog2(BUF_BEATS);
  localparam int WORDS_MAX = (FRAME_MAX - 14 + 15) / 16;
  localparam int SIDE_W = 14 + 3 + 192 + 6 + 1 + 4 + USER_W;

  // --------------------------------------------------------------- admission
  logic              take;
  logic              in_frame;  // s_* is inside a frame
  logic [4:0]        admitted;  // frames from their first word to h_release
  logic              room;      // in the buffer, for what is under way besides
  logic [BUF_AW:0]   used;

  assign s_tready = (DROP_FULL != 0) || (room && (in_frame || !admitted[4]));
  assign take     = s_tvalid && s_tready;

  always_ff @(posedge clk) begin
    room <= used < (BUF_AW + 1)'(BUF_BEATS - 8);
    if (take) in_frame <= !s_tlast;
    if ((take && !in_frame) != h_release)
      admitted <= h_release ? admitted - 5'd1 : admitted + 5'd1;
    if (rst) begin
      room     <= 1'b0;
      in_frame <= 1'b0;
      admitted <= 5'd0;
    end
  end

  // --------------------------------------------------------------- alignment
  logic              a_valid, a_first, a_last;
  logic [9:0]        a_idx;
  logic [127:0]      a_data;
  logic [1:0]        a_kind;
  logic [13:0]       a_len, a_bytes;
  logic              a_none, a_fits;
  logic [5:0]        a_err;
  logic [USER_W-1:0] a_user;
  logic [2:0]        a_l2_words;
  logic [191:0]      a_l2;

  l2_strip #(
      .USER_W   (USER_W),
      .FRAME_MAX(FRAME_MAX)
  ) u_l2 (
      .clk       (clk),
      .rst       (rst),
      .s_valid   (take),
      .s_data    (s_tdata),
      .s_keep    (s_tkeep),
      .s_last    (s_tlast),
      .s_err     (s_terr),
      .s_user    (s_user),
      .a_valid   (a_valid),
      .a_first   (a_first),
      .a_last    (a_last),
      .a_idx     (a_idx),
      .a_data    (a_data),
      .a_kind    (a_kind),
      .a_len     (a_len),
      .a_fits    (a_fits),
      .a_bytes   (a_bytes),
      .a_none    (a_none),
      .a_err     (a_err),
      .a_user    (a_user),
      .a_l2_words(a_l2_words),
      .a_l2      (a_l2)
  );

  // ------------------------------------------------ what happens to the frame
  // Held slots are counted here, behind the point where a frame is lost; with
  // DROP_FULL = 0 `admitted` sees to it that there is always one, and `room` that
  // there is a place in the buffer: nothing is lost.
  logic [4:0]  held;
  logic [3:0]  slot;
  logic        lost_q, lost;   // dropped for want of room
  logic        no_slot_q, no_slot;
  logic        wanted, buf_we, buf_ready;
  logic        cut;            // the word in a_* is behind the length in the header
  logic        over;           // or behind the longest frame
  logic [5:0]  code;
  logic        e_ok;
  logic [15:0] e_total;
  logic        keep;           // a record comes of it

  // Found with the word before. No length in a header that makes sense is so small
  // that the second word would be cut.
  always_ff @(posedge clk) begin
    if (a_valid) begin
      cut  <= !a_last && !a_first && e_ok && ({2'd0, a_idx, 4'd0} + 16'd16 >= e_total);
      over <= !a_last && (a_idx >= 10'(WORDS_MAX - 1));
    end
    if (rst) begin
      cut  <= 1'b0;
      over <= 1'b0;
    end
  end
  assign wanted  = a_valid && !cut && !over && !(a_last && a_first && a_none);
  assign no_slot = (DROP_FULL != 0) && (a_first ? held[4] : no_slot_q);
  assign buf_we  = wanted && !lost_q && !no_slot;
  assign lost    = (DROP_FULL != 0) && (lost_q || no_slot || (buf_we && !buf_ready));
  assign code    = (a_err != CODE_NONE) ? a_err : a_fits ? CODE_NONE : SHORT_CODE;
  assign keep    = a_valid && a_last && !lost;

  always_ff @(posedge clk) begin
    if (a_valid) begin
      lost_q    <= lost && !a_last;
      no_slot_q <= no_slot;
    end
    if (keep) slot <= slot + 4'd1;
    // A slot counts from the first word on, but only if the frame stays.
    if (keep != h_release) held <= h_release ? held - 5'd1 : held + 5'd1;
    in_valid   <= a_valid && a_last && !rst;
    drop_valid <= a_valid && a_last && lost && !rst;
    if (a_valid && a_last) begin
      in_stat.code  <= IN_CODE;
      in_stat.bytes <= a_len;
      drop_bytes    <= a_len;
    end
    if (rst) begin
      lost_q    <= 1'b0;
      no_slot_q <= 1'b0;
      slot      <= 4'd0;
      held      <= 5'd0;
    end
  end

  // ----------------------------------------------------------- packet buffer
  pkt_fifo #(
      .WIDTH(128),
      .DEPTH(BUF_BEATS)
  ) u_buf (
      .clk     (clk),
      .rst     (rst),
      .s_valid (buf_we),
      .s_ready (buf_ready),
      .s_data  (a_data),
      .commit  (keep && code == CODE_NONE),
      .rollback(a_valid && a_last && (lost || code != CODE_NONE)),
      .m_valid (d_valid),
      .m_ready (d_ready),
      .m_data  (d_data),
      .used    (used)
  );

  // ----------------------------------------------------------- header window
  // `slot` is free to be written: the frames before it have others.
  ram_1r1w #(
      .WIDTH(128),
      .DEPTH(64),
      .OUTREG(0)
  ) u_head (
      .clk  (clk),
      .we   (buf_we && a_idx < 10'd4),
      .waddr({slot, a_idx[1:0]}),
      .wdata(a_data),
      .re   (1'b1),
      .raddr({h_slot, h_beat}),
      .rdata(h_data)
  );

  // ------------------------------------------------------------------ parser
  logic              p_valid, p_keep;
  espalier_pkg::l3_t p_l3;

  // The parser counts words up to 5; behind that only the last one matters.
  assign parse_due = (a_valid && (a_idx < 10'd5 || a_last)) || (f_valid && f_ready);

  l3_parse #(
      .USER_W(1)
  ) u_parse (
      .clk    (clk_parse),
      .rst    (rst),
      .s_valid(a_valid),
      .s_last (a_last),
      .s_data (a_data),
      .s_kind (a_kind),
      .s_auto (1'b0),
      .s_raw  (1'b0),
      .s_bytes(a_bytes),
      .s_user (keep),
      .e_ok   (e_ok),
      .e_total(e_total),
      .m_valid(p_valid),
      .m_user (p_keep),
      .m_l3   (p_l3)
  );

  // ------------------------------------------------------------------ records
  // Two queues as deep as there are slots: what is known at the end of the
  // frame, and what the parser says a little later.
  logic [SIDE_W-1:0] side;
  logic              side_valid, side_ready, l3_ready;
  logic [4:0]        side_count, l3_count;
  logic [13:0]       q_len;
  logic [2:0]        q_l2_words;
  logic [191:0]      q_l2;
  logic [5:0]        q_code;
  espalier_pkg::l3_t q_l3;
  // Said with one bit each, early, since whether a policy is asked for hangs on it, as it
  // does on the lowest bit of f_user.
  logic              q_whole;       // no code
  logic              p_ip, q_ip;    // an IP packet, its header in order
  assign p_ip = !p_l3.bad && (p_l3.kind == espalier_pkg::KIND_IPV4 || p_l3.kind == espalier_pkg::KIND_IPV6);

  fifo_sync #(
      .WIDTH(SIDE_W),
      .DEPTH(16),
      .EARLY(2)
  ) u_side (
      .clk    (clk_parse),
      .rst    (rst),
      .s_valid(keep),
      .s_ready(side_ready),
      .s_data ({a_len, a_l2_words, a_l2, code, slot, a_user, code == CODE_NONE}),
      .m_valid(side_valid),
      .m_ready(f_valid && f_ready),
      .m_data (side),
      .count  (side_count)
  );

  fifo_sync #(
      .WIDTH($bits(p_l3) + 1),
      .DEPTH(16),
      .EARLY(1)
  ) u_l3 (
      .clk    (clk_parse),
      .rst    (rst),
      .s_valid(p_valid && p_keep),
      .s_ready(l3_ready),
      .s_data ({p_l3, p_ip}),
      .m_valid(f_valid),
      .m_ready(f_ready),
      .m_data ({q_l3, q_ip}),
      .count  (l3_count)
  );

  logic unused;
  assign unused = &{1'b0, side_valid, side_ready, l3_ready, side_count, l3_count};

  assign {q_len, q_l2_words, q_l2, q_code, f_slot, f_user, q_whole} = side;

  always_comb begin
    f_frame.code      = q_code;
    f_frame.frame_len = q_len;
    f_frame.l2_words  = q_l2_words;
    f_frame.l2        = q_l2;
    f_frame.data_len  = q_whole ? q_l3.len : 14'd0;
    f_frame.ip        = q_whole && q_ip;
    f_frame.l3        = q_l3;
  end
endmodule
