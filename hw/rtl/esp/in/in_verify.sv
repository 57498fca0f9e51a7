// SPDX-License-Identifier: Apache-2.0
//
// in_verify: holds decrypted packets back until their ICV has been compared.
//
// Words from the cipher (g_*) go into a packet buffer three cycles later, when
// the verdict on their packet is known: with the last word the packet is
// committed, or taken back whole (RFC 4303 section 3.4.4). The buffer's read
// side (m_*) therefore shows verified packets only. in_feed takes room with
// v_take before it gives the command; what leaves or is taken back is free.
//
// The received ICV is compared over its full length in one go: difference,
// masked by the length of the SA's ICV; OR in two stages.
//
// Padding: the whole of it, up to 255 bytes, is compared with 1, 2, 3 ... (RFC
// 4303 section 2.4). `run` is the length of such a sequence that ends with the
// word before; that it lies within the packet is said by the pad length check.
//
// For every packet, good or bad, one record t_* comes in order, about 8 cycles
// after the last word. In tunnel mode its plaintext is parsed as an IP datagram, in
// transport mode four places of it are kept. The store of records is as deep as
// there can be packets in flight.
module in_verify #(
    parameter int BUF_BEATS = 2048,
    parameter int BW = $clog2(BUF_BEATS)
) (
    input  logic                 clk,
    input  logic                 rst,
    // expected packets
    input  logic                 e_valid,
    output logic                 e_ready,
    input  logic [13:0]          e_ct_len,
    input  logic [1:0]           e_icv_kind,
    input  logic                 e_tunnel,
    // i_valid is not looked at: the ICV was there before the cipher was done
    output logic                 i_ready,
    input  logic [127:0]         i_icv,
    // cipher
    input  logic                 g_valid,
    input  logic [127:0]         g_data,
    input  logic                 g_last,
    input  logic [127:0]         g_icv,
    // room
    output logic [BW:0]          v_free,
    input  logic                 v_take,
    input  logic [9:0]           v_words,
    // verified packets
    output logic                 m_valid,
    input  logic                 m_ready,
    output logic [127:0]         m_data,
    output logic                 t_valid,
    input  logic                 t_ready,
    output esp_in_pkg::trailer_t t_trailer,
    output esp_in_pkg::inner_t   t_inner
);
  // -------------------------------------------------- stage 1: word and ICVs
  logic         x1_valid, x1_last, x1_first, x1_tunnel, started;
  logic [127:0] x1_data, x1_icv, x1_rx;
  logic [13:0]  x1_len;
  logic [1:0]   x1_kind;

  assign e_ready = g_valid && g_last;
  assign i_ready = g_valid && g_last;

  always_ff @(posedge clk) begin
    x1_valid <= g_valid && !rst;
    if (g_valid) begin
      x1_data  <= g_data;
      x1_last  <= g_last;
      x1_first <= !started;
      started  <= !g_last;
      x1_len   <= e_ct_len;
      x1_tunnel <= e_tunnel;
      if (g_last) begin
        x1_icv  <= g_icv;
        x1_rx   <= i_icv;
        x1_kind <= e_icv_kind;
      end
    end
    if (rst) started <= 1'b0;
  end

  // ------------------------------- stage 2: difference, padding made aligned
  logic         x2_valid, x2_last, x2_first, x2_tunnel;
  logic [127:0] x2_data, x2_diff, x2_pad;
  logic [13:0]  x2_len;         // without pad length and next header
  logic [7:0]   x2_top, x2_nh;  // value that the sequence must end on
  logic [4:0]   x2_n;           // bytes of x2_pad that count, from the top
  logic [127:0] mask;

  assign mask = {(x1_kind == 2'd0) ? 32'hffff_ffff : 32'd0, (x1_kind != 2'd2) ? 32'hffff_ffff : 32'd0,
                 64'hffff_ffff_ffff_ffff};

  // {bytes to be compared, value they must end on, next header, how many bytes}.
  // The last word ends with pad length and next header at one of four places.
  function logic [148:0] align(input logic [127:0] w, input logic last, input logic [1:0] place);
    if (!last) align = {w, w[127:120], w[127:120], 5'd16};
    else begin
      case (place)
        2'd1: align = {w[15:0], 112'd0, w[23:16], w[31:24], 5'd2};
        2'd2: align = {w[47:0], 80'd0, w[55:48], w[63:56], 5'd6};
        2'd3: align = {w[79:0], 48'd0, w[87:80], w[95:88], 5'd10};
        default: align = {w[111:0], 16'd0, w[119:112], w[127:120], 5'd14};
      endcase
    end
  endfunction

  always_ff @(posedge clk) begin
    x2_valid <= x1_valid && !rst;
    if (x1_valid) begin
      x2_data  <= x1_data;
      x2_last  <= x1_last;
      x2_first <= x1_first;
      x2_len   <= x1_len - 14'd2;
      x2_tunnel <= x1_tunnel;
      {x2_pad, x2_top, x2_nh, x2_n} <= align(x1_data, x1_last, x1_len[3:2]);
      if (x1_last) x2_diff <= (x1_icv ^ x1_rx) & mask;
    end
  end

  // ------------------------------------------------- stage 3: first reduction
  logic         x3_valid, x3_last, x3_first, x3_tunnel, x3_all, x3_long, x3_fits;
  logic [127:0] x3_data;
  logic [7:0]   x3_diff, x3_need, x3_top, x3_nh;
  logic [13:0]  x3_pay;

  // Are the upper n bytes of w (or only `top` of them) ... top-2, top-1, top?
  function logic rising(input logic [127:0] w, input logic [7:0] top, input logic [4:0] n);
    rising = 1'b1;
    for (int i = 0; i < 16; i++)
      if (w[8*(15-i)+:8] != top - 8'(i) && 5'(i) < n && 8'(i) < top) rising = 1'b0;
  endfunction

  always_ff @(posedge clk) begin
    x3_valid <= x2_valid && !rst;
    if (x2_valid) begin
      x3_data  <= x2_data;
      x3_last  <= x2_last;
      x3_first <= x2_first;
      x3_tunnel <= x2_tunnel;
      x3_all   <= rising(x2_pad, x2_top, x2_n);
      x3_long  <= x2_top > {3'd0, x2_n};
      x3_need  <= x2_top - {3'd0, x2_n};
      x3_top   <= x2_top;
      x3_nh    <= x2_nh;
      x3_fits  <= {6'd0, x2_top} <= x2_len;
      x3_pay   <= x2_len - {6'd0, x2_top};
      if (x2_last) begin
        for (int i = 0; i < 8; i++) x3_diff[i] <= |x2_diff[16*i+:16];
      end
    end
  end

  // ----------------------------------------- verdict, with the word's writing
  logic [7:0]  run;
  logic        seq_ok, icv_ok, commit, rollback, back;
  logic [15:0] csum;
  esp_in_pkg::trailer_t tr;

  assign seq_ok = x3_all && (!x3_long || run == x3_need);
  assign icv_ok = x3_diff == 8'd0;
  assign commit = x3_valid && x3_last && icv_ok;
  assign rollback = x3_valid && x3_last && !icv_ok;

  always_ff @(posedge clk) begin
    if (x3_valid) begin
      run <= seq_ok ? x3_top : 8'd0;
      csum <= tr.csum;
    end
  end

  always_comb begin
    tr.icv_ok  = icv_ok;
    tr.pad_ok  = seq_ok && x3_fits;
    tr.nh      = x3_nh;
    tr.pay_len = x3_fits ? x3_pay : 14'd0;
    tr.csum    = x3_first ? x3_data[95:80] : csum;
  end

  logic [BW:0] unused_used;
  logic        unused_ready;
  pkt_fifo #(
      .WIDTH(128),
      .DEPTH(BUF_BEATS)
  ) u_buf (
      .clk(clk),
      .rst(rst),
      .s_valid(x3_valid),
      .s_ready(unused_ready),
      .s_data(x3_data),
      .commit(commit),
      .rollback(rollback),
      .m_valid(m_valid),
      .m_ready(m_ready),
      .m_data(m_data),
      .used(unused_used)
  );

  // Words of the packet under way, for a rollback.
  logic [9:0] got, give;
  always_ff @(posedge clk) begin
    if (x3_valid) got <= x3_last ? 10'd0 : got + 10'd1;
    give <= (rollback) ? got + 10'd1 : 10'd0;
    back <= m_valid && m_ready;
    v_free <= v_free - (v_take ? (BW+1)'(v_words) : '0) + (BW+1)'(give) + (BW+1)'(back);
    if (rst) begin
      v_free <= (BW+1)'(BUF_BEATS);
      got    <= 10'd0;
      give   <= 10'd0;
      back   <= 1'b0;
    end
  end

  // ---------------------------------------------------------- inner datagram
  localparam int TW = $bits(tr);
  logic              p_valid, unused_ok, unused_tready;
  logic [TW-1:0]     p_tr;
  logic [15:0]       unused_total;
  logic [5:0]        unused_tcount;
  // Of the inner header only what decapsulation looks at.
  /* verilator lint_off UNUSEDSIGNAL */
  espalier_pkg::l3_t p_l3;
  /* verilator lint_on UNUSEDSIGNAL */
  esp_in_pkg::inner_t p_inner;

  l3_parse #(
      .USER_W(TW)
  ) u_parse (
      .clk    (clk),
      .rst    (rst),
      .s_valid(x3_valid),
      .s_last (x3_last),
      .s_data (x3_data),
      .s_kind (2'd0),
      .s_auto (1'b1),
      .s_raw  (!x3_tunnel),
      .s_bytes(tr.pay_len),
      .s_user (tr),
      .e_ok   (unused_ok),
      .e_total(unused_total),
      .m_valid(p_valid),
      .m_user (p_tr),
      .m_l3   (p_l3)
  );

  always_comb begin
    p_inner.kind = p_l3.kind;
    p_inner.bad  = p_l3.bad;
    p_inner.len  = p_l3.len;
    p_inner.ecn  = p_l3.tos[1:0];
    p_inner.sel  = p_l3.sel;
  end

  fifo_block #(
      .WIDTH(TW + $bits(p_inner)),
      .DEPTH(32),
      .WORDS(2)
  ) u_records (
      .clk(clk),
      .rst(rst),
      .s_valid(p_valid),
      .s_ready(unused_tready),
      .s_data({p_tr, p_inner}),
      .m_valid(t_valid),
      .m_ready(t_ready),
      .m_data({t_trailer, t_inner}),
      .count(unused_tcount)
  );

  logic unused;
  assign unused = &{1'b0, unused_ok, unused_total, unused_ready, unused_used, unused_tready, unused_tcount,
                    e_valid};
endmodule
