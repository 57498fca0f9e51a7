// SPDX-License-Identifier: Apache-2.0
//
// in_feed: where the words of a frame go: to the cipher, into the buffer for
// frames in clear, or nowhere.
//
// Takes admitted frames in order (w_*) and, for ESP, the answer of the replay
// pre-check (r_*); says the outcome (a_*) and moves the words of layer 3 (d_*)
// at one a cycle, without a gap between frames. A frame costs ceil(bytes/16).
//
// The next frame stands beside the one whose words move (n_* and j_*): it takes room
// in the verify buffer there, v_words of v_free, before its first word moves. Its
// place is free for another one in the cycle behind the one in which it moved up,
// so a frame takes two cycles at least. What a word brings about - block, command,
// header memory, ICV - follows a cycle later.
//
// For ESP the plaintext starts hdr_len + 16 bytes into layer 3, a multiple of
// 4: pairs of words go through a rotator with four positions and become the data
// blocks of the cipher, behind one block of AAD: SPI and the 32- or 64-bit
// sequence number (RFC 4106 section 5). The cipher command is given together
// with the first data block; from then on one block follows each cycle, since a
// frame's words come without a bubble. Words behind the last ciphertext byte
// are consumed and not fed. The received ICV, right before the end of layer 3,
// is cut out of the last two words and waits in u_icv for in_verify. The first 64
// bytes of layer 3 of an ESP frame go to the header memory (h_*) at the frame's
// number.
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
  logic       esp, prep_ok, n_free, n_go, j_take;
  logic [5:0] number;  // of the frame, counts all of them
  /* verilator lint_off UNUSEDSIGNAL */
  logic [6:0] offset;  // of the ciphertext, a multiple of 4
  /* verilator lint_on UNUSEDSIGNAL */
  logic [9:0] ct_words;
  logic [1:0] cls;

  assign esp      = w.cls == esp_in_pkg::CLS_ESP;
  assign prep_ok  = w_valid && (!esp || r_valid) && n_free && a_ready;
  assign w_ready  = prep_ok;
  assign r_ready  = prep_ok && esp;
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

  // The next frame.
  logic          n_valid, n_esp, n_drop, n_taken, n_ready, n_tunnel, n_esn;
  logic [1:0]    n_rot, n_icv, n_tail;
  logic [5:0]    n_number;
  logic [9:0]    n_words, n_blocks;
  logic [2:0]    n_lead;  // words before the one that completes a block
  logic [SW-1:0] n_slot;
  logic [63:0]   n_iv, n_seq;
  logic [31:0]   n_spi;
  logic [13:0]   n_len;
  logic          cmd_room;

  assign n_free  = !n_valid;
  assign n_ready = !n_esp || n_taken || v_take;
  assign v_take  = n_valid && n_esp && !n_taken && v_free >= (BW+1)'(n_blocks) && cmd_room;
  assign v_words = n_blocks;

  always_ff @(posedge clk) begin
    if (n_free) begin
      n_esp    <= cls == esp_in_pkg::CLS_ESP;
      n_drop   <= cls == esp_in_pkg::CLS_DROP;
      n_number <= number;
      n_words  <= w.words;
      n_lead   <= offset[6:4] + {2'd0, offset[3:2] != 2'd0};
      n_rot    <= offset[3:2];
      n_blocks <= ct_words;
      n_icv    <= w.sa.icv;
      n_tail   <= w.tail;
      n_slot   <= w.sa.slot[SW-1:0];
      n_iv     <= w.iv;
      n_tunnel <= w.sa.tunnel;
      n_esn    <= w.sa.esn;
      n_spi    <= w.spi;
      n_seq    <= r_seq;
      n_len    <= w.ct_len;
      n_valid  <= prep_ok && w.words != 10'd0;
      n_taken  <= 1'b0;
    end else begin
      if (v_take) n_taken <= 1'b1;
      if (n_go) n_valid <= 1'b0;
    end
    if (rst) n_valid <= 1'b0;
  end

  // The frame whose words move.
  logic          j_valid, j_esp, j_drop, j_clear, j_esn;  // esp, drop, clear: with j_valid
  logic [1:0]    j_rot, j_icv, j_tail;
  logic [5:0]    j_number;
  logic [9:0]    j_left;
  logic [SW-1:0] j_slot;
  logic [63:0]   j_iv, j_seq;
  logic [31:0]   j_spi;
  logic [13:0]   j_len;

  // ---------------------------------------------------------- word by word
  logic [9:0]   idx;
  logic [127:0] prev, prev2;  // the last word taken, and the one before
  logic         last, take, blk_room, shift;

  assign n_go    = n_valid && n_ready && (!j_valid || j_take);
  assign d_ready = (j_esp && blk_room) || (j_clear && b_ready) || j_drop;
  assign take    = d_valid && d_ready;
  assign j_take  = take && last;

  always_ff @(posedge clk) begin
    if (n_go) begin
      j_number <= n_number;
      j_rot    <= n_rot;
      j_icv    <= n_icv;
      j_tail   <= n_tail;
      j_slot   <= n_slot;
      j_iv     <= n_iv;
      j_esn    <= n_esn;
      j_spi    <= n_spi;
      j_seq    <= n_seq;
      j_len    <= n_len;
      j_left   <= n_words;
      last     <= n_words == 10'd1;
      idx      <= 10'd0;
    end else if (take) begin
      j_left <= j_left - 10'd1;
      last   <= j_left == 10'd2;
      idx    <= idx + 10'd1;
    end
    if (n_go || j_take) begin
      j_valid <= n_go;
      j_esp   <= n_go && n_esp;
      j_drop  <= n_go && n_drop;
      j_clear <= n_go && !n_esp && !n_drop;
    end
    if (rst) begin
      j_valid <= 1'b0;
      j_esp   <= 1'b0;
      j_drop  <= 1'b0;
      j_clear <= 1'b0;
    end
  end

  assign b_valid  = d_valid && j_clear;
  assign b_data   = d_data;
  assign b_commit = b_valid && last;

  // ------------------------------------------------------------- the blocks
  // From here on a cycle behind `take`; of the frame what is still wanted then.
  logic [2:0]    lead;       // words before the one that completes the first block
  logic [9:0]    blocks;     // that are still to come
  logic          lead_0, lead_1, blocks_0, blocks_2;  // values of these
  logic          one, fresh; // a frame of one block; none of its blocks yet
  logic          k_in, k_lone, k_next;
  logic          f_in, f_first, aad, flush, f_lone, f_next, blk_valid, blk_first;
  logic [1:0]    rot, rot_next;
  logic [2:0]    cut_at;     // where the ICV starts in the last two words
  logic          low;        // the lower part of the block stands in `prev`
  logic [SW-1:0] f_slot;
  logic [63:0]   f_iv;
  logic          f_esn;
  logic [13:0]   f_len;
  logic [127:0]  blk, lo, aad_block;
  logic [4:0]    blk_count;
  logic          unused_blk_ready, cut_valid;

  // A block needs the word in which it starts, and the next one when rotated.
  assign k_in = lead_0 && !blocks_0;
  // With an ICV of 8 bytes the last ciphertext may end in the word where the
  // block before it was completed: the last block stands in one word alone. A
  // flush follows the block before it; the only block of a frame has none.
  assign k_lone = last && j_rot != 2'd0 && lead_1 && one;
  assign k_next = last && j_rot != 2'd0 && lead_0 && blocks_2;

  always_ff @(posedge clk) begin
    if (n_go) begin
      lead     <= n_lead;  // 2 or more
      lead_0   <= 1'b0;
      lead_1   <= 1'b0;
      blocks   <= n_blocks;
      blocks_0 <= 1'b0;
      blocks_2 <= n_blocks == 10'd2;
      one      <= n_blocks == 10'd1;
      fresh    <= 1'b1;
    end else if (take && j_esp) begin
      if (!lead_0) begin
        lead   <= lead - 3'd1;
        lead_0 <= lead_1;
        lead_1 <= lead == 3'd2;
      end else if (!blocks_0) begin
        blocks   <= blocks - 10'd1;
        blocks_0 <= blocks == 10'd1;
        blocks_2 <= blocks == 10'd3;
        fresh    <= 1'b0;
      end
    end
  end

  // A flush keeps the rotation of its frame while the first word of another one
  // may be taken; that one has no block before its third word.
  assign rot_next = (take && !f_next) ? j_rot : rot;

  always_ff @(posedge clk) begin
    // The ciphertext starts in the third word or later, so the AAD meets neither a
    // block nor a flush.
    aad       <= take && j_esp && idx == 10'd1 && !rst;
    f_in      <= take && j_esp && k_in && !rst;
    f_first   <= fresh;
    cut_valid <= take && j_esp && last && !rst;
    f_lone    <= take && j_esp && k_lone && !rst;
    f_next    <= take && j_esp && k_next && !rst;
    flush     <= f_next && !rst;
    rot       <= rot_next;
    low       <= rot_next == 2'd0 || (take && j_esp && k_lone);
    if (take) begin
      cut_at <= 3'd1 + {1'b0, j_tail} + {1'b0, j_icv};
      f_slot <= j_slot;
      f_iv   <= j_iv;
      f_esn  <= j_esn;
      f_len  <= j_len;
    end
    if (take) prev <= d_data;
    if (shift) prev2 <= prev;
  end
  // A flush finds its word in prev2, whether another one is taken meanwhile or not.
  assign shift = take || f_next;

  assign h_data = prev;
  always_ff @(posedge clk) begin
    h_we   <= take && j_esp && idx[9:2] == 8'd0 && !rst;
    h_addr <= {j_number, idx[1:0]};
  end

  assign lo = low ? prev : prev2;
  always_comb begin
    case (rot)
      2'd0: blk = lo;
      2'd1: blk = {prev[31:0], lo[127:32]};
      2'd2: blk = {prev[63:0], lo[127:64]};
      default: blk = {prev[95:0], lo[127:96]};
    endcase
    if (aad) blk = aad_block;
  end

  function logic [31:0] swap32(input logic [31:0] b);
    swap32 = {b[7:0], b[15:8], b[23:16], b[31:24]};
  endfunction
  assign aad_block = j_esn ? {32'd0, swap32(j_seq[31:0]), swap32(j_seq[63:32]), swap32(j_spi)}
                           : {64'd0, swap32(j_seq[31:0]), swap32(j_spi)};

  assign blk_valid = f_in || f_lone || flush || aad;
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
  // Registered, and blocks come a cycle behind their words: three words of slack,
  // and one for a flush.
  always_ff @(posedge clk) blk_room <= blk_count < 5'd12 && unused_blk_ready;

  // The command goes with the first block.
  logic       unused_cmd_ready, cmd_esn;
  logic [4:0] cmd_count;
  logic [5:0] unused_ecount, unused_icount;
  logic       e_in_ready, i_in_ready;

  assign blk_first = (f_in && f_first) || f_lone;
  fifo_sync #(
      .WIDTH(SW + 64 + 1 + 14),
      .DEPTH(16)
  ) u_cmds (
      .clk(clk),
      .rst(rst),
      .s_valid(blk_first),
      .s_ready(unused_cmd_ready),
      .s_data({f_slot, f_iv, f_esn, f_len}),
      .m_valid(g_cmd_valid),
      .m_ready(g_cmd_ready),
      .m_data({g_cmd_key, g_cmd_iv, cmd_esn, g_cmd_len}),
      .count(cmd_count)
  );
  assign g_cmd_aad_len = cmd_esn ? 14'd12 : 14'd8;
  // At most three frames have room taken and no command yet.
  always_ff @(posedge clk) cmd_room <= cmd_count < 5'd12 && unused_cmd_ready;

  // -------------------------------------------------- what verification needs
  fifo_sync #(
      .WIDTH(17),
      .DEPTH(32)
  ) u_expect (
      .clk(clk),
      .rst(rst),
      .s_valid(v_take),
      .s_ready(e_in_ready),
      .s_data({n_len, n_icv, n_tunnel}),
      .m_valid(e_valid),
      .m_ready(e_ready),
      .m_data({e_ct_len, e_icv_kind, e_tunnel}),
      .count(unused_ecount)
  );

  // The ICV starts 4 * (5 + tail) - its length into the last two words.
  logic [255:32] cut;
  logic [127:0] icv;
  assign cut    = {prev, prev2[127:32]};
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

  logic unused;
  assign unused = &{1'b0, w.sa.slot, unused_ecount, unused_icount, e_in_ready, i_in_ready};
endmodule
