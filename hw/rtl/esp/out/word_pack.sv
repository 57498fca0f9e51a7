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
  logic [1:0] at;    // where in a word s_data begins
  logic [2:0] sum;
  logic [127:0] turned;

  assign full = flush || held[2];
  assign at   = full ? 2'd0 : held[1:0];
  assign sum  = {1'b0, held[1:0]} + s_words;

  // Words of s_data that do not fit above come in at the bottom, where they are
  // wanted next.
  always_comb begin
    case (at)
      2'd0: turned = s_data;
      2'd1: turned = {s_data[95:0], s_data[127:96]};
      2'd2: turned = {s_data[63:0], s_data[127:64]};
      default: turned = {s_data[31:0], s_data[127:32]};
    endcase
    m_data = turned;
    if (full || at != 2'd0) m_data[31:0] = acc[31:0];
    if (full || at[1]) m_data[63:32] = acc[63:32];
    if (full || at == 2'd3) m_data[95:64] = acc[95:64];
    if (full) m_data[127:96] = acc[127:96];
  end

  assign m_valid = full || (s_valid && sum[2]);
  assign m_last  = full ? flush : (s_last && (sum == 3'd4));

  always_ff @(posedge clk) begin
    if (s_valid) begin
      if (sum[2] || full || at == 2'd0) acc[31:0] <= turned[31:0];
      if (sum[2] || full || !at[1]) acc[63:32] <= turned[63:32];
      if (sum[2] || full || at != 2'd3) acc[95:64] <= turned[95:64];
      acc[127:96] <= turned[127:96];
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
