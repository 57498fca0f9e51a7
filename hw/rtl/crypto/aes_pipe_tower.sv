// SPDX-License-Identifier: Apache-2.0
//
// aes_pipe_tower: body of aes_pipe that is small in gates: first AddRoundKey,
// then 14 rounds of three stages. A block of AES-128 waits in a small circular
// memory while the first four rounds would pass and joins at the end of the
// fourth. The upper half of a round key is written a cycle behind the lower one.
//
// CYCLES = 2: seven round units, each passed twice. The seven take 21 cycles, an odd
// number, so a block's second pass goes through a unit in the cycles between the
// first passes of others.
module aes_pipe_tower #(
    parameter int KEY_ENTRIES = 512,
    parameter int CYCLES = 1,
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
  localparam int UNITS = ROUNDS / CYCLES;
  localparam int SKIPPED = 4;  // rounds that AES-128 does not have
  localparam int R0 = 3;  // cycles before round 1
  localparam int L = R0 + 3 * (ROUNDS - 1) + 1;  // up to the cycle that enters the last round
  localparam int JOIN = R0 + 3 * SKIPPED - 1;  // cycle that feeds the side entry

  // What travels with the blocks: index k = k cycles after s_valid.
  logic [L-1:0]        v, v256, f;
  logic [KW*L-1:0]     key;
  logic [L-1:1]        v_q, v256_q, f_q;
  logic [KW*(L-1)-1:0] key_q;
  logic [127:0]        block_q, block_qq, rk0, waiting;
  logic [128*UNITS-1:0] state;  // field u - 1: what unit u gives
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

`ifndef SYNTHESIS
  always_ff @(posedge clk) begin
    if (CYCLES == 2 && !rst) assert (!(v[0] || f[0]) || !(v[1] || f[1]));
  end
`endif

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
      .wdata(state[128*(UNITS-1)+:128]),
      .raddr(wptr - 4'(JOIN - R0)),
      .rdata(waiting)
  );

  // What leaves the last unit enters the first one; new blocks join there.
  generate
    for (genvar u = 1; u <= UNITS; u++) begin : g_round
      logic [2*CYCLES-1:0]  we;
      logic [CYCLES-1:0]    fetch, enter;
      logic [KW*CYCLES-1:0] ctx;
      logic [127:0]         block;

      for (genvar p = 0; p < CYCLES; p++) begin : g_pass
        localparam int R = u + p * UNITS;      // round
        localparam int T = R0 + 3 * (R - 1);   // its first cycle
        assign we[2*p+:2]       = {high && high_stage == 4'(R), key_we && key_stage == 4'(R)};
        assign fetch[p]         = f[T];
        assign enter[p]         = R <= SKIPPED ? v256[T] : v[T];
        assign ctx[KW*p+:KW] = key[KW*T+:KW];
      end

      aes_round #(
          .KEY_ENTRIES(KEY_ENTRIES),
          .PASSES     (CYCLES),
          .LAST       (u == UNITS ? 1 : 0)
      ) u_round (
          .clk       (clk),
          .key_we    (we),
          .key_waddr (key_waddr),
          .key_wdata (wdata),
          .fetch     (fetch),
          .s_valid   (enter),
          .s_key     (ctx),
          .s_state   (state[128*((u+UNITS-2)%UNITS)+:128]),
          .side_valid(u == UNITS ? v[R0-1] : u == SKIPPED ? v[JOIN] && !v256[JOIN] : 1'b0),
          .side_state(u == UNITS ? block_qq ^ rk0 : u == SKIPPED ? waiting : 128'd0),
          .m_state   (state[128*(u-1)+:128]),
          .m_block   (block)
      );
      if (u == UNITS) begin : g_end
        assign m_block = block;
      end else begin : g_on
        logic unused;
        assign unused = &{1'b0, block};
      end
    end
  endgenerate
endmodule
