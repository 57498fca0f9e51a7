// SPDX-License-Identifier: Apache-2.0
//
// in_sa: all that is kept for the inbound SAs, and who may touch it when.
//
//   sa_lookup      (SPI, destination, protocol) to slot     hash table
//   sad_in         the entries, in_admit compares them
//   replay_window  sequence numbers seen
//   sa_count_in    counters, limits, events
//   in_table       the table port, which reaches all four
//
// A frame comes by three times, each time in order: for admission (l_*, q_* to
// w_*, for ESP with the pre-check of its number, r_*), after the ICV to commit its
// number (c_* to d_*), and with its verdict to be counted (j_* to n_*). What each
// costs is said in the parts; none takes more than 5 cycles a frame.
//
// live_slot -> live takes 2 cycles.
module in_sa #(
    parameter int SA_ENTRIES = 1024,
    parameter int WINDOW_MAX = 1024,
    parameter int NUM_QUEUES = 4,
    parameter int TEST_HOOKS = 0,
    parameter int SW = $clog2(SA_ENTRIES)
) (
    input  logic                  clk,
    input  logic                  rst,
    output logic                  init_done,
    output logic                  busy,        // a counter or a window is being changed; a cycle late
    output logic                  hash_busy,   // a table operation waits for the hash table
    // admission
    input  logic                  l_valid,
    output logic                  l_ready,
    // The other fields come by q_*.
    /* verilator lint_off UNUSEDSIGNAL */
    input  esp_in_pkg::ask_t      l_ask,
    /* verilator lint_on UNUSEDSIGNAL */
    input  logic                  q_valid,
    output logic                  q_ready,
    input  esp_in_pkg::ask_t      q,
    output logic                  w_valid,
    input  logic                  w_ready,
    output esp_in_pkg::work_t     w,
    output logic                  r_valid,
    input  logic                  r_ready,
    output logic                  r_ok,
    output logic                  r_bad,
    output logic [63:0]           r_seq,
    // after the ICV
    input  logic                  c_valid,
    output logic                  c_ready,
    input  logic [SW-1:0]         c_slot,
    input  logic [63:0]           c_seq,
    input  logic                  c_replay,
    input  logic [12:0]           c_window,
    output logic                  d_valid,
    input  logic                  d_ready,
    output logic                  d_ok,
    output logic                  d_bad,
    // with the verdict
    input  logic                  j_valid,
    output logic                  j_ready,
    input  logic [2:0]            j_op,
    input  espalier_pkg::handle_t j_handle,
    input  logic [13:0]           j_bytes,
    output logic                  n_valid,
    input  logic                  n_ready,
    output logic [5:0]            n_code,
    output logic                  ev_valid,
    output espalier_pkg::event_t  ev,
    // tables
    input  logic                  tbl_valid,
    input  logic [3:0]            tbl_op,
    input  logic [3:0]            tbl_table,
    input  logic [15:0]           tbl_index,
    input  logic [1023:0]         tbl_wdata,
    output logic                  tbl_ack,
    output logic [3:0]            tbl_res,
    output logic [1023:0]         tbl_rdata,
    output logic                  hash_written,
    input  logic [SW-1:0]         live_slot,
    output logic                  live,
    // frames that have entered and that have their verdict
    input  logic [15:0]           entered,
    input  logic [15:0]           finished
);
  localparam int EW = esp_in_pkg::SAD_W;
  localparam int CW = esp_in_pkg::CNT_W;

  logic lk_init, sad_init;
  logic [SW-1:0] x_slot;  // of a table operation
  assign init_done = lk_init && sad_init;

  // --------------------------------------------------------------- SA look-up
  logic lm_valid, lm_ready, lm_parity;
  logic [3:0] lm_match;
  logic [4*SW-1:0] lm_slots;
  logic [SW-1:0] lm_first;
  logic [3:0] ht_result;
  logic [63:0] ht_rdata;

  sa_lookup #(
      .SA_ENTRIES(SA_ENTRIES),
      .TEST_HOOKS(TEST_HOOKS)
  ) u_lookup (
      .clk      (clk),
      .rst      (rst),
      .init_done(lk_init),
      .l_valid  (l_valid),
      .l_ready  (l_ready),
      .l_spi    (l_ask.spi),
      .l_dst    (l_ask.dst),
      .l_proto  (8'd50),
      .m_valid  (lm_valid),
      .m_ready  (lm_ready),
      .m_match  (lm_match),
      .m_parity (lm_parity),
      .m_slots  (lm_slots),
      .m_first  (lm_first),
      .t_valid  (hash_busy),
      .t_op     (tbl_op),
      .t_index  (tbl_index),
      .t_spi    (tbl_wdata[31:0]),
      .t_slot   (tbl_wdata[63:32]),
      .t_done   (hash_written),
      .t_result (ht_result),
      .t_rdata  (ht_rdata)
  );

  // -------------------------------------------------------- entries, admission
  logic ad_re, ad_bad, ad_stop, stop_we, stop_value;
  logic [SW-1:0] ad_slot, stop_slot;
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
      .q_valid (q_valid),
      .q_ready (q_ready),
      .q       (q),
      .m_valid (lm_valid),
      .m_ready (lm_ready),
      .m_match (lm_match),
      .m_parity(lm_parity),
      .m_slots (lm_slots),
      .m_first (lm_first),
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

  logic [3:0] unused_w_count;
  fifo_sync #(
      .WIDTH($bits(w)),
      .DEPTH(8),
      .EARLY(2)
  ) u_work (
      .clk(clk), .rst(rst),
      .s_valid(aw_valid), .s_ready(aw_ready), .s_data(aw),
      .m_valid(w_valid), .m_ready(w_ready), .m_data(w),
      .count(unused_w_count)
  );

  // ------------------------------------------------------------ replay window
  logic rc_valid, rc_ready, rc_replay, rd_valid, rd_ok, rd_bad;
  logic [SW-1:0] rc_slot;
  logic [63:0] rc_seq;
  logic [12:0] rc_window;
  logic set_valid, set_done, get_valid, get_done, get_bad, window_busy;
  logic [63:0] set_seq, get_seq;
  logic [1:0] set_flip;

  logic [3:0] unused_commit_count;
  fifo_sync #(
      .WIDTH(SW + 64 + 1 + 13),
      .DEPTH(8)
  ) u_commits (
      .clk(clk), .rst(rst),
      .s_valid(c_valid), .s_ready(c_ready), .s_data({c_slot, c_seq, c_replay, c_window}),
      .m_valid(rc_valid), .m_ready(rc_ready), .m_data({rc_slot, rc_seq, rc_replay, rc_window}),
      .count(unused_commit_count)
  );

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
      .r_valid  (r_valid),
      .r_ready  (r_ready),
      .r_ok     (r_ok),
      .r_bad    (r_bad),
      .r_seq    (r_seq),
      .c_valid  (rc_valid),
      .c_ready  (rc_ready),
      .c_slot   (rc_slot),
      .c_seq    (rc_seq),
      .c_replay (rc_replay),
      .c_window (rc_window),
      .d_valid  (rd_valid),
      .d_ok     (rd_ok),
      .d_bad    (rd_bad),
      .busy     (window_busy),
      .set_valid(set_valid),
      .set_slot (x_slot),
      .set_seq  (set_seq),
      .set_flip (set_flip),
      .set_done (set_done),
      .get_valid(get_valid),
      .get_slot (x_slot),
      .get_done (get_done),
      .get_seq  (get_seq),
      .get_bad  (get_bad)
  );

  // Results never exceed the frames that wait for them.
  logic unused_rv_in;
  logic [4:0] unused_rv_count;
  fifo_sync #(
      .WIDTH(2),
      .DEPTH(16)
  ) u_committed (
      .clk(clk), .rst(rst),
      .s_valid(rd_valid), .s_ready(unused_rv_in), .s_data({rd_ok, rd_bad}),
      .m_valid(d_valid), .m_ready(d_ready), .m_data({d_ok, d_bad}),
      .count(unused_rv_count)
  );

  // ---------------------------------------------------------- counters, limits
  logic count_busy;
  logic xc_req, xc_gnt, xc_re, xc_we_lim, xc_we_cnt, xc_start, xc_bad;
  logic [255:0] xc_lim_in, xc_lim;
  logic [CW-1:0] xc_cnt_in, xc_cnt;
  always_ff @(posedge clk) busy <= count_busy || window_busy;

  sa_count_in #(
      .SA_ENTRIES(SA_ENTRIES)
  ) u_count (
      .clk       (clk),
      .rst       (rst),
      .j_valid   (j_valid),
      .j_ready   (j_ready),
      .j_op      (j_op),
      .j_handle  (j_handle),
      .j_bytes   (j_bytes),
      .r_valid   (n_valid),
      .r_ready   (n_ready),
      .r_code    (n_code),
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
      .h_valid  (hash_busy),
      .h_done   (hash_written),
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
      .set_flip (set_flip),
      .set_done (set_done),
      .get_valid(get_valid),
      .get_done (get_done),
      .get_seq  (get_seq),
      .get_bad  (get_bad),
      .entered  (entered),
      .finished (finished)
  );

  logic unused;
  assign unused = &{1'b0, unused_w_count, unused_commit_count, unused_rv_in, unused_rv_count};
endmodule
