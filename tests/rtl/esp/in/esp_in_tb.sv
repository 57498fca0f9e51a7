// SPDX-License-Identifier: Apache-2.0
//
// esp_in with its cipher; policy answers, wire, dma and tables are the test's.
// Structures are taken apart into plain ports.
module esp_in_tb #(
    parameter int SA_ENTRIES = 64,
    parameter int WINDOW_MAX = 1024,
    parameter int BUF_BEATS = 2048,
    parameter int SW = $clog2(SA_ENTRIES)
) (
    input  logic          clk,
    input  logic          rst,
    output logic          init_done,
    output logic          idle,
    input  logic          s_tvalid,
    output logic          s_tready,
    input  logic [127:0]  s_tdata,
    input  logic [15:0]   s_tkeep,
    input  logic          s_tlast,
    input  logic [5:0]    s_terr,
    output logic          m_tvalid,
    input  logic          m_tready,
    output logic [127:0]  m_tdata,
    output logic [15:0]   m_tkeep,
    output logic          m_tlast,
    output logic [7:0]    m_qid,
    output logic [5:0]    m_code,
    output logic [31:0]   m_handle,
    output logic [13:0]   m_len,
    output logic [31:0]   m_hash,
    output logic          stat_in_valid,
    output logic          stat_valid,
    output logic [5:0]    stat_code,
    output logic [13:0]   stat_bytes,
    output logic          stat_ovf_valid,
    output logic          ev_valid,
    output logic [7:0]    ev_type,
    output logic [31:0]   ev_handle,
    output logic [31:0]   ev_info,
    output logic          spd_req_valid,
    input  logic          spd_req_ready,
    output logic          spd_v6,
    output logic [127:0]  spd_src,
    output logic [127:0]  spd_dst,
    output logic [7:0]    spd_proto,
    output logic          spd_ports_ok,
    output logic [15:0]   spd_sport,
    output logic [15:0]   spd_dport,
    input  logic          spd_res_valid,
    output logic          spd_res_ready,
    input  logic          spd_match,
    input  logic          spd_parity,
    input  logic [1:0]    spd_action,
    input  logic [15:0]   spd_reqid,
    input  logic          tbl_valid,
    input  logic [3:0]    tbl_op,
    input  logic [3:0]    tbl_table,
    input  logic [15:0]   tbl_index,
    input  logic [1023:0] tbl_wdata,
    output logic          tbl_ack,
    output logic [3:0]    tbl_res,
    output logic [1023:0] tbl_rdata,
    input  logic [SW-1:0] live_slot,
    output logic          live,
    input  logic [47:0]   mac,
    input  logic          promisc,
    input  logic          nonip_bypass,
    input  logic          arp_bypass,
    input  logic [7:0]    queue_mask,
    input  logic          key_valid,
    output logic          key_ready,
    input  logic [SW-1:0] key_idx,
    input  logic          key_aes256,
    input  logic [255:0]  key_data,
    input  logic [31:0]   key_salt,
    output logic          key_done,
    input  logic          gcm_hold,   // the cipher takes no commands
    output logic          starved,    // the cipher wanted a block and got none
    output logic          committed   // a packet became readable in the verify buffer
);
  espalier_pkg::rx_meta_t m_meta;
  espalier_pkg::stat_t stat, stat_in, stat_ovf;
  espalier_pkg::event_t ev;
  espalier_pkg::selector_t req;
  espalier_pkg::spd_result_t res;

  assign {m_qid, m_code, m_handle, m_len, m_hash} = m_meta;
  assign {stat_code, stat_bytes} = stat;
  assign {ev_type, ev_handle, ev_info} = ev;
  assign {spd_v6, spd_src, spd_dst, spd_proto, spd_ports_ok, spd_sport, spd_dport} = req;
  assign res = {spd_match, spd_parity, spd_action, 16'd0, 32'd0, spd_reqid};

  logic cmd_valid, cmd_ready, cmd_decrypt, g_tvalid, g_tready, g_m_valid, g_m_last, core_ready;
  logic [SW-1:0] cmd_key;
  logic [63:0] cmd_iv;
  logic [13:0] cmd_aad_len, cmd_len;
  logic [127:0] g_tdata, g_m_data, g_icv;
  logic cmd_user, unused_s_user, unused_m_user, unused_icv_valid, unused_idle, unused_busy;
  logic unused_key_busy;

  esp_in #(
      .SA_ENTRIES(SA_ENTRIES),
      .WINDOW_MAX(WINDOW_MAX),
      .BUF_BEATS (BUF_BEATS),
      .TEST_HOOKS(1)
  ) dut (
      .clk(clk), .rst(rst), .init_done(init_done), .idle(idle), .busy(unused_busy),
      .s_tvalid(s_tvalid), .s_tready(s_tready), .s_tdata(s_tdata), .s_tkeep(s_tkeep), .s_tlast(s_tlast),
      .s_terr(s_terr),
      .m_tvalid(m_tvalid), .m_tready(m_tready), .m_tdata(m_tdata), .m_tkeep(m_tkeep), .m_tlast(m_tlast),
      .m_meta(m_meta),
      .stat_in_valid(stat_in_valid), .stat_in(stat_in), .stat_valid(stat_valid), .stat(stat),
      .stat_ovf_valid(stat_ovf_valid), .stat_ovf(stat_ovf),
      .ev_valid(ev_valid), .ev(ev),
      .spd_req_valid(spd_req_valid), .spd_req_ready(spd_req_ready), .spd_req(req),
      .spd_res_valid(spd_res_valid), .spd_res_ready(spd_res_ready), .spd_res(res),
      .gcm_cmd_valid(cmd_valid), .gcm_cmd_ready(cmd_ready), .gcm_cmd_key(cmd_key),
      .gcm_cmd_decrypt(cmd_decrypt), .gcm_cmd_iv(cmd_iv), .gcm_cmd_aad_len(cmd_aad_len),
      .gcm_cmd_len(cmd_len), .gcm_cmd_user(cmd_user),
      .gcm_s_tvalid(g_tvalid), .gcm_s_tready(g_tready), .gcm_s_tdata(g_tdata),
      .gcm_m_valid(g_m_valid), .gcm_m_data(g_m_data), .gcm_m_last(g_m_last), .gcm_m_icv(g_icv),
      .tbl_valid(tbl_valid), .tbl_op(tbl_op), .tbl_table(tbl_table), .tbl_index(tbl_index),
      .tbl_wdata(tbl_wdata), .tbl_ack(tbl_ack), .tbl_res(tbl_res), .tbl_rdata(tbl_rdata),
      .live_slot(live_slot), .live(live),
      .mac(mac), .promisc(promisc), .nonip_bypass(nonip_bypass), .arp_bypass(arp_bypass),
      .queue_mask(queue_mask)
  );

  assign cmd_ready = core_ready && !gcm_hold;
  gcm_core #(
      .KEY_ENTRIES(SA_ENTRIES),
      .USER_W     (1)
  ) u_gcm (
      .clk(clk), .rst(rst),
      .key_valid(key_valid), .key_ready(key_ready), .key_busy(unused_key_busy),
      .key_zeroize(1'b0), .key_idx(key_idx),
      .key_aes256(key_aes256), .key_data(key_data), .key_salt(key_salt), .key_done(key_done),
      .cmd_valid(cmd_valid && !gcm_hold), .cmd_ready(core_ready), .cmd_key(cmd_key), .cmd_decrypt(cmd_decrypt),
      .cmd_iv(cmd_iv), .cmd_aad_len(cmd_aad_len), .cmd_len(cmd_len), .cmd_user(cmd_user),
      .s_tvalid(g_tvalid), .s_tready(g_tready), .s_tdata(g_tdata), .s_user(unused_s_user),
      .m_valid(g_m_valid), .m_data(g_m_data), .m_last(g_m_last), .m_icv_valid(unused_icv_valid),
      .m_icv(g_icv), .m_user(unused_m_user), .idle(unused_idle)
  );

  logic [$clog2(BUF_BEATS):0] committed_q;
  assign committed = dut.u_crypt.u_verify.u_buf.committed != committed_q;
  always_ff @(posedge clk) begin
    committed_q <= rst ? '0 : dut.u_crypt.u_verify.u_buf.committed;
    starved     <= !rst && (starved || (g_tready && !g_tvalid));
  end

  logic unused;
  assign unused = &{1'b0, stat_in, stat_ovf, unused_s_user, unused_m_user, unused_icv_valid, unused_idle,
                    unused_busy, unused_key_busy};
endmodule
