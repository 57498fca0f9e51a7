// SPDX-License-Identifier: Apache-2.0
//
// spd_side: one side of a packet, source or destination, against the ranges of a
// policy: address and port both within them.
//
// `half` is what spd_table keeps of a side, without its lowest word: highest address,
// lowest, highest port, lowest. Latency 2 cycles, throughput one per cycle; `en` with
// the data, `en2` a cycle later.
//
// A range of all ports also takes packets in which ports cannot be told
// (RFC 4301 section 4.4.1.1: ANY includes OPAQUE).
module spd_side (
    input  logic         clk,
    input  logic         en,
    input  logic         en2,
    input  logic         ports_ok,
    input  logic [127:0] addr,
    input  logic [15:0]  port,
    input  logic [287:0] half,
    output logic         ok
);
  logic [127:0] lo, hi;
  logic [15:0]  port_lo, port_hi;
  assign {hi, lo, port_hi, port_lo} = half;

  // Words of 32 bits, least significant first.
  logic [3:0] lt, gt;
  logic [3:1] eql, eqh;
  logic       p_any, p_lt, p_gt;

  // a < b of 128 bits from its words
  function logic wide(input logic [3:0] less, input logic [2:0] eq);
    wide = less[3] || (eq[2] && (less[2] || (eq[1] && (less[1] || (eq[0] && less[0])))));
  endfunction

  logic addr_ok, port_ok;
  assign ok = addr_ok && port_ok;

  always_ff @(posedge clk) begin
    if (en) begin
      for (int i = 0; i < 4; i++) begin
        lt[i] <= addr[32*i+:32] < lo[32*i+:32];
        gt[i] <= addr[32*i+:32] > hi[32*i+:32];
      end
      for (int i = 1; i < 4; i++) begin
        eql[i] <= addr[32*i+:32] == lo[32*i+:32];
        eqh[i] <= addr[32*i+:32] == hi[32*i+:32];
      end
      p_any <= (port_lo == 16'd0) && (port_hi == 16'hffff);
      p_lt  <= port < port_lo;
      p_gt  <= port > port_hi;
    end
    if (en2) begin
      addr_ok <= !wide(lt, eql) && !wide(gt, eqh);
      port_ok <= p_any || (ports_ok && !p_lt && !p_gt);
    end
  end
endmodule
