// SPDX-License-Identifier: Apache-2.0
//
// plain_shift: takes the layer-3 words of every frame, in order, and sends
// them where its job says: into the cipher (after AAD, with padding, pad
// length and next header behind), into the bypass, or nowhere.
//
// Cipher side: `cmd` and, in a FIFO, the AAD block and ceil(padded_len / 16)
// data blocks. Once the AAD block is there, a block follows every cycle, since
// ingress has no bubble inside a frame. The cipher takes its first block 4
// cycles after the command or later, so the command may be given before the
// AAD block is in the FIFO; it never finds the FIFO empty inside a packet.
//
// In tunnel mode the plaintext is the datagram from its word 0. In transport
// mode it begins behind the header: whole words are dropped, and the rest is
// moved by 4, 8 or 12 bytes. The next header of the trailer is then the byte
// that named what follows, picked as it passes.
//
// Cost: tunnel 1 + blocks, transport ceil(hdr_len / 16) + blocks, else one
// cycle a word, always less than the frame costs on the wire.
module plain_shift #(
    parameter int KW = 10
) (
    input  logic                         clk,
    input  logic                         rst,
    input  logic                         job_valid,
    output logic                         job_ready,
    input  espalier_out_pkg::body_job_t  job,
    input  logic                         d_valid,
    output logic                         d_ready,
    input  logic                 [127:0] d_data,
    // to the cipher
    output logic                         cmd_valid,
    input  logic                         cmd_ready,
    output logic                [KW-1:0] cmd_key,
    output logic                [  63:0] cmd_iv,
    output logic                [  13:0] cmd_aad_len,
    output logic                [  13:0] cmd_len,
    output logic                         s_tvalid,
    input  logic                         s_tready,
    output logic                [ 127:0] s_tdata,
    // in clear
    output logic                         c_valid,
    input  logic                         c_ready,
    output logic                         c_first,  // first word of a frame
    output logic                [ 127:0] c_data
);
  function logic [31:0] swap32(input logic [31:0] b);
    swap32 = {b[7:0], b[15:8], b[23:16], b[31:24]};
  endfunction

  function logic at_most_16(input logic [13:0] n);
    at_most_16 = (n[13:5] == 9'd0) && (!n[4] || n[3:0] == 4'd0);
  endfunction

  // --------------------------------------------------------------- job in hand
  logic busy;
  logic is_protect, is_clear;
  logic [10:0] words;       // left in the data stream
  logic some, few;          // words: not 0; 0 or 1
  logic [2:0] pre;          // words to take before the first block
  logic [1:0] lane;
  logic run;                // blocks are coming
  logic fresh;              // no word taken yet
  logic [10:0] blocks;      // left to send
  logic last_block;         // blocks is 1
  logic [9:0] before_trail; // blocks in front of the one where the trailer begins
  logic [1:0] trail_word, trail_byte;
  logic trail_on;           // the trailer has begun
  logic [1:0] nh_word;      // words until the one with the next-header byte
  logic [3:0] nh_byte;
  logic [7:0] next_header;
  logic nh_pick;
  logic [127:32] hold;

  logic room, cmd_room;     // in the FIFOs to the cipher
  logic take, step, last, load;
  logic step_pre, step_run, step_clear, step_drop;
  logic pre_last, pre_take;

  assign pre_take   = (pre != 3'd0);
  assign pre_last   = (pre[2:1] == 2'd0);

  logic want;               // this cycle's step takes a word
  always_comb begin
    want = (is_protect && !run) ? pre_take : some;
  end
  assign d_ready    = want && (is_protect ? room : is_clear ? c_ready : busy);
  assign step_pre   = is_protect && !run && room && (!want || d_valid);
  assign step_run   = is_protect && run && room && (!want || d_valid);
  assign step_clear = is_clear && (!want || (d_valid && c_ready));
  assign step_drop  = busy && !is_protect && !is_clear && (!want || d_valid);
  assign step       = step_pre || step_run || step_clear || step_drop;
  assign take       = d_ready && d_valid;
  assign last       = (step_run && last_block) || ((step_clear || step_drop) && few);
  assign job_ready  = (!busy || last) && cmd_room;
  assign load       = job_valid && job_ready;

  assign c_valid = is_clear && want && d_valid;
  assign c_data  = d_data;
  assign c_first = fresh;

  // Words that the header takes, the last of them perhaps in part.
  logic [2:0] j_pre;
  assign j_pre = job.skip[4:2] + {2'd0, job.skip[1:0] != 2'd0};

  always_ff @(posedge clk) begin
    if (load) begin
      is_protect   <= (job.kind == espalier_out_pkg::OUT_PROTECT);
      is_clear     <= (job.kind == espalier_out_pkg::OUT_CLEAR);
      some         <= (job.data_len != 14'd0);
      few          <= at_most_16(job.data_len);
      last_block   <= at_most_16(job.padded_len);
      words        <= {1'b0, job.data_len[13:4]} + {10'd0, job.data_len[3:0] != 4'd0};
      pre          <= j_pre;
      lane         <= job.skip[1:0];
      run          <= 1'b0;
      fresh        <= 1'b1;
      blocks       <= {1'b0, job.padded_len[13:4]} + {10'd0, job.padded_len[3:0] != 4'd0};
      before_trail <= job.plain_len[13:4];
      trail_word   <= job.plain_len[3:2];
      trail_byte   <= job.plain_len[1:0];
      trail_on     <= 1'b0;
      nh_word      <= job.nh_off[5:4];
      nh_byte      <= job.nh_off[3:0];
      nh_pick      <= !job.tunnel;
      next_header  <= job.v6 ? 8'd41 : 8'd4;
    end else if (step) begin
      if (take) begin
        words <= words - 11'd1;
        some  <= (words != 11'd1);
        few   <= (words[10:2] == 9'd0) && (words[1:0] != 2'd3);
      end
      fresh <= 1'b0;
      if (step_pre) begin
        if (pre_take) pre <= pre - 3'd1;
        if (pre_last) run <= 1'b1;
        nh_word <= nh_word - 2'd1;
        if (nh_pick && (nh_word == 2'd0)) begin
          next_header <= d_data[8*nh_byte+:8];
          nh_pick     <= 1'b0;
        end
      end
      if (step_run) begin
        blocks     <= blocks - 11'd1;
        last_block <= (blocks == 11'd2);
        if (before_trail != 10'd0) before_trail <= before_trail - 10'd1;
        else trail_on <= 1'b1;
      end
    end
    if (take && is_protect) hold <= d_data[127:32];
    if (rst || (last && !load)) begin
      busy       <= 1'b0;
      is_protect <= 1'b0;
      is_clear   <= 1'b0;
    end else if (load) busy <= 1'b1;
  end

  // What stays the same while the blocks go, and what the command needs.
  logic [KW-1:0] key;
  logic [31:0] spi;
  logic [63:0] seq;
  logic esn;
  logic [13:0] padded_len;
  logic unused;
  assign unused = ^job.slot[15:KW];
  always_ff @(posedge clk) begin
    if (load) begin
      key        <= job.slot[KW-1:0];
      spi        <= job.spi;
      seq        <= job.seq;
      esn        <= job.esn;
      padded_len <= job.padded_len;
    end
  end

  // --------------------------------------- one register, then trailer and FIFO
  logic x_valid, x_trail, x_spill;
  logic [127:0] x_data;
  logic [1:0] x_word, x_byte;
  logic [7:0] x_nh;
  logic [127:0] shifted;

  always_comb begin
    case (lane)
      2'd0: shifted = d_data;
      2'd1: shifted = {d_data[31:0], hold[127:32]};
      2'd2: shifted = {d_data[63:0], hold[127:64]};
      default: shifted = {d_data[95:0], hold[127:96]};
    endcase
  end

  logic x_push;
  assign x_push = (step_pre && pre_last) || step_run;
  always_ff @(posedge clk) begin
    if (x_push) begin
      x_data  <= !run ? {32'd0, esn ? {swap32(seq[31:0]), swap32(seq[63:32])} :
                                      {32'd0, swap32(seq[31:0])}, swap32(spi)} : shifted;
      x_trail <= run && (before_trail == 10'd0) && !trail_on;
      x_spill <= run && trail_on;  // the trailer's second word stands alone in this block
      x_word  <= trail_word;
      x_byte  <= trail_byte;
      x_nh    <= next_header;
    end
    x_valid <= x_push && !rst;
  end

  // The trailer begins inside word x_word. Padding 1, 2, 3 (RFC 4303 section
  // 2.4); three bytes of text in that word leave room for one byte only, so
  // pad length and next header go to the next word.
  logic [31:0] second_word;
  logic [127:0] x_out;
  assign second_word = {x_nh, 8'd3, 8'd3, 8'd2};

  // A function, so that a simulator works it out for the one word in question.
  function logic [127:0] trailed(input logic [119:0] d, input logic [1:0] word,
                                 input logic [1:0] bytes, input logic [7:0] nh,
                                 input logic [31:0] second);
    logic [23:0] at_word;
    logic [31:0] f, g;
    case (word)
      2'd0: at_word = d[23:0];
      2'd1: at_word = d[55:32];
      2'd2: at_word = d[87:64];
      default: at_word = d[119:96];
    endcase
    case (bytes)
      2'd0: f = {nh, 8'd2, 8'd2, 8'd1};
      2'd1: f = {nh, 8'd1, 8'd1, at_word[7:0]};
      2'd2: f = {nh, 8'd0, at_word[15:0]};
      default: f = {8'd1, at_word};
    endcase
    g = (bytes == 2'd3) ? second : 32'd0;
    case (word)
      2'd0: trailed = {64'd0, g, f};
      2'd1: trailed = {32'd0, g, f, d[31:0]};
      2'd2: trailed = {g, f, d[63:0]};
      default: trailed = {f, d[95:0]};
    endcase
  endfunction

  always_comb begin
    x_out = x_data;
    if (x_spill) x_out = {96'd0, second_word};
    else if (x_trail) x_out = trailed(x_data[119:0], x_word, x_byte, x_nh, second_word);
  end

  logic unused_s_ready;
  logic [4:0] s_count;
  fifo_sync #(
      .WIDTH(128),
      .DEPTH(16)
  ) u_blocks (
      .clk    (clk),
      .rst    (rst),
      .s_valid(x_valid),
      .s_ready(unused_s_ready),
      .s_data (x_out),
      .m_valid(s_tvalid),
      .m_ready(s_tready),
      .m_data (s_tdata),
      .count  (s_count)
  );

  // The command goes as soon as there is a job: the AAD block is in the FIFO 3
  // cycles after the job was taken, or as many more as the header has words
  // beyond the first, and the command, which takes 5 cycles, is not earlier
  // unless these words are four.
  localparam int CMD_W = KW + 64 + 14 + 1;
  logic [CMD_W-1:0] cmd_in, cmd_q;
  logic unused_c_ready, cmd_esn, cmd_early, cmd_late;
  logic [3:0] c_count;
  logic [63:0] cmd_seq;
  assign cmd_early = load && (job.kind == espalier_out_pkg::OUT_PROTECT) && !j_pre[2];
  assign cmd_late  = step_pre && pre[2];
  assign cmd_in    = cmd_late ? {key, seq, padded_len, esn} :
                     {job.slot[KW-1:0], job.seq, job.padded_len, job.esn};
  fifo_sync #(
      .WIDTH(CMD_W),
      .DEPTH(8)
  ) u_cmd (
      .clk    (clk),
      .rst    (rst),
      .s_valid(cmd_early || cmd_late),
      .s_ready(unused_c_ready),
      .s_data (cmd_in),
      .m_valid(cmd_valid),
      .m_ready(cmd_ready),
      .m_data (cmd_q),
      .count  (c_count)
  );
  assign {cmd_key, cmd_seq, cmd_len, cmd_esn} = cmd_q;
  assign cmd_iv      = {swap32(cmd_seq[31:0]), swap32(cmd_seq[63:32])};
  assign cmd_aad_len = cmd_esn ? 14'd12 : 14'd8;

  // In registers: three blocks may be on their way into their FIFO, two commands
  // into theirs, when the counts are looked at.
  always_ff @(posedge clk) begin
    room     <= (s_count < 5'd12) && !rst;
    cmd_room <= (c_count < 4'd6) && !rst;
  end
endmodule
