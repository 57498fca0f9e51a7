// SPDX-License-Identifier: Apache-2.0
//
// in_verdict: joins what decapsulation found (p_*) with the answers of the
// replay window (d_*) and the SPD (s_*), in the order of the frames, gives the
// counters their job and hands the frame to delivery.
//
// A late duplicate is a duplicate whatever else is wrong with it, and a window
// that is corrupted cannot say that it is none. Inbound
// policy (RFC 4301 section 5.2): a frame in clear needs BYPASS; what came out
// of an SA needs PROTECT with the SA's reqid.
//
// Throughput 1 per cycle, latency 1 cycle from the last answer.
module in_verdict (
    input  logic                      clk,
    input  logic                      rst,
    input  logic                      p_valid,
    output logic                      p_ready,
    input  esp_in_pkg::case_t         p,
    input  logic                      d_valid,
    output logic                      d_ready,
    input  logic                      d_ok,
    input  logic                      d_bad,    // not ok: the window is corrupted
    input  logic                      s_valid,
    output logic                      s_ready,
    // The policy that matched is not reported for inbound traffic.
    /* verilator lint_off UNUSEDSIGNAL */
    input  espalier_pkg::spd_result_t s,
    /* verilator lint_on UNUSEDSIGNAL */
    input  logic                      hash_written,
    output logic                      j_valid,
    input  logic                      j_ready,
    output logic [2:0]                j_op,
    output espalier_pkg::handle_t     j_handle,
    output logic [13:0]               j_bytes,
    output logic                      o_valid,
    input  logic                      o_ready,
    output esp_in_pkg::verdict_t      o
);
  logic [5:0] policy;
  logic have, held, gone;
  logic replayed, spoilt, refused, table_said;  // window: seen, or corrupted; by policy; by an earlier frame
  logic [5:0] k_policy, k_code;
  logic [2:0] k_job;

  always_comb begin
    policy = espalier_pkg::CODE_NONE;
    if (s.parity) policy = espalier_pkg::RX_PARITY;
    else if (!s.match) policy = p.clear ? espalier_pkg::RX_NO_POLICY : espalier_pkg::RX_TMPL_MISMATCH;
    else if (s.action == espalier_pkg::ACT_DISCARD) policy = espalier_pkg::RX_POL_BLOCK;
    else if (p.clear ? s.action != espalier_pkg::ACT_BYPASS
                     : s.action != espalier_pkg::ACT_PROTECT || s.reqid != p.reqid)
      policy = espalier_pkg::RX_TMPL_MISMATCH;
  end

  // A corrupted hash table is reported once, until it is written again; the SPD
  // reports its own.
  logic hash_said;

  always_comb begin
    o.code = k_code;
    j_op   = k_job;
    if (replayed) begin
      o.code = spoilt ? espalier_pkg::RX_PARITY : espalier_pkg::RX_REPLAY;
      j_op   = spoilt ? esp_in_pkg::CNT_PARITY : esp_in_pkg::CNT_REPLAY;
    end else if (refused) begin
      o.code = k_policy;
      j_op   = esp_in_pkg::CNT_NONE;
    end
    if (table_said) j_op = esp_in_pkg::CNT_NONE;
    o.counted = j_op == esp_in_pkg::CNT_DELIVER;
  end

  assign have    = p_valid && (!p.committed || d_valid) && (!p.asked || s_valid);
  assign j_valid = held && o_ready;
  assign o_valid = held && j_ready;
  assign gone    = j_ready && o_ready;
  assign p_ready = have && (!held || gone);
  assign d_ready = p_ready && p.committed;
  assign s_ready = p_ready && p.asked;

  always_ff @(posedge clk) begin
    if (p_ready) begin
      replayed   <= p.committed && !d_ok;
      spoilt     <= d_bad;
      refused    <= p.asked && policy != espalier_pkg::CODE_NONE;
      table_said <= p.job == esp_in_pkg::CNT_TABLE && hash_said;
      k_policy   <= policy;
      k_code     <= p.code;
      k_job      <= p.job;
      j_handle   <= p.handle;
      j_bytes    <= p.bytes;
    end
    if (rst) held <= 1'b0;
    else if (p_ready) held <= 1'b1;
    else if (gone) held <= 1'b0;
    if (p_ready && p.job == esp_in_pkg::CNT_TABLE) hash_said <= 1'b1;
    if (rst || hash_written) hash_said <= 1'b0;
  end
endmodule
