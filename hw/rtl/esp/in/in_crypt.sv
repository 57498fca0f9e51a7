// SPDX-License-Identifier: Apache-2.0
//
// in_crypt: from admission to verified words: what feeds the cipher, what holds
// its output back until the ICV has been compared, and the buffer beside it for
// frames in clear.
//
// A frame goes in as work (w_*), with the answer of the replay pre-check (r_*) for
// ESP, and its words of layer 3 (d_*). Out come how admission ended (a_*), for
// ESP the record of the verified packet (t_*), and its words: v_* those of
// packets whose ICV was right, b_* those of frames in clear.
//
// Nothing decrypted is on v_* before its ICV has been verified.
module in_crypt #(
    parameter int SA_ENTRIES = 1024,
    parameter int BUF_BEATS = 2048,
    parameter int SW = $clog2(SA_ENTRIES)
) (
    input  logic                 clk,
    input  logic                 rst,
    output logic                 empty,       // no words in either buffer
    input  logic                 w_valid,
    output logic                 w_ready,
    input  esp_in_pkg::work_t    w,
    input  logic                 r_valid,
    output logic                 r_ready,
    input  logic                 r_ok,
    input  logic                 r_bad,
    input  logic [63:0]          r_seq,
    input  logic                 d_valid,
    output logic                 d_ready,
    input  logic [127:0]         d_data,
    // header memory
    output logic                 h_we,
    output logic [7:0]           h_addr,
    output logic [127:0]         h_data,
    // cipher client
    output logic                 g_cmd_valid,
    input  logic                 g_cmd_ready,
    output logic [SW-1:0]        g_cmd_key,
    output logic [63:0]          g_cmd_iv,
    output logic [13:0]          g_cmd_aad_len,
    output logic [13:0]          g_cmd_len,
    output logic                 g_tvalid,
    input  logic                 g_tready,
    output logic [127:0]         g_tdata,
    input  logic                 g_m_valid,
    input  logic [127:0]         g_m_data,
    input  logic                 g_m_last,
    input  logic [127:0]         g_m_icv,
    // what has become of the frame
    output logic                 a_valid,
    input  logic                 a_ready,
    output esp_in_pkg::admit_t   a,
    output logic                 t_valid,
    input  logic                 t_ready,
    output esp_in_pkg::trailer_t t_trailer,
    output esp_in_pkg::inner_t   t_inner,
    output logic                 v_valid,
    input  logic                 v_ready,
    output logic [127:0]         v_data,
    output logic                 b_valid,
    input  logic                 b_ready,
    output logic [127:0]         b_data,
    output logic                 b_commit     // a frame in clear is complete
);
  localparam int BW = $clog2(BUF_BEATS);

  // ------------------------------------------------------------------ feeding
  logic fa_valid, fa_ready;
  esp_in_pkg::admit_t fa;
  logic cb_valid, unused_cb_ready, cb_commit, b_room, v_take;
  logic [127:0] cb_data;
  logic [BW:0] v_free;
  logic [9:0] v_words;
  logic e_valid, e_ready, e_tunnel, unused_i_valid, i_ready;
  logic [13:0] e_ct_len;
  logic [1:0] e_icv_kind;
  logic [127:0] i_icv;

  in_feed #(
      .SA_ENTRIES(SA_ENTRIES),
      .BUF_BEATS (BUF_BEATS)
  ) u_feed (
      .clk          (clk),
      .rst          (rst),
      .w_valid      (w_valid),
      .w_ready      (w_ready),
      .w            (w),
      .r_valid      (r_valid),
      .r_ready      (r_ready),
      .r_ok         (r_ok),
      .r_bad        (r_bad),
      .r_seq        (r_seq),
      .a_valid      (fa_valid),
      .a_ready      (fa_ready),
      .a            (fa),
      .d_valid      (d_valid),
      .d_ready      (d_ready),
      .d_data       (d_data),
      .h_we         (h_we),
      .h_addr       (h_addr),
      .h_data       (h_data),
      .b_valid      (cb_valid),
      .b_ready      (b_room),
      .b_data       (cb_data),
      .b_commit     (cb_commit),
      .v_free       (v_free),
      .v_take       (v_take),
      .v_words      (v_words),
      .g_cmd_valid  (g_cmd_valid),
      .g_cmd_ready  (g_cmd_ready),
      .g_cmd_key    (g_cmd_key),
      .g_cmd_iv     (g_cmd_iv),
      .g_cmd_aad_len(g_cmd_aad_len),
      .g_cmd_len    (g_cmd_len),
      .g_tvalid     (g_tvalid),
      .g_tready     (g_tready),
      .g_tdata      (g_tdata),
      .e_valid      (e_valid),
      .e_ready      (e_ready),
      .e_ct_len     (e_ct_len),
      .e_icv_kind   (e_icv_kind),
      .e_tunnel     (e_tunnel),
      .i_valid      (unused_i_valid),
      .i_ready      (i_ready),
      .i_icv        (i_icv)
  );

  logic [5:0] unused_admit_count;
  fifo_block #(
      .WIDTH($bits(a)),
      .DEPTH(32),
      .WORDS(2)
  ) u_admits (
      .clk(clk), .rst(rst),
      .s_valid(fa_valid), .s_ready(fa_ready), .s_data(fa),
      .m_valid(a_valid), .m_ready(a_ready), .m_data(a),
      .count(unused_admit_count)
  );

  // Frames in clear wait for their policy.
  logic [BW:0] b_used;
  // Registered, so two words of slack.
  always_ff @(posedge clk) b_room <= b_used < (BW+1)'(BUF_BEATS - 2) && !rst;
  assign b_commit = cb_commit && b_room;
  pkt_fifo #(
      .WIDTH(128),
      .DEPTH(BUF_BEATS)
  ) u_clear (
      .clk(clk), .rst(rst),
      .s_valid(cb_valid && b_room), .s_ready(unused_cb_ready), .s_data(cb_data),
      .commit(b_commit), .rollback(1'b0),
      .m_valid(b_valid), .m_ready(b_ready), .m_data(b_data),
      .used(b_used)
  );

  // ------------------------------------------------------------- verification
  in_verify #(
      .BUF_BEATS(BUF_BEATS)
  ) u_verify (
      .clk       (clk),
      .rst       (rst),
      .e_valid   (e_valid),
      .e_ready   (e_ready),
      .e_ct_len  (e_ct_len),
      .e_icv_kind(e_icv_kind),
      .e_tunnel  (e_tunnel),
      .i_ready   (i_ready),
      .i_icv     (i_icv),
      .g_valid   (g_m_valid),
      .g_data    (g_m_data),
      .g_last    (g_m_last),
      .g_icv     (g_m_icv),
      .v_free    (v_free),
      .v_take    (v_take),
      .v_words   (v_words),
      .m_valid   (v_valid),
      .m_ready   (v_ready),
      .m_data    (v_data),
      .t_valid   (t_valid),
      .t_ready   (t_ready),
      .t_trailer (t_trailer),
      .t_inner   (t_inner)
  );
  always_ff @(posedge clk) empty <= b_used == '0 && v_free == (BW+1)'(BUF_BEATS);

  logic unused;
  assign unused = &{1'b0, unused_admit_count, unused_i_valid, unused_cb_ready};
endmodule
