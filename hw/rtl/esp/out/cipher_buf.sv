// SPDX-License-Identifier: Apache-2.0
//
// cipher_buf: takes what the cipher gives, which has no back-pressure, and
// lets a command pass only when there is room for all that it will bring.
//
// `started` pulses when the first word of a packet arrives; the words behind
// it come one a cycle, so a reader that begins then does not run dry inside a
// packet. Latency: 4 cycles from core word to x_valid.
module cipher_buf #(
    parameter int DEPTH = 1024,
    parameter int PACKET_MAX = 576,  // words of the largest frame
    parameter int PACKETS = 32
) (
    input  logic         clk,
    input  logic         rst,
    // command gate
    input  logic         s_cmd_valid,
    output logic         s_cmd_ready,
    input  logic [ 13:0] s_cmd_len,
    output logic         m_cmd_valid,
    input  logic         m_cmd_ready,
    // from the cipher
    input  logic         core_valid,
    input  logic [127:0] core_data,
    input  logic         core_last,
    input  logic [127:0] core_icv,
    output logic         started,
    // ciphertext and ICVs
    output logic         x_valid,
    input  logic         x_ready,
    output logic [127:0] x_data,
    output logic         i_valid,
    input  logic         i_ready,
    output logic [127:0] i_data
);
  localparam int AW = $clog2(DEPTH);
  localparam int PW = $clog2(PACKETS);

  // A command passes when the largest packet would fit. Counting takes two
  // cycles, so for two cycles after a command none passes; the smallest frame
  // takes four on the wire.
  logic [AW:0] words;  // promised or held
  logic [PW:0] packets;
  logic [AW:0] need_q;
  logic fits, open, fire, fire_q, fire_qq, take_q;
  assign open        = fits && !fire_q && !fire_qq;
  assign m_cmd_valid = s_cmd_valid && open;
  assign s_cmd_ready = m_cmd_ready && open;
  assign fire        = m_cmd_valid && m_cmd_ready;

  always_ff @(posedge clk) begin
    if (fire) need_q <= (AW + 1)'(s_cmd_len[13:4]) + {{AW{1'b0}}, s_cmd_len[3:0] != 4'd0};
    if (rst) begin
      words   <= '0;
      packets <= '0;
      fits    <= 1'b0;
      fire_q  <= 1'b0;
      fire_qq <= 1'b0;
      take_q  <= 1'b0;
    end else begin
      fire_q  <= fire;
      fire_qq <= fire_q;
      take_q  <= x_valid && x_ready;
      fits    <= (words <= (AW + 1)'(DEPTH - PACKET_MAX)) && !packets[PW];
      if (fire_q || take_q)
        words <= words + (fire_q ? need_q : '0) - {{AW{1'b0}}, take_q};
      if (fire_q != (i_valid && i_ready)) packets <= fire_q ? packets + 1'b1 : packets - 1'b1;
    end
  end

  logic in_packet;
  assign started = core_valid && !in_packet;
  always_ff @(posedge clk) begin
    if (rst) in_packet <= 1'b0;
    else if (core_valid) in_packet <= !core_last;
  end

  logic unused_ready;
  logic [AW:0] unused_used;
  pkt_fifo #(
      .WIDTH(128),
      .DEPTH(DEPTH)
  ) u_words (
      .clk     (clk),
      .rst     (rst),
      .s_valid (core_valid),
      .s_ready (unused_ready),
      .s_data  (core_data),
      .commit  (1'b1),
      .rollback(1'b0),
      .m_valid (x_valid),
      .m_ready (x_ready),
      .m_data  (x_data),
      .used    (unused_used)
  );

  // A packet takes the cipher three cycles or more, and the wire four.
  logic unused_icv_ready;
  logic [PW:0] unused_icv_count;
  fifo_block #(
      .WIDTH(128),
      .DEPTH(PACKETS),
      .WORDS(2)
  ) u_icv (
      .clk    (clk),
      .rst    (rst),
      .s_valid(core_valid && core_last),
      .s_ready(unused_icv_ready),
      .s_data (core_icv),
      .m_valid(i_valid),
      .m_ready(i_ready),
      .m_data (i_data),
      .count  (unused_icv_count)
  );
endmodule
