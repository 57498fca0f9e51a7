// SPDX-License-Identifier: Apache-2.0
//
// in_deliver: the end of a frame: to host memory through frame_merge, or
// dropped under its code.
//
// Takes the frames in order: what decapsulation says (q), the verdict (j), and the
// last word of the counters (r_*) where the verdict says so. q is there a cycle
// before q_valid at the latest: q.need_b is looked at then. A delivered frame gives
// an order for its prefix, one for its payload and one for frame_merge; of a dropped
// one the words in the buffer are thrown away. 2 cycles a frame, payload 1 word a
// cycle.
//
// frame_merge must not begin a frame whose payload stands behind words still
// to be thrown away, or it would pause inside the frame. A single such word
// (padding and trailer) falls into the time of the prefix; for more (dropped
// packets, traffic flow padding) the next order waits: `waste` counts such
// moves ordered, `wasted` those done.
module in_deliver (
    input  logic                   clk,
    input  logic                   rst,
    input  logic [7:0]             queue_mask,
    input  logic                   q_valid,
    output logic                   q_ready,
    input  esp_in_pkg::pass_t      q,
    input  esp_in_pkg::verdict_t   j,
    input  logic                   r_valid,
    output logic                   r_ready,
    input  logic [5:0]             r_code,
    output logic                   x_valid,     // order for in_prefix
    input  logic                   x_ready,
    output logic [5:0]             x_number,
    output esp_in_pkg::prefix_t    x,
    input  logic                   p_valid,
    output logic                   p_ready,
    input  logic [127:0]           p_data,
    input  logic                   v_valid,     // verified packets
    output logic                   v_ready,
    input  logic [127:0]           v_data,
    input  logic                   b_valid,     // frames in clear
    output logic                   b_ready,
    input  logic [127:0]           b_data,
    input  logic                   b_commit,    // a frame in clear is complete
    output logic                   m_tvalid,
    input  logic                   m_tready,
    output logic [127:0]           m_tdata,
    output logic [15:0]            m_tkeep,
    output logic                   m_tlast,
    output espalier_pkg::rx_meta_t m_meta,
    output logic                   stat_valid,
    output espalier_pkg::stat_t    stat,
    output logic                   done         // a frame has its verdict
);
  localparam logic [5:0] NONE = espalier_pkg::CODE_NONE;

  // ------------------------------------------------------------ last decision
  logic k_valid, take, sent;
  logic give, none;  // of the frame in k: it is delivered; it holds no word
  logic [5:0] code, k_code, number;
  // Some of its fields were for earlier stages.
  /* verilator lint_off UNUSEDSIGNAL */
  esp_in_pkg::pass_t k;
  /* verilator lint_on UNUSEDSIGNAL */
  logic [31:0] hash;

  // The verdict on a frame in clear can be there before its last word.
  // What is taken is counted a cycle later, before the next one can be.
  logic [5:0] complete, complete_next;
  logic       some, taken_b;
  // The head of the queue behind q, out of its memory. It is that of the frame that can
  // be taken: behind `take` there is a cycle in which nothing is.
  logic       need_b;
  assign complete_next = complete + {5'd0, b_commit} - {5'd0, taken_b};
  always_ff @(posedge clk) begin
    need_b   <= q.need_b;
    taken_b  <= take && need_b && !rst;
    complete <= complete_next;
    some     <= complete_next != 6'd0 && !rst;
    if (rst) complete <= 6'd0;
  end

  assign q_ready = !k_valid && (!j.counted || r_valid) && (!need_b || some);
  assign take    = q_valid && q_ready;
  assign r_ready = take && j.counted;
  assign code    = (j.counted && r_code != NONE) ? r_code : j.code;

  // While nothing is held, what is there is kept whether it can be taken or not: `take`
  // comes late, and these are many.
  always_ff @(posedge clk) begin
    if (q_valid && !k_valid) begin
      k      <= q;
      k_code <= code;
      give   <= code == NONE;
      none   <= q.held == 10'd0;
      hash   <= q.hashed ? esp_in_pkg::hash_of(q.fold) : 32'd0;
    end
    if (take) number <= number + 6'd1;
    if (rst) begin
      number  <= 6'd63;
      k_valid <= 1'b0;
    end else if (take) k_valid <= 1'b1;
    else if (sent) k_valid <= 1'b0;
  end

  // ------------------------------------------------------------------- orders
  logic mv_in_valid, mv_in_ready;
  esp_in_pkg::move_t nx, mv_in;
  logic nx_valid, nx_take, nx_long;
  logic cm_in_valid, cm_in_ready, cm_valid, cm_ready;
  espalier_pkg::rx_meta_t meta, cm_meta;
  logic [4:0] prefix_words, cm_words;
  logic [13:0] cm_len;
  logic [5:0] waste, wasted, cm_waste, behind;
  logic [4:0] unused_mcount, unused_ccount;
  logic       mv_in_long;

  assign prefix_words = {2'd0, k.prefix.l2_words} + k.prefix.hdr_words;

  always_comb begin
    meta.qid    = k.qsel[8] ? k.qsel[7:0] : hash[7:0] & queue_mask;
    meta.code   = k.clear ? espalier_pkg::RX_BYPASSED : espalier_pkg::RX_PROTECTED;
    meta.handle = k.clear ? 32'd0 : k.handle;
    meta.len    = {7'd0, prefix_words, 2'd0} - 14'd2 + k.pay_len;
    meta.hash   = hash;
    mv_in = k.move;
    if (!give) begin
      mv_in.give = 10'd0;
      mv_in.drop = k.held;
    end
  end

  assign mv_in_long  = mv_in.drop > 10'd1;
  assign mv_in_valid = k_valid && !none && (!give || (x_ready && cm_in_ready));
  assign x_valid     = k_valid && give && cm_in_ready && (mv_in_ready || none);
  assign cm_in_valid = k_valid && give && x_ready && (mv_in_ready || none);
  assign sent        = k_valid && (mv_in_ready || none) && (!give || (x_ready && cm_in_ready));
  assign x           = k.prefix;
  assign x_number    = number;
  assign done        = sent;

  always_ff @(posedge clk) begin
    stat_valid <= sent && !give && !rst;
    stat.code  <= k_code;
    stat.bytes <= k.frame_len;
    if (rst) waste <= 6'd0;
    else if (sent && !none && mv_in_long) waste <= waste + 6'd1;
  end

  fifo_sync #(
      .WIDTH($bits(mv) + 1),
      .DEPTH(16)
  ) u_moves (
      .clk(clk),
      .rst(rst),
      .s_valid(mv_in_valid),
      .s_ready(mv_in_ready),
      .s_data({mv_in, mv_in_long}),
      .m_valid(nx_valid),
      .m_ready(nx_take),
      .m_data({nx, nx_long}),
      .count(unused_mcount)
  );

  fifo_sync #(
      .WIDTH($bits(meta) + 5 + 14 + 6),
      .DEPTH(16),
      .EARLY(6)
  ) u_frames (
      .clk(clk),
      .rst(rst),
      .s_valid(cm_in_valid),
      .s_ready(cm_in_ready),
      .s_data({meta, prefix_words, k.pay_len, waste}),
      .m_valid(cm_valid),
      .m_ready(cm_ready),
      .m_data({cm_meta, cm_words, cm_len, cm_waste}),
      .count(unused_ccount)
  );

  // ------------------------------------------------------------------ payload
  // The move under way: words to give, words at all; what is asked of them in every
  // cycle is kept beside the counts.
  /* verilator lint_off UNUSEDSIGNAL */
  esp_in_pkg::move_t mv;  // counted in left and give_left
  /* verilator lint_on UNUSEDSIGNAL */
  logic         mv_valid, mv_long, mv_next;
  logic [9:0]   left, give_left, nx_words;
  logic         giving, ending, first, src_valid, d_valid, d_ready, step;
  logic [127:0] src_data, d_data;

  assign nx_words  = nx.give + nx.drop;
  assign nx_take   = !mv_valid || mv_next;
  assign src_valid = mv.verified ? v_valid : b_valid;
  assign src_data  = mv.verified ? v_data : b_data;
  assign d_valid   = mv_valid && giving && src_valid;
  assign step      = mv_valid && src_valid && (!giving || d_ready);
  assign mv_next   = step && ending;
  assign v_ready   = mv_valid && mv.verified && (!giving || d_ready);
  assign b_ready   = mv_valid && !mv.verified && (!giving || d_ready);

  always_comb begin
    d_data = src_data;
    if (mv.mark && first) begin
      if (mv.v6) d_data[13:12] = mv.ecn;
      else begin
        d_data[9:8]   = mv.ecn;
        d_data[95:80] = mv.csum;
      end
    end
  end

  always_ff @(posedge clk) begin
    if (nx_take) begin
      mv_valid <= nx_valid;
      if (nx_valid) begin
        mv        <= nx;
        mv_long   <= nx_long;
        left      <= nx_words;
        give_left <= nx.give;
        giving    <= nx.give != 10'd0;
        ending    <= nx_words == 10'd1;
        first     <= 1'b1;
      end
    end else if (step) begin
      left      <= left - 10'd1;
      give_left <= give_left - 10'd1;
      giving    <= giving && give_left != 10'd1;
      ending    <= left == 10'd2;
      first     <= 1'b0;
    end
    if (mv_next && mv_long) wasted <= wasted + 6'd1;
    if (rst) begin
      mv_valid <= 1'b0;
      wasted   <= 6'd0;
    end
  end

  // -------------------------------------------------------------------- frame
  logic c_ready, c_go, w_valid, w_ready, w_last;
  logic [127:0] w_data;
  logic [15:0] w_keep;
  espalier_pkg::rx_meta_t w_meta;
  assign behind = wasted - cm_waste;
  assign c_go   = cm_valid && !behind[5];
  assign cm_ready = c_ready && !behind[5];

  frame_merge #(
      .USER_W($bits(meta))
  ) u_merge (
      .clk           (clk),
      .rst           (rst),
      .c_valid       (c_go),
      .c_ready       (c_ready),
      .c_prefix_words(cm_words),
      .c_payload_len (cm_len),
      .c_user        (cm_meta),
      .p_valid       (p_valid),
      .p_ready       (p_ready),
      .p_data        (p_data),
      .d_valid       (d_valid),
      .d_ready       (d_ready),
      .d_data        (d_data),
      .m_tvalid      (w_valid),
      .m_tready      (w_ready),
      .m_tdata       (w_data),
      .m_tkeep       (w_keep),
      .m_tlast       (w_last),
      .m_tuser       (w_meta)
  );

  // Whether dma takes a word is known late in the cycle.
  skid_buffer #(
      .WIDTH(128 + 16 + 1 + $bits(meta))
  ) u_skid (
      .clk(clk), .rst(rst),
      .s_valid(w_valid), .s_ready(w_ready), .s_data({w_data, w_keep, w_last, w_meta}),
      .m_valid(m_tvalid), .m_ready(m_tready), .m_data({m_tdata, m_tkeep, m_tlast, m_meta})
  );
  logic unused;
  assign unused = &{1'b0, unused_mcount, unused_ccount, behind[4:0]};
endmodule
