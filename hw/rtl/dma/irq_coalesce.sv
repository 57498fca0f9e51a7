// SPDX-License-Identifier: Apache-2.0
//
// irq_coalesce: one level interrupt a queue pair.
//
// TX and RX are set in the status when COUNT completions of the pair are in
// memory, or when the first of them has been there for TIME cycles; ERROR at
// once. Queues are looked at in turn, one a cycle.
module irq_coalesce #(
    parameter int NUM_QUEUES = 4,
    parameter int QW = (NUM_QUEUES > 1) ? $clog2(NUM_QUEUES) : 1
) (
    input logic clk,
    input logic clk_work,  // all but the timer: clk, or when `moves` or did 3 cycles ago
    input logic rst,
    output logic moves,
    input logic [23:0] now,

    input logic          cfg_we,
    input logic [QW-1:0] cfg_q,
    input logic [   7:0] cfg_reg,
    input logic [  31:0] cfg_data,

    input logic                  tx_done,
    input logic [        QW-1:0] tx_q,
    input logic [           2:0] tx_n,
    input logic                  rx_done,
    input logic [        QW-1:0] rx_q,
    input logic [           2:0] rx_n,
    input logic [NUM_QUEUES-1:0] fault,

    input  logic [        QW-1:0] st_q,    // status of a queue, for reading
    output logic [           2:0] st_bits,
    output logic                  waiting, // an interrupt is yet to come
    output logic [NUM_QUEUES-1:0] irq
);
  localparam logic [7:0] R_STATUS = espalier_regs_pkg::Q_IRQ_STATUS[7:0];
  localparam logic [7:0] R_ENABLE = espalier_regs_pkg::Q_IRQ_ENABLE[7:0];
  localparam logic [7:0] R_COAL = espalier_regs_pkg::Q_IRQ_COAL[7:0];

  logic [2:0] status[0:NUM_QUEUES-1];
  logic [2:0] enable[0:NUM_QUEUES-1];
  logic [1:0] fresh[0:NUM_QUEUES-1];   // completions written and not signalled: tx, rx
  logic [7:0] count[0:NUM_QUEUES-1];
  logic [23:0] since[0:NUM_QUEUES-1];

  logic [QW-1:0] scan, aged_q, scan_q;
  logic [7:0] limit;
  logic [23:0] limit_time;
  logic ripe, aged, looked, signal;
  ram_lut #(.WIDTH(8), .DEPTH(NUM_QUEUES)) u_count (
      .clk(clk_work), .we(cfg_we && cfg_reg == R_COAL), .waddr(cfg_q), .wdata(cfg_data[7:0]),
      .raddr(aged_q), .rdata(limit));
  ram_lut #(.WIDTH(24), .DEPTH(NUM_QUEUES)) u_time (
      .clk(clk_work), .we(cfg_we && cfg_reg == R_COAL), .waddr(cfg_q), .wdata(cfg_data[31:8]),
      .raddr(aged_q), .rdata(limit_time));

  logic [23:0] age;
  assign st_bits = status[st_q];

  always_comb begin
    waiting = 1'b0;
    for (int q = 0; q < NUM_QUEUES; q++) if (fresh[q] != 2'b00) waiting = 1'b1;
  end

  assign signal = ripe && looked;
  assign moves = signal || tx_done || rx_done || cfg_we || (fault != '0);

  always_ff @(posedge clk) begin
    // Three steps, so that the age is found and compared in cycles of their own. Of a
    // queue that is signalled in between, what comes then is young.
    aged   <= waiting;
    looked <= aged;
    if (waiting || aged || looked) begin
      scan   <= (scan == QW'(NUM_QUEUES - 1)) ? '0 : scan + 1'b1;
      aged_q <= scan;
      scan_q <= aged_q;
      age    <= (fresh[scan] != 2'b00 && !(signal && scan_q == scan)) ? now - since[scan] : 24'd0;
      ripe   <= aged && !(signal && scan_q == aged_q) && (fresh[aged_q] != 2'b00) &&
                (count[aged_q] >= limit || age >= limit_time);
    end
    if (rst) begin
      scan   <= '0;
      aged_q <= '0;
      scan_q <= '0;
      ripe   <= 1'b0;
      aged   <= 1'b0;
      looked <= 1'b0;
    end
  end

  always_ff @(posedge clk_work) begin
    if (cfg_we && cfg_reg == R_ENABLE) enable[cfg_q] <= cfg_data[2:0];
    if (cfg_we && cfg_reg == R_STATUS) status[cfg_q] <= status[cfg_q] & ~cfg_data[2:0];
    for (int q = 0; q < NUM_QUEUES; q++) begin
      if (fault[q]) status[q][2] <= 1'b1;
      irq[q] <= (status[q] & enable[q]) != 3'b000;
    end
    if (signal) begin
      if (fresh[scan_q][0]) status[scan_q][0] <= 1'b1;
      if (fresh[scan_q][1]) status[scan_q][1] <= 1'b1;
      fresh[scan_q] <= 2'b00;
      count[scan_q] <= 8'd0;
    end
    if (tx_done || rx_done) begin
      for (int q = 0; q < NUM_QUEUES; q++) begin
        if ((tx_done && tx_q == QW'(q)) || (rx_done && rx_q == QW'(q))) begin
          if (tx_done && tx_q == QW'(q)) fresh[q][0] <= 1'b1;
          if (rx_done && rx_q == QW'(q)) fresh[q][1] <= 1'b1;
          if (fresh[q] == 2'b00 || (signal && scan_q == QW'(q))) begin
            since[q] <= now;
            count[q] <= add8(8'd0, tx_done && tx_q == QW'(q), tx_n, rx_done && rx_q == QW'(q), rx_n);
          end else
            count[q] <= add8(count[q], tx_done && tx_q == QW'(q), tx_n,
                             rx_done && rx_q == QW'(q), rx_n);
        end
      end
    end
    if (rst) begin
      for (int q = 0; q < NUM_QUEUES; q++) begin
        status[q] <= 3'b000;
        enable[q] <= 3'b000;
        fresh[q]  <= 2'b00;
        count[q]  <= 8'd0;
        irq[q]    <= 1'b0;
      end
    end
  end

  // saturating: a limit of 255 must be reached, not jumped over
  function logic [7:0] add8(input logic [7:0] a, input logic t, input logic [2:0] tn, input logic r,
                            input logic [2:0] rn);
    logic [8:0] s;
    s = {1'b0, a} + (t ? {6'b0, tn} : 9'd0) + (r ? {6'b0, rn} : 9'd0);
    add8 = s[8] ? 8'hff : s[7:0];
  endfunction
endmodule
