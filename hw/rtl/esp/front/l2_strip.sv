// SPDX-License-Identifier: Apache-2.0
//
// l2_strip: finds the end of the layer-2 header and aligns what follows to
// byte 0 of a word.
//
// Ethernet II with none, one or two VLAN tags (0x8100, 0x88a8). Where the
// type behind the tags is not IPv4, IPv6 or ARP, the header is taken to be 14
// bytes and everything behind it is data.
//
// No back-pressure: one word in and at most one out per cycle. A frame yields
// max(1, ceil(layer-3 bytes / 16)) words, never more than it has words itself,
// so frames may follow each other without a gap. Latency 2 cycles from the
// word that completes an aligned word; the rest of a frame's last word comes
// one cycle later, when the first word of the next frame has nothing to say.
//
// `a_kind` holds from the first word of a frame to its last; the other a_*
// of the frame hold with a_last. Bytes behind the end of the frame are
// undefined. A frame with no layer 3 yields one word with a_bytes = 0.
module l2_strip #(
    parameter int USER_W = 1,
    parameter int FRAME_MAX = 9216
) (
    input  logic              clk,
    input  logic              rst,
    input  logic              s_valid,
    input  logic [127:0]      s_data,
    input  logic [15:0]       s_keep,
    input  logic              s_last,
    input  logic [5:0]        s_err,
    input  logic [USER_W-1:0] s_user,
    output logic              a_valid,
    output logic              a_first,
    output logic              a_last,
    output logic [9:0]        a_idx,       // of the word, stays at 1023
    output logic [127:0]      a_data,
    output logic [1:0]        a_kind,
    output logic [13:0]       a_len,       // frame bytes, stays at 16383
    output logic              a_fits,      // 14 <= a_len <= FRAME_MAX
    output logic [13:0]       a_bytes,     // layer-3 bytes
    output logic              a_none,      // a_bytes is 0
    output logic [5:0]        a_err,
    output logic [USER_W-1:0] a_user,
    output logic [2:0]        a_l2_words,
    output logic [191:0]      a_l2
);
  // A type field, decoded: {VLAN tag, ARP, IPv6, IPv4}.
  function logic [3:0] etype(input logic [15:0] b);
    logic [15:0] t;
    t = {b[7:0], b[15:8]};
    etype = {(t == 16'h8100) || (t == 16'h88a8), t == 16'h0806, t == 16'h86dd, t == 16'h0800};
  endfunction

  function logic [1:0] kind_of(input logic [2:0] e);
    kind_of = e[0] ? espalier_pkg::KIND_IPV4 : e[1] ? espalier_pkg::KIND_IPV6 :
              e[2] ? espalier_pkg::KIND_ARP : espalier_pkg::KIND_OTHER;
  endfunction

  // {tags taken as header, kind} of a frame, when its second word comes. `e` is the
  // type field in the first one, t0 and t4 stand at bytes 0 and 4 of the second,
  // which has at least 2 or 6 bytes, or not.
  function logic [3:0] tags(input logic [3:0] e, input logic [15:0] t0, input logic [15:0] t4,
                            input logic has_2, input logic has_6);
    logic [3:0] e0;
    logic [2:0] e4;
    e0   = etype(t0);
    e4   = 3'(etype(t4));
    tags = {2'd0, espalier_pkg::KIND_OTHER};
    if (!e[3]) tags = {2'd0, kind_of(e[2:0])};
    else if (|e0[2:0] && has_2) tags = {2'd1, kind_of(e0[2:0])};
    else if (e0[3] && |e4 && has_6) tags = {2'd2, kind_of(e4)};
  endfunction

  // ---------------------------------------------- stage x: the word as it came
  logic              x_valid, x_last;
  logic [127:0]      x_data;
  logic [4:0]        x_nb;            // bytes in it
  logic              x_3, x_7, x_15;  // or more
  logic [3:0]        x_e12;           // type field at byte 12
  logic [5:0]        x_err;
  logic [USER_W-1:0] x_user;
  logic              second, past;    // s_* is the second word, or one behind it
  logic              x_start, x_second;   // x_* is the first word, or the second
  logic              v_second, v_past;    // the second word, or one behind it, has just come
  logic [1:0]        sh;              // number of tags taken as header
  logic [1:0]        kind;

  // tkeep is contiguous: the highest bit that is set says how many. A last
  // word without any is taken as one byte.
  function logic [4:0] bytes_of(input logic [15:0] keep);
    bytes_of = 5'd1;
    for (int i = 1; i < 16; i++) if (keep[i]) bytes_of = 5'(i + 1);
  endfunction

  always_ff @(posedge clk) begin
    x_valid <= s_valid && !rst;
    if (s_valid) begin
      x_data <= s_data;
      x_last <= s_last;
      // Said apart, so that a simulator looks at s_keep in last words only.
      if (s_last) begin
        x_nb <= bytes_of(s_keep);
        x_3  <= |s_keep[15:2];
        x_7  <= |s_keep[15:6];
        x_15 <= |s_keep[15:14];
      end else begin
        x_nb <= 5'd16;
        {x_3, x_7, x_15} <= '1;
      end
      if (!past && !second) x_e12 <= etype(s_data[111:96]);
      x_start  <= !past && !second;
      x_second <= second;
      second <= !s_last && !past && !second;
      past   <= !s_last && (past || second);
      x_err  <= s_err;
      x_user <= s_user;
    end
    v_second <= s_valid && second && !rst;
    v_past   <= s_valid && past && !rst;
    // Both stand when the second word is in x, and for a frame of one word in the
    // cycle behind it, in which its rest goes out.
    if (s_valid && second)
      {sh, kind} <= tags(x_e12, s_data[15:0], s_data[47:32], !s_last || (|s_keep[15:1]),
                         !s_last || (|s_keep[15:5]));
    else if (x_valid && x_last && x_start) begin
      sh   <= 2'd0;
      kind <= x_e12[3] ? espalier_pkg::KIND_OTHER : kind_of(x_e12[2:0]);
    end
    if (rst) begin
      second <= 1'b0;
      past   <= 1'b0;
    end
  end

  // ------------------------------------------------- stage y: the word before
  logic [127:16] y_data;
  logic [9:0]   m;        // index of the word in x
  logic [143:0] head;     // its bytes 0..15, then 16..21 behind the padding
  logic [47:0]  head1;
  logic         pend;                        // rest of the last word outstanding
  logic [13:0]  pend_len, len_x, len_now;
  logic [5:0]   pend_err;
  logic [USER_W-1:0] pend_user;
  logic         over;                        // x begins behind the word that FRAME_MAX ends in
  logic         fits_x, pend_fits;
  logic         emit, rest, last_now;
  logic [9:0]   idx;

  assign emit     = v_past || (v_second && sh == 2'd0);
  assign rest     = x_start || ((sh == 2'd0) ? x_15 : (x_second || ((sh == 2'd1) ? x_3 : x_7)));
  assign last_now = pend || (emit && x_last && !rest);
  assign len_x    = (m == 10'd1023) ? 14'h3fff : {m, 4'd0} + {9'd0, x_nb};
  assign len_now  = pend ? pend_len : len_x;
  assign fits_x   = !over && !(m == 10'(FRAME_MAX / 16) && x_nb > 5'(FRAME_MAX % 16)) &&
                    !(m == 10'd0 && x_nb < 5'd14);

  always_ff @(posedge clk) begin
    pend <= 1'b0;
    if (x_valid) begin
      y_data <= x_data[127:16];
      m      <= x_last ? 10'd0 : (m == 10'd1023) ? m : m + 10'd1;
      over   <= !x_last && (over || m == 10'(FRAME_MAX / 16));
      if (x_start) head <= {x_data, 16'd0};
      if (x_second) head1 <= x_data[47:0];
      if (x_last && rest) begin
        pend      <= 1'b1;
        pend_len  <= len_x;
        pend_fits <= fits_x;
        pend_err  <= x_err;
        pend_user <= x_user;
      end
    end
    if (rst) begin
      m    <= 10'd0;
      over <= 1'b0;
      pend <= 1'b0;
    end
  end

  // -------------------------------------------------- stage a: aligned words
  always_ff @(posedge clk) begin
    a_valid <= (emit || pend) && !rst;
    if (emit || pend) begin
      case (sh)
        2'd0:    a_data <= {x_data[111:0], y_data[127:112]};
        2'd1:    a_data <= {x_data[15:0], y_data[127:16]};
        default: a_data <= {x_data[47:0], y_data[127:48]};
      endcase
      a_first <= (idx == 10'd0);
      a_idx   <= idx;
      a_last  <= last_now;
      idx     <= last_now ? 10'd0 : (idx == 10'd1023) ? idx : idx + 10'd1;
      if (idx == 10'd0) begin
        a_kind     <= kind;
        a_l2_words <= {1'b1, sh};
        a_l2       <= {(sh == 2'd2) ? head1[47:16] : 32'd0,
                       (sh != 2'd0) ? {head1[15:0], head[143:128]} : 32'd0, head[127:0]};
      end
      if (last_now) begin
        a_len   <= len_now;
        a_fits  <= pend ? pend_fits : fits_x;
        a_bytes <= (len_now < 14'd14) ? 14'd0 : len_now - {10'd0, sh, 2'b10} - 14'd12;
        a_none  <= len_now <= {9'd0, 5'd14 + {1'b0, sh, 2'b00}};
        a_err   <= pend ? pend_err : x_err;
        a_user  <= pend ? pend_user : x_user;
      end
    end
    if (rst) idx <= 10'd0;
  end
endmodule
