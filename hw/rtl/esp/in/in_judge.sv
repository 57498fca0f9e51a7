// SPDX-License-Identifier: Apache-2.0
//
// in_judge: decapsulation and verdict: what a frame carried, and what becomes of
// it.
//
// in_decap puts together what is known of a frame (f_*, a_*, t_*) and asks the
// replay window (c_*) and the SPD (s_*). The case waits in u_cases for their
// answers (d_*, r_*); in_verdict gives the counters their job (j_*). Out come, in
// order, the verdict and how the frame is to be delivered (o_*).
module in_judge #(
    parameter int SA_ENTRIES = 1024,
    parameter int SW = $clog2(SA_ENTRIES)
) (
    input  logic                      clk,
    input  logic                      rst,
    output logic                      busy,       // a case or a verdict waits
    input  logic                      f_valid,
    output logic                      f_ready,
    input  esp_in_pkg::facts_t        f,
    input  logic                      a_valid,
    output logic                      a_ready,
    input  esp_in_pkg::admit_t        a,
    input  logic                      t_valid,
    output logic                      t_ready,
    input  esp_in_pkg::trailer_t      t,
    input  esp_in_pkg::inner_t        t_inner,
    // replay window
    output logic                      c_valid,
    input  logic                      c_ready,
    output logic [SW-1:0]             c_slot,
    output logic [63:0]               c_seq,
    output logic                      c_replay,
    output logic [12:0]               c_window,
    input  logic                      d_valid,
    output logic                      d_ready,
    input  logic                      d_ok,
    input  logic                      d_bad,
    // SPD client
    output logic                      s_valid,
    input  logic                      s_ready,
    output espalier_pkg::selector_t   s_sel,
    input  logic                      r_valid,
    output logic                      r_ready,
    input  espalier_pkg::spd_result_t r,
    // counters
    output logic                      j_valid,
    input  logic                      j_ready,
    output logic [2:0]                j_op,
    output espalier_pkg::handle_t     j_handle,
    output logic [13:0]               j_bytes,
    input  logic                      hash_written,
    // delivery
    output logic                      o_valid,
    input  logic                      o_ready,
    output esp_in_pkg::verdict_t      o_verdict,
    output esp_in_pkg::pass_t         o
);
  // ------------------------------------------------------------ decapsulation
  logic x_valid, x_ready, x_go, cases_ready, passes_ready;
  esp_in_pkg::case_t x_case, p;
  esp_in_pkg::pass_t x_pass;
  assign x_ready = cases_ready && passes_ready;
  assign x_go    = x_valid && x_ready;

  in_decap #(
      .SA_ENTRIES(SA_ENTRIES)
  ) u_decap (
      .clk     (clk),
      .rst     (rst),
      .f_valid (f_valid),
      .f_ready (f_ready),
      .f       (f),
      .a_valid (a_valid),
      .a_ready (a_ready),
      .a       (a),
      .t_valid (t_valid),
      .t_ready (t_ready),
      .t       (t),
      .t_inner (t_inner),
      .c_valid (c_valid),
      .c_ready (c_ready),
      .c_slot  (c_slot),
      .c_seq   (c_seq),
      .c_replay(c_replay),
      .c_window(c_window),
      .s_valid (s_valid),
      .s_ready (s_ready),
      .s_sel   (s_sel),
      .o_valid (x_valid),
      .o_ready (x_ready),
      .o_case  (x_case),
      .o       (x_pass)
  );

  logic p_valid, p_ready;
  logic [3:0] unused_case_count;
  fifo_sync #(
      .WIDTH($bits(p)),
      .DEPTH(8),
      .EARLY(2)
  ) u_cases (
      .clk(clk), .rst(rst),
      .s_valid(x_go), .s_ready(cases_ready), .s_data(x_case),
      .m_valid(p_valid), .m_ready(p_ready), .m_data(p),
      .count(unused_case_count)
  );

  // Past the verdict, which comes later: valid whenever that is.
  logic unused_pass_valid;
  logic [4:0] unused_pass_count;
  fifo_sync #(
      .WIDTH($bits(o)),
      .DEPTH(16)
  ) u_passes (
      .clk(clk), .rst(rst),
      .s_valid(x_go), .s_ready(passes_ready), .s_data(x_pass),
      .m_valid(unused_pass_valid), .m_ready(o_valid && o_ready), .m_data(o),
      .count(unused_pass_count)
  );

  // ------------------------------------------------------------------ verdict
  logic v_valid, v_ready;
  esp_in_pkg::verdict_t v;

  in_verdict u_verdict (
      .clk         (clk),
      .rst         (rst),
      .p_valid     (p_valid),
      .p_ready     (p_ready),
      .p           (p),
      .d_valid     (d_valid),
      .d_ready     (d_ready),
      .d_ok        (d_ok),
      .d_bad       (d_bad),
      .s_valid     (r_valid),
      .s_ready     (r_ready),
      .s           (r),
      .hash_written(hash_written),
      .j_valid     (j_valid),
      .j_ready     (j_ready),
      .j_op        (j_op),
      .j_handle    (j_handle),
      .j_bytes     (j_bytes),
      .o_valid     (v_valid),
      .o_ready     (v_ready),
      .o           (v)
  );

  logic [3:0] unused_verdict_count;
  fifo_sync #(
      .WIDTH($bits(v)),
      .DEPTH(8)
  ) u_verdicts (
      .clk(clk), .rst(rst),
      .s_valid(v_valid), .s_ready(v_ready), .s_data(v),
      .m_valid(o_valid), .m_ready(o_ready), .m_data(o_verdict),
      .count(unused_verdict_count)
  );
  assign busy = p_valid || v_valid || o_valid;

  logic unused;
  assign unused = &{1'b0, unused_case_count, unused_pass_valid, unused_pass_count, unused_verdict_count};
endmodule
