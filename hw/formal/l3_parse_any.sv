// SPDX-License-Identifier: Apache-2.0
//
// l3_parse for the proof about in_verify: says anything at any time.
module l3_parse #(
    parameter int USER_W = 8
) (
    input  logic              clk,
    input  logic              rst,
    input  logic              s_valid,
    input  logic              s_last,
    input  logic [127:0]      s_data,
    input  logic [1:0]        s_kind,
    input  logic              s_auto,
    input  logic              s_raw,
    input  logic [13:0]       s_bytes,
    input  logic [USER_W-1:0] s_user,
    output logic              e_ok,
    output logic [15:0]       e_total,
    output logic              m_valid,
    output logic [USER_W-1:0] m_user,
    output espalier_pkg::l3_t m_l3
);
  (* anyseq *) logic [17+USER_W+$bits(m_l3):0] any;
  assign {e_ok, e_total, m_valid, m_user, m_l3} = any;
endmodule
