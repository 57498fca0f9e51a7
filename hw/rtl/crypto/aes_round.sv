// SPDX-License-Identifier: Apache-2.0
//
// aes_round: one AES round unit with its own round keys, one per context and pass:
// a block goes through it PASSES times, under another key each time.
//
// Latency 3 cycles (S-box half, S-box half, MixColumns and AddRoundKey), throughput
// one round per cycle, of whatever pass: s_valid[p] says that a block is in pass p,
// and field p of s_key says its context. The key is read from the RAM meanwhile.
//
// A block at the side entry, with side_valid two cycles behind its s_valid, gets
// AddRoundKey and nothing else of the round: this is how a cipher begins.
//
// LAST = 1: the last pass ends the cipher. It leaves MixColumns out, and its result
// is m_block.
//
// Round keys come through the write port; key_we[p] says for which pass.
module aes_round #(
    parameter int KEY_ENTRIES = 512,
    parameter int PASSES = 1,
    parameter int LAST = 0,
    parameter int KW = $clog2(KEY_ENTRIES)
) (
    input  logic                 clk,
    input  logic [PASSES-1:0]    key_we,
    input  logic [KW-1:0]        key_waddr,
    input  logic [127:0]         key_wdata,
    input  logic [PASSES-1:0]    s_valid,
    input  logic [KW*PASSES-1:0] s_key,
    input  logic [127:0]         s_state,
    input  logic                 side_valid,
    input  logic [127:0]         side_state,
    output logic [127:0]         m_state,
    output logic [127:0]         m_block
);
  localparam int AW = KW + $clog2(PASSES);

  logic [AW-1:0] waddr, raddr;  // pass, context
  logic          v1, v2, last1, last2;
  logic [127:0]  sub, sub_q, mixed, rk;

  always_comb begin
    waddr = AW'(key_waddr);
    raddr = AW'(s_key[KW-1:0]);
    for (int p = 1; p < PASSES; p++) begin
      if (key_we[p]) waddr = AW'(p << KW) | AW'(key_waddr);
      if (s_valid[p]) raddr = AW'(p << KW) | AW'(s_key[KW*p+:KW]);
    end
  end

  ram_1r1w #(
      .WIDTH(128),
      .DEPTH(PASSES * KEY_ENTRIES)
  ) u_keys (
      .clk  (clk),
      .we   (key_we != '0),
      .waddr(waddr),
      .wdata(key_wdata),
      .re   (s_valid != '0),
      .raddr(raddr),
      .rdata(rk)
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
    v1    <= (s_valid != '0);
    v2    <= v1;
    last1 <= s_valid[PASSES-1];
    last2 <= last1;
    if (v1) sub_q <= gcm_pkg::shift_rows(sub);
    if (v2) m_state <= (side_valid ? side_state : mixed) ^ rk;
    if (LAST != 0 && last2) m_block <= sub_q ^ rk;
  end
endmodule
