// SPDX-License-Identifier: Apache-2.0
//
// tx_sched: chooses the next packet, round-robin between the queues, walks its
// descriptors and checks them. What comes out is a list of segments, complete
// packets only: nothing of a packet is read before all of it was checked.
//
// A malformed packet, and one flushed by a queue reset, becomes a single
// empty segment that carries the code; it takes its way through the outbound
// pipeline like any other, so that it is counted and completed there.
// A packet whose chain is longer than the 32 places of desc_fetch is refused
// as TX_DESC_INVALID; its descriptors are used up as they come, without
// holding up other queues.
//
// Throughput: a descriptor per cycle within a packet, a packet every 4
// cycles; a chain waits for packets ahead of it when it would not fit beside
// them. Latency: 7 cycles from choice to the last segment's commit.
module tx_sched #(
    parameter int NUM_QUEUES = 4,
    parameter int FRAME_MAX = 9216,
    parameter int QW = (NUM_QUEUES > 1) ? $clog2(NUM_QUEUES) : 1
) (
    input logic clk,
    input logic rst,

    input  logic [NUM_QUEUES-1:0] run,
    input  logic [NUM_QUEUES-1:0] halt,    // reset under way: flush
    input  logic [NUM_QUEUES-1:0] clear,
    input  logic [NUM_QUEUES-1:0] packet,  // from desc_fetch
    input  logic [NUM_QUEUES-1:0] full,
    output logic [        QW-1:0] look_q,
    input  logic [          15:0] look_taken,
    output logic                  rd_en,
    output logic [        QW-1:0] rd_q,
    output logic [           4:0] rd_place,
    input  logic [         127:0] rd_data,
    output logic                  take,
    output logic [        QW-1:0] take_q,
    output logic                  admit,   // a packet entered; counted until its completion is written
    output logic [        QW-1:0] admit_q,
    output logic [NUM_QUEUES-1:0] busy,    // queue whose packet is being walked

    // segments to be read from memory
    output logic        seg_valid,
    input  logic        seg_ready,
    output logic [59:0] seg_word,   // address / 16
    output logic [ 9:0] seg_beats,  // 0: nothing to read

    // the same segments for tx_pack, visible once seg_* took them
    output logic                      pk_valid,
    input  logic                      pk_ready,
    output logic [               3:0] pk_off,
    output logic [               9:0] pk_beats,
    output logic                      pk_none,   // no beats
    output logic                      pk_one,    // one beat or none
    output logic [               4:0] pk_first,  // bytes in the first beat
    output logic [               4:0] pk_last,   // in the last one of several
    output logic                      pk_eop,
    output logic [               5:0] pk_code,
    output logic                      user_valid,
    input  logic                      user_ready,
    output espalier_pkg::tx_user_t    user,
    output logic                      moves  // something happens in this cycle
);
  localparam logic [13:0] LONGEST = 14'(FRAME_MAX);

  // ------------------------------------------------------------------ choice
  logic walk;
  logic [QW-1:0] q, pick;
  logic any, flush, room, flow, started;
  logic [15:0] ptr, index;
  logic [5:0] left;   // places that may still be walked
  logic [1:0] rd_sr;  // reads under way
  logic d_valid, d_eop, d_end;

  // What is to be flushed costs a word each and goes first, so that a reset
  // does not wait for the frames of other queues.
  logic [NUM_QUEUES-1:0] flushable;
  assign flushable = halt & packet;
  rr_pick #(.N(NUM_QUEUES)) u_rr (
      .req((flushable != '0) ? flushable : run & (packet | full)), .last(q), .any(any),
      .pick(pick));

  assign look_q   = pick;
  assign rd_q     = q;
  assign rd_place = ptr[4:0];
  assign rd_en    = walk && !d_end && (flow || !started);
  assign d_valid  = walk && rd_sr[1];
  assign d_eop    = rd_data[80];
  assign d_end    = d_valid && (d_eop || left == 6'd1);
  assign take     = d_valid;
  assign take_q   = q;

  logic [NUM_QUEUES-1:0] long_chain;  // queue is inside a chain that is too long
  assign admit   = d_valid && d_eop;
  assign admit_q = q;

  always_comb for (int i = 0; i < NUM_QUEUES; i++) busy[i] = walk && q == QW'(i);

  always_ff @(posedge clk) begin
    rd_sr <= {rd_sr[0], rd_en};
    if (walk) begin
      if (rd_en) ptr <= ptr + 16'd1;
      started <= 1'b1;
      if (d_valid) begin
        index <= index + 16'd1;
        left  <= left - 6'd1;
      end
      if (d_end) begin
        walk          <= 1'b0;
        long_chain[q] <= !d_eop;
        rd_sr         <= 2'b00;
      end
    end else if (any && room) begin
      walk    <= 1'b1;
      started <= 1'b0;
      q     <= pick;
      ptr   <= look_taken;
      index <= look_taken;
      left  <= 6'd32;
      flush <= halt[pick];
    end
    for (int i = 0; i < NUM_QUEUES; i++) if (clear[i]) long_chain[i] <= 1'b0;
    if (rst) begin
      walk       <= 1'b0;
      q          <= '0;
      rd_sr      <= 2'b00;
      long_chain <= '0;
    end
  end

  // ------------------------------------------------------------------- check
  // Two stages: sums and flags, then the verdict.
  logic c_valid, c_first, c_eop, c_bad, c_len0, c_named, c_cut;
  logic [5:0] c_force;
  logic [63:0] c_addr;
  logic [15:0] c_len, c_index;
  logic [31:0] c_handle;
  logic [QW-1:0] c_q;
  logic first;

  always_ff @(posedge clk) begin
    c_valid <= d_valid;
    if (d_valid) begin
      c_first  <= first;
      first    <= d_end;
      c_eop    <= d_eop;
      c_cut    <= d_end && !d_eop;
      c_bad    <= (rd_data[95:82] != 14'd0) || (rd_data[127:96] != 32'd0 && !rd_data[81]);
      c_len0   <= (rd_data[79:64] == 16'd0);
      c_named  <= rd_data[81];
      c_force  <= flush ? espalier_pkg::TX_RESET :
                  long_chain[q] ? espalier_pkg::TX_DESC_INVALID : espalier_pkg::CODE_NONE;
      c_addr   <= rd_data[63:0];
      c_len    <= rd_data[79:64];
      c_handle <= rd_data[127:96];
      c_index  <= index;
      c_q      <= q;
    end
    if (rst) begin
      c_valid <= 1'b0;
      first   <= 1'b1;
    end
  end

  logic v_valid, v_eop, v_cut, v_named;
  logic [5:0] v_code;
  logic v_coded;  // v_code is not CODE_NONE
  logic [63:0] v_addr;
  logic [13:0] v_sum;  // bytes so far, FRAME_MAX + 1 when beyond
  logic v_bad_len;     // more than FRAME_MAX or less than 14
  logic [13:0] v_len;
  logic [31:0] v_handle;
  logic [15:0] v_index;
  logic [QW-1:0] v_q;
  logic [16:0] sum;
  logic [5:0] code_in;
  assign sum     = {1'b0, c_len} + (c_first ? 17'd0 : {3'b0, v_sum});
  assign code_in = c_first ? c_force : v_code;

  always_ff @(posedge clk) begin
    v_valid <= c_valid;
    if (c_valid) begin
      v_eop <= c_eop;
      v_cut <= c_cut;
      v_bad_len <= (sum > {3'b0, LONGEST}) || (sum < 17'd14);
      v_sum <= (sum > {3'b0, LONGEST}) ? LONGEST + 14'd1 : sum[13:0];
      v_coded <= (code_in != espalier_pkg::CODE_NONE) || c_bad || c_len0;
      if (code_in != espalier_pkg::CODE_NONE) v_code <= code_in;
      else if (c_bad) v_code <= espalier_pkg::TX_DESC_INVALID;
      else if (c_len0) v_code <= espalier_pkg::TX_LEN_INVALID;
      else v_code <= espalier_pkg::CODE_NONE;
      v_addr  <= c_addr;
      v_len   <= c_len[13:0];
      v_index <= c_index;
      v_q     <= c_q;
      if (c_first) begin
        v_named  <= c_named;
        v_handle <= c_named ? c_handle : 32'd0;
      end
    end
    if (rst) v_valid <= 1'b0;
  end

  logic [5:0] verdict;
  assign verdict = v_coded ? v_code : v_bad_len ? espalier_pkg::TX_LEN_INVALID :
                   espalier_pkg::CODE_NONE;

  // ---------------------------------------------------------- segment store
  // Written ahead, committed by packet; a refused packet leaves one empty
  // segment in place of its own.
  logic [5:0] wptr, committed, rd_seg, rd_pk, used, next;
  logic refuse, we;
  logic [4:0] waddr;
  logic [9:0] beats;
  logic [13:0] span;

  // A walk begins when there are places for its first segment and for two of the
  // last one that are still on their way. It goes on when there are some for the
  // five that may be on their way, or nothing but its own. Both are known a cycle
  // late, in which one more segment may come.
  assign used   = wptr - rd_pk;
  assign refuse = (v_eop && (v_coded || v_bad_len)) || v_cut;
  always_ff @(posedge clk) begin
    room <= (used <= 6'd27) && !rst;
    flow <= (used <= 6'd25) || (committed == rd_pk);
  end
  assign we     = v_valid;
  assign waddr  = refuse ? committed[4:0] : wptr[4:0];
  assign next   = (refuse ? committed + 6'd1 : wptr + 6'd1);
  assign span   = v_len + {10'b0, v_addr[3:0]} + 14'd15;
  assign beats  = refuse ? 10'd0 : span[13:4];

  logic pk_load;
  // Of the length only what the packer has to know: bytes of a single beat
  logic [3:0] n_off, n_end;
  logic [4:0] n_single;
  logic [9:0] n_beats;
  logic [5:0] n_code;
  logic n_eop, n_one;
  ram_lut #(.WIDTH(70), .DEPTH(32)) u_seg (
      .clk(clk), .we(we), .waddr(waddr), .wdata({v_addr[63:4], beats}),
      .raddr(rd_seg[4:0]), .rdata({seg_word, seg_beats}));
  ram_lut #(.WIDTH(26), .DEPTH(32)) u_pk (
      .clk(clk), .we(we), .waddr(waddr),
      .wdata({v_addr[3:0], refuse ? 5'd0 : v_len[4:0], beats, v_eop,
              refuse ? verdict : espalier_pkg::CODE_NONE}),
      .raddr(rd_pk[4:0]), .rdata({n_off, n_single, n_beats, n_eop, n_code}));
  assign n_one = (n_beats[9:1] == 9'd0);
  assign n_end = n_off + n_single[3:0];  // 0: the last beat is used to its end

  logic stirs;
  assign stirs = walk || (any && room) || c_valid || v_valid;
  assign moves = stirs || (seg_valid && seg_ready) || pk_load || (pk_valid && pk_ready) ||
                 (user_valid && user_ready);

  assign seg_valid = (rd_seg != committed);
  assign pk_load   = (rd_pk != rd_seg) && (!pk_valid || pk_ready);

  always_ff @(posedge clk) begin
    if (v_valid) begin
      wptr <= v_cut ? committed : v_eop ? next : wptr + 6'd1;
      if (v_eop) committed <= next;
    end
    if (seg_valid && seg_ready) rd_seg <= rd_seg + 6'd1;
    pk_valid <= pk_load || (pk_valid && !pk_ready);
    if (pk_load) begin
      rd_pk <= rd_pk + 6'd1;
      pk_off   <= n_off;
      pk_beats <= n_beats;
      pk_none  <= (n_beats == 10'd0);
      pk_one   <= n_one;
      pk_first <= n_one ? n_single : 5'd16 - {1'b0, n_off};
      pk_last  <= {n_end == 4'd0, n_end};
      pk_eop   <= n_eop;
      pk_code  <= n_code;
    end
    if (rst) begin
      wptr      <= '0;
      committed <= '0;
      rd_seg    <= '0;
      rd_pk     <= '0;
      pk_valid  <= 1'b0;
    end
  end

  espalier_pkg::tx_user_t user_in;
  always_comb begin
    user_in.qid          = 8'(v_q);
    user_in.index        = v_index;
    user_in.handle_valid = v_named;
    user_in.handle       = v_handle;
  end
  logic unused_user_ready;
  logic [6:0] unused_user_count;
  fifo_block #(.WIDTH(57), .DEPTH(64)) u_user (
      .clk(clk), .rst(rst),
      .s_valid(v_valid && v_eop), .s_ready(unused_user_ready), .s_data(user_in),
      .m_valid(user_valid), .m_ready(user_ready), .m_data(user), .count(unused_user_count));

  logic unused;
  assign unused = &{1'b0, span[3:0], unused_user_ready, unused_user_count};
endmodule
