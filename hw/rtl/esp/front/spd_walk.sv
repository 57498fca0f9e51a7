// SPDX-License-Identifier: Apache-2.0
//
// spd_walk: goes through the policies in order until one matches (RFC 4301
// section 4.4.1: the SPD is ordered).
//
// One entry per cycle: `done` top + 6 cycles after `start` at the latest, and
// one cycle more for each cycle of `pause`. Stops at the first entry that
// matches or whose parity is wrong: what a corrupted entry would have said
// cannot be known, so the walk must not go past it. `abort` ends the walk
// without a result. d_* hold from `done` until the next start.
//
// The entry read with rd/raddr comes on rdata 2 cycles later, and its rbad 2
// cycles behind it. The key (k_key, k_dir) holds during the walk.
module spd_walk #(
    parameter int IDX_W = 8,
    parameter int HALVES = 1
) (
    input  logic                    clk,
    input  logic                    rst,
    input  logic                    start,
    input  logic                    abort,
    input  logic                    pause,
    input  logic [IDX_W:0]          top,      // entries from here on are empty
    input  espalier_pkg::selector_t k_key,
    input  logic                    k_dir,
    output logic                    rd,
    output logic [IDX_W-1:0]        raddr,
    input  logic [639:0]            rdata,
    input  logic                    rbad,
    output logic                    busy,
    output logic                    done,
    output logic                    d_none,
    output logic                    d_parity,
    output logic [IDX_W-1:0]        d_idx
);
  // Words of struct espalier_spd_entry.
  logic [31:0]  flags;
  logic [15:0]  sport_lo, sport_hi, dport_lo, dport_hi;
  logic [127:0] src_lo, src_hi, dst_lo, dst_hi;

  assign flags    = rdata[31:0];
  assign sport_lo = rdata[79:64];
  assign sport_hi = rdata[95:80];
  assign dport_lo = rdata[111:96];
  assign dport_hi = rdata[127:112];
  assign src_lo   = rdata[255:128];
  assign src_hi   = rdata[383:256];
  assign dst_lo   = rdata[511:384];
  assign dst_hi   = rdata[639:512];

  logic [127:0] src, dst;
  assign src = k_key.src;
  assign dst = k_key.dst;

  logic [IDX_W:0] at;           // next to read
  logic [IDX_W-1:0] at_end;     // of the entry at stage 5
  logic           rd_q, v1, v2, v3, v4, v5;
  logic           finish;

  assign rd    = busy && !pause && (at != top) && !(HALVES == 2 && rd_q);
  assign raddr = at[IDX_W-1:0];

  // Stage 2 to 3: words of 32 bits compared, least significant first.
  logic [3:0] s_lt, s_gt, d_lt, d_gt;
  logic [3:1] s_eql, s_eqh, d_eql, d_eqh;
  logic       sp_any, sp_lt, sp_gt, dp_any, dp_lt, dp_gt, f_ok;
  // Stage 3 to 4
  logic       src_ok, dst_ok, sport_ok, dport_ok, f_ok4;
  // Stage 4 to 5
  logic       match, bad;

  // a < b of 128 bits from its words
  function logic wide(input logic [3:0] lt, input logic [2:0] eq);
    wide = lt[3] || (eq[2] && (lt[2] || (eq[1] && (lt[1] || (eq[0] && lt[0])))));
  endfunction

  always_ff @(posedge clk) begin
    if (v2) begin
      for (int i = 0; i < 4; i++) begin
        s_lt[i]  <= src[32*i+:32] < src_lo[32*i+:32];
        s_gt[i]  <= src[32*i+:32] > src_hi[32*i+:32];
        d_lt[i]  <= dst[32*i+:32] < dst_lo[32*i+:32];
        d_gt[i]  <= dst[32*i+:32] > dst_hi[32*i+:32];
      end
      for (int i = 1; i < 4; i++) begin
        s_eql[i] <= src[32*i+:32] == src_lo[32*i+:32];
        s_eqh[i] <= src[32*i+:32] == src_hi[32*i+:32];
        d_eql[i] <= dst[32*i+:32] == dst_lo[32*i+:32];
        d_eqh[i] <= dst[32*i+:32] == dst_hi[32*i+:32];
      end
      sp_any <= (sport_lo == 16'd0) && (sport_hi == 16'hffff);
      sp_lt  <= k_key.sport < sport_lo;
      sp_gt  <= k_key.sport > sport_hi;
      dp_any <= (dport_lo == 16'd0) && (dport_hi == 16'hffff);
      dp_lt  <= k_key.dport < dport_lo;
      dp_gt  <= k_key.dport > dport_hi;
      f_ok   <= flags[0] && (flags[1] == k_dir) && (flags[2] == k_key.v6) &&
                (flags[5] || (flags[15:8] == k_key.proto));
    end
    if (v3) begin
      src_ok   <= !wide(s_lt, s_eql) && !wide(s_gt, s_eqh);
      dst_ok   <= !wide(d_lt, d_eql) && !wide(d_gt, d_eqh);
      sport_ok <= sp_any || (k_key.ports_ok && !sp_lt && !sp_gt);
      dport_ok <= dp_any || (k_key.ports_ok && !dp_lt && !dp_gt);
      f_ok4    <= f_ok;
    end
    if (v4) begin
      match <= src_ok && dst_ok && sport_ok && dport_ok && f_ok4;
      bad   <= rbad;
    end
  end

  assign finish = busy && ((v5 && (match || bad || ({1'b0, at_end} + 1'b1 == top))) ||
                           (top == '0));

  always_ff @(posedge clk) begin
    done <= 1'b0;
    rd_q <= rd;
    v1   <= (HALVES == 2) ? rd_q : rd;
    v2   <= v1;
    v3   <= v2;
    v4   <= v3;
    v5   <= v4;
    if (rd) at <= at + 1'b1;
    if (v5) at_end <= at_end + 1'b1;
    if (finish) begin
      busy     <= 1'b0;
      done     <= 1'b1;
      d_none   <= (top == '0) || !(match || bad);
      d_parity <= (top != '0) && bad;
      d_idx    <= at_end;
    end
    if (start) begin
      busy   <= 1'b1;
      at     <= '0;
      at_end <= '0;
    end
    if (abort || rst) begin
      busy <= 1'b0;
      done <= 1'b0;
    end
    if (finish || start || abort || rst) begin
      rd_q <= 1'b0;
      v1 <= 1'b0;
      v2 <= 1'b0;
      v3 <= 1'b0;
      v4 <= 1'b0;
      v5 <= 1'b0;
    end
  end

  logic unused;
  assign unused = &{1'b0, flags[31:16], flags[7:6], flags[4:3], rdata[63:32]};
endmodule
