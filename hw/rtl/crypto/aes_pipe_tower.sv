// SPDX-License-Identifier: Apache-2.0
//
// aes_pipe_tower: body of aes_pipe that is small in gates: first AddRoundKey,
// then 14 rounds of three stages. A block of AES-128 waits in a small circular
// memory while the first four rounds would pass and joins at the end of the
// fourth. The upper half of a round key is written a cycle behind the lower one.
module aes_pipe_tower #(
    parameter int KEY_ENTRIES = 512,
    parameter int KW = $clog2(KEY_ENTRIES)
) (
    input  logic          clk,
    input  logic          rst,
    input  logic          key_we,
    input  logic [3:0]    key_stage,
    input  logic [KW-1:0] key_waddr,
    input  logic [127:0]  key_wdata,
    input  logic          s_fetch,
    input  logic          s_valid,
    input  logic          s_aes256,
    input  logic [KW-1:0] s_key,
    input  logic [127:0]  s_block,
    output logic [127:0]  m_block
);
  localparam int ROUNDS = 14;
  localparam int SKIPPED = 4;  // rounds that AES-128 does not have
  localparam int R0 = 3;  // cycles before round 1
  localparam int L = R0 + 3 * (ROUNDS - 1) + 1;  // up to the cycle that enters the last round
  localparam int JOIN = R0 + 3 * SKIPPED - 1;  // cycle that feeds the side entry

  // What travels with the blocks: index k = k cycles after s_valid.
  logic [L-1:0]        v, v256, f;
  logic [KW*L-1:0]     key;
  logic [L-1:1]        v_q, v256_q, f_q;
  logic [KW*(L-1)-1:0] key_q;
  logic [127:0]        block_q, block_qq, first, rk0, waiting;
  logic [128*(ROUNDS+1)-1:0] state;
  logic [3:0]          wptr;

  assign v    = {v_q, s_valid};
  assign v256 = {v256_q, s_valid && s_aes256};
  assign f    = {f_q, s_fetch};
  assign key  = {key_q, s_key};

  always_ff @(posedge clk) begin
    v_q    <= v[L-2:0];
    v256_q <= v256[L-2:0];
    f_q    <= f[L-2:0];
    key_q  <= key[KW*(L-1)-1:0];
    if (rst) begin
      v_q    <= '0;
      v256_q <= '0;
      f_q    <= '0;
    end
  end

  // Neighbours among the writes are zeros only, and the first key behind them is
  // for the stage that was cleared last: so the halves can share one bus.
  logic        high;
  logic [3:0]  high_stage;
  logic [63:0] high_data, wdata;
  assign wdata = key_we ? key_wdata[63:0] : high_data;
  always_ff @(posedge clk) begin
    high       <= key_we && !rst;
    high_stage <= key_stage;
    high_data  <= key_wdata[127:64];
  end

  aes_keys #(
      .KEY_ENTRIES(KEY_ENTRIES)
  ) u_first_key (
      .clk      (clk),
      .key_we   ({high && high_stage == 4'd0, key_we && key_stage == 4'd0}),
      .key_waddr(key_waddr),
      .key_wdata(wdata),
      .fetch    (s_fetch),
      .s_key    (s_key),
      .rk       (rk0)
  );

  always_ff @(posedge clk) begin
    if (v[0]) block_q <= s_block;
    if (v[1]) block_qq <= block_q;
    if (v[2]) first <= block_qq ^ rk0;
    wptr <= wptr + 1'b1;
    if (rst) wptr <= '0;
  end

  ram_lut #(
      .WIDTH(128),
      .DEPTH(16)
  ) u_skip (
      .clk  (clk),
      .we   (v[R0]),
      .waddr(wptr),
      .wdata(first),
      .raddr(wptr - 4'(JOIN - R0)),
      .rdata(waiting)
  );

  assign state[127:0] = first;
  generate
    for (genvar r = 1; r <= ROUNDS; r++) begin : g_round
      aes_round #(
          .KEY_ENTRIES(KEY_ENTRIES),
          .LAST       (r == ROUNDS ? 1 : 0)
      ) u_round (
          .clk       (clk),
          .key_we    ({high && high_stage == 4'(r), key_we && key_stage == 4'(r)}),
          .key_waddr (key_waddr),
          .key_wdata (wdata),
          .fetch     (f[R0+3*(r-1)]),
          .s_valid   (r <= SKIPPED ? v256[R0+3*(r-1)] : v[R0+3*(r-1)]),
          .s_key     (key[KW*(R0+3*(r-1))+:KW]),
          .s_state   (state[128*(r-1)+:128]),
          .side_valid(r == SKIPPED ? v[JOIN] && !v256[JOIN] : 1'b0),
          .side_state(r == SKIPPED ? waiting : 128'd0),
          .m_state   (state[128*r+:128])
      );
    end
  endgenerate
  assign m_block = state[128*ROUNDS+:128];
endmodule
