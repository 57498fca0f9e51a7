// SPDX-License-Identifier: Apache-2.0
//
// in_feed: where the words of a frame go: to the cipher, into the buffer for
// frames in clear, or nowhere.
//
// Takes admitted frames in order (w_*) and, for ESP, the answer of the replay
// pre-check (r_*); says the outcome (a_*) and moves the words of layer 3 (d_*)
// at one a cycle, without a gap between frames. A frame costs ceil(bytes/16).
//
// For ESP the plaintext starts hdr_len + 16 bytes into layer 3, a multiple of
// 4: word pairs go through a rotator with four positions and become the data
// blocks of the cipher, behind one block of AAD: SPI and the 32- or 64-bit
// sequence number (RFC 4106 section 5). The cipher command is given together
// with the first data block; from then on one block follows each cycle, since a
// frame's words come without a bubble. Words behind the last ciphertext byte
// are consumed and not fed. The received ICV, right before the end of layer 3,
// is cut out of the last two words and waits in u_icv for in_verify.
//
// Room in the verify buffer is taken before the first word of a frame moves:
// v_take words of `v_free` free ones. The first 64 bytes of layer 3 of an ESP
// frame go to the header memory (h_*) at the frame's number.
module in_feed #(
    parameter int SA_ENTRIES = 1024,
    parameter int BUF_BEATS = 2048,
    parameter int SW = $clog2(SA_ENTRIES),
    parameter int BW = $clog2(BUF_BEATS)
) (
    input  logic               clk,
    input  logic               rst,
    input  logic               w_valid,
    output logic               w_ready,
    input  esp_in_pkg::work_t  w,
    input  logic               r_valid,
    output logic               r_ready,
    input  logic               r_ok,
    input  logic               r_bad,     // not ok: the window is corrupted
    input  logic [63:0]        r_seq,
    output logic               a_valid,
    input  logic               a_ready,
    output esp_in_pkg::admit_t a,
    input  logic               d_valid,
    output logic               d_ready,
    input  logic [127:0]       d_data,
    // header memory
    output logic               h_we,
    output logic [7:0]         h_addr,
    output logic [127:0]       h_data,
    // buffer for frames in clear
    output logic               b_valid,
    input  logic               b_ready,
    output logic [127:0]       b_data,
    output logic               b_commit,
    // verify buffer's room
    input  logic [BW:0]        v_free,
    output logic               v_take,
    output logic [9:0]         v_words,
    // cipher
    output logic               g_cmd_valid,
    input  logic               g_cmd_ready,
    output logic [SW-1:0]      g_cmd_key,
    output logic [63:0]        g_cmd_iv,
    output logic [13:0]        g_cmd_aad_len,
    output logic [13:0]        g_cmd_len,
    output logic               g_tvalid,
    input  logic               g_tready,
    output logic [127:0]       g_tdata,
    // to in_verify, in the order of the commands
    output logic               e_valid,
    input  logic               e_ready,
    output logic [13:0]        e_ct_len,
    output logic [1:0]         e_icv_kind,
    output logic               e_tunnel,
    output logic               i_valid,
    input  logic               i_ready,
    output logic [127:0]       i_icv
);
  // ------------------------------------------------------- what to do with it
  localparam int QW = 2 + 6 + 10 + 3 + 2 + 10 + 2 + 2 + SW + 64 + 1 + 1 + 32 + 64 + 14;

  logic       esp, pass, prep_ok, j_valid, j_in_ready, j_take;
  logic [5:0] number;  // of the frame, counts all of them
  logic [6:0] offset;  // of the ciphertext
  logic [9:0] ct_words;
  logic [1:0] cls;

  assign esp      = w.cls == esp_in_pkg::CLS_ESP;
  assign prep_ok  = w_valid && (!esp || r_valid) && j_in_ready && a_ready;
  assign w_ready  = prep_ok;
  assign r_ready  = prep_ok && esp;
  assign pass     = esp && r_ok;
  assign cls      = (esp && !r_ok) ? esp_in_pkg::CLS_DROP : w.cls;
  assign offset   = w.hdr_len + 7'd16;
  assign ct_words = w.ct_len[13:4] + {9'd0, w.ct_len[3:0] != 4'd0};

  assign a_valid = prep_ok;
  always_comb begin
    a.code      = !esp || r_ok ? w.code : r_bad ? espalier_pkg::RX_PARITY : espalier_pkg::RX_REPLAY;
    a.hit       = w.hit;
    a.table_bad = w.table_bad;
    a.cls       = cls;
    a.sa        = w.sa;
    a.seq       = r_seq;
    a.ct_len    = w.ct_len;
  end

  always_ff @(posedge clk) begin
    if (rst) number <= '0;
    else if (prep_ok) number <= number + 1'b1;
  end

  logic [1:0]    j_cls, j_rot, j_icv, j_tail;
  logic [5:0]    j_number;
  logic [9:0]    j_words, j_blocks;
  logic [2:0]    j_start;  // word in which the ciphertext starts
  logic [SW-1:0] j_slot;
  logic [63:0]   j_iv, j_seq;
  logic          j_tunnel, j_esn;
  logic [31:0]   j_spi;
  logic [13:0]   j_len;
  logic [2:0]    unused_jcount;

  fifo_sync #(
      .WIDTH(QW),
      .DEPTH(4)
  ) u_jobs (
      .clk(clk),
      .rst(rst),
      .s_valid(prep_ok && w.words != 10'd0),
      .s_ready(j_in_ready),
      .s_data({cls, number, w.words, offset[6:4], offset[3:2], ct_words, w.sa.icv, w.tail,
               w.sa.slot[SW-1:0], w.iv, w.sa.tunnel, w.sa.esn, w.spi, r_seq, w.ct_len}),
      .m_valid(j_valid),
      .m_ready(j_take),
      .m_data({j_cls, j_number, j_words, j_start, j_rot, j_blocks, j_icv, j_tail, j_slot, j_iv, j_tunnel,
               j_esn, j_spi, j_seq, j_len}),
      .count(unused_jcount)
  );
  logic unused;
  assign unused = &{1'b0, pass, offset[1:0], unused_jcount, unused_ccount, unused_ecount, unused_icount, e_in_ready,
                    i_in_ready, w.sa.slot};

  // ---------------------------------------------------------- word by word
  logic [9:0]   idx;
  logic [127:0] prev;
  logic         first, last, take, j_esp, can, start_ok;
  logic         flush;  // the last block stands in `prev` alone
  logic [1:0]   f_rot;
  logic [4:0]   blk_count;
  logic         blk_room;

  assign first   = idx == 10'd0;
  assign last    = idx == j_words - 10'd1;
  assign j_esp   = j_cls == esp_in_pkg::CLS_ESP;
  assign can     = j_esp ? blk_room && (!first || start_ok) : j_cls == esp_in_pkg::CLS_DROP || b_ready;
  assign d_ready = j_valid && can;
  assign take    = d_valid && d_ready;
  assign j_take  = take && last;

  assign v_words = j_blocks;
  assign v_take  = take && first && j_esp;

  assign h_we    = take && j_esp && idx[9:2] == 8'd0;
  assign h_addr  = {j_number, idx[1:0]};
  assign h_data  = d_data;

  assign b_valid  = j_valid && d_valid && (j_cls == esp_in_pkg::CLS_CLEAR || j_cls == esp_in_pkg::CLS_RAW);
  assign b_data   = d_data;
  assign b_commit = b_valid && last;

  always_ff @(posedge clk) begin
    if (take) begin
      prev <= d_data;
      idx  <= last ? 10'd0 : idx + 10'd1;
    end
    if (rst) idx <= 10'd0;
  end

  // ------------------------------------------------------------- the blocks
  logic [9:0]   k_idx;      // block completed by this word
  logic         k_in, blk_valid, blk_first, aad;
  logic [127:0] blk, rot_in_lo, aad_block;
  logic [95:0]  rot_in_hi;
  logic [1:0]   rot;
  logic         unused_blk_ready;

  // Block k needs word start + k, and the next one when rotated.
  assign k_idx = idx - {7'd0, j_start} - {9'd0, j_rot != 2'd0};
  assign k_in  = take && j_esp && k_idx < j_blocks && idx >= {7'd0, j_start} + {9'd0, j_rot != 2'd0};
  // start is 2 or more, so the AAD meets neither a block nor a flush.
  assign aad   = take && j_esp && idx == 10'd1;

  always_ff @(posedge clk) begin
    // With an ICV of 8 bytes the last ciphertext may end in the word where the
    // block before it was completed.
    if (take) begin
      flush <= j_esp && last && j_rot != 2'd0 && k_idx + 10'd2 == j_blocks;
      f_rot <= j_rot;
    end else flush <= 1'b0;
    if (rst) flush <= 1'b0;
  end

  assign rot       = flush ? f_rot : j_rot;
  assign rot_in_lo = (flush || j_rot != 2'd0) ? prev : d_data;
  assign rot_in_hi = d_data[95:0];
  always_comb begin
    case (rot)
      2'd0: blk = rot_in_lo;
      2'd1: blk = {rot_in_hi[31:0], rot_in_lo[127:32]};
      2'd2: blk = {rot_in_hi[63:0], rot_in_lo[127:64]};
      default: blk = {rot_in_hi, rot_in_lo[127:96]};
    endcase
    if (aad) blk = aad_block;
  end

  function logic [31:0] swap32(input logic [31:0] b);
    swap32 = {b[7:0], b[15:8], b[23:16], b[31:24]};
  endfunction
  assign aad_block = j_esn ? {32'd0, swap32(j_seq[31:0]), swap32(j_seq[63:32]), swap32(j_spi)}
                           : {64'd0, swap32(j_seq[31:0]), swap32(j_spi)};

  assign blk_valid = k_in || flush || aad;
  fifo_sync #(
      .WIDTH(128),
      .DEPTH(16)
  ) u_blocks (
      .clk(clk),
      .rst(rst),
      .s_valid(blk_valid),
      .s_ready(unused_blk_ready),
      .s_data(blk),
      .m_valid(g_tvalid),
      .m_ready(g_tready),
      .m_data(g_tdata),
      .count(blk_count)
  );
  // Registered, so two words of slack.
  always_ff @(posedge clk) blk_room <= blk_count < 5'd13 && unused_blk_ready;

  // The command goes with the first block. What it needs is kept, for a flush
  // comes when the job is gone.
  logic          cmd_in_ready, f_one, e_in_ready, i_in_ready;
  logic [2:0]    unused_ccount;
  logic [5:0]    unused_ecount, unused_icount;
  logic [SW-1:0] f_slot;
  logic [63:0]   f_iv;
  logic          f_esn;
  logic [13:0]   f_len;

  assign blk_first = (k_in && k_idx == 10'd0) || (flush && f_one);
  always_ff @(posedge clk) begin
    if (take) begin
      f_one  <= j_blocks == 10'd1;
      f_slot <= j_slot;
      f_iv   <= j_iv;
      f_esn  <= j_esn;
      f_len  <= j_len;
    end
  end

  fifo_sync #(
      .WIDTH(SW + 64 + 1 + 14),
      .DEPTH(4)
  ) u_cmds (
      .clk(clk),
      .rst(rst),
      .s_valid(blk_first),
      .s_ready(cmd_in_ready),
      .s_data(flush ? {f_slot, f_iv, f_esn, f_len} : {j_slot, j_iv, j_esn, j_len}),
      .m_valid(g_cmd_valid),
      .m_ready(g_cmd_ready),
      .m_data({g_cmd_key, g_cmd_iv, cmd_esn, g_cmd_len}),
      .count(unused_ccount)
  );
  logic cmd_esn;
  assign g_cmd_aad_len = cmd_esn ? 14'd12 : 14'd8;

  // Reserved for the whole frame when its first word moves. A command pushed by
  // a flush can come one cycle later, hence the margin.
  assign start_ok = v_free >= (BW+1)'(j_blocks) && unused_ccount < 3'd3 && cmd_in_ready;

  // -------------------------------------------------- what verification needs
  fifo_sync #(
      .WIDTH(17),
      .DEPTH(32)
  ) u_expect (
      .clk(clk),
      .rst(rst),
      .s_valid(v_take),
      .s_ready(e_in_ready),
      .s_data({j_len, j_icv, j_tunnel}),
      .m_valid(e_valid),
      .m_ready(e_ready),
      .m_data({e_ct_len, e_icv_kind, e_tunnel}),
      .count(unused_ecount)
  );

  // The ICV starts 4 * (5 + tail) - its length into the last two words.
  logic         cut_valid;
  logic [255:32] cut;
  logic [1:0]   cut_kind, cut_tail;
  logic [2:0]   cut_at;
  logic [127:0] icv;
  assign cut_at = 3'd1 + {1'b0, cut_tail} + {1'b0, cut_kind};
  always_ff @(posedge clk) begin
    cut_valid <= take && last && j_esp && !rst;
    if (take && last && j_esp) begin
      cut      <= {d_data, prev[127:32]};
      cut_kind <= j_icv;
      cut_tail <= j_tail;
    end
  end
  always_comb begin
    case (cut_at)
      3'd1: icv = cut[32+:128];
      3'd2: icv = cut[64+:128];
      3'd3: icv = cut[96+:128];
      3'd4: icv = cut[128+:128];
      3'd5: icv = {32'd0, cut[160+:96]};
      default: icv = {64'd0, cut[192+:64]};
    endcase
  end

  fifo_block #(
      .WIDTH(128),
      .DEPTH(32),
      .WORDS(2)
  ) u_icv (
      .clk(clk),
      .rst(rst),
      .s_valid(cut_valid),
      .s_ready(i_in_ready),
      .s_data(icv),
      .m_valid(i_valid),
      .m_ready(i_ready),
      .m_data(i_icv),
      .count(unused_icount)
  );
endmodule
