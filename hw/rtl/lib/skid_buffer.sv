// SPDX-License-Identifier: Apache-2.0
//
// skid_buffer: registers a valid/ready stream in both directions, so that
// neither data nor ready has a combinational path through it.
//
// Latency 1 cycle, throughput 1 word per cycle.
module skid_buffer #(
    parameter int WIDTH = 32
) (
    input  logic             clk,
    input  logic             rst,
    input  logic             s_valid,
    output logic             s_ready,
    input  logic [WIDTH-1:0] s_data,
    output logic             m_valid,
    input  logic             m_ready,
    output logic [WIDTH-1:0] m_data
);
  logic             skid_valid;
  logic [WIDTH-1:0] skid_data;

  assign s_ready = !skid_valid;

  always_ff @(posedge clk) begin
    if (!m_valid || m_ready) begin
      m_valid <= s_valid || skid_valid;
      if (skid_valid || s_valid) m_data <= skid_valid ? skid_data : s_data;
      skid_valid <= 1'b0;
    end else if (s_valid && s_ready) begin
      skid_valid <= 1'b1;
      skid_data  <= s_data;
    end
    if (rst) begin
      m_valid    <= 1'b0;
      skid_valid <= 1'b0;
    end
  end
endmodule
