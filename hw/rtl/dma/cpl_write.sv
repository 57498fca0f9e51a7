// SPDX-License-Identifier: Apache-2.0
//
// cpl_write: the completion rings of one direction.
//
// Completions of a queue are collected within an aligned block of four (64
// bytes) and written by one burst when the block is full, when COUNT of them
// wait, when the first has waited TIME cycles, or when the queue is being
// reset. They are reported as written (`done`) when the bus has answered, not
// before. Those of a queue in error are thrown away and reported by `lost`.
// Throughput: a completion every 2 cycles, and 2 + n cycles a burst of n.
module cpl_write #(
    parameter int NUM_QUEUES = 4,
    parameter int CFG_BASE = 0,  // register offset of this direction in a queue pair
    parameter int CFG_COAL = 0,  // register offset of its coalescing register
    parameter int QW = (NUM_QUEUES > 1) ? $clog2(NUM_QUEUES) : 1
) (
    input logic clk,
    input logic clk_work,  // all but the timer's place: clk, or when `moves` or did 3 cycles ago
    input logic rst,
    output logic moves,
    input logic [23:0] now,

    input logic          cfg_we,
    input logic [QW-1:0] cfg_q,
    input logic [   7:0] cfg_reg,
    input logic [  31:0] cfg_data,

    input logic [NUM_QUEUES-1:0] halt,
    input logic [NUM_QUEUES-1:0] error,
    input logic [NUM_QUEUES-1:0] clear,

    input  logic          s_valid,
    output logic          s_ready,
    input  logic [QW-1:0] s_q,
    input  logic [  15:0] s_index,
    input  logic [   5:0] s_code,
    input  logic [  31:0] s_handle,
    input  logic [  31:0] s_word,
    input  logic [  13:0] s_len,

    output logic         aw_valid,
    input  logic         aw_ready,
    output logic [ 63:0] aw_addr,
    output logic [  7:0] aw_len,
    output logic         w_valid,
    input  logic         w_ready,
    output logic [127:0] w_data,
    input  logic         resp,
    input  logic         resp_err,

    output logic          done,
    output logic [QW-1:0] done_q,
    output logic [   2:0] done_n,
    output logic          done_err,
    output logic          lost,
    output logic [QW-1:0] lost_q,
    output logic [   2:0] lost_n
);
  localparam logic [7:0] R_LO = 8'(CFG_BASE) + espalier_regs_pkg::Q_TX_CPL_LO[7:0];
  localparam logic [7:0] R_HI = 8'(CFG_BASE) + espalier_regs_pkg::Q_TX_CPL_HI[7:0];
  localparam logic [7:0] R_SIZE = 8'(CFG_BASE) + espalier_regs_pkg::Q_TX_SIZE[7:0];
  localparam logic [7:0] R_COAL = 8'(CFG_COAL);

  // ------------------------------------------------------------------- state
  typedef enum logic [1:0] {IDLE, STORE, COPY, WRITE} state_t;
  state_t state;
  logic [15:0] next[0:NUM_QUEUES-1];   // free-running index of the next completion
  logic [2:0] held[0:NUM_QUEUES-1];    // collected and not written
  logic [23:0] since[0:NUM_QUEUES-1];  // when the first of them came
  logic [QW-1:0] q, scan, scan_q, due_q;

  logic [25:0] base_lo;
  logic [31:0] base_hi;
  logic [11:0] mask;  // entries of the ring - 1
  logic [3:0] s_size;
  logic [7:0] count;
  logic [23:0] limit;
  ram_lut #(.WIDTH(26), .DEPTH(NUM_QUEUES)) u_lo (
      .clk(clk_work), .we(cfg_we && cfg_reg == R_LO), .waddr(cfg_q), .wdata(cfg_data[31:6]),
      .raddr(q), .rdata(base_lo));
  ram_lut #(.WIDTH(32), .DEPTH(NUM_QUEUES)) u_hi (
      .clk(clk_work), .we(cfg_we && cfg_reg == R_HI), .waddr(cfg_q), .wdata(cfg_data),
      .raddr(q), .rdata(base_hi));
  ram_lut #(.WIDTH(12), .DEPTH(NUM_QUEUES)) u_mask (
      .clk(clk_work), .we(cfg_we && cfg_reg == R_SIZE), .waddr(cfg_q),
      .wdata(12'((16'd1 << cfg_data[3:0]) - 16'd1)), .raddr(q), .rdata(mask));
  ram_lut #(.WIDTH(4), .DEPTH(NUM_QUEUES)) u_s_size (
      .clk(clk_work), .we(cfg_we && cfg_reg == R_SIZE), .waddr(cfg_q), .wdata(cfg_data[3:0]),
      .raddr(s_q), .rdata(s_size));
  ram_lut #(.WIDTH(8), .DEPTH(NUM_QUEUES)) u_count (
      .clk(clk_work), .we(cfg_we && cfg_reg == R_COAL), .waddr(cfg_q), .wdata(cfg_data[7:0]),
      .raddr(q), .rdata(count));
  ram_lut #(.WIDTH(24), .DEPTH(NUM_QUEUES)) u_limit (
      .clk(clk_work), .we(cfg_we && cfg_reg == R_COAL), .waddr(cfg_q), .wdata(cfg_data[31:8]),
      .raddr(scan_q), .rdata(limit));

  // ------------------------------------------------------------------- timer
  // One queue a cycle, in two steps: its age, and whether that is enough. `due`
  // names a queue whose block is to be written. What is held between the steps
  // cannot be another block: between two there are more cycles.
  logic due, ripe, aged;
  logic [23:0] age;
  assign ripe = aged && held[scan_q] != 3'd0 && (age >= limit || halt[scan_q]);
  always_ff @(posedge clk) begin
    if (!due) begin
      scan   <= (scan == QW'(NUM_QUEUES - 1)) ? '0 : scan + 1'b1;
      scan_q <= scan;
    end
    aged <= !due && held[scan] != 3'd0;
    if (held[scan] != 3'd0) age <= now - since[scan];
    if (rst) begin
      scan   <= '0;
      scan_q <= '0;
      aged   <= 1'b0;
    end
  end
  always_ff @(posedge clk_work) begin
    if (!due) begin
      due   <= ripe;
      due_q <= scan_q;
    end else if (state == IDLE) due <= 1'b0;
    if (rst) due <= 1'b0;
  end
  logic stirs;
  assign stirs = (state != IDLE) || due;
  assign moves = stirs || s_valid || ripe;

  // ------------------------------------------------- collect, copy and write
  // A completion without the bits that are always 0.
  localparam int W = 14 + 32 + 32 + 1 + 6 + 16;
  logic [W-1:0] entry, copied, word;
  logic [1:0] place, copy_place;
  logic [2:0] n, left;
  logic throw_away;
  logic [15:0] first;
  logic [32:0] sum_lo;
  logic [31:0] sum_hi;
  logic cmd_ready, data_ready, phase_bit;
  logic [3:0] unused_cmd_count;
  logic [4:0] data_count;
  logic cmd_push, start;

  assign s_ready   = (state == IDLE) && !due;
  assign phase_bit = ~|(next[s_q] & (16'd1 << s_size));
  assign place     = next[q][1:0];

  ram_lut #(.WIDTH(W), .DEPTH(4 << QW)) u_held (
      .clk(clk_work), .we(state == STORE), .waddr({q, place}), .wdata(entry),
      .raddr({q, copy_place}), .rdata(copied));

  assign start    = (state == COPY) && (left == n);
  assign cmd_push = (state == WRITE) && !throw_away;

  always_ff @(posedge clk_work) begin
    lost <= 1'b0;
    case (state)
      IDLE:
      if (due) begin
        q     <= due_q;
        n     <= held[due_q];
        left  <= held[due_q];
        first <= next[due_q] - {13'b0, held[due_q]};
        if (held[due_q] != 3'd0) state <= COPY;
      end else if (s_valid) begin
        q     <= s_q;
        entry <= {s_len, s_word, s_handle, phase_bit, s_code, s_index};
        state <= STORE;
      end
      STORE: begin
        next[q] <= next[q] + 16'd1;
        held[q] <= held[q] + 3'd1;
        if (held[q] == 3'd0) since[q] <= now;
        n     <= held[q] + 3'd1;
        left  <= held[q] + 3'd1;
        first <= next[q] - {13'b0, held[q]};
        state <= (place == 2'd3 || {5'b0, held[q]} + 8'd1 >= count) ? COPY : IDLE;
      end
      COPY: begin
        if (start) begin
          held[q]    <= 3'd0;
          throw_away <= error[q];
          sum_lo     <= {1'b0, base_lo, 6'b0} + {17'b0, first[11:0] & mask, 4'b0};
          if (data_count <= 5'd12) left <= left - 3'd1;
        end else begin
          sum_hi <= base_hi + {31'b0, sum_lo[32]};
          if (left != 3'd0) left <= left - 3'd1;
          else if (cmd_ready) state <= WRITE;
        end
      end
      default: begin
        state  <= IDLE;
        lost   <= throw_away;
        lost_q <= q;
        lost_n <= n;
      end
    endcase
    for (int i = 0; i < NUM_QUEUES; i++) begin
      if (rst || clear[i]) begin
        next[i] <= 16'd0;
        held[i] <= 3'd0;
      end
    end
    if (rst) state <= IDLE;
  end

  // Words of a burst stand in the data FIFO before its address is asked for.
  logic copy_word;
  assign copy_place = first[1:0] + 2'(n - left);
  assign copy_word  = (state == COPY) && (left != 3'd0) && (!start || data_count <= 5'd12) &&
                      !(start ? error[q] : throw_away);
  assign w_data = {18'd0, word[W-1:23], 7'd0, word[22], 2'b00, word[21:0]};
  fifo_sync #(.WIDTH(W), .DEPTH(16)) u_data (
      .clk(clk_work), .rst(rst),
      .s_valid(copy_word), .s_ready(data_ready), .s_data(copied),
      .m_valid(w_valid), .m_ready(w_ready), .m_data(word), .count(data_count));

  logic cmd_valid, ord_ready, unused_ord_valid;
  logic [QW-1:0] cmd_q;
  logic [2:0] cmd_n;
  logic [4:0] unused_ord_count;
  fifo_sync #(.WIDTH(QW + 3 + 60), .DEPTH(8)) u_cmd (
      .clk(clk_work), .rst(rst),
      .s_valid(cmd_push), .s_ready(cmd_ready), .s_data({q, n, sum_hi, sum_lo[31:4]}),
      .m_valid(cmd_valid), .m_ready(aw_ready && ord_ready), .m_data({cmd_q, cmd_n, aw_addr[63:4]}),
      .count(unused_cmd_count));
  assign aw_addr[3:0] = 4'd0;
  assign aw_valid     = cmd_valid && ord_ready;
  assign aw_len       = {5'b0, cmd_n} - 8'd1;

  // ------------------------------------------------------------------ answer
  logic [QW-1:0] ord_q;
  logic [2:0] ord_n;
  fifo_sync #(.WIDTH(QW + 3), .DEPTH(16)) u_order (
      .clk(clk_work), .rst(rst),
      .s_valid(aw_valid && aw_ready), .s_ready(ord_ready), .s_data({cmd_q, cmd_n}),
      .m_valid(unused_ord_valid), .m_ready(resp), .m_data({ord_q, ord_n}),
      .count(unused_ord_count));
  always_ff @(posedge clk_work) begin
    done <= resp && !rst;
    if (resp) begin
      done_q   <= ord_q;
      done_n   <= ord_n;
      done_err <= resp_err;
    end
  end

  logic unused;
  assign unused = &{1'b0, data_ready, unused_cmd_count, unused_ord_valid, unused_ord_count,
                    sum_lo[3:0], first[15:12]};
endmodule
