// SPDX-License-Identifier: Apache-2.0
//
// aes_keys: the round keys of one stage of the cipher, one per context, in a RAM
// of half their width: a packet has one key, so there is time to read it in two
// reads.
//
// A stage that is passed PASSES times a block has a key for each pass, in the same
// RAM. It has a read port for all of them: pass p uses every PASSES-th cycle, and
// no two passes the same ones.
//
// `fetch[p]` in the cycle of a packet's first slot, with the context in field p of
// s_key, which is the same PASSES cycles later. The new key stands in field p of
// `rk` from cycle PASSES + 2 behind the fetch on, the old one until the one behind
// it: the fetches of a pass are 2 * PASSES cycles apart or more, and the first slot
// of a packet is none that needs a key.
//
// Written in halves: key_we[2*p] for bits 63:0 of pass p, else key_we[2*p+1] for
// the rest.
module aes_keys #(
    parameter int KEY_ENTRIES = 512,
    parameter int PASSES = 1,
    parameter int KW = $clog2(KEY_ENTRIES)
) (
    input  logic                  clk,
    input  logic [2*PASSES-1:0]   key_we,
    input  logic [KW-1:0]         key_waddr,
    input  logic [63:0]           key_wdata,
    input  logic [PASSES-1:0]     fetch,
    input  logic [KW*PASSES-1:0]  s_key,
    output logic [128*PASSES-1:0] rk
);
  localparam int AW = KW + $clog2(2 * PASSES);

  logic [PASSES-1:0]        second, got_low, got_high;
  logic [PASSES*PASSES-1:0] fetch_q;  // field k: fetch k + 1 cycles ago
  logic [AW-1:0]            waddr, raddr;
  logic [63:0]              half;

  // Address: half, context, pass.
  always_comb begin
    waddr = AW'({key_waddr, 1'b0});
    raddr = AW'({s_key[KW-1:0], second[0]});
    for (int p = 0; p < PASSES; p++) begin
      if (key_we[2*p+:2] == 2'b10) waddr[0] = 1'b1;
      if (p > 0 && key_we[2*p+:2] != 2'd0) waddr |= AW'(p << (KW + 1));
      if (p > 0 && (fetch[p] || second[p]))
        raddr = AW'(p << (KW + 1)) | AW'({s_key[KW*p+:KW], second[p]});
    end
  end

  ram_1r1w #(
      .WIDTH (64),
      .DEPTH (2 * PASSES * KEY_ENTRIES),
      .OUTREG(0)
  ) u_mem (
      .clk  (clk),
      .we   (key_we != '0),
      .waddr(waddr),
      .wdata(key_wdata),
      .re   (fetch != '0 || second != '0),
      .raddr(raddr),
      .rdata(half)
  );

  assign got_low = fetch_q[PASSES-1:0];
  assign second  = fetch_q[PASSES*(PASSES-1)+:PASSES];
  always_ff @(posedge clk) begin
    fetch_q  <= (PASSES*PASSES)'({fetch_q, fetch});
    got_high <= second;
    for (int p = 0; p < PASSES; p++) begin
      if (got_low[p]) rk[128*p+:64] <= half;
      if (got_high[p]) rk[128*p+64+:64] <= half;
    end
  end
endmodule
