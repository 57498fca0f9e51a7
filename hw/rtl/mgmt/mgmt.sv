// SPDX-License-Identifier: Apache-2.0
//
// mgmt: what the host sees of the device besides its rings: registers, table
// port, counters, events.
module mgmt #(
    parameter int NUM_QUEUES = 4,
    parameter int SA_ENTRIES = 1024,
    parameter int SPD_ENTRIES = 256,
    parameter int SPD_CACHE_SETS = 1024,
    parameter int WINDOW_MAX = 1024,
    parameter int GCM_ENGINES = 2,
    parameter int GCM_CYCLES = 1,
    parameter int SBOX = 0,
    parameter int GMUL = 0,
    parameter int FRAME_MAX = 9216,
    parameter int TEST_HOOKS = 0,
    parameter int STATS = 6,   // sources of statistics records
    parameter int EVENTS = 4,  // sources of events
    parameter int KW = $clog2(SA_ENTRIES)
) (
    input logic clk,
    input logic clk_stat,  // the counters
    input logic clk_free,  // never stands still: the cycle counter
    input logic rst,

    input  logic        s_axil_awvalid,
    output logic        s_axil_awready,
    input  logic [15:0] s_axil_awaddr,
    input  logic        s_axil_wvalid,
    output logic        s_axil_wready,
    input  logic [31:0] s_axil_wdata,
    input  logic [ 3:0] s_axil_wstrb,
    output logic        s_axil_bvalid,
    input  logic        s_axil_bready,
    output logic [ 1:0] s_axil_bresp,
    input  logic        s_axil_arvalid,
    output logic        s_axil_arready,
    input  logic [15:0] s_axil_araddr,
    output logic        s_axil_rvalid,
    input  logic        s_axil_rready,
    output logic [31:0] s_axil_rdata,
    output logic [ 1:0] s_axil_rresp,

    // registers of the queue pairs
    output logic        q_valid,
    output logic        q_write,
    output logic [11:0] q_addr,
    output logic [31:0] q_wdata,
    output logic [ 3:0] q_wstrb,
    input  logic        q_ack,
    input  logic [31:0] q_rdata,
    input  logic [ 1:0] q_resp,

    output logic        cfg_enable,
    output logic        cfg_out_nonip_bypass,
    output logic        cfg_in_nonip_bypass,
    output logic        cfg_out_arp_bypass,
    output logic        cfg_in_arp_bypass,
    output logic        cfg_promisc,
    output logic [47:0] cfg_mac,
    output logic [ 7:0] cfg_queue_mask,

    input  logic        init_done,   // of all tables
    input  logic        device_idle, // everything but this block
    output logic        idle,
    output logic        need,        // who needs its clock, see wake_hold
    output logic        need_stat,
    output logic        table_busy,  // a command of the table port is under way
    input  logic [15:0] spd_miss_cycles,
    input  logic [31:0] spd_hits,
    input  logic [31:0] spd_misses,

    input  logic [   STATS-1:0] stat_valid,
    input  logic [20*STATS-1:0] stat,        // espalier_pkg::stat_t each
    input  logic [  EVENTS-1:0] ev_valid,
    input  logic [72*EVENTS-1:0] ev,         // espalier_pkg::event_t each
    output logic                irq,

    output logic          tbl_valid_out,
    output logic          tbl_valid_in,
    output logic          tbl_valid_spd,
    output logic [   3:0] tbl_op,
    output logic [   3:0] tbl_table,
    output logic [  15:0] tbl_index,
    input  logic          tbl_ack_out,
    input  logic [   3:0] tbl_res_out,
    input  logic          tbl_ack_in,
    input  logic [   3:0] tbl_res_in,
    input  logic          tbl_ack_spd,
    input  logic [   3:0] tbl_res_spd,
    output logic [   3:0] stage_shift,  // staging registers of the owners, see table_port
    output logic          stage_clear,
    output logic [  63:0] stage_in,
    input  logic [ 191:0] stage_low,
    output logic [KW-1:0] live_slot,
    input  logic          live_out,
    input  logic          live_in,

    output logic          key_valid,
    input  logic          key_ready,
    output logic          key_client,
    output logic          key_zeroize,
    output logic [KW-1:0] key_idx,
    input  logic          key_done
);
  logic reg_valid, reg_write, reg_ack;
  logic [15:0] reg_addr;
  logic [31:0] reg_wdata, reg_rdata;
  logic [3:0] reg_wstrb;
  logic [1:0] reg_resp;

  axil_slave u_axil (
      .clk, .rst,
      .s_axil_awvalid, .s_axil_awready, .s_axil_awaddr, .s_axil_wvalid, .s_axil_wready,
      .s_axil_wdata, .s_axil_wstrb, .s_axil_bvalid, .s_axil_bready, .s_axil_bresp,
      .s_axil_arvalid, .s_axil_arready, .s_axil_araddr, .s_axil_rvalid, .s_axil_rready,
      .s_axil_rdata, .s_axil_rresp,
      .reg_valid, .reg_write, .reg_addr, .reg_wdata, .reg_wstrb, .reg_ack, .reg_rdata, .reg_resp);

  assign q_write = reg_write;
  assign q_addr  = reg_addr[11:0];
  assign q_wdata = reg_wdata;
  assign q_wstrb = reg_wstrb;

  logic oldest_valid, ev_pop, ev_clear_lost, ev_came, ev_lost_now, ev_idle;
  espalier_pkg::event_t oldest;
  logic [7:0] ev_count;
  logic [15:0] ev_lost, install_cycles, cmd_index;
  logic cmd_start, tbl_busy, stage_we, stage_rd, still;
  logic [3:0] cmd_op, cmd_table, tbl_result;
  logic [31:0] stage_q;

  mgmt_regs #(
      .NUM_QUEUES(NUM_QUEUES), .SA_ENTRIES(SA_ENTRIES), .SPD_ENTRIES(SPD_ENTRIES),
      .SPD_CACHE_SETS(SPD_CACHE_SETS), .WINDOW_MAX(WINDOW_MAX), .GCM_ENGINES(GCM_ENGINES),
      .GCM_CYCLES(GCM_CYCLES), .SBOX(SBOX), .GMUL(GMUL), .FRAME_MAX(FRAME_MAX),
      .TEST_HOOKS(TEST_HOOKS)
  ) u_regs (
      .clk, .clk_free, .rst, .reg_valid, .reg_write, .reg_addr, .reg_wdata, .reg_wstrb, .reg_ack, .reg_rdata,
      .reg_resp, .q_valid, .q_ack, .q_rdata, .q_resp,
      .cfg_enable, .cfg_out_nonip_bypass, .cfg_in_nonip_bypass, .cfg_out_arp_bypass,
      .cfg_in_arp_bypass, .cfg_promisc, .cfg_mac, .cfg_queue_mask,
      .idle(device_idle && still), .init_done, .spd_miss_cycles, .spd_hits, .spd_misses,
      .install_cycles, .ev_valid(oldest_valid), .ev(oldest), .ev_pop, .ev_count, .ev_lost,
      .ev_clear_lost, .ev_came, .ev_lost_now, .irq,
      .tbl_start(cmd_start), .tbl_op(cmd_op), .tbl_table(cmd_table), .tbl_index(cmd_index),
      .tbl_busy, .tbl_result, .stage_we, .stage_rd, .stage_q);

  event_queue #(.SOURCES(EVENTS)) u_events (
      .clk, .rst, .s_valid(ev_valid), .s_event(ev), .m_valid(oldest_valid), .m_event(oldest),
      .pop(ev_pop), .count(ev_count), .lost(ev_lost), .clear_lost(ev_clear_lost), .came(ev_came),
      .lost_now(ev_lost_now), .idle(ev_idle));

  logic cnt_valid, cnt_done, cnt_ready, cnt_idle;
  logic [5:0] cnt_code;
  logic [63:0] cnt_packets, cnt_bytes;
  counters #(.PORTS(STATS)) u_counters (
      .clk(clk_stat), .rst, .s_valid(stat_valid), .s_stat(stat), .rd_valid(cnt_valid), .rd_code(cnt_code),
      .rd_done(cnt_done), .rd_packets(cnt_packets), .rd_bytes(cnt_bytes), .ready(cnt_ready),
      .idle(cnt_idle));

  table_port #(.SA_ENTRIES(SA_ENTRIES)) u_tables (
      .clk, .rst, .init_done(init_done && cnt_ready),
      .start(cmd_start), .op(cmd_op), .table_id(cmd_table), .index(cmd_index), .busy(tbl_busy),
      .result(tbl_result), .stage_we, .stage_word(reg_addr[6:2]), .stage_data(reg_wdata),
      .stage_strb(reg_wstrb), .stage_rd, .stage_q,
      .tbl_valid_out, .tbl_valid_in, .tbl_valid_spd, .tbl_op, .tbl_table, .tbl_index,
      .tbl_ack_out, .tbl_res_out, .tbl_ack_in, .tbl_res_in, .tbl_ack_spd, .tbl_res_spd,
      .stage_shift, .stage_clear, .stage_in, .stage_low, .live_slot, .live_out, .live_in,
      .key_valid, .key_ready, .key_client, .key_zeroize, .key_idx, .key_done, .install_cycles,
      .cnt_valid, .cnt_code, .cnt_done, .cnt_packets, .cnt_bytes);

  assign table_busy = tbl_busy || cmd_start;
  assign need_stat  = (stat_valid != '0) || !cnt_idle || cnt_valid;
  assign need       = !init_done || !ev_idle || table_busy || reg_valid || s_axil_awvalid ||
                      s_axil_wvalid || s_axil_arvalid || s_axil_bvalid || s_axil_rvalid;
  assign still = ev_idle && cnt_idle && (stat_valid == '0) && !tbl_busy && !cmd_start;
  assign idle  = still && !reg_valid && !s_axil_awvalid && !s_axil_wvalid && !s_axil_arvalid;
endmodule
