// SPDX-License-Identifier: Apache-2.0
//
// word_pack: packs elements of 1 to 4 32-bit words into words of 128 bits, a
// frame at a time; the last word of a frame may be partly filled.
//
// Latency 0 or 1 cycle. One element a cycle without a pause, whatever the
// sizes, as long as a frame has two elements or its last one fits. No
// back-pressure: the user has room behind. At most one word out a cycle.
module word_pack (
    input  logic         clk,
    input  logic         rst,
    input  logic         s_valid,
    input  logic [127:0] s_data,
    input  logic [  2:0] s_words,
    input  logic         s_last,
    output logic         m_valid,
    output logic [127:0] m_data,
    output logic         m_last
);
  logic [127:0] acc;
  logic [2:0] held;  // words in acc, 0 to 4
  logic flush;       // acc ends a frame
  logic full;        // acc leaves in this cycle
  logic [2:0] sum;
  logic [127:0] joined;
  logic [95:0] rest;

  assign full = flush || held[2];
  assign sum  = {1'b0, held[1:0]} + s_words;

  always_comb begin
    case (held[1:0])
      2'd0: joined = s_data;
      2'd1: joined = {s_data[95:0], acc[31:0]};
      2'd2: joined = {s_data[63:0], acc[63:0]};
      default: joined = {s_data[31:0], acc[95:0]};
    endcase
    case (held[1:0])
      2'd1: rest = {64'd0, s_data[127:96]};
      2'd2: rest = {32'd0, s_data[127:64]};
      default: rest = s_data[127:32];
    endcase
  end

  assign m_valid = full || (s_valid && sum[2]);
  assign m_data  = full ? acc : joined;
  assign m_last  = full ? flush : (s_last && (sum == 3'd4));

  always_ff @(posedge clk) begin
    if (s_valid) begin
      if (full) acc <= s_data;
      else if (sum[2]) acc <= {32'd0, rest};
      else acc <= joined;
      held  <= full ? s_words : (sum[2] ? {1'b0, sum[1:0]} : sum);
      flush <= s_last && (full || (sum != 3'd4));
    end else if (full) begin
      held  <= 3'd0;
      flush <= 1'b0;
    end
    if (rst) begin
      held  <= 3'd0;
      flush <= 1'b0;
    end
  end
endmodule
