// SPDX-License-Identifier: Apache-2.0
//
// queue_regs: the registers of the queue pairs, their enables, errors and
// resets.
//
// What software wrote is kept in one block RAM and read back from there;
// every write is broadcast on cfg_* as a whole register, and whoever needs a
// register keeps its own copy. After rst the RAM is filled with the reset
// values, and they are broadcast too.
//
// A reset (CTRL.RESET) halts the queue at once. When nothing of the queue is
// left inside (`quiet`), `clear` is pulsed for one cycle, tail and error are
// zeroed, and then the bit clears itself.
//
// Access: reg_valid is held until reg_ack; 4 cycles.
module queue_regs #(
    parameter int NUM_QUEUES = 4,
    parameter int QW = (NUM_QUEUES > 1) ? $clog2(NUM_QUEUES) : 1
) (
    input logic clk,
    input logic rst,

    input  logic        reg_valid,
    input  logic        reg_write,
    input  logic [11:0] reg_addr,   // from the first queue pair on
    input  logic [31:0] reg_wdata,
    input  logic [ 3:0] reg_wstrb,
    output logic        reg_ack,
    output logic [31:0] reg_rdata,
    output logic [ 1:0] reg_resp,

    output logic          cfg_we,
    output logic [QW-1:0] cfg_q,
    output logic [   7:0] cfg_reg,
    output logic [  31:0] cfg_data,

    output logic [NUM_QUEUES-1:0] tx_run,
    output logic [NUM_QUEUES-1:0] tx_halt,
    output logic [NUM_QUEUES-1:0] tx_error,
    output logic [NUM_QUEUES-1:0] tx_clear,
    input  logic [NUM_QUEUES-1:0] tx_quiet,
    input  logic [NUM_QUEUES-1:0] tx_fault,
    output logic [NUM_QUEUES-1:0] rx_run,
    output logic [NUM_QUEUES-1:0] rx_halt,
    output logic [NUM_QUEUES-1:0] rx_error,
    output logic [NUM_QUEUES-1:0] rx_clear,
    input  logic [NUM_QUEUES-1:0] rx_quiet,
    input  logic [NUM_QUEUES-1:0] rx_fault,
    output logic [NUM_QUEUES-1:0] new_error,  // pulse

    output logic [QW-1:0] look_q,  // queue of the access
    input  logic [  15:0] tx_head,
    input  logic [  15:0] rx_head,
    input  logic [   2:0] irq_status,

    output logic                    ev_valid,
    output espalier_pkg::event_t    ev,
    output logic                    ready,  // reset values are in place
    output logic                    idle
);
  localparam logic [7:0] TX_CTRL = espalier_regs_pkg::Q_TX_CTRL[7:0];
  localparam logic [7:0] RX_CTRL = espalier_regs_pkg::Q_RX_CTRL[7:0];
  localparam logic [7:0] TX_TAIL = espalier_regs_pkg::Q_TX_TAIL[7:0];
  localparam logic [7:0] RX_TAIL = espalier_regs_pkg::Q_RX_TAIL[7:0];
  localparam logic [7:0] TX_SIZE = espalier_regs_pkg::Q_TX_SIZE[7:0];
  localparam logic [7:0] RX_SIZE = espalier_regs_pkg::Q_RX_SIZE[7:0];
  localparam logic [7:0] STATUS = espalier_regs_pkg::Q_IRQ_STATUS[7:0];

  localparam int MEM_W = $clog2(NUM_QUEUES * 64);

  // ---------------------------------------------------------- map of one pair
  // exists, bits that a write stores, value after reset
  logic known;
  logic [31:0] wmask, init;
  logic [7:0] mreg;
  always_comb begin
    known = 1'b1;
    wmask = 32'd0;
    init  = 32'd0;
    case (mreg)
      TX_CTRL, RX_CTRL:                      wmask = espalier_regs_pkg::Q_TX_CTRL_WMASK;
      espalier_regs_pkg::Q_TX_STATUS[7:0],
      espalier_regs_pkg::Q_RX_STATUS[7:0]:   wmask = espalier_regs_pkg::Q_TX_STATUS_WMASK;
      espalier_regs_pkg::Q_TX_RING_LO[7:0],
      espalier_regs_pkg::Q_RX_RING_LO[7:0],
      espalier_regs_pkg::Q_TX_CPL_LO[7:0],
      espalier_regs_pkg::Q_RX_CPL_LO[7:0]:   wmask = espalier_regs_pkg::Q_TX_RING_LO_WMASK;
      espalier_regs_pkg::Q_TX_RING_HI[7:0],
      espalier_regs_pkg::Q_RX_RING_HI[7:0],
      espalier_regs_pkg::Q_TX_CPL_HI[7:0],
      espalier_regs_pkg::Q_RX_CPL_HI[7:0]:   wmask = espalier_regs_pkg::Q_TX_RING_HI_WMASK;
      TX_SIZE, RX_SIZE: begin
        wmask = espalier_regs_pkg::Q_TX_SIZE_WMASK;
        init  = espalier_regs_pkg::Q_TX_SIZE_INIT;
      end
      TX_TAIL, RX_TAIL:                      wmask = espalier_regs_pkg::Q_TX_TAIL_WMASK;
      espalier_regs_pkg::Q_TX_HEAD[7:0],
      espalier_regs_pkg::Q_RX_HEAD[7:0]:     wmask = espalier_regs_pkg::Q_TX_HEAD_WMASK;
      espalier_regs_pkg::Q_TX_COAL[7:0],
      espalier_regs_pkg::Q_RX_COAL[7:0]: begin
        wmask = espalier_regs_pkg::Q_TX_COAL_WMASK;
        init  = espalier_regs_pkg::Q_TX_COAL_INIT;
      end
      espalier_regs_pkg::Q_IRQ_COAL[7:0]: begin
        wmask = espalier_regs_pkg::Q_IRQ_COAL_WMASK;
        init  = espalier_regs_pkg::Q_IRQ_COAL_INIT;
      end
      STATUS:                                wmask = 32'h0000_0007;
      espalier_regs_pkg::Q_IRQ_ENABLE[7:0]:  wmask = espalier_regs_pkg::Q_IRQ_ENABLE_WMASK;
      default:                               known = 1'b0;
    endcase
  end

  // ---------------------------------------------------------------- sequence
  typedef enum logic [2:0] {
    FILL, IDLE, READ, LATCH, ANSWER, CLEAR_TX, CLEAR_RX, RELEASE
  } state_t;
  state_t state;
  logic [QW+5:0] fill;  // queue, register
  logic [QW-1:0] q;
  logic [NUM_QUEUES-1:0] at_q;
  logic [7:0] areg;
  logic [31:0] stored, live, merged, now, now_q, wmask_q;
  logic is_now, is_now_q, exists;  // is_now: the value is not in the RAM

  assign areg   = {reg_addr[7:2], 2'b00};
  assign look_q = q;
  always_comb for (int i = 0; i < NUM_QUEUES; i++) at_q[i] = q == QW'(i);

  logic [NUM_QUEUES-1:0] ev_tx, ev_rx, fresh_tx, fresh_rx;
  logic [NUM_QUEUES-1:0] tx_enable, rx_enable, tx_over, rx_over;
  logic any_tx, any_rx;
  logic [QW-1:0] pick_tx, pick_rx;
  // In registers: a queue that is halted and quiet stays so.
  logic [NUM_QUEUES-1:0] tx_still, rx_still;
  assign tx_over = tx_halt & tx_still;
  assign rx_over = rx_halt & rx_still;
  rr_pick #(.N(NUM_QUEUES)) u_tx (.req(tx_over), .last('0), .any(any_tx), .pick(pick_tx));
  rr_pick #(.N(NUM_QUEUES)) u_rx (.req(rx_over), .last('0), .any(any_rx), .pick(pick_rx));

  always_comb begin
    is_now = 1'b1;
    now    = 32'd0;
    case (areg)
      TX_CTRL: now = {30'd0, tx_halt[q], tx_enable[q]};
      RX_CTRL: now = {30'd0, rx_halt[q], rx_enable[q]};
      espalier_regs_pkg::Q_TX_STATUS[7:0]: now = {30'd0, tx_error[q], tx_halt[q]};
      espalier_regs_pkg::Q_RX_STATUS[7:0]: now = {30'd0, rx_error[q], rx_halt[q]};
      espalier_regs_pkg::Q_TX_HEAD[7:0]: now = {16'd0, tx_head};
      espalier_regs_pkg::Q_RX_HEAD[7:0]: now = {16'd0, rx_head};
      STATUS: now = {29'd0, irq_status};
      default: is_now = 1'b0;
    endcase
  end
  assign live = is_now_q ? now_q : stored;

  // Bytes that are not written keep their value; a W1C register and the
  // RESET bit take them as zero.
  logic [31:0] lanes, old;
  logic [3:0] log2;
  assign lanes = {{8{reg_wstrb[3]}}, {8{reg_wstrb[2]}}, {8{reg_wstrb[1]}}, {8{reg_wstrb[0]}}};
  assign old   = (areg == STATUS) ? 32'd0 : live;
  assign merged = ((reg_wdata & lanes) | (old & ~lanes)) & wmask_q;
  assign log2  = (merged[3:0] < 4'd3) ? 4'd3 : (merged[3:0] > 4'd12) ? 4'd12 : merged[3:0];

  assign tx_run = tx_enable & ~tx_error & ~tx_halt;
  assign rx_run = rx_enable & ~rx_error & ~rx_halt;
  assign idle   = (state == IDLE) && !reg_valid && (tx_halt == '0) && (rx_halt == '0) &&
                  (ev_tx == '0) && (ev_rx == '0);
  assign ready  = (state != FILL);

  always_ff @(posedge clk) begin
    cfg_we   <= 1'b0;
    reg_ack  <= 1'b0;
    tx_still <= tx_halt & tx_quiet;
    rx_still <= rx_halt & rx_quiet;
    mreg     <= (state == FILL) ? mreg + 8'd4 : areg;
    tx_clear <= '0;
    rx_clear <= '0;
    case (state)
      FILL: begin
        cfg_we   <= 1'b1;
        cfg_q    <= fill[QW+5:6];
        cfg_reg  <= mreg;
        cfg_data <= init;
        fill     <= fill + 1'b1;
        if (fill == (QW + 6)'(NUM_QUEUES * 64 - 1)) state <= IDLE;
      end
      IDLE: begin
        q <= reg_addr[8+:QW];
        if (any_tx) begin
          q     <= pick_tx;
          state <= CLEAR_TX;
        end else if (any_rx) begin
          q     <= pick_rx;
          state <= CLEAR_RX;
        end else if (reg_valid && !reg_ack) state <= READ;
      end
      READ: state <= LATCH;
      LATCH: begin
        now_q    <= now;
        is_now_q <= is_now;
        wmask_q  <= wmask;
        exists   <= known && ({1'b0, reg_addr[11:8]} < 5'(NUM_QUEUES));
        state    <= ANSWER;
      end
      ANSWER: begin
        state     <= IDLE;
        reg_ack   <= 1'b1;
        reg_rdata <= exists ? live : 32'd0;
        reg_resp  <= !exists ? 2'd3 : (reg_write && wmask_q == 32'd0) ? 2'd2 : 2'd0;
        if (reg_write && exists && wmask_q != 32'd0) begin
          cfg_we   <= 1'b1;
          cfg_q    <= q;
          cfg_reg  <= areg;
          cfg_data <= (areg == TX_SIZE || areg == RX_SIZE) ? {28'd0, log2} : merged;
          if (areg == TX_CTRL) begin
            tx_enable <= (tx_enable & ~at_q) | (at_q & {NUM_QUEUES{merged[0]}});
            tx_halt   <= tx_halt | (at_q & {NUM_QUEUES{merged[1]}});
          end
          if (areg == RX_CTRL) begin
            rx_enable <= (rx_enable & ~at_q) | (at_q & {NUM_QUEUES{merged[0]}});
            rx_halt   <= rx_halt | (at_q & {NUM_QUEUES{merged[1]}});
          end
        end
      end
      CLEAR_TX: begin
        tx_clear <= at_q;
        tx_error <= tx_error & ~at_q;
        cfg_we   <= 1'b1;
        cfg_q    <= q;
        cfg_reg  <= TX_TAIL;
        cfg_data <= 32'd0;
        state    <= RELEASE;
      end
      CLEAR_RX: begin
        rx_clear <= at_q;
        rx_error <= rx_error & ~at_q;
        cfg_we   <= 1'b1;
        cfg_q    <= q;
        cfg_reg  <= RX_TAIL;
        cfg_data <= 32'd0;
        state    <= RELEASE;
      end
      default: begin
        // The queue may run again only after its indices were cleared.
        tx_halt <= tx_halt & ~tx_clear;
        rx_halt <= rx_halt & ~rx_clear;
        state   <= IDLE;
      end
    endcase
    for (int i = 0; i < NUM_QUEUES; i++) begin
      if (tx_fault[i]) tx_error[i] <= 1'b1;
      if (rx_fault[i]) rx_error[i] <= 1'b1;
    end
    if (rst) begin
      state     <= FILL;
      fill      <= '0;
      mreg      <= '0;
      tx_enable <= '0;
      rx_enable <= '0;
      tx_halt   <= '0;
      rx_halt   <= '0;
      tx_error  <= '0;
      rx_error  <= '0;
    end
  end

  ram_1r1w #(.WIDTH(32), .DEPTH(NUM_QUEUES * 64)) u_mem (
      .clk(clk),
      .we(cfg_we), .waddr(MEM_W'({cfg_q, cfg_reg[7:2]})), .wdata(cfg_data),
      .re(state == READ), .raddr(MEM_W'({q, areg[7:2]})), .rdata(stored));

  // ------------------------------------------------------------------ events
  // One for each queue that stops, one a cycle.
  logic any_ev_tx, any_ev_rx;
  logic [QW-1:0] pick_ev_tx, pick_ev_rx;
  assign fresh_tx  = tx_fault & ~tx_error;
  assign fresh_rx  = rx_fault & ~rx_error;
  assign new_error = fresh_tx | fresh_rx;
  rr_pick #(.N(NUM_QUEUES)) u_ev_tx (
      .req(ev_tx), .last('0), .any(any_ev_tx), .pick(pick_ev_tx));
  rr_pick #(.N(NUM_QUEUES)) u_ev_rx (
      .req(ev_rx), .last('0), .any(any_ev_rx), .pick(pick_ev_rx));

  always_ff @(posedge clk) begin
    ev_valid <= any_ev_tx || any_ev_rx;
    ev_tx    <= ev_tx | fresh_tx;
    ev_rx    <= ev_rx | fresh_rx;
    if (any_ev_tx) begin
      ev.info <= {24'd0, 8'(pick_ev_tx)};
      ev_tx[pick_ev_tx] <= fresh_tx[pick_ev_tx];
    end else if (any_ev_rx) begin
      ev.info <= {23'd0, 1'b1, 8'(pick_ev_rx)};
      ev_rx[pick_ev_rx] <= fresh_rx[pick_ev_rx];
    end
    ev.etype  <= espalier_pkg::EV_DMA_ERROR;
    ev.handle <= 32'd0;
    if (rst) begin
      ev_valid <= 1'b0;
      ev_tx    <= '0;
      ev_rx    <= '0;
    end
  end

  logic unused;
  assign unused = &{1'b0, reg_addr[1:0]};
endmodule
