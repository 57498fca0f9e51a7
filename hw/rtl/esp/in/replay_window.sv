// SPDX-License-Identifier: Apache-2.0
//
// replay_window: exact anti-replay window of every inbound SA over 64-bit
// numbers (RFC 4303 section 3.4.3 and appendix A).
//
// For each SA: T, the highest number verified, and WINDOW_MAX bits in words of
// 64, bit (n mod WINDOW_MAX) for number n. A window of W <= WINDOW_MAX packets
// is the range T-W+1 .. T. Bits that the window advances over are cleared, so
// a bit means "seen" wherever it lies in the range.
//
// Pre-check (q_* -> r_*, in order, before the cipher): infers the upper 32
// bits and says whether the number could pass. With base = T-W+1 the one
// number in base .. base+2^32-1 that ends on the 32 bits received is meant,
// which is both cases of appendix A2.2. Numbers below zero, beyond 2^64 and
// zero itself do not exist and are refused. Advisory: only commit changes state.
// Latency 7 cycles, throughput 1 per cycle when the bitmap port is free.
//
// Commit (c_* -> d_*, after the ICV has passed): decides again and updates. One
// at a time: 5 cycles when the numbers advance within one word or fall into the
// window, up to WINDOW_MAX/64 + 12 when they jump. T moves last, so a pre-check
// during an advance never sees stale bits as part of the window.
//
// T and every word carry parity. Where it is wrong the answer is r_bad or d_bad
// instead of ok, and nothing changes: what the window said cannot be known. A
// corrupted word at the lower end of an advance keeps wrong parity with what is
// left of it.
//
// Anti-replay off (replay = 0): everything passes, T still follows the highest
// number because ESN inference needs it.
//
// set_*: a new SA with T = set_seq; T = 0: nothing seen, else all up to T seen.
// get_*: reads T. Both are answered with *_done; held until then. set_flip writes
// wrong parity, for tests: bit 0 of the lowest word, bit 1 of T.
module replay_window #(
    parameter int SA_ENTRIES = 1024,
    parameter int WINDOW_MAX = 1024,
    parameter int SW = $clog2(SA_ENTRIES)
) (
    input  logic          clk,
    input  logic          rst,
    input  logic          q_valid,
    output logic          q_ready,
    input  logic [SW-1:0] q_slot,
    input  logic [  31:0] q_seq,
    input  logic          q_esn,
    input  logic          q_replay,
    input  logic [  12:0] q_window,
    output logic          r_valid,
    input  logic          r_ready,
    output logic          r_ok,
    output logic          r_bad,
    output logic [  63:0] r_seq,
    input  logic          c_valid,
    output logic          c_ready,
    input  logic [SW-1:0] c_slot,
    input  logic [  63:0] c_seq,
    input  logic          c_replay,
    input  logic [  12:0] c_window,
    output logic          d_valid,
    output logic          d_ok,
    output logic          d_bad,
    output logic          busy,     // an update is under way
    input  logic          set_valid,
    input  logic [SW-1:0] set_slot,
    input  logic [  63:0] set_seq,
    input  logic [   1:0] set_flip,
    output logic          set_done,
    input  logic          get_valid,
    input  logic [SW-1:0] get_slot,
    output logic          get_done,
    output logic [  63:0] get_seq,
    output logic          get_bad
);
  localparam int WORDS = WINDOW_MAX / 64;
  localparam int WB = (WORDS > 1) ? $clog2(WORDS) : 1;
  localparam int BW = (WORDS > 1) ? SW + WB : SW;  // bitmap address
  localparam int NB = $clog2(WINDOW_MAX);

  // -------------------------------------------------------------- memories
  // Both memories have one reader at a time; parity stands above each word.
  logic t_we, b_we, re;
  logic [SW-1:0] t_waddr, t_raddr;
  logic [64:0] t_wdata, t_all, b_wdata, b_all;
  logic [63:0] t_q, b_q;
  logic t_odd, b_odd;
  logic [BW-1:0] b_waddr, b_raddr;

  ram_1r1w #(.WIDTH(65), .DEPTH(SA_ENTRIES)) u_top (
      .clk(clk), .we(t_we), .waddr(t_waddr), .wdata(t_wdata), .re(re), .raddr(t_raddr), .rdata(t_all)
  );
  ram_1r1w #(.WIDTH(65), .DEPTH(SA_ENTRIES * WORDS)) u_bits (
      .clk(clk), .we(b_we), .waddr(b_waddr), .wdata(b_wdata), .re(re), .raddr(b_raddr), .rdata(b_all)
  );
  assign t_q   = t_all[63:0];
  assign b_q   = b_all[63:0];
  assign t_odd = ^t_all;
  assign b_odd = ^b_all;

  logic [WB-1:0] q_word, c_word;
  generate
    if (WORDS > 1) begin : g_word
      assign q_word = q_seq[6+:WB];
      assign c_word = c_seq[6+:WB];
    end else begin : g_one_word
      assign q_word = '0;
      assign c_word = '0;
    end
  endgenerate

  // ------------------------------------------------------------ what goes on
  localparam logic [3:0] C_IDLE = 4'd0;
  localparam logic [3:0] C_READ = 4'd1;    // waiting for the memories
  localparam logic [3:0] C_DIFF = 4'd2;    // T is there: differences
  localparam logic [3:0] C_CLASS = 4'd3;   // where the number lies
  localparam logic [3:0] C_ACT = 4'd4;     // verdict, one-word update
  localparam logic [3:0] C_FIRST = 4'd5;   // advance: first word is being read
  localparam logic [3:0] C_FIRST2 = 4'd6;
  localparam logic [3:0] C_FIRST3 = 4'd7;
  localparam logic [3:0] C_MIDDLE = 4'd8;  // first and middle words are written
  localparam logic [3:0] C_LAST = 4'd9;    // last word is being read
  localparam logic [3:0] C_LAST2 = 4'd10;
  localparam logic [3:0] C_LAST3 = 4'd11;
  localparam logic [3:0] C_LAST4 = 4'd12;  // last word is written
  localparam logic [3:0] C_WIPE = 4'd13;   // jump over the whole window
  localparam logic [3:0] C_GET = 4'd14;
  localparam logic [3:0] C_GET2 = 4'd15;

  logic [3:0] state;
  logic set_busy;

  // ------------------------------------------------------------- pre-check
  logic com_reads;  // commit or get uses the read ports
  logic [3:0] room;  // results promised: in the pipeline or in the store
  logic q_take;
  // Nothing is read for use beside a write: the memories do not define that case.
  // Told by the state alone, which is early in the cycle; some of its writes do not
  // come.
  logic com_writes;
  assign com_writes = state == C_ACT || state == C_MIDDLE || state == C_LAST4 || state == C_WIPE;
  assign q_ready = !com_reads && !com_writes && !set_busy && !room[3];
  assign q_take = q_valid && q_ready;

  logic [5:1] v;
  logic [31:0] s1_seq, s2_seq, s3_seq, s4_seq, s5_seq;
  logic s1_esn, s2_esn, s3_esn, s4_esn;
  logic s1_rep, s2_rep, s3_rep, s4_rep, s5_rep;
  logic [12:0] s1_win, s2_win, s3_win, s4_win;
  logic [64:0] s3_base;
  logic [3:0] s3_bits;  // with the number's bit, which is chosen in two steps
  logic s4_bit, s5_bit;
  logic s3_odd, s4_odd, s5_odd;
  logic s4_lt, s4_neg;
  logic [31:0] s4_dist, s4_hi;
  logic s5_in, s5_bad, s5_left;
  logic [31:0] s5_hi;

  always_ff @(posedge clk) begin
    if (q_valid) begin  // v[1] says whether it was taken
      s1_seq <= q_seq;
      s1_esn <= q_esn;
      s1_rep <= q_replay;
      s1_win <= q_window;
    end
    if (v[1]) begin
      s2_seq <= s1_seq;
      s2_esn <= s1_esn;
      s2_rep <= s1_rep;
      s2_win <= s1_win;
    end
    if (v[2]) begin
      s3_seq  <= s2_seq;
      s3_esn  <= s2_esn;
      s3_rep  <= s2_rep;
      s3_win  <= s2_win;
      s3_base <= {1'b0, t_q} - {52'd0, s2_win} + 65'd1;
      s3_bits <= b_q[{s2_seq[5:2], 2'd0}+:4];
      s3_odd  <= t_odd || (s2_rep && b_odd);
    end
    if (v[3]) begin
      s4_seq  <= s3_seq;
      s4_esn  <= s3_esn;
      s4_rep  <= s3_rep;
      s4_win  <= s3_win;
      s4_bit  <= s3_bits[s3_seq[1:0]];
      s4_odd  <= s3_odd;
      s4_lt   <= s3_seq < s3_base[31:0];
      s4_dist <= s3_seq - s3_base[31:0];
      s4_hi   <= s3_base[63:32];
      s4_neg  <= s3_base[64];
    end
    if (v[4]) begin
      s5_seq <= s4_seq;
      s5_rep <= s4_rep;
      s5_bit <= s4_bit;
      s5_odd <= s4_odd;
      s5_hi  <= s4_esn ? s4_hi + {31'd0, s4_lt} : 32'd0;
      // Without ESN a window that starts below zero is left again by a number
      // so large that the distance wraps: that number is new.
      s5_in <= (s4_dist < {19'd0, s4_win}) && !(!s4_esn && s4_neg && !s4_lt);
      s5_left <= !s4_esn && !s4_neg && s4_lt;
      s5_bad <= s4_esn && (s4_neg ? !s4_lt : (s4_lt && s4_hi == 32'hffff_ffff));
    end
    if (rst) v <= '0;
    else v <= {v[4:1], q_take};
  end

  logic p_ok;
  logic unused_ready;
  logic [3:0] unused_count;
  assign p_ok = !s5_odd && (!s5_rep ||
      (!s5_left && !s5_bad && !(s5_in && s5_bit) && !(s5_seq == 32'd0 && s5_hi == 32'd0)));

  fifo_sync #(
      .WIDTH(66),
      .DEPTH(8)
  ) u_out (
      .clk(clk),
      .rst(rst),
      .s_valid(v[5]),
      .s_ready(unused_ready),
      .s_data({s5_odd, p_ok, s5_hi, s5_seq}),
      .m_valid(r_valid),
      .m_ready(r_ready),
      .m_data({r_bad, r_ok, r_seq}),
      .count(unused_count)
  );

  // What leaves is counted a cycle later, which shortens a long path.
  logic left;
  always_ff @(posedge clk) begin
    left <= r_valid && r_ready && !rst;
    if (rst) room <= '0;
    else room <= room + {3'd0, q_take} - {3'd0, left};
  end

  // ---------------------------------------------------------------- commit
  logic [SW-1:0] k_slot;
  logic [63:0] k_seq, k_bits, k_next, k_diff;
  logic k_replay, k_gt, k_same, k_far, k_in, k_seen, k_bad;
  logic k_odd;  // k_bits is what is left of a corrupted word
  logic [12:0] k_window;
  logic [WB:0] walk;  // words still to be done
  logic [WB-1:0] word;  // word being done
  logic c_take, get_go;

  assign c_ready = (state == C_IDLE);
  assign busy    = (state != C_IDLE);
  assign c_take = c_valid && c_ready;
  assign get_go = state == C_IDLE && !c_valid && get_valid;

  // below: the bits of a word lower than the number; above: the bits higher.
  logic [63:0] below_next, above_seq, bit_seq;
  assign bit_seq = 64'd1 << k_seq[5:0];
  assign above_seq = 64'hffff_ffff_ffff_fffe << k_seq[5:0];
  assign below_next = ~({64{1'b1}} << k_next[5:0]);

  logic [WB-1:0] k_word, n_word;
  logic [WB:0] n_span;  // words touched by an advance, less one
  generate
    if (WORDS > 1) begin : g_k
      assign k_word = k_seq[6+:WB];
      assign n_word = k_next[6+:WB];
      assign n_span = k_seq[6+:WB+1] - k_next[6+:WB+1];
      assign b_raddr = com_reads ? (state == C_IDLE ? {c_slot, c_word} : {k_slot, word})
                                 : {q_slot, q_word};
    end else begin : g_k1
      assign k_word = '0;
      assign n_word = '0;
      assign n_span = 2'd1;  // used only when the words differ
      assign b_raddr = com_reads ? (state == C_IDLE ? c_slot : k_slot) : q_slot;
    end
  endgenerate

  assign com_reads = c_take || get_go || (state == C_FIRST) || (state == C_LAST);
  // What is read counts two cycles later or not at all. So the memories' enable need
  // not wait for the decision who reads, or whether anybody may.
  assign re = q_valid || c_valid || get_valid || (state == C_FIRST) || (state == C_LAST);
  assign t_raddr = !com_reads ? q_slot : c_valid ? c_slot : get_slot;
  assign get_done = state == C_GET2;
  assign get_seq = t_q;
  assign get_bad = t_odd;

  // -------------------------------------------------- writes of the memories
  logic [WB:0] set_left;
  logic set_seen;  // set_seq is not 0; it stands before set_valid
  logic com_b_we, com_t_we, set_b_we;
  logic [WB-1:0] com_b_word;

  logic act_in;  // number within the window and not seen
  assign act_in = k_in && !k_seen;

  // What is written stands in k_bits.
  always_comb begin
    com_b_we = 1'b0;
    com_t_we = 1'b0;
    com_b_word = k_word;
    case (state)
      C_ACT: begin
        com_t_we = !k_bad && k_gt && (!k_replay || (k_same && !k_far));
        com_b_we = !k_bad && k_replay && ((k_gt && k_same && !k_far) || (!k_gt && act_in));
      end
      C_MIDDLE: begin
        com_b_we = 1'b1;
        com_b_word = word;
      end
      C_LAST4: begin
        com_b_we = 1'b1;
        com_t_we = 1'b1;
      end
      C_WIPE: begin
        com_b_we = 1'b1;
        com_t_we = (walk == 1);
        com_b_word = word;
      end
      default: ;
    endcase
  end

  // Filling a new SA's words steps aside for commit, and never meets a reader:
  // the SA is not live yet.
  assign set_b_we = set_busy && set_left != 0 && !com_writes;
  assign b_we = com_b_we || set_b_we;
  assign b_wdata = com_writes ? {(^k_bits) ^ k_odd, k_bits} : {set_flip[0] && set_left == 1, {64{set_seen}}};
  generate
    if (WORDS > 1) begin : g_bw
      logic [WB-1:0] set_word;
      assign set_word = set_left[WB-1:0] - 1'b1;
      assign b_waddr = com_writes ? {k_slot, com_b_word} : {set_slot, set_word};
    end else begin : g_bw1
      assign b_waddr = com_writes ? k_slot : set_slot;
      logic unused;  // one word: nothing to choose from
      assign unused = &{1'b0, q_word, c_word, com_b_word};
    end
  endgenerate

  logic set_t_we;
  assign set_t_we = set_busy && set_left == 0 && !com_writes;
  assign t_we = com_t_we || set_t_we;
  assign t_waddr = com_writes ? k_slot : set_slot;
  assign t_wdata = com_writes ? {^k_seq, k_seq} : {(^set_seq) ^ set_flip[1], set_seq};

  always_ff @(posedge clk) begin
    set_done <= 1'b0;
    set_seen <= (set_seq != 64'd0);
    if (rst) begin
      set_busy <= 1'b0;
    end else if (!set_busy) begin
      if (set_valid && !set_done) begin
        set_busy <= 1'b1;
        set_left <= (WB+1)'(WORDS);
      end
    end else begin
      if (set_b_we) set_left <= set_left - 1'b1;
      if (set_t_we) begin
        set_busy <= 1'b0;
        set_done <= 1'b1;
      end
    end
  end

  // ----------------------------------------------------------- commit states
  always_ff @(posedge clk) begin
    d_valid <= 1'b0;
    case (state)
      C_IDLE: begin
        if (c_valid) begin
          k_slot   <= c_slot;
          k_seq    <= c_seq;
          k_replay <= c_replay;
          k_window <= c_window;
          k_odd    <= 1'b0;
          state    <= C_READ;
        end else if (get_valid) state <= C_GET;
      end
      C_READ: state <= C_DIFF;
      C_DIFF: begin
        k_bits <= b_q;
        k_bad  <= t_odd || (k_replay && b_odd);
        k_next <= t_q + 64'd1;
        k_diff <= k_seq - t_q;
        k_gt   <= k_seq > t_q;
        state  <= C_CLASS;
      end
      C_CLASS: begin
        k_same <= (k_next[63:6] == k_seq[63:6]);
        k_far  <= (k_diff[63:NB] != 0);
        // T - S < W, for S <= T: the difference is 0 or at most 2^13 below
        k_in   <= (k_diff == 64'd0 || (&k_diff[63:13])) && (14'd0 - k_diff[13:0]) < {1'b0, k_window} &&
            k_seq != 64'd0;
        k_seen <= k_bits[k_seq[5:0]];
        // the word of the number, when that is all to be written
        k_bits <= (k_gt ? k_bits & (below_next | above_seq) : k_bits) | bit_seq;
        state  <= C_ACT;
      end
      C_ACT: begin
        d_valid <= 1'b1;
        d_ok    <= !k_bad && (!k_replay || k_gt || act_in);
        d_bad   <= k_bad;
        word    <= n_word;
        walk    <= n_span;
        state   <= C_IDLE;
        if (!k_bad && k_replay && k_gt) begin
          if (k_far) begin
            // the word of the number is the last one
            word   <= k_word + 1'b1;
            walk   <= (WB+1)'(WORDS);
            k_bits <= (WORDS == 1) ? bit_seq : 64'd0;
            state  <= C_WIPE;
          end else if (!k_same) state <= C_FIRST;
        end
      end
      C_FIRST: state <= C_FIRST2;
      C_FIRST2: state <= C_FIRST3;
      C_FIRST3: begin
        k_bits <= b_q & below_next;
        k_odd  <= b_odd;
        state  <= C_MIDDLE;
      end
      C_MIDDLE: begin
        k_bits <= 64'd0;
        k_odd  <= 1'b0;
        word   <= word + 1'b1;
        walk   <= walk - 1'b1;
        if (walk == 1) state <= C_LAST;
      end
      C_LAST: state <= C_LAST2;
      C_LAST2: state <= C_LAST3;
      C_LAST3: begin
        k_bits <= (b_q & above_seq) | bit_seq;
        k_odd  <= b_odd;
        state  <= C_LAST4;
      end
      C_LAST4: state <= C_IDLE;
      C_WIPE: begin
        k_bits <= (walk == 2) ? bit_seq : 64'd0;
        word   <= word + 1'b1;
        walk   <= walk - 1'b1;
        if (walk == 1) state <= C_IDLE;
      end
      C_GET: state <= C_GET2;
      default: state <= C_IDLE;  // C_GET2
    endcase
    if (rst) begin
      state   <= C_IDLE;
      d_valid <= 1'b0;
    end
  end
endmodule
