// SPDX-License-Identifier: Apache-2.0
//
// Test top: mgmt with six statistics ports and four event sources whose
// records are given by software, and the register block of the queue pairs
// left to the bench.
module mgmt_top (
    input logic clk,
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

    output logic        q_valid,
    output logic        q_write,
    output logic [11:0] q_addr,
    output logic [31:0] q_wdata,
    output logic [ 3:0] q_wstrb,
    input  logic        q_ack,
    input  logic [31:0] q_rdata,
    input  logic [ 1:0] q_resp,

    output logic        cfg_enable,
    output logic        cfg_promisc,
    output logic [47:0] cfg_mac,
    output logic [ 7:0] cfg_queue_mask,
    output logic [ 3:0] cfg_bypass,   // in ARP, out ARP, in not IP, out not IP
    input  logic        init_done,
    input  logic        device_idle,
    output logic        idle,
    output logic        irq,

    input logic [ 5:0] stat_valid,
    input logic [19:0] stat0,
    input logic [19:0] stat1,
    input logic [19:0] stat2,
    input logic [19:0] stat3,
    input logic [19:0] stat4,
    input logic [19:0] stat5,
    input logic [ 3:0] ev_valid,
    input logic [31:0] ev_info0,
    input logic [31:0] ev_info1,
    input logic [31:0] ev_info2,
    input logic [31:0] ev_info3,

    output logic          tbl_valid_out,
    output logic          tbl_valid_in,
    output logic          tbl_valid_spd,
    output logic [   3:0] tbl_op,
    output logic [   3:0] tbl_table,
    output logic [  15:0] tbl_index,
    output logic [1023:0] tbl_wdata,
    input  logic [   2:0] tbl_ack,       // spd, in, out
    input  logic [   3:0] tbl_res,
    input  logic [1023:0] tbl_rdata,
    output logic [   9:0] live_slot,
    input  logic          live_out,
    input  logic          live_in,
    output logic          key_valid,
    input  logic          key_ready,
    output logic          key_client,
    output logic          key_zeroize,
    output logic [   9:0] key_idx,
    output logic          key_aes256,
    output logic [ 255:0] key_data,
    output logic [  31:0] key_salt,
    input  logic          key_done
);
  logic unused_table_busy, unused_need, unused_need_stat;
  logic [3:0] stage_shift;
  logic stage_clear;
  logic [63:0] stage_in;
  logic [191:0] stage_low;
  logic [1023:0] out_entry, in_entry, spd_entry;
  table_stages u_stages (
      .clk, .rst({4{rst}}), .clear(stage_clear), .shift(stage_shift), .word(stage_in),
      .low(stage_low), .wdata_out(out_entry), .wdata_in(in_entry), .wdata_spd(spd_entry),
      .rdata_out(tbl_rdata), .rdata_in(tbl_rdata), .rdata_spd(tbl_rdata),
      .key_aes256, .key_salt, .key_data);
  // What an owner sees, each its own register; what no owner may see is the sum of them.
  assign tbl_wdata  = tbl_valid_out ? out_entry : tbl_valid_in ? in_entry :
                      tbl_valid_spd ? spd_entry :
                      out_entry | in_entry | spd_entry | 1024'({key_data, key_salt, 31'd0, key_aes256});
  mgmt #(
      .TEST_HOOKS(1)
  ) u_mgmt (
      .clk, .clk_stat(clk), .clk_free(clk), .rst, .need(unused_need), .need_stat(unused_need_stat),
      .s_axil_awvalid, .s_axil_awready, .s_axil_awaddr, .s_axil_wvalid, .s_axil_wready,
      .s_axil_wdata, .s_axil_wstrb, .s_axil_bvalid, .s_axil_bready, .s_axil_bresp,
      .s_axil_arvalid, .s_axil_arready, .s_axil_araddr, .s_axil_rvalid, .s_axil_rready,
      .s_axil_rdata, .s_axil_rresp,
      .q_valid, .q_write, .q_addr, .q_wdata, .q_wstrb, .q_ack, .q_rdata, .q_resp,
      .cfg_enable, .cfg_out_nonip_bypass(cfg_bypass[0]), .cfg_in_nonip_bypass(cfg_bypass[1]),
      .cfg_out_arp_bypass(cfg_bypass[2]), .cfg_in_arp_bypass(cfg_bypass[3]), .cfg_promisc,
      .cfg_mac, .cfg_queue_mask, .init_done, .device_idle, .idle,
      .table_busy(unused_table_busy),
      .spd_miss_cycles(16'h1234), .spd_hits(32'h1111_2222), .spd_misses(32'h3333_4444),
      .stat_valid, .stat({stat5, stat4, stat3, stat2, stat1, stat0}),
      .ev_valid,
      .ev({8'd4, 32'd3, ev_info3, 8'd3, 32'd2, ev_info2, 8'd2, 32'd1, ev_info1, 8'd1, 32'd0, ev_info0}),
      .irq,
      .tbl_valid_out, .tbl_valid_in, .tbl_valid_spd, .tbl_op, .tbl_table, .tbl_index,
      .tbl_ack_out(tbl_ack[0]), .tbl_res_out(tbl_res), .tbl_ack_in(tbl_ack[1]),
      .tbl_res_in(tbl_res), .tbl_ack_spd(tbl_ack[2]), .tbl_res_spd(tbl_res),
      .stage_shift, .stage_clear, .stage_in, .stage_low, .live_slot, .live_out, .live_in,
      .key_valid, .key_ready, .key_client, .key_zeroize, .key_idx, .key_done);
endmodule
