// SPDX-License-Identifier: Apache-2.0
//
// aes_pipe_tower: body of aes_pipe that is small in gates: the first AddRoundKey and
// 14 rounds, of three stages each.
//
// A block of AES-128 waits in a small circular memory while the rounds that it does
// not have would pass, and then begins where round 4 of AES-256 ends.
//
// CYCLES > 1: the units are passed CYCLES times. What leaves the last unit waits a
// cycle before it enters the first one: a pass then takes an odd number of cycles
// (8 units: 25, 4 units: 13), so that the passes of different blocks do not meet.
// Sixteen steps are then one more than needed, and unit 0 has nothing to do in its
// first pass.
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
    input  logic          s_valid,
    input  logic          s_aes256,
    input  logic [KW-1:0] s_key,
    input  logic [127:0]  s_block,
    output logic [127:0]  m_block
);
  localparam int ROUNDS = 14;
  localparam int SKIPPED = 4;  // rounds that AES-128 does not have
  localparam int FIRST = (CYCLES == 1) ? 0 : 1;  // steps before the first AddRoundKey
  localparam int UNITS = (FIRST + 1 + ROUNDS) / CYCLES;
  // First cycle of the round in which AES-128 begins, and of the last one.
  localparam int JOIN = 3 * SKIPPED + (FIRST + SKIPPED) / UNITS;
  localparam int L = 3 * ROUNDS + CYCLES - 1;

  // What travels with the blocks: index k = k cycles after s_valid.
  logic [L:0]           v, v256;
  logic [KW*(L+1)-1:0]  key;
  logic [L:1]           v_q, v256_q;
  logic [KW*L-1:0]      key_q;
  logic [1:0]           begin256, begin128;  // side entries, two cycles behind
  logic [127:0]         block_q, block_qq, waiting, around;
  logic [128*UNITS-1:0] state;  // field u: what unit u gives
  logic [128*UNITS-1:0] block;
  logic [3:0]           wptr;

  assign v    = {v_q, s_valid};
  assign v256 = {v256_q, s_valid && s_aes256};
  assign key  = {key_q, s_key};

  always_ff @(posedge clk) begin
    v_q      <= v[L-1:0];
    v256_q   <= v256[L-1:0];
    key_q    <= key[KW*L-1:0];
    begin256 <= {begin256[0], v256[0]};
    begin128 <= {begin128[0], v[JOIN] && !v256[JOIN]};
    if (rst) begin
      v_q      <= '0;
      v256_q   <= '0;
      begin256 <= '0;
      begin128 <= '0;
    end
  end

`ifndef SYNTHESIS
  always_ff @(posedge clk) begin
    for (int k = 1; k < CYCLES; k++) if (v[0] && !rst) assert (!v[k]);
  end
`endif

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
      .we   (v[0]),
      .waddr(wptr),
      .wdata(s_block),
      .raddr(wptr - 4'(JOIN + 2)),
      .rdata(waiting)
  );

  generate
    if (CYCLES == 1) begin : g_straight
      assign around = '0;
    end else begin : g_around
      always_ff @(posedge clk) around <= state[128*(UNITS-1)+:128];
    end

    for (genvar u = 0; u < UNITS; u++) begin : g_unit
      localparam int BEGIN256 = (u == FIRST) ? 1 : 0;
      localparam int BEGIN128 = (u == (FIRST + SKIPPED) % UNITS) ? 1 : 0;

      logic [CYCLES-1:0]    we, enter;
      logic [KW*CYCLES-1:0] ctx;
      logic [127:0]         from;

      // Round R, 0: the first AddRoundKey, begins T cycles behind the block.
      for (genvar p = 0; p < CYCLES; p++) begin : g_pass
        localparam int R = u + p * UNITS - FIRST;
        if (R < 0) begin : g_none
          assign we[p]           = 1'b0;
          assign enter[p]        = 1'b0;
          assign ctx[KW*p+:KW] = '0;
        end else begin : g_some
          localparam int T = 3 * R + p;
          assign we[p]           = key_we && key_stage == 4'(R);
          assign enter[p]        = R < SKIPPED ? v256[T] : v[T];
          assign ctx[KW*p+:KW] = key[KW*T+:KW];
        end
      end

      if (u == 0) begin : g_first
        assign from = around;
      end else begin : g_next
        assign from = state[128*(u-1)+:128];
      end

      aes_round #(
          .KEY_ENTRIES(KEY_ENTRIES),
          .PASSES     (CYCLES),
          .LAST       (u == UNITS - 1 ? 1 : 0)
      ) u_round (
          .clk       (clk),
          .key_we    (we),
          .key_waddr (key_waddr),
          .key_wdata (key_wdata),
          .s_valid   (enter),
          .s_key     (ctx),
          .s_state   (from),
          .side_valid((BEGIN256 != 0 && begin256[1]) || (BEGIN128 != 0 && begin128[1])),
          .side_state(BEGIN256 != 0 && (BEGIN128 == 0 || begin256[1]) ? block_qq : waiting),
          .m_state   (state[128*u+:128]),
          .m_block   (block[128*u+:128])
      );
    end
  endgenerate
  assign m_block = block[128*(UNITS-1)+:128];

  logic unused;
  assign unused = &{1'b0, state[128*(UNITS-1)+:128], block[128*(UNITS-1)-1:0]};
endmodule
