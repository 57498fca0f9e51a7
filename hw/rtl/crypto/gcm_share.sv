// SPDX-License-Identifier: Apache-2.0
//
// gcm_share: one gcm_core for two clients, a and b, each with the command, data
// and output ports of gcm_core and KEY_ENTRIES contexts of its own.
//
// Packets alternate when both clients have a command; there is no bubble at the
// switch, because the core takes the next command long before it needs it. The
// client is the top bit of the context number and of the user word. Latency and
// throughput are those of gcm_core. The client that is asked for data by
// s_tready must have it at once, also when its packet waited for the other's.
module gcm_share #(
    parameter int KEY_ENTRIES = 512,
    parameter int USER_W = 32,
    parameter int SBOX = 0,
    parameter int GMUL = 0,
    parameter int CYCLES = 1,
    parameter int KW = $clog2(KEY_ENTRIES)
) (
    input  logic              clk,
    input  logic              rst,
    input  logic              key_valid,
    output logic              key_ready,
    output logic              key_busy,     // a command is under way
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
  logic              last_b, pick_b, cmd_valid, cmd_ready, s_tready;
  logic              m_valid, m_last, m_icv_valid;
  logic [127:0]      m_data, m_icv;
  logic [USER_W:0]   m_user, s_user;

  assign pick_b      = b_cmd_valid && (!a_cmd_valid || !last_b);
  assign cmd_valid   = a_cmd_valid || b_cmd_valid;
  assign a_cmd_ready = cmd_ready && !pick_b;
  assign b_cmd_ready = cmd_ready && pick_b;

  always_ff @(posedge clk) begin
    if (cmd_valid && cmd_ready) last_b <= pick_b;
    if (rst) last_b <= 1'b0;
  end

  gcm_core #(
      .KEY_ENTRIES(2 * KEY_ENTRIES),
      .USER_W     (USER_W + 1),
      .SBOX       (SBOX),
      .GMUL       (GMUL),
      .CYCLES     (CYCLES)
  ) u_core (
      .clk        (clk),
      .rst        (rst),
      .key_valid  (key_valid),
      .key_ready  (key_ready),
      .key_busy   (key_busy),
      .key_zeroize(key_zeroize),
      .key_idx    ({key_client, key_idx}),
      .key_aes256 (key_aes256),
      .key_data   (key_data),
      .key_salt   (key_salt),
      .key_done   (key_done),
      .cmd_valid  (cmd_valid),
      .cmd_ready  (cmd_ready),
      .cmd_key    (pick_b ? {1'b1, b_cmd_key} : {1'b0, a_cmd_key}),
      .cmd_decrypt(pick_b ? b_cmd_decrypt : a_cmd_decrypt),
      .cmd_iv     (pick_b ? b_cmd_iv : a_cmd_iv),
      .cmd_aad_len(pick_b ? b_cmd_aad_len : a_cmd_aad_len),
      .cmd_len    (pick_b ? b_cmd_len : a_cmd_len),
      .cmd_user   (pick_b ? {1'b1, b_cmd_user} : {1'b0, a_cmd_user}),
      .s_tvalid   (s_user[USER_W] ? b_s_tvalid : a_s_tvalid),
      .s_tready   (s_tready),
      .s_tdata    (s_user[USER_W] ? b_s_tdata : a_s_tdata),
      .s_user     (s_user),
      .m_valid    (m_valid),
      .m_data     (m_data),
      .m_last     (m_last),
      .m_icv_valid(m_icv_valid),
      .m_icv      (m_icv),
      .m_user     (m_user),
      .idle       (idle)
  );

  assign a_s_tready    = s_tready && !s_user[USER_W];
  assign b_s_tready    = s_tready && s_user[USER_W];
  assign a_m_valid     = m_valid && !m_user[USER_W];
  assign b_m_valid     = m_valid && m_user[USER_W];
  assign a_m_icv_valid = m_icv_valid && !m_user[USER_W];
  assign b_m_icv_valid = m_icv_valid && m_user[USER_W];
  assign a_m_data      = m_data;
  assign b_m_data      = m_data;
  assign a_m_last      = m_last;
  assign b_m_last      = m_last;
  assign a_m_icv       = m_icv;
  assign b_m_icv       = m_icv;
  assign a_m_user      = m_user[USER_W-1:0];
  assign b_m_user      = m_user[USER_W-1:0];

  // Blocks are asked for in the order of the client's commands.
  logic unused_s_user;
  assign unused_s_user = &{1'b0, s_user[USER_W-1:0]};
endmodule
