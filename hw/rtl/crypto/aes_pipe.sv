// SPDX-License-Identifier: Apache-2.0
//
// aes_pipe: AES-128 and AES-256 encryption, one block every CYCLES cycles (1, 2 or 4),
// every block under the key of the context that comes with it; s_valid in every
// CYCLES-th cycle only.
//
// Latency gcm_pkg::AES_LATENCY + CYCLES - 1 for both key sizes and for both bodies.
// SBOX = 0: all rounds in one cycle by T-tables, then a delay memory (fast to
// simulate). SBOX = 1: 14 rounds of three stages with tower-field S-boxes, in
// 15, 8 or 4 units.
//
// Round keys come through the write port: stage 0 holds the first key, stage r
// the key of round r of AES-256; AES-128 has its first key in stage 4 and uses
// 4..14. No read port for keys exists.
module aes_pipe #(
    parameter int KEY_ENTRIES = 512,
    parameter int SBOX = 0,
    parameter int CYCLES = 1,
    parameter int KW = $clog2(KEY_ENTRIES)
) (
    input  logic          clk,
    input  logic          rst,
    input  logic          key_we,
    input  logic [3:0]    key_stage,
    input  logic [KW-1:0] key_waddr,
    input  logic [127:0]  key_wdata,
    input  logic          s_valid,
    input  logic          s_aes256,
    input  logic [KW-1:0] s_key,
    input  logic [127:0]  s_block,
    output logic [127:0]  m_block
);
  generate
    if (SBOX == 0) begin : g_fast
      aes_pipe_table #(
          .KEY_ENTRIES(KEY_ENTRIES),
          .CYCLES     (CYCLES)
      ) u_aes (
          .clk      (clk),
          .rst      (rst),
          .key_we   (key_we),
          .key_stage(key_stage),
          .key_waddr(key_waddr),
          .key_wdata(key_wdata),
          .s_valid  (s_valid),
          .s_aes256 (s_aes256),
          .s_key    (s_key),
          .s_block  (s_block),
          .m_block  (m_block)
      );
    end else begin : g_small
      aes_pipe_tower #(
          .KEY_ENTRIES(KEY_ENTRIES),
          .CYCLES     (CYCLES)
      ) u_aes (
          .clk      (clk),
          .rst      (rst),
          .key_we   (key_we),
          .key_stage(key_stage),
          .key_waddr(key_waddr),
          .key_wdata(key_wdata),
          .s_valid  (s_valid),
          .s_aes256 (s_aes256),
          .s_key    (s_key),
          .s_block  (s_block),
          .m_block  (m_block)
      );
    end
  endgenerate
endmodule
