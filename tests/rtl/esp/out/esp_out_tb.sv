// SPDX-License-Identifier: Apache-2.0
//
// esp_out with the cipher behind it. The SPD is played by the test.
module esp_out_tb #(
    parameter int SA_ENTRIES = 256,
    parameter int KW = $clog2(SA_ENTRIES)
) (
    input  logic                      clk,
    input  logic                      rst,
    output logic                      init_done,
    output logic                      idle,
    input  logic                      cfg_nonip_bypass,
    input  logic                      cfg_arp_bypass,
    input  logic                      s_tvalid,
    output logic                      s_tready,
    input  logic [127:0]              s_tdata,
    input  logic [15:0]               s_tkeep,
    input  logic                      s_tlast,
    input  logic [5:0]                s_terr,
    input  espalier_pkg::tx_user_t    s_user,
    output logic                      m_tvalid,
    input  logic                      m_tready,
    output logic [127:0]              m_tdata,
    output logic [15:0]               m_tkeep,
    output logic                      m_tlast,
    output logic                      done_valid,
    input  logic                      done_ready,
    output espalier_pkg::tx_done_t    done,
    output logic                      stat_in_valid,
    output espalier_pkg::stat_t       stat_in,
    output logic                      stat_valid,
    output espalier_pkg::stat_t       stat,
    output logic                      ev_valid,
    output espalier_pkg::event_t      ev,
    output logic                      spd_req_valid,
    input  logic                      spd_req_ready,
    output espalier_pkg::selector_t   spd_req,
    input  logic                      spd_res_valid,
    output logic                      spd_res_ready,
    input  espalier_pkg::spd_result_t spd_res,
    input  logic                      tbl_valid,
    input  logic [3:0]                tbl_op,
    input  logic [15:0]               tbl_index,
    input  logic [1023:0]             tbl_wdata,
    output logic                      tbl_ack,
    output logic [3:0]                tbl_res,
    output logic [1023:0]             tbl_rdata,
    input  logic [KW-1:0]             live_idx,
    output logic                      live_q,
    input  logic                      key_valid,
    output logic                      key_ready,
    input  logic                      key_zeroize,
    input  logic [KW-1:0]             key_idx,
    input  logic                      key_aes256,
    input  logic [255:0]              key_data,
    input  logic [31:0]               key_salt,
    output logic                      key_done,
    output logic                      core_m_valid,
    output logic                      core_m_last,
    output logic                      starved  // the cipher wanted a block and got none
);
  logic gcm_cmd_valid, gcm_cmd_ready, gcm_cmd_decrypt, gcm_s_tvalid, gcm_s_tready;
  logic gcm_m_valid, gcm_m_last, gcm_m_icv_valid;
  logic [KW-1:0] gcm_cmd_key;
  logic [63:0] gcm_cmd_iv;
  logic [13:0] gcm_cmd_aad_len, gcm_cmd_len;
  logic [127:0] gcm_s_tdata, gcm_m_data, gcm_m_icv;
  assign core_m_valid = gcm_m_valid;
  assign core_m_last  = gcm_m_last;
  assign starved      = (gcm_s_tready && !gcm_s_tvalid) || (gcm_m_last && gcm_m_valid && !gcm_m_icv_valid);

  // every part in every cycle
  logic clk_words, clk_parse, clk_admit, clk_prefix, clk_clear, tbl_busy;
  logic need_words, need_parse, need_admit, need_prefix, need_clear, unused_need;
  assign {clk_words, clk_parse, clk_admit, clk_prefix, clk_clear} = {5{clk}};
  assign tbl_busy = tbl_valid;
  assign unused_need = &{1'b0, need_words, need_parse, need_admit, need_prefix, need_clear};
  esp_out #(
      .SA_ENTRIES(SA_ENTRIES),
      .BUF_BEATS (1024),
      .TEST_HOOKS(1)
  ) dut (
      .*
  );

  logic unused_s_user, unused_m_user, unused_idle, unused_key_busy;
  gcm_core #(
      .KEY_ENTRIES(SA_ENTRIES),
      .USER_W     (1)
  ) u_gcm (
      .clk        (clk),
      .rst        (rst),
      .key_valid  (key_valid),
      .key_ready  (key_ready),
      .key_busy   (unused_key_busy),
      .key_zeroize(key_zeroize),
      .key_idx    (key_idx),
      .key_aes256 (key_aes256),
      .key_data   (key_data),
      .key_salt   (key_salt),
      .key_done   (key_done),
      .cmd_valid  (gcm_cmd_valid),
      .cmd_ready  (gcm_cmd_ready),
      .cmd_key    (gcm_cmd_key),
      .cmd_decrypt(gcm_cmd_decrypt),
      .cmd_iv     (gcm_cmd_iv),
      .cmd_aad_len(gcm_cmd_aad_len),
      .cmd_len    (gcm_cmd_len),
      .cmd_user   (1'b0),
      .s_tvalid   (gcm_s_tvalid),
      .s_tready   (gcm_s_tready),
      .s_tdata    (gcm_s_tdata),
      .s_user     (unused_s_user),
      .m_valid    (gcm_m_valid),
      .m_data     (gcm_m_data),
      .m_last     (gcm_m_last),
      .m_icv_valid(gcm_m_icv_valid),
      .m_icv      (gcm_m_icv),
      .m_user     (unused_m_user),
      .idle       (unused_idle)
  );
endmodule
