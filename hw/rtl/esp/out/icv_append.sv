// SPDX-License-Identifier: Apache-2.0
//
// icv_append: the payload of each frame that goes out: ciphertext with its ICV
// behind it, or the words of a frame in clear.
//
// This is the only place where the two meet. Which of them a frame gets is the
// `clear` bit of its job, set by sad_out and for OUT_CLEAR frames only.
//
// A ciphertext is a multiple of 4 bytes, an ICV 2, 3 or 4 words of 4 bytes.
// Latency 1, one word a cycle, no pause between frames. A job with body_len = 0
// is not to be given.
module icv_append (
    input  logic                              clk,
    input  logic                              rst,
    input  logic                              job_valid,
    output logic                              job_ready,
    input  espalier_out_pkg::merge_job_t      job,
    input  logic                              x_valid,    // ciphertext
    output logic                              x_ready,
    input  logic                      [127:0] x_data,
    input  logic                              i_valid,    // ICV, one a packet
    output logic                              i_ready,
    input  logic                      [127:0] i_data,
    input  logic                              c_valid,    // in clear
    output logic                              c_ready,
    input  logic                      [127:0] c_data,
    output logic                              d_valid,
    input  logic                              d_ready,
    output logic                      [127:0] d_data
);
  logic busy, clear, spill, tail;
  logic [9:0] left;        // words of the body behind this one
  logic final_word;        // left is 0
  logic [1:0] body_words;  // words of 4 bytes in the last word of the body; 0: four
  logic spills;            // the ICV does not fit behind the body in its last word
  logic [127:0] rest;

  logic body_valid, ok, last, go, free;
  logic [127:0] word;
  assign tail       = !clear && final_word;
  assign body_valid = clear ? c_valid : (x_valid && (!tail || i_valid));
  assign ok         = busy && free && !spill;
  assign x_ready    = ok && !clear && (!tail || i_valid);
  assign i_ready    = ok && tail && x_valid;
  assign c_ready    = ok && clear;
  assign go         = busy && free && (spill || body_valid);
  assign last       = go && (spill || (final_word && (clear || !spills)));
  assign job_ready  = !busy || last;

  always_comb begin
    word = clear ? c_data : x_data;
    if (tail) begin
      case (body_words)
        2'd1: word = {i_data[95:0], x_data[31:0]};
        2'd2: word = {i_data[63:0], x_data[63:0]};
        2'd3: word = {i_data[31:0], x_data[95:0]};
        default: word = x_data;
      endcase
    end
    if (spill) word = rest;
  end

  logic [13:0] job_last;
  logic [2:0] job_body_words;
  assign job_last       = job.body_len - 14'd1;
  assign job_body_words = (job.body_len[3:2] == 2'd0) ? 3'd4 : {1'b0, job.body_len[3:2]};

  logic unused;
  assign unused = (^job_last[3:0]) ^ (^job.prefix_words);

  always_ff @(posedge clk) begin
    if (job_valid && job_ready) begin
      clear      <= job.clear;
      left       <= job_last[13:4];
      final_word <= (job.body_len[13:5] == 9'd0) && (!job.body_len[4] || job.body_len[3:0] == 4'd0);
      body_words <= job.body_len[3:2];
      spills     <= ({1'b0, job_body_words} + {1'b0, job.icv_words} > 4'd4);
      spill      <= 1'b0;
    end else if (go && !spill) begin
      if (tail) spill <= 1'b1;
      left       <= left - 10'd1;
      final_word <= (left == 10'd1);
    end
    // Whether the word goes or not, which is known late; the last time counts.
    if (tail && !spill) begin
      case (body_words)
        2'd1: rest <= {96'd0, i_data[127:96]};
        2'd2: rest <= {64'd0, i_data[127:64]};
        2'd3: rest <= {32'd0, i_data[127:32]};
        default: rest <= i_data;
      endcase
    end
    if (job_valid && job_ready) busy <= 1'b1;
    else if (last) busy <= 1'b0;
    if (rst) busy <= 1'b0;
  end

  // Ready from a register: behind this one stands the wire's, in front the buffers.
  skid_buffer #(
      .WIDTH(128)
  ) u_out (
      .clk    (clk),
      .rst    (rst),
      .s_valid(go),
      .s_ready(free),
      .s_data (word),
      .m_valid(d_valid),
      .m_ready(d_ready),
      .m_data (d_data)
  );
endmodule
