// SPDX-License-Identifier: Apache-2.0
//
// dma: descriptor rings, payload, completions and interrupts on one AXI4
// master.
//
//   ring -> desc_fetch -> tx_sched -> tx_read -> tx_pack -> tx stream -> (esp_out)
//                                                 done -> cpl_write -> ring
//   ring -> desc_fetch -> rx_match <- rx stream <- (esp_in)
//                            rx_write -> buffers, then cpl_write -> ring
//
// Every frame put into the transmit stream comes back through `done`, also
// one that carries a code instead of data. Receive frames end here: `stat`
// has their final code.
//
// Parts have clocks of their own, `clk` or that clock without the edges at which they
// are not needed (wake_hold says when, from need_*): `desc` from ring to tx_sched, `tx` from there to the stream,
// `rx` all of the receive side but its completions, `cpl` completions of both,
// writes, interrupts and registers. Timers and the read channel run on `clk`.
module dma #(
    parameter int NUM_QUEUES = 4,
    parameter int FRAME_MAX = 9216,
    parameter int BURST_MAX = 64
) (
    input  logic clk,
    input  logic clk_desc,
    input  logic clk_tx,
    input  logic clk_rx,
    input  logic clk_cpl,
    input  logic rst,
    output logic need_desc,
    output logic need_tx,
    output logic need_rx,
    output logic need_cpl,

    // registers of the queue pairs; held until reg_ack
    input  logic        reg_valid,
    input  logic        reg_write,
    input  logic [11:0] reg_addr,
    input  logic [31:0] reg_wdata,
    input  logic [ 3:0] reg_wstrb,
    output logic        reg_ack,
    output logic [31:0] reg_rdata,
    output logic [ 1:0] reg_resp,

    output logic                      tx_tvalid,
    input  logic                      tx_tready,
    output logic [             127:0] tx_tdata,
    output logic [              15:0] tx_tkeep,
    output logic                      tx_tlast,
    output logic [               5:0] tx_terr,
    output espalier_pkg::tx_user_t    tx_user,
    input  logic                      done_valid,
    output logic                      done_ready,
    input  espalier_pkg::tx_done_t    done,

    input  logic                      rx_tvalid,
    output logic                      rx_tready,
    input  logic [             127:0] rx_tdata,
    input  logic                      rx_tlast,
    input  espalier_pkg::rx_meta_t    rx_meta,

    output logic                      stat_valid,
    output espalier_pkg::stat_t       stat,
    output logic                      ev_valid,
    output espalier_pkg::event_t      ev,
    output logic [NUM_QUEUES-1:0]     irq,
    output logic                      ready,
    output logic                      idle,

    output logic         m_axi_awvalid,
    input  logic         m_axi_awready,
    output logic [  3:0] m_axi_awid,
    output logic [ 63:0] m_axi_awaddr,
    output logic [  7:0] m_axi_awlen,
    output logic [  2:0] m_axi_awsize,
    output logic [  1:0] m_axi_awburst,
    output logic         m_axi_wvalid,
    input  logic         m_axi_wready,
    output logic [127:0] m_axi_wdata,
    output logic [ 15:0] m_axi_wstrb,
    output logic         m_axi_wlast,
    input  logic         m_axi_bvalid,
    output logic         m_axi_bready,
    input  logic [  3:0] m_axi_bid,
    input  logic [  1:0] m_axi_bresp,
    output logic         m_axi_arvalid,
    input  logic         m_axi_arready,
    output logic [  3:0] m_axi_arid,
    output logic [ 63:0] m_axi_araddr,
    output logic [  7:0] m_axi_arlen,
    output logic [  2:0] m_axi_arsize,
    output logic [  1:0] m_axi_arburst,
    input  logic         m_axi_rvalid,
    output logic         m_axi_rready,
    input  logic [  3:0] m_axi_rid,
    input  logic [127:0] m_axi_rdata,
    input  logic [  1:0] m_axi_rresp
);
  localparam int QW = (NUM_QUEUES > 1) ? $clog2(NUM_QUEUES) : 1;
  localparam int N = NUM_QUEUES;

  assign m_axi_awsize  = 3'd4;  // 16 bytes a beat, INCR
  assign m_axi_awburst = 2'd1;
  assign m_axi_arsize  = 3'd4;
  assign m_axi_arburst = 2'd1;

  logic [23:0] now;
  always_ff @(posedge clk) now <= rst ? 24'd0 : now + 24'd1;

  // --------------------------------------------------------------- registers
  logic cfg_we;
  logic [QW-1:0] cfg_q, look_q;
  logic [7:0] cfg_reg;
  logic [31:0] cfg_data;
  logic [N-1:0] tx_run, tx_halt, tx_error, tx_clear, tx_quiet, tx_fault;
  logic [N-1:0] rx_run, rx_halt, rx_error, rx_clear, rx_quiet, rx_fault;
  logic [N-1:0] new_error;
  logic [15:0] tx_head, rx_head;
  logic [2:0] irq_status;
  logic regs_idle;

  queue_regs #(.NUM_QUEUES(N)) u_regs (
      .clk(clk_cpl), .rst, .reg_valid, .reg_write, .reg_addr, .reg_wdata, .reg_wstrb, .reg_ack, .reg_rdata,
      .reg_resp, .cfg_we, .cfg_q, .cfg_reg, .cfg_data,
      .tx_run, .tx_halt, .tx_error, .tx_clear, .tx_quiet, .tx_fault,
      .rx_run, .rx_halt, .rx_error, .rx_clear, .rx_quiet, .rx_fault,
      .new_error, .look_q, .tx_head, .rx_head, .irq_status, .ev_valid, .ev, .ready,
      .idle(regs_idle));

  // ---------------------------------------------------------------- AXI side
  logic par_valid, par_ready, tar_valid, tar_ready, rar_valid, rar_ready;
  logic [63:0] par_addr, tar_addr, rar_addr;
  logic [7:0] par_len, tar_len, rar_len;
  logic beat_p, beat_t, beat_r, beat_err;
  logic [127:0] beat_data;
  axi_rd u_rd (
      .clk, .rst,
      .p_valid(par_valid), .p_ready(par_ready), .p_addr(par_addr), .p_len(par_len),
      .t_valid(tar_valid), .t_ready(tar_ready), .t_addr(tar_addr), .t_len(tar_len),
      .r_valid(rar_valid), .r_ready(rar_ready), .r_addr(rar_addr), .r_len(rar_len),
      .beat_p, .beat_t, .beat_r, .beat_data, .beat_err,
      .m_axi_arvalid, .m_axi_arready, .m_axi_arid, .m_axi_araddr, .m_axi_arlen,
      .m_axi_rvalid, .m_axi_rready, .m_axi_rid, .m_axi_rdata, .m_axi_rresp);

  logic paw_valid, paw_ready, pw_valid, pw_ready;
  logic taw_valid, taw_ready, tw_valid, tw_ready;
  logic raw_valid, raw_ready, rw_valid, rw_ready;
  logic [63:0] paw_addr, taw_addr, raw_addr;
  logic [7:0] paw_len, taw_len, raw_len;
  logic [127:0] pw_data, tw_data, rw_data;
  logic [15:0] pw_strb;
  logic resp_p, resp_t, resp_r, resp_err, wr_busy;
  axi_wr u_wr (
      .clk(clk_cpl), .rst,
      .p_valid(paw_valid), .p_ready(paw_ready), .p_addr(paw_addr), .p_len(paw_len),
      .p_wvalid(pw_valid), .p_wready(pw_ready), .p_wdata(pw_data), .p_wstrb(pw_strb),
      .t_valid(taw_valid), .t_ready(taw_ready), .t_addr(taw_addr), .t_len(taw_len),
      .t_wvalid(tw_valid), .t_wready(tw_ready), .t_wdata(tw_data),
      .r_valid(raw_valid), .r_ready(raw_ready), .r_addr(raw_addr), .r_len(raw_len),
      .r_wvalid(rw_valid), .r_wready(rw_ready), .r_wdata(rw_data),
      .resp_p, .resp_t, .resp_r, .resp_err, .busy(wr_busy),
      .m_axi_awvalid, .m_axi_awready, .m_axi_awid, .m_axi_awaddr, .m_axi_awlen,
      .m_axi_wvalid, .m_axi_wready, .m_axi_wdata, .m_axi_wstrb, .m_axi_wlast,
      .m_axi_bvalid, .m_axi_bready, .m_axi_bid, .m_axi_bresp);

  // ---------------------------------------------------------------- transmit
  logic t_moves, sched_moves, t_asking, tf_fault, t_take, t_rd, t_admit;
  logic [QW-1:0] tf_fault_q, t_take_q, t_rd_q, t_look_q, t_admit_q;
  logic [N-1:0] t_avail, t_packet, t_full, t_posted, t_fetching, t_walking, t_inside;
  logic [15:0] t_taken;
  logic [4:0] t_place;
  logic [127:0] t_desc;

  desc_fetch #(
      .NUM_QUEUES(N), .CFG_BASE(0)
  ) u_tx_fetch (
      .clk(clk_desc), .rst, .cfg_we, .cfg_q, .cfg_reg, .cfg_data,
      .run(tx_run), .clear(tx_clear), .fault(tf_fault), .fault_q(tf_fault_q),
      .ar_valid(tar_valid), .ar_ready(tar_ready), .ar_addr(tar_addr), .ar_len(tar_len),
      .beat(beat_t), .beat_data, .beat_err,
      .avail(t_avail), .packet(t_packet), .full(t_full), .posted(t_posted), .busy(t_fetching), .asking(t_asking),
      .look_q(t_look_q), .look_taken(t_taken), .head_q(look_q), .head_index(tx_head),
      .rd_en(t_rd), .rd_q(t_rd_q), .rd_place(t_place), .rd_data(t_desc),
      .take(t_take), .take_q(t_take_q), .moves(t_moves));

  logic seg_valid, seg_ready, pk_valid, pk_ready, pk_none, pk_one, pk_eop, user_valid, user_ready;
  logic [59:0] seg_word;
  logic [9:0] seg_beats, pk_beats;
  logic [3:0] pk_off;
  logic [4:0] pk_first, pk_last;
  logic [5:0] pk_code;
  espalier_pkg::tx_user_t user;
  tx_sched #(.NUM_QUEUES(N), .FRAME_MAX(FRAME_MAX)) u_sched (
      .clk(clk_desc), .rst, .run(tx_run & ~tx_fault), .halt(tx_halt), .clear(tx_clear), .packet(t_packet), .full(t_full),
      .look_q(t_look_q), .look_taken(t_taken), .rd_en(t_rd), .rd_q(t_rd_q), .rd_place(t_place),
      .rd_data(t_desc), .take(t_take), .take_q(t_take_q), .admit(t_admit), .admit_q(t_admit_q),
      .busy(t_walking),
      .seg_valid, .seg_ready, .seg_word, .seg_beats,
      .pk_valid, .pk_ready, .pk_off, .pk_beats, .pk_none, .pk_one, .pk_first, .pk_last, .pk_eop,
      .pk_code, .user_valid, .user_ready, .user, .moves(sched_moves));

  logic pd_valid, pd_ready, pd_err, pack_busy;
  logic [127:0] pd_data;
  tx_read #(.BURST_MAX(BURST_MAX)) u_read (
      .clk(clk_tx), .rst, .seg_valid, .seg_ready, .seg_word, .seg_beats,
      .ar_valid(par_valid), .ar_ready(par_ready), .ar_addr(par_addr), .ar_len(par_len),
      .beat(beat_p), .beat_data, .beat_err,
      .d_valid(pd_valid), .d_ready(pd_ready), .d_data(pd_data), .d_err(pd_err));

  tx_pack u_pack (
      .clk(clk_tx), .rst, .pk_valid, .pk_ready, .pk_off, .pk_beats, .pk_none, .pk_one, .pk_first,
      .pk_last, .pk_eop, .pk_code,
      .user_valid, .user_ready, .user,
      .d_valid(pd_valid), .d_ready(pd_ready), .d_data(pd_data), .d_err(pd_err),
      .m_tvalid(tx_tvalid), .m_tready(tx_tready), .m_tdata(tx_tdata), .m_tkeep(tx_tkeep),
      .m_tlast(tx_tlast), .m_terr(tx_terr), .m_user(tx_user), .busy(pack_busy));

  logic tc_done, tc_err, tc_lost, tc_moves;
  logic [QW-1:0] tc_done_q, tc_lost_q;
  logic [2:0] tc_done_n, tc_lost_n;
  cpl_write #(
      .NUM_QUEUES(N), .CFG_BASE(0), .CFG_COAL(32'(espalier_regs_pkg::Q_TX_COAL))
  ) u_tx_cpl (
      .clk, .clk_work(clk_cpl), .rst, .moves(tc_moves), .now, .cfg_we, .cfg_q, .cfg_reg, .cfg_data,
      .halt(tx_halt), .error(tx_error), .clear(tx_clear),
      .s_valid(done_valid), .s_ready(done_ready), .s_q(done.qid[QW-1:0]), .s_index(done.index),
      .s_code(done.code), .s_handle(done.handle), .s_word(done.seq), .s_len(done.wire_len),
      .aw_valid(taw_valid), .aw_ready(taw_ready), .aw_addr(taw_addr), .aw_len(taw_len),
      .w_valid(tw_valid), .w_ready(tw_ready), .w_data(tw_data), .resp(resp_t), .resp_err,
      .done(tc_done), .done_q(tc_done_q), .done_n(tc_done_n), .done_err(tc_err),
      .lost(tc_lost), .lost_q(tc_lost_q), .lost_n(tc_lost_n));

  queue_count #(.NUM_QUEUES(N)) u_tx_count (
      .clk(clk_desc), .rst, .inc(t_admit), .inc_q(t_admit_q),
      .dec_a(tc_done), .dec_a_q(tc_done_q), .dec_a_n(tc_done_n),
      .dec_b(tc_lost), .dec_b_q(tc_lost_q), .dec_b_n(tc_lost_n), .busy(t_inside));

  assign tx_quiet = ~(t_fetching | t_packet | t_walking | t_inside);
  always_comb
    for (int i = 0; i < N; i++)
      tx_fault[i] = (tf_fault && tf_fault_q == QW'(i)) || (tc_done && tc_err && tc_done_q == QW'(i));

  // ----------------------------------------------------------------- receive
  logic r_moves, r_asking, rf_fault, r_take, r_rd, r_admit;
  logic [QW-1:0] rf_fault_q, r_take_q, r_rd_q, r_look_q, r_admit_q;
  logic [N-1:0] r_avail, r_packet, r_full, r_posted, r_fetching, r_matching, r_inside;
  logic [15:0] r_taken;
  logic [4:0] r_place;
  logic [127:0] r_desc;

  desc_fetch #(
      .NUM_QUEUES(N), .CFG_BASE(32'(espalier_regs_pkg::Q_RX_CTRL)), .CHAINS(0)
  ) u_rx_fetch (
      .clk(clk_rx), .rst, .cfg_we, .cfg_q, .cfg_reg, .cfg_data,
      .run(rx_run), .clear(rx_clear), .fault(rf_fault), .fault_q(rf_fault_q),
      .ar_valid(rar_valid), .ar_ready(rar_ready), .ar_addr(rar_addr), .ar_len(rar_len),
      .beat(beat_r), .beat_data, .beat_err,
      .avail(r_avail), .packet(r_packet), .full(r_full), .posted(r_posted), .busy(r_fetching), .asking(r_asking),
      .look_q(r_look_q), .look_taken(r_taken), .head_q(look_q), .head_index(rx_head),
      .rd_en(r_rd), .rd_q(r_rd_q), .rd_place(r_place), .rd_data(r_desc),
      .take(r_take), .take_q(r_take_q), .moves(r_moves));

  logic rc_valid, rc_ready, rc_frame, rc_drop, rd_valid, rd_ready, match_idle, write_idle;
  logic [59:0] rc_word;
  logic [15:0] rc_index;
  logic [127:0] rd_data;
  espalier_pkg::rx_meta_t rc_meta;
  rx_match #(.NUM_QUEUES(N)) u_match (
      .clk(clk_rx), .rst, .s_tvalid(rx_tvalid), .s_tready(rx_tready), .s_tdata(rx_tdata),
      .s_tlast(rx_tlast), .s_meta(rx_meta),
      .run(rx_run & ~rx_fault), .halt(rx_halt), .avail(r_avail), .posted(r_posted),
      .look_q(r_look_q), .look_taken(r_taken), .rd_en(r_rd), .rd_q(r_rd_q), .rd_place(r_place),
      .rd_data(r_desc), .take(r_take), .take_q(r_take_q), .admit(r_admit), .admit_q(r_admit_q),
      .busy(r_matching),
      .c_valid(rc_valid), .c_ready(rc_ready), .c_frame(rc_frame), .c_drop(rc_drop),
      .c_word(rc_word), .c_index(rc_index), .c_meta(rc_meta),
      .d_valid(rd_valid), .d_ready(rd_ready), .d_data(rd_data), .idle(match_idle));

  logic rx_cpl_valid, rx_cpl_ready;
  logic [QW-1:0] rx_cpl_q;
  logic [15:0] rx_cpl_index;
  logic [5:0] rx_cpl_code;
  logic [31:0] rx_cpl_handle, rx_cpl_hash;
  logic [13:0] rx_cpl_len;
  rx_write #(.NUM_QUEUES(N), .BURST_MAX(BURST_MAX)) u_write (
      .clk(clk_rx), .rst, .c_valid(rc_valid), .c_ready(rc_ready), .c_frame(rc_frame), .c_drop(rc_drop),
      .c_word(rc_word), .c_index(rc_index), .c_meta(rc_meta),
      .d_valid(rd_valid), .d_ready(rd_ready), .d_data(rd_data),
      .aw_valid(paw_valid), .aw_ready(paw_ready), .aw_addr(paw_addr), .aw_len(paw_len),
      .w_valid(pw_valid), .w_ready(pw_ready), .w_data(pw_data), .w_strb(pw_strb),
      .resp(resp_p), .resp_err,
      .cpl_valid(rx_cpl_valid), .cpl_ready(rx_cpl_ready), .cpl_q(rx_cpl_q),
      .cpl_index(rx_cpl_index), .cpl_code(rx_cpl_code), .cpl_handle(rx_cpl_handle),
      .cpl_hash(rx_cpl_hash), .cpl_len(rx_cpl_len), .stat_valid, .stat, .idle(write_idle));

  logic rw_done, rw_err, rw_lost, rw_moves;
  logic [QW-1:0] rw_done_q, rw_lost_q;
  logic [2:0] rw_done_n, rw_lost_n;
  cpl_write #(
      .NUM_QUEUES(N), .CFG_BASE(32'(espalier_regs_pkg::Q_RX_CTRL)),
      .CFG_COAL(32'(espalier_regs_pkg::Q_RX_COAL))
  ) u_rx_cpl (
      .clk, .clk_work(clk_cpl), .rst, .moves(rw_moves), .now, .cfg_we, .cfg_q, .cfg_reg, .cfg_data,
      .halt(rx_halt), .error(rx_error), .clear(rx_clear),
      .s_valid(rx_cpl_valid), .s_ready(rx_cpl_ready), .s_q(rx_cpl_q), .s_index(rx_cpl_index),
      .s_code(rx_cpl_code), .s_handle(rx_cpl_handle), .s_word(rx_cpl_hash), .s_len(rx_cpl_len),
      .aw_valid(raw_valid), .aw_ready(raw_ready), .aw_addr(raw_addr), .aw_len(raw_len),
      .w_valid(rw_valid), .w_ready(rw_ready), .w_data(rw_data), .resp(resp_r), .resp_err,
      .done(rw_done), .done_q(rw_done_q), .done_n(rw_done_n), .done_err(rw_err),
      .lost(rw_lost), .lost_q(rw_lost_q), .lost_n(rw_lost_n));

  queue_count #(.NUM_QUEUES(N)) u_rx_count (
      .clk(clk_rx), .rst, .inc(r_admit), .inc_q(r_admit_q),
      .dec_a(rw_done), .dec_a_q(rw_done_q), .dec_a_n(rw_done_n),
      .dec_b(rw_lost), .dec_b_q(rw_lost_q), .dec_b_n(rw_lost_n), .busy(r_inside));

  assign rx_quiet = ~(r_fetching | r_matching | r_inside);
  always_comb
    for (int i = 0; i < N; i++)
      rx_fault[i] = (rf_fault && rf_fault_q == QW'(i)) || (rw_done && rw_err && rw_done_q == QW'(i));

  // -------------------------------------------------------------- interrupts
  logic irq_waiting, irq_moves;
  irq_coalesce #(.NUM_QUEUES(N)) u_irq (
      .clk, .clk_work(clk_cpl), .rst, .moves(irq_moves), .now, .cfg_we, .cfg_q, .cfg_reg, .cfg_data,
      .tx_done(tc_done), .tx_q(tc_done_q), .tx_n(tc_done_n),
      .rx_done(rw_done), .rx_q(rw_done_q), .rx_n(rw_done_n), .fault(new_error),
      .st_q(look_q), .st_bits(irq_status), .waiting(irq_waiting), .irq);

  // A queue with something to do is one that runs and has descriptors behind
  // its head, or a whole packet.
  logic [N-1:0] work;
  assign work = (tx_run & (t_packet | t_full)) | t_fetching | t_walking | t_inside | r_fetching |
                r_matching | r_inside;
  logic still;
  always_ff @(posedge clk) begin
    still <= regs_idle && (work == '0) && !t_asking && !r_asking && !pack_busy && match_idle &&
             write_idle && !wr_busy && !irq_waiting && !stat_valid && !ev_valid;
    if (rst) still <= 1'b0;
  end
  assign idle = still;

  // ------------------------------------------------------- who needs its clock
  // Whoever takes a step, and for the data whoever has some. What only the clock of a
  // room can change has a name of its own (`stirs`, see sim/rooms.vlt).
  logic desc_stirs, cpl_stirs;
  assign desc_stirs = tc_done || tc_lost || (tx_clear | tx_halt) != '0;
  assign cpl_stirs  = !regs_idle || ev_valid || cfg_we || taw_valid || raw_valid || wr_busy;
  assign need_desc  = desc_stirs || cfg_we || t_moves || sched_moves;
  assign need_tx    = seg_valid || pack_busy || pd_valid || par_valid || beat_p;
  assign need_cpl   = cpl_stirs || (tx_fault | rx_fault) != '0 || irq_moves || tc_moves ||
                      rw_moves || paw_valid || m_axi_bvalid;
  // of the registers only those of the receive ring
  assign need_rx   = (cfg_we && cfg_reg[7:6] == 2'd1) || rf_fault || r_asking || rx_tvalid || !match_idle || !write_idle ||
                     stat_valid || paw_valid ||
                     (rx_clear | rx_halt | r_fetching | r_matching | r_inside) != '0;

  logic unused;
  assign unused = &{1'b0, t_asking & r_moves, t_avail, t_posted, r_packet, r_full, done.qid};
endmodule
