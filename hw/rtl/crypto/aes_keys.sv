// SPDX-License-Identifier: Apache-2.0
//
// aes_keys: the round keys of one stage of the cipher, one per context, in a RAM
// of half their width: a packet has one key, so there is time to read it in two
// cycles.
//
// `fetch` in the cycle of a packet's first slot, with s_key; s_key is the same a
// cycle later. The new key stands at `rk` from the third cycle behind `fetch`
// on, the old one until the one behind it: fetches are two cycles apart or more, and
// the first slot of a packet is none that needs a key.
//
// Written in halves: key_we[0] for bits 63:0, else key_we[1] for the rest.
module aes_keys #(
    parameter int KEY_ENTRIES = 512,
    parameter int KW = $clog2(KEY_ENTRIES)
) (
    input  logic          clk,
    input  logic [1:0]    key_we,
    input  logic [KW-1:0] key_waddr,
    input  logic [63:0]   key_wdata,
    input  logic          fetch,
    input  logic [KW-1:0] s_key,
    output logic [127:0]  rk
);
  logic        second, got_low, got_high;
  logic [63:0] half;

  ram_1r1w #(
      .WIDTH (64),
      .DEPTH (2 * KEY_ENTRIES),
      .OUTREG(0)
  ) u_mem (
      .clk  (clk),
      .we   (key_we != 2'd0),
      .waddr({key_waddr, !key_we[0]}),
      .wdata(key_wdata),
      .re   (fetch || second),
      .raddr({s_key, second}),
      .rdata(half)
  );

  assign got_low = second;
  always_ff @(posedge clk) begin
    second   <= fetch;
    got_high <= second;
    if (got_low) rk[63:0] <= half;
    if (got_high) rk[127:64] <= half;
  end
endmodule
