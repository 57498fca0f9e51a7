// SPDX-License-Identifier: Apache-2.0
//
// esp_in: the inbound path, from the wire to host memory.
//
//   ingress -> in_classify -> sa_lookup, in_admit (sad_in) -> replay pre-check
//     -> in_feed -> cipher -> in_verify -> in_decap -> replay commit, SPD
//     -> in_verdict -> sa_count_in -> in_deliver (in_prefix, frame_merge) -> dma
//
// Every frame, dropped ones too, goes through all stages in order as a record,
// and ends in exactly one statistics record, or at dma. Words of layer 3 flow
// beside: they wait in ingress, pass the cipher into the verify buffer (or go
// into the buffer for frames in clear) and leave when the frame has its
// verdict. Nothing decrypted is readable before its ICV has been verified.
//
// Throughput: ceil(frame bytes / 16) cycles a frame for frames of 5 words or
// more, whatever their SAs; 4 words in clear. s_axis is never stalled: a frame
// that finds ingress full ends as RX_OVERFLOW. Up to 32 frames are between
// classification and decapsulation.
//
// The key context of an SA is zeroized by the key's owner after OP_DELETE was
// acknowledged. live_slot -> live (2 cycles) is for its check of key writes.
module esp_in #(
    parameter int SA_ENTRIES = 1024,
    parameter int WINDOW_MAX = 1024,
    parameter int BUF_BEATS = 2048,
    parameter int NUM_QUEUES = 4,
    parameter int FRAME_MAX = 9216,
    parameter int TEST_HOOKS = 0,
    parameter int USER_W = 1,
    parameter int SW = $clog2(SA_ENTRIES)
) (
    input  logic                      clk,
    input  logic                      rst,
    output logic                      init_done,
    output logic                      idle,
    output logic                      busy,      // not idle, or words on their way to nowhere
    // wire
    input  logic                      s_tvalid,
    output logic                      s_tready,
    input  logic [127:0]              s_tdata,
    input  logic [15:0]               s_tkeep,
    input  logic                      s_tlast,
    input  logic [5:0]                s_terr,
    // dma
    output logic                      m_tvalid,
    input  logic                      m_tready,
    output logic [127:0]              m_tdata,
    output logic [15:0]               m_tkeep,
    output logic                      m_tlast,
    output espalier_pkg::rx_meta_t    m_meta,
    // statistics and events
    output logic                      stat_in_valid,
    output espalier_pkg::stat_t       stat_in,
    output logic                      stat_valid,
    output espalier_pkg::stat_t       stat,
    output logic                      stat_ovf_valid,
    output espalier_pkg::stat_t       stat_ovf,
    output logic                      ev_valid,
    output espalier_pkg::event_t      ev,
    // SPD client
    output logic                      spd_req_valid,
    input  logic                      spd_req_ready,
    output espalier_pkg::selector_t   spd_req,
    input  logic                      spd_res_valid,
    output logic                      spd_res_ready,
    input  espalier_pkg::spd_result_t spd_res,
    // cipher client
    output logic                      gcm_cmd_valid,
    input  logic                      gcm_cmd_ready,
    output logic [SW-1:0]             gcm_cmd_key,
    output logic                      gcm_cmd_decrypt,
    output logic [63:0]               gcm_cmd_iv,
    output logic [13:0]               gcm_cmd_aad_len,
    output logic [13:0]               gcm_cmd_len,
    output logic [USER_W-1:0]         gcm_cmd_user,
    output logic                      gcm_s_tvalid,
    input  logic                      gcm_s_tready,
    output logic [127:0]              gcm_s_tdata,
    input  logic                      gcm_m_valid,
    input  logic [127:0]              gcm_m_data,
    input  logic                      gcm_m_last,
    input  logic [127:0]              gcm_m_icv,
    // tables
    input  logic                      tbl_valid,
    input  logic [3:0]                tbl_op,
    input  logic [3:0]                tbl_table,
    input  logic [15:0]               tbl_index,
    input  logic [1023:0]             tbl_wdata,
    output logic                      tbl_ack,
    output logic [3:0]                tbl_res,
    output logic [1023:0]             tbl_rdata,
    input  logic [SW-1:0]             live_slot,
    output logic                      live,
    // configuration
    input  logic [47:0]               mac,
    input  logic                      promisc,
    input  logic                      nonip_bypass,
    input  logic                      arp_bypass,
    input  logic [7:0]                queue_mask
);
  localparam int EW = esp_in_pkg::SAD_W;
  localparam int CW = esp_in_pkg::CNT_W;
  localparam int BW = $clog2(BUF_BEATS);

  // ----------------------------------------------------------------- ingress
  logic f_valid, f_ready, in_d_valid, in_d_ready;
  espalier_pkg::frame_t f_frame;
  logic [127:0] in_d_data, unused_h_data;
  logic [3:0] unused_f_slot;
  logic unused_parse_due;
  logic unused_f_user;
  logic [13:0] drop_bytes;
  logic s_gate, s_inside;

  // Nothing is admitted before the tables are cleared, and only whole frames.
  assign s_gate = s_tvalid && s_tready;
  logic ing_ready;
  assign s_tready = init_done && ing_ready;

  ingress #(
      .BUF_BEATS (BUF_BEATS),
      .USER_W    (1),
      .DROP_FULL (1),
      .FRAME_MAX (FRAME_MAX),
      .IN_CODE   (espalier_pkg::RX_IN),
      .SHORT_CODE(espalier_pkg::RX_FRAME_ERROR)
  ) u_ingress (
      .clk       (clk),
      .clk_parse (clk),
      .rst       (rst),
      .parse_due (unused_parse_due),
      .s_tvalid  (s_gate),
      .s_tready  (ing_ready),
      .s_tdata   (s_tdata),
      .s_tkeep   (s_tkeep),
      .s_tlast   (s_tlast),
      .s_terr    (s_terr),
      .s_user    (1'b0),
      .f_valid   (f_valid),
      .f_ready   (f_ready),
      .f_frame   (f_frame),
      .f_user    (unused_f_user),
      .f_slot    (unused_f_slot),
      .d_valid   (in_d_valid),
      .d_ready   (in_d_ready),
      .d_data    (in_d_data),
      .h_slot    (4'd0),
      .h_beat    (2'd0),
      .h_data    (unused_h_data),
      .h_release (f_valid && f_ready),
      .in_valid  (stat_in_valid),
      .in_stat   (stat_in),
      .drop_valid(stat_ovf_valid),
      .drop_bytes(drop_bytes)
  );
  assign stat_ovf.code  = espalier_pkg::RX_OVERFLOW;
  assign stat_ovf.bytes = drop_bytes;

  // ---------------------------------------------------------- classification
  logic c_valid, c_ready, c_go, c_esp;
  esp_in_pkg::facts_t c_facts;
  esp_in_pkg::ask_t c_ask;
  logic [191:0] c_l2;
  logic [15:0] entered, finished;

  in_classify u_classify (
      .clk         (clk),
      .rst         (rst),
      .mac         (mac),
      .promisc     (promisc),
      .nonip_bypass(nonip_bypass),
      .arp_bypass  (arp_bypass),
      .f_valid     (f_valid),
      .f_ready     (f_ready),
      .f_frame     (f_frame),
      .o_valid     (c_valid),
      .o_ready     (c_ready),
      .o_facts     (c_facts),
      .o_ask       (c_ask),
      .o_l2        (c_l2)
  );

  logic facts_in_ready, ask_in_ready, lk_ready, lk_init, sad_init;
  assign c_esp   = c_ask.cls == esp_in_pkg::CLS_ESP;
  assign c_ready = facts_in_ready && ask_in_ready && lk_ready && init_done;
  assign c_go    = c_valid && c_ready;
  assign init_done = lk_init && sad_init;

  logic facts_valid, facts_ready;
  esp_in_pkg::facts_t facts;
  logic [5:0] unused_facts_count;
  fifo_block #(
      .WIDTH($bits(facts)),
      .DEPTH(32),
      .WORDS(4),
      .HOLD(1)
  ) u_facts (
      .clk(clk), .rst(rst),
      .s_valid(c_go), .s_ready(facts_in_ready), .s_data(c_facts),
      .m_valid(facts_valid), .m_ready(facts_ready), .m_data(facts),
      .count(unused_facts_count)
  );

  logic ask_valid, ask_ready;
  esp_in_pkg::ask_t ask;
  logic [3:0] unused_ask_count;
  fifo_sync #(
      .WIDTH($bits(ask)),
      .DEPTH(8)
  ) u_asks (
      .clk(clk), .rst(rst),
      .s_valid(c_go), .s_ready(ask_in_ready), .s_data(c_ask),
      .m_valid(ask_valid), .m_ready(ask_ready), .m_data(ask),
      .count(unused_ask_count)
  );

  // --------------------------------------------------------------- SA look-up
  logic lm_valid, lm_ready, lm_parity;
  logic [3:0] lm_match;
  logic [4*SW-1:0] lm_slots;
  logic ht_valid, ht_done;
  logic [3:0] ht_result;
  logic [63:0] ht_rdata;

  sa_lookup #(
      .SA_ENTRIES(SA_ENTRIES),
      .TEST_HOOKS(TEST_HOOKS)
  ) u_lookup (
      .clk      (clk),
      .rst      (rst),
      .init_done(lk_init),
      .l_valid  (c_go && c_esp),
      .l_ready  (lk_ready),
      .l_spi    (c_ask.spi),
      .l_dst    (c_ask.dst),
      .l_proto  (8'd50),
      .m_valid  (lm_valid),
      .m_ready  (lm_ready),
      .m_match  (lm_match),
      .m_parity (lm_parity),
      .m_slots  (lm_slots),
      .t_valid  (ht_valid),
      .t_op     (tbl_op),
      .t_index  (tbl_index),
      .t_spi    (tbl_wdata[31:0]),
      .t_slot   (tbl_wdata[63:32]),
      .t_done   (ht_done),
      .t_result (ht_result),
      .t_rdata  (ht_rdata)
  );

  logic ad_re, ad_bad, ad_stop, stop_we, stop_value;
  logic [SW-1:0] ad_slot, stop_slot, x_slot;
  logic [EW-1:0] ad_entry, xe_wdata, xe_entry;
  logic xe_grant, xe_re, xe_we, xe_flip, xe_bad;

  sad_in #(
      .SA_ENTRIES(SA_ENTRIES)
  ) u_sad (
      .clk       (clk),
      .rst       (rst),
      .init_done (sad_init),
      .a_re      (ad_re),
      .a_slot    (ad_slot),
      .a_entry   (ad_entry),
      .a_bad     (ad_bad),
      .a_stop    (ad_stop),
      .x_grant   (xe_grant),
      .x_re      (xe_re),
      .x_we      (xe_we),
      .x_slot    (x_slot),
      .x_wdata   (xe_wdata),
      .x_flip    (xe_flip),
      .x_entry   (xe_entry),
      .x_bad     (xe_bad),
      .stop_we   (stop_we),
      .stop_slot (stop_slot),
      .stop_value(stop_value),
      .live_slot (live_slot),
      .live      (live)
  );

  logic pq_valid, pq_ready, pq_esn, pq_replay;
  logic [SW-1:0] pq_slot;
  logic [31:0] pq_seq;
  logic [12:0] pq_window;
  logic aw_valid, aw_ready;
  esp_in_pkg::work_t aw;

  in_admit #(
      .SA_ENTRIES(SA_ENTRIES)
  ) u_admit (
      .clk     (clk),
      .rst     (rst),
      .q_valid (ask_valid),
      .q_ready (ask_ready),
      .q       (ask),
      .m_valid (lm_valid),
      .m_ready (lm_ready),
      .m_match (lm_match),
      .m_parity(lm_parity),
      .m_slots (lm_slots),
      .a_re    (ad_re),
      .a_slot  (ad_slot),
      .a_entry (ad_entry),
      .a_bad   (ad_bad),
      .a_stop  (ad_stop),
      .c_valid (pq_valid),
      .c_ready (pq_ready),
      .c_slot  (pq_slot),
      .c_seq   (pq_seq),
      .c_esn   (pq_esn),
      .c_replay(pq_replay),
      .c_window(pq_window),
      .o_valid (aw_valid),
      .o_ready (aw_ready),
      .o       (aw)
  );

  // ------------------------------------------------------------ replay window
  logic pr_valid, pr_ready, pr_ok;
  logic [63:0] pr_seq;
  logic rc_valid, rc_ready, rc_replay, rd_valid, rd_ok;
  logic [SW-1:0] rc_slot;
  logic [63:0] rc_seq;
  logic [12:0] rc_window;
  logic set_valid, set_done, get_valid, get_done;
  logic [63:0] set_seq, get_seq;
  logic window_busy;

  replay_window #(
      .SA_ENTRIES(SA_ENTRIES),
      .WINDOW_MAX(WINDOW_MAX)
  ) u_window (
      .clk      (clk),
      .rst      (rst),
      .q_valid  (pq_valid),
      .q_ready  (pq_ready),
      .q_slot   (pq_slot),
      .q_seq    (pq_seq),
      .q_esn    (pq_esn),
      .q_replay (pq_replay),
      .q_window (pq_window),
      .r_valid  (pr_valid),
      .r_ready  (pr_ready),
      .r_ok     (pr_ok),
      .r_seq    (pr_seq),
      .c_valid  (rc_valid),
      .c_ready  (rc_ready),
      .c_slot   (rc_slot),
      .c_seq    (rc_seq),
      .c_replay (rc_replay),
      .c_window (rc_window),
      .d_valid  (rd_valid),
      .d_ok     (rd_ok),
      .busy     (window_busy),
      .set_valid(set_valid),
      .set_slot (x_slot),
      .set_seq  (set_seq),
      .set_done (set_done),
      .get_valid(get_valid),
      .get_slot (x_slot),
      .get_done (get_done),
      .get_seq  (get_seq)
  );

  logic w_valid, w_ready;
  esp_in_pkg::work_t w;
  logic [3:0] unused_w_count;
  fifo_sync #(
      .WIDTH($bits(w)),
      .DEPTH(8)
  ) u_work (
      .clk(clk), .rst(rst),
      .s_valid(aw_valid), .s_ready(aw_ready), .s_data(aw),
      .m_valid(w_valid), .m_ready(w_ready), .m_data(w),
      .count(unused_w_count)
  );

  // ------------------------------------------------------------------ feeding
  logic fa_valid, fa_ready;
  esp_in_pkg::admit_t fa;
  logic h_we, cb_valid, cb_ready, cb_commit, v_take;
  logic [7:0] h_addr;
  logic [127:0] h_data, cb_data;
  logic [BW:0] v_free;
  logic [9:0] v_words;
  logic e_valid, e_ready, i_valid, i_ready;
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
      .r_valid      (pr_valid),
      .r_ready      (pr_ready),
      .r_ok         (pr_ok),
      .r_seq        (pr_seq),
      .a_valid      (fa_valid),
      .a_ready      (fa_ready),
      .a            (fa),
      .d_valid      (in_d_valid),
      .d_ready      (in_d_ready),
      .d_data       (in_d_data),
      .h_we         (h_we),
      .h_addr       (h_addr),
      .h_data       (h_data),
      .b_valid      (cb_valid),
      .b_ready      (cb_ready),
      .b_data       (cb_data),
      .b_commit     (cb_commit),
      .v_free       (v_free),
      .v_take       (v_take),
      .v_words      (v_words),
      .g_cmd_valid  (gcm_cmd_valid),
      .g_cmd_ready  (gcm_cmd_ready),
      .g_cmd_key    (gcm_cmd_key),
      .g_cmd_iv     (gcm_cmd_iv),
      .g_cmd_aad_len(gcm_cmd_aad_len),
      .g_cmd_len    (gcm_cmd_len),
      .g_tvalid     (gcm_s_tvalid),
      .g_tready     (gcm_s_tready),
      .g_tdata      (gcm_s_tdata),
      .e_valid      (e_valid),
      .e_ready      (e_ready),
      .e_ct_len     (e_ct_len),
      .e_icv_kind   (e_icv_kind),
      .i_valid      (i_valid),
      .i_ready      (i_ready),
      .i_icv        (i_icv)
  );
  assign gcm_cmd_decrypt = 1'b1;
  assign gcm_cmd_user = '0;

  logic admit_valid, admit_ready;
  esp_in_pkg::admit_t admit;
  logic [5:0] unused_admit_count;
  fifo_block #(
      .WIDTH($bits(admit)),
      .DEPTH(32),
      .WORDS(2)
  ) u_admits (
      .clk(clk), .rst(rst),
      .s_valid(fa_valid), .s_ready(fa_ready), .s_data(fa),
      .m_valid(admit_valid), .m_ready(admit_ready), .m_data(admit),
      .count(unused_admit_count)
  );

  // Frames in clear wait for their policy.
  logic bm_valid, bm_ready;
  logic [127:0] bm_data;
  logic [BW:0] b_used;
  pkt_fifo #(
      .WIDTH(128),
      .DEPTH(BUF_BEATS)
  ) u_clear (
      .clk(clk), .rst(rst),
      .s_valid(cb_valid), .s_ready(cb_ready), .s_data(cb_data),
      .commit(cb_commit && cb_ready), .rollback(1'b0),
      .m_valid(bm_valid), .m_ready(bm_ready), .m_data(bm_data),
      .used(b_used)
  );

  // ------------------------------------------------------------- verification
  logic vm_valid, vm_ready, t_valid, t_ready;
  logic [127:0] vm_data;
  esp_in_pkg::trailer_t t;
  esp_in_pkg::inner_t t_inner;

  in_verify #(
      .BUF_BEATS(BUF_BEATS)
  ) u_verify (
      .clk       (clk),
      .rst       (rst),
      .e_valid   (e_valid),
      .e_ready   (e_ready),
      .e_ct_len  (e_ct_len),
      .e_icv_kind(e_icv_kind),
      .i_ready   (i_ready),
      .i_icv     (i_icv),
      .g_valid   (gcm_m_valid),
      .g_data    (gcm_m_data),
      .g_last    (gcm_m_last),
      .g_icv     (gcm_m_icv),
      .v_free    (v_free),
      .v_take    (v_take),
      .v_words   (v_words),
      .m_valid   (vm_valid),
      .m_ready   (vm_ready),
      .m_data    (vm_data),
      .t_valid   (t_valid),
      .t_ready   (t_ready),
      .t_trailer (t),
      .t_inner   (t_inner)
  );

  // ------------------------------------------------------------ decapsulation
  logic dc_valid, dc_ready, dc_replay, dp_valid, dp_ready;
  logic [SW-1:0] dc_slot;
  logic [63:0] dc_seq;
  logic [12:0] dc_window;
  esp_in_pkg::pass_t dp;

  in_decap #(
      .SA_ENTRIES(SA_ENTRIES)
  ) u_decap (
      .clk     (clk),
      .rst     (rst),
      .f_valid (facts_valid),
      .f_ready (facts_ready),
      .f       (facts),
      .a_valid (admit_valid),
      .a_ready (admit_ready),
      .a       (admit),
      .t_valid (t_valid),
      .t_ready (t_ready),
      .t       (t),
      .t_inner (t_inner),
      .c_valid (dc_valid),
      .c_ready (dc_ready),
      .c_slot  (dc_slot),
      .c_seq   (dc_seq),
      .c_replay(dc_replay),
      .c_window(dc_window),
      .s_valid (spd_req_valid),
      .s_ready (spd_req_ready),
      .s_sel   (spd_req),
      .o_valid (dp_valid),
      .o_ready (dp_ready),
      .o       (dp)
  );

  logic [3:0] unused_commit_count;
  fifo_sync #(
      .WIDTH(SW + 64 + 1 + 13),
      .DEPTH(8)
  ) u_commits (
      .clk(clk), .rst(rst),
      .s_valid(dc_valid), .s_ready(dc_ready), .s_data({dc_slot, dc_seq, dc_replay, dc_window}),
      .m_valid(rc_valid), .m_ready(rc_ready), .m_data({rc_slot, rc_seq, rc_replay, rc_window}),
      .count(unused_commit_count)
  );

  // Results never exceed the frames that wait for them.
  logic rv_valid, rv_ready, rv_ok, unused_rv_in;
  logic [4:0] unused_rv_count;
  fifo_sync #(
      .WIDTH(1),
      .DEPTH(16)
  ) u_committed (
      .clk(clk), .rst(rst),
      .s_valid(rd_valid), .s_ready(unused_rv_in), .s_data(rd_ok),
      .m_valid(rv_valid), .m_ready(rv_ready), .m_data(rv_ok),
      .count(unused_rv_count)
  );

  logic p_valid, p_ready;
  esp_in_pkg::pass_t p;
  logic [3:0] unused_p_count;
  fifo_sync #(
      .WIDTH($bits(p)),
      .DEPTH(8)
  ) u_passes (
      .clk(clk), .rst(rst),
      .s_valid(dp_valid), .s_ready(dp_ready), .s_data(dp),
      .m_valid(p_valid), .m_ready(p_ready), .m_data(p),
      .count(unused_p_count)
  );

  // ------------------------------------------------------------------ verdict
  logic j_valid, j_ready, vo_valid, vo_ready, vo_wait;
  logic [2:0] j_op;
  esp_in_pkg::pass_t vo;

  in_verdict u_verdict (
      .clk         (clk),
      .rst         (rst),
      .p_valid     (p_valid),
      .p_ready     (p_ready),
      .p           (p),
      .d_valid     (rv_valid),
      .d_ready     (rv_ready),
      .d_ok        (rv_ok),
      .s_valid     (spd_res_valid),
      .s_ready     (spd_res_ready),
      .s           (spd_res),
      .hash_written(ht_done),
      .j_valid     (j_valid),
      .j_ready     (j_ready),
      .j_op        (j_op),
      .o_valid     (vo_valid),
      .o_ready     (vo_ready),
      .o           (vo),
      .o_wait      (vo_wait)
  );

  logic q_valid, q_ready, q_wait;
  esp_in_pkg::pass_t q;
  logic [3:0] unused_q_count;
  fifo_sync #(
      .WIDTH($bits(q) + 1),
      .DEPTH(8)
  ) u_verdicts (
      .clk(clk), .rst(rst),
      .s_valid(vo_valid), .s_ready(vo_ready), .s_data({vo, vo_wait}),
      .m_valid(q_valid), .m_ready(q_ready), .m_data({q, q_wait}),
      .count(unused_q_count)
  );

  logic cr_valid, cr_ready;
  logic [5:0] cr_code;
  logic count_busy;
  logic xc_req, xc_gnt, xc_re, xc_we_lim, xc_we_cnt, xc_start, xc_bad;
  logic [255:0] xc_lim_in, xc_lim;
  logic [CW-1:0] xc_cnt_in, xc_cnt;

  sa_count_in #(
      .SA_ENTRIES(SA_ENTRIES)
  ) u_count (
      .clk       (clk),
      .rst       (rst),
      .j_valid   (j_valid),
      .j_ready   (j_ready),
      .j_op      (j_op),
      .j_handle  (p.handle),
      .j_bytes   (p.bytes),
      .r_valid   (cr_valid),
      .r_ready   (cr_ready),
      .r_code    (cr_code),
      .busy      (count_busy),
      .ev_valid  (ev_valid),
      .ev        (ev),
      .stop_we   (stop_we),
      .stop_slot (stop_slot),
      .stop_value(stop_value),
      .x_req     (xc_req),
      .x_gnt     (xc_gnt),
      .x_re      (xc_re),
      .x_we_lim  (xc_we_lim),
      .x_we_cnt  (xc_we_cnt),
      .x_start   (xc_start),
      .x_slot    (x_slot),
      .x_lim_in  (xc_lim_in),
      .x_cnt_in  (xc_cnt_in),
      .x_lim     (xc_lim),
      .x_cnt     (xc_cnt),
      .x_bad     (xc_bad)
  );

  // ----------------------------------------------------------------- delivery
  logic ox_valid, ox_ready, xp_valid, xp_ready, pw_valid, pw_ready, done;
  logic [5:0] ox_number, xp_number, l2_number;
  esp_in_pkg::prefix_t ox, xp;
  logic [127:0] pw_data;
  logic [3:0] unused_xp_count;

  assign l2_number = entered[5:0];

  in_deliver u_deliver (
      .clk       (clk),
      .rst       (rst),
      .queue_mask(queue_mask),
      .q_valid   (q_valid),
      .q_ready   (q_ready),
      .q         (q),
      .q_wait    (q_wait),
      .r_valid   (cr_valid),
      .r_ready   (cr_ready),
      .r_code    (cr_code),
      .x_valid   (ox_valid),
      .x_ready   (ox_ready),
      .x_number  (ox_number),
      .x         (ox),
      .p_valid   (pw_valid),
      .p_ready   (pw_ready),
      .p_data    (pw_data),
      .v_valid   (vm_valid),
      .v_ready   (vm_ready),
      .v_data    (vm_data),
      .b_valid   (bm_valid),
      .b_ready   (bm_ready),
      .b_data    (bm_data),
      .b_commit  (cb_commit && cb_ready),
      .m_tvalid  (m_tvalid),
      .m_tready  (m_tready),
      .m_tdata   (m_tdata),
      .m_tkeep   (m_tkeep),
      .m_tlast   (m_tlast),
      .m_meta    (m_meta),
      .stat_valid(stat_valid),
      .stat      (stat),
      .done      (done)
  );

  fifo_sync #(
      .WIDTH($bits(ox) + 6),
      .DEPTH(8)
  ) u_orders (
      .clk(clk), .rst(rst),
      .s_valid(ox_valid), .s_ready(ox_ready), .s_data({ox, ox_number}),
      .m_valid(xp_valid), .m_ready(xp_ready), .m_data({xp, xp_number}),
      .count(unused_xp_count)
  );

  in_prefix u_prefix (
      .clk      (clk),
      .rst      (rst),
      .l2_we    (c_go),
      .l2_number(l2_number),
      .l2       (c_l2),
      .h_we     (h_we),
      .h_addr   (h_addr),
      .h_data   (h_data),
      .q_valid  (xp_valid),
      .q_ready  (xp_ready),
      .q_number (xp_number),
      .q        (xp),
      .p_valid  (pw_valid),
      .p_ready  (pw_ready),
      .p_data   (pw_data)
  );

  // ------------------------------------------------------------------- tables
  in_table #(
      .SA_ENTRIES(SA_ENTRIES),
      .WINDOW_MAX(WINDOW_MAX),
      .NUM_QUEUES(NUM_QUEUES),
      .TEST_HOOKS(TEST_HOOKS)
  ) u_table (
      .clk      (clk),
      .rst      (rst),
      .init_done(init_done),
      .tbl_valid(tbl_valid),
      .tbl_op   (tbl_op),
      .tbl_table(tbl_table),
      .tbl_index(tbl_index),
      .tbl_wdata(tbl_wdata),
      .tbl_ack  (tbl_ack),
      .tbl_res  (tbl_res),
      .tbl_rdata(tbl_rdata),
      .h_valid  (ht_valid),
      .h_done   (ht_done),
      .h_result (ht_result),
      .h_rdata  (ht_rdata),
      .e_grant  (xe_grant),
      .e_re     (xe_re),
      .e_we     (xe_we),
      .slot     (x_slot),
      .e_wdata  (xe_wdata),
      .e_flip   (xe_flip),
      .e_entry  (xe_entry),
      .e_bad    (xe_bad),
      .c_req    (xc_req),
      .c_gnt    (xc_gnt),
      .c_re     (xc_re),
      .c_we_lim (xc_we_lim),
      .c_we_cnt (xc_we_cnt),
      .c_start  (xc_start),
      .c_lim_in (xc_lim_in),
      .c_cnt_in (xc_cnt_in),
      .c_lim    (xc_lim),
      .c_cnt    (xc_cnt),
      .c_bad    (xc_bad),
      .set_valid(set_valid),
      .set_seq  (set_seq),
      .set_done (set_done),
      .get_valid(get_valid),
      .get_done (get_done),
      .get_seq  (get_seq),
      .entered  (entered),
      .finished (finished)
  );

  // -------------------------------------------------------------------- idle
  // `under_way` counts frames from their first word to their last one at m_* or
  // to their record; words thrown away, counters and the window may take longer.
  logic [15:0] under_way;
  logic first_word, last_word;
  assign busy = !idle || !init_done || f_valid || in_d_valid || c_valid || facts_valid || ask_valid ||
                w_valid || admit_valid || p_valid || q_valid || xp_valid || ht_valid;
  assign first_word = s_gate && !s_inside;
  assign last_word  = m_tvalid && m_tready && m_tlast;

  always_ff @(posedge clk) begin
    if (c_go) entered <= entered + 16'd1;
    if (done) finished <= finished + 16'd1;
    if (s_gate) s_inside <= !s_tlast;
    under_way <= under_way + {15'd0, first_word} - {15'd0, last_word} - {15'd0, stat_valid} -
        {15'd0, stat_ovf_valid};
    idle <= under_way == 16'd0 && !first_word && b_used == '0 && v_free == (BW+1)'(BUF_BEATS) &&
        !count_busy && !window_busy && !tbl_valid && !ev_valid;
    if (rst) begin
      entered   <= '0;
      finished  <= '0;
      s_inside  <= 1'b0;
      under_way <= '0;
      idle      <= 1'b0;
    end
  end

  logic unused;
  assign unused = &{1'b0, unused_h_data, unused_f_slot, unused_parse_due, unused_f_user, unused_facts_count, unused_ask_count,
                    unused_w_count, unused_admit_count, unused_commit_count, unused_rv_count, unused_p_count,
                    unused_q_count, unused_xp_count, unused_rv_in, i_valid};
endmodule
