// SPDX-License-Identifier: Apache-2.0
//
// frame_merge: builds a frame from prefix words (layer-2 header with its two
// padding bytes in front, and whatever headers follow) and payload bytes.
//
// Per frame one command, ceil(c_prefix_words / 4) prefix words (1 or more) and
// ceil(c_payload_len / 16) payload words; the frame has
// 4 * c_prefix_words - 2 + c_payload_len bytes. m_tuser is c_user in every word.
//
// Throughput: exactly ceil(frame bytes / 16) cycles a frame, back to back, as
// long as the inputs are there; four commands wait. Latency: 3 cycles from the command, 1 cycle
// from the data. Bytes behind tkeep in the last word are not defined.
//
// Payload byte i lands at frame byte 4 * c_prefix_words - 2 + i, so payload is
// moved by 2, 6, 10 or 14 bytes: "lane" 0 to 3. A prefix word ahead of the last
// one gives its first two bytes to the word before it. Word 0 of the next
// frame's prefix is fetched while this frame ends: without that the first word
// of a frame would need two prefix words in one cycle.
module frame_merge #(
    parameter int USER_W = 1
) (
    input  logic              clk,
    input  logic              rst,
    input  logic              c_valid,
    output logic              c_ready,
    input  logic [       4:0] c_prefix_words,
    input  logic [      13:0] c_payload_len,
    input  logic [USER_W-1:0] c_user,
    input  logic              p_valid,
    output logic              p_ready,
    input  logic [     127:0] p_data,
    input  logic              d_valid,
    output logic              d_ready,
    input  logic [     127:0] d_data,
    output logic              m_tvalid,
    input  logic              m_tready,
    output logic [     127:0] m_tdata,
    output logic [      15:0] m_tkeep,
    output logic              m_tlast,
    output logic [USER_W-1:0] m_tuser
);
  // ------------------------------------------------- the command, worked out
  // Behind the queue of commands, since they come from far away.
  logic              n_valid;
  logic [       2:0] unused_n_count;
  logic [       4:0] n_prefix_words, n_prefix_last;
  logic [      13:0] n_payload_len;
  // Frame bytes + 15: the upper bits count words, the low four are the bytes
  // of the last word less one.
  logic [      14:0] n_span;
  logic [      10:0] n_payload;
  logic [USER_W-1:0] n_user;
  assign n_span        = {1'b0, n_payload_len} + {8'd0, n_prefix_words, 2'd0} + 15'd13;
  assign n_prefix_last = n_prefix_words - 5'd1;
  assign n_payload     = {1'b0, n_payload_len[13:4]} + {10'd0, n_payload_len[3:0] != 4'd0};

  logic              a_valid;
  logic [      10:0] a_words;
  logic [       3:0] a_tail;
  logic [       2:0] a_prefix;
  logic              a_body;  // the prefix is behind us
  logic              a_last;  // a_words is 1
  logic              head;    // a_prefix is not 0: not yet at the last prefix word
  logic              more;    // a_payload is not 0
  logic [       1:0] a_lane;
  logic [      10:0] a_payload;
  logic [USER_W-1:0] a_user;

  logic go, take;
  assign take = n_valid && (!a_valid || (go && a_last));

  // So that a command does not hang on the last word of the frame before.
  fifo_sync #(
      .WIDTH(5 + 14 + USER_W),
      .DEPTH(4)
  ) u_next (
      .clk    (clk),
      .rst    (rst),
      .s_valid(c_valid),
      .s_ready(c_ready),
      .s_data ({c_prefix_words, c_payload_len, c_user}),
      .m_valid(n_valid),
      .m_ready(take),
      .m_data ({n_prefix_words, n_payload_len, n_user}),
      .count  (unused_n_count)
  );

  // ------------------------------------------------------------ word by word
  logic         hold_valid;
  logic [111:0] hold;  // prefix word to go out next, less the two bytes before it
  logic [111:0] rest;  // payload bytes left over from the word before
  logic need_d, base, spent;

  assign need_d  = !head && more;
  assign base    = a_valid && (!m_tvalid || m_tready) && (a_body || hold_valid);
  assign go      = base && (!head || p_valid) && (!need_d || d_valid);
  assign d_ready = base && need_d;

  // The held prefix word goes out and nothing of this frame follows it.
  assign spent   = base && !head && !a_body && (!need_d || d_valid);
  assign p_ready = !hold_valid || (base && head) || spent;

  logic [111:0] low;
  logic [127:0] out_word;
  assign low = a_body ? rest : hold;

  always_comb begin
    if (head) out_word = {p_data[15:0], low};
    else
      case (a_lane)
        2'd0: out_word = {d_data[111:0], low[15:0]};
        2'd1: out_word = {d_data[79:0], low[47:0]};
        2'd2: out_word = {d_data[47:0], low[79:0]};
        default: out_word = {d_data[15:0], low};
      endcase
  end

  always_ff @(posedge clk) begin
    if (take) begin
      a_words   <= n_span[14:4];
      a_tail    <= n_span[3:0];
      a_prefix  <= n_prefix_last[4:2];
      a_body    <= 1'b0;
      a_lane    <= n_prefix_last[1:0];
      a_payload <= n_payload;
      a_user    <= n_user;
      a_last    <= (n_span[14:4] == 11'd1);
      head      <= (n_prefix_last[4:2] != 3'd0);
      more      <= (n_payload_len != 14'd0);
    end else if (go) begin
      a_words <= a_words - 11'd1;
      a_last  <= (a_words == 11'd2);
      if (head) begin
        a_prefix <= a_prefix - 3'd1;
        head     <= (a_prefix != 3'd1);
      end else a_body <= 1'b1;
      if (need_d) begin
        a_payload <= a_payload - 11'd1;
        more      <= (a_payload != 11'd1);
      end
    end

    if (p_valid && p_ready) hold <= p_data[127:16];
    if (go) begin
      // Of lane 0 two bytes are left over, of lane 3 fourteen; what stands above
      // them does not matter.
      case (a_lane)
        2'd0: rest[15:0] <= d_data[127:112];
        2'd1: rest[15:0] <= d_data[95:80];
        2'd2: rest[15:0] <= d_data[63:48];
        default: rest[15:0] <= d_data[31:16];
      endcase
      rest[47:16]  <= !a_lane[1] ? d_data[127:96] : a_lane[0] ? d_data[63:32] : d_data[95:64];
      rest[79:48]  <= a_lane[0] ? d_data[95:64] : d_data[127:96];
      rest[111:80] <= d_data[127:96];
      m_tdata <= out_word;
      m_tkeep <= a_last ? ~(16'hfffe << a_tail) : 16'hffff;
      m_tlast <= a_last;
      m_tuser <= a_user;
    end

    if (rst) begin
      a_valid    <= 1'b0;
      hold_valid <= 1'b0;
      m_tvalid   <= 1'b0;
    end else begin
      if (take) a_valid <= 1'b1;
      else if (go && a_last) a_valid <= 1'b0;
      if (p_valid && p_ready) hold_valid <= 1'b1;
      else if (spent) hold_valid <= 1'b0;
      if (go) m_tvalid <= 1'b1;
      else if (m_tready) m_tvalid <= 1'b0;
    end
  end
endmodule
