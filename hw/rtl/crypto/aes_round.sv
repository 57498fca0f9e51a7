// SPDX-License-Identifier: Apache-2.0
//
// aes_round: one AES round with its own round keys, one per context.
//
// Latency 3 cycles (S-box half, S-box half, MixColumns and AddRoundKey),
// throughput one block per cycle. `fetch` comes where the first slot of a packet
// passes, before its first block, and names the context by s_key (aes_keys).
// LAST = 1 leaves MixColumns out. A block at
// the side entry (`side_valid`, two cycles after the cycle in which it would
// have entered by the front door) takes the place of the round's result: this
// is how AES-128 joins behind the rounds that it does not have.
module aes_round #(
    parameter int KEY_ENTRIES = 512,
    parameter int LAST = 0,
    parameter int KW = $clog2(KEY_ENTRIES)
) (
    input  logic          clk,
    input  logic [1:0]    key_we,
    input  logic [KW-1:0] key_waddr,
    input  logic [63:0]   key_wdata,
    input  logic          fetch,
    input  logic          s_valid,
    input  logic [KW-1:0] s_key,
    input  logic [127:0]  s_state,
    input  logic          side_valid,
    input  logic [127:0]  side_state,
    output logic [127:0]  m_state
);
  logic         v1, v2;
  logic [127:0] sub, sub_q, rk, mixed;

  aes_keys #(
      .KEY_ENTRIES(KEY_ENTRIES)
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
          .en (s_valid),
          .x  (s_state[8*i+:8]),
          .y  (sub[8*i+:8])
      );
    end
    if (LAST != 0) begin : g_last
      assign mixed = sub_q;
    end else begin : g_mix
      for (genvar c = 0; c < 4; c++) begin : g_col
        assign mixed[32*c+:32] = gcm_pkg::mix_column(sub_q[32*c+:32]);
      end
    end
  endgenerate

  always_ff @(posedge clk) begin
    v1 <= s_valid;
    v2 <= v1;
    if (v1) sub_q <= gcm_pkg::shift_rows(sub);
    if (side_valid) m_state <= side_state;
    else if (v2) m_state <= mixed ^ rk;
  end
endmodule
