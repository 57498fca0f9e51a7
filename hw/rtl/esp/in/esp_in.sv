// SPDX-License-Identifier: Apache-2.0
//
// esp_in: the inbound path, from the wire to host memory.
//
//   in_intake   ingress, in_classify                   frames parsed and classified
//   in_sa       sa_lookup, in_admit (sad_in),          what is kept for each SA: admission,
//               replay_window, sa_count_in, in_table   window, counters, the table port
//   in_crypt    in_feed, cipher, in_verify             decryption, buffers
//   in_judge    in_decap, in_verdict                   inner datagram, policy, verdict
//   in_deliver  in_prefix, frame_merge                 to dma
//
//   wire -> intake -> sa -> crypt -> judge -> deliver -> dma
//                      ^--- window, counters ---+
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
  // ------------------------------------------------------------------ intake
  logic go, c_busy, lk_valid, lk_ready, facts_valid, facts_ready, ask_valid, ask_ready, d_valid, d_ready;
  esp_in_pkg::ask_t lk_ask, ask;
  esp_in_pkg::facts_t facts;
  logic [191:0] l2;
  logic [127:0] d_data;
  logic [15:0] entered, finished;

  in_intake #(
      .BUF_BEATS(BUF_BEATS),
      .FRAME_MAX(FRAME_MAX)
  ) u_intake (
      .clk           (clk),
      .rst           (rst),
      .open          (opened),
      .busy          (c_busy),
      .s_tvalid      (s_tvalid),
      .s_tready      (s_tready),
      .s_tdata       (s_tdata),
      .s_tkeep       (s_tkeep),
      .s_tlast       (s_tlast),
      .s_terr        (s_terr),
      .stat_in_valid (stat_in_valid),
      .stat_in       (stat_in),
      .stat_ovf_valid(stat_ovf_valid),
      .stat_ovf      (stat_ovf),
      .mac           (mac),
      .promisc       (promisc),
      .nonip_bypass  (nonip_bypass),
      .arp_bypass    (arp_bypass),
      .go            (go),
      .l2            (l2),
      .l_valid       (lk_valid),
      .l_ready       (lk_ready),
      .l_ask         (lk_ask),
      .facts_valid   (facts_valid),
      .facts_ready   (facts_ready),
      .facts         (facts),
      .q_valid       (ask_valid),
      .q_ready       (ask_ready),
      .q             (ask),
      .d_valid       (d_valid),
      .d_ready       (d_ready),
      .d_data        (d_data)
  );

  // --------------------------------------------------------------------- SAs
  logic sa_init, opened, sa_busy, hash_busy, hash_written;
  logic w_valid, w_ready, pr_valid, pr_ready, pr_ok, pr_bad;
  esp_in_pkg::work_t w;
  logic [63:0] pr_seq, rc_seq;
  logic rc_valid, rc_ready, rc_replay, rd_valid, rd_ready, rd_ok, rd_bad;
  logic [SW-1:0] rc_slot;
  logic [12:0] rc_window;
  logic j_valid, j_ready, n_valid, n_ready;
  logic [2:0] j_op;
  espalier_pkg::handle_t j_handle;
  logic [13:0] j_bytes;
  logic [5:0] n_code;

  // In a row with the resets of the rooms, see espalier.sv.
  logic rst_sa;
  always_ff @(posedge clk) rst_sa <= rst;

  in_sa #(
      .SA_ENTRIES(SA_ENTRIES),
      .WINDOW_MAX(WINDOW_MAX),
      .NUM_QUEUES(NUM_QUEUES),
      .TEST_HOOKS(TEST_HOOKS)
  ) u_sa (
      .clk         (clk),
      .rst         (rst_sa),
      .init_done   (sa_init),
      .busy        (sa_busy),
      .hash_busy   (hash_busy),
      .l_valid     (lk_valid),
      .l_ready     (lk_ready),
      .l_ask       (lk_ask),
      .q_valid     (ask_valid),
      .q_ready     (ask_ready),
      .q           (ask),
      .w_valid     (w_valid),
      .w_ready     (w_ready),
      .w           (w),
      .r_valid     (pr_valid),
      .r_ready     (pr_ready),
      .r_ok        (pr_ok),
      .r_bad       (pr_bad),
      .r_seq       (pr_seq),
      .c_valid     (rc_valid),
      .c_ready     (rc_ready),
      .c_slot      (rc_slot),
      .c_seq       (rc_seq),
      .c_replay    (rc_replay),
      .c_window    (rc_window),
      .d_valid     (rd_valid),
      .d_ready     (rd_ready),
      .d_ok        (rd_ok),
      .d_bad       (rd_bad),
      .j_valid     (j_valid),
      .j_ready     (j_ready),
      .j_op        (j_op),
      .j_handle    (j_handle),
      .j_bytes     (j_bytes),
      .n_valid     (n_valid),
      .n_ready     (n_ready),
      .n_code      (n_code),
      .ev_valid    (ev_valid),
      .ev          (ev),
      .tbl_valid   (tbl_valid),
      .tbl_op      (tbl_op),
      .tbl_table   (tbl_table),
      .tbl_index   (tbl_index),
      .tbl_wdata   (tbl_wdata),
      .tbl_ack     (tbl_ack),
      .tbl_res     (tbl_res),
      .tbl_rdata   (tbl_rdata),
      .hash_written(hash_written),
      .live_slot   (live_slot),
      .live        (live),
      .entered     (entered),
      .finished    (finished)
  );

  // What opens the intake does not come from the tables' counters.
  always_ff @(posedge clk) begin
    opened    <= sa_init && !rst;
    init_done <= opened && !rst;
  end

  // ------------------------------------------------------- cipher and buffers
  logic h_we, admit_valid, admit_ready, t_valid, t_ready, vm_valid, vm_ready, bm_valid, bm_ready, b_commit;
  logic no_words;
  logic [7:0] h_addr;
  logic [127:0] h_data, vm_data, bm_data;
  esp_in_pkg::admit_t admit;
  esp_in_pkg::trailer_t t;
  esp_in_pkg::inner_t t_inner;

  in_crypt #(
      .SA_ENTRIES(SA_ENTRIES),
      .BUF_BEATS (BUF_BEATS)
  ) u_crypt (
      .clk          (clk),
      .rst          (rst),
      .empty        (no_words),
      .w_valid      (w_valid),
      .w_ready      (w_ready),
      .w            (w),
      .r_valid      (pr_valid),
      .r_ready      (pr_ready),
      .r_ok         (pr_ok),
      .r_bad        (pr_bad),
      .r_seq        (pr_seq),
      .d_valid      (d_valid),
      .d_ready      (d_ready),
      .d_data       (d_data),
      .h_we         (h_we),
      .h_addr       (h_addr),
      .h_data       (h_data),
      .g_cmd_valid  (gcm_cmd_valid),
      .g_cmd_ready  (gcm_cmd_ready),
      .g_cmd_key    (gcm_cmd_key),
      .g_cmd_iv     (gcm_cmd_iv),
      .g_cmd_aad_len(gcm_cmd_aad_len),
      .g_cmd_len    (gcm_cmd_len),
      .g_tvalid     (gcm_s_tvalid),
      .g_tready     (gcm_s_tready),
      .g_tdata      (gcm_s_tdata),
      .g_m_valid    (gcm_m_valid),
      .g_m_data     (gcm_m_data),
      .g_m_last     (gcm_m_last),
      .g_m_icv      (gcm_m_icv),
      .a_valid      (admit_valid),
      .a_ready      (admit_ready),
      .a            (admit),
      .t_valid      (t_valid),
      .t_ready      (t_ready),
      .t_trailer    (t),
      .t_inner      (t_inner),
      .v_valid      (vm_valid),
      .v_ready      (vm_ready),
      .v_data       (vm_data),
      .b_valid      (bm_valid),
      .b_ready      (bm_ready),
      .b_data       (bm_data),
      .b_commit     (b_commit)
  );
  assign gcm_cmd_decrypt = 1'b1;
  assign gcm_cmd_user = '0;

  // ------------------------------------------------------------------ verdict
  logic judge_busy, q_valid, q_ready;
  esp_in_pkg::verdict_t q_verdict;
  esp_in_pkg::pass_t q;

  in_judge #(
      .SA_ENTRIES(SA_ENTRIES)
  ) u_judge (
      .clk         (clk),
      .rst         (rst),
      .busy        (judge_busy),
      .f_valid     (facts_valid),
      .f_ready     (facts_ready),
      .f           (facts),
      .a_valid     (admit_valid),
      .a_ready     (admit_ready),
      .a           (admit),
      .t_valid     (t_valid),
      .t_ready     (t_ready),
      .t           (t),
      .t_inner     (t_inner),
      .c_valid     (rc_valid),
      .c_ready     (rc_ready),
      .c_slot      (rc_slot),
      .c_seq       (rc_seq),
      .c_replay    (rc_replay),
      .c_window    (rc_window),
      .d_valid     (rd_valid),
      .d_ready     (rd_ready),
      .d_ok        (rd_ok),
      .d_bad       (rd_bad),
      .s_valid     (spd_req_valid),
      .s_ready     (spd_req_ready),
      .s_sel       (spd_req),
      .r_valid     (spd_res_valid),
      .r_ready     (spd_res_ready),
      .r           (spd_res),
      .j_valid     (j_valid),
      .j_ready     (j_ready),
      .j_op        (j_op),
      .j_handle    (j_handle),
      .j_bytes     (j_bytes),
      .hash_written(hash_written),
      .o_valid     (q_valid),
      .o_ready     (q_ready),
      .o_verdict   (q_verdict),
      .o           (q)
  );

  // ----------------------------------------------------------------- delivery
  logic ox_valid, ox_ready, xp_valid, xp_ready, pw_valid, pw_ready, done;
  logic [5:0] ox_number, xp_number;
  esp_in_pkg::prefix_t ox, xp;
  logic [127:0] pw_data;
  logic [3:0] unused_xp_count;

  in_deliver u_deliver (
      .clk       (clk),
      .rst       (rst),
      .queue_mask(queue_mask),
      .q_valid   (q_valid),
      .q_ready   (q_ready),
      .q         (q),
      .j         (q_verdict),
      .r_valid   (n_valid),
      .r_ready   (n_ready),
      .r_code    (n_code),
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
      .b_commit  (b_commit),
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
      .l2_we    (go),
      .l2_number(entered[5:0]),
      .l2       (l2),
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

  // -------------------------------------------------------------------- idle
  // `under_way` counts frames from their first word to their last one at m_* or
  // to their record; words thrown away, counters and the window may take longer.
  logic [15:0] under_way;
  logic first_word, last_word, in_frame;
  assign busy = !idle || !init_done || c_busy || w_valid || admit_valid || judge_busy || xp_valid || hash_busy;
  assign first_word = s_tvalid && s_tready && !in_frame;
  assign last_word  = m_tvalid && m_tready && m_tlast;

  always_ff @(posedge clk) begin
    if (go) entered <= entered + 16'd1;
    if (done) finished <= finished + 16'd1;
    if (s_tvalid && s_tready) in_frame <= !s_tlast;
    under_way <= under_way + {15'd0, first_word} - {15'd0, last_word} - {15'd0, stat_valid} -
        {15'd0, stat_ovf_valid};
    // A cycle late, as they are, no_words and sa_busy are early enough: the frame or the
    // table operation that makes them so lasts longer. sa_busy covers the events.
    idle <= under_way == 16'd0 && !first_word && no_words && !sa_busy && !tbl_valid;
    if (rst) begin
      entered   <= '0;
      finished  <= '0;
      in_frame    <= 1'b0;
      under_way <= '0;
      idle      <= 1'b0;
    end
  end

  logic unused;
  assign unused = &{1'b0, unused_xp_count};
endmodule
