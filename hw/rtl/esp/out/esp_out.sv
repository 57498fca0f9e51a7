// SPDX-License-Identifier: Apache-2.0
//
// esp_out: the outbound path, from the frames of the host to the wire.
//
//   ingress - out_policy - sad_out -+- out_prefix ------------------------+
//                (spd)              |                                     |
//                                   +- plain_shift -+- cipher - cipher_buf+- icv_append - frame_merge
//                                                   +- clear -------------+
//
// Frames leave in the order in which they came. Each costs ceil(bytes / 16)
// cycles, on the way in or on the way out, whichever is more; nothing in
// between is slower (a pass through the SAD takes 4 cycles, which is the
// smallest protected frame there is). Inside a frame m_axis never has a bubble
// of its own.
//
// Promise 1, no plaintext in place of ciphertext: the words of a frame can go
// to the wire along two ways only, through the cipher or through u_clear.
// plain_shift writes to u_clear for jobs of kind OUT_CLEAR only, and that kind
// is made in one line of sad_out: the frame needed no SA, and its code is
// TX_BYPASSED. No failure has a way from PROTECT to there.
//
// A frame is done when the wire has taken its last word.
//
// Every part has a clock of its own, all the same one or without the edges at
// which it is not needed (wake_hold says when, from need_*): `words` what every word
// passes, the others what works a few cycles for each frame.
module esp_out #(
    parameter int SA_ENTRIES = 1024,
    parameter int BUF_BEATS = 2048,
    parameter int FRAME_MAX = 9216,
    parameter int TEST_HOOKS = 0,
    parameter int KW = $clog2(SA_ENTRIES)
) (
    input  logic                      clk_words,
    input  logic                      clk_parse,
    input  logic                      clk_admit,
    input  logic                      clk_prefix,
    input  logic                      clk_clear,
    input  logic                      rst,
    output logic                      need_words,
    output logic                      need_parse,
    output logic                      need_admit,
    output logic                      need_prefix,
    output logic                      need_clear,
    output logic                      init_done,
    output logic                      idle,
    input  logic                      cfg_nonip_bypass,
    input  logic                      cfg_arp_bypass,
    // from the host
    input  logic                      s_tvalid,
    output logic                      s_tready,
    input  logic [127:0]              s_tdata,
    input  logic [15:0]               s_tkeep,
    input  logic                      s_tlast,
    input  logic [5:0]                s_terr,
    input  espalier_pkg::tx_user_t    s_user,
    // to the wire
    output logic                      m_tvalid,
    input  logic                      m_tready,
    output logic [127:0]              m_tdata,
    output logic [15:0]               m_tkeep,
    output logic                      m_tlast,
    // ends of frames
    output logic                      done_valid,
    input  logic                      done_ready,
    output espalier_pkg::tx_done_t    done,
    output logic                      stat_in_valid,
    output espalier_pkg::stat_t       stat_in,
    output logic                      stat_valid,
    output espalier_pkg::stat_t       stat,
    output logic                      ev_valid,
    output espalier_pkg::event_t      ev,
    // client of spd
    output logic                      spd_req_valid,
    input  logic                      spd_req_ready,
    output espalier_pkg::selector_t   spd_req,
    input  logic                      spd_res_valid,
    output logic                      spd_res_ready,
    input  espalier_pkg::spd_result_t spd_res,
    // client of gcm_pair
    output logic                      gcm_cmd_valid,
    input  logic                      gcm_cmd_ready,
    output logic [KW-1:0]             gcm_cmd_key,
    output logic                      gcm_cmd_decrypt,
    output logic [63:0]               gcm_cmd_iv,
    output logic [13:0]               gcm_cmd_aad_len,
    output logic [13:0]               gcm_cmd_len,
    output logic                      gcm_s_tvalid,
    input  logic                      gcm_s_tready,
    output logic [127:0]              gcm_s_tdata,
    input  logic                      gcm_m_valid,
    input  logic [127:0]              gcm_m_data,
    input  logic                      gcm_m_last,
    input  logic [127:0]              gcm_m_icv,
    // table bus
    input  logic                      tbl_valid,
    input  logic [3:0]                tbl_op,
    input  logic [15:0]               tbl_index,
    input  logic [1023:0]             tbl_wdata,
    output logic                      tbl_ack,
    output logic [3:0]                tbl_res,
    output logic [1023:0]             tbl_rdata,
    input  logic                      tbl_busy,   // from before tbl_valid to after live_q
    // is the SA in this slot live? 2 cycles
    input  logic [KW-1:0]             live_idx,
    output logic                      live_q
);
  // ------------------------------------------------------------------ entry
  logic f_valid, f_ready, d_valid, d_ready, h_release;
  espalier_pkg::frame_t f_frame;
  espalier_pkg::tx_user_t f_user;
  logic [3:0] f_slot, h_slot;
  logic [1:0] h_beat;
  logic [127:0] d_data, h_data;
  logic unused_drop, parse_due;
  logic [13:0] unused_drop_bytes;

  ingress #(
      .BUF_BEATS(BUF_BEATS),
      .USER_W   ($bits(s_user)),
      .FRAME_MAX(FRAME_MAX),
      .DROP_FULL(0)
  ) u_ingress (
      .clk       (clk_words),
      .clk_parse (clk_parse),
      .rst       (rst),
      .parse_due (parse_due),
      .s_tvalid  (s_tvalid),
      .s_tready  (s_tready),
      .s_tdata   (s_tdata),
      .s_tkeep   (s_tkeep),
      .s_tlast   (s_tlast),
      .s_terr    (s_terr),
      .s_user    (s_user),
      .f_valid   (f_valid),
      .f_ready   (f_ready),
      .f_frame   (f_frame),
      .f_user    (f_user),
      .f_slot    (f_slot),
      .d_valid   (d_valid),
      .d_ready   (d_ready),
      .d_data    (d_data),
      .h_slot    (h_slot),
      .h_beat    (h_beat),
      .h_data    (h_data),
      .h_release (h_release),
      .in_valid  (stat_in_valid),
      .in_stat   (stat_in),
      .drop_valid(unused_drop),
      .drop_bytes(unused_drop_bytes)
  );

  // ----------------------------------------------------------------- decision
  logic policy_moves, sad_moves, done_moves, prefix_moves;  // see below
  logic head_in_valid, head_in_ready, head_valid, head_ready;
  espalier_out_pkg::head_t head_in, head;
  logic req_valid, req_ready;
  espalier_out_pkg::req_t req;
  logic [4:0] unused_head_count;

  out_policy u_policy (
      .clk             (clk_admit),
      .rst             (rst),
      .enable          (init_done),
      .cfg_nonip_bypass(cfg_nonip_bypass),
      .cfg_arp_bypass  (cfg_arp_bypass),
      .f_valid         (f_valid),
      .f_ready         (f_ready),
      .f_frame         (f_frame),
      .f_user          (f_user),
      .f_slot          (f_slot),
      .spd_req_valid   (spd_req_valid),
      .spd_req_ready   (spd_req_ready),
      .spd_req         (spd_req),
      .spd_res_valid   (spd_res_valid),
      .spd_res_ready   (spd_res_ready),
      .spd_res         (spd_res),
      .head_valid      (head_in_valid),
      .head_ready      (head_in_ready),
      .head            (head_in),
      .moves           (policy_moves),
      .req_valid       (req_valid),
      .req_ready       (req_ready),
      .req             (req)
  );

  fifo_sync #(
      .WIDTH($bits(head_in)),
      .DEPTH(16),
      .EARLY(3)
  ) u_heads (
      .clk    (clk_prefix),
      .rst    (rst),
      .s_valid(head_in_valid),
      .s_ready(head_in_ready),
      .s_data (head_in),
      .m_valid(head_valid),
      .m_ready(head_ready),
      .m_data (head),
      .count  (unused_head_count)
  );

  logic job_room, job_valid, core_done, ev_busy;
  espalier_out_pkg::prefix_job_t job_prefix, prefix_job;
  espalier_out_pkg::body_job_t job_body, body_job;
  espalier_out_pkg::end_t job_end;
  sad_out #(
      .SA_ENTRIES(SA_ENTRIES),
      .FRAME_MAX (FRAME_MAX),
      .TEST_HOOKS(TEST_HOOKS)
  ) u_sad (
      .clk       (clk_admit),
      .rst       (rst),
      .init_done (init_done),
      .req_valid (req_valid),
      .req_ready (req_ready),
      .req       (req),
      .room      (job_room),
      .job_valid (job_valid),
      .job_prefix(job_prefix),
      .job_body  (job_body),
      .job_end   (job_end),
      .core_done (core_done),
      .ev_valid  (ev_valid),
      .ev        (ev),
      .ev_busy   (ev_busy),
      .moves     (sad_moves),
      .tbl_valid (tbl_valid),
      .tbl_op    (tbl_op),
      .tbl_index (tbl_index),
      .tbl_wdata (tbl_wdata),
      .tbl_ack   (tbl_ack),
      .tbl_res   (tbl_res),
      .tbl_rdata (tbl_rdata),
      .live_idx  (live_idx),
      .live_q    (live_q)
  );
  assign core_done = gcm_m_valid && gcm_m_last;

  // Three queues of jobs, filled together. Up to 9 frames are on their way to
  // them when `job_room` falls.
  logic prefix_job_valid, prefix_job_ready, body_job_valid, body_job_ready;
  logic [4:0] prefix_count, body_count;
  logic [6:0] end_count;
  logic unused_prefix_ready, unused_body_ready;
  always_ff @(posedge clk_admit) begin
    if (rst) job_room <= 1'b0;
    else job_room <= (prefix_count < 5'd8) && (body_count < 5'd8) && (end_count < 7'd52);
  end

  fifo_sync #(
      .WIDTH($bits(job_prefix)),
      .DEPTH(16),
      .EARLY(4)
  ) u_prefix_jobs (
      .clk    (clk_prefix),
      .rst    (rst),
      .s_valid(job_valid),
      .s_ready(unused_prefix_ready),
      .s_data (job_prefix),
      .m_valid(prefix_job_valid),
      .m_ready(prefix_job_ready),
      .m_data (prefix_job),
      .count  (prefix_count)
  );
  fifo_sync #(
      .WIDTH($bits(job_body)),
      .DEPTH(16)
  ) u_body_jobs (
      .clk    (clk_admit),
      .rst    (rst),
      .s_valid(job_valid),
      .s_ready(unused_body_ready),
      .s_data (job_body),
      .m_valid(body_job_valid),
      .m_ready(body_job_ready),
      .m_data (body_job),
      .count  (body_count)
  );
  out_done u_done (
      .clk       (clk_admit),
      .rst       (rst),
      .end_valid (job_valid),
      .end_data  (job_end),
      .count     (end_count),
      .wire_last (m_tvalid && m_tready && m_tlast),
      .moves     (done_moves),
      .done_valid(done_valid),
      .done_ready(done_ready),
      .done      (done),
      .stat_valid(stat_valid),
      .stat      (stat)
  );

  // --------------------------------------------------------------- the words
  logic cmd_valid, cmd_ready;
  logic clear_in_valid, clear_in_ready, clear_in_first, clear_valid, clear_ready;
  logic [127:0] clear_in_data, clear_data;
  plain_shift #(
      .KW(KW)
  ) u_shift (
      .clk        (clk_words),
      .rst        (rst),
      .job_valid  (body_job_valid),
      .job_ready  (body_job_ready),
      .job        (body_job),
      .d_valid    (d_valid),
      .d_ready    (d_ready),
      .d_data     (d_data),
      .cmd_valid  (cmd_valid),
      .cmd_ready  (cmd_ready),
      .cmd_key    (gcm_cmd_key),
      .cmd_iv     (gcm_cmd_iv),
      .cmd_aad_len(gcm_cmd_aad_len),
      .cmd_len    (gcm_cmd_len),
      .s_tvalid   (gcm_s_tvalid),
      .s_tready   (gcm_s_tready),
      .s_tdata    (gcm_s_tdata),
      .c_valid    (clear_in_valid),
      .c_ready    (clear_in_ready),
      .c_first    (clear_in_first),
      .c_data     (clear_in_data)
  );
  assign gcm_cmd_decrypt = 1'b0;

  logic x_valid, x_ready, i_valid, i_ready, cipher_started, clear_started;
  logic [127:0] x_data, i_data;
  cipher_buf #(
      .DEPTH     (FRAME_MAX > 4096 ? 1024 : 512),
      .PACKET_MAX((FRAME_MAX + 15) / 16)
  ) u_cipher (
      .clk        (clk_words),
      .rst        (rst),
      .s_cmd_valid(cmd_valid),
      .s_cmd_ready(cmd_ready),
      .s_cmd_len  (gcm_cmd_len),
      .m_cmd_valid(gcm_cmd_valid),
      .m_cmd_ready(gcm_cmd_ready),
      .core_valid (gcm_m_valid),
      .core_data  (gcm_m_data),
      .core_last  (gcm_m_last),
      .core_icv   (gcm_m_icv),
      .started    (cipher_started),
      .x_valid    (x_valid),
      .x_ready    (x_ready),
      .x_data     (x_data),
      .i_valid    (i_valid),
      .i_ready    (i_ready),
      .i_data     (i_data)
  );

  // As long as the cipher and more, so that frames in clear and protected ones
  // can be mixed without loss.
  logic [9:0] unused_clear_used;
  pkt_fifo #(
      .WIDTH(128),
      .DEPTH(512)
  ) u_clear (
      .clk     (clk_clear),
      .rst     (rst),
      .s_valid (clear_in_valid),
      .s_ready (clear_in_ready),
      .s_data  (clear_in_data),
      .commit  (1'b1),
      .rollback(1'b0),
      .m_valid (clear_valid),
      .m_ready (clear_ready),
      .m_data  (clear_data),
      .used    (unused_clear_used)
  );
  assign clear_started = clear_in_valid && clear_in_ready && clear_in_first;

  // --------------------------------------------------------------- the prefix
  logic prefix_room, merge_in_valid, merge_valid, merge_go, bodied, prefix_in_valid, prefix_done;
  logic prefix_valid, prefix_ready, unused_prefix_in_ready, unused_merge_in_ready;
  logic [127:0] prefix_in_data, prefix_data;
  logic [9:0] prefix_used;
  logic [5:0] merge_count;
  espalier_out_pkg::merge_job_t merge_in, merge;
  always_ff @(posedge clk_prefix) begin
    if (rst) prefix_room <= 1'b0;
    else prefix_room <= (prefix_used < 10'd480) && (merge_count < 6'd28);
  end
  out_prefix u_prefix (
      .clk        (clk_prefix),
      .rst        (rst),
      .room       (prefix_room),
      .job_valid  (prefix_job_valid),
      .job_ready  (prefix_job_ready),
      .job        (prefix_job),
      .head_valid (head_valid),
      .head_ready (head_ready),
      .head       (head),
      .h_slot     (h_slot),
      .h_beat     (h_beat),
      .h_data     (h_data),
      .h_release  (h_release),
      .merge_valid(merge_in_valid),
      .merge      (merge_in),
      .p_valid    (prefix_in_valid),
      .p_data     (prefix_in_data),
      .p_done     (prefix_done),
      .moves      (prefix_moves)
  );
  pkt_fifo #(
      .WIDTH(128),
      .DEPTH(512)
  ) u_prefix_words (
      .clk     (clk_prefix),
      .rst     (rst),
      .s_valid (prefix_in_valid),
      .s_ready (unused_prefix_in_ready),
      .s_data  (prefix_in_data),
      .commit  (1'b1),
      .rollback(1'b0),
      .m_valid (prefix_valid),
      .m_ready (prefix_ready),
      .m_data  (prefix_data),
      .used    (prefix_used)
  );
  fifo_sync #(
      .WIDTH($bits(merge) + 1),
      .DEPTH(32),
      .EARLY(2)
  ) u_merges (
      .clk    (clk_prefix),
      .rst    (rst),
      .s_valid(merge_in_valid),
      .s_ready(unused_merge_in_ready),
      .s_data ({merge_in, merge_in.body_len != 14'd0}),
      .m_valid(merge_valid),
      .m_ready(merge_go),
      .m_data ({merge, bodied}),
      .count  (merge_count)
  );

  // ---------------------------------------------- a frame may begin to leave
  // Its prefix is complete and the first word of its payload is there.
  logic [6:0] prefixes, ciphers, clears;
  logic begun, c_valid, c_ready, body_ready;
  assign begun  = (prefixes != 0) && (!bodied || (merge.clear ? (clears != 0) :
                                                      (ciphers != 0) || cipher_started));
  assign c_valid  = merge_valid && begun && body_ready;
  assign merge_go = c_valid && c_ready;
  always_ff @(posedge clk_words) begin
    if (rst) begin
      prefixes <= '0;
      ciphers  <= '0;
      clears   <= '0;
    end else begin
      if (prefix_done != merge_go) prefixes <= prefix_done ? prefixes + 7'd1 : prefixes - 7'd1;
      if (cipher_started != (merge_go && !merge.clear))
        ciphers <= cipher_started ? ciphers + 7'd1 : ciphers - 7'd1;
      if (clear_started != (merge_go && merge.clear && bodied))
        clears <= clear_started ? clears + 7'd1 : clears - 7'd1;
    end
  end

  logic append_valid, append_ready, body_valid, body_take;
  logic [127:0] body_data;
  logic [2:0] unused_append_count;
  espalier_out_pkg::merge_job_t append_job;
  fifo_sync #(
      .WIDTH($bits(merge)),
      .DEPTH(4)
  ) u_append_jobs (
      .clk    (clk_words),
      .rst    (rst),
      .s_valid(merge_go && bodied),
      .s_ready(body_ready),
      .s_data (merge),
      .m_valid(append_valid),
      .m_ready(append_ready),
      .m_data (append_job),
      .count  (unused_append_count)
  );
  icv_append u_append (
      .clk      (clk_words),
      .rst      (rst),
      .job_valid(append_valid),
      .job_ready(append_ready),
      .job      (append_job),
      .x_valid  (x_valid),
      .x_ready  (x_ready),
      .x_data   (x_data),
      .i_valid  (i_valid),
      .i_ready  (i_ready),
      .i_data   (i_data),
      .c_valid  (clear_valid),
      .c_ready  (clear_ready),
      .c_data   (clear_data),
      .d_valid  (body_valid),
      .d_ready  (body_take),
      .d_data   (body_data)
  );

  logic unused_user;
  frame_merge u_merge (
      .clk           (clk_words),
      .rst           (rst),
      .c_valid       (c_valid),
      .c_ready       (c_ready),
      .c_prefix_words(merge.prefix_words),
      .c_payload_len (merge.body_len + {9'd0, merge.icv_words, 2'd0}),
      .c_user        (1'b0),
      .p_valid       (prefix_valid),
      .p_ready       (prefix_ready),
      .p_data        (prefix_data),
      .d_valid       (body_valid),
      .d_ready       (body_take),
      .d_data        (body_data),
      .m_tvalid      (m_tvalid),
      .m_tready      (m_tready),
      .m_tdata       (m_tdata),
      .m_tkeep       (m_tkeep),
      .m_tlast       (m_tlast),
      .m_tuser       (unused_user)
  );

  // -------------------------------------------------------------------- idle
  // Frames begun and not yet reported.
  logic [7:0] open;
  logic in_frame, opens, closes;
  assign opens  = s_tvalid && s_tready && !in_frame;
  assign closes = done_valid && done_ready;
  assign idle   = init_done && (open == 8'd0) && !ev_busy && !tbl_valid;
  always_ff @(posedge clk_words) begin
    if (rst) begin
      open     <= 8'd0;
      in_frame <= 1'b0;
    end else begin
      if (s_tvalid && s_tready) in_frame <= !s_tlast;
      if (opens != closes) open <= opens ? open + 8'd1 : open - 8'd1;
    end
  end

  // ------------------------------------------------------- who needs its clock
  // Whoever takes a step; a part that waits for another one does not.
  assign need_words  = s_tvalid || !idle || d_valid || x_valid;
  assign need_parse  = parse_due;
  assign need_admit  = policy_moves || sad_moves || done_moves || tbl_busy ||
                       (prefix_job_valid && prefix_job_ready) || (body_job_valid && body_job_ready);
  assign need_prefix = head_in_valid || job_valid || prefix_moves ||
                       (prefix_valid && prefix_ready) || merge_go;
  assign need_clear  = clear_in_valid || (clear_valid && clear_ready);
endmodule
