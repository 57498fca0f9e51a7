// SPDX-License-Identifier: Apache-2.0
//
// pkt_fifo for the proof about in_verify: no buffer, but its write side made
// visible as tap_*; m_data is the word. What a buffer does with orders is proven
// by pkt_fifo_props.
module pkt_fifo #(
    parameter int WIDTH = 128,
    parameter int DEPTH = 1024,
    parameter int AW = $clog2(DEPTH)
) (
    input  logic             clk,
    input  logic             rst,
    input  logic             s_valid,
    output logic             s_ready,
    input  logic [WIDTH-1:0] s_data,
    input  logic             commit,
    input  logic             rollback,
    output logic             m_valid,
    input  logic             m_ready,
    output logic [WIDTH-1:0] m_data,
    output logic [AW:0]      used
);
  (* keep *) logic tap_valid, tap_commit, tap_rollback;
  assign tap_valid    = s_valid;
  assign tap_commit   = commit;
  assign tap_rollback = rollback;
  assign s_ready = 1'b1;
  assign m_valid = 1'b0;
  assign m_data  = s_data;
  assign used    = '0;
endmodule
