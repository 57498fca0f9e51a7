// SPDX-License-Identifier: Apache-2.0
//
// aes_round: one AES round unit with its own round keys, one per context and pass:
// a block goes through it PASSES times, under another key each time.
//
// Latency 3 cycles (S-box half, S-box half, MixColumns and AddRoundKey),
// throughput one round per cycle, of whatever pass: s_valid[p] says that s_state
// is in pass p. `fetch[p]` comes where the first slot of a packet passes, before its
// first block, and names the context by field p of s_key (aes_keys).
//
// A block at the side entry (`side_valid`, two cycles after the cycle in which it
// would have entered by the front door) takes the place of the round's result: this
// is how AES-128 joins behind the rounds that it does not have, and how every block
// enters the first of them.
//
// LAST = 1: the last pass ends the cipher. It leaves MixColumns out, and its result
// is m_block; m_state keeps to the other passes and the side entry.
module aes_round #(
    parameter int KEY_ENTRIES = 512,
    parameter int PASSES = 1,
    parameter int LAST = 0,
    parameter int KW = $clog2(KEY_ENTRIES)
) (
    input  logic                 clk,
    input  logic [2*PASSES-1:0]  key_we,
    input  logic [KW-1:0]        key_waddr,
    input  logic [63:0]          key_wdata,
    input  logic [PASSES-1:0]    fetch,
    input  logic [PASSES-1:0]    s_valid,
    input  logic [KW*PASSES-1:0] s_key,
    input  logic [127:0]         s_state,
    input  logic                 side_valid,
    input  logic [127:0]         side_state,
    output logic [127:0]         m_state,
    output logic [127:0]         m_block
);
  localparam int MIXED = PASSES - LAST;  // passes with MixColumns

  logic [PASSES-1:0]     v1, v2;
  logic [127:0]          sub, sub_q, mixed;
  logic [128*PASSES-1:0] rk;

  aes_keys #(
      .KEY_ENTRIES(KEY_ENTRIES),
      .PASSES     (PASSES)
  ) u_keys (
      .clk      (clk),
      .key_we   (key_we),
      .key_waddr(key_waddr),
      .key_wdata(key_wdata),
      .fetch    (fetch),
      .s_key    (s_key),
      .rk       (rk)
  );

  generate
    for (genvar i = 0; i < 16; i++) begin : g_sbox
      aes_sbox #(
          .SBOX(1)
      ) u_sbox (
          .clk(clk),
          .en (s_valid != '0),
          .x  (s_state[8*i+:8]),
          .y  (sub[8*i+:8])
      );
    end
    for (genvar c = 0; c < 4; c++) begin : g_col
      assign mixed[32*c+:32] = gcm_pkg::mix_column(sub_q[32*c+:32]);
    end
  endgenerate

  always_ff @(posedge clk) begin
    v1 <= s_valid;
    v2 <= v1;
    if (v1 != '0) sub_q <= gcm_pkg::shift_rows(sub);
    if (side_valid) m_state <= side_state;
    else begin
      for (int p = 0; p < MIXED; p++) if (v2[p]) m_state <= mixed ^ rk[128*p+:128];
    end
    if (LAST != 0 && v2[PASSES-1]) m_block <= sub_q ^ rk[128*(PASSES-1)+:128];
  end
endmodule
