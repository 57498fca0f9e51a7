// SPDX-License-Identifier: Apache-2.0
//
// aes_pipe_table: body of aes_pipe that is fast to simulate.
//
// The whole cipher runs by 32-bit T-tables in the cycle in which the block
// enters, in one guarded block without pipeline registers; the result waits in a
// circular memory until the latency of the gate-level body has passed, so that
// both bodies are the same from outside, cycle by cycle.
//
// For Verilator the rounds are a loop whose first turn is not a constant, which it
// leaves a loop: unrolled, the rounds alone are a sixth of an instruction cache, and
// a cycle of the whole block goes through all of its code. (Unsigned: a signed
// comparison is five instructions more a round there.)
module aes_pipe_table #(
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
  localparam int L = gcm_pkg::AES_LATENCY + CYCLES - 1;

  logic [31:0]  t0[0:255];
  logic [31:0]  t1[0:255];
  logic [31:0]  t2[0:255];
  logic [31:0]  t3[0:255];
  logic [7:0]   sbox[0:255];
  logic [127:0] keys[0:16*KEY_ENTRIES-1];
  logic [127:0] wait_mem[0:63];

  logic [5:0]   wptr;
  logic [L-1:1] under_way;
  logic [7:0]   s;

  initial begin
    for (int i = 0; i < 256; i++) begin
      s       = gcm_pkg::SBOX_TABLE[8*i+:8];
      sbox[i] = s;
      t0[i]   = {gcm_pkg::xtime(s) ^ s, s, s, gcm_pkg::xtime(s)};
      t1[i]   = {s, s, gcm_pkg::xtime(s), gcm_pkg::xtime(s) ^ s};
      t2[i]   = {s, gcm_pkg::xtime(s), gcm_pkg::xtime(s) ^ s, s};
      t3[i]   = {gcm_pkg::xtime(s), gcm_pkg::xtime(s) ^ s, s, s};
    end
  end

  function logic [127:0] encrypt(input logic aes256, input logic [KW-1:0] key,
                                 input logic [127:0] block);
    logic [31:0]  c0, c1, c2, c3, n0, n1, n2, n3;
    logic [127:0] rk;
    rk = keys[{key, aes256 ? 4'd0 : 4'd4}];
    c0 = block[31:0] ^ rk[31:0];
    c1 = block[63:32] ^ rk[63:32];
    c2 = block[95:64] ^ rk[95:64];
    c3 = block[127:96] ^ rk[127:96];
`ifdef VERILATOR
    for (int unsigned r = aes256 ? 1 : 5; r < 14; r++) begin
`else
    for (int r = 1; r < 14; r++) if (r > 4 || aes256) begin
`endif
      rk = keys[{key, r[3:0]}];
      n0 = t0[c0[7:0]] ^ t1[c1[15:8]] ^ t2[c2[23:16]] ^ t3[c3[31:24]] ^ rk[31:0];
      n1 = t0[c1[7:0]] ^ t1[c2[15:8]] ^ t2[c3[23:16]] ^ t3[c0[31:24]] ^ rk[63:32];
      n2 = t0[c2[7:0]] ^ t1[c3[15:8]] ^ t2[c0[23:16]] ^ t3[c1[31:24]] ^ rk[95:64];
      n3 = t0[c3[7:0]] ^ t1[c0[15:8]] ^ t2[c1[23:16]] ^ t3[c2[31:24]] ^ rk[127:96];
      c0 = n0;
      c1 = n1;
      c2 = n2;
      c3 = n3;
    end
    rk = keys[{key, 4'd14}];
    encrypt = {
      sbox[c2[31:24]], sbox[c1[23:16]], sbox[c0[15:8]], sbox[c3[7:0]],
      sbox[c1[31:24]], sbox[c0[23:16]], sbox[c3[15:8]], sbox[c2[7:0]],
      sbox[c0[31:24]], sbox[c3[23:16]], sbox[c2[15:8]], sbox[c1[7:0]],
      sbox[c3[31:24]], sbox[c2[23:16]], sbox[c1[15:8]], sbox[c0[7:0]]
    } ^ rk;
  endfunction

  always_ff @(posedge clk) begin
    if (key_we) keys[{key_waddr, key_stage}] <= key_wdata;
  end

  always_ff @(posedge clk) begin
    if (s_valid) wait_mem[wptr] <= encrypt(s_aes256, s_key, s_block);
    if (under_way[L-1]) m_block <= wait_mem[wptr-6'(L-1)];
    under_way <= {under_way[L-2:1], s_valid};
    wptr      <= wptr + 1'b1;
    if (rst) begin
      under_way <= '0;
      wptr      <= '0;
    end
  end
endmodule
