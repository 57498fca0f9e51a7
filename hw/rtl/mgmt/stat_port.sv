// SPDX-License-Identifier: Apache-2.0
//
// stat_port: takes a statistics record in any cycle and hands it on when the
// counters have time, without losing one.
//
// Records that follow one another under the same code are added up while they
// wait; one of another code pushes the sum into a FIFO. A port on which all
// records have one code therefore never fills, whatever its rate; one whose
// codes alternate in every cycle needs the counters' full rate, and `urgent`
// asks for it.
module stat_port (
    input  logic                clk,
    input  logic                rst,
    input  logic                s_valid,
    input  espalier_pkg::stat_t s_stat,
    output logic                m_valid,
    output logic                urgent,
    input  logic                m_ready,
    output logic [         5:0] m_code,
    output logic [         7:0] m_packets,
    output logic [        21:0] m_bytes
);
  logic held, merge, push, fifo_valid, unused_ready;
  logic [5:0] code;
  logic [7:0] packets;
  logic [21:0] bytes;
  logic [35:0] oldest;
  logic [4:0] unused_count;

  // What is held leaves by the front door only if nothing is before it.
  logic leave;
  assign leave = held && !fifo_valid && m_ready;
  assign merge = s_valid && held && !leave && (code == s_stat.code) && (packets != 8'hff);
  assign push  = s_valid && held && !leave && !merge;

  assign m_valid = held || fifo_valid;
  assign urgent  = fifo_valid;
  assign {m_code, m_packets, m_bytes} = fifo_valid ? oldest : {code, packets, bytes};

  fifo_sync #(.WIDTH(36), .DEPTH(16)) u_fifo (
      .clk(clk), .rst(rst),
      .s_valid(push), .s_ready(unused_ready), .s_data({code, packets, bytes}),
      .m_valid(fifo_valid), .m_ready(m_ready), .m_data(oldest), .count(unused_count));

  always_ff @(posedge clk) begin
    if (s_valid) begin
      held    <= 1'b1;
      code    <= s_stat.code;
      packets <= merge ? packets + 8'd1 : 8'd1;
      bytes   <= merge ? bytes + {8'd0, s_stat.bytes} : {8'd0, s_stat.bytes};
    end else if (leave) held <= 1'b0;
    if (rst) held <= 1'b0;
  end

  logic unused;
  assign unused = &{1'b0, unused_ready, unused_count};
endmodule
