// SPDX-License-Identifier: Apache-2.0
//
// gcm_pair: AES-GCM for two clients, a and b, with KEY_ENTRIES contexts each.
//
// ENGINES = 1: both share one gcm_core (gcm_share), so that one block every CYCLES
// cycles is what they have together; ENGINES = 2: each has a core of its own. Ports
// and latency are the same. `key_client` says whose context a key command means; one
// key command at a time. `idle`: no packet of either client in flight.
//
// clk_a and clk_b clock the engines: one clock, or without the edges at which an
// engine is not needed (wake_hold says when, from need_a and need_b). A shared
// engine has clk_a.
module gcm_pair #(
    parameter int ENGINES = 2,
    parameter int KEY_ENTRIES = 512,
    parameter int USER_W = 32,
    parameter int SBOX = 0,
    parameter int GMUL = 0,
    parameter int CYCLES = 1,
    parameter int KW = $clog2(KEY_ENTRIES)
) (
    input  logic              clk_a,
    input  logic              clk_b,
    input  logic              rst,
    output logic              need_a,
    output logic              need_b,
    input  logic              key_valid,
    output logic              key_ready,
    input  logic              key_client,   // 0: a, 1: b
    input  logic              key_zeroize,
    input  logic [KW-1:0]     key_idx,
    input  logic              key_aes256,
    input  logic [255:0]      key_data,
    input  logic [31:0]       key_salt,
    output logic              key_done,
    input  logic              a_cmd_valid,
    output logic              a_cmd_ready,
    input  logic [KW-1:0]     a_cmd_key,
    input  logic              a_cmd_decrypt,
    input  logic [63:0]       a_cmd_iv,
    input  logic [13:0]       a_cmd_aad_len,
    input  logic [13:0]       a_cmd_len,
    input  logic [USER_W-1:0] a_cmd_user,
    input  logic              a_s_tvalid,
    output logic              a_s_tready,
    input  logic [127:0]      a_s_tdata,
    output logic              a_m_valid,
    output logic [127:0]      a_m_data,
    output logic              a_m_last,
    output logic              a_m_icv_valid,
    output logic [127:0]      a_m_icv,
    output logic [USER_W-1:0] a_m_user,
    input  logic              b_cmd_valid,
    output logic              b_cmd_ready,
    input  logic [KW-1:0]     b_cmd_key,
    input  logic              b_cmd_decrypt,
    input  logic [63:0]       b_cmd_iv,
    input  logic [13:0]       b_cmd_aad_len,
    input  logic [13:0]       b_cmd_len,
    input  logic [USER_W-1:0] b_cmd_user,
    input  logic              b_s_tvalid,
    output logic              b_s_tready,
    input  logic [127:0]      b_s_tdata,
    output logic              b_m_valid,
    output logic [127:0]      b_m_data,
    output logic              b_m_last,
    output logic              b_m_icv_valid,
    output logic [127:0]      b_m_icv,
    output logic [USER_W-1:0] b_m_user,
    output logic              idle
);
  generate
    if (ENGINES == 1) begin : g_shared
      logic key_busy;
      gcm_share #(
          .KEY_ENTRIES(KEY_ENTRIES),
          .USER_W     (USER_W),
          .SBOX       (SBOX),
          .GMUL       (GMUL),
          .CYCLES     (CYCLES)
      ) u_share (
          .clk        (clk_a),
          .rst        (rst),
          .key_valid  (key_valid),
          .key_ready  (key_ready),
          .key_busy   (key_busy),
          .key_client (key_client),
          .key_zeroize(key_zeroize),
          .key_idx    (key_idx),
          .key_aes256 (key_aes256),
          .key_data   (key_data),
          .key_salt   (key_salt),
          .key_done   (key_done),
          .a_cmd_valid   (a_cmd_valid),
          .a_cmd_ready   (a_cmd_ready),
          .a_cmd_key     (a_cmd_key),
          .a_cmd_decrypt (a_cmd_decrypt),
          .a_cmd_iv      (a_cmd_iv),
          .a_cmd_aad_len (a_cmd_aad_len),
          .a_cmd_len     (a_cmd_len),
          .a_cmd_user    (a_cmd_user),
          .a_s_tvalid    (a_s_tvalid),
          .a_s_tready    (a_s_tready),
          .a_s_tdata     (a_s_tdata),
          .a_m_valid     (a_m_valid),
          .a_m_data      (a_m_data),
          .a_m_last      (a_m_last),
          .a_m_icv_valid (a_m_icv_valid),
          .a_m_icv       (a_m_icv),
          .a_m_user      (a_m_user),
          .b_cmd_valid   (b_cmd_valid),
          .b_cmd_ready   (b_cmd_ready),
          .b_cmd_key     (b_cmd_key),
          .b_cmd_decrypt (b_cmd_decrypt),
          .b_cmd_iv      (b_cmd_iv),
          .b_cmd_aad_len (b_cmd_aad_len),
          .b_cmd_len     (b_cmd_len),
          .b_cmd_user    (b_cmd_user),
          .b_s_tvalid    (b_s_tvalid),
          .b_s_tready    (b_s_tready),
          .b_s_tdata     (b_s_tdata),
          .b_m_valid     (b_m_valid),
          .b_m_data      (b_m_data),
          .b_m_last      (b_m_last),
          .b_m_icv_valid (b_m_icv_valid),
          .b_m_icv       (b_m_icv),
          .b_m_user      (b_m_user),
          .idle       (idle)
      );
      assign need_a = key_valid || key_busy || a_cmd_valid || b_cmd_valid || !idle;
      logic unused_clk;
      assign unused_clk = clk_b;
      assign need_b = need_a;
    end else begin : g_two
      logic a_key_ready, b_key_ready, a_key_busy, b_key_busy, a_key_done, b_key_done;
      logic a_idle, b_idle;
      logic [USER_W-1:0] a_s_user, b_s_user;
      logic unused_s_user;

      // One key command at a time, as with one core.
      assign key_ready = a_key_ready || b_key_ready;
      assign key_done  = a_key_done || b_key_done;
      assign idle      = a_idle && b_idle;
      assign unused_s_user = &{1'b0, a_s_user, b_s_user};

      assign need_a = key_valid || a_key_busy || a_cmd_valid || !a_idle;
      assign need_b = key_valid || b_key_busy || b_cmd_valid || !b_idle;

      gcm_core #(
          .KEY_ENTRIES(KEY_ENTRIES),
          .USER_W     (USER_W),
          .SBOX       (SBOX),
          .GMUL       (GMUL),
          .CYCLES     (CYCLES)
      ) u_core_a (
          .clk        (clk_a),
          .rst        (rst),
          .key_valid  (key_valid && !key_client && !b_key_busy),
          .key_ready  (a_key_ready),
          .key_busy   (a_key_busy),
          .key_zeroize(key_zeroize),
          .key_idx    (key_idx),
          .key_aes256 (key_aes256),
          .key_data   (key_data),
          .key_salt   (key_salt),
          .key_done   (a_key_done),
          .cmd_valid  (a_cmd_valid),
          .cmd_ready  (a_cmd_ready),
          .cmd_key    (a_cmd_key),
          .cmd_decrypt(a_cmd_decrypt),
          .cmd_iv     (a_cmd_iv),
          .cmd_aad_len(a_cmd_aad_len),
          .cmd_len    (a_cmd_len),
          .cmd_user   (a_cmd_user),
          .s_tvalid   (a_s_tvalid),
          .s_tready   (a_s_tready),
          .s_tdata    (a_s_tdata),
          .m_valid    (a_m_valid),
          .m_data     (a_m_data),
          .m_last     (a_m_last),
          .m_icv_valid(a_m_icv_valid),
          .m_icv      (a_m_icv),
          .m_user     (a_m_user),
          .s_user     (a_s_user),
          .idle       (a_idle)
      );

      gcm_core #(
          .KEY_ENTRIES(KEY_ENTRIES),
          .USER_W     (USER_W),
          .SBOX       (SBOX),
          .GMUL       (GMUL),
          .CYCLES     (CYCLES)
      ) u_core_b (
          .clk        (clk_b),
          .rst        (rst),
          .key_valid  (key_valid && key_client && !a_key_busy),
          .key_ready  (b_key_ready),
          .key_busy   (b_key_busy),
          .key_zeroize(key_zeroize),
          .key_idx    (key_idx),
          .key_aes256 (key_aes256),
          .key_data   (key_data),
          .key_salt   (key_salt),
          .key_done   (b_key_done),
          .cmd_valid  (b_cmd_valid),
          .cmd_ready  (b_cmd_ready),
          .cmd_key    (b_cmd_key),
          .cmd_decrypt(b_cmd_decrypt),
          .cmd_iv     (b_cmd_iv),
          .cmd_aad_len(b_cmd_aad_len),
          .cmd_len    (b_cmd_len),
          .cmd_user   (b_cmd_user),
          .s_tvalid   (b_s_tvalid),
          .s_tready   (b_s_tready),
          .s_tdata    (b_s_tdata),
          .m_valid    (b_m_valid),
          .m_data     (b_m_data),
          .m_last     (b_m_last),
          .m_icv_valid(b_m_icv_valid),
          .m_icv      (b_m_icv),
          .m_user     (b_m_user),
          .s_user     (b_s_user),
          .idle       (b_idle)
      );
    end
  endgenerate
endmodule
