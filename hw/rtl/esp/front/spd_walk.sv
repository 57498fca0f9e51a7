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
//
// An entry is the half of the source and that of the destination (spd_table). With
// HALVES = 2 they come one behind the other and are compared by the same gates, an
// entry in two cycles; rbad is 2 cycles behind the second.
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
    input  logic [639:0]            rdata,     // HALVES = 2: a half, in the low bits
    input  logic                    rbad,
    output logic                    busy,
    output logic                    done,
    output logic                    d_none,
    output logic                    d_parity,
    output logic [IDX_W-1:0]        d_idx
);
  logic [IDX_W:0] at;           // next to read
  logic [IDX_W-1:0] at_end;     // of the entry at stage 5
  logic           rd_q, v1, v2, v3, v4, v5;
  logic           finish;

  assign rd    = busy && !pause && (at != top) && !(HALVES == 2 && rd_q);
  assign raddr = at[IDX_W-1:0];

  // Stage 2 to 4: the sides, each from its half. Stage 3 to 4: the flags.
  logic         v_first;        // the first half, or the only word, is at rdata
  logic [1:0]   side_ok;        // of the source, of the destination; stage 4
  logic [31:0]  flags;          // word 0 of struct espalier_spd_entry
  logic         f_ok, f_ok4;
  // Stage 4 to 5
  logic         match, bad;

  assign v_first = (HALVES == 1) ? v2 : v1;
  assign flags   = rdata[31:0];

  generate
    if (HALVES == 1) begin : g_both
      spd_side u_src (
          .clk(clk), .en(v2), .en2(v3), .ports_ok(k_key.ports_ok), .addr(k_key.src),
          .port(k_key.sport), .half(rdata[319:32]), .ok(side_ok[0]));
      spd_side u_dst (
          .clk(clk), .en(v2), .en2(v3), .ports_ok(k_key.ports_ok), .addr(k_key.dst),
          .port(k_key.dport), .half(rdata[639:352]), .ok(side_ok[1]));
      logic unused_handle;
      assign unused_handle = &{1'b0, rdata[351:320]};
    end else begin : g_turns
      logic ok, src_ok;
      spd_side u_side (
          .clk(clk), .en(v1 || v2), .en2(v2 || v3), .ports_ok(k_key.ports_ok),
          .addr(v1 ? k_key.src : k_key.dst), .port(v1 ? k_key.sport : k_key.dport),
          .half(rdata[319:32]), .ok(ok));
      always_ff @(posedge clk) if (v3) src_ok <= ok;
      assign side_ok = {ok, src_ok};
      logic unused_high;
      assign unused_high = &{1'b0, rdata[639:320]};
    end
  endgenerate

  always_ff @(posedge clk) begin
    if (v_first)
      f_ok <= flags[0] && (flags[1] == k_dir) && (flags[2] == k_key.v6) &&
              (flags[5] || (flags[15:8] == k_key.proto));
    if (v3) f_ok4 <= f_ok;
    if (v4) begin
      match <= (&side_ok) && f_ok4;
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
  assign unused = &{1'b0, flags[31:16], flags[7:6], flags[4:3]};
endmodule
